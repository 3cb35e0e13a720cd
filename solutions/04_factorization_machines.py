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
# # 04 · Factorization machines: everything you know, in one row
#
# A film has just come out. Nobody has rated it, so matrix factorization (lecture 01) has only a vector of zeros for it: a **cold
# start**. But we do know something: it is a comedy, it is from 2014, the person in front of us has just watched another comedy,
# and it is Friday. What is known about a person or a film beside the ratings is called **side information**; what holds for this
# moment only is the **context**. How do we tell a model?
#
# For each new kind of knowledge people used to invent a new model: one for time, one for
# genres, one for what else a user has rated, each with its own derivation and its own program. In 2010
# Steffen Rendle proposed to stop that. **Write everything you know about one rating into one long row of
# numbers, give every column a small vector, and let every pair of columns interact through the dot
# product of their vectors.** That is a **factorization machine** (FM). What you put into the row decides which
# model it is; the mathematics and the program stay the same.
#
# After this lecture you can
#
# - turn users, films, histories and times into feature rows, and say why such rows are almost empty;
# - derive the identity that brings all pairs of $n$ features down from $n^2$ to $n$ steps;
# - derive the gradients by hand, and use them on sparse rows;
# - say what an interaction is that no linear model and no weight per pair can learn, and show that this machine does;
# - prove that matrix factorization with bias terms is a special case;
# - find out honestly which features help, and which do harm, for stars and for clicks.

# %% [markdown] tags=["overview"]

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.special import expit

from embedlab import Derivation, Lecture, Step
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.diagrams import fm_row
from embedlab.me import Me
from embedlab.offsets import fit_offsets, rmse
from embedlab.widgets import HeatMaps, YourList, heat_states

lecture = Lecture("04_factorization_machines")

# %% [markdown]
# Before you begin, three questions about lecture 03 (SLIM). Answer aloud or on paper, then open the fold.

# %% [markdown] tags=["question"]
# SLIM puts one weight at its best value while all the others stay. Why is there a formula for that value, without any learning rate?
#
# Answer: With the others fixed, the squared error and the L2 penalty are **a parabola in that single weight**; the L1 penalty only moves its lowest point,
# and $w \ge 0$ cuts it off. Section 10 does the same to today's model.

# %% [markdown] tags=["question"]
# SLIM forbids $w_{ii} > 0$. What would it learn if you allowed it, with small penalties?
#
# Answer: Close to **the identity matrix**. Each film would predict itself, the error on the training data would be nearly 0, and nothing would have been learnt
# about other films.

# %% [markdown] tags=["question"]
# A film that nobody has watched yet: can SLIM ever recommend it?
#
# Answer: No. **Its column and its row of $W$ stay zero**: there is no event to learn them from. The same happens to its vector in matrix factorization. This is where today's
# question starts.

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# The data and the split are those of lecture 01: the stars that 671 people gave on MovieLens until 2016, a
# fifth of every user's ratings hidden. Stars are **explicit feedback**: people say what they think. (What they only watch or click is **implicit feedback**;
# section 9.) The baselines are those of lecture 01 too: the mean for everybody, and the **bias terms** (also called baseline predictors)
# $\mu + b_u + b_i$, where each user and each film departs from the mean by a number of its own, pulled towards zero
# where there are few ratings.

# %%
ratings = load_movielens_small()
titles = np.array(ratings.films.titles)
train, test = split_at_random(ratings, test_fraction=0.2, seed=1)
ratings

# %% [markdown]
# *Data: MovieLens latest-small (2016). Please use it for non-commercial purposes only and cite
# F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
# The full terms are in `datasets/movielens_small/`.*

# %%
bias_terms = fit_offsets(train)
results = {"mean": np.full(len(test), train.values.mean()), "bias terms": bias_terms(test)}
for name, predicted in results.items():
    print(f"{name:11} test RMSE {rmse(predicted, test.values):.3f}")

# %% [markdown] tags=["question"]
# Where will the bias terms go wrong? We sort the hidden ratings by how often their film was rated in the training part. Before you look: what is left of
# $\mu + b_u + b_i$ for a film without any rating?
#
# Answer: **The mean and the user's own departure from it.** All films without ratings get the same prediction from a user, so the error should be largest there.

# %%
film_counts = np.bincount(train.items, minlength=train.n_items)
bounds = {
    "0": (0, 1),
    "1 to 4": (1, 5),
    "5 to 19": (5, 20),
    "20 to 99": (20, 100),
    "100 or more": (100, 999),
}
test_groups = {
    label: (low <= film_counts[test.items]) & (film_counts[test.items] < end)
    for label, (low, end) in bounds.items()
}


def rmse_by_count(name):
    """Return a prediction's test RMSE in each group of films."""
    return [rmse(results[name][rows], test.values[rows]) for rows in test_groups.values()]


def show_by_count(names):
    """Print each prediction's test RMSE by the number of training ratings of the film."""
    print(f"{'film rated ... times':24}" + "".join(f"{label:>12}" for label in test_groups))
    shares = (f"{rows.mean():12.0%}" for rows in test_groups.values())
    print(f"{'share of test ratings':24}" + "".join(shares))
    for name in names:
        print(f"{name:24}" + "".join(f"{error:12.3f}" for error in rmse_by_count(name)))


show_by_count(["mean", "bias terms"])

# %% tags=["claims"]
assert all(np.diff(rmse_by_count("bias terms")) < 0), "Errors grow as a film's ratings get fewer"

# %% [markdown]
# Errors grow as a film's ratings get fewer. For a film without ratings **its id is worth nothing, and something else has to tell such films apart**. A
# model that knows films by their content as well is called **hybrid**. That is the first situation in which features beyond user and film pay.

# %% [markdown] tags=["question"]
# The same person, the same song, but on Monday morning instead of Friday night. Can the model of lecture 01 make two different predictions?
#
# Answer: No. It sees **nothing but the two ids**, and they are the same. Here the *context* has to enter the row (**context-aware recommendation**). That is the second situation.

# %% [markdown]
# ## 2 · One row per rating
#
# The figure that made the paper famous shows such rows: who, which film, what else they rated, when, and
# what they rated last. We rebuild it, with real ratings. To fit it on a page, we take only the five most rated
# films, and three people.

# %%
five = ratings.with_popular_films(min_ratings=290)
letters = ["SW", "PF", "Sh", "FG", "Si"]
for name, title in zip(letters, five.films.titles, strict=True):
    print(name, title)

# %% [markdown]
# One **row** per rating, five **blocks** of columns:
#
# | block | columns | value |
# |:--|:--|:--|
# | user | n_users | 1 for the user, else 0 (**one-hot encoding**) |
# | film | n_items | 1 for the film, else 0 |
# | others | n_items | $1/m$ for each of the $m$ *other* films this user has rated, else 0 |
# | time | 1 | a number, here years |
# | last | n_items | 1 for the film they rated just before, else 0 |
#
# The rows of all ratings, one below the other, are the **design matrix** (or feature matrix) $X$. The target $y$, the stars, is not part of the row. (In the paper's figure the film itself is among
# the "other" films as well. We leave it out: of a rating we want to predict we do not know that it exists, and a row
# should look the same in training and in use.)

# %% [markdown] exercise="design_row" difficulty=1 minutes=10
# Return the row as an array of length `n_users + n_items + n_items + 1 + n_items`, blocks in the order of
# the table.
#
# - `user`, `item`: indices; `time`: a float
# - `rated`: array of the films the user is known to have rated, each once, in any order; `item` may be
#   among them and must then be left out *before* you divide; if nothing is left, the block is zero
# - `last`: the film rated before this one, or $-1$ if there is none: then the block is zero
#
# By hand, for the docstring's example (2 users, 3 films): user 1 is `0 1`, film 0 is `1 0 0`, the other films
# are 1 and 2 with a half each, `0 .5 .5`, then the time, then `0 0 1`.
#
# <details><summary>Hint</summary>
#
# Start from zeros. The film's column is `n_users + item`; work out where each further block begins. `rated[rated !=
# item]` are the others. And remember that `x[-1]` is a valid place in Python.
#
# </details>


# %% nbgrader={"grade_id": "design_row", "solution": true}
def design_row(user, item, rated, time, last, n_users, n_items):
    """Return one feature row, (n_users + 3 * n_items + 1,): user, film, others, time, last film.

    rated (m,): films the user has rated; last: a film, or -1 for none. Rendle (2010), figure 1.

    >>> design_row(1, 0, np.array([2, 0, 1]), 1.5, 2, n_users=2, n_items=3).tolist()
    [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.5, 0.5, 1.5, 0.0, 0.0, 1.0]
    """
    ### BEGIN SOLUTION
    x = np.zeros(n_users + 3 * n_items + 1)
    x[user] = 1.0
    x[n_users + item] = 1.0
    others = rated[rated != item]
    if len(others) > 0:
        x[n_users + n_items + others] = 1 / len(others)
    x[n_users + 2 * n_items] = time
    if last >= 0:
        x[n_users + 2 * n_items + 1 + last] = 1.0
    return x
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_design_row", "grade": true}
lecture.check(design_row)

# %% [markdown]
# And here is the figure. Time is counted in years since the first of these eight ratings. Only the coloured cells hold something, all others are zeros: look at how few they are.

# %%
people = [31, 47, 74]
chosen = np.flatnonzero(np.isin(five.users, people))
years = (five.timestamps[chosen] - five.timestamps[chosen].min()) / (365.25 * 24 * 3600)
figure = []
for position, n in enumerate(chosen):
    user, item = people.index(five.users[n]), five.items[n]
    own = five.items[five.users == five.users[n]]  # in the order of time
    place = int(np.flatnonzero(own == item)[0])
    last = own[place - 1] if place > 0 else -1
    figure.append(design_row(user, item, np.sort(own), years[position], last, len(people), 5))
figure = np.array(figure)
fm_row(
    figure,
    {
        "user": people, "film": letters, "other films": letters, "time": ["years"],
        "last film": letters,
    },
    five.values[chosen],
)  # fmt: skip

# %% tags=["claims"]
assert figure[4][:8].tolist() == [0, 1, 0, 0, 1, 0, 0, 0], "user 47 rates *Pulp Fiction*"
assert figure[4][8:13].tolist() == [0, 0, 0, 0.5, 0.5], "half of the other films are *Forrest Gump*"
assert round(figure[4, 13], 1) == 18.3, "18.3 years in"
assert five.values[chosen][4] == 4.5, "4.5 stars"
assert figure[4, 14:].tolist() == [0, 0, 0, 0, 1], "before was *The Silence of the Lambs*"

# %% [markdown]
# Read the fifth row aloud: "user 47 rates *Pulp Fiction*; half of the other films are *Forrest Gump*, half *The Silence of the
# Lambs*; 18.3 years in; the film before was *The Silence of the Lambs*; 4.5 stars". The first two blocks alone are
# matrix factorization's data. Everything to the right is new, and adding a block took a line.
#
# Two things to notice. A row is **almost all zeros**: on the full data one user among 671, one film among 9,066, and so on. And now that
# everything is a column, a model does not have to know what a "user" is. Choosing the columns is called **feature engineering**.
#
# ### How the columns should interact
#
# The simplest model of such a row is linear, $w_0 + \sum_i w_i x_i$.

# %% [markdown] tags=["question"]
# Take the linear model with users and films as columns, and two people who have seen nothing yet. Can it put the films into a different order for each of them?
#
# Answer: No. A user's weight is added to all films alike, so **everybody gets the same order of films**: it is the bias terms again.

# %% [markdown]
# Taste sits in **pairs** of columns: *this* user with *this* film. Such a joint effect, which the two columns do not have each for itself, is an **interaction**. So
# give every pair a weight, which is **polynomial regression** of degree 2:
#
# $$\hat y(x) = w_0 + \sum_{i=1}^n w_i x_i + \sum_{i<j} w_{ij}\, x_i x_j .$$
#
# What could these weights be learnt from?

# %% [markdown] tags=["question"]
# Take a hidden rating, and the weight $w_{ij}$ of its user and its film. It starts at 0. What does training make of it, and would ten times as many ratings of the same kind help?
#
# Answer: **It stays where it started.** A row moves $w_{ij}$ only if it contains both columns, and nobody rates a film twice. More ratings do not help: the
# pair that we want to predict is by its nature one without a rating. The next cell counts.

# %%
n_users, n_items = ratings.n_users, ratings.n_items
n_columns = n_users + 3 * n_items + 1
seen_cells = train.interactions().toarray() > 0
print(f"columns of a row: {n_columns:,}")
print(
    f"pairs of a user and a film: {seen_cells.size:,}, in the training rows: {seen_cells.sum():,}"
)
seen_again = seen_cells[test.users, test.items].sum()
print(f"test ratings whose pair is in the training rows: {seen_again} of {len(test):,}")

# %% tags=["claims"]
assert seen_again == 0, "no training row has touched"

# %% [markdown]
# It cannot be otherwise. **Every single user-film weight we would need is one
# that no training row has touched.** This is the problem with pairs in sparse data, and more data of the same kind does not
# cure it.
#
# The way out is that of lecture 01. Do not learn $w_{ij}$ freely; give every column $i$ a vector $v_i$ of $k$
# numbers and set $w_{ij} = \langle v_i, v_j\rangle$:
#
# $$\hat y(x) = w_0 + \sum_{i=1}^n w_i x_i + \sum_{i=1}^n \sum_{j=i+1}^n \langle v_i, v_j\rangle\, x_i x_j .$$
#
# Now $v_{\text{user 47}}$ is learnt from *all* pairs that user is in, and so is $v_{\text{Pulp Fiction}}$; a pair that never occurred
# gets its weight from what both did with others.

# %% [markdown] exercise="n_parameters" difficulty=1 minutes=4
# Return two ints (whole floats will not do): how many parameters the model with a free weight $w_{ij}$ per pair has, and how many the
# factorization machine has. Both contain $w_0$ and the $n$ weights $w_i$.
#
# By hand, for the docstring's example: six features have $5 + 4 + 3 + 2 + 1 = 15$ pairs, so $1 + 6 + 15 = 22$; with vectors of
# 2 numbers, $1 + 6 + 12 = 19$.
#
# <details><summary>Hint</summary>
#
# Of the $n^2$ cells of a square table, take away the diagonal and half of the rest. Use `//` to stay with whole numbers.
#
# </details>


# %% nbgrader={"grade_id": "n_parameters", "solution": true}
def n_parameters(n, k):
    """Return (parameters with a weight per pair, parameters with k factors), two ints.

    n >= 1 features, k >= 1 factors. Rendle (2010), section III.

    >>> n_parameters(6, 2)
    (22, 19)
    """
    ### BEGIN SOLUTION
    return 1 + n + n * (n - 1) // 2, 1 + n + n * k
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_n_parameters", "grade": true}
lecture.check(n_parameters)

# %%
full, factorized = n_parameters(n_columns, 10)
print(f"a weight per pair: {full:13,} parameters")
print(f"10 factors:        {factorized:13,} parameters, for {len(train):,} training ratings")
print(f"factors above which nothing is saved: {(n_columns - 1) / 2:,.0f}")
print("5 columns, 10 factors: {} and {}".format(*n_parameters(5, 10)))

# %% tags=["claims"]
assert full / factorized > 1000, "more than a thousand times fewer"
assert n_parameters(5, 10)[0] < n_parameters(5, 10)[1], "but not with five columns and ten factors"

# %% [markdown]
# The vectors have more than a thousand times fewer parameters. They save some as long as $k < (n-1)/2$: always in practice, but not with five columns and ten factors.
#
# (Some texts count $n(n+1)/2$ pairs. That pairs each column with itself as well; with $i < j$ there are $n(n-1)/2$.)
#
# ## 3 · All pairs, in one pass
#
# First the definition, word for word. It is slow, and it is what every faster version will be compared with.

# %% [markdown] exercise="pairwise_naive" difficulty=1 minutes=5
# Return $\sum_{i<j}\langle v_i, v_j\rangle\, x_i x_j$ as a float, with a loop over all pairs.
#
# - `x`: (n,), `V`: (n, k) with row `V[i]` $= v_i$
#
# By hand, for the docstring's example: the dot products are $\langle v_0, v_1\rangle = 4$, $\langle v_0, v_2\rangle = -2$,
# $\langle v_1, v_2\rangle = -1$; times $1\cdot2$, $1\cdot3$, $2\cdot3$ that is $8 - 6 - 6 = -4$.
#
# <details><summary>Hint</summary>
#
# Two loops: `for i in range(n)` and inside it `for j in range(i + 1, n)`. Add up `(V[i] @ V[j]) * x[i] * x[j]`.
#
# </details>


# %% nbgrader={"grade_id": "pairwise_naive", "solution": true}
def pairwise_naive(x, V):
    """Return the sum of <v_i, v_j> x_i x_j over all pairs i < j, a float.

    x (n,), V (n, k). Rendle (2010), equation 1, its last term.

    >>> pairwise_naive(np.array([1.0, 2.0, 3.0]), np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]]))
    -4.0
    """
    ### BEGIN SOLUTION
    total = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total += float(V[i] @ V[j]) * x[i] * x[j]
    return float(total)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pairwise_naive", "grade": true}
lecture.check(pairwise_naive)

# %% [markdown]
# A row of the full data has 27,870 columns and so 388 million pairs. One prediction would take minutes.
#
# Think of the table $T$ with the entry $T_{ij} = \langle v_i, v_j\rangle x_i x_j$ in row $i$, column $j$. We want what lies *above the
# diagonal*. The table is symmetric, so below the diagonal lies the same again:
#
# $$\sum_{i<j} T_{ij} = \tfrac12\Big[\sum_{i,j} T_{ij} - \sum_i T_{ii}\Big].$$
#
# The diagonal has only $n$ cells. The whole table has $n^2$, so its sum has to be found without writing it down.
#
# Here is the table of the last row of the figure, without its zeros: user 74, *Shawshank*, two other films, the time, the last film. The vectors
# are still random (that of the time ten times shorter, because its value is ten times larger). **What to look for:** on the left, each cell and its mirror image have the same colour. Hover
# over a cell to read it; the slider shows each factor by itself.

# %%
names = ["user 74", "Shawshank", "other: SW", "other: FG", "time", "last: SW"]
x = figure[-1][figure[-1] != 0]
V_small = np.random.default_rng(4).normal(0, 0.8, (6, 2)).round(1)
V_small[4] /= 10
states, sums = ["factor 1", "factor 2", "both factors"], []
tables = []
for factors in ([0], [1], [0, 1]):
    table = (V_small[:, factors] @ V_small[:, factors].T) * np.outer(x, x)
    diagonal = np.where(np.eye(6) > 0, table, np.nan)
    pairs = np.where(np.triu(np.ones((6, 6)), k=1) > 0, table, np.nan)
    tables.append([table, diagonal, pairs])
    sums.append([np.nansum(part) for part in tables[-1]])
for name, (whole, diagonal, pairs) in zip(states, sums, strict=True):
    print(f"{name:12}  whole {whole:5.2f}, diagonal {diagonal:5.2f}:", end=" ")
    print(f"half of the difference {(whole - diagonal) / 2:5.2f}, sum of i < j {pairs:5.2f}")
panels = ["whole table", "its diagonal", "what we want: i < j"]
HeatMaps(heat_states(tables, states, panels, names, names), slider="factors")

# %% tags=["claims"]
assert all(np.isclose((a - b) / 2, c) for a, b, c in sums), "The last two numbers agree"

# %% [markdown]
# The last two numbers agree, as they must.

# %% [markdown] tags=["question"]
# In the whole table of a *single* factor, look at any two rows. How do they differ, and what does that mean for the sum of the table?
#
# Answer: One row is a multiple of the other, because the table is **a column times a row**, $(v_{if}x_i)(v_{jf}x_j)$. Two lists of $n$ numbers hold all of it, so its sum needs no table either. How it
# follows from the two lists is your next line.

# %% [markdown]
# The cell below holds an **executable derivation**: every line is a formula and the same formula as code, all lines are computed on 20 random instances, and each must equal the one before
# it. (The cell is folded; click the bar beside it to see how it is written.)
#
# **Your turn: one line is open** (8 minutes), and it is tested in the same way. Write in quotes the sum of the *whole* table as an expression of `x` (n,) and `V` (n, k), without any loop and
# without an n × n array.
#
# <details><summary>Hint</summary>
#
# Begin with a single factor and three columns, and multiply out $(a + b + c)(a + b + c)$. Which product with `x` and `V` makes such a sum for each factor?
#
# </details>

# %% nbgrader={"grade_id": "everything_line", "solution": true}
everything_line = "..."
### BEGIN SOLUTION
everything_line = "((x @ V)**2).sum()"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    x, V = rng.normal(size=6), rng.normal(size=(6, 3))
    return {"x": x, "V": V, "n": 6, "k": 3}


Derivation(
    "All pairs, and the whole table",
    instance,
    Step(
        r"\sum_{i=1}^n \sum_{j=i+1}^n \langle v_i, v_j\rangle\, x_i x_j",
        "sum(V[i] @ V[j] * x[i] * x[j] for i in range(n) for j in range(i + 1, n))",
        why="the definition: the part of the table above the diagonal",
    ),
    Step(
        r"= \tfrac12 \Big[\sum_{i,j} T_{ij} - \sum_i T_{ii}\Big]",
        "0.5 * (np.sum(V @ V.T * np.outer(x, x)) - np.trace(V @ V.T * np.outer(x, x)))",
        why="everything, minus the diagonal, halved",
    ),
    Step(
        r"\sum_{i,j} T_{ij}",
        "np.sum(V @ V.T * np.outer(x, x))",
        starts=True,
        why="now the whole table by itself",
    ),
    Step(
        r"= \sum_{i,j} \sum_f v_{if} v_{jf}\, x_i x_j",
        "sum(V[i, f] * V[j, f] * x[i] * x[j]"
        " for i in range(n) for j in range(n) for f in range(k))",
        why="the dot product written out",
    ),
    Step(
        r"= \sum_f \sum_{i,j} (v_{if} x_i)(v_{jf} x_j)",
        "sum(V[i, f] * x[i] * V[j, f] * x[j]"
        " for f in range(k) for i in range(n) for j in range(n))",
        why="the sum over factors goes outside; factors do not meet each other",
    ),
    Step(
        r"=\;?", everything_line, yours=True, names=("x", "V"), why="your line: without the table"
    ),
).check()

# %% [markdown] exercise="pairwise_fast" difficulty=1 minutes=4
# Return the same number as `pairwise_naive`, in a number of steps that grows with $n$, not with $n^2$: no double loop, no
# $n \times n$ table. (The check sees only the number.) Your line gives the whole table. What does its diagonal add up to, without the table?
#
# - `x`: (n,), `V`: (n, k)
#
# By hand, for the docstring's example (the one from above): the whole table adds up to 34, its diagonal to 42. Half of $34 - 42$ is $-4$.
#
# <details><summary>Hint</summary>
#
# Write out one cell of the diagonal, $T_{ii} = \langle v_i, v_i\rangle x_i x_i$. Which numbers are squared in it, and is that before or after they are added up? Compare with your line.
#
# </details>


# %% nbgrader={"grade_id": "pairwise_fast", "solution": true}
def pairwise_fast(x, V):
    """Return the sum of <v_i, v_j> x_i x_j over all pairs i < j, in O(nk) steps, a float.

    x (n,), V (n, k). Rendle (2010), lemma 3.1.

    >>> pairwise_fast(np.array([1.0, 2.0, 3.0]), np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]]))
    -4.0
    """
    ### BEGIN SOLUTION
    sums = x @ V  # (k,)
    squares = x**2 @ V**2  # (k,)
    return float(0.5 * (sums**2 - squares).sum())
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pairwise_fast", "grade": true}
lecture.check(pairwise_fast)

# %% [markdown]
# Equal on a thousand random rows of both signs?

# %%
rng = np.random.default_rng(0)
largest = 0.0
for _ in range(1000):
    n, k = rng.integers(1, 12), rng.integers(1, 8)
    x, V = rng.normal(size=n), rng.normal(size=(n, k))
    largest = max(largest, abs(pairwise_naive(x, V) - pairwise_fast(x, V)))
print(f"largest difference below 1e-10: {largest < 1e-10}")

# %% [markdown]
# This is the **identity** on which everything below rests:
#
# $$\sum_{i<j}\langle v_i, v_j\rangle\, x_i x_j = \tfrac12\sum_f\Big[\Big(\sum_i v_{if}x_i\Big)^2 - \sum_i v_{if}^2x_i^2\Big].$$
#
# It costs, for each factor, $2n$ multiplications and one more for the square. In a sparse row only the $m$ columns that are not zero count: $k\,(2m + 1)$.

# %% [markdown] tags=["question"]
# You add a block of a million columns to the row, one of which is not zero in each rating. How much longer does a prediction take?
#
# Answer: **As if a single column were new**: two multiplications for each factor. The other 999,999 columns are zeros, and cost nothing.

# %% [markdown]
# Here are times, recorded by `benchmarks/factorization_machines.py` in the course's repository.

# %%
lecture.recorded("cost")

# %% tags=["claims"]
assert (
    120
    < (full - n_columns - 1)
    * lecture.recorded("cost").number("all pairs, µs", "1,000")
    / (1000 * 999 / 2)
    / 1e6
    < 3600
), "One prediction would take minutes."
assert lecture.recorded("cost").number("identity, 6 columns not zero, µs", "27,870") < (
    2 * lecture.recorded("cost").number("identity, 6 columns not zero, µs", "10")
), "hardly changes"

# %% [markdown]
# The last column hardly changes: **a prediction costs as much as what is known about it**, however many columns exist.
#
# ## 4 · The gradients, by hand
#
# One row $x$ with the target $y$ and the loss $\ell = \tfrac12(\hat y - y)^2$. For any parameter $\theta$ the chain rule gives
# $\partial\ell/\partial\theta = (\hat y - y)\,\partial\hat y/\partial\theta$, so what we need is how the prediction
# depends on each parameter. For $w_0$ the answer is 1. For $w_i$ it is $x_i$. For $v_{if}$, let $q_f = \sum_j v_{jf}x_j$ be the sum of factor $f$, which
# the prediction has computed anyway.
#
# **Your turn (6 minutes).** Differentiate $\tfrac12\big[q_f^2 - \sum_i v_{if}^2x_i^2\big]$ with respect to $v_{if}$. Write the result for
# all $i$ and $f$ at once, shape (n, k), as an expression of `x` (n,), `q` (k,) and `V` (n, k). `np.outer(x, q)` is the (n, k) table of
# all $x_i q_f$, and `(x**2)[:, None]` makes a column of $x$ squared.

# %% nbgrader={"grade_id": "vector_gradient_line", "solution": true}
vector_gradient_line = "..."
### BEGIN SOLUTION
vector_gradient_line = "np.outer(x, q) - (x**2)[:, None] * V"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    x, V, w = rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=5)
    w0, y = rng.normal(size=2)

    def predict(w0, w, V):
        pairs = sum(V[i] @ V[j] * x[i] * x[j] for i in range(5) for j in range(i + 1, 5))
        return w0 + w @ x + pairs

    return {
        "x": x, "V": V, "w": w, "w0": w0, "y": y, "q": x @ V, "n": 5, "k": 3,
        "predict": predict, "error": predict(w0, w, V) - y,
        "loss": lambda w0, w, V: 0.5 * (predict(w0, w, V) - y) ** 2,
    }  # fmt: skip


Derivation(
    "How the prediction and the loss depend on the parameters",
    instance,
    Step(
        r"\frac{\partial \hat y}{\partial V}",
        "derivative(lambda V: predict(w0, w, V), V)",
        why="computed numerically, from the definition with all pairs",
    ),
    Step(
        r"= \Big[x_i \sum_{j \ne i} v_{jf}\, x_j\Big]_{if}",
        "np.array([[x[i] * sum(V[j, f] * x[j] for j in range(n) if j != i)"
        " for f in range(k)] for i in range(n)])",
        tolerance=1e-7,
        why="$v_{if}$ occurs in the pairs of $i$ with every other feature",
    ),
    Step(
        r"=\;?",
        vector_gradient_line,
        yours=True,
        names=("x", "q", "V"),
        tolerance=1e-7,
        why="your line, with the cached $q_f$",
    ),
    Step(
        r"\frac{\partial \ell}{\partial V}",
        "derivative(lambda V: loss(w0, w, V), V)",
        starts=True,
        why="the loss, numerically",
    ),
    Step(
        r"= (\hat y - y)\,\frac{\partial \hat y}{\partial V}",
        "error * derivative(lambda V: predict(w0, w, V), V)",
        tolerance=1e-7,
        why="chain rule: the error times how the prediction moves",
    ),
    Step(
        r"\frac{\partial \ell}{\partial w}",
        "derivative(lambda w: loss(w0, w, V), w)",
        starts=True,
        why="and the single weights",
    ),
    Step(r"= (\hat y - y)\,x", "error * x", tolerance=1e-7, why="$\\hat y$ contains $w_i x_i$"),
    Step(
        r"\frac{\partial \ell}{\partial w_0}",
        "derivative(lambda w0: loss(w0, w, V), w0)",
        starts=True,
        why="and the constant",
    ),
    Step(r"= \hat y - y", "error", tolerance=1e-7, why="the slope of $w_0$ is 1"),
).check()

# %% [markdown]
# In words: the vector of a feature is pulled towards (or pushed away from) the **sum of the other features' vectors**, weighted by their values, as
# strongly as the prediction was wrong. In matrix factorization the only other feature was one film.

# %% [markdown] tags=["question"]
# Which parameters of feature $i$ does a row with $x_i = 0$ move?
#
# Answer: None: **each of its gradients has a factor $x_i$**. A row moves only what it contains. So one step costs as little as one prediction.

# %% [markdown] tags=["question"]
# And a row with a single feature that is not zero: what does it do to that feature's vector?
#
# Answer: Nothing. There, $q_f = v_{if}x_i$, and the bracket $q_f - v_{if}x_i$ is 0: there is **no partner to be pulled towards**. Only $w_0$ and $w_i$ learn from such a row.

# %% [markdown] exercise="fm_gradients" difficulty=2 minutes=12
# Return the gradients of $\ell = \tfrac12(\hat y - y)^2$ for one row: `(by_w0, by_w, by_V)`, a float and arrays of the shapes (n,) and
# (n, k).
#
# - `x`: (n,), `y`: the target, `w0`: a float, `w`: (n,), `V`: (n, k)
#
# By hand, for the docstring's example: the linear part is $0.5 + 2$, the pairs are $-4$, so $\hat y = -1.5$ and the error is $-1.5 - (-6.5) = 5$.
# The sums are $q = (3, 5)$. Feature 1, with $x_1 = 2$ and $v_1 = (2, 1)$: $2\,(3 - 4) = -2$ and $2\,(5 - 2) = 6$, times the error: $(-10, 30)$.
#
# <details><summary>Hint</summary>
#
# Everything follows from one number, the error *prediction minus target*. Three derivatives of the prediction, each times that number.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     prediction = w0 + (weights times values, added up) + pairs of x and V, by your fast function
#     error      = prediction minus target
#     q[f]       = sum over i of V[i, f] x[i]                 one number per factor
#     by w0:       error
#     by w[i]:     error times x[i]
#     by V[i, f]:  error times (x[i] q[f] minus x[i] squared V[i, f])
#     return the three, the first as a plain float
#
# </details>


# %% nbgrader={"grade_id": "fm_gradients", "solution": true}
def fm_gradients(x, y, w0, w, V):
    """Return the gradients of (prediction - y)^2 / 2 by w0, w (n,) and V (n, k).

    x (n,), y a number, w0 a number, w (n,), V (n, k). Rendle (2010), equation 4.

    >>> x, w = np.array([1.0, 2.0, 3.0]), np.array([1.0, -1.0, 1.0])
    >>> V = np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]])
    >>> by_w0, by_w, by_V = fm_gradients(x, -6.5, 0.5, w, V)
    >>> by_w0, by_w.tolist(), by_V.tolist()
    (5.0, [5.0, 10.0, 15.0], [[5.0, 25.0], [-10.0, 30.0], [90.0, 30.0]])
    """
    ### BEGIN SOLUTION
    error = w0 + w @ x + pairwise_fast(x, V) - y
    q = x @ V
    by_V = error * (np.outer(x, q) - (x**2)[:, None] * V)
    return float(error), error * x, by_V
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fm_gradients", "grade": true}
lecture.check(fm_gradients)

# %% [markdown]
# ## 5 · Many rows, few of them filled
#
# The training rows have 28 thousand columns each, nearly all of them 0.

# %% [markdown] tags=["question"]
# How much memory would 80 thousand such rows take as an ordinary NumPy array, with 8 bytes a number?
#
# Answer: **About 18 gigabytes**, for two billion numbers. Stored sparsely, user and film alone take two numbers a row.

# %% [markdown]
# SciPy's `csr_array` keeps, row after row, only
# the columns and values that are stored: those of row `r` are `X.indices[X.indptr[r]:X.indptr[r + 1]]` and `X.data[...]` at the same
# places. The products `X @ V` and `X.T @ Y` touch nothing else, and so do `X.power(2)` and slices of rows, `X[5:8]`. With these, all
# predictions are a few lines.

# %% [markdown] exercise="fm_on_sparse_rows" difficulty=2 minutes=11
# Return two things: the predictions of all rows, (m,), and the sums $Q$, (m, k), with $q_{rf} = \sum_i v_{if}x_{ri}$ in row $r$ (we keep them
# for the gradients). Touch only what is stored: never make `X` dense. (The check does not see
# that; the eighty thousand rows of section 7 would.)
#
# - `X`: `csr_array` (m, n), `w0`: a float, `w`: (n,), `V`: (n, k); a row may have no features at all
#
# By hand, for the docstring's example: row 0 is the row we know, $-1.5$ with $q = (3, 5)$. Row 1 has only features 1 and 2, with the values 1 and
# 2: linear part $0.5 - 1 + 2$, one pair, $-1 \cdot 1 \cdot 2$, together $-0.5$; $q = (2 - 2, 1 + 2)$.
#
# <details><summary>Hint</summary>
#
# Both halves of the identity are a sparse matrix times something dense: `X` times the vectors, and the squares of `X` times the squared lengths
# of the vectors.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     Q[r, f]     = sum over i of X[r, i] V[i, f]             one sparse product, all rows at once
#     length2[i]  = sum over f of V[i, f] squared             (n,)
#     own[r]      = sum over i of X[r, i] squared times length2[i]       X.power(2) has the squares
#     pairs[r]    = half of (sum over f of Q[r, f] squared, minus own[r])
#     prediction[r] = w0 + (weights times the row's values) + pairs[r]
#     return predictions, Q
#
# </details>


# %% nbgrader={"grade_id": "fm_on_sparse_rows", "solution": true}
def fm_on_sparse_rows(X, w0, w, V):
    """Return the predictions (m,) of all rows and their sums Q (m, k), touching only stored values.

    X csr_array (m, n), w0 a number, w (n,), V (n, k).

    >>> X = csr_array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]])
    >>> w, V = np.array([1.0, -1.0, 1.0]), np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]])
    >>> predictions, Q = fm_on_sparse_rows(X, 0.5, w, V)
    >>> predictions.tolist(), Q.tolist()
    ([-1.5, -0.5], [[3.0, 5.0], [0.0, 3.0]])
    """
    ### BEGIN SOLUTION
    Q = X @ V
    own = X.power(2) @ (V**2).sum(axis=1)
    return w0 + X @ w + 0.5 * ((Q**2).sum(axis=1) - own), Q
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fm_on_sparse_rows", "grade": true}
lecture.check(fm_on_sparse_rows)

# %% [markdown]
# And the gradients of many rows together?

# %% [markdown] tags=["question"]
# You could call `fm_gradients` for each row and add up the results. Why is that out of the question with 80 thousand rows?
#
# Answer: **Each call makes a dense (n, k) array**, 28 thousand by 10, although a row moves only the few vectors of its own features. (And a Python loop is slow.)

# %% [markdown]
# Sum those of the single rows, $\sum_r e_r\,x_{ri}\,(q_{rf} - v_{if}x_{ri})$ with the errors $e_r$, and sort by what
# depends on the row.


# %% tags=["derivation"]
def instance(rng):
    X = rng.normal(size=(7, 5)) * (rng.random((7, 5)) < 0.6)
    V, e = rng.normal(size=(5, 3)), rng.normal(size=7)
    return {"X": X, "V": V, "e": e, "Q": X @ V, "m": 7, "n": 5}


Derivation(
    "The vectors' gradient of many rows, from stored values only",
    instance,
    Step(
        r"\sum_r e_r \Big[x_{ri} \sum_{j \ne i} v_{jf}\, x_{rj}\Big]_{if}",
        "sum(e[r] * np.array([X[r, i] * sum(V[j] * X[r, j] for j in range(n) if j != i)"
        " for i in range(n)]) for r in range(m))",
        why="row by row, from the definition",
    ),
    Step(
        r"= \Big[\sum_{r:\, x_{ri} \ne 0} e_r\, x_{ri}\,(q_{rf} - v_{if}\, x_{ri})\Big]_{if}",
        "np.array([sum((e[r] * X[r, i] * (Q[r] - V[i] * X[r, i]) for r in np.flatnonzero(X[:, i])),"
        " np.zeros(3)) for i in range(n)])",
        why="with the cached sums; rows without feature $i$ drop out",
    ),
    Step(
        r"= X^\top \operatorname{diag}(e)\, Q - \operatorname{diag}\big((X \circ X)^\top e\big)\, V",
        "X.T @ (e[:, None] * Q) - ((X**2).T @ e)[:, None] * V",
        why="$q_{rf}$ depends on the row and stays in the sum; $v_{if}$ does not and goes in front",
    ),
).check()


# %% tags=["given"]
def batch_gradients(X, y, w0, w, V, activation=np.positive):
    """Return the gradients of sum_r (prediction_r - y_r)^2 / 2 by w0, w (n,) and V (n, k)."""
    predictions, Q = fm_on_sparse_rows(X, w0, w, V)
    e = activation(predictions) - y
    return e.sum(), X.T @ e, X.T @ (e[:, None] * Q) - (X.power(2).T @ e)[:, None] * V


# %% [markdown]
# (`activation` is for section 9; NumPy's `positive` leaves the predictions as they are.) Is it the same as your `fm_gradients`, summed over the eight rows of the figure?

# %%
w0, w, V = rng.normal(), rng.normal(size=19), rng.normal(size=(19, 4))
y = five.values[chosen]
together = batch_gradients(csr_array(figure), y, w0, w, V)
one_by_one = [fm_gradients(x, target, w0, w, V) for x, target in zip(figure, y, strict=True)]
for name, batch, singles in zip(
    ["w0", "w", "V"], together, zip(*one_by_one, strict=True), strict=True
):
    print(f"gradient by {name:2} equal: {np.allclose(batch, sum(singles))}")

# %% [markdown]
# **A place to pause.** Half-way: you have the model, its gradients, and both in a few sparse products. Save, and have a coffee. From here on, we let it learn.

# %% [markdown]
# ## 6 · A table that only factors can complete
#
# Before the real data, a toy that tells the three models of section 2 apart. Twelve people and twelve genres. The first six people like the first six
# genres ($+1$) and dislike the others ($-1$); with the other six people it is the reverse. (An *exclusive or*, XOR: neither the person nor the genre alone says anything.) No model is told who
# belongs where. Each person has rated eight genres, four that they like and four that they dislike; the other four answers are hidden. **The hidden pairs stand in no training row.**

# %%
person, genre = np.indices((12, 12))
taste = np.where((person < 6) == (genre < 6), 1.0, -1.0)
hidden = (person % 6 + genre % 6) % 3 == 0
print(f"{(~hidden).sum()} pairs seen, {hidden.sum()} hidden")
for axis, name in enumerate(("genre", "person")):
    means = np.where(hidden, 0, taste).sum(axis=axis)
    print(f"every {name}'s seen answers add up to 0: {(means == 0).all()}")

# %% [markdown] tags=["question"]
# Take two people $p, p'$ from different halves, two genres $g, g'$ from different halves, and the four cells where they cross. A linear model predicts $w_0 + w_p + w_g$, and so on. Add up its predictions on
# one diagonal of the four, and on the other. What follows for its errors, whatever its weights?
#
# Answer: Both sums are $2w_0 + w_p + w_{p'} + w_g + w_{g'}$. The truth adds up to $+2$ on one diagonal and $-2$ on the other. So the four errors together are **never below 4, an average of 1 per cell**:
# no linear model has an RMSE below 1 on such cells, and predicting 0 everywhere has that already. The hidden cells can be sorted into such fours ($p' = p + 6$, $g' = g + 6$).

# %% [markdown] tags=["question"]
# Three models will be trained on the 96 pairs seen: linear; linear with a weight for each *pair* of person and genre; a factorization machine with $k = 1$. Write down the RMSE that you expect of each on the pairs
# seen, and on the hidden ones.
#
# Answer: **The machine 0 and 0**, the linear model 1 and 1, the weights per pair 0 and 1. The weight of a hidden pair is in no training row, so its gradient is always 0, and what predicts there is the linear part.


# %% tags=["given"]
def one_hot(indices, n):
    """Return (m, n) sparse rows with a 1 at column indices[r] of row r; none where it is -1."""
    rows = np.flatnonzero(indices >= 0)
    return csr_array((np.ones(len(rows)), (rows, indices[rows])), shape=(len(indices), n))


# %%
def descend(X, y, X_all, k, shown, rate=0.01):
    """Return the predictions for the rows X_all after each number of steps in `shown`."""
    rng, snapshots = np.random.default_rng(0), []
    w0, w, V = 0.0, np.zeros(X.shape[1]), rng.normal(0, 0.1, (X.shape[1], k))
    for step in range(max(shown) + 1):
        if step in shown:
            snapshots.append(fm_on_sparse_rows(X_all, w0, w, V)[0])
        by_w0, by_w, by_V = batch_gradients(X, y, w0, w, V)
        w0, w, V = w0 - rate * by_w0, w - rate * by_w, V - rate * by_V
    return snapshots


both = hstack([one_hot(person.ravel(), 12), one_hot(genre.ravel(), 12)]).tocsr()
with_pairs = hstack([both, one_hot(np.arange(144), 144)]).tocsr()
seen, shown = ~hidden.ravel(), [40, 50, 60, 70, 80, 100, 200, 400]
toy, toy_rmse = {}, {}
for name, rows, k in (("linear", both, 0), ("weight per pair", with_pairs, 0), ("FM", both, 1)):
    toy[name] = descend(rows[seen], taste.ravel()[seen], rows, k, shown)
    toy_rmse[name] = [rmse(toy[name][-1][part], taste.ravel()[part]) for part in (seen, ~seen)]
    print("{:16} RMSE on pairs seen {:.2f}, on hidden ones {:.2f}".format(name, *toy_rmse[name]))

# %% tags=["claims"]
assert min(toy_rmse["linear"]) > 0.999, "the linear model has learnt nothing"
assert toy_rmse["weight per pair"][0] < 0.05 < 0.999 < toy_rmse["weight per pair"][1], "by heart"
assert max(toy_rmse["FM"]) < 0.01, "The machine has completed the table"
assert abs(toy["weight per pair"][-1][~seen]).max() < 1e-9, "With a weight per pair they stay blank"
assert abs(np.array(toy["linear"])).max() < 1e-9, "predicts 0 everywhere at every step"

# %% [markdown]
# Now step by step. (The linear model predicts 0 everywhere at every step and has no picture.) **What to look for:** the cells that are empty on the left, which are hidden. What becomes of them in
# the middle, and what on the right? P is a person, G a genre.

# %%
grids = [toy[name] for name in ("weight per pair", "FM")]
truth = [np.where(hidden, np.nan, taste).ravel()] * len(shown)
HeatMaps(
    heat_states(
        np.stack([truth, *grids], axis=1).reshape(len(shown), 3, 12, 12),
        [f"{step}" for step in shown], ["seen", "weight per pair", "FM"],
        [f"P{p + 1}" for p in range(12)], [f"G{g + 1}" for g in range(12)],
    ),
    slider="step",
)  # fmt: skip

# %% [markdown]
# On such a table the linear model has learnt nothing. The weights per pair know the training pairs by heart and nothing else. The machine has completed the table. Look at the hidden cells again. With a weight per pair they stay blank; with
# factors they fill in together with the others, because nothing tells a hidden cell from a seen one once both vectors are learnt.

# %% [markdown] tags=["question"]
# Which vectors with $k = 1$ give the table exactly? And what if the pairs seen fell into two groups that have no person and no genre in common: would the machine still complete the table?
#
# Answer: $+1$ for the first six people and genres and $-1$ for the others (or all signs turned). With two groups, each learns its own pattern, but **the sign of one group against the other is free**, and the
# hidden pairs between them are a coin toss. Pairs that never met need a chain of pairs that did.

# %% [markdown]
# The toy was made for the machine: no noise, and tastes of rank 1. It shows what factors *can* do. What they do on real ratings is the question of section 8.
#
# ## 7 · A theorem: matrix factorization is inside
#
# Keep only the first two blocks: a row with two ones, at user $u$ and at film $i$.

# %% [markdown] tags=["question"]
# Suppose the row had a 2 instead of a 1 at the film. Could the machine then make predictions that it cannot make now?
#
# Answer: No. A film's weight and vector half as long give the same predictions as before; **only the penalty would notice**. So the ones lose nothing, and the double sum,
# with a single pair of columns that are not zero, collapses to $\langle v_u, v_i\rangle$.


# %% tags=["derivation"]
def instance(rng):
    n_users, n_items = 3, 4
    V, w, w0 = rng.normal(size=(7, 2)), rng.normal(size=7), rng.normal()
    u, i = int(rng.integers(n_users)), int(rng.integers(n_items))
    x = np.zeros(7)
    x[u] = x[n_users + i] = 1.0
    return {
        "x": x, "V": V, "w": w, "w0": w0, "u": u, "i": i, "n": 7,
        "P": V[:n_users], "Q": V[n_users:], "b_user": w[:n_users], "b_item": w[n_users:],
    }  # fmt: skip


Derivation(
    "One-hot user and film: biased matrix factorization",
    instance,
    Step(
        r"w_0 + \sum_a w_a x_a + \sum_{a<b} \langle v_a, v_b\rangle\, x_a x_b",
        "w0 + w @ x + sum(V[a] @ V[b] * x[a] * x[b] for a in range(n) for b in range(a + 1, n))",
        why="the factorization machine, on a row with a 1 at $u$ and a 1 at $i$",
    ),
    Step(
        r"= w_0 + w_u + w_i + \langle v_u, v_i\rangle",
        "w0 + w[u] + w[3 + i] + V[u] @ V[3 + i]",
        why="two weights are left, and one pair; film $i$ is column n_users $+\\, i$",
    ),
    Step(
        r"= \mu + b_u + b_i + p_u \cdot q_i",
        "w0 + b_user[u] + b_item[i] + P[u] @ Q[i]",
        why="other names for the same numbers: mean, biases, factors",
    ),
).check()

# %% [markdown] exercise="fm_equals_biased_mf" difficulty=2 minutes=7
# Return the predictions for **all** users and films, (n_users, n_items), of a factorization machine with one-hot users and films,
# without building a single row.
#
# - `w0`: a float; `w`: (n_users + n_items,) and `V`: (n_users + n_items, k), users first
#
# By hand, for the docstring's example, one user and two films: $0.5 + 1 - 1 + 4 = 4.5$ and $0.5 + 1 + 1 - 2 = 0.5$.
#
# <details><summary>Hint</summary>
#
# Cut `w` and `V` after `n_users`. All dot products of users and films are one matrix product.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     user weights, film weights = w up to n_users, the rest
#     user vectors, film vectors = the same cut through the rows of V
#     prediction[u, i] = w0 + user weight u + film weight i + <user vector u, film vector i>
#         user weights as a column, [:, None], so that they go down the rows
#         all dot products: (n_users, k) times (k, n_items)
#
# </details>


# %% nbgrader={"grade_id": "fm_equals_biased_mf", "solution": true}
def fm_equals_biased_mf(w0, w, V, n_users):
    """Return the (n_users, n_items) predictions of an FM on one-hot users and items.

    w0 a number, w (n_users + n_items,), V (n_users + n_items, k). Rendle (2010), section V.A.

    >>> w, V = np.array([1.0, -1.0, 1.0]), np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]])
    >>> fm_equals_biased_mf(0.5, w, V, n_users=1).tolist()
    [[4.5, 0.5]]
    """
    ### BEGIN SOLUTION
    biases = w0 + w[:n_users, None] + w[n_users:]
    return biases + V[:n_users] @ V[n_users:].T
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fm_equals_biased_mf", "grade": true}
lecture.check(fm_equals_biased_mf)

# %% [markdown]
# The theorem as a test, on real rows: the machine applied to the one-hot rows of all training ratings, against the table.

# %%
X = hstack([one_hot(train.users, n_users), one_hot(train.items, n_items)]).tocsr()
w0, w, V = 3.5, rng.normal(size=X.shape[1]), rng.normal(size=(X.shape[1], 5))
machine, _ = fm_on_sparse_rows(X, w0, w, V)
factorization = fm_equals_biased_mf(w0, w, V, n_users)[train.users, train.items]
print(
    f"{len(machine):,} predictions equal to 1e-10: {np.abs(machine - factorization).max() < 1e-10}"
)

# %% [markdown]
# Other rows give other models you may have read about, without a new derivation. With the *others* block, implicit feedback as a feature, the machine has what SVD++
# has (lecture 02), and some pairs more; with the last film instead of the user it is a factorized Markov chain; with a
# user, a film and a tag it ranks tags. Rendle's paper shows several.
#

# %% [markdown] tags=["question"]
# Add a third block, the film's genres. Which new terms does the prediction get, and which of them can say something about a film without any rating?
#
# Answer: A weight per genre, **the user's vector with each genre's**, the film's with each genre's, and genres with one another. All but the film's own work for such a film: the genres' vectors have been learnt from other films.

# %% [markdown]
# ## 8 · Which features help?
#
# Here are blocks for the full data: those of the figure except *others*, and two about the film, its **genres** and its **half-decade**, the five years in which it came
# out. The block of others would be long: a user with a thousand ratings has a thousand of them in each of their rows.

# %%
per_user = np.bincount(train.users)
stored_others = (per_user * (per_user - 1)).sum()
print(f"stored values, user and film: {2 * len(train):,}")
print(f"stored values, others:        {stored_others:,}")

# %% tags=["claims"]
assert stored_others > 100 * 2 * len(train), "more than a hundred times as long"

# %% [markdown]
# That is more than a hundred times as long as user and film together, so we leave it out; we have not tried it. Each of the $m$ genres of a film counts $1/\sqrt m$, so that every
# film's block has length 1, like that of a one-hot block. The
# *last* film is taken from the training ratings only, and the order of two ratings is not always known:

# %%
seconds = np.stack((ratings.users, ratings.timestamps), axis=1)
_, counts = np.unique(seconds, axis=0, return_counts=True)
print(
    "ratings that share their user and second with another: "
    f"{counts[counts > 1].sum() / len(ratings):.0%}"
)

# %% [markdown]
# Such ratings we order by the film's number, because the data do not say more. Their "last film" is the order of entry, or of our table, rather than of watching.


# %% tags=["given"]
def last_known_film(known, ratings):
    """Return for each rating the film that its user rated just before it in `known`, or -1."""
    # one number that sorts by user, then time, then film
    key = lambda some: (some.users * 2**34 + some.timestamps) * 2**14 + some.items  # noqa: E731
    order = np.argsort(key(known))
    before = np.searchsorted(key(known)[order], key(ratings)) - 1
    own = (before >= 0) & (known.users[order][before] == ratings.users)
    return np.where(own, known.items[order][before], -1)


def film_genres(films):
    """Return (n_items, n_genres) sparse rows of length 1."""
    names = sorted({genre for genres in films.genres for genre in genres})
    table = np.array([[genre in genres for genre in names] for genres in films.genres], dtype=float)
    return csr_array(table / np.sqrt(np.maximum(table.sum(axis=1, keepdims=True), 1)))


def feature_rows(known, ratings, blocks):
    """Return sparse feature rows of `ratings`, the chosen blocks side by side.

    `known` are the ratings that may be used as features: the training part.
    """
    films = ratings.films
    first, last = known.timestamps.min(), known.timestamps.max()
    make = {
        "user": lambda: one_hot(ratings.users, ratings.n_users),
        "film": lambda: one_hot(ratings.items, ratings.n_items),
        "time": lambda: csr_array(((ratings.timestamps - first) / (last - first))[:, None]),
        "last film": lambda: one_hot(last_known_film(known, ratings), ratings.n_items),
        "genres": lambda: film_genres(films)[ratings.items],
        "half-decade": lambda: one_hot(
            np.clip((films.years - 1920) // 5, 0, 19)[ratings.items], 20
        ),
    }
    return hstack([make[block]() for block in blocks]).tocsr()


# %% [markdown]
# The vector of a busy user occurs in a thousand rows per epoch, that of a rare film in three: no learning rate suits both. **AdaGrad** (Duchi, Hazan and Singer, 2011) divides the
# rate of every single parameter by the root of the sum of its squared gradients so far. **Regularization**: the penalty $\tfrac{\lambda}2\lVert\cdot\rVert^2$ counts each vector once
# (lecture 01 counted it once per rating), and each batch carries its share of it.


# %% tags=["given"]
def fit_machine(X, y, k=10, l2_w=3.0, l2_V=12.0, activation=np.positive):
    """Return (w0, w, V) after six epochs of AdaGrad in mini-batches of 1,000 shuffled rows."""
    rng, n, rate = np.random.default_rng(0), X.shape[1], 0.2
    parameters = [np.array(y.mean()), np.zeros(n), rng.normal(0, 0.02, (n, k))]
    penalties = [0.0, l2_w, l2_V]
    squares = [np.ones_like(parameter) for parameter in parameters]
    for _ in range(6):
        order = rng.permutation(len(y))
        rows, targets = X[order], y[order]
        for start in range(0, len(y), 1000):
            part = slice(start, start + 1000)
            gradients = batch_gradients(rows[part], targets[part], *parameters, activation)
            share = len(targets[part]) / len(y)
            for parameter, gradient, l2, square in zip(
                parameters, gradients, penalties, squares, strict=True
            ):
                gradient = gradient + share * l2 * parameter
                square += gradient**2
                parameter -= rate * gradient / np.sqrt(square)
        rate *= 0.9  # so that the last steps are small
    return parameters


def predict_stars(train, ratings, blocks):
    """Fit a machine with these blocks on `train` and return its predictions for `ratings`."""
    fitted = fit_machine(feature_rows(train, train, blocks), train.values)
    predictions, _ = fm_on_sparse_rows(feature_rows(train, ratings, blocks), *fitted)
    return np.clip(predictions, 0.5, 5.0)


# %% [markdown]
# If you try five sets of features on the test ratings and report the best one, you have used the test ratings to choose. So we hide another fifth of the *training*
# ratings and choose there. (Five machines, some ten seconds.)

# %% [markdown] tags=["question"]
# We start from user and film and add: the time; the last film; the genres; genres and half-decade. Write the five machines down from best to worst, and say whether any is worse than the bias terms.
#
# Answer: **Genres and half-decade first**, then genres alone; the time is worth next to nothing; and the last film does harm, so much that the machine is no better than the bias terms.

# %%
fit_part, validation = split_at_random(train, test_fraction=0.2, seed=2)
ids = ["user", "film"]
ladder = {
    "user, film": ids,
    "+ time": [*ids, "time"],
    "+ last film": [*ids, "last film"],
    "+ genres": [*ids, "genres"],
    "+ genres, half-decade": [*ids, "genres", "half-decade"],
}
errors = {"bias terms": (fit_offsets(fit_part)(validation) - validation.values) ** 2}
for name, blocks in ladder.items():
    predicted = predict_stars(fit_part, validation, blocks)
    errors[name] = (predicted - validation.values) ** 2

against, against_error = {}, {}
for name, squared in errors.items():
    difference = squared - errors["user, film"]  # rating by rating
    against[name] = difference.mean()
    against_error[name] = difference.std() / np.sqrt(len(difference))
    print(
        f"{name:21} RMSE {np.sqrt(squared.mean()):.3f}",
        f"  squared error against user, film: {against[name]:+.4f} ± {against_error[name]:.4f}",
    )

# %% tags=["claims"]
assert -against["+ genres, half-decade"] > 3 * against["bias terms"] > 0, "more than three times"
assert errors["+ genres"].mean() > errors["+ genres, half-decade"].mean(), "then genres alone"
assert abs(against["+ time"]) < 2 * against_error["+ time"], "that we could tell from chance"
assert against["+ last film"] > 3 * against_error["+ last film"], "The last film makes it worse"
assert against["+ last film"] > 0.9 * against["bias terms"], "gained over the bias terms is gone"

# %% [markdown]
# The last column compares with "user, film", rating by rating, with its standard error (below 0 is better).
#
# - The film's **genres and half-decade help a lot**: in squared error they gain more than three times what the factors of users and films gain over the bias terms.
# - **Time** as a single number changes nothing that we could tell from chance. All it can say is a straight line per user and per film.
# - **The last film makes it worse**: all that the factors had gained over the bias terms is gone. It brings nine thousand new columns, each with a vector to learn. What a user rated before
#   says little about the *stars* they give now (it says more about *what* they watch next; lecture 10), so what is learnt there
#   is mostly noise. A larger penalty on these columns might soften the harm. And their order is partly an accident, as we saw.
#
# The machine accepts every feature you can think of. That does not make each of them a good idea; only held-out ratings
# can tell. ($k$, the penalties and the number of epochs were chosen in the same way, in a handful of tries on the same validation ratings.)
#
# Now fit the chosen machine to all training ratings and look at the hidden ones, once.

# %%
results["FM: user, film"] = predict_stars(train, test, ladder["user, film"])
results["FM: + genres, half-decade"] = predict_stars(train, test, ladder["+ genres, half-decade"])
for name, predicted in results.items():
    print(f"{name:26} test RMSE {rmse(predicted, test.values):.3f}")
print()
show_by_count(results)

# %%
plt.figure(figsize=(6, 2.8))
for name, style in {
    "bias terms": "ko:", "FM: user, film": "C2s-", "FM: + genres, half-decade": "C3^-",
}.items():  # fmt: skip
    plt.plot(list(test_groups), rmse_by_count(name), style, label=name)
plt.xlabel("training ratings of the film")
plt.ylabel("test RMSE")
plt.legend(frameon=False)
plt.tight_layout()
plt.show()

# %% tags=["claims"]
assert rmse_by_count("FM: + genres, half-decade")[0] < rmse_by_count("bias terms")[0] - 0.03, (
    "For a film without ratings the bias terms"
)
assert (
    rmse_by_count("FM: + genres, half-decade")[-1] < rmse_by_count("FM: user, film")[-1] - 0.01
), "gain as well"

# %% [markdown]
# There is the answer to the question of the beginning. For a film without ratings the bias terms are at a loss, and the machine knows what the person
# thinks of comedies of those years. But look at the other end: the films with a hundred ratings and more gain as well, although their ids are well known.

# %% [markdown] tags=["question"]
# Two guesses about these films. (a) It is users with *few ratings* who gain, because they meet a genre sooner than a film a second time. (b) It is users with a *marked taste*, whose ratings of these genres lie far from what the bias terms say,
# however many they have. Which one do you believe, and how would you test it?
#
# Answer: **Sort the test ratings by each quantity, computed on the training part alone**, and look at the gain group by group. That is the next cell. (b) holds, (a) does not.

# %% jupyter={"source_hidden": true}
has_genre = film_genres(ratings.films).toarray() > 0
ratings_of = one_hot(train.users, n_users).T  # (n_users, training ratings)
residual = train.values - bias_terms(train)
leaning = ratings_of @ (residual[:, None] * has_genre[train.items])  # (n_users, genres)
leaning /= ratings_of @ has_genre[train.items].astype(float) + 5  # few ratings: towards 0
genres_of = has_genre[test.items]
taste_for = (leaning[test.users] * genres_of).sum(axis=1) / np.maximum(genres_of.sum(axis=1), 1)

popular = film_counts[test.items] >= 100
gain = (results["FM: user, film"] - test.values) ** 2
gain -= (results["FM: + genres, half-decade"] - test.values) ** 2
gains, gain_errors = {}, {}
print(f"{'gain by quarters of':20}" + "".join(f"{q:>17}" for q in ("lowest", 2, 3, "highest")))
for name, quantity in {
    "ratings of the user": per_user[test.users], "marked taste": abs(taste_for),
}.items():  # fmt: skip
    quarter = np.searchsorted(np.quantile(quantity[popular], [0.25, 0.5, 0.75]), quantity)
    groups = [gain[popular & (quarter == number)] for number in range(4)]
    gains[name] = [group.mean() for group in groups]
    gain_errors[name] = [group.std() / np.sqrt(len(group)) for group in groups]
    cells = zip(gains[name], gain_errors[name], strict=True)
    print(f"{name:20}" + "".join(f"{mean:+9.3f} ± {error:.3f}" for mean, error in cells))

# %% tags=["claims"]
assert np.ptp(gains["ratings of the user"]) < max(gain_errors["ratings of the user"]), (
    "about the same"
)
assert gains["marked taste"][-1] > 3 * max(gains["marked taste"][:-1]), "four times any other"

# %% [markdown]
# (The cell is folded.) These are gains in squared error. *Marked taste* is how far the user's training ratings of the film's genres lie from the bias terms, on average. By the number of the user's ratings all four gain about the same, within their standard errors. The users with
# the most marked taste gain about four times any other quarter. So the genres are more than a stand-in for films without ratings: even for well-known films, the factors of users and films alone, held small by the penalty, had not
# found all that a history says about genres.

# %% [markdown]
# ## 9 · Clicks: the same machine with a sigmoid
#
# Most factorization machines at work do not predict stars. They predict a yes or no: will this person click this advertisement, here and now (**click-through rate prediction**, CTR)? Only the last step changes. The machine's
# number $\hat y$ becomes a probability $\sigma(\hat y) = 1/(1 + e^{-\hat y})$, and the loss becomes the **log loss** (cross entropy), $-\ln$ of the probability given to what happened.

# %% [markdown] tags=["question"]
# In lecture 01 you derived the gradients for thumbs up or down. What has to change in `batch_gradients` for a target $y$ of 0 or 1?
#
# Answer: **Only the error: $e = \sigma(\hat y) - y$.** The chain rule passes it on to the same $\partial\hat y/\partial\theta$ as before.


# %% tags=["derivation"]
def instance(rng):
    x, w0, w, V = rng.normal(size=4), rng.normal(), rng.normal(size=4), rng.normal(size=(4, 2))
    y = float(rng.integers(2))

    def predict(V):
        return w0 + w @ x + 0.5 * ((x @ V) ** 2 - x**2 @ V**2).sum()

    def loss(V):
        p = 1 / (1 + np.exp(-predict(V)))
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    return {"V": V, "y": y, "y_hat": predict(V), "predict": predict, "loss": loss}


Derivation(
    "From stars to clicks",
    instance,
    Step(
        r"\frac{\partial}{\partial V}\Big[-y\ln\sigma(\hat y) - (1 - y)\ln(1 - \sigma(\hat y))\Big]",
        "derivative(loss, V)",
        why="the log loss of one row, numerically",
    ),
    Step(
        r"= (\sigma(\hat y) - y)\,\frac{\partial \hat y}{\partial V}",
        "(1 / (1 + np.exp(-y_hat)) - y) * derivative(predict, V)",
        tolerance=1e-6,
        why="the error, now between $-1$ and $1$, times how $\\hat y$ moves",
    ),
).check()

# %% [markdown]
# So `activation=expit` (SciPy's sigmoid) is all that `fit_machine` needs. We have no clicks here. We take "four stars or more" for a yes, and that is easier than life: our people chose what
# to watch, while in click data most rows are things that were shown and ignored, or negatives that we sampled ourselves (**negative sampling**, lecture 01). All on the held-out part of the training ratings, where each model's penalties were chosen too.

# %% [markdown] tags=["question"]
# The penalties 3 and 12 were chosen for stars, whose errors are often above 1. For a yes or no the error stays below 1. If we kept these penalties, would the vectors come out too long or too short?
#
# Answer: **Too short**: the data pull less, so the same $\lambda$ weighs more. The row "penalties of the stars" shows it.

# %%
liked, liked_later = fit_part.values >= 4, validation.values >= 4
losses = {"base rate": -np.log(np.where(liked_later, liked.mean(), 1 - liked.mean()))}
longest = {}
film_features = ladder["+ genres, half-decade"]
for name, blocks, *settings in (  # k, l2_w, l2_V
    ("linear", ids, 0, 0.2, 0.0),
    ("FM", ids, 10, 0.2, 5.0),
    ("FM, penalties of the stars", ids, 10, 3.0, 12.0),
    ("FM + genres, half-decade", film_features, 10, 0.5, 10.0),
):
    rows = feature_rows(fit_part, fit_part, blocks)
    w0, w, V = fit_machine(rows, liked, *settings, activation=expit)
    scores, _ = fm_on_sparse_rows(feature_rows(fit_part, validation, blocks), w0, w, V)
    losses[name] = -np.log(expit(np.where(liked_later, scores, -scores)))
    longest[name] = np.sqrt((V**2).sum(axis=1)).max()
for name, loss in losses.items():
    gain = loss - losses["linear"]
    error = gain.std() / np.sqrt(len(gain))
    print(f"{name:27} log loss {loss.mean():.4f}  against linear: {gain.mean():+.4f} ± {error:.4f}")

# %% tags=["claims"]
assert losses["FM"].mean() < losses["linear"].mean() - 0.001, "gain a little over the linear model"
assert losses["FM"].mean() - losses["FM + genres, half-decade"].mean() > 5 * (
    losses["linear"].mean() - losses["FM"].mean()
), "more than five times that"
assert losses["FM, penalties of the stars"].mean() > losses["linear"].mean(), (
    "worse than the linear"
)
assert longest["FM, penalties of the stars"] < 0.05 < 1 < longest["FM"], "shrink to almost nothing"

# %% [markdown]
# The same story as with stars: the vectors of users and films gain a little over the linear model (logistic regression on the ids), those of genres and half-decades more than five times that. And
# with the penalties of the stars the vectors shrink to almost nothing, and the machine is worse than the linear model.
# **Choose the penalties anew for each loss.**
#
# ## 10 · One number at a time
#
# Steps down a gradient need a learning rate. There is a way without, and it is the one the best factorization-machine programs take.
# Look again at the prediction, as a function of **one** parameter $\theta$ with everything else fixed.

# %% [markdown] tags=["question"]
# As a function of a single number $v_{if}$, what kind of curve is the prediction: a line, a parabola, something else? And as a function of one value $x_i$ of the row?
#
# Answer: **Straight lines, both**, because no pair contains a feature twice ($i < j$): neither $v_{if}$ nor $x_i$ ever meets itself. (As a function of all of $V$ together it is of degree two.)

# %% [markdown]
# So for each kind of parameter
#
# $$\hat y(x) = g(x) + \theta\, h(x), \qquad h = 1,\quad h = x_i,\quad h = x_i\,(q_f - v_{if}x_i) \qquad\text{for } w_0,\ w_i,\ v_{if}.$$
#
# The loss over all rows, with a penalty $\tfrac\lambda2\theta^2$, is therefore a parabola in $\theta$, and its minimum is a formula. Put each parameter in turn at its
# minimum, and repeat: **alternating least squares** for factorization machines (Rendle et al., 2011), the sweep of SLIM's coordinate descent (lecture 03) once more.
#
# **Mind the sign.** From here on we work with the **residual** $y - \hat y$, what is left to explain. (In sections 4 to 9 the error was $e = \hat y - y$, the same with the opposite sign.)
#
# **Your turn: one line is open** (5 minutes). The minimum needs $y - g$, the target without what the other parameters explain. A program does not keep $g$,
# it keeps `residual` (m,), which is $y - \hat y$ at the old value `theta`. Write $y - g$ as an expression of `residual`, `h` (m,) and `theta`.

# %% nbgrader={"grade_id": "rest_line", "solution": true}
rest_line = "..."
### BEGIN SOLUTION
rest_line = "residual + theta * h"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    X, y = rng.normal(size=(8, 4)), rng.normal(size=8)
    w0, w, V = rng.normal(), rng.normal(size=4), 0.5 * rng.normal(size=(4, 2))
    i, f, l2 = 1, 0, rng.uniform(0.2, 2.0)

    def predict(theta):
        changed = V.copy()
        changed[i, f] = theta
        return w0 + X @ w + 0.5 * ((X @ changed) ** 2 - X**2 @ changed**2).sum(axis=1)

    h = X[:, i] * (X @ V[:, f] - V[i, f] * X[:, i])
    return {
        "y": y, "theta": V[i, f], "h": h, "g": predict(0.0), "l2": l2,
        "residual": y - predict(V[i, f]), "predict": predict,
        "loss": lambda theta: 0.5 * ((predict(theta) - y) ** 2).sum() + 0.5 * l2 * theta**2,
    }  # fmt: skip


Derivation(
    "The best value of one parameter",
    instance,
    Step(r"\hat y(x_r)", "predict(theta)", why="all rows, as a function of $\\theta = v_{if}$"),
    Step(
        r"= g_r + \theta\, h_r",
        "g + theta * h",
        why="a straight line; $g_r$ is the prediction at $\\theta = 0$",
    ),
    Step(
        r"\arg\min_\theta \tfrac12\sum_r (\hat y(x_r) - y_r)^2 + \tfrac\lambda2\theta^2",
        "argmin(loss, -50.0, 50.0)",
        starts=True,
        why="found by search",
    ),
    Step(
        r"= \frac{\sum_r h_r\,(y_r - g_r)}{\lambda + \sum_r h_r^2}",
        "h @ (y - g) / (l2 + h @ h)",
        tolerance=1e-5,
        why="where the derivative of the parabola is 0",
    ),
    Step(r"y_r - g_r", "y - g", starts=True, why="what is left for $\\theta$ to explain"),
    Step(
        r"=\;?",
        rest_line,
        yours=True,
        names=("residual", "h", "theta"),
        why="your line: from the residual $y - \\hat y$",
    ),
).check()

# %% [markdown] exercise="best_factor" difficulty=2 minutes=13
# Return the best value of the single number $v_{if}$, a float: the one that minimises $\tfrac12\sum_r(\hat y(x_r) - y_r)^2 + \tfrac\lambda2 v_{if}^2$ while
# everything else stays.
#
# - `X`: `csr_array` (m, n); `y`: (m,); `w0`, `w` (n,), `V` (n, k) as before; `i`, `f`: ints; `l2` $= \lambda > 0$
# - a feature that no row has gets 0
#
# By hand, for the docstring's example ($i = 1$, $f = 0$): the predictions are $-1.5$ and $-0.5$, so the residual is $(2, 2.5)$. $h = (2\,(3 - 4),\ 1\,(0 - 2)) = (-2,
# -2)$. Without $v_{10} = 2$ there is $(-2, -1.5)$ left to explain, and $(4 + 3)/(2 + 8) = 0.7$.
#
# <details><summary>Hint</summary>
#
# `fm_on_sparse_rows` gives the predictions and `Q`, and $h$ needs column `i` of `X` as an ordinary array. Mind whose
# prediction the residual belongs to: the one with the old value still in it.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     predictions, Q = all rows, by your sparse function
#     x     = column i of X as an array (m,)                  X[:, [i]].toarray()[:, 0]
#     h[r]  = x[r] times (Q[r, f] minus V[i, f] x[r])
#     rest[r] = what is left to explain without V[i, f]: your line, with the old value as theta
#     best  = the lowest point of the parabola, from h, rest and l2
#     return it as a float
#
# </details>


# %% nbgrader={"grade_id": "best_factor", "solution": true}
def best_factor(X, y, w0, w, V, i, f, l2):
    """Return the v_if that minimises the squared error plus l2/2 v_if^2, all else fixed, a float.

    X csr_array (m, n), y (m,), w0 a number, w (n,), V (n, k), l2 > 0.
    Rendle, Gantner, Freudenthaler and Schmidt-Thieme (2011).

    >>> X, y = csr_array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]]), np.array([0.5, 2.0])
    >>> w, V = np.array([1.0, -1.0, 1.0]), np.array([[2.0, 0.0], [2.0, 1.0], [-1.0, 1.0]])
    >>> best_factor(X, y, 0.5, w, V, i=1, f=0, l2=2.0)
    0.7
    """
    ### BEGIN SOLUTION
    predicted, Q = fm_on_sparse_rows(X, w0, w, V)
    x = X[:, [i]].toarray()[:, 0]
    h = x * (Q[:, f] - V[i, f] * x)
    return float(h @ (y - predicted + V[i, f] * h) / (l2 + h @ h))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_best_factor", "grade": true}
lecture.check(best_factor)

# %% [markdown]
# ### Beside the library
#
# The program that practitioners take does not settle on the best value of a parameter: it *draws* from all good ones, penalties included, and averages the predictions (**Gibbs sampling**). That takes a hundred sweeps
# and more, so it was recorded: a page of NumPy (`benchmarks/sampled_machine.py` in the course's repository) and `myfm`, a compiled library, both "sampled" in the table. Three splits like ours; **the same sparse rows for all**.

# %% [markdown] tags=["question"]
# Two changes are possible: better features (genres and half-decade instead of user and film alone), or a better way to fit (sampling instead of AdaGrad). Which one gains more?
#
# Answer: **What stands in the row**: more than twice as much here.

# %%
recorded = lecture.recorded("errors")
recorded

# %% tags=["claims"]
assert recorded.number("test RMSE", "this lecture, AdaGrad", "user, film") - recorded.number(
    "test RMSE", "this lecture, AdaGrad", "+ genres, half-decade"
) > 2 * (
    recorded.number("test RMSE", "this lecture, AdaGrad", "user, film")
    - recorded.number("test RMSE", "this lecture, sampled", "user, film")
), "more than twice as much here"
assert all(
    recorded.number("test RMSE", model, "user, film")
    - recorded.number("test RMSE", model, "+ genres, half-decade")
    > 0.02
    for model in ("this lecture, AdaGrad", "this lecture, sampled", "myfm, sampled")
), "gain more than anything else"
assert all(
    0.008
    < recorded.number("test RMSE", "this lecture, AdaGrad", blocks)
    - recorded.number("test RMSE", "this lecture, sampled", blocks)
    < 0.012
    for blocks in ("user, film", "+ genres, half-decade")
), "by about a hundredth"
assert all(
    recorded.number("CPU seconds", "this lecture, sampled", blocks)
    > 5 * recorded.number("CPU seconds", "this lecture, AdaGrad", blocks)
    for blocks in ("user, film", "+ genres, half-decade")
), "many times slower"
assert all(
    0
    < recorded.number("test RMSE", "this lecture, sampled", blocks)
    - recorded.number("test RMSE", "myfm, sampled", blocks)
    < 0.002
    for blocks in ("user, film", "+ genres, half-decade")
), "less than two thousandths"
assert all(
    0.3
    < recorded.number("CPU seconds", "myfm, sampled", blocks)
    / recorded.number("CPU seconds", "this lecture, sampled", blocks)
    < 0.7
    for blocks in ("user, film", "+ genres, half-decade")
), "about half the time"
assert (
    0.5 * recorded.number("standard deviation over splits", "this lecture, AdaGrad", "+ time")
    > 0.002
), "a fraction of the"

# %% [markdown]
# - The **film features gain more than anything else**, for each way of fitting.
# - **Sampling beats descent** on the same rows by about a hundredth, and is many times slower. Our AdaGrad had its penalties chosen; the sampler finds its own.
# - **Ours against the library**, both sampled: the library is ahead by less than two thousandths, a fraction of the difference between
#   two splits, and takes about half the time.
#
# The settings were chosen on the first split's training part, and the splits overlap: the standard deviations show how much a split matters, no more.
#
# <details><summary>Appendix: how the drawing goes (to be skipped without loss)</summary>
#
# Suppose that the errors are normal with variance $1/\alpha$, and that $\theta$ itself, before we see any data, is normal with mean $\mu$ and variance $1/\lambda$. Then, with everything else fixed, $\theta$ is normal with
#
# $$\text{precision } \alpha\sum h^2 + \lambda \qquad\text{and mean}\qquad \frac{\alpha\sum h\,(y - g) + \lambda\mu}{\alpha\sum h^2 + \lambda},$$
#
# where the precision is 1 divided by the variance. For $\alpha = 1$ and $\mu = 0$ the mean is your `best_factor`. Sweep after sweep, each parameter is drawn in turn, then $\alpha$, and a $\mu$ and a $\lambda$ for each block and factor. Well-known
# films hardly move, unknown ones move a lot, and averaging takes that out. (Freudenthaler, Schmidt-Thieme and Rendle, 2011.)
#
# </details>
#
# ### The course's table so far
#
# The same task for all lectures: these training ratings, these hidden stars. Each row is a model of this lecture or an earlier one; the last column compares it with the bias terms. The errors behind ± come from
# leaving out each user's ratings in turn and looking at how much the number changes (the *jackknife*).

# %%
lecture.results("stars")

# %% tags=["claims"]
assert (mine := {name: round(rmse(some, test.values), 3) for name, some in results.items()})[
    "FM: user, film"
] == lecture.results("stars").value("FM: user, film"), "The same task for all lectures"
assert mine["FM: + genres, half-decade"] == (
    lecture.results("stars").value("FM: + genres, half-decade")
), "The same task for all lectures"
assert mine["bias terms"] == lecture.results("stars").value("bias terms"), "with the bias terms"
assert (
    abs(mine["FM: user, film"] - lecture.results("stars").value("bias terms + factors")) < 0.004
), "level with"
assert mine["FM: + genres, half-decade"] < (
    lecture.results("stars").value("bias terms + factors") - 0.015
), "None of lecture 01's models comes near"

# %% [markdown]
# On ids alone the machine is level with lecture 01's factorization, as the theorem of section 7 says it should be. None of lecture 01's models comes near the machine that knows genres and years.
#
# ### Your list
#
# You are one user more: the stars that you gave in lecture 01 (or those of an example person) join the training ratings, and the machine with genres and half-decade predicts your stars for every film. If you have rated films and made a list in an earlier lecture,
# that one stands beside it, with how far each film has moved. **What to look for:** whether the films on top share a kind or their years. (The example person is fond of science fiction and crime, not of romance.)

# %% [markdown] tags=["question"]
# The list below has only films with at least 20 training ratings. What would come up without that condition?
#
# Answer: Beside the classics, **films with a single rating**: an unknown documentary gets what documentaries of its years get on average, and that is much, because few people watch them and those who do like them. RMSE never punishes
# this, since it asks only about films that people chose. *Which films to show* is another task than *how many stars* (**ranking**, not rating prediction), and has its own table in the course.

# %%
me = Me(ratings)
with_me, asked = me.join(train)
fitted = fit_machine(feature_rows(with_me, with_me, film_features), with_me.values)
my_stars, _ = fm_on_sparse_rows(feature_rows(with_me, asked, film_features), *fitted)
YourList(lecture, np.where(film_counts >= 20, my_stars, -np.inf), me)

# %% tags=["claims"]
assert (film_counts[np.argsort(-my_stars)[:15]] == 1).any(), "films with a single rating"

# %% [markdown]
# ## 11 · What the machine cannot do, and what to keep
#
# **What fails.**
#
# - *More features, more to overfit.* Every column brings $k + 1$ parameters. Hold ratings out and look.
# - *A cold user.* Features of the film help with new films. Of a new person we have none here, and what is left is an average.
# - *One vector for all purposes.* Comedy meets users and half-decades with the same vector, although it may mean
#   something else to each. Field-aware machines (lecture 05) give it one vector per kind of partner.
# - *Pairs only.* "Comedies, on Friday, with children" is a triple. Higher orders exist (Blondel et al., 2016) and
#   rarely pay on sparse data.
# - *Numbers as they are.* A time goes in as one straight line per partner. Cut it into bins if its effect is not a line.
# - *The future leaks.* We hid random ratings, so a film's average contains later ones; lecture 14 measures that.
#
# **What to read next.**
#
# - S. Rendle: *Factorization Machines*, ICDM 2010: the rows, the identity and several models as special cases, in six pages.
# - S. Rendle: *Factorization Machines with libFM*, ACM TIST 3(3), 2012: descent, alternating least squares and sampling side by side.
# - S. Rendle, Z. Gantner, C. Freudenthaler, L. Schmidt-Thieme: *Fast Context-aware Recommendations with Factorization Machines*, SIGIR
#   2011: one parameter at a time.
# - C. Freudenthaler, L. Schmidt-Thieme, S. Rendle: *Bayesian Factorization Machines*, NIPS workshop on sparse representation, 2011.
# - J. Duchi, E. Hazan, Y. Singer: *Adaptive Subgradient Methods for Online Learning and Stochastic Optimization*, JMLR 12, 2011.
# - M. Blondel, A. Fujino, N. Ueda, M. Ishihata: *Higher-Order Factorization Machines*, NIPS 2016.
# - S. Rendle, L. Zhang, Y. Koren: *On the Difficulty of Evaluating Baselines*, 2019: what such machines reach on MovieLens when they are
#   set up with care.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | model | $\hat y = w_0 + \sum_i w_i x_i + \sum_{i<j}\langle v_i, v_j\rangle\, x_i x_j$, with $1 + n + nk$ parameters |
# | identity | $\sum_{i<j}\langle v_i, v_j\rangle\, x_i x_j = \tfrac12\sum_f\big[q_f^2 - \sum_i v_{if}^2x_i^2\big],\quad q_f = \sum_i v_{if}x_i$; with norms: $\tfrac12\lVert\sum_i x_iv_i\rVert^2 - \tfrac12\sum_i x_i^2\lVert v_i\rVert^2$ |
# | gradients | $e,\quad e\,x_i,\quad e\,x_i(q_f - v_{if}x_i)$ with $e = \hat y - y$ |
# | many rows | $X^\top\operatorname{diag}(e)\,Q - \operatorname{diag}\big((X\circ X)^\top e\big)V$ |
# | clicks | $e = \sigma(\hat y) - y$ in place of the error, nothing else |
# | user and film only | $w_0 + w_u + w_i + \langle v_u, v_i\rangle$: biased matrix factorization |
# | one parameter | $\hat y = g + \theta h$, best at $\sum h\,(y - g)\,/\,(\lambda + \sum h^2)$ |

# %%
lecture.progress()
