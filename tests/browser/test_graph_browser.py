"""The graph of mixing nodes, driven in a real JupyterLab by mouse, touch and keyboard."""

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import MixingGraph, graph_states

MAKE = """
import numpy as np
from embedlab.widgets import MixingGraph, graph_states, mixing_states

P = np.array([[1, 1, 0, 0], [1, 1, 2, 0], [0, 1, 1, 2], [0, 0, 1, 1]]) / [[2], [4], [4], [2]]
A = (P > 0) * 1.0
matrices = {("row", "on"): P, ("row", "off"): P - np.diag(np.diag(P)),
            ("none", "on"): A, ("none", "off"): A - np.eye(4)}
H = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.4, 0.6]])
steps = [0, 1, 2, 5]
names = ["Ann", "Ben", "Cleo", "Dan"]
states = mixing_states(matrices, H, names, steps, places=[[0, 0], [1, 0], [1, 1], [0, 1]])
"""
SOURCES = (
    MAKE,
    "graph = MixingGraph(states, steps, ['normalization', 'self-loops'], [0, 0, 1, 1],\n"
    "                    ['left', 'right'], start=1)\ngraph",
    "graph",
    "shares = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]],\n"
    "                   [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1], [0.25, 0.25, 0.5]]])\n"
    "long = [f'the node with the number {n}' for n in range(4)]\n"
    "topics = ['law', 'music', 'botany']\n"
    "MixingGraph(graph_states(shares, long, [[0, 1], [1, 2], [1, 3]], topics), [0, 100],\n"
    "            slider='epoch')",
    "import pathlib, time\nwhile not pathlib.Path('stop-graph').exists():\n    time.sleep(0.05)",
)
ROW = np.array([[1, 1, 0, 0], [1, 1, 2, 0], [0, 1, 1, 2], [0, 0, 1, 1]]) / [[2], [4], [4], [2]]
START = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.4, 0.6]])
STEPS = [0, 1, 2, 5]
NAMES = ["Ann", "Ben", "Cleo", "Dan"]


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """Colours twice (cells 1 and 2), classes (3), and a cell that stays busy (4)."""
    cells = [nbformat.v4.new_code_cell(source) for source in SOURCES]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "graph.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(4):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".mixing-graph")


@pytest.fixture
def view(notebook):
    """The first view as it starts: row-normalised, with self-loops, step 0, Ben chosen."""
    view = view_in(notebook, 1)
    press_button(view, "row")
    press_button(view, "on")
    view.get_by_role("slider").fill("0")
    view.get_by_role("combobox").select_option("Ben")
    back = view.get_by_role("button", name="All back in place")
    if back.is_enabled():
        back.click()
    view.locator(".status").hover()  # away from every node
    return view


def press_button(view, name):
    view.get_by_role("button", name=name, exact=True).click()


def node(view, which):
    return view.locator(".graph .node").nth(which)


def fills(view):
    return view.locator(".graph .node").evaluate_all(
        "all => all.map(one => getComputedStyle(one.lastChild).fill)"
    )


def rgb(values):
    return [f"rgb({', '.join(str(int(np.rint(255 * v))) for v in row)})" for row in values]


def channels(fill):
    """Return red, green and blue, 0 to 255, of a mixed colour."""
    return [255 * float(part) for part in fill.removeprefix("color(srgb ")[:-1].split()]


def middle(view, which, dx=0, dy=0):
    """Return where a node is drawn, and so much farther."""
    box = node(view, which).locator(".hold").bounding_box()
    return np.array([box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy])


def weights_shown(view):
    found = {}
    for item in view.locator(".neighbours li").all():
        found[item.locator("span").inner_text()] = item.locator("b").inner_text()
    return found


@pytest.mark.parametrize("state", range(4))
def test_nodes_have_the_colours_of_the_step(view, state):
    view.get_by_role("slider").fill(str(state))
    expected = np.linalg.matrix_power(ROW, STEPS[state]) @ START
    codes = np.rint(expected * 255) / 255
    assert fills(view) == rgb(codes)
    red, green, blue = codes[1]
    expect(view.locator(".status")).to_have_text(
        f"Ben (left): red {red:.2f}, green {green:.2f}, blue {blue:.2f}"
    )
    expect(view.locator(".scale-note")).to_have_text("Colours show the values.")


def test_switches_choose_the_matrix(view):
    view.get_by_role("slider").fill("1")
    press_button(view, "off")
    without = ROW - np.diag(np.diag(ROW))
    assert fills(view) == rgb(np.rint(without @ START * 255) / 255)
    assert weights_shown(view) == {"Cleo": "0.500", "Ann": "0.250"}
    press_button(view, "none")
    press_button(view, "on")
    view.get_by_role("slider").fill("3")
    held = np.linalg.matrix_power((ROW > 0) * 1.0, 5) @ START
    assert fills(view) == rgb(np.rint(held / held.max() * 255) / 255)
    expect(view.locator(".scale-note")).to_contain_text(f"divided by {held.max():.2f}, the largest")
    assert weights_shown(view) == dict.fromkeys(["Ann", "itself", "Cleo"], "1.000")
    codes = np.rint(held[1] / held.max() * 255) / 255
    red, green, blue = (f"{value:.2f}" for value in codes * float(f"{held.max():.3g}"))
    expect(view.locator(".status")).to_have_text(
        f"Ben (left): red {red}, green {green}, blue {blue}"
    )
    pressed = view.locator("button[aria-pressed=true]").all_inner_texts()
    assert pressed == ["none", "on"]


def test_a_node_s_weights_are_listed_and_drawn_and_its_neighbours_marked(view):
    assert weights_shown(view) == {"Cleo": "0.500", "Ann": "0.250", "itself": "0.250"}
    expect(view.locator(".reading")).to_contain_text(
        "Takes from itself and 2 neighbours; the weights add up to 1.00."
    )
    kinds = [one.get_attribute("class") for one in view.locator(".graph .node").all()]
    assert kinds == ["node near", "node chosen", "node near", "node"]
    widths = view.locator(".taken path").evaluate_all(
        "all => all.map(one => Number(one.getAttribute('stroke-width')))"
    )
    assert sorted(widths) == pytest.approx([1.5 + 4.5 / 2, 6.0], abs=0.06)


def test_the_mouse_reads_a_node_as_long_as_it_is_there(view):
    node(view, 3).hover()
    expect(view.locator(".status")).to_contain_text("Dan (right): red 0.20, green 0.40, blue 0.60")
    assert weights_shown(view) == {"Cleo": "0.500", "itself": "0.500"}
    view.locator(".status").hover()
    expect(view.locator(".status")).to_contain_text("Ben (left)")


def test_a_node_is_dragged_with_the_mouse_and_its_edges_follow(view):
    view.locator(".graph").scroll_into_view_if_needed()
    start, mouse = middle(view, 0), view.page.mouse
    end = middle(view, 0, 60, -80)
    others = [middle(view, i) for i in (1, 2, 3)]
    before = view.locator(".edges").get_attribute("d")
    mouse.move(*start)
    mouse.down()
    mouse.move(*end, steps=4)
    mouse.up()
    np.testing.assert_allclose(middle(view, 0), end, atol=1.5)
    for i, place in zip((1, 2, 3), others, strict=True):
        np.testing.assert_allclose(middle(view, i), place, atol=0.1)
    after = view.locator(".edges").get_attribute("d")
    assert after != before
    assert after.split("M")[2:] == before.split("M")[2:]  # the edges of the others
    mouse.move(*middle(view, 0, 30, 60))  # the button is up: this is no drag
    np.testing.assert_allclose(middle(view, 0), end, atol=1.5)
    expect(view.get_by_role("combobox")).to_have_value("0")
    press_button(view, "All back in place")
    np.testing.assert_allclose(middle(view, 0), start, atol=0.1)
    expect(view.get_by_role("button", name="All back in place")).to_be_disabled()


def test_a_name_stands_clear_of_its_node_s_edge(view):
    view.locator(".graph").scroll_into_view_if_needed()
    mouse = view.page.mouse
    mouse.move(*middle(view, 1))
    mouse.down()
    mouse.move(*middle(view, 1, 0, -200), steps=4)  # Ann's edge rises to where her name would be
    mouse.up()
    box = view.locator(".graph .name").first.bounding_box()
    name = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    ann, ben = middle(view, 0), middle(view, 1)
    along = (ben - ann) / np.linalg.norm(ben - ann)
    away = name - ann
    assert np.linalg.norm(away) < 40
    assert abs(along[0] * away[1] - along[1] * away[0]) > 9


def test_a_finger_drags_a_node(view):
    start, end = middle(view, 2), middle(view, 2, -50, 40)
    touch = {"pointerId": 7, "pointerType": "touch", "isPrimary": True, "bubbles": True}
    mark = node(view, 2)
    mark.evaluate("mark => { mark.setPointerCapture = () => {}; }")  # of no real pointer
    assert mark.evaluate("mark => getComputedStyle(mark).touchAction") == "none"
    for event, (x, y) in (("pointerdown", start), ("pointermove", end), ("pointerup", end)):
        mark.dispatch_event(event, touch | {"clientX": x, "clientY": y})
    np.testing.assert_allclose(middle(view, 2), end, atol=1.5)


def test_a_node_stays_inside_the_picture(view):
    view.locator(".graph").scroll_into_view_if_needed()
    mouse = view.page.mouse
    mouse.move(*middle(view, 1))
    mouse.down()
    mouse.move(2000, 3000, steps=3)
    mouse.up()
    box, (x, y) = view.locator(".graph").bounding_box(), middle(view, 1)
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]


def test_arrow_keys_move_the_focused_node_and_not_the_notebook(notebook, view):
    start, mark = middle(view, 1), node(view, 1)
    unit = view.locator(".graph").bounding_box()["width"] / 480
    mark.focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowLeft", "b"):
        mark.press(key)  # b: JupyterLab's new cell below
    assert notebook.active_cell() == 1
    assert mark.evaluate("mark => mark.ownerDocument.activeElement === mark")
    np.testing.assert_allclose(middle(view, 1), start + np.array([-6, -6]) * unit, atol=0.2)
    label = mark.get_attribute("aria-label")
    assert label == "Ben: red 0.00, green 1.00, blue 0.00. Arrow keys move it."


def test_the_keyboard_reaches_every_node(view):
    names = view.get_by_role("combobox")
    for i, name in enumerate(NAMES):
        names.select_option(name)
        expect(view.locator(".status")).to_contain_text(f"{name} (")
        stops = view.locator(".graph [tabindex='0']")
        assert stops.count() == 1
        assert node(view, i).get_attribute("tabindex") == "0"


def test_groups_differ_in_their_shapes(view):
    shapes = view.locator(".graph .node").evaluate_all(
        "all => all.map(one => one.lastChild.getAttribute('d'))"
    )
    assert shapes[0] == shapes[1] != shapes[2] == shapes[3]
    assert view.locator(".legend span").all_inner_texts()[:2] == ["left", "right"]
    assert view.locator(".legend path").first.get_attribute("d") == shapes[0]


def test_play_goes_to_the_last_step_and_stops(view):
    view.get_by_role("button", name="Play").click()
    expect(view.get_by_role("button", name="Pause")).to_be_visible()
    expect(view.locator("output")).to_have_text("5")
    expect(view.get_by_role("button", name="Play")).to_be_visible()
    view.get_by_role("button", name="Play").click()  # once more, from the start
    view.get_by_role("button", name="Pause").click()
    shown = view.locator("output").inner_text()
    view.page.wait_for_timeout(800)
    assert view.locator("output").inner_text() == shown


def test_classes_are_mixed_colours_with_their_shares_in_words(notebook):
    view = view_in(notebook, 3)
    expect(view.get_by_text("epoch", exact=True)).to_be_visible()
    pure = [channels(fill) for fill in fills(view)[:3]]
    np.testing.assert_allclose(pure, [[0, 114, 178], [213, 94, 0], [0, 158, 115]], atol=0.5)
    view.get_by_role("combobox").select_option(index=3)
    expect(view.locator(".status")).to_have_text(
        "the node with the number 3: law 0.00, music 0.00, botany 0.00"
    )
    view.get_by_role("slider").fill("1")
    expect(view.locator(".status")).to_contain_text("law 0.25, music 0.25, botany 0.50")
    np.testing.assert_allclose(channels(fills(view)[0]), [106.5, 104, 89], atol=1)
    expect(view.locator(".reading")).to_contain_text("1 neighbour.")
    assert view.locator(".neighbours b").count() == 0
    assert view.locator(".neighbours li").all_inner_texts() == ["the node with the number 1"]


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view):
    other = view_in(notebook, 2)
    press_button(other, "none")
    other.get_by_role("combobox").select_option("Dan")
    node(other, 3).press("ArrowUp")
    expect(view.locator(".status")).to_contain_text("Dan (right)")
    assert view.locator("button[aria-pressed=true]").first.inner_text() == "none"
    d = view.locator(".edges").get_attribute("d")
    assert d == other.locator(".edges").get_attribute("d")
    old = other.locator(".edges").element_handle()
    notebook.run_cell(2)
    expect(view_in(notebook, 2).locator(".status")).to_contain_text("Dan (right)")
    press_button(view, "All back in place")
    assert view.locator(".edges").get_attribute("d") != d
    assert old.get_attribute("d") == d


def test_a_view_that_is_told_to_stops_listening(notebook):
    states = graph_states(np.ones((2, 3, 3)), "abc", [[0, 1]])
    assert notebook.listeners(MixingGraph(states, [0, 1])) == (1, 0)


def test_works_while_the_kernel_is_busy(notebook, view, lab):
    notebook.start_cell(4)
    notebook.wait_for_kernel("busy")
    view.get_by_role("slider").press("ArrowRight")
    expect(view.locator("output")).to_have_text("1")
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-graph").touch()
    notebook.wait_for_kernel("idle")


def test_the_theme_changes_paper_and_ink_but_no_node_s_colour(notebook, view):
    def seen():
        return view.locator(".graph").evaluate(
            "svg => [getComputedStyle(svg).backgroundColor,"
            " getComputedStyle(svg.querySelector('.name.chosen')).fill]"
        )

    light, colours = seen(), fills(view)
    of_classes = fills(view_in(notebook, 3))
    notebook.change_theme("JupyterLab Dark")
    dark, same = seen(), fills(view)
    lighter = fills(view_in(notebook, 3))
    notebook.change_theme("JupyterLab Light")
    assert colours == same
    assert all(a != b for a, b in zip(light, dark, strict=True))
    assert of_classes != lighter
    assert seen() == light


def test_a_narrow_page_has_room_for_all_of_it(notebook, view):
    notebook.page.set_viewport_size({"width": 820, "height": 1000})
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    for cell in (1, 3):
        shown = view_in(notebook, cell)
        assert shown.evaluate("view => view.scrollWidth <= view.clientWidth")
        whole = shown.bounding_box()
        for part in (".graph", ".reading", ".course-sliders", ".legend"):
            box = shown.locator(part).bounding_box()
            assert whole["x"] <= box["x"], part
            assert box["x"] + box["width"] <= whole["x"] + whole["width"] + 1, part
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
