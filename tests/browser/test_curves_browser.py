"""The curve family, driven in a real JupyterLab by keyboard and mouse."""

import inspect
import re
import statistics

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import Curves


def costs():
    """Multiplications against n at five k, two ways; also runs as a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import curve_states

    n = np.array([10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000])
    ks = [2, 4, 8, 16, 32]
    values = [[k * n * (n - 1) / 2, 2 * k * n + k] for k in ks]
    return curve_states(n, values, ["double sum", "one pass"], ks)


def losses():
    """Loss against step, three ways, one of which stops and one of which is a single point."""
    import numpy as np

    from embedlab.widgets import curve_states

    step = np.arange(0, 200, 2)
    values = np.array([np.exp(-step / 30), np.exp(-step / 90) - 0.5, np.full(100, np.nan)])
    values[1, 40:60] = np.nan
    values[2, 7] = 0.25
    return curve_states(step, [values], ["fast", "slow", "once"])


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-curves").exists():
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def states():
    return costs()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """Costs on logarithmic axes twice (cells 1 and 2), losses (3), a cell that stays busy (4)."""
    sources = (
        f"from embedlab.widgets import Curves\n{inspect.getsource(costs)}\n"
        f"{inspect.getsource(losses)}",
        "widget = Curves(costs(), slider='factors k', log_x=True, log_y=True)\nwidget",
        "widget",
        "Curves(losses(), x='step', y='loss')",
        BUSY_UNTIL_TOLD,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "curves.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(4):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".course-curves")


@pytest.fixture
def view(notebook):
    """The first view, with both sliders at their first value."""
    view = view_in(notebook, 1)
    cursor_of(view).fill("0")
    state_of(view).fill("0")
    return view


@pytest.fixture
def loss(notebook):
    view = view_in(notebook, 3)
    view.get_by_role("slider", name="step").fill("0")
    return view


def cursor_of(view):
    return view.get_by_role("slider", name="n", exact=True)


def state_of(view):
    return view.get_by_role("slider", name="factors k")


def readable(value):
    """Return four digits, six from 1,000 on; powers of ten from 10⁷ on."""
    if value < 1e7:
        digits = 4 if value < 1000 else 6
        return f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
    mantissa, exponent = f"{value:.3e}".split("e+")
    raised = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(int(exponent)))
    return f"{float(mantissa):g}·10{raised}"


def reading(states, state, at):
    entries = zip(states.curve_names, states.values[state, :, at], strict=True)
    return f"n = {readable(states.x[at])}" + "".join(
        f"{name}: {readable(value)}" for name, value in entries
    )


def expect_reading(view, *where):
    expect(view.locator(".reading")).to_have_text(reading(*where))


def points(view, curve):
    """Return the pieces of a curve, each a list of (x, y) in the picture's own units."""
    d = view.locator(".plot .curve").nth(curve).get_attribute("d")
    pieces = [re.findall(r"[-\d.]+", piece.removesuffix("h0")) for piece in d.split("M")[1:]]
    return [np.array(piece, dtype=float).reshape(-1, 2) for piece in pieces]


def ticks_of(view, which):
    """Return {label: place} of the ticks across the bottom ("x") or up the side ("y")."""
    name = {"x": "centre", "y": "right"}[which]
    texts = view.locator(f".plot text.{name}").evaluate_all(
        "(all, which) => all.map(text => [text.textContent, +text.getAttribute(which)])", which
    )
    return dict(texts[: -1 if which == "x" else None])  # the last one below is the axis' name


def test_curves_are_where_the_ticks_say(view, states):
    state_of(view).fill("3")
    x, y = ticks_of(view, "x"), ticks_of(view, "y")
    assert list(x) == ["10", "100", "1,000", "10,000"]
    assert list(y) == ["100", "10,000", "10⁶", "10⁸"]
    across = np.polyfit([1, 2, 3, 4], list(x.values()), 1)
    up = np.polyfit([2, 4, 6, 8], [place - 5 for place in y.values()], 1)  # of the text's foot
    for curve in range(2):
        (drawn,) = points(view, curve)
        np.testing.assert_allclose(drawn[:, 0], np.polyval(across, np.log10(states.x)), atol=0.06)
        expected = np.polyval(up, np.log10(states.values[3, curve]))
        np.testing.assert_allclose(drawn[:, 1], expected, atol=0.06)


def test_linear_axes_have_round_ticks_and_a_gap_where_nothing_is_drawn(loss):
    states = losses()
    x, y = ticks_of(loss, "x"), ticks_of(loss, "y")
    assert list(x) == ["0", "50", "100", "150"]
    assert list(y) == ["0.0", "0.5", "1.0"]
    across = np.polyfit([0, 50, 100, 150], list(x.values()), 1)
    up = np.polyfit(
        [float(label.replace("−", "-")) for label in y], [place - 5 for place in y.values()], 1
    )
    for curve, runs in ((0, [range(100)]), (1, [range(40), range(60, 100)]), (2, [[7]])):
        pieces = points(loss, curve)
        assert len(pieces) == len(runs)
        for piece, run in zip(pieces, runs, strict=True):
            np.testing.assert_allclose(
                piece[:, 0], np.polyval(across, states.x[list(run)]), atol=0.06
            )
            expected = np.polyval(up, states.values[0, curve, list(run)])
            np.testing.assert_allclose(piece[:, 1], expected, atol=0.06)


def test_both_sliders_move_by_keys(view, states):
    expect_reading(view, states, 0, 0)
    before = view.locator(".plot").screenshot()
    state_of(view).press("ArrowRight")
    expect_reading(view, states, 1, 0)
    expect(state_of(view)).to_have_attribute("aria-valuetext", "4")
    moved = view.locator(".plot").screenshot()
    cursor_of(view).press("End")
    expect_reading(view, states, 1, 10)
    expect(cursor_of(view)).to_have_attribute("aria-valuetext", "20,000")
    assert before != moved != view.locator(".plot").screenshot()


def test_axes_stay_where_they_are_while_a_state_moves(view):
    before = ticks_of(view, "x"), ticks_of(view, "y"), points(view, 0)[0]
    state_of(view).fill("4")
    assert (ticks_of(view, "x"), ticks_of(view, "y")) == before[:2]
    assert (points(view, 0)[0] != before[2]).any()


def test_arrow_keys_move_the_cursor_and_not_the_notebook(notebook, view, states):
    plot = view.locator(".plot")
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowDown", "b"):  # b: Lab's new cell
        plot.press(key)
    assert notebook.active_cell() == 1
    expect_reading(view, states, 0, 2)
    plot.press("End")
    plot.press("ArrowRight")
    expect_reading(view, states, 0, 10)
    plot.press("Home")
    expect_reading(view, states, 0, 0)


def test_pointing_reads_the_nearest_x_and_marks_it(view, states):
    plot = view.locator(".plot")
    box = plot.bounding_box()
    (drawn,) = points(view, 1)
    for at in (4, 9):
        halfway = 0.4 * drawn[at + 1, 0] + 0.6 * drawn[at, 0]
        plot.hover(position={"x": halfway * box["width"] / 600, "y": 20})
        expect_reading(view, states, 0, at)
        dot = view.locator(".dot").nth(1)
        place = [float(dot.get_attribute(name)) for name in ("cx", "cy")]
        np.testing.assert_allclose(place, drawn[at], atol=0.06)


def test_a_curve_that_is_not_drawn_has_no_dot_and_no_value(loss):
    expect(loss.locator(".reading")).to_have_text("step = 0fast: 1slow: 0.5once: –")
    assert loss.locator(".dot.hidden").count() == 1
    loss.get_by_role("slider").fill("7")
    expect(loss.locator(".reading")).to_contain_text("once: 0.25")
    assert loss.locator(".dot.hidden").count() == 0
    loss.get_by_role("slider").fill("99")
    expect(loss.locator(".reading")).to_contain_text("slow: −0.3892")
    assert "NaN" not in loss.inner_html()


def test_a_single_state_has_no_slider_of_states(loss):
    expect(loss.get_by_role("slider")).to_have_count(1)


def test_curves_differ_in_dashes_as_in_the_reading(view):
    def looks(part):
        return view.locator(f"{part} .curve").evaluate_all(
            "all => all.map(path => [getComputedStyle(path).stroke,"
            " getComputedStyle(path).strokeDasharray])"
        )

    drawn = looks(".plot")
    assert drawn == looks(".reading")
    assert len({dashes for _, dashes in drawn}) == len({stroke for stroke, _ in drawn}) == 2


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    other = view_in(notebook, 2)
    cursor_of(other).fill("3")
    state_of(other).fill("2")
    expect_reading(view, states, 2, 3)
    old = other.locator(".reading").element_handle()
    notebook.run_cell(2)
    expect_reading(view_in(notebook, 2), states, 2, 3)
    before = old.text_content()
    cursor_of(view).fill("5")
    expect_reading(view, states, 2, 5)
    expect_reading(view_in(notebook, 2), states, 2, 5)
    assert old.text_content() == before


def test_a_view_that_is_told_to_stops_listening(notebook, states):
    assert notebook.listeners(Curves(states)) == (1, 0)


def test_moves_at_once_while_the_kernel_is_busy(notebook, view, loss, states, lab):
    notebook.start_cell(4)
    notebook.wait_for_kernel("busy")
    # Until the new picture is laid out, not only asked for.
    move = """(input, last) => Array.from({ length: 41 }, (_, move) => {
        const began = performance.now();
        input.value = (last + move) % (last + 1);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.getBoundingClientRect();
        return performance.now() - began;
    })"""
    took = {
        "state": state_of(view).evaluate(move, 4),
        "cursor": loss.get_by_role("slider").evaluate(move, 99),
    }
    expect_reading(view, states, 4, 0)
    expect(loss.locator(".reading")).to_contain_text("step = 78")
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-curves").touch()
    notebook.wait_for_kernel("idle")
    for name, times in took.items():
        print(f"median move of the {name}: {statistics.median(times):.2f} ms")
        assert statistics.median(times) < 10, times


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return view.locator(".plot").evaluate(
            "svg => ['.curve-0', '.curve-1', '.axis', '.now'].map("
            "part => getComputedStyle(svg.querySelector(part)).stroke)"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert all(one != other for one, other in zip(light, dark, strict=True))
