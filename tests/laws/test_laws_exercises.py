"""The specifications themselves: examples, cases and diagnoses, over many drawings of the cases."""

import doctest
import json

import numpy as np
import pytest

from autograder.exercises import Exercise, load_exercises
from autograder.lecture.examination import PUBLIC_SEED, examine
from autograder.lecture.reference import load_namespace, load_reference
from autograder.lecture.source import lecture_names
from embedlab.diagnosis import diagnose
from embedlab.observe import observe

SEEDS = [PUBLIC_SEED, *range(20)]
EXERCISES = [
    pytest.param(lecture, exercise, id=f"{lecture}-{exercise.name}")
    for lecture in lecture_names()
    for exercise in load_exercises(lecture).values()
]


def verdict(examination, function):
    outcomes = [
        observe(function, case["arguments"], examination["driver"]) for case in examination["cases"]
    ]
    return diagnose(examination, outcomes)


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_every_drawing_tells_right_from_wrong(lecture_name, exercise: Exercise):
    reference = load_reference(lecture_name)[exercise.name]
    for seed in SEEDS:
        examination = examine(exercise, reference, seed)
        assert verdict(examination, reference).passed
        for alternative in exercise.alternatives:
            found = verdict(examination, alternative.function)
            assert found.passed, (seed, alternative.name, found)
        for mistake in exercise.mistakes:
            found = verdict(examination, mistake.function)
            assert found.mistake == mistake.name, (seed, mistake.name, found)
            assert mistake.sentence in "\n".join(found.lines("passed"))


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_cases_are_not_degenerate(lecture_name, exercise: Exercise):
    """Different seeds give different cases, and right answers are not all zero or all equal."""
    reference = load_reference(lecture_name)[exercise.name]
    first, second = (examine(exercise, reference, seed) for seed in (1, 2))
    assert first["cases"] != second["cases"]
    assert json.dumps(examine(exercise, reference, 1)) == json.dumps(first)  # NaN is not NaN
    answers = {str(case["expected"]) for case in first["cases"]}
    assert len(answers) > 1
    numbers = [
        number for case in first["cases"] for number in _numbers(case["expected"].get("value"))
    ]
    assert np.count_nonzero(numbers) >= 2


def _numbers(encoded):
    if isinstance(encoded, dict):
        encoded = list(encoded.values())
    if isinstance(encoded, list):
        return [number for element in encoded for number in _numbers(element)]
    return [encoded] if isinstance(encoded, int | float) else []


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_the_worked_example_in_the_docstring_is_right(lecture_name, exercise: Exercise):
    reference = load_reference(lecture_name)[exercise.name]
    test = doctest.DocTestParser().get_doctest(
        reference.__doc__, dict(load_namespace(lecture_name)), exercise.name, None, None
    )
    assert test.examples
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert results.failed == 0
