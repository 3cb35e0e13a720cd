"""Intake: every layout instructors have, every name LMSs write, and which notebook is taken."""

import json
import os
import re
import struct
import unicodedata
import zipfile

import pytest
from handed_in import (
    FM,
    JANE_MOODLE,
    OTHER,
    PLAIN,
    SLIM,
    WORK,
    as_folder,
    as_wrapped_folder,
    as_wrapped_zip,
    as_zip,
    by_id,
    notebook,
    only,
    read,
    with_ending,
    zipped,
)

from autograder.intake import IntakeError, archive, canvas_order, entries
from autograder.intake.names import Owner, parse_lms_name, student_ids
from autograder.paths import LECTURES
from autograder.records import ABSENT

# Layouts


LAYOUTS = {
    "nbgrader": {
        "submitted/ann/03_slim/03_slim.ipynb": WORK,
        "submitted/ann/03_slim/timestamp.txt": b"2026-01-01",
        "submitted/bob/03_slim/03_slim.ipynb": OTHER,
        "release/03_slim/03_slim.ipynb": PLAIN,
    },
    "nbgrader without its root": {
        "ann/03_slim/03_slim.ipynb": WORK,
        "bob/03_slim/03_slim.ipynb": OTHER,
    },
    "folders": {"ann/deep/down/my.ipynb": WORK, "bob/03_slim.ipynb": OTHER},
    "files": {"ann.ipynb": WORK, "bob.ipynb": OTHER, "README.md": b"", "data/u.data": b"1"},
    "files with the lecture": {"ann_03_slim.ipynb": WORK, "03_slim-bob (1).ipynb": OTHER},
    "archives": {"ann.zip": zipped({"x/03.ipynb": WORK}), "bob.zip": zipped({"x.ipynb": OTHER})},
}


@pytest.mark.parametrize("ending", entries.NOTEBOOK_ENDINGS)
@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("pack_as", [as_folder, as_wrapped_folder, as_zip, as_wrapped_zip])
def test_layouts_give_the_same_students_and_notebooks(tmp_path, files, pack_as, ending):
    path = pack_as(tmp_path / "handed in", with_ending(files, ending))
    found = read(path)
    assert [(one.student.id, one.lecture, one.status) for one in found] == [
        ("ann", SLIM, ""),
        ("bob", SLIM, ""),
    ]
    assert [one.notebook for one in found] == [WORK, OTHER]
    assert all(one.origin.startswith(str(path)) for one in found)


def test_nbgraders_folder_can_be_named_itself(tmp_path):
    as_folder(tmp_path, LAYOUTS["nbgrader"])
    assert list(by_id(tmp_path / "submitted")) == ["ann", "bob"]


JANE = "Jane Doe_12345_assignsubmission_file_"


@pytest.mark.parametrize(
    ("files", "students"),
    [
        ({f"{JANE}/submitted/bob/03_slim/03_slim.ipynb": WORK}, ["Jane_Doe"]),
        ({f"{JANE}/Bob_1_assignsubmission_file_/03_slim.ipynb": WORK}, ["Jane_Doe"]),
        (
            {f"{JANE}/03_slim.ipynb": WORK, "submitted/bob/03_slim/03_slim.ipynb": OTHER},
            ["Jane_Doe", "submitted"],
        ),
        (
            {"jane/03_slim.ipynb": WORK, "submitted/bob/03_slim.ipynb": OTHER},
            ["jane", "submitted"],
        ),
    ],
)
def test_nobody_is_graded_as_somebody_else(pack, files, students):
    """Folders inside a hand-in, or of a student's choice, name nobody else."""
    assert list(by_id(pack(files))) == students


LMS_NAMES = {
    "doejane_12345_67890_03_slim.ipynb": (("canvas", "12345", False), "03_slim.ipynb"),
    "doejane_LATE_12345_67890_03_slim-2.ipynb": (("canvas", "12345", True), "03_slim-2.ipynb"),
    "doejane_late_12345_67890_my work.ipynb": (("canvas", "12345", True), "my work.ipynb"),
    "o2neil3_12345_67890_12_34.ipynb": (("canvas", "12345", False), "12_34.ipynb"),
    "müllerjörg_7_67890_a.ipynb": (("canvas", "7", False), "a.ipynb"),
    "शर्माराम_7_67890_a.ipynb": (("canvas", "7", False), "a.ipynb"),
    "anon_aB3xY_67890_a.ipynb": (("canvas", "aB3xY", False), "a.ipynb"),
    "LATE_anon_aB3xY_67890_a.ipynb": (("canvas", "aB3xY", True), "a.ipynb"),
    "doejane_12345_678_x_assignsubmission_file_y.ipynb": (
        ("canvas", "12345", False),
        "x_assignsubmission_file_y.ipynb",
    ),
    "Jane Doe_12345_assignsubmission_file_12_345_x.ipynb": (
        ("moodle", "12345", False),
        "12_345_x.ipynb",
    ),
    "doejane_12345_text.html": (("canvas", "12345", False), ""),
    "Jane Doe_12345_assignsubmission_file_": (("moodle", "12345", False), ""),
    "Jane Doe_12345_assignsubmission_file": (("moodle", "12345", False), ""),
    "Jane Doe_12345_assignsubmission_onlinetext_": (("moodle", "12345", False), ""),
    "Jane Doe_12345_assignsubmission_file_03_slim.ipynb": (
        ("moodle", "12345", False),
        "03_slim.ipynb",
    ),
    "Participant_123_assignsubmission_file_": (("moodle", "123", False), ""),
    "Group A_9_assignsubmission_file": (("moodle", "9", False), ""),
    "Default group_assignsubmission_file": (("moodle", "", False), ""),
}


@pytest.mark.parametrize("name", LMS_NAMES)
def test_names_as_an_lms_writes_them(name):
    parsed = parse_lms_name(name)
    owner = (parsed.owner.lms, parsed.owner.lms_id, parsed.late)
    assert (owner, parsed.file) == LMS_NAMES[name]
    assert re.match(r"(LATE_)?" + re.escape(parsed.owner.name) + "_", name)


@pytest.mark.parametrize(
    "name", ["jane", "jane_03_slim.ipynb", "jane_2024_03_slim.ipynb", "2024_03_15_jane.ipynb"]
)
def test_other_names_are_no_lms_names(name):
    assert parse_lms_name(name) is None


def test_canvas_download(pack):
    path = pack(
        {
            "doejane_12345_67890_03_slim.ipynb": WORK,
            "roejohn_LATE_222_67891_03_slim-2.ipynb": OTHER,
            "roejohn_LATE_222_67892_numpy.py": b"",
            "poejim_333_67893_report.pdf": b"%PDF",
        }
    )
    found = by_id(path)
    assert list(found) == ["doejane_12345", "poejim_333", "roejohn_222"]
    jane, jim, john = found.values()
    assert (jane.student.name, jane.student.lms, jane.student.lms_id) == (
        "doejane",
        "canvas",
        "12345",
    )
    assert (jane.notebook, jane.student.late, jane.notes) == (WORK, False, ())
    assert (john.notebook, john.student.late) == (OTHER, True)
    assert john.notes == ("not used: numpy.py",)
    assert (jim.status, jim.notebook) == (ABSENT, None)
    assert "report.pdf" in jim.sentence
    assert "03_slim.ipynb" in jim.sentence


@pytest.mark.parametrize("ending", ["_", ""])
def test_moodle_download_with_folders(pack, ending):
    path = pack(
        {
            f"Jane Doe_12345_assignsubmission_file{ending}/sub/03_slim.ipynb": WORK,
            f"Jane Doe_12345_assignsubmission_onlinetext{ending}/onlinetext.html": b"<p>",
            f"山田 太郎_12346_assignsubmission_file{ending}/03_slim.ipynb": OTHER,
            f"Only Text_12347_assignsubmission_onlinetext{ending}/onlinetext.html": b"<p>",
        }
    )
    found = by_id(path)
    assert {key: one.notebook for key, one in found.items()} == {
        "Jane_Doe": WORK,
        "山田_太郎": OTHER,
        "Only_Text": None,
    }
    assert found["Only_Text"].status == ABSENT
    assert found["Jane_Doe"].student.name == "Jane Doe"


def test_moodle_download_without_folders(pack):
    path = pack({f"{JANE_MOODLE}03_slim.ipynb": WORK, f"{JANE_MOODLE}numpy.py": b""})
    assert only(path).notebook == WORK
    assert only(path).notes == ("not used: numpy.py",)


def test_moodle_download_with_blind_marking(pack):
    """A participant's number is all there is, so it is in the id even if nobody else has one."""
    path = pack({"Participant_123_assignsubmission_file_/a.ipynb": WORK})
    assert only(path).student.id == "Participant_123"


def test_a_students_folder_alone_in_a_zip_is_no_wrapper(tmp_path):
    path = as_zip(tmp_path / "x", {"ann/03_slim.ipynb": WORK, "ann/scratch.ipynb": PLAIN})
    assert only(path).student.id == "ann"
    path = as_zip(tmp_path / "y", {f"{JANE_MOODLE}/a/1.ipynb": WORK, f"{JANE_MOODLE}/b/2.py": b""})
    assert only(path).student.id == "Jane_Doe"


def test_a_wrapper_named_like_the_lecture(tmp_path):
    files = {"03_slim/ann_03_slim.ipynb": WORK, "03_slim/bob_03_slim.ipynb": OTHER}
    assert list(by_id(as_zip(tmp_path / "x", files))) == ["ann", "bob"]


def test_names_without_the_utf8_flag(tmp_path):
    """As macOS writes them: UTF-8 that nobody announces."""
    data = zipped({"M\u00fcller/03_slim.ipynb": WORK})
    flag = struct.pack("<H", archive.UTF8_NAME)
    assert data.count(flag) >= 2
    position = data.index(b"PK\x01\x02")
    data = bytearray(data)
    data[6:8] = data[position + 8 : position + 10] = b"\0\0"
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert only(path).student.id == "Müller"


# Students


def test_ids_are_distinct_stable_and_safe():
    owners = [
        Owner("Jane Doe", "moodle", "1"),
        Owner("Jane Doe", "moodle", "2"),
        Owner("jane_doe"),  # on a Mac the same folder as Jane_Doe
        Owner("Max Roe", "moodle", "3"),
        Owner("doejane", "canvas", "7"),
        Owner("../../etc"),
        Owner(".hidden"),
        Owner("???"),
        Owner("!!!"),
        Owner("a/b\\c:d"),
        Owner("CON"),
        Owner("x" * 300),
        Owner("x" * 299 + "y"),
        Owner("Zoë Ångström", "moodle", "4"),
        Owner("-rf"),
        Owner("dot."),
    ]
    ids = student_ids(owners)
    assert len({one.casefold() for one in ids.values()}) == len(owners) == len(ids)
    assert student_ids(reversed(owners)) == ids
    for one in ids.values():
        letters = [unicodedata.category(character)[0] in "LMN" for character in one]
        assert all(is_letter or c in "-_." for is_letter, c in zip(letters, one, strict=True))
        assert not re.match(r"[.-]|(con|nul)(\.|$)", one, re.IGNORECASE)
        assert one.rstrip(".") == one != ""
        assert len(f".{one}.json.4194304.part".encode()) < 255
    assert ids[owners[0]] == "Jane_Doe_1"
    assert ids[owners[1]] == "Jane_Doe_2"
    assert ids[owners[2]] == "jane_doe"
    assert ids[owners[3]] == "Max_Roe"
    assert ids[owners[4]] == "doejane_7"
    assert ids[owners[13]] == "Zoë_Ångström"


def test_an_id_does_not_depend_on_who_else_handed_in():
    few = [Owner("Max Roe", "moodle", "3"), Owner("doejane", "canvas", "7"), Owner("ann")]
    more = [*few, Owner("doejane", "canvas", "8"), Owner("Jim", "moodle", "4"), Owner("ann ")]
    assert student_ids(more).items() >= student_ids(few).items()


def test_one_spelling_of_a_name_gives_one_id():
    composed, decomposed = (unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD"))
    assert composed != decomposed
    ids = [student_ids([Owner(name)])[Owner(name)] for name in (composed, decomposed)]
    assert ids == [composed, composed]


def test_submissions_come_by_student_id(pack):
    path = pack({f"{name}/03_slim.ipynb": WORK for name in ("zoe", "Bob", "ann", "émile")})
    found = [one.student.id for one in read(path)]
    assert found == sorted(found)
    assert len(found) == 4


# Which lecture


@pytest.mark.parametrize(
    "name",
    [
        "03_slim-Copy1.ipynb",
        "Copy of 03_slim (2).ipynb",
        "03-SLIM.ipynb",
        "jane_2_03_slim_final.ipynb",
        "03slim.ipynb",
        "03_slim.ipynb.txt",
        "03_slim.ipynb.json",
    ],
)
def test_the_lecture_is_in_a_renamed_file(pack, name):
    path = pack({f"{JANE_MOODLE}/{name}": PLAIN, f"{JANE_MOODLE}/other.ipynb": PLAIN})
    found = only(path, SLIM, FM)
    assert (found.lecture, found.notes) == (SLIM, ("not used: other.ipynb",))
    assert found.origin.endswith(name)


def test_metadata_counts_more_than_names(pack):
    path = pack({f"{JANE_MOODLE}/03_slim/03_slim.ipynb": notebook(FM)})
    assert only(path, SLIM, FM).lecture == FM
    missing = only(path, SLIM)
    assert missing.status == ABSENT
    assert "is of 04_fm" in missing.sentence


def test_nbgraders_folder_counts_more_than_the_file_name(pack):
    path = pack({"ann/03_slim/04_fm.ipynb": PLAIN, "bob/03_slim/03_slim.ipynb": PLAIN})
    assert [one.lecture for one in read(path, SLIM, FM)] == [SLIM, SLIM]


def test_grade_ids_then_functions_say_the_lecture(pack):
    path = pack(
        {
            "ann/a.ipynb": notebook(grade_ids=["soft_threshold"]),
            "bob/b.ipynb": notebook(code=["def fit_slim(X):\n    pass\ndef recommend(x): pass"]),
            "eve/c.ipynb": notebook(code=["def recommend(x): pass"]),
        }
    )
    found = by_id(path, SLIM, FM)
    assert [one.lecture for one in found.values()] == [SLIM, SLIM, None]
    assert "c.ipynb" in found["eve"].sentence


def test_the_released_notebook_is_recognised_without_metadata(pack):
    released = json.loads((LECTURES / f"{SLIM}.ipynb").read_text("utf-8"))
    released["metadata"] = {}
    contents = json.dumps(released).encode()
    path = pack({"ann/untitled.ipynb": contents, "bob/03_slim.ipynb": WORK})
    found = by_id(path, SLIM, FM)["ann"]
    assert (found.lecture, found.notebook) == (SLIM, contents)


def test_the_only_notebook_is_taken_for_the_only_lecture(pack):
    path = pack({f"{JANE_MOODLE}/Untitled.ipynb": PLAIN})
    found = only(path)
    assert (found.lecture, found.notebook) == (SLIM, PLAIN)
    assert "Untitled.ipynb does not say which lecture it is" in found.notes[0]


def test_two_unknown_notebooks_are_not_guessed_between(pack):
    path = pack({f"{JANE_MOODLE}/a.ipynb": PLAIN, f"{JANE_MOODLE}/b.ipynb": PLAIN})
    found = only(path)
    assert (found.lecture, found.status, found.notebook) == (SLIM, ABSENT, None)
    assert "a.ipynb, b.ipynb" in found.sentence


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe\x00{",
        b"\xef\xbb\xbf" + WORK,
        b'{"cells": 3, "metadata": [1]}',
        b'{"cells": [1, {"source": [2, null], "cell_type": "code", "metadata": 1}]}',
        b'{"metadata": {"embedlab": {"lecture": ["03_slim"]}}}',
        b'{"metadata": {"embedlab": {"lecture": "../../x"}}}',
        b"1" * 5000,
        b"null",
    ],
    ids=range(11),
)
def test_what_is_no_notebook_goes_by_its_name_to_the_judge(pack, contents):
    path = pack({f"{JANE_MOODLE}/03_slim.ipynb": contents})
    found = only(path, SLIM, FM)
    assert (found.lecture, found.notebook, found.status) == (SLIM, contents, "")


# Which notebook


def test_the_exact_name_is_preferred(pack):
    path = pack(
        {
            f"{JANE_MOODLE}/03_slim.ipynb": WORK,
            f"{JANE_MOODLE}/03_slim-Copy1.ipynb": OTHER,
            f"{JANE_MOODLE}/z 03_slim.ipynb": OTHER,
        }
    )
    found = only(path)
    assert found.notebook == WORK
    assert found.sentence == (
        "3 notebooks of 03_slim were handed in. Taken: 03_slim.ipynb, because it has the lecture's "
        "name. Not graded: 03_slim-Copy1.ipynb, z 03_slim.ipynb."
    )
    assert (found.status, found.chosen, found.notes) == ("", "03_slim.ipynb", ())
    assert [entry.read() for entry in found.others] == [OTHER, OTHER]


def test_the_same_notebook_twice_is_one(pack):
    path = pack({f"{JANE_MOODLE}/{name}.ipynb": WORK for name in ("03_slim", "03_slim-Copy1")})
    found = only(path)
    assert (found.notebook, found.sentence, found.others) == (WORK, "", ())


def test_the_newest_resubmission_on_canvas_is_preferred(pack):
    path = pack(
        {
            "doejane_1_900_03_slim.ipynb": PLAIN,
            "doejane_1_901_03_slim-2.ipynb": OTHER,
            "doejane_1_902_03_slim-10.ipynb": WORK,
            "doejane_1_903_03_slim-9.ipynb": OTHER,
        }
    )
    found = only(path)
    assert found.notebook == WORK
    assert "Taken: 03_slim-10.ipynb, because Canvas says that it is the newest" in found.sentence
    assert "03_slim-2.ipynb" in found.sentence.partition("Not graded")[2]


def test_the_newest_archive_on_canvas_is_preferred(pack):
    older, newer = (zipped({"03_slim.ipynb": contents}) for contents in (OTHER, WORK))
    path = pack({"doejane_1_902_hw.zip": older, "doejane_1_901_hw-1.zip": newer})
    assert only(path).notebook == WORK


def test_the_newest_of_equal_names_is_preferred(tmp_path):
    files = {f"{JANE_MOODLE}/{name}/03_slim.ipynb": OTHER for name in "abc"}
    path = as_folder(tmp_path / "in", {**files, f"{JANE_MOODLE}/b/03_slim.ipynb": WORK})
    for name, time in zip("abc", (5, 9, 7), strict=True):
        os.utime(path / JANE_MOODLE / name / "03_slim.ipynb", (time, time))
    assert only(path).notebook == WORK

    with zipfile.ZipFile(tmp_path / "in.zip", "w") as target:
        for name, year in zip("abc", (2021, 2025, 2023), strict=True):
            info = zipfile.ZipInfo(f"{JANE_MOODLE}/{name}/03_slim.ipynb", (year, 1, 1, 0, 0, 0))
            target.writestr(info, WORK if name == "b" else OTHER)
    assert only(tmp_path / "in.zip").notebook == WORK


def test_one_that_can_be_read_is_preferred(pack, monkeypatch):
    monkeypatch.setattr(entries, "FILE_LIMIT", 1000)
    path = pack(
        {
            f"{JANE_MOODLE}/03_slim.ipynb": os.urandom(2000),
            f"{JANE_MOODLE}/03_slim-Copy1.ipynb": WORK,
        }
    )
    found = only(path)
    assert found.notebook == WORK
    assert (
        "03_slim-Copy1.ipynb, because it can be read. Not graded: 03_slim.ipynb" in found.sentence
    )
    assert found.others == ()


def test_everything_else_is_ignored(pack):
    path = pack(
        {
            "ann/03_slim.ipynb": WORK,
            "ann/numpy.py": b"",
            "ann/lib/helpers.py": b"",
            "ann/u.data": b"1",
            "ann/.DS_Store": b"1",
            "ann/.ipynb_checkpoints/03_slim-checkpoint.ipynb": OTHER,
            "ann/venv/lib/site-packages/x/03_slim.ipynb": OTHER,
            "__MACOSX/ann/._03_slim.ipynb": b"\0",
            ".git/config": b"",
        }
    )
    found = only(path)
    assert found.notebook == WORK
    assert set(found.notes[0].removeprefix("not used: ").split(", ")) == {
        "numpy.py",
        "lib/helpers.py",
    }
    assert len(found.notes) == 1


# Absent


def test_absence_is_what_the_layout_shows(pack):
    path = pack(
        {
            "ann/03_slim/03_slim.ipynb": WORK,
            "bob/03_slim/notes.txt": b"",
            "eve/03_slim": None,
            "sam/04_fm/04_fm.ipynb": notebook(FM),
        }
    )
    found = {(one.student.id, one.lecture): one.status for one in read(path, SLIM, FM)}
    assert found == {
        ("ann", SLIM): "",
        ("bob", SLIM): ABSENT,
        ("eve", SLIM): ABSENT,
        ("sam", FM): "",
    }


def test_an_empty_folder_of_a_student_is_an_absence(pack):
    path = pack({"ann/03_slim.ipynb": WORK, "bob": None})
    found = by_id(path)
    assert (found["bob"].status, found["bob"].lecture) == (ABSENT, SLIM)
    assert "03_slim.ipynb" in found["bob"].sentence
    assert found["bob"].origin.endswith("bob")


def test_no_absences_of_lectures_the_student_was_not_asked_for(pack):
    path = pack({"ann/03_slim.ipynb": WORK, "bob/04_fm.ipynb": notebook(FM)})
    found = read(path, SLIM, FM)
    assert [(one.student.id, one.lecture) for one in found] == [("ann", SLIM), ("bob", FM)]


def test_a_student_with_several_lectures(pack):
    path = pack({"ann/03_slim.ipynb": WORK, "ann/04_fm.ipynb": notebook(FM), "ann/a.py": b""})
    found = read(path, FM, SLIM)
    assert [one.lecture for one in found] == [FM, SLIM]
    assert {one.notes for one in found} == {("not used: a.py",)}


def test_a_loose_notebook_beside_lecture_folders_is_not_lost(pack):
    path = pack({"ann/04_fm/04_fm.ipynb": notebook(FM), "ann/03_slim.ipynb": WORK})
    assert [one.notebook for one in read(path, SLIM, FM)] == [notebook(FM), WORK]


def test_a_loose_notebook_beside_an_empty_lecture_folder_is_not_lost(pack):
    path = pack({"ann/03_slim/u.data": b"", "ann/03_slim.ipynb": WORK, "bob/03_slim/a.py": b""})
    assert [one.status for one in read(path)] == ["", ABSENT]


@pytest.mark.parametrize("lectures", [[SLIM], [SLIM, "05_ffm"]])
def test_a_loose_notebook_of_anything_is_not_taken_for_a_lecture(tmp_path, lectures):
    files = {"ann/04_fm/04_fm.ipynb": notebook(FM), "ann/scratch.ipynb": PLAIN}
    path = as_folder(tmp_path / "submitted", {**files, "bob/03_slim/03_slim.ipynb": WORK})
    assert [one.student.id for one in read(path, *lectures)] == ["bob"]


# Folders nested more deeply


def class_of(*paths):
    """Return {path: a notebook of its own}."""
    return {path: notebook(SLIM, [path]) for path in paths}


NESTED = {
    "a class in an export": (
        class_of("export/class/anna/03_slim.ipynb", "export/class/ben/03_slim.ipynb"),
        "anna ben",
    ),
    "files in a folder in an export": (
        class_of("export/class/anna_03_slim.ipynb", "export/class/ben_03_slim.ipynb"),
        "anna ben",
    ),
    "groups": (
        class_of("A/anna/03_slim.ipynb", "A/ben/my.ipynb", "B/carl/03_slim.ipynb"),
        "anna ben carl",
    ),
    "groups in a class in an export": (
        class_of("x/y/A/anna/1.ipynb", "x/y/A/ben/1.ipynb", "x/y/B/carl/sub/03_slim.ipynb"),
        "anna ben carl",
    ),
    "groups of groups": (
        class_of("A/1/anna/a.ipynb", "A/1/ben/a.ipynb", "A/2/eve/a.ipynb", "B/3/carl/a.ipynb"),
        "anna ben carl eve",
    ),
    "nbgrader in groups": (
        class_of("A/anna/03_slim/03_slim.ipynb", "B/ben/03_slim/03_slim.ipynb"),
        "anna ben",
    ),
    "nbgrader in an export": (
        class_of("x/y/anna/03_slim/03_slim.ipynb", "x/y/ben/03_slim/03_slim.ipynb"),
        "anna ben",
    ),
    "students in a lecture's folder": (
        class_of("x/03_slim/anna/03_slim.ipynb", "x/03_slim/ben/03_slim.ipynb"),
        "anna ben",
    ),
    "groups with a lecture's folder each": (
        class_of("A/03_slim/anna/1.ipynb", "A/03_slim/ben/1.ipynb", "B/03_slim/carl/1.ipynb"),
        "anna ben carl",
    ),
    "lectures at the top": (
        class_of("03_slim/anna/03_slim.ipynb", "03_slim/ben/03_slim.ipynb")
        | {"01_matrix_factorization/anna/1.ipynb": notebook("01_matrix_factorization")},
        "anna ben",
    ),
    "Canvas in sections": (
        class_of("A/doejane_1_678_03_slim.ipynb", "B/roejim_2_679_03_slim.ipynb"),
        "doejane_1 roejim_2",
    ),
    "Moodle in sections": (
        class_of(f"A/{JANE_MOODLE}/03_slim.ipynb", "B/Jim_2_assignsubmission_file_/a.ipynb"),
        "Jane_Doe Jim",
    ),
    "an empty folder in a group": (
        class_of("A/anna/03_slim.ipynb", "A/ben/1.ipynb", "B/carl/1.ipynb") | {"B/dora": None},
        "anna ben carl dora",
    ),
    "a student's own folders": (
        class_of("anna/work/03_slim.ipynb", "anna/old/03_slim.ipynb", "ben/03_slim.ipynb"),
        "anna ben",
    ),
    "a student's own folders beside nbgrader's": (
        class_of("anna/work/03_slim.ipynb", "anna/old/1.ipynb", "ben/03_slim/03_slim.ipynb"),
        "anna ben",
    ),
    "own folders in a lecture's folder": (
        class_of("anna/03_slim/a/1.ipynb", "anna/03_slim/b/1.ipynb", "ben/03_slim/03_slim.ipynb"),
        "anna ben",
    ),
    "one folder in each student's": (
        class_of("anna/work/03_slim.ipynb", "ben/work/03_slim.ipynb"),
        "anna ben",
    ),
    "a folder for each lecture": (
        class_of("anna/slim/03_slim.ipynb", "ben/slim/03_slim.ipynb")
        | {"anna/mf/01_matrix_factorization.ipynb": notebook("01_matrix_factorization")},
        "anna ben",
    ),
}


@pytest.mark.parametrize("ending", entries.NOTEBOOK_ENDINGS)
@pytest.mark.parametrize(("files", "students"), NESTED.values(), ids=NESTED)
def test_nested_folders_give_the_students(pack, files, students, ending):
    found = by_id(pack(with_ending(files, ending)))
    assert list(found) == students.split()
    for name, one in found.items():
        assert one.notebook is None or name.split("_")[0] in one.origin


UNCLEAR = {
    "parts of the same names": (
        class_of("anna/old/1.ipynb", "anna/new/1.ipynb", "ben/old/1.ipynb", "ben/new/1.ipynb"),
        ("anna/old", "ben/new"),
    ),
    "a template beside groups": (
        class_of("A/anna/1.ipynb", "A/ben/1.ipynb", "B/carl/1.ipynb", "B/dora/1.ipynb")
        | class_of("template/03_slim.ipynb"),
        ("A/anna", "A/ben", "B/carl", "B/dora"),
    ),
    "a student's file beside a group": (
        class_of("anna.ipynb", "A/ben/1.ipynb", "A/carl/1.ipynb"),
        ("A/ben", "A/carl"),
    ),
    "one folder with work": (
        class_of("A/anna/1.ipynb", "A/ben/1.ipynb") | {"B": None},
        ("A/anna", "A/ben"),
    ),
}


@pytest.mark.parametrize("ending", entries.NOTEBOOK_ENDINGS)
@pytest.mark.parametrize(("files", "named"), UNCLEAR.values(), ids=UNCLEAR)
def test_folders_that_may_be_students_or_parts_are_not_guessed_at(pack, files, named, ending):
    path = pack(with_ending(files, ending))
    with pytest.raises(IntakeError, match="name a folder with one folder per student") as refusal:
        read(path)
    for name in named:
        assert name in str(refusal.value)


# When it was handed in


def test_nbgraders_timestamp_is_read(tmp_path):
    stamps = {
        "ann": b"2026-03-01 10:00:00.5 UTC",
        "bob": b"2026-03-01T10:00:00+02:00\n",
        "eve": b"not a date",
    }
    files = {f"{name}/03_slim/timestamp.txt": stamp for name, stamp in stamps.items()}
    files |= {f"{name}/03_slim/03_slim.ipynb": WORK for name in [*stamps, "sam"]}
    found = by_id(as_folder(tmp_path / "submitted", files | {"sam/timestamp.txt": stamps["ann"]}))
    assert [one.timestamp for one in found.values()] == [
        "2026-03-01T10:00:00.500000+00:00",
        "2026-03-01T08:00:00.000000+00:00",
        "",
        "",
    ]
    assert found["eve"].notes == ("timestamp.txt holds no date and was ignored",)


OLDER = [  # (older, newer)
    ("doejane_1_900_03_slim.ipynb", "doejane_1_901_03_slim.ipynb"),
    ("doejane_1_900_03_slim.ipynb", "doejane_1_901_03_slim-1.ipynb"),
    ("doejane_LATE_1_900_03_slim-9.ipynb", "doejane_1_950_03_slim-10.ipynb"),
    ("doejane_1_900_b.ipynb", "doejane_1_901_a.ipynb"),
]


@pytest.mark.parametrize(("older", "newer"), OLDER)
def test_canvas_says_which_hand_in_is_older(older, newer):
    one, other = (canvas_order(f"/x/some_1_folder/y.zip!{name}") for name in (older, newer))
    assert one.is_before(other)
    assert not other.is_before(one)
    assert not one.is_before(one)


def test_an_order_that_nobody_knows_is_none():
    one = canvas_order("x.zip!doejane_1_900_a.ipynb")
    for origin in ("x.zip!jane/a.ipynb", f"{JANE_MOODLE}a.ipynb", "x.zip!doejane_1_text.html"):
        assert not one.is_before(canvas_order(origin))
        assert not canvas_order(origin).is_before(one)
    contradicting = canvas_order("doejane_1_899_a-1.ipynb")
    assert not one.is_before(contradicting)
    assert not contradicting.is_before(one)
