"""Read a lecture's source, `solutions/NN_topic.py`, and refuse its mistakes by file and line.

A source is jupytext py:percent. Beside plain markdown and code cells it has:

    # %% [markdown] exercise="soft_threshold" difficulty=1 minutes=5
        The task. Ends with <details><summary>Hint</summary> ... </details>. The build writes the
        heading with difficulty, minutes and points above it.
    # %% nbgrader={"grade_id": "soft_threshold", "solution": true}
        The function, its solution between ### BEGIN SOLUTION and ### END SOLUTION, with a worked
        example (>>>) in its docstring.
    # %% nbgrader={"grade_id": "check_soft_threshold", "grade": true}
        lecture.check(soft_threshold)
    # %% tags=["setup"]
        Imports that the functions need; runs before every grading.
    # %% tags=["given"]
        A function that the lecture shows and asks nothing about; benchmarks can load it.
    # %% tags=["derivation"]
        An executable derivation; a solution cell just above it may fill a blank of it.
    # %% [markdown] tags=["overview"]
        The build writes how to work above what stands here, and the table of exercises below.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from autograder.errors import UserError
from autograder.exercises import load_exercises
from autograder.paths import lecture_names, relative, source_path

DIFFICULTIES = {1: "●○○ warm-up", 2: "●●○ core", 3: "●●● challenge ★"}
CELL_MARKER = re.compile(r"^# %%( |$)")
SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)
HINT = re.compile(r"<details>\s*<summary>[^<]*[Hh]int")


class SourceError(UserError):
    """A mistake in a lecture's source; the message starts with file:line."""


@dataclass
class SourceCell:
    """A cell of the source and the line its marker stands on."""

    node: NotebookNode
    line: int

    @property
    def grade_id(self):
        """The nbgrader id, or an empty string."""
        return self.node.metadata.get("nbgrader", {}).get("grade_id", "")

    @property
    def is_solution(self):
        """Whether the student writes here."""
        return self.node.metadata.get("nbgrader", {}).get("solution", False)

    @property
    def is_check(self):
        """Whether points are given here."""
        return self.node.metadata.get("nbgrader", {}).get("grade", False)

    @property
    def task(self):
        """The exercise this markdown cell sets, or None."""
        return self.node.metadata.get("exercise")

    def has_tag(self, tag):
        """Whether the cell carries `tag`."""
        return tag in self.node.metadata.get("tags", [])


class Source:
    """A validated lecture source."""

    def __init__(self, path):
        """Read and validate the file; raises SourceError with file and line."""
        self.path = Path(path)
        self.lecture = self.path.stem
        text = self.path.read_text(encoding="utf-8")
        self.notebook = jupytext.reads(text, fmt="py:percent")
        lines = [
            number
            for number, line in enumerate(text.splitlines(), start=1)
            if CELL_MARKER.match(line)
        ]
        if len(lines) != len(self.notebook.cells):
            raise SourceError(f"{relative(self.path)}:1: every cell must start with a `# %%` line")
        self.cells = list(map(SourceCell, self.notebook.cells, lines))
        self.exercises = load_exercises(self.lecture)
        self._validate()

    @property
    def tasks(self):
        """The markdown cells that set an exercise, by exercise, in order."""
        return {cell.task: cell for cell in self.cells if cell.task}

    @property
    def minutes(self):
        """Expected minutes of all the exercises together."""
        return sum(cell.node.metadata["minutes"] for cell in self.tasks.values())

    def _refuse(self, cell, message):
        raise SourceError(f"{relative(self.path)}:{cell.line}: {message}")

    def _validate(self):
        by_id = {}
        for cell in self.cells:
            if not cell.grade_id:
                if "nbgrader" in cell.node.metadata:
                    self._refuse(cell, "nbgrader metadata without a grade_id")
                continue
            if cell.grade_id in by_id:
                first = by_id[cell.grade_id].line
                self._refuse(cell, f"grade_id {cell.grade_id!r} is already used in line {first}")
            by_id[cell.grade_id] = cell
        for cell in self.cells:
            if cell.task:
                self._validate_task(cell, by_id)
        for position, cell in enumerate(self.cells):
            if cell.is_solution:
                self._validate_solution(cell, by_id, self.cells[position + 1 :])
            elif "### BEGIN SOLUTION" in cell.node.source:
                self._refuse(cell, "a solution outside a solution cell would be released")
            elif cell.is_check and cell.grade_id.removeprefix("check_") not in by_id:
                self._refuse(cell, f"{cell.grade_id!r} checks no solution cell of this lecture")
        for name in self.exercises:
            if name not in by_id:
                self._refuse(self.cells[0], f"exercise {name!r} is registered but not set here")

    def _validate_task(self, cell, by_id):
        metadata = cell.node.metadata
        if metadata["exercise"] not in by_id:
            self._refuse(cell, f"task {cell.task!r} has no solution cell")
        if not isinstance(metadata.get("minutes"), int):
            self._refuse(cell, f"task {cell.task!r} does not say its minutes (minutes=5)")
        if metadata.get("difficulty") not in DIFFICULTIES:
            known = ", ".join(map(str, DIFFICULTIES))
            self._refuse(cell, f"task {cell.task!r} needs a difficulty, one of {known}")
        if not HINT.search(cell.node.source):
            message = "has no hint: end it with <details><summary>Hint</summary> ... </details>"
            self._refuse(cell, f"task {cell.task!r} {message}")

    def _validate_solution(self, cell, by_id, following):
        name = cell.grade_id
        if not SOLUTION.search(cell.node.source):
            self._refuse(cell, f"solution {name!r} has no ### BEGIN SOLUTION ... ### END SOLUTION")
        if following and following[0].has_tag("derivation"):
            return  # a blank of a derivation: the derivation itself is its check
        if name not in self.exercises:
            package = f"autograder/exercises/{self.lecture.partition('_')[2]}/"
            self._refuse(cell, f"exercise {name!r} is not registered in {package}")
        if name not in self.tasks:
            self._refuse(cell, f"solution {name!r} has no task cell ([markdown] exercise={name!r})")
        check = by_id.get(f"check_{name}")
        if check is None or check not in following:
            self._refuse(cell, f"solution {name!r} has no check: add grade_id 'check_{name}' below")
        if check.node.source.strip() != f"lecture.check({name})":
            self._refuse(check, f"a check is the one line `lecture.check({name})`")
        if ">>>" not in (ast.get_docstring(_function(cell, name, self._refuse)) or ""):
            self._refuse(cell, f"{name!r} needs a docstring with a worked example (>>>)")
        exercise = self.exercises[name]
        if len(exercise.mistakes) < 3 or len(exercise.alternatives) < 2:
            found = f"{len(exercise.mistakes)} mistakes, {len(exercise.alternatives)} alternatives"
            self._refuse(cell, f"{name!r} needs at least 3 mistakes and 2 alternatives: {found}")


def _function(cell, name, refuse):
    try:
        tree = ast.parse(cell.node.source)
    except SyntaxError as error:
        refuse(cell, f"cell {name!r}, its line {error.lineno}: {error.msg}")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    refuse(cell, f"the solution cell does not define a function {name!r}")


@cache
def load_source(lecture):
    """Return the validated Source of a lecture; raises SourceError if there is none."""
    path = source_path(lecture)
    if not path.exists():
        known = ", ".join(lecture_names()) or "none"
        raise SourceError(f"there is no lecture {lecture!r} in {relative(path.parent)}/ ({known})")
    return Source(path)
