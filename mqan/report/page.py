"""A table as a page: the same cells, as text, in Markdown for readers and in LaTeX for papers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

ABSENT = "-"
# LaTeX needs a command for these; the marks that a number may carry are among them.
_LATEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "°": r"$^{\circ}$",
    "†": r"$^{\dagger}$",
    "*": r"$^{*}$",
}


@dataclass(frozen=True)
class PageLine:
    """A line: its kind says how it is set, `label` (and a `note` after it) come before the cells.

    Lines of kind `ours` have a bold label, `published` ones stand in italics, others are plain.
    """

    kind: str
    label: str
    note: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Page:
    """A titled table. `header` names the label and each cell; `texts` cells are set to the left.

    Title, caption and cells are plain text; `code` in backquotes.
    """

    title: str
    caption: str
    header: Sequence[str]
    lines: Sequence[PageLine]
    texts: int = 0


def markdown(page: Page) -> str:
    """Return the page in Markdown, with Unix line ends."""
    marks = ["---"] * (1 + page.texts) + ["---:"] * (len(page.header) - 1 - page.texts)
    table = [[_bar(name) for name in page.header], marks]
    for line in page.lines:
        label = {"ours": f"**{line.label}**", "published": f"_{line.label}_"}
        first = label.get(line.kind, line.label) + line.note
        slanted = line.kind == "published"
        cells = [f"_{cell}_" if slanted and _counts(cell) else cell for cell in line.cells]
        table.append([_bar(first), *map(_bar, cells)])
    body = "\n".join("| " + " | ".join(line) + " |" for line in table)
    return f"# {page.title}\n\n{page.caption}\n\n{body}\n"


def latex(page: Page, label: str) -> str:
    r"""Return the page as a LaTeX table with rules of booktabs; `\input` it where it belongs.

    `label` is what `\ref` finds it by. A table wider than the text is fitted to its width.
    """
    lines = [[_set_label(line), *_set_cells(line)] for line in page.lines]
    frame = pd.DataFrame(lines, columns=[escape(name) for name in page.header])
    columns = "l" * (1 + page.texts) + "r" * (len(page.header) - 1 - page.texts)
    tabular = frame.style.hide(axis="index").to_latex(column_format=columns, hrules=True)
    return (
        "% needs \\usepackage{booktabs,graphicx}\n"
        "\\begin{table}\n\\centering\n"
        f"\\caption[{escape(page.title)}]{{{escape(page.title)}. {escape(page.caption)}}}\n"
        f"\\label{{tab:{label}}}\n"
        "\\resizebox{\\ifdim\\width>\\textwidth\\textwidth\\else\\width\\fi}{!}{%\n"
        f"{tabular}}}\n"
        "\\end{table}\n"
    )


def escape(text: str) -> str:
    """Return plain text as LaTeX; `code` in backquotes becomes typewriter type."""
    escaped = "".join(_LATEX.get(sign, sign) for sign in text)
    return re.sub(r"`([^`]*)`", r"\\texttt{\1}", escaped)


def _set_label(line: PageLine) -> str:
    commands = {"ours": r"\textbf{%s}", "published": r"\textit{%s}"}
    return commands.get(line.kind, "%s").replace("%s", escape(line.label)) + escape(line.note)


def _set_cells(line: PageLine) -> list[str]:
    slanted = line.kind == "published"
    return [
        f"\\textit{{{escape(cell)}}}" if slanted and _counts(cell) else escape(cell)
        for cell in line.cells
    ]


def _counts(cell: str) -> bool:
    """Whether there is something to set in italics."""
    return cell not in ("", ABSENT)


def _bar(text: str) -> str:
    r"""A `|` inside a cell would end it."""
    return text.replace("|", r"\|")
