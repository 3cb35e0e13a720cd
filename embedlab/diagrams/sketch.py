"""A sketch: cells, labels and arrows that become one SVG in the course's colours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

import numpy as np

CELL = 34.0  # the side of a cell
TEXT = 16.0  # the size of a label
SMALLEST = 0.8  # how far a diagram shrinks, so that its letters keep 12 pixels; then it scrolls
SHAPES = (  # of points: circle, square, diamond, triangle
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
    "M-4 -4h8v8h-8Z",
    "M0 -6L6 0L0 6L-6 0Z",
    "M0 -6L6 5H-6Z",
)
RING = "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0ZM-6 0a6 6 0 1 1 12 0a6 6 0 1 1 -12 0Z"
COLOURS = ("user", "item", "third", "fourth", "ink")
NEGATIVE = ' class="negative"'  # of a cell
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
.embedlab-diagram .cells .negative { fill: var(--main); }
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
    colours = Path(__file__).parents[1] / "widgets" / "colours.css"
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
            shades: (n_rows, n_columns) from -1 to 1; 0 is no colour, and below 0 it is blue.
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
            f"<rect{NEGATIVE * bool(shades[row, column] < 0)}{_place(box.cell(row, column))} "
            f'fill-opacity="{abs(shades[row, column]):.2f}"/>'
            for row, column in np.argwhere(shades)
        )
        lines = [f"M{_n(x + i * cell[0])} {_n(y)}v{_n(box.height)}" for i in range(n_columns + 1)]
        lines += [f"M{_n(x)} {_n(y + i * cell[1])}h{_n(box.width)}" for i in range(n_rows + 1)]
        self._parts += [
            f'<g class="cells {colour}">{rects}</g>',
            f'<path class="grid" d="{"".join(lines)}"/>',
        ]
        self._corners += [(box.x, box.y), (box.right, box.bottom)]
        for row, column in np.ndindex(shades.shape if texts is not None else (0, 0)):
            kind = "" if shades[row, column] else "faint"
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
        width = width_of(text, size) * (1.08 if kind == "strong" else 1.0)
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

    def frame(self, box: Box, zero: tuple[float, float]) -> None:
        """Draw the frame of a plane with the axes through `zero`, or along the nearest side."""
        x = np.clip(zero[0], box.x, box.right)
        y = np.clip(zero[1], box.y, box.bottom)
        self._parts += [
            f'<rect class="grid"{_place(box)}/>',
            f'<path class="axis" d="M{_n(box.x)} {_n(y)}H{_n(box.right)}'
            f'M{_n(x)} {_n(box.y)}V{_n(box.bottom)}"/>',
        ]
        self._corners += [(box.x, box.y), (box.right, box.bottom)]

    def plane(
        self, width: float, height: float, zero: tuple[float, float], axes: tuple[str, str]
    ) -> None:
        """Draw a frame from the origin with the axes through `zero`, named outside of it."""
        self.frame(Box(0, 0, width, height), zero)
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


def width_of(text: str, size: float) -> float:
    """Return about how wide a label is, rather too much than too little."""
    plain = re.sub(r"[$_^{}\u0302]", "", text)
    return size * sum(0.36 if one in " .,:;|ijltfI'()" else 0.6 for one in plain)


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


def _known(colour: str) -> None:
    if colour not in COLOURS:
        raise ValueError(f"There is no colour {colour!r}; there are {', '.join(COLOURS)}.")
