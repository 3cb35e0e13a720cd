"""An appeal runs in the tier that the record names: a class is graded where bubblewrap is not."""

import nbformat
import pytest
import small
from classroom import autograder, filled, hand_in

from autograder.grading import nbgrader_judge, replay
from autograder.grading.nbgrader_judge import JudgeSubmission
from autograder.intake.collect import submitted_path
from autograder.notebooks import digest
from autograder.records import GRADED, ExerciseRecord, Record, Records, Student
from autograder.sandbox import JobResult
from autograder.sandbox.tiers import UNCONFINED
from embedlab.diagnosis import Verdict

TRIED_ON = LECTURE = small.LECTURE
EXERCISE = "centred"


@pytest.fixture
def course(tmp_path):
    hand_in(tmp_path / "submitted", LECTURE, {"ann": filled(LECTURE, {})})
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    """The tiers that pools were asked for; nothing runs in these."""
    tiers = []

    class Idle:
        def __init__(self, prelude, tier=None, size=None):
            tiers.append(tier)
            self.tier = tier or "bubblewrap"

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def run(self, jobs):
            return [(key, JobResult({}, {})) for key, _ in jobs]

        def close(self):
            pass

    monkeypatch.setattr(replay, "Pool", Idle)
    monkeypatch.setattr(nbgrader_judge, "Pool", Idle)
    nbgrader_judge._pool.cache_clear()
    yield tiers
    nbgrader_judge._pool.cache_clear()


def record(course, sandbox):
    verdict = Verdict(EXERCISE, "missing", 5)
    exercises = {EXERCISE: ExerciseRecord(verdict, 0, 2, 7, "examination")}
    content = submitted_path(course, "ann", LECTURE).read_bytes()
    Records(course, LECTURE).write(
        Record(
            Student("ann"),
            LECTURE,
            GRADED,
            submission=digest(content),
            sandbox=sandbox,
            exercises=exercises,
        )
    )


def replayed(course, *options):
    return autograder(
        "replay", "ann", LECTURE, EXERCISE, "--course", course, *options, expect=1
    )  # the idle sandbox says nothing


@pytest.mark.parametrize(
    ("recorded", "tier"),
    [
        ("container", "container"),
        ("landlock", "landlock"),
        (UNCONFINED, UNCONFINED),
        ("bubblewrap+landlock", None),  # a cluster's
    ],
)
def test_a_replay_uses_the_recorded_tier(course, asked, recorded, tier):
    record(course, recorded)
    replayed(course)
    assert asked == [tier]


def test_a_replay_can_be_told_another_tier(course, asked):
    record(course, "bubblewrap")
    assert "sandbox container" in replayed(course, "--sandbox", "container")
    assert asked == ["container"]


@pytest.mark.parametrize(
    ("recorded", "without_sandbox", "tier"),
    [
        ("container", False, "container"),
        ("container", True, UNCONFINED),
        (UNCONFINED, False, None),  # asked for once, of another notebook perhaps
        ("", False, None),
        (None, False, None),
    ],
)
def test_nbgrader_uses_the_recorded_tier(
    course, asked, monkeypatch, recorded, without_sandbox, tier
):
    if recorded is not None:
        record(course, recorded)
    monkeypatch.chdir(course)
    resources = {"nbgrader": {"assignment": LECTURE, "student": "ann"}}
    judge = JudgeSubmission(without_sandbox=without_sandbox)
    judge.preprocess(nbformat.v4.new_notebook(), resources)
    assert asked == [tier]
