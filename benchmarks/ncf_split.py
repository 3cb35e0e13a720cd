"""The leave-one-out split of MovieLens-1M of the NCF paper, and its protocol with 99 negatives.

He et al., "Neural Collaborative Filtering" (WWW 2017), hold out every user's last rated film and
rank it among 99 films the user has not rated; Rendle et al., "Neural Collaborative Filtering vs.
Matrix Factorization Revisited" (RecSys 2020), compare many models on the very same files. The data
are MovieLens-1M's: for research only, not to be redistributed, so they are not part of the course.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

N_USERS, N_ITEMS, N_NEGATIVES = 6040, 3706, 99
CONTENT_SHA256 = "17babd415a3ed27d42844129825a4ab277de2858d981c7e4fd58000b1826bf24"


@dataclass(frozen=True, eq=False)
class NcfSplit:
    """What a model sees, and what it has to rank.

    Attributes:
        train: (n_users, n_items), 1 where the user rated the film.
        test_items: (n_users,) the film held out of each user.
        negatives: (n_users, 99) the films it competes with. For 156 users of the published file
            the held-out film is among them; it does not compete with itself.
    """

    train: csr_array
    test_items: np.ndarray
    negatives: np.ndarray


def load_ncf_split(path: Path) -> NcfSplit:
    """Return the split, verified against the checksum of its content; exit if it is another.

    Args:
        path: the folder with the published ml-1m.train.rating, ml-1m.test.rating and
            ml-1m.test.negative, or an .npz file that holds train_user, train_item (n,), test_item
            (n_users,) and test_negatives (n_users, 99).
    """
    arrays = _read_folder(path) if path.is_dir() else _read_npz(path)
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<i4").tobytes())
    if digest.hexdigest() != CONTENT_SHA256:
        sys.exit(f"{path} is not the published split, or not all of it: {digest.hexdigest()}.")
    pairs, test_items, negatives = arrays
    ones = np.ones(len(pairs), dtype=np.float64)
    train = csr_array((ones, tuple(pairs.T.astype(np.int32))), shape=(N_USERS, N_ITEMS))
    return NcfSplit(train, test_items, negatives)


def _read_npz(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with np.load(path) as file:
        pairs = np.column_stack([file["train_user"], file["train_item"]]).astype(np.int64)
        return _sorted(pairs), file["test_item"].astype(int), file["test_negatives"].astype(int)


def _read_folder(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pairs = np.loadtxt(folder / "ml-1m.train.rating", dtype=np.int64, usecols=(0, 1))
    test_items = np.loadtxt(folder / "ml-1m.test.rating", dtype=np.int64, usecols=1)
    columns = range(1, N_NEGATIVES + 1)
    negatives = np.loadtxt(folder / "ml-1m.test.negative", dtype=np.int64, usecols=columns)
    return _sorted(pairs), test_items, negatives


def _sorted(pairs: np.ndarray) -> np.ndarray:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def hold_out_one_more(split: NcfSplit, seed: int) -> NcfSplit:
    """Return a split of the training ratings alone, to choose settings on.

    One rated film per user, drawn at random (the published training file has no times that the
    protocol uses), competes with 99 films that the user has not rated; the test films stay unseen.
    """
    rng = np.random.default_rng(seed)
    train = split.train.copy()
    test_items = np.empty(N_USERS, dtype=np.int64)
    negatives = np.empty((N_USERS, N_NEGATIVES), dtype=np.int64)
    for user in range(N_USERS):
        positions = slice(train.indptr[user], train.indptr[user + 1])
        held_out = rng.integers(positions.start, positions.stop)
        test_items[user] = train.indices[held_out]
        train.data[held_out] = 0
        unrated = np.setdiff1d(np.arange(N_ITEMS), train.indices[positions])
        negatives[user] = rng.choice(unrated, N_NEGATIVES, replace=False)
    train.eliminate_zeros()
    return NcfSplit(train, test_items, negatives)


def hit_rate_and_ndcg(scores: np.ndarray, split: NcfSplit, k: int = 10) -> tuple[float, float]:
    """Return HR@k and NDCG@k of the held-out film among its negatives, averaged over users.

    Where a film ties with others, both are averaged over all orders of the tied films, so a model
    gains nothing from equal scores.

    Args:
        scores: (n_users, n_items), higher is better.
        split: whose test films are ranked.
        k: length of the list.
    """
    users = np.arange(len(scores))
    own = scores[users, split.test_items][:, None]
    others = scores[users[:, None], split.negatives]
    competes = split.negatives != split.test_items[:, None]
    above = ((others > own) & competes).sum(axis=1)
    tied = ((others == own) & competes).sum(axis=1)

    ranks = np.arange(N_NEGATIVES + 1)
    hit = ranks < k
    gain = np.where(hit, 1 / np.log2(ranks + 2), 0)
    total_hit, total_gain = (np.concatenate(([0], np.cumsum(value))) for value in (hit, gain))
    last = above + tied + 1
    hit_rates = (total_hit[last] - total_hit[above]) / (tied + 1)
    ndcgs = (total_gain[last] - total_gain[above]) / (tied + 1)
    return float(hit_rates.mean()), float(ndcgs.mean())
