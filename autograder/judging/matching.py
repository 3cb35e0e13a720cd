"""Find out which cells of a submitted notebook are to be run.

The lecture's own setup and given functions come from the release, whatever the student did to
them. Of the submission run the cells that are not the release's: wherever they stand, whatever
their ids. A function is found by the name it defines, so the last definition counts, as it would in
the notebook.
"""

import collections
from dataclasses import dataclass, field
from functools import cache

import nbformat

from autograder.definitions import defined
from autograder.paths import released_path

NOTHING_LENT = "import embedlab.lending\nembedlab.lending.graded = True\ndel embedlab"


@dataclass(frozen=True)
class Template:
    """What is known about a lecture's released notebook.

    prelude: what runs before a student's cells: that nothing is lent, then sources of setup and
    given cells. stubs: {grade_id: source} of the cells to write in.
    untouched: sources of all other code cells. released: sources of all code cells.
    """

    prelude: tuple[str, ...]
    setup: frozenset[str]
    stubs: dict[str, str]
    untouched: frozenset[str]
    released: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """The student's part of a notebook: sources to run in order, and what was noticed."""

    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()
    places: dict[str, int] = field(default_factory=dict)  # function name: index of its last source

    def by_exercise(self):
        """Return {what a source defines: source}; of a source that defines nothing, its number."""
        names = {}
        for name, index in self.places.items():
            names.setdefault(index, name)
        return {names.get(i, f"cell {i + 1}"): source for i, source in enumerate(self.sources)}


@cache
def load_template(lecture):
    """Return the Template of a lecture."""
    cells = nbformat.read(released_path(lecture), as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    tagged = {
        tag: [cell.source for cell in code if tag in cell.metadata.get("tags", [])]
        for tag in ("setup", "given")
    }
    solutions = [cell for cell in code if _grading(cell).get("solution")]
    return Template(
        prelude=(NOTHING_LENT, *tagged["setup"], *tagged["given"]),
        setup=frozenset(map(_normal, tagged["setup"])),
        stubs={_grading(cell)["grade_id"]: _normal(cell.source) for cell in solutions},
        untouched=frozenset(_normal(cell.source) for cell in code if cell not in solutions),
        released=tuple(cell.source for cell in code),
    )


def match(notebook, template):
    """Return what of a notebook (see `autograder.judging.reading`) is the student's, as Matched."""
    notes, stubs, written = [], [], []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in notebook.cells:
        grade_id, source = _grading(cell).get("grade_id"), _normal(cell.source)
        if cell.cell_type != "code":
            if grade_id not in template.stubs:
                continue
            notes.append(f"The cell {grade_id} is not a code cell any more; it was read as code.")
        if source in template.untouched or not source:
            continue
        # a copy of an empty task must not undo the function written above it
        (stubs if source in template.stubs.values() else written).append(cell.source)
    notes += _notes_on_ids(code, template)
    sources = (*stubs, *written)
    return Matched(sources, tuple(notes), _places(sources))


def _notes_on_ids(code, template):
    counts = collections.Counter(_grading(cell).get("grade_id") for cell in code)
    for grade_id in template.stubs:
        if counts[grade_id] > 1:
            yield (
                f"{counts[grade_id]} cells have the id {grade_id}, copies of one another; "
                "of a function defined twice the last definition counts."
            )
    present = {_normal(cell.source) for cell in code}
    if not template.setup <= present:
        yield "The setup cell is missing or changed; the lecture's own was used."


def _places(sources):
    """Return {name: index of the last source that defines it as a function or class}."""
    return {name: index for index, source in enumerate(sources) for name in defined(source)}


def _grading(cell):
    return cell.metadata.get("nbgrader", {})


def _normal(source):
    """Return the source without differences in blank space at the ends of lines."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
