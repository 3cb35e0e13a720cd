"""Exercise `sampled_softmax_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import cosines

sampled_softmax_loss = Exercise("sampled_softmax_loss", points=2)


@sampled_softmax_loss.cases
def _(rng):
    worked = {
        "positive": np.array([0.5, 1.0]),
        "negatives": np.array([[0.5], [-np.inf]]),
        "gamma": 10.0,
    }
    yield "the worked example", worked
    yield "4 pairs, 3 negatives", _drawn(rng, 4, 3)
    yield "2 pairs, 6 negatives", _drawn(rng, 2, 6)
    yield "one pair", _drawn(rng, 1, 5)
    yield "one negative each", _drawn(rng, 3, 1)
    yield "gamma = 1", {**_drawn(rng, 5, 2), "gamma": 1.0}
    out = _drawn(rng, 3, 4)
    out["negatives"][[0, 2, 2], [1, 0, 3]] = -np.inf
    yield "some negatives left out, -inf", out
    out = _drawn(rng, 4, 2)
    out["negatives"][1] = -np.inf
    yield "a pair with all negatives left out: its loss is 0", out
    twice = _drawn(rng, 3, 4)
    twice["negatives"][:, 3] = twice["negatives"][:, 0]
    yield "a negative drawn twice counts twice", twice
    huge = {
        "positive": 60 + cosines(rng, 3),
        "negatives": 60 + cosines(rng, 3, 4),
        "gamma": rng.integers(1500, 2500) / 100,
    }
    yield "dot products around 60: their exponentials overflow", huge
    worst = {
        "positive": -70 + cosines(rng, 2),
        "negatives": 70 + cosines(rng, 2, 3),
        "gamma": rng.integers(1500, 2500) / 100,
    }
    yield "a positive far below its negatives", worst


def _drawn(rng, n, n_negatives):
    return {
        "positive": cosines(rng, n),
        "negatives": cosines(rng, n, n_negatives),
        "gamma": rng.integers(250, 950) / 100,
    }


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator, so the fraction can be larger than 1 and the "
    "loss negative. It competes too: sum over the positive and its negatives."
)
def positive_not_in_the_sum(positive, negatives, gamma):
    from scipy.special import logsumexp

    with np.errstate(all="ignore"):
        return float(np.mean(logsumexp(gamma * negatives, axis=1) - gamma * positive))


@sampled_softmax_loss.mistake(
    "exp of a large number is infinite, and of a very negative one 0, whose logarithm is infinite. "
    "Work with logarithms: subtract each row's largest gamma R before exp."
)
def loss_overflows(positive, negatives, gamma):
    with np.errstate(all="ignore"):
        top, rest = np.exp(gamma * positive), np.exp(gamma * negatives).sum(axis=1)
        return float(np.mean(-np.log(top / (top + rest))))


@sampled_softmax_loss.mistake(
    "You subtracted the positive's relevance before exp, and it is not always the largest: where a "
    "negative is far above it, exp still overflows. Subtract each row's largest."
)
def shifted_by_the_positive(positive, negatives, gamma):
    with np.errstate(all="ignore"):
        rest = np.exp(gamma * (negatives - positive[:, None])).sum(axis=1)
        return float(np.mean(np.log1p(rest)))


@sampled_softmax_loss.mistake("That is the sum over the pairs. Return their mean.")
def summed_loss(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    return float(np.sum(logsumexp(scores, axis=1) - scores[:, 0]))


@sampled_softmax_loss.mistake(
    "gamma is missing in your loss, or it cancels: it multiplies every R inside exp."
)
def loss_without_gamma(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = np.column_stack([positive, negatives])
    return float(np.mean(logsumexp(scores, axis=1) - scores[:, 0]))


@sampled_softmax_loss.mistake(
    "gamma multiplies only one side of your fraction. It belongs to the positive and to the "
    "negatives, in the numerator and in the denominator."
)
def gamma_in_the_denominator_only(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    return float(np.mean(logsumexp(scores, axis=1) - positive))


@sampled_softmax_loss.mistake(
    "You averaged over the negatives where they are to be summed. Each of them competes."
)
def mean_of_the_negatives(positive, negatives, gamma):
    from scipy.special import logsumexp

    rest = logsumexp(gamma * negatives, axis=1) - np.log(negatives.shape[1])
    return float(np.mean(np.logaddexp(gamma * positive, rest) - gamma * positive))


@sampled_softmax_loss.mistake(
    "Yours is the logarithm of the probability; the loss is minus that, so that less is better."
)
def log_likelihood(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    return float(np.mean(scores[:, 0] - logsumexp(scores, axis=1)))


@sampled_softmax_loss.mistake(
    "You averaged the probabilities and took the logarithm then. Each pair has its own -log P; "
    "average these."
)
def logarithm_of_the_mean(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    log_p = scores[:, 0] - logsumexp(scores, axis=1)
    return float(-(logsumexp(log_p) - np.log(len(positive))))


@sampled_softmax_loss.mistake(
    "Only the hardest negative counts in yours. All of them stand in the sum."
)
def hardest_negative_only(positive, negatives, gamma):
    hardest = gamma * negatives.max(axis=1)
    return float(np.mean(np.logaddexp(gamma * positive, hardest) - gamma * positive))


@sampled_softmax_loss.refused
def repeated_negatives_once(positive, negatives, gamma):
    from scipy.special import logsumexp

    losses = []
    for own, others in zip(positive, negatives, strict=True):
        scores = gamma * np.array([own, *set(others.tolist())])
        losses.append(logsumexp(scores) - scores[0])
    return float(np.mean(losses))


@sampled_softmax_loss.alternative
def loss_with_torch(positive, negatives, gamma):
    import torch

    scores = gamma * torch.from_numpy(np.column_stack([positive, negatives]))
    target = torch.zeros(len(positive), dtype=torch.long)
    return torch.nn.functional.cross_entropy(scores, target).item()


@sampled_softmax_loss.alternative
def loss_pair_by_pair(positive, negatives, gamma):
    total = 0.0
    for own, others in zip(positive, negatives, strict=True):
        running = gamma * own
        for other in others:
            running = np.logaddexp(running, gamma * other)
        total += running - gamma * own
    return float(total / len(positive))


@sampled_softmax_loss.alternative
def loss_with_shift(positive, negatives, gamma):
    scores = np.concatenate([positive[:, None], negatives], axis=1) * gamma
    top = scores.max(axis=1)
    return float((np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top - scores[:, 0]).mean())
