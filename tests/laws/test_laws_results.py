"""Every number that a lecture gives to the course's table is bound to the one it computes."""

import ast

from autograder.lecture.source import load_source
from autograder.paths import relative, source_path
from embedlab.tables import course_records


def bound(source):
    """Return the (task, model) of every `lecture.results(task).value(model)` that is asserted."""
    return {
        (task.value, model.value)
        for cell in source.cells
        if cell.has_tag("claims")
        for claim in ast.walk(cell.tree)
        if isinstance(claim, ast.Assert)
        for node in ast.walk(claim.test)
        for task, model in _result(node)
    }


def _result(node):
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id="lecture"), attr="results"),
                    args=[ast.Constant() as task],
                ),
                attr="value",
            ),
            args=[ast.Constant() as model],
        ):
            yield task, model


def test_a_lecture_asserts_the_rows_that_it_gives_to_the_table(lecture):
    given = {
        (record["task"], row["model"])
        for record in course_records()
        for row in record["rows"]
        if row["lecture"] == lecture and not row["only_benchmark"]
    }
    unbound = sorted(given - bound(load_source(lecture)))
    lines = [
        f"{relative(source_path(lecture))}: no cell tagged `claims` asserts a number of this"
        f" lecture against lecture.results({task!r}).value({model!r})"
        for task, model in unbound
    ]
    assert not lines, "\n".join(lines)


def test_every_row_belongs_to_a_lecture():
    for record in course_records():
        for row in record["rows"]:
            assert source_path(row["lecture"]).exists(), f"{record['task']}: {row['lecture']}"
