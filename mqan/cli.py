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
Name = Annotated[str, typer.Option()]
File = Annotated[Path, typer.Option()]
Seed = Annotated[int, typer.Option(min=0)]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads.")]
Words = Annotated[int, typer.Option(min=1, help="Longest answer, in words.")]
# Written out, for the modules that define them are slow to load; a test compares.
Split = Literal["train", "validation", "test"]
Wording = Literal["code", "paper"]
Decode = Literal["consistent", "released"]
MiniSize = Literal["smoke", "mini", "paper"]
Variant = Literal["s2s", "satt", "catt", "qptr"]


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

    return app.command()(run)


@command
def mini(out: Out, seed: Seed = 1, size: MiniSize = "mini") -> None:
    """Write the embedded decathlon: ten corpora in the official formats."""
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
    wording: Wording = "code",
) -> None:
    """Tokenise a task's splits once, into memory-mapped columns."""
    from mqan.data.store import prepare as write
    from mqan.tasks import get

    for name in split:
        write(get(task), raw, name, out, wording)


@command
def vectors(
    study: StudyFile,
    data: Data,
    out: Out,
    raw: Path | None = None,
    record: Annotated[Path | None, typer.Option(help="Note the study in this file.")] = None,
) -> None:
    """Write the study's word list and word vectors."""
    from mqan.atomic import write_text
    from mqan.experiment import write_vectors
    from mqan.study import load_study, owner

    plan = load_study(study)
    write_vectors(plan, raw, data, out)
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
    threads: Threads = 1,
    tensorboard: Annotated[bool, typer.Option(help="Needs mqan[tensorboard].")] = False,
) -> None:
    """Train one run with one seed, or continue it where it was killed."""
    from mqan.learn import train_run
    from mqan.study import load_study
    from mqan.train.settings import check_device

    check_device(load_study(study).train.device)
    train_run(study, run, seed, data, out, checkpoints, threads, tensorboard)


@command
def predict(
    run_dir: File,
    data: Data,
    out: Out,
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
    predict_run(run_dir, data, split, decode, max_words, threads, out)


@command
def score(predictions: File, card: File, out: Out) -> None:
    """Score predictions: a tidy CSV with a line for each task and metric."""
    from mqan.scoring import score_run

    score_run(predictions, card, out)


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
) -> None:
    """Collect scores into the decathlon table, beside the published numbers."""
    from mqan.atomic import write_text
    from mqan.layout import layout
    from mqan.report import tables, text
    from mqan.study import load_study

    plan = layout(load_study(study))
    frame = tables.read_scores(scores)
    wide = tables.decathlon(frame, plan, tables.read_published(published))
    write_text(long, text.to_csv_text(tables.spread(frame, plan)))
    write_text(markdown, text.to_markdown(wide, plan))
    write_text(out, text.to_csv_text(wide))


@command
def figure(study: StudyFile, table: File, out: Annotated[list[Path], typer.Option()]) -> None:
    """Draw the decathlon table: scores per task and training strategy."""
    from mqan.layout import layout
    from mqan.report.figures import read_table, save, strategies
    from mqan.study import load_study

    plan = layout(load_study(study))
    titles = {task: f"{title} ({metric})" for task, (title, metric) in plan.tasks.items()}
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
) -> None:
    """Show the model part by part: every trained parameter, its shape, and their number."""
    from dataclasses import asdict

    from mqan.model.config import ModelConfig
    from mqan.model.mqan import describe as parts
    from mqan.study.plan import SHEETS
    from mqan.study.sheets import read_sizes
    from mqan.study.strict import check_names

    sizes = read_sizes(SHEETS / "sizes.yaml")
    check_names("--size", [size], sizes)
    config = ModelConfig(variant, vector_width=width, generable=generable, **asdict(sizes[size]))
    rows = parts(config)
    wide = max(len(name) for name, _, _ in rows)
    typer.echo(f"{config.row.title}, size {size}: {json.dumps(config.to_dict())}\n")
    for name, shape, count in rows:
        typer.echo(f"{name:{wide}}  {' x '.join(map(str, shape)):>14}  {count:>12,}")
    typer.echo(f"{'trainable parameters':{wide}}  {'':>14}  {sum(r[2] for r in rows):>12,}")


@command
def answer(
    run_dir: File,
    context: Name,
    question: Name,
    raw: Annotated[Path | None, typer.Option(help="Folder of the word-vector files.")] = None,
    max_words: Words = 100,
    beam: Annotated[int, typer.Option(min=1, max=64, help="Answers kept at each word.")] = 1,
) -> None:
    """Answer a question about a text with a trained model."""
    from mqan.evaluate import answer as answer_texts

    typer.echo(answer_texts(run_dir, raw, [(context, question)], max_words, beam)[0])


@command
def version() -> None:
    """Print the version."""
    typer.echo(f"mqan {__version__} (Python {sys.version.split()[0]})")
