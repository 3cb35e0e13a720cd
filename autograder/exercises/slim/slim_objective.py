"""Exercise `slim_objective`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import HAND_A, HAND_W, interactions, random_weights

slim_objective = Exercise("slim_objective", points=1)


@slim_objective.cases
def _(rng):
    A, W = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.5], [0.5, 0.0]])
    yield "the worked example", {"A": A, "W": W, "l1": 1.0, "l2": 2.0}
    yield "4 users, 3 items", {"A": HAND_A, "W": HAND_W, "l1": 1.0, "l2": 2.0}
    yield "no penalty", {"A": HAND_A, "W": HAND_W, "l1": 0.0, "l2": 0.0}
    yield "only L1", {"A": HAND_A, "W": HAND_W, "l1": 3.0, "l2": 0.0}
    yield "only L2", {"A": HAND_A, "W": HAND_W, "l1": 0.0, "l2": 3.0}
    A, W = interactions(rng, 7, 5), random_weights(rng, 5)
    yield "a random 7 x 5 matrix", {"A": A, "W": W, "l1": 0.7, "l2": 1.9}
    signs = np.where(rng.random((5, 5)) < 0.5, -1.0, 1.0)
    signs[0, 1] = -1.0
    yield "weights of both signs", {"A": A, "W": W * signs, "l1": 0.7, "l2": 1.9}


@slim_objective.mistake("The squared error carries a factor 1/2 in SLIM's objective; yours has 1.")
def error_not_halved(A, W, l1, l2):
    return float(((A - A @ W) ** 2).sum() + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake("Two factors 1/2 are missing: at the squared error and at the L2 penalty.")
def no_halves(A, W, l1, l2):
    return float(((A - A @ W) ** 2).sum() + l1 * np.abs(W).sum() + l2 * (W**2).sum())


@slim_objective.mistake("The L2 penalty is l2/2 times the sum of squares; you left out the 1/2.")
def l2_not_halved(A, W, l1, l2):
    return float(0.5 * ((A - A @ W) ** 2).sum() + l1 * np.abs(W).sum() + l2 * (W**2).sum())


@slim_objective.mistake(
    "You averaged the squared errors. SLIM sums them: with a mean, the same l1 and l2 would weigh "
    "more the more users there are."
)
def error_averaged(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).mean()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "You multiplied by W transposed. Column i of W predicts item i, so the scores are A @ W."
)
def weights_transposed(A, W, l1, l2):
    error = 0.5 * ((A - A @ W.T) ** 2).sum()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "np.linalg.norm(W, 1) of a matrix is its largest column sum, not the sum of all |w|."
)
def l1_matrix_norm(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).sum()
    return float(error + l1 * np.linalg.norm(W, 1) + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "The L1 penalty sums |w|, not w: for weights of both signs yours lets them cancel."
)
def l1_without_absolute_value(A, W, l1, l2):
    return float(0.5 * ((A - A @ W) ** 2).sum() + l1 * W.sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.alternative
def objective_with_loops(A, W, l1, l2):
    n_users, n_items = A.shape
    total = 0.0
    for u in range(n_users):
        for i in range(n_items):
            predicted = sum(W[j, i] * A[u, j] for j in range(n_items))
            total += 0.5 * (A[u, i] - predicted) ** 2
    for j in range(n_items):
        for i in range(n_items):
            total += l1 * abs(W[j, i]) + 0.5 * l2 * W[j, i] ** 2
    return total


@slim_objective.alternative
def objective_with_einsum(A, W, l1, l2):
    E = A - np.einsum("uj,ji->ui", A, W)
    squares = np.einsum("ui,ui->", E, E) + l2 * np.einsum("ji,ji->", W, W)
    return 0.5 * squares + l1 * np.abs(W).sum()


@slim_objective.alternative
def objective_with_torch(A, W, l1, l2):
    import torch

    A, W = torch.from_numpy(A), torch.from_numpy(W)
    loss = 0.5 * torch.sum((A - A @ W) ** 2) + l1 * W.abs().sum() + 0.5 * l2 * (W * W).sum()
    return loss.item()
