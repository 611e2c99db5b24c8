# ruff: noqa: E501, SIM905  (word tables are read and edited as text)
"""The world of the embedded decathlon: kinds of entities, their names, and words of fixed lists.

Every generator draws its people, cities, companies, films ... from one `World`, so that a name met
in one task is met in others and what is learnt about it can transfer. Open kinds are composed from
syllables; a share of each kind is held out of every training split, so validation has new names.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HELD_OUT = 0.2  # share of every open kind's names that no training split of any task shows

ONSETS = "b br d dr f g gr h k kr l m n p r s st t tr v z".split()
NUCLEI = "a e i o u ai ea".split()
CODAS = "n l r s k m nd rt x".split()
SURNAME_ENDS = "er man sen son ski ton well berg ard ini elli ov".split()
CITY_ENDS = "burg ville port ford field stad mouth vik haven ia".split()
COMPANY_ENDS = "ex co tec ix on ara um is".split()
DEVICE_ENDS = "scope graph phone matic tron meter pad bot".split()

WOMEN = """Anna Clara Diana Ella Frida Greta Hanna Irene Julia Karin Laura Maria Nina Olga Paula Rosa
Sara Tina Vera Wanda Zoe Amy Beth Carol Emma Fiona""".split()
MEN = """Adam Boris Carl David Emil Felix George Henry Ivan Jacob Karl Leo Martin Noah Oscar Peter
Robert Simon Thomas Victor Walter Aaron Ben Daniel Eric Frank""".split()

TITLE_ADJECTIVES = """Silent Golden Broken Hidden Frozen Distant Burning Lonely Crimson Endless Bitter
Gentle Savage Secret Velvet Hollow Wandering Forgotten Restless Shining""".split()
TITLE_NOUNS = """River Garden Mirror Shadow Harbour Winter Promise Kingdom Island Letter Window Voyage
Forest Storm Bridge Daughter Stranger Mountain Song Empire""".split()
COMPANY_SUFFIXES = "Labs Motors Foods Bank Systems Media Airlines Energy".split()
BUILDING_SUFFIXES = "Tower Hall Palace Bridge Museum Theatre Library Castle".split()
TEAM_SUFFIXES = "Tigers Eagles Wolves Bears Sharks Lions Falcons Foxes".split()
AWARD_SUFFIXES = "Prize Medal Award".split()
RESTAURANT_NOUNS = "Dragon Lantern Kettle Spoon Pepper Olive Anchor Oven Table Peacock".split()

# Fixed kinds: the same words everywhere, known in training.
CLOSED: dict[str, tuple[str, ...]] = {
    "country": tuple(
        """Austria Belgium Brazil Canada China Denmark Egypt Finland France Germany Greece Hungary
        India Ireland Italy Japan Kenya Mexico Norway Peru Poland Portugal Spain Sweden Turkey""".split()
    ),
    "language": tuple(
        """Arabic Chinese Czech Danish Dutch English Finnish French German Greek Hindi Italian
        Japanese Korean Latin Polish Russian Spanish Swedish Turkish""".split()
    ),
    "genre": tuple(
        "comedy drama thriller western fantasy horror romance mystery satire musical".split()
    ),
    "instrument": tuple(
        "piano violin cello flute guitar trumpet harp drums organ clarinet banjo oboe".split()
    ),
    "sport": tuple(
        "football tennis hockey rugby cricket golf boxing chess rowing judo basketball".split()
    ),
    "profession": tuple(
        """doctor lawyer teacher baker farmer nurse pilot singer sailor banker chemist judge
        carpenter butcher engineer gardener journalist actor dentist tailor""".split()
    ),
    "material": tuple("brick stone wood glass steel marble concrete copper granite clay".split()),
    "colour": tuple("red blue green yellow white black orange purple grey brown".split()),
    "animal": tuple(
        "dog cat horse goat parrot rabbit donkey snake monkey owl turtle goose pony".split()
    ),
    "product": tuple(
        """clocks shoes trucks bicycles cameras radios lamps carpets toys engines boats knives
        pianos tractors candles""".split()
    ),
    "cuisine": tuple(
        """italian chinese indian french turkish spanish thai greek mexican korean japanese
        portuguese lebanese vietnamese british german african vegetarian""".split()
    ),
    "dish": tuple(
        "soup pizza pasta rice curry salad steak fish cheese bread cake pie noodles stew".split()
    ),
    "year": tuple(str(year) for year in range(1900, 2020)),
    "month": tuple(
        """January February March April May June July August September October November
        December""".split()
    ),
    "day": tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    "object": tuple(
        """lamp chair mirror vase clock basket ladder bottle blanket camera bell hammer map
        drum coat suitcase letter box key ring""".split()
    ),
    "room": tuple("kitchen garden cellar hall attic office garage library yard barn".split()),
}

# How a question names a kind of entity; the second name is the paraphrase.
KIND_NAMES: dict[str, tuple[str, str]] = {
    "person": ("person", "individual"),
    "city": ("city", "town"),
    "country": ("country", "nation"),
    "company": ("company", "firm"),
    "film": ("film", "movie"),
    "book": ("book", "novel"),
    "song": ("song", "tune"),
    "building": ("building", "structure"),
    "device": ("device", "machine"),
    "team": ("team", "club"),
    "restaurant": ("restaurant", "place"),
    "award": ("award", "honour"),
    "year": ("year", "year"),
    "language": ("language", "tongue"),
    "genre": ("genre", "style"),
    "instrument": ("instrument", "instrument"),
    "sport": ("sport", "game"),
    "profession": ("profession", "job"),
    "material": ("material", "substance"),
    "colour": ("colour", "colour"),
    "animal": ("animal", "creature"),
    "product": ("product", "goods"),
    "cuisine": ("cuisine", "food"),
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing of the world; `pronoun` is its subject form (he, she, it)."""

    name: str
    kind: str
    pronoun: str


@dataclass(frozen=True, slots=True)
class Pool:
    """Names of one kind; only the first `seen` of them occur in training splits."""

    names: tuple[str, ...]
    seen: int

    def draw(self, rng: random.Random, training: bool) -> str:
        """One name, uniformly from those allowed in the split."""
        return self.names[int(rng.random() * (self.seen if training else len(self.names)))]


def _syllable(rng: random.Random) -> str:
    return rng.choice(ONSETS) + rng.choice(NUCLEI)


def _compose(rng: random.Random, ends: Sequence[str], syllables: int) -> str:
    stem = "".join(_syllable(rng) for _ in range(syllables))
    return (stem + rng.choice(CODAS) + rng.choice(ends)).capitalize()


def _pool(rng: random.Random, size: int, make: Callable[[int], str], taken: set[str]) -> Pool:
    """`size` different names nobody else bears; longer stems when the short ones run out."""
    names: list[str] = []
    tries = 0
    while len(names) < size:
        name = make(1 + tries // (40 * size))
        tries += 1
        if name.lower() not in taken:
            taken.add(name.lower())
            names.append(name)
    return Pool(tuple(names), max(1, round(size * (1 - HELD_OUT))))


class World:
    """All names of one embedded decathlon, a function of `seed` and `names` (relative number)."""

    def __init__(self, seed: int, names: float = 1.0):
        rng = random.Random(f"world/{seed}")
        taken: set[str] = set()

        def made(size: int, ends: Sequence[str]) -> Pool:
            count = max(10, round(size * names))
            return _pool(rng, count, lambda n: _compose(rng, ends, n), taken)

        self.surnames = made(240, SURNAME_ENDS)
        self.pools = {
            "city": made(110, CITY_ENDS),
            "company": made(90, COMPANY_ENDS),
            "device": made(60, DEVICE_ENDS),
        }
        self.pools |= {kind: Pool(words, len(words)) for kind, words in CLOSED.items()}

    def person(self, rng: random.Random, training: bool) -> Entity:
        """A woman or a man with first name and surname."""
        woman = rng.random() < 0.5
        first = rng.choice(WOMEN if woman else MEN)
        name = f"{first} {self.surnames.draw(rng, training)}"
        return Entity(name, "person", "she" if woman else "he")

    def word(self, kind: str, rng: random.Random, training: bool) -> str:
        """One word of a pooled kind: city, company (bare), device, or a fixed kind."""
        return self.pools[kind].draw(rng, training)

    def name(self, kind: str, rng: random.Random, training: bool) -> str:
        """The full name of a new entity of `kind`."""
        if kind == "person":
            return self.person(rng, training).name
        if kind in ("film", "book", "song"):
            title = f"{rng.choice(TITLE_ADJECTIVES)} {rng.choice(TITLE_NOUNS)}"
            other = self.surnames.draw(rng, training)
            return rng.choice((f"The {title}", title, f"{title} of {other}"))
        if kind == "company":
            bare = self.pools[kind].draw(rng, training)
            return f"{bare} {rng.choice(COMPANY_SUFFIXES)}" if rng.random() < 0.6 else bare
        if kind == "building":
            pool = self.surnames if rng.random() < 0.5 else self.pools["city"]
            return f"{pool.draw(rng, training)} {rng.choice(BUILDING_SUFFIXES)}"
        if kind == "team":
            return f"{self.pools['city'].draw(rng, training)} {rng.choice(TEAM_SUFFIXES)}"
        if kind == "award":
            return f"{self.surnames.draw(rng, training)} {rng.choice(AWARD_SUFFIXES)}"
        if kind == "restaurant":
            first = rng.choice((self.surnames.draw(rng, training), rng.choice(TITLE_ADJECTIVES)))
            return f"{first} {rng.choice(RESTAURANT_NOUNS)}"
        return self.pools[kind].draw(rng, training)

    def entity(self, kind: str, rng: random.Random, training: bool) -> Entity:
        """A new entity of `kind`."""
        if kind == "person":
            return self.person(rng, training)
        return Entity(self.name(kind, rng, training), kind, "it")
