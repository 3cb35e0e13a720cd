"""Lecture 06's emoji search: towers under five losses beside TF-IDF, BM25 and LSA, three splits.

python benchmarks/dssm.py [--tune]
"""

from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context

import numpy as np
import torch
import typer
from recording import record, timed, use_one_thread

from autograder.lecture.reference import load_reference
from embedlab.data.emoji import Emoji, Queries, load_emoji, split_keywords
from embedlab.ranking import mean_and_standard_error
from embedlab.search import answer_recall_at_k, bm25, lsa, shared_trigrams, tfidf
from embedlab.widgets import save_search, search_states

SEEDS = range(3)
K1S, BS = (0.3, 0.6, 1.2, 2.0, 4.0), (0.0, 0.25, 0.5, 0.75, 1.0)
COMPONENTS = (50, 100, 200, 300, 400, 600)
GAMMAS, RATES, EPOCHS = (3.0, 5.0, 10.0), (0.002, 0.004, 0.006), 20
# What --tune found best.
BM25 = {"words": {"k1": 1.2, "b": 0.0}, "trigrams": {"k1": 1.2, "b": 0.0}}
LSA = {"words": 200, "trigrams": 100}
TOWERS = {
    "DSSM, in-batch": {"loss": "in-batch"},
    "DSSM, all documents": {"loss": "all documents"},
    "DSSM, all, longer": {"loss": "all documents", "epochs": 20},
    "DSSM, 50 uniform": {"loss": "sampled", "sampler": "uniform"},
    "DSSM, 50 by popularity": {"loss": "sampled", "sampler": "popularity"},
    "DSSM, 50 hardest": {"loss": "sampled", "sampler": "hardest"},
}
TUNED = ("DSSM, in-batch", "DSSM, all documents", "DSSM, 50 uniform")
REFERENCE = "LSA, words"  # what the others are compared with
reference = load_reference("06_dssm")


def baselines(train: Emoji, texts: tuple[str, ...]) -> dict[str, tuple[np.ndarray, float]]:
    """Return scores and CPU seconds of what only counts."""
    documents = train.documents()
    tables = {}
    for unit in ("words", "trigrams"):
        tables[f"TF-IDF, {unit}"] = timed(lambda u=unit: tfidf(texts, documents, u))
        tables[f"BM25, {unit}"] = timed(lambda u=unit: bm25(texts, documents, u, **BM25[u]))
        tables[f"LSA, {unit}"] = timed(lambda u=unit: lsa(texts, documents, u, LSA[u]))
    return tables


def vectors(train: Emoji, towers: tuple, texts: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of queries and documents, of length 1; zero for an unknown query."""
    hashing = reference["WordHashing"](train.documents())
    X = hashing(texts)
    with torch.no_grad():
        queries = torch.nn.functional.normalize(towers[0](X), dim=1).numpy()
        documents = torch.nn.functional.normalize(towers[1](hashing(train.documents())), dim=1)
    queries[np.diff(X.indptr) == 0] = 0
    return queries, documents.numpy()


def scores_of(train: Emoji, towers: tuple, texts: tuple[str, ...]) -> np.ndarray:
    """Return (n_texts, n_documents) cosines."""
    queries, documents = vectors(train, towers, texts)
    return queries @ documents.T


def trained(train: Emoji, seed: int, **settings) -> tuple:
    """Return both towers after the last epoch."""
    *_, (_, *towers) = reference["train_towers"](train, seed=seed, **settings)
    return tuple(towers)


def groups_of(train: Emoji, test: Queries) -> dict[str, np.ndarray]:
    """Return which hidden answers belong to each group, {group: booleans}."""
    rows, columns = test.relevant.nonzero()
    shared = shared_trigrams(test.texts, train.documents())[rows, columns]
    seen = test.known.sum(axis=1)[rows] > 0
    return {
        "all": np.full(len(rows), True),
        "shares < 1/3": shared < 1 / 3,
        "word unseen": ~seen,
    }


def missing_shares(train: Emoji, test: Queries, towers: tuple) -> dict[str, float]:
    """Return the share of hidden answers among a pair's negatives, by how they are chosen.

    The mean is over training pairs; known answers are no negatives. Hardness is the cosine of
    the towers.
    """
    queries = train.queries()
    known = queries.relevant.toarray() > 0
    hidden = np.zeros(known.shape, dtype=bool)
    place = {text: row for row, text in enumerate(queries.texts)}
    for text, row in zip(test.texts, test.relevant.toarray(), strict=True):
        if text in place:
            hidden[place[text]] = row > 0
    n_pairs = known.sum(axis=1)
    popularity = known.sum(axis=0)
    left = np.where(known, -np.inf, scores_of(train, towers, queries.texts))
    order = np.argsort(-left, axis=1, kind="stable")
    shares = {}
    for name, weights in (("uniform", np.ones(known.shape[1])), ("by popularity", popularity)):
        drawn = np.where(known, 0.0, weights)
        shares[name] = (drawn * hidden).sum(axis=1) / drawn.sum(axis=1)
    for n in (200, 50, 10, 1):
        shares[f"hardest {n}"] = np.take_along_axis(hidden, order[:, :n], axis=1).mean(axis=1)
    return {name: float(np.average(share, weights=n_pairs)) for name, share in shares.items()}


def measure(seed: int) -> tuple[dict, dict, dict]:
    """Return {model: ({group: recall@10}, seconds)}, {negatives: share}, {group: share}."""
    train, test = split_keywords(load_emoji(), 0.2, seed)
    groups = groups_of(train, test)

    def recalls(scores):
        found = answer_recall_at_k(scores, test, k=10)
        return {name: float(found[group].mean()) for name, group in groups.items()}

    rows = {
        name: (recalls(scores), seconds)
        for name, (scores, seconds) in baselines(train, test.texts).items()
    }
    for name, settings in TOWERS.items():
        towers, seconds = timed(lambda s=settings: trained(train, seed, **s))
        rows[name] = recalls(scores_of(train, towers, test.texts)), seconds
        if name == "DSSM, 50 uniform":
            missing = missing_shares(train, test, towers)
        if name == "DSSM, all documents" and seed == 0:
            hashing = reference["WordHashing"](train.documents())
            save_search(search_states(train, hashing.columns, hashing.weights, *towers[0].arrays()))
    return rows, missing, {name: float(group.mean()) for name, group in groups.items()}


def tune() -> None:
    """Print mean recall@10 of every setting on keywords held out of the training keywords."""
    splits = []
    for seed in SEEDS:
        train, _ = split_keywords(load_emoji(), 0.2, seed)
        splits.append(split_keywords(train, 0.2, seed))

    def shown(name, search):
        found = [
            answer_recall_at_k(search(test.texts, train.documents()), test, 10).mean()
            for train, test in splits
        ]
        print(f"{name:40} {np.mean(found):.4f}", flush=True)

    for unit in ("words", "trigrams"):
        for k1, b in product(K1S, BS):
            shown(f"BM25, {unit}, k1={k1}, b={b}", lambda q, d: bm25(q, d, unit, k1, b))  # noqa: B023
        for n in COMPONENTS:
            shown(f"LSA, {unit}, {n}", lambda q, d: lsa(q, d, unit, n))  # noqa: B023
    train, test = splits[0]
    tried = [*({"gamma": gamma} for gamma in GAMMAS), *({"rate": rate} for rate in RATES)]
    for name, setting in product(TUNED, tried):
        found = [
            answer_recall_at_k(scores_of(train, towers, test.texts), test, 10).mean()
            for _, *towers in reference["train_towers"](
                train, **TOWERS[name] | setting | {"epochs": EPOCHS}
            )
        ]
        print(f"{name}, {setting}:", " ".join(f"{one:.3f}" for one in found), flush=True)


def main(tune_first: bool = typer.Option(False, "--tune", help="Print what was tuned, only.")):
    """Measure every model on three splits and record the tables."""
    use_one_thread()
    if tune_first:
        tune()
        return
    with ProcessPoolExecutor(len(SEEDS), get_context("spawn"), use_one_thread) as processes:
        measured = list(processes.map(measure, SEEDS))
    names, groups = [*measured[0][0]], [*measured[0][2]]
    rows = []
    for name in names:
        recall = {g: [rows[name][0][g] for rows, *_ in measured] for g in groups}
        seconds = np.mean([rows[name][1] for rows, *_ in measured])
        others = [rows[REFERENCE][0]["all"] for rows, *_ in measured]
        gain, error = mean_and_standard_error(np.subtract(recall["all"], others))
        against = "–" if name == REFERENCE else f"{gain:+.3f} ± {error:.3f}".replace("-", "−")
        means = [round(float(np.mean(recall[g])), 3) for g in groups]
        epochs = TOWERS[name].get("epochs", 10) if name in TOWERS else "–"
        rows.append([name, epochs, means[0], against, *means[1:], round(float(seconds), 1)])
    share = {g: np.mean([shares[g] for *_, shares in measured]) for g in groups}
    record(
        "06_dssm",
        "search",
        [
            "model",
            "epochs",
            "recall@10",
            f"against {REFERENCE}",
            *(f"{g} ({share[g]:.0%})" for g in groups[1:]),
            "CPU s",
        ],
        rows,
        "Emoji search, a fifth of each emoji's keywords hidden, ranked among all emoji that do not "
        "answer the query; means over 3 random splits, each with its own start; paired differences "
        "with their standard errors over the splits. Groups by the share of the query's trigrams "
        "that the document has, and by whether the query is another emoji's training keyword. "
        f"Chosen on keywords held out of training: {settings_said()}; for all towers gamma 5 "
        "and steps of .006. "
        "CPU seconds on one thread, of fitting and, for what only counts, of scoring too.",
        ["numpy", "scipy", "scikit-learn", "bm25s", "torch"],
    )
    negatives = [*measured[0][1]]
    table = []
    for name in negatives:
        mean, error = mean_and_standard_error(np.array([one[name] for _, one, _ in measured]))
        table.append([name, f"{100 * mean:.2f}% ± {100 * error:.2f}%"])
    record(
        "06_dssm",
        "missing",
        ["negatives of a training pair", "of them hidden answers"],
        table,
        "How many of a pair's negatives are answers to its query that the split has hidden, about "
        "a fifth of those on the list; answers that the list itself misses come on top. Mean over "
        "training pairs and 3 splits, standard error over the splits. Hardness by the towers that "
        "were trained with 50 uniform negatives.",
        ["numpy", "scipy", "torch"],
    )


def settings_said() -> str:
    """Return the settings as a part of a sentence."""
    said = [f"BM25 on {u}: k1 {s['k1']}, b {s['b']}" for u, s in BM25.items()]
    return "; ".join([*said, *(f"LSA on {u}: {n}" for u, n in LSA.items())])


if __name__ == "__main__":
    typer.run(main)
