"""Exercise `coordinate_update`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import HAND_GRAM, random_gram, random_weights

coordinate_update = Exercise("coordinate_update", points=2, needs=("soft_threshold",))


@coordinate_update.cases
def _(rng):
    hand = {"gram": HAND_GRAM, "w": np.array([0.5, 0.0, 0.25])}
    yield "the worked example", {**hand, "i": 1, "j": 0, "l1": 1.0, "l2": 2.0}
    yield "the item's own weight (j = i)", {**hand, "i": 0, "j": 0, "l1": 0.1, "l2": 1.0}
    yield (
        "a weight that the penalty brings to zero",
        {**hand, "i": 1, "j": 2, "l1": 5.0, "l2": 1.0},
    )
    gram = np.array([[4.0, 3.0, 0.0], [3.0, 5.0, 4.0], [0.0, 4.0, 6.0]])
    yield (
        "films of different popularity",
        {"gram": gram, "w": np.array([0.25, 0.0, 0.0]), "i": 1, "j": 2, "l1": 1.0, "l2": 2.0},
    )
    w = np.array([0.0, 0.9, 0.4])
    yield (
        "a negative optimum, which w >= 0 forbids",
        {"gram": gram, "w": w, "i": 2, "j": 0, "l1": 0.2, "l2": 0.0},
    )
    gram, w = random_gram(rng, 17, 6), random_weights(rng, 6)[:, 3] / 20
    w[1] = 0.2
    yield "a random 6-item problem", {"gram": gram, "w": w, "i": 3, "j": 1, "l1": 0.05, "l2": 1.5}
    yield "the same without L2", {"gram": gram, "w": w, "i": 3, "j": 1, "l1": 0.05, "l2": 0.0}
    gram = random_gram(rng, 19, 5)
    w = np.array([0.3, 0.0, 0.1, 0.2, 0.0]) * gram[2, 4] / gram[2]
    between = {"gram": gram, "w": w, "i": 4, "j": 2, "l1": 0.1, "l2": 0.5}
    yield "weights before and after film j", between
    gram = np.array([[4.0, 2.0, 1.0], [2.0, 3.0, 1.0], [1.0, 1.0, 1.0]])
    single = {"gram": gram, "w": np.array([0.25, 0.0, 0.0]), "i": 1, "j": 2}
    yield "a film with a single user, no L2", {**single, "l1": 0.5, "l2": 0.0}
    empty = HAND_GRAM.copy()
    empty[2, :] = empty[:, 2] = 0.0
    yield (
        "an item without users and no L2 (0/0)",
        {"gram": empty, "w": np.zeros(3), "i": 0, "j": 2, "l1": 0.0, "l2": 0.0},
    )


@coordinate_update.mistake(
    "You left w_j's own contribution in the residual: add gram[j, j] * w[j] back before dividing. "
    "The update must give the same value whatever w[j] was."
)
def own_contribution_left_in(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    return float(max(0.0, gram[j, i] - gram[j] @ w - l1) / (gram[j, j] + l2))


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
    "Your weight can become negative. Under w >= 0 the minimum of the parabola is at 0 when its "
    "vertex is negative."
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
