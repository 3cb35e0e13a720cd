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
# You look for an emoji and type *lawyer*. No emoji has that word. The police officer and the scales are what
# you wanted, and a search that compares letters cannot find them.
#
# **DSSM** (deep structured semantic model; Huang et al., 2013) learns the missing step from searches that
# succeeded. One network turns the query into a vector, one turns the document into a vector, and what
# belongs together is trained to point in the same direction. With a user's history in the place of the query
# and films in the place of documents, the same drawing is a recommender with **two towers**, and such models
# make the first selection in many large recommenders (Covington et al., 2016; Yi et al., 2019).
#
# After this lecture you can
#
# - turn any text into letter trigrams, and say what that gains and what it confuses;
# - write the tower, the cosine and its gradient, the posterior and the loss by hand;
# - say what $\gamma$ does, and prove that $\gamma = 1$ can never be sure of anything;
# - train with all documents, with those of the batch, or with sampled ones, and explain why the hardest
#   negatives are often missing answers;
# - use a history as the query, recommend with it, and measure it beside everything so far.

# %% [markdown] tags=["overview"]

# %% [markdown]
# **Three questions about the lectures before.** Answer each in a sentence before you open ours.

# %% [markdown] tags=["question"]
# From lecture 05: how many vectors does a field-aware factorization machine keep for one feature, and which of them meets
# which?
#
# Answer: **One for every field.** Feature $i$ meets feature $j$ with the vector it keeps *for the field of $j$*, and $j$
# answers with the one it keeps for the field of $i$.

# %% [markdown] tags=["question"]
# From lecture 04: can a factorization machine score a film that nobody has rated? What does it need to know of it?
#
# Answer: Yes, **from its features**, such as genre and decade: their weights and vectors were learnt from other films. The
# film's own column stays as it started.

# %% [markdown] tags=["question"]
# From lecture 01: after training, what does it cost to score one film for one user with $k$ factors?
#
# Answer: **One dot product**, $k$ multiplications, because both vectors are stored. Keep that in mind: a network that reads
# user and film *together* cannot be stored in two parts.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.sparse import csr_array

from embedlab import Derivation, Lecture, Step
from embedlab.baselines import ease, item_knn, zero_filled_svd
from embedlab.data.emoji import load_emoji, split_keywords
from embedlab.data.ratings import load_movielens_small, split_at_random
from embedlab.data.wordnet import load_animals
from embedlab.me import Me
from embedlab.ranking import mean_and_standard_error, ndcg_at_k, top_k
from embedlab.search import answer_recall_at_k, bm25, lsa, shared_trigrams, tfidf
from embedlab.widgets import YourList

torch.set_num_threads(1)  # the models are small, and one thread gives everybody the same numbers
lecture = Lecture("06_dssm")

# %% [markdown]
# ## 1 · The question, and the numbers to beat
#
# A document is an emoji: its name and the keywords under which people look for it. We hide a fifth of every
# emoji's keywords. Each hidden keyword is a query, and the emoji that lost it is the answer to be found.

# %%
emoji = load_emoji()
train, test = split_keywords(emoji, test_fraction=0.2, seed=0)
documents = train.documents()
for document in (0, 900, 1300):
    print(emoji.characters[document], documents[document])
print(train, test, sep="\n")

# %% [markdown]
# *Data: emojilib by Mu-An Chiou, MIT licence; see `datasets/emoji/`. The 258 flags are left out: they bring the keywords
# flag, nation and country 250 times each and would swamp every average.*
#
# We count **recall@10**: of all hidden answers, how many are among the ten best of their query. All emoji compete, but for
# those that are known to answer the same query: they are right as well and must not push the answer out.
#
# Baselines. **TF-IDF** compares texts by the units they share, and counts a unit the more, the fewer documents have it
# (**inverse document frequency**). **BM25** does the same with a limit to what repetition and length can do, and has been
# the baseline of search since 1994. Units are words, or pieces of words of three letters. **LSA** (latent semantic
# analysis, 1990) is lecture 01's SVD on the table of documents and words: words that come with the same others get similar
# vectors, without any query.

# %% [markdown] tags=["question"]
# Before you run it: of the hidden answers, how many does BM25 find with whole words? The query is a keyword that its own
# document does *not* have.
#
# Answer: Three in a hundred, and it can only be **by another word of the document** or by a query of several words. With
# trigrams it is six times as many: *smiling* finds *smile*.


# %%
scores = {
    "TF-IDF, words": tfidf(test.texts, documents, "words"),
    "BM25, words": bm25(test.texts, documents, "words", k1=1.2, b=0.75),
    "TF-IDF, trigrams": tfidf(test.texts, documents, "trigrams"),
    "BM25, trigrams": bm25(test.texts, documents, "trigrams", k1=1.2, b=0.75),
    "LSA, words": lsa(test.texts, documents, "words", n_components=200),
}
rows, columns = test.relevant.nonzero()
shared = shared_trigrams(test.texts, documents)[rows, columns]
asked_before = np.isin(test.texts, train.queries().texts)[rows]
groups = {
    "all": np.full(len(rows), True),
    "few shared": shared < 1 / 3,
    "seen": asked_before,
    "unseen": ~asked_before,
}


def recalls(scores):
    """Return recall@10 of each group of hidden answers, {group: number}."""
    found = answer_recall_at_k(scores, test, k=10)
    return {name: found[group].mean() for name, group in groups.items()}


def show(tables):
    print(f"{'recall@10':26}" + "".join(f"{name:>12}" for name in groups))
    for name, table in tables.items():
        print(f"{name:26}" + "".join(f"{value:12.3f}" for value in table.values()))


found = {name: recalls(table) for name, table in scores.items()}
show(found)
print("share of the answers:     " + "".join(f"{group.mean():12.2f}" for group in groups.values()))

# %% [markdown] exercise="letter_trigrams" difficulty=1 minutes=6
# Return the letter trigrams of a text as a list of strings, in the order of the text, repeated ones included.
#
# - split the text into words at its spaces, of which there may be several, also at the ends
# - put `#` before and behind every word, so that beginnings and ends are told from middles
# - of every marked word take all pieces of three characters, each one character further than the one before
#
# By hand: `no` becomes `#no#` and has `#no`, `no#`; a word of one letter has one trigram.
#
# <details><summary>Hint</summary>
#
# A marked word of $n$ characters has $n - 2$ pieces: `marked[i:i + 3]`. `text.split()` without an argument
# takes care of all spaces.
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


# %% tags=["given"]
class WordHashing:
    """Texts as sparse rows of weighted letter trigrams, with the trigrams of some documents.

    A row holds count times log(n_documents / documents with the trigram), and has length 1.
    """

    def __init__(self, documents):
        each = [set(letter_trigrams(text)) for text in documents]
        self.columns = {t: place for place, t in enumerate(sorted(set().union(*each)))}
        counts = np.zeros(len(self.columns))
        for trigrams in each:
            counts[[self.columns[t] for t in trigrams]] += 1
        self.weights = np.log(len(documents) / counts)

    def counts(self, texts):
        """Return (n_texts, n_trigrams) sparse counts; trigrams that no document has are left out."""
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


# %%
hashing = WordHashing(documents)
X_D, X_test = hashing(documents), hashing(test.texts)
print(X_D.shape)

# %% [markdown] exercise="tower_forward" difficulty=1 minutes=6
# Compute the tower's vectors for a batch of texts: $Y = \tanh(X W_1 + b_1)\, W_2 + b_2$, one row a text.
#
# - `X`: (n, n_trigrams), an array or a sparse `csr_array`; `X @ W1` is written alike for both and gives an array
# - `W1`: (n_trigrams, n_hidden), `b1`: (n_hidden,), `W2`: (n_hidden, d), `b2`: (d,)
# - the output is not squashed and not normalised
#
# <details><summary>Hint</summary>
#
# Two matrix products and `np.tanh` between them. A bias is added to every row by broadcasting.
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


# %% [markdown] exercise="cosine_relevance" difficulty=1 minutes=8
# Return the relevance of every document for every query, (n_queries, n_documents).
#
# - `Y_Q`: (n_queries, d), `Y_D`: (n_documents, d), one vector a row
# - where one of the two vectors is zero, the relevance is 0
#
# <details><summary>Hint</summary>
#
# Divide every row by its length, `np.linalg.norm(Y, axis=1, keepdims=True)`; where that is 0, by 1. Then
# all dot products are one matrix product.
#
# </details>


# %% nbgrader={"grade_id": "cosine_relevance", "solution": true}
def cosine_relevance(Y_Q, Y_D):
    """Return the cosines (n_queries, n_documents) of the rows of Y_Q and Y_D; 0 for a zero row.

    >>> Y_Q = np.array([[3.0, 4.0], [0.0, 2.0]])
    >>> Y_D = np.array([[3.0, 4.0], [-8.0, 6.0], [5.0, 0.0]])
    >>> cosine_relevance(Y_Q, Y_D).round(6)
    array([[1. , 0. , 0.6],
           [0.8, 0.6, 0. ]])
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

# %% [markdown] exercise="cosine_gradient" difficulty=2 minutes=12
# Return the two gradients of the cosine of one pair, by `y_q` and by `y_d`, each (d,). Where one of the two
# vectors is zero, both gradients are zeros.
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
    """Return the gradients of cosine(y_q, y_d) by y_q and by y_d, each (d,).

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

# %% [markdown] exercise="softmax_posterior" difficulty=2 minutes=8
# Return the posterior of every query, (n_queries, n_documents); every row sums to 1.
#
# - `R`: (n_queries, n_documents) relevances: cosines, or dot products of any size
# - `gamma`: at least 0, perhaps some thousands
#
# <details><summary>Hint</summary>
#
# A constant subtracted from all of a row's exponents cancels. Subtract the row's largest: then no exponent is above 0.
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

# %% [markdown] exercise="sampled_softmax_loss" difficulty=2 minutes=10
# Return the mean of $-\log P$ over the pairs of a batch, a float, where each positive competes with its own negatives only.
#
# - `positive`: (n,) relevance of each pair's document
# - `negatives`: (n, n_negatives) relevances of its negatives. One that is `-np.inf` takes no part (exp of it is 0); all of
#   a row may be. One that is drawn twice counts twice
# - `gamma`: above 0; the relevances may be dot products, so large that exp overflows
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

# %% [markdown] exercise="sample_negatives" difficulty=3 minutes=15
# Return the negatives of every query, (n_queries, n_negatives) document indices. None is a known answer.
#
# - `kind`: `"uniform"`, `"popularity"` or `"hardest"`
# - `known`: (n_queries, n_documents) booleans, True where the document answers the query
# - `popularity`: (n_documents,) how often each document was an answer
# - `scores`: (n_queries, n_documents) what the model thought after the last epoch
# - `seed`: make one generator `rng = np.random.default_rng(seed)`. For each query in turn, draw once:
#   `rng.choice(n_documents, size=n_negatives, p=weights / weights.sum())`. So a document may come twice
# - weights: 0 for known answers; for others 1 with `"uniform"`, the popularity with `"popularity"`
# - `"hardest"` draws nothing: it takes the documents with the highest scores, the highest first, of equal scores
#   the lower index first. There are always enough of them
#
# <details><summary>Hint</summary>
#
# Known answers get the weight 0, or the score `-np.inf`. `np.argsort(..., kind="stable")` of the *negative* scores leaves
# equal ones in the order of their indices.
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
    (n_documents,), scores (n_queries, n_documents). Does not change its arguments.

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
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(n_documents, size=n_negatives, p=w / w.sum()) for w in weights])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample_negatives", "grade": true}
lecture.check(sample_negatives)


# %% tags=["given"]
def train_towers(
    emoji,
    loss,
    sampler=None,
    gamma=10.0,
    epochs=10,
    seed=0,
    n_negatives=50,
    holes=False,
    shared=True,
):
    """Yield (mean loss, the queries' tower, the documents' tower) after every epoch.

    Args:
        emoji: whose keywords are the queries, and whose texts the documents.
        loss: what a positive competes with: "all documents", "in-batch" or "sampled".
        sampler: with "sampled", a kind of `sample_negatives`; "hardest" begins uniformly.
        gamma: of the posterior.
        epochs: how often all pairs are seen.
        seed: of the start, the order of the pairs and the sampling.
        n_negatives: sampled per pair.
        holes: whether a pair's query is taken out of the text of its document.
        shared: whether one tower serves both.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    queries, hashing = emoji.queries(), WordHashing(emoji.documents())
    C_Q, C_D = hashing.counts(queries.texts), hashing.counts(emoji.documents())
    X_Q, X_D = hashing.weighted(C_Q), hashing.weighted(C_D)
    known = queries.relevant.toarray() > 0
    asked, answers = known.nonzero()
    popularity = known.sum(axis=0)
    tower_q = Tower(X_D.shape[1])
    tower_d = tower_q if shared else Tower(X_D.shape[1])
    parameters = {*tower_q.parameters(), *tower_d.parameters()}
    optimizer = torch.optim.Adam(parameters, lr=0.002, fused=True)
    unit = lambda Y: torch.nn.functional.normalize(Y, dim=1)  # noqa: E731
    scores = None
    for _ in range(epochs):
        total, order = 0.0, rng.permutation(len(asked))
        kind = "uniform" if sampler == "hardest" and scores is None else sampler
        hardest = None
        if kind == "hardest":
            hardest = sample_negatives(kind, known, popularity, scores, n_negatives, seed)
        for batch in np.split(order, np.arange(256, len(order), 256)):
            q, d = asked[batch], answers[batch]
            y = unit(tower_q(X_Q[q]))
            left_out = torch.from_numpy(known[q])
            if loss == "in-batch":
                shown, place = np.unique(d, return_inverse=True)
                left_out = left_out[:, torch.from_numpy(shown)]
            else:
                shown, place = np.arange(len(known[0])), d
            R = y @ unit(tower_d(X_D[shown])).T
            positive = R[torch.arange(len(q)), torch.from_numpy(place)]
            if holes:
                without = hashing.weighted(C_D[d] - C_Q[q])
                positive = (y * unit(tower_d(without))).sum(dim=1)
            if loss == "sampled":
                chosen = (
                    hardest[q]
                    if kind == "hardest"
                    else sample_negatives(
                        kind, known[q], popularity, None, n_negatives, rng.integers(2**31)
                    )
                )
                R = R.gather(1, torch.from_numpy(chosen))
            else:
                R = R.masked_fill(left_out, -torch.inf)
            S = gamma * torch.column_stack([positive, R])
            value = torch.nn.functional.cross_entropy(S, torch.zeros(len(q), dtype=torch.long))
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * len(q)
        if sampler == "hardest":
            with torch.no_grad():
                scores = (unit(tower_q(X_Q)) @ unit(tower_d(X_D)).T).numpy()
        yield total / len(asked), tower_q, tower_d


# %% [markdown] exercise="user_tower" difficulty=3 minutes=15
# Return the users' vectors, (n, d): $y_u = F^\top x_u + \frac{1}{|H|}\sum_{i \in H} e_i$, where $H$ is the history without the
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
# Set the targets' entries to 0 in a copy of `watched`, but only in rows whose target is not −1. Then sum and count both
# come from the copy.
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

# %% [markdown] exercise="retrieve" difficulty=2 minutes=8
# Return the indices of the $k$ best items for one user, best first, (at most k,).
#
# - `y`: (d,) the user's vector, `Y`: (n_items, d) the items' vectors; an item's score is the dot product
# - `seen`: (m,) indices of items to leave out, in any order, perhaps none, perhaps one twice
# - of equal scores the lower index comes first; where fewer than k are unseen, the result is shorter
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
lecture.progress()
