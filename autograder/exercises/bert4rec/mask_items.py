"""Exercise `mask_items`: cases, mistakes, alternatives."""

import numpy as np
import torch

from autograder.exercises import Exercise
from autograder.exercises.bert4rec.drawing import padded_histories

mask_items = Exercise("mask_items", points=3)


@mask_items.cases
def _(rng):
    worked = {
        "items": torch.tensor([[5, 3, 0], [4, 1, 2], [1, 0, 4]]),
        "n_items": 5,
        "rate": 0.3,
        "last_only": 0.2,
        "lots": torch.tensor([[0.2, 0.1, 0.7], [0.6, 0.4, 0.8], [0.1, 0.5, 0.9]]),
        "row_lots": torch.tensor([0.6, 0.9, 0.1]),
    }
    yield "the worked example", worked
    yield "no padding, some hidden in every row", _some(rng, 3, 7, [7, 7, 7], n_items=6)
    yield "padding", _some(rng, 4, 6, [6, 2, 4, 3], n_items=9)
    small = _some(rng, 3, 6, [3, 2, 4], n_items=7)
    small["lots"] = torch.where(small["items"] == 7, 0.3 * small["lots"], small["lots"])
    yield "small lots at padded places", small
    yield "one row where no lot is below the rate", _none_in(rng, [1], [5, 4, 5], n_items=8)
    yield "the first and the last row without any", _none_in(rng, [0, 3], [3, 5, 5, 4], n_items=11)
    short = _none_in(rng, [0, 2], [1, 4, 2], n_items=5)
    yield "without any, and one or two real places", short
    alone = _some(rng, 4, 5, [5, 3, 5, 4], n_items=6)
    alone["row_lots"] = 0.25 + 0.7 * torch.as_tensor(rng.random(4))
    alone["row_lots"][rng.permutation(4)[:2]] *= 0.2
    yield "two of four rows with the last place alone", {**alone, "last_only": 0.2}
    both = _none_in(rng, [1], [6, 6, 6], n_items=10)
    both["row_lots"] = torch.as_tensor([0.9, 0.1, 0.1]) + 0.05 * torch.as_tensor(rng.random(3))
    yield "a row without any that has its last place alone", {**both, "last_only": 0.3}
    border, rate = _some(rng, 3, 5, [5, 5, 4], n_items=7), int(rng.integers(3, 6)) / 8
    border["row_lots"] = 0.7 + 0.3 * torch.as_tensor(rng.random(3))
    border["row_lots"][0] = border["lots"][1, 3] = rate
    border["lots"][[0, 1], [1, 0]] *= 0.1  # row 0 has more hidden than its last place
    border |= {"rate": rate, "last_only": rate}
    yield "lots and row lots exactly at their limits", border
    yield (
        "rate 0: the smallest lot of each row",
        {**_some(rng, 5, 4, [4, 2, 3, 1, 4], 6), "rate": 0.0},
    )


def _some(rng, n, length, lengths, n_items):
    """Return a case where each row has a real lot below the rate, and none its last place alone."""
    items = padded_histories(rng, n_items, lengths, length)
    lots = torch.as_tensor(rng.random((n, length)))
    for row, count in enumerate(lengths):
        lots[row, length - 1 - rng.integers(0, count)] *= 0.2
    row_lots = torch.as_tensor(0.4 + 0.6 * rng.random(n))
    made = {"items": items, "n_items": n_items, "rate": 0.3, "last_only": 0.2}
    return made | {"lots": lots, "row_lots": row_lots}


def _none_in(rng, rows, lengths, n_items):
    """Return such a case where the real lots of some rows are all above the rate.

    The smallest of them is not at the last place if there is another, and padded places have
    smaller ones.
    """
    length = max(lengths) + 1
    drawn = _some(rng, len(lengths), length, lengths, n_items)
    for row in rows:
        lots = 0.4 + 0.6 * torch.as_tensor(rng.random(length))
        lots[-1] = 0.6 + 0.3 * rng.random()
        others = length - 1 - rng.permutation(np.arange(1, lengths[row]))
        for place, low in zip(others, (0.31, 0.95), strict=False):  # the smallest, the largest
            lots[place] = low + 0.05 * rng.random()
        padded = drawn["items"][row] == n_items
        drawn["lots"][row] = torch.where(padded, 0.25 * lots, lots)
    return drawn


@mask_items.mistake(
    "Padded places are hidden in yours: there is no item to predict. Hide real places only."
)
def padding_hidden(items, n_items, rate, last_only, lots, row_lots):
    hidden = lots < rate
    none = ~hidden.any(dim=1)
    hidden[none, lots.argmin(dim=1)[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "A row whose lots are all at least the rate has nothing hidden in yours (rule 2): it would "
    "teach nothing. Hide its real place with the smallest lot."
)
def sometimes_nothing(items, n_items, rate, last_only, lots, row_lots):
    hidden = (lots < rate) & (items != n_items)
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "In a row where no lot is below the rate you hide the last place. Rule 2 asks for the real "
    "place with the smallest lot."
)
def last_instead_of_smallest(items, n_items, rate, last_only, lots, row_lots):
    hidden = (lots < rate) & (items != n_items)
    hidden[~hidden.any(dim=1), -1] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "Rule 2 is asked of the whole batch in yours: as soon as one row has something hidden, the "
    "others may have nothing. Ask it of each row, any(dim=1)."
)
def any_of_the_batch(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    if not hidden.any():
        smallest = torch.where(real, lots, 2.0).argmin(dim=1)
        hidden[torch.arange(len(items)), smallest] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "You look for the smallest lot of a row among the padded places too. Take them out first: "
    "torch.where(real, lots, 2.0)."
)
def smallest_of_all_places(items, n_items, rate, last_only, lots, row_lots):
    hidden = (lots < rate) & (items != n_items)
    none = ~hidden.any(dim=1)
    hidden[none, lots.argmin(dim=1)[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "In a row where no lot is below the rate you hide the place with the largest lot. Rule 2 asks "
    "for the smallest."
)
def largest_lot_hidden(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    largest = torch.where(real, lots, -1.0).argmax(dim=1)
    hidden[none, largest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "A row drawn for rule 3 has other places hidden beside the last in yours. Show everything "
    "first, then hide the last place."
)
def last_hidden_as_well(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    hidden[row_lots < last_only, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "Rule 3 is missing: a row whose row lot is below last_only has its last place hidden and no "
    "other."
)
def never_the_last_alone(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "Every row has its last place hidden alone in yours. Rule 3 is for rows whose row lot is below "
    "last_only."
)
def always_the_last_alone(items, n_items, rate, last_only, lots, row_lots):
    hidden = torch.zeros_like(items, dtype=torch.bool)
    hidden[:, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "Rule 3 is turned round in yours: the last place alone is for rows whose row lot is *below* "
    "last_only."
)
def rule_three_turned_round(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots >= last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "Rule 1 is turned round in yours: a place is hidden if its lot is *below* rate."
)
def rate_turned_round(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots >= rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake("A lot equal to the rate hides in yours. Only a lot below it does.")
def lots_at_the_rate(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots <= rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake("A row lot equal to last_only counts in yours. Only one below it does.")
def row_lots_at_the_limit(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots <= last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake(
    "Hidden places carry the number n_items, which is padding: attention would not read them. "
    "[mask] is n_items + 1."
)
def padding_for_mask(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items, items), hidden


@mask_items.mistake("Your pair is the other way round: (shown, hidden), the items first.")
def exchanged(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return hidden, torch.where(hidden, n_items + 1, items)


@mask_items.mistake("Your `hidden` is True where items are shown. It says which places are hidden.")
def shown_for_hidden(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), ~hidden


@mask_items.mistake(
    "hidden[:, ...] hides the place of one row in all rows. Each row without any has its own: "
    "hidden[none, smallest[none]]."
)
def smallest_in_all_rows(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[:, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.mistake("You changed `items`: the loss needs what was hidden. Work on a copy.")
def in_place(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = (lots < rate) & real
    none = ~hidden.any(dim=1)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[none, smallest[none]] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    items[hidden] = n_items + 1
    return items, hidden


@mask_items.refused
def one_place_at_most(items, n_items, rate, last_only, lots, row_lots):
    real = items != n_items
    hidden = torch.zeros_like(real)
    smallest = torch.where(real, lots, 2.0).argmin(dim=1)
    hidden[torch.arange(len(items)), smallest] = True
    alone = row_lots < last_only
    hidden[alone] = False
    hidden[alone, -1] = True
    return torch.where(hidden, n_items + 1, items), hidden


@mask_items.alternative
def by_loop(items, n_items, rate, last_only, lots, row_lots):
    shown, hidden = items.clone(), torch.zeros(items.shape, dtype=torch.bool)
    for row in range(items.shape[0]):
        real = [place for place, item in enumerate(items[row].tolist()) if item != n_items]
        chosen = [place for place in real if lots[row, place] < rate]
        chosen = chosen or [min(real, key=lambda place: lots[row, place])]
        if row_lots[row] < last_only:
            chosen = [items.shape[1] - 1]
        for place in chosen:
            shown[row, place], hidden[row, place] = n_items + 1, True
    return shown, hidden


@mask_items.alternative
def with_smallest_lots(items, n_items, rate, last_only, lots, row_lots):
    lots = torch.where(items == n_items, torch.inf, lots)
    smallest = lots.min(dim=1, keepdim=True).values
    by_rules = (lots < rate) | ((lots == smallest) & (smallest >= rate))
    last = torch.arange(items.shape[1]) == items.shape[1] - 1
    hidden = torch.where((row_lots < last_only)[:, None], last, by_rules)
    return items.masked_fill(hidden, n_items + 1), hidden


@mask_items.alternative
def with_numpy(items, n_items, rate, last_only, lots, row_lots):
    import numpy as np

    real, drawn = items.numpy() != n_items, lots.numpy()
    hidden = (drawn < rate) & real
    rows = np.flatnonzero(~hidden.any(axis=1))
    hidden[rows, np.where(real, drawn, 9.0)[rows].argmin(axis=1)] = True
    alone = row_lots.numpy() < last_only
    hidden[alone, :-1], hidden[alone, -1] = False, True
    shown = np.where(hidden, n_items + 1, items.numpy())
    return torch.from_numpy(shown), torch.from_numpy(hidden)


mask_items.harmless(
    "none = ~hidden.all(dim=1)",
    because="where a row has something hidden, its smallest real lot is below the rate already",
)
mask_items.harmless(
    "smallest = torch.where(real, lots, 3.0).argmin(dim=1)",
    "smallest = torch.where(real, lots, 1.0).argmin(dim=1)",
    because="lots are below 1",
)
mask_items.harmless(
    "hidden[none, smallest[none]] += True",
    "hidden[alone, -1] += True",
    because="of booleans + is or",
)
