"""A history with one place masked: what a model puts there, and what it reads for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets
from scipy.special import softmax

from embedlab.widgets.base import LARGEST, CourseWidget, javascript, stylesheet

MOST = 32  # places that have room
OPAQUE = 255  # of a uint8


@dataclass(frozen=True, eq=False)
class MaskedStates:
    """What a model says of every place of some histories when that place alone is masked.

    Position e of all tuples belongs to history e, which has n_e places.

    Attributes:
        histories: (n_e,) int64 items.
        top: (n_e, k) int64 items with the highest probability at each place, best first.
        probabilities: (n_e, k) float64 of those.
        ranks: (n_e,) int64 of the item that stood there: 1 if no item has a higher probability.
        own: (n_e,) float64 probability of the item that stood there.
        codes: (n_e, n_layers, n_heads, n_e) uint8 attention weights of the masked place times 255,
            rounded.
        item_names: n_items names.
        history_names: a name of each history.
    """

    histories: tuple[np.ndarray, ...]
    top: tuple[np.ndarray, ...]
    probabilities: tuple[np.ndarray, ...]
    ranks: tuple[np.ndarray, ...]
    own: tuple[np.ndarray, ...]
    codes: tuple[np.ndarray, ...]
    item_names: tuple[str, ...]
    history_names: tuple[str, ...]

    @property
    def head_names(self) -> tuple[str, ...]:
        """A name of every head, layer by layer."""
        _, n_layers, n_heads, _ = self.codes[0].shape
        return tuple(
            f"layer {layer} · head {head}"
            for layer in range(1, n_layers + 1)
            for head in range(1, n_heads + 1)
        )


def masked_history_states(
    histories: Sequence[np.ndarray],
    logits: Sequence[np.ndarray],
    attention: Sequence[np.ndarray],
    item_names: Sequence[object],
    history_names: Sequence[object],
    k: int = 8,
) -> MaskedStates:
    """Keep a model's answers for every masked place of some histories, and its attention.

    Args:
        histories: n arrays (n_e,) of items, 2 to 32 places each.
        logits: n arrays (n_e, n_items); row p is of place p, masked alone, over the items only.
        attention: n arrays (n_e, n_layers, n_heads, n_e); [p, l, h, j] is what place p, masked
            alone, reads from place j: after the softmax and without padding, so that each row sums
            to 1.
        item_names: n_items names.
        history_names: n names.
        k: how many items of a place are kept, at most n_items.

    Raises:
        ValueError: the shapes do not fit, a history is too short or too long, an item has no name,
            a logit is not finite, or attention is not weights.
    """
    names = tuple(map(str, item_names))
    known = [np.array(history, dtype=np.int64) for history in histories]
    tables = [np.asarray(table, dtype=np.float64) for table in logits]
    weights = [np.asarray(table, dtype=np.float64) for table in attention]
    if not len(known) == len(tables) == len(weights) == len(history_names) > 0:
        raise ValueError(
            f"There are {len(known)} histories, {len(tables)} arrays of logits, {len(weights)} of "
            f"attention and {len(history_names)} names: give one of each for every history."
        )
    if not 1 <= k <= len(names):
        raise ValueError(f"k is {k}: keep 1 to {len(names)} of the items.")
    heads = weights[0].shape[1:3]
    for history, table, read in zip(known, tables, weights, strict=True):
        _check(history, table, read, heads, len(names))
    shares = [softmax(table, axis=1) for table in tables]
    top = [np.argsort(-share, axis=1, kind="stable")[:, :k] for share in shares]
    own = [share[np.arange(len(h)), h] for h, share in zip(known, shares, strict=True)]
    return MaskedStates(
        histories=tuple(known),
        top=tuple(top),
        probabilities=tuple(
            np.take_along_axis(share, best, axis=1) for share, best in zip(shares, top, strict=True)
        ),
        ranks=tuple(
            1 + (share > mine[:, None]).sum(axis=1) for share, mine in zip(shares, own, strict=True)
        ),
        own=tuple(own),
        codes=tuple(np.rint(read * OPAQUE).astype(np.uint8) for read in weights),
        item_names=names,
        history_names=tuple(map(str, history_names)),
    )


def _check(
    history: np.ndarray, table: np.ndarray, read: np.ndarray, heads: tuple, n_items: int
) -> None:
    """Raise a ValueError unless the arrays of one history fit."""
    n = len(history)
    if history.ndim != 1 or not 2 <= n <= MOST:
        raise ValueError(f"A history has shape {history.shape}: show 2 to {MOST} places.")
    if not (history.min() >= 0 and history.max() < n_items):
        raise ValueError(
            f"A history has items from {history.min()} to {history.max()}: there are {n_items} "
            "names; leave out padding and masks."
        )
    if table.shape != (n, n_items) or not np.isfinite(table).all():
        raise ValueError(
            f"The logits of a history of {n} have shape {table.shape}: they must be ({n}, "
            f"{n_items}), a column for every item name, and finite."
        )
    if len(heads) != 2 or 0 in heads or read.shape != (n, *heads, n):
        raise ValueError(
            f"The attention of a history of {n} has shape {read.shape}: it must be ({n}, n_layers, "
            f"n_heads, {n}), with the same layers and heads for all histories."
        )
    if not ((read >= 0).all() and np.allclose(read.sum(axis=-1), 1, atol=1e-3)):
        raise ValueError(
            "attention must be weights: not negative, and of each head a sum of 1 over the places "
            "of the history. Take them after the softmax, and leave out padding."
        )


class MaskedHistory(CourseWidget):
    """A history as a row of items; whichever is chosen is masked, and the model says what it was.

    The list shows the items with the highest probability at the masked place; the one that stood
    there is marked. Below each item stands what the masked place reads from it, head by head.
    A click or the arrow keys mask another place, a drop-down chooses another history.

    >>> states = masked_history_states(histories, logits, attention, places, tails)
    >>> MaskedHistory(states, items="destinations")

    Args:
        states: what `masked_history_states` returned.
        items: what the items are, in the plural.
    """

    _esm = javascript("masked_history")
    _css = stylesheet("masked_history")
    states = traitlets.Dict().tag(sync=True)
    answers = traitlets.Bytes().tag(sync=True)
    attention = traitlets.Bytes().tag(sync=True)

    def __init__(self, states: MaskedStates, items: str = "items") -> None:
        shown = np.unique(np.concatenate([a.ravel() for a in (*states.histories, *states.top)]))
        probabilities = np.concatenate(states.probabilities)
        own = np.concatenate(states.own)
        ranks = np.concatenate(states.ranks)
        answers = np.column_stack(
            [
                np.searchsorted(shown, np.concatenate(states.top)),
                np.rint(probabilities * LARGEST),
                np.minimum(ranks, LARGEST),
                np.rint(own * LARGEST),
            ]
        )
        attention = np.concatenate([code.ravel() for code in states.codes])
        super().__init__(
            {"probabilities": probabilities, "ranks": ranks, "attention": attention},
            answers=answers.astype("<i2").tobytes(),
            attention=attention.tobytes(),
            states={
                "items": items,
                "nItems": len(states.item_names),
                "k": probabilities.shape[1],
                "names": [states.item_names[item] for item in shown],
                "historyNames": list(states.history_names),
                "histories": [np.searchsorted(shown, h).tolist() for h in states.histories],
                "headNames": list(states.head_names),
            },
        )
