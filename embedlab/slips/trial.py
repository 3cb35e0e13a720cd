"""Edited lines computed on the instances, and compared with what is expected."""

import copy
import time
from types import CodeType

import numpy as np

from embedlab.expressions import magnitude, relative_differences

SECONDS = 1.5  # for one line; a line that is slow to compute gets what was found until then
HOLE = "_hole"  # stands in an edited line for what is tried there


class OutOfTime(Exception):
    """The line is slow, and enough was tried."""


class Trial:
    """Computes edited lines on the instances, and says whether they are what is expected."""

    def __init__(self, instances: list[dict], expected: list[np.ndarray], tolerance: float) -> None:
        self.instances = [{"np": np} | copy.deepcopy(instance) for instance in instances]
        for instance in self.instances:
            for value in instance.values():
                if isinstance(value, np.ndarray):
                    value.flags.writeable = False  # an edit that writes into it just fails
        self.expected = expected
        self.tolerance = tolerance
        # where the value is large, few wrong edits come near it
        self.first = int(np.argmax([magnitude(value) for value in expected]))
        self.end = time.monotonic() + SECONDS

    def value(
        self, code: CodeType | None, number: int, hole: np.ndarray | None = None
    ) -> np.ndarray | None:
        """Return the finite value on one instance, or None."""
        if time.monotonic() > self.end:
            raise OutOfTime
        if code is None:
            return None
        names = self.instances[number] | {HOLE: hole}
        try:
            value = np.asarray(eval(code, names))
            if value.dtype.kind in "biuf" and np.isfinite(value).all():
                return value.astype(float)
        except Exception:  # most edits are nonsense
            pass
        return None

    def fits(self, value: np.ndarray | None) -> bool:
        """Whether a value on the first instance tried is near what is expected there."""
        right = self.expected[self.first]
        if value is None or value.shape != right.shape:
            return False
        near = 10 * self.tolerance * max(magnitude(value), magnitude(right))
        return magnitude(value - right) <= near

    def holds(self, code: CodeType | None) -> bool:
        """Whether the code is right on all instances."""
        if not self.fits(self.value(code, self.first)):
            return False
        got = [self.value(code, number) for number in range(len(self.expected))]
        for mine, right in zip(got, self.expected, strict=True):
            if mine is None or mine.shape != right.shape:
                return False
        return relative_differences(got, self.expected).max() <= self.tolerance
