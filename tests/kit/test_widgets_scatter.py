"""The states of the scatter family, as data."""

import json

import numpy as np
import pytest

from embedlab.widgets import MovingVectors, descent_states

STEPS = [0, 1, 2, 5, 9]
ROWS, COLUMNS = ["Ann", "Ben", "Cleo"], ["first", "second", "third", "fourth"]


def descent(d=2, rate=0.05, shown_steps=STEPS, seed=0):
    """Gradient descent on a 3 x 4 matrix with two unknown cells; everything by hand."""
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(3, 4))
    target[0, 1] = target[2, 3] = np.nan
    known = np.isfinite(target)

    def errors(rows, columns):
        return np.where(known, np.nan_to_num(target) - rows @ columns.T, 0.0)

    def step(rows, columns):
        left = errors(rows, columns)
        return rows + rate * left @ columns, columns + rate * left.T @ rows

    def loss(rows, columns):
        return 0.5 * (errors(rows, columns) ** 2).sum()

    start = rng.normal(size=(3, d)), rng.normal(size=(4, d))
    return target, *start, step, loss, shown_steps, ROWS, COLUMNS


@pytest.fixture(scope="module")
def states():
    return descent_states(*descent())


@pytest.mark.parametrize("d", [2, 3])
def test_every_state_is_the_start_after_its_number_of_steps(d):
    target, rows, columns, step, loss, *rest = descent(d)
    states = descent_states(target, rows, columns, step, loss, *rest)
    seen = 0
    for number in range(STEPS[-1] + 1):
        if number in STEPS:
            here = states.positions()[seen]
            np.testing.assert_allclose(here[:3], rows, atol=states.reach / 32_767)
            np.testing.assert_allclose(here[3:], columns, atol=states.reach / 32_767)
            assert states.loss[seen] == pytest.approx(loss(rows, columns))
            seen += 1
        rows, columns = step(rows, columns)
    assert seen == len(STEPS) == len(states.points)


def test_the_start_is_left_as_it_was():
    target, rows, columns, *rest = descent()
    before = rows.copy(), columns.copy()
    descent_states(target, rows, columns, *rest)
    np.testing.assert_array_equal(rows, before[0])
    np.testing.assert_array_equal(columns, before[1])


def test_residuals_are_target_minus_dot_product_where_known(states):
    residuals = states.residuals()
    positions = states.positions()
    for state, row, column in np.ndindex(residuals.shape):
        expected = states.target[row, column] - positions[state, row] @ positions[state, 3 + column]
        assert residuals[state, row, column] == pytest.approx(expected, nan_ok=True)
    assert np.isnan(residuals).sum() == 2 * len(STEPS)
    np.testing.assert_allclose(0.5 * np.nansum(residuals**2, axis=(1, 2)), states.loss, rtol=1e-3)


def test_the_reach_is_the_largest_coordinate_of_all_states(states):
    assert np.abs(states.points).max() == 32_767
    assert states.reach == pytest.approx(np.abs(states.positions()).max())


def test_vectors_that_stay_at_zero_are_states_too():
    target, rows, columns, *rest = descent()
    states = descent_states(target, 0 * rows, 0 * columns, *rest)
    assert not states.points.any()
    assert len(set(states.loss)) == 1
    assert "nan" not in repr(MovingVectors(states, STEPS))


def test_same_input_gives_the_same_bytes(states):
    again = MovingVectors(descent_states(*descent()), STEPS)
    widget = MovingVectors(states, STEPS)
    assert widget.points == again.points
    assert widget.states == again.states


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({0: np.zeros((3, 5))}, r"target has shape \(3, 5\)"),
        ({1: np.zeros((2, 2))}, "the factors 2 and 4 rows"),
        ({0: np.full((3, 4), np.nan)}, "no known cell"),
        ({1: np.zeros((3, 4)), 2: np.zeros((4, 4))}, "both have 2 columns, or both 3"),
        ({1: np.zeros((3, 3))}, "both have 2 columns, or both 3"),
        ({5: [0]}, "at least two increasing numbers"),
        ({5: [0, 5, 2]}, "at least two increasing numbers"),
        ({3: lambda rows, columns: (rows * np.inf, columns)}, "take smaller steps"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_cannot_be_shown_is_refused(change, sentence):
    arguments = [change.get(n, argument) for n, argument in enumerate(descent())]
    with pytest.raises(ValueError, match=sentence):
        descent_states(*arguments)


def test_repr_is_short_and_changes_with_the_states(states):
    text = repr(MovingVectors(states, STEPS))
    assert text.startswith("<MovingVectors positions 5x7x2 mean=")
    assert len(text) <= 120
    assert text == repr(MovingVectors(descent_states(*descent()), STEPS))
    assert text != repr(MovingVectors(descent_states(*descent(rate=0.06)), STEPS))


def test_the_browser_gets_little_endian_points_and_none_for_unknown(states):
    widget = MovingVectors(states, STEPS, rows="people", columns="films")
    points = np.frombuffer(widget.points, "<i2").reshape(states.points.shape)
    np.testing.assert_array_equal(points, states.points)
    assert widget.states["target"][0][1] is None
    assert widget.states["target"][0][0] == pytest.approx(states.target[0, 0], abs=1e-4)
    assert widget.states["steps"] == STEPS
    assert (widget.states["rows"], widget.states["columns"]) == ("people", "films")
    largest = np.nanmax(np.abs(states.residuals()))
    assert widget.states["largest"] == pytest.approx(largest, abs=1e-5)
    json.dumps(widget.states, allow_nan=False)


def test_a_notebook_keeps_less_than_300_kb():
    """The largest that a lecture should use: 30 x 40 names in space, 200 states."""
    rng = np.random.default_rng(0)
    states = descent_states(
        rng.normal(size=(30, 40)),
        rng.normal(size=(30, 3)),
        rng.normal(size=(40, 3)),
        lambda rows, columns: (rows * 0.99, columns),
        lambda rows, columns: 1.0,
        range(200),
        [f"user number {n}" for n in range(30)],
        [f"a film with a long name, {n}" for n in range(40)],
    )
    kept = MovingVectors(states, range(200)).get_state()
    in_base64 = 4 / 3 * len(kept.pop("points"))
    assert in_base64 + len(json.dumps(kept)) < 300_000
