"""Exercise `n_parameters`: cases, mistakes, alternatives."""

from autograder.exercises import Exercise

n_parameters = Exercise("n_parameters", points=1)


@n_parameters.cases
def _(rng):
    yield "the worked example", {"n": 6, "k": 2}
    yield "one feature has no pair", {"n": 1, "k": 3}
    yield "few features, many factors", {"n": 5, "k": 10}
    yield "many features", {"n": int(rng.integers(10_000, 30_000)), "k": int(rng.integers(5, 50))}


@n_parameters.mistake(
    "You counted every pair twice, and each feature with itself: there are n(n - 1)/2 pairs i < j."
)
def all_cells_of_the_square(n, k):
    return 1 + n + n * n, 1 + n + n * k


@n_parameters.mistake(
    "You counted every pair twice: the weight of (i, j) is that of (j, i), so n(n - 1)/2 of them."
)
def ordered_pairs(n, k):
    return 1 + n + n * (n - 1), 1 + n + n * k


@n_parameters.mistake(
    "n(n + 1)/2 counts each feature with itself as well. Pairs have i < j: n(n - 1)/2 of them."
)
def pairs_with_themselves(n, k):
    return 1 + n + n * (n + 1) // 2, 1 + n + n * k


@n_parameters.mistake(
    "You counted the pairs only. Both models also have the constant w0 and the n weights w_i."
)
def pairs_only(n, k):
    return n * (n - 1) // 2, n * k


@n_parameters.mistake("The constant w0 is a parameter too: both counts are 1 too small.")
def constant_forgotten(n, k):
    return n + n * (n - 1) // 2, n + n * k


@n_parameters.mistake("The weights w_i of the single features are missing: n more in both models.")
def single_weights_forgotten(n, k):
    return 1 + n * (n - 1) // 2, 1 + n * k


@n_parameters.mistake(
    "Every feature has a vector of k numbers of its own: n * k of them, not n + k or k."
)
def one_vector_for_all(n, k):
    return 1 + n + n * (n - 1) // 2, 1 + n + k


@n_parameters.alternative
def parameters_by_adding_up(n, k):
    return 1 + n + sum(range(n)), 1 + sum(1 + k for _ in range(n))


@n_parameters.alternative
def parameters_by_binomial(n, k):
    import math

    return sum(math.comb(n, order) for order in range(3)), 1 + n * (k + 1)
