"""course.py: what it runs, when it installs, and the sentence each failure gets.

Most tests drive it as a user would, in a folder of its own whose .venv holds a stub for Python.
"""

import ast
import errno
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "course.py"

# Logs each call, and fails as the file `plan.json` beside course.py wants it to.
STUB = """#!{python}
import json, os, sys, time
from pathlib import Path
folder = Path(__file__).parents[2]
call = {{"arguments": sys.argv[1:], "path": os.environ["PATH"]}}
call["pip"] = {{k: v for k, v in os.environ.items() if k.startswith("PIP_")}}
plan = json.loads((folder / "plan.json").read_text())
module = sys.argv[2] if sys.argv[1] == "-m" else "-c"
if module == "pip":
    call["file"] = (folder / sys.argv[-1]).read_text()
with (folder / "calls.jsonl").open("a") as log:
    log.write(json.dumps(call) + "\\n")
if module in plan:
    sys.stdout.write(plan[module].get("stdout", ""))
    sys.stdout.flush()
    sys.stderr.write(plan[module]["stderr"])
    sys.stderr.flush()
    time.sleep(plan[module].get("sleep", 0))
    sys.exit(plan[module]["code"])
if module == "-c":
    print("24.0")
"""
PROBE = ["-c", "import pip; print(pip.__version__)"]
PIP = ["-m", "pip", "install", "-r", ".venv/requirements-students.txt"]
PIP_ALL = ["-m", "pip", "install", "-r", "requirements.txt"]
START = ["-m", "embedlab", "start"]


class Course:
    """A course folder with a stub environment."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        shutil.copy(SCRIPT, folder)
        (folder / "requirements.txt").write_text("numpy==1\npytest==1  # staff: tests\n")
        (folder / "pyproject.toml").write_text("[project]\n")
        self.python = folder / ".venv" / "bin" / "python"
        self.python.parent.mkdir(parents=True)
        self.python.write_text(STUB.format(python=sys.executable))
        self.python.chmod(0o755)
        self.plan({})

    def plan(self, plan: dict) -> None:
        (self.folder / "plan.json").write_text(json.dumps(plan))

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        (self.folder / "calls.jsonl").write_text("")
        finished = subprocess.run(
            [sys.executable, "course.py", *arguments],
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in finished.stdout + finished.stderr
        return finished

    def calls(self) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "calls.jsonl").open()]

    def commands(self) -> list[list[str]]:
        return [call["arguments"] for call in self.calls()]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path / "my course")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """course.py imported from a folder without an environment."""
    shutil.copy(SCRIPT, tmp_path)
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    spec = importlib.util.spec_from_file_location("course", tmp_path / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sentence(finished: subprocess.CompletedProcess) -> str:
    """The sentence a failed run ended with."""
    assert finished.returncode == 1
    return finished.stderr.split("\ncourse.py: ")[1]


def test_python_36_can_parse_it():
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_imports_only_the_standard_library():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_old_python_is_told_which_one_is_needed(module, monkeypatch, capsys):
    monkeypatch.setattr(module, "sys", SimpleNamespace(version_info=(3, 8, 10), stderr=sys.stderr))
    assert module.main(["start"]) == 1
    assert "needs Python 3.11 or newer and this is Python 3.8" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_usage(course, arguments):
    finished = course.run(*arguments)
    assert finished.returncode == 0
    assert re.search(r"start .*\n.*test ", finished.stdout)


def test_second_start_installs_nothing(course):
    assert course.run("start", "--no-browser", "--port", "8901").returncode == 0
    start = [*START, "--no-browser", "--port", "8901"]
    assert course.commands() == [PROBE, PIP, start]
    assert course.run("start").returncode == 0
    assert course.commands() == [PROBE, START]


def test_students_get_the_lines_that_are_theirs_and_test_adds_the_rest_once(course):
    for folder in ("autograder", "tests"):
        (course.folder / folder).mkdir()
    course.run("start")
    (pip,) = [call for call in course.calls() if "pip" in call["arguments"]]
    assert pip["file"] == "numpy==1\n"
    course.run("test")
    assert course.commands()[:2] == [PROBE, PIP_ALL]
    for command in ("test", "start", "test"):
        course.run(command)
        assert PIP not in course.commands()
        assert PIP_ALL not in course.commands(), "everything includes what students need"


def test_an_interrupted_addition_goes_on(course):
    for folder in ("autograder", "tests"):
        (course.folder / folder).mkdir()
    course.run("start")
    course.plan({"pip": {"stderr": "", "code": 1}})
    course.run("test")
    course.plan({})
    course.run("test")
    assert PIP_ALL in course.commands()


@pytest.mark.parametrize(
    ("machine", "answer", "expected"),
    [
        (("Darwin", "x86_64"), "0\n", "no version for Macs with an Intel processor"),
        (("Darwin", "x86_64"), "", "no version for Macs with an Intel processor"),
        (
            ("Darwin", "x86_64"),
            "1\n",
            "This Mac has Apple silicon and this Python is one for Intel",
        ),
        (("Darwin", "arm64"), "1\n", None),
        (("Linux", "x86_64"), "", None),
    ],
)
def test_intel_macs_are_told_before_anything_is_made(
    module, monkeypatch, capsys, machine, answer, expected
):
    def create(folder, **_):
        raise KeyboardInterrupt  # would have begun

    monkeypatch.setattr(venv, "create", create)
    monkeypatch.setattr(module.platform, "system", lambda: machine[0])
    monkeypatch.setattr(module.platform, "machine", lambda: machine[1])
    monkeypatch.setattr(module.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=answer))
    assert module.main(["start"]) == (1 if expected else 130)
    if expected:
        assert expected in capsys.readouterr().err


def test_one_line_says_how_far_pip_is(module):
    steps = module.PipSteps()
    said = []
    for line in (
        "Obtaining file:///home/ann/course\n",
        "Collecting torch==2.13.0 (from -r requirements.txt (line 2))\n",
        "  Downloading torch-2.13.0-cp311-cp311-win_amd64.whl.metadata (29 kB)\n",
        "  Downloading https://index/torch-2.13.0-cp311-cp311-win_amd64.whl (110 MB)\n",
        "Progress 11000000 of 110000000\n",
        "Progress 22000000 of 110000000\n",
        "Collecting jinja2 (from torch==2.13.0)\n",
        "  Using cached jinja2-3.1.6-py3-none-any.whl (134 kB)\n",
    ):
        steps.read(line)
        said.append(steps.now())
    assert said == [
        "0 packages found: preparing the course's own",
        "1 packages found: looking for torch",
        "1 packages found: looking for torch",
        "1 packages found, 1 downloaded: downloading torch",
        "1 packages found, 1 downloaded: downloading torch, 11 of 110 MB",
        "1 packages found, 1 downloaded: downloading torch, 22 of 110 MB",
        "2 packages found, 1 downloaded: looking for jinja2",
        "2 packages found, 2 downloaded: downloading jinja2",
    ]


@pytest.mark.parametrize("folder", ["lib/python3.11/site-packages", "Lib/site-packages"])
def test_the_line_counts_what_arrives_in_the_environment(module, folder):
    packages = module.VENV / folder
    (packages / "pip-24.0.dist-info").mkdir(parents=True)
    os.utime(packages / "pip-24.0.dist-info", (0, 0))
    steps = module.PipSteps()
    steps.read("Installing collected packages: MarkupSafe, jinja2, torch\n")
    said = [steps.now()]
    for name in ("markupsafe-3", "jinja2-3.1.6", "torch-2.13.0"):
        (packages / f"{name}.dist-info").mkdir()
        said.append(steps.now())
    assert said == [
        "0 of 3 packages installed: MarkupSafe",
        "1 of 3 packages installed: jinja2",
        "2 of 3 packages installed: torch",
        "3 of 3 packages installed: putting things in order",
    ]


@pytest.mark.parametrize(("version", "bar"), [("23.2.1", "off"), ("24.1", "raw"), ("26.0", "raw")])
def test_a_pip_that_can_tells_bytes(course, version, bar):
    course.plan({"-c": {"stdout": version, "stderr": "", "code": 0}})
    course.run("start")
    assert course.calls()[1]["pip"]["PIP_PROGRESS_BAR"] == bar


def test_a_terminals_line_moves_in_place(module, monkeypatch, capsys):
    monkeypatch.setattr(module.sys.stdout, "isatty", lambda: True)
    drawn = threading.Event()
    calls = iter(range(1000))

    def now():
        number = next(calls)
        if number == 2:  # once at the start, then by itself
            drawn.set()
        return f"step {number}"

    with module.moving_line(now):
        assert drawn.wait(60)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert re.match(r"\r  step 0 \(0 s\) +\r  step 1 \(\d+ s\) +\r  step 2 ", said)


def test_a_file_gets_few_lines_and_not_pips_own(course):
    course.plan({"pip": {"stdout": "Collecting numpy\n" * 500, "stderr": "", "code": 0}})
    said = course.run("start").stdout
    assert "Collecting numpy" not in said
    assert "  500 packages found: looking for numpy (0 s)\n" in said
    assert len(said.splitlines()) < 10


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_installed(course, name):
    course.run("start")
    with (course.folder / name).open("a") as file:
        file.write("# changed\n")
    course.run("start")
    assert course.commands() == [PROBE, PIP, START]


def test_the_environments_commands_come_first_on_path(course):
    course.run("start")
    for call in course.calls()[1:]:
        assert call["path"].split(os.pathsep)[0] == str(course.python.parent)


def test_exit_code_of_start_is_passed_on(course):
    course.plan({"embedlab": {"stderr": "", "code": 3}})
    assert course.run("start").returncode == 3


def test_users_pip_configuration_is_kept(course):
    course.run("start", PIP_RETRIES="7", PIP_INDEX_URL="https://index.invalid/simple", PIP_USER="1")
    pip = course.calls()[1]["pip"]
    assert pip["PIP_RETRIES"] == "7"
    assert pip["PIP_INDEX_URL"] == "https://index.invalid/simple"
    assert pip["PIP_USER"] == "0", "a --user installation is refused inside an environment"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)"
            ") after connection broken by 'NewConnectionError('<HTTPSConnection object>: Failed to "
            "establish a new connection: [Errno -3] Temporary failure in name resolution')': /x/\n"
            "ERROR: No matching distribution found for jupyterlab==4.6.6\n",
            "pip cannot reach the package index",
        ),
        (
            "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='x'): "
            "Read timed out.\n",
            "pip cannot reach the package index",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on "
            "device\n",
            "The disk is full",
        ),
        ("OSError: [Errno 122] Disk quota exceeded: '/home/x'\n", "The disk is full"),
        (
            "ERROR: No matching distribution found for torch==2.13.0\n",
            "pip finds no torch==2.13.0 for this Python",
        ),
        ("  ERROR: Failed building wheel for scipy\n", "pip could not install scipy: its last"),
        (
            "error: failed-wheel-build-for-install\n× Failed to build 'scipy'\n",
            "pip could not install scipy: its last",
        ),
        ("ERROR: something new\n", "pip could not install requirements.txt: its last lines"),
    ],
)
def test_pip_failures(course, said, expected):
    course.plan({"pip": {"stderr": said, "code": 1}})
    finished = course.run("start")
    assert sentence(finished).startswith(expected)
    assert said in finished.stderr, "pip's own words are shown"
    assert START not in course.commands()

    course.plan({})
    assert course.run("start").returncode == 0
    assert PIP in course.commands(), "the interrupted installation is taken up again"


def test_failed_reinstallation_is_taken_up_again(course):
    original = (course.folder / "requirements.txt").read_text()
    course.run("start")
    (course.folder / "requirements.txt").write_text("numpy==2\n")
    course.plan({"pip": {"stderr": "", "code": 1}})
    course.run("start")
    (course.folder / "requirements.txt").write_text(original)
    course.plan({})
    course.run("start")
    assert PIP in course.commands(), "half of numpy==2 may be installed"


@pytest.mark.parametrize("damage", ["missing", "dangling", "does not start", "has no pip"])
def test_broken_environment(course, damage):
    course.run("start")
    if damage == "has no pip":
        course.plan({"-c": {"stderr": "No module named pip", "code": 1}})
    else:
        course.python.unlink()
    if damage == "dangling":
        course.python.symlink_to(course.folder / "removed")
    if damage == "does not start":
        course.python.write_text("not a program")
        course.python.chmod(0o755)
    told = sentence(course.run("start"))
    assert told.startswith("The folder .venv does not work any more")
    assert "delete the folder .venv and run the same command again" in told


def test_moved_course(course):
    course.run("start")
    course.folder = course.folder.rename(course.folder.with_name("elsewhere"))
    told = sentence(course.run("start"))
    assert told.startswith("The course was moved or copied")
    assert "delete the folder .venv" in told


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_missing_file(course, name):
    (course.folder / name).unlink()
    assert sentence(course.run("start")).startswith(f"The file {name} is missing beside course.py")


def test_python_without_venv(module, monkeypatch, capsys):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    assert module.main(["start"]) == 1
    told = capsys.readouterr().err
    assert "This Python cannot make environments" in told
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in told


@pytest.mark.parametrize(
    ("error", "code", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "The disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), 1, "cannot be written: move the course"),
        (PermissionError(errno.EACCES, "Permission denied"), 1, "cannot be written: move the"),
        (OSError(errno.EIO, "Input/output error"), 1, "reports: [Errno 5] Input/output error."),
        (
            subprocess.CalledProcessError(1, "ensurepip", b"[Errno 28] No space left on device"),
            1,
            "The disk is full",
        ),
        (subprocess.CalledProcessError(1, "ensurepip", b""), 1, "cannot make environments"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_failures_of_making_the_environment(module, monkeypatch, capsys, error, code, expected):
    def create(folder, **_):
        folder.mkdir()
        raise error

    monkeypatch.setattr(venv, "create", create)
    assert module.main(["start"]) == code
    told = capsys.readouterr().err
    assert expected in told
    assert bool(told) == bool(expected)
    assert not module.VENV.exists(), "half an environment would pass for a broken one"


def test_real_environment(tmp_path):
    """The whole way with a real .venv and a real pip, which finds nothing to install."""
    shutil.copy(SCRIPT, tmp_path)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "embedlab").mkdir()
    program = "import sys; print(sys.prefix, sys.argv[1:])"
    (tmp_path / "embedlab" / "__main__.py").write_text(program)
    for made in (True, False):
        finished = subprocess.run(
            [sys.executable, "course.py", "start"], cwd=tmp_path, capture_output=True, text=True
        )
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.endswith(f"{tmp_path / '.venv'} ['start']\n")
        assert ("Making the environment" in finished.stdout) == made
        assert ("Installing the course's packages" in finished.stdout) == made


@pytest.mark.parametrize("interrupted", ["pip", "embedlab"])
def test_ctrl_c_ends_quietly(course, interrupted):
    course.plan({interrupted: {"stderr": "", "sleep": 600, "code": 0}})
    (course.folder / "calls.jsonl").write_text("")
    process = subprocess.Popen(
        [sys.executable, "course.py", "start"],
        cwd=course.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # also where the tests run in the background of a shell, which ignores Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while process.poll() is None and ["-m", interrupted] not in [c[:2] for c in course.commands()]:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130
    assert "course.py" not in stderr, "neither a sentence nor a traceback of its own"


def test_the_bundle_has_no_tests(course):
    assert "belongs to the full repository" in sentence(course.run("test"))
    assert course.commands() == []


def test_every_stage_runs_and_the_table_tells(course):
    (course.folder / "autograder").mkdir()
    (course.folder / "tests").mkdir()
    finished = course.run("test")
    assert finished.returncode == 0
    stages = course.commands()[2:]
    names = re.findall(r"^(\w+) +passed +\d+\.\d$", finished.stdout, re.MULTILINE)
    assert len(names) == len(stages) == 5
    assert [stage[1] for stage in stages] == ["ruff", "ruff", "autograder", "pytest", "pytest"]

    course.plan({"autograder": {"stderr": "", "code": 4}})
    finished = course.run("test")
    assert finished.returncode == 1
    assert course.commands()[1:] == stages
    table = re.findall(r"^(\w+) +(passed|failed) +\d+\.\d$", finished.stdout, re.MULTILINE)
    assert table == [(n, "failed" if n == "build" else "passed") for n in names]


@pytest.mark.parametrize("name", ["03", "03_slim"])
def test_one_lecture_has_stages_of_its_own(course, name):
    for folder in ("autograder", "tests", "solutions"):
        (course.folder / folder).mkdir()
    for lecture in ("03_slim", "04_other"):
        (course.folder / "solutions" / f"{lecture}.py").touch()
    assert course.run("test", "--lecture", name).returncode == 0
    lint, formatting, build, tests, nbval = course.commands()[2:]
    assert [lint[1], formatting[1]] == ["ruff", "ruff"]
    assert build[1:] == ["autograder", "build", "--check", "03_slim"]
    assert tests[-3:] == ["tests/laws", "--lecture", "03_slim"]
    assert nbval[-1] == "solutions/03_slim.ipynb"
    said = sentence(course.run("test", "--lecture", "3"))
    assert said == "There is no lecture '3'. Lectures: 03_slim, 04_other.\n"


def test_where_windows_keeps_the_environments_python(module, monkeypatch):
    monkeypatch.setattr(module, "WINDOWS", True)
    assert module.venv_python() == module.VENV / "Scripts" / "python.exe"
