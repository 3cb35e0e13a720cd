"""What the cases of lecture 09 are drawn from.

Shapes: queries (n_q, d), keys (n_k, d), values (n_k, d_v), mask (n_q, n_k) of booleans, True where
a query may read a key; X (n, d) one row per position. All sizes are distinct.
"""

import numpy as np


def entries(rng, *shape):
    """Return numbers of both signs with two decimals, none of them zero."""
    size = rng.integers(20, 180, shape) / 100
    return np.where(rng.random(shape) < 0.5, -size, size)


def question(rng, n_q=3, n_k=5, d=7, d_v=6):
    """Return random {"queries", "keys", "values"}; d is best not 4, whose root is its half."""
    return {
        "queries": entries(rng, n_q, d),
        "keys": entries(rng, n_k, d),
        "values": entries(rng, n_k, d_v),
    }


def scores_in_the_thousands(rng, steps):
    """Return {"queries", "keys"} of one query, whose scaled scores are one large number + steps.

    With steps in halves all scores are exact, in single precision too.
    """
    query = np.array([[float(rng.integers(800, 1600)), 0.0, 0.0, 2.0]])
    keys = entries(rng, len(steps), 4)
    keys[:, 0], keys[:, 3] = rng.choice([-4.0, -2.0, 2.0, 4.0]), steps
    return {"queries": query, "keys": keys}


def cycle(rng, n):
    """Return a random permutation that moves everything, and not back when it is repeated."""
    order = rng.permutation(n)
    permutation = np.empty(n, dtype=int)
    permutation[order] = np.roll(order, 1)
    return permutation


def random_mask(rng, n_q, n_k):
    """Return a mask in which every query may read some keys and, with two keys or more, not all."""
    mask = rng.random((n_q, n_k)) < 0.5
    mask[np.arange(n_q), rng.integers(0, n_k - 1, n_q)] = True
    mask[:, -1] = False
    return mask


def projections(rng, d):
    """Return random square {"W_Q", "W_K", "W_V"}, small enough for scores around 1."""
    return {name: entries(rng, d, d) / np.sqrt(d) for name in ("W_Q", "W_K", "W_V")}


def huge_scores(rng):
    """Return {"queries", "keys", "values", "mask"} whose allowed scores defy exp in both rows.

    Row 0 decides between two keys with scores around 60 000, row 1 between two around -20 000. All
    scores are halves, exact in single precision too.
    """
    scores = np.array([60_000.0, 60_000.0, 20_000.0, 20_000.0])
    scores[[1, 3]] += rng.integers(1, 4, 2) / 2
    queries, keys = np.array([[2.0, 0.0, 0.0, 2.0]]), entries(rng, 4, 4)
    keys[:, 0] = scores - rng.integers(2, 9, 4)
    keys[:, 3] = scores - keys[:, 0]
    mask = np.array([[True, True, True, False], [True, False, True, True]])
    order = rng.permutation(4)
    return {
        "queries": np.vstack((queries, -queries)),
        "keys": keys[order],
        "values": entries(rng, 4, 3),
        "mask": mask[:, order],
    }


def left_padded(n, n_padding):
    """Return the (n, n) causal mask of a history whose first `n_padding` places are empty."""
    places = np.arange(n)
    return (places[None, :] <= places[:, None]) & (places >= n_padding)[None, :]
