"""Exercise `n_parameters`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

n_parameters = Exercise("n_parameters", points=1)


@n_parameters.cases
def _(rng):
    yield "the worked example", {"field_sizes": np.array([3, 2]), "k": 4}
    yield "three fields", {"field_sizes": rng.permutation([2, 5, 9]) + 90, "k": _factors(rng)}
    yield "a single field", {"field_sizes": rng.integers(5, 9_000, 1), "k": _factors(rng)}
    ones = np.ones(int(rng.integers(4, 90)), dtype=int)
    yield "a field for each feature", {"field_sizes": ones, "k": _factors(rng)}
    sizes = rng.integers(10, 5_000, 11)
    yield "eleven fields", {"field_sizes": sizes, "k": _factors(rng)}


def _factors(rng):
    return int(rng.integers(2, 9_000))


@n_parameters.mistake("The constant w0 is a parameter too: both counts are 1 too small.")
def constant_forgotten(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return n + n * F * k, n + n * (F - 1) * k


@n_parameters.mistake("The weights w_i of the single features are missing: n more in both counts.")
def single_weights_forgotten(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n * F * k, 1 + n * (F - 1) * k


@n_parameters.mistake(
    "You counted the vectors only. The model also has the constant w0 and the n weights w_i."
)
def vectors_only(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return n * F * k, n * (F - 1) * k


@n_parameters.mistake(
    "You gave each field a vector and each feature a vector, (n + F) k numbers. Each feature has a "
    "vector for each field: n F k."
)
def fields_have_vectors(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + (n + F) * k, 1 + n + (n + F - 1) * k


@n_parameters.mistake(
    "You took the number of fields for n, the number of features: that is the sum of the field "
    "sizes."
)
def fields_counted_as_features(field_sizes, k):
    F = len(field_sizes)
    return 1 + F + F * F * k, 1 + F + F * (F - 1) * k


@n_parameters.mistake(
    "Both counts are the same. In one-hot rows no feature meets another of its own field, so its "
    "vector for that field is never used: k fewer for each feature in the second count."
)
def nothing_dead(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * F * k


@n_parameters.mistake(
    "Your second count lacks one vector in all. It is one for each feature that is never used: k "
    "times n numbers."
)
def one_vector_dead(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * F * k - k


@n_parameters.mistake(
    "These are the counts of lecture 04's machine, with one vector a feature. Here each feature "
    "has one for each field."
)
def one_vector_for_all_fields(field_sizes, k):
    n = int(field_sizes.sum())
    return 1 + n + n * k, 1 + n + n * k


@n_parameters.mistake(
    "The two counts are in the wrong order: first all parameters, then those that one-hot rows use."
)
def exchanged(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * (F - 1) * k, 1 + n + n * F * k


@n_parameters.mistake(
    "Your second count has the vectors only. The constant w0 and the n weights w_i are used too."
)
def used_vectors_only(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, n * (F - 1) * k


@n_parameters.mistake(
    "Your second count is that of a single row, with one feature of each field. Count what all "
    "possible rows use together: the parameters of all n features."
)
def used_in_one_row(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + F + F * (F - 1) * k


@n_parameters.mistake(
    "Your second count takes one vector a field away. It is one for each feature that is never "
    "used, n and not n_fields of them."
)
def one_vector_a_field_dead(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * F * k - F * k


@n_parameters.mistake("Your vectors have one number each. A vector has k numbers.")
def factors_forgotten(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F, 1 + n + n * (F - 1)


@n_parameters.mistake(
    "Your second count is of the parameters that are never used. Asked for is the rest, those that "
    "are used."
)
def unused_returned(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, n * k


@n_parameters.mistake(
    "Your second count takes one number a feature away. What is never used is a vector of each "
    "feature, k numbers."
)
def one_number_a_feature_dead(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * F * k - n


@n_parameters.mistake(
    "The n weights w_i of the single features are missing in your second count: they are used too."
)
def used_without_single_weights(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n * (F - 1) * k


@n_parameters.refused
def at_least_one_vector(field_sizes, k):
    n, F = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * max(F - 1, 1) * k


@n_parameters.refused
def floats(field_sizes, k):
    n, F = float(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * (F - 1) * k


@n_parameters.refused
def product_of_the_sizes(field_sizes, k):
    n, F = int(field_sizes.prod()), len(field_sizes)
    return 1 + n + n * F * k, 1 + n + n * (F - 1) * k


@n_parameters.alternative
def counted_field_by_field(field_sizes, k):
    everything, used = 1, 1
    for size in field_sizes:
        for other in range(len(field_sizes)):
            everything += int(size) * k
            used += int(size) * k * (other > 0)
        everything, used = everything + int(size), used + int(size)
    return everything, used


@n_parameters.alternative
def unused_taken_away(field_sizes, k):
    n = sum(field_sizes.tolist())
    everything = 1 + n * (1 + len(field_sizes) * k)
    return everything, everything - n * k
