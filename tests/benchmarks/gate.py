"""The gate: ratios beside committed ratios, never times. `ratios.json` holds the committed ones.

A benchmark fails when, in two measurements in a row, its ratio to the literal network is below
0.85 of the committed one, its memory is above 1.1 of the committed, or it breaks its bound.
One without a committed ratio is reported.
"""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("ratios.json")
RATIO, MEMORY = 0.85, 1.1


@dataclass(frozen=True)
class Measured:
    """What is compared; None where there is nothing to compare."""

    ratio: float | None
    bound: float | None
    peak_mb: float | None


def load(path=FILE):
    """Device kind -> benchmark -> {"ratio", "peak_mb"}."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def faults(measured, committed, bound_limit):
    """What is wrong, a line each. committed: of one benchmark, or None."""
    found = []
    wanted = (committed or {}).get("ratio")
    if wanted and measured.ratio and measured.ratio < RATIO * wanted:
        found.append(
            f"{measured.ratio:.2f} times as fast as the literal network; "
            f"{wanted:.2f} is committed, at least {RATIO * wanted:.2f} expected"
        )
    if bound_limit and measured.bound and measured.bound > bound_limit:
        found.append(f"{measured.bound:.2f} of its bound; at most {bound_limit} expected")
    memory = (committed or {}).get("peak_mb")
    if memory and measured.peak_mb and measured.peak_mb > MEMORY * memory:
        found.append(
            f"{measured.peak_mb:.1f} MB; {memory:.1f} are committed, "
            f"at most {MEMORY * memory:.1f} expected"
        )
    return found


def commit(kind, found, path=FILE):
    """Write measured ratios into the file, beside those of benchmarks that did not run."""
    held = load(path)
    ours = held.setdefault(kind, {})
    for key, measured in found.items():
        values = {"ratio": measured.ratio, "peak_mb": measured.peak_mb}
        ours[key] = {name: round(v, 2) for name, v in values.items() if v is not None}
    path.write_text(json.dumps(held, indent=2, sort_keys=True) + "\n", encoding="utf-8")
