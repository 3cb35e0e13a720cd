"""The bundled ratings and the splits."""

import numpy as np
import pytest

from embedlab.data.ratings import (
    Films,
    Ratings,
    load_movielens_small,
    split_at_random,
    split_in_three,
    split_leave_last_out,
)


@pytest.fixture(scope="module")
def movielens() -> Ratings:
    return load_movielens_small()


def make_ratings(rows: list[tuple[int, int, int]], n_users: int, n_items: int) -> Ratings:
    """Return ratings from (user, time, item) rows; stars follow from user and item."""
    users, times, items = np.array(sorted(rows), dtype=np.int64).T
    films = Films(
        titles=tuple(f"film {i}" for i in range(n_items)),
        years=np.arange(1990, 1990 + n_items),
        genres=tuple((f"genre {i}",) for i in range(n_items)),
        movielens_ids=np.arange(100, 100 + n_items),
    )
    values = ((users + items) % 10 + 1) / 2
    return Ratings(users, items, values, times, n_users, n_items, films)


def random_ratings(seed: int, fewest: int = 1) -> Ratings:
    """Return ratings of 12 users with `fewest` to 20 of 23 films each and many equal times."""
    rng = np.random.default_rng(seed)
    rows = [
        (user, int(rng.integers(6)), int(item))
        for user in range(12)
        for item in rng.choice(23, size=rng.integers(fewest, 21), replace=False)
    ]
    return make_ratings(rows, n_users=12, n_items=23)


def rows_of(ratings: Ratings) -> list[tuple]:
    columns = ratings.users, ratings.items, ratings.values, ratings.timestamps
    return list(zip(*(column.tolist() for column in columns), strict=True))


def assert_splits(ratings: Ratings, train: Ratings, test: Ratings) -> None:
    """Disjoint, together complete, in order, and of the same users, items and films."""
    assert not set(rows_of(train)) & set(rows_of(test))
    assert set(rows_of(train)) | set(rows_of(test)) == set(rows_of(ratings))
    assert len(train) + len(test) == len(ratings)
    for part in (train, test):
        assert (part.n_users, part.n_items) == (ratings.n_users, ratings.n_items)
        assert part.films is ratings.films
        assert [row for row in rows_of(ratings) if row in set(rows_of(part))] == rows_of(part)


def test_bundled_ratings_have_the_documented_shapes(movielens):
    assert (len(movielens), movielens.n_users, movielens.n_items) == (100_004, 671, 9_066)
    for name in ("users", "items", "timestamps"):
        assert getattr(movielens, name).dtype == np.int64
        assert getattr(movielens, name).shape == (100_004,)
    assert movielens.values.dtype == np.float64
    assert set(movielens.values) == {star / 2 for star in range(1, 11)}
    assert np.array_equal(np.unique(movielens.users), np.arange(671))
    assert np.array_equal(np.unique(movielens.items), np.arange(9_066))
    assert repr(movielens) == "Ratings(100,004 ratings of 9,066 films by 671 users)"


def test_bundled_ratings_are_sorted_and_unique(movielens):
    order = np.lexsort((movielens.items, movielens.timestamps, movielens.users))
    assert np.array_equal(order, np.arange(len(movielens)))
    assert len(set(zip(movielens.users, movielens.items, strict=True))) == len(movielens)


def test_known_films_and_a_known_rating(movielens):
    films = movielens.films
    assert len(films) == len(films.years) == len(films.genres) == len(films.movielens_ids) == 9_066
    assert films.years.dtype == films.movielens_ids.dtype == np.int64
    assert (np.diff(films.movielens_ids) > 0).all()
    leon = np.searchsorted(films.movielens_ids, 293)
    assert films.titles[leon] == "Léon: The Professional (a.k.a. The Professional) (Léon)"
    assert films.years[leon] == 1994
    assert films.genres[leon] == ("Action", "Crime", "Drama", "Thriller")
    assert sum(title == "" for title in films.titles) == (films.years == 0).sum() == 5
    assert sum(genres == () for genres in films.genres) == 17
    # userId 1 gave "Dangerous Minds" (movieId 31) 2.5 stars on 2009-12-14.
    dangerous_minds = np.searchsorted(films.movielens_ids, 31)
    row = (0, dangerous_minds, 2.5, 1_260_759_144)
    assert row in rows_of(movielens)


def test_matrices_hold_ones_and_stars():
    ratings = make_ratings([(0, 5, 1), (2, 3, 0), (2, 4, 3)], n_users=3, n_items=4)
    stars = np.array([[0, 1.0, 0, 0], [0, 0, 0, 0], [1.5, 0, 0, 3.0]])
    assert np.array_equal(ratings.rating_matrix().toarray(), stars)
    assert np.array_equal(ratings.interactions().toarray(), (stars > 0).astype(float))
    for matrix in (ratings.rating_matrix(), ratings.interactions()):
        assert (matrix.format, matrix.dtype, matrix.nnz) == ("csr", np.float64, 3)
        assert matrix.indices.dtype == np.int32  # scikit-learn's linear models refuse int64


def test_popular_films_are_reindexed():
    rows = [(0, 1, 3), (0, 2, 1), (1, 1, 3), (2, 9, 0), (3, 1, 1), (3, 2, 3)]
    popular = make_ratings(rows, n_users=4, n_items=5).with_popular_films(2)
    assert (popular.n_users, popular.n_items, len(popular)) == (4, 2, 5)
    assert popular.films.titles == ("film 1", "film 3")
    assert popular.films.years.tolist() == [1991, 1993]
    assert popular.films.genres == (("genre 1",), ("genre 3",))
    assert popular.films.movielens_ids.tolist() == [101, 103]
    # user 2 rated only a dropped film: still there, with no rating
    assert popular.users.tolist() == [0, 0, 1, 3, 3]
    assert popular.items.tolist() == [1, 0, 1, 0, 1]
    assert popular.timestamps.tolist() == [1, 2, 1, 1, 2]
    assert popular.values.tolist() == [2.0, 1.0, 2.5, 2.5, 3.5]


def test_popular_films_keep_their_ratings(movielens):
    popular = movielens.with_popular_films(50)
    counts = np.bincount(movielens.items)
    assert popular.n_items == (counts >= 50).sum()
    assert len(popular) == counts[counts >= 50].sum()
    assert np.bincount(popular.items).min() == 50
    position = {film: i for i, film in enumerate(movielens.films.movielens_ids.tolist())}
    back = [position[film] for film in popular.films.movielens_ids.tolist()]
    before = set(rows_of(movielens))
    for user, item, value, time in rows_of(popular):
        assert (user, back[item], value, time) in before


@pytest.mark.parametrize("min_ratings", [0, -3, 342])
def test_an_impossible_popularity_is_refused(movielens, min_ratings):
    with pytest.raises(ValueError, match=f"min_ratings is {min_ratings}: .* from 1 to 341"):
        movielens.with_popular_films(min_ratings)


def test_leave_last_out_takes_the_latest_and_breaks_ties_by_item():
    rows = [(0, 10, 4), (0, 30, 2), (0, 20, 1), (1, 7, 0), (1, 7, 3), (1, 7, 2)]
    ratings = make_ratings(rows, n_users=2, n_items=5)
    train, test = split_leave_last_out(ratings)
    assert list(zip(test.users.tolist(), test.items.tolist(), strict=True)) == [(0, 2), (1, 3)]
    train, test = split_leave_last_out(ratings, n_last=2)
    assert list(zip(train.users.tolist(), train.items.tolist(), strict=True)) == [(0, 4), (1, 0)]


@pytest.mark.parametrize("n_last", [1, 2, 5])
@pytest.mark.parametrize("seed", range(3))
def test_leave_last_out_equals_a_slow_loop(seed, n_last):
    ratings = random_ratings(seed, fewest=n_last + 1)
    train, test = split_leave_last_out(ratings, n_last)
    assert_splits(ratings, train, test)
    expected = []
    for user in range(ratings.n_users):
        mine = [row for row in rows_of(ratings) if row[0] == user]
        mine.sort(key=lambda row: (row[3], row[1]))
        expected += mine[-n_last:]
    assert set(rows_of(test)) == set(expected)


@pytest.mark.parametrize("n_last", [0, -1])
def test_leave_last_out_needs_something_to_leave_out(n_last):
    with pytest.raises(ValueError, match=f"n_last is {n_last}: "):
        split_leave_last_out(random_ratings(0), n_last)


@pytest.mark.parametrize("n_users", [2, 3])
def test_leave_last_out_keeps_a_training_rating_of_everyone(n_users):
    rows = [(0, 1, 0), (0, 2, 1), (0, 3, 2), (1, 1, 0), (1, 2, 1)]
    ratings = make_ratings(rows, n_users=n_users, n_items=3)
    fewest = {2: 2, 3: 0}[n_users]  # the third user has no ratings
    with pytest.raises(ValueError, match=f"n_last is 2, but a user here has only {fewest} ratings"):
        split_leave_last_out(ratings, n_last=2)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.5, 0.97])
def test_random_split_takes_the_documented_number_of_every_user(seed, fraction):
    ratings = random_ratings(seed)
    train, test = split_at_random(ratings, fraction, seed)
    assert_splits(ratings, train, test)
    for user in range(ratings.n_users):
        n_ratings = (ratings.users == user).sum()
        n_test = min(round(fraction * n_ratings), n_ratings - 1)
        assert (test.users == user).sum() == n_test
        assert (train.users == user).sum() >= 1


def test_random_split_leaves_a_user_without_ratings_alone():
    ratings = make_ratings([(0, 1, 0), (0, 2, 1), (2, 1, 0), (2, 2, 1)], n_users=3, n_items=2)
    train, test = split_at_random(ratings, 0.5, seed=0)
    assert train.users.tolist() == test.users.tolist() == [0, 2]


def test_random_split_follows_its_seed(movielens):
    first, again, other = (split_at_random(movielens, 0.2, seed)[1] for seed in (0, 0, 1))
    assert rows_of(first) == rows_of(again)
    assert rows_of(first) != rows_of(other)


def test_random_split_can_choose_every_subset():
    ratings = make_ratings([(0, 1, item) for item in range(4)], n_users=1, n_items=4)
    subsets = {tuple(split_at_random(ratings, 0.5, seed)[1].items) for seed in range(100)}
    assert len(subsets) == 6


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20, float("nan")])
def test_random_split_refuses_a_fraction_that_is_none(fraction):
    with pytest.raises(ValueError, match=f"test_fraction is {fraction}: .* between 0 and 1"):
        split_at_random(random_ratings(0), fraction, seed=0)


@pytest.mark.parametrize("seed", range(5))
def test_three_parts_are_a_test_and_a_validation_fifth_of_the_rest(seed):
    ratings = random_ratings(seed)
    train, validation, test = split_in_three(ratings, seed)
    rest, same_test = split_at_random(ratings, 0.2, seed)
    assert rows_of(test) == rows_of(same_test)
    assert_splits(rest, train, validation)
    for user in range(ratings.n_users):
        n_rest = (rest.users == user).sum()
        assert (validation.users == user).sum() == min(round(0.2 * n_rest), n_rest - 1)


def test_no_rating_has_better_chances_of_being_validated():
    ratings = make_ratings([(0, item, item) for item in range(10)], n_users=1, n_items=10)
    validated = [split_in_three(ratings, seed)[1].items for seed in range(1000)]
    shares = np.bincount(np.concatenate(validated), minlength=10) / 1000
    assert np.abs(shares - 0.2).max() < 0.05


def test_three_parts_refuse_a_fraction_that_is_none():
    with pytest.raises(ValueError, match=r"test_fraction is 1\.5: .* between 0 and 1"):
        split_in_three(random_ratings(0), seed=0, test_fraction=1.5)
