"""Copy what was handed in into the course folder, where nbgrader and the judge look for it.

A notebook that another one of the same student replaces is kept in `replaced/`, and so is one that
was handed in beside the one that is graded. A hand-in that is known to be older than the one that
was graded is not taken.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from autograder.intake import (
    Unusable,
    canvas_order,
    numbered_id,
    read_submissions,
    utc_text,
)
from autograder.intake.entries import some_of
from autograder.notebooks import digest
from autograder.records import GRADED, Record, RecordError, Records, Student
from embedlab.files import write_whole

NAMES_SHOWN = 10  # students that a sentence lists


@dataclass(frozen=True)
class Collected:
    """A submission whose notebook lies in the course folder, not in memory."""

    record: Record  # without verdicts; its status is "" if there is a notebook to read
    path: Path


def collect(path, lectures, course_root):
    """Copy what was handed in into the course folder; return ({lecture: [Collected]}, sentences).

    The sentences tell the instructor which hand-ins replaced earlier ones, were older, held several
    notebooks or belong to no lecture. Raises IntakeError.
    """
    collector = _Collector(Path(course_root), lectures)
    for submission in read_submissions(path, lectures):
        collector.take(submission)
    return collector.found, [*collector.told(), *collector.strays]


def submitted_path(course_root, student_id, lecture):
    """Return where nbgrader expects a submission."""
    return Path(course_root) / "submitted" / student_id / lecture / f"{lecture}.ipynb"


def submitted_at(notebook_path):
    """Return when the notebook in submitted/ was handed in: ISO text in UTC, "" if unknown."""
    try:
        return utc_text(notebook_path.with_name("timestamp.txt").read_bytes())
    except OSError:
        return ""


@dataclass
class _Collector:
    course_root: Path
    lectures: list
    strays: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.found = {lecture: [] for lecture in self.lectures}
        # by lecture: what to say of whom
        self.replaced, self.older, self.several = (defaultdict(list) for _ in range(3))
        self._numbered = cache(self._read_numbered)

    def take(self, submission):
        """Copy one submission's notebook, or leave the newer one that is there."""
        lecture = submission.lecture
        if lecture is None:
            self.strays.append(f"Left out: {submission.origin}: {submission.sentence}")
            return
        student = self._known_student(submission.student, lecture)
        before = self._before(student.id, lecture)
        place = submitted_path(self.course_root, student.id, lecture)
        content = submission.notebook
        record = Record(
            _as_known(student, before),
            lecture,
            submission.status,
            submission.sentence,
            submission.notes,
            digest(content) if content is not None else "",
            submission.origin,
            timestamp=submission.timestamp,
            intake_notes=submission.notes,
        )
        old = place.read_bytes() if place.is_file() else None
        differs = before is not None and old not in (None, content)
        if differs and _is_older(submission, before, submitted_at(place)):
            self.older[lecture].append(student.id)
            record = _again(before, digest(old))
        elif content is not None:
            if old == content:
                record = _once_more(record, before, student.lms)
            self._keep(record, place, content, old)
            self._keep_others(submission, student.id, place)
        self.found[lecture].append(Collected(record, place))

    def told(self):
        """Yield the sentences for the instructor."""
        kept = self.course_root / "replaced"
        for lecture in self.lectures:
            if names := self.several[lecture]:
                who = "1 student" if len(names) == 1 else f"{len(names)} students"
                yield (
                    f"{who} handed in more than one notebook of {lecture}; graded was: "
                    f"{some_of(names, NAMES_SHOWN)}. See the class report; the others are in "
                    f"{kept / 'STUDENT' / lecture}."
                )
            if names := self.replaced[lecture]:
                what = "1 hand-in" if len(names) == 1 else f"{len(names)} hand-ins"
                who = some_of(names, NAMES_SHOWN)
                yield f"{what} of {lecture} replaced earlier ones, kept in {kept}: {who}."
            if names := self.older[lecture]:
                what = "1 hand-in" if len(names) == 1 else f"{len(names)} hand-ins"
                place = submitted_path(self.course_root, "STUDENT", lecture).parent
                who = some_of(names, NAMES_SHOWN)
                yield (
                    f"{what} of {lecture} not taken, because the graded one is newer: "
                    f"{who}. To grade the older one all the same, remove {place} and grade again."
                )

    def _known_student(self, student, lecture):
        """Return the student under the id of an earlier hand-in to this lecture.

        Moodle's number tells namesakes apart, whoever else is in the download.
        """
        if student.lms != "moodle" or not student.lms_id:
            return student
        by_number, by_id = self._numbered(lecture)
        known = by_number.get(student.lms_id)
        if known is None and by_id.get(student.id.casefold(), student.lms_id) != student.lms_id:
            known = numbered_id(student.name, student.lms_id)
        return replace(student, id=known) if known else student

    def _read_numbered(self, lecture):
        """Return ({Moodle's number: id}, {id in lower case: number}) of a lecture's records."""
        by_number, by_id = {}, {}
        for path in sorted(Records(self.course_root, lecture).folder.glob("*.json")):
            record = self._before(path.stem, lecture)
            if record and record.student.lms == "moodle":
                by_number.setdefault(record.student.lms_id, record.student.id)
                by_id[record.student.id.casefold()] = record.student.lms_id
        return by_number, by_id

    def _before(self, student_id, lecture):
        try:
            return Records(self.course_root, lecture).read(student_id)
        except RecordError:  # said, and judged anew, by the run
            return None

    def _keep(self, record, place, content, old):
        """Put the notebook in its place, and what nbgrader is to know of when it was handed in."""
        if old != content:
            if old is not None:
                self._put_aside(place, old)
                self.replaced[record.lecture].append(record.student.id)
            write_whole(place, content)
        if record.timestamp and submitted_at(place) != record.timestamp:
            write_whole(place.with_name("timestamp.txt"), f"{record.timestamp}\n".encode())

    def _keep_others(self, submission, student_id, place):
        for entry in submission.others:
            try:
                self._put_aside(place, entry.read())
            except Unusable:
                continue  # the record names it
        if submission.sentence:
            chosen = f"{student_id} {submission.chosen}"
            self.several[submission.lecture].append(chosen)

    def _put_aside(self, place, content):
        student_id, lecture = place.parts[-3:-1]
        folder = self.course_root / "replaced" / student_id / lecture
        write_whole(folder / f"{digest(content)}.ipynb", content)


def _is_older(submission, before, handed_in_before):
    """Whether the LMS or nbgrader shows that the hand-in graded before is newer than this one."""
    if submission.timestamp and handed_in_before:
        return submission.timestamp < handed_in_before
    return canvas_order(submission.origin).is_before(canvas_order(before.origin))


def in_place(course_root, student_id, lecture, before):
    """Return the Record, without verdicts, of the notebook that lies in submitted/.

    before: the student's earlier Record, or None.
    """
    place = submitted_path(course_root, student_id, lecture)
    record = Record(
        _as_known(Student(student_id), before),
        lecture,
        "",
        submission=digest(place.read_bytes()),
        origin=str(place),
        timestamp=submitted_at(place),
    )
    return _once_more(record, before)


def _as_known(student, before):
    """Return who handed in: a folder does not say what an LMS said before."""
    return before.student if before and not student.lms else student


def _once_more(record, before, lms=""):
    """Return the record of a notebook, with what is known of the same one from before.

    lms: where it comes from this time; a folder does not say where it came from at first.
    """
    if before is None or before.submission != record.submission:
        return record
    if before.status == GRADED:
        record = replace(record, sentence=record.sentence or before.sentence)
    if not lms:
        notes = tuple(dict.fromkeys((*before.intake_notes, *record.intake_notes)))
        record = replace(record, origin=before.origin, notes=notes, intake_notes=notes)
    return replace(record, timestamp=record.timestamp or before.timestamp)


def _again(before, submission):
    """Return the record of a hand-in that stays, as it is before it is judged."""
    sentence = before.sentence if before.status == GRADED else ""
    notes = before.intake_notes
    known = replace(before, sentence=sentence, notes=notes, submission=submission)
    return replace(known, status="", environment="", exercises={})
