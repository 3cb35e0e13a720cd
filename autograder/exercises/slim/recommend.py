"""Exercise `recommend`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import between, eighths

recommend = Exercise("recommend", points=2)


@recommend.cases
def _(rng):
    W = np.array([[0, 0.2, 0.5, 0.1], [0.4, 0, 0, 0.3], [0.8, 0.1, 0, 0.9], [0.6, 0, 0, 0]])
    yield "the worked example", {"seen": np.array([1.0, 0.0, 0.0, 0.0]), "W": W, "k": 2}
    highest = "the films already seen have the highest scores"
    yield highest, {**_seen_films_highest(rng, 6, 2), "k": 3}
    yield "two films seen", {**_seen_films_highest(rng, 5, 2), "k": 2}
    yield "one film asked for", {**_seen_films_highest(rng, 6, 3), "k": 1}
    low, high = np.sort(rng.permutation(np.arange(1, 16))[:2]) / 8
    tied = _weights(rng, 6)
    tied[5] = [low, high, 0.0, low / 2, high, 0.0]
    equal = "equal scores: the lower index first, which np.argsort does only with kind='stable'"
    yield equal, {"seen": np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), "W": tied, "k": 3}
    tied = _weights(rng, 4)
    tied[3] = [low, high, low, 0.0]
    yield "two equal scores of four", {"seen": np.array([0.0, 0.0, 0.0, 1.0]), "W": tied, "k": 3}
    W = _weights(rng, 5)
    W[1] = [between(rng, 0.1, 0.4), 0.0, -1.5, between(rng, 0.5, 0.9), 0.0]
    fewer = "more asked than unseen: only the unseen films, not filled up with seen ones"
    yield fewer, {"seen": np.array([0.0, 1.0, 0.0, 0.0, 0.0]), "W": W, "k": 5}
    W = _weights(rng, 4)
    W[2] = [between(rng, 0.1, 0.4), -1.5, 0.0, between(rng, 0.5, 0.9)]
    one_seen = {"seen": np.array([0.0, 0.0, 1.0, 0.0]), "W": W, "k": 4}
    yield "as many asked as there are films, one of them seen", one_seen
    seen, W = _seen(rng, 4, 2), _weights(rng, 4)
    # the seen films have scores too, and not in the order of their indices
    first, last = np.flatnonzero(seen)
    W[last, first], W[first, last] = 4 + np.sort(rng.permutation(np.arange(17))[:2]) / 8
    yield "more asked than films", {"seen": seen, "W": W, "k": 6}
    seen, W = np.array([0.0, 1.0, 0.0, 0.0, 1.0]), _weights(rng, 5)
    W[[1, 4]] = 0.0
    yield "nothing to go by (all scores 0)", {"seen": seen, "W": W, "k": 2}
    yield "a user who has seen nothing", {"seen": np.zeros(5), "W": _weights(rng, 5), "k": 3}
    x, y, both, a, b = rng.permutation(6)[:5]
    preferences = _weights(rng, 6)
    preferences[[a, b]] = 0.0
    preferences[a, x], preferences[b, y], preferences[[a, b], both] = 0.75, 0.625, 0.5
    seen = np.isin(np.arange(6), [a, b]).astype(float)
    yield "two seen films that agree on a third", {"seen": seen, "W": preferences, "k": 3}
    signed = _weights(rng, 6) - 1
    signed[0, 1:] = -signed[0, 1:] - 3
    np.fill_diagonal(signed, 0.0)
    yield "negative weights", {"seen": np.array([1.0, 0, 0, 0, 1.0, 0]), "W": signed, "k": 5}
    few_values = np.zeros((30, 30))
    few_values[3] = rng.integers(0, 4, 30) / 4
    few_values[3, [3, 4, 5, 6]] = [0.0, 0.25, 0.5, 0.25]
    yield (
        "30 films, many equal scores: they stay in order with kind='stable'",
        {"seen": (np.arange(30) == 3).astype(float), "W": few_values, "k": 12},
    )
    seen, close = _seen(rng, 9, 4), _weights(rng, 9) / 1024
    close[:, np.flatnonzero(seen == 0)[-1]] = 3 / 1024  # the best, and rounding would hide it
    yield "9 films with close scores", {"seen": seen, "W": close, "k": 3}


def _weights(rng, n_items):
    W = eighths(rng, (n_items, n_items))
    np.fill_diagonal(W, 0.0)
    return W


def _seen_films_highest(rng, n_items, n_seen):
    """Return seen and W such that no two scores are equal and the seen films have the highest."""
    seen, W = _seen(rng, n_items, n_seen), _weights(rng, n_items)
    watched, unseen = np.flatnonzero(seen), np.flatnonzero(seen == 0)
    W[watched] = 0.0
    W[np.ix_(watched[:2], unseen)] = rng.permutation(16)[: 2 * len(unseen)].reshape(2, -1) / 8
    W[watched[0], unseen] += np.arange(len(unseen)) / 32  # sums that differ
    W[watched, np.roll(watched, 1)] = 4 + rng.permutation(n_seen) / 2
    return {"seen": seen, "W": W}


def _seen(rng, n_items, n_seen):
    seen = np.zeros(n_items)
    seen[rng.permutation(n_items)[:n_seen]] = 1.0
    return seen


@recommend.mistake(
    "Films the user has already seen are in your list. Leave them out: give them the score -inf, "
    "and stop where the unseen films run out."
)
def seen_not_excluded(seen, W, k):
    return np.argsort(-(seen @ W), kind="stable")[:k]


@recommend.mistake(
    "You gave the seen films the score 0, but unseen films can have 0 too, or less, and then lose "
    "against them. Use -inf, or drop the seen films afterwards."
)
def seen_scored_zero(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = 0.0
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "You gave the seen films the score 0, and you do not stop when the unseen films run out. "
    "Unseen films can have 0 too: use -inf, and return at most as many films as are unseen."
)
def seen_scored_zero_without_limit(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = 0.0
    return np.argsort(-scores, kind="stable")[:k]


@recommend.mistake(
    "You gave the seen films the score -1, but a model with negative weights can score unseen "
    "films lower still. Use -inf."
)
def seen_scored_minus_one(seen, W, k):
    scores = np.where(seen > 0, -1.0, seen @ W)
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "You returned places in the list of unseen films, not the films themselves. Look up which film "
    "stands there: unseen[order]."
)
def places_among_the_unseen(seen, W, k):
    unseen = np.flatnonzero(seen == 0)
    return np.argsort(-(seen @ W)[unseen], kind="stable")[:k]


@recommend.mistake("You returned the films in the order of their indices. Best first is asked for.")
def sorted_by_index(seen, W, k):
    scores = np.where(seen > 0, -np.inf, seen @ W)
    best = np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]
    return np.sort(best)


@recommend.mistake(
    "Films with the score 0 are missing from your list. They are recommended too, when there are "
    "fewer than k better ones."
)
def positive_scores_only(seen, W, k):
    scores = np.where(seen > 0, -np.inf, seen @ W)
    return np.argsort(-scores, kind="stable")[: min(k, int((scores > 0).sum()))]


@recommend.mistake(
    "np.argsort puts the lowest score first, and before all others what stands at -inf. "
    "Sort the negative scores: np.argsort(-scores, kind='stable')."
)
def minus_infinity_first(seen, W, k):
    scores = np.where(seen > 0, -np.inf, seen @ W)
    return np.argsort(scores, kind="stable")[:k]


@recommend.mistake("The order is the wrong way round: the highest score comes first.")
def lowest_first(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = np.inf
    order = np.argsort(scores, kind="stable")
    return order[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "You used W @ seen, which follows the weights backwards. The score of item i uses column i of "
    "W: seen @ W."
)
def weights_backwards(seen, W, k):
    scores = W @ seen
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "You took the largest weight among the seen films. A score is the sum over all of them: films "
    "that several seen films point to should rise."
)
def largest_weight_instead_of_the_sum(seen, W, k):
    scores = (seen[:, None] * W).max(axis=0)
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "Only the first film seen has a say in your scores. All seen films count: sum their rows of W."
)
def first_seen_film_only(seen, W, k):
    scores = W[np.argmax(seen)].copy()
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "When fewer than k films are unseen, return only those: yours fills up with films the user "
    "has seen. The score -inf moves them to the end of the order; cut the order there, too."
)
def filled_up_with_seen(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[:k]


@recommend.mistake(
    "You gave the seen films the score -1, and you do not stop when the unseen films run out. A "
    "model with negative weights can score unseen films lower still: use -inf, and return at most "
    "as many films as are unseen."
)
def seen_scored_minus_one_without_limit(seen, W, k):
    return np.argsort(-np.where(seen > 0, -1.0, seen @ W), kind="stable")[:k]


@recommend.mistake(
    "Your list is too short: you took the k best of all films and removed the seen ones "
    "afterwards. Leave the seen films out first, then take the k best."
)
def seen_removed_after_the_cut(seen, W, k):
    best = np.argsort(-(seen @ W), kind="stable")[:k]
    return best[seen[best] == 0]


@recommend.mistake(
    "When fewer than k films are unseen, return a shorter list: yours is filled up with -1."
)
def filled_up_with_minus_one(seen, W, k):
    scores = np.where(seen > 0, -np.inf, seen @ W)
    best = np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]
    return np.append(best, np.full(k - len(best), -1))


@recommend.mistake(
    "Among equal scores you put the higher index first (a reversed argsort does that, and one "
    "without kind='stable' can). Sort the negative scores with kind='stable'."
)
def ties_reversed(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = -np.inf
    order = np.argsort(scores, kind="stable")[::-1]
    return order[: min(k, int((seen == 0).sum()))]


# two mistakes at once: the sentence of one of the two is shown, after "Perhaps"
@recommend.refused
def seen_left_in_before_the_cut(seen, W, k):
    return np.argsort(-(seen @ W), kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.refused
def seen_left_in_and_ties_reversed(seen, W, k):
    return np.argsort(seen @ W, kind="stable")[::-1][:k]


@recommend.refused
def filled_up_and_ties_reversed(seen, W, k):
    scores = np.where(seen > 0, -np.inf, seen @ W)
    return np.argsort(scores, kind="stable")[::-1][:k]


@recommend.refused
def filled_up_with_the_best_seen(seen, W, k):
    return np.argsort(1e9 * seen - seen @ W, kind="stable")[:k]


@recommend.refused
def seen_columns_emptied(seen, W, k):
    W[:, seen > 0] = 0.0
    scores = np.where(seen > 0, -np.inf, seen @ W)
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.refused
def scores_rounded(seen, W, k):
    scores = np.where(seen > 0, -np.inf, np.round(seen @ W, 1))
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.refused
def nothing_for_a_new_user(seen, W, k):
    if not seen.any():
        return np.array([], dtype=int)
    scores = np.where(seen > 0, -np.inf, seen @ W)
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.refused
def unstable_from_the_end(seen, W, k):
    scores = np.where(seen > 0, -np.inf, seen @ W)
    best = np.argsort(scores[::-1], kind="stable")[::-1]
    return best[: min(k, int((seen == 0).sum()))]


@recommend.alternative
def recommend_with_sorted(seen, W, k):
    scores = seen @ W
    unseen = [i for i in range(len(seen)) if not seen[i]]
    return np.array(sorted(unseen, key=lambda i: (-scores[i], i))[:k], dtype=int)


@recommend.alternative
def recommend_with_lexsort(seen, W, k):
    unseen = np.flatnonzero(seen == 0)
    scores = (seen @ W)[unseen]
    return unseen[np.lexsort((unseen, -scores))][:k]
