"""Exercise `predict_ratings`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import (
    HAND,
    HAND_FACTORS,
    WIDE,
    WIDE_FACTORS,
    WIDE_LABEL,
    problem,
)

predict_ratings = Exercise("predict_ratings", points=1)


@predict_ratings.cases
def _(rng):
    yield "the worked example", {"users": HAND["users"], "items": HAND["items"], **HAND_FACTORS}
    wide = {"users": WIDE["users"], "items": WIDE["items"]}
    yield WIDE_LABEL.replace("ratings", "cells"), {**wide, **WIDE_FACTORS}
    one = {"users": np.array([1]), "items": np.array([2])}
    yield "a single cell", {**one, **HAND_FACTORS}
    users, items = np.array([1, 0, 1, 1, 0]), np.array([2, 0, 2, 0, 0])
    yield "the same cell twice", {"users": users, "items": items, **HAND_FACTORS}
    ratings, vectors = problem(rng)
    cells = {"users": ratings["users"], "items": ratings["items"]}
    yield "11 random cells, 3 factors", {**cells, **vectors}
    _, vectors = problem(rng, k=1)
    yield "a single factor", {**cells, **vectors}
    yield "every user once", {"users": np.arange(5), "items": np.array([6, 0, 3, 3, 1]), **vectors}


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
