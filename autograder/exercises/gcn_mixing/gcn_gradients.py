"""Exercise `gcn_gradients`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.gcn_mixing.drawing import as_sparse, mixing_matrix, signed

gcn_gradients = Exercise("gcn_gradients", points=3, needs=("gcn_layer", "softmax_cross_entropy"))


@gcn_gradients.cases
def _(rng):
    M = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]])
    X = np.array([[1.0, 0.0, 2.0, 0.0], [1.0, 2.0, 0.0, 0.0], [0.0, 1.0, 0.0, 3.0]])
    W0 = np.array([[1.0, 0.0], [0.0, 1.0], [-2.0, 1.0], [1.0, -2.0]])
    W1 = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    known = {"y": np.array([1, 0, 2]), "labelled": np.array([0, 2])}
    yield "the worked example", {"M": M, "X": X, "W0": W0, "W1": W1, **known}
    yield "one labelled node", _problem(rng, 5, 4, 3, 2, n_labelled=1)
    yield "three labelled nodes", _problem(rng, 6, 4, 3, 2, n_labelled=3)
    yield "more hidden units than features", _problem(rng, 7, 3, 5, 4, n_labelled=2)
    yield "all nodes labelled", _problem(rng, 5, 3, 4, 2, n_labelled=5)
    yield "square everything", _problem(rng, 4, 4, 4, 4, n_labelled=3)
    problem = _problem(rng, 6, 5, 4, 3, n_labelled=2)
    problem["M"] = problem["M"] * rng.uniform(0.7, 1.4, (6, 1))
    yield "rows of M that do not sum to 1", problem
    problem = _problem(rng, 8, 5, 3, 4, n_labelled=3)
    yield "sparse M and X", {**problem, "M": as_sparse(problem["M"]), "X": as_sparse(problem["X"])}
    problem = _problem(rng, 6, 4, 3, 2, n_labelled=2)
    problem["W0"][:, 1] = -np.abs(problem["W0"][:, 1]) - 0.1
    problem["X"] = np.abs(problem["X"])
    yield "a hidden unit that is 0 everywhere", problem
    problem = _problem(rng, 7, 3, 4, 3, n_labelled=3)
    problem["W0"][:, 2] *= 1e-9  # moving a weight, however little, changes what ReLU cuts off
    yield "a hidden unit with tiny weights", problem
    problem = _problem(rng, 5, 2, 3, 4, n_labelled=2)
    problem["W0"] *= 1e-9
    yield "all first weights tiny", problem
    yield "scores in the thousands", _large(rng)


def _problem(rng, n_nodes, n_features, n_hidden, n_classes, n_labelled):
    """Return arguments in which ReLU cuts off something and lets something through."""
    y = rng.permutation(np.arange(n_nodes) % n_classes)
    labelled = rng.permutation(n_nodes)[:n_labelled]
    while True:
        M = mixing_matrix(rng, n_nodes)
        X, W0 = signed(rng, n_nodes, n_features), signed(rng, n_features, n_hidden) / 2
        reached = M[labelled].sum(axis=0) > 0
        U = (M @ X @ W0)[reached]
        if (U > 0.1).any(axis=0).all() and (U < -0.1).any(axis=0).all():
            break
    W1 = signed(rng, n_hidden, n_classes) / 3
    return {"M": M, "X": X, "W0": W0, "W1": W1, "y": y, "labelled": labelled}


def _large(rng):
    """Return arguments whose scores are beyond what np.exp can take, without near ties."""
    while True:
        problem = _problem(rng, 5, 4, 2, 3, n_labelled=2)
        M, labelled = problem["M"], problem["labelled"]
        problem["W1"] = (1000 * problem["W1"]).round()
        rows = (M @ np.maximum(M @ problem["X"] @ problem["W0"], 0) @ problem["W1"])[labelled]
        order = np.sort(rows, axis=1)
        if (order[:, -1] > 800).all() and (order[:, -1] - order[:, -2] > 50).all():
            problem["y"][labelled] = rows[0].argmin(), rows[1].argmax()
            return problem


def _slope(scores, y, labelled):
    """Return the gradient by the scores, (n, n_classes), as softmax_cross_entropy does."""
    E = np.exp(scores - scores.max(axis=1, keepdims=True))
    D = np.zeros(E.shape)
    D[labelled] = E[labelled] / E[labelled].sum(axis=1, keepdims=True)
    D[labelled, y[labelled]] -= 1
    return D / len(labelled)


@gcn_gradients.mistake(
    "Both gradients are wrong in the way that M instead of its transpose makes them on the way "
    "back. The error of node i returns to those it read, which is column by column: M.T @ D."
)
def m_instead_of_its_transpose(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    back = M @ D
    return X.T @ (M @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "dW1 is right. In dW0 the error went back through the second mixing by M instead of M.T: "
    "the part that reaches the hidden layer is M.T @ D @ W1.T."
)
def m_in_the_second_layer(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ (((M @ D) @ W1.T) * (H > 0))), (M @ H).T @ D


@gcn_gradients.mistake(
    "dW1 is right. In dW0 the last step uses M instead of M.T: (M X).T @ dU is X.T @ M.T @ dU."
)
def m_in_the_first_layer(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M @ ((M.T @ D @ W1.T) * (H > 0))), (M @ H).T @ D


@gcn_gradients.mistake(
    "dW1 is right; dW0 ignores ReLU. Where a hidden number was cut off to 0, its slope is 0: "
    "multiply by (H > 0)."
)
def relu_ignored(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ (M.T @ D @ W1.T)), (M @ H).T @ D


@gcn_gradients.mistake(
    "dW1 is right; dW0 is multiplied by H where it should be multiplied by the slope of ReLU, "
    "which is 1 where H > 0 and 0 elsewhere."
)
def multiplied_by_hidden(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ ((M.T @ D @ W1.T) * H)), (M @ H).T @ D


@gcn_gradients.mistake(
    "In dW1 the hidden layer is not mixed. The second layer sees M H: dW1 = (M H).T @ D."
)
def hidden_layer_not_mixed(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ ((M.T @ D @ W1.T) * (H > 0))), H.T @ D


@gcn_gradients.mistake(
    "dW1 is right. In dW0 the features are not mixed: the first layer sees M X, so "
    "dW0 = (M X).T @ dU."
)
def features_not_mixed(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ ((M.T @ D @ W1.T) * (H > 0)), (M @ H).T @ D


@gcn_gradients.mistake(
    "dW1 is right. In dW0 the error did not pass back through the second mixing: dH is "
    "M.T @ D @ W1.T."
)
def second_mixing_forgotten(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ ((D @ W1.T) * (H > 0))), (M @ H).T @ D


@gcn_gradients.mistake(
    "dW1 is right. You cut off where the error that comes back is negative. ReLU cuts by its own "
    "result: the mask is H > 0."
)
def mask_of_the_error(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    G = M.T @ D @ W1.T
    return X.T @ (M.T @ (G * (G > 0))), (M @ H).T @ D


@gcn_gradients.mistake(
    "dW1 is right. ReLU's mask comes before the last mixing back: M.T @ (... * (H > 0))."
)
def mask_after_the_mixing(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ ((M.T @ (M.T @ D @ W1.T)) * (H > 0)), (M @ H).T @ D


@gcn_gradients.mistake(
    "Your second layer does not mix: the scores are M H W1, and the error goes back through that "
    "M too."
)
def second_layer_not_mixed(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(H @ W1, y, labelled)
    return X.T @ (M.T @ ((D @ W1.T) * (H > 0))), H.T @ D


@gcn_gradients.mistake(
    "Your second layer mixes on the way back and not on the way forward: the scores are M H W1."
)
def second_layer_not_mixed_forward(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(H @ W1, y, labelled)
    back = M.T @ D
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "These are the gradients of a network without a graph, in the backward pass as well as in the "
    "forward pass."
)
def no_graph(M, X, W0, W1, y, labelled):
    H = np.maximum(X @ W0, 0)
    D = _slope(H @ W1, y, labelled)
    return X.T @ ((D @ W1.T) * (H > 0)), H.T @ D


@gcn_gradients.mistake(
    "Your last layer has a ReLU. The scores of the classes may be negative: the second layer has "
    "relu=False."
)
def relu_on_the_scores(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(np.maximum(M @ (H @ W1), 0), y, labelled)
    back = M.T @ D
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "Your hidden layer has no ReLU, so both gradients belong to another network."
)
def no_relu_forward(M, X, W0, W1, y, labelled):
    H = M @ (X @ W0)
    D = _slope(M @ (H @ W1), y, labelled)
    back = M.T @ D
    return X.T @ (M.T @ (back @ W1.T)), H.T @ back


@gcn_gradients.mistake(
    "The gradients are right and come in the wrong order: first that of W0, then that of W1."
)
def exchanged(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    back = M.T @ D
    return H.T @ back, X.T @ (M.T @ ((back @ W1.T) * (H > 0)))


@gcn_gradients.mistake(
    "Your gradients are divided by the number of labelled nodes twice: softmax_cross_entropy has "
    "done it already."
)
def divided_twice(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled) / len(labelled)
    back = M.T @ D
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "Your gradients have the wrong sign. Return the derivative of the loss; whoever descends takes "
    "the minus."
)
def negative(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = -_slope(M @ (H @ W1), y, labelled)
    back = M.T @ D
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "Your loss takes in nodes without a label: pass labelled on, so that only their classes are "
    "used."
)
def all_nodes_labelled(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, np.arange(len(y)))
    back = M.T @ D
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "You find slopes by moving each weight by a millionth. That is two losses "
    "per weight, and wrong where the move crosses the corner of a ReLU: use the two lines of the "
    "derivation."
)
def moved_by_a_millionth(M, X, W0, W1, y, labelled):
    return _by_moving_weights(M, X, W0, W1, y, labelled, 1e-6, 1e-6)


@gcn_gradients.mistake(
    "You find slopes by moving each weight by a hundred-thousandth. That is two losses "
    "per weight, and wrong where the move crosses the corner of a ReLU: use the two lines of the "
    "derivation."
)
def moved_by_a_hundred_thousandth(M, X, W0, W1, y, labelled):
    return _by_moving_weights(M, X, W0, W1, y, labelled, 1e-5, 1e-5)


@gcn_gradients.mistake(
    "You find slopes by moving each weight by a ten-thousandth. That is two losses "
    "per weight, and wrong where the move crosses the corner of a ReLU: use the two lines of the "
    "derivation."
)
def moved_by_a_ten_thousandth(M, X, W0, W1, y, labelled):
    return _by_moving_weights(M, X, W0, W1, y, labelled, 1e-4, 1e-4)


@gcn_gradients.mistake(
    "You compute slopes by moving each weight. That is a loss per weight, and not exact: use the "
    "two lines of the derivation."
)
def forward_differences(M, X, W0, W1, y, labelled):
    return _by_moving_weights(M, X, W0, W1, y, labelled, 1e-6, 0.0)


def _by_moving_weights(M, X, W0, W1, y, labelled, up, down):
    """Return the differences of the loss between weights moved up and down, over the distance."""

    def loss(W0, W1):
        scores = (M @ (np.maximum(M @ (X @ W0), 0) @ W1))[labelled]
        scores = scores - scores.max(axis=1, keepdims=True)
        right = scores[np.arange(len(labelled)), y[labelled]]
        return (np.log(np.exp(scores).sum(axis=1)) - right).mean()

    pair, found = [W0.copy(), W1.copy()], []
    for weights in pair:
        slopes = np.zeros(weights.shape)
        for place in np.ndindex(weights.shape):
            value = weights[place]
            weights[place] = value + up
            above = loss(*pair)
            weights[place] = value - down
            slopes[place] = (above - loss(*pair)) / (up + down)
            weights[place] = value
        found.append(slopes)
    return found[0], found[1]


@gcn_gradients.mistake(
    "Scores in the thousands overflow in your own softmax: call softmax_cross_entropy."
)
def own_softmax_overflows(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    with np.errstate(over="ignore", invalid="ignore"):
        E = np.exp(M @ (H @ W1))
        D = np.zeros(E.shape)
        D[labelled] = E[labelled] / E[labelled].sum(axis=1, keepdims=True)
        D[labelled, y[labelled]] -= 1
        back = M.T @ (D / len(labelled))
        return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake(
    "Nothing goes back through the mixing in yours: this is an MLP's way back. Both D and dU are "
    "multiplied by M.T."
)
def nothing_back_through_the_mixing(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ ((D @ W1.T) * (H > 0)), H.T @ D


@gcn_gradients.mistake(
    "You passed D back without the second mixing: back = M.T @ D, for dW1 and for dU."
)
def first_way_back_without_mixing(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ ((D @ W1.T) * (H > 0))), H.T @ D


@gcn_gradients.mistake("The first way back uses M: back = M.T @ D. The second one is right.")
def first_way_back_by_m(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    back = M @ _slope(M @ (H @ W1), y, labelled)
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.mistake("Both gradients lack the division by the number of labelled nodes.")
def not_divided(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    back = M.T @ _slope(M @ (H @ W1), y, labelled) * len(labelled)
    return X.T @ (M.T @ ((back @ W1.T) * (H > 0))), H.T @ back


@gcn_gradients.refused
def second_gradient_only(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    return np.zeros(W0.shape), H.T @ (M.T @ D)


@gcn_gradients.alternative
def mixed_inputs_first(M, X, W0, W1, y, labelled):
    MX = M @ X
    U = MX @ W0
    MH = M @ np.maximum(U, 0)
    D = _slope(MH @ W1, y, labelled)
    dU = np.where(U > 0, (M.T @ D) @ W1.T, 0.0)
    return MX.T @ dU, MH.T @ D


@gcn_gradients.alternative
def gradients_with_einsum(M, X, W0, W1, y, labelled):
    from scipy.sparse import issparse

    M, X = (array.toarray() if issparse(array) else array for array in (M, X))
    U = np.einsum("ij,jf,fh->ih", M, X, W0)
    H = np.clip(U, 0, None)
    scores = np.einsum("ij,jh,hc->ic", M, H, W1)
    Q = np.exp(scores - scores.max(axis=1, keepdims=True))
    Q /= Q.sum(axis=1, keepdims=True)
    D = np.zeros_like(Q)
    D[labelled] = (Q - np.eye(Q.shape[1])[y])[labelled] / len(labelled)
    dU = np.einsum("ij,ic,hc->jh", M, D, W1) * np.sign(H)
    return np.einsum("ij,jf,ih->fh", M, X, dU), np.einsum("ij,jh,ic->hc", M, H, D)


@gcn_gradients.alternative
def gradients_by_autograd_in_float32(M, X, W0, W1, y, labelled):
    import torch
    from scipy.sparse import issparse

    M, X = (array.toarray() if issparse(array) else array for array in (M, X))
    M, X = (torch.as_tensor(np.array(array), dtype=torch.float32) for array in (M, X))
    W0, W1 = (torch.tensor(np.array(W), dtype=torch.float32, requires_grad=True) for W in (W0, W1))
    scores = M @ torch.relu(M @ X @ W0) @ W1
    y, labelled = torch.as_tensor(np.array(y)), torch.as_tensor(np.array(labelled))
    torch.nn.functional.cross_entropy(scores[labelled], y[labelled]).backward()
    return W0.grad.numpy(), W1.grad.numpy()


@gcn_gradients.alternative
def gradients_with_loops(M, X, W0, W1, y, labelled):
    H = np.maximum(M @ (X @ W0), 0)
    D = _slope(M @ (H @ W1), y, labelled)
    from scipy.sparse import issparse

    M, X = (array.toarray() if issparse(array) else array for array in (M, X))
    n, dH = len(M), np.zeros(H.shape)
    dW0, dW1 = np.zeros(W0.shape), np.zeros(W1.shape)
    for i in range(n):
        for j in range(n):
            dW1 += M[i, j] * np.outer(H[j], D[i])
            dH[j] += M[i, j] * (W1 @ D[i])
    for i in range(n):
        for j in range(n):
            dW0 += M[i, j] * np.outer(X[j], dH[i] * (H[i] > 0))
    return dW0, dW1
