"""Law 3, through nbgrader: submissions in, `nbgrader autograde`, scores out of its gradebook.

The blank earns 0 and is told so kindly, the reference earns all, every mistake fails with its own
sentence, every alternative passes. A submission holds the k-th variant of every exercise at once;
variants stand on their own, so they do not disturb each other.
"""

import copy
import re
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.build import build_lecture
from autograder.paths import LECTURES, ROOT
from autograder.source import load_source


def submissions(lecture):
    """Return {student: {exercise: source of its solution cell}}."""
    source = load_source(lecture)
    exercises = source.exercises
    written = {cell.grade_id: cell.node.source for cell in source.cells if cell.is_solution}
    students = {"blank": {}, "reference": {name: written[name] for name in exercises}}
    for kind in ("mistakes", "alternatives"):
        rounds = max(len(getattr(exercise, kind)) for exercise in exercises.values())
        for number in range(rounds):
            students[f"{kind}-{number}"] = {
                name: variant.source(name)
                for name, exercise in exercises.items()
                if (variant := variant_of(exercise, kind, number))
            }
    return students


def variant_of(exercise, kind, number):
    """Return the variant, or the first alternative where the exercise has fewer."""
    variants = getattr(exercise, kind)
    return variants[number] if number < len(variants) else exercise.alternatives[0]


def nbgrader(course, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def graded(lecture, tmp_path_factory):
    """A course folder in which every submission went through autograde and feedback."""
    course = tmp_path_factory.mktemp("course")
    build_lecture(lecture, course, execute=False)
    released = nbformat.read(LECTURES / f"{lecture}.ipynb", as_version=4)
    for student, sources in submissions(lecture).items():
        notebook = copy.deepcopy(released)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = sources.get(grade_id, cell.source)
        path = course / "submitted" / student / lecture / f"{lecture}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    nbgrader(course, "autograde", lecture)
    nbgrader(course, "generate_feedback", lecture)
    return course


def scores(course, lecture, student):
    """Return {exercise: (score, points)} from the gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(lecture, lecture, student)
        assert not any(grade.needs_manual_grade for grade in notebook.grades)
        return {
            grade.name.removeprefix("check_"): (grade.auto_score, grade.max_score)
            for grade in notebook.grades
        }


def feedback(course, lecture, student):
    text = (course / "feedback" / student / lecture / f"{lecture}.html").read_text(encoding="utf-8")
    return re.sub(
        r"\s+", " ", text.replace("&gt;", ">").replace("&lt;", "<").replace("&#x27;", "'")
    )


def test_points_of_the_gradebook_are_those_of_the_specification(graded, lecture):
    expected = {name: e.points for name, e in load_source(lecture).exercises.items()}
    assert {n: s[1] for n, s in scores(graded, lecture, "blank").items()} == expected


def test_the_blank_earns_nothing_and_is_told_kindly(graded, lecture):
    assert {score for score, _ in scores(graded, lecture, "blank").values()} == {0}
    told = feedback(graded, lecture, "blank")
    assert told.count("not written yet") == len(load_source(lecture).exercises)
    assert "Traceback (most" not in told


def test_the_reference_earns_all(graded, lecture):
    assert all(score == points for score, points in scores(graded, lecture, "reference").values())


def test_every_mistake_fails_with_its_own_sentence(graded, lecture):
    exercises = load_source(lecture).exercises
    rounds = max(len(exercise.mistakes) for exercise in exercises.values())
    for number in range(rounds):
        student = f"mistakes-{number}"
        earned, told = scores(graded, lecture, student), feedback(graded, lecture, student)
        for name, exercise in exercises.items():
            if number < len(exercise.mistakes):
                mistake = exercise.mistakes[number]
                assert earned[name][0] == 0, (name, mistake.name)
                assert re.sub(r"\s+", " ", mistake.sentence) in told, (name, mistake.name)
            else:
                assert earned[name][0] == exercise.points, name


def test_every_alternative_passes(graded, lecture):
    exercises = load_source(lecture).exercises
    for number in range(max(len(exercise.alternatives) for exercise in exercises.values())):
        earned = scores(graded, lecture, f"alternatives-{number}")
        assert all(score == points for score, points in earned.values()), (number, earned)


def test_feedback_shows_no_solution(graded, lecture):
    told = feedback(graded, lecture, "blank")
    assert "BEGIN SOLUTION" not in told
    for exercise in load_source(lecture).exercises.values():
        for variant in exercise.alternatives:
            assert variant.name not in told
