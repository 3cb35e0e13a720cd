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
# # 09 · Self-attention: which of the earlier films says so?
#
# A user has rated two dozen films, then *Schindler's List*, *The Shawshank Redemption* and *Vertigo*, in this
# order. Which film comes next?
#
# The models so far looked at such a history as a *set*: SLIM added up what every watched film says, and
# a factor model squeezed all of it into one vector. Both treat the film of ten years ago like the film of
# last night. One could let old films fade, but that weighs a film by its
# age alone, whatever the question is. **Self-attention** lets each place in a sequence decide *which of the others to read*, and
# how much. It was invented for translation (Vaswani et al., 2017), it is what large language models are made of, and
# since 2018 it has been a standard way to read a history of clicks, purchases or films.
#
# After this lecture you can
#
# - compute attention by hand, say what queries, keys and values are for, and derive the
#   $\sqrt d$ under the scores;
# - build masks, several heads and positions in NumPy, and get the same numbers as PyTorch;
# - prove that attention without positions cannot see the order of its input;
# - show a task that attention solves and no average can;
# - train a small model that predicts the next film, compare it honestly with tables of pairs, and say what the
#   weights mean and what they do not.

# %% [markdown] tags=["overview"]

# %% [markdown] tags=["question"]
# From lecture 07 (skip these three if you have not done it): the softmax loss makes the score of the right film rise. What is
# its gradient with respect to each score?
#
# Answer: **The probability minus 1 for the right film, the probability itself for the others**. This lecture trains with the
# same softmax, over all films.

# %% [markdown] tags=["question"]
# From lecture 07: the user's vector was the mean of the vectors of all films in the history. What of the history can a mean
# not tell?
#
# Answer: **The order, and which of the films matters now**: each has the same share. Attention is a mean whose shares depend on
# what stands in the history.

# %% [markdown] tags=["question"]
# From lecture 07: why is a score multiplied by $\alpha$ before the softmax, and what would a very large $\alpha$ do?
#
# Answer: It decides how **sharp** the distribution is: with a very large one the largest score takes all. In attention the
# question comes back, as a division.

# %% tags=["setup"]
import numpy as np
import torch
from scipy.sparse import csr_array

from embedlab import Derivation, Lecture, Step
from embedlab.baselines import fading_history, item_knn, slim
from embedlab.data.ratings import load_movielens_small
from embedlab.diagrams import attention_pipeline
from embedlab.me import Me
from embedlab.ranking import hit_rate_at_k, mean_and_standard_error, ndcg_at_k, top_k
from embedlab.widgets import Curves, HeatMaps, YourList, curve_states, heat_states

torch.set_num_threads(1)  # the models are small, and one thread gives everybody the same numbers
lecture = Lecture("09_self_attention")

# %% [markdown]
# ## 1 · The question, and the number to beat
#
# Our data are the MovieLens ratings again, films with at least 50 of them. As in lecture 03 the stars do not matter: that a film
# was rated at all is **implicit feedback**. What is new are the time stamps. Every user becomes a **history**, the films in the
# order in which they were rated, and the task is **sequential recommendation**: predict the next one. We keep the users with at
# least five films.


# %% tags=["given"]
def read_histories(ratings, seed=0):
    """Return a list of (n,) item arrays, one per user with at least five ratings, oldest first.

    Films that a user rated in the same second come in random order.
    """
    lots = np.random.default_rng(seed).random(len(ratings))
    order = np.lexsort((lots, ratings.timestamps, ratings.users))
    histories = np.split(ratings.items[order], np.flatnonzero(np.diff(ratings.users)) + 1)
    return [history for history in histories if len(history) >= 5]


# %%
ratings = load_movielens_small().with_popular_films(min_ratings=50)
titles = np.array(ratings.films.titles)
n_items = ratings.n_items
histories = read_histories(ratings)
print(ratings)
print(f"{len(histories)} histories, the middle one of", end=" ")
print(f"{np.median([len(history) for history in histories]):.0f} films")

# %% [markdown]
# *Data: MovieLens latest-small (2016). Please use it for non-commercial purposes only and cite
# F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
# The full terms are in `datasets/movielens_small/`.*
#
# Before we believe in an order, let us look at the clock.

# %% [markdown] tags=["question"]
# If these were times of *watching*, how much time would lie between two films of a user at least? What else could they be the
# times of?
#
# Answer: Two hours, more or less. They are times of **typing in a rating**, perhaps long after the film.

# %%
pause = np.diff(ratings.timestamps)[np.diff(ratings.users) == 0]
print(f"the next rating follows within a minute: {(pause < 60).mean():.0%}")
print(f"in the very same second: {(pause == 0).mean():.0%}")
step = np.diff(ratings.items)[np.diff(ratings.users) == 0]
print(f"the next film has the higher number: {(step[pause > 0] > 0).mean():.0%}", end=", ")
print(f"within the same second {(step[pause == 0] > 0).mean():.0%}")

# %% tags=["claims"]
assert (pause < 60).mean() > 0.5, "Films are not watched that fast"
assert (step[pause == 0] > 0).all(), "our file sorts them by number"

# %% [markdown]
# Films are not watched that fast. Most people went through a list that MovieLens put before them and rated what they knew.
# So "the next film" is partly about what a user remembers next, and partly about the order of that list. The question is
# still a good one to learn on, and shops have the same mixture: what people click next depends on what was shown. But keep
# it in mind when a model looks clever.
#
# The last number is a **leak**: where the clock does not tell films apart, our file sorts them by number, and a model can learn
# that. `read_histories` therefore draws lots within a second.
#
# **What we measure.** The last film of every history is the *test*, the last but one the *validation*:
# everything that has to be chosen is chosen there. (This split is called **leave-one-out**.) The model sees what came before and
# ranks all films not yet rated. **HR@10** (**hit rate**) is the share of users whose film is among the first ten. **NDCG@10** also asks
# where: a hit on place $r$ earns $1/\log_2(r+1)$.


# %% tags=["given"]
def evaluate(scores, histories, n_hidden):
    """Return (HR@10, NDCG@10), each (n_users,): the film `n_hidden` places before the end is asked for.

    scores (n_users, n_items); films before it are not recommended again.
    """
    known = [history[:-n_hidden] for history in histories]
    rows = np.repeat(np.arange(len(known)), [len(films) for films in known])
    seen = csr_array((np.ones(len(rows)), (rows, np.concatenate(known))), shape=scores.shape)
    wanted = np.array([history[-n_hidden] for history in histories])
    one = np.ones(len(wanted))
    relevant = csr_array((one, (np.arange(len(wanted)), wanted)), shape=scores.shape)
    best = top_k(scores, seen, k=10)
    return hit_rate_at_k(best, relevant), ndcg_at_k(best, relevant)


# %% [markdown]
# Three baselines that only count. Each is a table with a row per film: *if this was the last film,
# here are the scores of the next one.*
#
# - **Popularity**: every row is the same.
# - **Item-kNN**: the cosine similarity of lecture 03 to the last film: how many rated both, in whatever order?
# - **Markov chain**: how often did film $i$ come *directly after* film $j$ in the training part? (Pairs never seen
#   are ranked by popularity.)


# %% tags=["given"]
def counting_tables(histories, n_items):
    """Return {name: (n_items, n_items) scores}, row j for a history that ends with film j."""
    counts = np.bincount(np.concatenate(histories), minlength=n_items).astype(float)
    followed, together = np.zeros((n_items, n_items)), np.zeros((n_items, n_items))
    for history in histories:
        np.add.at(followed, (history[:-1], history[1:]), 1.0)
        together[np.ix_(history, history)] += 1.0
    lengths = np.sqrt(np.maximum(counts, 1.0))
    return {
        "popularity": np.tile(counts, (n_items, 1)),
        "item-kNN, last film": together / np.outer(lengths, lengths),
        "Markov chain": followed + counts / counts.sum(),
    }


# %% [markdown] tags=["question"]
# The similarity knows which films the same people rated, the chain knows what came directly after what, popularity knows
# neither. In which order will they finish, and will the first find the next film for one user in a hundred, in twenty, or in five?
#
# Answer: **The similarity, then the chain, then popularity**; the similarity for about one user in five.

# %%
test, gains = {}, {}  # name: the NDCG@10 of every user, and its mean


def show(name, scores):
    """Print and keep the test results of (n_users, n_items) scores."""
    hits, test[name] = evaluate(scores, histories, 1)
    hit, hit_error = mean_and_standard_error(hits)
    gains[name], error = mean_and_standard_error(test[name])
    print(f"{name:28} HR@10 {hit:.2f} ± {hit_error:.2f}   NDCG@10 {gains[name]:.3f} ± {error:.3f}")


training = [history[:-2] for history in histories]
last_film = [history[-2] for history in histories]  # the last one before the test film
tables = counting_tables(training, n_items)
for name, table in tables.items():
    show(name, table[last_film])

# %% tags=["claims"]
assert gains["item-kNN, last film"] > gains["Markov chain"], "The similarity, then the chain"
assert gains["Markov chain"] > 2 * gains["popularity"], "more than twice as much as popularity"

# %% [markdown]
# The ± is the standard error over users. The *last film* alone is worth more than twice as much as popularity, and a
# crude table of "what came directly after" comes close to the similarity. And if we had left films of the same second sorted by
# number?

# %%
sorted_histories = np.split(ratings.items, np.flatnonzero(np.diff(ratings.users)) + 1)
sorted_histories = [history for history in sorted_histories if len(history) >= 5]
chain = counting_tables([history[:-2] for history in sorted_histories], n_items)["Markov chain"]
leaked = evaluate(chain[[history[-2] for history in sorted_histories]], sorted_histories, 1)
print(f"Markov chain with the leak: HR@10 {leaked[0].mean():.2f}, NDCG@10 {leaked[1].mean():.3f}")

# %% tags=["claims"]
assert leaked[1].mean() > gains["Markov chain"] + 0.01, (
    "Better than the same chain without the leak"
)
assert round(gains["Markov chain"], 3) == 0.102, "without the leak (.102)"

# %% [markdown]
# Better than the same chain without the leak (.102), and no one's taste has become clearer: it has learnt how a file was
# sorted. Look for such a leak whenever a model uses an order.
#
# ### All earlier films, with one number
#
# A table of pairs need not stop at the last film. SLIM added up what *all* films of a history say; a table can do that and
# still prefer recent films. Let a film count $c^a$ if $a$ films came after it, with a **forgetting factor** $c$ between 0 and 1:
#
# $$\text{score of film } i = \sum_{j \text{ in the history}} c^{\,a_j}\, w_{ij} .$$
#
# `fading_history` makes the rows of $c^{a_j}$, one per user. The tables of $w_{ij}$ are the Markov chain above, item-kNN with the 50
# most similar films as in lecture 03, and SLIM: the kit's `slim` asks scikit-learn's elastic net, which gave your numbers in
# lecture 03, with $\lambda = 4$ and $\beta = 80$.

# %% [markdown] tags=["question"]
# What does $c = 1$ mean, and what does $c = 0$ ($0^0$ is 1)? Which of the two will be better for SLIM, and is there
# something better than both?
#
# Answer: With $c = 1$ the history is a set, as in lecture 03; with $c = 0$ only the last film counts. The two are about equally good,
# and **both are beaten by something in between**.

# %%
A = fading_history(training, n_items, c=1.0)  # 1 for every film of the training part
pair_tables = {
    "Markov chain": tables["Markov chain"],
    "item-kNN": item_knn(A, n_neighbours=50),
    "SLIM": slim(A, l1=4.0, l2=80.0),
}
factors = np.arange(11) / 10


def faded(table, c, n_hidden=1):
    """Return (n_users, n_items) scores: every film before the hidden ones counts c to its age."""
    return fading_history([history[:-n_hidden] for history in histories], n_items, c) @ table


validation = {
    name: np.array([evaluate(faded(table, c, 2), histories, 2)[1].mean() for c in factors])
    for name, table in pair_tables.items()
}
print("c                       ", "".join(f"{c:6.1f}" for c in factors))
print("SLIM, validation NDCG@10", "".join(f"{mean:6.3f}" for mean in validation["SLIM"]))

# %% [markdown]
# The other two tables are tried in the same way, and each keeps the $c$ that was best on the validation film. Now the test, with SLIM on the set beside them:

# %%
best_c = {name: factors[means.argmax()] for name, means in validation.items()}
show("SLIM, a set", faded(pair_tables["SLIM"], 1.0))
for name, table in pair_tables.items():
    show(f"{name}, fading history", faded(table, best_c[name]))
    print(f"{'':28} c = {best_c[name]:.1f}")
worth, error = mean_and_standard_error(test["SLIM, fading history"] - test["SLIM, a set"])
print(f"\nSLIM, fading over a set, user by user: NDCG@10 {worth:+.3f} ± {error:.3f}")

# %% tags=["claims"]
assert abs(validation["SLIM"][0] - validation["SLIM"][10]) < 0.02, "about equally good"
assert validation["SLIM"].max() > validation["SLIM"][[0, 10]].max() + 0.02, "both are beaten"
assert max(gains, key=gains.get) == "SLIM, fading history", "the best of all these tables"
assert gains["SLIM, a set"] < gains["Markov chain"] + 0.005, "no better than the Markov chain"
assert worth > 4 * error, "more than four standard errors"
assert best_c["SLIM"] == 0.9, "With $c = 0.9$"
assert round(len(ratings), -3) == 43_000, "43 thousand ratings"
assert abs(best_c["SLIM"] ** 10 - 1 / 3) < 0.03, "ten places back still counts a third"

# %% [markdown]
# On the set SLIM is no better than the Markov chain, although it reads everything. Let its films fade, and it is the best of all
# these tables, by more than four standard errors over the set. (The last line is a **paired** comparison, user by user. Both models
# face the same easy and hard users, so the difference is less uncertain than either number.) With $c = 0.9$ a film ten places back
# still counts a third: recency matters, and much of the history too. **SLIM with a fading history is the number to beat.**
#
# Its weakness is plain as well. How loudly a film speaks depends on its age alone, not on what film it is, what the others are, or what is
# being asked. A table of what film $j$ says *in the presence of* film $m$ would have $n^3$ entries, and we have 43 thousand
# ratings. So how do we let the model find out which of the earlier films matters, and when?

# %% [markdown]
# ## 2 · Looking up, softly
#
# "The animal did not cross the street because *it* was too tired." What is tired? To understand *it*, a reader looks at all the
# words around, at *animal* and *tired* more strongly than at *street*, and comes back with a better idea of the word.
# Self-attention does this for **every** position: look at all the words, decide which ones count more and which less, and
# build from them a new vector for the position. A history of films is a sentence of films.
#
# ### From the mean to weights
#
# The simplest way of looking at everything is to look at everything alike: take the **mean**. Let each of four films, rows
# of two numbers, average itself and what came before. Here is this mean in three ways: as a loop; as a product with a table of
# weights; and with weights that come from *scores*. A **softmax** makes positive weights that sum to 1 of any scores,
#
# $$a_j = \frac{e^{s_j}}{\sum_m e^{s_m}},$$
#
# and the largest score gets the largest weight. The scores are 0 for a film that may be read and $-\infty$ for one that is still
# to come.

# %% [markdown] tags=["question"]
# Which weights does the softmax make of the scores $(0, 0, -\infty, -\infty)$?
#
# Answer: $e^0 = 1$ and $e^{-\infty} = 0$, so the weights are **½, ½, 0, 0**: the mean of the first two.

# %%
X = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0], [1.0, 5.0]])
by_loop = np.array([X[: t + 1].mean(axis=0) for t in range(4)])

past = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])
by_product = past / past.sum(axis=1, keepdims=True) @ X

scores = np.where(past == 1, 0.0, -np.inf)
weights = torch.softmax(torch.from_numpy(scores), dim=1).numpy()
by_scores = weights @ X

print(weights.round(2))
print(by_scores)
print("all three equal:", np.allclose(by_loop, by_product) and np.allclose(by_loop, by_scores))

# %% [markdown]
# A score of 0 everywhere means "no preference". This lecture is about what to put in its place.
#
# ### Queries, keys, values
#
# A dictionary takes a **query**, finds the **key** that equals it and returns its **value**. Make three things soft.
# Queries and keys become vectors, and "equals" becomes a dot product $q \cdot k_j$: how well does key $j$ fit?
# Instead of one match we take all of them, with the weights of a softmax. The answer is the weighted average of the values,
#
# $$z = \sum_j a_j\, v_j, \qquad a = \operatorname{softmax}(s), \qquad s_j = \frac{q \cdot k_j}{\sqrt d}.$$
#
# The $\sqrt d$ is explained below; $d$ is the length of a query.
#
# For films, think of the place where a user stands now as asking "what was it about the past that matters for what comes
# next?", of every earlier film as holding up a sign (its key), and of the value as what the film has to say
# once it is asked. All three are computed from the film's vector $x_j$, its **embedding**, by learnt matrices, $q = x W^Q$,
# $k = x W^K$, $v = x W^V$. Three, because what a film *asks*, what it *answers to* and what it *says* are different matters.
# (In *self*-attention queries, keys and values come from the same sequence.) How much place $i$ reads of place $j$ depends on
# $q_i \cdot k_j$.
#
# <details><summary>If you know the lecture script that this course follows</summary>
#
# One page of it has $q_i \cdot k_i$ there, a slip. And where it divides by $\sqrt m$, $m$ is the number of columns of the queries that
# attention is given, our $d$ here and $d/h$ in section 4.
#
# </details>

# %% [markdown] tags=["question"]
# Why average all values? Would it not be simpler to return the value of the one key with the largest score?
#
# Answer: Simpler, but it could not learn. A small change of the scores would change nothing, so **their derivative would be
# zero** nearly everywhere. With a softmax every score has a say, and gradient descent knows in which direction to move it.

# %% [markdown]
# The whole way in six steps, for the four films above and random matrices (the arrows with a $W$). Colours stand for the numbers in the
# vectors, a stronger one for a number farther from 0; the scores and weights are printed. One place is outlined; follow it.
#
# 1. Three products of $X$ give a query, a key and a value per place.
# 2. The query meets every key: a row of scores.
# 3. The scores are divided by $\sqrt{d_k}$. (The length of a query is called $d_k$ where the films' vectors have another; elsewhere
#    we write $d$ for both.)
# 4. A mask sets the scores of films still to come to $-\infty$ (section 3).
# 5. A softmax turns the row into weights.
# 6. With these weights the values are averaged. That is the place's new vector $z$.

# %%
W_Q, W_K, W_V = np.random.default_rng(0).normal(size=(3, 2, 3)).round(1)
attention_pipeline(
    X, W_Q, W_K, W_V, past == 1, place=2, names=["film 1", "film 2", "film 3", "film 4"]
)

# %% [markdown] exercise="attention_weights" difficulty=1 minutes=10
# Return the weights $a_{tj} = \operatorname{softmax}_j(q_t \cdot k_j / \sqrt d)$ of all queries at once, shape
# (n_q, n_k): row $t$ sums to 1.
#
# - `queries`: (n_q, d), `keys`: (n_k, d)
# - scores may be in the thousands: the result must not be NaN
#
# By hand, for the docstring's example: the scores are $2 \cdot 2 = 4$ and $2 \cdot 1 = 2$. With $d = 4$ they are divided by 2,
# which leaves 2 and 1. The weights are $e^2/(e^2 + e^1) = 1/(1 + e^{-1}) = 0.731$ and the rest, 0.269.
#
# <details><summary>Hint</summary>
#
# `queries @ keys.T` holds all dot products, a row per query. Adding the same number to all scores of a row changes
# nothing in the quotient, so subtract the row's maximum (`axis=1, keepdims=True`) before `np.exp`.
#
# </details>


# %% nbgrader={"grade_id": "attention_weights", "solution": true}
def attention_weights(queries, keys):
    """Return the (n_q, n_k) attention weights, softmax over keys of q . k / sqrt(d).

    queries (n_q, d), keys (n_k, d). Vaswani et al. (2017), equation 1.

    >>> Q = np.array([[2.0, 0.0, 0.0, 2.0]])
    >>> K = np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 0.0, 3.0, 1.0]])
    >>> attention_weights(Q, K).round(3)
    array([[0.731, 0.269]])
    """
    ### BEGIN SOLUTION
    scores = queries @ keys.T / np.sqrt(queries.shape[1])
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_attention_weights", "grade": true}
lecture.check(attention_weights)

# %% [markdown] tags=["question"]
# Two words, *Thinking* and *Machines*. At the word *Thinking*, in vectors of length 64, the score of *Thinking* itself is 112 and that of
# *Machines* 96. About how much weight does *Machines* get? And how much if we forget to divide by $\sqrt{64}$?
#
# Answer: The divided scores are 14 and 12, and two less is a factor of $e^{-2}$: about an eighth. Undivided they differ by 16:
# **a ten-millionth**.

# %% [markdown]
# Any vectors with these dot products will do. The last step, averaging two values, is there too:

# %%
query = np.full((1, 64), 2.0)
words = np.stack([np.full(64, 112 / 128), np.full(64, 96 / 128)])
values = np.array([[10.0, 0.0], [0.0, 10.0]])
weights = attention_weights(query, words)
undivided = attention_weights(query * np.sqrt(64), words)
print("scores:           ", (query @ words.T)[0])
print("divided by 8:     ", (query @ words.T / np.sqrt(64))[0])
print("weights:          ", weights[0].round(2))
print("average of values:", (weights @ values)[0].round(1))
print("without dividing: ", "{:.7f} and {:.7f}".format(*undivided[0]))

# %% tags=["claims"]
assert abs(weights[0, 1] - 1 / 8) < 0.01, "about an eighth"
assert 0.5e-7 < undivided[0, 1] < 2e-7, "a ten-millionth"

# %% [markdown]
# ### Why divide by $\sqrt d$?
#
# Look at the last line: without the division *Thinking* takes everything. How large do scores get? Suppose
# that the $d$ entries of $q$ and of $k$ are independent, with mean 0 and variances $\sigma_q^2$ and $\sigma_k^2$. What is the
# variance of $q \cdot k$?
#
# The derivation below is *executable*: every line is a formula and the same formula as code, computed on 20
# random instances and compared with the line before. Its cell is folded; click the bar beside it to see how it is written. (Here
# every entry takes one of three numbers, drawn anew for each
# instance and equally likely. `qs` and `ks` list all vectors with such entries, so a mean over them is exact.)
#
# **Your turn: the last line is left open** (2 minutes). What is the variance after the division? Write it in quotes, as
# an expression of `var_q` $= \sigma_q^2$, `var_k` $= \sigma_k^2$ and, if you need it, `d`.

# %% nbgrader={"grade_id": "scaled_variance_line", "solution": true}
scaled_variance_line = "..."
### BEGIN SOLUTION
scaled_variance_line = "var_q * var_k"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    d = int(rng.integers(2, 4))

    def all_vectors(numbers):
        return np.stack(np.meshgrid(*[numbers - numbers.mean()] * d), axis=-1).reshape(-1, d)

    qs, ks = all_vectors(rng.normal(size=3)), all_vectors(rng.normal(size=3))
    return {"d": d, "qs": qs, "ks": ks, "var_q": (qs**2).mean(), "var_k": (ks**2).mean()}


Derivation(
    "The variance of a score",
    instance,
    Step(
        r"\mathbb E\big[(q \cdot k)^2\big]",
        "np.mean((qs @ ks.T) ** 2)",
        why="the variance, because the mean of $q \\cdot k$ is 0",
    ),
    Step(
        r"= \sum_f \sum_g \mathbb E[q_f q_g]\; \mathbb E[k_f k_g]",
        "sum(np.mean(qs[:, f] * qs[:, g]) * np.mean(ks[:, f] * ks[:, g])"
        " for f in range(d) for g in range(d))",
        why="multiply out; $q$ and $k$ are independent",
    ),
    Step(
        r"= \sum_f \mathbb E[q_f^2]\; \mathbb E[k_f^2]",
        "sum(np.mean(qs[:, f] ** 2) * np.mean(ks[:, f] ** 2) for f in range(d))",
        why="for $f \\ne g$ the entries are independent, and $\\mathbb E[q_f]\\,\\mathbb E[q_g] = 0$",
    ),
    Step(
        r"= d\,\sigma_q^2\,\sigma_k^2",
        "d * var_q * var_k",
        why="$d$ equal terms: a score's standard deviation grows like $\\sqrt d$",
    ),
    Step(
        r"\mathbb E\big[(q \cdot k / \sqrt d)^2\big]",
        "np.mean((qs @ ks.T / d**0.5) ** 2)",
        starts=True,
        why="the same for the scaled score",
    ),
    Step(r"=\;?", scaled_variance_line, yours=True, names=("var_q", "var_k", "d"), why="your line"),
).check()

# %% [markdown]
# Now measured, with entries of variance 1. How large are the scores, and how much of its weight does a query give to the best
# of ten random keys?

# %% [markdown] tags=["question"]
# At $d = 1024$, about how far do two undivided scores lie apart, and what does the softmax make of that: which share does the best of
# the ten random keys get?
#
# Answer: The standard deviation is $\sqrt{1024} = 32$, so they differ by tens. $e^{-10}$ is next to nothing already, and **the best key
# gets nearly everything**, where a fair share would be a tenth.

# %%
rng = np.random.default_rng(1)
dimensions = [4, 16, 64, 256, 1024]
shares = np.zeros((len(dimensions), 2, 10))  # sorted weights, without and with the division
print("   d   spread of scores   best of ten keys: undivided   divided by sqrt(d)")
for n, d in enumerate(dimensions):
    Q, K = rng.normal(size=(400, d)), rng.normal(size=(10, d))
    weights = attention_weights(Q * np.sqrt(d), K), attention_weights(Q, K)  # undoes the division
    shares[n] = [np.sort(each, axis=1)[:, ::-1].mean(axis=0) for each in weights]
    print(f"{d:4} {(Q @ K.T).std():17.1f} {shares[n, 0, 0]:29.2f} {shares[n, 1, 0]:20.2f}")

# %% tags=["claims"]
assert shares[-1, 0, 0] > 0.9, "in high dimension, the softmax picks one key and ignores the rest"
assert np.ptp(shares[:, 1, 0]) < 0.05, (
    "Divided, the best key gets about the same whatever the dimension"
)

# %% [markdown]
# Divided, the best key gets about the same whatever the dimension. Undivided, in high dimension, the softmax picks one key and
# ignores the rest *before anything has been learnt*, for no better reason than chance. And it stays there: the derivative of a weight $a$ by its own score is $a(1 - a)$ (section 8),
# which is nearly 0 when $a$ is nearly 1. Such a query hardly learns to look elsewhere. Drag the slider named
# *dimension* (the other only moves a cursor along the keys): the curve of the scores as they are collapses onto the first
# key, the other stays.

# %%
states = curve_states(
    np.arange(1, 11),
    shares.round(4),
    curve_names=["scores as they are", "divided by the root of d"],
    state_names=[f"d = {d}" for d in dimensions],
)
Curves(states, x="keys, best one first", y="mean attention weight", slider="dimension")

# %% [markdown]
# ## 3 · Masks: what may be read
#
# Let every place of a history ask its own question: the rows of $X$ (n, d) are the films' vectors, and $Q = XW^Q$,
# $K = XW^K$, $V = XW^V$ hold one query, key and value per row. Then all answers together are
#
# $$Z = \operatorname{softmax}\Big(\frac{QK^\top}{\sqrt d}\Big)V,$$
#
# the softmax taken row by row. Two kinds of entries of $QK^\top$ must not count.
#
# **The future.** Place $t$ shall predict film $t + 1$. If it may read film $t + 1$, it will learn to copy it, look
# splendid in training and know nothing. The **causal mask** allows place $t$ the places $j \le t$, as in the mean of section 2.
# In exchange, one history of $n$ films gives $n - 1$ training examples in one pass: each place predicts its next film.
#
# **Padding.** Histories differ in length, arrays do not. Short ones are filled up *on the left* with a dummy "film"; long
# ones are cut to their last films. No place may read the dummy.

# %% [markdown] tags=["question"]
# The mask lets place $t$ read itself ($j = t$). Why is that not cheating, and what would be lost without it?
#
# Answer: It is asked for film $t + 1$, and **film $t$ is known by then**. Without it the answer could not depend on the last film, the
# most telling one, and the first place would have nothing to read.

# %% [markdown] exercise="attention_mask" difficulty=1 minutes=6
# Return the mask (n, n) of booleans: `mask[t, j]` is True where place `t` may read place `j`, that is, if $j \le t$ and
# place $j$ holds a real film.
#
# - `real`: (n,) booleans, False where the place is padding
#
# By hand, for the docstring's example: place 0 is padding, so column 0 is False. Place 1 may read itself, place 2 may read
# 1 and itself. Row 0 is empty: a padded place finds nothing to read. That is all right, its answer is not used.
#
# <details><summary>Hint</summary>
#
# `np.tril(np.ones((n, n), dtype=bool))` is True on and below the diagonal. Combine it by `&` with `real` as a *row*:
# `real[None, :]` removes columns.
#
# </details>


# %% nbgrader={"grade_id": "attention_mask", "solution": true}
def attention_mask(real):
    """Return (n, n) booleans: may place t (row) read place j (column)?

    real (n,) booleans, False at padding.

    >>> attention_mask(np.array([False, True, True]))
    array([[False, False, False],
           [False,  True, False],
           [False,  True,  True]])
    """
    ### BEGIN SOLUTION
    n = len(real)
    return np.tril(np.ones((n, n), dtype=bool)) & real[None, :]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_attention_mask", "grade": true}
lecture.check(attention_mask)

# %% [markdown] tags=["question"]
# Why not compute all the weights, set the forbidden ones to 0, and be done?
#
# Answer: **The weights that are left would sum to less than 1**, and to how much less would depend on what stands under the mask: the
# answer would still know something of the future.

# %% [markdown]
# How does a mask enter the formula, then? Renormalising would repair the sum, until a masked score is so large that all allowed
# weights underflow to 0. So the *scores* of forbidden keys are set to $-\infty$ **before** the softmax. They get no weight, and the
# rest shares the whole.
#
# One case needs a decision. In an **empty row** every score is $-\infty$ and the softmax is $0/0$. The average of nothing could be
# NaN or anything; we say **zeros**: a place that may read nothing hears nothing. (NaN would be dangerous: $0 \cdot \text{NaN}$ is
# NaN, so a single padded place could poison all that is computed from it.)

# %% [markdown] exercise="attention" difficulty=2 minutes=18
# Return $Z$ (n_q, d_v): for each query the average of the values, with softmax weights over the keys it may read. A query
# that may read none gets zeros.
#
# - `queries`: (n_q, d), `keys`: (n_k, d), `values`: (n_k, d_v)
# - `mask`: (n_q, n_k) booleans, True where the query may read the key
#
# By hand, for the docstring's example: the first two keys are those of the last exercise, with the weights 0.731 and 0.269.
# The third is masked, so the answer is $0.731 \cdot (10, 0) + 0.269 \cdot (0, 10)$.
#
# <details><summary>Hint</summary>
#
# `scores = np.where(mask, ..., -np.inf)`. The maximum of an empty row is $-\infty$, and $-\infty - (-\infty)$ is NaN, so
# replace that maximum by 0 first. Afterwards the sum of an empty row is 0: divide by 1 there.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     scaled scores of all pairs; minus infinity where the mask forbids
#     top of each row = its largest score, but 0 if the row is empty
#     exponentials of (score - top), then each row's total
#     divide each row by its total, by 1 if the row is empty
#     average the values with these weights
#
# </details>


# %% nbgrader={"grade_id": "attention", "solution": true}
def attention(queries, keys, values, mask):
    """Return (n_q, d_v): softmax(q . k / sqrt(d)) over the keys allowed by the mask, times values.

    queries (n_q, d), keys (n_k, d), values (n_k, d_v), mask (n_q, n_k) booleans; a query without
    allowed keys gets zeros. Vaswani et al. (2017), section 3.2.1.

    >>> Q = np.array([[2.0, 0.0, 0.0, 2.0]])
    >>> K = np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 0.0, 3.0, 1.0], [0.0, 1.0, 0.0, 3.0]])
    >>> V = np.array([[10.0, 0.0], [0.0, 10.0], [50.0, 50.0]])
    >>> attention(Q, K, V, np.array([[True, True, False]])).round(2)
    array([[7.31, 2.69]])
    """
    ### BEGIN SOLUTION
    scores = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    top = scores.max(axis=1, keepdims=True)
    exponentials = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = exponentials.sum(axis=1, keepdims=True)
    return exponentials / np.where(total > 0, total, 1.0) @ values
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_attention", "grade": true}
lecture.check(attention)

# %% [markdown]
# PyTorch has the same function. On a history of seven places, two of them padding:

# %%
rng = np.random.default_rng(2)
Q, K, V = rng.normal(size=(7, 4)), rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
mask = attention_mask(np.arange(7) >= 2)
ours = attention(Q, K, V, mask)
theirs = torch.nn.functional.scaled_dot_product_attention(
    *(torch.from_numpy(array)[None] for array in (Q, K, V)), attn_mask=torch.from_numpy(mask)
)[0].numpy()
print("equal to 1e-6, empty rows included:", np.abs(ours - theirs).max() < 1e-6)

# %% [markdown]
# ## 4 · Several heads
#
# One softmax has one distribution of attention. But a history can matter in several ways at once: the last film for
# the series it belongs to, a film three evenings ago for its genre. So we run $h$ attentions side by side, the **heads**, and
# different heads can follow different dependencies (section 6 shows two that do). Each
# head reads *all* features of $X$, but has its own $d/h$ columns of queries, keys and values. Their answers are put next to
# each other and mixed by a last matrix:
#
# $$\operatorname{MH}(X) = [\text{head}_1, \dots, \text{head}_h]\,W^O, \qquad
#   \text{head}_i = \operatorname{attention}(XW^Q_i,\ XW^K_i,\ XW^V_i).$$
#
# $W^Q_i$ has the shape (d, d/h). Stored side by side, the $h$ of them are one matrix $W^Q$ (d, d), and head $i$ owns the columns
# from $i\,d/h$ to $(i+1)\,d/h$. What is new is a softmax *per head*, with scores divided by $\sqrt{d/h}$, since
# a head's queries have $d/h$ columns.

# %% [markdown] tags=["question"]
# $d = 32$. How many more parameters have four heads than one, and how many more multiplications?
#
# Answer: **None more of either**: the matrices stay (32, 32), and four dot products of 8 numbers cost what one of 32 does.
# Only the softmax is taken four times.

# %% [markdown] tags=["question"]
# The heads' answers side by side have $d$ columns already. What would be lost without the last matrix, $W^O$?
#
# Answer: The first $d/h$ features of the result could come **from the first head only**, the next ones from the second, and so on. With
# $W^O$ every head can add to every feature.


# %% tags=["derivation"]
def instance(rng):
    def softmax(S):
        return np.exp(S) / np.exp(S).sum(axis=-1, keepdims=True)

    drawn = {name: rng.normal(size=(4, 4)) for name in ("W_Q", "W_K", "W_V", "W_O")}
    X = rng.normal(size=(5, 4))
    heads = [
        softmax((X @ drawn["W_Q"][:, i]) @ (X @ drawn["W_K"][:, i]).T / 2**0.5)
        @ (X @ drawn["W_V"][:, i])
        for i in (slice(0, 2), slice(2, 4))
    ]
    Q, K, V = (X @ drawn[name] for name in ("W_Q", "W_K", "W_V"))
    return {"Q": Q, "K": K, "V": V, "heads": heads, "W_O": drawn["W_O"], "softmax": softmax}


Derivation(
    "Sums and matrices",
    instance,
    Step(
        r"\Big[\sum_j a_{tj}\, v_j\Big]_t",
        "np.array([sum(np.exp(Q[t] @ K[j] / 2) * V[j] for j in range(5))"
        " / sum(np.exp(Q[t] @ K[j] / 2) for j in range(5)) for t in range(5)])",
        why="query by query, key by key ($d = 4$, so $\\sqrt d = 2$)",
    ),
    Step(
        r"= \operatorname{softmax}\big(QK^\top/\sqrt d\big)\,V",
        "softmax(Q @ K.T / 2) @ V",
        why="all dot products are $QK^\\top$, and an average of rows is a product with $V$",
    ),
    Step(
        r"[\text{head}_1, \text{head}_2]\,W^O",
        "np.concatenate(heads, axis=1) @ W_O",
        starts=True,
        why="join the heads, then mix",
    ),
    Step(
        r"= \text{head}_1 W^O_1 + \text{head}_2 W^O_2",
        "heads[0] @ W_O[:2] + heads[1] @ W_O[2:]",
        why="a product by blocks: every head adds its own contribution to the answer",
    ),
).check()

# %% [markdown] exercise="multi_head" difficulty=2 minutes=18
# Return $\operatorname{MH}(X)$, shape (n, d).
#
# - `X`: (n, d); `W_Q`, `W_K`, `W_V`, `W_O`: (d, d); head $i$ owns the columns `i * width` to `(i + 1) * width` of
#   `X @ W_Q`, `X @ W_K` and `X @ W_V`, where `width = d // n_heads`
# - `n_heads` divides d; `mask`: (n, n) booleans, the same for all heads
#
# By hand, for the docstring's example: three matrices are the identity and the mask lets both places read only place 0. A
# softmax over one key is 1, so each head returns its half of row 0, whatever the scores. Multiplying by `W_O` moves every
# column one place to the right, and the last one to the front.
#
# <details><summary>Hint</summary>
#
# A loop over heads calls `attention` on some columns of everything, chosen by `slice`. Why not
# `Q.reshape(n_heads, n, width)`? Because reshape cuts rows, and a head wants some columns of *every* row.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     queries, keys and values of all heads: three products with X
#     for each head i:
#         cut out the columns i * width up to (i + 1) * width of all three
#         head i = attention of these pieces, with the same mask
#     put the heads side by side, first head left
#     multiply by the output matrix
#
# </details>


# %% nbgrader={"grade_id": "multi_head", "solution": true}
def multi_head(X, W_Q, W_K, W_V, W_O, n_heads, mask):
    """Return multi-head self-attention of X, (n, d).

    X (n, d), the four matrices (d, d), mask (n, n) booleans. Vaswani et al. (2017), section 3.2.2.

    >>> X, I = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 1.0, 0.0, 2.0]]), np.eye(4)
    >>> W_O, first = np.roll(I, 1, axis=1), np.array([[True, False], [True, False]])
    >>> multi_head(X, I, I, I, W_O, n_heads=2, mask=first)
    array([[0., 1., 0., 2.],
           [0., 1., 0., 2.]])
    """
    ### BEGIN SOLUTION
    width = X.shape[1] // n_heads
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    parts = [slice(i * width, (i + 1) * width) for i in range(n_heads)]
    heads = [attention(Q[:, part], K[:, part], V[:, part], mask) for part in parts]
    return np.concatenate(heads, axis=1) @ W_O
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_multi_head", "grade": true}
lecture.check(multi_head)

# %% [markdown]
# Beside `torch.nn.MultiheadAttention`. Two conventions differ: torch stores its matrices transposed, and its boolean mask is True
# where reading is *forbidden*. (And there is a trap. Asked for the attention weights as well, it returns NaN for an
# empty row; without them, zeros like ours. You now know where that NaN comes from.)

# %%
rng = np.random.default_rng(3)
X = rng.normal(size=(7, 6))
W_Q, W_K, W_V, W_O = rng.normal(size=(4, 6, 6)) / np.sqrt(6)
layer = torch.nn.MultiheadAttention(6, num_heads=3, bias=False, dtype=torch.float64)
with torch.no_grad():
    layer.in_proj_weight.copy_(torch.from_numpy(np.concatenate([W_Q.T, W_K.T, W_V.T])))
    layer.out_proj.weight.copy_(torch.from_numpy(W_O.T.copy()))
    rows, forbidden = torch.from_numpy(X), torch.from_numpy(~mask)
    theirs = layer(rows, rows, rows, attn_mask=forbidden, need_weights=False)[0].numpy()
    with_weights = layer(rows, rows, rows, attn_mask=forbidden)[0].numpy()
ours = multi_head(X, W_Q, W_K, W_V, W_O, 3, mask)
print("equal to 1e-6:", np.abs(ours - theirs).max() < 1e-6)
print("rows with NaN when torch also returns weights:", np.isnan(with_weights).any(axis=1).sum())

# %% tags=["claims"]
assert np.isnan(with_weights).any(axis=1).sum() == (~mask.any(axis=1)).sum() == 2, "it returns NaN"

# %% [markdown]
# > **Half-way.** The machine is built: weights, masks, heads. Save the notebook and take a break. To go on another day, run the cells
# > above once more (a few seconds).

# %% [markdown]
# ## 5 · Order

# %% [markdown] tags=["question"]
# Attention without a mask reads a history. Now all films but the last are shuffled. What changes in the answer at the last film's
# place?
#
# Answer: **Not a single number**: its query is the same, the keys and values are the same, and a sum does not depend on the order of
# its terms.

# %% [markdown]
# Attention treats its elements as a set. We can say exactly what that means, and prove it. Let
# $f(X)$ be self-attention without a mask and $P$ a permutation matrix, so that $PX$ has the rows of $X$ in another order.


# %% tags=["derivation"]
def instance(rng):
    def softmax(S):
        return np.exp(S) / np.exp(S).sum(axis=-1, keepdims=True)

    X, (W_Q, W_K, W_V) = rng.normal(size=(5, 3)), rng.normal(size=(3, 3, 3))
    S = (X @ W_Q) @ (X @ W_K).T / 3**0.5
    P = np.eye(5)[rng.permutation(5)]
    return {"X": X, "W_Q": W_Q, "W_K": W_K, "W_V": W_V, "S": S, "P": P, "softmax": softmax}


Derivation(
    "Attention is permutation equivariant",
    instance,
    Step(
        r"f(PX) = \operatorname{softmax}\big(PXW^Q (PXW^K)^\top/\sqrt d\big)\,PXW^V",
        "softmax((P @ X @ W_Q) @ (P @ X @ W_K).T / 3**0.5) @ (P @ X @ W_V)",
        why="the definition, with $PX$ in place of $X$",
    ),
    Step(
        r"= \operatorname{softmax}(P S P^\top)\,P X W^V",
        "softmax(P @ S @ P.T) @ P @ X @ W_V",
        why="$S = XW^Q(XW^K)^\\top/\\sqrt d$; the transpose of a product turns its order round",
    ),
    Step(
        r"= P \operatorname{softmax}(S)\, P^\top P X W^V",
        "P @ softmax(S) @ P.T @ P @ X @ W_V",
        why="a softmax by rows works alike in whatever order rows and columns stand",
    ),
    Step(
        r"= P f(X)",
        "P @ (softmax(S) @ X @ W_V)",
        why="$P^\\top P = I$",
    ),
).check()

# %% [markdown]
# Permute the input and the output is permuted in the same way: **equivariant**. (Not *in*variant: the rows move
# along.) So the answer at a film's place does not depend on whether another film came first or last.
#
# Two things break the symmetry. A **causal mask** does: place $t$ reads a *set*, but a growing one, so early and late films
# are told apart to some extent (the proof stops in line 3, because a mask stays where it is). And **positions** do: we add
# to each film's vector a vector $p_t$ that belongs to the place, a **positional encoding**: $x_t + p_t$, whichever film sits there.

# %% [markdown] exercise="permutation_equivariance" difficulty=2 minutes=10
# Turn the theorem into a test: return the largest absolute entry, a float, of
#
# $$f(PX + T) - P f(X + T), \qquad f(Y) = \operatorname{attention}(YW^Q, YW^K, YW^V) \text{ without a mask},$$
#
# where the rows of $T$ are the `positions`. They do not move with the films.
#
# - `X`, `positions`: (n, d); `W_Q`, `W_K`, `W_V`: (d, d)
# - `permutation`: (n,) indices; $PX$ is `X[permutation]`
#
# By hand, for the docstring's example (all matrices the identity, three films, the last one moved to the front): with positions
# of zeros the gap is 0 for any permutation. With the positions given, $X + T$ has the rows (1, 0), (2, 1), (0, 1), and $PX + T$ has
# (0, 0), (3, 0), (0, 2): other rows, other answers, and the largest difference is 1.639.
#
# <details><summary>Hint</summary>
#
# Write $f$ once, as a function inside, and call it twice. "Without a mask" is a mask that is True everywhere. What comes first in each
# of the two calls, moving the films or adding the positions?
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     f(Y) = attention of Y's queries, keys and values; every place may read every place
#     one way:   permute the rows of X, add the positions, apply f
#     the other: add the positions, apply f, permute the rows of the answer
#     the largest absolute difference, as a float
#
# </details>


# %% nbgrader={"grade_id": "permutation_equivariance", "solution": true}
def permutation_equivariance(X, positions, W_Q, W_K, W_V, permutation):
    """Return max |f(X[permutation] + positions) - f(X + positions)[permutation]|, a float.

    X, positions (n, d), the matrices (d, d), permutation (n,); f is attention without a mask.

    >>> X, I, front = np.array([[1.0, 0], [0, 1], [0, 0]]), np.eye(2), np.array([2, 0, 1])
    >>> round(permutation_equivariance(X, np.zeros((3, 2)), I, I, I, front), 6)
    0.0
    >>> T = np.array([[0.0, 0], [2, 0], [0, 1]])
    >>> round(permutation_equivariance(X, T, I, I, I, front), 3)
    1.639
    """
    ### BEGIN SOLUTION
    everything = np.ones((len(X), len(X)), dtype=bool)

    def f(Y):
        return attention(Y @ W_Q, Y @ W_K, Y @ W_V, everything)

    gap = f(X[permutation] + positions) - f(X + positions)[permutation]
    return float(np.abs(gap).max())
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_permutation_equivariance", "grade": true}
lecture.check(permutation_equivariance)

# %% [markdown]
# ### Positions without learning
#
# Which vectors $p_t$?

# %% [markdown] tags=["question"]
# The first idea: add the number $t$ itself to every feature. The second: add $t/n$, with $n$ the length of the history. What is
# wrong with each?
#
# Answer: $t$ **grows without bound** and drowns the film. With $t/n$ the same step, "one film later", is large in a short history and
# small in a long one.

# %% [markdown]
# Vaswani et al. took a set of clocks instead. Pair number $i$ of features is the hand of a clock that turns
# by $\omega_i$ per step:
#
# $$\big(p_{t,\,2i},\ p_{t,\,2i+1}\big) = \big(\sin \omega_i t,\ \cos \omega_i t\big), \qquad \omega_i = 10000^{-2i/d},
#   \qquad i = 0, \dots, \tfrac d2 - 1.$$
#
# The first clock turns by one radian per step, the last ones need thousands of steps for a turn: second hand, minute
# hand, hour hand. Together they tell the time, and every number stays between −1 and 1.

# %% [markdown] exercise="positional_encoding" difficulty=2 minutes=10
# Return the table of positions $0, \dots, n - 1$, shape (n_positions, d); $d$ is even. Column $2i$ is
# $\sin(t / 10000^{2i/d})$ and column $2i + 1$ the cosine of the same angle. The 10000 is only a choice:
# it is the argument `base`, any number above 1.
#
# By hand, for the docstring's example ($d = 4$): the two clocks turn by 1 and by $1/100$. Position 0 is
# $(0, 1, 0, 1)$, position 1 is $(\sin 1, \cos 1, \sin 0.01, \cos 0.01)$.
#
# <details><summary>Hint</summary>
#
# First a table of all angles, (n_positions, d // 2): a column of positions against a row of speeds. `np.arange(0, d, 2)` is already
# $2i$. Then fill an empty table by slices with a step of 2.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     for each pair i of columns: its speed is base to the power -2i/d
#     angle of position t and pair i = t times the speed: a table with d/2 columns
#     even columns = sines of the angles, odd columns = cosines
#
# </details>


# %% nbgrader={"grade_id": "positional_encoding", "solution": true}
def positional_encoding(n_positions, d, base=10_000.0):
    """Return the sinusoidal positions, (n_positions, d); d is even, base > 1.

    Pair number i turns by base^(-2i/d) per position. Vaswani et al. (2017), section 3.5.

    >>> positional_encoding(3, 4).round(2)
    array([[ 0.  ,  1.  ,  0.  ,  1.  ],
           [ 0.84,  0.54,  0.01,  1.  ],
           [ 0.91, -0.42,  0.02,  1.  ]])
    """
    ### BEGIN SOLUTION
    angles = np.arange(n_positions)[:, None] / base ** (np.arange(0, d, 2) / d)
    table = np.empty((n_positions, d))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles)
    return table
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_positional_encoding", "grade": true}
lecture.check(positional_encoding)

# %% [markdown]
# Why clocks? Because "$k$ steps later" turns every hand by a fixed angle, wherever you start: $p_{t+k}$ is a **linear map**
# of $p_t$, and the map depends on $k$ only. A matrix such as $W^Q$ can therefore learn to ask for "two films ago".
#
# **Your turn (3 minutes).** The sine of a sum is written out; write the cosine, as an expression of `w` $= \omega$, `t` and `k`.

# %% nbgrader={"grade_id": "cosine_line", "solution": true}
cosine_line = "..."
### BEGIN SOLUTION
cosine_line = "np.cos(w * k) * np.cos(w * t) - np.sin(w * k) * np.sin(w * t)"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    w, t, k = rng.uniform(0.1, 1.0), int(rng.integers(1, 30)), int(rng.integers(1, 10))
    turn = np.array([[np.cos(w * k), np.sin(w * k)], [-np.sin(w * k), np.cos(w * k)]])
    return {"w": w, "t": t, "k": k, "R": turn, "ws": 10000.0 ** -(np.arange(0, 6, 2) / 6)}


Derivation(
    "A step is a rotation",
    instance,
    Step(r"\sin \omega(t + k)", "np.sin(w * (t + k))", why="the first hand, $k$ steps later"),
    Step(
        r"= \cos \omega k\, \sin \omega t + \sin \omega k\, \cos \omega t",
        "np.cos(w * k) * np.sin(w * t) + np.sin(w * k) * np.cos(w * t)",
        why="the sine of a sum",
    ),
    Step(r"\cos \omega(t + k)", "np.cos(w * (t + k))", starts=True, why="the second"),
    Step(r"=\;?", cosine_line, yours=True, names=("w", "t", "k"), why="your line"),
    Step(
        r"\begin{pmatrix}\sin \omega(t+k)\\ \cos \omega(t+k)\end{pmatrix}",
        "np.array([np.sin(w * (t + k)), np.cos(w * (t + k))])",
        starts=True,
        why="both together",
    ),
    Step(
        r"= \begin{pmatrix}\cos \omega k & \sin \omega k\\ -\sin \omega k & \cos \omega k"
        r"\end{pmatrix}\begin{pmatrix}\sin \omega t\\ \cos \omega t\end{pmatrix}",
        "R @ np.array([np.sin(w * t), np.cos(w * t)])",
        why="a rotation that knows $k$ and not $t$",
    ),
    Step(
        r"p_t \cdot p_{t+k} = \sum_i \sin\omega_i t\,\sin\omega_i(t+k)"
        r" + \cos\omega_i t\,\cos\omega_i(t+k)",
        "sum(np.sin(ws * t) * np.sin(ws * (t + k)) + np.cos(ws * t) * np.cos(ws * (t + k)))",
        starts=True,
        why="how similar are two positions?",
    ),
    Step(
        r"= \sum_i \cos \omega_i k",
        "sum(np.cos(ws * k))",
        why="a matter of their distance $k$ alone",
    ),
).check()

# %% [markdown] tags=["question"]
# Take a single clock, $d = 2$: it turns by one radian per step. Which of the positions 1 to 11 looks most like position 0?
#
# Answer: **Position 6**, since a whole turn takes 6.28 steps. Look for the second stripe below.

# %% [markdown]
# The similarity $p_s \cdot p_t$ of position $s$ (row) and $t$ (column), divided by $d/2$ so that a position has similarity 1 with
# itself. Every picture has stripes along the diagonal: distance is all that counts. Drag the dimension: the stripes beside the diagonal, which take one position
# for another, fade as clocks are added.

# %%
n_shown = 24
similar = [
    positional_encoding(n_shown, d) @ positional_encoding(n_shown, d).T / (d / 2)
    for d in (2, 4, 8, 16, 32, 64, 128)
]
states = heat_states(
    np.array(similar)[:, None],
    [f"d = {d}" for d in (2, 4, 8, 16, 32, 64, 128)],
    ["similarity"],
    range(n_shown),
    range(n_shown),
)
HeatMaps(states, slider="dimension")

# %% tags=["claims"]
assert similar[0][0, 1:12].argmax() + 1 == 6, "Position 6"
assert all(np.abs(np.diff(np.diagonal(each, 3))).max() < 1e-9 for each in similar), (
    "distance is all that counts"
)
assert similar[-1][0, 6:].max() < similar[0][0, 6:].max(), "fade as clocks are added"

# %% [markdown]
# ### Positions that are learnt
#
# The other option is to say nothing: let $p_0, \dots, p_{n-1}$ be parameters like the films' vectors and learn them with the rest.
# That is more flexible and has a price: a place that never occurred in training has no vector. Histories that are filled up
# on the left have an advantage here: when the model is asked, the *last* place always means "now".

# %% [markdown]
# ## 6 · A task that only attention can do
#
# Before the real data, a task made for it. Seven films out of twenty are shown in a week, one a day. We see them in random order; each
# film's vector has the vector of its weekday added, $x_j = e_j + p_{\text{day}(j)}$. Then a weekday is called, and the model has to
# name that day's film. Its query comes from the vector of the weekday, keys and values from the $x_j$, and the score of film $i$
# is $zW^O \cdot e_i$. (This is attention but not *self*-attention: the query comes from outside.) All is learnt from random weeks.
#
# The rival is the same model with **equal weights**. It averages the same values, and all its other parameters learn freely.

# %% [markdown] tags=["question"]
# How often will the rival name the right film, after as much training as it likes?
#
# Answer: **Once in seven times**, and no training helps.
#
# **Theorem.** With equal weights no choice of parameters is right in more than one week of seven, on average.
#
# *Proof.* The mean $z = \tfrac17\big(\sum_j e_j + \sum_{\text{days}} p\big)W^V$ is the same whichever film is on which day. So the
# model names the same film in all the ways of spreading these films over the days, and in at most one seventh of them that film is on
# the day that is called. ∎ (Letting films fade does not help either: their order is random.)

# %% [markdown]
# The cell with the model is folded. You need not read it: `Week` is your attention for many weeks at once, with weights learnt or equal,
# and `train_week` draws new weeks and trains it.


# %% tags=["given"] jupyter={"source_hidden": true}
class Week(torch.nn.Module):
    """Attention over a week of films; names the film of a weekday, and those of the days after it.

    weights: "learnt" or "equal"; n_asked: on how many days, one after the other.
    """

    def __init__(self, weights="learnt", n_heads=1, n_asked=1, d=32):
        super().__init__()
        self.weights, self.n_heads = weights, n_heads

        def start(*shape, spread):
            return torch.nn.Parameter(spread * torch.randn(*shape))

        self.films, self.days = start(20, d, spread=0.3), start(7, d, spread=0.3)
        self.W_Q, self.W_K, self.W_V = (start(d, d, spread=d**-0.5) for _ in range(3))
        self.W_O = start(n_asked, d, d, spread=d**-0.5)  # one for each day asked for

    def forward(self, films, days, asked):
        """Return scores (n, n_asked, 20) and weights (n, n_heads, 7).

        films and days (n, 7): who is shown when, in random order; asked (n,): a weekday each.
        """
        X = self.films[films] + self.days[days]
        Q, K, V = (
            rows.view(len(films), -1, self.n_heads, rows.shape[-1] // self.n_heads).transpose(1, 2)
            for rows in (self.days[asked][:, None] @ self.W_Q, X @ self.W_K, X @ self.W_V)
        )
        scores = Q @ K.transpose(2, 3) / Q.shape[-1] ** 0.5
        A = torch.softmax(0.0 * scores if self.weights == "equal" else scores, dim=-1)
        Z = (A @ V).transpose(1, 2).reshape(len(films), 1, 1, -1)
        return (Z @ self.W_O)[:, :, 0] @ self.films.T, A[:, :, 0]


def draw_weeks(n):
    """Return films (n, 7), their days (n, 7) in random order, and a weekday to ask for (n,)."""
    films = torch.rand(n, 20).argsort(dim=1)[:, :7]
    return films, torch.rand(n, 7).argsort(dim=1), torch.randint(7, (n,))


def wanted_films(films, days, asked, n_asked):
    """Return (n, n_asked): the film of the day asked for, and those of the days after it."""
    calendar = films.gather(1, days.argsort(dim=1))  # (n, 7), Monday first
    return calendar.gather(1, (asked[:, None] + torch.arange(n_asked)) % 7)


def train_week(n_steps, n_asked=1, seed=0, **choices):
    """Make and train a Week; yield it before the first step and after each of the n_steps."""
    torch.manual_seed(seed)
    model = Week(n_asked=n_asked, **choices)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    yield model
    for _ in range(n_steps):
        week = draw_weeks(128)
        wanted = wanted_films(*week, n_asked)
        scores, _ = model(*week)
        loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield model


@torch.no_grad()
def examine(model, week):
    """Return the hit rate per question and the (n_heads, 7, 7) mean weights by day.

    Row: the day asked for. Column: the day of the film that gets the weight.
    """
    scores, weights = model(*week)
    hits = (scores.argmax(dim=2) == wanted_films(*week, scores.shape[1])).double().mean(dim=0)
    _, days, asked = week
    by_day = weights.gather(2, days.argsort(dim=1)[:, None].expand_as(weights))
    maps = torch.stack([by_day[asked == day].mean(dim=0) for day in range(7)], dim=1)
    return hits.numpy(), maps.numpy()


# %%
torch.manual_seed(1)
new_weeks = draw_weeks(2000)
examined = [
    examine(model, new_weeks)
    for step, model in enumerate(train_week(n_steps=100))
    if step % 10 == 0
]
*_, averaging = train_week(n_steps=300, weights="equal")
for step in (0, 3, 10):
    hits, maps = examined[step]
    print(f"attention after {10 * step:3} steps: right film {hits[0]:.2f}", end=", ")
    print(f"weight on it {np.trace(maps[0]) / 7:.2f}")
averaged, _ = examine(averaging, new_weeks)
print(f"equal weights, 300 steps:  right film {averaged[0]:.2f} (one in seven is {1 / 7:.2f})")

# %% tags=["claims"]
assert examined[10][0][0] > 0.99, "Attention has solved it"
assert np.trace(examined[10][1][0]) / 7 > 0.95, "nearly all of its weight"
assert abs(averaged[0] - 1 / 7) < 0.025, "Once in seven times"

# %% [markdown]
# A hundred batches. Attention has solved it, with nearly all of its weight on the one film that was asked for. Below is how it
# got there: a row is the weekday called, a column the weekday of the film that is read. Drag the slider and watch the
# diagonal light up: Monday's query finds Monday's key, wherever it stands in the row and whatever film it belongs to.

# %%
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
states = heat_states(
    np.array([maps for _, maps in examined]),
    [str(10 * step) for step in range(len(examined))],
    ["mean weight"],
    DAYS,
    DAYS,
)
HeatMaps(states, slider="training steps")

# %% [markdown]
# Now two questions at once: the film of the day that is called, *and* the film of the day after it. Two matrices $W^O$ make two
# answers of one $z$. One head has a single row of weights for both purposes.

# %% [markdown] tags=["question"]
# What will one head do with two questions, and how will two heads share the work?
#
# Answer: One head gives the two films about half each; it then knows *which two* they are, but **hardly which of them is on
# which day**. Of two heads, each takes a day, without being told to.

# %%
right, maps = {}, {}
for n_heads in (1, 2):
    by_step = [
        examine(model, new_weeks)
        for step, model in enumerate(train_week(n_steps=150, n_heads=n_heads, n_asked=2))
        if step % 15 == 0
    ]
    hits, maps[n_heads] = by_step[-1][0], np.array([each for _, each in by_step])
    right[n_heads] = hits.mean()
    print(f"{n_heads} head{'s' * (n_heads - 1)}: right film {right[n_heads]:.2f}", end=" ")
    print(f"(the day itself {hits[0]:.2f}, the day after {hits[1]:.2f})")
panels = np.concatenate((maps[1], maps[2]), axis=1)  # (n_states, 3, 7, 7)
steps = [str(15 * state) for state in range(len(panels))]
names = ["one head", "two heads: the first", "the second"]
HeatMaps(heat_states(panels, steps, names, DAYS, DAYS), slider="training steps")

# %% tags=["claims"]
assert maps[1][-1, 0].trace() / 7 > 0.35, "One head gives the two films about half each"
assert right[1] < 0.65, "hardly which of them is on which day"
assert right[2] > 0.98, "Two heads answer both"
assert maps[2][-1].max(axis=(1, 2)).min() > 0.9, "one has the diagonal"
assert np.ptp([np.trace(head) / 7 for head in maps[2][-1]]) > 0.9, "the other the diagonal moved"

# %% [markdown]
# Two heads answer both. Drag the slider to see how: they start alike, and then one has the diagonal, the other the diagonal moved by
# a day. This is what several heads are for.
#
# So attention can choose, and it learns to choose within seconds *when choosing decides*. Does the next film depend on such a choice?
# That is a question to the data.

# %% [markdown]
# ## 7 · A model for the next film
#
# All parts are there. A film $j$ has a vector $e_j$. A history of length at most 32 becomes
#
# $$X = \big[e_{j_t} + p_t\big]_t, \qquad H = X + \operatorname{MH}(X), \qquad
#   \text{score of film } i \text{ after place } t = h_t \cdot e_i + b_i .$$
#
# The sum $X + \dots$ is a **residual connection**: attention need only add what the last film does not already say. The
# vectors $e_i$ serve twice, as inputs and as outputs (**weight tying**), and the bias term $b_i$ is how popular a film is anyway. This
# is SASRec (Kang and McAuley, 2018) with everything left out that we have not met (its feed-forward layers come in lecture 10). In
# NumPy it is your own functions:


# %% tags=["given"]
def padded(history, length, padding):
    """Return the last `length` films of a history, filled up on the left with `padding`."""
    recent = history[-length:]
    return np.concatenate([np.full(length - len(recent), padding, dtype=int), recent])


def next_film_scores(items, p, n_heads):
    """Return (n_items,) scores of the next film after a padded history `items` (length,).

    p holds arrays: films (n_items + 1, d), its last row for padding; bias (n_items,); positions
    (length, d); W_Q, W_K, W_V, W_O (d, d).
    """
    mask = attention_mask(items < len(p["bias"]))
    X = p["films"][items] + p["positions"]
    H = X + multi_head(X, p["W_Q"], p["W_K"], p["W_V"], p["W_O"], n_heads, mask)
    return p["films"][:-1] @ H[-1] + p["bias"]


# %% [markdown]
# To train it we need gradients. Section 8 derives those of attention by hand; here torch computes them. So the folded cell below
# has the same model in torch, `NextFilm`, for many histories at once; you may leave it folded. It adds **dropout**: in training a random 30% of
# the numbers are set to 0 and the others enlarged, so that no feature can rely on another; 655 histories are few. And it
# leaves two choices for the comparisons at the end: equal weights instead of learnt ones, and which positions.


# %% tags=["given"] jupyter={"source_hidden": true}
class NextFilm(torch.nn.Module):
    """The model of this section; weights: "learnt", "equal" or "own" (each place reads itself)."""

    def __init__(self, n_items, length, weights="learnt", positions="learnt", d=32, n_heads=2):
        super().__init__()
        self.n_items, self.n_heads, self.weights = n_items, n_heads, weights

        def start(*shape, spread):
            return torch.nn.Parameter(spread * torch.randn(*shape, dtype=torch.float64))

        self.films = start(n_items + 1, d, spread=0.1)  # the last row stands for padding
        self.bias = start(n_items, spread=0.0)
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            setattr(self, name, start(d, d, spread=d**-0.5))
        self.positions = start(length, d, spread=0.1 * (positions == "learnt"))
        if positions == "sinusoidal":
            self.positions.data = 0.1 * torch.from_numpy(positional_encoding(length, d))
        self.positions.requires_grad = positions == "learnt"

    def forward(self, items):
        """Return what is known after every place, (batch, length, d), of items (batch, length)."""
        batch, length = items.shape
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        mask = causal & (items < self.n_items)[:, None, None, :]  # (batch, 1, length, length)
        if self.weights == "own":
            mask = mask & torch.eye(length, dtype=torch.bool)
        X = self.drop(self.films[items] + self.positions)
        Q, K, V = (
            (X @ W).view(batch, length, self.n_heads, -1).transpose(1, 2)
            for W in (self.W_Q, self.W_K, self.W_V)
        )
        if self.weights == "equal":
            Q = 0.0 * Q
        Z = torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
        return self.drop(X + Z.transpose(1, 2).reshape(batch, length, -1) @ self.W_O)

    def drop(self, values):
        """Set a random 30% of the values to 0, in training only."""
        return torch.nn.functional.dropout(values, 0.3, self.training)

    def scores(self, known):
        """Return (..., n_items) scores of the next film from (..., d) what is known."""
        return known @ self.films[:-1].T + self.bias

    @torch.no_grad()
    def next_films(self, histories):
        """Return (n_users, n_items) scores of the film after each history."""
        length = len(self.positions)
        items = np.array([padded(history, length, self.n_items) for history in histories])
        return self.eval().scores(self(torch.from_numpy(items))[:, -1]).numpy()


# %% [markdown]
# Do the two agree? With random parameters, in float64:

# %%
torch.manual_seed(0)
LENGTH, N_HEADS = 32, 2
model = NextFilm(n_items, LENGTH, n_heads=N_HEADS)


def arrays_of(model):
    return {name: value.detach().numpy().copy() for name, value in model.named_parameters()}


start = arrays_of(model)
asked = histories[:50]
by_hand = np.array(
    [next_film_scores(padded(history, LENGTH, n_items), start, N_HEADS) for history in asked]
)
print("equal to 1e-6:", np.abs(by_hand - model.next_films(asked)).max() < 1e-6)

# %% [markdown]
# **Training.** Cut every history into windows of 32 places; at each place the target is the next film, and the loss is the
# **cross-entropy**: minus the logarithm of the probability that a softmax over all 453 scores gives to that film. Padded places
# have no target. Adam (a gradient descent that adapts its step per parameter) goes over the windows in batches of 64, with steps
# that shrink to 0. The folded cell has `windows` and `train`, which yields the model before training and after every pass.


# %% tags=["given"] jupyter={"source_hidden": true}
def windows(histories, length, n_items):
    """Return (inputs, targets), each (n_windows, length): the target is the next film."""
    inputs, targets = [], []
    for history in histories:
        for end in range(len(history), 1, -length):
            start = max(0, end - length - 1)
            inputs.append(padded(history[start : end - 1], length, n_items))
            targets.append(padded(history[start + 1 : end], length, n_items))
    return torch.from_numpy(np.array(inputs)), torch.from_numpy(np.array(targets))


def train(
    histories,
    n_items,
    weights="learnt",
    positions="learnt",
    seed=1,
    length=32,
    n_passes=12,
    rate=0.03,
    batch=64,
):
    """Make and train a NextFilm; yield it before the first pass and after each of the n_passes."""
    torch.manual_seed(seed)
    model = NextFilm(n_items, length, weights, positions)
    inputs, targets = windows(histories, length, n_items)
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(wanted, lr=rate)
    n_steps = n_passes * -(-len(inputs) // batch)
    shrink = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / n_steps)
    yield model
    for _ in range(n_passes):
        model.train()
        for chosen in torch.randperm(len(inputs)).split(batch):
            real = targets[chosen] < n_items
            scores = model.scores(model(inputs[chosen])[real])
            loss = torch.nn.functional.cross_entropy(scores, targets[chosen][real])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            shrink.step()
        yield model


# %%
before_validation = [history[:-2] for history in histories]
snapshots, climb = [], []
for model in train(training, n_items):
    if len(snapshots) % 3 == 0:
        _, found = evaluate(model.next_films(before_validation), histories, n_hidden=2)
        print(f"after {len(snapshots):2} passes: validation NDCG@10 {found.mean():.3f}")
        climb.append(found.mean())
    snapshots.append(arrays_of(model))

# %% tags=["claims"]
assert climb[1] - climb[0] > 4 * (climb[-1] - climb[1]), (
    "Most of it comes in the first three passes"
)
assert 0 < climb[-1] - climb[2] < 0.01, "the last six together add less than one hundredth"

# %% [markdown]
# Most of it comes in the first three passes, and the last six together add less than one hundredth. (The number of passes and the size of the steps
# were set so that training takes seconds, with an eye on the validation film.) Now the test, once.

# %% [markdown] tags=["question"]
# The number to beat was .138, of SLIM with a fading history. Will attention be above it, below it, or will 655 users not suffice to
# tell? Write down a difference.
#
# Answer: It is slightly lower, but **by less than one standard error** of the difference: these users cannot tell the two apart.

# %%
before_test = [history[:-1] for history in histories]
attended = model.next_films(before_test)
show("self-attention", attended)
print("\nself-attention less ..., user by user:")
leads = {}  # in standard errors
for name in ("Markov chain", "item-kNN, last film", "SLIM, a set", "SLIM, fading history"):
    gain, error = mean_and_standard_error(test["self-attention"] - test[name])
    leads[name] = gain / error
    print(f"    {name:22} NDCG@10 {gain:+.3f} ± {error:.3f}")

# %% tags=["claims"]
assert leads["Markov chain"] > 3, "more than three standard errors over the chain"
assert 2 < leads["item-kNN, last film"] < 2.6, "somewhat more than two over the similarity"
assert -1 < leads["SLIM, fading history"] < 0, "by less than one standard error"
assert round(gains["SLIM, fading history"], 3) == 0.138, "The number to beat was .138"
assert (
    abs(gains["self-attention"] - lecture.results("next film").value("attention, learnt positions"))
    < 0.005
), "your number is one of its five"
assert len(histories) == 655, "655 users"
assert n_items == 453, "all 453 scores"

# %% [markdown]
# The network reads the whole history, and it is ahead of every table that reads a single film: by more than three standard
# errors over the chain, and by somewhat more than two over the similarity. It would be tempting to stop here. But a table of
# pairs with one forgetting factor is just as good, without a network. A comparison is worth as much as its best baseline.
#
# Which films does the network read?

# %% [markdown] tags=["question"]
# In the task of the weekdays the map lit up. And here? Where will the weights of the last place go: to the last film, to a few related ones, or to all of them?
#
# Answer: **The last row stays nearly flat**: each head reads almost all films, and the last one gets *less* than its share.

# %% [markdown]
# Below are the weights of one user's last twelve films, head by head, as training goes on. A row is a place that asks, a column a
# film that is read, and empty cells are the future. The row that predicts is the last one. Drag the slider from 0 and look whether
# anything stands out in it, or above it; point
# at a cell, or walk with the arrow keys, to read its weight.
# Only the last twelve of 28 films are shown, so the rows do not sum to 1; an equal share in the last row is 1/28, or .036.


# %%
def attention_maps(items, p):
    """Return the (n_heads, length, length) weights, NaN where reading is not allowed."""
    X, width = p["films"][items] + p["positions"], len(p["W_Q"]) // N_HEADS
    Q, K = X @ p["W_Q"], X @ p["W_K"]
    mask = attention_mask(items < n_items)
    parts = [slice(i * width, (i + 1) * width) for i in range(N_HEADS)]
    # weights are what attention answers when the values are the unit vectors
    heads = [attention(Q[:, part], K[:, part], np.eye(len(items)), mask) for part in parts]
    return np.where(mask, heads, np.nan)


user, n_shown = 92, 12
films = padded(before_test[user], LENGTH, n_items)
maps = np.array([attention_maps(films, p)[:, -n_shown:, -n_shown:] for p in snapshots])
names = [title if len(title) < 22 else title[:20] + "…" for title in titles[films[-n_shown:]]]
states = heat_states(
    maps, range(len(snapshots)), [f"head {i + 1}" for i in range(N_HEADS)], names, names
)
HeatMaps(states, slider="passes over the data")

# %% tags=["claims"]
assert names[4] == "Juno", "*Juno*, to which"
assert (maps[-1, 1, 9:11, 4] * [26, 27] > 4).all(), "give more than four times an equal share"
assert maps[-1, 1, 9:11, 4].max() == np.nanmax(maps[-1]), "a column does stand out"
assert (maps[-1, :, -1] * 28 < 2).all(), "gives no film as much as twice an equal share"

# %% [markdown]
# In head 2 a column does stand out: *Juno*, to which *Schindler's List* and *The Shawshank Redemption* give more than four times an equal share.
# But the last row, of *Vertigo*, gives no film as much as twice an equal share: it is the row that predicts, and it is nearly flat.
#
# Read the names from the top: *American Beauty*, *Citizen Kane*, ... *Vertigo*. They are in alphabetical order. This user
# went down a list, as section 1 suspected of most. And one user is an anecdote, this one picked because its time stamps are
# all distinct and because the model finds its next film. How is it for all? A fair count of "how many films does a head read"
# is $e^H$ with the **entropy** $H = -\sum_j a_j \log a_j$ of its weights: $n$ if $n$ films have equal weight, 1 if one has all.

# %%
full = [films for films in before_test if len(films) >= LENGTH]
last_rows = np.array([attention_maps(films[-LENGTH:], snapshots[-1])[:, -1] for films in full])
read = np.exp(-(last_rows * np.log(last_rows)).sum(axis=-1))
for i in range(N_HEADS):
    own = last_rows[:, i, -1].mean() * LENGTH
    print(f"head {i + 1}: of {LENGTH} films it reads {read[:, i].mean():.0f}", end=", ")
    print(f"the one asking gets {own:.1f} times an equal share")

# %% tags=["claims"]
assert len(before_test[user]) == 28, "the last twelve of 28 films"
assert (read.mean(axis=0) > 0.85 * LENGTH).all(), "Nearly all of them"
assert (last_rows[:, :, -1].mean(axis=0) * LENGTH < 1).all(), "gets *less* than its share"

# %% [markdown]
# Nearly all of them. The weights are much closer to an average than the word *attention* suggests. And the last film,
# which the Markov chain lives on, gets *less* than its share, perhaps because the residual connection carries it past the
# attention anyway.

# %% [markdown]
# And what do the models say of this user, the one of the first page? The film that really came after *Vertigo* is printed first.

# %%
shorter = np.array([title.split(" (")[0] for title in titles])
print(f"the next film, after {len(before_test[user])}: {shorter[histories[user][-1]]}")
for name, scores in {
    "Markov chain": tables["Markov chain"][last_film],
    "SLIM, fading history": faded(pair_tables["SLIM"], best_c["SLIM"]),
    "self-attention": attended,
}.items():
    unseen = np.where(np.isin(np.arange(n_items), before_test[user]), -np.inf, scores[user])
    print(f"{name}:")
    print("   ", "; ".join(shorter[np.argsort(-unseen)[:5]]))

# %% [markdown]
# What does the model use? Two experiments with the trained model, no new training. Give all allowed films **equal
# weights** ($W^Q = 0$ makes every score 0). And **shuffle** each history, all but its last film, so that the
# same films come in a meaningless order. SLIM with its fading history is shuffled for comparison. (Taking a part away to see what
# it was worth is called an **ablation**.)

# %% [markdown] tags=["question"]
# Three changes: equal weights for the network, a shuffled history for the network, a shuffled history for SLIM. Which costs most?
#
# Answer: **The shuffled history costs SLIM most**, several hundredths, the network less than one, and equal weights cost
# nothing that we could see.

# %%
silenced = NextFilm(n_items, LENGTH, n_heads=N_HEADS)
silenced.load_state_dict(model.state_dict() | {"W_Q": torch.zeros(32, 32)})
rng = np.random.default_rng(4)
shuffled = [np.append(rng.permutation(films[:-1]), films[-1]) for films in before_test]
show("equal weights", silenced.next_films(before_test))
show("history shuffled", model.next_films(shuffled))
show(
    "SLIM, history shuffled",
    fading_history(shuffled, n_items, best_c["SLIM"]) @ pair_tables["SLIM"],
)
change, errors = {}, {}
for name, whole in {
    "equal weights": "self-attention",
    "history shuffled": "self-attention",
    "SLIM, history shuffled": "SLIM, fading history",
}.items():
    change[name], errors[name] = mean_and_standard_error(test[name] - test[whole])
    print(f"{name}, less {whole}: NDCG@10 {change[name]:+.3f} ± {errors[name]:.3f}, user by user")

# %% tags=["claims"]
assert abs(change["equal weights"]) < errors["equal weights"], "nothing that we could see"
assert -0.01 < change["history shuffled"] < 0, "the network less than one hundredth of NDCG"
assert 1 < -change["history shuffled"] / errors["history shuffled"] < 2, (
    "between one and two standard errors"
)
assert change["SLIM, history shuffled"] < -0.025, "SLIM pays several hundredths"
assert abs(gains["SLIM, history shuffled"] - gains["SLIM, a set"]) < 0.005, "as low as on a set"

# %% [markdown]
# Equal weights cost nothing that we could see. A shuffled history costs the network less than one hundredth of NDCG, between one and
# two standard errors: it lives on *which* films were rated of late and on the last one, hardly on choosing among them, and at
# most a little on their order. SLIM pays several hundredths and is as low as on a set: it lives on recency. Two ways to about the same number.
#
# But this model was trained to choose. What if it had never been allowed to? In the table below every variant was trained on its
# own, from five random starts (`benchmarks/self_attention.py` in the course's repository): places that read only themselves (a Markov
# chain made of vectors),
# equal weights throughout (the mean of the history, plus the last film through the residual), and attention with three kinds of
# positions.

# %%
lecture.recorded("variants")

# %% [markdown]
# *Last film only* is better than the Markov chain, which is made of the same pairs: vectors share what they learn between
# films, a table cannot. *Equal weights* add about a hundredth, which is likely a gain, not certainly one. They are attention in
# name only: a mean. *Learnt weights* differ from them by less than the same model does from one random start to another. Positions
# make no difference that we could see; remember what the order is made of, and that the causal mask and the residual already tell
# the last film from the others.
#
# And here are all the models of the course for the next film. The last column is the difference to the best table. Rows with a star
# are means of five starts; *attention, learnt positions* is the model that you trained above, and your number is one of its five.

# %%
next_film = lecture.results("next film")
next_film

# %% tags=["claims"]
assert round(gains["popularity"], 3) == lecture.results("next film").value("popularity"), (
    "all the models of the course for the next film"
)
assert round(gains["item-kNN, last film"], 3) == lecture.results("next film").value(
    "item-kNN, last film"
), "all the models of the course for the next film"
assert round(gains["Markov chain"], 3) == lecture.results("next film").value("Markov chain"), (
    "all the models of the course for the next film"
)
assert round(gains["Markov chain, fading history"], 3) == lecture.results("next film").value(
    "Markov chain, fading history"
), "all the models of the course for the next film"
assert round(gains["item-kNN, fading history"], 3) == lecture.results("next film").value(
    "item-kNN, fading history"
), "all the models of the course for the next film"
assert round(gains["SLIM, a set"], 3) == lecture.results("next film").value("SLIM, a set"), (
    "all the models of the course for the next film"
)
assert round(gains["SLIM, fading history"], 3) == lecture.results("next film").value(
    "SLIM, fading history"
), "all the models of the course for the next film"
assert next_film.value("last film only") > next_film.value("Markov chain") + 0.01, (
    "Last film only is better than the Markov chain"
)
assert 0.007 < next_film.value("equal weights") - next_film.value("last film only") < 0.015, (
    "Equal weights add about a hundredth"
)
assert (
    abs(next_film.value("attention, learnt positions") - next_film.value("equal weights")) < 0.005
), "less than the same model does from one random start to another"
assert (
    abs(next_film.value("attention, no positions") - next_film.value("attention, learnt positions"))
    < 0.005
), "no difference that we could see"
assert next_film.value("SLIM, fading history") >= next_film.value("attention, learnt positions"), (
    "no more than a table of pairs"
)

# %% [markdown]
# For 655 users the honest summary is: **reading more than the last film helps; recency is what the order is worth, and one number
# says it; choosing what to read does not yet pay.**

# %% [markdown]
# ## 8 · Optional: the backward pass, by hand
#
# Torch gave us the gradients. This section finds them with pencil and paper. Nothing later depends on it (its
# exercise counts like the others); but once you have done it, `loss.backward()` is no longer magic.
#
# First the **softmax**, $a_i = e^{s_i}/\sum_m e^{s_m}$. Raising one score raises its own weight and lowers all
# others. So the derivative is a matrix, the **Jacobian** $J_{ij} = \partial a_i / \partial s_j$.

# %% [markdown] tags=["question"]
# Without computing: what must every column of $J$ sum to, and why?
#
# Answer: To 0, since **the weights sum to 1 before and after** a score is moved: what one gains the others lose.

# %% [markdown]
# **Your turn (4 minutes).** Line 2 has its entries. Write the whole matrix in one expression of `a` (the vector of weights)
# with `np.diag` and `np.outer`.

# %% nbgrader={"grade_id": "jacobian_line", "solution": true}
jacobian_line = "..."
### BEGIN SOLUTION
jacobian_line = "np.diag(a) - np.outer(a, a)"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    def softmax(S):
        return np.exp(S) / np.exp(S).sum(axis=-1, keepdims=True)

    s, S, V, G = (rng.normal(size=shape) for shape in (4, (3, 4), (4, 2), (3, 2)))
    drawn = {"s": s, "g": rng.normal(size=4), "S": S, "V": V, "G": G, "softmax": softmax}
    return drawn | {"a": softmax(s), "A": softmax(S), "dA": G @ V.T}


Derivation(
    "Backwards through attention",
    instance,
    Step(
        r"J_{ij} = \frac{\partial a_i}{\partial s_j}",
        "np.array([derivative(lambda s: softmax(s)[i], s) for i in range(4)])",
        why="computed numerically",
    ),
    Step(
        r"= a_i\,(\delta_{ij} - a_j)",
        "np.array([[a[i] * ((i == j) - a[j]) for j in range(4)] for i in range(4)])",
        tolerance=1e-7,
        why="quotient rule; $\\delta_{ij}$ is 1 if $i = j$, else 0",
    ),
    Step(r"=\;?", jacobian_line, yours=True, names=("a",), tolerance=1e-7, why="your line"),
    Step(
        r"\frac{\partial\,(g \cdot a)}{\partial s}",
        "derivative(lambda s: g @ softmax(s), s)",
        starts=True,
        why="if the loss changes with the weights by $g$, how does it change with the scores?",
    ),
    Step(
        r"= a \circ \big(g - (a \cdot g)\,\mathbf 1\big)",
        "a * (g - a @ g)",
        tolerance=1e-7,
        why="$J^\\top g$: each score gains what its $g$ is above the weighted mean of all $g$",
    ),
    Step(
        r"\frac{\partial L}{\partial V},\quad L = \sum_{tf} G_{tf} (AV)_{tf}",
        "derivative(lambda V: (G * (A @ V)).sum(), V)",
        starts=True,
        why="$G$ holds the derivatives of the loss by the answers $Z = AV$",
    ),
    Step(
        r"= A^\top G",
        "A.T @ G",
        tolerance=1e-7,
        why="a value gets back from every query, in proportion to its weight there",
    ),
).check()

# %% [markdown] tags=["question"]
# A query gives the weight 1 to one key and 0 to all others. Which scores does its gradient move?
#
# Answer: None: $a \circ (\dots)$ is 0 where $a$ is 0, and where $a$ is 1, **the mean of $g$ is its own $g$**, so the bracket is 0. It has
# stopped learning where to look, which is why section 2 divided by $\sqrt d$.

# %% [markdown] exercise="attention_backward" difficulty=3 minutes=25
# Two steps are left: from the weights to the scores $S = QK^\top/\sqrt d$, for all rows at once, and from the scores to queries
# and keys. Find them, and return all three gradients `(query_gradient, key_gradient, value_gradient)` of the loss, with the
# shapes of the queries, keys and values. There is no mask, and scores may be in the thousands.
#
# - `queries`: (n_q, d), `keys`: (n_k, d), `values`: (n_k, d_v)
# - `upstream`: (n_q, d_v), $G = \partial L/\partial Z$
#
# By hand, for the docstring's example: both queries are orthogonal to all keys, so all weights are ⅓. The derivative by the
# first query's weights is $3 \cdot (1, 2, 6)$, with mean 9, and its row of $dS$ is $\tfrac13(3 - 9,\ 6 - 9,\ 18 - 9) = (-2, -1, 3)$:
# the third key should score higher. The query moves by $(-2 \cdot 2,\ -1 \cdot 4,\ 3 \cdot 2,\ 0)/2$. The second query's row of $dS$
# is $(4, 2, -6)$. The first key meets the queries' 2 and 4 in the last feature: $(-2 \cdot 2 + 4 \cdot 4)/2 = 6$. Each value gets a
# third of $3 - 6$.
#
# <details><summary>Hint</summary>
#
# Start from `attention_weights(queries, keys)` and $dA = GV^\top$. Each row of $dA$ is the $g$ of the derivation's line 5, and
# the same row of $A$ its $a$. For the last step look at one entry: $s_{tj} = q_t \cdot k_j / \sqrt d$, so $q_t$ collects
# $k_j/\sqrt d$ times $dS_{tj}$ over all $j$. A matrix product, and its mirror image for the keys.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     weights A of all queries; dA = G times the transposed values
#     row by row: mean = sum of a times dA;  dS = a times (dA - mean)
#     by the queries: dS times the keys, over root d
#     by the keys: the transposed dS times the queries, over root d
#     by the values: the transposed A times G
#
# </details>


# %% nbgrader={"grade_id": "attention_backward", "solution": true}
def attention_backward(queries, keys, values, upstream):
    """Return the gradients by queries (n_q, d), keys (n_k, d) and values (n_k, d_v).

    upstream (n_q, d_v): the loss's derivative by the answers of unmasked attention.

    >>> Q = np.array([[0.0, 0, 0, 2], [0, 0, 0, 4]])
    >>> K = np.array([[2.0, 0, 0, 0], [0, 4, 0, 0], [0, 0, 2, 0]])
    >>> V, G = np.array([[1.0], [2.0], [6.0]]), np.array([[3.0], [-6.0]])
    >>> query_gradient, key_gradient, value_gradient = attention_backward(Q, K, V, G)
    >>> query_gradient.round(6)
    array([[-2., -2.,  3.,  0.],
           [ 4.,  4., -6.,  0.]])
    >>> key_gradient.round(6)[:, 3], value_gradient.round(6).T
    (array([ 6.,  3., -9.]), array([[-1., -1., -1.]]))
    """
    ### BEGIN SOLUTION
    A = attention_weights(queries, keys)
    dA = upstream @ values.T
    dS = A * (dA - (A * dA).sum(axis=1, keepdims=True))
    scale = 1 / np.sqrt(queries.shape[1])
    return scale * dS @ keys, scale * dS.T @ queries, A.T @ upstream
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_attention_backward", "grade": true}
lecture.check(attention_backward)

# %% [markdown]
# Torch's automatic differentiation, on the same numbers:

# %%
rng = np.random.default_rng(5)
arrays = [rng.normal(size=shape) for shape in ((7, 4), (9, 4), (9, 3))]
upstream = rng.normal(size=(7, 3))
tensors = [torch.tensor(array[None], requires_grad=True) for array in arrays]
answer = torch.nn.functional.scaled_dot_product_attention(*tensors)
answer.backward(torch.from_numpy(upstream[None]))
for name, ours, theirs in zip(
    ("queries", "keys", "values"), attention_backward(*arrays, upstream), tensors, strict=True
):
    print(f"{name}: equal to 1e-6: {np.abs(ours - theirs.grad[0].numpy()).max() < 1e-6}")

# %% [markdown]
# ### Your list
#
# What you rated in lecture 01, in the order in which you rated it, is a history too. This is what the network of section 7 shows
# you next, beside your list from the lecture before. It has not seen you in training: a history is all that it needs.

# %%
me = Me(ratings)
YourList(lecture, model.next_films([me.items])[0], me)

# %% [markdown]
# ## 9 · Recency or choice: what the numbers mean
#
# **What attention gave.** Where the right answer depends on choosing, attention learnt to choose in seconds, and an average provably
# cannot. On our histories it found more next films than any table that reads the last film only, and no more than a table of pairs
# that reads all of them and lets them fade. *Recency* is what their order is worth. Choosing was worth almost nothing, and the weights
# stayed near equal. It has to be learnt, by matrices with thousands of numbers, from 655 people, and these people went down lists.
# Kang and McAuley (2018) had far larger data, and report that positions helped on the denser ones. Lecture 10 adds depth and a better
# training task. The mean of the history and a fading table are baselines that every such model should have to beat.
#
# **What fails.**
#
# - *Weights are not explanations.* A heat map shows what was read, not why, nor what it did: the values and
#   $W^O$ come after it, the residual passes the last film by without any weight, and quite different weights can give the same
#   prediction (Jain and Wallace, 2019). The experiment with equal weights above is a better question than the picture: change
#   something, and look at what happens to the answer.
# - *Cost.* Every place reads every other: $n^2$ scores per head. 32 films are 1,024 scores, which is nothing; a text of 100,000
#   words has ten billion.
# - *Positions beyond training.* A learnt position exists for 32 places and no more. Clocks exist for all, but a model that
#   never saw place 500 in training has not learnt what to make of it.
# - *New films* have no vector (**cold start**). Lecture 06 builds vectors from what is known about a film.
# - *The order is the order of rating*, as the clock in section 1 said. A model that predicts MovieLens' lists well need not know
#   what to watch tonight (Woolridge et al., 2021).
# - *The future leaks a little.* User A's training films may be later than user B's test film. Lecture 14 splits by time.
#
# **What to read next.**
#
# - A. Vaswani and others: *Attention Is All You Need*, NeurIPS 2017: sections 3.2 and 3.5 are this lecture.
# - D. Bahdanau, K. Cho, Y. Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate*, ICLR 2015: where it began.
# - W.-C. Kang, J. McAuley: *Self-Attentive Sequential Recommendation*, ICDM 2018: SASRec.
# - S. Rendle, C. Freudenthaler, L. Schmidt-Thieme: *Factorizing Personalized Markov Chains for Next-Basket Recommendation*, WWW 2010.
# - S. Jain, B. Wallace: *Attention is not Explanation*, NAACL 2019; and the answer, S. Wiegreffe, Y. Pinter: *Attention is not not
#   Explanation*, EMNLP 2019.
# - A. Haviv and others: *Transformer Language Models without Positional Encodings Still Learn Positional Information*, Findings of
#   EMNLP 2022: what the causal mask gives away.
# - D. Woolridge, S. Wilner, M. Glick: *Sequence or Pseudo-Sequence? An Analysis of Sequential Recommendation Datasets*,
#   PERSPECTIVES workshop at RecSys 2021.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | attention | $Z = \operatorname{softmax}(QK^\top/\sqrt d)\,V$, softmax by rows, $d$ the length of a query |
# | why $\sqrt d$ | $\operatorname{Var}(q \cdot k) = d\,\sigma_q^2\sigma_k^2$ |
# | mask | scores $-\infty$ *before* the softmax; an empty row gives zeros |
# | heads | $\operatorname{MH}(X) = [\text{head}_1, \dots, \text{head}_h]W^O$, each on $d/h$ columns, scaled by $\sqrt{d/h}$ |
# | equivariance | $f(PX) = Pf(X)$ without mask and positions |
# | clocks | $p_{t,2i} = \sin(t/10000^{2i/d}),\ p_{t,2i+1} = \cos(t/10000^{2i/d})$; $p_{t+k} = R_k p_t$ |
# | softmax, backwards | $a \circ \big(g - (a \cdot g)\,\mathbf 1\big)$, where $g$ is the derivative by the weights |
# | attention, backwards | $dV = A^\top G,\ dA = GV^\top$ |

# %%
lecture.progress()
