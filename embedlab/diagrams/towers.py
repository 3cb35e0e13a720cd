"""A query's tower, the documents' tower, and the posterior over the documents."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from embedlab.diagrams.sketch import TEXT, Box, Diagram, Sketch, width_of
from embedlab.diagrams.words import number

PIECES = 206.0  # how wide a text's pieces may be together
SHOWN = 8  # numbers of a layer that are drawn
UNIT = (11.0, 26.0)  # a cell of a layer


def two_towers(
    names: Sequence[str],
    pieces: Sequence[Sequence[str]],
    layers: Sequence[np.ndarray],
    gamma: float,
    columns: Sequence[str] = ("letter trigrams", "hidden, tanh", "vector $y$"),
    shared: bool = True,
    cosine: bool = True,
) -> Diagram:
    """Draw how a query and documents become vectors, their relevance, and the posterior.

    Of a layer the first numbers are drawn, the darker the farther from 0, and its length is said;
    of the pieces as many as there is room for.

    >>> two_towers(texts, [letter_trigrams(text) for text in texts], [hidden, Y], gamma=10)
    >>> two_towers(["Ann", *films], [history, *([film] for film in films)], [Y], gamma=10,
    ...            columns=("what enters", "vector $y$"), shared=False, cosine=False)

    Args:
        names: the query, then 1 to 4 documents: n short names.
        pieces: of each the texts that enter its tower, such as letter trigrams or a history.
        layers: 1 or 2 arrays (n, ...), row i of the text i; the last has the vectors.
        gamma: what multiplies the relevances in the posterior.
        columns: what the pieces and each layer are.
        shared: whether the query's tower is the documents' tower.
        cosine: whether relevance is the cosine of two vectors, or else their dot product.

    Raises:
        ValueError: the numbers of texts, pieces, layers and columns do not fit each other or the
            page, or a number is not finite.
    """
    n, arrays = len(names), [np.asarray(layer, dtype=float) for layer in layers]
    if not 2 <= n <= 5 or len(pieces) != n or not all(map(len, pieces)):
        raise ValueError(
            f"names has {n} names and pieces {len(pieces)} lists: draw a query and 1 to 4 "
            "documents, and give each a list of at least one piece."
        )
    if len(arrays) not in (1, 2) or len(columns) != len(arrays) + 1:
        raise ValueError(
            f"There are {len(arrays)} layers and {len(columns)} columns: draw 1 or 2 layers, and "
            "name the pieces and each layer."
        )
    for layer in arrays:
        if layer.ndim != 2 or len(layer) != n or layer.shape[1] == 0:
            raise ValueError(f"A layer has shape {layer.shape}: it must have {n} rows of numbers.")
    if not all(np.isfinite(layer).all() for layer in arrays) or not np.isfinite(gamma):
        raise ValueError("layers and gamma must be finite numbers.")
    if any(width_of(str(name), TEXT) > PIECES for name in names):
        raise ValueError(f"names must fit above their pieces: shorten {list(names)}.")
    vectors = arrays[-1]
    if cosine:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors / np.where(lengths > 0, lengths, 1)
    relevance = vectors[1:] @ vectors[0]
    posterior = special.softmax(gamma * relevance)

    sketch = Sketch()
    tops = [0.0, *(104.0 + 66 * row for row in range(n - 1))]
    x = PIECES + 44
    ends = []  # the boxes of the vectors
    for row, (top, name) in enumerate(zip(tops, names, strict=True)):
        colour = "item" if row else "user"
        sketch.label(0, top - 15, str(name), "start", "strong", colour)
        box = _pieces(sketch, top, [*map(str, pieces[row])], colour)
        place = x
        for layer in arrays:
            sketch.arrow((box.right + 6, box.middle[1]), (place - 6, box.middle[1]))
            shades = 0.06 + 0.74 * np.abs(layer[row]) / (np.abs(layer).max() or 1.0)
            box = sketch.block(place, top, shades[None, :SHOWN], colour, cell=UNIT)
            if layer.shape[1] > SHOWN:
                sketch.label(box.right + 3, box.middle[1], "…", "start", "faint")
                box = Box(box.x, box.y, box.width + 18, box.height)
            place = box.right + 40
        ends.append(box)
    heads = [0.0, x, *([ends[0].x] if len(arrays) == 2 else [])]
    lengths_said = ["", *(f"{layer.shape[1]} numbers" for layer in arrays)]
    for left, title, length in zip(heads, columns, lengths_said, strict=True):
        sketch.label(left, -66, title, "start")
        sketch.label(left, -44, length, "start", "faint", size=TEXT - 1)
    measure = "cosine" if cosine else "product"
    weights = "the same weights for all" if shared else "a tower of its own for each side"
    sketch.label(0, 56, weights, "start", "faint", size=TEXT - 1)

    cell = (46.0, UNIT[1])
    left = place - 2
    shades = 0.35 * np.abs(relevance) / max(1.0, np.abs(relevance).max())
    scores = _column(sketch, left, tops[1:], shades, "ink", relevance, cell)
    far = scores[0].right + 70
    answer = _column(sketch, far, tops[1:], 0.7 * posterior, "third", posterior, cell)
    turn, y = scores[0].middle[0], ends[0].middle[1]
    sketch.arrow((ends[0].right + 6, y), (turn, y), (turn, tops[1] - 32))
    for vector, one, other in zip(ends[1:], scores, answer, strict=True):
        sketch.arrow((vector.right + 6, vector.middle[1]), (one.x - 6, one.middle[1]))
        sketch.arrow((one.right + 6, one.middle[1]), (other.x - 6, other.middle[1]))
    sketch.label(turn, tops[1] - 18, f"{measure} $R$", kind="strong")
    sketch.label(answer[0].middle[0], tops[1] - 40, "posterior $P$", kind="strong")
    sketch.label(answer[0].middle[0], tops[1] - 18, f"softmax of {number(gamma)} $R$")
    sketch.outline(answer[int(posterior.argmax())], "third")
    said = ", ".join(
        f"{name} {number(r)} and {number(p)}"
        for name, r, p in zip(names[1:], relevance, posterior, strict=True)
    )
    return sketch.done(
        "From texts to vectors, cosines and the posterior",
        f"The query {names[0]} and {n - 1} documents pass through "
        f"{'one tower' if shared else 'two towers'} of {len(arrays)} layers, the last of "
        f"{arrays[-1].shape[1]} numbers. The {measure} with the query's vector, and the posterior, "
        f"the softmax of {number(gamma)} times it: {said}.",
    )


def _pieces(sketch: Sketch, top: float, texts: list[str], colour: str) -> Box:
    """Draw the pieces that fit side by side, and how many are left; return their box."""
    widths = np.array([max(30.0, width_of(text, TEXT - 1) + 8) for text in texts])
    room = np.where(np.arange(len(texts)) < len(texts) - 1, PIECES - 34, PIECES)
    n_shown = max(1, int(np.flatnonzero(np.append(np.cumsum(widths) > room, True))[0]))
    x = 0.0
    for text, width in zip(texts[:n_shown], widths, strict=False):
        sketch.block(x, top, np.array([[0.2]]), colour, [[text]], (width, UNIT[1]))
        x += width
    if n_shown < len(texts):
        sketch.label(x + 4, top + UNIT[1] / 2, f"+{len(texts) - n_shown}", "start", "faint")
        x += 34
    return Box(0, top, x, UNIT[1])


def _column(
    sketch: Sketch,
    x: float,
    tops: Sequence[float],
    shades: np.ndarray,
    colour: str,
    values: np.ndarray,
    cell: tuple[float, float],
) -> list[Box]:
    """Draw one number beside each document and return their boxes."""
    return [
        sketch.block(x, top, np.array([[shade]]), colour, [[number(value)]], cell)
        for top, shade, value in zip(tops, shades, values, strict=True)
    ]
