"""What this machine can do: the rates that rooflines are drawn from."""

import pytest

from benchmarks.bench import FORWARD, Bench
from benchmarks.flops import Work
from benchmarks.measure import copies, products


@pytest.mark.parametrize(
    ("name", "make", "unit"),
    [("matrix product", products, "flop"), ("memory copy", copies, "byte")],
)
def test_rate(run, device, name, make, unit):
    function, work = make(device)
    counted = Work(work, 0) if unit == "flop" else Work(0, work)
    run(
        Bench(
            name, FORWARD, "square" if unit == "flop" else "flat", None, None, None, [None],
            ours=function, check=lambda: None, work=counted, unit=unit, items=work,
        )
    )  # fmt: skip
