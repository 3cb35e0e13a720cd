"""Law 4: every derivation of every lecture holds, and would be seen to break, line by line."""

import dataclasses
import itertools

import pytest

from autograder.lecture.source import load_source
from embedlab.derivation import Derivation


@pytest.fixture(scope="module")
def derivations(lecture):
    """All derivations of a lecture, with the reference in their blanks."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Derivation, "check", lambda derivation: found.append(derivation))
        namespace = {}
        for cell in load_source(lecture).cells:
            if cell.is_graded_with or cell.has_tag("derivation"):
                exec(cell.node.source, namespace)
    assert found, f"{lecture} derives nothing"
    return found


@pytest.mark.parametrize("seed", range(5))
def test_every_line_holds(derivations, seed):
    for derivation in derivations:
        marks = {result.mark for result in derivation.verify(seed)}
        assert marks <= {"start", "holds"}, derivation.title


def test_every_line_can_break(derivations):
    for derivation in derivations:
        for position, step in enumerate(derivation.steps):
            broken = dataclasses.replace(step, code=f"1.001 * ({step.code}) + 0.01")
            steps = list(derivation.steps)
            steps[position] = broken
            changed = Derivation(derivation.title, derivation.instance, *steps)
            (found,) = [result for result in changed.verify(0) if result.mark == "broken"]
            line = position + 1
            # of two lines that disagree nobody can say which is wrong; of three, one can
            alone = len(_chain_of(derivation.steps, line)) == 2
            assert found.line == line or (alone and found.against == line), derivation.title


def _chain_of(steps, line):
    """Return the line numbers of the chain that the line belongs to."""
    starts = [number for number, step in enumerate(steps, 1) if number == 1 or step.starts]
    chains = itertools.pairwise([*starts, len(steps) + 1])
    return next(range(*chain) for chain in chains if line in range(*chain))
