"""QA-ZRE: zero-shot relation extraction as question answering; some questions have no answer.

Origin: Levy et al. 2017, relation_splits.tar.bz2, fold 0: the relations of train, dev and test are
disjoint. Licence: none stated; sentences from Wikipedia (CC BY-SA). A raw row (tab-separated:
relation, question, subject, sentence, any number of answers) and its triple:

>>> row = "brother\\tWho is XXX's brother?\\tJude\\tJude met Chris and Tom.\\tChris\\tTom"
>>> triple(row, "dev.0, line 1")
('Jude met Chris and Tom.', "Who is Jude's brother?", 'Chris, Tom')
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

NO_ANSWER = "unanswerable"
SPLITS = {
    "train": ("relation_splits/train.0",),
    "validation": ("relation_splits/dev.0",),
    "test": ("relation_splits/test.0",),
}


def triple(row: str, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a row; several answers are joined by a comma."""
    fields = row.split("\t")
    if len(fields) < 4:
        expected = "relation, question, subject, sentence and any answers, separated by tabs"
        raise files.error(place, expected, row)
    _, question, subject, context = fields[:4]
    return context, question.replace("XXX", subject), ", ".join(fields[4:]) or NO_ANSWER


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are line numbers. Nothing is dropped."""
    path = folder / SPLITS[split][0]
    for number, line in files.lines(path):
        context, question, answer = triple(line, f"{path}, line {number}")
        # the released scorer reads gold answers back from tokens, which are lower-cased
        yield Example(str(number), context, question, answer, [answer.lower()])


TASK = Task(
    name="qa_zre",
    title="QA-ZRE",
    version=1,
    directory="qa_zre",
    metric="cf1",
    splits=SPLITS,
    read=read,
    source="http://nlp.cs.washington.edu/zeroshot/relation_splits.tar.bz2",
    licence="none stated; sentences CC BY-SA",
    sizes=(840000, 600, 12000),
)
