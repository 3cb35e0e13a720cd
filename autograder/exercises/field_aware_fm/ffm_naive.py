"""Exercise `ffm_naive`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.field_aware_fm.drawing import (
    HAND,
    machine,
    machine_of_sign,
    whole_machine,
)

ffm_naive = Exercise("ffm_naive", points=1, tolerance=1e-5, needs=("field_pairs",))


@ffm_naive.cases
def _(rng):
    yield "the worked example", dict(HAND)
    yield "two features of two fields", whole_machine(rng, 2, 3, 2)
    yield "two features of one field", whole_machine(rng, 2, 4, 3, occupied=[1])
    yield "three features, four fields", machine(rng, 3, 2, 4, occupied=[0, 2])
    yield "a feature that is 0", whole_machine(rng, 4, 2, 3, zeros=[int(rng.integers(3))])
    yield "a single feature has no pair", machine(rng, 1, 2, 3, occupied=[2])
    yield "7 features, a field without any", whole_machine(rng, 7, 2, 4, occupied=[0, 1, 3])
    yield "6 random features, 2 factors", machine_of_sign(rng, 6, 2, 3, 1, zeros=[0])
    yield "5 random features, 1 factor", machine_of_sign(rng, 5, 1, 3, -1)


@ffm_naive.mistake(
    "You paired the vectors for each feature's own field, V[i, f_i] with V[j, f_j]. Each feature "
    "shows the one for its partner's field."
)
def own_fields(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[i]] @ V[j, fields[j]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "Both vectors of a pair are those for the field of j. That of j must be the one for the field "
    "of i: V[i, f_j] with V[j, f_i]."
)
def field_of_the_second(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[j]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "Both vectors of a pair are those for the field of i. That of i must be the one for the field "
    "of j: V[i, f_j] with V[j, f_i]."
)
def field_of_the_first(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[i]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "You summed the dot products without the features' values: each pair counts x_i * x_j times."
)
def values_left_out(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] for i, j in pairs), 0.0))


@ffm_naive.mistake("Your product has x_i but not x_j: a pair counts x_i * x_j times.")
def one_value_only(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] * x[i] for i, j in pairs), 0.0))


@ffm_naive.mistake("Your product has x_j but not x_i: a pair counts x_i * x_j times.")
def second_value_only(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake("Every pair occurs twice in your sum, as (i, j) and as (j, i).")
def every_pair_twice(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(len(x)) if i != j]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "Pairs within one field are missing. Two features of the same field meet as well, with their "
    "vectors for that field."
)
def same_field_dropped(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x)) if fields[i] != fields[j]]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "Your result is the last pair's product alone: `total = ...` forgets what was there before. "
    "Add to it: `total += ...`."
)
def last_pair_only(x, V, fields):
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total = V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j]
    return float(total)


@ffm_naive.mistake(
    "Your result is the first pair's product alone: the `return` stands inside the loop and ends "
    "it. Put it after the loop, as far left as the `for`."
)
def first_pair_only(x, V, fields):
    if len(x) < 2:
        return None
    return float(V[0, fields[1]] @ V[1, fields[0]] * x[0] * x[1])


@ffm_naive.mistake("Your sum also has each feature with itself. Pairs are i < j: start j at i + 1.")
def paired_with_itself(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i, len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "Your sum has the whole table: every pair twice, and each feature with itself. Start j at "
    "i + 1."
)
def whole_table(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "Half of the whole table still holds each feature with itself. Start j at i + 1 and halve "
    "nothing."
)
def half_of_the_table(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(len(x))]
    total = sum((V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0)
    return float(total / 2)


@ffm_naive.mistake(
    "You took the mean over the k numbers of two vectors. Their dot product is a sum: nothing is "
    "divided by k."
)
def mean_over_the_factors(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    products = ((V[i, fields[j]] * V[j, fields[i]]).mean() * x[i] * x[j] for i, j in pairs)
    return float(sum(products, 0.0))


@ffm_naive.mistake(
    "Where a field should stand, the partner's number stands: V[i, j]. The field of feature j is "
    "fields[j]: V[i, fields[j]]."
)
def numbers_of_the_partners(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, j] @ V[j, i] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.mistake(
    "The two indices of V are exchanged. First comes the feature, then the field that its vector "
    "is for: V[i, g]."
)
def indices_exchanged(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[fields[j], i] @ V[fields[i], j] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.refused
def first_factor_only(x, V, fields):
    V = V[..., 0]
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[j]] * V[j, fields[i]] * x[i] * x[j] for i, j in pairs), 0.0))


@ffm_naive.refused
def nothing_below_zero(x, V, fields):
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    products = (V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i, j in pairs)
    return float(max(0.0, sum(products, 0.0)))


@ffm_naive.refused
def values_written_into_the_vectors(x, V, fields):
    V *= x[:, None, None]
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return float(sum((V[i, fields[j]] @ V[j, fields[i]] for i, j in pairs), 0.0))


@ffm_naive.alternative
def table_of_all_pairs(x, V, fields):
    shown = V[:, fields] * x[:, None, None]  # shown[i, j]: what i shows to j
    table = np.einsum("ijk,jik->ij", shown, shown)
    return float(np.triu(table, k=1).sum())


@ffm_naive.alternative
def pairs_in_float32(x, V, fields):
    V = V.astype(np.float32) * x[:, None, None].astype(np.float32)
    return float(np.triu(np.einsum("ijk,jik->ij", V[:, fields], V[:, fields]), k=1).sum())


@ffm_naive.alternative
def pairs_with_torch(x, V, fields):
    import torch

    x, V = torch.from_numpy(x), torch.from_numpy(V)
    total = torch.zeros((), dtype=x.dtype)
    for i in range(len(x)):
        for j in range(i):
            total += torch.dot(V[i, int(fields[j])], V[j, int(fields[i])]) * x[i] * x[j]
    return total.item()
