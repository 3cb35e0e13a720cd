"""Exercise `mixing_limits`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import random_graph, signed, weighted

mixing_limits = Exercise("mixing_limits", points=2)


@mixing_limits.cases
def _(rng):
    A = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    yield "the worked example", {"A": A, "H": np.array([[7.0, 0.0], [0.0, 7.0], [7.0, 7.0]])}
    yield "a star with a tail", {"A": random_graph(rng, 5, n_more=0), "H": signed(rng, 5, 3)}
    yield "one number per node", {"A": random_graph(rng, 6), "H": signed(rng, 6, 1)}
    yield "more numbers than nodes", {"A": random_graph(rng, 4, n_more=1), "H": signed(rng, 4, 7)}
    yield "weighted edges", {"A": weighted(rng, random_graph(rng, 7, 3)), "H": signed(rng, 7, 2)}
    A = random_graph(rng, 6)
    yield "whole numbers", {"A": A.astype(int), "H": rng.integers(1, 9, (6, 2))}
    A, H = np.zeros((8, 8)), signed(rng, 8, 2)
    A[:3, :3], A[3:, 3:] = 1 - np.eye(3), 1 - np.eye(5)
    A[2, 3] = A[3, 2] = 1e-5  # so that steps take for ever
    H[:3, 0] += 20
    H[3:, 1] -= 10
    yield "two groups that hardly know each other", {"A": A, "H": H}
    far = np.diag(np.ones(29), 1)
    H = np.arange(30.0)[:, None] + signed(rng, 30, 1)
    yield "a long path", {"A": far + far.T, "H": H}


@mixing_limits.mistake(
    "Your first limit is the plain mean of the rows. A node that many others read counts more: "
    "weigh each row by its degree, self-loop included."
)
def plain_mean(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    return np.tile(H.mean(axis=0), (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "In your second limit all nodes are equal. Under the symmetric normalization they keep "
    "different sizes: node i ends with the root of d_i times a common row."
)
def second_limit_equal(A, H):
    d = A.sum(axis=1) + 1
    limit = np.tile(d / d.sum() @ H, (len(H), 1))
    return limit, limit.copy()


@mixing_limits.mistake(
    "Your degrees lack the self-loop. Both limits belong to the graph with self-loops: d_i is the "
    "sum of row i of A plus 1."
)
def degrees_without_self_loops(A, H):
    d = A.sum(axis=1)
    u = np.sqrt(d / d.sum())
    return np.tile(d / d.sum() @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake("The two limits are exchanged: the row normalization's comes first.")
def exchanged(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    return np.outer(u, u @ H), np.tile(d / d.sum() @ H, (len(H), 1))


@mixing_limits.mistake(
    "Your first limit is one row, shape (d,). Every node ends with it: return it for each of them, "
    "shape (n, d)."
)
def one_row_only(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    return d / d.sum() @ H, np.outer(u, u @ H)


@mixing_limits.mistake(
    "In your second limit u has another length than 1: divide the roots of the degrees by the root "
    "of their squares' sum, which is the root of the sum of all degrees."
)
def length_forgotten(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d)
    return np.tile(d / d.sum() @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "In your second limit the roots sum to 1. It is their squares that do: u has length 1."
)
def roots_sum_to_one(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d) / np.sqrt(d).sum()
    return np.tile(d / d.sum() @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "In your second limit node i gets a multiple of its degree. It is the root of the degree, on "
    "both sides: in what a node ends with, and in the weights of the sum."
)
def roots_forgotten(A, H):
    d = A.sum(axis=1) + 1
    u = d / np.linalg.norm(d)
    return np.tile(d / d.sum() @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "In your second limit u is the shares themselves: take their root, so that u has length 1."
)
def shares_without_a_root(A, H):
    d = A.sum(axis=1) + 1
    u = d / d.sum()
    return np.tile(u @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "Your second limit is the plain mean for all nodes: u is constant. Node i has the root of its "
    "share."
)
def u_constant(A, H):
    d = A.sum(axis=1) + 1
    u = np.ones(len(H)) / np.sqrt(len(H))
    return np.tile(d / d.sum() @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "H holds whole numbers and your result too: np.zeros_like(H) takes over its type. Begin with "
    "floats, np.zeros(H.shape)."
)
def whole_numbers_kept(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    first, second = np.zeros_like(H), np.zeros_like(H)
    first[:], second[:] = d / d.sum() @ H, np.outer(u, u @ H)
    return first, second


@mixing_limits.mistake(
    "In your second limit a node's size is the root of its degree times the first limit. The sum "
    "over the rows has weights of its own, the roots of the degrees."
)
def root_times_first_limit(A, H):
    d = A.sum(axis=1) + 1
    first = np.tile(d / d.sum() @ H, (len(H), 1))
    return first, np.sqrt(d)[:, None] * first


@mixing_limits.mistake(
    "Yours makes steps, 100 of them. The limit is there at once: from the degrees alone."
)
def a_hundred_steps(A, H):
    A_hat = A + np.eye(len(A))
    d = A_hat.sum(axis=1)
    P, S = A_hat / d[:, None], A_hat / np.sqrt(np.outer(d, d))
    return np.linalg.matrix_power(P, 100) @ H, np.linalg.matrix_power(S, 100) @ H


@mixing_limits.mistake(
    "Yours makes steps, 1000 of them. The limit is there at once: from the degrees alone."
)
def a_thousand_steps(A, H):
    A_hat = A + np.eye(len(A))
    d = A_hat.sum(axis=1)
    P, S = A_hat / d[:, None], A_hat / np.sqrt(np.outer(d, d))
    return np.linalg.matrix_power(P, 1000) @ H, np.linalg.matrix_power(S, 1000) @ H


@mixing_limits.mistake(
    "Yours makes steps, 4096 of them. The limit is there at once: from the degrees alone."
)
def a_power_of_two(A, H):
    A_hat = A + np.eye(len(A))
    d = A_hat.sum(axis=1)
    P, S = A_hat / d[:, None], A_hat / np.sqrt(np.outer(d, d))
    return np.linalg.matrix_power(P, 4096) @ H, np.linalg.matrix_power(S, 4096) @ H


@mixing_limits.mistake(
    "Yours makes steps, 10,000 of them. The limit is there at once: from the degrees alone."
)
def ten_thousand_steps(A, H):
    A_hat = A + np.eye(len(A))
    d = A_hat.sum(axis=1)
    P, S = A_hat / d[:, None], A_hat / np.sqrt(np.outer(d, d))
    return np.linalg.matrix_power(P, 10_000) @ H, np.linalg.matrix_power(S, 10_000) @ H


@mixing_limits.mistake(
    "Your first limit is the sum of the weighted rows. Its weights are shares, degrees over the "
    "sum of all degrees."
)
def shares_forgotten(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    return np.tile(d @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.mistake(
    "You counted neighbours. Where edges have weights, a degree is the sum of the row of A + I."
)
def edges_counted(A, H):
    d = (A > 0).sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    return np.tile(d / d.sum() @ H, (len(H), 1)), np.outer(u, u @ H)


@mixing_limits.refused
def rounded(A, H):
    d = A.sum(axis=1) + 1
    u = np.sqrt(d / d.sum())
    return np.tile(d / d.sum() @ H, (len(H), 1)).round(2), np.outer(u, u @ H)


@mixing_limits.alternative
def limits_by_the_first_eigenvector(A, H):
    A_hat = A + np.eye(len(A))
    root = np.sqrt(A_hat.sum(axis=1))
    u = np.linalg.eigh(A_hat / np.outer(root, root))[1][:, -1]
    second = np.outer(u, u @ H)
    return np.outer(u / root, (u * root) @ H), second


@mixing_limits.alternative
def limits_with_loops(A, H):
    n = len(A)
    d = [1 + sum(A[i]) for i in range(n)]
    total = sum(d)
    first = sum(d[j] * H[j] for j in range(n)) / total
    roots = sum(d[j] ** 0.5 * H[j] for j in range(n)) / total
    return np.array([first] * n), np.array([d[i] ** 0.5 * roots for i in range(n)])


@mixing_limits.alternative
def limits_in_float32(A, H):
    import torch

    A, H = (torch.as_tensor(np.array(array), dtype=torch.float32) for array in (A, H))
    d = A.sum(dim=1) + 1
    u = (d / d.sum()).sqrt()
    return ((d / d.sum()) @ H).repeat(len(H), 1).numpy(), torch.outer(u, u).mm(H).numpy()


mixing_limits.harmless("degrees = A.sum(axis=0) + 1", because="A is symmetric")
