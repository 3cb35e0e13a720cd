"""One column of SLIM's weights and the prediction it makes."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import CELL, TEXT, Diagram, Sketch, width_of
from embedlab.diagrams.words import inside, number, numbers, one_short_name_each


def slim_column(
    weights: np.ndarray, watched: np.ndarray, film: int, names: Sequence[str]
) -> Diagram:
    """Draw how one column of SLIM's W turns a user's row into one score.

    Args:
        weights: W, (n_items, n_items); `weights[j, i]` is what film j says about film i. The
            diagonal is 0; 2 to 6 films.
        watched: (n_items,) the user's row of A, 0 or 1.
        film: the column that is picked.
        names: n_items short names.

    Raises:
        ValueError: the shapes do not fit, the diagonal is not 0, a name is too long, or there is
            no such film.
    """
    W, a = np.asarray(weights, dtype=float), np.asarray(watched, dtype=float)
    n = len(W)
    if W.shape != (n, n) or a.shape != (n,) or not 2 <= n <= 6:
        raise ValueError(
            "weights must be (n_items, n_items) and watched (n_items,), with 2 to 6 films, "
            f"not {W.shape} and {a.shape}."
        )
    if np.diag(W).any():
        raise ValueError("The diagonal of weights must be 0: no film predicts itself.")
    if not np.isin(a, (0, 1)).all():
        raise ValueError("watched must hold 0 and 1 only.")
    one_short_name_each("names", names, n)
    inside("film", film, n)
    scores = a @ W
    side = (max(42.0, *(width_of(str(name), TEXT) + 8 for name in names)), CELL)
    sketch = Sketch()

    used = a * W[:, film] > 0
    shades = np.where(W > 0, 0.12, 0.0)
    shades[:, film] = np.where(used, 0.5, shades[:, film])
    table = sketch.block(0, 0, shades, "item", numbers(W), side)
    for j in range(n):
        box = table.cell(j, j)
        sketch.block(box.x, box.y, np.array([[0.2]]), "ink", cell=side)
    sketch.outline(table.columns(film), "item")

    y = table.bottom + 62
    row = sketch.block(-n * side[0] - 64, y, 0.5 * a[None], "user", numbers(a[None]), side)
    sketch.outline(row, "user")
    result = sketch.block(0, y, np.zeros((1, n)), "third", numbers(scores[None]), side)
    pick = result.cell(0, film)
    sketch.block(pick.x, y, np.array([[0.45]]), "third", [[number(scores[film])]], side)
    sketch.outline(pick, "third")
    sketch.arrow((table.columns(film).middle[0], table.bottom + 6), (pick.middle[0], y - 6))
    sketch.arrow((row.right + 10, row.middle[1]), (-10, row.middle[1]))

    for j, name in enumerate(names):
        kind = "strong" if a[j] else "faint"
        sketch.label(-8, table.rows(j).middle[1], str(name), "end", kind)
        sketch.label(row.columns(j).middle[0], row.bottom + 16, str(name), kind=kind)
        kind = "strong" if j == film else "faint"
        sketch.label(table.columns(j).middle[0], -16, str(name), kind=kind)
        sketch.label(result.columns(j).middle[0], row.bottom + 16, str(name), kind=kind)
    sketch.label(row.middle[0], y - 22, "one user's row of $A$: watched or not", kind="strong")
    sketch.label(table.middle[0], -44, "$W$: what the row's film says about the column's")
    sketch.label(table.right + 12, table.middle[1] - 12, f"column {names[film]}", "start", "strong")
    sketch.label(table.right + 12, table.middle[1] + 12, "diagonal 0", "start", "faint")
    sketch.label(table.right + 12, result.middle[1], "the user's scores", "start")
    terms = [number(weight) for weight in W[used, film]]
    total = f" = {' + '.join(terms)}" if len(terms) > 1 else ""
    sketch.label(
        (row.x + table.right) / 2,
        row.bottom + 52,
        f"score of {names[film]}{total} = {number(scores[film])}: only watched films add to it",
        size=TEXT + 1,
    )
    return sketch.done(
        "One column of W picks one score",
        f"The user's row of A, with {int(a.sum())} of {n} films watched, times W, {n} by {n} with "
        f"a diagonal of 0, gives a row of scores. The score of {names[film]} needs only the column "
        f"{names[film]} of W: the weights of the watched films in it add up to "
        f"{number(scores[film])}.",
    )
