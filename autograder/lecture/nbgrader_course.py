"""A lecture in nbgrader's course folder: its source notebook, its release, its assignment."""

import copy
import itertools
import logging
from functools import cache
from pathlib import Path

import nbformat
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.apps import NbGraderAPI
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.utils import compute_checksum
from sqlalchemy import create_engine, text
from traitlets.config import PyFileConfigLoader

from autograder.errors import UserError
from autograder.lecture.overview import overview, task_heading
from autograder.lecture.prose import folded
from autograder.lecture.source import load_source
from autograder.notebooks import normalise, to_bytes
from autograder.paths import NBGRADER_CONFIG
from embedlab.files import write_whole


class BuildError(UserError):
    """A lecture that cannot be built; the message says where and why."""


def nbgrader_api(course_root):
    """Return nbgrader's API for a course folder, with the project's nbgrader_config.py."""
    config = PyFileConfigLoader(
        NBGRADER_CONFIG.name, path=str(NBGRADER_CONFIG.parent)
    ).load_config()
    config.CourseDirectory.root = str(course_root)
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    return api


@cache
def gradebook_version():
    """Return the version of the tables that this nbgrader writes."""
    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


def make_gradebook(path):
    """Write an empty gradebook where none is: whole or not at all.

    nbgrader would make the same, table by table, and starts a program to learn its own version,
    which takes seconds.
    """
    if path.exists():
        return
    with create_engine("sqlite://").connect() as connection:
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:version)"), {"version": gradebook_version()}
        )
        connection.commit()
        content = connection.connection.driver_connection.serialize()
    write_whole(path, content)


def register(lecture, course_root):
    """Make a lecture, as it is now, an assignment in the gradebook of a course folder."""
    release(teacher_notebook(load_source(lecture)), lecture, course_root)


def teacher_notebook(source):
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
        if "question" in metadata.get("tags", []):
            cell.source = folded(cell.source)
        if "setup" in metadata.get("tags", []):
            metadata["deletable"] = False
        if {"derivation", "claims"} & set(metadata.get("tags", [])):
            metadata["jupyter"] = {"source_hidden": True}  # the table, the text say it all
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


def release(notebook, lecture, course_root):
    """Return the student's notebook, made by nbgrader's own generate_assignment."""
    notebook = copy.deepcopy(notebook)
    notebook.cells = [c for c in notebook.cells if "claims" not in c.metadata.get("tags", [])]
    source_path = Path(course_root) / "source" / lecture / f"{lecture}.ipynb"
    source_path.parent.mkdir(parents=True, exist_ok=True)
    source_path.write_bytes(to_bytes(notebook))
    make_gradebook(Path(course_root) / "gradebook.db")
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
