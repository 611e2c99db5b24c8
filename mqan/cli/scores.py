"""From answers to tidy scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mqan.cli.options import Data, File, Out, Raw, StudyFile, command


@command
def score(
    predictions: File,
    card: File,
    out: Out,
    units: Annotated[Path | None, typer.Option(help="Write the units of each score too.")] = None,
) -> None:
    """Score predictions: a tidy CSV with a line for each task and metric."""
    from mqan.scoring import score_run

    score_run(predictions, card, out, units)


@command
def score_probes(study: StudyFile, predictions: File, card: File, out: Out) -> None:
    """Score a run's answers to probes: a tidy CSV with a line for each."""
    from mqan import scoring
    from mqan.record import read_card
    from mqan.report.statistics import score_intervals
    from mqan.study import load_study

    plan = load_study(study)
    names = plan.probed().get(read_card(card).take(str, "run"), [])
    about = {
        name: {key: getattr(plan.probes[name], key) for key in ("task", "corpus", "wording")}
        for name in names
    }
    scoring.score_probes(predictions, card, about, out, score_intervals)


@command
def baselines(study: StudyFile, raw: Raw, data: Data, out: Out) -> None:
    """Score the strongest trivial baseline of each task."""
    from mqan.scoring import baseline_scores
    from mqan.study import load_study

    plan = load_study(study)
    split = plan.evaluation.split
    baseline_scores(plan.study, plan.tasks, split, plan.wording, raw, data, out)


@command
def scores(
    study: StudyFile,
    out: Out,
    files: Annotated[list[Path], typer.Argument(help="scores.csv files, units beside them.")],
) -> None:
    """Collect every score of every run, with its bootstrap interval over examples."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.metrics.unit_files import read_units
    from mqan.report.scores import collect
    from mqan.report.statistics import score_intervals
    from mqan.report.text import to_exact_csv
    from mqan.study import load_study

    plan = layout(load_study(study), whole=True)
    write_text(out, to_exact_csv(collect(files, plan, read_units, score_intervals)))


@command
def pointing(
    study: StudyFile,
    out: Out,
    predictions: Annotated[list[Path], typer.Argument(help="predictions.jsonl files.")],
) -> None:
    """Collect from where the words of all answers came: vocabulary, context or question."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.report.pointing import collect
    from mqan.report.text import to_exact_csv
    from mqan.study import load_study

    write_text(out, to_exact_csv(collect(predictions, layout(load_study(study), whole=True))))


@command
def curves(
    study: StudyFile,
    out: Out,
    runs: Annotated[list[Path], typer.Argument(help="Folders of trained runs.")],
) -> None:
    """Collect the learning curves of trained runs: a tidy CSV with a line for each point."""
    from mqan.atomic import write_text
    from mqan.curves import collect_curves, rows_of, to_csv
    from mqan.study import load_study

    write_text(out, to_csv(collect_curves(runs, rows_of(load_study(study)))))


@command
def probes(
    study: StudyFile,
    sheet: Annotated[Path, typer.Option(help="probes.tsv.")],
    scores: Annotated[Path, typer.Option(help="What `mqan scores` wrote.")],
    out: Out,
    files: Annotated[list[Path], typer.Argument(help="probe-scores.csv, card.json beside each.")],
) -> None:
    """Collect what models answer to questions they were never asked."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.report import probes as report
    from mqan.report.scores import of_runs, read
    from mqan.report.text import to_exact_csv
    from mqan.study import load_study

    plan = load_study(study)
    frame = report.collect(
        files,
        report.read_sheet(sheet, report.SHEET),
        layout(plan, whole=True),
        plan.evaluation.decode,
        of_runs(read(scores)),
    )
    write_text(out, to_exact_csv(frame))


@command
def cards(
    out: Out,
    files: Annotated[list[Path], typer.Argument(help="card.json of trained runs.")],
) -> None:
    """Collect the cards of trained runs: a tidy CSV with a line for each."""
    from mqan.atomic import write_text
    from mqan.cards import collect

    write_text(out, collect(files))
