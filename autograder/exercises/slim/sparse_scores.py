"""Exercise `sparse_scores`: cases, mistakes, alternatives."""

import numpy as np
from scipy.sparse import csr_array

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import between, random_weights

sparse_scores = Exercise("sparse_scores", points=2)


@sparse_scores.cases
def _(rng):
    W = csr_array(np.array([[0.0, 0.5, 0.2], [0.4, 0.0, 0.0], [0.3, 0.1, 0.0]]))
    yield "the worked example", {"items": np.array([0, 2]), "W": W}
    yield "one film seen", {"items": rng.permutation(4)[:1], "W": csr_array(_weights(rng, 4))}
    W = _weights(rng, 5)
    W[[1, 3], 2] = between(rng, 0.1, 0.4), between(rng, 0.5, 0.9)
    yield "two films that point to the same one", {"items": np.array([3, 1]), "W": csr_array(W)}
    yield "nothing seen", {"items": np.array([], dtype=int), "W": csr_array(_weights(rng, 4))}
    W = _weights(rng, 6)
    W[[0, 2, 5]] = 0.0
    yield "films with empty rows", {"items": rng.permutation([0, 1, 2, 5]), "W": csr_array(W)}
    W = _weights(rng, 5)
    W[2, 0] = W[4, 0] = W[4, 1] = 0.0
    W = csr_array(W)
    W.data[W.indptr[2]] = 0.0  # at [2, 1], where row 4 has nothing
    yield "a stored weight of 0", {"items": np.array([4, 2]), "W": W}
    W = csr_array(random_weights(rng, 11))
    yield "11 films, 4 of them seen", {"items": rng.permutation(11)[:4], "W": W}


def _weights(rng, n_items):
    """Return readable weights, at least one in every row."""
    W = random_weights(rng, n_items).round(2)
    W[np.arange(1, n_items), np.arange(n_items - 1)] = rng.integers(10, 60, n_items - 1) / 100
    return W


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
    "multiplications, and a stored 0 costs one as well."
)
def cost_of_the_result(items, W):
    scores = np.asarray(W[items].sum(axis=0)).ravel()
    return scores, int(np.count_nonzero(scores))


@sparse_scores.mistake(
    "You counted only weights that are not 0. What a sparse matrix stores is multiplied, a stored "
    "0 too: count with .nnz or indptr."
)
def stored_zeros_not_counted(items, W):
    rows = W[items]
    return np.asarray(rows.sum(axis=0)).ravel(), int((rows != 0).sum())


@sparse_scores.mistake(
    "Each film's weights replace those of the films before it, where both point to the same film. "
    "Add them up: scores[...] += ..."
)
def overwritten(items, W):
    scores, cost = np.zeros(W.shape[1]), 0
    for j in items:
        stored = slice(W.indptr[j], W.indptr[j + 1])
        scores[W.indices[stored]] = W.data[stored]
        cost += len(W.data[stored])
    return scores, cost


@sparse_scores.mistake("You took the mean of the rows. A score is their sum.")
def mean_of_the_rows(items, W):
    rows = W[items]
    return np.asarray(rows.sum(axis=0)).ravel() / max(len(items), 1), int(rows.nnz)


@sparse_scores.mistake(
    "Your second result is the number of films watched. Asked for is the number of stored weights "
    "in their rows."
)
def films_counted(items, W):
    return np.asarray(W[items].sum(axis=0)).ravel(), len(items)


@sparse_scores.mistake(
    "The two results come in the order scores, number of weights: yours are exchanged."
)
def results_exchanged(items, W):
    rows = W[items]
    return int(rows.nnz), np.asarray(rows.sum(axis=0)).ravel()


@sparse_scores.refused
def items_sorted_in_place(items, W):
    items.sort()
    rows = W[items]
    return np.asarray(rows.sum(axis=0)).ravel(), int(rows.nnz)


@sparse_scores.refused
def first_row_never_used(items, W):
    rows = W[items[items > 0]]
    return np.asarray(rows.sum(axis=0)).ravel(), int(rows.nnz)


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
