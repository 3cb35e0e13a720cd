"""Exercise `sparse_scores`: cases, mistakes, alternatives."""

import numpy as np
from scipy.sparse import csr_array

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import random_weights

sparse_scores = Exercise("sparse_scores", points=2)


@sparse_scores.cases
def _(rng):
    W = csr_array(np.array([[0.0, 0.5, 0.2], [0.4, 0.0, 0.0], [0.0, 0.1, 0.0]]))
    yield "the worked example", {"items": np.array([0, 2]), "W": W}
    yield "one film seen", {"items": np.array([1]), "W": W}
    yield "nothing seen", {"items": np.array([], dtype=int), "W": W}
    W = csr_array(random_weights(rng, 11))
    yield "11 random films", {"items": np.sort(rng.permutation(11)[:4]), "W": W}
    W = csr_array(random_weights(rng, 8) * (np.arange(8) % 3 > 0)[:, None])
    yield "films with empty rows", {"items": np.array([0, 1, 3, 5]), "W": W}


@sparse_scores.mistake(
    "You counted every entry of the rows, zeros too. Only stored weights cost a multiplication: "
    "that is what sparsity buys."
)
def dense_cost(items, W):
    scores = np.zeros(W.shape[1])
    for j in items:
        scores += W[[j]].toarray()[0]
    return scores, len(items) * W.shape[1]


@sparse_scores.mistake(
    "You counted the nonzeros of the whole W. Only the rows of the films this user has seen are "
    "touched."
)
def cost_of_the_whole_matrix(items, W):
    return np.asarray(W[items].sum(axis=0)).ravel(), int(W.nnz)


@sparse_scores.mistake(
    "You summed columns of W. A film j that was seen contributes row j: w_ij for every i."
)
def columns_instead_of_rows(items, W):
    columns = W.tocsc()[:, items]
    return np.asarray(columns.sum(axis=1)).ravel(), int(columns.nnz)


@sparse_scores.mistake(
    "You counted the films with a nonzero score. A film reached from two seen films costs two "
    "multiplications."
)
def cost_of_the_result(items, W):
    scores = np.asarray(W[items].sum(axis=0)).ravel()
    return scores, int(np.count_nonzero(scores))


@sparse_scores.alternative
def scores_from_indptr(items, W):
    scores, cost = np.zeros(W.shape[1]), 0
    for j in items:
        for position in range(W.indptr[j], W.indptr[j + 1]):
            scores[W.indices[position]] += W.data[position]
            cost += 1
    return scores, cost


@sparse_scores.alternative
def scores_from_a_product(items, W):
    seen = np.zeros(W.shape[0])
    seen[items] = 1.0
    return W.T @ seen, int(np.diff(W.indptr)[items].sum())
