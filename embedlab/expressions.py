"""Expressions as text: computed on random instances, and compared.

An instance is {name: value}. What an expression may name is the instance, `np` and what is given
as `helpers`.
"""

import ast
import copy
import warnings
from types import CodeType

import numpy as np

from embedlab.diagnosis import remedy

# beside a wrong grammar: a null byte, brackets or operators nested beyond all measure
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class NoValue(Exception):
    """Code gives nothing that could be compared; the text says why, in one line."""


def parse(code: str) -> ast.Expression | None:
    """Return the tree of an expression, or None if the text is none."""
    try:
        with warnings.catch_warnings(action="ignore"):  # such as "'int' object is not callable"
            return ast.parse(code.strip(), mode="eval")
    except (AttributeError, *UNREADABLE):
        return None


def evaluate(code: str, instances: list[dict], helpers: dict) -> list[np.ndarray]:
    """Return the value of an expression on every instance. Raises NoValue."""
    if not isinstance(code, str):
        raise NoValue('write the expression in quotes, such as "a + b"')
    try:
        compiled = compile(code.strip(), "<step>", "eval")
    except UNREADABLE as error:
        says = getattr(error, "msg", None) or " ".join(str(error).split())
        message = f"not a Python expression: {says} (a product needs *, and `lambda` is reserved)"
        raise NoValue(message) from None
    return [_value(compiled, number, names, helpers) for number, names in enumerate(instances, 1)]


def _value(compiled: CodeType, number: int, instance: dict, helpers: dict) -> np.ndarray:
    # As globals, not locals: the body of a lambda or a comprehension sees only those.
    # As a copy: an expression that changes an array must not change the next line's.
    names = {"np": np} | helpers | copy.deepcopy(instance)
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(eval(compiled, names))
    except NameError as error:
        allowed = ", ".join([*instance, "np", *helpers])
        raise NoValue(f"{error}; names you may use: {allowed}") from None
    except Exception as error:
        says = " ".join(str(error).split())
        product = " (a product needs *)" if "object is not callable" in says else ""
        message = f"{type(error).__name__} on instance {number}: {says}{product}{remedy(says)}"
        raise NoValue(message) from None
    if value.dtype.kind not in "biuf":
        raise NoValue("gives neither a number nor an array of numbers")
    if not np.isfinite(value).all():
        raise NoValue(f"not finite on instance {number}")
    return value.astype(float)


def magnitude(value: np.ndarray) -> float:
    """Return the largest absolute value of an array; of an empty one, 0."""
    return float(np.abs(value).max(initial=0))


def scales(values: list[np.ndarray]) -> np.ndarray:
    """Return what a difference is relative to on each instance.

    That is the value's own magnitude, or the typical one where it is larger: an instance on which
    the value happens to be 0 is not held to differences of 0.
    """
    magnitudes = np.array([magnitude(value) for value in values])
    return np.maximum(magnitudes, np.median(magnitudes)) + np.finfo(float).tiny


def relative_differences(got: list[np.ndarray], expected: list[np.ndarray]) -> np.ndarray:
    """Return the largest difference on each instance, relative to the values; shapes are equal."""
    absolute = [magnitude(mine - right) for mine, right in zip(got, expected, strict=True)]
    return np.divide(absolute, np.maximum(scales(got), scales(expected)))
