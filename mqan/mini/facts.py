"""Facts of the embedded world and how they are said: clauses, sentences, questions."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from mqan.mini.lexicon import KIND_NAMES, Entity, World
from mqan.mini.relations import Relation

# What can stand around a sentence: names that answer no question about its facts.
LEADS = (
    "according to {person}, {said}",
    "as {person} notes, {said}",
    "a newspaper from {city} reports that {said}",
    "{person} of {company} says that {said}",
    "in the archive of {company}, one reads that {said}",
)
TRAILERS = (
    "{said}, according to {person}",
    "{said}, a paper from {city} reports",
    "{said}, as {person} of {company} says",
    "{said}, which surprised {person}",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """`relation` holds between `subject` and the entity called `object`."""

    relation: Relation
    subject: Entity
    object: str


def make(
    world: World, relation: Relation, subject: Entity, rng: random.Random, training: bool
) -> Fact:
    """A fact with a new object that is not the subject itself."""
    while True:
        name = world.name(relation.object, rng, training)
        if name != subject.name:
            return Fact(relation, subject, name)


def fill(template: str, relation: Relation, subject: str, object_: str, kind: int) -> str:
    """Put names in a template of `relation`; `kind` picks the word for the kinds (0 plain)."""
    text = template.replace("{K}", KIND_NAMES[relation.object][kind])
    text = text.replace("{T}", KIND_NAMES[relation.subject][kind])
    return text.replace("{S}", subject).replace("{O}", object_)


def capital(text: str) -> str:
    """First letter upper-cased, the rest untouched."""
    return text[:1].upper() + text[1:]


def clause(fact: Fact, rng: random.Random, wording: int, subject: str | None = None) -> str:
    """The fact as a clause; with `subject` given (a pronoun, ""), one that begins with it."""
    sentences = fact.relation.wordings[wording].sentences
    template = sentences[0] if subject is not None else rng.choice(sentences)
    name = fact.subject.name if subject is None else subject
    return fill(template, fact.relation, name, fact.object, 0).strip()


def sentence(facts: list[Fact], wordings: Iterable[int], rng: random.Random, pronoun: bool) -> str:
    """One sentence that states one or two facts of the same subject.

    With `pronoun` it begins with the subject's pronoun instead of its name.
    """
    wording = list(wordings)
    subject = facts[0].subject
    start = subject.pronoun if pronoun else None
    text = clause(facts[0], rng, wording[0], start)
    if len(facts) == 2:
        rest = clause(facts[1], rng, wording[1], "")
        relative = "who" if subject.kind == "person" else "which"
        if text.endswith(subject.name):
            text = f"{text}, {relative} {rest}"
        elif text.startswith(subject.name) and rng.random() < 0.4:
            after = text[len(subject.name) :].strip()
            text = f"{subject.name}, {relative} {rest}, {after}"
        elif start is not None or text.startswith(subject.name):
            text = f"{text} and {rest}"
        else:
            text = f"{text}, and {subject.pronoun} {rest}"
    return capital(text) + "."


def reported(
    world: World, text: str, facts: list[Fact], trailing: bool, rng: random.Random, training: bool
) -> str:
    """The sentence `text`, which states `facts`, with a name around it that is not among them."""
    names = {kind: world.name(kind, rng, training) for kind in ("person", "city", "company")}
    if trailing:
        return rng.choice(TRAILERS).format(said=text.removesuffix("."), **names) + "."
    known = (facts[0].subject.name, *(fact.object for fact in facts))
    said = text if text.startswith(known) else text[0].lower() + text[1:]
    return capital(rng.choice(LEADS).format(said=said, **names))


def span(answer: str, text: str) -> tuple[int, str]:
    """Start and form of `answer` in `text`, as whole words; a sentence may have capitalised it."""
    lower, wanted = text.lower(), answer.lower()
    start = lower.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            return start, text[start:end]
        start = lower.find(wanted, start + 1)
    raise AssertionError(f"{answer!r} is not in {text!r}")
