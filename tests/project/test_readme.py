"""The README tells the truth about the lectures."""

import re

from autograder.lecture.contents import contents
from autograder.paths import ROOT, lecture_names


def test_the_table_of_lectures_is_what_the_build_writes():
    assert contents(lecture_names()) == {ROOT / "README.md": (ROOT / "README.md").read_bytes()}, (
        "README.md: the table of lectures differs from the sources. Run `autograder build`."
    )


def test_every_file_it_links_to_is_there():
    for page in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / target).exists(), f"{page} links to {target}"
