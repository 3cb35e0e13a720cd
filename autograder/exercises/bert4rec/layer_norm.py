"""Exercise `layer_norm`: cases, mistakes, alternatives."""

import torch

from autograder.exercises import Exercise
from autograder.exercises.bert4rec.drawing import entries

layer_norm = Exercise("layer_norm", points=2, driver="gradients")


@layer_norm.cases
def _(rng):
    worked = {
        "x": torch.tensor([[1.0, 5.0, 0.0, 2.0]]),
        "weight": torch.tensor([1.0, 2.0, 1.0, 1.0]),
        "bias": torch.tensor([0.0, 0.0, 0.0, -1.0]),
        "epsilon": 0.5,
    }
    yield "the worked example", worked
    yield "a single row of 3 numbers", _question(rng, 3)
    yield "2 rows of 5 numbers", _question(rng, 2, 5)
    yield "3 histories of 2 places, 4 numbers each", _question(rng, 3, 2, 4)
    large = _question(rng, 4, 6)
    large["x"] = 1000 + 100 * large["x"]
    yield "numbers around 1000", large
    flat = _question(rng, 5, 3)
    flat["x"][rng.integers(1, 4)] = float(rng.integers(2, 90)) / 8
    yield "a row of equal numbers: 0 before weight and bias", flat
    tiny = _question(rng, 3, 7)
    tiny["x"] = 2.5e-4 * tiny["x"]
    tiny["epsilon"] = 1e-6 * float(rng.integers(2, 9))
    yield "rows whose variance is about as small as epsilon", tiny
    yield "a large epsilon", {**_question(rng, 2, 6), "epsilon": float(rng.integers(11, 39)) / 10}
    zero = _question(rng, 4, 5)
    zero["weight"][rng.integers(0, 5)] = 0.0
    zero["x"] = zero["x"].float()
    zero["weight"], zero["bias"] = zero["weight"].float(), zero["bias"].float()
    yield "float32, and a weight of 0", zero


def _question(rng, *shape):
    d = shape[-1]
    x = entries(rng, *shape) + 4 * torch.arange(d)  # spread: numbers nearly equal amplify rounding
    drawn = {"x": x, "weight": entries(rng, d), "bias": entries(rng, d)}
    return drawn | {"epsilon": 1e-5}


@layer_norm.mistake(
    "Your mean and variance are those of the whole tensor. Each place has its own: take the last "
    "axis (dim=-1), and keep it (keepdim=True)."
)
def whole_tensor(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean()
    return centred / torch.sqrt((centred**2).mean() + epsilon) * weight + bias


@layer_norm.mistake(
    "You normalise each feature over the batch (dim=0). That is batch normalisation; here each "
    "place is normalised over its own features (dim=-1)."
)
def over_the_batch(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean(dim=0, keepdim=True)
    variance = (centred**2).mean(dim=0, keepdim=True)
    return centred / torch.sqrt(variance + epsilon) * weight + bias


@layer_norm.mistake(
    "Your mean and variance are those of a whole history (the last two axes). Each place has its "
    "own: the last axis alone."
)
def over_the_history(x, weight, bias, epsilon=1e-5):
    axes = (-2, -1) if x.ndim > 1 else (-1,)
    centred = x - x.mean(dim=axes, keepdim=True)
    variance = (centred**2).mean(dim=axes, keepdim=True)
    return centred / torch.sqrt(variance + epsilon) * weight + bias


@layer_norm.mistake(
    "Your variance is divided by d - 1, as x.var does unless it is told unbiased=False. LayerNorm "
    "takes the mean of the squares."
)
def unbiased_variance(x, weight, bias, epsilon=1e-5):
    variance = x.var(dim=-1, keepdim=True)
    return (x - x.mean(dim=-1, keepdim=True)) / torch.sqrt(variance + epsilon) * weight + bias


@layer_norm.mistake(
    "You add epsilon to the standard deviation. It is added to the variance, under the root."
)
def epsilon_outside(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    deviation = torch.sqrt((centred**2).mean(dim=-1, keepdim=True))
    return centred / (deviation + epsilon) * weight + bias


@layer_norm.mistake("Epsilon is missing: add it to the variance, under the root.")
def without_epsilon(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(dim=-1, keepdim=True)) * weight + bias


@layer_norm.mistake("Your epsilon is 1e-5 always. Take the argument.")
def epsilon_fixed(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), weight, bias)


@layer_norm.mistake("You do not subtract the mean from what is divided.")
def not_centred(x, weight, bias, epsilon=1e-5):
    variance = x.var(dim=-1, keepdim=True, unbiased=False)
    return x / torch.sqrt(variance + epsilon) * weight + bias


@layer_norm.mistake(
    "You divide by the root of the mean square of x itself (that is RMSNorm). Subtract the mean "
    "first; the variance is the mean square of what is left."
)
def rms_norm(x, weight, bias, epsilon=1e-5):
    return x / torch.sqrt((x**2).mean(dim=-1, keepdim=True) + epsilon) * weight + bias


@layer_norm.mistake("You divide by the variance. Divide by its root.")
def divided_by_the_variance(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred / ((centred**2).mean(dim=-1, keepdim=True) + epsilon) * weight + bias


@layer_norm.mistake("You divide by the root of the *sum* of the squares. It is their mean.")
def sum_of_squares(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred / torch.sqrt((centred**2).sum(dim=-1, keepdim=True) + epsilon) * weight + bias


@layer_norm.mistake("Only the mean is subtracted in yours: divide by the root of the variance too.")
def only_centred(x, weight, bias, epsilon=1e-5):
    return (x - x.mean(dim=-1, keepdim=True)) * weight + bias


@layer_norm.mistake("Weight and bias are missing in yours: times weight, plus bias.")
def not_scaled(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), eps=epsilon)


@layer_norm.mistake("The weight is missing in yours.")
def without_weight(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), eps=epsilon) + bias


@layer_norm.mistake("The bias is missing in yours.")
def without_bias(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), weight, eps=epsilon)


@layer_norm.mistake("You exchanged weight and bias: multiply by the weight, add the bias.")
def exchanged(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), bias, weight, eps=epsilon)


@layer_norm.mistake(
    "The bias is added before the weight multiplies. First the weight, then the bias."
)
def bias_first(x, weight, bias, epsilon=1e-5):
    return (torch.nn.functional.layer_norm(x, (x.shape[-1],), eps=epsilon) + bias) * weight


@layer_norm.mistake(
    "Nothing could be learnt through your result. Stay in torch; no .detach(), .item(), .numpy() "
    "or torch.no_grad()."
)
def cut_off(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), weight, bias, epsilon).detach()


@layer_norm.mistake(
    "Mean and variance carry no gradient in yours: they depend on x, too. Do not detach them."
)
def statistics_cut_off(x, weight, bias, epsilon=1e-5):
    with torch.no_grad():
        mean, variance = x.mean(dim=-1, keepdim=True), x.var(dim=-1, keepdim=True, unbiased=False)
    return (x - mean) / torch.sqrt(variance + epsilon) * weight + bias


@layer_norm.mistake("The mean, or the variance, has lost its last axis in yours: keepdim=True.")
def without_the_axis(x, weight, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1)
    variance = (centred**2).mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + epsilon) * weight + bias


@layer_norm.alternative
def by_torch(x, weight, bias, epsilon=1e-5):
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), weight, bias, epsilon)


@layer_norm.alternative
def with_var(x, weight, bias, epsilon=1e-5):
    variance, mean = torch.var_mean(x, dim=-1, keepdim=True, unbiased=False)
    return weight * (x - mean) * torch.rsqrt(variance + epsilon) + bias


@layer_norm.alternative
def in_float32(x, weight, bias, epsilon=1e-5):
    x = x.float()
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = (centred**2).mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + epsilon) * weight.float() + bias.float()


@layer_norm.alternative
def by_loop(x, weight, bias, epsilon=1e-5):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        mean = sum(row) / len(row)
        variance = sum((v - mean) ** 2 for v in row) / len(row)
        rows.append((row - mean) / (variance + epsilon) ** 0.5 * weight + bias)
    return torch.stack(rows).reshape(x.shape)
