"""Exercise `best_factor`: cases, mistakes, alternatives."""

import numpy as np
from scipy.sparse import csr_array

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import (
    HAND,
    HAND_ROWS,
    machine,
    rows,
    signed,
)

best_factor = Exercise("best_factor", points=3, needs=("fm_on_sparse_rows",))


@best_factor.cases
def _(rng):
    hand = {"X": HAND_ROWS, "y": np.array([-3.0, 0.0]), **HAND}
    yield "the worked example", {**hand, "i": 1, "f": 0, "l2": 2.0}
    yield "hardly a penalty", {**hand, "i": 1, "f": 0, "l2": 0.001}
    yield "a feature of the first row only", {**hand, "i": 0, "f": 1, "l2": 0.5}
    unused = csr_array(HAND_ROWS.toarray() * [1.0, 1.0, 0.0])
    yield "a feature that no row has", {**hand, "X": unused, "i": 2, "f": 0, "l2": 0.5}
    random = {"X": rows(rng, 8, 6), "y": signed(rng, 8), **machine(rng, 6, 3)}
    yield "8 random rows of 6 features", {**random, "i": 0, "f": 2, "l2": 0.3}


@best_factor.mistake(
    "You returned the change, not the new value. Add the old value's part back to the error: the "
    "result must not depend on what v_if was."
)
def change_only(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions) / (l2 + h @ h))


@best_factor.mistake(
    "You added the change to the old value. That is right without a penalty; with one, also the "
    "old value shrinks: put its part, v_if h, back into the error and solve for the new value."
)
def old_value_not_shrunk(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(V[i, f] + h @ (y - predictions) / (l2 + h @ h))


@best_factor.mistake(
    "h must not contain the feature itself: h = x_i (q_f - v_if x_i), or v_if would stand on both "
    "sides."
)
def own_part_in_h(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * Q[:, f]
    return float(h @ (y - predictions + V[i, f] * h) / (l2 + h @ h))


@best_factor.mistake(
    "The feature's own part of the sum q_f is v_if x_i, not v_if: h = x_i (q_f - v_if x_i). (With "
    "features that are 0 or 1 the slip does not show.)"
)
def own_vector_in_h(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f])
    return float(h @ (y - predictions + V[i, f] * h) / (l2 + h @ h))


@best_factor.mistake("The penalty is missing: it adds l2 to the sum of the h squared.")
def penalty_forgotten(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions + V[i, f] * h) / (h @ h)) if h.any() else 0.0


@best_factor.mistake(
    "The error has the wrong sign: here it is y - prediction, what is still to be explained."
)
def error_turned_round(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (predictions - y + V[i, f] * h) / (l2 + h @ h))


@best_factor.mistake(
    "That is the best value of the single weight w_i, for which h = x_i. For v_if the prediction "
    "has the slope h = x_i (q_f - v_if x_i)."
)
def slope_of_the_single_weight(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    return float(x @ (y - predictions + w[i] * x) / (l2 + x @ x))


@best_factor.alternative
def newton_from_zero(X, y, w0, w, V, i, f, l2):
    X = X.toarray()
    without = V.copy()
    without[i, f] = 0.0
    Q = X @ without
    rest = w0 + X @ w + 0.5 * (Q**2 - X**2 @ without**2).sum(axis=1)
    h = X[:, i] * Q[:, f]
    return h @ (y - rest) / (l2 + h @ h)


@best_factor.alternative
def two_predictions(X, y, w0, w, V, i, f, l2):
    X = X.toarray()

    def predictions(value):
        changed = V.copy()
        changed[i, f] = value
        return w0 + X @ w + 0.5 * ((X @ changed) ** 2 - X**2 @ changed**2).sum(axis=1)

    rest = predictions(0.0)
    h = predictions(1.0) - rest  # a straight line in v_if
    return float(np.sum(h * (y - rest)) / (l2 + np.sum(h * h)))


@best_factor.alternative
def least_squares(X, y, w0, w, V, i, f, l2):
    X = X.toarray()
    without = V.copy()
    without[i, f] = 0.0
    Q = X @ without
    rest = w0 + X @ w + 0.5 * (Q**2 - X**2 @ without**2).sum(axis=1)
    column = np.append(X[:, i] * Q[:, f], np.sqrt(l2))[:, None]
    return float(np.linalg.lstsq(column, np.append(y - rest, 0.0))[0][0])
