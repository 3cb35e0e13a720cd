"""Exercise `zero_shot_scores`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import decided, entries

zero_shot_scores = Exercise("zero_shot_scores", points=1, tolerance=1e-5)


@zero_shot_scores.cases
def _(rng):
    yield (
        "the worked example",
        {
            "images": np.array([[3.0, 0.0]]),
            "prompts": np.array([[2.0, 0.0], [0.0, 5.0]]),
            "alpha": float(np.log(3)),
        },
    )
    yield "2 pictures, 3 classes", _question(rng, 2, 3, 5)
    yield "5 pictures, 2 classes", _question(rng, 5, 2, 3)
    drawn = _question(rng, 3, 4, 2)
    drawn["prompts"][rng.integers(4)] *= 50
    yield "one very long prompt", drawn
    drawn = _question(rng, 4, 3, 5)
    drawn["images"] *= np.array([0.1, 20.0, 3.0, 1.0])[rng.permutation(4), None]
    yield "pictures of different lengths", drawn
    drawn = _question(rng, 1, 5, 4)
    yield "a single picture", drawn
    yield "a single class", _question(rng, 3, 1, 2)
    drawn = _question(rng, 4, 4, 3)
    yield "as many pictures as classes", drawn
    drawn = _opposite(rng)
    while not decided(_scores(**drawn)):
        drawn = _opposite(rng)
    yield "alpha 2000, one picture opposite to all prompts", drawn


def _question(rng, n_images, n_classes, d):
    images, prompts = entries(rng, n_images, d), entries(rng, n_classes, d)
    return {"images": images, "prompts": prompts, "alpha": rng.integers(15, 60) / 10}


def _opposite(rng):
    """Return a question whose one picture lies opposite to all prompts."""
    drawn = _question(rng, 3, 5, 2)
    one, opposite = rng.permutation(3)[:2]
    drawn["images"][opposite] = -2 * drawn["images"][one]
    drawn["prompts"][drawn["prompts"] @ drawn["images"][one] < 0] *= -1
    drawn["prompts"][rng.integers(5)] = 3 * drawn["images"][one]
    return {**drawn, "alpha": 2000.0}


def _scores(images, prompts, alpha):
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (images, prompts))
    return alpha * x @ y.T


@zero_shot_scores.mistake(
    "Your prompts keep their lengths. A long prompt then wins everywhere: divide every row of "
    "prompts by its length."
)
def prompts_not_normalised(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    S = alpha * x @ prompts.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "Your pictures keep their lengths. Divide every row of images by its length: a cosine "
    "compares directions."
)
def images_not_normalised(images, prompts, alpha):
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * images @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "You took plain dot products. The score is a cosine: divide the rows of both by their lengths."
)
def nothing_normalised(images, prompts, alpha):
    S = alpha * images @ prompts.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "Your columns sum to 1. Every picture distributes a probability of 1 over the classes: the "
    "softmax runs along a row."
)
def over_the_pictures(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max(axis=0, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


@zero_shot_scores.mistake(
    "You return the scores. Their softmax, picture by picture, is what is asked for."
)
def softmax_forgotten(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    return alpha * x @ y.T


@zero_shot_scores.mistake(
    "alpha has no effect in your result. It multiplies the cosine: a number that is added to all "
    "scores cancels in the softmax."
)
def zero_shot_without_alpha(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "exp of a large score is infinite. Subtract each row's largest score before exp: no "
    "probability changes."
)
def zero_shot_overflows(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        E = np.exp(alpha * x @ y.T)
        return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "Your result is transposed: one row for every picture, one column for every class, in the "
    "order of the prompts."
)
def zero_shot_transposed(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True)).T


@zero_shot_scores.mistake(
    "You return the best class of every picture. Asked for are the probabilities of all classes."
)
def best_class_only(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    return (x @ y.T).argmax(axis=1)


@zero_shot_scores.mistake(
    "Some picture gets NaN from you: every exp of its row is 0. Subtract from each row its own "
    "largest score, not one number (the largest of all, or alpha) from every row."
)
def zero_shot_one_maximum(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max())
    with np.errstate(all="ignore"):
        return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "You divide the cosine by alpha. alpha is a factor: the larger it is, the sharper the "
    "probabilities."
)
def zero_shot_divided_by_alpha(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = x @ y.T / alpha
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "You divided by one number, the norm of the whole matrix. Every row has a length of its own: "
    "np.linalg.norm(images, axis=1, keepdims=True), and so for prompts."
)
def zero_shot_length_of_the_matrix(images, prompts, alpha):
    x, y = images / np.linalg.norm(images), prompts / np.linalg.norm(prompts)
    S = alpha * x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "Your rows do not sum to 1: you return the exponentials. Divide each row by its sum."
)
def exponentials_only(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E


@zero_shot_scores.mistake(
    "All of your entries together sum to 1. Every picture distributes a probability of 1 over the "
    "classes: divide each row by its own sum."
)
def one_sum_for_all(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum()


@zero_shot_scores.mistake(
    "You divided the columns by their lengths. The vectors are the rows: np.linalg.norm(images, "
    "axis=1, keepdims=True), and so for prompts."
)
def zero_shot_lengths_of_the_columns(images, prompts, alpha):
    with np.errstate(all="ignore"):
        x, y = images / np.linalg.norm(images, axis=0), prompts / np.linalg.norm(prompts, axis=0)
        S = alpha * x @ y.T
        E = np.exp(S - S.max(axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "You divided by the squared lengths. A vector divided by its length, the root of its sum of "
    "squares, has length 1."
)
def zero_shot_squared_lengths(images, prompts, alpha):
    x = images / (images**2).sum(axis=1, keepdims=True)
    y = prompts / (prompts**2).sum(axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.mistake(
    "All your probabilities together sum to 1: one softmax over the whole table. Every picture has "
    "a softmax of its own, along its row: axis=1."
)
def one_softmax_for_all(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * x @ y.T
    E = np.exp(S - S.max())
    return E / E.sum()


@zero_shot_scores.mistake(
    "Your rows sum to alpha: it multiplies the probabilities. It multiplies the cosines, before the"
    " softmax."
)
def alpha_after_the_softmax(images, prompts, alpha):
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = prompts / np.linalg.norm(prompts, axis=1, keepdims=True)
    E = np.exp(x @ y.T)
    return alpha * E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.refused
def divided_in_place(images, prompts, alpha):
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    prompts /= np.linalg.norm(prompts, axis=1, keepdims=True)
    S = alpha * images @ prompts.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@zero_shot_scores.alternative
def picture_by_picture(images, prompts, alpha):
    P = np.empty((len(images), len(prompts)))
    for n, x in enumerate(images):
        cosine = np.array([x @ y / np.sqrt((x @ x) * (y @ y)) for y in prompts])
        e = np.exp(alpha * (cosine - cosine.max()))
        P[n] = e / e.sum()
    return P


@zero_shot_scores.alternative
def zero_shot_with_torch(images, prompts, alpha):
    import torch

    x, y = (torch.nn.functional.normalize(torch.tensor(v), dim=1) for v in (images, prompts))
    return torch.softmax(alpha * x @ y.T, dim=1).numpy()


@zero_shot_scores.alternative
def zero_shot_in_float32(images, prompts, alpha):
    x, y = (v.astype(np.float32) for v in (images, prompts))
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (x, y))
    S = np.float32(alpha) * x @ y.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
