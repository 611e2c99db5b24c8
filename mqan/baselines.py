"""Trivial baselines: what an answer costs nothing to get, shown beside the models' scores.

A candidate maps an example's context and question to an answer, lower-cased as the models' answers
are. The strongest one of a task, by its metric on validation, is the task's baseline. Training data
are read once as a stream; only counts of frequent answers are kept.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Sequence

from mqan.example import DataError, Example
from mqan.tasks.task import Task

log = logging.getLogger(__name__)

Candidate = Callable[[Example], str]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[A-Z][\w'-]*(?: [A-Z][\w'-]*)*")
_NAME_OR_YEAR = re.compile(r"\b\d{4}\b|\b[A-Z]\w*(?: (?:of )?[A-Z]\w*)*")
_COLUMNS = re.compile(r"the table has columns (.*?) and key words ", re.IGNORECASE | re.DOTALL)


class FrequentAnswers:
    """Counts of the frequent answers of a stream, in flat memory (Misra and Gries, 1982).

    Exact for up to `capacity` different answers. Beyond that, every answer that makes up more than
    one in `capacity + 1` of the stream is kept, with a count too low by at most that share.
    """

    def __init__(self, capacity: int = 1000) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, found {capacity}")
        self._capacity = capacity
        self.counts: dict[str, int] = {}

    def add(self, answer: str) -> None:
        """Count one answer."""
        if answer in self.counts or len(self.counts) < self._capacity:
            self.counts[answer] = self.counts.get(answer, 0) + 1
        else:
            self.counts = {kept: n - 1 for kept, n in self.counts.items() if n > 1}

    def most_frequent(self) -> str:
        """The answer with the largest count, of several the first in alphabetical order.

        An empty text where no answer ever stood out.
        """
        return min(self.counts, key=lambda answer: (-self.counts[answer], answer), default="")


def candidates(task_name: str, train_examples: Iterable[Example]) -> dict[str, Candidate]:
    """Name -> baseline of a task, after one pass over its training examples.

    Raises:
        ValueError: unknown task, or no training example.
    """
    if task_name not in _RECIPES:
        raise ValueError(f"no baselines for task {task_name!r}; known: {', '.join(_RECIPES)}")
    frequent, empty = FrequentAnswers(), True
    for example in train_examples:
        frequent.add(example.answer.lower())
        empty = False
    if empty:
        raise ValueError(f"{task_name}: no training example to take the majority answer from")
    found: dict[str, Candidate] = {"majority answer": always(frequent.most_frequent())}
    if task_name in _LABELLED:
        found["random label"] = random_choice(sorted(frequent.counts))
    return found | {name: _lower_cased(recipe) for name, recipe in _RECIPES[task_name].items()}


def best_baseline(
    task: Task, train: Iterable[Example], validation: Iterable[Example]
) -> tuple[str, list[str]]:
    """Name and validation predictions of the candidate that `task.metric` puts first.

    Of equally good candidates the one listed first is taken.

    Raises:
        ValueError: unknown task, or no example in `train` or `validation`.
    """
    functions = candidates(task.name, train)
    predictions: dict[str, list[str]] = {name: [] for name in functions}
    references = []
    for example in validation:
        references.append(example.reference)
        for name, predict in functions.items():
            predictions[name].append(predict(example))
    scores = {
        name: task.score(answers, references)[task.metric] for name, answers in predictions.items()
    }
    for name, score in scores.items():
        log.info("%s, %s: %s %.2f", task.name, name, task.metric, score)
    best = max(scores, key=lambda name: scores[name])
    return best, predictions[best]


def always(answer: str) -> Candidate:
    """The same answer whatever is asked."""
    return lambda _: answer


def random_choice(answers: Sequence[str]) -> Candidate:
    """One of the answers, drawn by a hash of the example's identifier: the same in every run."""
    return lambda example: answers[_draw(example, len(answers))]


def whole_context(example: Example) -> str:
    """The context as it is; for translation the source sentence."""
    return example.context


def first_sentences(count: int) -> Candidate:
    """The first sentences of the context."""
    return lambda example: " ".join(_SENTENCE_END.split(example.context.strip())[:count])


def closest_sentence(example: Example) -> str:
    """The sentence of the context that has most words of the question; of several the first."""
    question = _words(example.question)
    sentences = _SENTENCE_END.split(example.context.strip())
    return max(sentences, key=lambda sentence: len(question & _words(sentence)))


def first_words(count: int) -> Candidate:
    """The first words of the context."""
    return lambda example: " ".join(example.context.split()[:count])


def last_words(count: int) -> Candidate:
    """The last words of the context."""
    return lambda example: " ".join(example.context.split()[-count:])


def last_word_of_question(example: Example) -> str:
    """The last word of the question, without the question mark."""
    words = example.question.rstrip("?!. ").split()
    return words[-1] if words else ""


def new_name(example: Example) -> str:
    """The first capitalised words of the context that the question does not have; else nothing."""
    question = _words(example.question)
    names = (match.group() for match in _NAME.finditer(example.context))
    return next((name for name in names if not _words(name) & question), "")


def first_name_as(tag: str) -> Candidate:
    """The first capitalised words of the context with `tag`, in the form of NER's answers."""
    return lambda example: "; ".join(
        f"{name} -- {tag}" for name in _NAME.findall(example.context)[:1]
    )


def all_names_as(tag: str) -> Candidate:
    """All capitalised words of the context, each with `tag`, in the form of NER's answers."""
    return lambda example: "; ".join(f"{name} -- {tag}" for name in _NAME.findall(example.context))


def last_name_of_closest_sentence(example: Example) -> str:
    """The last name or year, new to the question, of the sentence closest to it; else all of it."""
    sentence = closest_sentence(example)
    asked = example.question.lower()
    names = [m.group() for m in _NAME_OR_YEAR.finditer(sentence)]
    new = [name for name in names if name.lower() not in asked]
    return new[-1] if new else sentence


def query(template: str) -> Candidate:
    """A query over the `first`, `second`, `last` column and the final `word` of the context.

    The context of WikiSQL ends in the user's question.
    """

    def predict(example: Example) -> str:
        match = _COLUMNS.search(example.context)
        if match is None:
            raise DataError(
                f"{example.id}: expected a context that names its table's columns ('The table has "
                f"columns A, B and key words ...'), found {example.context!r:.200}; "
                "make it again with the task's reader"
            )
        columns = match[1].split(", ")
        word = example.context.rstrip("?!. ").split()[-1]
        return template.format(
            first=columns[0], second=columns[:2][-1], last=columns[-1], word=word
        )

    return predict


def option(number: int) -> Candidate:
    """The first (0) or second (1) of the two answers that the question offers."""
    return lambda example: _options(example)[number]


def random_option(example: Example) -> str:
    """One of the two answers offered, drawn by a hash of the example's identifier."""
    return _options(example)[_draw(example, 2)]


def option_named_last(example: Example) -> str:
    """The answer offered that stands last in the context."""
    context = example.context.lower()
    return max(_options(example), key=lambda offered: context.rfind(offered.lower()))


def _options(example: Example) -> tuple[str, str]:
    """Read the `A or B?` at the end of a question."""
    rest, _, second = example.question.rstrip("? ").rpartition(" or ")
    first = rest.rpartition("? " if "? " in rest else " ")[2]
    return first, second


def _draw(example: Example, count: int) -> int:
    return int.from_bytes(hashlib.sha256(example.id.encode()).digest()[:8]) % count


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _lower_cased(recipe: Candidate) -> Candidate:
    return lambda example: recipe(example).lower()


_LABELLED = frozenset(
    {"multinli", "sst", "snli", "amazon", "yelp"}
)  # a few labels answer every example
_RECIPES: dict[str, dict[str, Candidate]] = {
    "squad": {
        "first sentence": first_sentences(1),
        "closest sentence": closest_sentence,
        "last name of the closest sentence": last_name_of_closest_sentence,
        "first new name": new_name,
        "last word of the question": last_word_of_question,
    },
    "iwslt": {"copy of the source": whole_context},
    "cnn_dailymail": {
        "first three sentences": first_sentences(3),
        "first sentence": first_sentences(1),
    },
    "multinli": {"last word of the question": last_word_of_question},
    "sst": {"last word of the question": last_word_of_question},
    "qa_srl": {
        "whole sentence": whole_context,
        "first three words": first_words(3),
        "last five words": last_words(5),
        "last word of the question": last_word_of_question,
    },
    "qa_zre": {
        "unanswerable": always("unanswerable"),
        "first new name": new_name,
        "last name of the closest sentence": last_name_of_closest_sentence,
        "last word of the question": last_word_of_question,
    },
    "woz": {"None": always("None"), "last word of the turn": last_words(1)},
    "wikisql": {
        "first column": query("select {first} from table"),
        "last column": query("select {last} from table"),
        "count of first column": query("select count {first} from table"),
        "first column by second": query("select {first} from table where {second} = {word}"),
        "second column by first": query("select {second} from table where {first} = {word}"),
    },
    "mwsc": {
        "first option": option(0),
        "second option": option(1),
        "random option": random_option,
        "option named last": option_named_last,
    },
    "snli": {"last word of the question": last_word_of_question},
    "amazon": {"last word of the question": last_word_of_question},
    "yelp": {"last word of the question": last_word_of_question},
    "iwslt_cs": {"copy of the source": whole_context},
    "ner": {
        "None": always("None"),
        "first name, a person": first_name_as("person"),
        "first name, a place": first_name_as("geopolitical"),
        "all names, persons": all_names_as("person"),
    },
}
