"""A pytest plugin for nbval: refuses cells that were never executed.

nbval compares nothing in a cell without an execution count, so a cleared notebook would pass.
Load it with `-p tests.nbval_guard`.
"""

import pytest


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
