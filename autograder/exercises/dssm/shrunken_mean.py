"""Exercise `shrunken_mean`, to be renamed: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise

shrunken_mean = Exercise("shrunken_mean", points=1)


@shrunken_mean.cases
def _(rng):
    # the first case is the docstring's example; all others are drawn, edges and sizes on purpose
    yield "the worked example", {"ratings": np.array([5.0, 4.0]), "prior": 3.0, "strength": 2.0}
    for label, n_ratings in (
        ("a film with a single rating", 1),
        ("a film without ratings", 0),
        ("a film with five ratings", 5),
        ("a film with many ratings", 23),
    ):
        ratings = rng.uniform(0.5, 5, n_ratings)
        yield (
            label,
            {
                "ratings": ratings,
                "prior": rng.uniform(2, 4),
                "strength": rng.uniform(0.5, 9),
            },
        )


@shrunken_mean.mistake(
    "That is the mean of the ratings alone: the prior has no weight in it, and a film without "
    "ratings has no mean."
)
def mean_alone(ratings, prior, strength):
    return np.sum(ratings) / len(ratings)


@shrunken_mean.mistake(
    "The prior counts like `strength` ratings. In your numerator it stands once: multiply it."
)
def prior_counted_once(ratings, prior, strength):
    return (np.sum(ratings) + prior) / (len(ratings) + strength)


@shrunken_mean.mistake(
    "What is added to the sum must be added to the count: divide by the number of ratings plus "
    "`strength`."
)
def strength_not_in_the_count(ratings, prior, strength):
    return (np.sum(ratings) + strength * prior) / len(ratings)


@shrunken_mean.alternative
def mean_as_a_mixture(ratings, prior, strength):
    weight = len(ratings) / (len(ratings) + strength)
    mean = float(np.mean(ratings)) if len(ratings) else 0.0
    return weight * mean + (1 - weight) * prior


@shrunken_mean.alternative
def mean_by_a_loop(ratings, prior, strength):
    total, count = strength * prior, strength
    for rating in ratings:
        total += rating
        count += 1
    return total / count
