"""The warm process: imports once, then forks a process for every submission.

The warm process itself reads no job and no result: a student's code could find in its memory what
another student wrote or returned. It waits until there is something to read, and forks a server,
which reads that one job, watches over the student's processes and answers.

    stdin   a start message, then one message per job (see `frames`)
    stdout  {"ready": true}, then one result per job; {"last": true} in it asks for a new process

A start message: {"prelude": cells to run once, "layers": which layers of `confine` to use,
"workplace": the one folder a job may write to, "readable": what Landlock leaves readable, "limits":
{...}}.
A job: {"cells": [source], "calls": [{"exercise", "driver", "cases", "seconds", "lent"}]}.
A result: {"reports": {exercise: report}, "cells": {index: how it ended}, "ended": why early or ""}.
A report is text, JSON as the student's process wrote it, unread; or {"ended": reason}. The reasons:
"time", "memory", "crashed", "output", "stopped".
"""

import contextlib
import gc
import os
import select
import shutil
import signal
import sys
import time
import traceback

from inside import confine
from inside.attempt import Attempt
from inside.frames import read_frame, write_frame
from inside.processes import end_all

NOBODY = 65534
ATTEMPTS = 6  # runs of the cells of one submission, each without what stopped an earlier one
GRACE_SECONDS = 10  # for ending a job
UNFINISHED = 3  # cells that did not finish: from then on, and after half of the time, only what
# the cells define is run, so that the exercises get their turn
MESSAGE_BYTES = 1 << 30  # messages come from the judge: a bound against torn lengths only


def main():
    """Serve jobs until stdin ends."""
    channel = os.dup(0), os.dup(1)
    with open(os.devnull, "r+") as nowhere:
        for descriptor in (0, 1):
            os.dup2(nowhere.fileno(), descriptor)
    try:
        warm = Warm(_receive(channel), channel)
    except Exception:
        _send(channel, {"ready": False, "why": traceback.format_exc(limit=-3)})
        return
    _send(channel, {"ready": True})
    there_is_more = True
    while there_is_more:
        select.select([channel[0]], [], [])
        server = os.fork()
        if server == 0:
            _serve(warm, channel)
        _, status = os.waitpid(server, 0)
        end_all()
        there_is_more = status == 0


def _serve(warm, channel):
    """In a server: answer one job; never returns."""
    with contextlib.suppress(BaseException):
        # should it ever hang: it dies, and the warm process ends what it left
        signal.alarm(int(warm.limits["job_seconds"]) + GRACE_SECONDS)
        if job := _receive(channel):
            result = warm.serve(job)
            _send(channel, {**result, "last": bool(os.listdir(warm.workplace))})
            os._exit(0)
    os._exit(1)


def _receive(channel):
    with os.fdopen(os.dup(channel[0]), "rb") as stream:
        return read_frame(stream, MESSAGE_BYTES)


def _send(channel, message):
    with os.fdopen(os.dup(channel[1]), "wb") as stream:
        write_frame(stream, message)


class Warm:
    """A process that has imported what the lecture needs and never runs a student's code itself."""

    def __init__(self, start, channel):
        self.layers, self.limits = start["layers"], start["limits"]
        self.workplace, self.readable = start["workplace"], start["readable"]
        self.channel = channel
        if "identity" in self.layers:
            confine.drop_root(NOBODY)
        os.environ.update(HOME=self.workplace, TMPDIR=self.workplace, IPYTHONDIR=self.workplace)
        os.chdir(self.workplace)
        self._warm_up(start["prelude"])
        self._tidy()
        gc.collect()
        gc.freeze()  # a collection in a child would copy every page of the imported modules
        confine.join_pages()
        confine.adopt_orphans()
        confine.hide_memory()
        self.address_space = confine.address_space()

    def _warm_up(self, prelude):
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        # no history: its file would stay open, for one job to write into and the next to read
        off = Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})
        shell = InteractiveShell.instance(config=off)
        shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None  # nobody reads them
        shell.enable_gui = lambda *_, **__: None  # `%matplotlib` asks for it; there is no screen
        for source in prelude:
            result = shell.run_cell(source, store_history=False)
            result.raise_error()
        if "torch" in sys.modules:
            _warm_torch()

    def serve(self, job):
        """In a server: return the result of a job."""
        confine.adopt_orphans()
        confine.die_with_parent()
        result = {"reports": {}, "cells": {}, "ended": ""}
        began = time.monotonic()
        deadline = began + self.limits["job_seconds"]
        hurry_at = began + self.limits["job_seconds"] / 2
        reduced, deaths = {}, {}
        for _ in range(ATTEMPTS):
            attempt = Attempt(self, job, result, reduced, deadline, hurry_at)
            place = attempt.watch()
            self._tidy()
            if place is None:
                return result
            kind, index = place.kind, place.index
            if kind == "cell":
                reduced[index] = "nothing" if index in reduced else "definitions"
            if kind == "hurry" or len(reduced) >= UNFINISHED:
                for number in range(len(job["cells"])):
                    reduced.setdefault(number, "definitions")
            if kind == "try":  # the process of the cells died, not the exercise's own: once more
                deaths[index] = deaths.get(index, 0) + 1
                if deaths[index] > 1:
                    name = job["calls"][index]["exercise"]
                    result["reports"].setdefault(name, {"ended": "crashed"})
        result["ended"] = result["ended"] or "crashed"
        return result

    def _tidy(self):
        """Empty the workplace as far as it goes, where no namespace of the job did it."""
        for entry in os.scandir(self.workplace):
            if entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(RecursionError):
                    shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def _warm_torch():
    """Import what torch imports late: the first optimizer step takes most of a second."""
    import torch

    torch.set_num_threads(1)  # a pool of threads would not survive the fork
    weight = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.Adam([weight])
    weight.sum().backward()
    optimizer.step()
