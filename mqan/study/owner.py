"""Whose results a folder holds, so that two studies of one name do not overwrite each other."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from mqan.study.plan import Study
from mqan.study.strict import StudyError


def owner(study: Study, path: Path, raw: Path | None) -> dict[str, str]:
    """Return what tells this study from another of its name: its file and its raw folder.

    path: the study file. raw: the folder of raw data, without meaning where the study writes its
    own. Places below the working directory are named from there, so that a checkout can be moved.
    """
    own = study.data.raw is None or raw is None
    return {
        "study": study.study,
        "file": _place(path),
        "raw": "" if raw is None or own else _place(raw),
    }


def check_owner(record: Path, mine: Mapping[str, str]) -> None:
    """Raise StudyError when `record`, if it is there, does not say what `owner` says now."""
    if not record.is_file():
        return
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StudyError(f"{record}: does not say whose results these are: remove this file")
    for key in mine:
        if found.get(key) != mine[key]:
            raise StudyError(
                f"{record.parent} holds the results of another study of this name ({key}: "
                f"{found.get(key)!r}, now {mine[key]!r}): rename your study, or remove the folder "
                f"{record.parent}; if only files were moved, remove {record} and nothing is redone "
                "that need not be"
            )


def _place(path: Path) -> str:
    """Return `path` without links, relative to the working directory if it lies below it."""
    resolved, here = path.resolve(), Path.cwd().resolve()
    inside = resolved.is_relative_to(here)
    return os.path.relpath(resolved, here) if inside else str(resolved)
