"""A notebook keeps its meaning under every ending that browsers give it: whose it is, and which."""

import os

import pytest
from handed_in import JANE_MOODLE, OTHER, SLIM, WORK, as_folder, by_id, only, read, zipped

from autograder.intake import IntakeError, canvas_order
from autograder.intake.entries import NOTEBOOK_ENDINGS, split_ending


@pytest.fixture(params=NOTEBOOK_ENDINGS)
def ending(request):
    return request.param


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("ann.ipynb", ("ann", ".ipynb")),
        ("ann.ipynb.txt", ("ann", ".ipynb")),
        ("Ann v1.2.IPYNB.Json", ("Ann v1.2", ".ipynb")),
        ("ann.ZIP", ("ann", ".zip")),
        ("ann.tar.gz", ("ann.tar", ".gz")),
        ("notes.txt", ("notes", ".txt")),
        ("ann", ("ann", "")),
        ("", ("", "")),
    ],
)
def test_a_name_is_split_in_stem_and_ending(name, parts):
    assert split_ending(name) == parts


def test_an_exports_files_are_one_students_each(pack, ending):
    """Two students under one name would share one mark."""
    path = pack({f"export/ann_03_slim{ending}": WORK, f"export/bob_03_slim{ending}": OTHER})
    assert {name: one.notebook for name, one in by_id(path).items()} == {"ann": WORK, "bob": OTHER}


def test_files_named_after_students_only(pack, ending):
    assert list(by_id(pack({f"ann{ending}": WORK, f"bob{ending}": OTHER}))) == ["ann", "bob"]


def test_the_lectures_name_is_preferred_under_any_ending(tmp_path, ending):
    files = {f"{JANE_MOODLE}/03_slim{ending}": WORK, f"{JANE_MOODLE}/z 03_slim.ipynb": OTHER}
    path = as_folder(tmp_path, files)
    for name, seconds in zip(files, (5, 9), strict=True):  # the other one is newer
        os.utime(path / name, (seconds, seconds))
    found = only(path)
    assert (found.notebook, found.chosen) == (WORK, f"03_slim{ending}")
    assert "because it has the lecture's name" in found.sentence


def test_canvas_counts_hand_ins_under_any_ending(pack, ending):
    older, newer = f"doejane_1_903_03_slim-9{ending}", f"doejane_1_902_03_slim-10{ending}"
    assert only(pack({older: OTHER, newer: WORK})).notebook == WORK
    orders = [canvas_order(f"x.zip!doejane_1_90{n}_a{mark}{ending}") for n, mark in enumerate("bc")]
    assert [order.stem for order in orders] == ["ab", "ac"]


def test_a_students_archive(pack, ending):
    packed = {name: zipped({f"mine/03_slim{ending}": WORK}) for name in ("ann.zip", "bob.zip")}
    assert [one.notebook for one in read(pack(packed), SLIM)] == [WORK, WORK]


def test_one_notebook_alone_is_refused(tmp_path, ending):
    path = tmp_path / f"ann_03_slim{ending}"
    path.write_bytes(WORK)
    with pytest.raises(IntakeError, match=r"nothing says whose\. Put it into a folder"):
        read(path)
