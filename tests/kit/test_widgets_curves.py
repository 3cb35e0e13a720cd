"""The states of the curve family, as data."""

import json
from dataclasses import fields

import numpy as np
import pytest

from embedlab.widgets import Curves, curve_states

X = np.array([1, 2, 5, 10, 1000])
CURVES, STATES = ["double sum", "one pass", "none"], ["k = 2", "k = 3"]


def example(seed=0):
    """Two states of three curves over five points, some of them not drawn."""
    values = np.random.default_rng(seed).random((2, 3, 5)) + 0.1
    values[1, 0, 2:4] = np.nan
    return values


@pytest.fixture
def states():
    return curve_states(X, example(), CURVES, STATES)


def test_states_are_what_was_given(states):
    np.testing.assert_array_equal(states.x, X)
    np.testing.assert_array_equal(states.values, example())
    assert states.x.dtype == states.values.dtype == np.float64
    assert (states.curve_names, states.state_names) == (tuple(CURVES), tuple(STATES))


def test_states_do_not_follow_the_callers_arrays():
    x, values = X.astype(float), example()
    states = curve_states(x, values, CURVES, STATES)
    x[:], values[:] = 0, 0
    np.testing.assert_array_equal(states.x, X)
    np.testing.assert_array_equal(states.values, example())


def test_one_state_needs_no_name():
    assert curve_states(X, example()[:1], CURVES).state_names == ("",)


def test_same_input_gives_the_same_bytes(states):
    again = curve_states(X, example(), CURVES, STATES)
    for one in fields(states):
        first, second = getattr(states, one.name), getattr(again, one.name)
        assert np.asarray(first).tobytes() == np.asarray(second).tobytes(), one.name
    assert Curves(states).states == Curves(again).states


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({0: X[::-1]}, "x must be at least two increasing numbers"),
        ({0: [1, 2, 2, 3, 4]}, "increasing numbers"),
        ({0: [1, 2, 3, 4, np.inf]}, "increasing numbers"),
        ({0: [1, 2, np.nan, 4, 5]}, "increasing numbers"),
        ({0: np.stack([X, X])}, "increasing numbers"),
        ({0: [1], 1: example()[..., :1]}, "at least two"),
        ({0: X[:4]}, r"values has shape \(2, 3, 5\).*4 numbers in x.*must be \(2, 3, 4\)"),
        ({1: example()[0]}, r"values has shape \(3, 5\)"),
        ({1: example().swapaxes(0, 1)}, r"must be \(2, 3, 5\)"),
        ({2: CURVES[:2]}, "2 curve names"),
        ({3: STATES[:1]}, "1 state names"),
        ({1: np.zeros((2, 0, 5)), 2: []}, "with no 0 in it"),
        ({1: np.full((2, 3, 5), np.inf)}, "infinite numbers, which no axis can show"),
        ({1: example() * np.nan}, "NaN everywhere"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    arguments = [
        change.get(n, argument) for n, argument in enumerate((X, example(), CURVES, STATES))
    ]
    with pytest.raises(ValueError, match=sentence):
        curve_states(*arguments)


@pytest.mark.parametrize("smallest", [0, -0.5])
def test_a_logarithmic_axis_refuses_what_is_not_positive(smallest):
    values = example()
    values[1, 2, 4] = smallest
    states = curve_states(X, values, CURVES, STATES)
    with pytest.raises(ValueError, match=f"log_y=True, but the smallest.*is {smallest:g}: "):
        Curves(states, log_y=True)
    states = curve_states([smallest, 1, 2, 3, 4], example(), CURVES, STATES)
    with pytest.raises(ValueError, match=f"log_x=True, but the smallest.*is {smallest:g}: "):
        Curves(states, log_x=True)
    Curves(states, log_y=True)  # what is not drawn does not count


def test_the_browser_gets_six_digits_and_none_where_nothing_is_drawn():
    values = np.array([[[1 / 3, np.nan, 2e9 / 3, 4, 0]]])
    widget = Curves(curve_states(X, values, ["cost"]), x="n", y="products", log_x=True)
    assert widget.states == {
        "x": [1, 2, 5, 10, 1000],
        "values": [[[0.333333, None, 666667000.0, 4, 0]]],
        "curveNames": ["cost"],
        "stateNames": [""],
        "xName": "n",
        "yName": "products",
        "slider": "k",
        "logX": True,
        "logY": False,
    }
    json.dumps(widget.states, allow_nan=False)


def test_repr_is_short_and_changes_with_the_states(states):
    text = repr(Curves(states))
    assert text.startswith("<Curves x 5 mean=203.6 std=398.2, values 2x3x5 mean=")
    assert len(text) <= 110
    assert text == repr(Curves(curve_states(X, example(), CURVES, STATES)))
    assert text != repr(Curves(curve_states(X, example(seed=1), CURVES, STATES)))
    assert text != repr(Curves(curve_states(X * 2, example(), CURVES, STATES)))


def test_a_notebook_keeps_less_than_300_kb():
    """The largest that a lecture should use: 5 curves of 200 points at 20 states."""
    x = np.arange(200) * 10
    values = np.random.default_rng(0).normal(size=(20, 5, 200))
    names = [f"a curve with a long name, {n}" for n in range(5)]
    kept = Curves(curve_states(x, values, names, range(20))).get_state()
    assert len(json.dumps(kept)) < 300_000
