"""Exercise `fit_slim`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import (
    HAND_GRAM,
    between,
    random_gram,
    rivals_gram,
    twins_gram,
)

fit_slim = Exercise("fit_slim", points=3, tolerance=1e-7)


@fit_slim.cases
def _(rng):
    worked = {"gram": HAND_GRAM, "l1": 0.5, "l2": 2.0, "n_sweeps": 1}
    yield "the worked example, one sweep", worked
    yield "3 films, two sweeps", {**_penalised(rng, random_gram(rng, 9, 3)), "n_sweeps": 2}
    yield "6 films, three sweeps", {**_penalised(rng, random_gram(rng, 23, 6)), "n_sweeps": 3}
    yield "5 films, 7 sweeps", {**_penalised(rng, random_gram(rng, 19, 5)), "n_sweeps": 7}
    yield "two films that share no user", {**_penalised(rng, rivals_gram(rng)), "n_sweeps": 4}
    l1 = between(rng, 0.05, 0.15, 6)
    twins = {"gram": twins_gram(rng), "l1": l1, "l2": 0.0, "n_sweeps": 8}
    yield "two films with nearly the same users, 8 sweeps", twins
    nothing = {**_penalised(rng, random_gram(rng, 21, 5)), "l1": between(rng, 30, 90)}
    yield "a penalty that leaves nothing", {**nothing, "n_sweeps": 2}


def _penalised(rng, gram):
    return {"gram": gram, "l1": between(rng, 0.2, 0.6), "l2": between(rng, 0.5, 2, 3)}


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


@fit_slim.mistake(
    "Your result is that of one sweep, whatever n_sweeps is. Is the loop over the sweeps the outer "
    "one, does W start from zeros before it and not inside, and does the return stand after it?"
)
def one_sweep_in_slim(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(1):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "Your result is that of one sweep too few. range(n_sweeps) has n_sweeps elements, and the last "
    "sweep has to run before the return."
)
def one_sweep_too_few_in_slim(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps - 1):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "Your sweeps run backwards. The task updates the rows j = 0, 1, ..., n - 1; in another order "
    "the weights after a few sweeps are other ones."
)
def rows_backwards(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in reversed(range(len(gram))):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake("The L2 penalty is missing: it adds l2 to the denominator.")
def l2_forgotten_in_slim(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / gram[j, j]
            W[j, j] = 0.0
    return W


@fit_slim.mistake("The L1 penalty is missing: np.maximum(0, rho - l1).")
def l1_forgotten_in_slim(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "You divided row j by a vector, the whole diagonal of gram (+ l2). Row j holds the weights of "
    "film j, so all of them are divided by the same number, gram[j, j] + l2."
)
def divided_by_every_diagonal_entry(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (np.diag(gram) + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "You divided first and subtracted l1 afterwards. The threshold applies to rho: "
    "(rho - l1) / (gram[j, j] + l2)."
)
def divided_first_in_slim(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho / (gram[j, j] + l2) - l1)
            W[j, j] = 0.0
    return W


@fit_slim.refused
def starts_from_gram(gram, l1, l2, n_sweeps):
    W = gram.copy()
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.refused
def slim_starts_from_ones(gram, l1, l2, n_sweeps):
    W = 1.0 - np.eye(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.refused
def five_sweeps_at_most(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(min(n_sweeps, 5)):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.refused
def diagonal_of_gram_emptied(gram, l1, l2, n_sweeps):
    counts = np.diag(gram).copy()
    np.fill_diagonal(gram, 0.0)  # then gram @ W leaves film j itself out, and so does the target
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            W[j] = np.maximum(0.0, gram[j] - gram[j] @ W - l1) / (counts[j] + l2)
            W[j, j] = 0.0
    return W


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
