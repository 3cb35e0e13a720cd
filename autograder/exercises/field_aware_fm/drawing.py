"""What the cases of lecture 05 are drawn from.

Shapes: x (n,) one row of features; fields (n,) the field of each; V (n, n_fields, k) with V[i, g]
the vector of feature i for field g. All sizes of a case are distinct.
"""

import numpy as np

from autograder.exercises.factorization_machines.drawing import signed, whole

HAND_FIELDS = np.array([0, 0, 1])
HAND = {
    "x": np.array([1.0, 2.0, 3.0]),
    "V": np.array([[[2.0, 0.0], [1.0, 1.0]], [[2.0, 1.0], [1.0, -1.0]], [[0.0, 2.0], [3.0, 1.0]]]),
    "fields": HAND_FIELDS,
}


def fields_of(rng, n, occupied):
    """Return (n,) fields, not sorted, that are exactly those of `occupied`, which n covers."""
    occupied = np.asarray(occupied)
    while True:
        drawn = rng.permutation(np.append(occupied, rng.choice(occupied, n - len(occupied))))
        if n < 3 or len(occupied) < 2 or np.any(np.diff(drawn) < 0):
            return drawn


def machine(rng, n, k, n_fields, occupied=None, draw=signed, zeros=()):
    """Return {"x", "V", "fields"}; the fields that are not `occupied` have no feature."""
    x = draw(rng, n)
    x[list(zeros)] = 0.0
    occupied = range(n_fields) if occupied is None else occupied
    V = draw(rng, n, n_fields, k)
    return {"x": x, "V": V, "fields": fields_of(rng, n, list(occupied))}


def whole_machine(rng, n, k, n_fields, occupied=None, zeros=()):
    """Return a machine of whole numbers, for people to read."""
    return machine(rng, n, k, n_fields, occupied, draw=whole, zeros=zeros)


def machine_of_sign(rng, n, k, n_fields, sign, zeros=()):
    """Return a machine whose sum over pairs has the sign and is over 1/2 in size."""
    while True:
        drawn = machine(rng, n, k, n_fields, zeros=zeros)
        if sign * pairs_of(**drawn) > 0.5:
            return drawn


def pairs_of(x, V, fields):
    """Return the sum over pairs, for drawing; the judge compares with the lecture's own."""
    met = V[:, fields] * x[:, None, None]  # met[i, j]: what i shows to j
    table = (met * met.transpose(1, 0, 2)).sum(axis=2)
    return 0.5 * (table.sum() - np.trace(table))
