"""What the cases of lecture 04 are drawn from.

Shapes: x (n,) one row of features, X (m, n) several of them, sparse; w (n,) and V (n, k) the
weights and vectors of the features. All sizes of a case are distinct.
"""

import numpy as np
from scipy.sparse import csr_array

HAND_X = np.array([1.0, 2.0, 3.0])
HAND_V = np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]])
HAND = {"w0": 0.5, "w": np.array([1.0, -1.0, 1.0]), "V": HAND_V}
HAND_ROWS = csr_array(np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]]))


def signed(rng, *shape):
    """Return an array of both signs with four decimals, none of them 0, 1 or -1."""
    size = (2 * rng.integers(1_000, 9_000, shape) + 1) / 10_000
    return _both_signs(np.where(rng.random(shape) < 0.5, -size, size))


def _both_signs(values):
    values.flat[:2] = np.abs(values.flat[:2]) * [1, -1][: values.size]
    return values


def whole(rng, *shape):
    """Return an array of whole numbers of both signs, from 2 to 5 in size."""
    return _both_signs(rng.choice([-5.0, -4.0, -3.0, -2.0, 2.0, 3.0, 4.0, 5.0], shape))


def row(rng, n, zeros):
    """Return (n,) features that are 0 at the places `zeros`, otherwise of both signs, never 1."""
    x = signed(rng, n)
    x[zeros] = 0.0
    return x


def pairs_of_sign(rng, n, k, zeros, sign):
    """Return a row x (n,) and vectors V (n, k) whose sum over pairs has the sign and is over 1/2.

    A function that cannot give numbers of one sign is told only when both occur.
    """
    while True:
        x, V = row(rng, n, zeros), signed(rng, n, k)
        Z = V * x[:, None]
        if sign * ((Z.sum(axis=0) ** 2).sum() - (Z**2).sum()) > 1:
            return {"x": x, "V": V}


def machine(rng, n, k):
    """Return random {"w0", "w", "V"} of n features and k factors."""
    return {"w0": float(signed(rng, 2)[1]), "w": signed(rng, n), "V": signed(rng, n, k)}


def whole_machine(rng, n, k):
    """Return a machine whose weights and vectors are whole numbers, but for w0."""
    w0 = float(rng.integers(1, 100) / 4)
    return {"w0": w0, "w": whole(rng, n), "V": whole(rng, n, k)}


def rows(rng, m, n, empty_row=None, empty_column=None):
    """Return (m, n) sparse rows, about half of each stored, nothing in empty_row and empty_column.

    Every other row and every other column has at least two values.
    """
    some_rows, some_columns = np.arange(m) != empty_row, np.arange(n) != empty_column
    while True:
        dense = np.where(rng.random((m, n)) < 0.5, signed(rng, m, n), 0.0)
        dense *= np.outer(some_rows, some_columns)
        counts = (dense != 0).sum(axis=1)[some_rows], (dense != 0).sum(axis=0)[some_columns]
        if min(map(min, counts)) >= 2:
            return csr_array(dense)


def one_hot_rows(rng, m, n_users, n_items):
    """Return (m, n_users + n_items) sparse rows with a user and an item each."""
    dense = np.zeros((m, n_users + n_items))
    dense[np.arange(m), rng.integers(n_users, size=m)] = 1.0
    dense[np.arange(m), n_users + rng.integers(n_items, size=m)] = 1.0
    return csr_array(dense)
