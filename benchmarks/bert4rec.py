"""Lecture 10's BERT4Rec and its causal twin on aircraft: what they are worth, use, and need.

python benchmarks/bert4rec.py                what they are worth, and what they use
python benchmarks/bert4rec.py --crossover    trained on 100, 400 and 2,346 aircraft

Its models of films, three starts each, are rows of the course's table: see `film_starts`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Annotated

import numpy as np
import self_attention
import torch
import typer
from recording import record, timed, use_one_thread

from autograder.lecture.reference import load_reference
from embedlab.data.aircraft import load_aircraft, split_last_flights
from embedlab.ranking import mean_and_standard_error

LECTURE = "10_bert4rec"
SEEDS = range(3)
TWIN, MASKED, NEVER_ALONE = "causal twin", "BERT4Rec", "BERT4Rec, last place never masked alone"
AIRCRAFT = {  # the lecture's settings
    TWIN: {"length": 32, "n_passes": 3, "batch": 64, "causal": True},
    MASKED: {"length": 24, "n_passes": 4, "batch": 64},
    NEVER_ALONE: {"length": 24, "n_passes": 4, "batch": 64, "last_only": 0.0},
}
N_TESTED = 800  # aircraft of the crossover that no model is trained on
CROSSOVER = {  # aircraft: passes of either model, so that steps are about as many, and dropout
    100: ({TWIN: 70, MASKED: 94}, 0.3),
    400: ({TWIN: 18, MASKED: 24}, 0.3),
    2346: ({TWIN: 3, MASKED: 4}, 0.1),
}
FILMS = {
    "causal transformer, 1 layer": {"causal": True, "n_passes": 20, "dropout": 0.3},
    "BERT4Rec, 1 layer": {"rate": 0.2, "last_only": 0.2, "n_passes": 40, "dropout": 0.2},
    "BERT4Rec, 2 layers": {
        **{"rate": 0.4, "last_only": 0.1, "n_passes": 60, "dropout": 0.2, "n_layers": 2}
    },
}
PACKAGES = ["numpy", "torch"]
reference = load_reference(LECTURE)


def one_thread() -> None:
    """Let a process use one thread, in PyTorch too."""
    use_one_thread()
    torch.set_num_threads(1)


# ---- how good a ranking is -----------------------------------------------------------------------


def qualities(scores: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return NDCG@10, HR@10 and whether the best is right, of each row: (3, n).

    All places are ranked, none is left out. Equal scores are averaged over all their orders.

    Args:
        scores: (n, n_places).
        wanted: (n,) the place that came next.
    """
    gains = np.zeros((3, max(10, scores.shape[1]) + 1))
    gains[0, 1:11] = 1 / np.log2(np.arange(2, 12))
    gains[1, 1:11] = gains[2, 1] = 1
    up_to = gains.cumsum(axis=1)
    own = scores[np.arange(len(scores)), wanted][:, None]
    better, equal = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
    return (up_to[:, better + equal] - up_to[:, better]) / equal


def written(per_aircraft: np.ndarray, signed: bool = False) -> str:
    """Return a mean and its standard error over aircraft as text."""
    mean, error = mean_and_standard_error(per_aircraft)
    return f"{round(mean, 3) + 0.0:{'+' if signed else ''}.3f} ± {error:.3f}"


# ---- who only counts -----------------------------------------------------------------------------


class Counts(reference["Counts"]):
    """The lecture's counts of training histories, and some more that are no less simple.

    Args:
        histories: n arrays of places.
        carriers: (n,) whole numbers.
        n_places: the number of places.
    """

    def __init__(
        self, histories: Sequence[np.ndarray], carriers: np.ndarray, n_places: int
    ) -> None:
        super().__init__(histories, carriers, n_places)
        self.of_carrier = np.zeros((carriers.max() + 1, n_places))
        self.triples = np.zeros((n_places, n_places, n_places))
        for carrier, history in zip(carriers, histories, strict=True):
            np.add.at(self.of_carrier[carrier], history, 1)
            np.add.at(self.triples, (history[:-2], history[1:-1], history[2:]), 1)

    def fading(self, histories: Sequence[np.ndarray], c: float) -> np.ndarray:
        """Return shares of an aircraft's own flights, each c times as heavy as the next one."""
        weights = [c ** np.arange(len(history))[::-1] for history in histories]
        counts = [
            np.bincount(history, weight, self.n_places)
            for history, weight in zip(histories, weights, strict=True)
        ]
        return self.towards(self.share, np.array(counts))


def counting_models(counts: Counts, carriers: np.ndarray) -> dict[str, tuple[bool, dict]]:
    """Return {name: (whether it is told the carrier, {setting: scores(histories)})}."""

    def last(histories: Sequence[np.ndarray], back: int = 1) -> np.ndarray:
        return np.array([history[-back] for history in histories])

    def mixed(chain: Callable, fading: float, weight: float) -> Callable:
        return lambda h: (1 - weight) * counts.fading(h, fading) + weight * chain(h)

    def chain(h: Sequence[np.ndarray]) -> np.ndarray:
        return counts.chain[last(h)]

    def chain_of_carrier(h: Sequence[np.ndarray]) -> np.ndarray:
        return counts.chain_of_carrier[carriers, last(h)]

    def mixtures(chain: Callable) -> dict:
        return {
            f"{weight} chain, fading {fading}": mixed(chain, fading, weight)
            for weight in (0.1, 0.2, 0.3, 0.5, 0.7)
            for fading in (0.97, 0.98, 0.99, 1.0)
        }

    second = {
        f"order 1 counts {weight}": lambda h, weight=weight: (
            counts.triples[last(h, 2), last(h)] + weight * counts.chain[last(h)]
        )
        for weight in (1, 3, 10, 30)
    }
    fading = {
        f"fading {c}": lambda h, c=c: counts.fading(h, c) for c in (0.9, 0.95, 0.97, 0.98, 0.99)
    }
    popularity = {"": lambda h: np.tile(counts.share, (len(h), 1))}
    return {
        "popularity": (False, popularity),
        "Markov chain": (False, {"": chain}),
        "Markov chain, order 2": (False, second),
        "own counts": (False, {"": lambda h: counts.own(h)}),
        "own counts, fading": (False, fading),
        "own counts and Markov chain": (False, mixtures(chain)),
        "popularity of the carrier": (True, {"": lambda h: counts.of_carrier[carriers]}),
        "Markov chain of the carrier": (True, {"": chain_of_carrier}),
        "own counts and Markov chain of the carrier": (True, mixtures(chain_of_carrier)),
    }


# ---- aircraft ------------------------------------------------------------------------------------


def asked() -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray, np.ndarray]:
    """Return what is known before the flight of validation and of the test, and both flights."""
    aircraft = load_aircraft()
    training, validation, test = split_last_flights(aircraft)
    return training, [history[:-1] for history in aircraft.histories], validation, test


def shortened(histories: list[np.ndarray], carriers: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Return what a model may be shown instead of the whole histories, by name."""
    rng = np.random.default_rng(0)
    shuffled = [np.append(rng.permutation(h[-32:-1]), h[-1]) for h in histories]
    others = [rng.choice(np.flatnonzero(carriers == carrier)) for carrier in carriers]
    return {
        "the whole history": histories,
        "all but the last in random order": shuffled,
        "the last five": [h[-5:] for h in histories],
        "another aircraft of its carrier, then its own last": [
            np.append(histories[other][:-1], h[-1])
            for h, other in zip(histories, others, strict=True)
        ],
        "the last alone": [h[-1:] for h in histories],
    }


def carriers_of_aircraft() -> np.ndarray:
    """Return the carrier of every aircraft as a number."""
    return np.unique(load_aircraft().carriers, return_inverse=True)[1]


def aircraft_start(name: str, seed: int) -> dict:
    """Train a model from one start; return its validation, what it uses, and CPU seconds."""
    one_thread()
    training, before, validation, test = asked()
    n_places = load_aircraft().n_places
    (*_, model), seconds = timed(
        lambda: list(reference["train"](training, n_places, seed=seed, **AIRCRAFT[name]))
    )
    shown = shortened(before, carriers_of_aircraft())
    return {
        "seconds": seconds,
        "validation": qualities(model.next_items(training), validation),
        **{key: qualities(model.next_items(h), test) for key, h in shown.items()},
    }


def measure_aircraft() -> None:
    """Record what all models are worth, what the trained ones use, and the last place's part."""
    carriers = carriers_of_aircraft()
    training, before, validation, test = asked()
    counts = Counts(training, carriers, load_aircraft().n_places)
    rows, found, settings = [], {}, {}
    for name, (told, ways) in counting_models(counts, carriers).items():
        valid = {key: qualities(way(training), validation) for key, way in ways.items()}
        chosen = max(valid, key=lambda key, valid=valid: valid[key][0].mean())
        found[name], settings[name] = qualities(ways[chosen](before), test), chosen
        rows.append([name, "yes" if told else "", valid[chosen]])
    starts, trained = {}, []
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        jobs = {
            name: [processes.submit(aircraft_start, name, seed) for seed in SEEDS]
            for name in AIRCRAFT
        }
        for name, ours in jobs.items():
            starts[name] = [job.result() for job in ours]
    for name, ours in starts.items():
        valid = np.mean([start["validation"] for start in ours], axis=0)
        each = [start["the whole history"] for start in ours]
        found[name] = np.mean(each, axis=0)
        seconds = np.mean([start["seconds"] for start in ours])
        rows.append([name, "", valid])
        trained.append(f"{name} {by_start(each)} in {seconds:.0f} s")
    against = {"own counts": "own counts", "own counts and Markov chain": "counts, chain"}
    record(
        LECTURE,
        "aircraft",
        [
            *("model", "told", "validation", "NDCG@10", "HR@10", "right first"),
            *(f"− {short}" for short in against.values()),
        ],
        [
            [
                name,
                told,
                f"{valid[0].mean():.3f}",
                *map(written, found[name]),
                *(
                    "" if name == other else written(found[name][0] - found[other][0], True)
                    for other in against
                ),
            ]
            for name, told, valid in rows
        ],
        "3,146 aircraft; asked for the last flight's destination (validation: for the one before),"
        " all 104 ranked, equal scores averaged. Told: knows the carrier; −: less own counts, less"
        " own counts and Markov chain. Trained models: means over"
        f" {len(SEEDS)} random starts, their NDCG@10 and the CPU seconds of one training, on one"
        f" thread: {'; '.join(trained)}. ± standard"
        " error over aircraft, of the differences of NDCG@10 too. Chosen on validation: "
        + "; ".join(f"{name}: {chosen}" for name, chosen in settings.items() if chosen)
        + ".",
        PACKAGES,
    )
    ways = [key for key in starts[TWIN][0] if key not in ("seconds", "validation")]
    used = {
        (name, key): np.mean([start[key][0] for start in starts[name]], axis=0)
        for name in (TWIN, MASKED)
        for key in ways
    }
    columns = [part for name in (TWIN, MASKED) for part in (name, f"{name}: loss")]
    record(
        LECTURE,
        "uses",
        ["what is read", *columns],
        [
            [
                key,
                *(
                    part
                    for name in (TWIN, MASKED)
                    for part in (
                        written(used[name, key]),
                        ""
                        if key == ways[0]
                        else written(used[name, key] - used[name, ways[0]], True),
                    )
                ),
            ]
            for key in ways
        ],
        "NDCG@10 of the last flight's destination if the models of the table of aircraft read less,"
        f" means over {len(SEEDS)} starts; loss: against the whole history. ± standard error over"
        " aircraft. The twin reads the last 32 flights, BERT4Rec 23.",
        PACKAGES,
    )
    alone = [
        np.mean([start[key] for start in starts[MASKED]], axis=0)
        - np.mean([start[key] for start in starts[NEVER_ALONE]], axis=0)
        for key in ("validation", "the whole history")
    ]
    twin = found[MASKED][0] - found[TWIN][0]
    record(
        LECTURE,
        "paired",
        ["difference of NDCG@10", "validation", "test"],
        [
            [
                "last place masked alone in 3 rows of 10, minus never",
                *(written(difference[0], True) for difference in alone),
            ],
            ["BERT4Rec minus its causal twin", "", written(twin, True)],
        ],
        f"Aircraft by aircraft, means over {len(SEEDS)} starts of either; ± standard error over"
        " aircraft.",
        PACKAGES,
    )


def by_start(each: list[np.ndarray]) -> str:
    """Return the lowest and the highest NDCG of several starts."""
    found = [one[0].mean() for one in each]
    return f"{min(found):.3f} to {max(found):.3f}"


# ---- how many aircraft ---------------------------------------------------------------------------


def crossover_start(n_aircraft: int, name: str) -> np.ndarray:
    """Train on some aircraft; return NDCG of the last flights of others."""
    one_thread()
    trained, read, wanted = crossover_split(n_aircraft)
    passes, dropout = CROSSOVER[n_aircraft]
    settings = {**AIRCRAFT[name], "n_passes": passes[name], "dropout": dropout}
    *_, model = reference["train"](trained, load_aircraft().n_places, **settings)
    return qualities(model.next_items(read), wanted)[0]


def crossover_split(n_aircraft: int) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Return histories to train on, what is read of the others, and their last flights."""
    histories = load_aircraft().histories
    order = np.random.default_rng(0).permutation(len(histories))
    test, pool = order[:N_TESTED], order[N_TESTED:]
    return (
        [histories[a] for a in pool[:n_aircraft]],
        [histories[a][:-1] for a in test],
        np.array([histories[a][-1] for a in test]),
    )


DIFFERENCES = (
    (TWIN, "own counts", "twin − own"),
    (MASKED, "Markov chain", "BERT4Rec − chain"),
    (MASKED, "own counts", "BERT4Rec − own"),
)


def measure_crossover() -> None:
    """Record how many aircraft the models need to pass who only counts."""
    rows = []
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        models = {TWIN: "twin", MASKED: "BERT4Rec"}
        jobs = {
            (n, name): processes.submit(crossover_start, n, name)
            for n in CROSSOVER
            for name in models
        }
        for n in CROSSOVER:
            trained, read, wanted = crossover_split(n)
            nobody = np.zeros(n, dtype=np.int64)
            counts = Counts(trained, nobody, load_aircraft().n_places)
            last = np.array([history[-1] for history in read])
            scores = {"Markov chain": counts.chain[last], "own counts": counts.own(read)}
            found = {name: qualities(one, wanted)[0] for name, one in scores.items()}
            for name in models:
                found[name] = jobs[n, name].result()
            rows.append(
                [
                    f"{n:,}",
                    *map(written, found.values()),
                    *(written(found[one] - found[other], True) for one, other, _ in DIFFERENCES),
                ]
            )
    record(
        LECTURE,
        "crossover",
        [
            *("aircraft", "Markov chain", "own counts", TWIN, MASKED),
            *(head for *_, head in DIFFERENCES),
        ],
        rows,
        f"Trained on so many aircraft, NDCG@10 of the last flight of {N_TESTED} others, whose"
        " histories are only read; one start, ± standard error over aircraft. Every row was trained"
        " for about as many steps.",
        PACKAGES,
    )


# ---- films ---------------------------------------------------------------------------------------


def film_starts(name: str) -> list[np.ndarray]:
    """Return every user's NDCG@10 of the last film, one array for each start of a model of FILMS.

    Films that a user has seen are not ranked; histories and evaluation are lecture 09's.
    """
    one_thread()
    histories, n_items = self_attention.load()
    training = [history[:-2] for history in histories]
    before = [history[:-1] for history in histories]
    found = []
    for seed in SEEDS:
        *_, model = reference["train"](
            training, n_items, length=32, batch=64, seed=seed, **FILMS[name]
        )
        scores = model.next_items(before)
        found.append(self_attention.reference["evaluate"](scores, histories, 1)[1])
    return found


def main(
    crossover: Annotated[
        bool, typer.Option(help="Only: how many aircraft a transformer needs.")
    ] = False,
) -> None:
    """Measure, print and record."""
    use_one_thread()
    if crossover:
        measure_crossover()
    else:
        measure_aircraft()


if __name__ == "__main__":
    typer.run(main)
