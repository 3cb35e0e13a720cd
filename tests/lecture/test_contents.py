"""The README's table of lectures: rows from the sources, titles and states from people."""

import pytest
from typer.testing import CliRunner

from autograder import cli, paths
from autograder.errors import UserError
from autograder.lecture.contents import contents


def rows(lectures):
    """Write the table for some lectures; return its rows."""
    ((path, content),) = contents(lectures).items()
    path.write_bytes(content)
    text = content.decode()
    assert text.startswith("# A course\n\n<!-- lectures")
    assert text.endswith("|\n<!-- end of lectures -->\n\nAnd so on.\n")
    return [line for line in text.splitlines() if line.startswith("| 9")]


def change(old, new):
    text = paths.README.read_text("utf-8")
    assert old in text
    paths.README.write_text(text.replace(old, new), "utf-8")


DRAFT = "| 91 | [A tiny lecture](lectures/91_tiny.ipynb) | draft | 1 | 5 |"


def test_a_planned_lecture_that_has_a_source_becomes_a_draft(tiny):
    assert rows([tiny.name]) == ["| 90 | Gone | planned | | |", DRAFT]


def test_title_and_state_stay_and_numbers_follow(tiny):
    rows([tiny.name])
    change("draft", "ready")
    change("[A tiny", "[The tiny")
    tiny.change(tiny.source, "minutes=5", "minutes=25")
    expected = "| 91 | [The tiny lecture](lectures/91_tiny.ipynb) | ready | 1 | 25 |"
    assert rows([tiny.name])[1] == expected


def test_a_new_lecture_gets_a_row_titled_like_its_first_heading(tiny):
    change("| 91 | A tiny lecture | planned | | |\n", "")
    expected = "| 91 | [Tiny](lectures/91_tiny.ipynb) | draft | 1 | 5 |"
    assert rows([tiny.name]) == ["| 90 | Gone | planned | | |", expected]


def test_a_lecture_that_is_gone_is_planned_again(tiny):
    change("| 90 | Gone | planned | | |", "| 90 | [Gone](lectures/90_gone.ipynb) | ready | 7 | 9 |")
    assert rows([tiny.name])[0] == "| 90 | Gone | planned | | |"


def test_only_the_lectures_asked_for_are_read(tiny):
    tiny.change(tiny.source, " minutes=5", "")
    assert rows([]) == ["| 90 | Gone | planned | | |", "| 91 | A tiny lecture | planned | | |"]


def test_a_readme_without_the_marks_is_refused(tiny):
    change("<!-- end of lectures -->", "")
    with pytest.raises(UserError, match=r"README\.md needs its table of lectures between <!--"):
        contents([tiny.name])


def test_the_command_writes_it_and_its_check_says_that_it_drifted(tiny, monkeypatch):
    monkeypatch.setattr(cli, "GRADING", tiny.course)
    run = CliRunner().invoke
    assert run(cli.app, ["build", tiny.name]).exit_code == 0
    assert DRAFT in paths.README.read_text("utf-8")
    assert run(cli.app, ["build", "--check", tiny.name]).exit_code == 0
    change(" | 1 | 5 |", " | 1 | 6 |")
    checked = run(cli.app, ["build", "--check", tiny.name])
    assert checked.exit_code == 1
    assert "README.md: the table of lectures differs" in checked.output
    assert " | 1 | 6 |" in paths.README.read_text("utf-8")
