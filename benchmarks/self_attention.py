"""Lecture 09's model and its ablations on the next film, five random starts each.

python benchmarks/self_attention.py
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import typer
from recording import record, timed, use_one_thread

from autograder.lecture.reference import load_reference
from embedlab.data.ratings import load_movielens_small
from embedlab.ranking import mean_and_standard_error

SEEDS = range(1, 6)
VARIANTS = {
    "last film only": {"weights": "own"},
    "equal weights": {"weights": "equal"},
    "attention, no positions": {"positions": "none"},
    "attention, sinusoidal positions": {"positions": "sinusoidal"},
    "attention, learnt positions": {},
}
REFERENCE = "equal weights"  # what the others are compared with
reference = load_reference("09_self_attention")


def load() -> tuple[list[np.ndarray], int]:
    """Return the notebook's histories and the number of films."""
    ratings = load_movielens_small().with_popular_films(min_ratings=50)
    return reference["read_histories"](ratings), ratings.n_items


def measure(scores_after: Callable, histories: list[np.ndarray]) -> list[np.ndarray]:
    """Return validation NDCG, test HR and test NDCG of every user.

    scores_after(n) scores the film that stands n places before the end.
    """
    _, validation = reference["evaluate"](scores_after(2), histories, 2)
    return [validation, *reference["evaluate"](scores_after(1), histories, 1)]


def starts_of(name: str) -> tuple[list[list[np.ndarray]], float]:
    """Return what `measure` says of one variant from every start, and all CPU seconds."""
    histories, n_items = load()
    training = [history[:-2] for history in histories]
    starts, total = [], 0.0
    for seed in SEEDS:
        (*_, model), seconds = timed(
            lambda seed=seed: list(
                reference["train"](training, n_items, seed=seed, **VARIANTS[name])
            )
        )
        total += seconds
        starts.append(
            measure(lambda n, model=model: model.next_films([h[:-n] for h in histories]), histories)
        )
    return starts, total


def main() -> None:
    """Train every variant in a process of its own, from every start, and record the table."""
    use_one_thread()
    histories, n_items = load()
    with ProcessPoolExecutor(2, get_context("spawn"), use_one_thread) as processes:
        outcomes = dict(zip(VARIANTS, processes.map(starts_of, VARIANTS), strict=True))
    mean_of_history = per_user(outcomes[REFERENCE][0])
    mean_seconds = sum(seconds for _, seconds in outcomes.values()) / len(outcomes) / len(SEEDS)
    record(
        "09_self_attention",
        "variants",
        [
            "model",
            "validation NDCG@10",
            "test NDCG@10",
            f"against {REFERENCE}",
            "NDCG by start",
        ],
        [row(name, starts, mean_of_history) for name, (starts, _) in outcomes.items()],
        f"{len(histories)} users, films of the same second in random order, all {n_items}"
        f" films ranked; means over {len(SEEDS)}"
        " random starts, ± standard error over users (of each user's mean over the starts), of the"
        f" difference of NDCG@10 to {REFERENCE} too; NDCG by"
        " start: lowest to highest test NDCG@10 of one start. One training took"
        f" {mean_seconds:.1f} CPU seconds on average, on one thread.",
        ["numpy", "torch"],
    )


def per_user(starts: list[list[np.ndarray]]) -> np.ndarray:
    """Return the mean over the starts of every user's three numbers, (3, n_users)."""
    return np.mean(starts, axis=0)


def row(name: str, starts: list[list[np.ndarray]], reference: np.ndarray) -> list[str]:
    """Return a line of the table from what every start measured for every user."""
    own = per_user(starts)
    validation, test = (
        f"{m:.3f} ± {e:.3f}" for m, e in map(mean_and_standard_error, (own[0], own[2]))
    )
    change, error = mean_and_standard_error(own[2] - reference[2])
    gains = [start[2].mean() for start in starts]
    against = "" if name == REFERENCE else f"{change:+.3f} ± {error:.3f}"
    return [name, validation, test, against, f"{min(gains):.3f} to {max(gains):.3f}"]


if __name__ == "__main__":
    typer.run(main)
