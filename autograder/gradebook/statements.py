"""The writer's SQL: statements that add a row or bring it up to date.

None touches what a person entered. SUBMITTED and NOTEBOOK are the columns of two tables.
"""

from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Boolean, bindparam, case, func, update
from sqlalchemy.dialects.sqlite import insert


def _upsert(model, keys, changes):
    statement = insert(model.__table__)
    return statement.on_conflict_do_update(
        index_elements=keys, set_=changes(model.__table__.c, statement.excluded)
    )


SUBMITTED = SubmittedAssignment.__table__.c
NOTEBOOK = SubmittedNotebook.__table__.c
STUDENTS = _upsert(
    Student,
    ["id"],
    lambda old, new: {
        "first_name": func.coalesce(old.first_name, new.first_name),
        # an id that stands for a name makes way for a name
        "last_name": func.coalesce(func.nullif(old.last_name, old.id), new.last_name),
        "lms_user_id": func.coalesce(old.lms_user_id, new.lms_user_id),
    },
)
SUBMISSIONS = _upsert(
    SubmittedAssignment,
    ["assignment_id", "student_id"],
    lambda old, new: {"timestamp": func.coalesce(new.timestamp, old.timestamp)},
)
NOTEBOOKS = insert(SubmittedNotebook.__table__).on_conflict_do_nothing()
GRADES = _upsert(
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
COMMENTS = _upsert(
    Comment, ["cell_id", "notebook_id"], lambda old, new: {"auto_comment": new.auto_comment}
)
PENALTIES = (
    update(SubmittedNotebook.__table__)
    .where(NOTEBOOK.id == bindparam("notebook"))
    .values(late_submission_penalty=bindparam("penalty"))
)
