"""The embedded decathlon: small synthetic corpora in the official files of the real ones.

`write(root, seed, size)` fills `root` with one folder per task, named as collections of the real
corpora name them, so the same readers, metrics and studies run on either. The bytes depend on seed
and size alone. All tasks talk about one world (`lexicon.World`), so what is learnt from one can
help another; the sizes keep the paper's order. Five corpora beside the ten are written too, from
random numbers of their own.
"""

from pathlib import Path
from typing import Any

from mqan.mini import (
    cnn_dailymail,
    iwslt,
    iwslt_cs,
    multinli,
    mwsc,
    ner,
    qa_srl,
    qa_zre,
    reviews,
    snli,
    squad,
    sst,
    wikisql,
    woz,
)
from mqan.mini.lexicon import World
from mqan.mini.sizes import DIRECTORIES, EXTRA_DIRECTORIES, SIZES, Counts, Sizes

__all__ = [
    "DIRECTORIES",
    "EXTRA_DIRECTORIES",
    "EXTRA_WRITERS",
    "SIZES",
    "WRITERS",
    "Counts",
    "Sizes",
    "write",
]

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
EXTRA_WRITERS = {
    "snli": snli.write,
    "amazon": reviews.write_amazon,
    "yelp": reviews.write_yelp,
    "iwslt_cs": iwslt_cs.write,
    "ner": ner.write,
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
    """Write all ten corpora and those beside them below `root`, and return what was written.

    Args:
        root: folder to fill; made if missing. Files already there are replaced; stories of an
            earlier seed or size stay beside the new ones, named by no list.
        seed: any integer; another seed gives another world and other sentences.
        size: a name in `SIZES`, or counts of one's own.

    Returns:
        {"seed", "size": name or "custom", "tasks": {task: {"directory", "train", "validation",
        "test"}}, "extra": the same of the corpora beside the ten} with the number of rows a reader
        finds in each split.

    Raises:
        ValueError: unknown size.
    """
    root = Path(root)
    sizes = resolve(size)
    world = World(seed, sizes.names)
    tasks: dict[str, Any] = {}
    for task, counts in sizes.tasks.items():
        WRITERS[task](root / DIRECTORIES[task], world, seed, counts)
        tasks[task] = {"directory": DIRECTORIES[task], **dict(counts.splits())}
    extra: dict[str, Any] = {}
    for task, counts in sizes.extra.items():
        EXTRA_WRITERS[task](root / EXTRA_DIRECTORIES[task], world, seed, counts)
        extra[task] = {"directory": EXTRA_DIRECTORIES[task], **dict(counts.splits())}
    name = size if isinstance(size, str) else "custom"
    return {"seed": seed, "size": name, "tasks": tasks, "extra": extra}
