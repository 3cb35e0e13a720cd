# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 · TITLE: what the lecture shows
#
# *What somebody wants to know, in two or three sentences, before any formula. This draft predicts
# how many stars a film gets, by its mean; replace all of it, beat by beat.*
#
# After this lecture you can
#
# - *derive ...;*
# - *implement ...;*
# - *say when it fails.*

# %% [markdown] tags=["overview"]

# %% tags=["setup"]
import numpy as np
from sklearn.linear_model import Ridge

from embedlab import Derivation, Lecture, Step
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.widgets import Curves, curve_states

lecture = Lecture("00_topic")

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# *The question on real data, how an answer is measured, and a baseline's number.*
#
# A fifth of every user's ratings is hidden. We predict each hidden one by a number of its film, and
# measure the root mean square of the errors (RMSE), in stars. The baseline knows no film: it
# predicts the mean of all known ratings.

# %%
train, test = split_at_random(load_movielens_small(), test_fraction=0.2, seed=3)
overall = train.values.mean()
stars = [train.values[train.items == film] for film in range(train.n_items)]


def rmse(predicted):
    """Return the RMSE of the hidden ratings, for predicted stars per film, (n_items,)."""
    return np.sqrt(np.mean((test.values - predicted[test.items]) ** 2))


print(f"the mean of all: RMSE {rmse(np.full(train.n_items, overall)):.3f}")

# %% [markdown]
# *Data: MovieLens latest-small (2016). Please use it for non-commercial purposes only and cite
# F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
# The full terms are in `datasets/movielens_small/`.*

# %% [markdown]
# ## 2 · The derivation
#
# *With pencil and paper, in executable lines; one of them is left to the student.*
#
# One film has the ratings $r_1, \dots, r_n$. We look for the number $x$ that is close to all of them,
# and not far from a prior $m$ that we would predict without any:
#
# $$L(x) = \sum_i (r_i - x)^2 + s\,(x - m)^2 .$$
#
# The strength $s$ says how much the prior counts.
#
# **Your turn: one line of the derivation is left open.** Differentiate line 2 of the table below
# with respect to $x$ (2 minutes). Write the result in quotes, as an expression of `r`, `m`, `s` and
# `x`, and run both cells.

# %% nbgrader={"grade_id": "derivative_line", "solution": true}
derivative_line = "..."
### BEGIN SOLUTION
derivative_line = "2 * (len(r) + s) * x - 2 * (r.sum() + s * m)"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    r, m, s = rng.uniform(1, 5, 4), rng.uniform(2, 4), rng.uniform(1, 3)

    def loss(x):
        return ((r - x) ** 2).sum() + s * (x - m) ** 2

    return {"r": r, "m": m, "s": s, "loss": loss, "x": rng.uniform(1, 5)}


Derivation(
    "The best single number",
    instance,
    Step(r"L(x) - L(0)", "loss(x) - loss(0.0)", why="the loss, up to a constant"),
    Step(
        r"= (n + s)\,x^2 - 2\,\Big(\sum_i r_i + s m\Big)\,x",
        "(len(r) + s) * x**2 - 2 * (r.sum() + s * m) * x",
        why="expand the squares",
    ),
    Step(
        r"\frac{dL}{dx}",
        "derivative(loss, x)",
        starts=True,
        why="computed numerically, from the loss itself",
    ),
    Step(
        r"=\;?",
        derivative_line,
        yours=True,
        names=("r", "m", "s", "x"),
        tolerance=1e-6,
        why="your line",
    ),
    Step(
        r"\arg\min_x L(x)",
        "argmin(loss, 0.0, 6.0)",
        starts=True,
        why="found by search, from the loss itself",
    ),
    Step(
        r"= \frac{\sum_i r_i + s m}{n + s}",
        "(r.sum() + s * m) / (len(r) + s)",
        tolerance=1e-5,
        why="where the derivative is 0",
    ),
).check()

# %% [markdown]
# ## 3 · The exercises
#
# *The small functions that matter, each used further down, in the order in which the model is built.*

# %% [markdown] exercise="shrunken_mean" difficulty=1 minutes=5
# Compute the last line of the derivation, as a float.
#
# - `ratings`: (n,), the ratings of one film; n may be 0
# - `prior` is $m$, `strength` is $s > 0$
#
# In the docstring's example the two ratings sum to 9, the prior adds $2 \cdot 3$, and both together
# count like 4 ratings.
#
# <details><summary>Hint</summary>
#
# A film without ratings needs no case of its own: the sum of nothing is 0.
#
# </details>


# %% nbgrader={"grade_id": "shrunken_mean", "solution": true}
def shrunken_mean(ratings, prior, strength):
    """Return the mean of ratings (n,) and of `prior`, which counts like `strength` ratings.

    >>> shrunken_mean(np.array([5.0, 4.0]), prior=3.0, strength=2.0)
    3.75
    """
    ### BEGIN SOLUTION
    return float((ratings.sum() + strength * prior) / (len(ratings) + strength))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_shrunken_mean", "grade": true}
lecture.check(shrunken_mean)

# %% [markdown]
# ## 4 · Your model, the baseline and a library
#
# *The model made of the student's functions, trained on the real data, beside the baseline and the
# library that a practitioner would use.*
#
# The library is scikit-learn: `Ridge` with a column per film finds the same numbers.

# %% [markdown] tags=["question"]
# *Ask before you tell, two or three times in a section.* A film has one known rating, five stars. What should the strength do to
# its prediction?
#
# Answer: **pull it back to the prior**: one rating is poor evidence, and most of what stands out in it is luck.


# %%
def film_means(strength):
    """Return the predicted stars per film, (n_items,)."""
    return np.array([shrunken_mean(ratings, overall, strength) for ratings in stars])


columns = np.arange(10)  # of the first ten films
known = np.concatenate([np.full(len(stars[film]), film) for film in columns])
ridge = Ridge(alpha=5.0, fit_intercept=False)
ridge.fit(known[:, None] == columns, np.concatenate(stars[:10]) - overall)
print(f"yours, strength 5: RMSE {rmse(film_means(5.0)):.3f}")
print(
    f"largest difference to Ridge: {np.abs(ridge.coef_ + overall - film_means(5.0)[:10]).max():.6f}"
)

# %% tags=["claims"]
assert rmse(film_means(5.0)) < rmse(np.full(train.n_items, overall)) - 0.05, "clearly better"

# %% [markdown]
# *Bind what you say of the numbers to them, as the cell above does.* The film's own number is clearly better than the mean of all.
#
# *A figure that moves.* How the error depends on the strength, for films with few and with many
# known ratings:

# %%
n_known = np.array([len(ratings) for ratings in stars])[test.items]
strengths = np.array([0.5, 1, 2, 4, 8, 16, 32])
groups = {
    "at most 5": n_known <= 5,
    "6 to 20": (n_known > 5) & (n_known <= 20),
    "more": n_known > 20,
}
errors = np.array([(test.values - film_means(s)[test.items]) ** 2 for s in strengths])
curves = [[np.sqrt(errors[:, of].mean(axis=1))] for of in groups.values()]
Curves(
    curve_states(strengths, curves, ["RMSE"], groups),
    x="strength",
    y="RMSE in stars",
    slider="known ratings of the film",
    log_x=True,
)

# %% [markdown]
# ## 5 · What the numbers mean
#
# *What the numbers say and what they do not, what fails, what to read next. Whatever is claimed here
# is computed in a cell above.*
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | shrunken mean | $(\sum_i r_i + s m) / (n + s)$ |

# %%
lecture.progress()
