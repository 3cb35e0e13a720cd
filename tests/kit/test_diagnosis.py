"""The diagnosis: in order, brief, never forgiving by broadcasting, kind to float32."""

import json

import numpy as np
import pytest
import torch
from scipy.sparse import coo_array, csr_array

from autograder.exercises import Exercise
from autograder.lecture.examination import examine
from embedlab.diagnosis import diagnose, value_difference
from embedlab.observe import observe
from embedlab.wire import TensorArray, Unreadable, decode, encode

MATRIX = np.arange(6.0).reshape(2, 3)


def difference(got, expected):
    """Return the first Difference of two values that came over the wire, as the judge reads it."""
    got, expected = (decode(encode(value), tensor=TensorArray.of) for value in (got, expected))
    return value_difference(got, expected, tolerance=1e-8)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -2.5, float("inf"), "text", [1, "a"], (1, [2.0]), {"a": (1,)}],
)
def test_plain_values_survive_the_wire(value):
    assert decode(json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize(
    "array",
    [
        MATRIX,
        MATRIX.T,
        MATRIX.astype(np.float32),
        np.zeros((0, 3)),
        np.array(2.0),
        np.array([True, False]),
        np.arange(3),
    ],
)
def test_arrays_keep_shape_and_dtype(array):
    back = decode(json.loads(json.dumps(encode(array))))
    assert back.shape == array.shape
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)


def test_sparse_matrices_and_tensors_survive_the_wire():
    sparse = coo_array(([1.0, 2.0, 3.0], ([0, 0, 1], [1, 1, 2])), shape=(2, 3))
    assert np.array_equal(decode(encode(sparse)).toarray(), [[0, 3, 0], [0, 0, 3]])
    assert torch.equal(decode(encode(torch.tensor([1.0, 2.0]))), torch.tensor([1.0, 2.0]))


def test_what_is_not_data_keeps_only_its_name():
    assert encode(print) == {"unreadable": "builtin_function_or_method"}
    assert isinstance(decode(encode({1: 2})), Unreadable)
    with pytest.raises(ValueError, match="not an encoded value"):
        decode({"pickle": "..."})


@pytest.mark.parametrize(
    ("got", "expected", "kind"),
    [
        (None, MATRIX, "type"),
        (MATRIX.tolist(), MATRIX, "type"),
        (torch.from_numpy(MATRIX), MATRIX, "type"),
        (csr_array(MATRIX), MATRIX, "type"),
        (MATRIX, csr_array(MATRIX), "type"),
        (MATRIX.T, MATRIX, "shape"),
        (MATRIX[:1], MATRIX, "shape"),
        (np.array(0.0), np.zeros((1, 1)), "shape"),
        (np.zeros((3, 1)), np.zeros(3), "shape"),
        (np.where(MATRIX > 4, np.nan, MATRIX), MATRIX, "nan"),
        (np.array([1.0]), np.array([1]), "dtype"),
        (np.array([1, 0]), np.array([True, False]), "dtype"),
        (MATRIX + 1e-6, MATRIX, "values"),
        (np.array([1.0, 2.0]), 1.0, "type"),
        ("1", 1.0, "type"),
        (True, 1, "type"),
        (1.5, 1, "dtype"),
        (2.0, 2, "dtype"),
        (float("nan"), 1.0, "nan"),
        (1.0 + 1e-6, 1.0, "values"),
        ([1, 2], (1, 2), "type"),
        ((1, 2, 3), (1, 2), "shape"),
        ((1, MATRIX.T), (1, MATRIX), "shape"),
        ({"a": 1}, {"b": 1}, "type"),
        ({"a": 2}, {"a": 1}, "values"),
        (False, True, "values"),
        (2.1, np.array(2.0), "values"),
        (2.0, np.array(2), "dtype"),
        (1, np.array(True), "type"),
        (np.array([2.0]), np.array(2.0), "type"),
        (2.0, torch.tensor(2.0), "type"),
        (torch.tensor(2.0), 2.0, "type"),
    ],
)
def test_the_first_fault_is_named(got, expected, kind):
    found = difference(got, expected)
    assert found.kind == kind
    assert len(found.message) < 200


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (MATRIX + 1e-12, MATRIX),
        (MATRIX.astype(np.float32) * np.float32(1 + 1e-6), MATRIX),
        (np.float32(0.1), 0.1),
        (2, 2.0),
        (np.array(2.0), 2.0),
        (2.0, np.array(2.0)),
        (np.array(2.0), np.array(2.0)),
        (2.0, np.float32(2.0)),
        (True, np.array(True)),
        (torch.tensor(2.0), torch.tensor(2.0)),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.array([1, 2], dtype=np.int32), np.array([1, 2])),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (csr_array(MATRIX), coo_array(MATRIX)),
    ],
)
def test_harmless_differences_are_forgiven(got, expected):
    assert difference(got, expected) is None


def test_a_large_array_is_shown_by_its_first_difference():
    expected = np.arange(100.0).reshape(10, 10)
    got = expected.copy()
    got[3, 4] = 0.5
    message = value_difference(got, expected, 1e-8).message
    assert "index (3, 4): got 0.5, expected 34 (1 of 100 entries differ)" in message


@pytest.fixture
def examination():
    """An exercise 'double' with one known mistake."""
    exercise = Exercise("double", points=1)

    @exercise.cases
    def _(rng):
        yield "one", {"x": np.array([1.0, 2.0])}
        yield "two", {"x": np.array([3.0, 0.0])}

    @exercise.mistake("You squared.")
    def squared(x):
        return x**2

    return examine(exercise, lambda x: 2 * x, seed=0)


def verdict(examination, function):
    return diagnose(examination, [observe(function, c["arguments"]) for c in examination["cases"]])


def test_passing_claims_no_more_than_it_knows(examination):
    lines = verdict(examination, lambda x: x + x).lines("visible checks passed")
    assert lines == ["✓ double: visible checks passed (2 cases)"]


def test_a_known_mistake_is_recognised_only_if_every_case_agrees(examination):
    found = verdict(examination, lambda x: x * x)
    assert (found.mistake, found.sentence) == ("squared", "You squared.")
    assert verdict(examination, lambda x: x * x if x[1] else x - 1).mistake == ""


@pytest.fixture
def doubling():
    """An exercise 'double' with four cases, 3, 4, 5 and 2, and mistakes that agree on some."""
    exercise = Exercise("double", points=1)

    @exercise.cases
    def _(rng):
        for x in (3, 4, 5, 2):
            yield f"x = {x}", {"x": x}

    exercise.mistake("You squared.")(lambda x: x**2)  # as good as tripled for 3, right for 2
    exercise.mistake("You tripled.")(lambda x: 3 * x)
    exercise.mistake("You cubed.")(lambda x: x**3)
    exercise.mistake("You added 3.")(lambda x: x + 3)  # right for 3
    return examine(exercise, lambda x: 2 * x, seed=0)


@pytest.mark.parametrize(
    ("results", "guess"),
    [
        ((27, 64, 0, 0), "Perhaps: You cubed."),
        ((6, 7, 8, 0), "Perhaps: You added 3."),  # right where the mistake is right, too
        ((27, 0, 0, 0), ""),  # only once the same
        ((6, 7, 0, 0), ""),  # the same twice, but one of them is right
        ((27, 64, 10, 0), ""),  # right where the mistake is wrong
        ((9, 16, 0, 4), ""),  # two mistakes do the same on the first case
        ((0, 64, 125, 8), ""),  # none does the same on the first wrong case
    ],
)
def test_a_guess_agrees_with_everything_seen(doubling, results, guess):
    found = verdict(doubling, dict(zip((3, 4, 5, 2), results, strict=True)).get)
    assert (found.mistake, found.sentence) == ("", guess)


def test_the_message_shows_got_expected_and_the_call(examination):
    lines = "\n".join(verdict(examination, lambda x: x * x).lines(""))
    assert "got [1., 4.], expected [2., 4.]" in lines
    assert "x = [1., 2.]" in lines


def test_a_blank_is_missing_not_wrong(examination):
    def blank(x):
        raise NotImplementedError

    found = verdict(examination, blank)
    assert found.kind == "missing"
    assert "not written yet" in found.lines("")[0]


def test_what_a_library_has_not_implemented_is_no_blank(examination):
    def wrong(x):
        return csr_array(np.eye(2)) + 1.0

    found = verdict(examination, wrong)
    assert found.kind == "exception"
    line = found.lines("")[0]
    assert "NotImplementedError" in line
    assert "use @" in line


@pytest.mark.parametrize("got", [0.1 + 3e-8, np.array([0.1 + 3e-8, np.inf])])
def test_values_that_look_equal_are_told_by_how_much_they_differ(got):
    expected = np.array([0.1, np.inf]) if isinstance(got, np.ndarray) else 0.1
    found = difference(got, expected)
    assert found.got == found.expected
    assert "off by 3e-08: compute in float64" in found.message


def test_an_exception_names_the_line(examination):
    def wrong(x):
        return x @ np.zeros(5)

    found = verdict(examination, wrong)
    assert found.kind == "exception"
    assert "raised ValueError" in found.message
    assert "return x @ np.zeros(5)" in found.message


def test_a_puzzling_message_comes_with_its_remedy(examination):
    def wrong(x):
        return 2 * x if x > 0 else x

    assert "np.where" in verdict(examination, wrong).message


def test_an_argument_changed_in_place_is_found(examination):
    def doubles_in_place(x):
        x *= 2
        return x

    found = verdict(examination, doubles_in_place)
    assert found.kind == "changed"
    assert "`x`" in found.message


def test_a_function_never_sees_the_last_call_s_changes(examination):
    seen = []

    def remember(x):
        seen.append(x.copy())
        x[:] = 0
        return x

    verdict(examination, remember)
    verdict(examination, remember)
    assert np.array_equal(seen[0], seen[2])


def test_booleans_are_told_as_booleans():
    wrong = np.zeros(20, dtype=bool)
    found = value_difference(wrong, ~wrong, 0)
    assert (
        found.message == "the result at index 0: got False, expected True (20 of 20 entries differ)"
    )
