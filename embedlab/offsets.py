"""The baseline of every model that predicts stars, and the error they are compared by."""

from collections.abc import Callable

import numpy as np

from embedlab.data.ratings import Ratings


def rmse(predicted: np.ndarray | float, true: np.ndarray) -> float:
    """Return the root mean squared error, in stars.

    Args:
        predicted: numbers of the shape of `true`, or one number for all.
        true: at least one rating.

    >>> rmse(np.array([1.0, 5.0]), np.array([4.0, 1.0]))
    3.5355339059327378
    """
    return float(np.sqrt(np.mean((predicted - true) ** 2)))


def fit_offsets(
    train: Ratings, extra_user: float = 5.0, extra_item: float = 2.0, n_rounds: int = 6
) -> Callable[[Ratings], np.ndarray]:
    """Fit mean + user's offset + film's offset, in turns, and return the prediction.

    Each offset is the sum of what is left of the user's or film's ratings, over their number plus
    the extra ratings of deviation 0 that pull it towards zero (Y. Koren, Factor in the Neighbors,
    TKDD 4(1), 2010, section 2.1: the films first, then the users, once).

    Args:
        train: the ratings to fit.
        extra_user: pretended ratings per user, at least 0.
        extra_item: pretended ratings per film, at least 0.
        n_rounds: how often films and users take turns.

    Returns:
        A function from any Ratings with these users and films to one prediction per rating.
    """
    mean = train.values.mean()
    n_user = np.bincount(train.users, minlength=train.n_users) + extra_user
    n_item = np.bincount(train.items, minlength=train.n_items) + extra_item
    user, item = np.zeros(train.n_users), np.zeros(train.n_items)
    for _ in range(n_rounds):
        left = train.values - mean - user[train.users]
        item = np.bincount(train.items, left, train.n_items) / n_item
        left = train.values - mean - item[train.items]
        user = np.bincount(train.users, left, train.n_users) / n_user
    return lambda ratings: mean + user[ratings.users] + item[ratings.items]
