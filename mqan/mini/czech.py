"""Czech inflection and word order for the clauses of the bilingual grammar.

Nouns have gender, animacy and case, adjectives and past tenses agree with them, there is no article
and mostly no subject pronoun; short pronouns and the auxiliary of the past stand second in their
clause; a possessive of the subject's own is `svůj`. Only sentences are made in which these rules
suffice. No Czech speaker has checked them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mqan.mini import czech_words
from mqan.mini.bilingual import Case
from mqan.mini.german import Clause, Phrase
from mqan.mini.lexicon import WOMEN

PERSONS = ("1s", "2s", "3s", "1p", "3p")


@dataclass(frozen=True, slots=True)
class Noun:
    """Forms of a noun; `dative` is empty where it is never needed."""

    kind: str
    nominative: str
    accusative: str
    dative: str
    plural: str
    plural_accusative: str
    gender: str  # a, i, f, n


@dataclass(frozen=True, slots=True)
class Verb:
    """Forms of a verb; `future` is empty where it is `budu` and the infinitive."""

    infinitive: str
    present: tuple[str, ...]  # by PERSONS
    past: str  # masculine singular
    past_stem: str
    future: tuple[str, ...]
    case: str  # acc, dat, both, none; that, modal and be are not drawn as verbs of a clause
    objects: tuple[str, ...]


def _nouns() -> dict[str, Noun]:
    found: dict[str, Noun] = {}
    for line in czech_words.NOUNS.strip().split("\n"):
        kind, english, forms = line.split(": ")
        found[english] = Noun(kind, *forms.split(", "))
    return found


def _verbs() -> dict[str, Verb]:
    found: dict[str, Verb] = {}
    for line in czech_words.VERBS.strip().split("\n"):
        english, infinitive, present, past, future, case, objects = map(str.strip, line.split("|"))
        he, stem = past.split()
        found[english] = Verb(
            infinitive=infinitive,
            present=tuple(present.split()),
            past=he,
            past_stem=stem,
            future=() if future == "-" else tuple(future.split()),
            case=case,
            objects=tuple(objects.split(",")) if objects else (),
        )
    return found


NOUNS, VERBS = _nouns(), _verbs()
ADJECTIVES: dict[str, tuple[str, str]] = {
    english: (masculine, plural)
    for english, masculine, plural in (
        line.split(", ") for line in czech_words.ADJECTIVES.strip().split("\n")
    )
}
PLACES: dict[str, tuple[str, str, str]] = {
    english: (inside, instrumental, genitive)
    for english, (inside, instrumental, genitive) in (
        (line.split(": ")[0], line.split(": ")[1].split(", "))
        for line in czech_words.PLACES.strip().split("\n")
    )
}
# Object pronouns: accusative, dative.
PRONOUNS = {
    "I": ("mě", "mi"),
    "you": ("tě", "ti"),
    "he": ("ho", "mu"),
    "she": ("ji", "jí"),
    "we": ("nás", "nám"),
    "they": ("je", "jim"),
}
SUBJECTS = {"I": "", "you": "", "we": "", "he": "on", "she": "ona", "they": "oni"}
OWN = {"1s": "my", "2s": "your", "1p": "our"}  # whose possessive is `svůj`

# By (number, case), a column each for the genders a i f n.
_POSSESSIVE = {
    ("s", "nom"): ("ůj", "ůj", "oje", "oje"),
    ("s", "acc"): ("ého", "ůj", "oji", "oje"),
    ("s", "dat"): ("ému", "ému", "é", "ému"),
    ("p", "nom"): ("oji", "oje", "oje", "oje"),
    ("p", "acc"): ("oje", "oje", "oje", "oje"),
}
_OUR = {
    ("s", "nom"): ("náš", "náš", "naše", "naše"),
    ("s", "acc"): ("našeho", "náš", "naši", "naše"),
    ("s", "dat"): ("našemu", "našemu", "naší", "našemu"),
    ("p", "nom"): ("naši", "naše", "naše", "naše"),
    ("p", "acc"): ("naše", "naše", "naše", "naše"),
}
_HER = {
    ("s", "acc"): ("jejího", "její", "její", "její"),
    ("s", "dat"): ("jejímu", "jejímu", "její", "jejímu"),
}
_THIS = {
    ("s", "nom"): ("tento", "tento", "tato", "toto"),
    ("s", "acc"): ("tohoto", "tento", "tuto", "toto"),
    ("s", "dat"): ("tomuto", "tomuto", "této", "tomuto"),
    ("p", "nom"): ("tito", "tyto", "tyto", "tato"),
    ("p", "acc"): ("tyto", "tyto", "tyto", "tato"),
}
_ADJECTIVE = {
    ("s", "nom"): ("ý", "ý", "á", "é"),
    ("s", "acc"): ("ého", "ý", "ou", "é"),
    ("s", "dat"): ("ému", "ému", "é", "ému"),
    ("p", "nom"): ("", "é", "é", "á"),  # the first is irregular
    ("p", "acc"): ("é", "é", "é", "á"),
}
_PAST = {"s": ("", "", "a", "o"), "p": ("i", "y", "y", "a")}


def _determiner(english: str, number: str, case: Case, column: int, own: bool) -> str:
    """The determiner; the articles have none."""
    key = (number, case)
    if english in ("", "the", "a"):
        return ""
    if own:
        return f"sv{_POSSESSIVE[key][column]}"
    if english in ("my", "your"):
        return {"my": "m", "your": "tv"}[english] + _POSSESSIVE[key][column]
    if english in ("his", "their"):
        return {"his": "jeho", "their": "jejich"}[english]
    if english == "her":
        return _HER[key][column] if key in _HER else "její"
    return {"our": _OUR, "this": _THIS}[english][key][column]


def adjective(english: str, number: str, case: Case, column: int) -> str:
    """The adjective in agreement with a noun of the gender's column."""
    masculine, animate_plural = ADJECTIVES[english]
    if (number, case, column) == ("p", "nom", 0):
        return animate_plural
    return masculine[:-1] + _ADJECTIVE[number, case][column]


def agreement(phrase: Phrase) -> tuple[str, int]:
    """Number, s or p, and column of the gender; speaker and hearer count as masculine."""
    if phrase.pronoun:
        return ("p" if phrase.pronoun in ("we", "they") else "s"), 2 * (phrase.pronoun == "she")
    if phrase.noun is None:
        return "s", 2 * (phrase.name.split()[0] in WOMEN)
    return "p" if phrase.plural else "s", "aifn".index(NOUNS[phrase.noun.en].gender)


def noun_phrase(phrase: Phrase, case: Case, owner: str = "") -> str:
    """The phrase with a noun or, as subject only, a name; `owner`: the subject's own possessive."""
    if phrase.noun is None:
        assert case == "nom", "names of the embedded world have no Czech cases"
        return phrase.name
    noun, (number, column) = NOUNS[phrase.noun.en], agreement(phrase)
    forms = {
        "s": {"nom": noun.nominative, "acc": noun.accusative, "dat": noun.dative},
        "p": {"nom": noun.plural, "acc": noun.plural_accusative},
    }
    own = bool(owner) and phrase.determiner == owner
    words = [_determiner(phrase.determiner, number, case, column, own)]
    if phrase.adjective:
        words.append(adjective(phrase.adjective.en, number, case, column))
    return " ".join(filter(None, [*words, forms[number][case]]))


def place(english: str, noun: str) -> str:
    """`in`, `behind`, `in front of` or `near` a place."""
    inside, instrumental, genitive = PLACES[noun]
    return {
        "in": inside,
        "behind": f"za {instrumental}",
        "in front of": f"před {instrumental}",
        "near": f"u {genitive}",
    }[english]


def _verbs_of(clause: Clause) -> tuple[str, str, str]:
    """(auxiliary of the past, finite verb, infinitive behind it), empty where there is none."""
    person = PERSONS.index(clause.subject.person)
    main = VERBS[clause.verb.en if clause.verb else "be"]
    head = VERBS[clause.modal] if clause.modal else main
    infinitive = main.infinitive if clause.modal else ""
    no = "ne" if clause.negated else ""
    if clause.tense == "past":
        number, column = agreement(clause.subject)
        ending = _PAST[number][column]
        past = head.past_stem + ending if ending else head.past
        return ("jsem", "jsi", "", "jsme", "")[person], no + past, infinitive
    if clause.tense == "future":
        if head.future:
            return "", no + head.future[person], infinitive
        return "", no + VERBS["be"].future[person], head.infinitive
    if head is VERBS["be"] and no and person == 2:
        return "", "není", infinitive
    return "", no + head.present[person], infinitive


def _objects(clause: Clause) -> tuple[list[str], list[str]]:
    """Short pronouns, dative first, and what stands behind the verbs."""
    short, full = list[str](), list[str]()
    owner = OWN.get(clause.subject.person, "")
    case: Case = "acc"
    if clause.verb and VERBS[clause.verb.en].case == "dat":
        case = "dat"
    parts: list[tuple[Phrase | None, Case]] = [(clause.recipient, "dat"), (clause.object, case)]
    for phrase, needed in parts:
        if phrase and phrase.pronoun:
            short.append(PRONOUNS[phrase.pronoun][needed == "dat"])
        elif phrase:
            full.append(noun_phrase(phrase, needed, owner))
    if clause.predicate:
        number, column = agreement(clause.subject)
        full.append(adjective(clause.predicate.en, number, "nom", column))
    if clause.place and clause.place.phrase.noun:
        full.append(place(clause.place.en, clause.place.phrase.noun.en))
    return short, full


def statement(clause: Clause, front: str = "", time: bool = True) -> str:
    """A clause behind `front`: nothing, a conjunction, or the time if not `time`."""
    subject, second = _subject(clause), _second(clause)
    _, verb, infinitive = _verbs_of(clause)
    when = clause.time[1] if clause.time and time else ""
    if front:
        words = [front, *second, subject, when, verb, infinitive]
    elif subject:
        words = [subject, *second, when, verb, infinitive]
    else:
        words = [verb, *second, when, infinitive]
    return _joined([*words, *_objects(clause)[1]])


def question(clause: Clause, word: str = "") -> str:
    """Verb first, or behind a question word; pronouns of the subject are left out."""
    subject = "" if clause.subject.pronoun else _subject(clause)
    second, when = _second(clause), clause.time[1] if clause.time else ""
    _, verb, infinitive = _verbs_of(clause)
    if word:
        words = [word, *second, subject, when, verb, infinitive]
    else:
        words = [verb, *second, subject, when, infinitive]
    return _joined([*words, *_objects(clause)[1]])


def _second(clause: Clause) -> list[str]:
    """What stands second in its clause: the auxiliary of the past, then short pronouns."""
    return [_verbs_of(clause)[0], *_objects(clause)[0]]


def _subject(clause: Clause) -> str:
    pronoun = clause.subject.pronoun
    return SUBJECTS[pronoun] if pronoun else noun_phrase(clause.subject, "nom")


def _joined(words: Sequence[str]) -> str:
    return " ".join(filter(None, words))
