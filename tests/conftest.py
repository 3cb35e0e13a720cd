"""Fixtures shared by all tests, and how they are chosen, ordered and timed."""

import collections
import contextlib
import re
import signal

import pytest
import small
from handed_in import as_folder, as_zip
from xdist.scheduler import LoadScopeScheduling

from autograder.paths import lecture_names

# What takes longest comes first, so that no process is left with it at the end.
FIRST = ("laws", "grading", "sandbox", "gradebook", "browser")


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
    """Hands tests to processes by file and lecture: what they share is made once.

    Marks for `--dist loadgroup` would do, but pytest 9.2 hides them from xdist 3.8.
    """

    def _split_scope(self, nodeid):
        return f"{nodeid.partition('::')[0]} {lecture_of(nodeid)}"


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
        of_it = [
            item
            for item in items
            if lecture_of(item.nodeid) == chosen and not hasattr(item.module, "TRIED_ON")
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in of_it])
        items[:] = of_it

    def place(item):
        room = item.path.parent.name
        return FIRST.index(room) if room in FIRST else len(FIRST)

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


@pytest.fixture(params=[as_folder, as_zip])
def pack(request, tmp_path):
    """Makes a folder or an archive of the files and returns its path."""
    return lambda files: request.param(tmp_path / "handed in", files)
