"""The right functions of a lecture, taken from its source."""

from functools import cache

from autograder.source import load_source


@cache
def load_reference(lecture):
    """Return {exercise: function} of a lecture such as "03_slim".

    The setup and solution cells run in one namespace, as they would in the notebook.
    """
    source = load_source(lecture)
    namespace = {"__name__": f"reference_{lecture}"}
    for cell in source.cells:
        if cell.has_tag("setup") or cell.is_solution:
            # the cell's own line numbers, so that a traceback points into the source file
            code = "\n" * cell.line + cell.node.source
            exec(compile(code, str(source.path), "exec"), namespace)
    return {name: namespace[name] for name in source.exercises}
