"""Search baselines against slow loops, and recall with its ties and known answers."""

import itertools
from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_array

from embedlab.data.emoji import Queries
from embedlab.search import answer_recall_at_k, bm25, lsa, shared_trigrams, tfidf

DOCUMENTS = [
    "banana fruit yellow",
    "red apple fruit fruit pie",
    "a car",
    "automobile car traffic wheel road",
    "yellow taxi car car car",
]
QUERIES = ["fruit", "banana car", "car car", "cars", "zzz", "fruit yellow apple"]


def words(text: str) -> list[str]:
    return text.split()


def trigrams(text: str) -> list[str]:
    marked = [f"#{word}#" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


UNITS = pytest.mark.parametrize(("unit", "split"), [("words", words), ("trigrams", trigrams)])


def tfidf_vectors(texts: list[str], split) -> np.ndarray:
    vocabulary = sorted({u for text in DOCUMENTS for u in split(text)})
    rows = np.zeros((len(texts), len(vocabulary)))
    for row, text in enumerate(texts):
        for column, u in enumerate(vocabulary):
            n_with = sum(u in split(document) for document in DOCUMENTS)
            weight = 1 + np.log((1 + len(DOCUMENTS)) / (1 + n_with))
            rows[row, column] = split(text).count(u) * weight
        rows[row] /= max(np.linalg.norm(rows[row]), 1e-12)
    return rows


@UNITS
def test_tfidf_equals_a_slow_loop(unit, split):
    expected = tfidf_vectors(QUERIES, split) @ tfidf_vectors(DOCUMENTS, split).T
    found = tfidf(QUERIES, DOCUMENTS, unit)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@UNITS
@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.4, 0.0), (3.0, 1.0)])
def test_bm25_equals_the_formula(unit, split, k1, b):
    n = len(DOCUMENTS)
    mean_length = np.mean([len(split(document)) for document in DOCUMENTS])
    expected = np.zeros((len(QUERIES), n))
    for (row, query), (column, document) in itertools.product(
        enumerate(QUERIES), enumerate(DOCUMENTS)
    ):
        counts = Counter(split(document))
        length = len(split(document))
        for u in split(query):
            n_with = sum(u in split(other) for other in DOCUMENTS)
            idf = np.log(1 + (n - n_with + 0.5) / (n_with + 0.5))
            saturation = k1 * (1 - b + b * length / mean_length)
            expected[row, column] += idf * counts[u] / (counts[u] + saturation)
    np.testing.assert_allclose(bm25(QUERIES, DOCUMENTS, unit, k1, b), expected, atol=1e-9)


@pytest.mark.parametrize(("k1", "b"), [(-0.1, 0.5), (1.0, -0.1), (1.0, 1.1), (float("nan"), 0.5)])
def test_bm25_refuses_what_is_out_of_range(k1, b):
    with pytest.raises(ValueError, match=f"k1 is {k1} and b is {b}"):
        bm25(QUERIES, DOCUMENTS, "words", k1, b)


@UNITS
def test_lsa_equals_the_singular_value_decomposition(unit, split):
    table = tfidf_vectors(DOCUMENTS, split)
    _, _, right = np.linalg.svd(table, full_matrices=False)
    documents, queries = (
        vectors @ right[:3].T for vectors in (table, tfidf_vectors(QUERIES, split))
    )
    norms = np.outer(np.linalg.norm(queries, axis=1), np.linalg.norm(documents, axis=1))
    expected = queries @ documents.T / np.where(norms > 0, norms, 1)
    np.testing.assert_allclose(lsa(QUERIES, DOCUMENTS, unit, 3), expected, atol=1e-9)


def test_lsa_finds_a_document_without_the_word():
    assert tfidf(["automobile"], DOCUMENTS, "words")[0, 2] == 0
    assert lsa(["automobile"], DOCUMENTS, "words", 2)[0, 2] > 0.3


def test_a_query_without_a_known_unit_scores_zero():
    for scores in (
        tfidf(["zzz"], DOCUMENTS, "trigrams"),
        bm25(["zzz"], DOCUMENTS, "words", 1.2, 0.75),
        bm25([""], DOCUMENTS, "trigrams", 1.2, 0.75),
        lsa(["zzz"], DOCUMENTS, "words", 2),
    ):
        assert scores.tolist() == [[0.0] * 5]


@pytest.mark.parametrize(
    "search",
    [
        lambda unit: tfidf(QUERIES, DOCUMENTS, unit),
        lambda unit: bm25(QUERIES, DOCUMENTS, unit, 1.2, 0.75),
        lambda unit: lsa(QUERIES, DOCUMENTS, unit, 2),
    ],
)
def test_an_unknown_unit_is_refused(search):
    with pytest.raises(ValueError, match='unit is \'letters\': choose "words" or "trigrams"'):
        search("letters")


def test_shared_trigrams_counts_each_once():
    found = shared_trigrams(["banana", "cars", "zzz", ""], ["banana", "anagram car", ""])
    # banana: #ba ban ana nan na#; cars: #ca car ars rs#
    np.testing.assert_allclose(found, [[1, 1 / 5, 0], [0, 2 / 4, 0], [0, 0, 0], [0, 0, 0]])


def make_queries(relevant: list[list[int]], known: list[list[int]]) -> Queries:
    texts = tuple(f"query {row}" for row in range(len(relevant)))
    return Queries(texts, csr_array(np.array(relevant, float)), csr_array(np.array(known, float)))


def test_recall_by_hand():
    queries = make_queries(
        relevant=[[0, 0, 1, 0, 0, 0], [1, 0, 0, 0, 1, 0]],
        known=[[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]],
    )
    scores = np.array([[0.9, 0.8, 0.5, 0.7, 0.1, 0.0], [0.3, 0.9, 0.3, 0.2, 0.8, 0.3]])
    # Query 0, document 2: 1 and 3 are better, 0 is known. Query 1: document 0 ties with 2 and 5,
    # the other answer 4 does not stand before it; document 4 is the best.
    for k, expected in [(1, [0, 1 / 3, 1]), (2, [0, 2 / 3, 1]), (3, [1, 1, 1])]:
        np.testing.assert_allclose(answer_recall_at_k(scores, queries, k), expected)


def test_recall_of_ties_is_the_mean_over_all_orders():
    relevant = [[0, 1, 0, 0, 1, 0]]
    queries = make_queries(relevant, known=[[0, 0, 0, 1, 0, 0]])
    scores = np.array([[2.0, 1, 1, 1, 0, 1]])
    others = [0, 2, 5]
    for k in (1, 2, 3, 4):
        expected = []
        for answer in (1, 4):
            hits = []
            for order in itertools.permutations([answer, *others]):
                ranked = sorted(order, key=lambda document: -scores[0, document])
                hits.append(answer in ranked[:k])
            expected.append(np.mean(hits))
        np.testing.assert_allclose(answer_recall_at_k(scores, queries, k), expected)


def test_recall_refuses_what_cannot_be_ranked():
    queries = make_queries([[0, 1, 0]], [[0, 0, 0]])
    with pytest.raises(ValueError, match=r"scores has shape \(3, 1\): it must be \(1, 3\)"):
        answer_recall_at_k(np.zeros((3, 1)), queries, 1)
    with pytest.raises(ValueError, match="NaN or infinite"):
        answer_recall_at_k(np.array([[0, np.nan, 1]]), queries, 1)
    with pytest.raises(ValueError, match="k is 0"):
        answer_recall_at_k(np.zeros((1, 3)), queries, 0)
