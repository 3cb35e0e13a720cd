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
# # 07 · Pairwise and in-batch losses: what a model is punished for
#
# Lecture 06 built two towers: one turns a user's history into a vector, the other a film; their dot product is the score.
# The **loss**, the number that training makes small, says what a score is *for*. It can ask for a 1 in every watched
# cell, for a watched film above another one, or for the right film among all films of a batch. Here one model is trained
# under one loss after the other. Most differ less than their names promise; something else decides more.
#
# After this lecture you can
#
# - write down seven losses and derive their gradients by hand;
# - draw which way a loss pulls a user, a positive and a negative, and where it stops;
# - say what a batch is a sample of, and what a model learns from it;
# - train a small **CLIP** that reads numbers it has never seen.
#
# A star (★) marks the three hard exercises.

# %% [markdown] tags=["overview"]

# %% [markdown]
# **Three questions about lecture 06.** Answer each in a sentence before you open ours.

# %% [markdown] tags=["question"]
# Why is the film of a pair taken out of the history before the tower takes the mean?
#
# Answer: Otherwise every film's vector learns to **point to the film itself**. That lowers the loss and is no use: a film to
# recommend is never part of the history.

# %% [markdown] tags=["question"]
# A posterior over 1,651 documents is a softmax of cosines, without a factor. Why does its largest probability stay below half
# a per cent?
#
# Answer: Cosines lie between −1 and 1: at best it is **e² against 1 for each other document**,
# $e^2/(e^2 + 1650) < .005$. The factor γ mends it, and comes back today as α.

# %% [markdown] tags=["question"]
# "Take the hardest negatives of the previous epoch": what goes wrong where the data list only some of the right answers?
#
# Answer: Many of them **are right answers that nobody wrote down**, and are pushed down.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer

from embedlab import Derivation, Lecture, Step
from embedlab.baselines import ease, item_knn
from embedlab.data.digits import NUMBERS, load_number_pictures, number_name
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.diagrams import in_batch
from embedlab.me import Me
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.widgets import InBatchMatrix, LossPlane, YourList, in_batch_states

torch.set_num_threads(1)  # the models are small, and one thread gives everybody the same numbers
lecture = Lecture("07_pairwise_losses")

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# The task is lecture 03's: a fifth of every user's films is hidden, and a model that knows the rest ranks
# all others. NDCG@10 measures how far up the hidden ones stand; ± is the standard error over users.

# %%
ratings = load_movielens_small().with_popular_films(min_ratings=50)
titles = np.array(ratings.films.titles)
train, test = split_at_random(ratings, test_fraction=0.2, seed=3)
A, hidden = train.interactions(), test.interactions()
counts = np.bincount(train.items, minlength=train.n_items)


def ndcg(scores):
    """Return each user's NDCG@10, (n_users,), for scores (n_users, n_items)."""
    return ndcg_at_k(top_k(scores, seen=A, k=10), relevant=hidden)


results = {
    "popularity": ndcg(np.tile(counts, (train.n_users, 1))),
    "item-kNN": ndcg(A @ item_knn(A, 100)),
    "EASE": ndcg(A @ ease(A, 300)),
}
for name, per_user in results.items():
    print("{:12} NDCG@10 {:.3f} ± {:.3f}".format(name, *mean_and_standard_error(per_user)))

# %% [markdown]
# *Data: MovieLens latest-small (2016). Please use it for non-commercial purposes only and cite
# F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
# The full terms are in `datasets/movielens_small/`.*
#
# The model is lecture 06's, without the period. Each film $i$ has two vectors of 32 numbers: $h_i$ for when it stands in a
# history, and $v_i$ for when it is ranked. The vector of user $u$, who has watched the films $N_u$, and the score of a film are
#
# $$u = \frac1{|N_u|}\sum_{j \in N_u} h_j, \qquad R(u, i) = u \cdot v_i .$$
#
# In training, a pair's own film is left out of the mean.

# %% [markdown] tags=["question"]
# A loss asks for large scores on all pairs that happened, and for nothing else. Which $h$ and $v$ make it smallest?
#
# Answer: **All vectors equal**, and long. Something has to push back: negatives, a margin, or a sum over all films.

# %% [markdown] tags=["question"]
# In a batch of 512 pairs (user, film), each user's negatives are the films of the other 511. Which are pushed down most often?
#
# Answer: **Popular films**: a film stands in batches as often as it was watched.

# %% [markdown]
# ## 2 · One cell at a time
#
# ### Squared error
#
# The oldest choice treats a score like a rating: 1 for a pair that happened, 0 for one that did
# not. It is a **pointwise loss**: each cell (user, film) stands for itself, with a weight $w \ge 0$:
#
# $$L = \frac{\sum_{u,i} w_{ui}\,(s_{ui} - y_{ui})^2}{\sum_{u,i} w_{ui}} .$$

# %% [markdown] exercise="pointwise_mse" difficulty=1 minutes=7
# Return the loss, a float, and its gradient with respect to the scores, (m, n).
#
# - `scores`, `targets`, `weights`: (m, n), all weights at least 0
# - a cell with weight 0 is unknown: what stands in `targets` there, even NaN or infinity, must not matter; its gradient is 0
# - if nothing is known, the loss is 0 and so is the gradient
#
# In the docstring's example the errors are 0, 3, 0.5, and the last cell is unknown: the loss is
# $(1 \cdot 0 + 0.5 \cdot 9 + 2 \cdot 0.25)/3.5$, the gradient's second entry $2 \cdot 0.5 \cdot 3/3.5$.
#
# <details><summary>Hint</summary>
#
# `np.where(weights > 0, ..., 0.0)` takes an error or a 0, cell by cell. What do you divide by?
#
# </details>


# %% nbgrader={"grade_id": "pointwise_mse", "solution": true}
def pointwise_mse(scores, targets, weights):
    """Return (weighted mean of the squared errors, its gradient by the scores (m, n)).

    scores, targets, weights (m, n); cells of weight 0 are unknown.

    >>> scores, targets = np.array([[1.0, 3.0], [0.5, 2.0]]), np.array([[1.0, 0.0], [0.0, 5.0]])
    >>> loss, gradient = pointwise_mse(scores, targets, np.array([[1.0, 0.5], [2.0, 0.0]]))
    >>> round(loss, 3), gradient.round(3)
    (1.429, array([[0.   , 0.857],
           [0.571, 0.   ]]))
    """
    ### BEGIN SOLUTION
    total = weights.sum()
    if total == 0:
        return 0.0, np.zeros(scores.shape)
    error = np.where(weights > 0, scores - targets, 0.0)
    return float((weights * error**2).sum() / total), 2 * weights * error / total
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pointwise_mse", "grade": true}
lecture.check(pointwise_mse)

# %% [markdown]
# ### Cross entropy
#
# **Cross entropy** reads the score as a **logit**, a number $z$ from which the sigmoid makes a probability,
# $\hat p = \sigma(z) = 1/(1 + e^{-z})$, and charges minus the logarithm of the probability given to what happened:
#
# $$L = -\,y\log\hat p - (1 - y)\log(1 - \hat p).$$
#
# Computed like this it breaks: for $z = -1000$, $\hat p$ is rounded to 0 and its logarithm is infinite. The derivation gets rid of $\hat p$.
#
# **Your turn: one line is left open.** Differentiate the loss with respect to $z$ (3 minutes), as an expression of `sigma(z)` and `y`.

# %% nbgrader={"grade_id": "cross_entropy_line", "solution": true}
cross_entropy_line = "..."
### BEGIN SOLUTION
cross_entropy_line = "sigma(z) - y"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    y, z = float(rng.integers(2)), rng.uniform(-4, 4)

    def sigma(x):
        return 1 / (1 + np.exp(-x))

    def loss(x):
        return -y * np.log(sigma(x)) - (1 - y) * np.log(1 - sigma(x))

    return {"y": y, "z": z, "sigma": sigma, "loss": loss}


Derivation(
    "Cross entropy from the logit",
    instance,
    Step(
        r"L = -y\log\sigma(z) - (1 - y)\log(1 - \sigma(z))",
        "-y * np.log(sigma(z)) - (1 - y) * np.log(1 - sigma(z))",
        why="the definition",
    ),
    Step(
        r"= \log(1 + e^{z}) - y\,z",
        "np.log(1 + np.exp(z)) - y * z",
        why="$\\log\\sigma(z) = z - \\log(1 + e^z)$ and $\\log(1 - \\sigma(z)) = -\\log(1 + e^z)$",
    ),
    Step(
        r"= \max(z, 0) + \log(1 + e^{-|z|}) - y\,z",
        "max(z, 0.0) + np.log(1 + np.exp(-abs(z))) - y * z",
        why="take the larger of $0$ and $z$ out of the logarithm: no exponent is positive now",
    ),
    Step(
        r"\frac{dL}{dz}",
        "derivative(loss, z)",
        starts=True,
        why="computed numerically, from the loss",
    ),
    Step(
        r"=\;?",
        cross_entropy_line,
        yours=True,
        names=("sigma", "z", "y"),
        tolerance=1e-6,
        why="your line",
    ),
).check()

# %% [markdown] exercise="bce_from_logits" difficulty=2 minutes=9
# Return the mean cross entropy, a float, and its gradient with respect to the logits, an array of their shape.
#
# - `logits`: any shape, numbers of any size, also $\pm 1000$ and whole numbers
# - `targets`: the same shape, from 0 to 1
# - neither loss nor gradient may become infinite or NaN
#
# In the docstring's example both logits are 0: each costs $\log 2$, and the gradients are $(\frac12 - 1)/2$ and $(\frac12 - 0)/2$.
#
# <details><summary>Hint</summary>
#
# `np.logaddexp(a, b)` is $\log(e^a + e^b)$, and safe. And $\sigma(z) = e^{\log\sigma(z)}$.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     loss of each logit ← log(e^0 + e^z), safely, minus y times z
#     p ← the sigmoid, from an exponential that cannot overflow
#     gradient ← as derived; the mean divides both by the number of logits
#
# </details>


# %% nbgrader={"grade_id": "bce_from_logits", "solution": true}
def bce_from_logits(logits, targets):
    """Return (mean binary cross entropy, its gradient by the logits); safe for large logits.

    logits and targets have the same shape; targets from 0 to 1.

    >>> loss, gradient = bce_from_logits(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    >>> round(loss, 4), gradient
    (0.6931, array([-0.25,  0.25]))
    """
    ### BEGIN SOLUTION
    losses = np.logaddexp(0.0, logits) - targets * logits
    probability = np.exp(-np.logaddexp(0.0, -logits))
    return float(losses.mean()), (probability - targets) / logits.size
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bce_from_logits", "grade": true}
lecture.check(bce_from_logits)

# %% [markdown] tags=["question"]
# The model scores a watched film 3, then 30. What do the two losses of this section say to that?
#
# Answer: Squared error **punishes certainty**: 4, then 841. Cross entropy goes from .05 to 0.

# %% tags=["claims"]
assert [pointwise_mse(np.array([[s]]), np.eye(1), np.eye(1))[0] for s in (3.0, 30.0)] == [4, 841], (
    "4, then 841"
)
assert [round(bce_from_logits(np.array([s]), np.ones(1))[0], 2) for s in (3.0, 30.0)] == [
    0.05,
    0,
], "from .05 to 0"

# %% [markdown] tags=["question"]
# A film that the user would love is drawn as a negative. Its score is 1 under squared error, its logit 6 under cross entropy.
# What does each charge?
#
# Answer: Squared error charges 1, cross entropy **about z**: the surer the model, the dearer a false zero.

# %% tags=["claims"]
assert pointwise_mse(np.eye(1), np.zeros((1, 1)), np.eye(1))[0] == 1, "Squared error charges 1"
assert round(bce_from_logits(np.array([6.0]), np.zeros(1))[0], 2) == 6, "cross entropy **about z**"

# %% [markdown]
# ## 3 · Pairs
#
# A list needs no probabilities, only watched films *above* others. A **pairwise loss** takes a **triple**, a user $u$
# (the **anchor**), a positive $i$ and a negative $j$, and looks at the difference of their scores.
#
# ### BPR
#
# **Bayesian personalized ranking** (Rendle et al., 2009) is cross entropy on "is $i$ above $j$?", whose answer is always yes:
#
# $$L = -\log\sigma(\delta), \qquad \delta = R(u, i) - R(u, j) = u\cdot i - u\cdot j .$$
#
# (From here on $i$ and $j$ are also the films' vectors.)
#
# **Your turn.** Differentiate $L$ with respect to $\delta$ (2 minutes), as an expression of `sigma` and `delta`.

# %% nbgrader={"grade_id": "bpr_line", "solution": true}
bpr_line = "..."
### BEGIN SOLUTION
bpr_line = "-sigma(-delta)"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    u, i, j = rng.normal(size=(3, 4))
    k = int(rng.integers(4))

    def sigma(x):
        return 1 / (1 + np.exp(-x))

    def loss(delta):
        return -np.log(sigma(delta))

    def at(vector, x):
        return np.where(np.arange(4) == k, x, vector)

    return {
        "u": u,
        "i": i,
        "j": j,
        "k": k,
        "delta": u @ i - u @ j,
        "sigma": sigma,
        "loss": loss,
        "loss_u": lambda x: loss(at(u, x) @ (i - j)),
        "loss_j": lambda x: loss(u @ i - u @ at(j, x)),
    }


Derivation(
    "BPR's gradient",
    instance,
    Step(r"\frac{dL}{d\delta}", "derivative(loss, delta)", why="computed numerically"),
    Step(r"=\;?", bpr_line, yours=True, names=("sigma", "delta"), tolerance=1e-6, why="your line"),
    Step(
        r"\frac{\partial L}{\partial u_k}",
        "derivative(loss_u, u[k])",
        starts=True,
        why="number $k$ of the user's vector",
    ),
    Step(
        r"= \frac{dL}{d\delta}\,(i_k - j_k)",
        "derivative(loss, delta) * (i[k] - j[k])",
        tolerance=1e-6,
        why="$\\delta = u \\cdot (i - j)$: the user meets both films",
    ),
    Step(
        r"\frac{\partial L}{\partial j_k}",
        "derivative(loss_j, j[k])",
        starts=True,
        why="number $k$ of the negative's vector",
    ),
    Step(
        r"= -\frac{dL}{d\delta}\,u_k",
        "-derivative(loss, delta) * u[k]",
        tolerance=1e-6,
        why="the negative lowers $\\delta$; for the positive it is the same without the minus",
    ),
).check()

# %% [markdown] exercise="bpr_loss" difficulty=2 minutes=10
# Return the mean loss of `n` triples, a float, and its gradients with respect to `u`, `i` and `j`, each (n, d).
#
# - `u`, `i`, `j`: (n, d), a row for each triple
# - differences $\delta$ may be far beyond $\pm 800$
#
# In the docstring's example $u\cdot i = u\cdot j = 3$, so $\delta = 0$: the loss is $\log 2$, the
# derivative by $\delta$ is $-\frac12$, the user's gradient $-\frac12 (i - j) = -\frac12 (1, -2)$.
#
# <details><summary>Hint</summary>
#
# $-\log\sigma(\delta) = \log(1 + e^{-\delta})$, which `np.logaddexp` knows. With the derivative by δ as a column, `[:, None]`,
# the chain rule is three products.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     delta ← for each triple, the dot product of u and (i minus j)
#     loss ← the mean of log(e^0 + e^(-delta))
#     slope ← the derivative by delta, divided by n
#     gradients ← slope times (i minus j); slope times u; minus that
#
# </details>


# %% nbgrader={"grade_id": "bpr_loss", "solution": true}
def bpr_loss(u, i, j):
    """Return (mean loss, gradients by u, i and j) of n triples user, positive, negative.

    u, i, j and the gradients (n, d). Rendle et al. (2009), section 4, without the penalty.

    >>> loss, du, di, dj = bpr_loss(
    ...     u=np.array([[2.0, 1.0]]), i=np.array([[1.0, 1.0]]), j=np.array([[0.0, 3.0]])
    ... )
    >>> round(loss, 4), du, di, dj
    (0.6931, array([[-0.5,  1. ]]), array([[-1. , -0.5]]), array([[1. , 0.5]]))
    """
    ### BEGIN SOLUTION
    delta = (u * (i - j)).sum(axis=1)
    slope = -np.exp(-np.logaddexp(0.0, delta))[:, None] / len(u)
    return float(np.logaddexp(0.0, -delta).mean()), slope * (i - j), slope * u, -slope * u
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bpr_loss", "grade": true}
lecture.check(bpr_loss)

# %% [markdown] tags=["question"]
# With which $\delta$ does BPR pull hardest, and when does it stop?
#
# Answer: Hardest where the order is wrong ($\sigma(-\delta)$ near 1), and it **never stops**: at $\delta = 5$ there is still
# a pull of .007.

# %% tags=["claims"]
assert round(1 / (1 + np.exp(5)), 3) == 0.007, "a pull of .007"

# %% [markdown]
# ### Triplet loss
#
# The **triplet loss** does stop. It asks for a lead of $m$, the **margin** (α on the slides), and no more.
#
# $$L = \max\big(0,\ m - R(u, i) + R(u, j)\big).$$

# %% [markdown] exercise="triplet_loss" difficulty=2 minutes=8
# Return the mean loss of `n` triples, a float, and its gradients with respect to `u`, `i` and `j`, each (n, d).
#
# - `u`, `i`, `j`: (n, d); scores are dot products
# - where the lead is exactly `margin` or more, the loss is 0 and so are the gradients
#
# In the docstring's example, margin 1.5, the first lead is $3 - 2 = 1$, so 0.5 is missing; the second is $3 - 1 = 2$, enough. The
# mean is 0.25, the first user's gradient $(j - i)/2 = (-1, 1)/2$.
#
# <details><summary>Hint</summary>
#
# Where the loss is positive it is linear in each vector: read the derivatives off the formula. A column of zeros and ones
# switches them off elsewhere: `1.0 * (...)`, as an array of booleans knows no minus.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     missing ← margin minus the lead, for each triple
#     loss ← the mean of missing, each cut at 0
#     switch ← 1 where missing is above 0, else 0; divided by n
#     gradients ← switch times the derivatives of (margin - u·i + u·j)
#
# </details>


# %% nbgrader={"grade_id": "triplet_loss", "solution": true}
def triplet_loss(u, i, j, margin):
    """Return (mean loss, gradients by u, i and j) of n triples user, positive, negative.

    u, i, j and the gradients (n, d). Schroff et al. (2015), equation 3, with dot products.

    >>> u, i = np.array([[2.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 1.0], [3.0, 0.0]])
    >>> loss, du, di, dj = triplet_loss(u, i, np.array([[0.0, 2.0], [1.0, 5.0]]), margin=1.5)
    >>> loss, du + 0.0
    (0.25, array([[-0.5,  0.5],
           [ 0. ,  0. ]]))
    """
    ### BEGIN SOLUTION
    missing = margin - (u * (i - j)).sum(axis=1)
    switch = (missing > 0)[:, None] / len(u)
    return float(np.maximum(missing, 0.0).mean()), switch * (j - i), -switch * u, switch * u
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_triplet_loss", "grade": true}
lecture.check(triplet_loss)

# %% [markdown]
# FaceNet (Schroff et al., 2015) has squared distances: $\max(0,\ m + \lVert u - i\rVert^2 - \lVert u - j\rVert^2)$.
#
# ### Contrastive loss
#
# The **contrastive loss** (Hadsell et al., 2006) needs only pairs, similar or dissimilar, and reads
# distances $d = \lVert x - y\rVert$. Similar pairs are pulled together, others pushed apart until they are $m$ away:
#
# $$L = \tfrac12 d^2 \ \text{ if similar}, \qquad L = \tfrac12\max(0,\ m - d)^2 \ \text{ if not}.$$
#
# **Your turn.** Differentiate the second with respect to number $k$ of $x$, where $0 < d < m$ (4 minutes), as an expression of
# `m`, `d`, `x`, `y` and `k`.

# %% nbgrader={"grade_id": "contrastive_line", "solution": true}
contrastive_line = "..."
### BEGIN SOLUTION
contrastive_line = "-(m - d) * (x[k] - y[k]) / d"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    x, y = rng.normal(size=(2, 3))
    k, d = int(rng.integers(3)), np.linalg.norm(x - y)
    m = d + rng.uniform(0.3, 1.0)

    def at(value):
        return np.where(np.arange(3) == k, value, x)

    return {
        "x": x,
        "y": y,
        "k": k,
        "d": d,
        "m": m,
        "similar": lambda value: 0.5 * ((at(value) - y) ** 2).sum(),
        "dissimilar": lambda value: 0.5 * max(0.0, m - np.linalg.norm(at(value) - y)) ** 2,
    }


Derivation(
    "Pull and push",
    instance,
    Step(r"\frac{\partial}{\partial x_k}\tfrac12 d^2", "derivative(similar, x[k])", why="similar"),
    Step(
        r"= x_k - y_k",
        "x[k] - y[k]",
        tolerance=1e-6,
        why="a spring: the further apart, the harder it pulls",
    ),
    Step(
        r"\frac{\partial}{\partial x_k}\tfrac12(m - d)^2",
        "derivative(dissimilar, x[k])",
        starts=True,
        why="dissimilar and nearer than $m$",
    ),
    Step(
        r"=\;?",
        contrastive_line,
        yours=True,
        names=("m", "d", "x", "y", "k"),
        tolerance=1e-6,
        why="your line",
    ),
).check()

# %% [markdown] exercise="contrastive_loss" difficulty=2 minutes=10
# Return the mean loss of `n` pairs, a float, and its gradients with respect to `x` and `y`, each (n, d).
#
# - `x`, `y`: (n, d); `similar`: (n,) booleans, or 0 and 1
# - a dissimilar pair in the same place has no direction: its loss is $\frac12 m^2$, its gradients are 0
# - a pair exactly at the margin or beyond: 0
#
# In the docstring's example, margin 6, both pairs are 5 apart. The similar one costs $\frac{25}2$, the
# dissimilar one $\frac12 (6 - 5)^2$: a mean of 6.5.
#
# <details><summary>Hint</summary>
#
# Both gradients are a number times $x - y$: 1 for a similar pair, and what you have just derived for the other.
# `np.where(similar, ..., ...)` chooses. Keep its division away from 0.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     d ← the distance of each pair
#     missing ← margin minus d, each cut at 0
#     loss ← the mean of half of d squared (similar) or of missing squared (not)
#     factor ← 1 if similar; if not, minus missing over d, or 0 where d is 0
#     gradient of x ← factor times (x minus y), divided by n; of y: minus that
#
# </details>


# %% nbgrader={"grade_id": "contrastive_loss", "solution": true}
def contrastive_loss(x, y, similar, margin):
    """Return (mean loss, gradients by x and y) of n pairs, similar or not.

    x, y and the gradients (n, d), similar (n,). Hadsell, Chopra and LeCun (2006), equation 4.

    >>> x, y = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 4.0]])
    >>> loss, dx, dy = contrastive_loss(x, y, similar=np.array([True, False]), margin=6.0)
    >>> loss, dx
    (6.5, array([[1.5, 2. ],
           [0.3, 0.4]]))
    """
    ### BEGIN SOLUTION
    difference = x - y
    distance = np.sqrt((difference**2).sum(axis=1))
    missing = np.maximum(margin - distance, 0.0)
    losses = np.where(similar, distance**2, missing**2) / 2
    push = missing / np.where(distance > 0, distance, 1.0)
    gradient = np.where(similar, 1.0, -push)[:, None] * difference / len(x)
    return float(losses.mean()), gradient, -gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_contrastive_loss", "grade": true}
lecture.check(contrastive_loss)

# %% [markdown] tags=["question"]
# A triple in the plane: $u$ = (1, 0), $i$ = (2, 0), $j$ = (1.5, 0). Where do BPR, the triplet and the contrastive loss send
# the positive film?
#
# Answer: The first two send it **to the right, away from the user**: a longer vector has a larger dot product. The contrastive
# loss sends it left, **towards the user**.

# %%
u, i, j = np.array([[1.0, 0.0]]), np.array([[2.0, 0.0]]), np.array([[1.5, 0.0]])
moves = {
    "BPR": -bpr_loss(u, i, j)[2][0],
    "triplet, margin 1": -triplet_loss(u, i, j, 1.0)[2][0],
    "contrastive": -contrastive_loss(u, i, np.array([True]), 1.0)[2][0],
}
for name, move in moves.items():
    print(f"{name:18} moves the positive by a multiple of ({move[0]:.2f}, {move[1] + 0.0:.2f})")

# %% tags=["claims"]
assert moves["BPR"][0] > 0, "to the right, away from the user"
assert moves["triplet, margin 1"][0] > 0, "to the right, away from the user"
assert moves["contrastive"][0] < 0, "sends it left, **towards the user**"

# %% [markdown]
# **What to look for.** Drag the three points; each arrow is minus a gradient. ("Pairwise" is BPR; "triplet on distances" takes
# FaceNet's distances without the squares.)
#
# - Drag the positive far ahead of the negative: under BPR the arrows shrink, under the triplet loss they vanish where the margin holds.
# - Put both films at equal *distances* from the user: the triplet loss on distances is the margin, wherever they stand; the
#   other one depends on where.

# %%
LossPlane(names=("user", "positive", "negative"))

# %% [markdown]
# ## 4 · The whole batch at once
#
# A batch of $m$ pairs holds $m$ users and $m$ films, and *all* $m^2$ scores between
# them cost one matrix product. So let the other pairs' films be the negatives: **in-batch negatives**. (From here on $m$ is
# the size of the batch, no longer the margin.)
#
# With the users' vectors in the rows of $U$ and the films' in those of $V$ (on the slides $I$), the slides write the **full product softmax**:
#
# $$L = -(r > 0)^\top \log\operatorname{diag} P, \qquad P = \operatorname{softmax}(\alpha\, U V^\top + \beta)\ \text{by rows}.$$
#
# $P_{ab}$ is the probability, among the films of the batch, that user $a$ watched film $b$; the right
# answers stand on the diagonal. $r$ is what each pair earned (stars, seconds, 1 for a click); $r > 0$ picks the rows that
# count. α sharpens the softmax: lecture 06's γ, one over its **temperature**. β is added to the
# scores, a number or a table; what it is good for comes below.
#
# With made-up vectors, $\alpha = 1$ and $\beta = 0$ (columns: Alien, Shrek, Heat):

# %%
in_batch(
    np.array([[2.0, 0.0], [0.0, 1.5], [1.0, 1.0]]),
    np.array([[1.0, 0.6], [0.0, 1.0], [0.5, 1.0]]),
    row=0,
    user_names=["Ann", "Ben", "Cem"],
    film_names=["Alien", "Shrek", "Heat"],
)

# %% [markdown]
# > **Its names.** "Infancy, InfoMAX, SINCLAR" on the slides are **InfoNCE** (van den Oord et al., 2018), whose loss this is;
# > InfoMax, the principle behind it; and SimCLR (Chen et al., 2020), which trains pictures with it.
#
# One row of it: $s_b$ are the scores of user $a$, and $L = -\log P_a$. **Your turn:** what is the derivative of $L$ by one score $s_b$
# (4 minutes)? An expression of `P` (the row's probabilities), `b` and `a`; a comparison such as `(b > a)` counts as 1 or 0.

# %% nbgrader={"grade_id": "softmax_line", "solution": true}
softmax_line = "..."
### BEGIN SOLUTION
softmax_line = "P[b] - (b == a)"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    s, a, b = rng.normal(size=5), 2, int(rng.integers(1, 4))

    def loss_of(scores):
        return np.log(np.exp(scores).sum()) - scores[a]

    return {
        "s": s,
        "a": a,
        "b": b,
        "beta": rng.uniform(1, 9),
        "P": np.exp(s) / np.exp(s).sum(),
        "loss_of": loss_of,
        "loss": lambda x: loss_of(np.where(np.arange(5) == b, x, s)),
    }


Derivation(
    "The softmax of one row",
    instance,
    Step(r"L = -\log P_a", "-np.log(P[a])", why="the loss of a row that counts"),
    Step(
        r"= \log\sum_b e^{s_b} - s_a",
        "np.log(np.exp(s).sum()) - s[a]",
        why="the logarithm of a quotient",
    ),
    Step(
        r"= \log\sum_b e^{s_b + \beta} - (s_a + \beta)",
        "np.log(np.exp(s + beta).sum()) - (s[a] + beta)",
        why="any number $\\beta$ added to all scores: $e^\\beta$ cancels",
    ),
    Step(
        r"\frac{\partial L}{\partial s_b}",
        "derivative(loss, s[b])",
        starts=True,
        why="computed numerically",
    ),
    Step(r"=\;?", softmax_line, yours=True, names=("P", "b", "a"), tolerance=1e-6, why="your line"),
).check()

# %% [markdown]
# Line 3: **a number β does nothing** in a softmax. But β may be a *table*, a number for each cell.
#
# Collect the derivatives by the scores in a matrix $D$: $P$ minus the identity in the rows that count, 0 in
# the others. Scores are $\alpha\,UV^\top + \beta$, so the chain rule gives
#
# $$\frac{\partial L}{\partial U} = \alpha D V, \qquad \frac{\partial L}{\partial V} = \alpha D^\top U, \qquad
# \frac{\partial L}{\partial\alpha} = \sum_{a,b} D_{ab}\,(UV^\top)_{ab} .$$

# %% [markdown] exercise="full_product_softmax" difficulty=3 minutes=20
# Return $L$, a float, its gradients with respect to `U` and `V`, each (m, d), and its derivative with respect to `alpha`, a float.
#
# - `U`, `V`: (m, d); pair $a$ is row $a$ of both; `r`: (m,), any numbers; `alpha` > 0
# - `beta`: a number, or an (m, m) table with `beta[a, b]` for user $a$ and film $b$. Off the diagonal it may be `-np.inf`: that cell
#   gets the probability 0
# - $L$ is a sum. Rows with $r \le 0$ add nothing to it, but their films stay negatives of the others
# - scores may be in the thousands
#
# In the docstring's example user 0 scores both films $\log 3$, so $P$ is $\frac12$ and $L = \log 2$; user 1
# does not count. Row 0 of $D$ is $(-\frac12, \frac12)$.
#
# <details><summary>Hint</summary>
#
# Subtract each row's largest score, β included (a number added to a row changes nothing), and compute $\log P$ as in line 2 of
# the derivation: never the logarithm of $P$.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     product ← all dot products of users and films
#     scores ← alpha times product plus beta, less the largest of each row
#     log_P ← scores minus the logarithm of the row's sum of exponentials
#     L ← minus the sum of log_P on the diagonal, over the rows with r above 0
#     D ← P minus the identity, and 0 in the other rows
#     the three derivatives ← the formulas above
#
# </details>


# %% nbgrader={"grade_id": "full_product_softmax", "solution": true}
def full_product_softmax(U, V, r, alpha, beta):
    """Return (L, gradients by U and V, derivative by alpha) of the softmax over a batch.

    U, V and the gradients (m, d), r (m,), beta a number or (m, m). van den Oord et al. (2018), eq. 4.

    >>> U, V = np.eye(2), np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> L, dU, dV, d_alpha = full_product_softmax(U, V, np.array([5.0, 0.0]), np.log(3), beta=0.0)
    >>> round(L, 4), dU.round(4) + 0.0, dV.round(4) + 0.0, d_alpha
    (0.6931, array([[0.    , 0.5493],
           [0.    , 0.    ]]), array([[-0.5493,  0.    ],
           [ 0.5493,  0.    ]]), 0.0)
    """
    ### BEGIN SOLUTION
    product = U @ V.T
    scores = alpha * product + beta
    scores = scores - scores.max(axis=1, keepdims=True)
    log_P = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    D = np.exp(log_P)
    D[np.diag_indices(len(U))] -= 1.0
    D[r <= 0] = 0.0
    loss = -np.diag(log_P)[r > 0].sum()
    return float(loss), alpha * D @ V, alpha * D.T @ U, float((D * product).sum())
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_full_product_softmax", "grade": true}
lecture.check(full_product_softmax)

# %% [markdown]
# Two things to try: a number β, and α doubled while the films are halved.

# %%
rng = np.random.default_rng(0)
U, V = rng.normal(size=(2, 5, 3))
seconds_watched = np.array([40.0, 0.0, 700.0, 12.0, -1.0])
losses = {beta: full_product_softmax(U, V, seconds_watched, 2.0, beta)[0] for beta in (0.0, 9.0)}
print("L with a number beta:", {beta: round(loss, 6) for beta, loss in losses.items()})
halved = full_product_softmax(U, V / 2, seconds_watched, 4.0, 0.0)[0]
print(f"L with alpha doubled and all films halved: {halved:.6f}")

# %% tags=["claims"]
assert abs(losses[0.0] - losses[9.0]) < 1e-9, "a number β does nothing"
assert abs(halved - losses[0.0]) < 1e-9, (
    "α says nothing that the vectors could not say by their lengths"
)

# %% [markdown]
# While vectors may have any length, α says nothing that the vectors could not say by their lengths: our films are trained with $\alpha = 1$.
#
# Your gradients beside those of torch's **autograd**, on random batches:

# %% jupyter={"source_hidden": true}
first, second, third = rng.normal(size=(3, 6, 4))
similar = np.arange(6) < 3
functions = torch.nn.functional


def autograd(loss, *arrays):
    """Return what `loss` is and its gradients, as torch finds them."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    value = loss(*tensors)
    value.backward()
    return value.item(), *(tensor.grad.numpy() for tensor in tensors)


def lead(u, i, j):
    return (u * (i - j)).sum(dim=1)


def by_distance(x, y):
    distance = (x - y).norm(dim=1)
    return torch.where(torch.tensor(similar), distance**2, (2 - distance).relu() ** 2).mean() / 2


def by_rows(U, V):
    return functions.cross_entropy(2 * U @ V.T, torch.arange(6), reduction="sum")


triple, pair = (first, second, third), (first, second)
for name, yours, theirs in [
    (
        "bpr_loss",
        bpr_loss(*triple),
        autograd(lambda *v: functions.softplus(-lead(*v)).mean(), *triple),
    ),
    (
        "triplet_loss",
        triplet_loss(*triple, 1.0),
        autograd(lambda *v: (1 - lead(*v)).relu().mean(), *triple),
    ),
    ("contrastive_loss", contrastive_loss(*pair, similar, 2.0), autograd(by_distance, *pair)),
    (
        "full_product_softmax",
        full_product_softmax(*pair, np.ones(6), 2.0, 0.0)[:3],
        autograd(by_rows, *pair),
    ),
]:
    agree = all(map(np.allclose, yours, theirs))
    print(f"{name:21} loss and gradients equal torch's: {agree}")

# %% [markdown]
# ### Training with your gradients
#
# Two folded cells hand batches to your functions, with $k = 4$ evenly drawn films per pair (a known one is drawn again, at
# most three times), and pass the gradients on to $h$ and $v$; Adam takes the step.


# %% tags=["given"] jupyter={"source_hidden": true}
SAMPLED = ("MSE", "BCE", "BPR", "triplet", "contrastive", "sampled softmax")  # draw negatives


def loss_and_gradients(loss, u, i, j, margin):
    """Return (loss, gradients by u (m, d), i (m, d) and j (m, k, d)) of m pairs with k negatives each."""
    m, k, d = j.shape
    films = np.concatenate([i[:, None], j], axis=1)  # (m, 1 + k, d), the positive first
    if loss in ("MSE", "BCE", "sampled softmax"):
        scores = np.einsum("md,mkd->mk", u, films)
        targets = np.zeros(scores.shape)
        targets[:, 0] = 1.0
        if loss == "MSE":
            value, slopes = pointwise_mse(scores, targets, np.ones(scores.shape))
        elif loss == "BCE":
            value, slopes = bce_from_logits(scores, targets)
        else:
            P = softmax(scores, axis=1)
            value, slopes = -np.log(P[:, 0]).mean(), (P - targets) / m
        of_films = slopes[:, :, None] * u[:, None]
        return value, np.einsum("mk,mkd->md", slopes, films), of_films[:, 0], of_films[:, 1:]
    if loss == "contrastive":
        similar = np.tile(np.arange(1 + k) == 0, m)
        rows = u.repeat(1 + k, axis=0), films.reshape(-1, d)
        value, du, of_films = contrastive_loss(*rows, similar, margin)
        du, of_films = du.reshape(films.shape), of_films.reshape(films.shape)
        return value, du.sum(axis=1), of_films[:, 0], of_films[:, 1:]
    triples = u.repeat(k, axis=0), i.repeat(k, axis=0), j.reshape(-1, d)
    results = bpr_loss(*triples) if loss == "BPR" else triplet_loss(*triples, margin)
    value, du, di, dj = (x if np.ndim(x) == 0 else x.reshape(j.shape) for x in results)
    return value, du.sum(axis=1), di.sum(axis=1), dj


# %% tags=["given"] jupyter={"source_hidden": true}
class Towers:
    """A history tower and a film tower, each an embedding of d numbers a film.

    Attributes: H, V (n_items, d), float32; log_alpha (1,); loss, which says how films are ranked.
    """

    def __init__(self, n_items, loss, seed, d=32):
        rng = np.random.default_rng(seed)
        self.H, self.V = rng.normal(0.0, 0.1, (2, n_items, d)).astype(np.float32)
        self.log_alpha = np.array([np.log(10.0) if loss == "CLIP" else 0.0], np.float32)
        self.loss = loss

    def scores(self, A):
        """Return scores (n_users, n_items) for histories A (n_users, n_items), sparse or not."""
        U = (A @ self.H) / np.maximum(A.sum(axis=1), 1.0)[:, None]
        if self.loss == "contrastive":  # the nearest film is the best
            return 2 * U @ self.V.T - (self.V**2).sum(axis=1)
        if self.loss == "CLIP":
            return U @ (self.V / np.linalg.norm(self.V, axis=1, keepdims=True)).T
        return U @ self.V.T


def summed_at(rows, values, n):
    """Return (n, d) with values (m, d) added up at their rows (m,)."""
    places = csr_array(
        (np.ones(len(rows), np.float32), rows, np.arange(len(rows) + 1)), (len(rows), n)
    )
    return places.T @ values


def draw_negatives(rng, known, users, k, popularity=None):
    """Return films (m, k) that users (m,) do not know; known (n_users, n_items) of booleans.

    Every film is as likely as another, or in proportion to popularity (n_items,). A known film is
    drawn again, at most three times.
    """

    def draw(size):
        if popularity is None:
            return rng.integers(known.shape[1], size=size)
        return rng.choice(known.shape[1], size=size, p=popularity / popularity.sum())

    films = draw((len(users), k))
    for _ in range(3):
        again = known[users[:, None], films]
        films[again] = draw(int(again.sum()))
    return films


def in_batch_beta(users, items, counts, known, log_q, mask):
    """Return beta for a batch: 0.0, or the table (m, m) of log_q_correction.

    mask: "known" hides films the row's user knows, "repeats" the pair's own film elsewhere, None
    nothing.
    """
    if not log_q and mask is None:
        return 0.0
    hide = {
        "known": known[users],
        "repeats": items[:, None] == np.arange(known.shape[1]),
        None: np.zeros((len(items), known.shape[1]), dtype=bool),
    }[mask]
    counts = np.maximum(counts, 1) if log_q else np.ones(len(counts))
    beta = log_q_correction(items, counts, hide).astype(np.float32)
    return beta if log_q else beta - beta.max()


def train_towers(
    train,
    loss,
    learning_rate,
    n_epochs,
    seed,
    log_q=True,
    mask="known",
    n_negatives=4,
    hardest_of=None,
    by_popularity=False,
    margin=1.0,
    batch=512,
    after_epoch=None,
):
    """Return Towers trained by Adam on the pairs of `train`, a Ratings.

    loss: one of SAMPLED, "all films", "in-batch" or "CLIP". log_q and mask concern the last two,
    n_negatives, hardest_of (draw so many, keep the n_negatives best scored) and by_popularity the
    SAMPLED ones. after_epoch(towers) is called after every epoch; a true value stops the training.
    """
    rng = np.random.default_rng(seed)
    towers = Towers(train.n_items, loss, seed)
    parameters = [torch.from_numpy(x) for x in (towers.H, towers.V, towers.log_alpha)]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    A = train.interactions().astype(np.float32)
    known = A.toarray() > 0
    counts = np.bincount(train.items, minlength=train.n_items)
    others = (A.sum(axis=1) - 1)[:, None]  # films in a user's history beside the pair's own
    pairs = np.flatnonzero(others[train.users] > 0)
    for _ in range(n_epochs):
        rng.shuffle(pairs)
        for chosen in np.split(pairs, range(batch, len(pairs), batch))[: len(pairs) // batch]:
            users, items = train.users[chosen], train.items[chosen]
            u = ((A @ towers.H)[users] - towers.H[items]) / others[users]
            i, alpha, d_alpha = towers.V[items], float(np.exp(towers.log_alpha[0])), 0.0
            if loss in SAMPLED:
                popularity = counts if by_popularity else None
                films = draw_negatives(rng, known, users, hardest_of or n_negatives, popularity)
                if hardest_of is not None:
                    scores = np.einsum("md,mkd->mk", u, towers.V[films])
                    scores[known[users[:, None], films]] = -np.inf
                    best = np.argsort(-scores, axis=1)[:, :n_negatives]
                    films = np.take_along_axis(films, best, axis=1)
                _, du, di, dj = loss_and_gradients(loss, u, i, towers.V[films], margin)
                ranked = np.concatenate([items, films.ravel()])
                dV = summed_at(
                    ranked, np.concatenate([di, dj.reshape(-1, i.shape[1])]), len(counts)
                )
            elif loss == "all films":
                hide = known[users]
                hide[np.arange(len(users)), items] = False
                slopes = softmax(np.where(hide, -np.inf, u @ towers.V.T), axis=1)
                slopes[np.arange(len(users)), items] -= 1.0
                du, dV = slopes @ towers.V / len(users), slopes.T @ u / len(users)
            else:
                beta = in_batch_beta(users, items, counts, known, log_q, mask)
                if loss == "CLIP":
                    _, du, di, d_alpha = clip_loss(u, i, alpha, beta)
                else:
                    rows = np.ones(len(users))
                    _, du, di, _ = full_product_softmax(u, i, rows, alpha, beta)
                    du, di = du / len(users), di / len(users)
                dV = summed_at(items, di, len(counts))
            to_history = du / others[users]  # by each vector that the mean was taken of
            dH = A.T @ summed_at(users, to_history, train.n_users)
            dH = dH - summed_at(items, to_history, len(counts))
            for parameter, slope in zip(parameters, (dH, dV, [d_alpha * alpha]), strict=True):
                parameter.grad = torch.as_tensor(np.asarray(slope, dtype=np.float32))
            optimizer.step()
        if after_epoch is not None and after_epoch(towers):
            break
    return towers


# %% [markdown]
# Your full product softmax, with $\beta = 0$, beside BPR; this takes ten seconds or more. (Each loss has the learning
# rate, .003 or .01, and the epochs, at most 12, that were best on a fifth of the training films.)

# %% [markdown] tags=["question"]
# BPR sees 4 negatives per pair, the batch has 511. Which of the two will rank better?
#
# Answer: By number the batch should. **It is far behind**, about half-way between popularity and BPR.

# %%
SETTINGS = {  # learning rate, epochs
    "MSE": (0.01, 9),
    "BCE": (0.01, 12),
    "BPR": (0.01, 12),
    "triplet": (0.01, 9),
    "contrastive": (0.003, 12),
    "in-batch": (0.01, 12),
    "in-batch + log q": (0.01, 9),
}


def train_and_test(name, **options):
    """Train one loss with its settings, keep and print each user's NDCG@10, return the towers."""
    towers = train_towers(train, name.split(" + ")[0], *SETTINGS[name], seed=0, **options)
    results[name] = ndcg(towers.scores(A))
    print("{:17} NDCG@10 {:.3f} ± {:.3f}".format(name, *mean_and_standard_error(results[name])))
    return towers


bpr = train_and_test("BPR")
plain = train_and_test("in-batch", log_q=False, mask=None)

# %% [markdown]
# ### What a batch is a sample of
#
# A pair of a batch has film $i$ with probability $q_i$, its share of all training pairs.
#
# Take one user. The positive is drawn from what this user watches, $p_i = p(i\,|\,u)$, the other films from $q$. In a large batch
# the row's loss is on average, up to a constant,
#
# $$L(s) = -\sum_i p_i\,s_i + \log\sum_j q_j\,e^{s_j} .$$
#
# **Your turn.** Which score $s_k$ makes it smallest, the other scores being best already (5 minutes)? A number added to all scores
# changes nothing, so let $\sum_j q_j e^{s_j}$ be 1: an expression of `p`, `q` and `k`.

# %% nbgrader={"grade_id": "optimum_line", "solution": true}
optimum_line = "..."
### BEGIN SOLUTION
optimum_line = "np.log(p[k] / q[k])"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    p, q = (x / x.sum() for x in rng.uniform(0.1, 1.0, (2, 4)))
    k = int(rng.integers(4))

    def loss(s):
        return -(p * s).sum() + np.log((q * np.exp(s)).sum())

    best = minimize(loss, np.zeros(4), tol=1e-9).x
    best -= np.log((q * np.exp(best)).sum())  # of all that are equally good, the one with sum 1
    return {"p": p, "q": q, "k": k, "L": lambda x: loss(np.where(np.arange(4) == k, x, best))}


Derivation(
    "What the best score is",
    instance,
    Step(
        r"\arg\min_{s_k} L(s)",
        "argmin(L, -8.0, 8.0)",
        why="found by search, the other scores at their best",
    ),
    Step(r"=\;?", optimum_line, yours=True, names=("p", "q", "k"), tolerance=1e-4, why="your line"),
).check()

# %% [markdown]
# This optimum is the **pointwise mutual information**: how much more often $u$ and $k$ come together than by
# chance, as a logarithm. A list should show what the user will most probably watch, $p_k$: another order.

# %% [markdown] tags=["question"]
# Two users, equally active: user 0 watches three films with probabilities .7, .2 and .1, user 1 with .5, .1 and .4. What does the
# uncorrected loss rank first for user 0?
#
# Answer: $q$ = (.6, .15, .25), so $p/q$ = (1.17, 1.33, .4). **Film 1 comes first**, which this user watches at one time in five; film 0, at seven in ten, is second.

# %%
p = np.array([[0.7, 0.2, 0.1], [0.5, 0.1, 0.4]])
association = p / p.mean(axis=0)
print("p(i | u)             p(i | u) / q(i)")
for row, ratio in zip(p, association.round(2), strict=True):
    print(f"{row}        {ratio}")

# %% tags=["claims"]
assert association[0].argmax() == 1, "Film 1 comes first"
assert p[0].argmax() == 0, "film 0, at seven in ten, is second"
assert p.mean(axis=0).round(2).tolist() == [0.6, 0.15, 0.25], "= (.6, .15, .25)"
assert association[0].round(2).tolist() == [1.17, 1.33, 0.4], "= (1.17, 1.33, .4)"

# %% [markdown]
# The remedy: subtract $\log q_j$ from every score inside the loss, and *only there*. Now $s_k - \log q_k$ must be that optimum, so $s_k = \log p_k$, and
# the list is made with these plain scores. This is the **log q correction** (Bengio and Senécal, 2008; for in-batch negatives Yi et al., 2019), a table
# $\beta_{ab} = -\log q_b$.
#
# β can put a second thing right. Among a row's negatives are films that this user has watched as well, and the pair's own film once more.
# $\beta_{ab} = -\infty$ takes such a cell out.

# %% [markdown] exercise="log_q_correction" difficulty=3 minutes=10
# Return the table β of a batch, (m, m).
#
# - `items`: (m,), the film of each pair; one may occur several times
# - `counts`: (n_items,), how often every film occurs in all training pairs; those of the batch at least once
# - `known`: (m, n_items) booleans: what each row's user has watched, the film of the pair included
# - off the diagonal, a film that the row's user knows gets `-np.inf`; everything else gets $-\log q$ of the column's film
#
# In the docstring's example $q$ of films 2 and 0 is .25 and .1: the columns hold 1.386 and 2.303. Row 0's user knows film 0, in
# column 1: $-\infty$. Row 1's does not know film 2.
#
# <details><summary>Hint</summary>
#
# `known[:, items]` is an (m, m) table: which row's user knows which column's film. Its diagonal is all true, and must not hide anything.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     q ← the share of each batch film in all counts
#     beta ← minus log q, as a row, repeated for every user
#     minus infinity where the row's user knows the column's film, except on the diagonal
#
# </details>


# %% nbgrader={"grade_id": "log_q_correction", "solution": true}
def log_q_correction(items, counts, known):
    """Return beta (m, m): -log q of each column's film, -inf where the row's user knows that film.

    items (m,), counts (n_items,), known (m, n_items) of booleans; the diagonal is never -inf.
    Yi et al. (2019), equation 4.

    >>> known = np.array([[True, False, True], [True, False, False]])
    >>> log_q_correction(np.array([2, 0]), np.array([2, 13, 5]), known).round(3)
    array([[1.386,  -inf],
           [1.386, 2.303]])
    """
    ### BEGIN SOLUTION
    log_q = np.log(counts[items] / counts.sum())
    hide = known[:, items] & ~np.eye(len(items), dtype=bool)
    return np.where(hide, -np.inf, -log_q)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_log_q_correction", "grade": true}
lecture.check(log_q_correction)

# %% [markdown]
# Does it work with a batch of 64? One user, 50 films, film $n$ drawn in proportion to $1/n$: the gradient by
# the 50 scores, averaged over 2,000 batches, should be that of a softmax over *all* films.

# %%
rng = np.random.default_rng(0)
n_films, positive, n_batches = 50, 30, 2000
popularity = 1 / np.arange(1, n_films + 1)
s = rng.normal(size=n_films)
exact = softmax(s) - (np.arange(n_films) == positive)
only_first = (np.arange(64) == 0) * 1.0  # r: the row of our user
nothing_known = np.zeros((64, n_films), dtype=bool)
average = {"plain": np.zeros(n_films), "with log q": np.zeros(n_films)}
for _ in range(n_batches):
    drawn = rng.choice(n_films, size=63, p=popularity / popularity.sum())
    films = np.concatenate([[positive], drawn])
    tables = {"plain": 0.0, "with log q": log_q_correction(films, popularity, nothing_known)}
    for name, beta in tables.items():
        # films are one-hot: a dot product with s is a score, so the user's gradient is by scores
        users, one_hot = np.tile(s, (64, 1)), np.eye(n_films)[films]
        by_score = full_product_softmax(users, one_hot, only_first, 1.0, beta)[1][0]
        average[name] += by_score / n_batches
negatives = np.arange(n_films) != positive
agreement, rarest = {}, {}
print("mean gradient on     the 5 most popular   the 24 rarest    correlation with all films")
for name, gradient in {"all films": exact, **average}.items():
    agreement[name] = np.corrcoef(gradient[negatives], exact[negatives])[0, 1]
    rarest[name] = gradient[negatives][-24:].mean()
    print(f"{name:20} {gradient[:5].mean():12.4f} {rarest[name]:18.4f} {agreement[name]:18.3f}")

# %% [markdown]
# Plain, the five most popular films are pushed down more than six times too hard, the 24 rarest a third as hard as they should be. Corrected,
# a batch of 64 gives, on average, nearly the gradient of the whole catalogue.

# %% [markdown] tags=["question"]
# Eight training pairs, scored by your BPR towers. Each row is a posterior. *Forrest Gump* stands in two rows, and so in two equal
# columns. The loss, the mean of the rows, stands below the table.
#
# - Move α up to 24: every row sharpens onto one film, five of the eight onto *Forrest Gump*, .50 in each column. Which rows are wrong?
# - Put α back to 1. A strong cell off the diagonal is a push down. Subtract log q: where do the pushes go?
# - Still at α = 1 and with log q subtracted, mask the repeats: how much does the loss fall, and in which rows?
#
# Answer: At 24 **four rows are wrong**; both *Forrest Gump* rows are right, and share. With log q the pushes **leave its
# columns** for rarer films. The mask lowers the loss **by .07**, in its two rows.

# %%
q = counts / counts.sum()
rng = np.random.default_rng(32)
most_popular = np.flatnonzero(train.items == counts.argmax())
chosen = np.concatenate([most_popular[[3, 40]], rng.choice(len(train), 6)])
users, items = train.users[chosen], train.items[chosen]
histories = A[users].toarray()
histories[np.arange(8), items] = 0.0  # the film of the pair is taken out
u = histories @ bpr.H / histories.sum(axis=1, keepdims=True)
names = [f"user {user}" for user in users]
InBatchMatrix(in_batch_states(u, bpr.V[items], q[items], names, titles[items]))

# %% tags=["claims"]
assert (
    (softmax(24 * u @ bpr.V[items].T, axis=1)[:, items == counts.argmax()].round(2) == 0.5)
    .all(axis=1)
    .sum()
) == 5, "five of the eight onto *Forrest Gump*, .50 in each column"
assert all(
    row[items == film].sum() > 0.95
    for row in softmax(24 * u @ bpr.V[items].T, axis=1)
    for film in [items[row.argmax()]]
), "every row sharpens onto one film"
assert counts.argmax() == list(titles).index("Forrest Gump"), "stands in two rows"
assert (items[(u @ bpr.V[items].T).argmax(axis=1)] == items).tolist() == (
    [True, True, True, False, False, False, True, False]
), "At 24 four rows are wrong; both *Forrest Gump* rows are right, and share"
assert (
    softmax(u @ bpr.V[items].T - np.log(q[items]), axis=1)[:, :2].sum(axis=1)
    < softmax(u @ bpr.V[items].T, axis=1)[:, :2].sum(axis=1) - 0.01
).all(), "With log q the pushes leave its columns"
assert [
    round(full - full_product_softmax(u, bpr.V[items], row, 1.0, masked)[0], 2)
    for row, masked in zip(
        np.eye(8),
        [log_q_correction(items, counts, items[:, None] == np.arange(len(counts)))] * 8,
        strict=True,
    )
    for full in [full_product_softmax(u, bpr.V[items], row, 1.0, -np.log(q[items]))[0]]
] == [0.41, 0.17, 0, 0, 0, 0, 0, 0], "The mask lowers the loss by .07, in its two rows"

# %% [markdown]
# ### Films that repeat, and negatives that are not
#
# How many cells does β hide?

# %%
rng = np.random.default_rng(0)
known = A.toarray() > 0
hidden_too = hidden.toarray() > 0
collisions = {}
print(
    "batch   own film again (per pair)   expected   negatives known   negatives hidden for the test"
)
for size in (32, 128, 512):
    found, other = [], ~np.eye(size, dtype=bool)
    for _ in range(100):
        chosen = rng.choice(len(train), size, replace=False)
        users, items = train.users[chosen], train.items[chosen]
        again = ((items[:, None] == items) & other).sum() / size
        shares = [table[users][:, items][other].mean() for table in (known, hidden_too)]
        found.append((again, *shares))
    collisions[size] = np.mean(found, axis=0)
    again, watched, wanted = collisions[size]
    print(
        f"{size:5} {again:17.2f} {(size - 1) * (q**2).sum():20.2f} {watched:15.0%} {wanted:20.0%}"
    )
most_active = np.sort(np.bincount(train.users))[-train.n_users // 4 :]
share = most_active.sum() / len(train)
print(f"the most active quarter of the users makes {share:.0%} of the pairs")

# %% tags=["claims"]
assert average["plain"][:5].mean() / exact[:5].mean() > 6, "more than six times too hard"
assert 0.25 < rarest["plain"] / rarest["all films"] < 0.4, "a third as hard as they should be"
assert share > 0.55, "the most active quarter of the users makes most of the pairs"
assert collisions[512][0] > 1.2, "more than one at 512"
assert collisions[32][0] < 0.2, "Repeats are few in a small batch"
assert agreement["with log q"] > 0.98, "nearly the gradient of the whole catalogue"
assert all(0.25 < watched < 0.31 for _, watched, _ in collisions.values()), (
    "more than a quarter of the negatives in a batch are films that the row's user has watched"
)
assert all(0.06 < wanted < 0.08 for *_, wanted in collisions.values()), "Another 7%"

# %% [markdown]
# Repeats are few in a small batch, and grow with the batch of $B$ pairs: $(B - 1)\sum_i q_i^2$ are expected for each pair, more
# than one at 512. But more than a quarter of the negatives in a batch are films that the row's user has watched: the most active quarter of the users makes most of the pairs, and knows many films.
# β takes these out. Another 7% are films hidden for the test. No training can know that: they are **false negatives**.
#
# > **Half-way**: all losses for films are built. A good place to pause.

# %% [markdown]
# ## 5 · One model, many losses
#
# Towers, pairs, batches of 512 and Adam are the same for all. The next cell takes half a minute to a few minutes, longer if one of your
# functions loops over the batch.

# %% [markdown] tags=["question"]
# Squared error, cross entropy, BPR, triplet, contrastive, and the batch with log q: which comes first, which last?
#
# Answer: **The batch with log q leads, and the contrastive loss is last.** The other four lie within .01 of each other.

# %%
towers = train_and_test("in-batch + log q")  # films that the user knows are masked, too
options = {"seed": 0, "mask": None}
log_q_alone = train_towers(train, "in-batch", *SETTINGS["in-batch + log q"], **options)
results["log q, no mask"] = ndcg(log_q_alone.scores(A))
by_user = mean_and_standard_error(results["log q, no mask"])
print("{:17} NDCG@10 {:.3f} ± {:.3f}".format("log q, no mask", *by_user))
for name in ("MSE", "BCE", "triplet", "contrastive"):
    train_and_test(name)

# %%
print("user by user, in-batch + log q over")
gains = {}
for name in ("EASE", "log q, no mask", *SETTINGS):
    if name != "in-batch + log q":
        gains[name] = mean_and_standard_error(results["in-batch + log q"] - results[name])
        print("  {:14} {:+.3f} ± {:.3f}".format(name, *gains[name]))
means = {name: np.nanmean(per_user) for name, per_user in results.items()}
order = sorted(SETTINGS, key=means.get, reverse=True)
of_log_q = mean_and_standard_error(results["log q, no mask"] - results["in-batch"])
print("user by user, log q over none, nothing masked: {:+.3f} ± {:.3f}".format(*of_log_q))

# %% [markdown]
# With nothing masked, log q alone is worth about .11 (trained for 9 epochs, the plain batch for 12); the mask of known films
# adds less than .01, little more than its error. Without either, the batch is far below every loss with four evenly drawn negatives.
#
# The best towers, of 29,000 numbers, are level on this split with EASE, a formula of one line. They pay where EASE cannot go: new films, features.
#
# ### Hard negatives
#
# Most drawn films stand far below the positive already and teach little. So draw 20 and train on the one that scores highest? The next cell
# watches six epochs of each.

# %% [markdown] tags=["question"]
# One random negative against the hardest of 20, for BPR. Which list will be better?
#
# Answer: **The random one, by far**, though it starts more slowly. Nearly two in five of the hardest (scored by your BPR
# towers) are right answers, hidden for the test.

# %%
curves = {"1 random negative": [], "hardest of 20": []}
for (name, curve), hardest_of in zip(curves.items(), (None, 20), strict=True):

    def follow(towers, name=name, curve=curve):
        curve.append(ndcg(towers.scores(A)))
        if len(curve) in (1, 3, 6):
            print(f"{name:18} epoch {len(curve)}: NDCG@10 {np.nanmean(curve[-1]):.3f}")

    options = {"n_negatives": 1, "hardest_of": hardest_of, "after_epoch": follow}
    train_towers(train, "BPR", SETTINGS["BPR"][0], 6, seed=0, **options)
change = mean_and_standard_error(curves["hardest of 20"][-1] - curves["1 random negative"][-1])
print("user by user, after 6: {:+.3f} ± {:.3f}\n".format(*change))

rng = np.random.default_rng(0)
asked = train.users[rng.choice(len(train), 5000)]
films = draw_negatives(rng, known, asked, 20)
drawn_scores = np.where(known[asked[:, None], films], -np.inf, bpr.scores(A)[asked[:, None], films])
wrong = [
    hidden_too[asked, films[np.arange(5000), place]].mean()
    for place in (0, drawn_scores.argmax(axis=1))
]
print(
    "hidden test films among them: {:.0%} of random negatives, {:.0%} of the hardest".format(*wrong)
)

# %% [markdown]
# Hard negatives lead after the first epoch, and then gain little, at the rate that was chosen for random ones.
#
# ### Five other splits
#
# One split proves little: here are five others. (Validation films say when to stop and are not given back: values are
# lower than those above. The batch and CLIP mask known films where nothing else is said. EASE's β is lecture 03's penalty.)

# %%
table = lecture.recorded("table")
table

# %% tags=["claims"]
assert (
    max(
        table.number("against in-batch + log q", loss) + 2 * table.number("its error", loss)
        for loss in ("MSE", "EASE", "cross entropy")
    )
    < 0
), "more than two standard errors"
assert all(
    "  0 of 5  " in line
    for line in repr(table).splitlines()
    if line.startswith(("MSE  ", "EASE  ", "cross entropy  "))
), "In every one of the five splits"
assert all(
    0.0045 < table.number("NDCG@10", "in-batch + log q") - table.number("NDCG@10", loss) < 0.0105
    for loss in ("MSE", "EASE", "cross entropy")
), "by .005 to .01"
assert (
    0.0765
    < table.number("NDCG@10", "in-batch + log q")
    - table.number("NDCG@10", "in-batch, known films masked, without log q")
    < 0.0775
), "Without log q, with the same mask, it falls by .077"
assert 0.025 < table.number("NDCG@10", "MSE") - table.number("NDCG@10", "contrastive") < 0.035, (
    "all losses with four evenly drawn negatives lie within .03"
)
assert abs(
    table.number("NDCG@10", "in-batch + log q") - table.number("NDCG@10", "softmax over all films")
) < table.number("its error", "softmax over all films"), "level with the softmax over all films"
assert (
    0.0155
    < table.number("NDCG@10", "in-batch + log q") - table.number("NDCG@10", "sampled softmax")
    < 0.0165
), "is .016 behind"
assert (
    0.0065 < table.number("NDCG@10", "BPR") - table.number("NDCG@10", "BPR, 1 negative") < 0.0075
), "BPR with 4 negatives is .007 ahead of BPR with 1"
assert (
    0.0645
    < table.number("NDCG@10", "BPR") - table.number("NDCG@10", "BPR, negatives by popularity")
    < 0.0655
), "loses .065 when its negatives are drawn by popularity"
assert (
    0.07
    < table.number("NDCG@10", "BPR, 1 negative") - table.number("NDCG@10", "BPR, hardest of 20")
    < 0.075
), "the hardest of 20 instead of one at random costs BPR .07"
assert [
    round(table.number("against in-batch + log q", f"in-batch + log q, {masked}"), 3)
    for masked in ("repeats masked only", "nothing masked")
] == [-0.006, -0.008], "costs .006, hiding nothing .008"
assert table.number("NDCG@10", "MSE") > max(
    table.number("NDCG@10", f"in-batch + log q, {masked}")
    for masked in ("repeats masked only", "nothing masked")
), "enough to fall behind squared error"
assert [
    round(table.number("against in-batch + log q", f"CLIP (cosine, both ways){log_q}"), 3)
    for log_q in (" + log q", ", without log q")
] == [-0.038, -0.116], "is .038 behind on films, and without log q .116"
assert (
    np.ptp(
        [
            table.number("NDCG@10", "BPR"),
            table.number("NDCG@10", "triplet"),
            table.number("NDCG@10", "sampled softmax"),
        ]
    )
    < 0.005
), "within .005 of each other"

# %% [markdown]
# In every one of the five splits the batch softmax with log q and the known films masked is ahead of squared error, cross entropy and EASE: by .005 to .01 on average,
# more than two standard errors of the five differences.
#
# - *The correction.* Without log q, with the same mask, it falls by .077. With it, the batch is level with the softmax over all films, which it stands for.
# - *Many negatives help, if they are drawn rightly.* The same softmax over the positive and 4 evenly drawn films (the table's *sampled softmax*) is .016 behind; BPR with 4 negatives is .007 ahead of BPR with 1.
# - *Popularity.* BPR loses .065 when its negatives are drawn by popularity: the mistake of a batch without log q.
# - *Hard negatives.* Choosing the hardest of 20 instead of one at random costs BPR .07.
# - *Masks.* Hiding only the repeats, instead of all known films, costs .006, hiding nothing .008: enough to fall behind squared
#   error, whose drawn negatives are hardly ever known films.
# - *CLIP's form* (section 6: cosines, both ways) is .038 behind on films, and without log q .116.
# - *Not settled:* triplet, BPR and the sampled softmax are within .005 of each other.
#
# All models of the course that have done this task so far:

# %%
lecture.results("hidden films")

# %% tags=["claims"]
assert (
    0.4 < (means["in-batch"] - means["popularity"]) / (means["BPR"] - means["popularity"]) < 0.6
), "about half-way between popularity and BPR"
assert [order[0], *order[-2:]] == ["in-batch + log q", "contrastive", "in-batch"], (
    "leads, and the contrastive loss is last"
)
assert 0.1 < of_log_q[0] < 0.12, "log q alone is worth about .11"
assert 0 < gains["log q, no mask"][0] < min(0.01, 2 * gains["log q, no mask"][1]), (
    "adds less than .01, little more than its error"
)
assert min(means[name] for name in order[:-1]) > means["in-batch"] + 0.05, (
    "far below every loss with four evenly drawn negatives"
)
assert np.ptp([means[name] for name in order[1:-2]]) < 0.0075, (
    "The other four lie within .01 of each other"
)
assert abs(gains["EASE"][0]) < 1.5 * gains["EASE"][1], "are level on this split with EASE"
assert change[0] < -3 * change[1], "The random one, by far"
assert np.nanmean(curves["hardest of 20"][0] - curves["1 random negative"][0]) > 0.01, (
    "Hard negatives lead after the first epoch"
)
assert np.nanmean(curves["hardest of 20"][-1] - curves["hardest of 20"][0]) < 0.25 * np.nanmean(
    curves["1 random negative"][-1] - curves["1 random negative"][0]
), "and then gain little"
assert 0.34 < wrong[1] < 0.4, "Nearly two in five of the hardest"
assert round(2 * 32 * train.n_items, -3) == 29_000, "of 29,000 numbers"
assert [round(means[name], 3) for name in SETTINGS] == [
    lecture.results("hidden films").value("towers: MSE"),
    lecture.results("hidden films").value("towers: cross entropy"),
    lecture.results("hidden films").value("towers: BPR"),
    lecture.results("hidden films").value("towers: triplet"),
    lecture.results("hidden films").value("towers: contrastive"),
    lecture.results("hidden films").value("towers: in-batch softmax"),
    lecture.results("hidden films").value("towers: in-batch softmax + log q"),
], "that have done this task so far"

# %% [markdown]
# ### Your list
#
# A history tower needs no training for a new user: your vector is the mean of your films' $h$.

# %%
me = Me(ratings)
mine = np.zeros((1, train.n_items), np.float32)
mine[0, me.items] = 1.0
YourList(lecture, towers.scores(mine)[0], me)

# %% [markdown]
# ## 6 · CLIP: pictures and words in one space
#
# Nothing in the batch softmax says that a row is a user. **CLIP** (Radford et al., 2021) has a tower for pictures and one for
# texts, and was trained on 400 million pairs. It adds two things to the full product softmax:
#
# - vectors are brought to length 1, $x = X/\lVert X\rVert$: scores are cosines, and need an α, which is learnt;
# - **both directions**: for each picture the right text of the batch (softmax by rows), and for each text the right picture
#   (by columns). The loss is the mean of the two.
#
# If $g$ is the gradient by the unit vector $x$, what is the one by $X$? A longer $X$ has
# the same $x$, so the part of $g$ along $x$ must go:


# %% tags=["derivation"]
def instance(rng):
    X, g = rng.normal(size=(2, 4))
    k = int(rng.integers(4))

    def along(value):
        moved = np.where(np.arange(4) == k, value, X)
        return g @ (moved / np.linalg.norm(moved))

    return {"X": X, "g": g, "k": k, "along": along, "x": X / np.linalg.norm(X)}


Derivation(
    "The gradient of a direction",
    instance,
    Step(
        r"\frac{\partial}{\partial X_k}\; g \cdot \frac{X}{\lVert X\rVert}",
        "derivative(along, X[k])",
        why="a loss whose gradient by $x$ is $g$",
    ),
    Step(
        r"= \frac{g_k - (g \cdot x)\,x_k}{\lVert X\rVert}",
        "(g[k] - (g @ x) * x[k]) / np.linalg.norm(X)",
        tolerance=1e-6,
        why="$g$ without its part along $x$; a long vector turns more slowly",
    ),
).check()

# %% [markdown] tags=["question"]
# The column-wise half of CLIP's loss is a full product softmax, too. Of what?
#
# Answer: Of the same batch **with pictures and texts exchanged**, and β transposed.

# %% [markdown] exercise="clip_loss" difficulty=3 minutes=16
# Return CLIP's loss, a float, its gradients with respect to `X` and `Y`, each (m, d), and its derivative with respect to `alpha`, a float.
#
# - `X`, `Y`: (m, d), the towers' outputs *before* they are brought to length 1; no row is zero; pair $a$ is row $a$ of both
# - each direction is the *mean* over the $m$ pairs, and the loss the mean of the two directions
# - `beta`: a number or an (m, m) table, `beta[a, b]` for row $a$ of `X` and row $b$ of `Y`, added to the scores in both directions
#
# In the docstring's example, $\alpha = \log 3$, both texts point the same way: each picture finds them equally likely, $\log 2 = .693$. Text 0 gives its
# picture ¾, text 1 its own ¼, on average $(\log\frac43 + \log 4)/2 = .837$. The mean is .765.
#
# <details><summary>Hint</summary>
#
# Call `full_product_softmax` twice, with all pairs counting. In the second call the texts come first, and so do their gradients.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     x, y ← the rows of X and Y, divided by their lengths
#     beta ← as an (m, m) table
#     by rows: the full product softmax of x and y
#     by columns: the full product softmax of y and x, beta transposed
#     loss and derivatives: the sum of both, divided by 2m
#     gradients by X and Y ← as derived, row by row
#
# </details>


# %% nbgrader={"grade_id": "clip_loss", "solution": true}
def clip_loss(X, Y, alpha, beta):
    """Return (loss, gradients by X and Y, derivative by alpha) of CLIP's loss in both directions.

    X, Y and the gradients (m, d), no row zero; beta a number or (m, m), for X's row a and Y's row b.
    Radford et al. (2021), figure 3.

    >>> X, Y = np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[1.0, 0.0], [4.0, 0.0]])
    >>> loss, dX, dY, d_alpha = clip_loss(X, Y, np.log(3), beta=0.0)
    >>> round(loss, 3), round(d_alpha, 3)
    (0.765, 0.125)
    """
    ### BEGIN SOLUTION
    lengths = [np.linalg.norm(rows, axis=1, keepdims=True) for rows in (X, Y)]
    x, y = X / lengths[0], Y / lengths[1]
    m = len(X)
    beta, everyone = np.broadcast_to(beta, (m, m)), np.ones(m)
    by_rows, dx, dy, d_alpha = full_product_softmax(x, y, everyone, alpha, beta)
    by_columns, dy_too, dx_too, d_alpha_too = full_product_softmax(y, x, everyone, alpha, beta.T)
    dx, dy = (dx + dx_too) / (2 * m), (dy + dy_too) / (2 * m)
    dX = (dx - (dx * x).sum(axis=1, keepdims=True) * x) / lengths[0]
    dY = (dy - (dy * y).sum(axis=1, keepdims=True) * y) / lengths[1]
    return (by_rows + by_columns) / (2 * m), dX, dY, (d_alpha + d_alpha_too) / (2 * m)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_clip_loss", "grade": true}
lecture.check(clip_loss)

# %% [markdown]
# ### Numbers as pictures and as words
#
# Our pictures are two handwritten digits side by side, 8 × 16 pixels; their texts are the English names of
# the numbers from 20 to 99. **Twenty of the eighty numbers are never shown in training.**

# %%
pictures = load_number_pictures(seed=0)
rng = np.random.default_rng(0)
print("never shown:", ", ".join(map(str, pictures.never_shown)))
fig, axes = plt.subplots(2, 4, figsize=(7, 2.6))
for axis, number in zip(axes.flat, rng.choice(pictures.shown, 8, replace=False), strict=True):
    axis.imshow(pictures.train.draw(np.array([number]), rng).reshape(8, 16), cmap="gray_r")
    axis.set_title(number_name(number), fontsize=9)
    axis.axis("off")
plt.tight_layout()
plt.show()

# %% [markdown]
# Pictures go through a hidden layer of 128 units; texts, as letter trigrams, through a single matrix. Your
# function finds the gradients by the towers' outputs, torch carries them on. A batch of 256 holds each number several times: β hides the
# repeats.


# %% tags=["given"] jupyter={"source_hidden": true}
trigrams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), use_idf=False, dtype=np.float32)
NAMES = trigrams.fit_transform([number_name(n) for n in range(100)]).toarray()  # (100, n_trigrams)


def hide_repeats(numbers):
    """Return beta (m, m): -inf where a row's number stands in another column too."""
    elsewhere = (numbers[:, None] == numbers) & ~np.eye(len(numbers), dtype=bool)
    return np.where(elsewhere, -np.inf, 0.0)


def train_clip(pictures, seed, n_steps=500, batch=256):
    """Return (image tower, text tower, alpha, losses) trained on NumberPictures by clip_loss."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    image_tower = torch.nn.Sequential(
        torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 32)
    )
    text_tower = torch.nn.Linear(NAMES.shape[1], 32)
    log_alpha = torch.nn.Parameter(torch.tensor(10.0).log())
    parameters = [*image_tower.parameters(), *text_tower.parameters(), log_alpha]
    optimizer = torch.optim.Adam(parameters, lr=0.003)
    losses = []
    for _ in range(n_steps):
        numbers = rng.choice(pictures.shown, batch)
        X = image_tower(torch.from_numpy(pictures.train.draw(numbers, rng)))
        Y = text_tower(torch.from_numpy(NAMES[numbers]))
        alpha = log_alpha.detach().exp().item()
        outputs = X.detach().numpy(), Y.detach().numpy()
        loss, dX, dY, d_alpha = clip_loss(*outputs, alpha, hide_repeats(numbers))
        optimizer.zero_grad()
        torch.autograd.backward([X, Y], [torch.from_numpy(np.float32(d)) for d in (dX, dY)])
        log_alpha.grad = torch.tensor(d_alpha * alpha, dtype=torch.float32)
        optimizer.step()
        losses.append(loss)
    return image_tower, text_tower, log_alpha.detach().exp().item(), losses


# %%
clip = train_clip(pictures, seed=0)
print(
    f"alpha has grown from 10 to {clip[2]:.0f}; mean loss of the last 50 batches {np.mean(clip[3][-50:]):.2f}"
)

# %% [markdown]
# ### Zero-shot
#
# CLIP compares a picture with any text. To classify, write a **prompt** for each
# class ("a photo of a dog"; here "seventy four"), and take the nearest. A class that was never trained needs only a name:
# **zero-shot classification**.

# %% [markdown] exercise="zero_shot_scores" difficulty=1 minutes=6
# Return the probability of every class for every picture, (n_images, n_classes): the softmax, over the classes, of α times the cosine.
#
# - `images`: (n_images, d), `prompts`: (n_classes, d), a row for each class; no row is zero, and lengths differ
# - column $c$ belongs to row $c$ of `prompts`; α may be 2,000
#
# In the docstring's example the cosines are 1 and 0 and $\alpha = \log 3$: the probabilities are $3/(3 + 1)$ and $1/(3 + 1)$.
#
# <details><summary>Hint</summary>
#
# It is the softmax of the full product, by rows, without a diagonal. Bring both to length 1 first.
#
# </details>


# %% nbgrader={"grade_id": "zero_shot_scores", "solution": true}
def zero_shot_scores(images, prompts, alpha):
    """Return probabilities (n_images, n_classes): softmax of alpha times the cosine, by rows.

    images (n_images, d), prompts (n_classes, d), one row for each class; no row is zero.

    >>> images, prompts = np.array([[3.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> zero_shot_scores(images, prompts, alpha=np.log(3)).round(6)
    array([[0.75, 0.25]])
    """
    ### BEGIN SOLUTION
    x, y = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (images, prompts))
    scores = alpha * x @ y.T
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_zero_shot_scores", "grade": true}
lecture.check(zero_shot_scores)

# %% [markdown] tags=["question"]
# New handwriting; the prompts are the names of all eighty numbers. How many of the shown numbers are read correctly, how many of the never-shown ones? And
# of *ten* to *nineteen*, with their names as prompts too?
#
# Answer: **More than 95 of 100, shown or not**: the towers know *seventy* and *four*. But of *ten* to *nineteen* **none, or hardly any**.


# %%
@torch.no_grad()
def read_numbers(towers, pictures, numbers, prompts, rng):
    """Return what the towers read in new pictures of numbers, (n,), choosing among the prompts."""
    image_tower, text_tower, alpha, _ = towers
    images = image_tower(torch.from_numpy(pictures.test.draw(numbers, rng))).numpy()
    P = zero_shot_scores(images, text_tower(torch.from_numpy(NAMES[prompts])).numpy(), alpha)
    return prompts[P.argmax(axis=1)]


rng = np.random.default_rng(1)
reading = {}
print("1,000 pictures of    right    left digit   right digit")
for name, asked, prompts in [
    ("shown", pictures.shown, NUMBERS),
    ("never shown", pictures.never_shown, NUMBERS),
    ("ten to nineteen", np.arange(10, 20), np.arange(10, 100)),
]:
    numbers = rng.choice(asked, 1000)
    read = read_numbers(clip, pictures, numbers, prompts, rng)
    reading[name] = (
        np.mean(read == numbers),
        np.mean(read // 10 == numbers // 10),
        np.mean(read % 10 == numbers % 10),
    )
    print("{:18} {:7.3f} {:12.3f} {:12.3f}".format(name, *reading[name]))

# %% [markdown]
# The trigrams of a never-shown number are those of known tens and ones, and
# the picture tower reads the two halves.
#
# *Thirteen* breaks the rule: its ones come first, and neither *teen* nor a 1 on the left was ever shown. The right digit is read as well as ever, the left one
# is taken for a known one. Zero-shot means new combinations of known parts, not "anything".

# %% tags=["claims"]
assert min(reading["shown"][0], reading["never shown"][0]) > 0.95, (
    "More than 95 of 100, shown or not"
)
assert reading["ten to nineteen"][0] < 0.05, "ten to nineteen none, or hardly any"
assert abs(reading["ten to nineteen"][2] - reading["shown"][2]) < 0.02, (
    "The right digit is read as well as ever"
)
assert reading["ten to nineteen"][1] < 0.005, "the left one is taken for a known one"

# %% [markdown]
# ## 7 · What the numbers mean, and what to use
#
# If your negatives come from the batch, subtract $\log q$, and mask the films that the row's user knows (.008). With the same
# mask, $\log q$ is worth .077; all losses with four evenly drawn negatives lie within .03. What is left to go wrong:
#
# - *Log q needs q.* In a stream of events it must be estimated on the way, and for rare films badly.
# - *Repeats.* On the slides the full product softmax supposes "a dataset with unique users and documents". Ours are not unique: hence the masks.
#
# **What to read next.**
#
# - S. Rendle et al.: *BPR: Bayesian Personalized Ranking from Implicit Feedback*, UAI 2009.
# - F. Schroff et al.: *FaceNet*, CVPR 2015; R. Hadsell et al.: *Dimensionality Reduction by Learning an Invariant Mapping*, CVPR 2006.
# - Y. Bengio, J.-S. Senécal: *Adaptive Importance Sampling*, IEEE TNN 19(4), 2008; X. Yi et al.: *Sampling-Bias-Corrected Neural Modeling*, RecSys 2019.
# - A. van den Oord et al.: *Contrastive Predictive Coding*, 2018; T. Chen et al.: *SimCLR*, ICML 2020.
# - A. Radford et al.: *Learning Transferable Visual Models From Natural Language Supervision*, ICML 2021.
#
# **Formulas to keep.** With $\delta = u\cdot i - u\cdot j$, $D = P$ minus the identity in the rows that count, 0 in the others:
#
# | | loss | gradient |
# |:--|:--|:--|
# | squared error | $\sum w(s - y)^2/\sum w$ | $2w(s - y)/\sum w$ |
# | cross entropy | $\log(1 + e^z) - yz$ | $\sigma(z) - y$ |
# | BPR | $\log(1 + e^{-\delta})$ | by $\delta$: $-\sigma(-\delta)$ |
# | triplet | $\max(0, \text{margin} - \delta)$ | by $\delta$: $-1$ while $\delta < \text{margin}$ |
# | contrastive | $\frac12d^2$, or $\frac12\max(0, \text{margin} - d)^2$ | $x - y$, or $-(\text{margin} - d)(x - y)/d$ while $d < \text{margin}$ |
# | full product softmax | $-\sum_{r_a > 0}\log P_{aa}$ | $\alpha DV$, $\alpha D^\top U$ |
# | CLIP | the same of $X/\lVert X\rVert$ and $Y/\lVert Y\rVert$, a mean over pairs and both directions | $(g - (g\cdot x)\,x)/\lVert X\rVert$ |
# | log q | scores in the loss: $s_{ab} - \log q_b$ | without it: $\log p/q$ is learnt |

# %%
lecture.progress()
