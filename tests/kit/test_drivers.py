"""Every driver: right answers pass, known mistakes are recognised, kinds are told apart."""

import json

import numpy as np
import pytest
import torch

from autograder.exercises import Exercise
from autograder.lecture.examination import examine
from embedlab.diagnosis import diagnose
from embedlab.drivers import module
from embedlab.observe import observe


def verdict(exercise, reference, answer):
    """Return the verdict on an answer, by way of JSON as in a real check."""
    examination = json.loads(json.dumps(examine(exercise, reference, seed=3)))
    outcomes = [
        observe(answer, case["arguments"], exercise.driver) for case in examination["cases"]
    ]
    return diagnose(examination, json.loads(json.dumps(outcomes)))


# --- generators -----------------------------------------------------------------------------------

batches = Exercise("batches", points=1, driver="generator")


@batches.cases
def _(rng):
    yield "ten items", {"items": rng.normal(size=10), "size": 3}
    yield "an even split", {"items": rng.normal(size=6), "size": 3}


@batches.mistake("You drop the last, shorter batch.")
def drops_the_rest(items, size):
    for start in range(0, len(items) - size + 1, size):
        yield items[start : start + size]


def in_batches(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


def test_a_generator_is_listed_and_compared():
    assert verdict(batches, in_batches, in_batches).passed
    assert verdict(batches, in_batches, drops_the_rest).mistake == "drops_the_rest"


def test_a_list_is_no_generator():
    found = verdict(batches, in_batches, lambda *a: list(in_batches(*a)))
    assert found.kind == "exception"
    assert "returned a list" in found.message


def test_an_endless_generator_is_cut():
    def endless(items, size):
        while True:
            yield items[:size]

    assert verdict(batches, in_batches, endless).kind == "shape"


# --- updates in place -----------------------------------------------------------------------------

step = Exercise("step", points=1, driver="updates")


@step.cases
def _(rng):
    yield "three weights", {"weights": rng.normal(size=3), "gradient": rng.normal(size=3)}


@step.mistake("You return new weights and leave the old ones as they were.")
def copies(weights, gradient):
    weights = weights - 0.1 * gradient


def descend(weights, gradient):
    weights -= 0.1 * gradient


def test_updates_in_place_are_seen():
    assert verdict(step, descend, descend).passed
    assert verdict(step, descend, copies).mistake == "copies"


# --- objects that keep a state --------------------------------------------------------------------

model = Exercise("Mean", points=1, driver="methods")


class Mean:
    def __init__(self, start):
        self.total, self.count = start, 1

    def learn(self, values):
        self.total, self.count = self.total + values.sum(), self.count + len(values)

    def predict(self):
        return self.total / self.count


class Forgetful(Mean):
    def learn(self, values):
        self.total, self.count = values.sum(), len(values)


@model.cases
def _(rng):
    first, second = rng.normal(size=4), rng.normal(size=5)
    calls = [["predict"], ["learn", first], ["predict"], ["learn", second], ["predict"]]
    yield "two lots of training", {"start": 1.5, "calls": calls}


def test_an_object_is_driven_through_its_life():
    assert verdict(model, Mean, Mean).passed
    found = verdict(model, Mean, Forgetful)
    assert found.kind == "values"
    assert "element 2" in found.message


# --- gradients ------------------------------------------------------------------------------------

square = Exercise("square", points=1, driver="gradients")


@square.cases
def _(rng):
    yield "three numbers", {"x": torch.tensor(rng.normal(size=3)), "n": torch.tensor([2, 1])}


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda x, n: x**2, "passed", ""),
        (lambda x, n: x.float() ** 2, "passed", ""),  # rounded, and so is its gradient
        (lambda x, n: x**3, "values", "the result: got"),
        (lambda x, n: (x**2).detach(), "type", "`x` gets no gradient"),
        (lambda x, n: x * x.detach(), "values", "the gradient of `x`: got"),
        (lambda x, n: torch.tensor(x.numpy() ** 2), "exception", "stay in torch"),
        (lambda x, n: (x**2).tolist(), "type", "the result should be a torch tensor"),
        (lambda x, n: x.mul_(x.clone()), "changed", "the call changed `x`"),
    ],
)
def test_a_function_needs_its_gradient(answer, kind, words):
    found = verdict(square, lambda x, n: x**2, answer)
    assert found.kind == kind
    assert words in found.message


# --- torch modules --------------------------------------------------------------------------------

tower = Exercise("Tower", points=1, driver="module")


class Tower(torch.nn.Module):
    def __init__(self, n_items, n_factors):
        super().__init__()
        self.items = torch.nn.Embedding(n_items, n_factors, dtype=torch.float64)

    def forward(self, one, other):
        return (self.items(one) * self.items(other)).sum(-1)


class Detached(Tower):
    def forward(self, one, other):
        return (self.items(one) * self.items(other).detach()).sum(-1)


class Renamed(torch.nn.Module):
    def __init__(self, n_items, n_factors):
        super().__init__()
        self.films = torch.nn.Embedding(n_items, n_factors, dtype=torch.float64)


@tower.cases
def _(rng):
    yield (
        "two pairs",
        {
            "n_items": 4,
            "n_factors": 3,
            "parameters": {"items.weight": rng.normal(size=(4, 3))},
            "training": False,
            "inputs": (torch.tensor([0, 2]), torch.tensor([3, 2])),
        },
    )


def test_a_module_answers_with_output_and_gradients():
    assert verdict(tower, Tower, Tower).passed
    found = verdict(tower, Tower, Detached)
    assert found.kind == "values"
    assert "the gradient of `items.weight`: got" in found.message


forgetful = Exercise("Forgetful", points=1, driver="module")


class Dropped(torch.nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))
        self.dropout = torch.nn.Dropout(rate)

    def forward(self, x):
        return self.dropout(self.weight * x)


@forgetful.cases
def _(rng):
    inputs = {"parameters": {"weight": rng.normal(size=3)}, "inputs": (torch.ones(3),)}
    yield "asked", {"rate": 1.0, "training": False, **inputs}
    yield "trained", {"rate": 1.0, "training": True, **inputs}


def test_a_module_is_tried_as_it_trains_too():
    assert verdict(forgetful, Dropped, Dropped).passed
    found = verdict(forgetful, Dropped, lambda rate: Dropped(0.0))
    assert found.kind == "values"
    assert found.case == "trained"


half = Exercise("Half", points=1, driver="module")


class Halved(Dropped):
    def __init__(self, rate):
        super().__init__(rate)
        torch.rand(int(torch.randint(1, 9, ())))  # whatever its making draws


class Unscaled(Dropped):
    def forward(self, x):
        return 0.5 * super().forward(x)


@half.cases
def _(rng):
    inputs = {"parameters": {"weight": rng.normal(size=3)}, "inputs": (torch.ones(9, 3),)}
    yield "trained", {"rate": 0.5, "training": True, **inputs}


def test_what_a_module_drops_out_can_be_compared():
    assert verdict(half, Dropped, Halved).passed
    assert verdict(half, Dropped, Unscaled).kind == "values"


def test_what_a_module_drops_out_does_not_depend_on_how_torch_draws():
    (case,) = (arguments for _, arguments in half.draw(np.random.default_rng(0)))
    output = module(Dropped, case)["the module's output"].detach().numpy()
    assert ((output != 0) == (np.random.default_rng(0).random((9, 3)) >= 0.5)).all()


def test_a_module_is_tried_beside_the_random_numbers_of_the_notebook():
    (case,) = (arguments for _, arguments in half.draw(np.random.default_rng(0)))
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    module(Dropped, case)
    assert torch.equal(torch.rand(3), wanted)


class Untrue(Tower):
    def __init__(self, n_items, n_factors):
        super().__init__(n_items, n_factors + 1)


class Additional(Tower):
    def __init__(self, n_items, n_factors):
        super().__init__(n_items, n_factors)
        self.more = torch.nn.Linear(1, 1)


class Headless(torch.nn.Module):
    def __init__(self, n_items, n_factors):
        self.items = torch.nn.Embedding(n_items, n_factors)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Untrue, "`items.weight` has shape (4, 4) in yours; it should be (4, 3)"),
        (Additional, "a parameter `more.weight` that was not asked for"),
        (Headless, "begin your __init__ with super().__init__()"),
    ],
)
def test_modules_that_cannot_be_set_are_told_why(answer, words):
    assert words in verdict(tower, Tower, answer).message


def test_parameters_of_another_name_are_named():
    found = verdict(tower, Tower, Renamed)
    assert found.kind == "exception"
    assert "items.weight" in found.message


# --- tensors and arrays are not the same thing -------------------------------------------------

scores = Exercise("scores", points=1)


@scores.cases
def _(rng):
    yield "a vector", {"x": torch.tensor(rng.normal(size=3))}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda x: 2 * x, "passed"),
        (lambda x: (2 * x).float(), "passed"),  # float32 is compared less strictly
        (lambda x: (2 * x).numpy(), "type"),
        (lambda x: (2 * x)[None], "shape"),
        (lambda x: 3 * x, "values"),
        (lambda x: (2 * x).to(torch.bfloat16), "type"),
        (lambda x: (2 * x).to_sparse(), "type"),
        (lambda x: list(2 * np.asarray(x)), "type"),
    ],
)
def test_tensors_are_told_from_arrays(answer, kind):
    assert verdict(scores, lambda x: 2 * x, answer).kind == kind


def test_exit_in_a_function_is_an_exception_and_ends_nothing():
    def leaves(x):
        raise SystemExit(3)

    assert verdict(scores, lambda x: x, leaves).kind == "exception"
