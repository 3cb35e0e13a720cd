"""Exercise `fm_on_sparse_rows`: cases, mistakes, alternatives."""

import numpy as np
from scipy.sparse import csr_array

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import (
    HAND,
    HAND_ROWS,
    machine,
    one_hot_rows,
    row,
    rows,
    whole_machine,
)

fm_on_sparse_rows = Exercise("fm_on_sparse_rows", points=3)


@fm_on_sparse_rows.cases
def _(rng):
    yield "the worked example", {"X": HAND_ROWS, **HAND}
    yield "a single row", {"X": csr_array(row(rng, 4, [1])[None]), **whole_machine(rng, 4, 2)}
    yield "users and items, one-hot", {"X": one_hot_rows(rng, 4, 3, 5), **machine(rng, 8, 2)}
    yield "6 random rows of 9 features", {"X": rows(rng, 6, 9), **machine(rng, 9, 4)}
    for which, empty in (("first", 0), ("third", 2), ("last", 4)):
        label = f"5 rows, the {which} without features"
        yield label, {"X": rows(rng, 5, 7, empty, empty_column=6 - empty), **machine(rng, 7, 3)}


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


@fm_on_sparse_rows.mistake(
    "In the second part of the identity the vectors are squared too: X.power(2) meets V**2."
)
def vectors_not_squared(X, w0, w, V):
    Q = X @ V
    return w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ V.sum(axis=1)), Q


@fm_on_sparse_rows.mistake(
    "The pairs are missing: your predictions are w0 + X @ w, those of a linear model."
)
def pairs_left_out(X, w0, w, V):
    return w0 + X @ w, X @ V


@fm_on_sparse_rows.mistake(
    "Your function changes the caller's rows, as `X.data **= 2` does: it writes into the matrix "
    "you were given. X.power(2) makes a new one."
)
def rows_written_over(X, w0, w, V):
    Q = X @ V
    linear = X @ w
    X.data **= 2
    return w0 + linear + 0.5 * ((Q**2).sum(axis=1) - X @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.mistake(
    "Rows without features come out wrong. np.add.reduceat(..., X.indptr[:-1]) gives an empty row "
    "the entry of the next one, and fails where it is the last; X @ V gives zeros."
)
def reduceat_on_empty_rows(X, w0, w, V):
    Z = V[X.indices] * X.data[:, None]
    starts = X.indptr[:-1]
    Q = np.add.reduceat(Z, starts)
    linear = np.add.reduceat(w[X.indices] * X.data, starts)
    own = np.add.reduceat((Z**2).sum(axis=1), starts)
    return w0 + linear + 0.5 * ((Q**2).sum(axis=1) - own), Q


@fm_on_sparse_rows.mistake(
    "Your result has a row for every row up to the last that has features. Rows without features "
    "count too: there are X.shape[0] of them."
)
def rows_up_to_the_last_filled(X, w0, w, V):
    stored = X.tocoo()
    r, i = stored.coords
    m = r.max() + 1
    Z = V[i] * stored.data[:, None]
    Q, own, linear = np.zeros((m, V.shape[1])), np.zeros(m), np.zeros(m)
    np.add.at(Q, r, Z)
    np.add.at(own, r, (Z**2).sum(axis=1))
    np.add.at(linear, r, w[i] * stored.data)
    return w0 + linear + 0.5 * ((Q**2).sum(axis=1) - own), Q


@fm_on_sparse_rows.mistake(
    "You squared the sum over all factors together. Square each factor's sum by itself, then add "
    "up: (Q**2).sum(axis=1)."
)
def factors_mixed(X, w0, w, V):
    Q = X @ V
    return w0 + X @ w + 0.5 * (Q.sum(axis=1) ** 2 - X.power(2) @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.mistake(
    "The two results are in the wrong order: first the predictions, (m,), then the sums Q, (m, k)."
)
def exchanged(X, w0, w, V):
    Q = X @ V
    return Q, w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))


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


@fm_on_sparse_rows.refused
def nothing_for_empty_rows(X, w0, w, V):
    Q = X @ V
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    return np.where(np.diff(X.indptr) > 0, predictions, 0.0), Q


@fm_on_sparse_rows.refused
def empty_rows_left_out(X, w0, w, V):
    X = X[np.diff(X.indptr) > 0]
    Q = X @ V
    return w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1)), Q


@fm_on_sparse_rows.refused
def squares_returned(X, w0, w, V):
    Q = X @ V
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    return predictions, Q**2


@fm_on_sparse_rows.refused
def kept_among_the_stars(X, w0, w, V):
    Q = X @ V
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    return np.clip(predictions, 0.5, 5.0), Q


@fm_on_sparse_rows.refused
def vectors_written_over(X, w0, w, V):
    Q, linear = X @ V, X @ w
    V **= 2
    return w0 + linear + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ V.sum(axis=1)), Q


@fm_on_sparse_rows.refused
def weights_written_over(X, w0, w, V):
    Q, linear = X @ V, X @ w
    w[:] = (V**2).sum(axis=1)
    return w0 + linear + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ w), Q
