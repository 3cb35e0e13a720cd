"""Build submissions of the SLIM lecture: the released notebook, filled in, then tampered with."""

import copy
import json
import textwrap
from dataclasses import dataclass, field
from functools import cache

from autograder.lecture.source import load_source
from autograder.paths import LECTURES, SOLUTIONS
from autograder.records import GRADED

LECTURE = "03_slim"
NOTEBOOK = f"{LECTURE}.ipynb"
POINTS = {name: exercise.points for name, exercise in load_source(LECTURE).exercises.items()}
ALL, NONE = frozenset(POINTS), frozenset()
CALLED_BY_OTHERS = {"soft_threshold", "coordinate_update"}  # in the reference's own functions


@dataclass(frozen=True)
class Link:
    """Stands for a symbolic link in a student's folder."""

    target: str


@dataclass(frozen=True)
class Case:
    """One submission and what must become of it.

    files: {path in the student's folder: bytes or Link}; in the bytes @ROOT@, @COURSE@ and @MARKER@
    stand for the repository, the course folder and a word to recognise what was left behind by.
    earns: exercises with all their points; all others have none. kinds: {exercise: kind of its
    verdict}, where it matters. says: words that sentence, notes and messages must contain. hidden:
    text that the feedback page must not contain. hurried: judged with short limits.
    """

    name: str
    files: dict
    status: str = GRADED
    earns: frozenset = ALL
    kinds: dict = field(default_factory=dict)
    says: tuple = ()
    hidden: tuple = ()
    hurried: bool = False


CASES = {}


def add(name, files, **outcome):
    """Register a case; files may be the bytes of its one notebook."""
    assert name not in CASES, f"two cases are named {name}"
    files = files if isinstance(files, dict) else {NOTEBOOK: files}
    CASES[name] = Case(name, files, **outcome)


def right(name, *cells, first=(), sources=None, files=None, **outcome):
    """Register a case whose functions are right, but for `sources`, with further cells."""
    written = to_bytes(notebook({**reference(), **(sources or {})}, first, cells))
    add(name, {NOTEBOOK: written, **(files or {})}, **{"earns": ALL, **outcome})


def wrong(name, *cells, first=(), sources=None, files=None, **outcome):
    """Register a case whose functions are wrong, with cells that want points all the same."""
    written = to_bytes(notebook({**wrong_sources(), **(sources or {})}, first, cells))
    add(name, {NOTEBOOK: written, **(files or {})}, **{"earns": NONE, **outcome})


def spoiled(name, exercise, source, *cells, kind=None, **outcome):
    """Register a case with one function that is not right and that no other function calls."""
    assert exercise not in CALLED_BY_OTHERS
    kinds = {exercise: kind} if kind else {}
    expected = {"earns": ALL - {exercise}, "kinds": kinds, **outcome}
    right(name, *cells, sources={exercise: source}, **expected)


@cache
def reference():
    """Return {grade_id: right source}, read from the executed solution as the lecture ships it."""
    cells = json.loads((SOLUTIONS / NOTEBOOK).read_text("utf-8"))["cells"]
    sources = {grade_id(cell): "".join(cell["source"]) for cell in cells if is_solution(cell)}
    assert sources.keys() > ALL
    return sources


def wrong_sources():
    """Return {exercise: source of a function that is wrong whatever it is given}."""
    return {name: f"def {name}(*arguments):\n    return -1.0\n" for name in POINTS}


@cache
def _released():
    return json.loads((LECTURES / NOTEBOOK).read_text("utf-8"))


def function(body, name="slim_objective"):
    """Return the source of a function that takes anything and has this body."""
    return f"def {name}(*arguments):\n" + textwrap.indent(body.strip("\n"), "    ") + "\n"


def released():
    """Return a fresh copy of the released notebook, as JSON."""
    return copy.deepcopy(_released())


def notebook(sources, first=(), last=()):
    """Return the released notebook with cells filled in by grade_id and code cells around them."""
    document = released()
    for cell in document["cells"]:
        cell["source"] = sources.get(grade_id(cell), cell["source"])
    document["cells"] = [*map(code, first), *document["cells"], *map(code, last)]
    return document


def code(source, **metadata):
    """Return a code cell."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"own-{abs(hash(source)):x}"[:40],
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def to_bytes(document):
    """Return a notebook as the bytes of its file."""
    return json.dumps(document).encode()


def grade_id(cell):
    """Return nbgrader's id of a cell, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def is_solution(cell):
    """Whether students write in this cell."""
    return cell["metadata"].get("nbgrader", {}).get("solution", False)


def is_test(cell):
    """Whether this cell carries points."""
    return cell["metadata"].get("nbgrader", {}).get("grade", False)


def cell_of(document, name):
    """Return the cell of a notebook with this grade_id."""
    return next(cell for cell in document["cells"] if grade_id(cell) == name)


def filled():
    """Return the notebook with all functions right, as JSON to be changed."""
    return notebook(reference())
