"""Make notebooks byte-identical from build to build."""

import hashlib
import json
import re

import nbformat

ADDRESS = re.compile(r"0x[0-9a-f]{6,16}")
MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
WIDGET_STATES = "application/vnd.jupyter.widget-state+json"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def normalise(notebook, information):
    """Remove from `notebook`, in place, what differs between builds and machines; return it.

    information: what to record under metadata["embedlab"].
    """
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
        cell.metadata.pop("execution", None)
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = nbformat.NotebookNode(
        kernelspec=KERNEL, language_info={"name": "python"}, embedlab=information
    )
    if widgets:
        notebook.metadata["widgets"] = widgets
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return _renumber_models(notebook)


def _renumber_models(notebook):
    """Replace addresses and random widget model ids by numbers in order of appearance.

    Cell outputs come before notebook metadata in the order, so a widget's number depends only on
    where it is shown.
    """
    cells = ADDRESS.sub("0xADDRESS", json.dumps(notebook.cells))
    metadata = json.dumps(notebook.metadata)
    known = set(notebook.metadata.get("widgets", {}).get(WIDGET_STATES, {}).get("state", {}))
    numbers = {}

    def number(match):
        if match[0] not in known:
            return match[0]
        numbers.setdefault(match[0], f"{len(numbers):032x}")
        return numbers[match[0]]

    notebook.cells = [nbformat.from_dict(cell) for cell in json.loads(MODEL_ID.sub(number, cells))]
    notebook.metadata = nbformat.from_dict(json.loads(MODEL_ID.sub(number, metadata)))
    return notebook


def to_bytes(notebook):
    """Return the notebook as the bytes of its file."""
    nbformat.validate(notebook)
    return (nbformat.writes(notebook) + "\n").encode("utf-8")


def digest(*parts):
    """Return 12 hex digits that change when any of the byte strings does."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:12]
