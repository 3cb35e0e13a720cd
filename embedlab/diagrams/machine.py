"""One row of a design matrix in a factorization machine."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import CELL, COLOURS, TEXT, Diagram, Sketch, width_of
from embedlab.diagrams.words import number, numbers, widest


def fm_row(
    rows: np.ndarray, blocks: dict[str, Sequence[object]], targets: Sequence[float]
) -> Diagram:
    """Draw feature rows with a colour for each block of columns, as Rendle (2010), figure 1.

    Zeros are pale.

    Args:
        rows: (n_rows, n_columns) the feature rows.
        blocks: {name of a block: names of its columns}, in the order of the columns, at most five;
            the first two are the user's and the film's.
        targets: n_rows numbers to predict.

    Raises:
        ValueError: the blocks have not as many columns as the rows, there are more than five, or
            there is not a target for each row.
    """
    X = np.asarray(rows, dtype=float)
    columns = [len(names) for names in blocks.values()]
    if X.ndim != 2 or X.shape[1] != sum(columns) or len(X) != len(targets):
        raise ValueError(
            f"rows has shape {X.shape}, but the blocks name {sum(columns)} columns and there are "
            f"{len(targets)} targets: the shape must be ({len(targets)}, {sum(columns)})."
        )
    if len(blocks) > len(COLOURS):
        raise ValueError(f"There are {len(blocks)} blocks and only {len(COLOURS)} colours.")
    sketch, x = Sketch(), 0.0
    parts = np.split(X, np.cumsum(columns)[:-1], axis=1)
    for (name, names), part, colour in zip(blocks.items(), parts, COLOURS, strict=False):
        texts = numbers(part)
        cell = max(31.0, 5 + widest([*texts, [*map(str, names)]])), CELL - 2
        shades = np.where(part.round(2) != 0, 0.22 if colour == "ink" else 0.4, 0.0)
        block = sketch.block(x, 0, shades, colour, texts, cell)
        sketch.label(block.middle[0], -44, name, kind="strong", colour=colour)
        for column, label in enumerate(names):
            sketch.label(block.columns(column).middle[0], -14, str(label), size=TEXT - 1)
        x = max(block.right, block.middle[0] + width_of(name, TEXT) / 2) + 9
    texts = [[number(target)] for target in targets]
    y = sketch.block(x + 5, 0, np.zeros((len(X), 1)), "ink", None, (38, CELL - 2))
    sketch.label(y.middle[0], -44, "target", kind="strong")
    sketch.label(y.middle[0], -14, "$y$")
    for row, (text,) in enumerate(texts):
        sketch.label(*y.rows(row).middle, text, kind="strong", size=TEXT - 1)
        sketch.label(-8, y.rows(row).middle[1], f"$x^{{({row + 1})}}$", "end")
    names = [*map(str, blocks)]
    return sketch.done(
        "One feature row per rating, in blocks",
        f"{len(X)} feature rows of {X.shape[1]} columns in the blocks {', '.join(names)}, and a "
        f"target for each. {(X == 0).mean():.0%} of the entries are 0.",
    )
