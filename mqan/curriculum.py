"""Training strategies as data: a list of phases, each a round robin over named tasks.

Paper, section 4.2 (curricula); released code, `train` in `train.py`. Read by `mqan.study` (to
check a study) and by `mqan.train.loop` (to know whose turn it is). Standard library only.

The strategies of the paper, all in this one form::

    single        Phase(("squad",))
    joint         Phase(TEN)
    oversampling  Phase(("squad", "iwslt", "cnn_dailymail", "iwslt", ...))
    anti-curric.  Phase(("squad",), steps=75_000), Phase(TEN)
    curriculum    Phase(EASY_SIX, steps=75_000), Phase(TEN)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """Go round `tasks` in order, one update each, for `steps` updates; for ever when None.

    A task named twice gets two turns a round. `steps` counts updates, not rounds.
    """

    tasks: tuple[str, ...]
    steps: int | None = None

    def __post_init__(self) -> None:
        """Refuse phases without a turn."""
        if not self.tasks:
            raise ValueError("a phase needs at least one task")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"a phase lasts at least 1 update, or None for ever, not {self.steps}")


def schedule(phases: Sequence[Phase]) -> Iterator[str]:
    """Yield the task of update 1, 2, 3, ...; ends only if the last phase has a number of steps.

    Raises ValueError when there is no phase, or one that never ends stands before another.
    """
    total_steps(phases)  # checks the phases
    step = 1
    while (name := task_at(phases, step)) is not None:
        yield name
        step += 1


def task_at(phases: Sequence[Phase], step: int) -> str | None:
    """Return the task of update `step` (counted from 1), or None when the phases end before it.

    Each phase begins its own round, whatever turn the phase before stopped at.
    """
    if step < 1:
        raise ValueError(f"updates are counted from 1, not {step}")
    into = step - 1
    for phase in phases:
        if phase.steps is None or into < phase.steps:
            return phase.tasks[into % len(phase.tasks)]
        into -= phase.steps
    return None


def total_steps(phases: Sequence[Phase]) -> int | None:
    """Return the number of updates in all phases, None when the last has no end; checks them."""
    if not phases:
        raise ValueError("a strategy needs at least one phase")
    for number, phase in enumerate(phases[:-1], start=1):
        if phase.steps is None:
            raise ValueError(f"phase {number} never ends, but phases follow it: give it steps")
    if phases[-1].steps is None:
        return None
    return sum(phase.steps or 0 for phase in phases)


def tasks_of(phases: Sequence[Phase]) -> tuple[str, ...]:
    """Return every task that gets a turn, once each, in the order of first mention."""
    return tuple(dict.fromkeys(name for phase in phases for name in phase.tasks))
