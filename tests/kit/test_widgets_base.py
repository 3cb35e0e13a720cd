"""The modules of the widgets: course.js, what some families share, and a family's own file."""

import re
from collections import Counter

import pytest

from embedlab import widgets
from embedlab.widgets.base import FOLDER, CourseWidget

FAMILIES = [
    family
    for family in vars(widgets).values()
    if isinstance(family, type) and issubclass(family, CourseWidget)
]
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function|class|const|let) ([A-Za-z_$][\w$]*)", re.M
)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_name_is_declared_twice(family):
    names = Counter(DECLARED.findall(family._esm))
    assert names, "the expression finds no declaration"
    twice = [name for name, times in names.items() if times > 1]
    assert not twice, f"{family.__name__} declares twice: {', '.join(twice)}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.stem)
def test_every_file_is_part_of_a_family(path):
    text = path.read_text("utf-8")
    assert any(text in family._esm for family in FAMILIES)
