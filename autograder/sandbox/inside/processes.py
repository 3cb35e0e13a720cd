"""Processes as /proc shows them, and their end."""

import contextlib
import os
import signal
import time


def has_ended(pid):
    """Whether a child has ended; it stays to be waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _stat(pid):
    """Return the fields of /proc/PID/stat from the third on, or None (see proc(5))."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split() or None
    except OSError:
        return None


def descendants(ancestor):
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


def is_zombie(pid):
    """Whether a process has ended, whoever has still to wait for it."""
    found = _stat(pid)
    return found is None or found[0] == "Z"


def processor_seconds(pids):
    """Return the seconds that processors spent on these processes and on those they waited for."""
    ticks = sum(sum(map(int, found[11:15])) for pid in pids if (found := _stat(pid)))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """Return the bytes of anonymous and shared memory that a process has in use."""
    try:
        with open(f"/proc/{pid}/status") as file:
            lines = [line.split() for line in file]
    except OSError:
        return 0
    return sum(1024 * int(line[1]) for line in lines if line[0] in ("RssAnon:", "RssShmem:"))


def kill(pids):
    """Kill these processes, those that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_all():
    """Kill every descendant, and wait until it is gone."""
    for _ in range(500):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        left = descendants(os.getpid())
        if not left:
            return
        kill(left)
        time.sleep(0.002)
