"""What this machine can do: the rates that rooflines are drawn from."""

import pytest
import torch

from benchmarks.bench import FORWARD, Bench
from benchmarks.flops import Work
from benchmarks.measure import copies, products

NODES = 1000


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


@pytest.mark.skipif(
    not torch.cuda.is_available(),
    reason=f"THE COST OF A GRAPH'S NODE IS NOT MEASURED: torch {torch.__version__} finds no GPU",
)
def test_node_of_a_graph(run, device):
    """Kernels that wait for one another and do next to nothing: replayed; literal, launched."""
    numbers = torch.zeros(32, device=device)

    def add(_):
        for _ in range(NODES):
            numbers.add_(1.0)

    run(
        Bench(
            "kernels in a row", FORWARD, "graph", None, None, None, [None], ours=add, literal=add,
            check=lambda: None, work=None, unit="kernel", items=NODES,
        )
    )  # fmt: skip
