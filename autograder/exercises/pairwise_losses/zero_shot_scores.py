"""Exercise `zero_shot_scores`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.pairwise_losses.drawing import entries

zero_shot_scores = Exercise("zero_shot_scores", points=1)


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
    drawn = _question(rng, 3, 5, 2)
    one, opposite = rng.permutation(3)[:2]
    drawn["images"][opposite] = -2 * drawn["images"][one]
    drawn["prompts"][drawn["prompts"] @ drawn["images"][one] < 0] *= -1
    drawn["prompts"][rng.integers(5)] = 3 * drawn["images"][one]
    yield "alpha 2000, one picture opposite to all prompts", {**drawn, "alpha": 2000.0}


def _question(rng, n_images, n_classes, d):
    images, prompts = entries(rng, n_images, d), entries(rng, n_classes, d)
    return {"images": images, "prompts": prompts, "alpha": rng.integers(15, 60) / 10}


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


@zero_shot_scores.mistake("alpha is missing: the softmax is that of alpha times the cosine.")
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
