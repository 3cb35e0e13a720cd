"""Turn a specification into an examination: cases with the outcomes that decide about them."""

import numpy as np

from embedlab.observe import observe
from embedlab.wire import encode

PUBLIC_SEED = 20_240_501  # the cases students see; grading draws others


def draw_cases(exercise, reference, seed):
    """Return the cases of an examination, each with what the right function does.

    reference: the right function. seed: an int or None; equal seeds give equal cases.
    """
    cases = [
        {"label": label, "arguments": {name: encode(value) for name, value in arguments.items()}}
        for label, arguments in exercise.draw(np.random.default_rng(seed))
    ]
    for case in cases:
        case["expected"] = _seen(reference, case, exercise)
    return cases


def examine(exercise, reference, seed):
    """Return the examination (plain data, see `embedlab.diagnosis`) of an Exercise.

    The arguments are those of `draw_cases`.
    """
    cases = draw_cases(exercise, reference, seed)
    return {
        "exercise": exercise.name,
        "tolerance": exercise.tolerance,
        "driver": exercise.driver,
        "needs": list(exercise.needs),
        "cases": cases,
        "mistakes": [
            {
                "name": mistake.name,
                "sentence": mistake.sentence,
                "outcomes": [_seen(mistake.function, case, exercise) for case in cases],
            }
            for mistake in exercise.mistakes
        ],
    }


def _seen(function, case, exercise):
    """Return what a function of ours does on a case; of an exception the type, not its line.

    Students receive this, and a line of ours is not for them.
    """
    outcome = observe(function, case["arguments"], exercise.driver)
    return {"raised": outcome["raised"]} if "raised" in outcome else outcome


def rounded(data, digits=12):
    """Return plain data with every float rounded to `digits` significant digits.

    Processors differ in the last bits of a sum; what is committed must not.
    """
    if isinstance(data, float):
        return float(f"{data:.{digits}g}")
    if isinstance(data, list):
        return [rounded(element, digits) for element in data]
    if isinstance(data, dict):
        return {key: rounded(element, digits) for key, element in data.items()}
    return data
