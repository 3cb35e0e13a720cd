"""Exercise `user_tower`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import signed, some_true

user_tower = Exercise("user_tower", points=3, tolerance=1e-5)  # float32 passes


@user_tower.cases
def _(rng):
    worked = {
        "watched": np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]),
        "targets": np.array([0, -1]),
        "features": np.array([[0.0], [1.0]]),
        "E": np.array([[2.0, 0.0], [4.0, 6.0], [8.0, 9.0]]),
        "F": np.array([[10.0, 20.0]]),
    }
    yield "the worked example", worked
    serving = _drawn(rng, 3, 7, 4, 2, 5)
    serving["targets"][:] = -1
    yield "nothing to take out: all targets are -1", serving
    yield "4 users, 6 films, each with a target among the watched", _drawn(rng, 4, 6, 3, 2, 5)
    mixed = _drawn(rng, 5, 8, 4, 3, 2)
    mixed["targets"][[1, 4]] = -1
    yield "targets and -1 in one batch", mixed
    last = _drawn(rng, 2, 5, 3, 4, 6)
    last["watched"][:, -1], last["watched"][:, 0] = 1.0, 0.0
    last["targets"][:] = -1
    yield "the last film is watched, and nothing is to be taken out", last
    single = _drawn(rng, 3, 6, 2, 4, 5)
    single["watched"][1] = 0.0
    single["watched"][1, single["targets"][1]] = 1.0
    yield "a history that is the target and nothing else", single
    empty = _drawn(rng, 4, 5, 2, 3, 7)
    empty["watched"][2], empty["targets"][2] = 0.0, -1
    yield "a user without a history", empty
    other = _drawn(rng, 3, 7, 3, 2, 4)
    other["targets"][1] = np.flatnonzero(other["watched"][1] == 0)[0]
    yield "a target that the user has not watched", other
    same = _drawn(rng, 4, 6, 4, 2, 3)
    same["watched"][1] = same["watched"][0]
    same["targets"][0], same["targets"][1] = np.flatnonzero(same["watched"][0])[:2]
    yield "one user twice, with two different targets", same
    plain = _drawn(rng, 3, 5, 2, 1, 4)
    plain["features"][:] = 0.0
    yield "features of 0", plain


def _drawn(rng, n, n_items, n_watched, n_features, d):
    watched = some_true(rng, n, n_items, n_watched).astype(float)
    return {
        "watched": watched,
        "targets": np.array([rng.choice(np.flatnonzero(row)) for row in watched]),
        "features": signed(rng, n, n_features),
        "E": signed(rng, n_items, d),
        "F": signed(rng, n_features, d),
    }


@user_tower.mistake(
    "The target is still in the mean. At training the vector would be rewarded for containing the "
    "answer, which it does not know later: take the target out of the sum and of the count."
)
def target_left_in(watched, targets, features, E, F):
    counts = np.maximum(watched.sum(axis=1, keepdims=True), 1)
    return features @ F + watched @ E / counts


@user_tower.mistake(
    "You took the target out of the sum but still divide by the length of the whole history. It is "
    "one film shorter."
)
def count_with_the_target(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / np.maximum(watched.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "A history that is empty, or empty without its target, gives 0/0. Its mean is 0: divide by at "
    "least 1."
)
def empty_mean(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    with np.errstate(invalid="ignore"):
        return features @ F + rest @ E / rest.sum(axis=1, keepdims=True)


@user_tower.mistake(
    "-1 means that there is no target, but as an index it is the last film: yours takes that out. "
    "Treat only targets >= 0."
)
def minus_one_is_the_last_film(watched, targets, features, E, F):
    rest = watched.copy()
    rest[np.arange(len(rest)), targets] = 0
    return features @ F + rest @ E / np.maximum(rest.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "You subtracted the target's embedding although this user has not watched it. Set its entry of "
    "`watched` to 0 instead: then a film that is not there changes nothing."
)
def subtracted_anyway(watched, targets, features, E, F):
    has = (targets >= 0)[:, None]
    total = watched @ E - np.where(has, E[targets], 0)
    counts = watched.sum(axis=1, keepdims=True) - has
    return features @ F + total / np.maximum(counts, 1)


@user_tower.mistake(
    "You count one film less wherever there is a target. A target that the user has not watched "
    "takes nothing out, so nothing may go from the count either: sum the copy's rows."
)
def counted_out_anyway(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    counts = watched.sum(axis=1, keepdims=True) - (targets >= 0)[:, None]
    return features @ F + rest @ E / np.maximum(counts, 1)


@user_tower.mistake(
    "Film 0 is a target like any other: yours leaves it in. Only -1 means none, so test >= 0."
)
def film_0_left_in(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets > 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / np.maximum(rest.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "That is the sum of the history. Divide by the number of its films, or long histories get "
    "long vectors."
)
def sum_of_the_history(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E


@user_tower.mistake(
    "You divided by the number of all films. The mean goes over the watched ones only."
)
def mean_over_all_films(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / watched.shape[1]


@user_tower.mistake(
    "You count one film less in every row. Where the target is -1, or has not been watched, "
    "nothing is taken out: sum the rows of the copy."
)
def one_less_in_every_row(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    counts = watched.sum(axis=1, keepdims=True) - 1
    return features @ F + rest @ E / np.maximum(counts, 1)


@user_tower.mistake(
    "You divided by the square root of the number of films. That keeps a part of the history's "
    "length; the mean divides by the number itself."
)
def divided_by_the_root(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / np.sqrt(np.maximum(rest.sum(axis=1, keepdims=True), 1))


@user_tower.mistake(
    "The counts, (n,), lie along the embedding in yours, so that its numbers are divided by counts "
    "of different users. Make them one a row, (n, 1): sum(axis=1, keepdims=True)."
)
def counts_along_the_embedding(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / np.maximum(rest.sum(axis=1), 1)


@user_tower.mistake(
    "You divided every row by one number, the films of all rows together. Each user has a count of "
    "their own: sum(axis=1, keepdims=True)."
)
def one_count_for_all(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / max(rest.sum(), 1)


@user_tower.mistake(
    "Where nothing is left of the history, your whole vector is 0. Only the mean is: the features "
    "still speak."
)
def features_lost_with_the_history(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(features @ F + rest @ E / rest.sum(axis=1, keepdims=True))


@user_tower.mistake(
    "You set the targets' embeddings to 0, for every row, and they still count. A target is taken "
    "out of its own row only: set its entry in a copy of `watched` to 0."
)
def embeddings_of_targets_zeroed(watched, targets, features, E, F):
    left = E.copy()
    left[targets[targets >= 0]] = 0
    return features @ F + watched @ left / np.maximum(watched.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "Your targets are taken out of the first rows, not of their own: with the -1 dropped, the "
    "targets move up. Pair them with the numbers of the rows that have one."
)
def targets_moved_up(watched, targets, features, E, F):
    rest = watched.copy()
    found = targets[targets >= 0]
    rest[np.arange(len(found)), found] = 0
    return features @ F + rest @ E / np.maximum(rest.sum(axis=1, keepdims=True), 1)


@user_tower.mistake("The features are missing: add features @ F.")
def features_missing(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return rest @ E / np.maximum(rest.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "Your `watched` has changed after the call: the targets are gone from it for good. Work on a "
    "copy."
)
def taken_out_for_good(watched, targets, features, E, F):
    rows = np.flatnonzero(targets >= 0)
    watched[rows, targets[rows]] = 0
    return features @ F + watched @ E / np.maximum(watched.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "You took the targets of all rows out of every row: `watched[:, targets]` means all rows. Each "
    "row has its own target: pair row numbers with targets."
)
def every_target_from_every_row(watched, targets, features, E, F):
    rest = watched.copy()
    rest[:, targets[targets >= 0]] = 0
    return features @ F + rest @ E / np.maximum(rest.sum(axis=1, keepdims=True), 1)


@user_tower.mistake(
    "The features are inside your mean: add features @ F after dividing by the length of the "
    "history."
)
def features_in_the_mean(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return (features @ F + rest @ E) / np.maximum(rest.sum(axis=1, keepdims=True), 1)


@user_tower.refused
def divided_by_one_more(watched, targets, features, E, F):
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    return features @ F + rest @ E / (rest.sum(axis=1, keepdims=True) + 1)


@user_tower.alternative
def tower_user_by_user(watched, targets, features, E, F):
    vectors = []
    for row, target, own in zip(watched, targets, features, strict=True):
        films = [film for film in np.flatnonzero(row) if film != target]
        mean = E[films].mean(axis=0) if films else np.zeros(E.shape[1])
        vectors.append(F.T @ own + mean)
    return np.array(vectors)


@user_tower.alternative
def tower_by_subtraction(watched, targets, features, E, F):
    rows = np.arange(len(watched))
    out = np.where(targets >= 0, watched[rows, targets], 0.0)[:, None]
    total = watched @ E - out * E[targets]
    return features @ F + total / np.maximum(watched.sum(axis=1, keepdims=True) - out, 1)


@user_tower.alternative
def tower_in_single_precision(watched, targets, features, E, F):
    import torch

    rest = torch.from_numpy(watched).float()
    rest[torch.arange(len(rest))[targets >= 0], targets[targets >= 0]] = 0
    mean = rest @ torch.from_numpy(E).float() / rest.sum(dim=1, keepdim=True).clamp_min(1)
    return features @ F + mean.numpy()


@user_tower.alternative
def tower_by_mask(watched, targets, features, E, F):
    is_target = np.arange(watched.shape[1]) == targets[:, None]
    rest = watched * ~is_target
    weights = rest / np.maximum(rest.sum(axis=1, keepdims=True), 1)
    return np.einsum("ui,id->ud", weights, E) + np.einsum("uf,fd->ud", features, F)


user_tower.harmless(
    "rows = targets >= 0", because="booleans choose the same rows as their indices do"
)
