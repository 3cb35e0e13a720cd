"""Exercise `mixing_step`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import (
    edges_of,
    random_graph,
    signed,
    with_isolated,
)

mixing_step = Exercise("mixing_step", points=2)


@mixing_step.cases
def _(rng):
    H = np.array([[6.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 6.0], [3.0, 3.0, 0.0]])
    yield "the worked example", {"edges": np.array([[1, 0], [1, 2]]), "H": H}
    yield "a single edge", {"edges": rng.permutation(4)[None, :2], "H": signed(rng, 4, 3)}
    star = random_graph(rng, 5, n_more=0)
    yield "a star with a tail", {"edges": edges_of(rng, star), "H": signed(rng, 5, 2)}
    A = random_graph(rng, 7)
    yield "more than three numbers per node", {"edges": edges_of(rng, A), "H": signed(rng, 7, 4)}
    A = with_isolated(random_graph(rng, 6), 0)
    yield "node 0 without edges", {"edges": edges_of(rng, A), "H": signed(rng, 7, 2)}
    A = with_isolated(random_graph(rng, 5), 5)
    yield "the last node without edges", {"edges": edges_of(rng, A), "H": signed(rng, 6, 3)}
    nothing = np.zeros((0, 2), dtype=int)
    yield "a graph without edges", {"edges": nothing, "H": signed(rng, 4, 3)}
    A = random_graph(rng, 6)
    whole = rng.integers(-9, 10, (6, 2))
    whole[A.argmax(axis=0)[0], 0] += 1
    yield "whole numbers", {"edges": edges_of(rng, A), "H": _not_divisible(rng, A, whole)}
    A = random_graph(rng, 9, n_more=4)
    yield "one number per node", {"edges": edges_of(rng, A), "H": signed(rng, 9, 1)}


def _not_divisible(rng, A, H):
    """Return whole numbers whose means are not whole."""
    counts = A.sum(axis=1) + 1
    while np.all((A @ H + H) % counts[:, None] == 0):
        H = rng.integers(-9, 10, H.shape)
    return H


@mixing_step.mistake(
    "Your nodes average their neighbours only. The self-loop belongs to it: a node's own row is "
    "one of the rows that are averaged."
)
def without_self_loops(edges, H):
    total, count = np.zeros(H.shape), np.zeros(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return total / np.maximum(count, 1)[:, None]


@mixing_step.mistake(
    "Your nodes average their neighbours only, so that a node without any is 0 divided by 0. The "
    "self-loop belongs to it: a node's own row is one of the rows that are averaged."
)
def without_self_loops_unguarded(edges, H):
    total, count = np.zeros(H.shape), np.zeros(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    with np.errstate(invalid="ignore"):
        return total / count[:, None]


@mixing_step.mistake(
    "Only nodes without edges take their own row in yours. The self-loop belongs to every node: "
    "its own row is one of the rows that are averaged."
)
def without_self_loops_but_for_lonely_nodes(edges, H):
    total, count = np.zeros(H.shape), np.zeros(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], H)


@mixing_step.mistake(
    "You added the rows up. A mixing step takes their mean: divide by the number of neighbours "
    "plus one."
)
def sum_instead_of_mean(edges, H):
    total = np.array(H, dtype=float)
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
    return total


@mixing_step.mistake(
    "Each edge carries colour in one direction only in yours, from the second node to the first. "
    "An edge [i, j] makes j a neighbour of i and i a neighbour of j."
)
def first_reads_second(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[i] += H[j]
        count[i] += 1
    return total / count[:, None]


@mixing_step.mistake(
    "Each edge carries colour in one direction only in yours, from the first node to the second. "
    "An edge [i, j] makes j a neighbour of i and i a neighbour of j."
)
def second_reads_first(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[j] += H[i]
        count[j] += 1
    return total / count[:, None]


@mixing_step.mistake(
    "A node that stands in several edges got one neighbour's row only: total[edges[:, 0]] += ... "
    "adds once per place, however often the index occurs. Loop over the edges, or use np.add.at."
)
def repeated_index_added_once(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    i, j = edges[:, 0], edges[:, 1]
    total[i] += H[j]
    total[j] += H[i]
    np.add.at(count, edges.ravel(), 1)
    return total / count[:, None]


@mixing_step.mistake(
    "Rows and counts both miss neighbours: an array indexed by edges[:, 0] is added to once per "
    "place, however often the index occurs. Loop over the edges, or use np.add.at."
)
def repeated_index_counted_once(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in ((edges[:, 0], edges[:, 1]), (edges[:, 1], edges[:, 0])):
        total[i] += H[j]
        count[i] += 1
    return total / count[:, None]


@mixing_step.mistake(
    "Later edges read rows that earlier edges have mixed already. All nodes mix at the same "
    "moment: add up the rows of H as it was given, in an array of its own."
)
def mixed_edge_after_edge(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[i] += total[j]
        total[j] += total[i]
        count[[i, j]] += 1
    return total / count[:, None]


@mixing_step.mistake(
    "You read rows that you have already changed: what you add up in is H itself. Add up in an "
    "array of its own, np.array(H, dtype=float), and read only H."
)
def h_under_another_name(edges, H):
    total, count = H, np.ones(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return total / count[:, None]


@mixing_step.mistake(
    "You read rows that you have already changed, node after node. Write into an array of its own "
    "and read only H."
)
def mixed_node_after_node(edges, H):
    new = np.array(H, dtype=float)
    for node in range(len(H)):
        near = [sum(edge) - node for edge in edges.tolist() if node in edge]
        new[node] = new[[node, *near]].mean(axis=0)
    return new


@mixing_step.mistake(
    "You read rows that you have already changed: each node's mean is written into H before the "
    "next node reads it. Write into an array of its own and read only H."
)
def mixed_node_after_node_in_place(edges, H):
    for node in range(len(H)):
        near = [sum(edge) - node for edge in edges.tolist() if node in edge]
        H[node] = H[[node, *near]].mean(axis=0)
    return H


@mixing_step.mistake(
    "You divided by the number of neighbours. The node itself is one of those averaged: the "
    "divisor is one more."
)
def own_row_not_counted(edges, H):
    total, count = np.array(H, dtype=float), np.zeros(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return total / np.maximum(count, 1)[:, None]


@mixing_step.mistake(
    "You divided every row by the same number. Each node divides by its own count, its neighbours "
    "plus one."
)
def one_divisor_for_all(edges, H):
    total = np.array(H, dtype=float)
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
    return total / len(H)


@mixing_step.mistake(
    "Yours gives half to the node itself and half to its neighbours together. The node counts like "
    "one neighbour, so that with d neighbours all d + 1 rows have the same weight."
)
def half_for_itself(edges, H):
    total, count = np.zeros(H.shape), np.zeros(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    means = total / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, (H + means) / 2, H)


@mixing_step.mistake(
    "A node without edges keeps its row. In yours it is lost: the mean of one row, its own, is "
    "that row."
)
def isolated_nodes_lost(edges, H):
    total, count = np.zeros(H.shape), np.zeros(len(H))
    for node in np.unique(edges):
        total[node], count[node] = H[node], 1
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return total / np.maximum(count, 1)[:, None]


@mixing_step.mistake(
    "The values are right where H has decimals, but your result keeps H's type: with whole numbers "
    "the decimals are lost. Make it an array of floats."
)
def type_of_h(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return (total / count[:, None]).astype(H.dtype)


@mixing_step.mistake(
    "The result is right, but the H of the caller has changed. Work on a copy, H.astype(float) or "
    "np.array(H, dtype=float)."
)
def written_into_h(edges, H):
    before, count = np.array(H, dtype=float), np.ones(len(H))
    total = before.copy()
    for i, j in edges:
        total[i] += before[j]
        total[j] += before[i]
        count[[i, j]] += 1
    H[:] = total
    return total / count[:, None]


@mixing_step.refused
def rounds_its_means(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return np.round(total / count[:, None], 2)


@mixing_step.alternative
def step_with_a_loop(edges, H):
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[i] += 1
        count[j] += 1
    return total / count[:, None]


@mixing_step.alternative
def step_with_a_matrix(edges, H):
    A = np.eye(len(H))
    A[edges[:, 0], edges[:, 1]] = A[edges[:, 1], edges[:, 0]] = 1.0
    return (A @ H) / A.sum(axis=1, keepdims=True)


@mixing_step.alternative
def step_by_neighbour_lists(edges, H):
    neighbours = {node: [node] for node in range(len(H))}
    for i, j in edges.tolist():
        neighbours[i].append(j)
        neighbours[j].append(i)
    return np.array([H[neighbours[node]].mean(axis=0) for node in range(len(H))])


@mixing_step.alternative
def step_in_float32(edges, H):
    import torch

    H = torch.as_tensor(np.array(H), dtype=torch.float32)
    edges = torch.as_tensor(np.array(edges), dtype=torch.int64)
    source, target = torch.cat([edges, edges.flip(1)]).T
    total = H.index_add(0, target, H[source])
    count = 1 + torch.bincount(target, minlength=len(H))
    return (total / count[:, None]).numpy()


mixing_step.harmless(
    "total, count = np.array(H), np.ones(len(H))",
    because="sums of whole numbers are exact, and the division makes floats",
)
