"""What the cases of lecture 04 are drawn from.

Shapes: x (n,) one row of features, X (m, n) several of them, sparse; w (n,) and V (n, k) the
weights and vectors of the features. All sizes are distinct.
"""

import numpy as np
from scipy.sparse import csr_array

HAND_X = np.array([1.0, 2.0, 3.0])
HAND_V = np.array([[1.0, 0.0], [2.0, 1.0], [-1.0, 1.0]])
HAND = {"w0": 0.5, "w": np.array([1.0, -1.0, 0.5]), "V": HAND_V}
HAND_ROWS = csr_array(np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]]))


def signed(rng, *shape):
    """Return an array of both signs with two decimals, none of them zero."""
    size = rng.integers(20, 180, shape) / 100
    values = np.where(rng.random(shape) < 0.5, -size, size)
    values.flat[:2] = 0.7, -1.3
    return values


def row(rng, n):
    """Return (n,) features: two of them 0, the others of both signs and not 1."""
    x = signed(rng, n)
    x[rng.permutation(np.arange(2, n))[:2]] = 0.0
    return x


def machine(rng, n, k):
    """Return random {"w0", "w", "V"} of n features and k factors."""
    return {"w0": float(signed(rng, 2)[0]), "w": signed(rng, n), "V": signed(rng, n, k)}


def rows(rng, m, n):
    """Return (m, n) sparse rows, about half of each stored, column 0 in most of them."""
    dense = np.where(rng.random((m, n)) < 0.5, signed(rng, m, n), 0.0)
    dense[: m - 1, 0] = signed(rng, m - 1)
    dense[0, 1], dense[1, 2] = 0.6, -1.7
    return csr_array(dense)


def one_hot_rows(rng, m, n_users, n_items):
    """Return (m, n_users + n_items) sparse rows with a user and an item each."""
    dense = np.zeros((m, n_users + n_items))
    dense[np.arange(m), rng.integers(n_users, size=m)] = 1.0
    dense[np.arange(m), n_users + rng.integers(n_items, size=m)] = 1.0
    return csr_array(dense)
