"""Files of torch.save, read without torch.load: nothing of the file is imported, called or changed.

torch.load runs code of a crafted file (TorchScript programs, patch files, changed classes). Here
tensors and plain containers are read; every other class becomes an inert shell that only keeps its
instances' state. Both formats are read: zip files, and the plain files of torch before 1.6.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO

import torch
from torch import Tensor

_MAGIC = 0x1950A86A20F9469CFC6C  # begins a file that torch wrote before 1.6


class _Sealed:
    """What a file may use but not change: pickle's BUILD on it or on its class is an error."""

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError(f"the file tries to change {type(self).__name__[1:]}")


class _Kind(_Sealed):
    """A storage class of torch: only the type of its elements."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype


class _Storage(_Sealed):
    """A run of elements stored beside the pickle."""

    def __init__(self, dtype: torch.dtype, key: str, count: int) -> None:
        self.dtype, self.key, self.count = dtype, key, count
        self.nbytes = count * dtype.itemsize


class _View(_Sealed):
    """A tensor before its elements are read; takes the arguments of torch's own function."""

    def __init__(
        self,
        storage: Any,
        offset: Any,
        size: Any,
        stride: Any,
        requires_grad: Any = False,
        hooks: Any = None,
        metadata: Any = None,
    ) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, (*size,), (*stride,)
        if not isinstance(storage, _Storage) or metadata:
            raise pickle.UnpicklingError("a tensor is described in an unknown way")
        numbers = (offset, *self.size, *self.stride)
        if any(type(number) is not int or number < 0 for number in numbers):
            raise pickle.UnpicklingError(f"offset, size, stride of a tensor are {numbers}")
        steps = zip(self.size, self.stride, strict=True)
        last = offset + sum((count - 1) * step for count, step in steps)
        if 0 not in self.size and last >= storage.count:
            raise pickle.UnpicklingError(f"a tensor reaches element {last} of {storage.count}")


class _Parameter(_Sealed):
    """Gives the tensor that a parameter wraps."""

    def __new__(cls, data: Any, *_: Any) -> Any:
        return data


class _Dict(OrderedDict[Any, Any]):
    """An OrderedDict whose further attributes (torch's `_metadata`) are dropped."""

    def __setstate__(self, state: Any) -> None:
        pass


class Shell:
    """Stands in for an instance of any other class: keeps its state, drops its items."""

    state: Any = None

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        """Keep the state, usually the instance's attributes."""
        self.state = state

    def __call__(self, *_: Any, **__: Any) -> Shell:
        """Stand in for what a call of the instance would give."""
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        """Drop an item of a dictionary-like object."""

    def append(self, value: Any) -> None:
        """Drop an item of a list-like object."""

    def add(self, value: Any) -> None:
        """Drop an item of a set-like object."""


_GLOBALS: dict[tuple[str, str], type] = {
    ("collections", "OrderedDict"): _Dict,
    ("torch._utils", "_rebuild_tensor"): _View,
    ("torch._utils", "_rebuild_tensor_v2"): _View,
    ("torch._utils", "_rebuild_parameter"): _Parameter,
}
_DTYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


class _Unpickler(pickle.Unpickler):
    """Imports nothing: every global is a class of this module or a shell made on the spot.

    `storages` holds the storages that the pickle referred to, by key.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Resolve a global of the file."""
        if (module, name) in _GLOBALS:
            return _GLOBALS[module, name]
        if module in ("torch", "torch.cuda") and name in _DTYPES:
            return _Kind(_DTYPES[name])
        return type(name, (Shell,), {"__module__": module})

    def persistent_load(self, pid: Any) -> _Storage:
        """Resolve a reference to a storage; ("module", ...) and storage views are refused."""
        match pid:
            case ("storage", _Kind(dtype=dtype), str(key), str(), int(count), *view):
                if count >= 0 and view in ([], [None]):
                    storage = _Storage(dtype, key, count)
                    self.storages.setdefault(key, storage)
                    return storage
        raise pickle.UnpicklingError(f"unknown reference {str(pid)[:80]!r}")


Read = Callable[[_Storage], bytes]


def unpickle(file: BinaryIO) -> tuple[Any, Read]:
    """The object that torch.save wrote, and the reader of the tensors in it (see `tensors`).

    A damaged or crafted file can raise any Exception, and do nothing else.
    """
    is_zip = file.read(4) == b"PK\x03\x04"
    file.seek(0)
    return _open_zip(file) if is_zip else _open_plain(file)


def _open_zip(file: BinaryIO) -> tuple[Any, Read]:
    """The pickled object and the reader of its storages: entries `data/KEY` of the zip file."""
    archive = zipfile.ZipFile(file)
    entries = {entry.filename.partition("/")[2]: entry for entry in archive.infolist()}
    if "constants.pkl" in entries:
        raise ValueError("it is a TorchScript program, not a dictionary of weights")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
        raise ValueError("torch does not compress its zip files")
    if "byteorder" in entries and archive.read(entries["byteorder"]) != b"little":
        raise ValueError("it was not written by a little-endian machine")

    def read(storage: _Storage) -> bytes:
        data = archive.read(entries[f"data/{storage.key}"])
        if len(data) != storage.nbytes:
            raise ValueError(f"storage {storage.key}: {len(data)} bytes, not {storage.nbytes}")
        return data

    return _Unpickler(io.BytesIO(archive.read(entries["data.pkl"]))).load(), read


def _open_plain(file: BinaryIO) -> tuple[Any, Read]:
    """Object and reader of a file before torch 1.6: pickles, then per storage count and data."""
    magic, version, system = (_Unpickler(file).load() for _ in range(3))
    if magic != _MAGIC or version != 1001 or system.get("little_endian") is not True:
        raise ValueError("unknown format, version or byte order")
    unpickler = _Unpickler(file)
    content = unpickler.load()
    places: dict[str, tuple[int, int]] = {}
    for key in _Unpickler(file).load():
        storage = unpickler.storages[key]
        count = int.from_bytes(file.read(8), "little", signed=True)
        if count != storage.count:
            raise ValueError(f"storage {key}: {count} elements, not {storage.count}")
        places[key] = file.tell(), storage.nbytes
        file.seek(storage.nbytes, io.SEEK_CUR)
    if file.tell() > file.seek(0, io.SEEK_END):
        raise ValueError("it ends before its last storage does: it was cut off")

    def read(storage: _Storage) -> bytes:
        place, size = places[storage.key]
        if size != storage.nbytes:
            raise ValueError(f"storage {storage.key}: {size} bytes, not {storage.nbytes}")
        file.seek(place)
        return file.read(size)

    return content, read


def tensors(state: dict[Any, Any], read: Read) -> dict[str, Tensor]:
    """The tensors of an unpickled dictionary; each storage is read once, and shared as it was.

    Raises ValueError for anything that is no name or no tensor.
    """
    flat: dict[tuple[str, torch.dtype, int], Tensor] = {}
    result: dict[str, Tensor] = {}
    for name, view in state.items():
        if not isinstance(name, str) or not isinstance(view, _View):
            raise ValueError(f"entry {str(name)[:80]!r} is no tensor")
        storage = view.storage
        key = (storage.key, storage.dtype, storage.count)
        if key not in flat:
            data = bytearray(read(storage))
            empty = torch.empty(0, dtype=storage.dtype)
            flat[key] = torch.frombuffer(data, dtype=storage.dtype) if data else empty
        result[name] = flat[key].as_strided(view.size, view.stride, view.offset)
    return result
