"""Law 2: nothing a student receives contains a solution or a hidden case."""

import json
import zipfile

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.lecture import bundle
from autograder.lecture.build import kept
from autograder.lecture.examination import PUBLIC_SEED, examine, rounded
from autograder.lecture.reference import load_reference
from autograder.lecture.source import SOLUTION, load_source
from autograder.paths import PUBLIC_CASES


@pytest.fixture(scope="module")
def texts():
    """Every file of the bundle that is text, notebooks with their cells' sources joined."""
    found = {}
    for name, content in bundle.bundle_files().items():
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if name.endswith(".ipynb"):
            cells = json.loads(text)["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells)
        found[name] = text
    return found


def test_what_is_in_it(texts):
    names = set(bundle.bundle_files())
    folders = {name.split("/")[0] for name in names if "/" in name}
    assert folders == {"lectures", "embedlab", "datasets", "docs"}
    assert {"course.py", "requirements.txt", "pyproject.toml"} <= names
    assert "datasets/movielens_small/LICENSE.txt" in names
    assert "autograder" not in texts["requirements.txt"]
    assert "jupyterlab==" in texts["requirements.txt"]
    assert "nbval" not in texts["requirements.txt"]
    assert "autograder.cli" not in texts["pyproject.toml"]


def test_no_line_of_a_solution(lecture, texts):
    """No line of a solution, mistake or alternative that says something is in the bundle."""
    source = load_source(lecture)
    secret = []
    for cell in source.cells:
        for region in SOLUTION.findall(cell.node.source):
            secret += region.splitlines()[1:-1]
    for exercise in source.exercises.values():
        for variant in [*exercise.mistakes, *exercise.alternatives]:
            secret += variant.source(exercise.name).splitlines()[1:]
    secret = {line.strip() for line in secret if len(line.strip()) > 30}
    assert len(secret) > 30
    for name, text in texts.items():
        leaked = [line for line in secret if line in text]
        assert not leaked, (name, leaked)
        assert "BEGIN SOLUTION" not in text, name
        assert "HIDDEN TESTS" not in text, name


def test_the_cases_in_it_are_the_public_ones_and_no_others(lecture):
    shipped = json.loads((PUBLIC_CASES / f"{lecture}.json").read_text(encoding="utf-8"))
    functions = load_reference(lecture)
    expected = [
        rounded(examine(exercise, functions[name], PUBLIC_SEED))
        for name, exercise in load_source(lecture).exercises.items()
    ]
    same = kept(shipped, {"exercises": expected})  # but for the last digits of other processors
    assert json.dumps(shipped) == json.dumps(same)


def test_the_command_writes_the_zip_once(tmp_path):
    target = tmp_path / "course.zip"
    result = CliRunner().invoke(cli.app, ["bundle", str(target)])
    assert result.exit_code == 0
    with zipfile.ZipFile(target) as archive:
        assert set(archive.namelist()) == set(bundle.bundle_files())
    before = target.read_bytes()
    again = CliRunner().invoke(cli.app, ["bundle", str(target)])
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert target.read_bytes() == before


def test_its_folder_is_made_or_a_sentence_says_why_not(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "bundle_files", lambda: {"README.md": b""})
    done = CliRunner().invoke(cli.app, ["bundle", str(tmp_path / "new" / "course.zip")])
    assert done.exit_code == 0, done.output
    assert zipfile.is_zipfile(tmp_path / "new" / "course.zip")
    (tmp_path / "file").touch()
    done = CliRunner().invoke(cli.app, ["bundle", str(tmp_path / "file" / "course.zip")])
    assert done.exit_code == 1
    assert "cannot be written" in done.output
    assert isinstance(done.exception, SystemExit)
