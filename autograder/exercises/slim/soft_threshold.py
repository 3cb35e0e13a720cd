"""Exercise `soft_threshold`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

soft_threshold = Exercise("soft_threshold", points=1)


@soft_threshold.cases
def _(rng):
    yield "a number above the threshold", {"z": 3.0, "threshold": 1.0}
    yield "a number inside [-threshold, threshold]", {"z": 0.5, "threshold": 1.0}
    yield "a negative number", {"z": -3.0, "threshold": 1.0}
    z = np.array([-2.0, -1.0, -0.4, 0.0, 0.4, 1.0, 2.0])
    yield "an array with values on the threshold", {"z": z, "threshold": 1.0}
    z = np.round(rng.normal(0, 2, (3, 4)), 2)
    z[0, 0], z[1, 1], z[2, 2] = 3.14, -2.72, 0.1
    yield "a matrix of both signs", {"z": z, "threshold": 0.8}
    yield "threshold zero", {"z": z, "threshold": 0.0}


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
