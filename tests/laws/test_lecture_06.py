"""Lecture 06 against PyTorch: its towers and losses give torch's numbers and gradients."""

import numpy as np
import pytest
import torch
from scipy.sparse import random_array

from autograder.lecture.reference import load_reference


@pytest.fixture(scope="module")
def reference():
    return load_reference("06_dssm")


@pytest.fixture(scope="module")
def tower_and_rows(reference):
    torch.manual_seed(0)
    rows = random_array((7, 40), density=0.2, rng=np.random.default_rng(0), format="csr")
    return reference["Tower"](40, n_hidden=6, d=5), rows.astype(np.float32)


def test_forward_pass_is_the_modules(reference, tower_and_rows):
    tower, rows = tower_and_rows
    ours = reference["tower_forward"](rows, *tower.arrays())
    assert np.abs(ours - tower(rows).detach().numpy()).max() < 1e-6


def test_gradient_of_a_sparse_product_is_torchs(tower_and_rows):
    tower, rows = tower_and_rows
    tower.zero_grad()
    tower(rows).square().sum().backward()
    W1 = tower.W1.detach().requires_grad_()
    hidden = torch.tanh(torch.from_numpy(rows.toarray()) @ W1 + tower.b1.detach())
    (hidden @ tower.W2.detach() + tower.b2.detach()).square().sum().backward()
    assert W1.grad.abs().max() > 0.1
    assert torch.allclose(tower.W1.grad, W1.grad, atol=1e-6)


def test_cosine_gradient_is_torchs(reference):
    pair = torch.randn(2, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    y_q, y_d = (row.clone().requires_grad_() for row in pair)
    torch.nn.functional.cosine_similarity(y_q, y_d, dim=0).backward()
    by_q, by_d = reference["cosine_gradient"](*pair.numpy())
    assert np.abs(by_q - y_q.grad.numpy()).max() < 1e-12
    assert np.abs(by_d - y_d.grad.numpy()).max() < 1e-12


def test_word_hashing_keeps_trigrams_of_two_documents_and_gives_rows_of_length_one(reference):
    hashing = reference["WordHashing"](["red fox", "red dog", "a fox"])
    assert list(hashing.columns) == ["#fo", "#re", "ed#", "fox", "ox#", "red"]
    X = hashing(["fox", "zzz", "red red", "dog"])
    assert np.linalg.norm(X.toarray(), axis=1).round(6).tolist() == [1.0, 0.0, 1.0, 0.0]
