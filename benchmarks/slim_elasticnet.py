"""SLIM's columns: the lecture's solver against scikit-learn's ElasticNet, same objective, all films.

    python benchmarks/slim_elasticnet.py
"""

import numpy as np
from recording import record, timed, use_one_thread
from rich.progress import track
from sklearn.linear_model import ElasticNet

from autograder.reference import load_reference
from embedlab.ratings import load_movielens_small

L1, L2 = 2.0, 100.0
MIN_RATINGS = (50, 20, 10)


def column_objectives(gram: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (n_items,) SLIM's objective of every column of the weights, in float64."""
    squared_error = np.diag(gram) - 2 * (gram * weights).sum(axis=0)
    squared_error += (weights * (gram @ weights)).sum(axis=0)
    penalty = L1 * weights.sum(axis=0) + L2 / 2 * (weights**2).sum(axis=0)
    return squared_error / 2 + penalty


def elastic_net(n_users: int, precompute: bool | np.ndarray = False) -> ElasticNet:
    """Return the scikit-learn model whose objective is SLIM's, divided by the number of users."""
    return ElasticNet(
        alpha=(L1 + L2) / n_users,
        l1_ratio=L1 / (L1 + L2),
        positive=True,
        fit_intercept=False,
        precompute=precompute,
        copy_X=False,
        max_iter=10_000,
    )


def fit_from_films(watched: np.ndarray) -> np.ndarray:
    """Fit every column from the dense matrix, as scikit-learn's documentation would have it."""
    films = np.asfortranarray(watched)
    model = elastic_net(len(films))
    weights = np.empty((films.shape[1], films.shape[1]))
    for i in track(range(films.shape[1]), "scikit-learn"):
        target = films[:, i].copy()
        films[:, i] = 0
        weights[:, i] = model.fit(films, target).coef_
        films[:, i] = target
    return weights


def fit_from_gram(watched: np.ndarray, gram: np.ndarray) -> np.ndarray:
    """Fit every column with the Gram matrix given, so that scikit-learn computes it only once."""
    films, others = np.asfortranarray(watched), gram.copy()
    model = elastic_net(len(films), precompute=others)
    weights = np.empty_like(gram)
    for i in track(range(len(gram)), "scikit-learn with the Gram matrix"):
        target = films[:, i].copy()
        films[:, i] = others[i] = others[:, i] = 0
        weights[:, i] = model.fit(films, target).coef_
        films[:, i] = target
        others[i] = others[:, i] = gram[i]
    return weights


def compare(min_ratings: int, fit_slim) -> list[list[str | float]]:
    """Return the table's rows for the films with at least that many ratings."""
    watched = load_movielens_small().with_popular_films(min_ratings).interactions()
    dense = watched.toarray()
    gram = (watched.T @ watched).toarray()
    print(f"{dense.shape[0]} users, {dense.shape[1]} films")
    solutions = {
        "ElasticNet": timed(lambda: fit_from_films(dense)),
        "ElasticNet, Gram matrix given": timed(lambda: fit_from_gram(dense, gram)),
        "this lecture": timed(lambda: fit_slim(gram.astype(np.float32), L1, L2)),
    }
    objectives = {
        solver: column_objectives(gram, weights.astype(np.float64))
        for solver, (weights, _) in solutions.items()
    }
    lowest = np.min(list(objectives.values()), axis=0)
    own_seconds = solutions["this lecture"][1]
    return [
        [
            len(gram),
            solver,
            round(seconds, 2),
            round(seconds / own_seconds, 1),
            f"{(objectives[solver] / lowest - 1).max():.0e}",
        ]
        for solver, (_, seconds) in solutions.items()
    ]


def main() -> None:
    """Compare at three sizes of the catalogue and record the table."""
    use_one_thread()
    fit_slim = load_reference("03_slim")["fit_slim_fast"]
    rows = [row for min_ratings in MIN_RATINGS for row in compare(min_ratings, fit_slim)]
    record(
        "03_slim",
        "elasticnet",
        ["films", "solver", "CPU seconds, all columns", "times ours", "objective above the lowest"],
        rows,
        how=(
            f"MovieLens small, films with at least {MIN_RATINGS} ratings, lambda {L1:g}, "
            f"beta {L2:g}; one thread each, one run; the last column is the largest relative "
            "difference over the films."
        ),
        packages=["numpy", "scikit-learn"],
    )


if __name__ == "__main__":
    main()
