"""Lecture 07's towers under every loss, five splits each.

python benchmarks/pairwise_losses.py
"""

import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import numpy as np
import torch
from recording import record, use_one_thread
from scipy.sparse import csr_array

from autograder.lecture.reference import load_reference
from embedlab.baselines import ease, item_knn
from embedlab.data.ratings import Ratings, load_movielens_small, split_in_three
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, recall_at_k, top_k

LECTURE = "07_pairwise_losses"
SEEDS = range(1, 6)  # of the split and of the start
RATES = (0.003, 0.01)
MOST_EPOCHS, PATIENCE = 24, 5
REFERENCE = "in-batch + log q"  # what the others are compared with, so it comes first
LOSSES = {
    REFERENCE: ("in-batch", {}),
    "in-batch, known films masked, without log q": ("in-batch", {"log_q": False}),
    "MSE": ("MSE", {}),
    "cross entropy": ("BCE", {}),
    "BPR": ("BPR", {}),
    "triplet": ("triplet", {}),
    "contrastive": ("contrastive", {}),
    "sampled softmax": ("sampled softmax", {}),
    "softmax over all films": ("all films", {}),
    "BPR, 1 negative": ("BPR", {"n_negatives": 1}),
    "BPR, hardest of 20": ("BPR", {"n_negatives": 1, "hardest_of": 20}),
    "BPR, negatives by popularity": ("BPR", {"by_popularity": True}),
    "in-batch + log q, repeats masked only": ("in-batch", {"mask": "repeats"}),
    "in-batch + log q, nothing masked": ("in-batch", {"mask": None}),
    "CLIP (cosine, both ways) + log q": ("CLIP", {}),
    "CLIP (cosine, both ways), without log q": ("CLIP", {"log_q": False}),
}
SMALL = {  # of what is not trained, from what its setting is chosen
    "popularity": ("", [None], lambda A, _: np.tile(A.sum(axis=0), (A.shape[0], 1))),
    "item-kNN": ("{} neighbours", [20, 50, 100, 200], lambda A, n: A @ item_knn(A, n)),
    "EASE": ("β = {}", [50, 100, 200, 300, 500], lambda A, l2: A @ ease(A, l2)),
}


@cache
def parts(seed: int) -> tuple[Ratings, Ratings, Ratings]:
    """Return training, validation and test ratings of the films with at least 50."""
    return split_in_three(load_movielens_small().with_popular_films(min_ratings=50), seed)


def validation_ndcg(scores: np.ndarray, seed: int) -> float:
    """Return the mean NDCG@10 of the validation films."""
    train, validation, _ = parts(seed)
    return float(
        np.nanmean(ndcg_at_k(top_k(scores, train.interactions(), 10), validation.interactions()))
    )


def tested(scores: np.ndarray, seed: int) -> tuple[float, float]:
    """Return mean NDCG@10 and recall@20 of the test films; validation films are known by then."""
    train, validation, test = parts(seed)
    known = csr_array(train.interactions() + validation.interactions())
    best, hidden = top_k(scores, known, 20), test.interactions()
    return (
        float(np.nanmean(ndcg_at_k(best[:, :10], hidden))),
        float(np.nanmean(recall_at_k(best, hidden))),
    )


def trained(name: str, rate: float, seed: int) -> dict:
    """Train one loss until it has not become better for PATIENCE epochs; return what it was best.

    The keys: validation (NDCG@10), scores (n_users, n_items), epoch, and seconds an epoch.
    """
    torch.set_num_threads(1)
    loss, options = LOSSES[name]
    train, _, _ = parts(seed)
    A = train.interactions()
    best, epochs, started = {"validation": -1.0}, 0, time.process_time()

    def after_epoch(towers: object) -> bool:
        nonlocal epochs
        epochs += 1
        scores = towers.scores(A)
        quality = validation_ndcg(scores, seed)
        if quality > best["validation"]:
            best.update(validation=quality, scores=scores, epoch=epochs)
        return epochs - best["epoch"] >= PATIENCE

    load_reference(LECTURE)["train_towers"](
        train, loss, rate, MOST_EPOCHS, seed=seed, after_epoch=after_epoch, **options
    )
    return best | {"seconds": (time.process_time() - started) / epochs}


def measured(name: str) -> dict:
    """Return one loss's row: its rate by the first split's validation films, tested on all."""
    first = {rate: trained(name, rate, SEEDS[0]) for rate in RATES}
    rate = max(RATES, key=lambda rate: first[rate]["validation"])
    runs = [first[rate], *(trained(name, rate, seed) for seed in SEEDS[1:])]
    epochs = [run["epoch"] for run in runs]
    return {
        "settings": f"rate {rate:g}",
        "epochs": f"{min(epochs)} to {max(epochs)}",
        "seconds": round(float(np.mean([run["seconds"] for run in runs])), 2),
        "tests": [tested(run["scores"], seed) for run, seed in zip(runs, SEEDS, strict=True)],
    }


def counted(name: str) -> dict:
    """Return the row of a model that is not trained by steps."""
    words, grid, scores = SMALL[name]
    histories = [parts(seed)[0].interactions() for seed in SEEDS]

    def quality(setting: int | None) -> float:
        return validation_ndcg(scores(histories[0], setting), SEEDS[0])

    chosen = max(grid, key=quality)
    return {
        "settings": words.format(chosen),
        "epochs": "",
        "seconds": "",
        "tests": [
            tested(scores(A, chosen), seed) for A, seed in zip(histories, SEEDS, strict=True)
        ],
    }


def losses() -> None:
    """Measure all losses, two at a time, and record the table after each, best first."""
    outcomes = {name: counted(name) for name in SMALL}
    with ProcessPoolExecutor(2, get_context("spawn"), use_one_thread) as processes:
        for name, outcome in zip(LOSSES, processes.map(measured, LOSSES), strict=True):
            outcomes[name] = outcome
            record_losses(outcomes)


def record_losses(outcomes: dict[str, dict]) -> None:
    """Record the rows that there are, so that a run that is stopped keeps them."""
    missing = [name for name in LOSSES if name not in outcomes]
    ndcg = {each: np.array(one["tests"])[:, 0] for each, one in outcomes.items()}
    rows = []
    for each in sorted(outcomes, key=lambda each: -ndcg[each].mean()):
        value, error = mean_and_standard_error(ndcg[each])
        change = ndcg[each] - ndcg[REFERENCE]
        difference, its_error = mean_and_standard_error(change)
        against = [
            f"{difference:+.4f}",
            f"{its_error:.4f}",
            f"{(change > 0).sum()} of {len(SEEDS)}",
        ]
        one = outcomes[each]
        rows.append(
            [
                each,
                one["settings"],
                f"{value:.4f}",
                f"{error:.4f}",
                *(["", "", ""] if each == REFERENCE else against),
                f"{np.mean(one['tests'], axis=0)[1]:.4f}",
                one["epochs"],
                one["seconds"],
            ]
        )
    record(
        LECTURE,
        "table",
        [
            "loss",
            "settings",
            "NDCG@10",
            "error",
            f"against {REFERENCE}",
            "its error",
            "ahead",
            "recall@20",
            "best epochs",
            "CPU s per epoch",
        ],
        rows,
        "The same towers of 32 numbers a film, pairs, batches of 512 and Adam for all losses;"
        " films with at least 50 ratings, all ranked;"
        f" {len(SEEDS)} splits, each with a fifth of every user's films for the test and a"
        f" fifth of the rest to stop by: at most {MOST_EPOCHS} epochs, and no more once"
        f" {PATIENCE} have brought nothing. Rates .003 or .01, and all other settings, by the"
        " validation films of the first split. Margins are 1; 4 negatives where they are drawn"
        " and nothing else is said. In the rows of the batch and of CLIP, films that a row's user"
        " knows are masked if nothing else is said. Errors are over splits; differences split by"
        " split; ahead: in how many."
        + (f" Not measured yet: {'; '.join(missing)}." if missing else ""),
        ["numpy", "scipy", "torch"],
    )


if __name__ == "__main__":
    use_one_thread()
    losses()
