"""IWSLT 2016, English to German: translate a line of a TED talk.

Origin: WIT3, IWSLT 2016 en-de (Cettolo et al.): train.tags.en-de.{en,de} with lines of metadata,
tst2013 and tst2014 as XML. Read as they are, or as the plain text (one segment a line) that
torchtext makes of them; `iwslt_cs` reads English-Czech the same way. Licence: CC BY-NC-ND. A raw
pair and its triple:

>>> triple("Thank you.\\n", "Vielen Dank.\\n", QUESTIONS["code"])
('Thank you.', 'Translate from English to German', 'Vielen Dank.')
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Reader, Task

QUESTIONS = {
    "code": "Translate from English to German",
    "paper": "What is the translation from English to German?",
}
TAGS = re.compile("<(url|keywords|talkid|description|reviewer|translator|title|speaker)")
EMPTY = "empty on one side"
Forms = Mapping[str, tuple[str, ...]]


def forms(pair: str, test: str = "tst2014") -> Forms:
    """File names of each split for a pair of languages ("en-de"), with {} for the language.

    Plain text first: where both are there the released code reads it too.
    """
    return {
        "train": (f"train.{pair}.{{}}", f"train.tags.{pair}.{{}}"),
        **{
            split: (f"IWSLT16.TED.{name}.{pair}.{{}}", f"IWSLT16.TED.{name}.{pair}.{{}}.xml")
            for split, name in (("validation", "tst2013"), ("test", test))
        },
    }


def splits(pair: str, test: str = "tst2014") -> dict[str, tuple[str, ...]]:
    """The files of `forms`, in both languages."""
    return {
        split: tuple(form.format(language) for form in names for language in pair.split("-"))
        for split, names in forms(pair, test).items()
    }


def triple(source: str, target: str, question: str) -> tuple[str, str, str]:
    """Context, question and answer of a pair of segments."""
    return source.strip(), question, target.strip()


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


def reader(pair: str, questions: Mapping[str, str], test: str = "tst2014") -> Reader:
    """A reader of parallel files; examples are called by the number of their pair, from 1."""

    def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
        source, target = _sides(folder, pair.split("-"), forms(pair, test)[split])
        for number, (asked, told) in enumerate(zip_longest(segments(source), segments(target)), 1):
            if asked is None or told is None:
                shorter, longer = (source, target) if asked is None else (target, source)
                expected = f"as many segments as in {longer}"
                raise files.error(shorter, expected, f"no more than {number - 1}")
            context, question, answer = triple(asked[1], told[1], questions[wording])
            if context and answer:
                # the released scorer reads gold answers back from tokens, which are lower-cased
                yield Example(str(number), context, question, answer, [answer.lower()])
            else:
                dropped[EMPTY] += 1

    return read


def _sides(folder: Path, languages: Sequence[str], names: Sequence[str]) -> list[Path]:
    """The files of both languages in the first form that is there."""
    found = [form for form in names if (folder / form.format(languages[0])).exists()]
    form = (found or names)[0]
    return [folder / form.format(language) for language in languages]


TASK = Task(
    name="iwslt",
    title="IWSLT en-de",
    version=1,
    directory="iwslt16",
    metric="bleu",
    splits=splits("en-de"),
    read=reader("en-de", QUESTIONS),
    wordings=tuple(QUESTIONS),
    source="https://wit3.fbk.eu/archive/2016-01/texts/en/de/en-de.tgz",
    licence="CC BY-NC-ND",
    sizes=(196884, 993, 1305),
)
