"""Lecture 13's GCN on few labels, by depth, for links, on the karate club and on Cora.

python benchmarks/gcn_mixing.py                WordNet's topics, depth, links, the karate club
python benchmarks/gcn_mixing.py --cora PATH    Cora with Kipf and Welling's split
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from mixing_models import STEPS, Links, deep_gcn, heuristics, ranks, two_layer_links
from planetoid import load_cora
from recording import record, timed, use_one_thread
from scipy.sparse import csr_array, eye_array
from sklearn.linear_model import LogisticRegression

from autograder.lecture.reference import load_reference
from embedlab.data.karate import load_karate
from embedlab.data.topics import load_topics, split_labels

LECTURE = "13_gcn_mixing"
PER_CLASS = (5, 10, 20)
N_VALIDATION = 300
SEEDS = range(10)  # of the split and of the start
DEPTHS = range(1, 9)
LONGER = 600  # steps, of the deepest
FEW_SEEDS = range(5)  # of the depth and of the links
GCN = "GCN, symmetric"
LP_STEPS = (1, 2, 5, 10, 20, 50, 100)
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # C of the logistic regression
PUBLISHED = ["Kipf and Welling (2017), their code", "81.5", "", "", "", ""]
reference = load_reference(LECTURE)
Parts = tuple[np.ndarray, np.ndarray, np.ndarray]


def adjacency_of(edges: np.ndarray, n: int) -> csr_array:
    """Return the (n, n) symmetric matrix of 0 and 1."""
    both = np.concatenate([edges, edges[:, ::-1]])
    return csr_array((np.ones(len(both)), both.T), shape=(n, n))


def normalized(A: csr_array) -> dict[str, csr_array]:
    """Return the lecture's two mixing matrices of a graph, as sparse arrays."""
    dense = A.toarray()
    return {name: csr_array(reference[f"{name}_normalize"](dense)) for name in ("symmetric", "row")}


def accuracy(predicted: np.ndarray, labels: np.ndarray, nodes: np.ndarray) -> float:
    """Return the share of nodes that have their own class."""
    return float((predicted[nodes] == labels[nodes]).mean())


def trained(M: csr_array, X: csr_array, labels: np.ndarray, parts: Parts, seed: int) -> np.ndarray:
    """Return (n,) the classes that the lecture's GCN predicts."""
    weights = reference["train_gcn"](M, X, labels, parts[0], labels.max() + 1, seed)
    return reference["gcn_scores"](M, X, *weights).argmax(axis=1)


def best_on_validation(
    predictions: list[np.ndarray], labels: np.ndarray, parts: Parts
) -> np.ndarray:
    """Return the predictions that are right most often on the validation nodes."""
    return max(predictions, key=lambda each: accuracy(each, labels, parts[1]))


def by_labels_alone(A: csr_array, labels: np.ndarray, parts: Parts) -> np.ndarray:
    """Return the classes by label propagation, its steps and self-loops chosen by validation.

    Where nothing arrives, it is the class with the lowest number.
    """
    n, found = len(labels), []
    for loops in (0.0, 1.0):
        walk = csr_array(A + loops * eye_array(n))
        walk = csr_array(walk.multiply(1 / walk.sum(axis=1)[:, None]))
        for n_steps in LP_STEPS:
            scores = reference["label_propagation"](
                walk, labels, parts[0], labels.max() + 1, n_steps
            )
            found.append(scores.argmax(axis=1))
    return best_on_validation(found, labels, parts)


def by_regression(X: csr_array, labels: np.ndarray, parts: Parts) -> np.ndarray:
    """Return the classes by scikit-learn's logistic regression, C chosen by validation."""
    train = parts[0]
    return best_on_validation(
        [
            LogisticRegression(C=C, max_iter=2000).fit(X[train], labels[train]).predict(X)
            for C in STRENGTHS
        ],
        labels,
        parts,
    )


def models_of(
    A: csr_array, X: csr_array, labels: np.ndarray, parts: Parts, seed: int
) -> dict[str, Callable[[], np.ndarray]]:
    """Return {model: how it predicts the classes of all nodes}."""
    mixing, n = normalized(A), len(labels)
    twice = csr_array(mixing["symmetric"] @ (mixing["symmetric"] @ X))
    return {
        "largest class, were it known": lambda: np.full(n, np.bincount(labels).argmax()),
        "MLP (the GCN without mixing)": lambda: trained(
            csr_array(eye_array(n)), X, labels, parts, seed
        ),
        "label propagation": lambda: by_labels_alone(A, labels, parts),
        "SGC: mixed twice, then regression": lambda: by_regression(twice, labels, parts),
        GCN: lambda: trained(mixing["symmetric"], X, labels, parts, seed),
        "GCN, row": lambda: trained(mixing["row"], X, labels, parts, seed),
    }


def paired(differences: np.ndarray) -> list[str]:
    """Return the mean of paired differences and its standard error, as text."""
    return [f"{differences.mean():+.3f}", f"{standard_error(differences):.3f}"]


def standard_error(values: np.ndarray) -> float:
    """Return the standard error of the mean."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def topics() -> None:
    """Record the models on WordNet's topics with 5, 10 and 20 labels a class."""
    graph = load_topics()
    A = adjacency_of(graph.edges, len(graph))
    found, seconds = {}, {}
    for per_class in PER_CLASS:
        for seed in SEEDS:
            parts = split_labels(graph.labels, per_class, N_VALIDATION, seed)
            models = models_of(A, graph.features, graph.labels, parts, seed)
            for name, predict in models.items():
                predicted, took = timed(predict)
                reached = accuracy(predicted, graph.labels, parts[2])
                found.setdefault((name, per_class), []).append(reached)
                seconds.setdefault(name, []).append(took)
        print(f"{per_class} labels a class: done", flush=True)
    found = {key: np.array(values) for key, values in found.items()}
    rows = []
    for name, took in seconds.items():
        row = [name]
        for per_class in PER_CLASS:
            values = found[name, per_class]
            row += [f"{values.mean():.3f}", f"{standard_error(values):.3f}"]
        rows.append([*row, f"{np.mean(took):.2f}"])
    for name in seconds:
        if name != GCN:
            row = [f"{GCN}, minus {name}"]
            for per_class in PER_CLASS:
                row += paired(found[GCN, per_class] - found[name, per_class])
            rows.append([*row, ""])
    record(
        LECTURE,
        "topics",
        ["model", *(head for k in PER_CLASS for head in (f"{k} a class", f"± {k}")), "CPU seconds"],
        rows,
        how=(
            f"Share of test nodes that are classified rightly, {len(SEEDS)} splits of WordNet's "
            f"topics: 5, 10 or 20 labelled nodes of each of ten classes, {N_VALIDATION} for "
            "validation, all others for the test; another start in every split. GCN and MLP: the "
            "lecture's settings, which are Kipf and Welling's, not tuned, after the last step. "
            "Label propagation: steps (1 to 100) and self-loops chosen on the validation nodes, "
            "the largest class where nothing arrives; logistic regression: C chosen so. ±: "
            "standard error over the splits, of paired differences in the last rows. Seconds: of "
            "one split, choosing included."
        ),
        packages=["numpy", "scipy", "scikit-learn"],
    )


def depth() -> None:
    """Record features mixed 1 to 8 times, GCNs of as many layers, the deepest trained longer."""
    graph = load_topics()
    mixing = normalized(adjacency_of(graph.edges, len(graph)))["symmetric"]
    found = {}
    for seed in FEW_SEEDS:
        parts = split_labels(graph.labels, 20, N_VALIDATION, seed)
        mixed = graph.features
        for n_layers in DEPTHS:
            mixed = csr_array(mixing @ mixed)
            alone = by_regression(mixed, graph.labels, parts)
            for title, n_steps in ((n_layers, STEPS), (f"{n_layers}, {LONGER} steps", LONGER)):
                if n_steps == LONGER and n_layers != max(DEPTHS):
                    continue
                values = [accuracy(alone, graph.labels, parts[2])]
                for decay_all in (False, True):
                    deep = deep_gcn(
                        mixing, graph.features, graph.labels, parts[0], n_layers, decay_all, seed,
                        n_steps,
                    )  # fmt: skip
                    values += [accuracy(deep, graph.labels, parts[which]) for which in (2, 0)]
                found.setdefault(title, []).append(values)
        print(f"depth, seed {seed}: done", flush=True)
    rows = []
    for title, values in found.items():
        mixed, first, first_train, every, every_train = np.array(values).T
        row = [title]
        for test, train in ((mixed, None), (first, first_train), (every, every_train)):
            row += [f"{test.mean():.3f}", f"{standard_error(test):.3f}"]
            row += [] if train is None else [f"{train.mean():.3f}"]
        rows.append(row)
    record(
        LECTURE,
        "depth",
        ["layers", "mixed: test", "± mixed", "decay first: test", "± first", "first: train",
         "decay all: test", "± all", "all: train"],
        rows,
        how=(
            f"WordNet's topics, 20 labels a class, {len(FEW_SEEDS)} splits; symmetric "
            "normalization. Mixed: the features mixed so often without training, and "
            "scikit-learn's logistic regression on them, C chosen on the validation nodes. Decay: "
            "GCNs with the lecture's settings in PyTorch, 16 numbers between the layers, "
            f"{STEPS} steps or as the last row says, weight decay 5e-4 of the first layer's "
            "weights, as with two layers, or of all; train: accuracy on the labelled nodes. "
            "±: standard error over the splits."
        ),
        packages=["numpy", "torch", "scikit-learn"],
    )  # fmt: skip


def links() -> None:
    """Record who finds hidden links of WordNet's topics, with and without features and mixing."""
    graph = load_topics()
    n, found = len(graph), {}
    nodes = csr_array(eye_array(n))
    defined = set(map(tuple, graph.edges[graph.by_definition].tolist()))
    for seed in FEW_SEEDS:
        edges = reference["hide_edges"](graph.edges, n, 0.1, np.random.default_rng(seed))
        split = Links(n, *edges)
        by_definition = np.array([tuple(pair) in defined for pair in split.hidden.tolist()])
        mixing = normalized(split.adjacency())["symmetric"]
        scores = heuristics(split, graph.features)
        for what, X, drop in (
            ("a free vector each", nodes, False),
            ("words of the definition", graph.features, True),
        ):
            vectors = {
                "plain": reference["fit_links"](nodes, X, split.known, seed, drop),
                "mixed once": reference["fit_links"](mixing, X, split.known, seed, drop),
                "two layers": two_layer_links(split, mixing, X, drop, seed),
            }
            for kind, (Z, biases) in vectors.items():
                scores[f"{what}, {kind}"] = Z @ Z.T + biases
        for name, each in scores.items():
            found_ranks = ranks(split, each)
            inverse = (1 / found_ranks).mean(axis=1)
            found.setdefault(name, []).append(
                [
                    inverse.mean(),
                    (found_ranks <= 10).mean(),
                    inverse[~by_definition].mean(),
                    inverse[by_definition].mean(),
                ]
            )
        print(f"links, seed {seed}: done", flush=True)
    rows = []
    for name, values in found.items():
        values = np.array(values)
        rows.append(
            [
                name, f"{values[:, 0].mean():.3f}", f"{standard_error(values[:, 0]):.3f}",
                *(f"{column.mean():.3f}" for column in values.T[1:]),
            ]
        )  # fmt: skip
    pairs = [
        ("words of the definition, mixed once", "words of the definition, plain"),
        ("words of the definition, mixed once", "words of the definition, two layers"),
        ("a free vector each, mixed once", "a free vector each, plain"),
    ]
    for one, other in pairs:
        differences = (np.array(found[one]) - np.array(found[other]))[:, 0]
        rows.append([f"{one}, minus {other}", *paired(differences), "", "", ""])
    record(
        LECTURE,
        "links",
        ["model", "MRR", "±", "hits@10", "MRR, pointers", "MRR, by definition"],
        rows,
        how=(
            f"A tenth of the links of WordNet's topics hidden, {len(FEW_SEEDS)} splits, no node "
            "without a link; the mixing matrix has the known ones alone. Each hidden link is asked "
            "from both ends among all nodes but known neighbours; ties share a rank. Vectors of 16 "
            "numbers and a bias, dot product, logistic loss, 5 random pairs a link, 200 steps of "
            "Adam, as in the lecture; two layers in PyTorch; the same for all and not tuned. "
            "Links by definition come from the very words that are the features; pointers do not. "
            "±: standard error over the splits, of paired differences in the last rows."
        ),
        packages=["numpy", "torch"],
    )


def karate() -> None:
    """Record the karate club from the labels of the two leaders, and from two random ones."""
    club = load_karate()
    n, labels = len(club), club.clubs
    A = adjacency_of(club.edges, n)
    X, leaders = csr_array(eye_array(n)), np.array([0, n - 1])
    matrices = normalized(A) | {"no mixing": csr_array(eye_array(n))}
    walk = csr_array(A.multiply(1 / A.sum(axis=1)[:, None]))
    rows = []
    for title, draws in (("the two leaders", None), ("a random member of each club", 50)):
        found = {}
        for seed in range(draws or 20):
            rng = np.random.default_rng(seed)
            labelled = leaders
            if draws:
                labelled = np.array([rng.choice(np.flatnonzero(labels == c)) for c in (0, 1)])
            others = np.setdiff1d(np.arange(n), labelled)
            predicted = {
                f"GCN, {name}": trained(M, X, labels, (labelled, others, others), seed)
                for name, M in matrices.items()
            }
            scores = reference["label_propagation"](walk, labels, labelled, 2, 100)
            predicted["label propagation, 100 steps"] = scores.argmax(axis=1)
            for name, classes in predicted.items():
                found.setdefault(name, []).append(accuracy(classes, labels, others))
        for name, values in found.items():
            values = np.array(values)
            rows.append(
                [
                    title, name, f"{values.mean():.3f}", f"{standard_error(values):.3f}",
                    f"{values.min():.3f}", f"{values.max():.3f}",
                ]
            )  # fmt: skip
    record(
        LECTURE,
        "karate",
        ["labels", "model", "accuracy", "±", "lowest", "highest"],
        rows,
        how=(
            "Zachary's club, 32 members without a label; each member's feature is itself, the "
            "lecture's settings. 20 starts from the leaders' labels, 50 draws of one member of "
            "each club; ±: standard error over them."
        ),
        packages=["numpy", "scipy"],
    )


def cora(folder: Path) -> None:
    """Record the models on Cora, ten starts on the published split."""
    data = load_cora(folder)
    rows = []
    for name in models_of(data.adjacency, data.features, data.labels, data.parts, 0):
        # What has no random start is measured once.
        seeds = SEEDS if name.startswith(("GCN", "MLP")) else [0]
        values, seconds = [], []
        for seed in seeds:
            models = models_of(data.adjacency, data.features, data.labels, data.parts, seed)
            predicted, took = timed(models[name])
            values.append(100 * accuracy(predicted, data.labels, data.parts[2]))
            seconds.append(took)
        row = [name, f"{np.mean(values):.2f}"]
        spread = ["", "", ""]
        if len(values) > 1:
            spread = [f"{np.std(values, ddof=1):.2f}", f"{min(values):.1f}", f"{max(values):.1f}"]
        rows.append([*row, *spread, f"{np.mean(seconds):.2f}"])
        print(rows[-1], flush=True)
    record(
        LECTURE,
        "cora",
        ["model", "test accuracy, %", "standard deviation", "lowest", "highest", "CPU seconds"],
        [*rows, PUBLISHED],
        how=(
            "Cora, 2,708 papers, the published split: 20 labels of each of 7 classes, 500 papers "
            f"for validation, 1,000 for the test. {len(SEEDS)} starts, the lecture's settings, "
            "after the last of 200 steps, one thread. Label propagation and C of the logistic "
            "regression chosen on the validation papers. The published number is the mean of 100 "
            "starts of the paper's Table 2."
        ),
        packages=["numpy", "scipy", "scikit-learn"],
    )


def main(
    cora_path: Annotated[
        Path | None, typer.Option("--cora", metavar="PATH", help="The folder of ind.cora.*.")
    ] = None,
) -> None:
    """Record four tables on bundled data, or with --cora the one on Cora."""
    use_one_thread()
    if cora_path is not None:
        cora(cora_path)
        return
    for part in (topics, depth, links, karate):
        part()


if __name__ == "__main__":
    typer.run(main)
