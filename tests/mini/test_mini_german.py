"""The bilingual grammar against sentences written by hand."""

import random
import re

import pytest

from mqan.mini import english, german
from mqan.mini.bilingual import ADJECTIVES, NOUNS, VERBS
from mqan.mini.german import Clause, Phrase, Place
from mqan.mini.iwslt import LONGEST, Sampler
from mqan.mini.lexicon import World

N = {noun.en: noun for noun in NOUNS}
V = {verb.en: verb for verb in VERBS}
A = {adjective.en: adjective for adjective in ADJECTIVES}


def np(noun: str, determiner: str = "the", adjective: str = "", plural: bool = False) -> Phrase:
    return Phrase(N[noun], determiner, A[adjective] if adjective else None, plural)


def he(pronoun: str) -> Phrase:
    return Phrase(pronoun=pronoun)


def at(en: str, de: str, noun: str) -> Place:
    return Place(en, de, "dat", np(noun))


PHRASES = [
    (np("man"), "nom", "der Mann"),
    (np("man"), "acc", "den Mann"),
    (np("man"), "dat", "dem Mann"),
    (np("woman", "a"), "dat", "einer Frau"),
    (np("child", "a", "small"), "nom", "ein kleines Kind"),
    (np("child", "the", "small"), "dat", "dem kleinen Kind"),
    (np("dog", "a", "big"), "nom", "ein großer Hund"),
    (np("dog", "no", "big"), "acc", "keinen großen Hund"),
    (np("cat", "my", "old"), "dat", "meiner alten Katze"),
    (np("book", "this", "expensive"), "acc", "dieses teure Buch"),
    (np("boy"), "acc", "den Jungen"),
    (np("student", "a"), "dat", "einem Studenten"),
    (np("child", "the", plural=True), "dat", "den Kindern"),
    (np("house", "our", "beautiful", True), "nom", "unsere schönen Häuser"),
    (np("friend", "", "good", True), "dat", "guten Freunden"),
    (np("friend", "", "good", True), "nom", "gute Freunde"),
    (np("gate", "a", "high"), "nom", "ein hohes Tor"),
    (np("office", "their", plural=True), "dat", "ihren Büros"),
    (np("singer", "his", plural=True), "dat", "seinen Sängerinnen"),
    (np("soup", "every"), "acc", "jede Suppe"),
    (he("I"), "dat", "mir"),
    (he("they"), "dat", "ihnen"),
]
MAIN = [
    (Clause(np("woman"), V["read"], np("story", "a")), "Die Frau liest eine Geschichte"),
    (Clause(he("I"), V["see"], np("bear", "the", "old")), "Ich sehe den alten Bären"),
    (Clause(he("you"), V["take along"], np("key")), "Du nimmst den Schlüssel mit"),
    (Clause(he("he"), V["work"]), "Er arbeitet"),
    (Clause(he("you"), V["draw"], np("picture", "a")), "Du zeichnest ein Bild"),
    (
        Clause(np("doctor"), V["help"], np("child"), tense="past"),
        "Der Arzt hat dem Kind geholfen",
    ),
    (Clause(he("she"), V["arrive"], tense="past"), "Sie ist angekommen"),
    (Clause(he("we"), V["invite"], he("they"), tense="past"), "Wir haben sie eingeladen"),
    (
        Clause(he("she"), V["give"], np("gift", "a"), np("father", "her")),
        "Sie gibt ihrem Vater ein Geschenk",
    ),
    (Clause(he("she"), V["give"], np("gift", "a"), he("he")), "Sie gibt ihm ein Geschenk"),
    (
        Clause(np("boy"), V["buy"], np("bicycle", "a"), modal="want"),
        "Der Junge will ein Fahrrad kaufen",
    ),
    (
        Clause(he("they"), V["open"], np("door"), modal="can", tense="past"),
        "Sie konnten die Tür aufmachen",
    ),
    (
        Clause(np("teacher"), V["call"], he("I"), tense="future"),
        "Der Lehrer wird mich anrufen",
    ),
    (Clause(he("I"), V["know"], np("man"), negated=True), "Ich kenne den Mann nicht"),
    (Clause(he("I"), V["buy"], np("lamp", "a"), negated=True), "Ich kaufe keine Lampe"),
    (
        Clause(he("it"), V["sleep"], place=at("in", "in", "garden"), negated=True),
        "Es schläft nicht im Garten",
    ),
    (
        Clause(np("cat"), V["sleep"], place=at("behind", "hinter", "school")),
        "Die Katze schläft hinter der Schule",
    ),
    (Clause(np("table"), predicate=A["expensive"], tense="past"), "Der Tisch war teuer"),
    (
        Clause(np("brother", "my"), predicate=A["big"], than=np("sister", "your")),
        "Mein Bruder ist größer als deine Schwester",
    ),
    (
        Clause(he("they"), V["follow"], np("judge"), tense="past", time=("yesterday", "gestern")),
        "Sie sind gestern dem Richter gefolgt",
    ),
    (
        Clause(
            Phrase(N["woman"], relative=Clause(np("woman"), V["pick up"], he("we"))), V["laugh"]
        ),
        "Die Frau, die uns abholt, lacht",
    ),
]
FINAL = [
    (Clause(he("he"), V["call"], np("nurse")), "weil", "weil er die Krankenschwester anruft"),
    (
        Clause(he("I"), V["lose"], np("key", "my"), tense="past"),
        "dass",
        "dass ich meinen Schlüssel verloren habe",
    ),
    (
        Clause(he("we"), V["stay"], tense="past", time=("today", "heute")),
        "obwohl",
        "obwohl wir heute geblieben sind",
    ),
    (Clause(he("you"), V["wake up"], modal="must"), "dass", "dass du aufwachen musst"),
    (Clause(he("she"), predicate=A["tired"]), "wenn", "wenn sie müde ist"),
]


@pytest.mark.parametrize(("phrase", "case", "expected"), PHRASES, ids=lambda value: str(value)[:30])
def test_noun_phrases(phrase: Phrase, case: german.Case, expected: str) -> None:
    assert german.noun_phrase(phrase, case) == expected


@pytest.mark.parametrize(("clause", "expected"), MAIN, ids=lambda value: str(value)[:40])
def test_main_clauses(clause: Clause, expected: str) -> None:
    made = german.main_clause(clause)
    assert made[0].upper() + made[1:] == expected


@pytest.mark.parametrize(("clause", "word", "expected"), FINAL, ids=lambda value: str(value)[:40])
def test_verb_final_clauses(clause: Clause, word: str, expected: str) -> None:
    assert german.verb_final(clause, word) == expected


def test_verb_second_and_questions() -> None:
    clause = Clause(np("baker"), V["close"], np("shop", "his"), time=("today", "heute"))
    assert german.main_clause(clause, "heute") == "heute macht der Bäcker seinen Laden zu"
    assert german.question(clause) == "macht der Bäcker heute seinen Laden zu"
    asked = Clause(he("you"), V["look for"], np("newspaper"), tense="past")
    assert german.question(asked, "warum") == "warum hast du die Zeitung gesucht"


def test_english_side() -> None:
    def say(*arguments: object, **options: object) -> str:
        return english.statement(Clause(*arguments, **options))  # type: ignore[arg-type]

    assert say(np("woman"), V["watch"], np("egg", "a")) == "the woman watches an egg"
    assert say(he("he"), V["pick up"], he("they")) == "he picks them up"
    assert say(he("he"), V["pick up"], np("box")) == "he picks up the box"
    assert say(he("I"), V["listen to"], he("she"), tense="past") == "I listened to her"
    assert say(he("they"), V["sing"], negated=True, tense="past") == "they did not sing"
    assert say(he("she"), V["wait"], modal="want") == "she wants to wait"
    assert say(he("she"), V["wait"], modal="want", negated=True) == "she does not want to wait"
    assert say(he("we"), V["work"], progressive=True) == "we are working"
    assert say(np("child", "", plural=True), predicate=A["sad"]) == "children are sad"
    asked = Clause(he("he"), V["know"], np("answer", "this", plural=True))
    assert english.question(asked, "why") == "why does he know these answers"
    assert english.question(Clause(he("I"), predicate=A["old"])) == "am I old"


def test_sampled_pairs_are_well_formed() -> None:
    sampler = Sampler(World(3), random.Random(3), True)
    subordinate = fronted = questions = 0
    for _ in range(2000):
        en, de = sampler.pair()
        assert en[0].isupper() and de[0].isupper()
        assert en.endswith("?") == de.endswith("?")
        assert not re.search(r"  | ,|,,|,\.|\.\.|\{|,\?", en + de)
        subordinate += bool(re.search(r"\b(weil|dass|obwohl|wenn|als|bevor|während)\b", de))
        fronted += de.startswith(("Heute ", "Gestern ", "Morgen ", "Am ", "Im ", "Letzte"))
        questions += de.endswith("?")
    assert min(subordinate, fronted, questions) > 150


def test_lines_have_the_promised_length(corpora: object) -> None:
    lines = (corpora / "iwslt16/train.en-de.en").read_text().splitlines()  # type: ignore[operator]
    lengths = sorted(len(line.split()) for line in lines)
    assert lengths[-1] <= LONGEST
    assert 6 <= lengths[len(lengths) // 2] <= 12
