"""The claims of config/claims.yaml, in the form in which reports test them."""

import math
from collections.abc import Collection, Iterator
from pathlib import Path

from mqan.metrics.decascore import DECATHLON
from mqan.report.claims import Claim, ClaimSheet, Contrast
from mqan.report.tables import DECASCORE, TableError
from mqan.study.strict import StudyError, check_names, from_mapping, read_yaml


def read_claims(path: Path, rows: Collection[str]) -> ClaimSheet:
    """Read claims.yaml strictly; `rows` are all of rows.tsv, whether the study has them or not.

    Raises:
        StudyError, TableError: file, claim and key, what is wrong and what is allowed.
    """
    try:
        sheet = from_mapping(ClaimSheet, read_yaml(path), str(path))
    except TableError as error:
        raise TableError(f"{path}: {error}") from error
    # a misspelt row would pass as one that was not measured, for ever
    check_names(f"{path}: published", sheet.published, rows)
    for name, claim in sheet.claims.items():
        where = f"{path}: claims: {name}"
        check_names(f"{where}: correlation", claim.correlation or (), DECATHLON)
        for key, contrast in _contrasts(claim):
            _check(contrast, f"{where}: {key}", rows)
    return sheet


def _contrasts(claim: Claim) -> Iterator[tuple[str, Contrast]]:
    for part in claim.parts or ():
        yield "parts", part
    if claim.needs:
        yield "needs", claim.needs
    for name, contrast in (claim.beside or {}).items():
        yield f"beside: {name}", contrast


def _check(contrast: Contrast, where: str, rows: Collection[str]) -> None:
    check_names(f"{where}: weights", contrast.weights, rows)
    check_names(f"{where}: tasks", contrast.tasks, [*DECATHLON, DECASCORE])
    if DECASCORE in contrast.tasks and len(contrast.tasks) > 1:
        raise StudyError(f"{where}: tasks: {DECASCORE} is all ten; name it alone")
    weights = contrast.weights.values()
    if not weights or not all(math.isfinite(weight) and weight for weight in weights):
        found = dict(contrast.weights)
        raise StudyError(f"{where}: weights: expected finite numbers but 0, found {found}")
