"""Exercise `positional_encoding`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

positional_encoding = Exercise("positional_encoding", points=2)


@positional_encoding.cases
def _(rng):
    yield "the worked example", {"n_positions": 3, "d": 4, "base": 10_000.0}
    base = float(rng.integers(100, 1_000_000))
    yield "one frequency", {"n_positions": int(rng.integers(4, 9)), "d": 2, "base": base}
    base = float(rng.integers(100, 1_000_000))
    yield "one position", {"n_positions": 1, "d": 2 * int(rng.integers(2, 6)), "base": base}
    base = round(float(rng.uniform(2, 20)), 4)
    yield "more features than positions", {"n_positions": 4, "d": 10, "base": base}
    n, half = int(rng.integers(20, 60)), int(rng.integers(5, 9))
    yield "many positions", {"n_positions": n, "d": 2 * half, "base": float(rng.uniform(500, 5000))}


@positional_encoding.mistake(
    "Your sines stand in the first half of the columns and the cosines in the second. The formula "
    "interleaves them: column 2i is the sine and column 2i + 1 the cosine of the same angle."
)
def halves(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(0, d, 2) / d)
    return np.concatenate((np.sin(angles), np.cos(angles)), axis=1)


@positional_encoding.mistake(
    "Sine and cosine are exchanged: the even columns 0, 2, ... are sines. Position 0 is "
    "(0, 1, 0, 1, ...)."
)
def sine_and_cosine_exchanged(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(0, d, 2) / d)
    return np.stack((np.cos(angles), np.sin(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "Each of your columns has a frequency of its own. Columns 2i and 2i + 1 are the sine and the "
    "cosine of the *same* angle: the exponent is 2i / d for both."
)
def a_frequency_per_column(n_positions, d, base):
    column = np.arange(d)
    angles = np.arange(n_positions)[:, None] / base ** (column / d)
    return np.where(column % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "Your exponent is half of what it should be: pair number i has the exponent 2i / d, so that "
    "the exponents run from 0 to nearly 1."
)
def half_the_exponent(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(d // 2) / d)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "Your exponent is twice what it should be: np.arange(0, d, 2) is already 2i, so divide it by d "
    "and do not double it again."
)
def twice_the_exponent(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** (2 * np.arange(0, d, 2) / d)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "Your table holds integers, so sines and cosines were cut to -1, 0 and 1: "
    "np.empty((n_positions, d)) holds floats."
)
def table_of_integers(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(0, d, 2) / d)
    table = np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)
    return table.astype(int)


@positional_encoding.mistake("Positions are counted from 0: the first row is (0, 1, 0, 1, ...).")
def counted_from_one(n_positions, d, base):
    angles = np.arange(1, n_positions + 1)[:, None] / base ** (np.arange(0, d, 2) / d)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "Your angles grow with the exponent. The position is *divided* by base^(2i/d), so that later "
    "pairs turn more slowly."
)
def multiplied(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] * base ** (np.arange(0, d, 2) / d)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "Your base is 10000, whatever the argument says. 10000 is only its usual value: use `base`."
)
def base_ignored(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "Your exponents run from 0 to 1 and reach it. They are 2i / d, and the last one, (d - 2) / d, "
    "is below 1: np.arange(0, d, 2) / d."
)
def exponents_up_to_one(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** np.linspace(0, 1, d // 2)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.mistake(
    "All your columns turn at the same speed. Pair number i has a frequency of its own, "
    "base^(-2i/d)."
)
def one_speed(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] * np.ones(d // 2)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.refused
def angles_rounded(n_positions, d, base):
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(0, d, 2) / d)
    angles = np.round(angles, 4)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.refused
def pairs_beyond_the_fourth_are_copies(n_positions, d, base):
    exponents = np.minimum(np.arange(0, d, 2), 6) / d
    angles = np.arange(n_positions)[:, None] / base**exponents
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.refused
def turns_modulo_sixteen(n_positions, d, base):
    angles = (np.arange(n_positions) % 16)[:, None] / base ** (np.arange(0, d, 2) / d)
    return np.stack((np.sin(angles), np.cos(angles)), axis=-1).reshape(n_positions, d)


@positional_encoding.alternative
def encoding_with_loops(n_positions, d, base):
    PE = np.zeros((n_positions, d))
    for p in range(n_positions):
        for i in range(d // 2):
            angle = p / base ** (2 * i / d)
            PE[p, 2 * i], PE[p, 2 * i + 1] = np.sin(angle), np.cos(angle)
    return PE


@positional_encoding.alternative
def encoding_with_complex_numbers(n_positions, d, base):
    frequencies = np.exp(-np.log(base) * np.arange(0, d, 2) / d)
    turning = np.exp(1j * np.outer(np.arange(n_positions), frequencies))
    return np.stack((turning.imag, turning.real), axis=2).reshape(n_positions, d)


@positional_encoding.alternative
def encoding_with_torch(n_positions, d, base):
    import torch

    p = torch.arange(n_positions, dtype=torch.float64)[:, None]
    angles = p / base ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    PE = torch.zeros(n_positions, d, dtype=torch.float64)
    PE[:, 0::2], PE[:, 1::2] = torch.sin(angles), torch.cos(angles)
    return PE.numpy()


positional_encoding.harmless(
    "table[:, 0:-1:2] = np.sin(angles)", because="d is even, so the last column is a cosine"
)
