"""Exercise `pointwise_mse`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import entries

pointwise_mse = Exercise("pointwise_mse", points=1, tolerance=1e-5)


@pointwise_mse.cases
def _(rng):
    yield (
        "the worked example",
        {
            "scores": np.array([[1.0, 3.0], [0.5, 2.0]]),
            "targets": np.array([[1.0, 0.0], [0.0, 5.0]]),
            "weights": np.array([[1.0, 0.5], [2.0, 0.0]]),
        },
    )
    yield "2 users, 3 films, every cell with weight 1", _table(rng, 2, 3)
    drawn = _table(rng, 3, 5)
    drawn["weights"] = rng.integers(2, 30, (3, 5)) / 10
    yield "weights that differ", drawn
    drawn = _table(rng, 4, 3)
    drawn["weights"][rng.permutation(4)[:2], [0, 2]] = 0.0
    yield "two unknown cells", drawn
    drawn = _table(rng, 3, 4)
    drawn["weights"] = rng.integers(2, 30, (3, 4)) / 10
    drawn["weights"][[0, 2], rng.permutation(4)[:2]] = 0.0
    drawn["targets"][drawn["weights"] == 0] = np.nan
    yield "unknown cells whose targets are NaN", drawn
    drawn = _table(rng, 4, 2)
    row, column = rng.integers(4), rng.integers(2)
    drawn["weights"][row, column] = 0.0
    drawn["targets"][row, column] = rng.choice([-np.inf, np.inf])
    yield "an unknown cell whose target is infinite", drawn
    drawn = _table(rng, 2, 3)
    drawn["weights"] = rng.integers(2, 15, (2, 3)) / 100
    yield "weights that sum to less than 1", drawn
    drawn = _table(rng, 5, 2)
    drawn["weights"][rng.integers(5)] = 0.0
    yield "a user of whom nothing is known", drawn
    drawn = _table(rng, 2, 4)
    drawn["weights"] = np.zeros((2, 4))
    yield "nothing known at all", drawn
    drawn = _table(rng, 1, 7)
    drawn["weights"][0, rng.integers(7)] = 0.0
    yield "whole numbers for weights", {**drawn, "weights": drawn["weights"].astype(int)}


def _table(rng, m, n):
    """Return scores, targets of 0 and 1 (both occur) and weights of 1, each (m, n)."""
    targets = (rng.random((m, n)) < 0.5).astype(float)
    targets[0, :2] = rng.permutation([0.0, 1.0])
    return {"scores": entries(rng, m, n), "targets": targets, "weights": np.ones((m, n))}


@pointwise_mse.mistake(
    "You divided by the number of all cells. The mean is a weighted one: divide by the sum of the"
    " weights, in which an unknown cell does not count."
)
def mean_over_all_cells(scores, targets, weights):
    error = np.where(weights > 0, scores - targets, 0.0)
    n = scores.size
    return float((weights * error**2).sum() / n), 2 * weights * error / n


@pointwise_mse.mistake(
    "You divided by the number of known cells. The mean is a weighted one: divide by the sum of "
    "the weights."
)
def mean_over_known_cells(scores, targets, weights):
    error = np.where(weights > 0, scores - targets, 0.0)
    n = max((weights > 0).sum(), 1)
    return float((weights * error**2).sum() / n), 2 * weights * error / n


@pointwise_mse.mistake(
    "0 times NaN is NaN: multiplying by a weight of 0 does not remove what stands in an unknown "
    "cell. Set the errors of these cells to 0 first, with np.where."
)
def nan_times_zero(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = scores - targets
    return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "You divided by a sum of weights that is 0. Where nothing is known, the loss is 0 and so is "
    "every entry of the gradient."
)
def nothing_known_forgotten(scores, targets, weights):
    total = np.float64(weights.sum())
    error = np.where(weights > 0, scores - targets, 0.0)
    with np.errstate(all="ignore"):
        return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake("Your gradient is half of what it should be: the derivative of e² is 2e.")
def gradient_halved(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total), weights * error / total


@pointwise_mse.mistake(
    "Your loss and your gradient are half of what they should be: this mean of squares comes "
    "without a factor ½."
)
def both_halved(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total / 2), weights * error / total


@pointwise_mse.mistake(
    "Your gradient has the wrong sign: where a score is above its target, the derivative by the "
    "score is positive."
)
def gradient_turned_round(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total), -2 * weights * error / total


@pointwise_mse.mistake(
    "Your loss is the weighted sum. Divide it by the sum of the weights, and the gradient too."
)
def summed(scores, targets, weights):
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum()), 2 * weights * error


@pointwise_mse.mistake(
    "Your loss is right. The gradient is that of the sum: the loss was divided by the sum of the "
    "weights, so its derivative is too."
)
def gradient_of_the_sum(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total), 2 * weights * error


@pointwise_mse.mistake(
    "The weight stands inside of your square, so it counts twice: w (s - y)², not (w (s - y))²."
)
def weights_squared(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = weights * np.where(weights > 0, scores - targets, 0.0)
    return float((error**2).sum() / total), 2 * error * weights / total


@pointwise_mse.mistake(
    "You counted every known cell alike. A cell counts as much as its weight says."
)
def weights_as_a_mask(scores, targets, weights):
    known = weights > 0
    n = known.sum()
    if n == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(known, scores - targets, 0.0)
    return float((error**2).sum() / n), 2 * error / n


@pointwise_mse.mistake(
    "You took a mean for every user and then the mean of these. All cells go into one weighted "
    "mean, whoever they belong to."
)
def mean_of_means(scores, targets, weights):
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    error = np.where(weights > 0, scores - targets, 0.0)
    loss = ((weights * error**2).sum(axis=1, keepdims=True) / total).mean()
    return float(loss), 2 * weights * error / total / len(scores)


@pointwise_mse.mistake(
    "Your gradient is right. In your loss the weight stands inside the square, so it counts "
    "twice: w (s - y)², not (w (s - y))²."
)
def weights_squared_in_the_loss(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float(((weights * error) ** 2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "Your loss is NaN twice: where an unknown target is NaN, because 0 times NaN is NaN (set these"
    " errors to 0 first, with np.where), and where all weights are 0 (return 0 and zeros)."
)
def nan_and_nothing_known(scores, targets, weights):
    total = np.float64(weights.sum())
    error = scores - targets
    with np.errstate(all="ignore"):
        return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "Your loss is right. Your gradient is NaN in the unknown cells whose target is NaN: 0 times "
    "NaN is NaN. Set their errors to 0 before you multiply, with np.where."
)
def nan_in_the_gradient(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = scores - targets
    return float(np.nansum(weights * error**2) / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "Where the weights sum to less than 1, you divide by 1. Divide by their sum, however small: "
    "only a sum of 0 is special."
)
def divided_by_one_at_least(scores, targets, weights):
    error = np.where(weights > 0, scores - targets, 0.0)
    total = max(weights.sum(), 1)
    return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "An infinite target in an unknown cell reaches your loss and your gradient: they are NaN. NaN "
    "is not the only thing that may stand there: ask the weights, np.where(weights > 0, ..., 0.0)."
)
def unknown_where_nan(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(np.isnan(targets), 0.0, scores - targets)
    return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "An infinite target in an unknown cell makes your loss NaN. np.nan_to_num, for one, turns it "
    "into a number whose square is infinite: ask the weights, np.where(weights > 0, ..., 0.0)."
)
def nan_to_a_number(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.nan_to_num(scores - targets)
    with np.errstate(all="ignore"):
        return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.mistake(
    "Your loss is right. Your gradient lacks the weights: a cell's slope is 2 w (s - y), divided by"
    " the sum of the weights."
)
def gradient_without_weights(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total), 2 * error / total


@pointwise_mse.mistake(
    "Your loss is right. Your gradient is divided by the number of all cells: the loss was divided "
    "by the sum of the weights, so its derivative is too."
)
def gradient_by_cells(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total), 2 * weights * error / scores.size


@pointwise_mse.mistake(
    "Your gradient is right. In your loss the squared errors are added up without their weights."
)
def loss_without_weights(scores, targets, weights):
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.refused
def unknown_cells_taken_as_zero(scores, targets, weights):
    targets = np.where(weights > 0, targets, 0.0)
    weights = np.where(weights > 0, weights, 1.0)
    error = scores - targets
    total = weights.sum()
    return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.refused
def targets_written_into(scores, targets, weights):
    targets[weights == 0] = scores[weights == 0]
    total = max(weights.sum(), 1e-300)
    error = scores - targets
    return float((weights * error**2).sum() / total), 2 * weights * error / total


@pointwise_mse.alternative
def mse_cell_by_cell(scores, targets, weights):
    loss, total, gradient = 0.0, 0.0, np.zeros(scores.shape)
    for cell in np.ndindex(scores.shape):
        if weights[cell] > 0:
            loss += weights[cell] * (scores[cell] - targets[cell]) ** 2
            gradient[cell] = 2 * weights[cell] * (scores[cell] - targets[cell])
            total += weights[cell]
    return (loss / total, gradient / total) if total else (0.0, gradient)


@pointwise_mse.alternative
def mse_with_torch(scores, targets, weights):
    import torch

    s = torch.tensor(scores, requires_grad=True)
    known = torch.tensor(weights > 0)
    w = torch.tensor(weights, dtype=torch.float64)
    error = torch.where(known, s - torch.nan_to_num(torch.tensor(targets)), 0.0)
    loss = (w * error**2).sum() / w.sum().clamp_min(1e-12)
    loss.backward()
    return loss.item(), s.grad.numpy()


@pointwise_mse.alternative
def mse_in_float32(scores, targets, weights):
    scores, targets, weights = (x.astype(np.float32) for x in (scores, targets, weights))
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape, dtype=np.float32)
    error = np.where(weights > 0, scores - targets, np.float32(0))
    return float((weights * error**2).sum() / total), 2 * weights * error / total


for filler in ("1.0", "-1.0"):
    pointwise_mse.harmless(
        f"error = np.where(weights > 0, scores - targets, {filler})",
        because="the error of an unknown cell is multiplied by its weight, 0",
    )
