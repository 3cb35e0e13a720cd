"""Exercise `recommend`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import random_weights

recommend = Exercise("recommend", points=2)


@recommend.cases
def _(rng):
    W = np.array([[0, 0.5, 0.2, 0.1], [0.4, 0, 0, 0.3], [0.8, 0.1, 0, 0.9], [0.6, 0, 0, 0]])
    yield "the worked example", {"seen": np.array([1.0, 0.0, 0.0, 0.0]), "W": W, "k": 2}
    yield "two films seen", {"seen": np.array([1.0, 0.0, 1.0, 0.0]), "W": W, "k": 2}
    yield "more asked than unseen", {"seen": np.array([1.0, 0.0, 1.0, 0.0]), "W": W, "k": 5}
    tied = np.zeros((5, 5))
    tied[4, 1], tied[4, 3], tied[4, 0] = 0.2, 0.7, 0.2
    yield "equal scores", {"seen": np.array([0.0, 0.0, 0.0, 0.0, 1.0]), "W": tied, "k": 4}
    yield "nothing to go by (all scores 0)", {"seen": np.array([0, 1.0, 0, 0]), "W": W * 0, "k": 3}
    x, y, both, a, b = rng.permutation(6)[:5]
    preferences = np.zeros((6, 6))
    preferences[a, x], preferences[b, y], preferences[[a, b], both] = 0.6, 0.5, 0.4
    seen = np.isin(np.arange(6), [a, b]).astype(float)
    yield "two seen films that agree on a third", {"seen": seen, "W": preferences, "k": 3}
    few_values = np.zeros((30, 30))
    few_values[3] = rng.integers(0, 4, 30) / 4
    few_values[3, 3] = 0.0
    yield (
        "30 films, many equal scores",
        {"seen": (np.arange(30) == 3).astype(float), "W": few_values, "k": 12},
    )
    # small multiples of 2**-14 add up exactly in any order, so equal scores are equal for everybody
    weights = np.round(random_weights(rng, 9) * 100) / 2**14
    seen = np.zeros(9)
    seen[rng.permutation(9)[:4]] = 1.0
    yield "9 random films", {"seen": seen, "W": weights, "k": 3}


@recommend.mistake("You recommend films the user has already seen: leave them out.")
def seen_not_excluded(seen, W, k):
    return np.argsort(-(seen @ W), kind="stable")[:k]


@recommend.mistake(
    "You gave the seen films the score 0, but unseen films can have 0 too and then lose against "
    "them. Use -inf, or drop the seen films afterwards."
)
def seen_scored_zero(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = 0.0
    return np.argsort(-scores, kind="stable")[:k]


@recommend.mistake("The order is wrong way round: the highest score comes first.")
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
    "has seen."
)
def filled_up_with_seen(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[:k]


@recommend.mistake(
    "Among equal scores you put the higher index first (a reversed argsort does that). Sort the "
    "negative scores with kind='stable'."
)
def ties_reversed(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = -np.inf
    order = np.argsort(scores, kind="stable")[::-1]
    return order[: min(k, int((seen == 0).sum()))]


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
