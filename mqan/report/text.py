"""Tables as text: CSV for machines, pages for readers. Equal frames give equal bytes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mqan.atomic import write_text
from mqan.report.page import ABSENT, Page, PageLine, escape, latex, markdown
from mqan.report.tables import DECASCORE, RECALLED, Layout, records

DAGGER, STAR, CIRCLE = "†", "*", "°"
FOOTNOTE = f" {DAGGER} recalled, not seen."
APART = (
    " Lines in italics are published numbers: the paper's model at full size on the "
    "complete official corpora. A difference from them compares data and sizes as well."
)


@dataclass(frozen=True)
class Table:
    """A frame, and how its page looks: see `page`."""

    title: str
    caption: str
    frame: pd.DataFrame
    columns: Mapping[str, str]
    texts: int = 0
    signed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """Stands for a table that the study has nothing for: a sentence says what it would need."""

    title: str
    sentence: str


def write(table: Table | Missing, stem: Path) -> None:
    """Write `stem`.csv, .md and .tex of a table; of a missing one, the sentence in each."""
    if isinstance(table, Missing):
        sentence = table.sentence
        forms = {"csv": pd.DataFrame({"note": [sentence]}).to_csv(index=False, lineterminator="\n")}
        forms |= {"md": f"{sentence}\n", "tex": f"{escape(sentence)}\n"}
    else:
        shown = page(
            table.frame,
            table.title,
            table.caption,
            table.columns,
            texts=table.texts,
            signed=table.signed,
        )
        forms = {"csv": to_csv_text(table.frame), "md": markdown(shown)}
        forms |= {"tex": latex(shown, stem.name)}
    for kind, text in forms.items():
        write_text(stem.with_name(f"{stem.name}.{kind}"), text)


def to_exact_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with every digit, an empty field for a missing number, Unix lines."""
    return frame.to_csv(index=False, lineterminator="\n")


def to_csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with two decimals, an empty field for a missing number, Unix lines."""
    return _rounded(frame).to_csv(index=False, float_format="%.2f", lineterminator="\n")


def to_markdown(table: pd.DataFrame, layout: Layout) -> str:
    """Return `decathlon`'s frame as a Markdown page that says which study made its numbers."""
    return markdown(decathlon_page(table, layout))


def decathlon_page(table: pd.DataFrame, layout: Layout) -> Page:
    """Return `decathlon`'s frame as a page."""
    columns = decathlon_columns(layout) | {"missing": "missing cells"}
    caption = (
        f"{about(layout)} Scores 0-100, decaScore 0-1000; means over seeds. "
        f"{ABSENT} marks a cell that was not measured; a line with one has no decaScore."
    )
    return page(table, layout.title, caption + published_notes(table), columns)


def decathlon_columns(layout: Layout) -> dict[str, str]:
    """The columns of a page with the ten tasks: name in the frame -> header."""
    tasks = {task: f"{title} ({metric})" for task, (title, metric) in layout.tasks.items()}
    return {**tasks, DECASCORE: "decaScore", "seeds": "seeds"}


def about(layout: Layout) -> str:
    """The sentence that every caption begins with: whose numbers these are."""
    return f"Study `{layout.study}`; data: {layout.data}; model size: {layout.size}."


def published_notes(table: pd.DataFrame) -> str:
    """What a caption must say of the published numbers among a table's lines; nothing for none."""
    theirs = table.loc[table["kind"] == "published", "study"]
    return APART * bool(len(theirs)) + FOOTNOTE * (RECALLED in set(theirs))


def page(
    frame: pd.DataFrame,
    title: str,
    caption: str,
    columns: Mapping[str, str],
    *,
    texts: int = 0,
    signed: Collection[str] = (),
) -> Page:
    """Return a frame with lines of several kinds as a page.

    columns: column of the frame -> header; the first `texts` of them stand to the left. Columns of
    floats are numbers with one decimal, those in `signed` with their sign; whole numbers tell of
    our lines only. A line of kind `interval` adds its half widths to the line of ours above it;
    `real` and `one_seed` (words with blanks between) name the columns that get a mark.
    """
    lines: list[dict[str, Any]] = []
    for line in records(frame):
        if line["kind"] == "interval":
            lines[-1]["half"] = line
        else:
            lines.append(line)
    shown = [
        PageLine(
            line["kind"],
            _label(line),
            f" ({line['study']})" if line["kind"] == "ours" else "",
            [_cell(line, name, name in signed) for name in columns],
        )
        for line in lines
    ]
    return Page(title, caption, ["row", *columns.values()], shown, texts)


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """The numbers of the CSV. Pages round the exact ones, for rounding twice may miss a digit."""
    rounded = frame.copy()
    # -0.00 is a difference of nothing; adding 0.0 after rounding takes its sign away
    for name in rounded.select_dtypes("float64"):
        rounded[name] = rounded[name].round(2) + 0.0
    return rounded


def _label(line: Mapping[str, Any]) -> str:
    """A line's own title; one under a line of ours is called by its kind."""
    stands_alone = line["kind"] == "ours" or not line["row"]
    return line["title"] if stands_alone else line["kind"]


def _cell(line: Mapping[str, Any], name: str, signed: bool) -> str:
    value = line[name]
    if isinstance(value, str):
        return value
    if not isinstance(value, float):
        return str(value) if line["kind"] == "ours" else ""
    if pd.isna(value):
        return ABSENT
    value = round(value, 1) + 0.0  # no -0.0
    if line["kind"] == "published":
        return f"{value:.1f}" + DAGGER * (line["study"] == RECALLED)
    text = f"{value:+.1f}" if signed or line["kind"] == "difference" else f"{value:.1f}"
    half = line.get("half", {}).get(name)
    text += "" if half is None or pd.isna(half) else f" ±{half:.1f}"
    real = name in line.get("real", "").split()
    alone = name in line.get("one_seed", "").split()
    return text + STAR * real + CIRCLE * alone
