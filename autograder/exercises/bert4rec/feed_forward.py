"""Exercise `FeedForward`: cases, mistakes, alternatives."""

import numpy as np
import torch

from autograder.exercises import Exercise
from autograder.exercises.bert4rec.drawing import parameters, single

FeedForward = Exercise("FeedForward", points=2, tolerance=1e-5, driver="module", needs=("gelu",))


@FeedForward.cases
def _(rng):
    worked = {
        "linear1.weight": np.array([[1.0], [-1.0]]),
        "linear1.bias": np.zeros(2),
        "linear2.weight": np.array([[1.0, 1.0]]),
        "linear2.bias": np.array([10.0]),
    }
    asked = {"training": False, "inputs": (torch.tensor([[2.0]]),)}
    yield "the worked example", {"d": 1, "width": 2, "parameters": worked, **asked}
    yield "4 rows of 2 numbers, width 3", _question(rng, 2, 3, 4)
    yield "2 histories of 3 places", _question(rng, 1, 4, 2, 3)
    yield "width below d", _question(rng, 3, 2, 1, 4)
    large = _question(rng, 2, 3, 4)
    large["inputs"] = (4 * large["inputs"][0],)
    yield "large inner numbers", large
    yield "while it is trained", {**_question(rng, 2, 4, 1, 3), "training": True}


def _question(rng, d, width, *rows):
    drawn = parameters(
        rng,
        linear1__weight=(width, d),
        linear1__bias=(width,),
        linear2__weight=(d, width),
        linear2__bias=(d,),
    )
    inputs = (single(rng, *rows, d),)
    return {"d": d, "width": width, "parameters": drawn, "training": False, "inputs": inputs}


@FeedForward.mistake(
    "There is nothing between your two linear maps, so together they are one linear map. Apply "
    "gelu to what linear1 gives."
)
def without_activation(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net = torch.nn.ModuleDict(maps)
    net.forward = lambda x: net["linear2"](net["linear1"](x))
    return net


@FeedForward.mistake("You used ReLU between the two maps. Use your gelu.")
def with_relu(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net = torch.nn.ModuleDict(maps)
    net.forward = lambda x: net["linear2"](torch.relu(net["linear1"](x)))
    return net


@FeedForward.mistake("You apply gelu a second time, after linear2. The last map stays linear.")
def gelu_at_the_end_too(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: gelu(net["linear2"](gelu(net["linear1"](x))))
    return net


@FeedForward.mistake("Your gelu comes after linear2. It belongs between the two maps.")
def gelu_at_the_end(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: gelu(net["linear2"](net["linear1"](x)))
    return net


@FeedForward.mistake("Your gelu is applied to x, before linear1. It belongs between the two maps.")
def gelu_first(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: net["linear2"](net["linear1"](gelu(x)))
    return net


@FeedForward.mistake(
    "You added x to the result. The residual belongs to the layer, two exercises further down; "
    "here only FFN(x) is asked for."
)
def residual_added(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: x + net["linear2"](gelu(net["linear1"](x)))
    return net


@FeedForward.mistake("Yours uses the approximation of GELU with a tanh. Use your exact gelu.")
def with_tanh_gelu(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net = torch.nn.ModuleDict(maps)
    gelu = torch.nn.GELU(approximate="tanh")
    net.forward = lambda x: net["linear2"](gelu(net["linear1"](x)))
    return net


@FeedForward.mistake("Your inner bias, of linear1, is not used: apply the module, linear1(x).")
def without_inner_bias(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: net["linear2"](
        gelu(x @ net["linear1"].weight.T + 0 * net["linear1"].bias)
    )
    return net


@FeedForward.mistake("Your outer bias, of linear2, is not used: apply the module, linear2(...).")
def without_outer_bias(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: (
        gelu(net["linear1"](x)) @ net["linear2"].weight.T + 0 * net["linear2"].bias
    )
    return net


@FeedForward.mistake(
    "You normalise the result. LayerNorm belongs to the layer, two exercises further down."
)
def normalised(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: torch.nn.functional.layer_norm(
        net["linear2"](gelu(net["linear1"](x))), (d,)
    )
    return net


@FeedForward.mistake(
    "Your result is cut off from linear1 (detach, no_grad or NumPy in between): its parameters "
    "get no gradient, and would not learn."
)
def inner_detached(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: net["linear2"](gelu(net["linear1"](x)).detach())
    return net


@FeedForward.mistake("No dropout inside the feed-forward network here. The layer drops out.")
def with_dropout(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    drop = torch.nn.functional.dropout
    net.forward = lambda x: net["linear2"](drop(gelu(net["linear1"](x)), 0.1, net.training))
    return net


@FeedForward.refused
def exchanged_names(d, width):
    maps = {"linear2": torch.nn.Linear(d, width), "linear1": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu
    net.forward = lambda x: net["linear1"](gelu(net["linear2"](x)))
    return net


@FeedForward.refused
def mixed_over_places(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net, gelu = torch.nn.ModuleDict(maps), torch.nn.functional.gelu

    def forward(x):
        inner = gelu(net["linear1"](x))
        return net["linear2"](inner - inner.mean(dim=-2, keepdim=True))

    net.forward = forward
    return net


@FeedForward.alternative
def by_torch(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net = torch.nn.ModuleDict(maps)
    net.forward = lambda x: net["linear2"](torch.nn.functional.gelu(net["linear1"](x)))
    return net


@FeedForward.alternative
def with_matrices(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net = torch.nn.ModuleDict(maps)

    def forward(x):
        inner = torch.einsum("...d,wd->...w", x, net["linear1"].weight) + net["linear1"].bias
        inner = inner * torch.special.ndtr(inner)
        return inner @ net["linear2"].weight.T + net["linear2"].bias

    net.forward = forward
    return net


@FeedForward.alternative
def in_float64(d, width):
    maps = {"linear1": torch.nn.Linear(d, width), "linear2": torch.nn.Linear(width, d)}
    net = torch.nn.ModuleDict(maps).double()
    gelu = torch.nn.functional.gelu
    net.forward = lambda x: net["linear2"](gelu(net["linear1"](x.double())))
    return net
