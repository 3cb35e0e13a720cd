"""The losses of the plane against finite differences, and what its widget is given."""

import json

import numpy as np
import pytest

from embedlab.widgets import LossPlane, plane_loss
from embedlab.widgets.plane import LOSSES

HAND = np.array([[1.0, 0.0], [3.0, 0.0], [1.0, 2.0]])  # a.p = 3, a.n = 1, d = 2 and 2


@pytest.mark.parametrize(
    ("loss", "margin", "value"),
    [
        ("pairwise", 1.0, np.log(1 + np.exp(-2))),
        ("pairwise", 0.0, np.log(1 + np.exp(-2))),
        ("triplet", 2.5, 0.5),
        ("triplet", 1.5, 0.0),
        ("triplet on distances", 0.7, 0.7),
        ("contrastive", 3.0, 2.0 + 0.5),
        ("contrastive", 1.0, 2.0),
    ],
)
def test_values_by_hand(loss, margin, value):
    assert plane_loss(loss, HAND, margin)[0] == pytest.approx(value)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_those_of_finite_differences(loss):
    rng = np.random.default_rng(1)
    for _ in range(200):
        points, margin = rng.normal(0, 1.5, (3, 2)), rng.uniform(0, 2)
        value, gradient = plane_loss(loss, points, margin)
        assert value >= 0
        for index in np.ndindex(3, 2):
            step = np.zeros((3, 2))
            step[index] = 1e-6
            up, down = (plane_loss(loss, points + side, margin)[0] for side in (step, -step))
            assert gradient[index] == pytest.approx((up - down) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_all_kinds_of_places_were_compared(loss):
    """Among the random places above, the margin holds in some and is missed in others."""
    rng = np.random.default_rng(1)
    moved = []
    for _ in range(200):
        points, margin = rng.normal(0, 1.5, (3, 2)), rng.uniform(0, 2)
        moved.append(plane_loss(loss, points, margin)[1][2].any())
    assert any(moved)
    assert all(moved) == (loss == "pairwise")


@pytest.mark.parametrize("loss", ["triplet", "triplet on distances"])
def test_at_the_margin_nothing_moves(loss):
    margin = {"triplet": 2.0, "triplet on distances": 0.0}[loss]
    value, gradient = plane_loss(loss, HAND, margin)
    assert value == 0
    assert not gradient.any()
    assert plane_loss(loss, HAND, margin + 0.01)[1].any()


def test_the_pairwise_force_never_vanishes_and_never_overflows():
    far = np.array([[20.0, 0.0], [10.0, 0.0], [-10.0, 0.0]])
    value, gradient = plane_loss("pairwise", far, 1.0)
    assert 0 < value < 1e-100
    assert gradient.any(axis=1).all()
    wrong = far * [[1], [-1], [-1]] * 10
    assert plane_loss("pairwise", wrong, 1.0)[0] == pytest.approx(40_000)


@pytest.mark.filterwarnings("error")
def test_points_in_the_same_place_have_no_direction():
    points = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    for loss, value in (("triplet on distances", 0.5), ("contrastive", 0.125)):
        found, gradient = plane_loss(loss, points, 0.5)
        assert found == pytest.approx(value)
        assert not gradient.any()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"loss": "BPR"}, "no loss 'BPR'; there are pairwise, triplet"),
        ({"points": np.zeros((3, 3))}, r"points has shape \(3, 3\)"),
        ({"points": [[0, 0], [1, 1], [0, np.nan]]}, "finite"),
        ({"names": ["a", "p"]}, "names must be three"),
        ({"margin": 2.1}, r"margin is 2.1: choose one of 0.0"),
        ({"margin": -0.3}, r"margin is -0.3"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        LossPlane(**change)


def test_the_browser_gets_the_start():
    widget = LossPlane(HAND, ["user", "film liked", "other film"], margin=0.3, loss="contrastive")
    assert widget.states["points"] == HAND.tolist()
    assert widget.states["names"] == ["user", "film liked", "other film"]
    assert widget.states["margins"][widget.states["margin"]] == "0.3"
    assert widget.states["loss"] == "contrastive"
    json.dumps(widget.states, allow_nan=False)


def test_repr_is_short_and_changes_with_the_start():
    text = repr(LossPlane())
    assert text.startswith("<LossPlane points 3x2 mean=")
    assert len(text) <= 110
    assert text == repr(LossPlane())
    assert text != repr(LossPlane(HAND))
    assert text != repr(LossPlane(margin=1.5))
