"""What the cases of lecture 06 are drawn from.

Shapes: vectors (n, d) one a row; watched and known (n, n_items) of 0 and 1, or booleans. All sizes
of a case are distinct.
"""

import numpy as np

LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


def a_word(rng, n):
    """Return a word of n different letters."""
    return "".join(rng.permutation(LETTERS)[:n])


def signed(rng, *shape):
    """Return numbers of both signs with three decimals, none of them 0 or 1 in size."""
    size = rng.integers(201, 1799, shape) / 1000
    size[size == 1] = 1.25
    values = np.where(rng.random(shape) < 0.5, -size, size)
    values.flat[:2] = np.abs(values.flat[:2]) * [1, -1][: values.size]
    return values


def cosines(rng, *shape):
    """Return different numbers from -0.95 to 0.95 with three decimals, of both signs."""
    n = int(np.prod(shape))
    steps = rng.permutation(np.arange(-950, 951, 7))[:n]
    steps[: min(n, 2)] = [-rng.integers(200, 400), rng.integers(600, 900)][: min(n, 2)]
    return rng.permutation(steps / 1000).reshape(shape)


def some_true(rng, n_rows, n_columns, n_true):
    """Return (n_rows, n_columns) booleans, n_true of every row True, no two rows alike by plan."""
    places = np.argsort(rng.random((n_rows, n_columns)), axis=1)
    return places < n_true
