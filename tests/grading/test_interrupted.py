"""A run of the command is stopped and goes on; the program only knows the real lectures."""

import os
import signal
import subprocess
import sys
import time

import nbformat
from classroom import autograder, filled, gradebook_scores, hand_in, references

from autograder.paths import ROOT
from autograder.records import Records

LECTURE = "03_slim"
FULL = 16


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    """Ctrl-C in the middle: what is judged is kept, the rest follows, each exactly once."""
    slow = filled(LECTURE, references(LECTURE))
    slow.cells.append(nbformat.v4.new_code_cell("import time\ntime.sleep(3)"))
    names = [f"s{number:02}" for number in range(8)]
    hand_in(tmp_path / "submitted", LECTURE, dict.fromkeys(names, slow))
    command = ["-m", "autograder", "grade", str(tmp_path / "submitted"), "--course", str(tmp_path)]
    judged = tmp_path / "judged" / LECTURE
    with subprocess.Popen(
        [sys.executable, *command, "--workers", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # a shell's background job ignores Ctrl-C, and so would what it starts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        feedback = tmp_path / "feedback"
        deadline = time.monotonic() + 120
        # the page of the fourth is there, so at least two others are wholly written
        while len(list(feedback.glob("*"))) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    first = {path.stem: path.stat().st_mtime_ns for path in judged.glob("*.json")}
    assert 2 <= len(first) < len(names)
    said = autograder("grade", tmp_path / "submitted", "--course", tmp_path)
    assert f"{len(names) - len(first)} judged now, {len(first)} unchanged" in said
    records = {one.student.id: one for one in Records(tmp_path, LECTURE).all()}
    assert set(records) == set(names)
    assert {record.score for record in records.values()} == {FULL}
    for name, moment in first.items():
        assert Records(tmp_path, LECTURE).path(name).stat().st_mtime_ns == moment
        assert all(s == p for s, p in gradebook_scores(tmp_path, LECTURE, name).values())
