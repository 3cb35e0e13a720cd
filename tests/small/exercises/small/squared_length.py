"""Exercise `squared_length`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

squared_length = Exercise("squared_length", points=2, needs=("centred",))


@squared_length.cases
def _(rng):
    yield "the worked example", {"x": np.array([1.0, 2.0, 6.0])}
    yield "four numbers", {"x": np.round(rng.normal(3, 2, 4), 5)}
    yield "two numbers", {"x": np.round(rng.normal(-5, 2, 2), 5)}
    yield "six numbers", {"x": np.round(rng.normal(1, 4, 6), 5)}


@squared_length.mistake("You summed the squares of x itself: centre it first.")
def not_centred(x):
    return float(x @ x)


@squared_length.mistake("This is the length: leave out the root.")
def with_the_root(x):
    return float(np.linalg.norm(x - x.mean()))


@squared_length.mistake("This is the mean of the squares: sum them.")
def the_mean_square(x):
    return float(np.mean((x - x.mean()) ** 2))


@squared_length.alternative
def from_the_variance(x):
    return float(x.var() * len(x))


@squared_length.alternative
def with_a_loop(x):
    return sum((value - x.mean()) ** 2 for value in x)
