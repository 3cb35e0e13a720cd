"""What a specification must keep to: refused by file, line and remedy.

`refusals_of` looks at an Exercise alone. `faults_of` tries it, on the public cases: that takes
milliseconds, and the build does it.
"""

import inspect
import itertools
from collections import Counter

import numpy as np

from autograder.errors import Refusal, refusal_of
from autograder.lecture.examination import PUBLIC_SEED, examine
from embedlab.diagnosis import outcome_difference
from embedlab.drivers import APART, DRIVERS
from embedlab.observe import observe

FEWEST_MISTAKES, FEWEST_ALTERNATIVES = 3, 2


def refusals_of(exercise, exercises):
    """Yield a Refusal per fault of an Exercise that is seen without trying it.

    exercises: all of the lecture, {name: Exercise}.
    """
    name = exercise.name
    if exercise.draw is None:
        yield Refusal(*exercise.place, f"{name!r} has no cases: decorate a generator @{name}.cases")
    if exercise.driver not in DRIVERS:
        known = ", ".join(DRIVERS)
        yield Refusal(*exercise.place, f"no driver {exercise.driver!r}; there are {known}")
    for needed in exercise.needs:
        if needed not in exercises:
            message = f"{name!r} needs {needed!r}, which is no exercise of this lecture"
            yield Refusal(*exercise.place, message)
    n_mistakes, n_alternatives = len(exercise.mistakes), len(exercise.alternatives)
    if n_mistakes < FEWEST_MISTAKES or n_alternatives < FEWEST_ALTERNATIVES:
        yield Refusal(
            *exercise.place,
            f"{name!r} needs at least {FEWEST_MISTAKES} mistakes and {FEWEST_ALTERNATIVES} "
            f"alternatives: {n_mistakes} mistakes, {n_alternatives} alternatives",
        )
    variants = _variants(exercise)
    names = Counter(variant.name for variant in variants)
    sentences = Counter(mistake.sentence for mistake in exercise.mistakes)
    for variant in variants:
        if names[variant.name] > 1:
            message = f"{names[variant.name]} functions of {name!r} are named {variant.name!r}"
            yield Refusal(*variant.place, f"{message}: give each a name of its own")
        if sentences[variant.sentence] > 1:
            message = f"{variant.name!r} has the sentence of another mistake: give it its own"
            yield Refusal(*variant.place, message)
    for mistake in exercise.mistakes:
        if not mistake.sentence.strip():
            message = f"the mistake {mistake.name!r} has no sentence for the student who makes it"
            yield Refusal(*mistake.place, message)


def faults_of(exercise, reference):
    """Return a list of a Refusal per fault of an Exercise that is seen when it is tried.

    reference: the right function or class. Of cases that cannot be drawn or passed on, nothing
    else can be said.
    """
    if exercise.draw is None or exercise.driver not in DRIVERS:
        return []
    place = exercise.place_of_cases
    try:
        cases = list(exercise.draw(np.random.default_rng(PUBLIC_SEED)) or [])
    except Exception as error:
        return [refusal_of(error, place[:1], *place)]
    if not cases:
        return [Refusal(*place, f"{exercise.name!r} draws no case: yield some")]
    if not all(map(_is_case, cases)):
        return [Refusal(*place, "cases are yielded as: label, {argument: value}")]
    misfits = [_misfit(exercise, reference, label, values) for label, values in cases]
    if any(misfits):
        return [Refusal(*place, next(filter(None, misfits)))]
    found = [
        Refusal(*variant.place, f"{variant.name!r} cannot be called like the reference: {why}")
        for variant in _variants(exercise)
        if (why := _unlike(exercise, variant.function, cases[0][1]))
    ]
    examination = examine(exercise, reference, PUBLIC_SEED)
    found += [Refusal(*place, message) for message in _raised(exercise, reference, examination)]
    if not found:
        found += [*_failing(exercise, examination), *_same(exercise, examination)]
    return found


def _is_case(drawn):
    kinds = tuple(map(type, drawn)) if isinstance(drawn, tuple) else ()
    return kinds == (str, dict) and all(isinstance(name, str) for name in drawn[1])


def _variants(exercise):
    return [*exercise.mistakes, *exercise.alternatives, *exercise.wrong]


def _misfit(exercise, reference, label, values):
    """Return why the arguments of a case are not the reference's, or an empty string."""
    apart = APART.get(exercise.driver, ())
    for name in apart:
        if name not in values:
            return f"the case {label!r} lacks {name!r}, which the driver {exercise.driver!r} needs"
    names = [name for name in values if name not in apart]
    parameters = inspect.signature(reference).parameters.values()
    expected = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    needed = [one.name for one in parameters if one.default is one.empty]
    if names == expected[: len(names)] and not set(needed) - set(names):
        return ""
    return (
        f"the case {label!r} has the arguments {', '.join(names)}; those of the reference are "
        f"{', '.join(expected)}: name them so, in that order, for they are passed by position"
    )


def _unlike(exercise, function, values):
    """Return why a function cannot take the arguments of a case, or an empty string."""
    apart = APART.get(exercise.driver, ())
    try:
        inspect.signature(function).bind(*(name for name in values if name not in apart))
    except TypeError as error:
        return str(error)
    return ""


def _raised(exercise, reference, examination):
    """Yield what is wrong with the exceptions that the reference raises."""
    expected = set(exercise.raises)
    for case in examination["cases"]:
        kind = case["expected"].get("raised")
        if kind and kind not in exercise.raises:
            says = observe(reference, case["arguments"], exercise.driver)["says"]
            yield (
                f"the reference raises {kind} on the case {case['label']!r} ({says}); if the task "
                f'asks for that, give the Exercise raises=("{kind}",)'
            )
        expected.discard(kind)
    for kind in sorted(expected):
        yield f"no case has the reference raise {kind}, which `raises` of the Exercise names"


def _failing(exercise, examination):
    """Yield a Refusal per alternative that differs from the reference on a case."""
    cases = examination["cases"]
    right = [case["expected"] for case in cases]
    for alternative in exercise.alternatives:
        for case, found in _differences(exercise, alternative, cases, right):
            message = f"the alternative {alternative.name!r} differs from the reference on the case"
            remedy = f"{case['label']!r}: {found.message}. Mend the one that is wrong"
            yield Refusal(*alternative.place, f"{message} {remedy}")
            break  # the others tell nothing new


def _differences(exercise, variant, cases, outcomes):
    """Yield (case, Difference) of the cases on which a variant differs from the outcomes."""
    for case, expected in zip(cases, outcomes, strict=True):
        tried = observe(variant.function, case["arguments"], exercise.driver)
        if found := outcome_difference(tried, expected, exercise.tolerance):
            yield case, found


def _same(exercise, examination):
    """Yield a Refusal per wrong function that no case tells from the reference or a mistake."""
    cases = examination["cases"]
    right = [case["expected"] for case in cases]

    def agrees(variant, outcomes):
        return not any(_differences(exercise, variant, cases, outcomes))

    passing = [one for one in exercise.mistakes + exercise.wrong if agrees(one, right)]
    for variant in passing:
        message = f"{variant.name!r} does what the reference does on every case: add one that tells"
        yield Refusal(*variant.place, message)
    outcomes = [mistake["outcomes"] for mistake in examination["mistakes"]]
    known = zip(exercise.mistakes, outcomes, strict=True)
    for (one, recorded), (other, _) in itertools.combinations(known, 2):
        if one not in passing and other not in passing and agrees(other, recorded):
            message = f"{other.name!r} does what {one.name!r} does on every case"
            remedy = "add a case that tells them apart, or make one mistake of them"
            yield Refusal(*other.place, f"{message}: {remedy}")
