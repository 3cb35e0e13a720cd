"""Mutants: which edits are made, and what becomes of survivors, endless loops and records."""

import textwrap
from types import SimpleNamespace

import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from typer.testing import CliRunner

from autograder import cli
from autograder.exercises import Exercise, load_exercises
from autograder.lecture import mutant_trials
from autograder.lecture.mutant_trials import Findings, TrialError, try_mutants
from autograder.lecture.mutants import make_mutants
from autograder.lecture.source import SourceCell
from autograder.paths import SOLUTIONS


def a_source(body, signature="x", exercise=None):
    """Return a lecture with one exercise, `f`, whose cell starts in line 11 of its source."""
    text = f'def f({signature}):\n    """Say 1."""\n    ### BEGIN SOLUTION\n'
    text += textwrap.indent(body, "    ") + "\n    ### END SOLUTION"
    cell = new_code_cell(text, metadata={"nbgrader": {"grade_id": "f", "solution": True}})
    cells, exercises = [SourceCell(cell, 10)], {"f": exercise}
    return SimpleNamespace(path=SOLUTIONS / "99_tiny.py", cells=cells, exercises=exercises)


def edits(body):
    return [mutant.reads for mutant in make_mutants(a_source(body), "f")]


@pytest.fixture
def attempt(monkeypatch):
    """Return a function that tries the mutants of `f`, defined by its body, on some seeds."""

    def attempt(body, draw, seeds=range(3), signature="x", harmless=()):
        exercise = Exercise("f", points=1, draw=draw)
        for line in harmless:
            exercise.harmless(line, because="the test says so")
        source = a_source(body, signature, exercise)
        namespace = {"np": np}
        exec(source.cells[0].node.source, namespace)
        monkeypatch.setattr(mutant_trials, "load_source", lambda lecture: source)
        monkeypatch.setattr(mutant_trials, "load_namespace", lambda lecture: namespace)
        return try_mutants("99_tiny", "f", seeds)

    return attempt


def survivors(found):
    return {trial.mutant.reads for trial in found.trials if trial.survives}


def positive(rng):
    yield "a positive number", {"x": float(rng.integers(1, 9))}


def either_sign(rng):
    yield "a positive number", {"x": float(rng.integers(1, 9))}
    yield "a negative number", {"x": -float(rng.integers(1, 9))}


@pytest.mark.parametrize(
    ("line", "edited"),
    [
        ("return a + b", {"return a - b", "return a * b", "return a", "return b"}),
        ("return a - b", {"return a + b", "return a", "return -b", "return b - a"}),
        ("return a**b", {"return a*b", "return a", "return b ** a"}),
        ("return (a + b) * c", {"return (a + b)", "return (a) * c", "return (a - b) * c"}),
        ("return a @ b", {"return a.mT @ b", "return a @ b.mT", "return a * b"}),
        ("return a < b", {"return a <= b", "return a > b"}),
        ("return 0 < a < b", {"return 0 <= a < b", "return 0 < a <= b"}),
        ("return a and b", {"return a or b", "return a", "return b"}),
        ("return not a", {"return a"}),
        ("return ~a & b", {"return a & b", "return ~a | b"}),
        ("return 4", {"return 5", "return 3", "return 2", "return 0", "return 1"}),
        ("return 1.0", {"return 2.0", "return 0.0", "return 0.5"}),
        ("return True", {"return False", "pass # return True"}),
        ('return np.sort(a, kind="stable")', {'return np.sort(a, kind="heapsort")', "return a"}),
        ("return a.sum(axis=1, keepdims=True)", {"return a.sum(axis=0, keepdims=True)"}),
        ("return a.sum(axis=1, keepdims=True)", {"return a.sum(axis=1, keepdims=False)"}),
        ("return a.sum(axis=1, keepdims=True)", {"return a.sum(axis=1)", "return a"}),
        ("return a.sum()", {"return a.mean()", "return a"}),
        ("return a.T", {"return a"}),
        ("return a.copy()", {"return a"}),
        ("return np.exp(a - b) * c", {"return (a - b) * c"}),
        ("return np.maximum(a, b)", {"return a", "return b", "return np.minimum(a, b)"}),
        ("return np.where(a, b, c)", {"return np.where(b, a, c)", "return b", "return c"}),
        ("return a[i, j]", {"return a[j, i]"}),
        ("return a[i:n]", {"return a[i + 1:n]", "return a[i:n - 1]", "return a[:n]"}),
        ("return a[:n]", {"return a[1:n]", "return a[:]"}),
        ("return a, b", {"return b, a"}),
        ("return range(n)", {"return range(n + 1)", "return range(n - 1)"}),
        ("a[i] = b", {"a[i] += b", "pass # a[i] = b"}),
        ("a += b", {"a = b", "a -= b", "a *= b"}),
        ("if a:\n    b()", {"if True:", "if False:", "pass # if a:"}),
        ("return [i for i in a if b]", {"return [i for i in a if True]"}),
        ("return a if b else c", {"return a if True else c", "return a if False else c"}),
        ("return 'é', a - b", {"return 'é', a + b"}),
    ],
)
def test_edits(line, edited):
    assert edited <= set(edits(line))


@pytest.mark.parametrize(
    ("line", "signature"),
    [
        ("return float(a)", "a"),  # NumPy's numbers are as good
        ("return f'{1 + 2}'", "a"),
        ("with np.errstate(over='ignore'):\n    return a", "a"),
        ("return a", "a=1"),
    ],
)
def test_what_nobody_needs_to_edit_is_only_dropped(line, signature):
    made = make_mutants(a_source(line, signature), "f")
    assert [mutant.reads for mutant in made if not mutant.reads.startswith("pass #")] == []


def test_arguments_whose_order_says_nothing_are_not_swapped():
    assert "return max(b, a)" not in edits("return max(a, b)")
    assert "return rng.integers(b, a)" in edits("return rng.integers(a, b)")


def test_of_edits_that_compile_alike_only_the_first_is_made():
    for line in ("return a + a", "return 2 - 1", "x = a[0:n]"):
        assert len(edits(line)) == len(set(edits(line)))
    assert "return a[:n]" not in edits("return a[0:n]")
    assert edits("return a or a").count("return a") == 1


def test_a_survivor_is_shown_as_a_diff_with_its_place(attempt):
    found = attempt("return np.maximum(x, 0.0)", positive)
    (shown,) = [fault for fault in found.faults if "+    return x\n" in fault]
    assert shown.splitlines() == [
        "solutions/99_tiny.py:14",
        "-    return np.maximum(x, 0.0)",
        "+    return x",
        "  survives: no case refuses it",
    ]
    assert "return x" not in survivors(attempt("return np.maximum(x, 0.0)", either_sign))


def test_a_mutant_about_which_the_seed_decides_is_shown_with_a_seed_of_each_kind(attempt):
    signs = {seed: np.random.default_rng(seed).integers(2) for seed in range(9)}
    passes = next(seed for seed in signs if signs[seed])
    refused = next(seed for seed in signs if not signs[seed])

    def draw(rng):
        yield "of one sign", {"x": 1.0 if rng.integers(2) else -1.0}

    found = attempt("return np.maximum(x, 0.0)", draw, seeds=range(9))
    says = f"it passes with seed {passes}, is refused with seed {refused}"
    assert [fault for fault in found.faults if "+    return x\n" in fault and says in fault]


def test_a_loop_that_never_ends_is_refused(attempt):
    body = "while x > 0:\n    x -= 1\nreturn x"
    found = attempt(body, positive)
    refused = {trial.mutant.reads for trial in found.trials if not trial.passed}
    assert {"x += 1", "pass # x -= 1"} <= refused


def test_a_loop_that_never_ends_is_refused_even_as_the_last_try(attempt):
    found = attempt("while x > 0:\n    x -= 1", positive, seeds=[0])
    assert not found.trials[-1].passed
    assert found.trials[-1].mutant.reads in ("x -= 0", "x -= 2", "x *= 1")


def test_a_mutant_that_fills_memory_is_refused(attempt):
    def draw(rng):
        yield "a mebibyte", {"x": 20}

    found = attempt("spare = np.empty(2**x, dtype=bool)\nreturn spare.ndim", draw)
    assert "spare = np.empty(1**x, dtype=bool)" in survivors(found)
    assert "spare = np.empty(3**x, dtype=bool)" not in survivors(found)


def test_a_mutant_that_only_takes_longer_is_not_refused(attempt, monkeypatch):
    monkeypatch.setattr(mutant_trials, "AT_LEAST", 0.02)
    monkeypatch.setattr(mutant_trials, "PATIENCE", 0.1)

    def draw(rng):
        yield "short or long", {"x": 500_000 if rng.integers(2) else 0}

    found = attempt("for _ in range(2 * x):\n    pass\nreturn 0", draw, seeds=range(4))
    assert "for _ in range(3 * x):" in survivors(found)


def test_a_recorded_survivor_is_no_fault_and_a_record_out_of_date_is_one(attempt):
    body = "return np.maximum(x, 0.0)"
    recorded = [line for line in survivors(attempt(body, positive)) if line != "return x"]
    found = attempt(body, positive, harmless=["return   x", *recorded])
    assert (found.faults, found.harmless) == ([], len(recorded) + 1)
    (fault,) = attempt(body, positive, harmless=["return x", *recorded, "return y"]).faults
    assert fault.startswith("f.harmless('return y', ...): no mutant of the reference reads so. ")
    (fault,) = attempt(body, positive, harmless=["return x", *recorded, "return 0.0"]).faults
    assert fault.startswith("f.harmless('return 0.0', ...): its cases refuse it now. ")


def test_a_reference_that_gives_another_result_each_time_is_refused(attempt):
    with pytest.raises(TrialError, match=r"99_tiny\.py: 'f' is refused on its own cases \(seed 0"):
        attempt("return np.random.default_rng().random()", positive)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["02_nothing"], "There is no lecture '02_nothing'. Lectures: 01_matrix_factorization, "),
        (
            ["03_slim", "fit"],
            "03_slim has no exercise 'fit'. Exercises: "
            + ", ".join(load_exercises("03_slim"))[:20],
        ),
    ],
)
def test_an_unknown_name_is_a_sentence_with_the_known_ones(arguments, says):
    done = CliRunner().invoke(cli.app, ["mutants", *arguments])
    assert done.exit_code == 1
    assert says in done.output


@pytest.mark.parametrize(("faults", "exit_code"), [([], 0), (["+table[:, 0:-1:2] = [red]"], 1)])
def test_the_command_shows_the_faults_and_fails_if_there_is_one(monkeypatch, faults, exit_code):
    found = Findings("soft_threshold", [], 0, faults)
    monkeypatch.setattr(mutant_trials, "try_mutants", lambda *_: found)
    done = CliRunner().invoke(cli.app, ["mutants", "03_slim", "soft_threshold"])
    assert done.exit_code == exit_code
    assert all(fault in done.output for fault in faults)
    assert (mutant_trials.REMEDY in done.output) == bool(faults)


def test_the_command_says_why_it_cannot_try(monkeypatch):
    def refuse(*_):
        raise TrialError("solutions/03_slim.py: 'soft_threshold' is refused on its own cases.")

    monkeypatch.setattr(mutant_trials, "try_mutants", refuse)
    done = CliRunner().invoke(cli.app, ["mutants", "03_slim", "soft_threshold"])
    assert done.exit_code == 1
    assert "'soft_threshold' is refused on its own cases." in done.output
