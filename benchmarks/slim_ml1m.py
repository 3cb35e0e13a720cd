"""SLIM on MovieLens-1M, the NCF paper's split: the lecture's solver against SLIM libraries.

    python benchmarks/slim_ml1m.py PATH          compare and record the table
    python benchmarks/slim_ml1m.py PATH --tune   print what the settings below were chosen from

PATH is the split: see benchmarks/README.md.
"""

from pathlib import Path
from typing import Annotated

import fastslim
import numpy as np
import typer
from irspack import SLIMRecommender
from ncf_split import NcfSplit, hit_rate_and_ndcg, hold_out_one_more, load_ncf_split
from recording import record, timed, use_one_thread
from rich.progress import track
from scipy.sparse import csr_array, csr_matrix

from autograder.lecture.reference import load_reference

L1, L2 = 2.0, 400.0  # chosen with --tune
NEIGHBOURS = 50  # chosen with --tune
fit_slim_fast = load_reference("03_slim")["fit_slim_fast"]


def gram_matrix(train: csr_array) -> np.ndarray:
    """Return (n_items, n_items): how many users rated both films. The counts are exact."""
    return (train.T @ train).toarray().astype(np.float32)


def fit_popularity(train: csr_array) -> np.ndarray:
    """Return weights with which every rated film votes for the most rated ones."""
    return np.tile(train.sum(axis=0), (train.shape[1], 1))


def fit_knn(train: csr_array, n_neighbours: int = NEIGHBOURS) -> np.ndarray:
    """Return every film's cosine similarity to its nearest neighbours, 0 to all others."""
    gram = gram_matrix(train)
    norms = np.sqrt(np.maximum(np.diag(gram), 1))
    cosine = gram / np.outer(norms, norms)
    np.fill_diagonal(cosine, 0)
    nearest = np.sort(cosine, axis=0)[-n_neighbours]
    return np.where(cosine >= nearest, cosine, 0)


def fit_ours(train: csr_array, l1: float = L1, l2: float = L2) -> np.ndarray:
    """Return the lecture's weights; the Gram matrix is part of the time."""
    return fit_slim_fast(gram_matrix(train), l1, l2)


def fit_fastslim(train: csr_array) -> csr_array:
    """Return fastslim's weights."""
    return fastslim.fit(train, lambd=L1, beta=L2, n_threads=1)


def fit_irspack(train: csr_array) -> csr_matrix:
    """Return irspack's weights; its penalties are ours, divided by the number of users."""
    alpha = (L1 + L2) / train.shape[0]
    model = SLIMRecommender(csr_matrix(train), alpha=alpha, l1_ratio=L1 / (L1 + L2), n_threads=1)
    return model.learn().W


def slim_objective(train: csr_array, weights: csr_array) -> float:
    """Return the value that all SLIM solvers minimise."""
    error = (train @ weights).toarray() - train.toarray()
    penalty = L1 * weights.sum() + L2 / 2 * (weights**2).sum()
    return float((error**2).sum() / 2 + penalty)


def tune(split: NcfSplit) -> None:
    """Print the quality of a grid of settings on films held out of the training ratings."""
    validation = hold_out_one_more(split, seed=0)

    def show(setting: str, weights: np.ndarray) -> None:
        scores = (validation.train @ csr_array(weights)).toarray()
        hit_rate, ndcg = hit_rate_and_ndcg(scores, validation)
        print(f"{setting:30} HR@10 {hit_rate:.4f}  NDCG@10 {ndcg:.4f}", flush=True)

    for n_neighbours in (10, 20, 50, 100, 200, 500):
        show(f"item-kNN, {n_neighbours} neighbours", fit_knn(validation.train, n_neighbours))
    for l2 in (50.0, 100.0, 200.0, 400.0, 800.0):
        for l1 in (10.0, 5.0, 2.0, 1.0):
            show(f"SLIM, lambda {l1:g}, beta {l2:g}", fit_ours(validation.train, l1, l2))


def compare(split: NcfSplit) -> None:
    """Fit every model once, evaluate it on the test films and record the table."""
    models = {
        "popularity": fit_popularity,
        f"item-kNN, {NEIGHBOURS} neighbours": fit_knn,
        "SLIM, fastslim": fit_fastslim,
        "SLIM, irspack": fit_irspack,
        "SLIM, this lecture": fit_ours,
    }
    fitted = {
        name: timed(lambda fit=fit: fit(split.train))
        for name, fit in track(models.items(), "fitting")
    }
    objectives = {
        name: slim_objective(split.train, csr_array(weights))
        for name, (weights, _) in fitted.items()
        if name.startswith("SLIM")
    }
    lowest = min(objectives.values())
    own_seconds = fitted["SLIM, this lecture"][1]
    rows = []
    for name, (weights, seconds) in fitted.items():
        scores = (split.train @ csr_array(weights)).toarray()
        hit_rate, ndcg = hit_rate_and_ndcg(scores, split)
        excess = f"{objectives[name] / lowest - 1:.0e}" if name in objectives else ""
        ratio = round(seconds / own_seconds, 2)
        rows.append([name, round(hit_rate, 4), round(ndcg, 4), round(seconds, 1), ratio, excess])
    record(
        "03_slim",
        "ml1m",
        ["model", "HR@10", "NDCG@10", "CPU seconds", "times ours", "objective above the lowest"],
        rows,
        how=(
            "MovieLens-1M, the NCF paper's split: every user's last film among 99 others. SLIM "
            f"with lambda {L1:g} and beta {L2:g}, chosen on films held out of the training "
            "ratings; one thread each, each solver stopping at its own default, one run."
        ),
        packages=["numpy", "fastslim", "irspack"],
    )


def main(
    path: Annotated[Path, typer.Argument(exists=True, help="the split, a folder or .npz file")],
    tune_only: Annotated[bool, typer.Option("--tune", help="choose the settings")] = False,
) -> None:
    """Compare SLIM solvers on MovieLens-1M, or choose the settings of the comparison."""
    use_one_thread()
    split = load_ncf_split(path)
    if tune_only:
        tune(split)
    else:
        compare(split)


if __name__ == "__main__":
    typer.run(main)
