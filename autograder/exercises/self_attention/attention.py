"""Exercise `attention`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.self_attention.drawing import (
    huge_scores,
    left_padded,
    question,
    random_mask,
)

attention = Exercise("attention", points=2)


@attention.cases
def _(rng):
    hand = {
        "queries": np.array([[2.0, 0.0, 0.0, 2.0]]),
        "keys": np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 0.0, 3.0, 1.0], [0.0, 1.0, 0.0, 3.0]]),
        "values": np.array([[10.0, 0.0], [0.0, 10.0], [50.0, 50.0]]),
    }
    yield "the worked example", {**hand, "mask": np.array([[True, True, False]])}
    drawn = question(rng, n_q=2, n_k=3, d=2, d_v=1)
    yield "everything may be read", {**drawn, "mask": np.ones((2, 3), dtype=bool)}
    drawn = question(rng, n_q=2, n_k=3, d=2, d_v=1)
    yield "nothing may be read", {**drawn, "mask": np.zeros((2, 3), dtype=bool)}
    drawn = question(rng)
    yield "3 queries, 5 keys, 6 features", {**drawn, "mask": random_mask(rng, 3, 5)}
    drawn = question(rng, n_q=5, n_k=5, d=2, d_v=3)
    yield "a history with padding on the left", {**drawn, "mask": left_padded(5, 2)}
    drawn, mask = question(rng, n_q=4, n_k=3, d=5, d_v=2), random_mask(rng, 4, 3)[:, ::-1]
    mask[[1, 3]] = False
    yield "two queries that may read nothing, one of them the last", {**drawn, "mask": mask}
    drawn = question(rng, n_q=2, n_k=4, d=3, d_v=5)
    drawn["queries"][:, 0], drawn["keys"][[0, 2], 1:] = 0.0, 0.0
    mask = np.array([[True, True, False, True], [True, False, True, True]])
    yield "keys whose score is exactly 0", {**drawn, "mask": mask}
    drawn = question(rng, n_q=2, n_k=3, d=5, d_v=4)
    drawn["keys"] *= 900.0
    drawn["keys"][2], drawn["queries"][:, 0] = np.sign(drawn["queries"][0]) * 900, 1.5
    mask = np.array([[True, True, False], [True, False, False]])
    yield "large scores, the largest one masked", {**drawn, "mask": mask}
    drawn = question(rng, n_q=2, n_k=3, d=2, d_v=4)
    drawn["queries"], drawn["keys"][2] = np.full((2, 2), 1.0), 2000.0
    mask = np.array([[True, True, False], [True, False, False]])
    yield "a masked score of thousands", {**drawn, "mask": mask}
    yield "allowed scores around 60 000 and around -20 000", huge_scores(rng)


@attention.mistake(
    "You masked after the softmax, so the weights no longer sum to 1: the masked keys have taken "
    "their share. Set their scores to -inf before the softmax."
)
def mask_after_the_softmax(queries, keys, values, mask):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True) * mask) @ values


@attention.mistake(
    "You masked after the softmax and renormalised. That repairs the sum, until a masked score is "
    "so large that all allowed weights underflow to 0. Set masked scores to -inf before the "
    "softmax."
)
def renormalised(queries, keys, values, mask):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True)) * mask
    return E / np.maximum(E.sum(axis=1, keepdims=True), 1e-300) @ values


@attention.mistake(
    "exp of a large score is infinite, and of a very negative one 0. Subtract each row's largest "
    "allowed score before exp: it cancels in the quotient."
)
def attention_overflows(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    E = np.exp(S)
    total = E.sum(axis=1, keepdims=True)
    return E / np.where(total > 0, total, 1.0) @ values


@attention.mistake(
    "You subtracted the largest allowed score of the whole matrix. In a row whose scores are all "
    "much smaller every exp is then 0: subtract each row's own maximum (axis=1, keepdims=True)."
)
def largest_of_the_whole_matrix(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    E = np.exp(S - (S.max() if mask.any() else 0.0))
    total = E.sum(axis=1, keepdims=True)
    return E / np.where(total > 0, total, 1.0) @ values


@attention.mistake(
    "You set masked scores to 0. exp(0) is 1, so these keys still get weight; the score of a key "
    "that may not be read is -inf."
)
def masked_scores_zero(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), 0.0)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) @ values


@attention.mistake(
    "You added the mask to the scores. True counts as 1, so nothing is excluded: use "
    "np.where(mask, scores, -np.inf)."
)
def mask_added(queries, keys, values, mask):
    S = queries @ keys.T / np.sqrt(queries.shape[1]) + mask
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) @ values


@attention.mistake("The mask is not used: the keys where it is False must get weight 0.")
def mask_ignored(queries, keys, values, mask):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) @ values


@attention.mistake(
    "A query that may read nothing gives NaN: all its scores are -inf, and their sum of "
    "exponentials is 0. Return zeros for such a row."
)
def empty_row_is_nan(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) @ values


@attention.mistake(
    "A query that may read nothing gets the average of all values. (A large negative number "
    "instead of -inf does that, it makes all keys equal.) Return zeros for such a row."
)
def empty_row_is_the_average(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -1e9)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) @ values


@attention.mistake("The scores are not scaled: divide them by sqrt(d), d = queries.shape[1].")
def attention_not_scaled(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T, -np.inf)
    top = np.where(mask.any(axis=1), S.max(axis=1), 0.0)
    E = np.exp(S - top[:, None])
    return E / np.maximum(E.sum(axis=1, keepdims=True), 1e-300) @ values


@attention.mistake(
    "You scaled by the length of a value. Scores are dot products of queries and keys: d is "
    "queries.shape[1]."
)
def root_of_the_values_dimension(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(values.shape[1]), -np.inf)
    top = np.where(mask.any(axis=1), S.max(axis=1), 0.0)
    E = np.exp(S - top[:, None])
    return E / np.maximum(E.sum(axis=1, keepdims=True), 1e-300) @ values


@attention.mistake(
    "Yours reads where the mask is False. Here True means: may be read, as in torch's "
    "scaled_dot_product_attention."
)
def mask_inverted(queries, keys, values, mask):
    S = np.where(mask, -np.inf, queries @ keys.T / np.sqrt(queries.shape[1]))
    top = np.where(mask.all(axis=1), 0.0, S.max(axis=1))
    E = np.exp(S - top[:, None])
    return E / np.maximum(E.sum(axis=1, keepdims=True), 1e-300) @ values


@attention.mistake(
    "A score of exactly 0 counts as masked in yours, because it multiplies by the mask and then "
    "replaces every 0. Ask the mask: np.where(mask, scores, -np.inf)."
)
def zero_scores_masked(queries, keys, values, mask):
    S = queries @ keys.T / np.sqrt(queries.shape[1]) * mask
    S = np.where(S == 0, -np.inf, S)
    top = np.where(np.isfinite(S).any(axis=1), S.max(axis=1), 0.0)
    E = np.exp(S - top[:, None])
    total = E.sum(axis=1, keepdims=True)
    return E / np.where(total > 0, total, 1.0) @ values


@attention.mistake(
    "The weights of each key sum to 1 in yours. Every query distributes a weight of 1 over the "
    "keys it may read: the softmax runs along the last axis."
)
def attention_over_queries(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    top = np.where(mask.any(axis=0), S.max(axis=0), 0.0)
    E = np.exp(S - top)
    total = E.sum(axis=0)
    return E / np.where(total > 0, total, 1.0) @ values


@attention.mistake("The values are missing: you returned the weights. Multiply them by the values.")
def weights_returned(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    top = np.where(mask.any(axis=1), S.max(axis=1), 0.0)
    E = np.exp(S - top[:, None])
    total = E.sum(axis=1, keepdims=True)
    return E / np.where(total > 0, total, 1.0)


@attention.refused
def empty_rows_opened_in_the_mask(queries, keys, values, mask):
    empty = ~mask.any(axis=1)
    mask[empty] = True
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return np.where(empty[:, None], 0.0, E / E.sum(axis=1, keepdims=True) @ values)


@attention.refused
def zeros_only_if_all_rows_are_empty(queries, keys, values, mask):
    if not mask.any():
        return np.zeros((len(queries), values.shape[1]))
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) @ values


@attention.refused
def empty_rows_found_by_the_first_key(queries, keys, values, mask):
    S = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    E = np.exp(S - np.where(mask.any(axis=1), S.max(axis=1), 0.0)[:, None])
    Z = E / np.maximum(E.sum(axis=1, keepdims=True), 1e-300) @ values
    return np.where(mask[:, :1], Z, 0.0)


@attention.refused
def masked_by_a_thousand(queries, keys, values, mask):
    S = queries @ keys.T / np.sqrt(queries.shape[1]) - 1e3 * ~mask
    E = np.exp(S - S.max(axis=1, keepdims=True))
    Z = E / E.sum(axis=1, keepdims=True) @ values
    return np.where(mask.any(axis=1)[:, None], Z, 0.0)


@attention.alternative
def attention_with_loops(queries, keys, values, mask):
    result = np.zeros((len(queries), values.shape[1]))
    for i, q in enumerate(queries):
        allowed = np.flatnonzero(mask[i])
        if len(allowed) == 0:
            continue
        scores = np.array([q @ keys[j] for j in allowed]) / np.sqrt(len(q))
        weights = np.exp(scores - scores.max())
        for weight, j in zip(weights / weights.sum(), allowed, strict=True):
            result[i] += weight * values[j]
    return result


@attention.alternative
def attention_with_einsum(queries, keys, values, mask):
    S = np.einsum("if,jf->ij", queries, keys) / queries.shape[1] ** 0.5
    lowest = np.where(mask, S, S.min())  # a row's largest allowed score
    E = np.where(mask, np.exp(np.minimum(S - lowest.max(axis=1, keepdims=True), 0.0)), 0.0)
    total = E.sum(axis=1, keepdims=True)
    return np.einsum("ij,jv->iv", E / np.where(total > 0, total, 1.0), values)


@attention.alternative
def attention_with_torch(queries, keys, values, mask):
    import torch

    Q, K, V, M = map(torch.from_numpy, (queries, keys, values, mask))
    S = (Q @ K.T / Q.shape[1] ** 0.5).masked_fill(~M, float("-inf"))
    return (torch.softmax(S, dim=-1).nan_to_num(0.0) @ V).numpy()


attention.harmless(
    "exponentials = np.exp(scores - np.where(np.isfinite(top), top, 1.0))",
    "exponentials = np.exp(scores - np.where(np.isfinite(top), top, -1.0))",
    because="in an empty row every score is -inf, whatever finite number is subtracted",
)
attention.harmless(
    "return exponentials / np.where(total > 1, total, 1.0) @ values",
    because="a row's largest exponential is 1, so its total is 1 or more unless the row is empty",
)
attention.harmless(
    "return exponentials / np.where(total > 0, total, 2.0) @ values",
    "return exponentials / np.where(total > 0, total, 0.5) @ values",
    because="in an empty row all exponentials are 0, whatever divides them",
)
