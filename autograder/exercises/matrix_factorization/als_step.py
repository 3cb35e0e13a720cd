"""Exercise `als_step`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.matrix_factorization.drawing import (
    HAND,
    HAND_FACTORS,
    SMALL,
    small_problem,
    well_rated,
)

als_step = Exercise("als_step", points=3, tolerance=1e-7)


@als_step.cases
def _(rng):
    items = {"item_factors": HAND_FACTORS["item_factors"]}
    yield "the worked example", {**HAND, **items, "n_users": 2, "l2": 0.5}
    for label, no_user in ((SMALL, None), ("a user without ratings", 1)):
        ratings, vectors = small_problem(rng, no_user)
        items = {"item_factors": vectors["item_factors"]}
        yield label, {**ratings, **items, "n_users": 3, "l2": 0.5}
    sizes = {"n_users": 5, "n_items": 9, "k": 3, "each": 5}
    for label, no_user, l2 in (("20 random ratings", 4, 0.3), ("a large penalty", 2, 20.0)):
        ratings, vectors = well_rated(rng, **sizes, no_user=no_user)
        yield label, {**ratings, "item_factors": vectors, "n_users": 5, "l2": l2}
    ratings, vectors = well_rated(rng, n_users=6, n_items=7, k=4, each=3, no_user=5)
    vectors[:, [1, 3]] = 0.0  # so a matrix without penalty is singular exactly, on any processor
    few = {**ratings, "item_factors": vectors, "n_users": 6, "l2": 0.6}
    yield "3 ratings each, 4 factors, two of them 0 in all films", few
    ratings, vectors = well_rated(rng, n_users=8, n_items=6, k=2, each=4, no_user=0)
    last = {"item_factors": vectors, "n_users": 8, "l2": 0.4}
    yield "28 random ratings, 2 factors", {**ratings, **last}


@als_step.mistake(
    "The penalty on the diagonal is l2 times the number of the user's ratings: in the loss every "
    "rating pays once."
)
def penalty_without_the_count(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        user_factors[u] = np.linalg.solve(M.T @ M + l2 * np.eye(k), M.T @ values[users == u])
    return user_factors


@als_step.mistake(
    "You used all items for every user, with 0 for what is not known. The sums of the normal "
    "equations go over the items that this user rated."
)
def all_items_for_every_user(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    R = np.zeros((n_users, len(item_factors)))
    R[users, items] = values
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        penalty = l2 * (users == u).sum() * np.eye(k)
        user_factors[u] = np.linalg.solve(
            item_factors.T @ item_factors + penalty, item_factors.T @ R[u]
        )
    return user_factors


@als_step.mistake(
    "The penalty is missing in your matrix: l2 * n_u goes on its diagonal. Without it a user with "
    "fewer ratings than factors has no unique solution."
)
def without_penalty(users, items, values, item_factors, n_users, l2):
    user_factors = np.zeros((n_users, item_factors.shape[1]))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        user_factors[u] = np.linalg.lstsq(M, values[users == u], rcond=None)[0]
    return user_factors


@als_step.mistake(
    "You added l2 * n_u to every entry of the matrix. The penalty belongs on the diagonal: "
    "l2 * n_u * np.eye(k)."
)
def penalty_on_every_entry(users, items, values, item_factors, n_users, l2):
    user_factors = np.zeros((n_users, item_factors.shape[1]))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(M)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.mistake(
    "The right-hand side is wrong: it weights each item's vector with the rating, M.T @ values. "
    "You added up the vectors without the ratings."
)
def right_side_without_ratings(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        user_factors[u] = np.linalg.solve(M.T @ M + l2 * len(M) * np.eye(k), M.sum(axis=0))
    return user_factors


@als_step.mistake(
    "You kept only the diagonal of the matrix, as if each factor could be solved alone. They share "
    "the same ratings: solve the k equations together."
)
def factors_one_by_one(users, items, values, item_factors, n_users, l2):
    user_factors = np.zeros((n_users, item_factors.shape[1]))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        user_factors[u] = M.T @ values[users == u] / ((M**2).sum(axis=0) + l2 * len(M))
    return user_factors


@als_step.mistake(
    "You multiplied the penalty with the number of factors k. It is l2 times the number of this "
    "user's ratings, n_u = len(Q)."
)
def factors_counted(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * k * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.mistake(
    "You multiplied the penalty with the number of all ratings. It is l2 times the number of this "
    "user's ratings, n_u = len(Q)."
)
def all_ratings_counted(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(values) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.mistake(
    "The penalty is missing in your matrix: l2 * n_u goes on its diagonal. Without it the matrix "
    "of a user with fewer ratings than factors is singular."
)
def solved_without_penalty(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A, b = M.T @ M, M.T @ values[users == u]
        p = np.linalg.solve(A, b)  # raises; the line is in what students get, so it is short
        user_factors[u] = p
    return user_factors


@als_step.mistake(
    "`item_factors[users == u]` takes the wrong rows: the mask marks ratings, not items. First "
    "find the user's items, items[users == u], then their vectors: item_factors[items[users == u]]."
)
def mask_on_the_items(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[users == u]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.mistake(
    "Your result is that of leaving out the ratings of 0. Here 0 is a rating (as expected) like "
    "any other: it adds its film to Q and counts in n_u."
)
def zeros_taken_as_unknown(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        own = (users == u) & (values != 0)
        Q = item_factors[items[own]]
        if own.any():
            A = Q.T @ Q + l2 * len(Q) * np.eye(k)
            user_factors[u] = np.linalg.solve(A, Q.T @ values[own])
    return user_factors


@als_step.mistake(
    "A user without ratings has n_u = 0 and so a matrix of zeros, which cannot be solved. Loop "
    "over the users that occur, np.unique(users), and leave zeros to the others."
)
def users_without_ratings_solved(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in range(n_users):
        Q, own = item_factors[items[users == u]], values[users == u]
        user_factors[u] = np.linalg.solve(Q.T @ Q + l2 * len(Q) * np.eye(k), Q.T @ own)
    return user_factors


@als_step.mistake(
    "Your rows are those of the users that occur, one after the other. The row of user u is row u, "
    "also where users before u have no ratings: user_factors[u] = ..."
)
def rows_in_order_of_appearance(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for row, u in enumerate(np.unique(users)):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        user_factors[row] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.mistake(
    "Your penalty is half as large: the factor 1/2 stands in front of the errors too, so it is "
    "l2 * n_u, without a 1/2."
)
def penalty_halved(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 / 2 * len(M) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.alternative
def als_with_a_loop_over_ratings(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    A, b = np.zeros((n_users, k, k)), np.zeros((n_users, k))
    for u, i, value in zip(users, items, values, strict=True):
        q = item_factors[i]
        A[u] += np.outer(q, q) + l2 * np.eye(k)
        b[u] += value * q
    rated = np.unique(users)
    user_factors = np.zeros((n_users, k))
    user_factors[rated] = np.linalg.solve(A[rated], b[rated][:, :, None])[:, :, 0]
    return user_factors


@als_step.alternative
def als_with_a_mask_per_user(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        own = users == u
        Q = item_factors[items[own]]
        A = Q.T @ Q + l2 * own.sum() * np.eye(k)
        user_factors[u] = np.linalg.inv(A) @ (Q.T @ values[own])
    return user_factors


@als_step.alternative
def als_as_longer_least_squares(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in range(n_users):
        own = users == u
        M = item_factors[items[own]]
        tall = np.vstack([M, np.sqrt(l2 * len(M)) * np.eye(k)])
        if len(M):
            target = np.concatenate([values[own], np.zeros(k)])
            user_factors[u] = np.linalg.lstsq(tall, target, rcond=None)[0]
    return user_factors


@als_step.alternative
def als_with_cholesky(users, items, values, item_factors, n_users, l2):
    from scipy.linalg import cho_factor, cho_solve

    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in set(users.tolist()):
        own = users == u
        Q = item_factors[items[own]]
        factor = cho_factor(Q.T @ Q + l2 * own.sum() * np.identity(k))
        user_factors[u] = cho_solve(factor, Q.T @ values[own])
    return user_factors


@als_step.refused
def rows_for_those_who_occur(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((users.max() + 1, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.refused
def zeros_not_counted(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * np.count_nonzero(values[users == u]) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.refused
def whole_numbers_kept_whole(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k), dtype=values.dtype)
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.refused
def last_user_forgotten(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in range(n_users - 1):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * max(1, len(M)) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.refused
def one_group_per_run(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for own in np.split(np.arange(len(users)), np.flatnonzero(np.diff(users)) + 1):
        M = item_factors[items[own]]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        user_factors[users[own[0]]] = np.linalg.solve(A, M.T @ values[own])
    return user_factors


@als_step.refused
def few_ratings_left_out(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        if len(M) >= k:
            user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


@als_step.refused
def users_sorted_in_place(users, items, values, item_factors, n_users, l2):
    k = item_factors.shape[1]
    order = np.argsort(users, kind="stable")
    items, values, user_factors = items[order], values[order], np.zeros((n_users, k))
    users.sort()
    for u in np.unique(users):
        M = item_factors[items[users == u]]
        A = M.T @ M + l2 * len(M) * np.eye(k)
        user_factors[u] = np.linalg.solve(A, M.T @ values[users == u])
    return user_factors


als_step.harmless(
    'order = np.argsort(users, kind="heapsort")',
    because="a sum over a user's ratings does not depend on their order",
)
als_step.harmless(
    "n_rated = np.bincount(users)",
    because="users after the last one that occurs have no ratings, and keep their zeros",
)
als_step.harmless(
    "for n in n_rated[n_rated > 0]:", because="a number that comes twice is solved for twice, alike"
)
als_step.harmless(
    "for n in np.unique(n_rated[n_rated >= 0]):",
    "for n in np.unique(n_rated[n_rated > -1]):",
    because="a system without equations gives the same zeros",
)
als_step.harmless(
    "those = n_rated == n", because="a mask chooses the same users as the places where it is True"
)
SMALLER = "  # (Q'Q + c I)^-1 Q' = Q' (QQ' + c I)^-1, and this system is the smaller one"
als_step.harmless(
    "if False:" + SMALLER,
    "if True:" + SMALLER,
    "if n <= k:" + SMALLER,
    "if n > k:" + SMALLER,
    because="both systems give the same vector; the smaller one is quicker",
)
als_step.harmless(
    "user_factors[those] += best[:, :, 0]", because="each user is met once, with a row of zeros"
)
als_step.harmless("user_factors[those] = best[:, :, -1]", because="the last axis has the length 1")
