"""Exercise `reconstruction_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import factorization, table

HAND = {
    "X": np.array([[1.0, 2.0, 0.0], [0.0, -2.0, 5.0]]),
    "W": np.array([[1.0], [2.0]]),
    "C": np.array([[1.0], [0.0], [1.0]]),
}

reconstruction_loss = Exercise("reconstruction_loss", points=1)


@reconstruction_loss.cases
def _(rng):
    yield "the worked example", HAND
    yield "one factor", factorization(rng, 4, 3, 1)
    yield "two factors", factorization(rng, 5, 4, 2)
    yield "as many factors as features", factorization(rng, 4, 3, 3)
    yield "more factors than features", factorization(rng, 5, 2, 3)
    W, C = table(rng, 4, 2), table(rng, 3, 2)
    X = W @ C.T
    X[1, 2] += rng.integers(1, 5)
    yield "one wrong cell", {"X": X, "W": W, "C": C}
    whole = {name: rng.integers(-3, 4, value.shape) for name, value in HAND.items()}
    whole["X"][0] = rng.integers(7, 10, 3)
    yield "whole numbers", whole


@reconstruction_loss.mistake("The factor 1/2 is missing: half the sum of the squares.")
def without_the_half(X, W, C):
    return float(((X - W @ C.T) ** 2).sum())


@reconstruction_loss.mistake(
    "You averaged the squares over all cells. The loss is half of their sum: with a mean every "
    "gradient, and so every step size, would be another one."
)
def averaged(X, W, C):
    return float(0.5 * ((X - W @ C.T) ** 2).mean())


@reconstruction_loss.mistake("You averaged over the rows. The loss is half the sum of all squares.")
def averaged_over_rows(X, W, C):
    return float(0.5 * ((X - W @ C.T) ** 2).sum() / len(X))


@reconstruction_loss.mistake(
    "np.linalg.norm is a root. The loss is half the *squared* norm: half the sum of the squares."
)
def root_of_the_squares(X, W, C):
    return float(0.5 * np.linalg.norm(X - W @ C.T))


@reconstruction_loss.mistake("You summed absolute errors. The loss squares each error.")
def absolute_errors(X, W, C):
    return float(0.5 * np.abs(X - W @ C.T).sum())


@reconstruction_loss.mistake(
    "You summed the errors before squaring, so that errors of opposite sign cancel. Square every "
    "cell first."
)
def squared_after_summing(X, W, C):
    return float(0.5 * (X - W @ C.T).sum() ** 2)


@reconstruction_loss.mistake(
    "np.linalg.norm(E, 2) is the largest singular value. The sum of squares is that of the "
    "Frobenius norm, np.linalg.norm(E) ** 2."
)
def spectral_norm(X, W, C):
    return float(0.5 * np.linalg.norm(X - W @ C.T, 2) ** 2)


@reconstruction_loss.mistake(
    "W @ C lacks the transpose: C has a row per feature, so the reconstruction is W @ C.T, (n, d)."
)
def without_the_transpose(X, W, C):
    E = X - W @ C
    return float(0.5 * (E**2).sum())


@reconstruction_loss.mistake(
    "Your loss counts a sum of squares for every row: a list of n numbers. Add them up to one."
)
def a_loss_per_row(X, W, C):
    return 0.5 * ((X - W @ C.T) ** 2).sum(axis=1)


@reconstruction_loss.mistake(
    "You added the reconstruction to X. The error is what is left of X: X - W @ C.T."
)
def reconstruction_added(X, W, C):
    return float(0.5 * ((X + W @ C.T) ** 2).sum())


@reconstruction_loss.mistake(
    "You used the first factor only. The reconstruction adds up all k: W @ C.T."
)
def first_factor_alone(X, W, C):
    return float(0.5 * ((X - np.outer(W[:, 0], C[:, 0])) ** 2).sum())


@reconstruction_loss.mistake(
    "The value is right where X holds floats, but the X of the caller is another one afterwards, "
    "as X -= W @ C.T would do. Give the error a name of its own."
)
def error_written_into_the_table(X, W, C):
    X -= W @ C.T
    return float(0.5 * (X**2).sum())


@reconstruction_loss.refused
def largest_error(X, W, C):
    return float(0.5 * np.abs(X - W @ C.T).max() ** 2)


@reconstruction_loss.refused
def zeros_left_out(X, W, C):
    return float(0.5 * ((X != 0) * (X - W @ C.T) ** 2).sum())


@reconstruction_loss.alternative
def loss_with_loops(X, W, C):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        for j in range(d):
            total += (X[i, j] - sum(W[i, f] * C[j, f] for f in range(W.shape[1]))) ** 2
    return total / 2


@reconstruction_loss.alternative
def loss_with_the_norm(X, W, C):
    return np.linalg.norm(X - np.einsum("if,jf->ij", W, C)) ** 2 / 2


@reconstruction_loss.alternative
def loss_with_torch(X, W, C):
    import torch

    X, W, C = (torch.as_tensor(part).to(torch.float32) for part in (X, W, C))
    return (0.5 * (X - W @ C.T).square().sum()).numpy()


reconstruction_loss.harmless(
    "return float(0.5 * ((W @ C.T - X) ** 2).sum())", because="the error is squared"
)
