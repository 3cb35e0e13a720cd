"""The README tells the truth about the lectures."""

import re

from autograder.lecture.source import load_source
from autograder.paths import ROOT, lecture_names


def test_the_lecture_list_matches_the_sources():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"\| (\d\d) \| \[.*?\]\(lectures/(\w+)\.ipynb\) \| ready \| (\d+) \| (\d+)", readme
    )
    expected = [
        (name[:2], name, str(len(load_source(name).exercises)), str(load_source(name).minutes))
        for name in lecture_names()
    ]
    assert listed == expected


def test_every_file_that_a_page_links_to_is_there():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_it_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 130
