"""Inputs as Python that can be pasted: what they make is what the case holds."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from autograder.judging.pasteable import MOST_NUMBERS, pasteable
from embedlab.wire import encode

VALUES = {
    "a number": 0.1 + 0.2,
    "what is no number": [math.nan, math.inf, -math.inf, None, True],
    "text": "it's",
    "tuples": ((1,), (1, 2), ()),
    "a dict": {"a": [1], "b": np.arange(3)},
    "a matrix": np.random.default_rng(1).normal(size=(3, 4)),
    "an empty matrix": np.zeros((0, 3)),
    "a scalar array": np.array(2.5),
    "small floats": np.array([0.1, np.nan], dtype=np.float32),
    "truths": np.array([[True, False]]),
    "sparse": sp.random_array((4, 5), density=0.4, rng=np.random.default_rng(1), format="csr"),
    "a tensor": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 7,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_pasted_inputs_are_the_case(value):
    lines, made = pasteable({"x": encode(value)}), {}
    exec("\n".join(lines), made)
    assert type(made["x"]) is type(value)
    assert encode(made["x"]) == encode(value) or "nan" in str(encode(value))
    assert str(encode(made["x"])) == str(encode(value))


def test_too_many_numbers_are_counted_not_printed():
    [line] = pasteable({"x": encode(np.zeros(MOST_NUMBERS)), "y": 1})
    assert "4,001 numbers" in line
    assert len(pasteable({"x": encode(np.zeros(MOST_NUMBERS))})) == 2
