"""Records of older versions are read as what they say."""

import json

import pytest

from autograder.records import GRADED, ExerciseRecord, Record, Records, Student
from embedlab.diagnosis import Verdict

NEW_FIELDS = ("where", "got", "expected", "count")


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("its cell stops with SyntaxError: bad", "broken"),
        ("its cell stops with an exception", "broken"),
        ("its cell stops with NotImplementedError: ", "missing"),
        ("there is no function named f in the notebook", "undefined"),
        ("its cell does not define f in time", "undefined"),
        ("not written yet. Replace the line that raises and run again.", "missing"),
    ],
)
def test_an_older_record_tells_blank_from_broken_by_its_words(tmp_path, message, kind):
    verdict = Verdict("f", "missing", 3, message=message)
    record = Record(
        Student("ann"), "03_slim", GRADED, exercises={"f": ExerciseRecord(verdict, 0, 1, 7, "e")}
    )
    records = Records(tmp_path, "03_slim")
    records.write(record)
    assert records.read("ann") == record  # one of this version: "missing" is what it says
    older = json.loads(records.path("ann").read_text("utf-8"))
    del older["intake_notes"]
    for name in NEW_FIELDS:
        del older["exercises"]["f"]["verdict"][name]
    records.path("ann").write_text(json.dumps(older), "utf-8")
    found = records.read("ann").exercises["f"].verdict
    assert (found.kind, found.message, found.got) == (kind, message, "")
