"""NER: sentences of the embedded news with a tag for every token.

Columns as of CoNLL-2003 files: a token, its tag (B-, I-, O) last, an empty line after each
sentence; train.txt, valid.txt, test.txt. Tags are those of OntoNotes. The entities are those of the
embedded news stories, so that names are shared with the ten tasks; a sentence is a key fact, a
headline, a detail, a quote or a piece of scenery, often with a frame around it.
"""

import random
import re
from pathlib import Path

from mqan.mini.facts import LEADS, TRAILERS, capital
from mqan.mini.lexicon import World
from mqan.mini.news import EVENTS, FILLERS, OPENINGS, QUOTES
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

FRAMED = 0.35  # share of sentences with a name in front or behind; with one slot all but quotes
HEADLINE = 0.15  # share of sentences in the style of a headline
LONGEST = 5  # entities; more would make answers longer than a study's limit

FILES = {"train": "train.txt", "validation": "valid.txt", "test": "test.txt"}
TAGS = {
    "person": "PERSON",
    "city": "GPE",
    "country": "GPE",
    "company": "ORG",
    "team": "ORG",
    "building": "FAC",
    "film": "WORK_OF_ART",
    "day": "DATE",
    "month": "DATE",
    "year": "DATE",
}
# What stands behind a number and belongs to it, and the tag of both.
UNITS = {
    "million dollars": "MONEY",
    "thousand dollars": "MONEY",
    "percent": "PERCENT",
    "miles": "QUANTITY",
    "minutes": "TIME",
    "hours": "TIME",
    "days": "DATE",
    "years": "DATE",
    "thousand": "CARDINAL",
}
NUMBER = "CARDINAL"
SLOT = re.compile(r"\{(\w+?)(\d*)\}")
NUMBERS = re.compile(rf"\{{(?:low|high)\}}(?: (?P<unit>{'|'.join(UNITS)})\b)?")
TOKEN = re.compile(r"\w+(?:'\w+)*|[^\w\s]")
Marked = list[tuple[str, str]]  # token and tag


def _forms() -> tuple[list[str], list[str]]:
    """Sentences and headlines of the news, with their slots."""
    sentences, headlines = [*OPENINGS, *QUOTES, *FILLERS], list[str]()
    for event in EVENTS:
        for said, headline in (*event.first, *event.second):
            sentences.append(said)
            headlines.append(headline)
        sentences += event.details
        sentences.append(event.past)
    return sentences, headlines


SENTENCES, HEADLINES = _forms()


def _form(rng: random.Random) -> str:
    """A sentence with slots; one with more of them than fit is drawn anew."""
    while True:
        if rng.random() < HEADLINE:
            return rng.choice(HEADLINES)
        form = rng.choice(SENTENCES)
        alone = len(SLOT.findall(form)) == 1  # too few different sentences without a frame
        if (alone or rng.random() < FRAMED) and not form.startswith('"'):
            if rng.random() < 0.5:
                form = rng.choice(LEADS).replace("{said}", form)
            else:
                form = rng.choice(TRAILERS).replace("{said}", form)
        if len(SLOT.findall(form)) <= LONGEST:
            return f"{form}."


def _filled(form: str, world: World, rng: random.Random, training: bool) -> Marked:
    """The form with names and numbers, token by token; equal slots of a frame differ."""
    marked: Marked = []
    end = 0
    for slot in SLOT.finditer(form):
        marked += _tokens(form[end : slot.start()], "")
        end, kind = slot.end(), slot[1]
        if kind in ("low", "high"):
            found = NUMBERS.match(form, slot.start())
            assert found is not None
            unit, end = found["unit"] or "", found.end()
            marked += _tokens(f"{rng.randint(2, 98)} {unit}", UNITS.get(unit, NUMBER))
        else:
            name = world.name(kind, rng, training) if kind != "year" else _year(rng)
            marked += _tokens(name, TAGS.get(kind, ""))
    return marked + _tokens(form[end:], "")


def _year(rng: random.Random) -> str:
    return str(rng.randint(1980, 2012))


def _tokens(text: str, tag: str) -> Marked:
    """Tokens of a stretch of text, an entity of kind `tag` or none."""
    words = TOKEN.findall(text)
    return [
        (word, f"{'I' if index else 'B'}-{tag}" if tag else "O") for index, word in enumerate(words)
    ]


def sentence(world: World, rng: random.Random, training: bool) -> Marked:
    """A sentence, token by token, with tags."""
    (first, tag), *rest = _filled(_form(rng), world, rng, training)
    return [(capital(first), tag), *rest]


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three column files."""
    for split, count in counts.splits():
        rng = stream(seed, "ner", split)
        with text_file(root / FILES[split]) as put:
            for _ in range(count):
                marked = sentence(world, rng, split == "train")
                put("".join(f"{token} {tag}\n" for token, tag in marked) + "\n")
