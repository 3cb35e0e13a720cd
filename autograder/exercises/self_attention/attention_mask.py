"""Exercise `attention_mask`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

attention_mask = Exercise("attention_mask", points=1)


@attention_mask.cases
def _(rng):
    yield "the worked example", {"real": np.array([False, True, True])}
    for label, first, last in (
        ("a history that begins and ends with padding", False, False),
        ("a history without padding at its ends", True, True),
        ("a history that begins with padding", False, True),
        ("a history that ends with padding", True, False),
    ):
        real = rng.random(24) < 0.5
        real[[0, 1, -2, -1]] = first, first, last, last
        yield label, {"real": real}
    real = rng.random(32) < 0.2
    real[[3, 7]] = False, True
    yield "few films among 32 places", {"real": real}
    real = rng.random(32) > 0.2
    real[[3, 7]] = False, True
    yield "little padding among 32 places", {"real": real}


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


@attention_mask.mistake(
    "Your result is right where all padding stands on the left, as in this lecture's histories. "
    "`real` may be False anywhere: use it as it is, real[None, :]."
)
def padding_on_the_left_only(real):
    places = np.arange(len(real))
    return (places[None, :] <= places[:, None]) & (places >= np.argmax(real))[None, :]


@attention_mask.mistake(
    "Your result is right where all padding stands on the left, but it counts the padding, and "
    "`real` may be False anywhere: use it as it is, real[None, :]."
)
def padding_counted(real):
    places = np.arange(len(real))
    return (places[None, :] <= places[:, None]) & (places >= (~real).sum())[None, :]


@attention_mask.refused
def first_place_always_read(real):
    real[0] = True
    return np.tril(np.ones((len(real), len(real)), dtype=bool)) & real[None, :]


@attention_mask.refused
def padding_reads_itself(real):
    n = len(real)
    return np.tril(np.ones((n, n), dtype=bool)) & (real[None, :] | np.eye(n, dtype=bool))


@attention_mask.refused
def at_most_sixteen_places_back(real):
    places = np.arange(len(real))
    back = places[:, None] - places[None, :]
    return (back >= 0) & (back < 16) & real[None, :]


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
