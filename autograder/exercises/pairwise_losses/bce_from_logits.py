"""Exercise `bce_from_logits`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import entries

bce_from_logits = Exercise("bce_from_logits", points=2, tolerance=1e-5)


@bce_from_logits.cases
def _(rng):
    yield "the worked example", {"logits": np.array([0.0, 0.0]), "targets": np.array([1.0, 0.0])}
    yield "5 logits, all targets 1", {"logits": entries(rng, 5), "targets": np.ones(5)}
    yield "4 logits, all targets 0", {"logits": entries(rng, 4), "targets": np.zeros(4)}
    targets = rng.permutation([0.0, 1.0, 0.0])
    yield "targets of both kinds", {"logits": 2 * entries(rng, 3), "targets": targets}
    targets = rng.permutation([0.0, 1.0, 0.0, 1.0, 0.0, 0.0]).reshape(2, 3)
    yield "shape (2, 3)", {"logits": entries(rng, 2, 3), "targets": targets}
    logits = rng.integers(800, 3000, 2) + rng.integers(1, 9, 2) / 8
    yield "logits above 800, targets 1 and 0", {"logits": logits, "targets": np.array([1.0, 0.0])}
    logits = -rng.integers(800, 3000, 2) - rng.integers(1, 9, 2) / 8
    yield "logits below -800, targets 1 and 0", {"logits": logits, "targets": np.array([1.0, 0.0])}
    logits = np.array([rng.integers(800, 2000), -rng.integers(800, 2000), rng.integers(-3, 3)])
    targets, order = np.array([0.0, *rng.permutation([0.0, 1.0])]), rng.permutation(3)
    logits, targets = logits[order], targets[order]
    yield "whole numbers, large and small", {"logits": logits, "targets": targets}
    targets = rng.permutation([*rng.uniform(0.1, 0.4, 2), *rng.uniform(0.6, 0.9, 2)])
    yield "targets between 0 and 1", {"logits": entries(rng, 4), "targets": targets}


@bce_from_logits.mistake(
    "The sigmoid of a large negative logit is 0, and the logarithm of 0 is infinite. Never go "
    "through the probability: log(1 + exp(z)) - y z needs only the logit."
)
def through_the_sigmoid(logits, targets):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-logits))
        loss = -(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    return float(loss.mean()), (p - targets) / logits.size


@bce_from_logits.mistake(
    "exp of a large logit is infinite, so log(1 + exp(z)) is too. Take the larger of 0 and z out "
    "of the logarithm, or let np.logaddexp(0, z) do it."
)
def softplus_overflows(logits, targets):
    with np.errstate(all="ignore"):
        loss = np.log1p(np.exp(logits)) - targets * logits
        p = 1 / (1 + np.exp(-logits))
    return float(loss.mean()), (p - targets) / logits.size


@bce_from_logits.mistake(
    "Your loss is right. Your gradient is NaN where exp overflows: exp(z) / (1 + exp(z)) is inf /"
    " inf. Compute the sigmoid from exp(-|z|), or as exp(-np.logaddexp(0, -z))."
)
def gradient_overflows(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    with np.errstate(all="ignore"):
        e = np.exp(logits.astype(float))
        p = e / (1 + e)
    return float(loss.mean()), (p - targets) / logits.size


@bce_from_logits.mistake(
    "You clipped the probabilities. A logit of -1000 with target 1 costs 1000, and yours costs "
    "what the clipping allows: compute the loss from the logit instead."
)
def probabilities_clipped(logits, targets):
    with np.errstate(all="ignore"):
        p = np.clip(1 / (1 + np.exp(-logits)), 1e-12, 1 - 1e-12)
    loss = -(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    return float(loss.mean()), (p - targets) / logits.size


@bce_from_logits.mistake(
    "Your loss is the sum over the logits. Take the mean, and divide the gradient by their number"
    " as well."
)
def bce_summed(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.sum()), np.exp(-np.logaddexp(0, -logits)) - targets


@bce_from_logits.mistake(
    "Your loss is right. The gradient is that of the sum: the loss is a mean, so its derivative "
    "is divided by the number of logits."
)
def bce_gradient_of_the_sum(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.mean()), np.exp(-np.logaddexp(0, -logits)) - targets


@bce_from_logits.mistake("Your gradient has the wrong sign: it is the sigmoid minus the target.")
def bce_gradient_turned_round(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.mean()), (targets - np.exp(-np.logaddexp(0, -logits))) / logits.size


@bce_from_logits.mistake(
    "Targets 1 and 0 are exchanged: with target 1 the loss falls as the logit grows."
)
def targets_exchanged(logits, targets):
    loss = np.logaddexp(0, logits) - (1 - targets) * logits
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - (1 - targets)) / logits.size


@bce_from_logits.mistake(
    "Your gradient has a factor p (1 - p) too much. It belongs to the squared error of a "
    "probability; here it cancels against the derivative of the logarithm."
)
def derivative_of_the_sigmoid_left_in(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    p = np.exp(-np.logaddexp(0, -logits))
    return float(loss.mean()), (p - targets) * p * (1 - p) / logits.size


@bce_from_logits.mistake(
    "Your loss has only the term of the positives. A target of 0 costs too: -log(1 - p)."
)
def positives_only(logits, targets):
    loss = targets * np.logaddexp(0, -logits)
    return float(loss.mean()), targets * (np.exp(-np.logaddexp(0, -logits)) - 1) / logits.size


@bce_from_logits.mistake(
    "You divided by the number of rows. The mean goes over all logits, whatever their shape."
)
def mean_over_rows(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.sum() / len(loss)), (np.exp(-np.logaddexp(0, -logits)) - targets) / len(loss)


@bce_from_logits.mistake(
    "Your loss is right. Your gradient is divided by the number of rows: divide it by the number "
    "of all logits, whatever their shape."
)
def gradient_by_rows(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - targets) / len(logits)


@bce_from_logits.mistake(
    "No logit of yours costs more than 500. A logit of -1000 with target 1 costs 1000: do not clip"
    " the logits, np.logaddexp(0, z) needs no clipping."
)
def logits_clipped_at_500(logits, targets):
    z = np.clip(logits, -500, 500)
    loss = np.logaddexp(0, z) - targets * z
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -z)) - targets) / logits.size


@bce_from_logits.mistake(
    "No logit of yours costs more than 100. A logit of -1000 with target 1 costs 1000: do not clip"
    " the logits, np.logaddexp(0, z) needs no clipping, nor a limit to the logarithm."
)
def logits_clipped_at_100(logits, targets):
    z = np.clip(logits, -100, 100)
    loss = np.logaddexp(0, z) - targets * z
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -z)) - targets) / logits.size


@bce_from_logits.mistake(
    "Your loss is negative for large logits with target 1: log(1 + exp(z)) stops growing at 500, "
    "and y z does not. Do not clip: np.logaddexp(0, z) needs none."
)
def softplus_of_clipped_logits(logits, targets):
    z = np.clip(logits, -500, 500)
    loss = np.log1p(np.exp(z)) - targets * logits
    return float(loss.mean()), (1 / (1 + np.exp(-z)) - targets) / logits.size


@bce_from_logits.mistake(
    "With whole numbers for logits, your gradient holds whole numbers: its fractions are cut off. "
    "Give it a type of its own: np.zeros(logits.shape), not np.zeros_like(logits)."
)
def gradient_in_whole_numbers(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    gradient = np.zeros_like(logits)
    gradient[...] = (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size
    return float(loss.mean()), gradient


@bce_from_logits.mistake(
    "With whole numbers for logits, your loss and your gradient are cut to whole numbers on the "
    "way. Give both arrays a type of their own: np.zeros(logits.shape), not np.zeros_like(logits)."
)
def everything_in_whole_numbers(logits, targets):
    loss, gradient = np.zeros_like(logits), np.zeros_like(logits)
    loss[...] = np.logaddexp(0, logits) - targets * logits
    gradient[...] = (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size
    return float(loss.mean()), gradient


@bce_from_logits.mistake(
    "With whole numbers for logits, your sigmoid is cut to 0 or 1. Give its array a type of its "
    "own: np.empty(logits.shape), not np.empty_like(logits)."
)
def sigmoid_in_whole_numbers(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    p = np.empty_like(logits)
    p[...] = np.exp(-np.logaddexp(0, -logits))
    return float(loss.mean()), (p - targets) / logits.size


@bce_from_logits.mistake(
    "A target between 0 and 1 counts like a 0 in your result. It weighs both terms: y times that "
    "of a positive, 1 - y times that of a negative."
)
def only_ones_are_positive(logits, targets):
    y = (targets == 1) * 1.0
    loss = np.where(targets == 1, np.logaddexp(0, -logits), np.logaddexp(0, logits))
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - y) / logits.size


@bce_from_logits.mistake(
    "Your gradient is right. In your loss a target between 0 and 1 counts like a 0. It weighs both "
    "terms: y times that of a positive, 1 - y times that of a negative."
)
def only_ones_are_positive_in_the_loss(logits, targets):
    loss = np.where(targets == 1, np.logaddexp(0, -logits), np.logaddexp(0, logits))
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size


@bce_from_logits.mistake(
    "A target between 0 and 1 counts like a 1 in your result. It weighs both terms: y times that "
    "of a positive, 1 - y times that of a negative."
)
def above_zero_is_positive(logits, targets):
    y = (targets > 0) * 1.0
    loss = np.where(targets > 0, np.logaddexp(0, -logits), np.logaddexp(0, logits))
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - y) / logits.size


@bce_from_logits.mistake(
    "Your targets are rounded to 0 or 1. A target between them weighs both terms: y times that of "
    "a positive, 1 - y times that of a negative."
)
def targets_cut_to_zero_and_one(logits, targets):
    targets = (targets > 0.5).astype(float)
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size


@bce_from_logits.mistake(
    "Your gradient is right. Your loss is the sum over the logits: take their mean."
)
def bce_loss_summed(logits, targets):
    loss = np.logaddexp(0, logits) - targets * logits
    return float(loss.sum()), (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size


@bce_from_logits.mistake(
    "Your gradient is right. Your loss is log(1 + exp(z)) whatever the target: subtract y z."
)
def targets_left_out_of_the_loss(logits, targets):
    loss = np.logaddexp(0, logits)
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size


@bce_from_logits.mistake(
    "Your gradient is right. Your loss mixes two forms: it is log(1 + exp(z)) - y z, with exp(z), "
    "or log(1 + exp(-z)) + (1 - y) z."
)
def softplus_of_minus_z(logits, targets):
    loss = np.logaddexp(0, -logits) - targets * logits
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size


@bce_from_logits.refused
def logarithms_to_base_two(logits, targets):
    loss = (np.logaddexp(0, logits) - targets * logits) / np.log(2)
    return float(loss.mean()), (np.exp(-np.logaddexp(0, -logits)) - targets) / logits.size


@bce_from_logits.alternative
def bce_by_cases(logits, targets):
    decay = np.exp(-np.abs(logits))
    loss = np.maximum(logits, 0) - logits * targets + np.log1p(decay)
    p = np.where(logits >= 0, 1.0, decay) / (1 + decay)
    return float(loss.mean()), (p - targets) / logits.size


@bce_from_logits.alternative
def bce_with_torch(logits, targets):
    import torch

    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(targets))
    loss.backward()
    return loss.item(), z.grad.numpy()


@bce_from_logits.alternative
def bce_with_scipy(logits, targets):
    from scipy import special

    log_p, log_rest = special.log_expit(logits), special.log_expit(-logits)
    loss = -(targets * log_p + (1 - targets) * log_rest)
    return float(loss.mean()), (special.expit(logits) - targets) / logits.size


@bce_from_logits.alternative
def bce_in_float32(logits, targets):
    logits, targets = logits.astype(np.float32), targets.astype(np.float32)
    loss = np.logaddexp(np.float32(0), logits) - targets * logits
    p = np.exp(-np.logaddexp(np.float32(0), -logits))
    return float(loss.mean()), (p - targets) / np.float32(logits.size)


bce_from_logits.harmless(
    "losses = np.logaddexp(logits, 0.0) - targets * logits",
    because="the sum of two exponentials does not depend on their order",
)
bce_from_logits.harmless(
    "probability = np.exp(-np.logaddexp(-logits, 0.0))",
    because="the sum of two exponentials does not depend on their order",
)
