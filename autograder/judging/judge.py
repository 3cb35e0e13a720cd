"""The judge: decides about a submitted notebook without running any of it in this process.

The student's functions get inputs in a sandbox and return data (`autograder.sandbox`). Here the
reference has run on the same inputs, and the diagnosis that students know from the local check
compares the two.
"""

import json
import re
from dataclasses import dataclass, replace

from autograder.hidden import HIDDEN
from autograder.judging.matching import load_template, match
from autograder.judging.reading import read_notebook
from autograder.lecture.environment import code_digest
from autograder.lecture.examination import examine, rounded
from autograder.lecture.reference import load_reference
from autograder.lecture.source import load_source
from autograder.notebooks import digest
from autograder.records import GRADED, STOPPED, ExerciseRecord
from autograder.sandbox import Limits
from embedlab.diagnosis import Verdict, diagnose

PRAISE = "correct on fresh cases"
LONGEST_TEXT = 300  # characters of a student's own words in a verdict
MOST_ARGUMENTS = 100  # of a function; more names than these are not the kit's doing
NEVER_RAN = ("missing", "broken", "undefined")  # kinds of verdicts on what could not be called
LEND = re.compile(r"""^[ \t]*lecture\.lend\([ \t]*["'](\w+)["'][ \t]*\)""", re.MULTILINE)
BORROWED = "lent to you, and what is lent earns nothing"
NOT_DATA = "what came back from the notebook is not what a function returns"


@dataclass(frozen=True)
class Judgement:
    """The verdicts on one notebook, by exercise; status, sentence and notes as in a Record."""

    status: str
    sentence: str
    notes: tuple[str, ...]
    verdicts: dict[str, Verdict]


class LectureJudge:
    """Judges submissions of one lecture, all on the same cases.

    seed: draws the cases; equal seeds give equal cases. lends: whether the class could borrow
    working functions (`lecture.lend`): then the others are tried with what a student borrowed.
    examinations: {exercise: examination}. digests: {exercise: digest of the examination}, which
    changes when anything that decides about the exercise does.
    """

    def __init__(self, lecture, seed, limits=None, lends=False):
        self.lecture, self.seed = lecture, seed
        self.limits = limits or Limits()
        self.template = load_template(lecture)
        functions = load_reference(lecture)
        source = load_source(lecture)
        self.exercises = source.exercises
        self._lent = {
            cell.grade_id: cell.node.source
            for cell in source.cells
            if lends and cell.grade_id in self.exercises
        }
        self.examinations = {
            name: examine(exercise, functions[name], seed)
            for name, exercise in self.exercises.items()
        }
        released = (source.encode() for source in self.template.released)
        self.environment = digest(code_digest().encode(), *released, *[b"lends"] * lends)
        self.digests = {
            name: digest(json.dumps(rounded(examination)).encode())
            for name, examination in self.examinations.items()
        }

    def read(self, content):
        """Return (notebook, Matched) of a file's bytes; the notes are those on both.

        Raises NoNotebook.
        """
        notebook, notes = read_notebook(content)
        matched = self.match(notebook)
        return notebook, replace(matched, notes=(*notes, *matched.notes))

    def match(self, notebook):
        """Return the student's part of a notebook (see `autograder.judging.matching`)."""
        return match(notebook, self.template)

    def with_causes(self, changed):
        """Return the exercises to try again when some changed, in the lecture's order.

        Those that build on a changed one are among them, and what they build on: a verdict may
        name its cause.
        """
        again = {name for name, one in self.exercises.items() if {name, *one.needs} & set(changed)}
        again.update(needed for name in list(again) for needed in self.exercises[name].needs)
        return [name for name in self.examinations if name in again]

    def job(self, matched, exercises=None):
        """Return the job for the sandbox: sources and inputs, nothing of what is expected.

        A function on loan is there where the others are tried, and not where it is tried itself.
        """
        borrowed = self._borrowed(matched)
        return {
            "cells": list(matched.sources),
            "calls": [
                {
                    "exercise": name,
                    "driver": examination["driver"],
                    "cases": [case["arguments"] for case in examination["cases"]],
                    "seconds": self.limits.exercise_seconds,
                    "lent": [
                        self._lent[one] for one in borrowed if one != name and one in self._lent
                    ],
                }
                for name, examination in self.examinations.items()
                if exercises is None or name in exercises
            ],
        }

    def judge(self, matched, result, exercises=None):
        """Return the Judgement on what the sandbox brought back for a job."""
        names = [name for name in self.examinations if exercises is None or name in exercises]
        verdicts = {name: self._verdict(name, matched, result) for name in names}
        verdicts = {name: self._with_cause(verdict, verdicts) for name, verdict in verdicts.items()}
        for name in self._borrowed(matched):
            if name in verdicts and verdicts[name].kind in ("missing", "undefined"):
                verdicts[name] = Verdict(name, "missing", verdicts[name].n_cases, message=BORROWED)
        notes = [*matched.notes, *self._notes_on_cells(result)]
        stopped = [name for name, verdict in verdicts.items() if verdict.kind == "stopped"]
        if not stopped:
            return Judgement(GRADED, "", tuple(notes), verdicts)
        sentence = f"{self._why(result.ended)} Not tried: {', '.join(stopped)}."
        return Judgement(STOPPED, sentence, tuple(notes), verdicts)

    def recorded(self, record, before, judgement, tier):
        """Return the Record of a judged submission; exercises not tried now keep their verdict.

        record: of the hand-in, without verdicts. before: the earlier Record, or None. tier: of the
        sandbox. All exercises are worth what they are worth now, tried or not.
        """
        exercises = {}
        for name, exercise in self.exercises.items():
            if verdict := judgement.verdicts.get(name):
                known = ExerciseRecord(verdict, 0, 0, self.seed, self.digests[name])
            else:
                known = before.exercises[name]
            points = exercise.points
            score = points if known.verdict.passed else 0
            exercises[name] = replace(known, score=score, points=points)
        return replace(
            record,
            status=judgement.status,
            sentence=" ".join(filter(None, (judgement.sentence, record.sentence))),
            notes=(*record.intake_notes, *judgement.notes),
            sandbox=tier,
            environment=self.environment,
            exercises=exercises,
        )

    def _borrowed(self, matched):
        """Return the exercises that a notebook has lent to it, in the lecture's order."""
        named = {name for source in matched.sources for name in LEND.findall(source)}
        return [name for name in self.exercises if name in named]

    def _why(self, reason):
        """Return the sentence for a reason that the whole notebook was stopped for."""
        seconds = self.limits.job_seconds
        return {
            "time": f"The notebook took longer than {seconds} s in all and was stopped.",
            "memory": "The notebook filled its memory again and again and was stopped.",
            "output": "The notebook sent more data than all exercises need and was stopped.",
        }.get(reason, "The notebook ended its own process again and again.")

    def _verdict(self, name, matched, result):
        examination, report = self.examinations[name], result.reports.get(name)
        n_cases = len(examination["cases"])
        if report is None:
            message = "was not tried, because the notebook was stopped before"
            return Verdict(name, "stopped", n_cases, message=message)
        if isinstance(report, dict):
            return self._stopped_exercise(name, n_cases, report["ended"])
        tampered = Verdict(name, "tampered", n_cases, message=NOT_DATA)
        try:
            read = json.loads(report)
            if read.get("ended") == "output":
                return self._stopped_exercise(name, n_cases, "output")
            if read.get("missing"):
                return self._without_function(name, n_cases, matched, result)
            verdict = diagnose(examination, [_checked(outcome) for outcome in read["outcomes"]])
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            MemoryError,
            RecursionError,
            TypeError,
            ValueError,
        ):
            return tampered  # not what `inside.cells` writes: the student's code wrote it
        parts = ("message", "where", "got", "expected")
        cleaned = {part: _clean(getattr(verdict, part), 3 * LONGEST_TEXT) for part in parts}
        return replace(verdict, **cleaned)

    def _with_cause(self, verdict, verdicts):
        """Return the verdict; of a failed exercise with what it builds on that failed too."""
        failed = [
            needed
            for needed in self.exercises[verdict.exercise].needs
            if needed in verdicts and not verdicts[needed].passed
        ]
        if verdict.passed or verdict.kind in NEVER_RAN or verdict.mistake or not failed:
            return verdict
        cause = f"It builds on {', '.join(failed)}: mend that first, this may follow."
        return replace(verdict, sentence=" ".join(filter(None, (verdict.sentence, cause))))

    def _stopped_exercise(self, name, n_cases, reason):
        limits = self.limits
        message = {
            "time": f"took longer than {limits.exercise_seconds:g} s on the graded cases and was "
            "stopped. Is there a loop that never ends?",
            "memory": f"needed more than {limits.memory >> 20} MiB of memory and was stopped",
            "output": f"returned more than {limits.report_bytes >> 20} MiB of data",
        }.get(reason, "ended its own process (an exit, a crash, or too many processes)")
        kind = reason if reason in ("time", "memory", "output") else "crashed"
        return Verdict(name, kind, n_cases, message=message)

    def _without_function(self, name, n_cases, matched, result):
        """Return the verdict on a function that is not there when the cells have run."""
        if name not in matched.places:
            message = f"there is no function named {name} in the notebook"
            return Verdict(name, "undefined", n_cases, message=message)
        ended = result.cells.get(str(matched.places[name]), {})
        if "fault" not in ended:
            message = f"its cell does not define {name}" + (" in time" if ended else "")
            return Verdict(name, "undefined", n_cases, message=message)
        exception, fault = _fault(ended["fault"])
        kind = "missing" if exception == "NotImplementedError" else "broken"
        return Verdict(name, kind, n_cases, message=f"its cell stops with {fault}", got=fault)

    def _notes_on_cells(self, result):
        reasons = {
            "time": f"took longer than {self.limits.cell_seconds:g} s",
            "memory": "filled the memory",
        }
        for ended in result.cells.values():
            if "ended" in ended:
                why = reasons.get(ended["ended"], "ended its process")
                yield f"A cell {why}; only what it defines was used."


def _checked(outcome):
    """Return an outcome with only the fields and kinds that `embedlab.observe` writes."""
    if "raised" in outcome:
        return {field: _one_line(str(outcome[field])) for field in ("raised", "says", "line")}
    changed = outcome["changed"]
    if not isinstance(changed, list) or len(changed) > MOST_ARGUMENTS:
        raise ValueError("not the names of arguments")
    return {"value": outcome["value"], "changed": [_one_line(str(name)) for name in changed]}


def _fault(text):
    """Return what stopped a cell: the name of the exception ("" if untold) and the whole of it."""
    try:
        name, says = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return "", "an exception"
    return name, _one_line(f"{name}: {says}")


def _one_line(text):
    """Return a student's words in one line: nobody writes a verdict of their own below ours."""
    return _clean(" ".join(text[: 4 * LONGEST_TEXT].split()))


def _clean(text, longest=LONGEST_TEXT):
    """Return words without hidden characters, cut to a length people read."""
    cleaned = HIDDEN.sub("", text[: 4 * longest])
    return cleaned if len(cleaned) <= longest else cleaned[:longest] + " ..."
