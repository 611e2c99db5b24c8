import pytest

from mqan.metrics.overlap import (
    exact_match,
    normalise,
    normalised_em,
    normalised_f1,
    overlap,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat.", "cat"),
        ("a-b", "ab"),  # punctuation goes first, so this "a" is no article
        ("theatre an antenna", "theatre antenna"),
        ("  new\u00a0york ", "new york"),
        ("€5, $5", "€5 5"),
        ("...", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_perfect() -> None:
    assert overlap(["red fox"], [["red fox"]]) == {"em": 100, "nf1": 100, "nem": 100}


def test_disjoint() -> None:
    assert overlap(["red fox"], [["blue whale"]]) == {"em": 0, "nf1": 0, "nem": 0}


def test_best_of_several_gold_answers() -> None:
    scores = overlap(["The fox"], [["a whale", "fox", "fox hunt"]])
    assert scores == {"em": 0, "nf1": 100, "nem": 100}


def test_partial_overlap_counts_repetitions() -> None:
    assert normalised_f1(["cat"], [["cat cat cat"]])["nf1"] == pytest.approx(50)


def test_exact_match_minds_case() -> None:
    assert exact_match(["susan", "susan"], [["Susan"], ["susan"]]) == {"em": 50}
    assert normalised_em(["susan", "susan"], [["Susan"], ["susan"]]) == {"nem": 100}


def test_two_empty_texts_match_but_share_no_word() -> None:
    assert overlap([""], [[""]]) == {"em": 100, "nf1": 0, "nem": 100}
