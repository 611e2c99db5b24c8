"""YAML to frozen dataclasses, strictly: an unknown, missing or wrong key is an error that helps."""

import dataclasses
import difflib
import math
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import (
    Annotated,
    Any,
    BinaryIO,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import yaml

T = TypeVar("T")


class StudyError(ValueError):
    """A study or one of its tables cannot be used; the message names key, value and what fits."""


class _UniqueKeys(yaml.SafeLoader):
    """YAML keeps the last of two equal keys without a word; here the second is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        line = node.start_mark.line + 1
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            told = "nothing is merged, write the keys out"
            raise StudyError(f"key `<<` in the block at line {line}: {told}")
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise StudyError(f"key {key!r} twice in the block at line {line}")
        return super().construct_mapping(node, deep)


def parse_yaml(text: str | BinaryIO, where: object) -> Any:
    """Return what YAML says; StudyError names `where` it stands and, for bad syntax, the line."""
    try:
        return yaml.load(text, Loader=_UniqueKeys)
    except StudyError as error:
        raise StudyError(f"{where}: {error}") from error
    # beside bad syntax: dates that are none, numbers of thousands of digits, lists in lists in ...
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise StudyError(f"{where}: not readable as YAML: {told}") from error


def read_yaml(path: Path) -> dict[str, Any]:
    """Read one YAML mapping; StudyError names the file and, for bad syntax, the line."""
    if not path.is_file():
        raise StudyError(f"{path}: no such file")
    with path.open("rb") as stream:
        values = parse_yaml(stream, path)
    if not isinstance(values, dict):
        raise StudyError(f"{path}: expected `key: value` lines, found {type(values).__name__}")
    return values


@dataclasses.dataclass(frozen=True)
class Range:
    """The bounds of a number, for `Annotated[int, Range(1)]`.

    `low` and `high` are possible themselves, `above` and `below` are not; nor is infinity.
    """

    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    below: float = math.inf

    def check(self, value: float, where: str) -> None:
        """Raise StudyError for a value outside."""
        if self.low <= value <= self.high and self.above < value < self.below:
            return
        limits = {
            "at least": self.low,
            "above": self.above,
            "at most": self.high,
            "below": self.below,
        }
        told = [f"{word} {limit}" for word, limit in limits.items() if math.isfinite(limit)]
        told = told if math.isfinite(value) else [*told, "finite"]
        raise StudyError(f"{where}: {value} is not possible; it must be {' and '.join(told)}")


LARGEST = 2**63
Count = Annotated[int, Range(1, 10**9)]
Width = Annotated[int, Range(1, 10**5)]  # of vectors
Natural = Annotated[int, Range(0)]
Share = Annotated[float, Range(0, 1)]
Rate = Annotated[float, Range(0, below=1)]  # of dropout: at 1 nothing is left
Positive = Annotated[float, Range(above=0)]


def closest(name: object, known: Iterable[str]) -> str:
    """Return ` (did you mean X?)`, or nothing when no known name is near."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def check_names(where: str, names: Iterable[object], known: Iterable[str]) -> None:
    """Raise StudyError for the first name that is not known, listing those that are."""
    known = list(known)
    for name in names:
        if name not in known:
            raise StudyError(
                f"{where}: {name!r} is unknown{closest(name, known)}; known are {', '.join(known)}"
            )


def from_mapping(cls: type[T], values: object, where: str, **hidden: Any) -> T:
    """Build dataclass `cls` from a YAML mapping; `hidden` are fields that no file may give.

    `where` names file and key for messages. Every field without a default must be given.
    """
    if not isinstance(values, Mapping):
        raise StudyError(f"{where}: expected `key: value` lines, found {values!r}")
    wanted = {f.name: f for f in dataclasses.fields(cls) if f.name not in hidden}  # pyright: ignore[reportArgumentType]
    check_names(where, values, wanted)
    for name, spec in wanted.items():
        if name not in values and spec.default is dataclasses.MISSING:
            raise StudyError(f"{where}: key {name!r} is missing; known are {', '.join(wanted)}")
    hints = get_type_hints(cls, include_extras=True)
    given = {
        name: _convert(value, hints[name], f"{where}: {name}") for name, value in values.items()
    }
    try:
        return cls(**given, **hidden)
    except StudyError as error:
        raise StudyError(f"{where}: {error}") from error


def _convert(value: Any, kind: Any, where: str) -> Any:
    """Return `value` as type `kind`, or say what was expected there."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _convert(value, next(a for a in inside if a is not types.NoneType), where)
    if origin is Annotated:
        converted = _convert(value, inside[0], where)
        inside[1].check(converted, where)
        return converted
    if origin is Literal:
        check_names(where, [value], inside)
        return value
    if origin is tuple:
        return _convert_list(value, inside[0], where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise StudyError(f"{where}: expected `key: value` lines or {{}}, found {value!r}")
        return {key: _convert(entry, inside[1], f"{where}: {key}") for key, entry in value.items()}
    if dataclasses.is_dataclass(kind):
        return from_mapping(kind, value, where)  # pyright: ignore[reportArgumentType]
    return _convert_scalar(value, kind, where)


def _convert_list(value: Any, kind: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or not value:
        raise StudyError(f"{where}: expected a list with at least one entry, found {value!r}")
    items = tuple(_convert(item, kind, where) for item in value)
    for item in items:
        if items.count(item) > 1:
            raise StudyError(f"{where}: {item!r} is named twice")
    return items


def _convert_scalar(value: Any, kind: type, where: str) -> Any:
    if type(value) is int and abs(value) >= LARGEST:  # torch takes no larger seed
        raise StudyError(f"{where}: expected a number below 2**63, found a larger one")
    names = {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        hint = ""
        if kind is float and isinstance(value, str):
            hint = " (YAML reads 1e-3 as a word: write 0.001 or 1.0e-3)"
        raise StudyError(f"{where}: expected {names[kind]}, found {value!r}{hint}")
    return value
