"""Folders and archives as instructors have them, for the tests of intake."""

import io
import json
import zipfile
from pathlib import Path

from autograder.intake import read_submissions

SLIM, FM = "03_slim", "04_fm"
JANE_MOODLE = "Jane Doe_12345_assignsubmission_file_"


def notebook(lecture=None, code=(), grade_ids=()):
    """The bytes of a notebook; `code` makes it distinct."""
    cells = [{"cell_type": "code", "metadata": {}, "source": text} for text in code]
    cells += [
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": grade_id}}, "source": ""}
        for grade_id in grade_ids
    ]
    metadata = {"embedlab": {"lecture": lecture}} if lecture else {}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}).encode()


PLAIN = notebook(code=["1"])  # says nothing about its lecture
WORK = notebook(SLIM, ["work"])
OTHER = notebook(SLIM, ["other"])


def as_folder(path: Path, files: dict[str, bytes | None]) -> Path:
    """Write the files; None makes a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name, contents in files.items():
        target = path / name
        (target if contents is None else target.parent).mkdir(parents=True, exist_ok=True)
        if contents is not None:
            target.write_bytes(contents)
    return path


def zipped(files: dict[str, bytes | None]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, contents in files.items():
            target.writestr(name if contents is not None else f"{name}/", contents or b"")
    return buffer.getvalue()


def as_zip(path: Path, files: dict[str, bytes | None]) -> Path:
    path = path.with_suffix(".zip")
    path.write_bytes(zipped(files))
    return path


def as_wrapped_folder(path: Path, files: dict[str, bytes | None]) -> Path:
    return as_folder(path, _wrapped(files))


def as_wrapped_zip(path: Path, files: dict[str, bytes | None]) -> Path:
    return as_zip(path, _wrapped(files))


def _wrapped(files):
    return {f"our course/{name}": contents for name, contents in files.items()}


def with_ending(files: dict[str, bytes | None], ending: str) -> dict[str, bytes | None]:
    """The files, with another ending on every notebook."""
    return {
        name.removesuffix(".ipynb") + ending if name.endswith(".ipynb") else name: contents
        for name, contents in files.items()
    }


def read(path, *lectures):
    return list(read_submissions(path, list(lectures) or [SLIM]))


def by_id(path, *lectures):
    submissions = read(path, *lectures)
    found = {submission.student.id: submission for submission in submissions}
    assert len(found) == len(submissions), "an id twice"
    return found


def only(path, *lectures):
    (submission,) = read(path, *lectures)
    return submission
