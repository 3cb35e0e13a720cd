"""The check as a student meets it, in a real kernel's shell."""

import contextlib
import re

import numpy as np
import pytest

from autograder.lecture.reference import load_reference
from embedlab import lecture, lending
from embedlab.errors import StudentError
from embedlab.lecture import CheckFailed, Lecture


@pytest.fixture
def slim():
    return Lecture("03_slim")


@pytest.fixture
def right():
    return load_reference("03_slim")


def test_a_right_function_counts_towards_the_lecture(slim, right, capsys):
    slim.check(right["soft_threshold"])
    slim.check(right["recommend"])
    said = capsys.readouterr().out
    assert "✓ soft_threshold: visible checks passed (9 cases)" in said
    assert "■■□□□□□□ 2 of 8 exercises pass" in said


def test_a_function_that_breaks_later_no_longer_counts(slim, right, capsys):
    slim.check(right["soft_threshold"])

    def soft_threshold(z, threshold):
        return z

    with pytest.raises(CheckFailed, match="0 of 8 exercises pass"):
        slim.check(soft_threshold)


def test_progress_names_what_is_left(slim, right, capsys):
    slim.check(right["soft_threshold"])
    slim.progress()
    assert re.search("Left: slim_objective, coordinate_update, .*", capsys.readouterr().out)


def test_an_exercise_that_builds_on_another_says_what_comes_first(slim, right):
    def fit_column(gram, i, l1, l2, n_sweeps):
        return gram[i] * 0.0

    def soft_threshold(z, threshold):
        return z

    unknown = "call soft_threshold, coordinate_update, whose check has not run yet: run it first"
    with pytest.raises(CheckFailed, match=unknown):
        slim.check(fit_column)
    with pytest.raises(CheckFailed):
        slim.check(soft_threshold)
    with pytest.raises(CheckFailed, match="call soft_threshold: get that check to pass first"):
        slim.check(fit_column)
    slim.check(right["soft_threshold"])
    slim.check(right["coordinate_update"])
    with pytest.raises(CheckFailed) as failed:
        slim.check(fit_column)
    assert "first" not in str(failed.value)


def test_a_function_on_loan_works_and_does_not_count(slim, right, capsys):
    slim.lend("fit_slim")
    assert "0 of 8 exercises pass, 1 lent" in capsys.readouterr().out
    A = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    assert np.allclose(fit_slim(A, 0.1, 0.1, 5), right["fit_slim"](A, 0.1, 0.1, 5))  # noqa: F821
    slim.check(fit_slim)  # noqa: F821
    said = capsys.readouterr().out
    assert "◐ fit_slim: lent" in said
    assert "◐□□□□□□□ 0 of 8 exercises pass, 1 lent" in said
    slim.progress()
    assert "fit_slim (lent)" in capsys.readouterr().out
    slim.check(right["fit_slim"])
    assert "■□□□□□□□ 1 of 8 exercises pass\n" in capsys.readouterr().out


def test_what_is_no_exercise_is_not_lent(slim):
    with pytest.raises(StudentError, match=r"'helper' is not an exercise .*soft_threshold"):
        slim.lend("helper")


def test_nothing_is_lent_in_grading_or_where_the_copy_has_none(slim, monkeypatch, tmp_path):
    monkeypatch.setattr(lending, "SOLUTIONS", tmp_path)
    with pytest.raises(StudentError, match="This copy of the course lends no functions"):
        slim.lend("fit_slim")
    monkeypatch.undo()
    monkeypatch.setattr(lending, "graded", True)
    with pytest.raises(StudentError, match="Nothing is lent in grading"):
        slim.lend("fit_slim")


def test_a_check_shows_the_way_on_after_some_failures_and_at_once_of_a_blank(slim):
    def soft_threshold(z, threshold):
        raise NotImplementedError

    with pytest.raises(CheckFailed, match=r'Run All stops here.*\n.*\n.*lecture.lend\("soft_thr'):
        slim.check(soft_threshold)

    def soft_threshold(z, threshold):
        return z

    slim = Lecture("03_slim")
    for times in range(1, 4):
        with pytest.raises(CheckFailed) as failed:
            slim.check(soft_threshold)
        assert ('lecture.lend("soft_threshold")' in str(failed.value)) == (times == 3)


def test_a_loan_is_offered_only_where_there_is_one(slim, monkeypatch, tmp_path):
    def soft_threshold(z, threshold):
        raise NotImplementedError

    monkeypatch.setattr(lending, "SOLUTIONS", tmp_path)
    monkeypatch.setattr(lending, "LENT", tmp_path)
    with pytest.raises(CheckFailed, match=r"Stuck\? Hints stand above") as failed:
        slim.check(soft_threshold)
    assert "lend" not in str(failed.value)
    (tmp_path / "03_slim.json").write_text("[]")
    with pytest.raises(CheckFailed, match=r'lecture\.lend\("soft_threshold"\)'):
        slim.check(soft_threshold)


def test_a_function_that_never_ends_is_stopped_and_told(slim, monkeypatch):
    monkeypatch.setattr(lecture, "CHECK_SECONDS", 0.2)

    def soft_threshold(z, threshold):
        while True:
            with contextlib.suppress(Exception):  # catches all but the interrupt
                z = z + 0

    with pytest.raises(CheckFailed, match="Is there a loop that never ends") as failed:
        slim.check(soft_threshold)
    assert "case: the worked example" in str(failed.value)
    assert "0 of 8 exercises pass" in str(failed.value)


def test_the_stop_button_stops_a_check_as_it_stops_any_cell(slim):
    def soft_threshold(z, threshold):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        slim.check(soft_threshold)


def test_the_message_is_all_a_notebook_shows(slim):
    def soft_threshold(z, threshold):
        return z

    with pytest.raises(CheckFailed) as failed:
        slim.check(soft_threshold)
    assert failed.value._render_traceback_() == str(failed.value).splitlines()


def test_a_function_of_another_name_is_told_the_names(slim):
    with pytest.raises(StudentError, match=r"'helper' is not an exercise .*soft_threshold"):
        slim.check(helper)


def test_a_lambda_is_known_by_the_name_the_notebook_gave_it(slim, right, capsys, monkeypatch):
    unnamed = lambda z, threshold: right["soft_threshold"](z, threshold)  # noqa: E731
    monkeypatch.setitem(globals(), "soft_threshold", unnamed)
    slim.check(unnamed)
    assert "✓ soft_threshold" in capsys.readouterr().out


def test_an_unknown_lecture_is_named():
    with pytest.raises(StudentError, match=r"no lecture '99_nothing' here\. Lectures: .*03_slim"):
        Lecture("99_nothing").progress()


def helper(x):
    return x
