"""Which submissions resemble each other more than the task makes them.

Code is reduced to what survives renaming (`autograder.reports.code.reduced`) and cut into
fingerprints: all runs of RUN characters. Fingerprints of the released notebook do not count, nor
do those that many in the class share: a function of three lines has few right forms. What is left
of two submissions is compared by one sparse product over the whole class.

The result is a hint for a human and never a verdict: people who learn together write alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

from autograder.reports.code import reduced

RUN = 20  # characters of reduced code: about one line
COMMON = 0.2  # of the class: fingerprints that more of it have say nothing...
ALWAYS_RARE = 8  # ...but in a small class this many may share one
MIN_SHARED = 100  # fingerprints, about five lines: less is coincidence
ROWS = 256  # submissions compared with the class at once; bounds the memory of the product
CAVEAT = (
    "A hint for a person to look at, never a verdict: people who learn together, or from the same "
    "page, write alike. Read both submissions before you ask."
)


@dataclass(frozen=True)
class SimilarPair:
    """Two submissions and the percentage of the smaller one that both and few others have.

    exercises: those of which at least half is shared.
    """

    student_a: str
    student_b: str
    percent: float
    exercises: tuple[str, ...]


def similar_pairs(
    submissions: Iterable[tuple[str, Mapping[str, str]]],
    template: Iterable[str],
    threshold: float = 60,
) -> list[SimilarPair]:
    """Return the pairs that share at least `threshold` percent, most similar first.

    submissions: (student id, {exercise or cell: source}). template: sources of the released cells.
    """
    vectorizer = HashingVectorizer(
        analyzer=_fingerprints, n_features=2**22, binary=True, norm=None, alternate_sign=False
    )
    students, cells = [], []
    for student, sources in submissions:
        students.append(student)
        cells.append(dict(sources))
    if len(students) < 2:
        return []
    given = np.unique(vectorizer.transform([list(template)]).indices)
    own = vectorizer.transform(sources.values() for sources in cells).tocsc()
    having = np.diff(own.indptr)
    having[given] = 0
    size = np.asarray(own[:, having > 0].sum(axis=1)).ravel()  # fingerprints beyond the template
    rare = (having > 1) & (having <= max(ALWAYS_RARE, COMMON * len(students)))
    rare_columns = np.flatnonzero(rare)
    rare_own = own[:, rare_columns].tocsr()

    @cache
    def written(row):
        """Return [(exercise, its fingerprints beyond the template)] of a submission."""
        found = (
            (name, vectorizer.transform([[code]]).indices) for name, code in cells[row].items()
        )
        return [(name, np.setdiff1d(indices, given)) for name, indices in found]

    pairs = []
    for a, b, shared in _products(rare_own):
        percent = float(100 * shared / min(size[a], size[b]))
        if percent < threshold:
            continue
        common = rare_columns[np.intersect1d(rare_own[[a]].indices, rare_own[[b]].indices)]
        exercises = tuple(
            name
            for name, indices in written(a)
            if len(indices) and np.isin(indices, common).mean() >= 0.5
        )
        pairs.append(SimilarPair(*sorted((students[a], students[b])), percent, exercises))
    return sorted(pairs, key=lambda pair: (-pair.percent, pair.student_a, pair.student_b))


def _fingerprints(sources):
    codes = map(reduced, sources)
    return chain.from_iterable(
        (code[start : start + RUN] for start in range(len(code) - RUN + 1)) for code in codes
    )


def _products(matrix):
    """Yield (row, later row, number of columns both have) for the rows that share enough."""
    transposed = matrix.T.tocsr()
    for first in range(0, matrix.shape[0], ROWS):
        product = (matrix[first : first + ROWS] @ transposed).tocoo()
        enough = (product.data >= MIN_SHARED) & (product.row + first < product.col)
        yield from zip(
            (product.row[enough] + first).tolist(),
            product.col[enough].tolist(),
            product.data[enough].tolist(),
            strict=True,
        )
