"""Exercise `orthonormal_pca`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pca_as_mf.drawing import between, table

orthonormal_pca = Exercise("orthonormal_pca", points=2)


@orthonormal_pca.cases
def _(rng):
    X, C = np.array([[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]]), np.array([[1.0], [0.5]])
    yield "the worked example", {"X": X, "C": C, "rate": 0.1, "n_steps": 1}
    yield "one step, two columns", _problem(rng, 5, 3, 2, n_steps=1)
    yield "one step, as many columns as features", _problem(rng, 4, 3, 3, n_steps=1)
    yield "no step", _problem(rng, 4, 3, 1, n_steps=0)
    yield "two steps", _problem(rng, 5, 4, 2, n_steps=2)
    yield "as many instances as features", _problem(rng, 4, 4, 2, n_steps=3)
    yield "five steps, three columns", _problem(rng, 7, 5, 3, n_steps=5)


def _problem(rng, n, d, k, n_steps):
    """Return arguments whose steps are long enough to see and short enough to descend."""
    X = table(rng, n, d)
    X -= X.mean(axis=0)
    rate = round(0.12 / np.linalg.norm(X, 2) ** 2 + between(rng, 0.0001, 0.0009, 4), 4)
    return {"X": X, "C": table(rng, d, k, size=0.8), "rate": rate, "n_steps": n_steps}


@orthonormal_pca.mistake(
    "Your step has only the term E^T X C. C stands twice in X C C^T, and each place adds a term: "
    "X^T E C as well. Compare with a finite difference of the loss."
)
def second_term_alone(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + rate * (E.T @ (X @ C))
    return C


@orthonormal_pca.mistake(
    "Your step has only the term X^T E C, which treats the C on the right, C^T, as fixed. C stands "
    "twice in X C C^T, and each place adds a term: E^T X C as well."
)
def first_term_alone(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + rate * (X.T @ (E @ C))
    return C


@orthonormal_pca.mistake(
    "You counted one of the two terms twice, E^T X C. They are not equal: the other is X^T E C."
)
def second_term_twice(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + 2 * rate * (E.T @ (X @ C))
    return C


@orthonormal_pca.mistake(
    "Your steps go up the slope. The gradient is -(X^T E C + E^T X C), and descent subtracts it."
)
def ascent(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C - rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.mistake(
    "Your steps are twice as long: the factor 1/2 of the loss cancels the 2 of the derivative."
)
def twice(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + 2 * rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.mistake("Your steps are half as long: the loss' 1/2 is cancelled by a 2, once.")
def halved(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + 0.5 * rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.mistake(
    "You divided by the number of instances. The loss is a sum over the cells, and its gradient "
    "too."
)
def averaged(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + rate / len(X) * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.mistake(
    "Your columns are made orthonormal. Nothing of the kind is asked: take plain steps of descent, "
    "and see afterwards where C ends."
)
def made_orthonormal(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = np.linalg.qr(C + rate * (X.T @ (E @ C) + E.T @ (X @ C))).Q
    return C


@orthonormal_pca.mistake(
    "Your columns are scaled to length 1 after each step. Nothing of the kind is asked: take plain "
    "steps of descent, and see afterwards where C ends."
)
def scaled_to_length_1(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + rate * (X.T @ (E @ C) + E.T @ (X @ C))
        C = C / np.linalg.norm(C, axis=0)
    return C


@orthonormal_pca.mistake(
    "W and E stay those of the start. Both depend on C: compute them anew in every step."
)
def error_of_the_start(X, C, rate, n_steps):
    W = X @ C
    E = X - W @ C.T
    for _ in range(n_steps):
        C = C + rate * (X.T @ (E @ C) + E.T @ W)
    return C


@orthonormal_pca.mistake(
    "W stays that of the start. It is X C, with the C of now: compute it anew in every step."
)
def embeddings_of_the_start(X, C, rate, n_steps):
    W = X @ C
    for _ in range(n_steps):
        E = X - W @ C.T
        C = C + rate * (X.T @ (E @ C) + E.T @ W)
    return C


@orthonormal_pca.mistake("E stays that of the start: compute it anew in every step, as you do W.")
def only_the_error_of_the_start(X, C, rate, n_steps):
    E = X - X @ C @ C.T
    for _ in range(n_steps):
        C = C + rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.mistake("Your result is that of a single step. Repeat the step n_steps times.")
def a_single_step(X, C, rate, n_steps):
    E = X - X @ C @ C.T
    return C + rate * (X.T @ (E @ C) + E.T @ (X @ C))


@orthonormal_pca.mistake(
    "Your second term is added after the first one has moved C. Both belong to the same C: add "
    "them up, then take one step."
)
def term_after_term(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + rate * (X.T @ (E @ C))
        C = C + rate * (E.T @ (X @ C))
    return C


@orthonormal_pca.mistake(
    "The values are right, but your function changes the C of its caller, as C += ... does. "
    "Write C = C + ..."
)
def start_written_over(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C += rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.mistake("Return C alone. W is X C, and whoever has C can compute it.")
def embeddings_as_well(X, C, rate, n_steps):
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return X @ C, C


@orthonormal_pca.refused
def one_step_too_many(X, C, rate, n_steps):
    for _ in range(n_steps + 1):
        E = X - X @ C @ C.T
        C = C + rate * (X.T @ (E @ C) + E.T @ (X @ C))
    return C


@orthonormal_pca.alternative
def steps_with_the_gram_matrix(X, C, rate, n_steps):
    G, C = X.T @ X, np.array(C)
    for _ in range(n_steps):
        GC = G @ C
        C = C - rate * (C @ (C.T @ GC) + GC @ (C.T @ C) - 2 * GC)
    return C


@orthonormal_pca.alternative
def steps_with_autograd(X, C, rate, n_steps):
    import torch

    X, C = torch.as_tensor(X), torch.tensor(C, requires_grad=True)
    for _ in range(n_steps):
        loss = 0.5 * (X - X @ C @ C.T).square().sum()
        (gradient,) = torch.autograd.grad(loss, C)
        with torch.no_grad():
            C -= rate * gradient
    return C.detach().numpy()


@orthonormal_pca.alternative
def steps_in_single_precision(X, C, rate, n_steps):
    X, C = X.astype(np.float32), C.astype(np.float32)
    for _ in range(n_steps):
        E = X - X @ C @ C.T
        C = C + np.float32(rate) * (X.T @ E @ C + E.T @ X @ C)
    return C
