"""The start page: what it says of the lectures, and that nobody's own text is lost."""

import json
import re

import pytest

from autograder.paths import LECTURES, README, lecture_names
from embedlab import start_page
from embedlab.start import bring_lectures, bring_start_page
from embedlab.start_page import glossary, page, read_lecture

PASSED = "✓ one: visible checks passed (5 cases)\n  ■□□ 1 of 3 exercises pass\n"
LENT = "◐ two: lent, and so without points.\n  ■▣□ 1 of 3 exercises pass, 1 lent\n"


def stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def write_lecture(root, name="01_tiny", version="0123456789ab"):
    def heading(exercise, minutes):
        return f"### Exercise 1 · `{exercise}`\n\n*●○○ warm-up · about {minutes} minutes · 1 point*"

    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# 01 · A tiny\n", "\n", "# 2"]}]
    for exercise, minutes in (("one", 5), ("two", 7), ("three", 30)):
        check = {"grade_id": f"check_{exercise}"}
        cells += [
            {"cell_type": "markdown", "metadata": {}, "source": heading(exercise, minutes)},
            {
                "cell_type": "code",
                "metadata": {"nbgrader": check},
                "source": f"lecture.check({exercise})",
                "outputs": [],
            },
        ]
    metadata = {"embedlab": {"lecture": name, "version": version}}
    path = root / "lectures" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": metadata}), encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path):
    write_lecture(tmp_path)
    bring_lectures(tmp_path)
    return tmp_path


def run_checks(path, *printed):
    """Put what a check printed into the copy's check cells, in order."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    checks = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell, text in zip(checks, printed, strict=False):
        cell["outputs"] = [stream(text)] if isinstance(text, str) else [text]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def shown(root) -> str:
    assert bring_start_page(root) == []
    return (root / "my_work" / "start.md").read_text(encoding="utf-8")


def test_a_lecture_with_its_minutes_and_nothing_passed(root):
    row = "| 01 | [A tiny](01_tiny.ipynb) | 3 | 42 | □□□ 0 of 3 |\n"
    assert row in shown(root)


def test_only_a_check_that_passed_counts(root):
    error = {
        "output_type": "error",
        "ename": "CheckFailed",
        "evalue": "✗ three: no",
        "traceback": [],
    }
    run_checks(root / "my_work" / "01_tiny.ipynb", PASSED, LENT, error)
    assert "■□□ 1 of 3 |" in shown(root)
    run_checks(root / "my_work" / "01_tiny.ipynb", "✓ two: visible checks passed (5 cases)\n")
    assert "□□□ 0 of 3 |" in shown(root), "another exercise's name in this check's output"


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"cells": [1]}', b"\xff\xfe"])
def test_a_copy_that_cannot_be_read_has_passed_nothing(root, damage):
    (root / "my_work" / "01_tiny.ipynb").write_bytes(damage)
    assert "□□□ 0 of 3 |" in shown(root)


def test_a_newer_version_is_the_one_to_open_and_to_hand_in(root):
    run_checks(root / "my_work" / "01_tiny.ipynb", PASSED)
    write_lecture(root, version="ba9876543210")
    bring_lectures(root)
    text = shown(root)
    assert "[A tiny](01_tiny.ba9876543210.ipynb) | 3 | 42 | □□□ 0 of 3 |" in text
    assert "- lecture 01: `my_work/01_tiny.ba9876543210.ipynb`" in text


def test_it_is_written_anew_every_time(root):
    before = shown(root)
    run_checks(root / "my_work" / "01_tiny.ipynb", PASSED)
    assert shown(root) != before
    assert sorted(path.name for path in (root / "my_work").iterdir()) == [
        "01_tiny.ipynb",
        "start.md",
    ]


@pytest.mark.parametrize("text", ["my own page", "", None])
def test_a_changed_page_is_put_aside(root, text):
    target = root / "my_work" / "start.md"
    for number in (1, 2):
        mine = text
        if text is None:
            mine = shown(root).replace("Where to start", "My notes")
        target.write_text(mine, encoding="utf-8")
        name = f"start-yours-{number}.md"
        assert bring_start_page(root) == [f"You had changed start.md: your text is now in {name}."]
        assert (root / "my_work" / name).read_text(encoding="utf-8") == mine


def test_an_interrupted_page_leaves_the_old_one(root, monkeypatch):
    before = shown(root)
    with monkeypatch.context() as patch:

        def interrupt(self, target):
            raise KeyboardInterrupt

        patch.setattr(start_page.Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            bring_start_page(root)
    assert sorted(path.name for path in (root / "my_work").iterdir()) == [
        "01_tiny.ipynb",
        "start.md",
    ]
    assert shown(root) == before


def test_only_words_of_lectures_that_are_there(root):
    text = shown(root)
    for word in glossary():
        assert (f"| **{word['name']}**" in text) == (word["lecture"] == "01")


def test_every_word_has_one_sentence_and_a_lecture():
    words = glossary()
    assert len({word["name"] for word in words}) == len(words) > 40
    for word in words:
        assert word.keys() - {"also"} == {"name", "lecture", "means"}, word
        assert re.fullmatch(r"\d\d", word["lecture"]), word
        assert re.fullmatch(r"[A-Z][^|\n]*\.", word["means"]), word
        assert not re.search(r"[.!?] [A-Z]", word["means"]), word


def test_the_minutes_are_those_of_the_readme():
    for name in lecture_names():
        lecture = LECTURES / f"{name}.ipynb"
        row = read_lecture(lecture, lecture)
        ends = f"| {len(row.exercises)} | {row.minutes} |"
        found = re.search(rf"^\| {name[:2]} \|.*", README.read_text(encoding="utf-8"), re.MULTILINE)
        assert found[0].endswith(ends)
        assert f"| {len(row.exercises)} | {row.minutes} |" in page([row])
