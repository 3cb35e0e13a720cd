"""What the cases of lecture 07 are drawn from.

Vectors come in rows, (m, d). Numbers have two decimals and both signs, and none is zero.
"""

import numpy as np


def entries(rng, *shape):
    """Return numbers of both signs with two decimals, none of them zero."""
    size = rng.integers(20, 160, shape) / 100
    return np.where(rng.random(shape) < 0.5, -size, size)


def three_vectors(rng, m, d):
    """Return random {"u", "i", "j"}, each (m, d)."""
    return {name: entries(rng, m, d) for name in ("u", "i", "j")}


def with_differences(rng, d, differences):
    """Return {"u", "i", "j"} whose rows have the differences of scores u·i - u·j, exactly."""
    differences = np.asarray(differences, dtype=float)
    drawn = three_vectors(rng, len(differences), d)
    drawn["u"][:, 0] = rng.choice([-2.0, 2.0], len(differences))  # halving is exact
    drawn["i"][:, 0] = drawn["j"][:, 0] = 0.0
    drawn["u"][:, 1:] = np.round(drawn["u"][:, 1:] * 4) / 4  # quarters, whose products are exact
    drawn["i"][:, 1:] = np.round(drawn["i"][:, 1:] * 4) / 4
    drawn["j"][:, 1:] = np.round(drawn["j"][:, 1:] * 4) / 4
    missing = differences - (drawn["u"] * (drawn["i"] - drawn["j"])).sum(axis=1)
    drawn["i"][:, 0] = missing / drawn["u"][:, 0]
    return drawn


def batch(rng, m, d):
    """Return random {"U", "V"} of different users and films, each (m, d)."""
    return {"U": entries(rng, m, d), "V": entries(rng, m, d)}
