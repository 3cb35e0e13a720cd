"""Heat maps side by side, one cell chosen in all of them: attention per head, similarities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from embedlab.widgets.base import CourseWidget, javascript, quantise, restore, stylesheet


@dataclass(frozen=True, eq=False)
class HeatStates:
    """A grid of numbers per panel at every state: what the widget shows.

    Attributes:
        codes: (n_states, n_panels, n_rows, n_columns) int16: a value over `reach` times 32767,
            rounded, or -32768 for an empty cell.
        reach: the largest absolute value over all states.
        state_names: n_states names.
        panel_names: n_panels names.
        row_names: n_rows names.
        column_names: n_columns names.
    """

    codes: np.ndarray
    reach: float
    state_names: tuple[str, ...]
    panel_names: tuple[str, ...]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]

    def values(self) -> np.ndarray:
        """Return (n_states, n_panels, n_rows, n_columns) float64 as `codes` keeps them, or NaN."""
        return restore(self.codes, self.reach)


def heat_states(
    values: np.ndarray,
    state_names: Sequence[object],
    panel_names: Sequence[object],
    row_names: Sequence[object],
    column_names: Sequence[object],
) -> HeatStates:
    """Keep the values of all panels at all states, to 1.6e-5 of the largest absolute value.

    Args:
        values: (n_states, n_panels, n_rows, n_columns); NaN is an empty cell, as under a mask.
        state_names: n_states names, of sentences for example.
        panel_names: n_panels names, of attention heads for example; "" for none.
        row_names: n_rows names, the same in every panel.
        column_names: n_columns names, the same in every panel.

    Raises:
        ValueError: the shapes do not fit, a value is infinite, or every cell is empty.
    """
    values = np.asarray(values, dtype=np.float64)
    names = [tuple(map(str, some)) for some in (state_names, panel_names, row_names, column_names)]
    expected = tuple(map(len, names))
    if values.shape != expected or 0 in expected:
        raise ValueError(
            f"values has shape {values.shape}, but there are {expected[0]} state names, "
            f"{expected[1]} panel names, {expected[2]} row names and {expected[3]} column names: "
            f"the shape must be {expected}, with no 0 in it."
        )
    if np.isinf(values).any():
        raise ValueError(
            "values holds infinite numbers, which have no colour: give NaN for an empty cell, "
            "for example the attention weights after the softmax, not the masked scores before it."
        )
    if np.isnan(values).all():
        raise ValueError("values is NaN everywhere: every cell would be empty.")
    return HeatStates(*quantise(values), *names)


class HeatMaps(CourseWidget):
    """Panels of coloured cells side by side, and one slider over the states of all of them.

    Blue is positive, orange negative, white (black on a dark theme) zero; all panels and states
    share one scale. Hovering or arrow keys choose a cell, the same in every panel.

    Values are kept as 2 bytes each, to 1.6e-5 of the largest absolute value: 4 panels of 40 x 40
    cells at 20 states are 256 kB, which a saved notebook writes as 341 kB of base64.

    >>> states = heat_states(attention, sentences, ["head 1", "head 2"], words, words)
    >>> HeatMaps(states)

    Args:
        states: what `heat_states` returned.
        slider: what a state is; it stands before the slider. One state has no slider.
    """

    _esm = javascript("theme", "heatmap")
    _css = stylesheet("heatmap")
    states = traitlets.Dict().tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)

    def __init__(self, states: HeatStates, slider: str = "sentence") -> None:
        values = np.ma.masked_invalid(states.values())
        super().__init__(
            {"values": values},
            codes=states.codes.astype("<i2").tobytes(),
            states={
                "reach": float(f"{states.reach:.9g}"),
                "diverging": bool(values.min() < 0),
                "stateNames": list(states.state_names),
                "panelNames": list(states.panel_names),
                "rowNames": list(states.row_names),
                "columnNames": list(states.column_names),
                "slider": slider,
            },
        )
