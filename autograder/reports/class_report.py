"""The class report: what the instructor reads about everybody's submissions to one lecture."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from autograder.gradebook.finals import EMPTY_BOOK, ClassBook
from autograder.records import (
    ABSENT,
    GRADED,
    REFUSED,
    STATUSES,
    STOPPED,
    UNREADABLE,
    Record,
    Student,
)
from autograder.reports.changes import ScoreChange
from autograder.reports.pages import render, script
from autograder.reports.plots import pass_rates, score_histogram
from autograder.reports.similarity import CAVEAT, SimilarPair
from autograder.reports.text import number
from autograder.reports.words import (
    NOT_HANDED_IN,
    PASSED,
    difficulties,
    lecture_title,
    verdict_mark,
    verdict_words,
)
from autograder.sandbox.tiers import UNCONFINED

MAX_PAIRS = 200  # that the page lists; where more are similar, something else is the matter
READ = (GRADED, STOPPED)  # submissions whose code was tried; statistics are over these


@dataclass
class Outcome:
    """One way in which an exercise came out, and who is in it: (student, what they were told)."""

    mark: str
    words: str
    sentence: str = ""
    mistake: str = ""
    students: list[tuple[Student, str]] = field(default_factory=list)


@dataclass
class ExerciseSummary:
    """How an exercise went in the class: the outcomes that are no passes, most frequent first."""

    name: str
    number: int
    difficulty: str
    points: float
    passed: int
    tried: int
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Mark:
    """One exercise of one student in the class list: verdict's mark and words, points that count.

    by_hand: whether the instructor changed them.
    """

    mark: str
    words: str
    score: float
    by_hand: bool


@dataclass(frozen=True)
class Listed:
    """One student in the class list.

    total: the points that count, None of who handed in nothing. marks: a Mark for each exercise of
    the class, or None. notes: what there is to say. page: the feedback page's relative address.
    """

    student: Student
    total: float | None
    status: str
    marks: list[Mark | None]
    notes: list[str]
    page: str


@dataclass(frozen=True)
class Concern:
    """Submissions that a person should look at, for one reason: (student, sentence)."""

    title: str
    students: list[tuple[Student, str]]


def class_report(
    records: Iterable[Record],
    lecture: str,
    similar_pairs: Sequence[SimilarPair] | None = None,
    changes: Sequence[ScoreChange] = (),
    book: ClassBook = EMPTY_BOOK,
) -> str:
    """Return the report as HTML, one file that needs nothing else.

    similar_pairs: as `autograder.reports.similarity` finds them; None if nobody looked for them.
    changes: what a regrade changed, of all students. book: what the gradebook holds; the scores are
    those that count with it.
    """
    records = list(records)
    read = [record for record in records if record.status in READ]
    scores = [book.of(record.student.id).total(record) for record in read]
    points = max((record.points for record in records), default=0)
    exercises = _exercises(read, lecture)
    names = list(dict.fromkeys(name for record in records for name in record.exercises))
    statuses = Counter(record.status for record in records)
    students = {record.student.id: record.student for record in records}
    code, code_source = script("class_list.js")
    return render(
        "class_report.html.j2",
        script=code,
        script_source=code_source,
        title=lecture_title(lecture),
        lecture=lecture,
        records=records,
        read=read,
        points=points,
        mean=statistics.fmean(scores) if scores else 0,
        median=statistics.median(scores) if scores else 0,
        full=sum(score >= points for score in scores),
        statuses=[(status, statuses[status]) for status in STATUSES if statuses[status]],
        histogram=_histogram(scores, points),
        rates=pass_rates(
            [(e.name, e.difficulty.split(" ")[0], e.passed, e.tried) for e in exercises]
        ),
        exercises=exercises,
        names=names,
        listed=_class_list(records, names, lecture, book),
        absent=len(book.not_handed_in(records)),
        concerns=_concerns(records, book),
        pairs=similar_pairs,
        max_pairs=MAX_PAIRS,
        caveat=CAVEAT,
        changes=changes,
        student=lambda id: students.get(id, Student(id)),
        facts=_facts(records),
        unconfined=[record.student for record in records if record.sandbox == UNCONFINED],
    )


def _class_list(records, names, lecture, book):
    """Return a Listed for everybody, by id; who is only in the gradebook has no marks."""
    listed = [_listed(record, names, lecture, book.of(record.student.id)) for record in records]
    listed += [
        Listed(student, None, NOT_HANDED_IN, [None] * len(names), [], "")
        for student in book.not_handed_in(records)
    ]
    return sorted(listed, key=lambda one: one.student.id)


def _listed(record, names, lecture, entered):
    marks = []
    for name in names:
        exercise = record.exercises.get(name)
        if exercise is None:
            marks.append(None)
            continue
        kind, score = exercise.verdict.kind, entered.score_of(record, name)
        by_hand = score != exercise.score
        marks.append(Mark(verdict_mark(kind), verdict_words(kind), score, by_hand))
    notes = [record.sentence] if record.sentence else []
    if entered.penalty:
        notes.append(f"{number(entered.penalty)} taken off for handing in late.")
    notes += record.notes
    # from reports/LECTURE/ to feedback/STUDENT/LECTURE/
    page = f"../../feedback/{quote(record.student.id)}/{lecture}/{lecture}.html"
    total = entered.total(record)
    return Listed(record.student, total, record.status, marks, notes, page)


def _histogram(scores, points):
    if not scores:
        return ""
    return score_histogram(scores, points, statistics.fmean(scores), statistics.median(scores))


def _exercises(read, lecture):
    """Return an ExerciseSummary for each exercise of the lecture or of a record, in order."""
    known = difficulties(lecture)
    names = dict.fromkeys((*known, *(name for record in read for name in record.exercises)))
    summaries = []
    for position, name in enumerate(names, start=1):
        found = [
            (record.student, record.exercises[name]) for record in read if name in record.exercises
        ]
        if not found:
            continue
        outcomes = _outcomes((student, exercise.verdict) for student, exercise in found)
        passed = len(outcomes.pop(PASSED, Outcome("", "")).students)
        ordered = sorted(outcomes.values(), key=lambda outcome: -len(outcome.students))
        points = max(exercise.points for _, exercise in found)
        summaries.append(
            ExerciseSummary(
                name, position, known.get(name, ""), points, passed, len(found), ordered
            )
        )
    return summaries


def _outcomes(verdicts):
    """Return {key: Outcome}: known mistakes by name, everything else by kind."""
    outcomes = {}
    for student, verdict in verdicts:
        kind = verdict.kind
        key = PASSED if verdict.passed else (kind, verdict.mistake)
        words = "" if verdict.mistake else verdict_words(kind)
        sentence = verdict.sentence if verdict.mistake else ""
        outcome = outcomes.setdefault(
            key, Outcome(verdict_mark(kind), words, sentence, verdict.mistake)
        )
        # who made a known mistake was told its sentence, which stands above the names
        told = "" if verdict.mistake else " ".join((verdict.message, verdict.sentence)).strip()
        told = "" if kind == "missing" else told  # nothing was written, that is all
        outcome.students.append((student, told))
    return outcomes


def _concerns(records, book):
    """Return the Concerns that apply, the gravest first."""
    by_title = defaultdict(list)
    titles = {
        "tampered": "Tampered: what came back is not data",
        UNREADABLE: "Unreadable: not a notebook",
        REFUSED: "Refused: an archive that would write elsewhere or blow up",
        STOPPED: "Stopped: ended before every exercise could be tried",
        ABSENT: "Absent: no notebook of this lecture",
        "several": "Several notebooks: one was graded",
        "late": "Late, says the LMS",
    }
    for record in records:
        tampered = [
            name
            for name, exercise in record.exercises.items()
            if exercise.verdict.kind == "tampered"
        ]
        if tampered:
            by_title["tampered"].append((record.student, "in " + ", ".join(tampered)))
        if record.status in titles:
            by_title[record.status].append((record.student, record.sentence))
        if record.status == GRADED and record.sentence:
            by_title["several"].append((record.student, record.sentence))
        if record.student.late:
            entered = book.of(record.student.id)
            taken = number(entered.penalty) if entered.penalty else "nothing"
            told = f"{number(entered.total(record))} of {record.points:g} points, {taken} taken off"
            by_title["late"].append((record.student, told))
    return [Concern(title, by_title[key]) for key, title in titles.items() if key in by_title]


def _facts(records):
    """Return [(what, {value: number of records})] of what reproduces the grading."""
    seeds, examinations = Counter(), Counter()
    for record in records:
        seeds.update({exercise.seed for exercise in record.exercises.values()})
        examinations.update(
            f"{name} {exercise.examination}" for name, exercise in record.exercises.items()
        )
    return [
        ("sandbox", Counter(record.sandbox or "nothing was run" for record in records)),
        ("environment", Counter(record.environment or "not recorded" for record in records)),
        ("seed of the cases", seeds),
        ("examination", examinations),
    ]
