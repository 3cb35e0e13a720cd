"""Exercise `ffm_on_rows`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import signed, whole

ffm_on_rows = Exercise("ffm_on_rows", points=2)


@ffm_on_rows.cases
def _(rng):
    V = np.array([[[1.0], [2.0]], [[3.0], [4.0]], [[5.0], [6.0]], [[7.0], [8.0]]])
    yield "the worked example", {"features": np.array([[0, 2], [1, 3]]), "V": V}
    yield "a single row, three fields", _rows(rng, 1, [2, 3, 2], 4, whole)
    yield "five rows, two fields", _rows(rng, 5, [4, 3], 2, whole)
    drawn = _rows(rng, 3, [3, 2, 4, 1], 2, whole)
    drawn["features"][2] = drawn["features"][0]
    yield "a row that occurs twice", drawn
    yield "a single field has no pair", _rows(rng, 4, [5], 3, whole)
    yield "as many rows as fields", _rows(rng, 3, [2, 4, 5], 2, signed)
    yield "7 random rows, 5 fields", _rows(rng, 7, [3, 2, 4, 2, 6], 3, signed)


def _rows(rng, m, field_sizes, k, draw):
    offsets = np.cumsum([0, *field_sizes[:-1]])
    features = offsets + rng.integers(field_sizes, size=(m, len(field_sizes)))
    return {"features": features, "V": draw(rng, sum(field_sizes), len(field_sizes), k)}


@ffm_on_rows.mistake(
    "You paired the vectors for each feature's own field. Each feature shows the one for its "
    "partner's field: V[., g] of the feature in field f with V[., f] of the one in field g."
)
def own_fields(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], f] * V[features[:, g], g]).sum(axis=1)
    return total


@ffm_on_rows.mistake(
    "Both vectors of a pair are those for the second field, g. That of the feature in field g must "
    "be the one for field f."
)
def field_of_the_second(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], g] * V[features[:, g], g]).sum(axis=1)
    return total


@ffm_on_rows.mistake("Every pair occurs twice in your sum: start g at f + 1.")
def every_pair_twice(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(F):
            if f != g:
                total += (V[features[:, f], g] * V[features[:, g], f]).sum(axis=1)
    return total


@ffm_on_rows.mistake(
    "Your sum also pairs each feature with itself, by its vector for its own field. Start g at "
    "f + 1."
)
def paired_with_itself(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f, F):
            total += (V[features[:, f], g] * V[features[:, g], f]).sum(axis=1)
    return total


@ffm_on_rows.mistake(
    "Your sum has the whole square of fields: every pair twice, and each feature with itself. "
    "Start g at f + 1, or take the diagonal away and halve."
)
def whole_square(features, V):
    E = V[features]
    return np.einsum("rfgk,rgfk->r", E, E)


@ffm_on_rows.mistake(
    "Half of the whole square of fields still holds each feature with itself. Take these meetings "
    "away before you halve."
)
def diagonal_left_in(features, V):
    E = V[features]
    return 0.5 * np.einsum("rfgk,rgfk->r", E, E)


@ffm_on_rows.mistake(
    "You paired V[., g] of the feature in field f with itself. It meets the feature in field g, "
    "with its vector for f: exchange the two field axes."
)
def not_mirrored(features, V):
    E = V[features]
    table = np.einsum("rfgk,rfgk->rfg", E, E)
    return np.triu(table, k=1).sum(axis=(1, 2))


@ffm_on_rows.mistake(
    "You added up over all rows as well. Each row has a sum of its own: the shape is (m,)."
)
def summed_over_the_rows(features, V):
    F = features.shape[1]
    total = 0.0
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], g] * V[features[:, g], f]).sum()
    return total


@ffm_on_rows.mistake(
    "Every row has the sum of all rows in your result. `.sum()` adds up everything: add up over "
    "the factors only, .sum(axis=1)."
)
def everything_added_to_each_row(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], g] * V[features[:, g], f]).sum()
    return total


@ffm_on_rows.mistake(
    "Your result has a number for each factor: add up over the factors too, .sum(axis=1)."
)
def not_added_up(features, V):
    m, F = features.shape
    total = np.zeros((m, V.shape[2]))
    for f in range(F):
        for g in range(f + 1, F):
            total += V[features[:, f], g] * V[features[:, g], f]
    return total


@ffm_on_rows.mistake(
    "Both vectors of a pair are those for the first field, f. That of the feature in field f must "
    "be the one for field g."
)
def field_of_the_first(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], f] * V[features[:, g], f]).sum(axis=1)
    return total


@ffm_on_rows.mistake(
    "Your result is that of the last pair of fields alone: `total = ...` forgets what was there "
    "before. Add to it: `total += ...`."
)
def last_pair_only(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total = (V[features[:, f], g] * V[features[:, g], f]).sum(axis=1)
    return total


@ffm_on_rows.mistake(
    "Only the pairs of the first field are in your sum: the `return` stands inside the outer loop. "
    "Put it after the loops."
)
def returned_after_the_first_field(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for g in range(1, F):
        total += (V[features[:, 0], g] * V[features[:, g], 0]).sum(axis=1)
    return total


@ffm_on_rows.mistake(
    "Your .sum(axis=0) adds up over the rows and leaves the factors. Each row has a sum over its "
    "factors: .sum(axis=1)."
)
def summed_over_the_wrong_axis(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], g] * V[features[:, g], f]).sum(axis=0)
    return total


@ffm_on_rows.mistake(
    "You took the mean over the k numbers of two vectors. Their dot product is a sum: .sum(axis=1)."
)
def mean_over_the_factors(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += (V[features[:, f], g] * V[features[:, g], f]).mean(axis=1)
    return total


@ffm_on_rows.mistake(
    "Your V[f, g] is a vector of feature number f. What row r has in field f is the feature "
    "features[r, f]: V[features[:, f], g]."
)
def fields_taken_for_features(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F):
        for g in range(f + 1, F):
            total += V[f, g] @ V[g, f]
    return total


@ffm_on_rows.mistake(
    "`@` multiplies each row's vectors with those of every row, (m, m). Asked for is a dot product "
    "within each row: multiply number by number and add up, (one * other).sum(axis=1)."
)
def every_row_with_every_row(features, V):
    m, F = features.shape
    total = np.zeros((m, m))
    for f in range(F):
        for g in range(f + 1, F):
            total += V[features[:, f], g] @ V[features[:, g], f].T
    return total


@ffm_on_rows.mistake(
    "In your sum two features meet with their vectors for one field h, for every h in turn, as if "
    "each h were a factorization machine of its own. They meet once: that of f with its vector for "
    "g, that of g with its vector for f."
)
def a_machine_for_each_field(features, V):
    E = V[features]
    return 0.5 * ((E.sum(axis=1) ** 2).sum(axis=(1, 2)) - (E**2).sum(axis=(1, 2, 3)))


@ffm_on_rows.mistake(
    "Only neighbouring fields meet in your sum, f and f + 1. Every field meets all later ones: two "
    "loops, g from f + 1 on."
)
def neighbouring_fields_only(features, V):
    m, F = features.shape
    total = np.zeros(m)
    for f in range(F - 1):
        total += (V[features[:, f], f + 1] * V[features[:, f + 1], f]).sum(axis=1)
    return total


@ffm_on_rows.refused
def first_factor_only(features, V):
    E = V[features][..., 0]
    return np.triu(E * E.transpose(0, 2, 1), k=1).sum(axis=(1, 2))


@ffm_on_rows.refused
def nothing_below_zero(features, V):
    E = V[features]
    table = np.einsum("rfgk,rgfk->rfg", E, E)
    return np.maximum(np.triu(table, k=1).sum(axis=(1, 2)), 0.0)


@ffm_on_rows.alternative
def all_vectors_at_once(features, V):
    E = V[features]  # (m, F, F, k)
    table = (E * E.transpose(0, 2, 1, 3)).sum(axis=3)
    return 0.5 * (table.sum(axis=(1, 2)) - np.trace(table, axis1=1, axis2=2))


@ffm_on_rows.alternative
def row_by_row(features, V):
    totals = []
    for row in features:
        pairs = [V[i, g] @ V[j, f] for f, i in enumerate(row) for g, j in enumerate(row) if f < g]
        totals.append(float(np.sum(pairs)))
    return np.array(totals)


@ffm_on_rows.alternative
def rows_with_torch(features, V):
    import torch

    E = torch.from_numpy(V.astype(np.float32))[torch.from_numpy(features)]
    table = torch.einsum("rfgk,rgfk->rfg", E, E)
    return torch.triu(table, diagonal=1).sum(dim=(1, 2)).numpy()


ffm_on_rows.harmless(
    "for f in range(n_fields + 1):",
    "for f in range(n_fields - 1):",
    because="the last field has no later one to meet",
)
