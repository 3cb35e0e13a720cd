"""Law 3, through `autograder grade`: submissions in, gradebook and feedback pages out.

The blank earns 0 and is told so kindly, the reference earns all, every mistake fails with its own
sentence, every alternative passes. A submission holds the k-th variant of every exercise at once;
variants stand on their own, so they do not disturb each other.
"""

import html
import re

import pytest
from classroom import autograder, filled, gradebook_scores, hand_in, references

from autograder.lecture.source import load_source
from autograder.records import GRADED, Records


def submissions(lecture):
    """Return {student: {exercise: source of its solution cell}}."""
    exercises = load_source(lecture).exercises
    students = {"blank": {}, "reference": references(lecture)}
    for kind in ("mistakes", "alternatives"):
        rounds = max(len(getattr(exercise, kind)) for exercise in exercises.values())
        for number in range(rounds):
            students[f"{kind}-{number}"] = {
                name: variant_of(exercise, kind, number).source(name)
                for name, exercise in exercises.items()
            }
    return students


def variant_of(exercise, kind, number):
    """Return the variant, or the first alternative where the exercise has fewer."""
    variants = getattr(exercise, kind)
    return variants[number] if number < len(variants) else exercise.alternatives[0]


@pytest.fixture(scope="module")
def graded(lecture, tmp_path_factory):
    """A course folder in which every submission was graded, in one command."""
    folder = tmp_path_factory.mktemp("class")
    notebooks = {name: filled(lecture, sources) for name, sources in submissions(lecture).items()}
    hand_in(folder / "submitted", lecture, notebooks)
    autograder("grade", folder / "submitted", "--lecture", lecture, "--course", folder)
    return folder


def feedback(course, lecture, student):
    """Return the text of a feedback page, without markup and with single spaces."""
    page = (course / "feedback" / student / lecture / f"{lecture}.html").read_text("utf-8")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def test_every_submission_is_graded_in_a_sandbox(graded, lecture):
    records = list(Records(graded, lecture).all())
    assert len(records) == len(submissions(lecture))
    assert {record.status for record in records} == {GRADED}
    assert {record.sandbox for record in records} == {"bubblewrap"}


def test_points_of_the_gradebook_are_those_of_the_specification(graded, lecture):
    expected = {name: e.points for name, e in load_source(lecture).exercises.items()}
    found = gradebook_scores(graded, lecture, "blank")
    assert {name: points for name, (_, points) in found.items()} == expected


def test_the_blank_earns_nothing_and_is_told_kindly(graded, lecture):
    assert {score for score, _ in gradebook_scores(graded, lecture, "blank").values()} == {0}
    told = feedback(graded, lecture, "blank")
    assert told.count("not written yet") >= len(load_source(lecture).exercises)
    assert "Traceback (most" not in told


def test_the_reference_earns_all(graded, lecture):
    earned = gradebook_scores(graded, lecture, "reference")
    assert all(score == points for score, points in earned.values()), earned


def test_every_mistake_fails_with_its_own_sentence(graded, lecture):
    exercises = load_source(lecture).exercises
    rounds = max(len(exercise.mistakes) for exercise in exercises.values())
    for number in range(rounds):
        student = f"mistakes-{number}"
        earned = gradebook_scores(graded, lecture, student)
        told = feedback(graded, lecture, student)
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
        earned = gradebook_scores(graded, lecture, f"alternatives-{number}")
        assert all(score == points for score, points in earned.values()), (number, earned)


def test_feedback_shows_no_solution(graded, lecture):
    """Not even of what the student got wrong or left out."""
    told = feedback(graded, lecture, "blank")
    for source in references(lecture).values():
        solution = re.search(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL)[1]
        for line in filter(None, map(str.strip, solution.splitlines())):
            assert len(line) < 12 or line not in told
    for exercise in load_source(lecture).exercises.values():
        for variant in exercise.alternatives:
            assert variant.name not in told
