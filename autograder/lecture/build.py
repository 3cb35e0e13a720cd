"""Build a lecture: one source in, the student's notebook, the executed solution, public cases out.

`build_lecture` returns the bytes of every file; `autograder build` writes them and
`autograder build --check` compares them with what is there, so both see exactly the same.
"""

import copy

import nbformat

from autograder.lecture.environment import notebook_digest
from autograder.lecture.examination import PUBLIC_SEED, examine, rounded
from autograder.lecture.examples import wrong_examples
from autograder.lecture.execution import run_solution
from autograder.lecture.nbgrader_course import release, teacher_notebook
from autograder.lecture.reference import functions_of, load_reference, namespace_of
from autograder.lecture.source import SourceError, load_source
from autograder.lecture.specifications import faults_of
from autograder.notebooks import digest, normalise, to_bytes
from autograder.paths import (
    public_cases_path,
    relative,
    released_path,
    solution_path,
)
from embedlab.public_cases import abridge, is_same, pack, unpack


def build_lecture(lecture, course_root, execute=None):
    """Return {path: bytes} of the files generated for a lecture.

    course_root: folder for nbgrader's source/ and release/ of the lecture and for its gradebook, in
        which the assignment is registered, so that it can be graded there.
    execute: True runs the solution, False leaves it out, None runs it only if the committed one
        is not the run of exactly these inputs.
    """
    source, notebook, files = _not_executed(lecture, course_root)
    public_cases = files[public_cases_path(lecture)]
    path = solution_path(lecture)
    inputs = notebook_digest(notebook, public_cases)
    if execute is None:
        execute = not is_current(path, inputs)
    if execute:
        files[path] = _executed(notebook, source, inputs, public_cases)
    return files


def _not_executed(lecture, course_root):
    """Return the Source of a lecture, its notebook, and {path: bytes} of what needs no run."""
    source = checked_source(lecture)
    public_cases = _public_cases(source)
    # Students' version: what they see, so a change of prose or of a check is a newer lecture.
    version = digest(source.path.read_bytes(), public_cases)
    notebook = teacher_notebook(source)
    student = release(notebook, lecture, course_root)
    files = {
        public_cases_path(lecture): public_cases,
        released_path(lecture): to_bytes(
            normalise(student, {"lecture": lecture, "version": version})
        ),
    }
    return source, notebook, files


def write(files):
    """Write {path: bytes}; return the paths whose content changed."""
    changed = [path for path, new in files.items() if not path.exists() or path.read_bytes() != new]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[path])
    return changed


def check_lecture(lecture, course_root):
    """Return one sentence per generated file of the lecture that has drifted from its source.

    course_root: folder for what nbgrader writes on the way; one for many lectures is quicker.
    """
    _, notebook, files = _not_executed(lecture, course_root)
    drifted = []
    for path, content in files.items():
        if not path.exists():
            drifted.append(f"{relative(path)} is missing")
        elif path.read_bytes() != content:
            drifted.append(f"{relative(path)} differs from what {lecture}.py makes")
    path = solution_path(lecture)
    if not path.exists():
        drifted.append(f"{relative(path)} is missing")
    elif not is_current(path, notebook_digest(notebook, files[public_cases_path(lecture)])):
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
        namespace = namespace_of(source)
    except SourceError as error:
        refusals += error.refusals
        namespace = {}
    functions = functions_of(namespace)
    for name, exercise in source.exercises.items():
        if name in functions:
            refusals += faults_of(exercise, functions[name])
            refusals += wrong_examples(source, name, namespace)
    if refusals:
        raise SourceError(refusals, source)
    return source


def _public_cases(source):
    functions = load_reference(source.lecture)
    examinations = [
        examine(exercise, functions[name], PUBLIC_SEED)
        for name, exercise in source.exercises.items()
    ]
    fresh = list(map(abridge, rounded(examinations)))
    try:
        committed = unpack(public_cases_path(source.lecture).read_bytes())
    except (OSError, ValueError):
        committed = None
    return pack(kept(committed, fresh))


def kept(committed, fresh):
    """Return the fresh data, with the committed number wherever the two agree.

    Processors differ in the last bits of a sum, and some cases amplify them: what another
    processor computed, and a check cannot tell from ours, must not make a file drift.
    """
    if isinstance(fresh, float) and is_same(committed, fresh):
        return committed
    if isinstance(fresh, list) and isinstance(committed, list) and len(fresh) == len(committed):
        return list(map(kept, committed, fresh))
    if isinstance(fresh, dict) and isinstance(committed, dict):
        return {key: kept(committed.get(key), value) for key, value in fresh.items()}
    return fresh


def _executed(notebook, source, inputs, public_cases):
    """Return the bytes of the solution notebook after running it top to bottom."""
    notebook = copy.deepcopy(notebook)
    run_solution(notebook, source, public_cases)
    normalise(notebook, {"lecture": source.lecture})
    notebook.metadata["embedlab"].update(inputs=inputs, content=_content(notebook))
    return to_bytes(notebook)
