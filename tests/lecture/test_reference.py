"""Which cells make the namespace of reference, examples and derivations."""

import pytest

from autograder.lecture.reference import load_namespace, load_reference
from autograder.lecture.source import SourceError

GIVEN = """# %% tags=["given"]
def tripled(x):
    return 3 * doubled(x) / 2


# %%
shown_only = 1

# %%
print(doubled(21.0))"""


def test_setup_given_and_solution_cells_make_it_and_no_others(tiny):
    tiny.change(tiny.source, "# %%\nprint(doubled(21.0))", GIVEN)
    assert load_reference(tiny.name)["tripled"](2.0) == 6.0
    assert {"np", "lecture", "doubled", "tripled"} <= load_namespace(tiny.name).keys()
    assert "shown_only" not in load_namespace(tiny.name)


def test_a_given_cell_that_fails_is_refused_by_its_line(tiny):
    tiny.change(tiny.source, "# %%\nprint(doubled(21.0))", GIVEN + "\n")
    line = tiny.change(tiny.source, "def tripled(x):", "nothing\ndef tripled(x):")
    with pytest.raises(SourceError, match=rf"91_tiny\.py:{line}: NameError: name 'nothing'"):
        load_reference(tiny.name)
