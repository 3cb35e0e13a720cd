"""A pytest plugin that makes nbval strict: load it with `-p tests.nbval_guard`.

By itself nbval compares nothing in a cell without an execution count, so that a cleared notebook
would pass, and neither pictures nor what figures hold. Here cells that were never executed are
refused, pictures are compared, and so are the states of all widgets once the cells have run.
"""

import json
from collections import Counter

import pytest

from autograder.notebooks import MODEL_ID, WIDGET_STATES

COMPARED_TOO = {"image/png", "image/jpeg", "name"}  # "name" tells stdout from stderr
TELL = "import json, ipywidgets; print(json.dumps(ipywidgets.Widget.get_manager_state()['state']))"
SECONDS = 60  # for the kernel to tell them


def pytest_collection_modifyitems(items):
    cells = [item for item in items if type(item).__name__ == "IPyNbCell"]
    unexecuted = [
        item.nodeid
        for item in cells
        if item.cell.source.strip()
        and item.cell.execution_count is None
        and not item.options["skip"]
    ]
    if unexecuted:
        listed = ", ".join(unexecuted[:5])
        raise pytest.UsageError(f"never-executed cells compare nothing: {listed}")
    ignored = [item.nodeid for item in cells if not item.options["check"] or item.options["skip"]]
    if ignored:
        raise pytest.UsageError(f"cells that ask not to be compared: {', '.join(ignored[:5])}")
    for notebook in dict.fromkeys(item.parent for item in cells):
        notebook.skip_compare = tuple(set(notebook.skip_compare) - COMPARED_TOO)
        last = max(at for at, item in enumerate(items) if item.parent is notebook)
        items.insert(last + 1, WidgetStates.from_parent(notebook, name="widget states"))


class WidgetStates(pytest.Item):
    """Compares what the notebook's widgets hold with what they held when it was built."""

    def runtest(self):
        """Ask the kernel in which the cells have run."""
        saved = self.parent.nb.metadata.get("widgets", {}).get(WIDGET_STATES, {}).get("state", {})
        then, now = _comparable(saved), _comparable(self._told())
        assert now == then, (
            f"{(then - now).total()} of {then.total()} widget states of this notebook are not what "
            f"its cells make now ({(now - then).total()} others are): run `autograder build`"
        )

    def _told(self):
        """Return {model id: state} of the kernel's widgets."""
        kernel, text = self.parent.kernel, ""
        asked = kernel.execute_cell_input(TELL, allow_stdin=False)
        while True:
            message = kernel.get_message("iopub", timeout=SECONDS)
            if message["parent_header"].get("msg_id") != asked:
                continue
            content = message["content"]
            assert message["msg_type"] != "error", content
            if message["msg_type"] == "stream":
                text += content["text"]
            elif content.get("execution_state") == "idle":
                return json.loads(text)

    def repr_failure(self, excinfo):
        """Return the sentence alone."""
        return str(excinfo.value)

    def reportinfo(self):
        """Return the notebook and the item's name."""
        return self.path, None, f"{self.path.name}: {self.name}"


def _comparable(states):
    """Count the states as text, without the models' random ids, of a notebook's models."""
    return Counter(MODEL_ID.sub("ID", json.dumps(one, sort_keys=True)) for one in states.values())
