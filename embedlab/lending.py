"""Working functions on loan, for students who are stuck and want to go on.

The bundle holds them only where the instructor said so (`autograder bundle --lend`); in the full
repository they come from the executed solution.
"""

import json
from pathlib import Path

from embedlab.errors import StudentError

LENT = Path(__file__).parent / "lent"
SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"
graded = False  # where a hand-in is tried nothing is lent, whatever lies in reach


def lends(lecture):
    """Whether this copy of the course has a lecture's functions to lend."""
    return not graded and any(
        (folder / f"{lecture}{ending}").exists()
        for folder, ending in ((LENT, ".json"), (SOLUTIONS, ".ipynb"))
    )


def lent_function(lecture, name):
    """Return the working function `name` of a lecture, or a class.

    It has a namespace of its own, so that it does not depend on what the student wrote. Raises
    StudentError where this copy of the course has none to lend.
    """
    if graded:
        raise StudentError("Nothing is lent in grading.")
    namespace = {"__name__": f"lent_{lecture}"}
    for source in _sources(lecture):
        exec(compile(source, f"<lent by {lecture}>", "exec"), namespace)
    return namespace[name]


def _sources(lecture):
    """Return the sources that define a lecture's functions: its setup, given and solution cells."""
    try:
        return json.loads((LENT / f"{lecture}.json").read_text("utf-8"))
    except OSError:
        pass
    try:
        notebook = json.loads((SOLUTIONS / f"{lecture}.ipynb").read_text("utf-8"))
    except OSError:
        raise StudentError(
            "This copy of the course lends no functions: its instructor decides that when the "
            "course is handed out. Open the hint and the pseudocode above the function instead, "
            "or ask."
        ) from None
    return [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if {"setup", "given"} & set(cell["metadata"].get("tags", []))
        or cell["metadata"].get("nbgrader", {}).get("solution")
    ]
