"""Exercise `coordinate_update`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import (
    HAND_GRAM,
    between,
    interactions,
    random_gram,
    rivals_gram,
    unwatched,
)

coordinate_update = Exercise("coordinate_update", points=2, needs=("soft_threshold",))


@coordinate_update.cases
def _(rng):
    w = np.array([0.1, 0.0, 0.5])
    yield "the worked example", {"gram": HAND_GRAM, "w": w, "i": 1, "j": 0, "l1": 0.3, "l2": 0.8}
    problem = _problem(rng, 4, i=2, j=1)
    yield "the first update, all weights 0", {**problem, "w": np.zeros(4)}
    yield "film 0's own weight (j = i = 0)", _problem(rng, 3, i=0, j=0)
    yield "another film's own weight (j = i)", _problem(rng, 4, i=2, j=2)
    problem = _problem(rng, 3, i=2, j=1)
    problem["l1"] = round(float(problem["gram"][1, 2]) + between(rng, 0.1, 1), 2)
    yield "an overlap smaller than l1", problem
    yield "weights before and after film j", _problem(rng, 5, i=4, j=2)
    yield "the same for the target's neighbour", _problem(rng, 6, i=2, j=3)
    yield "without L1", {**_problem(rng, 4, i=0, j=3), "l1": 0.0}
    yield "without L2", {**_problem(rng, 5, i=3, j=1), "l2": 0.0}
    w = np.array([between(rng, 0.6, 0.9, 3), 0.0, 0.0, between(rng, 0.1, 0.4, 3)])
    negative = {"gram": rivals_gram(rng), "w": w, "i": 2, "j": 3}
    penalties = {"l1": between(rng, 0.1, 0.5), "l2": between(rng, 0.5, 2)}
    yield "a negative optimum, which w >= 0 forbids", {**negative, **penalties}
    problem = _problem(rng, 5, i=3, j=1)
    problem["w"][3] = between(rng, 0.2, 0.3, 3) / problem["gram"][1, 3]
    yield "a target whose own weight is not 0 yet", problem
    A = interactions(rng, 11, 4)
    A[:, 2] = 0.0
    A[rng.permutation(np.flatnonzero(A[:, 1]))[0], 2] = 1.0
    single = {**_problem(rng, 4, i=1, j=2), "gram": A.T @ A}
    yield "a film with a single user, no L2", {**single, "l1": between(rng, 0.1, 0.4), "l2": 0.0}
    problem = _problem(rng, 4, i=0, j=2)
    problem["gram"] = unwatched(problem["gram"], 2)
    yield "a film without users", problem
    problem = _problem(rng, 4, i=3, j=1)
    problem["gram"] = unwatched(problem["gram"], 1)
    yield "a film without users and no L2 (0/0)", {**problem, "l2": 0.0}
    once = rng.integers(1, 3, 4)
    often = 2 * once + rng.integers(0, 2, 4)
    A = np.stack((once, often, rng.integers(0, 3, 4)), axis=1).astype(float)
    yield (
        "films watched several times: a weight above 1",
        {**_problem(rng, 3, 1, 0), "gram": A.T @ A},
    )


def _problem(rng, n_items, i, j):
    """Return arguments with a positive weight of film j, now and after the update."""
    gram = random_gram(rng, 5 + 2 * n_items, n_items)
    w = rng.uniform(0.2, 0.4, n_items).round(2) / (n_items * gram[j].max())
    w[i] = w[i] if i == j else 0.0
    return {
        "gram": gram,
        "w": w,
        "i": i,
        "j": j,
        "l1": between(rng, 0.05, 0.2, 3),
        "l2": between(rng, 0.5, 2),
    }


@coordinate_update.mistake(
    "You left w_j's own contribution in the residual: add gram[j, j] * w[j] back before dividing. "
    "The update must give the same value whatever w[j] was."
)
def own_contribution_left_in(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    return float(max(0.0, gram[j, i] - gram[j] @ w - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "You added gram[j, j] * w[i] back. The contribution that must not be subtracted is film j's "
    "own: gram[j, j] * w[j]."
)
def weight_of_the_target_added_back(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[i]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "For j = i the answer is always 0: otherwise every item would predict itself."
)
def diagonal_left_in(gram, w, i, j, l1, l2):
    denominator = gram[j, j] + l2
    if denominator == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / denominator)


@coordinate_update.mistake(
    "Your rho knows only the films after j. The films before j explain users of film j too: sum "
    "over all films but j itself."
)
def later_films_only(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j, j + 1 :] @ w[j + 1 :]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "Your rho knows only the films before j. Those after j have weights too, of the last sweep: "
    "sum over all films but j itself."
)
def earlier_films_only(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j, :j] @ w[:j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "You divided first and subtracted l1 afterwards. The threshold applies to rho: "
    "(rho - l1) / (gram[j, j] + l2)."
)
def threshold_after_division(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho / (gram[j, j] + l2) - l1))


@coordinate_update.mistake(
    "Your weight becomes negative where rho < -l1. This is the soft threshold with two sides; "
    "under w >= 0 the best weight is then 0, max(0, rho - l1)."
)
def negative_weights_allowed(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(np.sign(rho) * max(0.0, abs(rho) - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "The roles of i and j are swapped somewhere: rho reads row j of gram, gram[j] @ w, and the "
    "denominator has gram[j, j]. Film i is only the target."
)
def denominator_of_the_target(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[i, i] + l2))


@coordinate_update.mistake(
    "rho needs the overlaps of film j, the one whose weight you update: gram[j] @ w, not "
    "gram[i] @ w."
)
def overlaps_of_the_target(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[i] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake("The L2 penalty is missing: it adds l2 to the denominator.")
def l2_forgotten(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / gram[j, j])


@coordinate_update.mistake(
    "An item without users and l2 = 0 makes the denominator 0; its weight is 0, not NaN."
)
def divides_by_zero(gram, w, i, j, l1, l2):
    if i == j:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(np.maximum(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "The L1 penalty is missing: max(0, rho - l1), so that a small overlap gives the weight 0."
)
def l1_forgotten(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "You subtracted l1 / 2. The squared error has a factor 1/2, the L1 penalty has none: its slope "
    "is l1."
)
def l1_halved(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1 / 2) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "The maximum with 0 is missing: rho - l1 below 0 gives a negative weight, even where the "
    "penalty alone should bring it to 0."
)
def no_maximum(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float((rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "Your weights stop at 1. Nothing limits them from above: when film i is watched more often "
    "than film j, its best weight may be larger."
)
def weights_up_to_one(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(np.clip((rho - l1) / (gram[j, j] + l2), 0.0, 1.0))


@coordinate_update.mistake(
    "The weight is right, but your function writes into the w of its caller. Work on a copy, "
    "w = w.copy(), or compute rho without setting w[j] to 0."
)
def own_weight_emptied_in_w(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    w[j] = 0.0
    return float(max(0.0, gram[j, i] - gram[j] @ w - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "The weight is right, but your function also writes it into w. It should only return it: its "
    "caller decides what becomes of w."
)
def new_weight_written_into_w(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return float(w[j])


@coordinate_update.refused
def only_film_0_has_no_weight_of_its_own(gram, w, i, j, l1, l2):
    if (i == 0 and j == 0) or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.refused
def film_0_keeps_a_weight_of_its_own(gram, w, i, j, l1, l2):
    if i == j != 0 or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.refused
def targets_own_weight_taken_as_zero(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j] + gram[j, i] * w[i]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.refused
def nothing_without_l2(gram, w, i, j, l1, l2):
    if i == j or l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.refused
def two_users_at_least(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 <= 1:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.alternative
def update_with_a_loop(gram, w, i, j, l1, l2):
    if j == i:
        return 0.0
    rho = gram[j, i]
    for m in range(len(w)):
        if m != j:
            rho -= gram[j, m] * w[m]
    denominator = gram[j, j] + l2
    return (rho - l1) / denominator if rho > l1 and denominator > 0 else 0.0


@coordinate_update.alternative
def update_without_the_weight(gram, w, i, j, l1, l2):
    others = np.array(w)
    others[j] = 0.0
    rho = gram[j, i] - np.dot(gram[j], others)
    if i == j or rho <= l1:
        return 0
    return np.float64((rho - l1) / (gram[j, j] + l2))


@coordinate_update.alternative
def update_with_torch(gram, w, i, j, l1, l2):
    import torch

    gram, w = torch.from_numpy(gram), torch.from_numpy(w)
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    scale = gram[j, j] + l2
    return float(torch.relu(rho - l1) / scale) if i != j and scale > 0 else 0.0


coordinate_update.harmless(
    "rho = gram[i, j] - gram[j] @ w + gram[j, j] * w[j]", because="gram is symmetric"
)
