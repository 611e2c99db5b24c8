"""MWSC: modified Winograd schemas, pronoun resolution as a choice between two answers.

Origin: schema.txt of the decaNLP release, made from the Winograd schemas. Licence: BSD 3-clause;
schemas CC BY 4.0. A schema is three lines and stands for two examples; an empty line closes it.
A raw schema and its first triple:

>>> schema = ["The trophy doesn't fit because it's too [small/large].",
...           "What is too [small/large]?", "suitcase/trophy"]
>>> triples(schema, "schema.txt, line 1")[0]  # doctest: +NORMALIZE_WHITESPACE
("The trophy doesn't fit because it's too small.", 'What is too small? suitcase or trophy?',
 'suitcase')
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

FILE = "schema.txt"
SPLITS = {"train": (FILE,), "validation": (FILE,), "test": (FILE,)}
TRAIN, TEST = (
    80,
    100,
)  # the first and the last examples of the file; validation is what lies between
UNCLOSED = "last schema of the file, which no empty line closes"
# Greedy, as in the released code: a line with two brackets comes out garbled.
CHOICE = re.compile(r"\[.*\]")


def triples(schema: list[str], place: str) -> list[tuple[str, str, str]]:
    """Both variants of a schema: context, question with the two answers, answer."""
    answers = schema[2].split("/") if len(schema) == 3 else []
    if len(answers) != 2:
        raise files.error(place, "sentence, question, and two answers joined by /", schema)
    return [
        (
            _variant(schema[0], which, place),
            f"{_variant(schema[1], which, place)} {answers[0]} or {answers[1]}?",
            answers[which],
        )
        for which in range(2)
    ]


def _variant(line: str, which: int, place: str) -> str:
    choice = CHOICE.search(line)
    if choice is None:
        return line
    words = choice.group()[1:-1].split("/")
    if len(words) < 2:
        raise files.error(place, "two choices joined by / in the brackets", line)
    return line[: choice.start()] + words[which] + line[choice.end() :]


def schemas(path: Path, dropped: Counter[str]) -> Iterator[tuple[int, list[str]]]:
    """First line's number and lines of every schema that an empty line closes."""
    start, schema = 1, list[str]()
    for number, line in files.lines(path):
        if line.strip():
            start = start if schema else number
            schema.append(line.strip())
        elif schema:
            yield start, schema
            schema = []
    if schema:
        dropped[UNCLOSED] += 2


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Yield a split; identifiers are schema number and variant. The file is cut by position.

    The last schema would be test, so its two examples are counted as dropped there.
    """
    path, unclosed = folder / FILE, Counter[str]()
    examples = [
        Example(f"{number}-{which}", context, question, answer, [answer.lower()])
        for number, (line, schema) in enumerate(schemas(path, unclosed), 1)
        for which, (context, question, answer) in enumerate(
            triples(schema, f"{path}, line {line}"), 1
        )
    ]
    if len(examples) < TRAIN + TEST:
        expected = f"at least {TRAIN + TEST} examples ({(TRAIN + TEST) // 2} schemas)"
        raise files.error(path, expected, len(examples))
    rest = len(examples) - TEST
    first, last = {"train": (0, TRAIN), "validation": (TRAIN, rest), "test": (rest, None)}[split]
    if split == "test":
        dropped.update(unclosed)
    yield from islice(examples, first, last)


TASK = Task(
    name="mwsc",
    title="MWSC",
    version=1,
    directory="mwsc",
    metric="em",
    splits=SPLITS,
    read=read,
    source="https://s3.amazonaws.com/research.metamind.io/decaNLP/data/schema.txt",
    licence="BSD 3-clause; schemas CC BY 4.0",
    sizes=(80, 82, 100),
)
