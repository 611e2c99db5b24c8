# ruff: noqa: SIM905  (word tables are read and edited as text)
"""Families of inference: each draws a hypothesis and, for every label, premises that fit it."""

import random
from collections.abc import Callable

from mqan.mini.facts import capital
from mqan.mini.lexicon import MEN, WOMEN, World

Premises = dict[str, list[str]]
Family = Callable[[World, random.Random, bool], tuple[str, Premises]]

# Chains from the special to the general; hypotheses use the middle.
NOUNS = (
    (("poodle", "terrier", "spaniel"), "dog", "animal"),
    (("pony", "stallion", "mare"), "horse", "animal"),
    (("robin", "sparrow", "raven"), "bird", "animal"),
    (("trout", "salmon", "herring"), "fish", "animal"),
    (("rose", "tulip", "daisy"), "flower", "plant"),
    (("oak", "birch", "pine"), "tree", "plant"),
    (("sofa", "armchair", "stool"), "chair", "thing"),
    (("violin", "flute", "harp"), "instrument", "thing"),
    (("truck", "taxi", "van"), "car", "vehicle"),
    (("novel", "diary", "atlas"), "book", "thing"),
)
VERBS = (  # special, middle, general: past forms; base and participle of the middle
    ("grabbed", "took", "touched", "take", "taken"),
    ("sketched", "drew", "made", "draw", "drawn"),
    ("scrubbed", "cleaned", "touched", "clean", "cleaned"),
    ("spotted", "saw", "noticed", "see", "seen"),
    ("auctioned", "sold", "gave away", "sell", "sold"),
    ("purchased", "bought", "got", "buy", "bought"),
    ("photographed", "watched", "noticed", "watch", "watched"),
    ("hauled", "carried", "touched", "carry", "carried"),
)
PEOPLE = "doctor teacher nurse pilot baker farmer lawyer singer sailor judge".split()
GROUPS = (  # special, middle, general, sister: plural
    (("poodles", "terriers"), "dogs", "animals", "cats"),
    (("robins", "sparrows"), "birds", "animals", "horses"),
    (("roses", "tulips"), "flowers", "plants", "trees"),
    (("trucks", "taxis"), "cars", "vehicles", "boats"),
    (("surgeons", "dentists"), "doctors", "people", "lawyers"),
    (("violins", "flutes"), "instruments", "things", "books"),
    (("novels", "diaries"), "books", "things", "chairs"),
)
PREDICATES = "old new heavy clean wet cold small quiet safe lost famous dangerous".split()
NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()
COMPARATIVES = (
    ("older", "younger", "old"),
    ("taller", "shorter", "tall"),
    ("faster", "slower", "fast"),
    ("richer", "poorer", "rich"),
    ("stronger", "weaker", "strong"),
    ("happier", "sadder", "happy"),
)
ROLES = "thanked helped blamed greeted trusted invited praised warned followed called".split()
ROLE_BASES = "thank help blame greet trust invite praise warn follow call".split()
STATES = (  # adjective, synonym, opposite, synonym of the opposite
    ("open", "not closed", "closed", "shut"),
    ("empty", "without content", "full", "packed"),
    ("broken", "out of order", "intact", "in perfect order"),
    ("hidden", "out of sight", "visible", "in plain sight"),
    ("locked", "bolted", "unlocked", "not locked at all"),
    ("lit", "bright", "dark", "without light"),
    ("clean", "spotless", "dirty", "filthy"),
    ("dry", "without a drop of water", "wet", "soaked"),
)
PLACES = "shop hall museum kitchen garage office library theatre school bank".split()
EXTRAS = "large old wooden red small cheap green famous".split()
ROOMS = "garden kitchen office library yard hall".split()


def _people(rng: random.Random, count: int) -> list[str]:
    """Different first names."""
    return rng.sample(WOMEN + MEN, count)


def _a(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def event(world: World, rng: random.Random, training: bool) -> tuple[str, Premises]:
    """Someone did something to a thing somewhere: chains of words, voice, negation, modifiers."""
    special, noun, general = rng.choice(NOUNS)
    other = rng.choice([n for _, n, _ in NOUNS if n != noun])
    near, verb, far, base, participle = rng.choice(VERBS)
    wrong = rng.choice([v[1] for v in VERBS if v[1] != verb])
    who, friend, third = _people(rng, 3)
    city = world.word("city", rng, training)
    room = rng.choice(ROOMS)
    kind, extra = rng.choice(special), rng.choice(EXTRAS)
    where = f" in the {room}" if rng.random() < 0.5 else ""
    hypothesis = f"{who} {verb} {_a(noun)}{where}"
    entailed = [
        f"{who} {verb} {_a(kind)}{where or f' in {city}'}",
        f"{who} {near} {_a(noun)}{where or f' in {city}'}",
        f"{who} {near} {_a(f'{extra} {kind}')}{where}",
        f"{_a(f'{extra} {noun}').capitalize()} was {participle} by {who}{where}",
        f"{who} and {friend} {verb} {_a(noun)} and {_a(other)}{where}",
        f"{who} did not {base} {_a(other)} but {_a(kind)}{where}",
        f"{who}, not {friend}, {verb} {_a(noun)}{where}",
    ]
    neutral = [
        f"{who} {verb} {_a(general)}{where or f' in {city}'}",
        f"{who} {far} {_a(noun)}{where}",
        f"{friend} {verb} {_a(noun)} for {who}{where}",
        f"{who} wanted to {base} {_a(noun)}{where}",
        f"{_a(f'{extra} {noun}').capitalize()} was {participle} by {friend}{where}",
        f"{who} did not {base} {_a(other)}{where}",
        f"{who} {wrong} {_a(kind)}{where}",
        f"{who} told {friend} to {base} {_a(kind)}{where}",
    ]
    against = [
        f"{who} did not {base} {_a(noun)}{where or ' at all'}",
        f"{who} did not {base} any {general} at all",
        f"Nobody {verb} {_a(noun)}{where}",
        f"The only thing that {who} {verb} was {_a(other)}",
        f"{who} {verb} {_a(other)} but no {noun}{where}",
        f"{friend}, not {who}, {verb} {_a(noun)}{where}",
        f"{who} never {verb} any {noun}",
        f"{who} failed to {base} any {noun}",
        f"{third} and {friend} {verb} {_a(kind)}, while {who} {verb} nothing",
    ]
    return hypothesis, {"entailment": entailed, "neutral": neutral, "contradiction": against}


def quantifier(world: World, rng: random.Random, training: bool) -> tuple[str, Premises]:
    """All, some, none, not all: with more special and more general nouns."""
    special, noun, general, sister = rng.choice(GROUPS)
    kind = rng.choice(special)
    now, other = rng.sample(PREDICATES, 2)
    city = world.word("city", rng, training)
    here = f"in {city} " if rng.random() < 0.7 else ""
    everything = [f"All {noun} {here}are {now}", f"Every one of the {noun} {here}is {now}"]
    more = [f"All {general} {here}are {now}", f"There are no {general} {here}that are not {now}"]
    none = [f"No {noun} {here}are {now}", f"None of the {noun} {here}is {now}"]
    none_more = [f"No {general} {here}are {now}", f"Not one of the {general} {here}is {now}"]
    some = [f"Some {noun} {here}are {now}", f"Several {kind} {here}are {now}"]
    few = [f"Some {noun} {here}are not {now}", f"Several {kind} {here}are not {now}"]
    side = [
        f"All {sister} {here}are {now}",
        f"No {sister} {here}are {now}",
        f"All {noun} {here}are {other}",
        f"Some {general} {here}are {now}",
        f"Some {general} {here}are not {now}",
    ]
    which = rng.randrange(4)
    if which == 0:
        sets = (everything + more, some + side, none + none_more + few)
    elif which == 1:
        sets = (some + everything, side[:2] + side[3:] + few, none + none_more)
    elif which == 2:
        sets = (none + none_more, [*few, *side], some + everything)
    else:
        sets = (few + none, some + side[:1] + side[2:], everything + more)
    hypothesis = (everything[0], some[0], none[0], f"Not all {noun} {here}are {now}")[which]
    labels = ("entailment", "neutral", "contradiction")
    return hypothesis, dict(zip(labels, sets, strict=True))


def number(world: World, rng: random.Random, training: bool) -> tuple[str, Premises]:
    """More than, fewer than, at least, exactly: against exact and vague numbers."""
    _, noun, general, sister = rng.choice(GROUPS)
    bound = rng.randrange(2, len(NUMBERS) - 2)
    word, below, above = (
        NUMBERS[bound],
        rng.choice(NUMBERS[:bound]),
        rng.choice(NUMBERS[bound + 1 :]),
    )
    city = world.word("city", rng, training)
    verb = rng.choice(("There are", "We saw", "They counted", "I know of"))
    place = f"in {city}"

    def count(amount: str, what: str = noun) -> str:
        return f"{verb} {amount} {what} {place}"

    high = [count(f"exactly {above}"), count(f"{above} {rng.choice(EXTRAS)}")]
    low = [count(f"exactly {below}"), count(f"only {below}")]
    vague = [
        count("several"),
        count(above, sister),
        count(below, sister),
        count(f"exactly {above}", general),
        count("some"),
        f"{verb} {above} {noun} and {general} {place}",
    ]
    high.append(count(f"at least {above}"))
    low.append(count(f"at most {below}"))
    which = rng.randrange(3)
    if which == 0:
        sets = (high, [*vague, count(f"at least {below}")], low)
    elif which == 1:
        sets = (low, [*vague, count(f"at most {above}")], high)
    else:
        sets = (
            [count(word), f"{verb} {word} {noun}, and no more, {place}"],
            [*vague, count(f"at least {below}"), count(f"at most {above}")],
            high + low,
        )
    hypothesis = count((f"more than {word}", f"fewer than {word}", f"exactly {word}")[which])
    return hypothesis, dict(zip(("entailment", "neutral", "contradiction"), sets, strict=True))


def comparison(world: World, rng: random.Random, training: bool) -> tuple[str, Premises]:
    """Older and younger: converses, chains, equality, third persons."""
    up, down, plain = rng.choice(COMPARATIVES)
    if rng.random() < 0.5:
        up, down = down, up
    one, two, three = _people(rng, 3)
    entailed = [
        f"{two} is {down} than {one}",
        f"{one} is {up} than {three}, and {three} is {up} than {two}",
        f"{two} is {down} than {three} and also {down} than {one}",
        f"Both {one} and {three} are {up} than {two}",
    ]
    neutral = [
        f"{one} is {up} than {three}",
        f"{three} is {down} than {one} and {down} than {two}",
        f"{one} and {two} are {up} than {three}",
        f"{one} and {two} are {plain}",
        f"{three} is {up} than {two}",
    ]
    against = [
        f"{two} is {up} than {one}",
        f"{one} is {down} than {two}",
        f"{one} is exactly as {plain} as {two}",
        f"{two} is {up} than {three}, and {three} is {up} than {one}",
        f"Both {two} and {three} are {up} than {one}",
    ]
    return f"{one} is {up} than {two}", {
        "entailment": entailed,
        "neutral": neutral,
        "contradiction": against,
    }


def role(world: World, rng: random.Random, training: bool) -> tuple[str, Premises]:
    """Who did it to whom: active and passive with the same words."""
    which = rng.randrange(len(ROLES))
    verb, base = ROLES[which], ROLE_BASES[which]
    wrong = rng.choice([v for v in ROLES if v != verb])
    one, two, three = _people(rng, 3)
    job = rng.choice(PEOPLE)
    entailed = [
        f"{two} was {verb} by {one}",
        f"{one} {verb} {two} and {three}",
        f"It was {one} who {verb} {two}",
        f"{two} was {verb} by {one}, not by {three}",
        f"The {job} and {one} {verb} {two}",
    ]
    neutral = [
        f"{two} {verb} {one}",
        f"{one} was {verb} by {two}",
        f"{one} {verb} {three} but {wrong} {two}",
        f"{two} was {verb} by the {job}",
        f"It was {two} who {verb} {one}",
        f"{one} did not {base} {three}",
    ]
    against = [
        f"{one} did not {base} {two}",
        f"{two} was {verb} by nobody",
        f"Nobody {verb} {two}",
        f"It was {three}, not {one}, who {verb} {two}",
        f"{one} {verb} everybody except {two}",
    ]
    hypothesis = rng.choice((f"{one} {verb} {two}", f"{two} was {verb} by {one}"))
    return hypothesis, {"entailment": entailed, "neutral": neutral, "contradiction": against}


def state(world: World, rng: random.Random, training: bool) -> tuple[str, Premises]:
    """How something is: synonyms, opposites, negated opposites, and other things."""
    adjective, same, opposite, its_same = rng.choice(STATES)
    if rng.random() < 0.5:
        adjective, same, opposite, its_same = opposite, its_same, adjective, same
    place, elsewhere = rng.sample(PLACES, 2)
    third = rng.choice([s[0] for s in STATES if s[0] not in (adjective, opposite)])
    city = world.word("city", rng, training)
    it, other = f"the {place} in {city}", f"the {elsewhere} in {city}"
    entailed = [
        f"{it} is {same}",
        f"{it} is both {adjective} and {third}",
        f"{it} and {other} are {adjective}",
        f"{other} is {opposite}, but {it} is {same}",
        f"{it} is {third} and {same}",
    ]
    neutral = [
        f"{it} is {third}",
        f"{other} is {same}",
        f"{it} may be {opposite} or {adjective}",
        f"{other} is {opposite}",
        f"{other} is {adjective}, and {it} is {third}",
    ]
    against = [
        f"{it} is {its_same}",
        f"{it} is {opposite}",
        f"{it} is not {adjective}",
        f"{other} is {adjective}, but {it} is {its_same}",
        f"{it} is {third} and {its_same}",
    ]
    sets = {"entailment": entailed, "neutral": neutral, "contradiction": against}
    return capital(f"{it} is {adjective}"), {k: [capital(t) for t in v] for k, v in sets.items()}


FAMILIES: dict[str, Family] = {
    "event": event,
    "quantifier": quantifier,
    "number": number,
    "comparison": comparison,
    "role": role,
    "state": state,
}
