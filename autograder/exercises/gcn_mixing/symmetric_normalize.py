"""Exercise `symmetric_normalize`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import random_graph, weighted, with_isolated

symmetric_normalize = Exercise("symmetric_normalize", points=1)


@symmetric_normalize.cases
def _(rng):
    yield "the worked example", {"A": np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])}
    yield "a graph without weights", {"A": random_graph(rng, 12, n_more=4)}
    yield "weighted edges", {"A": weighted(rng, random_graph(rng, 5, n_more=0))}
    yield "more weighted edges", {"A": weighted(rng, random_graph(rng, 6))}
    yield "the first node alone", {"A": with_isolated(weighted(rng, random_graph(rng, 6)), 0)}
    yield "the last node alone", {"A": with_isolated(weighted(rng, random_graph(rng, 7)), 7)}
    weights = np.triu(rng.integers(1, 9, (10, 10)), 1)
    A = random_graph(rng, 10, n_more=4) * (weights + weights.T)
    yield "whole numbers", {"A": A.astype(int)}


@symmetric_normalize.mistake(
    "You divided by the root of one degree only. An edge between i and j is divided by both roots, "
    "that of i's degree and that of j's."
)
def rows_only(A):
    A_hat = A + np.eye(len(A))
    return A_hat / np.sqrt(A_hat.sum(axis=1, keepdims=True))


@symmetric_normalize.mistake(
    "A vector of shape (n,) divides columns, so yours has the root of j's degree only. The root of "
    "i's degree is missing: divide by d[:, None] too."
)
def columns_only(A):
    A_hat = A + np.eye(len(A))
    return A_hat / np.sqrt(A_hat.sum(axis=1))


@symmetric_normalize.mistake(
    "This is the row normalization: each row sums to 1. Here an edge between i and j is divided by "
    "the roots of both degrees, and the result is symmetric."
)
def rows_normalized(A):
    A_hat = A + np.eye(len(A))
    return A_hat / A_hat.sum(axis=1, keepdims=True)


@symmetric_normalize.mistake(
    "Your column j is divided by d_j, and the rows by nothing: a vector of shape (n,) always goes "
    "along the last axis, the second time too. One root must divide rows: np.sqrt(d)[:, None], or "
    "take np.outer(d, d)."
)
def columns_twice(A):
    A_hat = A + np.eye(len(A))
    d = A_hat.sum(axis=1)
    return A_hat / np.sqrt(d) / np.sqrt(d)


@symmetric_normalize.mistake(
    "You divided by both degrees. It is the root of each: 1 / sqrt(d_i d_j), so that an edge "
    "between two nodes of degree d gets 1 / d."
)
def roots_forgotten(A):
    A_hat = A + np.eye(len(A))
    degree = A_hat.sum(axis=1)
    return A_hat / np.outer(degree, degree)


@symmetric_normalize.mistake(
    "You multiplied by the roots of the degrees. The matrices on both sides are D to the power "
    "-1/2: divide."
)
def multiplied_by_the_roots(A):
    A_hat = A + np.eye(len(A))
    degree = A_hat.sum(axis=1)
    return A_hat * np.sqrt(np.outer(degree, degree))


@symmetric_normalize.mistake(
    "The self-loops are missing: add the identity to A before you take the degrees, and normalize "
    "A + I."
)
def without_self_loops(A):
    degree = np.maximum(A.sum(axis=1), 1e-9)
    return A / np.sqrt(np.outer(degree, degree))


@symmetric_normalize.mistake(
    "The degrees were taken before the self-loops were added, and a node alone is divided by 0. "
    "They are the row sums of A + I."
)
def degree_before_self_loops(A):
    degree = A.sum(axis=1)
    return (A + np.eye(len(A))) / np.sqrt(np.outer(degree, degree))


@symmetric_normalize.mistake(
    "Your degrees lack the self-loop. They are the row sums of A + I, one more than the number of "
    "neighbours where edges have no weights."
)
def degree_before_self_loops_guarded(A):
    degree = A.sum(axis=1)
    degree = np.where(degree > 0, degree, 1)
    return (A + np.eye(len(A))) / np.sqrt(np.outer(degree, degree))


@symmetric_normalize.mistake(
    "You added the identity after normalizing. The self-loop is an edge like the others: add it "
    "first, then divide it too."
)
def self_loops_after(A):
    degree = A.sum(axis=1)
    degree = np.where(degree > 0, degree, 1)
    return A / np.sqrt(np.outer(degree, degree)) + np.eye(len(A))


@symmetric_normalize.mistake(
    "You added the identity after normalizing, so that a node alone was 0 divided by 0. The "
    "self-loop is an edge like the others: add it first, then divide it too."
)
def self_loops_after_unguarded(A):
    degree = A.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return A / np.sqrt(np.outer(degree, degree)) + np.eye(len(A))


@symmetric_normalize.mistake(
    "All but the diagonal is gone: `*` multiplies entry by entry. The matrix product is "
    "`D @ A_hat @ D`."
)
def entry_by_entry(A):
    A_hat = A + np.eye(len(A))
    D = np.diag(A_hat.sum(axis=1) ** -0.5)
    return D * A_hat * D


@symmetric_normalize.mistake(
    "You counted neighbours. Where edges have weights, a degree is the sum of the row of A + I."
)
def edges_counted(A):
    A_hat = A + np.eye(len(A))
    degree = np.count_nonzero(A_hat, axis=1)
    return A_hat / np.sqrt(np.outer(degree, degree))


@symmetric_normalize.mistake(
    "Your divisor is the mean of the two degrees. It is the root of their product."
)
def arithmetic_mean(A):
    A_hat = A + np.eye(len(A))
    degree = A_hat.sum(axis=1)
    return 2 * A_hat / (degree[:, None] + degree)


@symmetric_normalize.mistake(
    "The result is right, but the A of the caller has self-loops now. np.fill_diagonal and += "
    "change what they are given: make a new array, A + np.eye(n)."
)
def diagonal_filled_in_place(A):
    np.fill_diagonal(A, 1)
    degree = A.sum(axis=1)
    return A / np.sqrt(np.outer(degree, degree))


@symmetric_normalize.refused
def weights_forgotten(A):
    A_hat = (A > 0) + np.eye(len(A))
    degree = A_hat.sum(axis=1)
    return A_hat / np.sqrt(np.outer(degree, degree))


@symmetric_normalize.alternative
def normalize_with_diagonal_matrices(A):
    A_hat = A + np.eye(len(A))
    root = np.diag(A_hat.sum(axis=1) ** -0.5)
    return root @ A_hat @ root


@symmetric_normalize.alternative
def normalize_with_loops(A):
    n = len(A)
    degree = [1 + sum(A[i]) for i in range(n)]
    S = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            S[i, j] = (A[i, j] + (i == j)) / (degree[i] * degree[j]) ** 0.5
    return S


@symmetric_normalize.alternative
def normalize_in_float32(A):
    import torch

    A = torch.as_tensor(np.array(A), dtype=torch.float32) + torch.eye(len(A))
    root = A.sum(dim=1).rsqrt()
    return (root[:, None] * A * root).numpy()


symmetric_normalize.harmless("degrees = A_hat.sum(axis=0)", because="A is symmetric")
