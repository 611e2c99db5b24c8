"""Commands take large tensors in large pages, where Linux lends them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
ASKED = PAGES.exists() and "[madvise]" in PAGES.read_text(encoding="utf-8")
# All that a command loads comes first: torch looks for the setting once, at its first large tensor.
TENSOR = """
import mqan.cli, mqan.learn, mqan.evaluate, mqan.scale
from mqan.cli.options import setup
setup()
import torch
tensor = torch.ones(1 << 24)
for line in open("/proc/self/smaps_rollup"):
    if line.startswith("AnonHugePages"):
        print(int(line.split()[1]))
"""


@pytest.mark.skipif(not ASKED, reason="LARGE PAGES ARE NOT TESTED: this system lends all or none")
@pytest.mark.parametrize(("wanted", "expected"), [(None, True), ("0", False)])
def test_a_large_tensor_lies_in_large_pages_unless_the_user_says_no(wanted, expected):
    environment = {k: v for k, v in os.environ.items() if k != "THP_MEM_ALLOC_ENABLE"}
    environment |= {} if wanted is None else {"THP_MEM_ALLOC_ENABLE": wanted}
    done = subprocess.run(
        [sys.executable, "-c", TENSOR], env=environment, capture_output=True, text=True, check=True
    )
    assert (int(done.stdout) >= 32 * 1024) == expected, f"{done.stdout} KB of 65,536"
