"""Runs snakemake as a user does, in a working directory of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def snakemake(tmp_path):
    """Run snakemake with these arguments, results below tmp_path; returns the finished process."""

    def run(*arguments, check=True, root=ROOT, directory=tmp_path, timeout=120):
        environment = {**os.environ, "PYTHONWARNINGS": "ignore", "HOME": str(tmp_path)}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", *map(str, arguments)),
                *("--snakefile", str(root / "Snakefile"), "--directory", str(directory)),
                *("--workflow-profile", str(ROOT / "profiles/default")),
            ],
            capture_output=True,
            text=True,
            cwd=root,
            env=environment,
            timeout=timeout,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run
