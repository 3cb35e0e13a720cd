"""Exercise `fit_slim`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import HAND_GRAM, random_gram, rivals_gram, twins_gram

fit_slim = Exercise("fit_slim", points=3, tolerance=1e-7)


@fit_slim.cases
def _(rng):
    yield (
        "the worked example, one sweep",
        {"gram": HAND_GRAM, "l1": 0.5, "l2": 1.0, "n_sweeps": 1},
    )
    yield "three items, two sweeps", {"gram": HAND_GRAM, "l1": 0.5, "l2": 1.0, "n_sweeps": 2}
    gram = random_gram(rng, 29, 7)
    yield "7 items, three sweeps", {"gram": gram, "l1": 0.6, "l2": 0.5, "n_sweeps": 3}
    yield "7 items, converged", {"gram": gram, "l1": 0.6, "l2": 3.0, "n_sweeps": 100}
    yield (
        "two films that share no user",
        {"gram": rivals_gram(rng), "l1": 0.5, "l2": 0.5, "n_sweeps": 4},
    )
    yield (
        "two films with nearly the same users, 40 sweeps",
        {"gram": twins_gram(rng), "l1": 0.1, "l2": 0.0, "n_sweeps": 40},
    )
    yield (
        "a penalty that leaves nothing",
        {"gram": gram, "l1": 100.0, "l2": 1.0, "n_sweeps": 2},
    )


@fit_slim.mistake(
    "The diagonal of W is not zero: after updating row j, set W[j, j] = 0 before going on."
)
def slim_with_diagonal(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
    return W


@fit_slim.mistake(
    "You emptied the diagonal only at the end. While it was there, every item explained itself and "
    "the other weights were fitted to what was left."
)
def diagonal_emptied_at_the_end(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
    np.fill_diagonal(W, 0.0)
    return W


@fit_slim.mistake(
    "All rows of a sweep were computed from the W before the sweep (gram @ W once). Within a "
    "column the weights depend on each other: row j + 1 must see the new row j."
)
def whole_matrix_at_once(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    diagonal = np.diag(gram)[:, None]
    for _ in range(n_sweeps):
        W = np.maximum(0.0, gram - gram @ W + diagonal * W - l1) / (diagonal + l2)
        np.fill_diagonal(W, 0.0)
    return W


@fit_slim.mistake(
    "You left each weight's own contribution in the residual: add gram[j, j] * W[j] back to row j."
)
def own_row_left_in(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            W[j] = np.maximum(0.0, gram[j] - gram[j] @ W - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "Some of your weights are negative: this soft threshold has two sides. SLIM's weights are "
    ">= 0: np.maximum(0, rho - l1)."
)
def negative_weights_in_slim(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.sign(rho) * np.maximum(0.0, np.abs(rho) - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "You removed the negative weights only at the end. Until then they had pushed the other "
    "weights up: put np.maximum(0, ...) into every update."
)
def slim_clipped_at_the_end(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.sign(rho) * np.maximum(0.0, np.abs(rho) - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return np.maximum(W, 0.0)


@fit_slim.mistake(
    "Your W is transposed: column i must hold the weights that predict item i, so that the scores "
    "are A @ W."
)
def slim_transposed(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W.T


@fit_slim.alternative
def slim_column_by_column(gram, l1, l2, n_sweeps):
    n_items = len(gram)
    W = np.zeros((n_items, n_items))
    for i in range(n_items):
        for _ in range(n_sweeps):
            for j in range(n_items):
                if j != i:
                    rho = gram[j, i] - gram[j] @ W[:, i] + gram[j, j] * W[j, i]
                    W[j, i] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return W


@fit_slim.alternative
def slim_with_row_products(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            others = W.copy()
            others[j] = 0.0
            W[j] = np.clip(gram[j] - gram[j] @ others - l1, 0.0, None) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.alternative
def slim_with_torch(gram, l1, l2, n_sweeps):
    import torch

    gram = torch.from_numpy(gram)
    W = torch.zeros_like(gram)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = torch.relu(rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W.numpy()
