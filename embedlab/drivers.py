"""How an exercise is tried: what is done with the student's function, and what is looked at.

Every driver takes what the student defined and the case's arguments {name: value}, and returns a
value that `embedlab.wire` can write down. An exercise names its driver; most are plain calls. A
driver that looks at several things returns a dict whose keys are the words for them in a message.
"""

import collections.abc
import itertools

LONGEST = 10_000  # values taken from a generator
# arguments that are not handed over by position, by driver
APART = {"methods": ("calls",), "module": ("parameters", "inputs")}


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


def module(make, arguments):
    """Make a torch module, set its parameters, apply it; its output and every gradient of its sum.

    arguments["parameters"] is {name: array}, arguments["inputs"] a tuple; the others make the
    module.
    """
    import torch

    made = make(*_by_position("module", arguments))
    made.load_state_dict(
        {name: torch.as_tensor(value) for name, value in arguments["parameters"].items()}
    )
    made.eval()
    output = made(*arguments["inputs"])
    output.sum().backward()
    gradients = {
        f"the gradient of `{name}`": parameter.grad for name, parameter in made.named_parameters()
    }
    return {"the module's output": output, **gradients}


def _by_position(driver, arguments):
    return [value for name, value in arguments.items() if name not in APART[driver]]


DRIVERS = {driver.__name__: driver for driver in (call, generator, updates, methods, module)}
