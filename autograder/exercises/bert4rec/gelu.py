"""Exercise `gelu`: cases, mistakes, alternatives."""

import torch

from autograder.exercises import Exercise
from autograder.exercises.bert4rec.drawing import entries

gelu = Exercise("gelu", points=1, driver="gradients")


@gelu.cases
def _(rng):
    yield "the worked example", {"x": torch.tensor([[-1.0, 0.0, 2.0]])}
    yield "five positive numbers", {"x": entries(rng, 5).abs()}
    yield "four negative numbers", {"x": -entries(rng, 4).abs()}
    yield "a matrix of both signs", {"x": entries(rng, 3, 4)}
    yield "shape (2, 3, 5)", {"x": 2 * entries(rng, 2, 3, 5)}
    yield "numbers near 0", {"x": 1e-3 * entries(rng, 6)}
    far = entries(rng, 7) + torch.tensor([30.0, -30, 100, -100, 900, -900, 50])
    yield "numbers up to 900 in size, and a 0", {"x": torch.cat((far, torch.zeros(1)))}
    yield "a tensor without axes", {"x": torch.tensor(rng.normal(), dtype=torch.float64)}
    yield "float32", {"x": entries(rng, 8).float()}


@gelu.mistake(
    "Yours is the approximation with a tanh, up to 0.0005 beside the exact formula. BERT's own "
    "code used it; here take torch.erf."
)
def tanh_approximation(x):
    return torch.nn.functional.gelu(x, approximate="tanh")


@gelu.mistake(
    "Yours is the approximation x times sigmoid(1.702 x). Take the exact distribution function, "
    "with torch.erf."
)
def sigmoid_approximation(x):
    return x * torch.sigmoid(1.702 * x)


@gelu.mistake("Yours is Φ(x) alone: multiply it by x.")
def distribution_alone(x):
    return 0.5 * (1 + torch.erf(x / 2**0.5))


@gelu.mistake("The argument of erf is x divided by the root of 2; yours is x.")
def erf_of_x(x):
    return 0.5 * x * (1 + torch.erf(x))


@gelu.mistake("The argument of erf is x divided by the *root* of 2; yours is divided by 2.")
def erf_of_half_x(x):
    return 0.5 * x * (1 + torch.erf(x / 2))


@gelu.mistake("The argument of erf is x *divided* by the root of 2; yours is multiplied by it.")
def erf_of_too_much(x):
    return 0.5 * x * (1 + torch.erf(x * 2**0.5))


@gelu.mistake("Yours is twice too large: the ½ before (1 + erf) is missing.")
def without_half(x):
    return x * (1 + torch.erf(x / 2**0.5))


@gelu.mistake("The 1 in 1 + erf is missing: yours is symmetric, and nothing negative comes out.")
def without_one(x):
    return 0.5 * x * torch.erf(x / 2**0.5)


@gelu.mistake(
    "Yours goes the wrong way round: a large x should pass nearly unchanged, a very negative one "
    "become nearly 0. It is 1 + erf, not 1 - erf."
)
def turned_round(x):
    return 0.5 * x * (1 - torch.erf(x / 2**0.5))


@gelu.mistake("This is ReLU, max(x, 0). GELU is smooth, and a little below 0 for negative x.")
def relu(x):
    return torch.relu(x)


@gelu.mistake("This is SiLU, x times the logistic sigmoid. GELU has Φ(x) in its place.")
def silu(x):
    return x * torch.sigmoid(x)


@gelu.mistake("You multiplied x by the normal *density*. It is the distribution function, Φ.")
def density(x):
    return x * torch.exp(-(x**2) / 2) / (2 * torch.pi) ** 0.5


@gelu.mistake("Negative numbers come out as 0. GELU(-1) is -0.1587: keep what is below 0.")
def clipped_below(x):
    return torch.clamp(0.5 * x * (1 + torch.erf(x / 2**0.5)), min=0.0)


@gelu.mistake("Your function is symmetric: GELU(-1) is not GELU(1). Do not take absolute values.")
def of_the_size(x):
    return 0.5 * x.abs() * (1 + torch.erf(x.abs() / 2**0.5))


@gelu.mistake(
    "Nothing could be learnt through your result. Stay in torch; no .detach(), .item(), .numpy() "
    "or torch.no_grad()."
)
def cut_off(x):
    return 0.5 * x.detach() * (1 + torch.erf(x.detach() / 2**0.5))


@gelu.mistake("Do not round: `.round` in the example is only for display.")
def rounded(x):
    return torch.round(0.5 * x * (1 + torch.erf(x / 2**0.5)), decimals=4)


@gelu.alternative
def by_torch(x):
    return torch.nn.functional.gelu(x)


@gelu.alternative
def with_normal(x):
    return x * torch.distributions.Normal(0.0, 1.0).cdf(x)


@gelu.alternative
def with_ndtr(x):
    return torch.special.ndtr(x) * x


@gelu.alternative
def in_float32(x):
    return 0.5 * x.float() * (1 + torch.erf(x.float() / 2**0.5))


@gelu.alternative
def by_loop(x):
    out = [0.5 * v * (1 + torch.erf(v / 2**0.5)) for v in x.reshape(-1)]
    return torch.stack(out).reshape(x.shape)
