"""Law 4: every derivation of every lecture holds, and would be seen to break, line by line.

Law 11, of slips: what is said about a student's wrong line is true on other instances too.
"""

import collections
import dataclasses
import itertools
import re

import numpy as np
import pytest
from line_mutants import line_mutants

from autograder.lecture.execution import step_lines
from autograder.lecture.source import load_source
from autograder.paths import relative
from embedlab import slips
from embedlab.derivation import N_INSTANCES, Derivation
from embedlab.expressions import NoValue, evaluate, relative_differences

MUTANTS = 3  # of each line and kind of edit
NAMED = 0.7  # of the mutants, at least


@pytest.fixture(scope="module")
def derivations(lecture):
    """All derivations of a lecture with the reference in their blanks, and where each line is."""
    found, source = [], load_source(lecture)

    def places(derivation, cell):
        lines = step_lines(cell).get(derivation.title, [])
        lines += [cell.line] * (len(derivation.steps) - len(lines))  # made by other means
        return [f"{relative(source.path)}:{line}" for line in lines]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Derivation, "check", lambda one: found.append((one, places(one, cell))))
        namespace = {}
        for cell in source.cells:
            if cell.is_graded_with or cell.has_tag("derivation"):
                exec(cell.node.source, namespace)

    assert found, (
        f"{relative(source.path)}:1: {lecture} derives nothing: add a cell tagged `derivation`"
    )
    return found


@pytest.mark.parametrize("seed", range(5))
def test_every_line_holds(derivations, seed):
    for derivation, places in derivations:
        for result in derivation.verify(seed):
            assert result.mark in ("start", "holds"), (
                f"{places[result.line - 1]}: line {result.line} of {derivation.title!r} is "
                f"{result.mark!r} on the instances of seed {seed}: {result.message or 'no code'}. "
                "Mend its code, or draw instances on which it holds."
            )


def test_every_line_can_break(derivations):
    for derivation, places in derivations:
        for position, step in enumerate(derivation.steps):
            broken = dataclasses.replace(step, code=f"1.001 * ({step.code}) + 0.01")
            steps = list(derivation.steps)
            steps[position] = broken
            changed = Derivation(derivation.title, derivation.instance, *steps)
            found = [result for result in changed.verify(0) if result.mark == "broken"]
            line = position + 1
            # of two lines that disagree nobody can say which is wrong; of three, one can
            alone = len(_chain_of(derivation.steps, line)) == 2
            accepted = [one for one in found if one.line == line or (alone and one.against == line)]
            assert len(accepted) == len(found) == 1, (
                f"{places[position]}: line {line} of {derivation.title!r} times 1.001 plus 0.01 "
                f"marks the lines {[result.line for result in found]} as broken instead of it "
                "alone. Tighten its tolerance, or draw instances on which its value is not small."
            )


def test_an_open_line_says_what_it_may_use(derivations):
    """Otherwise the line above, in other words, would hold."""
    for derivation, places in derivations:
        for step, place in zip(derivation.steps, places, strict=True):
            assert step.names or not step.yours, (
                f'{place}: a line is left open: say what it may hold, names=("x", "y"), as the '
                "text above it does"
            )


def test_slips_of_the_students_lines_are_named_and_none_wrongly(derivations, monkeypatch):
    """Edit every student's line in one place; see whether it is said what makes it hold again."""
    monkeypatch.setattr(slips.trial, "SECONDS", 60)  # a busy machine must not decide
    tried, named, wrong = collections.Counter(), collections.Counter(), []
    for derivation, places in derivations:
        one, other = (_instances(derivation, seed) for seed in (0, 1))
        shown = tuple(step.code for step in derivation.steps if not step.yours)
        for step, place in zip(derivation.steps, places, strict=True):
            if not step.yours:
                continue
            right = evaluate(step.code, one, {})
            known = [{name: instance[name] for name in step.names} for instance in one]
            for kind, code in _sample(line_mutants(step.code, known[0])):
                if _agrees(code, step, one):
                    continue
                tried[kind] += 1
                slip = slips.find_slip(code, right, known, step.tolerance, shown)
                if slip is None:
                    continue
                named[kind] += 1
                if not (_agrees(slip.repaired, step, one) and _agrees(slip.repaired, step, other)):
                    wrong.append(f"{place}: {code} → {slip.repaired}: {slip.sentence}")
                for piece in re.findall("`(.*?)`", slip.sentence):
                    if not _is_known(piece, code, one[0]):
                        wrong.append(f"{place}: {code}: {slip.sentence!r} gives away {piece}")
    assert tried, "no line of a derivation is left to the student: leave one open"
    found = "\n".join(f"{kind}: {named[kind]} of {tried[kind]}" for kind in tried)
    assert not wrong, "\n".join(wrong)
    assert named.total() >= NAMED * tried.total(), found


def _instances(derivation, seed):
    numbers = range(1, N_INSTANCES + 1)
    return [derivation.instance(np.random.default_rng([seed, number])) for number in numbers]


def _sample(mutants):
    """Yield some mutants of each kind, evenly spread."""
    for _, group in itertools.groupby(mutants, key=lambda mutant: mutant[0]):
        group = list(group)
        places = np.linspace(0, len(group) - 1, min(MUTANTS, len(group))).astype(int)
        yield from (group[place] for place in places)


def _agrees(code, step, instances):
    """Whether the code is what the student's step should be, on every instance."""
    expected = evaluate(step.code, instances, {})
    try:
        got = evaluate(code, instances, {})
    except NoValue:
        return False
    same_shapes = [value.shape for value in got] == [value.shape for value in expected]
    return same_shapes and relative_differences(got, expected).max() <= step.tolerance


def _is_known(piece, code, instance):
    """Whether a piece of a sentence is of the student's own line, or a name or sign for all."""
    name = piece.removesuffix("()").lstrip(".").partition(".shape")[0]
    if name in instance or piece in ("+", "-", "*", "/", "@", "**"):
        return True
    return _bare(piece.removesuffix("...").removesuffix("()")) in _bare(code)


def _bare(code):
    return re.sub(r"[\s()]", "", code)


def _chain_of(steps, line):
    """Return the line numbers of the chain that the line belongs to."""
    starts = [number for number, step in enumerate(steps, 1) if number == 1 or step.starts]
    chains = itertools.pairwise([*starts, len(steps) + 1])
    return next(range(*chain) for chain in chains if line in range(*chain))
