# ruff: noqa: SIM905  (word tables are read and edited as text)
"""Amazon and Yelp: reviews of several sentences about products and restaurants.

Official format (Zhang et al. 2015): train.csv and test.csv without a header, all fields quoted,
inner quotes doubled, a line break written as backslash and n: "1" or "2" (positive), the title
(Amazon only), the text.

Words of praise and blame are those of the embedded SST, so a model of SST can know them; nouns and
frames are others, and a review is longer than anything there: sentences that judge, some that only
tell, and, in a share of reviews, one that says the opposite of the rest.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mqan.mini.facts import capital
from mqan.mini.lexicon import CLOSED, World
from mqan.mini.sizes import Counts
from mqan.mini.sst import (
    ADJECTIVES,
    BASES,
    DEGREES,
    FLIPS,
    NOUNS,
    RARE,
    RARE_ADJECTIVES,
    VERBS,
)
from mqan.mini.writing import stream, text_file

JUDGING = (2, 4)  # sentences that judge, fewest and most
TELLING = (1, 3)  # sentences that only tell
OPPOSED = 0.45  # share of reviews with a sentence of the opposite polarity
FLIPPED = 0.2  # share of judging sentences whose word of praise or blame is negated
VERDICT = 0.25  # share of reviews with a sentence in words of the shop: would buy it again
PARTS = "handle lid box colour size weight finish price design surface shape packaging".split()
ROOMS = "kitchen garage office garden hall library".split()
RELATIVES = "daughter son wife husband mother neighbour".split()
MEALS = "starter dessert menu wine coffee breakfast lunch dinner sauce portion".split()
STAFF = "waiter service owner cook barman table music view terrace".split()


@dataclass(frozen=True, slots=True)
class Kind:
    """What a shop's reviews speak of: {thing} is it, {part} a part of it, named in `telling`."""

    parts: tuple[str, ...]
    telling: tuple[str, ...]
    verdicts: Mapping[bool, tuple[str, ...]]


PRODUCTS = Kind(
    (*PARTS, "{thing}"),
    (
        "I bought this {thing} for my {relative} in {month}",
        "the {thing} arrived on {day}",
        "it came in a {colour} box with a {part}",
        "it is the second {thing} that I ordered from {company}",
        "my neighbour {person} has the same {thing} in {colour}",
        "we use it in the {room} nearly every {day}",
        "it was made in {country}",
    ),
    {
        True: ("I would buy the {thing} again", "I ordered another one for {person}"),
        False: ("I would never buy the {thing} again", "I sent it back to {company}"),
    },
)
PLACES = Kind(
    (*MEALS, *STAFF, "{thing}"),
    (
        "we came here on a {day} with {person}",
        "I had the {dish} and my wife had the {dish2}",
        "the restaurant is five minutes from the {building}",
        "it is the only {cuisine} kitchen in {city}",
        "they are open until ten on a {day}",
        "{person} had told us about it in {month}",
        "the waiter brought the {dish} first and then the {dish2}",
    ),
    {
        True: ("we will come back in {month}", "I tell all my friends to go there"),
        False: ("we will not come back", "I tell all my friends to go elsewhere"),
    },
)


def _adjective(positive: bool, rng: random.Random) -> str:
    return rng.choice((RARE_ADJECTIVES if rng.random() < RARE else ADJECTIVES)[positive])


def _degree(rng: random.Random) -> str:
    word = rng.choice(DEGREES)
    return f"{word} " if word else ""


def _judging(kind: Kind, positive: bool, rng: random.Random) -> str:
    """A sentence of the given polarity, with slots still open."""
    part = rng.choice(kind.parts)
    flipped = rng.random() < FLIPPED
    word = positive != flipped
    shape = rng.randrange(4)
    if shape == 0:
        if flipped:
            return f"you cannot say that the {part} {rng.choice(VERBS[word])}"
        return f"I must say that the {part} {rng.choice(VERBS[word])}"
    if shape == 1:
        if flipped:
            return f"there is no {rng.choice(NOUNS[word])} about the {part}"
        return f"there is a lot of {rng.choice(NOUNS[word])} about the {part}"
    if shape == 2 and not flipped:
        return f"the {part} always seems to {rng.choice(BASES[word])}"
    said = _adjective(word, rng)
    said = rng.choice(FLIPS).format(said) if flipped else f"{_degree(rng)}{said}"
    return rng.choice((f"the {part} was {said}", f"I found the {part} {said}"))


def _slots(thing: str, world: World, rng: random.Random, training: bool) -> dict[str, str]:
    kinds = ("person", "city", "company", "building", "country", "month", "day", "colour")
    names = {kind: world.name(kind, rng, training) for kind in (*kinds, "cuisine")}
    dish, dish2 = rng.sample(CLOSED["dish"], 2)
    names |= {"thing": thing, "dish": dish, "dish2": dish2, "part": rng.choice(PARTS)}
    return names | {"room": rng.choice(ROOMS), "relative": rng.choice(RELATIVES)}


def text(
    kind: Kind, thing: str, world: World, positive: bool, rng: random.Random, training: bool
) -> list[str]:
    """The sentences of a review of `thing`; at most one, and not most, says the opposite."""
    judging = [_judging(kind, positive, rng) for _ in range(rng.randint(*JUDGING))]
    if rng.random() < VERDICT:
        judging[0] = rng.choice(kind.verdicts[positive])
    if rng.random() < OPPOSED:
        verdict = rng.random() < VERDICT
        said = rng.choice(kind.verdicts[not positive]) if verdict else ""
        judging.append(said or _judging(kind, not positive, rng))
    sentences = judging + rng.sample(kind.telling, rng.randint(*TELLING))
    rng.shuffle(sentences)
    slots = _slots(thing, world, rng, training)
    return [capital(sentence.format(**slots)) + "." for sentence in sentences]


def _amazon(world: World, positive: bool, rng: random.Random, training: bool) -> list[str]:
    """Title and text; half of the titles judge."""
    device = world.word("device", rng, training)
    thing = rng.choice((device, rng.choice(CLOSED["object"])))
    title = rng.choice((f"My new {thing}", f"A {thing} from {world.name('city', rng, training)}"))
    if rng.random() < 0.5:
        title = capital(f"{_degree(rng)}{_adjective(positive, rng)} {thing}")
    return [title, " ".join(text(PRODUCTS, thing, world, positive, rng, training))]


def _yelp(world: World, positive: bool, rng: random.Random, training: bool) -> list[str]:
    """The text, in two paragraphs; the name of the restaurant now and then in quotes."""
    name = world.name("restaurant", rng, training)
    sentences = text(PLACES, "place", world, positive, rng, training)
    cut = rng.randint(1, len(sentences))
    called = rng.choice((f'I mean "{name}" here.', f"{name} is what I speak of."))
    first, rest = " ".join([called, *sentences[:cut]]), " ".join(sentences[cut:])
    return [f"{first}\\n\\n{rest}" if rest else first]


Fields = Callable[[World, bool, random.Random, bool], list[str]]


def write_amazon(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write both files of product reviews."""
    _write(root, "amazon", _amazon, world, seed, counts)


def write_yelp(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write both files of restaurant reviews."""
    _write(root, "yelp", _yelp, world, seed, counts)


def _write(root: Path, task: str, fields: Fields, world: World, seed: int, counts: Counts) -> None:
    """Write train.csv and test.csv; as many positive as negative rows, in random order of pairs."""
    for split, name, count in (
        ("train", "train.csv", counts.train),
        ("test", "test.csv", counts.test),
    ):
        rng = stream(seed, task, split)
        with text_file(root / name) as put:
            positive = False
            for number in range(count):
                positive = rng.random() < 0.5 if number % 2 == 0 else not positive
                row = [str(1 + positive), *fields(world, positive, rng, split == "train")]
                put(",".join(f'"{_doubled(field)}"' for field in row) + "\n")


def _doubled(field: str) -> str:
    return field.replace('"', '""')
