"""Exercise `logistic_gradients`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import (
    HAND_FACTORS,
    HAND_LIKES,
    labels,
    problem,
    small_problem,
)

logistic_gradients = Exercise("logistic_gradients", points=2, needs=("gradients",))


@logistic_gradients.cases
def _(rng):
    yield "the worked example", {**HAND_LIKES, **HAND_FACTORS, "l2": 0.0}
    ratings, vectors = small_problem(rng, no_user=1)
    answers = {**ratings, "values": labels(rng, 5)}
    yield "5 answers, 3 users, 4 items, 2 factors", {**answers, **vectors, "l2": 0.5}
    ratings, vectors = problem(rng, n=11, n_users=5, n_items=7, k=3, no_user=4, no_item=0)
    answers = {**ratings, "values": labels(rng, 11)}
    yield "11 random answers, 3 factors", {**answers, **vectors, "l2": 0.2}
    ratings, vectors = problem(rng, n=11, n_users=5, n_items=7, k=3, no_user=2, no_item=6)
    yield "only likes", {**ratings, "values": np.ones(11), **vectors, "l2": 0.0}
    ratings, vectors = problem(rng, n=13, n_users=8, n_items=5, k=2, no_user=0, no_item=3)
    yield "only dislikes", {**ratings, "values": np.zeros(13), **vectors, "l2": 0.1}
    size = rng.integers(2_700, 3_500, 6) / 100  # exp overflows beyond 709, and 27 * 27 = 729
    vectors = {"user_factors": size[:3, None] * [[1], [-1], [0.01]], "item_factors": size[3:, None]}
    both = {"users": np.array([2, 0, 1, 0, 1]), "items": np.array([0, 1, 1, 0, 2])}
    values = np.array([0.0, 1.0, 0.0, 0.0, 1.0])
    yield "scores beyond 700 and -700", {**both, "values": values, **vectors, "l2": 0.0}


@logistic_gradients.mistake(
    "The sigmoid is missing: the error is the label minus a probability, sigmoid(p.q), not the "
    "label minus the score."
)
def score_instead_of_probability(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - (P * Q).sum(axis=1))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "You multiplied by the slope of the sigmoid, s(1 - s). That belongs to the squared error; in "
    "the log loss it cancels against the derivative of the logarithm."
)
def slope_of_the_sigmoid_left_in(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    chance = sigmoid((P * Q).sum(axis=1))
    error = ((values - chance) * chance * (1 - chance))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "exp(s) / (1 + exp(s)) overflows to inf / inf = NaN for large scores. 1 / (1 + exp(-s)) "
    "says the same and tends to 1."
)
def overflowing_sigmoid(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    score = (P * Q).sum(axis=1)
    error = (values - np.exp(score) / (1 + np.exp(score)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Your gradient has the wrong sign at the error: d loss / d score is probability minus label. "
    "A liked film needs a higher score, so descent must raise it."
)
def label_minus_probability(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, error * Q + l2 * P)
    np.add.at(item_gradient, items, error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "You read the labels as -1 and +1. Here a dislike is 0: the error is label minus probability."
)
def labels_of_minus_one(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (2 * values - 1 - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Repeated ids were overwritten: a user with several answers kept one of them. Use np.add.at."
)
def repeated_ids_overwritten(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    user_gradient[users] += -error * Q + l2 * P
    item_gradient[items] += -error * P + l2 * Q
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Only the likes contribute in yours. A dislike has a gradient too: it pushes the score down."
)
def likes_only(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values * (1 - sigmoid((P * Q).sum(axis=1))))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Your penalty counts each vector once. Every answer pays for the vectors it uses, as in "
    "`gradients`: l2 * P goes into the sum over the answers."
)
def penalty_once_per_row(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = l2 * user_factors, l2 * item_factors
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Your penalty is half as large: the 1/2 in the loss cancels against the 2 of the derivative."
)
def penalty_halved(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 / 2 * P)
    np.add.at(item_gradient, items, -error * P + l2 / 2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Your penalty is twice as large: the loss has l2 / 2, whose derivative is l2 times the vector."
)
def penalty_twice(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + 2 * l2 * P)
    np.add.at(item_gradient, items, -error * P + 2 * l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "The penalty is missing from your gradients: every answer adds l2 times the vector."
)
def without_penalty(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Your sigmoid falls: you wrote exp(s) where 1 / (1 + exp(-s)) has exp(-s). A large score must "
    "give a probability near 1."
)
def falling_sigmoid(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid(-(P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "You divided by the number of answers. The loss is a sum over the answers, not a mean, and so "
    "is its gradient."
)
def averaged(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient / len(users), item_gradient / len(users)


@logistic_gradients.mistake(
    "Your result is that of leaving out the dislikes, as `R != 0` does: neither their errors nor "
    "their penalty are there. An answer of 0 is an answer; what is known is told by `users` and "
    "`items`."
)
def dislikes_taken_as_unknown(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    users, items, values = (array[values != 0] for array in (users, items, values))
    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "The unknown cells were counted as dislikes. Only the answers in `users` and `items` have an "
    "error; everywhere else it is 0."
)
def unknown_counted_as_dislikes(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    R = np.zeros((len(user_factors), len(item_factors)))
    known = R.copy()
    R[users, items], known[users, items] = values, 1
    E = R - sigmoid(user_factors @ item_factors.T)
    return (
        -E @ item_factors + l2 * known.sum(axis=1)[:, None] * user_factors,
        -E.T @ user_factors + l2 * known.sum(axis=0)[:, None] * item_factors,
    )


@logistic_gradients.mistake(
    "The items' gradient lacks its penalty: every answer adds l2 * q_i to its item."
)
def items_without_penalty(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "You used the answer, score > 0, where the probability belongs: a right answer then has no "
    "error at all. Use sigmoid(score): even a right answer pulls, the less the surer it is."
)
def rounded_probability(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    error = (values - ((P * Q).sum(axis=1) > 0))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.mistake(
    "Your function changes the caller's labels, as `values -= ...` does: it writes into the array "
    "you were given. Make a new one: error = values - ..."
)
def labels_written_over(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    values -= sigmoid((P * Q).sum(axis=1))
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -values[:, None] * Q + l2 * P)
    np.add.at(item_gradient, items, -values[:, None] * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.alternative
def logistic_with_a_loop(users, items, values, user_factors, item_factors, l2):
    import math

    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    for u, i, label in zip(users, items, values, strict=True):
        score = float(user_factors[u] @ item_factors[i])
        chance = 0.5 * (1 + math.tanh(score / 2))
        user_gradient[u] += (chance - label) * item_factors[i] + l2 * user_factors[u]
        item_gradient[i] += (chance - label) * user_factors[u] + l2 * item_factors[i]
    return user_gradient, item_gradient


@logistic_gradients.alternative
def logistic_with_autograd(users, items, values, user_factors, item_factors, l2):
    import torch

    U = torch.tensor(user_factors, requires_grad=True)
    M = torch.tensor(item_factors, requires_grad=True)
    P, Q = U[torch.as_tensor(users)], M[torch.as_tensor(items)]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        (P * Q).sum(dim=1), torch.as_tensor(values), reduction="sum"
    )
    (loss + 0.5 * l2 * (P.square().sum() + Q.square().sum())).backward()
    return U.grad.numpy(), M.grad.numpy()


@logistic_gradients.alternative
def logistic_with_matrices(users, items, values, user_factors, item_factors, l2):
    import scipy.sparse as sp

    scores = (user_factors @ item_factors.T)[users, items]
    error = values - 1 / (1 + np.exp(-scores))
    shape = len(user_factors), len(item_factors)
    E = sp.csr_array((error, (users, items)), shape=shape)
    count = sp.csr_array((np.ones(len(users)), (users, items)), shape=shape)
    return (
        l2 * count.sum(axis=1)[:, None] * user_factors - E @ item_factors,
        l2 * count.sum(axis=0)[:, None] * item_factors - E.T @ user_factors,
    )


@logistic_gradients.refused
def users_without_penalty(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid((P * Q).sum(axis=1)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.refused
def scores_cut_too_early(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    error = (values - sigmoid(np.clip((P * Q).sum(axis=1), -10, 10)))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.refused
def overflow_replaced_by_zero(users, items, values, user_factors, item_factors, l2):
    P, Q = user_factors[users], item_factors[items]
    score = (P * Q).sum(axis=1)
    error = (values - np.nan_to_num(np.exp(score) / (1 + np.exp(score))))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient


@logistic_gradients.refused
def labels_changed_to_minus_one(users, items, values, user_factors, item_factors, l2):
    from scipy.special import expit as sigmoid

    P, Q = user_factors[users], item_factors[items]
    score = (P * Q).sum(axis=1)
    values[values == 0] = -1.0
    error = (values * sigmoid(-values * score))[:, None]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error * Q + l2 * P)
    np.add.at(item_gradient, items, -error * P + l2 * Q)
    return user_gradient, item_gradient
