"""What the tests of all kernels share: comparing, and calling a library of the kernels' source."""

import ctypes
from collections.abc import Callable

import torch


def agree(one, other, tolerance=1e-5):
    for mine, expected in zip(one, other, strict=True):
        expected = expected.to(mine.device, mine.dtype)
        assert (mine - expected).abs().max() <= tolerance * max(1.0, expected.abs().max().item())


def call(entry: Callable[..., None], shared: int, *arguments: torch.Tensor | int | None) -> None:
    """Run a kernel on the CPU. shared: bytes that a block has."""
    values: list[ctypes.c_int | ctypes.c_void_p] = [ctypes.c_int(shared // 4)]
    for a in arguments:
        if isinstance(a, int):
            values.append(ctypes.c_int(a))
        else:
            assert a is None or a.is_contiguous()
            values.append(ctypes.c_void_p(None if a is None else a.data_ptr()))
    entry(*values)
