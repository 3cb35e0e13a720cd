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
# # 13 · GCN mixing: what the neighbours say
#
# Is *plaintiff* a word of law, of chemistry or of music? Its definition helps, if it has a word we know. So do its neighbours:
# words that mean nearly the same, and words whose definitions mention it.
#
# A **graph** holds such neighbours: nodes, and edges between them. This lecture labels nodes when few labels are known, by one idea:
# each node takes the average of its neighbours. With colours you can watch it work, and fail. With features,
# and weights between the averages, it is a **graph convolutional network**, or GCN (Kipf and Welling, 2017).
#
# After this lecture you can
#
# - mix any numbers along a graph, with either of the two usual normalizations, and say where mixing ends;
# - spread a few labels over a graph without training anything;
# - build a two-layer GCN in NumPy, with its gradients by hand;
# - say how much of its success is the mixing, and how much the training;
# - use the same step for predicting links and for recommending films.

# %% [markdown] tags=["overview"]

# %% [markdown]
# **Three questions about lectures 09 and 11.** Answer each in a sentence before you open ours.

# %% [markdown] tags=["question"]
# From lecture 09: attention gives a place a weighted mean of the values at other places. Where do the weights come from, and what do they sum to?
#
# Answer: From a softmax over **dot products of a query with the keys**, so they sum to 1. Today's weights come from the graph: they are
# given, and nothing about them is learnt.

# %% [markdown] tags=["question"]
# From lecture 11: two fits of the same factorization have different columns and the same loss. What of them is the same?
#
# Answer: **The subspace** that the columns span: any invertible matrix between the factors can be undone by its inverse.

# %% [markdown] tags=["question"]
# From lecture 11: what does a ridge penalty do to the factors, and why does that help where few cells are known?
#
# Answer: **It shrinks them towards 0**, most in the directions about which the data say least, so that the fit follows accidents less.

# %% tags=["setup"]
from itertools import pairwise

import numpy as np
import torch
from scipy.sparse import csr_array, eye_array
from sklearn.linear_model import LogisticRegression

from embedlab import Derivation, Lecture, Step
from embedlab.data.karate import load_karate
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.data.topics import load_topics, split_labels
from embedlab.diagrams import graph_convolution
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.widgets import MixingGraph, mixing_states

torch.set_num_threads(1)
lecture = Lecture("13_gcn_mixing")

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# WordNet is a dictionary whose entries are meanings, and some are marked with the topic they belong to. We take ten topics.
# Two meanings share an edge if WordNet links them (one is a kind of the other, say), or if a word of one's definition
# means the other. Each node also has **features**: which words stand in its definition, the topics' own names left out.

# %%
graph = load_topics()
n, n_classes = len(graph), len(graph.topics)
y, X = graph.labels, graph.features
print(graph)
for topic, size in zip(graph.topics, np.bincount(y), strict=True):
    print(f"{size:5} {topic}")

# %% [markdown]
# *Data: WordNet 3.0, Princeton University; its licence is in `datasets/wordnet_topics/`.*
#
# One node and some of its neighbours:

# %%
node = next(k for k, words in enumerate(graph.words) if words[0] == "plaintiff")
print(f"{graph.words[node][0]}: {graph.glosses[node]}")
print("features:", ", ".join(np.array(graph.vocabulary)[X[[node]].indices]))
ends = graph.edges[(graph.edges == node).any(axis=1)].ravel()
for k in ends[ends != node][:6]:
    print(f"  {graph.words[k][0]} ({graph.topics[y[k]]})")
same = (y[graph.edges[:, 0]] == y[graph.edges[:, 1]]).mean()
print(f"edges whose two ends have one topic: {same:.0%}")
print(f"features per node: {X.nnz / n:.1f} on average")

# %% [markdown]
# That neighbours mostly agree is called **homophily**, and all of this lecture rests on it.
#
# The task: 20 nodes of each topic have a label. Which topics have the others? The whole graph is visible, with all
# definitions; only labels are hidden. (Learning from labelled and unlabelled nodes together is **semi-supervised**; that the nodes to
# be labelled are known beforehand makes it **transductive**.) We measure the share of right answers, the **accuracy**, on all nodes but the
# labelled ones and 300 for validation, for ten draws of the labels.

# %%
splits = [split_labels(y, per_class=20, n_validation=300, seed=seed) for seed in range(10)]
train, validation, test = splits[0]
print(f"{len(train)} labelled nodes, {len(validation)} for validation, {len(test)} for the test")

# %% [markdown] tags=["question"]
# A definition has fewer than five known words on average. Will a classifier that reads only them be right for every third
# test node, every second, or more?
#
# Answer: For **about two in three**.

# %% [markdown] tags=["question"]
# The most frequent topic, law, holds 28% of all nodes. Why has any model to beat that, and not 10%?
#
# Answer: **Saying "law" everywhere** earns it, without features or edges.


# %%
def accuracy(scores, nodes):
    """Return the share of nodes whose largest score is at their class; k tied classes count 1/k."""
    best = scores[nodes] == scores[nodes].max(axis=1, keepdims=True)
    return float((best[np.arange(len(nodes)), y[nodes]] / best.sum(axis=1)).mean())


def logistic_scores(features, labelled, C=10.0):
    """Return the scores (n, n_classes) of scikit-learn's logistic regression on labelled nodes."""
    model = LogisticRegression(C=C, max_iter=500).fit(features[labelled], y[labelled])
    return model.decision_function(features)


results = {}


def show(name, accuracies):
    """Print and keep a model's accuracies, one for each split."""
    results[name] = np.array(accuracies)
    mean, error = mean_and_standard_error(results[name])
    print(f"{name:36} {mean:.3f} ± {error:.3f}")


tried = {C: accuracy(logistic_scores(X, train, C), validation) for C in (1.0, 10.0, 100.0)}
print(
    "words alone, on validation:",
    ", ".join(f"C = {C:g}: {found:.3f}" for C, found in tried.items()),
)
show("most frequent topic", [(y[test] == 0).mean() for *_, test in splits])
show("words alone, logistic regression", [accuracy(logistic_scores(X, t), s) for t, _, s in splits])

# %% tags=["claims"]
assert same > 0.85, "neighbours mostly agree"
assert max(tried, key=tried.get) == 10.0, "10 is best on validation"
assert X.nnz / n < 5, "fewer than five known words on average"
assert 0.62 < results["words alone, logistic regression"].mean() < 0.72, "about two in three"
assert round(np.bincount(y)[0] / n, 2) == 0.28, "holds 28% of all nodes"

# %% [markdown]
# The ± is the standard error over the ten splits. `C` is the inverse of scikit-learn's penalty; 10 is best on validation, and stays.
# **Words alone are the number to beat.** They do not use a single edge.
#
# ## 2 · Mixing colours
#
# We begin with a graph that fits on the screen. In the 1970s Wayne Zachary observed a karate club with 34 members. Edges join those who
# met outside the club. A quarrel between the instructor, Mr. Hi (member 0), and the president (member 33), with whom the officers
# stood, split it in two.
#
# Give each member a random colour: red, green and blue between 0 and 1, an embedding that says
# nothing but who is who. Now a **mixing step**: everybody takes the average of their own colour and those of their neighbours.


# %% [markdown] exercise="mixing_step" difficulty=1 minutes=9
# Replace every node's row by the mean of its own row and those of its neighbours. Return the new rows, (n, d).
#
# - `edges`: (m, 2), a row `[i, j]` for every edge, each edge once: then $j$ is a neighbour of $i$, and $i$ one of $j$. There may
#   be none
# - `H`: (n, d), one row of numbers for each node; whole numbers are possible. It must not change
# - a node without edges keeps its row
#
# By hand, for the docstring's example: node 1 has two neighbours, so its row is a third of (6, 6, 6). Node 0 reads itself and
# node 1, half of (6, 6, 0). Node 3 has no edge.
#
# <details><summary>Hint</summary>
#
# Begin with a copy of `H` as floats and a count of 1 for each node: that is the node itself. Then go through the edges and
# add, in both directions. (Without a loop: `np.add.at(total, i, rows)` adds as often as an index occurs; `total[i] += rows`
# adds once.)
#
# </details>


# %% nbgrader={"grade_id": "mixing_step", "solution": true}
def mixing_step(edges, H):
    """Return (n, d): the mean of each node's own row of H and its neighbours'.

    edges (m, 2), each undirected edge once; H (n, d).

    >>> H = np.array([[6.0, 0.0, 0.0], [0.0, 6.0, 0.0], [0.0, 0.0, 6.0], [3.0, 3.0, 0.0]])
    >>> mixing_step(np.array([[1, 0], [1, 2]]), H)
    array([[3., 3., 0.],
           [2., 2., 2.],
           [0., 3., 3.],
           [3., 3., 0.]])
    """
    ### BEGIN SOLUTION
    total, count = np.array(H, dtype=float), np.ones(len(H))
    for i, j in edges:
        total[i] += H[j]
        total[j] += H[i]
        count[[i, j]] += 1
    return total / count[:, None]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_mixing_step", "grade": true}
lecture.check(mixing_step)

# %%
club = load_karate()
members, sides = len(club), club.clubs
colours = np.random.default_rng(106).random((members, 3))  # its camps part more visibly than most
mixed = mixing_step(club.edges, colours)
for member in (0, 33, 11):
    print(f"member {member:2}: {colours[member].round(2)} becomes {mixed[member].round(2)}")

# %% [markdown] tags=["question"]
# Member 11 has one neighbour, member 0, who has sixteen. After one step, whose colour depends more on the other's?
#
# Answer: Member 11's: **half of it** is member 0's old colour, of which member 0 in turn takes only a seventeenth.

# %% [markdown]
# ### Why a node is its own neighbour
#
# The average takes in the node itself, as if it had an edge to itself, a **self-loop**. Without, take a star: four outer nodes
# around a centre. The centre is 1, all others 0.

# %% [markdown] tags=["question"]
# What do the five nodes hold after one step, after two, and after a hundred?
#
# Answer: They swap for ever. The centre takes the mean of the outer nodes, and each of these takes the centre's value: **after an even
# number of steps everything is as it was**, and after an odd one it is exchanged.

# %%
star = np.zeros((5, 5))
star[0, 1:] = star[1:, 0] = 1.0
spokes = np.array([[0, 1], [0, 2], [0, 3], [0, 4]])
print("step   without self-loops: centre, outer   with: centre, outer")
without = with_loops = np.array([[1.0], [0.0], [0.0], [0.0], [0.0]])
for step in range(1, 7):
    without = star / star.sum(axis=1, keepdims=True) @ without
    with_loops = mixing_step(spokes, with_loops)
    print(
        f"{step:4} {without[0, 0]:21.2f} {without[1, 0]:7.2f} {with_loops[0, 0]:20.2f} {with_loops[1, 0]:7.2f}"
    )

# %% tags=["claims"]
assert without[0, 0] == 1.0, "everything is as it was"
assert np.abs(with_loops - 1 / 6.5).max() < 0.5, "With self-loops it settles"

# %% [markdown]
# With self-loops it settles. Any graph with edges only between two groups, users and films for example, swaps without them.
#
# ### A step is a matrix product
#
# Let $A$ be the **adjacency matrix**: $a_{ij} = 1$ if there is an edge between $i$ and $j$, and 0 otherwise. $H$ holds the nodes' rows. Then
# $(AH)_i$ is the sum of the neighbours' rows. With $\tilde A = A + I$ the node's own row is in it, and $\tilde D$ is the
# diagonal matrix of the row sums $\tilde d_i$ of $\tilde A$, the **degrees**.


# %% tags=["derivation"]
def instance(rng):
    A = np.triu(rng.integers(0, 2, (5, 5)), 1)
    A = (A + A.T).astype(float)
    A_hat = A + np.eye(5)
    return {"A": A, "A_hat": A_hat, "d": A_hat.sum(axis=1), "H": rng.normal(size=(5, 3)), "i": 2}


Derivation(
    "The average of a node and its neighbours",
    instance,
    Step(
        r"\frac{1}{1 + |N(i)|}\Big(h_i + \sum_{j \in N(i)} h_j\Big)",
        "(H[i] + sum(H[j] for j in range(5) if A[i, j])) / (1 + A[i].sum())",
        why="$N(i)$ are the neighbours of $i$, and $h_j$ is row $j$ of $H$",
    ),
    Step(
        r"= \frac{1}{\tilde d_i}\sum_j \tilde a_{ij}\,h_j",
        "sum(A_hat[i, j] * H[j] for j in range(5)) / d[i]",
        why="the self-loop is one of the edges",
    ),
    Step(
        r"= \big(\tilde D^{-1}\tilde A H\big)_i",
        "(np.diag(1 / d) @ A_hat @ H)[i]",
        why="a row of a matrix product",
    ),
).check()

# %% [markdown]
# So one step is $H \leftarrow MH$
# with $M = \tilde D^{-1}\tilde A$, the **row-normalized** matrix: each row holds weights that sum to 1.


# %% [markdown] exercise="row_normalize" difficulty=1 minutes=5
# Return $M = \tilde D^{-1}(A + I)$, (n, n): add the self-loops, then divide each row by its sum.
#
# - `A`: (n, n), `A[i, j]` is the weight with which node $i$ reads node $j$, mostly 1 or 0; its diagonal is empty. The graph may
#   be directed: then $i$ can read $j$ without being read. `A` must not change
#
# By hand, for the docstring's example: node 0 reads all three, node 1 itself and node 2, node 2 only itself.
#
# <details><summary>Hint</summary>
#
# `A_hat = A + np.eye(len(A))`. In `A_hat / v`, a `v` of shape (n,) divides *columns*, one of shape (n, 1) divides rows.
#
# </details>


# %% nbgrader={"grade_id": "row_normalize", "solution": true}
def row_normalize(A):
    """Return (n, n), A + I with each row divided by its sum; A (n, n) with an empty diagonal.

    >>> A = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    >>> row_normalize(A).round(3)
    array([[0.333, 0.333, 0.333],
           [0.   , 0.5  , 0.5  ],
           [0.   , 0.   , 1.   ]])
    """
    ### BEGIN SOLUTION
    A_hat = A + np.eye(len(A))
    return A_hat / A_hat.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_row_normalize", "grade": true}
lecture.check(row_normalize)

# %%
i, j = club.edges.T
A = np.zeros((members, members))
A[i, j] = A[j, i] = 1.0
P = row_normalize(A)
print("the product is the step:", np.allclose(P @ colours, mixed))
total = colours
for _ in range(10):
    total = total + A @ total  # added up, not averaged
print(f"largest number after 10 steps without normalization: {total.max():.0e}")

# %% [markdown]
# Without a normalization the numbers explode.
#
# ### The other normalization
#
# Averaging weighs a neighbour with two hundred edges like one with two. The
# **symmetric normalization** divides by both ends,
#
# $$S = \tilde D^{-1/2}\,\tilde A\,\tilde D^{-1/2}, \qquad s_{ij} = \frac{\tilde a_{ij}}{\sqrt{\tilde d_i\,\tilde d_j}},$$
#
# so that a neighbour with many edges says less to each. It is the one that Kipf and Welling use. It needs a symmetric $A$.


# %% [markdown] exercise="symmetric_normalize" difficulty=1 minutes=6
# Return $S = \tilde D^{-1/2}(A + I)\tilde D^{-1/2}$, (n, n): add the self-loops, then divide the entry $(i, j)$ by
# $\sqrt{\tilde d_i \tilde d_j}$.
#
# - `A`: (n, n), symmetric, 0 or positive weights, with an empty diagonal; it must not change
# - $\tilde d_i$ is the sum of row $i$ of $A + I$
#
# By hand, for the docstring's example: the degrees are 2, 3 and 2. The edge between nodes 0 and 1 gets
# $1/\sqrt{2 \cdot 3} = 0.408$, the self-loop of node 1 gets $1/3$.
#
# <details><summary>Hint</summary>
#
# With `d = A_hat.sum(axis=1)`, the array `np.outer(d, d)` holds all products $\tilde d_i \tilde d_j$.
#
# </details>


# %% nbgrader={"grade_id": "symmetric_normalize", "solution": true}
def symmetric_normalize(A):
    """Return (n, n), (A + I)_ij / sqrt(d_i d_j), d the row sums of A + I; A (n, n) symmetric.

    Kipf and Welling (2017), equation 2.

    >>> symmetric_normalize(np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])).round(3)
    array([[0.5  , 0.408, 0.   ],
           [0.408, 0.333, 0.408],
           [0.   , 0.408, 0.5  ]])
    """
    ### BEGIN SOLUTION
    A_hat = A + np.eye(len(A))
    degrees = A_hat.sum(axis=1)
    return A_hat / np.sqrt(np.outer(degrees, degrees))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_symmetric_normalize", "grade": true}
lecture.check(symmetric_normalize)

# %% [markdown] tags=["question"]
# All colours are 1. What is a node's colour after a step with $P$, and is it the same with $S$?
#
# Answer: With $P$ it stays 1, because the weights sum to 1. With $S$ **a node with many edges becomes brighter** than 1 if its neighbours
# have few, and a node with few edges next to one with many becomes darker: the rows of $S$ do not sum to 1.

# %%
S = symmetric_normalize(A)
sums = S.sum(axis=1)
print(
    f"row sums of S: from {sums.min():.2f} (member {sums.argmin()}) to {sums.max():.2f} (member {sums.argmax()})"
)

# %% tags=["claims"]
assert sums.argmax() == 33, "a node with many edges becomes brighter"
assert sums.max() > 1.5, "a node with many edges becomes brighter"

# %% [markdown]
# Steps are repeated: $k$ of them are $M(M(\cdots(MH)))= M^k H$.


# %% [markdown] exercise="mix_k_steps" difficulty=1 minutes=4
# Return $M^k H$, (n, d): the rows after $k$ steps.
#
# - `M`: (n, n), any matrix, also a SciPy `csr_array`; `@` works with both
# - `H`: (n, d); it must not change
# - `k`: 0 or more; with 0 steps the rows are as they were (`H` itself will do)
#
# By hand, for the docstring's example: one step gives (4, 2), (2, 4) and (4, 4), and
# node 0 then reads half of (4, 2) and half of (2, 4).
#
# <details><summary>Hint</summary>
#
# A loop of $k$ rounds with one product in it. (`M ** k` is something else: it raises every entry to a power.)
#
# </details>


# %% nbgrader={"grade_id": "mix_k_steps", "solution": true}
def mix_k_steps(M, H, k):
    """Return (n, d), the rows of H after k mixing steps; M (n, n), also sparse, H (n, d), k >= 0.

    >>> M = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    >>> mix_k_steps(M, np.array([[8.0, 0.0], [0.0, 4.0], [4.0, 4.0]]), k=2)
    array([[3., 3.],
           [3., 4.],
           [4., 4.]])
    """
    ### BEGIN SOLUTION
    for _ in range(k):
        H = M @ H
    return H
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_mix_k_steps", "grade": true}
lecture.check(mix_k_steps)

# %% [markdown]
# Now watch. Step through the colours; drag a node, or point at one to see whom it reads. Circles and squares are the
# two sides after the split, of which the colours know nothing. Try both normalizations, with and without self-loops.

# %%
bare = {
    "row": A / A.sum(axis=1, keepdims=True),
    "symmetric": A / np.sqrt(np.outer(A.sum(axis=1), A.sum(axis=1))),
}
matrices = {
    ("row", "with"): P,
    ("row", "without"): bare["row"],
    ("symmetric", "with"): S,
    ("symmetric", "without"): bare["symmetric"],
}
states = mixing_states(matrices, colours, range(members), range(31))
MixingGraph(
    states,
    range(31),
    switches=["normalization", "self-loops"],
    groups=sides,
    group_names=list(club.club_names),
)

# %% [markdown]
# And the star:

# %%
loops = {"without": star / star.sum(axis=1, keepdims=True), "with": row_normalize(star)}
star_colours = np.array([[0.9, 0.3, 0.1]] + 4 * [[0.1, 0.4, 0.9]])
states = mixing_states(loops, star_colours, ["centre", "a", "b", "c", "d"], range(11))
MixingGraph(states, range(11), switches=["self-loops"])

# %% [markdown]
# ## 3 · Where mixing ends
#
# After five steps with $P$ the camps begin to differ: one is browner, one more violet. (We chose the start for it; with most they part more faintly.)
# After thirty all have nearly the same colour.

# %% [markdown] tags=["question"]
# Is the final colour the plain mean of all 34 colours? Think of member 33, whom seventeen others read, and of member 11, whom one other reads.
#
# Answer: No: **a colour that many read spreads further**. It is a mean with weights; you are about to derive them.

# %% [markdown]
# **Your turn: two lines are left open** (8 minutes). First: $P^k$ with large $k$ has equal rows; what is such a row? It sums to 1, and lines 1 to 3
# say which vector mixing leaves alone. Second: what is the entry $(i, j)$ of $S^k$? Write expressions, in quotes, of `d` (the degrees
# $\tilde d$, an array), `i` and `j`.

# %% nbgrader={"grade_id": "limit_lines", "solution": true}
row_limit_line = "..."
symmetric_limit_line = "..."
### BEGIN SOLUTION
row_limit_line = "d / d.sum()"
symmetric_limit_line = "np.sqrt(d[i] * d[j]) / d.sum()"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    A = np.triu(rng.integers(0, 2, (6, 6)), 2) + np.eye(6, k=1)  # a path makes it connected
    A_hat = A + A.T + np.eye(6)
    d = A_hat.sum(axis=1)
    P, S = A_hat / d[:, None], A_hat / np.sqrt(np.outer(d, d))
    i, j = rng.permutation(6)[:2]
    power = np.linalg.matrix_power
    return {"A_hat": A_hat, "d": d, "P": P, "S": S, "i": i, "j": j, "power": power}


Derivation(
    "The limits of mixing",
    instance,
    Step(r"\tilde d^{\,\top} P", "d @ P", why="degrees, sent through a step from the left"),
    Step(
        r"= \sum_i \tilde d_i\,\frac{\tilde a_{i\cdot}}{\tilde d_i}",
        "sum(d[i] * A_hat[i] / d[i] for i in range(6))",
        why="row $i$ of $P$",
    ),
    Step(
        r"= \tilde d^{\,\top}",
        "d",
        why="the row sums are the column sums, because $\\tilde A$ is symmetric",
    ),
    Step(
        r"\lim_k\ (P^k)_{i\cdot}",
        "power(P, 4096)[i]",
        starts=True,
        why="computed: one row of a very high power",
    ),
    Step(
        r"=\;?",
        row_limit_line,
        yours=True,
        names=("d", "i", "j"),
        tolerance=1e-6,
        why="your first line",
    ),
    Step(r"S^k", "power(S, 5)", starts=True, why="here $k = 5$"),
    Step(
        r"= \tilde D^{1/2}\,P^k\,\tilde D^{-1/2}",
        "np.diag(d**0.5) @ power(P, 5) @ np.diag(d**-0.5)",
        why="$S = \\tilde D^{1/2} P \\tilde D^{-1/2}$, and inner factors cancel",
    ),
    Step(
        r"\lim_k\ (S^k)_{ij}",
        "power(S, 4096)[i, j]",
        starts=True,
        why="computed",
    ),
    Step(
        r"=\;?",
        symmetric_limit_line,
        yours=True,
        names=("d", "i", "j"),
        tolerance=1e-6,
        why="your second line",
    ),
).check()


# %% [markdown] exercise="mixing_limits" difficulty=2 minutes=12
# Return two arrays (n, d): where the rows of $H$ end after infinitely many steps, first with the row-normalized matrix, then with the
# symmetrically normalized one.
#
# - `A`: (n, n), symmetric, perhaps with weights, an empty diagonal, and connected
# - `H`: (n, d)
# - from the degrees, without making steps
#
# By hand, for the docstring's example, a path of three nodes: $\tilde d = (2, 3, 2)$. Every row of the first limit is
# $\frac27(7, 0) + \frac37(0, 7) + \frac27(7, 7) = (4, 5)$.
#
# <details><summary>Hint</summary>
#
# The two derivations above end with the formulas. `np.outer(u, v)` has the row $u_i v$ for every $i$.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     d ← the degrees, self-loops included
#     shares ← d over the sum of all d
#     first limit: the same row for every node, the mean of H's rows with these weights
#     u ← the root of the shares: a vector of length 1
#     second limit: row i is u_i times the sum of all u_j H_j
#
# </details>


# %% nbgrader={"grade_id": "mixing_limits", "solution": true}
def mixing_limits(A, H):
    """Return two (n, d) arrays, the limits of mixing H under row and symmetric normalization.

    A (n, n) symmetric and connected with an empty diagonal, H (n, d).

    >>> A = np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> row, symmetric = mixing_limits(A, np.array([[7.0, 0.0], [0.0, 7.0], [7.0, 7.0]]))
    >>> row.round(3)
    array([[4., 5.],
           [4., 5.],
           [4., 5.]])
    >>> symmetric.round(3)
    array([[4.   , 4.449],
           [4.899, 5.449],
           [4.   , 4.449]])
    """
    ### BEGIN SOLUTION
    degrees = A.sum(axis=1) + 1
    shares = degrees / degrees.sum()
    u = np.sqrt(shares)
    return np.tile(shares @ H, (len(H), 1)), np.outer(u, u @ H)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_mixing_limits", "grade": true}
lecture.check(mixing_limits)

# %%
row_limit, symmetric_limit = mixing_limits(A, colours)
for name, M, limit in (("row", P, row_limit), ("symmetric", S, symmetric_limit)):
    gaps = [np.abs(mix_k_steps(M, colours, k) - limit).max() for k in (1, 5, 20, 50, 200)]
    print(
        f"{name:10} distance to the limit after 1, 5, 20, 50, 200 steps:",
        *(f"{gap:.0e}" for gap in gaps),
    )
print(
    "the final colour:", row_limit[0].round(3), "  the plain mean:", colours.mean(axis=0).round(3)
)
starts = [colours, *np.random.default_rng(0).random((50, members, 3))]
camps = []  # the distance between the two camps' mean colours after five steps
for start in starts:
    after_five = mix_k_steps(P, start, 5)
    camp_0, camp_1 = (after_five[sides == side].mean(axis=0) for side in (0, 1))
    if start is colours:
        browner, bluer = camp_0, camp_1
    camps.append(np.linalg.norm(camp_0 - camp_1))
print(f"after five steps: camps {browner.round(2)} and {bluer.round(2)}, {camps[0]:.2f} apart")
print(f"from 50 other starts: {np.median(camps[1:]):.2f} apart, the median")
size = symmetric_limit / symmetric_limit.mean(axis=0)
print(f"symmetric: member 33 ends {size[33, 0] / size[11, 0]:.1f} times as bright as member 11")

# %% tags=["claims"]
assert np.abs(row_limit[0] - colours.mean(axis=0)).max() > 0.01, "not the plain mean"
assert np.ptp(row_limit, axis=0).max() == 0, "one colour for all"
assert 2.9 < size[33, 0] / size[11, 0] < 3.1, "three times as bright"
assert camps[0] > 2 * np.median(camps[1:]), "with most they part more faintly"
assert browner[2] < 0.5 < 0.6 < bluer[2], "one is browner, one more violet"

# %% [markdown]
# With row normalization there is one colour for all, and it is not the plain mean. With the symmetric one all have the same *hue*
# and not the same brightness: node $i$ ends with $\sqrt{\tilde d_i}$ times a common row, so the president (degree 18) is three times as bright as member 11 (degree 2). Either
# way, all but one mean is forgotten. The field calls this **over-smoothing**.
#
# ### The sweet spot, and what it really is
#
# The slides that this course follows say that in between there is a sweet spot. We measure it, from 50 random colourings: each member's
# side is guessed as that of the leader, member 0 or 33, whose colour is nearer.

# %% [markdown] tags=["question"]
# Sketch the curve first: the share of members guessed right over $k = 0$ to 100 steps. Where does it begin, where is its top, where does it end?
#
# Answer: It begins at a half and rises. Whether it comes down depends on **how many decimals a colour has**.

# %%
others = np.setdiff1d(np.arange(members), [0, 33])
start_colours = np.random.default_rng(0).random((50, members, 3))


def nearer(H):
    """Return the share of the other members whose leader's row is the nearer one; ties count half."""
    to_0, to_33 = (((H - H[leader]) ** 2).sum(axis=1) for leader in (0, 33))
    right = np.where(sides == 0, to_0 < to_33, to_33 < to_0) + 0.5 * (to_0 == to_33)
    return right[others].mean()


steps = [0, 1, 2, 3, 5, 8, 10, 20, 30, 50, 100]
exact, on_screen = [], []
for k in steps:
    held = [mix_k_steps(P, start, k) for start in start_colours]
    exact.append(np.mean([nearer(H) for H in held]))
    on_screen.append(np.mean([nearer(np.round(255 * H)) for H in held]))
print("steps               ", "".join(f"{k:6}" for k in steps))
print("64-bit numbers      ", "".join(f"{share:6.2f}" for share in exact))
print("256 levels, a screen", "".join(f"{share:6.2f}" for share in on_screen))

# %% tags=["claims"]
assert on_screen[7] > 0.9, "On a screen there is a sweet spot"
assert on_screen[-1] < 0.55, "On a screen there is a sweet spot"
assert np.ptp(exact[7:]) < 0.005, "from twenty steps on the guess stays as good"
assert exact[-1] >= max(exact) - 0.005, "In 64-bit numbers there is none"

# %% [markdown]
# On a screen there is a sweet spot, at five to twenty steps; after a hundred all colours are rounded to the same one. In 64-bit numbers there is
# none: from twenty steps on the guess stays as good, even after a hundred, when the largest difference is a few millionths. What is it that survives?
#
# $P$ has the eigenvalues $1 > \lambda_2 \ge \dots$. A step multiplies what lies along an eigenvector by its eigenvalue. The first one is the limit.
# Of the rest, the part along the *second* shrinks most slowly here (the most negative eigenvalue is −0.42). What is left of any colouring is soon $\lambda_2^k$ times
# a single vector that belongs to the graph alone:

# %%
values, vectors = np.linalg.eigh(S)
second = vectors[:, -2] / np.sqrt(A.sum(axis=1) + 1)  # P's eigenvector, from that of S
print(f"second eigenvalue {values[-2]:.3f}, the most negative {values[0]:.3f}")
for k in (1, 5, 20, 50):
    left = (mix_k_steps(P, colours, k) - row_limit)[:, 0]
    cosine = abs(left @ second) / np.linalg.norm(left) / np.linalg.norm(second)
    print(
        f"after {k:2} steps: cosine of what is left of red with the second eigenvector {cosine:.3f}"
    )
by_sign = max(np.mean((second > 0) == sides), np.mean((second < 0) == sides))
print(f"members on the side that its sign says: {by_sign * members:.0f} of {members}")

# %% tags=["claims"]
assert cosine > 0.99, "$\\lambda_2^k$ times a single vector"
assert round(values[0], 2) == -0.42, "the most negative eigenvalue is −0.42"
assert round(by_sign * members) == 32, "32 of 34 members"

# %% [markdown]
# Its sign puts 32 of 34 members on the right side, without one label: mixing finds it by letting everything else die faster. So mixing
# does not destroy all information. It shrinks differences, and the question is whether the next stage (a screen, a classifier with a penalty on its
# weights) still sees what is small.
#
# > **A good place to pause.** So far nothing was learnt: a graph, a step, two limits.
#
# ## 4 · Labels mix too
#
# Mix the labels themselves. A labelled node starts with a 1 for its class, all others with zeros. After a few steps each node holds
# how much of every class has reached it. One thing is new: we *know* the labelled nodes, so they are set back after each step. This is **label propagation**
# (Zhu and Ghahramani, 2002).

# %% [markdown] tags=["question"]
# What would happen in the long run if the labelled nodes were not set back?
#
# Answer: What section 3 says of $P$: in each connected part **all rows would become equal**, and say how many labels of each class it holds,
# weighted by degree.


# %% [markdown] exercise="label_propagation" difficulty=2 minutes=10
# Return the scores $F$, (n, n_classes), after `n_steps` steps. $F$ starts with zeros, and with a 1 in the column of its class
# for each labelled node. In a step, all rows are mixed, $F \leftarrow MF$, and then the labelled rows are put back to what they
# were at the start.
#
# - `M`: (n, n), also a SciPy `csr_array`
# - `y`: (n,), the classes of *all* nodes, whole numbers from 0. Those of nodes without a label are the answers, and may not be used
# - `labelled`: (m,), the nodes whose label is known, in any order
#
# By hand, for the docstring's example, a path of four nodes whose ends are labelled 2 and 1: after the first step node 1 has
# half of class 2. After the second it has a half from node 0 and a half of node 2's row (0, 0.5, 0).
#
# <details><summary>Hint</summary>
#
# `F[labelled, y[labelled]] = 1` sets the ones. Keep `F[labelled]` under another name for putting it back.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     F ← zeros, nodes by classes; a 1 for each labelled node
#     known ← the labelled rows of F
#     n_steps times:
#         F ← M times F
#         the labelled rows of F ← known
#
# </details>


# %% nbgrader={"grade_id": "label_propagation", "solution": true}
def label_propagation(M, y, labelled, n_classes, n_steps):
    """Return scores (n, n_classes): labels mixed n_steps times, labelled rows kept as they were.

    M (n, n), also sparse; y (n,), of which only y[labelled] is used; labelled (m,) indices.
    Zhu and Ghahramani (2002).

    >>> M = np.array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    >>> label_propagation(M, np.array([2, 0, 0, 1]), np.array([0, 3]), n_classes=3, n_steps=2)
    array([[0.  , 0.  , 1.  ],
           [0.  , 0.25, 0.5 ],
           [0.  , 0.5 , 0.25],
           [0.  , 1.  , 0.  ]])
    """
    ### BEGIN SOLUTION
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_label_propagation", "grade": true}
lecture.check(label_propagation)

# %%
leaders = np.array([0, 33])
spread = label_propagation(P, sides, leaders, n_classes=2, n_steps=200)
right = spread.argmax(axis=1) == sides
print(
    f"karate club, two labels: {right[others].sum()} of {len(others)} right; wrong: {np.flatnonzero(~right)}"
)

# %% [markdown]
# 31 of 32. Member 8 puzzled Zachary too: he leaned to the officers and stayed with the instructor because of an exam. Now the words:


# %%
def adjacency(edges, n):
    """Return A (n, n), 1 where there is an edge."""
    A = np.zeros((n, n))
    i, j = edges.T
    A[i, j] = A[j, i] = 1.0
    return A


A_words = adjacency(graph.edges, n)
P_words, S_words = csr_array(row_normalize(A_words)), csr_array(symmetric_normalize(A_words))
spreads = [label_propagation(P_words, y, train, n_classes, n_steps=100) for train, *_ in splits]
show(
    "label propagation", [accuracy(F, test) for F, (*_, test) in zip(spreads, splits, strict=True)]
)
unreached = np.mean([(F.sum(axis=1) == 0).mean() for F in spreads])
print(f"nodes that no label reaches: {unreached:.0%}")
tests = [test for *_, test in splits]
left_out = [test[F[test].sum(axis=1) == 0] for F, test in zip(spreads, tests, strict=True)]
law = np.mean([(y[nodes] == 0).mean() for nodes in left_out])
by_argmax = np.mean(
    [(F.argmax(axis=1) == y)[test].mean() for F, test in zip(spreads, tests, strict=True)]
)
print(f"argmax says law in all of these, right for {law:.0%}: accuracy {by_argmax:.3f}")

# %% tags=["claims"]
assert right[others].sum() == 31, "31 of 32"
assert np.flatnonzero(~right)[0] == 8, "Member 8 puzzled Zachary too"
assert (
    results["label propagation"].mean() > results["words alone, logistic regression"].mean() + 0.05
), "Edges alone beat words alone"
assert 0.10 < unreached < 0.15, "an eighth of the nodes"
assert round(law, 2) == 0.13, "right for 13%"
assert round(by_argmax, 3) == 0.770, ".770 instead of .767"
assert round(results["label propagation"].mean(), 3) == 0.767, ".770 instead of .767"

# %% [markdown]
# Edges alone beat words alone. (Where no label arrives, in an eighth of the nodes, all ten scores are 0, and `accuracy` counts a tenth. `argmax` would
# have said class 0, law, in all of them. That is right for 13%: .770 instead of .767, little here, but earned by the order of the classes.)

# %% [markdown] tags=["question"]
# Words are right for two in three nodes, edges for three in four. When will using both help?
#
# Answer: If they fail **at different nodes**.

# %% [markdown]
# ## 5 · A layer that learns
#
# Mix *features*: after one step a node's row holds the words of its own definition and of its neighbours'. A matrix of weights behind makes it a layer of a GCN:
#
# $$H^{(1)} = \operatorname{ReLU}\big(M\,X\,W_0\big).$$
#
# ReLU cuts negative numbers off. $W_0$ is learnt and the same for all nodes: it says what words mean for topics. $M$ is $S$ or $P$ and is
# given. (The likeness to a convolution on images is loose: there, left and right neighbours have weights of their own.)

# %%
path = np.array([[0.0, 1, 0, 0], [1, 0, 1, 1], [0, 1, 0, 0], [0, 1, 0, 0]])
graph_convolution(
    row_normalize(path),
    np.array([[2.0, 0.0], [0.0, 4.0], [2.0, 2.0], [4.0, 2.0]]),
    np.array([[1.0, -1.0, 0.5], [0.0, 1.0, -1.0]]),
    node=1,
    names=["a", "b", "c", "d"],
)

# %% [markdown] tags=["question"]
# Which of a GCN's weights belong to a single node? What does that mean for a word that is added to the graph tomorrow?
#
# Answer: **None, when the features are words.** A new node with a definition and edges can be labelled without training again. A table with an embedding for each node, as in a
# factorization, has no row for it.


# %% [markdown] exercise="gcn_layer" difficulty=1 minutes=5
# Return $\operatorname{ReLU}(M H W)$, (n, n_after), or $M H W$ if `relu` is False.
#
# - `M`: (n, n), `H`: (n, n_before), NumPy arrays or SciPy `csr_array`s: `@` works with all of them
# - `W`: (n_before, n_after), a NumPy array
# - $\operatorname{ReLU}(x) = \max(x, 0)$, entry by entry
#
# By hand, for the docstring's example: mixing makes the rows (1, 2), (1, 3) and (2, 2). Row 0 times $W$ is
# $(1, -1 + 2, 2 - 2, 6)$.
#
# <details><summary>Hint</summary>
#
# $(MH)W = M(HW)$. The second order costs less where $W$ makes rows shorter, as it mostly does.
#
# </details>


# %% nbgrader={"grade_id": "gcn_layer", "solution": true}
def gcn_layer(M, H, W, relu):
    """Return (n, n_after), M H W, with ReLU if relu is True.

    M (n, n) and H (n, n_before), also sparse; W (n_before, n_after). Kipf and Welling (2017),
    equation 2.

    >>> M = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    >>> H = np.array([[2.0, 0.0], [0.0, 4.0], [2.0, 2.0]])
    >>> W = np.array([[1.0, -1.0, 2.0, 0.0], [0.0, 1.0, -1.0, 3.0]])
    >>> gcn_layer(M, H, W, relu=True)
    array([[1., 1., 0., 6.],
           [1., 2., 0., 9.],
           [2., 0., 2., 6.]])
    """
    ### BEGIN SOLUTION
    Z = M @ (H @ W)
    return np.maximum(Z, 0.0) if relu else Z
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gcn_layer", "grade": true}
lecture.check(gcn_layer)

# %% [markdown]
# Two layers, the second without ReLU and with a column for each class: $O = M\,H^{(1)}\,W_1$. A row of $O$ holds a node's scores, and a **softmax**
# over the *classes* makes probabilities of them, node by node. The loss is the mean cross entropy of the labelled nodes. The others count
# by their features, which two layers mix into the labelled rows.
#
# How does the loss change with a score? **Your turn: one line is left open** (4 minutes). Write it as an expression of `q` (the probabilities of one labelled
# node, an array), `c`, `right` (its class) and `m` (how many nodes are labelled). `c == right` counts as 1 or 0.

# %% nbgrader={"grade_id": "score_gradient_line", "solution": true}
score_gradient_line = "..."
### BEGIN SOLUTION
score_gradient_line = "(q[c] - (c == right)) / m"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    o, right = rng.normal(size=4), int(rng.integers(4))
    c, m = int(rng.choice([right, (right + 1) % 4])), int(rng.integers(2, 9))
    q = np.exp(o) / np.exp(o).sum()

    def loss(x):
        scores = np.where(np.arange(4) == c, x, o)
        return (np.log(np.exp(scores).sum()) - scores[right]) / m

    return {"o": o, "q": q, "c": c, "right": right, "m": m, "loss": loss}


Derivation(
    "The slope of the loss by a score",
    instance,
    Step(
        r"-\tfrac1m \log q_y",
        "-np.log(q[right]) / m",
        why="the share of one labelled node in the loss; $y$ is its class",
    ),
    Step(
        r"= \tfrac1m\Big(\log\sum_b e^{o_b} - o_y\Big)",
        "(np.log(np.exp(o).sum()) - o[right]) / m",
        why="the logarithm of a softmax",
    ),
    Step(
        r"\frac{\partial L}{\partial o_c}",
        "derivative(loss, o[c])",
        starts=True,
        why="computed numerically, from the loss itself",
    ),
    Step(
        r"=\;?",
        score_gradient_line,
        yours=True,
        names=("q", "c", "right", "m"),
        tolerance=1e-6,
        why="your line",
    ),
).check()


# %% [markdown] exercise="softmax_cross_entropy" difficulty=2 minutes=17
# Return two things: the loss $L$, a float, and its gradient by the scores, $D$, with the shape of `scores`.
#
# - `scores`: (n, n_classes), the scores of all nodes; they may be in the thousands, and nothing may become infinite or NaN. `scores` must not
#   change. Compute in 64-bit numbers
# - `y`: (n,) classes, of which only `y[labelled]` may be used
# - `labelled`: (m,) indices of nodes, in any order
# - $L = -\frac1m \sum_{i \text{ labelled}} \log q_{i y_i}$, where $q_{ic} = e^{o_{ic}} / \sum_b e^{o_{ib}}$
# - $D$ is the last line of the derivation above for labelled nodes, and 0 for all others
#
# By hand, for the docstring's example: the probabilities of node 0 are ⅛, ⅜ and ½, its class is 1. Those of node 2 are ½, ¼ and ¼,
# its class is 0. The loss is $-\frac12(\log\frac38 + \log\frac12) = 0.837$.
#
# <details><summary>Hint</summary>
#
# Take the rows of labelled nodes first. $\log q_{ic} = o_{ic} - \log\sum_b e^{o_{ib}}$, and this does not change if the row's
# own maximum is subtracted from all its scores. Subtract it, and no exponential is larger than 1.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     rows ← the scores of labelled nodes, each less its own maximum
#     logs ← rows minus the logarithm of each row's sum of exponentials
#     loss ← minus the mean of the logs at the right classes
#     D ← zeros, with the shape of the scores
#     its labelled rows ← exp(logs), with 1 taken off at the right class, over m
#
# </details>


# %% nbgrader={"grade_id": "softmax_cross_entropy", "solution": true}
def softmax_cross_entropy(scores, y, labelled):
    """Return (mean cross entropy over labelled nodes, its gradient (n, n_classes) by scores).

    scores (n, n_classes), y (n,), of which only y[labelled] is used, labelled (m,) indices.

    >>> scores = np.log([[1.0, 3.0, 4.0], [5.0, 1.0, 1.0], [2.0, 1.0, 1.0], [1.0, 1.0, 6.0]])
    >>> loss, D = softmax_cross_entropy(scores, np.array([1, 2, 0, 0]), labelled=np.array([0, 2]))
    >>> round(loss, 3)
    0.837
    >>> D.round(4)
    array([[ 0.0625, -0.3125,  0.25  ],
           [ 0.    ,  0.    ,  0.    ],
           [-0.25  ,  0.125 ,  0.125 ],
           [ 0.    ,  0.    ,  0.    ]])
    """
    ### BEGIN SOLUTION
    rows, right = scores[labelled], y[labelled]
    rows = rows - rows.max(axis=1, keepdims=True)
    logs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    at_right = np.arange(len(labelled)), right
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs) / len(labelled)
    D[labelled, right] -= 1 / len(labelled)
    return float(-logs[at_right].mean()), D
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_softmax_cross_entropy", "grade": true}
lecture.check(softmax_cross_entropy)

# %% [markdown]
# ### Back through the mixing
#
# Forward, node $i$ reads from the nodes in row $i$ of $M$. Backward, what node $j$ is to blame for comes from all nodes that read
# it, and these stand in *column* $j$.
#
# **Your turn: one line is left open** (4 minutes). $D$ is the gradient by $O = MHW$. What is the gradient by $H$? Write it as an expression of `M`, `D`, `W`
# (and `H`, if you need it).

# %% nbgrader={"grade_id": "mixing_gradient_line", "solution": true}
mixing_gradient_line = "..."
### BEGIN SOLUTION
mixing_gradient_line = "M.T @ D @ W.T"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    M, H, W = rng.uniform(0, 1, (5, 5)), rng.normal(size=(5, 3)), rng.normal(size=(3, 2))
    D = rng.normal(size=(5, 2))

    def slopes(change, start):
        """Return the slope of sum(D * M H W) by every entry of an array."""
        out = np.zeros(start.shape)
        for place in np.ndindex(start.shape):
            tiny = np.zeros(start.shape)
            tiny[place] = 1e-3
            out[place] = (change(start + tiny) - change(start - tiny)) / 2e-3
        return out

    by_W = slopes(lambda W: (D * (M @ H @ W)).sum(), W)
    by_H = slopes(lambda H: (D * (M @ H @ W)).sum(), H)
    return {"M": M, "H": H, "W": W, "D": D, "by_W": by_W, "by_H": by_H}


Derivation(
    "Back through a layer without ReLU",
    instance,
    Step(
        r"\frac{\partial L}{\partial W}",
        "by_W",
        why="computed numerically, entry by entry",
    ),
    Step(
        r"= (MH)^\top D",
        "(M @ H).T @ D",
        tolerance=1e-6,
        why="as in linear regression, with the mixed rows as inputs",
    ),
    Step(
        r"\frac{\partial L}{\partial H}",
        "by_H",
        starts=True,
        why="computed numerically",
    ),
    Step(
        r"=\;?",
        mixing_gradient_line,
        yours=True,
        names=("M", "D", "W", "H"),
        tolerance=1e-6,
        why="your line",
    ),
).check()


# %% [markdown] exercise="gcn_gradients" difficulty=3 minutes=22
# Two layers, $H = \operatorname{ReLU}(M X W_0)$ and $O = M H W_1$, and the loss of the last exercise. Return its gradients by
# $W_0$ and by $W_1$, with their shapes.
#
# - `M`: (n, n), `X`: (n, n_features), NumPy arrays or SciPy `csr_array`s: `@` and `.T` work with both. Compute in 64-bit numbers; training calls
#   this function thousands of times, so a loop over the nodes is slow
# - `M` need not be symmetric, nor do its rows sum to 1
# - `W0`: (n_features, n_hidden), `W1`: (n_hidden, n_classes); `y` and `labelled` as before
#
# By hand, for the docstring's example: $M X W_0$ has the rows (−1, 2), (1, 2) and (2, −1.5): two of the six are negative and pass
# nothing back. Node 1 has no label and is read by both nodes that have one: what they pass back arrives there.
#
# <details><summary>Hint</summary>
#
# Forward with `gcn_layer`, twice; then $D$ from `softmax_cross_entropy`; then the two lines of the derivation, from the last layer to
# the first. The slope of ReLU is 1 where its result is positive, and 0 elsewhere.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     H ← first layer, with ReLU;  scores ← second layer, without
#     D ← gradient of the loss by the scores
#     back ← D, sent back through the mixing
#     dW1 ← H transposed times back
#     dU ← back times W1 transposed, 0 where H is 0
#     dW0 ← X transposed times (dU, sent back through the mixing)
#
# </details>


# %% nbgrader={"grade_id": "gcn_gradients", "solution": true}
def gcn_gradients(M, X, W0, W1, y, labelled):
    """Return the gradients (dW0, dW1) of the cross entropy of the scores M ReLU(M X W0) W1.

    M (n, n) and X (n, n_features), also sparse; W0 (n_features, n_hidden), W1 (n_hidden,
    n_classes); y (n,), labelled (m,) as in softmax_cross_entropy.

    >>> M = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]])
    >>> X = np.array([[1.0, 0.0, 2.0, 0.0], [1.0, 2.0, 0.0, 0.0], [0.0, 1.0, 0.0, 3.0]])
    >>> W0 = np.array([[1.0, 0.0], [0.0, 1.0], [-2.0, 1.0], [1.0, -2.0]])
    >>> W1 = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    >>> dW0, dW1 = gcn_gradients(M, X, W0, W1, np.array([1, 0, 2]), np.array([0, 2]))
    >>> dW0.round(3)
    array([[ 0.403,  0.108],
           [ 0.895,  0.292],
           [ 0.   , -0.077],
           [ 0.266,  0.   ]])
    >>> dW1.round(3)
    array([[ 0.682,  0.012, -0.694],
           [ 0.674, -0.229, -0.445]])
    """
    ### BEGIN SOLUTION
    H = gcn_layer(M, X, W0, relu=True)
    scores = gcn_layer(M, H, W1, relu=False)
    D = softmax_cross_entropy(scores, y, labelled)[1]
    back = M.T @ D
    dU = (back @ W1.T) * (H > 0)
    return X.T @ (M.T @ dU), H.T @ back
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gcn_gradients", "grade": true}
lecture.check(gcn_gradients)

# %% [markdown] tags=["question"]
# A friend writes $M$ where you have $M^\top$ on the way back, trains with $S$, and gets exactly your numbers. Then she tries $P$. What happens?
#
# Answer: **With $S$ the two are the same matrix**, so nothing shows. With $P$ her gradients are wrong.

# %%
error = np.random.default_rng(0).normal(size=(members, 2))
for name, M in (("symmetric", S), ("row", P)):
    wrong = np.linalg.norm(M @ error - M.T @ error) / np.linalg.norm(M.T @ error)
    print(f"{name:9}: sent back by M instead of its transpose, off by {wrong:.0%}")

# PyTorch computes gradients by itself; do ours agree?
rng = np.random.default_rng(1)
weights = [rng.normal(size=(3, 5)), rng.normal(size=(5, 2))]
theirs = [torch.tensor(W, requires_grad=True) for W in weights]
hidden = torch.relu(torch.from_numpy(P @ colours) @ theirs[0])
scores = torch.from_numpy(P) @ hidden @ theirs[1]
torch.nn.functional.cross_entropy(scores[leaders], torch.from_numpy(sides[leaders])).backward()
ours = gcn_gradients(P, colours, *weights, sides, leaders)
gap = max(np.abs(mine - W.grad.numpy()).max() for mine, W in zip(ours, theirs, strict=True))
print("the same gradients as PyTorch, to 1e-10:", gap < 1e-10)

# %% tags=["claims"]
assert gap < 1e-10, "the same numbers as PyTorch"

# %% [markdown]
# Ours are the same numbers as PyTorch finds by itself. We descend with Adam and the settings of the paper: 16 hidden units, rate 0.01, a penalty on $W_0$, 200
# steps, and dropout: in each step a random half of the features is set to 0 and the rest doubled, so that no single word is relied upon. (The
# paper drops hidden units too.)


# %% tags=["given"]
def descend(weights, gradients_of, n_steps, rate=0.01):
    """Change a list of arrays in place by Adam (Kingma and Ba, 2015); gradients_of(weights)."""
    means, squares = ([np.zeros(W.shape) for W in weights] for _ in range(2))
    for step in range(1, n_steps + 1):
        for W, g, m, s in zip(weights, gradients_of(weights), means, squares, strict=True):
            m += 0.1 * (g - m)
            s += 0.001 * (g**2 - s)
            W -= rate * (m / (1 - 0.9**step)) / (np.sqrt(s / (1 - 0.999**step)) + 1e-8)


def dropped(X, rng):
    """Return a copy of a csr_array with a random half of its entries 0, the others doubled."""
    X = X.copy()
    X.data = X.data * (rng.random(X.nnz) < 0.5) * 2
    return X


def random_weights(rng, *sizes):
    """Return a matrix for each pair of neighbouring sizes (Glorot and Bengio, 2010)."""
    shapes = pairwise(sizes)
    return [rng.uniform(-1, 1, shape) * np.sqrt(6 / sum(shape)) for shape in shapes]


def train_gcn(M, X, y, labelled, n_classes, seed, n_steps=200):
    """Return [W0, W1] of a two-layer GCN; M (n, n), X (n, n_features), both csr_arrays."""
    rng = np.random.default_rng(seed)
    weights = random_weights(rng, X.shape[1], 16, n_classes)

    def gradients(weights):
        dW0, dW1 = gcn_gradients(M, dropped(X, rng), *weights, y, labelled)
        return dW0 + 5e-4 * weights[0], dW1

    descend(weights, gradients, n_steps)
    return weights


def gcn_scores(M, X, W0, W1):
    """Return the scores (n, n_classes) of a two-layer GCN."""
    return gcn_layer(M, gcn_layer(M, X, W0, relu=True), W1, relu=False)


# %% [markdown]
# First the club: two labels, and for features only who is who, a column for each member. Without mixing ($M = I$) it is an ordinary network with one hidden
# layer, an **MLP** (multilayer perceptron).

# %% [markdown] tags=["question"]
# What can the MLP learn about a member without a label, if the features say only who is who?
#
# Answer: **Nothing at all**: that member's row of $W_0$ never meets a label. It will be right about half the time. The GCN's labelled rows contain their neighbours' columns.

# %%
identity = csr_array(np.eye(members))
club_right = {}
for name, M in {
    "MLP, no mixing": identity,
    "GCN, symmetric": csr_array(S),
    "GCN, row": csr_array(P),
}.items():
    club_right[name] = []
    for seed in range(10):
        W0, W1 = train_gcn(M, identity, sides, leaders, n_classes=2, seed=seed)
        guess = gcn_scores(M, identity, W0, W1).argmax(axis=1)
        club_right[name].append((guess == sides)[others].sum())
    print(
        f"{name:15} {np.mean(club_right[name]):.1f} of 32 right on average, {min(club_right[name])} to {max(club_right[name])}"
    )

# %% tags=["claims"]
assert np.median(club_right["GCN, symmetric"]) == 31, "31 of 32 in most starts"
assert np.mean(club_right["MLP, no mixing"]) < 20, "about half the time"

# %% [markdown]
# The GCN gets 31 of 32 in most starts, as label propagation did without training. But the leaders are lucky choices of whom to label. With one random member
# of each club:

# %%
lecture.recorded("karate")

# %% tags=["claims"]
assert (
    lecture.recorded("karate").number("accuracy", "a random member of each club", "GCN, symmetric")
    - lecture.recorded("karate").number(
        "accuracy", "a random member of each club", "label propagation, 100 steps"
    )
    > 0.15
), "far behind the GCN"

# %% [markdown]
# Now label propagation is far behind the GCN. To whose side do its scores lean? (A longer cell.)

# %%
draws = [
    [np.random.default_rng(seed).choice(np.flatnonzero(sides == club_side)) for club_side in (0, 1)]
    for seed in range(200)
]
leaning = {"label propagation": [], "GCN, symmetric": []}
for seed, pair in enumerate(np.array(draws)):
    n_edges = A[pair].sum(axis=1)
    if n_edges[0] == n_edges[1]:
        continue
    scores = {"label propagation": label_propagation(P, sides, pair, n_classes=2, n_steps=100)}
    if seed < 40:  # training takes longer
        weights = train_gcn(csr_array(S), identity, sides, pair, n_classes=2, seed=seed)
        scores["GCN, symmetric"] = gcn_scores(csr_array(S), identity, *weights)
    rest = np.setdiff1d(np.arange(members), pair)
    for name, F in scores.items():
        leaning[name].append((F.argmax(axis=1)[rest] == n_edges.argmax()).mean())
print("members who get the side of the one with more edges:")
for name, shares in leaning.items():
    print(f"{name:18} {np.mean(shares):.0%}")

# %% tags=["claims"]
assert 0.85 < np.mean(leaning["label propagation"]) < 0.92, "nearly nine members in ten"
assert 0.5 < np.mean(leaning["GCN, symmetric"]) < 0.62, "hardly more than half"

# %% [markdown]
# To whichever of the two has more edges: nearly nine members in ten get that one's side. With the GCN it is hardly more than half.
#
# ## 6 · On the words: which part does the work?
#
# Now 200 labels of 1,638. Beside the GCN with either normalization there are two controls: the same network without mixing, and the GCN on a **shuffled graph**,
# with as many edges, between the wrong nodes. (A longer cell follows.)

# %% [markdown] tags=["question"]
# Guess the shuffled GCN's place: near the MLP, which has no edges; between it and the GCN; or below the MLP?
#
# Answer: **Far below the MLP.** Mixing with the wrong nodes drowns the words a node had. A graph has to be about the question.


# %%
def gcn_accuracies(M_of, splits):
    """Return a two-layer GCN's accuracy on each split; M_of(seed) is its matrix."""
    found = []
    for seed, (train, _, test) in enumerate(splits):
        M = M_of(seed)
        weights = train_gcn(M, X, y, train, n_classes, seed)
        found.append(accuracy(gcn_scores(M, X, *weights), test))
    return found


def shuffled(seed):
    """Return S with its nodes renamed at random."""
    order = np.random.default_rng(seed).permutation(n)
    return csr_array(S_words[order][:, order])


no_mixing = csr_array(eye_array(n))
show("MLP: GCN without mixing", gcn_accuracies(lambda seed: no_mixing, splits))
show("GCN, symmetric", gcn_accuracies(lambda seed: S_words, splits))
show("GCN, row", gcn_accuracies(lambda seed: P_words, splits))
show("GCN, shuffled graph", gcn_accuracies(shuffled, splits[:5]))

# %% [markdown]
# What if we mix the words twice, $S^2X$, and hand the result to the logistic regression of section 1? This is **SGC** (simplified graph convolution; Wu et al., 2019).

# %%
mixed_words = mix_k_steps(S_words, X, 2)
show(
    "SGC: logistic regression on mixed",
    [accuracy(logistic_scores(mixed_words, t), s) for t, _, s in splits],
)
print()
for name in (
    "MLP: GCN without mixing",
    "label propagation",
    "SGC: logistic regression on mixed",
    "GCN, row",
):
    gain, error = mean_and_standard_error(results["GCN, symmetric"] - results[name])
    print(f"GCN, symmetric, minus {name:34} {gain:+.3f} ± {error:.3f}")
gain, error = mean_and_standard_error(
    results["label propagation"] - results["MLP: GCN without mixing"]
)
print(f"label propagation, minus {'MLP: GCN without mixing':31} {gain:+.3f} ± {error:.3f}")


# %% tags=["claims"]
assert gain > 5 * error, "each step many standard errors"
assert results["MLP: GCN without mixing"].mean() < results["label propagation"].mean() - 0.05, (
    "MLP < label propagation < GCN"
)
assert results["label propagation"].mean() < results["GCN, symmetric"].mean() - 0.05, (
    "MLP < label propagation < GCN"
)
assert (
    abs(results["SGC: logistic regression on mixed"].mean() - results["GCN, symmetric"].mean())
    < 0.012
), "SGC ties it"
assert abs(results["GCN, row"].mean() - results["GCN, symmetric"].mean()) < 0.012, (
    "by a few thousandths"
)
assert results["GCN, shuffled graph"].mean() < 0.35, "hardly better than always saying law"

# %% [markdown]
# MLP < label propagation < GCN, each step many standard errors (paired, split by split). On the shuffled graph the GCN is hardly better than always saying law.
# The two normalizations differ by a few thousandths. And SGC ties it: with 20 labels a class it is the *mixing* that helps, and training a layer between two mixings
# adds nothing that we can measure. With fewer labels? (Another longer cell.)

# %%
few = [split_labels(y, per_class=5, n_validation=300, seed=seed) for seed in range(10)]
mixed_further = mix_k_steps(S_words, mixed_words, 6)
few_results = {"SGC, 2 steps": [], "SGC, 8 steps": [], "SGC, steps chosen on validation": []}
eight_chosen = 0
for labelled, held_out, hidden in few:
    both = [logistic_scores(Z, labelled) for Z in (mixed_words, mixed_further)]
    chosen = int(np.argmax([accuracy(scores, held_out) for scores in both]))
    eight_chosen += chosen
    for name, scores in zip(few_results, [*both, both[chosen]], strict=True):
        few_results[name].append(accuracy(scores, hidden))
few_results["GCN, symmetric"] = gcn_accuracies(lambda seed: S_words, few)
few_results["label propagation"] = [
    accuracy(label_propagation(P_words, y, labelled, n_classes, 100), hidden)
    for labelled, _, hidden in few
]
print("5 labels a class")
for name, found in few_results.items():
    print("{:32} {:.3f} ± {:.3f}".format(name, *mean_and_standard_error(np.array(found))))
print(f"validation chooses 8 steps in {eight_chosen} of 10 draws")
further = [accuracy(logistic_scores(mixed_further, t), s) for t, _, s in splits]
print(f"20 labels a class: SGC, 8 steps  {np.mean(further):.3f}")


# %% tags=["claims"]
assert eight_chosen == 10, "chooses in all ten draws"
assert np.mean(further) < results["SGC: logistic regression on mixed"].mean() + 0.003, "no better"
assert np.mean(few_results["GCN, symmetric"]) - np.mean(few_results["SGC, 2 steps"]) > 0.04, (
    "ahead of SGC with two steps"
)
assert abs(np.mean(few_results["GCN, symmetric"]) - np.mean(few_results["SGC, 8 steps"])) < 0.02, (
    "level with it"
)

# %% [markdown]
# Now the GCN is ahead of SGC with two steps. But SGC with eight, which validation chooses in all ten draws (with 300 labels, more than a few), is level with it.
# With few labels a longer reach pays, and a trained layer can make up for it. (At 20 a class, eight steps are no better than two.)
#
# ### Deeper?
#
# Two layers look two edges far. Why not eight? A recorded run: words mixed $k$ times before a logistic regression, and GCNs of $k$ layers.

# %% [markdown] tags=["question"]
# Which will suffer more from depth, the regression on mixed words or the trained network?
#
# Answer: **The trained network.** Section 3 has shown that mixing alone leaves small differences, which a regression can scale up.

# %%
lecture.recorded("depth")

# %% tags=["claims"]
assert lecture.recorded("depth").number("mixed: test", 8) > 0.84, "mixing alone does not collapse"
assert lecture.recorded("depth").number("all: train", 8) < 0.6, "does not fit its own labels"
assert lecture.recorded("depth").number("all: train", "8, 600 steps") > 0.85, "fits most of them"
assert (
    lecture.recorded("depth").number("decay all: test", "8, 600 steps")
    > lecture.recorded("depth").number("decay all: test", 8) + 0.2
), "the test accuracy rises too"
assert all(
    lecture.recorded("depth").number("decay first: test", fewer)
    > lecture.recorded("depth").number("decay first: test", fewer + 1)
    for fewer in range(2, 8)
), "falls slowly from two layers on"
assert round(lecture.recorded("depth").number("decay first: test", 8), 2) == 0.77, (
    "to 0.77 with eight"
)

# %% [markdown]
# Over-smoothing is often blamed. Yet mixing alone does not collapse. With weight decay, the penalty, on all layers the eight-layer network does not fit its own
# labels in 200 steps: what fails there is the training. With 600 it fits most of them, and the test accuracy rises too. With decay on the first layer only, test accuracy falls slowly from two layers on, to 0.77 with eight. Residual connections
# (lecture 10) are the usual remedy.
#
# ## 7 · Links, and films
#
# ### Which edges are missing?
#
# Lecture 12's question: hide a tenth of the edges and rank, for both ends of each, all nodes that are no neighbours. The score of a pair is
# $z_i^\top z_j + b_i + b_j$, trained to be high for edges and low for five random pairs per edge. For $z$ there are four choices: a free vector for each
# node, as in a factorization, or $z = XW$ from the words, and either of them mixed once. We report the mean reciprocal rank (**MRR**): 1 if the
# hidden neighbour always comes first, ½ for second.
#
# $M$ must be made of the *training* edges only, degrees included, or the answers are mixed into the input. (The second cell is a longer one.)


# %% [markdown] tags=["question"]
# Three nodes in four have one or two edges. What does the free vector of such a node learn from, and what changes when the vectors are mixed?
#
# Answer: From one or two edges and some random pairs, which is little for 16 numbers. Mixed, its row takes in **its neighbours' vectors**,
# which have learnt from edges of their own.


# %% tags=["given"] jupyter={"source_hidden": true}
def hide_edges(edges, n, share, rng):
    """Return (kept, hidden) edges; no node loses its last edge."""
    degrees, hidden = np.bincount(edges.ravel(), minlength=n), np.zeros(len(edges), dtype=bool)
    for k in rng.permutation(len(edges)):
        if hidden.sum() < share * len(edges) and (degrees[edges[k]] > 1).all():
            degrees[edges[k]] -= 1
            hidden[k] = True
    return edges[~hidden], edges[hidden]


def fit_links(M, X, edges, seed, dropout, width=16, n_steps=200):
    """Return Z = M X W (n, width) and biases b (n,), fitted to edges and 5 random pairs for each."""
    rng = np.random.default_rng(seed)
    n = X.shape[0]
    parameters = [*random_weights(rng, X.shape[1], width), np.zeros(n)]

    def gradients(parameters):
        W, b = parameters
        inputs = dropped(X, rng) if dropout else X
        Z = M @ (inputs @ W)
        random_ends = rng.integers(0, n, 5 * len(edges))
        pairs = np.vstack([edges, np.stack([np.repeat(edges[:, 0], 5), random_ends], axis=1)])
        i, j = pairs.T
        error = 1 / (1 + np.exp(-((Z[i] * Z[j]).sum(axis=1) + b[i] + b[j])))
        error[: len(edges)] -= 1
        C = csr_array((error / len(pairs), (i, j)), shape=(n, n))
        dZ = C @ Z + C.T @ Z + 2e-3 * Z / n
        return inputs.T @ (M.T @ dZ), C.sum(axis=1) + C.sum(axis=0)

    descend(parameters, gradients, n_steps)
    return M @ (X @ parameters[0]), parameters[1]


def reciprocal_ranks(Z, b, kept, hidden):
    """Return 1 / rank of both ends of each hidden edge among all non-neighbours; ties are fair."""
    known = adjacency(np.vstack([kept, hidden]), len(Z)) + np.eye(len(Z))
    found = []
    for i, j in np.vstack([hidden, hidden[:, ::-1]]):
        scores = Z @ Z[i] + b
        rivals = scores[known[i] == 0]
        found.append(1 / (1 + (rivals > scores[j]).sum() + (rivals == scores[j]).sum() / 2))
    return np.array(found)


# %%
nodes = csr_array(eye_array(n))
defined = set(map(tuple, graph.edges[graph.by_definition].tolist()))
mrr, by_kind = {}, {}  # by kind: WordNet's own links, and edges from a definition
for seed in range(3):
    kept, hidden = hide_edges(graph.edges, n, 0.1, np.random.default_rng(seed))
    from_words = np.tile([tuple(pair) in defined for pair in hidden.tolist()], 2)
    S_kept = csr_array(symmetric_normalize(adjacency(kept, n)))
    for name, M, features, dropout in (
        ("free vectors", nodes, nodes, False),
        ("free vectors, mixed", S_kept, nodes, False),
        ("words", nodes, X, True),
        ("words, mixed", S_kept, X, True),
    ):
        Z, b = fit_links(M, features, kept, seed, dropout)
        found = reciprocal_ranks(Z, b, kept, hidden)
        mrr.setdefault(name, []).append(found.mean())
        by_kind.setdefault(name, []).append([found[~from_words].mean(), found[from_words].mean()])
print("MRR                     all edges       WordNet's own links   from a definition")
for name, found in mrr.items():
    by_kind[name] = np.mean(by_kind[name], axis=0)
    mean, error = mean_and_standard_error(np.array(found))
    own, from_words = by_kind[name]
    print(f"{name:20} {mean:.3f} ± {error:.3f} {own:18.3f} {from_words:19.3f}")

# %% tags=["claims"]
assert round((np.bincount(graph.edges.ravel()) <= 2).mean(), 2) == 0.75, "Three nodes in four"
assert np.bincount(graph.edges.ravel(), minlength=n).min() == 1, "one or two edges"
assert abs(graph.by_definition.mean() - 0.5) < 0.05, "half of this graph's edges"
assert (by_kind["words, mixed"] > 1.2 * by_kind["words"]).all(), "on both kinds of edges"
assert (by_kind["free vectors, mixed"] > 1.2 * by_kind["free vectors"]).all(), (
    "on both kinds of edges"
)
assert abs(by_kind["words"][0] - by_kind["free vectors"][0]) < 0.01, (
    "words alone are level with free vectors"
)
assert 0 < by_kind["words, mixed"][0] - by_kind["free vectors, mixed"][0] < 0.03, (
    "mixed words are little ahead of mixed vectors"
)

# %% [markdown]
# Mixing helps both, on both kinds of edges. The words' lead is mostly a leak: half of this graph's edges say "a word of the definition means the other node". On
# WordNet's own links words alone are level with free vectors, and mixed words are little ahead of mixed vectors.
#
# ### Users and films
#
# A table of who watched what is a graph too, of users and films. Give each film a colour of its own, a one-hot row of $H$, and mix. After one step
# a user holds what they watched; after two a film holds what its viewers watched; after three, a user holds *what the viewers of their films watched*: a recommendation
# with no parameter but $k$. It is the propagation of **LightGCN** (He et al., 2020), which leaves out the self-loops, learns vectors in place of the one-hot rows and adds up the results of several steps.

# %% [markdown] tags=["question"]
# For which $k$ will the ranking be best? What happens when $k$ becomes large?
#
# Answer: **For $k = 3$**, the first at which a film can reach a user who has not watched it. With large $k$ the limit of section 3 takes over: every user sees films in the order of their degrees,
# and that is popularity.

# %%
ratings = load_movielens_small().with_popular_films(min_ratings=50)
seen, hidden = split_at_random(ratings, test_fraction=0.2, seed=3)
part, validation = split_at_random(seen, test_fraction=0.2, seed=4)


# %% tags=["given"]
def user_film_steps(train, k):
    """Return scores (n_users, n_items): films' one-hot rows, mixed k times over the graph."""
    watched = train.interactions().toarray()
    n_users, n_items = watched.shape
    A = np.block(
        [[np.zeros((n_users, n_users)), watched], [watched.T, np.zeros((n_items, n_items))]]
    )
    films = np.eye(n_users + n_items)[:, n_users:]
    return mix_k_steps(symmetric_normalize(A), films, k)[:n_users]


def ndcg(train, hidden, scores):
    """Return each user's NDCG@10, (n_users,)."""
    return ndcg_at_k(top_k(scores, train.interactions(), k=10), hidden.interactions())


# %%
chosen = {
    k: np.nanmean(ndcg(part, validation, user_film_steps(part, k))) for k in (1, 2, 3, 4, 5, 9, 50)
}
popular_part = np.tile(part.interactions().sum(axis=0), (part.n_users, 1))
popular_before = np.nanmean(ndcg(part, validation, popular_part))
print("validation NDCG@10:", ", ".join(f"{k} steps {value:.3f}" for k, value in chosen.items()))
print(f"popularity, on validation too: {popular_before:.3f}")
k = max(chosen, key=chosen.get)
mixing_ndcg = ndcg(seen, hidden, user_film_steps(seen, k))
popular = np.tile(seen.interactions().sum(axis=0), (seen.n_users, 1))
ladder = {"popularity": ndcg(seen, hidden, popular), f"mixing, {k} steps": mixing_ndcg}
for name, per_user in ladder.items():
    print(
        f"{name:18} NDCG@10 {np.nanmean(per_user):.3f} ± {mean_and_standard_error(per_user)[1]:.3f}"
    )

# %% [markdown]
# Far above popularity, with nothing fitted. Among the other models:

# %%
lecture.results("hidden films")

# %% tags=["claims"]
assert k == 3, "For $k = 3$"
assert abs(chosen[50] - popular_before) < 0.005, "and that is popularity"
assert np.nanmean(mixing_ndcg) > 1.5 * np.nanmean(ladder["popularity"]), "Far above popularity"
assert round(float(np.nanmean(mixing_ndcg)), 3) == lecture.results("hidden films").value(
    "user-film mixing"
), "level with item-kNN"
assert (
    abs(
        lecture.results("hidden films").value("user-film mixing")
        - lecture.results("hidden films").value("item-kNN")
    )
    < 0.01
), "level with item-kNN"
assert (
    lecture.results("hidden films").value("SVD, zeros in all gaps")
    - lecture.results("hidden films").value("user-film mixing")
    > 0.02
), "stay behind SVD"
assert (
    abs(
        lecture.results("hidden films").value("mixing + leading vectors")
        - lecture.results("hidden films").value("EASE")
    )
    < 0.01
), "level with EASE"
assert (
    abs(
        lecture.results("hidden films").value("mixing + leading vectors")
        - lecture.results("hidden films").value("towers: in-batch softmax + log q")
    )
    < 0.01
), "with the best of this table"

# %% [markdown]
# Three steps stay behind SVD (lecture 01). They are level with item-kNN, and a relative: from film to film by way of those who watched both. Item-kNN keeps the 100 nearest films; mixing
# keeps all, and gives a viewer less say the more films they watched. With the leading singular vectors added (GF-CF; Shen et al., 2021) it is
# level with EASE and with the best of this table, the towers with in-batch softmax + log q.
#
# ## 8 · What it means, and where it fails
#
# - *Mixing does most of the work.* Before you train a GCN, mix the features and fit a regression.
# - *All neighbours count alike*, up to their degrees. Attention (lecture 09) learns whom to read: a graph attention network (Veličković et al., 2018).
# - *The whole graph is in every step.* Millions of nodes need samples of neighbours (GraphSAGE).
# - *Transductive numbers flatter.* The test nodes' words and edges were visible in training. Lecture 14 measures on what arrives later.
#
# On Cora, the field's usual graph (papers, seven topics, citations), your functions reach what the paper reports:

# %%
lecture.recorded("cora")

# %% tags=["claims"]
assert (
    abs(
        lecture.recorded("cora").number("test accuracy, %", "GCN, symmetric")
        - lecture.recorded("cora").number("test accuracy, %", "Kipf and Welling (2017), their code")
    )
    < 0.5
), "reach what the paper reports"

# %% [markdown]
# <details><summary>If you know the slides that this course follows</summary>
#
# - They say that after many steps all nodes have the same embedding. Under the symmetric normalization they keep the sizes $\sqrt{\tilde d_i}$.
# - Their embeddings are columns; here, as in all of this course, a node is a row.
#
# </details>
#
# **What to read next.**
#
# - T. Kipf, M. Welling: *Semi-Supervised Classification with Graph Convolutional Networks*, ICLR 2017.
# - X. Zhu, Z. Ghahramani: *Learning from Labeled and Unlabeled Data with Label Propagation*, CMU, 2002.
# - F. Wu et al.: *Simplifying Graph Convolutional Networks*, ICML 2019: SGC.
# - Q. Li, Z. Han, X.-M. Wu: *Deeper Insights into Graph Convolutional Networks for Semi-Supervised Learning*, AAAI 2018: over-smoothing.
# - X. He et al.: *LightGCN*, SIGIR 2020; Y. Shen et al.: *How Powerful is Graph Convolution for Recommendation?*, CIKM 2021.
# - W. Zachary: *An Information Flow Model for Conflict and Fission in Small Groups*, J. Anthropological Research 33(4), 1977.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | mixing step | $h_i \leftarrow \frac{1}{1 + \lvert N(i)\rvert}\big(h_i + \sum_{j \in N(i)} h_j\big)$ |
# | row, symmetric | $P = \tilde D^{-1}\tilde A,\quad S = \tilde D^{-1/2}\tilde A\tilde D^{-1/2},\quad \tilde A = A + I$ |
# | $k$ steps | $M^k H$ |
# | limits | $P^k H \to \mathbf 1\,\big(\tilde d^\top H/\sum_j \tilde d_j\big),\quad S^k H \to u\,u^\top H,\ u_i = \sqrt{\tilde d_i/\sum_j \tilde d_j}$ |
# | label propagation | $F \leftarrow MF$, labelled rows set back |
# | layer | $\operatorname{ReLU}(MHW)$ |
# | loss, slope | $-\frac1m\sum\log q_{iy_i},\quad D_{ic} = (q_{ic} - [c = y_i])/m$ |
# | gradients | $dW_1 = (MH)^\top D,\quad dU = (M^\top D W_1^\top) \odot [H > 0],\quad dW_0 = (MX)^\top dU$ |

# %%
lecture.progress()
