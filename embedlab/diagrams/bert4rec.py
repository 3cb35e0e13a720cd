"""BERT4Rec from a history with masked places to what the model puts there."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import special

from embedlab.diagrams.sketch import TEXT, Box, Diagram, Sketch, width_of
from embedlab.diagrams.words import one_short_name_each, widest

ROW = 30.0  # the height of a place
UNIT = (11.0, ROW)  # a cell of a vector
PART = (118.0, 30.0)  # a part of a layer
PARTS = ("self-attention", "add & norm", "feed-forward", "add & norm")
GAP = 16.0  # between the parts


def bert4rec(
    history: Sequence[str],
    hidden: np.ndarray,
    vectors: np.ndarray,
    positions: np.ndarray,
    states: np.ndarray,
    scores: np.ndarray,
    item_names: Sequence[str],
    n_layers: int,
) -> Diagram:
    """Draw the way from a history to the probabilities of the items at its masked places.

    Args:
        history: n short names of the items, 2 <= n <= 6; some of `item_names`.
        hidden: (n,) booleans, True where [mask] stands instead of the item.
        vectors: (n, d) what the model looks up: the items' vectors and that of [mask], d at most 6.
        positions: (n, d), added to them.
        states: (n, d) what comes out of the last layer.
        scores: (m, n_items), a row for each of the m masked places, in their order; n_items at
            most 6.
        item_names: n_items short names.
        n_layers: how many layers there are, one after the other.

    Raises:
        ValueError: the shapes do not fit or are too large, nothing or everything is masked, a name
            is too long or not among the items, or a number is not finite.
    """
    hidden = np.asarray(hidden, dtype=bool)
    E, P, H, scores = (np.asarray(a, dtype=float) for a in (vectors, positions, states, scores))
    n, n_items = len(history), len(item_names)
    if not 2 <= n <= 6 or hidden.shape != (n,) or not 0 < hidden.sum() < n:
        raise ValueError(
            f"history has {n} names and hidden {hidden.sum()} of {hidden.size}: draw 2 to 6 "
            "places, some of them masked and some not."
        )
    if E.ndim != 2 or not 1 <= E.shape[1] <= 6 or not len(E) == n:
        raise ValueError(f"vectors has shape {E.shape}: it must be ({n}, d), d at most 6.")
    if P.shape != E.shape or H.shape != E.shape:
        raise ValueError(
            f"positions and states must be {E.shape}, as vectors is, not {P.shape} and {H.shape}."
        )
    if scores.shape != (hidden.sum(), n_items) or not 2 <= n_items <= 6:
        raise ValueError(
            f"scores has shape {scores.shape}: it must be ({hidden.sum()}, {n_items}), a row for "
            "each masked place, of 2 to 6 items."
        )
    if not all(np.isfinite(a).all() for a in (E, P, H, scores)):
        raise ValueError("vectors, positions, states and scores must be finite numbers.")
    if n_layers < 1:
        raise ValueError(f"n_layers is {n_layers}: draw at least 1.")
    one_short_name_each("history", history, n)
    one_short_name_each("item_names", item_names, n_items)
    history, names = [str(name) for name in history], [str(name) for name in item_names]
    strange = [name for name in history if name not in names]
    if strange:
        raise ValueError(f"history has {strange[0]!r}, which is not among the item_names.")
    d, masked = E.shape[1], np.flatnonzero(hidden)
    P_items = special.softmax(scores, axis=1)

    sketch = Sketch()
    height = n * ROW
    shown = [["[mask]"] if gone else [name] for name, gone in zip(history, hidden, strict=True)]
    first = sketch.block(
        0, 0, np.where(hidden, 0, 0.2)[:, None], "item", shown, (widest(shown) + 12, ROW)
    )
    sketch.label(first.middle[0], -18, "history", kind="strong")

    def vectors_at(x: float, values: np.ndarray, colour: str, name: str) -> Box:
        shades = 0.06 + 0.64 * np.abs(values) / (np.abs(values).max() or 1.0)
        block = sketch.block(x, 0, shades, colour, cell=UNIT)
        sketch.label(block.middle[0], -18, name, kind="strong")
        sketch.label(block.middle[0], height + 15, f"{n} × {d}", size=TEXT - 1)
        return block

    e = vectors_at(first.right + 34, E, "item", "$E$")
    p = vectors_at(e.right + 26, P, "fourth", "positions")
    sketch.arrow((first.right + 6, height / 2), (e.x - 6, height / 2))
    sketch.label((e.right + p.x) / 2, height / 2, "+")

    norm = _part(sketch, p.right + 22, (height - PART[1]) / 2, "norm", 46.0)
    sketch.arrow((p.right + 4, height / 2), (norm.x, height / 2))
    left = norm.right + 50
    tops = [
        (height - 4 * PART[1] - 3 * GAP) / 2 + part * (PART[1] + GAP) for part in range(len(PARTS))
    ]
    parts = [_part(sketch, left, top, name) for top, name in zip(tops, PARTS, strict=True)]
    attention, after, network, last = parts
    for one, other in pairwise(parts):
        sketch.arrow((one.middle[0], one.bottom), (one.middle[0], other.y))
    middle, entry, turn = height / 2, attention.middle[1], left - 16
    before = turn - 14  # the residual ways start from the line into a part
    sketch.arrow((norm.right, middle), (before, middle), (before, entry), (left, entry))
    sketch.arrow((turn, entry), (turn, after.middle[1]), (left, after.middle[1]))
    fork, end = (after.bottom + network.y) / 2 - 3, last.middle[1]
    sketch.arrow((after.middle[0], fork), (turn, fork), (turn, end), (left, end))
    layer = Box(turn - 6, tops[0] - 10, PART[0] + 30, last.bottom - tops[0] + 20)
    sketch.outline(layer, "ink")
    layers = "1 layer" if n_layers == 1 else f"{n_layers} layers"
    sketch.label(layer.right, layer.y - 14, layers, "end", "strong")

    h = vectors_at(layer.right + 48, H, "item", "states $h$")
    out = layer.right + 20
    sketch.arrow((last.right, end), (out, end), (out, middle), (h.x - 6, middle))
    for place in masked:
        for block in (first, h):
            sketch.outline(block.rows(int(place)), "third")

    texts = [[f"{share:.2f}".removeprefix("0") for share in row] for row in P_items]
    cell = (max(46.0, widest([*texts, names]) + 12), 28.0)
    x, y = h.right - n_items * cell[0], max(layer.bottom, height + 24) + 74
    table = sketch.block(x, y, 0.7 * P_items, "item", texts, cell)
    for column, name in enumerate(names):
        sketch.label(table.columns(column).middle[0], y - 14, name)
    for row, place in enumerate(masked):
        sketch.label(x - 8, table.rows(row).middle[1], f"place {place + 1}", "end", "strong")
        sketch.outline(table.cell(row, names.index(history[place])), "third")
    sketch.label(x - 8, y - 14, "framed: what stood there", "end", "faint", size=TEXT - 1)
    sketch.arrow((h.middle[0], height + 28), (h.middle[0], y - 30))
    formula = "softmax of GELU($hW + b$) $E^T$ + $b^O$"
    right, y = h.middle[0] - 12, y - 44
    sketch.label(right, y, formula, "end")
    x = e.middle[0]
    sketch.arrow((x, height + 28), (x, y), (right - width_of(formula, TEXT) - 8, y))
    sketch.label(x + 10, y - 14, "tied: $E$ again", "start", "faint", size=TEXT - 1)
    said = ". ".join(
        f"Place {place + 1}, where {history[place]} was: "
        + ", ".join(f"{name} {text}" for name, text in zip(names, row, strict=True))
        for place, row in zip(masked, texts, strict=True)
    )
    return sketch.done(
        "BERT4Rec, from a history to its masked places",
        f"A history of {n} places, {len(masked)} of them masked, is looked up in E and positions "
        f"are added, {n} vectors of {d} numbers, which are normalised. Then {layers}, of "
        "self-attention, add and norm, a feed-forward network, add and norm. At the masked "
        "places the head makes "
        f"probabilities of the states, with the items' rows of the same E. {said}.",
    )


def _part(sketch: Sketch, x: float, y: float, name: str, width: float = PART[0]) -> Box:
    """Draw a named part and return its box."""
    shade = 0.08 if "norm" in name else 0.2
    return sketch.block(x, y, np.array([[shade]]), "ink", [[name]], (width, PART[1]))
