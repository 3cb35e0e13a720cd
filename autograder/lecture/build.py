"""Build a lecture: one source in, the student's notebook, the executed solution, public cases out.

`build_lecture` returns the bytes of every file; `autograder build` writes them and
`autograder build --check` compares them with what is there, so both see exactly the same.
"""

import copy
import json
import math
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from autograder.lecture.examination import PUBLIC_SEED, examine, rounded
from autograder.lecture.nbgrader_course import BuildError, release, teacher_notebook
from autograder.lecture.reference import load_reference
from autograder.lecture.source import load_source
from autograder.notebooks import digest, normalise, to_bytes
from autograder.paths import (
    DATASETS,
    KIT,
    ROOT,
    public_cases_path,
    relative,
    released_path,
    solution_path,
)

CELL_SECONDS = 120
SAME = 1e-9  # difference of two numbers that are the same to every check


def build_lecture(lecture, course_root, execute=None):
    """Return {path: bytes} of the files generated for a lecture.

    course_root: folder for nbgrader's source/ and release/ of the lecture and for its gradebook, in
        which the assignment is registered, so that it can be graded there.
    execute: True runs the solution, False leaves it out, None runs it only if the committed one
        is not the run of exactly these inputs.
    """
    source = load_source(lecture)
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
    path = solution_path(lecture)
    inputs = _inputs_digest(source)
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
    elif not is_current(path, _inputs_digest(load_source(lecture))):
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


def _inputs_digest(source):
    """Return the digest of all that decides what the executed solution shows."""
    name = source.lecture.partition("_")[2]
    files = [
        source.path,
        ROOT / "requirements.txt",
        *sorted((ROOT / "autograder" / "lecture").glob("*.py")),
    ]
    files += sorted((ROOT / "autograder" / "exercises" / name).glob("*.py"))
    files += sorted(KIT.rglob("*.py")) + sorted(KIT.rglob("*.js")) + sorted(KIT.rglob("*.css"))
    files += sorted(DATASETS.rglob("SHA256SUMS")) + sorted(KIT.glob(f"recorded/{source.lecture}*"))
    return digest(*(file.read_bytes() for file in files if file.exists()))


def _public_cases(source):
    functions = load_reference(source.lecture)
    examinations = [
        examine(exercise, functions[name], PUBLIC_SEED)
        for name, exercise in source.exercises.items()
    ]
    fresh = {"exercises": rounded(examinations)}
    try:
        committed = json.loads(public_cases_path(source.lecture).read_text("utf-8"))
    except (OSError, ValueError):
        committed = None
    text = json.dumps(kept(committed, fresh), separators=(",", ":"), indent=None)
    return (text.replace('{"label"', '\n{"label"') + "\n").encode()


def kept(committed, fresh):
    """Return the fresh data, with the committed number wherever the two agree.

    Processors differ in the last bits of a sum, and some cases amplify them: what another
    processor computed, and a check cannot tell from ours, must not make a file drift.
    """
    if isinstance(fresh, float) and isinstance(committed, float):
        same = math.isclose(committed, fresh, rel_tol=SAME, abs_tol=SAME)
        return committed if same or (math.isnan(committed) and math.isnan(fresh)) else fresh
    if isinstance(fresh, list) and isinstance(committed, list) and len(fresh) == len(committed):
        return list(map(kept, committed, fresh))
    if isinstance(fresh, dict) and isinstance(committed, dict):
        return {key: kept(committed.get(key), value) for key, value in fresh.items()}
    return fresh


def _executed(notebook, source, inputs, public_cases):
    """Return the bytes of the solution notebook after running it top to bottom."""
    notebook = copy.deepcopy(notebook)
    # the run uses the cases of this build: they must be in place before it
    write({public_cases_path(source.lecture): public_cases})
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # how prints are split into messages is chance
            resources={"metadata": {"path": folder}},
            extra_arguments=["--IPKernelApp.log_level=40"],  # not its advice on encryption
        )
        try:
            client.execute()
        except CellExecutionError as error:
            line = next(
                cell.line
                for cell, run in zip(source.cells, notebook.cells, strict=True)
                if any(output.output_type == "error" for output in run.get("outputs", []))
            )
            raise BuildError(f"{relative(source.path)}:{line}: {error}") from None
    normalise(notebook, {"lecture": source.lecture})
    notebook.metadata["embedlab"].update(inputs=inputs, content=_content(notebook))
    return to_bytes(notebook)
