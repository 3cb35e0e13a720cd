"""The modules of the widgets: course.js and a family's own file, joined."""

import re
from collections import Counter

import pytest

from embedlab.widgets.base import FOLDER, javascript

FAMILIES = sorted(path.stem for path in FOLDER.glob("*.js") if path.stem != "course")
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function|class|const|let) ([A-Za-z_$][\w$]*)", re.M
)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_name_is_declared_twice(family):
    names = Counter(DECLARED.findall(javascript(family)))
    assert names, "the expression finds no declaration"
    twice = [name for name, times in names.items() if times > 1]
    assert not twice, f"{family}.js declares what course.js declares: {', '.join(twice)}"
