"""What every widget family shares: where its JavaScript comes from and what it prints."""

from pathlib import Path

import anywidget
import numpy as np

FOLDER = Path(__file__).parent


def javascript(family: str) -> str:
    """Return the ES module of a family: course.js, then `family`.js."""
    return "\n".join(
        (FOLDER / name).read_text(encoding="utf-8") for name in ("course.js", f"{family}.js")
    )


class CourseWidget(anywidget.AnyWidget):
    """A widget of this course; a family sets `_esm = javascript(...)` and adds its traits.

    Args:
        numbers: the arrays that decide the picture, by name; the repr summarises them.
        traits: values of the family's traits.
    """

    # anywidget watches files it is given as paths, and leaks: it gets their text instead.
    _css = (FOLDER / "course.css").read_text(encoding="utf-8")

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
