"""How an exercise is tried: what is done with the student's function, and what is looked at.

Every driver takes what the student defined and the case's arguments {name: value}, and returns a
value that `embedlab.wire` can write down. An exercise names its driver; most are plain calls. A
driver that looks at several things returns a dict whose keys are the words for them in a message.
"""

import collections.abc
import contextlib
import itertools
import unittest.mock

import numpy as np

LONGEST = 10_000  # values taken from a generator
# arguments that are not handed over by position, by driver
APART = {"methods": ("calls",), "module": ("parameters", "training", "inputs")}


def call(function, arguments):
    """Call the function by position; its result, a tuple if it has several."""
    return function(*arguments.values())


def generator(function, arguments):
    """Call the function and list what it yields."""
    values = function(*arguments.values())
    if not isinstance(values, collections.abc.Iterator):
        kind = type(values).__name__
        raise TypeError(f"should yield its values one by one (a generator), but returned a {kind}")
    return list(itertools.islice(values, LONGEST))


def updates(function, arguments):
    """Call a function that changes its arguments in place; its result and its arguments then."""
    returned = function(*arguments.values())
    after = {f"`{name}` after the call": value for name, value in arguments.items()}
    return {"the returned value": returned, **after}


def methods(make, arguments):
    """Make an object and call its methods in turn; what each returned.

    arguments["calls"] lists [method, argument, ...]; the other arguments make the object. The
    object keeps its state from call to call: a model that trains is asked what it predicts.
    """
    made = make(*_by_position("methods", arguments))
    return [getattr(made, method)(*rest) for method, *rest in arguments["calls"]]


def gradients(function, arguments):
    """Call the function; its result, and the gradient of its sum for each tensor of real numbers.

    A result that is no tensor, or is cut off from an argument, has None as that gradient.
    """
    import torch

    leaves = {
        name: value.clone().requires_grad_()
        for name, value in arguments.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }
    # torch forbids to change a leaf in place; of a copy the change is seen
    arguments.update({name: leaf.clone() for name, leaf in leaves.items()})
    output = function(*arguments.values())
    arguments.update({name: arguments[name].detach() for name in leaves})
    return {"the result": output, **_gradients(output, leaves)}


def module(make, arguments):
    """Make a torch module, set its parameters, apply it; its output and every gradient of its sum.

    arguments["parameters"] is {name: array}, arguments["training"] whether the module is being
    trained (dropout is), arguments["inputs"] a tuple; the others make the module. What
    dropout keeps depends on the place in the tensor alone, so that results can be compared.
    """
    import torch

    made = make(*_by_position("module", arguments))
    parameters = {name: torch.as_tensor(value) for name, value in arguments["parameters"].items()}
    _check_parameters(made.state_dict(), parameters)
    made.load_state_dict(parameters)
    made.train(arguments["training"])
    with _fixed_chance():
        output = made(*arguments["inputs"])
    gradients = _gradients(output, dict(made.named_parameters()))
    return {"the module's output": output, **gradients}


@contextlib.contextmanager
def _fixed_chance():
    """Let PyTorch's dropout keep the same numbers on every machine.

    What it keeps by itself depends on how PyTorch was built and on the order of memory, so that
    results could not be compared.
    """
    import torch

    def dropout(x, p=0.5, training=True, inplace=False):
        if not training or p == 0:
            return x
        kept = torch.from_numpy(rng.random(x.shape) >= p)
        return x * kept / (1 - p if p < 1 else 1)

    rng = np.random.default_rng(0)
    with torch.random.fork_rng(devices=[]):  # a notebook's own random numbers go on as they were
        torch.manual_seed(0)  # after the making, which may draw start values in any order
        with unittest.mock.patch("torch.nn.functional.dropout", dropout):
            yield


def _check_parameters(made, wanted):
    """Raise a RuntimeError in words, where torch would write a list, if a parameter differs."""
    for name, value in wanted.items():
        if name not in made:
            raise RuntimeError(f"your module has no parameter `{name}`, only {', '.join(made)}")
        if made[name].shape != value.shape:
            shapes = tuple(made[name].shape), tuple(value.shape)
            raise RuntimeError("`{}` has shape {} in yours; it should be {}".format(name, *shapes))
    for name in made:
        if name not in wanted:
            raise RuntimeError(f"your module has a parameter `{name}` that was not asked for")


def _gradients(output, leaves):
    """Return {words: gradient of the output's sum, None where nothing leads to it}."""
    import torch

    found = [None] * len(leaves)
    if leaves and isinstance(output, torch.Tensor) and output.requires_grad:
        found = torch.autograd.grad(output.sum(), list(leaves.values()), allow_unused=True)
        # float32 on the way leaves its rounding in a float64 gradient: it is one of float32
        found = [one if one is None else one.to(output.dtype) for one in found]
    return {
        f"the gradient of `{name}`": gradient for name, gradient in zip(leaves, found, strict=True)
    }


def _by_position(driver, arguments):
    return [value for name, value in arguments.items() if name not in APART[driver]]


DRIVERS = {
    driver.__name__: driver for driver in (call, generator, updates, methods, gradients, module)
}
