"""Exercise `label_propagation`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import as_sparse, mixing_matrix

label_propagation = Exercise("label_propagation", points=2)


@label_propagation.cases
def _(rng):
    M = np.array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    known = {"y": np.array([2, 0, 0, 1]), "labelled": np.array([0, 3]), "n_classes": 3}
    yield "the worked example", {"M": M, **known, "n_steps": 2}
    yield "one step", _problem(rng, 5, n_labelled=2, n_classes=3, n_steps=1)
    yield "no step", _problem(rng, 6, n_labelled=2, n_classes=4, n_steps=0)
    yield "four steps", _problem(rng, 7, n_labelled=3, n_classes=4, n_steps=4)
    problem = _problem(rng, 6, n_labelled=3, n_classes=2, n_steps=3)
    problem["y"][problem["labelled"]] = [1, 0, 0]
    yield "two labelled nodes of one class", problem
    problem = _problem(rng, 7, n_labelled=2, n_classes=5, n_steps=3)
    problem["y"][:] = rng.permutation([0, 3, 3, 1, 2, 0, 3])
    problem["y"][problem["labelled"]] = [2, 1]
    yield "classes without a labelled node, the last without any", problem
    problem = _problem(rng, 6, n_labelled=2, n_classes=3, n_steps=3)
    loner = int(np.setdiff1d(np.arange(6), problem["labelled"])[0])
    problem["M"][loner] = problem["M"][:, loner] = 0.0
    problem["M"][loner, loner] = 1.0
    yield "a node that no label reaches", problem
    problem = _problem(rng, 8, n_labelled=3, n_classes=4, n_steps=2)
    yield "a sparse M", {**problem, "M": as_sparse(problem["M"])}
    yield "a path with labelled ends, many steps", _path(rng, 7, n_steps=200)


def _problem(rng, n_nodes, n_labelled, n_classes, n_steps):
    """Return arguments; the classes of nodes without a label are there, and not to be used."""
    y = rng.permutation(np.arange(n_nodes) % n_classes)
    labelled = rng.permutation(n_nodes)[:n_labelled]
    if y[labelled[0]] == y[labelled[1]]:
        y[labelled[1]] = (y[labelled[0]] + 1) % n_classes
    M = mixing_matrix(rng, n_nodes)
    return {"M": M, "y": y, "labelled": labelled, "n_classes": n_classes, "n_steps": n_steps}


def _path(rng, n_nodes, n_steps):
    """Return arguments on a path: when a step changes a millionth, later ones still change more."""
    M = np.eye(n_nodes)
    for i in range(1, n_nodes - 1):
        itself = round(rng.uniform(0.05, 0.2), 2)
        M[i, i - 1 : i + 2] = (1 - itself) / 2, itself, (1 - itself) / 2
    y = rng.permutation(np.arange(n_nodes) % 2)
    labelled = rng.permutation([0, n_nodes - 1])
    y[labelled] = [1, 0]
    return {"M": M, "y": y, "labelled": labelled, "n_classes": 2, "n_steps": n_steps}


@label_propagation.mistake(
    "Your labelled nodes are mixed like the others, and their labels fade. After each step put "
    "their rows back to the one-hot rows they had."
)
def not_clamped(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    for _ in range(n_steps):
        F = M @ F
    return F


@label_propagation.mistake(
    "The labelled rows are put back before each step only. After the last one they must hold their "
    "labels too."
)
def clamped_before_each_step(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F[labelled] = known
        F = M @ F
    return F


@label_propagation.mistake(
    "The labelled rows are put back only once, at the end. It has to be after every step, or the "
    "next one mixes faded labels."
)
def clamped_at_the_end(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
    F[labelled] = known
    return F


@label_propagation.mistake(
    "You used the classes of nodes that have no label. In y they are the answers: only "
    "y[labelled] may enter."
)
def all_classes_used(M, y, labelled, n_classes, n_steps):
    start = np.eye(n_classes)[y]
    F = start
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = start[labelled]
    return np.array(F)


@label_propagation.mistake(
    "In a labelled row, you set the 1 of the class and left what the step brought to the other "
    "classes. The whole row is put back: a 1 and zeros."
)
def only_the_one_put_back(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    for _ in range(n_steps):
        F = M @ F
        F[labelled, y[labelled]] = 1.0
    return F


@label_propagation.mistake(
    "You multiplied by M transposed. A node reads along its row of M: M @ F."
)
def transposed(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M.T @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "Yours gives the k-th labelled node the class of node k. Its class is y[labelled][k]."
)
def classes_of_the_first_nodes(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[: len(labelled)]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "You returned classes. Asked for are the scores they are chosen from, (n, n_classes)."
)
def classes_returned(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F.argmax(axis=1)


@label_propagation.mistake(
    "Nodes without a label start with equal scores for all classes in yours. They start with "
    "zeros, so that a node that no label reaches says so."
)
def unlabelled_start_uniform(M, y, labelled, n_classes, n_steps):
    F = np.full((len(y), n_classes), 1 / n_classes)
    known = np.eye(n_classes)[y[labelled]]
    F[labelled] = known
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "Your rows are divided by their sums. They are left as the mean of what was read: a row that "
    "sums to less than 1 has read nodes that no label has reached yet."
)
def rows_normalized(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    sums = F.sum(axis=1, keepdims=True)
    return F / np.where(sums > 0, sums, 1)


@label_propagation.mistake(
    "Your number of columns is the number of classes that labelled nodes have. It is n_classes, "
    "also where a class has no labelled node."
)
def columns_of_seen_classes(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), y[labelled].max() + 1))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "You added the labels again in every step, to what the step had brought. The labelled rows are "
    "put back to what they were: F[labelled] = known."
)
def labels_added_again(M, y, labelled, n_classes, n_steps):
    start = np.zeros((len(y), n_classes))
    start[labelled, y[labelled]] = 1.0
    F = start
    for _ in range(n_steps):
        F = M @ F + start
    return F


@label_propagation.mistake("You made one step too many: n_steps products with M.")
def one_step_too_many(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps + 1):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake("The columns are n_classes, also where no node has the last class.")
def columns_of_all_nodes_classes(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), y.max() + 1))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "Every labelled node got a 1 for every class that occurs. "
    "`F[labelled, y[labelled]] = 1` pairs them: a node, its class."
)
def every_class_that_occurs(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[np.ix_(labelled, y[labelled])] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "Your F stays 0 everywhere. `F[labelled]` is a copy: writing into it, as in "
    "`F[labelled][...] = 1`, changes nothing in F. Write `F[labelled, y[labelled]] = 1`."
)
def written_into_a_copy(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled][:, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = M @ F
        F[labelled] = known
    return F


@label_propagation.mistake(
    "Later nodes read rows of the same step: mix all at once, M @ F, and then put the labels back."
)
def node_after_node(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        for i in range(len(y)):
            F[i] = (M[[i]] @ F)[0]
        F[labelled] = known
    return F


@label_propagation.mistake(
    "Later nodes read rows of the same step, in which earlier ones have moved already: mix all at "
    "once, M @ F."
)
def other_nodes_one_after_the_other(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    for _ in range(n_steps):
        for i in range(len(y)):
            if i not in labelled:
                F[i] = (M[[i]] @ F)[0]
    return F


def _until_little_changes(M, y, labelled, n_classes, n_steps, little):
    """Return the scores after the first step that changes none by `little`, if it comes."""
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        before, F = F, M @ F
        F[labelled] = known
        if np.abs(F - before).max() < little:
            break
    return F


@label_propagation.mistake(
    "You stop when np.allclose sees no change. Far from the labels more is still to come: make all "
    "n_steps."
)
def stops_when_allclose(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        before, F = F, M @ F
        F[labelled] = known
        if np.allclose(F, before):
            break
    return F


@label_propagation.mistake(
    "You stop when a step changes less than a thousandth. Far from the labels much is still to "
    "come: make all n_steps."
)
def stops_at_a_thousandth(M, y, labelled, n_classes, n_steps):
    return _until_little_changes(M, y, labelled, n_classes, n_steps, 1e-3)


@label_propagation.mistake(
    "You stop when a step changes less than a ten-thousandth. Far from the labels more is still to "
    "come: make all n_steps."
)
def stops_at_a_ten_thousandth(M, y, labelled, n_classes, n_steps):
    return _until_little_changes(M, y, labelled, n_classes, n_steps, 1e-4)


@label_propagation.mistake(
    "You stop when a step changes less than a millionth. Far from the labels more is still to "
    "come: make all n_steps."
)
def stops_at_a_millionth(M, y, labelled, n_classes, n_steps):
    return _until_little_changes(M, y, labelled, n_classes, n_steps, 1e-6)


@label_propagation.refused
def added_to_what_was_there(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes))
    F[labelled, y[labelled]] = 1.0
    known = F[labelled]
    for _ in range(n_steps):
        F = (F + M @ F) / 2
        F[labelled] = known
    return F


@label_propagation.alternative
def propagation_with_loops(M, y, labelled, n_classes, n_steps):
    from scipy.sparse import issparse

    M = M.toarray() if issparse(M) else M
    n, known = len(y), {int(node): int(y[node]) for node in labelled}
    F = [[float(known.get(i) == c) for c in range(n_classes)] for i in range(n)]
    for _ in range(n_steps):
        new = [
            [sum(M[i, j] * F[j][c] for j in range(n)) for c in range(n_classes)] for i in range(n)
        ]
        for node in known:
            new[node] = [float(known[node] == c) for c in range(n_classes)]
        F = new
    return np.array(F)


@label_propagation.alternative
def only_the_others_move(M, y, labelled, n_classes, n_steps):
    others = np.setdiff1d(np.arange(len(y)), labelled)
    F = np.zeros((len(y), n_classes))
    F[labelled] = np.eye(n_classes)[y[labelled]]
    for _ in range(n_steps):
        F[others] = (M @ F)[others]
    return F


@label_propagation.alternative
def propagation_in_float32(M, y, labelled, n_classes, n_steps):
    F = np.zeros((len(y), n_classes), dtype=np.float32)
    F[labelled, y[labelled]] = 1
    known = F[labelled]
    for _ in range(n_steps):
        F = (M @ F).astype(np.float32)
        F[labelled] = known
    return F


label_propagation.harmless(
    "F[labelled, y[labelled]] += 1.0", because="F is 0 there, and each node is listed once"
)
