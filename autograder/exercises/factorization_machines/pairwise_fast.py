"""Exercise `pairwise_fast`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import (
    HAND_V,
    HAND_X,
    pairs_of_sign,
    row,
    signed,
    whole,
)

pairwise_fast = Exercise("pairwise_fast", points=2)


@pairwise_fast.cases
def _(rng):
    yield "the worked example", {"x": HAND_X, "V": HAND_V}
    yield "two features have one pair", {"x": whole(rng, 2), "V": whole(rng, 2, 3)}
    zero = whole(rng, 4)
    zero[rng.integers(3)] = 0.0
    yield "a feature that is 0", {"x": zero, "V": whole(rng, 4, 2)}
    yield "a single feature has no pair", {"x": signed(rng, 2)[1:], "V": signed(rng, 1, 2)}
    for label, n, k, zeros, sign in (
        ("8 random features, 3 factors", 8, 3, [2, 7], 1),
        ("6 random features, 4 factors", 6, 4, [0], -1),
    ):
        yield label, pairs_of_sign(rng, n, k, zeros, sign)
    yield "60 random features, 5 factors", {"x": row(rng, 60, [1, 59]), "V": signed(rng, 60, 5)}


@pairwise_fast.mistake(
    "The factor 1/2 is missing: the square of the sum holds every pair twice, as (i, j) and (j, i)."
)
def not_halved(x, V):
    return float(((V.T @ x) ** 2).sum() - ((V**2).T @ x**2).sum())


@pairwise_fast.mistake(
    "The squares of the single features are still in: subtract sum_i v_if^2 x_i^2 before you halve."
)
def squares_left_in(x, V):
    return float(0.5 * ((V.T @ x) ** 2).sum())


@pairwise_fast.mistake("Only the first part is halved. The 1/2 stands before the whole bracket.")
def half_of_the_first_part(x, V):
    return float(0.5 * ((V.T @ x) ** 2).sum() - ((V**2).T @ x**2).sum())


@pairwise_fast.mistake(
    "You squared the sum over all factors together. Square the sum of each factor f by itself, "
    "then add up: different factors never meet."
)
def factors_mixed(x, V):
    return float(0.5 * ((V.T @ x).sum() ** 2 - ((V**2).T @ x**2).sum()))


@pairwise_fast.mistake(
    "In the second part x must be squared too: v_if^2 * x_i^2. (For features that are 0 or 1 the "
    "slip would not show.)"
)
def value_not_squared(x, V):
    return float(0.5 * (((V.T @ x) ** 2).sum() - ((V**2).T @ x).sum()))


@pairwise_fast.mistake(
    "Your result is always 0, as it is when both parts are squared before they are added up. In "
    "the first part add up over the features, then square."
)
def squared_before_summing(x, V):
    Z = V * x[:, None]
    return float(0.5 * ((Z**2).sum() - (V**2 * (x**2)[:, None]).sum()))


@pairwise_fast.mistake(
    "The difference is the wrong way round: all pairs, the square of the sum, minus the diagonal, "
    "the sum of the squares."
)
def difference_turned_round(x, V):
    return float(0.5 * (((V**2).T @ x**2).sum() - ((V.T @ x) ** 2).sum()))


@pairwise_fast.mistake(
    "In the second part v must be squared too: v_if^2 * x_i^2. You squared only x_i."
)
def vectors_not_squared(x, V):
    return float(0.5 * (((V.T @ x) ** 2).sum() - (V.T @ x**2).sum()))


@pairwise_fast.mistake(
    "You added up over the factors (axis 1) before squaring. The sum inside the square goes over "
    "the features, axis 0 of V * x[:, None]: one sum for each factor."
)
def summed_along_the_factors(x, V):
    Z = V * x[:, None]
    return float(0.5 * ((Z.sum(axis=1) ** 2).sum() - (Z**2).sum()))


@pairwise_fast.mistake(
    "Your function changes the caller's vectors, as `V *= ...` does: it writes into the array you "
    "were given. Make a new one, for example Z = V * x[:, None]."
)
def vectors_written_over(x, V):
    V *= x[:, None]
    return float(0.5 * ((V.sum(axis=0) ** 2).sum() - (V**2).sum()))


@pairwise_fast.alternative
def factor_by_factor(x, V):
    total = 0.0
    for f in range(V.shape[1]):
        once, squares = 0.0, 0.0
        for i in range(len(x)):
            once += V[i, f] * x[i]
            squares += (V[i, f] * x[i]) ** 2
        total += (once**2 - squares) / 2
    return total


@pairwise_fast.alternative
def fast_with_einsum(x, V):
    q = np.einsum("if,i->f", V, x)
    return (q @ q - np.einsum("if,if,i,i->", V, V, x, x)) / 2


@pairwise_fast.alternative
def fast_with_torch(x, V):
    import torch

    Z = torch.from_numpy(V) * torch.from_numpy(x)[:, None]
    return 0.5 * (Z.sum(dim=0).square() - Z.square().sum(dim=0)).sum().item()


@pairwise_fast.refused
def nothing_below_zero(x, V):
    return float(max(0.0, 0.5 * (((V.T @ x) ** 2).sum() - ((V**2).T @ x**2).sum())))


@pairwise_fast.refused
def nothing_above_zero(x, V):
    return float(min(0.0, 0.5 * (((V.T @ x) ** 2).sum() - ((V**2).T @ x**2).sum())))


@pairwise_fast.refused
def size_of_the_sum(x, V):
    return float(abs(0.5 * (((V.T @ x) ** 2).sum() - ((V**2).T @ x**2).sum())))


@pairwise_fast.refused
def features_written_over(x, V):
    once = V.T @ x
    x **= 2
    return float(0.5 * ((once**2).sum() - ((V**2).T @ x).sum()))


@pairwise_fast.refused
def squares_of_the_used_only(x, V):
    used = x == 1
    return float(0.5 * (((V.T @ x) ** 2).sum() - (V[used] ** 2).sum()))


@pairwise_fast.refused
def averaged_over_the_factors(x, V):
    return float(0.5 * (((V.T @ x) ** 2) - (V**2).T @ x**2).mean())
