"""A lecture as its notebook sees it: instant checks, progress, recorded benchmark tables."""

import _thread
import inspect
import json
import threading
import traceback
from collections import Counter
from pathlib import Path

from IPython import get_ipython
from threadpoolctl import threadpool_limits

from embedlab.diagnosis import Verdict, describe_arguments, diagnose
from embedlab.errors import StudentError
from embedlab.lending import lends, lent_function
from embedlab.observe import observe
from embedlab.public_cases import SUFFIX, expand, unpack
from embedlab.tables import RECORDED, RecordedTable, course_table

PUBLIC = Path(__file__).parent / "public"
CHECK_SECONDS = 20  # for all visible cases of an exercise, which take milliseconds
TRIES = 3  # failed checks of an exercise after which its check says what else there is


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
        self._lent = {}  # exercise: the function on loan
        self._failures = Counter()
        # The matrices here are small: several threads take four times as long, and their sums
        # differ from machine to machine.
        threadpool_limits(limits=1, user_api="blas")
        if shell := get_ipython():
            from embedlab.figures import follow_the_theme  # slow, and only notebooks need it

            shell.set_custom_exc((NameError, NotImplementedError), self._explain)
            follow_the_theme(shell)

    @property
    def examinations(self):
        """The public cases: {exercise: examination, abridged} (see `embedlab.public_cases`)."""
        path = PUBLIC / f"{self.name}{SUFFIX}"
        if not path.exists():
            found = PUBLIC.glob(f"*{SUFFIX}")
            known = ", ".join(sorted(file.name.removesuffix(SUFFIX) for file in found)) or "none"
            raise StudentError(f"There is no lecture {self.name!r} here. Lectures: {known}.")
        return {one["exercise"]: one for one in unpack(path.read_bytes())}

    def check(self, function):
        """Run the visible checks on the function you wrote and say what they found.

        Prints one line when they pass; raises CheckFailed, shown without a traceback, when not. A
        function on loan neither passes nor fails, so that the cells below can run.
        """
        examinations = self.examinations
        name = self._exercise_name(function, examinations)
        examination = expand(examinations[name])
        if function is self._lent.get(name):
            print(f"◐ {name}: lent, and so without points.")
            print(self._progress_line(examinations))
            return
        self._lent.pop(name, None)
        verdict = _verdict(function, examination)
        self._passed[name] = verdict.passed
        lines = verdict.lines(praise="visible checks passed")
        if verdict.kind == "missing":
            lines.append("  Run All stops here, and goes on once this check passes.")
        elif not verdict.passed:
            lines += self._first(examination)
        if not verdict.passed:
            self._failures[name] += 1
            lines += self._way_on(name, verdict)
        lines.append(self._progress_line(examinations))
        if not verdict.passed:
            raise CheckFailed("\n".join(lines))
        print("\n".join(lines))

    def lend(self, exercise):
        """Define a working function for an exercise, such as "gradients", to go on without yours.

        It counts nothing, here and when graded. Raises StudentError where there is none to lend.
        """
        examinations = self.examinations
        if exercise not in examinations:
            raise StudentError(
                f"{exercise!r} is not an exercise of lecture {self.name}. "
                f"Exercises: {', '.join(examinations)}."
            )
        function = self._lent[exercise] = lent_function(self.name, exercise)
        self._passed[exercise] = False
        inspect.currentframe().f_back.f_globals[exercise] = function
        print(f"◐ {exercise} is lent to you, without points. The cells below can run;")
        print("  to try your own, take this line out, run the cell and its check again.")
        print(self._progress_line(examinations))

    def progress(self):
        """Print how many of the lecture's exercises pass, and which are left."""
        examinations = self.examinations
        print(self._progress_line(examinations))
        left = [name for name in examinations if not self._passed.get(name)]
        if left:
            print(
                "Left:",
                ", ".join(f"{name} (lent)" if name in self._lent else name for name in left),
            )

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

    def _way_on(self, name, verdict):
        """Return what else a student can do after a failed check."""
        if verdict.kind == "missing" or self._failures[name] >= TRIES:
            if lends(self.name):
                yield "  Stuck? Hints stand above the function. To go on without it for now, add"
                loan = f'lecture.lend("{name}")'
                yield f"  {loan} to its cell: you get a working one, without points."
            else:
                yield "  Stuck? Hints stand above the function."

    def _progress_line(self, examinations):
        done = sum(self._passed.get(name, False) for name in examinations)
        bar = (
            "■" * done + "◐" * len(self._lent) + "□" * (len(examinations) - done - len(self._lent))
        )
        lent = f", {len(self._lent)} lent" if self._lent else ""
        return f"  {bar} {done} of {len(examinations)} exercises pass{lent}"

    def _explain(self, shell, kind, error, trace, tb_offset=None):
        """Show an error in IPython; without a traceback if an exercise is not there yet."""
        examinations, sentence = self.examinations, ""
        if kind is NameError and error.name in examinations:
            sentence = f"{error.name} is not defined yet: run the cell that defines it first."
        elif kind is NotImplementedError:
            raised_in = [frame.name for frame in traceback.extract_tb(trace)][-1]
            if raised_in in examinations:
                sentence = f"{raised_in} is not written yet, and this cell needs it: write it first"
                on_loan = f', or go on without it by running lecture.lend("{raised_in}").'
                sentence += on_loan if lends(self.name) else "."
        if sentence:
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
