"""Every widget family, driven in a real JupyterLab by keyboard and mouse."""

import inspect

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect


def example_states():
    """SLIM on the films with at least 120 ratings; also runs as a cell of the notebook."""
    import numpy as np

    from embedlab.data.ratings import load_movielens_small, split_at_random
    from embedlab.widgets import best_known_films, sparsity_states

    def fit(gram, l1, l2):
        weights = np.zeros_like(gram)
        for _ in range(10):
            for j in range(len(gram)):
                rest = gram[j] - gram[j] @ weights + gram[j, j] * weights[j]
                weights[j] = np.maximum(rest - l1, 0) / (gram[j, j] + l2)
                weights[j, j] = 0
        return weights

    train, test = split_at_random(load_movielens_small().with_popular_films(120), 0.2, seed=0)
    l1_values, l2_values = [0.5, 1, 2, 4, 8, 16, 32, 64], [1, 100, 1000]
    return sparsity_states(train, test, fit, l1_values, l2_values, best_known_films(train, 40))


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop").exists():
    time.sleep(0.05)
"""

NOTHING_LEFT = """
import dataclasses
import numpy as np
zero = np.zeros((1, 1))
embedlab.widgets.SlimSparsity(dataclasses.replace(
    states, l1_values=np.ones(1), l2_values=np.ones(1), largest=0.0, pattern=np.zeros(1600, "u1"),
    density=zero, per_film=zero, ndcg=zero, ndcg_error=zero, popularity=0.0,
))
"""


@pytest.fixture(scope="module")
def states():
    return example_states()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """A notebook that shows one widget twice (cells 1 and 2), and can keep its kernel busy."""
    sources = (
        inspect.getsource(example_states),
        "import embedlab.widgets\nstates = example_states()\n"
        "widget = embedlab.widgets.SlimSparsity(states)\nwidget",
        "widget",
        BUSY_UNTIL_TOLD,
        NOTHING_LEFT,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "sparsity.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(3):
        notebook.run_cell(index)
    return notebook


@pytest.fixture
def widget(notebook):
    """The first view, with both sliders at their first value."""
    view = notebook.cell(1).locator(".slim-sparsity")
    view.get_by_role("slider", name="L1 penalty").fill("0")
    view.get_by_role("slider", name="L2 penalty").fill("0")
    return view


def n_squares(view):
    paths = view.locator(".weights [class^=level]").all()
    return sum(path.get_attribute("d").count("M") for path in paths)


def numbers(states, l1, l2):
    """What the line below the sliders should say at grid position (l1, l2)."""
    zeros = 100 * (1 - states.density[l2, l1])
    return (
        f"λ = {states.l1_values[l1]:g}, β = {states.l2_values[l2]:g}: "
        f"{zeros:.{2 if zeros > 99 else 1}f}% of the weights are zero, "
        f"{states.per_film[l2, l1]:.1f} weights per film, "
        f"NDCG@10 {states.ndcg[l2, l1]:.3f} ± {states.ndcg_error[l2, l1]:.3f} "
        f"(popularity {states.popularity:.3f})"
    )


def expect_state(view, states, l1, l2):
    expect(view.locator(".summary")).to_have_text(numbers(states, l1, l2))
    assert n_squares(view) == np.count_nonzero(states.pattern[l2, l1])


@pytest.mark.parametrize(("label", "l1", "l2"), [("L1 penalty", 1, 0), ("L2 penalty", 0, 1)])
def test_arrow_keys_move_the_focused_slider(widget, states, label, l1, l2):
    expect_state(widget, states, 0, 0)
    before = widget.locator(".weights").screenshot(), widget.locator(".curves").first.screenshot()
    widget.get_by_role("slider", name=label).press("ArrowRight")
    expect_state(widget, states, l1, l2)
    assert widget.locator(".weights").screenshot() != before[0]
    assert widget.locator(".curves").first.screenshot() != before[1]


def test_mouse_moves_a_slider(widget, states):
    slider = widget.get_by_role("slider", name="L1 penalty")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    expect_state(widget, states, len(states.l1_values) - 1, 0)


def test_arrow_keys_walk_over_the_pattern_and_not_over_the_notebook(notebook, widget, states):
    weights = states.pattern[0, 0]
    start = np.unravel_index(weights.argmax(), weights.shape)
    expect(widget.locator(".pair")).to_have_text(pair(states, *start))
    widget.locator(".weights").press("ArrowRight")
    widget.locator(".weights").press("ArrowDown")
    widget.locator(".weights").press("b")  # JupyterLab's shortcut for a new cell below
    assert notebook.active_cell() == 1
    expect(widget.locator(".pair")).to_have_text(pair(states, start[0] + 1, start[1] + 1))


def test_pointing_at_a_weight_reads_it_and_the_largest_of_its_column(widget, states):
    picture = widget.locator(".weights")
    cell = picture.bounding_box()["width"] / len(states.titles)
    picture.hover(position={"x": 5.5 * cell, "y": 7.5 * cell})
    expect(widget.locator(".pair")).to_have_text(pair(states, 7, 5))
    largest = states.titles[states.pattern[0, 0, :, 5].argmax()]
    expect(widget.locator(".neighbours")).to_contain_text(f"Largest in this column: {largest}")


def pair(states, source, target):
    weight = states.weights()[0, 0, source, target]
    value = "0" if weight == 0 else "below 0.01" if weight < 0.005 else f"{weight:.2f}"
    return f"{states.titles[source]} → {states.titles[target]}: {value}"


def test_two_views_of_one_widget_agree(notebook, widget, states):
    notebook.cell(2).get_by_role("slider", name="L1 penalty").fill("3")
    expect_state(widget, states, 3, 0)


def test_a_view_shown_again_starts_where_the_others_are(notebook, widget, states):
    widget.get_by_role("slider", name="L1 penalty").fill("2")
    notebook.run_cell(2)
    expect_state(notebook.cell(2).locator(".slim-sparsity"), states, 2, 0)


def test_a_view_taken_away_no_longer_listens(notebook, widget):
    old = notebook.cell(2).locator(".summary").element_handle()
    notebook.run_cell(2)
    before = old.inner_text()
    widget.get_by_role("slider", name="L1 penalty").fill("5")
    assert widget.locator(".summary").inner_text() != before
    assert old.inner_text() == before


def test_a_single_state_without_weights_is_drawn(notebook):
    notebook.run_cell(4)
    view = notebook.cell(4).locator(".slim-sparsity")
    expect(view.locator(".summary")).to_contain_text("100.00% of the weights are zero")
    expect(view.locator(".neighbours")).to_have_text("Largest in this column: none")
    assert "NaN" not in view.inner_html()


def test_moves_while_the_kernel_is_busy(notebook, widget, states, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    widget.get_by_role("slider", name="L1 penalty").press("ArrowRight")
    expect_state(widget, states, 1, 0)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop").touch()
    notebook.wait_for_kernel("idle")


def test_colours_follow_the_theme(notebook, widget):
    def colours():
        return widget.locator(".curves").first.evaluate(
            "svg => ['.curve', 'text'].map(s => [getComputedStyle(svg.querySelector(s)).stroke,"
            " getComputedStyle(svg.querySelector(s)).fill]).flat()"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert dark[0] != light[0]
    assert dark[3] != light[3]
