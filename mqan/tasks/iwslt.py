"""IWSLT 2016, English to German: translate a line of a TED talk.

Origin: WIT3, IWSLT 2016 en-de (Cettolo et al.): train.tags.en-de.{en,de} with lines of metadata,
tst2013 and tst2014 as XML. Read as they are, or as the plain text (one segment a line) that
torchtext makes of them. Licence: CC BY-NC-ND. A raw pair and its triple:

>>> triple("Thank you.\\n", "Vielen Dank.\\n", "code")
('Thank you.', 'Translate from English to German', 'Vielen Dank.')
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

QUESTIONS = {
    "code": "Translate from English to German",
    "paper": "What is the translation from English to German?",
}
LANGUAGES = ("en", "de")
TAGS = re.compile("<(url|keywords|talkid|description|reviewer|translator|title|speaker)")
EMPTY = "empty on one side"
# Plain text first: where both are there the released code reads it too.
FORMS = {
    "train": ("train.en-de.{}", "train.tags.en-de.{}"),
    "validation": ("IWSLT16.TED.tst2013.en-de.{}", "IWSLT16.TED.tst2013.en-de.{}.xml"),
    "test": ("IWSLT16.TED.tst2014.en-de.{}", "IWSLT16.TED.tst2014.en-de.{}.xml"),
}
SPLITS = {
    split: tuple(form.format(language) for form in forms for language in LANGUAGES)
    for split, forms in FORMS.items()
}


def triple(english: str, german: str, wording: str) -> tuple[str, str, str]:
    """Context, question and answer of a pair of segments."""
    return english.strip(), QUESTIONS[wording], german.strip()


def segments(path: Path) -> Iterator[tuple[str, str]]:
    """Place and text of every segment of a file in any of the three forms."""
    if path.suffix == ".xml":
        yield from _xml_segments(path)
        return
    tagged = path.name.startswith("train.tags.")
    for number, line in files.lines(path):
        if not (tagged and TAGS.search(line)):
            yield f"{path}, line {number}", line


def _xml_segments(path: Path) -> Iterator[tuple[str, str]]:
    try:
        root = ElementTree.fromstring(files.text(path))
    except ElementTree.ParseError as problem:
        place = f"{path}, line {problem.position[0]}"
        raise files.error(place, "well-formed XML", str(problem)) from problem
    for document in root.iterfind("./*/doc"):
        for segment in document.iterfind("seg"):
            place = f"{path}, talk {document.get('docid')}, segment {segment.get('id')}"
            yield place, segment.text or ""


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers count the pairs of the files from 1."""
    forms = [form for form in FORMS[split] if (folder / form.format("en")).exists()]
    form = (forms or FORMS[split])[0]
    english, german = (folder / form.format(language) for language in LANGUAGES)
    sides = zip_longest(segments(english), segments(german))
    for number, (source, target) in enumerate(sides, 1):
        if source is None or target is None:
            shorter, longer = (english, german) if source is None else (german, english)
            expected = f"as many segments as in {longer}"
            raise files.error(shorter, expected, f"no more than {number - 1}")
        context, question, answer = triple(source[1], target[1], wording)
        if context and answer:
            # the released scorer reads gold answers back from tokens, which are lower-cased
            yield Example(str(number), context, question, answer, [answer.lower()])
        else:
            dropped[EMPTY] += 1


TASK = Task(
    name="iwslt",
    title="IWSLT en-de",
    version=1,
    directory="iwslt16",
    metric="bleu",
    splits=SPLITS,
    read=read,
    wordings=tuple(QUESTIONS),
    source="https://wit3.fbk.eu/archive/2016-01/texts/en/de/en-de.tgz",
    licence="CC BY-NC-ND",
    sizes=(196884, 993, 1305),
)
