"""The states of every widget family, as data."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.ranking import mean_and_standard_error, ndcg_at_k
from embedlab.widgets import SlimSparsity, best_known_films, sparsity_states

L1_VALUES = [1.0, 8.0, 1000.0]
L2_VALUES = [1.0, 50.0]
N_SHOWN = 12


def slow_fit(gram, l1, l2):
    """SLIM by coordinate descent, one weight at a time."""
    n_items = len(gram)
    weights = np.zeros((n_items, n_items))
    for _ in range(3):
        for i in range(n_items):
            for j in range(n_items):
                if i != j:
                    rest = gram[j, i] - gram[j] @ weights[:, i] + gram[j, j] * weights[j, i]
                    weights[j, i] = max(rest - l1, 0) / (gram[j, j] + l2)
    return weights


@pytest.fixture(scope="module")
def split():
    return split_at_random(load_movielens_small().with_popular_films(200), 0.3, seed=1)


@pytest.fixture(scope="module")
def shown(split):
    return best_known_films(split[0], N_SHOWN)


@pytest.fixture(scope="module")
def states(split, shown):
    return sparsity_states(*split, slow_fit, L1_VALUES, L2_VALUES, shown)


@pytest.fixture(scope="module")
def fitted(split):
    """W at every grid position, by [l2][l1]."""
    gram = (split[0].interactions().T @ split[0].interactions()).toarray()
    return [[slow_fit(gram, l1, l2) for l1 in L1_VALUES] for l2 in L2_VALUES]


GRID = [(l2, l1) for l2 in range(len(L2_VALUES)) for l1 in range(len(L1_VALUES))]


@pytest.mark.parametrize(("l2", "l1"), GRID)
def test_pattern_holds_the_weights_of_the_shown_films(states, fitted, shown, l2, l1):
    expected = fitted[l2][l1][np.ix_(shown, shown)]
    np.testing.assert_array_equal(states.pattern[l2, l1] > 0, expected > 0)
    np.testing.assert_allclose(states.weights()[l2, l1], expected, atol=states.largest / 255)


@pytest.mark.parametrize(("l2", "l1"), GRID)
def test_zeros_are_counted_over_the_whole_of_w(states, fitted, l2, l1):
    weights = fitted[l2][l1]
    n_items = len(weights)
    assert states.per_film[l2, l1] == pytest.approx((weights != 0).sum(axis=0).mean())
    assert states.density[l2, l1] == pytest.approx(
        (weights != 0).sum() / (n_items * n_items - n_items)
    )


@pytest.mark.parametrize(("l2", "l1"), GRID)
def test_ndcg_is_of_each_users_ten_best_unseen_films(states, fitted, split, l2, l1):
    seen = split[0].interactions().toarray()
    expected = ndcg_of(seen @ fitted[l2][l1], seen, split[1])
    assert (states.ndcg[l2, l1], states.ndcg_error[l2, l1]) == pytest.approx(expected)


def test_popularity_recommends_the_most_rated_films(states, split):
    seen = split[0].interactions().toarray()
    scores = np.tile(seen.sum(axis=0), (len(seen), 1))
    assert states.popularity == pytest.approx(ndcg_of(scores, seen, split[1])[0])


def ndcg_of(scores, seen, test):
    ranked = [
        sorted(np.flatnonzero(seen[user] == 0), key=lambda item: (-scores[user, item], item))[:10]
        for user in range(len(scores))
    ]
    padded = np.array([row + [-1] * (10 - len(row)) for row in ranked])
    return mean_and_standard_error(ndcg_at_k(padded, test.interactions()))


def test_a_film_is_named_with_its_year(states, split, shown):
    films = split[0].films
    first = shown[0]
    assert states.titles[0] == f"{films.titles[first]} ({films.years[first]})"


def test_best_known_films_puts_the_trilogy_together():
    ratings = load_movielens_small()
    items = best_known_films(ratings, 40)
    counts = np.bincount(ratings.items)
    assert sorted(counts[items]) == sorted(counts)[-40:]
    star_wars = [
        place for place, i in enumerate(items) if ratings.films.titles[i].startswith("Star Wars")
    ]
    assert len(star_wars) == 3
    assert max(star_wars) - min(star_wars) == 2


def test_same_input_gives_the_same_bytes(states, split, shown):
    again = sparsity_states(*split, slow_fit, L1_VALUES, L2_VALUES, shown)
    for one in fields(states):
        first, second = getattr(states, one.name), getattr(again, one.name)
        assert np.asarray(first).tobytes() == np.asarray(second).tobytes(), one.name


def test_the_smallest_weight_is_not_drawn_as_zero(split, shown):
    def fit(gram, l1, l2):
        weights = np.full_like(gram, 1e-9)
        weights[shown[0], shown[1]] = 1
        return weights

    states = sparsity_states(*split, fit, [1.0, 2.0], [1.0], shown)
    assert states.pattern[0, 0, 0, 1] == 255
    assert states.pattern.min() == 1


@pytest.mark.filterwarnings("error")
def test_all_weights_zero_is_a_state_too(split, shown):
    states = sparsity_states(*split, lambda gram, l1, l2: 0 * gram, [1.0, 2.0], [1.0], shown)
    assert not states.pattern.any()
    assert not states.density.any()


@pytest.mark.parametrize(
    ("fit", "sentence"),
    [
        (lambda gram, l1, l2: gram[0], r"fit returned shape \(\d+,\): W must be \(\d+, \d+\)"),
        (lambda gram, l1, l2: -gram, "finite and not negative"),
        (lambda gram, l1, l2: gram * np.nan, "finite and not negative"),
    ],
)
def test_weights_that_are_not_slims_are_refused(split, shown, fit, sentence):
    with pytest.raises(ValueError, match=sentence):
        sparsity_states(*split, fit, L1_VALUES, L2_VALUES, shown)


def test_repr_is_short_and_changes_with_the_states(states, split, shown):
    text = repr(SlimSparsity(states))
    assert text.startswith("<SlimSparsity weights 2x3x12x12 mean=0.0")
    assert len(text) <= 110
    assert text == repr(SlimSparsity(states))
    other = sparsity_states(*split, slow_fit, [1.0, 9.0, 1000.0], L2_VALUES, shown)
    assert text != repr(SlimSparsity(other))


def test_penalties_are_sent_with_three_digits(states):
    thirds = replace(states, l1_values=np.array([1 / 3, 200 / 3, 1000]))
    assert SlimSparsity(thirds).states["l1"] == [0.333, 66.7, 1000]


def test_a_notebook_keeps_less_than_300_kb():
    """The largest grid that a lecture should use: 60 films at 4 x 12 pairs of penalties."""
    train, _ = split = split_at_random(load_movielens_small().with_popular_films(140), 0.2, seed=0)
    l1_values, l2_values = list(range(12)), list(range(4))
    films = best_known_films(train, 60)
    states = sparsity_states(*split, lambda gram, l1, l2: gram, l1_values, l2_values, films)
    kept = SlimSparsity(states).get_state()
    in_base64 = 4 / 3 * len(kept.pop("pattern"))
    assert in_base64 + len(json.dumps(kept)) < 300_000
