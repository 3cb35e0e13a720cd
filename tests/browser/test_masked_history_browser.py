"""The history with a masked place, driven in a real JupyterLab by keyboard and mouse."""

import inspect

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from embedlab.widgets import MaskedHistory


def some_histories():
    """Two aircraft of 18 and 5 flights, two layers of two heads; also a cell of the notebook."""
    import numpy as np

    from embedlab.widgets import masked_history_states

    rng = np.random.default_rng(4)
    names = [f"A{chr(65 + n // 5)}{chr(65 + n % 5)}" for n in range(20)]
    histories = [rng.integers(20, size=18), rng.integers(20, size=5)]
    return masked_history_states(
        histories,
        [2 * rng.normal(size=(len(h), 20)) for h in histories],
        [rng.dirichlet(np.full(len(h), 0.5), size=(len(h), 2, 2)) for h in histories],
        names,
        ["N100", "N200"],
        k=5,
    )


BUSY_UNTIL_TOLD = """
import pathlib, time
while not pathlib.Path("stop-masked").exists():
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def states():
    return some_histories()


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """The same widget twice (cells 1 and 2), a cell that stays busy (3)."""
    sources = (
        f"from embedlab.widgets import MaskedHistory\n{inspect.getsource(some_histories)}",
        "widget = MaskedHistory(some_histories(), items='destinations')\nwidget",
        "widget",
        BUSY_UNTIL_TOLD,
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "masked.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(3):
        notebook.run_cell(index)
    return notebook


def view_in(notebook, cell):
    return notebook.cell(cell).locator(".masked-history")


@pytest.fixture
def view(notebook):
    """The first view: both histories with their last place masked, the second one shown before."""
    view = view_in(notebook, 1)
    for name in ("N200", "N100"):
        view.get_by_role("combobox", name="history").select_option(label=name)
        view.get_by_role("radio").last.click()
    return view


def place(view, number):
    return view.get_by_role("radio").nth(number)


def short(value, decimals):
    return f"{value:.{decimals}f}".removeprefix("0")


def expect_answers(view, states, history, number):
    """Compare all that is shown of a masked place with the states."""
    names, items = states.item_names, states.histories[history]
    truth = items[number]
    expect(view.get_by_role("radio", checked=True)).to_have_text("[mask]")
    texts = [names[item] for item in items]
    texts[number] = "[mask]"
    expect(view.get_by_role("radio")).to_have_text(texts)
    own, rank = states.own[history][number], states.ranks[history][number]
    expect(view.locator(".said")).to_have_text(
        f"Place {number + 1} of {len(items)} is masked. {names[truth]} stood there: "
        f"rank {rank} of 20 destinations, probability {short(own, 3)}."
    )
    top, shares = states.top[history][number], states.probabilities[history][number]
    lines = list(zip(top.tolist(), shares, range(1, 6), strict=True))
    if truth not in top:
        lines.append((truth, own, rank))
    expect(view.locator(".best .name")).to_have_text(
        [f"✓ {names[item]}" if item == truth else names[item] for item, *_ in lines]
    )
    expect(view.locator(".best b")).to_have_text([short(share, 3) for _, share, _ in lines])
    values = view.locator(".best li").evaluate_all("all => all.map(line => line.value)")
    assert values == [value for *_, value in lines]
    expect(view.locator(".best .truth")).to_have_count(1)
    widths = view.locator(".best .bar").evaluate_all(
        "all => all.map(bar => parseFloat(bar.style.getPropertyValue('--share')))"
    )
    np.testing.assert_allclose(widths, [100 * share for _, share, _ in lines], atol=0.01)
    codes = states.codes[history][number].reshape(4, -1)
    shades = view.locator(".weight").evaluate_all(
        "all => all.map(cell => Number(cell.style.getPropertyValue('--weight')))"
    )
    np.testing.assert_allclose(shades, codes.ravel() / codes.max(), atol=6e-4)
    expect(view.locator(".own")).to_have_count(4)


def test_the_last_place_is_masked_at_first_and_a_click_masks_another(view, states):
    expect_answers(view, states, 0, 17)
    place(view, 3).click()
    expect_answers(view, states, 0, 3)


def test_every_place_has_its_own_answers(view, states):
    for number in (0, 9, 16):
        place(view, number).click()
        expect_answers(view, states, 0, number)


def test_another_history_is_shown_whole_and_the_first_keeps_its_mask(view, states):
    place(view, 3).click()
    histories = view.get_by_role("combobox", name="history")
    histories.select_option(label="N200")
    expect_answers(view, states, 1, 4)
    place(view, 0).click()
    expect_answers(view, states, 1, 0)
    histories.select_option(label="N100")
    expect_answers(view, states, 0, 3)


def test_keys_mask_and_do_not_move_the_notebook(notebook, view, states):
    place(view, 17).focus()
    for key, number in (
        ("ArrowLeft", 16),
        ("ArrowUp", 15),
        ("ArrowRight", 16),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowDown", 1),
        ("End", 17),
        ("ArrowRight", 17),
    ):
        notebook.page.keyboard.press(key)
        expect(place(view, number)).to_be_focused()
        expect_answers(view, states, 0, number)
    tabs = view.get_by_role("radio").evaluate_all("all => all.map(one => one.tabIndex)")
    assert tabs == [-1] * 17 + [0]
    notebook.page.keyboard.press("b")  # Lab's new cell
    histories = view.get_by_role("combobox", name="history")
    histories.press("ArrowDown")
    expect_answers(view, states, 1, 4)
    assert notebook.active_cell() == 1
    assert notebook.source(2) == "widget"


def reads(states, history, number, head, place, how="reads from"):
    codes = states.codes[history][number].reshape(4, -1)
    item = states.item_names[states.histories[history][place]]
    name = "the mask itself" if place == number else item
    return (
        f"{states.head_names[head]} {how} place {place + 1}, {name}: "
        f"{short(codes[head, place] / 255, 2)} "
        f"(largest weight of all heads: {short(codes.max() / 255, 2)})"
    )


def test_pointing_at_a_cell_reads_it(view, states):
    reading = view.locator(".reading")
    view.locator(".weight").nth(2 * 18 + 7).hover()
    expect(reading).to_have_text(reads(states, 0, 17, 2, 7))
    expect(view.locator(".heads .chosen")).to_have_text("layer 2 · head 1")
    expect(view.locator(".weight.chosen")).to_have_count(1)
    view.locator(".weight").nth(17).hover()
    expect(reading).to_have_text(reads(states, 0, 17, 0, 17))
    place(view, 5).click()
    most = int(states.codes[0][5].reshape(4, -1)[0].argmax())
    expect(reading).to_have_text(reads(states, 0, 5, 0, most, "reads most from"))


def test_arrow_keys_go_from_cell_to_cell(notebook, view, states):
    view.locator(".weight").nth(0).hover()
    view.locator(".heat").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        notebook.page.keyboard.press(key)
    expect(view.locator(".reading")).to_have_text(reads(states, 0, 17, 0, 1))
    notebook.page.keyboard.press("ArrowUp")
    expect(view.locator(".reading")).to_have_text(reads(states, 0, 17, 0, 1))
    assert notebook.active_cell() == 1


def test_two_views_agree_and_one_taken_away_no_longer_listens(notebook, view, states):
    other = view_in(notebook, 2)
    other.get_by_role("combobox", name="history").select_option(label="N200")
    place(other, 2).click()
    expect_answers(view, states, 1, 2)
    old = other.locator(".said").element_handle()
    notebook.run_cell(2)
    expect_answers(view_in(notebook, 2), states, 1, 2)
    before = old.text_content()
    place(view, 1).click()
    expect_answers(view_in(notebook, 2), states, 1, 1)
    assert old.text_content() == before


def test_a_view_that_is_told_to_stops_listening(notebook, states):
    assert notebook.listeners(MaskedHistory(states)) == (1, 0)


def test_moves_while_the_kernel_is_busy(notebook, view, states, lab):
    notebook.start_cell(3)
    notebook.wait_for_kernel("busy")
    place(view, 8).click()
    expect_answers(view, states, 0, 8)
    assert notebook.kernel_status() == "busy"
    (lab.folder / "stop-masked").touch()
    notebook.wait_for_kernel("idle")


@pytest.mark.parametrize("width", [1280, 820])
@pytest.mark.parametrize("name", ["N100", "N200"])
def test_nothing_is_cut_off(notebook, view, name, width):
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    view.get_by_role("combobox", name="history").select_option(label=name)
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    cut = view.evaluate(
        "view => [...view.querySelectorAll('.items button, .heads span, .best .name')]"
        ".filter(one => one.scrollWidth > one.clientWidth + 1"
        " || one.scrollHeight > one.clientHeight + 1).map(one => one.textContent)"
    )
    aligned = view.evaluate(
        "view => { const n = view.querySelectorAll('.items button').length;"
        " const lefts = name => [...view.querySelectorAll(name)].slice(0, n)"
        ".map(one => one.getBoundingClientRect().left);"
        " const cells = lefts('.weight');"
        " return lefts('.items button').every((left, i) => Math.abs(left - cells[i]) < 1); }"
    )
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
    assert cut == []
    assert aligned


def test_colours_follow_the_theme(notebook, view):
    def colours():
        return view.evaluate(
            "view => [['.items [aria-checked=true]', 'backgroundColor'],"
            " ['.items [aria-checked=false]', 'borderBottomColor'],"
            " ['.truth .bar', 'backgroundImage'], ['.said', 'color']]"
            ".map(([part, what]) => getComputedStyle(view.querySelector(part))[what])"
        )

    light = colours()
    notebook.change_theme("JupyterLab Dark")
    dark = colours()
    notebook.change_theme("JupyterLab Light")
    assert colours() == light
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_places_are_told_in_words(view, states):
    name = states.item_names[states.histories[0][17]]
    expect(view.get_by_role("radiogroup")).to_have_attribute(
        "aria-label", "History of 18: choose the place that is masked"
    )
    expect(place(view, 17)).to_have_attribute("aria-label", f"place 18: {name}, masked")
    expect(place(view, 16)).to_have_attribute("aria-checked", "false")
