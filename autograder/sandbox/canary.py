"""Prove that a sandbox holds, by trying to break it, before a student's code gets into it.

The probes run as a submission would, through the same path, and say what they managed to do.
"""

import json
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from autograder.paths import ROOT, SOLUTIONS
from autograder.sandbox.tiers import SandboxError
from embedlab.wire import encode

MEBIBYTE = 1 << 20
LIMITS = {
    "cpu_seconds": 1,
    "memory": 256 * MEBIBYTE,
    "processes": 32,
    "file_bytes": MEBIBYTE,
    "job_seconds": 60,
}
WALL = 0.3  # seconds given to the probe that sleeps
PROBES = '''
import os, resource, signal, socket, subprocess, sys, time

def network(port):
    """Which ways lead to a port of this machine."""
    reached = []
    for kind in ("STREAM", "DGRAM"):
        try:
            line = socket.socket(socket.AF_INET, getattr(socket, "SOCK_" + kind))
            line.settimeout(1)
            line.connect(("127.0.0.1", port))
            line.send(b"here")
            reached.append(kind)
        except OSError:
            pass
    return reached

def reading(paths):
    """Which of these files can be read."""
    return [path for path in paths if _works(lambda: open(path, "rb").read(1))]

def writing(folders):
    """In which of these folders, or in the kit's or the interpreter's, a file can be written."""
    import embedlab, numpy
    folders += [os.path.dirname(embedlab.__file__), os.path.dirname(numpy.__file__), sys.prefix]
    return [folder for folder in folders if _works(lambda: _leave(folder))]

def _leave(folder):
    path = os.path.join(folder, "embedlab-canary-%d" % os.getpid())
    open(path, "w").close()
    os.unlink(path)

def _works(action):
    try:
        action()
        return True
    except OSError:
        return False

def signals(pid):
    """Whether a process outside can be signalled."""
    return _works(lambda: os.kill(pid, 0))

def memory(amount):
    """How many bytes can be had, up to an amount."""
    blocks = []
    try:
        while len(blocks) << 24 < amount:
            blocks.append(b"x" * (1 << 24))
    except MemoryError:
        pass
    return len(blocks) << 24

def processes(number):
    """How many processes can be started, up to a number."""
    started = 0
    while started < number:
        try:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
        except OSError:
            break
        started += 1
    return started

def file_size(amount):
    """How large a file can grow, up to an amount."""
    try:
        with open("large", "wb", 0) as file:
            while file.tell() < amount:
                file.write(b"x" * (1 << 16))
    except OSError:
        pass
    return os.path.getsize("large")

def cpu(number):
    """Which signal ends a process that computes without end."""
    child = os.fork()
    while child == 0:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def survivor(marker):
    """Leave a process behind that nothing connects with this one."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            wait = "import time; time.sleep(60)"
            os.execv(sys.executable, [sys.executable, "-S", "-c", wait, marker])
        os._exit(0)
    time.sleep(0.1)
    return True

def wall(seconds):
    """Wait."""
    time.sleep(seconds)
    return True
'''


def prove(sandbox_of, tier_name):
    """Raise SandboxError, saying what was possible, if a sandbox of this tier does not hold.

    sandbox_of: makes a sandbox from the tier's name and limits.
    """
    marker = f"embedlab-canary-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        os.chmod(folder, 0o777)  # readable and writable for everybody: only the sandbox protects it
        secret = Path(folder) / "secret.txt"
        secret.write_text("secret")
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        arguments = {
            "network": listener.getsockname()[1],
            "reading": [str(path) for path in (secret, *sorted(SOLUTIONS.glob("*.py")), __file__)]
            + [str(ROOT / "requirements.txt"), f"/proc/{os.getpid()}/environ"]
            # a container has one of its own, of which nothing is secret
            + (["/etc/passwd"] if tier_name != "container" else []),
            "writing": [
                folder,
                str(ROOT),
                str(Path.home()),
                "/",
                "/usr",
                "/var/tmp",
                "/etc",
                "/dev",
            ],
            "signals": os.getpid(),
            "memory": 4 * LIMITS["memory"],
            "processes": 4 * LIMITS["processes"],
            "file_size": 4 * LIMITS["file_bytes"],
            "cpu": 0,
            "survivor": marker,
            "wall": 60,
        }
        calls = [
            {
                "exercise": name,
                "driver": "call",
                "cases": [{"argument": encode(argument)}],
                "seconds": WALL if name == "wall" else 20,
                "lent": [],
            }
            for name, argument in arguments.items()
        ]
        with sandbox_of(tier_name, LIMITS) as sandbox:
            result = sandbox.run({"cells": [PROBES], "calls": calls})
            broken = _broken(result, marker)
    if broken:
        raise SandboxError(f"it does not hold: {'; '.join(broken)}")


def _broken(result, marker):
    """Return sentences for the promises that the probes saw broken."""
    found = {name: _value(report) for name, report in result.reports.items()}
    expected = {  # what each probe may say at most
        "network": ("the network can be reached", lambda value: value == []),
        "reading": ("files outside can be read", lambda value: value == []),
        "writing": ("files outside can be written", lambda value: value == []),
        "signals": ("processes outside can be signalled", lambda value: value is False),
        "memory": ("memory is not limited", lambda value: value < 2 * LIMITS["memory"]),
        "processes": ("processes are not limited", lambda value: value <= LIMITS["processes"]),
        "file_size": ("files are not limited", lambda value: value <= LIMITS["file_bytes"]),
        "cpu": ("CPU time is not limited", lambda value: value < 0),
        "survivor": ("a process outlived its job", lambda value: not _is_alive(marker)),
        "wall": ("wall time is not limited", lambda value: value == "time"),
    }
    return [
        f"{sentence} ({name}: {found.get(name, result.ended or 'no answer')})"
        for name, (sentence, holds) in expected.items()
        if name not in found or not holds(found[name])
    ]


def _value(report):
    """Return what a probe returned, or the reason it was ended for; 0 for one that was killed."""
    if isinstance(report, dict):
        return 0 if report["ended"] == "memory" else report["ended"]
    outcome = json.loads(report)["outcomes"][0]
    return outcome.get("value", outcome.get("raised"))


def _is_alive(marker):
    """Whether a process with this word in its command line is there, after a moment's grace."""
    if sys.platform != "linux":
        return False  # the container's processes are not this machine's: they end with it
    for _ in range(50):
        lines = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                lines.append(path.read_bytes())
            except OSError:
                continue
        if not any(marker.encode() in line for line in lines):
            return False
        time.sleep(0.02)
    return True


class Prover(threading.Thread):
    """Runs `prove` beside other preparations; `check` waits for it and raises what it raised."""

    def __init__(self, sandbox_of, tier_name):
        super().__init__(daemon=True)
        self._arguments, self._error = (sandbox_of, tier_name), None
        self.start()

    def run(self):
        """Run the proof."""
        try:
            prove(*self._arguments)
        except Exception as error:
            self._error = error

    def check(self):
        """Return when the sandbox is proved; raise otherwise."""
        self.join()
        if self._error:
            raise self._error
