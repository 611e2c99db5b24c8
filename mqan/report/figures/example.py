"""One answered example of each task, every word of the answer marked by where it came from.

After the paper's Figure 1. Colour names the source, and so does the type: a word of the vocabulary
is plain, one copied from the context bold, one copied from the question slanted and underlined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mqan.report.figures.style import (
    FAINT,
    INK,
    PAGE,
    SMALL,
    SOURCES,
    TINY,
    note,
    styled,
)
from mqan.report.figures.text import POINTS, Slant, pieces, width_of, wrap
from mqan.report.tables import Layout, TableError

LEADING = 1.45  # of the size of the type
KEYS = ("task", "question", "context", "words", "sources", "gold")
TYPE: dict[str, tuple[str, Slant]] = {
    "context": ("bold", "normal"),
    "question": ("normal", "italic"),
}
WORDS = {"context": 34, "question": 34, "answer": 40, "gold": 40}
COLUMNS = (("question", 0.22), ("context", 0.36), ("answer", 0.22), ("gold", 0.20))
NAME = 0.96  # inches of the first column on a page
GAP = 0.12
CUT = "…"
LONG = 4  # letters


@dataclass(frozen=True)
class Word:
    """A word and its source, if it was copied or generated; empty for the rest."""

    text: str
    source: str = ""

    @property
    def type(self) -> tuple[str, Slant]:
        """Weight and slant."""
        return TYPE.get(self.source, ("normal", "normal"))


@styled
def example(
    examples: Sequence[dict[str, Any]], layout: Layout, about: str, width: float = PAGE
) -> Figure:
    """Draw examples, each with task, question, context, gold, the answer's words and their sources.

    sources: (words, 3) shares of vocabulary, context and question. `about` says which model
    answered. Long texts are cut: the context around the words copied from it.
    """
    if not examples:
        raise TableError("figure example needs rows of predictions, and there are none")
    size = SMALL if width >= PAGE else TINY + 0.3
    blocks = [_block(one, layout) for one in examples]
    drawn = _on_page if width >= PAGE else _in_column
    placed, heights = drawn(blocks, width, size)
    text = f"Study {layout.study}; data: {layout.data}; size {layout.size}. {about}"
    says = (
        f"{text} Each word of an answer is marked by the source with the largest share: plain blue "
        "vocabulary, bold red context, slanted and underlined green question. Copied words are "
        f"marked where they stand. Gold: the reference. {CUT}: cut."
    )
    answered = {one["task"] for one in examples}
    lacking = [title for task, (title, _) in layout.tasks.items() if task not in answered]
    if lacking:
        says += f" Without an answer: {', '.join(lacking)}."
    lines = wrap(says, width - 0.12, SMALL)
    foot = (lines.count("\n") + 1) * SMALL * 1.35 / POINTS + 0.08
    figure = Figure(figsize=(width, sum(heights) + foot))
    axes = figure.add_axes(
        (0, foot / (sum(heights) + foot), 1, sum(heights) / (sum(heights) + foot))
    )
    axes.set(xlim=(0, width), ylim=(sum(heights), 0))
    axes.set_axis_off()
    for x, y, word, kind in placed:
        _write(axes, x, y, word, kind, size)
    below = 0.0
    for height in heights[:-1]:
        below += height
        axes.plot((0.06, width - 0.06), (below, below), color="0.85", lw=0.4)
    note(figure, says)
    return figure


def _block(one: dict[str, Any], layout: Layout) -> tuple[str, dict[str, list[Word]]]:
    """The title of an example's task, and the marked and cut words of its four texts."""
    if lacking := [key for key in KEYS if key not in one]:
        raise TableError(f"figure example: an example has no {', '.join(lacking)}")
    names = list(SOURCES)
    answer = [
        Word(word, names[max(range(3), key=lambda k, share=share: share[k])])
        for word, share in zip(one["words"], one["sources"], strict=True)
    ]
    cells = {"answer": _cut(answer, 0, WORDS["answer"]) or [Word("(empty)")]}
    for field in ("question", "context"):
        copied = {word.text.lower() for word in answer if word.source == field}
        words = one[field].split()
        marked = [
            Word(word, field if hit else "")
            for word, hit in zip(words, copies(words, copied), strict=True)
        ]
        cells[field] = _cut(marked, window(marked, WORDS[field]), WORDS[field])
    gold = [Word(word) for word in str(one["gold"]).split()]
    cells["gold"] = _cut(gold, 0, WORDS["gold"])
    title = layout.tasks[one["task"]][0] if one["task"] in layout.tasks else one["task"]
    return title, cells


def copies(words: Sequence[str], copied: set[str]) -> list[bool]:
    """Which words of a text to mark as copied: runs of them that hold a word of four letters.

    The "of the" of an answer stands all over its context; it was copied once. An answer of one
    word marks it wherever it stands.
    """
    found: list[bool] = []
    for hit, run in groupby(words, lambda word: word.lower() in copied):
        part = list(run)
        marked = hit and (len(copied) == 1 or any(len(word) >= LONG for word in part))
        found += [marked] * len(part)
    return found


def window(words: Sequence[Word], count: int) -> int:
    """Where the first stretch of `count` words with the most marked ones begins."""
    marks = [bool(word.source) for word in words]
    starts = range(max(1, len(words) - count + 1))
    best = max(starts, key=lambda start: (sum(marks[start : start + count]), -start))
    first = next((place for place in range(best, len(marks)) if marks[place]), best)
    # some words before the first marked one, where there is room
    return max(0, min(best, first - 6)) if any(marks) else 0


def _cut(words: Sequence[Word], start: int, count: int) -> list[Word]:
    end = start + count
    head = [Word(CUT)] if start else []
    tail = [Word(CUT)] if end < len(words) else []
    return [*head, *words[start:end], *tail]


def flow(words: Sequence[Word], inches: float, size: float) -> list[tuple[float, int, Word]]:
    """Set words in lines of a width: (x in inches, line from 0, word) each; none overlap."""
    blank = width_of("n", size) * 0.45
    x, line = 0.0, 0
    found: list[tuple[float, int, Word]] = []
    for word in words:
        for part in pieces(word.text, inches / 1.15, size):  # bold is wider
            wide = width_of(part, size, *word.type)
            if x and x + wide > inches:
                x, line = 0.0, line + 1
            found.append((x, line, Word(part, word.source)))
            x += wide + blank
    return found


Placed = list[tuple[float, float, Word, str]]  # x, y of the line's middle, word, kind of text
Blocks = Sequence[tuple[str, dict[str, list[Word]]]]


def _on_page(blocks: Blocks, width: float, size: float) -> tuple[Placed, list[float]]:
    """A table: task, question, context, answer, gold."""
    line = size * LEADING / POINTS
    room = width - NAME - 0.12
    placed: Placed = []
    starts = [NAME + room * sum(share for _, share in COLUMNS[:k]) for k in range(len(COLUMNS))]
    for x, (name, _) in zip(starts, COLUMNS, strict=True):
        placed.append((x, line * 0.7, Word(name), "head"))
    top, heights = line * 1.4, [line * 1.4]
    for title, cells in blocks:
        for k, part in enumerate(wrap(title, NAME - 0.16, size).split("\n")):
            placed.append((0.06, top + line * (k + 0.7), Word(part), "title"))
        lines = 1
        for x, (name, share) in zip(starts, COLUMNS, strict=True):
            for dx, row, word in flow(cells[name], share * room - GAP, size):
                placed.append((x + dx, top + line * (row + 0.7), word, name))
                lines = max(lines, row + 1)
        heights.append(line * (lines + 0.4))
        top += heights[-1]
    return placed, heights


def _in_column(blocks: Blocks, width: float, size: float) -> tuple[Placed, list[float]]:
    """One text below the other, each behind its name."""
    line = size * LEADING / POINTS
    label = 0.5
    placed: Placed = []
    top, heights = 0.0, []
    for title, cells in blocks:
        placed.append((0.06, top + line * 0.7, Word(title), "title"))
        row = 1
        for name, _ in COLUMNS:
            y = top + line * (row + 0.7)
            placed.append((0.06, y, Word(name), "head"))
            found = flow(cells[name], width - label - 0.16, size)
            placed += [(label + 0.08 + x, y + line * k, word, name) for x, k, word in found]
            row += max((k for _, k, _ in found), default=0) + 1
        heights.append(line * (row + 0.4))
        top += heights[-1]
    return placed, heights


def _write(axes: Axes, x: float, y: float, word: Word, kind: str, size: float) -> None:
    weight, slant = word.type
    colour = SOURCES[word.source].colour if word.source else INK
    if kind == "title":
        weight = "bold"
    if kind == "head":
        slant, colour = "italic", FAINT
    style = {"weight": weight, "style": slant, "color": colour, "size": size}
    axes.text(x, y, word.text, va="baseline", ha="left", **style)
    if word.source == "question":
        end = x + width_of(word.text, size, weight, slant) * 0.97
        axes.plot((x, end), (y + 0.022, y + 0.022), color=colour, lw=0.5)
