"""You as one user more: your own ratings, kept in `me.json` beside your notebooks, and your lists.

Nothing of it goes anywhere else. Whoever has not rated films yet works with an example person.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from embedlab.data.ratings import Ratings
from embedlab.errors import StudentError
from embedlab.files import write_whole

NAME = "me.json"  # in the notebook's folder
STARS = tuple(half / 2 for half in range(1, 11))

# What the rating widget asks for, by MovieLens' movieId: films that at least 140 of the 671 people
# rated, from both ends of the first four principal directions of what the bias terms leave.
FILMS = (1, 260, 296, 318, 344, 356, 480, 527, 593, 597, 608, 780, 1721, 2571, 4306, 4993)

# The example person, who does not exist: fond of science fiction and crime, not of romance.
EXAMPLE = (
    (260, 5.0), (2571, 5.0), (296, 4.5), (593, 4.5), (4993, 4.5), (608, 4.0), (1, 3.5), (480, 3.5),
    (356, 2.5), (780, 2.0), (344, 1.5), (597, 1.5), (1721, 1.0),
)  # fmt: skip


class MeError(StudentError):
    """`me.json` cannot be read or written; the message says what to do."""


class Me:
    """Your ratings as a lecture's data number the films.

    >>> me = Me(ratings)
    >>> me.items, me.values

    Args:
        ratings: whose films are meant; yours that are not among them are left out.

    Attributes:
        items: (n,) int64 films of `ratings.films`, in the order in which you rated them.
        values: (n,) float64 stars of these.
        films: `ratings.films`.
        is_example: whether these are the example person's, because you have rated nothing yet.
        path: where your ratings are kept.

    Raises:
        MeError: `me.json` is there and cannot be read.
    """

    def __init__(self, ratings: Ratings) -> None:
        self.path, self.films = Path.cwd() / NAME, ratings.films
        given = read(self.path)["ratings"]
        self.is_example = not given
        place = {int(film): item for item, film in enumerate(self.films.movielens_ids)}
        known = [(place[film], stars) for film, stars in given or EXAMPLE if film in place]
        self.items = np.array([item for item, _ in known], dtype=np.int64)
        self.values = np.array([stars for _, stars in known], dtype=np.float64)

    def __repr__(self) -> str:
        """Return the same for everybody: a notebook that is handed in says nothing about you."""
        return f"<Me: the ratings in {NAME}>"

    def join(self, train: Ratings) -> tuple[Ratings, Ratings]:
        """Return the ratings with you as the last user, and what to ask about you.

        Args:
            train: of the same films.

        Returns:
            (train with your ratings, rated last of all, as user train.n_users; a position per film
            for that user, with 0 stars, for which a model can be asked).

        Raises:
            ValueError: `train` is of other films.
        """
        if train.n_items != len(self.films):
            raise ValueError(
                f"train has {train.n_items} films and you were matched with {len(self.films)}: "
                "make Me(...) from the same ratings."
            )
        you, now = train.n_users, train.timestamps.max()

        def at(items: np.ndarray, values: np.ndarray, times: np.ndarray) -> dict[str, np.ndarray]:
            users = np.full(len(items), you)
            return {"users": users, "items": items, "values": values, "timestamps": times}

        mine = at(self.items, self.values, now + 1 + np.arange(len(self.items)))
        joined = {name: np.concatenate([getattr(train, name), mine[name]]) for name in mine}
        every = np.arange(train.n_items)
        asked = at(every, np.zeros(len(every)), np.full(len(every), now + 1 + len(self.items)))
        return (
            replace(train, n_users=you + 1, **joined),
            replace(train, n_users=you + 1, **asked),
        )


def read(path: Path) -> dict:
    """Return {"ratings": [[movieId, stars], ...], "lists": {lecture: [[movieId, title], ...]}}.

    Ratings come in the order in which they were given, lists best first. Both are empty if there
    is no file.

    Raises:
        MeError: the file cannot be read, or is not what `change` writes.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        ratings, lists = record["ratings"], record["lists"]
        films = [film for film, stars in ratings if stars in STARS]
        listed = [(film, title) for listed in lists.values() for film, title in listed]
        if len(set(films)) < len(ratings) or not all(
            type(film) is int and type(title) is str
            for film, title in [*((film, "") for film in films), *listed]
        ):
            raise ValueError
    except FileNotFoundError:
        return {"ratings": [], "lists": {}}
    except OSError as error:
        raise MeError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MeError(
            f"{path} is damaged, so it was left as it is. Rename or delete it, and rate the films "
            "of lecture 01 again."
        ) from None
    return {"ratings": ratings, "lists": lists}


def change(path: Path, edit: Callable[[dict], None]) -> dict:
    """Read the record, edit it in place and write the file whole or not at all; return the record.

    Raises:
        MeError: the file cannot be read or written; it is then as it was.
    """
    record = read(path)
    edit(record)
    try:
        write_whole(path, json.dumps(record).encode())
    except OSError as error:
        raise MeError(
            f"{path} cannot be written ({error.strerror}): free some space, or move the course to "
            "a folder of your own."
        ) from error
    return record


def rate(path: Path, film: int, stars: float | None) -> dict:
    """Keep your stars for a film, by movieId; None takes them back. Return the new record.

    A film that is rated again keeps its place in the order.

    Raises:
        ValueError: stars are not 0.5 to 5 in steps of 0.5.
        MeError: as for `change`.
    """
    if stars is not None and stars not in STARS:
        raise ValueError(f"{stars} stars: give 0.5 to 5 in steps of 0.5, or None.")

    def edit(record: dict) -> None:
        rated = dict(record["ratings"])
        if stars is None:
            rated.pop(film, None)
        else:
            rated[film] = stars
        record["ratings"] = [list(pair) for pair in rated.items()]

    return change(path, edit)


def short_title(title: str, year: int) -> str:
    """Return "The Mask (1994)" for "Mask, The"; other names in brackets are left out.

    >>> short_title("Shawshank Redemption, The", 1994)
    'The Shawshank Redemption (1994)'
    >>> short_title("Seven (a.k.a. Se7en)", 1995)
    'Seven (1995)'
    """
    title = title.split(" (")[0]
    for article in ("The", "A", "An"):
        if title.endswith(f", {article}"):
            title = f"{article} {title.removesuffix(f', {article}')}"
    return f"{title} ({year})" if year else title
