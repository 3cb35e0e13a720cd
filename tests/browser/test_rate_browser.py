"""Your ratings and your list, by mouse and keyboard, and what a saved notebook keeps of them."""

import inspect
import json
import re

import nbformat
import pytest
from playwright.sync_api import expect

from embedlab.widgets import RateFilms, YourList

SETTINGS = "lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin"
BUSY_UNTIL_TOLD = """
import pathlib, time
pathlib.Path("busy-rate").touch()
while not pathlib.Path("stop-rate").exists():
    time.sleep(0.05)
"""


def load():
    """The films with at least 50 ratings, and scores by film number; runs in the notebook too."""
    import numpy as np

    from embedlab.data.ratings import load_movielens_small

    ratings = load_movielens_small().with_popular_films(min_ratings=50)
    return ratings, np.random.default_rng(0).normal(size=ratings.n_items)


@pytest.fixture(scope="module")
def opened(open_notebook, lab, tmp_path_factory):
    """RateFilms in cell 1, lists of two lectures in cells 2 and 3, a busy cell in 4."""
    sources = (
        "from embedlab import Lecture\nfrom embedlab.me import Me\n"
        f"from embedlab.widgets import RateFilms, YourList\n{inspect.getsource(load)}\n"
        "ratings, scores = load()",
        "RateFilms(ratings)",
        "YourList(Lecture('01_matrix_factorization'), scores, Me(ratings))",
        "YourList(Lecture('03_slim'), scores + 2 * (scores[::-1] > 1), Me(ratings))",
        BUSY_UNTIL_TOLD,
    )
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "rate.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    put = notebook.page.request.put
    put(lab.url + SETTINGS, data=json.dumps({"raw": '{"saveState": true}'}))
    notebook.page.reload()
    notebook.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    notebook.wait_for_kernel("idle")
    yield notebook
    put(lab.url + SETTINGS, data=json.dumps({"raw": "{}"}))
    for name in ("me.json", "busy-rate", "stop-rate"):
        (lab.folder / name).unlink(missing_ok=True)


@pytest.fixture
def me(lab):
    """The file; no test inherits another's."""
    path = lab.folder / "me.json"
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def notebook(opened, me):
    """The notebook, its first two cells just run."""
    for index in (0, 1):
        opened.run_cell(index)
    expect(status_in(opened)).to_contain_text("0 of 16 films rated")
    return opened


def view_in(notebook):
    return notebook.cell(1).locator(".rate-films")


def status_in(notebook):
    return view_in(notebook).locator(".status")


def film(notebook, title):
    return view_in(notebook).get_by_role("slider", name=re.compile(f"^{title}"))


def lists_in(notebook, cell):
    return notebook.cell(cell).locator(".your-list")


def rated(me):
    return json.loads(me.read_text("utf-8"))["ratings"]


def wait_until(notebook, happened):
    for _ in range(300):
        if happened():
            return
        notebook.page.wait_for_timeout(50)
    pytest.fail("it did not happen within 15 s")


def save(notebook):
    """Save the notebook; return it as the file holds it."""
    notebook._command("docmanager:save")
    return nbformat.read(notebook.path, as_version=4)


def test_by_keyboard_every_step_is_kept(notebook, me):
    slider = film(notebook, "The Matrix")
    slider.focus()
    for stars in (0.5, 1.0, 1.5):
        notebook.page.keyboard.press("ArrowRight")
        expect(status_in(notebook)).to_contain_text("1 of 16 films rated. Kept in me.json")
        expect(slider).to_have_attribute(
            "aria-valuetext", {0.5: "½ ★", 1.0: "1 ★", 1.5: "1½ ★"}[stars]
        )
        wait_until(notebook, lambda stars=stars: me.exists() and rated(me) == [[2571, stars]])
    notebook.page.keyboard.press("Home")
    expect(status_in(notebook)).to_contain_text("0 of 16 films rated")
    assert rated(me) == []
    assert notebook.active_cell() == 1


def test_by_mouse_one_click_is_a_rating(notebook, me):
    slider = film(notebook, "Toy Story")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 3, "y": box["height"] / 2})
    expect(status_in(notebook)).to_contain_text("1 of 16 films rated")
    assert rated(me) == [[1, 5.0]]
    shown = view_in(notebook).locator("label", has_text="Toy Story").locator("output")
    expect(shown).to_have_text("5 ★")


def test_ratings_are_there_again_when_the_cell_runs_again(notebook, me):
    film(notebook, "Fargo").press("End")
    expect(status_in(notebook)).to_contain_text("1 of 16")
    notebook.run_cell(1)
    expect(status_in(notebook)).to_contain_text("1 of 16")
    assert film(notebook, "Fargo").input_value() == "10"


def test_a_damaged_file_is_said_and_left_alone(notebook, me):
    me.write_text("{", "utf-8")
    slider = film(notebook, "Fargo")
    slider.press("End")
    expect(status_in(notebook)).to_contain_text("me.json is damaged, so it was left as it is")
    assert slider.input_value() == "0"
    notebook.run_cell(1)
    expect(status_in(notebook)).to_contain_text("me.json is damaged")
    expect(film(notebook, "Fargo")).to_be_disabled()
    assert me.read_text("utf-8") == "{"


def test_a_rating_given_while_a_cell_runs_is_not_lost(notebook, me, lab):
    notebook.start_cell(4)
    try:
        wait_until(notebook, (lab.folder / "busy-rate").exists)
        # kept at once where the kernel answers beside the cell (a subshell), else after it
        film(notebook, "Fargo").press("End")
    finally:
        (lab.folder / "stop-rate").touch()
    expect(status_in(notebook)).to_contain_text("1 of 16")
    assert rated(me) == [[608, 5.0]]


def test_the_list_stands_beside_that_of_the_lecture_before(notebook, me):
    notebook.run_cell(2)
    expect(lists_in(notebook, 2)).to_contain_text("A list for the course's example person")
    assert not me.exists()
    film(notebook, "Fargo").press("End")
    expect(status_in(notebook)).to_contain_text("1 of 16")
    for index in (2, 3):
        notebook.run_cell(index)
        expect(lists_in(notebook, index).locator("tbody tr")).to_have_count(10)
    expect(lists_in(notebook, 3)).to_contain_text("For you, from 1 film that you rated.")
    heads = lists_in(notebook, 3).locator("thead th")
    expect(heads).to_have_text(["", "Lecture 03", "moved", "Lecture 01"])
    kept = json.loads(me.read_text("utf-8"))["lists"]
    moves = lists_in(notebook, 3).locator("tbody td:nth-child(3)").all_inner_texts()
    before = [one for one, _ in kept["01_matrix_factorization"]]
    for place, ((one, _), move) in enumerate(zip(kept["03_slim"], moves, strict=True)):
        steps = before.index(one) - place if one in before else None
        arrow = "▲" if (steps or 0) > 0 else "▼"
        assert move == {None: "new", 0: "same"}.get(steps, f"{arrow} {abs(steps or 0)}")
    assert "new" in moves


def test_a_saved_notebook_is_the_same_whatever_you_rate(notebook, me):
    saved = []
    for title, key in (("Fargo", "End"), ("The Matrix", "ArrowRight")):
        film(notebook, title).press(key)
        expect(status_in(notebook)).to_contain_text(f"{len(saved) + 1} of 16")
        notebook.run_cell(2)
        expect(lists_in(notebook, 2).locator("tbody tr")).to_have_count(10)
        file = save(notebook)
        text = json.dumps(file)
        states = file.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
        assert any("rate-films" in json.dumps(state) for state in states.values())
        for _, listed in json.loads(me.read_text("utf-8"))["lists"]["01_matrix_factorization"]:
            assert listed not in text
        saved.append(re.sub(r'"execution_count": \d+|[0-9a-f]{32}', "", text))
    outputs = [re.sub(r'"metadata": .*', "", text) for text in saved]
    assert outputs[0] == outputs[1]


def test_after_a_night_there_is_a_sentence_until_the_cell_runs(notebook, me):
    film(notebook, "Fargo").press("End")
    expect(status_in(notebook)).to_contain_text("1 of 16")
    notebook.run_cell(2)
    expect(lists_in(notebook, 2).locator("tbody tr")).to_have_count(10)  # only then is it saved
    save(notebook)
    notebook.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    film(notebook, "Fargo").press("Home")
    expect(status_in(notebook)).to_contain_text("Not saved yet: Python is busy or not running.")
    assert rated(me) == [[608, 5.0]]
    notebook.page.reload()
    notebook.wait_for_kernel("idle")  # a new kernel that has run nothing
    expect(status_in(notebook)).to_have_text("Run this cell to see your ratings.")
    expect(film(notebook, "Fargo")).to_be_disabled()
    expect(lists_in(notebook, 2)).to_contain_text("Run this cell to see your list.")
    for index in (0, 1):
        notebook.run_cell(index)
    expect(status_in(notebook)).to_contain_text("1 of 16")
    assert film(notebook, "Fargo").input_value() == "10"


def test_a_view_stops_listening(notebook):
    """Both views, as JupyterLab removes them."""
    code = """
    async ([code, films]) => {
        const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
        const { default: family } = await import(url);
        const heard = new Set();
        const model = {
            get: () => films, send() {}, on: (_, hear) => heard.add(hear),
            off: (_, hear) => heard.delete(hear),
        };
        const stop = family.render({ model, el: document.createElement("div") });
        const during = heard.size;
        stop();
        return [during, heard.size];
    }
    """
    for family in (RateFilms, YourList):
        assert notebook.page.evaluate(code, [family._esm, [{"id": 1, "title": "One"}]]) == [1, 0]
