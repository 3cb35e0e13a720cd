"""Exercise `permutation_equivariance`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.self_attention.drawing import cycle, entries, projections

permutation_equivariance = Exercise("permutation_equivariance", points=2, needs=("attention",))


@permutation_equivariance.cases
def _(rng):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    T = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    identity = {name: np.eye(2) for name in ("W_Q", "W_K", "W_V")}
    turn = {"permutation": np.array([2, 0, 1])}
    yield "the worked example", {"X": X, "positions": T, **identity, **turn}
    nowhere = {"positions": np.zeros((4, 2)), **projections(rng, 2), "permutation": cycle(rng, 4)}
    yield "no positions: the theorem", {"X": entries(rng, 4, 2), **nowhere}
    drawn = {"X": entries(rng, 5, 3), "positions": entries(rng, 5, 3), **projections(rng, 3)}
    drawn["permutation"] = cycle(rng, 5)
    yield "five films with positions", drawn
    # whichever sign the largest difference has, it has the other one here
    yield "the same with values of the other sign", {**drawn, "W_V": -drawn["W_V"]}
    drawn = {"X": entries(rng, 7, 4), "positions": entries(rng, 7, 4), **projections(rng, 4)}
    yield "seven films with positions", {**drawn, "permutation": cycle(rng, 7)}
    drawn = {"X": entries(rng, 6, 3), "positions": entries(rng, 6, 3), **projections(rng, 3)}
    yield "a permutation that moves nothing", {**drawn, "permutation": np.arange(6)}


@permutation_equivariance.mistake(
    "Your gap is always 0, as the theorem says for films without positions. Either the positions "
    "are missing, or they travel along, (X + positions)[permutation]. A place keeps its number "
    "whichever film sits on it: X[permutation] + positions."
)
def positions_travel_along(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    Y = X + positions
    return float(np.abs(f(Y[permutation]) - f(Y)[permutation]).max())


@permutation_equivariance.mistake(
    "You compared with the rows in their old order. Equivariant means that the outputs move with "
    "the inputs: compare with f(X + positions)[permutation]."
)
def outputs_not_permuted(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation] + positions) - f(X + positions)).max())


@permutation_equivariance.mistake(
    "Inputs and outputs were permuted in opposite directions: use [permutation] for both."
)
def permuted_backwards(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    back = np.argsort(permutation)
    return float(np.abs(f(X[permutation] + positions) - f(X + positions)[back]).max())


@permutation_equivariance.mistake(
    "A large negative difference is a gap too: take absolute values before the maximum."
)
def signed_gap(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float((f(X[permutation] + positions) - f(X + positions)[permutation]).max())


@permutation_equivariance.mistake(
    "You used a causal mask. Here nothing is masked: np.ones((n, n), dtype=bool)."
)
def causally_masked(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.tril(np.exp(S))
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation] + positions) - f(X + positions)[permutation]).max())


@permutation_equivariance.mistake(
    "You took the mean of the differences. One wrong row would hide among many right ones: return "
    "the largest absolute entry."
)
def mean_gap(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation] + positions) - f(X + positions)[permutation]).mean())


@permutation_equivariance.mistake(
    "You took the norm of the difference, a root of a sum over all entries: return the largest "
    "absolute entry."
)
def norm_of_the_gap(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.linalg.norm(f(X[permutation] + positions) - f(X + positions)[permutation]))


@permutation_equivariance.mistake(
    "Yours is the gap of the inverse permutation. PX is X[permutation]: row i of PX is row "
    "permutation[i] of X."
)
def inverse_permutation(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    back = np.argsort(permutation)
    return float(np.abs(f(X[back] + positions) - f(X + positions)[back]).max())


@permutation_equivariance.mistake(
    "The scores are not scaled: divide them by sqrt(d), d = W_Q.shape[1], or call your attention."
)
def gap_without_the_root(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation] + positions) - f(X + positions)[permutation]).max())


@permutation_equivariance.mistake(
    "You added the positions after the attention. They are part of its input: "
    "f(X[permutation] + positions)."
)
def positions_after_attention(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation]) + positions - (f(X) + positions)[permutation]).max())


@permutation_equivariance.mistake(
    "Positions stand on one side only of your difference. Both terms have them: "
    "f(X[permutation] + positions) and f(X + positions)[permutation]."
)
def positions_on_one_side(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation] + positions) - f(X)[permutation]).max())


@permutation_equivariance.mistake(
    "In one of your terms the positions are added behind the attention, f(X[permutation]) + "
    "positions. They are part of its input: f(X[permutation] + positions)."
)
def positions_after_one_attention(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation]) + positions - f(X + positions)[permutation]).max())


@permutation_equivariance.refused
def positions_added_in_place(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    first = f(X[permutation] + positions)
    X += positions
    return float(np.abs(first - f(X)[permutation]).max())


@permutation_equivariance.refused
def first_row_only(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return float(np.abs(f(X[permutation] + positions) - f(X + positions)[permutation])[0].max())


@permutation_equivariance.refused
def values_without_positions(X, positions, W_Q, W_K, W_V, permutation):
    def f(Y, values):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S)
        return E / E.sum(axis=1, keepdims=True) @ (values @ W_V)

    gap = f(X[permutation] + positions, X[permutation]) - f(X + positions, X)[permutation]
    return float(np.abs(gap).max())


@permutation_equivariance.alternative
def gap_with_a_matrix(X, positions, W_Q, W_K, W_V, permutation):
    P = np.eye(len(X))[permutation]

    def f(Y):
        S = (Y @ W_Q) @ (Y @ W_K).T / np.sqrt(W_Q.shape[1])
        E = np.exp(S - S.max(axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True) @ (Y @ W_V)

    return np.max(np.abs(f(P @ X + positions) - P @ f(X + positions)))


@permutation_equivariance.alternative
def gap_with_torch(X, positions, W_Q, W_K, W_V, permutation):
    import torch

    X, positions, W_Q, W_K, W_V = map(torch.from_numpy, (X, positions, W_Q, W_K, W_V))

    def f(Y):
        Q, K, V = (Y @ W_Q)[None], (Y @ W_K)[None], (Y @ W_V)[None]
        return torch.nn.functional.scaled_dot_product_attention(Q, K, V)[0]

    order = torch.from_numpy(permutation)
    return (f(X[order] + positions) - f(X + positions)[order]).abs().max().item()


permutation_equivariance.harmless(
    "everything = np.ones((len(X), len(X)))", because="a mask of ones allows what True allows"
)
permutation_equivariance.harmless(
    "gap = f(X + positions)[permutation] - f(X[permutation] + positions)",
    because="the absolute value is taken of it",
)
