"""Exercise `largest`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

largest = Exercise("largest", points=2)


@largest.cases
def _(rng):
    yield "the worked example", {"x": np.array([2.0, 9.0, 5.0]), "k": 2}
    for label, n, k in (("one of four", 4, 1), ("five of seven", 7, 5), ("all of five", 5, 5)):
        x = np.round(rng.normal(0, 3, n), 5)
        while np.argmax(x) == np.argmax(np.abs(x)) or np.argmax(x) == np.argmin(np.abs(x)):
            x = np.round(rng.normal(0, 3, n), 5)
        yield label, {"x": x, "k": k}


@largest.mistake("These are the smallest.")
def smallest(x, k):
    return np.argsort(x)[:k]


@largest.mistake("Largest first: yours begin with the smallest of them.")
def in_the_other_order(x, k):
    return np.argsort(x)[-k:]


@largest.mistake("You went by size without sign: -9 is small.")
def by_magnitude(x, k):
    return np.argsort(-np.abs(x))[:k]


@largest.mistake("You returned the values, not their positions.")
def values(x, k):
    return np.sort(x)[::-1][:k]


@largest.alternative
def turned_round(x, k):
    return np.argsort(x)[::-1][:k]


@largest.alternative
def with_a_loop(x, k):
    return np.array(sorted(range(len(x)), key=lambda i: -x[i])[:k])
