"""The search box, driven in a real JupyterLab by keyboard and mouse."""

import inspect

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import EmojiSearch


def searched():
    """All emoji with the recorded tower; also runs as a cell of the notebook."""
    from embedlab.data.emoji import load_emoji, split_keywords
    from embedlab.widgets import recorded_search

    return recorded_search(split_keywords(load_emoji(), 0.2, seed=0)[0])


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-search").exists():
    time.sleep(0.05)
"""
QUERIES = ["lawyer", "Drunk!", "piñata party", "o’clock", "wealthy", "a", "broken_heart", "x-ray"]


@pytest.fixture(scope="module")
def states():
    return searched()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """The widget twice (cells 1 and 2), and a cell that stays busy (3)."""
    sources = (
        f"from embedlab.widgets import EmojiSearch\n{inspect.getsource(searched)}",
        "widget = EmojiSearch(searched(), examples=['lawyer', 'drunk'])\nwidget",
        "widget",
        BUSY_UNTIL_TOLD,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "search.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(3):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".emoji-search")


@pytest.fixture
def view(notebook):
    view = view_in(notebook, 1)
    box_of(view).fill("lawyer")
    return view


def box_of(view):
    return view.get_by_role("searchbox", name="Search for an emoji")


def shown(view, title):
    """Return [(emoji, name, score)] of the rows of a ranking."""
    rows = view.get_by_role("list", name=title).get_by_role("listitem")
    return rows.evaluate_all(
        "all => all.filter(row => row.offsetHeight).map(row => "
        "['emoji', 'name', 'number'].map(part => row.querySelector(`.${part}`).textContent))"
    )


def expected(states, scores, limit=-np.inf):
    best = [n for n in np.argsort(-scores, kind="stable")[:10] if scores[n] > limit]
    numbers = [f"{scores[n]:.2f}".replace("-", "−") for n in best]
    return [
        [states.characters[n], states.names[n], number]
        for n, number in zip(best, numbers, strict=True)
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_the_browser_ranks_as_python_does(view, states, query):
    towers, shared = (scores[0] for scores in states.scores([query]))
    box_of(view).fill(query)
    for title, scores, limit in (("The tower", towers, -np.inf), ("Shared letters", shared, 0)):
        found, right = shown(view, title), expected(states, scores, limit)
        assert [row[:2] for row in found] == [row[:2] for row in right]
        for one, other in zip(found, right, strict=True):
            assert float(one[2]) == pytest.approx(float(other[2]), abs=0.0101)


def test_scores_equal_pythons_to_many_digits(notebook, states):
    """All scores of all documents, computed by the module itself."""
    widget = EmojiSearch(states)
    code = """async ([code, states, codes, small, queries]) => {
        const url = URL.createObjectURL(
            new Blob([code + "\\nexport { searcher };"], { type: "text/javascript" }));
        const { searcher } = await import(url);
        const bytes = list => new DataView(Uint8Array.from(list).buffer);
        const search = searcher(states, bytes(codes), bytes(small));
        return queries.map(query => [search(query).cosines, search(query).shared]);
    }"""
    found = notebook.page.evaluate(
        code, [widget._esm, widget.states, list(widget.codes), list(widget.small), QUERIES]
    )
    for n, scores in enumerate(zip(*states.scores(QUERIES), strict=True)):
        np.testing.assert_allclose(found[n], scores, atol=1e-9)


def test_keys_go_to_the_box_and_not_to_the_notebook(notebook, view):
    box = box_of(view)
    box.fill("")
    box.press_sequentially("bad dd x")
    box.press("ArrowLeft")
    box.press("Enter")
    assert box.input_value() == "bad dd x"
    assert notebook.active_cell() == 1
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 4


def test_an_example_is_one_click_or_key(view, states):
    drunk = view.get_by_role("button", name="drunk")
    drunk.click()
    expect(box_of(view)).to_have_value("drunk")
    expect(drunk).to_have_attribute("aria-pressed", "true")
    lawyer = view.get_by_role("button", name="lawyer")
    lawyer.press("Enter")
    expect(box_of(view)).to_have_value("lawyer")
    assert shown(view, "The tower") == expected(states, states.scores(["lawyer"])[0][0])
    expect(drunk).to_have_attribute("aria-pressed", "false")


def test_trigrams_are_shown_and_unknown_ones_marked(view, states):
    box_of(view).fill("catqz")
    pieces = view.locator(".pieces span")
    expect(pieces).to_have_text(["#ca", "cat", "atq", "tqz", "qz#"])
    marked = pieces.evaluate_all("all => all.map(one => one.classList.contains('unknown'))")
    assert marked == [one not in states.trigrams for one in ["#ca", "cat", "atq", "tqz", "qz#"]]
    assert any(marked)


def test_what_the_tower_cannot_know_gets_a_sentence(view):
    status = view.get_by_role("status")
    expect(status).to_contain_text("Nearest to “lawyer”: ")
    for nothing in ("", "  ", "東京", "?!"):
        box_of(view).fill(nothing)
        expect(status).to_have_text("Type a word of the letters a to z.")
        assert shown(view, "The tower") == shown(view, "Shared letters") == []
    box_of(view).fill("qzxqz")
    expect(status).to_contain_text("No letter trigram of “qzxqz” occurs in the emoji's texts")
    assert shown(view, "The tower") == shown(view, "Shared letters") == []
    box_of(view).fill("cat")
    assert len(shown(view, "The tower")) == 10


def test_nothing_jumps_below(view):
    box = box_of(view)
    heights = set()
    for query in ("lawyer", "", "qzxqz"):
        box.fill(query)
        heights.add(view.locator(".rankings").bounding_box()["height"])
    assert len(heights) == 1


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    other = view_in(notebook, 2)
    box_of(other).fill("pizza")
    expect(box_of(view)).to_have_value("pizza")
    assert shown(view, "The tower") == shown(other, "The tower")
    notebook.run_cell(2)
    expect(box_of(view_in(notebook, 2))).to_have_value("pizza")
    assert notebook.listeners(EmojiSearch(states)) == (1, 0)


def test_it_searches_while_the_kernel_is_busy(notebook, view, states, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    box_of(view).fill("halloween")
    assert shown(view, "The tower") == expected(states, states.scores(["halloween"])[0][0])
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-search").touch()
    notebook.wait_for_kernel("idle")


def test_it_fits_a_narrow_page(notebook, view):
    notebook.page.set_viewport_size({"width": 820, "height": 1000})
    wide = view.evaluate("el => [el.scrollWidth, el.clientWidth]")
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
    assert wide[0] <= wide[1]


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return view.evaluate(
            "el => [getComputedStyle(el.querySelector('input')).borderTopColor,"
            " getComputedStyle(el.querySelector('.name')).color,"
            " getComputedStyle(el.querySelector('.bar'), '::before').backgroundColor]"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert all(one != other for one, other in zip(light, dark, strict=True))
