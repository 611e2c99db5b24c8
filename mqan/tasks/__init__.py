"""The ten tasks of the decathlon, in the paper's order, and corpora beside them. No torch.

One small file per corpus. `TASKS` are the ten that make the decaScore; `EXTRA` are asked as one of
the ten is, to see what a trained model makes of a corpus it never saw or learns next (paper,
section 4.4); `CORPORA` are both.
"""

from difflib import get_close_matches

from mqan.example import DataError
from mqan.tasks import (
    amazon,
    cnn_dailymail,
    iwslt,
    iwslt_cs,
    multinli,
    mwsc,
    ner,
    qa_srl,
    qa_zre,
    snli,
    squad,
    sst,
    wikisql,
    woz,
    yelp,
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
EXTRA: dict[str, Task] = {
    module.TASK.name: module.TASK for module in (snli, amazon, yelp, iwslt_cs, ner)
}
CORPORA: dict[str, Task] = TASKS | EXTRA


def get(name: str) -> Task:
    """The task or further corpus called `name`.

    Raises:
        DataError: there is none; the message suggests one.
    """
    if name in CORPORA:
        return CORPORA[name]
    near = get_close_matches(name, CORPORA, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise DataError(
        f"unknown task {name!r}; {hint}The tasks are: {', '.join(TASKS)}; "
        f"further corpora: {', '.join(EXTRA)}"
    )


__all__ = ["CORPORA", "EXTRA", "TASKS", "Task", "get"]
