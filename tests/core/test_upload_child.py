"""The process that opens files: what it may, what becomes of it, and what is said when it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from core import uploads
from core.uploads import child
from core.uploads.checks import CRASHED, MANY, TOO_LONG
from tests import files
from tests.files import refusal
from tests.processes import ROOT, until


@pytest.fixture
def no_files_left(monkeypatch, tmp_path_factory):
    """Temporary files lie in a folder that must be empty afterwards."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def is_gone(pid: int) -> bool:
    """Whether it has ended; where nobody collects the dead they stay as zombies."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_child_that_dies_is_tried_three_times(run_instead, no_files_left):
    folder = run_instead("echo tried >> {folder}/tried; kill -9 $$")
    assert refusal("rapport.pdf", files.pdf()) == CRASHED
    assert (folder / "tried").read_text().count("tried") == 3


def test_a_child_that_dies_once_is_forgiven(run_instead):
    folder = run_instead("test -e {folder}/tried && exit 0; touch {folder}/tried; kill -9 $$")
    assert refusal("rapport.pdf", files.pdf()) == ""
    assert (folder / "tried").exists()


def test_a_child_that_answers_something_else_has_crashed(run_instead):
    run_instead("exit 1")
    assert refusal("rapport.pdf", files.pdf()) == CRASHED


def test_a_child_that_hangs_is_killed_with_all_that_it_started(
    run_instead, no_files_left, monkeypatch
):
    folder = run_instead("sleep 600 & echo $! > {folder}/pid; echo x >> {folder}/tried; wait")
    monkeypatch.setattr(child, "SECONDS", 2)
    assert refusal("rapport.pdf", files.pdf()) == TOO_LONG
    assert (folder / "tried").read_text() == "x\n"
    until(lambda: is_gone(int((folder / "pid").read_text())))


def test_a_child_that_leaves_something_running_does_not(run_instead):
    folder = run_instead("sleep 600 & echo $! > {folder}/pid; exit 0")
    assert refusal("rapport.pdf", files.pdf()) == ""
    until(lambda: is_gone(int((folder / "pid").read_text())))


def test_a_child_that_uses_up_its_time_is_not_tried_again(run_instead):
    folder = run_instead("echo x >> {folder}/tried; kill -XCPU $$")
    assert refusal("rapport.pdf", files.pdf()) == TOO_LONG
    assert (folder / "tried").read_text() == "x\n"


def test_a_child_learns_nothing_of_our_environment(run_instead, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hemlig")
    folder = run_instead("env > {folder}/env")
    refusal("rapport.pdf", files.pdf())
    names = {line.split("=")[0] for line in (folder / "env").read_text().splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PYTHONPATH", "LC_ALL"}


def test_a_child_gets_the_whole_file_and_a_session_of_its_own(run_instead):
    folder = run_instead("cat > {folder}/copy; echo $$ > {folder}/pid")
    content = files.pdf()
    refusal("rapport.pdf", content)
    assert (folder / "copy").read_bytes() == content
    assert int((folder / "pid").read_text()) != os.getpgrp()


def test_when_many_files_are_opened_the_next_waits_and_is_then_told(monkeypatch):
    monkeypatch.setattr(child, "SECONDS", 0.05)
    for _ in range(child.AT_ONCE):
        child._slots.acquire()
    try:
        assert refusal("rapport.pdf", files.pdf()) == MANY
    finally:
        for _ in range(child.AT_ONCE):
            child._slots.release()
    assert child._slots.acquire(blocking=False)
    child._slots.release()


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("bytearray(2 * 1024**3)", "MemoryError"),
        ("open('/dev/null'); open(folder + '/x', 'wb').write(b'x' * 9999)", "OSError"),
        ("[open('/dev/null') for _ in range(40)]", "OSError"),
    ],
)
def test_the_child_has_little_to_use(tmp_path, attempt, outcome):
    code = (
        "from core.opening.__main__ import tighten; tighten(); folder = %r\n"
        "try: kept = %s\nexcept Exception as problem: print(type(problem).__name__)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code % (str(tmp_path), attempt)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (ended.stdout.strip(), ended.returncode) == (outcome, 0)


def test_the_child_is_ended_by_its_time_on_the_processor(tmp_path):
    code = "from core.opening.__main__ import tighten; tighten(cpu_seconds=1)\nwhile True: pass"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert -ended.returncode in {signal.SIGXCPU, signal.SIGKILL}


def test_the_child_knows_nothing_of_the_portal():
    code = "import sys, core.opening.__main__; print('django' in sys.modules)"
    ended = subprocess.run(
        [*child.COMMAND[:-2], "-c", code],
        env={"PYTHONPATH": str(settings.BASE_DIR)},
        capture_output=True,
        text=True,
    )
    assert ended.stdout.strip() == "False"


def test_a_file_is_opened_once_however_often_it_is_asked_about(run_instead):
    folder = run_instead("echo x >> {folder}/opened; exit 10")
    file = ContentFile(files.pdf(), "rapport.pdf")
    uploads.examine_all({"fil": file})
    for _ in range(2):
        with pytest.raises(uploads.Refused):
            uploads.examine(file)
    assert (folder / "opened").read_text() == "x\n"
