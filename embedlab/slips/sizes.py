"""The whole line, times or divided by a number or a size."""

import ast
from fractions import Fraction

import numpy as np

from embedlab.expressions import magnitude, parse
from embedlab.slips.line import Line, compiled
from embedlab.slips.nodes import Slip, binary
from embedlab.slips.trial import Trial


def of_another_size(line: Line, trial: Trial) -> Slip | None:
    """Compare the line's values with the right ones, as a ratio that is a number or a size."""
    code = compiled(line.tree)
    values = [trial.value(code, number) for number in range(len(trial.expected))]
    ratios = []
    for mine, right in zip(values, trial.expected, strict=True):
        if mine is None or mine.shape != right.shape or not magnitude(right):
            return None
        ratios.append(float((mine * right).sum() / (right * right).sum()))
    (whole,) = (slot for slot in line.slots if slot.is_whole)

    def slip(operator, by, words):
        new = binary(whole.node, operator(), by)
        holds = trial.holds(line.compiled(whole, new))
        return Slip(words, line.repaired(whole, new)) if holds else None

    for name, (by, sizes) in all_sizes(trial.instances).items():
        if np.allclose(ratios, sizes):
            return slip(ast.Div, by, f"Your line divided by {name} would hold.")
        if np.allclose(np.multiply(ratios, sizes), 1):
            return slip(ast.Mult, by, f"Your line times {name} would hold.")
    ratio = Fraction(np.median(ratios)).limit_denominator(12)
    if ratio and np.allclose(ratios, float(ratio)):
        by = ast.Constant(float(1 / ratio))
        return slip(ast.Mult, by, f"Your line times {1 / ratio} would hold.")
    return None


def all_sizes(instances: list[dict]) -> dict[str, tuple[ast.expr, list[int]]]:
    """Return {how it is called: (its expression, its value on every instance)} of all sizes."""
    found = {}
    for name, value in instances[0].items():
        if isinstance(value, int | np.integer) and not isinstance(value, bool):
            sizes = [instance[name] for instance in instances]
            words = f"`{name}`" if len(set(sizes)) > 1 else f"`{name}`, which is {sizes[0]},"
            found[words] = parse(name).body, sizes
    for name, value in instances[0].items():
        for axis in range(value.ndim if isinstance(value, np.ndarray) else 0):
            code = f"{name}.shape[{axis}]"
            sizes = [instance[name].shape[axis] for instance in instances]
            words = f"`{code}`" if len(set(sizes)) > 1 else f"`{code}`, which is {sizes[0]},"
            found[words] = parse(code).body, sizes
    return {words: (by, sizes) for words, (by, sizes) in found.items() if 1 not in sizes}
