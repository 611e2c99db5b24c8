"""How JSON is read: every value with a check, every failure an error that says what to do."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mqan.example import DataError

_KINDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}

Value = TypeVar("Value")


def unusable(place: object, expected: str, found: object, remedy: str) -> DataError:
    """The error for bad input at `place` ("FILE, line 3"): what was expected, found, what to do."""
    return DataError(f"{place}: expected {expected}, found {_short(found)}; {remedy}")


def _short(found: object) -> str:
    shown = found if isinstance(found, str) and found.startswith("no ") else repr(found)
    return shown if len(shown) <= 120 else shown[:117] + "..."


@dataclass(frozen=True)
class Record:
    """JSON that stands at `place` ("FILE, line 3"); `remedy` is what to do when it is no good."""

    content: Any
    place: object
    remedy: str

    def take(self, kind: type[Value], *keys: str) -> Value:
        """The value under `keys`, each inside the one before, which must be of type `kind`.

        `kind` is str, int, float, bool, list or dict, or object for any value.

        Raises:
            DataError: there is no such key, or a value of another type.
        """
        value, place = self.content, str(self.place)
        for key in keys:
            if not isinstance(value, dict):
                raise unusable(place, f"an object with the key {key!r}", value, self.remedy)
            if key not in value:
                found = f"no such key among {', '.join(map(str, value))}" if value else "no key"
                raise unusable(place, f"the key {key!r}", found, self.remedy)
            value, place = value[key], f"{place}, {key!r}"
        # not isinstance, for which true is a number; JSON has no other types than these
        if kind is not object and type(value) not in ((int, float) if kind is float else (kind,)):
            raise unusable(place, _KINDS[kind], value, self.remedy)
        return value


def read_json(path: Path, what: str, remedy: str) -> Record:
    """The JSON object in a file, or an error that names the file and what it should have been."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: {what} is missing; {remedy}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: damaged ({error}); expected {what}; {remedy}") from error
    if not isinstance(content, dict):
        raise unusable(path, f"{what}, an object", content, remedy)
    return Record(content, path, remedy)


def parse_line(line: bytes, place: object, expected: str, remedy: str) -> Record:
    """The JSON of a line at `place`, or an error that names it and what should stand there."""
    try:
        return Record(json.loads(line), place, remedy)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: no {expected} ({error}); {remedy}") from error


def read_card(path: Path) -> Record:
    """The card of a trained run, which `mqan train` writes as the last of the run's files."""
    return read_json(path, "the card of a trained run", "train the run again")
