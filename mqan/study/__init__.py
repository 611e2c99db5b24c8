"""Studies: complete YAML files, the tables beside them, and the trained models they ask for.

Read by the workflow when it lays out its jobs and by every command that takes `--study`. No torch
is imported here, so that planning stays instant.
"""

from mqan.study.choose import DEFAULT, choose, command_paths
from mqan.study.digest import WATCHED, source_digest, step_digest
from mqan.study.owner import check_owner, owner
from mqan.study.plan import MT_TASK, RunSpec, Study, load_study
from mqan.study.settings import Cove, Train, VectorSpec
from mqan.study.sheets import BASELINE, Row
from mqan.study.strict import StudyError, closest

__all__ = [
    "BASELINE",
    "DEFAULT",
    "MT_TASK",
    "WATCHED",
    "Cove",
    "Row",
    "RunSpec",
    "Study",
    "StudyError",
    "Train",
    "VectorSpec",
    "check_owner",
    "choose",
    "closest",
    "command_paths",
    "load_study",
    "owner",
    "source_digest",
    "step_digest",
]
