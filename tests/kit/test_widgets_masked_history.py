"""The states of a history with a masked place, as data."""

import base64
import json
from dataclasses import fields

import numpy as np
import pytest

from embedlab.widgets import MaskedHistory, masked_history_states

NAMES = ("ATL", "BOS", "CLT", "DEN", "EWR")
HISTORIES = (np.array([0, 2, 2, 4]), np.array([1, 0, 3]))


def example(seed=0, k=3, histories=HISTORIES, names=NAMES, heads=(2, 2), **change):
    """Return the states of random logits and weights."""
    rng = np.random.default_rng(seed)
    given = {
        "histories": histories,
        "logits": [3 * rng.normal(size=(len(h), len(names))) for h in histories],
        "attention": [rng.dirichlet(np.ones(len(h)), size=(len(h), *heads)) for h in histories],
        "item_names": names,
        "history_names": [f"aircraft {n}" for n in range(len(histories))],
        "k": k,
    }
    return masked_history_states(**given | change), given | change


def sent_answers(widget):
    """Return what the browser reads: (n_places, 2k + 2) of items, shares, ranks and own share."""
    k = widget.states["k"]
    return np.frombuffer(widget.answers, dtype="<i2").reshape(-1, 2 * k + 2)


def test_the_best_items_of_a_place_are_those_of_the_softmax():
    states, given = example()
    for e, table in enumerate(given["logits"]):
        shares = np.exp(table) / np.exp(table).sum(axis=1, keepdims=True)
        assert states.top[e].shape == states.probabilities[e].shape == (len(table), 3)
        for p, row in enumerate(shares):
            assert states.top[e][p].tolist() == sorted(range(5), key=lambda i, row=row: -row[i])[:3]
            np.testing.assert_allclose(states.probabilities[e][p], sorted(row)[::-1][:3])
            truth = row[given["histories"][e][p]]
            np.testing.assert_allclose(states.own[e][p], truth)
            assert states.ranks[e][p] == 1 + sum(one > truth for one in row)


def test_equal_probabilities_share_a_rank():
    tables = [np.zeros((len(h), 5)) for h in HISTORIES]
    tables[0][0, 3] = 1.0
    states, _ = example(logits=tables)
    assert states.ranks[0].tolist() == [2, 1, 1, 1]
    assert states.top[0][0].tolist() == [3, 0, 1]
    assert states.top[0][1].tolist() == [0, 1, 2]


def test_weights_are_kept_to_half_a_255th():
    states, given = example()
    for codes, weights in zip(states.codes, given["attention"], strict=True):
        assert codes.dtype == np.uint8
        np.testing.assert_allclose(codes / 255, weights, atol=0.5 / 255 + 1e-12)
    assert states.head_names == (
        "layer 1 · head 1", "layer 1 · head 2", "layer 2 · head 1", "layer 2 · head 2",
    )  # fmt: skip
    assert example(heads=(1, 3))[0].head_names[2] == "layer 1 · head 3"


def test_the_browser_gets_only_the_names_that_occur():
    tables = [np.zeros((len(h), 9)) for h in HISTORIES]
    for table in tables:
        table[:, 7] = 2.0
    states, _ = example(k=1, names=tuple("abcdefghi"), logits=tables)
    widget = MaskedHistory(states, items="airports")
    assert widget.states["names"] == ["a", "b", "c", "d", "e", "h"]
    assert widget.states["histories"] == [[0, 2, 2, 4], [1, 0, 3]]
    assert set(sent_answers(widget)[:, 0]) == {5}
    assert widget.states["nItems"] == 9
    assert widget.states["items"] == "airports"


def test_the_browser_gets_all_places_of_all_histories_in_order():
    states, _ = example()
    widget = MaskedHistory(states)
    answers = sent_answers(widget)
    place = 0
    for e, history in enumerate(HISTORIES):
        for p in range(len(history)):
            row = answers[place]
            assert [widget.states["names"][i] for i in row[:3]] == [
                NAMES[i] for i in states.top[e][p]
            ]
            np.testing.assert_allclose(row[3:6] / 32767, states.probabilities[e][p], atol=2e-5)
            assert row[6] == states.ranks[e][p]
            np.testing.assert_allclose(row[7] / 32767, states.own[e][p], atol=2e-5)
            place += 1
    assert place == len(answers)
    weights = np.frombuffer(widget.attention, dtype=np.uint8)
    assert len(weights) == 4 * (4 * 4 + 3 * 3)
    np.testing.assert_array_equal(weights[: 4 * 16].reshape(4, 2, 2, 4), states.codes[0])
    np.testing.assert_array_equal(weights[4 * 16 :].reshape(3, 2, 2, 3), states.codes[1])
    json.dumps(widget.states, allow_nan=False)


def test_states_do_not_follow_the_callers_arrays():
    histories = [h.copy() for h in HISTORIES]
    states, given = example(histories=histories)
    for array in (*histories, *given["logits"], *given["attention"]):
        array[:] = 0
    again, _ = example()
    for one in fields(states):
        for first, second in zip(getattr(states, one.name), getattr(again, one.name), strict=True):
            assert np.array_equal(first, second), one.name


EVEN = [np.full((len(h), 2, 2, len(h)), 1 / len(h)) for h in HISTORIES]
TABLES = [np.zeros((len(h), 5)) for h in HISTORIES]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"history_names": ["one"]}, "2 histories, 2 arrays of logits, 2 of attention and 1 names"),
        ({"logits": TABLES[:1]}, "2 histories, 1 arrays of logits"),
        ({"k": 0}, "k is 0: keep 1 to 5"),
        ({"k": 6}, "k is 6: keep 1 to 5"),
        ({"histories": [[0, 2, 2, 5], [1, 0, 3]]}, "items from 0 to 5: there are 5 names"),
        ({"histories": [[0, 2, 2, -1], [1, 0, 3]]}, "items from -1 to 2"),
        ({"histories": [[0], [1, 0, 3]]}, r"shape \(1,\): show 2 to 32 places"),
        ({"histories": [[0] * 33, [1, 0, 3]]}, r"shape \(33,\): show 2 to 32"),
        ({"logits": [np.zeros((4, 7)), TABLES[1]]}, r"\(4, 7\): they must be \(4, 5\)"),
        ({"logits": [np.full((4, 5), np.inf), TABLES[1]]}, "and finite"),
        ({"attention": [EVEN[0][:3], EVEN[1]]}, r"\(3, 2, 2, 4\): .*\(4, n_layers, n_heads, 4\)"),
        ({"attention": [EVEN[0], EVEN[1][:, :1]]}, "the same layers and heads for all"),
        ({"attention": [EVEN[0], EVEN[1] + 0.01]}, "of each head a sum of 1"),
        ({"attention": [EVEN[0] + [[[[0.5, -0.5, 0, 0]]]], EVEN[1]]}, "not negative"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        example(**change)


def test_repr_is_short_and_changes_with_the_states():
    text = repr(MaskedHistory(example()[0]))
    assert text.startswith("<MaskedHistory probabilities 7x3 mean=")
    assert len(text) <= 140
    assert text == repr(MaskedHistory(example()[0]))
    assert text != repr(MaskedHistory(example(seed=1)[0]))


def test_a_notebook_keeps_less_than_60_kb_of_data():
    """The largest that a lecture should use: 8 aircraft of 24 flights, four heads."""
    rng = np.random.default_rng(0)
    names = [f"airport {n}" for n in range(104)]
    states, _ = example(k=8, histories=list(rng.integers(104, size=(8, 24))), names=names)
    widget = MaskedHistory(states)
    sizes = [len(base64.b64encode(widget.answers)), len(base64.b64encode(widget.attention))]
    assert sum(sizes) + len(json.dumps(widget.states)) < 60_000
