"""One attempt at a submission: its processes, what they say, and when they must end.

The keeper enters the namespaces; the inmate in them is process 1, locks itself in and runs what the
student wrote; each exercise is a child of it. What they say comes as lines (see `cells`).
"""

import contextlib
import json
import os
import re
import select
import signal
import sys
import time
from dataclasses import dataclass

from inside import cells, confine
from inside.processes import (
    descendants,
    end_all,
    has_ended,
    is_zombie,
    kill,
    processor_seconds,
    resident,
)

TICK = 0.05  # seconds between two looks at the memory in use
# A time limit counts the seconds that processors spent, so that a busy machine costs nobody points;
# who only waits is stopped after this many times as much.
PATIENCE = 3
TOTAL_REPORTS = 16  # times `report_bytes`: what one submission may send in all
SHARING = 8  # processes, of those that use most, for which sharing is assumed
LINE_BYTES = 1000  # of a line besides its report


@dataclass(frozen=True)
class Place:
    """What a submission is at.

    kind: "start", "cell", "try" (an exercise) or "between" exercises; "hurry" is a cell at which
    the attempt was broken off because half of the time is over. index: of the cell or the call.
    """

    kind: str
    index: int


@dataclass(frozen=True)
class Decision:
    """What must end and for which reason.

    what: "submission", "exercise", "cell", or "hurry": the attempt, so that what is left is tried.
    reason: "time" or "memory".
    """

    what: str
    reason: str


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
        self.baseline = resident(os.getpid())
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
        self.place, self.since, self.spent_before = Place(kind, index), time.monotonic(), None

    def watch(self):
        """Follow the attempt to its end; return the Place where it broke off, None at the end."""
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
                    decision = self._look(now)
                    if decision and (broken_off := self._act(decision, now)):
                        return broken_off
                if not poll.poll(0) and has_ended(self.keeper):
                    break
        except _Ended as end:
            self.result["ended"] = end.args[0]
            return None
        finally:
            self._end()
        if self.finished:
            return None
        if self.place.kind == "cell":
            self.result["cells"][str(self.place.index)] = {"ended": "crashed"}
        return self.place

    def _look(self, now):
        """Return the Decision that time or memory asks for, None if everything may go on."""
        limits, kind = self.warm.limits, self.place.kind
        if now > self.deadline:
            return Decision("submission", "time")
        if kind == "cell" and not self.hurried and now > self.hurry_at:
            return Decision("hurry", "time")
        children = descendants(self.keeper)
        reason = "time" if self._is_over(now, children) else ""
        if not reason and self._memory(children) > limits["memory"]:
            reason = "memory"
        if not reason:
            return None
        if kind == "between" and reason == "memory" and children == [self.inmate]:
            return None  # what the cells hold; the next exercise's process counts it again
        return Decision({"try": "exercise", "cell": "cell"}.get(kind, "submission"), reason)

    def _is_over(self, now, children):
        """Whether the cell or the exercise has had its time."""
        kind, index = self.place.kind, self.place.index
        limits = self.warm.limits
        seconds = self.job["calls"][index]["seconds"] if kind == "try" else limits["cell_seconds"]
        spent = processor_seconds(children)
        if self.spent_before is None:
            self.spent_before = spent
        return spent - self.spent_before > seconds or now - self.since > PATIENCE * seconds

    def _memory(self, children):
        """Return the bytes in use; what is shared with the warm process is not theirs."""
        used = sorted(map(resident, children), reverse=True)
        # a program they start shares nothing
        return sum(used) - sum(min(self.baseline, one) for one in used[:SHARING])

    def _act(self, decision, now):
        """Carry a Decision out; return the Place where the attempt is broken off, None to go on."""
        index, ended = self.place.index, {"ended": decision.reason}
        if decision.what == "submission":
            raise _Ended(decision.reason)
        if decision.what == "exercise":
            self.result["reports"].setdefault(self.job["calls"][index]["exercise"], ended)
            # the next line comes when the process of the cells has noticed
            self.since, self.spent_before = now, None
            return None if self._end_exercise() else self.place
        self.result["cells"][str(index)] = ended
        return Place("hurry", index) if decision.what == "hurry" else self.place

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
        elif word == "unconfined" and self.place.kind == "start":  # nothing of the student's ran
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
            others = [pid for pid in descendants(self.keeper) if pid != self.inmate]
            others = [pid for pid in others if not is_zombie(pid)]
            if not others:
                return True
            kill(others)
            time.sleep(0.002)
        return False

    def _end(self):
        """Kill everything that this attempt started, and wait until it is gone."""
        os.close(self.lines)
        os.close(self.leave_in)
        kill([self.inmate, self.keeper])
        os.waitpid(self.keeper, 0)
        end_all()


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
