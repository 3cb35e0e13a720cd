"""Grading on a cluster: two workers, one killed midway, every submission graded exactly once."""

import os
import signal
import threading
import time
from collections import Counter

import nbformat
import pytest
import small
from classroom import autograder, filled, gradebook_scores, hand_in, references
from distributed import LocalCluster

from autograder.grading import grade as grading
from autograder.intake.collect import collect
from autograder.records import Records
from autograder.sandbox import SandboxError
from autograder.sandbox.cluster import ClusterPool

TRIED_ON = LECTURE = small.LECTURE
FULL = 6
STUDENTS = [f"s{number:02}" for number in range(12)]


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    ) as made:
        yield made


def test_a_killed_worker_costs_nobody_anything(cluster, tmp_path):
    """A worker dies with jobs in its hands: they go to the other one, none is lost or doubled."""
    notebook = filled(LECTURE, references(LECTURE))
    notebook.cells.append(nbformat.v4.new_code_cell("import time\ntime.sleep(0.5)"))
    hand_in(tmp_path / "submitted", LECTURE, dict.fromkeys(STUDENTS, notebook))
    handed, _ = collect(tmp_path / "submitted", [LECTURE], tmp_path)
    judged = Counter()
    half = threading.Event()

    class CountingPool(ClusterPool):
        def run(self, jobs):
            for key, result in super().run(jobs):
                judged[key[0].record.student.id] += 1
                if sum(judged.values()) == 3:
                    half.set()
                yield key, result

    victim = next(iter(cluster.workers.values())).pid

    def kill():
        half.wait()
        os.kill(victim, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    progress = grading.Progress(begin=lambda *_: None, step=lambda *_: None)
    run = grading.LectureRun(
        LECTURE,
        tmp_path,
        None,
        lambda prelude: CountingPool(cluster.scheduler_address, prelude),
        progress,
    )
    outcome = run.grade(handed[LECTURE])
    assert half.is_set()
    deadline = time.monotonic() + 30
    while _is_alive(victim) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_alive(victim)
    assert outcome.judged == len(STUDENTS)
    assert judged == Counter(STUDENTS)
    records = list(Records(tmp_path, LECTURE).all())
    assert [record.student.id for record in records] == STUDENTS
    assert {(record.score, record.sandbox) for record in records} == {(FULL, "bubblewrap")}
    for student in STUDENTS:
        scores = gradebook_scores(tmp_path, LECTURE, student)
        assert all(score == points for score, points in scores.values())


def test_the_command_grades_on_a_cluster(cluster, tmp_path):
    notebook = filled(LECTURE, references(LECTURE))
    hand_in(tmp_path / "submitted", LECTURE, {"s1": notebook, "s2": filled(LECTURE, {})})
    said = autograder(
        "grade",
        tmp_path / "submitted",
        "--course",
        tmp_path,
        "--scheduler",
        cluster.scheduler_address,
    )
    assert "2 judged now" in said
    assert [record.score for record in Records(tmp_path, LECTURE).all()] == [FULL, 0]


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_with_another_course_is_refused(cluster, monkeypatch):
    monkeypatch.setattr("autograder.sandbox.cluster.code_digest", lambda: "another")
    with pytest.raises(SandboxError, match="another version of the course"):
        ClusterPool(cluster.scheduler_address, [])


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(SandboxError, match=r"127\.0\.0\.1:1"):
        ClusterPool("tcp://127.0.0.1:1", [])
