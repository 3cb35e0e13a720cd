"""Exercise `log_q_correction`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

log_q_correction = Exercise("log_q_correction", points=3)


@log_q_correction.cases
def _(rng):
    yield (
        "the worked example",
        {
            "items": np.array([2, 0]),
            "counts": np.array([2, 13, 5]),
            "known": np.array([[True, False, True], [True, False, False]]),
        },
    )
    yield "3 films of a catalogue of 5, nothing else known", _batch(rng, [4, 1, 2], 5)
    yield "2 films of a catalogue of 7", _batch(rng, rng.permutation(7)[:2], 7)
    drawn = _batch(rng, rng.permutation(6)[:3], 6)
    drawn["counts"][:] = rng.integers(2, 9)
    yield "all films drawn equally often", drawn
    drawn = _batch(rng, rng.permutation(5)[:4], 5)
    drawn["counts"][drawn["items"][1]] = rng.integers(500, 900)
    yield "one very popular film", drawn
    drawn = _batch(rng, rng.permutation(6)[:4], 6)
    drawn["known"][0, drawn["items"][2]] = drawn["known"][3, drawn["items"][0]] = True
    yield "users who know films of others", drawn
    film, other, third = rng.permutation(5)[:3]
    yield "a film that is there twice", _batch(rng, [film, other, film, third], 5)
    drawn = _batch(rng, [film, film, other], 6)
    drawn["known"][:] = True
    yield "users who know every film", drawn
    drawn = _batch(rng, rng.permutation(4)[:1], 4)
    yield "a batch of one", drawn


def _batch(rng, items, n_items):
    """Return a batch whose users know their own film, and films that are not in the batch."""
    items = np.asarray(items)
    known = rng.random((len(items), n_items)) < 0.5
    known[:, items] = False
    known[items[:, None] == np.arange(n_items)] = True
    return {"items": items, "counts": rng.integers(1, 30, n_items), "known": known}


@log_q_correction.mistake(
    "Your sign is turned round: log q is subtracted from the scores, so beta is -log q, a "
    "positive number, and largest for rare films."
)
def added_instead_of_subtracted(items, counts, known):
    beta = np.tile(np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You corrected by row. Then all scores of a row move together and the softmax does not "
    "notice: -log q belongs to the film of the column."
)
def per_row(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum())[:, None], (1, len(items)))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You left the diagonal at 0. The positive film is in the batch because it was drawn, like the"
    " others: it is corrected too."
)
def diagonal_not_corrected(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    np.fill_diagonal(beta, 0.0)
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You masked the diagonal. Every user knows the film of their own pair: it is the answer and "
    "has to stay."
)
def diagonal_masked(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    return np.where(known[:, items], -np.inf, beta)


@log_q_correction.mistake(
    "Nothing is masked. A film of the batch that the row's user knows is no negative: there beta "
    "is -np.inf."
)
def nothing_masked(items, counts, known):
    return np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))


@log_q_correction.mistake(
    "You masked only the repeated films. A film is no negative for any user who knows it, be it "
    "their own once more or another one."
)
def repeats_masked_only(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = (items[:, None] == items) & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "Your mask is transposed: in row a, column b stands whether the user of row a knows the film "
    "of column b, known[a, items[b]]."
)
def mask_transposed(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items].T & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You counted in the batch. q is how often a film is drawn: its count in the whole training "
    "part, divided by the sum of all counts."
)
def counted_in_the_batch(items, counts, known):
    q = (items[:, None] == items).mean(axis=1)
    beta = np.tile(-np.log(q), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You took the logarithm of the counts. q is a share: divide them by the sum of all counts. "
    "(In a row the difference cancels, but asked for is -log q.)"
)
def counts_not_shares(items, counts, known):
    beta = np.tile(-np.log(counts[items]), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You divided by the counts of the batch's films alone. All films of the catalogue can be "
    "drawn: divide by the sum of all counts."
)
def shares_within_the_batch(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts[items].sum()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake("The logarithm is missing: beta is -log q, not -q.")
def logarithm_missing(items, counts, known):
    beta = np.tile(-counts[items] / counts.sum(), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "Your hidden cells hold 0, which hides nothing: exp(0) is 1. Put -np.inf there, whose "
    "exponential is 0."
)
def hidden_cells_are_zero(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, 0.0, beta)


@log_q_correction.mistake(
    "Your hidden cells hold a large negative number. Asked for is minus infinity, -np.inf: then the"
    " probability is 0 whatever the other scores are."
)
def hidden_cells_are_finite(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -1e9, beta)


@log_q_correction.mistake(
    "A pair's own film that stands in another column, too, is not hidden in your table. The user "
    "knows it: only the diagonal stays."
)
def own_film_never_hidden(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items] & (items[:, None] != items)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You divided by the largest count. q is a film's share of all training pairs: divide by the sum"
    " of all counts."
)
def shares_of_the_largest(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.max()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "Your mask reads column b of known, that of film number b. Column b of the batch is film "
    "items[b]: known[:, items]."
)
def mask_by_column_number(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, : len(items)] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "Your table is NaN where nothing is hidden: False times -inf is NaN, not 0. Choose with "
    "np.where instead of multiplying."
)
def mask_times_infinity(items, counts, known):
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    with np.errstate(all="ignore"):
        return beta + masked * -np.inf


@log_q_correction.mistake(
    "Your logarithm is that to base 2. Scores are natural logarithms, as exp undoes them: np.log."
)
def base_two(items, counts, known):
    beta = np.tile(-np.log2(counts[items] / counts.sum()), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.mistake(
    "You divided by the number of films. q is a film's share of all training pairs: divide by the "
    "sum of all counts."
)
def divided_by_the_number_of_films(items, counts, known):
    beta = np.tile(-np.log(counts[items] / len(counts)), (len(items), 1))
    masked = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(masked, -np.inf, beta)


@log_q_correction.refused
def known_written_into(items, counts, known):
    known[np.arange(len(items)), items] = False
    beta = np.tile(-np.log(counts[items] / counts.sum()), (len(items), 1))
    return np.where(known[:, items], -np.inf, beta)


@log_q_correction.alternative
def cell_by_cell(items, counts, known):
    m = len(items)
    beta = np.empty((m, m))
    for a in range(m):
        for b in range(m):
            hidden = a != b and known[a, items[b]]
            beta[a, b] = -np.inf if hidden else np.log(counts.sum() / counts[items[b]])
    return beta


@log_q_correction.alternative
def diagonal_put_back(items, counts, known):
    log_q = np.log(counts / counts.sum())[items]
    beta = np.where(known[:, items], -np.inf, -log_q[None, :])
    np.fill_diagonal(beta, -log_q)
    return beta
