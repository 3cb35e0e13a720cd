"""Fixtures shared by all tests."""

import pytest
from handed_in import as_folder, as_zip

from autograder.paths import lecture_names


def pytest_addoption(parser):
    """Which sandbox the tests of sandbox and attacks use: `container` needs its image."""
    parser.addoption("--tier", default="bubblewrap", choices=["bubblewrap", "container"])


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


@pytest.fixture(autouse=True, scope="session")
def _alembic_on_path():
    """nbgrader starts a bare `alembic` when it makes a gradebook."""
    import os
    import sys
    from pathlib import Path

    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(params=[as_folder, as_zip])
def pack(request, tmp_path):
    """Makes a folder or an archive of the files and returns its path."""
    return lambda files: request.param(tmp_path / "handed in", files)
