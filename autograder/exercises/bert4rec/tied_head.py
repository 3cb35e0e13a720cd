"""Exercise `tied_head`: cases, mistakes, alternatives."""

import torch

from autograder.exercises import Exercise
from autograder.exercises.bert4rec.drawing import entries

tied_head = Exercise("tied_head", points=2, driver="gradients", needs=("gelu",))


@tied_head.cases
def _(rng):
    worked = {
        "states": torch.tensor([[3.0, 0.0]]),
        "W": torch.tensor([[0.0, 0.0], [5.0, 1.0]]),
        "b": torch.tensor([2.0, 0.0]),
        "E": torch.tensor([[1.0, 7.0], [0.0, 4.0], [2.0, 5.0], [8.0, 8.0], [9.0, 9.0]]),
        "output_bias": torch.tensor([-1.0, 1.0, 0.0]),
    }
    yield "the worked example", worked
    yield "a single state", _question(rng, 3, 5)
    yield "2 states of 3 numbers, 4 items", _question(rng, 3, 4, 2)
    yield "3 histories of 2 places, 4 numbers, 5 items", _question(rng, 4, 5, 3, 2)
    yield "one item", _question(rng, 3, 1, 4)
    large = _question(rng, 2, 6, 5)
    large["states"] = 300 * large["states"]
    yield "large states", large
    single = {name: value.float() for name, value in _question(rng, 5, 3, 2, 4).items()}
    yield "float32", single


def _question(rng, d, n_items, *rows):
    return {
        "states": entries(rng, *rows, d),
        "W": entries(rng, d, d),
        "b": entries(rng, d),
        "E": entries(rng, n_items + 2, d),
        "output_bias": entries(rng, n_items),
    }


@tied_head.mistake(
    "Your scores include padding and [mask]. Only items are scored: the first n_items rows of E."
)
def all_rows_of_e(states, W, b, E, output_bias):
    bias = torch.cat((output_bias, torch.zeros(2, dtype=output_bias.dtype)))
    return torch.nn.functional.gelu(states @ W + b) @ E.T + bias


@tied_head.mistake(
    "You left out the first two rows of E. Padding and [mask] are the last two; items come first."
)
def first_rows_left_out(states, W, b, E, output_bias):
    return torch.nn.functional.gelu(states @ W + b) @ E[2:].T + output_bias


@tied_head.mistake("GELU is missing in yours: apply it to states W + b.")
def without_gelu(states, W, b, E, output_bias):
    return (states @ W + b) @ E[:-2].T + output_bias


@tied_head.mistake("You multiplied by the transpose of W: a state is a row, states @ W.")
def transposed(states, W, b, E, output_bias):
    return torch.nn.functional.gelu(states @ W.T + b) @ E[:-2].T + output_bias


@tied_head.mistake("The bias b is missing inside: GELU(states W + b).")
def without_inner_bias(states, W, b, E, output_bias):
    return torch.nn.functional.gelu(states @ W) @ E[:-2].T + output_bias


@tied_head.mistake("The output bias is missing: each item has one, added to its score.")
def without_output_bias(states, W, b, E, output_bias):
    return torch.nn.functional.gelu(states @ W + b) @ E[:-2].T


@tied_head.mistake("You add b after GELU. It is added before: GELU(states W + b).")
def bias_after_gelu(states, W, b, E, output_bias):
    return (torch.nn.functional.gelu(states @ W) + b) @ E[:-2].T + output_bias


@tied_head.mistake(
    "GELU is applied to the scores in yours. It belongs inside, to states W + b, before E."
)
def gelu_of_the_scores(states, W, b, E, output_bias):
    return torch.nn.functional.gelu((states @ W + b) @ E[:-2].T + output_bias)


@tied_head.mistake("W and b are missing in yours: the states go through W, b and GELU before E.")
def without_projection(states, W, b, E, output_bias):
    return states @ E[:-2].T + output_bias


@tied_head.mistake("Yours applies GELU to the states themselves; it belongs around states W + b.")
def gelu_first(states, W, b, E, output_bias):
    return (torch.nn.functional.gelu(states) @ W + b) @ E[:-2].T + output_bias


@tied_head.mistake(
    "You return probabilities. Return the scores: the loss takes the softmax, in one step with the "
    "logarithm."
)
def softmaxed(states, W, b, E, output_bias):
    scores = torch.nn.functional.gelu(states @ W + b) @ E[:-2].T + output_bias
    return torch.softmax(scores, dim=-1)


@tied_head.mistake("You return logarithms of probabilities. Return the scores as they are.")
def log_softmaxed(states, W, b, E, output_bias):
    scores = torch.nn.functional.gelu(states @ W + b) @ E[:-2].T + output_bias
    return torch.log_softmax(scores, dim=-1)


@tied_head.mistake("Yours uses the approximation of GELU with a tanh. Use your exact gelu.")
def with_tanh_gelu(states, W, b, E, output_bias):
    inner = torch.nn.functional.gelu(states @ W + b, approximate="tanh")
    return inner @ E[:-2].T + output_bias


@tied_head.mistake("You used ReLU. Use your gelu.")
def with_relu(states, W, b, E, output_bias):
    return torch.relu(states @ W + b) @ E[:-2].T + output_bias


@tied_head.mistake("The state itself is added in yours. There is no residual in the head.")
def with_residual(states, W, b, E, output_bias):
    return (states + torch.nn.functional.gelu(states @ W + b)) @ E[:-2].T + output_bias


@tied_head.mistake(
    "Nothing could be learnt through your result. Stay in torch; no .detach(), .item(), .numpy() "
    "or torch.no_grad()."
)
def cut_off(states, W, b, E, output_bias):
    inner = torch.nn.functional.gelu(states @ W + b)
    return (inner @ E[:-2].T + output_bias).detach()


@tied_head.mistake(
    "All rows of E are scored in yours, and output_bias has no entries for padding and [mask]: "
    "take the first n_items rows."
)
def all_rows_without_a_bias(states, W, b, E, output_bias):
    return torch.nn.functional.gelu(states @ W + b) @ E.T + output_bias


@tied_head.alternative
def by_torch(states, W, b, E, output_bias):
    inner = torch.nn.functional.gelu(torch.nn.functional.linear(states, W.T, b))
    return torch.nn.functional.linear(inner, E[:-2], output_bias)


@tied_head.alternative
def with_einsum(states, W, b, E, output_bias):
    inner = torch.einsum("...i,ij->...j", states, W) + b
    inner = inner * torch.special.ndtr(inner)
    return torch.einsum("...j,nj->...n", inner, E[: len(output_bias)]) + output_bias


@tied_head.alternative
def in_float32(states, W, b, E, output_bias):
    inner = torch.nn.functional.gelu(states.float() @ W.float() + b.float())
    return inner @ E[:-2].T.float() + output_bias.float()


@tied_head.alternative
def by_loop(states, W, b, E, output_bias):
    scores = []
    for state in states.reshape(-1, states.shape[-1]):
        inner = torch.nn.functional.gelu(state @ W + b)
        scores.append(torch.stack([inner @ e for e in E[:-2]]) + output_bias)
    return torch.stack(scores).reshape(*states.shape[:-1], len(output_bias))
