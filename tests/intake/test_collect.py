"""What was handed in, copied into the course folder: what replaces what, and who is who."""

import os

import pytest
from handed_in import OTHER, SLIM, WORK, as_folder, as_zip, notebook

from autograder.intake import entries
from autograder.intake.collect import collect, submitted_at, submitted_path
from autograder.records import ABSENT, GRADED, Records

THIRD = notebook(SLIM, ["third"])


@pytest.fixture
def course(tmp_path):
    return tmp_path / "course"


@pytest.fixture
def hand_in(tmp_path, course):
    """Collects files as a zip and records what was collected as graded; returns the sentences."""
    count = iter(range(100))

    def collected(files, pack=as_zip):
        found, said = collect(pack(tmp_path / f"in{next(count)}", files), [SLIM], course)
        for handed in found[SLIM]:
            record = handed.record
            status = record.status or GRADED
            Records(course, SLIM).write(type(record)(**{**vars(record), "status": status}))
        return said

    return collected


def graded(course):
    return {record.student.id: record for record in Records(course, SLIM).all()}


def kept(course, student):
    folder = course / "replaced" / student / SLIM
    return sorted(path.read_bytes() for path in folder.glob("*.ipynb"))


def moodle(*names):
    return {
        f"{name}_assignsubmission_file_/03_slim.ipynb": notebook(SLIM, [name]) for name in names
    }


def test_several_notebooks_are_said_and_kept(course, hand_in):
    copies = {"ben/03_slim.ipynb": WORK, "ben/Copy1 03_slim.ipynb": WORK}
    said = hand_in({"anna/03_slim.ipynb": WORK, "anna/03_slim-Copy1.ipynb": OTHER, **copies})
    [line] = said
    assert line.startswith(
        "1 student handed in more than one notebook of 03_slim; graded was: anna 03_slim.ipynb."
    )
    assert str(course / "replaced" / "STUDENT" / SLIM) in line
    assert kept(course, "anna") == [OTHER]
    assert kept(course, "ben") == []
    assert "Not graded: 03_slim-Copy1.ipynb" in graded(course)["anna"].sentence
    assert graded(course)["ben"].sentence == ""


def test_grading_from_the_course_folder_forgets_nothing(course, hand_in):
    hand_in({"doejane_1_900_03_slim.ipynb": WORK, "doejane_1_901_03_slim copy.ipynb": OTHER})
    before = graded(course)
    assert "Not graded" in before["doejane_1"].sentence
    [handed] = collect(course / "submitted", [SLIM], course)[0][SLIM]
    assert handed.record.sentence == before["doejane_1"].sentence
    assert handed.record.student == before["doejane_1"].student


def test_an_older_hand_in_is_not_taken_unless_asked_for(course, hand_in):
    new, old = {"doejane_1_901_03_slim-1.ipynb": WORK}, {"doejane_1_900_03_slim.ipynb": OTHER}
    assert hand_in(new) == []
    [line] = hand_in(old)
    assert line.startswith(
        "1 hand-in of 03_slim not taken, because the graded one is newer: doejane"
    )
    place = submitted_path(course, "doejane_1", SLIM)
    assert place.read_bytes() == WORK
    assert graded(course)["doejane_1"].origin.endswith("03_slim-1.ipynb")
    place.unlink()  # as the sentence says
    assert hand_in(old) == []
    assert place.read_bytes() == OTHER


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("doejane_1_900_03_slim.ipynb", "doejane_1_901_03_slim-1.ipynb"),
        ("jane/03_slim.ipynb", "jane/03_slim.ipynb"),
    ],
)
def test_a_newer_hand_in_or_one_of_unknown_age_replaces_and_says_so(course, hand_in, first, second):
    hand_in({first: WORK})
    [line] = hand_in({second: OTHER})
    [student] = graded(course)
    assert line.startswith("1 hand-in of 03_slim replaced earlier ones, kept in ")
    assert line.endswith(f"replaced: {student}.")
    assert submitted_path(course, student, SLIM).read_bytes() == OTHER
    assert kept(course, student) == [WORK]


def test_an_older_hand_in_that_cannot_be_read_changes_nothing(course, hand_in, monkeypatch):
    hand_in({"doejane_1_901_03_slim-1.ipynb": WORK})
    monkeypatch.setattr(entries, "FILE_LIMIT", 10)
    [line] = hand_in({"doejane_1_900_03_slim.ipynb": OTHER})
    assert "the graded one is newer" in line
    assert graded(course)["doejane_1"].status == GRADED


def test_a_timestamp_travels_with_the_notebook_and_tells_the_order(course, hand_in):
    def files(work, hour):
        stamp = f"2026-03-01 {hour}:00:00.000000 UTC".encode()
        return {
            "submitted/ann/03_slim/03_slim.ipynb": work,
            "submitted/ann/03_slim/timestamp.txt": stamp,
        }

    hand_in(files(WORK, 10), as_folder)
    place = submitted_path(course, "ann", SLIM)
    assert submitted_at(place) == "2026-03-01T10:00:00.000000+00:00"
    assert graded(course)["ann"].timestamp == submitted_at(place)
    [line] = hand_in(files(OTHER, "09"), as_folder)
    assert "the graded one is newer: ann" in line
    assert place.read_bytes() == WORK
    hand_in(files(THIRD, 11), as_folder)
    assert place.read_bytes() == THIRD
    assert submitted_at(place) == "2026-03-01T11:00:00.000000+00:00"


def test_moodles_namesakes_keep_their_ids(course, hand_in):
    hand_in(moodle("Jane Smith_201", "Max_203"))
    assert set(graded(course)) == {"Jane_Smith", "Max"}
    hand_in(moodle("Jane Smith_201", "Jane Smith_205", "Max_203"))
    numbers = {name: record.student.lms_id for name, record in graded(course).items()}
    assert numbers == {"Jane_Smith": "201", "Jane_Smith_205": "205", "Max": "203"}


def test_moodles_namesake_alone_in_a_download_is_not_taken_for_the_other(course, hand_in):
    hand_in(moodle("Jane Smith_201"))
    assert hand_in(moodle("Jane Smith_205")) == []
    numbers = {name: record.student.lms_id for name, record in graded(course).items()}
    assert numbers == {"Jane_Smith": "201", "Jane_Smith_205": "205"}
    assert hand_in(moodle("Jane Smith_205")) == []
    assert set(graded(course)) == set(numbers)


def test_moodles_namesakes_together_stay_apart_when_one_comes_alone(course, hand_in):
    hand_in(moodle("Jane Smith_201", "Jane Smith_205"))
    hand_in(moodle("Jane Smith_205"))
    assert set(graded(course)) == {"Jane_Smith_201", "Jane_Smith_205"}


def test_an_absence_is_collected_without_a_notebook(course, hand_in):
    hand_in({"ann/03_slim.ipynb": WORK, "bob": None})
    assert graded(course)["bob"].status == ABSENT
    assert not os.path.exists(submitted_path(course, "bob", SLIM))
