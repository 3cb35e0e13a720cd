"""What differs is said once as a sentence and once as its parts, which are the same words."""

import numpy as np
import pytest

from embedlab.diagnosis import Verdict, value_difference

LARGE = np.arange(20.0)


@pytest.mark.parametrize(
    ("got", "expected", "parts"),
    [
        (1.5, 2.0, ("the result", "1.5", "2", "")),
        ("a", "b", ("the result", "'a'", "'b'", "")),
        (True, False, ("the result", "True", "False", "")),
        (float("nan"), 2.0, ("the result", "nan", "2", "")),
        (np.array([1.0, 2]), np.array([1.0, 3]), ("the result", "[1., 2.]", "[1., 3.]", "1 of 2")),
        (LARGE + 1, LARGE, ("the result at index 0", "1", "0", "20 of 20")),
        (LARGE * np.nan, LARGE, ("the result at index 0", "nan", "0", "")),
        ((1, 2), (1, 3), ("element 1 of the result", "2", "3", "")),
        ({"a b": "got c, expected d"}, {"a b": ""}, ("a b", "'got c, expected d'", "''", "")),
    ],
)
def test_a_comparison_has_its_parts(got, expected, parts):
    found = value_difference(got, expected, 1e-8)
    where, mine, right, count = parts
    assert (found.where, found.got, found.expected) == (where, mine, right)
    assert found.count == (f"{count} entries differ" if count else "")
    assert all(part in found.message for part in (mine, right, found.count))


@pytest.mark.parametrize(("got", "expected"), [(None, 1.0), (LARGE, LARGE[:3]), (0.5, 1)])
def test_what_is_no_comparison_of_values_has_none(got, expected):
    found = value_difference(got, expected, 1e-8)
    assert (found.where, found.got, found.expected, found.count) == ("", "", "", "")


def test_verdicts_that_say_the_same_are_equal():
    """Of an older record only the sentence is known."""
    told = Verdict("f", "values", 3, message="the result: got 1, expected 2")
    assert told == Verdict("f", "values", 3, message=told.message, got="1", expected="2")
    assert told != Verdict("f", "values", 3, message="the result: got 1, expected 3")
