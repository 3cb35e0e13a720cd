"""Cells of a matrix that are hidden from a model, to see whether it can fill them."""

import numpy as np


def hide_known(values: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Hide the same share of a matrix's known cells, chosen at random.

    Of n known cells rint(share * n) are hidden, where rint is numpy.rint (nearest integer, halves
    to the even one). Every choice of that many is equally likely. Hide cells of what is left once
    more to choose settings by.

    Args:
        values: (n, m) numbers, NaN where a cell is unknown. It is left as it is.
        share: strictly between 0 and 1.
        seed: of numpy.random.default_rng; the same seed hides the same cells.

    Returns:
        (left, hidden): the (n, m) float64 values with NaN also in the hidden cells, and (n, m)
        bool, true in the hidden cells, none of which was unknown.

    Raises:
        ValueError: `share` is not strictly between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(
            f"share is {share}: choose a number strictly between 0 and 1, such as 0.2 for a fifth "
            "of the known cells."
        )
    left = np.array(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(left))
    hidden = np.zeros(left.size, dtype=bool)
    n_hidden = int(np.rint(share * len(known)))
    hidden[np.random.default_rng(seed).permutation(known)[:n_hidden]] = True
    hidden = hidden.reshape(left.shape)
    left[hidden] = np.nan
    return left, hidden
