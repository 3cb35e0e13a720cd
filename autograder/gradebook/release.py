"""A lecture's cells as the gradebook holds them, and submissions restored to them; no database."""

import copy
import json
import re
from collections import namedtuple

from nbformat.notebooknode import from_dict
from nbgrader.preprocessors import OverwriteCells
from nbgrader.utils import compute_checksum

from autograder.gradebook.verdict_cell import literal, notice, verdict_output
from autograder.records import GRADED

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")

_Released = namedtuple("_Released", "cell_type source metadata locked added")


class Release:
    """The lecture's cells as the gradebook holds them; restores submissions to them.

    nbgrader's DeduplicateIds, OverwriteKernelspec and OverwriteCells in one pass and without a
    query, but for one difference: where they stop on a copied cell, forged metadata or a check
    deleted together with the cell before it, these are repaired.

    notebook: nbgrader's Notebook; texts: sources of the lecture's own markdown cells.
    """

    def __init__(self, notebook, lecture, texts, config):
        self.lecture, self.texts = lecture, texts
        self.assignment_id, self.notebook_id = notebook.assignment_id, notebook.id
        self.kernelspec = json.loads(notebook.kernelspec or "{}")
        checks = {cell.name: cell for cell in notebook.grade_cells + notebook.task_cells}
        self.comment_cells = {cell.name: cell.id for cell in notebook.solution_cells}
        self.grade_cells = {_exercise(name): cell.id for name, cell in checks.items()}
        self.points = {_exercise(name): cell.max_score for name, cell in checks.items()}
        overwrite = OverwriteCells(config=config)
        self.cells = {}  # in the lecture's order
        for cell in notebook.source_cells:
            check = checks.get(cell.name)
            added = overwrite.missing_cell_transform(cell, check.max_score) if check else None
            self.cells[cell.name] = _Released(
                cell.cell_type, cell.source, self._metadata(cell, check), cell.locked, added
            )

    def _metadata(self, cell, check):
        nbgrader = {
            "schema_version": 3,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": check is not None,
            "grade_id": cell.name,
            "locked": cell.locked,
            "solution": cell.name in self.comment_cells,
            "task": False,
        }
        if check:
            nbgrader["points"] = check.max_score
        metadata = {"deletable": False, "nbgrader": nbgrader}
        return {**metadata, "editable": False} if cell.locked else metadata

    def cells_of(self, record, notebook):
        """Return the cells of the autograded notebook, each check with its verdict."""
        if notebook is None:
            cells = [self._restored(name, released.source) for name, released in self.cells.items()]
        else:
            cells = self._repaired(notebook)
        for cell in cells:
            exercise = record.exercises.get(_exercise(_grade_id(cell)))
            if exercise and cell.metadata.nbgrader.grade:
                cell.outputs = [
                    verdict_output(exercise.verdict, exercise.score, exercise.points, exercise.seed)
                ]
        if record.status != GRADED:
            sentence = record.sentence or f"This submission is {record.status}."
            cells.insert(0, _cell("markdown", notice(sentence), {}))
        return _with_ids(cells)

    def comments_on(self, cells, notebook):
        """Return nbgrader's automatic comment on every solution cell, by the id it has there."""
        comments = dict.fromkeys(self.comment_cells.values())
        for cell in cells:
            name = _grade_id(cell)
            if notebook is not None and name in self.comment_cells:
                unchanged = cell.metadata.nbgrader.checksum == compute_checksum(cell)
                comments[self.comment_cells[name]] = "No response." if unchanged else None
        return comments

    def file_of(self, record, cells):
        """Return the bytes of the autograded notebook.

        They are not validated, which takes longer than all the rest: nothing but text, ids that
        were checked and our own metadata is in them, and the tests validate.
        """
        notebook = {
            "cells": cells,
            "metadata": {
                "kernelspec": self.kernelspec,
                "language_info": {"name": "python"},
                "embedlab": {"lecture": self.lecture, "submission": record.submission},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        text = json.dumps(notebook, ensure_ascii=False, sort_keys=True)  # indenting is slow
        return (text + "\n").encode("utf-8", "replace")

    def _repaired(self, notebook):
        """Return the submitted cells, what is nbgrader's restored and deleted checks added."""
        kept = {}
        for position, cell in enumerate(notebook.cells):
            name = _grade_id(cell)
            # of copies the last stays, which is the one that counted when they ran, but for a
            # copy that was turned into another type of cell
            if name in self.cells and (
                name not in kept or cell.cell_type == self.cells[name].cell_type
            ):
                kept[name] = position
        positions = {position: name for name, position in kept.items()}
        cells = [
            self._restored(positions[position], cell.source)
            if position in positions
            else self._shown(cell)
            for position, cell in enumerate(notebook.cells)
        ]
        for cell, submitted in zip(cells, notebook.cells, strict=True):
            cell["id"] = submitted.get("id")
        self._add_missing(cells)
        return cells

    def _restored(self, name, source):
        released = self.cells[name]
        source = released.source if released.locked else source
        return _cell(released.cell_type, source, copy.deepcopy(released.metadata))

    def _shown(self, cell):
        """Return a cell that is not nbgrader's: code and the lecture's text as they are.

        Other text is shown literally. Rendered, a script in it would run in the instructor's
        formgrader with an instructor's rights, and an odd link would stop the feedback.
        """
        if cell.cell_type == "code" or cell.source in self.texts:
            return _cell(cell.cell_type, cell.source, {})
        return _cell("markdown", literal(cell.source), {})

    def _add_missing(self, cells):
        """Insert each deleted check after the lecture's cell before it, as nbgrader does."""
        positions = {_grade_id(cell): position for position, cell in enumerate(cells)}
        added, place = [], 0
        for name, released in self.cells.items():
            if name in positions:
                place = positions[name] + 1
            elif released.added:
                added.append((place, copy.deepcopy(released.added)))
        # from the end, so that places stay right; of one place, the last first
        for place, cell in reversed(sorted(added, key=lambda pair: pair[0])):
            cells.insert(place, cell)


def _exercise(grade_id):
    """Return the name of the exercise that a check cell belongs to."""
    return grade_id.removeprefix("check_")


def _grade_id(cell):
    """Return the cell's name in nbgrader, or "": students may have put anything there."""
    nbgrader = cell.metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else ""
    return name if isinstance(name, str) else ""


def _cell(cell_type, source, metadata):
    cell = {"cell_type": cell_type, "source": encodable(source), "metadata": metadata}
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    return from_dict(cell)


def encodable(words):
    """Replace halves of surrogate pairs, on which checksums, feedback and the database stop."""
    return words.encode("utf-8", "replace").decode()


def _with_ids(cells):
    """Give every cell an id, its own if that is valid and not taken; the same ids every time."""
    taken = set()
    for number, cell in enumerate(cells):
        wanted = cell.get("id") or _grade_id(cell)
        valid = isinstance(wanted, str) and CELL_ID.fullmatch(wanted) and wanted not in taken
        cell["id"] = wanted if valid else f"cell-{number}"
        while cell["id"] in taken:
            cell["id"] += "-"
        taken.add(cell["id"])
    return cells
