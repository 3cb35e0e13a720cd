"""The baseline of offsets against a slow loop, and the error."""

import numpy as np
import pytest

from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.offsets import fit_offsets, rmse


def slow_offsets(train, test, extra_user, extra_item, n_rounds):
    cells = list(zip(train.users.tolist(), train.items.tolist(), train.values, strict=True))
    mean = sum(value for *_, value in cells) / len(cells)
    user, item = [0.0] * train.n_users, [0.0] * train.n_items
    for _ in range(n_rounds):
        for one, own, others, extra in ((1, item, user, extra_item), (0, user, item, extra_user)):
            totals, counts = [0.0] * len(own), [extra] * len(own)
            for cell in cells:
                totals[cell[one]] += cell[2] - mean - others[cell[1 - one]]
                counts[cell[one]] += 1
            own[:] = np.divide(totals, counts)
    return [mean + user[u] + item[i] for u, i in zip(test.users, test.items, strict=True)]


@pytest.mark.parametrize(("extra_user", "extra_item", "n_rounds"), [(5.0, 2.0, 6), (0.5, 9.0, 1)])
def test_offsets_are_the_averages_of_what_is_left(extra_user, extra_item, n_rounds):
    ratings = load_movielens_small().with_popular_films(min_ratings=150)
    train, test = split_at_random(ratings, test_fraction=0.2, seed=0)
    settings = {"extra_user": extra_user, "extra_item": extra_item, "n_rounds": n_rounds}
    predicted = fit_offsets(train, **settings)(test)
    np.testing.assert_allclose(predicted, slow_offsets(train, test, **settings), rtol=1e-10)


def test_who_has_no_rating_gets_the_mean_and_the_other_s_offset():
    train = load_movielens_small().with_popular_films(min_ratings=150)
    stranger = train.n_users - 1
    known = train.users != stranger
    parts = {name: getattr(train, name)[known] for name in ("users", "items", "values")}
    before = type(train)(
        **parts,
        timestamps=train.timestamps[known],
        n_users=train.n_users,
        n_items=train.n_items,
        films=train.films,
    )
    predict = fit_offsets(before, extra_item=0.0, n_rounds=1)
    asked = predict(train)[~known]
    means = [before.values[before.items == item].mean() for item in train.items[~known]]
    np.testing.assert_allclose(asked, means, rtol=1e-12)


def test_rmse_by_hand():
    true = np.array([4.0, 1.0])
    assert rmse(np.array([1.0, 5.0]), true) == pytest.approx(np.sqrt(12.5))
    assert rmse(4.0, true) == pytest.approx(np.sqrt(4.5))
