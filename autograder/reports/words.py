"""Words and marks shared by everything people read."""

from functools import cache

from autograder.lecture.source import DIFFICULTIES, load_source
from autograder.records import ABSENT, GRADED, REFUSED, STOPPED, UNREADABLE
from autograder.reports.text import NAME_CHARACTERS, one_line

NOT_HANDED_IN = "not handed in"  # in the gradebook, and without a record
PASSED, WRONG, OPEN, LOOK = "✓", "✗", "○", "!"  # told apart by shape, never by colour alone

VERDICTS = {  # kind: (mark, words)
    "passed": (PASSED, "passed"),
    "missing": (OPEN, "not written yet"),
    "broken": (WRONG, "its cell stops with an error"),
    "undefined": (WRONG, "not defined under its name"),
    "exception": (WRONG, "wrong: an error"),
    "type": (WRONG, "wrong: another type of result"),
    "shape": (WRONG, "wrong: another shape"),
    "dtype": (WRONG, "wrong: another kind of numbers"),
    "nan": (WRONG, "wrong: not a number"),
    "changed": (WRONG, "wrong: changes what it was given"),
    "values": (WRONG, "wrong: other values"),
    "time": (WRONG, "took too long"),
    "memory": (WRONG, "needed too much memory"),
    "crashed": (WRONG, "ended its process"),
    "output": (WRONG, "returned too much data"),
    "stopped": (LOOK, "stopped before it was tried"),
    "tampered": (LOOK, "what came back is not data"),
    "unread": (LOOK, "could not be read"),
}
STATUS_WORDS = {
    GRADED: "graded",
    STOPPED: "stopped before the end",
    UNREADABLE: "unreadable",
    REFUSED: "refused",
    ABSENT: "no notebook",
}


def verdict_mark(kind):
    """Return the mark of a verdict's kind."""
    return VERDICTS.get(kind, (LOOK, ""))[0]


def verdict_words(kind):
    """Return what a verdict's kind is called."""
    return VERDICTS[kind][1] if kind in VERDICTS else one_line(kind, NAME_CHARACTERS)


@cache
def lecture_title(lecture):
    """Return a lecture's first heading, such as "03 · SLIM: learning which film ..."."""
    first = load_source(lecture).cells[0].node.source.splitlines()[0]
    return first.lstrip("# ").strip() or lecture


@cache
def difficulties(lecture):
    """Return {exercise: "●●○ core"} in the lecture's order."""
    tasks = load_source(lecture).tasks
    return {name: DIFFICULTIES[cell.node.metadata["difficulty"]] for name, cell in tasks.items()}
