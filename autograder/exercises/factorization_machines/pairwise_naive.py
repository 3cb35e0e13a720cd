"""Exercise `pairwise_naive`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import HAND_V, HAND_X, row, signed

pairwise_naive = Exercise("pairwise_naive", points=1)


@pairwise_naive.cases
def _(rng):
    yield "the worked example", {"x": HAND_X, "V": HAND_V}
    yield "a feature that is 0", {"x": np.array([1.0, 0.0, 2.0]), "V": HAND_V}
    yield "a single feature has no pair", {"x": np.array([2.0]), "V": np.array([[3.0, -1.0]])}
    yield "7 random features, 3 factors", {"x": row(rng, 7), "V": signed(rng, 7, 3)}
    yield "5 random features, 1 factor", {"x": row(rng, 5), "V": signed(rng, 5, 1)}


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


@pairwise_naive.mistake("Only one of the two values is in your product: it is x_i * x_j.")
def one_value_only(x, V):
    n = len(x)
    return sum((float(V[i] @ V[j]) * x[i] for i in range(n) for j in range(i + 1, n)), 0.0)


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
