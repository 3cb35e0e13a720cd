"""The feedback page: what one student reads about one submission."""

from dataclasses import dataclass

from autograder.definitions import binds
from autograder.gradebook.finals import UNTOUCHED, Entered
from autograder.records import GRADED, STOPPED, ExerciseRecord, Record
from autograder.reports.pages import render
from autograder.reports.words import lecture_title
from autograder.sandbox.tiers import UNCONFINED

HEAD_BYTES = 1_000  # of a page, in which its stamp is


@dataclass(frozen=True)
class ExerciseFeedback:
    """What the page shows of one exercise.

    code: the student's own cell, "" if there is none; definitions: how many cells define the name.
    score: the points that count; by_hand: whether that is another score than the judge's; extra,
    comment: extra credit and words that the instructor gave.
    """

    number: int
    name: str
    record: ExerciseRecord
    code: str
    definitions: int
    score: float
    by_hand: bool
    extra: float
    comment: str


def feedback_page(record: Record, lecture: str, notebook, entered: Entered = UNTOUCHED) -> str:
    """Return the page as HTML, one file that needs nothing else.

    lecture: a name such as "03_slim". notebook: the submission as nbformat reads it, or None.
    entered: what the instructor entered in the gradebook.
    """
    sources = _code_sources(notebook)
    exercises = []
    for position, (name, exercise) in enumerate(record.exercises.items(), start=1):
        code, definitions = _own_code(sources, name)
        if exercise.verdict.kind == "missing" and "NotImplementedError" in code:
            code = ""  # the cell as it was handed out
        score, extra = entered.score_of(record, name), entered.extra.get(name, 0)
        comment = entered.comments.get(name, "")
        final = (score, score != exercise.score, extra, comment)
        exercises.append(ExerciseFeedback(position, name, exercise, code, definitions, *final))
    tried = record.status in (GRADED, STOPPED)
    other_comments = entered.comments.keys() - record.exercises.keys()
    return render(
        "feedback.html.j2",
        record=record,
        title=lecture_title(lecture),
        lecture=lecture,
        stamp=_stamp(record, entered),
        total=entered.total(record),
        penalty=entered.penalty,
        exercises=exercises,
        # of what could not be read, what the instructor said of it
        shown=[one for one in exercises if tried or one.by_hand or one.comment],
        comments=[entered.comments[name] for name in sorted(other_comments)],
        tried=tried,
        passed=sum(exercise.verdict.passed for exercise in record.exercises.values()),
        unconfined=record.sandbox == UNCONFINED,
    )


def shows(path, record: Record, entered: Entered) -> bool:
    """Whether the page at this path is there and was made of these two."""
    try:
        with path.open("rb") as page:
            return _stamp(record, entered).encode() in page.read(HEAD_BYTES)
    except OSError:
        return False


def _stamp(record, entered):
    return f"judged {record.digest}, entered {entered.digest}"


def _code_sources(notebook):
    """Return [(grade_id, source)] of the code cells, in order."""
    if notebook is None:
        return []
    return [
        (cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""), cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


def _own_code(sources, name):
    """Return the cell whose definition counts (the last one) and how many cells define the name."""
    defining = [source for _, source in sources if binds(source, name)]
    if defining:
        return defining[-1], len(defining)
    return next((source for grade_id, source in sources if grade_id == name), ""), 0
