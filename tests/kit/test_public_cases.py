"""What a mistake does, written as far as it differs, and read again."""

import bz2
import json

import numpy as np
import pytest
from scipy.sparse import csr_array

from embedlab.public_cases import abridge, expand, is_same, pack, unpack
from embedlab.wire import encode


def examination(right, *outcomes):
    return {
        "exercise": "f",
        "cases": [{"label": "one", "expected": right}],
        "mistakes": [{"name": "m", "sentence": "s", "outcomes": [one]} for one in outcomes],
    }


def value(result, changed=()):
    return {"value": encode(result), "changed": list(changed)}


def written(right, outcome):
    [mistake] = abridge(examination(right, outcome))["mistakes"]
    return mistake["outcomes"][0]


VALUES = (
    *(None, True, 1, 1.0, float("nan"), "", "text", [], [1.0, 2.0], [1.0, 3.0, 2.0], [[]], {}),
    *({"a": 1.0}, {"a": {}}, {"a": {}, "b": 2.0}, {"array": 1}, {"dict": {}}, (), (1.0, "a")),
    *((2.0, np.ones(2)), (1.0, np.ones(2)), (1.0, {}), (1.0, {"a": 1})),
    *(np.ones(2), np.ones((2, 1)), np.ones(2, np.float32), np.array([1.0, np.nan]), np.arange(2)),
    *(csr_array(np.eye(2)), csr_array([[1.0, 0.0], [1.0, 0.0]])),
)
OUTCOMES = [*map(value, VALUES), value(1.0, ["x"]), {"raised": {"type": "ValueError"}}]


@pytest.mark.parametrize("right", OUTCOMES, ids=str)
def test_what_is_written_is_read_again(right):
    whole = examination(right, *OUTCOMES)
    read = expand(json.loads(json.dumps(abridge(whole))))
    for mistake, outcome in zip(read["mistakes"], OUTCOMES, strict=True):
        assert is_same(mistake["outcomes"], [outcome]), (right, outcome)
    assert is_same({**read, "mistakes": 0}, {**whole, "mistakes": 0})


def test_only_what_differs_is_written():
    right = value((0.5, np.array([1.0, 2.0, 3.0])))
    assert written(right, value((0.5, np.array([1.0, 2.0, 3.0])))) == {}
    assert written(right, value((0.5 + 1e-12, np.array([1.0, 7.0, 3.0])))) == {
        "value": {"tuple": [{}, {"array": [{}, 7.0, {}]}]}
    }
    assert written(right, value((0.5, np.array([1.0, 2.0])))) == {
        "value": {"tuple": [{}, {"array": [1.0, 2.0], "shape": [2]}]}
    }


def test_an_integer_is_not_the_number_with_a_point():
    assert not is_same(1, 1.0)
    assert not is_same(True, 1)
    assert written(value(1.0), value(1)) == {"value": 1}


def test_the_file_is_packed_and_read_again():
    examinations = [abridge(examination(value(1.0), value(float("nan")))) for _ in range(50)]
    assert is_same(unpack(pack(examinations)), examinations)
    assert len(pack(examinations)) < len(json.dumps(examinations)) / 5


@pytest.mark.parametrize("content", [b"", b"{}", bz2.compress(b"[]"), bz2.compress(b"x")])
def test_other_bytes_are_no_public_cases(content):
    with pytest.raises(ValueError, match="no public cases"):
        unpack(content)
