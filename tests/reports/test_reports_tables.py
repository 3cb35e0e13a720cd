"""Spreadsheets are read back as a spreadsheet or an LMS would read them."""

import csv
import html
from dataclasses import replace

import pytest
from report_sample import LECTURE, record_of, sample_class, student, variants

from autograder.gradebook.finals import ClassBook, Entered
from autograder.lecture.source import load_source
from autograder.records import Student
from autograder.reports.tables import (
    FORMULA,
    LmsExport,
    safe_cell,
    write_canvas_csv,
    write_moodle_csv,
    write_scores_csv,
)
from autograder.reports.words import lecture_title
from embedlab.diagnosis import Verdict

FORMULAS = [
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\x00=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "\n=1",
]
ALL_RIGHT = {name: choices[1][1] for name, choices in variants().items()}


def rows_of(path, delimiter=","):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_disarmed(text):
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize(
    "text", ["Zoë Müller", "O'Brien", "a = b", "1.5", "", "S(-3, 1) = -2", "w >= 0; x", "a;b"]
)
def test_other_text_stays(text):
    assert safe_cell(text) == text


def test_newlines_hidden_characters_and_length_do_not_pass():
    assert safe_cell("a\r\nb\x00c\u202ed\te") == "a bcd e"
    assert len(safe_cell("x" * 1_000_000)) < 3_000


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_any_file_is_a_formula(tmp_path, text):
    verdict = Verdict("fit_slim", text, 5, text, (text,), text, text, text)
    record = record_of(
        Student("s1", text, "canvas", "7"),
        ALL_RIGHT | {"fit_slim": verdict},
        sentence=text,
        notes=(text, f"x;{text}", f'x"\n{text}'),
    )
    path = tmp_path / "file.csv"
    files = []
    write_scores_csv(path, [record])
    files.append(path.read_text("utf-8-sig"))
    write_canvas_csv(path, [record], LECTURE)
    files.append(path.read_text("utf-8"))
    write_moodle_csv(path, [replace(record, student=replace(record.student, lms="moodle"))])
    files.append(path.read_text("utf-8-sig"))
    for content in files:
        assert len(content.splitlines()) <= 3
        for delimiter in ",;\t":  # as spreadsheets of other countries split
            for row in csv.reader(content.splitlines(), delimiter=delimiter):
                assert not any(FORMULA.match(cell) for cell in row), row


def test_scores_come_back(tmp_path):
    records, _ = sample_class(60)
    path = tmp_path / "scores.csv"
    write_scores_csv(path, records)
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"student","name","status"')
    header, *rows = rows_of(path)
    assert len(rows) == 60
    names = list(load_source(LECTURE).exercises)
    for record, row in zip(records, rows, strict=True):
        found = dict(zip(header, row, strict=True))
        assert found["student"] == record.student.id
        assert found["name"] == record.student.name
        assert found["status"] == record.status
        assert float(found["total"]) == record.score == sum(float(found[name]) for name in names)
        assert float(found["points"]) == record.points
        for name in names:
            verdict = record.exercises[name].verdict
            assert found[f"{name}: verdict"].split(": ") == list(
                filter(None, (verdict.kind, verdict.mistake))
            )
        assert (found["late"] == "late") == record.student.late
        assert found["notes"] == " | ".join(record.notes)


def test_an_exercise_that_a_record_lacks_is_empty(tmp_path):
    whole, part = record_of(student(1), ALL_RIGHT), record_of(student(2), ALL_RIGHT)
    del part.exercises["recommend"]
    path = tmp_path / "scores.csv"
    write_scores_csv(path, [whole, part])
    header, _, row = rows_of(path)
    assert row[header.index("recommend")] == row[header.index("recommend: verdict")] == ""


def members():
    return [
        record_of(Student("c1", "Müller, Zoë", "canvas", "4711"), ALL_RIGHT),
        record_of(Student("m1", "José Şahin", "moodle", "99"), ALL_RIGHT),
        record_of(Student("x1"), ALL_RIGHT),
        record_of(Student("x2", "no number", "canvas"), ALL_RIGHT),
        record_of(Student("x3", "code", "moodle", "12a"), ALL_RIGHT),
    ]


def test_the_canvas_file_has_canvas_layout(tmp_path):
    path = tmp_path / "canvas.csv"
    export = write_canvas_csv(path, members(), LECTURE)
    assert export == LmsExport(1, ("m1", "x1", "x2", "x3"))
    assert path.read_bytes().startswith(b'"Student"')  # Ruby refuses a quote after a BOM
    assert rows_of(path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lecture_title(LECTURE)],
        ["    Points Possible", "", "", "", "", "16"],
        ["Müller, Zoë", "4711", "", "", "", "16"],
    ]


def test_nobody_sets_the_maximum_by_their_name(tmp_path):
    path = tmp_path / "canvas.csv"
    who = Student("c1", "my Points Possible", "canvas", "1")
    write_canvas_csv(path, [record_of(who, ALL_RIGHT)], LECTURE)
    assert [row[0] for row in rows_of(path) if "Points Possible" in row[0]] == [
        "    Points Possible"
    ]


def test_the_moodle_file_is_a_grading_worksheet(tmp_path):
    path = tmp_path / "moodle.csv"
    wrong = Verdict("fit_slim", "values", 5, sentence="W[j] < 0 & more")
    records = members()
    records[1].exercises["fit_slim"] = replace(
        records[1].exercises["fit_slim"], verdict=wrong, score=0.5
    )
    assert write_moodle_csv(path, records) == LmsExport(1, ("c1", "x1", "x2", "x3"))
    header, row = rows_of(path)
    assert header == [
        "Identifier",
        "Full name",
        "Status",
        "Grade",
        "Maximum Grade",
        "Grade can be changed",
        "Last modified (grade)",
        "Feedback comments",
    ]
    assert row[:7] == ["Participant 99", "José Şahin", "graded", "13.5", "16", "Yes", ""]
    assert "fit_slim: 0.5 of 3, wrong: other values. W[j] &lt; 0 &amp; more<br>" in row[7]


def test_a_moodle_comment_reads_as_it_was_written(tmp_path):
    sentence = "W <= 0; w >= 0 & x <= y; = z"
    verdict = Verdict("fit_slim", "values", 5, sentence=sentence)
    who = Student("m1", "José Şahin", "moodle", "99")
    path = tmp_path / "moodle.csv"
    entered = Entered(comments={"fit_slim": "no; -1 <= w, says me\n; =1"})
    book = ClassBook({"m1": entered})
    write_moodle_csv(path, [record_of(who, ALL_RIGHT | {"fit_slim": verdict})], book)
    [_, row] = rows_of(path)
    lines = html.unescape(row[7]).split("<br>")
    assert f"fit_slim: 0 of 3, wrong: other values. {sentence}" in lines
    assert "Your instructor on fit_slim: no; -1 <= w, says me ; =1" in lines
    for cells in rows_of(path, delimiter=";"):
        assert not any(FORMULA.match(cell) for cell in cells), cells


def test_every_file_has_the_scores_that_count(tmp_path):
    entered = Entered({"recommend": 0}, {"fit_slim": 0.5}, {}, 2)
    book = ClassBook({"c1": entered, "m1": entered}, {"c1": "x", "ghost": "=Ghost"})
    path = tmp_path / "file.csv"
    write_canvas_csv(path, members(), LECTURE, book=book)
    assert rows_of(path)[2][-1] == "12.5"
    write_moodle_csv(path, members(), book)
    row = rows_of(path)[1]
    assert row[3:5] == ["12.5", "16"]
    assert "recommend: 0 of 2, passed, changed by your instructor from 2<br>" in row[7]
    assert row[7].endswith("<br>2 taken off for handing in late")
    write_scores_csv(path, members(), book)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    c1, ghost = rows["c1"], rows["ghost"]
    assert (c1["total"], c1["recommend"], c1["fit_slim"]) == ("12.5", "0", "3.5")
    assert (c1["changed by hand"], c1["late penalty"]) == ("fit_slim, recommend", "2")
    assert rows["m1"]["changed by hand"] == c1["changed by hand"]
    assert rows["x1"]["changed by hand"] == rows["x1"]["late penalty"] == ""
    assert (ghost["name"], ghost["status"]) == ("'=Ghost", "not handed in")
    assert not any(value for column, value in ghost.items() if column not in list(c1)[:3])


def test_what_cannot_run_is_told_from_what_is_blank(tmp_path):
    kinds = {"recommend": "broken", "fit_slim": "undefined", "fit_column": "missing"}
    verdicts = {name: Verdict(name, kind, 5, message="says so") for name, kind in kinds.items()}
    path = tmp_path / "scores.csv"
    write_scores_csv(path, [record_of(student(1), ALL_RIGHT | verdicts)])
    header, row = rows_of(path)
    found = dict(zip(header, row, strict=True))
    assert {name: found[f"{name}: verdict"] for name in kinds} == kinds


def test_an_empty_class_makes_files_with_headers(tmp_path):
    path = tmp_path / "file.csv"
    write_scores_csv(path, [])
    assert write_canvas_csv(path, [], LECTURE) == LmsExport(0, ())
    assert write_moodle_csv(path, []) == LmsExport(0, ())
    assert len(rows_of(path)) == 1
