"""Kernels' source built for the CPU by a C++ compiler, against `host.h`."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from mqan.kernels import compile as compiler

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Build a kernel file with its entries: (name, **sizes) -> library."""
    if shutil.which("g++") is None:
        pytest.skip("no g++ on this machine: the kernels' source was NOT run")
    folder = tmp_path_factory.mktemp("host")

    def build(name, **sizes):
        own = [compiler.SOURCES / part for part in ("gpu.cuh", f"{name}.cu")]
        texts = [HERE / "host.h", *own, HERE / f"{name}_on_host.cc"]
        source, library = folder / f"{name}.cc", folder / f"{name}-{sizes}.so"
        source.write_text("\n".join(f'#include "{text}"' for text in texts))
        if not library.exists():
            flags = ["-std=c++20", "-O1", "-shared", "-fPIC", "-pthread", "-Wno-unknown-pragmas"]
            defines = [f"-D{key}={value}" for key, value in sizes.items()]
            subprocess.run(["g++", *flags, *defines, "-o", library, source], check=True)
        return ctypes.CDLL(str(library))

    return build
