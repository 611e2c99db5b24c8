"""The report page in a real browser: no error, no broken image, and its search finds a table.

Looks at the page that `--page` names; without it at a small one, built here of two of our figures
and a table with the captions of the workflow.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from report import browser
from report import made_study as made

from mqan.report.figures import save
from mqan.report.figures.architecture import architecture
from mqan.report.figures.ladder import ladder

pytestmark = pytest.mark.slow
SNAKEFILE = """
FIGURES = expand("figures/{{name}}.png", name=["ladder", "architecture"])
rule all:
    input: FIGURES, "tables/decascore.csv"
rule ladder:
    input: "made/ladder.png"
    output: report(FIGURES[0], caption="{captions}/ladder.rst", category="Figures")
    params: study="made"
    shell: "cp {{input}} {{output}}"
rule architecture:
    input: "made/architecture.png"
    output: report(FIGURES[1], caption="{captions}/architecture.rst", category="Figures")
    params: study="made"
    shell: "cp {{input}} {{output}}"
rule table:
    output: report("tables/decascore.csv", caption="{captions}/decascore.rst", category="Tables")
    params: about=["Made-up study", "embedded", "mini"]
    shell: "printf 'row,value\\njoint,1\\n' > {{output}}"
"""


@pytest.fixture(scope="module")
def report(pytestconfig, tmp_path_factory):
    """Path of a built report.html."""
    if given := pytestconfig.getoption("--page"):
        assert Path(given).is_file(), f"--page {given}: there is no such file"
        return Path(given)
    folder = tmp_path_factory.mktemp("report")
    one = made.part()
    (folder / "made").mkdir()
    save(ladder(one.scores, made.published(), one.layout), folder / "made/ladder.png")
    save(architecture(made.NETWORK, one.layout), folder / "made/architecture.png")
    captions = made.ROOT / "workflow/report"
    (folder / "Snakefile").write_text(SNAKEFILE.format(captions=captions))
    for arguments in (("--cores", "1"), ("--report", "report.html")):
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONWARNINGS": "ignore", "HOME": str(folder)},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "report.html"


@pytest.fixture
def page(tmp_path):
    """A tab of a headless browser."""
    found = browser.chromium()
    if found is None:
        names = ", ".join(browser.NAMES)
        pytest.skip(f"no browser ({names}) is installed: the report page was NOT looked at")
    with browser.page(found, tmp_path / "profile") as tab:
        yield tab


def test_the_page_has_no_error_no_broken_image_and_finds_a_table(page, report):
    page.open(report)
    assert page.run("document.title").startswith("Snakemake Report")
    files = json.loads(page.run("JSON.stringify(Object.keys(results))"))
    images = [file for file in files if file.endswith((".png", ".svg"))]
    tables = [file for file in files if file.endswith(".csv")]
    assert images and tables, files

    for file in images:  # each shown by the page itself
        page.run(
            f"(r => app.setView({{content: 'img', contentPath: r.data_uri, resultPath: {file!r}}}))"
            f"(results[{file!r}])"
        )
        shown = f"[...document.images].find(i => i.src === results[{file!r}].data_uri)"
        page.wait(f"({shown} || {{}}).complete === true")
        assert page.run(f"{shown}.naturalWidth") > 100, file
    assert page.run("[...document.images].filter(i => !i.naturalWidth).length") == 0

    page.open(report)
    page.run("document.querySelector('input').focus()")
    page.type("decascore")
    page.wait("document.body.innerText.includes('decascore.csv')", seconds=10)
    assert page.errors == []


def test_errors_of_a_page_are_seen(page, tmp_path):
    """The test above can fail: a script that throws, and a picture that is not there."""
    broken = tmp_path / "broken.html"
    broken.write_text("<p>text</p><img src='none.png'><script>nothing()</script>")
    page.open(broken)
    assert any("nothing is not defined" in error for error in page.errors)
    assert any("none.png" in error or "not loaded" in error for error in page.errors)
