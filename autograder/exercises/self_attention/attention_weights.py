"""Exercise `attention_weights`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.self_attention.drawing import question, scores_in_the_thousands

attention_weights = Exercise("attention_weights", points=1)


@attention_weights.cases
def _(rng):
    Q = np.array([[2.0, 0.0, 0.0, 2.0]])
    K = np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 0.0, 3.0, 1.0]])
    yield "the worked example", {"queries": Q, "keys": K}
    yield "2 queries, 3 keys", _question(rng, n_q=2, n_k=3, d=5)
    yield "3 queries, 5 keys", _question(rng, n_q=3, n_k=5, d=7)
    yield "6 queries, 2 keys", _question(rng, n_q=6, n_k=2, d=3)
    steps = rng.permutation([0.0, -0.5, *rng.integers(-6, 6, 2) / 2])
    yield "scores in the thousands, close together", scores_in_the_thousands(rng, steps)
    steps = rng.permutation([0.0, *rng.integers(-3000, -900, 2), rng.integers(900, 3000)])
    yield "scores in the thousands, far apart", scores_in_the_thousands(rng, steps)
    large = scores_in_the_thousands(rng, rng.permutation([0.0, 0.5, 1.5]))
    large["queries"] = np.vstack((large["queries"], -large["queries"]))
    yield "one row of large scores, one of very negative ones", large
    drawn = scores_in_the_thousands(rng, rng.permutation([0.0, 0.5, 1.0]))
    drawn["queries"] = np.vstack((drawn["queries"], [0.0, 0.5, 1.0, 0.5]))
    yield "one row of large scores, one of small", drawn


def _question(rng, **sizes):
    drawn = question(rng, **sizes)
    return {"queries": drawn["queries"], "keys": drawn["keys"]}


@attention_weights.mistake(
    "Your columns sum to 1, not your rows. Every *query* distributes a weight of 1 over the keys: "
    "the softmax runs along the last axis."
)
def softmax_over_queries(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=0))
    return E / E.sum(axis=0)


@attention_weights.mistake(
    "You normalised over all scores together. Every query has a weight of 1 of its own: sum along "
    "the last axis, with keepdims=True."
)
def softmax_over_everything(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max())
    return E / E.sum()


@attention_weights.mistake(
    "The scores are not scaled: divide them by the square root of d, the length of a query, before "
    "the softmax."
)
def not_scaled(queries, keys):
    S = queries @ keys.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake("You divided the scores by d. The standard deviation is sqrt(d).")
def divided_by_d(queries, keys):
    S = queries @ keys.T / queries.shape[1]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake(
    "You scaled by the number of keys. A score is a sum of d products, one per feature, so "
    "d is queries.shape[1]."
)
def root_of_the_number_of_keys(queries, keys):
    S = queries @ keys.T / np.sqrt(len(keys))
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake(
    "You scaled by the number of queries. A score is a sum of d products, one per feature, so "
    "d is queries.shape[1]."
)
def root_of_the_number_of_queries(queries, keys):
    S = queries @ keys.T / np.sqrt(len(queries))
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake(
    "exp of a large score is infinite, and inf / inf is not a number. Subtract each row's largest "
    "score first: it cancels in the quotient."
)
def overflows(queries, keys):
    E = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake(
    "You subtracted the largest score of the whole matrix. In a row whose scores are all much "
    "smaller every exp is then 0, and 0 / 0 is NaN: subtract each row's own maximum (axis=1, "
    "keepdims=True)."
)
def largest_score_of_all(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max())
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake(
    "You scaled after the softmax. The division belongs inside: softmax(scores / sqrt(d))."
)
def scaled_after_the_softmax(queries, keys):
    S = queries @ keys.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) / np.sqrt(queries.shape[1])


@attention_weights.mistake(
    "The weights are right, but the queries of the caller are others afterwards, as queries /= ... "
    "would do. Divide the scores, or make a new array: queries / np.sqrt(d)."
)
def queries_scaled_in_place(queries, keys):
    queries /= np.sqrt(queries.shape[1])
    S = queries @ keys.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.mistake(
    "Each row of your weights has the length 1, its squares sum to 1. A softmax makes the weights "
    "themselves sum to 1: divide by the sum of the exponentials."
)
def rows_of_length_one(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / np.linalg.norm(E, axis=1, keepdims=True)


@attention_weights.refused
def one_key_takes_all_where_exp_overflows(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    with np.errstate(all="ignore"):
        E = np.exp(S)
        weights = E / E.sum(axis=1, keepdims=True)
    best = (S.max(axis=1, keepdims=True) == S).astype(float)
    return np.where(np.isfinite(weights).all(axis=1, keepdims=True), weights, best)


@attention_weights.refused
def scores_clipped(queries, keys):
    E = np.exp(np.clip(queries @ keys.T / np.sqrt(queries.shape[1]), -700, 700))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.refused
def smallest_score_subtracted(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.min(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.refused
def largest_of_each_column(queries, keys):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=0))
    return E / E.sum(axis=1, keepdims=True)


@attention_weights.alternative
def weights_with_loops(queries, keys):
    d = queries.shape[1]
    weights = np.zeros((len(queries), len(keys)))
    for i, q in enumerate(queries):
        scores = [sum(q[f] * k[f] for f in range(d)) / d**0.5 for k in keys]
        top = max(scores)
        exponentials = [np.exp(score - top) for score in scores]
        weights[i] = np.array(exponentials) / sum(exponentials)
    return weights


@attention_weights.alternative
def weights_with_einsum(queries, keys):
    import scipy.special

    scores = np.einsum("if,jf->ij", queries, keys) / queries.shape[1] ** 0.5
    return scipy.special.softmax(scores, axis=-1)


@attention_weights.alternative
def weights_with_torch(queries, keys):
    import torch

    Q, K = torch.from_numpy(queries), torch.from_numpy(keys)
    return torch.softmax(Q @ K.T / Q.shape[1] ** 0.5, dim=-1).numpy()
