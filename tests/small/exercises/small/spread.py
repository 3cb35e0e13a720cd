"""Exercise `spread`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

spread = Exercise("spread", points=1, needs=("centred", "squared_length"))


@spread.cases
def _(rng):
    yield "the worked example", {"x": np.array([1.0, 3.0, 8.0])}
    yield "four numbers", {"x": np.round(rng.normal(3, 2, 4), 5)}
    yield "five numbers", {"x": np.round(rng.normal(-5, 2, 5), 5)}
    yield "six numbers", {"x": np.round(rng.normal(1, 4, 6), 5)}


@spread.mistake("You divided by n - 1: divide by n.")
def of_a_sample(x):
    return float(x.std(ddof=1))


@spread.mistake("This is the mean square: take its root.")
def without_the_root(x):
    return float(x.var())


@spread.mistake("This is the mean of the absolute values: square them, take the root at the end.")
def mean_absolute(x):
    return float(np.abs(x - x.mean()).sum() / len(x))


@spread.alternative
def numpys(x):
    return float(x.std())


@spread.alternative
def from_a_norm(x):
    return np.linalg.norm(x - x.mean()) / np.sqrt(len(x))
