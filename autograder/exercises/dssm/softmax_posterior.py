"""Exercise `softmax_posterior`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import cosines

# float32 passes: where exponents are large, it holds R, gamma and their product exactly
softmax_posterior = Exercise("softmax_posterior", points=2, tolerance=1e-5)


@softmax_posterior.cases
def _(rng):
    yield "the worked example", {"R": np.array([[1.0, 0.0, -1.0]]), "gamma": np.log(2)}
    yield "2 queries, 5 documents", {"R": cosines(rng, 2, 5), "gamma": _gamma(rng)}
    yield "4 queries, 3 documents", {"R": cosines(rng, 4, 3), "gamma": _gamma(rng)}
    yield "one query", {"R": cosines(rng, 1, 6), "gamma": _gamma(rng)}
    yield "one document", {"R": cosines(rng, 3, 1), "gamma": _gamma(rng)}
    yield "gamma = 0: all documents alike", {"R": cosines(rng, 2, 3), "gamma": 0.0}
    yield "gamma = 1", {"R": cosines(rng, 3, 4), "gamma": 1.0}
    ties = cosines(rng, 2, 4)
    ties[:, 1] = ties[:, 3]
    yield "two documents with the same relevance", {"R": ties, "gamma": _gamma(rng)}
    huge = rng.integers(-3800, 3800, (2, 4))
    # two close rivals at the top: even so large a gamma is not an arg max
    huge[:, :2] = rng.integers(3900, 4090, (2, 1))
    huge[0, 1], huge[1, 0] = huge[0, 1] - 2, huge[1, 0] - 1
    yield "gamma in the thousands", {"R": huge / 4096, "gamma": float(rng.integers(2000, 4000))}
    far = rng.integers(-60, 61, (3, 4)) / 64 + np.array([[0.0], [400.0], [-400.0]])
    yield (
        "dot products instead of cosines, around 0, 400 and -400",
        {"R": far, "gamma": rng.integers(12, 24) / 4},
    )


def _gamma(rng):
    return rng.integers(350, 1400) / 100


@softmax_posterior.mistake(
    "exp of a large number is infinite, and inf / inf is not a number. Subtract every row's "
    "largest gamma R before exp; it cancels in the fraction."
)
def overflows(R, gamma):
    with np.errstate(all="ignore"):
        E = np.exp(gamma * R)
        return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake(
    "You subtracted the largest relevance of the whole table. A row far below it becomes zeros, "
    "and 0/0 is not a number: subtract each row's own."
)
def largest_of_all(R, gamma):
    with np.errstate(all="ignore"):
        E = np.exp(gamma * (R - R.max()))
        return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake(
    "You subtracted the largest of every column. Within a row these differ, so they do not cancel "
    "in the fraction: subtract each row's own largest, max(axis=1, keepdims=True)."
)
def largest_of_the_column(R, gamma):
    with np.errstate(all="ignore"):
        E = np.exp(gamma * (R - R.max(axis=0)))
        return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake(
    "Your posterior is that of gamma = 1, whatever gamma is. It multiplies the relevance inside "
    "the exponential; a factor before exp cancels in the fraction."
)
def gamma_outside(R, gamma):
    E = np.exp(R - R.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake(
    "You divided by gamma. Here gamma multiplies; 1/gamma is what others call the temperature."
)
def divided_by_gamma(R, gamma):
    with np.errstate(all="ignore"):
        S = R / gamma
        E = np.exp(S - S.max(axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake(
    "Your columns sum to 1. The documents compete for one query, so every row does: axis=1."
)
def over_the_queries(R, gamma):
    E = np.exp(gamma * (R - R.max(axis=0)))
    return E / E.sum(axis=0)


@softmax_posterior.mistake(
    "Your whole table sums to 1. Every query has a posterior of its own: sum over each row."
)
def over_the_whole_table(R, gamma):
    E = np.exp(gamma * (R - R.max()))
    return E / E.sum()


@softmax_posterior.mistake(
    "You divided by one sum over the whole table. Every query has a posterior of its own: "
    "E.sum(axis=1, keepdims=True)."
)
def divided_by_one_sum(R, gamma):
    E = np.exp(gamma * (R - R.max(axis=1, keepdims=True)))
    return E / E.sum()


@softmax_posterior.mistake(
    "You cut gamma R off before exp, and all documents beyond the limit become alike. Subtract "
    "every row's largest instead: that cancels in the fraction and changes nothing."
)
def clipped(R, gamma):
    E = np.exp(np.clip(gamma * R, -700, 700))
    return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake(
    "You cut gamma R off above before exp: all documents beyond the limit become alike, and a row "
    "far below 0 still becomes 0/0. Subtract every row's largest instead."
)
def clipped_above(R, gamma):
    E = np.exp(np.minimum(gamma * R, 700))
    with np.errstate(invalid="ignore"):
        return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.mistake("You returned the logarithm of the posterior.")
def logarithm(R, gamma):
    S = gamma * (R - R.max(axis=1, keepdims=True))
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))


@softmax_posterior.mistake(
    "You divided by each row's largest number, so that it becomes 1. Divide by the row's sum."
)
def largest_is_one(R, gamma):
    return np.exp(gamma * (R - R.max(axis=1, keepdims=True)))


@softmax_posterior.mistake(
    "The most relevant documents get the least: the sign of gamma R is turned round."
)
def sign_turned(R, gamma):
    S = -gamma * R
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.refused
def hard_for_large_gamma(R, gamma):
    if gamma > 100:
        return (R.max(axis=1, keepdims=True) == R).astype(float)
    S = gamma * (R - R.max(axis=1, keepdims=True))
    E = np.exp(S)
    return E / E.sum(axis=1, keepdims=True)


@softmax_posterior.alternative
def posterior_by_differences(R, gamma):
    P = np.empty(R.shape)
    with np.errstate(over="ignore"):
        for q, row in enumerate(R):
            for d, r in enumerate(row):
                P[q, d] = 1 / np.exp(gamma * (row - r)).sum()
    return P


@softmax_posterior.alternative
def posterior_in_single_precision(R, gamma):
    exponents = np.float32(gamma) * R.astype(np.float32)
    E = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True)).astype(float)


@softmax_posterior.alternative
def posterior_with_scipy(R, gamma):
    import scipy.special

    return scipy.special.softmax(gamma * R, axis=1)


@softmax_posterior.alternative
def posterior_with_torch(R, gamma):
    import torch

    return torch.softmax(gamma * torch.from_numpy(R), dim=1).numpy()
