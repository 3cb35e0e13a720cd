"""The autograder in an environment that has only what students need."""

import importlib.metadata
import sys
from types import SimpleNamespace

import pytest

from autograder import cli, staff
from autograder.lecture import bundle


@pytest.fixture
def missing(monkeypatch):
    """Hide a package from importlib.metadata."""
    hidden = {"nbval"}
    real = importlib.metadata.distributions

    def distributions(name):
        return () if name in hidden else real(name=name)

    monkeypatch.setattr(staff.importlib.metadata, "distributions", distributions)
    return hidden


@pytest.fixture
def course(monkeypatch):
    """course.py, with a list of what it installed."""
    module, asked = staff._course(), []
    monkeypatch.setattr(module, "prepare_environment", asked.append)
    monkeypatch.setattr(staff, "_course", lambda: module)
    return SimpleNamespace(module=module, asked=asked)


def test_what_is_missing_is_installed_by_course_py(course, missing, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(course.module.VENV))

    def prepare(packages):
        course.asked.append(packages)
        missing.clear()

    monkeypatch.setattr(course.module, "prepare_environment", prepare)
    staff.require_staff_packages()
    assert course.asked == [course.module.EVERYTHING]
    staff.require_staff_packages()
    assert len(course.asked) == 1, "once"


def test_another_environment_is_left_alone(course, missing, monkeypatch, capsys):
    monkeypatch.setattr(sys, "prefix", "/somewhere/else")
    monkeypatch.setattr(cli, "app", lambda: pytest.fail("the command ran"))
    with pytest.raises(SystemExit) as exit_code:
        cli.main()
    assert exit_code.value.code == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "The autograder needs nbval, and this environment lacks that: run" in said
    assert "-m pip install -r requirements.txt in" in said
    assert course.asked == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("problem", "pip cannot reach the package index"),
        (OSError(28, "No space left on device"), "The disk is full"),
        (KeyboardInterrupt(), "The same command goes on from there"),
    ],
)
def test_what_stops_the_installation_is_a_sentence(course, missing, monkeypatch, error, expected):
    monkeypatch.setattr(sys, "prefix", str(course.module.VENV))

    def refuse(packages):
        raise course.module.Problem(course.module.OFFLINE) if error == "problem" else error

    monkeypatch.setattr(course.module, "prepare_environment", refuse)
    with pytest.raises(staff.UserError, match=expected):
        staff.require_staff_packages()


def test_nothing_is_asked_where_all_is_there(course):
    staff.require_staff_packages()
    assert course.asked == []


def test_the_note_that_marks_a_line_is_one():
    assert staff._course().STAFF == bundle.STAFF
