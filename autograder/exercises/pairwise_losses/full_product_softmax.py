"""Exercise `full_product_softmax`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import batch, decided, entries

full_product_softmax = Exercise("full_product_softmax", points=3, tolerance=1e-5)


@full_product_softmax.cases
def _(rng):
    hand = {"U": np.eye(2), "V": np.array([[1.0, 0.0], [1.0, 1.0]]), "r": np.array([5.0, 0.0])}
    yield "the worked example", {**hand, "alpha": float(np.log(3)), "beta": 0.0}
    yield "2 pairs, 3 numbers each", _question(rng, 2, 3)
    yield "5 pairs, 2 numbers each", _question(rng, 5, 2)
    drawn = _question(rng, 4, 3)
    drawn["r"] = rng.permutation([rng.integers(2, 6), 0, -1, 1]).astype(float)
    yield "r of 0, -1 and above 1", drawn
    drawn = _question(rng, 3, 5)
    yield "no r above 0", {**drawn, "r": -rng.integers(0, 3, 3).astype(float)}
    drawn = _question(rng, 4, 2)
    yield "beta is a number", {**drawn, "beta": float(rng.integers(3, 12))}
    drawn = _question(rng, 3, 2)
    alpha = rng.integers(12, 20) / 10  # not 1: whether it multiplies beta has to show
    yield "beta is a table", {**drawn, "alpha": alpha, "beta": entries(rng, 3, 3)}
    drawn = _question(rng, 5, 3)
    beta = np.zeros((5, 5))
    beta[[0, 2, 3], [2, 0, 1]] = -np.inf
    yield "cells of minus infinity, whose P is 0", {**drawn, "beta": beta}
    yield "minus infinity hides a row's largest score, by hundreds", _hidden_top(rng)
    drawn = _far_behind(rng)
    while not decided(_scores(drawn)):
        drawn = _far_behind(rng)
    yield "alpha 1000, one pair far behind", drawn
    drawn = _large_row(rng)
    while not decided(_scores(drawn)[:1]):
        drawn = _large_row(rng)
    yield "one row of large scores", drawn
    drawn = _question(rng, 1, 4)
    yield "a single pair", drawn


def _question(rng, m, d):
    alpha = rng.integers(5, 20) / 10
    return {**batch(rng, m, d), "r": np.ones(m), "alpha": alpha, "beta": 0.0}


def _far_behind(rng):
    drawn = _question(rng, 4, 5)
    drawn["V"][2], drawn["V"][0] = -drawn["U"][2], 2 * drawn["U"][2]
    return {**drawn, "alpha": 1000.0}


def _large_row(rng):
    drawn = _question(rng, 3, 4)
    drawn["U"][0] *= 800 / (drawn["U"][0] @ drawn["V"][1])
    return drawn


def _hidden_top(rng):
    """Return a batch in which beta hides a score that is more than 745 above the rest of its row.

    exp of minus that is 0. A column of its own makes it large, so that no other score is.
    """
    drawn, beta = _question(rng, 4, 3), np.zeros((4, 4))
    row, column = rng.permutation(4)[:2]
    drawn["U"][:, 2] = 0.0
    drawn["U"][row, 2] = 2.0
    drawn["V"][column, 2] = rng.integers(900, 3000)
    beta[row, column] = -np.inf
    return {**drawn, "beta": beta}


def _scores(drawn):
    return drawn["alpha"] * (drawn["U"] @ drawn["V"].T)


@full_product_softmax.mistake(
    "Your softmax runs down the columns: for each film over the users. It is taken by rows: for "
    "each user over the films of the batch."
)
def softmax_by_columns(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    E = np.exp(S - S.max(axis=0, keepdims=True))
    P = E / E.sum(axis=0, keepdims=True)
    w = (r > 0) * 1.0
    with np.errstate(all="ignore"):
        loss = -np.where(r > 0, np.log(np.diag(P)), 0).sum()
    D = (P - np.eye(len(U))) * w
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your result multiplies each row by its r, which only says whether the row counts: a 5 counts "
    "like a 1, and a -1 like a 0."
)
def targets_as_weights(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = r[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(r * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "You let every row count. Rows whose r is not above 0 contribute nothing, neither to the"
    " loss nor to the gradients; their films stay in the columns."
)
def targets_ignored(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = np.exp(log_P) - np.eye(len(U))
    return float(-np.diag(log_P).sum()), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "You threw the rows with r <= 0 out before the product, and their films with them. Only the "
    "rows go: every film of the batch is a negative for the users that remain."
)
def columns_dropped(U, V, r, alpha, beta):
    keep = np.flatnonzero(r > 0)
    m = len(U)
    dU, dI = np.zeros(U.shape), np.zeros(V.shape)
    if len(keep) == 0:
        return 0.0, dU, dI, 0.0
    beta = np.broadcast_to(beta, (m, m))[np.ix_(keep, keep)]
    product = U[keep] @ V[keep].T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = np.exp(log_P) - np.eye(len(keep))
    dU[keep], dI[keep] = alpha * D @ V[keep], alpha * D.T @ U[keep]
    return float(-np.diag(log_P).sum()), dU, dI, float((D * product).sum())


@full_product_softmax.mistake(
    "You took the mean. The slide's loss is the sum over the rows that count, and so are its "
    "gradients."
)
def full_product_mean(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) / len(U)
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "exp of a large score is infinite. Subtract each row's largest score first (it changes "
    "nothing in a softmax), and take the logarithm of the sum, not of P."
)
def full_product_overflows(U, V, r, alpha, beta):
    product = U @ V.T
    with np.errstate(all="ignore"):
        E = np.exp(alpha * product + beta)
        P = E / E.sum(axis=1, keepdims=True)
        loss = -np.where(r > 0, np.log(np.diag(P)), 0).sum()
    D = ((r > 0) * 1.0)[:, None] * (P - np.eye(len(U)))
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is infinite where a P on the diagonal is too small to be stored. Compute log P as "
    "score minus logarithm of the sum; do not take the logarithm of P."
)
def logarithm_of_p(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    E = np.exp(S - S.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        loss = -np.where(r > 0, np.log(np.diag(P)), 0).sum()
    D = ((r > 0) * 1.0)[:, None] * (P - np.eye(len(U)))
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "The gradients of U and V lack the factor alpha: the scores are alpha times the product."
)
def alpha_forgotten(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    return float(-(w * np.diag(log_P)).sum()), D @ V, D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your gradient of V uses D where it needs its transpose: film b collects from column b, from "
    "all users."
)
def d_not_transposed(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "The 1 on the diagonal is missing from your gradient: the derivative by the scores of a row "
    "is P minus 1 at its own film, and P elsewhere."
)
def only_p(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * np.exp(log_P)
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "The derivative by alpha multiplies the whole scores, beta included. Only the product U V^T "
    "stands beside alpha."
)
def beta_in_the_derivative(U, V, r, alpha, beta):
    S = alpha * (U @ V.T) + beta
    S0 = S - S.max(axis=1, keepdims=True)
    log_P = S0 - np.log(np.exp(S0).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    d_alpha = np.where(np.isfinite(S), D * S, 0.0).sum() / alpha
    return float(loss), alpha * D @ V, alpha * D.T @ U, float(d_alpha)


@full_product_softmax.mistake(
    "beta is missing. As a number it changes nothing, but as a table it does: the scores are "
    "alpha U V^T + beta."
)
def beta_forgotten(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is right. Your gradients still contain the rows whose r is not above 0: set "
    "these rows of D to 0, too."
)
def d_of_every_row(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = np.exp(log_P) - np.eye(len(U))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is right. In the rows of D whose r is not above 0, a -1 is left on the "
    "diagonal: the whole row is 0, not only P."
)
def identity_left(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * np.exp(log_P) - np.eye(len(U))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is right. In your D the columns of the rows that do not count are 0 as well. Only "
    "the rows are: their films are still negatives for the other users."
)
def columns_zeroed(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U))) * w
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your softmax runs down the columns (axis=0), although you leave out the right rows. Take it "
    "along each row, axis=1: for one user over the films of the batch."
)
def columns_by_rows_that_count(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=0, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=0, keepdims=True))
    D = np.exp(log_P) - np.eye(len(U))
    D[r <= 0] = 0.0
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your gradients are right. Your loss multiplies each row by its r, which only says "
    "whether the row counts, r > 0."
)
def loss_weighted_by_targets(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(r * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "You left out the right rows, but you weigh the others by their r. Every row with r > 0 "
    "counts once: a 5 like a 1."
)
def positive_targets_as_weights(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = np.maximum(r, 0.0)
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Rows with an r of 0 count in your result. Only those above 0 do: r > 0, not r >= 0."
)
def zero_counts(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r >= 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Rows with an r below 0 count in your result. Only those above 0 do: r > 0, not r != 0."
)
def negative_targets_count(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r != 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "You divided by the number of rows that count. The slide's loss is their sum, and so are its "
    "gradients."
)
def mean_over_rows_that_count(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) / max((r > 0).sum(), 1)
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your gradients are right. Your loss is a mean over the rows that count, and NaN where none "
    "does: take their sum."
)
def loss_averaged(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    losses = -np.diag(log_P)[r > 0]
    with np.errstate(all="ignore"):
        loss = losses.sum() / np.float64(len(losses))
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your scores contain alpha times beta. alpha multiplies the product alone: alpha U V^T + beta."
)
def beta_times_alpha(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * (product + beta)
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your derivative by alpha is the sum of D times the scores, which still contain alpha and "
    "beta. Multiply D by the product U V^T."
)
def scores_in_the_derivative(U, V, r, alpha, beta):
    S = alpha * (U @ V.T) + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    with np.errstate(all="ignore"):
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * S).sum())


@full_product_softmax.mistake(
    "In a row whose scores lie far below another row's, every exp is 0 in your sum, and log 0 is "
    "-inf. Subtract from each row its own largest score, not one number from all."
)
def largest_score_of_all(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max()
    with np.errstate(all="ignore"):
        log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        w = (r > 0) * 1.0
        D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
        loss = -(w * np.diag(log_P)).sum()
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "exp of a large score is infinite in your log of the sum, and so is your loss. Subtract each "
    "row's largest score before exp: it changes nothing in a softmax."
)
def no_largest_score(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    with np.errstate(all="ignore"):
        log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        D = np.exp(log_P) - np.eye(len(U))
        D[r <= 0] = 0.0
        loss = -np.diag(log_P)[r > 0].sum()
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Where minus infinity hides a row's largest score, you subtract that score all the same: every "
    "exp left in the row is 0, and log 0 is -inf. Add beta first, then take the largest."
)
def largest_before_beta(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product
    S = S - S.max(axis=1, keepdims=True) + beta
    with np.errstate(all="ignore"):
        log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        D = np.exp(log_P) - np.eye(len(U))
        D[r <= 0] = 0.0
        loss = -np.diag(log_P)[r > 0].sum()
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is right. All of your derivatives have the wrong sign: D is P minus the identity, "
    "not the identity minus P."
)
def d_turned_round(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.eye(len(U)) - np.exp(log_P))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your gradients are right. Your loss has the wrong sign: log P is negative, and the loss is "
    "minus its sum."
)
def loss_turned_round(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "You subtracted 1 from every entry of P in the rows that count. Only the row's own film has the"
    " 1: D is P minus the identity."
)
def one_subtracted_everywhere(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - 1)
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is right. Your gradients of U and V are divided by alpha: multiply by it, the scores"
    " are alpha times the product."
)
def gradients_divided_by_alpha(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), D @ V / alpha, D.T @ U / alpha, float((D * product).sum())


@full_product_softmax.mistake(
    "Your scores are divided by alpha. It multiplies the product: alpha U V^T + beta."
)
def scores_divided_by_alpha(U, V, r, alpha, beta):
    product = U @ V.T
    S = product / alpha + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "alpha divides in your scores and in your gradients. It is a factor: alpha U V^T + beta, and "
    "alpha before D V and D^T U."
)
def alpha_as_a_divisor(U, V, r, alpha, beta):
    product = U @ V.T
    S = product / alpha + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), D @ V / alpha, D.T @ U / alpha, float((D * product).sum())


@full_product_softmax.mistake(
    "Your alpha is a temperature, 1 / alpha, and your results are right for that. Here alpha is a "
    "factor: alpha U V^T + beta, and the derivative by alpha is the sum of D times U V^T."
)
def alpha_as_a_temperature(U, V, r, alpha, beta):
    product = U @ V.T
    S = product / alpha + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), D @ V / alpha, D.T @ U / alpha, -float((D * product).sum()) / alpha**2


@full_product_softmax.mistake("beta is subtracted in your scores. It is added: alpha U V^T + beta.")
def beta_subtracted(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product - beta
    with np.errstate(all="ignore"):
        S = S - S.max(axis=1, keepdims=True)
        log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        D = np.exp(log_P) - np.eye(len(U))
        D[r <= 0] = 0.0
        loss = -np.diag(log_P)[r > 0].sum()
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "beta is transposed in your scores. beta[a, b] belongs to user a, the row, and film b, the "
    "column, like the product."
)
def beta_transposed(U, V, r, alpha, beta):
    beta = np.broadcast_to(beta, (len(U), len(U))).T
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is right. Your D has columns of 0 where rows should be: (r > 0) alone is spread "
    "along the columns. Switch off rows: D[r <= 0] = 0, or multiply by (r > 0)[:, None]."
)
def columns_switched_off(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = (r > 0) * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your gradients have U and V exchanged: a user's moves along the films, alpha D V, and a film's"
    " along the users, alpha D^T U."
)
def vectors_exchanged(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ U, alpha * D.T @ V, float((D * product).sum())


@full_product_softmax.mistake(
    "Your two gradients come in the wrong order: that by U first, alpha D V, then that by V."
)
def gradients_in_the_wrong_order(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D.T @ U, alpha * D @ V, float((D * product).sum())


@full_product_softmax.mistake("Your product is V U^T: a film per row. Users are the rows: U @ V.T.")
def product_transposed(U, V, r, alpha, beta):
    product = V @ U.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your derivative by alpha has alpha as a factor. The scores are alpha times the product: their "
    "derivative by alpha is the product alone."
)
def alpha_in_its_own_derivative(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float(alpha * (D * product).sum())


@full_product_softmax.mistake(
    "Your derivative by alpha is the sum of D times the scores, divided by alpha: beta is still in "
    "it, and where it is -inf, 0 times -inf is NaN. Multiply D by the product U V^T."
)
def scores_divided_in_the_derivative(U, V, r, alpha, beta):
    with np.errstate(all="ignore"):
        product = U @ V.T
        S = alpha * product + beta
        S = S - S.max(axis=1, keepdims=True)
        log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
        loss = -np.diag(log_P)[r > 0].sum()
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * S).sum() / alpha)


@full_product_softmax.mistake(
    "Your derivative by alpha multiplies D and the product as matrices. It is the sum over the "
    "cells: each entry of D times the same entry of U V^T."
)
def matrix_product_in_the_derivative(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D @ product).sum())


@full_product_softmax.mistake(
    "You took the mean over the rows that count, and where none does it is NaN. The slide's loss is"
    " their sum, and so are its gradients."
)
def mean_over_no_row(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    with np.errstate(all="ignore"):
        w = (r > 0) / np.float64((r > 0).sum())
        D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
        loss = -(w * np.diag(log_P)).sum()
        return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your derivative by alpha is the trace of D times the product: in it D[a, b] meets the product "
    "of user b and film a. Multiply cell by cell and add up, (D * product).sum()."
)
def trace_in_the_derivative(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float(np.trace(D @ product))


@full_product_softmax.mistake(
    "Your gradients are right. Your loss adds up all of log P in the rows that count. Only a row's "
    "own film, on the diagonal, belongs to it: np.diag(log_P)."
)
def loss_of_every_cell(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    return float(-log_P[r > 0].sum()), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.mistake(
    "Your loss is NaN where beta is -inf: a 0 of the identity times a log P of -inf. Pick the "
    "diagonal out instead of multiplying: np.diag(log_P)."
)
def log_p_times_the_identity(U, V, r, alpha, beta):
    product = U @ V.T
    S = alpha * product + beta
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = ((r > 0) * 1.0)[:, None] * (np.exp(log_P) - np.eye(len(U)))
    with np.errstate(all="ignore"):
        loss = -(log_P * np.eye(len(U)))[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.refused
def beta_changed_in_place(U, V, r, alpha, beta):
    product = U @ V.T
    beta += alpha * product
    S = beta - beta.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    w = (r > 0) * 1.0
    D = w[:, None] * (np.exp(log_P) - np.eye(len(U)))
    loss = -(w * np.diag(log_P)).sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())


@full_product_softmax.alternative
def full_product_row_by_row(U, V, r, alpha, beta):
    m = len(U)
    beta = np.broadcast_to(beta, (m, m))
    loss, d_alpha, dU, dI = 0.0, 0.0, np.zeros(U.shape), np.zeros(V.shape)
    for a in range(m):
        if r[a] <= 0:
            continue
        dots = V @ U[a]
        scores = alpha * dots + beta[a]
        top = scores.max()
        log_sum = top + np.log(np.exp(scores - top).sum())
        loss += log_sum - scores[a]
        slopes = np.exp(scores - log_sum)
        slopes[a] -= 1
        dU[a] += alpha * slopes @ V
        dI += alpha * np.outer(slopes, U[a])
        d_alpha += slopes @ dots
    return loss, dU, dI, d_alpha


@full_product_softmax.alternative
def full_product_with_torch(U, V, r, alpha, beta):
    import torch

    u, i = (torch.tensor(x, requires_grad=True) for x in (U, V))
    a = torch.tensor(float(alpha), dtype=torch.float64, requires_grad=True)
    S = a * (u @ i.T) + torch.as_tensor(beta)
    losses = torch.nn.functional.cross_entropy(S, torch.arange(len(U)), reduction="none")
    loss = (losses * torch.as_tensor(r > 0)).sum()
    loss.backward()
    return loss.item(), u.grad.numpy(), i.grad.numpy(), a.grad.item()


@full_product_softmax.alternative
def full_product_with_scipy(U, V, r, alpha, beta):
    import scipy.special

    dots = U @ V.T
    log_P = scipy.special.log_softmax(alpha * dots + beta, axis=1)
    rows = np.flatnonzero(r > 0)
    D = np.zeros(dots.shape)
    D[rows] = np.exp(log_P[rows])
    D[rows, rows] -= 1
    loss = -log_P[rows, rows].sum()
    return float(loss), alpha * (D @ V), alpha * (D.T @ U), float(np.sum(D * dots))


@full_product_softmax.alternative
def full_product_in_float32(U, V, r, alpha, beta):
    U, V = U.astype(np.float32), V.astype(np.float32)
    product = U @ V.T
    S = np.float32(alpha) * product + np.asarray(beta, dtype=np.float32)
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    D = np.exp(log_P) - np.eye(len(U), dtype=np.float32)
    D[r <= 0] = 0.0
    loss = -np.diag(log_P)[r > 0].sum()
    dU, dI = np.float32(alpha) * D @ V, np.float32(alpha) * D.T @ U
    return float(loss), dU, dI, float((D * product).sum())
