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
under the exercise's name, after those functions of their module that they call. So each must stand
on its own (NumPy as `np` is there; import the rest inside).
Harmless ones are the mutants of the reference (`autograder mutants`) that no case need refuse.
The reference is not written here: it is the solution in `solutions/`. The package lists its
exercises nowhere: every `Exercise` of its modules counts, in the order of the source.
"""

import ast
import importlib.util
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import Refusal, RefusalError, refusal_of
from autograder.paths import relative, source_path

TASK = re.compile(r'^# %% .*\bexercise="(\w+)"', re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """A whole function or class that stands in for the student's: a mistake or an alternative.

    `sentence` is what a student who made this mistake should read; empty for the others.
    """

    name: str
    function: Callable
    sentence: str = ""

    def source(self, exercise):
        """Return the function's source, defined under the name of the exercise.

        The functions of its module that it calls stand before it.
        """
        *called, definition = _with_called(self.function)
        for node in ast.walk(definition):  # it may call itself
            if isinstance(node, ast.Name) and node.id == definition.name:
                node.id = exercise
        definition.name = exercise
        return "\n\n".join(map(ast.unparse, [*called, definition]))

    @property
    def place(self):
        """The file and the line that define it."""
        return inspect.getsourcefile(self.function), inspect.getsourcelines(self.function)[1]


def _with_called(function, callers=()):
    """Return the definitions of a function and, before it, of those of its module that it calls.

    callers: names of those that led to it, which need not come again.
    """
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    definition.decorator_list = []
    module = vars(sys.modules[function.__module__])
    names = {
        node.id
        for node in ast.walk(definition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)  # not `for _ in ...`
    }
    found, met = {}, (*callers, function.__name__)
    for name in sorted(names.difference(met)):
        called = module.get(name)
        if inspect.isfunction(called) and called.__module__ == function.__module__:
            found |= {one.name: one for one in _with_called(called, met)}
    return [*found.values(), definition]


@dataclass
class Exercise:
    """What is asked, how it is tried, and which ways of getting it wrong are known.

    tolerance: largest difference allowed, relative to max(1, largest expected magnitude).
    driver: how it is tried, the name of a function of `embedlab.drivers`.
    needs: exercises of the same lecture whose function this one may call.
    raises: names of the exceptions that the task asks for, which the reference raises on some case.
    """

    name: str
    points: int
    tolerance: float = 1e-8
    driver: str = "call"
    needs: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    draw: Callable | None = None
    mistakes: list[Variant] = field(default_factory=list)
    alternatives: list[Variant] = field(default_factory=list)
    wrong: list[Variant] = field(default_factory=list)
    excused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        """Remember where the specification makes it, for what is refused about it."""
        caller = sys._getframe(2)  # of the constructor that the dataclass wrote
        self.place = caller.f_code.co_filename, caller.f_lineno

    @property
    def place_of_cases(self):
        """The file and the line that define the generator of its cases."""
        return self.draw.__code__.co_filename, self.draw.__code__.co_firstlineno

    def cases(self, draw):
        """Decorate the generator `draw(rng)` of (label, {argument: value}) pairs, easiest first."""
        self.draw = draw
        return draw

    def mistake(self, sentence=""):
        """Decorate a wrong function that students really write; `sentence` tells them why.

        One without a sentence is refused later, with its place.
        """
        if callable(sentence):  # @name.mistake, without brackets
            return self.mistake()(sentence)

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


class SpecificationError(RefusalError):
    """Modules of specifications that cannot be used; `exercises` are those of the others."""

    def __init__(self, refusals, exercises):
        super().__init__(refusals)
        self.exercises = exercises


def load_exercises(lecture):
    """Return {name: Exercise} of a lecture such as "03_slim"; empty if it has none.

    They come in the order in which the source sets them, those that it does not set last. Raises
    SpecificationError.
    """
    found, refusals = {}, []
    modules = dict(_imported(lecture, refusals))
    for module in modules.values():
        for value in vars(module).values():
            if not isinstance(value, Exercise):
                continue
            first = found.setdefault(value.name, value)
            if first is not value:
                file, line = first.place
                other = f"{relative(Path(file))}:{line}"
                message = f"a second exercise {value.name!r}; rename this one or the one in {other}"
                refusals.append(Refusal(*value.place, message))
    homes = {Path(exercise.place[0]) for exercise in found.values()}
    used = {name for module in modules.values() for name in _imports(module)}
    for name, module in modules.items():
        if not refusals and Path(module.__file__) not in homes and name not in used:
            exercise = name.rpartition(".")[2]
            message = f'no exercise here: write {exercise} = Exercise("{exercise}", points=1)'
            refusals.append(Refusal(module.__file__, 1, message))
    path = source_path(lecture)
    order = TASK.findall(path.read_text(encoding="utf-8")) if path.exists() else []
    names = [name for name in dict.fromkeys(order) if name in found]
    exercises = {name: found[name] for name in [*names, *sorted(found.keys() - set(names))]}
    if refusals:
        raise SpecificationError(refusals, exercises)
    return exercises


def _imported(lecture, refusals):
    """Yield (name, module) of a lecture's package; add to refusals what cannot be imported."""
    folders = package_folders(lecture)
    for name in module_names(lecture):
        try:
            yield name, importlib.import_module(name)
        except (Exception, SystemExit) as error:
            file = Path(folders[0], f"{name.rpartition('.')[2]}.py")
            refusals.append(refusal_of(error, folders, file))


def _imports(module):
    """Yield the names of all that a module imports."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = "." * node.level + (node.module or "")
            home = importlib.util.resolve_name(home, module.__package__)
            yield home
            yield from (f"{home}.{alias.name}" for alias in node.names)


def module_names(lecture):
    """Return the names of the modules of a lecture's package, sorted; none if it has no package."""
    prefix = f"{__name__}.{lecture.partition('_')[2]}."
    return sorted(module.name for module in pkgutil.iter_modules(package_folders(lecture), prefix))


def package_folders(lecture):
    """Return the folders, as strings, of a lecture's package: one, or none if it has no package."""
    spec = importlib.util.find_spec(f"{__name__}.{lecture.partition('_')[2]}")
    return list(spec.submodule_search_locations or []) if spec else []
