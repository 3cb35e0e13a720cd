"""The linear baselines, each against its definition on small tables."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from embedlab.baselines import ease, fading_history, item_knn, slim, zero_filled_svd


@pytest.fixture
def watched():
    return (np.random.default_rng(0).random((40, 7)) < 0.4).astype(float)


@pytest.mark.parametrize("model", [lambda A: item_knn(A, 3), lambda A: ease(A, 2.0),
                                   lambda A: slim(A, 0.5, 2.0)])  # fmt: skip
def test_sparse_and_dense_interactions_are_the_same_and_stay_as_they_are(watched, model):
    A = watched
    given = np.asfortranarray(A)
    before = given.copy()
    np.testing.assert_allclose(model(given), model(csr_array(A)), atol=1e-12)
    assert (given == before).all()
    assert (model(given).diagonal() == 0).all()


def test_item_knn_keeps_the_most_similar_of_each_column():
    A = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [1, 0, 0, 0]])
    half, third = 2 / np.sqrt(3 * 2), 1 / np.sqrt(3 * 2)
    expected = [[0, half, 0, 0], [half, 0, 0.5, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(item_knn(A, 1), expected)
    everything = item_knn(A, 4)
    np.testing.assert_allclose(everything, everything.T)
    np.testing.assert_allclose(everything[2], [third, 0.5, 0, 0])


@pytest.mark.parametrize("n_neighbours", [0, 8])
def test_item_knn_refuses_a_number_of_neighbours_that_is_not_there(watched, n_neighbours):
    with pytest.raises(ValueError, match=f"n_neighbours is {n_neighbours}: .* at most all 7"):
        item_knn(watched, n_neighbours)


def test_ease_is_ridge_regression_of_each_film_on_the_others(watched):
    A = watched
    W = ease(A, l2=3.0)
    for i in range(7):
        others = np.delete(A, i, axis=1)
        expected = np.linalg.solve(others.T @ others + 3.0 * np.eye(6), others.T @ A[:, i])
        np.testing.assert_allclose(np.delete(W[:, i], i), expected)
    assert W.min() < 0


def test_slim_satisfies_its_optimality_conditions(watched):
    l1, l2 = 0.5, 2.0
    W, gram = slim(watched, l1, l2), watched.T @ watched
    slope = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(slope, 0.0)
    assert (W >= 0).all()
    assert 5 < np.count_nonzero(W) < 42
    assert np.abs(slope[W > 0]).max() < 0.02
    assert slope[W == 0].min() > -0.02


def test_a_penalty_out_of_range_is_refused(watched):
    with pytest.raises(ValueError, match="l2 is 0: without a penalty"):
        ease(watched, l2=0)
    with pytest.raises(ValueError, match="l1 is -1 and l2 is 2"):
        slim(watched, l1=-1, l2=2)


def test_the_svd_takes_unknown_cells_as_0():
    table = csr_array(np.outer([1.0, 2.0, 0.0], [3.0, 0.0, 1.0, 2.0]))
    left, right = zero_filled_svd(table, k=1)
    np.testing.assert_allclose(left @ right.T, table.toarray(), atol=1e-12)
    again = zero_filled_svd(table, k=1)
    assert (left == again[0]).all()
    assert (right == again[1]).all()


def test_the_last_film_of_a_history_counts_most():
    histories = [np.array([3, 0, 2]), np.array([], dtype=int), np.array([1])]
    expected = [[0.5, 0, 1, 0.25], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert fading_history(histories, 4, c=0.5).tolist() == expected
    assert fading_history(histories, 4, c=1)[0].tolist() == [1, 0, 1, 1]
    assert fading_history(histories, 4, c=0)[0].tolist() == [0, 0, 1, 0]
    with pytest.raises(ValueError, match=r"c is 1.5: choose a number from 0"):
        fading_history(histories, 4, c=1.5)
