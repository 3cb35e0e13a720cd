"""Exercise `factor_gradients`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import factorization
from autograder.exercises.pca_as_mf.reconstruction_loss import HAND

factor_gradients = Exercise("factor_gradients", points=2)


@factor_gradients.cases
def _(rng):
    yield "the worked example", HAND
    yield "one factor", factorization(rng, 4, 3, 1)
    yield "two factors", factorization(rng, 3, 5, 2)
    yield "as many instances as features", factorization(rng, 4, 4, 2)
    yield "as many factors as features", factorization(rng, 5, 3, 3)
    yield "a W of zeros", {**factorization(rng, 5, 3, 2), "W": np.zeros((5, 2))}
    whole = {name: rng.integers(-3, 4, value.shape) * 1.0 for name, value in HAND.items()}
    whole["X"][0], whole["C"][0], whole["W"][:] = rng.integers(5, 8, 3), 1, rng.integers(1, 3)
    yield "whole numbers", whole


@factor_gradients.mistake(
    "Both signs are wrong: this is the direction of descent, minus the gradient. With "
    "E = X - W C^T the gradients are -E C and -E^T W."
)
def direction_of_descent(X, W, C):
    E = X - W @ C.T
    return E @ C, E.T @ W


@factor_gradients.mistake(
    "Both gradients are twice as large: the factor 1/2 of the loss cancels the 2 of the derivative."
)
def twice(X, W, C):
    E = X - W @ C.T
    return -2 * E @ C, -2 * E.T @ W


@factor_gradients.mistake(
    "Both gradients are half as large: the 2 of the derivative cancels the loss' 1/2, once."
)
def halved(X, W, C):
    E = X - W @ C.T
    return -0.5 * E @ C, -0.5 * E.T @ W


@factor_gradients.mistake("The two results are exchanged: first the gradient of W, then that of C.")
def exchanged(X, W, C):
    E = X - W @ C.T
    return -E.T @ W, -E @ C


@factor_gradients.mistake(
    "You divided by the number of instances. The loss is a sum over the cells, and its gradient "
    "too."
)
def averaged(X, W, C):
    E = X - W @ C.T
    return -E @ C / len(X), -E.T @ W / len(X)


@factor_gradients.mistake(
    "You divided by the number of cells. The loss is a sum over the cells, and so is its gradient."
)
def averaged_over_cells(X, W, C):
    E = X - W @ C.T
    return -E @ C / X.size, -E.T @ W / X.size


@factor_gradients.mistake(
    "The gradient of C needs the error transposed: a row of it belongs to a feature, and "
    "-E.T @ W sums over the instances."
)
def error_not_transposed(X, W, C):
    E = X - W @ C.T
    return -E @ C, -E @ W


@factor_gradients.mistake(
    "Your gradient of C is that at W after a step of its own. Both gradients are taken at the same "
    "W and C."
)
def gradient_at_the_new_factor(X, W, C):
    first = -(X - W @ C.T) @ C
    return first, -(X - (W - first) @ C.T).T @ (W - first)


@factor_gradients.mistake(
    "Your gradient of C uses the error of before and W after a step. Both gradients are taken at "
    "the same W and C."
)
def new_factor_old_error(X, W, C):
    E = X - W @ C.T
    first = -E @ C
    return first, -E.T @ (W - first)


@factor_gradients.mistake(
    "You used X in place of the error: the reconstruction is missing. E = X - W @ C.T."
)
def table_in_place_of_the_error(X, W, C):
    return -X @ C, -X.T @ W


@factor_gradients.mistake(
    "Your gradient of C is transposed: W.T @ E has the shape (k, d). C's is (d, k): -E.T @ W."
)
def second_transposed(X, W, C):
    E = X - W @ C.T
    return -E @ C, -W.T @ E


@factor_gradients.mistake(
    "You leave out the cells with a 0, as a table of ratings would. Here every cell is known, and "
    "a 0 is a number."
)
def zeros_left_out(X, W, C):
    E = np.where(X != 0, X - W @ C.T, 0.0)
    return -E @ C, -E.T @ W


@factor_gradients.mistake("Only the gradient of W has the right sign: -E^T W is that of C.")
def sign_of_the_second(X, W, C):
    E = X - W @ C.T
    return -E @ C, E.T @ W


@factor_gradients.mistake("Only the gradient of C has the right sign: -E C is that of W.")
def sign_of_the_first(X, W, C):
    E = X - W @ C.T
    return E @ C, -E.T @ W


@factor_gradients.mistake(
    "Your gradients are transposed: each has the shape of its factor, W's (n, k) and C's (d, k)."
)
def transposed(X, W, C):
    E = X - W @ C.T
    return (-E @ C).T, (-E.T @ W).T


@factor_gradients.mistake(
    "The values are right, but your function writes the error into its "
    "caller's X, as X -= W @ C.T does. Give the error a name of its own."
)
def error_written_into_the_table(X, W, C):
    X -= W @ C.T
    return -X @ C, -X.T @ W


@factor_gradients.refused
def with_a_penalty(X, W, C):
    E = X - W @ C.T
    return -E @ C + W, -E.T @ W + C


@factor_gradients.alternative
def gradients_with_loops(X, W, C):
    first, second = np.zeros(W.shape), np.zeros(C.shape)
    for i in range(len(W)):
        for j in range(len(C)):
            error = X[i, j] - W[i] @ C[j]
            first[i] -= error * C[j]
            second[j] -= error * W[i]
    return first, second


@factor_gradients.alternative
def gradients_expanded(X, W, C):
    return W @ (C.T @ C) - X @ C, C @ (W.T @ W) - X.T @ W


@factor_gradients.alternative
def gradients_with_autograd(X, W, C):
    import torch

    X, W, C = (torch.tensor(part, dtype=torch.float32) for part in (X, W, C))
    W.requires_grad_()
    C.requires_grad_()
    (0.5 * (X - W @ C.T).square().sum()).backward()
    return W.grad.numpy(), C.grad.numpy()
