"""A specification's own faults are refused by file, line and remedy, all in one go."""

import shutil

import pytest
from typer.testing import CliRunner

from autograder import cli, paths
from autograder.errors import Refusal
from autograder.lecture.build import checked_source, write
from autograder.lecture.source import SourceError, load_source

RAISING = """

@doubled.cases
def _(rng):
    yield "the worked example", {"x": 2.0}
    yield "a number", {"x": 3.0}
    yield "nothing", {"x": None}
"""


def refused(tiny):
    """Return the refusals of the tiny lecture, each without the folder."""
    with pytest.raises(SourceError) as refusal:
        checked_source(tiny.name)
    folders = (f"{tiny.package}/", f"{tiny.source.parent}/")
    lines = str(refusal.value).splitlines()
    for folder in folders:
        lines = [line.removeprefix(folder) for line in lines]
    return lines


def test_the_tiny_lecture_is_good(tiny):
    assert list(checked_source(tiny.name).exercises) == ["doubled"]


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        (
            '{"x": rng',
            '{"y": rng',
            "@doubled.cases",
            "'a number' has the arguments y; those of ",
        ),
        ('{"x": 2.0}', '{"x": 2.0, "k": 1}', "@doubled.cases", "arguments x, k; those of the ref"),
        ('{"x": 2.0}', "{}", "@doubled.cases", "the case 'the worked example' has the arguments ;"),
        ('{"x": 2.0}', '{"x": None}', "@doubled.cases", "raises TypeError on the case 'the worked"),
        ('{"x": 2.0}', '{"x": 1 / 0}', '    yield "the worked', "ZeroDivisionError: division by"),
        ('{"x": 2.0}', "2.0", "@doubled.cases", "cases are yielded as: label, {arg"),
        (
            "points=1",
            'points=1, raises=("KeyError",)',
            "@doubled.cases",
            "no case has the refer",
        ),
        ("    yield", "    0;", "@doubled.cases", "draws no case: yield some"),
        (
            "def left(x)",
            "def left(x, y)",
            '@doubled.mistake("You left',
            "'left' cannot be called",
        ),
        ("def by_sum(x)", "def by_sum()", "@doubled.alternative", "'by_sum' cannot be called like"),
        (
            "return x / 2",
            "return x**2",
            '@doubled.mistake("You halved',
            "'halved' does what 'squ",
        ),
        ("return x / 2", "return x * 2", '@doubled.mistake("You halved', "what the reference does"),
        ("You halved it.", "You squared it.", '@doubled.mistake("You halved', "of another mistake"),
        ("You halved it.", " ", '@doubled.mistake("You halved', "has no sentence for the student"),
        ("def halved", "def left", '@doubled.mistake("You halved', "are named 'left'"),
        ("points=1", 'points=1, needs=("tripled",)', "doubled = ", "needs 'tripled', which is no"),
        (
            "points=1",
            'points=1, driver="cal"',
            "doubled = ",
            "no driver 'cal'; there are call",
        ),
        (
            "points=1",
            'points=1, driver="methods"',
            "@doubled.cases",
            "lacks 'calls', which the",
        ),
        ("@doubled.cases\n", "", "doubled = ", "has no cases: decorate a generator"),
        (
            "@doubled.alternative\ndef by_sum",
            "def by_sum",
            "doubled = ",
            "3 mistakes, 1 alternat",
        ),
        (
            "import numpy as np",
            "import numpyy as np",
            "import numpy as",
            "No module named 'numpy",
        ),
        ("return x**2", "return x**", "    return x**2", "SyntaxError: invalid syntax"),
        ('Exercise("doubled"', 'Exercise("tripled"', None, "'doubled' is not registered"),
        ('Exercise("doubled"', 'Exercise("tripled"', "doubled = ", "sets no exercise 'tripled'"),
        (
            '@doubled.mistake("You halved it.")',
            "@doubled.mistake",
            '@doubled.mistake("You halved',
            "'halved' has no sentence for the student",
        ),
        (
            "return x - -x",
            "return x + 2",
            "@doubled.alternative\ndef by_shift",
            "the alternative 'by_shift' differs from the reference on the case 'a number': ",
        ),
    ],
)
def test_a_fault_of_a_specification_is_refused_by_its_line(tiny, old, new, at, says):
    text = tiny.specification.read_text("utf-8")
    tiny.change(tiny.specification, old, new)
    said = refused(tiny)
    matching = [line for line in said if says in line]
    assert matching, said
    if at:
        line = text[: text.index(at)].count("\n") + 1
        assert any(one.startswith(f"doubled.py:{line}: ") for one in matching), (line, said)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    4.0\n", "    5.0\n", "gives 4.0, not 5.0"),
        (">>> doubled(2.0)", ">>> doubled(two)", "raises NameError: name 'two' is not defined"),
    ],
)
def test_a_wrong_worked_example_is_refused_by_its_line(tiny, old, new, says):
    line = tiny.change(tiny.source, old, new) - (old == "    4.0\n")
    (said,) = refused(tiny)
    assert said.startswith(f"91_tiny.py:{line}: the example in the docstring of 'doubled' {says}")


def test_a_case_may_ask_for_an_exception(tiny):
    tiny.write(tiny.specification, tiny.specification.read_text("utf-8") + RAISING)
    (said,) = refused(tiny)
    assert said.endswith('if the task asks for that, give the Exercise raises=("TypeError",)')
    tiny.change(tiny.specification, "points=1", 'points=1, raises=("TypeError",)')
    checked_source(tiny.name)


def test_mistakes_that_raise_are_told_apart_by_what_they_raise(tiny):
    tiny.change(tiny.specification, "return x / 2", "raise ValueError(x)")
    tiny.change(tiny.specification, "return x**2", "raise IndexError(x)")
    checked_source(tiny.name)
    tiny.change(tiny.specification, "raise IndexError(x)", "raise ValueError(x)")
    (said,) = refused(tiny)
    assert "'halved' does what 'squared' does on every case" in said


def test_a_rare_wrong_function_must_fail_too(tiny):
    wrong = "\n\n@doubled.refused\ndef as_is(x):\n    return 2.0 * x\n"
    tiny.write(tiny.specification, tiny.specification.read_text("utf-8") + wrong)
    (said,) = refused(tiny)
    assert "'as_is' does what the reference does" in said


def test_faults_of_source_and_specification_come_together_sorted(tiny):
    tiny.change(tiny.source, " minutes=5", "")
    tiny.change(tiny.source, "<summary>Hint", "<summary>More")
    tiny.change(tiny.specification, "def left(x)", "def left(x, y)")
    tiny.change(tiny.specification, "You halved it.", "You squared it.")
    assert [line.split(": ")[0] for line in refused(tiny)] == [
        "doubled.py:15",
        "doubled.py:20",
        "doubled.py:25",
        "91_tiny.py:11",
        "91_tiny.py:11",
    ]


def test_a_broken_module_hides_no_other_fault(tiny):
    tiny.change(tiny.specification, "points=1", "points=one")
    tiny.change(tiny.source, "<summary>Hint", "<summary>More")
    said = refused(tiny)
    assert said[0] == "doubled.py:5: NameError: name 'one' is not defined"
    assert said[1].startswith("91_tiny.py:11: task 'doubled' has no hint")
    assert len(said) == 2  # nothing of an exercise that is not registered


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("import numpy as np", "import numpyy as np", "ModuleNotFoundError: No module named 'num"),
        ('lecture = Lecture("91_tiny")', "lecture = Lecture()", "TypeError: Lecture.__init__()"),
    ],
)
def test_a_setup_cell_that_fails_is_refused_by_its_line(tiny, old, new, says):
    line = tiny.change(tiny.source, old, new)
    (said,) = refused(tiny)
    assert said.startswith(f"91_tiny.py:{line}: {says}")


def test_what_is_seen_without_trying_is_refused_whoever_reads_the_lecture(tiny):
    tiny.change(tiny.specification, "You halved it.", "You squared it.")
    with pytest.raises(SourceError, match="of another mistake"):
        load_source(tiny.name)


@pytest.fixture
def handed_in(tiny, tmp_path, monkeypatch):
    """A folder with a submission of the tiny lecture, as it was before somebody spoils it."""
    monkeypatch.setattr(cli, "GRADING", tiny.course)
    write(tiny.build())
    (tmp_path / "handed" / "ann").mkdir(parents=True)
    shutil.copy(paths.LECTURES / "91_tiny.ipynb", tmp_path / "handed" / "ann")
    return tmp_path / "handed"


def sentences(arguments):
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


def test_commands_that_read_a_spoilt_lecture_say_so_in_sentences(tiny, handed_in):
    grade = ["grade", str(handed_in), "--lecture", tiny.name, "--course", str(handed_in / "course")]
    commands = (["build", tiny.name], ["build", "--check", tiny.name], grade)
    line = tiny.change(tiny.source, " minutes=5", "")
    for command in commands:
        said = sentences(command)
        assert f"91_tiny.py:{line}: task 'doubled' does not say its minutes" in said, command
    tiny.change(tiny.specification, "import numpy as np", "import numpyy as np")
    for command in commands:
        assert "doubled.py:1: ModuleNotFoundError" in sentences(command), command


@pytest.mark.parametrize(
    ("function", "command"),
    [
        ("autograder.grading.replay.replay_exercise", ["replay", "ann", "91_tiny", "doubled"]),
        ("autograder.lecture.bundle.write_bundle", ["bundle", "nowhere.zip"]),
    ],
)
def test_so_do_the_others(tiny, monkeypatch, function, command):
    def refuse(*arguments):
        raise SourceError([Refusal("solutions/91_tiny.py", 7, "has no hint")])

    monkeypatch.setattr(function, refuse)
    assert "solutions/91_tiny.py:7: has no hint" in sentences(command)
