"""Law 2: nothing a student receives contains a solution or a hidden case."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.lecture import bundle
from autograder.lecture.build import kept
from autograder.lecture.examination import PUBLIC_SEED, examine, rounded
from autograder.lecture.reference import load_reference
from autograder.lecture.source import SOLUTION, load_source
from autograder.paths import public_cases_path, relative
from embedlab import lending
from embedlab.diagnosis import diagnose
from embedlab.observe import observe
from embedlab.public_cases import abridge, unpack


@pytest.fixture(scope="module")
def texts():
    """Every file of the bundle that is text, notebooks with their cells' sources joined."""
    found = {}
    for name, content in bundle.bundle_files().items():
        if name.startswith("embedlab/public/"):
            found[name] = json.dumps(unpack(content), ensure_ascii=False)
            continue
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
    assert folders == {"lectures", "embedlab", "datasets"}
    assert {"course.py", "requirements.txt", "pyproject.toml"} <= names
    assert "datasets/movielens_small/LICENSE.txt" in names
    assert "datasets/flights2013/LICENSE.txt" in names
    for word in ("solutions/", "autograder", "course.py test"):
        assert word not in texts["README.md"], "students do not have that"
    assert "autograder" not in texts["requirements.txt"]
    assert "jupyterlab==" in texts["requirements.txt"]
    assert "nbval" not in texts["requirements.txt"]
    assert "autograder.cli" not in texts["pyproject.toml"]


def test_no_line_of_a_solution(lecture, texts):
    """No line of a solution, mistake or alternative that says something is in the bundle."""
    source = load_source(lecture)
    secret = {}  # line: where it is from
    for cell in source.cells:
        for region in SOLUTION.findall(cell.node.source):
            place = f"{relative(source.path)}:{cell.line}"
            secret |= dict.fromkeys(region.splitlines()[1:-1], place)
    for exercise in source.exercises.values():
        for variant in [*exercise.mistakes, *exercise.alternatives]:
            file, line = variant.place
            lines = variant.source(exercise.name).splitlines()
            head = re.compile(rf"(def|class) {exercise.name}\b")  # the task itself shows it
            lines = [line for line in lines if not head.match(line)]
            secret |= dict.fromkeys(lines, f"{relative(Path(file))}:{line}")
    secret = {line.strip(): place for line, place in secret.items() if len(line.strip()) > 30}
    assert secret, f"{relative(source.path)}: no line is long enough to be looked for"
    for name, text in texts.items():
        for line, place in secret.items():
            assert line not in text, (
                f"{name} of the bundle holds {line!r}, of {place}. Take it out of what students "
                "receive, or write the solution so that it is not the text's own line."
            )
        for mark in ("BEGIN SOLUTION", "HIDDEN TESTS"):
            assert mark not in text, f"{name} of the bundle holds {mark!r}: run `autograder build`"


def test_the_cases_in_it_are_the_public_ones_and_no_others(lecture):
    shipped = unpack(public_cases_path(lecture).read_bytes())
    functions = load_reference(lecture)
    expected = [
        abridge(rounded(examine(exercise, functions[name], PUBLIC_SEED)))
        for name, exercise in load_source(lecture).exercises.items()
    ]
    same = kept(shipped, expected)  # but for the last digits of other processors
    assert json.dumps(shipped) == json.dumps(same), (
        f"{relative(public_cases_path(lecture))} is not what the specifications draw: run "
        f"`autograder build {lecture}`"
    )


def test_the_command_writes_the_zip_once(tmp_path):
    target = tmp_path / "course.zip"
    result = CliRunner().invoke(cli.app, ["bundle", str(target)])
    assert result.exit_code == 0
    with zipfile.ZipFile(target) as archive:
        assert set(archive.namelist()) == set(bundle.bundle_files())
    lending_one = CliRunner().invoke(cli.app, ["bundle", str(tmp_path / "lends.zip"), "--lend"])
    assert lending_one.exit_code == 0
    with zipfile.ZipFile(tmp_path / "lends.zip") as archive:
        assert set(archive.namelist()) == set(bundle.bundle_files() | bundle.lent_files())
    before = target.read_bytes()
    again = CliRunner().invoke(cli.app, ["bundle", str(target)])
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert target.read_bytes() == before


def test_only_a_bundle_that_lends_has_functions_to_lend_and_they_work(
    lecture, tmp_path, monkeypatch
):
    assert not [name for name in bundle.bundle_files() if name.startswith("embedlab/lent")]
    for name, content in bundle.lent_files().items():
        (tmp_path / Path(name).name).write_bytes(content)
    monkeypatch.setattr(lending, "LENT", tmp_path)
    monkeypatch.setattr(lending, "SOLUTIONS", tmp_path / "none")
    for examination in unpack(public_cases_path(lecture).read_bytes()):
        function = lending.lent_function(lecture, examination["exercise"])
        outcomes = [
            observe(function, case["arguments"], examination["driver"])
            for case in examination["cases"]
        ]
        assert diagnose(examination, outcomes).passed


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
