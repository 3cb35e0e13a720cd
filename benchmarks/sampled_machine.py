"""The factorization machine of lecture 04 fitted by Gibbs sampling, on NumPy alone.

Freudenthaler, Schmidt-Thieme and Rendle: Bayesian Factorization Machines, NIPS workshop on sparse
representation, 2011.
"""

import inspect

import numpy as np
from scipy.sparse import csr_array

from autograder.lecture.reference import load_reference
from embedlab.data.ratings import Ratings

reference = load_reference("04_factorization_machines")
fm_on_sparse_rows = reference["fm_on_sparse_rows"]
N_FACTORS = inspect.signature(reference["fit_machine"]).parameters["k"].default
SAMPLED = {"n_sweeps": 120, "n_skip": 40}


def block_sizes(train: Ratings, blocks: list[str]) -> list[int]:
    """Return the number of columns of each block."""
    return [reference["feature_rows"](train, train, [block]).shape[1] for block in blocks]


def sampled(train: Ratings, test: Ratings, blocks: list[str]) -> np.ndarray:
    """Predict the stars of `test` by a machine with these blocks, fitted to `train`."""
    X, X_test = (reference["feature_rows"](train, some, blocks) for some in (train, test))
    sizes = block_sizes(train, blocks)
    return sample_machine(X, train.values, sizes, X_test, N_FACTORS, **SAMPLED)


def column_groups(X: csr_array, sizes: list[int]) -> list[tuple]:
    """Return (columns, rows, places, values, block) per group of columns that never share a row.

    Entry n of such a group stands in row rows[n] and column columns[places[n]].
    """
    X, groups, start = X.tocsc(), [], 0
    for block, size in enumerate(sizes):
        columns = np.arange(start, start + size)
        alone = np.bincount(X[:, columns].indices).max() == 1
        for part in [columns] if alone else columns[:, None]:
            cut = X[:, part].tocsc()
            places = np.repeat(np.arange(len(part)), np.diff(cut.indptr))
            groups.append((part, cut.indices, places, cut.data, block))
        start += size
    return groups


def sample_machine(
    X: csr_array, y: np.ndarray, sizes: list[int], X_new: csr_array, k: int, n_sweeps: int,
    n_skip: int, spread: float = 0.1, seed: int = 0,
) -> np.ndarray:  # fmt: skip
    """Return the predictions for X_new, averaged over the sweeps after the first n_skip.

    sizes: the number of columns of each block.
    """
    rng, groups = np.random.default_rng(seed), column_groups(X, sizes)
    total = np.zeros(X_new.shape[0])
    w0, table = y.mean(), rng.normal(0, spread, (X.shape[1], 1 + k))
    table[:, 0] = 0.0  # the single weights; then come the factors
    predictions, Q = fm_on_sparse_rows(X, w0, table[:, 0], table[:, 1:])
    left, Q = y - predictions, np.asfortranarray(Q)
    mus = np.zeros((len(sizes), table.shape[1]))
    for sweep in range(n_sweeps):
        alpha = rng.gamma((1 + len(y)) / 2, 2 / (1 + left @ left))  # 1 / variance of the errors
        lambdas = np.empty_like(mus)
        for block, values in enumerate(np.split(table, np.cumsum(sizes)[:-1])):
            scatter = ((values - mus[block]) ** 2).sum(axis=0) + mus[block] ** 2
            lambdas[block] = rng.gamma((2 + len(values)) / 2, 2 / (1 + scatter))
            centre = values.sum(axis=0) / (len(values) + 1)
            mus[block] = rng.normal(centre, 1 / np.sqrt((len(values) + 1) * lambdas[block]))
        change = rng.normal(left.mean(), 1 / np.sqrt(alpha * len(y)))
        w0, left = w0 + change, left - change
        for f in range(table.shape[1]):
            for columns, rows, places, x, block in groups:
                old, n = table[columns, f], len(columns)
                h = x if f == 0 else x * (Q[rows, f - 1] - old[places] * x)
                slope = np.bincount(places, h * (left[rows] + old[places] * h), n)
                lam = lambdas[block, f]
                precision = alpha * np.bincount(places, h * h, n) + lam
                best = (alpha * slope + lam * mus[block, f]) / precision
                new = best + rng.normal(size=n) / np.sqrt(precision)
                moved = (new - old)[places]
                left[rows] -= moved * h
                if f > 0:
                    Q[rows, f - 1] += moved * x
                table[columns, f] = new
        if sweep >= n_skip:
            total += fm_on_sparse_rows(X_new, w0, table[:, 0], table[:, 1:])[0]
    return np.clip(total / (n_sweeps - n_skip), 0.5, 5.0)
