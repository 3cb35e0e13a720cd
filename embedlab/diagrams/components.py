"""A matrix of instances and features as coordinates times directions, and the plane they span."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import CELL, RING, SHAPES, TEXT, Box, Diagram, Sketch, width_of
from embedlab.diagrams.words import (
    factor,
    inside,
    number,
    numbers,
    one_short_name_each,
    widest,
)

LARGEST = (6, 5)  # instances, features
WIDEST = 770.0  # so that a narrow page has room
PLANE = (460.0, 230.0)
BORDER = 34.0  # of the plane, within which no point lies


def pca(
    data: np.ndarray,
    coordinates: np.ndarray,
    directions: np.ndarray,
    instance: int,
    instance_names: Sequence[str],
    feature_names: Sequence[str],
) -> Diagram:
    """Draw X ≈ W Cᵀ, one row picked, and below it the instances in the plane of the directions.

    A row of W holds an instance's coordinates; a column of C is a direction among the features.

    Args:
        data: X, (n, d), centred; at most 6 instances and 5 features.
        coordinates: W, (n, 2).
        directions: C, (d, 2).
        instance: the row that is picked.
        instance_names: n names of at most 9 characters.
        feature_names: d names of at most 9 characters.

    Raises:
        ValueError: the shapes do not fit, the matrices are too large, a number is not finite, a
            name is too long, or there is no such row.
    """
    X, W, C = (np.asarray(each, dtype=float) for each in (data, coordinates, directions))
    if X.ndim != 2 or not all(1 <= n <= most for n, most in zip(X.shape, LARGEST, strict=True)):
        raise ValueError(
            f"data has shape {X.shape}: draw at most {LARGEST[0]} instances and {LARGEST[1]} "
            "features."
        )
    n, d = X.shape
    if W.shape != (n, 2) or C.shape != (d, 2):
        raise ValueError(
            f"data is {n} x {d}, so coordinates must be ({n}, 2) and directions ({d}, 2), not "
            f"{W.shape} and {C.shape}."
        )
    if not all(np.isfinite(each).all() for each in (X, W, C)):
        raise ValueError("data, coordinates and directions must be finite.")
    one_short_name_each("instance_names", instance_names, n)
    one_short_name_each("feature_names", feature_names, d)
    inside("instance", instance, n)
    texts = [numbers(each, 1) for each in (X, W)] + [numbers(C.T)]
    own = max(CELL, 6 + max(map(widest, texts)))
    named = max(own, *(6 + width_of(str(name), TEXT - 2) for name in feature_names))
    beside = max(width_of(str(name), TEXT) for name in instance_names) * 1.08
    if beside + 2 * d * named + 2 * own + 140 > WIDEST:
        raise ValueError(
            f"The names are too long for {d} features: shorten feature_names or instance_names."
        )
    sketch = Sketch()

    top = -(n * CELL + 96)
    table = sketch.block(0, top, _shades(X), "ink", texts[0], (named, CELL))
    left = sketch.block(table.right + 44, top, _shades(W), "user", texts[1], (own, CELL))
    middle = table.middle[1]
    right = sketch.block(
        left.right + 36, middle - CELL, _shades(C.T), "item", texts[2], (named, CELL)
    )
    same = np.allclose(X, W @ C.T)
    sketch.label(table.right + 22, middle, "=" if same else "≈", size=24)
    sketch.label(left.right + 18, middle, "×", size=22)
    sketch.outline(table.rows(instance), "user")
    sketch.outline(left.rows(instance), "user")
    for k in range(2):
        sketch.outline(right.rows(k), "item")
        sketch.label(right.right + 8, right.rows(k).middle[1], f"direction {k + 1}", "start")
    for row, name in enumerate(instance_names):
        kind = "strong" if row == instance else "faint"
        sketch.label(-8, table.rows(row).middle[1], str(name), "end", kind)
    for column, name in enumerate(feature_names):
        for block in (table, right):
            x = block.columns(column).middle[0]
            sketch.label(x, block.y - 12, str(name), kind="faint", size=TEXT - 1)
    for block, title in ((table, "data $X$"), (left, "$W$"), (right, "$C^T$")):
        sketch.label(block.middle[0], min(top, right.y) - 36, title, kind="strong")
    for block, text in ((left, "a row: coordinates"), (right, "a row of $C^T$: a direction")):
        sketch.label(block.middle[0], block.bottom + 16, text, size=TEXT - 1)

    name, (along, up) = str(instance_names[instance]), W[instance]
    formula = f"{name} {'=' if np.allclose(X[instance], C @ W[instance]) else '≈'} "
    formula += f"{factor(along)} · direction 1 + {factor(up)} · direction 2"
    x = right.right / 2
    sketch.label(x, -34, formula, size=TEXT + 1)
    _plane(sketch, x - PLANE[0] / 2, W, instance, instance_names)
    return sketch.done(
        "A matrix as coordinates times directions",
        f"X, {n} instances by {d} features, is approximated by W, {n} by 2, times C transposed, "
        f"2 by {d}. A row of W holds the coordinates of an instance, a column of C is a direction "
        f"among the features: {name} lies {number(along)} along the first and {number(up)} along "
        "the second. Below, the instances as points of the plane of both directions.",
    )


def _shades(values: np.ndarray) -> np.ndarray:
    """Return the shades of a matrix' cells: the stronger, the larger the absolute value."""
    return 0.08 + 0.3 * np.abs(values) / (np.abs(values).max() or 1.0)


def _plane(sketch: Sketch, left: float, W: np.ndarray, instance: int, names: Sequence[str]) -> None:
    """Draw the instances as points, and how the picked one's coordinates lead to it."""
    width, height = PLANE
    low, high = np.minimum(W.min(axis=0), 0), np.maximum(W.max(axis=0), 0)
    room = np.array([width, height]) - 2 * BORDER
    unit = (room / np.maximum(high - low, 1e-9)).min()  # the same for both directions

    def at(place):
        across, up = unit * (np.asarray(place) - (low + high) / 2)
        return left + width / 2 + across, height / 2 - up

    zero = at((0, 0))
    sketch.frame(Box(left, 0, width, height), zero)
    sketch.label(left + width - 6, zero[1] + 14, "direction 1 →", "end")
    sketch.label(zero[0] + 8, height - 14, "direction 2 ↑", "start")
    corner, place = at((W[instance, 0], 0)), at(W[instance])
    for start, end in ((zero, corner), (corner, place)):
        if np.hypot(end[0] - start[0], end[1] - start[1]) > 12:
            sketch.arrow(start, end, colour="item")
    for row, name in enumerate(names):
        x, y = at(W[row])
        picked = row == instance
        sketch.point(x, y, SHAPES[0], "user")
        if picked:
            sketch.point(x, y, RING, "ink")
        kind = "strong on-paper" if picked else "faint on-paper"
        side = x > left + width - 90
        sketch.label(x + (-11 if side else 11), y - 9, str(name), "end" if side else "start", kind)
