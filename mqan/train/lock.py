"""One training at a time in a folder of checkpoints: a lock that dies with its process.

The file `FOLDER.lock` is locked, not merely there: what a killed process left of it blocks nobody.
It stands beside the folder, which a run may rename or delete while it trains. Called by
`mqan.learn`.
"""

import contextlib
import errno
import fcntl
import logging
import os
import platform
from collections.abc import Iterator
from pathlib import Path

logger = logging.getLogger(__name__)

_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


class BusyError(RuntimeError):
    """Another process trains in this folder; the message names both."""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes, on this machine and others that share the disk, out of `folder`.

    Raises BusyError at once when another process is in. Where the file system knows no locks, a
    warning says so.
    """
    folder = folder.resolve()  # two links to one folder are one place
    folder.parent.mkdir(parents=True, exist_ok=True)
    path = folder.with_name(f"{folder.name}.lock")
    file = _locked(path, folder)
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)  # before the lock goes: nobody can be in by this file
        os.close(file)


def _locked(path: Path, folder: Path) -> int:
    """Open and lock the file that stands at `path` now."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.pread(file, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(file)
            raise BusyError(
                f"{folder}: {other} is training there; wait until it ends, or stop it, then give "
                "this command again: it will go on where that one stood"
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(file)
                raise
            logger.warning("%s: no locks on this disk (%s): train there only once", folder, error)
            return file
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        os.close(file)  # who was in has deleted it since: lock the one that all will see
