"""Executable derivations, on the derivation of SLIM's coordinate step."""

import doctest
from dataclasses import replace

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import embedlab.derivation
from embedlab.derivation import Derivation, DerivationError, Step

LOSS = "lambda v: 0.5 * ((r - v * a_j) ** 2).sum() + lam * v + beta / 2 * v**2"
GRADIENT = "(a_j @ a_j + beta) * w - (rho - lam)"
STUDENTS_LINE = 8


def slim_instance(rng):
    """A small problem and one weight w_ij of it; `r` is what the other weights leave of item i."""
    A = (rng.random((9, 5)) < 0.6).astype(float)
    W = rng.uniform(0, 0.3, size=(5, 5))
    np.fill_diagonal(W, 0)
    i, j = rng.choice(5, size=2, replace=False)
    a_j = A[:, j]
    r = A[:, i] - A @ W[i] + W[i, j] * a_j
    lam, beta = rng.uniform(0.2, 0.8, size=2)
    return dict(A=A, W=W, i=i, j=j, a_j=a_j, r=r, w=W[i, j], rho=r @ a_j, lam=lam, beta=beta)


SLIM = Derivation(
    "The minimum along one coordinate",
    slim_instance,
    Step(
        r"L(W) = \tfrac12 \|A - A W^\top\|^2 + \lambda \sum_{ij} w_{ij}"
        r" + \tfrac\beta2 \sum_{ij} w_{ij}^2",
        "0.5 * ((A - A @ W.T) ** 2).sum() + lam * W.sum() + beta / 2 * (W**2).sum()",
        why=r"the objective; $|w_{ij}| = w_{ij}$ because $w_{ij} \ge 0$",
    ),
    Step(
        r"= \sum_i \Big[ \tfrac12 \|a_i - A w_i\|^2 + \lambda \sum_j w_{ij}"
        r" + \tfrac\beta2 \sum_j w_{ij}^2 \Big]",
        "sum(0.5 * ((A[:, i] - A @ W[i]) ** 2).sum() + lam * W[i].sum()"
        " + beta / 2 * (W[i] ** 2).sum() for i in range(len(W)))",
        why="one problem per item: no two brackets share a weight",
    ),
    Step(
        r"L_i = \tfrac12 \|a_i - A w_i\|^2 + \lambda \sum_k w_{ik} + \tfrac\beta2 \sum_k w_{ik}^2",
        "0.5 * ((A[:, i] - A @ W[i]) ** 2).sum() + lam * W[i].sum() + beta / 2 * (W[i]**2).sum()",
        why="the problem of one item",
        starts=True,
    ),
    Step(
        r"= \tfrac12 \|r - w_{ij} a_j\|^2 + \lambda w_{ij} + \tfrac\beta2 w_{ij}^2 + c",
        f"({LOSS})(w) + lam * (W[i].sum() - w) + beta / 2 * ((W[i] ** 2).sum() - w**2)",
        why=r"$r = a_i - \sum_{k \ne j} w_{ik} a_k$; $c$ holds what is free of $w_{ij}$",
    ),
    Step(
        r"= \tfrac12 (a_j^\top a_j + \beta) w_{ij}^2 - (\rho - \lambda) w_{ij}"
        r" + \tfrac12 r^\top r + c",
        "0.5 * (a_j @ a_j + beta) * w**2 - (rho - lam) * w + 0.5 * r @ r"
        " + lam * (W[i].sum() - w) + beta / 2 * ((W[i] ** 2).sum() - w**2)",
        why=r"a parabola, with $\rho = r^\top a_j$",
    ),
    Step(
        r"\frac{\partial L_i}{\partial w_{ij}}",
        f"derivative({LOSS}, w)",
        why="computed numerically",
        starts=True,
    ),
    Step(
        r"= -a_j^\top (r - w_{ij} a_j) + \lambda + \beta w_{ij}",
        "-a_j @ (r - w * a_j) + lam + beta * w",
        why="term by term",
    ),
    Step(
        r"= (a_j^\top a_j + \beta) w_{ij} - (\rho - \lambda)",
        GRADIENT,
        why="collect what multiplies $w_{ij}$",
        yours=True,
    ),
    Step(
        r"\arg\min_{w_{ij} \ge 0} L_i",
        f"argmin({LOSS}, 0, 10)",
        why="searched numerically",
        starts=True,
        tolerance=1e-6,
    ),
    Step(
        r"= \begin{cases} \dfrac{\rho - \lambda}{a_j^\top a_j + \beta} & \rho > \lambda \\"
        r" 0 & \rho \le \lambda \end{cases}",
        "(rho - lam) / (a_j @ a_j + beta) if rho > lam else 0",
        why="where the derivative is 0; if that is below 0, the parabola rises from 0 on",
    ),
    Step(
        r"= \max\Big(0, \frac{\rho - \lambda}{a_j^\top a_j + \beta}\Big)",
        "max(0, (rho - lam) / (a_j @ a_j + beta))",
        why="the soft threshold",
    ),
)
ALONE_AGAINST = {1: 2}  # of two lines that differ, the second is reported


def with_step(derivation, line, **changes):
    steps = list(derivation.steps)
    steps[line - 1] = replace(steps[line - 1], **changes)
    return Derivation(derivation.title, derivation.instance, *steps)


def marks(derivation, seed=0):
    return [result.mark for result in derivation.verify(seed)]


def of_lines(*codes, instance=lambda rng: {"x": rng.normal(size=3)}, **last):
    """A derivation of one chain; `last` are further fields of its last line."""
    steps = [Step("f", code) for code in codes]
    return Derivation("Lines", instance, *steps[:-1], replace(steps[-1], **last))


def shown(derivation):
    """What a notebook gets from `check()`: its HTML, its plain text and the error."""
    InteractiveShell.instance()
    error = None
    with capture_output() as captured:
        try:
            derivation.check()
        except DerivationError as raised:
            error = raised
    (output,) = captured.outputs
    return output.data["text/html"], output.data["text/plain"], error


@pytest.mark.parametrize("seed", range(5))
def test_the_slim_derivation_holds(seed):
    expected = ["holds"] * len(SLIM.steps)
    for start in (1, 3, 6, 9):
        expected[start - 1] = "start"
    assert marks(SLIM, seed) == expected


@pytest.mark.parametrize("line", range(1, len(SLIM.steps) + 1))
@pytest.mark.parametrize("change", ["1.01 * ({})", "({}) + 0.1", "-({})"])
def test_a_broken_line_is_reported_and_no_other(line, change):
    broken = with_step(SLIM, line, code=change.format(SLIM.steps[line - 1].code))
    results = broken.verify()
    expected = ALONE_AGAINST.get(line, line)
    assert [result.line for result in results if result.mark == "broken"] == [expected]
    assert results[expected - 1].against in {expected - 1, expected + 1}


def test_a_relative_error_of_a_millionth_is_caught_and_measured():
    small = with_step(SLIM, 11, code=f"(1 + 1e-5) * ({SLIM.steps[10].code})")
    assert small.verify()[10].mark == "broken"  # although line 9 allows 1e-6
    small = with_step(SLIM, 5, code=f"(1 + 1e-6) * ({SLIM.steps[4].code})")
    assert small.verify()[4].relative == pytest.approx(1e-6, rel=1e-3)
    tiny = of_lines("1e-12 * x", "1e-12 * (x + 1e-6)")
    assert marks(tiny) == ["start", "broken"]
    assert marks(of_lines("x", "x * (1 + 1e-6)", tolerance=1e-5)) == ["start", "holds"]


def test_a_loose_line_does_not_forgive_the_others():
    lines = of_lines("x", "x", "x * (1 + 1e-6)")
    assert marks(with_step(lines, 1, tolerance=1e-4)) == ["start", "holds", "broken"]


def test_rounding_where_a_value_happens_to_be_zero_is_forgiven():
    def instance(rng):
        return {"x": rng.choice([0.1, 0.3, 0.7, 0.9])}

    assert marks(of_lines("x - 0.3", "x - 3 * 0.1", instance=instance)) == ["start", "holds"]


def test_broadcasting_does_not_forgive_a_shape():
    result = of_lines("x", "x[:, None]").verify()[1]
    assert result.mark == "broken"
    assert result.message == "on instance 1 its shape is (3, 1), that of line 1 is (3,)"
    assert marks(of_lines("x.sum()", "x.sum(keepdims=True)")) == ["start", "broken"]


@pytest.mark.parametrize("unwritten", [None, ..., "...", " "])
def test_an_unwritten_line_leaves_the_rest_proved(unwritten):
    waiting = with_step(SLIM, STUDENTS_LINE, code=unwritten)
    assert marks(waiting)[5:] == ["start", "holds", "your turn", "start", "holds", "holds"]
    _, text, error = shown(waiting)
    assert error is None
    assert text.endswith("start 4, holds 6, your turn 1")
    assert marks(with_step(waiting, 7, code="2 * lam"))[5:8] == ["start", "broken", "your turn"]


def test_a_right_line_of_another_form_holds():
    other = "np.dot(a_j, w * a_j - r) + beta * w + lam"
    assert marks(with_step(SLIM, STUDENTS_LINE, code=other)) == marks(SLIM)


def test_a_wrong_line_is_told_with_its_numbers():
    wrong = "2 * x + (x.sum() > 2) * np.array([0, 0.5, 0.25])"
    _, text, error = shown(of_lines("2 * x", wrong, why="double it", yours=True))
    assert text == "Derivation 'Lines' on 20 random instances: start 1, broken 1"
    said, slip = str(error).splitlines()
    assert said.startswith(
        "✗ Line 2 of 'Lines' (double it): not equal to line 1: it differs by up to 0.5 (relative "
    )
    number = int(said.split("on instance ")[1].split(" of 20, entry [1] ")[0])
    x = np.random.default_rng([0, number]).normal(size=3)
    assert x.sum() > 2
    assert said.endswith(f"it gives {2 * x[1] + 0.5:.10g}, line 1 gives {2 * x[1]:.10g}.")
    assert slip.startswith("  → Your line would hold without the term `(x.sum() > 2)")
    assert error._render_traceback_() == [said, slip]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("x * y", "name 'y' is not defined; names you may use: x, np"),
        ("x * (2", "not a Python expression: '(' was never closed"),
        ("x @ x[:2]", "ValueError on instance 1: matmul"),
        ("np.log(-abs(x))", "not finite on instance 1"),
        ("'x'", "gives neither a number nor an array of numbers"),
        (0.3, 'write the expression in quotes, such as "a + b"'),
    ],
)
def test_an_erring_line_is_told_in_one_line(code, says):
    html, _, error = shown(of_lines("x", "x + 0", code, yours=True))
    assert str(error).startswith(f"✗ Line 3 of 'Lines' (f): {says}")
    _, *slip = str(error).splitlines()
    assert all(line.startswith("  → ") for line in slip)
    assert html.count('class="mark broken"') == 1


@pytest.mark.parametrize(
    "code", ["-" * 5000 + "x", "(" * 500 + "x" + ")" * 500, "x\0", "x + " * 3000 + "x"]
)
def test_a_monstrous_line_is_a_broken_line(code):
    assert marks(of_lines("x", "x + 0", code, yours=True))[2] == "broken"


def test_a_slip_stands_in_the_table_as_code_and_in_the_message():
    html, _, error = shown(of_lines("x", "x + 0", "-x", yours=True))
    assert "<div>→ Minus your line would hold.</div>" in html
    assert str(error).endswith(".\n  → Minus your line would hold.")
    html, _, _ = shown(of_lines("x + x.sum()", "x.sum() + x", "x - x.sum()", yours=True))
    said = "<div>→ Your line would hold with <code>+</code> before <code>x.sum()</code>.</div>"
    assert said in html


def test_only_a_students_broken_line_has_a_slip():
    wrong = of_lines("x", "x + 0", "-x")
    assert wrong.verify()[2].slip is None
    assert with_step(wrong, 3, yours=True).verify()[2].slip.repaired == "--x"
    assert with_step(wrong, 3, yours=True, code="x * 1").verify()[2].slip is None
    # without an author's line there is nothing to compare with
    alone = with_step(with_step(of_lines("x", "-x"), 1, yours=True), 2, yours=True)
    assert [result.slip for result in alone.verify()] == [None, None]


def test_an_open_line_that_holds_shows_what_the_student_wrote():
    lines = with_step(of_lines("x * 2", "x + x"), 2, formula=r"=\;?", yours=True)
    html, _, _ = shown(lines)
    assert r"$\displaystyle = x + x$ <code>x + x</code>" in html
    html, _, _ = shown(with_step(lines, 2, code="np.add(x, x)"))
    assert "displaystyle =" not in html  # no formula is known; the code stands alone
    assert "<code>np.add(x, x)</code>" in html
    for unsolved in ("...", "x"):
        html, _, _ = shown(with_step(lines, 2, code=unsolved))
        assert r"$\displaystyle =\;?$" in html
    html, _, _ = shown(with_step(lines, 2, formula="= 2x"))
    assert r"$\displaystyle = 2x$" in html  # the author's own stays


def test_a_student_may_not_copy_another_line():
    lines = of_lines("x + x", "2 * x", "(2*x)", yours=True)
    assert marks(lines) == ["start", "holds", "broken"]
    _, _, error = shown(lines)
    assert "this is line 2 again" in str(error)
    assert marks(of_lines("x + x", "2 * x", "x * 2", yours=True)) == ["start", "holds", "holds"]


def test_a_line_without_loops_refuses_one():
    lines = of_lines("x + x", "2 * x", "np.array([v + v for v in x])", yours=True)
    assert marks(lines) == ["start", "holds", "holds"]
    lines = with_step(lines, 3, loops=False)
    assert marks(lines) == ["start", "holds", "broken"]
    for code in ("np.array([v for v in x])", "np.fromiter((v + v for v in x), float)"):
        _, _, error = shown(with_step(lines, 3, code=code))
        assert "a loop with `for` stands in it; write the line without one" in str(error)
        assert "would hold" not in str(error)
    assert marks(with_step(lines, 3, code="x * 2")) == ["start", "holds", "holds"]
    for code in ("x +", 3):
        assert marks(with_step(lines, 3, code=code)) == ["start", "holds", "broken"]


def test_a_line_may_be_kept_to_some_names():
    def instance(rng):
        return {"x": rng.normal(size=3), "y": rng.normal(size=3), "twice": lambda v: 2 * v}

    def derivation(code):
        steps = [Step("", "2 * x + y"), Step("", "twice(x) + y")]
        return Derivation("Kept", instance, *steps, Step("", code, yours=True, names=("x", "y")))

    assert marks(derivation("x + x + y")) == ["start", "holds", "holds"]
    _, _, error = shown(derivation("twice(x) + 1 * y"))
    assert "`twice` stands in it; write the line with `x`, `y` and numbers" in str(error)
    _, _, error = shown(derivation("y + 0"))
    assert "with one term more, in which `x` stands" in str(error)


def test_a_product_without_its_sign_gets_a_remedy():
    _, _, error = shown(of_lines("x + x", "2 * x", "x(2)", yours=True))
    assert "(a product needs *)" in str(error)


def test_shapes_that_do_not_fit_get_a_remedy():
    _, _, error = shown(of_lines("x", "x + 0", "x @ x[:2]", yours=True))
    assert "(the inner sizes of an @ differ; does one side want a .T?)" in str(error)


@pytest.mark.parametrize("code", ["x^2", "1.5^2 * x"])
def test_a_power_in_other_languages_grammar_gets_a_remedy(code):
    _, _, error = shown(of_lines("x**2", "x * x", code, yours=True))
    assert "(a power is written **, not ^)" in str(error)


def test_a_students_lines_are_not_believed_against_the_authors():
    lines = of_lines("x", "2 * x", "2 * x")
    assert marks(lines) == ["broken", "start", "holds"]
    for line in (2, 3):
        lines = with_step(lines, line, yours=True)
    assert marks(lines) == ["start", "broken", "broken"]


def test_an_expression_cannot_change_the_next_lines_values():
    assert marks(of_lines("x + 0", "x.sort() or x", "x")) == ["start", "broken", "holds"]


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        (["0 * x", "x - x"], "proves nothing: it is 0 on 20 of 20 instances"),
        (["x * (x.sum() > 2)"] * 2, "proves nothing: it is 0 on 17 of 20 instances"),
        (["1 / 3", "2 / 6"], "proves nothing: it is the same on every instance"),
        (["np.exp(x[0]) * np.exp(-x[0])", "1"], "proves nothing: it is the same on"),
    ],
)
def test_a_chain_that_proves_nothing_is_refused(codes, says):
    _, _, error = shown(of_lines(*codes))
    assert says in str(error)
    assert str(error).startswith("✗ Line 1 ")


def test_an_author_who_forgets_is_told():
    with pytest.raises(ValueError, match="Line 2 of 'Lines' needs its code"):
        of_lines("x", None)
    with pytest.raises(ValueError, match="Line 1 of 'Lines' needs its code"):
        of_lines(0.3, "x")
    with pytest.raises(ValueError, match="Line 3 of 'Lines' is a chain of its own"):
        of_lines("x", "x", "2 * x", starts=True)


def test_a_seed_gives_the_same_instances_and_another_seed_others():
    wrong = of_lines("x", "x**2")
    assert wrong.verify(3) == wrong.verify(3)
    assert wrong.verify(3)[1].absolute != wrong.verify(4)[1].absolute


def test_the_table_escapes_html_and_names_every_mark_in_words():
    html, _, _ = shown(
        Derivation(
            "a < b & <b>c</b>",
            lambda rng: {"x": rng.normal()},
            Step("x < 1", "x if x < 1 else x", why="<i>first</i>, `x & 1` is code"),
            Step("a & b", "x if x > 0 or not x > 0 else x"),
            Step("y", None, yours=True),
            Step("z", "x + (x > 0)", yours=True),
        )
    )
    assert "a &lt; b &amp; &lt;b&gt;c&lt;/b&gt;" in html
    assert r"$\displaystyle x &lt; 1$" in html
    assert r"$\displaystyle a &amp; b$" in html
    assert "<code>x if x &gt; 0 or not x &gt; 0 else x</code>" in html
    assert "&lt;i&gt;first&lt;/i&gt;, <code>x &amp; 1</code> is code" in html
    for symbol, mark in [("▸", "start"), ("✓", "holds"), ("✎", "your turn"), ("✗", "broken")]:
        assert f'<span aria-hidden="true">{symbol}</span> {mark}</td>' in html


def test_the_plain_text_is_always_the_same():
    html, text, _ = shown(SLIM)
    assert (html, text, None) == shown(SLIM)
    assert text == (
        "Derivation 'The minimum along one coordinate' on 20 random instances: start 4, holds 7"
    )


def test_derivative_is_a_number_or_a_gradient():
    derivative = embedlab.derivation.HELPERS["derivative"]
    assert derivative(np.exp, 1.5) == pytest.approx(np.exp(1.5), rel=1e-10)
    x = np.array([[1.0, -2.0, 0.5], [3.0, 0.1, -1.0]])
    weights = np.arange(1.0, 7.0).reshape(2, 3)
    found = derivative(lambda x: (weights * x**3).sum(), x)
    np.testing.assert_allclose(found, 3 * weights * x**2, rtol=1e-9)


def test_argmin_finds_the_inside_and_the_ends():
    argmin = embedlab.derivation.HELPERS["argmin"]
    assert argmin(lambda v: (v - 0.3) ** 2, 0, 10) == pytest.approx(0.3, abs=1e-7)
    assert argmin(lambda v: (v + 1) ** 2, 0, 10) == 0
    assert argmin(lambda v: -v, 0, 10) == 10


def test_the_example_of_the_docstring_runs():
    assert doctest.testmod(embedlab.derivation) == (0, 1)


def test_the_student_may_not_answer_with_the_referee():
    """Only the author's lines compute numerically what the student is to derive."""
    _, _, error = shown(of_lines("x", "x + 0", "derivative(lambda v: v * x, 1.0)", yours=True))
    assert "name 'derivative' is not defined" in str(error)
