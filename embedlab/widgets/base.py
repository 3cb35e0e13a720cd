"""What every widget family shares: where its JavaScript comes from and what it prints."""

from pathlib import Path

import anywidget
import numpy as np

FOLDER = Path(__file__).parent
LARGEST = 32_767  # of an int16
EMPTY = -32_768  # the code of NaN
RUN_AGAIN = "<p>Run this cell to see the figure.</p>"  # where only text can be shown


def javascript(*parts: str) -> str:
    """Return the ES module of a family: course.js, then the .js file of each part.

    The last part is the family's own; those before it are what it shares with some others.
    """
    return "\n".join(
        (FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("course", *parts)
    )


def stylesheet(*parts: str) -> str:
    """Return the CSS of a family: the colours, what all widgets share, then each part's .css."""
    return "\n".join(
        (FOLDER / f"{name}.css").read_text(encoding="utf-8")
        for name in ("colours", "course", *parts)
    )


def quantise(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Return finite or NaN values as int16 codes, and their reach, the largest absolute value.

    A code is the value over the reach times 32767, rounded, so that `restore` is off by at most
    reach / 65534; NaN has a code of its own.
    """
    reach = float(np.nanmax(np.abs(values))) or 1.0
    codes = np.rint(np.nan_to_num(values / reach) * LARGEST)
    return np.where(np.isnan(values), EMPTY, codes).astype(np.int16), reach


def restore(codes: np.ndarray, reach: float) -> np.ndarray:
    """Return float64 values as the codes of `quantise` keep them."""
    return np.where(codes == EMPTY, np.nan, codes * (reach / LARGEST))


class CourseWidget(anywidget.AnyWidget):
    """A widget of this course; a family sets `_esm` and `_css` and adds its traits.

    anywidget watches files it is given as paths, and leaks, so both are text: `javascript(...)`
    and `stylesheet(...)`.

    Args:
        numbers: the arrays that decide the picture, by name; the repr summarises them.
        traits: values of the family's traits.
    """

    def __init__(self, numbers: dict[str, np.ndarray], **traits: object) -> None:
        self._summary = ", ".join(
            f"{name} {'x'.join(map(str, array.shape))} "
            f"mean={array.mean():.4g} std={array.std():.4g}"
            for name, array in numbers.items()
        )
        super().__init__(**traits)

    def __repr__(self) -> str:
        """Return one line that changes with the picture, so that nbval notices.

        It is the only part of a widget that a saved notebook holds as text.
        """
        return f"<{type(self).__name__} {self._summary}>"

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": RUN_AGAIN}, metadata
