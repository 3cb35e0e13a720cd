"""Search without learning, or with linear algebra alone, and how good a search is.

What a trained search has to beat: TF-IDF and BM25 compare a query with a document by the units they
share, and latent semantic analysis by the company that units keep. All return scores (n_queries,
n_documents), higher is better. A unit is one of the texts' words, or one of the words' letter
trigrams with a mark on either side of a word: "cat" has #ca, cat and at#.
"""

from collections.abc import Sequence
from typing import Literal

import bm25s
import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from embedlab.data.emoji import Queries

Unit = Literal["words", "trigrams"]


def tfidf(queries: Sequence[str], documents: Sequence[str], unit: Unit) -> np.ndarray:
    """Return the cosines of TF-IDF vectors, by scikit-learn's TfidfVectorizer.

    A unit weighs its count times 1 + ln((1 + n_documents) / (1 + n_documents with it)).

    Raises:
        ValueError: `unit` is neither "words" nor "trigrams".
    """
    vectorizer = TfidfVectorizer(**_splitting(unit))
    columns = vectorizer.fit_transform(documents)
    return (vectorizer.transform(queries) @ columns.T).toarray()


def bm25(
    queries: Sequence[str], documents: Sequence[str], unit: Unit, k1: float, b: float
) -> np.ndarray:
    """Return BM25 scores, by the library bm25s.

    A query's score is the sum over its units, repeated ones included, of
    ln(1 + (n - n_u + 1/2) / (n_u + 1/2)) * f / (f + k1 * (1 - b + b * length / mean length)),
    where n_u of the n documents have the unit and this one has it f times. It is the variant of
    Lucene (S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
    2009, has BM25; X. H. Lù, "BM25S", arXiv:2407.03618, 2024, compares the variants).

    Args:
        queries: n_queries texts.
        documents: n_documents texts.
        unit: "words" or "trigrams".
        k1: how slowly repetition stops to count, at least 0.
        b: how much long documents are marked down, from 0 to 1.

    Raises:
        ValueError: `unit`, `k1` or `b` is out of range.
    """
    if not (k1 >= 0 and 0 <= b <= 1):
        raise ValueError(f"k1 is {k1} and b is {b}: k1 must be at least 0 and b from 0 to 1.")
    units = CountVectorizer(**_splitting(unit)).build_analyzer()
    index = bm25s.BM25(method="lucene", k1=k1, b=b, dtype="float64")
    index.index([units(text) for text in documents], show_progress=False)
    scores = np.zeros((len(queries), len(documents)))
    for row, text in enumerate(queries):
        if asked := units(text):
            scores[row] = index.get_scores(asked)
    return scores


def lsa(
    queries: Sequence[str], documents: Sequence[str], unit: Unit, n_components: int
) -> np.ndarray:
    """Return cosines after latent semantic analysis, by scikit-learn's TruncatedSVD.

    The TF-IDF table of the documents is replaced by its best approximation of rank n_components,
    and queries are projected in the same way (S. Deerwester and others, "Indexing by Latent
    Semantic Analysis", Journal of the American Society for Information Science 41(6), 1990). A
    query without a known unit scores 0 everywhere.

    Raises:
        ValueError: `unit` is neither "words" nor "trigrams", or n_components exceeds the number of
            different units (scikit-learn's message).
    """
    vectorizer = TfidfVectorizer(**_splitting(unit))
    table = vectorizer.fit_transform(documents)
    svd = TruncatedSVD(n_components, random_state=0).fit(table)
    projected = svd.transform(vectorizer.transform(queries))
    return normalize(projected) @ normalize(svd.transform(table)).T


def shared_trigrams(queries: Sequence[str], documents: Sequence[str]) -> np.ndarray:
    """Return (n_queries, n_documents): the share of the query's trigrams that the document has.

    Each different trigram counts once. A query without a trigram shares 0.
    """
    vectorizer = CountVectorizer(**_splitting("trigrams"), binary=True)
    vectorizer.fit([*queries, *documents])
    asked, offered = (vectorizer.transform(texts) for texts in (queries, documents))
    n_asked = np.maximum(asked.sum(axis=1), 1)
    return (asked @ offered.T).toarray() / np.asarray(n_asked).reshape(-1, 1)


def answer_recall_at_k(scores: np.ndarray, queries: Queries, k: int) -> np.ndarray:
    """Return for every answer the probability that it is among its query's k best.

    An answer is ranked among the documents that do not answer the query: neither its other answers
    nor those known from training stand before it. With `better` documents above it and `equal` ones
    of the same score, which come in random order, the probability is
    min(max((k - better) / (equal + 1), 0), 1). The mean over answers is recall@k.

    Args:
        scores: (n_queries, n_documents) finite numbers; higher is better.
        queries: what is asked, and its answers.
        k: at least 1.

    Returns:
        (n_answers,) float64, in the order of `queries.relevant.nonzero()`.

    Raises:
        ValueError: the shapes differ, a score is NaN or infinite, or `k` is below 1.
    """
    if scores.shape != queries.relevant.shape:
        raise ValueError(
            f"scores has shape {scores.shape}: it must be {queries.relevant.shape}, "
            "(n_queries, n_documents)."
        )
    if not np.isfinite(scores).all():
        raise ValueError(
            "scores holds NaN or infinite numbers, which cannot be ranked: look for a vector of "
            "length zero or an overflow."
        )
    if k < 1:
        raise ValueError(f"k is {k}: look at 1 document at least.")
    rows, columns = queries.relevant.nonzero()
    others = (queries.relevant + queries.known).toarray() == 0
    found = np.empty(len(rows))
    for answer, (row, column) in enumerate(zip(rows, columns, strict=True)):
        rivals = scores[row, others[row]]
        better = np.count_nonzero(rivals > scores[row, column])
        equal = np.count_nonzero(rivals == scores[row, column])
        found[answer] = np.clip((k - better) / (equal + 1), 0, 1)
    return found


def _splitting(unit: Unit) -> dict:
    """Return the arguments with which scikit-learn's vectorizers split a text into units."""
    if unit == "words":
        return {"token_pattern": r"\S+"}
    if unit == "trigrams":  # scikit-learn marks the ends of a word with spaces
        return {"analyzer": "char_wb", "ngram_range": (3, 3)}
    raise ValueError(f'unit is {unit!r}: choose "words" or "trigrams".')
