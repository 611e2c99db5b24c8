"""What each run of a study is: a row of rows.tsv, or a transfer, with the study's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mqan.curriculum import Phase
from mqan.study.probes import Transfer
from mqan.study.run import OnTheWay, RunSpec
from mqan.study.settings import Override
from mqan.study.sheets import SINGLE, Row, phases
from mqan.study.strict import StudyError
from mqan.tasks import TASKS
from mqan.tasks.task import WORDINGS

if TYPE_CHECKING:
    from mqan.study.plan import Study


def run_spec(study: Study, row: Row, run: str, task: str) -> RunSpec:
    """Describe the run of `row` that fills `task`; overrides are for single-task runs."""
    single = row.strategy == SINGLE
    override = study.overrides.get(task, Override()) if single else Override()
    steps = (override.steps or study.steps.single) if single else study.steps.multi
    try:
        train = override.applied(study.train)
        turns = phases(
            study.strategies[row.strategy], [task] if single else study.tasks, steps, run
        )
    except StudyError as error:
        raise StudyError(f"run {run} (strategy {row.strategy}): {error}") from error
    if row.differences.cell_from_hidden is not None:
        train = replace(train, cell_from_hidden=row.differences.cell_from_hidden)
    wording = row.differences.wording or study.wording
    spec = RunSpec(
        study=study.study,
        run=run,
        variant=row.variant,
        strategy=row.strategy,
        size_name=study.size,
        size=study.sizes[study.size],
        turns=tuple(turns),
        data=study.data,
        wording=wording,
        limits=study.limits,
        vocabulary=study.vocabulary,
        vectors=study.vectors,
        embedding=row.vectors or "word",
        cove=study.cove if row.uses_cove else None,
        train=train,
        max_words=study.evaluation.max_words,
        curve=_curve(study, row, steps),
    )
    return replace(spec, stores=tuple(store_of(study, name, wording) for name in spec.tasks))


def store_of(study: Study, corpus: str, wording: str) -> str:
    """The folder of a prepared corpus: its name, and the wording where that is another."""
    official = {wording, study.wording} <= set(WORDINGS)
    unworded = official and corpus in TASKS and "paper" not in TASKS[corpus].wordings
    return corpus if wording == study.wording or unworded else f"{corpus}@{wording}"


def _curve(study: Study, row: Row, steps: int) -> OnTheWay | None:
    """Whether the runs that `row` trains are scored on the way, and when."""
    wanted = study.ablations.curve if study.ablations else None
    if wanted is None or not any(
        study.matrix[name].training == row.training for name in wanted.rows
    ):
        return None
    return OnTheWay(max(1, steps // wanted.times), wanted.examples)


def transfer_spec(study: Study, name: str, transfer: Transfer) -> RunSpec:
    """Describe a run on a further corpus, from the weights of a row's run or from random."""
    wanted = study.ablations and study.ablations.transfers
    assert wanted
    row = study.every_row[transfer.start or _counterpart(study, transfer)]
    like = run_spec(study, row, name, study.tasks[0])
    start = study.plan[transfer.start][study.tasks[0]] if transfer.start else ""
    return replace(
        like,
        strategy="transfer",
        turns=(Phase((transfer.corpus,), wanted.steps),),
        curve=OnTheWay(max(1, wanted.steps // wanted.times), wanted.examples),
        stores=(transfer.corpus,),
        start=start,
    )


def _counterpart(study: Study, transfer: Transfer) -> str:
    """The row whose architecture a transfer from random weights has: its counterpart's."""
    others = (t.start for t in study.every_transfer.values() if t.corpus == transfer.corpus)
    start = next(filter(None, others), None)
    if start is None:
        raise StudyError(
            f"transfers.tsv: {transfer.transfer} starts at random, and no other transfer to "
            f"{transfer.corpus} starts from a row whose model it could have: add one"
        )
    return start
