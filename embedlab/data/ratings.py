"""The bundled MovieLens ratings, and the splits that lectures train and test on.

The data's terms are in datasets/movielens_small/README.md: no commercial use, acknowledge GroupLens
in publications, redistribute only under the same terms.
"""

import csv
import io
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from embedlab.data.bundled import read_bundled


@dataclass(frozen=True, eq=False, repr=False)
class Films:
    """What is known of each film; position i belongs to item i of the ratings.

    Attributes:
        titles: n_items strings without the year; "" for the few films whose title is missing.
        years: (n_items,) int64 year of release; 0 where it is missing.
        genres: n_items tuples of genre names; () where MovieLens lists none.
        movielens_ids: (n_items,) int64, MovieLens' own movieId, increasing.
    """

    titles: tuple[str, ...]
    years: np.ndarray
    genres: tuple[tuple[str, ...], ...]
    movielens_ids: np.ndarray

    def __len__(self) -> int:
        """Return n_items."""
        return len(self.titles)

    def __repr__(self) -> str:
        """Return one short line instead of thousands of titles."""
        return f"Films({len(self):,} films)"


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """Ratings as parallel arrays, one position per rating.

    Positions are sorted by user, then time, then item; every method and split keeps that order.
    A user rates a film at most once.

    Attributes:
        users: (n,) int64 user index, 0 to n_users - 1.
        items: (n,) int64 item index, 0 to n_items - 1; its film is position `item` of `films`.
        values: (n,) float64 stars, 0.5 to 5 in steps of 0.5.
        timestamps: (n,) int64 seconds since 1970-01-01 00:00 UTC.
        n_users: number of users, those without a rating here included.
        n_items: number of films, those without a rating here included.
        films: what is known of the n_items films.
    """

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray
    timestamps: np.ndarray
    n_users: int
    n_items: int
    films: Films

    def __len__(self) -> int:
        """Return n, the number of ratings."""
        return len(self.values)

    def __repr__(self) -> str:
        """Return one short line instead of the arrays."""
        return f"Ratings({len(self):,} ratings of {self.n_items:,} films by {self.n_users:,} users)"

    def interactions(self) -> csr_array:
        """Return a (n_users, n_items) float64 CSR array: 1 where the user rated the film."""
        return self._matrix(np.ones(len(self)))

    def rating_matrix(self) -> csr_array:
        """Return a (n_users, n_items) float64 CSR array of stars; what is not stored is unknown."""
        return self._matrix(self.values)

    def _matrix(self, data: np.ndarray) -> csr_array:
        # scikit-learn's linear models refuse sparse input with 64-bit indices.
        cells = self.users.astype(np.int32), self.items.astype(np.int32)
        return csr_array((data, cells), shape=(self.n_users, self.n_items))

    def with_popular_films(self, min_ratings: int) -> "Ratings":
        """Keep the films that have at least `min_ratings` ratings here, and the ratings of those.

        Items get new indices 0, 1, ... in their old order, and `films` shrinks with them. Users
        keep their indices, even one who is left without ratings.

        Raises:
            ValueError: `min_ratings` is below 1, or no film has that many ratings.
        """
        counts = np.bincount(self.items, minlength=self.n_items)
        if not 1 <= min_ratings <= counts.max():
            raise ValueError(
                f"min_ratings is {min_ratings}: choose a number from 1 to {counts.max()}, "
                "the number of ratings of the most rated film."
            )
        keep = counts >= min_ratings
        kept_films = np.flatnonzero(keep)
        new_index = np.cumsum(keep) - 1
        kept = self._at(keep[self.items])
        return replace(
            kept,
            items=new_index[kept.items],
            n_items=len(kept_films),
            films=Films(
                titles=tuple(self.films.titles[i] for i in kept_films),
                years=self.films.years[kept_films],
                genres=tuple(self.films.genres[i] for i in kept_films),
                movielens_ids=self.films.movielens_ids[kept_films],
            ),
        )

    def _at(self, mask: np.ndarray) -> "Ratings":
        """Return the ratings where the (n,) boolean mask is true; users, items, films unchanged."""
        return replace(
            self,
            users=self.users[mask],
            items=self.items[mask],
            values=self.values[mask],
            timestamps=self.timestamps[mask],
        )


def load_movielens_small() -> Ratings:
    """Return the bundled ratings: 100,004 ratings of 9,066 films by 671 users, 1995 to 2016.

    Users and films are numbered in the order of MovieLens' userId and movieId.

    Raises:
        DataError: a data file is missing, cut short or altered; the message names it.
    """
    films = _read_films(read_bundled("movielens_small", "films.csv.bz2"))
    text = read_bundled("movielens_small", "ratings.csv.bz2")
    table = np.loadtxt(io.BytesIO(text), delimiter=",", skiprows=1)
    # float64 holds integers up to 2**53 exactly: ids and times survive the detour.
    user_ids, users = np.unique(table[:, 0].astype(np.int64), return_inverse=True)
    return Ratings(
        users=users,
        items=np.searchsorted(films.movielens_ids, table[:, 1].astype(np.int64)),
        values=table[:, 2].copy(),
        timestamps=table[:, 3].astype(np.int64),
        n_users=len(user_ids),
        n_items=len(films),
        films=films,
    )


def _read_films(text: bytes) -> Films:
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")))
    return Films(
        titles=tuple(row["title"] for row in rows),
        years=np.array([int(row["year"] or 0) for row in rows]),
        genres=tuple(
            () if row["genres"] == "(no genres listed)" else tuple(row["genres"].split("|"))
            for row in rows
        ),
        movielens_ids=np.array([int(row["movieId"]) for row in rows]),
    )


def split_leave_last_out(ratings: Ratings, n_last: int = 1) -> tuple[Ratings, Ratings]:
    """Hold out every user's last `n_last` ratings by time: what would they watch next?

    Of two ratings that a user gave in the same second, the one with the higher item index counts as
    the later (about a third of the bundled ratings share their second with another of that user).

    Returns:
        (train, test), disjoint, together all ratings, with the same users, items and films.

    Raises:
        ValueError: `n_last` is below 1, or a user would be left without a training rating.
    """
    if n_last < 1:
        raise ValueError(f"n_last is {n_last}: hold out at least 1 rating of every user.")
    fewest = np.bincount(ratings.users, minlength=ratings.n_users).min()
    if n_last >= fewest:
        raise ValueError(
            f"n_last is {n_last}, but a user here has only {fewest} ratings and must keep at least "
            "1 for training: choose a smaller n_last, or keep more films (a smaller min_ratings)."
        )
    return _hold_out(
        ratings,
        n_test=np.full(ratings.n_users, n_last),
        order=np.lexsort((-ratings.items, -ratings.timestamps, ratings.users)),
    )


def split_at_random(ratings: Ratings, test_fraction: float, seed: int) -> tuple[Ratings, Ratings]:
    """Hold out about the same fraction of every user's ratings, chosen at random.

    Of a user's n_u ratings, min(rint(test_fraction * n_u), n_u - 1) go to the test set, where rint
    is numpy.rint (nearest integer, halves to the even one). So a user with ratings keeps at least
    one for training, and has one in the test set as soon as test_fraction * n_u exceeds 1/2 and n_u
    exceeds 1. Within a user every choice of that many ratings is equally likely.

    Args:
        ratings: what to split.
        test_fraction: strictly between 0 and 1.
        seed: of numpy.random.default_rng; the same seed gives the same split.

    Returns:
        (train, test), disjoint, together all ratings, with the same users, items and films.

    Raises:
        ValueError: `test_fraction` is not strictly between 0 and 1.
    """
    if not 0 < test_fraction < 1:
        raise ValueError(
            f"test_fraction is {test_fraction}: choose a number strictly between 0 and 1, "
            "such as 0.2 for a fifth of every user's ratings."
        )
    n_ratings = np.bincount(ratings.users, minlength=ratings.n_users)
    n_test = np.minimum(np.rint(test_fraction * n_ratings), n_ratings - 1)
    shuffle = np.random.default_rng(seed).random(len(ratings))
    return _hold_out(ratings, n_test=n_test, order=np.lexsort((shuffle, ratings.users)))


def split_in_three(
    ratings: Ratings, seed: int, test_fraction: float = 0.2
) -> tuple[Ratings, Ratings, Ratings]:
    """Hide a fraction of every user's ratings for a test, and of the rest as many for validation.

    The models train on the first part, choose settings and when to stop on the second, and are
    tested once on the third. A user with few ratings may have none in the second or third part,
    but keeps at least one in the first.

    >>> films = load_movielens_small().with_popular_films(min_ratings=20)
    >>> train, validation, test = split_in_three(films, seed=1)
    >>> A = train.interactions()  # (n_users, n_items); user u's history, increasing:
    >>> history = A.indices[A.indptr[u] : A.indptr[u + 1]]
    >>> known = A + validation.interactions()  # what a test must not recommend again
    >>> recommended = top_k(scores, known, k=10)

    Args:
        ratings: what to split.
        seed: the same seed gives the same split; another one, another split of all ratings.
        test_fraction: of a user's ratings that go to the test, and of the rest to validation,
            rounded as `split_at_random` does; strictly between 0 and 1.

    Returns:
        (train, validation, test), disjoint, together all ratings, with the same users, items and
        films.

    Raises:
        ValueError: `test_fraction` is not strictly between 0 and 1.
    """
    rest, test = split_at_random(ratings, test_fraction, seed)
    # Not `seed` again: its first numbers have already decided about these users.
    return *split_at_random(rest, test_fraction, seed + 100), test


def _hold_out(ratings: Ratings, n_test: np.ndarray, order: np.ndarray) -> tuple[Ratings, Ratings]:
    """Split off the first n_test[u] ratings of each user u in `order`, which goes user by user."""
    users = ratings.users[order]
    first = np.searchsorted(users, users)  # where the block of each rating's user begins
    held_out = np.zeros(len(ratings), dtype=bool)
    held_out[order] = np.arange(len(ratings)) - first < n_test[users]
    return ratings._at(~held_out), ratings._at(held_out)
