"""Widths of texts, measured in the font's own outlines, and lines broken by them.

No canvas is needed. Hinting makes a drawn text a little wider than its outlines; `SLACK` is room
for that.
"""

from bisect import bisect_right
from functools import lru_cache
from typing import Literal

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

Slant = Literal["normal", "italic"]
SLACK = 1.04
POINTS = 72  # an inch


@lru_cache(maxsize=20_000)
def width_of(text: str, size: float, weight: str = "normal", slant: Slant = "normal") -> float:
    """Width of one line in inches; size in points."""
    font = FontProperties(size=size, weight=weight, style=slant)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return SLACK * width / POINTS


def pieces(word: str, inches: float, size: float) -> list[str]:
    """A word, cut into parts that fit the width (an address, a word of a scrambled text)."""
    found: list[str] = []
    while word:
        fits = bisect_right(range(1, len(word)), inches, key=lambda n: width_of(word[:n], size))
        cut = len(word) if width_of(word, size) <= inches else max(1, fits)
        found.append(word[:cut])
        word = word[cut:]
    return found


def wrap(text: str, inches: float, size: float) -> str:
    """Break a text into lines that fit the width; a line break in it stays."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in (p for whole in paragraph.split() for p in pieces(whole, inches, size)):
            longer = f"{line} {word}".strip()
            if line and width_of(longer, size) > inches:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return "\n".join(lines)


def shortened(text: str, inches: float, size: float) -> str:
    """The text, cut at its end to one line of the width."""
    if width_of(text, size) <= inches:
        return text
    while text and width_of(f"{text}…", size) > inches:
        text = text[:-1]
    return f"{text.rstrip()}…"
