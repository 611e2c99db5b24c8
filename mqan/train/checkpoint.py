"""Checkpoints in the middle of training: safetensors plus JSON, whole or not at all.

One checkpoint is `step-000001000.safetensors` (every tensor) and `step-000001000.json` (everything
else, and the checksum of the tensors). The JSON is written last: a checkpoint exists once it does.
The metrics log is append-only, so a checkpoint holds only its length and checksum. Loading runs no
code from the file. Used by `mqan.train.loop`; the folder is no output of the run and is removed
when the run's outputs are complete.
"""

import hashlib
import json
import logging
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from mqan.atomic import replacing, write_text
from mqan.data.batches import Position

LOG = "train.jsonl"
KEPT = 2  # the newest may be damaged by the crash that makes it needed
FORMAT = 1
SHOWN = 60  # characters of a digest in messages

logger = logging.getLogger(__name__)


class CheckpointError(RuntimeError):
    """A folder of checkpoints that this run cannot continue. The message says what to remove."""


class _DamagedError(Exception):
    """One checkpoint that cannot be read back; the one before it may still be good."""


@dataclass(frozen=True)
class Progress:
    """Everything but tensors that training must remember. JSON round-trips it exactly.

    step: updates made. positions: per task, the (epoch, taken) of its stream. chosen_step,
    chosen_sum, chosen_scores: the validation whose weights are the choice so far, if any.
    """

    step: int = 0
    positions: dict[str, Position] = field(default_factory=dict)
    chosen_step: int | None = None
    chosen_sum: float | None = None
    chosen_scores: dict[str, float] = field(default_factory=dict)


def save(folder: Path, digest: str, progress: Progress, tensors: dict[str, Tensor]) -> None:
    """Write one checkpoint of the run with this specification digest, then drop the third newest.

    `folder/train.jsonl` must be flushed to disk; its present length belongs to the checkpoint.
    """
    stem = folder / f"step-{progress.step:09d}"
    # Copies, because safetensors refuses tensors that share memory (tied weights).
    on_host = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    with replacing(stem.with_suffix(".safetensors")) as temporary:
        save_file(on_host, temporary)
        checksum = _sha256(temporary)
    log = folder / LOG
    record = {
        "format": FORMAT,
        "digest": digest,
        "progress": asdict(progress),
        "tensors_sha256": checksum,
        "log_bytes": log.stat().st_size,
        "log_sha256": _sha256(log),
    }
    write_text(stem.with_suffix(".json"), json.dumps(record, indent=1) + "\n")
    _prune(folder)


def load(folder: Path, digest: str) -> tuple[Progress, dict[str, Tensor]] | None:
    """Read the newest good checkpoint and cut the log back to where it was; None without one.

    A damaged checkpoint is passed over with a warning; when none is good, all are deleted, for
    training starts anew.
    Raises CheckpointError when the folder belongs to a run with another specification.
    """
    damaged: list[Path] = []
    for path in sorted(folder.glob("step-*.json"), reverse=True):
        try:
            progress, tensors, log_bytes = _read(path, digest)
        except _DamagedError as problem:
            logger.warning("checkpoint %s is damaged (%s): going back further", path, problem)
            damaged.append(path)
            continue
        for newer in damaged:
            newer.unlink()
        with (folder / LOG).open("r+b") as log:
            log.truncate(log_bytes)
        return progress, tensors
    # Left there, they would count as newer than what is written from now on, which would be pruned.
    for path in folder.glob("step-*"):
        path.unlink()
    return None


def remove(folder: Path) -> None:
    """Delete the folder once the run's outputs are complete."""
    shutil.rmtree(folder, ignore_errors=False)


def model_tensors(prefix: str, model: nn.Module) -> dict[str, Tensor]:
    """Return the model's persistent weights as `prefix/name`."""
    return {f"{prefix}/{name}": value for name, value in model.state_dict().items()}


def adam_tensors(model: nn.Module, optimiser: torch.optim.Adam) -> dict[str, Tensor]:
    """Return Adam's moments and step count as `adam/key/name`; nothing for unused parameters."""
    return {
        f"adam/{key}/{name}": value
        for name, parameter in model.named_parameters()
        for key, value in optimiser.state.get(parameter, {}).items()
    }


def restore_adam(model: nn.Module, optimiser: torch.optim.Adam, tensors: dict[str, Tensor]) -> None:
    """Put back what `adam_tensors` returned, on the device of each parameter."""
    parameters = dict(model.named_parameters())
    for path, value in tensors.items():
        if path.startswith("adam/"):
            _, key, name = path.split("/", 2)
            parameter = parameters[name]
            optimiser.state[parameter][key] = value.to(parameter.device)


def part(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors below `prefix/`, named without it."""
    skip = len(prefix) + 1
    return {name[skip:]: t for name, t in tensors.items() if name.startswith(f"{prefix}/")}


def _read(path: Path, digest: str) -> tuple[Progress, dict[str, Tensor], int]:
    """Read and check one checkpoint, all of it, before anything is used."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found, checksum, log_bytes = (record[k] for k in ("digest", "tensors_sha256", "log_bytes"))
        version, log_checksum = record["format"], record["log_sha256"]
        progress = _progress(record["progress"])
    except (ValueError, KeyError, TypeError) as problem:
        raise _DamagedError(f"{path.name}: {problem}") from problem
    if (found, version) != (digest, FORMAT):
        raise CheckpointError(
            f"{path.parent} holds checkpoints of a run with another specification (digest "
            f"{_short(found)}, format {version}; this run is {_short(digest)}, format {FORMAT}): "
            f"remove the folder {path.parent} to train from the start, or restore the specification"
        )
    blob = path.with_suffix(".safetensors")
    if not blob.is_file() or _sha256(blob) != checksum:
        raise _DamagedError(f"{blob.name} is missing or does not have its checksum")
    log = path.parent / LOG
    if not log.is_file() or _sha256(log, log_bytes) != log_checksum:
        raise _DamagedError(f"{LOG} does not begin with what was written before the checkpoint")
    try:
        return progress, load_file(blob), log_bytes
    except SafetensorError as problem:
        raise _DamagedError(f"{blob.name}: {problem}") from problem


def _short(digest: object) -> str:
    """Return a digest as a message shows it: the beginning, and a checksum instead of the rest."""
    text = str(digest)
    if len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}... (sha256 {hashlib.sha256(text.encode()).hexdigest()[:12]})"


def _progress(values: dict[str, Any]) -> Progress:
    positions = {task: Position(*place) for task, place in values["positions"].items()}
    return replace(Progress(**values), positions=positions)


def _prune(folder: Path) -> None:
    """Keep the newest KEPT checkpoints; drop older ones and what a kill left half-written."""
    stems = sorted(path.stem for path in folder.glob("step-*.json"))
    kept = set(stems[-KEPT:])
    for stem in stems[:-KEPT]:  # the JSON first: without it the tensors are no checkpoint
        (folder / f"{stem}.json").unlink()
    for path in (*folder.glob("step-*.safetensors"), *folder.glob(".step-*.tmp")):
        if path.suffix == ".tmp" or path.stem not in kept:
            path.unlink()


def _sha256(path: Path, size: int | None = None) -> str:
    """Return the SHA-256 of the file's first `size` bytes, or of all of it."""
    digest, left = hashlib.sha256(), path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()
