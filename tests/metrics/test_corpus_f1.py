import pytest

from mqan.metrics.corpus_f1 import Tally, bag, corpus_f1, tally

NULL = "unanswerable"


def test_perfect() -> None:
    scores = corpus_f1(["Paris", NULL], [["Paris"], [NULL]])
    assert (scores["cf1"], scores["precision"], scores["recall"]) == (100, 100, 100)


def test_disjoint() -> None:
    scores = corpus_f1(["Rome"], [["Paris"]])
    assert (scores["cf1"], scores["precision"], scores["recall"], scores["em"]) == (0, 0, 0, 0)


def test_precision_counts_claims_and_recall_answerable_items() -> None:
    scores = corpus_f1(
        ["paris", NULL, "rome", "oslo"],  # three claims, one right
        [["Paris"], [NULL], [NULL], ["Bergen"]],  # two answerable
    )
    assert scores["precision"] == pytest.approx(100 / 3)
    assert scores["recall"] == pytest.approx(50)
    assert scores["cf1"] == pytest.approx(40)


def test_null_everywhere_is_worth_nothing() -> None:
    assert corpus_f1([NULL, NULL], [[NULL], [NULL]])["cf1"] == 0


def test_order_repetition_and_conjunction_do_not_count() -> None:
    assert corpus_f1(["Jerry and Tom Tom"], [["Tom, Jerry"]])["cf1"] == 100


def test_several_gold_answers_are_united() -> None:
    assert corpus_f1(["Tom Jerry"], [["Tom", "Jerry"]])["cf1"] == 100
    assert corpus_f1(["Tom"], [["Tom", "Jerry"]])["cf1"] == 0


def test_bag_and_tally() -> None:
    assert bag("The cat, and a U.S. dog") == {"cat", "us", "dog"}
    assert tally("cat", ["the cat"]) == Tally(1, 0, 1, 1)
    assert tally(NULL, [NULL]) == Tally(0, 1, 0, 0)
    assert tally("", []) == Tally(0, 0, 1, 1)


class TestThePapersWeek:
    def test_repetitions_count(self) -> None:
        assert corpus_f1(["tom tom"], [["tom"]])["cf1_paper"] == 0

    def test_any_one_gold_answer_suffices(self) -> None:
        assert corpus_f1(["Tom"], [["Tom", "Jerry"]])["cf1_paper"] == 100

    def test_gold_null_is_recognised_after_a_last_prediction_of_one_word(self) -> None:
        scores = corpus_f1([NULL, "tom"], [[NULL], ["tom"]])
        assert (scores["cf1_paper"], scores["cf1"]) == (100, 100)

    def test_else_every_item_counts_as_answerable(self) -> None:
        scores = corpus_f1([NULL, "tom jerry"], [[NULL], ["tom jerry"]])
        assert scores["cf1_paper"] == pytest.approx(200 / 3)  # recall 1 of 2
        assert scores["cf1"] == 100
