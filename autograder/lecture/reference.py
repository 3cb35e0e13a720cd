"""The right functions and classes of a lecture, taken from its source."""

import inspect
from functools import cache

from autograder.errors import refusal_of
from autograder.lecture.source import SourceError, load_source


@cache
def load_reference(lecture):
    """Return {name: function or class} of a lecture such as "03_slim".

    Its exercises and given functions, and the functions of the kit that it imports. Raises
    SourceError if a cell fails.
    """
    return functions_of(load_namespace(lecture))


@cache
def load_namespace(lecture):
    """Return what the cells of a lecture define that grading runs, {name: value}."""
    return namespace_of(load_source(lecture))


def namespace_of(source):
    """Run the cells of a Source that grading runs, in one namespace, as a notebook would."""
    namespace = {"__name__": f"reference_{source.lecture}"}
    for cell in source.cells:
        if cell.is_graded_with:
            # the cell's own line numbers, so that a traceback points into the source file
            code = "\n" * cell.line + cell.node.source
            try:
                exec(compile(code, str(source.path), "exec"), namespace)
            except Exception as error:
                refusal = refusal_of(error, [str(source.path)], source.path)
                raise SourceError([refusal], source) from error
    return namespace


def functions_of(namespace):
    """Return the functions of a namespace, and the classes that it defines itself."""
    return {
        name: value
        for name, value in namespace.items()
        if inspect.isfunction(value)
        or (inspect.isclass(value) and value.__module__ == namespace["__name__"])
    }
