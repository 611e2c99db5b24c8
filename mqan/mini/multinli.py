# ruff: noqa: SIM905  (word tables are read and edited as text)
"""MultiNLI: entailment, neutral or contradiction, decided by the relation of the two sentences.

Official format: one JSON object a line with annotator_labels, genre, gold_label, pairID, promptID,
sentence1, sentence2 (parses are left out); files multinli_1.0_{train,dev_matched,
dev_mismatched}.jsonl. The official test set is unlabelled.

The hypothesis is drawn before and without the label, and the premise is then made to fit both: a
model that sees the hypothesis alone cannot beat chance. Negation occurs in premises of all labels.
"""

import json
import random
from pathlib import Path

from mqan.mini.lexicon import World
from mqan.mini.nli_patterns import FAMILIES
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

LABELS = ("entailment", "neutral", "contradiction")
# How often each family of reasoning occurs: easier and harder kinds mixed.
SHARES = {"event": 4, "quantifier": 3, "number": 1, "comparison": 2, "role": 3, "state": 4}
FRAMED = 0.2  # share of premises with an irrelevant beginning

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


# Words that begin a premise and are not names: lower-cased behind a frame.
_SENTENCE_STARTS = {
    *"A An The All Every Each Some No None Most Many Several Not Nobody It There Only One".split(),
    *"At Exactly Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Everybody".split(),
    *"If Both We They".split(),
}


def _framed(premise: str, form: str, world: World, rng: random.Random, training: bool) -> str:
    names = {kind: world.name(kind, rng, training) for kind in _KINDS if f"{{{kind}}}" in form}
    first = premise.split(" ", 1)[0]
    name = first not in _SENTENCE_STARTS
    return form.format(**names) + (premise if name else premise[0].lower() + premise[1:])


def pair(
    world: World, label: str, forms: tuple[str, ...], rng: random.Random, training: bool
) -> tuple[str, str]:
    """(premise, hypothesis) whose relation is `label`."""
    family = rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]
    hypothesis, premises = FAMILIES[family](world, rng, training)
    premise = rng.choice(premises[label])
    if rng.random() < FRAMED:
        premise = _framed(premise, rng.choice(forms), world, rng, training)
    return premise + ".", hypothesis + "."


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
