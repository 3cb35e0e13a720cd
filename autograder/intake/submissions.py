"""From what a student handed in to the one notebook of a lecture that is judged."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.intake.archive import list_archive, list_inner
from autograder.intake.entries import (
    ALONE,
    Entry,
    IntakeError,
    Problem,
    Unusable,
    some_of,
    split_ending,
)
from autograder.intake.folder import list_folder
from autograder.intake.layout import HandedFile, arrange
from autograder.intake.lecture import lecture_in_name, lecture_of
from autograder.records import ABSENT, UNREADABLE, Student

NAMES_SHOWN = 10  # of the files that a sentence or a note lists
STAMP_BYTES = 100
REASONS = (  # for each part of _Candidate.rank
    "it can be read",
    "it is not in an archive",
    "it has the lecture's name",
    "Canvas says that it is the newest",
    "it was changed last",
    "its name comes last",
)


@dataclass(frozen=True)
class Submission:
    """What a student handed in for one lecture.

    lecture: None if several were asked for and nothing says which this is. notebook: the bytes to
    judge, or None. origin: the file or archive!entry, for messages. status: "" if there are bytes,
    else UNREADABLE, REFUSED or ABSENT; sentence: what happened and the remedy, for the student.
    notes: what was noticed and cost nothing. If several notebooks of the lecture were handed in,
    chosen: the name of the one that is judged, which the sentence says too; others: the other ones,
    not read yet. timestamp: when it was handed in, ISO text in UTC, if nbgrader noted it, or "".
    """

    student: Student
    lecture: str | None
    notebook: bytes | None
    origin: str
    status: str = ""
    sentence: str = ""
    notes: tuple[str, ...] = ()
    chosen: str = ""
    others: tuple[Entry, ...] = ()
    timestamp: str = ""


@dataclass(frozen=True)
class _Candidate:
    """A notebook, or what should have been one.

    failure: why it cannot be read. is_packed: it lies in an archive that the student made.
    """

    handed: HandedFile
    lecture: str | None
    failure: Problem | None = None
    is_packed: bool = False

    @property
    def rank(self):
        """The candidate to judge is the one that ranks highest."""
        stem = self.handed.stem or split_ending(self.handed.path[-1])[0]
        is_exact = stem.casefold() == (self.lecture or "").casefold()
        entry = self.handed.entry
        order = (self.handed.revision, entry.modified, entry.origin)
        return (self.failure is None, not self.is_packed, is_exact, *order)


def read_submissions(path, lectures) -> Iterator[Submission]:
    """Yield the Submissions in a folder or zip archive, by student id; one is read at a time.

    lectures: the names asked for, such as ["03_slim"]. Raises IntakeError, at once, if the path
    holds nothing that looks like a submission.
    """
    path = Path(path)
    if (path / "gradebook.db").is_file() and (path / "submitted").is_dir():
        path = path / "submitted"  # a course folder: do not list the rest
    lectures = tuple(dict.fromkeys(lectures))
    hand_ins = arrange(_list(path), lectures, path.resolve().name == "submitted")
    if not hand_ins:
        raise IntakeError(
            f"{path}: nothing here looks like a submission of {_either(lectures)}. Name the folder "
            "or zip archive with one folder or one notebook per student, as the LMS gave it."
        )
    return (submission for hand_in in hand_ins for submission in _submissions(hand_in))


def _list(path):
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        remedy = "Name the folder or the zip archive of the submissions."
        raise IntakeError(f"{path}: there is nothing here. {remedy}") from None
    except (OSError, ValueError) as error:
        raise IntakeError(f"{path}: cannot be read ({error}). Check its permissions.") from None
    if stat.S_ISDIR(mode):
        return list_folder(path)
    if split_ending(path.name)[1] == ".ipynb":
        raise IntakeError(
            f"{path}: one notebook, and nothing says whose. Put it into a folder as STUDENT.ipynb "
            "or STUDENT/LECTURE.ipynb. Name that folder here."
        )
    if stat.S_ISREG(mode):
        return list_archive(path)
    raise IntakeError(f"{path}: neither a folder nor a file. Name a folder or a zip archive.")


def _submissions(hand_in):
    candidates = [
        candidate for handed in hand_in.files for candidate in _candidates(handed, hand_in)
    ]
    by_lecture = defaultdict(list)
    for candidate in candidates:
        by_lecture[candidate.lecture].append(candidate)
    notes = ()
    sole = hand_in.lectures[0] if hand_in.expected and len(hand_in.lectures) == 1 else None
    if sole and sole not in by_lecture:
        by_lecture[sole], notes = _by_elimination(candidates, sole)
    unused = [one.handed for one in by_lecture[None]]
    unused += [handed for handed in hand_in.files if handed.suffix == ".py"]
    for lecture in hand_in.lectures:
        if by_lecture[lecture]:
            yield _chosen(hand_in, lecture, by_lecture[lecture], unused, notes)
        elif sole:
            yield _absent(hand_in, lecture, candidates)
    if hand_in.expected and not sole and not any(one.lecture for one in candidates):
        yield _unassigned(hand_in, candidates)


def _candidates(handed, hand_in):
    """Yield the candidates in one file: itself, or the notebooks in an archive."""
    if handed.suffix == ".zip" and not handed.entry.problem:
        yield from _packed(handed, hand_in)
    elif handed.suffix in (".ipynb", ".zip") or (handed.entry.problem and not handed.path[-1]):
        yield _candidate(handed, hand_in)


def _candidate(handed, hand_in, is_packed=False):
    contents, failure = _read(handed.entry)
    lecture = lecture_of(contents, handed.path, hand_in.lectures)
    return _Candidate(handed, lecture, failure, is_packed)


def _packed(handed, hand_in):
    """Yield the notebook in an archive that a student handed in: one for each lecture at most."""
    try:
        entries = list_inner(handed.entry).entries
        inner = [entry for entry in entries if entry.suffix == ".ipynb"]
        named = defaultdict(list)
        for entry in inner:
            named[lecture_in_name(entry.name, hand_in.lectures)].append(entry)
        if len(inner) > 1:
            inner = [entry for lecture in hand_in.lectures for entry in named[lecture]]
        if not inner or any(len(named[lecture]) > 1 for lecture in hand_in.lectures):
            raise _not_one(handed, entries)
    except Unusable as unusable:
        lecture = lecture_of(None, handed.path, hand_in.lectures)
        yield _Candidate(handed, lecture, unusable.problem, is_packed=True)
        return
    for entry in inner:
        unpacked = replace(handed, path=(*handed.path, *entry.parts), entry=entry, stem="")
        yield _candidate(unpacked, hand_in, is_packed=True)


def _not_one(handed, entries):
    count = sum(entry.suffix == ".ipynb" for entry in entries)
    found = f"{count} notebooks, and their names do not say which one counts" if count else ""
    sentence = f"The archive {handed.name} holds {found or 'no notebook'}."
    return Unusable(Problem(UNREADABLE if count else ABSENT, f"{sentence} {ALONE}"))


def _by_elimination(candidates, lecture):
    """Return the candidates for a lecture that none is recognised as, and notes."""
    readable = [one for one in candidates if not one.failure]
    if not readable:
        return [one for one in candidates if one.lecture is None], ()
    if len(readable) == 1 and readable[0].lecture is None:
        name = readable[0].handed.name
        note = (
            f"{name} does not say which lecture it is; taken as {lecture}, the only one asked for"
        )
        return readable, (note,)
    return [], ()


def _chosen(hand_in, lecture, candidates, unused, notes):
    best = max(candidates, key=lambda one: one.rank)
    notebook, problem = None, best.failure
    if not problem:
        notebook, problem = _read(best.handed.entry)
    others = [one for one in candidates if one is not best]
    others = [one for one in others if one.failure or _read(one.handed.entry)[0] != notebook]
    status, sentence = problem or ("", "")
    if others:
        sentence = f"{sentence} {_choice(best, others, lecture)}".strip()
    set_aside = [one.handed for one in candidates]
    unused = [handed for handed in unused if handed not in set_aside]
    if unused:
        notes += (f"not used: {_names(unused)}",)
    timestamp, notes_on_it = _timestamp(hand_in, best.handed)
    return Submission(
        hand_in.student,
        lecture,
        notebook,
        best.handed.entry.origin,
        status,
        sentence,
        notes + notes_on_it,
        best.handed.name if others else "",
        tuple(one.handed.entry for one in others if not one.failure),
        timestamp,
    )


def _choice(best, others, lecture):
    """Return which of several notebooks is judged, and why, for the student."""
    second = max(others, key=lambda one: one.rank)
    pairs = zip(REASONS, best.rank, second.rank, strict=True)
    reason = next((words for words, mine, theirs in pairs if mine != theirs), REASONS[-1])
    return (
        f"{len(others) + 1} notebooks of {lecture or 'it'} were handed in. Taken: "
        f"{best.handed.name}, because {reason}. Not graded: "
        f"{_names([one.handed for one in others])}."
    )


def _timestamp(hand_in, taken):
    """Return what nbgrader's timestamp.txt beside the notebook says ("" if nothing), and notes."""
    beside = (*taken.path[:-1], "timestamp.txt")
    for handed in hand_in.files:
        if handed.path == beside:
            content, _ = _read(handed.entry)
            timestamp = utc_text(content or b"")
            return timestamp, () if timestamp else ("timestamp.txt holds no date and was ignored",)
    return "", ()


def utc_moment(content):
    """Return the time in nbgrader's timestamp.txt: UTC, without saying so; None if it holds none.

    content: its first STAMP_BYTES bytes or more.
    """
    try:
        return parse_utc(content[:STAMP_BYTES].decode().strip())
    except Exception:  # dateutil fails in many ways on what is no date
        return None


def utc_text(content):
    """Return the time in nbgrader's timestamp.txt as ISO text in UTC, "" if it holds none.

    The texts sort by time.
    """
    moment = utc_moment(content)
    return f"{moment.isoformat(timespec='microseconds')}+00:00" if moment else ""


def _read(entry):
    """Return the bytes and None, or None and the Problem."""
    try:
        return entry.read(), None
    except Unusable as unusable:
        return None, unusable.problem


def _absent(hand_in, lecture, candidates):
    sentence = f"There is no notebook of {lecture} in what you handed in"
    others = [f"{one.handed.name} is of {one.lecture}" for one in candidates if one.lecture]
    if others:
        sentence += f" ({'; '.join(others[:NAMES_SHOWN])})"
    elif hand_in.files:
        sentence += f" (found: {_names(hand_in.files)})"
    sentence += f". Please hand in {lecture}.ipynb."
    return Submission(hand_in.student, lecture, None, hand_in.origin, ABSENT, sentence)


def _unassigned(hand_in, candidates):
    """Return the Submission of a student nothing of whose can be assigned to a lecture."""
    failed = [one for one in candidates if one.failure]
    if failed and len(failed) == len(candidates):
        return _chosen(hand_in, None, failed, [], ())
    sentence = f"There is no notebook of {_either(hand_in.lectures)} in what you handed in"
    if hand_in.files:
        sentence += f" (found: {_names(hand_in.files)})"
    sentence += (
        f". Please hand in the notebook under its name, such as {hand_in.lectures[0]}.ipynb."
    )
    return Submission(hand_in.student, None, None, hand_in.origin, ABSENT, sentence)


def _names(files):
    return some_of([handed.name for handed in files], NAMES_SHOWN)


def _either(lectures):
    return " or ".join(lectures)
