"""The ten tasks of the decathlon, in the paper's order. No torch; one small file per task."""

from difflib import get_close_matches

from mqan.example import DataError
from mqan.tasks import (
    cnn_dailymail,
    iwslt,
    multinli,
    mwsc,
    qa_srl,
    qa_zre,
    squad,
    sst,
    wikisql,
    woz,
)
from mqan.tasks.task import Task

TASKS: dict[str, Task] = {
    module.TASK.name: module.TASK
    for module in (
        squad,
        iwslt,
        cnn_dailymail,
        multinli,
        sst,
        qa_srl,
        qa_zre,
        woz,
        wikisql,
        mwsc,
    )
}


def get(name: str) -> Task:
    """The task called `name`.

    Raises:
        DataError: there is none; the message suggests one.
    """
    if name in TASKS:
        return TASKS[name]
    near = get_close_matches(name, TASKS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise DataError(f"unknown task {name!r}; {hint}The tasks are: {', '.join(TASKS)}")


__all__ = ["TASKS", "Task", "get"]
