"""Law 6: hostile and broken submissions end as declared, and honest ones beside them are right.

Nearly all of `corpus` is judged in one run of the command line; what never ends is judged with
short limits, because it costs the whole time that it is given.
"""

import ctypes
import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from corpus import CASES
from corpus.submissions import LECTURE, POINTS, Link
from nbgrader.api import Gradebook

from autograder.grading import grade as grading
from autograder.intake.collect import collect
from autograder.paths import ROOT
from autograder.records import GRADED, Records
from autograder.sandbox import MEBIBYTE, Limits
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes for Linux")

SEED = 4_711
MARKER = f"embedlab-attack-{secrets.token_hex(8)}"
# a whole job has several times what any case needs, but for those that are to reach its limit
SHORT = replace(Limits(), cell_seconds=1, exercise_seconds=1, job_seconds=20, memory=512 * MEBIBYTE)
# where code that got out would leave a file: the folders that it is told to try
OUTSIDE = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/usr", "/root", str(Path.home()))
# a signal to oneself is refused there, and /proc shows the container's own few processes
OTHERWISE_IN_A_CONTAINER = {
    "stops_itself_in_a_function",
    "killed_by_itself_in_a_function",
    "reads_environment_and_processes",
}
IN_REPOSITORY = (ROOT, ROOT / "solutions", ROOT / "grading", ROOT / "embedlab")


@dataclass(frozen=True)
class Run:
    """What a run left: its folders, the records and the gradebook's scores by student."""

    course: Path
    temporary: Path
    records: dict
    scores: dict
    survivors: list
    returncode: int = 0
    output: str = ""


def hand_in(folder, course, cases):
    """Write the cases as one folder per student."""
    words = {b"@ROOT@": ROOT, b"@COURSE@": course, b"@MARKER@": MARKER}
    for case in cases:
        (folder / case.name).mkdir(parents=True)
        for name, content in case.files.items():
            path = folder / case.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Link):
                path.symlink_to(content.target.replace("@ROOT@", str(ROOT)))
                continue
            for word, meaning in words.items():
                content = content.replace(word, os.fsencode(str(meaning)))
            path.write_bytes(content)


def children():
    """Return the processes below this one: with orphans, all that a run can have left."""
    columns = ["ps", "-e", "-o", "pid=,ppid=,stat=,args="]
    listed = subprocess.run(columns, capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    living = {pid: (parent, words) for pid, parent, state, words in rows if state[0] != "Z"}
    mine, open_ends = {}, {str(os.getpid())}
    while open_ends:
        below = {pid: words for pid, (parent, words) in living.items() if parent in open_ends}
        mine, open_ends = mine | below, below.keys() - mine.keys()
    return {f"{pid} {words}" for pid, words in mine.items() if not words.startswith("ps ")}


def result(course, temporary, before, **finished):
    """Return the Run that ended in this course folder."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions(LECTURE)}
    records = {record.student.id: record for record in Records(course, LECTURE).all()}
    for _ in range(20):  # what was killed takes a moment to go
        if not (left := children() - before):
            break
        time.sleep(0.1)
    return Run(course, temporary, records, scores, sorted(left), **finished)


@pytest.fixture(scope="module")
def _orphans():
    """Make this process the parent of whatever a run leaves behind."""
    set_child_subreaper = 36  # prctl(2)
    ctypes.CDLL(None).prctl(set_child_subreaper, 1)
    yield
    ctypes.CDLL(None).prctl(set_child_subreaper, 0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, sandbox_tier, _orphans):
    """The run of the command line over all cases but the hurried ones."""
    base = tmp_path_factory.mktemp("attacks")
    course, temporary = base / "course", base / "tmp"
    temporary.mkdir()
    hand_in(base / "students", course, [c for c in CASES.values() if not c.hurried])
    before = children()
    command = [sys.executable, "-m", "autograder", "grade", base / "students"]
    command += ["--lecture", LECTURE, "--course", course, "--sandbox", sandbox_tier]
    done = subprocess.run(
        [*command, "--seed", str(SEED)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "SECRET_OF_THE_INSTRUCTOR": MARKER},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return result(course, temporary, before, returncode=done.returncode, output=done.stdout)


@pytest.fixture(scope="module")
def hurried(tmp_path_factory, sandbox_tier, _orphans):
    """The run over the hurried cases, with short limits."""
    base = tmp_path_factory.mktemp("endless")
    course, temporary = base / "course", base / "tmp"
    temporary.mkdir()
    hand_in(base / "students", course, [c for c in CASES.values() if c.hurried])
    before = children()
    handed, strays = collect(base / "students", [LECTURE], course)
    assert not strays
    run = grading.LectureRun(
        LECTURE,
        course,
        SEED,
        lambda prelude: Pool(prelude, sandbox_tier, limits=SHORT),
        grading.Progress(begin=lambda *_: None, step=lambda *_: None),
    )
    run.judge.limits = SHORT
    run.grade(handed[LECTURE])
    return result(course, temporary, before)


@pytest.fixture
def run(case, request):
    """The run that judged a case."""
    return request.getfixturevalue("hurried" if case.hurried else "whole")


def every(cases=CASES):
    return pytest.mark.parametrize("case", cases.values(), ids=list(cases))


@every()
def test_it_ends_with_its_declared_status_and_score(case, run, sandbox_tier):
    record = run.records[case.name]
    kinds = {name: exercise.verdict.kind for name, exercise in record.exercises.items()}
    earned = {name: exercise.score for name, exercise in record.exercises.items()}
    declared = {name: points * (name in case.earns) for name, points in POINTS.items()}
    assert (record.status, earned) == (case.status, declared), (kinds, record)
    if sandbox_tier == "container" and case.name in OTHERWISE_IN_A_CONTAINER:
        return
    assert kinds | case.kinds == kinds, record
    words = [
        record.sentence,
        *record.notes,
        *(e.verdict.message for e in record.exercises.values()),
    ]
    assert all(any(word in text for text in words) for word in case.says), words


@every()
def test_gradebook_and_feedback_say_the_same(case, run):
    record = run.records[case.name]
    assert run.scores[case.name] == record.score
    page = (run.course / "feedback" / case.name / LECTURE / f"{LECTURE}.html").read_text("utf-8")
    assert f"{record.score:g}" in page
    assert not [text for text in case.hidden if text in page]
    assert MARKER not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)


def test_the_run_ends_well(whole):
    assert whole.returncode == 0, whole.output[-3000:]
    assert "Traceback" not in whole.output
    assert "Warning" not in whole.output


@pytest.mark.parametrize("which", ["whole", "hurried"])
def test_everybody_is_judged_and_nothing_is_left(which, request):
    run = request.getfixturevalue(which)
    names = {name for name, case in CASES.items() if case.hurried == (which == "hurried")}
    assert run.records.keys() == run.scores.keys() == names
    assert run.survivors == []
    assert list(run.temporary.iterdir()) == []
    tiers = {record.sandbox for record in run.records.values() if record.status == GRADED}
    assert len(tiers) == 1
    assert "none" not in tiers
    folders = (*OUTSIDE, *IN_REPOSITORY, run.course, run.course.parent)
    assert [path for folder in folders for path in Path(folder).glob(f"{MARKER}*")] == []
