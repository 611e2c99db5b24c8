"""The figures of a study: one module each, a pure function of tidy frames that returns a Figure.

    style     palette, widths, caption line, saving          frames    cells, means, intervals
    text      measured widths and wrapping                   others    one figure each

`NEEDS` says what each reads. Importing this package loads neither torch nor matplotlib, so that
the workflow can plan with it; the three names at its end load when they are asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mqan.report.figures.marks import read_table, strategies
    from mqan.report.figures.style import save

__all__ = ["CONFIG", "NEEDS", "read_table", "save", "strategies"]

CONFIG = "config/"
# figure -> files it reads: below results/<study>/, but `config/...` below the checkout. All figures
# read the study's file as well. Braces: for each run, seed, task and split of the study.
NEEDS: dict[str, tuple[str, ...]] = {
    "strategies": ("decascore_long.csv",),
    "correlation": ("correlations.csv",),
    "correlation_published": ("correlations.csv",),
    "scatter": ("scores.csv", "config/published.csv"),
    "pointing": ("pointing.csv", "config/published.csv"),
    "pointing_training": ("curves.csv",),
    "ladder": ("scores.csv", "config/published.csv"),
    "curricula": ("scores.csv", "config/published.csv"),
    "curves": ("curves.csv",),
    "transfer": ("curves.csv", "config/published.csv"),
    "schedules": (),
    "example": ("runs/{run}/seed{seed}/predictions.jsonl", "data/{task}/{split}.arrow"),
    "architecture": (),
    "forest": ("differences.csv",),
    "forest_tasks": ("differences.csv",),
}

_HOMES = {"read_table": "marks", "strategies": "marks", "save": "style"}


def __getattr__(name: str) -> Any:
    """Load what draws only when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
