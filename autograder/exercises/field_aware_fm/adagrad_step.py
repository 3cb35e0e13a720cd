"""Exercise `adagrad_step`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import signed, whole

adagrad_step = Exercise("adagrad_step", points=1, tolerance=1e-5)


@adagrad_step.cases
def _(rng):
    yield (
        "the worked example",
        {
            "values": np.array([1.0, -2.0]),
            "gradient": np.array([3.0, 0.0]),
            "accumulator": np.array([16.0, 1.0]),
            "rate": 0.5,
        },
    )
    yield "a single number", _state(rng, 1)
    yield "the first step, all sums 1", {**_state(rng, 4), "accumulator": np.ones(4)}
    state = _state(rng, 5)
    state["gradient"][[1, 3]] = 0.0
    yield "numbers whose gradient is 0", state
    yield "a number, as w0 is one", {**_state(rng, 1), **_number(rng)}
    yield "a matrix", _state(rng, 3, 2)
    state = _state(rng, 2, 4, 3)
    yield "vectors for fields, (2, 4, 3)", state
    yield "a long history", {**_state(rng, 3), "accumulator": rng.uniform(100, 900, 3).round(1)}


def _number(rng):
    state = _state(rng, 1)
    return {name: state[name].reshape(()) for name in ("values", "gradient", "accumulator")}


def _state(rng, *shape):
    return {
        "values": signed(rng, *shape),
        "gradient": whole(rng, *shape) + signed(rng, *shape),
        "accumulator": 1 + rng.uniform(0.5, 9, shape).round(2),
        "rate": round(float(rng.uniform(0.05, 0.6)), 3),
    }


@adagrad_step.mistake(
    "You divided by the old sum: the new gradient is missing in it. First add its square, then "
    "step."
)
def accumulated_after_the_step(values, gradient, accumulator, rate):
    return values - rate * gradient / np.sqrt(accumulator), accumulator + gradient**2


@adagrad_step.mistake("The root is missing: divide by the square root of the sum of squares.")
def root_forgotten(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return values - rate * gradient / accumulator, accumulator


@adagrad_step.mistake("You stepped uphill: the step is subtracted from the values.")
def uphill(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return values + rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake(
    "Your sum adds the gradients themselves. It adds their squares, so that it never shrinks."
)
def gradient_not_squared(values, gradient, accumulator, rate):
    accumulator = accumulator + np.abs(gradient)
    return values - rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake(
    "All numbers share one sum in your step. Each number has a sum, and so a step size, of its own."
)
def one_sum_for_all(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return values - rate * gradient / np.sqrt(np.sum(accumulator)), accumulator


@adagrad_step.mistake(
    "The squared length of the whole gradient goes into every sum. Each number's sum adds its own "
    "squared gradient, number by number."
)
def squared_length_added(values, gradient, accumulator, rate):
    accumulator = accumulator + np.sum(gradient**2)
    return values - rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake(
    "Your second result is the root of the sum. Keep the sum itself: the next step adds to it."
)
def root_kept(values, gradient, accumulator, rate):
    root = np.sqrt(accumulator + gradient**2)
    return values - rate * gradient / root, root


@adagrad_step.mistake(
    "The new values are right, but the old sum is returned: the next step needs the new one."
)
def old_sum_returned(values, gradient, accumulator, rate):
    return values - rate * gradient / np.sqrt(accumulator + gradient**2), accumulator


@adagrad_step.mistake(
    "Your new sum is the squared gradient alone: the history is lost. Add the square to the sum so "
    "far."
)
def history_lost(values, gradient, accumulator, rate):
    accumulator = gradient**2
    return values - rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake(
    "The results are right, but your function writes into the arrays of its caller. "
    "`accumulator += ...` changes the array itself: make a new one, accumulator + gradient**2."
)
def written_into_the_arguments(values, gradient, accumulator, rate):
    accumulator += gradient**2
    values -= rate * gradient / np.sqrt(accumulator)
    return values, accumulator


@adagrad_step.mistake(
    "The results are right, but your function writes into its caller's sums. "
    "`accumulator += ...` changes the array itself: make a new one, accumulator + gradient**2."
)
def sums_written_into(values, gradient, accumulator, rate):
    accumulator += gradient**2
    return values - rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake(
    "The results are right, but your function writes into its caller's values. `values -= ...` "
    "changes the array itself: make a new one, values - ..."
)
def values_written_into(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    values -= rate * gradient / np.sqrt(accumulator)
    return values, accumulator


@adagrad_step.mistake(
    "The gradient is missing from your step: it is the rate times the gradient, divided by the "
    "root of the sum."
)
def step_without_the_gradient(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return values - rate / np.sqrt(accumulator), accumulator


@adagrad_step.mistake("The learning rate is missing: it multiplies the step.")
def rate_forgotten(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return values - gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake("The two results come in the order new values, new sum: yours are exchanged.")
def results_exchanged(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return accumulator, values - rate * gradient / np.sqrt(accumulator)


@adagrad_step.mistake(
    "You divided by the root of 1 + the sum. The 1 is in the sum already: G starts at 1."
)
def one_added_again(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return values - rate * gradient / np.sqrt(1 + accumulator), accumulator


@adagrad_step.mistake(
    "Your new sum is 1 + the squared gradient, at each step anew. Add the square to the sum so far."
)
def started_at_one_again(values, gradient, accumulator, rate):
    accumulator = 1 + gradient**2
    return values - rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.mistake(
    "You divided by the length of the gradient. Each number is divided by the root of its own sum."
)
def divided_by_the_length(values, gradient, accumulator, rate):
    length = np.sqrt(np.sum(gradient**2))
    return values - rate * gradient / length, accumulator + gradient**2


@adagrad_step.refused
def a_loop_over_the_first_axis(values, gradient, accumulator, rate):
    new_values, new_sums = np.array(values), np.array(accumulator)
    for i in range(len(values)):
        new_sums[i] = accumulator[i] + gradient[i] ** 2
        new_values[i] = values[i] - rate * gradient[i] / np.sqrt(new_sums[i])
    return new_values, new_sums


@adagrad_step.refused
def the_step_alone(values, gradient, accumulator, rate):
    accumulator = accumulator + gradient**2
    return -rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.refused
def one_sum_a_row(values, gradient, accumulator, rate):
    squares = gradient**2
    axis = -1 if np.ndim(squares) else None
    accumulator = accumulator + np.mean(squares, axis=axis, keepdims=True)
    return values - rate * gradient / np.sqrt(accumulator), accumulator


@adagrad_step.alternative
def roots_in_float32(values, gradient, accumulator, rate):
    total = accumulator + gradient**2
    return values - rate * gradient / np.sqrt(np.float32(total)), total


@adagrad_step.alternative
def with_torch(values, gradient, accumulator, rate):
    import torch

    value, total = torch.tensor(values), torch.tensor(accumulator)
    slope = torch.tensor(gradient)
    total.addcmul_(slope, slope)
    return value.addcdiv_(slope, total.sqrt(), value=-rate).numpy(), total.numpy()


@adagrad_step.alternative
def number_by_number(values, gradient, accumulator, rate):
    new_values, new_sums = np.array(values), np.array(accumulator)
    for place in np.ndindex(values.shape):
        new_sums[place] += gradient[place] ** 2
        new_values[place] -= rate * gradient[place] / new_sums[place] ** 0.5
    return new_values, new_sums
