"""Dialogue state exact match: WOZ (paper, section 2; docs/departures.md, "Metrics").

An answer `food: thai, area: north; address` is a change of state: slots informed; slots
requested. The informed slots are accumulated over a dialogue, for prediction and gold apart, and
the two states compared after every turn. Requests are not part of the state.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from mqan.metrics.overlap import overlap
from mqan.metrics.pairs import bad_reference, check_pairs

_NUMBER = re.compile(r"[0-9]+")


class Change(NamedTuple):
    """A parsed answer. `requests` is None where nothing could be read, which differs from ("",)."""

    inform: dict[str, str]
    requests: tuple[str, ...] | None


class Turn(NamedTuple):
    """One turn in the order in which the released scorer sorts them: by the strings, left first."""

    id: str
    prediction: str
    answer: str

    @property
    def dialogue(self) -> list[str]:
        """The parts of the identifier without the last one, the turn number."""
        return self.id.split("_")[:-1]


def dialogue(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`dsem` (joint goal), `turn_goal_em`, `turn_request_em`, extras; references [turn id, answer].

    - `dsem`: turns are put in order by the string `part_dialogue_turn`, so turn 10 precedes turn 2.
    - `dsem_by_turn_number`: the same with turns in their real order.
    - `turn_goal_em`, `turn_request_em`: the turn's own change alone. The released request match
      tells `None` from an empty request; `request_set_em` compares the sets requested.
    - `avg_dialogue`: mean of `dsem` and `turn_request_em`, a column of the released scorer.
    - `em`, `nf1`, `nem` of the answer texts.

    Raises:
        ValueError: nothing to score, or lengths differ.
        DataError: a reference is not a pair of strings.
    """
    check_pairs(predictions, references)
    turns = _turns(predictions, references)
    changes = [(parse_change(turn.prediction), parse_change(turn.answer)) for turn in turns]

    def share(hits: Iterable[bool]) -> float:
        return sum(hits) / len(turns) * 100

    dsem = _joint_goal(turns)
    request_em = share(found.requests == gold.requests for found, gold in changes)
    return {
        "dsem": dsem,
        "dsem_by_turn_number": _joint_goal(turns, key=_by_number),
        "turn_goal_em": share(found.inform == gold.inform for found, gold in changes),
        "turn_request_em": request_em,
        "request_set_em": share(_requested(found) == _requested(gold) for found, gold in changes),
        "avg_dialogue": (dsem + request_em) / 2,
        **overlap(predictions, [[turn.answer] for turn in turns]),
    }


def parse_change(answer: str) -> Change:
    """Read `slot: value, ...; request, ...`; what does not have this form changes nothing.

    Exactly one semicolon must stand in the text, exactly one colon in each informed slot;
    a slot named twice keeps its last value.

    >>> parse_change("food: thai, cheap; phone")
    Change(inform={'food': 'thai'}, requests=('phone',))
    >>> parse_change("None")
    Change(inform={}, requests=None)
    """
    parts = answer.split(";")
    if len(parts) != 2 or answer.strip() == ";":
        return Change({}, None)
    informed, requested = ([item.strip() for item in part.split(",")] for part in parts)
    pairs = (item.split(":") for item in informed if item.count(":") == 1)
    return Change({slot.strip(): value.strip() for slot, value in pairs}, tuple(requested))


def _turns(predictions: Sequence[str], references: Sequence[Any]) -> list[Turn]:
    turns = []
    for index, (prediction, reference) in enumerate(zip(predictions, references, strict=True)):
        match reference:
            case [str(turn_id), str(answer)]:
                turns.append(Turn(turn_id, prediction, answer))
            case _:
                raise bad_reference(index, "[turn id, answer], two strings", reference)
    return turns


def right_turns(
    predictions: Sequence[str], references: Sequence[Any]
) -> dict[str, tuple[int, int]]:
    """Dialogue -> (turns that `dsem` counts as right, turns), in the order of the strings."""
    return _by_dialogue(sorted(_turns(predictions, references)))


def _joint_goal(turns: Iterable[Turn], key: Callable[[Turn], Any] | None = None) -> float:
    """Share of turns, sorted by `key`, after which both accumulated states are the same."""
    hits, counts = zip(*_by_dialogue(sorted(turns, key=key)).values(), strict=True)
    return sum(hits) / sum(counts) * 100


def _by_dialogue(turns: Iterable[Turn]) -> dict[str, tuple[int, int]]:
    """Right turns and turns of each dialogue; the states begin anew where the dialogue changes."""
    found: dict[str, tuple[int, int]] = {}
    for parts, exchange in groupby(turns, key=lambda turn: turn.dialogue):
        state: dict[str, str] = {}
        gold_state: dict[str, str] = {}
        hits, count = found.get(name := "_".join(parts), (0, 0))
        for turn in exchange:
            state |= parse_change(turn.prediction).inform
            gold_state |= parse_change(turn.answer).inform
            hits += state == gold_state
            count += 1
        found[name] = hits, count
    return found


def _by_number(turn: Turn) -> tuple[list[str], bool, int, str]:
    """Sort key: turns of a dialogue by the value of their number, any without one at the end."""
    number = turn.id.rpartition("_")[2]
    named = not _NUMBER.fullmatch(number)
    return turn.dialogue, named, 0 if named else int(number), number


def _requested(change: Change) -> frozenset[str]:
    return frozenset(change.requests or ()) - {""}
