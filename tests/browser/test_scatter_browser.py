"""The scatter family, driven in a real JupyterLab by keyboard and mouse."""

import inspect
import statistics

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect


def example(d):
    """Twelve users and fourteen films on 40 steps; also runs as a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import descent_states

    rng = np.random.default_rng(1)
    target = rng.normal(size=(12, 3)) @ rng.normal(size=(3, 14))
    known = rng.random(target.shape) < 0.6

    def left(rows, columns):
        return np.where(known, target - rows @ columns.T, 0)

    return descent_states(
        np.where(known, target, np.nan),
        rng.normal(0, 0.3, (12, d)),
        rng.normal(0, 0.3, (14, d)),
        lambda rows, columns: (
            rows + 0.02 * left(rows, columns) @ columns,
            columns + 0.02 * left(rows, columns).T @ rows,
        ),
        lambda rows, columns: float((left(rows, columns) ** 2).sum() / 2),
        range(41),
        [f"user {n}" for n in range(12)],
        [f"film {n}" for n in range(14)],
    )


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-scatter").exists():
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def states():
    return {d: example(d) for d in (2, 3)}


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """A notebook: the plane (cell 1, again in 2), space (3), a busy cell (4), uneven steps (5)."""
    sources = (
        "from embedlab.widgets import MovingVectors\n" + inspect.getsource(example),
        "plane = MovingVectors(example(2), range(41), 'users', 'films')\nplane",
        "plane",
        "MovingVectors(example(3), range(41), 'users', 'films')",
        BUSY_UNTIL_TOLD,
        "MovingVectors(example(2), [*range(40), 400], 'users', 'films')",
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "scatter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in (0, 1, 2, 3, 5):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".moving-vectors")


@pytest.fixture
def plane(notebook):
    """The first view in the plane, at step 0 with the first pair chosen."""
    view = view_in(notebook, 1)
    slider_of(view).fill("0")
    picture = view.locator(".residuals")
    picture.hover(position={"x": 3, "y": 3})
    return view


@pytest.fixture
def space(notebook):
    view = view_in(notebook, 3)
    slider_of(view).fill("20")
    return view


def slider_of(view):
    return view.get_by_role("slider", name="Step")


def expect_step(view, states, step):
    expect(view.locator(".summary")).to_have_text(f"Step {step}: loss {tidy(states.loss[step])}")


def tidy(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def signed(value):
    return ("−" if value < 0 and f"{value:.2f}" != "-0.00" else "+") + f"{abs(value):.2f}"


def pair(states, step, row, column):
    rows, columns = np.split(states.positions()[step], [12])
    target, predicted = states.target[row, column], rows[row] @ columns[column]
    says = (
        f"rating unknown, predicted {signed(predicted)}"
        if np.isnan(target)
        else f"rating {signed(target)}, predicted {signed(predicted)}, "
        f"left {signed(target - predicted)}"
    )
    return f"user {row} × film {column}: {says}"


def test_the_slider_moves_points_residuals_and_loss(plane, states):
    expect_step(plane, states[2], 0)
    parts = (".vectors", ".residuals", ".loss")
    before = [plane.locator(part).screenshot() for part in parts]
    slider_of(plane).fill("39")
    slider_of(plane).press("ArrowRight")
    expect_step(plane, states[2], 40)
    assert all(
        plane.locator(part).screenshot() != old for part, old in zip(parts, before, strict=True)
    )


def test_every_known_cell_is_drawn_as_strong_as_what_is_left(plane, states):
    slider_of(plane).fill("7")
    expect_step(plane, states[2], 7)
    left = states[2].residuals()[7]
    drawn = plane.locator(".residuals rect[fill-opacity]").evaluate_all(
        "all => all.map(rect => [+rect.getAttribute('y'), +rect.getAttribute('x'),"
        " rect.getAttribute('class'), +rect.getAttribute('fill-opacity')])"
    )
    assert len(drawn) == np.isfinite(left).sum()
    largest = np.nanmax(np.abs(states[2].residuals()))
    for row, column, name, opacity in drawn:
        assert name == ("too-low" if left[row, column] > 0 else "too-high")
        assert opacity == pytest.approx(abs(left[row, column]) / largest, abs=2e-3)


def test_points_are_where_the_vectors_are(plane, states):
    slider_of(plane).fill("40")
    expect_step(plane, states[2], 40)
    drawn = plane.locator(".vectors :is(.row-mark, .column-mark)").evaluate_all(
        "all => all.map(mark => mark.getAttribute('transform').match(/[-\\d.]+/g).map(Number))"
    )
    reach = states[2].reach * 1.08
    expected = 230 + states[2].positions()[40] / reach * 230 * [1, -1]
    np.testing.assert_allclose([place[:2] for place in drawn], expected, atol=0.06)


def test_arrow_keys_walk_over_the_matrix_and_not_over_the_notebook(notebook, plane, states):
    expect(plane.locator(".pair")).to_have_text(pair(states[2], 0, 0, 0))
    picture = plane.locator(".residuals")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "b"):  # b: JupyterLab's new cell below
        picture.press(key)
    assert notebook.active_cell() == 1
    expect(plane.locator(".pair")).to_have_text(pair(states[2], 0, 2, 1))


def test_pointing_at_a_cell_chooses_its_pair(plane, states):
    picture = plane.locator(".residuals")
    box = picture.bounding_box()
    unknown = tuple(np.argwhere(np.isnan(states[2].target))[-1])
    picture.hover(
        position={
            "x": (unknown[1] + 0.5) * box["width"] / 14,
            "y": (unknown[0] + 0.5) * box["height"] / 12,
        }
    )
    expect(plane.locator(".pair")).to_have_text(pair(states[2], 0, *unknown))


def test_play_runs_to_the_end_and_pauses(notebook, plane, states):
    slider_of(plane).fill("35")
    plane.get_by_role("button", name="Play").click()
    expect_step(plane, states[2], 40)
    expect(plane.get_by_role("button", name="Play")).to_be_visible()
    plane.get_by_role("button", name="Play").press("Space")
    plane.get_by_role("button", name="Pause").press("Space")
    expect(plane.get_by_role("button", name="Play")).to_be_visible()
    assert int(slider_of(plane).input_value()) < 40
    assert notebook.active_cell() == 1


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, plane, states):
    slider_of(view_in(notebook, 2)).fill("3")
    expect_step(plane, states[2], 3)
    old = view_in(notebook, 2).locator(".summary").element_handle()
    notebook.run_cell(2)
    expect_step(view_in(notebook, 2), states[2], 3)
    before = old.inner_text()
    slider_of(plane).fill("5")
    expect_step(plane, states[2], 5)
    assert old.inner_text() == before


def marks(view):
    return view.locator(".vectors [transform]").evaluate_all(
        "all => all.map(mark => mark.getAttribute('transform'))"
    )


def test_space_is_rotated_by_dragging_and_by_keys(notebook, space, states):
    expect_step(space, states[3], 20)
    start = marks(space)
    picture = space.locator(".vectors")
    picture.press("ArrowLeft")
    by_key = marks(space)
    assert by_key != start
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 5, box["y"] + 5)
    mouse.down()
    mouse.move(box["x"] + 65, box["y"] + 25)
    mouse.up()
    by_mouse = marks(space)
    assert by_mouse != by_key
    mouse.move(box["x"] + 5, box["y"] + 5)  # the button is up: this is no drag
    assert marks(space) == by_mouse
    assert "NaN" not in space.inner_html()


def test_moves_at_once_while_the_kernel_is_busy(notebook, space, states, lab):
    notebook.start_cell(4)
    notebook.wait_for_kernel("busy")
    took = slider_of(space).evaluate(
        """input => Array.from({ length: 41 }, (_, step) => {
            const began = performance.now();
            input.value = step;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            return performance.now() - began;
        })"""
    )
    expect_step(space, states[3], 40)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-scatter").touch()
    notebook.wait_for_kernel("idle")
    print(f"median move: {statistics.median(took):.2f} ms")
    assert statistics.median(took) < 10, took


def test_colours_follow_the_theme(notebook, plane):
    def colours():
        return plane.locator(".vectors").evaluate(
            "svg => ['.row-mark', '.column-mark', '.name'].map("
            "s => getComputedStyle(svg.querySelector(s)).fill)"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert all(one != other for one, other in zip(light, dark, strict=True))


BOXES = """
all => all.filter(one => getComputedStyle(one).display !== "none").map(one => {
    const { x, y, right, bottom } = one.getBoundingClientRect();
    return [one.textContent, x, y, right, bottom];
})
"""


def boxes(view, selector):
    """Return [text, left, top, right, bottom] of what is shown, in pixels."""
    return view.locator(selector).evaluate_all(BOXES)


def overlap(one, other):
    """Return by how many pixels two boxes overlap in their shorter direction."""
    (_, *a), (_, *b) = one, other
    return min(min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1]))


def test_films_carry_their_names_and_users_only_when_chosen(plane, states):
    slider_of(plane).fill("40")
    expect_step(plane, states[2], 40)
    assert {name for name, *_ in boxes(plane, ".other-name")} == {f"film {n}" for n in range(1, 14)}
    assert [name for name, *_ in boxes(plane, ".name")] == ["user 0", "film 0"]
    plane.locator(".residuals").press("ArrowDown")
    expect(plane.locator(".row-name")).to_have_text("user 1")


@pytest.mark.parametrize("step", ["0", "10", "25", "40"])
def test_names_do_not_lie_on_each_other_or_leave_the_picture(plane, states, step):
    slider_of(plane).fill(step)
    expect_step(plane, states[2], int(step))
    shown = boxes(plane, ".vectors text:not(.axis-name)")
    assert len(shown) > 8
    (frame,) = boxes(plane, ".vectors")
    for n, one in enumerate(shown):
        assert all(overlap(one, other) < 4 for other in shown[:n]), one
        assert one[1] > frame[1] - 1, one
        assert one[3] < frame[3] + 1, one


def test_no_turn_brings_a_mark_to_the_border(space, states):
    slider_of(space).fill("40")
    expect_step(space, states[3], 40)
    for key in ["ArrowLeft"] * 12 + ["ArrowDown"] * 12:
        space.locator(".vectors").press(key)
        frame, *all_marks = boxes(space, ".vectors, .vectors :is(.row-mark, .column-mark)")
        for mark in all_marks:
            assert frame[1] < mark[1] < mark[3] < frame[3], (key, mark)
            assert frame[2] < mark[2] < mark[4] < frame[4], (key, mark)


def test_rows_and_columns_of_the_matrix_are_named(plane):
    (frame,) = boxes(plane, ".residuals")
    height, width = (frame[4] - frame[2]) / 12, (frame[3] - frame[1]) / 14
    rows, columns = boxes(plane, ".row-names span"), boxes(plane, ".column-names span")
    assert [name for name, *_ in rows] == [f"user {n}" for n in range(12)]
    assert [name for name, *_ in columns] == [f"film {n}" for n in range(14)]
    for n, (_, left, top, right, bottom) in enumerate(rows):
        assert (top + bottom) / 2 == pytest.approx(frame[2] + (n + 0.5) * height, abs=3)
        assert left < right < frame[1]
    for n, (_, left, top, right, bottom) in enumerate(columns):
        assert (left + right) / 2 == pytest.approx(frame[1] + (n + 0.5) * width, abs=3)
        assert top < bottom < frame[2]
    plane.locator(".residuals").press("ArrowRight")
    chosen = plane.locator(".chosen-name").all_inner_texts()
    assert sorted(chosen) == ["film 1", "user 0"]


def test_the_loss_curve_runs_as_the_slider_does(notebook):
    view = view_in(notebook, 5)
    slider_of(view).fill("20")
    dot = view.locator(".loss .dot")
    expect(dot).to_have_attribute("cx", "150")  # the middle of 300, though step 20 is not of 400
