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
    whole,
    whole_machine,
)

best_factor = Exercise("best_factor", points=3, needs=("fm_on_sparse_rows",))


def with_targets(rng, X, w0, w, V, i, f, sign):
    """Return arguments with targets so large, and such, that the best value has this sign."""
    x = X.toarray()[:, i]
    h = x * (X @ V[:, f] - V[i, f] * x)
    y = sign * np.where(h < 0, -1, 1) * rng.integers(6_000, 9_000, len(h)) / 100
    return {"X": X, "y": y, "w0": w0, "w": w, "V": V, "i": i, "f": f}


@best_factor.cases
def _(rng):
    hand = {"X": HAND_ROWS, "y": np.array([0.5, 2.0]), **HAND}
    yield "the worked example", {**hand, "i": 1, "f": 0, "l2": 2.0}
    for label, row, l2 in (("the first", 0, 0.5), ("the last", 2, 1.5)):
        dense = whole(rng, 3, 4)
        dense[np.arange(3) != row, 2] = 0.0
        drawn = {"X": csr_array(dense), "y": whole(rng, 3), **whole_machine(rng, 4, 2)}
        yield f"a feature of {label} row only", {**drawn, "i": 2, "f": 1, "l2": l2}
    drawn = {"X": rows(rng, 5, 4, empty_column=3), "y": signed(rng, 5), **machine(rng, 4, 2)}
    yield "a feature that no row has", {**drawn, "i": 3, "f": 0, "l2": 0.5}
    drawn = {"X": rows(rng, 7, 5), **machine(rng, 5, 3), "i": 1, "f": 1}
    yield "hardly a penalty", {**with_targets(rng, **drawn, sign=1), "l2": 0.001}
    drawn = {"X": rows(rng, 8, 6, empty_row=3), **machine(rng, 6, 3), "i": 0, "f": 2}
    yield "8 random rows of 6 features", {**with_targets(rng, **drawn, sign=-1), "l2": 0.3}


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
    return float(h @ (y - predictions + V[i, f] * h) / (h @ h))


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


@best_factor.mistake(
    "Your function changes the caller's vectors, as `V[i, f] = ...` does: it writes into the array "
    "you were given. Return the number alone; where you need another V, work on V.copy()."
)
def vectors_written_over(X, y, w0, w, V, i, f, l2):
    x = X.toarray()[:, i]
    V[i, f] = 0.0
    Q = X @ V
    rest = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * Q[:, f]
    return float(h @ (y - rest) / (l2 + h @ h))


@best_factor.mistake(
    "A feature that no row has keeps its old value in yours. The errors do not depend on it, the "
    "penalty does: the best value is 0, and the formula gives 0 / l2 by itself."
)
def old_value_kept_without_rows(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    if not x.any():
        return float(V[i, f])
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions + V[i, f] * h) / (l2 + h @ h))


@best_factor.mistake(
    "Your h is x_i, the slope by the single weight w_i. By v_if the prediction has the slope "
    "h = x_i (q_f - v_if x_i)."
)
def features_as_slope(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    return float(x @ (y - predictions + V[i, f] * x) / (l2 + x @ x))


@best_factor.mistake(
    "Your penalty counts once for every row, as it does when l2 is multiplied by their number or "
    "when the sums are made means. It counts once in all: l2 itself is added to the sum of h**2."
)
def penalty_for_every_row(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions + V[i, f] * h) / (l2 * len(y) + h @ h))


@best_factor.mistake(
    "The old value's part has the wrong sign: what is to be explained without v_if is the error "
    "plus v_if h, because the prediction contains v_if h."
)
def old_part_subtracted(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions - V[i, f] * h) / (l2 + h @ h))


@best_factor.mistake(
    "The factor x_i in front of the bracket is missing from your h: a row without the feature must "
    "have h = 0."
)
def slope_without_the_feature(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = Q[:, f] - V[i, f] * x
    return float(h @ (y - predictions + V[i, f] * h) / (l2 + h @ h))


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


@best_factor.refused
def penalty_halved(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions + V[i, f] * h) / (l2 / 2 + h @ h))


@best_factor.refused
def penalty_for_every_row_with_the_feature(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions + V[i, f] * h) / (l2 * np.count_nonzero(x) + h @ h))


@best_factor.refused
def not_a_number_without_rows(X, y, w0, w, V, i, f, l2):
    x = X.toarray()[:, i]
    used = x != 0
    X, y, x = X[used], y[used], x[used]
    Q = X @ V
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    mean = (h * (y - predictions + V[i, f] * h)).sum() / len(y)
    return float(mean / ((l2 + h @ h) / len(y)))


@best_factor.refused
def nothing_below_zero(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(max(0.0, h @ (y - predictions + V[i, f] * h) / (l2 + h @ h)))


@best_factor.refused
def targets_written_over(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    h = x * (Q[:, f] - V[i, f] * x)
    y -= w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    y += V[i, f] * h
    return float(h @ y / (l2 + h @ h))


@best_factor.refused
def constant_left_out(X, y, w0, w, V, i, f, l2):
    Q, x = X @ V, X.toarray()[:, i]
    predictions = X @ w + 0.5 * ((Q**2).sum(axis=1) - X.power(2) @ (V**2).sum(axis=1))
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predictions + V[i, f] * h) / (l2 + h @ h))


best_factor.harmless(
    "x = X[:, [i]][:, 0]", because="a sparse column and a dense vector multiply entry by entry too"
)
best_factor.harmless(
    "x = X[:, [i]].toarray()[:, -1]", because="of one column the last is the first"
)
