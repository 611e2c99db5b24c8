# ruff: noqa: SIM905  (word tables are read and edited as text)
"""WOZ: several-turn restaurant dialogues with a belief state that grows and is corrected.

Official format: a JSON list (indent 4) of {"dialogue_idx", "dialogue": [{"turn_label", "asr",
"system_transcript", "turn_idx", "belief_state", "transcript", "system_acts"}]}. A belief state
lists the informed slots so far and the requests of this turn only. Files woz_*_en.json.
"""

import json
import random
import re
from pathlib import Path
from typing import Any

from mqan.mini.lexicon import CLOSED, MEN, WOMEN, World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

SECOND_SLOT = 0.55  # share of openings that name two slots; half as often three
CORRECTION = 0.2  # chance per turn that the user changes an informed value
DONTCARE = 0.18  # share of answers to a question that leave the value open
SIDE_REQUEST = 0.25  # share of informing turns that also request something
CONFIRM = 0.15  # chance per turn that the system confirms a value, which changes nothing
REPEAT = 0.08  # chance per turn that the user says a known value again, which changes nothing
TAIL = 0.85  # share of turns that go on with something irrelevant
FOREIGN_VALUE = 0.25  # of those, share that mention a value nobody asks for
TURNS = (3, 6)  # turns of a dialogue, fewest and most

FILES = {
    "train": "woz_train_en.json",
    "validation": "woz_validate_en.json",
    "test": "woz_test_en.json",
}
SLOTS = ("food", "area", "price range")
VALUES = {
    "food": (*CLOSED["cuisine"], "modern european", "asian oriental", "north american", "seafood"),
    "area": ("north", "south", "east", "west", "centre"),
    "price range": ("cheap", "moderate", "expensive"),
}
REQUESTS = ("phone", "address", "postcode", "area", "price range", "food")
SAID = {
    "cheap": ("cheap", "inexpensive", "low cost"),
    "moderate": ("moderately priced", "mid priced", "reasonably priced"),
    "expensive": ("expensive", "pricey", "fancy"),
    "centre": ("centre", "middle"),
}
ASKED = {
    "phone": ("phone number", "telephone number", "number to call"),
    "address": ("address", "street", "exact location"),
    "postcode": ("postcode", "post code", "postal code"),
    "area": ("area", "part of town"),
    "price range": ("price range", "prices"),
    "food": ("type of food", "cuisine"),
}
GREETINGS = ("", "", "Hello, ", "Hi, ", "Good evening, ")
OPENINGS = (
    "I am looking for a {p} restaurant{f}{a}.",
    "I want a {p} place{f}{a}.",
    "can you find me a {p} restaurant{f}{a}?",
    "is there a {p} place{f}{a}?",
    "we would like to eat at a {p} restaurant{f}{a}.",
    "I need a {p} restaurant{f}{a}, please.",
)
FOODS = (" that serves {} food", " with {} food", " serving {} dishes", " where they cook {} meals")
AREAS = (" in the {}", " in the {} of town", " in the {} part of the city", " on the {} side")
ANSWERS = {
    "food": ("{} please.", "I would like {} food.", "Something {}.", "We feel like {} dishes."),
    "area": ("The {} please.", "In the {} of town.", "Somewhere in the {}.", "The {} side."),
    "price range": ("Something {}.", "A {} place please.", "I would like a {} one.", "{}."),
}
OPEN_ANSWERS = {
    None: ("I don't care.", "It doesn't matter.", "Anything is fine.", "No preference."),
    "food": ("Any food will do.", "The food does not matter."),
    "area": ("Anywhere is fine.", "Any part of town."),
    "price range": ("Any price is fine.", "Money does not matter."),
}
CORRECTIONS = {
    "food": ("Actually, how about {} food?", "Sorry, I meant {} food.", "No, {} food instead."),
    "area": ("Actually, the {} would be better.", "Sorry, in the {} instead.", "No, the {}."),
    "price range": ("Actually, I want a {} one.", "Sorry, something {}.", "No, a {} place."),
}
REPEATS = ("As I said, {}.", "Yes, {} as before.", "Still {}, please.")
ASKING = (
    "What is the {}?",
    "Can I have the {}?",
    "Please give me the {}.",
    "I need the {}.",
    "Could you tell me the {}?",
)
SIDE = ("And what is the {}?", "I also need the {}.", "Please tell me the {} too.")
THANKS = ("Thank you, goodbye.", "Thanks a lot, bye.", "That is all, thank you.", "Great, thanks!")
YES = ("Yes, that is right.", "Yes please.", "Correct.", "That is what I want.")
TAILS = (
    "It is for {n} people on {day}.",
    "My friend {first} from {city} told me about you.",
    "We celebrate the birthday of {first} in {month}.",
    "I come from {city} with {first}.",
    "{first} and {second} will come too.",
    "I will meet {first} there on {day}.",
    "My boss at {company} is called {first}.",
    "We have to be at {company} by {n}.",
)
FOREIGN_TAILS = (
    "{first} had {food} food on {day}.",
    "Last {day} we ate {food} dishes in {city}.",
    "{first} never eats {food} food.",
    "The {food} place in {city} was {price}.",
)
NUMBERS = "two three four five six seven eight nine ten".split()


def _say(value: str, rng: random.Random) -> str:
    return rng.choice(SAID.get(value, (value,)))


def _opening(values: dict[str, str], rng: random.Random) -> str:
    """The first user turn; names every slot of `values`."""
    price = (
        _say(values["price range"], rng)
        if "price range" in values
        else rng.choice(("nice", "good"))
    )
    food = rng.choice(FOODS).format(_say(values["food"], rng)) if "food" in values else ""
    area = rng.choice(AREAS).format(_say(values["area"], rng)) if "area" in values else ""
    text = rng.choice(GREETINGS) + rng.choice(OPENINGS).format(p=price, f=food, a=area)
    return text[0].upper() + text[1:]


def _requests(rng: random.Random) -> list[str]:
    return rng.sample(REQUESTS, rng.choice((1, 1, 2, 2, 3)))


def _ask(requests: list[str], forms: tuple[str, ...], rng: random.Random) -> str:
    names = [rng.choice(ASKED[request]) for request in requests]
    joined = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    return rng.choice(forms).format(joined)


class Dialogue:
    """A simulated user and system; `turns` fills as they speak."""

    def __init__(self, world: World, rng: random.Random, training: bool):
        self.rng = rng
        self.world = world
        self.training = training
        self.place = world.name("restaurant", rng, training)
        self.state: dict[str, str] = {}
        self.turns: list[dict[str, Any]] = []

    def _record(
        self, acts: list[Any], system: str, user: str, inform: dict[str, str], requests: list[str]
    ) -> None:
        """Append one turn in the official form and update the state."""
        if self.rng.random() < TAIL:
            user = f"{user} {self._tail()}"
        user = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", user)
        self.state |= inform
        belief: list[dict[str, Any]] = [
            {"slots": [["slot", request]], "act": "request"} for request in requests
        ]
        belief += [{"slots": [[slot, v]], "act": "inform"} for slot, v in self.state.items()]
        label = [[slot, v] for slot, v in inform.items()] + [["request", r] for r in requests]
        self.turns.append(
            {
                "turn_label": label,
                "asr": [[user, 1.0]],
                "system_transcript": system,
                "turn_idx": len(self.turns),
                "belief_state": belief,
                "transcript": user,
                "system_acts": acts,
            }
        )

    def _tail(self) -> str:
        rng = self.rng
        tails = FOREIGN_TAILS if rng.random() < FOREIGN_VALUE else TAILS
        return rng.choice(tails).format(
            n=rng.choice(NUMBERS),
            food=rng.choice(VALUES["food"]),
            price=rng.choice(VALUES["price range"]),
            first=rng.choice(WOMEN),
            second=rng.choice(MEN),
            **{
                kind: self.world.word(kind, rng, self.training)
                for kind in ("day", "month", "city", "company")
            },
        )

    def open(self) -> None:
        """First turn: one to three slots informed."""
        rng = self.rng
        count = 1 + (rng.random() < SECOND_SLOT) + (rng.random() < SECOND_SLOT / 2)
        values = {s: rng.choice(VALUES[s]) for s in rng.sample(SLOTS, count)}
        values = {s: values[s] for s in SLOTS if s in values}
        self._with_request([], "", _opening(values, rng), values)

    def _with_request(
        self, acts: list[Any], system: str, user: str, inform: dict[str, str]
    ) -> None:
        requests: list[str] = []
        if self.rng.random() < SIDE_REQUEST:
            requests = [r for r in _requests(self.rng)[:2] if r not in inform]
        if requests:
            user = f"{user} {_ask(requests, SIDE, self.rng)}"
        self._record(acts, system, user, inform, requests)

    def correct(self) -> None:
        """The user replaces a known value."""
        rng = self.rng
        slot = rng.choice(list(self.state))
        value = rng.choice([v for v in VALUES[slot] if v != self.state[slot]])
        user = rng.choice(CORRECTIONS[slot]).format(_say(value, rng))
        self._with_request([], f"{self.place} is a good choice.", user, {slot: value})

    def answer(self, slot: str) -> None:
        """The system asks for a missing slot and the user answers."""
        rng = self.rng
        if rng.random() < DONTCARE:
            value, user = "dontcare", rng.choice(OPEN_ANSWERS[None] + OPEN_ANSWERS[slot])
        else:
            value = rng.choice(VALUES[slot])
            user = rng.choice(ANSWERS[slot]).format(_say(value, rng))
        user = user[0].upper() + user[1:]
        self._with_request([slot], f"What {slot} would you like?", user, {slot: value})

    def confirm(self) -> None:
        """The system confirms a known value; nothing changes."""
        slot = self.rng.choice(list(self.state))
        value = self.state[slot]
        self._record([[slot, value]], f"You want {value}?", self.rng.choice(YES), {}, [])

    def repeat(self) -> None:
        """The user says a known value again; nothing changes."""
        value = self.rng.choice([v for v in self.state.values() if v != "dontcare"] or ["nothing"])
        user = self.rng.choice(REPEATS).format(_say(value, self.rng))
        self._record([], f"How about {self.place}?", user, {}, [])

    def request(self) -> None:
        """The user asks for facts about the offered restaurant."""
        requests = _requests(self.rng)
        user = _ask(requests, ASKING, self.rng)
        self._record([], f"{self.place} matches your wishes.", user, {}, requests)

    def thank(self) -> None:
        """The user ends the dialogue; nothing changes."""
        self._record([], "Anything else?", self.rng.choice(THANKS), {}, [])


def dialogue(world: World, rng: random.Random, training: bool, limit: int) -> list[dict[str, Any]]:
    """The turns of one dialogue, at most `limit`."""
    it = Dialogue(world, rng, training)
    it.open()
    turns = rng.randint(*TURNS)
    while len(it.turns) < turns - 1:
        missing = [slot for slot in SLOTS if slot not in it.state]
        luck = rng.random()
        if luck < CORRECTION:
            it.correct()
        elif luck < CORRECTION + CONFIRM:
            it.confirm()
        elif luck < CORRECTION + CONFIRM + REPEAT:
            it.repeat()
        elif missing:
            it.answer(rng.choice(missing))
        else:
            it.request()
    it.thank() if rng.random() < 0.6 else it.request()
    return it.turns[:limit]


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three files, a dialogue at a time; counts are turns."""
    index = 0
    for split, count in counts.splits():
        rng = stream(seed, "woz", split)
        with text_file(root / FILES[split]) as put:
            done = 0
            while done < count:
                turns = dialogue(world, rng, split == "train", count - done)
                block = json.dumps([{"dialogue_idx": index, "dialogue": turns}], indent=4)
                put(("[" if not done else ",") + block[1:-2])
                done += len(turns)
                index += 1
            put("\n]\n" if done else "[]\n")
