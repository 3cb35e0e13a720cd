"""Read a notebook that somebody handed in, in whatever state it is."""

import json

import nbformat
from nbformat import NotebookNode

FIELDS = ("nbgrader", "tags")  # of a cell's metadata, all that grading looks at
KINDS = ("code", "markdown", "raw")
PLAIN = str | int | float | None  # what nbgrader writes; the rest can be nested without end


class NoNotebook(Exception):
    """Bytes that are no notebook; the message is a sentence for the student."""


def read_notebook(data):
    """Return (notebook, notes) from the bytes of a file; raises NoNotebook.

    The notebook is of the current format and holds what grading needs: sources, nbgrader's ids and
    tags. Outputs and all other metadata are left out: they are claims, and can be large.
    """
    notes = []
    document = _document(data)
    version = document.get("nbformat")
    if version == 4:
        cells = document.get("cells")
    else:
        cells = _converted(document, version)
        notes.append(f"The notebook is of the old format {version}; it was converted.")
    if not isinstance(cells, list):
        raise NoNotebook("This is not a notebook: it has no list of cells. " + REMEDY)
    read = [cell for number, entry in enumerate(cells) if (cell := _cell(entry, number))]
    if len(read) < len(cells):
        notes.append(f"{len(cells) - len(read)} damaged cells were left out.")
    # made by hand: nbformat's own makers validate every cell, which takes longer than judging it
    return NotebookNode(cells=read, metadata=NotebookNode(), nbformat=4, nbformat_minor=5), notes


REMEDY = "Open it in JupyterLab; if it does not open there, hand in a copy that does."


def _document(data):
    if not data.strip():
        raise NoNotebook("The file is empty. Save the notebook and hand it in again.")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # malformed, binary, nested without end
        raise NoNotebook("The file is not a notebook: its JSON is malformed. " + REMEDY) from None
    if not isinstance(document, dict):
        raise NoNotebook("The file is not a notebook: its JSON is something else. " + REMEDY)
    return document


def _converted(document, version):
    try:
        return nbformat.convert(nbformat.from_dict(document), to_version=4).cells
    except Exception:  # the converters trust their input: anything can be raised
        raise NoNotebook(
            f"The notebook's format {version!r:.20} cannot be read. " + REMEDY
        ) from None


def _cell(entry, number):
    """Return a clean cell, or None for what is not one."""
    if not isinstance(entry, dict) or entry.get("cell_type") not in KINDS:
        return None
    source, metadata = entry.get("source", ""), entry.get("metadata", {})
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or not isinstance(metadata, dict):
        return None
    # a lone surrogate can be read but not written
    source = source.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")
    cell = NotebookNode(
        id=f"cell-{number}", cell_type=entry["cell_type"], metadata=NotebookNode(), source=source
    )
    if cell.cell_type == "code":
        cell.update(execution_count=None, outputs=[])
    nbgrader, tags = (metadata.get(field) for field in FIELDS)
    if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str):
        plain = {key: value for key, value in nbgrader.items() if isinstance(value, PLAIN)}
        cell.metadata["nbgrader"] = NotebookNode(plain)
    if isinstance(tags, list):
        cell.metadata["tags"] = [tag for tag in tags if isinstance(tag, str)]
    return cell
