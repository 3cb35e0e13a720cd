"""The softmax inside a batch, as data."""

import json

import numpy as np
import pytest

from embedlab.widgets import InBatchMatrix, in_batch_states

USERS = ["Ann", "Ben", "Cleo", "Dan", "Eve"]
FILMS = ["Alien", "Speed", "Alien", "Fargo", "Alien"]


def example(seed=0):
    """Five pairs with one film in three rows: arguments of in_batch_states."""
    rng = np.random.default_rng(seed)
    U, M = rng.normal(size=(2, 5, 3))
    q = np.array([0.2, 0.01, 0.2, 0.05, 0.2])
    M[[2, 4]] = M[0]
    return U, M, q, USERS, FILMS


@pytest.fixture
def states():
    return in_batch_states(*example())


def slow_posteriors(states, alpha, mask_repeats, subtract_log_q):
    """The definition, one cell after the other."""
    n = len(states.scores)
    kept = np.zeros((n, n))
    for row, column in np.ndindex(n, n):
        repeated = row != column and FILMS[row] == FILMS[column]
        if not (mask_repeats and repeated):
            kept[row, column] = np.exp(alpha * states.scores[row, column])
            if subtract_log_q:
                kept[row, column] /= np.exp(states.log_q[column])
    return np.stack([kept / kept.sum(axis=1, keepdims=True), kept / kept.sum(axis=0)])


@pytest.mark.parametrize("mask_repeats", [False, True])
@pytest.mark.parametrize("subtract_log_q", [False, True])
@pytest.mark.parametrize("alpha", [0, 1, 2.5])
def test_posteriors_and_losses_are_the_definition(states, alpha, mask_repeats, subtract_log_q):
    settings = alpha, mask_repeats, subtract_log_q
    expected = slow_posteriors(states, *settings)
    np.testing.assert_allclose(np.exp(states.log_posteriors(*settings)), expected)
    pairs = -np.log(expected.diagonal(axis1=1, axis2=2))
    np.testing.assert_allclose(states.losses(*settings), pairs.mean(axis=1))


def test_scores_are_dot_products_and_repeats_stand_off_the_diagonal(states):
    U, M, q, _, _ = example()
    np.testing.assert_allclose(states.scores[3, 1], U[3] @ M[1])
    np.testing.assert_allclose(states.log_q, np.log(q))
    assert np.argwhere(states.repeats).tolist() == [[0, 2], [0, 4], [2, 0], [2, 4], [4, 0], [4, 2]]


def test_log_q_of_films_changes_nothing_in_a_softmax_over_users(states):
    plain, corrected = states.log_posteriors(2.0), states.log_posteriors(2.0, subtract_log_q=True)
    np.testing.assert_allclose(plain[1], corrected[1])
    assert not np.allclose(plain[0], corrected[0])


def test_large_scores_do_not_overflow(states):
    found = states.log_posteriors(1e4)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(np.exp(found[0]).sum(axis=1), 1)


def test_repeated_films_hold_the_loss_up(states):
    """Three rows share one posterior, so that their loss is log 3 at best."""
    U = np.eye(5)[:, :3] * 0
    U[:, 0], M = [1, -1, 1, 0, 1], np.zeros((5, 3))
    M[:, 0], U[3, 1] = [1, -1, 1, 0, 1], 1
    M[3, 1] = 1
    best = in_batch_states(U, M, [0.1] * 5, USERS, FILMS)
    np.testing.assert_allclose(best.losses(100.0), 3 * np.log(3) / 5)
    np.testing.assert_allclose(best.losses(100.0, mask_repeats=True), 0, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({0: np.zeros((5, 2))}, r"user_vectors has shape \(5, 2\), film_vectors \(5, 3\)"),
        ({0: np.zeros(5), 1: np.zeros(5)}, r"user_vectors has shape \(5,\)"),
        ({2: np.ones(4)}, r"q \(4,\)"),
        ({3: USERS[:4]}, "4 user names"),
        ({4: FILMS[:4]}, "4 film names"),
        ({2: [0.1, 0.1, 0.1, 0, 0.1]}, "q has 0: a film of the batch"),
        ({2: [0.2, 0.01, 0.1, 0.05, 0.2]}, "Rows 2 and 0 are both 'Alien'"),
        ({4: ["Alien", "Speed", "Alien", "Speed", "Alien"]}, "Rows 3 and 1 are both 'Speed'"),
        ({0: np.full((5, 3), np.inf)}, "finite"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, sentence):
    arguments = [change.get(n, argument) for n, argument in enumerate(example())]
    with pytest.raises(ValueError, match=sentence):
        in_batch_states(*arguments)


@pytest.mark.parametrize("n", [1, 13])
def test_as_many_rows_as_have_room(n):
    vectors, names = np.ones((n, 2)), list(range(n))
    with pytest.raises(ValueError, match=f"There are {n} rows: show 2 to 12"):
        in_batch_states(vectors, vectors, np.ones(n), names, names)


def test_the_browser_gets_what_it_computes_with(states):
    kept = InBatchMatrix(states).states
    np.testing.assert_allclose(kept["scores"], states.scores, rtol=1e-8)
    np.testing.assert_allclose(kept["logQ"], states.log_q, rtol=1e-8)
    assert kept["repeats"] == states.repeats.tolist()
    assert (kept["userNames"], kept["filmNames"]) == (USERS, FILMS)
    assert len(json.dumps(kept, allow_nan=False)) < 3000


def test_repr_is_short_and_changes_with_the_states(states):
    text = repr(InBatchMatrix(states))
    assert text.startswith("<InBatchMatrix scores 5x5 mean=")
    assert len(text) <= 120
    assert text == repr(InBatchMatrix(in_batch_states(*example())))
    assert text != repr(InBatchMatrix(in_batch_states(*example(seed=1))))
