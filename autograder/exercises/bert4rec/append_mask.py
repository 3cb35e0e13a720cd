"""Exercise `append_mask`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

append_mask = Exercise("append_mask", points=1)


@append_mask.cases
def _(rng):
    yield "the worked example", {"history": np.array([3, 1, 4, 8]), "length": 4, "n_items": 9}
    yield "a short history", _question(rng, 3, 7)
    yield "a long history", _question(rng, 9, 5)
    yield "one place too few", _question(rng, 6, 6)
    yield "a history that just fits", _question(rng, 5, 6)
    yield "one item more than places", _question(rng, 8, 7)
    yield "a single item", _question(rng, 1, 4)
    yield "no item at all", _question(rng, 0, int(rng.integers(3, 9)))
    yield "a window of one place", _question(rng, 6, 1)
    yield "a window of two places", _question(rng, 7, 2)
    repeated = _question(rng, 4, 8)
    repeated["history"][1:3] = repeated["history"][0]
    yield "an item that occurs several times", repeated


def _question(rng, n, length):
    n_items = int(rng.integers(1_000, 100_000))
    return {"history": rng.integers(1, n_items, n), "length": length, "n_items": n_items}


@append_mask.mistake(
    "Your window ends with the history; [mask] is missing. Keep length - 1 items and put "
    "n_items + 1 at the last place."
)
def without_mask(history, length, n_items):
    recent = history[-length:]
    return np.concatenate((np.full(length - len(recent), n_items), recent))


@append_mask.mistake(
    "[mask] has taken the place of the last item: the newest is lost. A long history loses its "
    "oldest, the window moves on by one."
)
def newest_overwritten(history, length, n_items):
    recent = history[-length:]
    window = np.concatenate((np.full(length - len(recent), n_items), recent))
    window[-1] = n_items + 1
    return window


@append_mask.mistake("Yours keeps the *first* items of a long history. Keep the last.")
def first_items(history, length, n_items):
    kept = history[: length - 1]
    return np.concatenate((np.full(length - 1 - len(kept), n_items), kept, [n_items + 1]))


@append_mask.mistake("You fill up on the right. Padding comes first, then the items, then [mask].")
def padded_right(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((kept, [n_items + 1], np.full(length - 1 - len(kept), n_items)))


@append_mask.mistake(
    "Your padding stands between the items and [mask]. It comes first, and [mask] follows the last "
    "item."
)
def padded_between(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((kept, np.full(length - 1 - len(kept), n_items), [n_items + 1]))


@append_mask.mistake("You exchanged the two numbers: padding is n_items, [mask] is n_items + 1.")
def numbers_exchanged(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((np.full(length - 1 - len(kept), n_items + 1), kept, [n_items]))


@append_mask.mistake("Your [mask] is n_items, the number of padding. It is n_items + 1.")
def padding_for_mask(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((np.full(length - 1 - len(kept), n_items), kept, [n_items]))


@append_mask.mistake("You fill up with [mask]. Padding has the number n_items.")
def mask_for_padding(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((np.full(length - 1 - len(kept), n_items + 1), kept, [n_items + 1]))


@append_mask.mistake("You fill up with 0, which is an item. Padding has the number n_items.")
def padded_with_zero(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((np.zeros(length - 1 - len(kept), dtype=int), kept, [n_items + 1]))


@append_mask.mistake("[mask] stands at the first place in yours. What comes *next* is at the last.")
def mask_first(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate(([n_items + 1], np.full(length - 1 - len(kept), n_items), kept))


@append_mask.mistake("Your items are turned round: oldest first, newest just before [mask].")
def newest_first(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :][::-1]
    return np.concatenate((np.full(length - 1 - len(kept), n_items), kept, [n_items + 1]))


@append_mask.mistake(
    "With length 1 nothing of the history is kept, and history[-0:] is all of it. Count from the "
    "front: history[max(0, len(history) - kept) :]."
)
def minus_zero(history, length, n_items):
    kept = history[-(length - 1) :]
    window = np.concatenate((np.full(max(0, length - 1 - len(kept)), n_items), kept, [n_items + 1]))
    return window


@append_mask.mistake(
    "With length 1 yours stops: nothing of the history is kept then, and history[-0:] is all of "
    "it. Count from the front: history[max(0, len(history) - kept) :]."
)
def minus_zero_stops(history, length, n_items):
    kept = history[-(length - 1) :]
    return np.concatenate((np.full(length - 1 - len(kept), n_items), kept, [n_items + 1]))


@append_mask.mistake(
    "With a short history your slice begins at a negative place, so it loses the oldest items. "
    "Begin at max(0, len(history) - kept)."
)
def begins_below_zero(history, length, n_items):
    kept = history[len(history) - (length - 1) :]
    return np.concatenate((np.full(length - 1 - len(kept), n_items), kept, [n_items + 1]))


@append_mask.mistake(
    "Your window has one place too many: [mask] is one of the `length` places, so keep length - 1 "
    "items."
)
def too_long(history, length, n_items):
    recent = history[-length:]
    return np.concatenate((np.full(length - len(recent), n_items), recent, [n_items + 1]))


@append_mask.mistake("A short history is not filled up in yours: the window has `length` places.")
def not_padded(history, length, n_items):
    kept = history[max(0, len(history) - length + 1) :]
    return np.concatenate((kept, [n_items + 1]))


@append_mask.alternative
def with_concatenate(history, length, n_items):
    whole = np.concatenate((np.full(length, n_items), history, [n_items + 1]))
    return whole[-length:]


@append_mask.alternative
def with_lists(history, length, n_items):
    whole = [*history.tolist(), n_items + 1][-length:]
    return np.array([n_items] * (length - len(whole)) + whole)


@append_mask.alternative
def with_pad(history, length, n_items):
    extended = np.append(history, n_items + 1).astype(np.int32)
    short = max(0, length - len(extended))
    return np.pad(extended[len(extended) - length + short :], (short, 0), constant_values=n_items)


append_mask.harmless(
    "window[-1 - len(recent) : length - 1] = recent",
    "window[length - 1 - len(recent) : -1] = recent",
    because="the window has `length` places, counted from either end",
)
