"""Exercise `centre`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import table

centre = Exercise("centre", points=1)


@centre.cases
def _(rng):
    yield "the worked example", {"X": np.array([[1.0, 4.0, 0.0], [3.0, 8.0, 1.0]])}
    yield "4 instances, 3 features", {"X": table(rng, 4, 3) + rng.integers(1, 9, 3)}
    yield "as many instances as features", {"X": table(rng, 3, 3) + rng.integers(1, 9, 3)}
    X = rng.integers(-9, 10, (5, 2)) + np.array([0, 4])
    X[0] -= (X.sum(axis=0) - rng.integers(1, 5, 2)) % 5  # no mean is a whole number
    yield "whole numbers", {"X": X}
    X = table(rng, 4, 5)
    X[:, 2] = rng.integers(2, 9)
    yield "a feature that is always the same", {"X": X}
    yield "a single instance", {"X": table(rng, 1, 4)}


@centre.mistake(
    "You took one mean of all numbers off. Every column has a mean of its own: X.mean(axis=0)."
)
def one_mean_for_all(X):
    return X - X.mean(), np.full(X.shape[1], X.mean())


@centre.mistake(
    "Your second result is a single number, the mean of the whole table. Asked for is a mean for "
    "every column, (d,)."
)
def one_number(X):
    return X - X.mean(), X.mean()


@centre.mistake(
    "You took every row's own mean off. Rows are instances here: what is taken off is the mean of "
    "every column, the mean instance, X.mean(axis=0)."
)
def means_of_the_rows(X):
    mean = X.mean(axis=1)
    return X - mean[:, None], mean


@centre.mistake(
    "You took every row's own mean off, and kept it as a column. Rows are instances here: what is "
    "taken off is the mean of every column, X.mean(axis=0)."
)
def means_of_the_rows_as_a_column(X):
    mean = X.mean(axis=1, keepdims=True)
    return X - mean, mean


@centre.mistake(
    "You averaged along the rows, axis=1. The mean of every column, over all instances, is "
    "X.mean(axis=0)."
)
def the_other_axis(X):
    mean = X.mean(axis=1)
    return X - mean, mean


@centre.mistake("The two results are exchanged: first the centred table, then the means.")
def results_exchanged(X):
    mean = X.mean(axis=0)
    return mean, X - mean


@centre.mistake("Only the centred table came back. Return the means as well: they lead back to X.")
def table_alone(X):
    return X - X.mean(axis=0)


@centre.mistake("You added the means. Take them off, so that every column has the mean 0.")
def means_added(X):
    mean = X.mean(axis=0)
    return X + mean, mean


@centre.mistake(
    "You took the sums of the columns off. Divide them by the number of rows: X.mean(axis=0)."
)
def sums_taken_off(X):
    total = X.sum(axis=0)
    return X - total, total


@centre.mistake(
    "Your means are sums divided by n - 1. That n - 1 belongs to the variance; a mean divides by n."
)
def one_less(X):
    mean = X.sum(axis=0) / max(len(X) - 1, 1)
    return X - mean, mean


@centre.mistake(
    "You also divided every column by its standard deviation. Centring only takes the mean off."
)
def standardised(X):
    mean, spread = X.mean(axis=0), X.std(axis=0)
    return (X - mean) / np.where(spread > 0, spread, 1), mean


@centre.mistake(
    "The means should have the shape (d,), without an axis of length 1: leave keepdims out."
)
def means_as_a_row(X):
    mean = X.mean(axis=0, keepdims=True)
    return X - mean, mean


@centre.mistake("You took the medians of the columns off. Asked for are their means.")
def medians(X):
    middle = np.median(X, axis=0)
    return X - middle, middle


@centre.mistake(
    "The numbers are right where X holds floats, but your function writes into its caller's X, as "
    "X -= mean does. X - mean makes a new table."
)
def written_into_the_table(X):
    mean = X.mean(axis=0)
    X -= mean
    return X, mean


@centre.mistake(
    "Your means are those of the centred table, all 0: X -= mean changed X before they were taken. "
    "Keep the means of X, and leave X as it is."
)
def means_after_centring(X):
    X -= X.mean(axis=0)
    return X, X.mean(axis=0)


@centre.mistake(
    "Your means are those of the centred table, all 0. Asked for are the means that you took off."
)
def means_of_the_centred(X):
    centred = X - X.mean(axis=0)
    return centred, centred.mean(axis=0)


@centre.mistake(
    "Where X holds whole numbers so do your results, and the decimals are lost: "
    "np.zeros_like(X) and astype(X.dtype) take over its type. Make them floats."
)
def type_of_the_table(X):
    mean = X.mean(axis=0)
    return (X - mean).astype(X.dtype), mean.astype(X.dtype)


@centre.mistake(
    "Your centred table holds whole numbers where X does: a copy of X keeps its type and cuts the "
    "fractions off. X - mean makes a float table."
)
def written_into_a_copy(X):
    mean, centred = X.mean(axis=0), X.copy()
    for j in range(X.shape[1]):
        centred[:, j] = centred[:, j] - mean[j]
    return centred, mean


@centre.refused
def first_row_taken_off(X):
    return X - X[0], X[0].astype(float)


@centre.alternative
def centre_with_loops(X):
    n, d = X.shape
    centred, means = np.zeros((n, d)), np.zeros(d)
    for j in range(d):
        means[j] = sum(X[i, j] for i in range(n)) / n
        for i in range(n):
            centred[i, j] = X[i, j] - means[j]
    return centred, means


@centre.alternative
def centre_with_a_projection(X):
    n = len(X)
    return (np.eye(n) - np.full((n, n), 1 / n)) @ X, np.ones(n) @ X / n


@centre.alternative
def centre_with_torch(X):
    import torch

    X = torch.as_tensor(X).to(torch.float32)
    mean = X.mean(dim=0)
    return (X - mean).numpy(), mean.numpy()
