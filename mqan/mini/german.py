"""German inflection and word order: noun phrases by case, clauses by position of the verb."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mqan.mini.bilingual import MODALS, Adjective, Case, Noun, Verb

Person = Literal["1s", "2s", "3s", "1p", "3p"]
CASES: tuple[Case, ...] = ("nom", "acc", "dat")

# Endings by case, columns m f n plural.
_DER = {
    "nom": ("der", "die", "das", "die"),
    "acc": ("den", "die", "das", "die"),
    "dat": ("dem", "der", "dem", "den"),
}
_DIESER = {
    "nom": ("er", "e", "es", "e"),
    "acc": ("en", "e", "es", "e"),
    "dat": ("em", "er", "em", "en"),
}
_EIN = {
    "nom": ("", "e", "", "e"),
    "acc": ("en", "e", "", "e"),
    "dat": ("em", "er", "em", "en"),
}
_WEAK = {
    "nom": ("e", "e", "e", "en"),
    "acc": ("en", "e", "e", "en"),
    "dat": ("en", "en", "en", "en"),
}
_MIXED = {
    "nom": ("er", "e", "es", "en"),
    "acc": ("en", "e", "es", "en"),
    "dat": ("en", "en", "en", "en"),
}
_RELATIVE = {**_DER, "dat": ("dem", "der", "dem", "denen")}

# Subject, accusative, dative.
PRONOUNS: dict[str, tuple[Person, str, str, str]] = {
    "I": ("1s", "ich", "mich", "mir"),
    "you": ("2s", "du", "dich", "dir"),
    "he": ("3s", "er", "ihn", "ihm"),
    "she": ("3s", "sie", "sie", "ihr"),
    "it": ("3s", "es", "es", "ihm"),
    "we": ("1p", "wir", "uns", "uns"),
    "they": ("3p", "sie", "sie", "ihnen"),
}
POSSESSIVES = {
    "my": "mein",
    "your": "dein",
    "his": "sein",
    "her": "ihr",
    "our": "unser",
    "their": "ihr",
}
_SEIN = {"1s": "bin", "2s": "bist", "3s": "ist", "1p": "sind", "3p": "sind"}
_WAR = {"1s": "war", "2s": "warst", "3s": "war", "1p": "waren", "3p": "waren"}
_HABEN = {"1s": "habe", "2s": "hast", "3s": "hat", "1p": "haben", "3p": "haben"}
_WERDEN = {"1s": "werde", "2s": "wirst", "3s": "wird", "1p": "werden", "3p": "werden"}
_CONTRACTED = {
    "in dem": "im",
    "in das": "ins",
    "an dem": "am",
    "bei dem": "beim",
    "zu dem": "zum",
    "zu der": "zur",
    "von dem": "vom",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: a pronoun (English form), a name, or a noun with its determiner.

    Determiners are English: the, a, no, this, every, a possessive, or "" (bare plural).
    `relative` is a clause about the noun, its subject.
    """

    noun: Noun | None = None
    determiner: str = "the"
    adjective: Adjective | None = None
    plural: bool = False
    pronoun: str = ""
    name: str = ""
    relative: "Clause | None" = None

    @property
    def person(self) -> Person:
        """Person and number for the verb."""
        if self.pronoun:
            return PRONOUNS[self.pronoun][0]
        return "3p" if self.plural else "3s"


@dataclass(frozen=True, slots=True)
class Place:
    """A prepositional phrase."""

    en: str
    de: str
    case: Case
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Clause:
    """What is said, for both languages. Without a verb it is a copula with `predicate`."""

    subject: Phrase
    verb: Verb | None = None
    object: Phrase | None = None
    recipient: Phrase | None = None
    place: Place | None = None
    time: tuple[str, str] | None = None  # English, German
    predicate: Adjective | None = None
    than: Phrase | None = None  # predicate is a comparison with this
    tense: Literal["present", "past", "future"] = "present"
    modal: str = ""
    negated: bool = False
    progressive: bool = False  # English only


def _column(phrase: Phrase) -> int:
    assert phrase.noun is not None
    return 3 if phrase.plural else "mfn".index(phrase.noun.gender)


def _noun_form(noun: Noun, plural: bool, case: Case) -> str:
    if plural:
        form = noun.de_plural
        return form + "n" if case == "dat" and form[-1] not in "ns" else form
    return noun.weak if noun.weak and case != "nom" else noun.de


def noun_phrase(phrase: Phrase, case: Case) -> str:
    """The phrase in German, in the given case, relative clause included."""
    if phrase.pronoun:
        return PRONOUNS[phrase.pronoun][1 + CASES.index(case)]
    if phrase.noun is None:
        return phrase.name
    column = _column(phrase)
    if phrase.determiner == "the":
        words, endings = [_DER[case][column]], _WEAK
    elif phrase.determiner in ("this", "every"):
        stem = "dies" if phrase.determiner == "this" else "jed"
        words, endings = [stem + _DIESER[case][column]], _WEAK
    elif not phrase.determiner:
        words, endings = [], _DIESER
    else:
        stem = {"a": "ein", "no": "kein", **POSSESSIVES}[phrase.determiner]
        words, endings = [stem + _EIN[case][column]], _MIXED
    if phrase.adjective:
        words.append(phrase.adjective.stem + endings[case][column])
    words.append(_noun_form(phrase.noun, phrase.plural, case))
    text = " ".join(words)
    if phrase.relative:
        text += f", {_RELATIVE['nom'][column]} {verb_final(phrase.relative, subject=False)},"
    return text


def present(verb: Verb, person: Person) -> str:
    """Present tense without the prefix."""
    if person in ("1p", "3p"):
        return verb.de
    stem = verb.de.removesuffix("n").removesuffix("e")
    if person == "1s":
        return stem + "e"
    irregular = verb.second if person == "2s" else verb.third
    if irregular:
        return irregular
    link = "e" if stem[-1] in "td" or stem.endswith("chn") else ""
    if person == "2s":
        return stem + link + ("t" if stem[-1] in "sßzx" else "st")
    return stem + link + "t"


def _modal(modal: str, person: Person, past: bool) -> str:
    _, _, singular, second, plural, past_stem = MODALS[modal]
    if past:
        return past_stem + {"1s": "e", "2s": "est", "3s": "e", "1p": "en", "3p": "en"}[person]
    return {"1s": singular, "2s": second, "3s": singular}.get(person, plural)


def _verbs(clause: Clause) -> tuple[str, list[str], list[str]]:
    """(finite verb, what then ends a main clause, the verbs that end a subordinate clause)."""
    person = clause.subject.person
    verb = clause.verb
    infinitive = "sein" if verb is None else verb.prefix + verb.de
    if clause.modal:
        finite = _modal(clause.modal, person, clause.tense == "past")
        return finite, [infinitive], [infinitive, finite]
    if clause.tense == "future":
        return _WERDEN[person], [infinitive], [infinitive, _WERDEN[person]]
    if verb is None:
        finite = (_WAR if clause.tense == "past" else _SEIN)[person]
        return finite, [], [finite]
    if clause.tense == "past":
        finite = (_SEIN if verb.auxiliary == "sein" else _HABEN)[person]
        return finite, [verb.participle], [verb.participle, finite]
    finite = present(verb, person)
    return finite, [verb.prefix] if verb.prefix else [], [verb.prefix + finite]


def place_phrase(place: Place) -> str:
    """Preposition and noun phrase, contracted where German must."""
    text = f"{place.de} {noun_phrase(place.phrase, place.case)}"
    first, second, *rest = text.split(" ")
    pair = f"{first} {second}"
    return " ".join([_CONTRACTED.get(pair, pair), *rest])


def _objects(clause: Clause) -> tuple[list[str], list[str], bool]:
    """(pronouns, full phrases, whether an object carries the negation)."""
    case: Case = "dat" if clause.verb and clause.verb.case == "dat" else "acc"
    direct, negates = clause.object, False
    if clause.negated and direct and direct.determiner in ("a", "") and direct.noun:
        direct, negates = replace(direct, determiner="no"), True
    pronouns = [noun_phrase(direct, case)] if direct and direct.pronoun else []
    full = [noun_phrase(direct, case)] if direct and not direct.pronoun else []
    if clause.recipient:
        text = noun_phrase(clause.recipient, "dat")
        if clause.recipient.pronoun:
            pronouns.append(text)
        else:
            full.insert(0, text)
    return pronouns, full, negates


def _middle(clause: Clause, time: bool) -> list[str]:
    """Everything between the finite verb (or subject) and the closing verbs."""
    pronouns, full, negates = _objects(clause)
    words = list(pronouns)
    if clause.time and time:
        words.append(clause.time[1])
    words += full
    if clause.negated and not negates:
        words.append("nicht")
    if clause.place:
        words.append(place_phrase(clause.place))
    if clause.predicate:
        words.append(clause.predicate.more if clause.than else clause.predicate.alone)
    return words


def _than(clause: Clause) -> list[str]:
    return [f"als {noun_phrase(clause.than, 'nom')}"] if clause.than else []


def _joined(parts: Sequence[str]) -> str:
    text = " ".join(part for part in parts if part)
    return text.replace(",,", ",")


def main_clause(clause: Clause, front: str = "") -> str:
    """Verb second. `front`, given or the time, takes the first place instead of the subject."""
    finite, tail, _ = _verbs(clause)
    subject = noun_phrase(clause.subject, "nom")
    first = [front, finite, subject] if front else [subject, finite]
    fronted_time = clause.time is not None and front == clause.time[1]
    return _joined([*first, *_middle(clause, not fronted_time), *tail, *_than(clause)])


def question(clause: Clause, word: str = "") -> str:
    """Verb first, behind a question word if there is one."""
    finite, tail, _ = _verbs(clause)
    subject = noun_phrase(clause.subject, "nom")
    return _joined([word, finite, subject, *_middle(clause, True), *tail, *_than(clause)])


def verb_final(clause: Clause, conjunction: str = "", subject: bool = True) -> str:
    """Subordinate order: the finite verb last."""
    _, _, verbs = _verbs(clause)
    who = noun_phrase(clause.subject, "nom") if subject else ""
    return _joined([conjunction, who, *_middle(clause, True), *_than(clause), *verbs])
