"""LaTeX itself sets our tables: no error, nothing over the margin, none larger than it is."""

import re
import shutil
import subprocess

import pytest

from mqan.report.page import Page, PageLine, latex

HOSTILE = r"50 % of a_b & c#d ~ ^ {x} $1 \n <y> | é ß † * ° -1.5 `code_1`"
DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\begin{document}
%s
\end{document}
"""
# what a table measures beside the text; TeX takes the space behind a number
MEASURED = r"\immediate\write-1{%s: \the\wd0 of \the\textwidth}"


def table(count):
    lines = [
        PageLine(kind, "row_1, 100 %", " (study_1)", [f"{n}.5" for n in range(count)])
        for kind in ("ours", "published", "difference")
    ]
    return Page("Title 100 %", HOSTILE, ["row", *(f"task_{n}" for n in range(count))], lines, 1)


def measured(text, name):
    """The table's box by itself, its width written to the log, then the table."""
    box = re.search(r"\\resizebox.*\}(?=\n\\end\{table\})", text, re.S)[0]
    return f"\\setbox0=\\hbox{{{box}}}\n{MEASURED % name}\n{text}"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex: NOT compiled")
def test_tables_compile(tmp_path):
    names = {"narrow": 1, "wide": 30}
    body = "\n".join(measured(latex(table(n), name), name) for name, n in names.items())
    (tmp_path / "t.tex").write_text(DOCUMENT % body, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout and "Missing character" not in done.stdout
    log = (tmp_path / "t.log").read_text("utf-8", errors="replace")
    found = re.findall(r"^(\w+): ([\d.]+)ptof ([\d.]+)pt$", log, re.M)
    parts = {name: float(width) / float(text) for name, width, text in found}
    assert parts == {"narrow": pytest.approx(0.4, abs=0.3), "wide": pytest.approx(1, abs=1e-3)}
