"""Exercise `full_product_softmax`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import batch, entries

full_product_softmax = Exercise("full_product_softmax", points=3)


@full_product_softmax.cases
def _(rng):
    hand = {"U": np.eye(2), "V": np.array([[1.0, 0.0], [1.0, 1.0]]), "r": np.array([5.0, 0.0])}
    yield "the worked example", {**hand, "alpha": float(np.log(3)), "beta": 0.0}
    yield "2 pairs, 3 numbers each", _question(rng, 2, 3)
    yield "5 pairs, 2 numbers each", _question(rng, 5, 2)
    drawn = _question(rng, 4, 3)
    drawn["r"] = rng.permutation([rng.integers(2, 6), 0, -1, 1]).astype(float)
    yield "targets of 0, -1 and above 1", drawn
    drawn = _question(rng, 3, 5)
    yield "no target above 0", {**drawn, "r": -rng.integers(0, 3, 3).astype(float)}
    drawn = _question(rng, 4, 2)
    yield "beta is a number", {**drawn, "beta": float(rng.integers(3, 12))}
    drawn = _question(rng, 3, 2)
    yield "beta is a table", {**drawn, "beta": entries(rng, 3, 3)}
    drawn = _question(rng, 5, 3)
    beta = np.zeros((5, 5))
    beta[[0, 2, 3], [2, 0, 1]] = -np.inf
    yield "cells of minus infinity, whose P is 0", {**drawn, "beta": beta}
    drawn = _question(rng, 4, 5)
    drawn["V"][2], drawn["V"][0] = -drawn["U"][2], 2 * drawn["U"][2]
    yield "alpha 1000, one pair far behind", {**drawn, "alpha": 1000.0}
    drawn = _question(rng, 3, 4)
    drawn["U"][0] *= 800 / (drawn["U"][0] @ drawn["V"][1])
    yield "one row of large scores", drawn
    drawn = _question(rng, 1, 4)
    yield "a single pair", drawn


def _question(rng, m, d):
    alpha = rng.integers(5, 20) / 10
    return {**batch(rng, m, d), "r": np.ones(m), "alpha": alpha, "beta": 0.0}


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
    "You multiply by r. A target only says whether its row counts, r > 0: a 5 counts like a 1, "
    "and a -1 like a 0."
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
    "You let every row count. Rows whose target is not above 0 contribute nothing, neither to the"
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


@full_product_softmax.refused
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
    from scipy.special import log_softmax

    dots = U @ V.T
    log_P = log_softmax(alpha * dots + beta, axis=1)
    rows = np.flatnonzero(r > 0)
    D = np.zeros(dots.shape)
    D[rows] = np.exp(log_P[rows])
    D[rows, rows] -= 1
    loss = -log_P[rows, rows].sum()
    return float(loss), alpha * (D @ V), alpha * (D.T @ U), float(np.sum(D * dots))
