"""Names of files: what hides is shown as an escape, what a script is written with stays."""

import pytest

from autograder.intake.entries import printable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\tb\nc\r.ipynb", r"a\tb\nc\r.ipynb"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u2028b", r"a\u2028b"),
        ("a\udce9b", r"a\udce9b"),
        ("a\U000e0041b", r"a\U000e0041b"),
        ("می\u200cخواهم.ipynb", "می\u200cخواهم.ipynb"),
        ("Zoë 山田.ipynb", "Zoë 山田.ipynb"),
    ],
)
def test_a_name_is_made_printable(name, shown):
    assert printable(name) == shown
