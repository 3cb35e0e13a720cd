"""A class to report on: records made by really diagnosing references, alternatives and mistakes.

For the tests of the reports, in the browser too.
"""

import ast
import random
from functools import cache

import nbformat

from autograder.lecture.examination import examine
from autograder.lecture.reference import load_reference
from autograder.lecture.source import load_source
from autograder.notebooks import digest
from autograder.paths import LECTURES
from autograder.records import (
    ABSENT,
    GRADED,
    REFUSED,
    STOPPED,
    UNREADABLE,
    ExerciseRecord,
    Record,
    Student,
)
from embedlab.diagnosis import Verdict, diagnose
from embedlab.observe import observe

LECTURE = "03_slim"
SEED = 7
FIRST = ["Zoë", "Ngọc", "Łukasz", "José", "Anaïs", "Jürgen", "Ye-jin", "Søren", "Priya", "Omar"]
LAST = ["Müller", "O'Brien", "Nguyễn", "García", "Şahin", "Østby", "Kowalski", "Haddad", "Weiß"]
SENTENCES = {
    UNREADABLE: "The file is not a notebook: its JSON ends in the middle.",
    REFUSED: "The archive names a file outside its own folder and was not unpacked.",
    ABSENT: "The folder holds no notebook of this lecture.",
}


@cache
def variants():
    """Return {exercise: [(source, Verdict), ...]}: blank, reference, alternatives, mistakes."""
    found = {}
    source = load_source(LECTURE)
    written = {cell.grade_id: cell.node.source for cell in source.cells if cell.is_solution}
    for name, exercise in source.exercises.items():
        reference = load_reference(LECTURE)[name]
        examination = examine(exercise, reference, SEED)
        functions = [(written[name], reference)] + [
            (variant.source(name), variant.function)
            for variant in exercise.alternatives + exercise.mistakes
        ]
        found[name] = [(stub(name), diagnosed(examination, _not_written))] + [
            (code, diagnosed(examination, function)) for code, function in functions
        ]
    return found


def _not_written(*arguments):
    raise NotImplementedError


def diagnosed(examination, function):
    outcomes = [observe(function, case["arguments"]) for case in examination["cases"]]
    return diagnose(examination, outcomes)


@cache
def released():
    return nbformat.read(LECTURES / f"{LECTURE}.ipynb", as_version=4)


def stub(exercise):
    """Return the cell as students get it."""
    return next(cell.source for cell in released().cells if cell.id == exercise)


def notebook_with(sources):
    """Return the released notebook with {grade_id: source} filled in."""
    cells = [nbformat.from_dict(dict(cell)) for cell in released().cells]
    for cell in cells:
        cell.source = sources.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return nbformat.v4.new_notebook(cells=cells)


def exercise_record(verdict, points, seed=SEED):
    score = float(points) if verdict.passed else 0.0
    return ExerciseRecord(verdict, score, points, seed, digest(verdict.exercise.encode()))


def record_of(student, verdicts, status=GRADED, **facts):
    exercises = load_source(LECTURE).exercises
    facts = {"sandbox": "bubblewrap", "environment": "3f9c0a7be112", **facts}
    return Record(
        student,
        LECTURE,
        status,
        exercises={
            name: exercise_record(verdicts[name], exercise.points)
            for name, exercise in exercises.items()
        },
        **facts,
    )


def all_of(kind, message):
    return {
        name: Verdict(name, kind, 6, message=message) for name in load_source(LECTURE).exercises
    }


def student(number, **facts):
    rng = random.Random(number)
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    return Student(f"s{number:04}", name, **facts)


def submission(number, ability):
    """Return ({exercise: source}, {exercise: Verdict}) of one student who works alone."""
    rng = random.Random(1000 + number)
    sources, verdicts = {}, {}
    for position, (name, choices) in enumerate(variants().items()):
        right = [choice for choice in choices if choice[1].passed]
        wrong = [choice for choice in choices[1:] if not choice[1].passed]
        luck = rng.random() + 0.04 * position
        if luck > 0.75 + 0.35 * ability:
            chosen = choices[0]
        elif luck > 0.25 + 0.7 * ability:
            weights = [1 / (rank + 1) for rank in range(len(wrong))]
            chosen = rng.choices(wrong, weights)[0]
        else:
            chosen = rng.choices(right, [6] + [1] * (len(right) - 1))[0]
        sources[name], verdicts[name] = by_habit(chosen[0], rng), chosen[1]
    return sources, verdicts


SANDBOX_VERDICTS = [
    ("time", "fit_slim", "did not finish within 10 seconds"),
    ("memory", "fit_slim", "used more than 2 GB of memory"),
    ("crashed", "kkt_violation", "its process ended with signal 11"),
    ("output", "recommend", "returned 310 MB of data"),
    ("tampered", "recommend", "what came back is not data"),
    (
        "exception",
        "recommend",
        "raised IndexError: index 12 is out of bounds for axis 0 with size 12",
    ),
    ("type", "sparse_scores", "the result should be a tuple of 2 elements, got a NumPy array"),
    ("shape", "recommend", "the result should have shape (4, 3), got (3, 4)"),
]


def sample_class(size):
    """Return ([Record], {student id: {exercise: source}}) of a class in which all happens."""
    records, sources = [], {}
    for number in range(size):
        rng = random.Random(number)
        who = student(number, lms="canvas" if number % 3 else "moodle", lms_id=str(90_000 + number))
        sources[who.id], verdicts = submission(number, ability=rng.betavariate(4, 2))
        notes, status, sentence = (), GRADED, ""
        if number % 15 == 3:
            kind, name, message = SANDBOX_VERDICTS[(number // 15) % len(SANDBOX_VERDICTS)]
            verdicts[name] = Verdict(name, kind, 6, message=message)
        if number % 29 == 7:
            who = Student(**{**who.__dict__, "late": True})
        if number % 17 == 5:
            notes = ("The setup cell was missing; the lecture's own was run in its place.",)
        if number % 20 == 19:
            status = (UNREADABLE, ABSENT, REFUSED, STOPPED)[(number // 20) % 4]
        if status == STOPPED:
            sentence = "A cell called exit(): the exercises after fit_column could not be tried."
            for name in list(verdicts)[4:]:
                verdicts[name] = Verdict(name, "stopped", 6, message="the submission ended before")
        elif status != GRADED:
            sentence = SENTENCES[status]
            verdicts = all_of("unread", sentence)
        records.append(record_of(who, verdicts, status, sentence=sentence, notes=notes))
    return records, sources


class _Habits(ast.NodeTransformer):
    """Rewrite right and wrong code alike in one of the many ways people write the same."""

    def __init__(self, rng):
        self.rng = rng

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and self.rng.random() < 0.5:
            node.left, node.right = node.right, node.left
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        turned = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.LtE: ast.GtE}
        if type(node.ops[0]) in turned and self.rng.random() < 0.5:
            node.left, node.comparators[0] = node.comparators[0], node.left
            node.ops[0] = turned[type(node.ops[0])]()
        return node

    def visit_Assign(self, node):
        self.generic_visit(node)
        return self._in_steps(node)

    def visit_Return(self, node):
        self.generic_visit(node)
        return self._in_steps(node)

    def _in_steps(self, node):
        """Give a part of the statement's expression a name of its own, or leave it."""
        if not isinstance(node.value, ast.BinOp | ast.Call) or self.rng.random() < 0.4:
            return node
        holder = node.value
        side = "right" if isinstance(holder, ast.BinOp) else None
        part = holder.right if side else node.value
        step = ast.Assign([ast.Name(self.rng.choice(["t", "tmp", "part"]), ast.Store())], part)
        if side:
            holder.right = ast.Name(step.targets[0].id, ast.Load())
        else:
            node.value = ast.Name(step.targets[0].id, ast.Load())
        return [ast.fix_missing_locations(ast.copy_location(step, node)), node]


def by_habit(source, rng):
    """Return the same function as another person would have written it; blanks stay blank."""
    if "NotImplementedError" in source:
        return source
    return ast.unparse(_Habits(rng).visit(ast.parse(source)))


class _Rename(ast.NodeTransformer):
    """Rename the arguments and variables of a function, as somebody who copies does."""

    def __init__(self, tree):
        arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        self.known = {name: f"my_{name}_{len(name)}" for name in arguments | stored}

    def visit_arg(self, node):
        node.arg = self.known.get(node.arg, node.arg)
        return node

    def visit_Name(self, node):
        node.id = self.known.get(node.id, node.id)
        return node


def disguised(source):
    """Return the function with other names, comments and layout."""
    tree = ast.parse(source)
    code = ast.unparse(_Rename(tree).visit(tree))
    return code.replace("\n", "\n    # my own idea\n", 1).replace(" = ", "  =  ")
