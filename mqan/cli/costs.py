"""What things cost: a study's matrix, the parts of the model, growth with size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mqan.cli.options import Figures, FigureWidth, File, Out, StudyFile, Threads, command


@command
def estimate(
    study: StudyFile,
    results: File,
    costs: Annotated[Path, typer.Option(help="Times kept from another machine.")] = Path(
        "results/reference/costs.csv"
    ),
    lanes: Annotated[int, typer.Option(min=1, help="Trainings at a time.")] = 2,
    price: Annotated[float | None, typer.Option(min=0, help="Of a CPU hour.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Write the times measured here.")] = None,
) -> None:
    """Show what the whole matrix would still take, from the times of runs that are done."""
    from mqan import estimate as estimates
    from mqan.atomic import write_text
    from mqan.study import load_study

    plan = load_study(study)
    if keep is not None:
        write_text(keep, estimates.keep(plan, estimates.measured(plan, results)))
    typer.echo(estimates.expected(plan, results, costs, lanes, price), nl=False)


@command
def scale(
    out: Out,
    threads: Threads = 1,
    rounds: Annotated[int, typer.Option(min=1, help="Measurements of each point.")] = 5,
) -> None:
    """Measure how the cost of a training step grows with lengths, batch, vocabulary and tasks."""
    from mqan.scale import scale as measure

    measure(out, threads, rounds)


@command
def growth(out: Out, markdown: File) -> None:
    """Measure how planning grows with the number of runs, and preparing data with the corpora."""
    from mqan.growth import growth as measure

    measure(out, markdown)


@command
def benchmarks(
    results: File,
    out: Annotated[Path | None, typer.Option(help="Where to write the page.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Folder for benchmarks-DEVICE.*.")] = None,
    commit: Annotated[str | None, typer.Option(help="Measured, if the file lacks it.")] = None,
) -> None:
    """Write the results of `pytest --benchmark-only --bench-out` as a table in Markdown."""
    from mqan.atomic import write_text
    from mqan.report import benchmarks as report

    if out is None and keep is None:
        raise typer.BadParameter("name where to write: --out PAGE, --keep FOLDER or both")
    if out is not None:
        write_text(out, report.table(results))
    if keep is not None:
        for path in report.keep(results, keep, commit):
            typer.echo(path)


@command
def roofline(results: File, out: Figures, width: FigureWidth = "page") -> None:
    """Draw how near the parts in a file of `pytest --benchmark-only` come to their machine."""
    from mqan.report.benchmarks import read
    from mqan.report.figures.roofline import roofline as drawn
    from mqan.report.figures.style import WIDTHS, save

    figure = drawn(read(results), WIDTHS[width])
    for path in out:
        save(figure, path)


@command
def throughput(results: File, published: File, out: Figures, width: FigureWidth = "page") -> None:
    """Draw steps per second against context length, from a file of `mqan scale`."""
    from mqan.report.benchmarks import read_scale, read_speed
    from mqan.report.figures.style import WIDTHS, save
    from mqan.report.figures.throughput import throughput as drawn

    figure = drawn(read_scale(results), read_speed(published), WIDTHS[width])
    for path in out:
        save(figure, path)
