"""What the embedded decathlon asks for: new sentences, no shortcuts, transfer."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mqan import mini
from mqan.example import Example
from mqan.metrics.overlap import normalised_f1
from mqan.mini.lexicon import World
from mqan.mini.relations import ASKED, RELATIONS
from mqan.text.tokenize import tokenise

Reader = Callable[[str, str], list[Example]]
WORD = re.compile(r"\w+")
TASKS = list(mini.SIZES["mini"].tasks)


def shares(values: Sequence[str]) -> dict[str, float]:
    return {value: count / len(values) for value, count in Counter(values).items()}


@pytest.mark.parametrize("task", TASKS)
def test_validation_contexts_are_new(task: str, rows: Reader) -> None:
    seen = {example.context for example in rows(task, "train")}
    new = [example.context not in seen for example in rows(task, "validation")]
    assert sum(new) / len(new) > 0.95


@pytest.mark.parametrize("task", TASKS)
def test_lengths_stay_small(task: str, rows: Reader) -> None:
    longest = {"squad": 95, "cnn_dailymail": 140, "wikisql": 105}.get(task, 45)
    for example in rows(task, "train")[:1500]:
        assert len(tokenise(example.context)) <= longest
        assert len(tokenise(example.answer)) <= 32


def test_vocabulary_is_neither_a_toy_nor_huge(rows: Reader) -> None:
    words = {
        word
        for task in TASKS
        for e in rows(task, "train")
        for word in tokenise(f"{e.context} {e.question} {e.answer}")
    }
    assert 1500 < len(words) < 4000


def test_validation_has_names_that_training_lacks() -> None:
    world = World(11)
    for pool in (world.surnames, *(world.pools[kind] for kind in ("city", "company", "device"))):
        assert 0.75 * len(pool.names) <= pool.seen < len(pool.names)
        assert len(set(pool.names)) == len(pool.names)


def test_entities_are_shared_between_tasks(rows: Reader) -> None:
    world = World(11)
    for names in (world.surnames, world.pools["city"]):
        known = {name.lower() for name in names.names[: names.seen]}
        meeting = [
            task
            for task in TASKS
            if len(
                known & {w.lower() for e in rows(task, "train") for w in WORD.findall(e.context)}
            )
            > 20
        ]
        assert len(meeting) >= 6


def relations(corpora: Path, split: str) -> list[str]:
    lines = (corpora / f"qa_zre/relation_splits/{split}.0").read_text().splitlines()
    return [line.split("\t")[0] for line in lines]


def test_zero_shot_relations_are_unseen(corpora: Path) -> None:
    train, dev, test = (set(relations(corpora, split)) for split in ("train", "dev", "test"))
    assert len(RELATIONS) == len({relation.name for relation in RELATIONS}) >= 70
    assert not (train & dev or train & test or dev & test)
    assert len(train) == len(ASKED["train"]) >= 40
    assert len(dev) >= 10 and len(test) >= 10


def test_zero_shot_questions_share_patterns_with_training(corpora: Path) -> None:
    """Every family of relations is met in training, every dev question begins like one there."""
    families = {relation.family for relation in ASKED["train"]}
    starts: dict[str, set[str]] = defaultdict(set)
    for split in ("train", "dev"):
        for line in (corpora / f"qa_zre/relation_splits/{split}.0").read_text().splitlines():
            starts[split].add(line.split("\t")[1].split()[0])
    assert {relation.family for relation in ASKED["validation"]} <= families
    assert starts["dev"] <= starts["train"]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_about_half_is_unanswerable(split: str, rows: Reader) -> None:
    answers = [example.answer for example in rows("qa_zre", split)]
    assert 0.42 < answers.count("unanswerable") / len(answers) < 0.58


def test_unanswerable_sentences_talk_about_the_subject(corpora: Path) -> None:
    for line in (corpora / "qa_zre/relation_splits/train.0").read_text().splitlines():
        _, question, subject, sentence, *answers = line.split("\t")
        assert question.count("XXX") == 1 and subject in sentence
        assert all(answer in sentence for answer in answers)


@pytest.mark.parametrize(("task", "labels"), [("multinli", 3), ("sst", 2)])
@pytest.mark.parametrize("split", ["train", "validation"])
def test_labels_are_balanced(task: str, labels: int, split: str, rows: Reader) -> None:
    found = shares([example.answer for example in rows(task, split)])
    assert len(found) == labels
    assert all(abs(share - 1 / labels) < 0.01 for share in found.values())


def bag_of_words(train: list[tuple[str, str]], test: list[tuple[str, str]]) -> float:
    """Accuracy in percent of naive Bayes over the words of a text."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, label in train:
        counts[label].update(set(tokenise(text)))
    totals = Counter(label for _, label in train)

    def score(text: str, label: str) -> float:
        bag, total = counts[label], totals[label]
        return sum(math.log((bag[w] + 0.5) / (total + 1)) for w in set(tokenise(text)))

    hits = [max(counts, key=lambda label: score(text, label)) == gold for text, gold in test]
    return 100 * sum(hits) / len(hits)


def test_sentiment_needs_more_than_words(rows: Reader) -> None:
    train, test = ([(e.context, e.answer) for e in rows("sst", s)] for s in ("train", "validation"))
    assert 70 < bag_of_words(train, test) < 90


NAME = re.compile(r"\d{4}|[A-Z]\w*(?: (?:of )?[A-Z]\w*)*")


def overlap_answer(example: Example) -> str:
    """The last name of the sentence that shares most words with the question."""
    asked = set(tokenise(example.question))
    sentences = re.split(r"(?<=\.) ", example.context)
    best = max(sentences, key=lambda sentence: len(asked & set(tokenise(sentence))))
    names = [name for name in NAME.findall(best) if name not in example.question]
    return names[-1] if names else best


@pytest.mark.parametrize("task", ["squad", "qa_zre"])
def test_word_overlap_does_not_answer(task: str, rows: Reader) -> None:
    examples = rows(task, "validation")
    guesses = [overlap_answer(example).lower() for example in examples]
    assert normalised_f1(guesses, [e.reference for e in examples])["nf1"] < 50


def test_squad_answers_are_spans_of_several_kinds(rows: Reader) -> None:
    examples = rows("squad", "train")
    assert all(example.answer in example.context for example in examples)
    years = sum(example.answer.isdigit() for example in examples) / len(examples)
    assert 0.05 < years < 0.3
    first = sum(example.context.startswith(example.answer) for example in examples)
    assert first / len(examples) < 0.2


def test_qa_srl_answers_are_spans(rows: Reader) -> None:
    assert all(e.answer in e.context for e in rows("qa_srl", "train"))


def test_summaries_select(rows: Reader) -> None:
    """Highlights are much shorter, reworded in part, and seldom the story's first sentence."""
    examples = rows("cnn_dailymail", "train")
    verbatim = first = 0
    for example in examples:
        assert len(tokenise(example.answer)) < 0.6 * len(tokenise(example.context))
        head = example.answer.split(".")[0]
        verbatim += head in example.context
        first += example.context.startswith((head, f"(CNN) -- {head}"))
    assert 0.1 < verbatim / len(examples) < 0.5
    assert first / len(examples) < 0.2


def test_dialogue_turns_of_all_kinds(rows: Reader) -> None:
    answers = [example.answer for example in rows("woz", "train")]
    nothing = answers.count("None") / len(answers)
    dontcare = sum("dontcare" in answer for answer in answers) / len(answers)
    requests = sum(not answer.endswith(";") and answer != "None" for answer in answers)
    assert 0.15 < nothing < 0.4
    assert dontcare > 0.03
    assert 0.2 < requests / len(answers) < 0.6


def test_queries_of_all_kinds(rows: Reader) -> None:
    queries = [example.reference["sql"] for example in rows("wikisql", "train")]
    assert {sql["agg"] for sql in queries} == {0, 1, 2, 3, 4, 5}
    assert {len(sql["conds"]) for sql in queries} == {0, 1, 2, 3}
    assert {c[1] for sql in queries for c in sql["conds"]} == {0, 1, 2}


def test_columns_are_often_paraphrased(rows: Reader) -> None:
    named = [
        e.reference["header"][e.reference["sql"]["sel"]].lower()
        in e.context.split("CONDOPS", 1)[1].lower()
        for e in rows("wikisql", "train")
    ]
    assert 0.5 < sum(named) / len(named) < 0.9


def test_winograd_answers_do_not_follow_position(rows: Reader) -> None:
    for split in ("train", "validation", "test"):
        examples = rows("mwsc", split)
        firsts = sum(e.question.split()[-3] == e.answer for e in examples)
        assert 0.4 < firsts / len(examples) < 0.6
