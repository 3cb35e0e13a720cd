"""A slip, and pieces of trees that edits are made of."""

import ast
from dataclasses import dataclass

from embedlab.slips.line import Slot

PLUS_MINUS = (ast.Add, ast.Sub)


@dataclass(frozen=True)
class Slip:
    """A change with which a line holds: a sentence for the student, and the line with the change.

    `repaired` is an answer. It is for tests and is shown to nobody.
    """

    sentence: str
    repaired: str


def would_hold(words: str) -> str:
    """Return the sentence of a slip."""
    return f"Your line would hold {words}."


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    """Return an operation on two nodes."""
    return ast.BinOp(left, operator, right)


def minus(node: ast.expr) -> ast.UnaryOp:
    """Return a node with a minus before it."""
    return ast.UnaryOp(ast.USub(), node)


def times(number: float, node: ast.expr) -> ast.BinOp:
    """Return a number times a node."""
    return binary(ast.Constant(number), ast.Mult(), node)


def numpy_call(name: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of one of NumPy's functions."""
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), [*arguments], [])


def is_operation(node: ast.expr, *operators: type) -> bool:
    """Whether a node is an operation of one of these kinds."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def is_value(slot: Slot) -> bool:
    """Whether whole values are tried in this place, and it is not just a number."""
    return slot.role == "value" and not isinstance(slot.node, ast.Constant | ast.Tuple | ast.List)


def column(node: ast.expr) -> ast.Subscript:
    """Return a vector's node as a column."""
    column = ast.Tuple([ast.Slice(), ast.Constant(None)], ast.Load())
    return ast.Subscript(node, column, ast.Load())
