"""One rule says when submissions are written, and whoever wants to know hears of it afterwards."""

import sqlite3

import nbformat
import pytest
import small

from autograder.gradebook import writer
from autograder.gradebook.writer import GradebookError, GradebookWriter
from autograder.lecture.nbgrader_course import register
from autograder.lecture.source import load_source
from autograder.paths import released_path
from autograder.records import GRADED, ExerciseRecord, Record, Student
from embedlab.diagnosis import Verdict

TRIED_ON = LECTURE = small.LECTURE


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    register(LECTURE, folder)
    return folder


def record(student):
    exercises = {
        name: ExerciseRecord(Verdict(name, "passed", 8), exercise.points, exercise.points, 7, "e")
        for name, exercise in load_source(LECTURE).exercises.items()
    }
    return Record(Student(student), LECTURE, GRADED, exercises=exercises)


def in_gradebook(course):
    with sqlite3.connect(course / "gradebook.db") as connection:
        return {student for (student,) in connection.execute("SELECT id FROM student")}


def test_a_record_is_told_of_when_its_batch_is_in_the_gradebook(course, monkeypatch):
    monkeypatch.setattr(writer, "BATCH", 2)
    notebook = nbformat.read(released_path(LECTURE), as_version=4)
    told = []

    def on_written(record):
        assert record.student.id in in_gradebook(course)
        told.append(record)

    records = [record(student) for student in ("ada", "bob", "eve")]
    with GradebookWriter(course, LECTURE, on_written) as gradebook:
        heard = []
        for each in records:
            gradebook.write(each, notebook)
            heard.append(len(told))
        assert heard == [0, 2, 2]
    assert told == records


def test_nobody_hears_of_a_batch_that_failed(course):
    with sqlite3.connect(course / "gradebook.db") as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON student BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    told = []
    gradebook = GradebookWriter(course, LECTURE, told.append)
    gradebook.write(record("kim"), None)
    with pytest.raises(GradebookError, match="cannot be written: full"):
        gradebook.close()
    assert told == []
