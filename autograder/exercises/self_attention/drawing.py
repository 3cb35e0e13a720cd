"""What the cases of lecture 09 are drawn from.

Shapes: queries (n_q, d), keys (n_k, d), values (n_k, d_v), mask (n_q, n_k) of booleans, True where
a query may read a key; X (n, d) one row per position. All sizes are distinct.
"""

import numpy as np


def entries(rng, *shape):
    """Return numbers of both signs with two decimals, none of them zero."""
    size = rng.integers(20, 180, shape) / 100
    return np.where(rng.random(shape) < 0.5, -size, size)


def question(rng, n_q=3, n_k=5, d=4, d_v=6):
    """Return random {"queries", "keys", "values"}."""
    return {
        "queries": entries(rng, n_q, d),
        "keys": entries(rng, n_k, d),
        "values": entries(rng, n_k, d_v),
    }


def random_mask(rng, n_q, n_k):
    """Return a mask in which every query may read some keys and, with two keys or more, not all."""
    mask = rng.random((n_q, n_k)) < 0.5
    mask[np.arange(n_q), rng.integers(0, n_k - 1, n_q)] = True
    mask[:, -1] = False
    return mask


def projections(rng, d):
    """Return random square {"W_Q", "W_K", "W_V"}, small enough for scores around 1."""
    return {name: entries(rng, d, d) / np.sqrt(d) for name in ("W_Q", "W_K", "W_V")}


def left_padded(n, n_padding):
    """Return the (n, n) causal mask of a history whose first `n_padding` places are empty."""
    places = np.arange(n)
    return (places[None, :] <= places[:, None]) & (places >= n_padding)[None, :]
