"""The English-German lexicon: its words as objects of the grammar, and its short closed classes."""

from dataclasses import dataclass
from typing import Literal

from mqan.mini import bilingual_words

Case = Literal["nom", "acc", "dat"]


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun. `weak` nouns add -(e)n in every case but the nominative singular."""

    kind: str
    en: str
    en_plural: str
    de: str
    de_plural: str
    gender: str  # m, f, n
    weak: str = ""  # the singular form of the other cases, if weak


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb. `present` is the irregular second and third person singular, if any."""

    en: str
    en_past: str
    en_participle: str
    en_ing: str
    de: str  # infinitive without the separable prefix
    participle: str  # complete: angerufen
    objects: str  # kinds of direct object, comma-separated; empty if intransitive
    case: str = "acc"  # case of the direct object; "both" takes a dative person as well
    prefix: str = ""
    second: str = ""
    third: str = ""
    auxiliary: str = "haben"


@dataclass(frozen=True, slots=True)
class Adjective:
    """`stem` takes endings, `alone` stands after the verb, `more` is the comparative."""

    en: str
    en_more: str
    alone: str
    stem: str
    more: str


def _noun(line: str) -> Noun:
    kind, forms = line.split(": ")
    return Noun(kind, *forms.split(", "))


def _verb(line: str) -> Verb:
    english, german, objects, options = (part.strip() for part in line.split("|"))
    en, past, participle, ing = (form.replace("_", " ") for form in english.split())
    infinitive, perfect = german.split()
    given: dict[str, str] = {}
    for option in options.split():
        if "/" in option:
            given["second"], given["third"] = option.split("/")
        elif option == "dat":
            given["case"] = "dat"
        elif option == "+person":
            given["case"] = "both"
        elif option == "sein":
            given["auxiliary"] = "sein"
        else:
            given["prefix"] = option.removeprefix("<")
    return Verb(en, past, participle, ing, infinitive, perfect, objects, **given)


NOUNS = tuple(_noun(line) for line in bilingual_words.NOUNS.strip().split("\n"))
VERBS = tuple(_verb(line) for line in bilingual_words.VERBS.strip().split("\n"))
ADJECTIVES = tuple(
    Adjective(*line.split(", ")) for line in bilingual_words.ADJECTIVES.strip().split("\n")
)
NOUNS_BY_KIND = {
    kind: tuple(noun for noun in NOUNS if noun.kind == kind)
    for kind in dict.fromkeys(noun.kind for noun in NOUNS)
}
TRANSITIVE = tuple(verb for verb in VERBS if verb.objects)
INTRANSITIVE = tuple(verb for verb in VERBS if not verb.objects)

_NOT_ALIVE = {"new", "red", "green", "heavy", "expensive", "dark", "cheap", "high"}
_ONLY_ALIVE = {"young", "friendly", "clever", "tired", "rich", "poor", "sad"}
# What can be said of people and animals, and of everything else.
ADJECTIVES_BY_LIFE = {
    True: tuple(a for a in ADJECTIVES if a.en not in _NOT_ALIVE),
    False: tuple(a for a in ADJECTIVES if a.en not in _ONLY_ALIVE),
}

# English, German; tense they fit ("" any).
TIMES = (
    ("today", "heute", ""),
    ("yesterday", "gestern", "past"),
    ("tomorrow", "morgen", "future"),
    ("every day", "jeden Tag", "present"),
    ("on Monday", "am Montag", ""),
    ("on Friday", "am Freitag", ""),
    ("on Sunday", "am Sonntag", ""),
    ("in the evening", "am Abend", ""),
    ("in the morning", "am Morgen", ""),
    ("last week", "letzte Woche", "past"),
    ("next week", "nächste Woche", "future"),
    ("last year", "letztes Jahr", "past"),
    ("often", "oft", "present"),
    ("in winter", "im Winter", ""),
    ("in May", "im Mai", ""),
)
# English, German; case of the noun.
PREPOSITIONS: tuple[tuple[str, str, Case], ...] = (
    ("in", "in", "dat"),
    ("behind", "hinter", "dat"),
    ("in front of", "vor", "dat"),
    ("near", "bei", "dat"),
    ("beside", "neben", "dat"),
)
COMPANIONS: tuple[tuple[str, str, Case], ...] = (
    ("with", "mit", "dat"),
    ("without", "ohne", "acc"),
    ("for", "für", "acc"),
)
MODALS = {  # English present, past; German ich/er and du, plural stem; past stem
    "can": ("can", "could", "kann", "kannst", "können", "konnt"),
    "must": ("must", "had to", "muss", "musst", "müssen", "musst"),
    "want": ("want to", "wanted to", "will", "willst", "wollen", "wollt"),
}
CONJUNCTIONS = (
    ("because", "weil"),
    ("although", "obwohl"),
    ("when", "wenn"),
    ("before", "bevor"),
    ("while", "während"),
)
THINKING = (  # English past and participle-free form; German perfect participle is regular
    ("think", "thought", "glauben", "geglaubt"),
    ("say", "said", "sagen", "gesagt"),
    ("hope", "hoped", "hoffen", "gehofft"),
    ("hear", "heard", "hören", "gehört"),
)
