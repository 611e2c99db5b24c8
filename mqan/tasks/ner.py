"""NER: name every entity of a sentence and say what it is.

Origin: column files as of CoNLL-2003, or exported so from OntoNotes 5.0, which the paper uses: a
token a line, its tag last (B-PER, I-PER, O; the older form without B- is understood), an empty line
between sentences. Question, answer, names of the tags and spacing are those of the released code's
`ontonotes.ner.all`. Not one of the ten: the paper trains on it from the decathlon's weights.
Licence: OntoNotes LDC2013T19; CoNLL-2003 for research, text Reuters. A sentence and its triple:

>>> triple(["Ann", "of", "Acme", "Inc", "."], ["B-PER", "O", "B-ORG", "I-ORG", "O"], "line 1")
... # doctest: +NORMALIZE_WHITESPACE
('Ann of Acme Inc.', 'What are the tags for all entities?',
 'Ann -- person; Acme Inc -- organization')
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

QUESTION = "What are the tags for all entities?"
NONE = "None"
SPLITS = {"train": ("train.txt",), "validation": ("valid.txt",), "test": ("test.txt",)}
DOCUMENT = "-DOCSTART-"
# Words for the tags of OntoNotes as in the released code; PER and MISC are CoNLL-2003's.
WORDS = {
    "PERSON": "person",
    "PER": "person",
    "NORP": "political",
    "FAC": "facility",
    "ORG": "organization",
    "GPE": "geopolitical",
    "LOC": "location",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "artwork",
    "LAW": "legal",
    "LANGUAGE": "language",
    "DATE": "date",
    "TIME": "time",
    "PERCENT": "percentage",
    "MONEY": "monetary",
    "QUANTITY": "quantitative",
    "ORDINAL": "ordinal",
    "CARDINAL": "cardinal",
    "MISC": "miscellaneous",
}
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LAB-": "<", "-RAB-": ">", "-AMP-": "&"}
_CODES = _BRACKETS | {"/.": ".", "/?": "?"}
_QUOTES = ("``", "''", '"')
_CLOSING = (".", ",", ";", "!", "?", ":", ")", "'", "%")  # these begin tokens without a blank
_OPENING = ("(", "$")


def triple(tokens: Sequence[str], tags: Sequence[str], place: str) -> tuple[str, str, str]:
    """Context, question and answer of a sentence; an entity has the context's spelling."""
    starts, context = _joined(tokens)
    named = [
        f"{context[starts[first] : starts[end]].strip()} -- {word}"
        for first, end, word in _entities(tags, place)
    ]
    return context, QUESTION, "; ".join(named) or NONE


def _joined(tokens: Sequence[str]) -> tuple[list[int], str]:
    """Where each token begins, with the blank before it, and the text, as the released code spaces.

    The list has one more entry, the length of the text.
    """
    text, starts, opened, glued = "", list[int](), False, True
    for index, token in enumerate(tokens):
        token = _CODES.get(token, token)
        quote, glue, inside = token in _QUOTES, glued, 0 < index < len(tokens) - 1
        glued = token.endswith(_OPENING) or (token == "-" and inside)
        if quote:
            token, opened = '"', not opened
            glue, glued = glue or not opened, opened
        elif token.startswith(_CLOSING) or (token in ("n't", "-") and inside):
            glue = True
        starts.append(len(text))
        text += token if glue else f" {token}"
    return [*starts, len(text)], text


def _entities(tags: Sequence[str], place: str) -> list[tuple[int, int, str]]:
    """First token, token after the last, and word of each entity."""
    found: list[tuple[int, int, str]] = []
    before = "O"
    for index, tag in enumerate(tags):
        mark, _, kind = tag.partition("-")
        if tag != "O" and (mark not in ("B", "I") or kind not in WORDS):
            expected = f"O, or B- or I- and one of {', '.join(WORDS)}, as the last column"
            raise files.error(f"{place}, token {index + 1}", expected, tag)
        if mark == "I" and before.partition("-")[2] == kind:
            found[-1] = (found[-1][0], index + 1, WORDS[kind])
        elif tag != "O":
            found.append((index, index + 1, WORDS[kind]))
        before = tag
    return found


def sentences(path: Path) -> Iterator[tuple[int, list[str], list[str]]]:
    """First line's number, tokens and tags of every sentence; marks of documents are left out.

    Raises:
        DataError: a line has no token and tag.
    """
    start, tokens, tags = 0, list[str](), list[str]()
    for number, line in files.lines(path):
        columns = line.split()
        if not columns or columns[0] == DOCUMENT:
            if tokens:
                yield start, tokens, tags
            tokens, tags = [], []
            continue
        if len(columns) < 2:
            raise files.error(f"{path}, line {number}", "columns: a token first, a tag last", line)
        start = start if tokens else number
        tokens.append(columns[0])
        tags.append(columns[-1])
    if tokens:
        yield start, tokens, tags


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers count the sentences from 1. Nothing is dropped."""
    path = folder / SPLITS[split][0]
    for number, (line, tokens, tags) in enumerate(sentences(path), 1):
        place = f"{path}, sentence at line {line}"
        context, question, answer = triple(tokens, tags, place)
        # the released scorer reads gold answers back from tokens, which are lower-cased
        yield Example(str(number), context, question, answer, [answer.lower()])


TASK = Task(
    name="ner",
    title="NER",
    version=1,
    directory="ner",
    metric="em",  # all entities or nothing, as the paper's figure of transfer; nEM is beside it
    splits=SPLITS,
    read=read,
    source="https://catalog.ldc.upenn.edu/LDC2013T19 (OntoNotes 5.0), exported to columns, or "
    "https://www.clips.uantwerpen.be/conll2003/ner/ (CoNLL-2003)",
    licence="LDC2013T19; CoNLL-2003: research, text Reuters",
    sizes=(0, 0, 0),  # which sentences the paper kept is not known
)
