"""From official files, or embedded ones, to what models read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mqan.cli.options import Data, File, MiniSize, Name, Out, Raw, Seed, StudyFile, Threads, command


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
