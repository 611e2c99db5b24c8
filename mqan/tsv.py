"""The sheets of config/ with tabs: one reader, so that all are damaged in the same words."""

from collections.abc import Sequence
from pathlib import Path


def read_tsv(
    path: Path, columns: Sequence[str], error: type[ValueError]
) -> list[tuple[str, list[str]]]:
    """Return the lines below the header of `columns`: where each stands, and its cells.

    A cell is what lies between two tabs: quotes have no meaning, for patterns may hold them.

    Raises:
        error: the file is missing, no UTF-8 or another sheet, or a line has more or fewer cells.
    """
    if not path.is_file():
        raise error(f"{path}: no such file; restore it from the repository")
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error(f"{path}, line {line}: no UTF-8 ({problem.reason}); save it as such") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise error(f"{path}, line {line}: no text, for it has a zero byte; remove it")
    header, *lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    told = ", ".join(columns)
    if header.split("\t") != list(columns):
        raise error(
            f"{path}, line 1: expected the columns {told}, with tabs between them, found "
            f"{_short(header)}; restore it"
        )
    found = []
    for number, line in enumerate(lines, start=2):
        cells, where = line.split("\t"), f"{path}, line {number}"
        if len(cells) != len(columns):
            raise error(
                f"{where}: expected {len(columns)} cells with a tab between each two, empty ones "
                f"too ({told}), found {len(cells)}: {_short(line)}"
            )
        found.append((where, cells))
    return found


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
