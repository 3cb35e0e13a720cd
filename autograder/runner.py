"""Run a job of `embedlab.worker` in a process of its own and collect its report.

The seam for the sandbox: a runner takes the job (plain data) and returns the reports (plain data);
nothing else passes between the judge and a student's code. This one confines nothing but time.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

JOB_SECONDS = 120


@dataclass(frozen=True)
class JobResult:
    """What a job reported: {exercise: report}; `ended` says how it ended when it did not finish."""

    reports: dict
    ended: str = ""


def run_job(job, seconds=JOB_SECONDS):
    """Run the job in a fresh Python process; never raises for what the student's code does."""
    with tempfile.TemporaryDirectory() as folder:
        job_path, report_path = Path(folder) / "job.json", Path(folder) / "report.jsonl"
        job_path.write_text(json.dumps(job), encoding="utf-8")
        workplace = Path(folder) / "workplace"
        workplace.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "embedlab.worker", str(job_path), str(report_path)],
            cwd=workplace,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "MPLBACKEND": "agg", "IPYTHONDIR": folder},
        )
        try:
            code = process.wait(timeout=seconds)
            ended = "" if code == 0 else f"the code stopped its process (exit status {code})"
        except subprocess.TimeoutExpired:
            ended = f"the code did not finish within {seconds} seconds"
        finally:
            _end(process)
        return JobResult(_read_reports(report_path), ended)


def _end(process):
    """Kill what is left of the process and of all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _read_reports(path):
    """Return {exercise: report} of the lines that are whole; a torn last line is left out."""
    reports = {}
    if not path.exists():
        return reports
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            report = json.loads(line)
            reports.setdefault(report["exercise"], report)
        except (ValueError, TypeError, KeyError):
            continue
    return reports
