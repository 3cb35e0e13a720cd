"""Run a student's cells and report, as plain data, what their functions do with given arguments.

    python -m embedlab.worker JOB REPORT

JOB is a JSON file {"cells": [source, ...], "calls": [{"exercise": name, "cases": [arguments, ...]},
...]}. REPORT gets one JSON line per exercise, {"exercise": name, "outcomes": [...]}, as soon as it
is known; an exercise whose function does not exist gets {"exercise": name, "missing": true}.

This process holds the student's kit and the student's code, never a reference: what it reports is
compared elsewhere.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from embedlab.observe import observe


def work(job, report):
    """Run the job's cells, then call each exercise's function; write lines to the file `report`."""
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for source in job["cells"]:
            shell.run_cell(source)  # a cell that fails costs what it defines, nothing else
        for call in job["calls"]:
            function = shell.user_ns.get(call["exercise"])
            if callable(function):
                found = {"outcomes": [observe(function, case) for case in call["cases"]]}
            else:
                found = {"missing": True}
            report.write(json.dumps({"exercise": call["exercise"], **found}) + "\n")
            report.flush()


if __name__ == "__main__":
    job_path, report_path = map(Path, sys.argv[1:])
    with report_path.open("w", encoding="utf-8") as report_file:
        work(json.loads(job_path.read_text(encoding="utf-8")), report_file)
