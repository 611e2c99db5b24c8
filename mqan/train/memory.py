"""How the C library keeps memory; used by `mqan.train.loop`."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
LARGEST_THRESHOLD = 32 << 20  # glibc takes no more
KEPT = 1 << 30


def keep_freed_memory() -> bool:
    """Let malloc keep what an update frees, for the next one needs the same; False without glibc.

    By default blocks beyond a moving threshold go back to the kernel, and their pages are faulted
    in again a moment later: 5 to 15 % of an update's time with the small models, on 2 virtual CPUs.
    No number depends on it.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not in musl
    return mallopt is not None and bool(
        mallopt(M_MMAP_THRESHOLD, LARGEST_THRESHOLD) and mallopt(M_TRIM_THRESHOLD, KEPT)
    )
