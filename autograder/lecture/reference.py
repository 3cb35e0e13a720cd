"""The right functions of a lecture, taken from its source."""

import inspect
from functools import cache

from autograder.lecture.source import load_source


@cache
def load_namespace(lecture):
    """Return {name: value} after the setup, solution and given cells of a lecture were run.

    They run in one namespace, as they would in the notebook.
    """
    source = load_source(lecture)
    namespace = {"__name__": f"reference_{lecture}"}
    for cell in source.cells:
        if cell.has_tag("setup") or cell.has_tag("given") or cell.is_solution:
            # the cell's own line numbers, so that a traceback points into the source file
            code = "\n" * cell.line + cell.node.source
            exec(compile(code, str(source.path), "exec"), namespace)
    return namespace


@cache
def load_reference(lecture):
    """Return {name: function} of a lecture such as "03_slim": its exercises and given functions."""
    namespace = load_namespace(lecture)
    return {name: value for name, value in namespace.items() if inspect.isfunction(value)}
