"""What is said about a wrong line of a derivation, and what is never done with one."""

import re

import numpy as np
import pytest

import embedlab.slips.trial
from embedlab.expressions import evaluate
from embedlab.slips import find_slip


def instance(rng):
    d = int(rng.integers(2, 6))
    return {
        "A": rng.normal(size=(3, 3)),
        "C": rng.normal(size=(3, 3, 2)),
        "B": rng.normal(size=(3, 3)),
        "x": rng.normal(size=3),
        "y": rng.normal(size=3),
        "a": rng.normal(),
        "b": rng.normal(),
        "d": d,
        "long": rng.normal(size=7),
        "twice": lambda value: 2 * value,
    }


INSTANCES = [instance(np.random.default_rng(seed)) for seed in range(20)]


def slip_of(code, right, shown=()):
    return find_slip(code, evaluate(right, INSTANCES, {}), INSTANCES, 1e-8, shown)


@pytest.mark.parametrize(
    ("code", "right", "says"),
    [
        ("b - a", "a - b", "Minus your line would hold."),
        ("2 * a * b", "a * b", "Half your line would hold."),
        ("a * b / 2", "a * b", "Twice your line would hold."),
        ("3 * A @ x", "A @ x", "... without the factor `3`."),
        ("A @ A @ B", "(A @ A @ B).T", "Your line transposed would hold."),
        ("(a + b)**2", "a + b", "... without the square of `a + b`."),
        ("(a * a)**0.5 + b", "abs(a) + b**2", "... with `b` squared."),
        ("a - b + a * b", "a + b + a * b", "... with `+` before the first `b`."),
        ("x * x - b", "x * -x - b", "... with a minus before `x * x`."),
        ("A @ x + y", "A.T @ x + y", "... with `A` transposed."),
        ("A.T @ x + y", "A @ x + y", "... with `A` not transposed."),
        ("a + b + a", "a + b", "... without the second `a`."),
        ("x + 2 * y - a", "x + y - a", "... without the factor `2`."),
        ("x + y - a", "x + y / 2 - a", "... with `y` halved."),
        ("A @ x * (y > 0)", "A @ x", "... without the factor `y > 0`."),
        ("np.maximum(A @ x, 0)", "A @ x", "... without `np.maximum`, with `A @ x` in its place."),
        ("a * b", "1 - a * b", "1 minus your line would hold."),
        ("-2 * a", "1 - 2 * a", "1 plus your line would hold."),
        ("a**2 + x", "b + x", "... with a name in place of `a**2`."),
        ("x @ y * b + a", "x @ y + a", "... without the factor `b`."),
        ("A @ B + B", "B @ A + B", "... with `A` and the first `B` exchanged."),
        ("y * a - b", "y * (a - b)", "... with brackets around `a - b`."),
        ("a - b / d", "(a - b) / d", "... with brackets around `a - b`."),
        ("a * (x - y)", "a * x - y", "... without the brackets around `x - y`."),
        ("(a + b) * x", "a + b * x", "... without the brackets around `a + b`."),
        ("x * y + a", "x @ y + a", "... with `@` in place of `*` before `y`."),
        ("x**3 + a", "x**4 + a", "... with another number in place of `3`."),
        ("np.sin(a) * b", "np.cos(a) * b", "... with another function in place of `np.sin`."),
        ("np.exp(a) + b", "a + b", "... without `np.exp` around `a`."),
        ("A.sum() + A", "A + A", "... without `.sum()` after the first `A`."),
        ("x * A", "x[:, None] * A", "... with `x` as a column."),
        ("A @ x + y * y", "B @ x + y * y", "... with another name in place of `A`."),
        ("A @ x + y", "a * A @ x + y", "... with one factor more at `A @ x`."),
        ("A @ x", "A @ x + y", "... with one term more, in which `y` stands."),
        ("A @ x", "A @ x - a * B @ y", "... with one term more, in which `a` stands."),
        ("A @ x / (x @ x)", "A @ x / (x @ x + a)", "... with one term more beside `x @ x`, in "
         "which `a` stands."),
        ("A @ x * d", "A @ x", "... without the factor `d`."),
        ("(C * C).sum()", "(C * np.swapaxes(C, 0, 1)).sum()", "... with the first two axes of the "
         "first `C` exchanged."),
        ("A[0] + y * x[1] - B[1]", "A[0] + y * x[1] - x[1] * B[1]", "... with one factor more at "
         "`B[1]`."),
        ("(A @ x) * len(long) - y", "A @ x - y", "... without the factor `len(long)`."),
    ],
)  # fmt: skip
def test_what_is_said(code, right, says):
    slip = slip_of(code, right)
    assert slip.sentence == says.replace("...", "Your line would hold")
    np.testing.assert_allclose(
        evaluate(slip.repaired, INSTANCES, {}), evaluate(right, INSTANCES, {}), rtol=1e-7
    )


def chain(rng):
    d = rng.integers(1, 9, size=4).astype(float)
    return {"d": d, "limit": np.outer(np.ones(4), d / d.sum())}


@pytest.mark.parametrize("code", ["np.ones(4) / 4", "(d - 1) / (d - 1).sum()", "d[::-1] / d.sum()"])
def test_nothing_is_said_of_what_would_mend_any_line(code):
    instances = [chain(np.random.default_rng(seed)) for seed in range(20)]
    expected = evaluate("limit[0]", instances, {})
    slip = find_slip(code, expected, instances, 1e-8, ("limit",))
    assert slip is None or "factor" not in slip.sentence


def indexed(rng):
    i = int(rng.integers(5))
    F = rng.integers(3, size=5)
    g = int(rng.choice([F[i], rng.integers(3)]))
    V, Q = rng.normal(size=(5, 3, 2)), rng.normal(size=(3, 3, 2))
    x, p = rng.normal(size=5), rng.normal(size=5)
    return {"x": x, "p": p, "V": V, "Q": Q, "F": F, "i": i, "g": g, "C": rng.normal(size=(2, 3, 4))}


@pytest.mark.parametrize(
    ("code", "right", "says"),
    [
        ("Q[F[i], g] + V[i, g]", "Q[g, F[i]] + V[i, g]", "... with the indices `F[i], g` "
         "exchanged."),
        ("Q[i, F[g]] + V[i, g]", "Q[g, F[i]] + V[i, g]", "... with `g` and `i` exchanged in the "
         "indices of `Q[i, F[g]]`."),
        ("Q[g, i] + V[i, g]", "Q[g, F[i]] + V[i, g]", "... with another index in place of the "
         "first `i` in `Q[g, i]`."),
        ("x[i] * V[i]", "x[i] * V[i, g]", "... with one index more in `V[i]`."),
        ("x * V[i, g]", "x[i] * V[i, g]", "... with an index at `x`."),
        ("x[i] * Q", "x[i] * Q[g, F[i]]", "... with two indices at `Q`."),
        ("x[i] * x[i] - x[i, g]", "x[i] * x[i] - x[i]", "... with one index fewer in `x[i, g]`."),
        ("x[i] * V[i, g]", "x[i] * V[i]", "... with one index fewer in `V[i, g]`."),
        ("x - p[i]", "x - p", "... with one index fewer in `p[i]`."),
        ("np.exp(x / p)", "np.exp(x[i] / p[i])", "... with an index at `x / p`."),
        ("x[i] - (g != F[i])", "x[i] - (g == F[i])", "... with another comparison in "
         "`g != F[i]`."),
        ("x[i] - (g == i)", "x[i] - (g == F[i])", "... with something else in place of the second "
         "`i` in `g == i`."),
        ("x[i] - 1", "x[i] - (g == F[i])", "... with a comparison in place of `1`."),
        ("x[i] * (p[i] - x[i])", "x[i] * (p[i] - (g == F[i]) * x[i])", "... with one factor more "
         "at the second `x[i]`."),
        ("x[i]", "x[i] - (g == F[i])", "... with one term more, in which `g` stands."),
        ("C.transpose(0, 2, 1) - x[i]", "C.transpose(1, 0, 2) - x[i]", "... with the axes in "
         "another order in `C.transpose(0, 2, 1)`."),
        ("(Q.T * Q).sum(axis=0)", "(Q.transpose(1, 0, 2) * Q).sum(axis=0)", "... with the first "
         "two axes exchanged in place of `Q.T`."),
    ],
)  # fmt: skip
def test_what_is_said_about_indices(code, right, says):
    instances = [indexed(np.random.default_rng(seed)) for seed in range(20)]
    expected = evaluate(right, instances, {})
    slip = find_slip(code, expected, instances, 1e-8)
    assert slip.sentence == says.replace("...", "Your line would hold")
    others = [indexed(np.random.default_rng(seed)) for seed in range(100, 140)]
    repaired, expected = evaluate(slip.repaired, others, {}), evaluate(right, others, {})
    for one, other in zip(repaired, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7)


@pytest.mark.parametrize(
    ("code", "right", "says"),
    [
        ("P[b] - 1", "P[b] - (b == a)", "with a comparison in place of `1`"),
        ("P[b] - 1", "P[b] - z", "with a name in place of `1`"),
        ("z - 2 * P[b]", "z - a * P[b]", "with a name in place of `2`"),
    ],
)
def test_a_name_or_a_comparison_in_place_of_a_number(code, right, says):
    rng = np.random.default_rng(0)
    instances = [
        {
            "P": rng.uniform(size=5),
            "z": rng.normal(),
            "a": int(rng.integers(2, 4)),
            "b": int(rng.choice([2, 4])),
        }
        for _ in range(20)
    ]
    slip = find_slip(code, evaluate(right, instances, {}), instances, 1e-8)
    assert slip.sentence == f"Your line would hold {says}."
    np.testing.assert_allclose(
        evaluate(slip.repaired, instances, {}), evaluate(right, instances, {}), rtol=1e-7
    )


def test_a_size_too_much_is_called_by_its_name():
    said = "Your line divided by `d` would hold."
    assert slip_of("sum(a * b + a for _ in range(d))", "a * b + a").sentence == said
    said = "Your line divided by `long.shape[0]`, which is 7, would hold."
    assert slip_of("sum(a * b + a for _ in long)", "a * b + a").sentence == said
    assert slip_of("sum(a * b + a for _ in range(9))", "a * b + a") is not None


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("a + b", "np.exp(a) * b - a"),  # two slips and more
        ("A @ x - A @ x", "A @ x * b"),  # 0: the term that is missing would be all of the answer
        ("A @ x", "A @ x"),
        ("", "a"),
        ("a +", "a"),
        ("a" + " + a" * 500, "a"),
    ],
)
def test_nothing_is_said_where_nothing_is_known(code, right):
    slip = slip_of(code, right, shown=(right,))
    assert slip is None or code == right


def test_what_holds_by_chance_on_one_instance_is_not_said():
    right = evaluate("a - b", INSTANCES, {})
    first = int(np.argmax(np.abs(right)))
    right = [value if n == first else value / 3 for n, value in enumerate(right)]
    assert find_slip("a + b", right, INSTANCES, 1e-8) is None


@pytest.mark.parametrize("code", ["print(a)", "(lambda: exit())()", "open(a)", "a.__class__(b)"])
def test_a_call_that_may_do_something_is_not_repeated(code, capsys):
    assert slip_of(code, "a") is None
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "code",
    ["max(*x)", "np.array([*x, a])", "await x", "f'{x}'", "(y := x)", "x[..., 0]", "np()",
     "[v for v in x if v > a]", "(lambda *k: k)", "lambda: x", "yield x", "None", "'a' * 3"],
)  # fmt: skip
def test_an_odd_line_breaks_nothing(code):
    slip_of(code, "A @ x")


def test_the_instances_stay_as_they_are():
    before = INSTANCES[0]["x"].copy()
    slip_of("x.sort() or x", "x + 1")
    assert (INSTANCES[0]["x"] == before).all()
    assert INSTANCES[0]["x"].flags.writeable


def test_a_slow_line_gets_no_diagnosis(monkeypatch):
    monkeypatch.setattr(embedlab.slips.trial, "SECONDS", -1)
    assert slip_of("b - a", "a - b") is None


def test_a_function_of_the_instance_may_stand_in_a_line():
    assert slip_of("twice(a) + b", "twice(a) - b").sentence.endswith("with `-` before `b`.")


def test_what_is_missing_is_not_written_out():
    slip = slip_of("A @ x", "A @ x - a * B @ y")
    assert "B @ y" in slip.repaired
    assert re.findall("`(.*?)`", slip.sentence) == ["a"]


def test_a_term_is_tried_as_it_will_be_written():
    """A number of Python has no .T, a number that NumPy computed has."""
    instances = [{"n": 1, "a": float(k)} for k in range(1, 21)]
    right = evaluate("a + 0", instances, {})
    slip = find_slip("(a).T", right, instances, 1e-8)
    assert evaluate(slip.repaired, instances, {}) == right
