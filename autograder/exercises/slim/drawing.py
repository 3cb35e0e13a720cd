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


def rivals_gram(rng):
    """Return the Gram matrix of 4 films: film 0 shares users with 2 and with 3, they share none.

    With film 2 as the target, film 0 gets a weight, and film 3 would want a negative one.
    """
    A = np.repeat(np.eye(4), [2, 3, 0, 0], axis=0)
    both = [[1, 0, 1, 0], [1, 0, 0, 1]]
    A = np.vstack((A, np.repeat(both, rng.integers([5, 4], [8, 7]), axis=0)))
    return A.T @ A


def twins_gram(rng):
    """Return the Gram matrix of 3 films: films 0 and 2 have nearly the same users."""
    kinds = [[1, 1, 1], [1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    A = np.repeat(kinds, [*rng.integers(8, 12, 2), 1, 1, 2], axis=0).astype(float)
    return A.T @ A


def pair_optimum(rng, l1, l2):
    """Return (gram, W): films 0 and 2 share users, film 1 is alone, and W is optimal."""
    shared = int(rng.integers(3, 7))
    own = shared + rng.permutation([1, 2])
    gram = np.diag([own[0], 4, own[1]]).astype(float)
    gram[0, 2] = gram[2, 0] = shared
    W = np.zeros((3, 3))
    W[0, 2], W[2, 0] = (shared - l1) / (own + l2)
    return gram, W


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
