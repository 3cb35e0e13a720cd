"""Notebooks whose cells, ids or flags were edited: points can neither be won nor lost by that."""

import json

from autograder.records import ABSENT, UNREADABLE
from corpus.submissions import (
    ALL,
    NONE,
    NOTEBOOK,
    add,
    cell_of,
    code,
    filled,
    grade_id,
    is_solution,
    is_test,
    notebook,
    reference,
    right,
    to_bytes,
    wrong,
    wrong_sources,
)


def _edited(change, sources=None):
    """Return the bytes of a filled notebook after change(cell) was called on every cell."""
    document = filled() if sources is None else notebook(sources)
    document["cells"] = [
        kept for cell in document["cells"] if (kept := change(cell) or cell) != "gone"
    ]
    return to_bytes(document)


def _print_points(cell):
    if is_test(cell):
        cell["source"] = "print('passed')\n16"


def _raise_points(cell):
    if is_test(cell):
        cell["metadata"]["nbgrader"]["points"] = 1000


def _tests_to_markdown(cell):
    if is_test(cell):
        cell["cell_type"] = "markdown"


def _delete_tests(cell):
    return "gone" if is_test(cell) else None


def _delete_setup(cell):
    return "gone" if "setup" in cell["metadata"].get("tags", []) else None


def _edit_setup(cell):
    if "setup" in cell["metadata"].get("tags", []):
        cell["source"] = "import numpy as np"


def _solutions_to_markdown(cell):
    if is_solution(cell):
        cell["cell_type"] = "markdown"


def _flip_flags(cell):
    if nbgrader := cell["metadata"].get("nbgrader"):
        nbgrader.update(grade=not nbgrader["grade"], solution=not nbgrader["solution"])


def _lock_everything(cell):
    if nbgrader := cell["metadata"].get("nbgrader"):
        nbgrader.update(locked=True, schema_version=1, points=-5, checksum="0", task=True)


def _only_ids(cell):
    if nbgrader := cell["metadata"].get("nbgrader"):
        cell["metadata"]["nbgrader"] = {"grade_id": nbgrader["grade_id"], "points": [{}]}


def _swap_ids(cell):
    swapped = {"fit_slim": "recommend", "recommend": "fit_slim"}
    if (name := grade_id(cell)) in swapped:
        cell["metadata"]["nbgrader"]["grade_id"] = swapped[name]


def _same_id(cell):
    if nbgrader := cell["metadata"].get("nbgrader"):
        nbgrader["grade_id"] = "fit_slim"


def _odd_ids(cell):
    if nbgrader := cell["metadata"].get("nbgrader"):
        nbgrader["grade_id"] = f"../../<b>{nbgrader['grade_id']}\x1b[31m\u202e"


EDITS = {
    "tests_edited": _print_points,
    "points_forged": _raise_points,
    "tests_turned_to_markdown": _tests_to_markdown,
    "tests_deleted": _delete_tests,
    "flags_flipped": _flip_flags,
    "metadata_of_another_schema": _lock_everything,
    "only_ids_left": _only_ids,
    "ids_swapped": _swap_ids,
    "ids_with_odd_characters": _odd_ids,
}
for name, change in EDITS.items():
    add(name, _edited(change))
    add(f"{name}_and_wrong", _edited(change, wrong_sources()), earns=NONE)

add("setup_deleted", _edited(_delete_setup), says=("setup cell is missing",))
add("setup_edited", _edited(_edit_setup), says=("setup cell is missing",))
add("all_ids_the_same", _edited(_same_id), says=("copies of one another",))
add(
    "solutions_turned_to_markdown",
    _edited(_solutions_to_markdown),
    says=("not a code cell any more",),
)


def _duplicated(name, source):
    document = filled()
    copied = {**cell_of(document, name), "id": "copied", "source": source}
    document["cells"].append(copied)
    return to_bytes(document)


add("test_id_duplicated", _duplicated("check_recommend", "16"))
add(
    "solution_id_duplicated",
    _duplicated("recommend", reference()["recommend"]),
    says=("2 cells have the id recommend",),
)
add(
    "solution_id_duplicated_wrong_last",
    _duplicated("recommend", "def recommend(seen, W, k):\n    return [0]"),
    earns=ALL - {"recommend"},
    says=("2 cells have the id recommend",),
)


def _of_lecture(name):
    document = filled()
    document["metadata"]["embedlab"]["lecture"] = name
    return to_bytes(document)


add(
    "metadata_names_another_lecture",
    _of_lecture("04_fm"),
    status=ABSENT,
    earns=NONE,
    says=("04_fm",),
)
add("metadata_names_a_path", _of_lecture("../../../../etc/passwd"))

# Sizes


def _with(*cells, sources=None):
    document = filled() if sources is None else notebook(sources)
    document["cells"] += cells
    return to_bytes(document)


add("five_thousand_cells", _with(*(code(f"x{i} = {i}") for i in range(5000))))
IMAGE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "QUJD" * 4_700_000}}
add("nineteen_megabytes_of_outputs", _with({**code("1"), "outputs": [IMAGE]}))
IMAGE_TOO_LARGE = {**IMAGE, "data": {"image/png": "QUJD" * 5_300_000}}
add(
    "too_large",
    _with({**code("1"), "outputs": [IMAGE_TOO_LARGE]}),
    status=UNREADABLE,
    earns=NONE,
    says=("at most 20 MB",),
)
add("cell_of_five_megabytes_of_text", _with(code("TEXT = '''" + "x" * (5 << 20) + "'''")))
# its syntax tree alone takes three gigabytes and half a minute in the process that judges
add("cell_of_five_megabytes_of_code", _with(code("x=1\n" * (5 << 18))), hurried=True)
NESTINGS = ("(" * 90 + ")" * 90, "-" * 20_000 + "1", "x" + "[0]" * 20_000, "+".join("1" * 20_000))
right("deep_expressions", *NESTINGS)
right("nul_and_surrogates_in_sources", "x = '\0'", "y = '\ud800 \udfff'", "# \ufeff\u2028\x0c\x1b")


def _nested(depth):
    value = "core"
    for _ in range(depth):
        value = [value]
    return value


def _deep(cell_metadata):
    document = filled()
    document["cells"][0]["metadata"].update(cell_metadata)
    return to_bytes(document)


add("deep_metadata", _deep({"deep": _nested(600)}))
add(
    "deep_metadata_of_nbgrader",
    _deep({"nbgrader": {"grade_id": "x", "deep": _nested(600)}}),
)
add(
    "deep_json",
    b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    status=UNREADABLE,
    earns=NONE,
    says=("malformed",),
)

# Formats


def _old_format():
    """Return the notebook as nbformat 3 had it: worksheets, and `input` for a source."""
    cells = [
        {"cell_type": "code", "language": "python", "collapsed": False, "outputs": [], "input": s}
        for s in reference().values()
    ]
    sheet = {"cells": cells, "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}


add("format_3", to_bytes(_old_format()), says=("old format 3",))
add(
    "format_99",
    to_bytes({**filled(), "nbformat": 99}),
    status=UNREADABLE,
    earns=NONE,
    says=("format 99",),
)
BROKEN = {
    "malformed_json": (to_bytes(filled())[:-1000], "malformed"),
    "empty_object": (b"{}", "cannot be read"),
    "empty_file": (b"", "empty"),
    "blank_file": (b" \n\t", "empty"),
    "binary": (bytes(range(256)) * 200, "malformed"),
    "utf_16": (to_bytes(filled()).decode().encode("utf-16"), "malformed"),
    "list_instead_of_notebook": (b"[1, 2, 3]", "something else"),
    "cells_are_a_number": (b'{"nbformat": 4, "cells": 12}', "no list of cells"),
    "huge_number_as_format": (b'{"nbformat": ' + b"9" * 5000 + b"}", "malformed"),
}
for name, (content, word) in BROKEN.items():
    add(name, content, status=UNREADABLE, earns=NONE, says=(word,))


def _damaged_cells():
    document = filled()
    damaged = [None, 7, "text", [], {}, {"cell_type": "code", "source": {"a": 1}}, {"cell_type": 3}]
    document["cells"] = damaged + document["cells"]
    return to_bytes(document)


add("damaged_cells", _damaged_cells(), says=("7 damaged cells",))
add("cells_repeated_as_a_key", json.dumps(filled()).encode()[:-1] + b', "cells": []}', earns=NONE)
wrong(
    "wrong_and_claims_a_grade",
    files={"grades.json": b'{"score": 16}', f"{NOTEBOOK}.score": b"16"},
)
