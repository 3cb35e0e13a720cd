"""Exercise `clip_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import decided, entries

clip_loss = Exercise("clip_loss", points=3, tolerance=1e-5, needs=("full_product_softmax",))


@clip_loss.cases
def _(rng):
    X, Y = np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[1.0, 0.0], [4.0, 0.0]])
    yield "the worked example", {"X": X, "Y": Y, "alpha": float(np.log(3)), "beta": 0.0}
    yield "2 pairs, 3 numbers each", _question(rng, 2, 3)
    yield "5 pairs, 2 numbers each", _question(rng, 5, 2)
    drawn = _question(rng, 3, 4)
    drawn["X"] /= np.linalg.norm(drawn["X"], axis=1, keepdims=True)
    drawn["Y"] /= np.linalg.norm(drawn["Y"], axis=1, keepdims=True)
    yield "vectors that have length 1 already", drawn
    drawn = _question(rng, 4, 3)
    drawn["Y"] *= np.array([0.1, 30.0, 2.0, 7.0])[rng.permutation(4), None]
    yield "vectors of very different lengths", drawn
    yield "beta is a number", {**_question(rng, 4, 2), "beta": float(rng.integers(3, 9))}
    yield "beta is a table", {**_question(rng, 3, 5), "beta": entries(rng, 3, 3)}
    beta = np.zeros((4, 4))
    beta[0, 2] = beta[1, 3] = beta[3, 0] = -np.inf
    yield "cells of minus infinity", {**_question(rng, 4, 3), "beta": beta}
    drawn = _question(rng, 3, 2)
    while not (decided(1000 * _cosines(drawn)) and decided(1000 * _cosines(drawn).T)):
        drawn = _question(rng, 3, 2)
    yield "alpha 1000", {**drawn, "alpha": 1000.0}
    yield "alpha 2000, minus infinity hides a row's and a column's largest score", _hidden_top(rng)
    yield "a single pair", _question(rng, 1, 3)


def _question(rng, m, d):
    X, Y = entries(rng, m, d), entries(rng, m, d)
    return {"X": X, "Y": Y, "alpha": rng.integers(15, 60) / 10, "beta": 0.0}


def _hidden_top(rng):
    """Return a batch in which beta hides the largest score of its row and of its column.

    It is more than 745 above the others, and exp of minus that is 0.
    """
    while True:
        drawn = _question(rng, 3, 2)
        scores = 2000 * _cosines(drawn)
        row, column = rng.permutation(3)[:2]
        hidden = np.zeros((3, 3))
        hidden[row, column] = -np.inf
        left = scores + hidden
        lead = scores[row, column] - max(left[row].max(), left[:, column].max())
        if lead > 800 and decided(left) and decided(left.T):
            return {**drawn, "alpha": 2000.0, "beta": hidden}


def _cosines(drawn):
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (drawn["X"], drawn["Y"]))
    return x @ y.T


@clip_loss.mistake(
    "You have only one direction: for each picture the right text. CLIP takes the mean of that "
    "and of the other: for each text the right picture."
)
def one_direction(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = (np.exp(log_P) - np.eye(m)) / m
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(-np.diag(log_P).mean()), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "You did not bring the vectors to length 1. CLIP compares directions: divide every row by its"
    " length first."
)
def not_normalised(X, Y, alpha, beta):
    m, dots = len(X), X @ Y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    return float(loss), alpha * D @ Y, alpha * D.T @ X, float((D * dots).sum())


@clip_loss.mistake(
    "Your gradients are those of the unit vectors. A vector's length does not change the loss: "
    "take away the part along the vector, and divide by its length."
)
def gradient_of_the_unit_vectors(X, Y, alpha, beta):
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    return float(loss), alpha * D @ y, alpha * D.T @ x, float((D * dots).sum())


@clip_loss.mistake(
    "Your gradients are divided by the vectors' lengths, but still have the part along the "
    "vector. Subtract it: g - (g·x) x."
)
def only_divided_by_the_length(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    return float(loss), alpha * D @ y / a, alpha * D.T @ x / b, float((D * dots).sum())


@clip_loss.mistake(
    "In your second direction beta is not transposed. It belongs to pairs: the cell of picture a "
    "and text b is beta[a, b] in both directions."
)
def beta_not_transposed(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    loss, D = 0.0, np.zeros((m, m))
    for product, turned in ((dots, False), (dots.T, True)):
        scores = alpha * product + beta
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake("Your results are twice too large: the two directions are averaged, not added.")
def directions_added(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / m
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / m
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "You averaged the two directions, and not over the pairs: full_product_softmax returns a sum,"
    " divide it and its gradients by m."
)
def clip_summed(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / 2
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / 2
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "In your second direction the gradients are exchanged: called with the texts first, "
    "full_product_softmax returns the texts' gradient first."
)
def gradients_exchanged(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    parts, loss = [], 0.0
    S = alpha * dots + beta
    for scores in (S, S.T):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        parts.append((np.exp(log_P) - np.eye(m)) / (2 * m))
        loss -= np.diag(log_P).sum() / (2 * m)
    gx = alpha * (parts[0] @ y + parts[1] @ x)
    gy = alpha * (parts[0].T @ x + parts[1].T @ y)
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float(((parts[0] + parts[1].T) * dots).sum())


@clip_loss.mistake(
    "Your gradients have the part along the vector taken away, but are not divided by the vector's "
    "length: x is X / length, so (g - (g·x) x) / length."
)
def not_divided_by_the_length(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = gx - (gx * x).sum(axis=1, keepdims=True) * x
    dY = gy - (gy * y).sum(axis=1, keepdims=True) * y
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Your gradients are divided by the length twice. X / length brings in one factor: (g - (g·x) x)"
    " / length."
)
def divided_by_the_squared_length(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a**2
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b**2
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Your dX is right. Your dY still has the part along the vector: subtract (g·y) y from it, as "
    "you did for X."
)
def only_x_projected(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = gy / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Your vectors are divided by one number, the norm of the whole matrix. Every row has a length "
    "of its own: np.linalg.norm(X, axis=1, keepdims=True)."
)
def length_of_the_matrix(X, Y, alpha, beta):
    a, b = np.linalg.norm(X), np.linalg.norm(Y)
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "You brought the columns to length 1. The vectors are the rows: np.linalg.norm(X, axis=1, "
    "keepdims=True)."
)
def lengths_of_the_columns(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=0, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "beta is missing from your second direction. It belongs to pairs, and counts in both: pass "
    "beta.T with the texts first."
)
def second_direction_without_beta(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (alpha * dots.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Your derivative by alpha is twice too large: it is the mean of the two directions, like the "
    "loss. The rest is right."
)
def derivatives_by_alpha_added(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, 2 * float((D * dots).sum())


@clip_loss.mistake(
    "Your derivative by alpha is that of one direction, by rows. It is the mean of both, like the "
    "loss. The rest is right."
)
def derivative_by_alpha_one_way(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D, by_rows = 0.0, np.zeros((m, m)), None
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        by_rows = by_rows if turned else 2 * part
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((by_rows * dots).sum())


@clip_loss.mistake(
    "Your derivative by alpha is averaged over the two directions, and not over the pairs: divide "
    "it by m as well. The rest is right."
)
def derivative_by_alpha_not_divided(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, m * float((D * dots).sum())


@clip_loss.mistake(
    "beta has no effect in your result. It is added to the scores in both directions."
)
def clip_without_beta(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Your gradients have the part along the vector added instead of taken away: (g - (g·x) x) / "
    "length, with a minus."
)
def part_along_added(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx + (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy + (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "g·x is one number for the whole matrix in your gradients. Every row has its own: (g * x)"
    ".sum(axis=1, keepdims=True)."
)
def one_dot_product_for_all(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum() * x) / a
    dY = (gy - (gy * y).sum() * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Where minus infinity hides a largest score, you subtract that score all the same: every exp "
    "left there is 0, and log 0 is -inf. Add beta first, then take the largest."
)
def clip_largest_before_beta(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    beta = np.broadcast_to(beta, (m, m))
    loss, D = 0.0, np.zeros((m, m))
    with np.errstate(all="ignore"):
        for product, table, turned in ((dots, beta, False), (dots.T, beta.T, True)):
            scores = alpha * product
            scores = scores - scores.max(axis=1, keepdims=True) + table
            log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
            part = (np.exp(log_P) - np.eye(m)) / (2 * m)
            D = D + (part.T if turned else part)
            loss -= np.diag(log_P).sum() / (2 * m)
        gx, gy = alpha * D @ y, alpha * D.T @ x
        dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
        dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
        return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "Your derivatives are right. Your loss is averaged over the two directions, and not over the "
    "pairs: divide it by m as well."
)
def clip_loss_summed(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return m * float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "In the part along the vector you use X and Y, which do not have length 1. Take the unit "
    "vectors: (g - (g·x) x) / length."
)
def projected_on_x_before_normalising(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (S.T, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * X).sum(axis=1, keepdims=True) * X) / a
    dY = (gy - (gy * Y).sum(axis=1, keepdims=True) * Y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.mistake(
    "A number has no .T, and beta may be a number. Make a table of it first: np.broadcast_to(beta, "
    "(m, m))."
)
def beta_number_transposed(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S, turned_beta = alpha * dots + beta, beta.T
    loss, D = 0.0, np.zeros((m, m))
    for scores, turned in ((S, False), (alpha * dots.T + turned_beta, True)):
        scores = scores - scores.max(axis=1, keepdims=True)
        log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        part = (np.exp(log_P) - np.eye(m)) / (2 * m)
        D = D + (part.T if turned else part)
        loss -= np.diag(log_P).sum() / (2 * m)
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.alternative
def clip_in_one_matrix(X, Y, alpha, beta):
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = len(X), x @ y.T
    S = alpha * dots + beta
    rows, columns = S.max(axis=1, keepdims=True), S.max(axis=0, keepdims=True)
    log_rows = S - rows - np.log(np.exp(S - rows).sum(axis=1, keepdims=True))
    log_columns = S - columns - np.log(np.exp(S - columns).sum(axis=0, keepdims=True))
    D = (np.exp(log_rows) + np.exp(log_columns)) / (2 * m) - np.eye(m) / m
    gx, gy = alpha * D @ y, alpha * D.T @ x
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    loss = -(np.diag(log_rows) + np.diag(log_columns)).mean() / 2
    return float(loss), dX, dY, float((D * dots).sum())


@clip_loss.alternative
def clip_with_torch(X, Y, alpha, beta):
    import torch

    x, y = (torch.tensor(v, requires_grad=True) for v in (X, Y))
    a = torch.tensor(float(alpha), dtype=torch.float64, requires_grad=True)
    unit = torch.nn.functional.normalize
    S = a * (unit(x) @ unit(y).T) + torch.as_tensor(beta)
    pairs = torch.arange(len(X))
    entropy = torch.nn.functional.cross_entropy
    loss = (entropy(S, pairs) + entropy(S.T, pairs)) / 2
    loss.backward()
    return loss.item(), x.grad.numpy(), y.grad.numpy(), a.grad.item()


@clip_loss.alternative
def clip_in_float32(X, Y, alpha, beta):
    X, Y, alpha = X.astype(np.float32), Y.astype(np.float32), np.float32(alpha)
    a, b = (np.linalg.norm(v, axis=1, keepdims=True) for v in (X, Y))
    x, y = X / a, Y / b
    m, dots = np.float32(len(X)), x @ y.T
    S = alpha * dots + np.asarray(beta, dtype=np.float32)
    rows, columns = S.max(axis=1, keepdims=True), S.max(axis=0, keepdims=True)
    log_rows = S - rows - np.log(np.exp(S - rows).sum(axis=1, keepdims=True))
    log_columns = S - columns - np.log(np.exp(S - columns).sum(axis=0, keepdims=True))
    D = (np.exp(log_rows) + np.exp(log_columns)) / 2 - np.eye(len(X), dtype=np.float32)
    gx, gy = alpha * D @ y / m, alpha * D.T @ x / m
    dX = (gx - (gx * x).sum(axis=1, keepdims=True) * x) / a
    dY = (gy - (gy * y).sum(axis=1, keepdims=True) * y) / b
    loss = -(np.diag(log_rows) + np.diag(log_columns)).mean() / 2
    return float(loss), dX, dY, float((D * dots).sum() / m)


clip_loss.harmless(
    "beta, everyone = np.broadcast_to(beta, (m, m)), m",
    because="r is only compared with 0, and one number above 0 lets every row count",
)
