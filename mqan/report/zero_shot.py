"""Tables of probes.csv: zero-shot scores, and what rewording the questions costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mqan.report.comparisons import (
    MEANS,
    Sources,
    blank,
    half_widths,
    interval_line,
    missing,
)
from mqan.report.probes import published_probe
from mqan.report.tables import Line, TableError, decathlon, moments, records, spread
from mqan.report.text import ABSENT, Missing, Table, about, decathlon_columns, published_notes

ASKED = {"value": "paraphrased", "plain": "plain", "change": "change"}  # column -> in words


def asked(sources: Sources, probes: tuple[str, ...]) -> pd.DataFrame:
    """Return decaScore metrics of `probes` from probes.csv, with `change`, value minus plain."""
    if sources.probes is None:
        return pd.DataFrame()
    metrics = {task: metric for task, (_, metric) in sources.layout.tasks.items()}
    wanted = sources.probes.loc[
        sources.probes["probe"].isin(probes)
        & (sources.probes["metric"] == sources.probes["task"].replace(metrics))
    ]
    return wanted.assign(change=wanted["value"] - wanted["plain"])


@dataclass(frozen=True)
class ZeroShot:
    """Scores on corpora and questions that a model never saw, a line for each probe and row.

    published: probe -> the corpus as published.csv calls it in its column `task`.
    """

    title: str
    compares: str
    note: str
    probes: tuple[str, ...]
    published: Mapping[str, str]

    def table(self, name: str, sources: Sources) -> Table | Missing:
        """Return the table; probes that the study lacks have a line without a score."""
        found = asked(sources, self.probes)
        if found.empty or sources.probe_sheet is None:
            return missing(self.title, sources, "probes", self.probes)
        entries = {line["probe"]: line for line in records(sources.probe_sheet)}
        if unknown := [name for name in self.probes if name not in entries]:
            raise TableError(
                f"tables.yaml: no probe {unknown[0]!r}; the sheet has {', '.join(entries)}"
            )
        shown: list[dict[str, Any]] = []
        for probe in self.probes:
            of_probe = found.loc[found["probe"] == probe]
            rows = [row for row in sources.lines if row in set(of_probe["row"])]
            for row in rows:
                cells = records(of_probe.loc[of_probe["row"] == row])
                shown += _lines(sources, self.published.get(probe, ""), cells)
            if not rows:
                shown.append(_empty(sources, entries[probe]))
        frame = blank(shown, ("row_title", "task", "corpus", "wording", "metric", "seeds"))
        frame["n"] = frame["n"].astype("Int64")
        columns = {"row_title": "model", "corpus": "corpus", "wording": "wording"}
        columns |= {"metric": "metric", "value": "score", "plain": "own questions"}
        columns |= {"change": "change", "seeds": "seeds", "n": "examples"}
        text = (
            f"{self.compares} {about(sources.layout)} Scores 0-100, of this study's data and "
            "sizes, not the paper's; own questions: the same model and metric on the task it "
            f"learnt; change: the first minus the second.{MEANS} {ABSENT} marks what was not "
            f"measured.{published_notes(frame)} {self.note}"
        )
        return Table(self.title, text.rstrip(), frame, columns, texts=4, signed=("change",))


def _empty(sources: Sources, entry: Mapping[str, str]) -> dict[str, Any]:
    """The line of a probe that the study lacks."""
    nothing = dict.fromkeys(("value", "plain", "change"), float("nan"))
    kept = {name: entry[name] for name in ("probe", "title", "task", "corpus", "wording")}
    return _here(sources) | kept | {"row": "", "kind": "ours", "seeds": "0", "n": 0} | nothing


def _here(sources: Sources) -> dict[str, Any]:
    layout = sources.layout
    return {"study": layout.study, "data": layout.data, "size": layout.size}


def _lines(sources: Sources, published: str, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of one probe and row: ours, interval, published, difference."""
    first = cells[0]
    kept = ("probe", "title", "row", "task", "corpus", "wording", "metric")
    ours = _here(sources) | {name: first[name] for name in kept}
    ours |= {"row_title": sources.lines[first["row"]].title}
    ours |= {"kind": "ours", "seeds": str(len(cells)), "n": first["n"]}
    halves = {}
    for name in ASKED:
        scores = {cell["seed"]: cell[name] for cell in cells if not pd.isna(cell[name])}
        _, mean, _, low, high = moments(scores)
        ours[name] = float("nan") if mean is None else float(mean)
        if low is not None and high is not None:
            halves[name] = (high - low) / 2
    lines = [ours, *interval_line(ours, halves)]
    # What was published was answered by a model of ten tasks, so it stands beside such rows only.
    learnt = [run for run, _ in sources.lines[first["row"]].cells.values()]
    if published and learnt.count(first["run"]) > 1:
        theirs, origin = published_probe(sources.published, published)
        blanks = {"plain": float("nan"), "change": float("nan"), "seeds": "", "n": None}
        blanks |= dict.fromkeys(("row_title", "corpus", "wording", "metric"), "")
        there = {"study": origin, "data": "complete official corpora", "size": "paper"}
        lines.append(ours | blanks | there | {"kind": "published", "value": theirs})
        lines.append(ours | blanks | {"kind": "difference", "value": ours["value"] - theirs})
    return lines


@dataclass(frozen=True)
class Paraphrase:
    """Three lines for each row: plain, paraphrased, and the change, over the ten tasks."""

    title: str
    compares: str
    note: str
    probes: tuple[str, ...]

    def table(self, name: str, sources: Sources) -> Table | Missing:
        """Return the table of the rows that were asked at least one reworded task."""
        found = asked(sources, self.probes)
        if found.empty:
            return missing(self.title, sources, "probes", self.probes)
        rows = [row for row in sources.lines if row in set(found["row"])]
        lines = [
            Line(f"{row}/{how}", f"{sources.lines[row].title}: {words}", _cells(found, row, how))
            for row in rows
            for how, words in (("plain", "plain"), ("value", "paraphrased"), ("change", "change"))
        ]
        plan = replace(sources.layout, lines=lines)
        scores = as_scores(found)
        halves = half_widths(spread(scores, plan))
        shown: list[dict[str, Any]] = []
        for line in records(decathlon(scores, plan)):
            row, _, how = line["row"].rpartition("/")
            ours = {**line, "row": row, "asked": ASKED[how]}
            ours["kind"] = "ours" if how != "change" else "difference"
            shown += [ours, *interval_line(ours, halves.get(line["row"], {}))]
        frame = pd.DataFrame(shown)
        text = (
            f"{self.compares} {about(sources.layout)} Scores 0-100, decaScore 0-1000, of this "
            f"study's data and sizes, not the paper's.{MEANS} {ABSENT} marks what was not asked. "
            f"{self.note}"
        )
        return Table(self.title, text.rstrip(), frame, decathlon_columns(sources.layout))


def _cells(found: pd.DataFrame, row: str, how: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(found.loc[found["row"] == row, "task"], (row, how))


def as_scores(found: pd.DataFrame) -> pd.DataFrame:
    """Return probes as scores of a run called after its row, decoded `plain`, `value`, `change`."""
    parts = [
        found.assign(run=found["row"], decode=how, value=found[how], file="probes.csv")
        for how in ASKED
    ]
    same = {"task_version": 0, "data": ""}
    return pd.concat(parts, ignore_index=True).dropna(subset="value").assign(**same)
