"""One answered example of each task of a row, as the figure `example` shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqan.data.store import Store
from mqan.example import DataError
from mqan.study import Study

# what the caption says of the choice
CHOICE = (
    "of each task the first answer that is the reference word by word, where there is none the "
    "first that is not empty."
)
SUFFIXES = {"consistent": "", "released": ".released"}


@dataclass
class _Choice:
    """The answers seen so far that may be shown: a row of the store and its line."""

    right: tuple[int, dict[str, Any]] | None = None
    first: tuple[int, dict[str, Any]] | None = None


def quote(study: Study, row: str, results: Path) -> list[dict[str, Any]]:
    """Dicts of task, id, question, context, gold, words and sources: see `CHOICE`; first seed.

    Raises DataError for predictions that do not belong to the prepared data.
    """
    split = study.evaluation.split
    found = []
    for task, run in study.plan[row].items():
        seed, folder = study.seeds_of(run)[0], study.runs()[run].folders[task]
        name = f"predictions{SUFFIXES[study.decode_of(row)]}.jsonl"
        path = results / "runs" / run / f"seed{seed}" / name
        store = Store.open(results / "data" / folder, split)
        words = store.words
        choice = _choose(path, task, store, words)
        shown = choice.right or choice.first
        if shown:
            place, line = shown
            fields = {"question": "question", "context": "context", "gold": "answer"}
            texts = {
                name: " ".join(_tokens(store, words, field, place))
                for name, field in fields.items()
            }
            found.append(line | texts)
    return found


def _choose(path: Path, task: str, store: Store, words: list[str]) -> _Choice:
    choice = _Choice()
    for place, line in enumerate(_lines(path, task)):
        if place >= len(store) or line["id"] != store.ids(place):
            raise DataError(
                f"{path}: answer {place + 1} of {task} is to {line['id']!r}, which is not the "
                f"example at that place of the prepared data; predict again"
            )
        if line["words"] and choice.first is None:
            choice.first = (place, line)
        if line["words"] == _tokens(store, words, "answer", place):
            choice.right = (place, line)
            return choice
    return choice


def _lines(path: Path, task: str) -> Iterator[dict[str, Any]]:
    """The predictions of a task; words without the blanks that tokens carry at their ends."""
    with path.open(encoding="utf-8") as stream:
        for number, text in enumerate(stream, start=1):
            try:
                line = json.loads(text)
                if line["task"] == task:
                    kept = {key: line[key] for key in ("task", "id", "sources")}
                    yield kept | {"words": [word.strip() for word in line["words"]]}
            except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
                raise DataError(
                    f"{path}, line {number}: expected a prediction ({error!r}); predict again"
                ) from error


def _tokens(store: Store, words: list[str], field: str, place: int) -> list[str]:
    """A text of an example as its tokens, without the blanks that they carry at their ends."""
    return [words[number].strip() for number in store.rows(field, [place]).values]
