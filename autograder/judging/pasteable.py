"""The inputs of a case as Python that can be pasted into a notebook."""

import json
import re

MOST_NUMBERS = 4_000  # that are printed; nobody pastes more


def pasteable(arguments):
    """Return lines of Python that make a case's encoded arguments (see `embedlab.wire`).

    Floats are written so that they are read back exactly. More than MOST_NUMBERS numbers are not
    written out: a sentence says so.
    """
    count = sum(map(_count, arguments.values()))
    if count > MOST_NUMBERS:
        return [f"# {count:,} numbers, more than the {MOST_NUMBERS:,} that are printed"]
    lines = [f"{name} = {_python(value)}" for name, value in arguments.items()]
    text = "\n".join(lines)
    imports = {"np.": "import numpy as np", "sp.": "import scipy.sparse as sp"}
    imports["torch."] = "import torch"
    used = [line for mark, line in imports.items() if mark in text]
    if re.search(r"\b(inf|nan)\b", text):
        used.append("from math import inf, nan")
    return [*used, *lines]


def _count(value):
    """Return how many numbers an encoded value holds."""
    if isinstance(value, dict):
        held = [value["array"]] if "array" in value else value.values()
        return sum(map(_count, held))
    if isinstance(value, list):
        return sum(map(_count, value))
    return int(isinstance(value, int | float))


def _python(value):
    """Return the expression that makes an encoded value."""
    if isinstance(value, list):
        return f"[{', '.join(map(_python, value))}]"
    if not isinstance(value, dict):
        return repr(value)
    if "array" in value:
        return _array(value)
    if "tuple" in value:
        items = ", ".join(map(_python, value["tuple"]))
        return f"({items},)" if len(value["tuple"]) == 1 else f"({items})"
    if "dict" in value:
        items = (f"{key!r}: {_python(item)}" for key, item in value["dict"].items())
        return f"{{{', '.join(items)}}}"
    if "sparse" in value:
        parts = ", ".join(_array(value["sparse"][part]) for part in ("data", "indices", "indptr"))
        return f"sp.csr_array(({parts}), shape={tuple(value['shape'])})"
    if "tensor" in value:
        return f"torch.from_numpy({_array(value['tensor'])})"
    raise ValueError(f"not an encoded argument: {json.dumps(value)[:80]}")


def _array(value):
    numbers, shape = f"[{', '.join(map(repr, value['array']))}]", tuple(value["shape"])
    reshaped = "" if len(shape) == 1 else f".reshape({shape})"
    return f"np.array({numbers}, dtype='{value['dtype']}'){reshaped}"
