"""IWSLT English-German: sentence pairs from one bilingual grammar.

Official form after cleaning: two parallel text files a split, one sentence a line. Files
train.en-de.{en,de}, IWSLT16.TED.tst2013.en-de.* (validation), IWSLT16.TED.tst2014.en-de.* (test).
German has case, gender, adjective endings, verb-second and verb-final order, separable verbs.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from mqan.mini import bilingual, english, german
from mqan.mini.facts import capital
from mqan.mini.german import Clause, Person, Phrase, Place
from mqan.mini.lexicon import World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

# Relative frequency of sentence shapes.
SHAPES = {
    "main": 5,
    "fronted": 3,
    "question": 2,
    "asking": 1,
    "subordinate": 3,
    "that": 2,
    "both": 1,
}
COPULA = 0.2  # share of clauses with `be`
INTRANSITIVE = 0.2  # of the others, share without object
NEGATED = 0.12  # share of clauses
MODAL = 0.12  # share of clauses with a modal verb
PLACE = 0.2  # share of clauses that say where or with whom
TIME = 0.3  # share of clauses that say when
ADJECTIVE = 0.2  # share of nouns with an adjective
PLURAL = 0.15  # share of nouns in the plural
RELATIVE = 0.03  # share of noun subjects with a relative clause
NAMED = 0.5  # share of people, with the pronouns, that have no noun
FULL_NAME = 0.35  # share of names with a surname
SKEW = 3.5  # 1: all words equally frequent; larger: few words make up most of the text
LONGEST = 10  # English words; longer sentences are drawn anew

FILES = {
    "train": "train.en-de",
    "validation": "IWSLT16.TED.tst2013.en-de",
    "test": "IWSLT16.TED.tst2014.en-de",
}
QUESTION_WORDS = (("why", "warum"), ("when", "wann"), ("where", "wo"))
DETERMINERS = ("the", "the", "the", "a", "a", "my", "his", "this", "her", "our", "their", "your")
MODAL_VERBS = ("can", "must", "want")
TENSES = ("present", "present", "past", "past", "future")
Tense = Literal["present", "past", "future"]
T = TypeVar("T")


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

    def phrase(self, kinds: Sequence[str], pronouns: Sequence[str] = (), depth: int = 1) -> Phrase:
        """A noun phrase of one of the kinds, perhaps a pronoun or a name."""
        rng = self.rng
        kind = rng.choice(kinds)
        luck = rng.random()
        if pronouns and luck < 0.3:
            return Phrase(pronoun=rng.choice(pronouns))
        if kind == "person" and luck < NAMED:
            full = self.world.name("person", rng, self.training)
            return Phrase(name=full if self.chance(FULL_NAME) else full.split()[0])
        plural = self.chance(PLURAL)
        determiner = self.word(DETERMINERS)
        if plural and determiner == "a":
            determiner = ""
        fitting = bilingual.ADJECTIVES_BY_LIFE[kind in ("person", "animal")]
        adjective = self.word(fitting) if self.chance(ADJECTIVE) else None
        noun = self.word(bilingual.NOUNS_BY_KIND[kind])
        made = Phrase(noun, determiner, adjective, plural)
        if pronouns and depth and self.chance(RELATIVE):
            inner = replace(self.clause(made, depth=0, plain=True), negated=False)
            made = replace(made, relative=inner)
        return made

    def _place(self) -> Place:
        rng = self.rng
        if self.chance(0.25):
            en, de, case = rng.choice(bilingual.COMPANIONS)
            return Place(en, de, case, self.phrase(("person",)))
        if self.chance(0.25):
            return Place(
                "in", "in", "dat", Phrase(name=self.world.word("city", rng, self.training))
            )
        en, de, case = self.word(bilingual.PREPOSITIONS)
        return Place(en, de, case, replace(self.phrase(("place",)), plural=False, determiner="the"))

    def _time(self, tense: str) -> tuple[str, str]:
        fitting = [pair for *pair, fits in bilingual.TIMES if fits in ("", tense)]
        en, de = self.word(fitting)
        return en, de

    def clause(self, subject: Phrase | None = None, depth: int = 1, plain: bool = False) -> Clause:
        """A clause; `plain` leaves out time, modal verb and negation."""
        rng = self.rng
        if subject is None:
            subject = self.phrase(("person", "person", "animal"), tuple(german.PRONOUNS), depth)
        tense: Tense = rng.choice(TENSES)
        extra: dict[str, Any] = {"tense": tense}
        if not plain:
            extra["negated"] = self.chance(NEGATED)
            if self.chance(TIME):
                extra["time"] = self._time(tense)
        if self.chance(COPULA):
            than = None
            if self.chance(0.25) and not extra.get("negated"):
                than = replace(self.phrase(("person", "animal")), relative=None)
            adjective = self.word(bilingual.ADJECTIVES_BY_LIFE[True])
            return Clause(subject, predicate=adjective, than=than, **extra)
        if not plain and tense != "future" and self.chance(MODAL):
            # "must not" and "muss nicht" differ, so that pair does not occur
            extra["modal"] = rng.choice(("can", "want") if extra["negated"] else MODAL_VERBS)
        if self.chance(PLACE):
            extra["place"] = self._place()
        extra["progressive"] = tense == "present" and not extra.get("modal") and self.chance(0.4)
        if self.chance(INTRANSITIVE):
            return Clause(subject, self.word(bilingual.INTRANSITIVE), **extra)
        verb = self.word(bilingual.TRANSITIVE)
        if verb.case == "both":
            extra["recipient"] = self.phrase(("person",), self._others(subject), 0)
        pronouns = self._others(subject) if "person" in verb.objects and verb.case != "both" else ()
        extra["object"] = self.phrase(verb.objects.split(","), pronouns, 0)
        if verb.en in ("love", "know", "understand", "trust"):
            extra["progressive"] = False
        return Clause(subject, verb, **extra)

    def _others(self, subject: Phrase) -> tuple[str, ...]:
        """Object pronouns that cannot mean the subject itself."""
        own: dict[Person, tuple[str, ...]] = {"1s": ("I", "we"), "1p": ("I", "we"), "2s": ("you",)}
        banned = own.get(subject.person, ("he", "she", "it", "they"))
        return tuple(p for p in german.PRONOUNS if p not in (*banned, "it"))

    def pair(self) -> tuple[str, str]:
        """One sentence in English and in German, with its final mark."""
        rng = self.rng
        shape = rng.choices(tuple(SHAPES), tuple(SHAPES.values()))[0]
        clause = self.clause()
        if shape == "fronted":
            clause = replace(clause, time=self._time(clause.tense))
            assert clause.time is not None
            en = f"{clause.time[0]} {english.statement(clause, time=False)}"
            de = german.main_clause(clause, clause.time[1])
        elif shape in ("question", "asking"):
            clause = replace(clause, subject=replace(clause.subject, relative=None))
            words = ("", "")
            if shape == "asking":
                words = rng.choice(QUESTION_WORDS[: 1 if clause.place else 3])
                clause = replace(clause, time=None)
            en, de = english.question(clause, words[0]), german.question(clause, words[1])
            return capital(en) + "?", capital(de) + "?"
        elif shape == "subordinate":
            en, de = self._subordinate(clause)
        elif shape == "that":
            en, de = self._that(clause)
        elif shape == "both":
            other = self.clause(depth=0)
            link = rng.choice((("and", "und"), ("but", "aber")))
            en = f"{english.statement(clause)}, {link[0]} {english.statement(other)}"
            de = f"{german.main_clause(clause)}, {link[1]} {german.main_clause(other)}"
        else:
            en, de = english.statement(clause), german.main_clause(clause)
        return capital(en) + ".", capital(de.replace(",,", ",").removesuffix(",")) + "."

    def _subordinate(self, clause: Clause) -> tuple[str, str]:
        """Main clause and subordinate clause, in either order."""
        en, de = self.rng.choice(bilingual.CONJUNCTIONS)
        under = replace(self.clause(depth=0), tense=clause.tense, modal="", time=None)
        if de == "wenn" and clause.tense == "past":
            de = "als"
        if self.chance(0.35):
            first = german.verb_final(under, de) + ","
            plain = replace(clause, subject=replace(clause.subject, relative=None))
            return (
                f"{en} {english.statement(under)}, {english.statement(plain)}",
                german.main_clause(plain, first),
            )
        return (
            f"{english.statement(clause)} {en} {english.statement(under)}",
            f"{german.main_clause(clause)}, {german.verb_final(under, de)}",
        )

    def _that(self, clause: Clause) -> tuple[str, str]:
        """Somebody thinks or says that."""
        en, en_past, de, participle = self.rng.choice(bilingual.THINKING)
        verb = bilingual.Verb(en, en_past, en_past, "", de, participle, "")
        tense: Tense = self.rng.choice(("present", "past"))
        who = self.phrase(("person",), tuple(p for p in german.PRONOUNS if p != "it"), 0)
        outer = Clause(replace(who, relative=None), verb, tense=tense)
        return (
            f"{english.statement(outer)} that {english.statement(clause)}",
            f"{german.main_clause(outer)}, {german.verb_final(clause, 'dass')}",
        )


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three pairs of files, line by line."""
    for split, count in counts.splits():
        sampler = Sampler(world, stream(seed, "iwslt", split), split == "train")
        name = FILES[split]
        with text_file(root / f"{name}.en") as put_en, text_file(root / f"{name}.de") as put_de:
            done = 0
            while done < count:
                en, de = sampler.pair()
                if len(en.split()) <= LONGEST:
                    put_en(en + "\n")
                    put_de(de + "\n")
                    done += 1
