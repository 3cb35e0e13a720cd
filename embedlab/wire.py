"""Values as plain JSON: what a function is given and what it gives back, without pickle.

The public cases that ship with the kit, and everything that travels between the judge and a
student's process, are written this way, so that reading them can never run code.
"""

import math

import numpy as np
import scipy.sparse as sp

DTYPES = frozenset(["bool", "float16", "float32", "float64"]) | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}

MAX_DIMENSIONS, MAX_SIZE = 64, (1 << 63) - 1  # of an array: NumPy 2 makes no larger one


class Unreadable:
    """Stands for a value that is not data (a function, a module, ...); equal to nothing."""

    def __init__(self, type_name):
        self.type_name = type_name


def encode(value):
    """Return `value` as something `json.dumps` can write.

    Numbers, strings, None, lists, tuples, dicts with string keys, NumPy arrays of numbers, SciPy
    sparse matrices and torch tensors keep their kind. Anything else keeps only its type's name.
    """
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.float64):
        return float(value)
    if isinstance(value, np.floating):  # a float32 must stay one: it is compared less strictly
        return _encode_array(np.asarray(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return [encode(element) for element in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(element) for element in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: encode(element) for key, element in value.items()}}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return _encode_array(value)
    if sp.issparse(value):
        matrix = value.tocsr().astype(value.dtype, copy=True)
        matrix.sum_duplicates()
        parts = {"indptr": matrix.indptr, "indices": matrix.indices, "data": matrix.data}
        encoded = {name: _encode_array(np.asarray(part)) for name, part in parts.items()}
        return {"sparse": encoded, "shape": list(matrix.shape)}
    if _is_tensor(value):
        return {"tensor": _encode_array(value.detach().cpu().numpy())}
    return {"unreadable": type(value).__name__}


def _is_tensor(value):
    """Whether value is a dense torch tensor of a kind of number that NumPy has too."""
    kind = type(value)
    if not kind.__module__.startswith("torch") or kind.__name__ not in ("Tensor", "Parameter"):
        return False
    dtype = str(value.dtype).removeprefix("torch.")
    return dtype in DTYPES and str(value.layout) == "torch.strided"


def to_torch(array):
    """Return the torch tensor of an array."""
    import torch  # heavy, and few values are tensors

    return torch.from_numpy(array)


class TensorArray(np.ndarray):
    """Stands for a torch tensor where values are only compared, without importing torch."""

    @staticmethod
    def of(array):
        """Return the array as one that knows it was a tensor."""
        return array.view(TensorArray)


def decode(encoded, tensor=to_torch):
    """Return a fresh value from what `encode` made.

    tensor: makes a tensor of an array. Raises ValueError, TypeError, KeyError or OverflowError for
    what `encode` cannot have made: it may come from a student's process, so nothing in it is
    believed, neither a dtype nor a shape nor the indices of a sparse matrix.
    """
    if encoded is None or isinstance(encoded, bool | int | float | str):
        return encoded
    if isinstance(encoded, list):
        return [decode(element, tensor) for element in encoded]
    if isinstance(encoded, dict):
        if "array" in encoded:
            return _decode_array(encoded)
        if "tuple" in encoded:
            return tuple(decode(element, tensor) for element in encoded["tuple"])
        if "dict" in encoded:
            return {key: decode(element, tensor) for key, element in encoded["dict"].items()}
        if "sparse" in encoded:
            parts = {name: _decode_array(part) for name, part in encoded["sparse"].items()}
            csr = (parts["data"], parts["indices"], parts["indptr"])
            matrix = sp.csr_array(csr, shape=tuple(encoded["shape"]))
            matrix.check_format(full_check=True)  # an index outside would write outside
            return matrix
        if "tensor" in encoded:
            return tensor(_decode_array(encoded["tensor"]))
        if "unreadable" in encoded:
            return Unreadable(" ".join(str(encoded["unreadable"])[:80].split()))
    raise ValueError(f"not an encoded value: {str(encoded)[:80]}")


def _encode_array(array):
    array = np.array(array, subok=False)
    if array.dtype.name not in DTYPES:  # long doubles
        array = array.astype(float)
    return {"array": array.ravel().tolist(), "dtype": array.dtype.name, "shape": list(array.shape)}


def _decode_array(encoded):
    numbers, dtype, shape = encoded["array"], encoded["dtype"], encoded["shape"]
    # bounded first: the product of a thousand long integers takes minutes
    is_shape = len(shape) <= MAX_DIMENSIONS and all(0 <= size <= MAX_SIZE for size in shape)
    if dtype not in DTYPES or not is_shape or math.prod(shape) != len(numbers):
        raise ValueError(f"not an encoded array of dtype {str(dtype)[:20]}")
    with np.errstate(over="ignore"):  # a narrow dtype with a number that does not fit: infinite
        return np.array(numbers, dtype=dtype).reshape(shape)
