"""Films as points of a plane, the best known by name."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import RING, SHAPES, TEXT, Box, Diagram, Sketch, width_of
from embedlab.diagrams.words import one_name_each


def film_map(
    places: np.ndarray,
    titles: Sequence[str],
    groups: Sequence[str],
    labelled: Sequence[str],
    axes: tuple[str, str],
) -> Diagram:
    """Draw films as points in the plane: a colour and shape for each group, titles on pointing.

    Args:
        places: (n_films, 2) where the films lie.
        titles: n_films titles.
        groups: n_films names, at most four different ones, in the legend from the most frequent
            to the rarest.
        labelled: the titles that are always shown.
        axes: what the two directions are.

    Raises:
        ValueError: the shapes do not fit, there are too many groups, or no film has such a title.
    """
    P = np.asarray(places, dtype=float)
    if P.ndim != 2 or P.shape[1] != 2 or not len(P) or not np.isfinite(P).all():
        raise ValueError(f"places must be (n_films, 2) finite numbers, not of shape {P.shape}.")
    one_name_each("titles", titles, len(P))
    one_name_each("groups", groups, len(P))
    kinds = [kind for kind, _ in Counter(groups).most_common()]
    if len(kinds) > len(SHAPES):
        raise ValueError(f"There are {len(kinds)} groups; a map has colours for {len(SHAPES)}.")
    if missing := [title for title in labelled if title not in titles]:
        raise ValueError(f"labelled holds {missing[0]!r}, which is not among the titles.")
    sketch, (width, height) = Sketch(), (740.0, 460.0)
    middle = (P.max(axis=0) + P.min(axis=0)) / 2
    half = np.maximum((P.max(axis=0) - P.min(axis=0)) / 2, 1e-9)
    at = (P - middle) / half * [width / 2 - 12, -(height / 2 - 12)] + [width / 2, height / 2]
    zero = -middle / half * [width / 2 - 12, -(height / 2 - 12)] + [width / 2, height / 2]
    sketch.plane(width, height, zero, axes)
    colours = {kind: ("ink", "item", "third", "fourth")[n] for n, kind in enumerate(kinds)}
    shapes = dict(zip(kinds, SHAPES, strict=False))
    for place, kind in zip(at, groups, strict=True):
        sketch.point(*place, shapes[kind], colours[kind])
    x = 6.0
    for kind in kinds:
        sketch.point(x + 5, -18, shapes[kind], colours[kind])
        sketch.label(x + 18, -18, kind, "start")
        x += 44 + width_of(kind, TEXT)
    taken = [Box(x - 4, y - 4, 8, 8) for x, y in at]
    for title in labelled:
        n = list(titles).index(title)
        sketch.point(*at[n], RING, "ink")
        box = _room(at[n], width_of(title, TEXT) * 0.95, taken, (width, height))
        sketch.label(box.x, box.middle[1], title, "start", "on-paper")
        taken.append(box)
    for (x, y), title in zip(at, titles, strict=True):
        sketch.spot(x, y, title, left=x > width / 2)
    return sketch.done(
        "A map of films",
        f"{len(P)} films as points; across: {axes[0]}, upwards: {axes[1]}. "
        f"Groups: {', '.join(kinds)}. Named are {', '.join(labelled) or 'none'}.",
    )


def _room(place: np.ndarray, width: float, taken: Sequence[Box], size: tuple[float, float]) -> Box:
    """Return the box of a label beside a place that covers least of what is taken."""
    (x, y), height = place, 1.1 * TEXT
    sides = [
        Box(x + 9, y - height / 2, width, height),
        Box(x - 9 - width, y - height / 2, width, height),
        Box(x - width / 2, y - 9 - height, width, height),
        Box(x - width / 2, y + 9, width, height),
        Box(x + 5, y - 7 - height, width, height),
        Box(x + 5, y + 7, width, height),
        Box(x - 5 - width, y - 7 - height, width, height),
        Box(x - 5 - width, y + 7, width, height),
    ]

    def cost(box):
        inside = _shared(box, Box(0, 0, *size))
        return sum(_shared(box, other) for other in taken) + 9 * (width * height - inside)

    return min(sides, key=cost)


def _shared(one: Box, other: Box) -> float:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(across, 0.0) * max(down, 0.0)
