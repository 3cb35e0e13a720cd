"""Named points in colours of groups that move over the steps of fits, a plane for each model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from embedlab.widgets.base import CourseWidget, javascript, quantise, restore, stylesheet

MOST_MODELS, MOST_GROUPS = 2, 4  # planes side by side; colours and shapes


@dataclass(frozen=True, eq=False)
class PointStates:
    """The same points under every model at every step: what the widget shows.

    Attributes:
        codes: (n_models, n_steps, n_points, 2) int16: a coordinate over its model's reach times
            32767, rounded.
        reaches: (n_models,) the largest absolute coordinate of each model over all steps.
        losses: (n_models, n_steps) the loss of every state.
        steps: n_steps numbers of steps.
        model_names: n_models names.
        names: n_points names.
        groups: (n_points,) int64 number of each point's group.
        group_names: n_groups names.
        labelled: numbers of the points that carry their names where there is room, most important
            first.
    """

    codes: np.ndarray
    reaches: np.ndarray
    losses: np.ndarray
    steps: tuple[int, ...]
    model_names: tuple[str, ...]
    names: tuple[str, ...]
    groups: np.ndarray
    group_names: tuple[str, ...]
    labelled: tuple[int, ...]

    def positions(self) -> np.ndarray:
        """Return (n_models, n_steps, n_points, 2) float64: the points as `codes` keeps them."""
        return np.stack(
            [restore(*each) for each in zip(self.codes, self.reaches.tolist(), strict=True)]
        )


def point_states(
    positions: np.ndarray,
    losses: np.ndarray,
    steps: Sequence[int],
    model_names: Sequence[object],
    names: Sequence[object],
    groups: Sequence[object],
    group_names: Sequence[object],
    labelled: Sequence[object] = (),
) -> PointStates:
    """Keep where points are after each of some steps of one fit or of two.

    The points are shown as they are given: turn all states of a fit alike, by the principal axes of
    its last one for example, or the picture turns while it plays.

    Args:
        positions: (n_models, n_steps, n_points, 2), 1 or 2 models. Each plane has a scale of its
            own.
        losses: (n_models, n_steps).
        steps: n_steps increasing numbers of steps; 0 is the start.
        model_names: n_models names.
        names: n_points different names.
        groups: the name of each point's group.
        group_names: 1 to 4 different names, in the order of the colours: blue, orange, green, pink.
        labelled: names of the points that carry them where there is room, most important first.

    Raises:
        ValueError: the shapes do not fit, a number is not finite, names are not different, there
            are too many models or groups, `groups` names no group or `labelled` no point.
    """
    positions, losses = (np.asarray(each, dtype=np.float64) for each in (positions, losses))
    model_names, names, groups, group_names, labelled = (
        tuple(map(str, some)) for some in (model_names, names, groups, group_names, labelled)
    )
    expected = (len(model_names), len(steps), len(names), 2)
    if positions.shape != expected or losses.shape != expected[:2] or len(groups) != len(names):
        raise ValueError(
            f"positions has shape {positions.shape}, losses {losses.shape}, and there are "
            f"{len(model_names)} model names, {len(steps)} steps, {len(names)} names and "
            f"{len(groups)} groups: the shapes must be {expected} and {expected[:2]}, with a group "
            "for each name."
        )
    if not 1 <= len(model_names) <= MOST_MODELS:
        raise ValueError(f"There are {len(model_names)} models: show 1 or {MOST_MODELS}.")
    if list(steps) != sorted(set(steps)) or len(steps) < 2 or steps[0] < 0:
        raise ValueError("steps must be at least two increasing numbers, from 0.")
    if not (np.isfinite(positions).all() and np.isfinite(losses).all()):
        raise ValueError("positions and losses must be finite: take smaller steps.")
    if len(set(names)) < len(names):
        raise ValueError("names must be different: whoever is chosen is chosen by name.")
    if not 1 <= len(set(group_names)) == len(group_names) <= MOST_GROUPS:
        raise ValueError(f"group_names is {group_names}: give 1 to {MOST_GROUPS} different names.")
    for what, some, among in (("groups", groups, group_names), ("labelled", labelled, names)):
        strange = [name for name in some if name not in among]
        if strange:
            raise ValueError(f"{what} has {strange[0]!r}, which is not among the names it needs.")
    kept = [quantise(each) for each in positions]
    return PointStates(
        codes=np.stack([codes for codes, _ in kept]),
        reaches=np.array([reach for _, reach in kept]),
        losses=losses,
        steps=tuple(map(int, steps)),
        model_names=model_names,
        names=names,
        groups=np.array([group_names.index(group) for group in groups]),
        group_names=group_names,
        labelled=tuple(names.index(name) for name in labelled),
    )


class MovingPoints(CourseWidget):
    """A step slider over named points in the plane, for one model or two side by side.

    Pointing at a point, arrow keys in a plane, or the list of names choose a point, the same in
    both planes; thin lines show how it came to its place.

    A point takes 4 bytes a state: two models of 102 points at 12 steps are 10 kB.

    >>> states = point_states(positions, losses, steps, ["PCA", "logistic PCA"], names, parties)
    >>> MovingPoints(states)

    Args:
        states: what `point_states` returned.
    """

    _esm = javascript("moving", "points")
    _css = stylesheet("moving", "points")
    states = traitlets.Dict().tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)

    def __init__(self, states: PointStates) -> None:
        super().__init__(
            {"positions": states.positions(), "losses": states.losses},
            codes=states.codes.astype("<i2").tobytes(),
            states={
                "steps": list(states.steps),
                "reaches": [float(f"{reach:.6g}") for reach in states.reaches],
                "losses": [[float(f"{one:.6g}") for one in some] for some in states.losses],
                "modelNames": list(states.model_names),
                "names": list(states.names),
                "groups": states.groups.tolist(),
                "groupNames": list(states.group_names),
                "labelled": list(states.labelled),
            },
        )
