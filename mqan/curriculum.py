"""Training strategies as data: a list of phases, each a round robin over named tasks or a draw.

Paper, section 4.2 (curricula); released code, `train` in `train.py`. Read by `mqan.study` (to
check a study) and by `mqan.train.loop` (to know whose turn it is). Standard library only.

The strategies of the paper, all in this one form::

    single        Phase(("squad",))
    joint         Phase(TEN)
    oversampling  Phase(("squad", "iwslt", "cnn_dailymail", "iwslt", ...))
    anti-curric.  Phase(("squad",), steps=75_000), Phase(TEN)
    curriculum    Phase(EASY_SIX, steps=75_000), Phase(TEN)

and today's, which draw each update's task (T5: Raffel et al. 2020, section 3.5.2)::

    by size       Phase(TEN, draw="size")  examples-proportional mixing
    by root       Phase(TEN, draw="root")  temperature-scaled mixing, temperature 2

T5 caps the number of rows that counts for a task, at a value tuned to its own mixture; here there
is no cap.
"""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

# How often a task is drawn, by its number of training rows; up to a common factor.
DRAWS: dict[str, Callable[[int], float]] = {"size": float, "root": math.sqrt}


@dataclass(frozen=True)
class Phase:
    """`steps` updates over `tasks`, endless when None: in turn, or drawn by a rule of DRAWS.

    In turn, a task named twice gets two turns a round; drawn, it is drawn twice as often. `steps`
    counts updates, not rounds.
    """

    tasks: tuple[str, ...]
    steps: int | None = None
    draw: str | None = None

    def __post_init__(self) -> None:
        """Refuse phases without a turn."""
        if not self.tasks:
            raise ValueError("a phase needs at least one task")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"a phase lasts at least 1 update, or None for ever, not {self.steps}")
        if self.draw is not None and self.draw not in DRAWS:
            raise ValueError(f"draw is {self.draw!r}; one of {', '.join(DRAWS)}, or None, expected")


@dataclass(frozen=True)
class Chance:
    """What phases that draw depend on: the run's seed, and the training rows of each task."""

    seed: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)

    def task(self, phase: Phase, step: int) -> str:
        """Draw the task of update `step`: a function of seed, rows and step, and of nothing else.

        Raises ValueError for a task of the phase whose number of rows is not known.
        """
        assert phase.draw is not None
        if missing := [task for task in phase.tasks if self.rows.get(task, 0) < 1]:
            raise ValueError(f"draw {phase.draw} needs the number of rows of {', '.join(missing)}")
        sums = list(accumulate(DRAWS[phase.draw](self.rows[task]) for task in phase.tasks))
        bits = hashlib.sha256(f"task of update {step}, seed {self.seed}".encode()).digest()[:6]
        share = int.from_bytes(bits, "big") / 2**48  # in [0, 1), exact
        return phase.tasks[bisect_right(sums, share * sums[-1])]


def schedule(phases: Sequence[Phase], chance: Chance | None = None) -> Iterator[str]:
    """Yield the task of update 1, 2, 3, ...; ends only if the last phase has a number of steps.

    Raises ValueError when there is no phase, or one that never ends stands before another.
    """
    total_steps(phases)  # checks the phases
    step = 1
    while (name := task_at(phases, step, chance)) is not None:
        yield name
        step += 1


def task_at(phases: Sequence[Phase], step: int, chance: Chance | None = None) -> str | None:
    """Return the task of update `step` (counted from 1), or None when the phases end before it.

    Each phase begins its own round, whatever turn the phase before stopped at. Phases that draw
    need `chance`.
    """
    if step < 1:
        raise ValueError(f"updates are counted from 1, not {step}")
    into = step - 1
    for phase in phases:
        if phase.steps is None or into < phase.steps:
            if phase.draw is not None:
                return (chance or Chance()).task(phase, step)
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
