"""Exercise `retrieve`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import signed

retrieve = Exercise("retrieve", points=2)


@retrieve.cases
def _(rng):
    worked = {
        "y": np.array([1.0, 2.0]),
        "Y": np.array([[3.0, 0.0], [0.0, 2.0], [2.0, 2.0], [-1.0, 0.0]]),
        "seen": np.array([2]),
        "k": 2,
    }
    yield "the worked example", worked
    yield "8 items, the best 3", _drawn(rng, 8, 4, [5, 1], 3)
    yield "one item asked for", _drawn(rng, 7, 3, [2], 1)
    best = _drawn(rng, 6, 4, [4, 0, 3], 2)
    best["Y"][best["seen"]] = best["y"] * 3
    yield "the seen items have the highest scores", best
    low = _drawn(rng, 6, 3, [3, 1], 3)
    low["Y"] = -np.abs(low["Y"]) * np.sign(low["y"])
    yield "all scores negative", low
    few = _drawn(rng, 5, 4, [4, 0, 2], 4)
    yield "more asked than unseen: only the unseen ones, not filled up with seen ones", few
    yield "more asked than there are items", _drawn(rng, 4, 3, [1], 9)
    nothing = _drawn(rng, 6, 5, [], 4)
    yield "nothing seen", nothing
    everything = _drawn(rng, 3, 4, [2, 0, 1], 2)
    yield "everything seen: an empty result", everything
    y, Y = rng.integers(1, 4, 2).astype(float), np.zeros((30, 2))
    Y[:, 0] = rng.integers(0, 4, 30) / 4
    Y[[3, 11, 12, 27], 0] = [0.75, 0.25, 0.75, 0.75]
    ties = {"y": y, "Y": Y * rng.integers(1001, 9999) / 1000, "seen": np.array([3]), "k": 12}
    yield "30 items, many equal scores: the lower index first, as only kind='stable' promises", ties
    one = {"y": np.array([2.0]), "Y": signed(rng, 3, 1)}
    one |= {"seen": np.repeat(rng.integers(0, 3), 2), "k": 3}
    yield "3 items, one of them twice among the seen: two are left", one
    twice = _drawn(rng, 7, 2, [4, 1, 4], 3)
    yield "an item that stands twice among the seen", twice
    long = _drawn(rng, 6, 3, [0], 2)
    long["Y"] = np.outer(rng.permutation([0.2, 0.5, 1.0, 2.0, 4.0, 8.0]), long["y"])
    long["Y"] += signed(rng, 6, 3) / 40
    yield "items in nearly the same direction: the long ones win", long


def _drawn(rng, n_items, d, seen, k):
    y = signed(rng, d)
    return {"y": y, "Y": signed(rng, n_items, d), "seen": np.array(seen, dtype=int), "k": k}


@retrieve.mistake(
    "Seen items are in your list. Give them the score -inf, and stop where the unseen ones run out."
)
def seen_returned(y, Y, seen, k):
    return np.argsort(-(Y @ y), kind="stable")[:k]


@retrieve.mistake(
    "Seen items are in your list, before unseen ones that score less: 0, or another number, is no "
    "score for them, because unseen ones can be below it. Use -inf, or drop the seen ones."
)
def seen_have_zero(y, Y, seen, k):
    scores = Y @ y
    scores[seen] = 0
    return np.argsort(-scores, kind="stable")[:k]


@retrieve.mistake(
    "Where fewer than k are unseen, your list is filled up with seen items. It may be shorter "
    "than k."
)
def filled_up(y, Y, seen, k):
    scores = Y @ y
    scores[seen] = -np.inf
    return np.argsort(-scores, kind="stable")[:k]


@retrieve.mistake(
    "Where fewer than k are unseen, your list is filled up with -1, as that of the kit's top_k. "
    "Here it is shorter than k."
)
def filled_up_with_minus_one(y, Y, seen, k):
    scores = Y @ y
    scores[seen] = -np.inf
    best = np.argsort(-scores, kind="stable")[:k]
    best[~np.isfinite(scores[best])] = -1
    return np.concatenate([best, np.full(k - len(best), -1)])


@retrieve.mistake("Your list can be longer than k: after dropping the seen ones, keep the first k.")
def too_long(y, Y, seen, k):
    best = np.argsort(-(Y @ y), kind="stable")[: k + len(seen)]
    return best[~np.isin(best, seen)]


@retrieve.mistake(
    "The seen items' vectors became zeros in yours, and so their scores 0; unseen ones can be "
    "below it. Give them the score -inf."
)
def seen_vectors_zeroed(y, Y, seen, k):
    left = Y.copy()
    left[seen] = 0
    n_left = len(Y) - len(set(seen.tolist()))
    return np.argsort(-(left @ y), kind="stable")[:n_left][:k]


@retrieve.mistake(
    "You took the size of the scores: a film whose score is far below 0 comes first. Sort by the "
    "score itself."
)
def by_size_of_the_score(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return left[np.argsort(-np.abs(Y[left] @ y), kind="stable")][:k]


@retrieve.mistake(
    "You cut off as many as `seen` has entries, but one item can stand in it twice: then an unseen "
    "one is lost. Count the items that are left."
)
def cut_by_entries_of_seen(y, Y, seen, k):
    scores = Y @ y
    scores[seen] = -np.inf
    return np.argsort(-scores, kind="stable")[: len(Y) - len(seen)][:k]


@retrieve.mistake(
    "You took the best k first and dropped the seen ones then, so that fewer are left. Drop the "
    "seen ones first."
)
def dropped_too_late(y, Y, seen, k):
    best = np.argsort(-(Y @ y), kind="stable")[:k]
    return best[~np.isin(best, seen)]


@retrieve.mistake(
    "You cut off as many items as were seen, at the end of the list, but the seen ones are not "
    "there: their scores have to become -inf before you sort."
)
def cut_but_not_masked(y, Y, seen, k):
    n_left = len(Y) - len(set(seen.tolist()))
    return np.argsort(-(Y @ y), kind="stable")[:n_left][:k]


@retrieve.mistake(
    "argsort goes from the lowest score to the highest, so that seen items, with -inf, come first "
    "in yours. Sort -scores."
)
def sorted_upwards(y, Y, seen, k):
    scores = Y @ y
    scores[seen] = -np.inf
    return np.argsort(scores, kind="stable")[:k]


@retrieve.mistake(
    "argsort goes from the lowest score to the highest, so that seen items, with -inf, come first "
    "in yours, and the best are cut off at the end. Sort -scores."
)
def sorted_upwards_and_cut(y, Y, seen, k):
    scores = Y @ y
    scores[seen] = -np.inf
    return np.argsort(scores, kind="stable")[: np.isfinite(scores).sum()][:k]


@retrieve.mistake(
    "Your indices are right, but where nothing is left, np.array([]) is an array of floats: write "
    "np.array(..., dtype=int)."
)
def empty_list_of_floats(y, Y, seen, k):
    order = np.argsort(-(Y @ y), kind="stable")
    return np.array([item for item in order.tolist() if item not in seen][:k])


@retrieve.mistake("Your list begins with the worst. The highest score comes first.")
def worst_first(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return left[np.argsort(Y[left] @ y, kind="stable")][:k]


@retrieve.mistake("Yours are the right items in another order: the best comes first.")
def best_last(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return left[np.argsort(-(Y[left] @ y), kind="stable")][:k][::-1]


@retrieve.mistake(
    "Of equal scores you take the higher index first, which turning a sorted list round does. Sort "
    "the negative scores with kind='stable'."
)
def turned_round(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return left[np.argsort(Y[left] @ y, kind="stable")[::-1]][:k]


@retrieve.mistake(
    "You returned places in the list of unseen items. Map them back to the items' own indices."
)
def places_in_the_list(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return np.argsort(-(Y[left] @ y), kind="stable")[:k]


@retrieve.mistake(
    "You divided by the lengths of the item vectors. The score is the dot product as it is; in a "
    "recommender the length carries how popular an item is."
)
def by_cosine(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    lengths = np.maximum(np.linalg.norm(Y[left], axis=1), 1e-12)
    return left[np.argsort(-(Y[left] @ y) / lengths, kind="stable")][:k]


@retrieve.mistake("You returned scores. Return the indices of the items.")
def scores_returned(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return -np.sort(-(Y[left] @ y))[:k]


@retrieve.mistake(
    "Your items are the right ones, in the order of their indices. Put the best first."
)
def in_order_of_index(y, Y, seen, k):
    left = np.setdiff1d(np.arange(len(Y)), seen)
    return np.sort(left[np.argsort(-(Y[left] @ y), kind="stable")][:k])


@retrieve.alternative
def retrieved_by_top_k(y, Y, seen, k):
    import scipy.sparse as sp

    import embedlab.ranking as ranking

    known = np.zeros((1, len(Y)))
    known[0, seen] = 1
    best = ranking.top_k((Y @ y)[None], sp.csr_array(known), k)[0]
    return best[best >= 0]


@retrieve.alternative
def retrieved_by_sorted(y, Y, seen, k):
    scores, own = Y @ y, set(seen.tolist())
    left = [item for item in range(len(Y)) if item not in own]
    return np.array(sorted(left, key=lambda item: (-scores[item], item))[:k], dtype=int)


@retrieve.alternative
def retrieved_by_torch(y, Y, seen, k):
    import torch

    scores = torch.from_numpy(Y @ y)
    scores[torch.from_numpy(seen)] = -torch.inf
    best, order = torch.sort(scores, descending=True, stable=True)
    return order[best > -torch.inf][:k].numpy()


retrieve.harmless(
    "scores[seen] += -np.inf", because="a finite score plus minus infinity is minus infinity"
)
