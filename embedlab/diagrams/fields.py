"""Which vector of a feature meets which field in a field-aware factorization machine."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import CELL, COLOURS, TEXT, Box, Diagram, Sketch, width_of
from embedlab.diagrams.words import factor, inside, number, numbers, one_short_name_each

LARGEST = (5, 4, 3)  # features, fields, factors
GAP = 30.0  # between the vectors: the line that joins two of them runs there


def field_vectors(
    vectors: np.ndarray,
    fields: Sequence[int],
    pair: tuple[int, int],
    feature_names: Sequence[str],
    field_names: Sequence[str],
) -> Diagram:
    """Draw a table of vectors, a row per feature and a column per field, and join a pair's two.

    A vector that meets no feature of the table is pale.

    Args:
        vectors: (n, n_fields, k); [i, g] is the vector of feature i for field g. At most 5
            features, 4 fields and 3 factors.
        fields: (n,) the field of each feature.
        pair: the two features i and j that meet.
        feature_names: n names of at most 9 characters.
        field_names: n_fields names of at most 9 characters.

    Raises:
        ValueError: the shapes do not fit, the table is too large, a name is too long, or there is
            no such pair.
    """
    V, fields = np.asarray(vectors, dtype=float), [int(field) for field in fields]
    if V.ndim != 3 or any(size > most for size, most in zip(V.shape, LARGEST, strict=True)):
        raise ValueError(
            f"vectors has shape {V.shape}: draw (n, n_fields, k) with at most {LARGEST[0]} "
            f"features, {LARGEST[1]} fields and {LARGEST[2]} factors."
        )
    n, n_fields, k = V.shape
    if len(fields) != n or not set(fields) <= set(range(n_fields)):
        raise ValueError(
            f"fields is {fields}: give {n} numbers from 0 to {n_fields - 1}, the field of each "
            "feature."
        )
    one_short_name_each("feature_names", feature_names, n)
    one_short_name_each("field_names", field_names, n_fields)
    for index in pair:
        inside("pair", index, n)
    i, j = sorted(pair)
    if i == j:
        raise ValueError(f"pair is {tuple(pair)}: a feature does not meet itself.")

    sketch = Sketch()
    heads = [f"for {name}" for name in field_names]
    widths = [max(k * CELL, 1.08 * width_of(head, TEXT)) for head in heads]
    lefts = np.cumsum([0, *(width + GAP for width in widths)])
    cells = {}
    for g, head in enumerate(heads):
        middle = lefts[g] + widths[g] / 2
        sketch.label(middle, -34, head, kind="strong", colour=COLOURS[g])
        for row in range(n):
            met = any(field == g for other, field in enumerate(fields) if other != row)
            shades = met * (0.14 + 0.26 * np.abs(V[[row], g]) / (np.abs(V).max() or 1.0))
            cells[row, g] = sketch.block(
                middle - k * CELL / 2, row * (CELL + GAP), shades, COLOURS[g], numbers(V[[row], g])
            )
    for row in range(n):
        y = cells[row, 0].middle[1]
        sketch.label(-18, y - 9, feature_names[row], "end", "strong", size=TEXT)
        sketch.label(-18, y + 10, field_names[fields[row]], "end", "faint", size=TEXT - 1)

    one, other = cells[i, fields[j]], cells[j, fields[i]]
    left = min(fields[i], fields[j])
    _join(sketch, one, other, beside=lefts[left] + widths[left] + GAP / 2)
    for box in (one, other):
        sketch.outline(box, "ink")
    named = [f"v[{feature_names[a]}, {field_names[fields[b]]}]" for a, b in ((i, j), (j, i))]
    u, v = V[i, fields[j]], V[j, fields[i]]
    products = " + ".join(f"{factor(a)} · {factor(b)}" for a, b in zip(u, v, strict=True))
    below = other.bottom + (n - 1 - j) * (CELL + GAP) + 32
    sketch.label(0, below, f"{named[0]} · {named[1]}", "start")
    sketch.label(0, below + 26, f"= {products} = {number(u @ v)}", "start")
    return sketch.done(
        f"{feature_names[i]} meets {feature_names[j]}",
        f"A table of vectors, a row for each of the features {', '.join(feature_names)} and a "
        f"column for each of the fields {', '.join(field_names)}. Where {feature_names[i]} and "
        f"{feature_names[j]} meet, {named[0]} and {named[1]} are joined; their product is "
        f"{number(u @ v)}.",
    )


def _join(sketch: Sketch, upper: Box, lower: Box, beside: float) -> None:
    """Draw a line with two heads from the upper box to the lower one, between the others.

    beside: where it passes other features, right of the left one's column.
    """
    (x1, _), (x2, _) = upper.middle, lower.middle
    down, up = upper.bottom + GAP / 2, lower.y - GAP / 2
    points = [(x1, upper.bottom), (x1, down)]
    if up > down:  # other features stand between
        points += [(beside, down), (beside, up)]
    points += [(x2, up), (x2, lower.y)]
    sketch.arrow(*points)
    sketch.arrow(*points[::-1])
