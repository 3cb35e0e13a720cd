"""Exercise `pairwise_fast`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import HAND_V, HAND_X, row, signed

pairwise_fast = Exercise("pairwise_fast", points=2)


@pairwise_fast.cases
def _(rng):
    yield "the worked example", {"x": HAND_X, "V": HAND_V}
    yield "a feature that is 0", {"x": np.array([1.0, 0.0, 2.0]), "V": HAND_V}
    yield "a single feature has no pair", {"x": np.array([2.0]), "V": np.array([[3.0, -1.0]])}
    yield "8 random features, 3 factors", {"x": row(rng, 8), "V": signed(rng, 8, 3)}
    yield "60 random features, 4 factors", {"x": row(rng, 60), "V": signed(rng, 60, 4)}


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
    "You summed over the factors before squaring. Square the sum of each factor f by itself, then "
    "add up: different factors never meet."
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
    "You squared before you summed, so both parts are the same and the result is 0: first add up "
    "over the features, then square."
)
def squared_before_summing(x, V):
    Z = V * x[:, None]
    return float(0.5 * ((Z**2).sum() - (V**2 * (x**2)[:, None]).sum()))


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
