"""Families of inference: what can be claimed of a subject, and what follows from a claim.

A claim is a tuple; what stands in it is its family's business. In every family, consequences and
opposites of consequences come in the same forms equally often, so that a hypothesis alone does not
tell which of them it is.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from mqan.mini.lexicon import World
from mqan.mini.nli_words import (
    COMPARATIVES,
    DEALINGS,
    DEEDS,
    GROUPS,
    NUMBERS,
    OBJECTS,
    OPPOSITES,
    PEOPLE,
    PLACES,
    PROPERTIES,
)

Claim = tuple[Any, ...]
# Share of the weaker claims, "some dogs" and "no poodles": nothing about the other noun follows.
WEAKER = 0.25
# Share of consequences of the stronger ones that change the noun; it makes "some dogs" and "some
# poodles", "no dogs" and "no poodles" equally frequent among all consequences.
CHANGED = 1 - 0.5 / (1 - WEAKER)


class Family(ABC):
    """Claims of one kind."""

    @abstractmethod
    def topics(self, rng: random.Random) -> list[Any]:
        """Three topics; claims about different ones neither entail nor contradict each other."""

    @abstractmethod
    def claim(self, topic: Any, person: str, rng: random.Random) -> Claim:
        """Something to say about a topic, with regard to `person` if the family relates people."""

    @abstractmethod
    def follow(self, claim: Claim, holds: bool, rng: random.Random) -> Claim:
        """A consequence of `claim`, or the opposite of one if not `holds`."""

    @abstractmethod
    def predicate(self, claim: Claim) -> str:
        """The claim without its subject."""

    def subjects(self, world: World, rng: random.Random, training: bool) -> list[str]:
        """Three different subjects."""
        return rng.sample(PEOPLE, 3)

    def trap(self, claim: Claim, rng: random.Random) -> Claim | None:
        """A claim of the same subject in nearly the same words that stays open, if there is one."""
        return None

    def say(self, subject: str, claim: Claim) -> str:
        """The claim as a clause."""
        return f"{subject} {self.predicate(claim)}"


def _things(kinds: Sequence[str], first: str, second: str, rng: random.Random) -> list[str]:
    """Three different things; the first and the last bear the same name."""
    one, two, three = rng.sample(kinds, 3)
    return [f"the {first} {one}", f"the {second} {two}", f"the {first} {three}"]


class Attributes(Family):
    """What something is like. A topic: ways to say it, words for it, words for the contrary."""

    def claim(self, topic: Any, person: str, rng: random.Random) -> Claim:
        """(topic, side, clause without subject)."""
        forms, *sides = topic
        side = rng.randrange(2)
        return topic, side, rng.choice(forms).format(rng.choice(sides[side]))

    def follow(self, claim: Claim, holds: bool, rng: random.Random) -> Claim:
        """A word of the same side or of the other."""
        topic, side, _ = claim
        forms, *sides = topic
        side = side if holds else 1 - side
        return topic, side, rng.choice(forms).format(rng.choice(sides[side]))

    def predicate(self, claim: Claim) -> str:
        """Is made of wood."""
        return claim[2]


class Opposites(Attributes):
    """Big entails large and contradicts small and little."""

    def subjects(self, world: World, rng: random.Random, training: bool) -> list[str]:
        """Places in cities."""
        first, second = (world.word("city", rng, training) for _ in range(2))
        return _things(PLACES, first, second, rng)

    def topics(self, rng: random.Random) -> list[Any]:
        """Pairs of opposites."""
        return [(("is {}",), *sides) for sides in rng.sample(OPPOSITES, 3)]


class Properties(Attributes):
    """Red contradicts blue and says nothing about wood."""

    def subjects(self, world: World, rng: random.Random, training: bool) -> list[str]:
        """Things of companies."""
        first, second = (world.word("company", rng, training) for _ in range(2))
        return _things(OBJECTS, first, second, rng)

    def topics(self, rng: random.Random) -> list[Any]:
        """Kinds of property, each with two words of its kind."""
        kinds = rng.sample(PROPERTIES, 3)
        return [(forms, *((word,) for word in rng.sample(values, 2))) for forms, values in kinds]


class Dealings(Family):
    """What people did with things of some group."""

    def topics(self, rng: random.Random) -> list[Any]:
        """Verbs and groups; the third differs from the first in one of them."""
        verb, other = rng.sample(DEALINGS, 2)
        one, two, three = rng.sample(GROUPS, 3)
        return [(verb, one), (verb, two), rng.choice(((other, one), (verb, three)))]


def _weaker(amount: str, kind: str, noun: str) -> bool:
    """Whether neither a more general nor a more special noun follows."""
    return (amount == "some") != (noun == kind)


class Hypernyms(Dealings):
    """Some poodles entails some dogs, no dogs entails no poodles, and not the other way round."""

    def claim(self, topic: Any, person: str, rng: random.Random) -> Claim:
        """(topic, some or no, special noun, noun of the two): mostly some poodles or no dogs."""
        special, general = topic[1]
        amount, kind = rng.choice(("some", "no")), rng.choice(special)
        weaker = rng.random() < WEAKER
        return topic, amount, kind, general if weaker == (amount == "some") else kind

    def follow(self, claim: Claim, holds: bool, rng: random.Random) -> Claim:
        """The same noun or, where that follows, the more general or more special one."""
        topic, amount, kind, noun = claim
        if not _weaker(amount, kind, noun) and rng.random() < CHANGED:
            noun = topic[1][1] if noun == kind else kind
        if not holds:
            amount = "no" if amount == "some" else "some"
        return topic, amount, kind, noun

    def trap(self, claim: Claim, rng: random.Random) -> Claim | None:
        """From dogs to poodles, and from no poodles to no dogs, nothing follows."""
        topic, amount, kind, noun = claim
        if not _weaker(amount, kind, noun):
            return None
        return topic, rng.choice(("some", "no")), kind, topic[1][1] if noun == kind else kind

    def predicate(self, claim: Claim) -> str:
        """Bought some dogs."""
        (verb, _), amount, _, noun = claim
        return f"{verb} {amount} {noun}"


class Numbers(Dealings):
    """Exactly five entails more than three and contradicts fewer than three."""

    def claim(self, topic: Any, person: str, rng: random.Random) -> Claim:
        """(topic, amount, bound, larger): every bound is as often below the amount as above."""
        bound = rng.randrange(2, len(NUMBERS) - 2)
        larger = rng.random() < 0.5
        amount = rng.choice(NUMBERS[bound + 1 :] if larger else NUMBERS[:bound])
        return topic, f"exactly {amount}", NUMBERS[bound], larger

    def follow(self, claim: Claim, holds: bool, rng: random.Random) -> Claim:
        """More or fewer than the bound."""
        topic, _, bound, larger = claim
        return topic, f"{'more' if larger == holds else 'fewer'} than {bound}", bound, larger

    def predicate(self, claim: Claim) -> str:
        """Bought exactly five dogs."""
        (verb, (_, noun)), amount, _, _ = claim
        return f"{verb} {amount} {noun}"


class Comparatives(Family):
    """Anna is older than Boris entails that Boris is younger than Anna."""

    def topics(self, rng: random.Random) -> list[Any]:
        """A comparative and its converse."""
        return rng.sample(COMPARATIVES, 3)

    def claim(self, topic: Any, person: str, rng: random.Random) -> Claim:
        """(topic, which of the two, the other person, whether told from that person's side)."""
        return topic, rng.randrange(2), person, False

    def follow(self, claim: Claim, holds: bool, rng: random.Random) -> Claim:
        """The same or the converse, from either person's side."""
        topic, which, person, _ = claim
        return topic, which if holds else 1 - which, person, rng.random() < 0.5

    def predicate(self, claim: Claim) -> str:
        """Is older than Boris."""
        topic, which, person, _ = claim
        return f"is {topic[which]} than {person}"

    def say(self, subject: str, claim: Claim) -> str:
        """Anna is older than Boris, or Boris is younger than Anna."""
        topic, which, person, turned = claim
        if turned:
            return f"{person} is {topic[1 - which]} than {subject}"
        return f"{subject} {self.predicate(claim)}"


class Roles(Family):
    """Anna thanked Boris entails that Boris was thanked by Anna, not that Boris thanked Anna."""

    def topics(self, rng: random.Random) -> list[Any]:
        """Deeds."""
        return rng.sample(DEEDS, 3)

    def claim(self, topic: Any, person: str, rng: random.Random) -> Claim:
        """(verb, never or nothing, the other person, passive, whether that person did it)."""
        return topic, rng.choice(("", "never ")), person, False, False

    def follow(self, claim: Claim, holds: bool, rng: random.Random) -> Claim:
        """Active or passive, with never or without."""
        verb, never, person, _, _ = claim
        if not holds:
            never = "" if never else "never "
        return verb, never, person, rng.random() < 0.5, False

    def trap(self, claim: Claim, rng: random.Random) -> Claim | None:
        """The roles swapped."""
        return *self.follow(claim, rng.random() < 0.5, rng)[:4], True

    def predicate(self, claim: Claim) -> str:
        """Never thanked Boris."""
        verb, never, person, _, _ = claim
        return f"{never}{verb} {person}"

    def say(self, subject: str, claim: Claim) -> str:
        """Anna never thanked Boris, or Boris was never thanked by Anna."""
        verb, never, person, passive, swapped = claim
        doer, done = (person, subject) if swapped else (subject, person)
        return f"{done} was {never}{verb} by {doer}" if passive else f"{doer} {never}{verb} {done}"


# Every family and how often it occurs: those that word order decides are the hardest, and rarer.
SHARES: dict[Family, int] = {
    Opposites(): 4,
    Properties(): 4,
    Hypernyms(): 4,
    Roles(): 2,
    Comparatives(): 1,
    Numbers(): 1,
}
