"""Exercise `fm_equals_biased_mf`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import HAND, machine, whole_machine

fm_equals_biased_mf = Exercise("fm_equals_biased_mf", points=2)


@fm_equals_biased_mf.cases
def _(rng):
    yield "the worked example: 1 user, 2 items", {**HAND, "n_users": 1}
    yield "2 users, 1 item", {**whole_machine(rng, 3, 2), "n_users": 2}
    yield "4 users, 3 items, 2 factors", {**whole_machine(rng, 7, 2), "n_users": 4}
    yield "3 users, 3 items, 2 factors", {**machine(rng, 6, 2), "n_users": 3}
    yield "3 users, 6 items, 5 factors", {**machine(rng, 9, 5), "n_users": 3}


@fm_equals_biased_mf.mistake(
    "The constant w0 is missing. It is the mean of biased matrix factorization."
)
def constant_left_out(w0, w, V, n_users):
    return w[:n_users, None] + w[n_users:] + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.mistake(
    "Both biases are missing: add w_u, the same along row u, and w_i, the same along column i."
)
def biases_left_out(w0, w, V, n_users):
    return w0 + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.mistake(
    "Your biases belong to the other side: the first n_users entries of w are the users'. Make "
    "them a column, w[:n_users, None], so that they go down the rows."
)
def biases_of_the_wrong_side(w0, w, V, n_users):
    n_items = len(w) - n_users
    return w0 + w[:n_items] + w[n_items:, None] + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.mistake(
    "The two biases are swapped: row u gets the weight of user u, w[u], and column i that of item "
    "i, w[n_users + i]."
)
def biases_swapped(w0, w, V, n_users):
    n_items = len(w) - n_users
    table = V[:n_users] @ V[n_users:].T
    for u in range(n_users):
        for i in range(n_items):
            table[u, i] += w0 + w[(n_users + u) % len(w)] + w[i]
    return table


@fm_equals_biased_mf.mistake(
    "The users' biases go along the columns. A vector (n_users,) is added to every row of the "
    "table; as a column, w[:n_users, None], it goes down the rows."
)
def users_not_a_column(w0, w, V, n_users):
    users, items = w[:n_users], w[n_users:]
    table = w0 + items + V[:n_users] @ V[n_users:].T
    return table + users


@fm_equals_biased_mf.mistake(
    "The table is lying on its side: one row per user, one column per item."
)
def items_as_rows(w0, w, V, n_users):
    return w0 + w[:n_users] + w[n_users:, None] + V[n_users:] @ V[:n_users].T


@fm_equals_biased_mf.mistake(
    "You kept the squares of the single features. With one user and one item there is one pair, "
    "and all that is left of the pairwise sum is <v_u, v_i>."
)
def squares_left_in(w0, w, V, n_users):
    U, M = V[:n_users], V[n_users:]
    sums = U[:, None] + M
    return w0 + w[:n_users, None] + w[n_users:] + 0.5 * (sums**2).sum(axis=2)


@fm_equals_biased_mf.mistake(
    "That is the table of all features with all features. Rows are the first n_users features, "
    "columns the others."
)
def all_with_all(w0, w, V, n_users):
    return w0 + w[:, None] + w + V @ V.T


@fm_equals_biased_mf.mistake(
    "The items' weights are missing: column i also gets w[n_users + i], the same in every row."
)
def items_weights_left_out(w0, w, V, n_users):
    return w0 + w[:n_users, None] + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.mistake(
    "The users' weights are missing: row u also gets w[u], the same in every column."
)
def users_weights_left_out(w0, w, V, n_users):
    return w0 + w[n_users:] + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.mistake(
    "You cut `w` and `V` in the middle. The users are the first n_users features; there need not "
    "be as many items."
)
def cut_in_the_middle(w0, w, V, n_users):
    half = len(w) // 2
    return w0 + w[:half, None] + w[half:] + V[:half] @ V[half:].T


@fm_equals_biased_mf.mistake(
    "The dot products are missing: cell (u, i) also gets the dot product of the vectors of user u "
    "and item i."
)
def dot_products_left_out(w0, w, V, n_users):
    return w0 + w[:n_users, None] + w[n_users:]


@fm_equals_biased_mf.mistake(
    "Your table of dot products lies on its side, (n_items, n_users), and does not fit the "
    "weights: the users' vectors come first, V[:n_users] @ V[n_users:].T."
)
def dot_products_on_their_side(w0, w, V, n_users):
    return w0 + w[:n_users, None] + w[n_users:] + V[n_users:] @ V[:n_users].T


@fm_equals_biased_mf.mistake(
    "Your matrix product does not pair users with items: the items' vectors are rows, so they are "
    "transposed, (n_users, k) @ (k, n_items), with V[n_users:].T."
)
def items_not_transposed(w0, w, V, n_users):
    return w0 + w[:n_users, None] + w[n_users:] + V[:n_users] @ V[n_users:]


@fm_equals_biased_mf.alternative
def cell_by_cell(w0, w, V, n_users):
    n_items = len(w) - n_users
    table = np.zeros((n_users, n_items))
    for u in range(n_users):
        for i in range(n_items):
            table[u, i] = w0 + w[u] + w[n_users + i] + V[u] @ V[n_users + i]
    return table


@fm_equals_biased_mf.alternative
def one_wider_product(w0, w, V, n_users):
    n, ones = len(w), np.ones(len(w))
    left = np.column_stack((V, w + w0, ones))[:n_users]
    right = np.column_stack((V, ones, w))[n_users:n]
    return left @ right.T


@fm_equals_biased_mf.alternative
def from_the_rows(w0, w, V, n_users):
    n_items = len(w) - n_users
    X = np.zeros((n_users * n_items, len(w)))
    X[np.arange(len(X)), np.repeat(np.arange(n_users), n_items)] = 1
    X[np.arange(len(X)), n_users + np.tile(np.arange(n_items), n_users)] = 1
    pairs = 0.5 * ((X @ V) ** 2 - X @ V**2).sum(axis=1)
    return (w0 + X @ w + pairs).reshape(n_users, n_items)


@fm_equals_biased_mf.refused
def first_factor_only(w0, w, V, n_users):
    return w0 + w[:n_users, None] + w[n_users:] + np.outer(V[:n_users, 0], V[n_users:, 0])


@fm_equals_biased_mf.refused
def dot_products_halved(w0, w, V, n_users):
    return w0 + w[:n_users, None] + w[n_users:] + 0.5 * V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.refused
def constant_twice(w0, w, V, n_users):
    return (w0 + w[:n_users, None]) + (w0 + w[n_users:]) + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.refused
def weights_written_over(w0, w, V, n_users):
    w[:n_users] += w0
    return w[:n_users, None] + w[n_users:] + V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.refused
def vectors_written_over(w0, w, V, n_users):
    V[:n_users] *= 2
    return w0 + w[:n_users, None] + w[n_users:] + 0.5 * V[:n_users] @ V[n_users:].T


@fm_equals_biased_mf.refused
def last_user_without_weight(w0, w, V, n_users):
    table = np.tile(w[n_users:], (n_users, 1))
    for u in range(n_users - 1):
        table[u] += w[u]
    return w0 + table + V[:n_users] @ V[n_users:].T
