"""What a saved notebook keeps of its figures."""

import asyncio
import copy
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from embedlab.contents import STATES, VIEW, CourseContents, tidy_figures
from embedlab.widgets import Curves, curve_states
from embedlab.widgets.base import RUN_AGAIN

A, LAYOUT, OLD, OLD_LAYOUT = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


def output(model_id):
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {VIEW: {"model_id": model_id}, "text/plain": "<Curves>"},
    }


def notebook(*shown):
    """A figure with its layout and one that was replaced; `shown` are the models in the outputs."""
    states = {
        A: {"model_name": "AnyModel", "state": {"layout": f"IPY_MODEL_{LAYOUT}"}},
        LAYOUT: {"model_name": "LayoutModel", "state": {}},
        OLD: {"model_name": "AnyModel", "state": {"layout": f"IPY_MODEL_{OLD_LAYOUT}"}},
        OLD_LAYOUT: {"model_name": "LayoutModel", "state": {}},
    }
    cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": 1}
    return {
        "cells": [
            {"cell_type": "markdown", "source": "text", "metadata": {}},
            cell | {"outputs": [output(model_id) for model_id in shown]},
        ],
        "metadata": {"widgets": {STATES: {"state": states}}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }


def states_of(book):
    return set(book["metadata"]["widgets"][STATES]["state"])


def test_only_what_an_output_shows_is_kept():
    book = notebook(A)
    tidy_figures(book)
    assert states_of(book) == {A, LAYOUT}
    assert book["cells"][1]["outputs"] == [output(A)]


def test_a_view_without_its_state_says_what_to_do():
    book = notebook(A, "e" * 32)
    tidy_figures(book)
    kept, lost = (one["data"] for one in book["cells"][1]["outputs"])
    assert kept == output(A)["data"]
    assert lost == {"text/plain": "<Curves>", "text/html": RUN_AGAIN}


@pytest.mark.parametrize(
    "book",
    [
        {},
        {"worksheets": [{"cells": []}], "metadata": {}},
        {"cells": [{"cell_type": "raw", "source": ""}], "metadata": {}},
    ],
)
def test_a_notebook_without_figures_is_left_as_it_is(book):
    before = copy.deepcopy(book)
    tidy_figures(book)
    assert book == before


def waited_for(coroutine):
    """What it returns; in a thread, for a browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_the_file_is_changed_when_it_is_saved_and_not_when_it_is_read(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(notebook(A, "e" * 32)), encoding="utf-8")
    before = path.read_bytes()
    contents = CourseContents(root_dir=str(tmp_path))
    model = waited_for(contents.get("x.ipynb"))
    assert states_of(model["content"]) == {A, LAYOUT}
    assert path.read_bytes() == before
    told = waited_for(contents.get("x.ipynb", content=False))
    assert told["content"] is None

    full = {"type": "notebook", "format": "json", "content": notebook(A)}
    waited_for(contents.save(full, "x.ipynb"))
    assert states_of(json.loads(path.read_text("utf-8"))) == {A, LAYOUT}


def test_a_figure_has_words_for_where_it_cannot_be_shown():
    figure = Curves(curve_states(np.arange(3), np.ones((1, 1, 3)), ["one"], [1]))
    data, _ = figure._repr_mimebundle_()
    assert data["text/html"] == "<p>Run this cell to see the figure.</p>"
    assert data["text/plain"] == repr(figure)
    assert VIEW in data
