"""A lecture as its notebook sees it: instant checks, progress, recorded benchmark tables."""

import _thread
import inspect
import json
import threading
from pathlib import Path

from IPython import get_ipython

from embedlab.diagnosis import Verdict, describe_arguments, diagnose
from embedlab.errors import StudentError
from embedlab.observe import observe
from embedlab.tables import RECORDED, RecordedTable, course_table

PUBLIC = Path(__file__).parent / "public"
CHECK_SECONDS = 20  # for all visible cases of an exercise, which take milliseconds


class CheckFailed(StudentError):
    """A check that did not pass; the notebook shows its message and no traceback."""


class Lecture:
    """The checks of one lecture.

    >>> lecture = Lecture("03_slim")
    >>> lecture.check(soft_threshold)
    """

    def __init__(self, name):
        self.name = name
        self._passed = {}
        if shell := get_ipython():
            shell.set_custom_exc((NameError,), self._explain_missing_name)

    @property
    def examinations(self):
        """The public cases: {exercise: examination} (see `embedlab.diagnosis`)."""
        path = PUBLIC / f"{self.name}.json"
        if not path.exists():
            known = ", ".join(sorted(file.stem for file in PUBLIC.glob("*.json"))) or "none"
            raise StudentError(f"There is no lecture {self.name!r} here. Lectures: {known}.")
        examinations = json.loads(path.read_text(encoding="utf-8"))["exercises"]
        return {examination["exercise"]: examination for examination in examinations}

    def check(self, function):
        """Run the visible checks on the function you wrote and say what they found.

        Prints one line when they pass; raises CheckFailed, shown without a traceback, when not.
        """
        examinations = self.examinations
        name = self._exercise_name(function, examinations)
        examination = examinations[name]
        verdict = _verdict(function, examination)
        self._passed[name] = verdict.passed
        lines = verdict.lines(praise="visible checks passed")
        if not verdict.passed and verdict.kind != "missing":
            lines += self._first(examination)
        lines.append(self._progress_line(examinations))
        if not verdict.passed:
            raise CheckFailed("\n".join(lines))
        print("\n".join(lines))

    def progress(self):
        """Print how many of the lecture's exercises pass, and which are left."""
        examinations = self.examinations
        print(self._progress_line(examinations))
        left = [name for name in examinations if not self._passed.get(name)]
        if left:
            print(f"Left: {', '.join(left)}")

    def recorded(self, name):
        """Return the table that this lecture's benchmark `name` recorded; the notebook shows it."""
        path = RECORDED / f"{self.name}_{name}.json"
        return RecordedTable(json.loads(path.read_text(encoding="utf-8")))

    def results(self, task):
        """Return the course's table of a task, "stars" say, with the models up to this lecture.

        The notebook shows it; `.value(model)` is a number of it.
        """
        return course_table(task, self.name)

    def _first(self, examination):
        """Return what to do first, if the exercise builds on one that has not passed."""
        needs = examination["needs"]
        failed = [needed for needed in needs if self._passed.get(needed) is False]
        unknown = [needed for needed in needs if needed not in self._passed]
        if failed:
            yield f"  It may call {', '.join(failed)}: get that check to pass first."
        elif unknown:
            yield f"  It may call {', '.join(unknown)}, whose check has not run yet: run it first."

    def _progress_line(self, examinations):
        done = sum(self._passed.get(name, False) for name in examinations)
        bar = "■" * done + "□" * (len(examinations) - done)
        return f"  {bar} {done} of {len(examinations)} exercises pass"

    def _explain_missing_name(self, shell, kind, error, trace, tb_offset=None):
        """Show a NameError of IPython; without a traceback if it is about an exercise."""
        if error.name in self.examinations:
            sentence = f"{error.name} is not defined yet: run the cell that defines it first."
            kind, error = StudentError, StudentError(sentence)
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    def _exercise_name(self, function, examinations):
        name = getattr(function, "__name__", type(function).__name__)
        if name in examinations:
            return name
        # a lambda or a partial has no name of its own: use the name the notebook gave it
        caller = inspect.currentframe().f_back.f_back.f_globals
        for exercise in examinations:
            if caller.get(exercise) is function:
                return exercise
        raise StudentError(
            f"{name!r} is not an exercise of lecture {self.name}. "
            f"Exercises: {', '.join(examinations)}."
        )


def _verdict(function, examination):
    """Return the Verdict on the visible cases; on a function that does not end, too."""
    cases, outcomes = examination["cases"], []
    over = threading.Event()

    def interrupt():
        over.set()
        _thread.interrupt_main()  # as the stop button does; also on Windows

    timer = threading.Timer(CHECK_SECONDS, interrupt)
    timer.daemon = True
    timer.start()
    try:
        for case in cases:
            outcomes.append(observe(function, case["arguments"], examination["driver"]))
    except KeyboardInterrupt:
        if not over.is_set():
            raise
        case = cases[len(outcomes)]
        return Verdict(
            examination["exercise"],
            "time",
            len(cases),
            case["label"],
            describe_arguments(case["arguments"]),
            f"took longer than {CHECK_SECONDS} s and was stopped. Is there a loop that never ends?",
        )
    finally:
        timer.cancel()
    return diagnose(examination, outcomes)
