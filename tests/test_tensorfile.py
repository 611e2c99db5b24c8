"""Files of tensors: what is written comes back; a full disk and damage are errors with the path."""

import contextlib
import resource
import signal

import pytest
import torch

from mqan import tensorfile
from mqan.example import DataError

TENSORS = {"a": torch.randn(200, 300), "b/c": torch.arange(5)}


@contextlib.contextmanager
def small_disk():
    """Files stop at 4096 bytes, as on a disk that fills up; a log that pytest writes to as well."""
    assert signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_tensors_come_back(tmp_path):
    tensorfile.write(tmp_path / "x.safetensors", TENSORS)
    found = tensorfile.read(tmp_path / "x.safetensors", "again")
    assert all(torch.equal(found.pop(name), tensor) for name, tensor in TENSORS.items())
    assert not found


def test_a_full_disk_leaves_the_file_before(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"before")
    told = rf"^{path}: cannot be written \(.*is the disk full\?$"
    with pytest.raises(OSError, match=told), small_disk():
        tensorfile.write(path, TENSORS)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(path.name, b"before")]


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"\xff" * 8])
def test_what_is_no_file_of_tensors_is_named(tmp_path, content):
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(DataError, match=r"x\.safetensors: damaged \(.*\); do it again$"):
        tensorfile.read(tmp_path / "x.safetensors", "do it again")
