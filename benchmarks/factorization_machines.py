"""Factorization machines: lecture 04's against myfm on the same rows; seconds of both pair sums.

python benchmarks/factorization_machines.py            errors: three splits of MovieLens small
python benchmarks/factorization_machines.py --cost     cost: one row, both ways to sum its pairs
"""

from typing import Annotated

import myfm
import numpy as np
import typer
from recording import record, seconds_per_call, timed, use_one_thread
from sampled_machine import N_FACTORS, SAMPLED, block_sizes, sampled
from scipy.sparse import csr_matrix

from autograder.lecture.reference import load_reference
from embedlab.data.ratings import Ratings, load_movielens_small, split_at_random
from embedlab.offsets import fit_offsets

LECTURE = "04_factorization_machines"
SEEDS = (1, 2, 3)  # of the splits; 1 is the lecture's own
IDS = ["user", "film"]
FILM = [*IDS, "genres", "half-decade"]
FEATURES = {
    "user, film": IDS,
    "+ time": [*IDS, "time"],
    "+ last film": [*IDS, "last film"],
    "+ genres, half-decade": FILM,
}
reference = load_reference(LECTURE)


def descent(train: Ratings, test: Ratings, blocks: list[str]) -> np.ndarray:
    """Predict with the lecture's AdaGrad."""
    return reference["predict_stars"](train, test, blocks)


def theirs(train: Ratings, test: Ratings, blocks: list[str]) -> np.ndarray:
    """Predict with myfm's sampler: as many factors, sweeps and kept samples as ours."""
    X, X_test = (
        csr_matrix(reference["feature_rows"](train, some, blocks)) for some in (train, test)
    )
    n_sweeps, n_skip = SAMPLED["n_sweeps"], SAMPLED["n_skip"]
    model = myfm.MyFMRegressor(rank=N_FACTORS, random_seed=0)
    model.fit(
        X, train.values, n_iter=n_sweeps, n_kept_samples=n_sweeps - n_skip,
        group_shapes=block_sizes(train, blocks),
    )  # fmt: skip
    return np.clip(model.predict(X_test), 0.5, 5.0)


def compare() -> None:
    """Record RMSE and seconds over the splits."""
    fits = {
        ("mean", ""): lambda train, test: np.full(len(test), train.values.mean()),
        ("bias terms", ""): lambda train, test: fit_offsets(train)(test),
    }
    for name, blocks in FEATURES.items():
        fits["this lecture, AdaGrad", name] = lambda *parts, b=blocks: descent(*parts, b)
    for name, blocks in (("user, film", IDS), ("+ genres, half-decade", FILM)):
        fits["this lecture, sampled", name] = lambda *parts, b=blocks: sampled(*parts, b)
        fits["myfm, sampled", name] = lambda *parts, b=blocks: theirs(*parts, b)
    scores, seconds = ({key: [] for key in fits} for _ in range(2))
    ratings = load_movielens_small()
    for seed in SEEDS:
        print(f"split {seed}", flush=True)
        train, test = split_at_random(ratings, test_fraction=0.2, seed=seed)
        for key, fit in fits.items():
            predicted, took = timed(lambda: fit(train, test))  # noqa: B023
            scores[key].append(float(np.sqrt(np.mean((predicted - test.values) ** 2))))
            seconds[key].append(took)
            print(f"  {', '.join(key)}: {scores[key][-1]:.4f}, {took:.1f} s", flush=True)
    record(
        LECTURE,
        "errors",
        ["model", "features", "test RMSE", "standard deviation over splits", "CPU seconds"],
        [
            [*key, f"{np.mean(found):.4f}", f"{np.std(found, ddof=1):.4f}",
             f"{np.mean(seconds[key]):.1f}"]
            for key, found in scores.items()
        ],
        how=(
            f"MovieLens small, {len(SEEDS)} random splits as in the lecture, the same sparse rows "
            f"and one thread for all; {N_FACTORS} factors everywhere. Sampled: "
            f"{SAMPLED['n_sweeps']} sweeps, the first {SAMPLED['n_skip']} left out. Seconds: "
            "fitting and predicting."
        ),
        packages=["numpy", "scipy", "myfm"],
    )  # fmt: skip


def cost() -> None:
    """Record seconds of the two ways to sum the pairs of one dense row, and of a sparse one."""
    rng, k = np.random.default_rng(0), 10
    rows = []
    for n in (10, 100, 1000, 10_000, 27_870):
        x, V = rng.normal(size=n), rng.normal(size=(n, k))
        shown = ["too long"]
        if n <= 1000:
            shown = [f"{seconds_per_call(reference['pairwise_naive'], x, V) * 1e6:,.1f}"]
        shown.append(f"{seconds_per_call(reference['pairwise_fast'], x, V) * 1e6:,.1f}")
        few = rng.permutation(n)[:6]
        shown.append(f"{seconds_per_call(reference['pairwise_fast'], x[few], V[few]) * 1e6:,.1f}")
        rows.append([f"{n:,}", *shown])
        print(rows[-1], flush=True)
    record(
        LECTURE,
        "cost",
        ["columns n", "all pairs, µs", "identity, µs", "identity, 6 columns not zero, µs"],
        rows,
        how=f"CPU microseconds for the pairs of one row, {k} factors, one thread.",
        packages=["numpy"],
    )


def main(
    only_cost: Annotated[bool, typer.Option("--cost", help="The table of seconds only.")] = False,
) -> None:
    """Record the errors, or with --cost the cost of both ways to sum the pairs."""
    use_one_thread()
    if only_cost:
        cost()
    else:
        compare()


if __name__ == "__main__":
    typer.run(main)
