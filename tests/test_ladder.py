"""A module imports only from its own rung of the ladder or a lower one; planning loads no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "mqan"

RUNGS = {
    0: {"__init__", "example", "batch", "atomic", "record", "machine", "tensorfile", "tsv"},
    1: {"metrics", "curriculum"},
    2: {"tasks", "text", "mini", "kernels"},
    3: {"model", "data", "baselines", "rewording"},
    4: {"train", "scoring", "interop", "study"},
    5: {
        "experiment",
        "layout",
        "claim_sheet",
        "comparisons",
        "curves",
        "cards",
        "estimate",
        "growth",
        "quote",
        "scale",
    },
    6: {"evaluate", "transfer", "translate", "draw", "shown"},
    7: {"learn", "midway"},
    8: {"cli", "__main__"},
}
REPORT = "report"  # off to the side: reads tidy files only
RUNG_OF = {part: rung for rung, parts in RUNGS.items() for part in parts}
NEVER = {("model", "data"), ("data", "model"), ("mini", "tasks"), ("tasks", "mini")}


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[str]:
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            pieces = name.split(".")
            if pieces[0] == "mqan" and len(pieces) > 1:
                known = pieces[1] in RUNG_OF or pieces[1] == REPORT
                parts.add(pieces[1] if known else "__init__")
    return parts


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_module_has_a_rung():
    assert {part_of(path) for path in FILES} == set(RUNG_OF) | {REPORT}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path):
    part = part_of(path)
    for other in imported(path) - {part}:
        assert (part, other) not in NEVER
        if part == REPORT:
            assert RUNG_OF.get(other, 9) <= 1, f"reports read files; {path} imports mqan.{other}"
        elif other == REPORT:
            above = ("layout", "claim_sheet", "comparisons", "draw", "shown", "cli")
            assert part in above, f"{path} imports reports"
        else:
            assert RUNG_OF[other] <= RUNG_OF[part], f"{path} imports mqan.{other}, a higher rung"


@pytest.mark.parametrize(
    "module",
    [
        "mqan.tasks",
        "mqan.mini",
        "mqan.metrics",
        "mqan.study",
        "mqan.report",
        "mqan.scoring",
        "mqan.curves",
        "mqan.cli",
    ],
)
def test_loads_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, check=False).returncode
        == 0
    )
