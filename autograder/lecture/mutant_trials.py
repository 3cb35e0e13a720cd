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

from autograder.lecture.examination import draw_cases
from autograder.lecture.mutants import Mutant, make_mutants
from autograder.lecture.reference import load_namespace
from autograder.lecture.source import load_source
from embedlab.diagnosis import outcome_difference
from embedlab.observe import observe

MEMORY = 2 << 30  # bytes of a process, of which imports take a fifth
PATIENCE = 4  # a try may take this many times the processor time that the reference took,
AT_LEAST = 0.1  # and so many seconds besides
ASLEEP = 60  # seconds after which a try ends that uses no processor
REMEDY = (
    "A case must refuse such an edit on every seed: add one to the exercise's specification. If "
    "the edit is as right as the reference, record it there with the reason: "
    '.harmless("<the line after the +>", because="...").'
)


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


def try_mutants(lecture, name, seeds, workers=None, step=lambda done, total: None):
    """Try all mutants of an exercise of a lecture on the cases of the seeds; return the Findings.

    workers: processes at a time, one per processor if left out. step: told how many tries of how
    many are done. Raises SourceError if the lecture is not there.
    """
    source = load_source(lecture)
    exercise = source.exercises[name]
    namespace = load_namespace(lecture)
    drawn = [draw_cases(exercise, namespace[name], seed) for seed in seeds]
    mutants = make_mutants(source, name)

    def is_refused(function, cases):
        return any(
            outcome_difference(
                observe(function, case["arguments"], exercise.driver),
                case["expected"],
                exercise.tolerance,
            )
            for case in cases
        )

    def patience(cases):
        began = time.process_time()
        is_refused(namespace[name], cases)
        return AT_LEAST + PATIENCE * (time.process_time() - began)

    seconds = [patience(cases) for cases in drawn]

    def answers(tries):
        """Yield, try by try, whether it is refused; each has its own time."""
        defined = None
        for mutant, number in tries:
            signal.setitimer(signal.ITIMER_PROF, seconds[number])
            signal.setitimer(signal.ITIMER_REAL, ASLEEP)
            try:
                if defined is not mutant:
                    defined, own = mutant, dict(namespace)
                    exec(mutants[mutant].code, own)
                yield is_refused(own[name], drawn[number])
            except MemoryError:
                yield True

    tries = [(mutant, number) for mutant in range(len(mutants)) for number in range(len(seeds))]
    refused = _in_processes(answers, tries, workers or os.cpu_count(), step)
    trials = [
        Trial(
            mutant,
            tuple(seed for n, seed in enumerate(seeds) if not refused[number, n]),
            tuple(seed for n, seed in enumerate(seeds) if refused[number, n]),
        )
        for number, mutant in enumerate(mutants)
    ]
    return findings(exercise, trials)


def _in_processes(answers, tries, workers, step):
    """Return {try: whether it is refused}, asked of `workers` forked processes."""
    context = multiprocessing.get_context("fork")
    refused, running = {}, {}

    def start(part):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(answers, part, there), daemon=True)
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
                    start(part[1:])
                if isinstance(answer, str):
                    raise RuntimeError(f"a process that tries mutants failed: {answer}")
                refused[part.pop(0)] = answer
                step(len(refused), len(tries))
    finally:
        for process, _ in running.values():
            process.terminate()
    return refused


def _work(answers, tries, there):
    """In a process of its own: send the answers, or what went wrong here; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        for answer in answers(tries):
            there.send(answer)
    except Exception as error:
        there.send(f"{type(error).__name__}: {error}")
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
