"""The warm process: imports once, then forks a process for every submission.

The warm process itself reads no job and no result: a student's code could find in its memory what
another student wrote or returned. It waits until there is something to read, and forks a server,
which reads that one job, watches over the student's processes and answers.

    stdin   a start message, then one message per job (see `frames`)
    stdout  {"ready": true}, then one result per job; {"last": true} in it asks for a new process

A start message: {"prelude": cells to run once, "layers": which layers of `confine` to use,
"workplace": the one folder a job may write to, "readable": what Landlock leaves readable, "limits":
{...}}.
A job: {"cells": [source], "calls": [{"exercise", "driver", "cases", "seconds"}]}.
A result: {"reports": {exercise: report}, "cells": {index: how it ended}, "ended": why early or ""}.
A report is text, JSON as the student's process wrote it, unread; or {"ended": reason}. The reasons:
"time", "memory", "crashed", "output", "stopped".
"""

import contextlib
import gc
import json
import os
import re
import select
import shutil
import signal
import sys
import time
import traceback

from inside import cells, confine
from inside.frames import read_frame, write_frame

NOBODY = 65534
TICK = 0.05  # seconds between two looks at the memory in use
# A time limit counts the seconds that processors spent, so that a busy machine costs nobody points;
# who only waits is stopped after this many times as much.
PATIENCE = 3
ATTEMPTS = 6  # runs of the cells of one submission, each without what stopped an earlier one
TOTAL_REPORTS = 16  # times `report_bytes`: what one submission may send in all
SHARING = 8  # processes, of those that use most, for which sharing is assumed
GRACE_SECONDS = 10  # for ending a job
UNFINISHED = 3  # cells that did not finish: from then on, and after half of the time, only what
# the cells define is run, so that the exercises get their turn
LINE_BYTES = 1000  # of a line besides its report
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
            kind, index = place
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


class Attempt:
    """One run of a submission's cells and of the exercises that have no report yet."""

    def __init__(self, warm, job, result, reduced, deadline, hurry_at):
        self.warm, self.job, self.result, self.deadline = warm, job, result, deadline
        self.hurry_at, self.hurried = hurry_at, len(reduced) == len(job["cells"])
        self.pending = [
            index
            for index, call in enumerate(job["calls"])
            if call["exercise"] not in result["reports"]
        ]
        self._begin("start", 0)
        self.received, self.rest, self.finished = 0, b"", False
        self.baseline = _resident(os.getpid())
        self._start(reduced)

    def _start(self, reduced):
        self.lines, lines_in = os.pipe()
        leave, self.leave_in = os.pipe()
        os.set_blocking(self.leave_in, False)  # who reads it is the student's process
        pids, pids_in = os.pipe()
        self.keeper = os.fork()
        if self.keeper == 0:
            for descriptor in (self.lines, self.leave_in, pids, *self.warm.channel):
                os.close(descriptor)
            with contextlib.suppress(BaseException):
                self._keep(reduced, lines_in, leave, pids_in)
            os._exit(1)
        for descriptor in (lines_in, leave, pids_in):
            os.close(descriptor)
        with os.fdopen(pids) as answer:
            text = answer.read()
        self.inmate = int(text) if text else self.keeper

    def _keep(self, reduced, lines_in, leave, pids_in):
        """In the first child: enter namespaces, start process 1 of them and wait for its end."""
        confine.die_with_parent()
        layers, limits = self.warm.layers, self.warm.limits
        alone = "namespaces" in layers
        if alone:
            try:
                confine.enter_namespaces(
                    self.warm.workplace, limits["tmpfs_bytes"], read_only="landlock" in layers
                )
            except (confine.Unconfined, OSError) as error:
                os.write(lines_in, f"\nunconfined {json.dumps(str(error))}\n".encode())
                os._exit(1)
        inmate = os.fork()
        if inmate == 0:
            os.close(pids_in)
            _live(self.warm, alone, self.job, reduced, self.pending, lines_in, leave)
        os.close(lines_in)
        os.close(leave)
        os.write(pids_in, str(inmate).encode())
        os.close(pids_in)
        os.waitpid(inmate, 0)
        os._exit(0)

    def _begin(self, kind, index):
        """Note what the submission is at, and since when; the seconds it spent are seen later."""
        self.place, self.since, self.spent_before = (kind, index), time.monotonic(), None

    def watch(self):
        """Follow the attempt to its end; return where it broke off, None if nothing is left."""
        poll = select.poll()
        poll.register(self.lines, select.POLLIN | select.POLLHUP)
        next_look = time.monotonic()
        try:
            while not self.finished:
                if poll.poll(TICK * 1000):
                    data = os.read(self.lines, 1 << 16)
                    if not data:
                        break
                    self._take(data)
                now = time.monotonic()
                if now >= next_look:
                    next_look = now + TICK
                    if (ended := self._look(now)) is not None:
                        return ended
                if not poll.poll(0) and _has_ended(self.keeper):
                    break
        except _Ended as end:
            self.result["ended"] = end.args[0]
            return None
        finally:
            self._end()
        if self.finished:
            return None
        if self.place[0] == "cell":
            self.result["cells"][str(self.place[1])] = {"ended": "crashed"}
        return self.place

    def _look(self, now):
        """Enforce time and memory; return where the attempt must be broken off, if it must."""
        limits = self.warm.limits
        if now > self.deadline:
            raise _Ended("time")
        kind, index = self.place
        seconds = self.job["calls"][index]["seconds"] if kind == "try" else limits["cell_seconds"]
        children = _descendants(self.keeper)
        if kind == "cell" and not self.hurried and now > self.hurry_at:
            self.result["cells"][str(index)] = {"ended": "time"}
            return "hurry", index
        spent = _processor_seconds(children)
        if self.spent_before is None:
            self.spent_before = spent
        is_over = spent - self.spent_before > seconds or now - self.since > PATIENCE * seconds
        used = sorted(map(_resident, children), reverse=True)
        # what they share with the warm process is not theirs; a program they start shares nothing
        in_use = sum(used) - sum(min(self.baseline, one) for one in used[:SHARING])
        reason = "time" if is_over else "memory" if in_use > limits["memory"] else ""
        if not reason:
            return None
        if kind == "try":
            name = self.job["calls"][index]["exercise"]
            self.result["reports"].setdefault(name, {"ended": reason})
            # the next line comes when the process of the cells has noticed
            self.since, self.spent_before = now, None
            if not self._end_exercise():
                return self.place
            return None
        if kind == "cell":
            self.result["cells"][str(index)] = {"ended": reason}
            return self.place
        if kind == "between" and reason == "memory" and children == [self.inmate]:
            return None  # what the cells hold; the next exercise's process counts it again
        raise _Ended(reason)

    def _take(self, data):
        limit = self.warm.limits["report_bytes"]
        self.received += len(data)
        if self.received > TOTAL_REPORTS * limit:
            raise _Ended("output")
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > limit + LINE_BYTES:  # no honest line; and joining it again takes time
            raise _Ended("output")
        for line in lines:
            self._take_line(line)
            if time.monotonic() > self.deadline:
                raise _Ended("time")

    def _take_line(self, line):
        word, _, text = line.decode("utf-8", "replace").partition(" ")
        number, _, text = text.partition(" ")
        index = int(number) if re.fullmatch("[0-9]{1,6}", number) else -1
        if word == "done":
            self.finished = True
        elif word == "unconfined" and self.place[0] == "start":  # before anything of the student's
            raise _Ended(f"unconfined: {line.decode('utf-8', 'replace')[11:]}")
        elif word == "cell" and 0 <= index < len(self.job["cells"]):
            self._begin("cell", index)
        elif word == "fault" and 0 <= index < len(self.job["cells"]):
            self.result["cells"].setdefault(str(index), {"fault": text[:2000]})
        elif word in ("try", "report", "left") and 0 <= index < len(self.job["calls"]):
            name = self.job["calls"][index]["exercise"]
            if word == "try":
                self._begin("try", index)
            elif word == "report":
                is_short = len(text) <= self.warm.limits["report_bytes"]
                self.result["reports"].setdefault(name, text if is_short else {"ended": "output"})
            elif index in self.pending:  # once each: ending an exercise takes time
                self.pending.remove(index)
                ended = "memory" if text == str(cells.MEMORY) else "crashed"
                ended = "time" if text == str(-signal.SIGXCPU) else ended
                self.result["reports"].setdefault(name, {"ended": ended})
                self._begin("between", 0)
                self._end_exercise()  # what it left running must not cost the next one
                with contextlib.suppress(BrokenPipeError, BlockingIOError):
                    os.write(self.leave_in, b"\n")

    def _end_exercise(self):
        """Kill all processes but the keeper and the inmate; say whether that worked."""
        for _ in range(100):
            others = [pid for pid in _descendants(self.keeper) if pid != self.inmate]
            others = [pid for pid in others if not _is_zombie(pid)]
            if not others:
                return True
            _kill(others)
            time.sleep(0.002)
        return False

    def _end(self):
        """Kill everything that this attempt started, and wait until it is gone."""
        os.close(self.lines)
        os.close(self.leave_in)
        _kill([self.inmate, self.keeper])
        os.waitpid(self.keeper, 0)
        end_all()


def end_all():
    """Kill every descendant, and wait until it is gone."""
    for _ in range(500):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        left = _descendants(os.getpid())
        if not left:
            return
        _kill(left)
        time.sleep(0.002)


class _Ended(Exception):
    """The submission as a whole must stop; the argument is the reason."""


def _live(warm, alone, job, reduced, pending, lines_in, leave):
    """In the inmate: lock everything, then run what the student wrote; never returns."""

    def tell(line):
        data = f"\n{line}\n".encode("utf-8", "replace")
        while data:
            data = data[os.write(lines_in, data) :]

    try:
        confine.die_with_parent()
        os.setsid()
        sys.stdin = open(os.devnull)  # noqa: SIM115
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        os.dup2(sys.stdout.fileno(), 2)
        mine = {0, 1, 2, sys.stdin.fileno(), sys.stdout.fileno(), lines_in, leave}
        confine.close_descriptors(mine)
        limits = warm.limits
        confine.limit_resources(
            warm.address_space + limits["memory"],
            limits["processes"],
            limits["file_bytes"],
            limits["cpu_seconds"],
        )
        os.chdir(warm.workplace)
        if "capabilities" in warm.layers:
            confine.drop_capabilities()
        if "landlock" in warm.layers:
            confine.restrict_files(warm.readable, [warm.workplace, os.devnull])
        if "seccomp" in warm.layers:
            confine.filter_system_calls(signals=alone or "scopes" in warm.layers)
    except (confine.Unconfined, OSError) as error:
        tell("unconfined " + json.dumps(str(error)))
        os._exit(1)
    try:
        cells.run(job, limits["report_bytes"], reduced, pending, tell, lambda: os.read(leave, 1))
    finally:
        os._exit(0)


# --- processes, as /proc shows them ---------------------------------------------------------------


def _has_ended(pid):
    """Whether a child has ended; it stays to be waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _stat(pid):
    """Return the fields of /proc/PID/stat from the third on, or None (see proc(5))."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split() or None
    except OSError:
        return None


def _descendants(ancestor):
    """Return the pids of all living descendants of a process."""
    children = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for pid in map(int, filter(str.isdigit, names)):
        if found := _stat(pid):
            children.setdefault(int(found[1]), []).append(pid)
    found, open_ends = [], [ancestor]
    while open_ends:
        mine = children.get(open_ends.pop(), [])
        found += mine
        open_ends += mine
    return found


def _is_zombie(pid):
    found = _stat(pid)
    return found is None or found[0] == "Z"


def _processor_seconds(pids):
    """Return the seconds that processors spent on these processes and on those they waited for."""
    ticks = sum(sum(map(int, found[11:15])) for pid in pids if (found := _stat(pid)))
    return ticks / os.sysconf("SC_CLK_TCK")


def _resident(pid):
    """Return the bytes of anonymous and shared memory that a process has in use."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = [line.split() for line in file]
    except OSError:
        return 0
    return sum(1024 * int(line[1]) for line in lines if line[0] in ("RssAnon:", "RssShmem:"))


def _kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
