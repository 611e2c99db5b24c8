from typing import Any

import pytest

from mqan.tasks.woz import slots_of, triple


def turn(*slots: tuple[str, str, str], acts: tuple[Any, ...] = ()) -> dict[str, Any]:
    state = [{"act": act, "slots": [[slot, value]]} for act, slot, value in slots]
    return {"system_acts": list(acts), "transcript": "So?", "belief_state": state}


THAI, NORTH = ("inform", "food", "thai"), ("inform", "area", "north")
PHONE, ADDRESS = ("request", "slot", "phone"), ("request", "slot", "address")


@pytest.mark.parametrize(
    ("before", "now", "answer"),
    [
        ([], [], "None"),
        ([], [THAI], "food: thai;"),
        ([], [THAI, NORTH], "food: thai, area: north;"),
        ([], [PHONE, ADDRESS], "; phone, address"),
        ([], [THAI, PHONE], "food: thai; phone"),
        ([THAI], [THAI, NORTH], "area: north;"),
        ([THAI], [("inform", "food", "greek")], "food: greek;"),
        ([THAI, NORTH], [NORTH], "None"),
        ([PHONE], [PHONE], "; phone"),
    ],
)
def test_the_change_of_state(before: list, now: list, answer: str):
    informed, _ = slots_of(turn(*before), "here")
    assert triple(turn(*now), informed, "code", "here")[2] == answer


def test_the_context_has_the_systems_acts():
    acts = ("area", ["food", "thai"])
    assert triple(turn(acts=acts), [], "code", "here")[0] == "area, food: thai -- So?"
    assert triple(turn(), [], "code", "here")[0] == "So?"


def test_a_state_item_without_slots_changes_nothing():
    item = turn() | {"belief_state": [{"act": "inform"}]}
    assert triple(item, [], "code", "here")[2] == "None"


def test_the_papers_wording():
    assert triple(turn(), [], "paper", "here")[1] == "What is the change in dialogue state?"
