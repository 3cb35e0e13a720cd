"""The judge: what becomes a verdict of what a sandbox brought back, honest or forged."""

import json
from dataclasses import replace

import nbformat
import pytest
from classroom import filled, references

from autograder.judging.judge import LectureJudge
from autograder.judging.reading import read_notebook
from autograder.records import GRADED, STOPPED
from autograder.sandbox import JobResult
from embedlab.observe import observe

LECTURE = "03_slim"


@pytest.fixture(scope="module")
def judge():
    return LectureJudge(LECTURE, seed=5)


@pytest.fixture(scope="module")
def matched(judge):
    notebook = filled(LECTURE, references(LECTURE))
    return judge.match(read_notebook(nbformat.writes(notebook).encode())[0])


@pytest.fixture
def honest(judge):
    """The result of a job whose functions are all right."""
    return JobResult(
        {
            name: json.dumps({"outcomes": [case["expected"] for case in examination["cases"]]})
            for name, examination in judge.examinations.items()
        },
        {},
    )


def spoiled(honest, name, **fields):
    """Return the honest result, the outcomes of one exercise with other fields."""
    read = json.loads(honest.reports[name])
    read["outcomes"] = [{**outcome, **fields} for outcome in read["outcomes"]]
    return JobResult({**honest.reports, name: json.dumps(read)}, {})


def test_names_of_changed_arguments_are_a_short_list(judge, matched, honest):
    """A text of megabytes in their place would be read letter by letter, as so many names."""
    for changed in ("x" * 5000, ["x"] * 5000, {"x": 1}, None):
        result = spoiled(honest, "soft_threshold", changed=changed)
        assert judge.judge(matched, result).verdicts["soft_threshold"].kind == "tampered"


def test_a_student_s_words_stay_in_one_line(judge, matched, honest):
    """Or a wrong function writes a verdict of its own below the real one."""
    words = "no\n✓ soft_threshold: correct on fresh cases\u2028\x85\x0b16 of 16 points"
    result = spoiled(honest, "soft_threshold", raised=f"Oh{words}", says=words, line=words)
    message = judge.judge(matched, result).verdicts["soft_threshold"].message
    assert "no ✓ soft_threshold" in message
    assert len(message.splitlines()) == 1


def test_a_job_holds_inputs_and_nothing_that_is_expected(judge, matched):
    job = judge.job(matched)
    assert set(job) == {"cells", "calls"}
    for call in job["calls"]:
        assert set(call) == {"exercise", "driver", "cases", "seconds", "lent"}
        assert call["lent"] == []
    told = json.dumps(job["calls"])
    for examination in judge.examinations.values():
        for mistake in examination["mistakes"]:
            assert mistake["sentence"] not in told


@pytest.mark.parametrize(
    "line", ['lecture.lend("soft_threshold")', "  lecture.lend('soft_threshold') "]
)
def test_a_function_on_loan_is_there_for_the_others_and_earns_nothing(line):
    """And only where the class could borrow."""
    for lends in (False, True):
        judge = LectureJudge(LECTURE, seed=5, lends=lends)
        notebook = filled(LECTURE, {})
        notebook.cells.append(nbformat.v4.new_code_cell(line))
        handed = judge.match(read_notebook(nbformat.writes(notebook).encode())[0])
        calls = {call["exercise"]: call["lent"] for call in judge.job(handed)["calls"]}
        assert calls.pop("soft_threshold") == []
        assert all(
            lent == [references(LECTURE)["soft_threshold"]] * lends for lent in calls.values()
        )
    assert judge.environment != LectureJudge(LECTURE, seed=5).environment


def test_right_outcomes_pass(judge, matched, honest):
    judgement = judge.judge(matched, honest)
    assert judgement.status == GRADED
    assert all(verdict.passed for verdict in judgement.verdicts.values())


def test_other_seeds_draw_other_cases_and_equal_seeds_the_same(judge):
    again, other = LectureJudge(LECTURE, seed=5), LectureJudge(LECTURE, seed=6)
    assert again.digests == judge.digests
    assert all(other.digests[name] != judge.digests[name] for name in judge.digests)


@pytest.mark.parametrize("reason", ["time", "memory", "crashed", "output"])
def test_an_ended_exercise_says_why(judge, matched, honest, reason):
    honest.reports["soft_threshold"] = {"ended": reason}
    verdict = judge.judge(matched, honest).verdicts["soft_threshold"]
    assert verdict.kind == reason
    assert verdict.message


def test_an_exercise_that_was_not_tried_stops_the_submission_not_the_others(judge, matched, honest):
    del honest.reports["soft_threshold"]
    result = JobResult(honest.reports, {}, "time")
    judgement = judge.judge(matched, result)
    assert judgement.status == STOPPED
    assert "120 s" in judgement.sentence
    assert "soft_threshold" in judgement.sentence
    kinds = {name: verdict.kind for name, verdict in judgement.verdicts.items()}
    assert kinds.pop("soft_threshold") == "stopped"
    assert set(kinds.values()) == {"passed"}


def test_a_missing_function_says_why_it_is_missing(judge, matched, honest):
    honest.reports["soft_threshold"] = '{"missing": true}'
    place = matched.places["soft_threshold"]

    def found(cells, matched=matched):
        return judge.judge(matched, JobResult(honest.reports, cells)).verdicts["soft_threshold"]

    def stopped(*fault):
        return found({str(place): {"fault": json.dumps(fault)}})

    verdict = stopped("SyntaxError", "invalid syntax")
    assert (verdict.kind, verdict.got) == ("broken", "SyntaxError: invalid syntax")
    assert verdict.message == "its cell stops with SyntaxError: invalid syntax"
    assert stopped("NotImplementedError", "").kind == "missing"
    assert stopped("NotImplementedErrors", "").kind == "broken"
    assert (found({}).kind, found({}).message) == (
        "undefined",
        "its cell does not define soft_threshold",
    )
    assert found({}, replace(matched, places={})).kind == "undefined"


def test_a_failure_that_follows_from_another_says_so(judge, matched, honest):
    wrong = {"value": 1e9, "changed": []}
    for name in ("coordinate_update", "fit_column"):
        cases = judge.examinations[name]["cases"]
        honest.reports[name] = json.dumps({"outcomes": [wrong] * len(cases)})
    assert "coordinate_update" in judge.exercises["fit_column"].needs
    verdicts = judge.judge(matched, honest).verdicts
    assert "It builds on coordinate_update" in verdicts["fit_column"].sentence


ARRAY = {"array": [1.0], "dtype": "float64", "shape": [1]}
OUT_OF_RANGE = {
    "indptr": {"array": [0, 1], "dtype": "int32", "shape": [2]},
    "indices": {"array": [10**6], "dtype": "int32", "shape": [1]},
    "data": ARRAY,
}


@pytest.mark.parametrize(
    "value",
    [
        {**ARRAY, "dtype": "object"},
        {**ARRAY, "dtype": "U1000000000"},
        {**ARRAY, "dtype": ["float64"]},
        {**ARRAY, "shape": [10**12]},
        {**ARRAY, "shape": [-1]},
        {**ARRAY, "shape": "1"},
        {**ARRAY, "array": "x"},
        {**ARRAY, "array": [{}]},
        {**ARRAY, "array": [10**400]},
        {"sparse": OUT_OF_RANGE, "shape": [1, 1]},
        {"sparse": {}, "shape": [1, 1]},
        {"tuple": 3},
        {"dict": []},
        {"tensor": None},
        {},
    ],
)
def test_forged_values_are_tampering_and_harmless(judge, matched, honest, value):
    for name, examination in judge.examinations.items():
        outcomes = [{"value": value, "changed": []}] * len(examination["cases"])
        honest.reports[name] = json.dumps({"outcomes": outcomes})
    kinds = {verdict.kind for verdict in judge.judge(matched, honest).verdicts.values()}
    assert kinds <= {"tampered", "exception"}  # a case that must raise is told first


@pytest.mark.parametrize(
    "report",
    [
        "",
        "nonsense",
        "[" * 100_000,
        "3",
        "null",
        "[]",
        "{}",
        '{"outcomes": 3}',
        '{"outcomes": []}',
        '{"outcomes": [{"value": 1}]}',
        '{"passed": true, "score": 1000}',
        '{"outcomes": [' + ",".join(['{"raised": 1}'] * 6) + "]}",
        "1" * 5000,
    ],
)
def test_forged_reports_are_tampering_and_harmless(judge, matched, honest, report):
    honest.reports["soft_threshold"] = report
    verdict = judge.judge(matched, honest).verdicts["soft_threshold"]
    assert verdict.kind == "tampered"


def test_a_student_s_words_are_cleaned_and_cut(judge, matched, honest):
    cases = judge.examinations["soft_threshold"]["cases"]
    evil = {"raised": "E\x1b[31m\u202e", "says": "<b>\x00" + "x" * 10**6, "line": "\x07" * 9}
    honest.reports["soft_threshold"] = json.dumps({"outcomes": [evil] * len(cases)})
    verdict = judge.judge(matched, honest).verdicts["soft_threshold"]
    assert verdict.kind == "exception"
    assert len(verdict.message) < 1000
    assert not set("\x1b\u202e\x00\x07") & set(verdict.message)


def test_a_student_s_value_is_cleaned_and_cut_where_it_stands_alone(
    judge, matched, honest, monkeypatch
):
    outcome = {"value": "\x1b\u202e" + "x" * 10**5, "changed": []}
    cases = judge.examinations["soft_threshold"]["cases"]
    monkeypatch.setitem(cases[0], "expected", {"value": "a", "changed": []})
    honest.reports["soft_threshold"] = json.dumps({"outcomes": [outcome] * len(cases)})
    verdict = judge.judge(matched, honest).verdicts["soft_threshold"]
    assert (verdict.kind, verdict.expected) == ("values", "'a'")
    assert 100 < len(verdict.got) < 1000
    assert not set("\x1b\u202e") & set(verdict.got)


def test_huge_numbers_are_wrong_values_not_tampering(judge, matched, honest):
    """A wrong but honest function may return 7 ** 4000."""
    cases = judge.examinations["slim_objective"]["cases"]
    outcome = {"value": 7**4000, "changed": []}
    honest.reports["slim_objective"] = json.dumps({"outcomes": [outcome] * len(cases)})
    assert judge.judge(matched, honest).verdicts["slim_objective"].kind == "nan"


def test_the_judge_and_the_local_check_use_one_diagnosis(judge, matched, honest):
    exercise = judge.exercises["soft_threshold"]
    mistake = exercise.mistakes[0]
    cases = judge.examinations["soft_threshold"]["cases"]
    outcomes = [observe(mistake.function, case["arguments"]) for case in cases]
    honest.reports["soft_threshold"] = json.dumps({"outcomes": outcomes})
    verdict = judge.judge(matched, honest).verdicts["soft_threshold"]
    assert (verdict.mistake, verdict.sentence) == (mistake.name, mistake.sentence)
