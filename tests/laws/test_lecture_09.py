"""Lecture 09 against PyTorch: its functions and its model give torch's numbers in float64."""

import numpy as np
import pytest
import torch

from autograder.lecture.reference import load_reference


@pytest.fixture(scope="module")
def reference():
    return load_reference("09_self_attention")


@pytest.mark.parametrize("n_padding", [0, 3])
def test_attention_is_torchs(reference, n_padding):
    rng = np.random.default_rng(0)
    Q, K, V = rng.normal(size=(8, 6)), rng.normal(size=(8, 6)), rng.normal(size=(8, 5))
    mask = reference["attention_mask"](np.arange(8) >= n_padding)
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *(torch.from_numpy(array)[None] for array in (Q, K, V)), attn_mask=torch.from_numpy(mask)
    )[0].numpy()
    assert np.abs(reference["attention"](Q, K, V, mask) - theirs).max() < 1e-12


@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_multi_head_is_torchs(reference, n_heads):
    rng = np.random.default_rng(1)
    X, (W_Q, W_K, W_V, W_O) = rng.normal(size=(7, 8)), rng.normal(size=(4, 8, 8))
    mask = reference["attention_mask"](np.arange(7) >= 2)
    layer = torch.nn.MultiheadAttention(8, n_heads, bias=False, dtype=torch.float64)
    rows = torch.from_numpy(X)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.from_numpy(np.concatenate([W_Q.T, W_K.T, W_V.T])))
        layer.out_proj.weight.copy_(torch.from_numpy(W_O.T.copy()))
        theirs, _ = layer(rows, rows, rows, attn_mask=torch.from_numpy(~mask), need_weights=False)
    ours = reference["multi_head"](X, W_Q, W_K, W_V, W_O, n_heads, mask)
    assert np.abs(ours - theirs.numpy()).max() < 1e-10


def test_attention_is_permutation_equivariant_until_positions_are_added(reference):
    rng = np.random.default_rng(2)
    X, weights = rng.normal(size=(9, 4)), rng.normal(size=(3, 4, 4))
    gap, order = reference["permutation_equivariance"], rng.permutation(9)
    assert gap(X, np.zeros((9, 4)), *weights, order) < 1e-12
    assert gap(X, reference["positional_encoding"](9, 4), *weights, order) > 0.01


def test_the_backward_pass_is_autograds(reference):
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=shape) for shape in ((5, 4), (7, 4), (7, 3))]
    upstream = rng.normal(size=(5, 3))
    tensors = [torch.tensor(array[None], requires_grad=True) for array in arrays]
    answer = torch.nn.functional.scaled_dot_product_attention(*tensors)
    answer.backward(torch.from_numpy(upstream[None]))
    for ours, theirs in zip(
        reference["attention_backward"](*arrays, upstream), tensors, strict=True
    ):
        assert np.abs(ours - theirs.grad[0].numpy()).max() < 1e-12


@pytest.mark.parametrize("positions", ["learnt", "sinusoidal", "none"])
def test_numpy_and_torch_score_the_next_film_alike(reference, positions):
    histories = [np.array([3, 1, 4, 0, 5]), np.array([2, 6]), np.arange(7)]
    *_, model = reference["train"](histories, 7, positions=positions, length=5, n_passes=2)
    arrays = {name: value.detach().numpy() for name, value in model.named_parameters()}
    by_hand = [
        reference["next_film_scores"](reference["padded"](history, 5, 7), arrays, model.n_heads)
        for history in histories
    ]
    assert np.abs(model.next_films(histories) - by_hand).max() < 1e-10


def test_windows_ask_for_every_film_but_the_first_once(reference):
    histories = [np.arange(8), np.array([6, 2, 5])]
    inputs, targets = reference["windows"](histories, 3, n_items=8)
    pairs = list(zip(inputs.flatten().tolist(), targets.flatten().tolist(), strict=True))
    real = sorted(pair for pair in pairs if pair[1] < 8)
    wanted = [pair for h in histories for pair in zip(h[:-1].tolist(), h[1:].tolist(), strict=True)]
    assert real == sorted(wanted)
