"""A function on loan when a class is graded: nothing for itself, and there for the others."""

import pytest
from classroom import autograder, filled, gradebook_scores, hand_in, references
from small import LECTURE

from autograder.records import Records

TRIED_ON = LECTURE
BORROWED = "centred"  # squared_length and spread call it


def borrower(**sources):
    """A notebook with a lent function; the others are right, or as given."""
    sources = {**references(LECTURE), BORROWED: "", **sources}
    sources[BORROWED] += f'\nlecture.lend("{BORROWED}")\n'
    return filled(LECTURE, sources)


@pytest.fixture
def handed(tmp_path):
    notebooks = {
        "borrows": borrower(),
        "own": borrower(**{BORROWED: references(LECTURE)[BORROWED]}),
        "alias": borrower(largest="largest = lecture.lend\nlargest = centred"),
    }
    return hand_in(tmp_path / "handed", LECTURE, notebooks)


def earned(course, student):
    scores = gradebook_scores(course, LECTURE, student)
    return {name for name, (score, points) in scores.items() if score == points}


def test_where_the_class_could_borrow(handed, tmp_path):
    course = tmp_path / "course"
    autograder("grade", handed, "--course", course, "--lend")
    everything = set(references(LECTURE))
    assert earned(course, "borrows") == everything - {BORROWED}
    verdict = Records(course, LECTURE).read("borrows").exercises[BORROWED].verdict
    assert "lent to you" in verdict.message
    assert earned(course, "own") == everything
    assert earned(course, "alias") == everything - {BORROWED, "largest"}
    again = autograder("grade", handed, "--course", course)
    assert "0 judged now, 3 unchanged" in " ".join(again.split())
    said = autograder("replay", "borrows", LECTURE, "squared_length", "--course", course)
    assert "The recorded verdict is the same." in said


def test_where_it_could_not(handed, tmp_path):
    course = tmp_path / "course"
    autograder("grade", handed, "--course", course)
    assert earned(course, "borrows") == {"largest"}
    record = Records(course, LECTURE).read("borrows")
    assert "builds on centred" in record.exercises["squared_length"].verdict.sentence
    autograder("grade", handed, "--course", course, "--lend")
    assert "squared_length" in earned(course, "borrows")
    autograder("grade", handed, "--course", course, "--no-lend")
    assert "squared_length" not in earned(course, "borrows")
