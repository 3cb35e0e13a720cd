"""Exercise `bpr_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import entries, three_vectors, with_differences

bpr_loss = Exercise("bpr_loss", points=2, tolerance=1e-5)


@bpr_loss.cases
def _(rng):
    hand = {"u": [[2.0, 1.0]], "i": [[1.0, 1.0]], "j": [[0.0, 3.0]]}
    yield "the worked example", {name: np.array(rows) for name, rows in hand.items()}
    yield "one triple, 3 numbers each", three_vectors(rng, 1, 3)
    yield "2 triples, 5 numbers each", three_vectors(rng, 2, 5)
    yield "6 triples, 4 numbers each", three_vectors(rng, 6, 4)
    drawn = three_vectors(rng, 3, 2)
    drawn["i"] = drawn["j"] + 0.0
    drawn["i"][:, 0] += entries(rng, 3)
    drawn["u"][:, 0] = 0.0
    yield "equal scores", drawn
    ahead = [rng.integers(800, 2000), 0.5, rng.integers(40, 60)]
    yield "positives far ahead", with_differences(rng, 3, rng.permutation(ahead))
    behind = [-rng.integers(800, 2000), -0.5, -rng.integers(40, 60)]
    yield "negatives far ahead", with_differences(rng, 4, rng.permutation(behind))


@bpr_loss.mistake(
    "The loss is right, and every gradient has the wrong sign. Raising the positive's score "
    "lowers the loss, so the derivative by it is negative."
)
def bpr_sign_of_the_gradient(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "The loss is right. The gradient needs sigma(-delta), which is near 1 while the order is "
    "wrong and near 0 once it is right; yours has sigma(delta)."
)
def sigma_of_delta(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, -delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your user's gradient has only the positive film. The user meets both: the derivative of "
    "delta by u is i - j."
)
def user_without_the_negative(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * i, g * u, -g * u


@bpr_loss.mistake(
    "The negative film's gradient has the sign of the positive's. Delta falls as the negative's "
    "score grows: it is minus that."
)
def negative_like_the_positive(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, g * u


@bpr_loss.mistake(
    "Your loss is infinite where the negative is far ahead: exp overflows, or the sigmoid is 0 and "
    "its logarithm infinite. log(1 + exp(-delta)) is np.logaddexp(0, -delta)."
)
def bpr_overflows(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    with np.errstate(all="ignore"):
        loss = np.log(1 + np.exp(-delta)).mean()
        g = (-1 / (1 + np.exp(delta)) / len(u))[:, None]
    return float(loss), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your loss is the sum over the triples. Take the mean, and divide the gradients by their "
    "number too."
)
def bpr_summed(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = -np.exp(-np.logaddexp(0, delta))[:, None]
    return float(np.logaddexp(0, -delta).sum()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your loss is right. The gradients are those of the sum: divide them by the number of triples."
)
def bpr_gradient_of_the_sum(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = -np.exp(-np.logaddexp(0, delta))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Positive and negative are exchanged: your loss is small where the film j, which the user "
    "does not know, is ahead."
)
def films_exchanged(u, i, j):
    delta = ((j - i) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (j - i), -g * u, g * u


@bpr_loss.mistake(
    "Your gradients of i and j are exchanged, or have both the wrong sign. Raising the positive's "
    "score lowers the loss: the slope by delta, which is negative, times u for i, minus that for j."
)
def gradients_of_films_exchanged(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), -g * u, g * u


@bpr_loss.mistake(
    "Your loss is right. Your gradients are divided by the number of entries, u.size. Divide by "
    "the number of triples, len(u)."
)
def bpr_gradient_by_entries(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / u.size)[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "You divided the loss and the gradients by the number of entries, u.size. The mean is over the"
    " triples: divide by len(u)."
)
def bpr_by_entries(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / u.size)[:, None]
    return float(np.logaddexp(0, -delta).sum() / u.size), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your gradients are right. Your loss is the sum over the triples: take their mean."
)
def bpr_loss_summed(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).sum()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your user's gradient has the wrong sign, the films' are right: it is the slope by delta, which"
    " is negative, times i - j."
)
def bpr_user_turned_round(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (j - i), g * u, -g * u


@bpr_loss.mistake(
    "Your loss is right. Your gradients are NaN where the negative is far ahead: exp overflows, and"
    " inf / inf is NaN. Write the slope as -np.exp(-np.logaddexp(0, delta))."
)
def bpr_gradient_overflows(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    with np.errstate(all="ignore"):
        e = np.exp(-delta)
        g = (-e / (1 + e) / len(u))[:, None]
        return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Where the negative is far ahead, exp overflows: your loss is infinite, and your gradients, inf"
    " / inf, are NaN. Use np.logaddexp(0, -delta), and for the slope np.logaddexp(0, delta)."
)
def all_of_bpr_overflows(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    with np.errstate(all="ignore"):
        e = np.exp(-delta)
        g = (-e / (1 + e) / len(u))[:, None]
        return float(np.log(1 + e).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "No triple of yours costs more than 500. A delta of -1000 costs 1000: do not clip it, "
    "np.logaddexp(0, -delta) needs no clipping."
)
def delta_clipped(u, i, j):
    delta = np.clip(((i - j) * u).sum(axis=1), -500, 500)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.refused
def mean_over_numbers(u, i, j):
    delta = ((i - j) * u).mean(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / u.size)[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your delta adds up a whole row of u @ (i - j).T, in which the user meets the films of all "
    "triples. Each triple has its own: (u * (i - j)).sum(axis=1)."
)
def delta_of_all_triples(u, i, j):
    delta = (u @ (i - j).T).sum(axis=1)
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(np.logaddexp(0, -delta).mean()), g * (i - j), g * u, -g * u


@bpr_loss.mistake(
    "Your gradients are right. No triple of yours costs more than 27.6, which is -log(1e-12). A "
    "delta of -1000 costs 1000: np.logaddexp(0, -delta) needs no limit."
)
def a_small_number_in_the_logarithm(u, i, j):
    delta = ((i - j) * u).sum(axis=1)
    sigma = np.exp(-np.logaddexp(0, -delta))
    g = (-np.exp(-np.logaddexp(0, delta)) / len(u))[:, None]
    return float(-np.log(sigma + 1e-12).mean()), g * (i - j), g * u, -g * u


@bpr_loss.alternative
def bpr_triple_by_triple(u, i, j):
    m = len(u)
    loss, du, di, dj = 0.0, np.zeros(u.shape), np.zeros(u.shape), np.zeros(u.shape)
    for n in range(m):
        delta = u[n] @ i[n] - u[n] @ j[n]
        loss += max(0.0, -delta) + np.log1p(np.exp(-abs(delta)))
        e = np.exp(-abs(delta))
        step = -(e if delta > 0 else 1.0) / (1 + e)
        du[n], di[n], dj[n] = step * (i[n] - j[n]), step * u[n], -step * u[n]
    return loss / m, du / m, di / m, dj / m


@bpr_loss.alternative
def bpr_with_torch(u, i, j):
    import torch

    rows = [torch.tensor(x, requires_grad=True) for x in (u, i, j)]
    loss = torch.nn.functional.softplus(-(rows[0] * (rows[1] - rows[2])).sum(1), threshold=800)
    loss.mean().backward()
    return loss.mean().item(), *(x.grad.numpy() for x in rows)


@bpr_loss.alternative
def bpr_in_float32(u, i, j):
    u, i, j = (x.astype(np.float32) for x in (u, i, j))
    delta = (u * (i - j)).sum(axis=1)
    g = -np.exp(-np.logaddexp(np.float32(0), delta))[:, None] / np.float32(len(u))
    return float(np.logaddexp(np.float32(0), -delta).mean()), g * (i - j), g * u, -g * u


bpr_loss.harmless(
    "slope = -np.exp(-np.logaddexp(delta, 0.0))[:, None] / len(u)",
    because="the sum of two exponentials does not depend on their order",
)
bpr_loss.harmless(
    "return float(np.logaddexp(-delta, 0.0).mean()), slope * (i - j), slope * u, -slope * u",
    because="the sum of two exponentials does not depend on their order",
)
