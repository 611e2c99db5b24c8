# The study and the names of its files. No science: mqan.study reads, checks and plans.

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod

ROOT = Path(workflow.current_basedir.join("../..").get_path_or_uri(secret_free=True)).resolve()

# The rules watch the source of this checkout, so this checkout must be what their commands import,
# also with --directory. Remote jobs read this file again, on their machine.
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

from mqan.study import BASELINE, DEFAULT, StudyError, choose, source_digest

try:
    STUDY_FILE, STUDY = choose(
        workflow.config_settings.configfiles, workflow.config_settings.config, ROOT / "config"
    )
except StudyError as error:
    raise WorkflowError(str(error)) from None

# The interpreter that runs Snakemake also runs the jobs, activated or not; with --sdm conda it is
# the environment's own.
IN_CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
MQAN = f"{'python' if IN_CONDA else sys.executable} -m mqan"

RUNS = STUDY.runs()
RESULTS = f"results/{STUDY.study}"
DATA = f"{RESULTS}/data"
RAW = f"{RESULTS}/raw" if STUDY.data.mini else STUDY.data.raw
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
WORDS = [f"{DATA}/words.arrow", f"{DATA}/vectors.npy"]
SUFFIXES = {"consistent": "", "released": ".released"}  # of predictions and scores, by decoder


def store(task):
    """The files of a task's prepared splits."""
    return [
        f"{DATA}/{task}/{split}{kind}"
        for split in STUDY.splits
        for kind in (".arrow", ".words.arrow", ".json")
    ]


def run_folder(run, seed):
    return f"{RESULTS}/runs/{run}/seed{seed}"


SCORES = [
    f"{run_folder(run, seed)}/scores{SUFFIXES[decode]}.csv"
    for run, decode in STUDY.evaluations()
    for seed in RUNS[run].seeds
]
TABLE = [f"{RESULTS}/decascore.csv", f"{RESULTS}/decascore_long.csv", f"{RESULTS}/decascore.md"]
DEFAULT_TABLE = ["results/decascore.csv", "results/decascore.md"]


wildcard_constraints:
    task="|".join(STUDY.tasks),
    run="|".join(RUNS) or "none",
    seed=r"\d+",
    suffix=r"|\.released",
