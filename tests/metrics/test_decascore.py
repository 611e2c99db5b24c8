import pytest

from mqan.metrics.decascore import DECATHLON, decascore

PAPER = (75.5, 25.5, 24.0, 72.8, 88.1, 75.2, 15.6, 84.4, 72.6, 52.4)


def test_the_papers_single_task_total() -> None:
    scores = dict(zip(DECATHLON, PAPER, strict=True))
    assert decascore(scores) == pytest.approx(586.1)


def test_bounds() -> None:
    assert decascore(dict.fromkeys(DECATHLON, 100)) == 1000
    assert decascore(dict.fromkeys(DECATHLON, 0)) == 0


def test_missing_and_unknown_tasks() -> None:
    scores = dict.fromkeys(DECATHLON[1:], 1.0) | {"snli": 1.0}
    with pytest.raises(ValueError, match="missing: squad; unknown: snli"):
        decascore(scores)


@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan")])
def test_impossible_values(value: float) -> None:
    with pytest.raises(ValueError, match="sst: expected a score from 0 to 100"):
        decascore(dict.fromkeys(DECATHLON, 50.0) | {"sst": value})
