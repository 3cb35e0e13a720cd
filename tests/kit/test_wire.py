"""Whatever array NumPy can make comes back as it was: else a judge would take it for forged."""

import numpy as np
import pytest

from embedlab.wire import decode, encode


@pytest.mark.parametrize("shape", [(1,) * 64, (0,) * 40, (1 << 41, 0), (), (2, 0, 3)])
def test_an_array_of_any_shape_comes_back(shape):
    array = np.zeros(shape, np.float32)
    back = decode(encode(array))
    assert (back.shape, back.dtype) == (shape, array.dtype)
