"""CUDA source to a kernel that can be launched, by the compiler library that torch brings along.

NVRTC compiles for the GPU that is there, at first use and once in a process; no CUDA toolkit is
needed. Launches go to torch's current stream, so a CUDA graph captures them.
"""

import ctypes
import functools
import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

SOURCES = Path(__file__).parent
_MAX_SHARED = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
_FREE_SHARED = 48 * 1024  # what a block may have without asking


class KernelError(RuntimeError):
    """A kernel that does not compile, load or launch; the message is the compiler's or driver's."""


_switched_off: set[str] = set()


def usable(source: str) -> bool:
    """Whether the kernels of a file can be used here; the reason why not is logged once."""
    return source not in _switched_off and _available()


def switch_off(source: str, why: str) -> None:
    """Leave what the kernels of a file do to torch from now on, and log why."""
    _switched_off.add(source)
    logger.warning("%s is left out, torch's operations are used instead: %s", source, why)


@functools.cache
def _available() -> bool:
    if not torch.cuda.is_available() or torch.version.hip:
        return False
    try:
        _nvrtc()
        _driver()
    except OSError as error:
        logger.warning("no kernels of our own, torch's are used instead: %s", error)
        return False
    return True


@functools.cache
def _nvrtc() -> ctypes.CDLL:
    """The compiler library: torch's own if the loader knows it, else from the package beside it."""
    major = (torch.version.cuda or "").split(".")[0]
    beside = Path(torch.__file__).resolve().parents[1] / "nvidia"
    found = sorted(beside.glob(f"*/lib/libnvrtc.so.{major}*"))
    names = [f"libnvrtc.so.{major}", *map(str, found)]
    for name in names[:-1]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue  # the next; the last one's error is raised below
    return ctypes.CDLL(names[-1])


@functools.cache
def _driver() -> ctypes.CDLL:
    return ctypes.CDLL("libcuda.so.1")


def _check(result: int, doing: str) -> None:
    if result:
        text = ctypes.c_char_p()
        _driver().cuGetErrorString(result, ctypes.byref(text))
        raise KernelError(f"{doing}: {(text.value or b'').decode() or result}")


def _have_context(device: int) -> None:
    """Give this thread the device's context, if torch has not needed one there before."""
    driver, context, place = _driver(), ctypes.c_void_p(), ctypes.c_int()
    _check(driver.cuCtxGetCurrent(ctypes.byref(context)), "ask for the context")
    if context:
        return
    _check(driver.cuDeviceGet(ctypes.byref(place), device), f"find device {device}")
    _check(driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), place), "get a context")
    _check(driver.cuCtxSetCurrent(context), "set the context")


class Kernel:
    """One function of a loaded module."""

    def __init__(self, module: ctypes.c_void_p, name: str) -> None:
        self._name, self._function, self._shared = name, ctypes.c_void_p(), _FREE_SHARED
        found = _driver().cuModuleGetFunction(ctypes.byref(self._function), module, name.encode())
        _check(found, f"find kernel {name}")

    def __call__(
        self, grid: tuple[int, int], threads: int, shared: int, *arguments: Tensor | int | None
    ) -> None:
        """Launch. shared: bytes. Tensors are contiguous and on the current device; None is null."""
        _have_context(torch.cuda.current_device())
        if shared > self._shared:
            wanted = _driver().cuFuncSetAttribute(self._function, _MAX_SHARED, shared)
            _check(wanted, f"{shared} bytes of shared memory for {self._name}")
            self._shared = shared
        values = [
            ctypes.c_int(a)
            if isinstance(a, int)
            else ctypes.c_void_p(None if a is None else a.data_ptr())
            for a in arguments
        ]
        addresses = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        sizes = (grid[0], grid[1], 1, threads, 1, 1, shared)
        launched = _driver().cuLaunchKernel(self._function, *sizes, stream, addresses, None)
        _check(launched, f"launch {self._name}")


def launch(
    source: str,
    name: str,
    defines: tuple[tuple[str, int | float], ...],
    grid: tuple[int, int],
    threads: int,
    shared: int,
    *arguments: Tensor | int | None,
) -> None:
    """Launch the kernel `name` of `source` on the device of its first argument; see `Kernel`."""
    first = arguments[0]
    assert isinstance(first, Tensor) and first.device.index is not None
    with torch.cuda.device(first.device):
        load(source, name, defines, first.device.index)(grid, threads, shared, *arguments)


@functools.cache
def load(
    source: str, name: str, defines: tuple[tuple[str, int | float], ...], device: int
) -> Kernel:
    """The kernel `name` of `source` (a file beside this one), compiled for CUDA device `device`."""
    module = ctypes.c_void_p()
    with torch.cuda.device(device):
        _have_context(device)
        code = _compiled(source, defines, torch.cuda.get_device_capability(device))
        _check(_driver().cuModuleLoadData(ctypes.byref(module), code), f"load {source}")
    return Kernel(module, name)


@functools.cache
def _compiled(
    source: str, defines: tuple[tuple[str, int | float], ...], capability: Sequence[int]
) -> bytes:
    """Machine code of a source file."""
    text = "".join((SOURCES / n).read_text(encoding="utf-8") for n in ("gpu.cuh", source))
    options = [f"--gpu-architecture=sm_{capability[0]}{capability[1]}", "--std=c++17"]
    options += [f"-D{name}={value}" for name, value in defines]
    flags = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    nvrtc, program, size = _nvrtc(), ctypes.c_void_p(), ctypes.c_size_t()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), source.encode(), 0, None, None)
    try:
        if nvrtc.nvrtcCompileProgram(program, len(options), flags):
            nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
            log = ctypes.create_string_buffer(size.value)
            nvrtc.nvrtcGetProgramLog(program, log)
            raise KernelError(f"{source} does not compile: {log.value.decode()}")
        nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size))
        code = ctypes.create_string_buffer(size.value)
        nvrtc.nvrtcGetCUBIN(program, code)
        return code.raw
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
