"""Attention from a sequence to its weighted means."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from embedlab.diagrams.sketch import TEXT, Diagram, Sketch
from embedlab.diagrams.words import inside, number, numbers, one_short_name_each, widest


def attention_pipeline(
    inputs: np.ndarray,
    w_queries: np.ndarray,
    w_keys: np.ndarray,
    w_values: np.ndarray,
    mask: np.ndarray,
    place: int,
    names: Sequence[str],
) -> Diagram:
    """Draw self-attention from X to Z, with every shape, and the way of one place.

    Args:
        inputs: X, (n, d), n at most 5, d at most 6.
        w_queries: W^Q, (d, d_k).
        w_keys: W^K, (d, d_k).
        w_values: W^V, (d, d_v); d_k and d_v at most 4.
        mask: (n, n) booleans, True where the row's place may read the column's.
        place: the row that is picked.
        names: n short names of the places.

    Raises:
        ValueError: the shapes do not fit or are too large, a name is too long, or there is no such
            place.
    """
    X, mask = np.asarray(inputs, dtype=float), np.asarray(mask, dtype=bool)
    matrices = [np.asarray(w, dtype=float) for w in (w_queries, w_keys, w_values)]
    if X.ndim != 2 or len(X) > 5 or X.shape[1] > 6 or 0 in X.shape:
        raise ValueError(f"inputs has shape {X.shape}: draw at most 5 places of 6 numbers.")
    n, d = X.shape
    shapes = [w.shape for w in matrices]
    if any(len(s) != 2 or s[0] != d or not 1 <= s[1] <= 4 for s in shapes) or (
        shapes[0] != shapes[1]
    ):
        raise ValueError(
            f"inputs has {d} columns, so w_queries and w_keys must be ({d}, d_k) and w_values "
            f"({d}, d_v), with at most 4 columns, not {shapes[0]}, {shapes[1]} and {shapes[2]}."
        )
    if mask.shape != (n, n):
        raise ValueError(f"mask must be ({n}, {n}), not {mask.shape}.")
    one_short_name_each("names", names, n)
    inside("place", place, n)
    Q, K, V = (X @ w for w in matrices)
    d_k, d_v = Q.shape[1], V.shape[1]
    scores = np.where(mask, Q @ K.T / np.sqrt(d_k), -np.inf)
    with np.errstate(invalid="ignore"):  # a place that may read nothing
        weights = np.nan_to_num(special.softmax(scores, axis=1))
    Z = weights @ V
    texts = [
        [number(value, 1) if allowed else "−∞" for value, allowed in zip(*row, strict=True)]
        for row in zip(scores, mask, strict=True)
    ]
    sketch, small, wide = Sketch(), (17.0, 24.0), (max(33.0, 2 + widest(texts)), 30.0)

    def vectors(x, y, values, colour, name, shape):
        shades = 0.08 + 0.62 * np.abs(values) / (np.abs(values).max() or 1.0)
        block = sketch.block(x, y, shades, colour, cell=small)
        sketch.label(block.middle[0], y - 16, name, kind="strong")
        sketch.label(block.middle[0], block.bottom + 15, shape, size=TEXT - 1)
        return block

    height = n * small[1]
    tops = [0.0, height + 62, 2 * (height + 62)]
    a = vectors(0, tops[1], X, "item", "$X$", f"{n} × {d}")
    for row, name in enumerate(names):
        kind = "strong" if row == place else "faint"
        sketch.label(-8, a.rows(row).middle[1], str(name), "end", kind)
    x = a.right + 60
    q = vectors(x, tops[0], Q, "fourth", "queries $Q$", f"{n} × {d_k}")
    k = vectors(x, tops[1], K, "third", "keys $K$", f"{n} × {d_k}")
    v = vectors(x, tops[2], V, "item", "values $V$", f"{n} × {d_v}")
    for block, letter in ((q, "Q"), (k, "K"), (v, "V")):
        start = a.right + 8, a.middle[1]
        turn = a.right + 22
        sketch.arrow(start, (turn, start[1]), (turn, block.middle[1]), (x - 6, block.middle[1]))
        sketch.label((turn + x) / 2 - 2, block.middle[1] - 16, f"$W^{letter}$")

    y = (tops[0] + tops[1] + height) / 2 - n * wide[1] / 2
    x = max(block.right for block in (q, k, v)) + 52
    finite = np.where(mask, np.abs(scores), 0.0)
    shades = np.where(mask, 0.05 + 0.25 * finite / (finite.max() or 1.0), 0.0)
    s = sketch.block(x, y, shades, "ink", texts, wide)
    w = sketch.block(s.right + 74, y, 0.4 * weights, "ink", numbers(weights), wide)
    for block in (s, w):
        sketch.label(block.middle[0], block.bottom + 15, f"{n} × {n}", size=TEXT - 1)
    sketch.label(s.middle[0], y - 40, "scores", kind="strong")
    sketch.label(s.middle[0], y - 18, "$QK^T$ / √$d_k$, then mask")
    sketch.label(w.middle[0], y - 18, "weights", kind="strong")
    for block, drop in ((q, -1), (k, 1)):
        turn = s.x - 30
        end = s.middle[1] + 12 * drop
        middle = block.middle[1]
        sketch.arrow((block.right + 8, middle), (turn, middle), (turn, end), (s.x - 6, end))
    sketch.arrow((s.right + 8, s.middle[1]), (w.x - 8, w.middle[1]))
    sketch.label((s.right + w.x) / 2, s.middle[1] - 16, "softmax")
    sketch.label((s.right + w.x) / 2, s.middle[1] + 16, "by row", kind="faint", size=TEXT - 1)

    z = vectors(w.middle[0] - d_v * small[0] / 2, tops[2], Z, "item", "", f"{n} × {d_v}")
    sketch.label(z.right + 12, z.middle[1], "answers $Z$", "start", "strong")
    sketch.arrow((w.middle[0], w.bottom + 28), (w.middle[0], z.y - 8))
    sketch.arrow((v.right + 8, v.middle[1]), (z.x - 8, z.middle[1]))
    sketch.label((v.right + z.x) / 2, v.middle[1] - 16, "averages of the rows of $V$")
    for block, colour in ((a, "item"), (q, "fourth"), (s, "ink"), (w, "ink"), (z, "item")):
        sketch.outline(block.rows(place), colour)
    read = [str(name) for name, allowed in zip(names, mask[place], strict=True) if allowed]
    return sketch.done(
        "Self-attention, from X to Z",
        f"X, {n} places of {d} numbers, is multiplied by three matrices to queries Q and keys K, "
        f"{n} by {d_k}, and values V, {n} by {d_v}. Q times K transposed, divided by the root of "
        f"{d_k}, gives {n} by {n} scores; forbidden ones are minus infinity; a softmax by row "
        f"makes weights of them, and weights times V are the answers Z, {n} by {d_v}. "
        f"{names[place]} reads {', '.join(read) or 'nothing'}.",
    )
