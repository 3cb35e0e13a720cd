"""The specifications themselves: examples, cases and diagnoses, over many drawings of the cases."""

import dataclasses
import doctest
import itertools
import json

import numpy as np
import pytest

from autograder.exercises import Exercise, load_exercises
from autograder.lecture.examination import PUBLIC_SEED, examine
from autograder.lecture.reference import load_reference
from autograder.lecture.source import lecture_names
from embedlab.diagnosis import diagnose, outcome_difference
from embedlab.observe import observe

SEEDS = [PUBLIC_SEED, *range(200)]
DIAGNOSED_SEEDS = SEEDS[:3]  # a whole diagnosis costs fifty times as much as telling it apart
EXERCISES = [
    pytest.param(lecture, exercise, id=f"{lecture}-{exercise.name}")
    for lecture in lecture_names()
    for exercise in load_exercises(lecture).values()
]


class Drawing:
    """The cases of one seed, and what functions do on them, each tried only when it is asked for.

    Nearly every wrong function differs on the first case already, so that most are never tried on
    the others: this is what makes 200 seeds affordable.
    """

    def __init__(self, exercise, reference, seed):
        self.exercise = exercise
        unnamed = dataclasses.replace(exercise, mistakes=[])  # their outcomes come when needed
        self.cases = examine(unnamed, reference, seed)["cases"]
        self._outcomes = {}

    def outcome(self, function, number):
        """Return what the function does on a case, and the numbers in that.

        function: None stands for the right one.
        """
        if (function, number) not in self._outcomes:
            case = self.cases[number]
            outcome = case["expected"]
            if function:
                outcome = observe(function, case["arguments"], self.exercise.driver)
            numbers = np.array(_numbers(outcome.get("value")))
            self._outcomes[function, number] = outcome, numbers
        return self._outcomes[function, number]

    def difference(self, function, other=None):
        """Return (label of the case, Difference) where two functions first differ, or None."""
        for number, case in enumerate(self.cases):
            one, numbers = self.outcome(function, number)
            two, others = self.outcome(other, number)
            if one == two:
                continue
            # a sieve for what plainly differs, at a tenth of the cost of a Difference
            if numbers.shape == others.shape:
                scale = np.abs(others).max(initial=1)
                if (np.abs(numbers - others) > 0.01 * scale).any():
                    return case["label"], "the values are far apart"
            found = outcome_difference(one, two, self.exercise.tolerance)
            if found:
                return case["label"], found
        return None


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_no_verdict_depends_on_the_seed(lecture_name, exercise: Exercise):
    """Law 10: alternatives pass, wrong functions fail, and no two mistakes look alike."""
    reference = load_reference(lecture_name)[exercise.name]
    for seed in SEEDS:
        drawing = Drawing(exercise, reference, seed)
        for alternative in exercise.alternatives:
            found = drawing.difference(alternative.function)
            assert not found, f"{exercise.name}, seed {seed}: {alternative.name} fails on {found}"
        for wrong in exercise.mistakes + exercise.wrong:
            found = drawing.difference(wrong.function)
            assert found, f"{exercise.name}, seed {seed}: {wrong.name} passes; add a case"
        for one, other in itertools.combinations(exercise.mistakes, 2):
            found = drawing.difference(one.function, other.function)
            assert found, (
                f"{exercise.name}, seed {seed}: {one.name} and {other.name} do the same on every "
                "case; add a case that tells them apart, or give them one sentence"
            )


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_every_mistake_reads_its_own_sentence(lecture_name, exercise: Exercise):
    reference = load_reference(lecture_name)[exercise.name]
    for seed in DIAGNOSED_SEEDS:
        examination = examine(exercise, reference, seed)

        def verdict(function, examination=examination):
            cases = examination["cases"]
            outcomes = [observe(function, case["arguments"], exercise.driver) for case in cases]
            return diagnose(examination, outcomes)

        assert verdict(reference).passed
        for alternative in exercise.alternatives:
            found = verdict(alternative.function)
            assert found.passed, (exercise.name, seed, alternative.name, found)
        for mistake in exercise.mistakes:
            found = verdict(mistake.function)
            assert found.mistake == mistake.name, (exercise.name, seed, mistake.name, found)
            assert mistake.sentence in "\n".join(found.lines("passed"))
        for wrong in exercise.wrong:
            found = verdict(wrong.function)
            assert not found.passed, (exercise.name, seed, wrong.name)
            assert not found.mistake, f"{exercise.name}: {wrong.name} is taken for {found.mistake}"


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_no_two_seeds_share_a_case_but_the_worked_example(lecture_name, exercise: Exercise):
    """Law 10: whoever writes the printed cases into a function gains nothing by it."""
    unsolved = dataclasses.replace(exercise, mistakes=[])
    first_drawn = {}
    for seed in SEEDS:
        # not observed: only what is drawn matters here
        worked, *fresh = examine(unsolved, lambda *_: None, seed)["cases"]
        if seed == SEEDS[0]:
            printed = worked["arguments"]
        assert worked["arguments"] == printed, (
            f"{exercise.name}, seed {seed}: the first case, {worked['label']!r}, is not the same "
            "as for other seeds; it should be the worked example of the docstring"
        )
        assert len(fresh) >= 3, f"{exercise.name}: draws {len(fresh)} cases, at least 3 are needed"
        for case in fresh:
            arguments = json.dumps(case["arguments"])
            met = first_drawn.setdefault(arguments, (seed, case["label"]))
            assert met == (seed, case["label"]), (
                f"{exercise.name}: seed {seed}, {case['label']!r} is seed {met[0]}, {met[1]!r} "
                "again; draw its numbers from more"
            )


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_cases_are_not_degenerate(lecture_name, exercise: Exercise):
    """Equal seeds give equal cases, and right answers are not all zero or all equal."""
    reference = load_reference(lecture_name)[exercise.name]
    first = examine(exercise, reference, 1)
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
        reference.__doc__, dict(reference.__globals__), exercise.name, None, None
    )
    assert test.examples
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert results.failed == 0
