"""Each strategy of the paper as the literal list of whose turn it is."""

from itertools import islice

import pytest

from mqan.curriculum import Phase, schedule, task_at, tasks_of, total_steps


def first(count: int, *phases: Phase) -> list[str]:
    return list(islice(schedule(phases), count))


def test_single_task():
    assert first(3, Phase(("squad",))) == ["squad", "squad", "squad"]


def test_fully_joint_goes_round_in_the_order_given():
    assert first(7, Phase(("a", "b", "c"))) == ["a", "b", "c", "a", "b", "c", "a"]


def test_anti_curriculum_starts_with_the_hard_task_then_all():
    phases = (Phase(("squad",), steps=3), Phase(("squad", "iwslt", "sst")))
    assert first(8, *phases) == [
        "squad", "squad", "squad", "squad", "iwslt", "sst", "squad", "iwslt",
    ]  # fmt: skip


def test_curriculum_with_a_first_phase_that_stops_within_a_round():
    phases = (Phase(("sst", "woz"), steps=3), Phase(("squad", "sst", "woz")))
    assert first(7, *phases) == ["sst", "woz", "sst", "squad", "sst", "woz", "squad"]


def test_oversampling_names_a_task_more_than_once():
    assert first(6, Phase(("a", "iwslt", "b", "iwslt"))) == [
        "a", "iwslt", "b", "iwslt", "a", "iwslt",
    ]  # fmt: skip


def test_three_phases_of_which_the_last_ends():
    phases = (Phase(("a",), 1), Phase(("a", "b"), 3), Phase(("c",), 2))
    assert list(schedule(phases)) == ["a", "a", "b", "a", "c", "c"]
    assert total_steps(phases) == 6
    assert task_at(phases, 7) is None


def test_task_at_jumps_to_any_update_of_the_same_sequence():
    phases = (Phase(("a",), 4), Phase(("b", "a", "c"), 5), Phase(("c", "b")))
    assert [task_at(phases, step) for step in range(1, 31)] == first(30, *phases)
    assert task_at(phases, 1_000_000_000) == "c"


def test_tasks_of_names_each_once():
    assert tasks_of((Phase(("b",), 1), Phase(("a", "b", "a")))) == ("b", "a")


def test_endless_schedule_has_no_total():
    assert total_steps((Phase(("a",), 5), Phase(("a",)))) is None


@pytest.mark.parametrize(
    ("phases", "message"),
    [((), "at least one phase"), ((Phase(("a",)), Phase(("b",))), "phase 1 never ends")],
)
def test_impossible_strategies_are_refused(phases, message):
    with pytest.raises(ValueError, match=message):
        next(schedule(phases))


@pytest.mark.parametrize(("tasks", "steps"), [((), None), (("a",), 0), (("a",), -1)])
def test_impossible_phases_are_refused(tasks, steps):
    with pytest.raises(ValueError, match="at least"):
        Phase(tasks, steps)


def test_updates_are_counted_from_one():
    with pytest.raises(ValueError, match="from 1"):
        task_at((Phase(("a",)),), 0)
