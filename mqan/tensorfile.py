"""Files of tensors (safetensors): written whole or not at all, and read with errors that help."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from mqan.atomic import replacing
from mqan.example import DataError


def write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write contiguous tensors, no two of which share memory.

    Raises:
        OSError: the file cannot be written, as on a full disk.
    """
    with replacing(path) as temporary:
        try:
            save_file(dict(tensors), temporary)
        except SafetensorError as error:
            raise OSError(f"{path}: cannot be written ({error}); is the disk full?") from error


def read(path: Path, remedy: str) -> dict[str, Tensor]:
    """All tensors of a file, on the host; `remedy` is what to do when it is no good.

    Raises:
        DataError: the file is not one of tensors, or damaged.
    """
    try:
        return load_file(path)
    except SafetensorError as error:
        raise DataError(f"{path}: damaged ({error}); {remedy}") from error
