"""Exercise `sample_negatives`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import cells

sample_negatives = Exercise("sample_negatives", points=2)


def crowded(rng, n_users, n_items, seen):
    """Return (users, items), shuffled: user u has seen seen[u] items of its own choice."""
    pairs = [(u, i) for u in range(n_users) for i in rng.permutation(n_items)[: seen[u]]]
    order = rng.permutation(len(pairs))
    users, items = np.array(pairs)[order].T
    return users, items


@sample_negatives.cases
def _(rng):
    users, items = np.array([0, 0, 1]), np.array([0, 1, 1])
    yield "the worked example", {"users": users, "items": items, "n_items": 4, "seed": 1}
    hand = {"users": np.array([0, 0, 1, 0, 1]), "items": np.array([0, 3, 1, 2, 4])}
    yield "two users, six items", {**hand, "n_items": 6, "seed": 0}
    users, items = crowded(rng, 3, 12, [11, 10, 1])
    seed = int(rng.integers(1000))
    yield (
        "users who have seen nearly everything",
        {"users": users, "items": items, "n_items": 12, "seed": seed},
    )
    users, items = crowded(rng, 5, 9, [6, 7, 1, 8, 5])
    yield "27 random pairs", {"users": users, "items": items, "n_items": 9, "seed": seed + 1}
    users, items = cells(rng, 17, 6, 40)
    yield "a large catalogue", {"users": users, "items": items, "n_items": 40, "seed": seed + 2}
    nobody = np.zeros(0, int)
    yield "no pair at all", {"users": nobody, "items": nobody, "n_items": 3, "seed": seed + 3}


@sample_negatives.mistake(
    "Some of your negatives are films that the user likes. Draw again wherever the pair is a "
    "positive one."
)
def nothing_rejected(users, items, n_items, seed):
    return np.random.default_rng(seed).integers(n_items, size=len(users))


@sample_negatives.mistake(
    "You drew again only once. The second draw can hit a positive too: repeat until none is left."
)
def redrawn_once(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    positives = set(zip(users.tolist(), items.tolist(), strict=True))
    negatives = rng.integers(n_items, size=len(users))
    pairs = zip(users.tolist(), negatives.tolist(), strict=True)
    bad = np.array([pair in positives for pair in pairs], dtype=bool)
    negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "You compared the draw with the item of the same pair only. A user has other positives: no "
    "negative may be any of them."
)
def own_item_only(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    negatives = rng.integers(n_items, size=len(users))
    bad = negatives == items
    while bad.any():
        negatives[bad] = rng.integers(n_items, size=bad.sum())
        bad = negatives == items
    return negatives


@sample_negatives.mistake(
    "Your draws never reach the last item. rng.integers(n) gives 0 to n - 1: the upper bound is "
    "already excluded, so ask for n_items."
)
def last_item_never(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    n_high = n_items - 1
    liked = np.zeros((users.max(initial=0) + 1, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_high, size=len(users))
    for _ in range(1000):
        bad = liked[users, negatives]
        negatives[bad] = rng.integers(n_high, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "You drew all pairs again whenever one was bad. Redraw only the rejected ones: with many pairs "
    "a draw without any bad one would never come."
)
def everything_redrawn(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    liked = np.zeros((users.max(initial=0) + 1, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    for _ in range(300):
        if not liked[users, negatives].any():
            break
        negatives = rng.integers(n_items, size=len(users))
    return negatives


@sample_negatives.mistake(
    "You dropped the bad draws. Every positive pair needs its negative: draw again in that place."
)
def bad_ones_dropped(users, items, n_items, seed):
    liked = np.zeros((users.max(initial=0) + 1, n_items), dtype=bool)
    liked[users, items] = True
    negatives = np.random.default_rng(seed).integers(n_items, size=len(users))
    return negatives[~liked[users, negatives]]


@sample_negatives.mistake(
    "You returned the drawn users' labels or a mask instead of items: return the (n,) item indices."
)
def a_mask(users, items, n_items, seed):
    liked = np.zeros((users.max(initial=0) + 1, n_items), dtype=bool)
    liked[users, items] = True
    negatives = np.random.default_rng(seed).integers(n_items, size=len(users))
    return ~liked[users, negatives]


@sample_negatives.alternative
def sampled_with_sets(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    positives = set(zip(users.tolist(), items.tolist(), strict=True))
    negatives = rng.integers(n_items, size=len(users))
    bad = [t for t in range(len(users)) if (users[t], negatives[t]) in positives]
    while bad:
        negatives[bad] = rng.integers(n_items, size=len(bad))
        bad = [t for t in bad if (users[t], negatives[t]) in positives]
    return negatives


@sample_negatives.alternative
def sampled_with_isin(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    positive = users * n_items + items
    negatives = rng.integers(n_items, size=len(users))
    while (bad := np.isin(users * n_items + negatives, positive)).any():
        negatives[bad] = rng.integers(0, n_items, bad.sum())
    return negatives


@sample_negatives.alternative
def sampled_one_by_one(users, items, n_items, seed):
    rng = np.random.default_rng(seed)
    positives = set(zip(users.tolist(), items.tolist(), strict=True))
    negatives = np.zeros(len(users), dtype=int)
    waiting = list(range(len(users)))
    while waiting:
        for t in waiting:
            negatives[t] = rng.integers(n_items)
        waiting = [t for t in waiting if (users[t], negatives[t]) in positives]
    return negatives
