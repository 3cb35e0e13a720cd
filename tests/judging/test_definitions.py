"""Intake, judge and feedback page agree on where a function or a class is defined."""

import nbformat
import pytest

from autograder.definitions import binds, defined
from autograder.intake import lecture as intake
from autograder.judging.matching import load_template, match
from autograder.records import GRADED, ExerciseRecord, Record, Student
from autograder.reports.feedback import feedback_page
from embedlab.diagnosis import Verdict

LECTURE, NAME, OTHER = "03_slim", "recommend", "fit_slim"
FORMS = [
    f"def {NAME}(x):\n    return 'unmistakable'",
    f"async def {NAME}(x):\n    return 'unmistakable'",
    f"class {NAME}:\n    unmistakable = 1",
    f"import numpy\n\nclass  {NAME}(object):\n    unmistakable = 1",
]


def notebook(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in sources])


@pytest.mark.parametrize("form", FORMS)
def test_all_three_see_the_same_definition(form):
    handed_in = notebook("1 + 1", form)
    # intake: two of a lecture's names say which it is
    contents = nbformat.writes(notebook(form, f"class {OTHER}: pass")).encode()
    assert intake.lecture_of(contents, ("a.ipynb",), [LECTURE]) == LECTURE
    # judge
    matched = match(handed_in, load_template(LECTURE))
    assert matched.sources[matched.places[NAME]] == form
    # feedback
    assert "unmistakable" in page(handed_in)


def page(handed_in):
    record = ExerciseRecord(Verdict(NAME, "values", 5, message="differs"), 0, 1, 7, "e")
    return feedback_page(
        Record(Student("ann"), LECTURE, GRADED, exercises={NAME: record}), LECTURE, handed_in
    )


def test_the_last_one_counts_whatever_its_form():
    shown = page(notebook(FORMS[0], f"{NAME} = lambda x: 'the last'"))
    assert "the last" in shown
    assert "defined in 2 cells; the last one counts" in shown
    assert "unmistakable" not in shown


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x): pass\nclass G:\n    def h(self): pass\n", ["f", "G"]),
        ("define f\nclassify = 1\n# def g\n", []),
        ("def fit_slim_2(x): pass", ["fit_slim_2"]),
    ],
)
def test_names_that_a_cell_defines(source, names):
    assert defined(source) == names


@pytest.mark.parametrize(
    ("source", "is_bound"),
    [
        ("f = 1", True),
        ("f: object = 1", True),
        ("class f: pass", True),
        ("f == 1", False),
        ("f(x)", False),
        ("ff = 1", False),
        ("    f = 1", False),
        ("def ff(): pass\ng = f", False),
    ],
)
def test_what_binds_a_name(source, is_bound):
    assert binds(source, "f") is is_bound
