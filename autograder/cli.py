"""The `autograder` command."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder import build as building
from autograder.bundle import write_bundle
from autograder.paths import GRADING, relative
from autograder.source import SourceError, lecture_names

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False)
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
    known = lecture_names()
    for name in lectures or []:
        if name not in known:
            _fail(f"There is no lecture {name!r}. Lectures: {', '.join(known)}.")
    drifted = []
    for name in lectures or known:
        try:
            if check:
                found = building.check_lecture(name)
                drifted += found
                console.print(f"{name}: {'drifted' if found else 'up to date'}")
            else:
                with console.status(f"{name}: building (runs the solution if anything changed)"):
                    files = building.build_lecture(name, GRADING)
                    written = building.write(files)
                changed = ", ".join(map(relative, written)) or "nothing to do, all up to date"
                console.print(f"{name}: {changed}")
        except (SourceError, building.BuildError) as error:
            _fail(str(error))
    if drifted:
        _fail("\n".join(drifted) + "\nRun `autograder build` and commit what it writes.")


@app.command()
def bundle(
    target: Annotated[Path, typer.Argument(help="The zip file to write.")] = Path("course.zip"),
):
    """Write the zip that students receive: lectures, kit and data; no solution, no hidden case."""
    if target.exists():
        _fail(f"{target} is there already; move it away or name another file.")
    names = write_bundle(target)
    console.print(f"{target}: {len(names)} files")


def _fail(message):
    console.print(message, style="red", soft_wrap=True, markup=False)
    raise SystemExit(1)


def main():
    """Run the command line."""
    # nbgrader starts a bare `alembic`: make sure this environment's is found
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    app()
