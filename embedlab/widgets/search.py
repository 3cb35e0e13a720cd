"""A live search over emoji: the tower runs in the browser, beside what shared letters find."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import traitlets
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from embedlab.data.emoji import Emoji, clean_text
from embedlab.widgets.base import CourseWidget, javascript, quantise, restore, stylesheet

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "06_dssm_tower.npz"
SMALL = ("scales", "weights", "b1", "W2", "b2")  # kept as int16; W1 as int8


@dataclass(frozen=True, eq=False)
class SearchStates:
    """Emoji and a tower, as the browser keeps them: what the widget searches with.

    A text is a row x of trigram counts times `weights`, scaled to length 1; its vector is
    tanh(x W1 + b1) W2 + b2, and texts are compared by the cosine of their vectors.

    Attributes:
        characters: n_documents emoji.
        names: n_documents names; a document is its name and its keywords.
        keywords: n_documents strings.
        trigrams: n_trigrams letter trigrams, "#" at the ends of a word.
        codes: (n_trigrams, n_hidden) int8; W1 is each row of them times its scale.
        scales: (n_trigrams,) float64.
        weights: (n_trigrams,) float64.
        b1: (n_hidden,) float64.
        W2: (n_hidden, d) float64.
        b2: (d,) float64.
    """

    characters: tuple[str, ...]
    names: tuple[str, ...]
    keywords: tuple[str, ...]
    trigrams: tuple[str, ...]
    codes: np.ndarray
    scales: np.ndarray
    weights: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray

    def scores(self, queries: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the cosines of the tower, and those of the rows x, as the browser computes them.

        Args:
            queries: n_queries texts, as somebody types them.

        Returns:
            Two (n_queries, n_documents) arrays. A query without a known trigram scores 0.
        """
        asked = self._rows([clean_text(text) for text in queries])
        pairs = zip(self.names, self.keywords, strict=True)
        offered = self._rows([f"{name} {keywords}" for name, keywords in pairs])
        towers = self._vectors(asked) @ self._vectors(offered).T
        towers[np.diff(asked.indptr) == 0] = 0
        return towers, (asked @ offered.T).toarray()

    def _rows(self, texts: Sequence[str]) -> csr_array:
        marked = [trigram.replace("#", " ") for trigram in self.trigrams]
        counter = CountVectorizer(analyzer="char_wb", ngram_range=(3, 3), vocabulary=marked)
        return normalize(csr_array(counter.transform(texts)) * self.weights)

    def _vectors(self, rows: csr_array) -> np.ndarray:
        hidden = np.tanh(rows @ (self.codes * self.scales[:, None]) + self.b1)
        return normalize(hidden @ self.W2 + self.b2)


def search_states(
    emoji: Emoji,
    trigrams: Iterable[str],
    weights: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
) -> SearchStates:
    """Round a tower to what the browser keeps: a byte for every weight of W1, two for the others.

    Args:
        emoji: the documents.
        trigrams: n_trigrams different letter trigrams of a-z, 0-9 and "#" at the ends of a word.
        weights: (n_trigrams,) by which a count is multiplied.
        W1: (n_trigrams, n_hidden).
        b1: (n_hidden,).
        W2: (n_hidden, d).
        b2: (d,).

    Raises:
        ValueError: the shapes do not fit, a number is not finite, or a trigram is none.
    """
    known = tuple(trigrams)
    letters = [trigram.strip("#") for trigram in known]
    if wrong := [
        trigram
        for trigram, inner in zip(known, letters, strict=True)
        if len(trigram) != 3 or not inner.isalnum() or inner != clean_text(inner)
    ]:
        raise ValueError(f"trigrams holds {wrong[0]!r}: letter trigrams look like '#ca' or 'cat'.")
    if len(set(known)) < len(known):
        raise ValueError("trigrams holds one twice: each has one row of W1.")
    given = {"weights": weights, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    arrays = {name: np.array(array, dtype=np.float64) for name, array in given.items()}
    n_hidden, d = np.shape(b1)[:1] or (0,), np.shape(b2)[:1] or (0,)
    shapes = {
        "weights": (len(known),),
        "W1": (len(known), *n_hidden),
        "b1": n_hidden,
        "W2": (*n_hidden, *d),
        "b2": d,
    }
    for name, array in arrays.items():
        if array.shape != shapes[name] or 0 in array.shape:
            raise ValueError(
                f"{name} has shape {array.shape}, but there are {len(known)} trigrams, b1 has "
                f"shape {np.shape(b1)} and b2 {np.shape(b2)}: it must be {shapes[name]}, with no "
                "0 in it."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinite numbers: the tower cannot be run.")
    largest = np.abs(arrays["W1"]).max(axis=1)
    arrays["scales"] = np.where(largest > 0, largest, 1) / 127
    codes = np.rint(arrays.pop("W1") / arrays["scales"][:, None]).astype(np.int8)
    return SearchStates(
        **_documents(emoji),
        trigrams=known,
        codes=codes,
        **{name: restore(*quantise(arrays[name])) for name in SMALL},
    )


def save_search(states: SearchStates) -> None:
    """Write the tower of states to the file from which `recorded_search` reads it."""
    arrays = {name: getattr(states, name) for name in ("codes", *SMALL)}
    np.savez_compressed(RECORDED, trigrams=np.array(states.trigrams, dtype="S3"), **arrays)


def recorded_search(emoji: Emoji) -> SearchStates:
    """Return emoji with the tower that benchmarks/dssm.py trained: lecture 06 opens with it.

    Args:
        emoji: the documents, of which the tower needs no more than their texts.
    """
    with np.load(RECORDED) as kept:
        arrays = dict(kept)
    trigrams = tuple(arrays.pop("trigrams").astype(str).tolist())
    return SearchStates(**_documents(emoji), trigrams=trigrams, **arrays)


def _documents(emoji: Emoji) -> dict[str, tuple[str, ...]]:
    return {
        "characters": emoji.characters,
        "names": emoji.names,
        "keywords": tuple(" ".join(keywords) for keywords in emoji.keywords),
    }


class EmojiSearch(CourseWidget):
    """A search box: the emoji nearest to what is typed, and those that share its letters.

    The browser computes everything itself, so it answers while the kernel is busy and in a saved
    page. With 2,845 trigrams, 128 hidden units and 1,651 emoji it receives 0.5 MB.

    >>> EmojiSearch(recorded_search(emoji))
    >>> EmojiSearch(search_states(emoji, trigrams, weights, W1, b1, W2, b2), examples=["lawyer"])

    Args:
        states: what `search_states` or `recorded_search` returned.
        examples: words on buttons; the box begins with the first.

    Raises:
        ValueError: there is no example.
    """

    _esm = javascript("search")
    _css = stylesheet("search")
    states = traitlets.Dict().tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)
    small = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        states: SearchStates,
        examples: Sequence[str] = ("lawyer", "drunk", "breakfast", "halloween", "wealthy"),
    ) -> None:
        if not examples:
            raise ValueError("examples is empty: give the box one word to begin with.")
        small = {name: quantise(getattr(states, name)) for name in SMALL}
        super().__init__(
            {"codes": states.codes, "W2": states.W2},
            states={
                "characters": list(states.characters),
                "names": list(states.names),
                "keywords": list(states.keywords),
                "trigrams": "".join(states.trigrams),
                "sizes": [*states.codes.shape, len(states.b2)],
                "reaches": {name: reach for name, (_, reach) in small.items()},
                "examples": list(examples),
            },
            codes=states.codes.tobytes(),
            small=np.concatenate([codes.ravel() for codes, _ in small.values()])
            .astype("<i2")
            .tobytes(),
        )
