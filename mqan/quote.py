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
        seed = study.runs()[run].seeds[0]
        name = f"predictions{SUFFIXES[study.decode_of(row)]}.jsonl"
        path = results / "runs" / run / f"seed{seed}" / name
        store = Store.open(results / "data" / task, split)
        words = store.words
        choice = _choose(path, task, store, words)
        shown = choice.right or choice.first
        if shown:
            place, line = shown
            texts = {name: _text(store, words, name, place) for name in ("question", "context")}
            texts["gold"] = _text(store, words, "answer", place)
            kept = {key: line[key] for key in ("task", "id", "words", "sources")}
            found.append(kept | texts)
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
        if line["words"] == _text(store, words, "answer", place).split(" "):
            choice.right = (place, line)
            return choice
    return choice


def _lines(path: Path, task: str) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        for number, text in enumerate(stream, start=1):
            try:
                line = json.loads(text)
                if line["task"] == task:
                    yield {key: line[key] for key in ("task", "id", "words", "sources")}
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise DataError(
                    f"{path}, line {number}: expected a prediction ({error!r}); predict again"
                ) from error


def _text(store: Store, words: list[str], field: str, place: int) -> str:
    """A text of an example as its tokens."""
    return " ".join(words[number] for number in store.rows(field, [place]).values)
