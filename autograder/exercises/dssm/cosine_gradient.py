"""Exercise `cosine_gradient`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import signed

cosine_gradient = Exercise("cosine_gradient", points=2, tolerance=1e-5)  # float32 passes


@cosine_gradient.cases
def _(rng):
    yield "the worked example", {"y_q": np.array([2.0, 0.0]), "y_d": np.array([3.0, 4.0])}
    yield "d = 2", {"y_q": signed(rng, 2), "y_d": signed(rng, 2) * 3}
    yield "d = 5", {"y_q": signed(rng, 5), "y_d": signed(rng, 5)}
    yield "a long document, d = 3", {"y_q": signed(rng, 3), "y_d": 20 * signed(rng, 3)}
    yield "a short query, d = 4", {"y_q": signed(rng, 4) / 50, "y_d": signed(rng, 4)}
    y = signed(rng, 4)
    yield "the same direction: no gradient is left", {"y_q": y, "y_d": 3 * y}
    a, b = rng.integers(2000, 9000, 2) / 4000
    yield "a right angle", {"y_q": np.array([a, b, 0.0]), "y_d": np.array([-3 * b, 3 * a, 0.0])}
    yield "a query of zeros", {"y_q": np.zeros(3), "y_d": signed(rng, 3)}
    yield "a document of zeros", {"y_q": signed(rng, 4), "y_d": np.zeros(4)}


@cosine_gradient.mistake(
    "That is the gradient of the dot product, (y_d, y_q). The lengths depend on the vectors too."
)
def gradient_of_the_dot_product(y_q, y_d):
    return y_d.copy(), y_q.copy()


@cosine_gradient.mistake(
    "Yours treats the lengths as constants: the term with -R, which comes from the derivative of "
    "1/|y|, is missing. With it the gradient stands at a right angle to its own vector."
)
def lengths_constant(y_q, y_d):
    lengths = np.linalg.norm(y_q) * np.linalg.norm(y_d)
    if lengths == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    return y_d / lengths, y_q / lengths


@cosine_gradient.mistake("The two gradients are exchanged: first that by y_q, then that by y_d.")
def exchanged(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (q - q @ d * d) / b, (d - q @ d * q) / a


@cosine_gradient.mistake(
    "Your gradients are those for vectors of length 1: each still has to be divided by the length "
    "of its own vector. Three times as long a vector turns three times less."
)
def own_length_forgotten(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return d - q @ d * q, q - q @ d * d


@cosine_gradient.mistake(
    "You divided each gradient by the length of the other vector. A vector that is long itself "
    "turns slowly: the gradient by y_q is divided by |y_q|."
)
def length_of_the_other(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / b, (q - q @ d * d) / a


@cosine_gradient.mistake(
    "In your second term y stands as it is. R is multiplied by the vector of length 1: "
    "R y_q / |y_q|."
)
def second_term_not_normalised(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    R = y_q @ y_d / (a * b)
    return (y_d / b - R * y_q) / a, (y_q / a - R * y_d) / b


@cosine_gradient.mistake(
    "In your second term stands the dot product y_q . y_d where the cosine R belongs."
)
def dot_product_in_the_second_term(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    dot = y_q @ y_d
    return (y_d / b - dot * y_q / a) / a, (y_q / a - dot * y_d / b) / b


@cosine_gradient.mistake(
    "R is missing in your second term: subtract R times the own vector of length 1, not the whole "
    "of it."
)
def cosine_missing(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (d - q) / a, (q - d) / b


@cosine_gradient.mistake(
    "In your second term stands the other vector. What is taken away is the part along the own "
    "one: R y_q / |y_q| in the gradient by y_q."
)
def other_vector_in_the_second_term(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    R = q @ d
    return (d - R * d) / a, (q - R * q) / b


@cosine_gradient.mistake(
    "The sign of your second term is +. The derivative of 1/|y| is negative: the part along the "
    "own vector is taken away."
)
def second_term_added(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (d + q @ d * q) / a, (q + q @ d * d) / b


@cosine_gradient.mistake(
    "Both of your gradients have the sign turned round: they point to where the cosine falls."
)
def downhill(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (q @ d * q - d) / a, (q @ d * d - q) / b


@cosine_gradient.mistake(
    "A vector of zeros gives 0/0 in yours. Where one of the two is zero, both gradients are zeros, "
    "as the task says."
)
def zero_vectors_divided(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    with np.errstate(invalid="ignore", divide="ignore"):
        q, d = y_q / a, y_d / b
        return (d - q @ d * q) / a, (q - q @ d * d) / b


@cosine_gradient.mistake(
    "A length of 0 became 1 in yours, as in cosine_relevance, and a gradient is left for the "
    "vector of zeros. Where one of the two is zero, both gradients are zeros, as the task says."
)
def lengths_of_zero_become_1(y_q, y_d):
    a, b = np.linalg.norm(y_q) or 1.0, np.linalg.norm(y_d) or 1.0
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / a, (q - q @ d * d) / b


@cosine_gradient.mistake(
    "A constant added to a length does not help: the gradient for a vector of zeros is divided by "
    "it and becomes huge. Where one of the two is zero, return zeros for both."
)
def small_constant_in_each_length(y_q, y_d):
    a, b = np.linalg.norm(y_q) + 1e-8, np.linalg.norm(y_d) + 1e-8
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / a, (q - q @ d * d) / b


@cosine_gradient.mistake(
    "A constant such as 1e-12 added to a length does not help: the gradient for a vector of zeros "
    "is divided by it and becomes huge. Where one of the two is zero, return zeros for both."
)
def very_small_constant_in_each_length(y_q, y_d):
    a, b = np.linalg.norm(y_q) + 1e-12, np.linalg.norm(y_d) + 1e-12
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / a, (q - q @ d * d) / b


@cosine_gradient.mistake(
    "Your first gradient is right. The second has its numerator as well: by y_d it is q - R d, "
    "with the two vectors exchanged."
)
def first_numerator_twice(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / a, (d - q @ d * q) / b


@cosine_gradient.mistake(
    "You divided each gradient by both lengths, after making q and d of length 1. Only its own "
    "length is left to divide by: the gradient by y_q is divided by |y_q|."
)
def divided_by_both_lengths(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / (a * b), (q - q @ d * d) / (a * b)


@cosine_gradient.mistake(
    "Your first gradient is right. The one by y_d is divided by the length of y_d, not of y_q."
)
def both_by_the_first_length(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / a, y_d / b
    return (d - q @ d * q) / a, (q - q @ d * d) / a


@cosine_gradient.alternative
def gradient_in_single_precision(y_q, y_d):
    a, b = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if a * b == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = (y_q / a).astype(np.float32), (y_d / b).astype(np.float32)
    return (d - q @ d * q) / a, (q - q @ d * d) / b


@cosine_gradient.alternative
def gradient_by_torch(y_q, y_d):
    import torch

    if not (y_q.any() and y_d.any()):
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = (torch.tensor(y, requires_grad=True) for y in (y_q, y_d))
    (q @ d / (q.norm() * d.norm())).backward()
    return q.grad.numpy(), d.grad.numpy()


@cosine_gradient.alternative
def gradient_by_projection(y_q, y_d):
    def one(own, other):
        length = np.sqrt(own @ own)
        unit = own / length
        across = np.eye(len(own)) - np.outer(unit, unit)
        return across @ other / np.sqrt(other @ other) / length

    if (y_q == 0).all() or (y_d == 0).all():
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    return one(y_q, y_d), one(y_d, y_q)


cosine_gradient.harmless(
    "return np.zeros(len(y_d)), np.zeros(len(y_q))", because="both vectors have d numbers"
)
