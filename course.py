"""Set the course up and run it: `python3 course.py start`, or `test` for the people who write it.

It uses the standard library only, because it runs before anything is installed, and only syntax
that Python 3.6 reads, so that an old Python gets a sentence instead of a SyntaxError.
"""

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

MINIMUM = (3, 11)
WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "course-stamp.txt"
STAFF = "# staff"  # a line of requirements.txt with this note is not for students
STUDENTS, EVERYTHING = "for students", "with the staff's packages"  # what is installed

PYTEST = "pytest -n 2 --dist loadscope --no-loadscope-reorder --durations 10"
NBVAL = (
    "pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg"
    " --nbval-cell-timeout 120 -p tests.nbval_guard"
)
# What `test` and CI run: a name, and what follows `python -m`.
LINT_STAGES = [("lint", "ruff check ."), ("format", "ruff format --check .")]
STAGES = [
    *LINT_STAGES,
    ("build", "autograder build --check"),
    ("pytest", PYTEST + " tests"),
    ("nbval", NBVAL + " -n 2 --dist loadfile solutions"),
]
# What `test --lecture` runs of it, for the lecture in braces.
LECTURE_STAGES = [
    *LINT_STAGES,
    ("build", "autograder build --check {}"),
    ("pytest", PYTEST + " tests/laws --lecture {}"),
    ("nbval", NBVAL + " solutions/{}.ipynb"),
]

RAW_PROGRESS = (24, 1)  # the first pip whose downloads can tell their progress to a program
PIP_LINES = 20  # of what pip said last, shown when it failed

FULL_DISK = (
    "The disk is full (or your quota is used up): free a few gigabytes "
    "and run the same command again."
)
FULL_DISK_SIGNS = (
    "[Errno 28]",
    "No space left on device",
    "Disk quota exceeded",
    "[WinError 112]",
)
OFFLINE = (
    "pip cannot reach the package index: check the network connection (and the proxy, if you are "
    "behind one), then run the same command again; it goes on where it stopped."
)
OFFLINE_SIGNS = (
    "connection broken by",
    "Failed to establish a new connection",
    "NameResolutionError",
    "ConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "IncompleteRead",
    "Max retries exceeded",
)
READ_ONLY = (
    f"The folder {ROOT} cannot be written: move the course to a folder of your own, "
    "for example in your home directory, and run the same command there."
)
BROKEN_VENV = (
    "The folder .venv does not work any more (its Python was probably removed or upgraded): "
    "delete the folder .venv and run the same command again."
)
MOVED_VENV = (
    "The course was moved or copied, and the folder .venv still belongs to the old place: "
    "delete the folder .venv and run the same command again."
)
NO_VENV_MODULE = (
    "This Python cannot make environments, its modules venv and ensurepip are missing or broken: "
    f"install them (on Debian and Ubuntu: sudo apt install python3.{sys.version_info[1]}-venv) "
    "and run the same command again."
)
INTEL_MAC = (
    "PyTorch has made no version for Macs with an Intel processor since 2024, so the course cannot "
    "run on this one. It runs on Macs with Apple silicon (macOS 14), on Windows and on Linux."
)
INTEL_PYTHON = (
    "This Mac has Apple silicon and this Python is one for Intel processors, for which there is no "
    "PyTorch: install Python from https://www.python.org/downloads/, delete the folder .venv if "
    "there is one, and run course.py with the new Python."
)
NOT_IN_BUNDLE = (
    "`test` belongs to the full repository: this copy has no autograder and no tests to run."
)


class Problem(Exception):
    """Something the user can mend; its text is the sentence to print."""


def main(arguments=None):
    """Run the command line and return the exit code."""
    if sys.version_info < MINIMUM:
        wanted, found = (".".join(map(str, v[:2])) for v in (MINIMUM, sys.version_info))
        return fail(
            f"The course needs Python {wanted} or newer and this is Python {found}: install a "
            "newer one from https://www.python.org/downloads/ and run course.py with it."
        )
    parser = argparse.ArgumentParser(prog="course.py", description="Set the course up and run it.")
    commands = parser.add_subparsers(dest="command", metavar="command")
    start_parser = commands.add_parser("start", help="open your copies of the lectures")
    start_parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    start_parser.add_argument("--port", type=int, help="the port JupyterLab listens on")
    test_parser = commands.add_parser(
        "test", help="run everything that CI runs (full repository only)"
    )
    test_parser.add_argument(
        "--lecture", metavar="NAME", help="only what one lecture decides, such as 03 or 03_slim"
    )
    options = parser.parse_args(arguments)
    try:
        if options.command == "start":
            return start(options)
        if options.command == "test":
            return test(options.lecture)
        parser.print_help()
        return 0
    except KeyboardInterrupt:
        print()
        return 130
    except Problem as problem:
        return fail(str(problem))
    except OSError as error:
        return fail(explain_oserror(error))


def start(options):
    """Copy the lectures and open JupyterLab, in an up-to-date environment."""
    prepare_environment(STUDENTS)
    arguments = ["embedlab", "start"]
    if options.no_browser:
        arguments.append("--no-browser")
    if options.port is not None:
        arguments += ["--port", str(options.port)]
    return run_module(arguments)


def test(lecture):
    """Run every stage, or those of one lecture, even after a failure; end with a table of them."""
    if not (ROOT / "autograder").is_dir() or not (ROOT / "tests").is_dir():
        raise Problem(NOT_IN_BUNDLE)
    stages = STAGES
    if lecture is not None:
        lecture = whole_name(lecture)
        stages = [(name, arguments.format(lecture)) for name, arguments in LECTURE_STAGES]
    prepare_environment(EVERYTHING)
    rows = []
    for name, arguments in stages:
        print(f"\n=== {name}: python -m {arguments}", flush=True)
        began = time.monotonic()
        code = run_module(arguments.split())
        rows.append((name, "failed" if code else "passed", time.monotonic() - began))
    print(f"\n{'stage':<10}{'result':<10}{'seconds':>8}")
    for name, result, seconds in rows:
        print(f"{name:<10}{result:<10}{seconds:>8.1f}")
    return int(any(result == "failed" for _, result, _ in rows))


def whole_name(lecture):
    """Return the name of the lecture that "03" or "03_slim" stands for."""
    known = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9][0-9]_*.py"))
    found = [name for name in known if lecture in (name, name[:2])]
    if not found:
        raise Problem("There is no lecture {!r}. Lectures: {}.".format(lecture, ", ".join(known)))
    return found[0]


def run_module(arguments):
    """Run `python -m ...` of the environment and return its exit code."""
    process = subprocess.Popen(
        [str(venv_python()), "-m", *arguments], cwd=ROOT, env=environment_variables()
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()  # Ctrl-C reached it too; JupyterLab takes a moment to stop its kernels
        raise


def prepare_environment(packages):
    """Make .venv and install what is wanted, STUDENTS or EVERYTHING, unless that has been done."""
    enough = [stamp_of(one) for one in (packages, EVERYTHING)]
    found = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    if found not in enough:
        refuse_intel_macs()
    if not VENV.exists():
        create_environment()
    pip = pip_version()
    if not pip:
        raise Problem(BROKEN_VENV)
    if found in enough:
        return
    if found and found.splitlines()[-1] != str(ROOT):
        raise Problem(MOVED_VENV)
    # Without a stamp an interrupted installation is taken up again.
    if found:
        STAMP.unlink()
    install(packages, "raw" if pip >= RAW_PROGRESS else "off")
    STAMP.write_text(enough[0], encoding="utf-8")


def stamp_of(packages):
    """What a finished installation is known by: what it installs, and where."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        try:
            digest.update((ROOT / name).read_bytes())
        except FileNotFoundError:
            raise Problem(
                f"The file {name} is missing beside course.py: "
                "unpack or clone the course again, and run it from there."
            ) from None
    return f"{digest.hexdigest()}\n{packages}\n{ROOT}"


def refuse_intel_macs():
    """Raise Problem where there is no PyTorch, before anything is installed."""
    if (platform.system(), platform.machine()) != ("Darwin", "x86_64"):
        return
    # an Intel Python on Apple silicon says x86_64 too
    asked = subprocess.run(
        ["sysctl", "-n", "hw.optional.arm64"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    raise Problem(INTEL_PYTHON if asked.stdout.strip() == "1" else INTEL_MAC)


def create_environment():
    """Make .venv, or leave nothing behind."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise Problem(NO_VENV_MODULE)
    import venv

    try:
        with moving_line(lambda: "Making the environment .venv"):
            venv.create(VENV, symlinks=not WINDOWS, with_pip=True)
    except BaseException as error:  # Ctrl-C too: half an environment would pass for a broken one
        shutil.rmtree(VENV, ignore_errors=True)
        if isinstance(error, subprocess.CalledProcessError):
            output = error.output.decode(errors="replace")
            raise Problem(FULL_DISK if is_full(output) else NO_VENV_MODULE) from None
        raise


def install(packages, progress_bar):
    """Install lines of requirements.txt with pip, below one moving line.

    progress_bar: how pip shows a download, "raw" or "off".
    """
    print("Installing the course's packages; the first time this takes a few minutes.", flush=True)
    requirements = ROOT / "requirements.txt"
    if packages == STUDENTS:
        lines = requirements.read_text(encoding="utf-8").splitlines(keepends=True)
        requirements = VENV / "requirements-students.txt"
        students = [line for line in lines if STAFF not in line]
        requirements.write_text("".join(students), encoding="utf-8")
    variables = environment_variables()
    variables["PIP_USER"] = "0"  # `user = true` in a pip.conf is an error inside an environment
    variables["PIP_PROGRESS_BAR"] = progress_bar
    variables.setdefault("PIP_RETRIES", "2")
    variables.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    output = []
    steps = PipSteps()
    process = subprocess.Popen(
        [str(venv_python()), "-m", "pip", "install", "-r", str(requirements.relative_to(ROOT))],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with moving_line(steps.now), process:
        for line in process.stdout:
            if not steps.read(line):
                output.append(line)
    if process.returncode:
        sys.stderr.write("".join(output[-PIP_LINES:]))
        raise Problem(explain_pip("".join(output)))


class PipSteps:
    """How far pip is, from what it prints and from what it has put into the environment."""

    def __init__(self):
        self.asked, self.fetched = 0, 0
        self.doing = "preparing the course's own"
        self.installing, self.began = [], 0.0

    def read(self, line):
        """Take one line of pip's output; return whether it is about a download's progress only."""
        bytes_done = re.match(r"Progress (\d+) of (\d+)", line)
        if bytes_done:
            done, whole = (int(number) / 1e6 for number in bytes_done.groups())
            self.doing = f"{self.doing.split(',')[0]}, {done:.0f} of {whole:.0f} MB"
            return True
        collecting = re.match(r"Collecting ([\w.-]+)", line)
        fetching = re.match(r" *(?:Downloading|Using cached) (?:\S*/)?([\w.]+)-\S+", line)
        if collecting:
            self.asked += 1
            self.doing = f"looking for {collecting.group(1)}"
        elif fetching and ".metadata" not in fetching.group(0):
            self.fetched += 1
            self.doing = f"downloading {fetching.group(1)}"
        elif line.startswith("Installing collected packages: "):
            self.installing = line.split(": ")[1].strip().split(", ")
            self.began = time.time()
        return False

    def now(self):
        """Say in a line what happens now, and how far it is."""
        if not self.installing:
            fetched = f", {self.fetched} downloaded" if self.fetched else ""
            return f"{self.asked} packages found{fetched}: {self.doing}"
        done, whole = min(self._n_new(), len(self.installing)), len(self.installing)
        doing = self.installing[done] if done < whole else "putting things in order"
        return f"{done} of {whole} packages installed: {doing}"

    def _n_new(self):
        """How many packages the environment has got since pip began to install."""
        found = [*VENV.glob("lib/python*/site-packages"), *VENV.glob("Lib/site-packages")][:1]
        return sum(
            entry.name.endswith(".dist-info") and entry.stat().st_mtime >= self.began - 2
            for folder in found
            for entry in os.scandir(folder)
        )


@contextlib.contextmanager
def moving_line(now):
    """Keep a line that says what happens, as `now()` returns it, and for how many seconds it has.

    A terminal's line is drawn again and again; anything else, such as a file, gets a line now and
    then.
    """
    in_place = sys.stdout.isatty()
    began = time.monotonic()
    over = threading.Event()

    def draw():
        text = f"  {now()} ({time.monotonic() - began:.0f} s)"
        if in_place:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + text[:width].ljust(width), end="", flush=True)
        else:
            print(text, flush=True)

    def move():
        while not over.wait(0.5 if in_place else 10):
            draw()

    draw()
    thread = threading.Thread(target=move, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        draw()
        if in_place:
            print(flush=True)


def explain_pip(output):
    """Turn what pip complained about into one sentence and a remedy."""
    if is_full(output):
        return FULL_DISK
    if any(sign in output for sign in OFFLINE_SIGNS):
        return OFFLINE
    missing = re.search(r"No matching distribution found for (\S+)", output)
    if missing:
        return (
            f"pip finds no {missing.group(1)} for this Python and machine: delete the folder .venv "
            "and run course.py with another Python (3.11 to 3.14 have every package)."
        )
    failed = re.search(r"(?:Failed building wheel for|Failed to build) '?([^\s']+)", output)
    return (
        f"pip could not install {failed.group(1) if failed else 'requirements.txt'}: its last "
        "lines, just above, say why; mend that and run the same command again."
    )


def explain_oserror(error):
    """Turn an operating system's error into one sentence and a remedy."""
    if is_full(str(error)):
        return FULL_DISK
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return READ_ONLY
    return f"The operating system reports: {error}."


def is_full(text):
    """Whether an error's text tells of a full disk."""
    return any(sign in text for sign in FULL_DISK_SIGNS)


def venv_python():
    """The environment's Python."""
    return VENV / "Scripts" / "python.exe" if WINDOWS else VENV / "bin" / "python"


def pip_version():
    """The version of the environment's pip, a tuple of numbers; () if Python or pip do not work."""
    try:
        finished = subprocess.run(
            [str(venv_python()), "-c", "import pip; print(pip.__version__)"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    except OSError:
        return ()
    return tuple(map(int, re.findall(r"\d+", finished.stdout)))


def environment_variables():
    """This process's variables, with the environment's commands first on PATH."""
    variables = dict(os.environ)
    # nbgrader runs a bare `alembic`
    variables["PATH"] = str(venv_python().parent) + os.pathsep + variables.get("PATH", "")
    return variables


def fail(sentence):
    """Print the sentence and return the exit code of a failure."""
    print(f"\ncourse.py: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
