"""SST, binary: is a sentence of a film review negative or positive?

Origin: Stanford Sentiment Treebank (Socher et al. 2013), the two-class sentences as comma-separated
files of openai/generating-reviews-discovering-sentiment, which the released code downloads.
Licence: repository MIT; the treebank states none. A raw row (label, sentence) and its triple:

>>> triple('1,"Warm, funny and smart."', "code", "train_binary_sent.csv, line 2")
('Warm, funny and smart.', 'Is this review negative or positive?', 'positive')
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

LABELS = ("negative", "positive")
QUESTIONS = {
    "code": "Is this review negative or positive?",
    "paper": "Is this sentence positive or negative?",
}
HEADER = "label,sentence"
SPLITS = {
    "train": ("train_binary_sent.csv",),
    "validation": ("dev_binary_sent.csv",),
    "test": ("test_binary_sent.csv",),
}


def triple(row: str, wording: str, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a row. As in the released code a row is one line."""
    try:
        fields = next(csv.reader([row], strict=True), [])
    except csv.Error:  # an open quote, say
        fields = []
    if len(fields) != 2 or fields[0] not in ("0", "1"):
        raise files.error(place, "a label 0 or 1, a comma and a sentence (quoted if needed)", row)
    return fields[1], QUESTIONS[wording], LABELS[int(fields[0])]


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are line numbers. Nothing is dropped."""
    path = folder / SPLITS[split][0]
    for number, line in files.lines(path):
        place = f"{path}, line {number}"
        if number == 1:
            if line != HEADER:
                raise files.error(place, f"the header {HEADER!r}", line)
            continue
        context, question, answer = triple(line, wording, place)
        yield Example(str(number), context, question, answer, [answer])


TASK = Task(
    name="sst",
    title="SST",
    version=1,
    directory="sst",
    metric="em",
    splits=SPLITS,
    read=read,
    wordings=tuple(QUESTIONS),
    source="https://raw.githubusercontent.com/openai/generating-reviews-discovering-sentiment/"
    "master/data/{train,dev,test}_binary_sent.csv",
    licence="MIT (repository); none stated for the treebank",
    sizes=(6920, 872, 1821),
)
