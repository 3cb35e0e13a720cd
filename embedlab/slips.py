"""Say which single change would make a student's line of a derivation hold.

The line's own tree is edited in one place at a time (a sign, a factor 2, a transpose, a term left
out, ...) and computed on the instances; the first edit with which the line holds on all of them is
said, the simplest ones being tried first. What is said is a fact about the line, "with a minus
before `x` your line would hold", never a reason why it was written so. What the line lacks is not
written out: a missing factor is not named at all, of a missing term one name.
"""

import ast
import copy
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from types import CodeType

import numpy as np

from embedlab.expressions import magnitude, parse, relative_differences

MAX_NODES = 200  # of a longer line's tree nothing is tried
MAX_SHOWN = 40  # characters of a piece of the line that are repeated to the student
SECONDS = 1.5  # for one line; a line that is slow to compute gets what was found until then
PURE = {"abs", "float", "int", "len", "max", "min", "range", "round", "sum", "zip", "enumerate"}
PLUS_MINUS = (ast.Add, ast.Sub)
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
NUMBERS = (0, 1, 2, 3, 4, 0.5, 1.5)
SIBLINGS = {
    **{"sum": "mean", "mean": "sum", "sin": "cos", "cos": "sin", "max": "min", "min": "max"},
    **{"exp": "log", "log": "exp", "maximum": "minimum", "minimum": "maximum"},
    **{"diag": "trace", "trace": "diag", "outer": "dot", "dot": "outer"},
}
FUNCTIONS = ("sum", "sqrt", "exp", "log", "sin", "cos", "abs", "diag", "trace")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
HOLE = "_hole"  # stands in an edited line for what is tried there


@dataclass(frozen=True)
class Slip:
    """A change with which a line holds: a sentence for the student, and the line with the change.

    `repaired` is an answer. It is for tests and is shown to nobody.
    """

    sentence: str
    repaired: str


def find_slip(
    code: str,
    expected: list[np.ndarray],
    instances: list[dict],
    tolerance: float,
    shown: tuple[str, ...] = (),
) -> Slip | None:
    """Return the simplest change with which a line holds on all instances, or None.

    Args:
        code: the student's line. Calls of anything but NumPy, the instance's functions and
            built-in functions without effects are not repeated: such a line has no diagnosis.
        expected: what it should be on every instance.
        instances: {name: value} for every instance.
        tolerance: largest difference, relative to the values.
        shown: other lines that the student sees; what is missing may be a part of one.
    """
    line = _Line.read(code, instances[0])
    if line is None:
        return None
    trial = _Trial(instances, expected, tolerance)
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        try:
            return (
                _edited(line, trial)
                or _of_another_size(line, trial)
                or _lacking(line, trial, _Bank(trial, [line.text, *shown]))
            )
        except _OutOfTime:
            return None


class _OutOfTime(Exception):
    """The line is slow, and enough was tried."""


@dataclass(frozen=True)
class _Slot:
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
        return isinstance(self.parent, ast.Expression)

    def put(self, node: ast.expr) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


class _Line:
    """A student's line: its text, its tree, and the places in it that can be edited."""

    def __init__(self, text: str, tree: ast.Expression, names: list[str]) -> None:
        self.text = text
        self.tree = tree
        self.names = names  # of the instance's numbers and arrays
        self.slots = list(_slots(tree, "body", None, "value"))

    @classmethod
    def read(cls, code: str, instance: dict) -> "_Line | None":
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
        names = [name for name, value in instance.items() if _is_numeric(value)]
        return cls(code.strip(), tree, names) if len(nodes) <= MAX_NODES else None

    def named(self, node: ast.expr, noun: str = "") -> str:
        """Return how to speak of a part of the line: `x`, the term `x`, the second `x`."""
        text = " ".join((ast.get_source_segment(self.text, node) or "").split())
        same = [slot.node for slot in self.slots if _same(slot.node, node)]
        same.sort(key=lambda node: (node.lineno, node.col_offset))
        if len(text) > MAX_SHOWN:
            text = f"{text[: MAX_SHOWN - 3].rstrip()}..."
        if 1 < len(same) <= len(ORDINALS):
            return f"the {ORDINALS[same.index(node)]} `{text}`"
        return f"the {noun} `{text}`" if noun else f"`{text}`"

    @contextmanager
    def _edited(self, slot: _Slot, new: ast.expr) -> Iterator[ast.Expression]:
        slot.put(new)
        try:
            yield self.tree
        finally:
            slot.put(slot.node)

    def compiled(self, slot: _Slot, new: ast.expr) -> CodeType:
        """Return the line with `new` in a slot, compiled."""
        with self._edited(slot, new) as tree:
            return _compiled(tree)

    def repaired(self, slot: _Slot, new: ast.expr) -> str:
        """Return the line with `new` in a slot, as text."""
        with self._edited(slot, new) as tree:
            return ast.unparse(tree)


def _compiled(tree: ast.Expression) -> CodeType:
    return compile(ast.fix_missing_locations(tree), "<slip>", "eval")


def _is_numeric(value: object) -> bool:
    kind = np.asarray(value).dtype.kind if not callable(value) else ""
    return kind in tuple("biuf")


def _same(one: ast.AST, other: ast.AST) -> bool:
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)


def _slots(parent: ast.AST, field: str, index: int | None, role: str) -> Iterator[_Slot]:
    """Yield the slot `parent.field[index]` and those below it, the outermost first."""
    node = getattr(parent, field) if index is None else getattr(parent, field)[index]
    if not isinstance(node, ast.expr):
        return
    if not isinstance(getattr(node, "ctx", None), ast.Store):
        yield _Slot(node, parent, field, index, role)
    for name, value in ast.iter_fields(node):
        inner = role
        if isinstance(node, ast.Call) and name == "func":
            # the array of a method is a value of the line; a function's name is not
            if isinstance(value, ast.Attribute) and not _is_numpy(value.value):
                yield from _slots(value, "value", None, role)
            continue
        if isinstance(node, ast.Attribute) and _is_numpy(node.value):
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


def _is_numpy(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return _is_numpy(node.value)
    return isinstance(node, ast.Name) and node.id == "np"


class _Trial:
    """Computes edited lines on the instances, and says whether they are what is expected."""

    def __init__(self, instances: list[dict], expected: list[np.ndarray], tolerance: float) -> None:
        self.instances = [{"np": np} | copy.deepcopy(instance) for instance in instances]
        for instance in self.instances:
            for value in instance.values():
                if isinstance(value, np.ndarray):
                    value.flags.writeable = False  # an edit that writes into it just fails
        self.expected = expected
        self.tolerance = tolerance
        # where the value is large, few wrong edits come near it
        self.first = int(np.argmax([magnitude(value) for value in expected]))
        self.end = time.monotonic() + SECONDS

    def value(self, code: object, number: int, hole: np.ndarray | None = None) -> np.ndarray | None:
        """Return the finite value on one instance, or None."""
        if time.monotonic() > self.end:
            raise _OutOfTime
        names = self.instances[number] | {HOLE: hole}
        try:
            value = np.asarray(eval(code, names))
            if value.dtype.kind in "biuf" and np.isfinite(value).all():
                return value.astype(float)
        except Exception:  # most edits are nonsense
            pass
        return None

    def fits(self, value: np.ndarray | None) -> bool:
        """Whether a value on the first instance tried is near what is expected there."""
        right = self.expected[self.first]
        if value is None or value.shape != right.shape:
            return False
        near = 10 * self.tolerance * max(magnitude(value), magnitude(right))
        return magnitude(value - right) <= near

    def holds(self, code: object, term: object = None) -> bool:
        """Whether the code is right on all instances; `term` is the code of what is in its hole."""

        def values(numbers):
            for number in numbers:
                hole = None if term is None else self.value(term, number)
                yield self.value(code, number, hole)

        if not self.fits(next(values([self.first]))):
            return False
        got = list(values(range(len(self.expected))))
        for mine, right in zip(got, self.expected, strict=True):
            if mine is None or mine.shape != right.shape:
                return False
        return relative_differences(got, self.expected).max() <= self.tolerance


# 1. Edits of what stands in the line. Each yields (the new node, the sentence).


def _edited(line: _Line, trial: _Trial) -> Slip | None:
    for edit in EDITS:
        for slot in line.slots:
            for new, sentence in edit(line, slot):
                if trial.holds(line.compiled(slot, new)):
                    return Slip(sentence, line.repaired(slot, new))
    return None


def _with(words: str) -> str:
    return f"Your line would hold {words}."


def _binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, operator, right)


def _minus(node: ast.expr) -> ast.UnaryOp:
    return ast.UnaryOp(ast.USub(), node)


def _times(number: float, node: ast.expr) -> ast.BinOp:
    return _binary(ast.Constant(number), ast.Mult(), node)


def _numpy(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), [*arguments], [])


def _is_operation(node: ast.expr, *operators: type) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def _is_value(slot: _Slot) -> bool:
    """Whether whole values are tried in this place, and it is not just a number."""
    return slot.role == "value" and not isinstance(slot.node, ast.Constant | ast.Tuple | ast.List)


def _whole(line, slot):
    if slot.is_whole:
        yield _minus(slot.node), "Minus your line would hold."
        yield _times(2, slot.node), "Twice your line would hold."
        yield _times(0.5, slot.node), "Half your line would hold."
        yield ast.Attribute(slot.node, "T", ast.Load()), "Your line transposed would hold."


def _sign(line, slot):
    node = slot.node
    if _is_operation(node, *PLUS_MINUS):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        words = f"with `{OPERATORS[type(other)]}` before {line.named(node.right)}"
        yield _binary(node.left, other, node.right), _with(words)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, _with(f"without the minus before {line.named(node.operand)}")
    elif _is_value(slot) and not slot.is_whole:
        yield _minus(node), _with(f"with a minus before {line.named(node)}")


def _transpose(line, slot):
    node = slot.node
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value, _with(f"with {line.named(node.value)} not transposed")
    elif _is_value(slot) and not slot.is_whole and not isinstance(node, ast.UnaryOp):
        yield ast.Attribute(node, "T", ast.Load()), _with(f"with {line.named(node)} transposed")


def _term_left_out(line, slot):
    node = slot.node
    if _is_operation(node, *PLUS_MINUS):
        yield node.left, _with(f"without {line.named(node.right, 'term')}")
        rest = node.right if isinstance(node.op, ast.Add) else _minus(node.right)
        yield rest, _with(f"without {line.named(node.left, 'term')}")


def _double_or_half(line, slot):
    if _is_value(slot) and not slot.is_whole:
        yield _times(2, slot.node), _with(f"with {line.named(slot.node)} doubled")
        yield _times(0.5, slot.node), _with(f"with {line.named(slot.node)} halved")


def _square(line, slot):
    node = slot.node
    if _is_operation(node, ast.Pow) and isinstance(node.right, ast.Constant):
        power = "square" if node.right.value == 2 else "power"
        yield node.left, _with(f"without the {power} of {line.named(node.left)}")
    if _is_value(slot):
        square = _binary(node, ast.Pow(), ast.Constant(2))
        root = _binary(node, ast.Pow(), ast.Constant(0.5))
        if slot.is_whole:
            yield square, "Your line squared would hold."
            yield root, "The square root of your line would hold."
        else:
            yield square, _with(f"with {line.named(node)} squared")
            yield root, _with(f"with the square root of {line.named(node)} in its place")


def _factor_left_out(line, slot):
    node = slot.node
    if _is_operation(node, ast.Mult, ast.MatMult, ast.Div):
        is_ratio = isinstance(node.op, ast.Div)
        factor = line.named(node.right, "factor")
        words = f"without dividing by {line.named(node.right)}" if is_ratio else f"without {factor}"
        yield node.left, _with(words)
        rest = _binary(ast.Constant(1), ast.Div(), node.right) if is_ratio else node.right
        yield rest, _with(f"without {line.named(node.left, 'factor')}")


def _exchange(line, slot):
    node = slot.node
    if _is_operation(node, ast.Sub, ast.Div, ast.MatMult):
        words = f"with {line.named(node.left)} and {line.named(node.right)} exchanged"
        yield _binary(node.right, node.op, node.left), _with(words)
    if isinstance(node, ast.Call) and len(node.args) == 2:
        one, other = node.args
        words = f"with {line.named(one)} and {line.named(other)} exchanged"
        yield ast.Call(node.func, [other, one], node.keywords), _with(words)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and slot.role == "number":
        words = f"with the indices `{ast.unparse(node).strip('()')}` exchanged"
        yield ast.Tuple(node.elts[::-1], node.ctx), _with(words)


def _operator(line, slot):
    node = slot.node
    if _is_operation(node, *OPERATORS, ast.Pow):
        is_power = isinstance(node.op, ast.Pow)
        old = "**" if is_power else OPERATORS[type(node.op)]
        for operator, new in OPERATORS.items():
            if new != old:
                words = f"with `{new}` in place of `{old}` before {line.named(node.right)}"
                yield _binary(node.left, operator(), node.right), _with(words)
        if not is_power and isinstance(node.right, ast.Constant) and node.right.value in (2, 3):
            words = f"with `**` in place of `{old}` before {line.named(node.right)}"
            yield _binary(node.left, ast.Pow(), node.right), _with(words)


def _brackets(line, slot):
    node = slot.node
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.left, ast.BinOp):  # (a b) c -> a (b c)
        inner = _binary(node.left.right, node.op, node.right)
        words = f"with brackets around `{ast.unparse(inner)}`"
        yield _binary(node.left.left, node.left.op, inner), _with(words)
    if isinstance(node.left, ast.UnaryOp):  # -a b -> -(a b)
        inner = _binary(node.left.operand, node.op, node.right)
        words = f"with brackets around `{ast.unparse(inner)}`"
        yield ast.UnaryOp(node.left.op, inner), _with(words)
    if isinstance(node.right, ast.BinOp):  # a (b c) -> (a b) c
        inner = _binary(node.left, node.op, node.right.left)
        words = f"without the brackets around {line.named(node.right)}"
        yield _binary(inner, node.right.op, node.right.right), _with(words)


def _number(line, slot):
    node = slot.node
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = node.value
        near = (value + 1, value - 1, 2 * value, value / 2, -value)
        for other in dict.fromkeys([*near, *NUMBERS]):
            if other != value:
                words = f"with another number in place of {line.named(node)}"
                yield ast.Constant(other), _with(words)


def _function(line, slot):
    node = slot.node
    if not isinstance(node, ast.Call):
        return
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id
    is_method = isinstance(function, ast.Attribute) and not _is_numpy(function.value)
    called = f".{name}()" if is_method else ast.unparse(function)
    if name in SIBLINGS:
        new = SIBLINGS[name]
        changed = (
            ast.Attribute(function.value, new, ast.Load())
            if isinstance(function, ast.Attribute)
            else ast.Name(new, ast.Load())
        )
        words = f"with another function in place of `{called}`"
        yield ast.Call(changed, node.args, node.keywords), _with(words)
    if is_method:
        yield function.value, _with(f"without `{called}` after {line.named(function.value)}")
    elif len(node.args) == 1:
        yield node.args[0], _with(f"without `{called}` around {line.named(node.args[0])}")


def _function_around(line, slot):
    if _is_value(slot):
        around = "it" if slot.is_whole else line.named(slot.node)
        for name in FUNCTIONS:
            yield _numpy(name, slot.node), _with(f"with a function around {around}")


def _as_column(line, slot):
    if _is_value(slot) and not slot.is_whole:
        yield _column(slot.node), _with(f"with {line.named(slot.node)} as a column")


def _name(line, slot):
    if isinstance(slot.node, ast.Name) and slot.node.id != "np":
        for name in line.names:
            if name != slot.node.id:
                words = f"with another name in place of {line.named(slot.node)}"
                yield ast.Name(name, ast.Load()), _with(words)


# The simplest to say first; of one kind, the edits further out first.
EDITS = (
    *(_whole, _sign, _transpose, _term_left_out, _double_or_half, _square, _factor_left_out),
    *(_exchange, _brackets, _operator, _number, _function, _function_around, _as_column, _name),
)


# 2. The whole line, times or divided by a number.


def _of_another_size(line: _Line, trial: _Trial) -> Slip | None:
    """Compare the line's values with the right ones, as a ratio that is a number or a size."""
    code = _compiled(line.tree)
    values = [trial.value(code, number) for number in range(len(trial.expected))]
    ratios = []
    for mine, right in zip(values, trial.expected, strict=True):
        if mine is None or mine.shape != right.shape or not magnitude(right):
            return None
        ratios.append(float((mine * right).sum() / (right * right).sum()))
    (whole,) = (slot for slot in line.slots if slot.is_whole)

    def slip(operator, by, words):
        new = _binary(whole.node, operator(), by)
        holds = trial.holds(line.compiled(whole, new))
        return Slip(words, line.repaired(whole, new)) if holds else None

    for name, (by, sizes) in _sizes(trial.instances).items():
        if np.allclose(ratios, sizes):
            return slip(ast.Div, by, f"Your line divided by {name} would hold.")
        if np.allclose(np.multiply(ratios, sizes), 1):
            return slip(ast.Mult, by, f"Your line times {name} would hold.")
    ratio = Fraction(np.median(ratios)).limit_denominator(12)
    if ratio and np.allclose(ratios, float(ratio)):
        by = ast.Constant(float(1 / ratio))
        return slip(ast.Mult, by, f"Your line times {1 / ratio} would hold.")
    return None


def _sizes(instances: list[dict]) -> dict[str, tuple[ast.expr, list[int]]]:
    """Return {how it is called: (its expression, its value on every instance)} of all sizes."""
    found = {}
    for name, value in instances[0].items():
        if isinstance(value, int | np.integer) and not isinstance(value, bool):
            sizes = [instance[name] for instance in instances]
            words = f"`{name}`" if len(set(sizes)) > 1 else f"`{name}`, which is {sizes[0]},"
            found[words] = parse(name).body, sizes
    for name, value in instances[0].items():
        for axis in range(value.ndim if isinstance(value, np.ndarray) else 0):
            code = f"{name}.shape[{axis}]"
            sizes = [instance[name].shape[axis] for instance in instances]
            words = f"`{code}`" if len(set(sizes)) > 1 else f"`{code}`, which is {sizes[0]},"
            found[words] = parse(code).body, sizes
    return {words: (by, sizes) for words, (by, sizes) in found.items() if 1 not in sizes}


# 3. What the line lacks: a factor or a term, made of the instance's names.


@dataclass(frozen=True)
class _Term:
    """Something that may be missing: its expression, and its value on the instance tried first."""

    node: ast.expr
    value: np.ndarray

    @cached_property
    def code(self) -> CodeType:
        return _compiled(ast.Expression(self.node))


class _Bank:
    """What may be missing: names, sizes, simple forms of names, and parts of the lines shown."""

    def __init__(self, trial: _Trial, texts: list[str]) -> None:
        self.trial = trial
        instance = trial.instances[trial.first]
        self.names = self._terms(
            ast.Name(name, ast.Load()) for name, value in instance.items() if _is_numeric(value)
        )
        terms = self._terms(
            [term.node for term in self.names]
            + [by for by, _ in _sizes(trial.instances).values()]
            + [form for term in self.names for form in _forms(term)]
            + list(_parts(texts))
        )
        self.atoms = [term for term in terms if not self.is_answer(term.value)]

    def _terms(self, nodes: Iterable[ast.expr]) -> list[_Term]:
        """Return those that have a value, and of values equal up to their sign the first."""
        found = {}
        for node in nodes:
            value = self.trial.value(_compiled(ast.Expression(node)), self.trial.first)
            if value is not None and value.ndim <= 2 and magnitude(value):
                first = value[value != 0][0]
                key = value.shape, (value / first).tobytes(), abs(first)
                found.setdefault(key, _Term(node, value))
        return list(found.values())

    def products(self, shape: tuple[int, ...]) -> list[_Term]:
        """Return the atoms and the products of two of them that have a shape.

        For a number, also the sums of those that are arrays.
        """
        found = list(self.atoms)
        for one, other in product(self.atoms, self.atoms):
            left, right = one.value, other.value
            if one is not other or left.ndim:
                with suppress(ValueError):  # sizes that do not fit
                    found.append(_Term(_binary(one.node, ast.Mult(), other.node), left * right))
            if left.ndim and right.ndim:
                with suppress(ValueError):
                    found.append(_Term(_binary(one.node, ast.MatMult(), other.node), left @ right))
            if left.ndim == right.ndim == 1:
                node = _numpy("outer", one.node, other.node)
                found.append(_Term(node, np.outer(left, right)))
        if shape == ():
            arrays = (term for term in found if np.ndim(term.value))
            found += [_Term(_numpy("sum", term.node), term.value.sum()) for term in arrays]
        return [term for term in found if np.shape(term.value) == shape]

    def is_answer(self, value: np.ndarray) -> bool:
        """Whether a term is all that the line should be: with it, any line could be mended."""
        right = self.trial.expected[self.trial.first]
        return np.shape(value) == right.shape and any(
            np.allclose(number * value, right) for number in (1, -1, 0.5, -0.5, 2, -2)
        )


def _forms(term: _Term) -> Iterator[ast.expr]:
    node = term.node
    yield _binary(node, ast.Pow(), ast.Constant(2))
    if term.value.ndim:
        yield _numpy("sum", node)
    if term.value.ndim == 1:
        yield _binary(node, ast.MatMult(), node)
        yield _numpy("diag", node)
        yield _column(node)
        yield _column(_binary(node, ast.Pow(), ast.Constant(2)))
    if term.value.ndim == 2:
        yield ast.Attribute(node, "T", ast.Load())
        yield _numpy("diag", node)
        yield _numpy("trace", node)


def _column(node: ast.expr) -> ast.Subscript:
    column = ast.Tuple([ast.Slice(), ast.Constant(None)], ast.Load())
    return ast.Subscript(node, column, ast.Load())


def _parts(texts: list[str]) -> Iterator[ast.expr]:
    """Yield the parts of lines that are one term: no sum or difference stands in them.

    A part that needs a name from outside it, as inside a comprehension, has no value and goes.
    """
    for tree in filter(None, map(parse, texts)):
        nodes = list(ast.walk(tree))
        for node in nodes if len(nodes) <= MAX_NODES else ():
            below = list(ast.walk(node)) if isinstance(node, ast.BinOp | ast.Call) else ()
            if below and not any(_is_operation(inner, *PLUS_MINUS) for inner in below):
                yield node


def _lacking(line: _Line, trial: _Trial, bank: _Bank) -> Slip | None:
    return (
        _lacking_factor(line, trial, bank)
        or _lacking_term(line, trial, bank)
        or _lacking_term_inside(line, trial, bank)
    )


def _filled(
    line: _Line,
    trial: _Trial,
    slot: _Slot,
    make: Callable[[ast.expr], ast.expr],
    terms: list[_Term],
) -> _Term | None:
    """Return the first term with which `make(term)` in the slot lets the line hold, or None."""
    code = line.compiled(slot, make(ast.Name(HOLE, ast.Load())))
    for term in terms:
        value = trial.value(code, trial.first, term.value)
        if trial.fits(value) and trial.holds(code, term.code):
            return term
    return None


def _lacking_factor(line: _Line, trial: _Trial, bank: _Bank) -> Slip | None:
    for terms in (bank.names, bank.atoms):
        for slot in filter(_is_value, line.slots):
            node, at = slot.node, "" if slot.is_whole else f" at {line.named(slot.node)}"
            for make, what in (
                (lambda hole, node=node: _binary(hole, ast.Mult(), node), "factor"),
                (lambda hole, node=node: _binary(node, ast.MatMult(), hole), "factor"),
                (lambda hole, node=node: _binary(hole, ast.MatMult(), node), "factor"),
                (lambda hole, node=node: _binary(node, ast.Div(), hole), "divisor"),
            ):
                if term := _filled(line, trial, slot, make, terms):
                    repaired = line.repaired(slot, make(term.node))
                    return Slip(_with(f"with one {what} more{at}"), repaired)
    return None


def _lacking_term(line: _Line, trial: _Trial, bank: _Bank) -> Slip | None:
    """Look for what the whole line differs by, times a number, among the products."""
    (whole,) = (slot for slot in line.slots if slot.is_whole)
    mine = trial.value(_compiled(line.tree), trial.first)
    right = trial.expected[trial.first]
    if mine is None or mine.shape != right.shape or bank.is_answer(right - mine):
        return None
    terms = bank.products(right.shape)
    values = np.array([term.value for term in terms]).reshape(len(terms), -1)
    for factor in [None, *(term for term in bank.names if not term.value.ndim)]:
        target = (right - mine).ravel() / (factor.value if factor else 1)
        for number in (1, -1, 0.5, -0.5, 2, -2):
            away = np.abs(number * values - target).max(axis=1)
            for position in np.flatnonzero(away <= 1e-3 * magnitude(target)):
                term = terms[position].node
                term = _binary(factor.node, ast.Mult(), term) if factor else term
                term = term if abs(number) == 1 else _times(abs(number), term)
                new = _binary(whole.node, ast.Add() if number > 0 else ast.Sub(), term)
                if trial.holds(line.compiled(whole, new)):
                    return Slip(_one_term_more(line, term), line.repaired(whole, new))
    return None


def _lacking_term_inside(line: _Line, trial: _Trial, bank: _Bank) -> Slip | None:
    for slot in filter(_is_value, line.slots):
        node = slot.node
        if slot.is_whole or _is_operation(slot.parent, *PLUS_MINUS):  # that is the same term
            continue
        for operator in PLUS_MINUS:

            def make(hole, node=node, operator=operator):
                return _binary(node, operator(), hole)

            if term := _filled(line, trial, slot, make, bank.atoms):
                sentence = _one_term_more(line, term.node, node)
                return Slip(sentence, line.repaired(slot, make(term.node)))
    return None


def _one_term_more(line: _Line, term: ast.expr, beside: ast.expr | None = None) -> str:
    names = [node.id for node in ast.walk(term) if isinstance(node, ast.Name) and node.id != "np"]
    written = {node.id for node in ast.walk(line.tree) if isinstance(node, ast.Name)}
    name = next((name for name in names if name not in written), names[0])
    place = f" beside {line.named(beside)}" if beside else ""
    return _with(f"with one term more{place}, in which `{name}` stands")
