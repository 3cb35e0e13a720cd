"""The triangle of fields, driven in a real JupyterLab by keyboard and mouse."""

import inspect
import re

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import FieldTriangle

EDGES = [(0, 1), (0, 2), (1, 2)]


def some_flights():
    """Four carriers, three airports, five hours; also runs as a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import triangle_states

    rng = np.random.default_rng(5)
    return triangle_states(
        ("carrier", "origin", "hour"),
        np.repeat([0, 1, 2], [4, 3, 5]),
        ("AA", "B6", "EV", "UA", "EWR", "JFK", "LGA", "5", "8", "12", "17", "22"),
        (-1.0, rng.normal(size=12), rng.normal(size=(12, 2))),
        (-0.5, rng.normal(size=12), rng.normal(size=(12, 3, 2))),
        0.6,
    )


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-triangle").exists():
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def states():
    return some_flights()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """The same triangle twice (cells 1 and 2), a cell that stays busy (3)."""
    sources = (
        f"from embedlab.widgets import FieldTriangle\n{inspect.getsource(some_flights)}",
        "widget = FieldTriangle(some_flights(), start=('EV', 'EWR', '17'))\nwidget",
        "widget",
        BUSY_UNTIL_TOLD,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "triangle.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(3):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".field-triangle")


@pytest.fixture
def view(notebook):
    """The first view: FM, EV, EWR, 17, and the edge between carrier and origin."""
    view = view_in(notebook, 1)
    view.get_by_role("button", name="FM", exact=True).click()
    for field, name in (("carrier", "EV"), ("origin", "EWR"), ("hour", "17")):
        view.get_by_role("combobox", name=field).select_option(label=name)
    edge(view, 0).hover()
    return view


def edge(view, number):
    return view.locator(".edge-of").nth(number)


def choose_ffm(view):
    view.get_by_role("button", name="FFM").click()


def signed(value):
    return f"{value:+.2f}".replace("-0.00", "+0.00").replace("-", "−")


def numbers(states, model, features):
    """Return the three pairs' contributions, and the log-odds."""
    pairs = states.pairs()[model][np.ix_(features, features)][[0, 0, 1], [1, 2, 2]]
    return pairs, states.biases[model] + states.weights[model, features].sum() + pairs.sum()


def expect_numbers(view, states, model, names):
    features = [states.names.index(name) for name in names]
    pairs, logit = numbers(states, model, features)
    expect(view.locator(".number")).to_have_text([signed(value) for value in pairs])
    total = f"= log-odds {signed(logit)}, probability {1 / (1 + np.exp(-logit)):.3f}"
    expect(view.locator(".total")).to_have_text(total)
    terms = [states.biases[model], *states.weights[model, features], *pairs]
    expect(view.locator(".sum b")).to_have_text([signed(value) for value in terms])


def arrows(view, corner):
    """Return [(colour's class, lit, right, up)] of a corner's arrows, in the picture's units."""
    return [
        (kind.split()[1], "lit" in kind, size * np.cos(angle), -size * np.sin(angle))
        for kind, angle, size in view.locator(".plane-of")
        .nth(corner)
        .locator(".arrow:not(.hidden)")
        .evaluate_all(
            "all => all.map(arrow => [arrow.getAttribute('class'),"
            " arrow.transform.baseVal.consolidate().matrix,"
            " arrow.querySelector('.head').getAttribute('d')]"
            ").map(([kind, m, d]) => [kind, Math.atan2(m.b, m.a), parseFloat(d.slice(1))])"
        )
    ]


def test_numbers_are_the_models(view, states):
    expect_numbers(view, states, 0, ("EV", "EWR", "17"))
    choose_ffm(view)
    expect_numbers(view, states, 1, ("EV", "EWR", "17"))
    view.get_by_role("combobox", name="origin").select_option(label="LGA")
    expect_numbers(view, states, 1, ("EV", "LGA", "17"))


def test_fm_has_one_arrow_at_a_corner_and_ffm_one_for_each_other_field(view, states):
    # The longest of all vectors reaches 0.94 of the radius of a corner's plane.
    unit = 0.94 * 104 / FieldTriangle(states).states["longest"]
    features = [states.names.index(name) for name in ("EV", "EWR", "17")]
    for corner, feature in enumerate(features):
        ((kind, _, right, up),) = arrows(view, corner)
        assert kind == "field-all"
        np.testing.assert_allclose([right, up], unit * states.vectors[0, feature, 0], atol=0.05)
    choose_ffm(view)
    for corner, feature in enumerate(features):
        others = [field for field in range(3) if field != corner]
        drawn = arrows(view, corner)
        assert [kind for kind, *_ in drawn] == [f"field-{field}" for field in others]
        np.testing.assert_allclose(
            [arrow[2:] for arrow in drawn],
            unit * states.vectors[1, feature, others],
            atol=0.05,
        )


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "carrier and origin: v[EV, origin] · v[EWR, carrier] = "),
        (1, "carrier and hour: v[EV, hour] · v[17, carrier] = "),
        (2, "origin and hour: v[EWR, hour] · v[17, origin] = "),
    ],
)
@pytest.mark.parametrize("how", ["hover", "focus"])
def test_an_edge_lights_exactly_the_two_vectors_that_meet(view, states, number, sentence, how):
    choose_ffm(view)
    edge(view, (number + 1) % 3).hover()
    getattr(edge(view, number), how)()
    a, b = EDGES[number]
    lit = {
        (corner, kind) for corner in range(3) for kind, bright, *_ in arrows(view, corner) if bright
    }
    assert lit == {(a, f"field-{b}"), (b, f"field-{a}")}
    expect(view.locator(".reading")).to_contain_text(sentence)
    pressed = view.locator(".edge-of").evaluate_all(
        "all => all.map(edge => edge.getAttribute('aria-pressed'))"
    )
    assert pressed == [str(i == number).lower() for i in range(3)]
    expect(view.locator(".plane-of text.lit")).to_have_count(2)
    expect(view.locator(".sum span.lit")).to_have_count(1)


def test_in_fm_the_same_vector_is_lit_at_both_of_a_corners_edges(view):
    expect(view.locator(".reading")).to_contain_text("carrier and origin: v[EV] · v[EWR] = ")
    edge(view, 1).hover()
    expect(view.locator(".reading")).to_contain_text("carrier and hour: v[EV] · v[17] = ")
    assert [arrows(view, corner)[0][1] for corner in range(3)] == [True, False, True]


def test_the_two_that_meet_start_from_one_point(view, states):
    choose_ffm(view)
    edge(view, 2).hover()
    meeting = view.locator(".triangle > svg > .arrow")
    expect(meeting).to_have_count(2)
    kinds = meeting.evaluate_all("all => all.map(arrow => arrow.classList[1])")
    assert kinds == ["field-2", "field-1"]
    starts = meeting.evaluate_all("all => all.map(arrow => arrow.getAttribute('transform'))")
    assert all(start.startswith("translate(380 248) ") for start in starts)


def test_bars_tell_sign_and_size(view, states):
    choose_ffm(view)
    features = [states.names.index(name) for name in ("EV", "EWR", "17")]
    pairs, _ = numbers(states, 1, features)
    for number, value in enumerate(pairs):
        bar = edge(view, number).locator(".bar")
        x, width = (float(bar.get_attribute(name)) for name in ("x", "width"))
        zero = float(edge(view, number).locator(".axis").get_attribute("x1"))
        expected = 54 * abs(value) / np.nanmax(np.abs(states.pairs()))
        np.testing.assert_allclose(width, expected, atol=0.01)
        np.testing.assert_allclose(x, zero - (expected if value < 0 else 0), atol=0.01)


def test_keys_choose_and_do_not_move_the_notebook(notebook, view, states):
    carrier = view.get_by_role("combobox", name="carrier")
    carrier.press("ArrowDown")
    expect_numbers(view, states, 0, ("UA", "EWR", "17"))
    carrier.press("Home")
    expect_numbers(view, states, 0, ("AA", "EWR", "17"))
    edge(view, 0).focus()
    for key in ("Tab", "ArrowDown", "b"):  # b: Lab's new cell
        notebook.page.keyboard.press(key)
    expect(view.locator(".reading")).to_contain_text("carrier and hour")
    view.get_by_role("button", name="FFM").press("Enter")
    expect_numbers(view, states, 1, ("AA", "EWR", "17"))
    assert notebook.active_cell() == 1
    assert notebook.source(2) == "widget"


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    other = view_in(notebook, 2)
    choose_ffm(other)
    other.get_by_role("combobox", name="hour").select_option(label="22")
    expect_numbers(view, states, 1, ("EV", "EWR", "22"))
    old = other.locator(".total").element_handle()
    notebook.run_cell(2)
    expect_numbers(view_in(notebook, 2), states, 1, ("EV", "EWR", "22"))
    before = old.text_content()
    view.get_by_role("combobox", name="hour").select_option(label="5")
    expect_numbers(view_in(notebook, 2), states, 1, ("EV", "EWR", "5"))
    assert old.text_content() == before


def test_a_view_that_is_told_to_stops_listening(notebook, states):
    assert notebook.listeners(FieldTriangle(states)) == (1, 0)


def test_moves_while_the_kernel_is_busy(notebook, view, states, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    view.get_by_role("combobox", name="hour").select_option(label="5")
    expect_numbers(view, states, 0, ("EV", "EWR", "5"))
    choose_ffm(view)
    expect_numbers(view, states, 1, ("EV", "EWR", "5"))
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-triangle").touch()
    notebook.wait_for_kernel("idle")


@pytest.mark.parametrize("width", [1280, 820])
def test_nothing_is_cut_off_or_covered(notebook, view, width):
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    choose_ffm(view)
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    outside = view.locator(".triangle > svg").evaluate(
        "svg => { const box = svg.getBoundingClientRect();"
        " return [...svg.querySelectorAll('text, circle, .plate, .head')]"
        ".filter(one => getComputedStyle(one).display !== 'none')"
        ".map(one => [one.textContent, one.getBoundingClientRect()])"
        ".filter(([, a]) => a.left < box.left - 1 || a.right > box.right + 1"
        " || a.top < box.top - 1 || a.bottom > box.bottom + 1).map(([text]) => text); }"
    )
    assert outside == []
    covered = view.evaluate(
        "view => { const boxes = [...view.querySelectorAll('.corner, .triangle text, .plate')]"
        ".filter(one => !one.closest('.edge-of') || one.matches('.plate'))"
        ".filter(one => getComputedStyle(one).display !== 'none')"
        ".map(one => [one.textContent, one.getBoundingClientRect()]);"
        " return boxes.flatMap(([name, a], i) => boxes.slice(i + 1).filter(([, b]) =>"
        " a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1"
        " && b.top < a.bottom - 1).map(([other]) => [name, other])); }"
    )
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
    assert covered == []


def test_colours_follow_the_theme(notebook, view):
    choose_ffm(view)

    def colours():
        return view.locator(".triangle > svg").evaluate(
            "svg => ['.arrow.field-0', '.arrow.field-1', '.edge', '.plate'].map("
            "part => getComputedStyle(svg.querySelector(part)).stroke)"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_numbers_are_readable_in_words(view):
    name = edge(view, 0).get_attribute("aria-label")
    assert re.fullmatch(r"carrier and origin: v\[EV\] · v\[EWR\] = [+−]\d\.\d\d", name)
