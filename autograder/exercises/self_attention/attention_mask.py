"""Exercise `attention_mask`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

attention_mask = Exercise("attention_mask", points=1)


@attention_mask.cases
def _(rng):
    yield "the worked example", {"real": np.array([False, True, True])}
    yield "no padding", {"real": np.array([True, True, True, True])}
    yield "padding at the end", {"real": np.array([True, True, True, False, False])}
    yield "nothing but padding", {"real": np.array([False, False])}
    real = rng.random(7) < 0.5
    real[[1, 4]], real[[0, 3]] = True, False
    yield "padding anywhere", {"real": real}
    real = rng.random(12) < 0.5
    real[[0, 1]] = False, True
    yield "padding anywhere among 12 places", {"real": real}


@attention_mask.mistake(
    "Your mask is transposed: row t is the query at place t, and it may read the places j <= t, "
    "which are to its left. Yours looks into the future."
)
def looks_into_the_future(real):
    n = len(real)
    return np.triu(np.ones((n, n), dtype=bool)) & real[None, :]


@attention_mask.mistake(
    "You emptied the rows of padding. The mask says which places may be *read*: padding removes "
    "columns, real[None, :]. (What a padded row computes, nobody looks at.)"
)
def padding_removes_queries(real):
    n = len(real)
    return np.tril(np.ones((n, n), dtype=bool)) & real[:, None]


@attention_mask.mistake(
    "You emptied the padding's rows as well as its columns. Only the columns are asked for: a real "
    "place must not read padding."
)
def padding_removes_both(real):
    n = len(real)
    return np.tril(np.ones((n, n), dtype=bool)) & real[None, :] & real[:, None]


@attention_mask.mistake(
    "A place may read itself too: j <= t, not j < t. At place t, film t is already known."
)
def not_itself(real):
    n = len(real)
    return np.tril(np.ones((n, n), dtype=bool), k=-1) & real[None, :]


@attention_mask.mistake("The padding is missing: nobody may read a place where `real` is False.")
def padding_forgotten(real):
    return np.tril(np.ones((len(real), len(real)), dtype=bool))


@attention_mask.mistake(
    "The order in time is missing: the query at place t must not read the places after it."
)
def order_forgotten(real):
    return np.tile(real, (len(real), 1))


@attention_mask.mistake(
    "Yours is True where reading is forbidden. (torch.nn.MultiheadAttention wants that; here, and "
    "in scaled_dot_product_attention, True means: may read.)"
)
def true_means_forbidden(real):
    n = len(real)
    return ~(np.tril(np.ones((n, n), dtype=bool)) & real[None, :])


@attention_mask.mistake(
    "One condition is enough for yours. Both must hold, in the past *and* real: & instead of |."
)
def either_condition(real):
    n = len(real)
    return np.tril(np.ones((n, n), dtype=bool)) | real[None, :]


@attention_mask.alternative
def mask_with_loops(real):
    n = len(real)
    mask = np.zeros((n, n), dtype=bool)
    for t in range(n):
        for j in range(t + 1):
            mask[t, j] = real[j]
    return mask


@attention_mask.alternative
def mask_by_comparison(real):
    places = np.arange(len(real))
    return (places[None, :] <= places[:, None]) & real


@attention_mask.alternative
def mask_with_torch(real):
    import torch

    causal = torch.ones(len(real), len(real), dtype=torch.bool).tril()
    return (causal & torch.from_numpy(real)).numpy()
