"""The specifications themselves: examples, cases and diagnoses, over many drawings of the cases."""

import copy
import itertools
import json

import numpy as np
import pytest
import torch

from autograder.errors import Refusal
from autograder.exercises import Exercise, load_exercises
from autograder.lecture.examination import PUBLIC_SEED, examine
from autograder.lecture.examples import wrong_examples
from autograder.lecture.reference import load_namespace, load_reference
from autograder.lecture.source import lecture_names, load_source
from embedlab.diagnosis import diagnose, outcome_difference, value_difference
from embedlab.observe import attempt, observe
from embedlab.wire import TensorArray, encode

SEEDS = [PUBLIC_SEED, *range(200)]
DIAGNOSED_SEEDS = SEEDS[:3]  # a whole diagnosis costs many times as much as telling it apart
EXERCISES = [
    pytest.param(lecture, exercise, id=f"{lecture}-{exercise.name}")
    for lecture in lecture_names()
    for exercise in load_exercises(lecture).values()
]


class Drawing:
    """The cases of one seed, and what functions do on them, each tried only when it is asked for.

    Nearly every wrong function differs on the first case already, so that most are never tried on
    the others, and no value is written as data. The first case is the worked example with every
    seed: what `printed`, another drawing, has found there holds here. So 200 seeds are affordable.
    """

    def __init__(self, exercise, reference, seed, printed=None):
        self.exercise = exercise
        self.reference = reference
        self.cases = list(exercise.draw(np.random.default_rng(seed)))
        self._outcomes = {}
        self._on_the_first = printed._on_the_first if printed else {}

    def outcome(self, function, number):
        """Return what a function does on a case, the value not encoded."""
        if (function, number) not in self._outcomes:
            arguments = copy.deepcopy(self.cases[number][1])
            outcome = attempt(function, arguments, self.exercise.driver)
            if "value" in outcome:
                outcome["value"] = comparable(outcome["value"])
            self._outcomes[function, number] = outcome
        return self._outcomes[function, number]

    def difference(self, function, other=None):
        """Return (label of the case, how they differ) where two functions first differ, or None.

        other: the right function if it is None.
        """
        pair = function, other or self.reference
        if pair not in self._on_the_first:
            self._on_the_first[pair] = self._difference_on(0, *pair)
        if self._on_the_first[pair]:
            return self.cases[0][0], self._on_the_first[pair]
        for number, (label, _) in enumerate(self.cases[1:], start=1):
            found = self._difference_on(number, *pair)
            if found:
                return label, found
        return None

    def _difference_on(self, number, function, other):
        one, two = self.outcome(function, number), self.outcome(other, number)
        if "raised" in one or "raised" in two:
            return outcome_difference(one, two, self.exercise.tolerance)
        if one["changed"] != two["changed"]:
            return f"changes {one['changed']}, not {two['changed']}"
        found = at_a_glance(one["value"], two["value"])
        if found is None:
            found = value_difference(one["value"], two["value"], self.exercise.tolerance)
        return found


def comparable(value):
    """Return a value with arrays that know that they were tensors in place of its tensors."""
    if isinstance(value, dict):
        return {key: comparable(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(comparable, value))
    if isinstance(value, torch.Tensor):
        return TensorArray.of(value.detach().numpy())
    return value


def at_a_glance(one, two):
    """Return whether two values differ where that is plain, for a tenth of what a Difference costs.

    None where it is not: then the diagnosis has to look.
    """
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        one, two = tuple(one.values()), tuple(two[key] for key in one)
    if isinstance(one, tuple) and isinstance(two, tuple) and len(one) == len(two):
        glances = list(map(at_a_glance, one, two))
        return True if True in glances else None if None in glances else False
    if not all(isinstance(value, np.ndarray | float | int) for value in (one, two)):
        return None
    one, two = np.asarray(one), np.asarray(two)
    if one.shape != two.shape or one.dtype != two.dtype or one.dtype.kind not in "if":
        return None
    differ = one != two  # what is left out has no gap, and equal infinities could not be subtracted
    if not differ.any():
        return False
    gaps = np.abs(one[differ] - two[differ])
    return True if (gaps > 0.01 * np.abs(two).max(initial=1)).any() else None


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_cases_differ_and_verdicts_do_not_over_many_seeds(lecture_name, exercise: Exercise):
    """Law 10: no seed repeats another's cases, and no verdict depends on the seed."""
    reference = load_reference(lecture_name)[exercise.name]
    printed = Drawing(exercise, reference, PUBLIC_SEED)
    worked, met = arguments_of(printed)[0], {}
    for seed in SEEDS:
        drawing = Drawing(exercise, reference, seed, printed)
        check_cases(drawing, worked, met, f"seed {seed}")
        check_verdicts(drawing, f"seed {seed}")


def at(place, sentence):
    """Return what to mend in the words of the build's refusals, file and line first."""
    return str(Refusal(*place, sentence))


def arguments_of(drawing):
    return [json.dumps(encode(arguments)) for _, arguments in drawing.cases]


def check_cases(drawing, printed, met, where):
    """Whoever writes the printed cases into a function gains nothing by it.

    printed: the arguments of the public worked example.
    met: {arguments: where they were drawn}; the new ones are added.
    """
    labels = [label for label, _ in drawing.cases]
    place = drawing.exercise.place_of_cases
    worked, *fresh = arguments_of(drawing)
    assert worked == printed, at(
        place,
        f"with {where} the first case, {labels[0]!r}, is not the public one; it should be the "
        "worked example of the docstring",
    )
    assert len(fresh) >= 3, at(place, f"{len(fresh)} cases are drawn, at least 3 are needed")
    for label, arguments in zip(labels[1:], fresh, strict=True):
        assert arguments not in met, at(
            place,
            f"with {where} {label!r} has the same arguments as {met[arguments]}; draw its numbers "
            "from more (docs/authors.md, Cases)",
        )
        met[arguments] = f"{label!r} with {where}"


def check_verdicts(drawing, where):
    """Alternatives pass, wrong functions fail, and no two mistakes do the same on every case.

    So each mistake is recognised as itself: its outcomes are its own, and no other's.
    """
    exercise = drawing.exercise
    for alternative in exercise.alternatives:
        found = drawing.difference(alternative.function)
        assert not found, at(
            alternative.place,
            f"with {where} the alternative {alternative.name} fails on {found}; mend it, or draw "
            "that case more tightly",
        )
    for wrong in exercise.mistakes + exercise.wrong:
        found = drawing.difference(wrong.function)
        assert found, at(
            wrong.place, f"with {where} {wrong.name} passes every case; add one that tells"
        )
    for one, other in itertools.combinations(exercise.mistakes, 2):
        found = drawing.difference(one.function, other.function)
        assert found, at(
            other.place,
            f"with {where} {other.name} does what {one.name} does on every case; add one that "
            "tells them apart, or make one mistake of them",
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
            assert found.passed, at(alternative.place, f"fails: {found}")
        for mistake in exercise.mistakes:
            found = verdict(mistake.function)
            assert found.mistake == mistake.name, at(
                mistake.place,
                f"with seed {seed} {mistake.name} is told as {found.mistake or found.message!r}; "
                "add a case that tells them apart",
            )
            assert mistake.sentence in "\n".join(found.lines("passed"))
        for wrong in exercise.wrong:
            found = verdict(wrong.function)
            assert not found.passed, at(wrong.place, f"passes with seed {seed}; add a case")
            assert not found.mistake, at(
                wrong.place,
                f"{wrong.name} is taken for {found.mistake}; add a case that tells them apart",
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
    if isinstance(encoded, list) and all(isinstance(element, str) for element in encoded):
        return [len(text) for text in encoded]  # an answer of texts
    if isinstance(encoded, list):
        return [number for element in encoded for number in _numbers(element)]
    return [encoded] if isinstance(encoded, int | float) else []


@pytest.mark.parametrize(("lecture_name", "exercise"), EXERCISES)
def test_the_worked_example_in_the_docstring_is_right(lecture_name, exercise: Exercise):
    found = wrong_examples(load_source(lecture_name), exercise.name, load_namespace(lecture_name))
    assert not found, "\n".join(map(str, found))
