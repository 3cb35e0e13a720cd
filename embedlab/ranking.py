"""Top-k recommendation and how good it is, measured against the whole catalogue.

Ranking a few sampled negatives instead of every unseen item is faster and can reverse the order of
two models, so it is not offered here.
"""

import numpy as np
from scipy.sparse import csr_array


def top_k(scores: np.ndarray, seen: csr_array, k: int) -> np.ndarray:
    """Return each user's k best unseen items, best first.

    Equal scores are ordered by item index, the lower one first, so the result is exactly
    reproducible. (A model that gives many ties deserves a look: the order among them says nothing.)

    Args:
        scores: (n_users, n_items) finite numbers; higher is better.
        seen: (n_users, n_items) sparse; an item is excluded for a user where it is nonzero.
        k: at least 1.

    Returns:
        (n_users, k) int64 item indices. A user with fewer than k unseen items has -1 in the
        remaining places at the end of the row.

    Raises:
        ValueError: the shapes differ, a score is NaN or infinite, or `k` is below 1.
    """
    if scores.shape != seen.shape:
        raise ValueError(
            f"scores has shape {scores.shape} and seen has shape {seen.shape}: "
            "both must be (n_users, n_items)."
        )
    if not np.isfinite(scores).all():
        raise ValueError(
            "scores holds NaN or infinite numbers, which cannot be ranked: look for a division by "
            "zero, an overflow or a learning rate that is too high."
        )
    if k < 1:
        raise ValueError(f"k is {k}: recommend at least 1 item.")
    cost = -np.asarray(scores, dtype=np.float64)
    cost[seen.nonzero()] = np.inf
    n_users, n_items = cost.shape
    n_best = min(k, n_items)
    # The n_best-th lowest cost: sorting only what is not above it is many times faster than sorting
    # whole rows, and keeps every tie.
    threshold = np.partition(cost, n_best - 1, axis=1)[:, n_best - 1]
    best = np.full((n_users, k), -1)
    for user in range(n_users):
        candidates = np.flatnonzero(cost[user] <= threshold[user])
        order = np.argsort(cost[user, candidates], kind="stable")[:n_best]
        chosen = candidates[order]
        chosen = chosen[np.isfinite(cost[user, chosen])]
        best[user, : len(chosen)] = chosen
    return best


def ndcg_at_k(recommended: np.ndarray, relevant: csr_array) -> np.ndarray:
    """Return each user's NDCG@k with binary gains.

    DCG = sum over ranks r = 1..k of hit_r / log2(r + 1), where hit_r is 1 if the item at rank r is
    relevant, and NDCG = DCG / IDCG. The ideal IDCG has hits at ranks 1..min(k, n_relevant).

    Normalised discounted cumulative gain is from K. Järvelin and J. Kekäläinen, "Cumulated
    gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002. They discount rank r >= 2 by
    log2(r); the log2(r + 1) used here, as nearly everywhere since, tells ranks 1 and 2 apart.

    Args:
        recommended: (n_users, k) item indices, best first, padded with -1 as `top_k` does.
        relevant: (n_users, n_items) sparse; nonzero where the item is relevant (a test rating).

    Returns:
        (n_users,) float64 from 0 to 1; NaN for a user without relevant items.

    Raises:
        ValueError: the shapes do not fit, an index is outside the catalogue, or a user is
            recommended an item twice.
    """
    hits, n_relevant = _hits(recommended, relevant)
    k = hits.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate(([np.nan], np.cumsum(discounts)))
    return hits @ discounts / ideal[np.minimum(n_relevant, k)]


def recall_at_k(recommended: np.ndarray, relevant: csr_array) -> np.ndarray:
    """Return the fraction of each user's relevant items that is among the k recommended.

    Recall@k = hits / n_relevant. With more than k relevant items it cannot reach 1; some papers
    divide by min(k, n_relevant) instead.

    Arguments, NaN and errors are as for `ndcg_at_k`.
    """
    hits, n_relevant = _hits(recommended, relevant)
    return hits.sum(axis=1) / np.where(n_relevant > 0, n_relevant, np.nan)


def hit_rate_at_k(recommended: np.ndarray, relevant: csr_array) -> np.ndarray:
    """Return 1.0 for each user with at least one relevant item among the k recommended, else 0.0.

    With one relevant item per user (leave-last-out) this equals recall@k.

    Arguments, NaN and errors are as for `ndcg_at_k`.
    """
    hits, n_relevant = _hits(recommended, relevant)
    return np.where(n_relevant > 0, hits.any(axis=1), np.nan)


def _hits(recommended: np.ndarray, relevant: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Return (n_users, k) booleans, true at hits, and (n_users,) numbers of relevant items."""
    n_users, n_items = relevant.shape
    if recommended.ndim != 2 or len(recommended) != n_users:
        raise ValueError(
            f"recommended has shape {recommended.shape}: it must be ({n_users}, k), "
            "one row for each user of relevant."
        )
    if recommended.min() < -1 or recommended.max() >= n_items:
        raise ValueError(
            f"recommended holds indices from {recommended.min()} to {recommended.max()}: items go "
            f"from 0 to {n_items - 1}, and -1 marks an empty place."
        )
    ordered = np.sort(recommended, axis=1)
    repeated = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    if repeated.any():
        raise ValueError(
            f"recommended holds an item twice for user {repeated.argmax()}: "
            "an item counts once, so recommend k different ones."
        )
    is_relevant = np.zeros((n_users, n_items + 1), dtype=bool)  # last column: what -1 points at
    is_relevant[relevant.nonzero()] = True
    return np.take_along_axis(is_relevant, recommended, axis=1), is_relevant.sum(axis=1)


def mean_and_standard_error(per_user: np.ndarray) -> tuple[float, float]:
    """Return the mean over users and its standard error, leaving out NaN (users not evaluated).

    The standard error is the sample standard deviation (n - 1 in its denominator) over sqrt(n): the
    uncertainty from having these users rather than others. It says nothing of the random split or
    of a model's random start.

    Args:
        per_user: (n_users,) as the metrics of this module return it.

    Raises:
        ValueError: fewer than 2 users have a number.
    """
    evaluated = per_user[~np.isnan(per_user)]
    if len(evaluated) < 2:
        raise ValueError(
            f"per_user has a number for {len(evaluated)} users: a standard error needs at least 2. "
            "Does the test set hold any ratings?"
        )
    return float(evaluated.mean()), float(evaluated.std(ddof=1) / np.sqrt(len(evaluated)))
