"""Exercise `sampled_softmax_loss`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import cosines

# so wide that float32 passes: of a number near 1200, as gamma R is below, it keeps four decimals
sampled_softmax_loss = Exercise("sampled_softmax_loss", points=2, tolerance=1e-4)


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
    out["gamma"] = rng.integers(100, 200) / 100  # so small that -1 instead shows
    yield "some negatives left out, -inf", out
    out = _drawn(rng, 4, 2)
    out["negatives"][1] = -np.inf
    yield "a pair with all negatives left out: its loss is 0", out
    twice = _drawn(rng, 3, 4)
    twice["negatives"].sort(axis=1)
    twice["negatives"][:, 0] = twice["negatives"][:, 3]  # the hardest, so that it shows
    twice["gamma"] = rng.integers(150, 350) / 100
    yield "a negative drawn twice counts twice", twice
    huge = {
        "positive": _around(rng, 60, 3),
        "negatives": _around(rng, 60, 3, 4),
        "gamma": rng.integers(64, 96) / 4,
    }
    yield "dot products around 60: their exponentials overflow", huge
    best = {
        "positive": _around(rng, 70, 2),
        "negatives": _around(rng, -70, 2, 3),
        "gamma": rng.integers(64, 96) / 4,
    }
    yield "a positive far above its negatives: its loss is 0", best
    # exp(-718) is still a number above 0, exp(718) is infinite
    gaps = rng.integers(715, 721, (2, 1)) / 16 - np.array([0.0, 0.5, 1.0])
    positive = cosines(rng, 2)
    below = {"positive": positive, "negatives": positive[:, None] + gaps, "gamma": 16.0}
    yield "scores with gamma some 718 below the largest negative's: exp(718) overflows", below
    worst = {
        "positive": _around(rng, -70, 2),
        "negatives": _around(rng, 70, 2, 3),
        "gamma": rng.integers(64, 96) / 4,
    }
    yield "a positive far below its negatives", worst
    levels = np.array([0.0, 400.0, -400.0])
    rows = {
        "positive": _around(rng, levels, 3),
        "negatives": _around(rng, levels[:, None], 3, 2),
        "gamma": rng.integers(10, 17) / 4,
    }
    yield "three pairs, whose dot products are around 0, 400 and -400", rows


def _drawn(rng, n, n_negatives):
    return {
        "positive": cosines(rng, n),
        "negatives": cosines(rng, n, n_negatives),
        "gamma": rng.integers(250, 950) / 100,
    }


def _around(rng, level, *shape):
    # sixty-fourths, which float32 holds exactly
    return level + rng.integers(-60, 61, shape) / 64


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator, so the fraction can be larger than 1 and the "
    "loss negative. It competes too: sum over the positive and its negatives."
)
def positive_not_in_the_sum(positive, negatives, gamma):
    from scipy.special import logsumexp

    with np.errstate(all="ignore"):
        return float(np.mean(logsumexp(gamma * negatives, axis=1) - gamma * positive))


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator: the fraction can be larger than 1, and infinite "
    "where all negatives are left out. Sum over the positive and its negatives."
)
def fraction_without_the_positive(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    with np.errstate(all="ignore"):
        return float(np.mean(-np.log(e[:, 0] / e[:, 1:].sum(axis=1))))


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator: sum over the positive and its negatives. And exp "
    "overflows in yours: subtract each row's largest gamma R before it."
)
def overflows_without_the_positive(positive, negatives, gamma):
    with np.errstate(all="ignore"):
        rest = np.exp(gamma * negatives).sum(axis=1)
        return float(np.mean(-np.log(np.exp(gamma * positive) / rest)))


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator: sum over the positive and its negatives. A pair "
    "without negatives has an empty sum, whose log is minus infinity, and no largest to subtract."
)
def negatives_by_their_largest(positive, negatives, gamma):
    scores = gamma * negatives
    with np.errstate(all="ignore"):
        top = scores.max(axis=1)
        log_sum = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return float(np.mean(log_sum - gamma * positive))


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator: sum over the positive and its negatives. A pair "
    "without negatives has an empty sum, whose log is minus infinity; and exp overflows: subtract "
    "each row's largest gamma R before it."
)
def log_of_the_negatives(positive, negatives, gamma):
    with np.errstate(all="ignore"):
        log_sum = np.log(np.exp(gamma * negatives).sum(axis=1))
        return float(np.mean(log_sum - gamma * positive))


@sampled_softmax_loss.mistake(
    "The positive is missing in your denominator: sum over the positive and its negatives. A pair "
    "without negatives has an empty sum, whose log is minus infinity, as that of negatives far "
    "below the largest."
)
def negatives_by_the_largest_of_all(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    with np.errstate(all="ignore"):
        top = scores.max(axis=1)
        log_sum = top + np.log(np.exp(scores[:, 1:] - top[:, None]).sum(axis=1))
        return float(np.mean(log_sum - scores[:, 0]))


@sampled_softmax_loss.mistake(
    "You subtract the largest of the negatives only. Where all of them are -inf, -inf - (-inf) is "
    "not a number, and far above them the positive's exp overflows: take the largest of the whole "
    "row, the positive included."
)
def shifted_by_the_largest_negative(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    with np.errstate(all="ignore"):
        top = scores[:, 1:].max(axis=1)
        log_sum = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return float(np.mean(log_sum - scores[:, 0]))


@sampled_softmax_loss.mistake(
    "P of a positive far below its negatives is too small for a number: it has become 0 before "
    "you take the logarithm. Take that of the fraction on paper: log of the sum minus gamma R+."
)
def logarithm_of_underflow(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    with np.errstate(divide="ignore"):
        return float(np.mean(-np.log(e[:, 0] / e.sum(axis=1))))


@sampled_softmax_loss.mistake(
    "1e-12 inside the logarithm hides that P has become 0: no pair costs more than 27.6 in yours. "
    "Take the logarithm of the fraction on paper: log of the sum minus gamma R+."
)
def small_number_in_the_logarithm(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return float(np.mean(-np.log(e[:, 0] / e.sum(axis=1) + 1e-12)))


@sampled_softmax_loss.mistake(
    "You subtract one largest score of the whole batch. A row far below it becomes zeros, whose "
    "logarithm is minus infinity: subtract each row's own, max(axis=1), and add it back."
)
def one_largest_for_the_batch(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    with np.errstate(divide="ignore"):
        top = scores.max()
        log_sum = top + np.log(np.exp(scores - top).sum(axis=1))
        return float((log_sum - scores[:, 0]).mean())


@sampled_softmax_loss.mistake(
    "You subtract one largest score of the whole batch, and a row far below it becomes 0/0: "
    "subtract each row's own. And P may be 0 before its logarithm: take that of the fraction on "
    "paper."
)
def one_largest_in_the_fraction(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    with np.errstate(all="ignore"):
        e = np.exp(scores - scores.max())
        return float(np.mean(-np.log(e[:, 0] / e.sum(axis=1))))


@sampled_softmax_loss.mistake(
    "You subtracted each row's largest score inside exp, and the log of the sum is too small by "
    "it: add it back, top + log of the sum."
)
def top_not_added_back(positive, negatives, gamma):
    scores = gamma * np.column_stack([positive, negatives])
    top = scores.max(axis=1)
    return float((np.log(np.exp(scores - top[:, None]).sum(axis=1)) - scores[:, 0]).mean())


@sampled_softmax_loss.mistake(
    "You subtracted gamma times each row's largest R, but added back the R without gamma. Both "
    "have to be the same number."
)
def top_without_gamma_added_back(positive, negatives, gamma):
    R = np.column_stack([positive, negatives])
    top = R.max(axis=1)
    log_sum = top + np.log(np.exp(gamma * (R - top[:, None])).sum(axis=1))
    return float((log_sum - gamma * R[:, 0]).mean())


@sampled_softmax_loss.mistake(
    "You cut the scores off before exp, and all beyond the limit become alike. Subtract each row's "
    "largest instead, and add it back after the logarithm."
)
def scores_cut_off(positive, negatives, gamma):
    e = np.exp(np.clip(gamma * np.column_stack([positive, negatives]), -700, 700))
    return float(np.mean(-np.log(e[:, 0] / e.sum(axis=1))))


@sampled_softmax_loss.mistake(
    "Yours averages -log P over all columns. The loss is that of the positive, the first column, "
    "alone."
)
def mean_over_all_columns(positive, negatives, gamma):
    import scipy.special

    log_p = scipy.special.log_softmax(gamma * np.column_stack([positive, negatives]), axis=1)
    return float(-log_p.mean())


@sampled_softmax_loss.mistake(
    "Yours is the -log P of the first negative. The positive is a column of its own: subtract its "
    "score."
)
def first_negative_as_the_positive(positive, negatives, gamma):
    import scipy.special

    log_p = scipy.special.log_softmax(gamma * np.column_stack([negatives, positive]), axis=1)
    return float(-log_p[:, 0].mean())


@sampled_softmax_loss.mistake(
    "A negative that is -inf takes part in yours, with the score 0. exp(-inf) is 0 already: leave "
    "it as it is."
)
def left_out_ones_scored_zero(positive, negatives, gamma):
    import scipy.special

    kept = np.where(np.isinf(negatives), 0.0, negatives)
    log_p = scipy.special.log_softmax(gamma * np.column_stack([positive, kept]), axis=1)
    return float(-log_p[:, 0].mean())


@sampled_softmax_loss.mistake(
    "A negative that is -inf takes part in yours, with -1 as its relevance. exp(-inf) is 0 "
    "already: leave it as it is."
)
def left_out_ones_at_minus_one(positive, negatives, gamma):
    import scipy.special

    kept = np.where(np.isinf(negatives), -1.0, negatives)
    log_p = scipy.special.log_softmax(gamma * np.column_stack([positive, kept]), axis=1)
    return float(-log_p[:, 0].mean())


@sampled_softmax_loss.mistake(
    "Your denominator is one sum over the whole batch. Each pair has its own, over its positive "
    "and its negatives: sum along axis=1."
)
def one_sum_for_the_batch(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    return float((logsumexp(scores) - scores[:, 0]).mean())


@sampled_softmax_loss.mistake(
    "In yours every positive competes with the negatives of the whole batch. Each has its own row "
    "of them."
)
def negatives_of_the_whole_batch(positive, negatives, gamma):
    from scipy.special import logsumexp

    every = np.tile(negatives.ravel(), (len(positive), 1))
    scores = gamma * np.column_stack([positive, every])
    return float(np.mean(logsumexp(scores, axis=1) - scores[:, 0]))


@sampled_softmax_loss.mistake(
    "You left out the pairs whose negatives are all -inf. Their loss is 0, and they count in the "
    "mean."
)
def pairs_without_negatives_dropped(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    scores = scores[(negatives > -np.inf).any(axis=1)]
    return float(np.mean(logsumexp(scores, axis=1) - scores[:, 0]))


@sampled_softmax_loss.mistake(
    "exp of a large number is infinite, and of a very negative one 0, whose logarithm is infinite. "
    "Work with logarithms: subtract each row's largest gamma R before exp."
)
def loss_overflows(positive, negatives, gamma):
    with np.errstate(all="ignore"):
        top, rest = np.exp(gamma * positive), np.exp(gamma * negatives).sum(axis=1)
        return float(np.mean(-np.log(top / (top + rest))))


@sampled_softmax_loss.mistake(
    "Yours takes exp of differences, negative minus positive. Where a negative is far above its "
    "positive, that overflows: subtract each row's largest gamma R, which may be a negative's."
)
def shifted_by_the_positive(positive, negatives, gamma):
    with np.errstate(all="ignore"):
        rest = np.exp(gamma * (negatives - positive[:, None])).sum(axis=1)
        return float(np.mean(np.log1p(rest)))


@sampled_softmax_loss.mistake(
    "You divided by gamma. Here gamma multiplies; 1/gamma is what others call the temperature."
)
def scores_divided_by_gamma(positive, negatives, gamma):
    import scipy.special

    log_p = scipy.special.log_softmax(np.column_stack([positive, negatives]) / gamma, axis=1)
    return float(-log_p[:, 0].mean())


@sampled_softmax_loss.mistake(
    "In yours the positive competes with each negative alone, and these losses are added. One "
    "denominator holds the positive and all of its negatives."
)
def each_negative_alone(positive, negatives, gamma):
    return float(np.logaddexp(0, gamma * (negatives - positive[:, None])).sum(axis=1).mean())


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
    "Your denominator is the mean of a row, so that the fraction can be larger than 1 and the loss "
    "negative. It is the sum over the positive and its negatives."
)
def mean_in_the_denominator(positive, negatives, gamma):
    from scipy.special import logsumexp

    scores = gamma * np.column_stack([positive, negatives])
    log_mean = logsumexp(scores, axis=1) - np.log(scores.shape[1])
    return float(np.mean(log_mean - scores[:, 0]))


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


@sampled_softmax_loss.alternative
def loss_in_single_precision(positive, negatives, gamma):
    scores = np.column_stack([positive, negatives]).astype(np.float32) * np.float32(gamma)
    top = scores.max(axis=1)
    log_sum = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return float((log_sum - scores[:, 0]).mean())
