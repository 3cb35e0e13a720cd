"""Exercise `kkt_violation`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import (
    HAND_GRAM,
    between,
    pair_optimum,
    random_gram,
    random_weights,
)

kkt_violation = Exercise("kkt_violation", points=3, tolerance=1e-7)


@kkt_violation.cases
def _(rng):
    W = np.array([[0.0, 0.25, 0.0], [0.25, 0.0, 0.0], [0.0, 1.0, 0.0]])
    yield "the worked example", {"gram": HAND_GRAM, "W": W, "l1": 0.5, "l2": 2.0}
    gram, zeros = random_gram(rng, 11, 3), np.zeros((3, 3))
    yield "W = 0", {"gram": gram, "W": zeros, "l1": between(rng, 0.1, 0.5, 4), "l2": 1.0}
    gram, l1 = random_gram(rng, 12, 3), between(rng, 20, 60, 3)
    yield "W = 0 is optimal", {"gram": gram, "W": zeros, "l1": l1, "l2": between(rng, 0.5, 2)}
    gram, W = random_gram(rng, 10, 4), random_weights(rng, 4).round(2)
    penalties = {"l1": between(rng, 0.3, 0.6), "l2": between(rng, 1, 3)}
    yield "4 films, some weights", {"gram": gram, "W": W, **penalties}
    gram, W = random_gram(rng, 31, 6), random_weights(rng, 6)
    yield "6 films, random weights", {"gram": gram, "W": W / 3, **penalties}
    gram, W = random_gram(rng, 31, 6), random_weights(rng, 6)
    yield "6 films, weights near zero", {"gram": gram, "W": W / 100, "l1": 3.0, "l2": 40.0}
    l1, l2 = between(rng, 0.2, 0.9, 3), between(rng, 0.1, 3, 3)
    gram, W = pair_optimum(rng, l1, l2)
    yield "an exact optimum", {"gram": gram, "W": W, "l1": l1, "l2": l2}
    for label, place, change in (
        ("an optimum, but W[0, 2] is too small", (0, 2), -0.5),
        ("an optimum, but W[2, 0] is too small", (2, 0), -0.5),
        ("an optimum, but W[0, 2] is too large", (0, 2), 0.5),
        ("an optimum, but W[2, 0] is too large", (2, 0), 0.5),
    ):
        l1, l2 = between(rng, 2.2, 2.8, 3), between(rng, 600, 1200)
        gram, W = pair_optimum(rng, l1, l2)
        W[place] *= 1 + change
        yield label, {"gram": gram, "W": W, "l1": l1, "l2": l2}


@kkt_violation.mistake(
    "A zero weight may have a positive gradient: following it would make the weight negative, "
    "which is forbidden. Count only the negative part there."
)
def absolute_gradient_everywhere(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.abs(gradient).max())


@kkt_violation.mistake("The diagonal is fixed at 0 and has no condition: leave it out.")
def diagonal_counted(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake("The gradient lacks the L1 penalty: for w >= 0 it adds l1.")
def gradient_without_l1(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake(
    "l1 * np.sign(W) is 0 where W is 0, but a zero weight can only grow, and then the penalty has "
    "slope l1: add l1 everywhere."
)
def gradient_with_sign(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1 * np.sign(W)
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake(
    "Where W > 0 the slope must be 0, so both signs count: take its absolute value there."
)
def negative_part_only(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.maximum(0.0, -gradient).max())


@kkt_violation.mistake(
    "You forgot the absolute value where W > 0. A weight that is too small has a negative slope, "
    "and that violates the condition just as much."
)
def absolute_value_forgotten(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0, gradient, np.maximum(0.0, -gradient))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.mistake("The gradient lacks the L2 penalty: it adds l2 * W.")
def gradient_without_l2(gram, W, l1, l2):
    gradient = gram @ W - gram + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake(
    "You looked only at the positive weights. A zero weight with a negative gradient should grow: "
    "that is a violation too."
)
def zero_weights_ignored(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), 0.0).max())


@kkt_violation.mistake(
    "You added the violations up. Return the largest one: how far is the worst weight from where "
    "it wants to be?"
)
def sum_of_the_violations(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.sum())


@kkt_violation.mistake(
    "You took the mean of the violations. One bad weight would hide among many good ones: return "
    "the largest."
)
def mean_violation(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.mean())


@kkt_violation.mistake(
    "You multiplied W @ gram. Column i of W belongs to film i, and its slope is gram @ W[:, i]: "
    "the product is gram @ W."
)
def product_the_wrong_way_round(gram, W, l1, l2):
    slope = W @ gram - gram + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.mistake(
    "Where W is 0 you count positive slopes. There the loss can only fall when the weight grows, "
    "that is, when the slope is negative: max(0, -slope)."
)
def wrong_sign_at_zero(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.mistake(
    "The term -gram is missing in your slope: it is what pulls the weights away from 0."
)
def gram_forgotten(gram, W, l1, l2):
    slope = gram @ W + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.mistake(
    "You subtracted l1. The penalty l1 * |w| pulls towards 0, so for w >= 0 it adds l1 to the "
    "slope."
)
def l1_subtracted(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W - l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.refused
def condition_transposed(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W.T > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.refused
def larger_than_a_hundredth(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0.01, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.refused
def lower_half_only(gram, W, l1, l2):
    slope = gram @ W - gram + l2 * W + l1
    violation = np.tril(np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope)))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.refused
def slope_written_into_gram(gram, W, l1, l2):
    product = gram @ W
    np.subtract(product + l2 * W + l1, gram, out=gram)
    violation = np.where(W > 0, np.abs(gram), np.maximum(0.0, -gram))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.refused
def gram_without_diagonal(gram, W, l1, l2):
    np.fill_diagonal(gram, 0.0)
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())


@kkt_violation.alternative
def violation_with_loops(gram, W, l1, l2):
    worst = 0.0
    for i in range(len(gram)):
        for j in range(len(gram)):
            if i == j:
                continue
            gradient = gram[j] @ W[:, i] - gram[j, i] + l2 * W[j, i] + l1
            worst = max(worst, abs(gradient) if W[j, i] > 0 else -gradient)
    return float(worst)


@kkt_violation.alternative
def violation_as_projected_step(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    blocked = (W == 0) & (gradient > 0)
    off_diagonal = ~np.eye(len(W), dtype=bool)
    return float(np.abs(np.where(blocked, 0.0, gradient))[off_diagonal].max())


kkt_violation.harmless("slope = gram.mT @ W - gram + l2 * W + l1", because="gram is symmetric")
kkt_violation.harmless(
    "violation = np.where(W > 0, np.abs(slope), -slope)",
    "violation = np.where(W > 0, np.abs(slope), np.maximum(-1.0, -slope))",
    because="the zeros on the diagonal keep the largest violation from being negative",
)
kkt_violation.harmless(
    "np.fill_diagonal(violation, -1.0)", because="no violation off the diagonal is negative"
)
