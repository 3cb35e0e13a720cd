"""What decides whether a notebook or a verdict is stale, and what does not, by editing copies."""

import json
import shutil

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from autograder.lecture import environment
from autograder.lecture.environment import code_digest, notebook_digest
from autograder.paths import ROOT

NOTEBOOK = new_notebook(
    cells=[new_markdown_cell("Some text.")], metadata={"embedlab": {"lecture": "03_slim"}}
)
CASES = b"{}"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the repository's code; returns a function that adds a comment to a file of it."""
    ignore = shutil.ignore_patterns("__pycache__", "public", "*.csv", "*.ipynb")
    for folder in ("autograder", "embedlab", "datasets"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "KIT", tmp_path / "embedlab")

    def comment(name):
        path = tmp_path / name
        assert path.exists(), name
        path.write_bytes(path.read_bytes() + b"\n# a remark\n")

    return comment


@pytest.mark.parametrize(
    "name",
    [
        "autograder/lecture/execution.py",
        "autograder/notebooks.py",
        "embedlab/ranking.py",
        "embedlab/data/ratings.py",
        "embedlab/widgets/sparsity.js",
        "embedlab/widgets/course.css",
        "embedlab/widgets/colours.css",
        "embedlab/diagrams/sketch.py",
        "embedlab/figures.py",
        "embedlab/recorded/03_slim_ml1m.json",
        "datasets/movielens_small/SHA256SUMS",
        "requirements.txt",
    ],
)
def test_what_makes_a_notebook_makes_it_stale(copied, name):
    before = notebook_digest(NOTEBOOK, CASES)
    copied(name)
    assert notebook_digest(NOTEBOOK, CASES) != before


def test_a_recorded_array_makes_its_notebook_stale(copied, tmp_path):
    path = tmp_path / "embedlab" / "recorded" / "03_slim_weights.npz"
    digests = set()
    for content in (b"1", b"2"):
        path.write_bytes(content)
        digests.add(notebook_digest(NOTEBOOK, CASES))
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("row_of", "is_stale"),
    [("01_matrix_factorization", True), ("03_slim", True), ("09_self_attention", False)],
)
@pytest.mark.parametrize("key", ["value", "settings", "model"])
def test_of_the_course_s_table_only_what_the_lecture_shows(copied, tmp_path, row_of, is_stale, key):
    path = tmp_path / "embedlab" / "recorded" / "course_hidden_films.json"
    record = json.loads(path.read_text("utf-8"))
    record["rows"].append(dict(record["rows"][-1], lecture=row_of, model="one more", settings="k"))
    path.write_text(json.dumps(record), "utf-8")
    before = notebook_digest(NOTEBOOK, CASES)
    record["rows"][-1][key] = {"value": 0.001, "settings": "another", "model": "other"}[key]
    path.write_text(json.dumps(record), "utf-8")
    assert (notebook_digest(NOTEBOOK, CASES) != before) == is_stale


def test_a_table_of_later_lectures_alone_makes_nothing_stale(copied, tmp_path):
    path = tmp_path / "embedlab" / "recorded" / "course_next_film.json"
    before = notebook_digest(NOTEBOOK, CASES)
    path.unlink()
    assert notebook_digest(NOTEBOOK, CASES) == before


def test_its_cells_and_its_public_cases_make_it_stale():
    changed = nbformat.from_dict(NOTEBOOK)
    changed.cells[0].source += " more"
    digests = {notebook_digest(*made) for made in [(NOTEBOOK, CASES), (changed, CASES)]}
    assert len(digests | {notebook_digest(NOTEBOOK, CASES + b" ")}) == 3


@pytest.mark.parametrize(
    "name",
    [
        "autograder/cli.py",
        "autograder/gradebook/writer.py",
        "autograder/lecture/bundle.py",
        "autograder/lecture/environment.py",
        "autograder/reports/words.py",
        "autograder/lecture/overview.py",
        "autograder/exercises/slim/soft_threshold.py",
        "embedlab/recorded/09_self_attention_variants.json",
        "embedlab/start.py",
    ],
)
def test_what_makes_no_notebook_leaves_it_alone(copied, name):
    before = notebook_digest(NOTEBOOK, CASES)
    copied(name)
    assert notebook_digest(NOTEBOOK, CASES) == before


@pytest.mark.parametrize(
    "name",
    [
        "autograder/judging/judge.py",
        "autograder/sandbox/inside/cells.py",
        "embedlab/diagnosis.py",
        "embedlab/drivers.py",
        "embedlab/ranking.py",
        "embedlab/data/ratings.py",
        "requirements.txt",
    ],
)
def test_what_decides_a_verdict_has_a_class_judged_again(copied, name):
    before = code_digest()
    copied(name)
    assert code_digest() != before


@pytest.mark.parametrize(
    "name",
    [
        "embedlab/widgets/base.py",
        "embedlab/widgets/sparsity.py",
        "embedlab/diagrams/sketch.py",
        "embedlab/figures.py",
        "embedlab/start.py",
        "autograder/cli.py",
        "autograder/gradebook/writer.py",
        "autograder/lecture/build.py",
    ],
)
def test_what_decides_no_verdict_does_not(copied, name):
    before = code_digest()
    copied(name)
    assert code_digest() == before


@pytest.mark.parametrize("patterns", ["NOTEBOOK", "VERDICT", "NO_VERDICT"])
def test_every_pattern_names_a_file(patterns):
    for pattern in getattr(environment, patterns):
        assert list(ROOT.glob(pattern)), f"{patterns} of environment.py: there is no {pattern}"
