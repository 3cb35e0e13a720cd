"""A batch of pairs as a square of scores, with the pairs on the diagonal."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from embedlab.diagrams.sketch import CELL, TEXT, Diagram, Sketch
from embedlab.diagrams.words import (
    inside,
    number,
    numbers,
    one_name_each,
    one_short_name_each,
    widest,
)


def in_batch(
    user_vectors: np.ndarray,
    film_vectors: np.ndarray,
    row: int,
    user_names: Sequence[str],
    film_names: Sequence[str],
) -> Diagram:
    """Draw U times V transposed, the diagonal stressed, and the softmax over one row.

    Args:
        user_vectors: U, (n, d), n from 2 to 5, d at most 4.
        film_vectors: V, (n, d), in every row the film that belongs to the row's user.
        row: the row that is picked.
        user_names: n short names.
        film_names: n names, of which the row's is shown.

    Raises:
        ValueError: the shapes do not fit or are too large, a name is too long, or there is no such
            row.
    """
    U, V = (np.asarray(each, dtype=float) for each in (user_vectors, film_vectors))
    if U.ndim != 2 or U.shape != V.shape or not (2 <= len(U) <= 5 and 1 <= U.shape[1] <= 4):
        raise ValueError(
            f"user_vectors has shape {U.shape} and film_vectors {V.shape}: both must be (n, d), n "
            "from 2 to 5, d at most 4."
        )
    n, d = U.shape
    one_short_name_each("user_names", user_names, n)
    one_name_each("film_names", film_names, n)
    inside("row", row, n)
    scores = U @ V.T
    shares = special.softmax(scores[row])
    texts = [numbers(each, 1) for each in (U, V.T, scores)]
    cell = max(CELL, 4 + max(map(widest, texts))), CELL
    sketch = Sketch()

    left = sketch.block(0, 0, np.full(U.shape, 0.12), "user", texts[0], cell)
    for one, name in enumerate(user_names):
        kind = "strong" if one == row else "faint"
        sketch.label(-8, left.rows(one).middle[1], str(name), "end", kind)
    middle = left.middle[1]
    sketch.label(left.right + 16, middle, "×", size=22)
    x, y = left.right + 32, middle - d * CELL / 2
    top = sketch.block(x, y, np.full((d, n), 0.12), "item", texts[1], cell)
    sketch.label(top.right + 18, middle, "=", size=22)
    pairs = np.eye(n, dtype=bool)

    def with_pairs(y, shades, texts, pairs):
        """Draw cells of which some are stressed, as tall as there are rows of them."""
        others = [
            ["" if p else t for t, p in zip(*row, strict=True)]
            for row in zip(texts, pairs, strict=True)
        ]
        block = sketch.block(top.right + 36, y, np.where(pairs, 0, shades), "ink", others, cell)
        for spot in np.argwhere(pairs):
            pair, text = block.cell(*spot), texts[spot[0]][spot[1]]
            sketch.block(pair.x, pair.y, np.array([[0.4]]), "third", [[text]], cell)
        return block

    square = with_pairs(0, np.full((n, n), 0.08), texts[2], pairs)
    sketch.outline(left.rows(row), "user")
    sketch.outline(top.columns(row), "item")
    sketch.outline(square.rows(row), "user")

    high = min(-20.0, y - 20)
    for block, text in ((left, "users $U$"), (top, "films $V^T$"), (square, "scores $UV^T$")):
        sketch.label(block.middle[0], high, text, kind="strong")
    sketch.label(left.middle[0], left.bottom + 15, f"{n} × {d}", size=TEXT - 1)
    sketch.label(top.middle[0], top.bottom + 15, f"{d} × {n}", size=TEXT - 1)
    low = max(square.bottom, top.bottom)
    film = str(film_names[row])
    sketch.label(square.columns(row).middle[0], square.bottom + 15, film, kind="strong")

    fall = square.bottom + 28, low + 66
    sketch.arrow((square.middle[0], fall[0]), (square.middle[0], fall[1]))
    sketch.label(square.middle[0] - 12, sum(fall) / 2, f"softmax of {user_names[row]}'s row", "end")
    chosen = with_pairs(fall[1] + 8, 0.45 * shares[None], numbers(shares[None]), pairs[[row]])
    pair = chosen.cell(0, row)
    sketch.label(square.x - 12, chosen.middle[1], "probabilities, 1 together", "end")
    loss = -np.log(shares[row])
    sketch.label(
        pair.middle[0], chosen.bottom + 18, f"loss: −log {number(shares[row])} = {number(loss)}"
    )
    return sketch.done(
        "A batch as a square of scores",
        f"The vectors of {n} users, {n} by {d}, times those of {n} films, {d} by {n}, give {n} by "
        f"{n} scores. On the diagonal stand the pairs of the batch; all else are negatives. The "
        f"softmax of {user_names[row]}'s row gives {film} the probability "
        f"{number(shares[row])}, whose negative logarithm, {number(loss)}, is the row's loss.",
    )
