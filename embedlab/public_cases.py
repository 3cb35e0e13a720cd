"""Public cases as their file has them: what a mistake does, as far as it differs from the right.

A function with a known mistake mostly does what the right one does: in most cases, or in most of
its numbers. So whatever is as in the case's expected outcome is left out of its outcomes: a dict
lacks its key, and in a list, or as a whole, it is `{}`. The file is JSON packed by bzip2: it is
long, nobody reads it, and its packed bytes are the same everywhere.
"""

import bz2
import json
import math

SUFFIX = ".json.bz2"

SAME = 1e-9  # difference of two numbers that are the same to every check


def pack(examinations):
    """Return the bytes of the file that holds a lecture's abridged examinations, a list."""
    text = json.dumps({"exercises": examinations}, separators=(",", ":"))
    return bz2.compress(text.encode("utf-8"))


def unpack(content):
    """Return the list that `pack` packed. Raises ValueError where the bytes are something else."""
    try:
        return json.loads(bz2.decompress(content))["exercises"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no public cases: {error}") from None


def abridge(examination):
    """Return the examination (see `embedlab.diagnosis`) as it is written; `expand` undoes it."""
    return _with_outcomes(examination, _abridged)


def expand(examination):
    """Return the examination with the whole outcomes of its mistakes."""
    return _with_outcomes(examination, _expanded)


def is_same(one, other):
    """Whether two pieces of plain data are the same but for the last digits of their numbers."""
    if isinstance(one, float) and isinstance(other, float):
        close = math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)
        return close or (math.isnan(one) and math.isnan(other))
    if _are_alike(one, other):
        keys = one if isinstance(one, dict) else range(len(one))
        return all(is_same(one[key], other[key]) for key in keys)
    return type(one) is type(other) and one == other


def _with_outcomes(examination, change):
    right = [case["expected"] for case in examination["cases"]]
    mistakes = [
        mistake | {"outcomes": list(map(change, mistake["outcomes"], right))}
        for mistake in examination["mistakes"]
    ]
    return examination | {"mistakes": mistakes}


def _abridged(outcome, right):
    if is_same(outcome, right):
        return {}
    if _are_alike(outcome, right) and "dict" not in outcome:
        if isinstance(outcome, list):
            return list(map(_abridged, outcome, right))
        differing = [key for key in outcome if not is_same(outcome[key], right[key])]
        return {key: _abridged(outcome[key], right[key]) for key in differing}
    return outcome


def _expanded(outcome, right):
    # of what is encoded only a returned dict, in "dict", may have some keys of another or none
    if isinstance(outcome, dict) and "dict" not in outcome:
        if not outcome:
            return right
        if isinstance(right, dict) and outcome.keys() <= right.keys():
            return right | {key: _expanded(value, right[key]) for key, value in outcome.items()}
    if isinstance(outcome, list) and _are_alike(outcome, right):
        return list(map(_expanded, outcome, right))
    return outcome


def _are_alike(one, other):
    """Whether both are dicts with the same keys, or both lists of the same length."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys()
    return isinstance(one, list) and isinstance(other, list) and len(one) == len(other)
