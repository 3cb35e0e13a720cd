"""The softmax inside a batch: every user against the films of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets
from scipy.special import log_softmax

from embedlab.widgets.base import CourseWidget, javascript, stylesheet

MOST = 12  # rows that have room


@dataclass(frozen=True, eq=False)
class InBatchStates:
    """A batch of n pairs, a user and a film that belongs to it in every row.

    Attributes:
        scores: (n, n) user vectors times film vectors; the pairs stand on the diagonal.
        log_q: (n,) logarithm of the share of all training pairs that have this film.
        repeats: (n, n) booleans, True where the column's film is the row's own, off the diagonal.
        user_names: n names.
        film_names: n names; a film that stands in several rows has the same one there.
    """

    scores: np.ndarray
    log_q: np.ndarray
    repeats: np.ndarray
    user_names: tuple[str, ...]
    film_names: tuple[str, ...]

    def log_posteriors(
        self, alpha: float, mask_repeats: bool = False, subtract_log_q: bool = False
    ) -> np.ndarray:
        """Return (2, n, n) logarithms of softmax(alpha scores), by rows and by columns.

        Those by rows are of a film given the user and sum to 1 in every row, as probabilities;
        those by columns are of a user given the film. A masked cell has -inf.

        Args:
            alpha: what scores are multiplied by.
            mask_repeats: whether a film that stands in another row as well is no negative there.
            subtract_log_q: whether log q of its film is subtracted from every column.
        """
        logits = alpha * self.scores - (self.log_q if subtract_log_q else 0.0)
        if mask_repeats:
            logits = np.where(self.repeats, -np.inf, logits)
        return np.stack([log_softmax(logits, axis=axis) for axis in (1, 0)])

    def losses(
        self, alpha: float, mask_repeats: bool = False, subtract_log_q: bool = False
    ) -> np.ndarray:
        """Return (2,) mean minus log posterior of the pairs, by rows and by columns."""
        found = self.log_posteriors(alpha, mask_repeats, subtract_log_q)
        return -found.diagonal(axis1=1, axis2=2).mean(axis=1)


def in_batch_states(
    user_vectors: np.ndarray,
    film_vectors: np.ndarray,
    q: np.ndarray,
    user_names: Sequence[object],
    film_names: Sequence[object],
) -> InBatchStates:
    """Multiply the vectors of a batch, and find the films that it holds more than once.

    Args:
        user_vectors: (n, d) a user per row, n at most 12.
        film_vectors: (n, d) the film of each row.
        q: (n,) each film's share of the training pairs, above 0.
        user_names: n names.
        film_names: n names. Rows with the same name hold the same film, with the same vector and
            the same share.

    Raises:
        ValueError: the shapes do not fit, there are too many rows, a number is not finite, a share
            is not positive, or one film has two vectors or two shares.
    """
    U, M = (np.asarray(each, dtype=np.float64) for each in (user_vectors, film_vectors))
    q = np.asarray(q, dtype=np.float64)
    users, films = tuple(map(str, user_names)), tuple(map(str, film_names))
    n = len(users)
    if U.ndim != 2 or len(U) != n or M.shape != U.shape or q.shape != (n,) or len(films) != n:
        raise ValueError(
            f"user_vectors has shape {U.shape}, film_vectors {M.shape}, q {q.shape}, and there are "
            f"{n} user names and {len(films)} film names: a batch has a row of each per pair."
        )
    if not 2 <= n <= MOST:
        raise ValueError(f"There are {n} rows: show 2 to {MOST}.")
    if not (np.isfinite(U).all() and np.isfinite(M).all() and np.isfinite(q).all()):
        raise ValueError("user_vectors, film_vectors and q must be finite numbers.")
    if not (q > 0).all():
        raise ValueError(f"q has {q.min():g}: a film of the batch has a share above 0.")
    same = np.array([[one == other for other in films] for one in films])
    for row, column in np.argwhere(same):
        if q[row] != q[column] or (M[row] != M[column]).any():
            raise ValueError(
                f"Rows {column} and {row} are both {films[row]!r}, but differ in their vector or "
                "their share: give different films different names."
            )
    return InBatchStates(U @ M.T, np.log(q), same & ~np.eye(n, dtype=bool), users, films)


class InBatchMatrix(CourseWidget):
    """The posteriors of a batch as a heat map, and the loss below, all computed in the browser.

    A slider for alpha; switches that mask repeated films and subtract log q; the softmax by rows,
    by columns or both. Hovering or arrow keys read a cell.

    >>> names = [f"user {n}" for n in range(8)]
    >>> InBatchMatrix(in_batch_states(U, M, q, names, titles))
    """

    _esm = javascript("in_batch")
    _css = stylesheet("in_batch")
    states = traitlets.Dict().tag(sync=True)

    def __init__(self, states: InBatchStates) -> None:
        super().__init__(
            {"scores": states.scores, "log_q": states.log_q},
            states={
                "scores": [[float(f"{s:.9g}") for s in row] for row in states.scores],
                "logQ": [float(f"{value:.9g}") for value in states.log_q],
                "repeats": states.repeats.tolist(),
                "userNames": list(states.user_names),
                "filmNames": list(states.film_names),
            },
        )
