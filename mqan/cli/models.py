"""Training, answers, and the model itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mqan import __version__
from mqan.cli.options import (
    Data,
    Decode,
    Embedding,
    File,
    Name,
    Out,
    Seed,
    Split,
    StudyFile,
    Threads,
    Variant,
    Vectors,
    Words,
    command,
)


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
    tensorboard: Annotated[bool, typer.Option(help="Needs the extra `tensorboard`.")] = False,
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

    if not context.strip() or not question.strip():
        raise typer.BadParameter("--context and --question need at least a word each")
    for name, text in (("--context", context), ("--question", question)):
        try:
            text.encode()
        except UnicodeEncodeError as error:  # a byte that the shell's encoding does not have
            told = f"expected UTF-8, found another byte at character {error.start}; convert it"
            raise typer.BadParameter(f"{name}: {told}") from error
    found = answer_texts(run_dir, raw, [(context, question)], max_words, beam)[0]
    typer.echo(found)
    if not found:
        typer.echo("the model's answer is empty: it ends before the first word", err=True)


@command
def describe(
    variant: Variant = "qptr",
    size: str = "paper",
    generable: Annotated[
        int, typer.Option(min=5, max=10**9, help="Words of the softmax.")
    ] = 50_000,
    width: Annotated[int, typer.Option(min=1, max=10**5, help="Of the fixed word vectors.")] = 400,
    vectors: Annotated[Embedding, typer.Option(help="What the encoder reads.")] = "word",
    cove_hidden: Annotated[int, typer.Option(min=1, max=10**5, help="Of a direction.")] = 300,
    cove_width: Annotated[
        int, typer.Option(min=1, max=10**5, help="The last so many columns.")
    ] = 300,
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
def version() -> None:
    """Print the version."""
    typer.echo(f"mqan {__version__} (Python {sys.version.split()[0]})")
