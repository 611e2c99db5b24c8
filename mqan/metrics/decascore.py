"""The decaScore: unweighted sum of the ten tasks' metrics, 0 to 1000 (paper, section 2)."""

import math
from collections.abc import Mapping

# the paper's order
DECATHLON: tuple[str, ...] = (
    "squad",
    "iwslt",
    "cnn_dailymail",
    "multinli",
    "sst",
    "qa_srl",
    "qa_zre",
    "woz",
    "wikisql",
    "mwsc",
)


def decascore(scores: Mapping[str, float]) -> float:
    """Sum the metric values (0 to 100 each) of exactly the ten tasks.

    Raises:
        ValueError: a task is missing or not one of the ten, or a value is no number from 0 to 100.
    """
    missing = [task for task in DECATHLON if task not in scores]
    unknown = [task for task in scores if task not in DECATHLON]
    if missing or unknown:
        raise ValueError(
            f"a decaScore needs the ten tasks {', '.join(DECATHLON)}; "
            f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
        )
    for task, value in scores.items():
        # sacreBLEU's perfect score is 100 plus a rounding error
        if not (math.isfinite(value) and 0 <= value <= 100 + 1e-9):
            raise ValueError(f"{task}: expected a score from 0 to 100, found {value!r}")
    return math.fsum(scores[task] for task in DECATHLON)
