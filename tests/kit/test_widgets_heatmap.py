"""The states of the heat map family, as data."""

import json
from dataclasses import fields

import numpy as np
import pytest

from embedlab.widgets import HeatMaps, heat_states

NAMES = (["one", "two"], ["head 1", "head 2", "head 3"], list("abcd"), list("vwxyz"))


def example(seed=0):
    """Two states of three panels with 4 x 5 cells, all of sizes distinct, some cells empty."""
    values = np.random.default_rng(seed).normal(size=(2, 3, 4, 5)) ** 3
    values[1, :, 2, 3] = np.nan
    values[0, 1, 0, 0] = 0
    return values


@pytest.fixture
def states():
    return heat_states(example(), *NAMES)


def test_values_are_kept_to_half_a_step_of_the_largest(states):
    values = example()
    assert states.reach == np.nanmax(np.abs(values))
    # Half a step, and what rounding the arithmetic itself may add.
    bound = states.reach / 65_534 * (1 + 1e-9)
    np.testing.assert_array_equal(np.isnan(states.values()), np.isnan(values))
    assert np.nanmax(np.abs(states.values() - values)) <= bound
    assert bound < 1.6e-5 * states.reach  # what the docstring promises


def test_codes_by_hand():
    states = heat_states([[[[0, 2, -4, np.nan, 1e-9]]]], [""], [""], ["r"], "vwxyz")
    assert states.codes.dtype == np.int16
    assert states.codes.ravel().tolist() == [0, 16_384, -32_767, -32_768, 0]
    assert states.reach == 4


def test_names_are_texts_in_their_order(states):
    assert states.panel_names == ("head 1", "head 2", "head 3")
    numbered = heat_states(example(), range(2), range(3), range(4), range(5))
    assert numbered.row_names == ("0", "1", "2", "3")
    assert numbered.state_names == ("0", "1")


def test_the_callers_array_is_left_as_it_was():
    values = example()
    heat_states(values, *NAMES)
    np.testing.assert_array_equal(values, example())


@pytest.mark.filterwarnings("error")
def test_zeros_are_values_too():
    states = heat_states(np.zeros((1, 1, 2, 2)), [""], [""], "ab", "ab")
    assert not states.codes.any()
    assert "nan" not in repr(HeatMaps(states))


def test_same_input_gives_the_same_bytes(states):
    again = heat_states(example(), *NAMES)
    for one in fields(states):
        first, second = getattr(states, one.name), getattr(again, one.name)
        assert np.asarray(first).tobytes() == np.asarray(second).tobytes(), one.name
    assert HeatMaps(states).codes == HeatMaps(again).codes
    assert HeatMaps(states).states == HeatMaps(again).states


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (example()[0], r"values has shape \(3, 4, 5\).*the shape must be \(2, 3, 4, 5\)"),
        (example()[:1], "there are 2 state names"),
        (example()[:, :2], "3 panel names"),
        (example()[:, :, :3], "4 row names"),
        (example()[..., :4], "5 column names"),
        (example().swapaxes(2, 3), r"must be \(2, 3, 4, 5\)"),
        (np.where(np.isnan(example()), np.inf, example()), "infinite numbers, which have no col"),
        (np.where(np.isnan(example()), -np.inf, example()), "infinite numbers"),
        (np.full((2, 3, 4, 5), np.nan), "NaN everywhere"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_be_shown_is_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        heat_states(values, *NAMES)


def test_a_grid_without_rows_is_refused():
    with pytest.raises(ValueError, match="with no 0 in it"):
        heat_states(np.zeros((1, 1, 0, 2)), [""], [""], [], "ab")


def test_the_browser_gets_little_endian_codes(states):
    widget = HeatMaps(states, slider="history")
    codes = np.frombuffer(widget.codes, "<i2").reshape(states.codes.shape)
    np.testing.assert_array_equal(codes, states.codes)
    assert widget.states == {
        "reach": pytest.approx(states.reach, rel=1e-8),
        "diverging": True,
        "stateNames": ["one", "two"],
        "panelNames": ["head 1", "head 2", "head 3"],
        "rowNames": ["a", "b", "c", "d"],
        "columnNames": ["v", "w", "x", "y", "z"],
        "slider": "history",
    }
    json.dumps(widget.states, allow_nan=False)


def test_colours_diverge_only_where_there_are_negative_values():
    assert HeatMaps(heat_states(example(), *NAMES)).states["diverging"] is True
    assert HeatMaps(heat_states(np.abs(example()), *NAMES)).states["diverging"] is False


def test_repr_is_short_and_changes_with_the_states(states):
    text = repr(HeatMaps(states))
    assert text.startswith("<HeatMaps values 2x3x4x5 mean=")
    assert len(text) <= 110
    assert text == repr(HeatMaps(heat_states(example(), *NAMES)))
    assert text != repr(HeatMaps(heat_states(example(seed=1), *NAMES)))


def test_four_heads_over_forty_names_at_twenty_states_are_below_300_kb():
    films = [f"a film with a rather long title, number {n} (1999)" for n in range(40)]
    values = np.random.default_rng(0).random((20, 4, 40, 40))
    sentences = [f"sentence number {n}" for n in range(20)]
    states = heat_states(values, sentences, [f"head {n}" for n in range(4)], films, films)
    kept = HeatMaps(states).get_state()
    assert len(kept.pop("codes")) + len(json.dumps(kept)) < 300_000
