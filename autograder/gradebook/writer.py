"""The single writer of nbgrader's gradebook: records in, as if `nbgrader autograde` had run.

nbgrader opens its gradebook nine times per submission and looks every cell up by itself. Here the
lecture's cells are read once and submissions are written in batches, each in one short transaction,
so that two thousand of them take seconds and formgrader stays usable meanwhile. What a person
entered (a manual score, extra credit, a comment, an extension, a name) is never written to.
"""

import os
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from nbgrader.api import Assignment, Grade, Notebook, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import create_engine, event, func, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from autograder.errors import UserError
from autograder.gradebook.finals import read_class_book
from autograder.gradebook.release import Release, encodable
from autograder.gradebook.statements import (
    COMMENTS,
    GRADES,
    NOTEBOOK,
    NOTEBOOKS,
    PENALTIES,
    STUDENTS,
    SUBMISSIONS,
    SUBMITTED,
)
from autograder.intake import STAMP_BYTES, utc_moment
from autograder.lecture.nbgrader_course import gradebook_version, nbgrader_api
from autograder.paths import released_path
from autograder.records import Record
from embedlab.files import draft

BUSY_SECONDS = 30  # how long to wait for another program that is writing
BATCH = 25  # submissions written in one transaction
BATCH_SECONDS = 5  # how long a submission may wait for its batch to fill
PERMISSIONS = 0o444  # nbgrader's: nobody edits an autograded notebook by accident


class GradebookError(UserError):
    """The gradebook cannot be written; the message says why and what to do."""


class NotRegistered(GradebookError):
    """The gradebook does not know the lecture yet."""


class GradebookWriter:
    """Writes the judged submissions of a lecture; a context manager.

    course_root: nbgrader's course folder, whose gradebook.db knows the lecture.
    lecture: name such as "03_slim".
    on_written: called with each Record once the gradebook and its files have what it says.

    `warnings` collects sentences about what was left out and cost nobody points. Submissions are
    written in batches: `flush` and `close` write what is waiting. Raises GradebookError.
    """

    def __init__(self, course_root, lecture, on_written=lambda record: None):
        self.lecture, self._on_written = lecture, on_written
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
        self._waiting[student.id] = _Submission(
            record, moment, self._release.comments_on(cells, notebook), changed
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
            for written, path in drafts:
                os.replace(written, path)
                path.chmod(PERMISSIONS)
        except OSError as error:
            raise GradebookError(f"{error.filename}: {error.strerror}.") from None
        finally:
            for written, _ in drafts:
                written.unlink(missing_ok=True)
        for submission in waiting:
            self._on_written(submission.record)

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
        if version != gradebook_version():
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
        return Release(notebook, self.lecture, texts, config)

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
            stamp = file.read(STAMP_BYTES)
        if moment := utc_moment(stamp):
            return moment, stamp
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
        self._drafts.append((draft(path, content), path))
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
                    "auto_score": exercise.score,
                    "needs_manual_grade": False,
                    "changed": submission.changed,
                }
                for name, exercise in submission.record.exercises.items()
            ]
            comments += [
                {"notebook_id": notebook_id, "cell_id": cell_id, "auto_comment": comment}
                for cell_id, comment in submission.comments.items()
            ]
        session.execute(GRADES, grades)
        session.execute(COMMENTS, comments)
        session.execute(PENALTIES, list(self._penalties(session, submissions)))

    def _register(self, session, waiting):
        """Add what is missing; return {student id: (id of the notebook, seconds late)}."""
        assignment_id, notebook_id = self._release.assignment_id, self._release.notebook_id
        students = [submission.student.id for submission in waiting]
        session.execute(STUDENTS, [_student_row(submission.student) for submission in waiting])
        session.execute(
            SUBMISSIONS,
            [
                {"assignment_id": assignment_id, "student_id": s.student.id, "timestamp": s.moment}
                for s in waiting
            ],
        )
        of_class = (SUBMITTED.assignment_id == assignment_id, SUBMITTED.student_id.in_(students))
        ids = session.scalars(select(SUBMITTED.id).where(*of_class)).all()
        session.execute(NOTEBOOKS, [{"assignment_id": i, "notebook_id": notebook_id} for i in ids])
        rows = session.execute(
            select(SUBMITTED.student_id, SUBMITTED.timestamp, SUBMITTED.extension, NOTEBOOK.id)
            .join(SubmittedNotebook.__table__, NOTEBOOK.assignment_id == SUBMITTED.id)
            .where(*of_class, NOTEBOOK.notebook_id == notebook_id)
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

    moment: when it was handed in, or None; comments: by cell id;
    changed: whether the autograded notebook differs from the one a person may have graded.
    """

    record: Record
    moment: datetime | None
    comments: dict
    changed: bool

    @property
    def student(self):
        """Who handed in."""
        return self.record.student


def _student_row(student):
    """Return the student as nbgrader has it, with the LMS's name taken apart.

    Who is known by an id only has it for a last name, or formgrader would show "None, None".
    """
    name = " ".join(encodable(student.name or student.id).split())
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


def discard_unfinished(course_root):
    """Remove a gradebook that nbgrader did not finish making: no version, and nothing in it."""
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
