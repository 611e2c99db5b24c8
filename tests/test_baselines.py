import itertools
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqan.baselines import FrequentAnswers, best_baseline, candidates
from mqan.example import DataError, Example
from mqan.metrics.decascore import DECATHLON
from mqan.tasks import CORPORA, TASKS

SCHEMA = "What is too small? suitcase or trophy?"
TABLE = "The table has columns No., Player, Team and key words MAX, MIN, CONDOPS-- who is at LA?"


def example(
    context: str = "",
    question: str = "",
    answer: str = "",
    reference: Any = None,
    number: int = 0,
) -> Example:
    return Example(str(number), context, question, answer, reference or [answer])


def answers(task: str, asked: Example, *train: str) -> dict[str, str]:
    trained = [example(answer=answer) for answer in train or ("Some answer",)]
    return {name: predict(asked) for name, predict in candidates(task, trained).items()}


class TestFrequentAnswers:
    def test_exact_while_there_are_few(self) -> None:
        frequent = FrequentAnswers(capacity=3)
        for answer in "abacab":
            frequent.add(answer)
        assert frequent.counts == {"a": 3, "b": 2, "c": 1}
        assert frequent.most_frequent() == "a"

    def test_ties_go_to_the_first_in_the_alphabet(self) -> None:
        frequent = FrequentAnswers()
        for answer in ["yes", "no", "no", "yes"]:
            frequent.add(answer)
        assert frequent.most_frequent() == "no"

    def test_nothing_stands_out(self) -> None:
        frequent = FrequentAnswers(capacity=1)
        frequent.add("a")
        frequent.add("b")
        assert frequent.most_frequent() == ""

    def test_capacity(self) -> None:
        with pytest.raises(ValueError, match="at least 1, found 0"):
            FrequentAnswers(capacity=0)

    @given(st.lists(st.sampled_from("abcdefgh")), st.integers(1, 5))
    def test_keeps_whatever_is_frequent_with_a_bounded_error(
        self, stream: list[str], capacity: int
    ) -> None:
        frequent = FrequentAnswers(capacity)
        for answer in stream:
            frequent.add(answer)
        assert len(frequent.counts) <= capacity
        for answer, count in Counter(stream).items():
            kept = frequent.counts.get(answer, 0)
            assert count - len(stream) / (capacity + 1) <= kept <= count


def test_every_task_has_baselines() -> None:
    assert set(TASKS) == set(DECATHLON)
    for task in CORPORA:
        assert len(candidates(task, [example(answer="x")])) >= 2


def test_squad() -> None:
    asked = example(
        "It rained. The famous Ada Lovelace wrote programs in London. She died.",
        "Where did Ada write the programs?",
    )
    assert answers("squad", asked, "b", "A", "a") == {
        "majority answer": "a",
        "first sentence": "it rained.",
        "closest sentence": "the famous ada lovelace wrote programs in london.",
        "first new name": "it",
        "last name of the closest sentence": "london",
        "last word of the question": "programs",
    }


def test_names_with_a_tag() -> None:
    found = answers("ner", example("of Ann Ek and Oslo."))
    assert found["all names, persons"] == "ann ek -- person; oslo -- person"
    assert found["first name, a place"] == "ann ek -- geopolitical"
    assert answers("ner", example("it rained."))["first name, a person"] == ""


def test_iwslt_copies_the_source() -> None:
    assert answers("iwslt", example("A house."))["copy of the source"] == "a house."


def test_summaries_are_the_first_three_sentences() -> None:
    asked = example("One is 1.5 long.  Is it two? Three! Four.")
    found = answers("cnn_dailymail", asked)
    assert found["first three sentences"] == "one is 1.5 long. is it two? three!"
    assert found["first sentence"] == "one is 1.5 long."


@pytest.mark.parametrize("task", ["multinli", "sst"])
def test_labels(task: str) -> None:
    asked = example(question="Is this review negative or positive?")
    found = answers(task, asked, "positive", "negative", "negative")
    assert found["majority answer"] == "negative"
    assert found["last word of the question"] == "positive"


def test_random_labels_are_fixed_by_the_identifier_and_cover_all() -> None:
    train = [example(answer=label) for label in ("neutral", "entailment", "contradiction")]
    draw = candidates("multinli", train)["random label"]
    again = candidates("multinli", reversed(train))["random label"]
    asked = [example(number=number) for number in range(300)]
    assert [draw(one) for one in asked] == [again(one) for one in asked]
    assert min(Counter(draw(one) for one in asked).values()) > 70


def test_qa_srl() -> None:
    found = answers("qa_srl", example("Bob sold a red car to Ann yesterday.", "Who sold?"))
    assert found["whole sentence"] == "bob sold a red car to ann yesterday."
    assert found["first three words"] == "bob sold a"
    assert found["last five words"] == "red car to ann yesterday."


def test_qa_zre() -> None:
    found = answers("qa_zre", example("Ada Lovelace married William King.", "Who is Ada's spouse?"))
    assert found["unanswerable"] == "unanswerable"
    assert found["first new name"] == "william king"
    assert answers("qa_zre", example("no names here", "Who?"))["first new name"] == ""


def test_woz() -> None:
    found = answers("woz", example("I want cheap food", "What is the change in state?"))
    assert (found["None"], found["last word of the turn"]) == ("none", "food")


def test_wikisql() -> None:
    found = answers("wikisql", example(TABLE))
    assert found["first column"] == "select no. from table"
    assert found["last column"] == "select team from table"
    assert found["second column by first"] == "select player from table where no. = la"


def test_wikisql_without_columns() -> None:
    with pytest.raises(DataError, match="0: expected a context that names its table's columns"):
        answers("wikisql", example("who plays for LA?"))


def test_mwsc() -> None:
    found = answers("mwsc", example("The trophy is not in the suitcase. It is small.", SCHEMA))
    assert (found["first option"], found["second option"]) == ("suitcase", "trophy")
    assert found["option named last"] == "suitcase"
    assert found["random option"] in ("suitcase", "trophy")
    assert answers("mwsc", example("", "Who ran: Ann or Bob?"))["first option"] == "ann"


def test_best_baseline_is_the_strongest_on_validation() -> None:
    train = [example(answer=label) for label in ("negative", "negative", "positive")]
    question = "Is this review negative or positive?"
    validation = [
        example("fine", question, label, number=number)
        for number, label in enumerate(["positive"] * 9 + ["negative"])
    ]
    name, predictions = best_baseline(TASKS["sst"], iter(train), iter(validation))
    assert name == "last word of the question"
    assert predictions == ["positive"] * 10


def test_best_baseline_scores_with_the_tasks_metric() -> None:
    """Nothing wins exact match here; the sentence wins nF1."""
    validation = [example("The cat sat on a mat. Then it left.", "Where?", "on a mat")]
    name, predictions = best_baseline(TASKS["squad"], [example(answer="a dog")], validation)
    assert name == "first sentence"
    assert predictions == ["the cat sat on a mat."]


def test_unknown_task() -> None:
    with pytest.raises(ValueError, match="no baselines for task 'imdb'; known: squad, iwslt"):
        candidates("imdb", [example(answer="x")])


def test_no_examples() -> None:
    with pytest.raises(ValueError, match="sst: no training example"):
        candidates("sst", [])
    with pytest.raises(ValueError, match="nothing to score"):
        best_baseline(TASKS["sst"], [example(answer="x")], [])


def peak_of_a_pass(rows: int) -> int:
    """Bytes held at the peak of reading `rows` training examples, all answers different."""

    def train() -> Iterator[Example]:
        for number in range(rows):
            yield example(answer=f"answer number {number}")

    tracemalloc.start()
    candidates("squad", train())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_training_set() -> None:
    assert peak_of_a_pass(40_000) < 1.5 * peak_of_a_pass(4_000)


@pytest.mark.real
@pytest.mark.parametrize(("task", "at_least"), [("sst", 45), ("qa_srl", 20), ("mwsc", 45)])
def test_real_corpora(shared: Path, task: str, at_least: float) -> None:
    root = shared / "data" / "real"
    train, validation = (TASKS[task].examples(root, split) for split in ("train", "validation"))
    held = list(itertools.islice(validation, 500))
    _, predictions = best_baseline(TASKS[task], train, held)
    scores = TASKS[task].score(predictions, [one.reference for one in held])
    assert scores[TASKS[task].metric] >= at_least
