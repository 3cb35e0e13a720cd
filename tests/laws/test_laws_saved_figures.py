"""A notebook saved with its figures is handed in, read and judged like one without."""

import json

import nbformat
from handed_in import as_folder, read

from autograder.intake.entries import FILE_LIMIT
from autograder.judging.reading import read_notebook
from autograder.notebooks import WIDGET_STATES
from autograder.paths import solution_path
from embedlab.contents import tidy_figures


def test_a_solved_notebook_with_all_its_figures(lecture, tmp_path):
    """The executed solution stands for what a student saves: all outputs, every figure's state."""
    saved = solution_path(lecture).read_bytes()
    notebook = json.loads(saved)
    states = notebook["metadata"].pop("widgets")[WIDGET_STATES]["state"]
    assert any("_esm" in model["state"] for model in states.values())
    assert len(saved) < FILE_LIMIT / 10, "far from the limit"

    (handed,) = read(as_folder(tmp_path, {f"ann/{lecture}.ipynb": saved}), lecture)
    assert (handed.lecture, handed.notebook, handed.status) == (lecture, saved, "")
    without = json.dumps(notebook).encode()
    assert read_notebook(handed.notebook) == read_notebook(without)


def test_saving_it_in_jupyterlab_again_takes_nothing_away(lecture):
    before = nbformat.read(solution_path(lecture), as_version=4)
    after = json.loads(json.dumps(before))
    tidy_figures(after)
    assert after == before
