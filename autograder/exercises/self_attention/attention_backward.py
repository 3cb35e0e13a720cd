"""Exercise `attention_backward`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.self_attention.drawing import entries, question, scores_in_the_thousands

attention_backward = Exercise("attention_backward", points=3, needs=("attention_weights",))


@attention_backward.cases
def _(rng):
    hand = {
        "queries": np.array([[0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 4.0]]),
        "keys": np.array([[2.0, 0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]),
        "values": np.array([[1.0], [2.0], [6.0]]),
    }
    yield "the worked example", {**hand, "upstream": np.array([[3.0], [-6.0]])}
    drawn = question(rng, n_q=1, n_k=3, d=5, d_v=2)
    yield "one query", {**drawn, "upstream": entries(rng, 1, 2)}
    drawn = question(rng, n_q=4, n_k=4, d=4, d_v=4)
    yield "four of everything", {**drawn, "upstream": entries(rng, 4, 4)}
    drawn = question(rng)
    yield "3 queries, 5 keys, 6 features", {**drawn, "upstream": entries(rng, 3, 6)}
    drawn = question(rng, n_q=5, n_k=2, d=3, d_v=1)
    yield "5 queries, 2 keys, 1 feature", {**drawn, "upstream": entries(rng, 5, 1)}
    drawn = scores_in_the_thousands(rng, rng.permutation([0.0, 0.5, 1.5]))
    drawn |= {"values": entries(rng, 3, 2), "upstream": entries(rng, 1, 2)}
    yield "scores in the thousands", drawn


@attention_backward.mistake(
    "The softmax's Jacobian is diag(a) - a a^T; you used its diagonal part only. Raising one "
    "weight lowers the others: subtract each row's weighted mean of dA before multiplying by A."
)
def diagonal_of_the_jacobian(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dS = A * (upstream @ values.T) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "exp of a large score is infinite, and inf / inf is not a number. Subtract each row's largest "
    "score before exp, or use your attention_weights."
)
def backward_overflows(queries, keys, values, upstream):
    E = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "You used a * (1 - a), the derivative of each weight by its own score. A weight also depends "
    "on the scores of all other keys: the Jacobian is diag(a) - a a^T."
)
def own_score_only(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dS = A * (1 - A) * (upstream @ values.T) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "The softmax is missing: you passed the gradient of the weights on as that of the scores."
)
def softmax_forgotten(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dS = upstream @ values.T / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "The gradients of queries and keys lack the factor 1 / sqrt(d): the scores were divided by it, "
    "so their gradients are too."
)
def scale_forgotten(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True))
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "You subtracted the plain mean of dA. The mean in the softmax's derivative is weighted with "
    "the attention weights: (A * dA).sum(axis=1)."
)
def plain_mean(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - dA.mean(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "You summed along the queries. The softmax runs along the keys, and so does the weighted mean "
    "of its derivative: axis=1."
)
def summed_over_queries(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=0)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "The first two results are exchanged: return the gradients in the order queries, keys, values."
)
def queries_and_keys_exchanged(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS.T @ queries, dS @ keys, A.T @ upstream


@attention_backward.mistake(
    "The factor A in front is missing: a score with little weight has little influence, so every "
    "difference to the weighted mean of dA is multiplied by its weight."
)
def outer_weights_forgotten(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "You divided by d. The scores were divided by sqrt(d), so their gradients are too."
)
def gradients_divided_by_d(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / queries.shape[1]
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "Only the gradient of the queries is divided by sqrt(d): that of the keys needs the factor too."
)
def keys_not_scaled(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True))
    return dS @ keys / np.sqrt(queries.shape[1]), dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "Your results come in the order values, queries, keys: return queries, keys, values."
)
def values_first(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return A.T @ upstream, dS @ keys, dS.T @ queries


@attention_backward.mistake(
    "Your gradients of queries and keys have the wrong sign: it is dA minus its weighted mean, not "
    "the other way round."
)
def signs_of_the_scores_reversed(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * ((A * dA).sum(axis=1, keepdims=True) - dA) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "All three gradients have the wrong sign: a gradient points where the loss grows, and the "
    "minus of a descent step comes later."
)
def all_signs_reversed(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return -dS @ keys, -dS.T @ queries, -A.T @ upstream


@attention_backward.mistake(
    "You subtracted one mean of the whole table. Every query has a softmax of its own: take the "
    "weighted mean of dA in each row, .sum(axis=1, keepdims=True)."
)
def mean_of_the_whole_table(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum()) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.mistake(
    "The gradient of the values is that of the unweighted sum. A value gets back from every query "
    "in proportion to its weight there: A.T @ upstream."
)
def values_without_weights(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, np.ones_like(A).T @ upstream


@attention_backward.refused
def weights_detached(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = 0 * A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.refused
def jacobian_with_a_plus(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA + (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS.T @ queries, A.T @ upstream


@attention_backward.refused
def first_query_only(queries, keys, values, upstream):
    S = queries @ keys.T / np.sqrt(queries.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(queries.shape[1])
    return dS @ keys, dS[:1].T @ queries[:1], A.T @ upstream


@attention_backward.alternative
def backward_with_jacobians(queries, keys, values, upstream):
    root = np.sqrt(queries.shape[1])
    dQ, dK, dV = np.zeros_like(queries), np.zeros_like(keys), np.zeros_like(values)
    for t, q in enumerate(queries):
        e = np.exp(keys @ q / root - (keys @ q / root).max())
        a = e / e.sum()
        ds = (np.diag(a) - np.outer(a, a)) @ (values @ upstream[t])
        dQ[t] = ds @ keys / root
        dK += np.outer(ds, q) / root
        dV += np.outer(a, upstream[t])
    return dQ, dK, dV


@attention_backward.alternative
def backward_with_einsum(queries, keys, values, upstream):
    scale = queries.shape[1] ** -0.5
    S = scale * np.einsum("if,jf->ij", queries, keys)
    A = np.exp(S - S.max(axis=1, keepdims=True))
    A /= A.sum(axis=1, keepdims=True)
    dA = np.einsum("iv,jv->ij", upstream, values)
    dS = scale * (A * dA - A * np.einsum("ij,ij->i", A, dA)[:, None])
    return (
        np.einsum("ij,jf->if", dS, keys),
        np.einsum("ij,if->jf", dS, queries),
        np.einsum("ij,iv->jv", A, upstream),
    )


@attention_backward.alternative
def backward_with_autograd(queries, keys, values, upstream):
    import torch

    Q, K, V = (torch.tensor(array, requires_grad=True) for array in (queries, keys, values))
    Z = torch.softmax(Q @ K.T / Q.shape[1] ** 0.5, dim=-1) @ V
    Z.backward(torch.from_numpy(upstream))
    return Q.grad.numpy(), K.grad.numpy(), V.grad.numpy()
