"""README keeps its word: commands and files exist, tables are those in results/reference/."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mqan.cli import app
from mqan.report.figures import NEEDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = ROOT / "results/reference"
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S)).replace("\\\n", " ")


def test_commands_and_their_options_exist():
    commands = re.findall(r"^mqan (\w+)(.*?)(?:#.*)?$", BLOCKS, re.M)
    assert len(commands) >= 3
    for name, rest in commands:
        result = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"})
        assert result.exit_code == 0, name
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in result.output, f"mqan {name} has no {option}"


def test_targets_and_paths_exist():
    for path in re.findall(r"config/[\w.]+", README):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", BLOCKS, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
    rules = (ROOT / "Snakefile").read_text(encoding="utf-8")
    for target in re.findall(r"^snakemake --cores all (\w+)\b(?!/)", BLOCKS, re.M):
        named = target.removeprefix("figure_") if target.startswith("figure_") else None
        assert f"rule {target}:" in rules or named in NEEDS, target


@pytest.mark.parametrize("table", ["mini", "real", "mini-claims"])
def test_tables_are_the_kept_results(table):
    marked = re.search(rf"<!-- results:{table} -->\n(.*?)<!-- /results:{table} -->", README, re.S)
    assert marked, table
    kept = (REFERENCE / f"{table}.md").read_text(encoding="utf-8")
    assert marked[1].strip() == kept.strip()


@pytest.mark.parametrize("table", ["mini", "real", "real-h200", "mini-claims"])
def test_kept_results_say_where_they_come_from(table):
    origin = json.loads((REFERENCE / f"{table}.json").read_text(encoding="utf-8"))
    assert {"command", "commit", "machine", "study", "seeds", "date", "wall_minutes"} <= set(origin)
    assert re.fullmatch(r"[0-9a-f]{40}", origin["commit"])


def test_no_placeholder_is_left():
    assert not re.findall(r"\b(?:TODO|TBD|[A-Z]{4,}MIN)\b", README)


def test_every_key_of_a_study_is_explained():
    page = (ROOT / "config/README.md").read_text(encoding="utf-8")
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text("utf-8"))

    def keys(block):
        for name, inner in block.get("properties", {}).items():
            yield name
            yield from keys(inner)

    explained = set(re.findall(r"`(?:\w+: )?(\w+)`|(?<=[{ ])(\w+)(?=[,}])", page))
    words = {word for pair in explained for word in pair if word}
    assert set(keys(schema)) <= words
