"""What all commands share: the application, its options, and how errors end."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Raw = Annotated[Path, typer.Option(help="Folder with the raw corpora.")]
Data = Annotated[Path, typer.Option(help="Folder with the prepared corpora.")]
StudyFile = Annotated[Path, typer.Option(help="A study, such as config/mini.yaml.")]
Out = Annotated[Path, typer.Option(help="Where to write.")]
Vectors = Annotated[Path | None, typer.Option(help="Word vectors, if not in the data folder.")]
Name = Annotated[str, typer.Option()]
File = Annotated[Path, typer.Option()]
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1)]  # as torch takes them
Threads = Annotated[int, typer.Option(min=1, max=1024, help="CPU threads.")]
Words = Annotated[int, typer.Option(min=1, help="Longest answer, in words.")]
# Written out, for the modules that define them are slow to load; a test compares.
Split = Literal["train", "validation", "test"]
Decode = Literal["consistent", "released"]
MiniSize = Literal["smoke", "mini", "paper"]
Variant = Literal["s2s", "satt", "catt", "qptr", "transformer"]
Embedding = Literal["word", "cove", "cove0"]
FigureWidth = Literal["page", "column"]


def _formats(paths: list[Path]) -> list[Path]:
    """Refuse a format that figures do not have before anything is drawn."""
    for path in paths:
        if path.suffix not in FORMATS:
            raise typer.BadParameter(f"{path}: expected a name that ends in {', '.join(FORMATS)}")
    return paths


FORMATS = (".png", ".pdf", ".svg")
Figures = Annotated[
    list[Path], typer.Option(callback=_formats, help="PNG, PDF or SVG; may be repeated.")
]


@app.callback()
def setup() -> None:
    """The Natural Language Decathlon and its Multitask Question Answering Network, reproducible."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", force=True)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # tells each glyph that a PDF takes
    # Torch looks for it at its first large tensor: memory from Linux in pages of 2 MB, not of 4 KB,
    # which is an eighth of a CPU's training step at the paper's lengths (docs/performance.md).
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a command whose expected errors end in one line and exit status 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except typer.Exit:  # a RuntimeError too, but no error: the command has said why
            raise
        except (ValueError, RuntimeError, OSError) as error:
            # What a user can cause and mend has a class of its own, or comes from a file.
            if type(error) in (ValueError, RuntimeError):
                raise
            typer.echo(f"mqan {function.__name__}: {error}", err=True)
            raise typer.Exit(1) from None

    # typer would write a dash for each underscore; here a command is called like its function
    return app.command(function.__name__)(run)
