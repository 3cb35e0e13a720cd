"""Exercise `fit_column`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import HAND_GRAM, random_gram, rivals_gram, twins_gram

fit_column = Exercise(
    "fit_column", points=2, tolerance=1e-7, needs=("soft_threshold", "coordinate_update")
)


@fit_column.cases
def _(rng):
    hand = {"gram": HAND_GRAM, "i": 1, "l1": 0.5, "l2": 1.0}
    yield "the worked example, one sweep", {**hand, "n_sweeps": 1}
    yield "the worked example, two sweeps", {**hand, "n_sweeps": 2}
    yield "the last item", {**hand, "i": 2, "n_sweeps": 3}
    gram = random_gram(rng, 23, 6)
    yield "6 items, two sweeps", {"gram": gram, "i": 4, "l1": 0.4, "l2": 0.5, "n_sweeps": 2}
    yield "6 items, converged", {"gram": gram, "i": 4, "l1": 0.4, "l2": 2.0, "n_sweeps": 100}
    yield (
        "a film that shares no user with the target",
        {"gram": rivals_gram(rng), "i": 3, "l1": 0.5, "l2": 0.5, "n_sweeps": 4},
    )
    yield (
        "two films with nearly the same users, 40 sweeps",
        {"gram": twins_gram(rng), "i": 1, "l1": 0.1, "l2": 0.0, "n_sweeps": 40},
    )
    yield (
        "a penalty that leaves nothing",
        {"gram": gram, "i": 0, "l1": 100.0, "l2": 1.0, "n_sweeps": 5},
    )


@fit_column.mistake(
    "Every weight of a sweep was computed from the weights before the sweep. Coordinate descent "
    "uses the newest ones: write w[j] back before going on to j + 1."
)
def all_from_the_old_weights(gram, i, l1, l2, n_sweeps):
    n_items = len(gram)
    w = np.zeros(n_items)
    for _ in range(n_sweeps):
        rho = gram[:, i] - gram @ w + np.diag(gram) * w
        w = np.maximum(0.0, rho - l1) / (np.diag(gram) + l2)
        w[i] = 0.0
    return w


@fit_column.mistake(
    "The item predicts itself: w[i] must stay 0 during the whole descent, or it explains its own "
    "column and nothing is left for the others."
)
def column_with_diagonal(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.mistake(
    "You set w[i] to 0 only at the end. During the descent the item had already explained its own "
    "column, so the others had nothing left to do."
)
def diagonal_removed_at_the_end(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    w[i] = 0.0
    return w


@fit_column.mistake(
    "Some of your weights are negative: this soft threshold has two sides. Weights are >= 0 here, "
    "so a negative rho gives the weight 0, max(0, rho - l1)."
)
def negative_weights_in_the_column(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = np.sign(rho) * max(0.0, abs(rho) - l1) / (gram[j, j] + l2)
    return w


@fit_column.mistake(
    "You removed the negative weights only at the end. Until then they had pushed the other "
    "weights up: put max(0, ...) into every update."
)
def column_clipped_at_the_end(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = np.sign(rho) * max(0.0, abs(rho) - l1) / (gram[j, j] + l2)
    return np.maximum(w, 0.0)


@fit_column.mistake(
    "You stop after one sweep. Later weights change what the earlier ones should be: repeat the "
    "sweep n_sweeps times."
)
def one_sweep_only(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for j in range(len(gram)):
        if j != i:
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.mistake(
    "The films after the target have no weight. Go through all films, j = 0 to n - 1, and leave "
    "out only the target itself."
)
def films_before_the_target_only(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(i):
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.mistake(
    "Your descent starts from ones. Start from zeros, as the task says: with few sweeps the start "
    "still shows."
)
def starts_from_ones(gram, i, l1, l2, n_sweeps):
    w = np.ones(len(gram))
    w[i] = 0.0
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.alternative
def column_with_loops(gram, i, l1, l2, n_sweeps):
    n_items = gram.shape[0]
    w = [0.0] * n_items
    for _ in range(n_sweeps):
        for j in range(n_items):
            if j == i:
                continue
            rho = gram[j, i] - sum(gram[j, m] * w[m] for m in range(n_items) if m != j)
            w[j] = max(rho - l1, 0.0) / (gram[j, j] + l2)
    return np.array(w)


@fit_column.alternative
def column_with_running_residual(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    residual = gram[:, i].astype(float)  # gram[:, i] - gram @ w, kept up to date
    for _ in range(n_sweeps):
        for j in np.delete(np.arange(len(gram)), i):
            new = max(0.0, residual[j] + gram[j, j] * w[j] - l1) / (gram[j, j] + l2)
            residual -= gram[:, j] * (new - w[j])
            w[j] = new
    return w
