"""Exercise `soft_threshold`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.slim.drawing import between

soft_threshold = Exercise("soft_threshold", points=1)


@soft_threshold.cases
def _(rng):
    yield "the worked example", {"z": np.array([-3.0, 0.5, 2.0]), "threshold": 1.0}
    z, threshold = between(rng, 2, 4, 3), between(rng, 0.5, 1.5, 3)
    yield "a number above the threshold", {"z": z, "threshold": threshold}
    z, threshold = between(rng, 0.1, 0.9, 4), between(rng, 1, 2, 3)
    yield "a number inside [-threshold, threshold]", {"z": z, "threshold": threshold}
    z, threshold = between(rng, -4, -2, 3), between(rng, 0.5, 1.5, 3)
    yield "a negative number", {"z": z, "threshold": threshold}
    threshold = between(rng, 0.5, 1.5)
    inside, outside = rng.uniform(0.1, 0.9, 2), rng.uniform(1.1, 3, 2)
    factors = np.array([-outside[0], -1.0, -inside[0], 0.0, inside[1], 1.0, outside[1]])
    z = factors * threshold
    yield "an array with values on the threshold", {"z": z, "threshold": threshold}
    z = rng.permutation([0, 1, -1, *rng.integers(2, 10, 2), *rng.integers(-9, -1, 2)])
    yield "an array of whole numbers", {"z": z, "threshold": between(rng, 1.1, 1.9)}
    yield "a matrix", {"z": rng.normal(0, 2, (3, 4)), "threshold": between(rng, 0.5, 1.5)}
    yield "shape (2, 3, 4)", {"z": rng.normal(0, 2, (2, 3, 4)), "threshold": between(rng, 0.5, 1)}
    yield "threshold zero", {"z": rng.normal(0, 2, (3, 5)), "threshold": 0.0}


@soft_threshold.mistake(
    "You treat only positive values. Negative ones shrink towards zero too: S(-3, 1) = -2. "
    "(The one-sided form comes later, from the constraint w >= 0.)"
)
def one_sided(z, threshold):
    return np.maximum(z - threshold, 0.0)


@soft_threshold.mistake(
    "Values smaller than the threshold must become exactly 0; yours pass through zero and change "
    "sign."
)
def not_clipped(z, threshold):
    return z - threshold * np.sign(z)


@soft_threshold.mistake(
    "This is hard thresholding: it keeps what is large as it is. Soft thresholding also moves it "
    "towards zero by the threshold."
)
def hard_threshold(z, threshold):
    return np.where(np.abs(z) > threshold, z, 0.0)


@soft_threshold.mistake("You lost the sign: multiply max(|z| - threshold, 0) by the sign of z.")
def sign_lost(z, threshold):
    return np.maximum(np.abs(z) - threshold, 0.0)


@soft_threshold.mistake(
    "You took the absolute value of z - threshold. First |z|, then minus the threshold, then "
    "nothing below 0; the sign of z comes back at the end."
)
def distance_to_the_threshold(z, threshold):
    return np.abs(z - threshold)


@soft_threshold.mistake(
    "The absolute value stands around z - threshold in your formula. It belongs around z alone: "
    "np.abs(z) - threshold."
)
def signed_distance_to_the_threshold(z, threshold):
    return np.sign(z) * np.abs(z - threshold)


@soft_threshold.mistake(
    "You returned what soft thresholding cuts off, z limited to [-threshold, threshold]. What is "
    "asked for is the rest, z minus that."
)
def what_is_cut_off(z, threshold):
    return np.clip(z, -threshold, threshold)


@soft_threshold.mistake(
    "Where z holds whole numbers, so does your result, and the decimals are lost: np.zeros_like(z) "
    "takes over the type of z as well as its shape. Make it an array of floats."
)
def type_of_z(z, threshold):
    z = np.asarray(z)
    shrunk = np.zeros_like(z)
    large = np.abs(z) > threshold
    shrunk[large] = z[large] - np.sign(z[large]) * threshold
    return shrunk


@soft_threshold.mistake(
    "The values are right where there is an array, but your function writes into the z of its "
    "caller, and a plain number cannot be written into. np.maximum and np.where make a new result."
)
def z_written_into(z, threshold):
    z[np.abs(z) <= threshold] = 0
    return z - np.sign(z) * threshold


@soft_threshold.refused
def rounds_to_cents(z, threshold):
    return np.round(np.sign(z) * np.maximum(np.abs(z) - threshold, 0), 2)


@soft_threshold.refused
def one_threshold_too_much(z, threshold):
    return np.sign(z) * np.maximum(np.abs(z) - 2 * threshold, 0)


@soft_threshold.refused
def threshold_never_zero(z, threshold):
    return np.sign(z) * np.maximum(np.abs(z) - (threshold or 1.0), 0)


@soft_threshold.alternative
def threshold_by_clipping(z, threshold):
    return z - np.clip(z, -threshold, threshold)


@soft_threshold.alternative
def threshold_by_cases(z, threshold):
    shrunk = np.where(z > threshold, z - threshold, np.where(z < -threshold, z + threshold, 0.0))
    return shrunk if np.ndim(z) else float(shrunk)


@soft_threshold.alternative
def threshold_with_torch(z, threshold):
    import torch

    z = torch.as_tensor(np.asarray(z), dtype=torch.float32)
    return torch.nn.functional.softshrink(z, threshold).numpy()
