"""Exercise `masked_item_loss`: cases, mistakes, alternatives."""

import torch

from autograder.exercises import Exercise
from autograder.exercises.bert4rec.drawing import entries, padded_histories, some_hidden

masked_item_loss = Exercise("masked_item_loss", points=2, driver="gradients")


@masked_item_loss.cases
def _(rng):
    worked = {
        "scores": torch.tensor([[[9.0, 0.0], [0.0, 1.0986], [0.0, 3.0]]]),
        "items": torch.tensor([[2, 0, 1]]),
        "hidden": torch.tensor([[False, True, False]]),
    }
    yield "the worked example", worked
    yield "one history, one hidden place", _question(rng, 4, 7, [4], [1])
    yield "one history, three hidden places", _question(rng, 5, 3, [5], [3])
    yield "2 histories, 1 and 4 hidden places", _question(rng, 5, 4, [5, 5], [1, 4])
    yield "padding, 3 histories", _question(rng, 6, 5, [2, 6, 3], [1, 3, 2])
    yield "a history in which nothing is hidden", _question(rng, 4, 6, [4, 3, 4], [2, 0, 1])
    yield "all real places hidden", _question(rng, 3, 8, [3, 2], [3, 2])
    large = _question(rng, 4, 5, [4, 4, 2], [2, 1, 1])
    large["scores"] = large["scores"] * 1000
    row, place = large["hidden"].nonzero()[0]  # its true item is all but impossible
    large["scores"][row, place, large["items"][row, place]] = -float(rng.integers(2000, 3000))
    large["scores"][row, place, large["items"][row, place] - 1] = float(rng.integers(200, 900))
    yield "scores in the thousands", large
    levels = _question(rng, 3, 4, [3, 3, 2], [2, 1, 1])
    levels["scores"] = (8 * levels["scores"]).round() / 8  # exact in float32 too
    levels["scores"] += 1000 * torch.as_tensor(rng.permutation(9).reshape(3, 3, 1))
    yield "places whose scores are at very different levels", levels
    low = _question(rng, 5, 4, [5, 3], [2, 2])
    low["scores"] = (8 * low["scores"]).round() / 8 - float(rng.integers(900, 1200))
    yield "all scores far below 0", low
    single = _question(rng, 4, 9, [4, 4, 4], [1, 3, 2])
    yield "float32", {**single, "scores": single["scores"].float()}


def _question(rng, length, n_items, lengths, counts):
    items = padded_histories(rng, n_items, lengths, length)
    hidden = some_hidden(rng, items, n_items, counts)
    return {
        "scores": entries(rng, len(lengths), length, n_items),
        "items": items,
        "hidden": hidden,
    }


@masked_item_loss.mistake(
    "You take all real places, hidden or not. A place that shows its item can copy it: only hidden "
    "places teach something."
)
def all_real_places(scores, items, hidden):
    real = items < scores.shape[-1]
    return torch.nn.functional.cross_entropy(scores[real], items[real])


@masked_item_loss.mistake("You take the places that are *not* hidden. It is the others.")
def places_that_are_shown(scores, items, hidden):
    shown = ~hidden & (items < scores.shape[-1])
    if not shown.any():
        return scores.sum() * 0.0
    return torch.nn.functional.cross_entropy(scores[shown], items[shown])


@masked_item_loss.mistake("Yours is the sum over the hidden places: divide by their number.")
def summed(scores, items, hidden):
    return torch.nn.functional.cross_entropy(scores[hidden], items[hidden], reduction="sum")


@masked_item_loss.mistake(
    "You divide by the number of histories. Divide by the number of hidden places."
)
def over_the_histories(scores, items, hidden):
    total = torch.nn.functional.cross_entropy(scores[hidden], items[hidden], reduction="sum")
    return total / len(items)


@masked_item_loss.mistake(
    "You divide by the number of all places, as a mean over a table with zeros does. Divide by the "
    "number of hidden ones."
)
def over_all_places(scores, items, hidden):
    total = torch.nn.functional.cross_entropy(scores[hidden], items[hidden], reduction="sum")
    return total / items.numel()


@masked_item_loss.mistake(
    "You divide by the number of real places. Divide by the number of hidden ones."
)
def over_real_places(scores, items, hidden):
    total = torch.nn.functional.cross_entropy(scores[hidden], items[hidden], reduction="sum")
    return total / (items < scores.shape[-1]).sum()


@masked_item_loss.mistake(
    "Yours is the mean of the histories' means. Every hidden place counts alike, whichever history "
    "it is in."
)
def mean_of_means(scores, items, hidden):
    losses = [
        torch.nn.functional.cross_entropy(scores[row][hidden[row]], items[row][hidden[row]])
        for row in range(len(items))
        if hidden[row].any()
    ]
    return torch.stack(losses).mean()


@masked_item_loss.mistake(
    "exp of a large score overflows in yours. Take torch.logsumexp, or subtract each row's largest "
    "score first."
)
def overflowing(scores, items, hidden):
    rows, wanted = scores[hidden], items[hidden]
    exponentials = torch.exp(rows)
    p = exponentials[torch.arange(len(rows)), wanted] / exponentials.sum(dim=1)
    return -torch.log(p).mean()


@masked_item_loss.mistake(
    "A probability becomes exactly 0 in yours, and its logarithm minus infinity. Take the "
    "logarithm of the softmax in one step: log_softmax, or logsumexp minus the score."
)
def log_of_the_softmax(scores, items, hidden):
    p = torch.softmax(scores[hidden], dim=1)
    return -torch.log(p[torch.arange(len(p)), items[hidden]]).mean()


@masked_item_loss.mistake(
    "One maximum is subtracted from all rows in yours, so that rows with lower scores underflow. "
    "Each row has its own: torch.logsumexp(..., dim=1) does it."
)
def one_maximum_for_all(scores, items, hidden):
    rows, wanted = scores[hidden], items[hidden]
    exponentials = torch.exp(rows - rows.max())
    p = exponentials[torch.arange(len(rows)), wanted] / exponentials.sum(dim=1)
    return -torch.log(p).mean()


@masked_item_loss.mistake("The minus sign is missing: the loss is the mean of -log p.")
def without_minus(scores, items, hidden):
    return -torch.nn.functional.cross_entropy(scores[hidden], items[hidden])


@masked_item_loss.mistake("Yours is the mean probability of the true items: take -log of each.")
def mean_probability(scores, items, hidden):
    p = torch.softmax(scores[hidden], dim=1)
    return p[torch.arange(len(p)), items[hidden]].mean()


@masked_item_loss.mistake(
    "You take the logarithm of the mean probability. Take it at each hidden place, then the mean."
)
def log_of_the_mean(scores, items, hidden):
    log_p = torch.log_softmax(scores[hidden], dim=1)[torch.arange(int(hidden.sum())), items[hidden]]
    return -(torch.logsumexp(log_p, dim=0) - torch.log(hidden.sum()))


@masked_item_loss.mistake("Your logarithm has base 2: use the natural one.")
def base_two(scores, items, hidden):
    return torch.nn.functional.cross_entropy(scores[hidden], items[hidden]) / torch.tensor(2).log()


@masked_item_loss.mistake(
    "Your softmax runs over the places. At each place it runs over the items, the last axis."
)
def softmax_over_the_places(scores, items, hidden):
    log_p = torch.log_softmax(scores, dim=1)[hidden]
    return -log_p[torch.arange(len(log_p)), items[hidden]].mean()


@masked_item_loss.mistake(
    "You return minus the mean *score* of the true items. Take off the logarithm of the sum of the "
    "exponentials of all scores: without it every score could grow."
)
def without_the_sum(scores, items, hidden):
    rows = scores[hidden]
    return -rows[torch.arange(len(rows)), items[hidden]].mean()


@masked_item_loss.mistake(
    "Nothing could be learnt through your result. Stay in torch; no .detach(), .item(), .numpy() "
    "or torch.no_grad()."
)
def cut_off(scores, items, hidden):
    return torch.nn.functional.cross_entropy(scores[hidden], items[hidden]).detach()


@masked_item_loss.mistake(
    "exp of a large score overflows in your sum, and its logarithm is infinite. Take "
    "torch.logsumexp(..., dim=1)."
)
def overflowing_sum(scores, items, hidden):
    rows, wanted = scores[hidden], items[hidden]
    own = rows.gather(1, wanted[:, None])[:, 0]
    return (torch.log(torch.exp(rows).sum(dim=1)) - own).mean()


@masked_item_loss.mistake(
    "Your logsumexp runs over the hidden places (dim=0). At each place it runs over the items, "
    "dim=1."
)
def summed_over_the_hidden_places(scores, items, hidden):
    rows, wanted = scores[hidden], items[hidden]
    own = rows.gather(1, wanted[:, None])[:, 0]
    return torch.logsumexp(rows, dim=0).mean() - own.mean()


@masked_item_loss.mistake("The softmax is taken twice in yours: cross_entropy takes scores.")
def softmax_twice(scores, items, hidden):
    p = torch.softmax(scores[hidden], dim=1)
    return torch.nn.functional.cross_entropy(p, items[hidden])


@masked_item_loss.mistake(
    "The small number inside your logarithm caps the loss. Take log_softmax or logsumexp."
)
def logarithm_capped(scores, items, hidden):
    p = torch.softmax(scores[hidden], dim=1)
    return -torch.log(p[torch.arange(len(p)), items[hidden]] + 1e-9).mean()


@masked_item_loss.mistake("The logarithm is missing in yours: the loss is the mean of -log p.")
def without_the_logarithm(scores, items, hidden):
    p = torch.softmax(scores[hidden], dim=1)
    return -p[torch.arange(len(p)), items[hidden]].mean()


@masked_item_loss.refused
def smoothed(scores, items, hidden):
    return torch.nn.functional.cross_entropy(scores[hidden], items[hidden], label_smoothing=0.01)


@masked_item_loss.alternative
def by_torch(scores, items, hidden):
    return torch.nn.functional.cross_entropy(scores[hidden], items[hidden])


@masked_item_loss.alternative
def ignoring_the_others(scores, items, hidden):
    wanted = torch.where(hidden, items, -100)
    return torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten())


@masked_item_loss.alternative
def in_float32(scores, items, hidden):
    log_p = torch.log_softmax(scores.float()[hidden], dim=1)
    return -log_p.gather(1, items[hidden][:, None]).mean()


@masked_item_loss.alternative
def by_loop(scores, items, hidden):
    losses = []
    for row, place in hidden.nonzero():
        own = scores[row, place]
        losses.append(torch.logsumexp(own, dim=0) - own[items[row, place]])
    return torch.stack(losses).mean()


masked_item_loss.harmless(
    "own = rows.gather(1, wanted[:, None])[:, -1]",
    because="there is one column, the first and the last",
)
