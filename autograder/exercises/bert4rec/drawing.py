"""What the cases of lecture 10 are drawn from: torch tensors, all sizes distinct.

n histories of `length` places, d numbers a place; item n_items is padding, n_items + 1 is [mask].
"""

import numpy as np
import torch


def entries(rng, *shape):
    """Return a tensor (float64) of numbers of both signs with two decimals, none of them zero."""
    size = rng.integers(20, 180, shape) / 100
    return torch.as_tensor(np.where(rng.random(shape) < 0.5, -size, size))


def single(rng, *shape):
    """Return what `entries` does in float32, which torch modules compute in."""
    return entries(rng, *shape).float()


def parameters(rng, **shapes):
    """Return {name: array} of random parameters, two decimals; `__` in a name is a dot."""
    return {
        name.replace("__", "."): (entries(rng, *shape).numpy() / np.sqrt(shape[-1])).round(2)
        for name, shape in shapes.items()
    }


def padded_histories(rng, n_items, lengths, length):
    """Return (n, length) items: histories of `lengths` real items each, padded on the left."""
    items = rng.integers(0, n_items, (len(lengths), length))
    real = np.arange(length) >= length - np.asarray(lengths)[:, None]
    return torch.as_tensor(np.where(real, items, n_items))


def some_hidden(rng, items, n_items, counts):
    """Return booleans like items (n, length): in row i, counts[i] real places are True."""
    hidden = np.zeros(items.shape, dtype=bool)
    for row, count in enumerate(counts):
        real = np.flatnonzero(items[row].numpy() != n_items)
        hidden[row, rng.choice(real, count, replace=False)] = True
    return torch.as_tensor(hidden)
