"""What `autograder grade` shows in the terminal while it works and when it is done."""

import statistics
from collections import Counter

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.grade import Progress as RunProgress
from autograder.records import GRADED, STATUSES, STOPPED, Records

CHANGES_SHOWN = 20


def progress_bar(console):
    """Return a bar per lecture with the time spent and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
        console=console,
    )


def reporter(bar):
    """Return what tells a run's progress to the bar."""
    tasks = []
    return RunProgress(
        begin=lambda name, total: tasks.append(bar.add_task(name, total=total)),
        step=lambda: bar.advance(tasks[-1]),
    )


def show(console, outcome, course):
    """Print what a run did for a lecture: a table, what changed, and where everything is."""
    records = list(Records(course, outcome.lecture).all())
    table = Table("exercise", "passed", "mean score", "points", title=outcome.lecture)
    for column in table.columns[1:]:
        column.justify = "right"
    graded = [record for record in records if record.status in (GRADED, STOPPED)]
    for name in graded[0].exercises if graded else ():
        found = [record.exercises[name] for record in graded if name in record.exercises]
        passed = sum(exercise.verdict.passed for exercise in found)
        mean = statistics.fmean(exercise.score for exercise in found)
        table.add_row(name, f"{passed} of {len(found)}", f"{mean:.2f}", f"{found[0].points:g}")
    console.print(table)
    counts = Counter(record.status for record in records)
    statuses = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    tiers = ", ".join(sorted({record.sandbox for record in records if record.sandbox}))
    console.print(
        f"{outcome.judged} judged now, {outcome.kept} unchanged; in all {statuses}; "
        f"sandbox: {tiers or 'nothing was run'}"
    )
    if outcome.changes:
        console.print(f"{len(outcome.changes)} scores changed:")
    for change in outcome.changes[:CHANGES_SHOWN]:
        console.print(
            f"  {change.student_id} {change.exercise}: {change.score_before:g} -> "
            f"{change.score_after:g}, {change.reason}",
            markup=False,
            soft_wrap=True,
        )
    if len(outcome.changes) > CHANGES_SHOWN:
        console.print("  ... and the rest in the class report")
    for warning in outcome.warnings:
        console.print(warning, style="yellow", soft_wrap=True, markup=False)
    places = [*outcome.files, course / "feedback", course / "gradebook.db"]
    written = "\n".join(f"  {place}" for place in places)
    console.print(f"Written:\n{written}", soft_wrap=True, markup=False)
