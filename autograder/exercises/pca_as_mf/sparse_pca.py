"""Exercise `sparse_pca`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import between, soft_threshold, table

sparse_pca = Exercise("sparse_pca", points=3)


@sparse_pca.cases
def _(rng):
    X = np.array([[0.0, 0.0, -1.0], [6.25, 1.0, 0.5]])
    hand = {"X": X, "W": np.array([[0.6], [0.8]]), "C": np.array([[4.0], [1.0], [0.0]])}
    yield "the worked example", {**hand, "alpha": 1.0, "n_steps": 1}
    yield "one step without L1", {**_problem(rng, 5, 4, 2, n_steps=1), "alpha": 0.0}
    yield "one step", _problem(rng, 6, 4, 2, n_steps=1)
    yield "as many instances as features", _problem(rng, 4, 4, 2, n_steps=2)
    short = _problem(rng, 6, 3, 2, n_steps=1)
    short["C"] = short["C"] * 9
    short["X"] = short["X"] / 9
    yield "columns of W that end shorter than 1", short
    nothing = _problem(rng, 5, 4, 2, n_steps=2)
    nothing["alpha"] = float(np.abs(nothing["X"]).sum())
    nothing["C"] = nothing["C"] / 50
    yield "an alpha that leaves nothing of C", nothing
    faint = _problem(rng, 6, 4, 2, n_steps=2)
    faint |= {"X": faint["X"] / 20, "C": faint["C"] / 20, "alpha": faint["alpha"] / 20}
    yield "small numbers", faint
    yield "a C that is 0 after its first step and comes back", _back_from_zero(rng)
    zero = _problem(rng, 6, 4, 2, n_steps=2)
    yield "a start at C = 0", {**zero, "C": np.zeros((4, 2)), "alpha": between(rng, 0.05, 0.15)}
    yield "three steps, three columns", _problem(rng, 7, 5, 3, n_steps=3)
    yield "no step", _problem(rng, 5, 3, 1, n_steps=0)


def _problem(rng, n, d, k, n_steps):
    """Return arguments with columns of W of length 1 or less and an alpha that makes zeros."""
    X, W, C = table(rng, n, d), table(rng, n, k), table(rng, d, k)
    W = np.round(W / np.linalg.norm(W, axis=0) * np.linspace(0.97, 0.75, k), 3)
    return {"X": X, "W": W, "C": C, "alpha": between(rng, 0.5, 0.9), "n_steps": n_steps}


def _back_from_zero(rng):
    """Return arguments whose first step sets all of C to 0, while the next one does not.

    The columns of W are at right angles. The first has the length 1, so that its own numbers of C
    do not matter, and too little of X; the second is shorter, and C starts where its step to what
    X holds of it ends near 0.
    """
    alpha = between(rng, 0.8, 1.2)
    W, X, C = np.zeros((5, 2)), table(rng, 5, 3), table(rng, 3, 2)
    W[0, 0] = 1.0
    W[1:, 1] = np.round(table(rng, 4, size=0.35), 2)
    square = W[:, 1] @ W[:, 1]
    X[0] = np.round(0.3 * X[0], 2)
    X[1:, 0] = np.round(between(rng, 2.0, 3.0) * W[1:, 1] / square, 2)
    C[:, 1] = np.round((0.3 * table(rng, 3) - X.T @ W[:, 1]) / (1 - square), 2)
    return {"X": X, "W": W, "C": C, "alpha": alpha, "n_steps": 3}


def stepped_c(X, W, C, alpha):
    """Return the C of a step."""
    curvature = np.linalg.norm(W.T @ W, 2)
    return soft_threshold(C - (W @ C.T - X).T @ W / curvature, alpha / curvature)


def stepped_w(X, W, C):
    """Return the W of a step with the new C."""
    curvature = np.linalg.norm(C.T @ C, 2)
    if curvature == 0:
        return W
    W = W - (W @ C.T - X) @ C / curvature
    return W / np.maximum(np.linalg.norm(W, axis=0), 1.0)


@sparse_pca.mistake(
    "You return at once where C is 0 at the start. Only W's step is left out where C is 0; C "
    "steps from 0 like from anywhere, and W follows."
)
def nothing_from_a_zero_start(X, W, C, alpha, n_steps):
    if not C.any():
        return W, C
    for _ in range(n_steps):
        C = stepped_c(X, W, C, alpha)
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake(
    "You leave C alone where it is 0. Only W's step is left out then; C steps again from 0, and "
    "may come back."
)
def no_step_from_zero(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        if not C.any():
            continue
        C = stepped_c(X, W, C, alpha)
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake(
    "You stop once a step has made C 0. Only W's step is left out then; C steps again from 0, and "
    "may come back."
)
def stopped_at_zero(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        C = stepped_c(X, W, C, alpha)
        if not C.any():
            break
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake(
    "The ℓ of W's step is that of the old C. Compute it from the new C, after the threshold."
)
def curvature_of_the_old_c(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        curvature = np.linalg.norm(C.T @ C, 2)
        C = stepped_c(X, W, C, alpha)
        if curvature > 0:
            W = W - (W @ C.T - X) @ C / curvature
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "The ℓ of C's step stays that of the W you were given. W changes: compute ℓ anew in every step."
)
def curvature_of_the_first_w(X, W, C, alpha, n_steps):
    curvature = np.linalg.norm(W.T @ W, 2)
    for _ in range(n_steps):
        C = soft_threshold(C - (W @ C.T - X).T @ W / curvature, alpha / curvature)
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake("C steps up the slope: subtract its gradient (W C^T - X)^T W over ℓ.")
def ascent_of_c(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        curvature = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C + (W @ C.T - X).T @ W / curvature, alpha / curvature)
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake(
    "The negative numbers of C are lost. A soft threshold moves them towards 0 as well, from below."
)
def negative_numbers_lost(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        curvature = np.linalg.norm(W.T @ W, 2)
        C = np.maximum(C - (W @ C.T - X).T @ W / curvature - alpha / curvature, 0)
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake(
    "Only the positive numbers of C are moved towards 0. A soft threshold moves the negative ones "
    "as well, up by alpha / ℓ."
)
def negative_numbers_left_alone(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        curvature = np.linalg.norm(W.T @ W, 2)
        C = C - (W @ C.T - X).T @ W / curvature
        C = np.where(C > 0, np.maximum(C - alpha / curvature, 0), C)
        W = stepped_w(X, W, C)
    return W, C


@sparse_pca.mistake(
    "Your ℓ is the smallest eigenvalue; eigvalsh sorts from small to large. It is the largest."
)
def smallest_eigenvalue(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        curvature = np.linalg.eigvalsh(W.T @ W)[0]
        C = soft_threshold(C - (W @ C.T - X).T @ W / curvature, alpha / curvature)
        curvature = np.linalg.eigvalsh(C.T @ C)[0]
        if curvature > 0:
            W = W - (W @ C.T - X) @ C / curvature
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "W is moved towards 0 by a threshold too. The L1 penalty is on C alone: W steps and is cut."
)
def threshold_on_w_too(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        C = stepped_c(X, W, C, alpha)
        curvature = np.linalg.norm(C.T @ C, 2)
        if curvature > 0:
            W = soft_threshold(W - (W @ C.T - X) @ C / curvature, alpha / curvature)
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "The columns of W are not bounded: after its step divide each by its length, where that is "
    "more than 1. Without the bound the penalty is empty."
)
def without_the_bound(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
    return W, C


@sparse_pca.mistake(
    "You gave every column of W the length 1. Only those longer than 1 are cut; a shorter one "
    "stays as it is: divide by np.maximum(length, 1)."
)
def every_column_of_length_1(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.linalg.norm(W, axis=0)
    return W, C


@sparse_pca.mistake(
    "You bounded the rows of W. The bound is on its columns, one for each component: axis=0."
)
def rows_bounded(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=1, keepdims=True), 1.0)
    return W, C


@sparse_pca.mistake(
    "You divided W by one number, the length of all of it. Each column has a bound of its own: "
    "np.linalg.norm(W, axis=0)."
)
def one_length_for_all(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / max(np.linalg.norm(W), 1.0)
    return W, C


@sparse_pca.mistake(
    "The threshold is alpha / ℓ, not alpha: the step is 1 / ℓ long, for the penalty too."
)
def threshold_alpha(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "You made the threshold first and the gradient step afterwards, so hardly a number of C is 0. "
    "First the step, then the threshold."
)
def threshold_before_the_step(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C, alpha / L) - (W @ C.T - X).T @ W / L
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "Small numbers of C become 0 and the others keep their size: a hard threshold. The soft one "
    "also moves what is left towards 0."
)
def hard_threshold(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = C - (W @ C.T - X).T @ W / L
        C = np.where(np.abs(C) > alpha / L, C, 0.0)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake("The L1 penalty is missing: nothing of C is shrunk. Apply soft_threshold.")
def without_the_threshold(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = C - (W @ C.T - X).T @ W / L
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "np.linalg.norm(W.T @ W) without the 2 is the Frobenius norm. The curvature ℓ is the largest "
    "eigenvalue, np.linalg.norm(W.T @ W, 2)."
)
def frobenius_norm(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "Your ℓ is the largest singular value of the factor. The curvature is its square: that of "
    "W^T W, np.linalg.norm(W.T @ W, 2)."
)
def root_of_the_curvature(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake("Your W steps with the C of before. C goes first, and W sees the new one.")
def both_from_the_old(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        one, other = np.linalg.norm(W.T @ W, 2), np.linalg.norm(C.T @ C, 2)
        E = W @ C.T - X
        W, C = W - E @ C / other, soft_threshold(C - E.T @ W / one, alpha / one)
        W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "Your step for W uses the error of before. C has changed by then: compute W C^T - X anew."
)
def error_of_before(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L, E = np.linalg.norm(W.T @ W, 2), W @ C.T - X
        C = soft_threshold(C - E.T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - E @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake("Your W goes first. In a step C comes first, then W with the new C.")
def other_factor_first(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
    return W, C


@sparse_pca.mistake("W stays as it came. It takes a step too, after C, and is then bounded.")
def w_left_alone(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
    return W, C


@sparse_pca.mistake(
    "Where all of C is 0, its curvature is 0, and your W is NaN: 0/0. Leave W as it is then."
)
def divided_by_no_curvature(X, W, C, alpha, n_steps):
    with np.errstate(invalid="ignore"):
        for _ in range(n_steps):
            L = np.linalg.norm(W.T @ W, 2)
            C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
            W = W - (W @ C.T - X) @ C / np.linalg.norm(C.T @ C, 2)
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "Your steps go up the slope: subtract the gradients (W C^T - X)^T W and (W C^T - X) C."
)
def ascent(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C + (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W + (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake("Your result is that of a single step. Repeat both halves n_steps times.")
def a_single_step(X, W, C, alpha, n_steps):
    L = np.linalg.norm(W.T @ W, 2)
    C = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
    L = np.linalg.norm(C.T @ C, 2)
    if L > 0:
        W = W - (W @ C.T - X) @ C / L
        W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "Your curvatures stay those of the start. W and C change: compute each ℓ where it is used."
)
def curvature_of_the_start(X, W, C, alpha, n_steps):
    one, other = np.linalg.norm(W.T @ W, 2), np.linalg.norm(C.T @ C, 2)
    for _ in range(n_steps):
        C = soft_threshold(C - (W @ C.T - X).T @ W / one, alpha / one)
        W = W - (W @ C.T - X) @ C / other
        W = W / np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.mistake(
    "The values are right, but your function changes the factors of its caller, as C -= ... does. "
    "Write C = C - ..."
)
def start_written_over(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C[:] = soft_threshold(C - (W @ C.T - X).T @ W / L, alpha / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W -= (W @ C.T - X) @ C / L
            W /= np.maximum(np.linalg.norm(W, axis=0), 1.0)
    return W, C


@sparse_pca.alternative
def steps_by_eigenvalues(X, W, C, alpha, n_steps):
    for _ in range(n_steps):
        L = np.linalg.eigvalsh(W.T @ W)[-1]
        z = C + (X - W @ C.T).T @ W / L
        C = np.where(np.abs(z) > alpha / L, z - np.copysign(alpha / L, z), 0.0)
        L = np.linalg.svd(C, compute_uv=False)[0] ** 2
        if C.any():
            W = W + (X - W @ C.T) @ C / L
        W = np.column_stack([w / max(1.0, np.sqrt(w @ w)) for w in W.T]) if C.any() else W
    return W, C


@sparse_pca.alternative
def steps_with_torch(X, W, C, alpha, n_steps):
    import torch

    X, W, C = (torch.tensor(part) for part in (X, W, C))
    for _ in range(n_steps):
        L = torch.linalg.matrix_norm(W, 2) ** 2
        C = torch.nn.functional.softshrink(C - (W @ C.T - X).T @ W / L, float(alpha / L))
        L = torch.linalg.matrix_norm(C, 2) ** 2
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / torch.linalg.vector_norm(W, dim=0).clamp(min=1)
    return W.numpy(), C.numpy()


@sparse_pca.alternative
def steps_in_single_precision(X, W, C, alpha, n_steps):
    X, W, C = (part.astype(np.float32) for part in (X, W, C))
    for _ in range(n_steps):
        L = np.linalg.norm(W.T @ W, 2)
        C = soft_threshold(C - (W @ C.T - X).T @ W / L, np.float32(alpha) / L)
        L = np.linalg.norm(C.T @ C, 2)
        if L > 0:
            W = W - (W @ C.T - X) @ C / L
            W = W / np.maximum(np.linalg.norm(W, axis=0), np.float32(1))
    return W, C
