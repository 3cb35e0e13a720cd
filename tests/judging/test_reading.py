"""Reading what was handed in: every state of a notebook gives a notebook or a sentence."""

import json

import nbformat
import pytest
from classroom import filled, references

from autograder.judging.matching import load_template, match
from autograder.judging.reading import NoNotebook, read_notebook

LECTURE = "03_slim"


def content(notebook):
    return nbformat.writes(notebook).encode()


@pytest.fixture
def solved():
    return filled(LECTURE, references(LECTURE))


def test_outputs_and_foreign_metadata_are_left_out(solved):
    solved.cells[2].metadata["huge"] = "x" * 1000
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="x" * 1000)]
    notebook, notes = read_notebook(content(solved))
    assert "x" * 1000 not in json.dumps(notebook)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in solved.cells]
    assert notes == []
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "malformed"),
        (b"\x89PNG\r\n\x1a\n\x00", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"[]", "something else"),
        (b"{}", "format None"),
        (b'{"nbformat": 99, "cells": []}', "format 99"),
        (b'{"nbformat": 4, "cells": 3}', "no list of cells"),
        (b'{"nbformat": 3}', "format 3"),
    ],
)
def test_what_is_no_notebook_gets_a_sentence(data, says):
    with pytest.raises(NoNotebook, match=says) as problem:
        read_notebook(data)
    assert "\n" not in str(problem.value)


def test_an_old_format_is_converted(solved):
    old = nbformat.v3.nbbase.new_notebook(
        worksheets=[
            nbformat.v3.nbbase.new_worksheet(
                cells=[
                    nbformat.v3.nbbase.new_code_cell(input=cell.source)
                    for cell in solved.cells
                    if cell.cell_type == "code"
                ]
            )
        ]
    )
    notebook, notes = read_notebook(json.dumps(old).encode())
    assert notes == ["The notebook is of the old format 3; it was converted."]
    wanted = [cell.source for cell in solved.cells if cell.cell_type == "code"]
    assert [cell.source for cell in notebook.cells] == wanted


def test_damaged_cells_are_left_out_with_a_note():
    whole = {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": {}}
    damaged = [None, 3, {"cell_type": "spam"}, {**whole, "source": 3}, {**whole, "metadata": []}]
    document = {"nbformat": 4, "cells": [*damaged, whole]}
    notebook, notes = read_notebook(json.dumps(document).encode())
    assert [cell.source for cell in notebook.cells] == ["a = 1\nb = 2"]
    assert notes == ["5 damaged cells were left out."]


@pytest.mark.parametrize("text", ["\ud800", "a\r\nb", "\x00", "\ufeff"])
def test_odd_characters_do_not_stop_anything(text):
    document = {"nbformat": 4, "cells": [{"cell_type": "code", "source": text, "metadata": {}}]}
    notebook, _ = read_notebook(b"\xef\xbb\xbf" + json.dumps(document).encode())
    content(notebook)


# --- which cells are run --------------------------------------------------------------------------


def matched(notebook):
    return match(read_notebook(content(notebook))[0], load_template(LECTURE))


def solution_cells(notebook):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]


def test_of_an_untouched_notebook_only_the_stubs_run():
    found = matched(filled(LECTURE, {}))
    assert set(found.places) >= set(references(LECTURE))
    assert all("NotImplementedError" in s or "..." in s for s in found.sources)
    assert found.notes == ()


def test_what_the_student_wrote_runs_wherever_it_stands(solved):
    own = nbformat.v4.new_code_cell("def helper(): return 1")
    solved.cells = [own, *reversed(solved.cells)]
    found = matched(solved)
    wanted = {cell.source for cell in solution_cells(solved)} | {own.source}
    assert set(found.sources) == wanted


def test_demonstrations_left_as_they_were_do_not_run(solved):
    assert not any("load_movielens_small" in source for source in matched(solved).sources)
    demonstration = next(c for c in solved.cells if "load_movielens_small()" in c.source)
    demonstration.source += "\nmine = 1"
    assert any("mine = 1" in source for source in matched(solved).sources)


def test_a_deleted_setup_cell_is_the_lecture_s_own(solved):
    solved.cells = [c for c in solved.cells if "setup" not in c.metadata.get("tags", [])]
    assert any("setup cell is missing" in note for note in matched(solved).notes)


def test_a_copied_stub_does_not_undo_the_function(solved):
    [stub] = [
        cell
        for cell in filled(LECTURE, {}).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "soft_threshold"
    ]
    solved.cells.append(stub)
    found = matched(solved)
    assert "NotImplementedError" not in found.sources[found.places["soft_threshold"]]
    assert any("2 cells have the id soft_threshold" in note for note in found.notes)


def test_a_retyped_solution_cell_is_read_as_code(solved):
    [cell] = [c for c in solution_cells(solved) if c.metadata.nbgrader.grade_id == "soft_threshold"]
    markdown = nbformat.v4.new_markdown_cell(cell.source, metadata=cell.metadata)
    solved.cells[solved.cells.index(cell)] = markdown
    found = matched(solved)
    assert "soft_threshold" in found.places
    assert any("not a code cell any more" in note for note in found.notes)


def test_metadata_is_not_needed(solved):
    for cell in solved.cells:
        cell.metadata.clear()
    assert set(matched(solved).places) >= set(references(LECTURE))


def test_carriage_returns_change_nothing(solved):
    plain = matched(solved)
    for cell in solved.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    assert matched(solved) == plain


def test_the_last_definition_is_the_place_of_a_function(solved):
    solved.cells.append(nbformat.v4.new_code_cell("def soft_threshold(z, threshold): return 1"))
    found = matched(solved)
    assert found.places["soft_threshold"] == len(found.sources) - 1


def test_a_cell_that_cannot_be_parsed_still_has_its_place(solved):
    solved.cells.append(nbformat.v4.new_code_cell("def soft_threshold(z, threshold):\nreturn ("))
    found = matched(solved)
    assert found.places["soft_threshold"] == len(found.sources) - 1
