"""Exercise `observed_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import (
    HAND,
    HAND_FACTORS,
    SMALL,
    left_overs,
    problem,
    small_problem,
    whole_factors,
)

observed_loss = Exercise("observed_loss", points=1, needs=("predict_ratings",))


@observed_loss.cases
def _(rng):
    yield "the worked example", {**HAND, **HAND_FACTORS, "l2": 0.1}
    ratings, vectors = small_problem(rng, no_item=1)
    yield SMALL, {**ratings, **vectors, "l2": 0.5}
    ratings, vectors = small_problem(rng, no_user=1)
    yield f"without a penalty: {SMALL}", {**ratings, **vectors, "l2": 0.0}
    nothing = {"users": np.zeros(0, int), "items": np.zeros(0, int), "values": np.zeros(0)}
    vectors = {"user_factors": whole_factors(rng, 4, 2), "item_factors": whole_factors(rng, 5, 2)}
    yield "no rating at all", {**nothing, **vectors, "l2": 0.5}
    ratings, vectors = problem(rng, n=11, n_users=5, n_items=7, k=3, no_user=4, no_item=0)
    yield "11 random ratings, 3 factors", {**ratings, **vectors, "l2": 0.3}
    ratings, vectors = problem(rng, n=13, n_users=8, n_items=5, k=2, no_user=0, no_item=4)
    ratings["values"] = left_overs(rng, 13)
    yield "13 whole ratings, a large penalty", {**ratings, **vectors, "l2": 9.0}


@observed_loss.mistake("The squared error carries a factor 1/2 here; yours has 1.")
def error_not_halved(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    return float((error**2).sum() + 0.5 * l2 * ((P**2).sum() + (Q**2).sum()))


@observed_loss.mistake(
    "The factor 1/2 stands in front of everything in the sum: your penalty is twice as large."
)
def penalty_not_halved(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    return float(0.5 * (error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum()))


@observed_loss.mistake(
    "You averaged over the ratings. The loss here is a sum, so that a user's gradient grows with "
    "what we know about them."
)
def averaged(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    total = 0.5 * ((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum()))
    return float(total / len(values))


@observed_loss.mistake(
    "You filled the unknown cells with 0 and summed over the whole matrix. Nobody gave those; "
    "only observed cells have an error."
)
def unknown_counted_as_zero(users, items, values, user_factors, item_factors, l2):
    R = np.zeros((len(user_factors), len(item_factors)))
    R[users, items] = values
    P, Q = user_factors[users], item_factors[items]
    error = R - user_factors @ item_factors.T
    return float(0.5 * ((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.mistake(
    "Your penalty counts every row of the factors once. Here each observed cell pays for the two "
    "vectors it uses: a user with 20 ratings is counted 20 times."
)
def every_row_penalised_once(users, items, values, user_factors, item_factors, l2):
    error = values - (user_factors[users] * item_factors[items]).sum(axis=1)
    penalty = (user_factors**2).sum() + (item_factors**2).sum()
    return float(0.5 * ((error**2).sum() + l2 * penalty))


@observed_loss.mistake("The penalty of the items is missing: each cell pays for both its vectors.")
def only_users_penalised(users, items, values, user_factors, item_factors, l2):
    error = values - (user_factors[users] * item_factors[items]).sum(axis=1)
    return float(0.5 * ((error**2).sum() + l2 * (user_factors[users] ** 2).sum()))


@observed_loss.mistake(
    "You summed the errors without squaring them, so positive and negative ones cancel."
)
def error_not_squared(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    return float(0.5 * (error.sum() + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.mistake(
    "Yours is twice as large: the factor 1/2 in front of the sum is missing, at the errors and at "
    "the penalty."
)
def nothing_halved(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    return float((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum()))


@observed_loss.mistake(
    "Your penalty adds up the lengths of the vectors. The loss has their squares: the sum of p**2, "
    "without a square root."
)
def lengths_not_squared(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    lengths = np.linalg.norm(P, axis=1).sum() + np.linalg.norm(Q, axis=1).sum()
    return float(0.5 * ((error**2).sum() + l2 * lengths))


@observed_loss.mistake(
    "Your penalty uses the norm of the whole matrix of vectors, not its square: leave out the "
    "square root."
)
def whole_norm_not_squared(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    lengths = np.linalg.norm(P) + np.linalg.norm(Q)
    return float(0.5 * ((error**2).sum() + l2 * lengths))


@observed_loss.mistake(
    "Your result is that of leaving out the ratings of 0, as `R != 0` does. Here 0 is a rating "
    "(as expected) like any other: what is known is told by `users` and `items`."
)
def zeros_taken_as_unknown(users, items, values, user_factors, item_factors, l2):
    R = np.zeros((len(user_factors), len(item_factors)))
    R[users, items] = values
    u, i = np.nonzero(R)
    P, Q = user_factors[u], item_factors[i]
    error = R[u, i] - (P * Q).sum(axis=1)
    return float(0.5 * ((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.mistake(
    "Your penalty counts each vector that is used once. Every rating pays for its two vectors "
    "anew: a user with 20 ratings is counted 20 times."
)
def every_used_row_penalised_once(users, items, values, user_factors, item_factors, l2):
    error = values - (user_factors[users] * item_factors[items]).sum(axis=1)
    penalty = (user_factors[np.unique(users)] ** 2).sum()
    penalty += (item_factors[np.unique(items)] ** 2).sum()
    return float(0.5 * ((error**2).sum() + l2 * penalty))


@observed_loss.mistake("The penalty of the users is missing: each cell pays for both its vectors.")
def only_items_penalised(users, items, values, user_factors, item_factors, l2):
    error = values - (user_factors[users] * item_factors[items]).sum(axis=1)
    return float(0.5 * ((error**2).sum() + l2 * (item_factors[items] ** 2).sum()))


@observed_loss.mistake(
    "The penalty is missing: every cell also pays l2 / 2 times the squared lengths of its vectors."
)
def without_penalty(users, items, values, user_factors, item_factors, l2):
    error = values - (user_factors[users] * item_factors[items]).sum(axis=1)
    return float(0.5 * (error**2).sum())


@observed_loss.mistake(
    "The errors are averaged in yours (the penalty is not). The loss is a sum over the cells, of "
    "both."
)
def errors_averaged(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    penalty = 0.5 * l2 * ((P**2).sum() + (Q**2).sum())
    return float(0.5 * (error**2).sum() / len(values) + penalty)


@observed_loss.mistake(
    "Your function changes the caller's ratings, as `values -= ...` does: it writes into the array "
    "you were given. Make a new one: error = values - ..."
)
def ratings_written_over(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    values -= (P * Q).sum(axis=1)
    return float(0.5 * ((values**2).sum() + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.alternative
def loss_with_a_loop(users, items, values, user_factors, item_factors, l2):
    total = 0.0
    for u, i, value in zip(users, items, values, strict=True):
        p, q = user_factors[u], item_factors[i]
        total += 0.5 * ((value - p @ q) ** 2 + l2 * (p @ p + q @ q))
    return total


@observed_loss.alternative
def loss_with_a_mask(users, items, values, user_factors, item_factors, l2):
    observed = np.zeros((len(user_factors), len(item_factors)))
    R = observed.copy()
    observed[users, items] = 1.0
    R[users, items] = values
    error = observed * (R - user_factors @ item_factors.T)
    penalty = observed.sum(axis=1) @ (user_factors**2).sum(axis=1)
    penalty += observed.sum(axis=0) @ (item_factors**2).sum(axis=1)
    return 0.5 * np.linalg.norm(error) ** 2 + 0.5 * l2 * penalty


@observed_loss.alternative
def loss_with_torch(users, items, values, user_factors, item_factors, l2):
    import torch

    P = torch.from_numpy(user_factors[users])
    Q = torch.from_numpy(item_factors[items])
    error = torch.from_numpy(values) - (P * Q).sum(dim=1)
    return 0.5 * (error.square().sum() + l2 * (P.square().sum() + Q.square().sum())).item()


@observed_loss.refused
def zeros_without_error(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1)) * (values != 0)
    return float(0.5 * ((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.refused
def zeros_without_penalty(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error, rated = values - (P * Q).sum(axis=1), (values != 0)[:, None]
    lengths = (rated * P**2).sum() + (rated * Q**2).sum()
    return float(0.5 * ((error**2).sum() + l2 * lengths))


@observed_loss.refused
def absolute_errors(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    return float(0.5 * (np.abs(error).sum() + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.refused
def root_of_the_errors(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    return float(0.5 * (np.linalg.norm(error) + l2 * ((P**2).sum() + (Q**2).sum())))


@observed_loss.refused
def not_a_number_without_ratings(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = values - (P * Q).sum(axis=1)
    total = 0.5 * ((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum()))
    return float(total / len(values) * len(values))


@observed_loss.refused
def errors_as_whole_as_the_ratings(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = np.zeros_like(values)
    error[:] = values - (P * Q).sum(axis=1)
    return float(0.5 * ((error**2).sum() + l2 * ((P**2).sum() + (Q**2).sum())))


observed_loss.harmless(
    "error = predict_ratings(users, items, user_factors, item_factors) - values",
    because="the error is squared",
)
