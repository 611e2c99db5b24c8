"""MultiNLI: does the premise entail the hypothesis, contradict it, or neither?

Origin: MultiNLI 1.0 (Williams et al. 2018), JSON lines. Licence: OANC for most, parts CC BY 3.0,
CC BY-SA 3.0 and public domain. Only three of a row's fields are used. A raw row and its triple:

>>> row = {"gold_label": "neutral", "sentence1": "It rained.", "sentence2": "He was late."}
>>> triple(row, "multinli_1.0_train.jsonl, line 1")  # doctest: +NORMALIZE_WHITESPACE
('Premise: "It rained."',
 'Hypothesis: "He was late." -- entailment, neutral, or contradiction?', 'neutral')
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

# Rows whose annotators did not agree carry "-". The released code keeps them, hence the paper's
# 20,000 validation rows; no output can be right on them.
LABELS = ("entailment", "neutral", "contradiction", "-")
# Matched and mismatched are one validation set, in this order. The release has no labelled test.
SPLITS = {
    "train": ("multinli_1.0_train.jsonl",),
    "validation": ("multinli_1.0_dev_matched.jsonl", "multinli_1.0_dev_mismatched.jsonl"),
}


def triple(row: Any, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a row."""
    premise = files.take(row, "sentence1", str, place)
    hypothesis = files.take(row, "sentence2", str, place)
    label = files.take(row, "gold_label", str, place)
    if label not in LABELS:
        raise files.error(f"{place}, 'gold_label'", f"one of {', '.join(LABELS)}", label)
    question = f'Hypothesis: "{hypothesis}" -- entailment, neutral, or contradiction?'
    return f'Premise: "{premise}"', question, label


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are file and line, "dev_matched:1". Nothing is dropped."""
    for name in SPLITS[split]:
        part = name.removeprefix("multinli_1.0_").removesuffix(".jsonl")
        number = 0
        for number, row in files.json_lines(folder / name):
            context, question, answer = triple(row, f"{folder / name}, line {number}")
            yield Example(f"{part}:{number}", context, question, answer, [answer])
        if not number:  # half of the validation set would be missing
            raise files.error(folder / name, "a row of JSON in each line", "none")


TASK = Task(
    name="multinli",
    title="MultiNLI",
    version=1,
    directory="multinli_1.0",
    metric="em",
    splits=SPLITS,
    read=read,
    source="https://cims.nyu.edu/~sbowman/multinli/multinli_1.0.zip",
    licence="OANC; parts CC BY 3.0, CC BY-SA 3.0, public domain",
    sizes=(392702, 20000, 20000),
)
