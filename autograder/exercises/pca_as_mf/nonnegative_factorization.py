"""Exercise `nonnegative_factorization`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import positive

nonnegative_factorization = Exercise("nonnegative_factorization", points=2)


@nonnegative_factorization.cases
def _(rng):
    X = np.array([[1.0, 2.0, 3.0], [2.0, 0.0, 2.0]])
    hand = {"X": X, "W": np.array([[1.0], [2.0]]), "C": np.array([[1.0], [1.0], [2.0]])}
    yield "the worked example", {**hand, "n_steps": 1}
    yield "one step", _problem(rng, 5, 4, 2, n_steps=1)
    yield "two steps", _problem(rng, 4, 6, 3, n_steps=2)
    yield "as many instances as features", _problem(rng, 4, 4, 2, n_steps=2)
    dark = _problem(rng, 6, 4, 2, n_steps=3)
    dark["X"][:, rng.integers(4)] = 0.0
    yield "a feature that is 0 everywhere", dark
    dark = _problem(rng, 5, 4, 2, n_steps=3)
    dark["X"][rng.integers(5)] = 0.0
    yield "an instance that is 0 everywhere", dark
    stuck = _problem(rng, 5, 3, 2, n_steps=2)
    stuck["C"][rng.integers(3), 0] = 0.0
    yield "a start with a zero, which stays", stuck
    yield "ten steps", _problem(rng, 7, 5, 3, n_steps=10)
    yield "no step", _problem(rng, 4, 3, 1, n_steps=0)


def _problem(rng, n, d, k, n_steps):
    return {
        "X": positive(rng, n, d),
        "W": positive(rng, n, k),
        "C": positive(rng, d, k),
        "n_steps": n_steps,
    }


@nonnegative_factorization.mistake(
    "Your C sees the W of before. Here the second factor must see the new one, or the loss may "
    "rise: first W, then C with the new W."
)
def both_from_the_old(X, W, C, n_steps):
    for _ in range(n_steps):
        W, C = (
            W * (X @ C) / (W @ (C.T @ C) + 1e-12),
            C * (X.T @ W) / (C @ (W.T @ W) + 1e-12),
        )
    return W, C


@nonnegative_factorization.mistake("Your C goes first. In a step W comes first, then C.")
def other_factor_first(X, W, C, n_steps):
    for _ in range(n_steps):
        C = C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)
        W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
    return W, C


@nonnegative_factorization.mistake(
    "Where X has a row or a column of zeros you divide 0 by 0 from the second step on, and get "
    "NaN. Add 1e-12 to the denominators."
)
def divided_by_zero(X, W, C, n_steps):
    with np.errstate(invalid="ignore"):
        for _ in range(n_steps):
            W = W * (X @ C) / (W @ (C.T @ C))
            C = C * (X.T @ W) / (C @ (W.T @ W))
    return W, C


@nonnegative_factorization.mistake(
    "Numerator and denominator are exchanged: a factor grows where X asks for more than W C^T "
    "gives."
)
def upside_down(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * (W @ (C.T @ C)) / (X @ C + 1e-12)
        C = C * (C @ (W.T @ W)) / (X.T @ W + 1e-12)
    return W, C


@nonnegative_factorization.mistake(
    "One of your denominators lacks the 1e-12, that of W: a row of zeros in X gives NaN."
)
def divided_by_zero_in_w(X, W, C, n_steps):
    with np.errstate(invalid="ignore"):
        for _ in range(n_steps):
            W = W * (X @ C) / (W @ (C.T @ C))
            C = C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W, C


@nonnegative_factorization.mistake(
    "One of your denominators lacks the 1e-12, that of C: a column of zeros in X gives NaN."
)
def divided_by_zero_in_c(X, W, C, n_steps):
    with np.errstate(invalid="ignore"):
        for _ in range(n_steps):
            W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
            C = C * (X.T @ W) / (C @ (W.T @ W))
    return W, C


@nonnegative_factorization.mistake("The fraction of W is turned over: X C stands above.")
def w_upside_down(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * (W @ (C.T @ C)) / (X @ C + 1e-12)
        C = C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W, C


@nonnegative_factorization.mistake("The fraction of C is turned over: X^T W stands above.")
def c_upside_down(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
        C = C * (C @ (W.T @ W)) / (X.T @ W + 1e-12)
    return W, C


@nonnegative_factorization.mistake(
    "The old factor is missing: each entry of W is *multiplied* by the ratio, and so is each of C."
)
def ratio_alone(X, W, C, n_steps):
    for _ in range(n_steps):
        W = (X @ C) / (W @ (C.T @ C) + 1e-12)
        C = (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W, C


@nonnegative_factorization.mistake(
    "The ratio is added to the factor. It is a multiplication: W * (X @ C) / ..."
)
def ratio_added(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W + (X @ C) / (W @ (C.T @ C) + 1e-12)
        C = C + (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W, C


@nonnegative_factorization.mistake("C stays as it came. It has an update too, after that of W.")
def c_left_alone(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
    return W, C


@nonnegative_factorization.mistake("W stays as it came. It has an update too, before that of C.")
def w_left_alone(X, W, C, n_steps):
    for _ in range(n_steps):
        C = C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W, C


@nonnegative_factorization.mistake(
    "Your result is that of a single step. Repeat both n_steps times."
)
def a_single_step(X, W, C, n_steps):
    W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
    return W, C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)


@nonnegative_factorization.mistake(
    "These are steps of descent with negative numbers cut to 0. Asked for are multiplications."
)
def descent_cut_at_zero(X, W, C, n_steps):
    for _ in range(n_steps):
        W = np.maximum(W + (X - W @ C.T) @ C / np.linalg.norm(C.T @ C, 2), 0)
        C = np.maximum(C + (X - W @ C.T).T @ W / np.linalg.norm(W.T @ W, 2), 0)
    return W, C


@nonnegative_factorization.mistake(
    "You took the root of the ratio. That belongs to other variants: multiply by the ratio itself."
)
def root_of_the_ratio(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * np.sqrt((X @ C) / (W @ (C.T @ C) + 1e-12))
        C = C * np.sqrt((X.T @ W) / (C @ (W.T @ W) + 1e-12))
    return W, C


@nonnegative_factorization.mistake(
    "Your factors are rescaled so that a factor's columns have length 1. Nothing of the kind is "
    "asked: leave them as the two updates make them."
)
def scaled_to_length_1(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
        C = C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)
        lengths = np.linalg.norm(C, axis=0)
        W, C = W * lengths, C / lengths
    return W, C


@nonnegative_factorization.mistake(
    "The values are right, but your function changes the factors of its caller, as W *= ... does. "
    "Write W = W * ..."
)
def start_written_over(X, W, C, n_steps):
    for _ in range(n_steps):
        W *= (X @ C) / (W @ (C.T @ C) + 1e-12)
        C *= (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W, C


@nonnegative_factorization.refused
def a_floor_above_zero(X, W, C, n_steps):
    for _ in range(n_steps):
        W = np.maximum(W * (X @ C) / (W @ (C.T @ C) + 1e-12), 1e-3)
        C = np.maximum(C * (X.T @ W) / (C @ (W.T @ W) + 1e-12), 1e-3)
    return W, C


@nonnegative_factorization.refused
def a_large_epsilon(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * (X @ C) / (W @ (C.T @ C) + 0.1)
        C = C * (X.T @ W) / (C @ (W.T @ W) + 0.1)
    return W, C


@nonnegative_factorization.alternative
def updates_with_reconstructions(X, W, C, n_steps):
    for _ in range(n_steps):
        W = W * ((X @ C) / np.maximum(W @ C.T @ C, 1e-12))
        C = C * ((W.T @ X).T / np.maximum((W @ C.T).T @ W, 1e-12))
    return W, C


@nonnegative_factorization.alternative
def updates_with_loops(X, W, C, n_steps):
    W, C = W.copy(), C.copy()
    for _ in range(n_steps):
        R = W @ C.T
        W = np.array(
            [
                [W[i, f] * (X[i] @ C[:, f]) / (R[i] @ C[:, f] + 1e-12) for f in range(W.shape[1])]
                for i in range(len(W))
            ]
        )
        R = W @ C.T
        C = np.array(
            [
                [
                    C[j, f] * (X[:, j] @ W[:, f]) / (R[:, j] @ W[:, f] + 1e-12)
                    for f in range(C.shape[1])
                ]
                for j in range(len(C))
            ]
        )
    return W, C


@nonnegative_factorization.alternative
def updates_in_single_precision(X, W, C, n_steps):
    import torch

    X, W, C = (torch.tensor(part, dtype=torch.float32) for part in (X, W, C))
    for _ in range(n_steps):
        W = W * (X @ C) / (W @ (C.T @ C) + 1e-12)
        C = C * (X.T @ W) / (C @ (W.T @ W) + 1e-12)
    return W.numpy(), C.numpy()


nonnegative_factorization.harmless(
    "W = W * (X @ C) / (W @ (C.T @ C) - 1e-12)",
    "W = W * (X @ C) / (W @ (C.T @ C) + 5e-13)",
    "C = C * (X.T @ W) / (C @ (W.T @ W) - 1e-12)",
    "C = C * (X.T @ W) / (C @ (W.T @ W) + 5e-13)",
    because="any tiny number keeps 0 from being divided by 0",
)
nonnegative_factorization.harmless(
    "W = W * (X @ C) / (W @ (C.T @ C).mT + 1e-12)",
    "C = C * (X.T @ W) / (C @ (W.T @ W).mT + 1e-12)",
    because="a Gram matrix is symmetric",
)
