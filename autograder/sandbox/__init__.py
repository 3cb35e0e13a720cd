"""Run a student's code where it can do no harm, and bring back data.

`Sandbox` keeps one warm process (`inside.warm`) in a tier (`tiers`). `Pool` keeps several, in the
strongest tier that works, proved by `canary` before grading starts. Jobs go in and results come out
as plain data.
"""

import contextlib
import shutil
import subprocess
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.sandbox.image import write_image
from autograder.sandbox.inside.frames import read_frame, write_frame
from autograder.sandbox.tiers import SandboxError, tier

__all__ = ["JobResult", "Limits", "Sandbox", "SandboxError"]

START_SECONDS = 120  # importing torch from a cold disk takes a while
GRACE_SECONDS = 30  # the warm process ends a job by itself; this is for when it does not
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    cell_seconds, exercise_seconds (all cases of it): of computing; of waiting three times as many.
    job_seconds: wall time of it all. cpu_seconds: what each process may compute. memory: bytes on
    top of the imported libraries. report_bytes: what one exercise may return.
    """

    cell_seconds: float = 10
    exercise_seconds: float = 10
    job_seconds: int = 120
    cpu_seconds: int = 60
    memory: int = 2048 * MEBIBYTE
    processes: int = 32
    file_bytes: int = 64 * MEBIBYTE
    tmpfs_bytes: int = 128 * MEBIBYTE
    report_bytes: int = 4 * MEBIBYTE


@dataclass(frozen=True)
class JobResult:
    """What came back from a job.

    reports: {exercise: text of the student's process, JSON if it is honest, or {"ended": reason}}.
    cells: {index of the cell: {"ended": reason} or {"fault": JSON text of [type, message]}}.
    ended: why the job was broken off, "" if it was not.
    """

    reports: dict
    cells: dict
    ended: str = ""


class Sandbox:
    """One warm process in a tier; for one thread at a time, but for `interrupt`. A context manager.

    prelude: cells to run before the first job, the lecture's own. Raises SandboxError when the tier
    cannot be had here.
    """

    def __init__(self, tier_name, prelude=(), limits=None):
        self.tier_name, self.limits = tier_name, limits or Limits()
        self._prelude = list(prelude)
        self._folder = Path(tempfile.mkdtemp(prefix="embedlab-sandbox-"))
        self._folder.chmod(0o755)
        self._process, self._after = None, ()
        try:
            write_image(self._folder / "image")
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):  # noqa: D105
        return self

    def __exit__(self, *_):  # noqa: D105
        self.close()

    def run(self, job):
        """Return the JobResult of {"cells": [...], "calls": [...]}; raises SandboxError only."""
        if self._process is None:
            self._start()
        answer = self._exchange(job, self.limits.job_seconds + GRACE_SECONDS)
        if answer is None:
            self._stop()
            return JobResult({}, {}, "crashed")
        if answer["ended"].startswith("unconfined"):
            raise SandboxError(f"The sandbox {self.tier_name} does not hold: {answer['ended']}")
        if answer.pop("last"):
            self._stop()  # the job left what cannot be removed: the next one gets an empty place
        return JobResult(**answer)

    def interrupt(self):
        """End the job at hand, from any thread; its `run` returns "crashed"."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self):
        """End the warm process and remove its folder; not while another thread runs a job."""
        self._stop()
        with contextlib.suppress(RecursionError):  # what an unconfined job left can be deep
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self):
        workplace = Path(tempfile.mkdtemp(prefix="workplace-", dir=self._folder))
        workplace.chmod(0o1777)
        chosen = tier(self.tier_name, self._folder / "image", workplace)
        self._process = subprocess.Popen(
            chosen.command,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints(),
            env=chosen.environment,
        )
        self._after = chosen.stop
        message = {
            "prelude": self._prelude,
            "layers": chosen.layers,
            "workplace": chosen.workplace,
            "readable": chosen.readable,
            "limits": asdict(self.limits),
        }
        answer = self._exchange(message, START_SECONDS)
        if answer is None or not answer["ready"]:
            why = answer["why"] if answer else self._last_complaint()
            self._stop()
            raise SandboxError(f"{self.tier_name} does not start: {why.strip()}")

    def _exchange(self, message, seconds):
        """Send a message and return the answer; None if the process dies or takes too long."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            write_frame(self._process.stdin, message)
            longest = 64 * self.limits.report_bytes
            return read_frame(self._process.stdout, longest)
        except (OSError, ValueError):
            return None
        finally:
            timer.cancel()

    def _complaints(self):
        return (self._folder / "complaints.txt").open("wb")

    def _last_complaint(self):
        self._process.kill()
        self._process.wait()
        text = (self._folder / "complaints.txt").read_text("utf-8", "replace").strip()
        return text[-600:] or "it ended without a word"

    def _stop(self):
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        process.wait()
        if self._after:
            subprocess.run(self._after, capture_output=True)
