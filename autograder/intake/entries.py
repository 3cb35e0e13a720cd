"""A file that is listed first and read later, one at a time, and what stops it from being read.

Students choose the names and contents of these files. So nothing is extracted, no link is followed,
only regular files are opened, and at most FILE_LIMIT bytes of one are ever in memory. What cannot
be read costs that one file: reading it raises Unusable.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from autograder.errors import UserError
from autograder.hidden import HIDDEN
from autograder.records import REFUSED, UNREADABLE

MEGABYTE = 2**20
FILE_LIMIT = 20 * MEGABYTE  # bytes of one notebook, or of one archive inside an archive

# What LMSs and operating systems add, and what nobody hands in. Names that start with a dot
# (.ipynb_checkpoints, .DS_Store, the "._" files of macOS) are left out too.
JUNK = {"__MACOSX", "__pycache__", "site-packages", "node_modules", "Thumbs.db", "desktop.ini"}

# Some browsers save a notebook as what they take its contents for.
NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")

UNPRINTABLE = re.compile(rf"{HIDDEN.pattern}|[\t\n]")  # in a name

ALONE = "Please hand in the notebook file itself, not an archive."


class IntakeError(UserError):
    """Nothing can be read from the path; the message names it and the remedy."""


class Problem(NamedTuple):
    """Why there is nothing to judge: a status of autograder.records, a sentence for the student."""

    status: str
    sentence: str


class Unusable(Exception):
    """One file that is not read, and the Problem with it."""

    def __init__(self, problem):
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, not read yet.

    parts: its path in the folder or archive, printable; the last part is "" if the entry stands for
    a folder that cannot be entered. origin: where it is, for messages. modified: when it was
    changed; comparable within one folder or archive. load: returns its bytes. problem: why it is
    not even opened.
    """

    parts: tuple[str, ...]
    origin: str
    modified: tuple = ()
    load: Callable[[], bytes] | None = None
    problem: Problem | None = None

    @property
    def name(self):
        """The file's name, or that of the folder the entry stands for."""
        return self.parts[-1] or self.parts[-2]

    @property
    def suffix(self):
        """The ending that says what is in the file, in lower case: ".ipynb", ".zip", ..."""
        return split_ending(self.parts[-1])[1]

    def read(self):
        """Return the bytes; raises Unusable."""
        if self.problem:
            raise Unusable(self.problem)
        return self.load()


@dataclass
class Listing:
    """What a folder or an archive holds: entries, and folders by their parts, empty ones too.

    where: what every origin in it starts with.
    """

    where: str
    entries: list[Entry] = field(default_factory=list)
    folders: list[tuple[str, ...]] = field(default_factory=list)


def printable(name):
    """Return the name with control characters and broken encodings escaped.

    Names go to terminals, JSON and HTML; a stray byte must stop none of them.
    """
    return UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), name)


def split_ending(name):
    """Return (stem, suffix) of a file's name.

    suffix: the ending that says what is in the file, in lower case: ".ipynb", ".zip", ...; of a
    notebook ".ipynb", whatever ending of NOTEBOOK_ENDINGS it has.
    """
    for ending in NOTEBOOK_ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)], ".ipynb"
    path = Path(name)
    return path.stem, path.suffix.lower()


def some_of(names, most):
    """Return the names as people list them, the first `most` of them and how many more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def is_junk(name):
    """Whether a file or folder of this name, and all in it, is left out."""
    return name in JUNK or name.startswith(".")


def read_capped(stream, name, size):
    """Return what the stream holds; raises Unusable if that, or its stated size, is too much."""
    if size <= FILE_LIMIT:
        contents = stream.read(FILE_LIMIT + 1)  # what is really there, whatever was stated
        if len(contents) <= FILE_LIMIT:
            return contents
        size = len(contents)
    found = f"{printable(name)} has {size / MEGABYTE:.1f} MB"
    remedy = "Clear its outputs (Edit > Clear Outputs of All Cells), save, and hand in again."
    limit = FILE_LIMIT // MEGABYTE
    raise Unusable(Problem(UNREADABLE, f"{found}; at most {limit} MB are read. {remedy}"))


def link(name):
    """Return the Problem of a symbolic link."""
    sentence = f"{printable(name)} is a link to another place, and links are not followed."
    return Problem(REFUSED, f"{sentence} Please hand in the notebook file itself.")
