"""The command `mqan`: arguments to function, nothing else."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mqan import __version__

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Raw = Annotated[Path, typer.Option(help="Folder with the raw corpora.")]
Data = Annotated[Path, typer.Option(help="Folder with the prepared corpora.")]
StudyFile = Annotated[Path, typer.Option(help="A study, such as config/mini.yaml.")]
Out = Annotated[Path, typer.Option(help="Where to write.")]
Vectors = Annotated[Path | None, typer.Option(help="Word vectors, if not in the data folder.")]
Name = Annotated[str, typer.Option()]
File = Annotated[Path, typer.Option()]
Seed = Annotated[int, typer.Option(min=0)]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads.")]
Words = Annotated[int, typer.Option(min=1, help="Longest answer, in words.")]
# Written out, for the modules that define them are slow to load; a test compares.
Split = Literal["train", "validation", "test"]
Decode = Literal["consistent", "released"]
MiniSize = Literal["smoke", "mini", "paper"]
Variant = Literal["s2s", "satt", "catt", "qptr", "transformer"]
Embedding = Literal["word", "cove", "cove0"]
FigureWidth = Literal["page", "column"]


@app.callback()
def setup() -> None:
    """The Natural Language Decathlon and its Multitask Question Answering Network, reproducible."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", force=True)


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a command whose expected errors end in one line and exit status 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except (ValueError, RuntimeError, OSError) as error:
            # What a user can cause and mend has a class of its own, or comes from a file.
            if type(error) in (ValueError, RuntimeError):
                raise
            typer.echo(f"mqan {function.__name__}: {error}", err=True)
            raise typer.Exit(1) from None

    # typer would write a dash for each underscore; here a command is called like its function
    return app.command(function.__name__)(run)


@command
def mini(out: Out, seed: Seed = 1, size: MiniSize = "mini") -> None:
    """Write the embedded decathlon, and corpora beside it, in the official formats."""
    from mqan.atomic import write_text
    from mqan.mini import write

    written = write(out, seed, size)
    write_text(out / "mini.json", json.dumps(written, indent=2, sort_keys=True) + "\n")


@command
def prepare(
    raw: Raw,
    task: Name,
    out: Out,
    split: Annotated[list[str], typer.Option(help="May be repeated.")],
    wording: Annotated[str, typer.Option(help="code, paper, or one of rewordings.tsv.")] = "code",
) -> None:
    """Tokenise a task's splits once, into memory-mapped columns."""
    from mqan.data.store import prepare as write
    from mqan.rewording import in_wording
    from mqan.tasks import get

    asked = in_wording(get(task), wording)
    for name in split:
        write(asked, raw, name, out, wording)


@command
def vectors(
    study: StudyFile,
    data: Data,
    out: Out,
    raw: Path | None = None,
    record: Annotated[Path | None, typer.Option(help="Note the study in this file.")] = None,
    store: Annotated[list[str] | None, typer.Option(help="Prepared besides the tasks.")] = None,
) -> None:
    """Write the study's word list and word vectors."""
    from mqan.atomic import write_text
    from mqan.experiment import write_vectors
    from mqan.study import load_study, owner

    plan = load_study(study)
    write_vectors(plan, raw, data, out, store or [])
    if record is not None:
        write_text(record, json.dumps(owner(plan, study, raw), indent=2) + "\n")


@command
def train(
    study: StudyFile,
    run: Name,
    seed: Seed,
    data: Data,
    out: Out,
    checkpoints: File,
    vectors: Vectors = None,
    threads: Threads = 1,
    tensorboard: Annotated[bool, typer.Option(help="Needs mqan[tensorboard].")] = False,
    mtlstm: Annotated[Path | None, typer.Option(help="Its folder, for runs with CoVe.")] = None,
    start: Annotated[
        Path | None, typer.Option(help="Run folder whose weights to start from.")
    ] = None,
) -> None:
    """Train one run with one seed, or continue it where it was killed."""
    from mqan.learn import train_run
    from mqan.study import load_study
    from mqan.train.settings import check_device

    check_device(load_study(study).train.device)
    train_run(
        study, run, seed, data, out, checkpoints, threads, tensorboard, vectors, mtlstm, start
    )


@command
def predict(
    run_dir: File,
    data: Data,
    out: Out,
    vectors: Vectors = None,
    split: Split = "validation",
    decode: Decode = "consistent",
    max_words: Words = 100,
    threads: Threads = 1,
) -> None:
    """Answer a split of every task of a trained run: JSON lines."""
    from mqan.evaluate import predict_run
    from mqan.record import read_card
    from mqan.train.settings import check_device

    check_device(read_card(run_dir / "card.json").take(str, "spec", "train", "device"))
    predict_run(run_dir, data, split, decode, max_words, threads, out, vectors)


@command
def probe(
    study: StudyFile,
    run_dir: File,
    data: Data,
    vectors: File,
    out: Out,
    threads: Threads = 1,
) -> None:
    """Ask a trained run what it never learnt, the study's probes of its tasks: JSON lines."""
    from mqan.evaluate import predict_run
    from mqan.record import read_card
    from mqan.study import load_study
    from mqan.train.settings import check_device

    plan, card = load_study(study), read_card(run_dir / "card.json")
    check_device(card.take(str, "spec", "train", "device"))
    names = plan.probed().get(card.take(str, "run"), [])
    probes = {name: (plan.probes[name].corpus, plan.probe_store(name)) for name in names}
    how = plan.evaluation
    predict_run(run_dir, data, how.split, how.decode, how.max_words, threads, out, vectors, probes)


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
    write_text(long, text.to_csv_text(tables.spread(frame, plan)))
    write_text(markdown, text.to_markdown(wide, plan))
    if latex is not None:
        write_text(latex, page.latex(text.decathlon_page(wide, plan), "decascore"))
    write_text(out, text.to_csv_text(wide))


@command
def figure(study: StudyFile, table: File, out: Annotated[list[Path], typer.Option()]) -> None:
    """Draw the decathlon table: scores per task and training strategy."""
    from mqan.layout import layout
    from mqan.report.figures import read_table, save, strategies
    from mqan.report.figures.style import metric_name
    from mqan.study import load_study

    plan = layout(load_study(study))
    titles = {
        task: f"{title} ({metric_name(metric)})" for task, (title, metric) in plan.tasks.items()
    }
    frame = read_table(table, titles)
    drawn = strategies(frame, titles, f"{plan.title}: {plan.data}, size {plan.size}")
    for path in out:
        save(drawn, path)


@command
def inspect(
    raw: Annotated[list[Path], typer.Argument(help="Folders with raw corpora.")],
    samples: Annotated[int, typer.Option(min=0, help="Triples to show of each split.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show the corpora in a folder: rows, dropped rows, lengths, checksums, whether official."""
    from mqan.data import inspect as look

    reports = look.inspect(raw, samples=samples)
    typer.echo(look.to_json(reports) if as_json else look.render(reports))
    if any(report.failed for report in reports):
        raise typer.Exit(1)


@command
def describe(
    variant: Variant = "qptr",
    size: str = "paper",
    generable: Annotated[int, typer.Option(min=5, help="Words of the softmax.")] = 50_000,
    width: Annotated[int, typer.Option(min=1, help="Of the fixed word vectors.")] = 400,
    vectors: Annotated[Embedding, typer.Option(help="What the encoder reads.")] = "word",
    cove_hidden: Annotated[int, typer.Option(min=1, help="Of a direction.")] = 300,
    cove_width: Annotated[int, typer.Option(min=1, help="The last so many columns.")] = 300,
) -> None:
    """Show the model part by part: every parameter, its shape, whether it is frozen; numbers."""
    from dataclasses import asdict

    from mqan.model.config import ModelConfig
    from mqan.model.mqan import describe as parts
    from mqan.study.plan import SHEETS
    from mqan.study.sheets import read_sizes
    from mqan.study.strict import check_names

    sizes = read_sizes(SHEETS / "sizes.yaml")
    check_names("--size", [size], sizes)
    cove = {
        "cove_hidden": cove_hidden,
        "cove_layers": 2 if vectors == "cove0" else 1,
        "cove_first": width - cove_width,
        "cove_width": cove_width,
    }
    settings = {"variant": variant, "vector_width": width, "generable": generable}
    settings |= asdict(sizes[size]) | (cove if vectors != "word" else {})
    try:
        config = ModelConfig.from_dict(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    rows = parts(config)
    wide = max(len(row.name) for row in rows)
    typer.echo(f"{config.row.title}, size {size}: {json.dumps(config.to_dict())}\n")
    for row in rows:
        frozen = "" if row.trained else "  frozen"
        shape = " x ".join(map(str, row.shape))
        typer.echo(f"{row.name:{wide}}  {shape:>14}  {row.numbers:>12,}{frozen}")
    for kind, trained in (("trainable", True), ("frozen", False)):
        total = sum(row.numbers for row in rows if row.trained is trained)
        typer.echo(f"{f'{kind} parameters':{wide}}  {'':>14}  {total:>12,}")


@command
def answer(
    run_dir: File,
    context: Name,
    question: Name,
    raw: Annotated[Path | None, typer.Option(help="Folder of the word-vector files.")] = None,
    max_words: Words = 100,
) -> None:
    """Answer a question about a text with a trained model."""
    from mqan.evaluate import answer as answer_texts

    typer.echo(answer_texts(run_dir, raw, [(context, question)], max_words)[0])


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
        write_text(keep, estimates.keep(plan.study, estimates.measured(plan, results)))
    typer.echo(estimates.expected(plan, results, costs, lanes, price), nl=False)


@command
def version() -> None:
    """Print the version."""
    typer.echo(f"mqan {__version__} (Python {sys.version.split()[0]})")


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
    from mqan.report.tidy import to_csv
    from mqan.study import load_study

    plan, pairs = layout(load_study(study), whole=True), report.read_comparisons(comparisons)
    rows = {row for pair in pairs for row in (pair.row, pair.against)}
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

    plan, sheet = layout(load_study(study), whole=True), read_claims(claims)
    frame = report.claims(read_scores(scores), plan, sheet, read_published(published))
    write_text(markdown, report.to_markdown(frame, plan, sheet))
    write_text(out, to_csv(frame))


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
def mtlstm(
    study: StudyFile,
    data: Data,
    out: Out,
    checkpoints: File,
    raw: Annotated[Path | None, typer.Option(help="Folder of the published file.")] = None,
    threads: Threads = 1,
) -> None:
    """Train the study's MT-LSTM on its English-German pairs, or read the published one."""
    from mqan.translate.learn import make_mtlstm

    make_mtlstm(study, raw, data, out, checkpoints, threads)


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
def draw(
    name: Annotated[str, typer.Argument(help="A figure of mqan.report.figures.NEEDS.")],
    study: StudyFile,
    results: Annotated[Path, typer.Option(help="Folder of the study's results.")],
    out: Annotated[list[Path], typer.Option(help="PNG, PDF or SVG; may be repeated.")],
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
