"""Set the course up and run it: `python3 course.py start`, or `test` for the people who write it.

It uses the standard library only, because it runs before anything is installed, and only syntax
that Python 3.6 reads, so that an old Python gets a sentence instead of a SyntaxError.
"""

import argparse
import collections
import errno
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

MINIMUM = (3, 11)
WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "course-stamp.txt"

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
    prepare_environment()
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
    prepare_environment()
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


def prepare_environment():
    """Make .venv and install requirements.txt, unless that has been done already."""
    stamp = current_stamp()
    if not VENV.exists():
        create_environment()
    if not venv_works():
        raise Problem(BROKEN_VENV)
    found = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    if found == stamp:
        return
    if found and found.splitlines()[-1] != str(ROOT):
        raise Problem(MOVED_VENV)
    # Without a stamp an interrupted installation is taken up again.
    if found:
        STAMP.unlink()
    install()
    STAMP.write_text(stamp, encoding="utf-8")


def current_stamp():
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
    return f"{digest.hexdigest()}\n{ROOT}"


def create_environment():
    """Make .venv, or leave nothing behind."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise Problem(NO_VENV_MODULE)
    import venv

    print("Making the environment .venv ...", flush=True)
    try:
        venv.create(VENV, symlinks=not WINDOWS, with_pip=True)
    except BaseException as error:  # Ctrl-C too: half an environment would pass for a broken one
        shutil.rmtree(VENV, ignore_errors=True)
        if isinstance(error, subprocess.CalledProcessError):
            output = error.output.decode(errors="replace")
            raise Problem(FULL_DISK if is_full(output) else NO_VENV_MODULE) from None
        raise


def install():
    """Install requirements.txt with pip, showing all that pip shows."""
    print("Installing requirements.txt; the first time this takes a few minutes.", flush=True)
    variables = environment_variables()
    variables["PIP_USER"] = "0"  # `user = true` in a pip.conf is an error inside an environment
    variables.setdefault("PIP_RETRIES", "2")
    variables.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    complaints = collections.deque(maxlen=500)
    # pip draws its progress on stdout, which stays the terminal's own, and complains on stderr.
    with subprocess.Popen(
        [str(venv_python()), "-m", "pip", "install", "-r", "requirements.txt"],
        cwd=ROOT,
        env=variables,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stderr:
            sys.stderr.write(line)
            sys.stderr.flush()
            complaints.append(line)
    if process.returncode:
        raise Problem(explain_pip("".join(complaints)))


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
            "and run course.py with another Python (3.11 to 3.13 have the most packages)."
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


def venv_works():
    """Whether the environment's Python starts and has pip."""
    try:
        finished = subprocess.run(
            [str(venv_python()), "-c", "import pip"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False
    return finished.returncode == 0


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
