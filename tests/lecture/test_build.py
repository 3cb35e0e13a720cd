"""A build, and what it refuses: mistakes in a source, by file and line."""

import re

import nbformat
import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.errors import Refusal
from autograder.lecture import build as building
from autograder.lecture.build import is_current
from autograder.lecture.source import Source, SourceError, load_source
from autograder.paths import LECTURES, SOLUTIONS

GOOD = '''# %% tags=["setup"]
import numpy as np

# %% [markdown] exercise="soft_threshold" difficulty=1 minutes=5
# Shrink it.
#
# <details><summary>Hint</summary>
#
# Subtract.
#
# </details>

# %% nbgrader={"grade_id": "soft_threshold", "solution": true}
def soft_threshold(z, threshold):
    """Shrink.

    >>> soft_threshold(3.0, 1.0)
    2.0
    """
    ### BEGIN SOLUTION
    return z - threshold
    ### END SOLUTION

# %% nbgrader={"grade_id": "check_soft_threshold", "grade": true}
lecture.check(soft_threshold)
'''


@pytest.fixture
def write_source(tmp_path, monkeypatch):
    """Return a function that writes a source with one exercise and reads it as a lecture."""
    import autograder.lecture.source

    only = {"soft_threshold": load_source("03_slim").exercises["soft_threshold"]}
    monkeypatch.setattr(autograder.lecture.source, "load_exercises", lambda lecture: only)

    def write(text):
        path = tmp_path / "99_tiny.py"
        path.write_text(text, encoding="utf-8")
        return Source(path)

    return write


def test_the_small_source_is_good(write_source):
    source = write_source(GOOD)
    assert list(source.tasks) == ["soft_threshold"]
    assert source.minutes == 5


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        (
            '"check_soft_threshold", "grade"',
            '"soft_threshold", "grade"',
            24,
            "already used in line 13",
        ),
        ("check_soft_threshold", "check_other", 13, "has no check"),
        (
            "lecture.check(soft_threshold)",
            "print(1)",
            24,
            "one line `lecture.check(soft_threshold)`",
        ),
        ('"grade_id": "soft_threshold"', '"grade_id": "hard_threshold"', 4, "has no solution cell"),
        (' exercise="soft_threshold"', "", 13, "has no task cell"),
        ("<summary>Hint", "<summary>More", 4, "has no hint"),
        ("difficulty=1", "difficulty=2", 4, "has no pseudocode"),
        (" minutes=5", "", 4, "does not say its minutes"),
        ("difficulty=1", "difficulty=7", 4, "needs a difficulty"),
        ("    ### END SOLUTION\n", "", 13, "has no ### BEGIN SOLUTION"),
        (">>>", "...", 13, "worked example"),
        ("def soft_threshold", "def shrink", 13, "does not define a function 'soft_threshold'"),
        ("return z - threshold", "return z -", 13, "invalid syntax"),
        ('"solution": true', '"solution": false', 13, "solution outside a solution cell"),
        ('{"grade_id": "soft_threshold", ', "{", 13, "without a grade_id"),
    ],
)
def test_a_mistake_in_a_source_is_refused_with_file_and_line(write_source, old, new, line, says):
    assert old in GOOD
    with pytest.raises(SourceError) as refusal:
        write_source(GOOD.replace(old, new))
    assert re.search(rf"99_tiny\.py:{line}: ", str(refusal.value)), refusal.value
    assert says in str(refusal.value)


QUESTION = """
# %% [markdown] tags=["question"]
# What is left of 2.5 when 1 is taken away?
#
# Answer: **1.5**, as always.
"""
CLAIM = """
# %% tags=["claims"]
assert soft_threshold(3.0, 1.0) == 2, "shrink it"
"""


@pytest.mark.parametrize(
    ("added", "old", "new", "line", "says"),
    [
        (QUESTION, "Answer:", "It is", 27, "paragraph that starts with `Answer:`"),
        (QUESTION, "Answer: **1.5**, as always.", "Answer:", 27, "starts with `Answer:`"),
        (QUESTION, "**1.5**", "1.5", 27, "nothing in **bold**"),
        (QUESTION, "**1.5**", "**Shrink  it**", 27, "'shrink it', stands above the question"),
        (QUESTION, "**1.5**", "**2.0**", 27, "'2.0', stands above"),
        (CLAIM, ', "shrink it"', "", 28, "has only lines `assert"),
        (CLAIM, "assert soft_threshold(3.0, 1.0) == 2, ", "", 28, "has only lines `assert"),
        (CLAIM, "shrink it", "grow it", 28, "no text of this lecture says 'grow it'"),
        (CLAIM, "== 2", "== ", 27, "invalid syntax"),
    ],
)
def test_questions_and_claims_are_refused_by_line(write_source, added, old, new, line, says):
    write_source(GOOD + added)
    assert old in added
    with pytest.raises(SourceError) as refusal:
        write_source(GOOD + added.replace(old, new))
    assert f"99_tiny.py:{line}: " in str(refusal.value)
    assert says in str(refusal.value)


def test_an_answer_stands_above_only_as_whole_words(write_source):
    write_source(GOOD + QUESTION.replace("**1.5**", "**hrin**"))
    write_source(GOOD + QUESTION.replace("**1.5**", "**2**"))  # above stands 2.0


def test_an_unregistered_exercise_is_refused(write_source):
    extra = GOOD + GOOD.partition("\n\n")[2].replace("soft_threshold", "firm_threshold")
    with pytest.raises(SourceError, match=r"99_tiny\.py:\d+: exercise 'firm_threshold' is not reg"):
        write_source(extra)


def test_a_registered_exercise_that_is_not_set_is_refused(write_source):
    with pytest.raises(
        SourceError, match=r"soft_threshold\.py:\d+: .*sets no exercise 'soft_threshold'"
    ):
        write_source(GOOD.partition("\n\n")[0])


def test_text_before_the_first_cell_is_refused(write_source):
    with pytest.raises(SourceError, match="every cell must start"):
        write_source("import os\n\n" + GOOD)


def test_too_few_mistakes_are_refused(write_source, monkeypatch):
    exercise = load_source("03_slim").exercises["soft_threshold"]
    monkeypatch.setattr(exercise, "mistakes", exercise.mistakes[:2])
    with pytest.raises(SourceError, match="at least 3 mistakes and 2 alternatives: 2 mistakes"):
        write_source(GOOD)


def test_the_command_shows_a_source_mistake_without_traceback(monkeypatch):
    def refuse(*args, **kwargs):
        raise SourceError([Refusal("solutions/03_slim.py", 7, "has no hint")])

    monkeypatch.setattr(building, "build_lecture", refuse)
    result = CliRunner().invoke(cli.app, ["build", "03_slim"])
    assert result.exit_code == 1
    assert "solutions/03_slim.py:7: has no hint" in result.output
    assert "Traceback" not in result.output


def test_an_unknown_lecture_is_named():
    result = CliRunner().invoke(cli.app, ["build", "77_nothing"])
    assert result.exit_code == 1
    assert "no lecture '77_nothing'" in result.output


def test_a_run_of_other_inputs_is_not_current():
    assert not is_current(SOLUTIONS / "03_slim.ipynb", "000000000000")


def test_a_blank_of_a_derivation_is_open_not_raising():
    notebook = nbformat.read(LECTURES / "03_slim.ipynb", as_version=4)
    (blank,) = [cell for cell in notebook.cells if cell.id == "derivative_line"]
    assert blank.source == 'derivative_line = "..."'
