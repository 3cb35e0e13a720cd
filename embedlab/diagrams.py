"""Diagrams made by code: SVG in light and dark, in the course's colours, from a lecture's arrays.

A diagram is drawn on a `Sketch` from blocks of cells, outlines, labels, arrows and spans, and fits
itself around what was drawn. Colours are roles: "user" and "item" mean the same in every lecture.
Labels are plain text; between dollar signs letters are italic, and `_` and `^` set a letter or
{letters} lower or higher: "$p_u$", "$W^{QK}$".

To add one, say `two_towers`, write a function of the lecture's own arrays that says in a
ValueError what does not fit, draws on a Sketch and returns `sketch.done(title, sentence)`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

import numpy as np
from scipy import special

CELL = 34.0  # the side of a cell
TEXT = 16.0  # the size of a label
LONGEST = 9  # characters of a name in a narrow place
SMALLEST = 0.8  # how far a diagram shrinks, so that its letters keep 12 pixels; then it scrolls
SHAPES = (  # of points: circle, square, diamond, triangle
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
    "M-4 -4h8v8h-8Z",
    "M0 -6L6 0L0 6L-6 0Z",
    "M0 -6L6 5H-6Z",
)
RING = "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0ZM-6 0a6 6 0 1 1 12 0a6 6 0 1 1 -12 0Z"
COLOURS = ("user", "item", "third", "fourth", "ink")
CSS = """
.embedlab-diagram { overflow-x: auto; padding: 4px; }
.embedlab-diagram svg { display: block; height: auto; max-width: 100%; }
.embedlab-diagram text { fill: var(--ink); font-family: var(--jp-ui-font-family, sans-serif); }
.embedlab-diagram .math { font-family: Cambria, Georgia, "Times New Roman", serif; }
.embedlab-diagram .italic { font-style: italic; }
.embedlab-diagram .strong { font-weight: 600; }
.embedlab-diagram .user { --colour: var(--main); }
.embedlab-diagram .item { --colour: var(--accent); }
.embedlab-diagram .third { --colour: var(--third); }
.embedlab-diagram .fourth { --colour: var(--fourth); }
.embedlab-diagram .ink { --colour: var(--ink); }
.embedlab-diagram text.faint { fill: var(--faint-ink); }
.embedlab-diagram .cells { fill: var(--colour); }
.embedlab-diagram .grid { fill: none; stroke: var(--line); }
.embedlab-diagram .outline { fill: none; stroke: var(--colour); stroke-width: 3; }
.embedlab-diagram .arrow { fill: none; stroke: var(--colour); stroke-width: 1.5; }
.embedlab-diagram .head { fill: var(--colour); }
.embedlab-diagram .axis { stroke: var(--line); }
.embedlab-diagram .point { fill: var(--colour); fill-opacity: 0.75; }
.embedlab-diagram .on-paper {
  paint-order: stroke; pointer-events: none; stroke: var(--paper); stroke-width: 4px;
}
.embedlab-diagram .spot { fill: none; pointer-events: all; stroke-width: 2; }
.embedlab-diagram .spot + text { display: none; }
.embedlab-diagram .spot:hover { stroke: var(--ink); }
.embedlab-diagram .spot:hover + text { display: inline; }
"""


def _style() -> str:
    colours = Path(__file__).parent / "widgets" / "colours.css"
    return colours.read_text(encoding="utf-8") + CSS


@dataclass(frozen=True)
class Diagram:
    """A drawing that a notebook shows; its repr changes with it, so that nbval notices.

    Attributes:
        title: what it shows, in a few words.
        description: the same as full sentences, for whoever cannot see it.
        svg: the drawing, one element without ids and without references.
    """

    title: str
    description: str
    svg: str

    def __repr__(self) -> str:
        """Return one line that changes with the picture."""
        return f"<Diagram {self.title!r} {sha256(self.svg.encode()).hexdigest()[:8]}>"

    def _repr_html_(self) -> str:
        return f'<style>{_style()}</style>\n<div class="embedlab-diagram">{self.svg}</div>'


@dataclass(frozen=True)
class Box:
    """A rectangle on a sketch, and, if it is a block of cells, its number of rows and columns."""

    x: float
    y: float
    width: float
    height: float
    shape: tuple[int, int] = (1, 1)

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def rows(self, first: int, n: int = 1) -> "Box":
        """Return `n` rows of cells as a box."""
        height = self.height / self.shape[0]
        return Box(self.x, self.y + first * height, self.width, n * height, (n, self.shape[1]))

    def columns(self, first: int, n: int = 1) -> "Box":
        """Return `n` columns of cells as a box."""
        width = self.width / self.shape[1]
        return Box(self.x + first * width, self.y, n * width, self.height, (self.shape[0], n))

    def cell(self, row: int, column: int) -> "Box":
        """Return one cell as a box."""
        return self.rows(row).columns(column)


class Sketch:
    """What has been drawn so far; y grows downwards, and the place of the origin does not matter.

    >>> sketch = Sketch()
    >>> block = sketch.block(0, 0, np.array([[0.2, 0.9]]), "user", texts=[["1", "5"]])
    >>> sketch.label(block.right + 10, block.middle[1], "$p_u$", anchor="start")
    >>> sketch.done("A user's vector", "Two numbers describe a user.")
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._corners: list[tuple[float, float]] = []

    def block(
        self,
        x: float,
        y: float,
        shades: np.ndarray,
        colour: str,
        texts: Sequence[Sequence[str]] | None = None,
        cell: tuple[float, float] = (CELL, CELL),
    ) -> Box:
        """Draw cells in shades of one colour and return their box.

        Args:
            x: the left side.
            y: the upper side.
            shades: (n_rows, n_columns) from 0, no colour, to 1.
            colour: one of COLOURS.
            texts: what stands in the cells; faint where the shade is 0.
            cell: width and height of one.

        Raises:
            ValueError: there is no such colour, or `texts` has another shape than `shades`.
        """
        _known(colour)
        shades = np.asarray(shades, dtype=float)
        n_rows, n_columns = shades.shape
        if texts is not None and [len(row) for row in texts] != [n_columns] * n_rows:
            raise ValueError(
                f"texts must have {n_rows} rows of {n_columns}, as shades has, not "
                f"{[len(row) for row in texts]}."
            )
        box = Box(x, y, n_columns * cell[0], n_rows * cell[1], (n_rows, n_columns))
        rects = "".join(
            f'<rect{_place(box.cell(row, column))} fill-opacity="{shades[row, column]:.2f}"/>'
            for row, column in np.argwhere(shades > 0)
        )
        lines = [f"M{_n(x + i * cell[0])} {_n(y)}v{_n(box.height)}" for i in range(n_columns + 1)]
        lines += [f"M{_n(x)} {_n(y + i * cell[1])}h{_n(box.width)}" for i in range(n_rows + 1)]
        self._parts += [
            f'<g class="cells {colour}">{rects}</g>',
            f'<path class="grid" d="{"".join(lines)}"/>',
        ]
        self._corners += [(box.x, box.y), (box.right, box.bottom)]
        for row, column in np.ndindex(shades.shape if texts is not None else (0, 0)):
            kind = "" if shades[row, column] > 0 else "faint"
            self.label(*box.cell(row, column).middle, texts[row][column], kind=kind, size=TEXT - 1)
        return box

    def outline(self, box: Box, colour: str) -> None:
        """Draw a thick frame around a box."""
        _known(colour)
        self._parts.append(f'<rect class="outline {colour}"{_place(box)} rx="2"/>')
        self._corners += [(box.x, box.y), (box.right, box.bottom)]

    def label(
        self,
        x: float,
        y: float,
        text: str,
        anchor: str = "middle",
        kind: str = "",
        colour: str | None = None,
        size: float = TEXT,
    ) -> None:
        """Write a label, its middle at height y.

        Args:
            x: where it starts, has its middle or ends.
            y: its middle.
            text: plain text with math between dollar signs.
            anchor: "start", "middle" or "end".
            kind: "", "strong" or "faint".
            colour: a colour's bar in front of the text says whose label it is.
            size: of the letters.
        """
        width = _width(text, size) * (1.08 if kind == "strong" else 1.0)
        left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
        self._parts.append(
            f'<text class="{kind}" x="{_n(x)}" y="{_n(y + 0.35 * size)}" text-anchor="{anchor}" '
            f'font-size="{_n(size)}">{_spans(text, size)}</text>'
        )
        self._corners += [(left, y - 0.6 * size), (left + width, y + 0.6 * size)]
        if colour is not None:
            _known(colour)
            bar = Box(left, y + 0.62 * size, width, 3)
            self._parts.append(f'<g class="cells {colour}"><rect{_place(bar)}/></g>')
            self._corners.append((bar.right, bar.bottom))

    def arrow(self, *points: tuple[float, float], colour: str = "ink") -> None:
        """Draw an arrow through points, its head at the last one."""
        _known(colour)
        *_, (x1, y1), (x2, y2) = points
        along = np.array([x2 - x1, y2 - y1]) / np.hypot(x2 - x1, y2 - y1)
        across = np.array([-along[1], along[0]])
        tip, back = np.array([x2, y2]), np.array([x2, y2]) - 9 * along
        line = "L".join(f"{_n(x)} {_n(y)}" for x, y in [*points[:-1], tuple(back)])
        head = "L".join(
            f"{_n(x)} {_n(y)}" for x, y in (tip, back + 4.5 * across, back - 4.5 * across)
        )
        self._parts += [
            f'<path class="arrow {colour}" d="M{line}"/>',
            f'<path class="head {colour}" d="M{head}Z"/>',
        ]
        self._corners += points

    def span(self, box: Box, side: str, text: str, gap: float = 8) -> None:
        """Mark how long a box is: a line with ends along its left, upper or lower side."""
        if side == "left":
            x = box.x - gap
            path = f"M{_n(x - 4)} {_n(box.y + 1)}h8m-4 0V{_n(box.bottom - 1)}m-4 0h8"
            self.label(x - 8, box.middle[1], text, anchor="end")
        else:
            below = side == "below"
            y = box.bottom + gap if below else box.y - gap
            path = f"M{_n(box.x + 1)} {_n(y - 4)}v8m0 -4H{_n(box.right - 1)}m0 -4v8"
            self.label(box.middle[0], y + (15 if below else -15), text)
        self._parts.append(f'<path class="arrow ink" d="{path}"/>')

    def plane(
        self, width: float, height: float, zero: tuple[float, float], axes: tuple[str, str]
    ) -> None:
        """Draw a frame from the origin with the axes through `zero`, named outside of it."""
        x, y = np.clip(zero, 0, (width, height))
        self._parts += [
            f'<rect class="grid"{_place(Box(0, 0, width, height))}/>',
            f'<path class="axis" d="M0 {_n(y)}H{_n(width)}M{_n(x)} 0V{_n(height)}"/>',
        ]
        self._corners += [(0, 0), (width, height)]
        self.label(width / 2, height + 16, f"{axes[0]} →")
        self.label(width, -18, f"↑ {axes[1]}", "end")

    def point(self, x: float, y: float, shape: str, colour: str) -> None:
        """Draw a small mark; `shape` is the path of one of SHAPES."""
        _known(colour)
        self._parts.append(
            f'<path class="point {colour}" transform="translate({_n(x)} {_n(y)})" d="{shape}"/>'
        )
        self._corners.append((x, y))

    def spot(self, x: float, y: float, text: str, left: bool) -> None:
        """Show a label beside a place while the mouse points at it."""
        end, anchor = (x - 12, "end") if left else (x + 12, "start")
        self._parts.append(
            f'<g><circle class="spot" cx="{_n(x)}" cy="{_n(y)}" r="9"><title>{escape(text)}</title>'
            f'</circle><text class="strong on-paper" x="{_n(end)}" y="{_n(y + 0.35 * TEXT)}" '
            f'text-anchor="{anchor}" font-size="{_n(TEXT)}">{escape(text)}</text></g>'
        )

    def done(self, title: str, description: str) -> Diagram:
        """Return the drawing with its title and a description in full sentences."""
        corners = np.array(self._corners)
        low, high = corners.min(axis=0) - 6, corners.max(axis=0) + 6
        width, height = np.ceil(high - low)
        view = f"{_n(low[0])} {_n(low[1])} {_n(width)} {_n(height)}"
        parts = "\n".join(self._parts)  # a page that is not trusted shows the words alone
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{_n(width)}" '
            f'height="{_n(height)}" style="min-width: {_n(SMALLEST * width)}px" role="img">'
            f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
            f"{parts}</svg>"
        )
        return Diagram(title, description, svg)


# ---- the lectures' diagrams --------------------------------------------------------------------


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
    _one_name_each("user_names", user_names, n_users)
    _one_name_each("item_names", item_names, n_items)
    _inside("user", user, n_users)
    _inside("item", item, n_items)
    known, k = np.isfinite(R), U.shape[1]
    p, q = U[user], M[item]
    predicted = float(p @ q)
    texts = [_numbers(each, 1) for each in (R, U, M.T)]  # of the three matrices
    cell = max(CELL, 4 + max(map(_widest, texts))), CELL
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

    terms = " + ".join(f"{_factor(a)} · {_factor(b)}" for a, b in zip(p, q, strict=True))
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
    _one_short_name_each("names", names, n)
    _inside("film", film, n)
    scores = a @ W
    side = (max(42.0, *(_width(str(name), TEXT) + 8 for name in names)), CELL)
    sketch = Sketch()

    used = a * W[:, film] > 0
    shades = np.where(W > 0, 0.12, 0.0)
    shades[:, film] = np.where(used, 0.5, shades[:, film])
    table = sketch.block(0, 0, shades, "item", _numbers(W), side)
    for j in range(n):
        box = table.cell(j, j)
        sketch.block(box.x, box.y, np.array([[0.2]]), "ink", cell=side)
    sketch.outline(table.columns(film), "item")

    y = table.bottom + 62
    row = sketch.block(-n * side[0] - 64, y, 0.5 * a[None], "user", _numbers(a[None]), side)
    sketch.outline(row, "user")
    result = sketch.block(0, y, np.zeros((1, n)), "third", _numbers(scores[None]), side)
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
        texts = _numbers(part)
        cell = max(31.0, 5 + _widest([*texts, [*map(str, names)]])), CELL - 2
        shades = np.where(part.round(2) != 0, 0.22 if colour == "ink" else 0.4, 0.0)
        block = sketch.block(x, 0, shades, colour, texts, cell)
        sketch.label(block.middle[0], -44, name, kind="strong", colour=colour)
        for column, label in enumerate(names):
            sketch.label(block.columns(column).middle[0], -14, str(label), size=TEXT - 1)
        x = max(block.right, block.middle[0] + _width(name, TEXT) / 2) + 9
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
    _one_short_name_each("names", names, n)
    _inside("place", place, n)
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
    sketch, small, wide = Sketch(), (17.0, 24.0), (max(33.0, 2 + _widest(texts)), 30.0)

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
    w = sketch.block(s.right + 74, y, 0.4 * weights, "ink", _numbers(weights), wide)
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


def film_map(
    places: np.ndarray,
    titles: Sequence[str],
    groups: Sequence[str],
    labelled: Sequence[str],
    axes: tuple[str, str],
) -> Diagram:
    """Draw films as points in the plane: a colour and shape for each group, titles on pointing.

    Args:
        places: (n_films, 2) where the films lie.
        titles: n_films titles.
        groups: n_films names, at most four different ones, in the legend from the most frequent
            to the rarest.
        labelled: the titles that are always shown.
        axes: what the two directions are.

    Raises:
        ValueError: the shapes do not fit, there are too many groups, or no film has such a title.
    """
    P = np.asarray(places, dtype=float)
    if P.ndim != 2 or P.shape[1] != 2 or not len(P) or not np.isfinite(P).all():
        raise ValueError(f"places must be (n_films, 2) finite numbers, not of shape {P.shape}.")
    _one_name_each("titles", titles, len(P))
    _one_name_each("groups", groups, len(P))
    kinds = [kind for kind, _ in Counter(groups).most_common()]
    if len(kinds) > len(SHAPES):
        raise ValueError(f"There are {len(kinds)} groups; a map has colours for {len(SHAPES)}.")
    if missing := [title for title in labelled if title not in titles]:
        raise ValueError(f"labelled holds {missing[0]!r}, which is not among the titles.")
    sketch, (width, height) = Sketch(), (740.0, 460.0)
    middle = (P.max(axis=0) + P.min(axis=0)) / 2
    half = np.maximum((P.max(axis=0) - P.min(axis=0)) / 2, 1e-9)
    at = (P - middle) / half * [width / 2 - 12, -(height / 2 - 12)] + [width / 2, height / 2]
    zero = -middle / half * [width / 2 - 12, -(height / 2 - 12)] + [width / 2, height / 2]
    sketch.plane(width, height, zero, axes)
    colours = {kind: ("ink", "item", "third", "fourth")[n] for n, kind in enumerate(kinds)}
    shapes = dict(zip(kinds, SHAPES, strict=False))
    for place, kind in zip(at, groups, strict=True):
        sketch.point(*place, shapes[kind], colours[kind])
    x = 6.0
    for kind in kinds:
        sketch.point(x + 5, -18, shapes[kind], colours[kind])
        sketch.label(x + 18, -18, kind, "start")
        x += 44 + _width(kind, TEXT)
    taken = [Box(x - 4, y - 4, 8, 8) for x, y in at]
    for title in labelled:
        n = list(titles).index(title)
        sketch.point(*at[n], RING, "ink")
        box = _room(at[n], _width(title, TEXT) * 0.95, taken, (width, height))
        sketch.label(box.x, box.middle[1], title, "start", "on-paper")
        taken.append(box)
    for (x, y), title in zip(at, titles, strict=True):
        sketch.spot(x, y, title, left=x > width / 2)
    return sketch.done(
        "A map of films",
        f"{len(P)} films as points; across: {axes[0]}, upwards: {axes[1]}. "
        f"Groups: {', '.join(kinds)}. Named are {', '.join(labelled) or 'none'}.",
    )


def number(value: float, decimals: int = 2) -> str:
    """Return a number with few decimals and a true minus, "" for NaN."""
    if np.isnan(value):
        return ""
    text = f"{abs(value):.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = text[1:] if text.startswith("0.") else text
    return ("−" if value < 0 and text != "0" else "") + text


# ---- letters and places ------------------------------------------------------------------------


def _numbers(values: np.ndarray, decimals: int = 2) -> list[list[str]]:
    return [[number(value, decimals) for value in row] for row in values]


def _widest(texts: Sequence[Sequence[str]]) -> float:
    return max(_width(text, TEXT - 1) for row in texts for text in row)


def _room(place: np.ndarray, width: float, taken: Sequence[Box], size: tuple[float, float]) -> Box:
    """Return the box of a label beside a place that covers least of what is taken."""
    (x, y), height = place, 1.1 * TEXT
    sides = [
        Box(x + 9, y - height / 2, width, height),
        Box(x - 9 - width, y - height / 2, width, height),
        Box(x - width / 2, y - 9 - height, width, height),
        Box(x - width / 2, y + 9, width, height),
        Box(x + 5, y - 7 - height, width, height),
        Box(x + 5, y + 7, width, height),
        Box(x - 5 - width, y - 7 - height, width, height),
        Box(x - 5 - width, y + 7, width, height),
    ]

    def cost(box):
        inside = _shared(box, Box(0, 0, *size))
        return sum(_shared(box, other) for other in taken) + 9 * (width * height - inside)

    return min(sides, key=cost)


def _shared(one: Box, other: Box) -> float:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(across, 0.0) * max(down, 0.0)


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _place(box: Box) -> str:
    names = ("x", "y", "width", "height")
    return "".join(f' {name}="{_n(getattr(box, name))}"' for name in names)


MATH = re.compile(r"([_^]?)(?:\{([^}]*)\}|(.\u0302?))", re.DOTALL)


def _spans(text: str, size: float) -> str:
    """Return the tspans of a label."""
    spans, lifted = [], 0.0
    for position, part in enumerate(text.split("$")):
        if position % 2 == 0:
            pieces = [("", "", part)] if part else []
        else:
            pieces = [(mark, "math", braced or one) for mark, braced, one in MATH.findall(part)]
        for mark, math, letters in pieces:
            lift = {"": 0.0, "_": 0.25 * size, "^": -0.38 * size}[mark]
            upright = not re.search("[a-zA-Zα-ω]", letters) or (mark == "^" and letters == "T")
            kind = math + ("" if upright or not math else " italic")
            small = f' font-size="{_n(0.8 * size)}"' if mark else ""
            move = f' dy="{_n(lift - lifted)}"' if lift != lifted else ""
            kind = f' class="{kind}"' if kind else ""
            spans.append(f"<tspan{kind}{small}{move}>{escape(letters)}</tspan>")
            lifted = lift
    return "".join(spans)


def _width(text: str, size: float) -> float:
    """Return about how wide a label is, rather too much than too little."""
    plain = re.sub(r"[$_^{}\u0302]", "", text)
    return size * sum(0.36 if one in " .,:;|ijltfI'()" else 0.6 for one in plain)


# ---- what does not fit -------------------------------------------------------------------------


def _known(colour: str) -> None:
    if colour not in COLOURS:
        raise ValueError(f"There is no colour {colour!r}; there are {', '.join(COLOURS)}.")


def _inside(name: str, index: int, n: int) -> None:
    if not 0 <= index < n:
        raise ValueError(f"{name} must be from 0 to {n - 1}, not {index}.")


def _one_name_each(name: str, names: Sequence[str], n: int) -> None:
    if len(names) != n:
        raise ValueError(f"{name} must hold {n} names, not {len(names)}.")


def _one_short_name_each(name: str, names: Sequence[str], n: int) -> None:
    _one_name_each(name, names, n)
    if any(len(str(one)) > LONGEST for one in names):
        raise ValueError(f"{name} must have at most {LONGEST} characters each: shorten {names}.")
