"""Exercise `sample_negatives`: cases, mistakes, alternatives.

In every case one item is nobody's positive, and few places are bad at once: wrong loops end too,
as long as they go on drawing. That is why a loop that gives up is told only when it does so within
25 rounds: with a case that needs hundreds, `everything_redrawn` would never end.
"""

import numpy as np

from autograder.exercises import Exercise

sample_negatives = Exercise("sample_negatives", points=2)


def crowded(rng, n_items, seen):
    """Return (users, items), shuffled: user u has seen seen[u] of its own, never the last item."""
    pairs = [(u, i) for u in seen for i in rng.permutation(n_items - 1)[: seen[u]]]
    order = rng.permutation(len(pairs))
    users, items = np.array(pairs)[order].T
    return users, items


def case(rng, n_users, n_items, seen, rounds):
    """Return the arguments of one call that has to draw again more than `rounds` times.

    seen: as in `crowded`.
    """
    users, items = crowded(rng, n_items, seen)
    watched = np.zeros((n_users, n_items), dtype=bool)
    watched[users, items] = True
    seed = int(rng.integers(100_000))
    while not needs_more(watched, users, rounds, seed):
        seed += 1
    return {"users": users, "items": items, "n_users": n_users, "n_items": n_items, "seed": seed}


def needs_more(watched, users, rounds, seed):
    """Whether some pair is still bad after `rounds` rounds of drawing again with this seed."""
    # one draw of many numbers is many draws of one
    most = len(users) * (rounds + 1)
    drawn = iter(np.random.default_rng(seed).integers(watched.shape[1], size=most).tolist())
    bad = users.tolist()
    for _ in range(rounds + 1):
        bad = [user for user in bad if watched[user, next(drawn)]]
        if not bad:
            return False
    return True


@sample_negatives.cases
def _(rng):
    hand = {"users": np.array([0, 0, 1, 3]), "items": np.array([0, 2, 2, 1])}
    yield "the worked example", {**hand, "n_users": 4, "n_items": 5, "seed": 106}
    yield "some places are bad twice", case(rng, 4, 5, {3: 2, 0: 2, 1: 1}, rounds=1)
    yield "users 2, 6 and 9 of 11", case(rng, 11, 8, {6: 4, 2: 3, 9: 2}, rounds=0)
    yield "a user who has seen nearly everything", case(rng, 3, 7, {0: 5, 1: 1, 2: 1}, rounds=1)
    yield "a user with two films left of 8", case(rng, 3, 8, {2: 6}, rounds=25)
    yield "11 random pairs", case(rng, 4, 9, {0: 3, 1: 1, 2: 5, 3: 2}, rounds=1)
    yield "a large catalogue", case(rng, 6, 40, {0: 6, 2: 4, 4: 3, 5: 4}, rounds=1)


@sample_negatives.mistake(
    "Some of your negatives are films that the user has watched. Draw again wherever the pair is a "
    "positive one."
)
def nothing_rejected(users, items, n_users, n_items, seed):
    return np.random.default_rng(seed).integers(n_items, size=len(users))


@sample_negatives.mistake(
    "You drew again only once. The second draw can hit a positive too: repeat until none is left."
)
def redrawn_once(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    positives = set(zip(users.tolist(), items.tolist(), strict=True))
    negatives = rng.integers(n_items, size=len(users))
    pairs = zip(users.tolist(), negatives.tolist(), strict=True)
    bad = np.array([pair in positives for pair in pairs], dtype=bool)
    negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "You stop drawing while a pair is still bad. A user who has seen nearly everything can need "
    "many rounds: go on for as long as a pair is bad, with `while`."
)
def redrawn_ten_times(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    for _ in range(10):
        bad = liked[users, negatives]
        negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "You compared the draw with the item of the same pair only. A user has other positives: no "
    "negative may be any of them."
)
def own_item_only(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    negatives = rng.integers(n_items, size=len(users))
    bad = negatives == items
    while bad.any():
        negatives[bad] = rng.integers(n_items, size=bad.sum())
        bad = negatives == items
    return negatives


@sample_negatives.mistake(
    "Pair after pair, yours avoid the item of the same pair only. A user has other positives: no "
    "negative may be any of them. And draw for all pairs in one call, as step 1 says."
)
def own_item_only_pair_after_pair(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    negatives = []
    for item in items:
        drawn = rng.integers(n_items)
        while drawn == item:
            drawn = rng.integers(n_items)
        negatives.append(drawn)
    return np.array(negatives)


@sample_negatives.mistake(
    "Yours avoid the item of the same pair only, and where one was met, all were drawn again. "
    "Avoid all positives of the user, and redraw the bad places only."
)
def own_item_only_everything_redrawn(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    negatives = rng.integers(n_items, size=len(users))
    while (negatives == items).any():
        negatives = rng.integers(n_items, size=len(users))
    return negatives


@sample_negatives.mistake(
    "You refused every item that occurs in `items`, whoever watched it. Only the user's own "
    "positives are forbidden; where every film was watched by somebody, your loop would never end."
)
def nobodys_positives(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    negatives = rng.integers(n_items, size=len(users))
    bad = np.isin(negatives, items)
    while bad.any():
        negatives[bad] = rng.integers(n_items, size=bad.sum())
        bad = np.isin(negatives, items)
    return negatives


@sample_negatives.mistake(
    "Your draws never reach the last item. rng.integers(n) gives 0 to n - 1: the upper bound is "
    "already excluded, so ask for n_items."
)
def last_item_never(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items - 1, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.integers(n_items - 1, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "You drew all pairs again whenever one was bad. Redraw only the rejected ones: with many pairs "
    "a draw without any bad one would never come."
)
def everything_redrawn(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    while liked[users, negatives].any():
        negatives = rng.integers(n_items, size=len(users))
    return negatives


@sample_negatives.mistake(
    "You made a new generator for every draw. Each starts again with the same numbers, so what was "
    "bad comes back, and the loop need not end: make `rng` once, before the loop."
)
def a_new_generator_every_time(users, items, n_users, n_items, seed):
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = np.random.default_rng(seed).integers(n_items, size=len(users))
    for _ in range(50):  # the student's loop may go on for ever; by then it goes in a circle
        bad = liked[users, negatives]
        negatives[bad] = np.random.default_rng(seed).integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "Your negatives are good, but drawn pair after pair. Draw once for all pairs together, then "
    "once for all bad places together, as steps 1 to 3 say."
)
def pair_after_pair(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = []
    for u in users:
        item = rng.integers(n_items)
        while liked[u, item]:
            item = rng.integers(n_items)
        negatives.append(item)
    return np.array(negatives)


@sample_negatives.mistake(
    "Your negatives are good, but one bad place was drawn again until it was good, then the next. "
    "In step 2 all bad places get their new draw together, in one call."
)
def place_after_place(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    for n, u in enumerate(users):
        while liked[u, negatives[n]]:
            negatives[n] = rng.integers(n_items)
    return negatives


@sample_negatives.mistake(
    "Your negatives are good, but chosen from a list of what the user has left. Follow steps 1 to "
    "3: such a list per user costs more than a few draws thrown away."
)
def chosen_from_the_rest(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    left = [np.setdiff1d(np.arange(n_items), items[users == u]) for u in users]
    return np.array([rng.choice(own) for own in left])


@sample_negatives.mistake(
    "You used NumPy's old random numbers. Make a generator with np.random.default_rng and draw "
    "with its method integers."
)
def old_random_numbers(users, items, n_users, n_items, seed):
    rng = np.random.RandomState(seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.randint(n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.randint(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "Your table has a row for each user that occurs, but `users` holds indices from 0 to "
    "n_users - 1, and some users have no pair: make n_users rows."
)
def rows_for_those_who_occur(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((len(np.unique(users)), n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "Your table has a row for each pair. It needs one for each user, n_users rows: an index of "
    "`users` can be larger than the number of pairs."
)
def rows_for_the_pairs(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((len(users), n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.mistake(
    "You dropped the bad draws. Every positive pair needs its negative: draw again in that place."
)
def bad_ones_dropped(users, items, n_users, n_items, seed):
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = np.random.default_rng(seed).integers(n_items, size=len(users))
    return negatives[~liked[users, negatives]]


@sample_negatives.mistake(
    "You returned whether the draws are good, True or False. Return the drawn items, (n,) indices."
)
def a_mask(users, items, n_users, n_items, seed):
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = np.random.default_rng(seed).integers(n_items, size=len(users))
    return ~liked[users, negatives]


@sample_negatives.mistake(
    "Your negatives are good, but in step 2 you drew for all pairs and kept what the bad places "
    "need. Draw only as many numbers as there are bad places: size=bad.sum()."
)
def drawn_for_all_places(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.integers(n_items, size=len(users))[bad]
    return negatives


@sample_negatives.mistake(
    "You went on to the next item wherever the draw was bad. That favours items that come after "
    "watched ones; draw again instead, as step 2 says."
)
def next_item_taken(users, items, n_users, n_items, seed):
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = np.random.default_rng(seed).integers(n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = (negatives[bad] + 1) % n_items
    return negatives


@sample_negatives.mistake(
    "All bad places got the same new item. Ask for one number per bad place, "
    "rng.integers(n_items, size=bad.sum()): without `size` there is just one."
)
def one_number_for_all_places(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.integers(n_items)
    return negatives


@sample_negatives.alternative
def sampled_with_sets(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    positives = set(zip(users.tolist(), items.tolist(), strict=True))
    negatives = rng.integers(n_items, size=len(users))
    bad = [t for t in range(len(users)) if (users[t], negatives[t]) in positives]
    while bad:
        negatives[bad] = rng.integers(n_items, size=len(bad))
        bad = [t for t in bad if (users[t], negatives[t]) in positives]
    return negatives


@sample_negatives.alternative
def sampled_with_isin(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    positive = users * n_items + items
    negatives = rng.integers(n_items, size=len(users))
    while (bad := np.isin(users * n_items + negatives, positive)).any():
        negatives[bad] = rng.integers(0, n_items, bad.sum())
    return negatives


@sample_negatives.alternative
def sampled_one_by_one(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    positives = set(zip(users.tolist(), items.tolist(), strict=True))
    negatives = np.zeros(len(users), dtype=int)
    waiting = list(range(len(users)))
    while waiting:
        for t in waiting:
            negatives[t] = rng.integers(n_items)
        waiting = [t for t in waiting if (users[t], negatives[t]) in positives]
    return negatives


@sample_negatives.refused
def colliding_keys(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    negatives = rng.integers(n_items, size=len(users))
    for _ in range(100):  # with keys that collide a user may have nothing left
        bad = np.isin(users * n_users + negatives, users * n_users + items)
        if not bad.any():
            break
        negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.refused
def redrawn_until_twenty(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    for _ in range(20):
        bad = liked[users, negatives]
        negatives[bad] = rng.integers(n_items, size=bad.sum())
    return negatives


@sample_negatives.refused
def items_written_over(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    items[:] = rng.integers(n_items, size=len(users))
    while (bad := liked[users, items]).any():
        items[bad] = rng.integers(n_items, size=bad.sum())
    return items


@sample_negatives.refused
def first_item_never(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    negatives = rng.integers(1, n_items, size=len(users))
    while (bad := liked[users, negatives]).any():
        negatives[bad] = rng.integers(1, n_items, size=bad.sum())
    return negatives


@sample_negatives.refused
def catalogue_guessed_from_the_pairs(users, items, n_users, n_items, seed):
    rng = np.random.default_rng(seed=seed)
    liked = np.zeros((n_users, n_items), dtype=bool)
    liked[users, items] = True
    n_drawn = items.max() + 1
    negatives = rng.integers(n_drawn, size=len(users))
    for _ in range(50):  # a user may have seen all of these
        bad = liked[users, negatives]
        negatives[bad] = rng.integers(n_drawn, size=bad.sum())
    return negatives


sample_negatives.harmless(
    "watched[users, items] += True", because="for truth values the sum is `or`"
)
