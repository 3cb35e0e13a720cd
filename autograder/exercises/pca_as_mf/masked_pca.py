"""Exercise `masked_pca`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import between, ridge_rows, some_known, table

masked_pca = Exercise("masked_pca", points=3)


@masked_pca.cases
def _(rng):
    X = np.array([[1.0, 5.0], [3.0, np.nan], [np.nan, 9.0]])
    hand = {"X": X, "known": np.isfinite(X), "C": np.array([[1.0], [1.0]])}
    yield "the worked example", {**hand, "ridge": 1.0, "n_rounds": 1}
    everything = _problem(rng, 5, 3, 2, n_rounds=1)
    everything["X"] = table(rng, 5, 3) + rng.integers(1, 4, 3)
    everything["known"] = np.ones((5, 3), dtype=bool)
    yield "one round, all cells known", everything
    yield "one round with NaN where unknown", _problem(rng, 5, 4, 2, n_rounds=1)
    yield "two rounds", _problem(rng, 6, 4, 2, n_rounds=2)
    yield "as many instances as features", _problem(rng, 5, 5, 2, n_rounds=2)
    wrong = _problem(rng, 6, 4, 1, n_rounds=2)
    unknown = ~wrong["known"]
    wrong["X"][unknown] = rng.integers(30, 99, unknown.sum())
    yield "wrong numbers, not NaN, where unknown", wrong
    zeros = _problem(rng, 6, 4, 2, n_rounds=2)
    one, other = np.argwhere(zeros["known"])[[1, -1]]
    zeros["X"][tuple(one)] = zeros["X"][tuple(other)] = 0.0
    yield "known zeros", zeros
    empty = _problem(rng, 6, 4, 2, n_rounds=2)
    row = rng.integers(1, 6)
    empty["known"][row], empty["X"][row] = False, np.nan
    yield "an instance without known cells", empty
    empty = _problem(rng, 7, 4, 2, n_rounds=2)
    column = rng.integers(0, 4)
    empty["known"][:, column], empty["X"][:, column] = False, np.nan
    yield "a feature without known cells", empty
    single = _problem(rng, 7, 4, 2, n_rounds=2)
    column = rng.integers(0, 4)
    rest = np.flatnonzero(single["known"][:, column])[1:]
    single["known"][rest, column], single["X"][rest, column] = False, np.nan
    yield "a feature with one known cell", single
    yield "five rounds, more factors than known cells", _problem(rng, 8, 4, 3, n_rounds=5)


def _problem(rng, n, d, k, n_rounds):
    """Return arguments with NaN in the unknown cells and columns that are not centred."""
    known = some_known(rng, n, d)
    X = np.where(known, table(rng, n, d) + rng.integers(1, 4, d), np.nan)
    ridge = between(rng, 0.5, 1.5, 2)
    return {"X": X, "known": known, "C": table(rng, d, k), "ridge": ridge, "n_rounds": n_rounds}


@masked_pca.mistake(
    "Your means stay those of the start. After C, take the mean of what W C^T leaves, X - W C^T, "
    "over the known cells, in every round."
)
def means_of_the_start(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    Y = np.where(known, X - mean, 0.0)
    for _ in range(n_rounds):
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
    return mean, W, C


@masked_pca.mistake(
    "You subtract the means of the start in every round. Take the new means off in the next round: "
    "Y is made inside the loop."
)
def centred_once(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    Y = np.where(known, X - mean, 0.0)
    for _ in range(n_rounds):
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "Your last means are missing: they come after C, at the end of every round, the last included."
)
def means_before_the_factors(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    reconstruction = np.zeros(X.shape)
    for _ in range(n_rounds):
        mean = np.where(known, X - reconstruction, 0.0).sum(axis=0) / counts
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        reconstruction = W @ C.T
    return mean, W, C


@masked_pca.mistake(
    "You divide the sums of the known cells by n. The mean of a column divides by the number of "
    "its known cells, known.sum(axis=0)."
)
def divided_by_all(X, known, C, ridge, n_rounds):
    mean = np.where(known, X, 0.0).sum(axis=0) / len(X)
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / len(X)
    return mean, W, C


@masked_pca.mistake(
    "Your result counts unknown cells as known zeros, taken before centring. Centre first, over "
    "the known cells, and hand `known` to ridge_rows."
)
def unknown_as_zero(X, known, C, ridge, n_rounds):
    X, every = np.where(known, X, 0.0), np.ones(X.shape, dtype=bool)
    mean = X.mean(axis=0)
    for _ in range(n_rounds):
        Y = X - mean
        W = ridge_rows(Y, every, C, ridge)
        C = ridge_rows(Y.T, every.T, W, ridge)
        mean = (X - W @ C.T).mean(axis=0)
    return mean, W, C


@masked_pca.mistake(
    "Your result fills the unknown cells with their column's mean and counts them as known. "
    "They must not count: hand `known` to ridge_rows."
)
def unknown_as_the_mean(X, known, C, ridge, n_rounds):
    counts, every = np.maximum(known.sum(axis=0), 1), np.ones(X.shape, dtype=bool)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, every, C, ridge)
        C = ridge_rows(Y.T, every.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "0 * NaN is NaN: multiplying by `known` does not take unknown cells out. "
    "np.where(known, ..., 0.0) does."
)
def multiplied_by_the_mask(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = (X * known).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = (X - mean) * known
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = ((X - W @ C.T) * known).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "Your means are taken of X, not of what W C^T leaves: X - W C^T, over the known cells."
)
def means_of_the_table(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    for _ in range(n_rounds):
        mean = np.where(known, X, 0.0).sum(axis=0) / counts
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = mean + np.where(known, W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "Your means are those of the errors, which are added to the old means: Y has its mean taken "
    "off already. Take the mean of X - W C^T."
)
def means_of_what_is_left_of_y(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, Y - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "In your round the means are taken between W and C. First W, then C, then the means."
)
def means_between_the_factors(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        W = ridge_rows(np.where(known, X - mean, 0.0), known, C, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
        Y = np.where(known, X - mean, 0.0)
        C = ridge_rows(Y.T, known.T, W, ridge)
    return mean, W, C


@masked_pca.mistake(
    "The penalty is left out where C is solved. Both factors have a ridge: hand it over twice."
)
def ridge_for_w_alone(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, 1e-9)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "To solve for C, every row is a feature: Y and `known` are both transposed, and W takes the "
    "place of C. Yours is not: ridge_rows(Y.T, known.T, W, ridge)."
)
def mask_not_transposed(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake("Your result is that of one round. Repeat all three steps n_rounds times.")
def a_single_round(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    Y = np.where(known, X - mean, 0.0)
    W = ridge_rows(Y, known, C, ridge)
    C = ridge_rows(Y.T, known.T, W, ridge)
    return np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts, W, C


@masked_pca.mistake(
    "A column without known cells gives 0/0 in your means, and NaN from there on. Divide by "
    "np.maximum(counts, 1): its mean is then 0."
)
def divided_by_zero(X, known, C, ridge, n_rounds):
    with np.errstate(invalid="ignore"):
        mean = np.where(known, X, 0.0).sum(axis=0) / known.sum(axis=0)
        for _ in range(n_rounds):
            Y = np.where(known, X - mean, 0.0)
            W = ridge_rows(Y, known, C, ridge)
            C = ridge_rows(Y.T, known.T, W, ridge)
            mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / known.sum(axis=0)
    return mean, W, C


@masked_pca.mistake(
    "Your result is that of taking known zeros for unknown. What is known is told by `known` alone."
)
def zeros_taken_as_unknown(X, known, C, ridge, n_rounds):
    known = known & (X != 0)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "Your result tells unknown cells by NaN. What is known is told by `known` alone; an unknown "
    "cell may hold any number."
)
def nan_taken_as_unknown(X, known, C, ridge, n_rounds):
    known = np.isfinite(X)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "The values are right, but your function writes into the X of its caller, as X[~known] = 0 "
    "does. np.where makes a new table."
)
def table_written_over(X, known, C, ridge, n_rounds):
    X[~known] = 0.0
    counts = np.maximum(known.sum(axis=0), 1)
    mean = X.sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "In Y, 0 * NaN is NaN: multiplying X - mean by `known` does not take unknown cells out. "
    "np.where(known, X - mean, 0.0) does."
)
def y_multiplied_by_the_mask(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = known * (X - mean)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "In the new means, 0 * NaN is NaN: multiplying X - W C^T by `known` does not take unknown "
    "cells out. np.where(known, ..., 0.0) does."
)
def new_means_multiplied_by_the_mask(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = (known * (X - W @ C.T)).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "Unknown cells of Y hold minus the mean, not 0: take the mean off inside np.where."
)
def mean_off_outside(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X, 0.0) - mean
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake("For C hand over the transposed table: ridge_rows(Y.T, known.T, W, ridge).")
def nothing_transposed(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y, known, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.mistake(
    "Your means are those of the cells that are not NaN. NaN is not the mask: use `known`."
)
def means_without_nan(X, known, C, ridge, n_rounds):
    import warnings

    with warnings.catch_warnings(action="ignore"):  # a column may have no number
        mean = np.nanmean(X, axis=0)
        for _ in range(n_rounds):
            Y = np.where(known, X - mean, 0.0)
            W = ridge_rows(Y, known, C, ridge)
            C = ridge_rows(Y.T, known.T, W, ridge)
            mean = np.nanmean(X - W @ C.T, axis=0)
    return mean, W, C


@masked_pca.mistake("You average W C^T over all cells; only the known ones count.")
def reconstruction_averaged_over_all(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = of_the_table = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = of_the_table - (W @ C.T).mean(axis=0)
    return mean, W, C


@masked_pca.mistake("The order is mean, W, C.")
def means_last(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return W, C, mean


@masked_pca.mistake(
    "Your penalty grows with the number of known cells. Here every row pays the same ridge, "
    "not ridge times its known cells as in lecture 01."
)
def ridge_times_known_cells(X, known, C, ridge, n_rounds):
    k = C.shape[1]

    def solve(rows, mask, B):
        found = np.zeros((len(rows), k))
        for i, (row, own) in enumerate(zip(rows, mask, strict=True)):
            if own.any():
                Q = B[own]
                gram = Q.T @ Q + ridge * own.sum() * np.eye(k)
                found[i] = np.linalg.solve(gram, Q.T @ row[own])
        return found

    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = solve(Y, known, C)
        C = solve(Y.T, known.T, W)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.refused
def ridge_doubled(X, known, C, ridge, n_rounds):
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, X, 0.0).sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = np.where(known, X - mean, 0.0)
        W = ridge_rows(Y, known, C, 2 * ridge)
        C = ridge_rows(Y.T, known.T, W, 2 * ridge)
        mean = np.where(known, X - W @ C.T, 0.0).sum(axis=0) / counts
    return mean, W, C


@masked_pca.alternative
def rounds_with_loops(X, known, C, ridge, n_rounds):
    d, k = C.shape

    def solve(rows, mask, B):
        found = np.zeros((len(rows), k))
        for i, (row, own) in enumerate(zip(rows, mask, strict=True)):
            Q = B[own]
            found[i] = np.linalg.solve(Q.T @ Q + ridge * np.eye(k), Q.T @ row[own])
        return found

    def means(table):
        return np.array(
            [table[known[:, j], j].mean() if known[:, j].any() else 0 for j in range(d)]
        )

    mean = means(X)
    for _ in range(n_rounds):
        W = solve(X - mean, known, C)
        C = solve((X - mean).T, known.T, W)
        mean = means(X - W @ C.T)
    return mean, W, C


@masked_pca.alternative
def rounds_with_masked_arrays(X, known, C, ridge, n_rounds):
    table = np.ma.masked_array(np.nan_to_num(X), ~known)
    mean = table.mean(axis=0).filled(0.0)
    for _ in range(n_rounds):
        Y = (table - mean).filled(0.0)
        W = ridge_rows(Y, known, C, ridge)
        C = ridge_rows(Y.T, known.T, W, ridge)
        mean = (table - W @ C.T).mean(axis=0).filled(0.0)
    return mean, W, C


@masked_pca.alternative
def rounds_in_single_precision(X, known, C, ridge, n_rounds):
    X, C = np.where(known, X, 0).astype(np.float32), C.astype(np.float32)
    counts = np.maximum(known.sum(axis=0), 1).astype(np.float32)
    mean = X.sum(axis=0) / counts
    for _ in range(n_rounds):
        Y = (X - mean) * known
        W = ridge_rows(Y, known, C, ridge).astype(np.float32)
        C = ridge_rows(Y.T, known.T, W, ridge).astype(np.float32)
        mean = ((X - W @ C.T) * known).sum(axis=0) / counts
    return mean, W, C
