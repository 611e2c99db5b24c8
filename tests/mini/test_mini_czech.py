"""The Czech side of the embedded en-cs: agreement, case, word order, on sentences written by hand.

They follow grammars of Czech; no Czech speaker has read them.
"""

import random
import re
from collections import Counter
from typing import Any

import pytest

from mqan.mini import bilingual, czech, english, iwslt_cs
from mqan.mini.german import Clause, Phrase, Place
from mqan.mini.lexicon import World

ENGLISH_NOUNS = {noun.en: noun for noun in bilingual.NOUNS}
ENGLISH_VERBS = {verb.en: verb for verb in bilingual.VERBS}
ENGLISH_ADJECTIVES = {adjective.en: adjective for adjective in bilingual.ADJECTIVES}


def noun(words: str, plural: bool = False) -> Phrase:
    """`my old dog` as a phrase; `dog` alone has no determiner."""
    *before, last = words.split()
    determiner = before[0] if before and before[0] in iwslt_cs.DETERMINERS else ""
    adjective = ENGLISH_ADJECTIVES[before[-1]] if before and before[-1] != determiner else None
    return Phrase(ENGLISH_NOUNS[last], determiner, adjective, plural)


def clause(subject: Phrase | str, verb: str = "", **parts: Any) -> Clause:
    who = Phrase(pronoun=subject) if isinstance(subject, str) else subject
    return Clause(who, ENGLISH_VERBS.get(verb), **parts)


@pytest.mark.parametrize(
    ("made", "en", "cs"),
    [
        (clause("I", "see", object=noun("the dog")), "I see the dog", "vidím psa"),
        (
            clause("I", "see", object=noun("my mother")),
            "I see my mother",
            "vidím svoji matku",
        ),
        (
            clause("we", "see", object=noun("my old friend")),
            "we see my old friend",
            "vidíme mého starého přítele",
        ),
        (
            clause(noun("his mother"), "read", object=noun("the book"), tense="past"),
            "his mother read the book",
            "jeho matka přečetla knihu",
        ),
        (
            clause("I", "buy", object=noun("this new key"), tense="past"),
            "I bought this new key",
            "koupil jsem tento nový klíč",
        ),
        (
            clause("you", "call", object=Phrase(pronoun="she"), tense="past"),
            "you called her",
            "zavolal jsi jí",
        ),
        (
            clause(noun("the woman", True), "sleep", tense="past"),
            "the women slept",
            "ženy spaly",
        ),
        (
            clause(noun("this old dog", True), "wait", tense="past", negated=True),
            "these old dogs did not wait",
            "tito staří psi nečekali",
        ),
        (
            clause(
                "they", "give", recipient=Phrase(pronoun="I"), object=noun("a cake"), tense="past"
            ),
            "they gave me a cake",
            "oni mi dali dort",
        ),
        (
            clause("I", "give", recipient=noun("my sister"), object=noun("a pear"), tense="future"),
            "I will give my sister a pear",
            "dám své sestře hrušku",
        ),
        (
            clause("we", "look for", object=Phrase(pronoun="they"), tense="future", negated=True),
            "we will not look for them",
            "nebudeme je hledat",
        ),
        (
            clause("he", "find", object=noun("the ring"), modal="must", tense="past"),
            "he had to find the ring",
            "on musel najít prsten",
        ),
        (
            clause(noun("the book"), predicate=ENGLISH_ADJECTIVES["new"], negated=True),
            "the book is not new",
            "kniha není nová",
        ),
        (
            clause(noun("the window", True), predicate=ENGLISH_ADJECTIVES["old"], tense="past"),
            "the windows were old",
            "okna byla stará",
        ),
        (
            clause(noun("the friend", True), predicate=ENGLISH_ADJECTIVES["rich"], tense="future"),
            "the friends will be rich",
            "přátelé budou bohatí",
        ),
        (
            clause("she", "sleep", place=Place("behind", "", "dat", noun("the school"))),
            "she sleeps behind the school",
            "ona spí za školou",
        ),
        (
            clause(Phrase(name="Anna Ek"), "help", object=noun("her brother"), tense="past"),
            "Anna Ek helped her brother",
            "Anna Ek pomohla jejímu bratrovi",
        ),
        (
            clause("I", "sing", time=("on Friday", "v pátek"), tense="past"),
            "I sang on Friday",
            "zpíval jsem v pátek",
        ),
    ],
)
def test_statements(made: Clause, en: str, cs: str) -> None:
    assert (english.statement(made), czech.statement(made)) == (en, cs)


def test_short_words_stand_second() -> None:
    made = clause("I", "see", object=Phrase(pronoun="he"), tense="past", time=("today", "dnes"))
    assert czech.statement(made, "dnes", time=False) == "dnes jsem ho viděl"
    assert czech.statement(made, "že") == "že jsem ho dnes viděl"
    assert czech.question(made) == "viděl jsem ho dnes"
    assert czech.question(made, "proč") == "proč jsem ho dnes viděl"
    named = clause(noun("the judge"), "meet", object=Phrase(pronoun="we"), modal="want")
    assert czech.statement(named) == "soudce nás chce potkat"
    assert czech.question(named) == "chce nás soudce potkat"


def test_every_word_has_its_forms() -> None:
    assert set(czech.NOUNS) <= set(ENGLISH_NOUNS)
    assert set(czech.ADJECTIVES) <= set(ENGLISH_ADJECTIVES)
    assert set(czech.VERBS) - set(ENGLISH_VERBS) == {
        *("think", "say", "hope", "can", "must", "want", "be")
    }
    for name, form in czech.NOUNS.items():
        assert form.gender in tuple("aifn")
        assert bool(form.dative) == (form.kind in ("person", "animal")), name
        # only inanimate masculines and neuters have one form for both cases
        assert (form.nominative == form.accusative) <= (form.gender in "inf" or name == "judge")
    for form in czech.VERBS.values():
        assert len(form.present) == 5 and len(form.future) in (0, 5)
        assert form.past.endswith("l") and form.past_stem.endswith("l")
    assert set(czech.PLACES) == {name for name, form in czech.NOUNS.items() if form.kind == "place"}


@pytest.fixture(scope="module")
def drawn() -> list[tuple[str, str]]:
    sampler = iwslt_cs.Sampler(World(1), random.Random(4), True)
    return [sampler.pair() for _ in range(6000)]


def test_sentences_are_well_formed(drawn: list[tuple[str, str]]) -> None:
    for en, cs in drawn:
        assert en[-1] == cs[-1] and en[-1] in ".?"
        assert en[0].isupper() and cs[0].isupper()
        for text in (en, cs):
            assert not re.search(r"  | [.,?]|,,|\.\.|\b(\w+) \1\b", text), text
        assert not re.search(r"\b(the|an|is|was)\b", cs)


def test_both_languages_vary(drawn: list[tuple[str, str]]) -> None:
    assert len(set(drawn)) > 0.85 * len(drawn)
    words = Counter(word for _, cs in drawn for word in re.findall(r"\w+", cs.lower()))
    names = {word.lower() for word in World(1).surnames.names}
    assert 500 < len(set(words) - names) < 1500
    marks = {"questions": "?", "negation": " ne", "past": " jsem ", "own": " sv", "future": " bud"}
    for mark in marks.values():
        assert sum(mark in cs for _, cs in drawn) > 50, mark


def test_names_can_be_copied(drawn: list[tuple[str, str]]) -> None:
    """A name stands in the nominative only, which is how it is written in English."""
    surnames = set(World(1).surnames.names)
    named = [(en, cs) for en, cs in drawn if surnames & set(re.findall(r"\w+", en))]
    assert len(named) > 200
    for en, cs in named:
        assert surnames & set(re.findall(r"\w+", en)) == surnames & set(re.findall(r"\w+", cs))
