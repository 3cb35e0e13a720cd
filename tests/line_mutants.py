"""Single edits of a student's line of a derivation, as a text, sorted by what is edited.

The edits of functions in `autograder.lecture.mutants` have no kinds; those here are what people
do to formulas.
"""

import ast

import numpy as np

from autograder.lecture.mutants import ARITHMETIC, SIBLING, TOKENS, Text

SUMS = (ast.Add, ast.Sub)
PRODUCTS = (ast.Mult, ast.MatMult, ast.Div)


def line_mutants(code, instance):
    """Yield (kind, edited line) for every single edit of a line; no edit comes twice.

    instance: {name: value}, to know which names a line may use and how long arrays are.
    """
    text, seen = Text(code), {ast.dump(ast.parse(code))}
    nodes = [node for node in ast.walk(ast.parse(code, mode="eval")) if is_value(node, text)]
    for kind, edits in KINDS.items():
        for node in nodes:
            for new in edits(node, text, instance):
                edited = text.edited(node, new)
                if edited and (meaning := ast.dump(ast.parse(edited))) not in seen:
                    seen.add(meaning)
                    yield kind, edited


def is_value(node, text):
    is_module = isinstance(node, ast.Name | ast.Attribute) and text.of(node).startswith("np")
    return isinstance(node, ast.expr) and not is_module


def is_operation(node, *operators):
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def operands(node, text):
    """Return both sides of an operation as they are written, brackets included."""
    return [half.strip() for half in text.halves(node, node.left, node.right, node.op)]


def operator(node, text, instance):
    if isinstance(node, ast.BinOp):
        left, right = operands(node, text)
        for other in ("+", "-", "*", "/", "@", "**"):
            if other != TOKENS[type(node.op)]:
                yield f"{left} {other} {right}"
        for other in ARITHMETIC[TOKENS[type(node.op)]].split():
            yield f"{left} {other} {right}"


def sign(node, text, instance):
    yield f"-({text.of(node)})"
    if isinstance(node, ast.UnaryOp):
        yield text.of(node.operand)
    if is_operation(node, *SUMS):
        left, right = operands(node, text)
        yield f"{left} {'-' if isinstance(node.op, ast.Add) else '+'} {right}"


def number(node, text, instance):
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        for new in (node.value + 1, node.value - 1, 2 * node.value, node.value / 2):
            yield repr(new)


def factor_two(node, text, instance):
    yield f"2 * ({text.of(node)})"
    yield f"0.5 * ({text.of(node)})"
    yield f"({text.of(node)}) / 2"


def term_dropped(node, text, instance):
    if is_operation(node, *SUMS):
        left, right = operands(node, text)
        yield left
        yield right if isinstance(node.op, ast.Add) else f"-{right}"


def factor_dropped(node, text, instance):
    if is_operation(node, *PRODUCTS):
        left, right = operands(node, text)
        yield left
        yield f"1 / {right}" if isinstance(node.op, ast.Div) else right


def term_twice(node, text, instance):
    if is_operation(node, *SUMS):
        left, right = operands(node, text)
        token = TOKENS[type(node.op)]
        yield f"{left} {token} {right} {token} {right}"
        yield f"{left} + {left} {token} {right}"


def transpose(node, text, instance):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield text.of(node.value)
    elif not isinstance(node, ast.Constant):
        yield f"({text.of(node)}).T"


def square(node, text, instance):
    if is_operation(node, ast.Pow):
        yield operands(node, text)[0]
    elif not isinstance(node, ast.Constant):
        yield f"({text.of(node)})**2"


def dimension(node, text, instance):
    """A factor too much: an integer of the instance, or the length of an array."""
    if isinstance(node, ast.Constant | ast.Name):
        return
    sizes = [name for name, value in instance.items() if isinstance(value, int)]
    arrays = [name for name, value in instance.items() if isinstance(value, np.ndarray)]
    sizes += [f"len({name})" for name in arrays]
    sizes += [f"{name}.shape[1]" for name in arrays if instance[name].ndim > 1]
    for size in sizes:
        yield f"{size} * ({text.of(node)})"
    for size in sizes:
        yield f"({text.of(node)}) / {size}"


def name(node, text, instance):
    if isinstance(node, ast.Name):
        yield from (name for name, value in instance.items() if not callable(value))


def order(node, text, instance):
    if is_operation(node, ast.Sub, ast.Div, ast.MatMult):
        left, right = operands(node, text)
        yield f"{right} {TOKENS[type(node.op)]} {left}"
    if isinstance(node, ast.Call) and len(node.args) == 2:
        one, other = map(text.of, node.args)
        yield f"{text.of(node.func)}({other}, {one})"


def brackets(node, text, instance):
    if isinstance(node, ast.BinOp):
        left, right = operands(node, text)
        token = TOKENS[type(node.op)]
        if right.startswith("(") and isinstance(node.right, ast.BinOp):
            yield f"{left} {token} {text.of(node.right)}"
        if left.startswith("(") and isinstance(node.left, ast.BinOp):
            yield f"{text.of(node.left)} {token} {right}"


def index(node, text, instance):
    """An index wrong, missing or too many, or two exchanged."""
    whole = [name for name, value in instance.items() if isinstance(value, int | np.integer)]
    if isinstance(node, ast.Subscript):
        array = f"({text.of(node.value)})"
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = [text.of(part) for part in parts]
        yield f"{array}[{', '.join(parts[::-1])}]"
        yield array
        for place in range(len(parts)):
            before, after = parts[:place], parts[place + 1 :]
            if before or after:
                yield f"{array}[{', '.join([*before, *after])}]"
            for name in whole:
                yield f"{array}[{', '.join([*before, name, *after])}]"
                yield f"{array}[{', '.join([*before, name, *parts[place:]])}]"
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
        yield f"{text.of(node.left)} != {text.of(node.comparators[0])}"
        for name in whole:
            yield f"{text.of(node.left)} == {name}"


def function(node, text, instance):
    if not isinstance(node, ast.Call):
        return
    module, _, called = text.of(node.func).rpartition(".")
    written = ", ".join(map(text.of, node.args))
    if called in SIBLING:
        yield f"{module}.{SIBLING[called]}({written})"
    yield from map(text.of, node.args[:1]) if module == "np" else [module]


KINDS = {
    "sign": sign,
    "factor 2 or 1/2": factor_two,
    "transpose": transpose,
    "term dropped": term_dropped,
    "term twice": term_twice,
    "factor dropped": factor_dropped,
    "square": square,
    "dimension": dimension,
    "operator": operator,
    "number": number,
    "order": order,
    "brackets": brackets,
    "function": function,
    "index": index,
    "name": name,
}
