"""A table of ratings as the product of two thin matrices."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import CELL, TEXT, Box, Diagram, Sketch
from embedlab.diagrams.words import factor, inside, number, numbers, one_name_each, widest


def factorization(
    ratings: np.ndarray,
    user_factors: np.ndarray,
    item_factors: np.ndarray,
    user: int,
    item: int,
    user_names: Sequence[str],
    item_names: Sequence[str],
) -> Diagram:
    """Draw a table of ratings as the product of two thin matrices, with one cell picked.

    Args:
        ratings: (n_users, n_items) known ratings, NaN where unknown; at most 8 x 8.
        user_factors: (n_users, k), k at most 4.
        item_factors: (n_items, k).
        user: the row that is picked.
        item: the column that is picked.
        user_names: n_users names.
        item_names: n_items names.

    Raises:
        ValueError: the shapes do not fit, the table is too large, or there is no such row or
            column.
    """
    R, U, M = (np.asarray(array, dtype=float) for array in (ratings, user_factors, item_factors))
    if R.ndim != 2 or not (min(R.shape) >= 1 and max(R.shape) <= 8):
        raise ValueError(f"ratings has shape {R.shape}: draw a table of at most 8 x 8.")
    n_users, n_items = R.shape
    if U.ndim != 2 or M.shape != (n_items, U.shape[-1]) or len(U) != n_users or U.shape[1] > 4:
        raise ValueError(
            f"ratings is {n_users} x {n_items}, so user_factors must be ({n_users}, k) and "
            f"item_factors ({n_items}, k), k at most 4, not {U.shape} and {M.shape}."
        )
    one_name_each("user_names", user_names, n_users)
    one_name_each("item_names", item_names, n_items)
    inside("user", user, n_users)
    inside("item", item, n_items)
    known, k = np.isfinite(R), U.shape[1]
    p, q = U[user], M[item]
    predicted = float(p @ q)
    texts = [numbers(each, 1) for each in (R, U, M.T)]  # of the three matrices
    cell = max(CELL, 4 + max(map(widest, texts))), CELL
    sketch = Sketch()

    shades = np.where(known, 0.16, 0.0)
    shades[user, item] = 0.0  # drawn below
    table = sketch.block(0, 0, shades, "ink", texts[0], cell)
    pick = table.cell(user, item)
    text = number(R[user, item], 1) if known[user, item] else "?"
    sketch.block(pick.x, pick.y, np.array([[0.45]]), "third", [[text]], cell)
    sketch.outline(table.rows(user), "user")
    sketch.outline(table.columns(item), "item")
    for row, name in enumerate(user_names):
        x, y = table.x - 8, table.rows(row).middle[1]
        sketch.label(x, y, str(name), "end", "strong" if row == user else "faint")

    y = table.middle[1]
    exact = known.all() and np.allclose(R, U @ M.T)
    sketch.label(table.right + 22, y, "=" if exact else "≈", size=24)
    shades = np.full(U.shape, 0.12)
    shades[user] = 0.45
    left = sketch.block(table.right + 44, 0, shades, "user", texts[1], cell)
    sketch.outline(left.rows(user), "user")
    sketch.label(left.right + 18, y, "×", size=22)
    shades = np.full((k, n_items), 0.12)
    shades[:, item] = 0.45
    top = y - k * CELL / 2
    right = sketch.block(left.right + 36, top, shades, "item", texts[2], cell)
    sketch.outline(right.columns(item), "item")

    sketch.label(table.middle[0], -20, "ratings $R$", kind="strong")
    sketch.label(left.middle[0], -20, "$U$", kind="strong")
    sketch.label(right.middle[0], right.y - 20, "$M^T$", kind="strong")
    sketch.label(pick.middle[0], table.bottom + 18, str(item_names[item]), kind="strong")
    sketch.label(
        right.cell(0, item).middle[0], right.bottom + 18, str(item_names[item]), kind="strong"
    )
    sketch.span(left, "below", f"$k$ = {k}")
    sketch.span(Box(right.right, right.y, 0, right.height), "left", "", gap=-12)
    sketch.label(right.right + 22, right.middle[1], f"$k$ = {k}", "start")

    terms = " + ".join(f"{factor(a)} · {factor(b)}" for a, b in zip(p, q, strict=True))
    formula = f"$r̂_{{ui}}$ = $p_u$ · $q_i$ = {terms} = {number(predicted)}"
    low = max(table.bottom, left.bottom) + 64
    sketch.label((table.x + right.right) / 2, low, formula, size=TEXT + 1)
    known_one = (
        f"the known rating is {number(R[user, item])}" if known[user, item] else "it is not known"
    )
    return sketch.done(
        "A table of ratings as the product of two thin matrices",
        f"A table R of {n_users} users and {n_items} films, {known.sum()} of {known.size} cells "
        f"known, is approximated by U, {n_users} by {k}, times M transposed, {k} by {n_items}. "
        f"The cell of {user_names[user]} and {item_names[item]} is the dot product of one row of U "
        f"and one column of M transposed: {number(predicted)}; {known_one}.",
    )
