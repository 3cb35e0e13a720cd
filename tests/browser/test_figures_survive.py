"""Figures survive the night: saved, their kernel shut down, and opened again the next day."""

import json

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from embedlab.contents import STATES, VIEW

SETUP = """
import numpy as np
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.widgets import *

rng = np.random.default_rng(0)
curves = curve_states(np.arange(9), rng.random((4, 2, 9)), ["one", "two"], [1, 2, 4, 8])
heat = heat_states(rng.random((3, 1, 4, 4)), ["a", "b", "c"], ["head"], list("1234"), list("1234"))
known = rng.random((5, 6))
moving = descent_states(
    known, rng.random((5, 2)), rng.random((6, 2)),
    lambda rows, columns: (0.9 * rows, 0.8 * columns),
    lambda rows, columns: float((rows**2).sum()),
    range(9), list("abcde"), list("uvwxyz"),
)
train, test = split_at_random(load_movielens_small().with_popular_films(150), 0.2, seed=0)
sparse = sparsity_states(
    train, test, lambda gram, l1, l2: np.maximum(gram - l1, 0) * (1 - np.eye(len(gram))) / l2,
    [1, 8, 64], [1, 100], best_known_films(train, 20),
)
"""
FAMILIES = {
    "Curves": "Curves(curves, slider='factors k')",
    "HeatMaps": "HeatMaps(heat)",
    "MovingVectors": "MovingVectors(moving, range(9), 'users', 'films')",
    "SlimSparsity": "SlimSparsity(sparse)",
}
WITHOUT_KERNEL = "() => jupyterapp.shell.currentWidget.sessionContext.shutdown()"


@pytest.fixture(scope="module")
def notebook(open_as_student, tmp_path_factory):
    """A notebook with a widget of each family, run, saved, closed and opened again: no kernel."""
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *FAMILIES.values())]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "figures.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_as_student(path)
    for _ in range(2):  # what the second run replaces must not stay in the file
        notebook.run_all()
    all_are_there(notebook)
    notebook._command("docmanager:save")
    notebook.page.evaluate(WITHOUT_KERNEL)
    notebook.page.reload()
    all_are_there(notebook)
    notebook.page.evaluate(WITHOUT_KERNEL)  # opening the notebook started a new one
    return notebook


def all_are_there(notebook):
    for number in range(1, 1 + len(FAMILIES)):
        notebook.cell(number).scroll_into_view_if_needed()
        expect(notebook.cell(number).get_by_role("slider").first).to_be_visible()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_figure_is_there_and_moves(notebook, family):
    cell = notebook.cell(1 + list(FAMILIES).index(family))
    cell.scroll_into_view_if_needed()
    sliders = cell.get_by_role("slider")
    expect(sliders.first).to_be_visible()
    assert notebook.page.evaluate("() => !jupyterapp.shell.currentWidget.sessionContext.session")
    for slider in sliders.all():
        seen = []
        for key in ("Home", "End"):
            slider.press(key)
            seen.append(cell.locator(".jp-OutputArea-output").screenshot())
        assert seen[0] != seen[1]


def test_the_file_holds_each_figure_once(notebook):
    states = json.loads(notebook.path.read_text("utf-8"))["metadata"]["widgets"][STATES]["state"]
    assert sum("_esm" in model["state"] for model in states.values()) == len(FAMILIES)


def test_a_figure_without_its_state_says_what_to_do(notebook, student_lab):
    """Also in a notebook that JupyterLab trusts, where it would show an error."""
    saved = nbformat.read(notebook.path, as_version=4)
    models = saved.metadata.widgets[STATES]["state"]
    shown = saved.cells[1].outputs[0].data[VIEW]["model_id"]
    del models[shown]
    nbformat.write(saved, notebook.path)
    NotebookNotary(data_dir=str(student_lab.data)).sign(saved)
    notebook.page.reload()
    for number in (2, 3, 4):
        expect(notebook.cell(number).get_by_role("slider").first).to_be_visible()
    expect(notebook.cell(1)).to_contain_text("Run this cell to see the figure.")
    expect(notebook.page.get_by_text("Run this cell to see the figure.")).to_have_count(1)
