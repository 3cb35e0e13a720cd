"""Exercise `centred`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

centred = Exercise("centred", points=1)


@centred.cases
def _(rng):
    yield "the worked example", {"x": np.array([1.0, 2.0, 6.0])}
    yield "two numbers", {"x": np.round(rng.normal(3, 2, 2), 5)}
    yield "five numbers", {"x": np.round(rng.normal(-2, 1, 5), 5)}
    yield "one number", {"x": np.round(rng.normal(7, 1, 1), 5)}


@centred.mistake("You returned the mean: subtract it from x.")
def the_mean(x):
    return np.full_like(x, x.mean())


@centred.mistake("You subtracted x from its mean: turn the difference round.")
def turned_round(x):
    return x.mean() - x


@centred.mistake("You subtracted the median, not the mean.")
def the_median(x):
    return x - np.sort(x)[(len(x) - 1) // 2]


@centred.alternative
def with_a_loop(x):
    return np.array([value - sum(x) / len(x) for value in x])


@centred.alternative
def in_single_precision(x):
    return (x - x.mean()).astype(np.float32)
