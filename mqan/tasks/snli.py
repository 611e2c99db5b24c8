"""SNLI: MultiNLI's question about captions of photographs.

Origin: SNLI 1.0 (Bowman et al. 2015), JSON lines, of which the three fields that MultiNLI's rows
have too are used. Not one of the ten: the paper asks it of models that learnt MultiNLI. Licence:
CC BY-SA 4.0. A raw row and its triple:

>>> row = {"gold_label": "entailment", "sentence1": "A dog runs.", "sentence2": "It moves."}
>>> multinli.triple(row, "snli_1.0_dev.jsonl, line 1")  # doctest: +NORMALIZE_WHITESPACE
('Premise: "A dog runs."',
 'Hypothesis: "It moves." -- entailment, neutral, or contradiction?', 'entailment')
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files, multinli
from mqan.tasks.task import Task

SPLITS = {
    "train": ("snli_1.0_train.jsonl",),
    "validation": ("snli_1.0_dev.jsonl",),
    "test": ("snli_1.0_test.jsonl",),
}


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are line numbers. Nothing is dropped.

    As in the released code rows without agreement, labelled "-", are kept: no output is right.
    """
    path = folder / SPLITS[split][0]
    for number, row in files.json_lines(path):
        context, question, answer = multinli.triple(row, f"{path}, line {number}")
        yield Example(str(number), context, question, answer, [answer])


TASK = Task(
    name="snli",
    title="SNLI",
    version=1,
    directory="snli",
    metric="em",
    splits=SPLITS,
    read=read,
    source="https://nlp.stanford.edu/projects/snli/snli_1.0.zip",
    licence="CC BY-SA 4.0",
    sizes=(550152, 10000, 10000),
)
