"""Reviews as Zhang et al. (2015) released them: how `amazon` and `yelp` are read.

Comma-separated files without a header: class 1 (negative) or 2 (positive), then texts, all quoted
with inner quotes doubled; a line break within a text is written as backslash and n, so that a row
is one line. The question is SST's. There are train.csv and test.csv and no official validation
file: the test file stands in, for nothing is chosen on it (these corpora are never learnt from when
the paper asks about them, section 4.4).
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files, sst
from mqan.tasks.task import Reader

SPLITS = {"train": ("train.csv",), "validation": ("test.csv",), "test": ("test.csv",)}
LABELS = {"1": "negative", "2": "positive"}


def triple(row: str, texts: int, wording: str, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a row with so many texts; they are joined by blanks."""
    try:
        label, *told = next(csv.reader([row], strict=True), []) or [""]
    except csv.Error:  # an open quote, say
        label, told = "", []
    context = " ".join(" ".join(map(_unescaped, told)).split())
    if label not in LABELS or len(told) != texts or not context:
        expected = f"a label 1 or 2 and {texts} quoted {'texts' if texts > 1 else 'text'}"
        raise files.error(place, f"{expected}, separated by commas", row)
    return context, sst.QUESTIONS[wording], LABELS[label]


def _unescaped(text: str) -> str:
    return text.replace("\\n", " ").replace('\\"', '"')


def reader(texts: int) -> Reader:
    """A reader of files with so many texts a row; identifiers are line numbers."""

    def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
        path = folder / SPLITS[split][0]
        for number, line in files.lines(path):
            place = f"{path}, line {number}"
            context, question, answer = triple(line, texts, wording, place)
            yield Example(str(number), context, question, answer, [answer])

    return read
