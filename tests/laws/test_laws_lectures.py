"""What the machinery takes for granted of every lecture's source and specifications."""

import ast
import re

import nbformat
import numpy as np

from autograder.exercises import load_exercises
from autograder.judging.pasteable import pasteable
from autograder.lecture.prose import heart, stands_in, words
from autograder.lecture.reference import load_namespace
from autograder.lecture.source import load_source
from autograder.paths import LECTURES, README, relative, solution_path, source_path
from embedlab.observe import same_data
from embedlab.wire import decode, encode


def test_the_order_of_a_lecture_is_that_of_its_tasks(lecture):
    assert source_path(lecture).exists()
    assert list(load_exercises(lecture)) == list(load_source(lecture).tasks)


def test_the_students_notebook(lecture):
    """Every solution is cleared, every check locked, kernel and version recorded."""
    notebook = nbformat.read(LECTURES / f"{lecture}.ipynb", as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    assert re.fullmatch("[0-9a-f]{12}", notebook.metadata.embedlab.version)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    cells = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    for name, exercise in load_source(lecture).exercises.items():
        assert cells[name].source.endswith("raise NotImplementedError")
        check = cells[f"check_{name}"]
        assert check.source == f"lecture.check({name})"
        assert check.metadata.nbgrader.points == exercise.points
        assert check.metadata.nbgrader.locked


def test_inputs_of_a_lecture_can_be_pasted(lecture):
    """Those that are printed make what the reference is called with."""
    for exercise in load_source(lecture).exercises.values():
        for _, arguments in exercise.draw(np.random.default_rng(1)):
            encoded = {name: encode(value) for name, value in arguments.items()}
            lines, made = pasteable(encoded), {}
            if len(lines) > 1:
                exec("\n".join(lines), made)
                assert all(same_data(made[name], decode(encoded[name])) for name in encoded)


def test_a_finished_lecture_asks_before_it_tells(lecture):
    """Three questions at the start about what came before, then two or three in every section."""
    rows = README.read_text("utf-8").splitlines()
    ready = any(row.startswith(f"| {lecture[:2]} |") and "| ready |" in row for row in rows)
    asked, title = {"the start": 0}, "the start"
    for cell in load_source(lecture).cells:
        if found := re.findall(r"^## (\d+ · .*)", cell.node.source, re.MULTILINE):
            title = found[-1]
            asked[title] = 0
        asked[title] += cell.has_tag("question")
    if ready:
        _, first, *others, _ = asked
        asked[first] += asked.pop("the start")
        assert asked[first] >= 5, (
            f"{asked[first]} questions before section 2: three recall, two ask"
        )
        few = [title for title in others if asked[title] < 2]
        assert not few, f"sections with fewer than two questions: {few}"


def test_no_output_above_a_question_answers_it(lecture):
    seen, executed = "", nbformat.read(solution_path(lecture), as_version=4).cells
    for cell, shown in zip(load_source(lecture).cells, executed, strict=True):
        if cell.has_tag("question"):
            answer, place = heart(cell.node.source), f"{relative(source_path(lecture))}:{cell.line}"
            assert not stands_in(answer, seen), f"{place}: an output above shows {answer!r}"
        for output in shown.get("outputs", []):
            texts = [output.get("text", ""), *output.get("data", {}).values()]
            seen += words(" ".join(text for text in texts if isinstance(text, str)))


FIGURES = ("embedlab.widgets", "embedlab.diagrams", "embedlab.figures")


def test_no_function_that_a_verdict_needs_uses_a_figure(lecture):
    """Else `NO_VERDICT` of environment.py must not name it."""
    source = load_source(lecture)
    namespace = load_namespace(lecture)
    for cell in source.cells:
        if not cell.is_solution and not cell.has_tag("given"):
            continue
        for node in ast.walk(ast.parse(cell.node.source)):
            used = namespace.get(node.id) if isinstance(node, ast.Name) else None
            home = getattr(used, "__module__", None) or ""
            assert not home.startswith(FIGURES), (
                f"{relative(source.path)}:{cell.line + node.lineno} uses {node.id} of {home}: "
                "write it out, or take that out of NO_VERDICT in lecture/environment.py"
            )
