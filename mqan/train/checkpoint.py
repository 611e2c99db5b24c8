"""Checkpoints in the middle of training: safetensors plus JSON, whole or not at all.

One checkpoint is `step-000001000.safetensors` (every tensor) and `step-000001000.json` (everything
else, and the checksum of the tensors). The JSON is written last: a checkpoint exists once it does.
The metrics log is append-only, so a checkpoint holds only its length and checksum. Loading runs no
code from the file. Used by `mqan.train.loop`; the folder is no output of the run, and what training
wrote there is removed when the run's outputs are complete.

A folder left by another run (other data, settings, code, versions) is of no use to this one, and
not this one's to delete: it is renamed, and taken back when that run is wanted again.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from mqan import tensorfile
from mqan.atomic import write_text
from mqan.data.batches import Position
from mqan.example import DataError
from mqan.record import Record, read_json, unusable

LOG = "train.jsonl"
# All that training writes there; `step-*` are the checkpoints.
OWN = ("step-*", ".step-*.tmp", LOG, "timing.jsonl", "tensorboard")
KEPT = 2  # the newest may be damaged by the crash that makes it needed
FORMAT = 1
PASSED_OVER = "going back further"  # what is done about a damaged checkpoint

logger = logging.getLogger(__name__)


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

    Raises OSError where it cannot be written; the checkpoints before it stay.
    """
    stem = folder / f"step-{progress.step:09d}"
    # Copies, because safetensors refuses tensors that share memory (tied weights).
    on_host = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    tensorfile.write(stem.with_suffix(".safetensors"), on_host)
    log = folder / LOG
    record = {
        "format": FORMAT,
        "digest": digest,
        "progress": asdict(progress),
        "tensors_sha256": _sha256(stem.with_suffix(".safetensors")),
        "log_bytes": log.stat().st_size,
        "log_sha256": _sha256(log),
    }
    write_text(stem.with_suffix(".json"), json.dumps(record, indent=1) + "\n")
    _prune(folder)


def load(folder: Path, digest: str) -> tuple[Progress, dict[str, Tensor]] | None:
    """Read the newest good checkpoint and cut the log back to where it was; None without one.

    A damaged checkpoint is passed over with a warning; when none is good, all are deleted, for
    training starts anew. Where all readable ones are of another digest or format, the folder
    becomes `FOLDER.stale-DIGEST`, with a warning; one that this run had to leave so is taken back.
    """
    folder = folder.resolve()  # of a link to a larger disk, the folder there
    useless: list[Path] = []
    other: tuple[str, int] | None = None
    for path in sorted(folder.glob("step-*.json"), reverse=True):
        try:
            record = read_json(path, "a checkpoint", PASSED_OVER)
            owner = _owner(record)
            if owner == (digest, FORMAT):
                progress, tensors, log_bytes = _read(path, record)
                break
            other = other or owner
        except DataError as problem:
            logger.warning("checkpoint %s is damaged: %s", path, problem)
        useless.append(path)
    else:
        if other:
            _set_aside(folder, *other, digest)
        # Left there, they would count as newer than what is written now, which would be pruned.
        for path in folder.glob("step-*"):
            path.unlink()
        return load(folder, digest) if _taken_back(folder, digest) else None
    for newer in useless:
        newer.unlink()
    with (folder / LOG).open("r+b") as log:
        log.truncate(log_bytes)
    return progress, tensors


def check_folder(folder: Path, others: Mapping[str, Path | None]) -> None:
    """Refuse a folder that holds more than checkpoints, for it is emptied when training is done.

    others: option -> a folder that the run reads or writes, which must be apart from this one.

    Raises:
        DataError: one of them is the folder, in it or around it, or it has files of others.
    """
    here, remedy = folder.resolve(), "name an empty or a new folder with --checkpoints"
    for option, path in others.items():
        there = here if path is None else path.resolve()
        if path is not None and (here.is_relative_to(there) or there.is_relative_to(here)):
            raise DataError(
                f"{folder}: expected a folder for checkpoints alone, apart from {option} {path}, "
                f"for it is emptied when training is done; {remedy}"
            )
    if here.exists() and not here.is_dir():
        raise DataError(f"{folder}: expected a folder for checkpoints, found a file; {remedy}")
    own = set(_own_files(here))
    foreign = sorted(path.name for path in here.glob("*") if path not in own)
    if foreign:
        raise DataError(
            f"{folder}: expected a folder for checkpoints alone, found {len(foreign)} other files, "
            f"such as {foreign[0]!r}; {remedy}"
        )


def remove(folder: Path) -> None:
    """Delete the checkpoints once the run's outputs are complete, and the folder, if it is empty.

    A link to a folder elsewhere stays, and so does the folder there.
    """
    for path in _own_files(folder):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if folder.is_symlink():
        return
    if any(folder.iterdir()):
        logger.warning("%s: left there, for files have come that are none of training's", folder)
    else:
        folder.rmdir()


def _own_files(folder: Path) -> Iterator[Path]:
    return (path for name in OWN for path in folder.glob(name))


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
    """Put back what `adam_tensors` returned, on the device of each parameter.

    Before the first update: what a CUDA graph reads must not move afterwards.
    """
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


def _read(path: Path, record: Record) -> tuple[Progress, dict[str, Tensor], int]:
    """Read and check one checkpoint, all of it, before anything is used."""
    progress, log_bytes = _progress(record), record.take(int, "log_bytes")
    blob, log = path.with_suffix(".safetensors"), path.parent / LOG
    if not blob.is_file() or _sha256(blob) != record.take(str, "tensors_sha256"):
        raise DataError(f"{blob} is missing or does not have its checksum; {PASSED_OVER}")
    if not log.is_file() or _sha256(log, log_bytes) != record.take(str, "log_sha256"):
        raise DataError(f"{log} does not begin with what the checkpoint follows; {PASSED_OVER}")
    return progress, tensorfile.read(blob, PASSED_OVER), log_bytes


def _progress(record: Record) -> Progress:
    match record.take(dict, "progress"):
        case {
            "step": int(step),
            "positions": dict(places),
            "chosen_step": int() | None as chosen,
            "chosen_sum": int() | float() | None as total,
            "chosen_scores": dict(scores),
        }:
            positions = {task: _position(place, record) for task, place in places.items()}
            return Progress(step, positions, chosen, total, scores)
        case found:
            raise unusable(f"{record.place}, 'progress'", "its five values", found, PASSED_OVER)


def _position(place: object, record: Record) -> Position:
    match place:
        case [int(epoch), int(taken)]:
            return Position(epoch, taken)
    raise unusable(f"{record.place}, 'positions'", "two whole numbers", place, PASSED_OVER)


def _owner(record: Record) -> tuple[str, int]:
    return record.take(str, "digest"), record.take(int, "format")


def _stale(folder: Path, digest: str) -> Path:
    """Where the checkpoints of a digest wait; a file may call anything its digest."""
    return folder.with_name(f"{folder.name}.stale-{''.join(filter(str.isalnum, digest))[:16]}")


def _set_aside(folder: Path, found: str, version: int, digest: str) -> None:
    """Rename the folder of another run, and leave an empty one in its place."""
    name = _stale(folder, found)
    names = (name, *(name.with_name(f"{name.name}-{number}") for number in range(2, 1000)))
    aside = next(path for path in names if not path.exists())
    folder.rename(aside)
    folder.mkdir()
    logger.warning(
        "%s: its checkpoints are of other data, settings, code or versions (digest %s, format %d; "
        "this run is %s, format %d): moved to %s",
        *(folder, found, version, digest, FORMAT, aside),
    )


def _taken_back(folder: Path, digest: str) -> bool:
    """Put the folder that this very run left before in the place of one without checkpoints."""
    stale = _stale(folder, digest)
    for path in stale.glob("step-*.json"):
        try:
            mine = _owner(read_json(path, "a checkpoint", PASSED_OVER)) == (digest, FORMAT)
        except DataError as problem:
            logger.warning("checkpoint %s is damaged: %s", path, problem)
            continue
        if mine:
            remove(folder)
            stale.rename(folder)
            logger.warning("%s: going on with what stood in %s", folder, stale)
            return True
    return False


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
