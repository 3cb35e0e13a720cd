"""Write a student's line of a derivation as a formula: Python to LaTeX.

latexify-py is the library for that, but stops at Python 3.13 and does not know vectors from
numbers: x @ y, x * y and x**2 need another sign for each, so an instance is asked.
"""

import ast
import warnings
from collections.abc import Callable

import numpy as np

from embedlab.expressions import parse

GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa", "mu", "nu", "pi"),
    *("rho", "sigma", "tau", "phi", "psi", "omega", "Sigma", "Lambda", "Theta", "Phi", "Omega"),
)
SUM, ENTRIES, PRODUCT, SIGN, POWER, ATOM = range(6)  # what binds tighter is larger
FUNCTIONS = {  # of one argument, by what stands before its brackets
    **{name: rf"\{name}" for name in ("exp", "log", "sin", "cos", "tan", "tanh")},
    "diag": r"\operatorname{diag}",
    "trace": r"\operatorname{tr}",
    "sum": r"\operatorname{sum}",
    "mean": r"\operatorname{mean}",
    "sign": r"\operatorname{sign}",
}
CHOICES = {"max": r"\max", "min": r"\min", "maximum": r"\max", "minimum": r"\min"}
COMPARISONS = {
    **{ast.Lt: "<", ast.Gt: ">", ast.LtE: r"\le", ast.GtE: r"\ge"},
    **{ast.Eq: "=", ast.NotEq: r"\ne"},
}


_DIAGONAL = ast.Name("diag", ast.Load())


class _Unsayable(Exception):
    """A part of the code has no formula here."""


def formula(code: str, instance: dict) -> str:
    r"""Return an expression as LaTeX without dollar signs, or "" for what has no formula here.

    Args:
        code: a Python expression.
        instance: values of its names. `l1` and `l2` are written as the strengths of penalties:
            l2 is lambda, or beta where there is an l1, which then is lambda.

    >>> formula("-E.T @ U + l2 * D_M @ M", {"E": np.eye(2), "U": np.eye(2), "l2": 0.1,
    ...                                     "D_M": np.eye(2), "M": np.eye(2)})
    '-E^\\top U + \\lambda D_M M'
    """
    tree = parse(code)
    try:
        return _Writer(instance).of(tree.body, SUM) if tree else ""
    except (_Unsayable, RecursionError):
        return ""


class _Writer:
    def __init__(self, instance: dict) -> None:
        self.instance = instance
        both = "l1" in instance
        self.strengths = {"l1": r"\lambda", "l2": r"\beta" if both else r"\lambda"}

    def of(self, node: ast.expr, tightness: int) -> str:
        """Return the LaTeX of a node, in brackets if it binds less tightly than what is asked."""
        text, own = self.write(node)
        return text if own >= tightness else rf"\left({text}\right)"

    def write(self, node: ast.expr) -> tuple[str, int]:
        """Return the LaTeX of a node and how tightly it binds."""
        if type(node) not in WRITERS:
            raise _Unsayable
        return WRITERS[type(node)](self, node)

    def dimensions(self, node: ast.expr) -> int:
        """Return how many axes the value of a node has."""
        code = compile(ast.fix_missing_locations(ast.Expression(node)), "<formula>", "eval")
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                return np.ndim(eval(code, {"np": np} | self.instance))
        except Exception:  # such as a name of a comprehension
            raise _Unsayable from None


def _name(writer: _Writer, node: ast.Name) -> tuple[str, int]:
    if node.id in writer.strengths:
        return writer.strengths[node.id], ATOM
    head, _, index = node.id.partition("_")
    if not index and len(head) == 2 and head[1].isdigit():
        head, index = head
    return _word(head) + (f"_{_index(index)}" if index else ""), ATOM


def _word(name: str) -> str:
    if name in GREEK:
        return rf"\{name}"
    if name in ("lam", "lambda_"):
        return r"\lambda"
    return name if len(name) == 1 else rf"\mathrm{{{name}}}".replace("_", r"\_")


def _index(name: str) -> str:
    return name if len(name) == 1 else f"{{{_word(name)}}}"


def _constant(writer: _Writer, node: ast.Constant) -> tuple[str, int]:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise _Unsayable
    text = repr(node.value).removesuffix(".0")
    if "e" in text:
        raise _Unsayable
    return (r"\tfrac{1}{2}" if node.value == 0.5 else text), ATOM


def _unary(writer: _Writer, node: ast.UnaryOp) -> tuple[str, int]:
    if not isinstance(node.op, ast.USub):
        raise _Unsayable
    return f"-{writer.of(node.operand, SIGN)}", SIGN


def _operation(writer: _Writer, node: ast.BinOp) -> tuple[str, int]:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Add | ast.Sub):
        sign = "+" if isinstance(node.op, ast.Add) else "-"
        return f"{writer.of(left, SUM)} {sign} {writer.of(right, ENTRIES)}", SUM
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{writer.of(left, SUM)}}}{{{writer.of(right, SUM)}}}", PRODUCT
    if isinstance(node.op, ast.Pow):
        return _power(writer, left, right)
    if isinstance(node.op, ast.MatMult):
        return _matrix_product(writer, left, right)
    if isinstance(node.op, ast.Mult):
        if _is_column(left) or _is_column(right):
            return _scaled_rows(writer, left, right)
        if writer.dimensions(left) and writer.dimensions(right):
            return rf"{writer.of(left, ENTRIES)} \odot {writer.of(right, PRODUCT)}", ENTRIES
        return _juxtaposed(writer, left, right)
    raise _Unsayable


def _juxtaposed(writer, left, right, binding=SIGN):
    one, other = writer.of(left, PRODUCT), writer.of(right, binding)
    if other.startswith("-"):
        other = rf"\left({other}\right)"
    if other[0].isdigit() or other.startswith((r"\tfrac", r"\frac")):
        return rf"{one} \cdot {other}", PRODUCT
    between = r" \, " if r"\mathrm" in one + other else " "  # words must not run together
    return one + between + other, PRODUCT


def _matrix_product(writer, left, right):
    binding = PRODUCT if _is_matrix_product(right) else SIGN  # A (B C) is A B C
    if writer.dimensions(left) == 1 and not _is_row(writer, left):
        return rf"{writer.of(left, ATOM)}^\top {writer.of(right, binding)}", PRODUCT
    return _juxtaposed(writer, left, right, binding)


def _is_row(writer, node):
    """Whether a vector is written as a row already: a product that starts with a vector."""
    return _is_matrix_product(node) and writer.dimensions(node.left) == 1


def _is_matrix_product(node):
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)


def _is_column(node):
    return isinstance(node, ast.Subscript) and ast.unparse(node.slice) in (":, None", "(:, None)")


def _scaled_rows(writer, left, right):
    vector, other = (left, right) if _is_column(left) else (right, left)
    if writer.dimensions(vector.value) != 1 or writer.dimensions(other) != 2 or _is_column(other):
        raise _Unsayable
    return _juxtaposed(writer, ast.Call(_DIAGONAL, [vector.value], []), other)


def _power(writer, base, exponent):
    if isinstance(exponent, ast.Constant) and exponent.value == 0.5:
        return rf"\sqrt{{{writer.of(base, SUM)}}}", ATOM
    power = writer.of(exponent, SUM)
    if writer.dimensions(base):  # of every entry
        power = rf"\odot {power}"
    return f"{writer.of(base, ATOM)}^{{{power}}}", POWER


def _attribute(writer: _Writer, node: ast.Attribute) -> tuple[str, int]:
    if node.attr not in ("T", "mT"):
        raise _Unsayable
    if writer.dimensions(node.value) < 2:
        return writer.write(node.value)  # NumPy leaves a vector as it is
    return rf"{writer.of(node.value, ATOM)}^\top", POWER


def _subscript(writer: _Writer, node: ast.Subscript) -> tuple[str, int]:
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if not isinstance(node.value, ast.Name) or any(isinstance(i, ast.Slice) for i in indices):
        raise _Unsayable
    texts = [writer.of(index, SUM) for index in indices]
    together = "" if all(len(text) == 1 for text in texts) else ", "
    name = writer.of(node.value, ATOM)
    if "_" in name:
        raise _Unsayable
    return f"{name}_{{{together.join(texts)}}}", ATOM


def _call(writer: _Writer, node: ast.Call) -> tuple[str, int]:
    if node.keywords:
        raise _Unsayable
    function, arguments = node.func, node.args
    if isinstance(function, ast.Name):
        name = function.id
    elif ast.unparse(function).startswith("np."):
        name = ast.unparse(function).removeprefix("np.")
    elif not arguments:  # a method
        name, arguments = function.attr, [function.value]
    elif function.attr == "dot":
        name, arguments = "dot", [function.value, *arguments]
    else:
        raise _Unsayable
    return _application(writer, name, arguments)


def _application(writer, name, arguments):
    if name in CHOICES and len(arguments) > 1:
        return f"{CHOICES[name]}{_bracketed(writer, arguments)}", ATOM
    if (name, len(arguments)) in FORMS:
        return FORMS[name, len(arguments)](writer, *arguments)
    if len(arguments) == 1 and name in FUNCTIONS:
        return f"{FUNCTIONS[name]}{_bracketed(writer, arguments)}", ATOM
    if callable(writer.instance.get(name)):
        called = rf"\operatorname{{{name}}}".replace("_", r"\_")
        return called + _bracketed(writer, arguments), ATOM
    raise _Unsayable


def _bracketed(writer, arguments):
    return rf"\left({', '.join(writer.of(each, SUM) for each in arguments)}\right)"


def _condition(writer: _Writer, node: ast.Compare) -> tuple[str, int]:
    parts = [writer.of(node.left, SUM)]
    for operator, operand in zip(node.ops, node.comparators, strict=True):
        if type(operator) not in COMPARISONS:
            raise _Unsayable
        parts += [COMPARISONS[type(operator)], writer.of(operand, SUM)]
    return " ".join(parts), SUM


def _cases(writer, condition, one, other):
    texts = writer.of(one, SUM), writer.of(condition, SUM), writer.of(other, SUM)
    return r"\begin{{cases}} {} & {} \\ {} & \text{{else}} \end{{cases}}".format(*texts), ATOM


def _if(writer: _Writer, node: ast.IfExp) -> tuple[str, int]:
    return _cases(writer, node.test, node.body, node.orelse)


def _outer(writer, one, other):
    return rf"{writer.of(one, SIGN)} {writer.of(other, ATOM)}^\top", PRODUCT


def _fenced(left: str, right: str) -> Callable:
    return lambda writer, one: (rf"\left{left} {writer.of(one, SUM)} \right{right}", ATOM)


FORMS = {  # (function, number of arguments): how it is written
    ("outer", 2): _outer,
    ("dot", 2): _matrix_product,
    ("matmul", 2): _matrix_product,
    ("where", 3): _cases,
    ("sqrt", 1): lambda writer, one: (rf"\sqrt{{{writer.of(one, SUM)}}}", ATOM),
    ("square", 1): lambda writer, one: _power(writer, one, ast.Constant(2)),
    ("transpose", 1): lambda writer, one: (rf"{writer.of(one, ATOM)}^\top", POWER),
    ("eye", 1): lambda writer, size: ("I", ATOM),
    ("linalg.inv", 1): lambda writer, one: (rf"{writer.of(one, ATOM)}^{{-1}}", POWER),
    ("linalg.solve", 2): lambda writer, one, other: (
        rf"{writer.of(one, ATOM)}^{{-1}} {writer.of(other, SIGN)}",
        PRODUCT,
    ),
    ("linalg.norm", 1): _fenced(r"\|", r"\|"),
    ("abs", 1): _fenced("|", "|"),
}
WRITERS = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.UnaryOp: _unary,
    ast.BinOp: _operation,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Compare: _condition,
    ast.IfExp: _if,
}
