"""Exercise `design_row`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

design_row = Exercise("design_row", points=2)


@design_row.cases
def _(rng):
    hand = {"user": 1, "item": 0, "rated": np.array([0, 1, 2]), "time": 1.5, "last": 2}
    yield "the worked example", {**hand, "n_users": 2, "n_items": 3}
    other = {**hand, "item": 1, "rated": np.array([0, 2]), "last": 0}
    yield "a film that is not among the rated ones", {**other, "n_users": 2, "n_items": 3}
    first = {**hand, "rated": np.array([], dtype=int), "time": 0.0, "last": -1}
    yield "the user's first rating: no other films, no last one", {
        **first, "n_users": 3, "n_items": 4,
    }  # fmt: skip
    only = {**hand, "rated": np.array([0]), "last": -1}
    yield "only the film itself is known", {**only, "n_users": 2, "n_items": 4}
    films = rng.permutation(6)
    one = {"user": 2, "item": int(films[0]), "rated": films[1:2], "time": 0.5}
    yield "a single other film is known", {**one, "last": int(films[2]), "n_users": 4, "n_items": 6}
    two = {**one, "rated": np.sort(films[:2]), "last": int(films[1])}
    yield "the film itself and one other are known", {**two, "n_users": 4, "n_items": 6}
    films = rng.permutation(7)
    drawn = {"user": int(rng.integers(5)), "item": int(films[1]), "rated": np.sort(films[:5])}
    drawn |= {"time": int(rng.integers(100, 999)) / 10, "last": int(films[3])}
    yield "5 users, 7 films, random", {**drawn, "n_users": 5, "n_items": 7}


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
