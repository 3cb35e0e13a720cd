"""What the pages name exists: commands and their options, files, functions of the kit."""

import importlib
import re
import shlex
import subprocess
import sys
from functools import cache

import pytest
import typer

from autograder import cli
from autograder.paths import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"```\n(.*?)```|`([^`\n]+)`", re.DOTALL)
PLACEHOLDER = re.compile(r"[A-Z]{2,}")  # NAME, NN_topic, TOPIC/NAME.py


def typed(first):
    """Yield (page, words) of every command on the pages that starts with a word."""
    for page in PAGES:
        for block, span in CODE.findall(page.read_text(encoding="utf-8")):
            for line in (block or span).splitlines():
                line = line.strip()
                if line.startswith(f"{first} "):
                    yield page.name, shlex.split(line)


@cache
def commands():
    return typer.main.get_command(cli.app).commands


@pytest.mark.parametrize(("page", "words"), list(typed("autograder")))
def test_a_command_of_autograder_exists_with_its_options(page, words):
    name, *rest = words[1:]
    assert name in commands(), f"{page}: `{' '.join(words)}`: there is no such command"
    known = {option for parameter in commands()[name].params for option in parameter.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in known]
    assert not unknown, f"{page}: `{' '.join(words)}`: no option {unknown[0]}"


@pytest.mark.parametrize(("page", "words"), list(typed("python3 course.py")))
def test_a_command_of_course_py_exists_with_its_options(page, words):
    command = [sys.executable, ROOT / "course.py", words[2], "--help"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, f"{page}: `{' '.join(words)}`: {told.stderr}"
    unknown = [word for word in words[3:] if word.startswith("--") and word not in told.stdout]
    assert not unknown, f"{page}: `{' '.join(words)}`: no option {unknown[0]}"


@pytest.mark.parametrize(("page", "words"), list(typed("pytest")))
def test_the_tests_that_a_page_runs_are_there(page, words):
    for word in words[1:]:
        if word.startswith("tests"):
            assert (ROOT / word).exists(), f"{page}: `{' '.join(words)}`: there is no {word}"


def test_files_that_the_pages_name_are_there():
    found = 0
    for page in PAGES:
        for _, span in CODE.findall(page.read_text(encoding="utf-8")):
            is_file = re.fullmatch(r"(autograder|embedlab|tests|solutions)/[\w./]+\.\w+", span)
            if is_file and not PLACEHOLDER.search(span):
                found += 1
                assert (ROOT / span).exists(), f"{page.name} names {span}"
    assert found


def test_what_the_table_of_the_kit_names_is_there():
    page = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(embedlab[\w.]*)` \| (.*) \|$", page, re.MULTILINE)
    assert rows
    for module, what in rows:
        for name in re.findall(r"`(\w+)`", re.sub(r"\(`.*?\)", "", what)):
            assert hasattr(importlib.import_module(module), name), f"{module} has no {name}"
