"""Exercise `pairwise_naive`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import (
    HAND_V,
    HAND_X,
    pairs_of_sign,
    signed,
    whole,
)

pairwise_naive = Exercise("pairwise_naive", points=1)


@pairwise_naive.cases
def _(rng):
    yield "the worked example", {"x": HAND_X, "V": HAND_V}
    yield "two features have one pair", {"x": whole(rng, 2), "V": whole(rng, 2, 3)}
    zero = whole(rng, 4)
    zero[rng.integers(3)] = 0.0
    yield "a feature that is 0", {"x": zero, "V": whole(rng, 4, 2)}
    yield "a single feature has no pair", {"x": signed(rng, 2)[1:], "V": signed(rng, 1, 2)}
    for label, n, k, zeros, sign in (
        ("7 random features, 3 factors", 7, 3, [2, 6], 1),
        ("5 random features, 1 factor", 5, 1, [0], -1),
    ):
        yield label, pairs_of_sign(rng, n, k, zeros, sign)


@pairwise_naive.mistake(
    "Every pair occurs twice in your sum, as (i, j) and as (j, i). Start j at i + 1."
)
def every_pair_twice(x, V):
    n = len(x)
    return sum(float(V[i] @ V[j]) * x[i] * x[j] for i in range(n) for j in range(n) if i != j)


@pairwise_naive.mistake(
    "Your sum contains each feature paired with itself. The pairs have i < j: start j at i + 1."
)
def paired_with_itself(x, V):
    n = len(x)
    return sum(float(V[i] @ V[j]) * x[i] * x[j] for i in range(n) for j in range(i, n))


@pairwise_naive.mistake(
    "Your sum runs over all i and all j: every pair twice, and each feature with itself. The pairs "
    "have i < j."
)
def whole_square(x, V):
    n = len(x)
    return sum(float(V[i] @ V[j]) * x[i] * x[j] for i in range(n) for j in range(n))


@pairwise_naive.mistake(
    "You summed the dot products without the features' values: each pair counts x_i * x_j times."
)
def values_left_out(x, V):
    n = len(x)
    return sum((float(V[i] @ V[j]) for i in range(n) for j in range(i + 1, n)), 0.0)


@pairwise_naive.mistake("Your product has x_i but not x_j: a pair counts x_i * x_j times.")
def one_value_only(x, V):
    n = len(x)
    return sum((float(V[i] @ V[j]) * x[i] for i in range(n) for j in range(i + 1, n)), 0.0)


@pairwise_naive.mistake(
    "Your result is the last pair's product alone: `total = ...` forgets what was there before. "
    "Add to it: `total += ...`."
)
def last_pair_only(x, V):
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total = float(V[i] @ V[j]) * x[i] * x[j]
    return float(total)


@pairwise_naive.mistake(
    "Your result is the first pair's product alone: the `return` stands inside the inner loop and "
    "ends both. Put it after the loops, as far left as the first `for`."
)
def returned_after_the_first_pair(x, V):
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total += float(V[i] @ V[j]) * x[i] * x[j]
            return total


@pairwise_naive.mistake(
    "Your result has the pairs of the first feature only: the `return` stands inside the outer "
    "loop. Put it after the loops, as far left as the first `for`."
)
def returned_after_the_first_feature(x, V):
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total += float(V[i] @ V[j]) * x[i] * x[j]
        return float(total)


@pairwise_naive.mistake("You averaged over the pairs. The model has their sum.")
def averaged(x, V):
    n = len(x)
    pairs = [float(V[i] @ V[j]) * x[i] * x[j] for i in range(n) for j in range(i + 1, n)]
    return float(np.sum(pairs) / len(pairs))


@pairwise_naive.mistake(
    "Your pairs lack the last feature: `range(a, b)` ends at b - 1 already, so j runs over "
    "range(i + 1, len(x))."
)
def last_feature_left_out(x, V):
    n = len(x)
    return sum((float(V[i] @ V[j]) * x[i] * x[j] for i in range(n) for j in range(i + 1, n - 1)), 0)


@pairwise_naive.mistake("Your product has x_j but not x_i: a pair counts x_i * x_j times.")
def second_value_only(x, V):
    n = len(x)
    return sum((float(V[i] @ V[j]) * x[j] for i in range(n) for j in range(i + 1, n)), 0.0)


@pairwise_naive.mistake(
    "Your result is always 0, as it is when `total = 0.0` stands inside the outer loop: it starts "
    "anew for every i, and the last i has no pair. Put it before the loops."
)
def total_started_anew(x, V):
    total = 0.0
    for i in range(len(x)):
        total = 0.0
        for j in range(i + 1, len(x)):
            total += float(V[i] @ V[j]) * x[i] * x[j]
    return float(total)


@pairwise_naive.mistake(
    "Your result has a number for each factor: `V[i] * V[j]` multiplies entry by entry. The dot "
    "product also adds up: V[i] @ V[j]."
)
def not_added_up(x, V):
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total = total + V[i] * V[j] * x[i] * x[j]
    return total


@pairwise_naive.mistake(
    "`float(...)` got an array, as it does after `V[i] * V[j]`, which multiplies entry by entry. "
    "The dot product, a single number, is V[i] @ V[j]."
)
def array_made_a_float(x, V):
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total += float(V[i] * V[j] * x[i] * x[j])
    return total


@pairwise_naive.alternative
def upper_triangle(x, V):
    Z = V * x[:, None]
    return float(np.triu(Z @ Z.T, k=1).sum())


@pairwise_naive.alternative
def pairs_from_itertools(x, V):
    from itertools import combinations

    total = 0.0
    for i, j in combinations(range(len(x)), 2):
        for f in range(V.shape[1]):
            total += V[i, f] * V[j, f] * x[i] * x[j]
    return total


@pairwise_naive.alternative
def pairs_with_torch(x, V):
    import torch

    x, V = torch.from_numpy(x), torch.from_numpy(V)
    pairs = torch.triu((V @ V.T) * torch.outer(x, x), diagonal=1)
    return pairs.sum().item()


@pairwise_naive.refused
def neighbours_only(x, V):
    return sum((float(V[i] @ V[i + 1]) * x[i] * x[i + 1] for i in range(len(x) - 1)), 0.0)


@pairwise_naive.refused
def first_factor_only(x, V):
    n = len(x)
    return sum((V[i, 0] * V[j, 0] * x[i] * x[j] for i in range(n) for j in range(i + 1, n)), 0.0)


@pairwise_naive.refused
def ended_at_a_zero(x, V):
    total = 0.0
    for i in range(len(x)):
        if x[i] == 0:
            break
        for j in range(i + 1, len(x)):
            total += float(V[i] @ V[j]) * x[i] * x[j]
    return float(total)


@pairwise_naive.refused
def nothing_below_zero(x, V):
    n = len(x)
    pairs = [float(V[i] @ V[j]) * x[i] * x[j] for i in range(n) for j in range(i + 1, n)]
    return float(max(0.0, sum(pairs)))


@pairwise_naive.refused
def vectors_written_over(x, V):
    V *= x[:, None]
    n = len(x)
    return float(sum(V[i] @ V[j] for i in range(n) for j in range(i + 1, n)))


pairwise_naive.harmless(
    "for i in range(len(x) + 1):",
    "for i in range(len(x) - 1):",
    because="the last feature has no later one to meet",
)
