"""The README tells the truth about the lectures."""

import re

from autograder.lecture.contents import contents
from autograder.paths import ROOT, lecture_names


def test_the_table_of_lectures_is_what_the_build_writes():
    assert contents(lecture_names()) == {ROOT / "README.md": (ROOT / "README.md").read_bytes()}, (
        "README.md: the table of lectures differs from the sources. Run `autograder build`."
    )


def test_every_file_that_a_page_links_to_is_there():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_it_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 130
