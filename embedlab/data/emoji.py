"""The bundled emoji with the words by which people look for them, and a split to train a search on.

An emoji is a document: its name and its keywords. A query is a keyword. The data's terms, the MIT
licence, are in datasets/emoji/LICENSE.txt.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from embedlab.data.bundled import read_bundled


@dataclass(frozen=True, eq=False, repr=False)
class Queries:
    """Queries and the documents that answer them.

    Attributes:
        texts: n_queries different strings, sorted.
        relevant: (n_queries, n_documents) float64 CSR array, 1 where the document answers the
            query and a model is asked to find it.
        known: the same shape, 1 where the document answers the query too, but is known from
            training: it is neither counted nor ranked.
    """

    texts: tuple[str, ...]
    relevant: csr_array
    known: csr_array

    def __len__(self) -> int:
        """Return n_queries."""
        return len(self.texts)

    def __repr__(self) -> str:
        """Return one short line instead of the texts."""
        return f"Queries({len(self):,} queries with {self.relevant.nnz:,} answers)"


@dataclass(frozen=True, eq=False, repr=False)
class Emoji:
    """Emoji as documents; position i of every attribute belongs to document i.

    Attributes:
        characters: n_documents strings, the emoji themselves.
        names: n_documents cleaned names, such as "grinning face".
        keywords: n_documents tuples of different cleaned keywords, none of which is the name.
    """

    characters: tuple[str, ...]
    names: tuple[str, ...]
    keywords: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        """Return n_documents."""
        return len(self.characters)

    def __repr__(self) -> str:
        """Return one short line instead of the emoji."""
        n_keywords = sum(len(keywords) for keywords in self.keywords)
        return f"Emoji({len(self):,} emoji with {n_keywords:,} keywords)"

    def documents(self) -> tuple[str, ...]:
        """Return n_documents texts: the name, then the keywords, separated by spaces."""
        return tuple(
            " ".join((name, *keywords))
            for name, keywords in zip(self.names, self.keywords, strict=True)
        )

    def queries(self) -> Queries:
        """Return every keyword as a query that all its emoji answer; nothing is `known`."""
        relevant = _answers(self.keywords)
        texts = tuple(sorted(relevant))
        table = _table(texts, relevant, len(self))
        return Queries(texts, relevant=table, known=csr_array(table.shape))


def clean_text(text: str) -> str:
    """Return the text as words of a-z and 0-9, separated by single spaces.

    Accents and apostrophes are dropped, capitals become small, and everything else separates words:
    `_`, hyphens, no-break spaces, quotation marks. A text in another script becomes "".

    >>> clean_text("Piñata_o’clock")
    'pinata oclock'
    """
    decomposed = unicodedata.normalize("NFKD", text).replace("'", "").replace("’", "")
    letters = (c for c in decomposed.lower() if not unicodedata.category(c).startswith("M"))
    return " ".join("".join(c if c.isascii() and c.isalnum() else " " for c in letters).split())


def load_emoji() -> Emoji:
    """Return the bundled emoji without those whose name begins with `flag_`: 1,651 of 1,914.

    Names and keywords are cleaned by `clean_text`. Keywords without a letter, such as ":)", are
    left out, and so are an emoji's repeated keywords and those that are its name.

    Raises:
        DataError: the data file is missing, cut short or altered; the message names it.
    """
    table = json.loads(read_bundled("emoji", "emojilib_en.json.bz2"))
    characters, names, keywords = [], [], []
    for character, (name, *words) in table.items():
        if name.startswith("flag_"):
            continue
        cleaned = dict.fromkeys(clean_text(word) for word in words)  # ordered, each once
        characters.append(character)
        names.append(clean_text(name))
        keywords.append(
            tuple(
                word
                for word in cleaned
                if word != names[-1] and any(letter.isalpha() for letter in word)
            )
        )
    return Emoji(tuple(characters), tuple(names), tuple(keywords))


def split_keywords(emoji: Emoji, test_fraction: float, seed: int) -> tuple[Emoji, Queries]:
    """Hide about the same fraction of every emoji's keywords, chosen at random, as test queries.

    Of an emoji's n keywords, min(rint(test_fraction * n), n - 1) are hidden, where rint is
    numpy.rint (nearest integer, halves to the even one), and none of an emoji without keywords.
    Within an emoji every choice of that many is equally likely. Split the returned emoji once more
    for queries to choose settings by.

    Args:
        emoji: what to split.
        test_fraction: strictly between 0 and 1.
        seed: of numpy.random.default_rng; the same seed gives the same split.

    Returns:
        (train, test): the emoji with the keywords that are left, in their old order, and the hidden
        keywords as queries, whose `known` answers are the emoji that keep the keyword.

    Raises:
        ValueError: `test_fraction` is not strictly between 0 and 1.
    """
    if not 0 < test_fraction < 1:
        raise ValueError(
            f"test_fraction is {test_fraction}: choose a number strictly between 0 and 1, "
            "such as 0.2 for a fifth of every emoji's keywords."
        )
    generator = np.random.default_rng(seed)
    kept, hidden = [], []
    for keywords in emoji.keywords:
        n_hidden = max(0, min(int(np.rint(test_fraction * len(keywords))), len(keywords) - 1))
        chosen = set(generator.permutation(len(keywords))[:n_hidden].tolist())
        kept.append(tuple(word for i, word in enumerate(keywords) if i not in chosen))
        hidden.append(tuple(word for i, word in enumerate(keywords) if i in chosen))
    relevant = _answers(hidden)
    texts = tuple(sorted(relevant))
    return replace(emoji, keywords=tuple(kept)), Queries(
        texts,
        relevant=_table(texts, relevant, len(emoji)),
        known=_table(texts, _answers(kept), len(emoji)),
    )


def _answers(keywords: Sequence[tuple[str, ...]]) -> dict[str, list[int]]:
    """Return the documents of every keyword."""
    answers: dict[str, list[int]] = {}
    for document, words in enumerate(keywords):
        for word in words:
            answers.setdefault(word, []).append(document)
    return answers


def _table(texts: tuple[str, ...], answers: dict[str, list[int]], n_documents: int) -> csr_array:
    """Return (n_texts, n_documents), 1 where the document is among the text's answers."""
    cells = [(row, column) for row, text in enumerate(texts) for column in answers.get(text, ())]
    rows, columns = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    return csr_array((np.ones(len(cells)), (rows, columns)), shape=(len(texts), n_documents))
