"""PCA as matrix factorization: lecture 11's functions beside scikit-learn's, CPU seconds included.

python benchmarks/pca_as_mf.py                  all four tables
python benchmarks/pca_as_mf.py senate sparse    some of them
"""

import warnings
from collections.abc import Callable, Sequence
from itertools import product
from typing import Annotated

import numpy as np
import typer
from recording import record, timed, use_one_thread
from sklearn.datasets import load_digits
from sklearn.decomposition import NMF, SparsePCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer

from autograder.lecture.reference import load_reference
from embedlab.data.holes import hide_known
from embedlab.data.senate import contested_votes, load_senate

LECTURE = "11_pca_as_mf"
reference = load_reference(LECTURE)
SEEDS = range(5)
SHARE_OF_VALIDATION = 0.1  # of the known cells, hidden a second time to choose settings by


def mean_and_error(values: Sequence[float], decimals: int = 3, sign: str = "") -> list[str]:
    """Return the mean and its standard error as text; with sign "+" it is a difference."""
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return [f"{np.mean(values):{sign}.{decimals}f}", f"{error:.{decimals}f}"]


def masked(left: np.ndarray, k: int, ridge: float, n_rounds: int, seed: int) -> np.ndarray:
    """Return masked PCA's guess of every cell, from a random start."""
    C = np.random.default_rng(seed).normal(0, 0.1, (left.shape[1], k))
    mean, W, C = reference["masked_pca"](left, np.isfinite(left), C, ridge, n_rounds)
    return mean + W @ C.T


def chosen(
    left: np.ndarray,
    settings: Sequence[tuple],
    fit: Callable[..., np.ndarray],
    loss: Callable[[np.ndarray, np.ndarray], float],
    seed: int,
) -> tuple:
    """Return the settings with the lowest loss on known cells that are hidden once more."""
    fitted, hidden = hide_known(left, SHARE_OF_VALIDATION, 1000 + seed)
    losses = [loss(fit(fitted, *each)[hidden], left[hidden]) for each in settings]
    return settings[int(np.argmin(losses))]


# ---- holes in pictures -------------------------------------------------------------------------

SHARES = (0.3, 0.5, 0.7)
N_ROUNDS = 20
RANKS_AND_RIDGES = list(product((5, 10, 20, 30, 45, 60), (10, 30, 100)))
NEIGHBOURS = [(5,), (10,), (20,), (40,), (80,), (160,)]


def rmse(guess: np.ndarray, truth: np.ndarray) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(np.mean((guess - truth) ** 2)))


def by_neighbours(left: np.ndarray, n_neighbors: int) -> np.ndarray:
    """Return the table filled by scikit-learn's nearest neighbours."""
    return KNNImputer(n_neighbors=n_neighbors, keep_empty_features=True).fit_transform(left)


def by_regressions(left: np.ndarray) -> np.ndarray:
    """Return the table filled by scikit-learn's Bayesian ridge regression of each pixel."""
    imputer = IterativeImputer(max_iter=10, random_state=0, keep_empty_features=True)
    return imputer.fit_transform(left)


def fill(pictures: np.ndarray, share: float, seed: int) -> dict[str, tuple[float, float, str]]:
    """Return {model: (RMSE on the hidden pixels, CPU seconds, settings)} for one mask."""
    left, hidden = hide_known(pictures, share, seed)

    def ours(table: np.ndarray, k: int, ridge: float) -> np.ndarray:
        return masked(table, k, ridge, N_ROUNDS, seed)

    k, ridge = chosen(left, RANKS_AND_RIDGES, ours, rmse, seed)
    (neighbours,) = chosen(left, NEIGHBOURS, by_neighbours, rmse, seed)
    models = {
        "column means": (lambda: np.tile(np.nanmean(left, axis=0), (len(left), 1)), ""),
        "masked PCA": (lambda: ours(left, k, ridge), f"k {k}, ridge {ridge}"),
        "IterativeImputer": (lambda: by_regressions(left), ""),
        "KNNImputer": (lambda: by_neighbours(left, neighbours), f"{neighbours} neighbours"),
    }
    found = {}
    for name, (work, settings) in models.items():
        guess, seconds = timed(work)
        found[name] = rmse(guess[hidden], pictures[hidden]), seconds, settings
    print(f"{share:.0%} hidden, mask {seed}", found, flush=True)
    return found


def imputation() -> None:
    """Record the errors on hidden pixels of four ways to fill them."""
    pictures, rows = load_digits().data, []
    for share in SHARES:
        found = [fill(pictures, share, seed) for seed in SEEDS]
        ours = np.array([each["masked PCA"][0] for each in found])
        for name in found[0]:
            errors, seconds, settings = zip(*(each[name] for each in found), strict=True)
            against = ["", ""]
            if name != "masked PCA":
                against = mean_and_error(ours - errors, sign="+")
            often = max(sorted(set(settings)), key=settings.count)
            rows.append(
                [f"{share:.0%}", name, often, *mean_and_error(errors), *against,
                 f"{np.mean(seconds):.2f}"]
            )  # fmt: skip
    record(
        LECTURE,
        "imputation",
        ["hidden", "model", "chosen", "RMSE", "±", "masked PCA minus it", "± of that",
         "CPU seconds"],
        rows,
        how=(
            f"scikit-learn's digits, pixels 0 to 16, {len(SEEDS)} masks, the same for all. Chosen "
            f"for each mask on {SHARE_OF_VALIDATION:.0%} of the known pixels (shown is the most "
            f"frequent choice): k of 5 to 60 and ridge of 10 to 100 ({N_ROUNDS} rounds), and 5 to "
            "160 neighbours; IterativeImputer, 10 rounds, sets its ridges itself. ±: standard "
            "error over the masks. One thread; seconds of one fit, without choosing."
        ),
        packages=["numpy", "scikit-learn"],
    )  # fmt: skip


# ---- sparse components -------------------------------------------------------------------------

ALPHAS = (3, 10, 30, 100)
N_COMPONENTS = 10
STEPS = (300, 6_000)  # the lecture's, and about as many as it takes


def sparse() -> None:
    """Record the objective that sparse PCA reaches, ours and scikit-learn's two solvers'."""
    X, _ = reference["centre"](load_digits().data)
    left, s, right = np.linalg.svd(X, full_matrices=False)
    k, rows = N_COMPONENTS, []
    start = left[:, :k], right[:k].T * s[:k]

    def ours(alpha: float, n_steps: int) -> tuple[float, np.ndarray]:
        W, C = reference["sparse_pca"](X, *start, alpha, n_steps)
        return reference["reconstruction_loss"](X, W, C) + alpha * np.abs(C).sum(), C

    def theirs(alpha: float, method: str) -> tuple[float, np.ndarray]:
        model = SparsePCA(k, alpha=alpha, max_iter=1000, tol=1e-8, method=method, random_state=0)
        model.fit(X)
        return model.error_[-1], model.components_

    for alpha in ALPHAS:
        solvers = {f"ours, {n_steps:,} steps": (ours, n_steps) for n_steps in STEPS}
        solvers |= {f"SparsePCA, {method}": (theirs, method) for method in ("lars", "cd")}
        found = {
            name: timed(lambda fit=fit, a=alpha, setting=setting: fit(a, setting))
            for name, (fit, setting) in solvers.items()
        }
        best = min(objective for (objective, _), _ in found.values())
        for name, ((objective, C), seconds) in found.items():
            above = f"{objective / best - 1:.2%}"
            zeros = f"{np.mean(C == 0):.1%}"
            rows.append([f"{alpha}", name, f"{objective:.0f}", above, zeros, f"{seconds:.2f}"])
            print(rows[-1], flush=True)
    record(
        LECTURE,
        "sparse",
        ["alpha", "solver", "objective", "above the lowest", "zeros in C", "CPU seconds"],
        rows,
        how=(
            f"scikit-learn's digits, centred, k = {k}. Ours: proximal steps from the SVD; 300 are "
            "not always enough. SparsePCA: tol 1e-8, at most 1,000 rounds; its objective is "
            "error_[-1], the same formula with the same bound. Not convex: each may end in another "
            "optimum. One thread, one run."
        ),
        packages=["numpy", "scikit-learn"],
    )


# ---- nonnegative factorization -----------------------------------------------------------------

N_NMF_STEPS = 1000


def theirs_nonnegative(
    pictures: np.ndarray, W: np.ndarray, C: np.ndarray, solver: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return (W, C) of scikit-learn's NMF from the same start."""
    model = NMF(W.shape[1], init="custom", solver=solver, max_iter=N_NMF_STEPS, tol=0)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        found = model.fit_transform(pictures, W=W.copy(), H=C.T.copy())
    return found, model.components_.T


def nonnegative() -> None:
    """Record the losses of nonnegative factorizations from the same random starts."""
    pictures, rows = load_digits().data, []
    singular = np.linalg.svd(pictures, compute_uv=False)
    for k in (10, 16):
        losses, seconds = {}, {}
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            spread = np.sqrt(pictures.mean() / k)
            W, C = (spread * np.abs(rng.normal(size=(n, k))) for n in pictures.shape)
            solvers = {
                "ours": lambda W=W, C=C: reference["nonnegative_factorization"](
                    pictures, W, C, N_NMF_STEPS
                ),
                "NMF, mu": lambda W=W, C=C: theirs_nonnegative(pictures, W, C, "mu"),
                "NMF, cd": lambda W=W, C=C: theirs_nonnegative(pictures, W, C, "cd"),
            }
            for name, work in solvers.items():
                factors, took = timed(work)
                loss = reference["reconstruction_loss"](pictures, *factors)
                losses.setdefault(name, []).append(loss)
                seconds.setdefault(name, []).append(took)
            print(k, seed, {name: round(all_of[-1]) for name, all_of in losses.items()}, flush=True)
        bound = 0.5 * np.sum(singular[k:] ** 2)
        rows.append([f"{k}", "SVD, with signs", f"{bound:.0f}", "", "", "", "", ""])
        for name, found in losses.items():
            against = ["", ""]
            if name != "ours":
                against = mean_and_error(np.subtract(losses["ours"], found), decimals=0, sign="+")
            rows.append(
                [
                    f"{k}",
                    name,
                    f"{np.mean(found):.0f}",
                    f"{min(found):.0f}",
                    f"{max(found):.0f}",
                    *against,
                    f"{np.mean(seconds[name]):.2f}",
                ]
            )
    record(
        LECTURE,
        "nonnegative",
        ["k", "solver", "loss", "lowest", "highest", "ours minus it", "±", "CPU seconds"],
        rows,
        how=(
            f"scikit-learn's digits, not centred, {len(SEEDS)} random starts, the same for all; "
            f"{N_NMF_STEPS:,} rounds each, no tolerance. ±: standard error of the paired "
            "differences over the starts. One thread."
        ),
        packages=["numpy", "scikit-learn"],
    )


# ---- the Senate --------------------------------------------------------------------------------

FACTORS = (1, 2, 3, 5, 8)
RIDGES = [(ridge,) for ridge in (0.3, 1.0, 3.0, 10.0)]
N_VOTE_STEPS, RATE = 300, 0.01


def log_loss(chances: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean log loss of probabilities, which are cut to 0.01 and 0.99."""
    p = np.clip(chances, 0.01, 0.99)
    return float(-np.mean(np.log(np.where(truth == 1, p, 1 - p))))


def logistic(left: np.ndarray, k: int, ridge: float, seed: int) -> np.ndarray:
    """Return logistic PCA's probability of every vote, from a random start."""
    rng = np.random.default_rng(seed)
    W, C = (rng.normal(0, 0.1, (n, k)) for n in left.shape)
    share = share_of_yea(left, np.ones(len(left), dtype=bool))
    parts = reference["logistic_pca"](
        left, np.isfinite(left), W, C, np.log(share / (1 - share)), ridge, RATE, N_VOTE_STEPS
    )
    return reference["sigmoid"](parts[0] @ parts[1].T + parts[2])


def share_of_yea(left: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the share of yea among a group's known votes, half a vote added to either side."""
    known = np.isfinite(left[group]).sum(axis=0)
    return (np.nansum(left[group], axis=0) + 0.5) / (known + 1)


def vote(votes: np.ndarray, republicans: np.ndarray, seed: int) -> dict[str, tuple]:
    """Return {model: (accuracy, log loss, ridge)} on a fifth of the votes, hidden."""
    left, hidden = hide_known(votes, 0.2, seed)
    everybody = np.ones(len(votes), dtype=bool)
    own = np.where(
        republicans[:, None], share_of_yea(left, republicans), share_of_yea(left, ~republicans)
    )
    chances = {
        "majority of the vote": (np.tile(share_of_yea(left, everybody), (len(votes), 1)), ""),
        "party line": (own, ""),
    }
    for k in FACTORS:
        for name, fit in (
            ("masked PCA", lambda table, ridge, k=k: masked(table, k, ridge, N_ROUNDS, seed)),
            ("logistic PCA", lambda table, ridge, k=k: logistic(table, k, ridge, seed)),
        ):
            (ridge,) = chosen(left, RIDGES, fit, log_loss, seed)
            chances[f"{name}, k = {k}"] = fit(left, ridge), f"{ridge:g}"
    truth = votes[hidden]
    found = {
        name: (float(np.mean((chance[hidden] > 0.5) == truth)), log_loss(chance[hidden], truth), r)
        for name, (chance, r) in chances.items()
    }
    print(
        seed, {name: (f"{a:.4f}", f"{b:.4f}", r) for name, (a, b, r) in found.items()}, flush=True
    )
    return found


def senate() -> None:
    """Record how well hidden votes of the Senate are predicted."""
    everyone = load_senate()
    votes = everyone.votes[:, contested_votes(everyone.votes)]
    found = [vote(votes, np.array(everyone.parties) == "R", seed) for seed in SEEDS]
    rows = []
    for name in found[0]:
        right, loss, ridges = zip(*(each[name] for each in found), strict=True)
        against = [""] * 4
        if name.startswith("logistic"):
            plain = np.array([each[name.replace("logistic", "masked")][:2] for each in found])
            against = [
                *mean_and_error(right - plain[:, 0], 4, "+"),
                *mean_and_error(loss - plain[:, 1], 4, "+"),
            ]
        often = max(sorted(set(ridges)), key=ridges.count)
        rows.append([name, often, *mean_and_error(right, 4), *mean_and_error(loss, 4), *against])
    record(
        LECTURE,
        "senate",
        ["model", "ridge", "right", "±", "log loss", "± loss", "right −masked", "± of that",
         "loss −masked", "± of this"],
        rows,
        how=(
            f"{votes.shape[1]} contested votes of the 109th Senate, a fifth of the known ones "
            f"hidden, {len(SEEDS)} times. The ridge (.3 to 10; shown is the most frequent choice) "
            f"is chosen for each split and k by the log loss on {SHARE_OF_VALIDATION:.0%} of the "
            "votes that are left. −masked: minus that of masked PCA with the same k. Masked PCA "
            f"{N_ROUNDS} rounds, logistic PCA {N_VOTE_STEPS} steps at rate {RATE}; probabilities "
            "cut to .01 to .99. ±: standard error over the splits, of paired differences in the "
            "last columns."
        ),
        packages=["numpy"],
    )  # fmt: skip


TABLES = {table.__name__: table for table in (imputation, sparse, nonnegative, senate)}


def main(
    tables: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(TABLES)}; all by default.")
    ] = None,
) -> None:
    """Record the tables that are named, or all."""
    strange = [name for name in tables or () if name not in TABLES]
    if strange:
        raise typer.BadParameter(f"{strange[0]!r}: choose of {', '.join(TABLES)}.")
    use_one_thread()
    for name in tables or TABLES:
        TABLES[name]()


if __name__ == "__main__":
    typer.run(main)
