# The study and the names of its files. No science: mqan.study reads, checks and plans.

import atexit
import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(
    workflow.current_basedir.join("../..").get_path_or_uri(secret_free=True)
).resolve()
sys.path.insert(0, str(ROOT))

from mqan.study import (
    DEFAULT,
    MT_TASK,
    StudyError,
    check_owner,
    choose,
    command_paths,
    owner,
    step_digest,
)
from mqan.estimate import expected
from mqan.report.compared import read_comparisons
from mqan.report.figures import NEEDS
from mqan.report.terms import TableError
from mqan.rewording import read_rewordings
from mqan.shown import figures_of
from mqan.study.strict import read_yaml
from mqan.tasks import CORPORA
from mqan.tasks.files import folder as raw_folder, inside

os.environ.update(command_paths(ROOT, os.environ))
# glibc keeps what it frees in pieces that the next task's shapes do not fit: over ten tasks in turn
# a process grows by half. So large blocks come from the system and go back to it, and small ones
# stay with the process, for the first alone is slow.
for name, size in (
    ("MALLOC_MMAP_THRESHOLD_", 8 << 20),
    ("MALLOC_TRIM_THRESHOLD_", 1 << 30),
):
    os.environ.setdefault(name, str(size))

try:
    STUDY_FILE, STUDY = choose(
        workflow.config_settings.configfiles,
        workflow.config_settings.config,
        ROOT / "config",
    )
except StudyError as error:
    raise WorkflowError(str(error)) from None

# The study file is a parameter of the rules and not their input: what a rule takes from it is
# among its parameters, so a new title or a longer single run does not retrain the others.
STUDY_FILE = os.path.relpath(STUDY_FILE)
PUBLISHED = os.path.relpath(ROOT / "config/published.csv")
PROBE_SHEET = os.path.relpath(ROOT / "config/probes.tsv")
COSTS = os.path.relpath(ROOT / "results/reference/costs.csv")
COMPARISONS = os.path.relpath(ROOT / "config/comparisons.tsv")
CLAIMS = os.path.relpath(ROOT / "config/claims.yaml")
TABLES_SHEET = os.path.relpath(ROOT / "config/tables.yaml")
TRANSFER_SHEET = os.path.relpath(ROOT / "config/transfers.tsv")

RUNS = STUDY.runs()
RESULTS = f"results/{STUDY.study}"
DATA = f"{RESULTS}/data"
RAW = f"{RESULTS}/raw" if STUDY.data.mini else STUDY.data.raw
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
SPLITS = STUDY.splits
TRAINED_BY = step_digest("train")  # read once, not anew for every run
REWORDINGS = read_rewordings()  # (wording, task) -> how its questions are put instead
# table of word vectors -> prepared folders it covers besides the study's tasks
FURTHER = STUDY.further_stores()
# whose results these are, written beside them as soon as there are any
RECORD = f"{RESULTS}/study.json"
# of the files of predictions and scores, by decoder
SUFFIXES = {"consistent": "", "released": ".released"}
# by size of the model; one that is not listed gets what the largest needs
MEMORY_MB = {"tiny": 1500, "mini": 2000, "small": 6000}.get(STUDY.size, 16000)

try:
    check_owner(Path(RECORD), owner(STUDY, Path(STUDY_FILE), Path(RAW)))
except StudyError as error:
    raise WorkflowError(str(error)) from None


def raw_files(tasks):
    """What tasks are read from: the embedded corpora, or those official files that are there.

    Files that are missing are left to `mqan prepare`, whose message says what to do, so that a dry
    run needs no data.
    """
    if STUDY.data.mini:
        return [f"{RAW}/mini.json"]
    found = []
    for task in map(CORPORA.get, tasks):
        try:
            folder = raw_folder(Path(RAW), task.directory)
        except FileNotFoundError:
            continue
        names = (name for split in STUDY.splits for name in task.splits[split])
        found += [folder / name for name in names if (folder / name).is_file()]
        # A folder of stories counts by the newest change in it.
        found += [folder / name for name in task.folders if (folder / name).is_dir()]
    return sorted({str(path) for path in found})


def vector_file(name):
    """A file of word vectors in the raw folder, or None where it is not there; see raw_files."""
    try:
        path = inside(Path(RAW), name)
    except FileNotFoundError:
        return None
    return str(path) if path.is_file() else None


def vector_files():
    """Those files of word vectors that are there."""
    named = [source.file for source in STUDY.vectors if source.file]
    return [path for path in map(vector_file, named) if path]


# They are read after hours of preparing, so what is missing is said before.
for named in [*STUDY.vectors, *([STUDY.cove] if STUDY.cove else [])]:
    if named.file and not vector_file(named.file):
        print(
            f"{Path(RAW, named.file)}: no such file yet; {STUDY_FILE} reads word vectors from it",
            file=sys.stderr,
        )


def stores(folders, splits=SPLITS):
    """The prepared splits of corpora."""
    return [
        f"{DATA}/{folder}/{split}.{kind}"
        for folder in folders
        for split in splits
        for kind in ("arrow", "words.arrow", "json")
    ]


def corpus_of(wildcards):
    """The corpus that a prepared folder holds: `sst` of `sst@paper`."""
    return wildcards.store.partition("@")[0]


def wording_of(wildcards):
    """How its questions are worded."""
    return wildcards.store.partition("@")[2] or STUDY.wording


def rewording_of(wildcards):
    """What the line of rewordings.tsv behind a prepared folder says, if there is one.

    In lists: Snakemake keeps no other objects of a parameter, and so would see no change of them.
    """
    line = REWORDINGS.get((wording_of(wildcards), corpus_of(wildcards)))
    return line and [
        line.pattern.pattern,
        line.replacement,
        sorted(line.answers.items()),
    ]


def prepare_digest(wildcards):
    """The sources that a prepared folder depends on."""
    reworded = rewording_of(wildcards) is not None
    return step_digest("prepare", corpus_of(wildcards), reworded)


def splits_of(table):
    """The splits of what a table of word vectors covers: probes are only asked, never learnt."""
    return [STUDY.evaluation.split] if table == "probes" else SPLITS


def words(table):
    """Word list and vectors: of the study, or of a further table."""
    folder = f"{DATA}/tables/{table}" if table else DATA
    return [
        f"{folder}/{name}" for name in ("words.arrow", "vectors.npy", "vectors.json")
    ]


def words_of(wildcards):
    """The word vectors that a run reads."""
    return words(STUDY.vectors_of(wildcards.run))


def start_of(wildcards):
    """The run whose weights a run begins with: a list, empty for most."""
    start = RUNS[wildcards.run].start
    names = ("model.safetensors", "model.json", "vocabulary.arrow", "card.json")
    folder = run_folder(start, wildcards.seed)
    return [f"{folder}/{name}" for name in names] if start else []


def run_folder(run, seed):
    return f"{RESULTS}/runs/{run}/seed{seed}"


def checkpoint_folder(wildcards):
    """Where a run keeps its checkpoints, but for the number of threads that ends the name.

    The number is added in the command: as part of a parameter, `--cores` would retrain.
    """
    folder = f"{RESULTS}/checkpoints/{wildcards.run}/seed{wildcards.seed}"
    return f"{folder}/{RUNS[wildcards.run].digest[:12]}-{TRAINED_BY}-threads"


def only_for_the_default_study(wildcards):
    """What results/decascore.csv is copied from; other studies have no table of that name."""
    if STUDY.study != DEFAULT:
        raise WorkflowError(
            f"results/decascore.csv is the table of the default study, {DEFAULT}; "
            f"the table of study {STUDY.study} is {RESULTS}/decascore.csv"
        )
    return {"csv": f"{RESULTS}/decascore.csv", "markdown": f"{RESULTS}/decascore.md"}


def only_with_a_model(files):
    """These files as an input, for studies that train something."""

    def found(wildcards):
        if not RUNS:
            raise WorkflowError(
                f"{STUDY_FILE} trains no model, so there is nothing to compare or to draw; "
                f"its table is {RESULTS}/decascore.csv"
            )
        return files

    return found


def mtlstm_of(run):
    """The frozen MT-LSTM that a run with CoVe reads; nothing for the others."""
    return MTLSTM if RUNS[run].cove else []


def mtlstm_inputs():
    """What the MT-LSTM is made of: the published file, if it is there, or the study's pairs."""
    if STUDY.cove.file:
        path = Path(RAW, STUDY.cove.file)
        return [str(path)] if path.is_file() else []
    return [*stores([MT_TASK]), *words("")]


def mtlstm_checkpoints(wildcards):
    """As `checkpoint_folder`, for the translator."""
    return f"{RESULTS}/checkpoints/mtlstm/{step_digest('mtlstm')}-threads"


RUN = run_folder("{run}", "{seed}")
MTLSTM = [f"{RESULTS}/mtlstm/mtlstm.safetensors", f"{RESULTS}/mtlstm/mtlstm.json"]


def score_files(evaluations, name="scores", kind="csv"):
    """Files of scores (or units) of runs, one for each decoder and seed."""
    return [
        f"{run_folder(run, seed)}/{name}{SUFFIXES[decode]}.{kind}"
        for run, decode, seed in evaluations
    ]


SCORES = score_files(STUDY.evaluations())
# the same for the whole matrix
MATRIX = STUDY.evaluations(whole=True)
BASELINE_SCORES = [
    f"{RESULTS}/baselines.csv" for row in STUDY.table.values() if not row.trains
]
SCORES_TABLE = f"{RESULTS}/scores.csv"
# every run that was scored on the way, with its seeds
CURVES = [
    (run, seed)
    for run, spec in RUNS.items()
    if spec.curve
    for seed in STUDY.seeds_of(run)
]
TABLE = [
    f"{RESULTS}/decascore.csv",
    f"{RESULTS}/decascore_long.csv",
    f"{RESULTS}/decascore.md",
]
FIGURE = [f"{RESULTS}/decascore.{kind}" for kind in ("png", "svg", "pdf")]
ABOUT = [STUDY.title, STUDY.data_label, STUDY.size]  # for captions
config["about"] = {  # of the report page's first lines
    "study": STUDY.study,
    "title": STUDY.title,
    "data": STUDY.data_label,
    "size": STUDY.size,
    "rows": sum(row.trains for row in STUDY.matrix.values()),
    "models": STUDY.trained(),
    "seeds": ", ".join(
        map(str, sorted({seed for run in RUNS for seed in STUDY.seeds_of(run)}))
    ),
}
TABLES = list(read_yaml(ROOT / "config/tables.yaml"))
try:
    FIGURES = figures_of(STUDY, read_comparisons(ROOT / "config/comparisons.tsv"))
except TableError as error:
    raise WorkflowError(str(error)) from None


def figure_inputs(name):
    """The files that a figure is drawn from; predictions of all runs, of which it chooses one."""
    found = []
    for path in NEEDS[name]:
        if path.startswith("config/"):
            found.append(os.path.relpath(ROOT / path))
        elif path.startswith("runs/"):
            found += score_files(MATRIX, "predictions", "jsonl")
        elif path.startswith("data/"):
            found += stores(STUDY.tasks)
        else:
            found.append(f"{RESULTS}/{path}")
    # which task an update draws depends on how many rows each has
    drawn = any(p.draw for spec in RUNS.values() for p in spec.phases())
    return found + (stores(STUDY.tasks) if name == "schedules" and drawn else [])


DEFAULT_TABLE = ["results/decascore.csv", "results/decascore.md"]


STORES = [
    *STUDY.tasks,
    *FURTHER.get("wordings", []),
    *FURTHER.get("transfers", []),
]
PROBE_STORES = [store for store in FURTHER.get("probes", []) if store not in STORES]
FIGURE_FILES = [
    f"{RESULTS}/figures/{name}.{kind}"
    for name in FIGURES
    for kind in ("svg", "png", "pdf")
]
MATRIX_FILES = [
    f"{RESULTS}/runs.csv",
    SCORES_TABLE,
    f"{RESULTS}/pointing.csv",
    f"{RESULTS}/differences.csv",
    f"{RESULTS}/correlations.csv",
    f"{RESULTS}/claims.csv",
    *([f"{RESULTS}/curves.csv"] if CURVES else []),
    *([f"{RESULTS}/probes.csv"] if STUDY.probes else []),
    *(f"{RESULTS}/tables/{name}.csv" for name in TABLES),
    *FIGURE_FILES,
]
# The page shows the targets of its own command: all there is, once the matrix has been run.
REPORTS = "--report" in sys.argv


wildcard_constraints:
    store="|".join(map(re.escape, dict.fromkeys([*STORES, *PROBE_STORES]))),
    table="|".join(FURTHER) or "none",
    run="|".join(RUNS) or "none",
    seed=r"\d+",
    suffix=r"|\.released",


# Snakemake's default limit, 100 jobs a second, never binds here, but with each finished job it starts
# one more timer that looks at all waiting jobs every second, for ever: a fifth of a core after 70
# jobs (seen with 9.27). Another limit that someone asked for stays.
onstart:
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None
