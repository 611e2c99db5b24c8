"""Which study an invocation of the workflow means, from its options."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mqan.study.plan import Study, load_study
from mqan.study.strict import StudyError, check_names

DEFAULT = "mini"
OPTIONS = ("study", "raw")  # what --config may name


def choose(
    files: Sequence[Path], options: Mapping[str, object], folder: Path
) -> tuple[Path, Study]:
    """Return the study file and the study: `--configfile`, `--config study=NAME` or the default.

    files: the `--configfile` arguments. options: the `--config` ones. folder: of the shipped
    studies. Raises StudyError, also when a file takes the name, and so the results, of another.
    """
    check_names("--config", options, OPTIONS)
    if len(files) > 1:
        raise StudyError(f"--configfile: a study is one complete file, not {len(files)}")
    if files and "study" in options:
        raise StudyError(f"both --configfile {files[0]} and --config study={options['study']}")
    shipped = {path.stem: path for path in sorted(folder.glob("*.yaml")) if _is_study(path)}
    name = str(options.get("study", DEFAULT))
    if not files:
        check_names("--config study", [name], shipped)
    path = files[0] if files else shipped[name]
    owner = shipped.get(path.stem)
    if owner is not None and owner.resolve() != path.resolve():
        raise StudyError(
            f"{path}: the name {path.stem!r} and results/{path.stem}/ belong to {owner}: "
            "give your study another name"
        )
    raw = options.get("raw")
    return path, load_study(path, None if raw is None else str(raw))


def _is_study(path: Path) -> bool:
    """Tell studies from the tables beside them without reading them."""
    return path.stem not in ("claims", "sizes", "strategies", "tables")


def command_paths(checkout: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return PATH and PYTHONPATH under which `python -m mqan` is this interpreter and checkout.

    The workflow watches the source of its checkout, so that must be what its commands import, also
    with `--directory`; and the interpreter that runs Snakemake runs the jobs, activated or not.
    """
    found = {}
    for name, folder in (("PATH", Path(sys.executable).parent), ("PYTHONPATH", checkout)):
        others = environment.get(name, "").split(os.pathsep)
        found[name] = os.pathsep.join([str(folder), *filter(None, others)])
    return found
