"""Law 5: nbval compares everything, and its guard refuses what would compare nothing."""

import copy
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.paths import ROOT


def run_nbval(notebook, folder):
    path = folder / "probe.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", "tests/nbval_sanitize.cfg", "-p", "tests.nbval_guard"]
    done = subprocess.run([*command, path], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def notebook():
    """A notebook whose one cell printed 3."""
    output = nbformat.v4.new_output("stream", name="stdout", text="3\n")
    cell = nbformat.v4.new_code_cell("print(1 + 2)", outputs=[output], execution_count=1)
    return nbformat.v4.new_notebook(cells=[cell])


def test_a_true_notebook_passes(notebook, tmp_path):
    assert run_nbval(notebook, tmp_path)[0] == 0


def test_a_changed_output_fails(notebook, tmp_path):
    notebook.cells[0].outputs[0].text = "4\n"
    assert run_nbval(notebook, tmp_path)[0] == 1


def test_a_cell_that_never_ran_is_refused(notebook, tmp_path):
    notebook.cells[0].execution_count = None
    notebook.cells[0].outputs = []
    code, said = run_nbval(notebook, tmp_path)
    assert code == 4
    assert "never-executed cells" in said


@pytest.mark.parametrize("tag", ["nbval-skip", "nbval-ignore-output"])
def test_a_cell_that_asks_not_to_be_compared_is_refused(notebook, tmp_path, tag):
    notebook.cells[0].metadata["tags"] = [tag]
    code, said = run_nbval(notebook, tmp_path)
    assert code == 4
    assert "not to be compared" in said


SHOWS = """import ipywidgets
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
ipywidgets.IntSlider(3, description="rank")"""


@pytest.fixture(scope="module")
def shown():
    """A notebook that was run, with a picture and a widget."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOWS)])
    NotebookClient(notebook, kernel_name="python3").execute()
    return notebook


def picture(notebook):
    [data] = [o.data for o in notebook.cells[0].outputs if "image/png" in o.get("data", {})]
    data["image/png"] = data["image/png"].replace("A", "B")


def state(notebook):
    [states] = notebook.metadata.widgets.values()
    [slider] = [one.state for one in states["state"].values() if "description" in one.state]
    slider.description = "rate"


@pytest.mark.parametrize(
    ("spoil", "says"), [(None, ""), (picture, "image/png"), (state, "1 of 3 widget states")]
)
def test_pictures_and_the_states_of_widgets_are_compared(shown, tmp_path, spoil, says):
    notebook = copy.deepcopy(shown)
    if spoil:
        spoil(notebook)
    code, said = run_nbval(notebook, tmp_path)
    assert code == (1 if spoil else 0), said
    assert says in said
