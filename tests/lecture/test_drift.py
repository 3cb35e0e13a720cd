"""Law 1: builds are byte-identical, and a file that drifted is named, whichever it is.

The build stage of `test` compares every lecture's files with its source, and the nbval stage every
output, picture and widget with what the cells make; here it is the build itself.
"""

import shutil
from pathlib import Path

import nbformat
import pytest
import small
from typer.testing import CliRunner

from autograder import cli, paths
from autograder.lecture import build as building
from autograder.lecture.build import build_lecture, check_lecture, kept, write
from autograder.notebooks import to_bytes
from autograder.paths import solution_path

TRIED_ON = small.LECTURE


@pytest.fixture(scope="module", autouse=True)
def course(lecture, tmp_path_factory):
    """A course folder for the build; the lecture's solution has been run."""
    course = tmp_path_factory.mktemp("course")
    write(build_lecture(lecture, course))
    return course


@pytest.fixture
def scratch(lecture, tmp_path, monkeypatch):
    """Copies of the generated files for the build to look at, so that a test may spoil them."""
    copies = {}
    for name in ("LECTURES", "SOLUTIONS", "PUBLIC_CASES"):
        folder = tmp_path / name
        folder.mkdir()
        for path in sorted(getattr(paths, name).glob(f"{lecture}.*"), reverse=True):
            copies[name] = Path(shutil.copy(path, folder))  # last the notebook, not its source
        monkeypatch.setattr(paths, name, folder)
    return copies


@pytest.mark.parametrize("name", ["LECTURES", "SOLUTIONS", "PUBLIC_CASES"])
def test_drift_in_a_generated_file_is_named(lecture, course, scratch, name):
    path = scratch[name]
    content = path.read_bytes()
    path.write_bytes(edited(path) if name == "SOLUTIONS" else content.replace(b"a", b"b", 1))
    (drifted,) = check_lecture(lecture, course)
    assert path.name in drifted
    result = CliRunner().invoke(cli.app, ["build", "--check", lecture])
    assert result.exit_code == 1
    assert name in result.output  # the folder; the console may break the line after it
    path.unlink()
    # without the committed cases another processor's last bits may make other files differ, too
    missing = [found for found in check_lecture(lecture, course) if "is missing" in found]
    assert [path.name in found for found in missing] == [True]


def test_what_the_build_wrote_has_not_drifted(lecture, course):
    assert check_lecture(lecture, course) == []
    result = CliRunner().invoke(cli.app, ["build", "--check", lecture])
    assert result.exit_code == 0, result.output


def test_a_second_build_with_execution_gives_the_same_bytes(lecture, tmp_path):
    for path, content in build_lecture(lecture, tmp_path, execute=True).items():
        assert path.read_bytes() == content, path.name


def edited(path):
    """Return the executed notebook with one printed number changed by hand."""
    notebook = nbformat.read(path, as_version=4)
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    stream = next(o for o in outputs if o.output_type == "stream" and "0." in o.text)
    stream.text = stream.text.replace("0.", "0.9", 1)
    return to_bytes(notebook)


def test_an_unchanged_lecture_is_not_executed_again(lecture, course, monkeypatch):
    def never(*args):
        raise AssertionError("executed again")

    monkeypatch.setattr(building, "_executed", never)
    assert solution_path(lecture) not in build_lecture(lecture, course)
    monkeypatch.setattr(building, "notebook_digest", lambda *made: "something changed")
    with pytest.raises(AssertionError, match="executed again"):
        build_lecture(lecture, course)


def test_what_another_processor_computed_stays_and_what_differs_does_not():
    committed = {"cases": [0.1, 2.0, float("nan"), 3, "a"], "gone": 1}
    fresh = {"cases": [0.1 + 1e-12, 2.001, float("nan"), 4, "b"], "new": -1e-16}
    found = kept(committed, fresh)
    assert repr(found) == repr({"cases": [0.1, 2.001, float("nan"), 4, "b"], "new": -1e-16})
    assert kept({"x": [1.0]}, {"x": [1.0, 2.0]}) == {"x": [1.0, 2.0]}
    assert repr(kept(None, fresh)) == repr(fresh)
