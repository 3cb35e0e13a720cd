"""Three fields as a triangle: which vectors meet in a pair, in FM and in field-aware FM."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from embedlab.widgets.base import CourseWidget, javascript, stylesheet

MODELS = ("FM", "FFM")
Model = tuple[float, np.ndarray, np.ndarray]  # bias, weights, vectors


@dataclass(frozen=True, eq=False)
class TriangleStates:
    """What FM and field-aware FM know of the features of three fields.

    The value of a row's entries is already in the numbers: the log-odds of a row are plain sums.

    Attributes:
        fields: names of the three fields.
        field_of: (n,) int64 field of each feature, 0 to 2.
        names: n names of the features.
        biases: (2,) float64 of FM and FFM.
        weights: (2, n) float64 linear weights.
        vectors: (2, n, 3, 2) float64; vectors[m, i, g] is the vector of feature i that meets the
            features of field g. FM has one and the same for all g.
    """

    fields: tuple[str, ...]
    field_of: np.ndarray
    names: tuple[str, ...]
    biases: np.ndarray
    weights: np.ndarray
    vectors: np.ndarray

    def pairs(self) -> np.ndarray:
        """Return (2, n, n): what two features add to the log-odds; NaN within a field."""
        for_other = self.vectors[:, :, self.field_of]  # (2, n, n, 2)
        products = (for_other * for_other.swapaxes(1, 2)).sum(axis=-1)
        return np.where(self.field_of[:, None] == self.field_of, np.nan, products)

    def features_of(self, field: int) -> np.ndarray:
        """Return the features of a field, increasing."""
        return np.flatnonzero(self.field_of == field)


def triangle_states(
    fields: Sequence[str],
    field_of: np.ndarray,
    names: Sequence[object],
    fm: Model,
    ffm: Model,
    value: float = 1.0,
) -> TriangleStates:
    """Keep an FM and a field-aware FM with two factors over the features of three fields.

    Args:
        fields: names of the three fields.
        field_of: (n,) field of each feature, 0 to 2.
        names: n names of the features.
        fm: bias, (n,) weights, (n, 2) vectors.
        ffm: bias, (n,) weights, (n, 3, 2) vectors; [i, g] is the vector of feature i for field g.
        value: of the three entries of a row that are not 0; 1/sqrt(3) if rows have length 1.

    Raises:
        ValueError: there are not three fields with a feature each, the shapes do not fit, or a
            number is not finite.
    """
    fields, names, field_of = tuple(map(str, fields)), tuple(map(str, names)), np.array(field_of)
    n = len(names)
    if len(fields) != 3 or set(field_of.tolist()) != {0, 1, 2}:
        raise ValueError(
            f"fields has {len(fields)} names and field_of the numbers "
            f"{sorted(set(field_of.tolist()))}: a triangle has three fields, 0, 1 and 2, with at "
            "least one feature each."
        )
    if field_of.shape != (n,):
        raise ValueError(f"field_of has shape {field_of.shape}, but there are {n} names.")
    biases, weights, vectors = [], [], []
    for name, (bias, linear, factors), shape in zip(
        ("fm", "ffm"), (fm, ffm), ((n, 2), (n, 3, 2)), strict=True
    ):
        linear, factors = np.asarray(linear, np.float64), np.asarray(factors, np.float64)
        if linear.shape != (n,) or factors.shape != shape:
            raise ValueError(
                f"{name} has weights of shape {linear.shape} and vectors of shape "
                f"{factors.shape}: the shapes must be {(n,)} and {shape}, with two factors, "
                "because arrows lie in a plane."
            )
        biases.append(float(bias))
        weights.append(value * linear)
        vectors.append(value * (factors if factors.ndim == 3 else np.stack([factors] * 3, axis=1)))
    states = TriangleStates(
        fields, field_of.astype(np.int64), names, *map(np.array, (biases, weights, vectors))
    )
    if not all(np.isfinite(each).all() for each in (states.biases, states.weights, states.vectors)):
        raise ValueError("fm or ffm holds a number that is not finite: no arrow can show it.")
    return states


class FieldTriangle(CourseWidget):
    """Three features, one of each field, and the pairs between them, by FM or by field-aware FM.

    Drop-downs at the corners choose the features. An edge shows what its pair adds to the log-odds;
    whoever points at it sees which two vectors meet there. FM has one arrow at a corner, FFM one
    for each of the other two fields.

    >>> three = load_flights(("carrier", "origin", "hour"))
    >>> states = triangle_states(three.fields, three.field_of, three.values, fm, ffm, 3**-0.5)
    >>> FieldTriangle(states, start=("EV", "EWR", "17"))

    Args:
        states: what `triangle_states` returned.
        start: the names of the three features that are chosen at first; the first ones if left out.

    Raises:
        ValueError: `start` does not name one feature of each field, in the order of the fields.
    """

    _esm = javascript("triangle")
    _css = stylesheet("triangle")
    states = traitlets.Dict().tag(sync=True)

    def __init__(self, states: TriangleStates, start: Sequence[str] | None = None) -> None:
        features = [states.features_of(field) for field in range(3)]
        names = [[states.names[i] for i in among] for among in features]
        start = [each[0] for each in names] if start is None else [str(name) for name in start]
        if len(start) != 3 or any(a not in b for a, b in zip(start, names, strict=True)):
            raise ValueError(
                f"start is {start}: give the name of one feature of each field, in the order "
                f"{', '.join(states.fields)}."
            )
        pairs = states.pairs()
        lengths = np.hypot(*np.moveaxis(states.vectors, -1, 0))  # (2, n, 3)
        met = states.field_of[:, None] != np.arange(3)  # own-field vectors meet nobody
        super().__init__(
            {"weights": states.weights, "pairs": pairs[np.isfinite(pairs)]},
            states={
                "fields": list(states.fields),
                "names": names,
                "start": [among.index(name) for among, name in zip(names, start, strict=True)],
                "models": list(MODELS),
                "biases": _rounded(states.biases),
                "weights": [[_rounded(of[i]) for i in features] for of in states.weights],
                "vectors": [[_rounded(of[i]) for i in features] for of in states.vectors],
                "longest": float(lengths[:, met].max()) or 1.0,
                "largest": float(np.nanmax(np.abs(pairs))) or 1.0,
            },
        )


def _rounded(numbers: np.ndarray) -> list:
    """Return nested lists of the numbers to six digits."""
    if numbers.ndim:
        return [_rounded(part) for part in numbers]
    return float(f"{numbers:.6g}")
