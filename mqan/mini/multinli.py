"""MultiNLI: entailment, neutral or contradiction, decided by the relation of the two sentences.

Official format: one JSON object a line with annotator_labels, genre, gold_label, pairID, promptID,
sentence1, sentence2 (parses are left out); files multinli_1.0_{train,dev_matched,
dev_mismatched}.jsonl. The official test set is unlabelled.

The premise makes one or two claims and is drawn without the label. The hypothesis makes one, which
follows, is contradicted or stays open. As in the real corpus (Gururangan et al. 2018, "Annotation
Artifacts in Natural Language Inference Data") a habit of the writers shows: where nothing follows
they like to add something, here in three of five neutral hypotheses. Who sees the hypotheses alone
can be right in 53 % of the pairs, as often as there; who sees the premises alone, by chance.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from mqan.mini.facts import capital
from mqan.mini.lexicon import World
from mqan.mini.nli_patterns import SHARES, Claim, Family
from mqan.mini.nli_words import PEOPLE
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

LABELS = ("entailment", "neutral", "contradiction")
FRAMED = 0.2  # share of premises with an irrelevant beginning
TWO_CLAIMS = 0.45  # share of premises with a second claim
ONE_SUBJECT = 0.4  # share of those in which both claims are about one subject
ONE_TOPIC = 0.5  # share of the others in which both claims are about one topic
ADDED = 0.6  # share of neutral hypotheses that add something
NEAR = 0.6  # share of neutral pairs in words of the premise, where the family has such pairs

ADDITIONS = (
    ", as everybody had hoped",
    ", to the surprise of the neighbours",
    " for a very good reason",
    " because of the weather",
    ", although nobody likes it",
    " in spite of the costs",
)

# Beginnings of premises by genre; the mismatched file's genres occur in no training row.
MATCHED = {
    "fiction": ("Everyone knew that ", "As the story goes, ", "That night "),
    "government": ("According to the report, ", "On {day} ", "The report says that "),
    "slate": ("In {year} ", "As {person} wrote, ", "It is well known that "),
    "telephone": ("Well, ", "You know, ", "I heard that "),
    "travel": ("In {city} ", "Near {city} ", "When we came to {city}, "),
}
MISMATCHED = {
    "nineeleven": ("At noon ", "Minutes later "),
    "facetoface": ("So, ", "Like I told {person}, "),
    "letters": ("I am glad to tell you that ", "As you may know, "),
    "oup": ("In {month} ", "At {company} "),
    "verbatim": ("Strictly speaking, ", "In other words, "),
}
FILES = {
    "train": "multinli_1.0_train.jsonl",
    "matched": "multinli_1.0_dev_matched.jsonl",
    "mismatched": "multinli_1.0_dev_mismatched.jsonl",
}
_KINDS = ("day", "month", "year", "city", "person", "company")
_FAMILIES, _WEIGHTS = tuple(SHARES), tuple(SHARES.values())


@dataclass(frozen=True, slots=True)
class Scene:
    """What a premise says of `subject`, perhaps of another, and what it does not speak of."""

    subject: str
    claim: Claim
    other: str  # the subject of `extra`
    extra: Claim | None
    absent: str  # a subject
    unsaid: Claim  # of a topic of its own


def _scene(family: Family, world: World, rng: random.Random, training: bool) -> Scene:
    subject, other, absent = family.subjects(world, rng, training)
    topic, second, third = family.topics(rng)
    one, two, *_ = (name for name in rng.sample(PEOPLE, 5) if name not in (subject, other, absent))
    extra = None
    if rng.random() < TWO_CLAIMS:
        if rng.random() < ONE_SUBJECT:
            other = subject
        elif rng.random() < ONE_TOPIC:
            second = topic
        extra = family.claim(second, two, rng)
    claim, unsaid = family.claim(topic, one, rng), family.claim(third, one, rng)
    return Scene(subject, claim, other, extra, absent, unsaid)


def _premise(family: Family, scene: Scene, rng: random.Random) -> str:
    told = [(scene.subject, scene.claim)]
    if scene.extra:
        told.append((scene.other, scene.extra))
        rng.shuffle(told)
    if len(told) == 1 or scene.subject != scene.other:
        return " while ".join(family.say(subject, claim) for subject, claim in told)
    first, second = (family.predicate(claim) for _, claim in told)
    link = "but" if first.startswith("never ") != second.startswith("never ") else "and"
    verb, rest = second.split(" ", 1)
    if verb != "never" and first.startswith(f"{verb} "):
        second = rest  # is red and made of wood
    return f"{scene.subject} {first} {link} {second}"


def _hypothesis(family: Family, scene: Scene, label: str, rng: random.Random) -> str:
    if label != "neutral":
        return family.say(scene.subject, family.follow(scene.claim, label == LABELS[0], rng))
    holds = rng.random() < 0.5
    near = [trap] if (trap := family.trap(scene.claim, rng)) else []
    if scene.extra and scene.other != scene.subject and scene.extra[0] != scene.claim[0]:
        near.append(family.follow(scene.extra, holds, rng))
    if near and rng.random() < NEAR:
        return family.say(scene.subject, rng.choice(near))
    if rng.random() < 0.5:
        return family.say(scene.absent, family.follow(scene.claim, holds, rng))
    return family.say(scene.subject, family.follow(scene.unsaid, holds, rng))


def _frame(form: str, world: World, rng: random.Random, training: bool) -> str:
    names = {kind: world.name(kind, rng, training) for kind in _KINDS if f"{{{kind}}}" in form}
    return form.format(**names)


def pair(
    world: World, label: str, forms: tuple[str, ...], rng: random.Random, training: bool
) -> tuple[str, str]:
    """(premise, hypothesis) whose relation is `label`; `forms` are beginnings of premises."""
    family = rng.choices(_FAMILIES, _WEIGHTS)[0]
    scene = _scene(family, world, rng, training)
    premise = _premise(family, scene, rng)
    if rng.random() < FRAMED:
        premise = _frame(rng.choice(forms), world, rng, training) + premise
    hypothesis = _hypothesis(family, scene, label, rng)
    if label == "neutral" and rng.random() < ADDED:
        hypothesis += rng.choice(ADDITIONS)
    return f"{capital(premise)}.", f"{capital(hypothesis)}."


def _row(world: World, split: str, number: int, rng: random.Random) -> dict[str, object]:
    genres = MISMATCHED if split == "mismatched" else MATCHED
    genre = rng.choice(tuple(genres))
    label = LABELS[number % 3]
    premise, hypothesis = pair(world, label, genres[genre], rng, split == "train")
    return {
        "annotator_labels": [label] * (1 if split == "train" else 5),
        "genre": genre,
        "gold_label": label,
        "pairID": f"{number}{label[0]}",
        "promptID": str(number),
        "sentence1": premise,
        "sentence2": hypothesis,
    }


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three files; validation is half matched and half mismatched genres."""
    matched = (counts.validation + 1) // 2
    for split, count in (
        ("train", counts.train),
        ("matched", matched),
        ("mismatched", counts.validation - matched),
    ):
        rng = stream(seed, "multinli", split)
        with text_file(root / FILES[split]) as put:
            for number in range(count):
                put(json.dumps(_row(world, split, number, rng)) + "\n")
