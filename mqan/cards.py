"""Run cards of a study in one table: what each trained model is and traces to. No torch."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mqan.record import Record, read_card

COLUMNS = (
    *("study", "run", "seed", "variant", "vectors", "strategy", "size", "tasks", "steps", "step"),
    *("parameters", "frozen", "start", "digest", "data", "code", "python", "torch", "device"),
    "threads",
)


def collect(paths: Iterable[Path]) -> str:
    """Cards as comma-separated text, a line each, by run and seed.

    `data` is a checksum over those of all prepared splits; `start` the run whose weights it began
    with. Raises DataError for a damaged card.
    """
    lines = sorted((_line(read_card(path)) for path in paths), key=lambda c: (c["run"], c["seed"]))
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(lines)
    return text.getvalue()


def _line(card: Record) -> dict[str, Any]:
    texts = ("study", "run", "variant", "vectors", "strategy", "size", "code")
    line: dict[str, Any] = {name: card.take(str, name) for name in texts}
    line |= {name: card.take(int, name) for name in ("seed", "steps", "step", "parameters")}
    data = card.take(dict, "data")
    digests = {
        task: {split: card.take(str, "data", task, split, "digest") for split in data[task]}
        for task in data
    }
    told = json.dumps(digests, sort_keys=True).encode()
    start = card.content.get("start")
    return line | {
        "tasks": " ".join(data),
        "frozen": card.content.get("frozen", 0),
        "start": card.take(str, "start", "run") if start else "",
        "digest": card.take(str, "digest")[:12],
        "data": hashlib.sha256(told).hexdigest()[:12],
        "python": card.take(str, "versions", "python"),
        "torch": card.take(str, "versions", "torch"),
        "device": card.take(str, "machine", "device"),
        "threads": card.take(int, "machine", "threads"),
    }
