"""Linear models that only count, or solve once: what every later model has to beat.

`item_knn`, `ease` and `slim` return an (n_items, n_items) table W, whose column i holds what every
film says about film i. All scores are `A @ W` for A (n_users, n_items), 1 where a user knows a
film; `fading_history` makes an A in which recent films count more.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.sparse.linalg import svds
from sklearn.linear_model import ElasticNet


def item_knn(A: csr_array | np.ndarray, n_neighbours: int) -> np.ndarray:
    """Return each film's cosine similarities to its most similar other films, 0 elsewhere.

    The similarity of films i and j is g_ij / sqrt(g_ii g_jj), with G = A.T @ A.

    Args:
        A: (n_users, n_items) of 0 and 1.
        n_neighbours: films kept in each column, from 1 to n_items; of equal ones at the border all.

    Returns:
        (n_items, n_items) with a zero diagonal. A film that nobody knows has no neighbours.

    Raises:
        ValueError: `n_neighbours` is not from 1 to n_items.
    """
    if not 1 <= n_neighbours <= A.shape[1]:
        raise ValueError(
            f"n_neighbours is {n_neighbours}: keep at least 1 film and at most all {A.shape[1]}."
        )
    gram = _gram(A)
    counts = np.maximum(gram.diagonal(), 1.0)
    cosine = gram / np.sqrt(np.outer(counts, counts))
    np.fill_diagonal(cosine, 0.0)
    smallest = np.sort(cosine, axis=0)[-n_neighbours]
    return np.where(cosine >= smallest, cosine, 0.0)


def ease(A: csr_array | np.ndarray, l2: float) -> np.ndarray:
    """Return the W with a zero diagonal that minimises |A - A W|^2 + l2 |W|^2.

    With P the inverse of A.T @ A + l2 I, W_ji = -P_ji / P_ii for j != i: SLIM without its L1
    penalty and with negative weights allowed, in closed form (H. Steck, "Embarrassingly Shallow
    Autoencoders for Sparse Data", WWW 2019, equation 8).

    Args:
        A: (n_users, n_items).
        l2: the penalty, above 0.

    Raises:
        ValueError: `l2` is not above 0.
    """
    if not l2 > 0:
        raise ValueError(f"l2 is {l2}: without a penalty above 0 the inverse need not exist.")
    gram = _gram(A)
    P = np.linalg.inv(gram + l2 * np.eye(len(gram)))
    W = -P / P.diagonal()
    np.fill_diagonal(W, 0.0)
    return W


def slim(A: csr_array | np.ndarray, l1: float, l2: float) -> np.ndarray:
    """Return SLIM's W >= 0 with a zero diagonal, fitted by scikit-learn's elastic net.

    Column i minimises |a_i - A w|^2 / 2 + l1 |w|_1 + l2 |w|^2 / 2 (X. Ning and G. Karypis, "SLIM:
    Sparse Linear Methods for Top-N Recommender Systems", ICDM 2011). Lecture 03 derives it.

    Args:
        A: (n_users, n_items).
        l1: the L1 penalty, at least 0.
        l2: the L2 penalty, above 0.

    Raises:
        ValueError: a penalty is out of range.
    """
    if not (l1 >= 0 and l2 > 0):
        raise ValueError(f"l1 is {l1} and l2 is {l2}: l1 must be at least 0 and l2 above 0.")
    films = np.array(A.toarray() if issparse(A) else A, dtype=np.float64, order="F")
    gram = films.T @ films
    others = gram.copy()  # given, or scikit-learn would compute it anew for every column
    model = ElasticNet(
        alpha=(l1 + l2) / len(films),
        l1_ratio=l1 / (l1 + l2),
        positive=True,
        fit_intercept=False,
        precompute=others,
        copy_X=False,
        max_iter=10_000,
    )
    W = np.empty_like(gram)
    for i in range(len(gram)):
        target = films[:, i].copy()
        films[:, i] = others[i] = others[:, i] = 0.0  # no film predicts itself
        W[:, i] = model.fit(films, target).coef_
        films[:, i] = target
        others[i] = others[:, i] = gram[i]
    return W


def zero_filled_svd(table: csr_array, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return factors whose product is the best table of rank k, unknown cells taken as 0.

    Args:
        table: (n_users, n_items) sparse.
        k: from 1 to min(n_users, n_items) - 1.

    Returns:
        User factors (n_users, k) and item factors (n_items, k), the same on every run.
    """
    left, strengths, right = svds(table, k=k, rng=np.random.default_rng(0))
    return left * strengths, right.T


def fading_history(histories: Sequence[np.ndarray], n_items: int, c: float) -> np.ndarray:
    """Return (n_users, n_items) weights: c to the power of how many films came after it.

    The last film of a history counts 1, the one before it c, and a film that is not in it 0. So
    c = 1 makes a set of the history, and c = 0 leaves the last film only.

    Args:
        histories: per user an array of items, oldest first, each item once; may be empty.
        n_items: number of films.
        c: from 0 to 1.

    Raises:
        ValueError: `c` is not from 0 to 1.
    """
    if not 0 <= c <= 1:
        raise ValueError(f"c is {c}: choose a number from 0 (the last film only) to 1 (a set).")
    A = np.zeros((len(histories), n_items))
    for user, history in enumerate(histories):
        A[user, history] = float(c) ** np.arange(len(history))[::-1]
    return A


def _gram(A: csr_array | np.ndarray) -> np.ndarray:
    """Return A.T @ A, (n_items, n_items)."""
    gram = A.T @ A
    return gram.toarray() if issparse(gram) else gram
