"""Exercise `mix_k_steps`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import as_sparse, mixing_matrix, signed

mix_k_steps = Exercise("mix_k_steps", points=1)


@mix_k_steps.cases
def _(rng):
    M = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    H = np.array([[8.0, 0.0], [0.0, 4.0], [4.0, 4.0]])
    yield "the worked example", {"M": M, "H": H, "k": 2}
    yield "one step", {"M": mixing_matrix(rng, 4), "H": signed(rng, 4, 3), "k": 1}
    yield "no step", {"M": mixing_matrix(rng, 5), "H": signed(rng, 5, 2), "k": 0}
    yield "three steps", {"M": mixing_matrix(rng, 6), "H": signed(rng, 6, 4), "k": 3}
    yield "one column", {"M": mixing_matrix(rng, 5), "H": signed(rng, 5, 1), "k": 4}
    M = mixing_matrix(rng, 4) * rng.uniform(0.8, 1.2, (4, 1))
    yield "rows that do not sum to 1", {"M": M, "H": signed(rng, 4, 4), "k": 5}
    M = as_sparse(mixing_matrix(rng, 7) * (rng.random((7, 7)) < 0.6))
    yield "a sparse M", {"M": M, "H": signed(rng, 7, 3), "k": 2}


@mix_k_steps.mistake(
    "M ** k raises every entry to the power k. k steps are k matrix products, M @ (M @ ... H)."
)
def entries_to_the_power(M, H, k):
    from scipy.sparse import issparse

    M = M.toarray() if issparse(M) else M
    return M**k @ H


@mix_k_steps.mistake(
    "np.linalg does not know sparse matrices, and a power of M is dense. Multiply H by M, k times."
)
def power_of_a_dense_matrix(M, H, k):
    return np.linalg.matrix_power(M, k) @ H


@mix_k_steps.mistake("You made one step too many: k = 0 must return the rows as they were.")
def one_step_too_many(M, H, k):
    for _ in range(k + 1):
        H = M @ H
    return H


@mix_k_steps.mistake("You made one step too few: with k = 1 the result is M @ H.")
def one_step_too_few(M, H, k):
    for _ in range(k - 1):
        H = M @ H
    return np.array(H)


@mix_k_steps.mistake("With k = 0 nothing is mixed: begin with H, not with M @ H.")
def begins_with_a_step(M, H, k):
    out = M @ H
    for _ in range(1, k):
        out = M @ out
    return out


@mix_k_steps.mistake("You made a single step, whatever k is.")
def a_single_step(M, H, k):
    return M @ H if k else np.array(H)


@mix_k_steps.mistake(
    "You multiplied by M transposed. A node's new row is its row of M times H: M @ H."
)
def transposed(M, H, k):
    for _ in range(k):
        H = M.T @ H
    return np.array(H)


@mix_k_steps.mistake(
    "You scaled a single step by k. Steps are repeated: each one mixes what the last one left."
)
def k_times_a_step(M, H, k):
    return k * (M @ H)


@mix_k_steps.mistake(
    "You added up the results of all steps. Asked for is what there is after the last one."
)
def steps_added(M, H, k):
    total = np.array(H, dtype=float)
    for _ in range(k):
        H = M @ H
        total = total + H
    return total


@mix_k_steps.mistake(
    "M is squared k times in yours, which is 2 to the power k steps. Multiply H by the same M "
    "each time."
)
def squared_each_time(M, H, k):
    for _ in range(k):
        M = M @ M
    return M @ H


@mix_k_steps.mistake(
    "Your rows are normalized again after each step. M says the weights already, whatever its rows "
    "sum to."
)
def normalized_again(M, H, k):
    sums = np.asarray(M.sum(axis=1)).reshape(-1, 1)
    for _ in range(k):
        H = (M @ H) / np.where(sums > 0, sums, 1)
    return np.array(H)


@mix_k_steps.mistake(
    "The result is right, but the H of the caller has changed: H[:] = ... writes into it. Give "
    "each step's result to a name, H = M @ H."
)
def written_into_h(M, H, k):
    for _ in range(k):
        H[:] = M @ H
    return H


@mix_k_steps.refused
def at_most_three_steps(M, H, k):
    for _ in range(min(k, 3)):
        H = M @ H
    return np.array(H)


@mix_k_steps.alternative
def power_first(M, H, k):
    from scipy.sparse import issparse

    M = M.toarray() if issparse(M) else M
    return np.linalg.matrix_power(M, k) @ H


@mix_k_steps.alternative
def node_by_node(M, H, k):
    from scipy.sparse import issparse

    M = M.toarray() if issparse(M) else M
    for _ in range(k):
        H = np.array([sum(M[i, j] * H[j] for j in range(len(M))) for i in range(len(M))])
    return np.array(H)


@mix_k_steps.alternative
def steps_in_float32(M, H, k):
    H = np.asarray(H, dtype=np.float32)
    for _ in range(k):
        H = (M.astype(np.float32)) @ H
    return H
