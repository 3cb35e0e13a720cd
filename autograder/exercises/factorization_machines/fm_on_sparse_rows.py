"""Exercise `fm_on_sparse_rows`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import (
    HAND,
    HAND_ROWS,
    machine,
    one_hot_rows,
    rows,
)

fm_on_sparse_rows = Exercise("fm_on_sparse_rows", points=3)


@fm_on_sparse_rows.cases
def _(rng):
    yield "the worked example", {"X": HAND_ROWS, **HAND}
    yield "a single row", {"X": HAND_ROWS[[1]], **HAND}
    yield "users and items, one-hot", {"X": one_hot_rows(rng, 4, 3, 5), **machine(rng, 8, 2)}
    yield "6 random rows of 9 features", {"X": rows(rng, 6, 9), **machine(rng, 9, 4)}
    empty = rows(rng, 5, 7)
    empty = empty * (np.arange(5) != 2)[:, None]
    empty.eliminate_zeros()
    yield "a row without features", {"X": empty, **machine(rng, 7, 3)}


@fm_on_sparse_rows.mistake(
    "In the second part of the identity the features are squared too: V**2 meets X.power(2). "
    "(On one-hot rows, where 1 * 1 = 1, the slip does not show.)"
)
def values_not_squared(X, w0, w, V):
    Q = X @ V
    return w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.mistake("The factor 1/2 before the bracket is missing.")
def pairs_not_halved(X, w0, w, V):
    Q = X @ V
    return w0 + X @ w + (Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1), Q


@fm_on_sparse_rows.mistake(
    "The squares of the single features are still in: subtract X.power(2) @ (V**2), summed over "
    "the factors."
)
def own_squares_left_in(X, w0, w, V):
    Q = X @ V
    return w0 + X @ w + 0.5 * (Q**2).sum(axis=1), Q


@fm_on_sparse_rows.mistake("The constant w0 is missing from the predictions.")
def constant_left_out(X, w0, w, V):
    Q = X @ V
    return X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.mistake("The single weights are missing from the predictions: add X @ w.")
def single_weights_left_out(X, w0, w, V):
    Q = X @ V
    return w0 + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.mistake(
    "You used where the nonzeros are but not how large they are: X.data holds their values."
)
def values_taken_as_one(X, w0, w, V):
    B = (X != 0).astype(float)
    Q = B @ V
    return w0 + B @ w + 0.5 * ((Q**2).sum(axis=1) - B @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.alternative
def row_by_row(X, w0, w, V):
    predictions, Q = np.zeros(X.shape[0]), np.zeros((X.shape[0], V.shape[1]))
    for r in range(X.shape[0]):
        stored = slice(X.indptr[r], X.indptr[r + 1])
        i, x = X.indices[stored], X.data[stored]
        Z = V[i] * x[:, None]
        Q[r] = Z.sum(axis=0)
        predictions[r] = w0 + w[i] @ x + 0.5 * ((Q[r] ** 2).sum() - (Z**2).sum())
    return predictions, Q


@fm_on_sparse_rows.alternative
def on_dense_rows(X, w0, w, V):
    X = X.toarray()
    Z = X[:, :, None] * V  # (m, n, k)
    Q = Z.sum(axis=1)
    return w0 + X @ w + 0.5 * (Q**2 - (Z**2).sum(axis=1)).sum(axis=1), Q


@fm_on_sparse_rows.alternative
def on_stored_entries(X, w0, w, V):
    entries = X.tocoo()
    r, i = entries.coords
    Z = V[i] * entries.data[:, None]
    Q, squares = np.zeros((X.shape[0], V.shape[1])), np.zeros((X.shape[0], V.shape[1]))
    np.add.at(Q, r, Z)
    np.add.at(squares, r, Z**2)
    return w0 + X @ w + 0.5 * (Q**2 - squares).sum(axis=1), Q
