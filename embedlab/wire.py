"""Values as plain JSON: what a function is given and what it gives back, without pickle.

The public cases that ship with the kit, and everything that travels between the judge and a
student's process, are written this way, so that reading them can never run code.
"""

import numpy as np
import scipy.sparse as sp


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
    if type(value).__module__ == "torch" and type(value).__name__ in ("Tensor", "Parameter"):
        return {"tensor": _encode_array(value.detach().cpu().numpy())}
    return {"unreadable": type(value).__name__}


def decode(encoded):
    """Return a fresh value from what `encode` made.

    Raises ValueError for anything `encode` cannot have made.
    """
    if encoded is None or isinstance(encoded, bool | int | float | str):
        return encoded
    if isinstance(encoded, list):
        return [decode(element) for element in encoded]
    if isinstance(encoded, dict):
        if "array" in encoded:
            return _decode_array(encoded)
        if "tuple" in encoded:
            return tuple(decode(element) for element in encoded["tuple"])
        if "dict" in encoded:
            return {key: decode(element) for key, element in encoded["dict"].items()}
        if "sparse" in encoded:
            parts = {name: _decode_array(part) for name, part in encoded["sparse"].items()}
            csr = (parts["data"], parts["indices"], parts["indptr"])
            return sp.csr_array(csr, shape=tuple(encoded["shape"]))
        if "tensor" in encoded:
            import torch  # heavy, and few values are tensors

            return torch.from_numpy(_decode_array(encoded["tensor"]))
        if "unreadable" in encoded:
            return Unreadable(encoded["unreadable"])
    raise ValueError(f"not an encoded value: {str(encoded)[:80]}")


def _encode_array(array):
    return {
        "array": np.array(array, subok=False).ravel().tolist(),
        "dtype": array.dtype.name,
        "shape": list(array.shape),
    }


def _decode_array(encoded):
    return np.array(encoded["array"], dtype=encoded["dtype"]).reshape(encoded["shape"])
