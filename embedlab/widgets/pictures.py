"""Small pictures over a slider: what a model keeps of them, how it fills holes, its components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from embedlab.widgets.base import CourseWidget, javascript, stylesheet

HOLE = 255  # the code of NaN
ZERO = 127  # of zero in a signed row; grey levels are 0 to 254
MOST_IMAGES = 12  # in a row


@dataclass(frozen=True, eq=False)
class PictureStates:
    """Rows of pictures at every state and choice: what the widget shows.

    Attributes:
        rows: {name: codes}, uint8 of shape (n_choices or 1, n_states or 1, n_images, height,
            width). In a grey row 0 is the lower end of `span` and 254 the upper, in a signed row
            127 is zero and 0 and 254 are minus and plus `reach`; 255 is a hole.
        signed: names of the rows with a sign.
        span: the ends of the grey rows' scale.
        reach: the largest absolute value of the signed rows, 1 if there is none.
        numbers: {name: (n_choices, n_states)} float64, NaN where there is none.
        state_names: n_states names.
        choice_names: n_choices names.
        image_names: n_images names.
    """

    rows: dict[str, np.ndarray]
    signed: tuple[str, ...]
    span: tuple[float, float]
    reach: float
    numbers: dict[str, np.ndarray]
    state_names: tuple[str, ...]
    choice_names: tuple[str, ...]
    image_names: tuple[str, ...]

    def values(self, row: str) -> np.ndarray:
        """Return a row's pictures as `rows` keeps them, float64 of the same shape, NaN in holes."""
        codes = self.rows[row].astype(np.float64)
        if row in self.signed:
            values = (codes - ZERO) * (self.reach / ZERO)
        else:
            low, high = self.span
            values = low + codes * ((high - low) / (HOLE - 1))
        return np.where(self.rows[row] == HOLE, np.nan, values)


def picture_states(
    rows: Mapping[str, np.ndarray],
    state_names: Sequence[object],
    image_names: Sequence[object],
    span: tuple[float, float] = (0.0, 1.0),
    signed: Sequence[str] = (),
    choice_names: Sequence[object] = ("",),
    numbers: Mapping[str, np.ndarray] | None = None,
) -> PictureStates:
    """Keep rows of pictures at all states and choices, a byte per pixel.

    A row that is the same at every state, such as the originals, has one state, and likewise with
    choices: it is kept once. Grey levels are kept to 1/508 of `span` and clipped to it; signed
    values to 1/254 of the largest absolute value of all signed rows.

    Args:
        rows: {name: (n_choices or 1, n_states or 1, n_images, height, width)}, from the top; NaN
            is a hole, as a pixel that the model does not see. The height and width are the same in
            all rows, and there are at most 12 images.
        state_names: n_states names, such as the ranks; what the slider goes through.
        image_names: n_images names, which stand below; "" for none.
        span: the lowest value, drawn as paper, and the highest, drawn as ink.
        signed: names of those rows that are drawn by sign, with zero as paper.
        choice_names: n_choices names of a second choice, such as shares of hidden pixels.
        numbers: {name: (n_choices, n_states)}, shown beside the pictures; NaN for none.

    Raises:
        ValueError: the shapes do not fit, a value is infinite, there are more than 12 images, the
            span is empty or `signed` names no row.
    """
    names = [tuple(map(str, some)) for some in (choice_names, state_names, image_names)]
    n_choices, n_states, n_images = map(len, names)
    rows = {name: np.asarray(row, dtype=np.float64) for name, row in rows.items()}
    if 0 in (len(rows), n_choices, n_states, n_images) or n_images > MOST_IMAGES:
        raise ValueError(
            f"There are {len(rows)} rows, {n_choices} choices, {n_states} states and {n_images} "
            f"images: give at least one of each, and at most {MOST_IMAGES} images."
        )
    size = next(iter(rows.values())).shape[3:]
    for name, row in rows.items():
        fits = row.ndim == 5 and row.shape[0] in (1, n_choices) and row.shape[1] in (1, n_states)
        if not fits or row.shape[2] != n_images or row.shape[3:] != size or 0 in size:
            raise ValueError(
                f"The row {name!r} has shape {row.shape}, but there are {n_choices} choices, "
                f"{n_states} states and {n_images} images: the shape must be ({n_choices} or 1, "
                f"{n_states} or 1, {n_images}, height, width), with one height and width in all "
                "rows."
            )
        if np.isinf(row).any():
            raise ValueError(f"The row {name!r} holds infinite numbers, which have no colour.")
    strange = [name for name in signed if name not in rows]
    if strange:
        raise ValueError(f"signed names {strange[0]!r}: choose of {', '.join(map(repr, rows))}.")
    low, high = map(float, span)
    if not (np.isfinite(high - low) and low < high):
        raise ValueError(f"span is {span}: the second number must be the larger one.")
    kept = {}
    for name, values in (numbers or {}).items():
        kept[name] = np.asarray(values, dtype=np.float64)
        if kept[name].shape != (n_choices, n_states) or np.isinf(kept[name]).any():
            raise ValueError(
                f"The numbers {name!r} have shape {kept[name].shape}: they must be finite or NaN, "
                f"one for each choice and state: ({n_choices}, {n_states})."
            )
    reach = max((np.nanmax(np.abs(rows[name]), initial=0.0) for name in signed), default=0.0) or 1.0
    codes = {}
    for name, row in rows.items():
        levels = ZERO + ZERO * (row / reach) if name in signed else (row - low) / (high - low) * 254
        levels = np.rint(np.clip(np.nan_to_num(levels), 0, HOLE - 1))
        codes[name] = np.where(np.isnan(row), HOLE, levels).astype(np.uint8)
    return PictureStates(
        rows=codes,
        signed=tuple(signed),
        span=(low, high),
        reach=float(reach),
        numbers=kept,
        state_names=names[1],
        choice_names=names[0],
        image_names=names[2],
    )


class Pictures(CourseWidget):
    """Rows of small pictures over a slider and, where there is one, a second choice.

    Grey rows go from paper to ink, so they follow the theme. In signed rows blue is positive and
    orange negative, as strong as the root of the absolute value, so that zeros stand out. Holes are
    crossed out. Numbers of a state stand below with their course over
    all states.

    A pixel is kept as one byte: 12 images of 8 x 8 at 5 ranks and 3 shares are 11.5 kB.

    >>> rows = {"original": images[None, None], "kept": reconstructions[None]}
    >>> states = picture_states(rows, ranks, labels, span=(0, 16), numbers={"RMSE": rmse[None]})
    >>> Pictures(states, slider="rank k")

    Args:
        states: what `picture_states` returned.
        slider: what a state is; it stands before the slider. One state has no slider.
        choice: what the second choice is; it stands before its buttons.
    """

    _esm = javascript("theme", "pictures")
    _css = stylesheet("pictures")
    states = traitlets.Dict().tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)

    def __init__(self, states: PictureStates, slider: str = "k", choice: str = "") -> None:
        pixels = np.concatenate([states.values(name).ravel() for name in states.rows])
        numbers = [values.ravel() for values in states.numbers.values()]
        summary = {"pixels": np.ma.masked_invalid(pixels)}
        if numbers:
            summary["numbers"] = np.ma.masked_invalid(np.concatenate(numbers))
        first = next(iter(states.rows.values()))
        super().__init__(
            summary,
            codes=b"".join(codes.tobytes() for codes in states.rows.values()),
            states={
                "rows": [
                    {"name": name, "signed": name in states.signed, "shape": list(codes.shape[:2])}
                    for name, codes in states.rows.items()
                ],
                "size": list(first.shape[3:]),
                "span": [float(f"{end:.6g}") for end in states.span],
                "reach": float(f"{states.reach:.6g}"),
                "numbers": [
                    {
                        "name": name,
                        "values": [
                            [None if np.isnan(one) else float(f"{one:.6g}") for one in some]
                            for some in values
                        ],
                    }
                    for name, values in states.numbers.items()
                ],
                "stateNames": list(states.state_names),
                "choiceNames": list(states.choice_names),
                "imageNames": list(states.image_names),
                "slider": slider,
                "choice": choice,
            },
        )
