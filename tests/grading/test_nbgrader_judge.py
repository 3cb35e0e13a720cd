"""`nbgrader autograde` goes through the judge and forgets nothing that the record knows."""

import csv
import html
import json
import logging
import re
import shutil
import zipfile
from dataclasses import replace

import nbformat
import pytest
from classroom import autograder, filled, gradebook_scores, nbgrader, references

from autograder.grading import nbgrader_judge
from autograder.grading.nbgrader_judge import JudgeSubmission, KeepRecord
from autograder.intake.collect import submitted_path
from autograder.lecture.nbgrader_course import nbgrader_api
from autograder.lecture.source import load_source
from autograder.records import STOPPED, Records
from autograder.sandbox import JobResult

LECTURE = "03_slim"
JANE, JIM = "doejane_101", "roejim_102"
MISTAKEN = "mistaken_104"


def by_student(course):
    return {record.student.id: record for record in Records(course, LECTURE).all()}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder graded from Canvas's zip."""
    folder = tmp_path_factory.mktemp("course")
    right = filled(LECTURE, references(LECTURE))
    wrong = filled(LECTURE, references(LECTURE) | {"recommend": "def recommend(*_): return None"})
    exercises = load_source(LECTURE).exercises
    mistakes = {name: one.mistakes[0].source(name) for name, one in exercises.items()}
    alternatives = {name: one.alternatives[0].source(name) for name, one in exercises.items()}
    with zipfile.ZipFile(folder / "canvas.zip", "w") as archive:
        for student, sources in (
            ("blank_103_9004", {}),
            ("mistaken_104_9005", mistakes),
            ("otherwise_105_9006", alternatives),
        ):
            notebook = nbformat.writes(filled(LECTURE, sources))
            archive.writestr(f"{student}_03_slim.ipynb", notebook)
        archive.writestr("doejane_101_9001_03_slim.ipynb", nbformat.writes(right))
        archive.writestr("doejane_101_9002_numpy.py", b"")
        archive.writestr("roejim_LATE_102_9003_03_slim.ipynb", nbformat.writes(wrong))
    autograder("grade", folder / "canvas.zip", "--course", folder)
    return folder


def test_the_record_stays_what_it_was(course):
    """Name, number, lateness, origin and what was noticed: the same notebook, the same record."""
    before = by_student(course)
    assert before[JIM].student.late
    assert before[JANE].notes == ("not used: numpy.py",)
    scores = {student: gradebook_scores(course, LECTURE, student) for student in before}
    written = Records(course, LECTURE).path(JANE).stat().st_ino
    nbgrader(course, "autograde", LECTURE, "--force")
    assert Records(course, LECTURE).path(JANE).stat().st_ino != written
    assert by_student(course) == before
    assert {student: gradebook_scores(course, LECTURE, student) for student in before} == scores


def test_it_reaches_the_scores_of_the_judge_and_its_feedback_says_the_mistakes(course):
    """Law 3 by nbgrader's own command: blank, mistakes and alternatives, after the test above."""
    points = {name: one.points for name, one in load_source(LECTURE).exercises.items()}
    for student, expected in (
        ("blank_103", dict.fromkeys(points, 0)),
        (MISTAKEN, dict.fromkeys(points, 0)),
        ("otherwise_105", points),
    ):
        found = gradebook_scores(course, LECTURE, student)
        assert {name: score for name, (score, _) in found.items()} == expected, student
    kept = (course / "feedback" / MISTAKEN / LECTURE / f"{LECTURE}.html").read_bytes()
    nbgrader(course, "generate_feedback", LECTURE, "--student", MISTAKEN, "--force")
    path = course / "feedback" / MISTAKEN / LECTURE / f"{LECTURE}.html"
    told = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", path.read_text("utf-8"))))
    path.write_bytes(kept)  # for the tests that follow
    for exercise in load_source(LECTURE).exercises.values():
        assert re.sub(r"\s+", " ", exercise.mistakes[0].sentence) in told, exercise.name


def test_canvas_gets_its_spreadsheet_afterwards(course):
    said = autograder("grade", course, "--course", course)
    assert "0 judged now, 5 unchanged" in said
    assert "canvas.csv" in said
    with (course / "reports" / LECTURE / "canvas.csv").open(encoding="utf-8", newline="") as file:
        assert {row["ID"] for row in csv.DictReader(file)} == {
            "",
            "101",
            "102",
            "103",
            "104",
            "105",
        }


# --- the two preprocessors alone ----------------------------------------------------------------


@pytest.fixture
def preprocessed(course, tmp_path, monkeypatch):
    """A copy of the course, and what runs JudgeSubmission on a student in it."""
    shutil.copytree(course, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")

    class Idle:
        tier = "bubblewrap"

        def run(self, jobs):
            return [(key, JobResult({}, {})) for key, _ in jobs]

    monkeypatch.setattr(nbgrader_judge, "_pool", lambda *_: Idle())

    def run(student):
        resources = {"nbgrader": {"assignment": LECTURE, "student": student}}
        return JudgeSubmission(log=logging.getLogger(__name__)).preprocess(
            filled(LECTURE, {}), resources
        )

    return tmp_path / "course", run


def test_the_record_is_written_when_the_gradebook_is(preprocessed):
    course, run = preprocessed
    steps = nbgrader_api(course).config.Autograde.autograde_preprocessors
    assert steps[0].endswith(f".{JudgeSubmission.__name__}")
    assert steps[-1].endswith(f".{KeepRecord.__name__}")
    before = by_student(course)
    notebook, resources = run(JIM)
    assert by_student(course) == before
    KeepRecord().preprocess(notebook, resources)
    after = by_student(course)
    assert (after[JIM].status, after[JIM].student) == (STOPPED, before[JIM].student)
    assert after[JANE] == before[JANE]


def test_what_was_noticed_in_the_notebook_is_noted(preprocessed):
    course, run = preprocessed
    cell = {"cell_type": "code", "input": "x = 1", "language": "python", "outputs": []}
    old = {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [cell]}], "metadata": {}}
    submitted_path(course, JANE, LECTURE).write_text(json.dumps(old))
    _, resources = run(JANE)
    notes = resources[nbgrader_judge.RECORD].notes
    assert notes[0] == "The notebook is of the old format 3; it was converted."
    assert "not used: numpy.py" not in notes  # that was said of the other hand-in


def test_a_damaged_record_is_judged_anew_with_a_word(preprocessed, caplog):
    course, run = preprocessed
    Records(course, LECTURE).path(JANE).write_text("{")
    _, resources = run(JANE)
    assert resources[nbgrader_judge.RECORD].student.id == JANE
    assert "not a record" in caplog.text


# --- what else was forgotten by the way -----------------------------------------------------------


def test_a_folder_does_not_say_where_a_notebook_came_from_first(course, tmp_path):
    """Graded from the course folder, with all of it judged anew, it is still Canvas's hand-in."""
    folder = tmp_path / "course"
    shutil.copytree(course, folder)
    before = by_student(folder)
    for record in before.values():
        Records(folder, LECTURE).write(replace(record, environment="another"))
    assert "5 judged now" in autograder("grade", folder, "--course", folder)
    assert by_student(folder) == before


def test_a_page_follows_its_record(course, tmp_path):
    """Also when nbgrader had it judged, which writes no page of ours."""
    folder = tmp_path / "course"
    shutil.copytree(course, folder)
    page = folder / "feedback" / JANE / LECTURE / f"{LECTURE}.html"
    told = "not used: scipy.py"
    assert told not in page.read_text("utf-8")
    record = by_student(folder)[JANE]
    Records(folder, LECTURE).write(replace(record, notes=(told,)))
    autograder("grade", folder, "--course", folder)
    assert told in page.read_text("utf-8")


def test_a_spreadsheet_that_no_run_writes_is_removed(course, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(course, folder)
    stale = folder / "reports" / LECTURE / "moodle.csv"
    stale.write_text("of an earlier class")
    assert "moodle.csv" not in autograder("grade", folder, "--course", folder)
    assert not stale.exists()
