"""Exercises of lecture 03, SLIM (Ning and Karypis, 2011).

Shapes: A (n_users, n_items) of 0 and 1; gram = A.T @ A (n_items, n_items); W (n_items, n_items)
with W[j, i] = w_ij, the weight of item j in the score of item i.
"""

import numpy as np
from scipy.sparse import csr_array

from autograder.exercises import Exercise


def _interactions(rng, n_users, n_items):
    """Return a random 0/1 matrix in which no item is without users and none has all of them."""
    A = (rng.random((n_users, n_items)) < 0.45).astype(float)
    A[rng.permutation(n_users)[0], :] = 1.0
    A[rng.permutation(np.flatnonzero(A.min(axis=1) == 0))[0], :] = 0.0
    return A


def _gram(rng, n_users, n_items):
    A = _interactions(rng, n_users, n_items)
    return A.T @ A


def _weights(rng, n_items):
    """Return sparse nonnegative weights with a zero diagonal, not symmetric."""
    W = rng.integers(1, 60, (n_items, n_items)) / 100
    W[rng.random((n_items, n_items)) < 0.5] = 0.0
    np.fill_diagonal(W, 0.0)
    W[0, 1], W[1, 0] = 0.37, 0.0  # never symmetric
    return W


HAND_A = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
HAND_GRAM = HAND_A.T @ HAND_A
HAND_W = np.array([[0.0, 0.5, 0.25], [0.5, 0.0, 0.0], [0.0, 0.25, 0.0]])

# --------------------------------------------------------------------------- slim_objective

slim_objective = Exercise("slim_objective", points=1)


@slim_objective.cases
def _(rng):
    A, W = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.5], [0.5, 0.0]])
    yield "the worked example", {"A": A, "W": W, "l1": 1.0, "l2": 2.0}
    yield "4 users, 3 items", {"A": HAND_A, "W": HAND_W, "l1": 1.0, "l2": 2.0}
    yield "no penalty", {"A": HAND_A, "W": HAND_W, "l1": 0.0, "l2": 0.0}
    yield "only L1", {"A": HAND_A, "W": HAND_W, "l1": 3.0, "l2": 0.0}
    yield "only L2", {"A": HAND_A, "W": HAND_W, "l1": 0.0, "l2": 3.0}
    A, W = _interactions(rng, 7, 5), _weights(rng, 5)
    yield "a random 7 x 5 matrix", {"A": A, "W": W, "l1": 0.7, "l2": 1.9}
    signs = np.where(rng.random((5, 5)) < 0.5, -1.0, 1.0)
    signs[0, 1] = -1.0
    yield "weights of both signs", {"A": A, "W": W * signs, "l1": 0.7, "l2": 1.9}


@slim_objective.mistake("The squared error carries a factor 1/2 in SLIM's objective; yours has 1.")
def error_not_halved(A, W, l1, l2):
    return float(((A - A @ W) ** 2).sum() + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake("Two factors 1/2 are missing: at the squared error and at the L2 penalty.")
def no_halves(A, W, l1, l2):
    return float(((A - A @ W) ** 2).sum() + l1 * np.abs(W).sum() + l2 * (W**2).sum())


@slim_objective.mistake("The L2 penalty is l2/2 times the sum of squares; you left out the 1/2.")
def l2_not_halved(A, W, l1, l2):
    return float(0.5 * ((A - A @ W) ** 2).sum() + l1 * np.abs(W).sum() + l2 * (W**2).sum())


@slim_objective.mistake(
    "You averaged the squared errors. SLIM sums them: with a mean, the same l1 and l2 would weigh "
    "more the more users there are."
)
def error_averaged(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).mean()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "You multiplied by W transposed. Column i of W predicts item i, so the scores are A @ W."
)
def weights_transposed(A, W, l1, l2):
    error = 0.5 * ((A - A @ W.T) ** 2).sum()
    return float(error + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "np.linalg.norm(W, 1) of a matrix is its largest column sum, not the sum of all |w|."
)
def l1_matrix_norm(A, W, l1, l2):
    error = 0.5 * ((A - A @ W) ** 2).sum()
    return float(error + l1 * np.linalg.norm(W, 1) + 0.5 * l2 * (W**2).sum())


@slim_objective.mistake(
    "The L1 penalty sums |w|, not w: for weights of both signs yours lets them cancel."
)
def l1_without_absolute_value(A, W, l1, l2):
    return float(0.5 * ((A - A @ W) ** 2).sum() + l1 * W.sum() + 0.5 * l2 * (W**2).sum())


@slim_objective.alternative
def objective_with_loops(A, W, l1, l2):
    n_users, n_items = A.shape
    total = 0.0
    for u in range(n_users):
        for i in range(n_items):
            predicted = sum(W[j, i] * A[u, j] for j in range(n_items))
            total += 0.5 * (A[u, i] - predicted) ** 2
    for j in range(n_items):
        for i in range(n_items):
            total += l1 * abs(W[j, i]) + 0.5 * l2 * W[j, i] ** 2
    return total


@slim_objective.alternative
def objective_with_einsum(A, W, l1, l2):
    E = A - np.einsum("uj,ji->ui", A, W)
    squares = np.einsum("ui,ui->", E, E) + l2 * np.einsum("ji,ji->", W, W)
    return 0.5 * squares + l1 * np.abs(W).sum()


@slim_objective.alternative
def objective_with_torch(A, W, l1, l2):
    import torch

    A, W = torch.from_numpy(A), torch.from_numpy(W)
    loss = 0.5 * torch.sum((A - A @ W) ** 2) + l1 * W.abs().sum() + 0.5 * l2 * (W * W).sum()
    return loss.item()


# --------------------------------------------------------------------------- soft_threshold

soft_threshold = Exercise("soft_threshold", points=1)


@soft_threshold.cases
def _(rng):
    yield "a number above the threshold", {"z": 3.0, "threshold": 1.0}
    yield "a number inside [-threshold, threshold]", {"z": 0.5, "threshold": 1.0}
    yield "a negative number", {"z": -3.0, "threshold": 1.0}
    z = np.array([-2.0, -1.0, -0.4, 0.0, 0.4, 1.0, 2.0])
    yield "an array with values on the threshold", {"z": z, "threshold": 1.0}
    z = np.round(rng.normal(0, 2, (3, 4)), 2)
    z[0, 0], z[1, 1], z[2, 2] = 3.14, -2.72, 0.1
    yield "a matrix of both signs", {"z": z, "threshold": 0.8}
    yield "threshold zero", {"z": z, "threshold": 0.0}


@soft_threshold.mistake(
    "You treat only positive values. Negative ones shrink towards zero too: S(-3, 1) = -2. "
    "(The one-sided form comes later, from the constraint w >= 0.)"
)
def one_sided(z, threshold):
    return np.maximum(z - threshold, 0.0)


@soft_threshold.mistake(
    "Values smaller than the threshold must become exactly 0; yours pass through zero and change "
    "sign."
)
def not_clipped(z, threshold):
    return z - threshold * np.sign(z)


@soft_threshold.mistake(
    "This is hard thresholding: it keeps what is large as it is. Soft thresholding also moves it "
    "towards zero by the threshold."
)
def hard_threshold(z, threshold):
    return np.where(np.abs(z) > threshold, z, 0.0)


@soft_threshold.mistake("You lost the sign: multiply max(|z| - threshold, 0) by the sign of z.")
def sign_lost(z, threshold):
    return np.maximum(np.abs(z) - threshold, 0.0)


@soft_threshold.alternative
def threshold_by_clipping(z, threshold):
    return z - np.clip(z, -threshold, threshold)


@soft_threshold.alternative
def threshold_by_cases(z, threshold):
    shrunk = np.where(z > threshold, z - threshold, np.where(z < -threshold, z + threshold, 0.0))
    return shrunk if np.ndim(z) else float(shrunk)


@soft_threshold.alternative
def threshold_with_torch(z, threshold):
    import torch

    z = torch.as_tensor(np.asarray(z), dtype=torch.float32)
    return torch.nn.functional.softshrink(z, threshold).numpy()


# ------------------------------------------------------------------------ coordinate_update

coordinate_update = Exercise("coordinate_update", points=2, needs=("soft_threshold",))


@coordinate_update.cases
def _(rng):
    hand = {"gram": HAND_GRAM, "w": np.array([0.5, 0.0, 0.25])}
    yield "the worked example", {**hand, "i": 1, "j": 0, "l1": 1.0, "l2": 2.0}
    yield "the item's own weight (j = i)", {**hand, "i": 0, "j": 0, "l1": 0.1, "l2": 1.0}
    yield (
        "a weight that the penalty brings to zero",
        {**hand, "i": 1, "j": 2, "l1": 5.0, "l2": 1.0},
    )
    gram = np.array([[4.0, 3.0, 0.0], [3.0, 5.0, 4.0], [0.0, 4.0, 6.0]])
    yield (
        "films of different popularity",
        {"gram": gram, "w": np.array([0.25, 0.0, 0.0]), "i": 1, "j": 2, "l1": 1.0, "l2": 2.0},
    )
    w = np.array([0.0, 0.9, 0.4])
    yield (
        "a negative optimum, which w >= 0 forbids",
        {"gram": gram, "w": w, "i": 2, "j": 0, "l1": 0.2, "l2": 0.0},
    )
    gram, w = _gram(rng, 17, 6), _weights(rng, 6)[:, 3] / 20
    w[1] = 0.2
    yield "a random 6-item problem", {"gram": gram, "w": w, "i": 3, "j": 1, "l1": 0.05, "l2": 1.5}
    yield "the same without L2", {"gram": gram, "w": w, "i": 3, "j": 1, "l1": 0.05, "l2": 0.0}
    empty = HAND_GRAM.copy()
    empty[2, :] = empty[:, 2] = 0.0
    yield (
        "an item without users and no L2 (0/0)",
        {"gram": empty, "w": np.zeros(3), "i": 0, "j": 2, "l1": 0.0, "l2": 0.0},
    )


@coordinate_update.mistake(
    "You left w_j's own contribution in the residual: add gram[j, j] * w[j] back before dividing. "
    "The update must give the same value whatever w[j] was."
)
def own_contribution_left_in(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    return float(max(0.0, gram[j, i] - gram[j] @ w - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "For j = i the answer is always 0: otherwise every item would predict itself."
)
def diagonal_left_in(gram, w, i, j, l1, l2):
    denominator = gram[j, j] + l2
    if denominator == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / denominator)


@coordinate_update.mistake(
    "You divided first and subtracted l1 afterwards. The threshold applies to rho: "
    "(rho - l1) / (gram[j, j] + l2)."
)
def threshold_after_division(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho / (gram[j, j] + l2) - l1))


@coordinate_update.mistake(
    "Your weight can become negative. Under w >= 0 the minimum of the parabola is at 0 when its "
    "vertex is negative."
)
def negative_weights_allowed(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(np.sign(rho) * max(0.0, abs(rho) - l1) / (gram[j, j] + l2))


@coordinate_update.mistake(
    "The roles of i and j are swapped somewhere: rho reads row j of gram, gram[j] @ w, and the "
    "denominator has gram[j, j]. Film i is only the target."
)
def denominator_of_the_target(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[i, i] + l2))


@coordinate_update.mistake(
    "rho needs the overlaps of film j, the one whose weight you update: gram[j] @ w, not "
    "gram[i] @ w."
)
def overlaps_of_the_target(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] + l2 == 0:
        return 0.0
    rho = gram[j, i] - gram[i] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.mistake("The L2 penalty is missing: it adds l2 to the denominator.")
def l2_forgotten(gram, w, i, j, l1, l2):
    if i == j or gram[j, j] == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, rho - l1) / gram[j, j])


@coordinate_update.mistake(
    "An item without users and l2 = 0 makes the denominator 0; its weight is 0, not NaN."
)
def divides_by_zero(gram, w, i, j, l1, l2):
    if i == j:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(np.maximum(0.0, rho - l1) / (gram[j, j] + l2))


@coordinate_update.alternative
def update_with_a_loop(gram, w, i, j, l1, l2):
    if j == i:
        return 0.0
    rho = gram[j, i]
    for m in range(len(w)):
        if m != j:
            rho -= gram[j, m] * w[m]
    denominator = gram[j, j] + l2
    return (rho - l1) / denominator if rho > l1 and denominator > 0 else 0.0


@coordinate_update.alternative
def update_without_the_weight(gram, w, i, j, l1, l2):
    others = np.array(w)
    others[j] = 0.0
    rho = gram[j, i] - np.dot(gram[j], others)
    if i == j or rho <= l1:
        return 0
    return np.float64((rho - l1) / (gram[j, j] + l2))


@coordinate_update.alternative
def update_with_torch(gram, w, i, j, l1, l2):
    import torch

    gram, w = torch.from_numpy(gram), torch.from_numpy(w)
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    scale = gram[j, j] + l2
    return float(torch.relu(rho - l1) / scale) if i != j and scale > 0 else 0.0


# ------------------------------------------------------------------------------- fit_column

fit_column = Exercise(
    "fit_column", points=2, tolerance=1e-7, needs=("soft_threshold", "coordinate_update")
)


@fit_column.cases
def _(rng):
    hand = {"gram": HAND_GRAM, "i": 1, "l1": 0.5, "l2": 1.0}
    yield "the worked example, one sweep", {**hand, "n_sweeps": 1}
    yield "the worked example, two sweeps", {**hand, "n_sweeps": 2}
    yield "the last item", {**hand, "i": 2, "n_sweeps": 3}
    gram = _gram(rng, 23, 6)
    yield "6 items, two sweeps", {"gram": gram, "i": 4, "l1": 0.4, "l2": 0.5, "n_sweeps": 2}
    yield "6 items, converged", {"gram": gram, "i": 4, "l1": 0.4, "l2": 2.0, "n_sweeps": 100}
    yield (
        "a penalty that leaves nothing",
        {"gram": gram, "i": 0, "l1": 100.0, "l2": 1.0, "n_sweeps": 5},
    )


@fit_column.mistake(
    "Every weight of a sweep was computed from the weights before the sweep. Coordinate descent "
    "uses the newest ones: write w[j] back before going on to j + 1."
)
def all_from_the_old_weights(gram, i, l1, l2, n_sweeps):
    n_items = len(gram)
    w = np.zeros(n_items)
    for _ in range(n_sweeps):
        rho = gram[:, i] - gram @ w + np.diag(gram) * w
        w = np.maximum(0.0, rho - l1) / (np.diag(gram) + l2)
        w[i] = 0.0
    return w


@fit_column.mistake(
    "The item predicts itself: w[i] must stay 0 during the whole descent, or it explains its own "
    "column and nothing is left for the others."
)
def column_with_diagonal(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.mistake(
    "You set w[i] to 0 only at the end. During the descent the item had already explained its own "
    "column, so the others had nothing left to do."
)
def diagonal_removed_at_the_end(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    w[i] = 0.0
    return w


@fit_column.mistake(
    "You stop after one sweep. Later weights change what the earlier ones should be: repeat the "
    "sweep n_sweeps times."
)
def one_sweep_only(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    for j in range(len(gram)):
        if j != i:
            rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
            w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.mistake(
    "Your descent starts from ones. Start from zeros, as the task says: with few sweeps the start "
    "still shows."
)
def starts_from_ones(gram, i, l1, l2, n_sweeps):
    w = np.ones(len(gram))
    w[i] = 0.0
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            if j != i:
                rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
                w[j] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return w


@fit_column.alternative
def column_with_loops(gram, i, l1, l2, n_sweeps):
    n_items = gram.shape[0]
    w = [0.0] * n_items
    for _ in range(n_sweeps):
        for j in range(n_items):
            if j == i:
                continue
            rho = gram[j, i] - sum(gram[j, m] * w[m] for m in range(n_items) if m != j)
            w[j] = max(rho - l1, 0.0) / (gram[j, j] + l2)
    return np.array(w)


@fit_column.alternative
def column_with_running_residual(gram, i, l1, l2, n_sweeps):
    w = np.zeros(len(gram))
    residual = gram[:, i].astype(float)  # gram[:, i] - gram @ w, kept up to date
    for _ in range(n_sweeps):
        for j in np.delete(np.arange(len(gram)), i):
            new = max(0.0, residual[j] + gram[j, j] * w[j] - l1) / (gram[j, j] + l2)
            residual -= gram[:, j] * (new - w[j])
            w[j] = new
    return w


# --------------------------------------------------------------------------------- fit_slim

fit_slim = Exercise("fit_slim", points=3, tolerance=1e-7)


@fit_slim.cases
def _(rng):
    yield (
        "the worked example, one sweep",
        {"gram": HAND_GRAM, "l1": 0.5, "l2": 1.0, "n_sweeps": 1},
    )
    yield "three items, two sweeps", {"gram": HAND_GRAM, "l1": 0.5, "l2": 1.0, "n_sweeps": 2}
    gram = _gram(rng, 29, 7)
    yield "7 items, three sweeps", {"gram": gram, "l1": 0.6, "l2": 0.5, "n_sweeps": 3}
    yield "7 items, converged", {"gram": gram, "l1": 0.6, "l2": 3.0, "n_sweeps": 100}
    yield (
        "a penalty that leaves nothing",
        {"gram": gram, "l1": 100.0, "l2": 1.0, "n_sweeps": 2},
    )


@fit_slim.mistake(
    "The diagonal of W is not zero: after updating row j, set W[j, j] = 0 before going on."
)
def slim_with_diagonal(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
    return W


@fit_slim.mistake(
    "You emptied the diagonal only at the end. While it was there, every item explained itself and "
    "the other weights were fitted to what was left."
)
def diagonal_emptied_at_the_end(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
    np.fill_diagonal(W, 0.0)
    return W


@fit_slim.mistake(
    "All rows of a sweep were computed from the W before the sweep (gram @ W once). Within a "
    "column the weights depend on each other: row j + 1 must see the new row j."
)
def whole_matrix_at_once(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    diagonal = np.diag(gram)[:, None]
    for _ in range(n_sweeps):
        W = np.maximum(0.0, gram - gram @ W + diagonal * W - l1) / (diagonal + l2)
        np.fill_diagonal(W, 0.0)
    return W


@fit_slim.mistake(
    "You left each weight's own contribution in the residual: add gram[j, j] * W[j] back to row j."
)
def own_row_left_in(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            W[j] = np.maximum(0.0, gram[j] - gram[j] @ W - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.mistake(
    "Your W is transposed: column i must hold the weights that predict item i, so that the scores "
    "are A @ W."
)
def slim_transposed(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W.T


@fit_slim.alternative
def slim_column_by_column(gram, l1, l2, n_sweeps):
    n_items = len(gram)
    W = np.zeros((n_items, n_items))
    for i in range(n_items):
        for _ in range(n_sweeps):
            for j in range(n_items):
                if j != i:
                    rho = gram[j, i] - gram[j] @ W[:, i] + gram[j, j] * W[j, i]
                    W[j, i] = max(0.0, rho - l1) / (gram[j, j] + l2)
    return W


@fit_slim.alternative
def slim_with_row_products(gram, l1, l2, n_sweeps):
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            others = W.copy()
            others[j] = 0.0
            W[j] = np.clip(gram[j] - gram[j] @ others - l1, 0.0, None) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W


@fit_slim.alternative
def slim_with_torch(gram, l1, l2, n_sweeps):
    import torch

    gram = torch.from_numpy(gram)
    W = torch.zeros_like(gram)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = torch.relu(rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W.numpy()


# -------------------------------------------------------------------------------- recommend

recommend = Exercise("recommend", points=2)


@recommend.cases
def _(rng):
    W = np.array([[0, 0.5, 0.2, 0.1], [0.4, 0, 0, 0.3], [0.8, 0.1, 0, 0.9], [0.6, 0, 0, 0]])
    yield "the worked example", {"seen": np.array([1.0, 0.0, 0.0, 0.0]), "W": W, "k": 2}
    yield "two films seen", {"seen": np.array([1.0, 0.0, 1.0, 0.0]), "W": W, "k": 2}
    yield "more asked than unseen", {"seen": np.array([1.0, 0.0, 1.0, 0.0]), "W": W, "k": 5}
    tied = np.zeros((5, 5))
    tied[4, 1], tied[4, 3], tied[4, 0] = 0.2, 0.7, 0.2
    yield "equal scores", {"seen": np.array([0.0, 0.0, 0.0, 0.0, 1.0]), "W": tied, "k": 4}
    yield "nothing to go by (all scores 0)", {"seen": np.array([0, 1.0, 0, 0]), "W": W * 0, "k": 3}
    few_values = np.zeros((30, 30))
    few_values[3] = rng.integers(0, 4, 30) / 4
    few_values[3, 3] = 0.0
    yield (
        "30 films, many equal scores",
        {"seen": (np.arange(30) == 3).astype(float), "W": few_values, "k": 12},
    )
    seen = np.zeros(9)
    seen[rng.permutation(9)[:4]] = 1.0
    yield "9 random films", {"seen": seen, "W": _weights(rng, 9) * 1.0, "k": 3}


@recommend.mistake("You recommend films the user has already seen: leave them out.")
def seen_not_excluded(seen, W, k):
    return np.argsort(-(seen @ W), kind="stable")[:k]


@recommend.mistake(
    "You gave the seen films the score 0, but unseen films can have 0 too and then lose against "
    "them. Use -inf, or drop the seen films afterwards."
)
def seen_scored_zero(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = 0.0
    return np.argsort(-scores, kind="stable")[:k]


@recommend.mistake("The order is wrong way round: the highest score comes first.")
def lowest_first(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = np.inf
    order = np.argsort(scores, kind="stable")
    return order[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "You used W @ seen, which follows the weights backwards. The score of item i uses column i of "
    "W: seen @ W."
)
def weights_backwards(seen, W, k):
    scores = W @ seen
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[: min(k, int((seen == 0).sum()))]


@recommend.mistake(
    "When fewer than k films are unseen, return only those: yours fills up with films the user "
    "has seen."
)
def filled_up_with_seen(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = -np.inf
    return np.argsort(-scores, kind="stable")[:k]


@recommend.mistake(
    "Among equal scores you put the higher index first (a reversed argsort does that). Sort the "
    "negative scores with kind='stable'."
)
def ties_reversed(seen, W, k):
    scores = seen @ W
    scores[seen > 0] = -np.inf
    order = np.argsort(scores, kind="stable")[::-1]
    return order[: min(k, int((seen == 0).sum()))]


@recommend.alternative
def recommend_with_sorted(seen, W, k):
    scores = seen @ W
    unseen = [i for i in range(len(seen)) if not seen[i]]
    return np.array(sorted(unseen, key=lambda i: (-scores[i], i))[:k], dtype=int)


@recommend.alternative
def recommend_with_lexsort(seen, W, k):
    unseen = np.flatnonzero(seen == 0)
    scores = (seen @ W)[unseen]
    return unseen[np.lexsort((unseen, -scores))][:k]


# ---------------------------------------------------------------------------- sparse_scores

sparse_scores = Exercise("sparse_scores", points=2)


@sparse_scores.cases
def _(rng):
    W = csr_array(np.array([[0.0, 0.5, 0.2], [0.4, 0.0, 0.0], [0.0, 0.1, 0.0]]))
    yield "the worked example", {"items": np.array([0, 2]), "W": W}
    yield "one film seen", {"items": np.array([1]), "W": W}
    yield "nothing seen", {"items": np.array([], dtype=int), "W": W}
    W = csr_array(_weights(rng, 11))
    yield "11 random films", {"items": np.sort(rng.permutation(11)[:4]), "W": W}
    W = csr_array(_weights(rng, 8) * (np.arange(8) % 3 > 0)[:, None])
    yield "films with empty rows", {"items": np.array([0, 1, 3, 5]), "W": W}


@sparse_scores.mistake(
    "You counted every entry of the rows, zeros too. Only stored weights cost a multiplication: "
    "that is what sparsity buys."
)
def dense_cost(items, W):
    scores = np.zeros(W.shape[1])
    for j in items:
        scores += W[[j]].toarray()[0]
    return scores, len(items) * W.shape[1]


@sparse_scores.mistake(
    "You counted the nonzeros of the whole W. Only the rows of the films this user has seen are "
    "touched."
)
def cost_of_the_whole_matrix(items, W):
    return np.asarray(W[items].sum(axis=0)).ravel(), int(W.nnz)


@sparse_scores.mistake(
    "You summed columns of W. A film j that was seen contributes row j: w_ij for every i."
)
def columns_instead_of_rows(items, W):
    columns = W.tocsc()[:, items]
    return np.asarray(columns.sum(axis=1)).ravel(), int(columns.nnz)


@sparse_scores.mistake(
    "You counted the films with a nonzero score. A film reached from two seen films costs two "
    "multiplications."
)
def cost_of_the_result(items, W):
    scores = np.asarray(W[items].sum(axis=0)).ravel()
    return scores, int(np.count_nonzero(scores))


@sparse_scores.alternative
def scores_from_indptr(items, W):
    scores, cost = np.zeros(W.shape[1]), 0
    for j in items:
        for position in range(W.indptr[j], W.indptr[j + 1]):
            scores[W.indices[position]] += W.data[position]
            cost += 1
    return scores, cost


@sparse_scores.alternative
def scores_from_a_product(items, W):
    seen = np.zeros(W.shape[0])
    seen[items] = 1.0
    return W.T @ seen, int(np.diff(W.indptr)[items].sum())


# ---------------------------------------------------------------------------- kkt_violation

kkt_violation = Exercise("kkt_violation", points=3, tolerance=1e-7)


@kkt_violation.cases
def _(rng):
    zeros = np.zeros((3, 3))
    yield "the worked example, W = 0", {"gram": HAND_GRAM, "W": zeros, "l1": 0.5, "l2": 1.0}
    yield "3 items, some weights", {"gram": HAND_GRAM, "W": HAND_W, "l1": 0.5, "l2": 1.0}
    yield "W = 0 is optimal", {"gram": HAND_GRAM, "W": zeros, "l1": 50.0, "l2": 1.0}
    gram = _gram(rng, 31, 6)
    W = _weights(rng, 6)
    yield "6 items, random weights", {"gram": gram, "W": W / 3, "l1": 0.4, "l2": 2.5}
    yield "6 items, weights near zero", {"gram": gram, "W": W / 100, "l1": 3.0, "l2": 40.0}
    optimum = np.array([[0.0, 1.25, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]])
    block = np.array([[2.0, 3.0, 0.0], [3.0, 5.0, 0.0], [0.0, 0.0, 7.0]])
    yield "an exact optimum", {"gram": block, "W": optimum, "l1": 0.5, "l2": 0.0}


@kkt_violation.mistake(
    "A zero weight may have a positive gradient: following it would make the weight negative, "
    "which is forbidden. Count only the negative part there."
)
def absolute_gradient_everywhere(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.abs(gradient).max())


@kkt_violation.mistake("The diagonal is fixed at 0 and has no condition: leave it out.")
def diagonal_counted(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake("The gradient lacks the L1 penalty: for w >= 0 it adds l1.")
def gradient_without_l1(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake(
    "l1 * np.sign(W) is 0 where W is 0, but a zero weight can only grow, and then the penalty has "
    "slope l1: add l1 everywhere."
)
def gradient_with_sign(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1 * np.sign(W)
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake(
    "Where W > 0 the slope must be 0, so both signs count: take its absolute value there."
)
def negative_part_only(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.maximum(0.0, -gradient).max())


@kkt_violation.mistake("The gradient lacks the L2 penalty: it adds l2 * W.")
def gradient_without_l2(gram, W, l1, l2):
    gradient = gram @ W - gram + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), np.maximum(0.0, -gradient)).max())


@kkt_violation.mistake(
    "You looked only at the positive weights. A zero weight with a negative gradient should grow: "
    "that is a violation too."
)
def zero_weights_ignored(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    np.fill_diagonal(gradient, 0.0)
    return float(np.where(W > 0, np.abs(gradient), 0.0).max())


@kkt_violation.alternative
def violation_with_loops(gram, W, l1, l2):
    worst = 0.0
    for i in range(len(gram)):
        for j in range(len(gram)):
            if i == j:
                continue
            gradient = gram[j] @ W[:, i] - gram[j, i] + l2 * W[j, i] + l1
            worst = max(worst, abs(gradient) if W[j, i] > 0 else -gradient)
    return float(worst)


@kkt_violation.alternative
def violation_as_projected_step(gram, W, l1, l2):
    gradient = gram @ W - gram + l2 * W + l1
    blocked = (W == 0) & (gradient > 0)
    off_diagonal = ~np.eye(len(W), dtype=bool)
    return float(np.abs(np.where(blocked, 0.0, gradient))[off_diagonal].max())
