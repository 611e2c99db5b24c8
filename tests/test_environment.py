"""The doors into the environment agree: pyproject.toml, environment.yml, requirements.lock."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lock():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


PINS = {canonicalize_name(name): version for name, version in (p.split("==") for p in lock())}


def conda(path):
    values = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    (pip,) = (entry["pip"] for entry in values["dependencies"] if isinstance(entry, dict))
    return [entry for entry in values["dependencies"] if isinstance(entry, str)], pip


@pytest.mark.parametrize("path", ["environment.yml", "workflow/envs/mqan.yaml"])
def test_conda_environments_agree_with_pyproject(path):
    direct, pip = conda(path)
    assert sorted(pip) == sorted(PROJECT["dependencies"])
    assert direct == [f"python{PROJECT['requires-python']}", "pip"]


@pytest.mark.parametrize("extra", ["", "test", "check"])
def test_the_lock_fits_pyproject(extra):
    wanted = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    for line in wanted:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert name in PINS, f"{line} is not in requirements.lock"
        assert PINS[name] in requirement.specifier, f"{name} {PINS[name]} does not fit {line}"


def test_the_lock_holds_exact_pins_and_no_places():
    for line in lock():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line), line
    assert PINS["torch"] == "2.13.0"
    assert len(PINS) == len(lock())


def test_the_lock_is_closed():
    """Whatever a pinned package needs on this machine is pinned too (torch's CUDA parts aside)."""
    missing = []
    for name in PINS:
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # this environment was not made from the lock
        for requirement in map(Requirement, needed):
            here = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            parts = requirement.name.startswith(("nvidia-", "cuda-", "triton"))
            if here and not parts and canonicalize_name(requirement.name) not in PINS:
                missing.append(f"{name} needs {requirement}")
    # what every environment has before the lock is installed
    assert not [line for line in missing if not re.search(r"needs (setuptools|pip|wheel)\b", line)]
