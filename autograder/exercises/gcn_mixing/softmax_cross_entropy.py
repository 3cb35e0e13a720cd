"""Exercise `softmax_cross_entropy`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import signed

softmax_cross_entropy = Exercise("softmax_cross_entropy", points=2)


@softmax_cross_entropy.cases
def _(rng):
    scores = np.log([[1.0, 3.0, 4.0], [5.0, 1.0, 1.0], [2.0, 1.0, 1.0], [1.0, 1.0, 6.0]])
    yield (
        "the worked example",
        {"scores": scores, "y": np.array([1, 2, 0, 0]), "labelled": np.array([0, 2])},
    )
    yield "one labelled node", _problem(rng, 4, 1, 3)
    yield "three of six nodes", _problem(rng, 6, 3, 4)
    yield "two classes", _problem(rng, 5, 3, 2)
    problem = _problem(rng, 5, 5, 3)
    yield "all nodes labelled", problem
    yield "as many nodes as classes", _problem(rng, 4, 2, 4)
    problem = _problem(rng, 7, 4, 3)
    problem["y"][problem["labelled"]] = [2, 2, 0, 2]
    yield "several of one class", problem
    problem = _problem(rng, 6, 3, 4)
    problem["scores"] = (4 * problem["scores"]).round() / 4  # exact in float32 too
    node = problem["labelled"][0]
    problem["scores"][node] += 2000
    problem["scores"][problem["labelled"][1]] -= 3000
    yield "scores in the thousands, of both signs", problem
    problem = _problem(rng, 5, 3, 3)
    first = problem["labelled"][0]
    problem["scores"][first, (problem["y"][first] + 1) % 3] += 900
    yield "a hopeless node: its loss is large, not infinite", problem


def _problem(rng, n_nodes, n_labelled, n_classes):
    """Return arguments in which the first labelled nodes have different classes."""
    y = rng.permutation(np.arange(n_nodes) % n_classes)
    labelled = rng.permutation(n_nodes)[:n_labelled]
    if n_labelled > 1 and y[labelled[0]] == y[labelled[1]]:
        y[labelled[1]] = (y[labelled[0]] + 1) % n_classes
    return {"scores": signed(rng, n_nodes, n_classes), "y": y, "labelled": labelled}


@softmax_cross_entropy.mistake(
    "Your softmax runs over the nodes: the columns sum to 1. Each node has its own probabilities, "
    "over the classes: axis=1."
)
def softmax_over_nodes(scores, y, labelled):
    E = np.exp(scores - scores.max(axis=0))
    Q = E / E.sum(axis=0)
    m, D = len(labelled), np.zeros(scores.shape)
    D[labelled] = Q[labelled] / m
    D[labelled, y[labelled]] -= 1 / m
    with np.errstate(divide="ignore"):
        return float(-np.log(Q[labelled, y[labelled]]).mean()), D


@softmax_cross_entropy.mistake(
    "Your loss and your gradient are averaged over all nodes. Nodes without a label have no loss, "
    "so the divisor is the number of labelled ones."
)
def divided_by_all_nodes(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    n, D = len(scores), np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled]) / n
    D[labelled, y[labelled]] -= 1 / n
    return float(-logs[labelled, y[labelled]].sum() / n), D


@softmax_cross_entropy.mistake(
    "The loss is right; the gradient is not divided by the number of labelled nodes. The loss is a "
    "mean, so its derivative has that factor too."
)
def gradient_of_the_sum(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D


@softmax_cross_entropy.mistake(
    "The loss is right. In the gradient you divided the probabilities by m and then took off a "
    "whole 1: take it off first, then divide."
)
def one_off_after_the_division(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled]) / len(labelled)
    D[labelled, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D


@softmax_cross_entropy.mistake(
    "The loss is right. You divided the gradient by the number of all nodes: m counts the labelled "
    "ones."
)
def gradient_divided_by_all_nodes(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(scores)


@softmax_cross_entropy.mistake(
    "The loss is right. Your gradient has rows for nodes without a label, with their hidden "
    "classes in it: these rows are zeros."
)
def gradient_at_all_nodes(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.exp(logs)
    D[np.arange(len(y)), y] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "Loss and gradient are sums over the labelled nodes. Asked for is the mean: divide both by "
    "their number."
)
def sum_instead_of_mean(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].sum()), D


@softmax_cross_entropy.mistake(
    "Your loss and gradient use the classes of all nodes. Those without a label are the ones we "
    "want to predict: only y[labelled] may enter."
)
def all_nodes_used(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    nodes = np.arange(len(scores))
    D = np.exp(logs)
    D[nodes, y] -= 1
    return float(-logs[nodes, y].mean()), D / len(scores)


@softmax_cross_entropy.mistake(
    "The loss is right; the gradient has entries for nodes without a label. Their scores do not "
    "enter the loss, so their rows are zeros."
)
def gradient_at_unlabelled_nodes(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.exp(logs)
    D[labelled, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "Your gradient lacks the rows of the other nodes: it is (n, n_classes), with zeros "
    "where there is no label."
)
def labelled_rows_only(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.exp(logs[labelled])
    D[np.arange(len(labelled)), y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "Large scores overflow: np.exp(900) is infinite. A number taken off a whole row changes no "
    "probability, so subtract the row's maximum before np.exp."
)
def overflows(scores, y, labelled):
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        E = np.exp(scores)
        Q = E / E.sum(axis=1, keepdims=True)
        D = np.zeros(scores.shape)
        D[labelled] = Q[labelled]
        D[labelled, y[labelled]] -= 1
        return float(-np.log(Q[labelled, y[labelled]]).mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "Where one row's scores are much larger than another's, the smaller ones underflow: you "
    "subtracted one maximum from all. Each row needs its own, axis=1, keepdims=True."
)
def one_maximum_for_all(scores, y, labelled):
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        E = np.exp(scores - scores.max())
        Q = E / E.sum(axis=1, keepdims=True)
        D = np.zeros(scores.shape)
        D[labelled] = Q[labelled]
        D[labelled, y[labelled]] -= 1
        return float(-np.log(Q[labelled, y[labelled]]).mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "A probability that underflows to 0 makes your loss infinite. The logarithm of the softmax is "
    "o - log(sum(exp(o))), which needs no probability."
)
def logarithm_of_zero(scores, y, labelled):
    E = np.exp(scores - scores.max(axis=1, keepdims=True))
    Q = E / E.sum(axis=1, keepdims=True)
    D = np.zeros(scores.shape)
    D[labelled] = Q[labelled]
    D[labelled, y[labelled]] -= 1
    with np.errstate(divide="ignore"):
        return float(-np.log(Q[labelled, y[labelled]]).mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "A small number added inside the logarithm cuts large losses off. The logarithm of the softmax "
    "is o - log(sum(exp(o))), which is exact."
)
def logarithm_cut_off(scores, y, labelled):
    E = np.exp(scores - scores.max(axis=1, keepdims=True))
    Q = E / E.sum(axis=1, keepdims=True)
    D = np.zeros(scores.shape)
    D[labelled] = Q[labelled]
    D[labelled, y[labelled]] -= 1
    return float(-np.log(Q[labelled, y[labelled]] + 1e-12).mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "The gradient has the wrong sign: it is the probability minus the 1 of the right class, "
    "negative where the score should rise."
)
def sign_of_the_gradient(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = -np.exp(logs[labelled])
    D[labelled, y[labelled]] += 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "The loss has the wrong sign: minus the logarithm of the probability, which is positive."
)
def sign_of_the_loss(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return float(logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "The 1 is not taken off at the right class: your gradient's labelled rows are the "
    "probabilities alone. If you do subtract it: `D[labelled]` is a copy, and `D[labelled][...] -= "
    "1` changes only that. Write `D[labelled, y[labelled]] -= 1`."
)
def one_not_subtracted(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "The loss is right; the 1 is taken off in the columns y[labelled] of every row. Each labelled "
    "row has one right class: `D[labelled, y[labelled]] -= 1`."
)
def one_off_in_every_row(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[:, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "The loss is right; the 1 is taken off in the columns y[labelled] of every labelled row. Each "
    "of them has one right class: `rows[np.arange(m), y[labelled]] -= 1`."
)
def one_off_in_every_labelled_row(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D, rows = np.zeros(scores.shape), np.exp(logs[labelled])
    rows[:, y[labelled]] -= 1
    D[labelled] = rows / len(labelled)
    return float(-logs[labelled, y[labelled]].mean()), D


@softmax_cross_entropy.mistake(
    "The k-th labelled node got the class of node k: y[:m] are the classes of the first m nodes, "
    "y[labelled] those of the labelled ones."
)
def classes_of_the_first_nodes(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D, right = np.zeros(scores.shape), y[: len(labelled)]
    D[labelled] = np.exp(logs[labelled])
    D[labelled, right] -= 1
    return float(-logs[labelled, right].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "Your gradient has entries in the column of the right class only. The other classes' scores "
    "are in the softmax's sum, so their derivative is their probability."
)
def right_class_only(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled, y[labelled]] = np.exp(logs[labelled, y[labelled]]) - 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.mistake(
    "The results are right, but the scores of the caller have changed: scores -= ... writes into "
    "them. Give the shifted scores a name of their own."
)
def shifted_in_place(scores, y, labelled):
    scores -= scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return float(-logs[labelled, y[labelled]].mean()), D / len(labelled)


@softmax_cross_entropy.refused
def exchanged(scores, y, labelled):
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros(scores.shape)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return D / len(labelled), float(-logs[labelled, y[labelled]].mean())


@softmax_cross_entropy.alternative
def node_by_node(scores, y, labelled):
    loss, D = 0.0, np.zeros(scores.shape)
    for node in labelled:
        o = scores[node] - scores[node].max()
        total = np.exp(o).sum()
        loss += (np.log(total) - o[y[node]]) / len(labelled)
        for c in range(scores.shape[1]):
            D[node, c] = (np.exp(o[c]) / total - (c == y[node])) / len(labelled)
    return loss, D


@softmax_cross_entropy.alternative
def with_scipy(scores, y, labelled):
    from scipy import special

    logs = special.log_softmax(scores[labelled], axis=1)
    one_hot = np.eye(scores.shape[1])[y[labelled]]
    D = np.zeros_like(scores)
    D[labelled] = (np.exp(logs) - one_hot) / len(labelled)
    return -(one_hot * logs).sum() / len(labelled), D


@softmax_cross_entropy.alternative
def with_torch_autograd(scores, y, labelled):
    import torch

    scores = torch.tensor(np.array(scores), requires_grad=True)
    y, labelled = torch.as_tensor(np.array(y)), torch.as_tensor(np.array(labelled))
    loss = torch.nn.functional.cross_entropy(scores[labelled], y[labelled])
    loss.backward()
    return loss.item(), scores.grad.numpy()


@softmax_cross_entropy.alternative
def in_float32(scores, y, labelled):
    scores = scores.astype(np.float32)
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    D = np.zeros_like(scores)
    D[labelled] = np.exp(logs[labelled])
    D[labelled, y[labelled]] -= 1
    return -logs[labelled, y[labelled]].mean(), D / np.float32(len(labelled))


softmax_cross_entropy.harmless(
    "D[labelled] += np.exp(logs) / len(labelled)",
    because="D is 0 there, and each node is listed once",
)
