"""Derivations that run: every line is LaTeX plus an expression, compared on random instances."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from html import escape

import numpy as np
from IPython.display import display
from scipy.optimize import minimize_scalar

from embedlab.errors import StudentError
from embedlab.expressions import NoValue, evaluate, magnitude, parse, relative_differences
from embedlab.formula import formula
from embedlab.slips import Slip, find_slip

N_INSTANCES = 20
OPEN = r"=\;?"  # the formula of a line that the student is to find
MARKS = {"start": "▸", "holds": "✓", "your turn": "✎", "broken": "✗"}
# Two classes in a selector: with one, JupyterLab's own rules for tables and code would win.
CSS = """
.embedlab-derivation { container-type: inline-size; overflow-x: auto; }
.embedlab-derivation .lines {
  --holds: #0072b2; --broken: #b34700; --faint: var(--jp-ui-font-color2, #616161);
  border-collapse: collapse; color: var(--jp-ui-font-color1, #212121);
  font: var(--jp-ui-font-size1, 13px) / 1.5 var(--jp-ui-font-family, sans-serif); margin: 0;
}
[data-jp-theme-light="false"] .embedlab-derivation .lines { --holds: #56b4e9; --broken: #f0a030; }
.embedlab-derivation .lines caption { font-weight: 600; padding: 4px 0; text-align: left; }
.embedlab-derivation .lines :is(th, td) {
  background: var(--jp-layout-color0, #fff); border: solid var(--jp-border-color2, #e0e0e0);
  border-width: 1px 0; max-width: none; padding: 8px 12px; text-align: left; vertical-align: top;
  white-space: normal;
}
.embedlab-derivation .lines .starts :is(th, td) { border-top: 2px solid var(--faint); }
.embedlab-derivation .lines thead th { color: var(--faint); }
.embedlab-derivation .lines code {
  font-family: var(--jp-code-font-family, monospace); font-size: 12px; white-space: pre-wrap;
}
.embedlab-derivation .lines td > code { display: block; margin-top: 4px; }
.embedlab-derivation .lines .mark { font-weight: 600; white-space: nowrap; }
.embedlab-derivation .lines .holds { color: var(--holds); }
.embedlab-derivation .lines .broken { color: var(--broken); }
@container (max-width: 800px) {  /* the reason stands below its formula */
  .embedlab-derivation .lines, .embedlab-derivation .lines :is(caption, thead, tbody) {
    display: block;
  }
  .embedlab-derivation .lines tr {
    background: none; display: grid; grid-template-columns: 4.5em 7em minmax(0, 1fr); padding: 0;
  }
  .embedlab-derivation .lines tr > :nth-child(3) { border-bottom: 0; overflow-x: auto; }
  .embedlab-derivation .lines tr > :nth-child(4) {
    border-top: 0; color: var(--faint); grid-column: 3; padding-top: 0;
  }
  .embedlab-derivation .lines tr > :nth-child(-n + 2) { grid-row: span 2; }
}
"""


class DerivationError(StudentError):
    """A line of a derivation is broken; the notebook shows which and by how much."""


@dataclass(frozen=True)
class Step:
    """One line of a derivation; on every instance it must equal the other lines of its chain.

    Args:
        formula: LaTeX without dollar signs.
        code: what the formula says, as a Python expression in quotes. It may use the names of the
            instance and `np`, and unless it is `yours` also `derivative(f, x)` and
            `argmin(f, low, high)`.
        why: the reason in words; may hold LaTeX between dollar signs and code between backticks.
        starts: this line begins a new chain, so nothing compares it with the line above.
        yours: the line is the student's; while its code is None or "..." it waits for them.
        loops: whether a student's line may hold a loop, as in `sum(... for ...)`.
        names: what a student's line may use of the instance; all of it if none is given.
        tolerance: largest difference allowed, relative to the magnitude of the values.
    """

    formula: str
    code: str | None
    _: KW_ONLY
    why: str = ""
    starts: bool = False
    yours: bool = False
    loops: bool = True
    names: tuple[str, ...] = ()
    tolerance: float = 1e-8

    @property
    def unwritten(self) -> bool:
        """Whether the student has not written the code yet."""
        if isinstance(self.code, str):
            return self.code.strip() in ("", "...")
        return self.code is None or self.code is ...


@dataclass(frozen=True)
class StepResult:
    """What was found about one line, counted from 1.

    `mark` is "start" (the first line of its chain that can be trusted), "holds", "your turn" or
    "broken". A broken line says why in `message`; if it differs from another line, that is
    `against`, with the largest differences over all instances. `slip` is the single change with
    which a student's broken line would hold, if one was found.
    """

    line: int
    mark: str
    message: str = ""
    against: int | None = None
    relative: float = 0.0
    absolute: float = 0.0
    slip: Slip | None = None


class Derivation:
    """A derivation in chains of equal lines, checked by computing every line on random instances.

    Args:
        title: what is derived.
        instance: makes one random instance, {name: value}, from a NumPy generator.
        steps: the lines, in order; the first one starts a chain.

    >>> Derivation(
    ...     "A square",
    ...     lambda rng: {"a": rng.normal(), "b": rng.normal()},
    ...     Step("(a + b)^2", "(a + b) ** 2"),
    ...     Step("= a^2 + 2ab + b^2", "a**2 + 2 * a * b + b**2", why="multiply out"),
    ... ).check()
    Derivation 'A square' on 20 random instances: start 1, holds 1
    """

    def __init__(
        self, title: str, instance: Callable[[np.random.Generator], dict], *steps: Step
    ) -> None:
        self.title = title
        self.instance = instance
        self.steps = steps
        for line, step in enumerate(steps, 1):
            if not step.yours and (step.unwritten or not isinstance(step.code, str)):
                raise ValueError(
                    f"Line {line} of {title!r} needs its code, as a string "
                    "(or yours=True, if the student is to write it)."
                )
        for chain in self._chains():
            if len(chain) < 2:
                raise ValueError(
                    f"Line {chain[0]} of {title!r} is a chain of its own: "
                    "a line with nothing to equal proves nothing."
                )

    def check(self, seed: int = 0) -> None:
        """Show the table with a mark per line.

        Raises:
            DerivationError: a line is broken; its message says which and by how much.
        """
        results = self.verify(seed)
        display(_Table(self, results))
        broken = [self._complaint(result) for result in results if result.mark == "broken"]
        if broken:
            raise DerivationError("\n".join(broken))

    def verify(self, seed: int = 0) -> list[StepResult]:
        """Compute every line on the instances of `seed`; return one result per line, in order.

        Where the lines of a chain differ, most of them are believed and the others are broken. A
        student's lines are never believed against the others; in a tie the first line is believed,
        so of two lines that differ the second is broken, wherever the mistake is.
        """
        instances = [
            self.instance(np.random.default_rng([seed, number]))
            for number in range(1, N_INSTANCES + 1)
        ]
        return [
            result
            for chain in self._chains()
            for _, result in sorted(self._verify_chain(chain, instances).items())
        ]

    def _chains(self) -> Iterator[list[int]]:
        """Yield the line numbers of each chain."""
        chain = []
        for line, step in enumerate(self.steps, 1):
            if step.starts and chain:
                yield chain
                chain = []
            chain.append(line)
        yield chain

    def _verify_chain(self, chain: list[int], instances: list[dict]) -> dict[int, StepResult]:
        results, values = {}, {}
        for line in chain:
            step = self.steps[line - 1]
            if step.unwritten:
                results[line] = StepResult(line, "your turn")
                continue
            refusal = self._refusal(line, instances[0])
            if refusal:
                results[line] = StepResult(line, "broken", refusal)
                continue
            try:
                values[line] = evaluate(step.code, instances, {} if step.yours else HELPERS)
            except NoValue as fault:
                results[line] = StepResult(line, "broken", str(fault))

        differences = {
            (line, other): self._difference(line, other, values)
            for line in values
            for other in values
            if line != other
        }

        def distrust(line):
            allies = [other for other in values if other != line and not differences[line, other]]
            authors = sum(not self.steps[other - 1].yours for other in allies)
            return self.steps[line - 1].yours, -authors, -len(allies), line

        believed = []
        for line in sorted(values, key=distrust):
            against = [other for other in believed if differences[line, other]]
            if against:
                nearest = min(against, key=lambda other: abs(other - line))
                results[line] = differences[line, nearest]
            else:
                believed.append(line)
        for line in believed:
            results[line] = StepResult(line, "holds")
        self._diagnose(results, values, believed, instances)
        if believed:
            start = min(believed)
            fault = _proves_nothing(values[start])
            results[start] = StepResult(start, "broken" if fault else "start", fault)
        return results

    def _diagnose(
        self,
        results: dict[int, StepResult],
        values: dict[int, list[np.ndarray]],
        believed: list[int],
        instances: list[dict],
    ) -> None:
        """Give the student's broken lines of a chain their slips."""
        right = [line for line in believed if not self.steps[line - 1].yours]
        shown = tuple(step.code for step in self.steps if not step.yours)
        for line, result in results.items():
            step = self.steps[line - 1]
            refused = bool(self._refusal(line, instances[0]))
            if result.mark == "broken" and step.yours and right and not refused:
                nearest = min(right, key=lambda other: abs(other - line))
                tolerance = max(step.tolerance, self.steps[nearest - 1].tolerance)
                known = [_allowed(step, instance) for instance in instances]
                slip = find_slip(step.code, values[nearest], known, tolerance, shown)
                results[line] = replace(result, slip=slip)

    def _refusal(self, line: int, instance: dict) -> str:
        """Return why a line is not to be computed at all, or an empty string."""
        step = self.steps[line - 1]
        if not step.yours:
            return ""
        if copied := self._copied(line):
            return f"this is line {copied} again; write what follows from it"
        if not step.loops and _loops(step.code):
            return "a loop with `for` stands in it; write the line without one"
        others = instance.keys() - _allowed(step, instance).keys()
        if found := sorted(others & _names(step.code)):
            allowed = ", ".join(f"`{name}`" for name in step.names)
            return f"`{found[0]}` stands in it; write the line with {allowed} and numbers"
        return ""

    def _copied(self, line: int) -> int | None:
        """Return which other line the student's line repeats, spaces and brackets aside."""
        step = self.steps[line - 1]
        if not step.yours or (tree := _dumped(step.code)) is None:
            return None
        others = (n for n, other in enumerate(self.steps, 1) if n != line and not other.yours)
        return next((n for n in others if _dumped(self.steps[n - 1].code) == tree), None)

    def _difference(
        self, line: int, other: int, values: dict[int, list[np.ndarray]]
    ) -> StepResult | None:
        """Return how `line` is broken if `other` is right, or None if they are equal."""
        got, expected = values[line], values[other]
        for number, (mine, right) in enumerate(zip(got, expected, strict=True), 1):
            if mine.shape != right.shape:
                message = (
                    f"on instance {number} its shape is {mine.shape}, "
                    f"that of line {other} is {right.shape}"
                )
                return StepResult(line, "broken", message, other, np.inf, np.inf)
        absolute = [magnitude(mine - right) for mine, right in zip(got, expected, strict=True)]
        relative = relative_differences(got, expected)
        if relative.max() <= max(self.steps[k - 1].tolerance for k in (line, other)):
            return None
        worst = int(relative.argmax())
        mine, right = got[worst], expected[worst]
        index = np.unravel_index(np.abs(mine - right).argmax(), mine.shape)
        where = f", entry {list(map(int, index))}" if index else ""
        message = (
            f"not equal to line {other}: it differs by up to {max(absolute):.2g} "
            f"(relative {relative.max():.2g}); on instance {worst + 1} of {len(got)}{where} "
            f"it gives {mine[index]:.10g}, line {other} gives {right[index]:.10g}"
        )
        return StepResult(line, "broken", message, other, relative.max(), max(absolute))

    def _complaint(self, result: StepResult) -> str:
        step = self.steps[result.line - 1]
        slip = f"\n  → {result.slip.sentence}" if result.slip else ""
        return (
            f"✗ Line {result.line} of {self.title!r} ({step.why or step.formula}): "
            f"{result.message}.{slip}"
        )


@dataclass(frozen=True)
class _Table:
    """What a notebook shows of a checked derivation."""

    derivation: Derivation
    results: list[StepResult]

    def __repr__(self) -> str:
        count = Counter(result.mark for result in self.results)
        found = ", ".join(f"{mark} {count[mark]}" for mark in MARKS if mark in count)
        return f"Derivation {self.derivation.title!r} on {N_INSTANCES} random instances: {found}"

    def _repr_html_(self) -> str:
        rows = "\n".join(map(self._row, self.derivation.steps, self.results))
        return (
            f'<style>{CSS}</style>\n<div class="embedlab-derivation"><table class="lines">\n'
            f"<caption>{escape(self.derivation.title)}, "
            f"computed on {N_INSTANCES} random instances</caption>\n"
            '<thead><tr><th scope="col">Line</th><th scope="col">Check</th>'
            '<th scope="col">Formula and its code</th><th scope="col">Why</th></tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody></table></div>"
        )

    def _formula(self, step: Step, result: StepResult) -> str:
        """Return the formula; that of an open line that holds is what the student wrote."""
        latex = step.formula
        if step.yours and latex == OPEN and result.mark == "holds":
            written = formula(step.code, self.derivation.instance(np.random.default_rng(0)))
            latex = written and f"= {written}"
        return f"$\\displaystyle {escape(latex)}$" if latex else ""

    def _row(self, step: Step, result: StepResult) -> str:
        code = "" if step.unwritten else f"<code>{escape(str(step.code))}</code>"
        message = f'<div class="broken">{escape(result.message)}</div>' if result.message else ""
        if result.slip:
            message += f"<div>→ {_html(result.slip.sentence)}</div>"
        starts = ' class="starts"' if step.starts else ""
        mark = f'<span aria-hidden="true">{MARKS[result.mark]}</span> {result.mark}'
        return (
            f'<tr{starts}><th scope="row">{result.line}</th>'
            f'<td class="mark {result.mark}">{mark}</td>'
            f"<td>{self._formula(step, result)} {code}{message}</td>"
            f"<td>{_html(step.why)}</td></tr>"
        )


def _html(sentence: str) -> str:
    """Return words as HTML, with what stands between backticks as code."""
    pieces = escape(sentence).split("`")
    return "".join(f"<code>{one}</code>" if n % 2 else one for n, one in enumerate(pieces))


def _dumped(code: str) -> str | None:
    try:
        tree = parse(code)
        return tree and ast.dump(tree)
    except RecursionError:
        return None


def _allowed(step: Step, instance: dict) -> dict:
    """Return what a line may use of an instance."""
    return {name: instance[name] for name in step.names} if step.names else instance


def _names(code: str) -> set[str]:
    """Return the names that stand in an expression."""
    tree = parse(code) if isinstance(code, str) else None
    nodes = ast.walk(tree) if tree else ()
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _loops(code: str) -> bool:
    """Return whether a loop stands in an expression."""
    loops = ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp
    tree = parse(code) if isinstance(code, str) else None
    return tree is not None and any(isinstance(node, loops) for node in ast.walk(tree))


def _proves_nothing(values: list[np.ndarray]) -> str:
    """Return why equality with these values would prove nothing, or an empty string."""
    zeros = sum(magnitude(value) == 0 for value in values)
    if 2 * zeros > len(values):
        return f"proves nothing: it is 0 on {zeros} of {len(values)} instances"
    first = values[0]
    if all(
        value.shape == first.shape and np.allclose(value, first, rtol=1e-8, atol=0)
        for value in values
    ):
        return "proves nothing: it is the same on every instance"
    return ""


def _derivative(f: Callable, x: float | np.ndarray) -> np.ndarray:
    """Return df/dx; for an array x, the gradient of a scalar f, in the shape of x.

    A central difference of fourth order, good to about ten digits where f is smooth.
    """
    x = np.asarray(x, dtype=float)
    step = 1e-3 * max(1, magnitude(x))

    def along(direction):
        near = f(x + step * direction) - f(x - step * direction)
        far = f(x + 2 * step * direction) - f(x - 2 * step * direction)
        return (8 * near - far) / (12 * step)

    if x.ndim == 0:
        return along(1)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([along(direction) for direction in directions]).reshape(x.shape)


def _argmin(f: Callable, low: float, high: float) -> float:
    """Return where a unimodal f is smallest between low and high, to about seven digits."""
    found = minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    return min((low, high, found.x), key=f)  # the bounded method never tries the ends


HELPERS = {"derivative": _derivative, "argmin": _argmin}
