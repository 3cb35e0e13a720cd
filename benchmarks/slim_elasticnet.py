"""SLIM's columns: the lecture's solvers against scikit-learn's ElasticNet, seconds and objective.

python benchmarks/slim_elasticnet.py
"""

import numpy as np
from recording import record, timed, use_one_thread
from rich.progress import track
from sklearn.linear_model import ElasticNet

from autograder.lecture.reference import load_reference
from embedlab.data.ratings import load_movielens_small

L1, L2 = 4.0, 80.0  # what the lecture chooses on its validation films
LECTURE_MIN_RATINGS = 50
MIN_RATINGS = (LECTURE_MIN_RATINGS, 20, 10)
N_SWEEPS = 100  # brings fit_slim within 1e-6 of the optimum
reference = load_reference("03_slim")


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


def compare(min_ratings: int) -> list[list[str | float]]:
    """Return the table's rows for the films with at least that many ratings."""
    watched = load_movielens_small().with_popular_films(min_ratings).interactions()
    dense = watched.toarray()
    gram = (watched.T @ watched).toarray()
    print(f"{dense.shape[0]} users, {dense.shape[1]} films")
    solvers = {
        "ElasticNet": lambda: fit_from_films(dense),
        "ElasticNet, Gram matrix given": lambda: fit_from_gram(dense, gram),
    }
    if min_ratings == LECTURE_MIN_RATINGS:  # minutes for larger catalogues
        solvers["fit_slim"] = lambda: reference["fit_slim"](gram, L1, L2, N_SWEEPS)
    solvers["fit_slim_fast"] = lambda: reference["fit_slim_fast"](gram, L1, L2)

    fitted = {name: timed(solver) for name, solver in solvers.items()}
    objectives = {name: column_objectives(gram, weights) for name, (weights, _) in fitted.items()}
    lowest = np.min(list(objectives.values()), axis=0)
    standard_seconds = fitted["ElasticNet"][1]
    return [
        [
            len(gram),
            name,
            round(seconds, 2),
            f"{standard_seconds / seconds:.1f}x",
            f"{(objectives[name] / lowest - 1).max():.0e}",
        ]
        for name, (_, seconds) in fitted.items()
    ]


def main() -> None:
    """Compare at three sizes of the catalogue and record the table."""
    use_one_thread()
    rows = [row for min_ratings in MIN_RATINGS for row in compare(min_ratings)]
    choices = ", ".join(map(str, MIN_RATINGS))
    record(
        "03_slim",
        "elasticnet",
        ["films", "solver", "CPU seconds, all columns", "speed", "objective above the lowest"],
        rows,
        how=(
            f"MovieLens small, films with at least {choices} ratings, lambda {L1:g}, beta {L2:g}, "
            f"fit_slim with {N_SWEEPS} sweeps. One thread each, one run. The last column is the "
            "largest relative difference among the columns."
        ),
        packages=["numpy", "scikit-learn"],
    )


if __name__ == "__main__":
    main()
