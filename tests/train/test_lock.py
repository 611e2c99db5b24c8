"""One training at a time in a folder, whatever ended the one before: with real processes."""

import errno
import fcntl
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mqan.train.lock import BusyError, alone

ROOT = Path(__file__).parents[2]
HOLD = """import sys; from pathlib import Path; from mqan.train.lock import alone
with alone(Path(sys.argv[1])):
    print("in", flush=True); sys.stdin.readline()"""


@pytest.fixture
def holder(tmp_path):
    """A second process that is in `tmp_path/run` until a line comes."""
    (tmp_path / "run").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "in\n"
    yield process
    process.kill()
    process.communicate()


def enter(folder):
    with alone(folder):
        return True


def test_a_second_process_is_refused_and_told_who_is_in(tmp_path, holder):
    with pytest.raises(BusyError, match=rf"run: process {holder.pid} on .* is training there"):
        enter(tmp_path / "run")
    assert enter(tmp_path / "another")
    holder.communicate("\n")
    assert enter(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_a_killed_process_left_blocks_nobody(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "run.lock").exists()
    assert enter(tmp_path / "run")


def test_the_folder_may_be_renamed_and_made_anew_meanwhile(tmp_path, holder):
    (tmp_path / "run").rename(tmp_path / "run.stale")
    (tmp_path / "run").mkdir()
    with pytest.raises(BusyError):
        enter(tmp_path / "run")


def test_a_link_to_the_folder_is_the_folder(tmp_path, holder):
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(BusyError):
        enter(tmp_path / "link")


def test_who_waited_for_a_file_that_is_gone_locks_the_one_that_is_there(tmp_path, monkeypatch):
    """Opened before the first process left and deleted it, locked after: it would be alone."""
    path, opened, real = tmp_path / "run.lock", [], os.open

    def slowly(name, *flags):
        file = real(name, *flags)
        opened.append(os.fstat(file).st_ino)
        if len(opened) == 1:
            path.rename(tmp_path / "kept")  # so that the number of the file is not given again
        return file

    monkeypatch.setattr(os, "open", slowly)
    with alone(tmp_path / "run"):
        assert path.stat().st_ino == opened[-1] != opened[0]
        monkeypatch.undo()
        with pytest.raises(BusyError):
            enter(tmp_path / "run")


def test_a_disk_without_locks_is_told(tmp_path, monkeypatch, caplog):
    def none(file, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with caplog.at_level(logging.WARNING):
        assert enter(tmp_path / "run")
    assert "no locks on this disk" in caplog.text


def test_other_failures_are_not_swallowed(tmp_path, monkeypatch):
    def broken(file, operation):
        raise OSError(errno.EIO, "disk gone")

    monkeypatch.setattr(fcntl, "flock", broken)
    with pytest.raises(OSError, match="disk gone"):
        enter(tmp_path / "run")
