"""Exercise `tower_forward`: cases, mistakes, alternatives."""

import numpy as np
from scipy.sparse import csr_array

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import signed

tower_forward = Exercise("tower_forward", points=1, tolerance=1e-5)  # float32 passes

HAND = {
    "X": np.array([[1.0, 0.0], [0.0, 2.0]]),
    "W1": np.array([[0.5, 0.0, -1.0], [0.0, 0.25, 1.0]]),
    "b1": np.array([0.0, -0.5, 1.0]),
    "W2": np.array([[1.0], [2.0], [-1.0]]),
    "b2": np.array([0.5]),
}


@tower_forward.cases
def _(rng):
    yield "the worked example", HAND
    yield "4 texts, 5 trigrams, 3 hidden, 2 out", _drawn(rng, 4, 5, 3, 2)
    one = _drawn(rng, 1, 4, 5, 3)
    yield "one text", one
    sparse = _drawn(rng, 5, 7, 4, 3)
    sparse["X"][rng.random((5, 7)) < 0.6] = 0.0
    sparse["X"] = csr_array(sparse["X"])
    yield "X sparse, as word hashing makes it", sparse
    empty = _drawn(rng, 3, 6, 2, 4)
    empty["X"][1] = 0.0
    yield "a text of which no trigram is known: a row of zeros", empty
    large = _drawn(rng, 3, 2, 4, 5)
    large["X"] *= 40
    yield "large entries, where tanh is near 1 or -1", large


def _drawn(rng, n, n_trigrams, n_hidden, d):
    return {
        "X": signed(rng, n, n_trigrams),
        "W1": signed(rng, n_trigrams, n_hidden),
        "b1": signed(rng, n_hidden),
        "W2": signed(rng, n_hidden, d),
        "b2": signed(rng, d),
    }


@tower_forward.mistake(
    "The tanh is missing. Without it two layers are one: X W1 W2 is a single matrix product."
)
def no_tanh(X, W1, b1, W2, b2):
    return (X @ W1 + b1) @ W2 + b2


@tower_forward.mistake(
    "You applied tanh to the output as well. Only the hidden layer has it; the vector itself is "
    "linear in the hidden layer."
)
def tanh_twice(X, W1, b1, W2, b2):
    return np.tanh(np.tanh(X @ W1 + b1) @ W2 + b2)


@tower_forward.mistake(
    "You applied tanh to the output only. It belongs between the two matrix products."
)
def tanh_only_outside(X, W1, b1, W2, b2):
    return np.tanh((X @ W1 + b1) @ W2 + b2)


@tower_forward.mistake(
    "You applied tanh to X. It belongs to the hidden layer: tanh(X W1 + b1), then times W2."
)
def tanh_of_the_input(X, W1, b1, W2, b2):
    rows = X.toarray() if hasattr(X, "toarray") else X
    return (np.tanh(rows) @ W1 + b1) @ W2 + b2


@tower_forward.mistake("Yours is the result without both biases, b1 and b2.")
def no_biases(X, W1, b1, W2, b2):
    return np.tanh(X @ W1) @ W2


@tower_forward.mistake("b1 comes before tanh, not after it: tanh(X W1 + b1).")
def bias_after_tanh(X, W1, b1, W2, b2):
    return (np.tanh(X @ W1) + b1) @ W2 + b2


@tower_forward.mistake("Yours is the result without b1.")
def no_first_bias(X, W1, b1, W2, b2):
    return np.tanh(X @ W1) @ W2 + b2


@tower_forward.mistake("Yours is the result without b2.")
def no_second_bias(X, W1, b1, W2, b2):
    return np.tanh(X @ W1 + b1) @ W2


@tower_forward.mistake(
    "Your rows have length 1. The tower returns the vectors as they are; the cosine will divide by "
    "their lengths."
)
def normalised(X, W1, b1, W2, b2):
    Y = np.tanh(X @ W1 + b1) @ W2 + b2
    return Y / np.linalg.norm(Y, axis=1, keepdims=True)


@tower_forward.mistake("Your hidden layer cuts off what is negative (ReLU). Use tanh.")
def relu_tower(X, W1, b1, W2, b2):
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2


@tower_forward.mistake("Your hidden layer is the sigmoid, from 0 to 1. Use tanh, from -1 to 1.")
def sigmoid_tower(X, W1, b1, W2, b2):
    return (0.5 + 0.5 * np.tanh((X @ W1 + b1) / 2)) @ W2 + b2


@tower_forward.mistake(
    "You returned the hidden layer. One more product follows: times W2, plus b2."
)
def hidden_layer(X, W1, b1, W2, b2):
    return np.tanh(X @ W1 + b1)


@tower_forward.mistake(
    "np.dot takes a sparse X for a single number. X @ W1 is right for both kinds of X."
)
def by_np_dot(X, W1, b1, W2, b2):
    return np.dot(np.tanh(np.dot(X, W1) + b1), W2) + b2


@tower_forward.refused
def first_row_only(X, W1, b1, W2, b2):
    return np.tanh(X[[0]] @ W1 + b1) @ W2 + b2


@tower_forward.alternative
def tower_by_loops(X, W1, b1, W2, b2):
    rows = X.toarray() if hasattr(X, "toarray") else X
    out = np.empty((len(rows), W2.shape[1]))
    for n, x in enumerate(rows):
        hidden = np.tanh(W1.T @ x + b1)
        out[n] = W2.T @ hidden + b2
    return out


@tower_forward.alternative
def tower_in_single_precision(X, W1, b1, W2, b2):
    X, W1, b1 = (array.astype(np.float32) for array in (X, W1, b1))
    return np.tanh(X @ W1 + b1) @ W2 + b2


@tower_forward.alternative
def tower_with_torch(X, W1, b1, W2, b2):
    import torch

    rows = X.toarray() if hasattr(X, "toarray") else X
    X, W1, b1, W2, b2 = map(torch.from_numpy, (rows, W1, b1, W2, b2))
    return (torch.tanh(X @ W1 + b1) @ W2 + b2).numpy()
