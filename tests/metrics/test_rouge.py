import random
import time

import pytest

from mqan.metrics.rouge import rouge, split_sentences


def test_perfect() -> None:
    scores = rouge(["the cat sat . the dog ran ."], [["the cat sat . the dog ran ."]])
    assert {scores[name] for name in ("rouge1", "rouge2", "rougeL", "rouge")} == {100}


def test_disjoint() -> None:
    assert rouge(["red fox"], [["blue whale"]])["rouge"] == 0


def test_sentences_may_change_places_in_rouge_l_only() -> None:
    scores = rouge(["the cat sat . the dog ran ."], [["the dog ran . the cat sat ."]])
    assert scores["rougeL"] == scores["rouge1"] == 100
    assert scores["rouge2"] == pytest.approx(80)
    assert scores["rouge"] == pytest.approx((100 + 80 + 100) / 3)


def test_words_are_stemmed() -> None:
    assert rouge(["storms hitting"], [["storm hits"]])["rouge1"] == 100


def test_mean_over_examples_and_best_gold_answer() -> None:
    assert rouge(["a fox", "b"], [["whale", "a fox"], ["whale"]])["rouge1"] == 50


def test_empty_prediction_is_a_miss() -> None:
    assert rouge(["", "..."], [["the cat"], ["the cat"]])["rouge"] == 0


def test_split_sentences() -> None:
    assert split_sentences(" one two. three .") == [["one", "two"], ["three"]]
    assert split_sentences("a. .b") == [["a"], [], ["b"]]
    assert split_sentences("...") == []


def test_stems_as_the_package_does() -> None:
    """The remembering tokeniser changes the speed, not the scores."""
    from rouge_score.rouge_scorer import RougeScorer

    generator = random.Random(0)
    words = [
        "running",
        "ran",
        "runs",
        "the",
        "flies",
        "fly",
        "2,500",
        "café",
        "presidents",
        "presidential",
    ]
    texts = [" ".join(generator.choices(words, k=12)) for _ in range(20)]
    plain = RougeScorer(["rouge1", "rouge2"], use_stemmer=True)
    for gold, prediction in zip(texts[::2], texts[1::2], strict=True):
        theirs, ours = plain.score(gold, prediction), rouge([prediction], [[gold]])
        assert ours["rouge1"] == pytest.approx(theirs["rouge1"].fmeasure * 100)
        assert ours["rouge2"] == pytest.approx(theirs["rouge2"].fmeasure * 100)


def test_five_hundred_articles_take_seconds() -> None:
    generator = random.Random(0)
    words = [f"word{number}s" for number in range(5000)]

    def text(length: int) -> str:
        return " . ".join(" ".join(generator.choices(words, k=20)) for _ in range(length // 20))

    predictions = [text(100) for _ in range(500)]
    references = [[text(60)] for _ in range(500)]
    start = time.process_time()
    rouge(predictions, references)
    assert time.process_time() - start < 20  # measured 1.6 s; minutes would mean the stems' cache
