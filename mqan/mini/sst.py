# ruff: noqa: SIM905  (word tables are read and edited as text)
"""SST: one-sentence reviews whose polarity is composed from words, negation and contrast.

Official (binary) format: CSV with header `label,sentence`; 1 positive, 0 negative; files
{train,dev,test}_binary_sent.csv. Polarity words alone decide most sentences, not all: negation
flips them, the clause after `but` outweighs the one before, a concession is outweighed.
"""

import random
from pathlib import Path

from mqan.mini.lexicon import TITLE_ADJECTIVES, TITLE_NOUNS, World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

NEGATED = 0.12  # share of clauses whose polarity word is flipped by its surroundings
CONTRAST = 0.17  # share of sentences with two clauses of opposite polarity
AGREEING = 0.35  # share of sentences with two clauses of equal polarity
RARE = 0.15  # share of polarity words taken from the rare lists, which training shows seldom

FILES = {
    "train": "train_binary_sent.csv",
    "validation": "dev_binary_sent.csv",
    "test": "test_binary_sent.csv",
}
ADJECTIVES = {
    True: """good great funny moving clever brilliant charming fresh gripping beautiful warm witty
    smart delightful touching thrilling elegant lively honest superb""".split(),
    False: """bad boring dull stupid weak clumsy tedious awful flat silly stale ugly lifeless
    dreadful messy shallow predictable annoying lazy terrible""".split(),
}
RARE_ADJECTIVES = {
    True: "poignant dazzling sublime engaging inventive graceful exquisite hilarious".split(),
    False: "dreary insipid turgid wooden bland grating vapid abysmal".split(),
}
NOUNS = {
    True: "charm wit joy energy grace magic warmth heart wisdom suspense".split(),
    False: "clichés noise nonsense mistakes pain boredom errors emptiness flaws confusion".split(),
}
VERBS = {
    True: "delights shines succeeds works sparkles amazes impresses triumphs".split(),
    False: "fails drags stumbles bores disappoints collapses annoys irritates".split(),
}
BASES = {
    True: "delight shine succeed work sparkle amaze impress triumph".split(),
    False: "fail drag stumble bore disappoint collapse annoy irritate".split(),
}
ASPECTS = """plot story script acting cast music film movie picture ending dialogue direction
camera hero comedy drama thriller sequel documentary performance""".split()
DEGREES = ("very", "really", "quite", "truly", "so", "deeply", "remarkably", "", "", "", "")
FLIPS = ("not {}", "never {}", "hardly {}", "anything but {}", "far from {}", "by no means {}")
OPENERS = ("",) * 7 + ("in the end ,", "to be fair ,", "from start to finish ,", "this time ,")


def _adjective(positive: bool, rng: random.Random) -> str:
    return rng.choice((RARE_ADJECTIVES if rng.random() < RARE else ADJECTIVES)[positive])


def _subject(rng: random.Random, world: World, training: bool) -> str:
    aspect = rng.choice(ASPECTS)
    kind = rng.random()
    if kind < 0.5:
        return f"the {aspect}"
    if kind < 0.7:
        return f"this {aspect}"
    if kind < 0.85:
        return f"{world.person(rng, training).name} 's {aspect}"
    return f"the {rng.choice(TITLE_ADJECTIVES)} {rng.choice(TITLE_NOUNS)}".lower()


def _plain(positive: bool, subject: str, rng: random.Random) -> str:
    """A clause of the given polarity whose polarity word has it too."""
    shape = rng.randrange(5)
    if shape == 0:
        return f"{subject} {rng.choice(VERBS[positive])}"
    if shape == 1:
        return f"{subject} is full of {rng.choice(NOUNS[positive])}"
    if shape == 2:
        return f"{subject} never fails to {rng.choice(BASES[positive])}"
    if shape == 3:
        article = rng.choice(("a", "another", "one more"))
        return f"{subject} is {article} {_adjective(positive, rng)} piece of work"
    return " ".join(f"{subject} is {rng.choice(DEGREES)} {_adjective(positive, rng)}".split())


def _flipped(positive: bool, subject: str, rng: random.Random) -> str:
    """A clause of the given polarity whose polarity word has the opposite one."""
    shape = rng.randrange(5)
    if shape == 0:
        return f"{subject} does not {rng.choice(BASES[not positive])}"
    if shape == 1:
        return f"{subject} has no {rng.choice(NOUNS[not positive])}"
    if shape == 2:
        return f"{subject} fails to {rng.choice(BASES[not positive])}"
    if shape == 3:
        return f"{subject} is without {rng.choice(NOUNS[not positive])}"
    return f"{subject} is {rng.choice(FLIPS).format(_adjective(not positive, rng))}"


def _clause(positive: bool, rng: random.Random, world: World, training: bool) -> str:
    subject = _subject(rng, world, training)
    return (_flipped if rng.random() < NEGATED else _plain)(positive, subject, rng)


def sentence(world: World, positive: bool, rng: random.Random, training: bool) -> str:
    """A review of the given polarity."""
    main = _clause(positive, rng, world, training)
    luck = rng.random()
    if luck < CONTRAST:
        other = _clause(not positive, rng, world, training)
        form = rng.choice(
            ("{o} , but {m}", "although {o} , {m}", "{m} , even though {o}", "{o} ; still , {m}")
        )
        main = form.format(o=other, m=main)
    elif luck < CONTRAST + AGREEING:
        other = _clause(positive, rng, world, training)
        main = rng.choice(("{o} and {m}", "{o} , and {m}", "{o} because {m}")).format(
            o=other, m=main
        )
    text = f"{rng.choice(OPENERS)} {main} .".strip()
    return text[0].upper() + text[1:]


def _quoted(text: str) -> str:
    """A CSV field, quoted where it must be, as the official files do."""
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three CSV files; as many positive as negative rows."""
    for split, count in counts.splits():
        rng = stream(seed, "sst", split)
        with text_file(root / FILES[split]) as put:
            put("label,sentence\n")
            positive = False
            for number in range(count):  # in pairs of one positive and one negative review
                positive = rng.random() < 0.5 if number % 2 == 0 else not positive
                text = sentence(world, positive, rng, split == "train")
                put(f"{int(positive)},{_quoted(text)}\n")
