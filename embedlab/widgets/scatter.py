"""Vectors that move while a model learns, beside what the model still gets wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from embedlab.widgets.base import CourseWidget, javascript, quantise, restore, stylesheet


@dataclass(frozen=True, eq=False)
class ScatterStates:
    """Two groups of points at every step, the matrix of what is left to explain, and the loss.

    Attributes:
        points: (n_states, n_rows + n_columns, d) int16, d = 2 or 3: a coordinate over `reach` times
            32767, rounded. First the points of the matrix' rows, then those of its columns.
        reach: the largest absolute coordinate over all states.
        target: (n_rows, n_columns) what the dot products should give; NaN where it is unknown.
        loss: (n_states,) the loss at every state.
        row_names: n_rows names.
        column_names: n_columns names.
    """

    points: np.ndarray
    reach: float
    target: np.ndarray
    loss: np.ndarray
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]

    def positions(self) -> np.ndarray:
        """Return (n_states, n_rows + n_columns, d) float64: the points as `points` keeps them."""
        return restore(self.points, self.reach)

    def residuals(self) -> np.ndarray:
        """Return (n_states, n_rows, n_columns): target minus dot product, NaN where unknown."""
        rows, columns = np.split(self.positions(), [len(self.row_names)], axis=1)
        return self.target - rows @ columns.transpose(0, 2, 1)


def descent_states(
    target: np.ndarray,
    row_factors: np.ndarray,
    column_factors: np.ndarray,
    step: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    loss: Callable[[np.ndarray, np.ndarray], float],
    shown_steps: Sequence[int],
    row_names: Sequence[str],
    column_names: Sequence[str],
) -> ScatterStates:
    """Repeat a step and keep the vectors after each of `shown_steps` steps.

    Args:
        target: (n_rows, n_columns), NaN where unknown.
        row_factors: (n_rows, d) where the rows' vectors start; d is 2 or 3.
        column_factors: (n_columns, d).
        step: step(row_factors, column_factors) returns both moved.
        loss: loss(row_factors, column_factors) returns a number.
        shown_steps: increasing numbers of steps; 0 is the start.
        row_names: n_rows names.
        column_names: n_columns names.

    Raises:
        ValueError: the shapes do not fit, or the vectors leave the finite numbers.
    """
    expected = (len(row_names), len(column_names))
    if target.shape != expected or (len(row_factors), len(column_factors)) != expected:
        raise ValueError(
            f"target has shape {target.shape}, the factors {len(row_factors)} and "
            f"{len(column_factors)} rows, and there are {expected[0]} and {expected[1]} names: "
            "these must agree."
        )
    if np.isnan(target).all():
        raise ValueError("target has no known cell: nothing would pull at the vectors.")
    if {row_factors.shape[1], column_factors.shape[1]} not in ({2}, {3}):
        raise ValueError("row_factors and column_factors must both have 2 columns, or both 3.")
    if list(shown_steps) != sorted(set(shown_steps)) or len(shown_steps) < 2 or shown_steps[0] < 0:
        raise ValueError("shown_steps must be at least two increasing numbers, from 0.")
    kept, losses, done = [], [], 0
    for number in shown_steps:
        while done < number:
            row_factors, column_factors = step(row_factors, column_factors)
            done += 1
        kept.append(np.concatenate((row_factors, column_factors)))
        losses.append(loss(row_factors, column_factors))
    kept = np.array(kept, dtype=np.float64)
    if not np.isfinite(kept).all():
        raise ValueError("The vectors grew beyond all numbers: take smaller steps.")
    points, reach = quantise(kept)
    return ScatterStates(
        points=points,
        reach=reach,
        target=np.asarray(target, dtype=np.float64),
        loss=np.array(losses, dtype=np.float64),
        row_names=tuple(row_names),
        column_names=tuple(column_names),
    )


class MovingVectors(CourseWidget):
    """A step slider over vectors in the plane (or in space), beside the residual matrix.

    >>> states = descent_states(target, users, items, step, loss, range(0, 100, 5), names, titles)
    >>> MovingVectors(states, range(0, 100, 5), rows="users", columns="films")

    Args:
        states: what `descent_states` returned.
        shown_steps: the numbers on the slider, one per state.
        rows: what a row of the matrix is, in the plural.
        columns: what a column is, in the plural.
    """

    _esm = javascript("moving", "scatter")
    _css = stylesheet("moving", "scatter")
    states = traitlets.Dict().tag(sync=True)
    points = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        states: ScatterStates,
        shown_steps: Sequence[int],
        rows: str = "users",
        columns: str = "items",
    ) -> None:
        known = np.isfinite(states.target)
        residuals = states.residuals()[:, known]
        super().__init__(
            {"positions": states.positions(), "residuals": residuals},
            points=states.points.astype("<i2").tobytes(),
            states={
                "steps": [int(number) for number in shown_steps],
                "dimensions": states.points.shape[2],
                "reach": round(states.reach, 6),
                "largest": round(float(np.abs(residuals).max()) or 1.0, 6),
                "target": [
                    [None if np.isnan(value) else round(float(value), 4) for value in row]
                    for row in states.target
                ],
                "loss": [float(f"{value:.6g}") for value in states.loss],
                "rowNames": list(states.row_names),
                "columnNames": list(states.column_names),
                "rows": rows,
                "columns": columns,
            },
        )
