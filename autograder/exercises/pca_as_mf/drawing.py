"""What the cases of lecture 11 are drawn from.

Shapes: X (n, d), an instance a row; W (n, k) and C (d, k). All sizes of a case are distinct, but
where a label says that they are not.
"""

import numpy as np


def between(rng, low, high, digits=3):
    """Return a random number between low and high with few digits, for people to read."""
    return round(float(rng.uniform(low, high)), digits)


def table(rng, *shape, size=2.0):
    """Return numbers of both signs with two decimals, none of them near 0."""
    values = np.round(rng.uniform(0.2, size, shape), 2)
    values = np.where(rng.random(shape) < 0.5, -values, values)
    values.flat[:2] = np.abs(values.flat[:2]) * [1, -1][: values.size]
    return values


def positive(rng, *shape):
    """Return numbers from 0.2 to 2 with two decimals."""
    return np.round(rng.uniform(0.2, 2.0, shape), 2)


def factorization(rng, n, d, k):
    """Return {"X": (n, d), "W": (n, k), "C": (d, k)} that have nothing to do with each other."""
    return {"X": table(rng, n, d), "W": table(rng, n, k), "C": table(rng, d, k)}


def some_known(rng, n, d):
    """Return (n, d) booleans with both in every row and in every column."""
    known = rng.random((n, d)) < 0.7
    known[np.arange(n), np.arange(n) % d] = True
    known[np.arange(d) % n, np.arange(d)] = True
    known[np.arange(n), (np.arange(n) + 1) % d] = False
    known[(np.arange(d) + 2) % n, np.arange(d)] = False
    return known


def soft_threshold(z, threshold):
    """Return what the function of this name does that the lecture gives to its students."""
    return z - np.minimum(np.maximum(z, -threshold), threshold)


def sigmoid(z):
    """Return what the function of this name does that the lecture gives to its students."""
    return np.where(z < 0, np.exp(-np.abs(z)), 1.0) / (1.0 + np.exp(-np.abs(z)))


def ridge_rows(Y, known, B, ridge):
    """Return what the function of this name does that the lecture gives to its students."""
    grams = np.einsum("nd,df,dg->nfg", np.asarray(known, dtype=float), B, B)
    return np.linalg.solve(grams + ridge * np.eye(B.shape[1]), (Y @ B)[:, :, None])[:, :, 0]
