"""A graph whose nodes carry colours or class probabilities that change step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import traitlets
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from embedlab.widgets.base import CourseWidget, javascript, stylesheet

MOST_NODES, MOST_CLASSES = 60, 4  # that have room, and a colour or a shape
RGB = ("red", "green", "blue")
BRIGHTEST = 255  # of a uint8
ROUNDS = 300  # of the layout
NEAREST = 0.075  # of the longer side: nodes closer than that would cover each other's names
Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GraphStates:
    """What the nodes of a graph hold at every step, in one or several variants.

    Attributes:
        codes: (n_variants, n_steps, n, c) uint8: values over their variant's scale, times 255.
        scales: (n_variants,) the largest value of all steps, but at least 1.
        variants: n_variants keys, one choice per switch: ("row", "with self-loops").
        channels: c names of what a node holds: red, green and blue, or its classes.
        names: n names of the nodes.
        edges: (m, 2) int64, each pair once, the smaller node first, no self-loops.
        weights: (n_variants, n, n) what row i takes of every node's value in a step, or None.
        places: (n, 2) where the nodes are drawn at first, the longer side from 0 to 1; y upwards.
    """

    codes: np.ndarray
    scales: np.ndarray
    variants: tuple[Key, ...]
    channels: tuple[str, ...]
    names: tuple[str, ...]
    edges: np.ndarray
    weights: np.ndarray | None
    places: np.ndarray

    def values(self) -> np.ndarray:
        """Return (n_variants, n_steps, n, c) float64: the values as `codes` keeps them."""
        return self.codes / BRIGHTEST * self.scales[:, None, None, None]


def graph_states(
    values: np.ndarray | Mapping[Key | str, np.ndarray],
    names: Sequence[object],
    edges: np.ndarray,
    channels: Sequence[str] = RGB,
    weights: Mapping[Key | str, np.ndarray] | None = None,
    places: np.ndarray | None = None,
) -> GraphStates:
    """Keep what nodes hold at every step, to a 255th of the largest value of all steps.

    Args:
        values: (n_steps, n, c) what each node holds at each step, not negative; or several of these
            by the choices they belong to, all combinations: {("row", "with self-loops"): ...}, or
            {"row": ...} if there is one switch.
        names: n names of the nodes, 2 to 60.
        edges: (m, 2) pairs of nodes; the order within a pair does not matter.
        channels: c names: red, green and blue, or of 2 to 4 classes.
        weights: (n, n) arrays by the same keys; row i says what node i takes of every node's value
            in a step.
        places: (n, 2) where nodes are drawn, x to the right and y upwards, in any unit; left out,
            `graph_layout` places them.

    Raises:
        ValueError: the shapes do not fit, there are too many nodes or classes, a value is negative
            or not finite, or a combination of choices is missing.
    """
    names, channels = tuple(map(str, names)), tuple(map(str, channels))
    if not isinstance(values, Mapping):
        values = {(): values}
    values, n = _by_key(values), len(names)
    if not 2 <= n <= MOST_NODES:
        raise ValueError(f"There are {n} names: show 2 to {MOST_NODES} nodes.")
    if channels != RGB and not 2 <= len(channels) <= MOST_CLASSES:
        raise ValueError(
            f"channels has {len(channels)} names: give {', '.join(RGB)}, or 2 to {MOST_CLASSES} "
            "classes, which have a colour each."
        )
    n_steps = len(next(iter(values.values())))
    for key, held in values.items():
        if held.shape != (n_steps, n, len(channels)) or not n_steps:
            raise ValueError(
                f"values{_at(key)} has shape {held.shape}: it must be (n_steps, {n}, "
                f"{len(channels)}), for {n} names and {len(channels)} channels, with as many steps "
                "in every variant."
            )
        if not np.isfinite(held).all() or (held < 0).any():
            raise ValueError(
                f"values{_at(key)} holds negative numbers or some that are not finite: these have "
                "no colour."
            )
    if weights is not None:
        weights = _by_key(weights)
        if weights.keys() != values.keys() or any(w.shape != (n, n) for w in weights.values()):
            raise ValueError(
                f"weights must hold an array of shape ({n}, {n}) for every variant of values."
            )
        weights = np.stack([weights[key] for key in values])
    edges = _pairs(edges, n)
    places = graph_layout(edges, n) if places is None else np.asarray(places, dtype=np.float64)
    if places.shape != (n, 2) or not np.isfinite(places).all():
        raise ValueError(f"places must be finite numbers of shape ({n}, 2), not {places.shape}.")
    held = np.stack(list(values.values()))
    scales = np.maximum(held.max(axis=(1, 2, 3)), 1.0)
    return GraphStates(
        codes=np.rint(held / scales[:, None, None, None] * BRIGHTEST).astype(np.uint8),
        scales=scales,
        variants=tuple(values),
        channels=channels,
        names=names,
        edges=edges,
        weights=weights,
        places=(places - places.min(axis=0)) / (np.ptp(places, axis=0).max() or 1.0),
    )


def mixing_states(
    matrices: Mapping[Key | str, np.ndarray],
    features: np.ndarray,
    names: Sequence[object],
    shown_steps: Sequence[int],
    channels: Sequence[str] = RGB,
    places: np.ndarray | None = None,
) -> GraphStates:
    """Multiply features by matrices again and again, and keep them after each of `shown_steps`.

    Args:
        matrices: (n, n) arrays by the choices they belong to, as `values` of `graph_states`. Row i
            holds what node i takes of every node's value in a step.
        features: (n, c) what the nodes hold at first.
        names: n names.
        shown_steps: increasing numbers of steps, from 0, the start.
        channels: c names, as in `graph_states`.
        places: (n, 2), as in `graph_states`.

    Raises:
        ValueError: as `graph_states`, or `shown_steps` are not increasing.
    """
    matrices = _by_key(matrices)
    if list(shown_steps) != sorted(set(shown_steps)) or len(shown_steps) < 2 or shown_steps[0] < 0:
        raise ValueError("shown_steps must be at least two increasing numbers, from 0.")
    n, values = len(names), {}
    if any(matrix.shape != (n, n) for matrix in matrices.values()) or len(features) != n:
        raise ValueError(
            f"features has {len(features)} rows and the matrices have the shapes "
            f"{sorted({matrix.shape for matrix in matrices.values()})}, for {n} names."
        )
    for key, matrix in matrices.items():
        held, kept = np.asarray(features, dtype=np.float64), []
        for step in range(shown_steps[-1] + 1):
            if step in shown_steps:
                kept.append(held)
            held = matrix @ held
        values[key] = np.stack(kept)
    links = np.argwhere(sum(np.abs(matrix) for matrix in matrices.values()))
    return graph_states(values, names, links, channels, matrices, places)


def graph_layout(edges: np.ndarray, n: int) -> np.ndarray:
    """Return (n, 2) places at which distances are about those along the edges.

    The same edges always give the same places. Stress majorization from a circle: every pair of
    nodes pulls and pushes towards its number of edges on the shortest way, with that number to the
    power -2 as its weight (E. Gansner, Y. Koren and S. North, "Graph Drawing by Stress
    Majorization", GD 2004). Nodes of different components are one further apart than any others.
    At last, nodes that are too near push each other away.

    Args:
        edges: (m, 2) pairs of nodes.
        n: number of nodes.
    """
    edges = _pairs(edges, n)
    table = csr_array((np.ones(len(edges)), edges.T), shape=(n, n))
    apart = shortest_path(table, directed=False, unweighted=True)
    reached = np.isfinite(apart)
    apart[~reached] = apart[reached].max() + 1
    itself = np.eye(n)
    pulls = (1 - itself) / (apart + itself) ** 2
    solve = np.linalg.pinv(np.diag(pulls.sum(axis=1)) - pulls)
    angles = 2 * np.pi * np.arange(n) / n
    places = apart.max() / 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for _ in range(ROUNDS):
        drawn = np.hypot(*np.moveaxis(places[:, None] - places, -1, 0)) + itself
        ratios = pulls * apart / np.maximum(drawn, 1e-9)
        places = solve @ (np.diag(ratios.sum(axis=1)) - ratios) @ places
    return _spread(places)


def _spread(places: np.ndarray) -> np.ndarray:
    """Return places of which those that are too near have pushed each other away."""
    least = NEAREST * np.ptp(places, axis=0).max()
    for _ in range(ROUNDS):
        gaps = places[:, None] - places
        apart = np.hypot(gaps[..., 0], gaps[..., 1])
        lacking = np.where((apart > 0) & (apart < least), least - apart, 0.0)
        if lacking.max() < 1e-3 * least:
            break
        pushes = lacking / 2 / np.maximum(apart, 1e-9)
        places = places + (pushes[..., None] * gaps).sum(axis=1)
    return places


class MixingGraph(CourseWidget):
    """A step slider and a player over a graph whose nodes hold colours or class probabilities.

    Switches choose the variant. Nodes can be dragged, or moved with the arrow keys; whoever points
    at a node or focuses it reads what it holds, and its neighbours with their weights. A colour
    shows a value over the largest of all steps if that exceeds 1.

    Codes are 1 byte each: 4 variants of 50 steps of 34 nodes in colours are 20 kB.

    >>> matrices = {"row": P, "symmetric": S}
    >>> states = mixing_states(matrices, colours, names, range(51))
    >>> MixingGraph(states, range(51), switches=["normalization"])

    Args:
        states: what `mixing_states` or `graph_states` returned.
        shown_steps: the numbers on the slider, one per step of the states.
        switches: what is chosen by each part of a variant's key.
        groups: (n,) number of each node's group, which gives it its shape.
        group_names: names of the groups, at most 4: circle, square, diamond, triangle.
        slider: what stands before the slider.
        start: the node that is chosen at first.

    Raises:
        ValueError: there are not as many steps, switches or groups as the states have.
    """

    _esm = javascript("graph")
    _css = stylesheet("graph")
    states = traitlets.Dict().tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        states: GraphStates,
        shown_steps: Sequence[int],
        switches: Sequence[str] = (),
        groups: np.ndarray | None = None,
        group_names: Sequence[str] = (),
        slider: str = "step",
        start: int = 0,
    ) -> None:
        n, parts = len(states.names), states.variants[0]
        groups = np.zeros(n, dtype=np.int64) if groups is None else np.asarray(groups)
        if len(shown_steps) != states.codes.shape[1]:
            raise ValueError(
                f"shown_steps has {len(shown_steps)} numbers, but the states have "
                f"{states.codes.shape[1]} steps."
            )
        if len(switches) != len(parts):
            raise ValueError(
                f"switches has {len(switches)} names, but the variant {parts} has {len(parts)}."
            )
        if (
            len(group_names) > MOST_CLASSES
            or groups.shape != (n,)
            or groups.min() < 0
            or (groups.max() >= max(1, len(group_names)))
        ):
            raise ValueError(
                f"groups must be {n} numbers below the number of group_names, of which there are "
                f"at most {MOST_CLASSES}."
            )
        if not 0 <= start < n:
            raise ValueError(f"start must be from 0 to {n - 1}, not {start}.")
        options = [list(dict.fromkeys(part)) for part in zip(*states.variants, strict=True)]
        numbers = {"colours": states.codes, "places": states.places}
        taken = {}
        if states.weights is not None:
            numbers["weights"] = states.weights
            pairs = np.argwhere(states.weights.any(axis=0))
            taken = {
                "pairs": pairs.tolist(),
                "weights": [
                    [float(f"{each:.3g}") for each in matrix[*pairs.T]] for matrix in states.weights
                ],
            }
        super().__init__(
            numbers,
            codes=states.codes.tobytes(),
            states={
                "names": list(states.names),
                "channels": list(states.channels),
                "rgb": states.channels == RGB,
                "steps": [int(number) for number in shown_steps],
                "slider": slider,
                "switches": [
                    {"name": name, "options": some}
                    for name, some in zip(switches, options, strict=True)
                ],
                "variants": [
                    [some.index(part) for some, part in zip(options, key, strict=True)]
                    for key in states.variants
                ],
                "scales": [float(f"{scale:.3g}") for scale in states.scales],
                "edges": states.edges.tolist(),
                "places": states.places.round(4).tolist(),
                "groups": groups.tolist(),
                "groupNames": [str(name) for name in group_names],
                "start": start,
                **taken,
            },
        )


def _by_key(arrays: Mapping[Key | str, np.ndarray]) -> dict[Key, np.ndarray]:
    """Return float64 arrays by tuples, in the order given; all combinations must be there."""
    found = {
        (key,) if isinstance(key, str) else tuple(key): np.asarray(array, dtype=np.float64)
        for key, array in arrays.items()
    }
    if len(set(map(len, found))) != 1:
        raise ValueError(f"The variants {list(found)} must have a choice for every switch.")
    missing = set(product(*(dict.fromkeys(part) for part in zip(*found, strict=True)))) - set(found)
    if missing:
        raise ValueError(f"There is no variant {sorted(missing)[0]}: give all combinations.")
    return found


def _at(key: Key) -> str:
    """Return how a variant is named behind `values`."""
    return f"[{key}]" if key else ""


def _pairs(edges: np.ndarray, n: int) -> np.ndarray:
    """Return (m, 2) int64 pairs, each once, sorted, without self-loops."""
    edges = np.asarray(edges)
    if edges.ndim != 2 or edges.shape[1] != 2 or not np.isin(edges, np.arange(n)).all():
        raise ValueError(f"edges must be (m, 2) numbers of nodes, 0 to {n - 1}.")
    edges = np.unique(np.sort(edges.astype(np.int64), axis=1), axis=0)
    return edges[edges[:, 0] < edges[:, 1]]
