"""Exercise `logistic_pca`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import between, sigmoid, some_known, table

logistic_pca = Exercise("logistic_pca", points=2)


@logistic_pca.cases
def _(rng):
    Y = np.array([[1.0, 0.0, np.nan], [0.0, 1.0, 1.0]])
    hand = {"Y": Y, "known": np.isfinite(Y), "W": np.array([[0.0], [0.0]])}
    hand |= {"C": np.array([[1.0], [2.0], [-1.0]]), "b": np.zeros(3)}
    yield "the worked example", {**hand, "ridge": 0.5, "rate": 0.2, "n_steps": 1}
    yield "one step, all votes known, no ridge", _problem(rng, 5, 3, 2, 1, all_known=True)
    yield "one step, no ridge", {**_problem(rng, 5, 4, 2, 1), "ridge": 0.0}
    yield "one step", _problem(rng, 4, 6, 2, 1)
    yield "two steps", _problem(rng, 6, 4, 3, 2)
    yield "as many instances as features", _problem(rng, 5, 5, 2, 2)
    wrong = _problem(rng, 5, 4, 2, 2)
    unknown = ~wrong["known"]
    wrong["Y"][unknown] = rng.permutation(unknown.sum()) % 2
    yield "0 and 1, not NaN, where unknown", wrong
    loud = _problem(rng, 4, 3, 1, 1)
    loud["W"], loud["C"] = 40 * loud["W"], 40 * loud["C"]
    yield "dot products beyond 800", loud
    yield "four steps, one column", _problem(rng, 7, 4, 1, 4)
    yield "no step", _problem(rng, 4, 3, 2, 0)


def _problem(rng, n, d, k, n_steps, all_known=False):
    """Return arguments with NaN in the unknown cells; without any, ridge is 0."""
    known = np.ones((n, d), dtype=bool) if all_known else some_known(rng, n, d)
    votes = (rng.permutation(n * d) % 2).reshape(n, d)
    return {
        "Y": np.where(known, votes, np.nan),
        "known": known,
        "W": table(rng, n, k, size=1.0),
        "C": table(rng, d, k, size=1.0),
        "b": table(rng, d, size=1.0),
        "ridge": 0.0 if all_known else between(rng, 0.3, 0.9, 2),
        "rate": between(rng, 0.2, 0.4, 2),
        "n_steps": n_steps,
    }


@logistic_pca.mistake(
    "0 * NaN is NaN: multiplying by `known` does not take unknown cells out. "
    "np.where(known, ..., 0.0) does."
)
def multiplied_by_the_mask(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = (Y - sigmoid(W @ C.T + b)) * known
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your result counts every unknown vote as a nay. An unknown vote has no error: "
    "np.where(known, Y - ..., 0.0)."
)
def unknown_as_nay(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y, 0.0) - sigmoid(W @ C.T + b)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your C sees the W of after the step. All three move together, from the old W, C and b."
)
def w_before_c(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W = W + rate * (E @ C - ridge * W)
        C = C + rate * (E.T @ W - ridge * C)
        b = b + rate * E.sum(axis=0)
    return W, C, b


@logistic_pca.mistake(
    "Your W sees the C of after the step. All three move together, from the old W, C and b."
)
def c_before_w(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        C = C + rate * (E.T @ W - ridge * C)
        W = W + rate * (E @ C - ridge * W)
        b = b + rate * E.sum(axis=0)
    return W, C, b


@logistic_pca.mistake(
    "The sigmoid is missing: your errors are those of plain PCA. E = Y - sigmoid(W C^T + b)."
)
def without_the_sigmoid(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - W @ C.T - b, 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your errors are multiplied by the slope p (1 - p): that is the gradient of the squared error. "
    "In the log loss' gradient it cancels, and E is Y - p alone."
)
def slope_of_the_sigmoid(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        p = sigmoid(W @ C.T + b)
        E = np.where(known, (Y - p) * p * (1 - p), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "b is missing in the sigmoid: the score of a vote is W C^T + b, before it is squeezed."
)
def b_not_used(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "b stays as it came. It moves as well, by rate times the sum of its column of E."
)
def b_left_alone(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C = W + rate * (E @ C - ridge * W), C + rate * (E.T @ W - ridge * C)
    return W, C, b


@logistic_pca.mistake("Your b pays a ridge. Only W and C do.")
def ridge_on_b(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * (E.sum(axis=0) - ridge * b),
        )
    return W, C, b


@logistic_pca.mistake(
    "b moves by the mean of a column of E. Its gradient is a sum, like those of W and C."
)
def mean_for_b(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.mean(axis=0),
        )
    return W, C, b


@logistic_pca.mistake("The ridge is missing: W and C are pulled to 0 by ridge * W and ridge * C.")
def without_ridge(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = W + rate * E @ C, C + rate * E.T @ W, b + rate * E.sum(axis=0)
    return W, C, b


@logistic_pca.mistake("Only W pays the ridge. C pays it too: - ridge * C.")
def ridge_on_w_alone(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * E.T @ W,
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "The ridge has the wrong sign and drives W and C away from 0. Descent subtracts rate * ridge * "
    "W."
)
def ridge_added(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C + ridge * W),
            C + rate * (E.T @ W + ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake("Your ridge is not multiplied by rate: the whole gradient is, ridge and all.")
def ridge_without_rate(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * E @ C - ridge * W,
            C + rate * E.T @ W - ridge * C,
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your steps go up the slope. With E = Y - sigmoid(...) the gradient of W is -E C + ridge W, "
    "and descent subtracts it."
)
def ascent(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W - rate * (E @ C - ridge * W),
            C - rate * (E.T @ W - ridge * C),
            b - rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake("Your result is that of a single step. Repeat it n_steps times.")
def a_single_step(Y, known, W, C, b, ridge, rate, n_steps):
    E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
    return (
        W + rate * (E @ C - ridge * W),
        C + rate * (E.T @ W - ridge * C),
        b + rate * E.sum(axis=0),
    )


@logistic_pca.mistake(
    "Your errors stay those of the start. They depend on W, C and b: compute E anew in every step."
)
def errors_of_the_start(Y, known, W, C, b, ridge, rate, n_steps):
    E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
    for _ in range(n_steps):
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "The values are right, but your function changes the W, C or b of its caller, as W += ... "
    "does. Write W = W + ..."
)
def start_written_over(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        first, second = E @ C - ridge * W, E.T @ W - ridge * C
        W += rate * first
        C += rate * second
        b += rate * E.sum(axis=0)
    return W, C, b


@logistic_pca.mistake(
    "Your E is P - Y: with it every sign of the step but the ridge's turns round. E = Y - P here."
)
def error_turned_round(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, sigmoid(W @ C.T + b) - Y, 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake("b goes up the slope: descent adds rate times the sum of Y - P.")
def b_up_the_slope(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b - rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "The ridge counts twice: half the ridge times a square has the derivative ridge times the "
    "number."
)
def ridge_twice(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - 2 * ridge * W),
            C + rate * (E.T @ W - 2 * ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your ridge counts half: ridge/2 times a square has the derivative ridge times the number."
)
def ridge_halved(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge / 2 * W),
            C + rate * (E.T @ W - ridge / 2 * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your ridge grows with the number of known cells. Here each row of W and of C pays the same."
)
def ridge_times_known_cells(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * known.sum(axis=1)[:, None] * W),
            C + rate * (E.T @ W - ridge * known.sum(axis=0)[:, None] * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.mistake(
    "Your errors are divided by the number of known cells. The gradients are sums over them."
)
def averaged(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0) / known.sum()
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


def moved(Y, known, W, C, b, ridge, rate, parts):
    """Return (W, C, b) of which those named in `parts` took a step, from one E."""
    E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
    return (
        W + rate * (E @ C - ridge * W) if "W" in parts else W,
        C + rate * (E.T @ W - ridge * C) if "C" in parts else C,
        b + rate * E.sum(axis=0) if "b" in parts else b,
    )


@logistic_pca.mistake(
    "E is computed anew after W has moved, and after C. One E, from the old W, C and b, serves all "
    "three."
)
def error_anew_for_each(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        for part in ("W", "C", "b"):
            W, C, b = moved(Y, known, W, C, b, ridge, rate, part)
    return W, C, b


@logistic_pca.mistake(
    "E is computed anew after W has moved. One E, from the old W, C and b, serves all three."
)
def error_anew_after_w(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        W, C, b = moved(Y, known, W, C, b, ridge, rate, "W")
        W, C, b = moved(Y, known, W, C, b, ridge, rate, "Cb")
    return W, C, b


@logistic_pca.mistake(
    "E is computed anew after b has moved. One E, from the old W, C and b, serves all three."
)
def error_anew_after_b(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        W, C, b = moved(Y, known, W, C, b, ridge, rate, "b")
        W, C, b = moved(Y, known, W, C, b, ridge, rate, "WC")
    return W, C, b


@logistic_pca.mistake("b has a number for each column: sum E over the rows, axis=0.")
def sums_of_the_rows(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=1),
        )
    return W, C, b


@logistic_pca.mistake(
    "You take NaN for unknown. A cell is unknown where `known` is False, whatever stands there."
)
def nan_taken_as_unknown(Y, known, W, C, b, ridge, rate, n_steps):
    known = np.isfinite(Y)
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(W @ C.T + b), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.refused
def scores_limited(Y, known, W, C, b, ridge, rate, n_steps):
    for _ in range(n_steps):
        E = np.where(known, Y - sigmoid(np.clip(W @ C.T + b, -2, 2)), 0.0)
        W, C, b = (
            W + rate * (E @ C - ridge * W),
            C + rate * (E.T @ W - ridge * C),
            b + rate * E.sum(axis=0),
        )
    return W, C, b


@logistic_pca.alternative
def steps_with_loops(Y, known, W, C, b, ridge, rate, n_steps):
    W, C, b = W.copy(), C.copy(), b.copy()
    for _ in range(n_steps):
        gW, gC, gb = ridge * W, ridge * C, np.zeros(len(b))
        for i, j in np.argwhere(known):
            error = sigmoid(W[i] @ C[j] + b[j]) - Y[i, j]
            gW[i] += error * C[j]
            gC[j] += error * W[i]
            gb[j] += error
        W, C, b = W - rate * gW, C - rate * gC, b - rate * gb
    return W, C, b


@logistic_pca.alternative
def steps_with_autograd(Y, known, W, C, b, ridge, rate, n_steps):
    import torch

    known, Y = torch.as_tensor(known), torch.as_tensor(np.where(known, Y, 0.0))
    W, C, b = (torch.tensor(part, requires_grad=True) for part in (W, C, b))
    for _ in range(n_steps):
        z = W @ C.T + b
        loss = (torch.nn.functional.softplus(z) - Y * z)[known].sum()
        loss = loss + 0.5 * ridge * (W.square().sum() + C.square().sum())
        slopes = torch.autograd.grad(loss, (W, C, b))
        with torch.no_grad():
            for part, slope in zip((W, C, b), slopes, strict=True):
                part -= rate * slope
    return tuple(part.detach().numpy() for part in (W, C, b))


@logistic_pca.alternative
def steps_in_single_precision(Y, known, W, C, b, ridge, rate, n_steps):
    import scipy.special

    Y = np.where(known, Y, 0).astype(np.float32)
    W, C, b = (part.astype(np.float32) for part in (W, C, b))
    for _ in range(n_steps):
        E = (Y - scipy.special.expit(W @ C.T + b)) * known
        W, C, b = (
            W + np.float32(rate) * (E @ C - np.float32(ridge) * W),
            C + np.float32(rate) * (E.T @ W - np.float32(ridge) * C),
            b + np.float32(rate) * E.sum(axis=0),
        )
    return W, C, b
