"""The course's table: what a lecture sees of it, and what it refuses."""

import json

import pytest

from embedlab import Lecture, tables
from embedlab.errors import StudentError
from embedlab.tables import CourseTable, RecordedTable


def row(lecture, model, value, settings="", only_benchmark=False):
    return {
        "lecture": lecture,
        "model": model,
        "settings": settings,
        "value": value,
        "error": 0.01,
        "difference": value - 0.3,
        "difference_error": 0.004,
        "only_benchmark": only_benchmark,
    }


RECORD = {
    "task": "hidden films",
    "measure": "NDCG@10",
    "reference": "SVD",
    "how": "A fifth of the films.",
    "rows": [
        row("01_matrix_factorization", "popularity", 0.184),
        row("01_matrix_factorization", "SVD", 0.3),
        row("03_slim", "SLIM", 0.378, settings="λ < 4"),
        row("09_self_attention", "attention", 0.1, only_benchmark=True),
    ],
}


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    path = tmp_path / "course_hidden_films.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    monkeypatch.setattr(tables, "RECORDED", tmp_path)


@pytest.mark.usefixtures("recorded")
def test_a_lecture_sees_the_models_up_to_itself():
    table = Lecture("03_slim").results("hidden films")
    assert len(table) == 3
    for shown in (repr(table), table._repr_html_()):
        assert "SLIM" in shown
        assert "attention" not in shown
    with pytest.raises(StudentError, match=r"no row 'attention'\. Rows: 'popularity', 'SVD', 'S"):
        table.value("attention")


@pytest.mark.usefixtures("recorded")
def test_a_value_is_rounded_as_it_is_shown():
    table = Lecture("03_slim").results("hidden films")
    assert table.value("SLIM") == 0.378
    assert "SLIM  03  λ < 4  0.378 ± 0.010  +0.078 ± 0.004" in repr(table)
    assert all(f">{cell}</td>" in table._repr_html_() for cell in ("λ &lt; 4", "0.378 ± 0.010"))


@pytest.mark.usefixtures("recorded")
def test_what_only_the_benchmark_measures_has_a_footnote():
    late = repr(Lecture("09_self_attention").results("hidden films"))
    assert "attention *  09" in late
    assert late.endswith(tables.ONLY_BENCHMARK)
    assert "*" not in repr(Lecture("03_slim").results("hidden films"))


@pytest.mark.usefixtures("recorded")
def test_the_model_that_others_are_compared_with_has_no_difference():
    lines = repr(Lecture("03_slim").results("hidden films")).splitlines()
    assert lines[0].endswith("against SVD")
    assert lines[2].rstrip().endswith("0.300 ± 0.010")


@pytest.mark.usefixtures("recorded")
def test_an_unknown_task_and_one_that_comes_later_are_refused():
    with pytest.raises(StudentError, match=r"no task 'stars'.* Tasks: 'hidden films'"):
        Lecture("03_slim").results("stars")
    with pytest.raises(StudentError, match="No model for 'hidden films' comes up to lecture 00_"):
        Lecture("00_start").results("hidden films")


@pytest.mark.parametrize("record", tables.course_records(), ids=lambda record: record["task"])
def test_what_is_recorded_can_be_shown(record):
    table = CourseTable(record, "99")
    assert len(table) == len(record["rows"])  # no two rows of one name
    assert tables.course_path(record["task"]).exists()
    reference = next(row for row in record["rows"] if row["model"] == record["reference"])
    assert reference["lecture"] == record["rows"][0]["lecture"]  # shown wherever the table is
    for one in record["rows"]:
        assert table.value(one["model"]) == round(one["value"], 3)


def test_a_number_of_a_recorded_table_is_found_by_its_column_and_the_first_cells_of_its_row():
    rows = [[453, "slow", "1,040.5"], [453, "fast", 2], [1303, "slow", "3e-2"]]
    table = RecordedTable({"columns": ["films", "solver", "seconds"], "rows": rows, "how": ""})
    assert table.number("seconds", 453, "slow") == 1040.5
    assert table.number("seconds", 1303) == 0.03
    for column, row in [("seconds", (453,)), ("seconds", (7,)), ("hours", (1303,))]:
        with pytest.raises(StudentError, match="of one row, and one of the columns 'films'"):
            table.number(column, *row)


def test_words_stand_left_and_numbers_right_in_one_line():
    rows = [["a", "λ < 4", "0.1 ± 0.2"], ["b", "", ""]]
    html = RecordedTable({"columns": list("xyz"), "rows": rows, "how": ""})._repr_html_()
    assert html.count('<td style="text-align: left">') == 4
    assert html.count('<td style="text-align: right; white-space: nowrap">') == 2
    assert html.count('<th style="text-align: left">') == 2
    assert html.count('<th style="text-align: right">') == 1  # a long head takes several lines
