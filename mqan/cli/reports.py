"""From tidy scores to tables, tests and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mqan.cli.options import Figures, FigureWidth, File, Out, StudyFile, command
from mqan.report.figures import NEEDS


@command
def table(
    study: StudyFile,
    published: File,
    out: Out,
    long: File,
    markdown: File,
    scores: Annotated[list[Path], typer.Argument(help="scores.csv files.")],
    latex: Annotated[Path | None, typer.Option(help="The page for a paper.")] = None,
) -> None:
    """Collect scores into the decathlon table, beside the published numbers."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.report import page, tables, text
    from mqan.study import load_study

    plan = layout(load_study(study))
    frame = tables.read_scores(scores)
    wide = tables.decathlon(frame, plan, tables.read_published(published))
    write_text(long, text.to_exact_csv(tables.spread(frame, plan)))
    write_text(markdown, text.to_markdown(wide, plan))
    if latex is not None:
        write_text(latex, page.latex(text.decathlon_page(wide, plan), "decascore"))
    write_text(out, text.to_csv_text(wide))


@command
def figure(study: StudyFile, table: File, out: Figures) -> None:
    """Draw the decathlon table, from decascore_long.csv: scores per task and training strategy."""
    from mqan.layout import layout, own_tasks
    from mqan.report.figures import read_table, save, strategies
    from mqan.report.tables import check_study
    from mqan.study import load_study

    plan = layout(load_study(study))
    check_study(table, plan.study)
    drawn = strategies(read_table(table), own_tasks(plan))
    for path in out:
        save(drawn, path)


@command
def differences(
    study: StudyFile,
    comparisons: File,
    out: Out,
    markdown: File,
    units: Annotated[
        list[Path], typer.Argument(help="Files RUN/seedN/units.arrow, or folders of runs.")
    ],
) -> None:
    """Compare rows on the same examples and seeds: which differences are real."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.report import differences as report
    from mqan.report.compared import read_comparisons
    from mqan.report.tidy import to_csv
    from mqan.study import load_study
    from mqan.study.strict import check_names

    whole, pairs = load_study(study), read_comparisons(comparisons)
    plan = layout(whole, whole=True)
    rows = dict.fromkeys(row for pair in pairs for row in (pair.row, pair.against))
    check_names(f"{comparisons}: rows", rows, whole.every_row)
    cells = report.read_cells(plan, report.find_units(units), rows)
    frame = report.differences(plan, pairs, cells)
    write_text(markdown, report.to_markdown(frame, plan, pairs))
    write_text(out, to_csv(frame))


@command
def correlations(
    study: StudyFile,
    published: File,
    out: Out,
    scores: Annotated[list[Path], typer.Argument(help="scores.csv files.")],
) -> None:
    """Correlate the tasks over the rows of a study, and over the published columns."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.report import correlations as report
    from mqan.report.tables import read_published, read_scores
    from mqan.report.tidy import to_csv
    from mqan.study import load_study

    frame, plan = read_scores(scores), layout(load_study(study), whole=True)
    write_text(out, to_csv(report.correlations(frame, plan, read_published(published))))


@command
def claims(
    study: StudyFile,
    claims: File,
    published: File,
    out: Out,
    markdown: File,
    scores: Annotated[list[Path], typer.Argument(help="scores.csv files.")],
) -> None:
    """Test the source's claims on a study's scores, beside the published table."""
    from mqan.atomic import write_text
    from mqan.claim_sheet import read_claims
    from mqan.layout import layout
    from mqan.report import claims as report
    from mqan.report.tables import read_published, read_scores
    from mqan.report.tidy import to_csv
    from mqan.study import load_study

    whole = load_study(study)
    plan, sheet = layout(whole, whole=True), read_claims(claims, whole.every_row)
    frame = report.claims(read_scores(scores), plan, sheet, read_published(published))
    write_text(markdown, report.to_markdown(frame, plan, sheet))
    write_text(out, to_csv(frame))


@command
def comparisons(
    study: StudyFile,
    tables: Annotated[Path, typer.Option(help="tables.yaml.")],
    scores: Annotated[Path, typer.Option(help="What `mqan scores` wrote.")],
    published: File,
    out: Annotated[Path, typer.Option(help="Folder: a CSV, Markdown and LaTeX file a table.")],
    differences: Annotated[Path | None, typer.Option(help="Marks what is real.")] = None,
    probes: Annotated[Path | None, typer.Option(help="What `mqan probes` wrote.")] = None,
    probe_sheet: Annotated[Path | None, typer.Option(help="probes.tsv.")] = None,
    curves: Annotated[Path | None, typer.Option(help="curves.csv of the study.")] = None,
    transfer_sheet: Annotated[Path | None, typer.Option(help="transfers.tsv.")] = None,
) -> None:
    """Write the comparisons of paper, lecture and released README: ours, published, difference."""
    from mqan.comparisons import read_comparisons, sources
    from mqan.report.text import write
    from mqan.study import load_study

    wanted = read_comparisons(tables)
    made_from = sources(
        load_study(study),
        wanted,
        scores=scores,
        published=published,
        differences=differences,
        probes=probes,
        probe_sheet=probe_sheet,
        curves=curves,
        transfer_sheet=transfer_sheet,
    )
    for name, table in wanted.items():
        write(table.table(name, made_from), out / name)


@command
def draw(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(NEEDS)}.")],
    study: StudyFile,
    results: Annotated[Path, typer.Option(help="Folder of the study's results.")],
    out: Figures,
    published: Annotated[Path | None, typer.Option(help="Default: config/published.csv.")] = None,
    row: Annotated[str | None, typer.Option(help="Of figures that show one model.")] = None,
    width: Annotated[FigureWidth, typer.Option(help="Of a paper: page or column.")] = "page",
) -> None:
    """Draw a figure of a study's results."""
    from mqan.draw import Place
    from mqan.draw import draw as drawn
    from mqan.report.figures.style import WIDTHS, save
    from mqan.study import load_study
    from mqan.study.plan import SHEETS

    place = Place(
        load_study(study), results, published or SHEETS / "published.csv", row, WIDTHS[width]
    )
    figure = drawn(name, place)
    for path in out:
        save(figure, path)
