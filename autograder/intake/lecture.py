"""Which lecture a notebook belongs to, whatever the student made of its name."""

import json
import re
from dataclasses import dataclass
from functools import cache

from autograder import paths
from autograder.definitions import defined

SAME_FUNCTIONS = 2  # one function of a lecture's may turn up in any notebook


@dataclass(frozen=True)
class Traits:
    """What tells a lecture's notebook from others: grade_ids, and the functions it asks for."""

    grade_ids: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


def released():
    """Return the Traits of every released lecture, by lecture."""
    return _released(paths.LECTURES)


@cache
def _released(folder):
    return {path.stem: _traits(path.read_bytes())[1] for path in sorted(folder.glob("*.ipynb"))}


def lecture_of(contents, path, lectures):
    """Return the lecture of a notebook, or None: a name in `lectures` or one nobody asked for.

    contents: its bytes, or None if they cannot be read; never raises for them. path: its path as
    the student handed it in, folders first.
    """
    known = sorted({*lectures, *released()})
    stated, traits = _traits(contents)
    return (
        stated
        or next(filter(None, (_same_name(part, known) for part in reversed(path[:-1]))), None)
        or lecture_in_name(path[-1], known)
        or _closest(traits.grade_ids, {name: released()[name].grade_ids for name in released()}, 1)
        or _closest(
            traits.functions,
            {name: released()[name].functions for name in released()},
            SAME_FUNCTIONS,
        )
    )


def lecture_in_name(name, lectures):
    """Return the lecture that a file name speaks of ("Copy of 03-SLIM (2).ipynb"), or None."""
    found = [lecture for lecture in lectures if lecture_pattern(lecture).search(name)]
    return max(found, key=len, default=None)


@cache
def lecture_pattern(lecture):
    """Return a pattern for the lecture's name: any case, any separators."""
    words = map(re.escape, re.findall(r"[^\W_]+", lecture))
    return re.compile(r"(?<!\d)" + r"[\W_]*".join(words), re.IGNORECASE)


def _same_name(name, lectures):
    return next((lecture for lecture in lectures if lecture.casefold() == name.casefold()), None)


def _closest(found, wanted, at_least):
    """Return the lecture that shares most with what was found, unless two share as much."""
    shared = sorted(((len(found & names), lecture) for lecture, names in wanted.items()))[-2:]
    if (
        not shared
        or shared[-1][0] < at_least
        or (len(shared) == 2 and shared[0][0] == shared[1][0])
    ):
        return None
    return shared[-1][1]


def _traits(contents):
    """Return the lecture that the notebook's metadata states, or "", and its Traits."""
    try:
        notebook = json.loads(contents or b"")
    except (ValueError, RecursionError, MemoryError):
        return "", Traits()
    metadata = _mapping(_mapping(notebook).get("metadata"))
    stated = _mapping(metadata.get("embedlab")).get("lecture")
    if not isinstance(stated, str) or not re.fullmatch(r"[\w.-]{1,64}", stated):
        stated = ""
    grade_ids, functions = set(), set()
    cells = _mapping(notebook).get("cells")
    for cell in map(_mapping, cells if isinstance(cells, list) else []):
        grade_id = _mapping(_mapping(cell.get("metadata")).get("nbgrader")).get("grade_id")
        if isinstance(grade_id, str):
            grade_ids.add(grade_id)
        if cell.get("cell_type") == "code":
            functions.update(defined(_text(cell.get("source"))))
    return stated, Traits(frozenset(grade_ids), frozenset(functions))


def _mapping(value):
    return value if isinstance(value, dict) else {}


def _text(source):
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))
