"""Exercise `contrastive_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import entries

contrastive_loss = Exercise("contrastive_loss", points=2, tolerance=1e-5)


@contrastive_loss.cases
def _(rng):
    x, y = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 4.0]])
    yield "the worked example", {"x": x, "y": y, "similar": np.array([True, False]), "margin": 6.0}
    yield "similar pairs only", _pairs(rng, rng.uniform(0.5, 3, 3), [True] * 3, 2, 1.5)
    dissimilar = [False] * 4
    yield "dissimilar pairs, too near", _pairs(rng, rng.uniform(0.3, 0.9, 4), dissimilar, 3, 1.2)
    margin = rng.integers(10, 20) / 10
    far = margin + rng.uniform(0.2, 2, 2)
    yield "dissimilar pairs beyond the margin", _pairs(rng, far, [False] * 2, 5, margin)
    similar = rng.permutation([True, False, True, False, False])
    distances = rng.permutation([0.4, 0.8, 1.2, 1.9, 3.0]) * rng.uniform(0.9, 1.1)
    yield "pairs of both kinds", _pairs(rng, distances, similar, 4, rng.integers(20, 26) / 10)
    drawn = _pairs(rng, rng.uniform(0.5, 1, 3), [True, False, False], 2, rng.integers(15, 25) / 10)
    drawn["y"][1] = drawn["x"][1]
    yield "a dissimilar pair in the same place", drawn
    drawn = _pairs(rng, rng.uniform(0.5, 1, 2), [True, True], 3, rng.integers(15, 25) / 10)
    drawn["y"][rng.integers(2)] = drawn["x"][0] = drawn["x"][1] = entries(rng, 3)
    yield "similar pairs, one in the same place", drawn
    similar = np.array([1, 0, 1])
    drawn = _pairs(rng, rng.uniform(0.5, 1.5, 3), similar, 6, rng.integers(20, 26) / 10)
    yield "similar given as 0 and 1", drawn


def _pairs(rng, distances, similar, d, margin):
    """Return pairs of vectors with about these distances."""
    x = entries(rng, len(similar), d)
    directions = entries(rng, len(similar), d)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    y = x + np.asarray(distances)[:, None] * directions
    return {"x": x, "y": y, "similar": np.asarray(similar), "margin": margin}


@contrastive_loss.mistake(
    "Your margin is on the squared distance: max(0, m - d²). It is the distance that has to reach"
    " the margin, and what is missing is squared: max(0, m - d)²."
)
def margin_on_the_square(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    square = (difference**2).sum(axis=1)
    loss = np.where(similar, square, np.maximum(0, margin - square)) / 2
    pull = np.where(similar, 1.0, -1.0 * (square < margin))[:, None] * difference / len(x)
    return float(loss.mean()), pull, -pull


@contrastive_loss.mistake(
    "A dissimilar pair is pulled together in your gradient. Where it is too near, it is pushed "
    "apart: minus (m - d) times the direction from y to x."
)
def dissimilar_attracted(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    pull = np.where(similar, 1.0, missing / np.where(d > 0, d, 1)) * (d > 0)
    g = pull[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "You divided by a distance of 0. A dissimilar pair in the same place has no direction to be "
    "pushed in: its gradient is 0, though its loss is not."
)
def divided_by_zero(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    with np.errstate(all="ignore"):
        g = np.where(similar, 1.0, -missing / d)[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Similar and dissimilar are exchanged: similar pairs are those with similar = True, and they "
    "are pulled together."
)
def kinds_exchanged(x, y, similar, margin):
    difference, similar = x - y, ~(similar > 0)
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Both factors ½ are missing, so your loss and gradients are twice too large."
)
def contrastive_doubled(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2)
    g = 2 * np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "What is missing to the margin is not squared in your loss: it is max(0, m - d)² / 2."
)
def hinge_not_squared(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your two gradients are equal. The pair pulls or pushes with the same force in opposite "
    "directions: the gradient of y is minus that of x."
)
def both_the_same_way(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, g


@contrastive_loss.mistake(
    "Your dissimilar pairs are pushed beyond the margin too. Once they are far enough, the loss "
    "is 0 and nothing moves them."
)
def pushed_beyond_the_margin(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = margin - d
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "The push on a dissimilar pair lacks its division by d: its length is m - d, and x - y "
    "divided by d is its direction."
)
def direction_not_normalised(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing)[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your loss is right. Your gradients are those of the sum: divide them by the number of pairs."
)
def contrastive_gradient_of_the_sum(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your gradients are right. Your loss lacks its factors ½, so it is twice too large."
)
def contrastive_loss_doubled(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2)
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your loss is right. Your gradients are twice too large: the 2 of the squares cancels against "
    "the factors ½."
)
def contrastive_gradient_doubled(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = 2 * np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your loss is right. The gradients of similar pairs are twice too large: the derivative of ½ "
    "d² by x is x - y."
)
def similar_gradient_doubled(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 2.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Similar pairs cost and pull twice as much in your result: their loss is ½ d², and the "
    "derivative of that by x is x - y."
)
def similar_doubled(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2 / 2)
    g = np.where(similar, 2.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "You subtract d² from the margin where d belongs: what is missing is m - d, and that is "
    "squared."
)
def square_under_the_margin(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d**2)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your loss of a dissimilar pair is ½ (m - d²)², and your gradient is its derivative. Take the "
    "distance, not its square, from the margin: ½ (m - d)²."
)
def square_under_the_margin_derived(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    square = (difference**2).sum(axis=1)
    missing = np.maximum(0, margin - square)
    loss = np.where(similar, square, missing**2) / 2
    g = np.where(similar, 1.0, -2 * missing)[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "For whole numbers 0 and 1, ~similar is -1 and -2: these factors stand in your result. Use 1 -"
    " similar, or make it boolean first: similar > 0."
)
def whole_numbers_inverted(x, y, similar, margin):
    difference = x - y
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = (similar * d**2 + ~similar * missing**2) / 2
    pull = similar - ~similar * missing / np.where(d > 0, d, 1)
    g = pull[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Where similar is given as 0 and 1, all of your pairs count as dissimilar: ~similar is -1 or "
    "-2 then, never 0. Make it boolean first: similar > 0."
)
def whole_numbers_all_dissimilar(x, y, similar, margin):
    difference = x - y
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(~similar, missing**2, d**2) / 2
    push = missing / np.where(d > 0, d, 1)
    g = np.where(~similar, -push, 1.0)[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Where similar is given as 0 and 1, your [similar] picks the rows 0 and 1 and is no mask. "
    "Make it boolean first: similar > 0."
)
def whole_numbers_as_rows(x, y, similar, margin):
    difference = x - y
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    losses, pull = missing**2 / 2, -missing / np.where(d > 0, d, 1)
    losses[similar], pull[similar] = d[similar] ** 2 / 2, 1.0
    g = pull[:, None] * difference / len(x)
    return float(losses.mean()), g, -g


@contrastive_loss.mistake(
    "Your loss is the sum over the pairs. Take the mean, and divide the gradients by their number "
    "too."
)
def contrastive_summed(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference
    return float(loss.sum()), g, -g


@contrastive_loss.mistake(
    "Your gradients are right. Your loss is the sum over the pairs: take their mean."
)
def contrastive_loss_summed(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.sum()), g, -g


@contrastive_loss.mistake(
    "Your loss is right. Your gradients are divided by the number of entries, x.size. Divide by the"
    " number of pairs, len(x)."
)
def contrastive_gradient_by_entries(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / x.size
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your two gradients are exchanged, or have both the wrong sign: for a similar pair that of x is"
    " x - y, divided by the number of pairs, and that of y is minus that."
)
def contrastive_turned_round(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), -g, g


@contrastive_loss.mistake(
    "The push on a dissimilar pair lacks its factor m - d: it grows weaker towards the margin, -(m "
    "- d) (x - y) / d."
)
def push_of_constant_length(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    push = (d < margin) / np.where(d > 0, d, 1)
    g = np.where(similar, 1.0, -push)[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Your gradients are right. A dissimilar pair in the same place costs you nothing: only its "
    "gradient is 0, its loss is ½ m²."
)
def same_place_costs_nothing(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, (d > 0) * missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.mistake(
    "Where similar is given as 0 and 1, your [similar] and [~similar] pick rows by their numbers "
    "and are no masks. Make it boolean first: similar > 0."
)
def whole_numbers_as_rows_twice(x, y, similar, margin):
    difference = x - y
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(0, margin - d)
    losses, pull = np.zeros(len(x)), np.zeros(len(x))
    losses[similar], pull[similar] = d[similar] ** 2 / 2, 1.0
    losses[~similar] = missing[~similar] ** 2 / 2
    pull[~similar] = (-missing / np.where(d > 0, d, 1))[~similar]
    g = pull[:, None] * difference / len(x)
    return float(losses.mean()), g, -g


@contrastive_loss.refused
def distance_without_the_root(x, y, similar, margin):
    difference, similar = x - y, similar > 0
    d = (difference**2).sum(axis=1)
    missing = np.maximum(0, margin - d)
    loss = np.where(similar, d**2, missing**2) / 2
    g = np.where(similar, 1.0, -missing / np.where(d > 0, d, 1))[:, None] * difference / len(x)
    return float(loss.mean()), g, -g


@contrastive_loss.alternative
def contrastive_pair_by_pair(x, y, similar, margin):
    loss, dx = 0.0, np.zeros(x.shape)
    for n in range(len(x)):
        d = np.linalg.norm(x[n] - y[n])
        if similar[n]:
            loss += d**2 / 2
            dx[n] = x[n] - y[n]
        elif d < margin:
            loss += (margin - d) ** 2 / 2
            if d > 0:
                dx[n] = -(margin - d) * (x[n] - y[n]) / d
    return loss / len(x), dx / len(x), -dx / len(x)


@contrastive_loss.alternative
def contrastive_with_torch(x, y, similar, margin):
    import torch

    a, b = (torch.tensor(v, requires_grad=True) for v in (x, y))
    square = ((a - b) ** 2).sum(1)
    apart = square > 0
    d = torch.where(apart, torch.where(apart, square, 1.0).sqrt(), 0.0)
    missing = torch.relu(margin - d)
    loss = torch.where(torch.tensor(similar > 0), square, missing**2).mean() / 2
    loss.backward()
    return loss.item(), a.grad.numpy(), b.grad.numpy()


@contrastive_loss.alternative
def contrastive_with_a_millionth_added(x, y, similar, margin):
    difference = x - y
    d = np.linalg.norm(difference, axis=1)
    missing = np.maximum(margin - d, 0)
    loss = np.where(similar, d**2, missing**2).mean() / 2
    g = np.where(similar, 1.0, -missing / (d + 1e-6))[:, None] * difference / len(x)
    return float(loss), g, -g


@contrastive_loss.alternative
def contrastive_in_float32(x, y, similar, margin):
    difference = x.astype(np.float32) - y.astype(np.float32)
    d = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(np.float32(margin) - d, np.float32(0))
    loss = np.where(similar, d**2, missing**2).mean() / 2
    push = missing / np.where(d > 0, d, np.float32(1))
    g = np.where(similar, np.float32(1), -push)[:, None] * difference / np.float32(len(x))
    return float(loss), g, -g


for filler in ("2.0", "0.5"):
    contrastive_loss.harmless(
        f"push = missing / np.where(distance > 0, distance, {filler})",
        because="where the distance is 0, x - y is 0 as well, whatever it is multiplied by",
    )
