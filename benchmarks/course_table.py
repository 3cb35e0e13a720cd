"""The course's table: every model of every lecture, on three tasks with one split each.

python benchmarks/course_table.py                  all tasks
python benchmarks/course_table.py "next film"      one of them
"""

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Annotated

import bert4rec
import numpy as np
import self_attention
import typer
from mixing_models import mixing_and_leading_vectors
from recording import origin, use_one_thread
from sampled_machine import SAMPLED, sampled
from scipy.sparse import csr_array

from autograder.lecture.reference import load_reference
from embedlab.baselines import ease, fading_history, item_knn, slim, zero_filled_svd
from embedlab.data.ratings import Ratings, load_movielens_small, split_at_random
from embedlab.offsets import fit_offsets, rmse
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.tables import CourseTable, course_path

FACTORIZATION, SLIM = "01_matrix_factorization", "03_slim"
MACHINES, ATTENTION = "04_factorization_machines", "09_self_attention"
DSSM, BERT4REC = "06_dssm", bert4rec.LECTURE
LOSSES = "07_pairwise_losses"
MIXING = "13_gcn_mixing"
LAST = "99"  # a lecture that sees all rows


@dataclass
class Model:
    """A row before it is compared.

    Attributes:
        lecture: where the model comes from.
        name: of the model, the same in the lecture's `value(name)`.
        outcome: (n,) predicted stars, or (n_users,) NDCG@10.
        settings: what was chosen, in a few words.
        only_benchmark: whether the lecture does not measure it, mostly because it takes too long.
    """

    lecture: str
    name: str
    outcome: np.ndarray
    settings: str = ""
    only_benchmark: bool = False


@dataclass
class Task:
    """One of the three tasks.

    Attributes:
        measure: heading of the column of numbers.
        reference: the model that all others are compared with.
        how: the split, and how settings were chosen and errors computed.
        models: yields the rows, in the order of the lectures.
        compare: compare(models) returns (value, error, difference, its error) of each.
    """

    measure: str
    reference: str
    how: str
    models: Callable[[], Iterator[Model]]
    compare: Callable[[np.ndarray, np.ndarray], tuple[float, float, float, float]]


def best(quality: Callable[..., float], **grid: Sequence) -> dict:
    """Return the settings of a grid, {name: value}, with the highest quality."""
    settings = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    found = [quality(**one) for one in settings]
    for one, value in zip(settings, found, strict=True):
        print(f"    {one}: {value:.4f}", flush=True)
    return settings[int(np.argmax(found))]


# ---- stars ---------------------------------------------------------------------------------------


def stars() -> tuple[Ratings, Ratings]:
    """Return training and test ratings of lectures 01 and 04."""
    return split_at_random(load_movielens_small(), test_fraction=0.2, seed=1)


def stars_models() -> Iterator[Model]:
    """Yield all models that predict stars; `outcome` is one number per test rating."""
    train, test = stars()
    part, validation = split_at_random(train, test_fraction=0.2, seed=2)

    def accuracy(fit: Callable, **settings: float) -> float:
        return -rmse(fit(part, validation, **settings), validation.values)

    def biases_and_svd(train: Ratings, ratings: Ratings, k: int) -> np.ndarray:
        biases = fit_offsets(train)
        left = train.values - biases(train)
        table = csr_array((left, (train.users, train.items)), (train.n_users, train.n_items))
        factors = zero_filled_svd(table, k)
        predict = load_reference(FACTORIZATION)["predict_ratings"]
        taste = predict(ratings.users, ratings.items, *factors)
        return np.clip(biases(ratings) + taste, 0.5, 5.0)

    def biases_and_factors(train: Ratings, ratings: Ratings, **settings: float) -> np.ndarray:
        return load_reference(FACTORIZATION)["factorize"](train, **settings)[0](ratings)

    yield Model(FACTORIZATION, "mean", np.full(len(test), train.values.mean()))
    yield Model(FACTORIZATION, "bias terms", fit_offsets(train)(test))
    chosen = best(lambda **k: accuracy(biases_and_svd, **k), k=[5, 10, 20, 40, 80])
    yield Model(
        FACTORIZATION,
        "bias terms + SVD, zeros in the gaps",
        biases_and_svd(train, test, **chosen),
        "k = {k}".format(**chosen),
    )
    chosen = best(
        lambda **settings: accuracy(biases_and_factors, **settings),
        k=[20, 40, 80],
        l2=[0.12, 0.16, 0.2],
        n_rounds=[12],
    )
    yield Model(
        FACTORIZATION,
        "bias terms + factors",
        biases_and_factors(train, test, **chosen),
        "ALS, k = {k}, λ = {l2}, {n_rounds} rounds".format(**chosen),
    )
    blocks = ["user", "film"]
    for name, more, only_benchmark in (
        ("user, film", [], False),
        ("+ time", ["time"], True),
        ("+ last film", ["last film"], True),
        ("+ genres", ["genres"], True),
        ("+ genres, half-decade", ["genres", "half-decade"], False),
    ):
        predicted = load_reference(MACHINES)["predict_stars"](train, test, [*blocks, *more])
        yield Model(MACHINES, f"FM: {name}", predicted, "AdaGrad", only_benchmark)
    for name, more in (("user, film", []), ("+ genres, half-decade", ["genres", "half-decade"])):
        predicted = sampled(train, test, [*blocks, *more])
        settings = "{n_sweeps} sweeps".format(**SAMPLED)
        yield Model(MACHINES, f"FM, sampled: {name}", predicted, settings, only_benchmark=True)


def compare_stars(
    predicted: np.ndarray, reference: np.ndarray
) -> tuple[float, float, float, float]:
    """Return RMSE, its error, and RMSE minus the reference's with its error.

    The errors are jackknife estimates over users: every user's test ratings are left out in turn.
    """
    _, test = stars()
    counts = np.bincount(test.users, minlength=test.n_users)

    def without_each(predicted: np.ndarray) -> tuple[float, np.ndarray]:
        squares = np.bincount(test.users, (predicted - test.values) ** 2, test.n_users)
        rest = np.sqrt((squares.sum() - squares) / (counts.sum() - counts))
        return np.sqrt(squares.sum() / counts.sum()), rest[counts > 0]

    def error(rest: np.ndarray) -> float:
        return np.sqrt((len(rest) - 1) * rest.var())

    (value, rest), (other, other_rest) = map(without_each, (predicted, reference))
    return value, error(rest), value - other, error(rest - other_rest)


# ---- hidden films --------------------------------------------------------------------------------


def hidden_films_models() -> Iterator[Model]:
    """Yield all models that rank hidden films; `outcome` is every user's NDCG@10."""
    popular = load_movielens_small().with_popular_films(min_ratings=50)
    train, test = split_at_random(popular, test_fraction=0.2, seed=3)
    part, validation = split_at_random(train, test_fraction=0.2, seed=4)

    def ndcg(train: Ratings, hidden: Ratings, scores: np.ndarray) -> np.ndarray:
        return ndcg_at_k(top_k(scores, train.interactions(), k=10), hidden.interactions())

    def chosen_and_tested(fit: Callable, **grid: Sequence) -> tuple[dict, np.ndarray]:
        """Return the settings best on the validation films, and the test NDCG with them."""
        chosen = best(
            lambda **settings: np.nanmean(ndcg(part, validation, fit(part, **settings))), **grid
        )
        return chosen, ndcg(train, test, fit(train, **chosen))

    def popularity(train: Ratings) -> np.ndarray:
        counts = np.bincount(train.items, minlength=train.n_items)
        return np.tile(counts, (train.n_users, 1))

    def svd(train: Ratings, k: int) -> np.ndarray:
        user_factors, item_factors = zero_filled_svd(train.interactions(), k)
        return user_factors @ item_factors.T

    def factors(train: Ratings, n_rounds: int) -> np.ndarray:
        U, M = load_reference(FACTORIZATION)["fit_likes"](train, n_negatives=4, n_rounds=n_rounds)
        return U @ M.T

    def linear(fit: Callable) -> Callable:
        def scores(train: Ratings, **settings: float) -> np.ndarray:
            A = train.interactions()
            return A @ fit(A, **settings)

        return scores

    def lecture_slim(A: csr_array, l1: float, l2: float) -> np.ndarray:
        return load_reference(SLIM)["fit_slim"]((A.T @ A).toarray(), l1, l2, n_sweeps=60)

    yield Model(FACTORIZATION, "popularity", ndcg(train, test, popularity(train)))
    chosen, outcome = chosen_and_tested(svd, k=[4, 8, 12, 16, 24, 32])
    yield Model(FACTORIZATION, "SVD, zeros in all gaps", outcome, "k = {k}".format(**chosen))
    chosen, outcome = chosen_and_tested(factors, n_rounds=[12, 24, 48])
    settings = "k = 16, {n_rounds} rounds".format(**chosen)
    yield Model(FACTORIZATION, "factors, 4 negatives", outcome, settings)
    chosen, outcome = chosen_and_tested(linear(item_knn), n_neighbours=[10, 20, 50, 100, 200])
    settings = "{n_neighbours} neighbours".format(**chosen)
    yield Model(SLIM, "item-kNN", outcome, settings)
    # what the lecture's rule chooses on the same validation films
    slim_settings = {"l1": 4.0, "l2": 80.0}
    outcome = ndcg(train, test, linear(lecture_slim)(train, **slim_settings))
    yield Model(SLIM, "SLIM", outcome, "λ = {l1:g}, β = {l2:g}".format(**slim_settings))
    chosen, outcome = chosen_and_tested(linear(ease), l2=[30, 100, 300, 1000])
    yield Model(SLIM, "EASE", outcome, "β = {l2:g}".format(**chosen))

    dssm = load_reference(DSSM)

    def two_towers(train: Ratings, epochs: int) -> np.ndarray:
        features, histories = dssm["periods"](train), train.interactions().toarray()
        *_, (E, F, Y) = dssm["train_two_towers"](train, features, epochs=epochs)
        return dssm["user_tower"](histories, np.full(len(histories), -1), features, E, F) @ Y.T

    chosen, outcome = chosen_and_tested(two_towers, epochs=[8, 10, 12])
    settings = "history and period, {epochs} epochs".format(**chosen)
    yield Model(DSSM, "two towers", outcome, settings)

    train_towers = load_reference(LOSSES)["train_towers"]
    A, A_part = train.interactions(), part.interactions()
    for name, loss, options in (
        ("MSE", "MSE", {}),
        ("cross entropy", "BCE", {}),
        ("BPR", "BPR", {}),
        ("triplet", "triplet", {}),
        ("contrastive", "contrastive", {}),
        ("in-batch softmax", "in-batch", {"log_q": False, "mask": None}),
        ("in-batch softmax + log q", "in-batch", {}),
    ):
        found = {}
        for rate in (0.003, 0.01):
            curve = []

            def validate(towers: object, curve: list = curve) -> None:
                curve.append(np.nanmean(ndcg(part, validation, towers.scores(A_part))))

            train_towers(part, loss, rate, 12, seed=0, after_epoch=validate, **options)
            found |= {(rate, epoch): quality for epoch, quality in enumerate(curve, start=1)}
        rate, n_epochs = max(found, key=found.get)
        print(
            f"    {name}: rate {rate}, {n_epochs} epochs: {found[rate, n_epochs]:.4f}", flush=True
        )
        towers = train_towers(train, loss, rate, n_epochs, seed=0, **options)
        settings = f"rate {rate:g}, {n_epochs} epochs"
        yield Model(LOSSES, f"towers: {name}", ndcg(train, test, towers.scores(A)), settings)

    mixing = load_reference(MIXING)
    chosen, outcome = chosen_and_tested(mixing["user_film_steps"], k=[1, 2, 3, 4, 5, 9])
    yield Model(MIXING, "user-film mixing", outcome, "{k} steps".format(**chosen))
    chosen, outcome = chosen_and_tested(
        mixing_and_leading_vectors, n_vectors=[8, 16, 32], alpha=[0.3, 1.0, 3.0]
    )
    settings = "{n_vectors} vectors, α = {alpha:g}".format(**chosen)
    yield Model(MIXING, "mixing + leading vectors", outcome, settings, only_benchmark=True)


def compare_rankings(ndcg: np.ndarray, reference: np.ndarray) -> tuple[float, float, float, float]:
    """Return mean NDCG, its error, and the mean difference user by user with its error."""
    return *mean_and_standard_error(ndcg), *mean_and_standard_error(ndcg - reference)


# ---- next film -----------------------------------------------------------------------------------


def next_film_models() -> Iterator[Model]:
    """Yield all models that rank the next film; `outcome` is every user's NDCG@10."""
    histories, n_items = self_attention.load()
    training = [history[:-2] for history in histories]
    evaluate = load_reference(ATTENTION)["evaluate"]

    def ndcg(A_before: Callable, W: np.ndarray, n_hidden: int) -> np.ndarray:
        known = [history[:-n_hidden] for history in histories]
        return evaluate(A_before(known) @ W, histories, n_hidden)[1]

    def fading(c: float) -> Callable:
        return lambda histories: fading_history(histories, n_items, c)

    counted = load_reference(ATTENTION)["counting_tables"](training, n_items)
    for name, W in counted.items():
        yield Model(ATTENTION, name, ndcg(fading(0.0), W, 1))
    A = fading_history(training, n_items, c=1.0)
    for name, tables in {
        "Markov chain, fading history": {"": counted["Markov chain"]},
        "item-kNN, fading history": {
            f"{n} neighbours, ": item_knn(A, n) for n in (20, 50, 100, n_items)
        },
        "SLIM, fading history": {"λ = 4, β = 80, ": slim(A, l1=4.0, l2=80.0)},
    }.items():
        chosen = best(
            lambda table, c, tables=tables: ndcg(fading(c), tables[table], 2).mean(),
            table=tables,
            c=[n / 10 for n in range(11)],
        )
        W, c = tables[chosen["table"]], chosen["c"]
        if name.startswith("SLIM"):
            settings = f"{chosen['table']}c = 1"
            yield Model(ATTENTION, "SLIM, a set", ndcg(fading(1.0), W, 1), settings)
        yield Model(ATTENTION, name, ndcg(fading(c), W, 1), f"{chosen['table']}c = {c:g}")
    variants = self_attention.VARIANTS
    with ProcessPoolExecutor(2, get_context("spawn"), use_one_thread) as processes:
        for name, (starts, _) in zip(
            variants, processes.map(self_attention.starts_of, variants), strict=True
        ):
            outcome = np.mean([ndcg for _, _, ndcg in starts], axis=0)
            settings = f"mean of {len(starts)} starts"
            yield Model(ATTENTION, name, outcome, settings, only_benchmark=True)
    tables = {l2: ease(A, l2) for l2 in (30, 100, 300, 1000)}
    chosen = best(
        lambda l2, c: ndcg(fading(c), tables[l2], 2).mean(),
        l2=tables,
        c=[n / 10 for n in range(11)],
    )
    outcome = ndcg(fading(chosen["c"]), tables[chosen["l2"]], 1)
    settings = "β = {l2:g}, c = {c:g}".format(**chosen)
    yield Model(BERT4REC, "EASE, fading history", outcome, settings)
    films = bert4rec.FILMS
    with ProcessPoolExecutor(2, get_context("spawn"), use_one_thread) as processes:
        for name, starts in zip(films, processes.map(bert4rec.film_starts, films), strict=True):
            settings = "{} passes, mean of {} starts".format(films[name]["n_passes"], len(starts))
            outcome = np.mean(starts, axis=0)
            yield Model(BERT4REC, name, outcome, settings, only_benchmark=True)


TASKS = {
    "stars": Task(
        "RMSE",
        "bias terms",
        "Test RMSE on a fifth of every user's ratings, hidden at random (lower is better). Settings"
        " were chosen on a fifth of the training ratings. ± standard error over users (jackknife:"
        " each user's ratings left out in turn), of the differences too.",
        stars_models,
        compare_stars,
    ),
    "hidden films": Task(
        "NDCG@10",
        "SVD, zeros in all gaps",
        "Test NDCG@10 of a fifth of every user's films, hidden at random, among all films with at"
        " least 50 ratings (higher is better). Settings were chosen on a fifth of the training"
        " ratings. ± standard error over users; differences user by user.",
        hidden_films_models,
        compare_rankings,
    ),
    "next film": Task(
        "NDCG@10",
        "SLIM, fading history",
        "Test NDCG@10 of every user's last film, ranked among all films with at least 50 ratings"
        " (higher is better). Settings were chosen on the last film but one. ± standard error over"
        " users; differences user by user.",
        next_film_models,
        compare_rankings,
    ),
}


def measure(name: str, task: Task) -> None:
    """Fit and compare all models of a task, and write its record."""
    models, started = [], time.perf_counter()
    for model in task.models():
        print(f"  {model.name}, after {time.perf_counter() - started:.0f} s", flush=True)
        models.append(model)
    (reference,) = [model.outcome for model in models if model.name == task.reference]
    rows = []
    for model in models:
        numbers = [round(float(n), 3) + 0.0 for n in task.compare(model.outcome, reference)]
        rows.append(
            {
                "lecture": model.lecture,
                "model": model.name,
                "settings": model.settings,
                **dict(
                    zip(("value", "error", "difference", "difference_error"), numbers, strict=True)
                ),
                "only_benchmark": model.only_benchmark,
            }
        )
    record = {
        "task": name,
        "measure": task.measure,
        "reference": task.reference,
        "how": task.how,
        "rows": rows,
        "seconds": round(time.perf_counter() - started),
        **origin(["numpy", "scipy", "scikit-learn", "torch"]),
    }
    path = course_path(name)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(CourseTable(record, LAST))


def main(
    only: Annotated[str | None, typer.Argument(help="One task: " + ", ".join(TASKS))] = None,
) -> None:
    """Measure all tasks, or one, and write each as soon as it is done."""
    if only is not None and only not in TASKS:
        raise typer.BadParameter(f"there is no task {only!r}; tasks: {', '.join(TASKS)}")
    use_one_thread()
    for name, task in TASKS.items():
        if only in (None, name):
            print(name, flush=True)
            measure(name, task)


if __name__ == "__main__":
    typer.run(main)
