"""Build a lecture: one source in, the student's notebook, the executed solution, public cases out.

`build_lecture` returns the bytes of every file; `autograder build` writes them and
`autograder build --check` compares them with what is there, so both see exactly the same.
"""

import copy
import itertools
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.utils import compute_checksum
from traitlets.config import PyFileConfigLoader

from autograder.errors import UserError
from autograder.lecture.environment import notebook_digest
from autograder.lecture.examination import PUBLIC_SEED, examine, rounded
from autograder.lecture.execution import run_solution
from autograder.lecture.overview import overview, task_heading
from autograder.lecture.reference import functions_of, load_reference, namespace_of
from autograder.lecture.source import SourceError, load_source
from autograder.lecture.specifications import faults_of
from autograder.notebooks import digest, normalise, to_bytes
from autograder.paths import (
    NBGRADER_CONFIG,
    public_cases_path,
    relative,
    released_path,
    solution_path,
)


class BuildError(UserError):
    """A lecture that cannot be built; the message says where and why."""


def build_lecture(lecture, course_root, execute=None):
    """Return {path: bytes} of the files generated for a lecture.

    course_root: folder for nbgrader's source/ and release/ of the lecture and for its gradebook, in
        which the assignment is registered, so that it can be graded there.
    execute: True runs the solution, False leaves it out, None runs it only if the committed one
        is not the run of exactly these inputs.
    """
    source = checked_source(lecture)
    public_cases = _public_cases(source)
    # Students' version: what they see, so a change of prose or of a check is a newer lecture.
    version = digest(source.path.read_bytes(), public_cases)
    notebook = _teacher_notebook(source)
    student = _release(notebook, lecture, course_root)
    files = {
        public_cases_path(lecture): public_cases,
        released_path(lecture): to_bytes(
            normalise(student, {"lecture": lecture, "version": version})
        ),
    }
    path = solution_path(lecture)
    inputs = notebook_digest(lecture)
    if execute is None:
        execute = not is_current(path, inputs)
    if execute:
        files[path] = _executed(notebook, source, inputs, public_cases)
    return files


def write(files):
    """Write {path: bytes}; return the paths whose content changed."""
    changed = [path for path, new in files.items() if not path.exists() or path.read_bytes() != new]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[path])
    return changed


def check_lecture(lecture):
    """Return one sentence per generated file of the lecture that has drifted from its source."""
    with tempfile.TemporaryDirectory() as folder:
        files = build_lecture(lecture, Path(folder), execute=False)
    drifted = []
    for path, content in files.items():
        if not path.exists():
            drifted.append(f"{relative(path)} is missing")
        elif path.read_bytes() != content:
            drifted.append(f"{relative(path)} differs from what {lecture}.py makes")
    path = solution_path(lecture)
    if not path.exists():
        drifted.append(f"{relative(path)} is missing")
    elif not is_current(path, notebook_digest(lecture)):
        drifted.append(f"{relative(path)} is not the run of the present source, kit and data")
    return drifted


def is_current(path, inputs):
    """Whether the executed notebook at `path` is an unedited run of the inputs with that digest."""
    if not path.exists():
        return False
    try:
        notebook = nbformat.read(path, as_version=4)
        recorded = notebook.metadata["embedlab"]
    except (KeyError, ValueError):
        return False
    return recorded.get("inputs") == inputs and recorded.get("content") == _content(notebook)


def _content(notebook):
    """Return the digest of everything in an executed notebook but the record of its build."""
    bare = copy.deepcopy(notebook)
    bare.metadata.pop("embedlab", None)
    return digest(nbformat.writes(bare).encode())


def checked_source(lecture):
    """Return the Source of a lecture whose specifications were tried, too.

    Raises SourceError with all that is to be mended in either.
    """
    try:
        source, refusals = load_source(lecture), []
    except SourceError as error:
        source, refusals = error.source, list(error.refusals)
        if source is None or not source.runs:
            raise
    try:
        functions = functions_of(namespace_of(source))
    except SourceError as error:
        refusals += error.refusals
        functions = {}
    for name, exercise in source.exercises.items():
        if name in functions:
            refusals += faults_of(exercise, functions[name])
    if refusals:
        raise SourceError(refusals, source)
    return source


def _public_cases(source):
    functions = load_reference(source.lecture)
    examinations = [
        examine(exercise, functions[name], PUBLIC_SEED)
        for name, exercise in source.exercises.items()
    ]
    text = json.dumps({"exercises": rounded(examinations)}, separators=(",", ":"), indent=None)
    return (text.replace('{"label"', '\n{"label"') + "\n").encode()


def _teacher_notebook(source):
    """Return nbgrader's source notebook: the source with ids, points and headings filled in."""
    notebook = copy.deepcopy(source.notebook)
    number = 0
    for position, cell in enumerate(notebook.cells):
        metadata = cell.metadata
        if "nbgrader" in metadata:
            _complete_nbgrader(cell, source.exercises)
        if metadata.get("exercise"):
            number += 1
            points = source.exercises[metadata.exercise].points
            cell.source = f"{task_heading(metadata, number, points)}\n\n{cell.source}"
        if "overview" in metadata.get("tags", []):
            cell.source = overview(source, cell.source)
        if "setup" in metadata.get("tags", []):
            metadata["deletable"] = False
        if "derivation" in metadata.get("tags", []):
            metadata["jupyter"] = {"source_hidden": True}  # the table says it all
        grade_id = metadata.get("nbgrader", {}).get("grade_id")
        task = f"task_{metadata.exercise}" if metadata.get("exercise") else None
        cell.id = (grade_id or task or f"cell_{position:03d}").replace(" ", "-")
    return normalise(notebook, {"lecture": source.lecture})


def _complete_nbgrader(cell, exercises):
    nbgrader = cell.metadata.nbgrader
    grade = nbgrader.get("grade", False)
    nbgrader.update(
        schema_version=3,
        grade=grade,
        solution=nbgrader.get("solution", False),
        locked=grade,
        task=False,
    )
    if grade:
        nbgrader["points"] = exercises[nbgrader.grade_id.removeprefix("check_")].points


def nbgrader_api(course_root):
    """Return nbgrader's API for a course folder, with the project's nbgrader_config.py."""
    config = PyFileConfigLoader(
        NBGRADER_CONFIG.name, path=str(NBGRADER_CONFIG.parent)
    ).load_config()
    config.CourseDirectory.root = str(course_root)
    # nbgrader starts a bare `alembic`: make sure this environment's is found
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    return api


def register(lecture, course_root):
    """Make a lecture, as it is now, an assignment in the gradebook of a course folder."""
    _release(_teacher_notebook(load_source(lecture)), lecture, course_root)


def _release(notebook, lecture, course_root):
    """Return the student's notebook, made by nbgrader's own generate_assignment."""
    source_path = Path(course_root) / "source" / lecture / f"{lecture}.ipynb"
    source_path.parent.mkdir(parents=True, exist_ok=True)
    source_path.write_bytes(to_bytes(notebook))
    api = nbgrader_api(course_root)
    result = api.generate_assignment(lecture, force=True, create=True)
    if not result["success"]:
        raise BuildError(f"nbgrader could not make the student's notebook:\n{result['log']}")
    release_path = Path(course_root) / "release" / lecture / f"{lecture}.ipynb"
    released = nbformat.read(release_path, as_version=4)
    return _with_open_blanks(released, api.config.ClearSolutions.code_stub["python"])


def _with_open_blanks(released, stub):
    """Take the stub that raises out of derivation blanks, which already hold "..." to fill in."""
    for cell, following in itertools.pairwise(released.cells):
        if "derivation" in following.metadata.get("tags", []) and stub in cell.source:
            cell.source = cell.source.replace(stub, "").rstrip()
            cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    return released


def _executed(notebook, source, inputs, public_cases):
    """Return the bytes of the solution notebook after running it top to bottom."""
    notebook = copy.deepcopy(notebook)
    run_solution(notebook, source, public_cases)
    normalise(notebook, {"lecture": source.lecture})
    notebook.metadata["embedlab"].update(inputs=inputs, content=_content(notebook))
    return to_bytes(notebook)
