"""Self-attention: lecture 09's model and its ablations on the next film, five random starts each.

python benchmarks/self_attention.py
"""

import numpy as np
import typer
from recording import record, timed, use_one_thread

from autograder.reference import load_reference
from embedlab.ranking import mean_and_standard_error
from embedlab.ratings import load_movielens_small

SEEDS = range(1, 6)
VARIANTS = {
    "last film only": {"weights": "own"},
    "equal weights": {"weights": "equal"},
    "attention, no positions": {"positions": "none"},
    "attention, sinusoidal positions": {"positions": "sinusoidal"},
    "attention, learnt positions": {},
}
reference = load_reference("09_self_attention")


def main() -> None:
    """Train every variant from every start and record the table."""
    use_one_thread()
    ratings = load_movielens_small().with_popular_films(min_ratings=50)
    histories = [ratings.items[ratings.users == user] for user in range(ratings.n_users)]
    histories = [history for history in histories if len(history) >= 5]
    training = [history[:-2] for history in histories]

    def measure(scores_after) -> list[np.ndarray]:
        """Return validation NDCG, test HR and test NDCG of every user."""
        _, validation = reference["evaluate"](scores_after(2), histories, 2)
        return [validation, *reference["evaluate"](scores_after(1), histories, 1)]

    rows = []
    tables, seconds = timed(lambda: reference["counting_tables"](training, ratings.n_items))
    for name, table in tables.items():
        measured = measure(lambda n, table=table: table[[h[-n - 1] for h in histories]])
        rows.append(row(name, [measured], seconds / len(tables)))
    for name, choices in VARIANTS.items():
        starts, total = [], 0.0
        for seed in SEEDS:
            trained, seconds = timed(
                lambda choices=choices, seed=seed: list(
                    reference["train"](training, ratings.n_items, seed=seed, **choices)
                )[-1]
            )
            total += seconds
            starts.append(measure(lambda n: trained.next_films([h[:-n] for h in histories])))  # noqa: B023
        rows.append(row(name, starts, total / len(SEEDS)))
    record(
        "09_self_attention",
        "variants",
        ["model", "validation NDCG@10", "test HR@10", "test NDCG@10", "NDCG by start", "CPU s"],
        rows,
        f"{len(histories)} users, all {ratings.n_items} films ranked; means over {len(SEEDS)}"
        " random starts, ± standard error over users (of each user's mean over the starts); NDCG by"
        " start: lowest to highest test NDCG@10 of one start; CPU seconds for one training, one"
        " thread.",
        ["numpy", "torch"],
    )


def row(name: str, starts: list[list[np.ndarray]], seconds: float) -> list[str]:
    """Return a line of the table from what every start measured for every user."""
    per_user = np.mean(starts, axis=0)
    cells = [f"{m:.3f} ± {e:.3f}" for m, e in map(mean_and_standard_error, per_user)]
    gains = [start[2].mean() for start in starts]
    spread = f"{min(gains):.3f} to {max(gains):.3f}" if len(starts) > 1 else ""
    return [name, *cells, spread, f"{seconds:.1f}"]


if __name__ == "__main__":
    typer.run(main)
