"""Tables as text: CSV for machines, Markdown for readers. Equal frames give equal bytes."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from mqan.report.tables import DECASCORE, Layout

ABSENT = "-"


def to_csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with two decimals, an empty field for a missing number, Unix lines."""
    return _rounded(frame).to_csv(index=False, float_format="%.2f", lineterminator="\n")


def to_markdown(table: pd.DataFrame, layout: Layout) -> str:
    """Return `decathlon`'s frame as a Markdown page that says which study made its numbers."""
    header = [
        "row",
        *(f"{title} ({metric})" for title, metric in layout.tasks.values()),
        "decaScore",
        "seeds",
        "missing cells",
    ]
    lines = [header, ["---", *["---:"] * (len(header) - 1)]]
    for row in _rounded(table).to_dict("records"):
        numbers = [_number(row[name], row["kind"]) for name in [*layout.tasks, DECASCORE]]
        missing = str(row["missing"]) if row["kind"] == "ours" else ""
        lines.append([_name(row, layout), *numbers, str(row["seeds"]), missing])
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"# {layout.title}\n\n{_caption(table, layout)}\n\n{body}\n"


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """The numbers of every form of a table, which so agree: a page rounds what the CSV says."""
    rounded = frame.copy()
    # -0.00 is a difference of nothing; adding 0.0 after rounding takes its sign away
    for name in rounded.select_dtypes("float64"):
        rounded[name] = rounded[name].round(2) + 0.0
    return rounded


def _caption(table: pd.DataFrame, layout: Layout) -> str:
    text = (
        f"Study `{layout.study}`; data: {layout.data}; model size: {layout.size}. "
        "Scores 0-100, decaScore 0-1000; means over seeds. "
        f"{ABSENT} marks a cell that was not measured; a line with one has no decaScore."
    )
    if "published" in set(table["kind"]):
        text += (
            " Lines in italics are published numbers: the paper's model at full size on the "
            "complete official corpora. A difference from them compares data and sizes as well."
        )
    return text


def _name(row: dict[Hashable, Any], layout: Layout) -> str:
    if row["kind"] == "ours":
        return f"**{row['title']}** ({layout.study})"
    return {"published": "_published_", "difference": "difference"}[row["kind"]]


def _number(value: float, kind: str) -> str:
    if pd.isna(value):
        return ABSENT
    if kind == "difference":
        return f"{round(value, 1) + 0.0:+.1f}"
    return f"_{value:.1f}_" if kind == "published" else f"{value:.1f}"
