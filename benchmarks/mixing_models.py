"""What lecture 13's functions do not do: deeper GCNs, links by mixed embeddings, GF-CF."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.sparse import csr_array
from torch.nn import functional

from embedlab.data.ratings import Ratings

RATE, DECAY, STEPS = 0.01, 5e-4, 200  # as lecture 13 trains
N_HIDDEN = 16
LINK_SIZE, LINK_HIDDEN, N_NEGATIVES, SHRINK = 16, 32, 5, 1e-3


def sparse(matrix: csr_array) -> torch.Tensor:
    """Return a SciPy array as a sparse float32 tensor."""
    matrix = matrix.tocoo()
    places = torch.as_tensor(np.stack(matrix.coords).astype(np.int64))
    values = torch.as_tensor(matrix.data, dtype=torch.float32)
    return torch.sparse_coo_tensor(places, values, matrix.shape, check_invariants=False).coalesce()


def start(n_rows: int, n_columns: int) -> torch.Tensor:
    """Return weights drawn as Glorot and Bengio (2010) do."""
    reach = (6 / (n_rows + n_columns)) ** 0.5
    return torch.empty(n_rows, n_columns).uniform_(-reach, reach).requires_grad_()


def half(X: torch.Tensor) -> torch.Tensor:
    """Return X with a random half of its entries set to 0, the rest doubled."""
    kept = 2 * X.values() * (torch.rand(X.values().shape) < 0.5)
    return torch.sparse_coo_tensor(
        X.indices(), kept, X.shape, is_coalesced=True, check_invariants=False
    )


def deep_gcn(
    M: csr_array,
    X: csr_array,
    labels: np.ndarray,
    labelled: np.ndarray,
    n_layers: int,
    decay_all: bool,
    seed: int,
    n_steps: int = STEPS,
) -> np.ndarray:
    """Return (n,) the classes predicted by a GCN of any depth, otherwise trained as lecture 13's.

    Args:
        M: (n, n) the mixing matrix.
        X: (n, n_words) features; a random half is left out at every step.
        labels: (n,) classes, of which only labels[labelled] is used.
        labelled: training nodes.
        n_layers: how often is mixed; between two layers stand 16 numbers and a ReLU.
        decay_all: whether all weights decay, or the first layer's only.
        seed: of the start and of what is left out.
        n_steps: of training.
    """
    torch.manual_seed(seed)
    mixing, words = sparse(M), sparse(X)
    sizes = [X.shape[1], *[N_HIDDEN] * (n_layers - 1), int(labels.max()) + 1]
    weights = [start(*pair) for pair in pairwise(sizes)]
    first, *others = weights
    groups = [{"params": [first], "weight_decay": DECAY}]
    if others:
        groups.append({"params": others, "weight_decay": DECAY if decay_all else 0.0})
    optimizer = torch.optim.Adam(groups, lr=RATE)

    def scores(inputs):
        held = torch.sparse.mm(mixing, torch.sparse.mm(inputs, first))
        for each in others:
            held = torch.sparse.mm(mixing, torch.relu(held) @ each)
        return held

    right = torch.as_tensor(labels[labelled])
    for _ in range(n_steps):
        optimizer.zero_grad()
        functional.cross_entropy(scores(half(words))[labelled], right).backward()
        optimizer.step()
    with torch.no_grad():
        return scores(words).argmax(dim=1).numpy()


@dataclass(frozen=True, eq=False)
class Links:
    """Edges that a model sees, and those it has to find.

    Attributes:
        n: number of nodes.
        known: (m, 2) edges of the training.
        hidden: (h, 2) edges to find.
    """

    n: int
    known: np.ndarray
    hidden: np.ndarray

    def adjacency(self) -> csr_array:
        """Return the (n, n) matrix of the known edges alone."""
        both = np.concatenate([self.known, self.known[:, ::-1]])
        return csr_array((np.ones(len(both)), both.T), shape=(self.n, self.n))


def ranks(links: Links, scores: np.ndarray) -> np.ndarray:
    """Return (h, 2) the rank of each hidden edge among all nodes, asked from either end.

    The node itself, its known neighbours and its other hidden ones do not compete; equal scores
    share the mean of their ranks.
    """
    taken = links.adjacency().toarray() > 0
    taken[*links.hidden.T] = taken[*links.hidden.T[::-1]] = True
    np.fill_diagonal(taken, True)
    found = np.empty(links.hidden.shape)
    for edge, pair in enumerate(links.hidden):
        for end in (0, 1):
            row, target = scores[pair[end]], scores[pair[end], pair[1 - end]]
            others = row[~taken[pair[end]]]
            found[edge, end] = 1 + (others > target).sum() + (others == target).sum() / 2
    return found


def two_layer_links(
    links: Links, M: csr_array, X: csr_array, drop: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return Z = M relu(M X W) W' and biases, trained as lecture 13 trains Z = M X W.

    Args:
        links: of which only the known ones are used.
        M: (n, n) the mixing matrix of the known edges.
        X: (n, n_inputs) features.
        drop: whether a random half of the entries of X is left out in every step.
        seed: of the start, of what is left out and of the random pairs.

    Returns:
        (n, 16) vectors and (n,) biases.
    """
    torch.manual_seed(seed)
    mixing, inputs = sparse(M), sparse(X)
    first, last = start(X.shape[1], LINK_HIDDEN), start(LINK_HIDDEN, LINK_SIZE)
    biases = torch.zeros(links.n, requires_grad=True)
    optimizer = torch.optim.Adam([first, last, biases], lr=RATE)

    def vectors(entering):
        held = torch.relu(torch.sparse.mm(mixing, torch.sparse.mm(entering, first)))
        return torch.sparse.mm(mixing, held @ last)

    known = torch.as_tensor(links.known)
    ends = known[:, 0].repeat_interleave(N_NEGATIVES)
    truth = torch.cat([torch.ones(len(known)), torch.zeros(len(ends))])
    for _ in range(STEPS):
        others = torch.randint(links.n, (len(ends),))
        pairs = torch.cat([known, torch.stack([ends, others], dim=1)])
        Z = vectors(half(inputs) if drop else inputs)
        scores = (Z[pairs[:, 0]] * Z[pairs[:, 1]]).sum(dim=1) + biases[pairs].sum(dim=1)
        loss = functional.binary_cross_entropy_with_logits(scores, truth)
        optimizer.zero_grad()
        (loss + SHRINK * (Z**2).sum(dim=1).mean()).backward()
        optimizer.step()
    with torch.no_grad():
        return vectors(inputs).double().numpy(), biases.double().numpy()


def heuristics(links: Links, X: csr_array) -> dict[str, np.ndarray]:
    """Return {name: (n, n) scores} of what needs no training."""
    A = links.adjacency()
    degrees = A.sum(axis=1)
    lengths = np.sqrt((X**2).sum(axis=1))
    unit = X.multiply(1 / np.where(lengths > 0, lengths, 1)[:, None]).tocsr()
    return {
        "product of degrees": np.outer(degrees, degrees),
        "common neighbours": (A @ A).toarray(),
        "resource allocation": (A @ A.multiply(1 / degrees[:, None]).tocsr()).toarray(),
        "cosine of the definitions": (unit @ unit.T).toarray(),
    }


def mixing_and_leading_vectors(train: Ratings, n_vectors: int, alpha: float) -> np.ndarray:
    """Return scores (n_users, n_items): two steps from film to film, plus the leading vectors.

    Shen et al. (2021): R (R~.T R~ + alpha D^-1/2 V V.T D^1/2), R~ = R normalized on both sides,
    V its first right singular vectors, D the films' counts.
    """
    R = train.interactions().toarray()
    users, films = (np.maximum(R.sum(axis=axis), 1) for axis in (1, 0))
    normalized = R / np.sqrt(np.outer(users, films))
    V = np.linalg.svd(normalized, full_matrices=False)[2][:n_vectors].T
    smooth = (R / np.sqrt(films)) @ V @ V.T * np.sqrt(films)
    return R @ (normalized.T @ normalized) + alpha * smooth
