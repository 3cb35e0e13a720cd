"""Fixtures shared by all tests, and how they are chosen, ordered and timed."""

import collections
import contextlib
import os
import re
import shutil
import signal

import pytest
import small
from handed_in import as_folder, as_zip
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

from autograder.paths import lecture_names

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
)
# Rooms and files that take longest come first, so that no process is left with one at the end.
FIRST = (
    *("attacks", "test_laws_grading", "test_laws_mutants", "grading", "sandbox"),
    *("gradebook", "browser", "laws"),
)
ALONE = "test_laws_exercises.py"  # its tests share nothing, and one lecture's take a minute


def pytest_addoption(parser):
    """Add --tier and --lecture."""
    parser.addoption(
        "--tier",
        default="bubblewrap",
        choices=["bubblewrap", "container"],
        help="the sandbox in which hostile code runs; `container` needs its image",
    )
    parser.addoption("--lecture", help="run only what one lecture decides, such as 03_slim")


def lecture_of(nodeid):
    """Return the lecture that a test is about, or "": in its parameters or its file's name."""
    file, _, test = nodeid.partition("::")
    number = re.search(r"test_lecture_(\d\d)\.py$", file)
    names = [name for name in lecture_names() if number and name.startswith(number[1])]
    names += [name for name in lecture_names() if re.search(rf"\[(.*-)?{name}\b", test)]
    return names[0] if names else ""


class ByFileAndLecture(LoadScopeScheduling):
    """Hands tests to processes by file and lecture, so that what they share is made once.

    Marks for `--dist loadgroup` would do, but pytest 9.2 hides them from xdist 3.8.
    """

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return nodeid if file.endswith(ALONE) else f"{file} {lecture_of(nodeid)}"


def pytest_xdist_make_scheduler(config, log):
    """Have the tests handed out our way."""
    return ByFileAndLecture(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Choose one lecture's tests; the slow ones first."""
    if chosen := config.getoption("lecture"):
        if chosen not in lecture_names():
            raise pytest.UsageError(
                f"no lecture {chosen!r}; lectures: {', '.join(lecture_names())}"
            )
        of_it = [item for item in items if lecture_of(item.nodeid) == chosen]
        config.hook.pytest_deselected(items=[item for item in items if item not in of_it])
        items[:] = of_it

    def place(item):
        names = item.path.stem, item.path.parent.name
        return next((at for at, first in enumerate(FIRST) if first in names), len(FIRST))

    items.sort(key=place)


def pytest_terminal_summary(terminalreporter):
    """Say how many seconds of the processes each lecture took."""
    seconds = collections.Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[lecture_of(report.nodeid) or "no one lecture"] += report.duration
    terminalreporter.section("seconds by lecture")
    for name, spent in sorted(seconds.items()):
        terminalreporter.write_line(f"{spent:8.1f}  {name}")


@pytest.fixture(scope="session")
def sandbox_tier(pytestconfig):
    """Name of the tier in which hostile code runs."""
    return pytestconfig.getoption("tier")


def pytest_generate_tests(metafunc):
    """Run every test that asks for a `lecture` once per lecture.

    A module of tests that no lecture makes a difference to names the one it tries: TRIED_ON.
    """
    if "lecture" in metafunc.fixturenames:
        tried = getattr(metafunc.module, "TRIED_ON", None)
        metafunc.parametrize("lecture", [tried] if tried else lecture_names(), scope="module")


@pytest.fixture(autouse=True, scope="module")
def _small_lecture(request, tmp_path_factory):
    """What a module finds that is tried on the small lecture."""
    tried = getattr(request.module, "TRIED_ON", None) == small.LECTURE
    folder = tmp_path_factory.getbasetemp() / "small"
    with small.small_lecture(folder) if tried else contextlib.nullcontext():
        yield


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_interrupts():
    """A shell has its background jobs ignore Ctrl-C, which a check's time limit works by."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def browser():
    """Start one headless Chromium; fail, not skip, where there is none."""
    path = os.environ.get("COURSE_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(
            "The browser tests need Chromium or Chrome. On Debian: apt-get install chromium; "
            "elsewhere install Chrome and set COURSE_BROWSER to its program.",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(params=[as_folder, as_zip])
def pack(request, tmp_path):
    """Makes a folder or an archive of the files and returns its path."""
    return lambda files: request.param(tmp_path / "handed in", files)
