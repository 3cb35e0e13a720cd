"""Exercise `slim_objective`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import between, interactions, random_weights

slim_objective = Exercise("slim_objective", points=1)


@slim_objective.cases
def _(rng):
    A, W = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.5], [1.0, 0.0]])
    yield "the worked example", {"A": A, "W": W, "l1": 1.0, "l2": 2.0}
    penalties = {"l1": between(rng, 0.5, 1), "l2": between(rng, 1.5, 3)}
    yield "4 users, 3 items", {**_problem(rng, 4, 3), **penalties}
    yield "no penalty", {**_problem(rng, 5, 3), "l1": 0.0, "l2": 0.0}
    yield "only L1", {**_problem(rng, 5, 3), "l1": between(rng, 1, 3), "l2": 0.0}
    yield "only L2", {**_problem(rng, 5, 3), "l1": 0.0, "l2": between(rng, 1, 3)}
    yield "7 users, 5 items", {**_problem(rng, 7, 5), **penalties}
    signed = _problem(rng, 7, 5)
    signed["W"] *= np.where(rng.random((5, 5)) < 0.5, -1.0, 1.0)
    signed["W"][0, 1] = -0.5
    yield "weights of both signs", {**signed, **penalties}
    diagonal = _problem(rng, 6, 4)
    diagonal["W"] += np.diag(rng.uniform(0.1, 0.9, 4))
    yield "weights on the diagonal", {**diagonal, **penalties}


def _problem(rng, n_users, n_items):
    return {"A": interactions(rng, n_users, n_items), "W": random_weights(rng, n_items).round(3)}


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


@slim_objective.mistake(
    "One factor 1/2 stands before everything, also before the L1 penalty. Only the squared error "
    "and the L2 penalty have one."
)
def l1_halved(A, W, l1, l2):
    penalty = l1 * np.abs(W).sum() + l2 * (W**2).sum()
    return float(0.5 * (((A - A @ W) ** 2).sum() + penalty))


@slim_objective.mistake(
    "np.linalg.norm(A - A @ W) is a root. The error term is half the sum of squares: "
    "0.5 * ((A - A @ W) ** 2).sum()."
)
def root_of_the_squared_error(A, W, l1, l2):
    error = 0.5 * np.linalg.norm(A - A @ W)
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "np.linalg.norm is a root, and both your error term and your L2 penalty need its square: "
    "np.linalg.norm(...) ** 2."
)
def both_roots(A, W, l1, l2):
    error = 0.5 * np.linalg.norm(A - A @ W)
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * np.linalg.norm(W))


@slim_objective.mistake(
    "np.linalg.norm(W) is a root. The L2 penalty is the sum of squares: np.linalg.norm(W) ** 2, or "
    "(W**2).sum()."
)
def root_of_the_squares(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).sum()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * np.linalg.norm(W))


@slim_objective.mistake(
    "Your objective leaves the diagonal of W out. L(W) is defined for every W, and its sums go "
    "over all i and j; that w_ii must be 0 is a constraint, not a part of the formula."
)
def diagonal_left_out(A, W, l1, l2):
    W = W - np.diag(np.diag(W))
    error = 0.5 * ((A - A @ W) ** 2).sum()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "Your penalties leave the diagonal of W out. Their sums go over all i and j; that w_ii must be "
    "0 is a constraint, not a part of the formula."
)
def diagonal_not_penalised(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).sum()
    W = W - np.diag(np.diag(W))
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "The value is right, but the A of the caller is another one afterwards, as A -= A @ W would "
    "do, and later cells use it. Give the error a name of its own: error = A - A @ W."
)
def error_written_into_the_data(A, W, l1, l2):
    A -= A @ W
    return float(0.5 * (A**2).sum() + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.refused
def diagonal_emptied_in_place(A, W, l1, l2):
    np.fill_diagonal(W, 0.0)
    error = 0.5 * ((A - A @ W) ** 2).sum()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.refused
def diagonal_free_of_l1(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).sum()
    off_diagonal = np.abs(W).sum() - np.trace(np.abs(W))
    return float(error + l1 * off_diagonal + 0.5 * l2 * (W**2).sum())


@slim_objective.refused
def negative_weights_unpenalised(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).sum()
    return float(error + l1 * np.maximum(W, 0).sum() + 0.5 * l2 * (W**2).sum())


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


slim_objective.harmless("error = A @ W - A", because="the error is squared")
