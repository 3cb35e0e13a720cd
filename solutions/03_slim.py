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
# # 03 · SLIM: learning which film points to which
#
# A user has watched *Toy Story* and *Aladdin*. What should we show next?
#
# The oldest answer that still works is "films watched by people who watched these". It is called
# **item-based collaborative filtering**: collaborative, because all it knows of a film is who else
# watched it. Counting such pairs gives a similarity between films, and similarities give
# recommendations. But counting has no idea what the numbers are *for*. Popular films look similar to
# everything, and two near-identical films are both counted in full although the second one adds
# nothing new.
#
# **SLIM** (sparse linear methods; Ning and Karypis, 2011) keeps the form and *learns* the numbers:
# which few films, with which weights, best predict that a user watches film $i$? It is one of the
# simplest models in the field, and in careful comparisons it still holds its own against far
# heavier ones (Ferrari Dacrema et al., 2019).
#
# After this lecture you can
#
# - derive SLIM's coordinate descent with pencil and paper, and explain each of its three design
#   decisions: $w \ge 0$, $w_{ii} = 0$, and the L1 penalty;
# - implement it in about a dozen lines of NumPy, for all films at once;
# - prove to yourself that what you found is the optimum;
# - say what $w \ge 0$ and sparsity buy, and what they cost.

# %% [markdown] tags=["overview"]

# %% [markdown]
# **Three questions about lecture 01.** Answer each in a sentence before you open ours.

# %% [markdown] tags=["question"]
# A user has rated 20 films, and a film's vector has 40 numbers. Why does the ALS step, a least-squares
# problem with 20 equations and 40 unknowns, still have exactly one solution?
#
# Answer: **The penalty** makes it unique: $Q^\top Q$ alone is singular here, $Q^\top Q + \lambda n_u I$
# is not. Today the penalty $\beta$ does the same for films with nearly the same audience.

# %% [markdown] tags=["question"]
# Turn all user vectors and all film vectors by the same rotation. What happens to the predictions, and
# what follows for a direction that looks like "romance"?
#
# Answer: **No prediction changes**, because dot products do not. A single direction therefore has no
# meaning of its own. SLIM's weights are different: each one belongs to two films and can be read.

# %% [markdown] tags=["question"]
# With likes only, a factor model that was shown no negative pairs learnt something useless. What, and
# where did the SVD, which did better, get its negatives from?
#
# Answer: It learnt **to say yes to everything**. The SVD takes each gap of the matrix as a 0, and so as a
# weak "no". SLIM does the same.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import ElasticNet

from embedlab import Derivation, Lecture, Step
from embedlab.baselines import ease, item_knn, zero_filled_svd
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.diagrams import slim_column
from embedlab.me import Me
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.widgets import SlimSparsity, YourList, best_known_films, sparsity_states

lecture = Lecture("03_slim")

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# Our data are the ratings that 671 people gave on MovieLens until 2016. SLIM does not look at the
# stars. All it uses is that a user watched and rated a film: **implicit feedback**, as clicks and
# purchases are, where stars are **explicit feedback**. A 1 means "watched"; a 0 may mean "would not like
# it" and mostly means "never came across it". We keep the films with at least 50 ratings, so that
# every film has something to learn from.

# %%
ratings = load_movielens_small().with_popular_films(min_ratings=50)
titles = np.array(ratings.films.titles)
ratings

# %% [markdown]
# *Data: MovieLens latest-small (2016). Please use it for non-commercial purposes only and cite
# F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
# The full terms are in `datasets/movielens_small/`.*
#
# We need to know whether a recommender works *before* we build one. The task is a **ranking** of the films a
# user has not rated, of which the ten best are shown (**top-N recommendation**). From every user we hide 20% of the films they rated, at
# random. A good recommender, seeing only the rest, puts the hidden ones near the top. We measure
# that with **NDCG@10**: a hidden film on place $r$ of the ten recommendations earns
# $1/\log_2(r+1)$, and the sum is divided by the best possible one, so 1 is perfect and 0 means none of
# the ten was hidden. All 453 films compete, none is sampled away.

# %%
train, test = split_at_random(ratings, test_fraction=0.2, seed=3)
A = train.interactions()  # (n_users, n_items), 1 where the user watched the film
hidden = test.interactions()
print(f"A is {A.shape[0]} users x {A.shape[1]} films, {A.nnz / np.prod(A.shape):.1%} of it is 1")


# %%
def ndcg(scores):
    """Return each user's NDCG@10, (n_users,), NaN if no film was hidden; scores (n_users, n_items)."""
    return ndcg_at_k(top_k(scores, seen=A, k=10), relevant=hidden)


def mean_ndcg(scores):
    return float(np.nanmean(ndcg(scores)))


# %% [markdown]
# Three baselines.
#
# - **Popularity** shows all users what most people watched.
# - **Item-kNN** ($k$ nearest neighbours) scores film $i$ by the summed cosine similarity to the films the
#   user has watched, keeping for each film its 100 most similar ones (20 or 50 make little difference
#   here). The cosine is $s_{ij} = g_{ij}/\sqrt{g_{ii}g_{jj}}$, where $g_{ij}$ users have watched both $i$ and $j$.
# - **SVD** is lecture 01's best model for likes, a 0 in every gap, with 12 factors.
#
# (Both numbers were chosen on films held out of the training part, as section 4 does it for SLIM.)

# %% [markdown] tags=["question"]
# Put the three in order before you run the cell, and guess popularity's NDCG@10: films that hundreds of
# people have watched, recommended to everybody alike.
#
# Answer: **The SVD leads**, then item-kNN, then popularity with .18. That is far from nothing: a
# baseline that knows no user at all reaches nearly half of what the best model of this lecture does.


# %%
def show(results):
    for name, per_user in results.items():
        mean, error = mean_and_standard_error(per_user)
        print(f"{name:12} NDCG@10 {mean:.3f} ± {error:.3f}")


def svd_scores(A, k):
    user_factors, item_factors = zero_filled_svd(A, k)
    scores = user_factors @ item_factors.T
    return scores


gram = (A.T @ A).toarray()  # (n_items, n_items): how many users watched both films
counts = np.diag(gram)  # (n_items,): how many users watched each film

results = {
    "popularity": ndcg(np.tile(counts, (A.shape[0], 1))),
    "item-kNN": ndcg(A @ item_knn(A, 100)),
    "SVD": ndcg(svd_scores(A, 12)),
}
show(results)

# %% tags=["claims"]
assert A.shape == (671, 453), "all 453 films compete"
assert all(
    abs(mean_ndcg(A @ item_knn(A, n)) - np.nanmean(results["item-kNN"])) < 0.003 for n in (20, 50)
), "20 or 50 make little difference here"
assert list(results) == sorted(results, key=lambda name: np.nanmean(results[name])), (
    "The SVD leads, then item-kNN, then popularity with .18"
)
assert round(np.nanmean(results["popularity"]), 2) == 0.18, "then popularity with .18"

# %% [markdown]
# The ± is the standard error over users: 671 people are not many, so we carry it along.
#
# Item-kNN is a *linear* model: the score of film $i$ for user $u$ is $\sum_j s_{ij}\,a_{uj}$ with
# fixed similarities $s_{ij}$. SLIM keeps this form,
#
# $$\hat a_{ui} = \sum_{j} w_{ij}\, a_{uj},$$
#
# and chooses the weights so that the known 0s and 1s come out right.
#
# > **Which way round?** $w_{ij}$ is what film $j$ says about film $i$. We store it as `W[j, i]`: the
# > weights that predict film $i$ are **column** $i$ of `W`, as in the paper, and all scores are
# > `A @ W`. So the indices of the array are those of $w$ in reverse order: `W[j, i]` reads "from $j$
# > to $i$". Mixing the two up is an easy bug to make, because $A W^\top$ has the right shape too.
#
# In the picture a user has watched three of four films. Column "Toy 2" of $W$ gives the score of *Toy Story 2*; we made
# these weights up.

# %%
slim_column(
    np.array([[0, 0.5, 0.1, 0], [0.4, 0, 0, 0], [0.2, 0.2, 0, 0], [0, 0, 0.3, 0]]),
    watched=np.array([1, 0, 1, 1]),
    film=1,
    names=["Toy 1", "Toy 2", "Aladdin", "Alien"],
)

# %% [markdown] tags=["question"]
# With the cosine matrix before its small entries are cut, `A @ W` and `A @ W.T` are equal. Why, and why
# should a *learnt* $W$ be different?
#
# Answer: **Cosine is symmetric**, but what $j$ says about $i$ need not be what $i$ says about $j$: a smaller share of the
# audience of *Toy Story* has watched *Toy Story 2* than the other way round.

# %%
part_1, part_2 = (int(np.flatnonzero(titles == name)[0]) for name in ["Toy Story", "Toy Story 2"])
for one, other in [(part_2, part_1), (part_1, part_2)]:
    share = gram[one, other] / counts[one]
    print(f"{share:.0%} of those who watched {titles[one]} also watched {titles[other]}")

# %% tags=["claims"]
assert gram[part_1, part_2] / counts[part_1] < gram[part_1, part_2] / counts[part_2], (
    "than the other way round"
)

# %% [markdown]
# ## 2 · The objective
#
# Fit the matrix by itself: $A \approx AW$. Squared error, and two penalties on large weights
# (**regularization**), L1 and L2:
#
# $$L(W) = \tfrac12 \sum_{u,i} \Big(a_{ui} - \sum_j w_{ij} a_{uj}\Big)^2
#   + \lambda \sum_{i,j} |w_{ij}| + \tfrac{\beta}{2} \sum_{i,j} w_{ij}^2 .$$
#
# (The factor ½ is only there to cancel the 2 of the derivative.)

# %% [markdown] tags=["question"]
# Suppose $\lambda = \beta = 0$ and any $W$ is allowed. Which $W$ makes the error exactly 0, and what does it
# recommend?
#
# Answer: **The identity matrix.** Every film predicts itself and nothing else, so all unseen films have the
# score 0 and nothing is recommended.

# %% [markdown] tags=["question"]
# Two films have 50 viewers each, among 671 people. How many viewers would they share by pure chance? And with so few
# viewers, which is easier to show: that one film speaks *for* the other, or that it speaks *against* it?
#
# Answer: $50 \cdot 50 / 671$, **about 4**. To share 25 is far more than chance, and so a strong sign *for*. The other way
# it ends at 0, only 4 below chance, which says little *against*.

# %% [markdown]
# So $L$ is minimised under two constraints.
#
# - $w_{ii} = 0$: a film must be predicted from *other* films.
# - $w_{ij} \ge 0$: a weight is a *reason for* film $i$, and can be read as one. A negative weight
#   would say "who watched $j$ will not watch $i$", and where most zeros mean "never came across it", that
#   takes many users to know.
#
# The first is a must. The second is a choice: it makes $W$ readable and sparse. Whether it also makes better
# recommendations is a question for data, and section 4 asks it.

# %% [markdown] exercise="slim_objective" difficulty=1 minutes=6
# Compute $L(W)$ as a float.
#
# - `A`: (n_users, n_items), `W`: (n_items, n_items) with `W[j, i]` $= w_{ij}$
# - `l1` is $\lambda$, `l2` is $\beta$
# - `W` may break the constraints: the sums go over all $i$ and $j$, the diagonal included
#
# By hand, for the example in the docstring: $AW$ has the rows (1, 0.5) and (0, 0.5), the errors
# are 0, 0.5, 1 and −0.5, half of their squares is 0.75. Add $1 \cdot 1.5$ for L1 and
# $\frac22 \cdot 1.25$ for L2.
#
# <details><summary>Hint</summary>
#
# Three sums: over `(A - A @ W) ** 2`, over `np.abs(W)`, over `W ** 2`. Watch the two factors ½.
#
# </details>


# %% nbgrader={"grade_id": "slim_objective", "solution": true}
def slim_objective(A, W, l1, l2):
    """Return SLIM's objective L(W), a float.

    A (n_users, n_items), W (n_items, n_items), scores A @ W; l1 and l2 >= 0.
    Ning and Karypis (2011), equation 4.

    >>> A = np.array([[1.0, 1.0], [1.0, 0.0]])
    >>> W = np.array([[0.0, 0.5], [1.0, 0.0]])
    >>> slim_objective(A, W, l1=1.0, l2=2.0)
    3.5
    """
    ### BEGIN SOLUTION
    error = A - A @ W
    penalty = l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum()
    return float(0.5 * (error**2).sum() + penalty)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_slim_objective", "grade": true}
lecture.check(slim_objective)

# %% [markdown]
# Here is what $W = 0$ and the forbidden $W = I$ give on the real matrix, without a penalty. (With $W = 0$ every
# 1 of $A$ is an error of 1: the objective is half their number.)

# %%
A_dense = A.toarray()
n_items = A.shape[1]
print(f"W = 0: {slim_objective(A_dense, np.zeros((n_items, n_items)), 0.0, 0.0):.1f}")
print(f"W = I: {slim_objective(A_dense, np.eye(n_items), 0.0, 0.0):.1f}")

# %% tags=["claims"]
assert slim_objective(A_dense, np.zeros((n_items, n_items)), 0.0, 0.0) == A.nnz / 2, (
    "the objective is half their number"
)
assert slim_objective(A_dense, np.eye(n_items), 0.0, 0.0) == 0, "Every film predicts itself"
assert round(50 * 50 / len(A_dense)) == 4, "only 4 below chance"

# %% [markdown]
# ### One problem becomes many

# %% [markdown] tags=["question"]
# How many weights are free in $W$ for our 453 films, and how many of them take part in the score of one
# film?
#
# Answer: **453 · 452 = 204,756**, and for one film only the 452 of its column.

# %% [markdown]
# $W$ has $n^2$ entries and they all sit in one sum. Here is the observation that makes SLIM
# practical: **column $i$ of $AW$ depends on column $i$ of $W$ and on nothing else.** So the big
# problem is $n$ small ones, one for each film, that share no unknown. You can solve them one by one, on a hundred machines, or (as we will) all at once.
#
# Below is that statement as an *executable derivation*. Every line is a formula and the same
# formula as code; running the cell computes all lines on 20 random instances and says whether each
# line equals the one before. If we had made a slip, you would see it. (The cell is folded; click
# the bar beside it to see how it is written.)


# %% tags=["derivation"]
def instance(rng):
    return {
        "A": rng.integers(0, 2, (7, 4)).astype(float),
        "W": rng.normal(size=(4, 4)),
        "l1": rng.uniform(0.1, 2.0),
        "l2": rng.uniform(0.1, 2.0),
    }


Derivation(
    "The objective splits by column",
    instance,
    Step(
        r"L(W) = \tfrac12\|A - AW\|_F^2 + \lambda\sum_{i,j}|w_{ij}| + \tfrac\beta2\sum_{i,j}w_{ij}^2",
        "0.5 * ((A - A @ W)**2).sum() + l1 * abs(W).sum() + 0.5 * l2 * (W**2).sum()",
        why="the objective; $w_i$ is column $i$ of $W$, and $a_i$ is column $i$ of $A$",
    ),
    Step(
        r"= \tfrac12\sum_i\|a_i - A w_i\|^2 + \lambda\sum_{i,j}|w_{ij}| + \tfrac\beta2\sum_{i,j}w_{ij}^2",
        "0.5 * sum(((A[:, i] - A @ W[:, i])**2).sum() for i in range(4))"
        " + l1 * abs(W).sum() + 0.5 * l2 * (W**2).sum()",
        why="a sum of squares goes column by column, and column $i$ of $AW$ is $A w_i$",
    ),
    Step(
        r"= \sum_i \Big(\tfrac12\|a_i - A w_i\|^2 + \lambda\|w_i\|_1 + \tfrac\beta2\|w_i\|^2\Big)",
        "sum(0.5 * ((A[:, i] - A @ W[:, i])**2).sum()"
        " + l1 * abs(W[:, i]).sum() + 0.5 * l2 * (W[:, i]**2).sum() for i in range(4))",
        why="the penalties are sums over entries, so they split too",
    ),
).check()

# %% [markdown]
# ## 3 · One weight at a time
#
# Take one film $i$ and its column $w_i$. **Coordinate descent** changes one entry $w_{ij}$, puts
# it at its best value while all the others stay, goes on to the next $j$, and repeats the
# sweep until nothing moves. The function is convex, and what is not smooth about the problem (the kink
# of the L1 penalty, the border $w \ge 0$) is separate for each coordinate; under these conditions
# coordinate descent reaches the optimum (Tseng, 2001).
#
# So: what is the best value of a single $w_{ij}$? Two steps. First, what does the rest of the column
# leave for film $j$ to explain?
#
# $$\rho = a_j^\top \Big(a_i - \sum_{m \ne j} w_{im}\, a_m\Big)$$
#
# is the overlap of film $j$'s audience with the **residual**, what is still *unexplained* of film $i$'s. It
# needs no pass over the users: everything is in the **Gram matrix** $G = A^\top A$, the table of how
# many users two films share, which we compute once.


# %% tags=["derivation"]
def instance(rng):
    A = rng.integers(0, 2, (9, 4)).astype(float)
    return {"A": A, "G": A.T @ A, "w": rng.normal(size=4), "i": 2, "j": 1}


Derivation(
    "The unexplained overlap needs only the Gram matrix",
    instance,
    Step(
        r"\rho = a_j^\top\Big(a_i - \sum_{m \ne j} w_{im}a_m\Big)",
        "A[:, j] @ (A[:, i] - sum(w[m] * A[:, m] for m in range(4) if m != j))",
        why="what the others leave unexplained, seen by film $j$'s audience",
    ),
    Step(
        r"= a_j^\top\big(a_i - A w_i + w_{ij}a_j\big)",
        "A[:, j] @ (A[:, i] - A @ w + w[j] * A[:, j])",
        why="subtract all films, add film $j$ back",
    ),
    Step(
        r"= g_{ji} - \sum_m g_{jm}w_{im} + g_{jj}w_{ij}",
        "G[j, i] - G[j] @ w + G[j, j] * w[j]",
        why="every product of two columns of $A$ is an entry of $G$",
    ),
).check()

# %% [markdown]
# Second step. As a function of $x = w_{ij}$ alone the loss is a parabola plus $\lambda|x|$. For
# $x \ge 0$ we have $|x| = x$, and you can find the minimum yourself.
#
# **Your turn: one line of the derivation is left open.** Differentiate line 2 of the table below with
# respect to $x$ (3 minutes). Write the result in quotes, as an expression of `G`, `j`, `l1`
# ($\lambda$), `l2` ($\beta$), `rho` ($\rho$) and `x`, and run both cells.

# %% nbgrader={"grade_id": "derivative_line", "solution": true}
derivative_line = "..."
### BEGIN SOLUTION
derivative_line = "(G[j, j] + l2) * x - (rho - l1)"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    A = rng.integers(0, 2, (12, 4)).astype(float)
    w, i, j = rng.uniform(0, 0.2, size=4), 2, 1
    G, l1, l2 = A.T @ A, rng.uniform(0.1, 1.0), rng.uniform(0.5, 2.0)

    def loss(x):
        v = np.where(np.arange(4) == j, x, w)
        return 0.5 * ((A[:, i] - A @ v) ** 2).sum() + l1 * abs(v).sum() + 0.5 * l2 * (v**2).sum()

    rho = G[j, i] - G[j] @ w + G[j, j] * w[j]
    return {"G": G, "j": j, "l1": l1, "l2": l2, "rho": rho, "loss": loss, "x": rng.uniform(0.2, 2)}


Derivation(
    "The best value of one weight",
    instance,
    Step(
        r"L(x) - L(0)",
        "loss(x) - loss(0.0)",
        why="the loss as a function of $x = w_{ij} \\ge 0$, all other weights fixed",
    ),
    Step(
        r"= \tfrac12(g_{jj} + \beta)\,x^2 - (\rho - \lambda)\,x",
        "0.5 * (G[j, j] + l2) * x**2 - (rho - l1) * x",
        why="expand the square: $x^2$ comes with $a_j^\\top a_j = g_{jj}$, and $x$ with $\\rho$",
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
        names=("G", "j", "l1", "l2", "rho", "x"),
        tolerance=1e-6,
        why="your line",
    ),
    Step(
        r"\arg\min_{x \ge 0} L(x)",
        "argmin(loss, 0.0, 10.0)",
        starts=True,
        why="found by search, from the loss itself",
    ),
    Step(
        r"= \frac{\max(0,\ \rho - \lambda)}{g_{jj} + \beta}",
        "max(0.0, rho - l1) / (G[j, j] + l2)",
        tolerance=1e-4,
        why="where the derivative is 0; if that is left of 0, the border $x = 0$",
    ),
    Step(
        r"\arg\min_{x} L(x)",
        "argmin(loss, -10.0, 10.0)",
        starts=True,
        why="the same search without the constraint",
    ),
    Step(
        r"= \frac{S(\rho, \lambda)}{g_{jj} + \beta}",
        "np.sign(rho) * max(0.0, abs(rho) - l1) / (G[j, j] + l2)",
        tolerance=1e-4,
        why="for $x < 0$ the slope of the penalty is $-\\lambda$: the soft threshold $S$",
    ),
).check()

# %% [markdown] tags=["question"]
# Every user signs up a second time and watches the same films again. $\lambda$ and $\beta$ stay as they are. Does a
# positive best weight grow, shrink or stay?
#
# Answer: **It grows.** $\rho$ and $g_{jj}$ double and the penalties do not: $(2\rho - \lambda)/(2g_{jj} + \beta)$.
# The more data, the less a given penalty weighs. That is as it should be, and it is why a value found in a
# paper on other data says little.

# %% [markdown]
# The last two lines show where the **soft threshold** comes from. The penalty $\lambda|x|$ pulls
# towards zero with constant force $\lambda$ on both sides. An overlap $\rho$ weaker than that force
# cannot move the weight away from zero *at all*; a stronger one is weakened by exactly $\lambda$:
#
# $$S(z, \lambda) = \operatorname{sign}(z)\,\max(|z| - \lambda,\ 0).$$
#
# This is how L1 makes exact zeros, and so **sparsity**: a $W$ of mostly zeros. (The L2 penalty does not: it divides by a larger number, and no
# division gives zero.) With $w \ge 0$ only the right-hand side of $S$ is left, and the constraint adds
# zeros of its own: wherever the others explain more than there is to explain, $\rho$ is negative
# and the weight is 0 even without a penalty. We shall see which of the two does more.

# %% [markdown] exercise="soft_threshold" difficulty=1 minutes=4
# Implement the two-sided $S(z, \lambda)$, for a number or an array of any shape, of whole numbers
# too. You will meet it again wherever an L1 penalty is minimised.
#
# <details><summary>Hint</summary>
#
# `np.sign` and `np.maximum` work on numbers and on arrays alike.
#
# </details>


# %% nbgrader={"grade_id": "soft_threshold", "solution": true}
def soft_threshold(z, threshold):
    """Return sign(z) * max(|z| - threshold, 0), with the shape of z; threshold >= 0.

    >>> soft_threshold(np.array([-3.0, 0.5, 2.0]), 1.0)
    array([-2.,  0.,  1.])
    """
    ### BEGIN SOLUTION
    return np.sign(z) * np.maximum(np.abs(z) - threshold, 0.0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_soft_threshold", "grade": true}
lecture.check(soft_threshold)

# %%
z = np.linspace(-3, 3, 301)
plt.figure(figsize=(4.5, 3))
plt.plot(z, z, "--", color="0.6", label="no penalty")
plt.plot(z, z / (1 + 1), ":", color="0.4", label="L2: divided")
plt.plot(z, soft_threshold(z, 1.0), color="0.1", label="L1: soft threshold")
plt.xlabel("overlap $\\rho$")
plt.ylabel("weight")
plt.title("$g_{jj} = 1$, and $\\lambda = 1$ or $\\beta = 1$", fontsize=10)
plt.legend(frameon=False)
plt.tight_layout()
plt.show()

# %% [markdown] exercise="coordinate_update" difficulty=2 minutes=10
# Return the new value of one weight $w_{ij}$, a float $\ge 0$.
#
# - `gram`: (n_items, n_items), `w`: (n_items,), the present column of film `i`; any column, also one
#   whose own $w_{ii}$ is not 0
# - for `j == i` the answer is 0, always
# - if no user watched film `j` and `l2` is 0, the denominator is 0: return 0
# - `A` may count how often a film was watched, and then a weight can be larger than 1
#
# By hand, for the docstring's example: $\rho = g_{01} - (4 \cdot 0.1 + 2 \cdot 0 + 1 \cdot 0.5)
# + 4 \cdot 0.1 = 1.5$, so the new weight is $(1.5 - 0.3)/(4 + 0.8) = 0.25$.
#
# <details><summary>Hint</summary>
#
# Compute `rho` with the last line of the second derivation, then use the formula of the third:
# $\max(0, \rho - \lambda) / (g_{jj} + \beta)$. Treat the two special cases first.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     if j is the target i, or nobody watched film j and there is no L2 penalty: 0
#     rho ← the overlap of j with i
#           minus what all the weights together explain of it
#           plus what j's own weight explains
#     take the force of L1 away from rho; below 0 means 0
#     divide by the audience of film j plus the L2 penalty
#
# </details>


# %% nbgrader={"grade_id": "coordinate_update", "solution": true}
def coordinate_update(gram, w, i, j, l1, l2):
    """Return the best value of w[j] for predicting item i, all other weights fixed; a float >= 0.

    gram (n_items, n_items) = A.T @ A, w (n_items,), l1 and l2 >= 0. Does not change w.
    Friedman, Hastie and Tibshirani (2010), equation 5, for w >= 0.

    >>> gram = np.array([[4., 2., 1.], [2., 3., 1.], [1., 1., 2.]])
    >>> w = np.array([0.1, 0.0, 0.5])
    >>> round(coordinate_update(gram, w, i=1, j=0, l1=0.3, l2=0.8), 6)
    0.25
    """
    ### BEGIN SOLUTION
    denominator = gram[j, j] + l2
    if j == i or denominator == 0:
        return 0.0
    rho = gram[j, i] - gram[j] @ w + gram[j, j] * w[j]
    return float(max(0.0, soft_threshold(rho, l1)) / denominator)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_coordinate_update", "grade": true}
lecture.check(coordinate_update)

# %% [markdown] exercise="fit_column" difficulty=2 minutes=8
# Fit the whole column of film `i`: start from zeros, and `n_sweeps` times go through
# $j = 0, 1, \dots, n-1$, giving each weight its best value. Each update must see the *newest*
# weights, those of the same sweep included. Return `w`, shape (n_items,). A film $j$ may be without
# users, and `l2` may be 0.
#
# By hand, one sweep for the docstring's example: film 0 is the target. Then
# $w_1 = (2 - 0.5)/(3 + 2) = 0.3$. For film 2 the overlap is $1 - 1 \cdot 0.3 = 0.7$, so
# $w_2 = (0.7 - 0.5)/(2 + 2) = 0.05$.
#
# <details><summary>Hint</summary>
#
# Two nested loops around `w[j] = coordinate_update(...)`.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     w ← a 0 for every film
#     n_sweeps times:
#         for each film j, in order:
#             w_j ← its best value, given all the other weights as they are now
#
# </details>


# %% nbgrader={"grade_id": "fit_column", "solution": true}
def fit_column(gram, i, l1, l2, n_sweeps):
    """Return the weights (n_items,) that predict item i, after n_sweeps of coordinate descent.

    >>> gram = np.array([[4., 2., 1.], [2., 3., 1.], [1., 1., 2.]])
    >>> fit_column(gram, i=0, l1=0.5, l2=2.0, n_sweeps=1).round(6)
    array([0.  , 0.3 , 0.05])
    """
    ### BEGIN SOLUTION
    w = np.zeros(len(gram))
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            w[j] = coordinate_update(gram, w, i, j, l1, l2)
    return w
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fit_column", "grade": true}
lecture.check(fit_column)

# %% [markdown]
# ### A toy on which counting must fail
#
# Before real films, a world so small that the right answer is known. 60 users watch the first part of a
# series, and half of them then watch film X. Another 60 watch film D, and four in five of these then
# watch film Y. A new user has watched the series and D. X or Y? Half against four fifths: Y.
#
# Now let the series have more parts, watched by exactly the same 60 users. Nothing about X or Y has changed.

# %% [markdown] tags=["question"]
# What do two, three or five parts do to X's score, in item-kNN and in SLIM?
#
# Answer: In item-kNN X's score **grows with every part**, by the same similarity each time. In SLIM it does
# not: once the first part has its weight, the residual holds nothing more that the other parts could
# explain.


# %%
def toy(n_parts):
    """Return who watched what, (120, 3 + n_parts): X, Y, D, and the parts of the series."""
    watched = np.zeros((120, 3 + n_parts))
    watched[:60, 3:] = 1.0
    watched[:30, 0] = 1.0
    watched[60:, 2] = 1.0
    watched[60:108, 1] = 1.0
    return watched


toy_scores = []
print("          item-kNN        SLIM       weight of")
print("parts     X     Y       X     Y      each part")
for n_parts in [1, 2, 3, 5]:
    films = toy(n_parts)
    s = item_knn(films, n_neighbours=n_parts + 3)  # all films are neighbours
    w_x, w_y = (fit_column(films.T @ films, i, l1=0.0, l2=5.0, n_sweeps=200) for i in [0, 1])
    x, y, slim_x, slim_y = s[2:, 0].sum(), s[2:, 1].sum(), w_x[2:].sum(), w_y[2:].sum()
    toy_scores.append((x, y, slim_x, slim_y))
    print(f"{n_parts:5} {x:5.2f} {y:5.2f}   {slim_x:5.2f} {slim_y:5.2f} {w_x[3]:14.2f}")

# %% tags=["claims"]
assert toy_scores[0][0] < toy_scores[0][1], "with one part item-kNN is right"
assert all(x > y for x, y, *_ in toy_scores[1:]), "from two on it shows X"
assert all(x < 0.5 < y for *_, x, y in toy_scores), "in SLIM X stays below one half"
assert np.ptp(w_x[3:]) < 0.001, "share one weight equally"

# %% [markdown]
# With one part item-kNN is right; from two on it shows X. No other similarity mends that. A number for
# each *pair* cannot know how many parts there are: with $m$ parts the score of X is $m$ times the same
# number, and some $m$ lifts it above Y. In SLIM X stays below one half: where $m$ parts have the same
# audience, $\beta$ makes them share one weight equally, each gets $w = 30/(60m + \beta)$, and the sum
# $mw$ comes near ½, the share of the audience that watched X, and never passes it. (Statistics knows the two
# as correlation and regression coefficient.)
#
# Now one real film, with penalties picked for the moment (section 4 chooses them). These are the
# films that, together, best predict who watched *Toy Story*:

# %%
film = int(np.flatnonzero(titles == "Toy Story")[0])
w = fit_column(gram, film, l1=5.0, l2=50.0, n_sweeps=20)
print(f"{np.count_nonzero(w)} of {len(w)} weights are not zero; the largest:")
for j in np.argsort(-w)[:6]:
    print(f"  {w[j]:.3f}  {titles[j]}")

# %% tags=["claims"]
assert titles[w.argmax()] == "Toy Story 2", "the sequel comes first"

# %% [markdown]
# The sequel comes first. What follows is a mixture of kinds rather than a list of animated films: each
# further film is worth only what it *adds* to the others.
#
# ### All columns at once
#
# 453 films, 20 sweeps, 453 weights each: four million updates in a Python loop. We can do better
# without any new mathematics. The update of $w_{ij}$ reads $g_{ji}$, row $j$ of $G$ and column $i$ of
# $W$. For fixed $j$, **all $i$ can be updated together**, because the columns are independent:
#
# $$W_{j\cdot} \leftarrow \frac{\max\big(0,\ G_{j\cdot} - G_{j\cdot}W + g_{jj}W_{j\cdot} - \lambda\big)}
# {g_{jj} + \beta}, \qquad W_{jj} \leftarrow 0 .$$
#
# One row of $W$ per step instead of one number. (Rows are *not* independent of each other: within a
# column, weight $j+1$ must see the new weight $j$. Updating the whole $W$ in one go
# would be a different algorithm, which need not converge.)

# %% [markdown] exercise="fit_slim" difficulty=2 minutes=14
# Fit all columns together: start from zeros, and `n_sweeps` times update the rows
# $j = 0, 1, \dots, n-1$. Return `W`, shape (n_items, n_items), with a zero diagonal. You may assume
# that no denominator is 0.
#
# Your result must be the same as calling `fit_column` for every `i`, but without a loop over `i`: with
# one, this notebook would keep you waiting for minutes. (Column 0 in the docstring is the example of
# the last exercise.)
#
# <details><summary>Hint</summary>
#
# The formula above is the body of a double loop, nearly word for word: `gram[j] - gram[j] @ W + ...`
# is the vector of all $\rho$ for row $j$. Set `W[j, j] = 0` before going on to the next row.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     W ← zeros, films by films
#     n_sweeps times:
#         for each film j, in order:
#             rho, for all targets at once ← row j of G
#                 minus (row j of G times W) plus g_jj times row j of W
#             row j of W ← rho less λ, nothing below 0, all of it over g_jj + β
#             its entry on the diagonal ← 0
#
# </details>


# %% nbgrader={"grade_id": "fit_slim", "solution": true}
def fit_slim(gram, l1, l2, n_sweeps):
    """Return W (n_items, n_items), column i holding the weights that predict item i.

    gram (n_items, n_items) = A.T @ A; W >= 0 with a zero diagonal, after n_sweeps over its rows.
    Ning and Karypis (2011), section 4, solved for all columns together.

    >>> gram = np.array([[4., 2., 1.], [2., 3., 1.], [1., 1., 2.]])
    >>> fit_slim(gram, l1=0.5, l2=2.0, n_sweeps=1).round(3)
    array([[0.   , 0.25 , 0.083],
           [0.3  , 0.   , 0.067],
           [0.05 , 0.062, 0.   ]])
    """
    ### BEGIN SOLUTION
    W = np.zeros(gram.shape)
    for _ in range(n_sweeps):
        for j in range(len(gram)):
            rho = gram[j] - gram[j] @ W + gram[j, j] * W[j]
            W[j] = np.maximum(0.0, rho - l1) / (gram[j, j] + l2)
            W[j, j] = 0.0
    return W
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fit_slim", "grade": true}
lecture.check(fit_slim)

# %% [markdown] tags=["question"]
# We start from $W = 0$ and go through the rows once. Are the weights of the first ten films now too small, too large or
# about right, compared with the optimum? And those of the last films?
#
# Answer: **The first are far too large**: they got their weights when no other film had explained anything yet. The last ones are too
# small, because by then there was hardly anything left to explain. So one sweep is not enough.

# %% [markdown]
# The objective after each number of sweeps, above its final value. It can never rise, since each step puts a weight at
# its best value:

# %%
sweeps = [1, 2, 4, 8, 16]
objectives = [slim_objective(A_dense, fit_slim(gram, 5.0, 50.0, n), 5.0, 50.0) for n in sweeps]
final = slim_objective(A_dense, fit_slim(gram, 5.0, 50.0, 40), 5.0, 50.0)

plt.figure(figsize=(4.5, 3))
plt.semilogy(sweeps, (np.array(objectives) - final) / final, "o-", color="0.2")
plt.xticks(sweeps)
plt.xlabel("sweeps")
plt.ylabel("excess over the value after 40")
plt.tight_layout()
plt.show()
print(f"after 16 sweeps the objective is {objectives[-1] / final - 1:.0e} above the last value")

once, often = fit_slim(gram, 5.0, 50.0, 1), fit_slim(gram, 5.0, 50.0, 40)
for name, rows in {"first": slice(10), "last": slice(-10, None)}.items():
    print(
        f"weights of the {name:5} ten films, summed: {once[rows].sum():5.1f} after one sweep,",
        end="",
    )
    print(f" {often[rows].sum():5.1f} after 40")

# %% tags=["claims"]
assert once[:10].sum() > 10 * often[:10].sum(), "The first are far too large"
assert once[-10:].sum() < often[-10:].sum() / 2, "The last ones are too small"
assert all(np.diff([*objectives, final]) < 0), "It can never rise"

# %% [markdown]
# > **Half-way.** SLIM is fitted; this is a good place to save and have a coffee. What comes next: a proof that
# > the optimum is reached, then real recommendations, and what the constraint is worth.

# %% [markdown]
# "It has stopped moving" is not "it is optimal": a descent can also stop because of a bug. A convex
# problem lets us do better. Let $c_{ji} = \partial L/\partial w_{ij}$ be the slope at our $W$, penalty
# included:
#
# $$c_{ji} = \sum_m g_{jm}w_{im} - g_{ji} + \beta w_{ij} + \lambda,
# \qquad\text{as arrays:}\quad C = GW - G + \beta W + \lambda .$$
#
# $W$ is **the** optimum (there is only one when $\beta > 0$) if and only if no single weight wants to move (the Karush-Kuhn-Tucker
# conditions): where $w_{ij} > 0$ the slope is 0; where $w_{ij} = 0$ the slope is $\ge 0$, so that the
# loss could fall only by going negative, which is forbidden.

# %% [markdown] exercise="kkt_violation" difficulty=3 minutes=12
# Return the largest violation of these conditions over all pairs $j \ne i$, a float $\ge 0$: $|c_{ji}|$
# where $w_{ij} > 0$, and $\max(0, -c_{ji})$ where $w_{ij} = 0$.
#
# By hand, for the docstring's example, only the largest: the weight $w_{12} = 1$ stands in row 2,
# column 1. Its slope is $(1 \cdot 0.25 + 1 \cdot 0 + 2 \cdot 1) - 1 + 2 \cdot 1 + 0.5 = 3.75$, so it is
# far too large. Where $W$ is 0, as in row 0, column 2, a slope of $0 - 1 + 0 + 0.5 = -0.5$ violates by 0.5.
#
# <details><summary>Hint</summary>
#
# `np.where` tells the two cases apart, for the whole matrix at once. What should the diagonal count?
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     C ← the slopes of all pairs, by the formula above
#     where a weight is positive: the violation is the size of its slope
#     everywhere else: how far the slope lies below 0, or 0 if it does not
#     on the diagonal: 0, there is no condition
#     return the largest violation of all
#
# </details>


# %% nbgrader={"grade_id": "kkt_violation", "solution": true}
def kkt_violation(gram, W, l1, l2):
    """Return how far W is from satisfying the optimality conditions of SLIM; 0.0 at the optimum.

    gram and W (n_items, n_items), W >= 0 with a zero diagonal.

    >>> gram = np.array([[4., 2., 1.], [2., 3., 1.], [1., 1., 2.]])
    >>> W = np.array([[0., 0.25, 0.], [0.25, 0., 0.], [0., 1., 0.]])
    >>> kkt_violation(gram, W, l1=0.5, l2=2.0)
    3.75
    """
    ### BEGIN SOLUTION
    slope = gram @ W - gram + l2 * W + l1
    violation = np.where(W > 0, np.abs(slope), np.maximum(0.0, -slope))
    np.fill_diagonal(violation, 0.0)
    return float(violation.max())
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_kkt_violation", "grade": true}
lecture.check(kkt_violation)

# %%
for n_sweeps in [1, 10, 100]:
    W = fit_slim(gram, 5.0, 50.0, n_sweeps)
    violation = kkt_violation(gram, W, 5.0, 50.0)
    quality = mean_ndcg(A @ W)
    print(f"{n_sweeps:3} sweeps: largest violation {violation:.1e}, NDCG@10 {quality:.3f}")

# %% tags=["claims"]
assert 0.0005 < violation / 5 < 0.002, "is pulled by about a thousandth of that"
assert 0.25 < (quality - mean_ndcg(A @ fit_slim(gram, 5.0, 50.0, 10))) / 0.010 < 0.75, (
    "the *ranking* is half a standard error below"
)

# %% [markdown]
# Compare the violations with $\lambda = 5$, the force that every weight has to overcome. After 100 sweeps the
# worst of the 204,756 weights is pulled by about a thousandth of that: this is the optimum, to three
# digits. After 10 sweeps some weights still move a lot, and the *ranking* is half a standard error below its
# final quality: good enough to compare penalties, not for the final model.
#
# ## 4 · SLIM on real films, with and without its constraint
#
# ### Recommending

# %% [markdown] exercise="recommend" difficulty=2 minutes=8
# Return the indices of the `k` best films for one user, best first.
#
# - `seen`: (n_items,) of 0.0 and 1.0, the user's row of `A`; seen films are never recommended
# - equal scores: the lower index first; fewer than `k` unseen films: return only those
# - `W` may come from any linear model, so scores may be negative, and a new user has seen nothing
#
# In the docstring's example the user has seen film 0, so the scores are row 0 of `W`:
# 0, 0.2, 0.5 and 0.1.
#
# <details><summary>Hint</summary>
#
# Give seen films the score `-np.inf`, then `np.argsort(-scores, kind="stable")`. A stable sort keeps
# equal scores in their order. How many of the sorted films may you return?
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     scores ← the sum of the rows of W of the films seen
#     move the seen films behind all others
#     order ← the films by falling score, the lower index first among equals
#     n ← how many films are unseen
#     return the first k of the order, and only n where k is more than that
#
# </details>


# %% nbgrader={"grade_id": "recommend", "solution": true}
def recommend(seen, W, k):
    """Return the item indices, at most k, of the highest scores seen @ W among unseen items.

    seen (n_items,) of 0 and 1, W (n_items, n_items).

    >>> W = np.array([[0.0, 0.2, 0.5, 0.1],
    ...               [0.4, 0.0, 0.0, 0.3],
    ...               [0.8, 0.1, 0.0, 0.9],
    ...               [0.6, 0.0, 0.0, 0.0]])
    >>> recommend(np.array([1., 0., 0., 0.]), W, k=2)
    array([2, 1])
    """
    ### BEGIN SOLUTION
    scores = np.where(seen > 0, -np.inf, seen @ W)
    n_unseen = int((seen == 0).sum())
    return np.argsort(-scores, kind="stable")[: min(k, n_unseen)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_recommend", "grade": true}
lecture.check(recommend)

# %% [markdown]
# ### Choosing λ and β, honestly
#
# The penalties are not learnt: they are **hyperparameters**, and people choose them. If we chose by
# looking at the hidden films, the number we report on these films would be too good. We hide a second
# 20%, of the *training* ratings this time (the **validation** films), fit a grid of penalties on the
# rest, and look only at those.

# %% [markdown] tags=["question"]
# At $\lambda = 0$ no force pulls a weight to exactly 0. How many weights will be 0: hardly any, a tenth, half,
# most of them? Write it down before you run the next code cell, then move λ to 0.
#
# Answer: **Most of them are**, between 59% and 86% for the three values of $\beta$. The constraint does it: where the other
# films explain more than there is to explain, $\rho$ is negative and the weight stops at 0.

# %% [markdown]
# **What to look for.** A dark cell on the left, in row $j$ and column $i$, says "film $j$ speaks for film
# $i$" (the best known films, those with the same audience side by side). On the right: what each setting
# is worth on the validation films. There are fewer of those than of hidden films, so the values are lower
# than in section 1; compare them with each other only. Drag the sliders, or focus one and use the arrow
# keys.
#
# - The sliders open in the middle of their ranges, which is no recommendation. Move λ to 0 first, then step by step to the
#   right. What happens to the picture, and from where on does the quality fall?
# - Now move β. It makes the weights smaller; does it make them fewer?
#
# (The cell fits 18 models and takes some ten seconds.)

# %%
fit_part, validation = split_at_random(train, test_fraction=0.2, seed=4)
states = sparsity_states(
    fit_part,
    validation,
    lambda gram, l1, l2: fit_slim(gram, l1, l2, n_sweeps=10),
    l1_values=[0, 1, 2, 4, 8, 16],
    l2_values=[20, 80, 320],
    shown_items=best_known_films(fit_part, 50),
)
SlimSparsity(states)

# %% tags=["claims"]
assert [round(1 - share, 2) for share in states.density[[2, 0], 0]] == [0.59, 0.86], (
    "between 59% and 86% for the three values"
)
assert (np.diff(states.density, axis=1) < 0).all(), "λ removes weights"
assert (np.diff(states.density, axis=0) > 0).all(), "*more* films are needed"
assert abs(np.diff(states.ndcg[1])[:2]).max() < 0.001 < -np.diff(states.ndcg[1])[3:].max(), (
    "The curve is flat at first and then falls"
)

# %% [markdown]
# λ removes weights. β does the opposite: it spreads the work, because no single film may explain much, so
# *more* films are needed.
#
# The curve is flat at first and then falls. Where to stop? A common answer is the
# **one-standard-error rule**: among the settings that are not worse than the best one by more than one
# standard error, take the simplest. We keep the best β and take the largest such λ. (All settings are
# judged by the same users, so a *difference* between two of them is less uncertain than the band
# suggests. The rule knowingly pays a little quality for a sparser model.)

# %%
best = np.unravel_index(states.ndcg.argmax(), states.ndcg.shape)
good_enough = states.ndcg[best[0]] >= states.ndcg[best] - states.ndcg_error[best]
l2 = float(states.l2_values[best[0]])
l1 = float(states.l1_values[good_enough].max())
print(f"chosen on the validation films: lambda = {l1:g}, beta = {l2:g}")

# %% [markdown]
# ### The same problem without $w \ge 0$
#
# Drop the constraint and the L1 penalty, and keep $w_{ii} = 0$ and $\beta$. Then nothing has to be swept. The
# slope of column $i$ must be 0 at all places but the $i$-th, where the weight cannot move:
# $(G + \beta I)\,w_i = G e_i - \gamma e_i$, where $e_i$ is 1 at place $i$ and 0 elsewhere, and $\gamma$ is still
# unknown. With $P = (G + \beta I)^{-1}$ this is $w_i = e_i - (\beta + \gamma) P e_i$, and $w_{ii} = 0$ leaves only
# $\beta + \gamma = 1/p_{ii}$. So
#
# $$w_{ij} = -\,p_{ji} / p_{ii} \quad (j \ne i).$$
#
# That is the whole of **EASE** (Steck, 2019), the simplest linear **autoencoder**.


# %% tags=["derivation"]
def instance(rng):
    A = rng.integers(0, 2, (9, 4)).astype(float)
    return {"G": A.T @ A, "beta": rng.uniform(0.5, 2.0), "i": 2, "others": np.array([0, 1, 3])}


Derivation(
    "The weights without sweeps",
    instance,
    Step(
        r"w_{\text{others}} = (G_{\text{others}} + \beta I)^{-1} g_{\text{others}, i}",
        "np.linalg.solve(G[np.ix_(others, others)] + beta * np.eye(3), G[others, i])",
        why="column $i$ as ridge regression on the other films, an inverse for each $i$",
    ),
    Step(
        r"= -\,p_{\text{others}, i} / p_{ii}, \quad P = (G + \beta I)^{-1}",
        "-np.linalg.inv(G + beta * np.eye(4))[others, i]"
        " / np.linalg.inv(G + beta * np.eye(4))[i, i]",
        why="one inverse for all columns",
    ),
).check()

# %% [markdown]
# In the kit, `ease` is three lines of NumPy:
#
#     P = np.linalg.inv(G + l2 * np.eye(n_items))
#     W = -P / P.diagonal()
#     np.fill_diagonal(W, 0.0)
#
# Its $\beta$ is chosen on the same validation films. We take the best one, as there is no sparsity to gain.

# %%
watched, held_out = fit_part.interactions(), validation.interactions()


def validation_ndcg(scores):
    return float(np.nanmean(ndcg_at_k(top_k(scores, seen=watched, k=10), relevant=held_out)))


ease_l2 = max([30, 100, 300, 1000], key=lambda l2: validation_ndcg(watched @ ease(watched, l2)))
print(f"chosen on the validation films: beta = {ease_l2}")

# %% tags=["claims"]
assert [
    max((4, 8, 12, 16, 24), key=lambda k: validation_ndcg(svd_scores(watched, k))),
    max((10, 20, 50, 100, 200), key=lambda n: validation_ndcg(watched @ item_knn(watched, n))),
] == [12, 100], "Both numbers were chosen on films held out of the training part"

# %% [markdown] tags=["question"]
# Now refit on the whole training part and look at the hidden films, once. Which of the five models will rank best?
# And will weights of both signs help, hurt, or do neither?
#
# Answer: **EASE is ahead of SLIM, by little more than one standard error**: the constraint does not make SLIM's ranking
# better. Both are above the SVD, and item-kNN is far behind.

# %%
W = fit_slim(gram, l1, l2, n_sweeps=60)
W_ease = ease(A, ease_l2)
results |= {"SLIM": ndcg(A @ W), "EASE": ndcg(A @ W_ease)}
show(results)

print("\nuser by user:")
for model, other in [("SLIM", "item-kNN"), ("SLIM", "SVD"), ("EASE", "SLIM")]:
    gain, error = mean_and_standard_error(results[model] - results[other])
    print(f"{model} over {other:9} {gain:+.3f} ± {error:.3f}")

# %% tags=["claims"]
assert 1 < gain / error < 1.5, "by little more than one standard error"
assert list(results)[1:] == sorted(results, key=lambda name: np.nanmean(results[name]))[1:], (
    "Both are above the SVD, and item-kNN is far behind"
)
assert 0.45 < np.nanmean(results["popularity"]) / np.nanmean(results["EASE"]) < 0.5, (
    "reaches nearly half of what"
)
assert f"{gain:+.3f} ± {error:.3f}" == "+0.005 ± 0.004", "+.005 ± .004"
assert f"{np.nanmean(results['SLIM'] - results['SVD']):+.3f}" == "+0.019", "+.019 ± .006 over"
assert f"{np.nanmean(results['SLIM'] - results['item-kNN']):+.3f}" == "+0.047", (
    "+.047 ± .006 over counting"
)
assert np.count_nonzero(W_ease) > 0.99 * W_ease.size, "EASE needs all of them"
assert round(np.nanmean(results["item-kNN"]), 3) == lecture.results("hidden films").value(
    "item-kNN"
), "All models of the course that have done this task so far"
assert round(np.nanmean(results["SLIM"]), 3) == lecture.results("hidden films").value("SLIM"), (
    "All models of the course that have done this task so far"
)
assert round(np.nanmean(results["EASE"]), 3) == lecture.results("hidden films").value("EASE"), (
    "All models of the course that have done this task so far"
)

# %% [markdown]
# SLIM gains +.047 ± .006 over counting, and +.019 ± .006 over the SVD of lecture 01.
#
# And EASE gains +.005 ± .004 over SLIM. So $w \ge 0$ is not there because it recommends better. What it buys:
#
# - *reasons*: each of the few weights can be shown to a user, "because you watched ...";
# - *size*: 13% of the weights are stored and multiplied, EASE needs all of them. The constraint alone, at $\lambda = 0$,
#   leaves 19%; the penalty takes away the rest;
# - *no inverse*: a million films would need $10^{12}$ numbers and $10^{18}$ steps, while SLIM's columns can be fitted one
#   by one.
#
# Where do the .005 come from? Four more runs, after the fact, and therefore only to understand:

# %%
best_l1 = float(states.l1_values[best[1]])
freer = mean_ndcg(A @ fit_slim(gram, best_l1, l2, n_sweeps=60))
cut_off = mean_ndcg(A @ np.maximum(W_ease, 0.0))
W_constraint = fit_slim(gram, 0.0, l2, n_sweeps=60)  # without L1
print(f"SLIM with lambda {best_l1:g}, best on validation   NDCG@10 {freer:.3f}")
print(f"EASE, its negative weights set to 0      NDCG@10 {cut_off:.3f}")
print(f"SVD with 16 factors instead of 12        NDCG@10 {mean_ndcg(svd_scores(A, 16)):.3f}")
print("\nweights that are not 0")
for penalty, weights in {l1: W, 0: W_constraint}.items():
    print(
        f"SLIM with lambda {penalty:g}, beta {l2:g}: {np.count_nonzero(weights) / weights.size:.0%}"
    )

# %% tags=["claims"]
assert abs(freer - np.nanmean(results["EASE"])) < 0.002, "is level with EASE"
assert np.nanmean(results["EASE"]) - cut_off > 0.015, "they do not work alone"
assert mean_ndcg(svd_scores(A, 16)) > np.nanmean(results["SVD"]), "do better than 12 here"
assert round(np.count_nonzero(W_constraint) / W.size, 2) == 0.19, (
    "The constraint alone, at $\\lambda = 0$, leaves 19%"
)

# %% [markdown]
# SLIM with the best λ is level with EASE. So the .005 look like the price of the one-standard-error rule, which bought
# fewer weights, and not of the constraint. And EASE's positive weights were fitted together with its negative ones: they
# do not work alone. A constraint belongs in the fit, not after it.
#
# And 16 factors do better than 12 here. We must not choose 16 for that: these are the hidden films, and the validation
# films say 12.
#
# All models of the course that have done this task so far:

# %%
lecture.results("hidden films")

# %% [markdown]
# Now one user's list.

# %%
user = 19
seen = A_dense[user]
print("watched, among others:", ", ".join(titles[np.flatnonzero(seen)][:8]))
print("\nrecommended, (*) really watched, with the film's rank in popularity:")
popularity_rank = 1 + np.argsort(np.argsort(-counts, kind="stable"))
for i in recommend(seen, W, 10):
    print(f"  {'*' if hidden[user, i] else ' '} {titles[i]} ({popularity_rank[i]})")

# %% [markdown]
# ### As fast as the libraries (optional)
#
# `fit_slim` is right and not fast. `fit_slim_fast`, in the folded cell below, reaches the same optimum in a fraction of the
# time. Nothing is asked here, and nothing later needs it: skip to "What sparsity buys" if you like.
#
# <details><summary>What makes it fast, and how the libraries compare</summary>
#
# Three ideas:
#
# - **Blocks.** `gram[j] @ W` for 64 rows at once is one matrix product instead of 64 small ones. Inside the block
#   every row still sees the new values of the rows before it.
# - **Leave out what has converged.** A column that has stopped moving need not be swept again.
# - **Jump.** Once we know *which* weights of a column are positive (its support $S$), slope 0 is a linear
#   system, $(G_{SS} + \beta I)\,w_S = g_{Si} - \lambda$. Solve it, cut what came out negative, and let the
#   next sweep correct the support.
#
# It ends when a whole sweep changes nothing any more, which is the optimality condition itself.
#
# A practitioner would reach for scikit-learn: each column is an **elastic net** without intercept, with
# nonnegative coefficients, on the matrix whose column $i$ is emptied. Its objective is ours
# divided by the number of users, so $\alpha = (\lambda + \beta)/n_\text{users}$ and
# $\text{l1\_ratio} = \lambda/(\lambda + \beta)$. The second cell below compares the objectives of all three in 40 columns.
#
# How long they take stands in the two recorded tables after it. The first: our films, all columns (hand scikit-learn the
# Gram matrix when you use it for SLIM). The second: MovieLens-1M with 3,706 films, beside two compiled SLIM libraries.
# There the task is another one, each user's last film among 100, so its numbers do not compare with ours above. On that task
# Rendle et al. (2020) report HR@10 .7162 and NDCG@10 .4468 for SLIM. (HR@10, the hit rate, is the share of users
# whose film is among the first ten.)
#
# </details>


# %% tags=["given"] jupyter={"source_hidden": true}
def sweep_in_blocks(pull, ridge, W, block=64):
    """Sweep once over the rows of W, in place; pull is gram - l1, ridge is gram + l2 * identity."""
    for start in range(0, len(W), block):
        rows = slice(start, start + block)
        inside = ridge[rows, rows]
        rest = pull[rows] - ridge[rows] @ W + inside @ W[rows]  # without the block's own part
        for k, overlaps in enumerate(inside):
            rho = rest[k] - overlaps @ W[rows] + overlaps[k] * W[start + k]
            W[start + k] = np.maximum(rho, 0.0) / overlaps[k]


def fit_slim_fast(gram, l1, l2, tolerance=1e-5, max_sweeps=500, n_jumps=30):
    """Return the optimum W (n_items, n_items); gram may be float32, which halves the time."""
    ridge = gram + l2 * np.eye(len(gram), dtype=gram.dtype)
    pull = gram - gram.dtype.type(l1)
    np.fill_diagonal(pull, -np.inf)  # no film predicts itself
    W = np.zeros_like(gram)
    moving = np.arange(len(gram))  # the columns that have not converged
    for n_sweeps in range(max_sweeps):
        before = W[:, moving]
        after = before.copy()
        sweep_in_blocks(pull[:, moving], ridge, after)
        W[:, moving] = after
        moving = moving[np.abs(after - before).max(axis=0) > tolerance]
        if len(moving) == 0:
            break
        if n_sweeps < n_jumps:
            for i in moving:
                support = np.flatnonzero(W[:, i])
                jump = np.linalg.solve(ridge[np.ix_(support, support)], pull[support, i])
                W[support, i] = np.maximum(jump, 0.0)
    return W


# %%
# each column as scikit-learn's elastic net, in the scale of the folded note above
elastic_net = ElasticNet(
    alpha=(l1 + l2) / len(A_dense),
    l1_ratio=l1 / (l1 + l2),
    positive=True,
    fit_intercept=False,
    tol=1e-9,
    max_iter=10_000,
)


def column_objective(i, w):
    error = A_dense[:, i] - A_dense @ w
    return 0.5 * (error @ error) + l1 * w.sum() + 0.5 * l2 * (w @ w)


ours = {
    "fit_slim": fit_slim(gram, l1, l2, n_sweeps=150),
    "fit_slim_fast": fit_slim_fast(gram, l1, l2),
}
differences = {name: [] for name in ours}
for i in range(0, 400, 10):
    others = A_dense.copy()
    others[:, i] = 0.0
    theirs = column_objective(i, elastic_net.fit(others, A_dense[:, i]).coef_)
    for name, weights in ours.items():
        differences[name].append(column_objective(i, weights[:, i]) / theirs - 1)
for name, relative in differences.items():
    agree = np.abs(relative).max() < 1e-6
    print(f"{name}: same optimum as scikit-learn to 1e-6 in {len(relative)} columns: {agree}")

# %%
lecture.recorded("elasticnet")

# %% tags=["claims"]
assert 4 * lecture.recorded("elasticnet").number(
    "CPU seconds, all columns", 453, "fit_slim_fast"
) < lecture.recorded("elasticnet").number("CPU seconds, all columns", 453, "fit_slim"), (
    "in a fraction of the time"
)

# %%
lecture.recorded("ml1m")

# %% [markdown]
# ### What sparsity buys
#
# In production the model is applied far more often than it is fitted, and it has to be fast: of millions of items it
# finds a few hundred (**retrieval**), which a slower model may then put in order. The score of every film for a
# user who has watched $m$ films is a sum of $m$ rows of $W$, because $a_{uj}$ is 1 for those and 0 for
# all others:


# %% tags=["derivation"]
def instance(rng):
    A = rng.integers(0, 2, (1, 6)).astype(float)
    A[0, :2] = 1.0
    W = rng.uniform(0, 1, (6, 6)) * (rng.random((6, 6)) < 0.4)
    return {"a": A[0], "W": W + 0.1 * np.eye(6, k=1), "seen": np.flatnonzero(A[0])}


Derivation(
    "Scores are sums of a few sparse rows",
    instance,
    Step(r"\hat a_{u} = a_u^\top W", "a @ W", why="all scores of one user: $n^2$ multiplications"),
    Step(
        r"= \sum_{j:\ a_{uj} = 1} W_{j\cdot}",
        "sum(W[j] for j in seen)",
        why="only the rows of the $m$ watched films: $mn$",
    ),
).check()

# %% [markdown] exercise="sparse_scores" difficulty=2 minutes=8
# Return two things: the scores of all films for a user who has watched `items`, shape (n_items,), and
# the number of stored weights that had to be touched, an int.
#
# - `items`: (m,) indices, each once, in any order, perhaps none
# - `W`: a SciPy `csr_array`, which stores its rows' nonzeros one after the other: those of row `j` are
#   `W.data[W.indptr[j]:W.indptr[j + 1]]`, in the columns `W.indices[W.indptr[j]:W.indptr[j + 1]]`. (A 0
#   may be stored too, and is touched like any other weight.)
#
# In the docstring's example the rows 0 and 2 hold two weights each.
#
# <details><summary>Hint</summary>
#
# `W[items]` is a smaller `csr_array` with just these rows; it has `.sum(axis=0)` and `.nnz`.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     take the rows of the watched films out of W; they stay sparse
#     scores ← the sum of these rows, film by film
#     cost ← how many numbers these rows store
#
# </details>


# %% nbgrader={"grade_id": "sparse_scores", "solution": true}
def sparse_scores(items, W):
    """Return (scores (n_items,), number of stored weights used) for a user who watched `items`.

    >>> W = csr_array([[0.0, 0.5, 0.2], [0.4, 0.0, 0.0], [0.3, 0.1, 0.0]])
    >>> scores, cost = sparse_scores(np.array([0, 2]), W)
    >>> scores.round(6), cost
    (array([0.3, 0.6, 0.2]), 4)
    """
    ### BEGIN SOLUTION
    rows = W[items]
    return rows.sum(axis=0), int(rows.nnz)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sparse_scores", "grade": true}
lecture.check(sparse_scores)

# %% [markdown] tags=["question"]
# 13% of $W$ is not 0, and a user has watched about 51 of the 453 films. If the two had nothing to do with each other,
# they would together cut the multiplications by a factor of about 68. Is the true factor larger or smaller?
#
# Answer: **The true factor is smaller**: popular films are watched most, and their rows hold more weights.

# %%
W_sparse = csr_array(W)
costs = [sparse_scores(np.flatnonzero(seen), W_sparse)[1] for seen in A_dense]
print(f"weights that are not zero: {W_sparse.nnz / W.size:.1%}")
print("multiplications per user, on average:")
print(f"  all of W                             {W.size:8,}")
print(f"  rows of watched films                {A.nnz / len(A_dense) * n_items:8,.0f}")
print(f"  their weights that are not zero      {np.mean(costs):8,.0f}")
print(f"together, a factor of {W.size / np.mean(costs):.0f}")

# %% tags=["claims"]
assert round(W_sparse.nnz / W.size, 2) == 0.13, "13% of the weights are stored"
assert round(A.nnz / A.shape[0]) == 51, "a user has watched about 51 of the 453 films"
assert round(n_items / (A.nnz / A.shape[0]) / 0.13) == 68, "by a factor of about 68"
assert W.size / np.mean(costs) < 66, "The true factor is smaller"
assert np.corrcoef(np.diff(W_sparse.indptr), counts)[0, 1] > 0.3, "their rows hold more weights"

# %% [markdown]
# ### Your list
#
# You rated films in lecture 01 (if not, an example person stands in). SLIM needs no training for a new user: your row
# of $A$ is enough. It does not see your stars, so a film you disliked counts like one you loved. If you ran
# lecture 01, its list, which knew the difference, stands beside this one.

# %%
me = Me(ratings)
YourList(lecture, sparse_scores(me.items, W_sparse)[0], me)

# %% [markdown]
# ## 5 · What fitting adds to counting, and where SLIM fails
#
# **SLIM against counting.** Both models have the same form; the gain over item-kNN comes from *fitting*
# the weights together, as in the toy. Watch what that does to one film: cosine gives credit for everything
# shared with the target, SLIM only for what the others have not explained already. (The two scales
# differ; compare the order.)

# %%
film = int(np.flatnonzero(titles == "Star Wars: Episode IV - A New Hope")[0])
for name, similarity in {"cosine": item_knn(A, n_items)[:, film], "SLIM": W[:, film]}.items():
    print(f"{name}, film {titles[film]}:")
    for j in np.argsort(-similarity)[:6]:
        print(f"  {similarity[j]:.2f}  {titles[j]}")

# %% [markdown]
# **What fails.**
#
# - *A new film* has an empty row and an empty column: SLIM can neither recommend it nor learn from it. This is the
#   **cold start**. Content (genre, cast, text) has to help; see lectures 02, 04 and 06.
# - *Films that are never watched together* get weight 0 even if a third film connects them: SLIM sees pairs
#   only. Factor models (lecture 01) see such chains, because similarity passes through factors.
# - *Popularity leaks in* (**popularity bias**). A film that nearly all have watched overlaps with everything. Look at the
#   popularity ranks of the ten recommendations above, out of 453 films.
# - *We measured on random hidden films*, so the model could learn from the user's future. Lecture 14
#   measures how much that flatters.
#
# <details><summary>If you also read the lecture script this course follows</summary>
#
# - The script keeps the weights of film $i$ in a *row*: its $W$ is ours transposed.
# - It splits the objective into $m$ problems. There is one for each item, and it calls their number $N$.
# - It credits the L1 penalty with all of the sparsity. Section 4 shows that most of it comes from $w \ge 0$.
#
# </details>
#
# **What to read next.**
#
# - X. Ning, G. Karypis: *SLIM: Sparse Linear Methods for Top-N Recommender Systems*, ICDM 2011.
# - J. Friedman, T. Hastie, R. Tibshirani: *Regularization Paths for Generalized Linear Models via
#   Coordinate Descent*, J. Statistical Software 33(1), 2010.
# - P. Tseng: *Convergence of a Block Coordinate Descent Method for Nondifferentiable Minimization*,
#   J. Optimization Theory and Applications 109, 2001.
# - H. Steck: *Embarrassingly Shallow Autoencoders for Sparse Data*, WWW 2019: EASE.
# - S. Rendle, W. Krichene, L. Zhang, J. Anderson: *Neural Collaborative Filtering vs. Matrix
#   Factorization Revisited*, RecSys 2020: simple models, SLIM among them, tuned and compared again.
# - M. Ferrari Dacrema, P. Cremonesi, D. Jannach: *Are We Really Making Much Progress?*, RecSys 2019: how
#   well simple models do when they are tuned.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | model | $\hat A = AW,\quad w_{ii} = 0,\ w_{ij} \ge 0$ |
# | objective | $\tfrac12\lVert A - AW\rVert_F^2 + \lambda\lVert W\rVert_1 + \tfrac\beta2\lVert W\rVert_F^2$, a sum over columns |
# | overlap | $\rho = g_{ji} - G_{j\cdot}w_i + g_{jj}w_{ij},\quad G = A^\top A$ |
# | soft threshold | $S(z, \lambda) = \operatorname{sign}(z)\max(\lvert z\rvert - \lambda, 0)$ |
# | update | $w_{ij} \leftarrow \max(0, \rho - \lambda)/(g_{jj} + \beta)$ |
# | EASE, $w$ of both signs | $w_{ij} = -p_{ji}/p_{ii},\quad P = (G + \beta I)^{-1}$ |
# | optimal | slope $= 0$ where $w > 0$, slope $\ge 0$ where $w = 0$ |

# %%
lecture.progress()
