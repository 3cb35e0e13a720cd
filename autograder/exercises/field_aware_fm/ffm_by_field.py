"""Exercise `ffm_by_field`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.field_aware_fm.drawing import (
    HAND,
    machine,
    machine_of_sign,
    whole_machine,
)

ffm_by_field = Exercise("ffm_by_field", points=2, tolerance=1e-5, needs=("field_sums",))


@ffm_by_field.cases
def _(rng):
    yield "the worked example", dict(HAND)
    yield "a feature in each field", whole_machine(rng, 3, 2, 3)
    yield "two features of one field", whole_machine(rng, 2, 4, 3, occupied=[1])
    yield "a single feature has no pair", machine(rng, 1, 2, 3, occupied=[2])
    yield "a feature that is 0", whole_machine(rng, 5, 4, 3, zeros=[int(rng.integers(5))])
    yield "a single field", whole_machine(rng, 4, 2, 1)
    yield "no feature in a field between", whole_machine(rng, 7, 2, 4, occupied=[0, 1, 3])
    yield "8 random features, 3 fields", machine_of_sign(rng, 8, 2, 3, 1, zeros=[5])
    yield "6 random features, 1 factor", machine_of_sign(rng, 6, 1, 4, -1)


@ffm_by_field.mistake(
    "You multiplied Q[f, g] with itself. It meets its mirror image: Q[f, g] with Q[g, f]."
)
def not_mirrored(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q).sum() - (own**2).sum()))


@ffm_by_field.mistake(
    "The meetings of features with themselves are still in your sum. Take the squared own vectors "
    "x_i v_{i, f_i} away before you halve."
)
def diagonal_left_in(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    return float(0.5 * (Q * Q.transpose(1, 0, 2)).sum())


@ffm_by_field.mistake("Your result is twice as large: every pair stands in the sum twice.")
def not_halved(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float((Q * Q.transpose(1, 0, 2)).sum() - (own**2).sum())


@ffm_by_field.mistake(
    "Only half of the first sum is taken in your result; what is subtracted has a 1/2 as well."
)
def diagonal_not_halved(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(0.5 * (Q * Q.transpose(1, 0, 2)).sum() - (own**2).sum())


@ffm_by_field.mistake(
    "In the part that you subtract, x_i is not squared: a feature that meets itself counts x_i "
    "times x_i."
)
def value_not_squared(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - (x[:, None] * own**2).sum()))


@ffm_by_field.mistake(
    "Pairs of features of one field are missing from your sum, as in a sum over f < g alone, or "
    "when the squared sums Q[f, f] are subtracted instead of each feature's own square."
)
def different_fields_only(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    table = np.einsum("fgk,gfk->fg", Q, Q)
    return float(np.triu(table, k=1).sum())


@ffm_by_field.mistake(
    "You subtracted all vectors of each feature, V[i, g] for every g. A feature meets itself with "
    "one only, that for its own field: V[i, f_i]."
)
def all_vectors_subtracted(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - ((x[:, None, None] * V) ** 2).sum()))


@ffm_by_field.mistake(
    "V[:, fields] takes every vector of every feature, (n, n, k). One for each feature is meant, "
    "that for its own field: two arrays of indices, V[np.arange(n), fields]."
)
def a_slice_for_the_own_fields(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None, None] * V[:, fields]
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - (own**2).sum()))


@ffm_by_field.mistake(
    "What you subtract has no x_i in it: a feature that meets itself counts x_i times x_i."
)
def own_without_values(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - (own**2).sum()))


@ffm_by_field.mistake(
    "You added the meetings of features with themselves. They are in the whole table already: "
    "subtract them."
)
def diagonal_added(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() + (own**2).sum()))


@ffm_by_field.mistake(
    "You subtracted the numbers of the own vectors x_i v_{i, f_i} as they are. A feature that "
    "meets itself counts with their squares."
)
def own_not_squared(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - own.sum()))


@ffm_by_field.mistake(
    "You subtracted the square of the sum of all own vectors. A feature meets itself only: square "
    "each x_i v_{i, f_i}, then add up."
)
def square_of_the_own_sum(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - (own.sum(axis=0) ** 2).sum()))


@ffm_by_field.mistake(
    "`Q.T` reverses the order of all three axes. Exchange the first two only: Q.transpose(1, 0, 2)."
)
def all_axes_reversed(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(0.5 * ((Q * Q.T).sum() - (own**2).sum()))


@ffm_by_field.mistake(
    "Pairs within one field count twice in your sum. Between two fields f < g each pair is in "
    "<Q[f, g], Q[g, f]> once, but within f it is in <Q[f, f], Q[f, f]> twice: halve that, less the "
    "squares."
)
def same_field_twice(x, V, fields):
    Q = np.zeros((V.shape[1], *V.shape[1:]))
    np.add.at(Q, fields, x[:, None, None] * V)
    own = x[:, None] * V[np.arange(len(x)), fields]
    return float(np.triu(np.einsum("fgk,gfk->fg", Q, Q)).sum() - (own**2).sum())


@ffm_by_field.refused
def nothing_below_zero(x, V, fields):
    shown = V[:, fields] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    return float(max(0.0, np.triu(table, k=1).sum()))


@ffm_by_field.refused
def first_factor_only(x, V, fields):
    shown = V[:, fields, :1] * x[:, None, None]
    table = np.einsum("ijk,jik->ij", shown, shown)
    return float(np.triu(table, k=1).sum())


@ffm_by_field.refused
def values_written_into_the_vectors(x, V, fields):
    V *= x[:, None, None]
    shown = V[:, fields]
    return float(np.triu(np.einsum("ijk,jik->ij", shown, shown), k=1).sum())


@ffm_by_field.alternative
def field_by_field(x, V, fields):
    n_fields = V.shape[1]
    scaled = x[:, None, None] * V
    total = 0.0
    for f in range(n_fields):
        inside = scaled[fields == f]
        for g in range(f + 1, n_fields):
            total += inside[:, g].sum(axis=0) @ scaled[fields == g][:, f].sum(axis=0)
        own = inside[:, f]
        total += 0.5 * (own.sum(axis=0) @ own.sum(axis=0) - (own * own).sum())
    return float(total)


@ffm_by_field.alternative
def by_field_in_float32(x, V, fields):
    scaled = (x[:, None, None] * V).astype(np.float32)
    Q = np.zeros((V.shape[1], *V.shape[1:]), np.float32)
    np.add.at(Q, fields, scaled)
    own = scaled[np.arange(len(x)), fields]
    return float(np.einsum("fgk,gfk->", Q, Q) - (own * own).sum()) / 2


@ffm_by_field.alternative
def by_field_with_torch(x, V, fields):
    import torch

    x, V, fields = torch.from_numpy(x), torch.from_numpy(V), torch.from_numpy(fields)
    scaled = V * x[:, None, None]
    Q = torch.zeros((V.shape[1], V.shape[1], V.shape[2]), dtype=V.dtype).index_add(
        0, fields, scaled
    )
    own = scaled[torch.arange(len(x)), fields]
    return float((torch.einsum("fgk,gfk->", Q, Q) - own.square().sum()) / 2)
