"""Each strategy of the paper as the literal list of whose turn it is."""

from itertools import islice

import pytest
from scipy.stats import chisquare

from mqan.curriculum import Chance, Phase, schedule, task_at, tasks_of, total_steps

ROWS = {"squad": 80, "sst": 15, "mwsc": 5}
TASKS = tuple(ROWS)


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


def drawn(count: int, *phases: Phase, seed: int = 1) -> list[str]:
    return list(islice(schedule(phases, Chance(seed, ROWS)), count))


def test_tasks_drawn_by_size_and_by_its_root():
    """Worked out by hand from the first 48 bits of sha256("task of update 1, seed 1"), ..."""
    assert drawn(12, Phase(TASKS, draw="size")) == [
        "mwsc", "squad", "squad", "squad", "sst", "sst", "sst", "squad", "squad", "sst", "squad",
        "squad",
    ]  # fmt: skip
    assert drawn(12, Phase(TASKS, draw="root")) == [
        "mwsc", "squad", "squad", "squad", "mwsc", "mwsc", "mwsc", "squad", "squad", "mwsc", "sst",
        "squad",
    ]  # fmt: skip
    assert drawn(12, Phase(TASKS, draw="root"), seed=2) != drawn(12, Phase(TASKS, draw="root"))


@pytest.mark.parametrize(
    ("draw", "tasks", "shares"),
    [
        ("size", TASKS, (0.80, 0.15, 0.05)),
        ("root", TASKS, (0.59587, 0.25802, 0.14897)),
        ("size", ("sst", "mwsc"), (0.75, 0.25)),
        ("root", ("sst", "mwsc", "mwsc"), (0.4641, 0.5359)),
    ],
)
def test_each_task_is_drawn_as_often_as_its_rows_say(draw, tasks, shares):
    """A chi-square test over 20,000 updates of the one fixed sequence."""
    names = drawn(20_000, Phase(tasks, draw=draw))
    expected = [share / sum(shares) * len(names) for share in shares]
    observed = [names.count(task) for task in dict.fromkeys(tasks)]
    assert chisquare(observed, expected).pvalue > 0.01


def test_a_draw_depends_on_the_update_alone_not_on_those_before():
    phases = (
        Phase(("sst",), 3),
        Phase(TASKS, 40, "root"),
        Phase(TASKS, 10),
        Phase(TASKS, None, "size"),
    )
    names = drawn(200, *phases)
    chance = Chance(1, ROWS)
    assert [task_at(phases, step, chance) for step in reversed(range(1, 201))] == names[::-1]
    assert names[:3] == ["sst"] * 3
    assert names[43:47] == ["squad", "sst", "mwsc", "squad"]
    assert task_at(phases, 10**12, chance) in TASKS


def test_a_draw_needs_the_number_of_rows():
    with pytest.raises(ValueError, match="draw size needs the number of rows of b"):
        task_at((Phase(("a", "b"), draw="size"),), 1, Chance(1, {"a": 3, "b": 0}))
    with pytest.raises(ValueError, match="needs the number of rows of a"):
        next(schedule((Phase(("a",), draw="root"),)))


def test_an_unknown_rule_of_drawing_is_refused():
    with pytest.raises(ValueError, match="draw is 'sise'; one of size, root"):
        Phase(("a",), draw="sise")


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
