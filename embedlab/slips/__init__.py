"""Say which single change would make a student's line of a derivation hold.

The line's own tree is edited in one place at a time (a sign, a factor 2, a transpose, a term left
out, ...) and computed on the instances; the first edit with which the line holds on all of them is
said, the simplest ones being tried first. What is said is a fact about the line, "with a minus
before `x` your line would hold", never a reason why it was written so. What the line lacks is not
written out: a missing factor is not named at all, of a missing term one name.
"""

import warnings

import numpy as np

from embedlab.slips.edits import edited
from embedlab.slips.lacking import lacking
from embedlab.slips.line import Line
from embedlab.slips.nodes import Slip
from embedlab.slips.sizes import of_another_size
from embedlab.slips.trial import OutOfTime, Trial

__all__ = ["Slip", "find_slip"]


def find_slip(
    code: str,
    expected: list[np.ndarray],
    instances: list[dict],
    tolerance: float,
    shown: tuple[str, ...] = (),
) -> Slip | None:
    """Return the simplest change with which a line holds on all instances, or None.

    Args:
        code: the student's line. Calls of anything but NumPy, the instance's functions and
            built-in functions without effects are not repeated: such a line has no diagnosis.
        expected: what it should be on every instance.
        instances: {name: value} for every instance.
        tolerance: largest difference, relative to the values.
        shown: other lines that the student sees; what is missing may be a part of one.
    """
    line = Line.read(code, instances[0])
    if line is None:
        return None
    trial = Trial(instances, expected, tolerance)
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        try:
            return (
                edited(line, trial) or of_another_size(line, trial) or lacking(line, trial, shown)
            )
        except OutOfTime:
            return None
