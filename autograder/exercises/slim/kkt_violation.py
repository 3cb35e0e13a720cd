"""Exercise `kkt_violation`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import (
    HAND_GRAM,
    HAND_W,
    pair_optimum,
    random_gram,
    random_weights,
)

kkt_violation = Exercise("kkt_violation", points=3, tolerance=1e-7)


@kkt_violation.cases
def _(rng):
    zeros = np.zeros((3, 3))
    yield "the worked example, W = 0", {"gram": HAND_GRAM, "W": zeros, "l1": 0.5, "l2": 1.0}
    yield "3 items, some weights", {"gram": HAND_GRAM, "W": HAND_W, "l1": 0.5, "l2": 1.0}
    yield "W = 0 is optimal", {"gram": HAND_GRAM, "W": zeros, "l1": 50.0, "l2": 1.0}
    gram = random_gram(rng, 31, 6)
    W = random_weights(rng, 6)
    yield "6 items, random weights", {"gram": gram, "W": W / 3, "l1": 0.4, "l2": 2.5}
    yield "6 items, weights near zero", {"gram": gram, "W": W / 100, "l1": 3.0, "l2": 40.0}
    optimum = np.array([[0.0, 1.25, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]])
    block = np.array([[2.0, 3.0, 0.0], [3.0, 5.0, 0.0], [0.0, 0.0, 7.0]])
    yield "an exact optimum", {"gram": block, "W": optimum, "l1": 0.5, "l2": 0.0}
    for label, place, change in (
        ("an optimum, but W[0, 2] is too small", (0, 2), -0.5),
        ("an optimum, but W[2, 0] is too small", (2, 0), -0.5),
        ("an optimum, but W[0, 2] is too large", (0, 2), 0.5),
        ("an optimum, but W[2, 0] is too large", (2, 0), 0.5),
    ):
        gram, W = pair_optimum(rng, l1=2.5, l2=900.0)
        W[place] *= 1 + change
        yield label, {"gram": gram, "W": W, "l1": 2.5, "l2": 900.0}


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
