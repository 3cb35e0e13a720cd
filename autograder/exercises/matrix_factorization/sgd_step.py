"""Exercise `sgd_step`: cases, mistakes, alternatives. It changes its arguments in place."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import HAND_FACTORS, factors, whole_factors

sgd_step = Exercise("sgd_step", points=2, driver="updates")


@sgd_step.cases
def _(rng):
    hand = {"u": 1, "i": 1, "value": 3.0, **HAND_FACTORS}
    yield "the worked example", {**hand, "rate": 0.1, "l2": 0.0}
    for label, cell, rate, l2 in (
        ("with a penalty, a rating of 0", {"u": 0, "i": 3, "value": 0.0}, 0.1, 0.5),
        ("a rating far below the prediction", {"u": 2, "i": 1, "value": -19.0}, 0.2, 0.1),
        ("a rate of 0 changes nothing", {"u": 1, "i": 0, "value": 2.5}, 0.0, 0.5),
    ):
        users, items = whole_factors(rng, 3, 2), whole_factors(rng, 4, 2)
        vectors = {"user_factors": users, "item_factors": items}
        yield label, {**cell, **vectors, "rate": rate, "l2": l2}
    for n_users, n_items, k in ((5, 4, 3), (4, 6, 5)):
        random = {
            "user_factors": factors(rng, n_users, k),
            "item_factors": factors(rng, n_items, k),
        }
        cell = {"u": int(rng.integers(n_users)), "i": int(rng.integers(n_items)), "value": 4.5}
        label = f"{n_users} users, {n_items} items, {k} factors"
        yield label, {**cell, **random, "rate": 0.3, "l2": 0.2}


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


@sgd_step.mistake(
    "You updated the item first and then used the new item vector for the user. Both gradients "
    "belong to the same point: compute both changes from the old vectors, then apply them."
)
def item_before_user(u, i, value, user_factors, item_factors, rate, l2):
    error = value - user_factors[u] @ item_factors[i]
    item_factors[i] += rate * (error * user_factors[u] - l2 * item_factors[i])
    user_factors[u] += rate * (error * item_factors[i] - l2 * user_factors[u])
    return float(error)


@sgd_step.mistake("The user learns from the error too: your step changes the item only.")
def only_the_item(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    item_factors[i] += rate * (error * p - l2 * q)
    return float(error)


@sgd_step.mistake("Your step is right; return the error itself, not its square.")
def squared_error_returned(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * (error * p - l2 * q)
    return float(error**2)


@sgd_step.mistake(
    "The item's step lacks the penalty: like the user, it also moves by -rate * l2 * own vector."
)
def item_without_penalty(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * error * p
    return float(error)


@sgd_step.mistake(
    "The user's step lacks the penalty: like the item, it also moves by -rate * l2 * own vector."
)
def user_without_penalty(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * error * q
    item_factors[i] += rate * (error * p - l2 * q)
    return float(error)


@sgd_step.mistake(
    "The learning rate is missing from your step: both vectors move by rate times the gradient."
)
def without_rate(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += error * q - l2 * p
    item_factors[i] += error * p - l2 * q
    return float(error)


@sgd_step.mistake(
    "Your step is twice as large: the 2 of the derivative cancels against the 1/2 of the loss."
)
def step_twice(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += 2 * rate * (error * q - l2 * p)
    item_factors[i] += 2 * rate * (error * p - l2 * q)
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


@sgd_step.refused
def penalty_twice(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q - 2 * l2 * p)
    item_factors[i] += rate * (error * p - 2 * l2 * q)
    return float(error)


@sgd_step.refused
def everybody_shrinks(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors *= 1 - rate * l2
    item_factors *= 1 - rate * l2
    user_factors[u] += rate * error * q
    item_factors[i] += rate * error * p
    return float(error)


@sgd_step.refused
def ratings_of_zero_skipped(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    if value:
        user_factors[u] += rate * (error * q - l2 * p)
        item_factors[i] += rate * (error * p - l2 * q)
    return float(error)


@sgd_step.refused
def large_errors_cut(u, i, value, user_factors, item_factors, rate, l2):
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = np.clip(value - p @ q, -5, 5)
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * (error * p - l2 * q)
    return float(error)


sgd_step.harmless(
    "p, q = user_factors[u].copy(), item_factors[i]",
    because="the item's vector changes last; its old value is not needed after that",
)
