"""A student in a lecture: wrong, blank and right answers in a real JupyterLab."""

import re

import pytest
from playwright.sync_api import expect

from autograder.lecture.source import load_source
from autograder.paths import LECTURES

TRACEBACK = re.compile(r"Traceback|File <|File ~|Cell In\[")


@pytest.fixture(scope="module")
def slim(open_notebook):
    """The student's SLIM notebook with its first cells run."""
    notebook = open_notebook(LECTURES / "03_slim.ipynb")
    notebook.run_cell(notebook.cell_index('lecture = Lecture("03_slim")'))
    return notebook


def solution(name):
    (cell,) = [cell for cell in load_source("03_slim").cells if cell.grade_id == name]
    return cell.node.source


def check(notebook, name, source):
    """Write and run a solution cell, run its check and return the text a student sees there."""
    written = notebook.cell_index(f"def {name}(")
    notebook.edit_cell(written, source)
    notebook.run_cell(written)
    index = notebook.cell_index(f"lecture.check({name})")
    notebook.run_cell(index)
    shown = notebook.cell(index).locator(".jp-OutputArea-output").first
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_the_blank_is_told_kindly(slim):
    index = slim.cell_index("def soft_threshold(")
    said = check(slim, "soft_threshold", slim.source(index))
    assert "soft_threshold: not written yet" in said
    assert not TRACEBACK.search(said)


def test_a_check_before_its_function_says_what_to_run(slim):
    index = slim.cell_index("lecture.check(recommend)")
    slim.run_cell(index)
    said = slim.cell(index).locator(".jp-OutputArea-output").first.inner_text()
    assert said.strip() == "recommend is not defined yet: run the cell that defines it first."


def test_a_wrong_answer_is_named(slim):
    wrong = "def soft_threshold(z, threshold):\n    return np.maximum(z - threshold, 0)"
    said = check(slim, "soft_threshold", wrong)
    assert "got [0., 0., 1.], expected [-2.,  0.,  1.]" in said
    assert "You treat only positive values" in said
    assert "0 of 8 exercises pass" in said
    assert not TRACEBACK.search(said)


def test_a_crash_shows_the_line_and_no_traceback(slim):
    said = check(slim, "soft_threshold", "def soft_threshold(z, threshold):\n    return zz")
    assert "raised NameError: name 'zz' is not defined at `return zz`" in said
    assert not TRACEBACK.search(said)


def test_right_answers_count(slim):
    assert "visible checks passed" in check(slim, "soft_threshold", solution("soft_threshold"))
    said = check(slim, "slim_objective", solution("slim_objective"))
    assert "2 of 8 exercises pass" in said


def test_the_blank_of_the_derivation(slim):
    """Open it waits, wrong it says by how much, right it holds; formulas are typeset."""
    answer = slim.cell_index("derivative_line = ")
    table = slim.cell_index('"The best value of one weight"')

    def line_4(source):
        slim.edit_cell(answer, source)
        slim.run_cell(answer)
        slim.run_cell(table)
        return slim.cell(table).locator("tbody tr").nth(3)

    expect(line_4('derivative_line = "..."')).to_contain_text("your turn")
    expect(line_4('derivative_line = "(G[j, j] + l2) * x - rho"')).to_contain_text("broken")
    assert "Line 4" in slim.outputs(table)[-1]["evalue"]
    expect(line_4(solution("derivative_line"))).to_contain_text("holds")
    expect(slim.cell(table).locator("td mjx-container").first).to_be_visible()


def test_a_hint_opens_on_demand(slim):
    hint = slim.cell(slim.cell_index("Implement the two-sided")).locator("details")
    text = hint.get_by_text("work on numbers and on arrays alike")
    expect(text).to_be_hidden()
    hint.locator("summary").click()
    expect(text).to_be_visible()


def test_run_all_ends_at_a_sentence_and_a_loan_lets_it_go_on(open_notebook):
    """Over a notebook in which nothing is solved: no traceback anywhere, and a way on."""
    notebook = open_notebook(LECTURES / "03_slim.ipynb")
    notebook.run_all(stops=True)
    first = notebook.cell_index("lecture.check(slim_objective)")
    said = notebook.cell(first).locator(".jp-OutputArea-output").first.inner_text()
    assert "Run All stops here" in said
    assert 'lecture.lend("slim_objective")' in said
    assert len(notebook.errors()) == 1
    written = notebook.cell_index("def slim_objective(")
    notebook.edit_cell(written, notebook.source(written) + '\nlecture.lend("slim_objective")')
    notebook.run_all(stops=True)
    said = notebook.cell(first).locator(".jp-OutputArea-output").first.inner_text()
    assert "slim_objective: lent" in said
    assert "0 of 8 exercises pass, 1 lent" in said
    assert len(notebook.errors()) == 1, "the next exercise's"
    assert not TRACEBACK.search(notebook.page.locator(".jp-Notebook").inner_text())
