"""WOZ, English: what does the user's turn change in the state of the dialogue?

Origin: WOZ 2.0 (Wen et al. 2017, Mrksic et al. 2017), a JSON list of dialogues a file, of
nmrksic/neural-belief-tracker. Licence: Apache-2.0. A raw turn and its triple:

>>> turn = {"system_acts": ["area", ["food", "thai"]], "transcript": "South, and the phone?",
...         "belief_state": [{"act": "inform", "slots": [["food", "thai"], ["area", "south"]]},
...                          {"act": "request", "slots": [["slot", "phone"]]}]}
>>> triple(turn, [["food", "thai"]], "code", "woz_train_en.json, dialogue 0, turn 1")
('area, food: thai -- South, and the phone?', 'What is the change in state?', 'area: south; phone')
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

LANGUAGE = "en"
QUESTIONS = {
    "code": "What is the change in state?",
    "paper": "What is the change in dialogue state?",
}
NO_CHANGE = "None"
SPLITS = {
    "train": (f"woz_train_{LANGUAGE}.json",),
    "validation": (f"woz_validate_{LANGUAGE}.json",),
    "test": (f"woz_test_{LANGUAGE}.json",),
}


def slots_of(turn: Any, place: str) -> tuple[list[list[str]], list[str]]:
    """The state after a turn: informed [slot, value] pairs and requested slots, in file order."""
    informed: list[list[str]] = []
    requested: list[str] = []
    for item in files.take(turn, "belief_state", list, place):
        act = files.take(item, "act", str, place)
        for slot in files.take(item, "slots", list, place) if "slots" in item else ():
            if not _is_pair(slot):
                raise files.error(f"{place}, 'slots'", "a pair of texts", slot)
            if act == "inform":
                informed.append(slot)
            else:
                requested.append(slot[1])
    return informed, requested


def triple(
    turn: Any, informed_before: list[list[str]], wording: str, place: str
) -> tuple[str, str, str]:
    """Context (what the system did -- what the user says), question, and the change of state.

    Slots that are no longer in the state do not appear in the change; requests always do.
    """
    acts = ", ".join(_act(act, place) for act in files.take(turn, "system_acts", list, place))
    said = files.take(turn, "transcript", str, place)
    context = f"{acts} -- {said}" if acts else said
    informed, requested = slots_of(turn, place)
    new = [f"{pair[0]}: {pair[1]}" for pair in informed if pair not in informed_before]
    answer = f"{', '.join(new)}; {', '.join(requested)}" if requested else f"{', '.join(new)};"
    return " ".join(context.split()), QUESTIONS[wording], NO_CHANGE if answer == ";" else answer


def _act(act: Any, place: str) -> str:
    if isinstance(act, str):
        return act
    if not _is_pair(act):
        raise files.error(f"{place}, 'system_acts'", "a text or a pair of texts", act)
    return ": ".join(act)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are language_dialogue_turn from 0, as the scorer orders them."""
    path = folder / SPLITS[split][0]
    dialogues = files.parse_json(files.text(path), str(path))
    if not isinstance(dialogues, list):
        raise files.error(path, "a list of dialogues", dialogues)
    for number, dialogue in enumerate(dialogues):
        informed: list[list[str]] = []
        turns = files.take(dialogue, "dialogue", list, f"{path}, dialogue {number}")
        for index, turn in enumerate(turns):
            place = f"{path}, dialogue {number}, turn {index}"
            context, question, answer = triple(turn, informed, wording, place)
            informed, _ = slots_of(turn, place)
            identifier = f"{LANGUAGE}_{number}_{index}"
            yield Example(identifier, context, question, answer, [identifier, answer])


TASK = Task(
    name="woz",
    title="WOZ",
    version=1,
    directory="woz",
    metric="dsem",
    splits=SPLITS,
    read=read,
    wordings=tuple(QUESTIONS),
    source="https://raw.githubusercontent.com/nmrksic/neural-belief-tracker/master/data/woz/"
    "woz_{train,validate,test}_en.json",
    licence="Apache-2.0",
    sizes=(2536, 830, 1646),
)
