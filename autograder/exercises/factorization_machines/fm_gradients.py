"""Exercise `fm_gradients`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import (
    HAND,
    HAND_X,
    machine,
    row,
    whole,
    whole_machine,
)

fm_gradients = Exercise("fm_gradients", points=3, needs=("pairwise_fast",))


@fm_gradients.cases
def _(rng):
    yield "the worked example", {"x": HAND_X, "y": -6.5, **HAND}
    zero = whole(rng, 4)
    zero[rng.integers(3)] = 0.0
    yield "a feature that is 0", {"x": zero, "y": 0.5, **whole_machine(rng, 4, 3)}
    binary = rng.permutation([0.0, 1.0, 1.0, 0.0, 1.0])
    yield "features that are 0 or 1", {"x": binary, "y": 4.0, **whole_machine(rng, 5, 2)}
    drawn = {"x": row(rng, 7, [2, 6]), "y": 60.0, **machine(rng, 7, 3)}
    yield "7 random features, 3 factors", drawn
    drawn = {"x": row(rng, 6, [0]), "y": -60.0, **machine(rng, 6, 2)}
    yield "6 random features, 2 factors", drawn


@fm_gradients.mistake("The constant w0 is missing from the prediction, so the error is wrong.")
def constant_left_out(x, y, w0, w, V):
    q = x @ V
    e = w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "The vectors' gradient is not multiplied by the error: like the other two, it is the error "
    "times the derivative of the prediction."
)
def vectors_without_the_error(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, np.outer(x, q) - V * (x**2)[:, None]


@fm_gradients.mistake(
    "All signs are wrong way round: the derivative of 1/2 (prediction - y)^2 is (prediction - y) "
    "times the derivative of the prediction."
)
def descent_direction(x, y, w0, w, V):
    q = x @ V
    e = y - (w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()))
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "These are the derivatives of the prediction. The loss is 1/2 (prediction - y)^2: multiply all "
    "three by the error, prediction - y."
)
def error_left_out(x, y, w0, w, V):
    return 1.0, x.copy(), np.outer(x, x @ V) - V * (x**2)[:, None]


@fm_gradients.mistake(
    "Your gradient is twice as large: the 1/2 of the loss cancels the 2 of the derivative."
)
def factor_two(x, y, w0, w, V):
    q = x @ V
    e = 2 * (w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y)
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "A feature is not paired with itself: take its own part out of the cached sum, "
    "x_i (q_f - v_if x_i)."
)
def own_part_left_in(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, e * np.outer(x, q)


@fm_gradients.mistake(
    "The feature's own part of the sum q_f is v_if x_i, not v_if. (With features that are 0 or 1 "
    "the slip does not show.)"
)
def own_vector_subtracted(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, e * x[:, None] * (q - V)


@fm_gradients.mistake(
    "The factor x_i in front is missing from the vectors' gradient: a feature that is 0 has no "
    "gradient at all."
)
def own_value_forgotten(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, e * (q - V * x[:, None])


@fm_gradients.mistake(
    "The error must be that of the whole prediction, pairs included: w0 + w x + the pairwise sum."
)
def error_of_the_linear_part(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x - y
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "The vectors' gradient is half as large: the 1/2 of the identity cancels the 2 of q_f squared. "
    "It is the error times x_i (q_f - v_if x_i)."
)
def vectors_halved(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, 0.5 * e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "The vectors' gradient is twice as large: the 2 of q_f squared cancels the 1/2 of the "
    "identity. It is the error times x_i (q_f - v_if x_i)."
)
def vectors_doubled(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, 2 * e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "The weights' gradient is x alone. Like the other two it is multiplied by the error, "
    "prediction - y."
)
def weights_without_the_error(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), x.copy(), e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "Every weight got the error itself. The prediction contains w_i x_i, so the gradient by w_i is "
    "the error times x_i."
)
def weights_without_the_features(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), np.full(len(w), e), e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "Your function changes the caller's vectors, as `V *= ...` does: it writes into the array you "
    "were given. Give the result a name of its own."
)
def vectors_written_over(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    V *= (x**2)[:, None]
    return float(e), e * x, e * (np.outer(x, q) - V)


@fm_gradients.mistake(
    "The shapes do not fit. The sums q are x @ V, (k,), not V @ x. The gradient of V is (n, k), "
    "features first: np.outer(x, q), not np.outer(q, x), and V times the column (x**2)[:, None]."
)
def factors_first(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, e * (np.outer(q, x) - V * (x**2)[:, None])


@fm_gradients.mistake(
    "The vectors' gradient lies on its side, (k, n). Like V it has a row per feature and a column "
    "per factor: np.outer(x, q), the features first."
)
def vectors_transposed(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    return float(e), e * x, e * (np.outer(q, x) - V.T * x**2)


@fm_gradients.alternative
def gradients_with_loops(x, y, w0, w, V):
    n, k = V.shape
    prediction = w0 + sum(w[i] * x[i] for i in range(n))
    for i in range(n):
        for j in range(i + 1, n):
            prediction += (V[i] @ V[j]) * x[i] * x[j]
    error = prediction - y
    by_vector = np.zeros((n, k))
    for i in range(n):
        for j in range(n):
            if j != i:
                by_vector[i] += error * x[i] * x[j] * V[j]
    return float(error), error * x, by_vector


@fm_gradients.alternative
def gradients_with_autograd(x, y, w0, w, V):
    import torch

    x = torch.from_numpy(x)
    w0 = torch.tensor(w0, dtype=torch.float64, requires_grad=True)
    w, V = (torch.tensor(array, requires_grad=True) for array in (w, V))
    pairs = torch.triu((V @ V.T) * torch.outer(x, x), diagonal=1).sum()
    (0.5 * (w0 + w @ x + pairs - y) ** 2).backward()
    return w0.grad.item(), w.grad.numpy(), V.grad.numpy()


@fm_gradients.refused
def weights_written_over(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    w[:] = e * x
    return float(e), w.copy(), e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.refused
def features_written_over(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y
    by_V = e * (np.outer(x, q) - V * (x**2)[:, None])
    x *= e
    return float(e), x.copy(), by_V


@fm_gradients.refused
def errors_above_zero_only(x, y, w0, w, V):
    q = x @ V
    e = max(0.0, w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y)
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.refused
def errors_below_zero_only(x, y, w0, w, V):
    q = x @ V
    e = min(0.0, w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y)
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.refused
def half_of_the_error(x, y, w0, w, V):
    q = x @ V
    e = 0.5 * (w0 + w @ x + 0.5 * (q @ q - ((V**2).T @ x**2).sum()) - y)
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])


@fm_gradients.refused
def pairs_not_halved(x, y, w0, w, V):
    q = x @ V
    e = w0 + w @ x + q @ q - ((V**2).T @ x**2).sum() - y
    return float(e), e * x, e * (np.outer(x, q) - V * (x**2)[:, None])
