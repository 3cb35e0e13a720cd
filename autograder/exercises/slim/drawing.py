"""What the cases of lecture 03 are drawn from.

Shapes: A (n_users, n_items) of 0 and 1; gram = A.T @ A (n_items, n_items); W (n_items, n_items)
with W[j, i] = w_ij, the weight of item j in the score of item i.
"""

import numpy as np

HAND_GRAM = np.array([[4.0, 2.0, 1.0], [2.0, 3.0, 1.0], [1.0, 1.0, 2.0]])  # of the docstrings


def between(rng, low, high, digits=2):
    """Return a random number between low and high with few digits, for people to read."""
    return round(float(rng.uniform(low, high)), digits)


def interactions(rng, n_users, n_items):
    """Return a random 0/1 matrix in which no item is without users and none has all of them."""
    A = (rng.random((n_users, n_items)) < 0.45).astype(float)
    everything, nothing = rng.permutation(n_users)[:2]
    A[everything], A[nothing] = 1.0, 0.0
    return A


def random_gram(rng, n_users, n_items):
    """Return the Gram matrix of random interactions."""
    A = interactions(rng, n_users, n_items)
    return A.T @ A


def unwatched(gram, item):
    """Return gram as it would be if nobody had watched the item."""
    gram = gram.copy()
    gram[item, :] = gram[:, item] = 0.0
    return gram


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
    W = rng.uniform(0.01, 0.6, (n_items, n_items))
    W[rng.random((n_items, n_items)) < 0.5] = 0.0
    np.fill_diagonal(W, 0.0)
    W[0, 1], W[1, 0] = rng.uniform(0.3, 0.4), 0.0  # never symmetric
    return W


def eighths(rng, shape, largest=2):
    """Return random eighths from 0 to largest: sums of them are exact in any order."""
    return rng.integers(0, 8 * largest + 1, shape) / 8
