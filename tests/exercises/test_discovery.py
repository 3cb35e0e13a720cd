"""Specifications are found, not listed: every `Exercise` of the modules, in the source's order."""

import importlib
import sys

import pytest

import autograder.exercises
from autograder import paths
from autograder.exercises import load_exercises
from autograder.lecture.source import load_source
from autograder.paths import source_path


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of specifications outside autograder, {module: source} written into it."""
    home = tmp_path / "exercises"
    monkeypatch.setattr(
        autograder.exercises, "__path__", [*autograder.exercises.__path__, str(home)]
    )
    monkeypatch.setattr(paths, "SOLUTIONS", tmp_path)

    def write(**modules):
        folder = home / "found"
        folder.mkdir(parents=True)
        for name, source in modules.items():
            (folder / f"{name}.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()

    yield write
    for name in [name for name in sys.modules if name.startswith("autograder.exercises.found")]:
        del sys.modules[name]


MAKES = 'from autograder.exercises import Exercise\n\n{0} = Exercise("{0}", points=1)\n'


def test_every_exercise_of_a_package_is_found_in_the_order_of_the_source(package, tmp_path):
    names = ("alpha", "beta", "gamma")
    package(drawing="SIZE = 3\n", **{name: MAKES.format(name) for name in names})
    source = "".join(
        f'# %% [markdown] exercise="{name}" minutes=5\n' for name in ("gamma", "alpha")
    )
    (tmp_path / "80_found.py").write_text(source, encoding="utf-8")
    assert list(load_exercises("80_found")) == ["gamma", "alpha", "beta"]


def test_a_module_may_use_the_exercise_of_another(package):
    package(
        alpha=MAKES.format("alpha"),
        beta="from autograder.exercises.found.alpha import alpha\n" + MAKES.format("beta"),
    )
    assert sorted(load_exercises("80_found")) == ["alpha", "beta"]


def test_a_lecture_without_a_package_has_none():
    assert load_exercises("80_nothing_of_the_kind") == {}


def test_the_order_of_a_lecture_is_that_of_its_tasks(lecture):
    assert source_path(lecture).exists()
    assert list(load_exercises(lecture)) == list(load_source(lecture).tasks)
