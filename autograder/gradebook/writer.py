"""The single writer of nbgrader's gradebook: records in, as if `nbgrader autograde` had run.

nbgrader opens its gradebook nine times per submission and looks every cell up by itself. Here the
lecture's cells are read once and submissions are written in batches, each in one short transaction,
so that two thousand of them take seconds and formgrader stays usable meanwhile. What a person
entered (a manual score, extra credit, a comment, an extension, a name) is never written to.
"""

import copy
import json
import os
import re
import sqlite3
import time
from collections import namedtuple
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from alembic.script import ScriptDirectory
from nbformat.notebooknode import from_dict
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import AssignLatePenalties, OverwriteCells
from nbgrader.utils import compute_checksum, parse_utc
from sqlalchemy import (
    Boolean,
    bindparam,
    case,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from autograder.errors import UserError
from autograder.gradebook.finals import read_class_book
from autograder.gradebook.verdict_cell import literal, notice, verdict_output
from autograder.lecture.build import nbgrader_api
from autograder.paths import released_path
from autograder.records import GRADED

BUSY_SECONDS = 30  # how long to wait for another program that is writing
BATCH = 100  # submissions written in one transaction
BATCH_SECONDS = 5  # how long a submission may wait for its batch to fill
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PERMISSIONS = 0o444  # nbgrader's: nobody edits an autograded notebook by accident


class GradebookError(UserError):
    """The gradebook cannot be written; the message says why and what to do."""


class NotRegistered(GradebookError):
    """The gradebook does not know the lecture yet."""


class GradebookWriter:
    """Writes the judged submissions of a lecture; a context manager.

    course_root: nbgrader's course folder, whose gradebook.db knows the lecture.
    lecture: name such as "03_slim".

    `warnings` collects sentences about what was left out and cost nobody points. Submissions are
    written in batches: `flush` and `close` write what is waiting. Raises GradebookError.
    """

    def __init__(self, course_root, lecture):
        self.lecture = lecture
        self.warnings = []
        self.path = Path(course_root) / "gradebook.db"
        if not self.path.exists():
            raise NotRegistered(f"{self.path} is missing. {self._remedy}")
        api = nbgrader_api(Path(course_root).resolve())
        self._folders = api.coursedir
        penalties = AssignLatePenalties(config=api.config)
        penalties.init_plugin()
        self._late_penalty = penalties.plugin_inst.late_submission_penalty
        self._engine = create_engine(
            f"sqlite:///{self.path}",
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        )
        # take the write lock at once: upgrading a reader's lock fails without waiting
        event.listen(self._engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        self._waiting, self._drafts, self._since = {}, [], 0.0
        try:
            with self._session() as session:
                self._release = self._read_release(session, api.config)
        except GradebookError:
            self._engine.dispose()
            raise

    def __enter__(self):
        """Return the writer."""
        return self

    def __exit__(self, *exception):
        """Close, whatever happened: what was handed over is written."""
        self.close()

    @property
    def _remedy(self):
        return f"Run `autograder build {self.lecture}`."

    @property
    def points(self):
        """The points of each exercise as the gradebook has them."""
        return self._release.points

    def write(self, record, notebook):
        """Write a Record and the notebook it was reached on (nbformat node; None if unread)."""
        student = record.student
        if student.id in self._waiting:
            self.flush()
        self._check(record)
        cells = self._release.cells_of(record, notebook)
        folder = self._folder(self._folders.autograded_directory, student.id)
        moment, stamp = self._timestamp(student.id)
        self._since = self._since if self._waiting else time.monotonic()
        try:
            changed = self._stage(
                folder / f"{self.lecture}.ipynb", self._release.file_of(record, cells)
            )
            self._stage(folder / "timestamp.txt", stamp)
        except OSError as error:
            raise GradebookError(f"{error.filename}: {error.strerror}.") from None
        scores = {name: e.score for name, e in record.exercises.items()}
        self._waiting[student.id] = _Submission(
            student, moment, scores, self._release.comments_on(cells, notebook), changed
        )
        if len(self._waiting) >= BATCH or time.monotonic() - self._since > BATCH_SECONDS:
            self.flush()

    def flush(self):
        """Write the submissions that are waiting, in one transaction."""
        waiting, drafts = list(self._waiting.values()), self._drafts
        self._waiting, self._drafts = {}, []
        if not waiting:
            return
        try:
            with self._session() as session:
                self._write(session, waiting)
            # files follow the gradebook: after a crash between, the old file shows that the
            # submission changed, and it is marked for review once too often, not too seldom
            for draft, path in drafts:
                os.replace(draft, path)
                path.chmod(PERMISSIONS)
        except OSError as error:
            raise GradebookError(f"{error.filename}: {error.strerror}.") from None
        finally:
            for draft, _ in drafts:
                draft.unlink(missing_ok=True)

    def class_book(self):
        """Return the ClassBook: what people entered, and who is in the class."""
        release = self._release
        exercises = {cell: name for name, cell in release.grade_cells.items()}
        comment_cells = {cell: name for name, cell in release.comment_cells.items()}
        with self._session() as session:
            return read_class_book(session, release.notebook_id, exercises, comment_cells)

    def close(self):
        """Write what is waiting and let go of the gradebook."""
        try:
            self.flush()
        finally:
            self._engine.dispose()

    @contextmanager
    def _session(self):
        """A transaction; what the instructor can do something about becomes a GradebookError."""
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except DatabaseError as error:
            reason = str(error.orig)
            if "locked" in reason:
                message = (
                    f"{self.path} is in use by another program for more than {BUSY_SECONDS} "
                    "seconds. Stop what else is grading or editing it and run this again."
                )
            elif "not a database" in reason:
                message = f"{self.path} is not a gradebook. Move it away. {self._remedy}"
            else:
                message = f"{self.path} cannot be written: {reason}."
            raise GradebookError(f"{message} What was written before stays.") from None

    def _read_release(self, session, config):
        version = None
        if inspect(session.connection()).has_table("alembic_version"):
            version = session.scalar(text("SELECT version_num FROM alembic_version"))
        if version != ScriptDirectory(ALEMBIC_DIR).get_current_head():
            raise GradebookError(
                f"{self.path} is of another version of nbgrader. Make a copy of it, then run "
                f'`nbgrader db upgrade --CourseDirectory.root="{self.path.parent}"`.'
            )
        notebook = session.scalar(
            select(Notebook)
            .join(Assignment)
            .where(Notebook.name == self.lecture, Assignment.name == self.lecture)
        )
        if notebook is None:
            raise NotRegistered(f"{self.path} does not know {self.lecture}. {self._remedy}")
        handed_out = released_path(self.lecture)
        if not handed_out.exists():
            raise GradebookError(f"{handed_out} is missing. {self._remedy}")
        cells = nbformat.read(handed_out, as_version=4).cells
        texts = {cell.source for cell in cells if cell.cell_type == "markdown"}
        return _Release(notebook, self.lecture, texts, config)

    def _check(self, record):
        """Refuse a record that was reached on other exercises than the gradebook has."""
        points = {name: exercise.points for name, exercise in record.exercises.items()}
        if points != self._release.points:
            raise GradebookError(
                f"The exercises or points of {self.lecture} have changed since {record.student.id} "
                f"was judged. {self._remedy} Then judge the submissions again."
            )

    def _folder(self, step, student_id):
        return Path(self._folders.format_path(step, student_id, self.lecture))

    def _timestamp(self, student_id):
        """Return when the submission was handed in (UTC) and the bytes that say so, or Nones."""
        path = self._folder(self._folders.submitted_directory, student_id) / "timestamp.txt"
        if not path.is_file():
            return None, None
        with path.open("rb") as file:
            stamp = file.read(100)
        try:
            return parse_utc(stamp.decode().strip()), stamp
        except Exception:  # dateutil fails in many ways on what is no date
            self.warnings.append(
                f"{path} holds no date and was ignored: no late penalty for {student_id}, and "
                "formgrader stumbles over it. Correct or delete it and grade this student again."
            )
            return None, None

    def _stage(self, path, content):
        """Prepare a file for the end of the batch (None: no file); return if it will change."""
        old = path.read_bytes() if path.exists() else None
        if content == old:
            return False
        if content is None:
            path.unlink()
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        draft.write_bytes(content)
        self._drafts.append((draft, path))
        return True

    def _write(self, session, waiting):
        submissions = self._register(session, waiting)
        grades, comments = [], []
        for submission in waiting:
            notebook_id, _ = submissions[submission.student.id]
            grades += [
                {
                    "notebook_id": notebook_id,
                    "cell_id": self._release.grade_cells[name],
                    "auto_score": score,
                    "needs_manual_grade": False,
                    "changed": submission.changed,
                }
                for name, score in submission.scores.items()
            ]
            comments += [
                {"notebook_id": notebook_id, "cell_id": cell_id, "auto_comment": comment}
                for cell_id, comment in submission.comments.items()
            ]
        session.execute(_GRADES, grades)
        session.execute(_COMMENTS, comments)
        session.execute(_PENALTIES, list(self._penalties(session, submissions)))

    def _register(self, session, waiting):
        """Add what is missing; return {student id: (id of the notebook, seconds late)}."""
        assignment_id, notebook_id = self._release.assignment_id, self._release.notebook_id
        students = [submission.student.id for submission in waiting]
        session.execute(_STUDENTS, [_student_row(submission.student) for submission in waiting])
        session.execute(
            _SUBMISSIONS,
            [
                {"assignment_id": assignment_id, "student_id": s.student.id, "timestamp": s.moment}
                for s in waiting
            ],
        )
        of_class = (_SUBMITTED.assignment_id == assignment_id, _SUBMITTED.student_id.in_(students))
        ids = session.scalars(select(_SUBMITTED.id).where(*of_class)).all()
        session.execute(_NOTEBOOKS, [{"assignment_id": i, "notebook_id": notebook_id} for i in ids])
        rows = session.execute(
            select(_SUBMITTED.student_id, _SUBMITTED.timestamp, _SUBMITTED.extension, _NOTEBOOK.id)
            .join(SubmittedNotebook.__table__, _NOTEBOOK.assignment_id == _SUBMITTED.id)
            .where(*of_class, _NOTEBOOK.notebook_id == notebook_id)
        )
        duedate = session.scalar(select(Assignment.duedate).where(Assignment.id == assignment_id))
        return {row.student_id: (row.id, _seconds_late(row, duedate)) for row in rows}

    def _penalties(self, session, submissions):
        """Yield the penalty of each notebook as nbgrader's AssignLatePenalties has it."""
        late = [notebook_id for notebook_id, seconds in submissions.values() if seconds > 0]
        scores = dict(
            session.execute(
                select(Grade.notebook_id, func.sum(Grade.score))
                .where(
                    Grade.notebook_id.in_(late),
                    Grade.cell_id.in_(self._release.grade_cells.values()),  # uses the index
                )
                .group_by(Grade.notebook_id)
            ).all()
        )
        for student_id, (notebook_id, seconds) in submissions.items():
            penalty = None
            if seconds > 0:
                score = scores[notebook_id]
                penalty = self._late_penalty(student_id, score, seconds)
                if penalty is not None:
                    penalty = max(0, min(penalty, score))
            yield {"notebook": notebook_id, "penalty": penalty}


@dataclass(frozen=True)
class _Submission:
    """What is waiting to be written.

    moment: when it was handed in, or None; scores: by exercise; comments: by cell id;
    changed: whether the autograded notebook differs from the one a person may have graded.
    """

    student: object
    moment: datetime | None
    scores: dict
    comments: dict
    changed: bool


_Released = namedtuple("_Released", "cell_type source metadata locked added")


class _Release:
    """The lecture's cells as the gradebook holds them; restores submissions to them.

    nbgrader's DeduplicateIds, OverwriteKernelspec and OverwriteCells in one pass and without a
    query, but for one difference: where they stop on a copied cell, forged metadata or a check
    deleted together with the cell before it, these are repaired.

    notebook: nbgrader's Notebook; texts: sources of the lecture's own markdown cells.
    """

    def __init__(self, notebook, lecture, texts, config):
        self.lecture, self.texts = lecture, texts
        self.assignment_id, self.notebook_id = notebook.assignment_id, notebook.id
        self.kernelspec = json.loads(notebook.kernelspec or "{}")
        checks = {cell.name: cell for cell in notebook.grade_cells + notebook.task_cells}
        self.comment_cells = {cell.name: cell.id for cell in notebook.solution_cells}
        self.grade_cells = {_exercise(name): cell.id for name, cell in checks.items()}
        self.points = {_exercise(name): cell.max_score for name, cell in checks.items()}
        overwrite = OverwriteCells(config=config)
        self.cells = {}  # in the lecture's order
        for cell in notebook.source_cells:
            check = checks.get(cell.name)
            added = overwrite.missing_cell_transform(cell, check.max_score) if check else None
            self.cells[cell.name] = _Released(
                cell.cell_type, cell.source, self._metadata(cell, check), cell.locked, added
            )

    def _metadata(self, cell, check):
        nbgrader = {
            "schema_version": 3,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": check is not None,
            "grade_id": cell.name,
            "locked": cell.locked,
            "solution": cell.name in self.comment_cells,
            "task": False,
        }
        if check:
            nbgrader["points"] = check.max_score
        metadata = {"deletable": False, "nbgrader": nbgrader}
        return {**metadata, "editable": False} if cell.locked else metadata

    def cells_of(self, record, notebook):
        """Return the cells of the autograded notebook, each check with its verdict."""
        if notebook is None:
            cells = [self._restored(name, released.source) for name, released in self.cells.items()]
        else:
            cells = self._repaired(notebook)
        for cell in cells:
            exercise = record.exercises.get(_exercise(_grade_id(cell)))
            if exercise and cell.metadata.nbgrader.grade:
                cell.outputs = [
                    verdict_output(exercise.verdict, exercise.score, exercise.points, exercise.seed)
                ]
        if record.status != GRADED:
            sentence = record.sentence or f"This submission is {record.status}."
            cells.insert(0, _cell("markdown", notice(sentence), {}))
        return _with_ids(cells)

    def comments_on(self, cells, notebook):
        """Return nbgrader's automatic comment on every solution cell, by the id it has there."""
        comments = dict.fromkeys(self.comment_cells.values())
        for cell in cells:
            name = _grade_id(cell)
            if notebook is not None and name in self.comment_cells:
                unchanged = cell.metadata.nbgrader.checksum == compute_checksum(cell)
                comments[self.comment_cells[name]] = "No response." if unchanged else None
        return comments

    def file_of(self, record, cells):
        """Return the bytes of the autograded notebook.

        They are not validated, which takes longer than all the rest: nothing but text, ids that
        were checked and our own metadata is in them, and the tests validate.
        """
        notebook = {
            "cells": cells,
            "metadata": {
                "kernelspec": self.kernelspec,
                "language_info": {"name": "python"},
                "embedlab": {"lecture": self.lecture, "submission": record.submission},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        text = json.dumps(notebook, ensure_ascii=False, sort_keys=True)  # indenting is slow
        return (text + "\n").encode("utf-8", "replace")

    def _repaired(self, notebook):
        """Return the submitted cells, what is nbgrader's restored and deleted checks added."""
        kept = {}
        for position, cell in enumerate(notebook.cells):
            name = _grade_id(cell)
            # of copies the last stays, which is the one that counted when they ran, but for a
            # copy that was turned into another type of cell
            if name in self.cells and (
                name not in kept or cell.cell_type == self.cells[name].cell_type
            ):
                kept[name] = position
        positions = {position: name for name, position in kept.items()}
        cells = [
            self._restored(positions[position], cell.source)
            if position in positions
            else self._shown(cell)
            for position, cell in enumerate(notebook.cells)
        ]
        for cell, submitted in zip(cells, notebook.cells, strict=True):
            cell["id"] = submitted.get("id")
        self._add_missing(cells)
        return cells

    def _restored(self, name, source):
        released = self.cells[name]
        source = released.source if released.locked else source
        return _cell(released.cell_type, source, copy.deepcopy(released.metadata))

    def _shown(self, cell):
        """Return a cell that is not nbgrader's: code and the lecture's text as they are.

        Other text is shown literally. Rendered, a script in it would run in the instructor's
        formgrader with an instructor's rights, and an odd link would stop the feedback.
        """
        if cell.cell_type == "code" or cell.source in self.texts:
            return _cell(cell.cell_type, cell.source, {})
        return _cell("markdown", literal(cell.source), {})

    def _add_missing(self, cells):
        """Insert each deleted check after the lecture's cell before it, as nbgrader does."""
        positions = {_grade_id(cell): position for position, cell in enumerate(cells)}
        added, place = [], 0
        for name, released in self.cells.items():
            if name in positions:
                place = positions[name] + 1
            elif released.added:
                added.append((place, copy.deepcopy(released.added)))
        # from the end, so that places stay right; of one place, the last first
        for place, cell in reversed(sorted(added, key=lambda pair: pair[0])):
            cells.insert(place, cell)


def _exercise(grade_id):
    """Return the name of the exercise that a check cell belongs to."""
    return grade_id.removeprefix("check_")


def _grade_id(cell):
    """Return the cell's name in nbgrader, or "": students may have put anything there."""
    nbgrader = cell.metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else ""
    return name if isinstance(name, str) else ""


def _cell(cell_type, source, metadata):
    cell = {"cell_type": cell_type, "source": _unicode(source), "metadata": metadata}
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    return from_dict(cell)


def _unicode(words):
    """Replace halves of surrogate pairs, on which checksums, feedback and the database stop."""
    return words.encode("utf-8", "replace").decode()


def _with_ids(cells):
    """Give every cell an id, its own if that is valid and not taken; the same ids every time."""
    taken = set()
    for number, cell in enumerate(cells):
        wanted = cell.get("id") or _grade_id(cell)
        valid = isinstance(wanted, str) and CELL_ID.fullmatch(wanted) and wanted not in taken
        cell["id"] = wanted if valid else f"cell-{number}"
        while cell["id"] in taken:
            cell["id"] += "-"
        taken.add(cell["id"])
    return cells


def _student_row(student):
    """Return the student as nbgrader has it, with the LMS's name taken apart.

    Who is known by an id only has it for a last name, or formgrader would show "None, None".
    """
    name = " ".join(_unicode(student.name or student.id).split())
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    # nbgrader writes names into its csv as they are: a comma would shift the columns, and a
    # spreadsheet would run what starts like a formula
    first, last = (
        " ".join(part.replace(",", " ").split()).lstrip("=+-@ ") or None for part in (first, last)
    )
    lms_user_id = student.lms_id or None
    return {"id": student.id, "first_name": first, "last_name": last, "lms_user_id": lms_user_id}


def _seconds_late(submission, duedate):
    """Return nbgrader's total_seconds_late; an extension counts."""
    if submission.timestamp is None or duedate is None:
        return 0
    due = duedate + (submission.extension or timedelta(0))
    return max(0, (submission.timestamp - due).total_seconds())


# Statements that add a row or bring it up to date, and never touch what a person entered.


def _upsert(model, keys, changes):
    statement = insert(model.__table__)
    return statement.on_conflict_do_update(
        index_elements=keys, set_=changes(model.__table__.c, statement.excluded)
    )


_SUBMITTED = SubmittedAssignment.__table__.c
_NOTEBOOK = SubmittedNotebook.__table__.c
_STUDENTS = _upsert(
    Student,
    ["id"],
    lambda old, new: {
        "first_name": func.coalesce(old.first_name, new.first_name),
        # an id that stands for a name makes way for a name
        "last_name": func.coalesce(func.nullif(old.last_name, old.id), new.last_name),
        "lms_user_id": func.coalesce(old.lms_user_id, new.lms_user_id),
    },
)
_SUBMISSIONS = _upsert(
    SubmittedAssignment,
    ["assignment_id", "student_id"],
    lambda old, new: {"timestamp": func.coalesce(new.timestamp, old.timestamp)},
)
_NOTEBOOKS = insert(SubmittedNotebook.__table__).on_conflict_do_nothing()
_GRADES = _upsert(
    Grade,
    ["cell_id", "notebook_id"],
    lambda old, new: {
        "auto_score": new.auto_score,
        # nbgrader asks for a review of every manual score; here only if something is new
        "needs_manual_grade": case(
            (old.manual_score.is_(None), False),
            (bindparam("changed", type_=Boolean), True),
            (old.auto_score.is_distinct_from(new.auto_score), True),
            else_=old.needs_manual_grade,
        ),
    },
)
_COMMENTS = _upsert(
    Comment, ["cell_id", "notebook_id"], lambda old, new: {"auto_comment": new.auto_comment}
)
_PENALTIES = (
    update(SubmittedNotebook.__table__)
    .where(_NOTEBOOK.id == bindparam("notebook"))
    .values(late_submission_penalty=bindparam("penalty"))
)


def discard_unfinished(course_root):
    """Remove a gradebook whose making was interrupted: without a version, and nothing in it."""
    path = Path(course_root) / "gradebook.db"
    if not path.exists():
        return
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            for table in tables & {"alembic_version", "assignment", "student"}:
                if db.execute(f"SELECT 1 FROM {table}").fetchone():
                    return
    except sqlite3.Error:
        return  # GradebookWriter says what is wrong with it
    path.unlink()
