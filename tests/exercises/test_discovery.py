"""Specifications are found, not listed: every `Exercise` of the modules, in the source's order."""

import importlib
import sys

import numpy
import pytest

import autograder.exercises
from autograder import paths
from autograder.exercises import SpecificationError, load_exercises


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
    modules = {name: MAKES.format(name) for name in names}
    modules["beta"] += "from autograder.exercises.found.drawing import SIZE"
    package(drawing="SIZE = 3\n", **modules)
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


def refused(package, **modules):
    package(**modules)
    with pytest.raises(SpecificationError) as refusal:
        load_exercises("80_found")
    return str(refusal.value).splitlines()


def test_all_modules_that_cannot_be_imported_are_named_with_their_lines(package, tmp_path):
    home = tmp_path / "exercises" / "found"
    assert refused(
        package,
        alpha=MAKES.format("alpha") + "\nx = (1,\n",
        beta="import numpy\nfrom numpy import nothing_like_it\n",
        gamma="\nraise SystemExit(3)\n",
        zeta=MAKES.format("zeta"),
    ) == [
        f"{home}/alpha.py:5: SyntaxError: '(' was never closed",
        f"{home}/beta.py:2: ImportError: cannot import name 'nothing_like_it' from 'numpy' "
        f"({numpy.__file__})",
        f"{home}/gamma.py:2: SystemExit: 3",
    ]


def test_two_exercises_of_one_name_are_refused(package, tmp_path):
    home = tmp_path / "exercises" / "found"
    (said,) = refused(package, alpha=MAKES.format("alpha"), beta=MAKES.format("alpha"))
    assert said == (
        f"{home}/beta.py:3: a second exercise 'alpha'; rename this one or the one in "
        f"{home}/alpha.py:3"
    )


def test_a_module_without_an_exercise_that_no_other_uses_is_refused(package, tmp_path):
    (said,) = refused(package, alpha=MAKES.format("alpha"), beta="x = 1\n")
    assert said.startswith(f"{tmp_path}/exercises/found/beta.py:1: no exercise here: write beta = ")


def test_a_lecture_without_a_package_has_none():
    assert load_exercises("80_nothing_of_the_kind") == {}


def test_a_variant_brings_the_functions_of_its_module_that_it_calls(package):
    shared = """
def _twice(x):
    return _sum(x, x)

def _sum(x, y):
    return x + y if x < 99 else _twice(y)

def _unused(x):
    return x

@alpha.cases
def _(rng):
    yield "a case", {"x": 1.0}

@alpha.mistake("You doubled it.")
def doubled(x):
    for _ in range(1):
        pass
    return _twice(x) if x < 8 else doubled(x / 2)
"""
    package(alpha=MAKES.format("alpha") + shared)
    (mistake,) = load_exercises("80_found")["alpha"].mistakes
    written = mistake.source("alpha")
    assert "_unused" not in written
    assert "a case" not in written
    namespace = {}
    exec(written, namespace)
    assert namespace["alpha"](16.0) == mistake.function(16.0) == 8.0
