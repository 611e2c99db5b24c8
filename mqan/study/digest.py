"""Digests of source files, so that the workflow sees a change of code as a change of parameter."""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

_TEXT = ("text/**/*.py", "example.py", "record.py")
_DATA = ("data/store.py", "data/layout.py", *_TEXT)
_NETWORK = ("model/**/*.py", "kernels/*.py", "kernels/*.cu*", "batch.py")
_MODEL = (*_NETWORK, "evaluate.py", "data/batches.py", "experiment.py", "tensorfile.py", *_DATA)
_LEARN = ("learn.py", "midway.py", "transfer.py")
_SCORING = ("metrics/**/*.py", "tasks/task.py", "scoring.py", "example.py", "record.py")
_REPORT = ("report/tables.py", "report/terms.py", "layout.py", "record.py")
_TABLES = ("report/text.py", "report/page.py", *_REPORT)
_TESTS = ("report/statistics.py", "report/tidy.py", "metrics/**/*.py", "example.py", *_REPORT)

# What further corpora are read with, beside their own file; the ten tasks have a file each.
READ_WITH = {
    "snli": ("tasks/multinli.py",),
    "amazon": ("tasks/polarity.py", "tasks/sst.py"),
    "yelp": ("tasks/polarity.py", "tasks/sst.py"),
    "iwslt_cs": ("tasks/iwslt.py",),
}

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
    "probe": ("tasks/task.py", *_MODEL),
    "score_probes": (*_SCORING, *_DATA, *_TESTS),
    "scores": ("report/scores.py", *_TESTS, *_TABLES),
    "pointing": ("report/pointing.py", "example.py", *_TABLES),
    "probes": ("report/probes.py", "report/scores.py", "example.py", *_TABLES),
    "differences": (
        *("report/differences.py", "report/compared.py", "report/pairs.py", "tsv.py"),
        *_TESTS,
    ),
    "correlations": ("report/correlations.py", *_TESTS),
    "claims": ("report/claims.py", "report/correlations.py", "claim_sheet.py", *_TESTS),
    "comparisons": (
        *("comparisons.py", "report/comparisons.py", "report/ladder.py", "report/probes.py"),
        *("report/scores.py", "report/transfers.py", "report/zero_shot.py", "example.py"),
        *("report/correlations.py", *_TESTS, *_TABLES),
    ),
    "train": (
        *("train/**/*.py", *_LEARN, "data/prefetch.py", "curriculum.py", "translate/folder.py"),
        *(*_SCORING, *_MODEL),
    ),
    "cards": ("cards.py", "example.py", "record.py"),
    "curves": ("curves.py", "example.py", "record.py"),
    "predict": ("tasks/task.py", *_MODEL),
    "score": (*_SCORING, "baselines.py", *_DATA),
    "baselines": ("baselines.py", "tasks/**/*.py", *_SCORING, *_DATA),
    "figure": ("report/figures/**/*.py", *_REPORT),
    "draw": (
        *("draw.py", "quote.py", "report/figures/**/*.py", "curriculum.py", *_NETWORK),
        *("tasks/task.py", *_REPORT, *_DATA),
    ),
    "table": _TABLES,
}


def step_digest(step: str, task: str = "*", reworded: bool = False) -> str:
    """Return the digest of the sources that a step of the workflow depends on.

    task: where the step is about one. reworded: the questions are put in words of rewordings.tsv,
    whose line is another parameter.
    """
    return source_digest(*watched(step, task), *(("rewording.py", "tsv.py") if reworded else ()))


def watched(step: str, task: str = "*") -> tuple[str, ...]:
    """Return the globs of a step's sources, for a task where the step is about one."""
    globs = tuple(glob.format(task=task) for glob in WATCHED[step])
    return globs + (READ_WITH.get(task, ()) if step == "prepare" else ())


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
