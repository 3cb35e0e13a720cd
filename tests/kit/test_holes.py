"""Cells that are hidden from a model."""

import numpy as np
import pytest

from embedlab.data.holes import hide_known


def with_gaps(shape=(7, 11), seed=0):
    """Return whole numbers, a fifth of them unknown."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < 0.2, np.nan, rng.integers(0, 17, shape))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.99])
def test_that_share_of_the_known_cells_is_hidden(share):
    values = with_gaps()
    known = np.isfinite(values)
    left, hidden = hide_known(values, share, seed=3)
    assert (left.dtype, hidden.dtype) == (np.float64, bool)
    assert hidden.sum() == np.rint(share * known.sum())
    assert known[hidden].all()
    np.testing.assert_array_equal(np.isfinite(left), known & ~hidden)
    np.testing.assert_array_equal(left[known & ~hidden], values[known & ~hidden])


def test_the_values_are_left_as_they_were():
    for values in (with_gaps(), np.arange(12).reshape(3, 4)):
        before = values.copy()
        hide_known(values, 0.5, seed=0)
        np.testing.assert_array_equal(values, before)


def test_hidden_cells_follow_the_seed_and_any_can_be_hidden():
    values = with_gaps((3, 4))
    masks = [hide_known(values, 0.3, seed)[1] for seed in range(60)]
    np.testing.assert_array_equal(masks[5], hide_known(values, 0.3, seed=5)[1])
    assert len({mask.tobytes() for mask in masks}) > 30
    np.testing.assert_array_equal(np.any(masks, axis=0), np.isfinite(values))


@pytest.mark.parametrize("share", [0, 1, -0.2, 30, np.nan])
def test_a_share_that_hides_nothing_or_all_is_refused(share):
    with pytest.raises(ValueError, match=r"share is .* strictly between 0 and 1"):
        hide_known(with_gaps(), share, seed=0)
