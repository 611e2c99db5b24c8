"""QA-SRL: semantic roles as questions about a verb; the answer is a span of the sentence.

Origin: QA-SRL (He et al. 2015), the Wikipedia part wiki1.{train,dev,test}.qa. Licence: none stated;
sentences from Wikipedia (CC BY-SA). A block is a line `id<TAB>number of verbs`, the tokenised
sentence, then for each verb a line `token index<TAB>verb<TAB>number of questions` and as many lines
of eight question slots (`_` is empty) and the answers joined by ###; an empty line ends it. A raw
question line and its triple (the first answer):

>>> row = "who\\thas\\tsomething\\tbeen proposed\\t_\\tby\\t_\\t?\\tThe king ### her"
>>> where = Sentence("WIKI1_4", clean("The plan was proposed by the king , not by her ."))
>>> triple(row, where, "wiki1.dev.qa, line 4")  # doctest: +NORMALIZE_WHITESPACE
('The plan was proposed by the king, not by her.', 'who has something been proposed by?',
 'the king')
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

SPLITS = {
    "train": ("wiki1.train.qa",),
    "validation": ("wiki1.dev.qa",),
    "test": ("wiki1.test.qa",),
}
BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LAB-": "<", "-RAB-": ">", "-AMP-": "&", "%pw": " "}
# The released code keeps these in a set, whose order changes from run to run; for the official
# files every order gives the same text.
CLOSING = (".", ",", ";", "!", "?", ":", ")", "'ll", "%", "'t", "'s", "'m", "'d", "'re")
OPENING = ("(", "$")
QUOTES = ("``", "`", "''", "“", "”", " '")
# Gold answers that are no span of their sentence in any casing, and what the released code puts
# in their place. (sentence, cleaned answer) -> answer.
CORRECTIONS = {
    (
        "WIKI1_937",
        "Darcy Burner and other 2008 Democratic congressional candidates in cooperation with some "
        "retired national security officials",
    ): "Darcy Burner and other 2008 Democratic congressional candidates, in cooperation with some "
    "retired national security officials",
    ("WIKI1_1090", "the US army"): "the US Army",
    (
        "WIKI1_1972",
        "Rather than name the cause of his disease to his father",
    ): "rather die than name the cause of his disease to his father",
    (
        "WIKI1_1432",
        "plan to work with E Street Band again in the future",
    ): "plan to work with the E Street Band again in the future",
    ("WIKI1_1416", "an electric sender"): "an electronic sender",
}


class Sentence(NamedTuple):
    """A sentence's identifier and its cleaned text."""

    id: str
    text: str


def clean(text: str) -> str:
    """Undo the treebank's tokenisation: brackets and blanks as written; no quotation marks."""
    text = " ".join(text.split())
    for mark, written in BRACKETS.items():
        text = text.replace(mark, written)
    text = text.replace(" n't ", "n't ")
    for mark in CLOSING:
        text = text.replace(f" {mark}", mark)
    for mark in OPENING:
        text = text.replace(f"{mark} ", mark)
    text = text.replace(" - ", "-")
    for mark in QUOTES:
        text = text.replace(mark, "")
    return " ".join(text.split())


def as_span(answer: str, sentence: Sentence, place: str) -> str:
    """The answer in the casing in which the sentence has it, or its correction."""
    capital = answer[:1].upper() + answer[1:]
    corrected = CORRECTIONS.get((sentence.id, answer), answer)
    for form in (answer, answer[:1].lower() + answer[1:], capital, corrected, answer.lower()):
        if form and form in sentence.text:
            return form
    raise files.error(place, f"an answer that is a span of {sentence.text!r}", answer)


def answers_of(row: str, sentence: Sentence, place: str) -> list[str]:
    """All gold answers of a question line as spans."""
    written = row.split("?", 1)[1].split("###")
    return [as_span(clean(answer), sentence, place) for answer in written]


def triple(row: str, sentence: Sentence, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a question line."""
    row = " ".join(row.split())
    if row.count("?") != 1:
        raise files.error(place, "question slots, one question mark, answers joined by ###", row)
    question = clean(row.split("?")[0].replace(" _", "") + "?")
    return sentence.text, question, answers_of(row, sentence, place)[0]


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are sentence, verb's place in the file's block, question."""
    path = folder / SPLITS[split][0]
    rows = files.lines(path)
    for number, header in rows:
        if not header.strip():
            continue
        identifier, verbs = _counted(header, 2, f"{path}, line {number}", "id, number of verbs")
        sentence = Sentence(identifier, clean(_next(rows, path, number, "a sentence")[1]))
        for verb in range(1, verbs + 1):
            number, row = _next(rows, path, number, f"verb {verb} of {verbs}")
            _, questions = _counted(row, 3, f"{path}, line {number}", "index, verb, questions")
            for asked in range(1, questions + 1):
                number, row = _next(rows, path, number, f"question {asked} of {questions}")
                place = f"{path}, line {number} ({identifier})"
                context, question, answer = triple(row, sentence, place)
                references = answers_of(row, sentence, place)
                yield Example(f"{identifier}:{verb}:{asked}", context, question, answer, references)


def _next(
    rows: Iterator[tuple[int, str]], path: Path, before: int, expected: str
) -> tuple[int, str]:
    number, row = next(rows, (before, ""))
    if not row.strip():
        raise files.error(f"{path}, line {number}", expected, "no more of the block")
    return number, row


def _counted(row: str, width: int, place: str, expected: str) -> tuple[str, int]:
    fields = row.split("\t")
    if len(fields) != width or not fields[-1].strip().isdecimal():
        raise files.error(place, f"{expected}, separated by tabs", row)
    return fields[0], int(fields[-1])


TASK = Task(
    name="qa_srl",
    title="QA-SRL",
    version=1,
    directory="qasrl_wiki1",
    metric="nf1",
    splits=SPLITS,
    read=read,
    source="https://dada.cs.washington.edu/qasrl/data/wiki1.{train,dev,test}.qa",
    licence="none stated; sentences CC BY-SA",
    sizes=(6414, 2183, 2201),
)
