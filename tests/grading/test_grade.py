"""`autograder grade` as an instructor uses it: resuming, regrading, replaying, refusals."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import sys
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
import small
from classroom import autograder, filled, gradebook_scores, hand_in, nbgrader, references
from filelock import FileLock
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.grading import grade as grading
from autograder.grading.terminal import progress_bar, reporter, show
from autograder.intake.collect import collect, submitted_path
from autograder.judging.judge import LectureJudge
from autograder.lecture.source import load_source
from autograder.records import ABSENT, GRADED, UNREADABLE, Records
from autograder.sandbox.pool import Pool

TRIED_ON = LECTURE = small.LECTURE
FULL = 6


def right():
    return filled(LECTURE, references(LECTURE))


def wrong(*names):
    """Return a solved notebook in which these functions return None."""
    return filled(
        LECTURE,
        references(LECTURE) | {name: f"def {name}(*arguments): return None" for name in names},
    )


def content(notebook):
    return nbformat.writes(notebook).encode()


def by_student(course):
    return {record.student.id: record for record in Records(course, LECTURE).all()}


# --- one class, from a Canvas zip, then changed and graded again ------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder graded from the zip that Canvas gives; the zip lies beside it."""
    folder = tmp_path_factory.mktemp("course")
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        archive.writestr(f"doejane_101_9001_{LECTURE}.ipynb", content(right()))
        archive.writestr(f"roejim_LATE_102_9002_{LECTURE}-1.ipynb", content(wrong("largest")))
        archive.writestr(f"poemax_103_9003_{LECTURE}.ipynb", b"{ not a notebook")
        archive.writestr(f"=cmdevil_104_9004_{LECTURE}.ipynb", content(filled(LECTURE, {})))
    autograder("grade", folder / "submissions.zip", "--course", folder)
    return folder


def only(records, part):
    [found] = [record for name, record in records.items() if part in name]
    return found


def test_everybody_in_the_zip_has_a_record(course):
    records = by_student(course)
    assert len(records) == 4
    assert only(records, "doejane").score == FULL
    jim = only(records, "roejim")
    assert jim.score == FULL - jim.exercises["largest"].points
    assert jim.student.late
    assert only(records, "poemax").status == UNREADABLE
    assert "JSON is malformed" in only(records, "poemax").sentence
    assert only(records, "cmdevil").score == 0


def test_the_gradebook_has_what_the_records_say(course):
    for student, record in by_student(course).items():
        found = gradebook_scores(course, LECTURE, student)
        assert {name: score for name, (score, _) in found.items()} == {
            name: exercise.score for name, exercise in record.exercises.items()
        }


def test_everybody_has_a_feedback_page(course):
    for student in by_student(course):
        page = course / "feedback" / student / LECTURE / f"{LECTURE}.html"
        assert "</html>" in page.read_text("utf-8")


def test_the_reports_are_there_and_safe_to_open(course):
    folder = course / "reports" / LECTURE
    assert "</html>" in (folder / "class.html").read_text("utf-8")
    with (folder / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 5
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row)
    with (folder / "canvas.csv").open(encoding="utf-8", newline="") as file:
        scores = {row["ID"]: row for row in csv.DictReader(file) if row["ID"]}
    assert set(scores) == {"101", "102", "103", "104"}
    assert not (folder / "moodle.csv").exists()


def test_grading_again_judges_nothing(course):
    before = by_student(course)
    said = autograder("grade", course / "submissions.zip", "--course", course)
    assert "0 judged now, 4 unchanged" in said
    assert "No score changed." in said
    assert by_student(course) == before


def test_a_new_submission_is_judged_and_the_old_one_kept(course, tmp_path):
    """Jim hands in again: his score changes, nobody else is judged, nothing is lost."""
    folder = tmp_path / "again"
    shutil.copytree(course, folder)
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as archive:
        archive.writestr(f"doejane_101_9001_{LECTURE}.ipynb", content(right()))
        archive.writestr(f"roejim_102_9005_{LECTURE}-2.ipynb", content(right()))
    said = autograder("grade", tmp_path / "new.zip", "--course", folder)
    assert "1 judged now, 1 unchanged" in said
    assert "1 scores changed" in said
    assert "largest: 0 -> 2, another submission" in said
    jim = only(by_student(folder), "roejim")
    assert jim.score == FULL
    [kept] = (folder / "replaced" / jim.student.id).rglob("*.ipynb")
    assert kept.read_bytes() == content(wrong("largest"))
    assert "another submission" in (folder / "reports" / LECTURE / "class.html").read_text("utf-8")


def test_what_the_instructor_entered_is_handed_out(course, tmp_path):
    """Manual score, extra credit, comment and penalty: in every file, without judging again."""
    folder = tmp_path / "by_hand"
    shutil.copytree(course, folder)
    jim = only(by_student(folder), "roejim").student.id
    comment = "Right on paper.\n<script>alert(1)</script>"
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        grade = book.find_grade("check_largest", LECTURE, LECTURE, jim)
        grade.manual_score, grade.extra_credit = 1, 0.5
        book.find_comment("largest", LECTURE, LECTURE, jim).manual_comment = comment
        book.find_submission_notebook(LECTURE, LECTURE, jim).late_submission_penalty = 2
        book.add_student("ghost", first_name="Gerda", last_name="Ghost")
        book.db.commit()
        submission = book.find_submission(LECTURE, jim)
        total = submission.score - submission.late_submission_penalty
    assert total == FULL - 2 + 1.5 - 2
    record = Records(folder, LECTURE).path(jim).read_bytes()
    arguments = ("grade", folder / "submissions.zip", "--course", folder)
    said = autograder(*arguments)
    assert "0 judged now, 4 unchanged" in said
    assert Records(folder, LECTURE).path(jim).read_bytes() == record
    reports = folder / "reports" / LECTURE
    with (reports / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    found = [rows[jim][column] for column in ("total", "largest", "late penalty")]
    assert found == [f"{total:g}", "1.5", "2"]
    assert rows[jim]["changed by hand"] == "largest"
    assert [row["changed by hand"] for row in rows.values()].count("") == 4
    assert (rows["ghost"]["status"], rows["ghost"]["total"]) == ("not handed in", "")
    with (reports / "canvas.csv").open(encoding="utf-8", newline="") as file:
        [row] = [row for row in csv.DictReader(file) if row["ID"] == "102"]
    assert f"{total:g}" in row.values()
    report = (reports / "class.html").read_text("utf-8")
    assert "Gerda Ghost" in report
    assert "1.5*" in report
    path = folder / "feedback" / jim / LECTURE / f"{LECTURE}.html"
    page = path.read_text("utf-8")
    assert "Your instructor changed this score</strong> from 0 to 1.5, 0.5 of it" in page
    assert "Right on paper.\n&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert f"{total:g} <small>of {FULL}" in page
    assert "2 taken off for handing in late" in page
    assert str(folder) not in page
    assert "autograder replay" not in page
    written = path.stat().st_mtime_ns
    autograder(*arguments)
    assert path.stat().st_mtime_ns == written, "what shows everything is not written again"


def test_a_replay_reaches_the_recorded_verdict(course):
    jim = only(by_student(course), "roejim").student.id
    said = autograder("replay", jim, LECTURE, "largest", "--course", course)
    assert "largest" in said
    assert "The recorded verdict is the same." in said
    inputs = said.partition("The inputs of that case in full:")[2]
    assert "import numpy as np" in inputs
    assert "np.array([" in inputs


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nobody", LECTURE, "largest"), "nobody has no record"),
        (("RoeJim", LECTURE, "largest"), "Do you mean roejim_102?"),
        (("doejnae", LECTURE, "largest"), "Do you mean doejane_101?"),
        (("roejim", LECTURE, "nothing"), "no exercise 'nothing'"),
        (("roejim", "99_none", "largest"), "no lecture '99_none'"),
        (("poemax", LECTURE, "largest"), "Nothing was run"),
    ],
)
def test_a_replay_that_cannot_be_says_why(course, arguments, says):
    ids = {part: only(by_student(course), part).student.id for part in ("roejim", "poemax")}
    student, *rest = arguments
    said = autograder("replay", ids.get(student, student), *rest, "--course", course, expect=1)
    assert says in said


def test_a_replay_of_another_notebook_is_refused(course, tmp_path):
    folder = tmp_path / "altered"
    shutil.copytree(course, folder)
    jim = only(by_student(folder), "roejim").student.id
    path = submitted_path(folder, jim, LECTURE)
    path.write_bytes(content(right()))
    said = autograder("replay", jim, LECTURE, "largest", "--course", folder, expect=1)
    assert "is not the notebook that was judged any more" in said


def test_a_replay_that_differs_shows_both(course, tmp_path):
    """Somebody changed the record: the replay does not confirm it, and says so."""
    folder = tmp_path / "forged"
    shutil.copytree(course, folder)
    jim = only(by_student(folder), "roejim").student.id
    path = Records(folder, LECTURE).path(jim)
    record = json.loads(path.read_text("utf-8"))
    record["exercises"]["largest"]["verdict"]["kind"] = "passed"
    path.write_text(json.dumps(record), "utf-8")
    said = autograder("replay", jim, LECTURE, "largest", "--course", folder, expect=1)
    assert "The recorded verdict was another" in said


def test_several_notebooks_need_a_look_and_a_timestamp_reaches_the_gradebook(tmp_path):
    """Told to instructor and student; a later timestamp alone is written without judging."""
    course, handed_in = tmp_path / "course", tmp_path / "in" / "submitted"
    hand_in(handed_in, LECTURE, {"anna": right(), "ben": right()})
    nbformat.write(filled(LECTURE, {}), handed_in / "anna" / LECTURE / f"{LECTURE}-Copy1.ipynb")
    stamp = handed_in / "ben" / LECTURE / "timestamp.txt"
    stamp.write_text("2026-03-01 10:00:00.000000 UTC")
    arguments = ("grade", handed_in, "--lecture", LECTURE, "--course", course)
    said = autograder(*arguments)
    assert f"1 student handed in more than one notebook of {LECTURE}; graded was: anna" in said
    page = (course / "feedback" / "anna" / LECTURE / f"{LECTURE}.html").read_text("utf-8")
    report = (course / "reports" / LECTURE / "class.html").read_text("utf-8")
    assert "Several notebooks: one was graded" in report
    for html in (page, report):
        assert f"Not graded: {LECTURE}/{LECTURE}-Copy1.ipynb" in html
    assert "cost nothing" not in page
    assert moment_in_gradebook(course, "ben") == datetime(2026, 3, 1, 10)
    assert moment_in_gradebook(course, "anna") is None

    stamp.write_text("2026-03-02 10:00:00.000000 UTC")
    assert "0 judged now, 2 unchanged" in autograder(*arguments)
    assert by_student(course)["ben"].timestamp == "2026-03-02T10:00:00.000000+00:00"
    assert moment_in_gradebook(course, "ben") == datetime(2026, 3, 2, 10)


def moment_in_gradebook(course, student):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return gradebook.find_submission(LECTURE, student).timestamp


# --- what changes make judge again --------------------------------------------------------------


class CountingPool(Pool):
    """A pool that remembers which exercises it was asked to try."""

    tried = ()

    def run(self, jobs):
        """Run the jobs and remember their exercises."""
        for (key, job), result in super().run(((key, job), job) for key, job in jobs):
            self.tried = (*self.tried, [call["exercise"] for call in job["calls"]])
            yield key, result


def graded_here(course, monkeypatch=None):
    """Grade what is in the course's submitted/ in this process; return (outcome, exercises)."""
    pools = []

    def open_pool(prelude):
        pools.append(CountingPool(prelude, size=1))
        return pools[-1]

    handed, _ = collect(course / "submitted", [LECTURE], course)
    progress = grading.Progress(begin=lambda *_: None, step=lambda *_: None)
    run = grading.LectureRun(LECTURE, course, None, open_pool, progress)
    outcome = run.grade(handed[LECTURE])
    return outcome, [names for pool in pools for names in pool.tried]


def test_a_changed_test_tries_only_its_exercise(course, tmp_path, monkeypatch):
    folder = tmp_path / "regrade"
    shutil.copytree(course, folder)
    original = LectureJudge.__init__

    def stricter(self, *arguments, **options):
        original(self, *arguments, **options)
        self.examinations["largest"]["cases"].pop()
        self.examinations["largest"]["mistakes"] = []
        self.digests["largest"] = "changed"

    assert graded_here(folder)[0].judged == 0
    monkeypatch.setattr(LectureJudge, "__init__", stricter)
    before = by_student(folder)
    outcome, tried = graded_here(folder)
    assert tried == [["largest"]] * 3  # the unreadable one has nothing to try
    assert outcome.changes == []
    after = by_student(folder)
    for student, record in after.items():
        for name, exercise in record.exercises.items():
            old = before[student].exercises[name]
            if name == "largest":
                assert exercise.examination == "changed"
            else:
                assert exercise == old


def test_new_points_and_new_cases_meet_in_one_regrade(tmp_path, monkeypatch):
    """An exercise that is not tried again is worth what it is worth now, as the gradebook says."""
    notebooks = {"s1": right(), "s2": wrong("largest")}
    hand_in(tmp_path / "submitted", LECTURE, notebooks)
    assert graded_here(tmp_path)[0].judged == 2
    original = LectureJudge.__init__

    def changed(self, *arguments, **options):
        original(self, *arguments, **options)
        self.digests["centred"] = "changed"

    monkeypatch.setattr(LectureJudge, "__init__", changed)
    exercise = load_source(LECTURE).exercises["largest"]
    monkeypatch.setattr(exercise, "points", exercise.points + 1)
    _, tried = graded_here(tmp_path)
    assert all("largest" not in names for names in tried)
    records = by_student(tmp_path)
    assert (records["s1"].score, records["s1"].points) == (FULL + 1, FULL + 1)
    assert (records["s2"].score, records["s2"].points) == (FULL - 2, FULL + 1)
    assert gradebook_scores(tmp_path, LECTURE, "s1")["largest"] == (3, 3)
    assert gradebook_scores(tmp_path, LECTURE, "s2")["largest"] == (0, 3)


def test_other_exercises_are_refused_before_judging_with_a_remedy_that_works(tmp_path, monkeypatch):
    hand_in(tmp_path / "submitted", LECTURE, {"s1": right()})
    assert graded_here(tmp_path)[0].judged == 1
    gradebook = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(gradebook) as book:  # as if largest had been added since
        cells = book.find_notebook(LECTURE, LECTURE)
        for kind in (cells.grade_cells, cells.solution_cells, cells.source_cells):
            for cell in [cell for cell in kind if "largest" in cell.name]:
                for entry in (*getattr(cell, "grades", ()), *getattr(cell, "comments", ())):
                    book.db.delete(entry)
                book.db.delete(cell)
        book.db.commit()
    before = by_student(tmp_path)
    Records(tmp_path, LECTURE).path("s1").unlink()
    arguments = ("grade", tmp_path / "submitted", "--course", tmp_path)
    said = autograder(*arguments, expect=1)
    assert f"Cells of {LECTURE} were added or removed" in said
    assert by_student(tmp_path) == {}, "judged in vain"
    remedy = re.search("`nbgrader (db assignment remove .*?)`", said)[1]
    nbgrader(tmp_path, *shlex.split(remedy)[:-1])
    autograder(*arguments)
    assert by_student(tmp_path) == before
    assert len(gradebook_scores(tmp_path, LECTURE, "s1")) == len(before["s1"].exercises)


def test_a_verdict_keeps_its_cause(tmp_path, monkeypatch):
    """A function fails because of another: told again after a regrade, and in a replay.

    What it builds on and what builds on it are tried again, and nothing else.
    """
    hand_in(tmp_path / "submitted", LECTURE, {"s1": wrong("centred")})
    assert graded_here(tmp_path)[0].judged == 1
    told = by_student(tmp_path)["s1"].exercises["squared_length"].verdict
    assert "It builds on centred: mend that first" in told.sentence
    said = autograder("replay", "s1", LECTURE, "squared_length", "--course", tmp_path)
    assert "The recorded verdict is the same." in said
    original = LectureJudge.__init__

    def changed(self, *arguments, **options):
        original(self, *arguments, **options)
        self.digests["squared_length"] = "changed"

    monkeypatch.setattr(LectureJudge, "__init__", changed)
    _, [tried] = graded_here(tmp_path)
    assert tried == ["centred", "squared_length", "spread"]
    again = by_student(tmp_path)["s1"].exercises["squared_length"]
    assert (again.verdict, again.examination) == (told, "changed")


def test_another_seed_tries_everything(course, tmp_path):
    folder = tmp_path / "seed"
    shutil.copytree(course, folder)
    said = autograder("grade", folder / "submitted", "--course", folder, "--seed", 7)
    assert "4 judged now, 0 unchanged" in said
    seeds = {e.seed for record in by_student(folder).values() for e in record.exercises.values()}
    assert seeds == {7}


def test_a_damaged_record_is_judged_again_with_a_word(course, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(course, folder)
    jim = only(by_student(folder), "roejim").student.id
    Records(folder, LECTURE).path(jim).write_text("{", "utf-8")
    said = autograder("grade", folder / "submitted", "--course", folder)
    assert "1 judged now, 3 unchanged" in said
    assert "not a record" in said


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("roejim copy.json", None, "a copy of the record of"),
        (f"../{LECTURE}.seed", "", "does not hold the class's seed"),
    ],
)
def test_what_others_put_among_the_records_gets_a_sentence(course, tmp_path, name, content, says):
    folder = tmp_path / "damaged"
    shutil.copytree(course, folder)
    records = Records(folder, LECTURE).folder
    (records / "._roejim.json").write_bytes(b"\0 a Mac's")
    if content is None:
        content = only({path.name: path for path in records.glob("[!.]*")}, "roejim").read_text()
    (records / name).write_text(content)
    said = autograder("grade", folder / "submitted", "--course", folder, expect=1)
    assert says in " ".join(said.split())
    (records / name).unlink()
    autograder("grade", folder / "submitted", "--course", folder, "--seed", "7")


# --- stopping and going on ------------------------------------------------------------------------


def test_a_gradebook_that_nbgrader_did_not_finish_is_made_anew(tmp_path):
    """Tables, nothing in them, no version: as Ctrl-C leaves it in nbgrader's own commands."""
    hand_in(tmp_path / "submitted", LECTURE, {"s1": right()})
    autograder("grade", tmp_path / "submitted", "--course", tmp_path / "whole")
    tables = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"
    with closing(sqlite3.connect(tmp_path / "whole" / "gradebook.db")) as whole:
        script = ";".join(sql for (sql,) in whole.execute(tables))
    (tmp_path / "course").mkdir()
    with closing(sqlite3.connect(tmp_path / "course" / "gradebook.db")) as torn:
        torn.executescript(script)
    autograder("grade", tmp_path / "submitted", "--course", tmp_path / "course")
    assert sum(s for s, _ in gradebook_scores(tmp_path / "course", LECTURE, "s1").values()) == FULL


def test_a_second_run_in_the_same_folder_is_refused(course):
    with FileLock(course / ".grading.lock"):
        said = autograder("grade", course / "submissions.zip", "--course", course, expect=1)
    assert "Another `autograder grade` is at work" in " ".join(said.split())


# --- what a user can get wrong ------------------------------------------------------------------


def test_an_unsandboxed_run_says_so_in_every_report(tmp_path):
    hand_in(tmp_path / "submitted", LECTURE, {"s1": right()})
    (tmp_path / "submitted" / "s2" / LECTURE).mkdir(parents=True)
    arguments = ("grade", tmp_path / "submitted", "--course", tmp_path, "--without-sandbox")
    assert "sandbox: none" in autograder(*arguments)
    records = by_student(tmp_path)
    assert (records["s1"].sandbox, records["s1"].status) == ("none", GRADED)
    assert records["s2"].status == ABSENT
    page = (tmp_path / "feedback" / "s1" / LECTURE / f"{LECTURE}.html").read_text("utf-8")
    report = (tmp_path / "reports" / LECTURE / "class.html").read_text("utf-8")
    assert "without a sandbox" in page.lower()
    assert "without a sandbox" in report.lower()
    # with a sandbox at hand, what was judged without one is judged again
    autograder("grade", tmp_path / "submitted", "--course", tmp_path)
    assert by_student(tmp_path)["s1"].sandbox == "bubblewrap"


@pytest.mark.parametrize(
    ("course", "says"),
    [
        ("/usr/local/marks", "is in /usr, which students' code can read"),
        (f"{sys.prefix}/marks", "which students' code can read"),
        ("{}/[autumn]", "for wildcards"),
        ("{}/file/marks", "cannot be the course folder"),
    ],
)
def test_a_folder_that_cannot_hold_a_course_is_refused(tmp_path, course, says):
    (tmp_path / "file").touch()
    folder = course.format(tmp_path)
    said = autograder("grade", tmp_path, "--course", folder, expect=1)
    assert says in " ".join(said.split())
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.zip",), "nowhere.zip"),
        ((".", "--lecture", "99_none"), "no lecture '99_none'"),
        ((".", "--without-sandbox", "--sandbox", "landlock"), "exclude each other"),
        (("tests", "--lecture", LECTURE), "looks like a submission"),
    ],
)
def test_a_wrong_command_gets_a_sentence_and_writes_nothing(tmp_path, arguments, says):
    folder = tmp_path / "course"
    said = autograder("grade", *arguments, "--course", folder, expect=1)
    assert says in " ".join(said.split())
    assert not folder.exists()


def test_only_some_exercises_are_told_from_whole_submissions(capsys):
    console = Console(width=200)
    outcome = grading.LectureOutcome(LECTURE, judged=3, partly=2, regraded=2, kept=1)
    show(console, outcome, Path("nowhere"))
    said = capsys.readouterr().out
    assert "3 judged now (1 wholly, 2 in some exercises), 1 unchanged" in said
    assert "No score changed." in said


def test_no_time_is_estimated_before_something_was_run():
    with progress_bar(Console(file=io.StringIO())) as bar:
        progress = reporter(bar)
        progress.begin(LECTURE, 3)
        column, [task] = bar.columns[-1], bar.tasks
        for was_run, unknown in ((False, True), (True, False), (False, False)):
            progress.step(was_run)
            assert task.fields["judged"] is not unknown
            assert unknown <= (str(column.render(task)) == "-:--:--")
