"""Where there is a CUDA compiler, the kernels' source passes it for an H100: no GPU is needed."""

import re
import shutil
import subprocess

import pytest

from mqan.kernels import compile as compiler
from mqan.kernels import decoder, norm

SOURCES = [
    ("lstm.cu", {"H": 100, "ROWS": 1, "THREADS": 416}),
    ("decoder.cu", {"D": 1, "THREADS": decoder._THREADS}),
    ("decoder.cu", {"D": 200, "THREADS": decoder._THREADS}),
    ("decoder.cu", {"D": decoder.MAX_WIDTH, "THREADS": decoder._THREADS}),
    ("norm.cu", {"D": 2, "THREADS": norm._THREADS, "EPSILON": 1e-6}),
    ("norm.cu", {"D": 200, "THREADS": norm._THREADS, "EPSILON": 1e-6}),
    ("norm.cu", {"D": norm.MAX_WIDTH, "THREADS": norm._THREADS, "EPSILON": 1e-6}),
]


@pytest.mark.parametrize(("source", "sizes"), SOURCES)
def test_source_compiles_for_a_gpu(tmp_path, source, sizes):
    if shutil.which("nvcc") is None:
        pytest.skip("no nvcc on this machine: the kernels' source was NOT compiled for a GPU")
    whole = tmp_path / source
    whole.write_text("".join((compiler.SOURCES / n).read_text() for n in ("gpu.cuh", source)))
    defines = [f"-D{name}={value}" for name, value in sizes.items()]
    options = ["-arch=sm_90", "-std=c++17", "-Xptxas=-v", "-cubin", "-o", tmp_path / "cubin"]
    done = subprocess.run(
        ["nvcc", *options, *defines, whole], capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    if source != "lstm.cu":  # what MAX_WIDTH is chosen for
        assert set(re.findall(r"(\d+) bytes spill stores", said)) == {"0"}
