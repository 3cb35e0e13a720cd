"""An open line of a derivation in a real JupyterLab: its slip, its formula, a narrow window."""

import pytest
from playwright.sync_api import expect

from autograder.paths import LECTURES

INSIDE = """
table => {
    const box = table.closest(".jp-OutputArea-output").getBoundingClientRect();
    return [...table.querySelectorAll("th, td, caption")].every(cell => {
        const { left, right } = cell.getBoundingClientRect();
        return left >= box.left - 1 && right <= box.right + 1;
    });
}
"""


@pytest.fixture(scope="module", params=[1280, 820])
def factorization(request, open_notebook):
    """The student's notebook of lecture 03, in a wide and in a narrow window."""
    notebook = open_notebook(LECTURES / "03_slim.ipynb", width=request.param)
    notebook.run_cell(notebook.cell_index('lecture = Lecture("03_slim")'))
    return notebook


def derive(notebook, line):
    """Write the student's line, run it and its derivation; return the derivation's cell."""
    written = notebook.cell_index("derivative_line = ")
    notebook.edit_cell(written, f"derivative_line = {line!r}")
    notebook.run_cell(written)
    index = notebook.cell_index('"The best value of one weight"')
    notebook.run_cell(index)
    table = notebook.cell(index).locator(".embedlab-derivation table")
    expect(table).to_be_visible()
    # MathJax has set the formulas
    expect(table.locator("mjx-container").first).to_be_visible()
    return notebook.cell(index)


def test_a_slip_stands_in_the_table_and_in_the_message(factorization):
    cell = derive(factorization, "(G[j, j] + l2) * x - (rho + l1)")
    row = cell.locator("table tbody tr").nth(3)
    expect(row).to_contain_text("→ Your line would hold with - before l1.")
    expect(row).not_to_contain_text("`")
    expect(cell).to_contain_text("Your line would hold with `-` before `l1`.")


def test_a_line_that_holds_stands_there_as_a_formula(factorization):
    row = derive(factorization, "(G[j, j] + l2) * x - (rho - l1)").locator("tbody tr").nth(3)
    expect(row).to_contain_text("✓ holds")
    said = row.locator("mjx-assistive-mml").first.text_content()
    assert "".join(said.split()) == "=(Gjj+β)x−(ρ−λ)"


def test_every_column_lies_inside(factorization):
    table = derive(factorization, "2 * x").locator("table")
    assert table.evaluate(INSIDE)
