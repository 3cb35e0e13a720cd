"""Make the mutants of a lecture's reference functions: each is wrong, or not, by a single edit.

The mutation testers on PyPI (mutmut, cosmic-ray, mutatest) run a test suite per edited file, and
know nothing of axes, transposes or copies. Ours are functions that `mutant_trials` calls.

EDITS says what is edited. Every entry yields (node, text): put the text where the node stands.
"""

import ast
import warnings
from dataclasses import dataclass
from types import CodeType

from autograder.paths import relative

# token: what it may become
ARITHMETIC = {
    "+": "- *",
    "-": "+",
    "*": "/ +",
    "/": "* //",
    "//": "/ *",
    "%": "//",
    "**": "*",
    "@": "*",
    "&": "|",
    "|": "&",
    "^": "|",
    "<<": ">>",
    ">>": "<<",
}
COMPARISONS = {
    "<": "<= >",
    "<=": "< >=",
    ">": ">= <",
    ">=": "> <=",
    "==": "!=",
    "!=": "==",
    "is": "is_not",
    "is not": "is",
    "in": "not_in",
    "not in": "in",
}
TOKENS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.And: "and",
    ast.Or: "or",
}
ORDERED = {"-", "/", "//", "%", "**"}  # operators whose operands are worth swapping
SIBLINGS = [  # functions and methods taken for each other
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("sum", "mean"),
    ("any", "all"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("tril", "triu"),
    ("floor", "ceil"),
    ("sin", "cos"),
    ("log", "log1p"),
    ("exp", "expm1"),
    ("hstack", "vstack"),
]
SIBLING = dict(SIBLINGS) | {other: one for one, other in SIBLINGS}
# heapsort, because what the default sort does to equal values depends on the processor
OPTIONS = {"stable": "heapsort", "left": "right", "right": "left", "ij": "xy", "xy": "ij"}
MODULES = {"np", "sp", "torch", "math"}
CONVERSIONS = {"float", "int"}  # NumPy's numbers are as good
CHOOSING = {"min", "max", "minimum", "maximum", "where"}  # their result is one of the arguments
COMMUTATIVE = {"min", "max", "minimum", "maximum", "add", "multiply", "logical_and", "logical_or"}
REMOVABLE = (
    ast.Assign
    | ast.AugAssign
    | ast.AnnAssign
    | ast.Expr
    | ast.If
    | ast.For
    | ast.While
    | ast.Return
    | ast.Raise
    | ast.Assert
    | ast.Delete
    | ast.Break
    | ast.Continue
)
UNTOUCHED = ast.arguments | ast.JoinedStr | ast.withitem


@dataclass(frozen=True)
class Mutant:
    """An edited solution cell: the lines `before` of the source, from `line` on, read `after`.

    code: the compiled cell, whose line numbers are the source file's.
    """

    place: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    code: CodeType

    @property
    def reads(self):
        """The edited lines as a record names them: joined, every run of blanks a single space."""
        return " ".join(" ".join(self.after).split())

    def diff(self):
        """Return file:line and the edit as the lines of a unified diff."""
        return "\n".join(
            [
                self.place,
                *(f"-{line}" for line in self.before),
                *(f"+{line}" for line in self.after),
            ]
        )


def make_mutants(source, exercise):
    """Return the Mutants of an exercise's solution cell; of those that compile alike, the first.

    source: the lecture's Source. Signatures, docstrings, f-strings and what stands behind a
    `with` stay as they are.
    """
    (cell,) = [cell for cell in source.cells if cell.is_solution and cell.grade_id == exercise]
    text = Text(cell.node.source)
    known = {_meaning(_compiled(text.whole, source, cell))}
    found = []
    for node in _code(ast.parse(text.whole)):
        for kind, edits in EDITS.items():
            for target, new in edits(node, text) if isinstance(node, kind) else ():
                edited = text.edited(target, new)
                meaning = edited and _meaning(code := _compiled(edited, source, cell))
                if meaning and meaning not in known:
                    known.add(meaning)
                    found.append(_mutant(source, cell, text.whole, edited, code))
    return found


def _mutant(source, cell, text, edited, code):
    before, after = text.splitlines(), edited.splitlines()
    first = 0
    while before[first] == after[first]:
        first += 1
    last = -1
    while before[last] == after[last] and min(len(before), len(after)) + last > first:
        last -= 1
    return Mutant(
        place=f"{relative(source.path)}:{cell.line + 1 + first}",
        before=tuple(before[first : len(before) + last + 1]),
        after=tuple(after[first : len(after) + last + 1]),
        code=code,
    )


def _compiled(text, source, cell):
    with warnings.catch_warnings(action="ignore"):  # such as "str object is not callable"
        return compile("\n" * cell.line + text, str(source.path), "exec")


def _meaning(code):
    """Return what code does, without its line numbers; equal for equal mutants."""
    constants = (_meaning(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, *constants


def _code(node):
    """Yield the node and those below it that are code of a function's body."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "returns", "annotation"):
            continue
        for child in value if isinstance(value, list) else [value]:
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not isinstance(child, UNTOUCHED) and not is_docstring:
                yield from _code(child)


class Text:
    """A cell's text, and where its nodes stand in it."""

    def __init__(self, whole):
        self.whole = whole
        self.bytes = whole.encode()  # a node's columns count bytes
        self.lines = [0]
        for line in self.bytes.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))

    def span(self, node):
        """Return the first byte of a node and the one behind it."""
        first = self.lines[node.lineno - 1] + node.col_offset
        return first, self.lines[node.end_lineno - 1] + node.end_col_offset

    def of(self, node):
        """Return the text of a node, without brackets around it."""
        first, end = self.span(node)
        return self.bytes[first:end].decode()

    def halves(self, node, left, right, operator):
        """Return the node's text before and after the operator between `left` and `right`."""
        first, end = self.span(node)
        token = TOKENS[type(operator)].encode()
        middle = self.bytes.index(token, self.span(left)[1], self.span(right)[0])
        halves = self.bytes[first:middle], self.bytes[middle + len(token) : end]
        return tuple(half.decode() for half in halves)

    def edited(self, node, new):
        """Return the whole text with `new` in the node's place, bracketed where it has to be.

        Empty if that is not Python.
        """
        first, end = self.span(node)
        texts = [
            (self.bytes[:first] + each.encode() + self.bytes[end:]).decode()
            for each in (new, f"({new})")
        ]
        plain, bracketed = map(_tree, texts)
        if bracketed and plain != bracketed:
            return texts[1]
        return texts[0] if plain else ""


def _tree(text):
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.dump(ast.parse(text))
    except SyntaxError:
        return ""


def _arithmetic(node, text):
    token = TOKENS[type(node.op)]
    left, right = text.halves(node, node.left, node.right, node.op)
    for other in ARITHMETIC[token].split():
        yield node, left + other + right
    yield node, left.strip()
    if token != "**":
        yield node, f"-{right.strip()}" if token == "-" else right.strip()
    if token in ORDERED:
        yield node, f"{right.strip()} {token} {left.strip()}"
    if token == "@":  # .mT refuses vectors, of which .T would be the same
        yield node, f"{left.strip()}.mT @{right}"
        yield node, f"{left}@ {right.strip()}.mT"


def _comparison(node, text):
    operands = [node.left, *node.comparators]
    for one, operator, other in zip(operands, node.ops, node.comparators, strict=False):
        left, right = text.halves(node, one, other, operator)
        for new in COMPARISONS[TOKENS[type(operator)]].split():
            yield node, left + new.replace("_", " ") + right


def _boolean(node, text):
    new = "or" if isinstance(node.op, ast.And) else "and"
    for one, other in zip(node.values, node.values[1:], strict=False):
        left, right = text.halves(node, one, other, node.op)
        yield node, left + new + right
    for dropped in node.values:
        kept = [text.of(value) for value in node.values if value is not dropped]
        if len(kept) > 1:
            kept = [f"({operand})" for operand in kept]
        yield node, f" {TOKENS[type(node.op)]} ".join(kept)


def _sign(node, text):
    yield node, text.of(node.operand)


def _constant(node, text):
    value = node.value
    if isinstance(value, bool):
        yield node, str(not value)
    elif isinstance(value, str) and value in OPTIONS:
        yield node, f'"{OPTIONS[value]}"'
    elif isinstance(value, int | float):
        half = value // 2 if isinstance(value, int) else value / 2
        for new in dict.fromkeys([value + 1, value - 1, half, type(value)(0), type(value)(1)]):
            if new != value:
                yield node, repr(new)


def _call(node, text):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else text.of(node.func)
    if name in SIBLING:
        end = text.of(node.func).removesuffix(name)
        yield node.func, end + SIBLING[name]
    if isinstance(node.func, ast.Attribute) and text.of(node.func.value) not in MODULES:
        yield node, text.of(node.func.value)  # the method is forgotten
    elif name not in CONVERSIONS:  # the function is forgotten
        for argument in node.args if name in CHOOSING else node.args[:1]:
            yield node, text.of(argument)
    written = [text.of(argument) for argument in [*node.args, *node.keywords]]
    if name not in COMMUTATIVE:
        for position in range(len(node.args) - 1):
            yield node, f"{text.of(node.func)}({', '.join(_swapped(written, position))})"
    for position, keyword in enumerate(node.keywords, start=len(node.args)):
        if keyword.arg != "kind":  # see OPTIONS
            rest = written[:position] + written[position + 1 :]
            yield node, f"{text.of(node.func)}({', '.join(rest)})"
    if name == "range":
        for bound in node.args:
            yield from _shifted(bound, text)


def _shifted(bound, text):
    if not isinstance(bound, ast.Constant):
        yield bound, f"{text.of(bound)} + 1"
        yield bound, f"{text.of(bound)} - 1"


def _slice(node, text):
    bounds = [node.lower, node.upper]
    if not any(bounds):
        return
    for bound in filter(None, bounds):
        yield from _shifted(bound, text)
    lower, upper = (text.of(bound) if bound else "" for bound in bounds)
    step = f":{text.of(node.step)}" if node.step else ""
    if lower != "0":
        yield node, f":{upper}{step}" if lower else f"1:{upper}{step}"
    yield node, f"{lower}:{step}" if upper else f"{lower}:-1{step}"
    if step:
        yield node, f"{lower}:{upper}"


def _tuple(node, text):
    if isinstance(node.ctx, ast.Load):
        elements = [text.of(element) for element in node.elts]
        for position in range(len(elements) - 1):
            yield node, ", ".join(_swapped(elements, position))


def _swapped(texts, position):
    one, other = texts[position : position + 2]
    return [*texts[:position], other, one, *texts[position + 2 :]]


def _transpose(node, text):
    if node.attr in ("T", "mT"):
        yield node, text.of(node.value)


def _assignment(node, text):
    if len(node.targets) == 1 and isinstance(
        node.targets[0], ast.Name | ast.Subscript | ast.Attribute
    ):
        yield node, f"{text.of(node.targets[0])} += {text.of(node.value)}"


def _update(node, text):
    target, value = text.of(node.target), text.of(node.value)
    yield node, f"{target} = {value}"
    for other in ARITHMETIC[TOKENS[type(node.op)]].split():
        yield node, f"{target} {other}= {value}"


def _condition(node, text):
    yield node.test, "False"
    if not isinstance(node, ast.While):
        yield node.test, "True"


def _filter(node, text):
    for test in node.ifs:
        yield test, "True"


def _statement(node, text):
    yield node, f"pass  # {text.of(node).splitlines()[0]}"


EDITS = {
    ast.BinOp: _arithmetic,
    ast.Compare: _comparison,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _sign,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Slice: _slice,
    ast.Tuple: _tuple,
    ast.Attribute: _transpose,
    ast.Assign: _assignment,
    ast.AugAssign: _update,
    ast.If | ast.While | ast.IfExp: _condition,
    ast.comprehension: _filter,
    REMOVABLE: _statement,
}
