"""Exercise specifications: one package per lecture, named like the lecture without its number.

Each module of it makes the `Exercise` of one function asked of the student, and hangs on it how
cases are drawn, the known mistakes and the right alternatives:

    soft_threshold = Exercise("soft_threshold", points=1)

    @soft_threshold.cases
    def _(rng):
        yield "a scalar", {"z": 3.0, "threshold": 1.0}

    @soft_threshold.mistake("You subtracted the threshold but let ...")
    def not_clipped(z, threshold):
        return z - threshold

    @soft_threshold.alternative
    def with_where(z, threshold):
        return np.where(z > threshold, z - threshold, 0.0)

    @soft_threshold.refused
    def rounds_to_cents(z, threshold):
        return np.round(np.sign(z) * np.maximum(np.abs(z) - threshold, 0), 2)

    soft_threshold.harmless(
        "return np.sign(z) * np.maximum(np.abs(z) - threshold, -0.0)",
        because="zero is zero with either sign",
    )

Mistakes, alternatives and refused ones are whole functions: the tests write them into notebooks
under the exercise's name, so each must stand on its own (NumPy as `np` is there; import the rest
inside).
Harmless ones are the mutants of the reference (`autograder mutants`) that no case need refuse.
The reference is not written here: it is the solution in `solutions/`. The package lists its
exercises in the lecture's order as EXERCISES.
"""

import ast
import importlib.util
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """A whole function that stands in for the student's: a known mistake or an alternative.

    `sentence` is what a student who made this mistake should read; empty for the others.
    """

    name: str
    function: Callable
    sentence: str = ""

    def source(self, exercise):
        """Return the function's source, defined under the name of the exercise."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function)))
        definition = tree.body[0]
        definition.decorator_list = []
        definition.name = exercise
        return ast.unparse(tree)


@dataclass
class Exercise:
    """What is asked, how it is tried, and which ways of getting it wrong are known.

    tolerance: largest difference allowed, relative to max(1, largest expected magnitude).
    driver: how it is tried, the name of a function of `embedlab.drivers`.
    needs: exercises of the same lecture whose function this one may call.
    """

    name: str
    points: int
    tolerance: float = 1e-8
    driver: str = "call"
    needs: tuple[str, ...] = ()
    draw: Callable | None = None
    mistakes: list[Variant] = field(default_factory=list)
    alternatives: list[Variant] = field(default_factory=list)
    wrong: list[Variant] = field(default_factory=list)
    excused: dict[str, str] = field(default_factory=dict)

    def cases(self, draw):
        """Decorate the generator `draw(rng)` of (label, {argument: value}) pairs, easiest first."""
        self.draw = draw
        return draw

    def mistake(self, sentence):
        """Decorate a wrong function that students really write; `sentence` tells them why."""

        def register(function):
            self.mistakes.append(Variant(function.__name__, function, sentence))
            return function

        return register

    def alternative(self, function):
        """Decorate a right function that is written differently from the reference."""
        self.alternatives.append(Variant(function.__name__, function))
        return function

    def refused(self, function):
        """Decorate a wrong function too rare for a sentence of its own; it must fail too."""
        self.wrong.append(Variant(function.__name__, function))
        return function

    def harmless(self, *edited, because):
        """Record edits of the reference that change nothing a case could or should see.

        edited: what the edited lines read, as the `+` lines of `autograder mutants` show them;
        line ends and runs of blanks count as one space. because: the reason they share.
        """
        self.excused |= {" ".join(lines.split()): because for lines in edited}


def load_exercises(lecture):
    """Return {name: Exercise} of a lecture such as "03_slim", in order; empty if it has none."""
    module_name = f"{__name__}.{lecture.partition('_')[2]}"
    if importlib.util.find_spec(module_name) is None:
        return {}
    exercises = importlib.import_module(module_name).EXERCISES
    return {exercise.name: exercise for exercise in exercises}
