"""Grade the same class with plain nbgrader and with `autograder grade`, side by side in one run.

    python benchmarks/grading.py             100 submissions, reduced to what grading needs
    python benchmarks/grading.py --whole 10  10 submissions as students hand them in
    python benchmarks/grading.py --only 2000 `autograder grade` alone: throughput and memory

Plain nbgrader runs the whole notebook, demonstrations and training included. Reduced notebooks have
only the setup, the functions and their checks left, which is the best case for nbgrader; the judge
runs the same cells of both kinds. Seconds are wall time of the whole command, start and reports
included.
"""

import argparse
import copy
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

from autograder.lecture.nbgrader_course import register
from autograder.lecture.source import load_source
from autograder.paths import ROOT, released_path

LECTURE = "03_slim"
SHARES = {"reference": 0.7, "mistake": 0.85, "alternative": 0.95}  # cumulated; the rest is blank
console = Console(highlight=False)


def make_class(folder, size, reduced):
    """Write `size` submissions, a mix of right, mistaken and blank functions, below a folder."""
    released = nbformat.read(released_path(LECTURE), as_version=4)
    source = load_source(LECTURE)
    written = {cell.grade_id: cell.node.source for cell in source.cells if cell.is_solution}
    if reduced:
        released.cells = [cell for cell in released.cells if _is_needed(cell)]
    rng = random.Random(0)
    for number in range(size):
        notebook = copy.deepcopy(released)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in source.exercises:
                cell.source = _answer(source.exercises[name], written[name], cell.source, rng)
        path = folder / f"student{number:04}" / LECTURE / f"{LECTURE}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def _is_needed(cell):
    return "nbgrader" in cell.metadata or "setup" in cell.metadata.get("tags", [])


def _answer(exercise, reference, blank, rng):
    draw = rng.random()
    if draw < SHARES["reference"]:
        return reference
    if draw < SHARES["mistake"]:
        return rng.choice(exercise.mistakes).source(exercise.name)
    if draw < SHARES["alternative"]:
        return rng.choice(exercise.alternatives).source(exercise.name)
    return blank


def with_nbgrader(folder):
    """Return the seconds of plain `nbgrader autograde`, and the mean score it gave."""
    register(LECTURE, folder)
    # not in the repository's folder, whose nbgrader_config.py brings the judge
    command = ["nbgrader", "autograde", LECTURE, f"--CourseDirectory.root={folder}"]
    seconds = _run([*command, "--Execute.timeout=120"], folder)
    return seconds, _mean_score(folder)


def with_autograder(folder, *options):
    """Return the seconds of `autograder grade`, and the mean score it gave."""
    register(LECTURE, folder)
    command = ["autograder", "grade", str(folder / "submitted"), "--course", str(folder)]
    return _run([*command, *options], ROOT), _mean_score(folder)


def _run(command, folder):
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True
    )
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return seconds


def _mean_score(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        submissions = gradebook.assignment_submissions(LECTURE)
        return len(submissions), sum(s.score for s in submissions) / max(1, len(submissions))


def compare(size, reduced):
    """Print both times of one class and their ratio."""
    with tempfile.TemporaryDirectory() as place:
        rows = []
        for name, grade in (
            ("nbgrader autograde", with_nbgrader),
            ("autograder grade", with_autograder),
        ):
            folder = Path(place) / name.split()[0]
            make_class(folder / "submitted", size, reduced)
            seconds, (graded, mean) = grade(folder)
            rows.append((name, seconds, graded, mean))
            console.print(f"{name}: {seconds:.1f} s", style="dim")
    kind = "reduced" if reduced else "whole"
    table = Table("command", "seconds", "per submission", "graded", "mean score", "ratio")
    table.title = f"{size} {kind} submissions of {LECTURE}, {os.cpu_count()} CPUs"
    for name, seconds, graded, mean in rows:
        ratio = f"{rows[0][1] / seconds:.1f}"
        table.add_row(
            name, f"{seconds:.1f}", f"{seconds / size:.3f}", str(graded), f"{mean:.2f}", ratio
        )
    console.print(table)


def watch(size):
    """Print throughput and memory of `autograder grade` alone on a large class."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_class(folder / "submitted", size, reduced=False)
        stop, samples = threading.Event(), []
        watcher = threading.Thread(target=_sample, args=(folder, stop, samples))
        watcher.start()
        seconds, (graded, _) = with_autograder(folder)
        stop.set()
        watcher.join()
    table = Table("judged", "seconds", "MiB of the judge", "MiB with its sandboxes")
    for share in range(1, 11):
        reached = next((s for s in samples if s[1] >= size * share / 10), samples[-1])
        table.add_row(*(f"{number:.0f}" for number in (reached[1], reached[0], *reached[2:])))
    console.print(table)
    console.print(
        f"{graded} submissions in {seconds:.0f} s: {graded / seconds:.1f} per second, "
        f"{os.cpu_count()} CPUs"
    )


def _sample(folder, stop, samples):
    """Append (seconds, judged, MiB of the judge, MiB in all) twice a second."""
    began, me = time.monotonic(), psutil.Process()
    while not stop.wait(0.5):
        try:
            judge = next(p for p in me.children() if "autograder" in " ".join(p.cmdline()))
            family = [judge, *judge.children(recursive=True)]
            sizes = [p.memory_full_info().pss / 2**20 for p in family]
        except (StopIteration, psutil.Error):
            continue
        judged = len(list((folder / "judged" / LECTURE).glob("*.json")))
        samples.append((time.monotonic() - began, judged, sizes[0], sum(sizes)))


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=100, help="size of the reduced class")
    parser.add_argument("--whole", type=int, help="compare on this many whole notebooks instead")
    parser.add_argument("--only", type=int, help="watch `autograder grade` on this many instead")
    options = parser.parse_args()
    if options.only:
        watch(options.only)
    elif options.whole:
        compare(options.whole, reduced=False)
    else:
        compare(options.submissions, reduced=True)


if __name__ == "__main__":
    main()
