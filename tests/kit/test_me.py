"""Your ratings as a file and as data; nobody's real ones are touched."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.me import EXAMPLE, FILMS, Me, MeError, change, rate, read, short_title


@pytest.fixture(scope="module")
def ratings():
    return load_movielens_small()


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The file of somebody who works in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "me.json"


def ids_of(me):
    return me.films.movielens_ids[me.items].tolist()


def test_without_a_file_it_is_the_example_person_and_none_is_made(path, ratings):
    me = Me(ratings)
    assert me.is_example
    assert list(zip(ids_of(me), me.values.tolist(), strict=True)) == list(EXAMPLE)
    assert not path.exists()


def test_your_own_ratings_come_in_the_order_they_were_given(path, ratings):
    for film, stars in ((2571, 4.0), (1, 0.5), (260, 5.0), (2571, 4.5)):
        rate(path, film, stars)
    rate(path, 1, None)
    rate(path, 1, 1.0)
    me = Me(ratings)
    assert not me.is_example
    assert ids_of(me) == [2571, 260, 1]
    assert me.values.tolist() == [4.5, 5.0, 1.0]
    assert me.items.dtype == np.int64


def test_who_took_all_back_is_the_example_person_again(path, ratings):
    rate(path, 1, 5.0)
    rate(path, 1, None)
    assert Me(ratings).is_example


def test_films_that_the_data_lack_are_left_out(path, ratings):
    rate(path, 1, 5.0)
    rate(path, 608, 2.0)
    few = ratings.with_popular_films(min_ratings=240)
    me = Me(few)
    assert ids_of(me) == [1]
    assert few.films.titles[me.items[0]] == "Toy Story"


def test_the_films_that_are_asked_for_are_in_every_lecture_s_data(ratings):
    popular = set(ratings.with_popular_films(min_ratings=140).films.movielens_ids.tolist())
    assert set(FILMS) <= popular
    assert {film for film, _ in EXAMPLE} < set(FILMS)
    train, _ = split_at_random(ratings.with_popular_films(50), test_fraction=0.2, seed=3)
    assert set(FILMS) <= set(train.films.movielens_ids.tolist())


def test_you_join_the_training_ratings_as_the_last_user(path, ratings):
    rate(path, 2571, 4.0)
    rate(path, 1, 0.5)
    train, _ = split_at_random(ratings, test_fraction=0.2, seed=1)
    me = Me(ratings)
    joined, asked = me.join(train)
    assert joined.n_users == asked.n_users == train.n_users + 1
    assert len(joined) == len(train) + 2
    assert joined.users[-2:].tolist() == [671, 671]
    assert joined.items[-2:].tolist() == me.items.tolist()
    assert joined.values[-2:].tolist() == [4.0, 0.5]
    order = np.lexsort((joined.items, joined.timestamps, joined.users))
    assert (order == np.arange(len(joined))).all()  # as Ratings promises
    assert len(asked) == ratings.n_items
    assert set(asked.users.tolist()) == {671}
    assert asked.items.tolist() == list(range(ratings.n_items))
    assert asked.timestamps.min() > joined.timestamps.max()


def test_joining_the_ratings_of_other_films_is_refused(path, ratings):
    with pytest.raises(ValueError, match=r"train has \d+ films and you were matched with 9066"):
        Me(ratings).join(ratings.with_popular_films(50))


@pytest.mark.parametrize(
    "damage",
    [
        '{"ratings": [[1, 5.0]',
        "[]",
        '{"ratings": [[1, 5.0]]}',
        '{"ratings": [[1, 7.0]], "lists": {}}',
        '{"ratings": [["1", 5.0]], "lists": {}}',
        '{"ratings": [[1, 5.0], [1, 4.0]], "lists": {}}',
        '{"ratings": [1], "lists": {}}',
        '{"ratings": [], "lists": []}',
        '{"ratings": [], "lists": {"03_slim": [1]}}',
        "\udcff",
    ],
)
def test_a_damaged_file_is_named_and_left_alone(path, ratings, damage):
    path.write_bytes(content := damage.encode("utf-8", "surrogateescape"))
    for act in (lambda: Me(ratings), lambda: rate(path, 1, 4.0)):
        with pytest.raises(MeError, match=r"me\.json is damaged.* Rename or delete it"):
            act()
    assert path.read_bytes() == content


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_change_that_fails_half_way_leaves_the_old_file(path, monkeypatch, step):
    rate(path, 1, 5.0)
    before = path.read_bytes()

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, no_space)
    with pytest.raises(MeError, match=r"me\.json cannot be written \(No space left on device\)"):
        rate(path, 1, 1.0)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_in_the_file_s_place_is_named(path, ratings):
    path.mkdir()
    with pytest.raises(MeError, match=r"me\.json cannot be read"):
        Me(ratings)


def test_ratings_and_lists_do_not_disturb_each_other(path):
    rate(path, 1, 5.0)
    change(path, lambda record: record["lists"].update({"03_slim": [[2, "Jumanji"]]}))
    rate(path, 2, 3.0)
    expected = {"ratings": [[1, 5.0], [2, 3.0]], "lists": {"03_slim": [[2, "Jumanji"]]}}
    assert read(path) == json.loads(path.read_text("utf-8")) == expected


def test_stars_that_do_not_exist_are_refused(path):
    with pytest.raises(ValueError, match=r"5\.5 stars: give 0\.5 to 5"):
        rate(path, 1, 5.5)
    assert not path.exists()


def test_titles_as_people_say_them():
    long = "Lord of the Rings: The Fellowship of the Ring, The"
    assert short_title(long, 2001) == "The Lord of the Rings: The Fellowship of the Ring (2001)"
    assert short_title("Bug's Life, A", 1998) == "A Bug's Life (1998)"
    assert short_title("Seven (a.k.a. Se7en)", 0) == "Seven"
