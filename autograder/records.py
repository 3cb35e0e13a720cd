"""What is known about a judged submission: one JSON file per student and lecture.

The records are the memory of grading: feedback pages, the class report, spreadsheets and the
gradebook are made from them, an interrupted run goes on from them, a regrade compares with them and
an appeal replays them. They live in `grading/judged/LECTURE/STUDENT.json`.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.errors import UserError
from autograder.notebooks import digest
from embedlab.diagnosis import Verdict
from embedlab.files import write_whole

# What became of a submission as a whole.
GRADED = "graded"  # every exercise has a verdict
UNREADABLE = "unreadable"  # not a notebook: malformed JSON, binary, too large, a version unknown
REFUSED = "refused"  # an archive that would write elsewhere or blow up
ABSENT = "absent"  # a student's folder without a notebook of this lecture
STOPPED = "stopped"  # the run of the submission ended before every exercise could be tried
STATUSES = (GRADED, UNREADABLE, REFUSED, ABSENT, STOPPED)

SEED_BITS = 32


@dataclass(frozen=True)
class Student:
    """Who handed in.

    id: the name used in the gradebook and for folders: letters, digits, "-", "_", "." only.
    name: as the LMS writes it, or the id. lms: "canvas", "moodle" or "". lms_id: the LMS's number.
    late: whether the LMS marked the submission as late.
    """

    id: str
    name: str = ""
    lms: str = ""
    lms_id: str = ""
    late: bool = False


@dataclass(frozen=True)
class ExerciseRecord:
    """The verdict on one exercise, and what reproduces it.

    examination: digest of the cases, the right outcomes and the known mistakes it was judged by.
    """

    verdict: Verdict
    score: float
    points: float
    seed: int
    examination: str


@dataclass(frozen=True)
class Record:
    """A judged submission.

    status: one of STATUSES; sentence: what it means for this submission, in words for the student;
    of a graded one, which of several notebooks was taken.
    notes: what was noticed and cost nothing (a deleted setup cell, a copied cell, ...).
    submission: digest of the notebook's bytes; origin: the file or archive entry it came from.
    sandbox: the tier that confined the student's code, "" if nothing was run.
    environment: digest of the kit, the judge and the installed versions.
    timestamp: when it was handed in, ISO text in UTC, "" if unknown.
    intake_notes: those of the notes that are about the hand-in, not about the notebook; who judges
    the same notebook again has them from here.
    exercises: by name, in the lecture's order. When the status is not GRADED or STOPPED, each is
    there with a score of 0 and a verdict of the kind "unread".
    """

    student: Student
    lecture: str
    status: str
    sentence: str = ""
    notes: tuple[str, ...] = ()
    submission: str = ""
    origin: str = ""
    sandbox: str = ""
    environment: str = ""
    timestamp: str = ""
    intake_notes: tuple[str, ...] = ()
    exercises: dict[str, ExerciseRecord] = field(default_factory=dict)

    @property
    def digest(self):
        """Hex digits that change with anything in the record."""
        return digest(json.dumps(asdict(self)).encode())

    @property
    def score(self):
        """Points earned."""
        return sum(exercise.score for exercise in self.exercises.values())

    @property
    def points(self):
        """Points to be had."""
        return sum(exercise.points for exercise in self.exercises.values())


class RecordError(UserError):
    """A record that cannot be read; the message names the file and the remedy."""


def recorded_seed(course_root, lecture, seed=None):
    """Return the seed of a lecture's cases: the one given, the class's, or a new one; record it.

    The whole class is judged on the same cases, and a regrade on the same as before.
    """
    path = Path(course_root) / "judged" / f"{lecture}.seed"
    if seed is None and path.is_file():
        try:
            return int(path.read_text("utf-8"))
        except ValueError:
            raise RecordError(
                f"{path} does not hold the class's seed: a number. Give it with --seed; every "
                "report names it."
            ) from None
    seed = secrets.randbits(SEED_BITS) if seed is None else seed
    write_whole(path, f"{seed}\n".encode())
    return seed


def recorded_lending(course_root, lecture, lend=None):
    """Return whether the class could borrow functions: as given, or as it was; record it."""
    path = Path(course_root) / "judged" / f"{lecture}.lends"
    if lend is None:
        return path.is_file()
    if lend:
        write_whole(path, b"")
    else:
        path.unlink(missing_ok=True)
    return lend


class Records:
    """The records of one lecture in a course folder."""

    def __init__(self, course_root, lecture):
        self.folder = Path(course_root) / "judged" / lecture

    def path(self, student_id):
        """Return where the student's record is kept."""
        return self.folder / f"{student_id}.json"

    def write(self, record):
        """Keep the record; whoever reads meanwhile sees the old one or the new one, whole."""
        text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
        write_whole(self.path(record.student.id), text.encode())

    def read(self, student_id):
        """Return the student's Record, or None. Raises RecordError if its file is damaged."""
        path = self.path(student_id)
        if not path.exists():
            return None
        try:
            return _record(json.loads(path.read_text("utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{path}: not a record ({error}). Delete it; the submission is judged again."
            raise RecordError(message) from None

    def all(self):
        """Yield every Record, by student id; files that are not the judge's own are passed over.

        Raises RecordError if one is damaged, or a copy under another name.
        """
        for path in sorted(self.folder.glob("[!.]*.json")):
            record = self.read(path.stem)
            if record.student.id != path.stem:
                owner = record.student.id
                raise RecordError(f"{path}: a copy of the record of {owner}. Delete it.")
            yield record


def _record(data):
    exercises = {
        name: ExerciseRecord(**{**exercise, "verdict": _verdict(exercise["verdict"])})
        for name, exercise in data["exercises"].items()
    }
    read = {
        "student": Student(**data["student"]),
        "notes": tuple(data["notes"]),
        "intake_notes": tuple(data.get("intake_notes", ())),  # older records have none
        "exercises": exercises,
    }
    return Record(**{**data, **read})


def _verdict(data):
    data = {**data, "arguments": tuple(data["arguments"])}
    if "got" not in data and data["kind"] == "missing":
        data["kind"] = _kind_of_older(data["message"])
    return Verdict(**data)


def _kind_of_older(message):
    """Return the kind of a "missing" of older records, which said in words that there was code."""
    if message.startswith(("there is no function named ", "its cell does not define ")):
        return "undefined"
    stops = message.startswith("its cell stops with ")
    return "broken" if stops and "with NotImplementedError" not in message else "missing"
