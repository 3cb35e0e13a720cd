"""Imports run downwards, from the rooms above to those below, with no circles."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import pytest

from autograder.paths import ROOT

# From the top. What shares a line shares a level.
ORDER = (
    ("cli", "__main__"),
    ("grading",),
    ("reports",),
    ("gradebook",),
    ("judging",),
    ("sandbox",),
    ("intake",),
    ("lecture",),
    ("exercises",),
    # words that all rooms share
    ("records", "notebooks", "paths", "definitions", "hidden", "errors", "staff"),
)
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
ROOMS = sorted(path.parent for path in (ROOT / "autograder").glob("*/__init__.py"))
INSIDE = ROOT / "autograder" / "sandbox" / "inside"
KIT_IN_A_SANDBOX = {"embedlab.observe"}  # all that `inside` needs of the kit


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path): path
    for package in ("autograder", "embedlab")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def imports(name):
    """Yield (line, module) of all imports in a module, those inside functions too."""
    path = MODULES[name]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".")[: None if path.name == "__init__.py" else -1]
            up = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*up, *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield node.lineno, inner if inner in MODULES else module


def found(name, line, module, remedy):
    return f"{MODULES[name].relative_to(ROOT)}:{line} imports {module}: {remedy}"


def room_of(module):
    return module.split(".")[1] if module.count(".") else ""


def test_every_room_has_its_place():
    rooms = {room_of(name) for name in MODULES if name.startswith("autograder.")}
    unknown = sorted(rooms - LEVEL.keys())
    assert not unknown, f"autograder/{unknown[0]}: say in ORDER above which rooms it may import"
    for folder in (ROOT / "autograder").iterdir():
        is_room = any(folder.glob("*.py")) if folder.is_dir() else False
        assert not is_room or folder in ROOMS, f"{folder.relative_to(ROOT)} has no __init__.py"


def test_rooms_import_only_from_rooms_below():
    wrong = []
    for name in MODULES:
        for line, module in imports(name):
            if not name.startswith("autograder.") or not module.startswith("autograder."):
                continue
            here, there = room_of(name), room_of(module)
            if {here, there} <= LEVEL.keys() and LEVEL[there] < LEVEL[here]:
                remedy = f"{there} is above {here}. Move what both need into {here} or below it."
                wrong.append(found(name, line, module, remedy))
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other():
    graph = {name: {module for _, module in imports(name)} & MODULES.keys() for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]  # graphlib names what is imported first
        steps = []
        for name, following in pairwise(circle):
            line = next(line for line, module in imports(name) if module == following)
            steps.append(found(name, line, following, "part of a circle"))
        pytest.fail("\n".join(steps) + "\nMove what both need into a module below both.")


def test_the_kit_knows_nothing_of_the_autograder():
    remedy = "students get the kit without the autograder. Move what it needs into embedlab."
    wrong = [
        found(name, line, module, remedy)
        for name in MODULES
        for line, module in imports(name)
        if name.split(".")[0] == "embedlab" and module.split(".")[0] == "autograder"
    ]
    assert not wrong, "\n".join(wrong)


def test_what_runs_in_a_sandbox_needs_nothing_that_is_not_there():
    remedy = (
        "inside/ is copied next to the kit, alone. It may import `inside` and "
        f"{', '.join(KIT_IN_A_SANDBOX)}; hand it anything else as data."
    )
    wrong = [
        found(name, line, module, remedy)
        for name, path in MODULES.items()
        if path.is_relative_to(INSIDE)
        for line, module in imports(name)
        if module.split(".")[0] in ("autograder", "embedlab") and module not in KIT_IN_A_SANDBOX
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_what_it_is_for(room):
    path = room / "__init__.py"
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    sentences = re.findall(r"\w[.](?=\s|$)", said)
    assert len(sentences) >= 2, (
        f"{path.relative_to(ROOT)}:1: say in two sentences what the room is for and who may call it"
    )
