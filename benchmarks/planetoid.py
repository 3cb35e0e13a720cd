"""Cora with Kipf and Welling's split: the files ind.cora.* of the repository kimiyoung/planetoid.

They are pickles, which can run code when they are opened: each is verified by its checksum first.
They are no part of the course.
"""

import hashlib
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, vstack

SHA256 = {
    "x": "23cfa55d91c6f624233f5eb7b6e3f141f1bd2b2ae39608a63cf5d084bb27baab",
    "y": "94465c14eb53e04ca262198dcbb2521ee8af60fb3f3d546cd6ca24a511b0e7d1",
    "allx": "9419ba2f26f5c35243db64aba110e0f35a04851609e0dc5433450676ca6b8543",
    "ally": "2b998f5cc7fedc86e7f97ca2498f47a1ffc1462c29e2d578b23bf3f62b6e7d71",
    "tx": "b9afbaa4a400df991f6f02ef677e1e44da55ffc04801fd02f9e673987829226a",
    "ty": "41f5ac76596a1699cc33f53084a2419e92961c42bb75f36fc38e616d348532ad",
    "graph": "58f13302f39dde8852dad6fe6d15b89b077b6d7f837626bce671ef80344b383d",
    "test.index": "297ce89af2b51a6a194181c7dbe1796c6a1cf9cd9349a88383b1b1e227867875",
}
N_VALIDATION = 500


@dataclass(frozen=True, eq=False)
class Planetoid:
    """A citation graph with features, classes and its published split.

    Attributes:
        adjacency: (n, n) CSR array of 0 and 1, symmetric, without self-loops.
        features: (n, n_words) CSR array, rows that add up to 1.
        labels: (n,) classes.
        parts: training, validation and test nodes.
    """

    adjacency: csr_array
    features: csr_array
    labels: np.ndarray
    parts: tuple[np.ndarray, np.ndarray, np.ndarray]


def load_cora(folder: Path) -> Planetoid:
    """Return Cora from its eight files; exit if one is missing or another than the published."""
    files = {
        name: _verified(folder / f"ind.cora.{name}", sha256) for name, sha256 in SHA256.items()
    }
    # The test nodes stand in the order of the index file, which is not sorted.
    test = np.array(files["test.index"].split(), dtype=np.int64)
    read = {
        name: pickle.loads(content, encoding="latin1")
        for name, content in files.items()
        if name != "test.index"
    }
    n_others = len(read["ally"])
    order = np.concatenate([np.arange(n_others), test])  # of the stacked rows
    place = np.argsort(order)
    features = csr_array(vstack([read["allx"], read["tx"]]))[place].astype(np.float64)
    labels = np.concatenate([read["ally"], read["ty"]])[place].argmax(axis=1)
    pairs = np.array([(a, b) for a, others in read["graph"].items() for b in others])
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    pairs = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    n, n_train = len(labels), len(read["y"])
    sums = np.repeat(features.sum(axis=1), np.diff(features.indptr))
    features.data = features.data / sums
    parts = (
        np.arange(n_train),
        np.arange(n_train, n_train + N_VALIDATION),
        np.sort(test),
    )
    adjacency = csr_array((np.ones(len(pairs)), pairs.T), shape=(n, n))
    return Planetoid(adjacency, features, labels, parts)


def _verified(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        sys.exit(f"{path} cannot be read: {error.strerror}. PATH is the folder of ind.cora.*.")
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{path} is not the published file: it is not opened.")
    return content
