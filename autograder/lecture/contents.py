"""The README's table of lectures: a row a lecture, written by the build.

The title and the state, `ready` or `draft`, are people's to choose and stay; a lecture without a
source is `planned`. Everything else comes from the source.
"""

import re

from autograder import paths
from autograder.errors import UserError
from autograder.lecture.source import load_source
from autograder.paths import lecture_names, relative

BEGIN = "<!-- lectures: `autograder build` writes this table -->"
END = "<!-- end of lectures -->"
HEAD = ["| # | lecture | state | exercises | minutes |", "|--:|:--|:--|--:|--:|"]
ROW = re.compile(r"\| (\d\d) \| (?:\[(.+?)\]\(.*?\)|(.+?)) \| (\w+) \|")
HEADING = re.compile(r"^# (?:\d\d · )?([^:\n]+)", re.MULTILINE)


def contents(lectures):
    """Return {path: bytes} of the README with the rows of the lectures as they are now.

    lectures: names such as "03_slim". Raises UserError.
    """
    before, rows, after = _read()
    numbers = {name[:2] for name in lecture_names()}
    for number, row in rows.items():
        if number not in numbers:
            rows[number] = _row(number, _title(row), "planned")
    for name in lectures:
        rows[name[:2]] = _of(name, rows.get(name[:2], ""))
    table = "\n".join(["", *HEAD, *(rows[number] for number in sorted(rows)), ""])
    return {paths.README: f"{before}{BEGIN}{table}{END}{after}".encode()}


def planned_title(number):
    """Return the title that the README gives a lecture such as "05", or None. Raises UserError."""
    _, rows, _ = _read()
    return _title(rows.get(number, ""))


def _read():
    """Return the README's text before the table, {number: row}, and the text after it."""
    before, begin, rest = paths.README.read_text(encoding="utf-8").partition(BEGIN)
    table, end, after = rest.partition(END)
    if not begin or not end:
        marks = f"{BEGIN} and {END}"
        raise UserError(f"{relative(paths.README)} needs its table of lectures between {marks}")
    return before, {found[1]: row for row in table.splitlines() if (found := ROW.match(row))}, after


def _title(row):
    found = ROW.match(row)
    return found and (found[2] or found[3])


def _of(name, row):
    """Return the row of a lecture, of which the README has `row` or an empty string."""
    source = load_source(name)
    title, found = _title(row), ROW.match(row)
    if title is None:
        prose = [cell.node.source for cell in source.cells if cell.node.cell_type == "markdown"]
        heading = HEADING.search("\n".join(prose))
        title = heading[1].strip() if heading else name
    state = found[4] if found and found[4] != "planned" else "draft"
    link = f"[{title}](lectures/{name}.ipynb)"
    return _row(name[:2], link, state, len(source.exercises), source.minutes)


def _row(number, title, state, *counts):
    exercises, minutes = [f" {count} " for count in counts] or [" ", " "]
    return f"| {number} | {title} | {state} |{exercises}|{minutes}|"
