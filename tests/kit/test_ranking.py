"""Top-k and the ranking metrics against hand-computed cases, slow loops and the libraries."""

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array
from scipy.stats import sem
from sklearn.metrics import ndcg_score

from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.ranking import (
    hit_rate_at_k,
    mean_and_standard_error,
    ndcg_at_k,
    recall_at_k,
    top_k,
)


def random_sparse(n_users: int, n_items: int, density: float, seed: int) -> csr_array:
    return random_array((n_users, n_items), density=density, format="csr", rng=seed)


def slow_top_k(scores, seen, k):
    rows = []
    for user, user_scores in enumerate(scores):
        unseen = [item for item in range(len(user_scores)) if seen[user, item] == 0]
        unseen.sort(key=lambda item, s=user_scores: (-s[item], item))
        rows.append((unseen + [-1] * k)[:k])
    return np.array(rows)


def test_top_k_by_hand():
    scores = np.array([[0.1, 0.9, 0.5, 0.9, -2.0], [3.0, 3.0, 3.0, 3.0, 3.0]])
    seen = csr_array(np.array([[0, 0, 1, 0, 0], [1, 1, 0, 1, 0]]))
    recommended = top_k(scores, seen, 3)
    assert recommended.dtype == np.int64
    assert recommended.tolist() == [[1, 3, 0], [2, 4, -1]]


@pytest.mark.parametrize("k", [1, 3, 10, 17, 30])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("density", [0.0, 0.3, 0.9, 1.0])
def test_top_k_equals_a_slow_loop(k, dtype, density):
    rng = np.random.default_rng(k)
    scores = rng.integers(-3, 4, size=(29, 17)).astype(dtype)  # many ties
    seen = random_sparse(29, 17, density, seed=k)
    assert np.array_equal(top_k(scores, seen, k), slow_top_k(scores, seen, k))


def test_top_k_leaves_its_arguments_alone():
    scores = np.arange(12.0).reshape(3, 4)
    seen = random_sparse(3, 4, 0.5, seed=0)
    before = scores.copy(), seen.toarray()
    top_k(scores, seen, 2)
    assert np.array_equal(scores, before[0])
    assert np.array_equal(seen.toarray(), before[1])


def test_a_stored_zero_is_not_seen():
    seen = csr_array(([0.0, 1.0], ([0, 0], [1, 0])), shape=(1, 2))
    assert top_k(np.array([[5.0, 1.0]]), seen, 1).tolist() == [[1]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_cannot_be_ranked_are_refused(bad):
    scores = np.zeros((2, 3))
    scores[1, 2] = bad
    with pytest.raises(ValueError, match="scores holds NaN or infinite"):
        top_k(scores, csr_array((2, 3)), 1)


def test_impossible_arguments_of_top_k_are_refused():
    with pytest.raises(ValueError, match=r"scores has shape \(3, 2\) and seen has shape \(2, 3\)"):
        top_k(np.zeros((3, 2)), csr_array((2, 3)), 1)
    with pytest.raises(ValueError, match="k is 0: "):
        top_k(np.zeros((2, 3)), csr_array((2, 3)), 0)


def test_metrics_by_hand():
    # user 0: 3 relevant, hits at ranks 1 and 3; user 1: nothing relevant; user 2: 1 relevant,
    # hit at rank 2 of a padded row; user 3: 5 relevant, more than k, all places hit; user 4: no hit
    recommended = np.array([[2, 0, 4], [0, 1, 2], [3, 1, -1], [5, 4, 3], [0, 1, 2]])
    relevant = csr_array(
        np.array(
            [
                [0, 1, 1, 0, 1, 0],
                [0, 0, 0, 0, 0, 0],
                [0, 1, 0, 0, 0, 0],
                [0, 1, 1, 1, 1, 1],
                [0, 0, 0, 1, 0, 0],
            ]
        )
    )
    third = 1 / np.log2(3)
    ndcg = [1.5 / (1 + third + 0.5), np.nan, third, 1.0, 0.0]
    np.testing.assert_allclose(ndcg_at_k(recommended, relevant), ndcg, rtol=1e-12)
    recall = [2 / 3, np.nan, 1.0, 3 / 5, 0.0]
    np.testing.assert_allclose(recall_at_k(recommended, relevant), recall, rtol=1e-12)
    np.testing.assert_array_equal(hit_rate_at_k(recommended, relevant), [1, np.nan, 1, 1, 0])


def test_a_padded_place_is_never_a_hit():
    relevant = csr_array(np.array([[1, 0, 1]]))  # the last item is relevant, and index -1 is not it
    empty = np.array([[-1, -1]])
    for metric in (ndcg_at_k, recall_at_k, hit_rate_at_k):
        assert metric(empty, relevant).tolist() == [0.0]


@pytest.mark.parametrize("k", [1, 5, 20])
def test_ndcg_equals_scikit_learn(k):
    rng = np.random.default_rng(k)
    relevant = random_sparse(40, 25, 0.2, seed=k)
    scores = rng.permuted(np.tile(np.arange(25.0), (40, 1)), axis=1)  # no ties
    ours = ndcg_at_k(top_k(scores, csr_array((40, 25)), k), relevant)
    labels = (relevant.toarray() != 0).astype(int)
    for user in range(40):
        if labels[user].any():
            theirs = ndcg_score(labels[[user]], scores[[user]], k=k)
            assert ours[user] == pytest.approx(theirs, rel=1e-12)
        else:
            assert np.isnan(ours[user])


@pytest.mark.parametrize("k", [1, 5, 20])
def test_recall_and_hit_rate_equal_a_slow_loop(k):
    relevant = random_sparse(40, 25, 0.1, seed=k)
    scores = np.random.default_rng(k).normal(size=(40, 25))
    recommended = top_k(scores, random_sparse(40, 25, 0.5, seed=k + 1), k)
    for user in range(40):
        wanted = set(relevant[[user]].nonzero()[1].tolist())
        found = wanted & set(recommended[user].tolist())
        recall = recall_at_k(recommended, relevant)[user]
        hit = hit_rate_at_k(recommended, relevant)[user]
        if wanted:
            assert recall == pytest.approx(len(found) / len(wanted))
            assert hit == float(bool(found))
        else:
            assert np.isnan(recall)
            assert np.isnan(hit)


@pytest.mark.parametrize("metric", [ndcg_at_k, recall_at_k, hit_rate_at_k])
def test_impossible_recommendations_are_refused(metric):
    relevant = csr_array(np.eye(2, 4))
    with pytest.raises(ValueError, match=r"recommended has shape \(3, 2\): .* \(2, k\)"):
        metric(np.zeros((3, 2), dtype=int), relevant)
    with pytest.raises(ValueError, match="from 0 to 4: items go from 0 to 3"):
        metric(np.array([[0, 1], [3, 4]]), relevant)
    with pytest.raises(ValueError, match="from -2 to 1"):
        metric(np.array([[0, 1], [-2, 1]]), relevant)
    with pytest.raises(ValueError, match="an item twice for user 1"):
        metric(np.array([[0, -1, -1], [3, 1, 3]]), relevant)


def test_mean_and_standard_error():
    mean, error = mean_and_standard_error(np.array([1.0, np.nan, 0.0, 0.5, 0.5]))
    assert mean == 0.5
    assert error == pytest.approx(np.sqrt(1 / 6) / 2)  # deviations 0.5, -0.5, 0, 0; n = 4
    values = np.random.default_rng(0).random(100)
    values[::7] = np.nan
    assert mean_and_standard_error(values) == pytest.approx(
        (np.nanmean(values), sem(values, nan_policy="omit"))
    )


@pytest.mark.parametrize(("values", "n"), [([], 0), ([np.nan, 0.3], 1), ([np.nan, np.nan], 0)])
def test_a_standard_error_needs_two_users(values, n):
    with pytest.raises(ValueError, match=f"a number for {n} users"):
        mean_and_standard_error(np.array(values))


def test_popularity_on_the_bundled_ratings():
    """The baseline that the lectures quote."""
    train, test = split_at_random(load_movielens_small().with_popular_films(10), 0.2, seed=0)
    seen = train.interactions()
    scores = np.tile(seen.sum(axis=0), (train.n_users, 1))
    recommended = top_k(scores, seen, 10)
    mean, error = mean_and_standard_error(ndcg_at_k(recommended, test.interactions()))
    assert (round(mean, 4), round(error, 4)) == (0.1663, 0.0079)
