"""Exercise `predict_ratings`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import (
    HAND,
    HAND_FACTORS,
    cells,
    factors,
    problem,
    whole_factors,
)

predict_ratings = Exercise("predict_ratings", points=1)


@predict_ratings.cases
def _(rng):
    yield "the worked example", {"users": HAND["users"], "items": HAND["items"], **HAND_FACTORS}
    users, items = cells(rng, 5, 3, 4)
    vectors = {"user_factors": whole_factors(rng, 3, 2), "item_factors": whole_factors(rng, 4, 2)}
    yield "5 cells, 3 users, 4 items, 2 factors", {"users": users, "items": items, **vectors}
    vectors = {"user_factors": whole_factors(rng, 4, 3), "item_factors": whole_factors(rng, 5, 3)}
    one = {"users": rng.integers(4, size=1), "items": rng.integers(5, size=1)}
    yield "a single cell", {**one, **vectors}
    users, items = cells(rng, 5, 2, 4)
    twice = {"users": np.append(users, users[1]), "items": np.append(items, items[1])}
    vectors = {"user_factors": whole_factors(rng, 2, 3), "item_factors": whole_factors(rng, 4, 3)}
    yield "the same cell twice", {**twice, **vectors}
    ratings, vectors = problem(rng, n=11, n_users=5, n_items=7, k=3, no_user=4, no_item=0)
    del ratings["values"]
    yield "11 random cells, 3 factors", {**ratings, **vectors}
    ratings, vectors = problem(rng, n=11, n_users=7, n_items=5, k=1, no_user=2, no_item=4)
    del ratings["values"]
    yield "a single factor", {**ratings, **vectors}
    items, users = rng.permutation([6, 0, 3, 3, 1]), factors(rng, 5, 2)
    vectors = {"user_factors": users, "item_factors": factors(rng, 7, 2)}
    for item, score in ((6, 9.0), (0, -9.0)):
        (p,) = users[items == item]
        vectors["item_factors"][item] = score * p / (p @ p)
    every = {"users": np.arange(5), "items": items}
    yield "every user once, scores of 9 and -9", {**every, **vectors}


@predict_ratings.mistake(
    "You multiplied all chosen users with all chosen items. We need one prediction per pair: "
    "multiply row by row and sum each row."
)
def every_user_with_every_item(users, items, user_factors, item_factors):
    return user_factors[users] @ item_factors[items].T


@predict_ratings.mistake(
    "You added up over the pairs (axis 0). A dot product adds up over the factors: axis=1."
)
def summed_over_the_pairs(users, items, user_factors, item_factors):
    return (user_factors[users] * item_factors[items]).sum(axis=0)


@predict_ratings.mistake(
    "You multiplied the numbers but did not add them up: a dot product is one number per pair, the "
    "sum over the factors (axis=1)."
)
def not_summed(users, items, user_factors, item_factors):
    return user_factors[users] * item_factors[items]


@predict_ratings.mistake(
    "You returned the whole matrix of predictions. Pick the asked cells out of it: R[users, items]."
)
def the_whole_matrix(users, items, user_factors, item_factors):
    return user_factors @ item_factors.T


@predict_ratings.mistake(
    "You averaged over the factors. A dot product is the sum of the products, so that one more "
    "matching factor raises the score."
)
def averaged_over_the_factors(users, items, user_factors, item_factors):
    return (user_factors[users] * item_factors[items]).mean(axis=1)


@predict_ratings.mistake(
    "You divided by the lengths of the vectors: that is the cosine. In the dot product length "
    "counts too, it says how strongly somebody feels."
)
def cosine_instead_of_dot_product(users, items, user_factors, item_factors):
    P, Q = user_factors[users], item_factors[items]
    return (P * Q).sum(axis=1) / (np.linalg.norm(P, axis=1) * np.linalg.norm(Q, axis=1))


@predict_ratings.alternative
def predicted_with_a_loop(users, items, user_factors, item_factors):
    return np.array([user_factors[u] @ item_factors[i] for u, i in zip(users, items, strict=True)])


@predict_ratings.alternative
def predicted_with_einsum(users, items, user_factors, item_factors):
    return np.einsum("nf,nf->n", user_factors[users], item_factors[items])


@predict_ratings.alternative
def picked_from_the_matrix(users, items, user_factors, item_factors):
    return (user_factors @ item_factors.T)[users, items]


@predict_ratings.alternative
def predicted_in_float32(users, items, user_factors, item_factors):
    P, Q = user_factors.astype(np.float32), item_factors.astype(np.float32)
    return (P[users] * Q[items]).sum(axis=1)


@predict_ratings.refused
def nothing_below_zero(users, items, user_factors, item_factors):
    return np.maximum(0, (user_factors[users] * item_factors[items]).sum(axis=1))


@predict_ratings.refused
def kept_among_the_stars(users, items, user_factors, item_factors):
    return np.clip((user_factors[users] * item_factors[items]).sum(axis=1), -5, 5)


@predict_ratings.refused
def two_decimals(users, items, user_factors, item_factors):
    return (user_factors[users] * item_factors[items]).sum(axis=1).round(2)


@predict_ratings.refused
def repeated_cells_once(users, items, user_factors, item_factors):
    cells = np.array(list(dict.fromkeys(zip(users.tolist(), items.tolist(), strict=True))))
    return (user_factors[cells[:, 0]] * item_factors[cells[:, 1]]).sum(axis=1)


@predict_ratings.refused
def sorted_by_user(users, items, user_factors, item_factors):
    order = np.argsort(users, kind="stable")
    return (user_factors[users[order]] * item_factors[items[order]]).sum(axis=1)


@predict_ratings.refused
def users_written_over(users, items, user_factors, item_factors):
    user_factors *= 1.0 + 1e-3  # what is done to the argument is not undone
    predicted = (user_factors[users] * item_factors[items]).sum(axis=1)
    return predicted / (1.0 + 1e-3)
