"""The states of the moving points family, as data."""

import json

import numpy as np
import pytest

from embedlab.widgets import MovingPoints, point_states

STEPS = [0, 1, 5]
MODELS = ["PCA", "logistic PCA"]
NAMES = ["Ann", "Ben", "Cleo", "Dan"]


def example(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(2, 3, 4, 2)) * np.array([1, 30]).reshape(2, 1, 1, 1)


def keep(**change):
    arguments = dict(
        positions=example(), losses=[[3, 2, 1], [9, 8, 7.5]], steps=STEPS, model_names=MODELS,
        names=NAMES, groups=["red", "blue", "red", "blue"], group_names=["blue", "red"],
        labelled=["Dan", "Ann"],
    )  # fmt: skip
    return point_states(**arguments | change)


@pytest.fixture(scope="module")
def states():
    return keep()


def test_every_model_is_kept_on_its_own_scale(states):
    positions = example()
    np.testing.assert_array_equal(states.reaches, np.abs(positions).max(axis=(1, 2, 3)))
    assert states.codes.dtype == np.int16
    for kept, given, reach in zip(states.positions(), positions, states.reaches, strict=True):
        np.testing.assert_allclose(kept, given, atol=reach / 65_000, rtol=0)
        assert np.abs(kept).max() == reach


def test_groups_and_labels_are_numbers(states):
    assert states.groups.tolist() == [1, 0, 1, 0]
    assert states.labelled == (3, 0)
    assert keep(labelled=[]).labelled == ()
    assert states.losses.tolist() == [[3, 2, 1], [9, 8, 7.5]]


@pytest.mark.filterwarnings("error")
def test_points_that_stay_at_zero_are_states_too():
    states = keep(positions=np.zeros((2, 3, 4, 2)))
    assert not states.positions().any()
    assert "nan" not in repr(MovingPoints(states))


def test_the_browser_gets_little_endian_points(states):
    widget = MovingPoints(states)
    codes = np.frombuffer(widget.codes, "<i2").reshape(states.codes.shape)
    np.testing.assert_array_equal(codes, states.codes)
    np.testing.assert_allclose(widget.states["reaches"], states.reaches, rtol=1e-5)
    assert widget.states["losses"] == [[3, 2, 1], [9, 8, 7.5]]
    assert widget.states["steps"] == STEPS
    assert widget.states["modelNames"] == MODELS
    assert (widget.states["names"], widget.states["groups"]) == (NAMES, [1, 0, 1, 0])
    assert (widget.states["groupNames"], widget.states["labelled"]) == (["blue", "red"], [3, 0])
    json.dumps(widget.states, allow_nan=False)


def test_same_input_gives_the_same_bytes(states):
    widget, again = MovingPoints(states), MovingPoints(keep())
    assert (widget.codes, widget.states) == (again.codes, again.states)


def test_repr_is_short_and_changes_with_points_and_losses(states):
    text = repr(MovingPoints(states))
    assert text.startswith("<MovingPoints positions 2x3x4x2 mean=")
    assert len(text) <= 120
    assert text == repr(MovingPoints(keep()))
    assert text != repr(MovingPoints(keep(positions=example(1))))
    assert text != repr(MovingPoints(keep(losses=np.ones((2, 3)))))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"positions": example()[0]}, r"positions has shape \(3, 4, 2\).* must be \(2, 3, 4, 2\)"),
        ({"losses": np.ones(3)}, r"losses \(3,\).* and \(2, 3\)"),
        ({"groups": ["red"] * 3}, "and 3 groups"),
        ({"names": NAMES[:3]}, "3 names"),
        (
            {"positions": np.ones((3, 3, 4, 2)), "losses": np.ones((3, 3)), "model_names": "abc"},
            "There are 3 models: show 1 or 2",
        ),
        ({"steps": [0, 5, 5]}, "at least two increasing numbers"),
        ({"steps": [-1, 0, 5]}, "increasing numbers, from 0"),
        ({"positions": example() * np.nan}, "finite: take smaller steps"),
        ({"losses": np.full((2, 3), np.inf)}, "finite: take smaller steps"),
        ({"names": ["Ann", "Ben", "Cleo", "Ann"]}, "names must be different"),
        ({"group_names": ["red", "blue", "red"]}, "give 1 to 4 different names"),
        ({"group_names": ["red", "blue", "a", "b", "c"]}, "give 1 to 4 different names"),
        ({"group_names": ["red"]}, "groups has 'blue', which is not among"),
        ({"labelled": ["Eve"]}, "labelled has 'Eve', which is not among"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        keep(**change)


def test_a_notebook_keeps_less_than_20_kb_of_the_senate():
    names = [f"Senator {n}" for n in range(102)]
    states = point_states(
        np.random.default_rng(0).normal(size=(2, 12, 102, 2)), np.ones((2, 12)), range(12), MODELS,
        names, ["Democrats"] * 102, ["Democrats"], names[:15],
    )  # fmt: skip
    kept = MovingPoints(states).get_state()
    codes = kept.pop("codes")
    del kept["_esm"], kept["_css"]
    assert 4 / 3 * len(codes) + len(json.dumps(kept)) < 20_000
