"""The matrix of a batch, driven in a real JupyterLab by mouse and keyboard."""

import inspect
import itertools

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import InBatchMatrix

ALPHAS = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24]


def example():
    """Eight pairs, films 2 and 5 equal; also a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import in_batch_states

    rng = np.random.default_rng(0)
    M = rng.normal(0, 0.7, (8, 4))
    M[5] = M[2]
    U = M + rng.normal(0, 0.4, (8, 4))
    films = [f"A film with a long title ({1990 + n})" for n in (0, 1, 2, 3, 4, 2, 6, 7)]
    q = np.array([0.003, 0.002, 0.006, 0.002, 0.001, 0.006, 0.0003, 0.005])
    return in_batch_states(U, M, q, [f"user {n}" for n in range(8)], films)


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-in-batch").exists():
    time.sleep(0.05)
"""
COMPUTED = """
async ([code, states, all]) => {
    const text = code + "\\nexport { logPosteriors };";
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const { logPosteriors } = await import(url);
    return all.map(settings => logPosteriors(states, ...settings).map(table =>
        table.map(row => row.map(value => Math.max(value, -1e300)))));
}
"""
DISTINCT = """
import numpy as np
from embedlab.widgets import in_batch_states
InBatchMatrix(in_batch_states(np.eye(3), np.eye(3), [0.1, 0.2, 0.3], "abc", "xyz"))
"""

WRONG = DISTINCT.replace("np.eye(3), np.eye(3)", "-50 * np.eye(3), np.eye(3)")


@pytest.fixture(scope="module")
def states():
    return example()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """One widget twice (cells 1 and 2), a busy cell (3), batches without repeats (4, 5)."""
    sources = (
        "from embedlab.widgets import InBatchMatrix\n" + inspect.getsource(example),
        "matrix = InBatchMatrix(example())\nmatrix",
        "matrix",
        BUSY_UNTIL_TOLD,
        DISTINCT,
        WRONG,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "in_batch.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in (0, 1, 2, 4, 5):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".in-batch")


@pytest.fixture
def view(notebook):
    """The first view: alpha 1, softmax over rows, nothing masked or subtracted, cell 0, 0."""
    view = view_in(notebook, 1)
    press_button(view, "rows")
    for name in ("mask repeats", "subtract log q"):
        if pressed(view, name):
            press_button(view, name)
    slider_of(view).fill("2")
    point(view, 0, 0)
    return view


def slider_of(view):
    return view.get_by_role("slider", name="alpha")


def press_button(view, name):
    view.get_by_role("button", name=name, exact=True).click()


def pressed(view, name):
    button = view.get_by_role("button", name=name, exact=True)
    return button.get_attribute("aria-pressed") == "true"


def panel(view, way):
    return view.locator(".panel").nth(way)


def point(view, row, column, way=0):
    field = panel(view, way).locator(".field")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    view.page.mouse.move(
        box["x"] + (column + 0.5) * box["width"] / 8, box["y"] + (row + 0.5) * box["height"] / 8
    )


def shown(view, way):
    """Return the texts of the cells, (8, 8), and their strengths."""
    texts = panel(view, way).locator(".share").all_text_contents()
    strengths = panel(view, way).locator(".fill").evaluate_all(
        "all => all.map(rect => Number(rect.getAttribute('fill-opacity')))"
    )  # fmt: skip
    return np.reshape(texts, (8, 8)), np.reshape(strengths, (8, 8))


def expect_cells(view, states, way, *settings):
    expected = np.exp(states.log_posteriors(*settings)[way])
    texts, strengths = shown(view, way)
    np.testing.assert_allclose(strengths, 0.65 * expected, atol=6e-4)
    mask = settings[1] & states.repeats
    assert (texts[mask] == "").all()
    found = np.where(mask, 0, np.where(texts == "", "nan", texts).astype(float))
    np.testing.assert_allclose(found, np.where(mask, 0, expected), atol=0.0051)
    pairs = panel(view, way).locator(".pair-loss").all_text_contents()
    np.testing.assert_allclose(np.array(pairs, float), -np.log(expected.diagonal()), atol=0.0051)


def expect_losses(view, states, *settings):
    rows, columns = states.losses(*settings)
    expect(view.locator(".losses")).to_have_text(
        f"loss over rows {rows:.3f} · over columns {columns:.3f} · "
        f"both, their mean {(rows + columns) / 2:.3f}"
    )


@pytest.mark.parametrize(("alpha", "loss"), [(1, "50.69"), (3, "150.7"), (24, "1201")])
def test_a_large_loss_stays_inside_the_picture(notebook, alpha, loss):
    view = view_in(notebook, 5)
    slider_of(view).fill(str(ALPHAS.index(alpha)))
    expect(panel(view, 0).locator(".pair-loss").first).to_have_text(loss)
    (text, picture) = (
        panel(view, 0).locator(part).first.bounding_box() for part in (".pair-loss", "svg")
    )
    assert text["x"] + text["width"] <= picture["x"] + picture["width"]


def test_the_browser_computes_what_python_computes(notebook, states):
    asked = list(itertools.product([*ALPHAS, 1e4], [False, True], [False, True]))
    kept = InBatchMatrix(states).states
    found = notebook.page.evaluate(COMPUTED, [InBatchMatrix(states)._esm, kept, asked])
    for settings, here in zip(asked, found, strict=True):
        expected = states.log_posteriors(*settings)
        np.testing.assert_allclose(here, np.maximum(expected, -1e300), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize("correct", [False, True])
def test_switches_change_cells_and_losses(view, states, mask, correct):
    if mask:
        press_button(view, "mask repeats")
    if correct:
        press_button(view, "subtract log q")
    assert (pressed(view, "mask repeats"), pressed(view, "subtract log q")) == (mask, correct)
    expect_losses(view, states, 1, mask, correct)
    expect_cells(view, states, 0, 1, mask, correct)
    assert bool(panel(view, 0).locator(".hatches").get_attribute("d")) == mask


def test_masked_cells_are_hatched(view, states):
    press_button(view, "mask repeats")
    d = panel(view, 0).locator(".hatches").get_attribute("d")
    left = float(panel(view, 0).locator(".field").get_attribute("x"))
    ends = np.array([piece.split("L")[1].split() for piece in d[1:].split("M")], float)
    columns, rows = (ends[::7] - (left + 10, 2)).round(6).T / 40  # of 7 lines a cell, the first
    assert list(zip(rows, columns, strict=True)) == [(2, 5), (5, 2)]


def test_alpha_moves_everything(view, states):
    slider_of(view).press("ArrowRight")
    slider_of(view).press("ArrowRight")
    expect(view.locator("output")).to_have_text("2")
    expect_losses(view, states, 2, False, False)
    expect_cells(view, states, 0, 2, False, False)
    slider_of(view).press("Home")
    expect_losses(view, states, 0, False, False)
    assert set(shown(view, 0)[0].ravel()) == {".13"}  # of 8 equal shares


def test_rows_columns_or_both_are_shown_and_the_used_loss_is_bold(view, states):
    for way, name in enumerate(("rows", "columns", "both")):
        press_button(view, name)
        assert [pressed(view, each) for each in ("rows", "columns", "both")] == [
            name == each for each in ("rows", "columns", "both")
        ]
        for index in range(2):
            if way in (index, 2):
                expect(panel(view, index)).to_be_visible()
                expect_cells(view, states, index, 1, False, False)
            else:
                expect(panel(view, index)).to_be_hidden()
        bold = view.locator(".used").inner_text()
        assert bold.startswith(("over rows", "over columns", "both")[way])


def test_pairs_are_outlined(view):
    places = panel(view, 0).evaluate(
        "panel => [...panel.querySelectorAll('.pair')].map(pair => {"
        " const { x, y } = pair.getBBox(), field = panel.querySelector('.field').getBBox();"
        " return [(x - field.x) / 40, (y - field.y) / 40]; })"
    )
    np.testing.assert_allclose(places, np.arange(8)[:, None] * [1, 1], atol=1e-6)
    assert panel(view, 0).locator(".pair").first.evaluate(
        "pair => getComputedStyle(pair).stroke"
    ) == "rgb(213, 94, 0)"  # fmt: skip


def test_a_cell_is_read_by_pointing_and_by_arrow_keys(notebook, view, states):
    point(view, 3, 6)
    log_q, score = states.log_q[6], states.scores[3, 6]
    share = np.exp(states.log_posteriors(1)[0][3, 6])
    reading = view.locator(".cell-reading")
    names = f"user 3 → {states.film_names[6]}: score {minus(score)}"
    expect(reading).to_have_text(
        f"{names}, α · score = {minus(score)}, posterior in its row {share:.3f}"
    )
    press_button(view, "subtract log q")
    share = np.exp(states.log_posteriors(1, False, True)[0][3, 6])
    expect(reading).to_have_text(
        f"{names}, α · score − log q = {minus(score - log_q)} with log q {minus(log_q)}, "
        f"posterior in its row {share:.3f}"
    )
    panels = view.locator(".panels")
    for key in ("ArrowUp", "ArrowLeft", "b"):  # b: JupyterLab's new cell below
        panels.press(key)
    assert notebook.active_cell() == 1
    expect(reading).to_contain_text(f"user 2 → {states.film_names[5]}: score")
    press_button(view, "mask repeats")
    expect(reading).to_contain_text("masked: the row's own film once more")
    assert panel(view, 0).locator("text.chosen title").evaluate_all(
        "all => all.map(title => title.textContent)"
    ) == ["user 2", states.film_names[5]]  # fmt: skip


def minus(value):
    return ("−" if round(value, 2) < 0 else "") + f"{abs(value):.2f}"


def test_the_floor_of_the_loss_is_told(notebook, view):
    floor = view.locator(".floor")
    expect(floor).to_have_text(
        "2 rows hold a film that is in another row too, and share its posterior: "
        f"no model brings the loss below {2 * np.log(2) / 8:.3f}."
    )
    press_button(view, "mask repeats")
    expect(floor).to_contain_text("can come down to 0")
    distinct = view_in(notebook, 4)
    expect(distinct.locator(".floor")).to_have_text("")
    assert "hatched" not in distinct.inner_text()
    assert "NaN" not in distinct.inner_html()


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    slider_of(view_in(notebook, 2)).fill("4")
    expect_losses(view, states, 2, False, False)
    old = view_in(notebook, 2).locator(".losses").element_handle()
    notebook.run_cell(2)
    expect_losses(view_in(notebook, 2), states, 2, False, False)
    before = old.inner_text()
    press_button(view, "mask repeats")
    expect_losses(view, states, 2, True, False)
    assert old.inner_text() == before


def test_a_view_that_is_told_to_stops_listening(notebook, states):
    assert notebook.listeners(InBatchMatrix(states)) == (1, 0)


def test_works_while_the_kernel_is_busy(notebook, view, states, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    slider_of(view).fill("5")
    expect_losses(view, states, 3, False, False)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-in-batch").touch()
    notebook.wait_for_kernel("idle")


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return panel(view, 0).evaluate(
            "panel => [getComputedStyle(panel.querySelector('.fill')).fill,"
            " getComputedStyle(panel.querySelector('.pair')).stroke,"
            " getComputedStyle(panel.querySelector('.share')).fill]"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert light[:2] == ["rgb(0, 114, 178)", "rgb(213, 94, 0)"]
    assert dark[:2] == ["rgb(86, 180, 233)", "rgb(240, 160, 48)"]


def test_a_narrow_page_has_room_for_both_panels(notebook, view):
    press_button(view, "both")
    notebook.page.set_viewport_size({"width": 820, "height": 1000})
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    sizes = view.locator(".panel svg").evaluate_all("all => all.map(svg => svg.getScreenCTM().a)")
    assert min(sizes) * 13 >= 12  # pixels of the smallest letters
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
