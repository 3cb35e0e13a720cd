"""Exercise `gradients`: cases, mistakes, alternatives."""

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

gradients = Exercise("gradients", points=3, needs=("predict_ratings",))


@gradients.cases
def _(rng):
    yield "the worked example", {**HAND, **HAND_FACTORS, "l2": 0.5}
    ratings, vectors = small_problem(rng, no_user=1)
    yield f"without a penalty: {SMALL}", {**ratings, **vectors, "l2": 0.0}
    ratings, vectors = small_problem(rng, no_item=2)
    yield SMALL, {**ratings, **vectors, "l2": 0.5}
    one = {"users": rng.integers(4, size=1), "items": rng.integers(5, size=1)}
    one["values"] = np.array([-3.0])
    vectors = {"user_factors": whole_factors(rng, 4, 2), "item_factors": whole_factors(rng, 5, 2)}
    yield "a single rating", {**one, **vectors, "l2": 0.25}
    ratings, vectors = problem(rng, n=11, n_users=5, n_items=7, k=3, no_user=4, no_item=0)
    yield "11 random ratings, 3 factors", {**ratings, **vectors, "l2": 0.3}
    ratings, vectors = problem(rng, n=13, n_users=8, n_items=5, k=2, no_user=0, no_item=4)
    ratings["values"] = left_overs(rng, 13)
    yield "13 whole ratings, 2 factors", {**ratings, **vectors, "l2": 1.5}


@gradients.mistake(
    "A user with several ratings got the gradient of the last one only. `G[users] += ...` "
    "overwrites repeated rows; np.add.at(G, users, ...) adds them up."
)
def repeated_ids_overwritten(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    user_gradient[users] += -error * Q + l2 * P
    item_gradient[items] += -error * P + l2 * Q
    return user_gradient, item_gradient


@gradients.mistake(
    "The signs are wrong way round: with e = r - p.q the gradient is -e q, and a descent step, "
    "which subtracts it, moves the prediction towards the rating."
)
def sign_of_the_error(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, error * Q + l2 * P)
    np.add.at(item_gradient, items, error * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "Both signs are wrong: you returned the direction of descent, minus the gradient. The step "
    "itself will subtract it."
)
def direction_of_descent(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, error * Q - l2 * P)
    np.add.at(item_gradient, items, error * P - l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "Your gradient is twice as large at the error: the factor 1/2 of the loss cancels the 2 of the "
    "derivative."
)
def factor_two(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -2 * error * Q + l2 * P)
    np.add.at(item_gradient, items, -2 * error * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "The unknown cells were counted as ratings of 0. Set the error to 0 where nothing was "
    "observed, before you multiply."
)
def unknown_counted_as_zero(users, items, values, user_factors, item_factors, l2):
    R = np.zeros((len(user_factors), len(item_factors)))
    n_user, n_item = np.zeros(len(user_factors)), np.zeros(len(item_factors))
    R[users, items] = values
    np.add.at(n_user, users, 1)
    np.add.at(n_item, items, 1)
    E = R - user_factors @ item_factors.T
    return (
        -E @ item_factors + l2 * n_user[:, None] * user_factors,
        -E.T @ user_factors + l2 * n_item[:, None] * item_factors,
    )


@gradients.mistake(
    "Your penalty counts each vector once. In the loss every rating pays for the vectors it uses: "
    "the term is l2 * n_u * p_u, with n_u the number of ratings of user u (and likewise for items)."
)
def penalty_once_per_row(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = l2 * user_factors, l2 * item_factors
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@gradients.mistake(
    "You multiplied the error of a user with the user's own factors. The derivative of p.q with "
    "respect to p is q, and with respect to q it is p."
)
def own_factors(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * P + l2 * P)
    np.add.at(item_gradient, items, -error * Q + l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake("The penalty is missing from your gradients: it adds l2 times the vector.")
def without_penalty(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@gradients.mistake(
    "Your penalty is twice as large: the 2 of its derivative cancels against the factor 1/2, so a "
    "rating adds l2 times the vector."
)
def penalty_twice(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + 2 * l2 * P)
    np.add.at(item_gradient, items, -error * P + 2 * l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "You divided by the number of ratings. The loss is a sum, not a mean, and so is its gradient."
)
def averaged(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient / len(users), item_gradient / len(items)


@gradients.mistake(
    "The two results are swapped: the users' gradient comes first, with the shape of user_factors, "
    "then the items'."
)
def swapped(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return item_gradient, user_gradient


@gradients.mistake(
    "You returned a row for every rating. Add up the rows that belong to the same user (and those "
    "of the same item): np.add.at does it, hint 2."
)
def a_row_per_rating(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    return -error * Q + l2 * P, -error * P + l2 * Q


@gradients.mistake(
    "Both gradients are twice as large: the factor 1/2 in front of the loss cancels the 2 of the "
    "derivatives, at the errors and at the penalty."
)
def everything_twice(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, 2 * (-error * Q + l2 * P))
    np.add.at(item_gradient, items, 2 * (-error * P + l2 * Q))
    return user_gradient, item_gradient


@gradients.mistake("The items' gradient lacks its penalty: every rating adds l2 * q_i to its item.")
def items_without_penalty(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@gradients.mistake("The users' gradient lacks its penalty: every rating adds l2 * p_u to its user.")
def users_without_penalty(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "The penalty has the wrong sign: its derivative is +l2 times the vector, for every rating."
)
def penalty_subtracted(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q - l2 * P)
    np.add.at(item_gradient, items, -error * P - l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "Your result is that of leaving out the ratings of 0, as `R != 0` does. Here 0 is a rating "
    "(as expected) like any other: what is known is told by `users` and `items`."
)
def zeros_taken_as_unknown(users, items, values, user_factors, item_factors, l2):
    R = np.zeros((len(user_factors), len(item_factors)))
    R[users, items] = values
    known = R != 0
    E = known * (R - user_factors @ item_factors.T)
    return (
        -E @ item_factors + l2 * known.sum(axis=1)[:, None] * user_factors,
        -E.T @ user_factors + l2 * known.sum(axis=0)[:, None] * item_factors,
    )


@gradients.mistake(
    "Your errors are 0 wherever the rating is 0, as after `E[R == 0] = 0`. Such a rating (as "
    "expected) has an error too: only the cells that are not in `users` and `items` have none."
)
def zeros_without_error(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = ((values - (P * Q).sum(axis=1)) * (values != 0))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.mistake(
    "Your function changes the caller's ratings, as `values -= ...` does: it writes into the array "
    "you were given. Make a new one: error = values - ..."
)
def ratings_written_over(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    values -= (P * Q).sum(axis=1)
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -values[:, None] * Q + l2 * P)
    np.add.at(item_gradient, items, -values[:, None] * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.alternative
def gradients_with_a_loop(users, items, values, user_factors, item_factors, l2):
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    for u, i, value in zip(users, items, values, strict=True):
        error = value - user_factors[u] @ item_factors[i]
        user_gradient[u] += -error * item_factors[i] + l2 * user_factors[u]
        item_gradient[i] += -error * user_factors[u] + l2 * item_factors[i]
    return user_gradient, item_gradient


@gradients.alternative
def gradients_with_matrices(users, items, values, user_factors, item_factors, l2):
    import scipy.sparse as sp

    error = values - (user_factors[users] * item_factors[items]).sum(axis=1)
    E = sp.csr_array((error, (users, items)), shape=(len(user_factors), len(item_factors)))
    n_user = np.bincount(users, minlength=len(user_factors))[:, None]
    n_item = np.bincount(items, minlength=len(item_factors))[:, None]
    return (
        -(E @ item_factors) + l2 * n_user * user_factors,
        -(E.T @ user_factors) + l2 * n_item * item_factors,
    )


@gradients.alternative
def gradients_with_autograd(users, items, values, user_factors, item_factors, l2):
    import torch

    U = torch.tensor(user_factors, requires_grad=True)
    M = torch.tensor(item_factors, requires_grad=True)
    P, Q = U[torch.as_tensor(users)], M[torch.as_tensor(items)]
    error = torch.as_tensor(values) - (P * Q).sum(dim=1)
    loss = 0.5 * (error.square().sum() + l2 * (P.square().sum() + Q.square().sum()))
    loss.backward()
    return U.grad.numpy(), M.grad.numpy()


@gradients.refused
def factors_written_over(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_factors[:], item_factors[:] = 0, 0
    np.add.at(user_factors, users, -error * Q + l2 * P)
    np.add.at(item_factors, items, -error * P + l2 * Q)
    return user_factors, item_factors


@gradients.refused
def unrated_rows_penalised(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    n_user = np.maximum(1, np.bincount(users, minlength=len(user_factors)))[:, None]
    n_item = np.maximum(1, np.bincount(items, minlength=len(item_factors)))[:, None]
    user_gradient, item_gradient = l2 * n_user * user_factors, l2 * n_item * item_factors
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@gradients.refused
def only_items_overwritten(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    item_gradient[items] += -error * P + l2 * Q
    return user_gradient, item_gradient


@gradients.refused
def rows_up_to_the_last_that_occurs(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient = np.zeros((users.max() + 1, P.shape[1]))
    item_gradient = np.zeros((items.max() + 1, P.shape[1]))
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.refused
def groups_that_end_where_the_id_changes(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    starts = np.append(0, np.flatnonzero(np.diff(users)) + 1)
    user_gradient[users[starts]] = np.add.reduceat(-error * Q + l2 * P, starts)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@gradients.refused
def errors_as_whole_as_the_ratings(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = np.zeros_like(values)
    error[:] = values - (P * Q).sum(axis=1)
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error[:, None] * Q + l2 * P)
    np.add.at(item_gradient, items, -error[:, None] * P + l2 * Q)
    return user_gradient, item_gradient
