"""What the cases of lecture 03 are drawn from.

Shapes: A (n_users, n_items) of 0 and 1; gram = A.T @ A (n_items, n_items); W (n_items, n_items)
with W[j, i] = w_ij, the weight of item j in the score of item i.
"""

import numpy as np


def interactions(rng, n_users, n_items):
    """Return a random 0/1 matrix in which no item is without users and none has all of them."""
    A = (rng.random((n_users, n_items)) < 0.45).astype(float)
    A[rng.permutation(n_users)[0], :] = 1.0
    A[rng.permutation(np.flatnonzero(A.min(axis=1) == 0))[0], :] = 0.0
    return A


def random_gram(rng, n_users, n_items):
    """Return the Gram matrix of random interactions."""
    A = interactions(rng, n_users, n_items)
    return A.T @ A


def random_weights(rng, n_items):
    """Return sparse nonnegative weights with a zero diagonal, not symmetric."""
    W = rng.integers(1, 60, (n_items, n_items)) / 100
    W[rng.random((n_items, n_items)) < 0.5] = 0.0
    np.fill_diagonal(W, 0.0)
    W[0, 1], W[1, 0] = 0.37, 0.0  # never symmetric
    return W


HAND_A = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
HAND_GRAM = HAND_A.T @ HAND_A
HAND_W = np.array([[0.0, 0.5, 0.25], [0.5, 0.0, 0.0], [0.0, 0.25, 0.0]])
