"""What the personal widgets say to their views, and that their traits say nothing."""

import json

import numpy as np
import pytest

from embedlab import Lecture
from embedlab.data.ratings import load_movielens_small
from embedlab.me import FILMS, Me, rate, read
from embedlab.widgets import RateFilms, YourList


@pytest.fixture(scope="module")
def ratings():
    return load_movielens_small().with_popular_films(50)


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "me.json"


@pytest.fixture
def scores(ratings):
    return np.random.default_rng(0).normal(size=ratings.n_items)


def sent(widget, asked, monkeypatch):
    """Return what a view that sends `asked` is told, as JSON."""
    told = []
    monkeypatch.setattr(widget, "send", told.append)
    widget._handle_custom_msg(asked, [])
    (answer,) = told
    return json.loads(json.dumps(answer))


def test_a_view_asks_for_the_ratings_and_changes_them(path, ratings, monkeypatch):
    widget = RateFilms(ratings)
    assert sent(widget, {}, monkeypatch) == {"ratings": [], "problem": ""}
    assert not path.exists()
    after = {"ratings": [[260, 4.5]], "problem": ""}
    assert sent(widget, {"film": 260, "stars": 4.5}, monkeypatch) == after
    assert read(path)["ratings"] == [[260, 4.5]]
    assert sent(RateFilms(ratings), {}, monkeypatch) == after
    assert sent(widget, {"film": 260, "stars": None}, monkeypatch)["ratings"] == []


def test_a_damaged_file_is_a_sentence_in_the_view(path, ratings, monkeypatch):
    path.write_text("{", "utf-8")
    widget = RateFilms(ratings)
    for asked in ({}, {"film": 1, "stars": 2.0}):
        answer = sent(widget, asked, monkeypatch)
        assert answer["ratings"] is None
        assert "me.json is damaged" in answer["problem"]
    assert path.read_text("utf-8") == "{"


def test_the_films_have_titles_as_people_say_them(path, ratings):
    films = RateFilms(ratings).films
    assert [film["id"] for film in films] == list(FILMS)
    assert {"id": 2571, "title": "The Matrix (1999)"} in films


def test_data_without_the_films_are_refused(ratings):
    with pytest.raises(ValueError, match=r"ratings has no films \[344, .*: give it all films"):
        RateFilms(ratings.with_popular_films(200))


def test_the_list_leaves_out_what_was_rated_and_starts_with_the_best(
    path, ratings, scores, monkeypatch
):
    rate(path, 2571, 5.0)
    me = Me(ratings)
    scores[me.items] = 100.0
    best = np.argsort(-scores)[1:11]
    answer = sent(YourList(Lecture("03_slim"), scores, me), {}, monkeypatch)
    listed = [film for film, _ in answer["lists"][0]]
    assert listed == ratings.films.movielens_ids[best].tolist()
    assert (answer["example"], answer["rated"], answer["lectures"]) == (False, 1, ["03", ""])


def test_the_list_before_is_that_of_the_latest_earlier_lecture(path, ratings, scores, monkeypatch):
    rate(path, 2571, 5.0)
    me, lists = Me(ratings), {}
    for number, name in enumerate(["01_matrix_factorization", "09_self_attention", "03_slim"]):
        answer = sent(YourList(Lecture(name), np.roll(scores, number), me), {}, monkeypatch)
        lists[name] = answer["lists"][0]
    answer = sent(YourList(Lecture("04_factorization_machines"), scores, me), {}, monkeypatch)
    assert answer["lectures"] == ["04", "03"]
    assert answer["lists"][1] == lists["03_slim"]
    assert read(path)["lists"].keys() == {*lists, "04_factorization_machines"}
    assert read(path)["lists"]["03_slim"] == lists["03_slim"]


def test_the_example_person_s_list_is_not_kept(path, ratings, scores, monkeypatch):
    answer = sent(YourList(Lecture("03_slim"), scores, Me(ratings)), {}, monkeypatch)
    assert answer["example"]
    assert not path.exists()


def test_a_list_that_cannot_be_kept_is_shown_with_a_sentence(path, ratings, scores, monkeypatch):
    rate(path, 2571, 5.0)
    me = Me(ratings)
    path.write_text("{", "utf-8")
    answer = sent(YourList(Lecture("03_slim"), scores, me), {}, monkeypatch)
    assert len(answer["lists"][0]) == 10
    assert "me.json is damaged" in answer["problem"]


def test_films_without_a_score_are_not_listed(path, ratings, monkeypatch):
    scores = np.full(ratings.n_items, -np.inf)
    scores[:3] = [1.0, 3.0, 2.0]
    me = Me(ratings)
    scores[me.items] = 9.0
    answer = sent(YourList(Lecture("03_slim"), scores, me), {}, monkeypatch)
    assert 1 <= len(answer["lists"][0]) <= 3
    with pytest.raises(ValueError, match="leaves no film that you have not rated"):
        YourList(Lecture("03_slim"), np.full(ratings.n_items, -np.inf), me)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_cannot_be_ranked_are_refused(path, ratings, scores, wrong):
    scores[5] = wrong
    with pytest.raises(ValueError, match="NaN or infinite"):
        YourList(Lecture("03_slim"), scores, Me(ratings))
    with pytest.raises(ValueError, match=rf"shape \(2,\): it must be \({ratings.n_items},\)"):
        YourList(Lecture("03_slim"), scores[:2], Me(ratings))


def test_nothing_of_yours_is_in_a_trait_or_in_a_repr(path, ratings, scores):
    def seen():
        me = Me(ratings)
        widgets = RateFilms(ratings), YourList(Lecture("03_slim"), scores, me)
        return [repr(me), *((repr(widget), widget.get_state()) for widget in widgets)]

    def plain(shown):
        return json.dumps(shown, default=str).replace("IPY_MODEL_", "")

    example = seen()
    rate(path, 2571, 0.5)
    for before, after in zip(example, seen(), strict=True):
        if isinstance(before, tuple):
            for state in (before[1], after[1]):
                state.pop("layout", None)  # a model of its own, with a random id
        assert plain(before) == plain(after)
