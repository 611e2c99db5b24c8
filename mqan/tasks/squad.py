"""SQuAD 1.1: the span of a paragraph that answers a question.

Origin: SQuAD 1.1 (Rajpurkar et al. 2016), one JSON object a file. Licence: CC BY-SA 4.0. Its test
set is not public. A raw question of a paragraph and its triple (the first of the gold answers):

>>> row = {"id": "5a", "question": "Who  won?", "answers": [{"text": "Denver", "answer_start": 0}]}
>>> triple("Denver won\\nthe title.", row, "dev-v1.1.json, question 5a")
('Denver won the title.', 'Who won?', 'Denver')
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

SPLITS = {"train": ("train-v1.1.json",), "validation": ("dev-v1.1.json",)}
NO_ANSWER = "unanswerable"


def answers_of(row: Any, place: str) -> list[str]:
    """The gold answers as they stand; `unanswerable` alone where a question has none."""
    answers = files.take(row, "answers", list, place)
    return [files.take(answer, "text", str, place) for answer in answers] or [NO_ANSWER]


def triple(context: str, row: Any, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a question.

    The released code removes tokens made of white space; joining on single blanks does the same.
    """
    answer = answers_of(row, place)[0]
    question = files.take(row, "question", str, place)
    return _joined(context), _joined(question), _joined(answer)


def _joined(text: str) -> str:
    return " ".join(text.split())


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split in file order; identifiers are the release's. Nothing is dropped."""
    path = folder / SPLITS[split][0]
    content = files.parse_json(files.text(path), str(path))
    for index, article in enumerate(files.take(content, "data", list, str(path)), 1):
        title = files.take(article, "title", str, f"{path}, article {index}")
        paragraphs = files.take(article, "paragraphs", list, f"{path}, article {title!r}")
        for number, paragraph in enumerate(paragraphs, 1):
            place = f"{path}, article {title!r}, paragraph {number}"
            text = files.take(paragraph, "context", str, place)
            for row in files.take(paragraph, "qas", list, place):
                identifier = files.take(row, "id", str, place)
                where = f"{place}, question {identifier}"
                context, question, answer = triple(text, row, where)
                yield Example(identifier, context, question, answer, answers_of(row, where))


TASK = Task(
    name="squad",
    title="SQuAD",
    version=1,
    directory="squad",
    metric="nf1",
    splits=SPLITS,
    read=read,
    source="https://rajpurkar.github.io/SQuAD-explorer/dataset/{train,dev}-v1.1.json",
    licence="CC BY-SA 4.0",
    sizes=(87599, 10570, 9616),
)
