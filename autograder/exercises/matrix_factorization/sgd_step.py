"""Exercise `sgd_step`: cases, mistakes, alternatives. It changes its arguments in place."""

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import HAND_FACTORS, WIDE_FACTORS, factors

sgd_step = Exercise("sgd_step", points=2, driver="updates")


@sgd_step.cases
def _(rng):
    hand = {"u": 1, "i": 1, "value": 2.0, **HAND_FACTORS}
    yield "the worked example", {**hand, "rate": 0.1, "l2": 0.0}
    wide = {"u": 2, "i": 3, "value": 1.0, **WIDE_FACTORS}
    yield "3 users, 5 items, 2 factors", {**wide, "rate": 0.1, "l2": 0.2}
    yield "the worked example with a penalty", {**hand, "rate": 0.1, "l2": 0.5}
    yield "a rating far below the prediction", {**hand, "value": -9.0, "rate": 0.2, "l2": 0.1}
    yield "a rate of 0 changes nothing", {**hand, "rate": 0.0, "l2": 0.5}
    random = {"user_factors": factors(rng, 5, 3), "item_factors": factors(rng, 4, 3)}
    cell = {"u": int(rng.integers(5)), "i": int(rng.integers(4)), "value": 4.5}
    yield "5 users, 4 items, 3 factors", {**cell, **random, "rate": 0.3, "l2": 0.2}


@sgd_step.mistake(
    "You updated the user first and then used the new user vector for the item. Both gradients "
    "belong to the same point: compute both changes from the old vectors, then apply them."
)
def user_before_item(u, i, value, user_factors, item_factors, rate, l2):
    error = value - user_factors[u] @ item_factors[i]
    user_factors[u] += rate * (error * item_factors[i] - l2 * user_factors[u])
    item_factors[i] += rate * (error * user_factors[u] - l2 * item_factors[i])
    return float(error)


@sgd_step.mistake(
    "`p = user_factors[u]` is not a copy but a view: after `user_factors[u] += ...` it shows the "
    "new vector, and you computed the error anew from it. Compute both changes, then apply them."
)
def error_computed_again(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u], item_factors[i]
    error = value - p @ q
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * ((value - p @ q) * p - l2 * q)
    return float(error)


@sgd_step.mistake(
    "You went uphill: descent subtracts the gradient, so the vectors move by "
    "rate * (error * other vector - l2 * own vector)."
)
def ascent(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] -= rate * (error * q - l2 * p)
    item_factors[i] -= rate * (error * p - l2 * q)
    return float(error)


@sgd_step.mistake(
    "The arguments stayed as they were. Write the new vectors into the rows: "
    "`user_factors[u] += ...`; `p = p + ...` only gives a local name to a new array."
)
def nothing_written_back(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u], item_factors[i]
    error = value - p @ q
    p = p + rate * (error * q - l2 * p)
    q = q + rate * (error * p - l2 * q)
    return float(error)


@sgd_step.mistake("The item learns from the error too: your step changes the user only.")
def only_the_user(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q - l2 * p)
    return float(error)


@sgd_step.mistake(
    "The penalty has the wrong sign: it pulls the vectors towards zero, so a step subtracts "
    "rate * l2 * vector."
)
def penalty_added(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q + l2 * p)
    item_factors[i] += rate * (error * p + l2 * q)
    return float(error)


@sgd_step.mistake("The penalty is missing: each step also subtracts rate * l2 * vector.")
def no_penalty(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * error * q
    item_factors[i] += rate * error * p
    return float(error)


@sgd_step.mistake("The penalty was not multiplied by the rate: the rate scales the whole gradient.")
def penalty_without_rate(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * error * q - l2 * p
    item_factors[i] += rate * error * p - l2 * q
    return float(error)


@sgd_step.mistake("Return the error from before the step; yours is from after it.")
def error_after_the_step(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * (error * p - l2 * q)
    return float(value - user_factors[u] @ item_factors[i])


@sgd_step.mistake(
    "Your error is the prediction minus the rating. With e = rating - prediction the step adds "
    "rate * e * other vector; yours moves away from the rating."
)
def prediction_minus_rating(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = p @ q - value
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * (error * p - l2 * q)
    return float(error)


@sgd_step.mistake(
    "Your step is right, but the error you return is the prediction minus the rating; asked is the "
    "rating minus the prediction."
)
def right_step_wrong_sign_returned(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = p @ q - value
    user_factors[u] -= rate * (error * q + l2 * p)
    item_factors[i] -= rate * (error * p + l2 * q)
    return float(error)


@sgd_step.alternative
def step_by_tuple_assignment(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u], item_factors[i]
    error = value - p @ q
    user_factors[u], item_factors[i] = (
        p + rate * (error * q - l2 * p),
        q + rate * (error * p - l2 * q),
    )
    return error


@sgd_step.alternative
def step_factor_by_factor(u, i, value, user_factors, item_factors, rate, l2):
    k = user_factors.shape[1]
    error = value - sum(user_factors[u, f] * item_factors[i, f] for f in range(k))
    for f in range(k):
        p, q = float(user_factors[u, f]), float(item_factors[i, f])
        user_factors[u, f] = p - rate * (-error * q + l2 * p)
        item_factors[i, f] = q - rate * (-error * p + l2 * q)
    return error


@sgd_step.alternative
def step_with_torch(u, i, value, user_factors, item_factors, rate, l2):
    import torch

    p = torch.tensor(user_factors[u], requires_grad=True)
    q = torch.tensor(item_factors[i], requires_grad=True)
    error = value - p @ q
    (0.5 * (error**2 + l2 * (p @ p + q @ q))).backward()
    user_factors[u] -= rate * p.grad.numpy()
    item_factors[i] -= rate * q.grad.numpy()
    return error.item()
