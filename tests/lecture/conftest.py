"""A tiny lecture to spoil: `tiny` writes its source and specification, changed as a test likes."""

import importlib
import sys

import pytest

import autograder.exercises
from autograder import paths
from autograder.lecture.build import build_lecture
from autograder.lecture.reference import load_namespace, load_reference
from autograder.lecture.source import load_source

NAME = "91_tiny"
FRESH = ("autograder.exercises.tiny", "autograder.exercises.new_")  # imported anew

SOURCE = '''# %% [markdown]
# # 91 · Tiny: a lecture to spoil

# %% tags=["setup"]
import numpy as np

from embedlab import Derivation, Lecture, Step

lecture = Lecture("91_tiny")

# %% [markdown] exercise="doubled" difficulty=1 minutes=5
# Double it.
#
# <details><summary>Hint</summary>
#
# Add it to itself.
#
# </details>


# %% nbgrader={"grade_id": "doubled", "solution": true}
def doubled(x):
    """Return twice x.

    >>> doubled(2.0)
    4.0
    """
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_doubled", "grade": true}
lecture.check(doubled)

# %% tags=["derivation"]
Derivation(
    "Twice",
    lambda rng: {"x": rng.normal()},
    Step("2x", "2 * x"),
    Step("x + x", "x + x", why="add"),
    Step("3x - x", "3 * x - x", why="subtract"),
).check()

# %%
print(doubled(21.0))
'''

SPECIFICATION = """import numpy as np

from autograder.exercises import Exercise

doubled = Exercise("doubled", points=1)


@doubled.cases
def _(rng):
    yield "the worked example", {"x": 2.0}
    for _ in range(3):
        yield "a number", {"x": rng.normal() + 5}


@doubled.mistake("You squared it.")
def squared(x):
    return x**2


@doubled.mistake("You halved it.")
def halved(x):
    return x / 2


@doubled.mistake("You left it as it is.")
def left(x):
    return x


@doubled.alternative
def by_sum(x):
    return x + x


@doubled.alternative
def by_shift(x):
    return x - -x
"""

README = """# A course

<!-- lectures: `autograder build` writes this table -->
| # | lecture | state | exercises | minutes |
|--:|:--|:--|--:|--:|
| 90 | Gone | planned | | |
| 91 | A tiny lecture | planned | | |
<!-- end of lectures -->

And so on.
"""


class Tiny:
    """The tiny lecture in a folder of its own: the only one there is."""

    name = NAME

    def __init__(self, folder):
        self.source = folder / "solutions" / f"{NAME}.py"
        self.package = folder / "exercises" / "tiny"
        self.specification = self.package / "doubled.py"
        self.package.mkdir()
        self.write(self.source, SOURCE)
        self.write(self.specification, SPECIFICATION)
        self.course = folder / "grading"

    def write(self, path, text):
        path.write_text(text, encoding="utf-8")
        forget()

    def change(self, path, old, new):
        """Replace text of a file that must be there; return the line it first stands on."""
        text = path.read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def build(self, execute=False):
        return build_lecture(NAME, self.course, execute=execute)


def forget():
    """What was read of the tiny lecture is read anew."""
    load_source.cache_clear()
    load_namespace.cache_clear()
    load_reference.cache_clear()
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.startswith(FRESH)]:
        del sys.modules[name]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder that all of a lecture's files are in, for the build to find no other lecture."""
    for name in ("LECTURES", "SOLUTIONS", "PUBLIC_CASES", "EXERCISES"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setattr(paths, name, folder)
    monkeypatch.setattr(paths, "README", tmp_path / "README.md")
    paths.README.write_text(README, encoding="utf-8")
    home = str(paths.EXERCISES)
    monkeypatch.setattr(autograder.exercises, "__path__", [*autograder.exercises.__path__, home])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two versions in one second
    yield tmp_path
    forget()


@pytest.fixture
def tiny(elsewhere):
    """The tiny lecture, as the only one."""
    return Tiny(elsewhere)
