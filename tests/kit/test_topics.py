"""The bundled topics of WordNet as a graph, and the split with few labels."""

import re

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from embedlab.data.topics import TopicGraph, load_topics, split_labels


@pytest.fixture(scope="module")
def graph() -> TopicGraph:
    return load_topics()


def test_the_bundled_graph_is_as_documented(graph):
    assert repr(graph) == "TopicGraph(1,638 nodes of 10 topics, 2,113 edges, 1,061 words)"
    assert len(graph) == len(graph.words) == len(graph.glosses) == len(graph.labels) == 1_638
    assert graph.topics == (
        *("law", "military", "computer science", "Greek mythology", "chemistry", "biology"),
        *("mathematics", "physics", "music", "botany"),
    )
    sizes = np.bincount(graph.labels)
    assert sizes.tolist() == [457, 294, 167, 149, 118, 108, 99, 95, 79, 72]
    assert graph.labels.dtype == graph.edges.dtype == np.int64
    for words, gloss in zip(graph.words, graph.glosses, strict=True):
        assert words
        for text in (*words, gloss):
            assert text == text.strip() != ""
        assert not any(mark in word for word in words for mark in "_|\t")


def test_every_edge_is_there_once_and_every_node_has_one(graph):
    assert graph.edges.shape == (2_113, 2)
    assert graph.by_definition.shape == (2_113,)
    assert graph.by_definition.sum() == 1_085
    assert (graph.edges[:, 0] < graph.edges[:, 1]).all()
    pairs = list(map(tuple, graph.edges.tolist()))
    assert pairs == sorted(set(pairs))
    assert np.array_equal(np.unique(graph.edges), np.arange(len(graph)))
    same = graph.labels[graph.edges[:, 0]] == graph.labels[graph.edges[:, 1]]
    assert same.mean() == pytest.approx(0.895, abs=5e-4)
    table = csr_array((np.ones(2_113), graph.edges.T), shape=(len(graph),) * 2)
    n_components, component = connected_components(table, directed=False)
    assert (n_components, np.bincount(component).max()) == (131, 1_285)


def test_known_neighbours_of_both_kinds(graph):
    node = {words[0]: number for number, words in enumerate(graph.words)}
    edges = map(tuple, graph.edges.tolist())
    kind = dict(zip(edges, graph.by_definition.tolist(), strict=True))

    def by_definition(one, other):
        return kind.get(tuple(sorted((node[one], node[other]))))

    assert by_definition("plaintiff", "defendant") is False  # antonyms
    assert by_definition("plaintiff", "surrejoinder") is True
    assert by_definition("plaintiff", "Zeus") is None
    assert graph.words[node["plaintiff"]] == ("plaintiff", "complainant")
    assert graph.glosses[node["warship"]] == "a government ship that is available for waging war"


def test_a_definition_names_what_it_is_joined_to(graph):
    names = [{word.lower() for word in words} for words in graph.words]
    said = []
    for gloss in graph.glosses:
        words = re.findall("[a-z]{3,}", gloss.lower())
        singular = {part for w in words for part in (w[:-1], w[:-2], w[:-3] + "y")}
        said.append({*words, *singular})
    for a, b in graph.edges[graph.by_definition]:
        assert said[a] & names[b] or said[b] & names[a], (graph.words[a], graph.words[b])


def test_features_are_the_words_of_the_definitions(graph):
    features = graph.features
    assert features.shape == (1_638, 1_061)
    assert list(graph.vocabulary) == sorted(set(graph.vocabulary))
    sums = features.sum(axis=1)
    assert (np.isclose(sums, 1) | (sums == 0)).all()
    assert (sums == 0).sum() == 26
    assert (features.tocsc().indptr[1:] - features.tocsc().indptr[:-1]).min() == 3
    for node in range(0, len(graph), 97):
        words = set(re.findall("[a-z]{3,}", graph.glosses[node].lower()))
        words |= {word[:-1] for word in words if word.endswith("s")}
        row = features[[node]]
        assert {graph.vocabulary[column] for column in row.indices} <= words
        np.testing.assert_allclose(row.data, 1 / max(1, row.nnz))


def test_no_feature_is_a_topic_s_name_or_a_stop_word(graph):
    names = {word for topic in graph.topics for word in topic.lower().split()}
    assert not names & set(graph.vocabulary)
    assert not {"the", "and", "that", "physic", "mathematic"} & set(graph.vocabulary)
    assert not any(
        gloss.lower().startswith(("(law", "(music", "(greek")) for gloss in graph.glosses
    )


@pytest.mark.parametrize("per_class", [1, 4])
def test_a_split_has_the_same_number_of_every_class(per_class):
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [9, 30, 14]))
    train, validation, test = split_labels(labels, per_class, 11, seed=3)
    assert np.bincount(labels[train]).tolist() == [per_class] * 3
    assert len(validation) == 11
    together = np.concatenate((train, validation, test))
    assert np.array_equal(np.sort(together), np.arange(53))
    for part in (train, validation, test):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


def test_the_seed_decides_about_all_parts():
    labels = np.random.default_rng(0).integers(3, size=90)
    first, again, other = (split_labels(labels, 5, 20, seed) for seed in (1, 1, 2))
    for part, same, different in zip(first, again, other, strict=True):
        assert np.array_equal(part, same)
        assert not np.array_equal(part, different)


def test_every_node_comes_into_training_some_time():
    labels = np.repeat([0, 1], [6, 4])
    drawn = np.concatenate([split_labels(labels, 2, 1, seed)[0] for seed in range(60)])
    assert set(drawn.tolist()) == set(range(10))


@pytest.mark.parametrize(
    ("per_class", "n_validation", "sentence"),
    [
        (0, 2, "per_class is 0: take 1 to 4"),
        (5, 2, "per_class is 5: take 1 to 4"),
        (2, -1, "n_validation is -1: .* take 0 to 5"),
        (2, 6, "n_validation is 6: with 2 of each of 2 classes in training, take 0 to 5"),
    ],
)
def test_what_cannot_be_split_is_refused(per_class, n_validation, sentence):
    with pytest.raises(ValueError, match=sentence):
        split_labels(np.repeat([0, 1], [6, 4]), per_class, n_validation, seed=0)
