"""The command answers at once: what it does not need is not imported."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "nbgrader", "sklearn", "numpy", "IPython", "jupytext")
RUN = """
import sys
from autograder.cli import app
try:
    app({arguments!r})
finally:
    print("imported:", *(name for name in {heavy!r} if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--help"], "Build lectures, bundle them"),
        (["build", "77_nothing"], "There is no lecture '77_nothing'"),
        (["grade", "nowhere", "--lecture", "77_nothing"], "There is no lecture '77_nothing'"),
        (["replay", "ann", "77_nothing", "x"], "There is no lecture '77_nothing'"),
    ],
)
def test_help_and_a_wrong_name_import_nothing_heavy(arguments, says):
    code = RUN.format(arguments=arguments, heavy=HEAVY)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said, _, imported = run.stdout.partition("imported:")
    assert says in " ".join(said.split()), run.stderr
    assert imported.split() == []
