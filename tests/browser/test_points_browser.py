"""The moving points family, driven in a real JupyterLab by keyboard and mouse."""

import inspect

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import MovingPoints


def example(n_models=2):
    """102 points in two clouds that part over nine steps; also a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import point_states

    rng = np.random.default_rng(4)
    side = np.repeat([-1.0, 1.0], 51)
    end = np.stack([3 * side, np.zeros(102)], axis=1) + rng.normal(0, 0.6, (102, 2))
    walk = np.linspace(0, 1, 9)[:, None, None] * end + rng.normal(0, 0.05, (9, 102, 2))
    names = [f"person {n}" for n in range(102)]
    return point_states(
        np.stack([walk, 20 * walk[..., ::-1] + 5])[:n_models],
        np.stack([np.linspace(901, 5, 9), np.linspace(80, 2, 9)])[:n_models],
        [0, 1, 2, 5, 10, 20, 50, 100, 300],
        ["PCA", "logistic PCA"][:n_models],
        names,
        ["left"] * 51 + ["right"] * 50 + ["alone"],
        ["left", "right", "alone"],
        names[::7],
    )


@pytest.fixture(scope="module")
def states():
    return example()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """One widget twice (cells 1 and 2), and a single model (3)."""
    sources = (
        "from embedlab.widgets import MovingPoints\n" + inspect.getsource(example),
        "widget = MovingPoints(example())\nwidget",
        "widget",
        "MovingPoints(example(1))",
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "points.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(4):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".moving-points")


@pytest.fixture
def view(notebook):
    """The first view, at its last step with the first person chosen."""
    view = view_in(notebook, 1)
    slider_of(view).fill("8")
    view.locator("select").select_option(label="person 0")
    return view


def slider_of(view):
    return view.get_by_role("slider", name="Step")


def signed(value):
    return ("−" if value < 0 and f"{value:.2f}" != "-0.00" else "+") + f"{abs(value):.2f}"


def expect_chosen(view, states, step, i):
    places = " · ".join(
        f"{name} ({', '.join(map(signed, place))})"
        for name, place in zip(states.model_names, states.positions()[:, step, i], strict=True)
    )
    group = states.group_names[states.groups[i]]
    expect(view.locator(".reading")).to_have_text(f"{states.names[i]}, {group}: {places}")


def marks(view, which):
    """Return where the marks of a plane are, (102, 2), in the order of drawing."""
    return np.array(
        view.locator(".plane")
        .nth(which)
        .locator(".mark")
        .evaluate_all(
            "all => all.map(mark => mark.getAttribute('transform').match(/[-\\d.]+/g).map(Number))"
        )
    )


def expected_marks(states, which, step):
    """Return where they belong: all states within the border, a unit as long up as across."""
    positions = states.positions()[which]
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    room = np.array([460, 330])
    unit = ((room - 28) / (high - low)).min()
    return room / 2 + unit * (positions[step] - (low + high) / 2) * [1, -1]


@pytest.mark.parametrize("step", [0, 4, 8])
def test_points_are_where_the_model_has_them(view, states, step):
    slider_of(view).fill(str(step))
    expect_chosen(view, states, step, 0)
    for which in range(2):
        # The chosen one is drawn last.
        expected = np.roll(expected_marks(states, which, step), -1, axis=0)
        np.testing.assert_allclose(marks(view, which), expected, atol=0.06)
    losses = view.locator(".loss").all_inner_texts()
    expected = [f"{loss:.0f}" if loss >= 100 else f"{loss:.2f}" for loss in states.losses[:, step]]
    assert [text.strip() for text in losses] == [f"· loss {loss}" for loss in expected]


def test_groups_have_their_colours_and_shapes(view, states):
    drawn = (
        view.locator(".plane")
        .first.locator(".mark")
        .evaluate_all("all => all.map(mark => [mark.classList[1], mark.getAttribute('d')])")
    )
    expected = [f"group-{group}" for group in np.roll(states.groups, -1)]
    assert [kind for kind, _ in drawn] == expected
    assert len({path for _, path in drawn}) == 3
    legend = view.locator(".legend span").all_inner_texts()
    assert [text.strip() for text in legend[:3]] == ["left", "right", "alone"]


def test_pointing_at_a_mark_chooses_it_in_both_planes(view, states):
    plane = view.locator(".plane").nth(1)
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    places = expected_marks(states, 1, 8)
    away = np.linalg.norm(places[:, None] - places, axis=2) + 99 * np.eye(102)
    i = int(away.min(axis=1).argmax())  # who stands alone
    x, y = places[i] * box["width"] / 460
    view.page.mouse.move(box["x"] + x + 2, box["y"] + y)
    expect_chosen(view, states, 8, i)
    assert view.locator(".plane .chosen").count() == 2
    assert view.locator(".of-chosen").all_text_contents() == [f"person {i}"] * 2
    expect(view.locator("select")).to_have_value(str(i))
    view.page.mouse.move(box["x"] + 3, box["y"] + 3)  # nobody is near
    expect_chosen(view, states, 8, i)


def test_arrow_keys_go_from_point_to_point_and_not_over_the_notebook(notebook, view, states):
    plane = view.locator(".plane").first
    positions = states.positions()[0, 8]
    across, up = (np.argsort(positions[:, axis], kind="stable").tolist() for axis in (0, 1))
    view.locator("select").select_option(label=f"person {across[5]}")
    plane.press("ArrowRight")
    expect_chosen(view, states, 8, across[6])
    plane.press("ArrowLeft")
    plane.press("ArrowLeft")
    expect_chosen(view, states, 8, across[4])
    plane.press("ArrowUp")
    expect_chosen(view, states, 8, up[min(up.index(across[4]) + 1, 101)])
    plane.press("b")  # JupyterLab's new cell below
    assert notebook.active_cell() == 1
    view.locator("select").select_option(label=f"person {across[-1]}")
    plane.press("ArrowRight")
    expect_chosen(view, states, 8, across[-1])


def test_the_list_is_in_alphabetical_order(view, states):
    names = view.locator("option").all_inner_texts()
    assert sorted(names) == sorted(states.names)
    assert names[:3] == ["person 0", "person 1", "person 10"]


def test_the_trail_goes_through_all_steps_so_far(view, states):
    slider_of(view).fill("5")
    expect_chosen(view, states, 5, 0)
    path = view.locator(".plane").first.locator(".trail").get_attribute("d")
    found = [[float(n) for n in part.split()] for part in path[1:].split("L")]
    expected = [expected_marks(states, 0, step)[0] for step in range(6)]
    np.testing.assert_allclose(found, expected, atol=0.06)


BOXES = """
all => all.filter(one => getComputedStyle(one).display !== "none").map(one => {
    const { x, y, right, bottom } = one.getBoundingClientRect();
    return [x, y, right, bottom];
})
"""


@pytest.mark.parametrize("width", [1280, 820])
def test_names_do_not_lie_on_each_other_or_leave_the_plane(notebook, view, states, width):
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    for step in range(9):
        slider_of(view).fill(str(step))
        expect_chosen(view, states, step, 0)
        for plane in view.locator(".plane").all():
            frame = plane.bounding_box()
            shown = plane.locator(".name").evaluate_all(BOXES)
            assert len(shown) >= (1 if step < 4 else 4)
            for n, (left, top, right, bottom) in enumerate(shown):
                assert left > frame["x"] - 1
                assert right < frame["x"] + frame["width"] + 1
                for other in shown[:n]:
                    across = min(right, other[2]) - max(left, other[0])
                    down = min(bottom, other[3]) - max(top, other[1])
                    assert min(across, down) < 4, (step, left, top)
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})


def test_play_runs_to_the_end(view, states):
    slider_of(view).fill("5")
    view.get_by_role("button", name="Play").click()
    expect_chosen(view, states, 8, 0)
    expect(view.get_by_role("button", name="Play")).to_be_visible()


def test_one_model_has_one_plane(notebook):
    assert view_in(notebook, 3).locator(".plane").count() == 1


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    slider_of(view_in(notebook, 2)).fill("3")
    expect_chosen(view, states, 3, 0)
    assert notebook.listeners(MovingPoints(states)) == (1, 0)


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return view.locator(".plane").first.evaluate(
            "svg => ['.group-0', '.group-1', '.of-chosen'].map("
            "s => getComputedStyle(svg.querySelector(s)).fill)"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_nothing_went_wrong_on_the_page(notebook, view):
    assert notebook.problems == []
