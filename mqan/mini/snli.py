"""SNLI: what follows from a caption of a photograph, what contradicts it, and what stays open.

Official format: one JSON object a line with annotator_labels, captionID, gold_label, pairID,
sentence1, sentence2 (parses are left out); files snli_1.0_{train,dev,test}.jsonl. Labels are those
of the embedded MultiNLI; sentences, words and the ways things follow are others.

A caption shows one or two people and leaves out one or two of what they do, what they wear and
where they are. The hypothesis speaks of one of the three: what was said, in the same or more
general words, something that excludes it, or what was left out. Its form does not depend on the
label but for a habit of the writers, as in the real corpus: an aim or a reason added where nothing
follows.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mqan.mini.captions import (
    ACTIVITIES,
    ADDITIONS,
    AROUND,
    COLOURS,
    GARMENTS,
    LOOKS,
    PEOPLE,
    PLACES,
)
from mqan.mini.facts import capital
from mqan.mini.lexicon import World
from mqan.mini.multinli import LABELS
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

TWO_PEOPLE = 0.5  # share of captions
LOOKING = 0.3  # share of people with a word on how they look
SURROUNDED = 0.3  # share of captions with something around
GENERAL = 0.5  # share of what is said of deeds and places that uses a more general word
DENIED = 0.2  # share of hypotheses that deny something
OTHERS = 0.5  # share of wrong or open claims that are true of the other person in the caption
ADDED = 0.35  # share of neutral hypotheses with an aim or a reason

FILES = {
    "train": "snli_1.0_train.jsonl",
    "validation": "snli_1.0_dev.jsonl",
    "test": "snli_1.0_test.jsonl",
}
TOPICS = ("deed", "dress", "place")
Seen = Mapping[str, str]  # topic -> what is true: a deed, a colour, a place


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the noun, a garment, what is true, and which topics the caption tells."""

    noun: str
    garment: str
    seen: Seen
    told: frozenset[str]


def _values(topic: str) -> Sequence[str]:
    return {"deed": tuple(ACTIVITIES), "dress": COLOURS, "place": tuple(PLACES)}[topic]


def _general(topic: str, value: str) -> str:
    return {"deed": ACTIVITIES, "place": PLACES}[topic][value]


def _people(rng: random.Random) -> list[Person]:
    """The person that is spoken of, and perhaps another: of another noun, at the same place."""
    nouns, garment = rng.sample(sorted(PEOPLE), 2), rng.choice(GARMENTS)
    drawn = {topic: rng.sample(_values(topic), 2) for topic in TOPICS}
    told = frozenset(rng.sample(TOPICS, rng.randint(1, 2)))
    first = Person(nouns[0], garment, {t: drawn[t][0] for t in TOPICS}, told)
    if rng.random() >= TWO_PEOPLE:
        return [first]
    seen = {t: drawn[t][t != "place"] for t in TOPICS}
    parts = rng.sample(TOPICS[:2], rng.randint(1, 2))
    other = rng.choice((garment, rng.choice(GARMENTS)))
    return [first, Person(nouns[1], other, seen, frozenset(parts) | told & {"place"})]


def _article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _noun_phrase(person: Person, rng: random.Random) -> str:
    looks = f"{rng.choice(LOOKS)} " if rng.random() < LOOKING else ""
    text = _article(looks + person.noun)
    if "dress" in person.told:
        worn = _article(f"{person.seen['dress']} {person.garment}")
        text += rng.choice((f" in {worn}", f" wearing {worn}"))
    return text


def _caption(people: Sequence[Person], rng: random.Random) -> str:
    """The caption; the place, which all share, stands last or first."""
    shown = [(_noun_phrase(p, rng), p.seen["deed"] if "deed" in p.told else "") for p in people]
    rng.shuffle(shown)
    place = people[0].seen["place"] if "place" in people[0].told else ""
    around = f" {rng.choice(AROUND)}" if rng.random() < SURROUNDED else ""
    if len(shown) == 2 and all(deed for _, deed in shown):
        text = " while ".join(f"{who} is {deed}" for who, deed in shown)
    elif len(shown) == 1 and shown[0][1]:
        text = "{} {} {}".format(shown[0][0], rng.choice(("is", "who is")), shown[0][1])
    else:
        text = " and ".join(f"{who} {deed}".strip() for who, deed in shown)
    if len(shown) == 2 and place:  # in front, for behind it would belong to the second alone
        return f"{place}, {text}{around}"
    return f"{text} {place}".strip() + around


def _claim(people: Sequence[Person], label: str, rng: random.Random) -> tuple[str, str, bool]:
    """(topic, value, whether it is denied) of the first person, in the relation `label`."""
    person, *others = people
    open_ = [topic for topic in TOPICS if topic not in person.told]
    topic = rng.choice(open_ if label == "neutral" else sorted(person.told))
    denied = rng.random() < DENIED
    if label == "neutral" or (label == "entailment") == denied:
        value = _other(topic, person, others, rng)
    else:
        value = person.seen[topic]
    return topic, value, denied


def _other(topic: str, person: Person, others: Sequence[Person], rng: random.Random) -> str:
    """A value that is not the person's, perhaps the other's; in no more general word the same."""
    true = person.seen[topic]
    if others and topic in others[0].told and topic != "place" and rng.random() < OTHERS:
        value = others[0].seen[topic]
        if topic == "dress" or _general(topic, value) != _general(topic, true):
            return value
    while True:
        value = rng.choice(_values(topic))
        if value != true and (topic == "dress" or _general(topic, value) != _general(topic, true)):
            return value


def _hypothesis(people: Sequence[Person], label: str, rng: random.Random) -> str:
    topic, value, denied = _claim(people, label, rng)
    person, alone = people[0], len(people) == 1
    noun = person.noun
    if alone and rng.random() < GENERAL:
        noun = rng.choice((PEOPLE[noun], "person"))
    who = f"the {noun}" if rng.random() < 0.5 else _article(noun)
    no = " not" if denied else ""
    if topic == "dress":
        garment = f"{value} {person.garment}"
        forms = (
            f"{who} is{no} wearing {_article(garment)}",
            f"{who} is{no} dressed in {value}",
            f"the {person.garment} of the {noun} is{no} {value}",
        )
        text = rng.choice(forms)
    else:
        said = _general(topic, value) if rng.random() < GENERAL else value
        forms = (f"{who} is{no} {said}", f"{who} who is{no} {said} can be seen")
        text = forms[rng.random() < 0.3]
    if label == "neutral" and rng.random() < ADDED:
        text += f" {rng.choice(ADDITIONS)}"
    return text


def pair(label: str, rng: random.Random) -> tuple[str, str]:
    """(premise, hypothesis) whose relation is `label`."""
    people = _people(rng)
    premise = _caption(people, rng)
    return f"{capital(premise)}.", f"{capital(_hypothesis(people, label, rng))}."


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three files; labels take turns. `world` lends no name: captions have none."""
    for split, count in counts.splits():
        rng = stream(seed, "snli", split)
        with text_file(root / FILES[split]) as put:
            for number in range(count):
                label = LABELS[number % 3]
                premise, hypothesis = pair(label, rng)
                row = {
                    "annotator_labels": [label] * (1 if split == "train" else 5),
                    "captionID": f"{split}{number:06d}.jpg#0",
                    "gold_label": label,
                    "pairID": f"{split}{number:06d}.jpg#0r1{label[0]}",
                    "sentence1": premise,
                    "sentence2": hypothesis,
                }
                put(json.dumps(row) + "\n")
