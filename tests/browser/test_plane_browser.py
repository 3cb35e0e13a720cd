"""The plane of losses, driven in a real JupyterLab by mouse and keyboard."""

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import LossPlane, plane_loss
from embedlab.widgets.plane import LOSSES, POINTS

NAMES = ["anchor", "positive", "negative"]
RATE, REACH = 0.1, 2
BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-plane").exists():
    time.sleep(0.05)
"""
# What the module computes for many [loss, points, margin].
COMPUTED = """
async ([code, all]) => {
    const text = code + "\\nexport { planeLoss };";
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const { planeLoss } = await import(url);
    return all.map(([loss, points, m]) => planeLoss(loss, points, m));
}
"""


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """One widget twice (cells 1 and 2) and a cell that stays busy (3)."""
    sources = (
        "from embedlab.widgets import LossPlane",
        "plane = LossPlane()\nplane",
        "plane",
        BUSY_UNTIL_TOLD,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "plane.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(3):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".loss-plane")


@pytest.fixture
def view(notebook):
    """The first view as it starts: pairwise, margin 1."""
    view = view_in(notebook, 1)
    choose(view, "pairwise")
    view.get_by_role("slider").fill("10")
    press_button(view, "Back to the start")
    return view


def choose(view, loss):
    view.get_by_role("button", name=loss, exact=True).click()


def press_button(view, name):
    view.get_by_role("button", name=name).click()


def mark(view, which):
    return view.locator(f".mark.{NAMES[which]}")


def drag(view, which, x, y):
    """Drag a point by mouse from where it is to a place in the plane."""
    picture = view.locator(".plane")
    picture.scroll_into_view_if_needed()
    box, hold = picture.bounding_box(), mark(view, which).bounding_box()
    mouse = view.page.mouse
    mouse.move(hold["x"] + hold["width"] / 2, hold["y"] + hold["height"] / 2)
    mouse.down()
    mouse.move(
        box["x"] + (x + REACH) / (2 * REACH) * box["width"],
        box["y"] + (REACH - y) / (2 * REACH) * box["height"],
        steps=3,
    )
    mouse.up()


def place_of(view, which):
    """Return a point's place as the table shows it."""
    shown = view.locator("tr[class]").nth(which).locator("td").first.inner_text()
    return [float(number.replace("−", "-")) for number in shown[1:-1].split(", ")]


def signed(value):
    return ("−" if round(value, 2) < 0 else "") + f"{abs(value):.2f}"


def exact(value):
    if value == 0 or value >= 0.0005:
        return f"{value:.3f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e−{-int(exponent)}"


def expect_shown(view, loss, points, margin):
    """Everything the table says is what Python computes."""
    value, gradient = plane_loss(loss, points, margin)
    expect(view.locator(".loss-value")).to_have_text(exact(value))
    for row, point, slope in zip(view.locator("tr[class]").all(), points, gradient, strict=True):
        expected = [
            f"({signed(point[0])}, {signed(point[1])})",
            f"({signed(-slope[0])}, {signed(-slope[1])})",
            exact(np.hypot(*slope)),
        ]
        assert row.locator("td").all_inner_texts() == expected


def arrows(view):
    return [one.get_attribute("d") for one in view.locator(".plane .arrow").all()]


def test_the_browser_computes_what_python_computes(notebook):
    rng = np.random.default_rng(2)
    asked = [
        [loss, rng.normal(0, scale, (3, 2)).tolist(), float(rng.uniform(0, 2))]
        for loss in LOSSES
        for scale in (0.5, 1.5, 20)
        for _ in range(100)
    ]
    same = [[1.0, -0.5]] * 3
    asked += [[loss, same, margin] for loss in LOSSES for margin in (0.0, 1.0)]
    found = notebook.page.evaluate(COMPUTED, [LossPlane()._esm, asked])
    for (loss, points, margin), here in zip(asked, found, strict=True):
        value, gradient = plane_loss(loss, points, margin)
        assert here["value"] == pytest.approx(value, rel=1e-12, abs=1e-300)
        np.testing.assert_allclose(here["gradient"], gradient, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_says_its_value_and_its_gradient(view, loss):
    choose(view, loss)
    expect_shown(view, loss, POINTS, 1.0)
    pressed = view.locator("button[aria-pressed=true]").all_inner_texts()
    assert pressed == [loss]
    view.get_by_role("slider").press("ArrowRight")
    expect_shown(view, loss, POINTS, 1.1)


@pytest.mark.parametrize("loss", LOSSES)
def test_arrows_point_along_minus_the_gradient(view, loss):
    choose(view, loss)
    _, gradient = plane_loss(loss, POINTS, 1.0)
    unit = 460 / (2 * REACH)
    assert [bool(d) for d in arrows(view)] == list(gradient.any(axis=1))
    for d, point, slope in zip(arrows(view), np.array(POINTS), gradient, strict=True):
        if not d:  # the negative of the contrastive loss, outside the circle
            continue
        rim, tip = (np.array(pair.split(), float) for pair in d[1:].split("M")[0].split("L"))
        place = (point * [1, -1] + REACH) * unit
        ahead = -0.4 * slope * [1, -1] * unit
        outwards = ahead / np.hypot(*ahead)
        np.testing.assert_allclose(rim, place + 10 * outwards, atol=0.11)
        np.testing.assert_allclose(tip, rim + ahead, atol=0.11)


@pytest.mark.parametrize("which", range(3))
def test_a_point_is_dragged_with_the_mouse(view, which):
    drag(view, which, -1.0, -1.0)
    dragged = place_of(view, which)
    assert dragged == pytest.approx([-1.0, -1.0], abs=0.02)
    for other in {0, 1, 2} - {which}:
        assert place_of(view, other) == list(POINTS[other])
    mark(view, which).hover(position={"x": 30, "y": 20})  # the button is up: this is no drag
    assert place_of(view, which) == dragged


def test_a_point_stays_inside_the_picture_while_it_is_dragged(view):
    drag(view, 0, 3.5, -2.4)
    expect(view.locator("tr.anchor td").first).to_have_text("(2.00, −2.00)")


@pytest.mark.parametrize("which", range(3))
def test_arrow_keys_move_the_focused_point_and_not_the_notebook(notebook, view, which):
    point = mark(view, which)
    point.focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft", "b"):
        point.press(key)  # b: JupyterLab's new cell below
    assert notebook.active_cell() == 1
    moved = np.array(POINTS)
    moved[which] += (-0.1, 0.1)
    expect_shown(view, "pairwise", moved, 1.0)
    expect(point).to_have_attribute(
        "aria-label",
        f"{NAMES[which]} at {signed(moved[which, 0])}, {signed(moved[which, 1])}. "
        "Arrow keys move it.",
    )


def test_a_click_gives_a_point_the_focus(view):
    drag(view, 2, 0.5, 0.5)
    before = place_of(view, 2)
    view.page.keyboard.press("ArrowRight")
    assert place_of(view, 2) == pytest.approx([before[0] + 0.1, before[1]], abs=0.011)


def test_triplet_arrows_vanish_beyond_the_margin_and_pairwise_ones_never(view):
    far = np.array([[1.0, 0.4], [1.8, 0.8], [-1.8, -1.8]])
    for which, (x, y) in enumerate(far):
        drag(view, which, x, y)
    assert all(arrows(view))
    expect(view.locator(".status")).to_contain_text("never 0")
    for loss in ("triplet", "triplet on distances"):
        choose(view, loss)
        assert arrows(view) == ["", "", ""]
        expect(view.locator(".loss-value")).to_have_text("0.000")
        expect(view.locator(".status")).to_contain_text("nothing moves")
    choose(view, "contrastive")
    assert [bool(one) for one in arrows(view)] == [True, True, False]


def test_a_wider_margin_brings_the_arrows_back(view):
    choose(view, "triplet")
    drag(view, 1, 1.5, 1.0)
    drag(view, 2, 0.5, -1.0)
    assert arrows(view) == ["", "", ""]
    view.get_by_role("slider").fill("20")
    assert all(arrows(view))


def test_steps_are_gradient_descent(view):
    choose(view, "contrastive")
    points = np.array(POINTS)
    for n_steps, name in ((1, "1 step"), (20, "20 steps")):
        press_button(view, name)
        for _ in range(n_steps):
            points = points - RATE * plane_loss("contrastive", points, 1.0)[1]
        expect_shown(view, "contrastive", points, 1.0)
    trail = view.locator(".trail.anchor").get_attribute("d")
    assert trail.count("L") == 21
    press_button(view, "Back to the start")
    expect_shown(view, "contrastive", POINTS, 1.0)
    assert view.locator(".trail.anchor").get_attribute("d").count("L") == 0


def test_the_plane_grows_where_points_are_driven_out(view):
    drag(view, 0, 1.9, 1.9)
    drag(view, 1, 1.9, -1.0)
    drag(view, 2, -1.0, 1.8)
    for _ in range(6):
        press_button(view, "20 steps")
    (frame,) = boxes(view, ".plane")
    places = boxes(view, ".plane .mark circle:not(.hold)")
    assert np.abs([place_of(view, which) for which in range(3)]).max() > 2
    for x, y, right, bottom in places:
        assert frame[0] < x < right < frame[2]
        assert frame[1] < y < bottom < frame[3]


def boxes(view, selector):
    return view.locator(selector).evaluate_all(
        "all => all.map(one => one.getBoundingClientRect())"
        ".map(box => [box.x, box.y, box.right, box.bottom])"
    )


def test_circles_have_the_radius_of_the_margin(view):
    choose(view, "triplet on distances")
    (_, _, width, _), unit = (0, 0, 460, 0), 460 / (2 * REACH)
    distance = np.hypot(1.5, 0.8)
    for name, radius in ((".border", distance + 1.0), (".same", distance)):
        d = view.locator(f".plane {name}").get_attribute("d")
        assert float(d.split("a")[1].split()[0]) == pytest.approx(radius * unit, abs=0.01)
        assert float(d.split()[0][1:]) == pytest.approx(width * 0.75 - radius * unit, abs=0.01)
    choose(view, "contrastive")
    d = view.locator(".plane .border").get_attribute("d")
    assert float(d.split("a")[1].split()[0]) == pytest.approx(unit)


def test_on_the_border_of_the_triplet_the_loss_becomes_zero(view):
    """The line is where the anchor's score is the positive's less the margin."""
    choose(view, "triplet")
    d = view.locator(".plane .border").get_attribute("d")
    ends = np.array([pair.split() for pair in d[1:].split("L")], float)
    places = (ends / 460 * 2 * REACH - REACH) * [1, -1]
    anchor, positive = np.array(POINTS[:2])
    np.testing.assert_allclose(places @ anchor, anchor @ positive - 1.0, atol=0.01)


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view):
    other = view_in(notebook, 2)
    choose(other, "contrastive")
    mark(other, 0).press("ArrowLeft")
    moved = np.array(POINTS)
    moved[0, 0] -= 0.1
    expect_shown(view, "contrastive", moved, 1.0)
    old = other.locator(".loss-value").element_handle()
    notebook.run_cell(2)
    expect_shown(view_in(notebook, 2), "contrastive", moved, 1.0)
    before = old.inner_text()
    press_button(view, "1 step")
    expect(view.locator(".loss-value")).not_to_have_text(before)
    assert old.inner_text() == before


def test_a_view_that_is_told_to_stops_listening(notebook):
    assert notebook.listeners(LossPlane()) == (1, 0)


def test_works_while_the_kernel_is_busy(notebook, view, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    mark(view, 1).press("ArrowUp")
    moved = np.array(POINTS)
    moved[1, 1] += 0.1
    expect_shown(view, "pairwise", moved, 1.0)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-plane").touch()
    notebook.wait_for_kernel("idle")


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return view.locator(".plane").evaluate(
            "svg => ['.mark.anchor circle:not(.hold)', '.mark.positive circle:not(.hold)', '.name']"
            ".map(part => getComputedStyle(svg.querySelector(part)).fill)"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert light[:2] == ["rgb(0, 114, 178)", "rgb(213, 94, 0)"]
    assert dark[:2] == ["rgb(86, 180, 233)", "rgb(240, 160, 48)"]


def test_a_narrow_page_has_room_for_all_of_it(notebook, view):
    notebook.page.set_viewport_size({"width": 820, "height": 1000})
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    (whole,) = boxes(view_in(notebook, 1), "xpath=.")
    for part in (".plane", "table", ".course-sliders"):
        (box,) = boxes(view, part)
        assert whole[0] <= box[0] < box[2] <= whole[2] + 1, part
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
