"""The comparisons of config/tables.yaml, and everything of a study that they are made from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mqan.layout import layout
from mqan.report.comparisons import Scores, Sources, read_differences
from mqan.report.ladder import Ladder
from mqan.report.probes import SHEET as PROBE_SHEET
from mqan.report.probes import read_probes, read_sheet
from mqan.report.scores import of_runs, read
from mqan.report.tables import Layout, Line, read_published
from mqan.report.transfers import SHEET as TRANSFER_SHEET
from mqan.report.transfers import Transfer, read_curves
from mqan.report.zero_shot import Paraphrase, ZeroShot
from mqan.study import Study, StudyError
from mqan.study.sheets import read_rows, read_strategies
from mqan.study.strict import check_names, from_mapping, read_yaml

FORMS: dict[str, type[Any]] = {
    "scores": Scores,
    "ladder": Ladder,
    "zero_shot": ZeroShot,
    "paraphrase": Paraphrase,
    "transfer": Transfer,
}


def every_line(study: Study, plan: Layout) -> dict[str, Line]:
    """All rows of rows.tsv: those of `plan`, and those that the study lacks, without cells."""
    strategies = list(read_strategies(study.sheets / "strategies.yaml"))
    rows = read_rows(study.sheets / "rows.tsv", strategies)
    lines = {row.row: Line(row.row, row.title, {}, row.published) for row in rows.values()}
    return lines | {line.row: line for line in plan.lines}


def read_comparisons(path: Path) -> dict[str, Any]:
    """Read tables.yaml: name -> table of one of FORMS, each with a method `table`.

    Raises:
        StudyError: a key or a form is unknown, missing or wrong.
    """
    found = {}
    for name, block in read_yaml(path).items():
        if not isinstance(block, dict) or "form" not in block:
            raise StudyError(f"{path}: {name}: expected keys, `form` among them, found {block!r}")
        values = dict(block)
        form = values.pop("form")
        check_names(f"{path}: {name}: form", [form], FORMS)
        found[name] = from_mapping(FORMS[form], values, f"{path}: {name}")
    return found


def sources(
    study: Study,
    comparisons: Mapping[str, Any],
    *,
    scores: Path,
    published: Path,
    differences: Path | None = None,
    probes: Path | None = None,
    probe_sheet: Path | None = None,
    curves: Path | None = None,
    transfer_sheet: Path | None = None,
) -> Sources:
    """Read what tables are made from.

    Raises:
        StudyError: tables.yaml names a row that rows.tsv does not have.
        TableError: a file is damaged or another table.
    """
    plan = layout(study, whole=True)
    lines = every_line(study, plan)
    for name, table in comparisons.items():
        for row, entry in getattr(table, "rows", {}).items():
            other = entry.oracles if isinstance(table, Ladder) else entry.against
            check_names(f"tables.yaml: {name}", [row, *filter(None, [other])], lines)
    return Sources(
        plan,
        lines,
        of_runs(read(scores)),
        read_published(published),
        differences and read_differences(differences),
        probes and read_probes(probes),
        probe_sheet and read_sheet(probe_sheet, PROBE_SHEET),
        curves and read_curves(curves),
        transfer_sheet and read_sheet(transfer_sheet, TRANSFER_SHEET),
    )
