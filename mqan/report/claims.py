"""The source's claims as tests: what this study's data say, and the published table beside them.

A claim is data (config/claims.yaml). Two seeds are the least that can decide one, since with one
nobody knows how much training varies; the published table has one, so its verdict is a sign only.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pandas as pd

from mqan.report.correlations import Point, points, published_points, seed_values
from mqan.report.statistics import UNKNOWN, Correlation, Interval, correlation, seed_interval
from mqan.report.tables import DECASCORE, Cell, Layout, TableError, published_column
from mqan.report.tidy import interval, markdown, signed

COLUMNS = ("claim", "title", "test", "seeds", "effect", "low", "high", "verdict")
COLUMNS += ("published_effect", "published_verdict", "note")
SUPPORTED, REFUTED, UNDECIDED = "supported", "not supported", "undecided"

_CAPTION = (
    "A verdict is about this study's data and sizes: supported or not supported where the 95 % t "
    "interval over seeds, paired by seed, is clear of zero; undecided else, and always with one "
    "seed; for the correlation, Fisher's interval over rows, which are not independent. The "
    "intervals are not corrected for the number of claims. Published effects are of one seed and "
    "full size, so only their sign is compared."
)

Values = Mapping[tuple[str, str], Cell]  # (row, task) -> seed -> score
Weights = Mapping[tuple[str, str], float]  # (row, task) -> weight of the cell


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of rows' scores, summed over tasks; `decascore` stands for all ten."""

    weights: Mapping[str, float]
    tasks: tuple[str, ...]

    def cells(self, layout: Layout) -> Weights:
        """Every cell that enters."""
        tasks = [
            task for name in self.tasks for task in (layout.tasks if name == DECASCORE else [name])
        ]
        return {(row, task): weight for row, weight in self.weights.items() for task in tasks}


@dataclass(frozen=True)
class Claim:
    """One claim; config/claims.yaml explains the fields. It has parts or a correlation."""

    title: str
    test: str
    expect: Literal["positive", "negative"]
    parts: tuple[Contrast, ...] | None = None
    correlation: tuple[str, str] | None = None
    needs: Contrast | None = None
    beside: Mapping[str, Contrast] | None = None

    def __post_init__(self) -> None:
        """Refuse a claim that says how to test it in two ways or in none."""
        if (self.parts is None) == (self.correlation is None):
            raise TableError(f"claim {self.title!r}: give parts or a correlation, one of the two")
        if self.correlation is not None and len(self.correlation) != 2:
            raise TableError(f"claim {self.title!r}: a correlation is of two tasks")


@dataclass(frozen=True)
class ClaimSheet:
    """All claims by name, and the published column of the rows that they name."""

    published: Mapping[str, str]
    claims: Mapping[str, Claim]


class _Found(NamedTuple):
    """What a test came to: the verdict, and the reason where there is something to say."""

    seeds: int
    effect: float
    interval: Interval
    verdict: str
    notes: tuple[str, ...]


def claims(
    scores: pd.DataFrame, layout: Layout, sheet: ClaimSheet, published: pd.DataFrame
) -> pd.DataFrame:
    """Return COLUMNS, a line for each claim; what cannot be tested is undecided and says why."""
    values = seed_values(scores, layout)
    ours, theirs = points(values, layout), published_points(published)
    lines = []
    for name, claim in sheet.claims.items():
        if claim.correlation:
            found = _correlated(claim.expect, claim.correlation, values, ours)
            effect, verdict = _published_correlation(claim.expect, claim.correlation, theirs)
        else:
            found = _contrasted(claim, values, layout)
            effect, verdict = _published_contrast(claim, sheet.published, published, layout)
        row = [name, claim.title, claim.test, found.seeds, found.effect, *found.interval]
        lines.append([*row, found.verdict, effect, verdict, "; ".join(found.notes)])
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(("effect", "low", "high", "published_effect"), "float64"))


def _contrasted(claim: Claim, values: Values, layout: Layout) -> _Found:
    parts = [part.cells(layout) for part in claim.parts or ()]
    beside = {name: one.cells(layout) for name, one in (claim.beside or {}).items()}
    needs = [claim.needs.cells(layout)] if claim.needs else []
    every = [*parts, *needs, *beside.values()]
    missing = sorted({row for cells in every for row, task in cells if not values.get((row, task))})
    if missing:
        return _undecided(f"not measured, in part or at all: {', '.join(missing)}")
    seeds = _common_seeds(every, values)
    if not seeds:
        return _undecided("its rows have no seed in common")
    by_part = [[_at(cells, values, seed) for seed in seeds] for cells in parts]
    effects = [math.fsum(one) / len(parts) for one in zip(*by_part, strict=True)]
    means = [math.fsum(part) / len(seeds) for part in by_part]
    verdict, reasons = _decide(claim.expect, effects)
    if len(parts) > 1:
        reasons = [*reasons, f"parts: {', '.join(signed(mean) for mean in means)}"]
    if min(means) < 0 < max(means):
        verdict, reasons = UNDECIDED, [*reasons, "the parts have opposite signs"]
    for cells in needs if len(seeds) > 1 else []:
        if not seed_interval([_at(cells, values, seed) for seed in seeds]).low > 0:
            reason = "what it starts from is not there: that contrast is not clear above zero"
            verdict, reasons = UNDECIDED, [*reasons, reason]
    reasons = [*reasons, *(_told(name, cells, values) for name, cells in beside.items())]
    mean = math.fsum(effects) / len(effects)
    return _Found(len(seeds), mean, seed_interval(effects), verdict, tuple(reasons))


def _decide(expect: str, effects: Sequence[float]) -> tuple[str, list[str]]:
    """The verdict on values by seed; an interval over seeds that is clear of zero decides."""
    if len(effects) < 2:
        return UNDECIDED, ["one seed: how much training varies is not known"]
    ends = seed_interval(effects)
    if ends.high - ends.low < 1e-9:
        return UNDECIDED, ["all seeds agree to the last digit, which gives no interval"]
    return _verdict(expect, ends)


def _verdict(expect: str, ends: Interval) -> tuple[str, list[str]]:
    if math.isnan(ends.low):
        return UNDECIDED, ["there is no interval: the values do not vary, or agree perfectly"]
    if not ends.excludes(0):
        return UNDECIDED, ["the interval includes zero"]
    return (SUPPORTED if (ends.low > 0) == (expect == "positive") else REFUTED), []


def _correlated(
    expect: str, tasks: tuple[str, str], values: Values, ours: Sequence[Point]
) -> _Found:
    """Over the rows with two seeds or more; below four undecided, r of all rows in the note."""
    both = [point for point in ours if set(tasks) <= point.scores.keys()]
    seeds = {p.name: min(len(values[p.name, task]) for task in tasks) for p in both}
    sure = [point for point in both if seeds[point.name] > 1]
    if len(sure) < 4:
        least = min(seeds.values(), default=0)
        have = "1 row has" if len(sure) == 1 else f"{len(sure)} rows have"
        reasons = [f"{have} two seeds or more, four are needed"]
        every = _correlate(both, tasks)
        if not math.isnan(every.r):
            reasons.append(f"over all {every.n} rows r = {signed(every.r, 2)}")
        return _Found(least, math.nan, UNKNOWN, UNDECIDED, tuple(reasons))
    found = _correlate(sure, tasks)
    verdict, reasons = _verdict(expect, found.interval)
    about = f"interval over {found.n} rows, which are not independent: it is too narrow"
    least = min(seeds[point.name] for point in sure)
    return _Found(least, found.r, found.interval, verdict, (*reasons, about))


def _correlate(chosen: Sequence[Point], tasks: tuple[str, str]) -> Correlation:
    x, y = ([point.scores[task] for point in chosen] for task in tasks)
    return correlation(x, y, "pearson")


def _published_contrast(
    claim: Claim, columns: Mapping[str, str], published: pd.DataFrame, layout: Layout
) -> tuple[float, str]:
    rows = {row for part in claim.parts or () for row in part.weights}
    if unknown := sorted(rows - columns.keys()):
        return math.nan, f"not published: {', '.join(unknown)}"
    table = {row: published_column(published, columns[row]) for row in rows}
    cells = {cell for part in claim.parts or () for cell in part.cells(layout)}
    if lacking := sorted((columns[row], task) for row, task in cells if task not in table[row]):
        told = (f"{task} of {column}" for column, task in lacking)
        return math.nan, f"not published: {', '.join(told)}"
    effects = [
        math.fsum(weight * table[row][task] for (row, task), weight in part.cells(layout).items())
        for part in claim.parts or ()
    ]
    named = published["column"].isin([columns[row] for row in rows])
    recalled = ", recalled" if "recalled" in set(published[named]["seen"]) else ""
    if min(effects) < 0 < max(effects):
        return math.fsum(effects) / len(effects), f"parts disagree (one seed{recalled})"
    effect = math.fsum(effects) / len(effects)
    return effect, f"{_sign(claim.expect, effect)} (one seed, no interval{recalled})"


def _published_correlation(
    expect: str, tasks: tuple[str, str], theirs: Sequence[Point]
) -> tuple[float, str]:
    found = _correlate(theirs, tasks)
    ends = interval(*found.interval, decimals=2)
    about = f"{found.n} columns of one seed, not independent; {ends}"
    return found.r, f"{_sign(expect, found.r)} ({about})"


def _sign(expect: str, effect: float) -> str:
    if math.isnan(effect):
        return "no sign (undefined)"
    if abs(effect) < 1e-9:  # what a sum of equal numbers leaves
        return "no effect"
    return "sign as claimed" if (effect > 0) == (expect == "positive") else "sign against the claim"


def _common_seeds(contrasts: Iterable[Weights], values: Values) -> list[str]:
    sets = [set(values[cell]) for cells in contrasts for cell in cells]
    return sorted(set.intersection(*sets), key=lambda seed: (len(seed), seed))


def _at(cells: Weights, values: Values, seed: str) -> float:
    return math.fsum(weight * values[cell][seed] for cell, weight in cells.items())


def _told(name: str, cells: Weights, values: Values) -> str:
    """`first gap +23.4 (+20.1 to +26.7)`."""
    effects = [_at(cells, values, seed) for seed in _common_seeds([cells], values)]
    mean = math.fsum(effects) / len(effects) if effects else math.nan
    ends = seed_interval(effects)
    return f"{name} {signed(mean)}" + ("" if ends is UNKNOWN else f" ({interval(*ends)})")


def _undecided(reason: str) -> _Found:
    return _Found(0, math.nan, UNKNOWN, UNDECIDED, (reason,))


def to_markdown(frame: pd.DataFrame, layout: Layout, sheet: ClaimSheet) -> str:
    """Return the checklist as a page that says what a verdict means."""
    lines = frame.to_dict("records")
    rows = []
    for line in lines:
        places = 2 if sheet.claims[line["claim"]].correlation else 1
        rows.append(
            [
                f"{line['title']}: {line['test']}",
                signed(line["effect"], places),
                interval(line["low"], line["high"], places),
                str(line["seeds"]),
                f"**{line['verdict']}**",
                signed(line["published_effect"], places),
                line["published_verdict"],
                line["note"],
            ]
        )
    header = ["claim", "effect", "95 %", "seeds", "verdict", "published", "published sign", "note"]
    decided = sum(line["verdict"] != UNDECIDED for line in lines)
    return (
        f"# Claims: {layout.title}\n\n"
        f"Study `{layout.study}`; data: {layout.data}; model size: {layout.size}. "
        f"{decided} of {len(lines)} claims decided. {_CAPTION}\n\n{markdown(header, rows)}"
    )
