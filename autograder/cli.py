"""The `autograder` command.

What a command needs is imported inside it: help and refusals come at once, and not after torch.
"""

import contextlib
import enum
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.errors import UserError
from autograder.paths import GRADING, lecture_names, relative
from autograder.sandbox.tiers import CONFINING, UNCONFINED, visible_from
from autograder.staff import require_staff_packages

MUTANT_SEEDS = 20


class _Commands(typer.core.TyperGroup):
    """The commands; whatever they refuse ends in a sentence."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except UserError as error:
            _fail(str(error))


app = typer.Typer(
    cls=_Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)
console = Console(highlight=False, emoji=False)  # x[0:-1:2] is no thumb
Tier = enum.Enum("Tier", {name: name for name in CONFINING}, type=str)
Lectures = Annotated[
    list[str] | None, typer.Argument(help="Lectures such as 03_slim; all of them if left out.")
]


@app.callback()
def _about():
    """Build lectures, bundle them for students and judge what students hand in."""


@app.command()
def build(
    lectures: Lectures = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a generated file has drifted.")
    ] = False,
):
    """Make every generated file of the lectures from their sources in solutions/."""
    known = _known(lectures)
    from autograder.lecture import build as building
    from autograder.lecture.contents import contents

    if not check:
        for name in known:
            with console.status(f"{name}: building (runs the solution if anything changed)"):
                written = building.write(building.build_lecture(name, GRADING))
            changed = ", ".join(map(relative, written)) or "nothing to do, all up to date"
            console.print(f"{name}: {changed}")
        for path in building.write(contents(known)):
            console.print(f"{relative(path)}: the table of lectures")
        return
    drifted = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in known:
            found = building.check_lecture(name, Path(scratch))
            drifted += found
            console.print(f"{name}: {'drifted' if found else 'up to date'}")
    if any(path.read_bytes() != new for path, new in contents(known).items()):
        drifted.append("README.md: the table of lectures differs from their sources")
    if drifted:
        _fail("\n".join(drifted) + "\nRun `autograder build` and commit what it writes.")


@app.command()
def new(
    lecture: Annotated[str, typer.Argument(help="Its name, such as 05_field_aware_fm.")],
):
    """Write the source and the specification of a new lecture, with one exercise to rename."""
    from autograder.lecture.build import write
    from autograder.lecture.contents import contents
    from autograder.lecture.new import new_lecture

    for path in [*write(new_lecture(lecture)), *write(contents([lecture]))]:
        console.print(relative(path))
    console.print(f"Next: autograder build {lecture}; docs/authors.md says what then.")


@app.command()
def bundle(
    target: Annotated[Path, typer.Argument(help="The zip file to write.")] = Path("course.zip"),
    lend: Annotated[
        bool,
        typer.Option(
            "--lend",
            help="Let students borrow working functions with lecture.lend(...), without points. "
            "The solutions are in the zip then; grade with --lend, too.",
        ),
    ] = False,
):
    """Write the zip that students receive: lectures, kit and data; no solution, no hidden case."""
    if target.exists():
        _fail(f"{target} is there already; move it away or name another file.")
    from autograder.lecture.bundle import write_bundle

    try:
        names = write_bundle(target, lend)
    except OSError as error:
        _fail(f"{target} cannot be written: {error.strerror}. Name another file.")
    console.print(f"{target}: {len(names)} files")


@app.command()
def grade(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER_OR_ZIP",
            help="nbgrader's submitted/, a folder per student or a notebook per student, or the "
            "zip that Canvas or Moodle gives.",
        ),
    ],
    lecture: Annotated[
        list[str] | None, typer.Option(help="A lecture such as 03_slim; may be repeated.")
    ] = None,
    course: Annotated[
        Path, typer.Option(help="The course folder that gets gradebook, feedback and reports.")
    ] = GRADING,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Draws the cases. Left out, the class keeps the seed it has."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Sandboxes at work at a time; one per processor.")
    ] = None,
    sandbox: Annotated[
        Tier | None, typer.Option(help="Use this tier, instead of the strongest that works.")
    ] = None,
    without_sandbox: Annotated[
        bool,
        typer.Option(
            "--without-sandbox", help="Run students' code as you, unconfined. Every report says so."
        ),
    ] = False,
    lend: Annotated[
        bool | None,
        typer.Option(
            "--lend/--no-lend",
            help="The bundle was made with --lend: an exercise is tried with the functions that "
            "the student borrowed for others. Left out, as in the run before.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a dask scheduler whose workers run the sandboxes."),
    ] = None,
):
    """Judge what a class handed in: gradebook, feedback pages, spreadsheets and a class report."""
    if without_sandbox and sandbox:
        _fail("--without-sandbox and --sandbox exclude each other.")
    tier = UNCONFINED if without_sandbox else sandbox and sandbox.value
    known = _known(lecture)
    from autograder.grading import grade as grading
    from autograder.grading.terminal import progress_bar, reporter, show
    from autograder.intake.collect import collect

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what Ctrl-C clears away
    outcomes = []
    try:
        with _alone(course), progress_bar(console) as bar:
            handed, notices = collect(path, known, course)
            if any(handed.values()):
                bar.console.print("Sandboxes start, and are proved first.", style="dim")
            for name in known:
                if handed[name]:
                    run = grading.LectureRun(
                        name,
                        course,
                        seed,
                        _pool_maker(tier, workers, scheduler),
                        reporter(bar),
                        unconfined=without_sandbox,
                        lends=lend,
                    )
                    outcomes.append(run.grade(handed[name]))
    except KeyboardInterrupt:
        console.print("Stopped. What is judged is kept; the same command goes on from there.")
        raise SystemExit(130) from None
    for outcome in outcomes:
        show(console, outcome, course)
    for sentence in notices:
        console.print(sentence, style="yellow", soft_wrap=True, markup=False)
    if not outcomes:
        _fail(f"{path} holds no submission of {', '.join(known)}.")


@contextlib.contextmanager
def _alone(course):
    """Keep other runs out of a course folder; the lock ends with the process, however it ends."""
    from filelock import FileLock, Timeout

    whole = course.resolve()
    if set("[]*?") & set(str(whole)):
        _fail(f"{whole}: nbgrader takes [ ] * ? in a path for wildcards. Name another --course.")
    if folder := visible_from(whole):
        _fail(f"{whole} is in {folder}, which students' code can read. Name another --course.")
    lock, is_new = course / ".grading.lock", not course.exists()
    try:
        course.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _fail(f"{course} cannot be the course folder: {error.strerror}. Name another --course.")
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        _fail(f"Another `autograder grade` is at work in {course}. Wait for it, or stop it.")
    finally:
        if is_new and list(course.iterdir()) == [lock]:  # nothing was worth a folder
            lock.unlink()
            course.rmdir()


@app.command()
def replay(
    student: Annotated[str, typer.Argument(help="The student's id, as in the gradebook.")],
    lecture: Annotated[str, typer.Argument(help="A lecture such as 03_slim.")],
    exercise: Annotated[str, typer.Argument(help="An exercise such as soft_threshold.")],
    course: Annotated[Path, typer.Option(help="The course folder.")] = GRADING,
    sandbox: Annotated[
        Tier | None, typer.Option(help="Use this tier, instead of the one that the record names.")
    ] = None,
):
    """Judge one exercise of one student again on the recorded cases, for an appeal."""
    _known([lecture])
    from autograder.grading.replay import replay_exercise

    found = replay_exercise(course, student, lecture, exercise, sandbox and sandbox.value)
    console.print("\n".join(found.lines), markup=False, soft_wrap=True)
    if not found.same:
        raise SystemExit(1)


@app.command()
def mutants(
    lecture: Annotated[str, typer.Argument(help="A lecture such as 03_slim.")],
    exercise: Annotated[
        str | None, typer.Argument(help="An exercise such as soft_threshold; all if left out.")
    ] = None,
):
    """Edit each reference in one place at a time, and show the edits that no case refuses."""
    _known([lecture])
    from rich.progress import Progress

    from autograder.lecture.mutant_trials import REMEDY, try_mutants
    from autograder.lecture.source import load_source

    names = list(load_source(lecture).exercises)
    if exercise and exercise not in names:
        _fail(f"{lecture} has no exercise {exercise!r}. Exercises: {', '.join(names)}.")
    n_faults = 0
    # no thread of its own: processes are forked while it is shown
    with Progress(console=console, auto_refresh=False, transient=True) as bar:
        for name in [exercise] if exercise else names:
            task = bar.add_task(name)

            def step(done, total, task=task):
                bar.update(task, completed=done, total=total, refresh=done % 100 == 0)

            found = try_mutants(lecture, name, range(MUTANT_SEEDS), step)
            n_faults += len(found.faults)
            bar.update(task, visible=False, refresh=True)
            told = f"{len(found.trials)} mutants, {found.harmless} recorded as harmless"
            console.print(f"{name}: {told}, {len(found.faults)} to look at")
            for fault in found.faults:
                console.print(f"\n{fault}\n", soft_wrap=True, markup=False)
    if n_faults:
        _fail(REMEDY)


def _known(lectures):
    """Return the lectures asked for, all of them if none is; fail on an unknown one."""
    known = lecture_names()
    for name in lectures or []:
        if name not in known:
            _fail(f"There is no lecture {name!r}. Lectures: {', '.join(known)}.")
    return lectures or known


def _pool_maker(tier, workers, scheduler):
    """Return the function that makes the pool of sandboxes, here or on a cluster."""
    if scheduler is None:
        from autograder.sandbox.pool import Pool

        return lambda prelude: Pool(prelude, tier, workers)
    from autograder.sandbox.cluster import ClusterPool

    return lambda prelude: ClusterPool(scheduler, prelude, tier)


def _fail(message):
    console.print(message, style="red", soft_wrap=True, markup=False)
    raise SystemExit(1)


def main():
    """Run the command line, in an environment that has what it needs."""
    try:
        require_staff_packages()
    except UserError as error:
        _fail(str(error))
    app()
