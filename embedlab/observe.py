"""Call a student's function on given arguments and write down, as plain data, what it did."""

import copy
import linecache
import traceback

import numpy as np
import scipy.sparse as sp

from embedlab.drivers import DRIVERS
from embedlab.wire import decode, encode


def observe(function, arguments, driver="call"):
    """Try `function` on fresh copies of the encoded `arguments`, as the driver says.

    Returns a dict of plain data:
      {"value": encoded result, "changed": names of the arguments the call modified}, or
      {"raised": exception type, "says": its message, "line": the line of the function at fault}.
    """
    values = {name: decode(argument) for name, argument in arguments.items()}
    outcome = attempt(function, values, driver)
    if "value" in outcome:
        outcome["value"] = encode(outcome["value"])
    return outcome


def attempt(function, values, driver="call"):
    """Try `function` on {name: value}, which it may change; as `observe`, nothing encoded."""
    untouched = copy.deepcopy(values)
    try:
        with np.errstate(all="ignore"):
            result = DRIVERS[driver](function, values)
    except (Exception, SystemExit) as error:  # exit() in a function must not end the notebook
        return {
            "raised": type(error).__name__,
            "says": str(error)[:300],
            "line": _line_at_fault(function, error),
        }
    changed = [name for name in values if not same_data(values[name], untouched[name])]
    return {"value": result, "changed": changed}


def same_data(one, other):
    """Whether two argument values hold the same data (NaN equals NaN)."""
    if sp.issparse(one):
        return one.shape == other.shape and (one != other).nnz == 0
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same_data, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_data(one[key], other[key]) for key in one)
    if type(one).__module__.startswith("torch"):
        return bool((one == other).all())
    return one == other


def _line_at_fault(function, error):
    """Return the source of the deepest line inside the file or cell that defines `function`.

    A class is where its methods are.
    """
    parts = [function, *getattr(function, "__dict__", {}).values()]
    homes = {part.__code__.co_filename for part in parts if hasattr(part, "__code__")}
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename in homes]
    if not inside:
        return ""
    return linecache.getline(inside[-1].filename, inside[-1].lineno).strip()
