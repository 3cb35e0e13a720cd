"""Exercise `n_parameters`: cases, mistakes, alternatives."""

from autograder.exercises import Exercise

n_parameters = Exercise("n_parameters", points=1)


@n_parameters.cases
def _(rng):
    yield "the worked example", {"n": 6, "k": 2}
    odd = 2 * int(rng.integers(2, 50)) + 1  # halving too early is seen with even and odd numbers
    yield "few features, many factors", {"n": odd, "k": int(rng.integers(1_000, 1_000_000))}
    yield "one feature has no pair", {"n": 1, "k": int(rng.integers(2, 10_000_000))}
    even = 2 * int(rng.integers(50_000, 500_000))
    yield "many features", {"n": even, "k": int(rng.integers(5, 50))}
    yield "many features, an odd number", {"n": even - 1, "k": int(rng.integers(50, 90))}


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


@n_parameters.mistake("Every feature has a vector of k numbers of its own: n * k of them, not k.")
def one_vector_for_all(n, k):
    return 1 + n + n * (n - 1) // 2, 1 + n + k


@n_parameters.mistake(
    "The two counts are in the wrong order: first that with a weight for every pair, then that of "
    "the factorization machine."
)
def exchanged(n, k):
    return 1 + n + n * k, 1 + n + n * (n - 1) // 2


@n_parameters.mistake(
    "Your counts are right, but the first is a float: `/` makes one even where nothing is left "
    "over. Two ints are asked for: divide with `//`."
)
def divided_into_a_float(n, k):
    return 1 + n + n * (n - 1) / 2, 1 + n + n * k


@n_parameters.mistake(
    "You halved before you multiplied, which loses a half where n is odd. Of n and n - 1 one is "
    "even, so multiply first: n * (n - 1) // 2."
)
def halved_before_multiplying(n, k):
    return 1 + n + n // 2 * (n - 1), 1 + n + n * k


@n_parameters.mistake(
    "You halved n - 1 before you multiplied, which loses a half where n is even. Multiply first: "
    "n * (n - 1) // 2."
)
def rest_halved_before_multiplying(n, k):
    return 1 + n + n * ((n - 1) // 2), 1 + n + n * k


@n_parameters.mistake(
    "The second count is 1 too small: the factorization machine has the constant w0 as well."
)
def constant_forgotten_in_the_machine(n, k):
    return 1 + n + n * (n - 1) // 2, n + n * k


@n_parameters.mistake(
    "The first count is 1 too small: the model with a weight per pair has the constant w0 as well."
)
def constant_forgotten_with_weights_per_pair(n, k):
    return n + n * (n - 1) // 2, 1 + n + n * k


@n_parameters.mistake(
    "The second count lacks the n single weights: the factorization machine has w_i beside v_i."
)
def single_weights_forgotten_in_the_machine(n, k):
    return 1 + n + n * (n - 1) // 2, 1 + n * k


@n_parameters.alternative
def parameters_by_adding_up(n, k):
    return 1 + n + sum(range(n)), 1 + n + sum([k] * n)


@n_parameters.alternative
def parameters_by_binomial(n, k):
    import math

    return sum(math.comb(n, order) for order in range(3)), 1 + n * (k + 1)


@n_parameters.refused
def pairs_with_vectors_too(n, k):
    return 1 + n + n * (n - 1) // 2, 1 + n + n * k + n * (n - 1) // 2


@n_parameters.refused
def never_more_factors_than_features(n, k):
    return 1 + n + n * (n - 1) // 2, 1 + n + n * min(n, k)


@n_parameters.refused
def no_vector_for_a_single_feature(n, k):
    return 1 + n + n * (n - 1) // 2, 1 + n + n * k * (n > 1)


@n_parameters.refused
def narrow_integers(n, k):
    import numpy

    n = numpy.int32(n)
    with numpy.errstate(over="ignore"):
        return int(1 + n + n * (n - 1) // 2), int(1 + n + n * numpy.int32(k))
