"""Exercise `design_row`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

design_row = Exercise("design_row", points=2)


def history(rng, n_users, n_items, n_rated, own, last, sign=1):
    """Return arguments: n_rated films in no order, the film itself (own) among them or not.

    last: -1, or None for some film but film 0. sign: of the time, which has three decimals.
    """
    item = int(rng.integers(1, n_items))
    others = rng.permutation(np.setdiff1d(np.arange(n_items), item))
    rated = np.append(others[: n_rated - own], [item] * own).astype(int)
    while n_rated > 1 and (np.diff(rated) > 0).all():
        rated = rng.permutation(rated)
    return {
        "user": int(rng.integers(n_users)), "item": item, "rated": rated,
        "time": float(sign * (10 * rng.integers(101, 9_999) + 5) / 1_000),
        "last": int(others[others > 0][0]) if last is None else last,
        "n_users": n_users, "n_items": n_items,
    }  # fmt: skip


@design_row.cases
def _(rng):
    hand = {"user": 1, "item": 0, "rated": np.array([2, 0, 1]), "time": 1.5, "last": 2}
    yield "the worked example", {**hand, "n_users": 2, "n_items": 3}
    for label, n_users, n_items, n_rated, own, last in (
        ("a film that is not among the rated ones", 3, 4, 2, False, None),
        ("the last film is film 0", 2, 4, 3, True, 0),
        ("no other films", 2, 5, 0, False, None),
        ("no last film", 3, 5, 3, True, -1),
        ("the user's first rating: no other films, no last one", 3, 4, 0, False, -1),
        ("only the film itself is known", 2, 4, 1, True, None),
        ("a single other film is known", 4, 6, 1, False, None),
        ("the film itself and one other are known", 4, 6, 2, True, None),
        ("5 users, 7 films, all of them rated", 5, 7, 7, True, None),
    ):
        yield label, history(rng, n_users, n_items, n_rated, own, last)
    yield "a negative time", history(rng, 3, 5, 3, True, None, sign=-1)


@design_row.mistake(
    "A single other film gets lost. One is enough to fill the block, and it counts 1: the block is "
    "zero only when no other film is left."
)
def single_other_film_ignored(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 1:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "You fill the block only when two films are rated, as if the film itself were always one of "
    "them. It need not be: leave it out first, then ask how many are left."
)
def two_rated_films_needed(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    if len(rated) > 1:
        others = rated[rated != item]
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "The film itself is still among the other films. Leave it out before you divide: a row must "
    "look the same whether or not this rating is known."
)
def film_itself_left_in(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    if len(rated) > 0:
        x[n_users + n_items + rated] = 1 / len(rated)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "The other films count 1 each. They share a total of 1: with m of them each counts 1/m, or "
    "people with many ratings would get huge rows."
)
def others_not_normalised(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    x[n_users + n_items + rated[rated != item]] = 1.0
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "You left the film itself out, but still divide by the number of all rated films. Count the "
    "others only, so that their entries add up to 1."
)
def divided_by_all(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    if len(rated) > 0:
        x[n_users + n_items + rated[rated != item]] = 1 / len(rated)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "last = -1 means that there was no film before. Your row has a 1 nevertheless, one place "
    "before the block of last films: skip that block when last is negative."
)
def minus_one_taken_as_a_film(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "last = -1 means that there was no film before. x[-1] is the last entry of the row, and "
    "blocks[-1] the last of a block: skip the block when last is negative."
)
def minus_one_counted_from_the_end(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    x[n_users + 2 * n_items + 1 :][last] = 1.0
    return x


@design_row.mistake(
    "Film 0 is a film too: only last = -1 means that there was none. Ask for last >= 0."
)
def film_zero_taken_as_none(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last > 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "The others are scaled to length 1 (1/sqrt(m) each). In the figure they add up to 1: 1/m each."
)
def others_of_length_one(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / np.sqrt(len(others))
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "The time stands at the end of your row and the last film before it. The order of the blocks "
    "is user, film, others, time, last."
)
def time_at_the_end(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[-1] = time
    if last >= 0:
        x[n_users + 2 * n_items + last] = 1.0
    return x


@design_row.mistake(
    "With no other film left you divide by 0. The block is then zero: fill it only if len(others) "
    "> 0."
)
def empty_block_divided(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "You divide by one less than the number of rated films, as if the film itself were always one "
    "of them. Count what is left after leaving it out: len(others)."
)
def one_less_than_rated(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = np.float64(1) / (len(rated) - 1)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "`np.delete(rated, item)` takes out the entry at place `item`, not the film `item`. Keep the "
    "films that differ from it: rated[rated != item]."
)
def place_deleted(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = np.delete(rated, item) if item in rated else rated
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.mistake(
    "Your block of last films begins one place too early, on the time. After the time's own column "
    "it begins at n_users + 2 * n_items + 1."
)
def last_block_on_the_time(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + last] = 1.0
    return x


@design_row.alternative
def row_from_blocks(user, item, rated, time, last, n_users, n_items):
    users, items, others, before = (np.zeros(n) for n in (n_users, n_items, n_items, n_items))
    users[user], items[item] = 1, 1
    others[rated] = 1.0
    others[item] = 0.0
    others /= max(1.0, others.sum())
    if last >= 0:
        before[last] = 1
    return np.concatenate((users, items, others, [time], before))


@design_row.alternative
def row_with_a_loop(user, item, rated, time, last, n_users, n_items):
    rest = [film for film in rated if film != item]
    x = [0.0] * (n_users + n_items * 3 + 1)
    x[user] = x[n_users + item] = 1.0
    for film in rest:
        x[n_users + n_items + film] += 1.0 / len(rest)
    x[n_users + 2 * n_items] = time
    if last != -1:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return np.array(x)


@design_row.refused
def not_a_number_for_no_others(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = np.isin(np.arange(n_items), rated[rated != item])
    x[n_users + n_items : n_users + 2 * n_items] = others / others.sum()
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def no_last_film_without_others(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    x[n_users + 2 * n_items] = time
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
        if last >= 0:
            x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def no_others_without_last_film(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    x[n_users + 2 * n_items] = time
    if last >= 0:
        if len(others) > 0:
            x[n_users + n_items + others] = 1 / len(others)
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def last_asked_for_by_the_others(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    x[n_users + 2 * n_items] = time
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    if len(others) > 0 or last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def rated_sorted_in_place(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    rated.sort()
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def film_found_by_halving(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    place = np.searchsorted(rated, item)
    found = place < len(rated) and rated[place] == item
    others = np.delete(rated, place) if found else rated
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def film_zero_left_out(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[(rated != item) & (rated > 0)]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def time_with_two_decimals(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = round(time, 2)
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


@design_row.refused
def no_time_before_zero(user, item, rated, time, last, n_users, n_items):
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = max(0.0, time)
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x


design_row.harmless(
    "x[user] += 1.0",
    "x[n_users + item] += 1.0",
    "x[n_users + n_items + others] += 1 / len(others)",
    "x[n_users + 2 * n_items] += time",
    "x[n_users + 2 * n_items + 1 + last] += 1.0",
    because="each entry of a row of zeros is set once",
)
