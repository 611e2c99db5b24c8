"""Which figures a study has something for: what the workflow asks `mqan draw` for.

Loads neither pandas nor matplotlib, for the workflow plans with it.
"""

from collections.abc import Iterable

from mqan.report.compared import Comparison, compared
from mqan.report.figures import NEEDS
from mqan.report.terms import DECASCORE, TASKS_OF_A_DECASCORE
from mqan.study import Study
from mqan.study.sheets import SINGLE


def figures_of(study: Study, comparisons: Iterable[Comparison]) -> list[str]:
    """Names of its figures, in the order of `NEEDS`; but for `strategies`, the table's own."""
    rows = study.matrix.values()
    # Rows that are models of their own, and not another decoder's answers.
    models = {tuple(study.plan[row.row].values()) for row in rows if row.trains}
    learnt = any(spec.curve and name not in study.transfers for name, spec in study.runs().items())
    differ = compared(comparisons, _cells(study))
    has = {
        "strategies": False,  # stands beside the table, as decascore.*
        "scatter": len(models) > 2 and {"squad", "qa_srl"} <= set(study.tasks),
        "correlation": len(models) > 2 and len(study.tasks) > 1,
        "pointing_training": learnt,
        "curves": learnt,
        "transfer": any(t.corpus in ("iwslt_cs", "ner") for t in study.transfers.values()),
        "ladder": len(study.tasks) == TASKS_OF_A_DECASCORE
        and {"single", "joint"} <= set(study.matrix),
        "curricula": "joint" in study.matrix,
        "schedules": any(row.trains and row.strategy != SINGLE for row in rows),
        "forest": DECASCORE in differ,
        "forest_tasks": bool(differ - {DECASCORE}),
    }
    return [name for name in NEEDS if has.get(name, True)]


def _cells(study: Study) -> dict[tuple[str, str], set[str]]:
    """(task, row) -> its seeds, as `mqan differences` finds them in the files of units."""
    matrix = study.evaluations(whole=True)
    return {
        (task, name): {
            str(seed)
            for one, decode, seed in matrix
            if (one, decode) == (run, study.decode_of(name))
        }
        for name, cells in study.plan.items()
        for task, run in cells.items()
    }
