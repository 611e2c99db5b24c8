"""Freed memory stays with the process."""

import subprocess
import sys

import pytest

from mqan.train.memory import keep_freed_memory

FAULTS = """
import ctypes, resource, sys
from mqan.train.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def use():
    blocks = [libc.malloc(8 << 20) for _ in range(8)]
    for block in blocks: ctypes.memset(block, 1, 8 << 20)
    for block in blocks: libc.free(block)
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10): use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_next_update_faults_no_pages_in_again():
    if not keep_freed_memory():
        pytest.skip("the C library has no mallopt: nothing to keep")
    default, kept = (
        int(subprocess.check_output([sys.executable, "-c", FAULTS, how], text=True))
        for how in ("default", "keep")
    )
    assert kept < 0.1 * default
