"""Bundled concepts of WordNet 3.0 as a graph: ten topics, words of the definitions, links.

The data's terms, WordNet's licence, are in datasets/wordnet_topics/LICENSE.txt.
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from embedlab.data.bundled import read_bundled

SMALLEST_DF = 3  # a word is a feature if it stands in so many definitions
STOP_WORDS = """
about above after all also and another any are been before being below both but can could does
during each especially etc for from had has have having her his into its made may more most not
off often one only other out over same several she some someone something such than that the
their them then there these they this those through under used usually very was were what when
where which while who whom whose will with within without you
"""


@dataclass(frozen=True, eq=False, repr=False)
class TopicGraph:
    """Synsets as nodes; position i of `words`, `glosses`, `features` and `labels` is node i.

    Attributes:
        words: n tuples of words with one meaning, such as ("plaintiff", "complainant").
        glosses: n strings, the definitions; the mark of the topic in front of some, such as
            "(law)", is not in them.
        features: (n, n_words) float64 CSR array: 1 over the number of the node's words where its
            definition has the word. A row adds up to 1, or is empty: a definition may have none of
            the words.
        vocabulary: n_words words, sorted.
        edges: (m, 2) int64, each pair once, the smaller node first, sorted. Every node has
            an edge.
        by_definition: (m,) bool, True where the only link is a word of the one's definition that
            means the other; otherwise WordNet has a pointer between the two.
        labels: (n,) int64 topic of each node.
        topics: names of the topics, the most frequent first.
    """

    words: tuple[tuple[str, ...], ...]
    glosses: tuple[str, ...]
    features: csr_array
    vocabulary: tuple[str, ...]
    edges: np.ndarray
    by_definition: np.ndarray
    labels: np.ndarray
    topics: tuple[str, ...]

    def __len__(self) -> int:
        """Return n."""
        return len(self.words)

    def __repr__(self) -> str:
        """Return one short line instead of the glosses."""
        return (
            f"TopicGraph({len(self):,} nodes of {len(self.topics)} topics, {len(self.edges):,} "
            f"edges, {len(self.vocabulary):,} words)"
        )


def load_topics() -> TopicGraph:
    """Return the bundled graph: 1,638 synsets of ten topics and 2,113 edges.

    The features are the words of three letters or more, without plural s, that stand in at least
    three definitions. Stop words are left out, and so are the topics' own names.

    Raises:
        DataError: a data file is missing, cut short or altered; the message names it.
    """
    rows = [row.split("\t") for row in _lines("nodes.tsv.bz2")]
    names, topic_names, glosses = zip(*rows, strict=True)
    topics = [topic for topic, _ in Counter(topic_names).most_common()]
    edges, by_definition = _edges(_lines("edges.tsv.bz2"))
    own = {word for topic in topics for word in _words(topic)}
    features, vocabulary = _bag_of_words([_words(gloss) - own for gloss in glosses])
    return TopicGraph(
        words=tuple(tuple(each.split("|")) for each in names),
        glosses=glosses,
        features=features,
        vocabulary=vocabulary,
        edges=edges,
        by_definition=by_definition,
        labels=np.array([topics.index(topic) for topic in topic_names]),
        topics=tuple(topics),
    )


def split_labels(
    labels: np.ndarray, per_class: int, n_validation: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the few nodes whose labels a model may see, and validation nodes; the rest is the test.

    Args:
        labels: (n,) class of each node, 0 to n_classes - 1.
        per_class: how many nodes of every class are in training, at least 1.
        n_validation: how many of the others, of whatever class, are for validation.
        seed: of numpy.random.default_rng; the same seed gives the same split.

    Returns:
        (train, validation, test), int64 numbers of nodes, disjoint, together all n, each
        increasing.

    Raises:
        ValueError: a class has fewer than `per_class` nodes, or nothing would be left to test.
    """
    labels = np.asarray(labels)
    sizes = np.bincount(labels)
    if not 1 <= per_class <= sizes.min():
        raise ValueError(
            f"per_class is {per_class}: take 1 to {sizes.min()}, the size of the smallest class."
        )
    n_left = len(labels) - per_class * len(sizes) - n_validation
    if n_validation < 0 or n_left < 1:
        raise ValueError(
            f"n_validation is {n_validation}: with {per_class} of each of {len(sizes)} classes in "
            f"training, take 0 to {n_left + n_validation - 1}, so that nodes are left to test."
        )
    # In a random order, the first `per_class` nodes of every class.
    order = np.random.default_rng(seed).permutation(len(labels))
    train = np.concatenate([order[labels[order] == c][:per_class] for c in range(len(sizes))])
    others = order[~np.isin(order, train)]
    parts = train, others[:n_validation], others[n_validation:]
    return tuple(np.sort(part) for part in parts)


def _lines(name: str) -> list[str]:
    """Return the lines of a data file below its header."""
    return read_bundled("wordnet_topics", name).decode("utf-8").splitlines()[1:]


def _edges(lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, 2) pairs and which of them are by definition; a line has a node's steps ahead."""
    found = sorted(
        (node, node + int(step), kind == 1)
        for node, line in enumerate(lines)
        for kind, steps in enumerate(line.split("\t"))
        for step in steps.split()
    )
    edges = np.array(found)
    return edges[:, :2], edges[:, 2].astype(bool)


def _words(text: str) -> set[str]:
    """Return the words of three letters or more without plural s, stop words left out."""
    found = set(re.findall("[a-z]{3,}", text.lower())) - set(STOP_WORDS.split())
    return {re.sub("(?<!s)s$", "", word) for word in found}


def _bag_of_words(words_of: list[set[str]]) -> tuple[csr_array, tuple[str, ...]]:
    """Return the features, a row per set of words, and the vocabulary."""
    frequency = Counter(word for words in words_of for word in words)
    vocabulary = sorted(word for word, times in frequency.items() if times >= SMALLEST_DF)
    column = {word: number for number, word in enumerate(vocabulary)}
    rows = [sorted(column[word] for word in words if word in column) for words in words_of]
    sizes = np.array([len(row) for row in rows])
    values = np.repeat(1 / np.maximum(sizes, 1), sizes)
    columns = np.concatenate(rows).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    features = csr_array((values, columns, starts), shape=(len(rows), len(vocabulary)))
    return features, tuple(vocabulary)
