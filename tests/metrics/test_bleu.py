import pytest

from mqan.example import DataError
from mqan.metrics.bleu import bleu


def test_perfect_whatever_the_case() -> None:
    scores = bleu(["Das ist ein kleiner Test ."], [["das ist ein kleiner test ."]])
    assert scores["bleu"] == pytest.approx(100)
    assert scores["em"] == 0


def test_disjoint() -> None:
    assert bleu(["one two three four five"], [["sechs sieben acht neun zehn"]])["bleu"] == 0


def test_it_is_a_corpus_score_not_a_mean() -> None:
    predictions = ["a b c d e f g", "h i j k"]
    references = [["a b c d e f g"], ["h i x k"]]
    apart = [bleu([p], [r])["bleu"] for p, r in zip(predictions, references, strict=True)]
    together = bleu(predictions, references)["bleu"]
    assert together == pytest.approx(79.727, abs=1e-3)
    assert together != pytest.approx(sum(apart) / 2)


def test_several_gold_answers() -> None:
    assert bleu(["the cat sat down here"], [["x", "the cat sat down here"]])[
        "bleu"
    ] == pytest.approx(100)


def test_outputs_too_short_for_four_words_score_nothing() -> None:
    assert bleu(["vielen dank"], [["vielen dank"]])["bleu"] == 0


def test_fewer_gold_answers_than_the_first_reference() -> None:
    with pytest.raises(DataError, match="reference 1: expected 2 gold answers"):
        bleu(["a", "b"], [["a", "b"], ["b"]])
