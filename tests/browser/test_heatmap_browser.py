"""The heat map family, driven in a real JupyterLab by keyboard and mouse."""

import inspect
import re
import statistics

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import HeatMaps


def example(n=12, n_states=3):
    """Four heads over films with long names, two of them masked; also a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import heat_states

    values = np.random.default_rng(2).normal(size=(n_states, 4, n, n))
    values[1:, 2:, np.triu(np.ones((n, n), dtype=bool), k=1)] = np.nan
    films = [f"A film with a rather long title ({1980 + i})" for i in range(n)]
    histories = [f"history of user {state}" for state in range(n_states)]
    return heat_states(values, histories, [f"head {h}" for h in range(1, 5)], films, films)


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-heatmap").exists():
    time.sleep(0.05)
"""

SINGLE = """
import numpy as np
from embedlab.widgets import heat_states
HeatMaps(heat_states(np.diag([0.5, 0.25])[None, None], [""], [""], ["up", "down"], [3, 4]))
"""


@pytest.fixture(scope="module")
def states():
    return example()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """One widget twice (cells 1 and 2), a large one (3), a cell that stays busy (4), a 2 x 2."""
    sources = (
        "from embedlab.widgets import HeatMaps\n" + inspect.getsource(example),
        "widget = HeatMaps(example(), slider='history')\nwidget",
        "widget",
        "HeatMaps(example(40, 20))",
        BUSY_UNTIL_TOLD,
        SINGLE,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "heatmap.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in (0, 1, 2, 3, 5):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".heat-maps")


@pytest.fixture
def view(notebook):
    """The first view, at its first state with the first cell chosen."""
    view = view_in(notebook, 1)
    slider_of(view).fill("0")
    point(view, 0, 0, 0, 12)
    return view


def slider_of(view):
    return view.get_by_role("slider")


def point(view, panel, row, column, n):
    """Put the mouse on a cell of a panel with n x n cells."""
    field = view.locator(".field").nth(panel)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    view.page.mouse.move(
        box["x"] + (column + 0.5) * box["width"] / n, box["y"] + (row + 0.5) * box["height"] / n
    )


def text_of(value):
    if np.isnan(value):
        return "empty"
    return ("−" if round(value, 3) < 0 else "") + f"{abs(value):.3f}"


def reading(states, state, row, column):
    values = " · ".join(
        f"{name} {text_of(value)}"
        for name, value in zip(
            states.panel_names, states.values()[state, :, row, column], strict=True
        )
    )
    return f"{states.row_names[row]} → {states.column_names[column]}: {values}"


def expect_reading(view, *where):
    expect(view.locator(".reading")).to_have_text(reading(*where))


def drawn(view, panel):
    """Return what a panel shows, (n, n): signed strength from -1 to 1, NaN where it is hatched."""
    here = view.locator(".heat-panel").nth(panel)
    pixels = here.locator("canvas").evaluate(
        "canvas => Array.from(canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data)"
    )
    red, _, blue, alpha = np.moveaxis(np.reshape(pixels, (12, 12, 4)), 2, 0)
    shown = np.where(blue > red, 1, -1) * alpha / 255
    hatches = re.findall(r"M(\d+) (\d+)l1-1", here.locator(".empty").get_attribute("d") or "")
    for column, below in hatches:
        assert shown[int(below) - 1, int(column)] == 0
        shown[int(below) - 1, int(column)] = np.nan
    return shown


def test_every_cell_has_the_colour_of_its_value(view, states):
    for state in (0, 2):
        slider_of(view).fill(str(state))
        expect_reading(view, states, state, 0, 0)
        for panel in range(4):
            np.testing.assert_allclose(
                drawn(view, panel), states.values()[state, panel] / states.reach, atol=0.51 / 255
            )


def test_the_slider_moves_every_panel_and_names_its_state(view, states):
    before = [panel.screenshot() for panel in view.locator(".heat-panel").all()]
    slider_of(view).press("ArrowRight")
    expect_reading(view, states, 1, 0, 0)
    expect(slider_of(view)).to_have_attribute("aria-valuetext", "history of user 1")
    expect(view.locator("output")).to_have_text("history of user 1")
    after = [panel.screenshot() for panel in view.locator(".heat-panel").all()]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_arrow_keys_walk_over_the_cells_and_not_over_the_notebook(notebook, view, states):
    expect_reading(view, states, 0, 0, 0)
    panels = view.locator(".panels")
    for key in ("ArrowUp", "ArrowRight", "ArrowDown", "ArrowDown", "b"):  # b: Lab's new cell below
        panels.press(key)
    assert notebook.active_cell() == 1
    expect_reading(view, states, 0, 2, 1)
    for _ in range(12):
        panels.press("ArrowRight")
    expect_reading(view, states, 0, 2, 11)


@pytest.mark.parametrize(("panel", "row", "column"), [(0, 7, 5), (3, 11, 0), (2, 0, 11)])
def test_pointing_at_a_cell_of_any_panel_reads_it_in_all(view, states, panel, row, column):
    slider_of(view).fill("1")
    point(view, panel, row, column, 12)
    expect_reading(view, states, 1, row, column)


def test_row_and_column_are_marked_in_every_panel_and_their_names_are_bold(view, states):
    point(view, 1, 7, 5, 12)
    expect_reading(view, states, 0, 7, 5)
    for panel in range(4):
        here = view.locator(".heat-panel").nth(panel)
        field, row, column, cell = (
            here.locator(part).bounding_box()
            for part in (".field", ".cross >> nth=0", ".cross >> nth=1", ".cell")
        )
        width, height, line = field["width"], field["height"], 4  # the boxes include the lines
        assert cell["x"] - field["x"] == pytest.approx(5 / 12 * width, abs=line)
        assert cell["y"] - field["y"] == pytest.approx(7 / 12 * height, abs=line)
        assert (row["y"], column["x"]) == pytest.approx((cell["y"], cell["x"]), abs=line)
        assert (row["width"], row["height"]) == pytest.approx((width, height / 12), abs=line)
        assert (column["width"], column["height"]) == pytest.approx((width / 12, height), abs=line)
        bold = here.locator("text.chosen title").evaluate_all("all => all.map(t => t.textContent)")
        assert bold == [states.row_names[7], states.column_names[5]]


def test_short_names_are_told_apart(view):
    texts = (
        view.locator(".heat-panel")
        .first.locator("text")
        .evaluate_all("all => all.map(text => text.lastChild.textContent)")
    )
    assert len(texts) == 24
    assert texts[:12] == texts[12:]
    assert len(set(texts)) == 12
    assert all(len(text) <= 12 and "…" in text for text in texts)


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    other = view_in(notebook, 2)
    slider_of(other).fill("2")
    other.locator(".panels").press("ArrowDown")
    expect_reading(view, states, 2, 1, 0)
    old = other.locator(".reading").element_handle()
    notebook.run_cell(2)
    expect_reading(view_in(notebook, 2), states, 2, 1, 0)
    before = old.inner_text()
    slider_of(view).fill("1")
    expect_reading(view, states, 1, 1, 0)
    expect_reading(view_in(notebook, 2), states, 1, 1, 0)
    assert old.inner_text() == before


def test_a_single_state_has_no_slider_and_a_single_panel_needs_no_name(notebook):
    view = view_in(notebook, 5)
    expect(view.locator(".reading")).to_have_text("up → 3: 0.5000")
    expect(view.locator("h4")).to_have_count(0)
    expect(slider_of(view)).to_have_count(0)
    view.locator(".panels").press("ArrowRight")
    expect(view.locator(".reading")).to_have_text("up → 4: 0.0000")
    assert view.locator(".legend text").all_text_contents() == ["0", "0.2", "0.4"]
    assert "NaN" not in view.inner_html()


def test_the_legend_has_round_numbers_of_both_signs_in_their_places(view, states):
    marks = view.locator(".legend text")
    values = [float(text.replace("−", "-")) for text in marks.all_text_contents()]
    assert len(values) >= 3
    assert values == [-value for value in reversed(values)]
    assert max(values) <= states.reach < 2 * max(values)
    assert [round(value, 1) for value in values] == values
    zero = values.index(0)
    places = [float(x) for x in marks.evaluate_all("all => all.map(t => t.getAttribute('x'))")]
    bar = view.locator(".legend rect.frame")
    half = float(bar.get_attribute("width")) / 2
    for value, place in zip(values, places, strict=True):
        assert place - places[zero] == pytest.approx(half * value / states.reach, abs=0.01)
    expect(view.locator(".legend")).to_contain_text("hatched: empty")


def test_a_view_that_is_told_to_stops_listening(notebook, states):
    assert notebook.listeners(HeatMaps(states)) == (1, 0)


def test_moves_at_once_while_the_kernel_is_busy(notebook, lab):
    """The largest that a lecture should use: 4 x 40 x 40 cells at 20 states."""
    large, view = example(40, 20), view_in(notebook, 3)
    point(view, 0, 20, 20, 40)
    expect_reading(view, large, 0, 20, 20)
    notebook.start_cell(4)
    notebook.wait_for_kernel("busy")
    # Until the next state is laid out, not only asked for.
    took = slider_of(view).evaluate(
        """input => Array.from({ length: 40 }, (_, move) => {
            const began = performance.now();
            input.value = (move + 1) % 20;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            input.getBoundingClientRect();
            return performance.now() - began;
        })"""
    )
    walked = view.locator(".panels").evaluate(
        """panels => Array.from({ length: 19 }, () => {
            const began = performance.now();
            panels.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
            panels.getBoundingClientRect();
            return performance.now() - began;
        })"""
    )
    expect_reading(view, large, 0, 20, 39)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-heatmap").touch()
    notebook.wait_for_kernel("idle")
    print(
        f"median move: {statistics.median(took):.2f} ms, to the next cell: "
        f"{statistics.median(walked):.2f} ms"
    )
    assert statistics.median(took) < 10, took
    assert statistics.median(walked) < 10, walked


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return view.locator(".heat-panel").first.evaluate(
            "panel => [...[['text', 'fill'], ['.cell', 'stroke'], ['.empty', 'stroke'],"
            " ['canvas', 'background-color']].map("
            "([part, what]) => getComputedStyle(panel.querySelector(part))[what]),"
            " panel.querySelector('canvas').toDataURL()]"
        )

    def pixels(canvas):
        return canvas.evaluate("canvas => canvas.toDataURL()")

    removed = view_in(notebook, 2).locator("canvas").first.element_handle()
    notebook.run_cell(2)
    before = pixels(removed)
    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    assert pixels(removed) == before
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert all(one != other for one, other in zip(light, dark, strict=True))
