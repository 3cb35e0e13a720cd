"""Exercise `sample_negatives`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import cosines, some_true

sample_negatives = Exercise("sample_negatives", points=3)


@sample_negatives.cases
def _(rng):
    worked = {
        "kind": "hardest",
        "known": np.array([[True, False, False, False], [False, False, True, False]]),
        "popularity": np.array([5, 1, 3, 2]),
        "scores": np.array([[0.9, 0.2, 0.8, -0.1], [0.3, 0.3, 0.7, 0.5]]),
        "n_negatives": 2,
        "seed": 0,
    }
    yield "the worked example", worked
    left = _drawn(rng, "uniform", 2, 3, 2, 4) | {"scores": None}
    yield "uniform, one document left to each of 2 queries: it comes every time", left
    left = _drawn(rng, "popularity", 3, 4, 2, 5) | {"scores": None}
    left["known"] = np.roll(np.eye(3, 4, dtype=bool), 1, axis=1)
    left["known"][:, 0] = True
    yield "by popularity, 3 queries, 4 documents, no scores yet", left
    small = _drawn(rng, "hardest", 2, 5, 1, 3)
    yield "hardest, 2 queries, 5 documents", small
    yield "uniform, 3 queries, 7 documents", _drawn(rng, "uniform", 3, 7, 2, 4)
    yield (
        "uniform, more draws than documents: one may come twice",
        _drawn(rng, "uniform", 4, 5, 2, 9),
    )
    yield "by popularity, 4 queries, 6 documents", _drawn(rng, "popularity", 4, 6, 2, 8)
    steep = _drawn(rng, "popularity", 3, 5, 1, 11)
    steep["popularity"] = rng.permutation([1, 3, 6, 9, 12]) * rng.integers(2, 9)
    yield "popularities far apart", steep
    yield "hardest, 3 queries, 8 documents", _drawn(rng, "hardest", 3, 8, 3, 4)
    low = _drawn(rng, "hardest", 2, 7, 2, 3)
    low["scores"] = -np.abs(low["scores"]) - 0.01
    yield "hardest, and all scores negative", low
    low = _drawn(rng, "hardest", 2, 6, 2, 3)
    low["scores"] = (-np.abs(low["scores"]) - 0.01) * 1e12
    yield "hardest, and all scores far below 0: so may dot products be", low
    best = _drawn(rng, "hardest", 4, 9, 3, 5)
    best["scores"][best["known"]] += 2
    yield "hardest, and the known answers score highest", best
    few = _drawn(rng, "uniform", 3, 8, 6, 5)
    yield "uniform, and only two documents are left to draw", few
    few = _drawn(rng, "popularity", 2, 6, 4, 7)
    yield "by popularity, and only two documents are left to draw", few
    yield "hardest, and just as many are left as are asked for", _drawn(rng, "hardest", 3, 7, 4, 3)
    ties = _drawn(rng, "hardest", 3, 30, 4, 12)
    ties["scores"] = rng.integers(0, 3, (3, 30)) / 4
    yield "hardest, many equal scores: the lower index first, as only kind='stable' promises", ties
    tiny = _drawn(rng, "popularity", 3, 7, 2, 6)
    tiny["popularity"] = tiny["popularity"] / 1e20
    yield "by popularity, given as very small shares", tiny
    zero = _drawn(rng, "popularity", 3, 6, 1, 9)
    zero["known"][:] = np.roll(np.eye(3, 6, dtype=bool), 2, axis=1)
    zero["popularity"][0] = 0
    yield "by popularity: a document with popularity 0 is never drawn", zero


def _drawn(rng, kind, n_queries, n_documents, n_known, n_negatives):
    return {
        "kind": kind,
        "known": some_true(rng, n_queries, n_documents, n_known),
        "popularity": rng.permutation(np.arange(1, 60))[:n_documents],
        "scores": cosines(rng, n_queries, n_documents),
        "n_negatives": n_negatives,
        "seed": int(rng.integers(1, 10**6)),
    }


@sample_negatives.mistake(
    "There are known answers among your negatives. Give them the weight 0 before drawing, and the "
    "score -inf before looking for the hardest."
)
def known_drawn(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-scores, axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = np.ones(known.shape[1]) if kind == "uniform" else popularity
    p = weights / weights.sum()
    return np.array([draws.choice(len(p), size=n_negatives, p=p) for _ in known])


@sample_negatives.mistake(
    "The hardest negatives are those with the highest scores, the ones that the model takes for "
    "answers. Yours are the lowest."
)
def easiest(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(np.where(known, np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "Among the hardest there are known answers: you gave them the score 0, and others can be "
    "below that. Use -inf."
)
def known_scored_zero(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, 0, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "Your draws are all uniform. With kind 'popularity' a document's weight is its popularity."
)
def always_uniform(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in ~known]
    )


@sample_negatives.mistake(
    "Your draws all go by popularity. With kind 'uniform' every document that is no known answer "
    "has the same weight."
)
def always_by_popularity(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    return np.array(
        [
            draws.choice(known.shape[1], size=n_negatives, p=row / row.sum())
            for row in ~known * popularity
        ]
    )


@sample_negatives.mistake(
    "Your draws favour popular documents too strongly: the weight is the popularity itself, not "
    "its square."
)
def popularity_squared(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity**2)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "You made a new generator for every query, so each starts with the same numbers. Make `rng` "
    "once, before the loop."
)
def a_generator_per_query(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [
            np.random.default_rng(seed).choice(known.shape[1], size=n_negatives, p=row / row.sum())
            for row in weights
        ]
    )


@sample_negatives.mistake(
    "The weights that one query sets to 0 stay 0 for all later ones, and your `popularity` has "
    "changed after the call: `w = weights` is a second name for one array. Take a copy for every "
    "query."
)
def weights_under_a_second_name(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws, drawn = np.random.default_rng(seed), []
    weights = np.ones(known.shape[1]) if kind == "uniform" else popularity
    for own in known:
        w = weights
        w[own] = 0
        drawn.append(draws.choice(len(w), size=n_negatives, p=w / w.sum()))
    return np.array(drawn)


@sample_negatives.mistake(
    "The weights that one query sets to 0 stay 0 for all later ones. Start every query with a "
    "fresh copy of the weights."
)
def weights_never_restored(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws, drawn = np.random.default_rng(seed), []
    w = np.ones(known.shape[1]) if kind == "uniform" else popularity.astype(float)
    for own in known:
        w[own] = 0
        drawn.append(draws.choice(len(w), size=n_negatives, p=w / w.sum()))
    return np.array(drawn)


@sample_negatives.mistake(
    "Your numbers come from np.random.seed and np.random.choice, another generator. Make "
    "rng = np.random.default_rng(seed) and draw with rng.choice."
)
def the_old_generator(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.RandomState(seed)
    weights = np.where(known, 0.0, 1.0 if kind == "uniform" else popularity)
    return np.array([draws.choice(len(w), size=n_negatives, p=w / w.sum()) for w in weights])


@sample_negatives.mistake(
    "Your uniform draws come without `p`, from a list of the documents that are left: as likely, "
    "but other numbers. The task's call has all documents and p=weights / weights.sum()."
)
def uniform_without_p(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    if kind == "uniform":
        return np.array([draws.choice(np.flatnonzero(~own), size=n_negatives) for own in known])
    weights = np.where(known, 0.0, popularity)
    return np.array([draws.choice(len(w), size=n_negatives, p=w / w.sum()) for w in weights])


@sample_negatives.mistake(
    "You draw the first negative of every query, then the second of every query, and so on. The "
    "task goes query by query, with all draws of one at once: size=n_negatives."
)
def round_by_round(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = np.where(known, 0.0, 1.0 if kind == "uniform" else popularity)
    rounds = [[draws.choice(len(w), p=w / w.sum()) for w in weights] for _ in range(n_negatives)]
    return np.array(rounds).T


@sample_negatives.mistake(
    "You made a generator for every query, with another seed each. Make `rng` once, before the "
    "loop, and go on drawing from it."
)
def a_seed_per_query(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    weights = np.where(known, 0.0, 1.0 if kind == "uniform" else popularity)
    return np.array(
        [
            np.random.default_rng(seed + row).choice(len(w), size=n_negatives, p=w / w.sum())
            for row, w in enumerate(weights)
        ]
    )


@sample_negatives.mistake(
    "`scores` has changed after the call: known answers are -inf in it for good. Work on a copy: "
    "np.where makes one. (Your negatives are right.)"
)
def scores_overwritten(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        scores[known] = -np.inf
        return np.argsort(-scores, axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = np.where(known, 0.0, 1.0 if kind == "uniform" else popularity)
    return np.array([draws.choice(len(w), size=n_negatives, p=w / w.sum()) for w in weights])


@sample_negatives.mistake(
    "Your hardest negatives are the right ones in another order: the hardest comes first."
)
def hardest_last(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        order = np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")
        return order[:, :n_negatives][:, ::-1]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "Of equal scores you take the higher index first, which turning a sorted list round does. Sort "
    "the negative scores with kind='stable'."
)
def sorted_and_turned_round(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        order = np.argsort(np.where(known, -np.inf, scores), axis=1, kind="stable")
        return order[:, ::-1][:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "You chose from a list of the documents that are left and returned places in that list. Map "
    "them back to the documents' own indices."
)
def places_in_a_list(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.array(
            [
                np.argsort(-row[~own], kind="stable")[:n_negatives]
                for row, own in zip(scores, known, strict=True)
            ]
        )
    draws = np.random.default_rng(seed)
    drawn = []
    for own in known:
        weights = np.ones((~own).sum()) if kind == "uniform" else popularity[~own]
        drawn.append(draws.choice(len(weights), size=n_negatives, p=weights / weights.sum()))
    return np.array(drawn)


@sample_negatives.mistake(
    "Your negatives are good, but drawn with rng.integers, again where one was a known answer. The "
    "task asks for one rng.choice per query, in order, with the weights as p."
)
def drawn_again(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    drawn = draws.integers(known.shape[1], size=(len(known), n_negatives))
    rows = np.arange(len(known))[:, None]
    while (bad := known[rows, drawn]).any():
        drawn[bad] = draws.integers(known.shape[1], size=bad.sum())
    return drawn


@sample_negatives.mistake(
    "Your negatives are good, but drawn one by one, and again where one was a known answer. The "
    "task asks for one rng.choice per query, with the weight 0 for known answers."
)
def drawn_until_unknown(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws, drawn = np.random.default_rng(seed), []
    weights = np.ones(known.shape[1]) if kind == "uniform" else popularity
    p = weights / weights.sum()
    for own in known:
        good = []
        while len(good) < n_negatives:
            if not own[one := draws.choice(len(p), p=p)]:
                good.append(one)
        drawn.append(good)
    return np.array(drawn)


@sample_negatives.mistake(
    "Your negatives are good, but drawn one by one, the uniform ones without `p`, and again where "
    "one was a known answer. The task asks for one rng.choice per query, with weights as p."
)
def drawn_until_unknown_without_p(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws, drawn = np.random.default_rng(seed), []
    p = None if kind == "uniform" else popularity / popularity.sum()
    for own in known:
        good = []
        while len(good) < n_negatives:
            if not own[one := draws.choice(len(own), p=p)]:
                good.append(one)
        drawn.append(good)
    return np.array(drawn)


@sample_negatives.mistake(
    "Your draws are known answers only: the mask is turned round. Known answers get the weight 0, "
    "all others keep theirs. (Your hardest ones are right.)"
)
def draws_only_known(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = np.where(known, 1.0 if kind == "uniform" else popularity, 0.0)
    return np.array([draws.choice(len(w), size=n_negatives, p=w / w.sum()) for w in weights])


@sample_negatives.mistake(
    "All queries got the same draws. Each has other known answers: draw once per query."
)
def one_draw_for_all(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known[0] * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    drawn = draws.choice(known.shape[1], size=n_negatives, p=weights / weights.sum())
    return np.tile(drawn, (len(known), 1))


@sample_negatives.mistake(
    "There are known answers among your draws: their weights have to be 0. (Your hardest ones are "
    "right.)"
)
def known_with_weight(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = np.ones(known.shape) * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "Known answers have a small weight in yours, and popularities can be smaller still. Give them "
    "exactly 0."
)
def known_with_small_weight(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = np.where(known, 1e-9, 1.0 if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "There are known answers among your hardest negatives: give them the score -inf, in a copy, "
    "before you sort. (Your draws are right.)"
)
def known_among_the_hardest(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-scores, axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "Among the hardest there are known answers: you gave them a low score, such as -1, and others "
    "can be lower still. Use -inf."
)
def known_scored_low(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -1, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "argsort goes from the lowest score to the highest, so that known answers, with -inf, come "
    "first in yours. Sort the negative scores."
)
def lowest_first(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        left = np.where(known, -np.inf, scores)
        return np.argsort(left, axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "You took `known` the wrong way round: yours are the known answers, and all others are left "
    "out."
)
def only_known(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, scores, -np.inf), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    weights = known * (np.ones(known.shape[1]) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "You draw with replace=False. The task draws with replacement: a document may come twice, and "
    "more may be asked for than are left."
)
def without_replacement(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    n_documents = known.shape[1]
    weights = ~known * (np.ones(n_documents) if kind == "uniform" else popularity)
    return np.array(
        [draws.choice(n_documents, n_negatives, False, row / row.sum()) for row in weights]
    )


@sample_negatives.mistake(
    "The probabilities of a draw have to sum to 1, and yours do not: divide the weights by their "
    "own sum, taken after known answers have become 0."
)
def divided_by_the_sum_of_all(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    base = np.ones(known.shape[1]) if kind == "uniform" else popularity
    return np.array(
        [draws.choice(len(base), size=n_negatives, p=row / base.sum()) for row in ~known * base]
    )


@sample_negatives.refused
def by_rank_of_popularity(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        return np.argsort(-np.where(known, -np.inf, scores), axis=1, kind="stable")[:, :n_negatives]
    draws = np.random.default_rng(seed)
    ranks = np.argsort(np.argsort(popularity)) + 1
    weights = ~known * (np.ones(known.shape[1]) if kind == "uniform" else ranks)
    return np.array(
        [draws.choice(known.shape[1], size=n_negatives, p=row / row.sum()) for row in weights]
    )


@sample_negatives.alternative
def by_cumulative_sums(kind, known, popularity, scores, n_negatives, seed):
    if kind == "hardest":
        left = np.where(known, -np.inf, scores)
        return np.argsort(-left, axis=1, kind="stable")[:, :n_negatives]
    weights = np.where(known, 0.0, 1.0 if kind == "uniform" else popularity)
    cumulative = (weights / weights.sum(axis=1, keepdims=True)).cumsum(axis=1)
    cumulative /= cumulative[:, -1:]
    u = np.random.default_rng(seed).random((len(known), n_negatives))
    return (u[:, :, None] >= cumulative[:, None, :]).sum(axis=2)


@sample_negatives.alternative
def query_by_query(kind, known, popularity, scores, n_negatives, seed):
    draws = np.random.default_rng(seed)
    negatives = np.empty((len(known), n_negatives), dtype=int)
    for q in range(len(known)):
        left = np.flatnonzero(~known[q])
        if kind == "hardest":
            order = sorted(left, key=lambda d: (-scores[q, d], d))
            negatives[q] = order[:n_negatives]
        else:
            weights = np.ones(len(left)) if kind == "uniform" else popularity[left].astype(float)
            negatives[q] = draws.choice(left, n_negatives, p=weights / weights.sum())
    return negatives


sample_negatives.harmless(
    'return np.argsort(-left, kind="stable")[:, :n_negatives]',
    because="argsort works along the last axis unless told otherwise",
)
sample_negatives.harmless(
    'weights = np.where(known, 0.0, popularity if kind == "popularity" else 2.0)',
    'weights = np.where(known, 0.0, popularity if kind == "popularity" else 0.5)',
    because="the weights are divided by their sum",
)
