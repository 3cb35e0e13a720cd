"""Each word of the glossary stands in bold in the lecture that introduces it."""

import re

import pytest

from autograder.lecture.source import load_source
from embedlab.start_page import glossary

CODE = re.compile(r"`[^`]*`")
BOLD = re.compile(r"\*\*(?=\S)((?:[^*\n]|\n(?!\n))+?)(?<=\S)\*\*")  # within a paragraph


def test_the_lecture_has_its_words_in_bold(lecture):
    words = [word["name"] for word in glossary() if word["lecture"] == lecture[:2]]
    cells = [cell.node for cell in load_source(lecture).cells]
    prose = "\n".join(node.source for node in cells if node.cell_type == "markdown")
    bold = [" ".join(text.lower().split()) for text in BOLD.findall(CODE.sub("", prose))]
    missing = [word for word in words if not any(word.lower() in text for text in bold)]
    if missing:
        pytest.fail(
            f"solutions/{lecture}.py: in bold, as **{missing[0]}**, should stand where they are "
            f"introduced: {', '.join(missing)}. Or name another lecture in embedlab/glossary.toml."
        )
