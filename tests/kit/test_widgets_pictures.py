"""The states of the pictures family, as data."""

import json
from dataclasses import fields

import numpy as np
import pytest

from embedlab.widgets import Pictures, picture_states

RANKS, SHARES, DIGITS = [1, 2, 5, 9], ["30%", "50%", "70%"], [0, 7]
SPAN = (-1.0, 4.0)


def example(seed=0):
    """Three choices, four states, two images of 5 x 3; one row of each kind of shape."""
    rng = np.random.default_rng(seed)
    holes = rng.uniform(*SPAN, size=(3, 1, 2, 5, 3))
    holes[rng.random(holes.shape) < 0.4] = np.nan
    return {
        "original": rng.uniform(*SPAN, size=(1, 1, 2, 5, 3)),
        "seen": holes,
        "filled": rng.uniform(*SPAN, size=(3, 4, 2, 5, 3)),
        "components": rng.normal(size=(1, 4, 2, 5, 3)) ** 3,
    }


def numbers():
    values = np.arange(12.0).reshape(3, 4)
    values[1, 2] = np.nan
    return {"RMSE": values, "zeros": values / 12}


def keep(rows=None, **change):
    arguments = dict(
        state_names=RANKS, image_names=DIGITS, span=SPAN, signed=["components"],
        choice_names=SHARES, numbers=numbers(),
    )  # fmt: skip
    return picture_states(example() if rows is None else rows, **arguments | change)


@pytest.fixture(scope="module")
def states():
    return keep()


def test_values_are_kept_to_half_a_step_of_a_byte(states):
    rows = example()
    assert states.reach == np.abs(rows["components"]).max()
    for name, row in rows.items():
        kept = states.values(name)
        assert states.rows[name].dtype == np.uint8
        assert kept.shape == row.shape
        np.testing.assert_array_equal(np.isnan(kept), np.isnan(row))
        step = states.reach / 127 if name == "components" else 5 / 254
        assert np.nanmax(np.abs(kept - row)) <= step / 2 * (1 + 1e-9)
        assert np.nanmax(np.abs(kept - row)) > step / 4


def test_codes_by_hand():
    row = np.array([0, 8, 16, 20, -1, np.nan]).reshape(1, 1, 1, 2, 3)
    grey = picture_states({"a": row}, [""], [""], span=(0, 16))
    assert grey.rows["a"].ravel().tolist() == [0, 127, 254, 254, 0, 255]
    assert grey.values("a").ravel()[:3].tolist() == [0, 8, 16]
    signed = picture_states({"a": row - 8}, [""], [""], signed=["a"])
    assert signed.reach == 12
    assert signed.rows["a"].ravel().tolist() == [42, 127, 212, 254, 32, 255]
    assert signed.values("a").ravel()[1] == 0


@pytest.mark.filterwarnings("error")
def test_zeros_and_holes_alone_are_pictures_too():
    states = keep(
        {"components": np.zeros((1, 1, 2, 1, 1)), "seen": np.full((1, 1, 2, 1, 1), np.nan)}
    )
    assert (states.rows["components"] == 127).all()
    assert states.reach == 1
    assert np.isnan(states.values("seen")).all()
    assert "nan" not in repr(Pictures(states))


def test_the_callers_arrays_are_left_as_they_were():
    rows, values = example(), numbers()
    keep(rows, numbers=values)
    for name, row in example().items():
        np.testing.assert_array_equal(rows[name], row)
    np.testing.assert_array_equal(values["RMSE"], numbers()["RMSE"])


def test_names_are_texts_in_their_order(states):
    assert states.state_names == ("1", "2", "5", "9")
    assert states.choice_names == ("30%", "50%", "70%")
    assert states.image_names == ("0", "7")


def test_same_input_gives_the_same_bytes(states):
    again = keep()
    assert [one.name for one in fields(states)] == [one.name for one in fields(again)]
    assert Pictures(states).codes == Pictures(again).codes
    assert Pictures(states).states == Pictures(again).states


def test_the_browser_gets_the_rows_one_after_the_other(states):
    widget = Pictures(states, slider="rank", choice="hidden")
    assert [row["name"] for row in widget.states["rows"]] == list(example())
    assert [row["shape"] for row in widget.states["rows"]] == [[1, 1], [3, 1], [3, 4], [1, 4]]
    assert [row["signed"] for row in widget.states["rows"]] == [False, False, False, True]
    assert widget.codes == b"".join(codes.tobytes() for codes in states.rows.values())
    assert widget.states["size"] == [5, 3]
    assert widget.states["numbers"][0]["values"][1] == [4, 5, None, 7]
    assert (widget.states["slider"], widget.states["choice"]) == ("rank", "hidden")
    json.dumps(widget.states, allow_nan=False)


def test_repr_is_short_and_changes_with_pixels_and_numbers(states):
    text = repr(Pictures(states))
    assert text.startswith("<Pictures pixels 600 mean=")
    assert len(text) <= 120
    assert text == repr(Pictures(keep()))
    assert text != repr(Pictures(keep(example(1))))
    assert text != repr(Pictures(keep(numbers={"RMSE": numbers()["RMSE"] + 1})))
    assert "numbers" not in repr(Pictures(keep(numbers=None)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rows": {}}, "There are 0 rows, 3 choices, 4 states and 2 images"),
        ({"state_names": []}, "0 states"),
        ({"image_names": range(13)}, "13 images.* at most 12"),
        ({"rows": {"a": np.zeros((2, 5, 3))}}, r"'a' has shape \(2, 5, 3\), but there are 3 choi"),
        ({"rows": {"a": np.zeros((2, 1, 2, 5, 3))}}, r"must be \(3 or 1, 4 or 1, 2, height"),
        ({"rows": {"a": np.zeros((1, 3, 2, 5, 3))}}, r"must be \(3 or 1, 4 or 1, 2, height"),
        ({"rows": {"a": np.zeros((1, 1, 3, 5, 3))}}, r"must be \(3 or 1, 4 or 1, 2, height"),
        ({"rows": {"a": np.zeros((1, 1, 2, 0, 3))}}, r"must be \(3 or 1, 4 or 1, 2, height"),
        ({"rows": example() | {"b": np.zeros((1, 1, 2, 3, 5))}}, "'b' has shape .* in all rows"),
        ({"rows": example() | {"b": np.full((1, 1, 2, 5, 3), np.inf)}}, "'b' holds infinite"),
        ({"signed": ["component"]}, "signed names 'component': choose of 'original', 'seen'"),
        ({"span": (4, 4)}, r"span is \(4, 4\): the second number must be the larger"),
        ({"span": (0, np.nan)}, "the second number must be the larger"),
        ({"span": (0, np.inf)}, "the second number must be the larger"),
        ({"numbers": {"RMSE": np.zeros(4)}}, r"'RMSE' have shape \(4,\): .* \(3, 4\)"),
        ({"numbers": {"RMSE": np.full((3, 4), np.inf)}}, "finite or NaN"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        keep(**change)


def test_a_notebook_keeps_less_than_20_kb_of_holes_by_share_and_rank():
    rng = np.random.default_rng(0)
    rows = {
        "original": rng.random((1, 1, 12, 8, 8)),
        "seen": rng.random((3, 1, 12, 8, 8)),
        "filled": rng.random((3, 4, 12, 8, 8)),
    }
    states = picture_states(rows, RANKS, range(12), choice_names=SHARES, numbers=numbers())
    kept = Pictures(states).get_state()
    codes = kept.pop("codes")
    del kept["_esm"], kept["_css"]
    assert 4 / 3 * len(codes) + len(json.dumps(kept)) < 20_000
