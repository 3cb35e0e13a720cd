"""Exercise `fit_column`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import (
    HAND_GRAM,
    between,
    random_gram,
    rivals_gram,
    twins_gram,
    unwatched,
)

fit_column = Exercise(
    "fit_column", points=2, tolerance=1e-7, needs=("soft_threshold", "coordinate_update")
)


@fit_column.cases
def _(rng):
    worked = {"gram": HAND_GRAM, "i": 0, "l1": 0.5, "l2": 2.0, "n_sweeps": 1}
    yield "the worked example, one sweep", worked
    gram = random_gram(rng, 9, 3)
    yield "3 films, the middle one, two sweeps", {**_penalised(rng, gram, i=1), "n_sweeps": 2}
    gram = random_gram(rng, 12, 4)
    yield "4 films, the last one, three sweeps", {**_penalised(rng, gram, i=3), "n_sweeps": 3}
    gram = random_gram(rng, 23, 6)
    yield "6 films, two sweeps", {**_penalised(rng, gram, i=4), "n_sweeps": 2}
    gram = random_gram(rng, 19, 5)
    yield "5 films, 12 sweeps", {**_penalised(rng, gram, i=2), "n_sweeps": 12}
    gram = rivals_gram(rng)
    yield (
        "a film that shares no user with the target",
        {**_penalised(rng, gram, i=3), "n_sweeps": 4},
    )
    gram = twins_gram(rng)
    yield (
        "two films with nearly the same users, 15 sweeps",
        {"gram": gram, "i": 1, "l1": between(rng, 0.05, 0.15, 6), "l2": 0.0, "n_sweeps": 15},
    )
    gram = unwatched(random_gram(rng, 14, 5), item=0)
    yield "a first film without users", {**_penalised(rng, gram, i=3), "n_sweeps": 2}
    gram = unwatched(random_gram(rng, 13, 4), item=int(rng.choice([0, 1, 3])))
    yield (
        "a film without users and no L2 (0/0)",
        {**_penalised(rng, gram, i=2), "l2": 0.0, "n_sweeps": 2},
    )
    gram = random_gram(rng, 21, 5)
    yield (
        "a penalty that leaves nothing",
        {**_penalised(rng, gram, i=1), "l1": between(rng, 30, 90), "n_sweeps": 3},
    )


def _penalised(rng, gram, i):
    return {"gram": gram, "i": i, "l1": between(rng, 0.2, 0.6), "l2": between(rng, 0.5, 2)}


@fit_column.mistake(
    "Every weight of a sweep was computed from the weights before the sweep. Coordinate descent "
    "uses the newest ones: write w[j] back before going on to j + 1."
)
def all_from_the_old_weights(gram, i, l1, l2, n_sweeps):
    n_items = len(gram)
    w = np.zeros(n_items)
    for _ in range(n_sweeps):
        rho = gram[:, i] - gram @ w + np.diag(gram) * w
        w = np.maximum(0.0, rho - l1) / np.maximum(np.diag(gram) + l2, 1e-9)
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
            w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
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
            w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
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
                w[j] = np.sign(rho) * max(0.0, abs(rho) - l1) / max(gram[j, j] + l2, 1e-9)
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
                w[j] = np.sign(rho) * max(0.0, abs(rho) - l1) / max(gram[j, j] + l2, 1e-9)
    return np.maximum(w, 0.0)


@fit_column.mistake(
    "Your result is that of one sweep, whatever n_sweeps is. Is the loop over the sweeps the outer "
    "one, does w start from zeros before it and not inside, and does the return stand after it?"
)
def one_sweep_only(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for j in range(len(gram)):
        if j != i:
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
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
            w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
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
                w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
    return w


@fit_column.mistake(
    "Your result is that of one sweep too few. range(n_sweeps) has n_sweeps elements, and the last "
    "sweep has to run before the return."
)
def one_sweep_too_few(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps - 1):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
    return w


@fit_column.mistake(
    "Your sweeps run backwards. The task goes through j = 0, 1, ..., n - 1; in another order the "
    "weights after a few sweeps are other ones."
)
def backwards(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in reversed(range(len(gram))):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
    return w


@fit_column.mistake(
    "i and j are exchanged in your call: film i is the target all the time, and film j is the one "
    "whose weight is updated, coordinate_update(gram, w, i, j, l1, l2)."
)
def target_and_film_exchanged(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[i, j] - gram[i] @ w + gram[i, i] * w[i]
                w[j] = max(0.0, rho - l1) / max(gram[i, i] + l2, 1e-9)
    return w


@fit_column.mistake(
    "l1 and l2 are exchanged in your update: the arguments of coordinate_update end with l1, l2."
)
def penalties_exchanged(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l2) / max(gram[j, j] + l1, 1e-9)
    return w


@fit_column.mistake(
    "A film without users and l2 = 0 makes the denominator 0; its weight is 0, not NaN. "
    "coordinate_update knows that case."
)
def column_divides_by_zero(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.refused
def residual_kept_in_gram(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    residual = gram[:, i]  # a view: what is subtracted from it is gone from gram
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i and gram[j, j] > 0:
                new = max(0.0, residual[j] + gram[j, j] * w[j] - l1) / (gram[j, j] + l2)
                residual -= gram[:, j] * (new - w[j])
                w[j] = new
    return w


@fit_column.refused
def ends_at_a_film_without_users(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if gram[j, j] == 0:
                break
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.refused
def two_sweeps_at_most(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(min(n_sweeps, 2)):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l1) / max(gram[j, j] + l2, 1e-9)
    return w


@fit_column.alternative
def column_with_loops(gram, i, l1, l2, n_sweeps):
    n_items = gram.shape[0]
    w = [0.0] * n_items
    for _ in range(n_sweeps):
        for j in range(n_items):
            if j == i or gram[j, j] + l2 == 0:
                continue
            rho = gram[j, i] - sum(gram[j, m] * w[m] for m in range(n_items) if m != j)
            w[j] = max(rho - l1, 0.0) / (gram[j, j] + l2)
    return np.array(w)


@fit_column.alternative
def column_with_running_residual(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    residual = gram[:, i].astype(float)  # gram[:, i] - gram @ w, kept up to date
    for _ in range(n_sweeps):
        for j in np.flatnonzero((np.arange(len(gram)) != i) & (np.diag(gram) > 0)):
            new = max(0.0, residual[j] + gram[j, j] * w[j] - l1) / (gram[j, j] + l2)
            residual -= gram[:, j] * (new - w[j])
            w[j] = new
    return w
