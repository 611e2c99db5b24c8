"""Digests of source files, so that the workflow sees a change of code as a change of parameter."""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

_TEXT = ("text/**/*.py", "example.py", "record.py")
_DATA = ("data/store.py", "data/layout.py", *_TEXT)
_MODEL = ("model/**/*.py", "evaluate.py", "data/batches.py", "batch.py", "experiment.py", *_DATA)
_SCORING = ("metrics/**/*.py", "tasks/task.py", "scoring.py", "example.py", "record.py")

# What each step of the workflow depends on. Readers of tasks count where they read, in prepare and
# baselines: further on their work is in the prepared files. {task} is the task that is prepared.
WATCHED = {
    "mini": ("mini/**/*.py",),
    "prepare": ("tasks/{task}.py", "tasks/task.py", "tasks/files.py", "data/prepare.py", *_DATA),
    "vectors": ("experiment.py", *_DATA),
    "mtlstm": (
        *("translate/**/*.py", "interop/cove.py", "interop/reader.py", "train/**/*.py"),
        *("data/prefetch.py", "curriculum.py", "tasks/task.py", *_MODEL),
    ),
    "train": (
        "translate/folder.py",
        "train/**/*.py",
        "learn.py",
        "data/prefetch.py",
        "curriculum.py",
        *_SCORING,
        *_MODEL,
    ),
    "predict": ("tasks/task.py", *_MODEL),
    "score": (*_SCORING, "baselines.py", *_DATA),
    "baselines": ("baselines.py", "tasks/**/*.py", *_SCORING, *_DATA),
    "figure": ("report/figures.py", "report/tables.py", "layout.py", "record.py"),
    "table": ("report/tables.py", "report/text.py", "layout.py", "record.py"),
}


def step_digest(step: str, task: str = "*") -> str:
    """Return the digest of the sources that a step of the workflow depends on."""
    return source_digest(*(glob.format(task=task) for glob in WATCHED[step]))


def source_digest(*globs: str, package: Path = PACKAGE) -> str:
    """Return 12 hexadecimal digits over the files of `mqan/` that match, names included.

    A glob is relative to the package (`model/**/*.py`, `example.py`). One that matches nothing is
    an error: it would watch nothing, for ever.
    """
    found: set[Path] = set()
    for glob in globs:
        files = [path for path in package.glob(glob) if path.is_file()]
        if not files:
            raise ValueError(f"{glob!r} matches no file of {package}")
        found.update(files)
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
