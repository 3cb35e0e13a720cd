"""A new lecture: a source and a specification that build at once, to be rewritten beat by beat.

They are copies of the files in `template/`, where the lecture is called 00_topic.
"""

import keyword
import re
from pathlib import Path

from autograder import paths
from autograder.errors import UserError
from autograder.lecture.contents import planned_title
from autograder.paths import lecture_names, relative, source_path

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"(\d\d)_([a-z][a-z0-9_]*)")


def new_lecture(name):
    """Return {path: bytes} of the files of a new lecture such as "05_field_aware_fm".

    Raises UserError if it cannot be made.
    """
    whole = NAME.fullmatch(name)
    if not whole or keyword.iskeyword(whole[2]):
        raise UserError(
            f"{name!r} is no name for a lecture: two digits, _, then a topic in lower case "
            "(letters, digits, _; no word of Python), such as 05_field_aware_fm."
        )
    number, topic = whole.groups()
    for taken in lecture_names():
        if taken == name:
            raise UserError(f"The lecture {name} is there already: {relative(source_path(name))}.")
        if taken[:2] == number:
            raise UserError(f"The number {number} is taken by {taken}. Choose another.")
    package = paths.EXERCISES / topic
    for path in (package, package.with_suffix(".py")):
        if path.exists():
            raise UserError(f"{relative(path)} is there already. Choose another topic.")
    title = planned_title(number) or topic.replace("_", " ").capitalize()

    def filled(path):
        text = path.read_text(encoding="utf-8")
        text = text.replace("00_topic", name).replace("TITLE", title)
        return re.sub(r"(?<=^# # )00|(?<=lecture )00(?=,)", number, text, flags=re.M).encode()

    files = {source_path(name): filled(TEMPLATE / "lecture.py")}
    for path in sorted((TEMPLATE / "exercises").glob("*.py")):
        files[package / path.name] = filled(path)
    return files
