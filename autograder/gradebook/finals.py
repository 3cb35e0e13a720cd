"""What a person left in the gradebook, and the scores that count with it.

The records keep the judge's verdicts, so that a replay stays exact. What is handed out (pages and
spreadsheets) has the gradebook's scores.
"""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace

from nbgrader.api import Comment, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Student as Enrolled
from sqlalchemy import func, or_, select

from autograder.notebooks import digest
from autograder.records import Student


@dataclass(frozen=True)
class Entered:
    """What the gradebook holds of one submission beside the judge's scores.

    manual, extra: {exercise: points}; comments: {cell: text}; a cell with an exercise's function
    has the exercise's name. penalty: points taken off for lateness.

    The rule for the score that counts is nbgrader's own, as in Formgrader and `nbgrader export`: an
    exercise earns the manual score if there is one, else the judge's, plus extra credit; the total
    is their sum minus the late penalty, and not below 0.
    """

    manual: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0

    def score_of(self, record, name):
        """Return the points that count for an exercise of the Record."""
        return self.manual.get(name, record.exercises[name].score) + self.extra.get(name, 0)

    def total(self, record):
        """Return the points that count for the submission."""
        return max(0, sum(self.score_of(record, name) for name in record.exercises) - self.penalty)

    def changed(self, record):
        """Return the exercises whose score is another one than the judge's."""
        return [
            name
            for name, exercise in record.exercises.items()
            if self.score_of(record, name) != exercise.score
        ]

    @property
    def digest(self):
        """Hex digits that change with what was entered."""
        return digest(json.dumps(asdict(self), sort_keys=True).encode())


UNTOUCHED = Entered()


@dataclass(frozen=True)
class ClassBook:
    """What the gradebook knows of a class: entered by student id, and everybody's name by id."""

    entered: dict[str, Entered] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def of(self, student_id):
        """Return what was Entered for a student."""
        return self.entered.get(student_id, UNTOUCHED)

    def named(self, record):
        """Return the Record, with the name from the gradebook if it has none."""
        student = record.student
        name = self.names.get(student.id)
        if not name or student.name not in ("", student.id):
            return record
        return replace(record, student=replace(student, name=name))

    def not_handed_in(self, records):
        """Return the Students whom the gradebook has and no Record is of, by id."""
        handed_in = {record.student.id for record in records}
        return [Student(id, name) for id, name in sorted(self.names.items()) if id not in handed_in]


EMPTY_BOOK = ClassBook()


def read_class_book(session, notebook_id, exercises, comment_cells):
    """Return the ClassBook of a lecture.

    session: of SQLAlchemy, in the gradebook. notebook_id: the lecture's notebook. exercises,
    comment_cells: {id of a cell: its name} of the cells with grades and with comments.
    """
    found = defaultdict(Entered)
    owner = SubmittedAssignment.student_id

    def rows(*columns, of=None):
        query = select(owner, *columns).select_from(SubmittedNotebook).join(SubmittedAssignment)
        query = query.join(of, of.notebook_id == SubmittedNotebook.id) if of else query
        return query.where(SubmittedNotebook.notebook_id == notebook_id)

    graded = or_(Grade.manual_score.is_not(None), func.coalesce(Grade.extra_credit, 0) != 0)
    columns = (Grade.cell_id, Grade.manual_score, Grade.extra_credit)
    for student, cell, manual, extra in session.execute(rows(*columns, of=Grade).where(graded)):
        if cell in exercises and manual is not None:
            found[student].manual[exercises[cell]] = manual
        if cell in exercises and extra:
            found[student].extra[exercises[cell]] = extra
    commented = rows(Comment.cell_id, Comment.manual_comment, of=Comment)
    commented = commented.where(Comment.manual_comment.is_not(None))
    for student, cell, comment in session.execute(commented):
        if cell in comment_cells and comment.strip():
            found[student].comments[comment_cells[cell]] = comment
    penalty = SubmittedNotebook.late_submission_penalty
    late = dict(session.execute(rows(penalty).where(penalty > 0)).all())
    entered = {
        student: Entered(one.manual, one.extra, one.comments, late.get(student, 0.0))
        for student in {*found, *late}
        for one in [found[student]]
    }
    people = session.execute(select(Enrolled.id, Enrolled.first_name, Enrolled.last_name))
    names = {id: " ".join(filter(None, (first, last))) for id, first, last in people}
    return ClassBook(entered, names)
