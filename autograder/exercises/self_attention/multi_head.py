"""Exercise `multi_head`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.self_attention.drawing import (
    entries,
    left_padded,
    projections,
    random_mask,
)

multi_head = Exercise("multi_head", points=3, needs=("attention",))


@multi_head.cases
def _(rng):
    worked = {"X": np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 1.0, 0.0, 2.0]])}
    worked |= {name: np.eye(4) for name in ("W_Q", "W_K", "W_V")}
    worked |= {"W_O": np.roll(np.eye(4), 1, axis=1), "n_heads": 2}
    yield "the worked example", {**worked, "mask": np.array([[True, False], [True, False]])}
    everything = np.ones((3, 3), dtype=bool)
    yield "3 places, everything may be read", {**_layer(rng, 3, 4, n_heads=2), "mask": everything}
    yield "one head", {**_layer(rng, 5, 6, n_heads=1), "mask": left_padded(5, 0)}
    yield "5 places, 6 features, 3 heads", {**_layer(rng, 5, 6, 3), "mask": left_padded(5, 1)}
    yield "3 places, 8 features, 2 heads", {**_layer(rng, 3, 8, 2), "mask": left_padded(3, 0)}
    yield "as many heads as features", {**_layer(rng, 5, 3, 3), "mask": left_padded(5, 2)}
    mask = random_mask(rng, 7, 7)
    mask[[2, 6]] = False
    yield "two places that may read nothing", {**_layer(rng, 7, 6, 2), "mask": mask}


def _layer(rng, n, d, n_heads):
    X, W_O = entries(rng, n, d), entries(rng, d, d)
    return {"X": X, **projections(rng, d), "W_O": W_O, "n_heads": n_heads}


@multi_head.mistake(
    "Your heads are mixed up: reshape(n_heads, n, -1) cuts the array along its *rows*, so a head "
    "gets whole films instead of some features of every film. Take columns, or reshape to "
    "(n, n_heads, -1) and then transpose."
)
def reshaped_without_transpose(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n_heads, n, -1) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake(
    "Your heads are mixed up twice: reshape(n_heads, n, -1) gives a head whole films instead of "
    "some features of every film, and reshaping back hides it. Take columns of X @ W instead."
)
def reshaped_there_and_back(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n_heads, n, -1) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.reshape(n, d) @ W_O


@multi_head.mistake(
    "The heads were put together the wrong way: (n_heads, n, d / n_heads) has to be transposed to "
    "(n, n_heads, d / n_heads) before it is reshaped to (n, d)."
)
def joined_without_transpose(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.reshape(n, d) @ W_O


@multi_head.mistake(
    "Head i takes *neighbouring* columns, i * width to (i + 1) * width. Yours takes every "
    "n_heads-th column."
)
def every_other_column(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, -1, n_heads).transpose(2, 0, 1) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake(
    "You gave each head some features of X. Every head reads all of X: multiply X by the whole "
    "matrices first, then take the head's columns of X @ W_Q, X @ W_K and X @ W_V."
)
def features_cut_before_projecting(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    width = X.shape[1] // n_heads
    heads = []
    for first in range(0, X.shape[1], width):
        part = slice(first, first + width)
        Q, K, V = (X[:, part] @ W[part, part] for W in (W_Q, W_K, W_V))
        E = np.exp(Q @ K.T / np.sqrt(width)) * mask
        heads.append(E / np.maximum(E.sum(axis=1, keepdims=True), 1e-300) @ V)
    return np.concatenate(heads, axis=1) @ W_O


@multi_head.mistake(
    "The scores of a head are sums over d / n_heads features, so divide them by the square root "
    "of that, not of d."
)
def scaled_by_the_whole_dimension(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake("The last projection is missing: multiply the joined heads by W_O.")
def without_output_projection(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d)


@multi_head.mistake(
    "You multiplied by transposed matrices. A row of X is a film, so its query is the row X @ W_Q. "
    "(torch.nn.Linear stores its weight the other way round.)"
)
def transposed_projections(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W.T).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O.T


@multi_head.mistake(
    "You multiplied the joined heads by the transpose of W_O: rows times matrix, heads @ W_O."
)
def transposed_output_projection(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O.T


@multi_head.mistake(
    "All heads are one in yours: each head has scores and a softmax of its own, from its own "
    "columns."
)
def one_head_only(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    E = np.exp((X @ W_Q) @ (X @ W_K).T / np.sqrt(X.shape[1])) * mask
    return E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ (X @ W_V) @ W_O


@multi_head.mistake("The mask is not used: pass it on to every head.")
def heads_without_mask(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads))
    Z = E / E.sum(axis=-1, keepdims=True) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake("Your keys come from W_Q: they are X @ W_K.")
def keys_from_the_queries(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_Q, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake("Your values come from W_K: they are X @ W_V.")
def values_from_the_keys(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_K))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake(
    "You added X to the result. That residual connection comes in the model later on; here only "
    "MH(X) is asked for."
)
def residual_added(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return X + Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake(
    "A place that may read nothing gives NaN: its exponentials sum to 0. Your attention returns "
    "zeros for such a row; call it for every head."
)
def empty_places_are_nan(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / E.sum(axis=-1, keepdims=True) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.mistake(
    "You took the mean of the heads' answers. They are put side by side, np.concatenate(..., "
    "axis=1), so that every head keeps its own columns."
)
def heads_averaged(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return np.tile(Z.mean(axis=0), n_heads) @ W_O


@multi_head.mistake(
    "The heads were put below each other, not side by side. Each is (n, d / n_heads), and together "
    "they have to be (n, d) again: np.concatenate(heads, axis=1)."
)
def heads_joined_on_axis_0(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return np.concatenate(Z, axis=0) @ W_O


@multi_head.refused
def not_scaled_at_all(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.refused
def two_heads_at_most(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    n_heads = min(n_heads, 2) if d % 2 == 0 else n_heads
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * mask
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.refused
def always_causal(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = ((X @ W).reshape(n, n_heads, -1).transpose(1, 0, 2) for W in (W_Q, W_K, W_V))
    E = np.exp(Q @ K.transpose(0, 2, 1) / np.sqrt(d / n_heads)) * np.tril(mask)
    Z = E / np.maximum(E.sum(axis=-1, keepdims=True), 1e-300) @ V
    return Z.transpose(1, 0, 2).reshape(n, d) @ W_O


@multi_head.alternative
def heads_with_a_loop(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    width = d // n_heads
    result = np.zeros((n, d))
    for i in range(n_heads):
        part = slice(i * width, (i + 1) * width)
        S = (X @ W_Q[:, part]) @ (X @ W_K[:, part]).T / width**0.5
        E = np.where(mask, np.exp(S), 0.0)
        weights = np.divide(E, E.sum(axis=1, keepdims=True), out=np.zeros_like(E), where=E > 0)
        result += weights @ (X @ W_V[:, part]) @ W_O[part]  # a sum, by blocks of W_O
    return result


@multi_head.alternative
def heads_with_einsum(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    n, d = X.shape
    Q, K, V = (np.reshape(X @ W, (n, n_heads, -1)) for W in (W_Q, W_K, W_V))
    E = np.exp(np.einsum("thf,jhf->htj", Q, K) / np.sqrt(d // n_heads)) * mask
    total = E.sum(axis=-1, keepdims=True)
    Z = np.einsum("htj,jhf->thf", E / np.where(total == 0, 1.0, total), V)
    return Z.reshape(n, d) @ W_O


@multi_head.alternative
def heads_with_torch(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    import torch

    d = X.shape[1]
    layer = torch.nn.MultiheadAttention(d, n_heads, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.from_numpy(np.concatenate((W_Q, W_K, W_V), axis=1).T))
        layer.out_proj.weight[:] = torch.from_numpy(W_O).T
        rows = torch.from_numpy(X)
        result = layer(rows, rows, rows, attn_mask=torch.from_numpy(~mask))[0].numpy()
    return np.where(mask.any(axis=1)[:, None], result, 0.0)


multi_head.harmless(
    "parts = [slice(i * width, (i + 1) * width) for i in range(n_heads + 1)]",
    because="a head without columns adds nothing",
)
