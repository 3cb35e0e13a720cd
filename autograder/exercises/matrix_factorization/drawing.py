"""What the cases of lecture 01 are drawn from.

Shapes: users, items (n,) indices and values (n,) ratings, one entry per observed cell;
user_factors (n_users, k), item_factors (n_items, k). All sizes are distinct.
"""

import numpy as np

HAND = {
    "users": np.array([0, 0, 1]),
    "items": np.array([0, 1, 1]),
    "values": np.array([1.0, -1.0, 2.0]),
}
HAND_FACTORS = {
    "user_factors": np.array([[1.0, 0.0], [1.0, 2.0]]),
    "item_factors": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]]),
}
WIDE = {  # still by hand, and no two sizes are equal: 4 ratings, 3 users, 5 items, 2 factors
    "users": np.array([2, 0, 2, 0]),
    "items": np.array([3, 0, 1, 3]),
    "values": np.array([1.0, -2.0, 3.0, 0.5]),
}
WIDE_FACTORS = {
    "user_factors": np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 1.0]]),
    "item_factors": np.array([[1.0, -1.0], [2.0, 1.0], [0.0, 1.0], [-1.0, 3.0], [1.0, 1.0]]),
}
WIDE_LABEL = "4 ratings, 3 users, 5 items, 2 factors"
HAND_LIKES = {**HAND, "values": np.array([1.0, 0.0, 1.0])}

WIDE_LIKES = {**WIDE, "values": np.array([1.0, 0.0, 0.0, 1.0])}


def cells(rng, n, n_users, n_items):
    """Return n different cells (users, items); user 0 and item 0 come often, the last ones never.

    Neither users nor items are sorted, and no two of the first three cells share their order.
    """
    common = n // 3
    taken = rng.permutation((n_users - 1) * (n_items - 1))
    users, items = np.divmod(taken, n_items - 1)
    often = np.flatnonzero((users == 0) | (items == 0))[:common]
    rest = np.setdiff1d(np.arange(len(taken)), often)[: n - common]
    chosen = rng.permutation(np.concatenate((often, rest)))
    return users[chosen], items[chosen]


def factors(rng, n, k):
    """Return (n, k) factors of both signs with two decimals, none of them zero."""
    size = rng.integers(20, 180, (n, k)) / 100
    return np.where(rng.random((n, k)) < 0.5, -size, size)


def well_rated(rng, n_users, n_items, k, each):
    """Return ratings and item factors: every user but the last rates `each` items.

    With each > k nobody needs a penalty for a unique solution.
    """
    chosen = [rng.permutation(n_items)[:each] for _ in range(n_users - 1)]
    order = rng.permutation((n_users - 1) * each)
    users, items = np.repeat(np.arange(n_users - 1), each)[order], np.concatenate(chosen)[order]
    values = rng.integers(1, 6, len(order)) * rng.choice([-0.5, 0.5], len(order))
    return {"users": users, "items": items, "values": values}, factors(rng, n_items, k)


def problem(rng, n=11, n_users=5, n_items=7, k=3):
    """Return {"users", "items", "values"} and {"user_factors", "item_factors"}, random."""
    users, items = cells(rng, n, n_users, n_items)
    values = rng.integers(-5, 6, n) / 2
    values[:2] = 2.5, -1.5
    return (
        {"users": users, "items": items, "values": values},
        {"user_factors": factors(rng, n_users, k), "item_factors": factors(rng, n_items, k)},
    )


def likes(rng, n=11, n_users=5, n_items=7, k=3):
    """Return a problem whose values are 0 and 1, both of them there."""
    ratings, vectors = problem(rng, n, n_users, n_items, k)
    values = (rng.random(n) < 0.5).astype(float)
    values[:2] = 1.0, 0.0
    return {**ratings, "values": values}, vectors
