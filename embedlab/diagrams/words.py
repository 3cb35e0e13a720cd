"""Numbers and names as diagrams write them, and what does not fit into one."""

from collections.abc import Sequence

import numpy as np

from embedlab.diagrams.sketch import TEXT, width_of

LONGEST = 9  # characters of a name in a narrow place


def number(value: float, decimals: int = 2) -> str:
    """Return a number with few decimals and a true minus, "" for NaN."""
    if np.isnan(value):
        return ""
    text = f"{abs(value):.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = text[1:] if text.startswith("0.") else text
    return ("−" if value < 0 and text != "0" else "") + text


def numbers(values: np.ndarray, decimals: int = 2) -> list[list[str]]:
    """Return a table of numbers as texts."""
    return [[number(value, decimals) for value in row] for row in values]


def factor(value: float) -> str:
    """Return a number as a factor of a product: negative ones in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


def widest(texts: Sequence[Sequence[str]]) -> float:
    """Return the width of the widest text of a table."""
    return max(width_of(text, TEXT - 1) for row in texts for text in row)


def inside(name: str, index: int, n: int) -> None:
    """Raise a ValueError unless 0 <= index < n."""
    if not 0 <= index < n:
        raise ValueError(f"{name} must be from 0 to {n - 1}, not {index}.")


def one_name_each(name: str, names: Sequence[str], n: int) -> None:
    """Raise a ValueError unless there are n names."""
    if len(names) != n:
        raise ValueError(f"{name} must hold {n} names, not {len(names)}.")


def one_short_name_each(name: str, names: Sequence[str], n: int) -> None:
    """Raise a ValueError unless there are n names that fit into narrow places."""
    one_name_each(name, names, n)
    if any(len(str(one)) > LONGEST for one in names):
        raise ValueError(f"{name} must have at most {LONGEST} characters each: shorten {names}.")
