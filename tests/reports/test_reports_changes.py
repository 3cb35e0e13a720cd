"""What a regrade reports as changed, and why."""

from dataclasses import replace

import pytest
from report_sample import record_of, student, variants

from autograder.records import STOPPED
from autograder.reports.changes import ScoreChange, score_changes

RIGHT = {name: choices[1][1] for name, choices in variants().items()}
BLANK = {name: choices[0][1] for name, choices in variants().items()}
BEFORE = record_of(student(1), BLANK | {"recommend": RIGHT["recommend"]}, submission="a")


def after(**facts):
    return replace(
        record_of(student(1), RIGHT | {"recommend": BLANK["recommend"]}, submission="a"), **facts
    )


def with_exercises(**facts):
    record = after()
    return replace(
        record, exercises={name: replace(one, **facts) for name, one in record.exercises.items()}
    )


def test_a_first_grading_and_an_equal_one_change_nothing():
    assert score_changes(None, BEFORE) == []
    assert score_changes(BEFORE, BEFORE) == []
    assert score_changes(BEFORE, replace(BEFORE, environment="new", submission="b")) == []


def test_every_changed_score_is_listed_in_order_up_and_down():
    changes = score_changes(BEFORE, after())
    assert [change.exercise for change in changes] == list(RIGHT)
    scores = {change.exercise: (change.score_before, change.score_after) for change in changes}
    assert scores["fit_slim"] == (0.0, 3.0)
    assert scores["recommend"] == (2.0, 0.0)
    assert {change.student_id for change in changes} == {"s0001"}


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (after(submission="b", environment="e"), "another submission (missing → passed)"),
        (after(status=STOPPED), "the submission was graded, now stopped (missing → passed)"),
        (with_exercises(points=9), "worth 1 points before, now 9 (missing → passed)"),
        (with_exercises(seed=8), "cases of another seed (missing → passed)"),
        (
            with_exercises(examination="x"),
            "the exercise's cases or reference changed (missing → passed)",
        ),
        (after(environment="e"), "the kit, the judge or a library changed (missing → passed)"),
        (after(), "the same submission came out differently (missing → passed)"),
    ],
)
def test_the_reason_is_the_first_thing_that_differs(new, reason):
    assert score_changes(BEFORE, new)[0].reason == reason


def test_exercises_that_come_and_go_count_as_nothing():
    less = replace(BEFORE, exercises={"recommend": BEFORE.exercises["recommend"]})
    gone = replace(BEFORE, exercises={})
    assert score_changes(less, gone) == [
        ScoreChange("s0001", "recommend", 2.0, 0.0, "the exercise is gone")
    ]
    assert score_changes(gone, less) == [
        ScoreChange("s0001", "recommend", 0.0, 2.0, "the exercise is new")
    ]
