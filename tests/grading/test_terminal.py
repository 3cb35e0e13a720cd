"""What the terminal says of a class agrees with the class report: scores by hand count in both."""

import re

import pytest
import small
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.gradebook.writer import GradebookWriter
from autograder.grading.grade import LectureRun, Progress
from autograder.grading.terminal import show
from autograder.lecture.nbgrader_course import register
from autograder.lecture.source import load_source
from autograder.records import GRADED, ExerciseRecord, Record, Records, Student
from embedlab.diagnosis import Verdict

TRIED_ON = LECTURE = small.LECTURE
CHANGED, GIVEN = "largest", 1.5


def record(student):
    """Nobody passes anything."""
    exercises = {
        name: ExerciseRecord(Verdict(name, "values", 8), 0, exercise.points, 7, "e")
        for name, exercise in load_source(LECTURE).exercises.items()
    }
    return Record(Student(student), LECTURE, GRADED, exercises=exercises)


@pytest.fixture
def course(tmp_path):
    """Two students in gradebook and records, one of whom got points from a person."""
    register(LECTURE, tmp_path)
    with GradebookWriter(tmp_path, LECTURE, Records(tmp_path, LECTURE).write) as writer:
        for student in ("ann", "bob"):
            writer.write(record(student), None)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade(f"check_{CHANGED}", LECTURE, LECTURE, "ann")
        grade.manual_score = GIVEN
        gradebook.db.commit()
    return tmp_path


def test_scores_by_hand_count_in_the_mean(course):
    progress = Progress(begin=lambda *_: None, step=lambda *_: None)
    outcome = LectureRun(LECTURE, course, 7, None, progress).grade([])
    console = Console(width=200)
    with console.capture() as capture:
        show(console, outcome, course)
    said = capture.get()
    means = {
        name: float(mean)
        for name, mean in re.findall(r"│ (\w+) +│ +\d+ of \d+ │ +([\d.]+) │", said)
    }
    assert means.keys() == load_source(LECTURE).exercises.keys()
    assert means.pop(CHANGED) == GIVEN / 2
    assert set(means.values()) == {0}
    page = (course / "reports" / LECTURE / "class.html").read_text("utf-8")
    assert re.search(rf"mean {GIVEN / 2:.3g}, median", page)
