"""SLIM's two penalties: which weights survive, and what that does to the ranking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import traitlets
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.sparse import csr_array

from embedlab.data.ratings import Ratings
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.widgets.base import CourseWidget, javascript, stylesheet

K = 10


@dataclass(frozen=True, eq=False)
class SparsityStates:
    """SLIM fitted at every pair of penalties: what the widget shows.

    Attributes:
        l1_values: (n_l1,) the grid of L1 penalties.
        l2_values: (n_l2,) the grid of L2 penalties.
        titles: n_shown titles with years, in the order of rows and columns of `pattern`.
        pattern: (n_l2, n_l1, n_shown, n_shown) uint8, a weight over `largest` times 255, rounded;
            0 only where the weight is exactly 0. Row j, column i holds w_ji: from film j to film i.
        largest: the largest weight between shown films over all states.
        density: (n_l2, n_l1) share of nonzero weights among all n_items (n_items - 1) free ones.
        per_film: (n_l2, n_l1) nonzero weights per column of the whole W, on average.
        ndcg: (n_l2, n_l1) mean NDCG@10 over users, ranking all unseen films.
        ndcg_error: (n_l2, n_l1) standard error of `ndcg`.
        popularity: NDCG@10 of recommending the films with the most training ratings.
    """

    l1_values: np.ndarray
    l2_values: np.ndarray
    titles: tuple[str, ...]
    pattern: np.ndarray
    largest: float
    density: np.ndarray
    per_film: np.ndarray
    ndcg: np.ndarray
    ndcg_error: np.ndarray
    popularity: float

    def weights(self) -> np.ndarray:
        """Return (n_l2, n_l1, n_shown, n_shown) float64: the weights as `pattern` keeps them."""
        return self.pattern * (self.largest / 255)


def best_known_films(ratings: Ratings, n_films: int) -> np.ndarray:
    """Return the (n_films,) most rated items, films with the same audience next to each other.

    The order is that of the leaves of a cluster tree (average linkage) over the cosine between
    the films' columns, so that neighbours in taste make blocks in W.
    """
    counts = np.bincount(ratings.items, minlength=ratings.n_items)
    items = np.argsort(-counts, kind="stable")[:n_films]
    columns = ratings.interactions()[:, items]
    together = (columns.T @ columns).toarray()
    cosine = together / np.sqrt(np.outer(counts[items], counts[items]))
    distances = 1 - cosine[np.triu_indices(n_films, k=1)]
    return items[leaves_list(optimal_leaf_ordering(linkage(distances, "average"), distances))]


def sparsity_states(
    train: Ratings,
    test: Ratings,
    fit: Callable[[np.ndarray, float, float], np.ndarray],
    l1_values: Sequence[float],
    l2_values: Sequence[float],
    shown_items: np.ndarray,
) -> SparsityStates:
    """Fit SLIM at every pair of penalties and keep what the widget shows.

    Args:
        train: what the model sees, as 1 for every rated film.
        test: what it should recommend.
        fit: fit(gram, l1, l2) returns W, (n_items, n_items), nonnegative, where gram = A^T A is
            (n_items, n_items) and column i of W predicts item i: scores = A @ W.
        l1_values: n_l1 penalties in increasing order.
        l2_values: n_l2 penalties in increasing order.
        shown_items: (n_shown,) items whose weights are drawn, in this order.

    Raises:
        ValueError: `fit` returned another shape, a negative weight or a number that is not finite.
    """
    interactions, relevant = train.interactions(), test.interactions()
    gram = (interactions.T @ interactions).toarray()
    grid = (len(l2_values), len(l1_values))
    shown = np.empty((*grid, len(shown_items), len(shown_items)))
    nonzeros, ndcg, ndcg_error = np.empty(grid), np.empty(grid), np.empty(grid)
    for state in np.ndindex(grid):
        weights = fit(gram, l1_values[state[1]], l2_values[state[0]])
        _refuse_wrong_weights(weights, train.n_items)
        shown[state] = weights[np.ix_(shown_items, shown_items)]
        nonzeros[state] = np.count_nonzero(weights)
        ndcg[state], ndcg_error[state] = _ranking_quality(
            interactions @ weights, interactions, relevant
        )
    popularity = np.broadcast_to(gram.diagonal(), interactions.shape)
    largest = float(shown.max())
    codes = np.rint(shown / (largest or 1) * 255)
    return SparsityStates(
        l1_values=np.asarray(l1_values, dtype=np.float64),
        l2_values=np.asarray(l2_values, dtype=np.float64),
        titles=tuple(f"{train.films.titles[i]} ({train.films.years[i]})" for i in shown_items),
        pattern=np.where(shown > 0, np.maximum(codes, 1), 0).astype(np.uint8),
        largest=largest,
        density=nonzeros / (train.n_items * (train.n_items - 1)),
        per_film=nonzeros / train.n_items,
        ndcg=ndcg,
        ndcg_error=ndcg_error,
        popularity=_ranking_quality(popularity, interactions, relevant)[0],
    )


def _refuse_wrong_weights(weights: np.ndarray, n_items: int) -> None:
    if np.shape(weights) != (n_items, n_items):
        raise ValueError(
            f"fit returned shape {np.shape(weights)}: W must be ({n_items}, {n_items})."
        )
    if not np.isfinite(weights).all() or np.min(weights) < 0:
        raise ValueError(
            f"fit returned weights from {np.min(weights)} to {np.max(weights)}: "
            "SLIM's weights are finite and not negative."
        )


def _ranking_quality(
    scores: np.ndarray, seen: csr_array, relevant: csr_array
) -> tuple[float, float]:
    return mean_and_standard_error(ndcg_at_k(top_k(scores, seen, K), relevant))


class SlimSparsity(CourseWidget):
    """Sliders for the L1 and L2 penalty beside the pattern of W and the ranking quality.

    >>> states = sparsity_states(train, test, fit_slim, l1_values, l2_values, shown_items)
    >>> SlimSparsity(states)
    """

    _esm = javascript("sparsity")
    _css = stylesheet("sparsity")
    states = traitlets.Dict().tag(sync=True)
    pattern = traitlets.Bytes().tag(sync=True)

    def __init__(self, states: SparsityStates) -> None:
        super().__init__(
            {"weights": states.weights(), "ndcg": states.ndcg},
            pattern=states.pattern.tobytes(),
            states={
                "l1": [float(f"{value:.3g}") for value in states.l1_values],
                "l2": [float(f"{value:.3g}") for value in states.l2_values],
                "titles": list(states.titles),
                "largest": round(states.largest, 6),
                "density": states.density.round(6).tolist(),
                "perFilm": states.per_film.round(3).tolist(),
                "ndcg": states.ndcg.round(5).tolist(),
                "ndcgError": states.ndcg_error.round(5).tolist(),
                "popularity": round(states.popularity, 5),
            },
        )
