"""A student's line: its tree, and the places in it that can be edited."""

import ast
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType

import numpy as np

from embedlab.expressions import parse

MAX_NODES = 200  # of a longer line's tree nothing is tried
MAX_SHOWN = 40  # characters of a piece of the line that are repeated to the student
PURE = {"abs", "float", "int", "len", "max", "min", "range", "round", "sum", "zip", "enumerate"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True)
class Slot:
    """A place in the line's tree: `node` is `parent.field`, or an element of that list.

    `role` is "value", or "number" where only numbers and names are tried: exponents and indices.
    """

    node: ast.expr
    parent: ast.AST
    field: str
    index: int | None
    role: str

    @property
    def is_whole(self) -> bool:
        """Whether it is the place of the whole line."""
        return isinstance(self.parent, ast.Expression)

    def put(self, node: ast.expr) -> None:
        """Put a node into the place."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


class Line:
    """A student's line: its text, its tree, and the places in it that can be edited."""

    def __init__(self, text: str, tree: ast.Expression, instance: dict) -> None:
        self.text = text
        self.tree = tree
        # of the instance's numbers and arrays
        self.names = [name for name, value in instance.items() if is_numeric(value)]
        self.written = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self.indices = _indices(instance)
        self.equalities = equalities(instance)
        self.slots = list(_slots(tree, "body", None, "value"))

    @classmethod
    def read(cls, code: str, instance: dict) -> "Line | None":
        """Return the line, or None if it must not or need not be computed again and again."""
        tree = parse(code)
        if tree is None:
            return None
        nodes = list(ast.walk(tree))
        allowed = PURE | instance.keys()
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
                return None
            if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
                known = isinstance(node.func, ast.Name) and node.func.id in allowed
                if not known:
                    return None
        return cls(code.strip(), tree, instance) if len(nodes) <= MAX_NODES else None

    def named(self, node: ast.expr, noun: str = "") -> str:
        """Return how to speak of a part of the line: `x`, the term `x`, the second `x`."""
        text = " ".join((ast.get_source_segment(self.text, node) or "").split())
        same = [slot.node for slot in self.slots if is_same(slot.node, node)]
        same.sort(key=lambda node: (node.lineno, node.col_offset))
        if len(text) > MAX_SHOWN:
            text = f"{text[: MAX_SHOWN - 3].rstrip()}..."
        if 1 < len(same) <= len(ORDINALS):
            return f"the {ORDINALS[same.index(node)]} `{text}`"
        return f"the {noun} `{text}`" if noun else f"`{text}`"

    @contextmanager
    def _edited(self, slot: Slot, new: ast.expr) -> Iterator[ast.Expression]:
        slot.put(new)
        try:
            yield self.tree
        finally:
            slot.put(slot.node)

    def compiled(self, slot: Slot, new: ast.expr) -> CodeType | None:
        """Return the line with `new` in a slot, compiled, or None."""
        with self._edited(slot, new) as tree:
            return compiled(tree)

    def repaired(self, slot: Slot, new: ast.expr) -> str:
        """Return the line with `new` in a slot, as text."""
        with self._edited(slot, new) as tree:
            return ast.unparse(tree)


def compiled(tree: ast.Expression) -> CodeType | None:
    """Return a tree compiled, or None where an edit made it no Python, such as `-*x`."""
    try:
        return compile(ast.fix_missing_locations(tree), "<slip>", "eval")
    except (SyntaxError, ValueError, TypeError):
        return None


def is_numeric(value: object) -> bool:
    """Whether a value of an instance is a number or an array of numbers."""
    kind = np.asarray(value).dtype.kind if not callable(value) else ""
    return kind in tuple("biuf")


def equalities(instance: dict) -> list[ast.expr]:
    """Return `a == b`, which counts as 1 or 0, for every two that may be an index."""
    pairs = itertools.combinations(_indices(instance), 2)
    return [ast.Compare(one, [ast.Eq()], [other]) for one, other in pairs]


def is_same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two nodes are the same expression."""
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)


def _indices(instance: dict) -> list[ast.expr]:
    """Return what may be an index: the instance's whole numbers, and entries of arrays of them."""
    whole = {
        name: np.ndim(value)
        for name, value in instance.items()
        if is_numeric(value) and np.asarray(value).dtype.kind in "iu"
    }
    numbers = [name for name, n_axes in whole.items() if n_axes == 0]
    arrays = [name for name, n_axes in whole.items() if n_axes == 1]
    texts = [*numbers, *(f"{name}[{number}]" for name in arrays for number in numbers)]
    return [parse(text).body for text in texts]


def _slots(parent: ast.AST, field: str, index: int | None, role: str) -> Iterator[Slot]:
    """Yield the slot `parent.field[index]` and those below it, the outermost first."""
    node = getattr(parent, field) if index is None else getattr(parent, field)[index]
    if not isinstance(node, ast.expr):
        return
    if not isinstance(getattr(node, "ctx", None), ast.Store):
        yield Slot(node, parent, field, index, role)
    for name, value in ast.iter_fields(node):
        inner = role
        if isinstance(node, ast.Call) and name == "func":
            # the array of a method is a value of the line; a function's name is not
            if isinstance(value, ast.Attribute) and not is_numpy(value.value):
                yield from _slots(value, "value", None, role)
            continue
        if isinstance(node, ast.Attribute) and is_numpy(node.value):
            continue
        if isinstance(node, ast.Subscript) and name == "slice":
            inner = "number"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and name == "right":
            inner = "number"
        if name == "keywords":
            for keyword in value:
                yield from _slots(keyword, "value", None, "number")
        elif name == "generators":
            for generator in value:
                yield from _slots(generator, "iter", None, "number")
        elif isinstance(value, list):
            for position in range(len(value)):
                yield from _slots(node, name, position, inner)
        elif isinstance(value, ast.Slice):
            continue
        else:
            yield from _slots(node, name, None, inner)


def is_numpy(node: ast.expr) -> bool:
    """Whether a node is NumPy or one of its modules."""
    if isinstance(node, ast.Attribute):
        return is_numpy(node.value)
    return isinstance(node, ast.Name) and node.id == "np"
