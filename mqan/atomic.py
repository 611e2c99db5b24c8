"""Files are written whole or not at all: write beside the target, flush, then rename over it."""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path to write; on success it becomes `path`, on any error it is removed.

    The data reaches the disk before the rename, so a crash leaves the old file or the new one; what
    a killed process left of its own goes when the next one on this machine writes the same file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    start = f".{path.name}.{platform.node()}"  # processes of other machines may live unseen
    _remove_dead(path.parent, start)
    temporary = path.with_name(f"{start}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_dead(folder: Path, start: str) -> None:
    """Delete the files `START.PID.tmp` whose process lives no more."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(start)]
    for name in names:
        match = re.fullmatch(r"\.(\d{1,9})\.tmp", name.removeprefix(start))
        if match and not _alive(int(match[1])):
            (folder / name).unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)  # sends nothing
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
