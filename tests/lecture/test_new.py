"""`autograder new` writes a lecture with nothing to mend, and overwrites none."""

import subprocess
import sys

import nbformat
import numpy as np
import pytest
from typer.testing import CliRunner

from autograder import cli, paths
from autograder.errors import UserError
from autograder.lecture.build import checked_source
from autograder.lecture.examination import examine
from autograder.lecture.new import new_lecture
from autograder.lecture.reference import load_namespace, load_reference
from autograder.notebooks import WIDGET_STATES
from autograder.paths import ROOT, solution_path
from embedlab.derivation import Derivation
from embedlab.diagnosis import diagnose
from embedlab.observe import observe

NAME = "91_new_models"
BEATS = 5


@pytest.fixture
def fresh(elsewhere, monkeypatch):
    """A lecture that the command has just written."""
    monkeypatch.setattr(cli, "GRADING", elsewhere / "grading")
    result = CliRunner().invoke(cli.app, ["new", NAME])
    assert result.exit_code == 0, result.output
    assert "new_models/shrunken_mean.py" in result.output.replace("\n", "")
    return result.output


def test_it_builds_at_once(fresh):
    result = CliRunner().invoke(cli.app, ["build", NAME])
    assert result.exit_code == 0, result.output
    notebook = nbformat.read(solution_path(NAME), as_version=4)
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "✓ shrunken_mean: visible checks passed (5 cases)" in printed
    assert "■ 1 of 1 exercises pass" in printed
    assert "difference to Ridge: 0.000000" in printed
    assert len(notebook.metadata.widgets[WIDGET_STATES]["state"]) >= 1
    assert CliRunner().invoke(cli.app, ["build", "--check", NAME]).exit_code == 0


def test_it_has_all_that_a_lecture_has(fresh):
    source = checked_source(NAME)
    text = source.path.read_text("utf-8")
    assert [f"# ## {beat} · " in text for beat in range(1, BEATS + 1)] == [True] * BEATS
    assert any(cell.has_tag("overview") for cell in source.cells)
    assert any(cell.has_tag("derivation") for cell in source.cells)
    assert "yours=True" in text
    assert source.cells[-1].node.source == "lecture.progress()"
    assert "# # 91 · A tiny lecture: " in text
    assert not any(mark in text for mark in ("00_topic", "TITLE", "00 ·"))


def test_its_row_of_the_readme_is_a_draft(fresh):
    row = f"| 91 | [A tiny lecture](lectures/{NAME}.ipynb) | draft | 1 | 5 |"
    assert row in paths.README.read_text("utf-8")


def test_its_mistakes_are_recognised_and_its_alternatives_pass(fresh):
    (exercise,) = checked_source(NAME).exercises.values()
    reference = load_reference(NAME)["shrunken_mean"]
    for seed in range(20):
        examination = examine(exercise, reference, seed)

        def verdict(function, cases=examination["cases"], examination=examination):
            outcomes = [observe(function, case["arguments"], "call") for case in cases]
            return diagnose(examination, outcomes)

        for mistake in exercise.mistakes:
            assert verdict(mistake.function).mistake == mistake.name
        for alternative in exercise.alternatives:
            assert verdict(alternative.function).passed


def test_its_cases_are_drawn_from_the_seed_but_for_the_worked_example(fresh):
    (exercise,) = checked_source(NAME).exercises.values()
    drawn = [list(exercise.draw(np.random.default_rng(seed))) for seed in (1, 2)]
    (first, *others), (same, *rest) = drawn
    assert str(first) == str(same)
    assert all(str(one) != str(other) for one, other in zip(others, rest, strict=True))
    assert load_reference(NAME)["shrunken_mean"](**first[1]) == 3.75


def test_its_derivation_holds(fresh, monkeypatch):
    found = []
    monkeypatch.setattr(Derivation, "check", lambda derivation: found.append(derivation))
    namespace = dict(load_namespace(NAME))
    for cell in checked_source(NAME).cells:
        if cell.has_tag("derivation"):
            exec(cell.node.source, namespace)
    (derivation,) = found
    for seed in range(10):
        assert {result.mark for result in derivation.verify(seed)} == {"start", "holds"}


@pytest.mark.parametrize("name", ["05_ab", "05_field_aware_factorization_machines"])
def test_it_is_formatted_however_long_its_name_is(elsewhere, name):
    for path, content in new_lecture(name).items():
        place = "solutions" if path.parent == paths.SOLUTIONS else "autograder/exercises/new"
        named = ["--stdin-filename", str(ROOT / place / path.name), "-"]
        for command in (["check", "-q"], ["format", "--check", "-q"]):
            run = subprocess.run(
                [sys.executable, "-m", "ruff", *command, *named],
                input=content,
                capture_output=True,
                cwd=ROOT,
            )
            assert run.returncode == 0, (path.name, run.stdout.decode())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("tiny", "'tiny' is no name for a lecture: two digits"),
        ("5_fm", "is no name for a lecture"),
        ("05_Fm", "is no name for a lecture"),
        ("05_fm-2", "is no name for a lecture"),
        ("05_class", "is no name for a lecture"),
        ("../05_fm", "is no name for a lecture"),
        ("91_tiny", "The lecture 91_tiny is there already: "),
        ("91_other", "The number 91 is taken by 91_tiny. Choose another."),
        ("92_tiny", "exercises/tiny is there already. Choose another topic."),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_written(tiny, name, says):
    before = sorted(tiny.source.parent.parent.rglob("*"))
    with pytest.raises(UserError, match=says):
        new_lecture(name)
    result = CliRunner().invoke(cli.app, ["new", name])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert sorted(tiny.source.parent.parent.rglob("*")) == before
