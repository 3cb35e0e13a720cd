"""The states of the triangle of fields, as data."""

import json
from dataclasses import fields

import numpy as np
import pytest

from embedlab.widgets import FieldTriangle, triangle_states

FIELDS = ("carrier", "origin", "hour")
FIELD_OF = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
NAMES = ("AA", "B6", "EV", "UA", "EWR", "JFK", "5", "17", "22")


def models(seed=0):
    """Return an FM and a field-aware FM of nine features."""
    rng = np.random.default_rng(seed)
    return (
        (-1.0, rng.normal(size=9), rng.normal(size=(9, 2))),
        (-0.5, rng.normal(size=9), rng.normal(size=(9, 3, 2))),
    )


def example(seed=0, value=0.5):
    return triangle_states(FIELDS, FIELD_OF, NAMES, *models(seed), value)


def test_weights_and_vectors_carry_the_value_of_a_rows_entries():
    states, (fm, ffm) = example(), models()
    np.testing.assert_array_equal(states.biases, [-1.0, -0.5])
    np.testing.assert_allclose(states.weights, 0.5 * np.stack([fm[1], ffm[1]]))
    np.testing.assert_allclose(states.vectors[1], 0.5 * ffm[2])
    for field in range(3):
        np.testing.assert_allclose(states.vectors[0, :, field], 0.5 * fm[2])
    assert (states.fields, states.names) == (FIELDS, NAMES)
    np.testing.assert_array_equal(states.field_of, FIELD_OF)


def test_a_pair_is_the_product_of_the_vectors_that_meet():
    pairs, (fm, ffm) = example().pairs(), models()
    assert pairs.shape == (2, 9, 9)
    for i in range(9):
        for j in range(9):
            if FIELD_OF[i] == FIELD_OF[j]:
                assert np.isnan(pairs[:, i, j]).all()
                continue
            np.testing.assert_allclose(pairs[0, i, j], 0.25 * fm[2][i] @ fm[2][j])
            met = ffm[2][i, FIELD_OF[j]] @ ffm[2][j, FIELD_OF[i]]
            np.testing.assert_allclose(pairs[1, i, j], 0.25 * met)


def test_features_of_a_field_need_not_stand_together():
    mixed = np.array([2, 0, 1, 0, 2, 1, 0, 2, 0])
    states = triangle_states(FIELDS, mixed, NAMES, *models())
    assert states.features_of(0).tolist() == [1, 3, 6, 8]
    sent = FieldTriangle(states).states
    assert sent["names"] == [["B6", "UA", "5", "22"], ["EV", "JFK"], ["AA", "EWR", "17"]]
    assert [len(each) for each in sent["weights"][1]] == [4, 2, 3]
    np.testing.assert_allclose(sent["vectors"][1][2][1], models()[1][2][4], rtol=1e-5)


def test_states_do_not_follow_the_callers_arrays():
    (fm, ffm), field_of = models(), FIELD_OF.copy()
    states = triangle_states(FIELDS, field_of, NAMES, fm, ffm)
    for array in (*fm[1:], *ffm[1:], field_of):
        array[:] = 0
    again = triangle_states(FIELDS, FIELD_OF, NAMES, *models())
    for one in fields(states):
        first, second = getattr(states, one.name), getattr(again, one.name)
        assert np.asarray(first).tobytes() == np.asarray(second).tobytes(), one.name


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({0: FIELDS[:2]}, r"fields has 2 names and field_of the numbers \[0, 1, 2\]"),
        ({1: np.minimum(FIELD_OF, 1)}, r"numbers \[0, 1\]: a triangle has three fields"),
        ({1: FIELD_OF + 1}, "with at least one feature each"),
        ({1: FIELD_OF[:8]}, r"field_of has shape \(8,\), but there are 9 names"),
        ({3: (0.0, np.zeros(9), np.zeros((9, 3)))}, r"fm has weights.*\(9,\) and \(9, 2\)"),
        ({3: (0.0, np.zeros(8), np.zeros((9, 2)))}, r"fm has weights of shape \(8,\)"),
        ({4: (0.0, np.zeros(9), np.zeros((9, 2)))}, r"ffm has .*\(9, 2\): .*must be .*\(9, 3, 2\)"),
        ({4: (0.0, np.zeros(9), np.zeros((9, 3, 4)))}, "two factors, because arrows"),
        ({4: (0.0, np.zeros(9), np.full((9, 3, 2), np.nan))}, "not finite"),
        ({3: (0.0, np.full(9, np.inf), np.zeros((9, 2)))}, "not finite"),
        ({3: (np.inf, np.zeros(9), np.zeros((9, 2)))}, "not finite"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    given = (FIELDS, FIELD_OF, NAMES, *models())
    with pytest.raises(ValueError, match=sentence):
        triangle_states(*(change.get(n, argument) for n, argument in enumerate(given)))


@pytest.mark.parametrize("start", [("EV", "EWR"), ("EWR", "EV", "5"), ("EV", "EWR", "6")])
def test_a_start_that_cannot_be_is_refused(start):
    with pytest.raises(ValueError, match="one feature of each field, in the order carrier, origin"):
        FieldTriangle(example(), start)


def test_the_browser_gets_six_digits_and_its_scales():
    states = example()
    sent = FieldTriangle(states, start=("EV", "JFK", 5)).states
    assert sent["start"] == [2, 1, 0]
    assert FieldTriangle(states).states["start"] == [0, 0, 0]
    assert sent["fields"] == list(FIELDS)
    assert sent["names"] == [list(NAMES[:4]), list(NAMES[4:6]), list(NAMES[6:])]
    assert sent["models"] == ["FM", "FFM"]
    assert sent["biases"] == [-1.0, -0.5]
    assert sent["vectors"][0][1][1][0] == [
        float(f"{number:.6g}") for number in states.vectors[0, 5, 0]
    ]
    assert sent["largest"] == np.nanmax(np.abs(states.pairs()))
    json.dumps(sent, allow_nan=False)


def test_a_vector_for_the_own_field_does_not_count():
    fm, (bias, weights, vectors) = models()
    vectors[np.arange(9), FIELD_OF] = 1e6
    one = FieldTriangle(triangle_states(FIELDS, FIELD_OF, NAMES, fm, (bias, weights, vectors)))
    lengths = np.linalg.norm(vectors, axis=2)
    lengths[np.arange(9), FIELD_OF] = 0
    assert one.states["longest"] == max(lengths.max(), np.linalg.norm(fm[2], axis=1).max())


def test_repr_is_short_and_changes_with_the_states():
    text = repr(FieldTriangle(example()))
    assert text.startswith("<FieldTriangle weights 2x9 mean=")
    assert len(text) <= 110
    assert text == repr(FieldTriangle(example()))
    assert text != repr(FieldTriangle(example(seed=1)))


def test_a_notebook_keeps_less_than_300_kb():
    """The largest that a lecture should use: 400 features."""
    rng = np.random.default_rng(0)
    states = triangle_states(
        FIELDS,
        np.arange(400) % 3,
        [f"feature {i}" for i in range(400)],
        (0.0, rng.normal(size=400), rng.normal(size=(400, 2))),
        (0.0, rng.normal(size=400), rng.normal(size=(400, 3, 2))),
    )
    assert len(json.dumps(FieldTriangle(states).get_state())) < 300_000
