"""Try the mutants of a reference on drawn cases, and say which of them no case refuses.

A try is one mutant on the cases of one seed. Tries run in forked processes with limits: one that
takes too much time or memory, or crashes, ends its process, which counts as refused.
"""

import multiprocessing
import os
import resource
import signal
import time
import warnings
from dataclasses import dataclass
from multiprocessing import connection

from autograder.errors import UserError
from autograder.lecture.examination import draw_cases
from autograder.lecture.mutants import Mutant, make_mutants
from autograder.lecture.reference import load_namespace
from autograder.lecture.source import load_source
from autograder.paths import relative
from embedlab.diagnosis import outcome_difference
from embedlab.observe import observe

MEMORY = 2 << 30  # bytes of a process, of which imports take a fifth
PATIENCE = 4  # a try may take this many times the processor time that the reference took,
AT_LEAST = 0.1  # and so many seconds besides;
UNHURRIED = 20  # and so many times as much, where its mutant passes with another seed
ASLEEP = 60  # seconds after which a try ends that uses no processor
REMEDY = (
    "A case must refuse such an edit on every seed: add one to the exercise's specification. If "
    "the edit is as right as the reference, record it there with the reason: "
    '.harmless("<the line after the +>", because="...").'
)


class TrialError(UserError):
    """Why an exercise's mutants cannot be tried; a sentence for its author."""


@dataclass(frozen=True)
class Trial:
    """A mutant, and the seeds whose cases it passed and whose cases refused it."""

    mutant: Mutant
    passed: tuple[int, ...]
    refused: tuple[int, ...]

    @property
    def survives(self):
        """Whether it passes on every seed."""
        return not self.refused

    @property
    def depends(self):
        """Whether the seed decides about it."""
        return bool(self.passed and self.refused)


@dataclass(frozen=True)
class Findings:
    """What the trials of one exercise's mutants say.

    faults: a text per survivor that is not recorded, per mutant whose verdict depends on the seed
    and per record that is out of date; REMEDY says what to do. harmless: how many are recorded.
    """

    exercise: str
    trials: list[Trial]
    harmless: int
    faults: list[str]


def try_mutants(lecture, name, seeds, step=lambda done, total: None):
    """Try all mutants of an exercise of a lecture on the cases of the seeds; return the Findings.

    step: told how many tries of how many are done. Raises SourceError if there is no such lecture,
    TrialError if the reference is refused itself.
    """
    trying = _Trying(lecture, name, seeds)
    refused, ended = _in_processes(trying, trying.tries, step)
    passing = {number for (number, _), is_refused in refused.items() if not is_refused}
    doubtful = [(number, seed) for number, seed in ended if number in passing]
    trying.factor = UNHURRIED
    refused |= _in_processes(trying, doubtful, lambda *_: None)[0]
    trials = [
        Trial(
            mutant,
            passed=tuple(seed for seed in seeds if not refused[number, seed]),
            refused=tuple(seed for seed in seeds if refused[number, seed]),
        )
        for number, mutant in enumerate(trying.mutants)
    ]
    return findings(trying.exercise, trials)


class _Trying:
    """An exercise's mutants, and per seed its cases and the seconds that a try may take."""

    def __init__(self, lecture, name, seeds):
        self.source = load_source(lecture)
        self.exercise = self.source.exercises[name]
        self.namespace = load_namespace(lecture)
        self.reference = self.namespace[name]
        self.mutants = make_mutants(self.source, name)
        self.cases = {seed: draw_cases(self.exercise, self.reference, seed) for seed in seeds}
        self.seconds, self.factor = {}, 1
        for seed in seeds:
            began = time.process_time()
            self.prove(seed)
            self.seconds[seed] = AT_LEAST + PATIENCE * (time.process_time() - began)
        self.tries = [(number, seed) for number in range(len(self.mutants)) for seed in seeds]

    def prove(self, seed):
        """Raise TrialError if the reference itself is refused."""
        if self.is_refused(self.reference, seed):
            raise TrialError(
                f"{relative(self.source.path)}: {self.exercise.name!r} is refused on its own cases "
                f"(seed {seed}). It must give the same result twice, in {MEMORY >> 30} GiB: let it "
                "draw from a generator or a seed that is an argument."
            )

    def is_refused(self, function, seed):
        """Whether a case tells the function from the reference."""
        try:
            return any(
                outcome_difference(
                    observe(function, case["arguments"], self.exercise.driver),
                    case["expected"],
                    self.exercise.tolerance,
                )
                for case in self.cases[seed]
            )
        except MemoryError:
            return True

    def answers(self, tries):
        """Yield, try by try, whether it is refused; a try that takes too long ends the process."""
        self.prove(tries[0][1])  # else a process short of memory would refuse everything
        for number, seed in tries:
            signal.setitimer(signal.ITIMER_PROF, self.factor * self.seconds[seed])
            signal.setitimer(signal.ITIMER_REAL, ASLEEP)
            own = dict(self.namespace)
            try:
                exec(self.mutants[number].code, own)
            except Exception:  # from what the cell does outside of its functions
                yield True
            else:
                yield self.is_refused(own[self.exercise.name], seed)


def _in_processes(trying, tries, step):
    """Return {try: whether it is refused} and those that ended their process.

    They run in forked processes, one per processor.
    """
    context, workers = multiprocessing.get_context("fork"), os.cpu_count()
    refused, ended, running = {}, [], {}

    def start(part):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(trying, part, there), daemon=True)
        process.start()
        there.close()  # so that the end of the process is the end of the pipe
        running[here] = process, part

    for worker in range(min(workers, len(tries))):
        start(tries[worker::workers])
    try:
        while running:
            for here in connection.wait(list(running)):
                process, part = running[here]
                try:
                    answer = here.recv()
                except EOFError:
                    process.join()
                    del running[here]
                    if not part:
                        continue
                    if process.exitcode >= 0:
                        raise RuntimeError("a process that tries mutants ended early") from None
                    answer = True
                    ended.append(part[0])
                    if rest := part[1:]:
                        start(rest)
                if isinstance(answer, Exception):
                    raise answer
                refused[part.pop(0)] = answer
                step(len(refused), len(tries))
    finally:
        for process, _ in running.values():
            process.terminate()
    return refused, ended


def _work(trying, tries, there):
    """In a process of its own: send the answers, or what went wrong here; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        for answer in trying.answers(tries):
            there.send(answer)
    except Exception as error:
        there.send(error)
    os._exit(0)


def findings(exercise, trials):
    """Return the Findings of an exercise's trials, held against its records of harmless ones."""
    faults, held = [], set()
    for trial in trials:
        recorded = trial.mutant.reads in exercise.excused
        if trial.depends:
            told = f"passes with seed {trial.passed[0]}, is refused with seed {trial.refused[0]}"
            faults.append(f"{trial.mutant.diff()}\n  depends on the seed: it {told}")
        elif trial.survives and not recorded:
            faults.append(f"{trial.mutant.diff()}\n  survives: no case refuses it")
        elif trial.survives:
            held.add(trial.mutant.reads)
    made = {trial.mutant.reads for trial in trials}
    for edited in exercise.excused.keys() - held:
        why = "its cases refuse it now" if edited in made else "no mutant of the reference reads so"
        faults.append(
            f"{exercise.name}.harmless({edited!r}, ...): {why}. Take the record away, or write "
            "the edited line as `autograder mutants` shows it."
        )
    return Findings(exercise.name, trials, len(held), faults)
