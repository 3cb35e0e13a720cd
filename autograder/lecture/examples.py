"""The worked examples in the docstrings of a lecture: run by the build, refused where wrong."""

import ast
import doctest

from autograder.errors import Refusal


class _Collector(doctest.DocTestRunner):
    """Collects (example, what is wrong with it)."""

    def __init__(self):
        super().__init__(optionflags=doctest.NORMALIZE_WHITESPACE)
        self.found = []

    def report_failure(self, out, test, example, got):
        self.found.append((example, f"gives {got.strip()}, not {example.want.strip()}"))

    def report_unexpected_exception(self, out, test, example, exc_info):
        self.found.append((example, f"raises {exc_info[0].__name__}: {exc_info[1]}"))


def wrong_examples(source, name, namespace):
    """Return a list of a Refusal per line of an exercise's example that is wrong.

    source: Source. name: the exercise's. namespace: what the lecture's cells define.
    """
    cells = (cell for cell in source.cells if cell.is_solution and cell.grade_id == name)
    cell = next((cell for cell in cells if cell.definition), None)
    if cell is None:  # refused already
        return []
    text = ast.get_docstring(cell.definition, clean=False) or ""
    test = doctest.DocTestParser().get_doctest(text, dict(namespace), name, None, 0)
    runner = _Collector()
    runner.run(test)
    first = cell.line + cell.definition.body[0].lineno
    return [
        Refusal(
            str(source.path),
            first + example.lineno,
            f"the example in the docstring of {name!r} {wrong}: mend the one that is wrong",
        )
        for example, wrong in runner.found
    ]
