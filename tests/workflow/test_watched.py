"""The globs that make code a parameter cover what each step really imports."""

import ast
from pathlib import Path

import pytest

from mqan.study.digest import PACKAGE, READ_WITH, WATCHED, step_digest, watched
from mqan.tasks import CORPORA, TASKS

READERS = {f"tasks/{task}.py" for task in CORPORA} | {"tasks/polarity.py"}
STUDY = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("study/*.py")}
METRICS = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("metrics/*.py")}
# only decides whether a file is there; only lists what stands elsewhere
EMPTY = {"atomic.py", "__init__.py", "tasks/__init__.py"}

# step -> where its work begins, and what may be left out although it is reached from there:
# readers and prepare end in the prepared files, which are inputs of all later steps; the study ends
# in the digest of the run and other parameters; tasks carry scorers that preparing never calls
STEPS = {
    "mini": ({"mqan.mini"}, set()),
    "prepare": ({"mqan.data.prepare", "mqan.tasks.squad"}, METRICS | READERS - {"tasks/squad.py"}),
    "vectors": (
        {"mqan.text.vectors", "mqan.text.vocabulary", "mqan.data.store"},
        {"data/prepare.py"},
    ),
    "mtlstm": (
        {"mqan.translate.learn"},
        READERS | STUDY | METRICS | {"data/prepare.py", "tasks/files.py"},
    ),
    "train": (
        {"mqan.train.loop", "mqan.experiment", "mqan.evaluate", "mqan.translate.folder"},
        READERS | STUDY | {"data/prepare.py", "tasks/files.py"},
    ),
    "predict": (
        {"mqan.evaluate", "mqan.experiment"},
        READERS | STUDY | METRICS | {"data/prepare.py", "tasks/files.py"},
    ),
    "score": ({"mqan.metrics"}, set()),
    "probe": (
        {"mqan.evaluate", "mqan.experiment"},
        READERS | STUDY | METRICS | {"data/prepare.py", "tasks/files.py"},
    ),
    "score_probes": ({"mqan.metrics", "mqan.report.statistics"}, set()),
    "scores": (
        {"mqan.report.scores", "mqan.report.statistics", "mqan.report.text", "mqan.layout"},
        STUDY | {"tasks/__init__.py"},
    ),
    "pointing": (
        {"mqan.report.pointing", "mqan.report.text", "mqan.layout"},
        STUDY | {"tasks/__init__.py"},
    ),
    "probes": (
        {"mqan.report.probes", "mqan.report.scores", "mqan.report.text", "mqan.layout"},
        STUDY | {"tasks/__init__.py"},
    ),
    "comparisons": ({"mqan.comparisons"}, STUDY | {"tasks/__init__.py"}),
    "curves": ({"mqan.curves"}, STUDY),
    "cards": ({"mqan.cards"}, set()),
    "draw": ({"mqan.draw"}, STUDY | READERS | METRICS | {"data/prepare.py", "tasks/files.py"}),
    "baselines": ({"mqan.baselines", "mqan.tasks"}, set()),
    "figure": ({"mqan.report.figures", "mqan.layout"}, STUDY | {"tasks/__init__.py"}),
    "differences": (
        {"mqan.report.differences", "mqan.report.tidy", "mqan.layout"},
        STUDY | {"tasks/__init__.py"},
    ),
    "correlations": (
        {"mqan.report.correlations", "mqan.report.tidy", "mqan.layout"},
        STUDY | {"tasks/__init__.py"},
    ),
    "claims": (
        {"mqan.report.claims", "mqan.report.tidy", "mqan.layout", "mqan.claim_sheet"},
        STUDY | {"tasks/__init__.py"},
    ),
    "table": (
        {"mqan.report.tables", "mqan.report.text", "mqan.layout"},
        STUDY | {"tasks/__init__.py"},
    ),
}


def imports(path):
    """Files of the package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            found = module(name)
            if found:
                yield found


def module(name):
    if name.split(".")[0] != "mqan":
        return None
    path = PACKAGE.joinpath(*name.split(".")[1:])
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def reached(names, waived):
    """What begins at modules `names` and does not pass through a waived one."""
    waiting, found = [module(name) for name in names], set()
    assert all(waiting), names
    while waiting:
        path = waiting.pop()
        name = path.relative_to(PACKAGE).as_posix()
        if name not in found | waived:
            found.add(name)
            waiting += imports(path)
    return found - EMPTY


@pytest.mark.parametrize("step", STEPS)
def test_every_module_that_matters_is_watched(step):
    names, waived = STEPS[step]
    assert reached(names, waived) <= found(step, "squad")


def found(step, task):
    """Files that a step watches."""
    paths = (path for glob in watched(step, task) for path in PACKAGE.glob(glob))
    return {path.relative_to(PACKAGE).as_posix() for path in paths}


@pytest.mark.parametrize("task", CORPORA)
def test_preparing_a_corpus_watches_its_reader_and_no_other(task):
    """A further corpus must not make the stores of the ten stale."""
    readers = reached({f"mqan.tasks.{task}"}, {"tasks/__init__.py", *METRICS})
    assert readers <= found("prepare", task)
    assert found("prepare", task) & READERS == readers & READERS
    assert task not in TASKS or readers & READERS == {f"tasks/{task}.py"}
    assert set(READ_WITH) <= set(CORPORA)


def test_rewording_is_watched_where_a_question_is_put_in_other_words():
    assert reached({"mqan.rewording"}, READERS | METRICS | {"tasks/__init__.py"}) <= {
        *("rewording.py", "tsv.py"),
        *found("prepare", "squad"),
    }
    assert step_digest("prepare", "sst", reworded=True) != step_digest("prepare", "sst")


def test_every_step_has_a_digest_of_twelve_digits():
    for step in WATCHED:
        assert len(step_digest(step, "sst")) == 12
    assert step_digest("prepare", "sst") != step_digest("prepare", "woz")


def test_every_rule_with_a_command_watches_its_step():
    rules = Path(__file__).resolve().parents[2] / "workflow/rules"
    text = "".join(path.read_text() for path in rules.glob("*.smk"))
    for step in WATCHED:
        assert f"python -m mqan {step} " in text
        assert f'step_digest("{step}"' in text
