"""The embedded decathlon: ten small synthetic corpora in the official files of the real ones.

`write(root, seed, size)` fills `root` with one folder per task, named as collections of the real
corpora name them, so the same readers, metrics and studies run on either. The bytes depend on seed
and size alone. All tasks talk about one world (`lexicon.World`), so what is learnt from one can
help another; the sizes keep the paper's order.
"""

from pathlib import Path
from typing import Any

from mqan.mini import (
    cnn_dailymail,
    iwslt,
    multinli,
    mwsc,
    qa_srl,
    qa_zre,
    squad,
    sst,
    wikisql,
    woz,
)
from mqan.mini.lexicon import World
from mqan.mini.sizes import DIRECTORIES, SIZES, Counts, Sizes

__all__ = ["DIRECTORIES", "SIZES", "WRITERS", "Counts", "Sizes", "write"]

WRITERS = {
    "squad": squad.write,
    "iwslt": iwslt.write,
    "cnn_dailymail": cnn_dailymail.write,
    "multinli": multinli.write,
    "sst": sst.write,
    "qa_srl": qa_srl.write,
    "qa_zre": qa_zre.write,
    "woz": woz.write,
    "wikisql": wikisql.write,
    "mwsc": mwsc.write,
}


def resolve(size: str | Sizes) -> Sizes:
    """The row counts of a named size, or `size` itself.

    Raises:
        ValueError: no size has that name.
    """
    if isinstance(size, Sizes):
        return size
    if size not in SIZES:
        raise ValueError(f"no size {size!r}; known sizes: {', '.join(SIZES)}")
    return SIZES[size]


def write(root: str | Path, seed: int, size: str | Sizes) -> dict[str, Any]:
    """Write all ten corpora below `root` and return what was written.

    Args:
        root: folder to fill; made if missing. Files already there are replaced; stories of an
            earlier seed or size stay beside the new ones, named by no list.
        seed: any integer; another seed gives another world and other sentences.
        size: a name in `SIZES`, or counts of one's own.

    Returns:
        {"seed", "size": name or "custom", "tasks": {task: {"directory", "train", "validation",
        "test"}}} with the number of rows a reader finds in each split.

    Raises:
        ValueError: unknown size.
    """
    root = Path(root)
    sizes = resolve(size)
    world = World(seed, sizes.names)
    tasks: dict[str, Any] = {}
    for task, writer in WRITERS.items():
        counts = sizes.tasks[task]
        writer(root / DIRECTORIES[task], world, seed, counts)
        tasks[task] = {"directory": DIRECTORIES[task], **dict(counts.splits())}
    return {"seed": seed, "size": size if isinstance(size, str) else "custom", "tasks": tasks}
