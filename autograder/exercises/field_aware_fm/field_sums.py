"""Exercise `field_sums`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.field_aware_fm.drawing import HAND, machine, whole_machine

field_sums = Exercise("field_sums", points=2)


@field_sums.cases
def _(rng):
    yield "the worked example", dict(HAND)
    yield "a feature in each field", whole_machine(rng, 3, 2, 3)
    yield "two features share a field", whole_machine(rng, 4, 2, 3)
    yield "no feature in the last field", whole_machine(rng, 6, 3, 4, occupied=[0, 1, 2])
    yield "no feature in a field between", whole_machine(rng, 5, 2, 4, occupied=[0, 1, 3])
    yield "a feature that is 0", whole_machine(rng, 5, 4, 3, zeros=[int(rng.integers(5))])
    yield "a single field", whole_machine(rng, 4, 2, 1)
    yield "9 random features, 4 fields", machine(rng, 9, 2, 4, zeros=[3, 7])


@field_sums.mistake(
    "Where a field has several features, only its last one is left. In a loop, add with +=, not =; "
    "without a loop, `Q[fields] += ...` writes each place once: use np.add.at(Q, fields, ...)."
)
def overwritten(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    Q[fields] += x[:, None, None] * V
    return Q


@field_sums.mistake("The values x_i are missing: each vector counts x_i times.")
def values_left_out(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, V)
    return Q


@field_sums.mistake(
    "Your sum takes each value squared. x_i stands once in Q; it meets the partner's later."
)
def values_squared(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, (x**2)[:, None, None] * V)
    return Q


@field_sums.mistake(
    "Your Q has its two field axes exchanged: the first is the field that the features are in, the "
    "second the field that their vectors are for."
)
def axes_exchanged(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, x[:, None, None] * V)
    return Q.transpose(1, 0, 2).copy()


@field_sums.mistake(
    "Your Q has as many fields as occur among these features. A field may have none: the number of "
    "fields is V.shape[1], and such a field's sums are 0."
)
def fields_counted_in_the_row(x, V, fields):
    n_fields = fields.max() + 1
    Q = np.zeros((n_fields, V.shape[1], V.shape[2]))
    np.add.at(Q, fields, x[:, None, None] * V)
    return Q


@field_sums.mistake(
    "Your function stops where the last field has no feature. The number of fields is V.shape[1], "
    "not fields.max() + 1."
)
def largest_field_counted(x, V, fields):
    n_fields = fields.max() + 1
    Q = np.zeros((n_fields, n_fields, V.shape[2]))
    np.add.at(Q, fields, x[:, None, None] * V)
    return Q


@field_sums.mistake("You took the mean over a field's features. Q is their sum.")
def mean_of_each_field(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, x[:, None, None] * V)
    counts = np.bincount(fields, minlength=V.shape[1])
    return Q / np.maximum(counts, 1)[:, None, None]


@field_sums.mistake(
    "Only the vectors for the features' own fields are summed, the rest of Q is 0. Each feature "
    "adds all its vectors: V[i, g] for every field g."
)
def own_fields_only(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    for i, f in enumerate(fields):
        Q[f, f] += x[i] * V[i, f]
    return Q


@field_sums.mistake(
    "Only the first feature is in your sums: the `return` stands inside the loop and ends it. Put "
    "it after the loop, as far left as the `for`."
)
def first_feature_only(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    Q[fields[0]] += x[0] * V[0]
    return Q


@field_sums.mistake(
    "For every g your Q[f, g] sums the vectors for the features' own field, V[i, f]. The second "
    "index is the field that a vector is for: V[i, g]."
)
def own_vectors_everywhere(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, (x[:, None] * V[np.arange(len(x)), fields])[:, None])
    return Q


@field_sums.mistake(
    "Your Q[f, g] sums the features of field g. It sums those of field f, the first index, with "
    "their vectors for g."
)
def features_of_the_second_field(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    for g in range(V.shape[1]):
        Q[:, g] = (x[:, None] * V[:, g])[fields == g].sum(axis=0)
    return Q


@field_sums.mistake(
    "Your Q[f, f] are 0. Features of one field meet as well: the vectors for the own field are "
    "summed like the others."
)
def own_fields_left_out(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, x[:, None, None] * V)
    Q[np.arange(V.shape[1]), np.arange(V.shape[1])] = 0.0
    return Q


@field_sums.refused
def one_sum_for_all(x, V, fields):
    total = (x[:, None, None] * V).sum(axis=0)
    return np.repeat(total[None], V.shape[1], axis=0)


@field_sums.refused
def values_written_into_the_vectors(x, V, fields):
    V *= x[:, None, None]
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, V)
    return Q


@field_sums.refused
def nothing_below_zero(x, V, fields):
    Q = np.zeros((V.shape[1], V.shape[1], V.shape[2]))
    np.add.at(Q, fields, np.maximum(x, 0.0)[:, None, None] * V)
    return Q


@field_sums.alternative
def sums_with_a_loop(x, V, fields):
    n, n_fields, k = V.shape
    Q = np.zeros((n_fields, n_fields, k))
    for i in range(n):
        for g in range(n_fields):
            Q[fields[i], g] += x[i] * V[i, g]
    return Q


@field_sums.alternative
def sums_with_masks(x, V, fields):
    scaled = x[:, None, None] * V
    return np.stack([scaled[fields == f].sum(axis=0) for f in range(V.shape[1])])


@field_sums.alternative
def sums_as_a_product(x, V, fields):
    members = (fields == np.arange(V.shape[1])[:, None]) * x  # (n_fields, n)
    return np.einsum("fi,igk->fgk", members, V)
