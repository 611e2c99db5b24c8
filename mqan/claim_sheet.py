"""The claims of config/claims.yaml, in the form in which reports test them."""

from pathlib import Path

from mqan.report.claims import ClaimSheet
from mqan.report.tables import TableError
from mqan.study.strict import from_mapping, read_yaml


def read_claims(path: Path) -> ClaimSheet:
    """Read claims.yaml strictly; StudyError or TableError names file, claim and key."""
    try:
        return from_mapping(ClaimSheet, read_yaml(path), str(path))
    except TableError as error:
        raise TableError(f"{path}: {error}") from error
