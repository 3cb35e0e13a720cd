"""Running a solution: what fails is said by line, and a run that fails leaves nothing behind."""

import copy

import pytest
from typer.testing import CliRunner

from autograder import cli, paths
from autograder.lecture import execution
from autograder.lecture.examination import PUBLIC_SEED, examine
from autograder.lecture.execution import ExecutionError, run_solution
from autograder.lecture.reference import load_reference
from autograder.lecture.source import load_source
from embedlab.public_cases import pack


def run(tiny):
    """Run the tiny lecture on its own public cases; return its notebook."""
    source = load_source(tiny.name)
    (exercise,) = source.exercises.values()
    cases = examine(exercise, load_reference(tiny.name)["doubled"], PUBLIC_SEED)
    notebook = copy.deepcopy(source.notebook)
    run_solution(notebook, source, pack([cases]))
    return notebook


def failure(tiny):
    """Return the first line that is said of the run, and the marked lines of the cell."""
    with pytest.raises(ExecutionError) as failed:
        run(tiny)
    said = str(failed.value)
    assert "\x1b" not in said
    first, *listing = said.splitlines()
    return first, [line for line in listing if line.startswith(">")]


def test_a_run_has_the_cases_it_is_given_not_those_that_lie_there(tiny):
    paths.public_cases_path(tiny.name).write_bytes(pack([]))
    printed = "".join(
        output.get("text", "") for cell in run(tiny).cells for output in cell.get("outputs", [])
    )
    assert "✓ doubled: visible checks passed (4 cases)" in printed


def test_a_step_of_a_derivation_is_named_by_its_own_line(tiny):
    line = tiny.change(tiny.source, 'Step("3x - x", "3 * x - x"', 'Step("3x - x", "3 * x + x"')
    first, marked = failure(tiny)
    assert first.startswith(f"{tiny.source}:{line}: DerivationError: ✗ Line 3 of 'Twice'")
    assert marked == [f">{line:5}     " + 'Step("3x - x", "3 * x + x", why="subtract"),']


def test_an_exception_is_named_by_the_line_that_raises_it_also_in_another_cell(tiny):
    tiny.change(tiny.source, "print(doubled(21.0))", "print(\n    doubled(nothing))")
    line = tiny.source.read_text("utf-8").splitlines().index("    doubled(nothing))") + 1
    first, marked = failure(tiny)
    assert first == f"{tiny.source}:{line}: NameError: name 'nothing' is not defined"
    assert marked == [f">{line:5}     doubled(nothing))"]
    tiny.change(tiny.source, "doubled(nothing)", 'doubled("a" if True else 0) + []')
    first, _ = failure(tiny)
    assert first.startswith(f"{tiny.source}:{line}: TypeError")
    line = tiny.change(tiny.source, "return 2 * x", "return 2 * x if x != 21 else 1 / 0")
    tiny.change(tiny.source, 'doubled("a" if True else 0) + []', "doubled(21)")
    first, _ = failure(tiny)
    assert first == f"{tiny.source}:{line}: ZeroDivisionError: division by zero"


def test_a_cell_that_does_not_end_is_a_sentence(tiny, monkeypatch):
    monkeypatch.setattr(execution, "CELL_SECONDS", 2)
    tiny.change(tiny.source, "print(doubled(21.0))", "import time\ntime.sleep(60)")
    first, _ = failure(tiny)
    assert first.endswith(": the cell takes longer than 2 s")


def test_a_kernel_that_ends_is_a_sentence(tiny):
    tiny.change(tiny.source, "print(doubled(21.0))", "import os\nos._exit(3)")
    first, _ = failure(tiny)
    assert "the kernel ended" in first


def test_a_build_that_fails_writes_nothing_and_one_that_does_not_names_all_it_writes(
    tiny, monkeypatch
):
    monkeypatch.setattr(cli, "GRADING", tiny.course)
    folders = (paths.LECTURES, paths.SOLUTIONS, paths.PUBLIC_CASES)
    tiny.change(tiny.source, "print(doubled(21.0))", "print(nothing)")
    result = CliRunner().invoke(cli.app, ["build", tiny.name])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "NameError: name 'nothing' is not defined" in result.output
    assert "\x1b" not in result.output
    assert [path for folder in folders for path in folder.iterdir()] == [tiny.source]
    tiny.change(tiny.source, "print(nothing)", "print(1)")
    result = CliRunner().invoke(cli.app, ["build", tiny.name])
    assert result.exit_code == 0, result.output
    written = {path for folder in folders for path in folder.iterdir()} - {tiny.source}
    assert len(written) == 3
    said = result.output.replace("\n", "")
    assert all(str(path) in said for path in written)
