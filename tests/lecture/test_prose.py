"""Questions before their answers, and claims that the build holds to: from source to notebooks."""

import nbformat
import pytest
from test_execution import failure, run

from autograder.paths import released_path

ADDED = """
# %% [markdown] tags=["question"]
# Before you run it: is twice $x$
#
# - above $x$, or
# - below?
#
# Answer: **above it**, if $x > 0$.
#
# Below it, if not.

# %% tags=["claims"]
assert doubled(2.0) > 2, "lecture to spoil"
"""


@pytest.fixture
def asking(tiny):
    """The tiny lecture with a question and a claim; on which line the claim stands."""
    tiny.write(tiny.source, tiny.source.read_text("utf-8") + ADDED)
    lines = tiny.source.read_text("utf-8").splitlines()
    tiny.line_of_claim = next(n for n, text in enumerate(lines, 1) if text.startswith("assert"))
    return tiny


def test_students_see_the_answer_folded_and_no_claims(asking):
    student = nbformat.reads(asking.build()[released_path(asking.name)].decode(), as_version=4)
    question = student.cells[-1]
    assert question.source.startswith("**Question.** Before you run it")
    before, _, answer = question.source.partition("<details><summary>Answer")
    assert "or\n- below?" in before
    assert answer.endswith("**above it**, if $x > 0$.\n\nBelow it, if not.\n\n</details>")
    assert not any("assert doubled" in cell.source for cell in student.cells)


def test_a_claim_is_run_and_fails_by_line_when_it_is_no_longer_true(asking):
    cell = run(asking).cells[-1]
    assert cell.execution_count
    asking.change(asking.source, "doubled(2.0) > 2", "doubled(2.0) > 5")
    first, marked = failure(asking)
    assert first == f"{asking.source}:{asking.line_of_claim}: AssertionError: lecture to spoil"
    assert marked == [f'>{asking.line_of_claim:5} assert doubled(2.0) > 5, "lecture to spoil"']
