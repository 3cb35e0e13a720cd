"""A course folder's gradebook is made in this process, as nbgrader would make it."""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.lecture import nbgrader_course
from autograder.lecture.nbgrader_course import make_gradebook


def tables(path):
    """Return {table: its SQL}, and the version of the tables."""
    with closing(sqlite3.connect(path)) as book:
        [(version,)] = book.execute("SELECT version_num FROM alembic_version")
        made = {
            name: " ".join(sql.replace(";", "").split())
            for name, sql in book.execute("SELECT name, sql FROM sqlite_master WHERE sql != ''")
        }
        return made, version


def test_it_is_the_one_that_nbgrader_makes(tmp_path, monkeypatch):
    # nbgrader starts a bare `alembic`
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    Gradebook(f"sqlite:///{tmp_path / 'theirs.db'}").close()
    make_gradebook(tmp_path / "ours.db")
    assert tables(tmp_path / "ours.db") == tables(tmp_path / "theirs.db")


def test_one_that_is_there_stays(tmp_path):
    path = tmp_path / "gradebook.db"
    path.write_bytes(b"of a class")
    make_gradebook(path)
    assert path.read_bytes() == b"of a class"


def test_stopped_in_the_middle_it_leaves_none_and_the_next_is_whole(tmp_path, monkeypatch):
    def stopped():
        raise KeyboardInterrupt

    path = tmp_path / "course" / "gradebook.db"
    with monkeypatch.context() as patch:
        patch.setattr(nbgrader_course, "gradebook_version", stopped)
        with pytest.raises(KeyboardInterrupt):
            make_gradebook(path)
    assert not path.exists()
    make_gradebook(path)
    assert "student" in tables(path)[0]
