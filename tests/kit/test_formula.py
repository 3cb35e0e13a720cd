"""A student's line as a formula."""

import doctest

import numpy as np
import pytest

import embedlab.formula
from embedlab.formula import formula

INSTANCE = {
    **{name: np.eye(3) for name in ("A", "D_M", "E")},
    **{name: np.ones(3) for name in ("x", "q")},
    **{name: 2.0 for name in ("a", "b", "sigma", "l2", "w0", "left", "var_q")},
    **{"i": 0, "softmax": np.exp},
}


@pytest.mark.parametrize(
    ("code", "latex"),
    [
        ("-E.T @ A + l2 * D_M @ A", r"-E^\top A + \lambda D_M A"),
        ("a - (b + a)", r"a - \left(b + a\right)"),
        ("a - b + a", "a - b + a"),
        ("-(a + b) * w0", r"-\left(a + b\right) w_0"),
        ("a * -b", r"a \left(-b\right)"),
        ("a * 2", r"a \cdot 2"),
        ("0.5 * (a * b)**2", r"\tfrac{1}{2} \left(a b\right)^{2}"),
        ("(a + b) / (1 - sigma)", r"\frac{a + b}{1 - \sigma}"),
        ("a**0.5 + np.sqrt(b)", r"\sqrt{a} + \sqrt{b}"),
        ("x @ q", r"x^\top q"),
        ("x @ A @ q", r"x^\top A q"),
        ("x.T @ (A @ q)", r"x^\top A q"),
        ("(x + q) @ q", r"\left(x + q\right)^\top q"),
        ("x**2", r"x^{\odot 2}"),
        ("A * E @ x", r"\left(A \odot E\right) x"),
        ("(x**2)[:, None] * A", r"\operatorname{diag}\left(x^{\odot 2}\right) A"),
        ("np.outer(x, q) - np.diag(x)", r"x q^\top - \operatorname{diag}\left(x\right)"),
        ("E[i, i] * x[i + 1]", "E_{ii} x_{i + 1}"),
        ("np.linalg.solve(A + l2 * np.eye(3), x)", r"\left(A + \lambda I\right)^{-1} x"),
        ("np.linalg.inv(A) @ x", "A^{-1} x"),
        ("A.sum()", r"\operatorname{sum}\left(A\right)"),
        ("np.trace(A)", r"\operatorname{tr}\left(A\right)"),
        ("np.log(1 + np.exp(-a))", r"\log\left(1 + \exp\left(-a\right)\right)"),
        ("max(0, a - b)", r"\max\left(0, a - b\right)"),
        ("np.where(a >= b, a, 0)", r"\begin{cases} a & a \ge b \\ 0 & \text{else} \end{cases}"),
        ("a if a < b else b", r"\begin{cases} a & a < b \\ b & \text{else} \end{cases}"),
        ("abs(a) * np.linalg.norm(x)", r"\left| a \right| \left\| x \right\|"),
        ("softmax(A)", r"\operatorname{softmax}\left(A\right)"),
        ("left * var_q", r"\mathrm{left} \, \mathrm{var}_{q}".replace("{q}", "q")),
    ],
)  # fmt: skip
def test_a_formula(code, latex):
    assert formula(code, INSTANCE) == latex


def test_two_strengths_of_penalties_are_lambda_and_beta():
    assert formula("l1 + l2", {"l1": 0.1, "l2": 0.2}) == r"\lambda + \beta"


@pytest.mark.parametrize(
    "code",
    ["a +", "sum(y for y in x)", "A.sum(axis=0)", "A[0, :]", "a // b", "a < b < print(1)", "[a, b]",
     "'a'", "1e-30 * a", "unknown @ x", "np.fft.fft(x)", "-" * 3000 + "a", "x[None, :] * A"],
)  # fmt: skip
def test_what_has_no_formula(code):
    assert formula(code, INSTANCE) == ""


def test_the_example_of_the_docstring_runs():
    assert doctest.testmod(embedlab.formula) == (0, 1)
