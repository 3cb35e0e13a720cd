"""Exercise `cosine_relevance`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import signed

cosine_relevance = Exercise("cosine_relevance", points=1, tolerance=1e-6)  # float32 passes


@cosine_relevance.cases
def _(rng):
    worked = {
        "Y_Q": np.array([[3.0, 4.0], [0.0, 2.0]]),
        "Y_D": np.array([[3.0, 4.0], [0.0, -5.0], [5.0, 0.0]]),
    }
    yield "the worked example", worked
    yield "2 queries, 5 documents, d = 3", {"Y_Q": signed(rng, 2, 3), "Y_D": signed(rng, 5, 3)}
    yield "one query", {"Y_Q": signed(rng, 1, 4), "Y_D": signed(rng, 3, 4)}
    yield "more queries than documents", {"Y_Q": signed(rng, 6, 5), "Y_D": signed(rng, 2, 5)}
    long = signed(rng, 3, 2) * rng.integers(3, 9, (3, 1))
    yield "long vectors", {"Y_Q": long, "Y_D": 7 * signed(rng, 4, 2)}
    below_1 = {"Y_Q": signed(rng, 3, 5) / 10, "Y_D": signed(rng, 4, 5) / 10}
    yield "vectors shorter than 1", below_1
    long = 100 * signed(rng, 5, 3)
    yield "queries shorter than 1, long documents", {"Y_Q": signed(rng, 2, 3) / 10, "Y_D": long}
    short = {"Y_Q": signed(rng, 2, 4) * 1e-7, "Y_D": signed(rng, 3, 4) * 1e-7}
    yield "very short vectors: the angle is all that counts", short
    zeros = {"Y_Q": signed(rng, 3, 2), "Y_D": signed(rng, 4, 2)}
    zeros["Y_Q"][1] = 0.0
    yield "a query vector of zeros", zeros
    zeros = {"Y_Q": signed(rng, 3, 4), "Y_D": signed(rng, 5, 4)}
    zeros["Y_D"][4] = 0.0
    yield "a document vector of zeros", zeros
    whole = {"Y_Q": rng.integers(1, 90, (2, 4)), "Y_D": rng.integers(-90, -1, (3, 4))}
    yield "whole numbers", whole


@cosine_relevance.mistake(
    "That is the dot product. The cosine divides it by the lengths of both vectors."
)
def dot_product(Y_Q, Y_D):
    return (Y_Q @ Y_D.T).astype(float)


@cosine_relevance.mistake(
    "You divided by the lengths of the documents only. That is enough for the order of one query's "
    "documents, but the cosine divides by the query's length too."
)
def documents_only(Y_Q, Y_D):
    lengths = np.linalg.norm(Y_D, axis=1)
    return Y_Q @ (Y_D / np.where(lengths > 0, lengths, 1)[:, None]).T


@cosine_relevance.mistake(
    "You divided by the lengths of the queries only. Divide by those of the documents as well, or "
    "long documents win."
)
def queries_only(Y_Q, Y_D):
    lengths = np.linalg.norm(Y_Q, axis=1)
    return (Y_Q / np.where(lengths > 0, lengths, 1)[:, None]) @ Y_D.T


@cosine_relevance.mistake(
    "A vector of zeros gives 0/0 in yours. Its relevance is 0, as the task says: replace lengths "
    "of 0 by 1 before you divide."
)
def zeros_divided(Y_Q, Y_D):
    with np.errstate(invalid="ignore"):
        return (Y_Q @ Y_D.T) / np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))


@cosine_relevance.mistake(
    "A document vector of zeros gives 0/0 in yours; the queries are right. Replace lengths of 0 by "
    "1 on both sides."
)
def zero_documents_divided(Y_Q, Y_D):
    lengths = np.linalg.norm(Y_Q, axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        unit_d = Y_D / np.linalg.norm(Y_D, axis=1, keepdims=True)
        return (Y_Q / np.where(lengths == 0, 1, lengths)) @ unit_d.T


@cosine_relevance.mistake(
    "A query vector of zeros gives 0/0 in yours; the documents are right. Replace lengths of 0 by "
    "1 on both sides."
)
def zero_queries_divided(Y_Q, Y_D):
    lengths = np.linalg.norm(Y_D, axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        unit_q = Y_Q / np.linalg.norm(Y_Q, axis=1, keepdims=True)
        return unit_q @ (Y_D / np.where(lengths == 0, 1, lengths)).T


@cosine_relevance.mistake("You divided by the squared lengths: the root is missing in |y|.")
def squared_lengths(Y_Q, Y_D):
    lengths = np.outer((Y_Q**2).sum(axis=1), (Y_D**2).sum(axis=1))
    return Y_Q @ Y_D.T / np.where(lengths > 0, lengths, 1)


@cosine_relevance.mistake(
    "Very short vectors count as zeros in yours, or nearly: a constant is added to the length, or "
    "a length compared with one. Replace only lengths that are exactly 0."
)
def small_constant(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return Y_Q @ Y_D.T / (lengths + 1e-9)


@cosine_relevance.mistake(
    "Very short vectors lose a part of their cosine in yours: 1e-8 is added to each length. "
    "Replace only lengths that are exactly 0."
)
def constant_in_each_length(Y_Q, Y_D):
    lengths_q = np.linalg.norm(Y_Q, axis=1, keepdims=True) + 1e-8
    lengths_d = np.linalg.norm(Y_D, axis=1, keepdims=True) + 1e-8
    return (Y_Q / lengths_q) @ (Y_D / lengths_d).T


@cosine_relevance.mistake(
    "Very short vectors lose a part of their cosine in yours: 1e-12 is added to the product of the "
    "lengths, and beside theirs it is not small. Replace only lengths that are exactly 0."
)
def very_small_constant(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return Y_Q @ Y_D.T / (lengths + 1e-12)


@cosine_relevance.mistake(
    "All your cosines are a little too small, and those of very short vectors 0: 1e-6 is added to "
    "the product of the lengths. Replace only lengths that are exactly 0."
)
def not_so_small_constant(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return Y_Q @ Y_D.T / (lengths + 1e-6)


@cosine_relevance.mistake(
    "Where the product of the two lengths is below 1 you do not divide by it, as with "
    "np.maximum(product, 1). Replace only lengths that are exactly 0."
)
def short_products_kept(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return Y_Q @ Y_D.T / np.maximum(lengths, 1)


@cosine_relevance.mistake(
    "That is the cosine distance, 1 minus the cosine. The relevance is the cosine itself."
)
def cosine_distance(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return 1 - Y_Q @ Y_D.T / np.where(lengths > 0, lengths, 1)


@cosine_relevance.mistake(
    "Your table has the documents in its rows. Rows are queries, columns are documents."
)
def documents_in_rows(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_D, axis=1), np.linalg.norm(Y_Q, axis=1))
    return Y_D @ Y_Q.T / np.where(lengths > 0, lengths, 1)


@cosine_relevance.mistake(
    "You divided by the length of a whole table of vectors. Every row has its own: axis=1."
)
def one_length_for_all(Y_Q, Y_D):
    return Y_Q @ Y_D.T / (np.linalg.norm(Y_Q) * np.linalg.norm(Y_D))


@cosine_relevance.mistake(
    "You divided by the lengths of the columns. A vector is a row: take the norm along axis=1, "
    "with keepdims=True."
)
def lengths_of_columns(Y_Q, Y_D):
    lengths_q, lengths_d = np.linalg.norm(Y_Q, axis=0), np.linalg.norm(Y_D, axis=0)
    return (Y_Q / lengths_q) @ (Y_D / lengths_d).T


@cosine_relevance.mistake(
    "Vectors shorter than 1 keep their length in yours, as np.maximum(length, 1) does. Replace "
    "only lengths that are exactly 0."
)
def short_ones_kept(Y_Q, Y_D):
    lengths_q = np.maximum(np.linalg.norm(Y_Q, axis=1, keepdims=True), 1)
    lengths_d = np.maximum(np.linalg.norm(Y_D, axis=1, keepdims=True), 1)
    return (Y_Q / lengths_q) @ (Y_D / lengths_d).T


@cosine_relevance.refused
def size_of_the_cosine(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return np.abs(Y_Q @ Y_D.T) / np.where(lengths > 0, lengths, 1)


@cosine_relevance.alternative
def cosines_in_single_precision(Y_Q, Y_D):
    units = []
    for Y in (Y_Q.astype(np.float32), Y_D.astype(np.float32)):
        lengths = np.linalg.norm(Y, axis=1, keepdims=True)
        units.append(Y / np.where(lengths == 0, np.float32(1), lengths))
    return (units[0] @ units[1].T).astype(float)


@cosine_relevance.alternative
def pair_by_pair(Y_Q, Y_D):
    R = np.zeros((len(Y_Q), len(Y_D)))
    for i, q in enumerate(Y_Q):
        for j, d in enumerate(Y_D):
            if q.any() and d.any():
                R[i, j] = q @ d / np.sqrt((q @ q) * (d @ d))
    return R


@cosine_relevance.alternative
def normalised_by_scikit_learn(Y_Q, Y_D):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity(Y_Q.astype(float), Y_D.astype(float))


@cosine_relevance.alternative
def lengths_of_both(Y_Q, Y_D):
    lengths = np.outer(np.linalg.norm(Y_Q, axis=1), np.linalg.norm(Y_D, axis=1))
    return np.divide(Y_Q @ Y_D.T, lengths, out=np.zeros(lengths.shape), where=lengths > 0)


cosine_relevance.harmless(
    "unit_q = Y_Q / np.where(lengths_q == 0, 2, lengths_q)",
    "unit_d = Y_D / np.where(lengths_d == 0, 2, lengths_d)",
    because="zeros divided by any number are zeros",
)
