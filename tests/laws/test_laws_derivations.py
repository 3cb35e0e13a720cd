"""Law 4: every derivation of every lecture holds, and would be seen to break, line by line."""

import dataclasses
import itertools

import pytest

from autograder.lecture.execution import step_lines
from autograder.lecture.source import load_source
from autograder.paths import relative
from embedlab.derivation import Derivation


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


def _chain_of(steps, line):
    """Return the line numbers of the chain that the line belongs to."""
    starts = [number for number, step in enumerate(steps, 1) if number == 1 or step.starts]
    chains = itertools.pairwise([*starts, len(steps) + 1])
    return next(range(*chain) for chain in chains if line in range(*chain))
