"""Matrix factorization: lecture 01's model against scikit-surprise's SVD, RMSE and seconds.

python benchmarks/matrix_factorization.py              MovieLens small, five folds
python benchmarks/matrix_factorization.py PATH         MovieLens-100K, the same folds
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from recording import record, timed, use_one_thread
from surprise import SVD, Dataset, Reader
from surprise.model_selection import KFold

from autograder.lecture.reference import load_reference
from embedlab.data.ratings import Films, Ratings, load_movielens_small, split_at_random
from embedlab.offsets import fit_offsets, rmse

N_FOLDS = 5
OURS_GRID = [{"k": k, "l2": l2, "n_rounds": 10} for k in (20, 40, 80) for l2 in (0.12, 0.16, 0.2)]
THEIRS_GRID = [
    {"n_factors": n_factors, "reg_all": reg, "n_epochs": n_epochs}
    for n_factors in (20, 100, 200, 400)
    for reg, n_epochs in ((0.02, 20), (0.08, 60), (0.1, 100), (0.1, 150), (0.12, 150))
]
reference = load_reference("01_matrix_factorization")
Fit = Callable[..., Callable[[Ratings], np.ndarray]]


def part(ratings: Ratings, chosen: np.ndarray) -> Ratings:
    """Return the chosen ratings, of the same users and films."""
    arrays = {name: getattr(ratings, name)[chosen] for name in ("users", "items", "values")}
    return replace(ratings, timestamps=ratings.timestamps[chosen], **arrays)


def folds(ratings: Ratings, seed: int = 0) -> Iterator[tuple[Ratings, Ratings]]:
    """Yield (train, test) of scikit-surprise's own `KFold`: every rating is tested once."""
    raw = [(n, 0, 0.0, None) for n in range(len(ratings))]  # only the positions are wanted
    data = Dataset(Reader())
    data.raw_ratings = raw
    for _, test in KFold(N_FOLDS, random_state=seed).split(data):
        tested = np.zeros(len(ratings), dtype=bool)
        tested[[n for n, _, _ in test]] = True
        yield part(ratings, ~tested), part(ratings, tested)


def fit_mean(train: Ratings) -> Callable[[Ratings], np.ndarray]:
    """Predict the mean of the training ratings."""
    return lambda ratings: np.full(len(ratings), train.values.mean())


def fit_ours(train: Ratings, **settings: float) -> Callable[[Ratings], np.ndarray]:
    """Fit the model of the lecture; returns its prediction."""
    low, high = train.values.min(), train.values.max()
    predict, _, _ = reference["factorize"](train, **settings)
    return lambda ratings: np.clip(predict(ratings), low, high)


def fit_theirs(train: Ratings, **settings: float) -> Callable[[Ratings], np.ndarray]:
    """Fit scikit-surprise's SVD; returns its prediction."""
    data = Dataset(Reader(rating_scale=(train.values.min(), train.values.max())))
    raw = zip(train.users.tolist(), train.items.tolist(), train.values.tolist(), strict=True)
    model = SVD(random_state=0, **settings)
    model.fit(data.construct_trainset([(*cell, None) for cell in raw]))
    return lambda ratings: np.array(
        [model.predict(u, i).est for u, i in zip(ratings.users, ratings.items, strict=True)]
    )


def chosen(fit: Fit, grid: list[dict], train: Ratings) -> dict:
    """Return the settings with the lowest RMSE on a fifth held out of the training ratings."""
    fit_part, validation = split_at_random(train, test_fraction=0.2, seed=1)
    found = [rmse(fit(fit_part, **settings)(validation), validation.values) for settings in grid]
    best = grid[int(np.argmin(found))]
    print(f"  {fit.__name__}: {best}, {min(found):.4f} on the held-out ratings", flush=True)
    return best


def compare(ratings: Ratings) -> list[list[str | float]]:
    """Return the table's rows: mean RMSE over the folds, their spread, seconds of the last fit."""
    scores, seconds = {}, {}
    for number, (train, test) in enumerate(folds(ratings), 1):
        print(f"fold {number} of {N_FOLDS}", flush=True)
        fits = {
            "mean": lambda: fit_mean(train),  # noqa: B023
            "bias terms": lambda: fit_offsets(train),  # noqa: B023
            "surprise SVD, default": lambda: fit_theirs(train),  # noqa: B023
        }
        for name, fit, grid in (
            ("surprise SVD, tuned", fit_theirs, THEIRS_GRID),
            ("this lecture, tuned", fit_ours, OURS_GRID),
        ):
            settings = chosen(fit, grid, train)
            fits[name] = lambda fit=fit, settings=settings: fit(train, **settings)  # noqa: B023
        for name, fit in fits.items():
            predict, took = timed(fit)
            scores.setdefault(name, []).append(rmse(predict(test), test.values))
            seconds.setdefault(name, []).append(took)
            print(f"  {name}: {scores[name][-1]:.4f}", flush=True)
    return [
        [
            name,
            f"{np.mean(found):.4f}",
            f"{np.std(found, ddof=1):.4f}",
            f"{np.mean(seconds[name]):.2f}",
        ]
        for name, found in scores.items()
    ]


def load_ml100k(path: Path) -> Ratings:
    """Read MovieLens-100K from a tab-separated file: user, item, rating, time, one line each."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    table = np.array([line for line in lines if line[0].isdigit()], dtype=float)
    users, items = (np.unique(table[:, n], return_inverse=True)[1] for n in (0, 1))
    n_items = int(items.max()) + 1
    unknown = np.zeros(n_items, dtype=int)
    return Ratings(
        users=users, items=items, values=table[:, 2], timestamps=table[:, 3].astype(int),
        n_users=int(users.max()) + 1, n_items=n_items,
        films=Films(("",) * n_items, unknown, ((),) * n_items, unknown),
    )  # fmt: skip


def main(
    ml100k: Annotated[Path | None, typer.Argument(exists=True, help="MovieLens-100K")] = None,
) -> None:
    """Compare on MovieLens small, or on MovieLens-100K where its file is given, and record it."""
    use_one_thread()
    data = {"folds": ("MovieLens small", load_movielens_small())}
    if ml100k:
        data = {"ml100k": ("MovieLens-100K", load_ml100k(ml100k))}
    for name, (title, ratings) in data.items():
        record(
            "01_matrix_factorization",
            name,
            ["model", "test RMSE", "standard deviation over folds", "CPU seconds to fit"],
            compare(ratings),
            how=(
                f"{title}, the {N_FOLDS} folds of scikit-surprise's KFold(random_state=0); one "
                "thread each. Tuned: per fold, the settings best on a fifth held out of its "
                f"training ratings, from {len(THEIRS_GRID)} for SVD and {len(OURS_GRID)} for ours."
            ),
            packages=["numpy", "scikit-surprise"],
        )


if __name__ == "__main__":
    typer.run(main)
