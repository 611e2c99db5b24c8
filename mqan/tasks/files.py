"""How every reader opens official files: UTF-8 only, and errors that name file, line and remedy.

Called by the readers in this folder. A missing file stays a `FileNotFoundError` here; `Task`
turns it into an error that names the split and where the official file comes from.
"""

import json
import logging
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mqan.example import DataError
from mqan.record import Record, Value, unusable

log = logging.getLogger(__name__)

REMEDY = "correct it, or put the official file there again"
_LONGEST_LINK = 4096  # bytes; the longest path that systems accept


def error(place: object, expected: str, found: object, remedy: str = REMEDY) -> DataError:
    """The error for bad input at `place` ("FILE, line 3"): what was expected, found, what to do."""
    return unusable(place, expected, found, remedy)


def folder(root: Path, name: str) -> Path:
    """The folder `name` of a raw root, also where git wrote a symbolic link as a small text file.

    Git does so on systems without symbolic links: the file then holds the target's path, relative
    to the raw root.

    Raises:
        FileNotFoundError: there is nothing of that name.
        DataError: it is a file that names no folder.
    """
    path = root / name
    if path.is_dir():
        return path
    if not path.exists():
        raise FileNotFoundError(2, "no such folder", str(path))
    target = text(path).strip() if path.stat().st_size <= _LONGEST_LINK else ""
    # the empty text would name the raw root itself; os.path, for this text may be no path at all
    if target and os.path.isdir(os.path.join(root, target)):  # noqa: PTH112, PTH118
        beside = (root / target).resolve()
        _tell_once(path, beside)
        return beside
    raise error(path, "a folder, or a text file naming one", "no such thing")


@cache
def _tell_once(path: Path, beside: Path) -> None:
    """Every file of a folder asks for it; one line in the log is enough."""
    log.info("%s is a link written as text: reading %s instead", path, beside)


def inside(root: Path, name: str) -> Path:
    """The file `FOLDER/FILE` of a raw root, whose folder may be such a link; it need not exist.

    Raises what `folder` raises.
    """
    below = Path(name)
    return folder(root, str(below.parent)) / below.name


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text, without its line end, of every line; memory stays flat.

    Raises:
        DataError: a line is not UTF-8.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as problem:
                raise _not_utf8(f"{path}, line {number}", problem) from problem
            yield number, line.removesuffix("\n").removesuffix("\r")


def text(path: Path) -> str:
    """The whole file.

    Raises:
        DataError: it is not UTF-8.
    """
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise _not_utf8(f"{path}, line {line}", problem) from problem


def _not_utf8(place: str, problem: UnicodeDecodeError) -> DataError:
    found = problem.object[problem.start : problem.start + 4]
    remedy = "convert the file to UTF-8, or put the official file there again"
    return error(place, "UTF-8", found, remedy)


def parse_json(content: str, place: str) -> Any:
    """Read JSON.

    Raises:
        DataError: it is none.
    """
    try:
        return json.loads(content)
    except json.JSONDecodeError as problem:
        where = f"{place}, column {problem.colno}"
        if problem.lineno > 1:
            where = f"{place}, line {problem.lineno}, column {problem.colno}"
        raise error(
            where, f"JSON ({problem.msg})", content[problem.pos : problem.pos + 60]
        ) from None
    except (ValueError, RecursionError) as problem:  # thousands of digits, or lists in lists
        raise error(place, f"JSON ({problem})", content[:60]) from None


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Number (from 1) and value of every line that is not blank."""
    for number, line in lines(path):
        if line.strip():
            yield number, parse_json(line, f"{path}, line {number}")


def take(record: Any, key: str, kind: type[Value], place: str) -> Value:
    """The value of `key`, which must be of type `kind` (str, int, list or dict).

    Raises:
        DataError: `record` is no object, has no such key or a value of another type there.
    """
    return Record(record, place, REMEDY).take(kind, key)
