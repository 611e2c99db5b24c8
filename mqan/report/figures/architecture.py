"""The network as blocks, with the sizes and parameters it really has (paper, Figure 2)."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from mqan.report.figures.style import INK, PAGE, SMALL, TINY, canvas, caption, styled
from mqan.report.figures.text import wrap
from mqan.report.tables import Layout, TableError

# part -> the parameters that belong to it, by the beginning of their names; the first that fits
PARTS = {
    "project": r"encoder\.projection",
    "encode": r"encoder\.independent",
    "align": r"encoder\.coattention",
    "compress": r"encoder\.deepen\.\w+\.compress",
    "self_attention": r"encoder\.deepen\.\w+\.layers",
    "final": r"encoder\.deepen\.\w+\.final",
    "answer": r"decoder\.projection",
    "answer_attention": r"decoder\.answer",
    "lstm": r"decoder\.cells",
    "pointers": r"decoder\.(summarise|unused)",
    "switches": r"decoder\.switches",
    "vocabulary": r"out\.",
}
ROWS = 10
TIMES, GAMMA = "\N{MULTIPLICATION SIGN}", "\N{GREEK SMALL LETTER GAMMA}"
LSTM, ATTENTION = 6, 7  # rows of the decoder
FLOOR, HIGH = 0.11, 0.72  # of a row: below a box, and the box; the rest is for arrows
SIDE = 0.03  # of a column, beside a box
DECODER = 0.2  # of a column, between encoder and decoder
TINTS = {"context": "#FBE5D6", "question": "#D9F2E6", "joined": "#FBE5D6", "answer": "#DCEBF7"}


@dataclass(frozen=True)
class Box:
    """A block: first and last column, row from below, what it says, whose parameters it counts."""

    left: float
    right: float
    row: float
    text: str
    part: str
    tint: str


def parts_of(parameters: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """Part -> number of parameters, from (name, shape, count, ...) of every trained parameter.

    A name that belongs to no part is an error: the diagram would hide it.
    """
    counts = dict.fromkeys(PARTS, 0)
    for name, _, count, *_ in parameters:
        part = next((part for part, names in PARTS.items() if re.match(names, name)), None)
        if part is None:
            raise TableError(f"figure architecture: parameter {name} belongs to no block of it")
        counts[part] += count
    return {part: count for part, count in counts.items() if count}


@styled
def architecture(network: Mapping[str, Any], layout: Layout, width: float = PAGE) -> Figure:
    """Draw a network.

    network: title, streams, pointers, coattention, self_attention and recurrent of its variant,
    `sizes` (of ModelConfig: vector_width, width, heads, layers, hidden, rnn_layers, generable; and
    cove, the features of a frozen MT-LSTM, 0 without) and `parts` (part -> number of trained
    parameters, as `parts_of` counts them).
    """
    figure = canvas(width, 4.6 if width >= PAGE else 5.6)
    axes = figure.subplots()
    streams = _order(network)
    boxes = [*_encoder(network), *_decoder(network)]
    size = SMALL if width >= PAGE else TINY - 0.6
    columns = len(streams) + 1 + DECODER
    alike = Counter(box.part for box in boxes)
    counts = {part: count // alike[part] for part, count in network["parts"].items() if alike[part]}
    for box in boxes:
        _draw(axes, box, counts, size, (width - 0.1) / (columns + 0.15))
    _arrows(axes, boxes, list(network["pointers"]), len(streams))
    axes.set(xlim=(-0.02, columns + 0.13), ylim=(-0.05, ROWS))
    axes.set_axis_off()
    total = sum(network["parts"].values())
    says = (
        f"{network['title']}: {total:,} trained parameters, word vectors apart; the number in a "
        "block is its own. The attention's holds the projections that the released code allocates "
        "and never uses."
    )
    caption(figure, layout, says)
    return figure


def _order(network: Mapping[str, Any]) -> list[str]:
    """Streams from the left: the first pointer's stands beside the decoder, which it starts."""
    first = network["pointers"][0]
    return [*(name for name in network["streams"] if name != first), first]


def _encoder(network: Mapping[str, Any]) -> list[Box]:
    s = network["sizes"]
    lstm = f"BiLSTM, 2 {TIMES} {s['width'] // 2}"
    if not network["recurrent"]:
        lstm = f"self-attention {TIMES} {s['rnn_layers']}"
    streams = _order(network)
    shared = (0.0, float(len(streams)))
    boxes = []
    for k, stream in enumerate(streams):
        title = "context and question" if stream == "joined" else stream
        words = f"{title}: fixed word vectors, {s['vector_width']}"
        words += f"; CoVe, {s['cove']} (frozen)" if s["cove"] else ""
        boxes.append(Box(k, k + 1, 0, words, "", stream))
        if network["self_attention"]:
            from_, to = (4 if network["coattention"] else 2) * s["width"], s["width"]
            boxes += [
                Box(k, k + 1, 4, f"{lstm}\n{from_} → {to}", "compress", stream),
                Box(k, k + 1, 5, _transformer("self-attention", s), "self_attention", stream),
                Box(k, k + 1, 6, lstm, "final", stream),
            ]
    tint = "both" if len(streams) > 1 else streams[0]
    joint, read = " (shared)" if len(streams) > 1 else "", s["vector_width"] + s["cove"]
    boxes += [
        Box(*shared, 1, f"linear{joint}, {read} → {s['width']}", "project", tint),
        Box(*shared, 2, f"{lstm}{joint}", "encode", tint),
    ]
    if network["coattention"]:
        boxes.append(Box(*shared, 3, "dual coattention of context and question", "align", "both"))
    return boxes


def _decoder(network: Mapping[str, Any]) -> list[Box]:
    s, pointers = network["sizes"], list(network["pointers"])
    left = len(network["streams"]) + DECODER
    over = " and ".join("joined text" if name == "joined" else name for name in pointers)
    mixed = " + ".join(["vocabulary", *("text" if n == "joined" else n for n in pointers)])
    count = f"switch {GAMMA}" if len(pointers) == 1 else f"switches {GAMMA}, λ"
    found = [
        (3, f"answer so far: fixed word vectors, {s['vector_width']}", ""),
        (4, f"linear, {s['vector_width']} → {s['width']}", "answer"),
        (6, f"LSTM, {s['width']}", "lstm"),
        (7, f"attention over {over}", "pointers"),
        (8, f"softmax over {s['generable']:,} words", "vocabulary"),
        (9, f"{count}: {mixed}", "switches"),
    ]
    if network["self_attention"]:
        found.append((5, _transformer("self- and context attention", s), "answer_attention"))
    return [Box(left, left + 1, row, text, part, "answer") for row, text, part in found]


def _transformer(name: str, sizes: Mapping[str, int]) -> str:
    heads = f"{sizes['heads']} head{'s' if sizes['heads'] > 1 else ''}"
    return f"{name} {TIMES} {sizes['layers']}\n{heads}, inner {sizes['hidden']}"


def _draw(axes: Axes, box: Box, parts: Mapping[str, int], size: float, column: float) -> None:
    """A rounded box with its text and, behind it, its number of parameters."""
    wide = box.right - box.left - 2 * SIDE
    axes.add_patch(
        FancyBboxPatch(
            (box.left + SIDE, box.row + FLOOR),
            *(wide, HIGH),
            boxstyle="round,pad=0,rounding_size=0.05",
            facecolor=TINTS.get(box.tint, "0.94"),
            edgecolor="0.45",
            lw=0.6,
            mutation_aspect=2.2,
        )
    )
    count = f" ({parts[box.part]:,})" if parts.get(box.part) else ""
    text = wrap(box.text + count, wide * column - 0.06, size)
    place = ((box.left + box.right) / 2, box.row + FLOOR + HIGH / 2)
    axes.text(*place, text, ha="center", va="center", size=size, color=INK, linespacing=1.1)


def _arrows(axes: Axes, boxes: Sequence[Box], pointers: Sequence[str], streams: int) -> None:
    """Upwards within each column; from what is pointed at to the decoder."""
    for column in range(streams + 1):
        x = column + 0.5 + (DECODER if column == streams else 0)
        stack = sorted((b for b in boxes if b.left < x < b.right), key=lambda box: box.row)
        for lower, upper in itertools.pairwise(stack):
            _arrow(axes, (x, lower.row + FLOOR + HIGH), (x, upper.row + FLOOR))
    edge = streams + DECODER + SIDE
    tops = {b.tint: b for b in sorted(boxes, key=lambda box: box.row) if b.tint in pointers}
    first = tops[pointers[0]]
    level = ATTENTION + FLOOR + HIGH / 2
    for name in pointers:
        top = tops[name]
        shared = max(
            (
                b.row
                for b in boxes
                if b.left <= top.left and b.right >= top.right and b.right <= streams
            ),
            default=top.row,
        )
        x = (top.left + top.right) / 2
        # the others' lines end where the first one's begins, which ends where its arrow begins
        end = edge - 0.15 if name == pointers[0] else (first.left + first.right) / 2
        places = (x, x, end), (shared + FLOOR + HIGH, level, level)
        axes.plot(*places, color=INK, lw=0.7, snap=False)  # as arrows are, which it meets
        if name == pointers[0]:
            _arrow(axes, (edge - 0.15, level), (edge, level))
            if shared == LSTM:
                side = top.right - SIDE
                _arrow(axes, (side, LSTM + FLOOR + HIGH / 2), (edge, LSTM + FLOOR + HIGH / 2))
    for box in boxes:
        if box.part == "self_attention" and box.tint == pointers[0]:
            y = box.row + FLOOR + HIGH / 2
            _arrow(axes, (box.right - SIDE, y), (edge, y))
    right = edge + 1 - 2 * SIDE
    _arrow(
        *(axes, (right, level), (right, LSTM + FLOOR + HIGH / 2)),
        connectionstyle="arc3,rad=-0.5",
    )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], **more: Any) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=5,
            color=INK,
            lw=0.7,
            shrinkA=0,
            shrinkB=0,
            **more,
        )
    )
