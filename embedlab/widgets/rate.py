"""Your own ratings and your own list: what is yours never becomes a part of the notebook.

JupyterLab saves the traits of a widget with the notebook. So the traits hold neutral data only, and
yours travels in messages, when a view asks for it.
"""

from pathlib import Path

import numpy as np
import traitlets

from embedlab.data.ratings import Films, Ratings
from embedlab.lecture import Lecture
from embedlab.me import FILMS, NAME, Me, MeError, change, rate, read, short_title
from embedlab.widgets.base import CourseWidget, javascript, stylesheet

N_LISTED = 10


class PersonalWidget(CourseWidget):
    """A widget that answers its views and looks the same in everybody's notebook."""

    def __init__(self, **traits: object) -> None:
        super().__init__({}, **traits)
        self.on_msg(lambda _, content, buffers: self.send(self.answer(content)))

    def __repr__(self) -> str:
        """Return the same for everybody."""
        return f"<{type(self).__name__}: yours stays in {NAME}>"

    def answer(self, asked: dict) -> dict:
        """Return what to tell the view that sent `asked`."""
        raise NotImplementedError


class RateFilms(PersonalWidget):
    """Sliders to rate well-known films; every change is kept at once in `me.json`.

    >>> RateFilms(ratings)

    Args:
        ratings: from which the films have their titles.

    Raises:
        ValueError: one of the films is not among those of `ratings`.
    """

    _esm = javascript("rate")
    _css = stylesheet("rate")
    films = traitlets.List().tag(sync=True)

    def __init__(self, ratings: Ratings) -> None:
        self._path = Path.cwd() / NAME
        place = {int(film): item for item, film in enumerate(ratings.films.movielens_ids)}
        if missing := [film for film in FILMS if film not in place]:
            raise ValueError(f"ratings has no films {missing} (movieId): give it all films.")
        super().__init__(
            films=[{"id": film, "title": _title(ratings.films, place[film])} for film in FILMS]
        )

    def answer(self, asked: dict) -> dict:
        """Return {"ratings": [[movieId, stars], ...] or None, "problem": a sentence or ""}.

        Args:
            asked: {} asks for the ratings; {"film": movieId, "stars": stars or None} changes one.
        """
        try:
            if "film" in asked:
                record = rate(self._path, asked["film"], asked["stars"])
            else:
                record = read(self._path)
            return {"ratings": record["ratings"], "problem": ""}
        except MeError as error:
            return {"ratings": None, "problem": str(error)}


class YourList(PersonalWidget):
    """The ten films that a lecture's model recommends to you, beside those of the lecture before.

    Your list is kept in `me.json`, for the lectures to come; the example person's is not.

    >>> YourList(lecture, scores, me)

    Args:
        lecture: the Lecture.
        scores: (n_items,) for every film of `me.films`; higher is better, -inf is never listed.
            Films that you rated are left out.
        me: who the list is for.

    Raises:
        ValueError: the shape does not fit, a score is NaN or +inf, or there is nothing to list.
    """

    _esm = javascript("your_list")
    _css = stylesheet("your_list")

    def __init__(self, lecture: Lecture, scores: np.ndarray, me: Me) -> None:
        films = me.films
        if np.shape(scores) != (len(films),):
            raise ValueError(f"scores has shape {np.shape(scores)}: it must be ({len(films)},).")
        scores = np.array(scores, dtype=np.float64)
        if np.isnan(scores).any() or np.isposinf(scores).any():
            raise ValueError("scores holds NaN or infinite numbers, which cannot be ranked.")
        scores[me.items] = -np.inf
        best = np.argsort(-scores, kind="stable")[:N_LISTED]
        best = best[np.isfinite(scores[best])]
        if len(best) == 0:
            raise ValueError("scores leaves no film that you have not rated.")
        here = [[int(films.movielens_ids[i]), _title(films, i)] for i in best]
        problem, before = "", ("", [])
        if not me.is_example:
            try:
                lists = change(
                    me.path, lambda record: record["lists"].update({lecture.name: here})
                )["lists"]
                earlier = [name for name in lists if name < lecture.name]
                before = max(((name, lists[name]) for name in earlier), default=before)
            except MeError as error:
                problem = str(error)
        self._answer = {
            "example": me.is_example,
            "rated": len(me.items),
            "lectures": [lecture.name[:2], before[0][:2]],
            "lists": [here, before[1]],
            "problem": problem,
        }
        super().__init__()

    def answer(self, asked: dict) -> dict:
        """Return both lists, [movieId, title] of every film, best first, and whose they are."""
        return self._answer


def _title(films: Films, item: int) -> str:
    return short_title(films.titles[item], int(films.years[item]))
