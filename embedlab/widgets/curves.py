"""Curves over a common x with a cursor that reads them: cost against size, loss against step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from embedlab.widgets.base import CourseWidget, javascript, stylesheet


@dataclass(frozen=True, eq=False)
class CurveStates:
    """The same curves at every state: what the widget shows.

    Attributes:
        x: (n_x,) float64, increasing.
        values: (n_states, n_curves, n_x) float64; NaN where a curve is not drawn.
        curve_names: n_curves names.
        state_names: n_states names.
    """

    x: np.ndarray
    values: np.ndarray
    curve_names: tuple[str, ...]
    state_names: tuple[str, ...]


def curve_states(
    x: np.ndarray,
    values: np.ndarray,
    curve_names: Sequence[object],
    state_names: Sequence[object] = ("",),
) -> CurveStates:
    """Keep curves over x at all states.

    Args:
        x: (n_x,) at least two increasing numbers.
        values: (n_states, n_curves, n_x); NaN where a curve is not drawn.
        curve_names: n_curves names.
        state_names: n_states names.

    Raises:
        ValueError: x does not increase, the shapes do not fit, a value is infinite, or nothing
            would be drawn.
    """
    x, values = np.array(x, dtype=np.float64), np.array(values, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all() or not (np.diff(x) > 0).all():
        raise ValueError("x must be at least two increasing numbers.")
    curves, names = tuple(map(str, curve_names)), tuple(map(str, state_names))
    expected = (len(names), len(curves), len(x))
    if values.shape != expected or 0 in expected:
        raise ValueError(
            f"values has shape {values.shape}, but there are {len(names)} state names, "
            f"{len(curves)} curve names and {len(x)} numbers in x: "
            f"the shape must be {expected}, with no 0 in it."
        )
    if np.isinf(values).any():
        raise ValueError(
            "values holds infinite numbers, which no axis can show: give NaN where a curve "
            "is not drawn."
        )
    if np.isnan(values).all():
        raise ValueError("values is NaN everywhere: nothing would be drawn.")
    return CurveStates(x, values, curves, names)


class Curves(CourseWidget):
    """Curves with a cursor along x that reads them all, and a slider over states if there are any.

    The axes span all states, so that a curve that moves has changed. Values are kept to six
    digits.

    >>> states = curve_states(sizes, costs, ["double sum", "reformulated"], ["k = 2", "k = 8"])
    >>> Curves(states, x="n", y="multiplications", slider="factors", log_x=True, log_y=True)

    Args:
        states: what `curve_states` returned.
        x: what the x axis shows.
        y: what the y axis shows.
        slider: what a state is; it stands before the slider. One state has no slider.
        log_x: whether the x axis is logarithmic.
        log_y: whether the y axis is logarithmic.

    Raises:
        ValueError: a logarithmic axis would have to show a number that is not positive.
    """

    _esm = javascript("curves")
    _css = stylesheet("curves")
    states = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        states: CurveStates,
        x: str = "n",
        y: str = "multiplications",
        slider: str = "k",
        log_x: bool = False,
        log_y: bool = False,
    ) -> None:
        values = np.ma.masked_invalid(states.values)
        for name, log, smallest in (("x", log_x, states.x[0]), ("y", log_y, values.min())):
            if log and smallest <= 0:
                raise ValueError(
                    f"log_{name}=True, but the smallest number on the {name} axis is "
                    f"{smallest:g}: a logarithmic axis shows positive numbers only. "
                    "Leave the others out (as NaN), or take a linear axis."
                )
        super().__init__(
            {"x": states.x, "values": values},
            states={
                "x": [float(f"{number:.12g}") for number in states.x],
                "values": [
                    [
                        [None if np.isnan(number) else float(f"{number:.6g}") for number in curve]
                        for curve in curves
                    ]
                    for curves in states.values
                ],
                "curveNames": list(states.curve_names),
                "stateNames": list(states.state_names),
                "xName": x,
                "yName": y,
                "slider": slider,
                "logX": bool(log_x),
                "logY": bool(log_y),
            },
        )
