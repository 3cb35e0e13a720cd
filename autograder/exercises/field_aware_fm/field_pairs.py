"""Exercise `field_pairs`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.field_aware_fm.drawing import HAND_FIELDS, fields_of

field_pairs = Exercise("field_pairs", points=1)


@field_pairs.cases
def _(rng):
    yield "the worked example", {"fields": HAND_FIELDS}
    first, second = np.sort(rng.permutation(10_000)[:2])
    yield "two features of two fields", {"fields": np.array([second, first])}
    yield "two features of one field", {"fields": np.full(2, rng.integers(10**9))}
    some = rng.permutation(10_000)[:3]
    yield "three fields, not sorted", {"fields": rng.permutation(some)}
    some = rng.permutation(10_000)[:2]
    yield "five features of two fields", {"fields": fields_of(rng, 5, some)}
    yield "a single feature has no pair", {"fields": rng.integers(10**9, size=1)}
    some = rng.permutation(10_000)[:3]
    yield "seven features of three fields", {"fields": fields_of(rng, 7, some)}


@field_pairs.mistake(
    "Each vector is the one for the feature's own field. It must be the one for the partner's: "
    "v_i for the field of j, v_j for the field of i."
)
def own_fields(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, f[i], j, f[j]) for i in range(n) for j in range(i + 1, n)]


@field_pairs.mistake(
    "Both vectors are the ones for the field of j. That of j must be the one for the field of i."
)
def field_of_the_second(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, f[j], j, f[j]) for i in range(n) for j in range(i + 1, n)]


@field_pairs.mistake(
    "Both vectors are the ones for the field of i. That of i must be the one for the field of j."
)
def field_of_the_first(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, f[i], j, f[i]) for i in range(n) for j in range(i + 1, n)]


@field_pairs.mistake(
    "Pairs within one field are missing. Two features of the same field meet as well: each shows "
    "the vector for that field."
)
def same_field_dropped(fields):
    f = fields.tolist()
    n = len(f)
    pairs = [(i, f[j], j, f[i]) for i in range(n) for j in range(i + 1, n)]
    return [pair for pair in pairs if pair[1] != pair[3]]


@field_pairs.mistake("Every pair stands there twice, as (i, j) and as (j, i). Start j at i + 1.")
def every_pair_twice(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, f[j], j, f[i]) for i in range(n) for j in range(n) if i != j]


@field_pairs.mistake("Your list pairs each feature with itself too. Start j at i + 1.")
def paired_with_itself(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, f[j], j, f[i]) for i in range(n) for j in range(i, n)]


@field_pairs.mistake(
    "The pairs are right, their order is not: asked for is i, then j, as in two loops, the outer "
    "one over i."
)
def outer_loop_over_the_second(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, f[j], j, f[i]) for j in range(n) for i in range(j)]


@field_pairs.mistake(
    "Each entry has the two features first and then the two fields. Asked for is (i, field, j, "
    "field): each feature next to the field its vector is for."
)
def features_first(fields):
    f = fields.tolist()
    n = len(f)
    return [(i, j, f[j], f[i]) for i in range(n) for j in range(i + 1, n)]


@field_pairs.mistake(
    "Your list has the pairs of the first feature only: the `return` stands inside the outer loop. "
    "Put it after the loops."
)
def returned_after_the_first_feature(fields):
    f = fields.tolist()
    return [(0, f[j], j, f[0]) for j in range(1, len(f))]


@field_pairs.mistake(
    "Each entry has the later feature first. Asked for is i < j: start j at i + 1."
)
def later_feature_first(fields):
    f = fields.tolist()
    return [(i, f[j], j, f[i]) for i in range(len(f)) for j in range(i)]


@field_pairs.mistake(
    "Each entry has the later feature first. Asked for is i < j: exchange the two halves."
)
def halves_exchanged(fields):
    f = fields.tolist()
    n = len(f)
    return [(j, f[i], i, f[j]) for i in range(n) for j in range(i + 1, n)]


@field_pairs.mistake(
    "Each entry has a field before the feature that it belongs to. Asked for is (i, field, j, "
    "field)."
)
def fields_before_features(fields):
    f = fields.tolist()
    n = len(f)
    return [(f[j], i, f[i], j) for i in range(n) for j in range(i + 1, n)]


@field_pairs.mistake(
    "Where a field should stand, the partner's number stands. The field of feature j is fields[j]."
)
def numbers_of_the_partners(fields):
    n = len(fields)
    return [(i, j, j, i) for i in range(n) for j in range(i + 1, n)]


@field_pairs.refused
def neighbours_only(fields):
    f = fields.tolist()
    return [(i, f[i + 1], i + 1, f[i]) for i in range(len(f) - 1)]


@field_pairs.refused
def a_loop_over_pairs_of_fields(fields):
    f = fields.tolist()
    n = len(f)
    pairs = [(i, f[j], j, f[i]) for i in range(n) for j in range(i + 1, n)]
    return list({pair[1::2]: pair for pair in pairs}.values())


@field_pairs.alternative
def pairs_from_itertools(fields):
    from itertools import combinations

    found = []
    for (i, f), (j, g) in combinations(enumerate(fields), 2):
        found.append((i, g, j, f))
    return found


@field_pairs.alternative
def pairs_from_triu(fields):
    i, j = np.triu_indices(len(fields), k=1)
    return list(zip(i.tolist(), fields[j].tolist(), j.tolist(), fields[i].tolist(), strict=True))


field_pairs.harmless(
    "return [(i, fields[j], j, fields[i]) for i in range(n + 1) for j in range(i + 1, n)]",
    "return [(i, fields[j], j, fields[i]) for i in range(n - 1) for j in range(i + 1, n)]",
    because="the last feature has no later one to meet",
)
field_pairs.harmless(
    "pass  # fields = fields.tolist()",
    "fields = fields",
    because="NumPy's ints are as good as Python's",
)
