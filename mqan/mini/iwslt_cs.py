"""IWSLT English-Czech: sentence pairs whose English side is that of the embedded IWSLT.

Official form after cleaning: two parallel text files a split, one sentence a line: train.en-cs.*,
IWSLT16.TED.tst2013.en-cs.* (validation), IWSLT16.TED.tst2012.en-cs.* (test). The English words and
clauses are those of the English-German grammar, as far as `czech` has them.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from mqan.mini import bilingual, czech, english
from mqan.mini.facts import capital
from mqan.mini.german import Clause, Phrase, Place
from mqan.mini.iwslt import LONGEST, SKEW
from mqan.mini.lexicon import World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

# Relative frequency of sentence shapes.
SHAPES = {
    "main": 6,
    "fronted": 3,
    "question": 2,
    "asking": 1,
    "subordinate": 2,
    "that": 2,
    "both": 1,
}
COPULA = 0.2  # share of clauses with `be`
INTRANSITIVE = 0.15  # of the others, share without object
NEGATED = 0.12  # share of clauses
MODAL = 0.12  # share of clauses with a modal verb
PLACE = 0.25  # share of clauses that say where
TIME = 0.3  # share of clauses that say when
ADJECTIVE = 0.25  # share of nouns with an adjective
PLURAL = 0.15  # share of nouns in the plural, where the case allows it
OWNED = 0.2  # share of objects that are said to be the speaker's or hearer's own
NAMED = 0.3  # share of subjects that have a name
FULL_NAME = 0.35  # share of names with a surname

FILES = {
    "train": "train.en-cs",
    "validation": "IWSLT16.TED.tst2013.en-cs",
    "test": "IWSLT16.TED.tst2012.en-cs",
}
TIMES = (  # English, Czech; tense they fit ("" any)
    ("today", "dnes", ""),
    ("yesterday", "včera", "past"),
    ("tomorrow", "zítra", "future"),
    ("every day", "každý den", "present"),
    ("on Monday", "v pondělí", ""),
    ("on Friday", "v pátek", ""),
    ("on Sunday", "v neděli", ""),
    ("in the evening", "večer", ""),
    ("in the morning", "ráno", ""),
    ("last week", "minulý týden", "past"),
    ("next week", "příští týden", "future"),
    ("in winter", "v zimě", ""),
    ("in May", "v květnu", ""),
)
QUESTION_WORDS = (("why", "proč"), ("when", "kdy"), ("where", "kde"))
CONJUNCTIONS = (("because", "protože"), ("although", "ačkoli"), ("while", "zatímco"))
PREPOSITIONS = ("in", "behind", "in front of", "near")
DETERMINERS = ("the", "the", "the", "a", "a", "my", "his", "this", "her", "our", "their", "your")
THIRD = ("his", "her", "their")  # might or might not be the subject's own, which Czech must say
THINKING = (("think", "thought"), ("say", "said"), ("hope", "hoped"))
TENSES = ("present", "present", "past", "past", "future")
Tense = Literal["present", "past", "future"]
T = TypeVar("T")

KINDS = tuple(dict.fromkeys(noun.kind for noun in czech.NOUNS.values()))
NOUNS = {
    kind: tuple(
        n for n in bilingual.NOUNS if n.en in czech.NOUNS and czech.NOUNS[n.en].kind == kind
    )
    for kind in KINDS
}
_VERBS = tuple(verb for verb in bilingual.VERBS if verb.en in czech.VERBS)
INTRANSITIVES = tuple(verb for verb in _VERBS if czech.VERBS[verb.en].case == "none")
TRANSITIVES = tuple(verb for verb in _VERBS if verb not in INTRANSITIVES)
ADJECTIVES = {
    alive: tuple(a for a in adjectives if a.en in czech.ADJECTIVES)
    for alive, adjectives in bilingual.ADJECTIVES_BY_LIFE.items()
}
STATES = ("love", "know", "see", "hear", "trust")  # seldom said with -ing


class Sampler:
    """Draws clauses; all randomness comes from `rng`."""

    def __init__(self, world: World, rng: random.Random, training: bool):
        self.world = world
        self.rng = rng
        self.training = training

    def chance(self, share: float) -> bool:
        """True with probability `share`."""
        return self.rng.random() < share

    def word(self, words: Sequence[T]) -> T:
        """One of the words, the first ones more often."""
        return words[int(len(words) * self.rng.random() ** SKEW)]

    def noun(self, kinds: Sequence[str], avoid: Sequence[str] = (), plural: bool = True) -> Phrase:
        """A noun of one of the kinds; `avoid`: determiners that would be unclear."""
        kind = self.rng.choice(kinds)
        many = plural and self.chance(PLURAL)
        determiner = self.word(DETERMINERS)
        if determiner in avoid:
            determiner = "the"
        if many and determiner == "a":
            determiner = ""
        fitting = ADJECTIVES[kind in ("person", "animal")]
        adjective = self.word(fitting) if self.chance(ADJECTIVE) else None
        return Phrase(self.word(NOUNS[kind]), determiner, adjective, many)

    def subject(self) -> Phrase:
        """A pronoun, a name, or a person or animal."""
        luck = self.rng.random()
        if luck < 0.35:
            return Phrase(pronoun=self.rng.choice(tuple(czech.SUBJECTS)))
        if luck < 0.35 + NAMED:
            full = self.world.name("person", self.rng, self.training)
            return Phrase(name=full if self.chance(FULL_NAME) else full.split()[0])
        return self.noun(("person", "person", "animal"))

    def when(self, tense: str) -> tuple[str, str]:
        """A time that fits the tense."""
        fitting = [(en, cs) for en, cs, fits in TIMES if fits in ("", tense)]
        return self.word(fitting)

    def clause(self, tense: Tense | None = None) -> Clause:
        """A clause, of the given tense or any."""
        subject, tense = self.subject(), tense or self.rng.choice(TENSES)
        extra: dict[str, Any] = {"tense": tense, "negated": self.chance(NEGATED)}
        if self.chance(TIME):
            extra["time"] = self.when(tense)
        if self.chance(COPULA):
            alive = self.chance(0.6)
            if not alive:
                subject = self.noun(("thing", "food", "place", "text"))
            return Clause(subject, predicate=self.word(ADJECTIVES[alive]), **extra)
        if tense != "future" and self.chance(MODAL):
            # "must not" and "nemuset" differ, so that pair does not occur
            extra["modal"] = self.rng.choice(("can", "want") + ("must",) * (not extra["negated"]))
        if self.chance(PLACE):
            where = Phrase(self.word(NOUNS["place"]))
            extra["place"] = Place(self.word(PREPOSITIONS), "", "dat", where)
        ongoing = tense == "present" and not extra.get("modal") and self.chance(0.4)
        if self.chance(INTRANSITIVE):
            return Clause(subject, self.word(INTRANSITIVES), progressive=ongoing, **extra)
        verb = self.word(TRANSITIVES)
        return Clause(
            subject,
            verb,
            progressive=ongoing
            and verb.en not in STATES
            and "every day" not in extra.get("time", ()),
            **self._objects(subject, verb.en),
            **extra,
        )

    def _objects(self, subject: Phrase, verb: str) -> dict[str, Phrase]:
        """Object and recipient of a verb; short pronouns are those that cannot be the subject."""
        form = czech.VERBS[verb]
        avoid = () if subject.person in czech.OWN else THIRD
        same = {"1s": ("I", "we"), "1p": ("I", "we"), "2s": ("you",)}
        banned = same.get(subject.person, ("he", "she", "they"))
        others = [pronoun for pronoun in czech.PRONOUNS if pronoun not in banned]

        def living(kinds: Sequence[str]) -> Phrase:
            if self.chance(0.35):
                return Phrase(pronoun=self.rng.choice(others))
            return owned(self.noun(kinds, avoid, plural=form.case == "acc"))

        def owned(phrase: Phrase) -> Phrase:
            own = czech.OWN.get(subject.person)
            return replace(phrase, determiner=own) if own and self.chance(OWNED) else phrase

        if form.case == "both":
            return {
                "recipient": living(("person",)),
                "object": owned(self.noun(form.objects, avoid)),
            }
        if "person" in form.objects:
            return {"object": living(form.objects)}
        return {"object": owned(self.noun(form.objects, avoid))}

    def pair(self) -> tuple[str, str]:
        """One sentence in English and in Czech, with its final mark."""
        shape = self.rng.choices(tuple(SHAPES), tuple(SHAPES.values()))[0]
        clause = self.clause()
        if shape in ("question", "asking"):
            en, cs = self._question(clause, shape == "asking")
            return f"{capital(en)}?", f"{capital(cs)}?"
        if shape == "fronted":
            clause = replace(clause, time=self.when(clause.tense))
            assert clause.time is not None
            en = f"{clause.time[0]} {english.statement(clause, time=False)}"
            cs = czech.statement(clause, clause.time[1], time=False)
        elif shape == "subordinate":
            en, cs = self._subordinate(clause)
        elif shape == "that":
            en, cs = self._that(clause)
        elif shape == "both":
            other = self.clause()
            (link, spojka) = self.rng.choice(((", and", " a"), (", but", ", ale")))
            en = f"{english.statement(clause)}{link} {english.statement(other)}"
            cs = f"{czech.statement(clause)}{spojka} {czech.statement(other)}"
        else:
            en, cs = english.statement(clause), czech.statement(clause)
        return f"{capital(en)}.", f"{capital(cs)}."

    def _question(self, clause: Clause, asking: bool) -> tuple[str, str]:
        words = ("", "")
        if asking:
            words = self.rng.choice(QUESTION_WORDS[: 1 if clause.place else 3])
            clause = replace(clause, time=None)
        return english.question(clause, words[0]), czech.question(clause, words[1])

    def _subordinate(self, clause: Clause) -> tuple[str, str]:
        """Main clause and subordinate clause, in either order."""
        en, cs = self.rng.choice(CONJUNCTIONS)
        under = replace(self.clause(clause.tense), modal="", time=None)
        main = english.statement(clause), czech.statement(clause)
        side = f"{en} {english.statement(under)}", czech.statement(under, cs)
        if self.chance(0.35):
            return f"{side[0]}, {main[0]}", f"{side[1]}, {main[1]}"
        return f"{main[0]} {side[0]}", f"{main[1]}, {side[1]}"

    def _that(self, clause: Clause) -> tuple[str, str]:
        """Somebody thinks or says that."""
        en, past = self.rng.choice(THINKING)
        verb = bilingual.Verb(en, past, past, "", "", "", "")
        tense: Tense = self.rng.choice(("present", "past"))
        outer = Clause(self.subject(), verb, tense=tense)
        return (
            f"{english.statement(outer)} that {english.statement(clause)}",
            f"{czech.statement(outer)}, {czech.statement(clause, 'že')}",
        )


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three pairs of files, line by line."""
    for split, count in counts.splits():
        sampler = Sampler(world, stream(seed, "iwslt_cs", split), split == "train")
        name = FILES[split]
        with text_file(root / f"{name}.en") as put_en, text_file(root / f"{name}.cs") as put_cs:
            done = 0
            while done < count:
                en, cs = sampler.pair()
                if len(en.split()) <= LONGEST:
                    put_en(f"{en}\n")
                    put_cs(f"{cs}\n")
                    done += 1
