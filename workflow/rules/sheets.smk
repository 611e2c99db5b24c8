# The study and the names of its files. No science: mqan.study reads, checks and plans.

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(
    workflow.current_basedir.join("../..").get_path_or_uri(secret_free=True)
).resolve()
sys.path.insert(0, str(ROOT))

from mqan.study import (
    DEFAULT,
    StudyError,
    check_owner,
    choose,
    command_paths,
    owner,
    step_digest,
)
from mqan.tasks import TASKS
from mqan.tasks.files import folder as raw_folder

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

RUNS = STUDY.runs()
RESULTS = f"results/{STUDY.study}"
DATA = f"{RESULTS}/data"
RAW = f"{RESULTS}/raw" if STUDY.data.mini else STUDY.data.raw
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
WORDS = [f"{DATA}/words.arrow", f"{DATA}/vectors.npy", f"{DATA}/vectors.json"]
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
    for task in map(TASKS.get, tasks):
        try:
            folder = raw_folder(Path(RAW), task.directory)
        except FileNotFoundError:
            continue
        names = (name for split in STUDY.splits for name in task.splits[split])
        found += [folder / name for name in names if (folder / name).is_file()]
        # A folder of stories counts by the newest change in it.
        found += [folder / name for name in task.folders if (folder / name).is_dir()]
    return sorted({str(path) for path in found})


def vector_files():
    """Those files of word vectors that are there; see raw_files."""
    named = [Path(RAW, source.file) for source in STUDY.vectors if source.file]
    return [str(path) for path in named if path.is_file()]


def stores(tasks):
    """The prepared splits of tasks."""
    return [
        f"{DATA}/{task}/{split}.{kind}"
        for task in tasks
        for split in STUDY.splits
        for kind in ("arrow", "words.arrow", "json")
    ]


def run_folder(run, seed):
    return f"{RESULTS}/runs/{run}/seed{seed}"


def checkpoint_folder(wildcards):
    """Where a run keeps its checkpoints, but for the number of threads that ends the name.

    The number is added in the command: as part of a parameter, `--cores` would retrain.
    """
    folder = f"{RESULTS}/checkpoints/{wildcards.run}/seed{wildcards.seed}"
    return f"{folder}/{RUNS[wildcards.run].digest[:12]}-{step_digest('train')}-threads"


def only_for_the_default_study(wildcards):
    """What results/decascore.csv is copied from; other studies have no table of that name."""
    if STUDY.study != DEFAULT:
        raise WorkflowError(
            f"results/decascore.csv is the table of the default study, {DEFAULT}; "
            f"the table of study {STUDY.study} is {RESULTS}/decascore.csv"
        )
    return {"csv": f"{RESULTS}/decascore.csv", "markdown": f"{RESULTS}/decascore.md"}


RUN = run_folder("{run}", "{seed}")
SCORES = [
    f"{run_folder(run, seed)}/scores{SUFFIXES[decode]}.csv"
    for run, decode in STUDY.evaluations()
    for seed in RUNS[run].seeds
]
UNITS = [
    f"{run_folder(run, seed)}/units{SUFFIXES[decode]}.arrow"
    for run, decode in STUDY.evaluations()
    for seed in RUNS[run].seeds
]
TABLE = [
    f"{RESULTS}/decascore.csv",
    f"{RESULTS}/decascore_long.csv",
    f"{RESULTS}/decascore.md",
]
FIGURE = [f"{RESULTS}/decascore.{kind}" for kind in ("png", "svg", "pdf")]
DEFAULT_TABLE = ["results/decascore.csv", "results/decascore.md"]


wildcard_constraints:
    task="|".join(STUDY.tasks),
    run="|".join(RUNS) or "none",
    seed=r"\d+",
    suffix=r"|\.released",
