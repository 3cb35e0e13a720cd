"""Exercise `row_normalize`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import (
    directed_graph,
    random_graph,
    weighted,
    with_isolated,
)

row_normalize = Exercise("row_normalize", points=1)


@row_normalize.cases
def _(rng):
    A = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    yield "the worked example", {"A": A}
    yield "an undirected graph", {"A": random_graph(rng, 12, n_more=4)}
    yield "a directed graph", {"A": directed_graph(rng, 8)}
    yield "weighted edges", {"A": weighted(rng, random_graph(rng, 5))}
    yield "the first node alone", {"A": with_isolated(weighted(rng, random_graph(rng, 6)), 0)}
    yield "the last node alone", {"A": with_isolated(weighted(rng, random_graph(rng, 7)), 7)}
    A = directed_graph(rng, 7)
    yield "whole numbers, directed", {"A": (A * rng.integers(1, 4, A.shape)).astype(int)}


@row_normalize.mistake(
    "A_hat / A_hat.sum(axis=1) divides columns: NumPy puts a vector of shape (n,) along the last "
    "axis. Keep the axis, keepdims=True, so that each row is divided by its own sum."
)
def columns_divided_by_row_sums(A):
    A_hat = A + np.eye(len(A))
    return A_hat / A_hat.sum(axis=1)


@row_normalize.mistake(
    "The columns of your result sum to 1, not the rows. A node averages over what it reads, which "
    "is its row: sum along axis=1."
)
def columns_normalized(A):
    A_hat = A + np.eye(len(A))
    return A_hat / A_hat.sum(axis=0)


@row_normalize.mistake(
    "Your result is the transpose of the right one. Row i holds what node i reads."
)
def transposed(A):
    A_hat = A + np.eye(len(A))
    return (A_hat / A_hat.sum(axis=1, keepdims=True)).T


@row_normalize.mistake(
    "Your divisor is what the columns add up to. In a directed graph row and column sums differ: "
    "divide each row by the sum of that row."
)
def rows_divided_by_column_sums(A):
    A_hat = A + np.eye(len(A))
    return A_hat / A_hat.sum(axis=0)[:, None]


@row_normalize.mistake(
    "The self-loops are missing: add the identity to A before you normalize, so that every node "
    "reads itself too."
)
def without_self_loops(A):
    return A / np.maximum(A.sum(axis=1, keepdims=True), 1)


@row_normalize.mistake(
    "A row of A may be empty, and 0/0 is NaN. Add the self-loops first: no row of A + I sums to 0."
)
def without_self_loops_unguarded(A):
    with np.errstate(invalid="ignore"):
        return A / A.sum(axis=1, keepdims=True)


@row_normalize.mistake(
    "The degree was taken before the self-loops were added, so your rows sum to more than 1, and a "
    "node alone is divided by 0. Sum the rows of A + I."
)
def degree_before_self_loops(A):
    return (A + np.eye(len(A))) / A.sum(axis=1, keepdims=True)


@row_normalize.mistake(
    "Your degree lacks the self-loop: rows with neighbours sum to more than 1. Sum the rows of "
    "A + I, not those of A."
)
def degree_before_self_loops_guarded(A):
    degree = A.sum(axis=1, keepdims=True)
    return (A + np.eye(len(A))) / np.where(degree > 0, degree, 1)


@row_normalize.mistake(
    "You added the identity after normalizing. The self-loop is an edge like the others: add it "
    "first, then divide it too."
)
def self_loops_after(A):
    degree = A.sum(axis=1, keepdims=True)
    return A / np.where(degree > 0, degree, 1) + np.eye(len(A))


@row_normalize.mistake(
    "You added the identity after normalizing, so that a node alone was 0 divided by 0. The "
    "self-loop is an edge like the others: add it first, then divide it too."
)
def self_loops_after_unguarded(A):
    with np.errstate(invalid="ignore"):
        return A / A.sum(axis=1, keepdims=True) + np.eye(len(A))


@row_normalize.mistake(
    "All but the diagonal is gone: `*` multiplies entry by entry. The matrix product is "
    "`D_inverse @ A_hat`."
)
def entry_by_entry(A):
    A_hat = A + np.eye(len(A))
    return np.diag(1 / A_hat.sum(axis=1)) * A_hat


@row_normalize.mistake(
    "You counted the neighbours. Where edges have weights, the divisor is the sum of the row, not "
    "the number of its entries."
)
def edges_counted(A):
    A_hat = A + np.eye(len(A))
    return A_hat / np.count_nonzero(A_hat, axis=1, keepdims=True)


@row_normalize.mistake(
    "You divided everything by one number, the sum of the whole matrix. Each row is divided by its "
    "own sum."
)
def one_sum_for_all(A):
    A_hat = A + np.eye(len(A))
    return A_hat / A_hat.sum()


@row_normalize.mistake(
    "Your rows have length 1, their squares sum to 1. A mean's weights sum to 1 themselves: divide "
    "by the sum of the row."
)
def rows_of_length_one(A):
    A_hat = A + np.eye(len(A))
    return A_hat / np.linalg.norm(A_hat, axis=1, keepdims=True)


@row_normalize.mistake(
    "Added without normalizing: your result is A + I. Divide each row by its sum, so that a step "
    "is a mean and not a sum."
)
def not_normalized(A):
    return A + np.eye(len(A))


@row_normalize.mistake(
    "The result is right, but the A of the caller has self-loops now. np.fill_diagonal and += "
    "change what they are given: make a new array, A + np.eye(n)."
)
def diagonal_filled_in_place(A):
    np.fill_diagonal(A, 1)
    return A / A.sum(axis=1, keepdims=True)


@row_normalize.refused
def weights_forgotten(A):
    A_hat = (A > 0) + np.eye(len(A))
    return A_hat / A_hat.sum(axis=1, keepdims=True)


@row_normalize.alternative
def normalize_with_a_diagonal_matrix(A):
    A_hat = A + np.eye(len(A))
    return np.diag(1 / A_hat.sum(axis=1)) @ A_hat


@row_normalize.alternative
def normalize_with_a_loop(A):
    M = []
    for i, row in enumerate(A):
        row = row.astype(float)
        row[i] += 1
        M.append(row / row.sum())
    return np.array(M)


@row_normalize.alternative
def normalize_in_float32(A):
    import torch

    A = torch.as_tensor(np.array(A), dtype=torch.float32) + torch.eye(len(A))
    return torch.nn.functional.normalize(A, p=1, dim=1).numpy()
