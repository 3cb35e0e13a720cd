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
# # 01 · Matrix factorization: learning features nobody wrote down
#
# Here is a person and here is a film, and all we have of either is a number: user 19, item 1472. No
# age, no genre, no plot. What we do know are the ratings that some people gave to some films.
# Will user 19 like film 1472?
#
# It sounds hopeless, and it is the task that made **recommender systems** famous: in 2006 Netflix
# offered a million dollars for predicting such ratings 10% better than its own system did. An idea
# at the heart of the best entries fits into one line. **Give every user and every film a short vector of
# unknown numbers, predict a rating by their dot product, and choose the numbers so that the known
# ratings come out right.**
#
# The same line is the plan of the whole course. Its **abstract task**: there are two sets of things and a relation
# between them that is known in a few places; say what holds in the others. Its method: give everything a learnt
# vector, an **embedding**. If you know **word embeddings**, you have seen this before. A word, too, is an atom without
# features; it gets a vector of random numbers, which then learns from the words that stand nearby. Here users and films
# take the place of words. The lectures to come change what the vectors are made from, how two of
# them are compared and what they learn from. The task stays.
#
# After this lecture you can
#
# - say why a dot product of learnt vectors is a reasonable guess, and read a matrix product as all
#   guesses at once;
# - derive both gradients of the squared error by hand, and say in words what each term does;
# - minimise it in three ways (all at once, rating by rating, and by alternating least squares), and
#   know what can go wrong in each;
# - adapt the model to likes and dislikes, and to data that hold only likes;
# - let the model recommend films to you.

# %% [markdown] tags=["overview"]
# A good place to pause is marked half-way, after exercise 4.

# %% [markdown]
# **Before you start: three things to bring along.** Answer in your head or on paper, then open.

# %% [markdown] tags=["question"]
# What is the dot product of $(2, 1)$ and $(-1, 3)$? What does its sign say about the angle between two vectors?
#
# Answer: $2 \cdot (-1) + 1 \cdot 3 = 1$. **It is positive below 90 degrees**, zero at a right angle and negative
# above. It also grows with both lengths. (Section 2.)

# %% [markdown] tags=["question"]
# You stand at a point where a loss has the gradient $(2, -3)$. How do you change the two parameters to make the loss
# smaller, and why only by a little?
#
# Answer: **Lower the first and raise the second**, against the gradient. It is the slope at this point only;
# a long step may end higher up. (Section 4.)

# %% [markdown] tags=["question"]
# Which weights $w$ does ridge regression choose for inputs $x_n$ and outputs $y_n$, and how are they found?
#
# Answer: Those with the smallest $\sum_n (y_n - w \cdot x_n)^2 + \lambda \lVert w \rVert^2$. **One linear system gives them**,
# and it has one solution even when there are fewer examples than weights. (Section 5.)

# %% tags=["setup"]
from dataclasses import replace
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import Markdown, display
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from embedlab import Derivation, Lecture, Step
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.diagrams import factorization, film_map
from embedlab.me import Me
from embedlab.offsets import fit_offsets, rmse
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.widgets import MovingVectors, RateFilms, YourList, descent_states

lecture = Lecture("01_matrix_factorization")

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# Our data are the ratings, from half a star to five, that 671 people gave on MovieLens until 2016.

# %%
ratings = load_movielens_small()
titles = np.array(ratings.films.titles)
print(ratings)
print(f"known: {len(ratings) / (ratings.n_users * ratings.n_items):.1%} of all cells")
counts = np.bincount(ratings.items)
print(f"films with fewer than 5 ratings: {(counts < 5).mean():.0%}")

# %% [markdown]
# *Data: MovieLens latest-small (2016). Please use it for non-commercial purposes only and cite
# F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
# The full terms are in `datasets/movielens_small/`.*
#
# A rating is **explicit feedback**: people were asked, and answered. What they do without being asked (watch to the end, buy,
# click) is **implicit feedback**; section 8 and lecture 02 use it. To predict what one person likes from what all the
# others said is called **collaborative filtering**: without knowing it, the users help each other to filter
# a catalogue that is too large for any of them. For many people this is no extra beside a search box any more. It is
# *the* navigation: what a video site, a shop or a news feed shows first was chosen by such a model.
#
# Think of a large table with a row per user and a column per film. Some of the cells hold a
# rating, over 98% are empty, and we are to predict what would stand there. The two sets
# need not be users and films: readers and news, drugs and proteins, students and exam questions,
# recipes and ingredients (which spice has not been tried in this dish?) fit as well, and so do friends
# and friends, where both sets are the same (lecture 12). What makes the task special is that the things have *no
# features*. All we know of a film is who rated it, and all we know of a user is what they rated.
#
# Are five stars five classes, or a number? Either can be modelled. We take them as a number: then to be off by
# one star is less bad than to be off by three, which classes would not know. The price is that the step from 1
# to 2 stars counts as much as the one from 4 to 5.
#
# ### You are user 672
#
# The data hold the ratings of 671 people; you are the next. Rate the films below that you know: ten are plenty, five better
# than none. Your ratings stay in a file beside this notebook; they neither leave this computer nor enter the grading. At the
# end of this lecture, and of later ones, a model that has learnt from the 671 recommends films to you. If you rate
# nothing, it does so for a made-up person.

# %%
RateFilms(ratings)

# %% [markdown]
# ### The measure
#
# To measure anything we hide 20% of every user's ratings and predict these **held-out** ratings. The measure is the
# Netflix prize's, the **root mean squared error**,
# $\text{RMSE} = \sqrt{\text{mean of } (\text{predicted} - \text{true})^2}$. An RMSE of 1 is, roughly,
# off by one star.

# %% [markdown] tags=["question"]
# Why do we hide a fifth of every user's ratings, and not all the ratings of every fifth user?
#
# Answer: A user without any rating is **a row with nothing in it**: there would be nothing to learn the vector from. Helping
# such users and such films is a task of its own, the **cold start** (lectures 02 and 06).

# %% [markdown] tags=["question"]
# The simplest prediction is the mean of all ratings, the same number everywhere. Which RMSE will it have, in terms of
# what you know from statistics?
#
# Answer: **The standard deviation of the ratings**, which for stars from 0.5 to 5 is about one.

# %%
train, test = split_at_random(ratings, test_fraction=0.2, seed=1)
mean = train.values.mean()
print(f"the mean, {mean:.2f} stars, everywhere: test RMSE {rmse(mean, test.values):.3f}")

# %% [markdown]
# A better guess needs no idea of taste at all. Some films are better than others and some people are
# harder to please, so predict $\mu + b_u + b_i$: the mean, plus how much this user's ratings lie
# above what is usual, plus how much this film's do. These are called **bias terms**, and their sum a **baseline predictor**.
# Few ratings make a poor average; we pretend that each user has 5 and each film 2 extra ratings of
# deviation 0, which pulls rash conclusions towards zero:
#
# $$
# b_i = \frac{\sum_{u \text{ rated } i} (r_{ui} - \mu - b_u)}{n_i + 2}, \qquad
# b_u = \frac{\sum_{i \text{ rated by } u} (r_{ui} - \mu - b_i)}{n_u + 5},
# $$
#
# with $n_i$ and $n_u$ ratings of this film and by this user. Each is an average once the other is
# known, so the kit's `fit_offsets` starts with all $b_u = 0$ and takes turns, six times.

# %% [markdown] tags=["question"]
# A film has a single rating: 5 stars, by a user with $b_u = 0$. The mean is 3.5. What do these formulas predict
# for the film's next viewer, if that one has $b_u = 0$ as well? And with 300 ratings of 5 stars?
#
# Answer: **$b_i = 1.5 / 3 = 0.5$**, so 4 stars: one enthusiast is weak evidence. With 300 ratings
# $b_i = 450 / 302 \approx 1.49$: two pretended ratings do nothing against so many.

# %%
biases = fit_offsets(train)
results = {"mean": rmse(mean, test.values), "bias terms": rmse(biases(test), test.values)}
print(f"bias terms: test RMSE {results['bias terms']:.3f}")

# %% tags=["claims"]
assert len(ratings) / (ratings.n_users * ratings.n_items) < 0.02, "over 98% are empty"
assert abs(results["mean"] - test.values.std()) < 0.01, "The standard deviation of the ratings"
assert results["bias terms"] < results["mean"] - 0.1, "A better guess"

# %% [markdown]
# That is **the number to beat**, and it is a strong one, as section 5 will show. What averages cannot
# say is that *you* like horror and *I* do not: every user gets the same order of films. So what we
# look at from here on is the **residual**: a rating minus that guess. It is positive where
# a user liked a film *more than expected*, negative where they liked it less, and 0 means "as
# expected". From here on $r_{ui}$ is this residual, and so are the `values` in the exercises.

# %%
values = train.values - biases(train)
for n in np.argsort(-np.abs(values), kind="stable")[[0, 1, 2]]:
    print(f"user {train.users[n]}, {titles[train.items[n]]}: ", end="")
    print(f"{train.values[n]:.1f} stars, {values[n]:+.1f} against expectation")

# %% [markdown]
# ## 2 · Vectors and their dot product
#
# Suppose for a moment that we could write features by hand. Two will do: how much *romance* there is
# in a film and how much *action*, and, for a person, how much they care for each. Both may be negative.

# %%
names = ["Ann", "Ben", "Cleo"]
user_factors = np.array([[2.0, 0.0], [-1.0, 2.0], [1.0, 1.0]])  # romance, action
films = ["Notting Hill", "Die Hard", "Mr. & Mrs. Smith", "March of the Penguins"]
item_factors = np.array([[2.0, -1.0], [-1.0, 2.0], [1.0, 1.0], [0.0, 0.0]])

# %% [markdown]
# How well do a person and a film match? Multiply feature by feature and add up:
#
# $$\hat r_{ui} = p_u \cdot q_i = \sum_{f=1}^{k} p_{uf}\, q_{if}.$$
#
# This **dot product** does what we want. Ann loves romance ($+2$) and *Notting Hill* is full of it
# ($+2$): the term is $+4$. Ben dislikes romance ($-1$), so for him it is $-2$: the same signs raise the
# score, opposite signs lower it (and a person who dislikes romance gains from a film that lacks
# it). Ann is indifferent to action (0), so that term does not count. A long vector means strong
# feelings, and a vector of zeros means "as expected", in every pair.
#
# We rarely want all six million cells of the table. Known ratings come as three arrays of equal length, `users`, `items`
# and `values`: rating number $n$ was given by `users[n]` to `items[n]`. An id may occur many times.

# %% [markdown] exercise="predict_ratings" difficulty=1 minutes=6
# Return the predictions for the cells `(users[0], items[0])`, `(users[1], items[1])`, ... and only
# for these, shape (n,).
#
# - `users`, `items`: (n,) indices; `user_factors`: (n_users, k), `item_factors`: (n_items, k)
#
# By hand, for the docstring's example: $(1, 0)\cdot(2, 0) = 2$, then $(1, 0)\cdot(-1, 1) = -1$, then
# $(1, 2)\cdot(-1, 1) = 1$.
#
# <details><summary>Hint</summary>
#
# `user_factors[users]` has the shape (n, k): one row per cell, in order. Do the same for the items,
# multiply entry by entry, and sum along the right axis.
#
# </details>


# %% nbgrader={"grade_id": "predict_ratings", "solution": true}
def predict_ratings(users, items, user_factors, item_factors):
    """Return the (n,) dot products of user_factors[users[n]] and item_factors[items[n]].

    users, items (n,); user_factors (n_users, k), item_factors (n_items, k).

    >>> U, M = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]])
    >>> predict_ratings(np.array([0, 0, 1]), np.array([0, 1, 1]), U, M)
    array([ 2., -1.,  1.])
    """
    ### BEGIN SOLUTION
    return (user_factors[users] * item_factors[items]).sum(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_predict_ratings", "grade": true}
lecture.check(predict_ratings)

# %% [markdown]
# ### All predictions at once

# %% [markdown] tags=["question"]
# With the vectors above: what is Ben's score for *Die Hard*?
#
# Answer: **$(-1)(-1) + 2 \cdot 2 = 5$**, the highest of the table below: what he dislikes is missing there, too.

# %%
R = user_factors @ item_factors.T  # all dot products at once
print(" " * 6 + "  ".join(films))
for name, row in zip(names, R, strict=True):
    cells = (f"{value:{len(film)}.0f}" for value, film in zip(row, films, strict=True))
    print(f"{name:6}" + "  ".join(cells))

# %% [markdown]
# All predictions together are **one matrix product**. Put the users' vectors into the rows of a matrix $U$ (n_users,
# $k$) and the films' into the rows of $M$ (n_items, $k$); then $\hat R = UM^\top$. Read backwards: to find the vectors
# means to write the table $R$ as a product of two thin matrices. That is why it is called **matrix factorization**, and the numbers in the vectors **latent factors**. In
# the picture some ratings are unknown; the product has a value for them all the same.

# %%
partly_known = R.copy()
partly_known[[0, 1, 2, 2], [2, 0, 1, 3]] = np.nan
factorization(partly_known, user_factors, item_factors, 1, 1, names, films)

# %% [markdown]
# With $k = 20$ our table of six million cells is
# described by 195 thousand numbers, and that shortage forces films to share features.
#
# > **Which way round?** In this course *rows are entities*: `user_factors[u]` is $p_u$ and
# > `item_factors[i]` is $q_i$. Many texts put entities into columns and write $R = U^\top M$. It is
# > the same product.

# %% [markdown] tags=["question"]
# What would be wrong with $k = 671$, as many numbers for each film as there are users?
#
# Answer: Then **the product can be any table**: take the identity for $U$, and column $i$ of the table as film $i$'s
# vector. All known ratings come out right, whatever stands in the empty cells. Nothing is shared, so nothing is learnt.

# %% [markdown]
# **Formulas that run.** The next cell is the first of this course's derivations. Each line of its table is a formula and the
# same formula as code; running the cell computes all lines on 20 random instances and marks whether each
# line equals the one before. A slip of ours would show. The cell is folded: click on the bar that says
# `def instance(rng)` to see the code. Later some lines are left open for you.


# %% tags=["derivation"]
def instance(rng):
    return {"U": rng.normal(size=(5, 3)), "M": rng.normal(size=(4, 3)), "u": 2, "i": 1}


Derivation(
    "One product, three readings",
    instance,
    Step(
        r"\hat r_{ui} = \sum_f p_{uf}\,q_{if}",
        "sum(U[u, f] * M[i, f] for f in range(3))",
        why="one cell: the dot product of a user's row and a film's row",
    ),
    Step(r"= (UM^\top)_{ui}", "(U @ M.T)[u, i]", why="all cells at once, rows as entities"),
    Step(
        r"= (U_c^\top M_c)_{ui}",
        "(np.transpose(U.T) @ M.T)[u, i]",
        why="the same with columns as entities: $U_c = U^\\top$, $M_c = M^\\top$",
    ),
    Step(
        r"= \sum_f \big(U_{\cdot f}\, M_{\cdot f}^\top\big)_{ui}",
        "sum(np.outer(U[:, f], M[:, f]) for f in range(3))[u, i]",
        why="factor by factor: each one adds a table 'how romantic are you' × 'how romantic is it'",
    ),
).check()

# %% [markdown]
# ## 3 · What is a good factorization?
#
# One whose product is close to the table. Call the differences $e_{ui} = r_{ui} - p_u \cdot q_i$ and add up their squares:
#
# $$\lVert R - UM^\top \rVert_F^2 = \sum_{u,i} e_{ui}^2,$$
#
# the squared **Frobenius norm** of the difference. The picture behind it is simple: write a table's rows one after the
# other into a single long vector; then this norm is that vector's ordinary length. So we look, among all tables that
# two thin matrices can make, for the one at the smallest distance from $R$. But over *which* cells does the sum go?
#
# ### Why not fill the gaps with zeros
#
# With zeros in the gaps the table would be complete, and linear algebra has the perfect tool for complete
# tables, known since the 1870s: the **singular value decomposition** (SVD). Cut off after $k$ terms it is
# the closest of all products of rank $k$, as Eckart and Young showed in 1936. Let us try it twice: on the stars as they
# are, and on the residuals. ($k = 20$ was the best of 5, 10, 20, 40 and 80 on ratings held out of `train`.)

# %% [markdown] tags=["question"]
# Write down your guess before you run it: will the SVD of the stars predict better than the mean of all stars? And the
# bias terms plus the SVD of the residuals, better than the bias terms alone?
#
# Answer: **The first one fails badly, the second works**: the same zeros are an absurd claim about stars ("zero stars")
# and a cautious one about residuals ("as expected").


# %%
def with_zeros_in_the_gaps(known_values, k=20):
    cells = train.users, train.items
    table = csr_array((known_values, cells), shape=(train.n_users, train.n_items))
    left, strengths, right = svds(table, k=k, rng=np.random.default_rng(0))
    return predict_ratings(test.users, test.items, left * strengths, right.T)


filled_stars = with_zeros_in_the_gaps(train.values)
print(f"invented: {1 - len(train) / (train.n_users * train.n_items):.1%} of the cells")
print(f"SVD of the stars: test RMSE {rmse(filled_stars, test.values):.3f}, ", end="")
print(f"mean prediction {filled_stars.mean():.2f} stars")
filled = with_zeros_in_the_gaps(values)
with_svd = np.clip(biases(test) + filled, 0.5, 5.0)  # there are no more than 5 stars
results["bias terms + SVD, zeros in the gaps"] = rmse(with_svd, test.values)
for name in ["bias terms", "bias terms + SVD, zeros in the gaps"]:
    print(f"{name}: test RMSE {results[name]:.3f}")
size, true_size = np.abs(filled).mean(), np.abs(test.values - biases(test)).mean()
print(f"mean size of what the SVD adds: {size:.2f}; of the true residuals: {true_size:.2f}")

# %% tags=["claims"]
assert rmse(filled_stars, test.values) > 2 * results["mean"], "far worse than one number everywhere"
assert results["bias terms"] > rmse(with_svd, test.values), "an improvement"
assert rmse(biases(test) + 2 * filled, test.values) > rmse(with_svd, test.values), "predicts worse"
assert size < 0.1 * true_size, "less than a tenth of the size of the truth"

# %% [markdown]
# On the stars it is far worse than one number everywhere. The SVD did its work well: nearly all of
# what we told it were zeros that no user had given, and it reproduced them. **Unknown is not zero.**
#
# On the residuals it is an improvement, for there 0 is a sensible guess. What it adds is less than a tenth of the size
# of the truth, because 99% of the cells say "nothing special here". That is no fault: shrinking is a penalty in
# disguise, and here a good one: doubled, what it adds predicts worse. But it is a penalty that we cannot set. The SVD
# cannot tell a known cell from an invented one: to it every film was rated by all 671 users, one with 3 ratings is as
# well known as one with 300, and 668 zeros count against the 3. So we say openly what is known, and how strongly to
# shrink. What is known: the sum goes over the set $\Omega$ of *observed* cells only.
#
# $$\tfrac12 \sum_{(u,i) \in \Omega} \big(r_{ui} - p_u \cdot q_i\big)^2$$

# %% [markdown] tags=["question"]
# A film has a single rating and a vector of 20 numbers. How small can its part of this sum become, and what will the
# model then say about this film to all other users?
#
# Answer: **Exactly zero, in infinitely many ways**: one equation, 20 unknowns. What the others are told depends on which of
# these vectors it happened to be, so it is nonsense.

# %% [markdown]
# Most films have fewer ratings than their vector has numbers. So long vectors must cost something; this is called
# **regularization**:
#
# $$L(U, M) = \tfrac12 \sum_{(u,i) \in \Omega} \Big[ \big(r_{ui} - p_u \cdot q_i\big)^2
#   + \lambda \big(\lVert p_u\rVert^2 + \lVert q_i\rVert^2\big) \Big].$$
#
# The penalty stands *inside* the sum, so each rating pays for the two vectors it uses (Koren, Bell and
# Volinsky, 2009, equation 2): a user with 20 ratings pays 20 times. The squared errors of such a user
# are 20 terms as well, so penalty and data keep their proportion, and all users are pulled equally hard *for each of
# their ratings*. Our bias terms pulled harder where ratings were few. Which is better must be tried: Zhou and others
# (2008) found on Netflix' ratings that with this penalty more factors or rounds did no harm. (The
# factor ½ will cancel the 2 of the derivative.)

# %% [markdown] exercise="observed_loss" difficulty=1 minutes=9
# Compute $L(U, M)$ as a float; `l2` is $\lambda$.
#
# - `users`, `items`, `values`: (n,), the observed cells; `user_factors`: (n_users, k),
#   `item_factors`: (n_items, k); a value of 0 is a rating too, and without any rating the loss is 0
#
# By hand, for the docstring's example: the predictions are 2, −1, 1 and the errors 2, −2, 2; half
# of their squares is 6. The three cells pay $1 + 4$, $1 + 2$ and $5 + 2$ for their vectors, together 15,
# and $\tfrac12 \cdot 0.1 \cdot 15 = 0.75$.
#
# <details><summary>Hint</summary>
#
# `P = user_factors[users]` has a row per *rating*, so `(P**2).sum()` already counts a user as often
# as they rated. The rest is `predict_ratings`.
#
# </details>


# %% nbgrader={"grade_id": "observed_loss", "solution": true}
def observed_loss(users, items, values, user_factors, item_factors, l2):
    """Return the penalised squared error over the observed cells, a float.

    users, items, values (n,); user_factors (n_users, k), item_factors (n_items, k); l2 >= 0.
    Koren, Bell and Volinsky (2009), equation 2, times 1/2.

    >>> U, M = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]])
    >>> users, items, values = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([4.0, -3.0, 3.0])
    >>> observed_loss(users, items, values, U, M, l2=0.1)
    6.75
    """
    ### BEGIN SOLUTION
    error = values - predict_ratings(users, items, user_factors, item_factors)
    lengths = (user_factors[users] ** 2).sum() + (item_factors[items] ** 2).sum()
    return float(0.5 * ((error**2).sum() + l2 * lengths))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_observed_loss", "grade": true}
lecture.check(observed_loss)

# %% [markdown]
# ## 4 · Both gradients, by hand
#
# A library would differentiate this for us (section 7 does). Do it by hand once, because the result says
# in plain words how these models learn.
#
# Look at one number of one user, $p_{uf}$. It occurs only in the cells of that user. In such a cell the
# error $e_{ui} = r_{ui} - \sum_f p_{uf}q_{if}$ has the derivative $-q_{if}$, and so
#
# $$\frac{\partial L}{\partial p_{uf}} = \sum_{i \in \Omega_u} \big( -e_{ui}\, q_{if} + \lambda\, p_{uf} \big).$$
#
# Here $\Omega_u$ are the films that $u$ has rated.

# %% [markdown] tags=["question"]
# Say factor $f$ is romance, the film is romantic ($q_{if} > 0$) and the user liked it *less* than predicted ($e_{ui} < 0$).
# Which way does a step down the slope move $p_{uf}$? Put it into words.
#
# Answer: The derivative is positive, so **the step makes it smaller**: "the film is romantic, the prediction was too high, so
# this person must be less romantic than we thought".

# %% [markdown]
# The film's gradient argues the other way round: it takes the person as given and concludes that the *film* must be less
# romantic than we thought. In training both give in a little.
#
# In matrix form: let $E$ hold the errors in the observed cells and **0 everywhere else**, and let $n_u$
# and $n_i$ be the numbers of ratings of a user and of a film. Then the users' gradients are the rows of
# $-EM + \lambda D_U U$, with the $n_u$ on the diagonal of $D_U$. The zeros in $E$ do not claim a rating of zero:
# they claim no *error*, so an unobserved cell pushes no vector.
#
# **Your turn (8 minutes): the last line of the table is left open.** Derive $\partial L / \partial q_{if}$ on
# paper, then write the films' gradient in matrix form: in quotes, as NumPy, with `@` for the matrix product,
# from `E` (n_users, n_items), `U`, `M`, `D_M` (the diagonal matrix of the $n_i$) and `l2`
# $= \lambda$. The shapes will tell you where a `.T` belongs.

# %% nbgrader={"grade_id": "film_gradient_line", "solution": true}
film_gradient_line = "..."
### BEGIN SOLUTION
film_gradient_line = "-E.T @ U + l2 * D_M @ M"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    U, M, l2 = rng.normal(size=(4, 2)), rng.normal(size=(5, 2)), rng.uniform(0.1, 1.0)
    seen = rng.random((4, 5)) < 0.6
    R = rng.normal(size=(4, 5))

    def loss(U, M):
        return 0.5 * sum(
            (R[u, i] - U[u] @ M[i]) ** 2 + l2 * (U[u] @ U[u] + M[i] @ M[i])
            for u, i in np.argwhere(seen)
        )

    return {
        "U": U,
        "M": M,
        "l2": l2,
        "R": R,
        "seen": seen,
        "loss": loss,
        "E": seen * (R - U @ M.T),
        "cells": np.argwhere(seen),
        "D_U": np.diag(seen.sum(axis=1)),
        "D_M": np.diag(seen.sum(axis=0)),
        "I": np.eye(4),
    }


Derivation(
    "Both gradients",
    instance,
    Step(
        r"\frac{\partial L}{\partial U}",
        "derivative(lambda U: loss(U, M), U)",
        why="computed numerically, from the loss itself",
    ),
    Step(
        r"= \Big[\sum_{i \in \Omega_u} \big(-e_{ui}\,q_{if} + \lambda p_{uf}\big)\Big]_{uf}",
        "np.array([[sum(-(R[u, i] - U[u] @ M[i]) * M[i, f] + l2 * U[u, f] for i in range(5)"
        " if seen[u, i]) for f in range(2)] for u in range(4)])",
        tolerance=1e-7,
        why="index form: only the films this user rated",
    ),
    Step(
        r"= \sum_{(u,i) \in \Omega} \mathbf 1_u \big(-e_{ui}\,q_i + \lambda p_u\big)^\top",
        "sum(np.outer(I[u], -E[u, i] * M[i] + l2 * U[u]) for u, i in cells)",
        tolerance=1e-7,
        why="rating by rating; $\\mathbf 1_u$ puts each term into row $u$",
    ),
    Step(
        r"= -E M + \lambda D_U U",
        "-E @ M + l2 * D_U @ U",
        tolerance=1e-7,
        why="matrix form: a row of $E$ meets a column of $M$",
    ),
    Step(
        r"\frac{\partial L}{\partial M}",
        "derivative(lambda M: loss(U, M), M)",
        starts=True,
        why="the same for the films, computed numerically",
    ),
    Step(
        r"=\;?",
        film_gradient_line,
        yours=True,
        names=("E", "U", "M", "D_M", "l2"),
        tolerance=1e-7,
        why="your line",
    ),
).check()

# %% [markdown] exercise="gradients" difficulty=2 minutes=22
# Return both gradients, `(user_gradient, item_gradient)`, with the shapes of `user_factors` and
# `item_factors`. Rows of users and items without ratings are 0; a rating of 0 is a rating.
#
# By hand, for the docstring's example (errors 2, −2, 2; $\lambda = 0.5$): user 0 rated items 0 and 1,
# so $-2\,(2, 0) - (-2)(-1, 1) + 2 \cdot 0.5\,(1, 0) = (-5, 2)$. User 1 rated item 1:
# $-2\,(-1, 1) + 0.5\,(1, 2) = (2.5, -1)$. Do the items yourself before you run it.
#
# <details><summary>Hint</summary>
#
# The gradient is a sum over ratings (line 3 of the derivation), and rating $n$ touches one row of each
# matrix. A loop over the ratings is slow and right. Without a loop, beware: `G[users] += X` does **not** add up
# when an id occurs twice in `users`. NumPy fetches the old rows once and writes each of them back, so the last one
# wins. `np.add.at(G, users, X)` adds row `n` of `X` to row `users[n]` of `G`, repeated or not.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     errors: rating minus prediction, one number per rating (you have a function for the predictions)
#     two tables of zeros, shaped like the two factors
#     for each rating n, of user u and item i, with error e:
#         add  -e · (the item's vector) + λ · (the user's vector)   to row u of the first table
#         add  -e · (the user's vector) + λ · (the item's vector)   to row i of the second
#     return both tables
#
# Without the loop: first a matrix with one row per rating for each of the two kinds of "add" lines, then
# one call of `np.add.at` for each.
#
# </details>


# %% nbgrader={"grade_id": "gradients", "solution": true}
def gradients(users, items, values, user_factors, item_factors, l2):
    """Return (d loss / d user_factors, d loss / d item_factors) of observed_loss.

    users, items, values (n,); user_factors (n_users, k), item_factors (n_items, k); l2 >= 0.

    >>> U, M = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]])
    >>> users, items, values = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([4.0, -3.0, 3.0])
    >>> for gradient in gradients(users, items, values, U, M, l2=0.5):
    ...     print(gradient.tolist())
    [[-5.0, 2.0], [2.5, -1.0]]
    [[-1.0, 0.0], [-1.0, -3.0], [0.0, 0.0]]
    """
    ### BEGIN SOLUTION
    error = values - predict_ratings(users, items, user_factors, item_factors)
    P, Q = user_factors[users], item_factors[items]
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error[:, None] * Q + l2 * P)
    np.add.at(item_gradient, items, -error[:, None] * P + l2 * Q)
    return user_gradient, item_gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gradients", "grade": true}
lecture.check(gradients)

# %% [markdown]
# ### Watch it learn
#
# Eight people and eight films with hand-set romance and action, as in section 2. We compute the ratings,
# add a little noise, hide 40% of them, **forget the features**, give everything a random vector, and take
# steps down the gradient that you have just written.
#
# Press *Play*, or focus the slider and use the arrow keys; point at a cell or a mark to choose a pair. Look for three things:
# when the points move fast and when slowly; who ends up near whom; and where the directions *romance* and
# *action* are in the end (we had romance on the horizontal axis).

# %% [markdown] tags=["question"]
# We start from small random vectors. What would happen if all of them started at exactly zero?
#
# Answer: **Nothing, for ever.** Every user's gradient is a sum of films' vectors, and every film's a sum of users', so all
# gradients are zero too.

# %%
tastes = {
    "Ann": (1.5, -0.5),
    "Ben": (-1.0, 1.5),
    "Cleo": (1.0, 1.0),
    "Dev": (-1.0, 1.0),
    "Eva": (1.5, 0.0),
    "Finn": (0.5, 1.5),
    "Gus": (-0.5, -1.0),
    "Hana": (1.0, -1.0),
}
contents = {
    "Notting Hill": (1.5, -0.5),
    "Titanic": (1.5, 0.5),
    "Die Hard": (-0.5, 1.5),
    "The Matrix": (0.0, 1.5),
    "Amelie": (1.5, -1.0),
    "Speed": (0.5, 1.5),
    "Rambo": (-1.5, 0.5),
    "Being There": (-0.5, -0.5),
}
rng = np.random.default_rng(3)
true_table = np.array(list(tastes.values())) @ np.array(list(contents.values())).T
noisy = true_table + rng.normal(0, 0.2, (8, 8))
seen = rng.random((8, 8)) < 0.6
cell_users, cell_items = np.nonzero(seen)


def small_loss(U, M):
    return observed_loss(cell_users, cell_items, noisy[seen], U, M, l2=0.02)


def step_down(U, M, rate=0.02):
    user_gradient, item_gradient = gradients(cell_users, cell_items, noisy[seen], U, M, l2=0.02)
    return U - rate * user_gradient, M - rate * item_gradient


shown_steps = range(0, 101, 2)
start = np.random.default_rng(21).normal(0, 0.15, (2, 8, 2))
states = descent_states(
    np.where(seen, noisy, np.nan),
    start[0],
    start[1],
    step_down,
    small_loss,
    shown_steps,
    list(tastes),
    list(contents),
)
MovingVectors(states, shown_steps, rows="users", columns="films")

# %% [markdown]
# In the first steps almost nothing happens, then all points rush apart: near zero the gradients are small. A user's vector
# comes to point towards the films they like. Romance and action are directions again, but not those of the axes; section 6
# says why they need not be.
#
# The dashes in the matrix were never seen. What does the model say about those cells?

# %%
U, M = np.split(states.positions()[-1], [8])
completed = U @ M.T
unseen = ~seen
hidden_error = rmse(completed[unseen], true_table[unseen])
print(f"{unseen.sum()} hidden cells: RMSE {hidden_error:.2f}", end="")
print(f", when we guess 0: {rmse(0, true_table[unseen]):.2f}")

# %% tags=["claims"]
assert hidden_error < rmse(0, true_table[unseen]) / 3, "less than a third of the error"

# %% [markdown]
# With less than a third of the error of guessing 0, from cells it has never seen: eight people share two tastes, and
# that is enough.
#
# ## 5 · Three ways down
#
# The full gradient looks at every rating before it moves at all. That is fine for 39 ratings and wasteful
# for 80 thousand.
#
# ### Rating by rating
#
# The gradient is a *sum over ratings* (line 3 of the derivation). So draw one rating, take the step that
# this rating alone asks for, go on to the next: **stochastic gradient descent** (SGD). With $e = r_{ui} - p_u \cdot q_i$
# and a learning rate $\eta$:
#
# $$p_u \leftarrow p_u + \eta\,(e\, q_i - \lambda p_u), \qquad q_i \leftarrow q_i + \eta\,(e\, p_u - \lambda q_i).$$
#
# Both right-hand sides mean the **old** vectors. The gradient is a direction at *one* point; half of it
# from here and half from where you have already been moved to is another algorithm. (That one often
# works too, but it is not the one you derived.)

# %% [markdown] tags=["question"]
# One step of this kind makes the loss of *its* rating smaller, if $\eta$ is small. Does it make the whole loss smaller too?
#
# Answer: **Not always**: it may spoil the predictions of other ratings of the same user or film. Only on average over all
# ratings does it follow the gradient; that is what *stochastic* means.

# %% [markdown] exercise="sgd_step" difficulty=2 minutes=10
# Take one step for one rating: **change the rows** `user_factors[u]` and `item_factors[i]` **in place** and
# return the error $e$ from before the step, a float. All other rows stay as they are.
#
# - `u`, `i`: ints; `value`: the rating; `rate` is $\eta$, `l2` is $\lambda$
#
# By hand, for the docstring's example: $e = 3 - (1, 2)\cdot(-1, 1) = 2$. The user moves by
# $0.1 \cdot 2 \cdot (-1, 1)$ to $(0.8, 2.2)$, the item by $0.1 \cdot 2 \cdot (1, 2)$ to $(-0.8, 1.4)$.
#
# <details><summary>Hint</summary>
#
# `p = user_factors[u]` is a *view*: it shows whatever stands in the matrix, also after you have changed it.
# Take `.copy()`, or compute both changes before you apply either.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     keep copies of the user's row and of the item's row
#     e: the value minus the dot product of the two copies
#     row u of the users grows by   η · (e · item copy − λ · user copy)
#     row i of the items grows by   η · (e · user copy − λ · item copy)
#     return e
#
# </details>


# %% nbgrader={"grade_id": "sgd_step", "solution": true}
def sgd_step(u, i, value, user_factors, item_factors, rate, l2):
    """Take one SGD step for one rating, in place; return the error before the step, a float.

    Changes user_factors[u] and item_factors[i], each (k,), both from the old vectors.

    >>> U, M = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]])
    >>> sgd_step(1, 1, 3.0, U, M, rate=0.1, l2=0.0)
    2.0
    >>> U[1].round(6).tolist(), M[1].round(6).tolist()
    ([0.8, 2.2], [-0.8, 1.4])
    """
    ### BEGIN SOLUTION
    p, q = user_factors[u].copy(), item_factors[i].copy()
    error = value - p @ q
    user_factors[u] += rate * (error * q - l2 * p)
    item_factors[i] += rate * (error * p - l2 * q)
    return float(error)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sgd_step", "grade": true}
lecture.check(sgd_step)

# %% [markdown]
# > **Half-way.** A good place to stop: save, have a coffee. The second half needs your four functions, so run the
# > notebook from the top when you come back (*Run* → *Run All Above Selected Cell*).
#
# ### Half of the problem is easy
#
# The loss is not convex: negate all vectors of both sides and the predictions stay the same, so there is
# more than one best answer, with worse ones in between. But **fix the films**, and what is left for a single user is a
# quadratic bowl: linear regression, with the films' vectors as inputs, the user's ratings as
# outputs and a penalty (ridge regression). Its minimum is one linear system. Users do not
# interact, so all of them can be solved at once; then fix the users and solve for the films; repeat.
# This is **alternating least squares** (ALS). It has no learning rate, and the loss cannot rise.
#
# For one user with $n_u$ ratings $r$, let $Q$ be the $(n_u, k)$ matrix of the films they rated.


# %% tags=["derivation"]
def instance(rng):
    Q, r, p = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=3)
    l2 = rng.uniform(0.1, 1.0)
    return {
        "Q": Q,
        "r": r,
        "p": p,
        "l2": l2,
        "n": 6,
        "I": np.eye(3),
        "loss": lambda p: 0.5 * (((r - Q @ p) ** 2).sum() + 6 * l2 * (p @ p)),
    }


Derivation(
    "The normal equations of one user",
    instance,
    Step(
        r"\frac{\partial L}{\partial p_u}",
        "derivative(loss, p)",
        why="computed numerically, the films fixed",
    ),
    Step(
        r"= -Q^\top(r - Qp_u) + \lambda n_u p_u",
        "-Q.T @ (r - Q @ p) + l2 * n * p",
        tolerance=1e-7,
        why="the gradient of section 4, for this user",
    ),
    Step(
        r"= \big(Q^\top Q + \lambda n_u I\big)\,p_u - Q^\top r",
        "(Q.T @ Q + l2 * n * I) @ p - Q.T @ r",
        tolerance=1e-7,
        why="sorted: a matrix times $p_u$, minus what does not depend on it",
    ),
    Step(
        r"Q^\top(r - Qp_u) \;\text{ at }\; p_u = \big(Q^\top Q + \lambda n_u I\big)^{-1} Q^\top r",
        "Q.T @ (r - Q @ np.linalg.solve(Q.T @ Q + l2 * n * I, Q.T @ r))",
        starts=True,
        why="set line 3 to 0 and solve for $p_u$; put it into the first half of line 2",
    ),
    Step(
        r"= \lambda n_u p_u \;\text{ at the same } p_u",
        "l2 * n * np.linalg.solve(Q.T @ Q + l2 * n * I, Q.T @ r)",
        why="the halves of line 2 cancel, so the gradient is 0 there: the normal equations",
    ),
).check()

# %% [markdown] exercise="als_step" difficulty=2 minutes=18
# Return the best user factors, (n_users, k), for given `item_factors`: for every user the solution of
# $(Q^\top Q + \lambda n_u I)\, p_u = Q^\top r$ with *their own* films and ratings. As $\lambda > 0$ there is just one, even
# for fewer ratings than factors. A user without ratings gets zeros; a rating of 0 is a rating.
#
# - `users`, `items`, `values`: (n,); `item_factors`: (n_items, k); `l2` > 0
#
# The same function fits the films: `als_step(items, users, values, user_factors, n_items, l2)`.
#
# By hand, for the docstring's example: user 1 gave 3.0 to item 1, whose vector is $(-1, 1)$. So
# $Q^\top Q + 0.5 I$ has the rows $(1.5, -1)$ and $(-1, 1.5)$, the right-hand side is $(-3, 3)$, and
# $p_1 = (-1.2, 1.2)$.
#
# <details><summary>Hint</summary>
#
# Loop over the users that occur, `np.unique(users)`. `own = np.flatnonzero(users == u)` are the places of
# their ratings; then `Q = item_factors[items[own]]`. Use `np.linalg.solve(A, b)` rather than an inverse.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     a table of zeros, one row per user (n_users of them)
#     for each user u who has ratings:
#         Q: the vectors of the films that u rated, one row per rating;   r: those ratings
#         matrix: Q transposed times Q, plus λ · (number of rows of Q) on the diagonal
#         right-hand side: Q transposed times r
#         row u of the table: the solution of   matrix · p = right-hand side
#     return the table
#
# </details>


# %% nbgrader={"grade_id": "als_step", "solution": true}
def als_step(users, items, values, item_factors, n_users, l2):
    """Return the user factors (n_users, k) that minimise observed_loss for these item factors.

    users, items, values (n,); item_factors (n_items, k); l2 > 0. No ratings: a row of zeros.
    Zhou, Wilkinson, Schreiber and Pan (2008), section 3.1.

    >>> M = np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]])
    >>> users, items, values = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([4.0, -3.0, 3.0])
    >>> als_step(users, items, values, M, n_users=2, l2=0.5).round(4)
    array([[ 1.7273, -0.6364],
           [-1.2   ,  1.2   ]])
    """
    ### BEGIN SOLUTION
    k = item_factors.shape[1]
    user_factors = np.zeros((n_users, k))
    order = np.argsort(users, kind="stable")
    n_rated = np.bincount(users, minlength=n_users)
    ends = np.cumsum(n_rated)
    # users with equally many ratings have a Q of the same shape: NumPy solves for them in one call
    for n in np.unique(n_rated[n_rated > 0]):
        those = np.flatnonzero(n_rated == n)
        own = order[ends[those, None] - n + np.arange(n)]  # (those, n): where their ratings stand
        Q, r = item_factors[items[own]], values[own][:, :, None]
        Qt = Q.transpose(0, 2, 1)
        if n < k:  # (Q'Q + c I)^-1 Q' = Q' (QQ' + c I)^-1, and this system is the smaller one
            best = Qt @ np.linalg.solve(Q @ Qt + l2 * n * np.eye(n), r)
        else:
            best = np.linalg.solve(Qt @ Q + l2 * n * np.eye(k), Qt @ r)
        user_factors[those] = best[:, :, 0]
    return user_factors
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_als_step", "grade": true}
lecture.check(als_step)

# %% [markdown]
# ### On the real ratings
#
# Both take $k$, $\lambda$ and a number of rounds, which no formula gives: **hyperparameters**. To choose them by
# looking at the test ratings would use the test ratings up, so we hide another fifth of the *training* ratings, the
# **validation** part, and look at those. One round of SGD goes through all ratings in a new random order; one round of
# ALS solves for all users, then for all films. Afterwards put values of $\lambda$ of your own into the list.
#
# If your `als_step` loops over the users, the ALS cell below takes about 20 seconds and the model after it about 8 (a round:
# 0.4 seconds with $k = 20$ and 0.6 with $k = 40$, on one core of ours).
#
# <details><summary>Faster, if you like</summary>
#
# Users with the same number of ratings have a $Q$ of the same shape. Stack these into one array (users, ratings, $k$): `@` and
# `np.linalg.solve` then work on all of them in one call. And as
# $(Q^\top Q + cI)^{-1}Q^\top = Q^\top(QQ^\top + cI)^{-1}$, a film with three ratings needs a system of three
# equations only, whatever $k$ is. Both together save most of the time.
#
# </details>

# %%
fit_part, validation = split_at_random(train, test_fraction=0.2, seed=2)
expected = fit_offsets(fit_part)
fit_values = fit_part.values - expected(fit_part)


def validation_rmse(user_factors, item_factors):
    taste = predict_ratings(validation.users, validation.items, user_factors, item_factors)
    return rmse(expected(validation) + taste, validation.values)


def random_factors(n, k, seed, spread=0.3):
    return np.random.default_rng(seed).normal(0, spread, (n, k))


# %% [markdown] tags=["question"]
# SGD and ALS go down the *same* loss here, both with $k = 20$ and $\lambda = 0.1$, for twelve rounds. The loss on the known
# ratings keeps falling. Sketch both curves of the RMSE on the *held-out* ratings before you look.
#
# Answer: SGD falls first and **rises again after a few rounds**: from then on it learns what holds for the known ratings only.
# ALS makes such large steps that it is past that point in the first round already. After twelve rounds the two are
# close together, since it is one loss.

# %%
k, n_rounds = 20, 12
U = random_factors(ratings.n_users, k, seed=0, spread=0.1)
M = random_factors(ratings.n_items, k, seed=1, spread=0.1)
rng = np.random.default_rng(0)
curves = {"SGD, λ = 0.1": []}
for _ in range(n_rounds):
    order = rng.permutation(len(fit_part))
    arrays = (array[order].tolist() for array in (fit_part.users, fit_part.items, fit_values))
    for u, i, value in zip(*arrays, strict=True):
        sgd_step(u, i, value, U, M, rate=0.15, l2=0.1)
    curves["SGD, λ = 0.1"].append(validation_rmse(U, M))

# %%
for k, l2 in [(20, 0.1), (20, 0.16), (20, 0.3), (40, 0.16)]:
    M = random_factors(ratings.n_items, k, seed=1)
    name = f"ALS, λ = {l2}" + ", k = 40" * (k == 40)
    curves[name] = []
    for _ in range(n_rounds):
        U = als_step(fit_part.users, fit_part.items, fit_values, M, ratings.n_users, l2)
        M = als_step(fit_part.items, fit_part.users, fit_values, U, ratings.n_items, l2)
        curves[name].append(validation_rmse(U, M))

# %%
plt.figure(figsize=(6.5, 3.2))
for (name, curve), mark in zip(curves.items(), ["o-", "s-", "^-", "v-", "x-", "+-"], strict=False):
    plt.plot(range(1, len(curve) + 1), curve, mark, label=name, markersize=4)
    print(f"{name:21} after 1, 4, 8, 12 rounds:", *(f"{curve[n - 1]:.4f}" for n in (1, 4, 8, 12)))
alone = rmse(expected(validation), validation.values)
print(f"bias terms alone {alone:.4f}")
plt.axhline(alone, color="0.5", ls="--", label="bias terms alone")
plt.xticks(range(1, n_rounds + 1))
plt.xlabel("rounds")
plt.ylabel("RMSE, held-out part of train")
plt.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()

# %% tags=["claims"]
assert np.argmin(curves["SGD, λ = 0.1"]) + 1 == 4, "best after four rounds"
assert curves["SGD, λ = 0.1"][3] < alone, "below the bias terms alone"
assert curves["SGD, λ = 0.1"][-1] > alone, "and ends above them"
assert min(curves["ALS, λ = 0.1"]) > alone, "above the bias terms in every round"
assert abs(curves["SGD, λ = 0.1"][-1] - curves["ALS, λ = 0.1"][-1]) < 0.002, "close together"
assert np.argmin(curves["ALS, λ = 0.16"]) >= 9, "falls for ten rounds and more"
assert 0 < alone - curves["ALS, λ = 0.3"][-1] < 0.002, "leaves almost nothing of the factors"
assert min(map(min, curves.values())) == min(curves["ALS, λ = 0.16, k = 40"]), "are better still"

# %% [markdown]
# - With $\lambda = 0.1$, ALS lies above the bias terms in every round: it fits the known ratings too closely, and the
#   held-out ones pay for it. This is **overfitting**.
# - SGD with the same $\lambda$ is best after four rounds, below the bias terms alone, and ends above them. It started
#   from short vectors, which a few small steps cannot make very long; so to stop there works like a penalty. That is
#   **early stopping**, and the held-out ratings say when.
# - With 0.16 the curve falls for ten rounds and more and then stays: no need to stop. With 0.3 the penalty leaves almost
#   nothing of the factors. At 0.16 twice as many factors ($k = 40$) are better still.
# - A round of ALS solves ten thousand small systems, with neither a learning rate nor a moment to stop. A step of SGD is cheap,
#   and it also works for a loss whose minimum has no formula. Here ALS is convenient.
#
# Now the model of this lecture: $k = 40$, $\lambda = 0.16$, twelve rounds, fitted to all of `train`. And then, once, the test
# ratings.


# %% tags=["given"]
def factorize(train, k, l2, n_rounds, seed=0):
    """Return a function that predicts biases + dot product for Ratings, and both factors."""
    biases = fit_offsets(train)
    values = train.values - biases(train)
    item_factors = np.random.default_rng(seed).normal(0, 0.3, (train.n_items, k))
    for _ in range(n_rounds):
        user_factors = als_step(train.users, train.items, values, item_factors, train.n_users, l2)
        item_factors = als_step(train.items, train.users, values, user_factors, train.n_items, l2)

    def predict(ratings):
        taste = predict_ratings(ratings.users, ratings.items, user_factors, item_factors)
        return np.clip(biases(ratings) + taste, 0.5, 5.0)  # there are no more than 5 stars

    return predict, user_factors, item_factors


# %%
predict, user_factors, item_factors = factorize(train, k=40, l2=0.16, n_rounds=12)
predicted = predict(test)
results["bias terms + factors"] = rmse(predicted, test.values)
print(f"bias terms + factors: test RMSE {results['bias terms + factors']:.3f}")
print(f"the factors, on the training ratings: {rmse(predict(train), train.values):.3f}")
for film in [1472, 232]:
    n = np.flatnonzero((test.users == 19) & (test.items == film))[0]
    print(f"user 19, {titles[film]}: bias terms {biases(test)[n]:.1f}, ", end="")
    print(f"with factors {predicted[n]:.1f}, truth {test.values[n]:.1f}")
misses = [np.abs(guess - test.values) for guess in (biases(test), predicted)]
closer = np.mean(misses[1] < misses[0])
print(f"the factors bring {closer:.0%} of the predictions closer")
gained = {name: results["bias terms"] - value for name, value in results.items()}

# %% tags=["claims"]
assert 0.01 < gained["bias terms + factors"] < 0.015, "A hundredth of a star"
assert 0.4 < gained["bias terms + SVD, zeros in the gaps"] / gained["bias terms + factors"] < 0.5, (
    "not quite half of this gain"
)
assert 0.5 < closer < 0.55, "little more often than worse"
assert rmse(predict(train), train.values) < 0.75 * results["bias terms + factors"], "far better"

# %% [markdown]
# Will user 19 like film 1472? The factors say so, and they were right. But look at the other film, and at the last line:
# a prediction gets better little more often than worse. On the training ratings the model does far better: much of what it
# learnt holds for those only. The penalty limits overfitting and does not end it.
#
# A hundredth of a star, is that all? Much of what is left is noise: ask people again after some
# weeks and they disagree with themselves by more than half a star (Amatriain, Pujol and Oliver, 2009). Netflix' million was for
# a tenth of a star, and it took three years.
#
# The course keeps one table for each of its tasks, and every lecture adds its rows. This is the one for stars, so far. It is
# recorded on this same split: what you computed above are its rows of lecture 01.

# %%
lecture.results("stars")

# %% [markdown]
# The SVD with its invented zeros has not quite half of this gain. Where does it lose the rest? Let us sort the test
# ratings by how often their film was rated in `train`.

# %%
n_ratings = np.bincount(train.items, minlength=train.n_items)
added = {"SVD": with_svd - biases(test), "factors": predicted - biases(test)}
sizes, gains = {}, {}
rows = [
    "| ratings | SVD adds | factors add | SVD gains | factors gain |",
    "|:--" + "|--:" * 4 + "|",
]
for low, high in pairwise([1, 3, 10, 30, 100, 400]):
    n = (n_ratings[test.items] >= low) & (n_ratings[test.items] < high)
    before = rmse(biases(test)[n], test.values[n])
    for name, part in added.items():
        sizes[name, low] = np.abs(part[n]).mean()
        gains[name, low] = before - rmse((biases(test) + part)[n], test.values[n])
    numbers = [f"{sizes[name, low]:.3f}" for name in added]
    numbers += [f"{gains[name, low]:.4f}" for name in added]
    rows.append(f"| {low} to {high - 1} | {' | '.join(numbers)} |")
display(Markdown("\n".join(rows)))

# %% tags=["claims"]
assert sizes["SVD", 100] > 10 * sizes["SVD", 1], "ten times as much"
assert all(0.06 < size < 0.12 for (name, _), size in sizes.items() if name == "factors"), (
    "about the same amount to all"
)
assert all(gains["factors", low] > gains["SVD", low] for _, low in gains), "ahead in every group"
assert 2.5 < gains["factors", 10] / gains["SVD", 10] < 3.5, "about three times as much"

# %% [markdown]
# (*Adds*: the mean size of what is added to the bias terms. *Gains*: how much lower the test RMSE is with it.)
#
# The SVD adds more than ten times as much to a well-known film as to a little-known one; the factors add about the same
# amount to all. They are ahead in every group, and between 10 and 29 ratings they gain about three times as much.

# %% tags=["claims"]
assert round(results["mean"], 3) == lecture.results("stars").value("mean"), "its rows of lecture 01"
assert round(results["bias terms"], 3) == lecture.results("stars").value("bias terms"), (
    "its rows of lecture 01"
)
assert round(results["bias terms + SVD, zeros in the gaps"], 3) == lecture.results("stars").value(
    "bias terms + SVD, zeros in the gaps"
), "its rows of lecture 01"
assert round(results["bias terms + factors"], 3) == lecture.results("stars").value(
    "bias terms + factors"
), "its rows of lecture 01"

# %% [markdown]
# ### Beside the library
#
# scikit-surprise's `SVD` is what a practitioner would try first. It learns biases *and* factors, by SGD (lecture 02
# does that too). The comparison below was recorded by `benchmarks/matrix_factorization.py` (in the course's repository): five folds of these
# ratings, the same for all; *tuned* means that the settings of each fold were chosen by holding out a part
# of that fold's training ratings.

# %%
lecture.recorded("folds")

# %% [markdown]
# - With its default settings the library does *worse than our averages*; tuning alone gains it more than two
#   hundredths. Never compare with a baseline that was not tuned (Rendle, Zhang and Koren, 2019).
# - Tuned, the library is ahead by a thousandth, much less than the spread over the folds. Most of the best settings
#   lay at the edge of our grids, so neither number is the last word. Call it a draw.
#
# (Seconds belong to the machine.)
#
# <details><summary>On other ratings: MovieLens-100K</summary>
#
# With fewer films and more ratings of each, the default is a little better than our averages, and tuned the library is
# clearly ahead, perhaps because it learns biases and factors together (lecture 02).
#
# </details>

# %% tags=["claims"]
assert lecture.recorded("folds").number("test RMSE", "surprise SVD, default") > lecture.recorded(
    "folds"
).number("test RMSE", "bias terms"), "worse than our averages"
assert (
    lecture.recorded("folds").number("test RMSE", "surprise SVD, default")
    - lecture.recorded("folds").number("test RMSE", "surprise SVD, tuned")
    > 0.02
), "more than two hundredths"
assert (
    0.0005
    < lecture.recorded("folds").number("test RMSE", "this lecture, tuned")
    - lecture.recorded("folds").number("test RMSE", "surprise SVD, tuned")
    < 0.0015
), "ahead by a thousandth"
assert lecture.recorded("ml100k").number("test RMSE", "surprise SVD, default") < lecture.recorded(
    "ml100k"
).number("test RMSE", "bias terms"), "a little better than our averages"
assert lecture.recorded("ml100k").number("test RMSE", "surprise SVD, tuned") + 0.005 < (
    lecture.recorded("ml100k").number("test RMSE", "this lecture, tuned")
), "clearly ahead"

# %% [markdown]
# ## 6 · What did the factors find?
#
# The model was never told a genre. Do the vectors know them? Koren, Bell and Volinsky (2009) printed a famous map of
# Netflix' films by two of their factors; we shall draw ours.

# %% [markdown] tags=["question"]
# Two people fit this model from different random starts, and all their predictions agree. Does "factor 7" of the one mean the
# same as "factor 7" of the other?
#
# Answer: Not at all. One set of vectors may be **the other one, rotated**: the predictions would be the same.

# %% [markdown]
# Turn all vectors of both sides by the same rotation, and no dot product
# changes, nor does any length; so neither does the loss. The coordinates mean nothing. Only directions can.


# %% tags=["derivation"]
def instance(rng):
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return {"U": rng.normal(size=(5, 3)), "M": rng.normal(size=(4, 3)), "A": rotation}


Derivation(
    "Turning everything changes nothing",
    instance,
    Step(
        r"(UA)(MA)^\top",
        "(U @ A) @ (M @ A).T",
        why="every vector multiplied by $A$, with $AA^\\top = I$",
    ),
    Step(r"= U\,AA^\top M^\top", "U @ (A @ A.T) @ M.T", why="$(MA)^\\top = A^\\top M^\\top$"),
    Step(r"= UM^\top", "U @ M.T", why="so the predictions are the same"),
    Step(r"\lVert UA\rVert_F^2", "((U @ A)**2).sum()", starts=True, why="and the penalty?"),
    Step(r"= \lVert U\rVert_F^2", "(U**2).sum()", why="a rotation keeps lengths"),
).check()

# %% [markdown]
# See it. Below are the twelve best-known films and the thirteen people who rated most of them, with *three* factors fitted by
# your gradients. Move the slider to the end, then drag the picture (or focus it and use the arrow keys), and look at the matrix
# on the right: you turn users and films together, and not one prediction changes.

# %%
best_known = np.argsort(-np.bincount(train.items), kind="stable")[:12]
n_rated = np.bincount(train.users[np.isin(train.items, best_known)], minlength=train.n_users)
raters = np.argsort(-n_rated, kind="stable")[:13]
residual = np.full((train.n_users, train.n_items), np.nan)
residual[train.users, train.items] = values
# the picture starts with the first user and the first film: let them be those of the largest residual
sizes_here = np.nan_to_num(np.abs(residual[np.ix_(raters, best_known)]))
row, column = np.unravel_index(sizes_here.argmax(), sizes_here.shape)
raters, best_known = np.roll(raters, -row), np.roll(best_known, -column)
residual = residual[np.ix_(raters, best_known)]
cell_users, cell_items = np.nonzero(~np.isnan(residual))
known_cells = (cell_users, cell_items, residual[cell_users, cell_items])


def step_in_space(U, M):
    user_gradient, item_gradient = gradients(*known_cells, U, M, l2=0.03)
    return U - 0.02 * user_gradient, M - 0.02 * item_gradient


rng = np.random.default_rng(18)
states = descent_states(
    residual,
    rng.normal(0, 0.2, (13, 3)),
    rng.normal(0, 0.2, (12, 3)),
    step_in_space,
    lambda U, M: observed_loss(*known_cells, U, M, l2=0.03),
    shown_steps,
    [f"user {u}" for u in raters],
    list(titles[best_known]),
)
MovingVectors(states, shown_steps, rows="users", columns="films")

# %% [markdown]
# A fair choice of directions are those along which the *predictions* differ most: the singular vectors of $UM^\top$,
# here for the films with at least 50 ratings. The map shows these films by the first two directions. Point at a film
# for its title. The colours are genres, which the model has never seen.

# %%
known = np.flatnonzero(n_ratings >= 50)
predictions = user_factors @ item_factors[known].T
_, _, directions = svds(predictions, k=2, rng=np.random.default_rng(0))
directions = directions[::-1]  # the strongest first
# the sign of a singular vector is arbitrary: we choose the one that is positive for this film
directions *= np.sign(directions[:, [np.argmax(titles[known] == "Independence Day (a.k.a. ID4)")]])
places = (directions / directions.std(axis=1, keepdims=True)).T


def kind(genres):
    for group in [{"Children"}, {"Action", "Adventure"}, {"Crime", "Drama"}]:
        if group & set(genres):
            return " or ".join(sorted(group))
    return "other"


named = [
    "Leaving Las Vegas",
    "2001: A Space Odyssey",
    "Pulp Fiction",
    "Fargo",
    "Titanic",
    "Armageddon",
    "Independence Day",
    "Outbreak",
    "Shrek 2",
    "Toy Story",
    "Beauty and the Beast",
    "Snow White and the Seven Dwarfs",
    "Eyes Wide Shut",
    "Happy Gilmore",
    "Blair Witch Project, The",
    "Lord of the Rings: The Two Towers, The",
    "Judge Dredd",
    "Star Wars: Episode IV - A New Hope",
]
film_map(
    places,
    [title.split(" (")[0] for title in titles[known]],
    [kind(ratings.films.genres[i]) for i in known],
    named,
    ("direction 1", "direction 2"),
)

# %%
genres = [
    "Action",
    "Adventure",
    "Children",
    "Comedy",
    "Crime",
    "Drama",
    "Fantasy",
    "Romance",
    "Sci-Fi",
    "Thriller",
]
means, errors = np.zeros((2, len(genres))), np.zeros((2, len(genres)))
for row, genre in enumerate(genres):
    belongs = np.array([genre in ratings.films.genres[i] for i in known])
    for number in range(2):
        place = places[belongs, number]
        means[number, row], errors[number, row] = mean_and_standard_error(place)
certain = {genre: means[:, row] / errors[:, row] for row, genre in enumerate(genres)}
plt.figure(figsize=(7, 3.2))
for number, colour in enumerate(["C2", "C3"]):
    height = np.arange(len(genres)) + 0.2 * number
    style = {"fmt": "os"[number], "color": colour, "capsize": 3}
    plt.errorbar(
        means[number], height, xerr=errors[number], label=f"direction {number + 1}", **style
    )
plt.axvline(0, color="0.7", lw=1)
plt.yticks(range(len(genres)), genres)
plt.xlabel("mean place of the genre's films (standard deviations, ± standard error)")
plt.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
plt.tight_layout()
plt.show()

# %% [markdown]
# The first direction goes from dark and quirky films to loud summer hits; the second has fairy tales and epics at its
# upper end. Genres differ along both by many standard errors: *Crime* and *Drama* lie on the negative side of the
# first, *Action* and *Adventure* on the positive side, and *Children* lies highest on the second. Do not over-read
# this. Directions are mixtures, and for any list of six films a story can be found. The standard errors help a little;
# a direction that predicts is better evidence than one that sounds good.
#
# ### Neighbours
#
# Vectors also make neighbours: two films are alike if those who like the one like the other, that is, if their vectors point
# in the same direction (the **cosine** of the angle between them is near 1). Some lists look right at once, others do not.

# %%
lengths = np.linalg.norm(item_factors, axis=1)
unit = item_factors[known] / lengths[known, None]
cosines = unit @ unit.T
np.fill_diagonal(cosines, -1)
nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :4]
found = {}
for title in [
    "Star Wars: Episode IV - A New Hope",
    "Pulp Fiction",
    "Harry Potter and the Chamber of Secrets",
    "Mary Poppins",
]:
    here = int(np.flatnonzero(titles[known] == title)[0])
    print(f"{title} ({n_ratings[known[here]]} ratings)")
    found[title] = titles[known[nearest[here]]]
    for j in nearest[here]:
        print(f"  {cosines[here, j]:.2f} {titles[known[j]]} ({n_ratings[known[j]]})")

# %% [markdown] tags=["question"]
# *Star Wars* finds its sequels; *Mary Poppins* finds *Dead Man Walking*. What, do you think, makes the difference? How
# would you test it with the data at hand?
#
# Answer: **How much there is to learn from**, mostly: the 40 numbers of *Mary Poppins* were learnt from about 60 ratings, those
# of *Star Wars* from almost four times as many. But *Harry Potter* has as few as *Mary Poppins*, and finds its
# sequels. A test needs many films and a yardstick that the model has never seen, such as genres: do the neighbours of films
# with many ratings share more of them?

# %%
kinds = [set(ratings.films.genres[i]) for i in known]
shared = np.array(  # genres in common, of all that either of the two has
    [[len(a & b) / len(a | b) for b in kinds] for a in kinds]
)
by_neighbours = np.take_along_axis(shared, nearest, axis=1).mean(axis=1)
any_two = shared[~np.eye(len(known), dtype=bool)].mean()
print(f"genres shared by any two films: {any_two:.2f}")
agreement = {}
for low, high in [(50, 75), (75, 100), (100, 150), (150, 400)]:
    group = (n_ratings[known] >= low) & (n_ratings[known] < high)
    agreement[low], error = mean_and_standard_error(by_neighbours[group])
    print(f"by neighbours of the {group.sum():3} films with {low} to {high - 1} ratings: ", end="")
    print(f"{agreement[low]:.2f} ± {error:.2f}")

# %% [markdown] tags=["question"]
# Which films will have the longest vectors: those with one rating, with ten, or with two hundred?
#
# Answer: **Those with about ten.** A single rating pulls only so far against the penalty. Two hundred viewers agree on
# little that goes beyond the film's $b_i$, and where they disagree, they pull in all directions.

# %%
middles = {}
for low, high in pairwise([1, 3, 5, 20, 100, 400]):
    middles[low] = np.median(lengths[(n_ratings >= low) & (n_ratings < high)])
    print(f"films with {low:3} to {high - 1:3} ratings: median length {middles[low]:.2f}")

# %% tags=["claims"]
assert max(certain[name][0] for name in ("Crime", "Drama")) < -3, (
    "Crime and Drama lie on the negative"
)
assert min(certain[name][0] for name in ("Action", "Adventure")) > 3, "on the positive side"
assert genres[means[1].argmax()] == "Children", "Children lies highest on the second"
assert list(agreement.values()) == sorted(agreement.values()), "The more ratings the films have"
assert min(agreement.values()) > any_two, "More than any two films share"
assert 1.8 < agreement[150] / any_two < 2.4, "about twice as many"
assert max(middles, key=middles.get) == 5, "films with 5 to 19 ratings"
assert "Dead Man Walking" in found["Mary Poppins"], "Mary Poppins finds Dead Man Walking"
assert (
    sum("Harry Potter" in one for one in found["Harry Potter and the Chamber of Secrets"]) == 3
), "has as few as Mary Poppins, and finds its sequels"
assert sum("Star Wars" in one for one in found["Star Wars: Episode IV - A New Hope"]) >= 2, (
    "Star Wars finds its sequels"
)
assert n_ratings[titles == "Mary Poppins"].max() in range(58, 63), "from about 60 ratings"
assert n_ratings[titles == "Harry Potter and the Chamber of Secrets"].max() in range(58, 65), (
    "has as few as Mary Poppins"
)
assert (
    3.5
    < n_ratings[titles == "Star Wars: Episode IV - A New Hope"].max()
    / n_ratings[titles == "Mary Poppins"].max()
    < 4
), "from almost four times as many"

# %% [markdown]
# The more ratings the films have, the more genres their neighbours share with them. More than any two films share it is
# in every group, and about twice as many for the best known. So a strange neighbour is mostly a film of which the model
# knows little, and the strange ones deserve a look before you believe the pretty ones.
#
# The longest vectors belong to films with 5 to 19 ratings: here length is not popularity, for that is already in $b_i$. A
# dot product rewards length, the cosine ignores it; hence the cosine for neighbours.
#
# ## 7 · The simplest neural network
#
# Feed a network the user as a **one-hot** vector $\mathbf 1_u$ (a 1 at place $u$, else 0), and let its first layer be
# linear, with the weights $U$ and without a bias.

# %% [markdown] tags=["question"]
# What comes out of this layer? And how much of the multiplication was needed?
#
# Answer: $\mathbf 1_u^\top U = p_u$, **row $u$ of the weights**. Nothing had to be multiplied: to look the row up is enough.

# %% [markdown]
# Such a layer, without the multiplications, is an **embedding layer**. Two of them and a dot product make matrix
# factorization. In PyTorch, whose automatic differentiation we compare with your gradients:


# %%
class Factorization(torch.nn.Module):
    def __init__(self, user_factors, item_factors):
        super().__init__()
        self.users = torch.nn.Embedding.from_pretrained(torch.tensor(user_factors), freeze=False)
        self.items = torch.nn.Embedding.from_pretrained(torch.tensor(item_factors), freeze=False)

    def forward(self, users, items, values, l2):
        P, Q = self.users(users), self.items(items)
        error = values - (P * Q).sum(dim=1)
        return 0.5 * (error.square().sum() + l2 * (P.square().sum() + Q.square().sum()))


# %% [markdown] tags=["question"]
# The penalty in `forward` is `P.square().sum()`, with `P` of the shape (n, k). Would `self.users.weight.square().sum()`
# be the same?
#
# Answer: No. It would count **every user once**, and ours counts a user once *per rating*, as $L$ does. The gradients would
# differ, and the next cell would say so.

# %%
U, M = random_factors(ratings.n_users, 6, seed=2), random_factors(ratings.n_items, 6, seed=3)
network = Factorization(U, M)
network(*map(torch.from_numpy, (train.users, train.items, values)), l2=0.1).backward()
by_torch = network.users.weight.grad, network.items.weight.grad
by_hand = gradients(train.users, train.items, values, U, M, l2=0.1)
same = all(np.allclose(b, t.numpy()) for b, t in zip(by_hand, by_torch, strict=True))
print(f"gradients equal: {same}")

# %% tags=["claims"]
assert same, "The same numbers"

# %% [markdown]
# The same numbers. The network view buys freedom: exchange the loss, add layers or features (lectures 04 to 06), and the
# gradients take care of themselves.
#
# ## 8 · Likes, dislikes, and only likes
#
# ### Thumbs up or down
#
# Many services ask for a thumb instead of stars. Call the answer $y_{ui}$, 1 or 0. The dot product
# $s = p_u \cdot q_i$ ranges over all numbers, so turn it into a probability with the **sigmoid**
# $\sigma(s) = 1/(1 + e^{-s})$, and charge minus the logarithm of the probability given to what really
# happened, the **log loss**: $-\log\sigma(s)$ for a like, $-\log(1 - \sigma(s))$ for a dislike. It is **logistic regression**
# in which both the features and the weights are learnt.
#
# **Your turn again (5 minutes).** Differentiate with respect to $s$; use $\sigma' = \sigma(1 - \sigma)$.
# Write the result in quotes, as short as you can, as an expression of `sigma` $= \sigma(s)$ and `y`.

# %% nbgrader={"grade_id": "score_derivative_line", "solution": true}
score_derivative_line = "..."
### BEGIN SOLUTION
score_derivative_line = "sigma - y"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    s, y = rng.normal(), float(rng.integers(0, 2))

    def log_loss(s):
        chance = 1 / (1 + np.exp(-s))
        return -(y * np.log(chance) + (1 - y) * np.log(1 - chance))

    return {"s": s, "y": y, "sigma": 1 / (1 + np.exp(-s)), "log_loss": log_loss}


Derivation(
    "The derivative of the log loss",
    instance,
    Step(
        r"\frac{d}{ds}\Big[-y\log\sigma(s) - (1-y)\log\big(1-\sigma(s)\big)\Big]",
        "derivative(log_loss, s)",
        why="computed numerically",
    ),
    Step(
        r"= -\frac{y}{\sigma}\,\sigma(1-\sigma) + \frac{1-y}{1-\sigma}\,\sigma(1-\sigma)",
        "-y / sigma * sigma * (1 - sigma) + (1 - y) / (1 - sigma) * sigma * (1 - sigma)",
        tolerance=1e-7,
        why="chain rule, twice",
    ),
    Step(
        r"=\;?",
        score_derivative_line,
        yours=True,
        names=("sigma", "y"),
        tolerance=1e-7,
        why="your line",
    ),
).check()

# %% [markdown] tags=["question"]
# Compare your line with the squared error of section 4. What of its gradients stays, and what changes?
#
# Answer: The squared error has the derivative $-(r - \hat r)$ with respect to the prediction. Here it is **$-(y - \sigma)$**:
# the same thing with a probability in place of the prediction. Everything else of section 4 stays.

# %% [markdown] exercise="logistic_gradients" difficulty=2 minutes=8
# Return the gradients `(user_gradient, item_gradient)` of
#
# $$\sum_{(u,i) \in \Omega} \Big[ -y_{ui}\log\sigma(p_u \cdot q_i) - (1 - y_{ui})\log\big(1 - \sigma(p_u \cdot q_i)\big)
#   + \tfrac\lambda2\big(\lVert p_u\rVert^2 + \lVert q_i\rVert^2\big) \Big].$$
#
# - arguments and shapes as in `gradients`, but `values` holds 1.0 (like) or 0.0 (dislike)
# - scores may be large: 900 must give probability 1, not NaN
#
# By hand, for the docstring's example: the scores 2, −1, 1 have the probabilities 0.881, 0.269, 0.731, and with the labels
# 1, 0, 1 the errors are 0.119, −0.269, 0.269. User 1 gets $-0.269\,(-1, 1) = (0.269, -0.269)$.
#
# <details><summary>Hint</summary>
#
# Copy your `gradients` and change the line of the error: you have just derived what stands there now.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     score of each rating: the dot product, as before
#     probability of each rating: 1 / (1 + exp(−score)); for −900 the exp is inf, NumPy warns, and the result
#         is 0, as it should be (with exp(s) / (1 + exp(s)) it would be NaN)
#     e: label minus probability
#     all other lines as in `gradients`
#
# </details>


# %% nbgrader={"grade_id": "logistic_gradients", "solution": true}
def logistic_gradients(users, items, values, user_factors, item_factors, l2):
    """Return both gradients of the penalised log loss; values are 1.0 (like) or 0.0 (dislike).

    users, items, values (n,); user_factors (n_users, k), item_factors (n_items, k); l2 >= 0.

    >>> U, M = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, 3.0]])
    >>> users, items, values = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([1.0, 0.0, 1.0])
    >>> for gradient in logistic_gradients(users, items, values, U, M, l2=0.0):
    ...     print(gradient.round(3).tolist())
    [[-0.507, 0.269], [0.269, -0.269]]
    [[-0.119, 0.0], [0.0, -0.538], [0.0, 0.0]]
    """
    ### BEGIN SOLUTION
    P, Q = user_factors[users], item_factors[items]
    with np.errstate(over="ignore"):  # exp(900) is inf, and 1 / inf is 0, as it should be
        error = values - 1 / (1 + np.exp(-(P * Q).sum(axis=1)))
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, -error[:, None] * Q + l2 * P)
    np.add.at(item_gradient, items, -error[:, None] * P + l2 * Q)
    return user_gradient, item_gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_logistic_gradients", "grade": true}
lecture.check(logistic_gradients)

# %% [markdown]
# Let 4 stars or more be a thumb up. We descend in **mini-batches**: between one rating and all of them, a thousand at a
# time. Bias terms matter here too, and a trick brings them into the dot product. Let the first column of `U` start at
# 1: then the first number of a film's vector is added to its score for every user, as $b_i$ was. In the same way the
# second column of `M` starts at 1, and the second number of a user's vector is a $b_u$.

# %% [markdown] tags=["question"]
# With stars the factors brought half of the predictions closer and gained a hundredth. What do you expect of thumbs:
# will they get many more answers right than the averages do?
#
# Answer: **Hardly any more**: a thumb holds less information than a star rating, and a slightly better probability
# changes an answer only where it crosses ½.


# %% tags=["given"]
def descend(gradient, users, items, values, user_factors, item_factors, rate, l2, seed, batch=1000):
    """Go once through all cells in random order, in mini-batches; change both factors in place."""
    order = np.random.default_rng(seed).permutation(len(users))
    for start in range(0, len(order), batch):
        n = order[start : start + batch]
        changes = gradient(users[n], items[n], values[n], user_factors, item_factors, l2)
        user_factors -= rate * changes[0]
        item_factors -= rate * changes[1]


# %%
def log_loss(chance, labels):
    return -np.mean(np.log(np.where(labels == 1, chance, 1 - chance)))


likes, test_likes = (train.values >= 4).astype(float), (test.values >= 4).astype(float)
averages = fit_offsets(replace(train, values=likes))  # as if the thumbs were stars
U = random_factors(ratings.n_users, 10, seed=4, spread=0.1)
M = random_factors(ratings.n_items, 10, seed=5, spread=0.1)
U[:, 0], M[:, 1] = 1, 1
for epoch in range(12):
    descend(logistic_gradients, train.users, train.items, likes, U, M, 0.05, 0.05, seed=epoch)
chances = {
    "the same for all": np.full(len(test), likes.mean()),
    "bias terms": np.clip(averages(test), 0.01, 0.99),
    "factors": 1 / (1 + np.exp(-predict_ratings(test.users, test.items, U, M))),
}
losses, right = {}, {}
for name, chance in chances.items():
    losses[name] = log_loss(chance, test_likes)
    right[name] = np.mean((chance > 0.5) == test_likes)
    print(f"{name:17} log loss {losses[name]:.3f}, right {right[name]:.1%}")

# %% tags=["claims"]
assert 0 < losses["bias terms"] - losses["factors"] < 0.02, "slightly better probabilities"
assert abs(right["factors"] - right["bias terms"]) < 0.005, "no more answers right"

# %% [markdown]
# Averages are strong again. The factors give slightly better probabilities, but get no more answers right. Leave out the
# line with the ones, and they lose clearly: try it.
#
# ### Only likes
#
# Most data have no thumb down: people watched, bought, bookmarked, and everything else is silence. Services even prefer to
# collect likes only. A like is less work than a grade, and it serves the person who gives it, as a bookmark to find the thing
# again; so far more of them come in.
#
# What we call a like is here only this: *watched*. Now "observed cells only" turns against us.

# %% [markdown] tags=["question"]
# All labels are 1. Which scores make the log loss smallest, and what would such a model recommend?
#
# Answer: **As large as possible, for every pair**: yes to everything, so it has no order to recommend by. (Only the
# penalty keeps the scores finite.)

# %% [markdown]
# In section 3 a zero claimed zero stars. Here a 0 only says "not watched", so we may fill *all* gaps with zeros; but
# that costs every cell of the table. The cheap way: most people would not watch most films, so draw a film at
# random and *pretend that it is a dislike*. It will rarely be wrong. A few such *negatives* for every positive,
# fresh ones in every round, and we are back at thumbs up or down. This is **negative sampling**, and you will meet it
# again in nearly every lecture. (One can draw user *and* film at random instead. With the user kept, as here, each has
# as many negatives per positive as every other; with both drawn, users with few likes get hardly anything but negatives.)

# %% [markdown] exercise="sample_negatives" difficulty=2 minutes=12
# For every positive pair `(users[n], items[n])` draw an item that **this user** has no positive pair with. Return the
# items, one per pair. To make the result reproducible, draw exactly like this:
#
# 1. make one generator, `np.random.default_rng(seed)`, and let it draw once for all pairs:
#    `rng.integers(n_items, size=len(users))`;
# 2. wherever the drawn item is a positive of that user, draw again: one call for all these places together,
#    in their order, `rng.integers(n_items, size=number_of_places)`;
# 3. repeat step 2 until no place is left.
#
# (Every user has at least one item left. Items that many people watched may be drawn; only the user's own positives may
# not, and that means all of them, not only the item of the same pair. `users` holds indices from 0 to `n_users` − 1,
# and not all of them need occur.)
#
# By hand, for the docstring's example: the first draws are 2, 4, 2, 0. Users 0 and 1 both watched item 2, so both 2s must
# go; user 3 may keep the 0, which only user 0 watched. The next two draws are 1 and 0.
#
# <details><summary>Hint</summary>
#
# A table `watched` (n_users, n_items) of booleans, `watched[users, items] = True`, answers for all pairs at once whether
# they are positive: `watched[users, negatives]`. Then `while bad.any(): ...`.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     one generator from the seed
#     the table: False everywhere, then True at all positive pairs
#     draw one item for every pair, in one call
#     bad: for every pair, is (its user, its drawn item) True in the table?
#     as long as any of them is bad:
#         put new draws into the bad places, in one call that draws as many as there are bad places
#         find out anew which places are bad
#     return the drawn items
#
# </details>


# %% nbgrader={"grade_id": "sample_negatives", "solution": true}
def sample_negatives(users, items, n_users, n_items, seed):
    """Return (n,) items, each drawn uniformly from those its user has no positive pair with.

    users, items (n,): the positive pairs, indices below n_users and n_items.

    >>> users, items = np.array([0, 0, 1, 3]), np.array([0, 2, 2, 1])
    >>> sample_negatives(users, items, n_users=4, n_items=5, seed=106)
    array([1, 4, 0, 0])
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed=seed)
    watched = np.zeros((n_users, n_items), dtype=bool)
    watched[users, items] = True
    negatives = rng.integers(n_items, size=len(users))
    bad = watched[users, negatives]
    while bad.any():
        negatives[bad] = rng.integers(n_items, size=bad.sum())
        bad = watched[users, negatives]
    return negatives
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample_negatives", "grade": true}
lecture.check(sample_negatives)

# %% [markdown]
# We take the films with at least 50 ratings; a rating, high or low, means *watched*. We rank all films a user has not
# yet rated and measure **NDCG@10**: a hidden film on place $r$ of the ten recommended earns $1/\log_2(r + 1)$, divided
# by the best possible sum. The baseline recommends what most people watched, to every user the same.

# %%
popular = ratings.with_popular_films(min_ratings=50)
seen_part, hidden_part = split_at_random(popular, test_fraction=0.2, seed=3)
A, hidden = seen_part.interactions(), hidden_part.interactions()


ndcg = {}


def show_ndcg(name, scores):
    found = ndcg_at_k(top_k(scores, seen=A, k=10), relevant=hidden)
    ndcg[name], error = mean_and_standard_error(found)
    print(f"{name:22} NDCG@10 {ndcg[name]:.3f} ± {error:.3f}")


# %% tags=["given"]
def fit_likes(train, n_negatives, n_rounds=24, k=16, rate=0.05, l2=0.02):
    """Return user and film factors fitted to what was watched, with drawn negatives."""
    U = np.random.default_rng(6).normal(0, 0.1, (train.n_users, k))
    M = np.random.default_rng(7).normal(0, 0.1, (train.n_items, k))
    for n in range(n_rounds):
        drawn = [
            sample_negatives(train.users, train.items, train.n_users, train.n_items, 100 * n + draw)
            for draw in range(n_negatives)
        ]
        users, items = np.tile(train.users, 1 + n_negatives), np.concatenate([train.items, *drawn])
        labels = np.repeat([1.0, 0.0], [len(train), n_negatives * len(train)])
        descend(logistic_gradients, users, items, labels, U, M, rate, l2, seed=n)
    return U, M


# %% [markdown] tags=["question"]
# Four ways to rank: popularity, the SVD with zeros in all gaps, factors without negatives, factors with four negatives per
# positive. Write down which you expect first and last.
#
# Answer: **The SVD comes first**, the factors without negatives come last, even behind popularity. Did you expect the
# zeros in the gaps to win, after section 3? Here they are no false claim.

# %%
show_ndcg("popularity", np.tile(np.asarray(A.sum(axis=0)), (popular.n_users, 1)))
left, strengths, right = svds(A, k=12, rng=np.random.default_rng(0))
show_ndcg("SVD, zeros in all gaps", (left * strengths) @ right)
chance_of_all = {}
for n_negatives in [0, 4]:
    U, M = fit_likes(seen_part, n_negatives)
    show_ndcg(f"factors, {n_negatives} negatives", U @ M.T)
    chance_of_all[n_negatives] = np.mean(1 / (1 + np.exp(-U @ M.T)))
    print(f"  their mean probability over all cells: {chance_of_all[n_negatives]:.2f}")

# %% [markdown]
# The course's table for this task, recorded on the same split: three of your numbers above are its rows of lecture 01.

# %%
lecture.results("hidden films")

# %% tags=["claims"]
assert round(ndcg["popularity"], 3) == lecture.results("hidden films").value("popularity"), (
    "three of your numbers above are its rows of lecture 01"
)
assert round(ndcg["SVD, zeros in all gaps"], 3) == lecture.results("hidden films").value(
    "SVD, zeros in all gaps"
), "three of your numbers above are its rows of lecture 01"
assert round(ndcg["factors, 4 negatives"], 3) == lecture.results("hidden films").value(
    "factors, 4 negatives"
), "three of your numbers above are its rows of lecture 01"
assert chance_of_all[0] > 0.9, "says yes to nearly everything"
assert max(ndcg, key=ndcg.get) == "SVD, zeros in all gaps", "The SVD comes first"
assert min(ndcg, key=ndcg.get) == "factors, 0 negatives", "even behind popularity"

# %% [markdown]
# Without negatives the model says yes to nearly everything. With them it has something to tell apart. The SVD, which
# uses every gap, is better still: with a few hundred films all cells are cheap, and it needs no rate and no rounds (Hu,
# Koren and Volinsky, 2008, give the gaps a low weight, and solve that by ALS). Sampling costs the same for millions of
# films and works with any loss. Lectures 06 and 07 look harder at *which* negatives to draw.
#
# ### Your list
#
# You were not there when the model of section 5 was trained. Must it be trained again for every new user? No: take the
# films' vectors as they are, and *one* ALS step for a single user gives the vector $p_{672}$. (This is called
# **folding in**.) We rank the films with at least 50 ratings by the stars that the model expects from you.

# %% [markdown] tags=["question"]
# Your ratings are few. Which part of the prediction will therefore decide most of your list?
#
# Answer: **The films' bias terms**, the same for all users: a short vector, made from few ratings, moves films by some
# tenths of a star. Compare: the next cell prints the first ten for a person who has rated nothing, above your own list. How many of
# them are in yours (where films that you rated are left out)? Rate more films above, run the cell again, and count anew.

# %%
me = Me(ratings)
with_you, asked = me.join(train)  # one user more, and a question about every film
biases_with_you = fit_offsets(with_you)
yours = with_you.users == train.n_users
your_values = (with_you.values - biases_with_you(with_you))[yours]
nobody_else = np.zeros(len(your_values), dtype=int)
your_vector = als_step(nobody_else, with_you.items[yours], your_values, item_factors, 1, l2=0.16)
your_taste = item_factors @ your_vector[0]  # one number per film
expected_stars = biases_with_you(asked) + your_taste
expected_stars[n_ratings < 50] = -np.inf
# bias terms put the films in the same order for every user, so we may ask for user 0
of_everybody = biases(replace(asked, users=np.zeros(train.n_items, dtype=int)))
of_everybody[n_ratings < 50] = -np.inf
print("Without ratings:", *titles[np.argsort(-of_everybody, kind="stable")[:10]], sep="\n  ")
YourList(lecture, expected_stars, me)

# %% tags=["claims"]
assert your_taste[known].std() < 0.7 * biases_with_you(asked)[known].std(), (
    "decide most of your list"
)
assert 0.1 < your_taste[known].std() < 0.4, "some tenths of a star"

# %% [markdown]
# ## 9 · What factors add to averages, and where they fail
#
# **What we gained, and what not.** Bias terms do most of the work in RMSE. Factors add the personal part: a
# small number, and the only part that changes *which* films you see.
#
# **What fails.**
#
# - *New users and new films* have no ratings: the **cold start**. ALS gives them zeros and so nothing personal; SGD leaves the
#   random start. Lecture 02 helps them with what else is known.
# - *Ratings are not missing at random.* People rate what they chose to watch, and they choose what they
#   expect to like. Our test ratings are chosen in the same way, so the RMSE says little about films that people avoid.
# - *RMSE is not the shelf.* People do not see a predicted 3.4; they see ten films. A better RMSE can make a worse
#   top ten. Lecture 14 returns to this.
# - *The future leaks.* We hid random ratings, so the model learnt from later ones too.
#
# **What it does to people.** For many, such models choose the news they read. Three effects are much discussed, and how
# large they are is disputed. A *filter bubble*: who is shown what they liked before may stop meeting other views. A pull to
# the extreme: what is optimised for clicks need not be good for whoever clicks. And a loop: the model is trained on choices
# among the few things that it showed itself. You know how it works, which is where judging it begins.
#
# **What to read next.**
#
# - Y. Koren, R. Bell, C. Volinsky: *Matrix Factorization Techniques for Recommender Systems*, IEEE Computer 42(8), 2009: the
#   classic, ten pages.
# - S. Funk: *Netflix Update: Try This at Home*, 2006: the blog post that started it.
# - Y. Zhou, D. Wilkinson, R. Schreiber, R. Pan: *Large-scale Parallel Collaborative Filtering for the Netflix Prize*,
#   AAIM 2008: ALS with the penalty used here.
# - Y. Hu, Y. Koren, C. Volinsky: *Collaborative Filtering for Implicit Feedback Datasets*, ICDM 2008: only likes,
#   without sampling.
# - S. Rendle, L. Zhang, Y. Koren: *On the Difficulty of Evaluating Baselines*, 2019: how good matrix factorization is
#   when it is tuned with care.
# - X. Amatriain, J. Pujol, N. Oliver: *I Like It... I Like It Not: Evaluating User Ratings Noise in Recommender
#   Systems*, UMAP 2009.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | model | $\hat r_{ui} = p_u \cdot q_i,\quad \hat R = UM^\top$ |
# | loss | $\tfrac12\sum_{\Omega}\big[e_{ui}^2 + \lambda(\lVert p_u\rVert^2 + \lVert q_i\rVert^2)\big],\quad e_{ui} = r_{ui} - p_u \cdot q_i$ |
# | gradients | $-EM + \lambda D_U U,\quad -E^\top U + \lambda D_M M$; $E$ is 0 where nothing was observed |
# | SGD | $p_u \leftarrow p_u + \eta(e\,q_i - \lambda p_u)$ and $q_i \leftarrow q_i + \eta(e\,p_u - \lambda q_i)$, both from the old vectors |
# | ALS | $p_u = (Q^\top Q + \lambda n_u I)^{-1}Q^\top r$ |
# | likes | the same gradients with $e = y - \sigma(p_u \cdot q_i)$ |
# | only likes | draw negatives that the user has no positive pair with |

# %%
lecture.progress()
