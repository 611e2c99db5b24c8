"""Files are written whole or not at all, and what kills leave behind does not stay."""

import os
import platform
import subprocess
import sys

import pytest

from mqan.atomic import replacing, write_text

KILLED = """
import os, signal, sys
from mqan.atomic import replacing
with replacing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_error_leaves_the_file_before(tmp_path):
    write_text(tmp_path / "a.csv", "before")
    with pytest.raises(KeyError), replacing(tmp_path / "a.csv") as temporary:
        temporary.write_text("half")
        raise KeyError
    assert names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "before"


def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path):
    path = tmp_path / "a[1].csv"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", KILLED, path], check=False)
        (left,) = names(tmp_path)
        assert left.startswith(".a[1].csv.")
    write_text(tmp_path / "a", "another file")
    assert left in names(tmp_path)
    write_text(path, "whole")
    assert names(tmp_path) == ["a", "a[1].csv"]


def test_what_others_write_at_this_time_stays(tmp_path):
    """A process that lives, one on another machine, and files that only look like theirs."""
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    here, dead = f".a.csv.{platform.node()}", child.pid
    others = [f"{here}.{os.getppid()}.tmp", f".a.csv.elsewhere.{dead}.tmp", f"{here}.{dead}.csv"]
    others += [f"{here}.x{dead}.tmp", f".b{here}.{dead}.tmp"]
    for name in (*others, f"{here}.{dead}.tmp"):
        (tmp_path / name).touch()
    with replacing(tmp_path / "a.csv") as first, replacing(tmp_path / "b.csv") as second:
        first.touch()
        second.touch()
    assert names(tmp_path) == sorted([*others, "a.csv", "b.csv"])
