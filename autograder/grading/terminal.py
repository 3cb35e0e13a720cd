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
from rich.text import Text

from autograder.grading.grade import Progress as RunProgress
from autograder.records import GRADED, STATUSES, STOPPED, Records

CHANGES_SHOWN = 20


class _TimeLeft(TimeRemainingColumn):
    """The time left, once something was judged: what needs no judging says nothing about it."""

    def render(self, task):
        """Return the time left, or a dash."""
        if task.finished or task.fields["judged"]:
            return super().render(task)
        return Text("-:--:--", style="progress.remaining")


def progress_bar(console):
    """Return a bar per lecture with the time spent and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        _TimeLeft(elapsed_when_finished=False),
        console=console,
    )


def reporter(bar):
    """Return what tells a run's progress to the bar."""
    tasks = []

    def step(was_run):
        judged = was_run or bar.tasks[-1].fields["judged"]
        bar.update(tasks[-1], advance=1, judged=judged)

    return RunProgress(
        begin=lambda name, total: tasks.append(bar.add_task(name, total=total, judged=False)),
        step=step,
    )


def _partly(outcome):
    if not outcome.partly:
        return ""
    return f" ({outcome.judged - outcome.partly} wholly, {outcome.partly} in some exercises)"


def show(console, outcome, course):
    """Print what a run did for a lecture: a table, what changed, and where everything is."""
    records = list(Records(course, outcome.lecture).all())
    table = Table("exercise", "passed", "mean score", "points", title=outcome.lecture)
    for column in table.columns[1:]:
        column.justify = "right"
    graded = [record for record in records if record.status in (GRADED, STOPPED)]
    for name in graded[0].exercises if graded else ():
        found = [record for record in graded if name in record.exercises]
        passed = sum(record.exercises[name].verdict.passed for record in found)
        mean = statistics.fmean(
            outcome.book.of(record.student.id).score_of(record, name) for record in found
        )
        points = found[0].exercises[name].points
        table.add_row(name, f"{passed} of {len(found)}", f"{mean:.2f}", f"{points:g}")
    console.print(table)
    counts = Counter(record.status for record in records)
    statuses = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    tiers = ", ".join(sorted({record.sandbox for record in records if record.sandbox}))
    console.print(
        f"{outcome.judged} judged now{_partly(outcome)}, {outcome.kept} unchanged; "
        f"in all {statuses}; sandbox: {tiers or 'nothing was run'}"
    )
    if outcome.changes:
        console.print(f"{len(outcome.changes)} scores changed:")
    elif outcome.regraded or not outcome.judged:
        console.print("No score changed.")
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
