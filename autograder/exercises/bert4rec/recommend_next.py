"""Exercise `recommend_next`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

recommend_next = Exercise("recommend_next", points=2)


@recommend_next.cases
def _(rng):
    worked = {
        "scores": np.array([[0.5, -1.0, 2.0, 1.0, -3.0], [-1.0, -2.0, -4.0, -3.0, -5.0]]),
        "histories": [np.array([2]), np.array([0, 0, 3])],
        "k": 2,
        "repeats": False,
    }
    yield "the worked example", worked
    yield "repeats allowed", {**_question(rng, 3, 7, 2, [2, 4, 3]), "repeats": True}
    yield "3 histories, 8 items", _question(rng, 3, 8, 4, [1, 3, 2])
    yield "k = 1", _question(rng, 4, 6, 1, [2, 4, 1, 3])
    yield "a history without items", _question(rng, 3, 7, 2, [2, 0, 4])
    low = _question(rng, 2, 9, 5, [3, 4])
    low["scores"] = -np.abs(low["scores"]) - 0.1
    yield "all scores negative", low
    again = _question(rng, 3, 8, 3, [4, 3, 5])
    again["histories"][1] = np.append(again["histories"][1], again["histories"][1][:2])
    yield "an item twice in a history", again
    last = _question(rng, 2, 7, 3, [4, 3])
    for row, history in enumerate(last["histories"]):
        last["scores"][row, history[:-1]] += 20
    yield "the best items are the older ones of the history", last
    yield "all that is left is recommended", _question(rng, 2, 6, 3, [3, 3])
    ties = _question(rng, 3, 30, 12, [4, 2, 3])
    ties["scores"] = rng.integers(-2, 2, (3, 30)).astype(float)
    yield "many equal scores: the lower number first (kind='stable')", ties
    single = _question(rng, 2, 6, 2, [1, 2])
    far = _question(rng, 2, 8, 3, [3, 2])
    far["scores"] = 1e8 * far["scores"] - 3e9
    yield "scores far below 0", far
    near = _question(rng, 3, 7, 4, [1, 2, 3])
    near["scores"] = float(rng.integers(1, 9)) + 1e-6 * near["scores"]
    yield "scores that differ by a millionth", near
    yield "float32", {**single, "scores": single["scores"].astype(np.float32)}


def _question(rng, n, n_items, k, lengths):
    """Return a case whose best items are in the histories, to be left out."""
    scores = np.array([rng.permutation(n_items) for _ in range(n)]) - n_items / 2 + 0.25
    histories = []
    for row, length in enumerate(lengths):
        best = np.argsort(-scores[row])
        others = rng.choice(best[1:], max(0, length - 1), replace=False)
        history = np.append(best[:1], others)[:length].astype(int)
        histories.append(rng.permutation(history))
    return {"scores": scores, "histories": histories, "k": k, "repeats": False}


@recommend_next.mistake(
    "Yours recommends items of the history although repeats is False. Give them the score minus "
    "infinity, in a copy."
)
def history_not_left_out(scores, histories, k, repeats):
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@recommend_next.mistake(
    "Items of the history are left out in yours even where repeats is True. There everything may "
    "be recommended."
)
def history_always_left_out(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    for row, history in zip(allowed, histories, strict=True):
        row[history] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake("`repeats` is turned round in yours: False leaves the history out.")
def repeats_turned_round(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake(
    "Items of the history get the score 0 in yours, and are recommended where others are negative. "
    "Use minus infinity."
)
def history_scored_zero(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = 0.0
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake(
    "Items of the history get a fixed low score in yours; here all others are lower still. Use "
    "minus infinity."
)
def history_scored_low(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -1e9
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake("Scores that differ by a millionth are equal in yours. Do not round them.")
def scores_rounded(scores, histories, k, repeats):
    allowed = np.round(np.array(scores, dtype=float), 3)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake("Yours leaves out only the *last* item of each history. Leave out all.")
def only_the_last_left_out(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history[-1:]] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake(
    "What one history holds is left out of every row in yours. Each row has its own history."
)
def left_out_of_all_rows(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        allowed[:, np.concatenate(histories).astype(int)] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake("Yours begins with the lowest score. Best first.")
def worst_first(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = np.inf
    return np.argsort(allowed, axis=1, kind="stable")[:, :k]


@recommend_next.mistake("The k items are right, but in the wrong order: best first.")
def best_last(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")[:, :k][:, ::-1]


@recommend_next.mistake(
    "Of equal scores yours takes the higher number first, as an ascending order turned round does. "
    "Sort -scores, with kind='stable'."
)
def ties_turned_round(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(allowed, axis=1, kind="stable")[:, ::-1][:, :k]


@recommend_next.mistake(
    "You keep the last k of a rising order: the best comes last in it. Sort -scores and keep the "
    "first k."
)
def rising_order(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(allowed, axis=1, kind="stable")[:, -k:]


@recommend_next.mistake("You return the scores. Return the numbers of the items.")
def scores_returned(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return -np.sort(-allowed, axis=1)[:, :k]


@recommend_next.mistake("Yours returns all items: keep the first k of each row.")
def all_items(scores, histories, k, repeats):
    allowed = np.array(scores, dtype=float)
    if not repeats:
        for row, history in zip(allowed, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(-allowed, axis=1, kind="stable")


@recommend_next.mistake("Yours changes `scores`: set minus infinity in a copy, np.array(scores).")
def in_place(scores, histories, k, repeats):
    if not repeats:
        for row, history in zip(scores, histories, strict=True):
            row[history] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@recommend_next.mistake(
    "You leave out first and then return places in the shortened list. Return item numbers: keep "
    "the list whole, with minus infinity at what is left out."
)
def places_of_the_rest(scores, histories, k, repeats):
    best = []
    for row, history in zip(scores, histories, strict=True):
        left = row if repeats else np.delete(row, history)
        best.append(np.argsort(-left, kind="stable")[:k])
    return np.array(best)


@recommend_next.alternative
def by_sorting(scores, histories, k, repeats):
    best = []
    for row, history in zip(scores.tolist(), histories, strict=True):
        left = [item for item in range(len(row)) if repeats or item not in set(history.tolist())]
        best.append(sorted(left, key=lambda item: (-row[item], item))[:k])
    return np.array(best)


@recommend_next.alternative
def with_top_k(scores, histories, k, repeats):
    from scipy.sparse import lil_array

    from embedlab.ranking import top_k

    seen = lil_array(scores.shape)
    for row, history in enumerate(histories):
        if not repeats and len(history):
            seen[row, history] = 1.0
    return top_k(scores, seen.tocsr(), k)


@recommend_next.alternative
def with_a_table(scores, histories, k, repeats):
    seen = np.zeros(scores.shape, dtype=bool)
    for row, history in enumerate(histories):
        seen[row, history.astype(int)] = not repeats
    cost = np.where(seen, np.inf, -scores.astype(float))
    return np.lexsort((np.broadcast_to(np.arange(scores.shape[1]), cost.shape), cost))[:, :k]


recommend_next.harmless(
    "for row, history in zip(allowed, histories):",
    "for row, history in zip(allowed, histories, strict=False):",
    because="there is a history for every row",
)
recommend_next.harmless(
    "row[history] += -np.inf",
    because="a finite score minus infinity is minus infinity",
)
recommend_next.harmless(
    'return np.argsort(-allowed, kind="stable")[:, :k]',
    because="the last axis, which argsort takes by itself, is axis 1",
)
recommend_next.harmless(
    "allowed = np.array(scores)", because="the task promises real numbers, which are floats already"
)
