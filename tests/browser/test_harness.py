"""The browser fixtures notice what goes wrong in a page and in a notebook."""

import nbformat
import pytest


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    cells = [nbformat.v4.new_code_cell(source) for source in ("answer = 41", "answer + 1", "1 / 0")]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "harness.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return open_notebook(path)


@pytest.mark.parametrize(
    ("script", "problems"),
    [
        ("console.error('lost')", ["console error: lost"]),
        ("setTimeout(() => { throw new Error('lost') })", ["uncaught error: lost"]),
        (
            "fetch('http://192.0.2.1/x').catch(() => 0)",
            [
                "request to http://192.0.2.1/x",
                "console error: Failed to load resource: net::ERR_FAILED",
            ],
        ),
        ("new WebSocket('ws://192.0.2.1/x')", ["connection to ws://192.0.2.1/x"]),
    ],
)
def test_a_problem_in_the_page_is_noticed(notebook, script, problems):
    notebook.page.evaluate(f"() => {{ {script} }}")
    for _ in range(100):
        if len(notebook.problems) == len(problems):
            break
        notebook.page.wait_for_timeout(50)
    assert notebook.problems == problems
    notebook.problems.clear()


def test_an_edited_cell_runs_as_edited(notebook):
    notebook.edit_cell(notebook.cell_index("answer ="), "answer = 6 * 7")
    notebook.run_cell(0)
    notebook.run_cell(1)
    (output,) = notebook.outputs(1)
    assert output["data"]["text/plain"] == "43"


def test_running_all_cells_reports_the_one_that_raises(notebook):
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        notebook.run_all()


def test_running_all_cells_again_waits_for_the_new_results(notebook):
    notebook.edit_cell(0, "import time; time.sleep(1); answer = 0")
    notebook.edit_cell(2, "answer + 2")
    notebook.run_all()
    assert [output["data"]["text/plain"] for output in notebook.outputs(2)] == ["2"]


def test_the_page_has_no_debugger(notebook):
    plugin = "@jupyterlab/debugger-extension:service"
    assert not notebook.page.evaluate("name => jupyterapp.hasPlugin(name)", plugin)
