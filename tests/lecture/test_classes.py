"""An exercise may be a class: source, reference, variants, check, sandbox and judge take it."""

import doctest
import json
import re

import pytest
from typer.testing import CliRunner

import embedlab.lecture
from autograder import cli, paths
from autograder.lecture.build import checked_source, write
from autograder.lecture.reference import load_namespace, load_reference
from autograder.lecture.source import SourceError
from autograder.records import Records
from embedlab.lecture import CheckFailed, Lecture

CLASS = '''class Doubler:
    """Adds up what it is told, starting at `start`, and returns it times `factor`.

    >>> doubler = Doubler(1.0, 2.0)
    >>> doubler.add(3.0)
    >>> doubler.total()
    8.0
    """

    ### BEGIN SOLUTION
    def __init__(self, start, factor):
        self.start, self.factor = start, factor

    def add(self, value):
        self.start = self.start + value

    def total(self):
        return self.factor * self.start

    ### END SOLUTION
'''

SPECIFICATION = """from autograder.exercises import Exercise

Doubler = Exercise("Doubler", points=2, driver="methods")


@Doubler.cases
def _(rng):
    for label in ("a life", "another", "a third"):
        start, factor, *values = rng.normal(size=4)
        calls = [["total"], ["add", values[0]], ["add", values[1]], ["total"]]
        yield label, {"start": start, "factor": factor, "calls": calls}


@Doubler.mistake("You forget the factor.")
class WithoutFactor:
    def __init__(self, start, factor):
        self.start = start

    def add(self, value):
        self.start += value

    def total(self):
        return self.start


@Doubler.mistake("You keep the last value only.")
class LastOnly:
    def __init__(self, start, factor):
        self.start, self.factor = start, factor

    def add(self, value):
        self.start = value

    def total(self):
        return self.factor * self.start


@Doubler.mistake("You add to the factor.")
class AddsToFactor:
    def __init__(self, start, factor):
        self.start, self.factor = start, factor

    def add(self, value):
        self.factor += value

    def total(self):
        return self.factor * self.start


@Doubler.alternative
class WithAList:
    def __init__(self, start, factor):
        self.values, self.factor = [start], factor

    def add(self, value):
        self.values.append(value)

    def total(self):
        return self.factor * sum(self.values)


@Doubler.alternative
class Rebuilt:
    def __init__(self, start, factor):
        self.start, self.factor = start, factor

    def add(self, value):
        self.__dict__ = vars(Rebuilt(self.start + value, self.factor))

    def total(self):
        return self.start * self.factor
"""


@pytest.fixture
def with_class(tiny):
    """The tiny lecture with a class for its exercise."""
    text = tiny.source.read_text("utf-8")
    function = text[text.index("def doubled") : text.index('# %% nbgrader={"grade_id": "check_')]
    text = text.replace(function, CLASS + "\n\n")
    text = text.replace("doubled(21.0)", "Doubler(1.0, 2.0).total()").replace("doubled", "Doubler")
    tiny.write(tiny.source, text)
    tiny.specification.unlink()
    tiny.write(tiny.package / "doubler.py", SPECIFICATION)
    return tiny


def test_source_and_reference_keep_a_class(with_class):
    checked_source(with_class.name)
    reference = load_reference(with_class.name)["Doubler"]
    assert reference(1.0, 2.0).total() == 2.0


def test_its_example_is_run_as_that_of_a_function(with_class):
    reference = load_reference(with_class.name)["Doubler"]
    test = doctest.DocTestParser().get_doctest(
        reference.__doc__, dict(load_namespace(with_class.name)), "Doubler", None, None
    )
    assert len(test.examples) == 3
    assert doctest.DocTestRunner().run(test).failed == 0
    with_class.change(with_class.source, ">>> ", "... ")
    with pytest.raises(SourceError, match="'Doubler' needs a docstring with a worked example"):
        checked_source(with_class.name)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"start": start, "factor"', '"begin": start, "factor"', "the arguments begin, factor; "),
        ('["total"], ["add", values[0]]', '["sum"], ["add", values[0]]', "raises AttributeError"),
        ('"calls": calls', '"call": calls', "lacks 'calls', which the driver 'methods' needs"),
        (
            "    def __init__(self, start, factor):\n        self.start = start",
            "    pass\n",
            "cannot",
        ),
    ],
)
def test_its_specification_is_refused_like_that_of_a_function(with_class, old, new, says):
    line = with_class.change(with_class.package / "doubler.py", old, new)
    with pytest.raises(SourceError, match=rf"doubler\.py:\d+: .*{says}"):
        checked_source(with_class.name)
    assert line


def test_variants_are_renamed_wherever_they_name_themselves(with_class):
    (exercise,) = checked_source(with_class.name).exercises.values()
    for variant in exercise.mistakes + exercise.alternatives:
        written = variant.source("Doubler")
        assert written.startswith("class Doubler:")
        assert variant.name not in written
        namespace = {}
        exec(written, namespace)
        made = namespace["Doubler"](1.0, 2.0)
        made.add(3.0)
        made.total()


@pytest.fixture
def check(with_class, monkeypatch):
    """The local check, on the public cases of the class."""
    monkeypatch.setattr(embedlab.lecture, "PUBLIC", paths.PUBLIC_CASES)
    write(with_class.build())
    return Lecture(with_class.name).check


def test_the_local_check_takes_a_class(check, capsys):
    check(load_reference("91_tiny")["Doubler"])
    assert "✓ Doubler: visible checks passed (3 cases)" in capsys.readouterr().out
    namespace = {}
    exec(checked_source("91_tiny").exercises["Doubler"].mistakes[0].source("Doubler"), namespace)
    with pytest.raises(CheckFailed, match="You forget the factor"):
        check(namespace["Doubler"])

    class Doubler:
        def __init__(self, start, factor):
            self.total = lambda: start / 0

        def add(self, value):
            pass

    with pytest.raises(CheckFailed, match=re.escape("self.total = lambda: start / 0")):
        check(Doubler)


def test_a_class_is_graded(check, with_class, tmp_path):
    released = json.loads((paths.LECTURES / "91_tiny.ipynb").read_text("utf-8"))
    exercise = checked_source("91_tiny").exercises["Doubler"]
    answers = {"right": CLASS} | {
        variant.name: variant.source("Doubler")
        for variant in exercise.mistakes + exercise.alternatives
    }
    for student, answer in answers.items():
        for cell in released["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "Doubler":
                cell["source"] = answer
        folder = tmp_path / "handed" / student
        folder.mkdir(parents=True)
        (folder / "91_tiny.ipynb").write_text(json.dumps(released), "utf-8")
    course = tmp_path / "course"
    arguments = ["grade", str(tmp_path / "handed"), "--lecture", "91_tiny", "--course", str(course)]
    result = CliRunner().invoke(cli.app, [*arguments, "--without-sandbox", "--workers", "1"])
    assert result.exit_code == 0, result.output
    found = {
        record.student.id: record.exercises["Doubler"].verdict
        for record in Records(course, "91_tiny").all()
    }
    passed = {name for name, verdict in found.items() if verdict.passed}
    assert passed == {"right", "WithAList", "Rebuilt"}
    for mistake in exercise.mistakes:
        assert found[mistake.name].sentence == mistake.sentence
