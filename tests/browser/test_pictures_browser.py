"""The pictures family, driven in a real JupyterLab by keyboard and mouse."""

import inspect
import statistics

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import Pictures


def example():
    """Originals, holes at three shares, fillings and components; also a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import picture_states

    rng = np.random.default_rng(3)
    original = rng.uniform(0, 16, size=(1, 1, 12, 8, 8))
    shares = np.array([0.3, 0.5, 0.7]).reshape(3, 1, 1, 1, 1)
    seen = np.where(rng.random((3, 1, 12, 8, 8)) < shares, np.nan, original)
    filled = original + rng.normal(0, 2, size=(3, 5, 12, 8, 8))
    components = rng.normal(size=(1, 5, 12, 8, 8)) ** 3
    components[np.abs(components) < 0.5] = 0
    rmse = rng.uniform(2, 5, size=(3, 5))
    rmse[0, 0], rmse[2, 4] = 3.9, np.nan
    return picture_states(
        {"original": original, "seen": seen, "filled": filled, "components": components},
        [2, 5, 10, 20, 30],
        [f"{n % 10}" for n in range(12)],
        span=(0, 16),
        signed=["components"],
        choice_names=["30%", "50%", "70%"],
        numbers={"RMSE": rmse},
    )


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-pictures").exists():
    time.sleep(0.05)
"""

SINGLE = """
import numpy as np
from embedlab.widgets import picture_states
Pictures(picture_states({"one": np.eye(3)[None, None, None]}, [""], [""]))
"""
ROWS = ("original", "seen", "filled", "components")


@pytest.fixture(scope="module")
def states():
    return example()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """One widget twice (cells 1 and 2), a cell that stays busy (3), one state alone (4)."""
    sources = (
        "from embedlab.widgets import Pictures\n" + inspect.getsource(example),
        "widget = Pictures(example(), slider='rank', choice='hidden')\nwidget",
        "widget",
        BUSY_UNTIL_TOLD,
        SINGLE,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "pictures.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in (0, 1, 2, 4):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".course-pictures")


@pytest.fixture
def view(notebook):
    """The first view, at its first state and choice."""
    view = view_in(notebook, 1)
    slider_of(view).fill("0")
    view.get_by_role("button", name="30%").click()
    return view


def slider_of(view):
    return view.get_by_role("slider", name="rank")


def expect_state(view, states, choice, state):
    share, rank = states.choice_names[choice], states.state_names[state]
    expect(view.locator(".reading")).to_have_text(f"hidden {share} · rank {rank}")
    value = states.numbers["RMSE"][choice, state]
    shown = "–" if np.isnan(value) else f"{value:#.3g}"
    expect(view.locator(".number > span")).to_have_text(f"RMSE: {shown}")


def colours_of(view, row):
    """Return what the canvas of a row shows in the middle of every pixel, (12, 8, 8, 3)."""
    canvas = view.locator("canvas").nth(ROWS.index(row))
    pixels = canvas.evaluate(
        """canvas => {
            const { width, height } = canvas;
            return Array.from(canvas.getContext("2d").getImageData(0, 0, width, height).data);
        }"""
    )
    pixels = np.reshape(pixels, (96, (12 * 9 - 1) * 12, 4))[6::12, 6::12, :3]
    return np.stack([pixels[:, 9 * n : 9 * n + 8] for n in range(12)])


def themes(view):
    """Return paper, ink, and the colours above and below zero, each (3,)."""
    texts = view.evaluate(
        """view => ["--paper", "--ink", "--main", "--accent"].map(name => {
            const context = document.createElement("canvas").getContext("2d");
            for (const each of ["--paper", name]) {
                context.fillStyle = getComputedStyle(view).getPropertyValue(each).trim();
                context.fillRect(0, 0, 1, 1);
            }
            return Array.from(context.getImageData(0, 0, 1, 1).data).slice(0, 3);
        })"""
    )
    return np.array(texts, dtype=float)


def expected_colours(states, themes, row, choice, state):
    codes = states.rows[row]
    here = codes[min(choice, len(codes) - 1), min(state, codes.shape[1] - 1)]
    paper, ink, above, below = themes
    values = states.values(row)[min(choice, len(codes) - 1), min(state, codes.shape[1] - 1)]
    if row in states.signed:
        strength = np.sqrt(np.abs(values) / states.reach)
        colour = np.where((values > 0)[..., None], above, below)
    else:
        strength, colour = values / 16, ink
    shown = paper + strength[..., None] * (colour - paper)
    return np.where((here == 255)[..., None], below, shown)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_pixel_has_the_colour_of_its_value_in_both_themes(notebook, view, states, theme):
    notebook.change_theme(theme)
    try:
        for choice, state in ((0, 0), (2, 3)):
            view.get_by_role("button", name=states.choice_names[choice]).click()
            slider_of(view).fill(str(state))
            expect_state(view, states, choice, state)
            for row in ROWS:
                expected = expected_colours(states, themes(view), row, choice, state)
                np.testing.assert_allclose(colours_of(view, row), expected, atol=4, err_msg=row)
    finally:
        notebook.change_theme("JupyterLab Light")


def test_the_slider_moves_what_has_states_and_the_buttons_what_has_choices(view, states):
    def shown():
        return [colours_of(view, row) for row in ROWS]

    first = shown()
    slider_of(view).press("ArrowRight")
    expect_state(view, states, 0, 1)
    second = shown()
    changed = [(one != other).any() for one, other in zip(first, second, strict=True)]
    assert changed == [False, False, True, True]
    button = view.get_by_role("button", name="50%")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect_state(view, states, 1, 1)
    changed = [(one != other).any() for one, other in zip(second, shown(), strict=True)]
    assert changed == [False, True, True, False]


def test_a_number_that_is_missing_is_a_dash_without_a_dot(view, states):
    dot = view.locator(".number .dot")
    expect(dot).to_be_visible()
    view.get_by_role("button", name="70%").click()
    slider_of(view).fill("4")
    expect_state(view, states, 2, 4)
    expect(dot).to_be_hidden()


def test_the_dot_is_on_the_curve_of_the_choice(view, states):
    view.get_by_role("button", name="50%").click()
    slider_of(view).fill("2")
    expect_state(view, states, 1, 2)
    values = states.numbers["RMSE"]
    low, high = np.nanmin(values), np.nanmax(values)
    dot = view.locator(".number .dot")
    height = float(dot.get_attribute("cy"))
    assert height == pytest.approx(34 - 28 * (values[1, 2] - low) / (high - low), abs=1e-3)
    assert float(dot.get_attribute("cx")) == 80
    kinds = view.locator(".number path").evaluate_all(
        "all => all.map(path => path.getAttribute('class'))"
    )
    assert kinds == ["other", "curve", "other"]
    assert f"{height:.1f}" in view.locator(".number path").nth(1).get_attribute("d")


def test_arrow_keys_move_the_slider_and_not_the_notebook(notebook, view, states):
    slider_of(view).press("End")
    expect_state(view, states, 0, 4)
    for key in ("ArrowLeft", "ArrowDown", "b"):  # b: JupyterLab's new cell below
        slider_of(view).press(key)
    expect_state(view, states, 0, 2)
    assert notebook.active_cell() == 1


def test_pictures_rows_and_captions_are_named(view, states):
    names = [canvas.get_attribute("aria-label") for canvas in view.get_by_role("img").all()]
    assert names == [f"{row}: 12 pictures of 8 x 8 pixels" for row in ROWS]
    assert view.locator(".row-name").all_inner_texts() == list(ROWS)
    captions = view.locator(".captions span")
    assert captions.all_inner_texts() == list(states.image_names)
    frame = view.locator("canvas").first.bounding_box()
    for n in range(12):
        box = captions.nth(n).bounding_box()
        middle = frame["x"] + (9 * n + 4) / 107 * frame["width"]
        assert box["x"] + box["width"] / 2 == pytest.approx(middle, abs=6)


@pytest.mark.parametrize("width", [1280, 820])
def test_nothing_is_wider_than_the_page(notebook, view, width):
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    frame = view.bounding_box()
    for part in view.locator("canvas, .captions, .numbers, .legend, .course-slider").all():
        box = part.bounding_box()
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})


def test_one_state_has_neither_slider_nor_buttons(notebook):
    single = view_in(notebook, 4)
    assert single.get_by_role("slider").count() == 0
    assert single.get_by_role("button").all_inner_texts() == ["⤓ Save as a page"]
    assert single.locator(".legend .hole, .legend .by-sign").count() == 0


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    slider_of(view_in(notebook, 2)).fill("3")
    expect_state(view, states, 0, 3)
    listening, left = notebook.listeners(Pictures(states))
    assert (listening, left) == (1, 0)


def test_moves_at_once_while_the_kernel_is_busy(notebook, view, states, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    took = slider_of(view).evaluate(
        """input => Array.from({ length: 40 }, (_, n) => {
            const began = performance.now();
            input.value = n % 5;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            return performance.now() - began;
        })"""
    )
    expect_state(view, states, 0, 4)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-pictures").touch()
    notebook.wait_for_kernel("idle")
    print(f"median move: {statistics.median(took):.2f} ms")


def test_nothing_went_wrong_on_the_page(notebook, view):
    assert notebook.problems == []
