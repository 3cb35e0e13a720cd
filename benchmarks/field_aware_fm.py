"""Field-aware factorization machines: lecture 05's ladder beside xlearn's, and what days do to it.

python benchmarks/field_aware_fm.py            six splits of rows and six of whole days
python benchmarks/field_aware_fm.py --cost     cost: one row, its pairs one by one and by field
"""

import contextlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from recording import record, seconds_per_call, timed, use_one_thread
from sklearn.metrics import roc_auc_score

from autograder.lecture.reference import load_reference
from embedlab.data.flights import FIELDS, Flights, load_flights, split_days, split_rows

LECTURE = "05_field_aware_fm"
SEEDS = range(6)  # of the split and of the start; 0 is the lecture's own
# As in the lecture, which chose them on its validation rows.
LADDER = {
    "linear": {"kind": "linear", "k": 0, "rate": 0.1, "l2": 1e-6},
    "FM, k = 16": {"kind": "FM", "k": 16, "rate": 0.1},
    "FFM, k = 8": {"kind": "FFM", "k": 8, "rate": 0.2},
}
FFM_4 = {"FFM, k = 4": LADDER["FFM, k = 8"] | {"k": 4}}
VALUES_1 = {
    f"value 1, {start}": LADDER["FFM, k = 8"] | {"rate": 0.05, "normalise": False, "spread": spread}
    for start, spread in (("the same start", 1.0), ("a start 0.3 times as large", 0.3))
}
# Its own defaults where the lecture's settings have no counterpart.
XLEARN = {
    "xlearn linear": ("linear", {"lr": 0.1, "lambda": 1e-6}),
    "xlearn FM, k = 16": ("fm", {"lr": 0.1, "lambda": 2e-5, "k": 16}),
    "xlearn FFM, k = 4": ("ffm", {"lr": 0.1, "lambda": 2e-5, "k": 4}),
    "xlearn FFM, k = 8": ("ffm", {"lr": 0.1, "lambda": 2e-5, "k": 8}),
}
NO_MONTH = tuple(field for field in FIELDS if field != "month")
WITH_DAY = (*FIELDS, "day")
Parts = tuple[Flights, Flights, Flights]
reference = load_reference(LECTURE)


def measured(parts: Parts, predict: Callable[[], np.ndarray]) -> dict[str, float]:
    """Return log loss and AUC on the test rows, and the CPU seconds of fitting and predicting."""
    scores, seconds = timed(predict)
    late = parts[2].late
    return {
        "log loss": float(reference["log_loss"](scores, late).mean()),
        "AUC": float(roc_auc_score(late, scores)),
        "seconds": seconds,
    }


def constant(parts: Parts) -> np.ndarray:
    """Return the log-odds of the training rows' share of late flights, for each test row."""
    share = parts[0].late.mean()
    return np.full(len(parts[2]), np.log(share / (1 - share)))


def share_of_the_hour(parts: Parts) -> np.ndarray:
    """Return the log-odds of the share of late flights at the hour of each test row."""
    return reference["scores_of_hour"](parts[0], parts[2])


def ours(parts: Parts, how: dict, seed: int) -> np.ndarray:
    """Return the test rows' log-odds by the lecture's machine."""
    train, validation, test = parts
    machine, _ = reference["fit"](train=train, validation=validation, seed=seed, **how)
    return reference["scores_of"](machine, test.features)


def theirs(parts: Parts, kind: str, settings: dict) -> np.ndarray:
    """Return the test rows' log-odds by xlearn.

    It caches what it reads in a file beside its input, so each fit has a folder of its own. It is
    not told to be quiet: without its metric it would stop after no epoch at all.
    """
    os.environ.setdefault("USER", "anybody")  # without it xlearn aborts
    import xlearn

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, part in zip(("train", "validation", "test"), parts, strict=True):
            lines = (
                f"{late} " + " ".join(f"{field}:{one}:1" for field, one in enumerate(row))
                for row, late in zip(part.features.tolist(), part.late.tolist(), strict=True)
            )
            Path(name).write_text("\n".join(lines) + "\n", encoding="ascii")
        model = getattr(xlearn, f"create_{kind}")()
        model.setTrain("train")
        model.setValidate("validation")
        model.setTest("test")
        fixed = {"task": "binary", "metric": "auc", "opt": "adagrad", "epoch": 20}
        model.fit(fixed | {"stop_window": 3, "nthread": 1} | settings, "model")
        model.predict("model", "scores")
        return np.loadtxt("scores")


def rungs(parts: Parts, settings: dict[str, dict], seed: int) -> dict[str, dict[str, float]]:
    """Return what the two baselines and each machine reach on a split."""
    found = {
        "constant": measured(parts, lambda: constant(parts)),
        "share of the hour": measured(parts, lambda: share_of_the_hour(parts)),
    }
    for name, how in settings.items():
        found[name] = measured(parts, lambda how=how: ours(parts, how, seed))
    return found


def ours_of(seed: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return {split: {model: numbers}} of the lecture's machines for one seed."""
    use_one_thread()
    flights, no_month, with_day = map(load_flights, (FIELDS, NO_MONTH, WITH_DAY))
    random = split_rows(flights, seed)
    last = {"FFM, k = 8": LADDER["FFM, k = 8"]}
    found = {
        "random rows": rungs(random, LADDER | FFM_4 | VALUES_1, seed),
        "random rows, with day": rungs(split_rows(with_day, seed), last, seed),
        "whole days": rungs(split_days(flights, seed), LADDER, seed),
        "whole days, with day": rungs(split_days(with_day, seed), last, seed),
        "whole days, no month": rungs(split_days(no_month, seed), LADDER, seed),
    }
    for split, models in found.items():
        for name, numbers in models.items():
            print(f"{seed} {split}, {name}: {numbers['log loss']:.4f}", flush=True)
    return found


def theirs_of(seed: int) -> dict[str, dict[str, float]]:
    """Return {model: numbers} of xlearn on the random rows of one seed."""
    parts, found = split_rows(load_flights(), seed), {}
    for name, (kind, settings) in XLEARN.items():
        found[name] = measured(parts, lambda k=kind, s=settings: theirs(parts, k, s))
        print(f"{seed} {name}: {found[name]['log loss']:.4f}", flush=True)
    return found


def of_all(found: list[dict], split: str, model: str, what: str = "log loss") -> np.ndarray:
    """Return a number of each seed."""
    return np.array([each[split][model][what] for each in found])


def paired(differences: np.ndarray) -> list[str]:
    """Return the mean of paired differences and its standard error, as text."""
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    return [f"{np.mean(differences):+.4f}", f"{error:.4f}"]


def record_ladder(found: list[dict]) -> None:
    """Record the ladder on random rows: ours, xlearn's, and their paired differences."""
    random = "random rows"
    rows = []
    for model in ("constant", "linear", "FM, k = 16", "FFM, k = 4", "FFM, k = 8", *XLEARN):
        loss = of_all(found, random, model)
        against = ["", ""]
        if f"xlearn {model}" in XLEARN:
            against = paired(loss - of_all(found, random, f"xlearn {model}"))
        rows.append(
            [
                model, f"{loss.mean():.4f}", f"{loss.std(ddof=1):.4f}",
                *paired(loss - of_all(found, random, "constant")), *against,
                f"{of_all(found, random, model, 'AUC').mean():.3f}",
                f"{of_all(found, random, model, 'seconds').mean():.1f}",
            ]
        )  # fmt: skip
    record(
        LECTURE,
        "ladder",
        ["model", "test log loss", "standard deviation over splits", "minus constant", "± constant",
         "minus xlearn's", "± xlearn's", "AUC", "CPU seconds"],
        rows,
        how=(
            f"100,000 flights, {len(found)} random splits of the rows, 80/10/10, the same for all, "
            "one thread; values 1/√11. Ours: the lecture's settings. xlearn: AdaGrad, rate .1, the "
            "same k and penalty, at most 20 epochs, ended by the validation rows' AUC. ±: standard "
            "error of the paired difference over the splits. Seconds: fitting and predicting."
        ),
        packages=["numpy", "scipy", "xlearn"],
    )  # fmt: skip


def record_days(found: list[dict]) -> None:
    """Record each step of the ladder on random rows, on whole days, and without the month."""
    splits = ("random rows", "whole days", "whole days, no month")
    names = ["constant", "share of the hour", *LADDER]
    rows = []
    for better, worse in zip(names[1:], names[:-1], strict=True):
        row = [f"{better}, against {worse}"]
        for split in splits:
            row += paired(of_all(found, split, better) - of_all(found, split, worse))
        rows.append(row)
    for model in names:
        row = [f"log loss of {model}"]
        for split in splits:
            loss = of_all(found, split, model)
            row += [f"{loss.mean():.4f}", f"{loss.std(ddof=1) / np.sqrt(len(loss)):.4f}"]
        rows.append(row)
    record(
        LECTURE,
        "days",
        ["step", *(column for split in splits for column in (split, f"± {split}"))],
        rows,
        how=(
            f"Test log loss, {len(found)} splits each, a tenth of the rows or of the days for "
            "validation and a tenth for the test; without the month the other ten fields remain. A "
            "step is the mean of the paired differences; ±: its standard error over the splits."
        ),
        packages=["numpy", "scipy"],
    )


def record_field_day(found: list[dict]) -> None:
    """Record FFM with the day as a field against without, on random rows and on whole days."""
    splits, last = ("random rows", "whole days"), "FFM, k = 8"
    row = [f"{last}, with the field day, against without"]
    for split in splits:
        row += paired(of_all(found, f"{split}, with day", last) - of_all(found, split, last))
    record(
        LECTURE,
        "field_day",
        ["step", *(column for split in splits for column in (split, f"± {split}"))],
        [row],
        how=(
            f"Test log loss, {len(found)} splits each, a tenth of the rows or of the days for "
            "validation and a tenth for the test. The mean of the paired differences; ±: its "
            "standard error over the splits."
        ),
        packages=["numpy", "scipy"],
    )


def record_values(found: list[dict]) -> None:
    """Record FFM with and without instance normalisation."""
    random, normalised = "random rows", "FFM, k = 8"
    rows = []
    for name in (normalised, *VALUES_1):
        loss = of_all(found, random, name)
        difference = ["", ""]
        if name != normalised:
            difference = paired(loss - of_all(found, random, normalised))
        shown = "value 1/√11" if name == normalised else name
        rows.append([shown, f"{loss.mean():.4f}", *difference])
    record(
        LECTURE,
        "values",
        ["FFM, k = 8", "test log loss", "minus 1/√11", "±"],
        rows,
        how=(
            f"{len(found)} random splits of the rows; rate .2 with 1/√11, .05 with 1, the best of "
            ".02, .05 and .1 on the validation rows of the lecture's split. ±: standard error of "
            "the paired difference over the splits."
        ),
        packages=["numpy", "scipy"],
    )


def compare() -> None:
    """Record the ladder, the days, with the day as a field, and the values over the seeds."""
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(ours_of, SEEDS))
        for each, xlearn in zip(found, pool.map(theirs_of, SEEDS), strict=True):
            each["random rows"] |= xlearn
    record_ladder(found)
    record_days(found)
    record_field_day(found)
    record_values(found)


def all_pairs(x: np.ndarray, V: np.ndarray, fields: np.ndarray) -> float:
    """Return the sum over pairs, all pairs at once: the pair loop without Python's loop."""
    i, j = np.triu_indices(len(x), 1)
    products = np.einsum("pk,pk->p", V[i, fields[j]], V[j, fields[i]])
    return float(products @ (x[i] * x[j]))


def cost() -> None:
    """Record counted multiplications and seconds of the two ways to sum the pairs of one row."""
    rng, k = np.random.default_rng(0), 4
    rows = []
    for m, n_fields in (
        *((11, 11), (300, 3), (300, 30), (300, 300)),
        *((m, 4) for m in (500, 1000, 2000, 4000)),
        *((1000, n_fields) for n_fields in (8, 16, 32, 64, 128)),
    ):
        x, V = rng.normal(size=m), rng.normal(size=(m, n_fields, k))
        fields = np.arange(m) % n_fields
        by_field = reference["ffm_by_field"]
        assert np.isclose(by_field(x, V, fields), all_pairs(x, V, fields))
        took = seconds_per_call(all_pairs, x, V, fields), seconds_per_call(by_field, x, V, fields)
        rows.append(
            [
                f"{m:,}", f"{n_fields}", f"{m * (m - 1) // 2 * (k + 2):,}",
                f"{m * n_fields * k + n_fields * (n_fields + 1) // 2 * k + m * k:,}",
                *(f"{seconds * 1e6:,.0f}" for seconds in took),
            ]
        )  # fmt: skip
        print(rows[-1], flush=True)
    record(
        LECTURE,
        "cost",
        ["features m", "fields F", "all pairs, multiplications", "by field, multiplications",
         "all pairs, µs", "by field, µs"],
        rows,
        how=(
            f"CPU microseconds for the pairs of one row, k = {k}, one thread, both in NumPy "
            "without a loop over pairs; all fields as large. Multiplications: m(m − 1)/2 (k + 2), "
            "and mFk + F(F + 1)/2 k + mk."
        ),
        packages=["numpy"],
    )  # fmt: skip


def main(
    only_cost: Annotated[bool, typer.Option("--cost", help="The table of costs only.")] = False,
) -> None:
    """Record the ladder, the days and the values, or with --cost the cost of both sums."""
    use_one_thread()
    if only_cost:
        cost()
    else:
        compare()


if __name__ == "__main__":
    typer.run(main)
