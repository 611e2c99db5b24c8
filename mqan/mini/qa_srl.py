# ruff: noqa: SIM905  (word tables are read and edited as text)
"""QA-SRL: who did what to whom, where, when, how and why, as slotted questions about a predicate.

Official format (wiki1.*.qa): `WIKI1_n<TAB>predicates`, the tokenised sentence, then per predicate
`token index<TAB>word<TAB>questions` and that many lines of eight tab-separated slots (`_` empty)
and the answers joined by ` ### `; an empty line ends a sentence. Every answer is a span.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from mqan.mini.lexicon import BUILDING_SUFFIXES, CLOSED, World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

TWO_PREDICATES = 0.6  # share of sentences with a second predicate of the same agent
PASSIVE = 0.3  # share of first predicates in the passive
FRONTED = 0.4  # share of sentences that begin with the time or the place
ADJUNCT = 0.65  # chance of each adjunct: time, place, manner, reason
APPOSITION = 0.3  # share of named people introduced by what they are
ADJECTIVE = 0.5  # share of common nouns with an adjective

FILES = {"train": "wiki1.train.qa", "validation": "wiki1.dev.qa", "test": "wiki1.test.qa"}

# base, past, participle; kind of the patient; preposition and kind of a third argument, if any.
_VERBS = """
build built built building
paint painted painted object
break broke broken object
steal stole stolen object from person
give gave given object to person
send sent sent object to city
sell sold sold product to company
buy bought bought product from company
find found found object
repair repaired repaired object
visit visited visited city
attack attacked attacked person
meet met met person
teach taught taught person
defeat defeated defeated team
sponsor sponsored sponsored team
found founded founded company
leave left left company
praise praised praised person
describe described described object to person
show showed shown book to person
write wrote written book
publish published published book
translate translated translated book
direct directed directed film
produce produced produced film
feed fed fed animal
chase chased chased animal
train trained trained animal
cook cooked cooked dish
eat ate eaten dish
serve served served dish to person
design designed designed building
destroy destroyed destroyed building
invent invented invented device
test tested tested device
present presented presented device to company
hide hid hidden object
carry carried carried object to city
deliver delivered delivered product to city
"""
ADJECTIVES = "old new small large famous heavy strange rare dusty cheap young local".split()
MANNERS = "quickly slowly carefully secretly quietly openly gladly suddenly twice alone".split()
TIMES = ("on {day}", "in {month}", "in {year}", "last {day}", "every {day}", "before {month}")
PLACES = (
    "in {city}",
    "near {city}",
    "in the {room}",
    "at the {suffix} of {city}",
    "behind the {room}",
)
REASONS = (
    "because of the storm",
    "to please {person}",
    "to win the {award}",
    "because of {person}",
    "for the sake of {company}",
    "to help the {profession}",
)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb's forms and the kinds of its arguments."""

    base: str
    past: str
    participle: str
    patient: str
    preposition: str = ""
    third: str = ""


VERBS = tuple(Verb(*line.split()) for line in _VERBS.strip().split("\n"))
HUMAN = {"person"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase or adjunct: its words, and the spans that answer a question about it."""

    text: str
    answers: tuple[str, ...]


def _noun(kind: str, world: World, rng: random.Random, training: bool) -> Phrase:
    """A noun phrase of the kind."""
    if kind == "person" and rng.random() < 0.6:
        name = world.name(kind, rng, training)
        if rng.random() < APPOSITION:
            role = f"a {rng.choice(CLOSED['profession'])} from {world.name('city', rng, training)}"
            return Phrase(f"{name} , {role} ,", (name, role))
        return Phrase(name, (name,))
    if kind in ("city", "company", "film", "book", "team", "building"):
        name = world.name(kind, rng, training)
        return Phrase(name, (name,))
    noun = rng.choice(CLOSED["profession"]) if kind == "person" else world.word(kind, rng, training)
    noun = f"{rng.choice(ADJECTIVES)} {noun}" if rng.random() < ADJECTIVE else noun
    text = noun if kind == "product" else f"{rng.choice(('the', 'this', 'his', 'her'))} {noun}"
    return Phrase(text, (text,))


def _adjunct(forms: tuple[str, ...], world: World, rng: random.Random, training: bool) -> Phrase:
    form = rng.choice(forms)
    kinds = ("day", "month", "year", "city", "room", "person", "award", "company", "profession")
    names = {k: world.name(k, rng, training) for k in kinds if f"{{{k}}}" in form}
    text = form.format(suffix=rng.choice(BUILDING_SUFFIXES).lower(), **names)
    return Phrase(text, (text,))


@dataclass
class Predicate:
    """A verb with its arguments; `adjuncts` maps when, where, how, why to phrases."""

    verb: Verb
    agent: Phrase
    agent_kind: str
    patient: Phrase
    third: Phrase | None
    adjuncts: dict[str, Phrase]
    passive: bool = False

    def words(self) -> str:
        """The clause after its agent (active) or the whole clause (passive), without adjuncts."""
        third = f" {self.verb.preposition} {self.third.text}" if self.third else ""
        if self.passive:
            said = f"{self.patient.text} was {self.verb.participle}{third} by {self.agent.text}"
        else:
            said = f"{self.verb.past} {self.patient.text}{third}"
        return said

    def questions(self, rng: random.Random) -> list[tuple[str, Phrase]]:
        """Slotted questions with the phrase that answers each."""
        verb = self.verb
        who = "who" if self.agent_kind == "person" else "what"
        someone = "someone" if who == "who" else "something"
        human = verb.patient in HUMAN
        whom, what = ("who", "someone") if human else ("what", "something")
        out: list[tuple[str, Phrase]] = []
        if rng.random() < 0.5:
            out.append((f"{who} _ _ {verb.past} {what} _ _", self.agent))
        else:
            out.append((f"{who} was {what} {verb.participle} _ by _", self.agent))
        if rng.random() < 0.5:
            out.append((f"{whom} did {someone} {verb.base} _ _ _", self.patient))
        else:
            out.append((f"{whom} was _ {verb.participle} _ _ _", self.patient))
        if self.third:
            target = "who" if verb.third in HUMAN else "what"
            out.append(
                (f"{target} did {someone} {verb.base} {what} {verb.preposition} _", self.third)
            )
        for wh, phrase in self.adjuncts.items():
            if rng.random() < 0.5:
                out.append((f"{wh} did {someone} {verb.base} {what} _ _", phrase))
            else:
                out.append((f"{wh} was {what} {verb.participle} _ _ _", phrase))
        return out


def _predicate(
    world: World, rng: random.Random, training: bool, agent: tuple[Phrase, str] | None
) -> Predicate:
    verb = rng.choice(VERBS)
    if agent is None:
        kind = rng.choice(("person", "person", "person", "company"))
        agent = (_noun(kind, world, rng, training), kind)
    third = _noun(verb.third, world, rng, training) if verb.third and rng.random() < 0.7 else None
    patient = _noun(verb.patient, world, rng, training)
    choices = (("when", TIMES), ("where", PLACES), ("how", tuple(MANNERS)), ("why", REASONS))
    adjuncts = {
        wh: _adjunct(forms, world, rng, training)
        for wh, forms in choices
        if rng.random() < ADJUNCT / (1 if wh in ("when", "where") else 2)
    }
    return Predicate(verb, agent[0], agent[1], patient, third, adjuncts)


def sentence(
    world: World, rng: random.Random, training: bool
) -> tuple[list[str], list[tuple[int, Predicate]]]:
    """A tokenised sentence and its predicates with their token numbers."""
    first = _predicate(world, rng, training, None)
    first.passive = rng.random() < PASSIVE
    before, after = [], []
    for wh, phrase in first.adjuncts.items():
        fronted = wh in ("when", "where") and not before and rng.random() < FRONTED
        (before if fronted else after).append(phrase.text)
    clause = first.words() if first.passive else f"{first.agent.text} {first.words()}"
    text = " ".join(([f"{before[0]} ,"] if before else []) + [clause, *after])
    predicates = [first]
    if not first.passive and rng.random() < TWO_PREDICATES:
        second = _predicate(world, rng, training, (first.agent, first.agent_kind))
        extra = [p.text for p in second.adjuncts.values()]
        text = " ".join([text, rng.choice(("and", ", but", "and later")), second.words(), *extra])
        predicates.append(second)
    tokens = f"{text} .".replace(", ,", ",").replace(", .", ".").split()
    tokens[0] = tokens[0][0].upper() + tokens[0][1:]
    found: list[tuple[int, Predicate]] = []
    start = 0
    for predicate in predicates:
        form = predicate.verb.participle if predicate.passive else predicate.verb.past
        start = tokens.index(form, start) + 1
        found.append((start - 1, predicate))
    return tokens, found


def _spans(answers: tuple[str, ...], text: str) -> str:
    """The answers in the sentence's casing, joined as in the official files."""
    out: list[str] = []
    for answer in answers:
        start = text.lower().index(answer.lower())
        out.append(text[start : start + len(answer)])
    return " ### ".join(out)


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three files; counts are questions."""
    number = 0
    for split, count in counts.splits():
        rng = stream(seed, "qa_srl", split)
        with text_file(root / FILES[split]) as put:
            done = 0
            while done < count:
                tokens, predicates = sentence(world, rng, split == "train")
                text = " ".join(tokens)
                blocks: list[str] = []
                for index, predicate in predicates:
                    asked = predicate.questions(rng)[: count - done]
                    if not asked:
                        break
                    done += len(asked)
                    blocks.append(f"{index}\t{tokens[index]}\t{len(asked)}\n")
                    for slots, phrase in asked:
                        fields = "\t".join(slots.split(" "))
                        blocks.append(f"{fields}\t?\t{_spans(phrase.answers, text)}\n")
                kept = sum(block[0].isdigit() for block in blocks)
                put(f"WIKI1_{number}\t{kept}\n{text}\n{''.join(blocks)}\n")
                number += 1
