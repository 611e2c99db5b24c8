# ruff: noqa: E501  (word tables are read and edited as text)
"""MWSC: Winograd schemas, pairs of sentences where one word decides what a pronoun means.

Official file schema.txt: blocks of three lines (sentence and question with [first/second], then
the two answers as first/second) with a blank line between and none after the last, so that a
reader which closes a block at a blank line sees 131 of the 132 schemas, 262 examples.
"""

import random
from pathlib import Path

from mqan.mini.lexicon import CLOSED, MEN, WOMEN, World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

SCHEMAS = 132

# {A}, {B}: two people of one sex, {p} their pronoun; {x} {y} things, {j} {k} jobs, {n} {m} animals.
# The first variant's answer is the first of the pair behind the second bar.
_FRAMES = """
The {x} did not fit into the {y} because it was too [big/small]. | What was too [big/small]? | x/y
{A} could not carry {B} because {p} was too [weak/heavy]. | Who was too [weak/heavy]? | A/B
{A} thanked {B} for the advice {p} had [received/given]. | Who had [received/given] advice? | A/B
{A} paid {B} for the {x} that {p} had [taken/brought]. | Who had [taken/brought] the {x}? | A/B
{A} asked {B} twice, but {p} did not [hear/give] an answer. | Who did not [hear/give] an answer? | A/B
{A} lent {B} some money because {p} was [rich/poor]. | Who was [rich/poor]? | A/B
{A} beat {B} in the race because {p} had a [good/bad] start. | Who had a [good/bad] start? | A/B
The {x} broke the {y} because it was made of [iron/paper]. | What was made of [iron/paper]? | x/y
{A} visited {B} in hospital because {p} was [worried/ill]. | Who was [worried/ill]? | A/B
{A} taught {B} to ride because {p} was an [expert/beginner]. | Who was an [expert/beginner]? | A/B
{A} hid from {B} because {p} was so [afraid/angry]. | Who was so [afraid/angry]? | A/B
{A} borrowed the {x} from {B} because {p} [needed/owned] one. | Who [needed/owned] a {x}? | A/B
{A} saw nothing of the play behind {B} because {p} was so [short/tall]. | Who was so [short/tall]? | A/B
{A} envied {B} because {p} had [lost/won] the prize. | Who had [lost/won] the prize? | A/B
{A} carried the bags of {B} because {p} was [strong/tired]. | Who was [strong/tired]? | A/B
{A} gave {B} the last {x} because {p} was [generous/hungry]. | Who was [generous/hungry]? | A/B
{A} forgave {B} as soon as {p} had [understood/apologised]. | Who had [understood/apologised]? | A/B
{A} hired {B} because {p} needed [help/work]. | Who needed [help/work]? | A/B
The {j} called the {k} because he [had/repaired] a broken {x}. | Who [had/repaired] a broken {x}? | j/k
The {n} ran away from the {m} because it was so [scared/wild]. | What was so [scared/wild]? | n/m
{A} passed the {x} to {B} because {p} was the [first/next] to play. | Who was the [first/next] to play? | A/B
The {n} followed the {m} because it [wanted/carried] food. | What [wanted/carried] food? | n/m
"""
FRAMES = tuple(
    tuple(part.strip() for part in line.split("|")) for line in _FRAMES.strip().split("\n")
)


def schema(frame: tuple[str, ...], rng: random.Random) -> tuple[str, str, str]:
    """The three lines of one block."""
    woman = rng.random() < 0.5
    names = rng.sample(WOMEN if woman else MEN, 2)
    things = rng.sample(CLOSED["object"], 2)
    jobs = rng.sample(CLOSED["profession"], 2)
    animals = rng.sample(CLOSED["animal"], 2)
    fillers = dict(zip("ABxyjknm", [*names, *things, *jobs, *animals], strict=True))
    context, question, answers = frame
    fillers["p"] = "she" if woman else "he"
    both = "/".join(fillers[letter] for letter in answers.split("/"))
    return context.format(**fillers), question.format(**fillers), both


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write schema.txt; `world` and `counts` change nothing, the file has one size."""
    del world, counts
    rng = stream(seed, "mwsc", "all")
    blocks: dict[str, str] = {}
    for number in range(SCHEMAS):
        frame = FRAMES[number % len(FRAMES)]
        context, question, answers = schema(frame, rng)
        while context in blocks:
            context, question, answers = schema(frame, rng)
        blocks[context] = f"{context}\n{question}\n{answers}\n"
    order = list(blocks.values())
    rng.shuffle(order)
    with text_file(root / "schema.txt") as put:
        put("\n".join(order))
