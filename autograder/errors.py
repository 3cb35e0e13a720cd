"""The base of all errors that end a command with a sentence instead of a traceback."""

import traceback
from dataclasses import dataclass
from pathlib import Path

from autograder.paths import relative


class UserError(Exception):
    """Something whoever runs the command can mend; its text says what, where and how."""


@dataclass(frozen=True, order=True)
class Refusal:
    """One thing to mend in a file: where, and a sentence with the remedy."""

    path: str
    line: int
    sentence: str

    def __str__(self):
        """Return it as one line that starts with file:line."""
        return f"{relative(Path(self.path))}:{self.line}: {self.sentence}"


class RefusalError(UserError):
    """What is wrong with files that somebody wrote: a line per refusal, sorted."""

    def __init__(self, refusals):
        self.refusals = sorted(set(refusals))
        super().__init__("\n".join(map(str, self.refusals)))


def refusal_of(error, homes, file, line=1):
    """Return the Refusal for an exception: the innermost of its lines that is in one of our files.

    homes: our files, or folders that they are in, as strings. file, line: what is named if none of
    the exception's lines is in one of them.
    """
    message = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if isinstance(error, SyntaxError) and str(error.filename).startswith(tuple(homes)):
        return Refusal(error.filename, error.lineno or 1, f"{type(error).__name__}: {error.msg}")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(tuple(homes)):
            return Refusal(frame.filename, frame.lineno, message)
    return Refusal(str(file), line, message)
