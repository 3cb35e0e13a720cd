"""What the cases of lecture 13 are drawn from.

Shapes: edges (m, 2), each once, in either order; A (n, n), A[i, j] = 1 where node i reads node j;
M (n, n), a row of weights for each node; H (n, d), a row of numbers for each node; y (n,) classes;
labelled (m,) nodes, each once, in any order.
"""

import numpy as np
from scipy.sparse import csr_array


def random_graph(rng, n_nodes, n_more=2):
    """Return a connected symmetric A of 0 and 1: a star, a tail, n_more edges between leaves."""
    A = np.zeros((n_nodes, n_nodes))
    places = rng.permutation(n_nodes)
    centre, leaves, tail = places[0], places[1 : n_nodes - 1], places[-1]
    A[centre, leaves] = A[leaves[0], tail] = 1.0
    pairs = [(i, j) for i in leaves for j in leaves if i < j and leaves[0] not in (i, j)]
    for k in rng.permutation(len(pairs))[:n_more]:
        A[pairs[k]] = 1.0
    return np.maximum(A, A.T)


def weighted(rng, A):
    """Return a symmetric A with a random positive weight on every edge."""
    weights = np.triu(rng.uniform(0.5, 4, A.shape).round(2), 1)
    return A * (weights + weights.T)


def with_isolated(A, node):
    """Return the graph with one node more, at the place `node`, that has no edges."""
    wider = np.insert(A, node, 0.0, axis=0)
    return np.insert(wider, node, 0.0, axis=1)


def edges_of(rng, A):
    """Return the edges of a symmetric A, (m, 2), in random order and random direction."""
    edges = np.argwhere(np.triu(A, 1))
    edges = edges[rng.permutation(len(edges))]
    flip = rng.random(len(edges)) < 0.5
    edges[flip] = edges[flip][:, ::-1]
    return edges


def directed_graph(rng, n_nodes):
    """Return A of 0 and 1, empty diagonal, in which somebody reads what does not read back."""
    A = (rng.random((n_nodes, n_nodes)) < 0.4).astype(float)
    np.fill_diagonal(A, 0.0)
    i, j, k = rng.permutation(n_nodes)[:3]
    A[i, [j, k]], A[j, i], A[k, [i, j]] = 1.0, 0.0, 0.0
    return A


def mixing_matrix(rng, n_nodes):
    """Return M (n, n): rows of nonnegative weights that sum to 1, neither symmetric nor sparse."""
    M = rng.uniform(0.1, 1.0, (n_nodes, n_nodes)) * (rng.random((n_nodes, n_nodes)) < 0.7)
    M += np.diag(rng.uniform(0.2, 0.6, n_nodes))
    return M / M.sum(axis=1, keepdims=True)


def signed(rng, *shape):
    """Return numbers of both signs with two digits."""
    return rng.normal(0, 2, shape).round(2)


def as_sparse(array):
    """Return the array as SciPy's csr_array."""
    return csr_array(array)
