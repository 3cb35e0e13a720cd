"""What the cases of lecture 01 are drawn from.

Shapes: users, items (n,) indices and values (n,) ratings, one entry per observed cell;
user_factors (n_users, k), item_factors (n_items, k). All sizes of a case are distinct.
"""

import numpy as np

HAND = {
    "users": np.array([0, 0, 1]),
    "items": np.array([0, 1, 1]),
    "values": np.array([4.0, -3.0, 3.0]),
}
HAND_FACTORS = {
    "user_factors": np.array([[1.0, 0.0], [1.0, 2.0]]),
    "item_factors": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]]),
}
HAND_LIKES = {**HAND, "values": np.array([1.0, 0.0, 1.0])}
SMALL = "5 ratings, a 0 among them, 3 users, 4 items, 2 factors"


def cells(rng, n, n_users, n_items, no_user=None, no_item=None):
    """Return n different cells (users, items) in which everybody occurs but no_user and no_item.

    n must exceed the numbers of users and of items. Ids are repeated, and neither users nor items
    stand in groups, so they are not sorted either.
    """
    those = rng.permutation([u for u in range(n_users) if u != no_user])
    films = rng.permutation([i for i in range(n_items) if i != no_item])
    turn = np.arange(max(len(those), len(films)))
    needed = those[turn % len(those)] * n_items + films[turn % len(films)]
    others = np.setdiff1d(np.add.outer(those * n_items, films), needed)
    chosen = np.concatenate((needed, rng.permutation(others)[: n - len(needed)]))
    while True:
        users, items = np.divmod(rng.permutation(chosen), n_items)
        if not _in_groups(users) and not _in_groups(items):
            return users, items


def _in_groups(ids):
    return np.count_nonzero(np.diff(ids)) + 1 == len(np.unique(ids))


def factors(rng, n, k):
    """Return (n, k) factors of both signs with four decimals, none of them zero."""
    size = rng.integers(2_000, 18_000, (n, k)) / 10_000
    return np.where(rng.random((n, k)) < 0.5, -size, size)


def whole_factors(rng, n, k):
    """Return (n, k) factors out of -2, -1, 1, 2, no two equal within a row; k <= 4.

    With such rows and k = 2 a matrix is singular exactly or not at all, whatever the processor.
    """
    return np.array([rng.permutation([-2.0, -1.0, 1.0, 2.0])[:k] for _ in range(n)])


def left_overs(rng, n):
    """Return (n,) ints from -5 to 5, at least one of them 0, one positive, one negative."""
    values = rng.integers(-5, 6, n)
    values[rng.permutation(n)[:3]] = 0, rng.integers(1, 6), -rng.integers(1, 6)
    return values


def problem(rng, n, n_users, n_items, k, no_user=None, no_item=None):
    """Return {"users", "items", "values"} and {"user_factors", "item_factors"}, random."""
    users, items = cells(rng, n, n_users, n_items, no_user, no_item)
    return (
        {"users": users, "items": items, "values": left_overs(rng, n) / 2},
        {"user_factors": factors(rng, n_users, k), "item_factors": factors(rng, n_items, k)},
    )


def small_problem(rng, no_user=None, no_item=None):
    """Return a problem of the sizes in SMALL, its values ints and its factors whole."""
    users, items = cells(rng, 5, 3, 4, no_user, no_item)
    vectors = {"user_factors": whole_factors(rng, 3, 2), "item_factors": whole_factors(rng, 4, 2)}
    return {"users": users, "items": items, "values": left_overs(rng, 5)}, vectors


def labels(rng, n):
    """Return (n,) labels 0.0 and 1.0, both of them there."""
    values = (rng.random(n) < 0.5).astype(float)
    values[rng.permutation(n)[:2]] = 1.0, 0.0
    return values


def well_rated(rng, n_users, n_items, k, each, no_user):
    """Return ratings and item factors: every user but no_user rates `each` items.

    With each > k nobody needs a penalty for a unique solution. One rating of every user is 0.
    """
    those = [u for u in range(n_users) if u != no_user]
    users, items = np.repeat(those, each), [rng.permutation(n_items)[:each] for _ in those]
    values = np.concatenate([left_overs(rng, each) / 2 for _ in those])
    order = rng.permutation(len(users))
    return (
        {"users": users[order], "items": np.concatenate(items)[order], "values": values[order]},
        factors(rng, n_items, k),
    )
