"""Read a lecture's source, `solutions/NN_topic.py`, and refuse its mistakes, all, by file and line.

A source is jupytext py:percent. Beside plain markdown and code cells it has:

    # %% [markdown] exercise="soft_threshold" difficulty=1 minutes=5
        The task. Ends with <details><summary>Hint</summary> ... </details>, an idea, and from
        difficulty 2 on with <details><summary>Pseudocode</summary> ... </details> after it. The
        build writes the heading with difficulty, minutes and points above it.
    # %% nbgrader={"grade_id": "soft_threshold", "solution": true}
        The function or class, its solution between ### BEGIN SOLUTION and ### END SOLUTION, with a
        worked example (>>>) in its docstring.
    # %% nbgrader={"grade_id": "check_soft_threshold", "grade": true}
        lecture.check(soft_threshold)
    # %% tags=["setup"]
        Imports that the functions need; runs before every grading.
    # %% tags=["given"]
        A function that the lecture shows and asks nothing about; benchmarks can load it.
    # %% tags=["derivation"]
        An executable derivation; a solution cell just above it may fill a blank of it.
    # %% [markdown] tags=["question"]
        A question; then a paragraph that starts with `Answer:` and holds what matters in bold. The
        build folds the answer, and refuses it where the bold words stand above the question.
    # %% tags=["claims"]
        Lines `assert part < 0.5 * whole, "less than half"`. What is in quotes stands in the prose,
        and the build fails when it is no longer true. Students do not get the cell.
    # %% [markdown] tags=["overview"]
        The build writes how to work above what stands here, and the table of exercises below.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from autograder.errors import Refusal, RefusalError, UserError
from autograder.exercises import SpecificationError, load_exercises
from autograder.lecture.prose import faults_of_claims, faults_of_question
from autograder.lecture.specifications import refusals_of
from autograder.paths import lecture_names, relative, source_path

DIFFICULTIES = {1: "●○○ warm-up", 2: "●●○ core", 3: "●●● challenge ★"}
CELL_MARKER = re.compile(r"^# %%( |$)")
SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)
FOLD = "<details>\\s*<summary>{}</summary>"


class SourceError(RefusalError):
    """Mistakes in a lecture's source and specifications; a line each, which starts with file:line.

    source: the Source as far as it could be read, or None.
    """

    def __init__(self, refusals, source=None):
        super().__init__(refusals)
        self.source = source


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

    @cached_property
    def tree(self):
        """The parsed cell; a SyntaxError, not raised, if it is not Python."""
        try:
            return ast.parse(self.node.source)
        except SyntaxError as error:
            return error

    @property
    def is_graded_with(self):
        """Whether the cell makes the namespace that exercises, examples and derivations need."""
        return self.is_solution or self.has_tag("setup") or self.has_tag("given")

    @property
    def definition(self):
        """The node of the function or class that has the cell's grade_id for a name, or None."""
        nodes = [] if isinstance(self.tree, SyntaxError) else self.tree.body
        definitions = (one for one in nodes if isinstance(one, ast.FunctionDef | ast.ClassDef))
        return next((one for one in definitions if one.name == self.grade_id), None)

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
        """Read and validate the file; raises SourceError with all that is to be mended."""
        self.path = Path(path)
        self.lecture = self.path.stem
        self._refusals = []
        try:
            text = self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise SourceError(
                [Refusal(str(path), 1, "not UTF-8: save it in that encoding")]
            ) from None
        self.notebook = jupytext.reads(text, fmt="py:percent")
        lines = [
            number
            for number, line in enumerate(text.splitlines(), start=1)
            if CELL_MARKER.match(line)
        ]
        if not lines or len(lines) != len(self.notebook.cells):
            message = "every cell must start with a `# %%` line"
            raise SourceError([Refusal(str(path), 1, message)])
        self.cells = list(map(SourceCell, self.notebook.cells, lines))
        try:
            self.exercises = load_exercises(self.lecture)
        except SpecificationError as error:
            self.exercises = error.exercises
            self._refusals += error.refusals
        self._validate()
        for exercise in self.exercises.values():
            self._refusals += refusals_of(exercise, self.exercises)
        if self._refusals:
            raise SourceError(self._refusals, self)

    @property
    def tasks(self):
        """The markdown cells that set an exercise, by exercise, in order."""
        return {cell.task: cell for cell in self.cells if cell.task}

    @property
    def minutes(self):
        """Expected minutes of all the exercises together."""
        return sum(cell.node.metadata["minutes"] for cell in self.tasks.values())

    @property
    def runs(self):
        """Whether all the cells that grading runs are Python."""
        return not any(c.is_graded_with and isinstance(c.tree, SyntaxError) for c in self.cells)

    def _refuse(self, cell, message):
        self._refusals.append(Refusal(str(self.path), cell.line, message))

    def _validate(self):
        by_id, tasks = {}, {}
        for cell in self.cells:
            if not cell.grade_id and "nbgrader" in cell.node.metadata:
                self._refuse(cell, "nbgrader metadata without a grade_id")
            first = by_id.setdefault(cell.grade_id, cell) if cell.grade_id else cell
            if first is not cell:
                message = f"grade_id {cell.grade_id!r} is already used in line {first.line}"
                self._refuse(cell, message)
            first = tasks.setdefault(cell.task, cell) if cell.task else cell
            if first is not cell:
                self._refuse(cell, f"task {cell.task!r} is already set in line {first.line}")
        prose = "\n".join(c.node.source for c in self.cells if c.node.cell_type == "markdown")
        for position, cell in enumerate(self.cells):
            if cell.task:
                self._validate_task(cell, by_id)
            if cell.has_tag("question"):
                above = [other.node.source for other in self.cells[:position]]
                for message in faults_of_question(cell.node.source, above):
                    self._refuse(cell, message)
            if cell.has_tag("claims"):
                self._validate_claims(cell, prose)
            if cell.is_graded_with and isinstance(cell.tree, SyntaxError):
                what = f"cell {cell.grade_id!r}, its" if cell.grade_id else "the cell's"
                self._refuse(cell, f"{what} line {cell.tree.lineno}: {cell.tree.msg}")
            if cell.is_solution:
                self._validate_solution(cell, by_id, self.cells[position + 1 :])
            elif "### BEGIN SOLUTION" in cell.node.source:
                self._refuse(cell, "a solution outside a solution cell would be released")
            elif cell.is_check and cell.grade_id.removeprefix("check_") not in by_id:
                self._refuse(cell, f"{cell.grade_id!r} checks no solution cell of this lecture")
        for name, exercise in self.exercises.items():
            if name not in by_id:
                message = f"{relative(self.path)} sets no exercise {name!r}: write its three cells"
                message += " there, or name this one as they do"
                self._refusals.append(Refusal(*exercise.place, message))

    def _validate_task(self, cell, by_id):
        metadata = cell.node.metadata
        if metadata["exercise"] not in by_id:
            self._refuse(cell, f"task {cell.task!r} has no solution cell")
        if not isinstance(metadata.get("minutes"), int):
            self._refuse(cell, f"task {cell.task!r} does not say its minutes (minutes=5)")
        if metadata.get("difficulty") not in list(DIFFICULTIES):
            known = ", ".join(map(str, DIFFICULTIES))
            self._refuse(cell, f"task {cell.task!r} needs a difficulty, one of {known}")
        stages = ["Hint", "Pseudocode"] if metadata.get("difficulty", 1) != 1 else ["Hint"]
        for stage in stages:
            if not re.search(FOLD.format(stage), cell.node.source):
                message = f"has no {stage.lower()}: end it with <details><summary>{stage}</summary>"
                self._refuse(cell, f"task {cell.task!r} {message} ... </details>")

    def _validate_claims(self, cell, prose):
        if isinstance(cell.tree, SyntaxError):
            self._refuse(cell, f"the cell's line {cell.tree.lineno}: {cell.tree.msg}")
            return
        for line, message in faults_of_claims(cell.tree, prose):
            self._refusals.append(Refusal(str(self.path), cell.line + line, message))

    def _validate_solution(self, cell, by_id, following):
        name = cell.grade_id
        if not SOLUTION.search(cell.node.source):
            self._refuse(cell, f"solution {name!r} has no ### BEGIN SOLUTION ... ### END SOLUTION")
        if following and following[0].has_tag("derivation"):
            return  # a blank of a derivation: the derivation itself is its check
        package = f"autograder/exercises/{self.lecture.partition('_')[2]}"
        # a module that is refused would have registered it
        if name not in self.exercises and not any(
            Path(refusal.path).stem in (name, "__init__") for refusal in self._refusals
        ):
            message = f'{package}/{name}.py needs {name} = Exercise("{name}", points=1)'
            self._refuse(cell, f"exercise {name!r} is not registered: {message}")
        if name not in self.tasks:
            self._refuse(cell, f"solution {name!r} has no task cell ([markdown] exercise={name!r})")
        check = by_id.get(f"check_{name}")
        if check is None or check not in following:
            self._refuse(cell, f"solution {name!r} has no check: add grade_id 'check_{name}' below")
        elif check.node.source.strip() != f"lecture.check({name})":
            self._refuse(check, f"a check is the one line `lecture.check({name})`")
        if isinstance(cell.tree, SyntaxError):
            return
        if cell.definition is None:
            message = (
                f"the solution cell does not define a function {name!r} or a class of that name"
            )
            self._refuse(cell, message)
        elif ">>>" not in (ast.get_docstring(cell.definition) or ""):
            self._refuse(cell, f"{name!r} needs a docstring with a worked example (>>>)")


@cache
def load_source(lecture):
    """Return the validated Source of a lecture. Raises SourceError; UserError if it has none."""
    path = source_path(lecture)
    if not path.exists():
        known = ", ".join(lecture_names()) or "none"
        raise UserError(f"there is no lecture {lecture!r} in {relative(path.parent)}/ ({known})")
    return Source(path)
