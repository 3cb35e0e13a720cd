"""Exercise `gcn_layer`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import as_sparse, mixing_matrix, signed

gcn_layer = Exercise("gcn_layer", points=1)


@gcn_layer.cases
def _(rng):
    M = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    H = np.array([[2.0, 0.0], [0.0, 4.0], [2.0, 2.0]])
    W = np.array([[1.0, -1.0, 2.0, 0.0], [0.0, 1.0, -1.0, 3.0]])
    yield "the worked example", {"M": M, "H": H, "W": W, "relu": True}
    yield "with ReLU", _problem(rng, 4, 3, 2, relu=True)
    yield "without ReLU", _problem(rng, 5, 2, 3, relu=False)
    yield "more columns than before", _problem(rng, 4, 2, 6, relu=True)
    yield "square everything", _problem(rng, 4, 4, 4, relu=True)
    problem = _problem(rng, 7, 5, 3, relu=True)
    yield "sparse M and H", {**problem, "M": as_sparse(problem["M"]), "H": as_sparse(problem["H"])}
    problem = _problem(rng, 6, 3, 2, relu=False)
    yield "a sparse M, without ReLU", {**problem, "M": as_sparse(problem["M"])}


def _problem(rng, n_nodes, n_before, n_after, relu):
    """Return arguments whose result has entries of both signs before ReLU, in every column."""
    while True:
        M = mixing_matrix(rng, n_nodes)
        H, W = signed(rng, n_nodes, n_before), signed(rng, n_before, n_after)
        mixed = M @ H @ W
        if (mixed > 0.1).any(axis=0).all() and (mixed < -0.1).any(axis=0).all():
            return {"M": M, "H": H, "W": W, "relu": relu}


@gcn_layer.mistake(
    "Your ReLU came before the mixing. It is the last thing a layer does: multiply by M and by W, "
    "then cut off what is negative."
)
def relu_before_mixing(M, H, W, relu):
    Z = H @ W
    return M @ (np.maximum(Z, 0) if relu else Z)


@gcn_layer.mistake("The mixing is missing: this is a layer without a graph, H @ W.")
def without_mixing(M, H, W, relu):
    Z = H @ W
    return np.maximum(Z, 0) if relu else Z


@gcn_layer.mistake("You multiplied by M transposed. A node's new row is its row of M times H W.")
def transposed(M, H, W, relu):
    Z = M.T @ (H @ W)
    return np.maximum(Z, 0) if relu else Z


@gcn_layer.mistake("Your layer applies ReLU even where relu is False.")
def always_relu(M, H, W, relu):
    return np.maximum(M @ (H @ W), 0)


@gcn_layer.mistake("Where relu is True negative numbers must become 0; yours stay.")
def never_relu(M, H, W, relu):
    return M @ (H @ W)


@gcn_layer.mistake("Your layer takes the absolute value. ReLU sets what is negative to 0.")
def absolute_value(M, H, W, relu):
    Z = M @ (H @ W)
    return np.abs(Z) if relu else Z


@gcn_layer.mistake("Where relu is True yours keeps what is negative and drops the rest.")
def minimum(M, H, W, relu):
    Z = M @ (H @ W)
    return np.minimum(Z, 0) if relu else Z


@gcn_layer.mistake(
    "You squashed with a sigmoid. This layer uses ReLU: the larger of the number and 0."
)
def sigmoid(M, H, W, relu):
    Z = M @ (H @ W)
    return 1 / (1 + np.exp(-Z)) if relu else Z


@gcn_layer.mistake("You mixed twice. One layer is one step to the neighbours: M appears once.")
def mixed_twice(M, H, W, relu):
    Z = M @ (M @ (H @ W))
    return np.maximum(Z, 0) if relu else Z


@gcn_layer.mistake(
    "A cut-off came twice in yours, before the weights and after. ReLU acts on M H W only."
)
def relu_twice(M, H, W, relu):
    from scipy.sparse import issparse

    H = H.toarray() if issparse(H) else H
    Z = M @ (np.maximum(H, 0) @ W)
    return np.maximum(Z, 0) if relu else Z


@gcn_layer.refused
def capped_at_six(M, H, W, relu):
    Z = M @ (H @ W)
    return np.clip(Z, 0, 0.5) if relu else Z


@gcn_layer.alternative
def mixing_first(M, H, W, relu):
    Z = (M @ H) @ W
    return np.where(Z > 0, Z, 0.0) if relu else Z


@gcn_layer.alternative
def layer_with_loops(M, H, W, relu):
    from scipy.sparse import issparse

    M, H = (X.toarray() if issparse(X) else X for X in (M, H))
    rows = []
    for i in range(len(M)):
        mixed = sum(M[i, j] * H[j] for j in range(len(M)))
        row = [sum(mixed[f] * W[f, c] for f in range(len(W))) for c in range(W.shape[1])]
        rows.append([max(z, 0.0) if relu else z for z in row])
    return np.array(rows)


@gcn_layer.alternative
def layer_in_float32(M, H, W, relu):
    import torch
    from scipy.sparse import issparse

    M, H = (X.toarray() if issparse(X) else X for X in (M, H))
    M, H, W = (torch.as_tensor(np.array(X), dtype=torch.float32) for X in (M, H, W))
    Z = M @ H @ W
    return (torch.relu(Z) if relu else Z).numpy()
