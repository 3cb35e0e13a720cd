"""Make the submissions of a class and grade them, for tests that go through the real path."""

import copy
import subprocess
import sys
from functools import cache

import nbformat
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.cli import app
from autograder.lecture.source import load_source
from autograder.paths import ROOT, released_path


@cache
def _released(lecture):
    return nbformat.read(released_path(lecture), as_version=4)


def references(lecture):
    """Return {exercise: source of its solution cell}."""
    source = load_source(lecture)
    written = {cell.grade_id: cell.node.source for cell in source.cells if cell.is_solution}
    return {name: written[name] for name in source.exercises}


def filled(lecture, sources):
    """Return the student's notebook with these sources in its solution cells, by grade_id."""
    notebook = copy.deepcopy(_released(lecture))
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution") and grading.get("grade_id") in sources:
            cell.source = sources[grading["grade_id"]]
    return notebook


def hand_in(folder, lecture, notebooks):
    """Write {student: notebook} in nbgrader's layout below a folder; return the folder."""
    for student, notebook in notebooks.items():
        path = folder / student / lecture / f"{lecture}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return folder


def autograder(*arguments, expect=0):
    """Run the command in this process; return what it printed.

    Fails on another exit code, on an exception that is no sentence, on a traceback.
    """
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert done.exit_code == expect, done.output
    assert "Traceback" not in done.output, done.output
    return done.output


def nbgrader(course, *arguments):
    """Run an nbgrader command on a course folder, with the project's configuration."""
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def gradebook_scores(course, lecture, student):
    """Return {exercise: (score, points)} from nbgrader's gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(lecture, lecture, student)
        assert not any(grade.needs_manual_grade for grade in notebook.grades)
        return {
            grade.name.removeprefix("check_"): (grade.auto_score, grade.max_score)
            for grade in notebook.grades
        }
