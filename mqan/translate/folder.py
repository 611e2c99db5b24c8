"""The folder of an MT-LSTM: `mtlstm.safetensors` and `mtlstm.json`, the latter written last."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from mqan import tensorfile
from mqan.atomic import write_text
from mqan.data.layout import sha256
from mqan.example import DataError
from mqan.model.cove import published_shapes
from mqan.record import Record, read_json
from mqan.study import Cove

WEIGHTS, RECORD = "mtlstm.safetensors", "mtlstm.json"
REMEDY = "run `mqan mtlstm` again"


@dataclass(frozen=True)
class Loaded:
    """Weights by their published names, and the checksum of their file."""

    weights: dict[str, Tensor]
    sha256: str


def write(
    folder: Path, cove: Cove, weights: Mapping[str, Tensor], record: Mapping[str, Any]
) -> None:
    """Write an MT-LSTM made by these settings; `record`: what else its JSON should say."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).unlink(missing_ok=True)  # it vouches for the weights beside it
    on_host = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
    tensorfile.write(folder / WEIGHTS, on_host)
    content = {"settings": asdict(cove), "sha256": sha256(folder / WEIGHTS)} | dict(record)
    write_text(folder / RECORD, json.dumps(content, indent=2, sort_keys=True) + "\n")


def load(folder: Path, cove: Cove, sources: list[Any]) -> Loaded:
    """Read the MT-LSTM that these settings made on these sources of word vectors.

    Raises DataError when it is missing, damaged, or another one.
    """
    record = read_json(folder / RECORD, "the record of an MT-LSTM", REMEDY)
    path, checksum = folder / WEIGHTS, record.take(str, "sha256")
    if not path.is_file() or sha256(path) != checksum:
        raise DataError(f"{path}: missing or damaged; {REMEDY}")
    _check_settings(record, cove)
    if cove.file is None and record.take(list, "word_vectors", "sources") != sources:
        raise DataError(f"{folder}: trained on other word vectors than this run reads; {REMEDY}")
    weights = tensorfile.read(path, REMEDY)
    found = {name: tuple(weight.shape) for name, weight in weights.items()}
    if found != published_shapes(cove.columns.width, cove.hidden):
        raise DataError(f"{path}: its weights have not the sizes that {RECORD} says; {REMEDY}")
    return Loaded(weights, checksum)


def _check_settings(record: Record, cove: Cove) -> None:
    found, wanted = record.take(dict, "settings"), asdict(cove)
    differing = [key for key in wanted if found.get(key) != wanted[key]]
    if differing:
        key = differing[0]
        raise DataError(
            f"{record.place}: made with {key} {found.get(key)!r}, but the study's `cove:` says "
            f"{wanted[key]!r}; {REMEDY}"
        )
