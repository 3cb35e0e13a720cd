"""What is known about a judged submission: one JSON file per student and lecture.

The records are the memory of grading: feedback pages, the class report, spreadsheets and the
gradebook are made from them, an interrupted run goes on from them, a regrade compares with them and
an appeal replays them. They live in `grading/judged/LECTURE/STUDENT.json`.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.errors import UserError
from embedlab.diagnosis import Verdict

# What became of a submission as a whole.
GRADED = "graded"  # every exercise has a verdict
UNREADABLE = "unreadable"  # not a notebook: malformed JSON, binary, too large, a version unknown
REFUSED = "refused"  # an archive that would write elsewhere or blow up
ABSENT = "absent"  # a student's folder without a notebook of this lecture
STOPPED = "stopped"  # the run of the submission ended before every exercise could be tried
STATUSES = (GRADED, UNREADABLE, REFUSED, ABSENT, STOPPED)


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
    exercises: dict[str, ExerciseRecord] = field(default_factory=dict)

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


class Records:
    """The records of one lecture in a course folder."""

    def __init__(self, course_root, lecture):
        self.folder = Path(course_root) / "judged" / lecture

    def path(self, student_id):
        """Return where the student's record is kept."""
        return self.folder / f"{student_id}.json"

    def write(self, record):
        """Keep the record; whoever reads meanwhile sees the old one or the new one, whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(record.student.id)
        draft = path.with_suffix(".json.part")
        draft.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=1), "utf-8")
        os.replace(draft, path)

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
    student, notes = Student(**data["student"]), tuple(data["notes"])
    return Record(**{**data, "student": student, "notes": notes, "exercises": exercises})


def _verdict(data):
    return Verdict(**{**data, "arguments": tuple(data["arguments"])})
