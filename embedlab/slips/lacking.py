"""What the line lacks: a factor or a term, made of the instance's names."""

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from embedlab.expressions import magnitude, parse
from embedlab.slips.line import MAX_NODES, Line, Slot, compiled, equalities, is_numeric
from embedlab.slips.nodes import (
    PLUS_MINUS,
    Slip,
    binary,
    column,
    is_operation,
    is_value,
    numpy_call,
    times,
    would_hold,
)
from embedlab.slips.sizes import all_sizes
from embedlab.slips.trial import HOLE, Trial


@dataclass(frozen=True)
class _Term:
    """Something that may be missing: its expression, and its value on the instance tried first."""

    node: ast.expr
    value: np.ndarray


class _Bank:
    """What may be missing: names, sizes, simple forms of names, and parts of the lines shown."""

    def __init__(self, trial: Trial, texts: list[str]) -> None:
        self.trial = trial
        instance = trial.instances[trial.first]
        self.names = self._terms(
            ast.Name(name, ast.Load()) for name, value in instance.items() if is_numeric(value)
        )
        terms = self._terms(
            [term.node for term in self.names]
            + [by for by, _ in all_sizes(trial.instances).values()]
            + [form for term in self.names for form in _forms(term)]
            + list(_parts(texts))
        )
        self.atoms = [term for term in terms if not self.is_answer(term.value)]
        # `a == b` of two whole numbers; 0 on many an instance
        self.conditions = [
            _Term(node, value)
            for node in equalities(instance)
            if (value := trial.value(compiled(ast.Expression(node)), trial.first)) is not None
        ]

    def _terms(self, nodes: Iterable[ast.expr]) -> list[_Term]:
        """Return those that have a value, and of values equal up to their sign the first."""
        found = {}
        for node in nodes:
            value = self.trial.value(compiled(ast.Expression(node)), self.trial.first)
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
        for one, other in itertools.product(self.atoms, self.atoms):
            left, right = one.value, other.value
            if one is not other or left.ndim:
                with suppress(ValueError):  # sizes that do not fit
                    found.append(_Term(binary(one.node, ast.Mult(), other.node), left * right))
            if left.ndim and right.ndim:
                with suppress(ValueError):
                    found.append(_Term(binary(one.node, ast.MatMult(), other.node), left @ right))
            if left.ndim == right.ndim == 1:
                node = numpy_call("outer", one.node, other.node)
                found.append(_Term(node, np.outer(left, right)))
        if shape == ():
            arrays = (term for term in found if np.ndim(term.value))
            found += [_Term(numpy_call("sum", term.node), term.value.sum()) for term in arrays]
        return [term for term in found if np.shape(term.value) == shape]

    def is_answer(self, value: np.ndarray) -> bool:
        """Whether a term is all that the line should be: with it, any line could be mended."""
        right = self.trial.expected[self.trial.first]
        return np.shape(value) == right.shape and any(
            np.allclose(number * value, right) for number in (1, -1, 0.5, -0.5, 2, -2)
        )


def _forms(term: _Term) -> Iterator[ast.expr]:
    node = term.node
    yield binary(node, ast.Pow(), ast.Constant(2))
    if term.value.ndim:
        yield numpy_call("sum", node)
    if term.value.ndim == 1:
        yield binary(node, ast.MatMult(), node)
        yield numpy_call("diag", node)
        yield column(node)
        yield column(binary(node, ast.Pow(), ast.Constant(2)))
    if term.value.ndim == 2:
        yield ast.Attribute(node, "T", ast.Load())
        yield numpy_call("diag", node)
        yield numpy_call("trace", node)


def _parts(texts: list[str]) -> Iterator[ast.expr]:
    """Yield the parts of lines that are one term: no sum or difference stands in them.

    A part that needs a name from outside it, as inside a comprehension, has no value and goes.
    """
    for tree in filter(None, map(parse, texts)):
        nodes = list(ast.walk(tree))
        for node in nodes if len(nodes) <= MAX_NODES else ():
            is_part = isinstance(node, ast.BinOp | ast.Call | ast.Subscript)
            below = list(ast.walk(node)) if is_part else ()
            if below and not any(is_operation(inner, *PLUS_MINUS) for inner in below):
                yield node


def lacking(line: Line, trial: Trial, shown: tuple[str, ...]) -> Slip | None:
    """Return the first factor or term with which the line holds; parts of lines shown are tried."""
    bank = _Bank(trial, [line.text, *shown])
    if not line.written & set(line.names):
        return None  # it has nothing of the instance: all is lacking
    return (
        _lacking_factor(line, trial, bank)
        or _lacking_term(line, trial, bank)
        or _lacking_term_inside(line, trial, bank)
    )


def _filled(
    line: Line,
    trial: Trial,
    slot: Slot,
    make: Callable[[ast.expr], ast.expr],
    terms: list[_Term],
) -> _Term | None:
    """Return the first term with which `make(term)` in the slot lets the line hold, or None."""
    code = line.compiled(slot, make(ast.Name(HOLE, ast.Load())))
    for term in terms:
        value = trial.value(code, trial.first, term.value)
        if trial.fits(value) and trial.holds(line.compiled(slot, make(term.node))):
            return term
    return None


def _lacking_factor(line: Line, trial: Trial, bank: _Bank) -> Slip | None:
    for terms in (bank.names, bank.atoms, bank.conditions):
        for slot in filter(is_value, line.slots):
            node, at = slot.node, "" if slot.is_whole else f" at {line.named(slot.node)}"
            for make, what in (
                (lambda hole, node=node: binary(hole, ast.Mult(), node), "factor"),
                (lambda hole, node=node: binary(node, ast.MatMult(), hole), "factor"),
                (lambda hole, node=node: binary(hole, ast.MatMult(), node), "factor"),
                (lambda hole, node=node: binary(node, ast.Div(), hole), "divisor"),
            ):
                term = _filled(line, trial, slot, make, terms)
                if term and not _mends_all(line, trial, slot, make, term):
                    repaired = line.repaired(slot, make(term.node))
                    return Slip(would_hold(f"with one {what} more{at}"), repaired)
    return None


def _mends_all(
    line: Line, trial: Trial, slot: Slot, make: Callable[..., ast.expr], term: _Term
) -> bool:
    """Whether a vector with its entries the other way round would be mended, too.

    A matrix that maps all vectors of one sum to one vector does it: of the line it says nothing.
    """
    backwards = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
    turned = make(term.node, ast.Subscript(slot.node, backwards, ast.Load()))
    return trial.fits(trial.value(line.compiled(slot, turned), trial.first))


def _lacking_term(line: Line, trial: Trial, bank: _Bank) -> Slip | None:
    """Look for what the whole line differs by, times a number, among the products."""
    (whole,) = (slot for slot in line.slots if slot.is_whole)
    mine = trial.value(compiled(line.tree), trial.first)
    right = trial.expected[trial.first]
    if mine is None or mine.shape != right.shape or bank.is_answer(right - mine):
        return None
    terms = bank.products(right.shape)
    terms += bank.conditions if not right.shape else []
    values = np.array([term.value for term in terms]).reshape(len(terms), -1)
    for factor in [None, *(term for term in bank.names if not term.value.ndim)]:
        target = (right - mine).ravel() / (factor.value if factor else 1)
        for number in (1, -1, 0.5, -0.5, 2, -2):
            away = np.abs(number * values - target).max(axis=1)
            for position in np.flatnonzero(away <= 1e-3 * magnitude(target)):
                term = terms[position].node
                term = binary(factor.node, ast.Mult(), term) if factor else term
                term = term if abs(number) == 1 else times(abs(number), term)
                new = binary(whole.node, ast.Add() if number > 0 else ast.Sub(), term)
                if trial.holds(line.compiled(whole, new)):
                    return Slip(_one_term_more(line, term), line.repaired(whole, new))
    return None


def _lacking_term_inside(line: Line, trial: Trial, bank: _Bank) -> Slip | None:
    for slot in filter(is_value, line.slots):
        node = slot.node
        if slot.is_whole or is_operation(slot.parent, *PLUS_MINUS):  # that is the same term
            continue
        for operator in PLUS_MINUS:

            def make(hole, node=node, operator=operator):
                return binary(node, operator(), hole)

            if term := _filled(line, trial, slot, make, bank.atoms):
                sentence = _one_term_more(line, term.node, node)
                return Slip(sentence, line.repaired(slot, make(term.node)))
    return None


def _one_term_more(line: Line, term: ast.expr, beside: ast.expr | None = None) -> str:
    names = [node.id for node in ast.walk(term) if isinstance(node, ast.Name) and node.id != "np"]
    name = next((name for name in names if name not in line.written), names[0])
    place = f" beside {line.named(beside)}" if beside else ""
    return would_hold(f"with one term more{place}, in which `{name}` stands")
