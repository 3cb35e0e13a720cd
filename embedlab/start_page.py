"""The page that JupyterLab opens first: the lectures and how far you are, help, notation, words."""

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from embedlab.files import write_whole

PAGE = "start.md"
TEMPLATE = Path(__file__).parent / "start_page.md"
GLOSSARY = Path(__file__).parent / "glossary.toml"
EFFORT = re.compile(r"· about (\d+) minutes ·")  # in the heading of an exercise
SIGNED = re.compile(r"\n<!-- written by embedlab start: ([0-9a-f]{64}) -->\n\Z")


@dataclass(frozen=True)
class LectureRow:
    """A lecture as the page shows it.

    name: such as "03_slim". copy: the file name of the student's notebook. exercises: their names,
    in order. passed: those whose check passed when the copy was saved.
    """

    name: str
    copy: str
    title: str
    minutes: int
    exercises: tuple[str, ...]
    passed: frozenset[str]


def read_lecture(lecture: Path, copy: Path) -> LectureRow:
    """Return the row of a lecture from its notebook and from the student's copy.

    A copy that cannot be read has passed nothing. Raises OSError, ValueError or KeyError if the
    lecture itself cannot be read.
    """
    cells = json.loads(lecture.read_text(encoding="utf-8"))["cells"]
    prose = "\n".join(_text(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    heading = re.search(r"^# (?:\d\d · )?(.+)$", prose, re.MULTILINE)
    exercises = tuple(_checks(cells))
    try:
        checks = _checks(json.loads(copy.read_text(encoding="utf-8"))["cells"])
        passed = frozenset(name for name in exercises if _has_passed(name, checks.get(name, {})))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        passed = frozenset()
    return LectureRow(
        lecture.stem,
        copy.name,
        heading[1] if heading else lecture.stem,
        sum(map(int, EFFORT.findall(prose))),
        exercises,
        passed,
    )


def page(rows: list[LectureRow]) -> str:
    """Return the start page, in Markdown."""
    there = {row.name[:2]: row for row in rows}
    parts = {
        "lectures": [_row(row) for row in rows],
        "hand in": [f"- lecture {row.name[:2]}: `my_work/{row.copy}`" for row in rows],
        "words": [
            _word(word, there[word["lecture"]]) for word in glossary() if word["lecture"] in there
        ],
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, lines in parts.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines))
    return f"{text}\n<!-- written by embedlab start: {_digest(text)} -->\n"


def glossary() -> list[dict[str, str]]:
    """Return the field's words, sorted: name, lecture ("03"), means and, of some, also."""
    words = tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))["word"]
    return sorted(words, key=lambda word: word["name"].casefold())


def write_page(work: Path, text: str) -> Path | None:
    """Write the page into the student's folder, whole or not at all.

    A page that was changed since is renamed first; its new path is returned. Raises OSError.
    """
    target, aside = work / PAGE, None
    if os.path.lexists(target) and not _is_ours(target):
        aside = _free_name(work)
        target.rename(aside)
    write_whole(target, text.encode())
    return aside


def _row(row: LectureRow) -> str:
    n_passed, n = len(row.passed), len(row.exercises)
    bar = "■" * n_passed + "□" * (n - n_passed)
    return (
        f"| {row.name[:2]} | [{row.title}]({quote(row.copy)}) | {n} | {row.minutes} "
        f"| {bar} {n_passed} of {n} |"
    )


def _word(word: dict[str, str], row: LectureRow) -> str:
    also = f" ({word['also']})" if "also" in word else ""
    return f"| **{word['name']}**{also} | {word['means']} | [{row.name[:2]}]({quote(row.copy)}) |"


def _checks(cells: list[dict]) -> dict[str, dict]:
    """Return {exercise: its check cell}, in order."""
    ids = [cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "") for cell in cells]
    found = zip(ids, cells, strict=True)
    return {name[6:]: cell for name, cell in found if name.startswith("check_")}


def _has_passed(exercise: str, check: dict) -> bool:
    """Whether a check cell shows that it passed."""
    printed = (_text(output.get("text", "")) for output in check.get("outputs", []))
    return any(text.startswith(f"✓ {exercise}: ") for text in printed)


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _is_ours(path: Path) -> bool:
    """Whether a file is as `write_page` left it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    signed = SIGNED.search(text)
    return bool(signed) and _digest(text[: signed.start()]) == signed[1]


def _free_name(work: Path) -> Path:
    number = 1
    while os.path.lexists(path := work / f"start-yours-{number}.md"):
        number += 1
    return path
