"""Say what is wrong with a function, from what it returned on some cases.

The local check and the judge share this module: both hold, for every case, what the right function
did and what each known mistake does, and compare that with what the student's function did.

An *examination* is a dict of plain data (see `autograder.lecture.examination`):
  exercise    the function's name
  tolerance   largest difference allowed, relative to max(1, the largest expected magnitude)
  driver      how the function is tried, see `embedlab.drivers`
  needs       names of other exercises the function may call
  cases       [{"label": str, "arguments": {name: encoded}, "expected": outcome}, ...]
  mistakes    [{"name": str, "sentence": str, "outcomes": [outcome per case]}, ...]
where an outcome is what `embedlab.observe.observe` returns.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from embedlab.wire import TensorArray, Unreadable, decode

ARRAYS = (np.ndarray, TensorArray, sp.sparray)
MAX_SHOWN = 12  # entries of an array shown whole; of larger ones the first difference is shown
MAX_INT = 2**1000  # NumPy cannot look at larger ones
MAX_LINE = 90  # characters of one line of a message
REMEDIES = {  # what to do about messages of NumPy that puzzle beginners
    "truth value of an array": "`if` and `max` want one number; use np.where or np.maximum",
    "arrays used as indices must be of integer": "compare first, as in x[mask > 0]",
    "bitwise_xor": "a power is written **, not ^",
    "for ^:": "a power is written **, not ^",
    "gufunc signature": "the inner sizes of an @ differ; does one side want a .T?",
    "nonzero scalar to a sparse array": "np.dot does not know sparse arrays; use @",
    "on Tensor that requires grad": "stay in torch: detach would cut off the gradient",
    "before Module.__init__": "begin your __init__ with super().__init__()",
    "float infinity to integer": "whole numbers cannot hold infinity: work in floats",
}


@dataclass(frozen=True)
class Difference:
    """How one value differs from what was expected: the kind of fault and a sentence.

    Where two values were compared, the parts of the sentence: which value (where), got, expected,
    and how many entries differ (count, "" if there is but one).
    """

    kind: str
    message: str
    where: str = ""
    got: str = ""
    expected: str = ""
    count: str = ""


@dataclass(frozen=True)
class Verdict:
    """The diagnosis of one exercise.

    `kind` is "passed" or the first fault in the order missing, exception, type, shape, dtype, nan,
    changed, values. `case` is the label of the first case that differs, `message` says how,
    `mistake` and `sentence` name the known mistake that does exactly the same on every case.

    The judge has more kinds, such as "undefined" (no such function) and "broken" (the function's
    cell stops with an exception, which is then `got`). `where`, `got`, `expected` and `count` are
    parts of the message, as in a Difference; two verdicts that say the same are equal without them.
    """

    exercise: str
    kind: str
    n_cases: int
    case: str = ""
    arguments: tuple[str, ...] = ()
    message: str = ""
    mistake: str = ""
    sentence: str = ""
    where: str = field(default="", compare=False)
    got: str = field(default="", compare=False)
    expected: str = field(default="", compare=False)
    count: str = field(default="", compare=False)

    @property
    def passed(self):
        """Whether every case came out right."""
        return self.kind == "passed"

    def lines(self, praise):
        """Return the verdict as the lines a student reads; `praise` is what passing is called."""
        if self.passed:
            return [f"✓ {self.exercise}: {praise} ({self.n_cases} cases)"]
        if self.kind == "missing":
            return [f"○ {self.exercise}: {self.message}"]
        lines = [f"✗ {self.exercise}: {self.message}"]
        if self.sentence:
            lines.append(f"  → {self.sentence}")
        if self.case:
            lines.append(f"  case: {self.case}, called with")
            lines += [f"    {argument}" for argument in self.arguments]
        return lines


def diagnose(examination, outcomes):
    """Return the Verdict on `outcomes`, one per case of the examination, in order."""
    tolerance = examination["tolerance"]
    # read once: they are compared with what every known mistake does
    outcomes = [
        outcome | {"value": _Read(_read(outcome["value"]))} if "value" in outcome else outcome
        for outcome in outcomes
    ]
    for case, outcome in zip(examination["cases"], outcomes, strict=True):
        difference = outcome_difference(outcome, case["expected"], tolerance)
        if difference is None:
            continue
        mistake = _recognise(examination, outcomes) if difference.kind != "missing" else {}
        sentence = mistake.get("sentence", "")
        if difference.kind == "values" and not sentence:
            sentence = _suspect(examination, outcomes, case)
        return Verdict(
            exercise=examination["exercise"],
            kind=difference.kind,
            n_cases=len(examination["cases"]),
            case=case["label"],
            arguments=describe_arguments(case["arguments"]),
            message=difference.message,
            mistake=mistake.get("name", ""),
            sentence=sentence,
            where=difference.where,
            got=difference.got,
            expected=difference.expected,
            count=difference.count,
        )
    return Verdict(examination["exercise"], "passed", len(examination["cases"]))


def _recognise(examination, outcomes):
    """Return the mistake whose outcome is the same on every case, or an empty dict."""
    for mistake in examination["mistakes"]:
        if all(
            outcome_difference(outcome, known, examination["tolerance"]) is None
            for outcome, known in zip(outcomes, mistake["outcomes"], strict=True)
        ):
            return mistake
    return {}


def _suspect(examination, outcomes, case):
    """Return a guess from the one known mistake that does the same on the first wrong case.

    A function with two mistakes agrees with neither on all cases, but often with one on some. Small
    numbers coincide, so one case is not enough: the mistake has to do the same on a second wrong
    case, and must not fail where the function is right.
    """
    tolerance = examination["tolerance"]

    def does(expected, number):
        return outcome_difference(outcomes[number], expected, tolerance) is None

    first = examination["cases"].index(case)
    fitting = [
        mistake for mistake in examination["mistakes"] if does(mistake["outcomes"][first], first)
    ]
    if len(fitting) != 1:
        return ""
    agreements = 0
    for number, known in enumerate(fitting[0]["outcomes"]):
        right = examination["cases"][number]["expected"]
        if outcome_difference(known, right, tolerance):
            if does(right, number):
                return ""
            agreements += does(known, number)
    return f"Perhaps: {fitting[0]['sentence']}" if agreements > 1 else ""


def outcome_difference(outcome, expected, tolerance):
    """Return the first Difference between two outcomes, or None when they agree."""
    if "raised" in expected:
        if outcome.get("raised") == expected["raised"]:
            return None
        return Difference("exception", f"expected {expected['raised']} to be raised")
    # the placeholder says nothing; libraries that cannot do something say what
    if outcome.get("raised") == "NotImplementedError" and not outcome["says"]:
        return Difference("missing", "not written yet. Replace the line that raises and run again.")
    if "raised" in outcome:
        message = f"raised {outcome['raised']}: {outcome['says']}"
        message += f" at `{outcome['line']}`" if outcome["line"] else ""
        return Difference("exception", message + remedy(outcome["says"]))
    difference = value_difference(_read(outcome["value"]), _read(expected["value"]), tolerance)
    if difference is None and outcome["changed"] != expected["changed"]:
        names = ", ".join(f"`{name}`" for name in outcome["changed"]) or "nothing"
        return Difference("changed", f"the result is right, but the call changed {names}")
    return difference


def remedy(says):
    """Return " (what to do)" about a message of NumPy that puzzles beginners, or ""."""
    return "".join(f" ({what})" for symptom, what in REMEDIES.items() if symptom in says)


@dataclass(frozen=True)
class _Read:
    """A value that has been decoded already."""

    value: object


def _read(encoded):
    if isinstance(encoded, _Read):
        return encoded.value
    return decode(encoded, tensor=TensorArray.of)


def value_difference(got, expected, tolerance, where="the result"):
    """Return the first Difference in the order type, shape, dtype, nan, values; None if equal."""
    if isinstance(expected, tuple | list):
        return _sequence_difference(got, expected, tolerance, where)
    if isinstance(expected, dict):
        if not isinstance(got, dict) or sorted(got) != sorted(expected):
            keys = ", ".join(sorted(expected))
            return Difference("type", f"{where} should be a dict with the keys {keys}")
        differences = (
            value_difference(got[key], expected[key], tolerance, _part(where, key))
            for key in expected
        )
        return next((found for found in differences if found), None)
    if type(expected) is np.ndarray and expected.shape == ():  # of NumPy's own number types, too
        expected = expected.item()
    if isinstance(expected, np.ndarray) or sp.issparse(expected):
        return _array_difference(got, expected, tolerance, where)
    if isinstance(expected, bool | str) or expected is None:
        if type(got) is not type(expected):
            return Difference("type", f"{where} should be {_kind(expected)}, got {_kind(got)}")
        if got != expected:
            return _other_values(where, repr(got), repr(expected))
        return None
    return _number_difference(got, expected, tolerance, where)


def _part(where, key):
    # a driver's keys are words for people; a student's dict has names
    return key if " " in key else f"{where}[{key!r}]"


def _sequence_difference(got, expected, tolerance, where):
    if type(got) is not type(expected):
        wanted = f"{_kind(expected)} of {len(expected)} elements"
        return Difference("type", f"{where} should be {wanted}, got {_kind(got)}")
    if len(got) != len(expected):
        message = f"{where} should have {len(expected)} elements, got {len(got)}"
        return Difference("shape", message)
    for position, (mine, right) in enumerate(zip(got, expected, strict=True)):
        found = value_difference(mine, right, tolerance, f"element {position} of {where}")
        if found:
            return found
    return None


def _number_difference(got, expected, tolerance, where):
    if type(got) is np.ndarray and got.shape == ():  # a tensor is no number, as it is no array
        got = got[()]  # a scalar that keeps its precision
    if isinstance(got, int) and abs(got) > MAX_INT:
        got = np.inf
    if isinstance(got, bool) or not isinstance(got, int | float | np.number):
        return Difference("type", f"{where} should be {_kind(expected)}, got {_kind(got)}")
    if isinstance(expected, int) and isinstance(got, float | np.floating):
        return Difference("dtype", f"{where} should be an int, got {float(got)}")
    if not np.isfinite(got) and np.isfinite(expected):
        message = f"{where} is {got}, expected {_short(expected)}"
        return Difference("nan", message, where, str(got), _short(expected))
    if not _close(np.asarray(got), np.asarray(expected), tolerance):
        return _other_values(where, _short(got), _short(expected), off=abs(got - expected))
    return None


def _array_difference(got, expected, tolerance, where):
    if got is None and where.startswith("the gradient of "):
        name = where.removeprefix("the gradient of ")
        message = (
            f"{name} gets no gradient: your result does not use it, or is cut off from it "
            "(.detach(), .item(), .numpy(), torch.no_grad()), so nothing could be learnt through it"
        )
        return Difference("type", message)
    if any(isinstance(got, kind) != isinstance(expected, kind) for kind in ARRAYS):
        return Difference("type", f"{where} should be {_kind(expected)}, got {_kind(got)}")
    if got.shape != expected.shape:
        message = f"{where} should have shape {expected.shape}, got {got.shape}"
        return Difference("shape", message)
    if sp.issparse(expected):
        got, expected = got.toarray(), expected.toarray()
    if (got.dtype.kind == "b") != (expected.dtype.kind == "b") or (
        expected.dtype.kind in "iu" and got.dtype.kind == "f"
    ):
        message = f"{where} should hold {expected.dtype.name}, got {got.dtype.name}"
        return Difference("dtype", message)
    if got.dtype.kind == "f" and (np.isfinite(expected) & ~np.isfinite(got)).any():
        index = tuple(map(int, np.argwhere(np.isfinite(expected) & ~np.isfinite(got))[0]))
        mine, right = str(got[index]), _short(expected[index])
        message = f"{where} is {mine} at {_at(index)}, expected {right}"
        return Difference("nan", message, f"{where} at {_at(index)}", mine, right)
    wrong = ~_close(got, expected, tolerance)
    if not wrong.any():
        return None
    if expected.size > MAX_SHOWN:
        index = tuple(map(int, np.argwhere(wrong)[0]))
        where, got, expected = f"{where} at {_at(index)}", got[index], expected[index]
    count = f"{int(wrong.sum())} of {wrong.size} entries differ" if wrong.size > 1 else ""
    with np.errstate(invalid="ignore"):  # of two infinite numbers
        off = np.abs(np.subtract(got, expected, dtype=float))
    off = np.max(off, initial=0.0, where=np.isfinite(off))
    return _other_values(where, _short(got), _short(expected), count, off)


def _other_values(where, got, expected, count="", off=0.0):
    if got == expected:  # as far as digits are shown
        count = f"off by {off:.0e}: compute in float64, and add nothing for safety"
    message = f"{where}: got {got}, expected {expected}" + (f" ({count})" if count else "")
    return Difference("values", message, where, got, expected, count)


def _close(got, expected, tolerance):
    # float32 keeps about seven digits: a right answer computed in it must not fail
    if got.dtype == np.float32:
        tolerance = max(tolerance, 1e-5)
    if got.dtype.kind in "biu" and expected.dtype.kind in "biu":
        return got == expected
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(1.0, float(finite.max())) if finite.size else 1.0
    return np.isclose(got, expected, rtol=0, atol=tolerance * scale, equal_nan=True)


def describe_arguments(arguments):
    """Return encoded arguments as short lines: small values whole, large ones by shape."""
    lines = [""]
    for name, value in arguments.items():
        argument = f"{name} = {_short(_read(value))}"
        if lines[-1] and len(lines[-1]) + len(argument) > MAX_LINE:
            lines.append("")
        lines[-1] += f", {argument}" if lines[-1] else argument
    return tuple(lines)


def _short(value):
    if isinstance(value, np.ndarray) and value.size > MAX_SHOWN:
        return f"array of shape {value.shape}"
    if sp.issparse(value):
        return f"sparse {value.shape} with {value.nnz} nonzeros"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, separator=", ", max_line_width=200).replace(
            "\n", ""
        )
    if isinstance(value, np.bool_ | np.integer):
        value = value.item()
    if isinstance(value, bool | int | str):
        return repr(value)
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, list | tuple):
        inside = ", ".join(_short(element) for element in value[:MAX_SHOWN])
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def _kind(value):
    if isinstance(value, Unreadable):
        return f"a {value.type_name}"
    if value is None:
        return "None (is a `return` missing?)"
    if sp.issparse(value):
        return "a SciPy sparse matrix"
    if isinstance(value, TensorArray):
        return "a torch tensor"
    names = {np.ndarray: "a NumPy array", bool: "True or False", int: "an int", float: "a float"}
    return names.get(type(value), f"a {type(value).__name__}")


def _at(index):
    return f"index {index[0] if len(index) == 1 else index}"
