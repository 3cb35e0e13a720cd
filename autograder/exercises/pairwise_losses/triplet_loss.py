"""Exercise `triplet_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import entries, three_vectors, with_differences

triplet_loss = Exercise("triplet_loss", points=2, tolerance=1e-5)


@triplet_loss.cases
def _(rng):
    hand = {
        "u": [[2.0, 1.0], [1.0, 0.0]],
        "i": [[1.0, 1.0], [3.0, 0.0]],
        "j": [[0.0, 2.0], [1.0, 5.0]],
    }
    hand = {name: np.array(rows) for name, rows in hand.items()}
    yield "the worked example", {**hand, "margin": 1.5}
    margin = rng.integers(5, 15) / 10
    inside = with_differences(rng, 3, [margin / 2, margin / 4])
    yield "both triples inside the margin", {**inside, "margin": margin}
    margin = rng.integers(5, 15) / 10
    outside = with_differences(rng, 5, margin + rng.integers(1, 9, 4) / 4)
    yield "every margin holds", {**outside, "margin": margin}
    margin = rng.integers(5, 15) / 10
    wrong = with_differences(rng, 4, -rng.integers(1, 9, 3) / 4)
    yield "the negative ahead", {**wrong, "margin": margin}
    margin = rng.integers(2, 8) / 4
    edge = with_differences(rng, 3, rng.permutation([margin, margin / 2, 2 * margin, -margin]))
    yield "one difference exactly the margin", {**edge, "margin": margin}
    margin = rng.integers(2, 8) / 4
    edge = with_differences(rng, 2, [margin, margin, margin])
    yield "all differences exactly the margin", {**edge, "margin": margin}
    drawn = with_differences(rng, 3, rng.permutation([0.25, -0.75, 1.25]))
    yield "margin 0", {**drawn, "margin": 0.0}
    drawn = three_vectors(rng, 7, 2)
    yield "7 triples", {**drawn, "margin": rng.integers(10, 30) / 10}
    drawn = {name: entries(rng, 3, 4) for name in ("u", "i", "j")}
    yield "a margin above every difference", {**drawn, "margin": float(rng.integers(50, 90))}


@triplet_loss.mistake(
    "Your gradient does not vanish where the margin holds. There the loss is 0, and stays 0 if "
    "the vectors move a little: no force."
)
def gradient_everywhere(u, i, j, margin):
    loss = np.maximum(0, margin - ((i - j) * u).sum(axis=1))
    m = len(u)
    return float(loss.mean()), (j - i) / m, -u / m, u / m


@triplet_loss.mistake(
    "Where the lead is exactly the margin, the loss is 0: no gradient there. Compare with >"
    " and not with >=."
)
def gradient_on_the_margin(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss >= 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Positive and negative are exchanged: your loss wants the negative's score to be the larger "
    "one."
)
def triplet_exchanged(u, i, j, margin):
    loss = margin - ((j - i) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (i - j), on * u, -on * u


@triplet_loss.mistake(
    "You used squared distances. In this lecture R is a dot product, and more is better: m - u·i "
    "+ u·j."
)
def squared_distances(u, i, j, margin):
    loss = margin + ((u - i) ** 2).sum(axis=1) - ((u - j) ** 2).sum(axis=1)
    on = 2 * (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (j - i), on * (i - u), on * (u - j)


@triplet_loss.mistake(
    "The margin is missing from your loss: a difference of scores that is positive is not enough,"
    " it has to reach the margin."
)
def margin_forgotten(u, i, j, margin):
    loss = -((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Nothing limits your loss below: where the margin holds it is 0, not negative."
)
def never_zero(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    m = len(u)
    return float(loss.mean()), (j - i) / m, -u / m, u / m


@triplet_loss.mistake(
    "You took the mean before cutting at 0. Cut every triple's loss first: a triple far beyond the "
    "margin must not pay for another one."
)
def mean_before_the_maximum(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(max(0.0, loss.mean())), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your loss and gradients are divided by the number of triples that violate the margin. Divide"
    " by the number of all triples."
)
def mean_over_violations(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    n = max((loss > 0).sum(), 1)
    on = (loss > 0)[:, None] / n
    return float(np.maximum(0, loss).sum() / n), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Every gradient has the wrong sign: raising the positive's score lowers the loss, so the "
    "derivative by i is -u, divided by the number of triples."
)
def triplet_signs(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (i - j), on * u, -on * u


@triplet_loss.mistake(
    "Your user's gradient has only one of the two films. The user meets both: it is j - i where "
    "the margin is violated."
)
def user_meets_one_film(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), -on * i, -on * u, on * u


@triplet_loss.mistake(
    "Your loss is right. Your gradients are those of the sum: divide them by the number of triples."
)
def triplet_gradient_of_the_sum(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = 1.0 * (loss > 0)[:, None]
    return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your loss is the sum over the triples. Take the mean, and divide the gradients by their "
    "number too."
)
def triplet_summed(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = 1.0 * (loss > 0)[:, None]
    return float(np.maximum(0, loss).sum()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your gradients are right. Your loss is the sum over the triples: take their mean."
)
def triplet_loss_summed(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).sum()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "You took the mean over the triples that violate the margin, and where none does it is NaN. "
    "Divide by the number of all triples."
)
def mean_over_no_violation(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    n = np.float64((loss > 0).sum())
    with np.errstate(all="ignore"):
        on = (loss > 0)[:, None] / n
        return float(np.maximum(0, loss).sum() / n), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your gradients are right. Your loss is divided by the number of triples that violate the "
    "margin: divide it by the number of all triples."
)
def loss_over_violations(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    mean = np.maximum(0, loss).sum() / max((loss > 0).sum(), 1)
    return float(mean), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your loss is right. Your gradients are divided by the number of triples that violate the "
    "margin: divide them by the number of all triples."
)
def gradient_over_violations(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / max((loss > 0).sum(), 1)
    return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "You squared what is missing to the margin. This loss grows in a straight line: max(0, m - u·i"
    " + u·j), and its gradient does not depend on how much is missing."
)
def squared_hinge(u, i, j, margin):
    loss = np.maximum(0, margin - ((i - j) * u).sum(axis=1))
    on = 2 * loss[:, None] / len(u)
    return float((loss**2).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your gradients are right. Your loss squares what is missing to the margin: it is max(0, m - "
    "u·i + u·j), not its square."
)
def squared_in_the_loss(u, i, j, margin):
    loss = np.maximum(0, margin - ((i - j) * u).sum(axis=1))
    on = (loss > 0)[:, None] / len(u)
    return float((loss**2).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your margin has the wrong sign: a positive may lie behind by it at no cost. It has to be "
    "ahead by it: max(0, m - u·i + u·j)."
)
def margin_subtracted(u, i, j, margin):
    loss = -margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your user's gradient has the wrong sign, the films' are right: the derivative of m - u·i + u·j"
    " by u is j - i."
)
def triplet_user_turned_round(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (i - j), -on * u, on * u


@triplet_loss.mistake(
    "Your gradients of i and j are exchanged, or have both the wrong sign: where the margin is "
    "violated, the derivative of m - u·i + u·j by i is -u, and by j it is u."
)
def triplet_films_exchanged(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(np.maximum(0, loss).mean()), on * (j - i), on * u, -on * u


@triplet_loss.mistake(
    "Your gradients are multiplied by what is missing to the margin. The loss is linear where it is"
    " positive: its slope does not depend on how much is missing."
)
def multiplied_by_what_is_missing(u, i, j, margin):
    loss = np.maximum(0, margin - ((i - j) * u).sum(axis=1))
    on = loss[:, None] / len(u)
    return float(loss.mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your loss is right. Your gradients are divided by the number of entries, u.size. Divide by the"
    " number of triples, len(u)."
)
def triplet_gradient_by_entries(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / u.size
    return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your gradients are right. Your loss is the mean of what is missing, not cut at 0: a triple "
    "beyond the margin costs 0, and must not pay for another one."
)
def loss_never_cut(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    on = (loss > 0)[:, None] / len(u)
    return float(loss.mean()), on * (j - i), -on * u, on * u


@triplet_loss.mistake(
    "Your loss is right. Your gradients are divided by the number of triples that violate the "
    "margin, and where none does they are NaN: divide them by the number of all triples."
)
def gradient_over_no_violation(u, i, j, margin):
    loss = margin - ((i - j) * u).sum(axis=1)
    with np.errstate(all="ignore"):
        on = (loss > 0)[:, None] / np.float64((loss > 0).sum())
        return float(np.maximum(0, loss).mean()), on * (j - i), -on * u, on * u


@triplet_loss.alternative
def triplet_by_triplet(u, i, j, margin):
    loss, du, di, dj = 0.0, np.zeros(u.shape), np.zeros(u.shape), np.zeros(u.shape)
    for n in range(len(u)):
        missing = margin - (u[n] * (i[n] - j[n])).sum()
        if missing > 0:
            loss += missing
            du[n], di[n], dj[n] = j[n] - i[n], -u[n], u[n]
    return loss / len(u), du / len(u), di / len(u), dj / len(u)


@triplet_loss.alternative
def triplet_with_torch(u, i, j, margin):
    import torch

    rows = [torch.tensor(x, requires_grad=True) for x in (u, i, j)]
    loss = torch.relu(margin - (rows[0] * (rows[1] - rows[2])).sum(1)).mean()
    loss.backward()
    return loss.item(), *(x.grad.numpy() for x in rows)


@triplet_loss.alternative
def triplet_in_float32(u, i, j, margin):
    u, i, j = (x.astype(np.float32) for x in (u, i, j))
    missing = np.float32(margin) - (u * (i - j)).sum(axis=1)
    on = (missing > 0).astype(np.float32)[:, None] / np.float32(len(u))
    return float(np.maximum(missing, 0).mean()), on * (j - i), -on * u, on * u
