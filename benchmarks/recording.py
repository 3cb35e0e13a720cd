"""What the benchmarks share: a clock, one thread for all, and the table on screen and on disk."""

import datetime
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from embedlab.tables import RECORDED

Result = TypeVar("Result")


def use_one_thread() -> None:
    """Let linear algebra use one thread from here on, as every solver that is compared does."""
    threadpool_limits(limits=1)


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return work()'s result and the CPU seconds it took.

    On one thread and an idle machine these are the seconds on the wall; on a busy one they do not
    count the time that went to other programs.
    """
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def seconds_per_call(function: Callable, *arguments: object) -> float:
    """Return the CPU seconds of one call, repeated until they can be measured."""
    _, took = timed(lambda: function(*arguments))
    repeats = 1
    while took < 0.5:
        repeats *= 4
        _, took = timed(lambda n=repeats: [function(*arguments) for _ in range(n)])
    return took / repeats


def origin(packages: Sequence[str]) -> dict:
    """Return the date, the machine, and the versions of Python and of the packages."""
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "versions": {
            "Python": platform.python_version(),
            **{package: version(package) for package in packages},
        },
    }


def record(
    lecture: str,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | float]],
    how: str,
    packages: Sequence[str],
) -> None:
    """Print the table and write it where `Lecture(lecture).recorded(name)` reads it.

    Args:
        lecture: such as "03_slim".
        name: the benchmark's name within the lecture.
        columns: the table's heads.
        rows: one cell per column, numbers already rounded.
        how: what was measured, in one or two sentences; date, machine and versions are added.
        packages: distributions whose versions matter.
    """
    measured = origin(packages)
    software = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    how = f"{how} {measured['date']}, {measured['machine']}, {software}."

    table = Table(*columns, caption=how, caption_justify="left")
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)

    entry = {
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "how": how,
        **measured,
    }
    path = RECORDED / f"{lecture}_{name}.json"
    path.write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    print(f"Written to {path.relative_to(RECORDED.parents[1])}")
