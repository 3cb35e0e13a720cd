"""The states of the graph family, as data."""

import json

import numpy as np
import pytest

from embedlab.data.karate import load_karate
from embedlab.widgets import MixingGraph, graph_layout, graph_states, mixing_states

STEPS = [0, 1, 3]
PATH = np.array([[0, 1], [1, 2], [2, 3]])
NAMES = ["Ann", "Ben", "Cleo", "Dan"]
MATRICES = {
    ("row", "on"): np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]) / 3,
    ("row", "off"): np.array([[0, 1, 0, 0], [1, 0, 2, 0], [0, 2, 0, 1], [0, 0, 3, 0]]) / 2,
    ("none", "on"): np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]),
    ("none", "off"): np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]),
}
COLOURS = np.random.default_rng(0).random((4, 3))


@pytest.fixture(scope="module")
def states():
    return mixing_states(MATRICES, COLOURS, NAMES, STEPS)


def widget(states, **change):
    arguments = {"shown_steps": STEPS, "switches": ["normalization", "self-loops"]} | change
    return MixingGraph(states, **arguments)


def club(steps):
    """Return the club's states in six variants, made as a lecture would make them."""
    edges, n = load_karate().edges, 34
    adjacency = np.zeros((n, n))
    adjacency[*edges.T] = adjacency[*edges.T[::-1]] = 1
    matrices = {}
    for loops in ("on", "off"):
        joined = adjacency + (loops == "on") * np.eye(n)
        degrees = joined.sum(axis=1)
        matrices["row", loops] = joined / degrees[:, None]
        matrices["symmetric", loops] = joined / np.sqrt(np.outer(degrees, degrees))
        matrices["none", loops] = joined
    colours = np.random.default_rng(0).random((n, 3))
    return mixing_states(matrices, colours, range(n), steps)


def test_every_state_is_a_power_of_the_matrix_times_the_features(states):
    assert states.variants == tuple(MATRICES)
    assert states.codes.shape == (4, 3, 4, 3)
    assert states.codes.dtype == np.uint8
    for variant, matrix in enumerate(MATRICES.values()):
        expected = np.stack([np.linalg.matrix_power(matrix, step) @ COLOURS for step in STEPS])
        scale = max(1.0, expected.max())
        assert states.scales[variant] == pytest.approx(scale)
        here = states.values()[variant]
        np.testing.assert_allclose(here, expected, atol=scale / 510 + 1e-12)
    assert states.codes.max() == 255
    assert (states.scales == 1).any()
    assert (states.scales > 2).any()


def test_edges_are_the_links_of_all_matrices_without_self_loops(states):
    assert states.edges.tolist() == PATH.tolist()
    np.testing.assert_array_equal(states.weights, list(MATRICES.values()))


def test_features_stay_as_they_were():
    before = COLOURS.copy()
    mixing_states(MATRICES, COLOURS, NAMES, STEPS)
    np.testing.assert_array_equal(COLOURS, before)


def test_values_of_classes_without_switches_and_weights():
    values = np.random.default_rng(0).dirichlet([1, 1], size=(3, 4))
    places = np.array([[0, 10], [40, 10], [0, 30], [20, 20]])
    states = graph_states(values, NAMES, PATH[::-1, ::-1], ["law", "music"], places=places)
    np.testing.assert_allclose(states.values()[0], values, atol=1 / 510)
    assert states.edges.tolist() == PATH.tolist()
    assert states.weights is None
    np.testing.assert_allclose(states.places, [[0, 0], [1, 0], [0, 0.5], [0.5, 0.25]])
    shown = MixingGraph(states, STEPS, slider="epoch")
    assert not shown.states["rgb"]
    assert shown.states["channels"] == ["law", "music"]
    assert shown.states["variants"] == [[]]
    assert shown.states["switches"] == []
    assert "weights" not in shown.states
    assert shown.states["slider"] == "epoch"


def test_one_switch_has_plain_names():
    matrices = {"row": MATRICES["row", "on"], "none": MATRICES["none", "on"]}
    states = mixing_states(matrices, COLOURS, NAMES, STEPS)
    assert states.variants == (("row",), ("none",))
    shown = MixingGraph(states, STEPS, ["normalization"])
    assert shown.states["switches"] == [{"name": "normalization", "options": ["row", "none"]}]


def test_the_layout_puts_a_path_on_a_line_in_its_order():
    places = graph_layout(PATH, 4)
    gaps = np.hypot(*np.diff(places, axis=0).T)
    np.testing.assert_allclose(gaps, 1, atol=0.05)
    assert np.hypot(*(places[3] - places[0])) == pytest.approx(3, abs=0.05)


def test_the_layout_is_the_same_again_and_keeps_neighbours_together():
    edges = load_karate().edges
    places = graph_layout(edges, 34)
    np.testing.assert_array_equal(places, graph_layout(edges[::-1, ::-1], 34))
    apart = np.hypot(*np.moveaxis(places[:, None] - places, -1, 0))
    assert apart[*edges.T].mean() < 0.6 * apart[np.triu_indices(34, 1)].mean()
    assert (apart + 99 * np.eye(34)).min() > 0.07 * np.ptp(places, axis=0).max()


def test_components_lie_apart():
    places = graph_layout(np.array([[0, 1], [1, 2], [3, 4]]), 6)
    assert np.isfinite(places).all()
    apart = np.hypot(*np.moveaxis(places[:, None] - places, -1, 0))
    assert apart[:3, 3:].min() > apart[0, 1]
    assert apart[5, :5].min() > apart[0, 1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"values": np.zeros((3, 4, 2))},
            r"shape \(3, 4, 2\): .* 4 names and 3 channels",
        ),
        ({"values": np.zeros((0, 4, 3))}, r"values has shape \(0, 4, 3\)"),
        (
            {"values": {"a": np.zeros((3, 4, 3)), "b": np.zeros((2, 4, 3))}},
            r"values\[\('b',\)\]",
        ),
        ({"values": np.full((3, 4, 3), -0.1)}, "negative numbers"),
        ({"values": np.full((3, 4, 3), np.inf)}, "not finite"),
        ({"names": ["one"]}, "There are 1 names: show 2 to 60"),
        ({"names": range(61)}, "There are 61 names"),
        ({"edges": [[0, 4]]}, "edges must be .* 0 to 3"),
        ({"edges": [[0, 0.5]]}, "edges must be"),
        ({"edges": [0, 1]}, "edges must be"),
        ({"channels": ["one"]}, "channels has 1 names"),
        ({"channels": list("abcde")}, "channels has 5 names"),
        ({"weights": {"a": np.eye(4)}}, "for every variant"),
        ({"weights": {(): np.eye(3)}}, r"of shape \(4, 4\)"),
        ({"places": np.zeros((3, 2))}, r"places must be .* \(4, 2\)"),
        ({"places": np.full((4, 2), np.nan)}, "finite"),
        (
            {"values": {("a", "c"): np.zeros((3, 4, 3)), ("b", "d"): np.zeros((3, 4, 3))}},
            r"no variant \('a', 'd'\): give all combinations",
        ),
        (
            {"values": {"a": np.zeros((3, 4, 3)), ("b", "d"): np.zeros((3, 4, 3))}},
            "a choice for every switch",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    arguments = {"values": np.zeros((3, 4, 3)), "names": NAMES, "edges": PATH} | change
    with pytest.raises(ValueError, match=sentence):
        graph_states(**arguments)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shown_steps": [0]}, "at least two increasing numbers"),
        ({"shown_steps": [0, 2, 1]}, "at least two increasing numbers"),
        ({"features": COLOURS[:3]}, "features has 3 rows"),
        ({"matrices": {"a": np.eye(3)}}, r"shapes \[\(3, 3\)\], for 4 names"),
    ],
)
def test_what_cannot_be_mixed_is_refused(change, sentence):
    arguments = {
        "matrices": MATRICES, "features": COLOURS, "names": NAMES, "shown_steps": STEPS
    } | change  # fmt: skip
    with pytest.raises(ValueError, match=sentence):
        mixing_states(**arguments)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shown_steps": [0, 1]}, "shown_steps has 2 numbers, but the states have 3"),
        ({"switches": ["normalization"]}, "switches has 1 names"),
        ({"groups": [0, 1, 0, 1]}, "below the number of group_names"),
        ({"groups": [0, 1, 0], "group_names": ["a", "b"]}, "groups must be 4"),
        ({"groups": [0, -1, 0, 1], "group_names": ["a", "b"]}, "groups must be 4"),
        ({"group_names": list("abcde")}, "at most 4"),
        ({"start": 4}, "start must be from 0 to 3, not 4"),
    ],
)
def test_a_widget_says_what_does_not_fit(states, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        widget(states, **change)


def test_the_browser_gets_codes_keys_and_weights(states):
    shown = widget(states, groups=[0, 0, 1, 1], group_names=["left", "right"], start=2)
    codes = np.frombuffer(shown.codes, np.uint8).reshape(states.codes.shape)
    np.testing.assert_array_equal(codes, states.codes)
    assert shown.states["switches"] == [
        {"name": "normalization", "options": ["row", "none"]},
        {"name": "self-loops", "options": ["on", "off"]},
    ]
    assert shown.states["variants"] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert shown.states["rgb"]
    pairs = shown.states["pairs"]
    assert len(pairs) == 10
    for matrix, weights in zip(MATRICES.values(), shown.states["weights"], strict=True):
        np.testing.assert_allclose([matrix[i, j] for i, j in pairs], weights, rtol=5e-3)
        assert matrix.sum() == pytest.approx(sum(weights), rel=5e-3)
    assert (shown.states["groups"], shown.states["start"]) == ([0, 0, 1, 1], 2)
    json.dumps(shown.states, allow_nan=False)


def test_same_input_gives_the_same_bytes(states):
    again = widget(mixing_states(MATRICES, COLOURS, NAMES, STEPS))
    assert widget(states).codes == again.codes
    assert widget(states).states == again.states


def test_repr_is_short_and_changes_with_colours_weights_and_places(states):
    text = repr(widget(states))
    assert text.startswith("<MixingGraph colours 4x3x4x3 mean=")
    assert len(text) <= 150
    assert text == repr(widget(mixing_states(MATRICES, COLOURS, NAMES, STEPS)))
    others = (
        mixing_states(MATRICES, COLOURS * [1, 0.9, 1], NAMES, STEPS),
        mixing_states(MATRICES | {("row", "off"): np.eye(4)[::-1]}, COLOURS, NAMES, STEPS),
        mixing_states(MATRICES, COLOURS, NAMES, STEPS, places=np.eye(4)[:, :2]),
    )
    assert len({text, *(repr(widget(each)) for each in others)}) == 4


def test_the_club_in_six_variants_fits_into_40_kb():
    steps = [*range(21), *range(25, 51, 5)]
    kept = widget(club(steps), shown_steps=steps).get_state()
    in_base64 = 4 / 3 * len(kept.pop("codes"))
    assert in_base64 + len(json.dumps(kept["states"])) < 40_000
