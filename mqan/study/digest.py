"""A digest of source files, so that the workflow sees a change of code as a change of parameter."""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def source_digest(*globs: str, package: Path = PACKAGE) -> str:
    """Return 12 hexadecimal digits over the files of `mqan/` that match, names included.

    A glob is relative to the package (`model/**/*.py`, `example.py`). One that matches nothing is
    an error: it would watch nothing, for ever.
    """
    digest = hashlib.sha256()
    for glob in sorted(set(globs)):
        files = sorted(path for path in package.glob(glob) if path.is_file())
        if not files:
            raise ValueError(f"{glob!r} matches no file of {package}")
        for path in files:
            digest.update(path.relative_to(package).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
