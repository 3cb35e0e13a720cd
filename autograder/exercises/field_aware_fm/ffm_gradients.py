"""Exercise `ffm_gradients`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import signed
from autograder.exercises.field_aware_fm.drawing import HAND, machine, pairs_of, whole_machine

ffm_gradients = Exercise(
    "ffm_gradients", points=3, tolerance=1e-4, needs=("field_sums", "ffm_by_field")
)


@ffm_gradients.cases
def _(rng):
    w = np.array([1.0, -1.0, 1.0])
    hand = {"x": HAND["x"], "y": 0, "w0": -4.0, "w": w, "V": HAND["V"], "fields": HAND["fields"]}
    yield "the worked example", hand
    yield "two features of two fields", _row(rng, 0, whole_machine(rng, 2, 3, 2))
    yield "two features of one field", _row(rng, 1, whole_machine(rng, 2, 4, 3, occupied=[1]))
    drawn = whole_machine(rng, 5, 2, 3, zeros=[int(rng.integers(5))])
    yield "a feature that is 0", _row(rng, 0, drawn)
    yield "a single feature", _row(rng, 1, whole_machine(rng, 1, 2, 3, occupied=[2]))
    drawn = whole_machine(rng, 6, 2, 4, occupied=[0, 1, 3])
    yield "no feature in a field between", _row(rng, 1, drawn)
    yield "8 random features, 3 fields, y = 0", _row(rng, 0, machine(rng, 8, 2, 3, zeros=[2]))
    yield "7 random features, 4 fields, y = 1", _row(rng, 1, machine(rng, 7, 3, 4))


def _row(rng, y, drawn):
    """Return the arguments with a constant that keeps the probability from 0 and from 1."""
    x, V, fields = drawn["x"], drawn["V"], drawn["fields"]
    w = signed(rng, len(x))
    logit = rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 1.5)
    w0 = round(float(logit - w @ x - pairs_of(**drawn)), 3)
    return {"x": x, "y": y, "w0": w0, "w": w, "V": V, "fields": fields}


@ffm_gradients.mistake(
    "Your error is the score minus y. The score must become a probability first: the error is "
    "sigmoid(score) - y."
)
def without_sigmoid(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = w0 + w @ x + np.triu(table, k=1).sum() - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake("All signs are the wrong way round: the error is sigmoid(score) - y.")
def descent_direction(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = y - 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum())))
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The error must be that of the whole score, pairs included: w0 + w x + the sum over pairs."
)
def error_of_the_linear_part(x, y, w0, w, V, fields):
    error = 1 / (1 + np.exp(-(w0 + w @ x))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake("The constant w0 is missing from the score, so the error is wrong.")
def constant_left_out(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The vectors' gradient is not multiplied by the error: like the other two, it is the error "
    "times the derivative of the score."
)
def vectors_without_the_error(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, by_V


@ffm_gradients.mistake(
    "A feature's own part is still in the sum of its own field. Where g = f_i, take x_i v_{i, f_i} "
    "away: a feature does not meet itself."
)
def own_part_left_in(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "You took x_i v_{i, g} away for every field g. A feature is part of the sums of its own field "
    "only: take it away where g = f_i."
)
def own_part_taken_everywhere(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * (Q[:, fields].transpose(1, 0, 2) - x[:, None, None] * V)
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "You read Q[f_i, g], the sums of i's own field. What v_{i, g} meets are the features of field "
    "g, with their vectors for the field of i: Q[g, f_i]."
)
def sums_of_the_own_field(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[fields]
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The own part that you take away has x_i once too few: it is x_i times x_i v_{i, f_i}."
)
def own_value_not_squared(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= x[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The factor x_i in front is missing from the vectors' gradient: a feature that is 0 has no "
    "gradient at all."
)
def own_value_forgotten(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = Q[:, fields].transpose(1, 0, 2).copy()
    by_V[np.arange(len(x)), fields] -= x[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The gradient of a pair stands at the vectors for the features' own fields. The vectors that "
    "met are those for the partners' fields: V[i, f_j] and V[j, f_i]."
)
def put_at_the_own_field(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    by_V = np.zeros_like(V)
    for i in range(len(x)):
        for j in range(len(x)):
            if i != j:
                by_V[i, fields[i]] += x[i] * x[j] * V[j, fields[i]]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "Where a feature meets several of one field, only the last one counts: `=` writes over what "
    "was there. Add: `+=`."
)
def overwritten(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    by_V = np.zeros_like(V)
    for i in range(len(x)):
        for j in range(len(x)):
            if i != j:
                by_V[i, fields[j]] = x[i] * x[j] * V[j, fields[i]]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "Your loop over pairs i < j moves the first feature's vector only. The second one's moves as "
    "well: V[j, f_i] by x_i x_j V[i, f_j]."
)
def first_of_each_pair_only(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    by_V = np.zeros_like(V)
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            by_V[i, fields[j]] += x[i] * x[j] * V[j, fields[i]]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The linear part is missing from the score, so the error is wrong: w0 + w x + the sum over "
    "pairs."
)
def linear_part_left_out(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "Only the pairs are in your score, so the error is wrong: w0 + w x + the sum over pairs."
)
def pairs_alone(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-np.triu(table, k=1).sum())) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The gradient by w is x alone in your result. That is the derivative of the score; times the "
    "error it is the gradient of the loss."
)
def weights_without_the_error(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), np.array(x), error * by_V


@ffm_gradients.mistake(
    "The gradient by w has the error at every place. The derivative of the score by w_i is x_i: "
    "the error times x."
)
def weights_without_values(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), np.full(len(x), error), error * by_V


@ffm_gradients.mistake(
    "Q[:, fields] has the fields on its first axis and the features on its second. V has the "
    "features first: Q[:, fields].transpose(1, 0, 2)."
)
def fields_before_features(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields]
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The factor x_i is missing before Q[g, f_i]: the gradient of v_{i, g} is x_i times the sum "
    "that it meets."
)
def sums_without_the_own_value(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = Q[:, fields].transpose(1, 0, 2).copy()
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The own part that you take away has no x_i: it is x_i times x_i v_{i, f_i}."
)
def own_part_without_values(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "Your error treats y as -1 or 1. Here it is 0 or 1, and the error is sigmoid(score) - y."
)
def label_of_plus_and_minus_one(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    p = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum())))
    error = p - (2 * y - 1)
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "Your error has the factor p (1 - p), as that of the squared error has. In the derivative of "
    "the log loss by the score it cancels: the error is p - y."
)
def slope_of_the_sigmoid(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    p = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum())))
    error = (p - y) * p * (1 - p)
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "Your error is the probability, whatever happened: y is missing. It is sigmoid(score) - y."
)
def label_left_out(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    p = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum())))
    error = p
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "You added a feature's own part. It is in Q[g, f_i] already where g = f_i: take it away."
)
def own_part_added(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] += (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The vectors for the own field have the gradient 0 in your result. That is right for one-hot "
    "rows; here two features may share a field, and then they meet with these vectors."
)
def own_vectors_get_nothing(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] = 0.0
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The gradient by w is the error times w in your result. The derivative of the score by w_i "
    "is x_i: the error times x."
)
def weights_in_place_of_values(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * w, error * by_V


@ffm_gradients.mistake(
    "The own part that you take away is not multiplied by the error: subtract it first, then "
    "multiply."
)
def own_part_without_the_error(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = error * x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(len(x)), fields] -= (x**2)[:, None] * V[np.arange(len(x)), fields]
    return float(error), error * x, by_V


@ffm_gradients.mistake(
    "The partner's value x_j is missing: the gradient of v_{i, g} adds x_i x_j times the partner's "
    "vector."
)
def partners_values_left_out(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    by_V = np.zeros_like(V)
    for i in range(len(x)):
        for j in range(len(x)):
            if i != j:
                by_V[i, fields[j]] += x[i] * V[j, fields[i]]
    return float(error), error * x, error * by_V


@ffm_gradients.mistake(
    "The partners show the vectors for their own field in your gradient, V[j, f_j], as in "
    "Q[g, g]. They show those for the field of i: V[j, f_i], summed in Q[g, f_i]."
)
def partners_own_vectors(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    by_V = np.zeros_like(V)
    for i in range(len(x)):
        for j in range(len(x)):
            if i != j:
                by_V[i, fields[j]] += x[i] * x[j] * V[j, fields[j]]
    return float(error), error * x, error * by_V


@ffm_gradients.refused
def values_written_into_the_vectors(x, y, w0, w, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    error = 1 / (1 + np.exp(-(w0 + w @ x + np.triu(table, k=1).sum()))) - y
    V *= x[:, None, None]
    by_V = np.zeros_like(V)
    for i in range(len(x)):
        for j in range(len(x)):
            if i != j:
                by_V[i, fields[j]] += x[i] * V[j, fields[i]]
    return float(error), error * x, error * by_V


@ffm_gradients.alternative
def gradients_pair_by_pair(x, y, w0, w, V, fields):
    score, by_V = w0 + w @ x, np.zeros(V.shape)
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            g, h = fields[j], fields[i]
            score += V[i, g] @ V[j, h] * x[i] * x[j]
            by_V[i, g] += x[i] * x[j] * V[j, h]
            by_V[j, h] += x[i] * x[j] * V[i, g]
    error = 1 / (1 + np.exp(-score)) - y
    return float(error), error * x, error * by_V


@ffm_gradients.alternative
def gradients_in_float32(x, y, w0, w, V, fields):
    x, w, V, n = x.astype(np.float32), w.astype(np.float32), V.astype(np.float32), len(x)
    shown = V[:, fields] * x[:, None, None]
    score = w0 + w @ x + np.triu(np.einsum("ijk,jik->ij", shown, shown), k=1).sum()
    error = 1 / (1 + np.exp(-score)) - y
    Q = np.zeros((V.shape[1], *V.shape[1:]), np.float32)
    np.add.at(Q, fields, x[:, None, None] * V)
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[np.arange(n), fields] -= (x**2)[:, None] * V[np.arange(n), fields]
    return float(error), error * x, error * by_V


@ffm_gradients.alternative
def gradients_with_torch(x, y, w0, w, V, fields):
    import torch

    w0 = torch.tensor(w0, dtype=torch.float64, requires_grad=True)
    w, V = torch.tensor(w, requires_grad=True), torch.tensor(V, requires_grad=True)
    values, fields = torch.from_numpy(x), torch.from_numpy(fields)
    shown = V[:, fields] * values[:, None, None]
    table = torch.einsum("ijk,jik->ij", shown, shown)
    score = w0 + w @ values + torch.triu(table, diagonal=1).sum()
    target = torch.tensor(float(y), dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(score, target)
    loss.backward()
    return w0.grad.item(), w.grad.numpy(), V.grad.numpy()
