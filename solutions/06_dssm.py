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
# # 06 · DSSM and two towers: search by meaning, recommend by history
#
# You look for an emoji and type *scary*. A search that compares letters puts a *weary* cat first, and a *scarf* second: it cannot
# know which likeness means something. You meant the ghost, the goblin and the ogre.
#
# **DSSM** (deep structured semantic model; Huang et al., 2013) learns it from searches that succeeded: a network turns query and
# document into vectors, and what belongs together is trained to point in the same direction. With a history as the query and
# films as the documents it is a recommender with **two towers**, the first selection in
# many large systems (Covington et al., 2016; Yi et al., 2019).
#
# After this lecture you can
#
# - turn any text into letter trigrams, and say what they gain and what they confuse;
# - write the tower, the cosine and its gradient, the posterior and the loss by hand;
# - say how sure a softmax of cosines can be, and choose its factor by that;
# - train with all documents, those of the batch, or sampled ones, and say what each choice does;
# - use a history as the query.

# %% [markdown] tags=["overview"]

# %% [markdown]
# **Three questions about earlier lectures.** Answer each in a sentence before you open ours.

# %% [markdown] tags=["question"]
# From lecture 05: how many vectors does a field-aware factorization machine keep for one feature, and which of them meets
# which?
#
# Answer: **One for every field.** Feature $i$ meets feature $j$ with the vector it keeps *for the field of $j$*, and $j$
# answers with the one it keeps for the field of $i$.

# %% [markdown] tags=["question"]
# From lecture 04: can a factorization machine score a film that nobody has rated? What does it need to know of it?
#
# Answer: Yes, **from its features**, such as genre and decade: their weights and vectors were learnt from other films.

# %% [markdown] tags=["question"]
# From lecture 01: after training, what does it cost to score one film for one user with $k$ factors?
#
# Answer: **One dot product**, $k$ multiplications, because both vectors are stored. A network that reads
# both *together* cannot be stored in two parts.

# %% tags=["setup"]
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import torch
from scipy.sparse import csr_array

from embedlab import Derivation, Lecture, Step
from embedlab.baselines import ease, item_knn, zero_filled_svd
from embedlab.data.emoji import Queries, clean_text, load_emoji, split_keywords
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.data.wordnet import load_animals
from embedlab.diagrams import two_towers
from embedlab.me import Me
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.search import answer_recall_at_k, bm25, lsa, shared_trigrams, tfidf
from embedlab.widgets import Curves, EmojiSearch, YourList, curve_states, recorded_search

torch.set_num_threads(1)  # the models are small, and one thread gives everybody the same numbers
lecture = Lecture("06_dssm")

# %% [markdown]
# **Try it first.** Type a word. On the left is what this lecture builds, on the right what shared letters find. A
# fifth of all keywords is hidden from both: the test below.

# %%
emoji = load_emoji()
train, test = split_keywords(emoji, test_fraction=0.2, seed=0)
EmojiSearch(
    recorded_search(train),
    examples=["scary", "sick", "breakfast", "halloween", "lawyer", "wealthy"],
)

# %% [markdown]
# ## 1 · The question, and the numbers to beat
#
# A document is an emoji: its name and the keywords under which people look for it. We hide a fifth of every
# emoji's keywords. Each hidden keyword is a query, and the emoji that lost it are its answers.

# %%
documents = train.documents()
for document in (0, 900, 1300):
    print(emoji.characters[document], documents[document])
print(train, test, sep="\n")

# %% [markdown]
# *Data: emojilib by Mu-An Chiou, MIT licence; see `datasets/emoji/`. The 263 `flag_` names are left out: their keywords would swamp every average.*
#
# We count **recall@10**: of all hidden answers, how many are among the ten best of their query. All emoji compete,
# except those already known to answer the query.
#
# **TF-IDF** compares texts by the units they share; a unit counts the more, the fewer documents have it
# (**inverse document frequency**). **BM25** limits what repetition and length can do, and has
# been the baseline of search since 1994. Units are words, or pieces of words of three letters. **LSA** (latent semantic
# analysis, 1990) is lecture 01's SVD on the table of documents and words; it sees no query.

# %% [markdown] tags=["question"]
# Before you run it: of the hidden answers, how many does BM25 find with whole words? The query is a keyword that its own
# document does *not* have.
#
# Answer: **Fewer than three in a hundred**: those whose keyword is also, say, in the emoji's name. With trigrams it is
# between six and seven times as many: *cartwheel* finds *cartwheeling*.

# %% [markdown] tags=["question"]
# LSA is never told which query belongs to which document. How can it find an emoji by a word that it does not have?
#
# Answer: **The company of words.** Documents with *judge* also have *court*, and mostly *law*; the SVD puts these words into the
# same few directions, and *law* then lies near all documents that point there.


# %%
scores = {
    "TF-IDF, words": tfidf(test.texts, documents, "words"),
    "BM25, words": bm25(test.texts, documents, "words", k1=1.2, b=0.0),
    "TF-IDF, trigrams": tfidf(test.texts, documents, "trigrams"),
    "BM25, trigrams": bm25(test.texts, documents, "trigrams", k1=1.2, b=0.0),
    "LSA, words": lsa(test.texts, documents, "words", n_components=200),
}
rows, columns = test.relevant.nonzero()
shared = shared_trigrams(test.texts, documents)[rows, columns]
asked_before = np.isin(test.texts, train.queries().texts)[rows]
groups = {
    "all": np.full(len(rows), True),
    "shares < 1/3": shared < 1 / 3,
    "word seen": asked_before,
    "word unseen": ~asked_before,
}


def recalls(scores):
    """Return recall@10 of each group of hidden answers, {group: number}."""
    found = answer_recall_at_k(scores, test, k=10)
    return {name: found[group].mean() for name, group in groups.items()}


def show(tables):
    print(f"{'recall@10':26}" + "".join(f"{name:>14}" for name in groups))
    for name, table in tables.items():
        print(f"{name:26}" + "".join(f"{value:14.3f}" for value in table.values()))


found = {name: recalls(table) for name, table in scores.items()}
show(found)
print("share of the answers:     " + "".join(f"{group.mean():14.2f}" for group in groups.values()))

# %% tags=["claims"]
assert found["BM25, words"]["all"] < 0.03, "Fewer than three in a hundred"
assert 6 < found["BM25, trigrams"]["all"] / found["BM25, words"]["all"] < 7, (
    "between six and seven times as many"
)
assert "woman cartwheeling" in {
    emoji.names[d]
    for d in np.argsort(-bm25(["cartwheel"], documents, "trigrams", k1=1.2, b=0.0)[0])[:10]
}, "*cartwheel* finds *cartwheeling*"
assert found["LSA, words"]["all"] > 2 * found["BM25, trigrams"]["all"], "LSA is far ahead"
assert found["LSA, words"]["shares < 1/3"] > 0.4, "LSA keeps four in ten of them"
assert found["BM25, trigrams"]["shares < 1/3"] < 0.01, "not one in a hundred"
assert 0.02 < found["LSA, words"]["word unseen"] < 0.5 * found["BM25, trigrams"]["word unseen"], (
    "LSA finds less than half of what BM25 finds by trigrams"
)
assert [
    emoji.names[d]
    for d in np.argsort(-tfidf(["scary"], documents, "trigrams")[0], kind="stable")[:2]
] == ["weary cat", "scarf"], "a *weary* cat first, and a *scarf* second"
assert {"ghost", "goblin", "ogre"} <= {
    emoji.names[d]
    for d in np.argsort(-recorded_search(train).scores(["scary"])[0][0], kind="stable")[:10]
}, "the ghost, the goblin and the ogre"

# %% [markdown]
# *All*: LSA is far ahead of what compares letters. *Shares < 1/3* are the answers that have less than a third of
# the query's trigrams: BM25 finds not one in a hundred, LSA keeps four in ten of them. *Word unseen* are queries that no
# emoji had as a keyword in training: LSA finds less than half of what BM25 finds by trigrams. We want all three.
# (Settings were chosen on keywords held out of the training part.)

# %% [markdown]
# ## 2 · Letters instead of words
#
# A network needs numbers, and a column for every word fails at the first word that nobody has used. **Word hashing** takes the word
# apart: `#no#` has the **letter trigrams** `#no` and `no#`. (Huang et al. brought 500,000 words down to 30,621 trigrams; our few
# texts have about as many different trigrams as words.)

# %% [markdown] exercise="letter_trigrams" difficulty=1 minutes=6
# Return the letter trigrams of a text as a list of strings, in the order of the text, repeated ones included.
#
# - split the text into words at its spaces, of which there may be several, also at the ends; keep every other character
#   as it is: capitals, hyphens, apostrophes, other signs
# - put `#` before and behind every word, so that beginnings and ends are told from middles
# - of every marked word take all pieces of three characters, each one character further than the one before
#
# By hand: `no` becomes `#no#` and has `#no`, `no#`; a word of one letter has one trigram.
#
# <details><summary>Hint</summary>
#
# A marked word of $n$ characters has $n - 2$ pieces: `marked[i:i + 3]`. `text.split()` takes care of all spaces.
#
# </details>


# %% nbgrader={"grade_id": "letter_trigrams", "solution": true}
def letter_trigrams(text):
    """Return the letter trigrams of all words of a text, a list of strings of three characters.

    Word hashing of Huang et al. (2013), section 3.2.

    >>> letter_trigrams("no banana")
    ['#no', 'no#', '#ba', 'ban', 'ana', 'nan', 'ana', 'na#']
    """
    ### BEGIN SOLUTION
    trigrams = []
    for word in text.split():
        marked = f"#{word}#"
        trigrams += [marked[i : i + 3] for i in range(len(marked) - 2)]
    return trigrams
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_letter_trigrams", "grade": true}
lecture.check(letter_trigrams)

# %% [markdown]
# Now texts become rows, by a class that is given and calls your function. A trigram that only one document has is dropped: it can
# link nothing. The others count the more, the fewer documents have them.


# %% tags=["given"]
class WordHashing:
    """Texts as sparse rows of weighted letter trigrams, those that two documents or more have.

    A row holds count times log(n_documents / documents with the trigram), and has length 1.
    """

    def __init__(self, documents):
        having = Counter(t for text in documents for t in set(letter_trigrams(text)))
        kept = sorted(t for t, count in having.items() if count > 1)
        self.columns = {t: place for place, t in enumerate(kept)}
        self.weights = np.log(len(documents) / np.array([having[t] for t in kept]))

    def counts(self, texts):
        """Return (n_texts, n_trigrams) sparse counts; other trigrams are left out."""
        cells = [
            (row, self.columns[t])
            for row, text in enumerate(texts)
            for t in letter_trigrams(text)
            if t in self.columns
        ]
        rows, columns = np.array(cells, dtype=np.int64).reshape(-1, 2).T
        return csr_array(
            (np.ones(len(cells)), (rows, columns)), shape=(len(texts), len(self.columns))
        )

    def weighted(self, counts):
        """Return counts times weights, rows of length 1, float32; rows of zeros stay."""
        X = csr_array(counts * self.weights)
        lengths = np.sqrt(X.power(2).sum(axis=1))
        return csr_array(X * (1 / np.where(lengths > 0, lengths, 1))[:, None], dtype=np.float32)

    def __call__(self, texts):
        return self.weighted(self.counts(texts))


# %% [markdown] tags=["question"]
# With 26 letters and the mark, how many trigrams can there be? Why do far fewer occur, and what does a new word cost?
#
# Answer: About $27^3$, **nearly twenty thousand**; but English has no `xqz`. A new word costs **no new column**: nearly all its
# trigrams have been seen in other words.

# %% [markdown] tags=["question"]
# Only one emoji has the keyword *wealthy*. Which others will a search by trigrams find?
#
# Answer: Those with **health**, which has three of the seven trigrams, and the ninja: *stealth* has the same three. Letters are
# not meaning. Section 6 asks the trained model.

# %%
hashing = WordHashing(documents)
X_D, X_test = hashing(documents), hashing(test.texts)
having = {
    unit: Counter(part for text in documents for part in set(split(text)))
    for unit, split in (("words", str.split), ("trigrams", letter_trigrams))
}
for unit, counts in having.items():
    in_two = sum(n > 1 for n in counts.values())
    print(f"{len(counts):,} different {unit}, {in_two:,} of them in two documents or more")
new_words = [w for text in test.texts for w in text.split() if w not in having["words"]]
known_trigrams = [t in hashing.columns for word in new_words for t in letter_trigrams(word)]
print(
    f"of {len(new_words)} new words in the queries, {np.mean(known_trigrams):.0%} of the trigrams are known"
)
nearest = {}
for word in ("wealthy", "lawyer"):
    best = np.argsort(-(hashing([word]) @ X_D.T).toarray()[0], kind="stable")[:5]
    nearest[word] = {emoji.names[d] for d in best}
    print(f"{word:8}", *(f"{emoji.characters[d]} {emoji.names[d]};" for d in best))

# %% tags=["claims"]
assert all(
    set(letter_trigrams("wealthy")) & set(letter_trigrams(word)) == {"eal", "alt", "lth"}
    and any(word in text.split() for text in documents)
    for word in ("health", "stealth")
), "three of the seven trigrams"
assert {"health worker", "ninja"} <= nearest["wealthy"], "and the ninja"
assert np.mean(known_trigrams) > 0.9, "nearly all its trigrams have been seen in other words"
assert 0.95 < len(having["trigrams"]) / len(having["words"]) < 1.05, (
    "about as many different trigrams as words"
)
assert len(having["trigrams"]) < 27**3 / 5, "far fewer occur"
assert {"man judge", "woman judge"} <= nearest["lawyer"], "two judges"

# %% [markdown]
# ## 3 · One tower for queries and documents
#
# The **tower** is a small network: trigrams, a hidden layer of 128 numbers squashed by tanh, and a vector of 64, the
# text's **embedding**. Queries and documents share *one* tower, because both are English. (Section 6 tries two.)

# %% [markdown] exercise="tower_forward" difficulty=1 minutes=6
# Compute the tower's vectors for a batch of texts: $Y = \tanh(X W_1 + b_1)\, W_2 + b_2$, one row a text.
#
# - `X`: (n, n_trigrams), an array or a sparse `csr_array`; `X @ W1` is written alike for both and gives an array
# - `W1`: (n_trigrams, n_hidden), `b1`: (n_hidden,), `W2`: (n_hidden, d), `b2`: (d,)
# - the output is not squashed and not normalised
#
# <details><summary>Hint</summary>
#
# Two matrix products, `np.tanh` between them. Broadcasting adds a bias to every row.
#
# </details>


# %% nbgrader={"grade_id": "tower_forward", "solution": true}
def tower_forward(X, W1, b1, W2, b2):
    """Return the vectors (n, d) of n texts, tanh(X W1 + b1) W2 + b2.

    >>> X = np.array([[1.0, 0.0], [0.0, 2.0]])
    >>> W1 = np.array([[0.5, 0.0, -1.0], [0.0, 0.25, 1.0]])
    >>> b1, W2, b2 = np.array([0.0, -0.5, 1.0]), np.array([[1.0], [2.0], [-1.0]]), np.array([0.5])
    >>> tower_forward(X, W1, b1, W2, b2).round(3)
    array([[ 0.038],
           [-0.495]])
    """
    ### BEGIN SOLUTION
    hidden = np.tanh(X @ W1 + b1)
    return hidden @ W2 + b2
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_tower_forward", "grade": true}
lecture.check(tower_forward)

# %% [markdown]
# For the gradients, the same tower as a torch module, given. Its sparse product has the gradient of lecture 04.


# %% tags=["given"]
class SparseProduct(torch.autograd.Function):
    """X @ W for a SciPy array X: its gradient by W is X.T times that of the product."""

    @staticmethod
    def forward(ctx, X, W):
        ctx.X = X
        return torch.from_numpy(X @ W.detach().numpy())

    @staticmethod
    def backward(ctx, upstream):
        return None, torch.from_numpy(ctx.X.T @ upstream.numpy())


class Tower(torch.nn.Module):
    """The tower of `tower_forward` with parameters that train."""

    def __init__(self, n_trigrams, n_hidden=128, d=64):
        super().__init__()
        spread = n_hidden**-0.5
        self.W1 = torch.nn.Parameter(spread * torch.randn(n_trigrams, n_hidden))
        self.b1 = torch.nn.Parameter(torch.zeros(n_hidden))
        self.W2 = torch.nn.Parameter(spread * (2 * torch.rand(n_hidden, d) - 1))
        self.b2 = torch.nn.Parameter(torch.zeros(d))

    def forward(self, X):
        hidden = torch.tanh(SparseProduct.apply(X, self.W1) + self.b1)
        return hidden @ self.W2 + self.b2

    def arrays(self):
        """Return W1, b1, W2, b2 as NumPy arrays."""
        return [p.detach().numpy().copy() for p in (self.W1, self.b1, self.W2, self.b2)]


# %% [markdown] tags=["question"]
# The tower below is not trained: all its weights are random numbers. Will it find more hidden answers than chance, ten of 1,651?
#
# Answer: Yes, **far more than chance**. Texts that share trigrams stay near each other: an untrained tower is a blurred TF-IDF on
# trigrams.

# %% [markdown] tags=["question"]
# Which of the tower's four arrays holds nearly all parameters, and how many of them does one query touch?
#
# Answer: **$W_1$**, with a row of 128 numbers for every trigram. A query of seven trigrams adds up seven rows: $W_1$ is a table of
# trigram embeddings.

# %%
torch.manual_seed(0)
untrained = Tower(X_D.shape[1])
with torch.no_grad():
    theirs = untrained(X_D).numpy()
ours = tower_forward(X_D, *untrained.arrays())
print("torch and yours agree:", np.allclose(theirs, ours, atol=1e-5))
print("parameters:", f"{sum(p.numel() for p in untrained.parameters()):,}")

# %% [markdown]
# ## 4 · Relevance is an angle
#
# The **relevance** of a document for a query is the **cosine** between their vectors,
#
# $$R(Q, D) = \cos(y_Q, y_D) = \frac{y_Q^\top y_D}{\lVert y_Q\rVert\,\lVert y_D\rVert},$$
#
# a number from −1 to 1.

# %% [markdown] exercise="cosine_relevance" difficulty=1 minutes=8
# Return the relevance of every document for every query, (n_queries, n_documents).
#
# - `Y_Q`: (n_queries, d), `Y_D`: (n_documents, d), one vector a row; they may be whole numbers
# - where one of the two vectors is zero, the relevance is 0
#
# <details><summary>Hint</summary>
#
# Divide every row by its length, `np.linalg.norm(Y, axis=1, keepdims=True)`; where that is 0, by 1. Then one matrix product.
#
# </details>


# %% nbgrader={"grade_id": "cosine_relevance", "solution": true}
def cosine_relevance(Y_Q, Y_D):
    """Return the cosines (n_queries, n_documents) of the rows of Y_Q and Y_D; 0 for a zero row.

    >>> Y_Q = np.array([[3.0, 4.0], [0.0, 2.0]])
    >>> Y_D = np.array([[3.0, 4.0], [0.0, -5.0], [5.0, 0.0]])
    >>> cosine_relevance(Y_Q, Y_D).round(6)
    array([[ 1. , -0.8,  0.6],
           [ 0.8, -1. ,  0. ]])
    """
    ### BEGIN SOLUTION
    lengths_q = np.linalg.norm(Y_Q, axis=1, keepdims=True)
    lengths_d = np.linalg.norm(Y_D, axis=1, keepdims=True)
    unit_q = Y_Q / np.where(lengths_q == 0, 1, lengths_q)
    unit_d = Y_D / np.where(lengths_d == 0, 1, lengths_d)
    return unit_q @ unit_d.T
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_cosine_relevance", "grade": true}
lecture.check(cosine_relevance)

# %%
untrained_scores = cosine_relevance(tower_forward(X_test, *untrained.arrays()), ours)
found["tower, untrained"] = recalls(untrained_scores)
show({name: found[name] for name in ("TF-IDF, trigrams", "tower, untrained")})

# %% tags=["claims"]
assert found["tower, untrained"]["all"] > 5 * 10 / 1651, "far more than chance"
assert found["tower, untrained"]["all"] < found["TF-IDF, trigrams"]["all"], "a blurred TF-IDF"

# %% [markdown] tags=["question"]
# Two documents have the vectors $y$ and $3y$. Which is more relevant, for which queries? And with the dot product?
#
# Answer: **Equally relevant for all**: the angle is the same. With the dot product the longer one wins for every query in its half of
# space, and loses in the other half.

# %% [markdown]
# How should a vector move to raise the cosine? Let $q = y_Q/\lVert y_Q\rVert$ and $d = y_D/\lVert y_D\rVert$ be the two
# directions, and move $y_Q$ a little way $t$ along any $v$.
#
# **Your turn: one line is left open** (4 minutes). Run the two cells below to see the lines. Collect the second into $v$ times a vector,
# divided by a length: that vector over that length is the gradient. Write the whole line, with `v`, as an expression of `v`, `q`, `d`
# (of length 1), `R` and `length` ($\lVert y_Q\rVert$).

# %% nbgrader={"grade_id": "gradient_line", "solution": true}
gradient_line = "..."
### BEGIN SOLUTION
gradient_line = "v @ (d - R * q) / length"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    y_q, y_d, v = rng.normal(size=(3, 4))
    length = np.linalg.norm(y_q)
    q, d = y_q / length, y_d / np.linalg.norm(y_d)

    def along(t):
        y = y_q + t * v
        return y @ y_d / (np.linalg.norm(y) * np.linalg.norm(y_d))

    names = {"y_q": y_q, "y_d": y_d, "v": v, "length": length, "q": q, "d": d}
    return {**names, "R": q @ d, "along": along}


Derivation(
    "The gradient of the cosine",
    instance,
    Step(
        r"\frac{d}{dt}\cos(y_Q + tv,\ y_D)\Big|_{t=0}",
        "derivative(along, 0.0)",
        why="computed numerically, from the cosine itself",
    ),
    Step(
        r"= \frac{v^\top y_D}{\|y_Q\|\|y_D\|} - \frac{y_Q^\top y_D}{\|y_D\|}\cdot\frac{v^\top y_Q}{\|y_Q\|^3}",
        "v @ y_d / (length * np.linalg.norm(y_d))"
        " - (y_q @ y_d) / np.linalg.norm(y_d) * (v @ y_q) / length**3",
        tolerance=1e-6,
        why="product rule; the derivative of $\\|y\\|^{-1}$ is $-\\|y\\|^{-3}\\, v^\\top y$",
    ),
    Step(
        r"=\;?",
        gradient_line,
        yours=True,
        names=("v", "q", "d", "R", "length"),
        tolerance=1e-6,
        why="your line",
    ),
).check()

# %% [markdown] exercise="cosine_gradient" difficulty=2 minutes=12
# Return the two gradients of the cosine of one pair as a tuple, by `y_q` and by `y_d`, each as long as its vector. Where one of
# the two vectors is zero, both gradients are zeros.
#
# <details><summary>Hint</summary>
#
# The second gradient is the first with the two vectors exchanged.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     if a vector is zero: zeros, zeros
#     q, d ← the two vectors, each divided by its length
#     R ← their dot product
#     by y_q: d minus R times q, divided by the length of y_q
#     by y_d: q minus R times d, divided by the length of y_d
#
# </details>


# %% nbgrader={"grade_id": "cosine_gradient", "solution": true}
def cosine_gradient(y_q, y_d):
    """Return the gradients of cosine(y_q, y_d) by y_q and by y_d, each as long as its vector.

    >>> by_q, by_d = cosine_gradient(np.array([2.0, 0.0]), np.array([3.0, 4.0]))
    >>> by_q.round(6), by_d.round(6)
    (array([0. , 0.4]), array([ 0.128, -0.096]))
    """
    ### BEGIN SOLUTION
    length_q, length_d = np.linalg.norm(y_q), np.linalg.norm(y_d)
    if length_q == 0 or length_d == 0:
        return np.zeros(len(y_q)), np.zeros(len(y_d))
    q, d = y_q / length_q, y_d / length_d
    R = q @ d
    return (d - R * q) / length_q, (q - R * d) / length_d
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_cosine_gradient", "grade": true}
lecture.check(cosine_gradient)

# %%
y_q, y_d = (torch.tensor(row, requires_grad=True) for row in ours[[0, 1]].astype(np.float64))
torch.nn.functional.cosine_similarity(y_q, y_d, dim=0).backward()
by_q, by_d = cosine_gradient(y_q.detach().numpy(), y_d.detach().numpy())
print("as torch computes it:", np.allclose(by_q, y_q.grad) and np.allclose(by_d, y_d.grad))
print("at a right angle to its own vector:", np.isclose(by_q @ y_q.detach().numpy(), 0))

# %% [markdown] tags=["question"]
# A vector has become ten times as long as the others. By how much less does one step of plain gradient descent turn it?
#
# Answer: **A hundred times less.** The gradient is divided by the vector's length, so the step is ten times smaller, and the same
# step turns a long vector by a smaller angle, ten times less again. (Adam evens out the first factor.)

# %% [markdown]
# ## 5 · The posterior, and what γ is for
#
# A user typed $Q$ and clicked one document. With all documents as candidates, DSSM models the click by a **softmax** with a factor $\gamma$
# in the exponent:
#
# $$P(D \mid Q) = \frac{\exp(\gamma R(Q, D))}{\sum_{D'} \exp(\gamma R(Q, D'))}.$$

# %% [markdown] exercise="softmax_posterior" difficulty=2 minutes=8
# Return the posterior of every query, (n_queries, n_documents); every row sums to 1.
#
# - `R`: (n_queries, n_documents) relevances: cosines, or dot products of any size
# - `gamma`: at least 0, perhaps some thousands
#
# <details><summary>Hint</summary>
#
# A constant subtracted from all of a row's exponents cancels. Subtract the largest: then none is above 0.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     exponents ← gamma times R
#     from every row subtract its largest exponent
#     exp of all, and every row divided by its sum
#
# </details>


# %% nbgrader={"grade_id": "softmax_posterior", "solution": true}
def softmax_posterior(R, gamma):
    """Return P(D | Q), (n_queries, n_documents): exp(gamma R), each row divided by its sum.

    >>> softmax_posterior(np.array([[1.0, 0.0, -1.0]]), gamma=np.log(2)).round(4)
    array([[0.5714, 0.2857, 0.1429]])
    """
    ### BEGIN SOLUTION
    exponents = gamma * R
    E = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_softmax_posterior", "grade": true}
lecture.check(softmax_posterior)

# %% [markdown]
# In the picture one query meets two documents, in the untrained tower. Training has to turn the vectors until
# the right one gets most of the probability.

# %%
texts = ["laugh", "grinning face", "cloud with rain"]
W1, b1, W2, b2 = untrained.arrays()
hidden = np.tanh(hashing(texts) @ W1 + b1)
two_towers(
    texts,
    [letter_trigrams(text) for text in texts],
    [hidden, tower_forward(hashing(texts), W1, b1, W2, b2)],
    gamma=5,
)

# %% [markdown]
# The paper calls $\gamma$ a smoothing factor, set by trial. It is more. Cosines lie between −1 and 1,
# so the model is surest of one document among $n$ when this one has 1 and all others −1.
#
# **Your turn: one line is left open** (4 minutes). Solve $p = 1/(1 + (n-1)e^{-2\gamma})$ for $\gamma$: which $\gamma$ allows a posterior of $p$?
# Write it as an expression of `p` and `n`, with `np.log`.

# %% nbgrader={"grade_id": "gamma_line", "solution": true}
gamma_line = "..."
### BEGIN SOLUTION
gamma_line = "0.5 * np.log((n - 1) * p / (1 - p))"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    n, gamma = int(rng.integers(5, 2000)), rng.uniform(0.5, 4)
    R = np.full(n, -1.0)
    R[0] = 1.0
    return {"n": n, "gamma": gamma, "R": R, "p": np.exp(gamma) / np.exp(gamma * R).sum()}


Derivation(
    "The surest posterior that cosines allow",
    instance,
    Step(
        r"P_{\max} = \frac{e^{\gamma R_0}}{\sum_j e^{\gamma R_j}},\quad R = (1, -1, \dots, -1)",
        "np.exp(gamma * R[0]) / np.exp(gamma * R).sum()",
        why="one document straight ahead, all others straight behind",
    ),
    Step(
        r"= \frac{e^{\gamma}}{e^{\gamma} + (n-1)e^{-\gamma}}",
        "np.exp(gamma) / (np.exp(gamma) + (n - 1) * np.exp(-gamma))",
        why="all others have the same score",
    ),
    Step(
        r"= \frac{1}{1 + (n-1)e^{-2\gamma}}",
        "1 / (1 + (n - 1) * np.exp(-2 * gamma))",
        why="divide both by $e^\\gamma$",
    ),
    Step(r"\gamma", "gamma", starts=True, why="solved for $\\gamma$, with $p = P_{\\max}$"),
    Step(r"=\;?", gamma_line, yours=True, names=("p", "n"), why="your line"),
).check()

# %% [markdown] tags=["question"]
# $\gamma = 1$, and a perfect tower: what is the largest probability that the right one of 1,651 emoji can get? Guess first.
#
# Answer: $e^2/(e^2 + 1650)$, **less than half a per cent**. However long we train, the loss stays above 5.4: the right document is
# still pulled with nearly full force, and 1,650 others are pushed that are as far away as they can be (forces: section 6).

# %%
n = len(documents)
for gamma in (1, 3, 5, 10, 20):
    surest = np.where(np.arange(n) == 0, 1.0, -1.0)[None]
    P = softmax_posterior(surest, gamma)[0, 0]
    print(f"gamma {gamma:2}: at most P = {P:.4f}, loss at least {max(0, -np.log(P)):.4f}")

# %% tags=["claims"]
assert 0.004 < np.e**2 / (np.e**2 + 1650) < 0.005, "less than half a per cent"
assert -np.log(np.e**2 / (np.e**2 + 1650)) > 5.4, "the loss stays above 5.4"

# %% [markdown] tags=["question"]
# And if $\gamma$ is very large, say 1,000? What becomes of the posterior, and of its gradient?
#
# Answer: The posterior becomes **an arg max**: one document gets everything. Where the model is right the gradient is 0; where it is wrong
# only the best wrong document is pushed, with a factor of 1,000.

# %% [markdown]
# The curves are the posteriors of the best, the second, the fifth and the tenth emoji for a query, by the tower of the search box. At 1
# they lie on the axis; at 20 the best few share the probability; at 100 the fifth has less than a hundredth. We train with
# $\gamma = 5$. Of 3, 5 and 10 it was the best on keywords held out of the training part (not shown).

# %%
asked_for, gammas = ["lawyer", "breakfast", "scary"], np.geomspace(1, 100, 41).round(1)
places = {"best": 0, "second": 1, "fifth": 4, "tenth": 9}
R, _ = recorded_search(train).scores(asked_for)
best_first = -np.sort(-R, axis=1)
posteriors = np.array(
    [softmax_posterior(best_first, gamma)[:, list(places.values())] for gamma in gammas]
)
states = curve_states(gammas, posteriors.transpose(1, 2, 0).round(5), list(places), asked_for)
Curves(states, x="gamma", y="posterior P", slider="query", log_x=True)

# %% tags=["claims"]
assert posteriors[0].max() < 0.005, "At 1 they lie on the axis"
assert posteriors[-1][:, 2].max() < 0.01, "at 100 the fifth has less than a hundredth"

# %% [markdown]
# **A place to pause.** You have the model, from letters to probabilities. Now it learns.

# %% [markdown]
# ## 6 · Whom does a positive compete with?
#
# Training minimises the mean of $-\log P(D^+ \mid Q)$ over the $m$ clicked pairs (here: a keyword and an emoji that has it).
# Every pair needs every document's vector, and its gradient. With 1,651 documents that is possible, with 100 million it is not. Three ways, cheapest last:
#
# - **all documents**, as the formula says;
# - **sampled softmax**: the positive against some **negatives** $\mathcal D^-$ drawn for it;
# - **in-batch softmax**: the negatives are the other pairs' documents in the same batch, whose vectors are there anyway.
#
# All three are the same loss with another set of negatives:
#
# $$L = -\frac1m\sum_{(Q, D^+)} \log\frac{e^{\gamma R(Q, D^+)}}{e^{\gamma R(Q, D^+)} + \sum_{D \in \mathcal D^-} e^{\gamma R(Q, D)}}.$$

# %% [markdown] exercise="sampled_softmax_loss" difficulty=2 minutes=10
# Return the mean of $-\log P$ over the pairs of a batch, a float, where each positive competes with its own negatives only.
#
# - `positive`: (n,) relevance of each pair's document
# - `negatives`: (n, n_negatives) relevances of its negatives. One that is `-np.inf` takes no part (exp of it is 0); all of
#   a row may be. One that is drawn twice counts twice
# - `gamma`: above 0
#
# The relevances may be dot products, of another size in every row. exp may overflow, and $P$ itself be too small for a number: take
# the logarithm of the fraction on paper.
#
# <details><summary>Hint</summary>
#
# Put the positive as a first column before its negatives. With $s = \gamma R$, $-\log P = \log \sum_j e^{s_j} - s_0$.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     scores ← gamma times (the positive, then its negatives), a row per pair
#     top ← every row's largest score
#     log of the sum ← top + log of the sum of exp(scores - top)
#     the mean of (log of the sum - the positive's score)
#
# </details>


# %% nbgrader={"grade_id": "sampled_softmax_loss", "solution": true}
def sampled_softmax_loss(positive, negatives, gamma):
    """Return the mean over pairs of -log(e^(gamma R+) / (e^(gamma R+) + sum e^(gamma R-))).

    >>> positive, negatives = np.array([0.5, 1.0]), np.array([[0.5], [-np.inf]])
    >>> round(sampled_softmax_loss(positive, negatives, gamma=10.0), 6)
    0.346574
    """
    ### BEGIN SOLUTION
    scores = gamma * np.column_stack([positive, negatives])
    top = scores.max(axis=1)
    log_sum = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return float((log_sum - scores[:, 0]).mean())
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sampled_softmax_loss", "grade": true}
lecture.check(sampled_softmax_loss)

# %% [markdown]
# What does the loss do to one relevance $R_j$? The positive has $j = 0$:


# %% tags=["derivation"]
def instance(rng):
    R, gamma, j = rng.uniform(-1, 1, 5), rng.uniform(1, 10), 3
    P = np.exp(gamma * R) / np.exp(gamma * R).sum()

    def loss(x, place):
        moved = np.where(np.arange(5) == place, x, R)
        return np.log(np.exp(gamma * moved).sum()) - gamma * moved[0]

    names = {"R": R, "gamma": gamma, "j": j, "P": P}
    return {**names, "by_positive": lambda x: loss(x, 0), "by_negative": lambda x: loss(x, j)}


Derivation(
    "Every negative is pushed as hard as it is believed",
    instance,
    Step(
        r"\frac{\partial L}{\partial R_0}",
        "derivative(by_positive, R[0])",
        why="the positive's relevance, numerically",
    ),
    Step(
        r"= \gamma\,(P_0 - 1)",
        "gamma * (P[0] - 1)",
        tolerance=1e-6,
        why="negative: up it goes, until $P_0 = 1$",
    ),
    Step(
        r"\frac{\partial L}{\partial R_j}",
        "derivative(by_negative, R[j])",
        starts=True,
        why="a negative's relevance",
    ),
    Step(
        r"= \gamma\,P_j", "gamma * P[j]", tolerance=1e-6, why="down, the harder, the likelier it is"
    ),
).check()

# %% [markdown]
# So negatives are chosen with care: the smaller $P_j$, the less one teaches. Of documents drawn at random most have a $P_j$ below
# the average; the few that look like the answer have several times as much. Three **samplers** are in use:
#
# 1. **uniform**: any document that is no known answer;
# 2. **by popularity**: in proportion to how often it was an answer;
# 3. **hardest**: those that the model of the previous epoch gives the highest scores.

# %% [markdown] exercise="sample_negatives" difficulty=3 minutes=15
# Return the negatives of every query, (n_queries, n_negatives) document indices. None is a known answer. No argument may change.
#
# - `kind`: `"uniform"`, `"popularity"` or `"hardest"`
# - `known`: (n_queries, n_documents) booleans, True where the document answers the query
# - `popularity`: (n_documents,) how often each document was an answer, or its share of all answers
# - `scores`: (n_queries, n_documents) of the model after the last epoch; may be `None` unless the kind is `"hardest"`
# - `seed`: make one generator `rng = np.random.default_rng(seed)`. For each query in turn, draw once:
#   `rng.choice(n_documents, size=n_negatives, p=weights / weights.sum())`. So a document may come twice
# - weights: 0 for known answers; for others 1 with `"uniform"`, the popularity with `"popularity"`
# - `"hardest"` draws nothing: it takes the documents with the highest scores, the highest first, of equal scores
#   the lower index first. There are always enough of them
#
# <details><summary>Hint</summary>
#
# `np.argsort(..., kind="stable")` of the *negative* scores leaves equal ones in the order of their indices.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     if kind is hardest:
#         scores ← minus infinity where known (in a copy)
#         the first n_negatives of every row, sorted from high to low, ties by index
#     weights ← 1 for all, or the popularity
#     rng ← one generator
#     for each query:
#         w ← the weights, 0 where known
#         draw n_negatives documents with probabilities w / sum of w
#
# </details>


# %% nbgrader={"grade_id": "sample_negatives", "solution": true}
def sample_negatives(kind, known, popularity, scores, n_negatives, seed):
    """Return document indices (n_queries, n_negatives), none of them known to answer the query.

    kind "uniform", "popularity" or "hardest"; known (n_queries, n_documents) booleans, popularity
    (n_documents,), scores (n_queries, n_documents), or None unless kind is "hardest". Does not
    change its arguments.

    >>> known = np.array([[True, False, False, False], [False, False, True, False]])
    >>> scores = np.array([[0.9, 0.2, 0.8, -0.1], [0.3, 0.3, 0.7, 0.5]])
    >>> sample_negatives("hardest", known, np.array([5, 1, 3, 2]), scores, 2, seed=0)
    array([[2, 1],
           [3, 0]])
    """
    ### BEGIN SOLUTION
    if kind == "hardest":
        left = np.where(known, -np.inf, scores)
        return np.argsort(-left, axis=1, kind="stable")[:, :n_negatives]
    n_documents = known.shape[1]
    weights = np.where(known, 0.0, popularity if kind == "popularity" else 1.0)
    draw = np.random.default_rng(seed).choice  # one generator for all queries
    return np.array([draw(n_documents, size=n_negatives, p=w / w.sum()) for w in weights])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample_negatives", "grade": true}
lecture.check(sample_negatives)

# %% [markdown] tags=["question"]
# Which of the three samplers will give the best search, with 50 negatives and the same number of epochs? Write your order down.
#
# Answer: **Uniform and by popularity lie close together, and the hardest are clearly the worst**, although each of them is pushed
# hardest. The cells below say why.

# %% [markdown]
# The training loop, given: read the middle, where `R` holds the relevances of a batch and each loss picks its negatives from it.
# For sampled negatives, too, it computes all documents' vectors, which is simple but saves no time.


# %% tags=["given"]
def train_towers(
    emoji,
    loss,
    sampler=None,
    gamma=5.0,
    rate=0.006,
    epochs=10,
    seed=0,
    n_negatives=50,
    holes=False,
    shared=True,
):
    """Yield (mean loss, the queries' tower, the documents' tower) after every epoch.

    Args:
        emoji: has documents() and queries(), as `Emoji` has.
        loss: what a positive competes with: "all documents", "in-batch" or "sampled".
        sampler: with "sampled", a kind of `sample_negatives`; "hardest" begins uniformly.
        gamma: of the posterior.
        rate: the step of Adam.
        epochs: how often all pairs are seen.
        seed: of the start, the order of the pairs and the sampling.
        n_negatives: sampled per pair.
        holes: whether a pair's query is taken out of the text of its document.
        shared: whether one tower serves both.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    documents, queries = emoji.documents(), emoji.queries()
    hashing = WordHashing(documents)
    C_Q, C_D = hashing.counts(queries.texts), hashing.counts(documents)
    X_Q, X_D = hashing.weighted(C_Q), hashing.weighted(C_D)
    known = queries.relevant.astype(bool).toarray()
    asked, answers = known.nonzero()  # the pairs
    popularity = known.sum(axis=0)
    if holes:
        X_holes = hashing.weighted(C_D[answers] - C_Q[asked])
    tower_q = Tower(X_D.shape[1])
    tower_d = tower_q if shared else Tower(X_D.shape[1])
    parameters = {*tower_q.parameters(), *tower_d.parameters()}
    optimizer = torch.optim.Adam(parameters, lr=rate, fused=True)
    unit = lambda Y: torch.nn.functional.normalize(Y, dim=1)  # noqa: E731
    scores, every = None, np.arange(len(documents))
    for _ in range(epochs):
        total, order = 0.0, rng.permutation(len(asked))
        if loss == "sampled":
            kind = "uniform" if sampler == "hardest" and scores is None else sampler
            draw = int(rng.integers(2**31))
            chosen = sample_negatives(kind, known, popularity, scores, n_negatives, draw)
        for batch in np.split(order, np.arange(256, len(order), 256)):
            q, d = asked[batch], answers[batch]
            columns, own = np.unique(d, return_inverse=True) if loss == "in-batch" else (every, d)
            y = unit(tower_q(X_Q[q]))
            R = y @ unit(tower_d(X_D[columns])).T
            if holes:
                positive = (y * unit(tower_d(X_holes[batch]))).sum(dim=1)
            else:
                positive = R[torch.arange(len(q)), torch.from_numpy(own)]
            if loss == "sampled":
                negatives = R.gather(1, torch.from_numpy(chosen[q]))
            else:
                negatives = R.masked_fill(torch.from_numpy(known[q][:, columns]), -torch.inf)
            S = gamma * torch.column_stack([positive, negatives])
            value = torch.nn.functional.cross_entropy(S, torch.zeros(len(q), dtype=torch.long))
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * len(q)
        if sampler == "hardest":
            with torch.no_grad():
                scores = (unit(tower_q(X_Q)) @ unit(tower_d(X_D)).T).numpy()
        yield total / len(asked), tower_q, tower_d


# %% [markdown]
# The samplers get three epochs, enough to compare them with each other; in-batch and all documents get ten. Each of the next
# three cells takes some seconds, half a minute on a slow machine.


# %%
def search_scores(towers, queries):
    """Return the relevance of all documents for texts, by your functions."""
    Y_Q, Y_D = (
        tower_forward(X, *one.arrays())
        for X, one in zip((hashing(queries), X_D), towers, strict=True)
    )
    return cosine_relevance(Y_Q, Y_D)


def trained(**settings):
    *_, (loss, *towers) = train_towers(train, **settings)
    print(f"trained: {settings}, mean loss {loss:.2f}", flush=True)
    return loss, towers, search_scores(towers, test.texts)


models = {}
for sampler in ("uniform", "popularity"):
    models[sampler] = trained(loss="sampled", sampler=sampler, epochs=3)
    found[f"50 negatives, {sampler}"] = recalls(models[sampler][2])

# %%
models["hardest"] = trained(loss="sampled", sampler="hardest", epochs=3)
found["50 negatives, hardest"] = recalls(models["hardest"][2])
models["in-batch"] = trained(loss="in-batch", epochs=10)
found["in-batch"] = recalls(models["in-batch"][2])

# %%
models["all"] = trained(loss="all documents", epochs=10)
found["all documents"] = recalls(models["all"][2])
show(found)
no_answer = (test.known + test.relevant).toarray() == 0
times = softmax_posterior(models["all"][2], gamma=5.0)[no_answer] * len(documents)
middle, top = np.percentile(times, [50, 99])
print(
    f"P of emoji that are no answers, in averages: median {middle:.1f}, 99th percentile {top:.1f}"
)

# %% tags=["claims"]
assert 0.47 < found["all documents"]["all"] < 0.5, "about 48 of 100 hidden answers"
assert found["all documents"]["all"] > 2.4 * found["BM25, trigrams"]["all"], (
    "more than twice what letters find"
)
assert found["all documents"]["all"] > found["LSA, words"]["all"] + 0.02, "ahead of LSA"
assert middle < 0.8, "most have a $P_j$ below the average"
assert top > 4, "several times as much"
assert 0.37 < found["all documents"]["shares < 1/3"] < 0.44, "about 40 of 100 against one"
assert found["BM25, trigrams"]["shares < 1/3"] < 0.01, "about 40 of 100 against one"
assert found["all documents"]["word unseen"] < found["BM25, trigrams"]["word unseen"] - 0.03, (
    "on unseen words spelling wins"
)
assert (
    abs(found["50 negatives, uniform"]["all"] - found["50 negatives, popularity"]["all"]) < 0.03
), "Uniform and by popularity lie close together"
assert found["50 negatives, popularity"]["all"] > found["50 negatives, hardest"]["all"] + 0.03, (
    "the hardest are clearly the worst"
)
assert abs(found["in-batch"]["all"] - found["all documents"]["all"]) < 0.04, "finds nearly as many"

# %% [markdown]
# The tower with all documents finds about 48 of 100 hidden answers: more than twice what letters find, and ahead of LSA. Where few letters
# are shared it is about 40 of 100 against one. But on unseen words spelling wins. In-batch softmax needs the vectors of at most 256
# documents a step, not 1,651, and finds nearly as many. Over three splits and starts, with equal epochs but for one row:

# %%
ladder = lecture.recorded("search")
ladder

# %% tags=["claims"]
assert ladder.number("recall@10", "DSSM, in-batch") > (
    ladder.number("recall@10", "LSA, words") + 0.02
), "In-batch and all documents are ahead of LSA"
assert round(ladder.number("recall@10", "DSSM, all documents"), 2) == 0.48, "Ten epochs reach .48"
assert round(ladder.number("recall@10", "DSSM, all, longer"), 2) == 0.49, "twenty .49"
assert (
    0.007
    < ladder.number("recall@10", "DSSM, 50 uniform")
    - ladder.number("recall@10", "DSSM, 50 by popularity")
    < 0.015
), "about a hundredth ahead of those by popularity"
assert ladder.number("recall@10", "DSSM, 50 hardest") < (
    ladder.number("recall@10", "DSSM, 50 by popularity") - 0.05
), "the hardest stay far behind both"
assert ladder.number("word unseen (21%)", "BM25, trigrams") > max(
    ladder.number("word unseen (21%)", name)
    for name in ("DSSM, in-batch", "DSSM, all, longer", "DSSM, 50 hardest")
), "on unseen words spelling wins"

# %% [markdown]
# In-batch and all documents are ahead of LSA, by many standard errors, yet only by a few hundredths. Ten epochs reach .48, twenty
# .49. Uniform negatives are about a hundredth ahead of those by popularity; the hardest stay far behind both.
#
# ### What a sampler draws
#
# Keyword lists are never complete, and of what we hid we *know* which "non-answers" are right. How many of a training pair's
# negatives are such hidden answers? (The hardest by the model with uniform negatives.)


# %%
queries = train.queries()
known, popularity = queries.relevant.toarray() > 0, queries.relevant.sum(axis=0)
place = {text: row for row, text in enumerate(queries.texts)}
missing = np.zeros_like(known)  # a query's hidden answers; none if the test does not ask it
for text, answers in zip(test.texts, test.relevant.toarray() > 0, strict=True):
    if text in place:
        missing[place[text]] = answers
thinks = search_scores(models["uniform"][1], queries.texts)
n_pairs, shares = known.sum(axis=1), []
for kind, n_negatives in [
    ("uniform", 500),
    ("popularity", 500),
    *(("hardest", n) for n in (50, 10, 1)),
]:
    chosen = sample_negatives(kind, known, popularity, thinks, n_negatives, seed=0)
    of_query = np.take_along_axis(missing, chosen, axis=1).mean(axis=1)
    shares.append(np.average(of_query, weights=n_pairs))
    print(f"{kind:10} {n_negatives:3} negatives: {shares[-1]:6.2%} are hidden answers")
row = [place["happy"]]
top = sample_negatives("hardest", known[row], popularity, thinks[row], 6, seed=0)[0]
print("the hardest for 'happy':", *(f"{emoji.characters[d]} {emoji.names[d]};" for d in top))

# %% tags=["claims"]
assert 0.22 < shares[-1] < 0.28, "A quarter of the hardest single negatives"
assert 80 < shares[-1] / shares[0] < 100, "some ninety times as many"
assert shares[-1] > shares[-2] > shares[-3] > 10 * shares[0], "the harder, the more"

# %% [markdown]
# A quarter of the hardest single negatives are right answers, some ninety times as many as among uniform ones; the harder, the
# more. What nobody ever wrote down is not even counted. The model is *right* about them, and "hardest of the previous epoch"
# teaches it to push down what it should find. Over three splits, with longer training:

# %%
lecture.recorded("missing")

# %% [markdown]
# ### Should the query be taken out of its document?
#
# In the test, the query's word is *missing* from its document; in training it stands there, which looks like cheating. So
# take the query's trigrams out of the positive document while training, and leave the negatives whole.

# %% [markdown] tags=["question"]
# What does a document with a word taken out have that no negative has? Who learns it more easily, one shared tower or two?
#
# Answer: **A hole**, whatever the query is. A separate tower for documents can learn "with a hole" as a direction, and that of
# queries can always point there. A shared tower treats queries in the same way, and cannot.

# %%
with_holes = {}


def train_with_holes(name, shared):
    """Train with holes, in-batch; print and keep loss and recall@10 of two late epochs."""
    settings = {"loss": "in-batch", "holes": True, "shared": shared, "epochs": 10}
    for epoch, (mean_loss, *towers) in enumerate(train_towers(train, **settings), start=1):
        if epoch in (6, 10):
            recall = recalls(search_scores(towers, test.texts))["all"]
            with_holes[name, epoch] = mean_loss, recall
            print(f"{name}, epoch {epoch}: loss {mean_loss:.2f}, recall@10 {recall:.3f}")


train_with_holes("one tower", shared=True)
train_with_holes("two towers", shared=False)
print(f"one tower, whole documents, epoch 10: recall@10 {found['in-batch']['all']:.3f}")

# %% tags=["claims"]
assert with_holes["two towers", 6][1] > with_holes["two towers", 10][1] + 0.005, (
    "the search gets worse"
)
assert with_holes["two towers", 10][0] < with_holes["two towers", 6][0] - 0.05, (
    "the loss keeps falling"
)
assert with_holes["two towers", 10][0] < with_holes["one tower", 10][0] - 0.1, (
    "to below that of one tower"
)
assert with_holes["one tower", 10][1] > with_holes["two towers", 10][1] + 0.02, (
    "One shared tower does better"
)
assert with_holes["one tower", 10][1] < found["in-batch"]["all"] + 0.005, (
    "nothing over whole documents after as many epochs"
)

# %% [markdown]
# With two towers the loss keeps falling from the sixth epoch to the tenth, to below that of one tower, while the search gets worse: they
# have learnt to tell documents with a hole from whole ones, and in the test all documents are whole. One shared tower does better, and gains
# nothing over whole documents after as many epochs. Whatever is true of all positives and of no negative, a model will find, and it need not be what you meant.
#
# ### Try it

# %%
tried = {}
for word in ("lawyer", "breakfast", "romance", "wealthy", "okapi"):
    thinks = search_scores(models["all"][1], [word])[0]
    best = np.argsort(-thinks, kind="stable")[:5]
    tried[word] = [emoji.names[d] for d in best]
    print(f"{word:10}", *(f"{emoji.characters[d]} {emoji.names[d]};" for d in best))

# %% tags=["claims"]
assert not any({"lawyer", "okapi"} & set(text.split()) for text in documents), "which no emoji has"
assert {"copyright", "police officer"} <= {*tried["lawyer"]}, "finds copyright and police officers"
assert tried["wealthy"][0] == "face with monocle", "a face with a monocle"
assert not any("health" in name or "medical" in name for name in tried["wealthy"]), (
    "the health workers are gone"
)
assert tried["okapi"][0] == "ok button", "*okapi* finds the OK button"

# %% [markdown]
# *lawyer*, which no emoji has, finds copyright and police officers: *law* and its company. The two
# judges of section 2 are gone from the first five: a gain over all queries can be a loss on some. *wealthy* finds the one emoji that has the
# word, a face with a monocle; the health workers are gone, and nothing else in its list is about wealth. *okapi* finds the OK button.

# %% [markdown]
# ## 7 · From search to recommendation
#
# Put a user in the place of the query and a film in that of the document: the **two-tower model** of recommendation.
#
# Data and split are those of lecture 03: films with at least 50 ratings, a fifth of every user's hidden, NDCG@10 among all
# films. MovieLens-small says nothing about its users, so the only **features** are a constant 1 and, from the clock, in which of
# five periods the user's last known rating fell.

# %%
ratings = load_movielens_small().with_popular_films(min_ratings=50)
titles = np.array(ratings.films.titles)
films_train, films_test = split_at_random(ratings, test_fraction=0.2, seed=3)
A = films_train.interactions().toarray()
hidden = films_test.interactions()

# %% [markdown]
# The user's vector is the mean of the embeddings $e_i$ of the films in the history $H_u$, plus the features $x_u$ times a matrix $F$:
#
# $$y_u = F^\top x_u + \frac{1}{|H_u|}\sum_{i \in H_u} e_i .$$
#
# A training pair is a user and a film that *they watched*: the film to be predicted stands in the history, and has to be taken out.

# %% [markdown] tags=["question"]
# If the target stays in the mean, how can the towers most easily make the training loss small, and what use is it later?
#
# Answer: Let every film's embedding **point to the film itself**. Later the film to be found is not in the
# history: the trick helps with nothing.

# %% [markdown] exercise="user_tower" difficulty=3 minutes=15
# Return the users' vectors, (n, d): $y_u = F^\top x_u + \frac{1}{|H|}\sum_{i \in H} e_i$, where $H$ is $H_u$ without the
# target.
#
# - `watched`: (n, n_items) of 0 and 1, one row a user; do not change it
# - `targets`: (n,) the film to be predicted in each row, or −1 if there is none (when we recommend). A target may also be
#   a film that is not among the watched: then nothing is to be taken out
# - `features`: (n, n_features), `E`: (n_items, d) an embedding per film, `F`: (n_features, d)
# - if nothing is left of the history, its mean is 0
#
# <details><summary>Hint</summary>
#
# Take the targets out of a copy of `watched`; then sum and count both come from the copy.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     rest ← a copy of watched
#     rows ← those with a target >= 0
#     rest at (row, its target) ← 0, for these rows
#     n ← how many films are left in every row, at least 1
#     rest times E, divided by n, plus features times F
#
# </details>


# %% nbgrader={"grade_id": "user_tower", "solution": true}
def user_tower(watched, targets, features, E, F):
    """Return users' vectors (n, d): features @ F plus the mean embedding of their other films.

    watched (n, n_items) of 0 and 1, targets (n,) a film or -1, features (n, n_features), E
    (n_items, d), F (n_features, d). Does not change its arguments.

    >>> watched, targets = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]), np.array([0, -1])
    >>> E, F = np.array([[2.0, 0.0], [4.0, 6.0], [8.0, 9.0]]), np.array([[10.0, 20.0]])
    >>> user_tower(watched, targets, np.array([[0.0], [1.0]]), E, F)
    array([[ 4.,  6.],
           [13., 23.]])
    """
    ### BEGIN SOLUTION
    rest = watched.copy()
    rows = np.flatnonzero(targets >= 0)
    rest[rows, targets[rows]] = 0
    n = np.maximum(rest.sum(axis=1, keepdims=True), 1)
    return features @ F + rest @ E / n
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_user_tower", "grade": true}
lecture.check(user_tower)

# %% [markdown] tags=["question"]
# A new user comes who has watched nothing. What do SLIM, EASE and the two towers recommend?
#
# Answer: SLIM and EASE score **every film 0**. The towers have the features left, and recommend what was popular in that period.

# %% [markdown]
# The training loop, given: a softmax over all films with the dot product, which has no bounds, so that $\gamma = 1$ is enough and popular films
# may have long vectors. Other films of the same user are masked, as known answers were. In one tenth of the pairs the history is left out, so that the features learn to
# speak alone.


# %% tags=["given"]
def periods(ratings):
    """Return features (n_users, 6): a 1, and which of five periods holds the user's last rating."""
    start, end = ratings.timestamps.min(), ratings.timestamps.max() + 1
    last = np.full(ratings.n_users, start)
    np.maximum.at(last, ratings.users, ratings.timestamps)
    return np.hstack([np.ones((len(last), 1)), np.eye(5)[(last - start) * 5 // (end - start)]])


def train_two_towers(ratings, features, texts=None, epochs=10, seed=0):
    """Yield the arrays (E, F, Y) after every epoch: user tower E, F and items' vectors Y.

    Args:
        ratings: the training pairs.
        features: (n_users, n_features).
        texts: n_items strings; if given, an item's vector is a `Tower` of its text, otherwise an
            embedding of its own. Items without ratings take no part in training.
        epochs: how often all pairs are seen.
        seed: of the start, the order of the pairs and the histories left out.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    A = torch.from_numpy(ratings.interactions().toarray()).float()
    watched, n_films = A > 0, A.sum(dim=1, keepdim=True)
    features = torch.from_numpy(features).float()
    E, F, Y = (
        torch.nn.Parameter(0.1 * torch.randn(n, 32))
        for n in (ratings.n_items, features.shape[1], ratings.n_items)
    )
    if texts is None:
        parameters, items = [E, F, Y], lambda: Y
    else:
        X = WordHashing(texts)(texts)
        tower = Tower(X.shape[1], n_hidden=64, d=32)
        parameters, items = [E, F, *tower.parameters()], lambda: tower(X)
    optimizer = torch.optim.Adam(parameters, lr=0.01, fused=True)
    never = ~watched.any(dim=0)
    for _ in range(epochs):
        order = rng.permutation(len(ratings))
        for batch in np.split(order, np.arange(512, len(order), 512)):
            u, i = (torch.from_numpy(which[batch]) for which in (ratings.users, ratings.items))
            total, n = (A @ E)[u] - E[i], n_films[u] - 1  # without the target
            kept = torch.from_numpy(rng.random((len(batch), 1)) >= 0.1)
            y = kept * total / n.clamp_min(1) + features[u] @ F
            left_out = watched[u] | never
            left_out[torch.arange(len(batch)), i] = False
            S = (y @ items().T).masked_fill(left_out, -torch.inf)
            loss = torch.nn.functional.cross_entropy(S, i)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        yield tuple(array.detach().numpy().astype(np.float64) for array in (E, F, items()))


# %%
# when we recommend, there is no target: -1 for everybody
features, nobody = periods(films_train), np.full(len(A), -1)


def ndcg(scores):
    """Return each user's NDCG@10, (n_users,), NaN if no film was hidden."""
    return ndcg_at_k(top_k(scores, films_train.interactions(), k=10), hidden)


*_, (E, F, Y) = train_two_towers(films_train, features)
print("trained with features", flush=True)
y_users = user_tower(A, nobody, features, E, F)
y_features = user_tower(np.zeros_like(A), nobody, features, E, F)
*_, (E_plain, F_plain, Y_plain) = train_two_towers(films_train, np.zeros_like(features))
y_plain = user_tower(A, nobody, np.zeros_like(features), E_plain, F_plain)
user_factors, item_factors = zero_filled_svd(films_train.interactions(), 12)
results = {
    "popularity": ndcg(np.tile(A.sum(axis=0), (len(A), 1))),
    "features alone": ndcg(y_features @ Y.T),
    "item-kNN": ndcg(A @ item_knn(A, 100)),
    "SVD": ndcg(user_factors @ item_factors.T),
    "two towers": ndcg(y_users @ Y.T),
    "without features": ndcg(y_plain @ Y_plain.T),
    "EASE": ndcg(A @ ease(A, 300)),
}
for name, per_user in results.items():
    mean, error = mean_and_standard_error(per_user)
    print(f"{name:16} NDCG@10 {mean:.3f} ± {error:.3f}")
print("user by user:")
gains = {}
for one, other in [
    ("two towers", "SVD"),
    ("two towers", "EASE"),
    ("features alone", "popularity"),
    ("without features", "two towers"),
    ("without features", "EASE"),
]:
    gains[one, other] = mean_and_standard_error(results[one] - results[other])
    print("{:16} over {:10} {:+.3f} ± {:.3f}".format(one, other, *gains[one, other]))

# %% [markdown]
# Here, too, the hidden films are missing answers that we know. How many are among a user's hardest negatives?

# %%
is_hidden = hidden.toarray() > 0
thinks = y_users @ Y.T
film_shares = []
for kind, n_negatives in [("uniform", 50), *(("hardest", n) for n in (50, 10, 1))]:
    chosen = sample_negatives(kind, A > 0, A.sum(axis=0), thinks, n_negatives, seed=0)
    film_shares.append(np.take_along_axis(is_hidden, chosen, axis=1).mean())
    print(f"{kind:8} {n_negatives:3} negatives: {film_shares[-1]:.0%} are hidden films")

# %% tags=["claims"]
assert gains["two towers", "SVD"][0] > 2 * gains["two towers", "SVD"][1], "ahead of the SVD"
assert 0.005 < -gains["two towers", "EASE"][0] < 2 * gains["two towers", "EASE"][1], (
    "a little behind EASE, by less than two standard errors"
)
assert 0.01 < gains["features alone", "popularity"][0] < 0.03, "a little more than popularity"
assert (
    gains["without features", "two towers"][0] > 2 * gains["without features", "two towers"][1]
), "Beside a history they do harm here"
assert 0.007 < gains["without features", "two towers"][0] < 0.015, "gain about a hundredth"
assert abs(gains["without features", "EASE"][0]) < 0.005, "level with EASE"
assert film_shares[-1] > 0.4, "more than four in ten of the hardest"
assert film_shares[0] < 0.05, "against four in a hundred"
assert round(np.nanmean(results["two towers"]), 3) == lecture.results("hidden films").value(
    "two towers"
), "All models of the course that have done this task so far"

# %% [markdown]
# With features, the towers are ahead of the SVD and a little behind EASE, by less than two standard errors.
# Features alone are a little more than popularity, as they know the period. Beside a history they do harm here: trained without
# them, the towers gain about a hundredth, and are level with EASE. (One random start. Epochs were chosen on a fifth of the training films.)
#
# The hardest negatives are a trap here as well: more than four in ten of the hardest single films were watched, against
# four in a hundred of uniform ones. "Hardest" means "what we are about to recommend".
#
# All models of the course that have done this task so far:

# %%
lecture.results("hidden films")

# %% [markdown]
# The mean forgets the order of the films. A **sequence encoder**, such as self-attention (lecture 09) or
# BERT4Rec (lecture 10), can take its place.
#
# ### Retrieval: the item vectors once, then dot products
#
# The towers meet only in a dot product, so all items' vectors are computed *once* and stored. A request costs one run of the user
# tower and one dot product an item.

# %% [markdown] exercise="retrieve" difficulty=2 minutes=8
# Return the indices of the $k$ best items for one user, best first, (at most k,).
#
# - `y`: (d,) the user's vector, `Y`: (n_items, d) the items' vectors; an item's score is the dot product
# - `seen`: (m,) indices of items to leave out, in any order, perhaps none, perhaps one twice
# - of equal scores the lower index comes first; where fewer than k are unseen, the result is shorter, and where nothing is left, an
#   empty array of whole numbers
#
# <details><summary>Hint</summary>
#
# `np.argsort(-scores, kind="stable")`, after the seen items got the score `-np.inf`.
#
# </details>
#
# <details><summary>Pseudocode</summary>
#
#     scores ← Y times y
#     scores of seen items ← minus infinity
#     order ← indices from the highest score to the lowest, ties by index
#     drop the seen ones at its end, and keep the first k
#
# </details>


# %% nbgrader={"grade_id": "retrieve", "solution": true}
def retrieve(y, Y, seen, k):
    """Return the indices of the k unseen items with the highest scores Y @ y, best first.

    >>> Y = np.array([[3.0, 0.0], [0.0, 2.0], [2.0, 2.0], [-1.0, 0.0]])
    >>> retrieve(np.array([1.0, 2.0]), Y, seen=np.array([2]), k=2)
    array([1, 0])
    """
    ### BEGIN SOLUTION
    scores = Y @ y
    scores[seen] = -np.inf
    order = np.argsort(-scores, kind="stable")
    return order[: np.isfinite(scores).sum()][:k]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_retrieve", "grade": true}
lecture.check(retrieve)

# %%
nonzeros, (n_documents, n_hidden, d) = X_D.nnz, (len(documents), 128, 64)
stored = n_documents * d
towers_run = nonzeros * n_hidden + n_documents * n_hidden * d + stored
print(f"emoji, one query: {stored:,} multiplications with stored vectors,")
print(
    f"{towers_run:,} if the documents' tower ran each time: {towers_run / stored:.0f} times as many"
)
user = 18
items = retrieve(y_users[user], Y, np.flatnonzero(A[user]), 5)
print(f"user {user}:", "; ".join(titles[items]))
the_kits = top_k(y_users @ Y.T, films_train.interactions(), k=5)[user]
print("the same as the kit's top_k:", np.array_equal(items, the_kits))

# %% tags=["claims"]
assert towers_run > 200 * stored, "200 times less"

# %% [markdown]
# With stored vectors a query costs 200 times less. Of millions of items, an index of **approximate nearest neighbours** looks at a
# small part (Faiss, HNSW). A network that reads user and item *together* allows neither: so the towers do the **retrieval** of
# some hundred candidates, and a heavier model puts them in order.

# %% [markdown]
# ### A film without ratings
#
# A film nobody has rated has no embedding of its own. But its title, genres and year are a text, "toy story adventure animation 1990s", and
# the tower of section 3 can read it. We hide one film in ten with *all* its ratings and train on the others. For every user, how often does a hidden
# film that they watched score higher than one they did not? Chance is .5.

# %%
texts = [
    clean_text(f"{title} {' '.join(genres)} {year // 10 * 10}s")
    for title, genres, year in zip(titles, ratings.films.genres, ratings.films.years, strict=True)
]
is_cold = np.random.default_rng(1).random(len(titles)) < 0.1
warm = replace(
    films_train,
    **{
        name: getattr(films_train, name)[~is_cold[films_train.items]]
        for name in ("users", "items", "values", "timestamps")
    },
)
*_, (E_text, F_text, Y_text) = train_two_towers(warm, features, texts=texts, epochs=4)
known_films = A * ~is_cold
asked_users = user_tower(known_films, nobody, features, E_text, F_text)


def share_in_order(scores, watched):
    """Return how often a watched film scores above an unwatched one, the mean over users."""
    shares = []
    for own, row in zip(watched > 0, scores, strict=True):
        if own.any() and not own.all():
            shares.append((row[own][:, None] > row[~own]).mean())
    return float(np.mean(shares))


in_order = share_in_order((asked_users @ Y_text.T)[:, is_cold], A[:, is_cold])
print(f"{is_cold.sum()} films without ratings: in the right order for {in_order:.3f} of the pairs")
alike, near = cosine_relevance(Y_text[is_cold], Y_text[~is_cold]), {}
for film in (3, 9, 21, 30):
    best = np.argsort(-alike[film], kind="stable")[:4]
    near[titles[is_cold][film]] = list(titles[~is_cold][best])
    print(f"{titles[is_cold][film]}:  ", "; ".join(titles[~is_cold][best]))

# %% tags=["claims"]
assert 0.57 < in_order < 0.65, "For six pairs in ten the order is right"
assert {"Grease", "Singin' in the Rain", "Lady and the Tramp"} <= {*near["My Fair Lady"]}, (
    "are two other musicals, and *Lady and the Tramp*, which shares a word"
)

# %% [markdown]
# For six pairs in ten the order is right: better than chance, and far from good. Among the neighbours of *My Fair Lady* are two
# other musicals, and *Lady and the Tramp*, which shares a word. This is a **cold start**; with ratings a
# film can have an embedding of its own.

# %% [markdown]
# ### Your list
#
# The towers know you by the films you rated in lecture 01 (or the example person), and by the last period.

# %%
me = Me(ratings)
mine = np.zeros((1, len(titles)))
mine[0, me.items] = 1.0
y_me = user_tower(mine, np.array([-1]), np.array([[1.0, 0, 0, 0, 0, 1.0]]), E, F)[0]
YourList(lecture, Y @ y_me, me)

# %% [markdown]
# ## 8 · What towers know, and what they do not
#
# ### A counter-example: a dictionary in reverse
#
# Type a definition, find the word: of WordNet's 7,509 animals the words are the documents, the definitions the queries. A thousand are hidden, and
# their words have no other definition.

# %%
animals = load_animals()
lemmas = [clean_text(" ".join(names)) for names in animals.lemmas]
definitions = np.array([clean_text(text) for text in animals.definitions])
order = np.random.default_rng(0).permutation(len(lemmas))


def dictionary(synsets):
    """Return the definitions of some synsets as queries for all words."""
    texts, rows = np.unique(definitions[synsets], return_inverse=True)
    shape = len(texts), len(lemmas)
    answers = csr_array((np.ones(len(rows)), (rows, synsets)), shape=shape)
    return Queries(tuple(texts), relevant=answers, known=csr_array(shape))


asked_animals = dictionary(order[:1000])
pairs = SimpleNamespace(documents=lambda: lemmas, queries=lambda: dictionary(order[1000:]))
*_, (_, tower, _) = train_towers(pairs, loss="in-batch", epochs=4)
hash_words = WordHashing(lemmas)
vectors = [tower_forward(hash_words(t), *tower.arrays()) for t in (asked_animals.texts, lemmas)]
overlap = shared_trigrams(lemmas, asked_animals.texts).T[asked_animals.relevant.nonzero()]
reverse, hits = {}, []
for name, table in {
    "TF-IDF, trigrams": tfidf(asked_animals.texts, lemmas, "trigrams"),
    "tower, in-batch": cosine_relevance(*vectors),
}.items():
    hit = answer_recall_at_k(table, asked_animals, k=10)
    hits.append(hit)
    reverse[name] = hit.mean(), hit[overlap < 0.2].mean()
    print("{:17} recall@10 {:.3f}, few letters shared {:.3f}".format(name, *reverse[name]))
behind, error = mean_and_standard_error(hits[0] - hits[1])
print(f"the tower is behind by {behind:.3f} ± {error:.3f}, answer by answer")

# %% tags=["claims"]
assert 0 < behind < 2 * error, "a little behind counting trigrams"
assert reverse["tower, in-batch"][1] > 5 * reverse["TF-IDF, trigrams"][1], (
    "many times as often as TF-IDF"
)
assert 15 < 1 / reverse["tower, in-batch"][1] < 19, "about one in seventeen"

# %% [markdown]
# Overall, the tower is a little behind counting trigrams, by hardly more than the error. Where few letters are shared it finds
# the word many times as often as TF-IDF, and still only about one in seventeen. No animal of the test has ever been an answer, so
# its vector comes from its spelling alone, and nothing in the letters of *okapi* says giraffe. (One random start, four epochs.)
#
# **What fails.**
#
# - *A word nobody used* has its spelling and nothing else.
# - *Missing answers are trained against*, most with hard negatives.
# - *What marks all positives is learnt*, a hole or a target in the mean.
# - *A dot product* is all the towers can say of a pair. Lecture 08 asks whether a network says more, lecture 07 what other
#   losses do.
#
# <details><summary>If you also read the lecture script this course follows</summary>
#
# - It calls $\gamma$ a smoothing coefficient and once writes $y$ for it. It is the inverse of a temperature: the larger, the *less* smooth.
# - Its third sampler, the hardest negatives of the previous epoch, is the worst on incomplete data.
#
# </details>
#
# **What to read next.**
#
# - P.-S. Huang and others: *Learning Deep Structured Semantic Models for Web Search using Clickthrough Data*, CIKM 2013.
# - S. Robertson, H. Zaragoza: *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009.
# - S. Deerwester and others: *Indexing by Latent Semantic Analysis*, JASIS 41(6), 1990.
# - P. Covington, J. Adams, E. Sargin: *Deep Neural Networks for YouTube Recommendations*, RecSys 2016.
# - X. Yi and others: *Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations*, RecSys 2019.
# - L. Xiong and others: *Approximate Nearest Neighbor Negative Contrastive Learning for Dense Text Retrieval*, ICLR 2021: hard negatives that help.
#
# **Formulas to keep.**
#
# | | |
# |:--|:--|
# | tower | $y = \tanh(x W_1 + b_1) W_2 + b_2$ |
# | relevance | $R = q^\top d,\quad q = y_Q/\lVert y_Q\rVert,\ d = y_D/\lVert y_D\rVert$ |
# | its gradient | $\nabla_{y_Q} R = (d - Rq)/\lVert y_Q\rVert$, at a right angle to $y_Q$ |
# | posterior | $P(D \mid Q) \propto e^{\gamma R(Q, D)}$, at most $1/(1 + (n-1)e^{-2\gamma})$ |
# | loss | $-\log\big(e^{\gamma R^+} / (e^{\gamma R^+} + \sum_{D^-} e^{\gamma R})\big)$, slopes $\gamma(P_0 - 1)$ and $\gamma P_j$ |
# | user tower | $y_u = F^\top x_u + \frac1{\lvert H\rvert}\sum_{i \in H} e_i$, the target not in $H$ |

# %%
lecture.progress()
