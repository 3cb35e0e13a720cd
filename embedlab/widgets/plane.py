"""An anchor, a positive and a negative in the plane, and how a pairwise loss moves them."""

from collections.abc import Sequence

import numpy as np
import traitlets
from scipy.special import expit

from embedlab.widgets.base import CourseWidget, javascript, stylesheet

LOSSES = ("pairwise", "triplet", "triplet on distances", "contrastive")
ON_SCORES = LOSSES[:2]  # these read dot products, the others distances
POINTS = ((1.0, 0.4), (-0.5, 1.2), (1.2, -0.8))


def plane_loss(loss: str, points: np.ndarray, margin: float) -> tuple[float, np.ndarray]:
    """Return one of LOSSES and its gradient, as the widget computes them.

    With a, p, n for anchor, positive and negative, R for the dot product, d for the Euclidean
    distance (not squared), and m for the margin:

    - pairwise: log(1 + exp(-(R(a, p) - R(a, n)))), which has no margin (S. Rendle et al., "BPR:
      Bayesian Personalized Ranking from Implicit Feedback", UAI 2009);
    - triplet: max(0, m - R(a, p) + R(a, n));
    - triplet on distances: max(0, m + d(a, p) - d(a, n));
    - contrastive: d(a, p)^2 / 2 + max(0, m - d(a, n))^2 / 2, for the similar and the dissimilar
      pair (R. Hadsell, S. Chopra and Y. LeCun, "Dimensionality Reduction by Learning an Invariant
      Mapping", CVPR 2006).

    Where a loss has a corner, its gradient here is that of the side on which it is 0: exactly at
    the margin nothing moves, and a distance of 0 has the gradient 0.

    Args:
        loss: one of LOSSES.
        points: (3, 2), the anchor, the positive, the negative.
        margin: m.

    Returns:
        The loss and its (3, 2) gradient, a row per point.

    Raises:
        ValueError: there is no such loss, or `points` is not (3, 2).
    """
    points = np.asarray(points, dtype=np.float64)
    if loss not in LOSSES:
        raise ValueError(f"There is no loss {loss!r}; there are {', '.join(LOSSES)}.")
    if points.shape != (3, 2):
        raise ValueError(f"points has shape {points.shape}: anchor, positive and negative, (3, 2).")
    anchor, *others = points
    readings, directions = np.zeros(2), np.zeros((2, 3, 2))  # of the two pairs, by each point
    for pair, other in enumerate(others):
        if loss in ON_SCORES:
            readings[pair] = anchor @ other
            directions[pair, 0], directions[pair, 1 + pair] = other, anchor
        else:
            readings[pair] = np.hypot(*(anchor - other))
            away = (anchor - other) / (readings[pair] or 1.0)
            directions[pair, 0], directions[pair, 1 + pair] = away, -away
    value, slopes = _of_readings(loss, *readings, margin)
    return value, np.tensordot(slopes, directions, axes=1)


def _of_readings(
    loss: str, positive: float, negative: float, margin: float
) -> tuple[float, tuple[float, float]]:
    """Return the loss and its derivatives by the two scores or distances."""
    if loss == "pairwise":
        ahead = positive - negative
        force = float(expit(-ahead))
        return float(np.logaddexp(0.0, -ahead)), (-force, force)
    if loss == "contrastive":
        missing = max(0.0, margin - negative)
        return (positive**2 + missing**2) / 2, (positive, -missing)
    sign = -1.0 if loss in ON_SCORES else 1.0  # scores shall be high, distances low
    short = margin + sign * (positive - negative)
    return (short, (sign, -sign)) if short > 0 else (0.0, (0.0, 0.0))


class LossPlane(CourseWidget):
    """Three points to drag, a margin, a switch between losses, and an arrow for every force.

    The browser computes the loss and its gradient, as `plane_loss` does, while a point is dragged
    or moved with the arrow keys, and takes steps of gradient descent.

    >>> LossPlane()
    >>> LossPlane(names=("user", "film liked", "another film"), loss="triplet")

    Args:
        points: (3, 2) where anchor, positive and negative start.
        names: of the three.
        margin: where the margin starts, one of 0.0, 0.1, ..., 2.0.
        loss: which of LOSSES is shown first.

    Raises:
        ValueError: an argument does not fit.
    """

    _esm = javascript("plane")
    _css = stylesheet("plane")
    states = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        points: np.ndarray = POINTS,
        names: Sequence[str] = ("anchor", "positive", "negative"),
        margin: float = 1.0,
        loss: str = LOSSES[0],
    ) -> None:
        points = np.asarray(points, dtype=np.float64)
        if not np.isfinite(points).all():
            raise ValueError("points must be finite numbers.")
        margins = [f"{tenths / 10:.1f}" for tenths in range(21)]
        if f"{margin:.1f}" not in margins:
            raise ValueError(f"margin is {margin}: choose one of 0.0, 0.1, ..., 2.0.")
        if len(names) != 3:
            raise ValueError(f"names must be three, of the points, not {len(names)}.")
        plane_loss(loss, points, margin)  # says what else does not fit
        values = np.array([plane_loss(each, points, margin)[0] for each in LOSSES])
        super().__init__(
            {"points": points, "losses": values},
            states={
                "points": points.round(6).tolist(),
                "names": list(map(str, names)),
                "margins": margins,
                "margin": margins.index(f"{margin:.1f}"),
                "loss": loss,
            },
        )
