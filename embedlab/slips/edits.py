"""Edits of what stands in the line: a sign, a number, a function, an operand left out."""

import ast
import copy
import itertools

from embedlab.slips.line import Line, is_numpy
from embedlab.slips.nodes import (
    PLUS_MINUS,
    Slip,
    binary,
    column,
    is_operation,
    is_value,
    minus,
    numpy_call,
    times,
    would_hold,
)
from embedlab.slips.trial import Trial

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
NUMBERS = (0, 1, 2, 3, 4, 0.5, 1.5)
SIBLINGS = {
    **{"sum": "mean", "mean": "sum", "sin": "cos", "cos": "sin", "max": "min", "min": "max"},
    **{"exp": "log", "log": "exp", "maximum": "minimum", "minimum": "maximum"},
    **{"diag": "trace", "trace": "diag", "outer": "dot", "dot": "outer"},
}
FUNCTIONS = ("sum", "sqrt", "exp", "log", "sin", "cos", "abs", "diag", "trace")


# Each yields (the new node, the sentence).


def _whole(line, slot):
    if slot.is_whole:
        yield minus(slot.node), "Minus your line would hold."
        yield times(2, slot.node), "Twice your line would hold."
        yield times(0.5, slot.node), "Half your line would hold."
        yield binary(ast.Constant(1), ast.Sub(), slot.node), "1 minus your line would hold."
        yield binary(ast.Constant(1), ast.Add(), slot.node), "1 plus your line would hold."
        yield ast.Attribute(slot.node, "T", ast.Load()), "Your line transposed would hold."


def _sign(line, slot):
    node = slot.node
    if is_operation(node, *PLUS_MINUS):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        words = f"with `{OPERATORS[type(other)]}` before {line.named(node.right)}"
        yield binary(node.left, other, node.right), would_hold(words)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, would_hold(f"without the minus before {line.named(node.operand)}")
    elif is_value(slot) and not slot.is_whole:
        yield minus(node), would_hold(f"with a minus before {line.named(node)}")


def _transpose(line, slot):
    node = slot.node
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value, would_hold(f"with {line.named(node.value)} not transposed")
    elif is_value(slot) and not slot.is_whole and not isinstance(node, ast.UnaryOp):
        yield (
            ast.Attribute(node, "T", ast.Load()),
            would_hold(f"with {line.named(node)} transposed"),
        )


def _axes(line, slot):
    node = slot.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        swapped = numpy_call("swapaxes", node.value, ast.Constant(0), ast.Constant(1))
        words = f"with the first two axes exchanged in place of {line.named(node)}"
        yield swapped, would_hold(words)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".transpose"):
        words = f"with the axes in another order in {line.named(node)}"
        for order in itertools.permutations(node.args[:4]):
            yield ast.Call(node.func, [*order], node.keywords), would_hold(words)
    if is_value(slot) and not slot.is_whole:
        for axes, which in (((0, 1), "first"), ((-2, -1), "last")):
            swapped = numpy_call("swapaxes", slot.node, *map(ast.Constant, axes))
            words = f"with the {which} two axes of {line.named(slot.node)} exchanged"
            yield swapped, would_hold(words)


def _term_left_out(line, slot):
    node = slot.node
    if is_operation(node, *PLUS_MINUS):
        yield node.left, would_hold(f"without {line.named(node.right, 'term')}")
        rest = node.right if isinstance(node.op, ast.Add) else minus(node.right)
        yield rest, would_hold(f"without {line.named(node.left, 'term')}")


def _double_or_half(line, slot):
    if is_value(slot) and not slot.is_whole:
        yield times(2, slot.node), would_hold(f"with {line.named(slot.node)} doubled")
        yield times(0.5, slot.node), would_hold(f"with {line.named(slot.node)} halved")


def _square(line, slot):
    node = slot.node
    if is_operation(node, ast.Pow) and isinstance(node.right, ast.Constant):
        power = "square" if node.right.value == 2 else "power"
        yield node.left, would_hold(f"without the {power} of {line.named(node.left)}")
    if is_value(slot):
        square = binary(node, ast.Pow(), ast.Constant(2))
        root = binary(node, ast.Pow(), ast.Constant(0.5))
        if slot.is_whole:
            yield square, "Your line squared would hold."
            yield root, "The square root of your line would hold."
        else:
            yield square, would_hold(f"with {line.named(node)} squared")
            yield root, would_hold(f"with the square root of {line.named(node)} in its place")


def _factor_left_out(line, slot):
    node = slot.node
    if is_operation(node, ast.Mult, ast.MatMult, ast.Div):
        is_ratio = isinstance(node.op, ast.Div)
        factor = line.named(node.right, "factor")
        words = f"without dividing by {line.named(node.right)}" if is_ratio else f"without {factor}"
        yield node.left, would_hold(words)
        rest = binary(ast.Constant(1), ast.Div(), node.right) if is_ratio else node.right
        yield rest, would_hold(f"without {line.named(node.left, 'factor')}")


def _exchange(line, slot):
    node = slot.node
    if is_operation(node, ast.Sub, ast.Div, ast.MatMult):
        words = f"with {line.named(node.left)} and {line.named(node.right)} exchanged"
        yield binary(node.right, node.op, node.left), would_hold(words)
    if isinstance(node, ast.Call) and len(node.args) == 2:
        one, other = node.args
        words = f"with {line.named(one)} and {line.named(other)} exchanged"
        yield ast.Call(node.func, [other, one], node.keywords), would_hold(words)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and slot.role == "number":
        words = f"with the indices `{ast.unparse(node).strip('()')}` exchanged"
        yield ast.Tuple(node.elts[::-1], node.ctx), would_hold(words)


def _index(line, slot):
    """One index wrong, missing or too many, or two names exchanged in the indices of an array."""
    node = slot.node
    if not isinstance(node, ast.Subscript):
        return
    whole = line.named(node)
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    names = {name.id: name for name in line.indices if isinstance(name, ast.Name)}
    written = {name.id for name in ast.walk(node.slice) if isinstance(name, ast.Name)}
    for one, other in itertools.combinations(sorted(names.keys() & written), 2):
        new = _Renamed({one: names[other], other: names[one]}).visit(copy.deepcopy(node.slice))
        words = f"with `{one}` and `{other}` exchanged in the indices of {whole}"
        yield ast.Subscript(node.value, new, node.ctx), would_hold(words)
    for position, old in enumerate(indices):
        before, after = indices[:position], indices[position + 1 :]
        if not isinstance(old, ast.Slice):
            for new in line.indices:
                words = f"with another index in place of {line.named(old)} in {whole}"
                yield _entry(node.value, *before, new, *after), would_hold(words)
        yield _entry(node.value, *before, *after), would_hold(f"with one index fewer in {whole}")
    for new, position in itertools.product(line.indices, range(len(indices) + 1)):
        more = [*indices[:position], new, *indices[position:]]
        yield _entry(node.value, *more), would_hold(f"with one index more in {whole}")


def _no_index(line, slot, kind=ast.Name):
    node = slot.node
    is_indexed = isinstance(slot.parent, ast.Subscript) and slot.field == "value"
    if isinstance(node, kind) and not is_indexed and not slot.is_whole:
        for number, which in ((1, "an index"), (2, "two indices")):
            for indices in itertools.product(line.indices, repeat=number):
                yield _entry(node, *indices), would_hold(f"with {which} at {line.named(node)}")


def _no_index_at_an_operation(line, slot):
    yield from _no_index(line, slot, ast.BinOp)


def _comparison(line, slot):
    node = slot.node
    if not isinstance(node, ast.Compare) or len(node.ops) > 1:
        return
    (right,) = node.comparators
    for operator in COMPARISONS:
        if not isinstance(node.ops[0], operator):
            words = f"with another comparison in {line.named(node)}"
            yield ast.Compare(node.left, [operator()], [right]), would_hold(words)
    for new in line.indices:
        for old, sides in ((node.left, (new, right)), (right, (node.left, new))):
            words = f"with something else in place of {line.named(old)} in {line.named(node)}"
            yield ast.Compare(sides[0], node.ops, [sides[1]]), would_hold(words)


def _entry(array, *indices):
    """Return the node of an entry of an array; without indices, that of the array."""
    if not indices:
        return array
    index = indices[0] if len(indices) == 1 else ast.Tuple([*indices], ast.Load())
    return ast.Subscript(array, index, ast.Load())


class _Renamed(ast.NodeTransformer):
    """Puts other names in place of some."""

    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        return self.names.get(node.id, node)


def _operator(line, slot):
    node = slot.node
    if is_operation(node, *OPERATORS, ast.Pow):
        is_power = isinstance(node.op, ast.Pow)
        old = "**" if is_power else OPERATORS[type(node.op)]
        for operator, new in OPERATORS.items():
            if new != old:
                words = f"with `{new}` in place of `{old}` before {line.named(node.right)}"
                yield binary(node.left, operator(), node.right), would_hold(words)
        if not is_power and isinstance(node.right, ast.Constant) and node.right.value in (2, 3):
            words = f"with `**` in place of `{old}` before {line.named(node.right)}"
            yield binary(node.left, ast.Pow(), node.right), would_hold(words)


def _brackets(line, slot):
    node = slot.node
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.left, ast.BinOp):  # (a b) c -> a (b c)
        inner = binary(node.left.right, node.op, node.right)
        new = binary(node.left.left, node.left.op, inner)
        yield new, _regrouped(line, new, inner, node.left)
    if isinstance(node.left, ast.UnaryOp):  # -a b -> -(a b)
        inner = binary(node.left.operand, node.op, node.right)
        new = ast.UnaryOp(node.left.op, inner)
        yield new, _regrouped(line, new, inner, node.left)
    if isinstance(node.right, ast.BinOp):  # a (b c) -> (a b) c
        inner = binary(node.left, node.op, node.right.left)
        new = binary(inner, node.right.op, node.right.right)
        yield new, _regrouped(line, new, inner, node.right)


def _regrouped(line, new, inner, old):
    """Return whether it is brackets around `inner` or none around `old` that make `new`."""
    within = ast.unparse(inner)
    if f"({within})" in ast.unparse(new):
        return would_hold(f"with brackets around `{within}`")
    return would_hold(f"without the brackets around {line.named(old)}")


def _number(line, slot):
    node = slot.node
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = node.value
        near = (value + 1, value - 1, 2 * value, value / 2, -value)
        for other in dict.fromkeys([*near, *NUMBERS]):
            if other != value:
                words = f"with another number in place of {line.named(node)}"
                yield ast.Constant(other), would_hold(words)


def _function(line, slot):
    node = slot.node
    if not isinstance(node, ast.Call):
        return
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id
    is_method = isinstance(function, ast.Attribute) and not is_numpy(function.value)
    called = f".{name}()" if is_method else ast.unparse(function)
    if name in SIBLINGS:
        new = SIBLINGS[name]
        changed = (
            ast.Attribute(function.value, new, ast.Load())
            if isinstance(function, ast.Attribute)
            else ast.Name(new, ast.Load())
        )
        words = f"with another function in place of `{called}`"
        yield ast.Call(changed, node.args, node.keywords), would_hold(words)
    if is_method:
        yield function.value, would_hold(f"without `{called}` after {line.named(function.value)}")
    elif name in ("maximum", "minimum") and len(node.args) == 2:
        for argument in node.args:
            words = f"without `{called}`, with {line.named(argument)} in its place"
            yield argument, would_hold(words)
    elif len(node.args) == 1:
        yield node.args[0], would_hold(f"without `{called}` around {line.named(node.args[0])}")


def _function_around(line, slot):
    if is_value(slot):
        around = "it" if slot.is_whole else line.named(slot.node)
        for name in FUNCTIONS:
            yield numpy_call(name, slot.node), would_hold(f"with a function around {around}")


def _as_column(line, slot):
    if is_value(slot) and not slot.is_whole:
        yield column(slot.node), would_hold(f"with {line.named(slot.node)} as a column")


def _name(line, slot):
    if isinstance(slot.node, ast.Name) and slot.node.id != "np":
        for name in line.names:
            if name != slot.node.id:
                words = f"with another name in place of {line.named(slot.node)}"
                yield ast.Name(name, ast.Load()), would_hold(words)


def _name_for_a_power(line, slot):
    if is_operation(slot.node, ast.Pow):
        for name in line.names:
            words = f"with a name in place of {line.named(slot.node)}"
            yield ast.Name(name, ast.Load()), would_hold(words)


def _name_for_a_number(line, slot):
    """Try names in place of a number, and whether two whole numbers are equal, which is 1 or 0."""
    node = slot.node
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    for name in line.names:
        yield ast.Name(name, ast.Load()), would_hold(f"with a name in place of {line.named(node)}")
    for equal in line.equalities if slot.role == "value" else ():
        yield equal, would_hold(f"with a comparison in place of {line.named(node)}")


# The simplest to say first; of one kind, the edits further out first.
EDITS = (
    *(_whole, _sign, _transpose, _term_left_out, _factor_left_out, _double_or_half, _square),
    *(_exchange, _index, _brackets, _operator, _number, _comparison, _function, _no_index),
    *(_no_index_at_an_operation, _function_around, _axes, _as_column, _name, _name_for_a_power),
    _name_for_a_number,
)


def edited(line: Line, trial: Trial) -> Slip | None:
    """Return the first edit with which the line holds, as a slip, or None."""
    for edit in EDITS:
        for slot in line.slots:
            for new, sentence in edit(line, slot):
                if trial.holds(line.compiled(slot, new)):
                    return Slip(sentence, line.repaired(slot, new))
    return None
