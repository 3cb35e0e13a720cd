"""One layer of a graph convolution, for one node and for all."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import TEXT, Diagram, Sketch, width_of
from embedlab.diagrams.words import inside, number, numbers, one_short_name_each, widest

WIDEST = 770.0  # of what a narrow page can show with letters that can be read


def graph_convolution(
    matrix: np.ndarray,
    features: np.ndarray,
    weights: np.ndarray,
    node: int,
    names: Sequence[str],
    relu: bool = True,
) -> Diagram:
    """Draw how a node gathers its neighbours' rows, and the same for all as M H W.

    Args:
        matrix: M, (n, n), n at most 5; row i has what node i takes of every node's row.
        features: H, (n, d), d at most 3.
        weights: W, (d, k), k at most 3.
        node: whose way is drawn.
        names: n short names of the nodes.
        relu: whether the activation is ReLU, or else there is none.

    Raises:
        ValueError: the shapes do not fit or are too large, a name is too long, the picture would
            be wider than a page, there is no such node, or it takes nothing from anybody.
    """
    M, H, W = (np.asarray(each, dtype=float) for each in (matrix, features, weights))
    n = len(M)
    if M.shape != (n, n) or not 2 <= n <= 5:
        raise ValueError(f"matrix has shape {M.shape}: draw (n, n), with 2 to 5 nodes.")
    if H.ndim != 2 or len(H) != n or not 1 <= H.shape[1] <= 3:
        raise ValueError(f"features must be ({n}, d), with d at most 3, not {H.shape}.")
    d = H.shape[1]
    if W.ndim != 2 or len(W) != d or not 1 <= W.shape[1] <= 3:
        raise ValueError(f"weights must be ({d}, k), with k at most 3, not {W.shape}.")
    one_short_name_each("names", names, n)
    inside("node", node, n)
    near = np.flatnonzero(M[node])
    if not len(near):
        raise ValueError(f"Row {node} of matrix is 0: the node takes nothing from anybody.")
    mixed = M @ H
    scores = mixed @ W
    out = np.maximum(scores, 0.0) if relu else scores
    rows = [numbers(each) for each in (M, H, W, mixed, scores, out)]
    cell = (max(36.0, 5 + max(map(widest, rows))), 28.0)
    sketch = Sketch()

    def shaded(values, colour, texts, x, y):
        darkest = 0.36 if colour == "ink" else 0.5  # letters must stand out
        shades = 0.06 + darkest * np.abs(values) / (np.abs(values).max() or 1.0)
        return sketch.block(x, y, np.sign(values) * shades, colour, texts, cell)

    # The way of one node: rows that it reads, their weighted sum, times W, activation.
    gap = cell[1] + 12
    middle = (len(near) - 1) * gap / 2
    read = [
        shaded(H[[other]], "item", [rows[1][other]], 0, place * gap)
        for place, other in enumerate(near)
    ]
    x = read[0].right + 128
    steps = []
    way = [(mixed, rows[3], "item"), (scores, rows[4], "third"), (out, rows[5], "third")]
    for values, texts, colour in way if relu else way[:2]:
        steps.append(shaded(values[[node]], colour, [texts[node]], x, middle))
        x = steps[-1].right + 78
    for other, box in zip(near, read, strict=True):
        kind = "strong" if other == node else ""
        sketch.label(-8, box.middle[1], str(names[other]), "end", kind)
        start, end = (box.right + 6, box.middle[1]), (steps[0].x - 8, steps[0].middle[1])
        sketch.arrow(start, (box.right + 62, box.middle[1]), end)
        sketch.label(box.right + 34, box.middle[1] - 10, number(M[node, other]), size=TEXT - 1)
    for one, other, text in zip(steps, steps[1:], ("× $W$", "ReLU"), strict=False):
        sketch.arrow((one.right + 6, one.middle[1]), (other.x - 6, other.middle[1]))
        sketch.label((one.right + other.x) / 2, one.middle[1] - 14, text)
    sketch.label(read[0].middle[0], -20, "rows of $H$ it reads", kind="strong")
    sketch.label(steps[0].middle[0], middle - 20, f"{names[node]} gathers", kind="strong")
    sketch.label(steps[-1].middle[0], middle + cell[1] + 18, "its new row")
    sketch.outline(steps[-1], "third")

    # The same for all nodes at once.
    y = (len(near) - 1) * gap + cell[1] + 92
    half = y + n * cell[1] / 2
    blocks, x = [], 0.0
    parts = [
        (M, rows[0], "ink", "$M$", "×"),
        (H, rows[1], "item", "$H$", "×"),
        (W, rows[2], "fourth", "$W$", "="),
        (scores, rows[4], "third", "$M H W$" if relu else "new $H$", "→" if relu else ""),
        (out, rows[5], "third", "new $H$", ""),
    ]
    for values, texts, colour, name, sign in parts if relu else parts[:4]:
        top = half - len(values) * cell[1] / 2
        block = shaded(values, colour, texts, x, top)
        sketch.label(block.middle[0], y - 18, name, kind="strong")
        sketch.label(
            block.middle[0], block.bottom + 15, f"{len(values)} × {values.shape[1]}", size=TEXT - 1
        )
        if sign == "→":
            sketch.arrow((block.right + 6, half), (block.right + 52, half))
            sketch.label(block.right + 29, half - 14, "ReLU")
        elif sign:
            sketch.label(block.right + 12, half, sign, size=20)
        blocks.append(block)
        x = block.right + (58 if sign == "→" else 24)
    for row, name in enumerate(names):
        kind = "strong" if row == node else "faint"
        sketch.label(-8, blocks[0].rows(row).middle[1], str(name), "end", kind)
    sketch.outline(blocks[0].rows(node), "ink")
    for other in near:
        sketch.outline(blocks[1].rows(int(other)), "item")
    for block in blocks[3:]:
        sketch.outline(block.rows(node), "third")
    labels = 20 + 1.08 * max(width_of(str(name), TEXT) for name in names)
    if labels + max(steps[-1].right, blocks[-1].right) > WIDEST:
        raise ValueError("This is wider than a page: draw fewer nodes or numbers, or round them.")
    taken = ", ".join(f"{number(M[node, other])} of {names[other]}" for other in near)
    return sketch.done(
        "One layer of a graph convolution",
        f"{names[node]} gathers rows of H, {taken}, adds them up to a row of {d} numbers, and "
        f"multiplies it by W, {d} by {W.shape[1]}{', then applies ReLU' if relu else ''}. For all "
        f"nodes at once M, {n} by {n}, times H, {n} by {d}, times W gives {n} rows of "
        f"{W.shape[1]}.",
    )
