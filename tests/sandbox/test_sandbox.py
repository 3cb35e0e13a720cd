"""The sandbox: every tier is proved by the canary, and jobs end as they must."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from classroom import filled, references

from autograder.judging.judge import LectureJudge
from autograder.paths import ROOT, lecture_names
from autograder.sandbox import JobResult, Limits, Sandbox, SandboxError, canary
from autograder.sandbox.inside.frames import read_frame, write_frame
from autograder.sandbox.pool import Pool
from autograder.sandbox.tiers import INSTALL, _private_folder, tier
from embedlab.wire import decode, encode

QUICK = Limits(cell_seconds=2, exercise_seconds=2, job_seconds=30, memory=256 << 20, processes=32)


@pytest.fixture(scope="module")
def sandbox(sandbox_tier):
    with Sandbox(sandbox_tier, limits=QUICK) as made:
        yield made


@pytest.fixture(scope="module")
def torch_sandbox(sandbox_tier):
    with Sandbox(sandbox_tier, ["import torch"], QUICK) as made:
        yield made


def job(*cells, driver="call", seconds=QUICK.exercise_seconds, **exercises):
    """Return a job that calls each exercise once with the arguments given for it."""
    return {
        "cells": list(cells),
        "calls": [
            {
                "exercise": name,
                "driver": driver,
                "cases": [{key: encode(value) for key, value in arguments.items()}],
                "seconds": seconds,
                "lent": [],
            }
            for name, arguments in exercises.items()
        ],
    }


def value(result, name):
    """Return what an exercise returned in a result."""
    report = result.reports[name]
    assert isinstance(report, str), report
    [outcome] = json.loads(report)["outcomes"]
    assert "value" in outcome, outcome
    return decode(outcome["value"])


# --- the ladder -----------------------------------------------------------------------------------

PROVE = """
import sys
from dataclasses import replace
from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.canary import prove
prove(lambda name, limits: Sandbox(name, limits=replace(Limits(), **limits)), sys.argv[1])
print("it holds")
"""


def open_to_all():
    """Return a command prefix that gives the interpreter to everybody, if root keeps it private.

    The Landlock tier gives up root, as it must; where Python lies in /root, it needs this.
    """
    private = _private_folder(sys.executable)
    if os.getuid() or private is None:
        return []
    prefix = ["bwrap", "--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", str(private)]
    for folder in {sys.base_prefix, sys.prefix, str(ROOT)}:
        if Path(folder).is_relative_to(private):
            for parent in reversed(Path(folder).parents[: -len(private.parts)]):
                prefix += ["--dir", str(parent)]
            prefix += ["--ro-bind", folder, folder]
    return prefix


ORDINARY = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]


@pytest.mark.parametrize("name", ["bubblewrap", "landlock"])
@pytest.mark.parametrize("user", ["as I am", "as an ordinary user"])
def test_a_tier_keeps_every_promise(name, user):
    is_other = user == "as an ordinary user" and os.getuid() == 0
    prefix = open_to_all() if name == "landlock" or is_other else []
    prefix += ORDINARY if is_other else []
    done = subprocess.run(
        [*prefix, sys.executable, "-c", PROVE, name], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "it holds\n", done.stderr[-2000:]


def test_the_canary_dies_where_nothing_is_confined():
    def make(name, limits):
        return Sandbox(name, limits=replace(Limits(), **limits))

    with pytest.raises(SandboxError) as refusal:
        canary.prove(make, "none")
    for words in ("network can be reached", "can be read", "can be written", "can be signalled"):
        assert words in str(refusal.value)


HELD = {
    "network": [],
    "reading": [],
    "writing": [],
    "signals": False,
    "memory": 1 << 20,
    "processes": 5,
    "file_size": 1 << 20,
    "cpu": -24,
    "survivor": True,
    "wall": {"ended": "time"},
}
BROKEN = {
    "network": ["DGRAM"],
    "reading": ["/etc/passwd"],
    "writing": ["/tmp"],
    "signals": True,
    "memory": canary.LIMITS["memory"] * 4,
    "processes": canary.LIMITS["processes"] + 1,
    "file_size": canary.LIMITS["file_bytes"] + 1,
    "cpu": 0,
    "wall": True,
}


def probed(found):
    """Return the result of a canary job in which the probes said this."""
    reports = {
        name: said if isinstance(said, dict) else json.dumps({"outcomes": [{"value": said}]})
        for name, said in found.items()
    }
    return JobResult(reports, {})


def test_the_canary_lives_where_every_probe_failed():
    assert canary._broken(probed(HELD), "no such process") == []


@pytest.mark.parametrize("name", BROKEN)
def test_the_canary_sees_each_broken_promise(name):
    [sentence] = canary._broken(probed(HELD | {name: BROKEN[name]}), "no such process")
    assert name in sentence


def test_the_canary_sees_a_survivor():
    marker = "embedlab-canary-of-a-test"
    code = "import time; print('here', flush=True); time.sleep(60)"
    command = [sys.executable, "-S", "-c", code, marker]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as survivor:
        try:
            assert survivor.stdout.readline() == b"here\n"
            [sentence] = canary._broken(probed(HELD), marker)
            assert "outlived" in sentence
        finally:
            survivor.kill()


def test_a_probe_that_says_nothing_is_no_proof():
    found = {name: said for name, said in HELD.items() if name != "network"}
    [sentence] = canary._broken(probed(found), "no such process")
    assert "no answer" in sentence


def test_without_any_tier_the_refusal_names_the_package(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.tiers.shutil.which", lambda _: None)
    monkeypatch.setattr("autograder.sandbox.inside.confine.landlock_version", lambda: 0)
    with pytest.raises(SandboxError) as refusal:
        Pool([], size=1)
    assert "nothing was run" in str(refusal.value)
    assert INSTALL in str(refusal.value)
    assert "`bubblewrap`" in INSTALL


def test_the_ladder_goes_on_where_bubblewrap_does_not_hold(monkeypatch):
    """On Ubuntu 24.04 bwrap is there and fails: the next tier is tried, both are explained."""

    class Refusing:
        def __init__(self, _, name):
            self.name = name

        def check(self):
            raise SandboxError(f"{self.name} leaks")

        def join(self):
            pass

    monkeypatch.setattr("autograder.sandbox.pool.Prover", Refusing)
    with pytest.raises(SandboxError) as refusal:
        Pool([], size=1, limits=QUICK)
    assert "bubblewrap: bubblewrap leaks" in str(refusal.value)
    assert "landlock: " in str(refusal.value)


@pytest.fixture
def engines(monkeypatch, tmp_path):
    """Put container engines on the path that know the image, or do not, as their dict says."""

    def put(**known):
        found = {}
        for name, has_image in known.items():
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\nexit {0 if has_image else 1}\n")
            program.chmod(0o755)
            found[name] = str(program)
        monkeypatch.setattr("autograder.sandbox.tiers.shutil.which", found.get)
        return found

    return put


def test_the_container_tier_is_a_closed_container(engines, tmp_path):
    """What is asked of the engine; `--tier container` runs the other tests in a real one."""
    engines(docker=True)
    chosen = tier("container", tmp_path / "image", tmp_path / "work")
    command = " ".join(chosen.command)
    for words in (
        "--network none",
        "--ipc none",
        "--read-only",
        "--tmpfs /tmp:ro",
        "--tmpfs /var/tmp:ro",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--pids-limit",
        "--memory",
        "--user 65534:65534",
        f"{tmp_path / 'image'}:/sandbox/course:ro",
    ):
        assert words in command
    # killing the client leaves a container alive
    name = chosen.command[chosen.command.index("--name") + 1]
    assert chosen.stop[1:] == ("rm", "--force", name)


def test_podman_is_found_beside_a_docker_that_does_not_run(engines, tmp_path):
    found = engines(docker=False, podman=True)
    assert tier("container", tmp_path, tmp_path).command[0] == found["podman"]


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({}, "neither docker nor podman is installed"),
        ({"podman": False}, "`podman build -t embedlab-sandbox "),
        ({"docker": False, "podman": False}, "in docker or podman, which must run too"),
    ],
)
def test_a_container_without_its_image_is_refused_with_the_remedy(
    engines, tmp_path, known, sentence
):
    engines(**known)
    with pytest.raises(SandboxError) as refusal:
        tier("container", tmp_path, tmp_path)
    assert sentence in str(refusal.value)


# --- what a job can do ----------------------------------------------------------------------------


def test_data_goes_in_and_comes_out(sandbox):
    cell = "def f(matrix, vector): return matrix @ vector, {'rows': matrix.shape[0]}"
    result = sandbox.run(job(cell, f={"matrix": sp.csr_array(np.eye(3)), "vector": np.arange(3.0)}))
    product, facts = value(result, "f")
    np.testing.assert_array_equal(product, [0, 1, 2])
    assert facts == {"rows": 3}


DRIVEN = """
import numpy as np
import torch

def pairs(n):
    for i in range(n):
        yield i, i * i

def listed(n):
    return [(i, i * i) for i in range(n)]

def step(weights, gradient, rate):
    weights -= rate * gradient
    return float(np.linalg.norm(gradient))

class Counter:
    def __init__(self, start):
        self.total = start
    def add(self, amount):
        self.total += amount
    def read(self):
        return self.total

class Tower(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(size, dtype=torch.float64))
    def forward(self, x):
        return (x * self.weight).sum() ** 2
"""


def test_generators_are_listed(torch_sandbox):
    result = torch_sandbox.run(job(DRIVEN, driver="generator", pairs={"n": 3}, listed={"n": 3}))
    assert value(result, "pairs") == [(0, 0), (1, 1), (2, 4)]
    assert "a generator" in json.loads(result.reports["listed"])["outcomes"][0]["says"]


def test_updates_in_place_are_returned(torch_sandbox):
    arguments = {"weights": np.ones(2), "gradient": np.array([3.0, 4.0]), "rate": 0.5}
    found = value(torch_sandbox.run(job(DRIVEN, driver="updates", step=arguments)), "step")
    assert found["the returned value"] == 5
    np.testing.assert_array_equal(found["`weights` after the call"], [-0.5, -1])


def test_objects_keep_their_state_between_calls(torch_sandbox):
    calls = [["add", 2], ["read"], ["add", 3], ["read"]]
    found = value(
        torch_sandbox.run(job(DRIVEN, driver="methods", Counter={"start": 1, "calls": calls})),
        "Counter",
    )
    assert found == [None, 3, None, 6]


def test_modules_are_given_parameters_and_asked_for_gradients(torch_sandbox):
    arguments = {
        "size": 2,
        "parameters": {"weight": np.array([1.0, 2.0])},
        "training": False,
        "inputs": (torch_tensor([3.0, 4.0]),),
    }
    result = torch_sandbox.run(job(DRIVEN, driver="module", seconds=30, Tower=arguments))
    found = value(result, "Tower")
    assert found["the module's output"].item() == 121
    np.testing.assert_array_equal(found["the gradient of `weight`"], [66, 88])


def torch_tensor(numbers):
    import torch

    return torch.tensor(numbers, dtype=torch.float64)


def test_each_exercise_has_a_process_of_its_own(sandbox):
    """What one exercise does to its process, another does not see."""
    cell = """
import numpy as np
def first(x):
    np.sum = lambda *_: 42
    import sys, os
    sys.modules["math"] = None
    open("left.txt", "w").write("x")
    return x
def second(x):
    import math
    return float(np.sum(np.ones(x)))
def third(x):
    import os
    os._exit(3)
def fourth(x):
    return x
"""
    one = {"x": 3}
    result = sandbox.run(job(cell, first=one, second=one, third=one, fourth=one))
    assert value(result, "second") == 3
    assert result.reports["third"] == {"ended": "crashed"}
    assert value(result, "fourth") == 3


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("while True: pass", "time"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "time"),
        ("import os; os._exit(0)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", None),  # process 1 ignores it
        ("raise SystemExit", None),
        ("undefined_name", None),
    ],
)
def test_a_cell_that_ends_badly_keeps_its_definitions(sandbox, rest, reason):
    cell = f"import numpy as np\nSCALE = 2\ndef f(x): return SCALE * np.float64(x)\n{rest}"
    result = sandbox.run(job(cell, "def g(x): return f(x) + 1", f={"x": 3}, g={"x": 3}))
    assert (value(result, "f"), value(result, "g")) == (6, 7)
    assert result.cells.get("0", {}).get("ended") == reason


def test_a_definition_that_kills_is_left_out(sandbox):
    cell = "def f(x=__import__('os')._exit(1)): return x"
    result = sandbox.run(job("def g(x): return x", cell, f={"x": 1}, g={"x": 1}))
    assert json.loads(result.reports["f"]) == {"missing": True}
    assert value(result, "g") == 1


@pytest.mark.parametrize(
    ("body", "report"),
    [
        ("all(iter(lambda: True, False))", {"ended": "time"}),
        ("import os; os._exit(0)", {"ended": "crashed"}),
        ("import time, os; os.setsid(); time.sleep(60)", {"ended": "time"}),
        ("return 'x' * 50_000_000", '{"ended": "output"}'),
    ],
)
def test_an_exercise_that_ends_badly_costs_itself(sandbox, body, report):
    cell = f"def f(x): {body}\ndef g(x): return x"
    result = sandbox.run(job(cell, f={"x": 1}, g={"x": 1}))
    assert result.reports["f"] == report
    assert value(result, "g") == 1


def test_memory_of_all_processes_together_is_limited(sandbox):
    cell = """
import os, time
def f(x):
    for _ in range(6):
        if os.fork() == 0:
            block = b"x" * (150 << 20)
            time.sleep(60)
    time.sleep(60)
def g(x): return x
"""
    result = sandbox.run(job(cell, seconds=20, f={"x": 1}, g={"x": 1}))
    assert result.reports["f"] == {"ended": "memory"}
    assert value(result, "g") == 1


def test_a_fork_bomb_costs_one_exercise(sandbox):
    cell = """
import os
def f(x):
    while True:
        try: os.fork()
        except OSError: pass
def g(x): return x
"""
    result = sandbox.run(job(cell, f={"x": 1}, g={"x": 1}))
    assert result.reports["f"] in ({"ended": "time"}, {"ended": "memory"})
    assert value(result, "g") == 1


def test_no_file_of_the_warm_process_is_open_in_a_job(sandbox):
    """An open file would lead from one student to the next."""
    cell = """
import os
def f(x):
    found = []
    for number in range(256):
        try: found.append(oct(os.fstat(number).st_mode))
        except OSError: pass
    return found
"""
    modes = value(sandbox.run(job(cell, f={"x": 0})), "f")
    kinds = [mode[:4] for mode in modes]
    # stdin, stdout, stderr, Python's own two for /dev/null, and the two pipes to the server
    assert len(modes) == 7
    assert sum(kind == "0o10" for kind in kinds) == 2


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "%pylab inline", "print(A.shape)", "input()", "raise SystemExit"]
)
def test_a_first_line_that_needs_a_notebook_costs_no_function(sandbox, line):
    """The lecture's data and a screen are not here: what raises is reduced to its definitions."""
    cell = f"{line}\nK = 2\ndef f(x):\n    return K * x"
    assert value(sandbox.run(job(cell, f={"x": 4})), "f") == 8


def test_a_job_leaves_nothing_to_the_next(sandbox_tier):
    """A word is left in every folder that takes one, and none of it is there afterwards."""
    unhurried = replace(QUICK, cell_seconds=30, job_seconds=90)  # each walk takes over a second
    cell = """
import os, builtins
builtins.planted = "planted"
planted = []
for folder, folders, _ in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in ("/proc", "/sys")]
    try:
        open(os.path.join(folder, "planted"), "w").write("planted")
        planted.append(os.path.join(folder, "planted"))
    except OSError:
        pass
def f(here): return [path for path in planted if os.path.dirname(path) == here]
"""
    look = """
import os, builtins
def f(here): return [os.listdir(here), hasattr(builtins, "planted"), found]
found = [folder for folder, _, files in os.walk("/") if "planted" in files]
"""
    here = "/sandbox/work"
    with Sandbox(sandbox_tier, limits=unhurried) as sandbox:
        assert value(sandbox.run(job(cell, f={"here": here})), "f") == [f"{here}/planted"]
        assert value(sandbox.run(job(look, f={"here": here})), "f") == [[], False, []]


def test_what_a_job_leaves_and_nobody_can_remove_ends_with_it():
    """Without namespaces, as in a container: folders too deep to be removed one by one."""
    deep = "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\n"
    here = "import os\nHERE = os.listdir('.')\ndef f(x): return HERE"
    with Sandbox("none", limits=QUICK) as made:
        assert value(made.run(job(f"{deep}def f(x): return x", f={"x": 1})), "f") == 1
        assert value(made.run(job(here, f={"x": 1})), "f") == []


def test_a_sandbox_that_dies_is_started_again(sandbox):
    sandbox._process.kill()
    sandbox._process.wait()  # what is inside goes with it
    broken = sandbox.run(job("def f(x): return x", f={"x": 1}))
    assert (broken.reports, broken.ended) == ({}, "crashed")
    assert value(sandbox.run(job("def f(x): return x", f={"x": 1})), "f") == 1


# --- what the student's process knows ------------------------------------------------------------

# The words come reversed, and are turned round only to be compared: the search must not find
# itself.
SEARCH = """
import gc, os, sys, types

def texts():
    # every text in reach: of all frames, objects, modules, functions and readable files
    frame = sys._getframe(2)
    while frame:
        yield repr(frame.f_locals) + repr(frame.f_code.co_consts)
        frame = frame.f_back
    for thing in gc.get_objects() + list(sys.modules.values()):
        if isinstance(thing, dict):
            yield " ".join(key for key in thing if isinstance(key, str))
            yield " ".join(value for value in thing.values() if isinstance(value, str))
            yield " ".join(str(value) for value in thing.values() if isinstance(value, float))
        elif isinstance(thing, (list, tuple, set)):
            yield " ".join(str(item) for item in thing if isinstance(item, (str, float)))
        elif isinstance(thing, types.FunctionType):
            yield repr(thing.__code__.co_consts) + repr(thing.__code__.co_names)
    yield repr(dict(os.environ)) + repr(sys.path) + repr(sys.argv)
    for folder in ("/sandbox", "/proc", "/tmp", "/etc", "/dev/shm", "/root", "/home"):
        for parent, _, names in os.walk(folder):
            if "site-packages" in parent or "/lib/python" in parent or parent.endswith("/fd"):
                continue  # what is open includes pipes, whose reader waits
            for name in names:
                try:
                    with open(os.path.join(parent, name), errors="replace") as file:
                        yield os.path.join(parent, name) + file.read(1 << 20)
                except OSError:
                    pass

def search(words):
    gc.unfreeze()  # what was there before the fork
    found = set()
    for text in texts():
        for word in words:
            if word[::-1] in text:
                found.add(word)
    return sorted(found)
"""


def test_the_student_s_process_never_held_the_reference(sandbox_tier):
    """Frames, objects, modules, /proc and files are walked for what only the judge may know."""
    lecture = lecture_names()[0]
    judge = LectureJudge(lecture, seed=1)
    name, examination = next(iter(judge.examinations.items()))
    written = references(lecture)[name]
    expected = next(floats([case["expected"] for case in examination["cases"]]))
    given = max(floats([case["arguments"] for case in examination["cases"]], 2), key=abs)
    hidden = {
        "the solution": written.split("### BEGIN SOLUTION\n")[1].split("\n")[0].strip(),
        "its mark": "### BEGIN SOLUTION",
        "an expected number": str(expected),
        "the judge": "LectureJudge",
    }
    in_reach = {
        "the kit": "Say what is wrong with a function, from what it returned",
        "the prelude": "planted in the " + "prelude",
        "an input": str(given),
    }
    words = {label: word[::-1] for label, word in (hidden | in_reach).items()}
    calls = judge.job(judge.match(filled(lecture, {})))["calls"]
    calls += job(search={"words": list(words.values())}, seconds=60)["calls"]
    prelude = [*judge.template.prelude, f"note = {in_reach['the prelude']!r}"]
    limits = Limits(memory=4 << 30)
    with Sandbox(sandbox_tier, prelude, limits) as sandbox:
        found = value(sandbox.run({"cells": [SEARCH], "calls": calls}), "search")
    assert {label for label, word in words.items() if word in found} == set(in_reach)


def floats(encoded, digits=14):
    """Yield the numbers of encoded data that are long enough not to occur by chance."""
    if isinstance(encoded, float) and len(str(encoded)) > digits:
        yield encoded
    elif isinstance(encoded, dict):
        yield from floats(list(encoded.values()), digits)
    elif isinstance(encoded, list):
        for inner in encoded:
            yield from floats(inner, digits)


# Reads the memory of its process page by page; a pipe tells a page that is not there from one that
# is, without a crash. The search itself must not leave in memory what it looks for: the words come
# with every letter moved on by one, and every page is moved on so before they are looked for.
SCAN = """
import ctypes, os

def scan(words):
    words = [word.encode() for word in words]
    moved_on = bytes((byte + 1) % 256 for byte in range(256))
    libc = ctypes.CDLL(None)
    libc.sbrk.restype = ctypes.c_void_p
    libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    read_end, write_end = os.pipe()
    found, page = set(), 4096
    top = libc.sbrk(0)
    arena = id([]) & ~(page - 1)
    ranges = [(top - (200 << 20), top), (arena - (100 << 20), arena + (100 << 20))]
    for start, stop in ranges:
        tail = b""
        for address in range(start & ~(page - 1), stop, page):
            if libc.write(write_end, address, page) != page:
                tail = b""
                continue
            text = tail + os.read(read_end, page).translate(moved_on)
            tail = text[-200:]
            found.update(word.decode() for word in words if word in text)
    return sorted(found)
"""


def test_no_memory_is_left_of_another_submission(sandbox_tier):
    """What one student wrote and returned cannot be found in the process of the next."""
    # often, and in a large answer: a few copies in freed memory may be overwritten by chance
    first = "MARK = 'written by the first one'\n" * 200
    first += "def f(x): return ('returned by the first' + ' one ') * 200"
    second = SCAN + "MARK = 'written by the second one'\n"
    words = {
        "written before": "written by the first one",
        "returned before": "returned by the first one",
        "written now": "written by the second one",
    }
    moved_on = {
        label: "".join(chr(ord(letter) + 1) for letter in word) for label, word in words.items()
    }
    with Sandbox(sandbox_tier, limits=QUICK) as sandbox:
        for _ in range(5):
            answer = value(sandbox.run(job(first, f={"x": 1})), "f")
            assert answer == (words["returned before"] + " ") * 200
        arguments = {"words": list(moved_on.values())}
        found = value(sandbox.run(job(second, seconds=60, scan=arguments)), "scan")
    assert {label for label, word in moved_on.items() if word in found} == {"written now"}


# --- the wire between judge and warm process ------------------------------------------------------


def test_frames_survive_the_wire_and_torn_ones_are_refused():
    stream = io.BytesIO()
    write_frame(stream, {"text": "ü" * 1000})
    whole = stream.getvalue()
    assert read_frame(io.BytesIO(whole), 1 << 20) == {"text": "ü" * 1000}
    assert read_frame(io.BytesIO(whole[:-1]), 1 << 20) is None
    assert read_frame(io.BytesIO(whole), 100) is None
    assert read_frame(io.BytesIO(b""), 100) is None
