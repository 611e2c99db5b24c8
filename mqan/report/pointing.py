"""pointing.csv: from which source the words of a run's answers came.

An answer's word is a mixture of the vocabulary, the context's pointer and the question's (paper,
section 3); predictions have the share of each in the word's probability. In a model of one joined
text (S2S, w/ SAtt) the context's share is that of the whole text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mqan.record import parse_line, unusable
from mqan.report.tables import Layout, places, rows_of

SOURCES = ("vocabulary", "context", "question")
POINTING = ("study", "row", "run", "decode", "seed", "task", "words", *SOURCES)
REMEDY = "predict again"
Key = tuple[str, str, int, str]  # run, decode, seed, task


@dataclass
class Shares:
    """Words so far, and the sum of the shares of their sources."""

    words: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])


def collect(paths: Iterable[Path], layout: Layout) -> pd.DataFrame:
    """Return the mean share of each source over all predicted words: a line per row, run, task.

    Reads predictions line by line; end marks are no words. Without a word there is no share. A run
    in no row has an empty one.
    """
    totals: dict[Key, Shares] = {}
    for path in sorted(paths, key=str):
        for key, sources in answers(path):
            shares = totals.setdefault(key, Shares())
            shares.words += len(sources)
            for word in sources:
                shares.sums = [
                    total + share for total, share in zip(shares.sums, word, strict=True)
                ]
    rows, (row_at, task_at) = rows_of(layout), places(layout)
    found: list[dict[str, Any]] = []
    for (run, decode, seed, task), shares in totals.items():
        means = [total / shares.words if shares.words else None for total in shares.sums]
        about = {"study": layout.study, "run": run, "decode": decode, "seed": seed, "task": task}
        about |= {"words": shares.words, **dict(zip(SOURCES, means, strict=True))}
        found += [about | {"row": row} for row in rows.get((run, decode, task), [""])]
    found.sort(key=lambda v: (row_at[v["row"]], task_at.get(v["task"], 99), v["run"], v["seed"]))
    frame = pd.DataFrame(found, columns=list(POINTING))
    return frame.astype(dict.fromkeys(SOURCES, "float64")).round(dict.fromkeys(SOURCES, 6))


def answers(path: Path) -> Iterator[tuple[Key, list[list[float]]]]:
    """Yield, for each line of predictions, whose answer it is and the shares of its words."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            place = f"{path}:{number}"
            record = parse_line(line, place, "prediction", REMEDY)
            run, decode, task = (record.take(str, name) for name in ("run", "decode", "task"))
            words, sources = record.take(list, "words"), record.take(list, "sources")
            if len(sources) != len(words) or not all(map(_is_shares, sources)):
                expected = f"three shares for each of {len(words)} words"
                raise unusable(f"{place}, 'sources'", expected, sources, REMEDY)
            yield (run, decode, record.take(int, "seed"), task), sources


def _is_shares(word: Any) -> bool:
    numbers = isinstance(word, list) and all(type(share) in (int, float) for share in word)
    return numbers and len(word) == len(SOURCES)
