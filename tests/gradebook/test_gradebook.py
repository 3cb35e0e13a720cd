"""The gradebook's writer: as if `nbgrader autograde` had run; what a person entered stays."""

import copy
import csv
import dataclasses
import html
import json
import shutil
import sqlite3
import time
from datetime import datetime, timedelta

import nbformat
import pytest
import small
from classroom import nbgrader
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from autograder.gradebook.writer import GradebookError, GradebookWriter
from autograder.lecture import nbgrader_course
from autograder.lecture.build import build_lecture
from autograder.lecture.nbgrader_course import nbgrader_api
from autograder.lecture.source import load_source
from autograder.paths import released_path
from autograder.records import ABSENT, GRADED, STOPPED, UNREADABLE, ExerciseRecord, Record, Student
from embedlab.diagnosis import Verdict

TRIED_ON = small.LECTURE
DUE = datetime(2026, 3, 1, 12)
LATE = "2026-03-01 14:30:00 UTC"
ZERO_PENALTY = "LateSubmissionPlugin.penalty_method"


@pytest.fixture(scope="module")
def template(lecture, tmp_path_factory):
    """A course folder in which the lecture is registered."""
    course = tmp_path_factory.mktemp("template")
    build_lecture(lecture, course, execute=False)
    return course


@pytest.fixture
def course(template, tmp_path):
    """A course folder of the test's own."""
    return shutil.copytree(template, tmp_path / "course")


@pytest.fixture(scope="module")
def released(lecture):
    return nbformat.read(released_path(lecture), as_version=4)


def record(lecture, student="ada", passed=(), status=GRADED, **known):
    """Return the Record of a student (id or Student) who got the named exercises right."""
    exercises = {}
    for name, exercise in load_source(lecture).exercises.items():
        right = name in passed
        verdict = Verdict(name, "passed" if right else "values", 8, message="it differs")
        score = exercise.points if right else 0
        exercises[name] = ExerciseRecord(verdict, score, exercise.points, 7, "digest")
    student = student if isinstance(student, Student) else Student(student)
    return Record(student, lecture, status, exercises=exercises, **known)


def write(course, lecture, notebook, *records):
    with GradebookWriter(course, lecture) as writer:
        for each in records:
            writer.write(each, notebook)
    return writer


def solved(lecture, released, names):
    """Return the released notebook with the reference solution of the named exercises."""
    notebook = copy.deepcopy(released)
    written = {c.grade_id: c.node.source for c in load_source(lecture).cells if c.is_solution}
    for name in names:
        cell_of(notebook, name).source = written[name]
    return notebook


def grade_id(cell):
    return dict(cell.metadata.get("nbgrader", {})).get("grade_id")


def cell_of(notebook, name):
    (cell,) = [cell for cell in notebook.cells if grade_id(cell) == name]
    return cell


def hand_in(course, lecture, student, notebook, timestamp=None):
    folder = course / "submitted" / student / lecture
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{lecture}.ipynb")
    if timestamp is not None:
        (folder / "timestamp.txt").write_text(timestamp)


def autograded(course, lecture, student):
    """Return the autograded notebook, which must be valid to Jupyter and to nbgrader."""
    path = course / "autograded" / student / lecture / f"{lecture}.ipynb"
    nbformat.validate(json.loads(path.read_text(encoding="utf-8")))
    notebook = nbformat.read(path, as_version=4)
    MetadataValidator().validate_nb(notebook)
    return notebook


def opened(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def rows(course, lecture, student):
    """Return all that the gradebook knows of a submission but its random keys."""
    with opened(course) as book:
        submission = book.find_submission(lecture, student)
        (notebook,) = submission.notebooks
        known = [submission.to_dict(), notebook.to_dict()]
        known += sorted((grade.to_dict() for grade in notebook.grades), key=lambda g: g["name"])
        known += sorted((c.to_dict() for c in notebook.comments), key=lambda c: c["name"])
        known.append({"penalty": submission.late_submission_penalty, "at": submission.extension})
    for row in known:  # an id stands for a last name that nobody knows, which nbgrader leaves empty
        if row.get("last_name") == student:
            row["last_name"] = None
    return [{key: value for key, value in row.items() if key != "id"} for row in known]


def scores(course, lecture, student):
    with opened(course) as book:
        notebook = book.find_submission_notebook(lecture, lecture, student)
        return {grade.name.removeprefix("check_"): grade.auto_score for grade in notebook.grades}


def by_hand(course, lecture, student, check, manual=None, extra=None, comment=None):
    """Enter what an instructor enters in formgrader."""
    with opened(course) as book:
        book.update_or_create_student(student)
        book.update_or_create_submission(lecture, student)
        grade = book.find_grade(f"check_{check}", lecture, lecture, student)
        grade.manual_score, grade.extra_credit = manual, extra
        grade.needs_manual_grade = False
        book.find_comment(check, lecture, lecture, student).manual_comment = comment
        book.db.commit()


def grade_of(course, lecture, student, check):
    with opened(course) as book:
        return book.find_grade(f"check_{check}", lecture, lecture, student).to_dict()


def autograde(course, lecture, force=True):
    """What `nbgrader autograde` does, in this process, which alone knows the small lecture."""
    done = nbgrader_api(course).autograde(lecture, "*", force=force)
    assert done["success"], done["log"][-3000:]


@pytest.fixture(scope="module")
def both(lecture, released, template, tmp_path_factory):
    """The same submissions graded by `nbgrader autograde` with the judge, and by the writer."""
    course = shutil.copytree(template, tmp_path_factory.mktemp("both") / "nbgrader")
    exercises = load_source(lecture).exercises
    names = list(exercises)
    some = [name for name in names[2:] if not exercises[name].needs]
    altered = solved(lecture, released, some)
    altered.cells = [c for c in altered.cells if grade_id(c) != f"check_{names[1]}"]
    altered.cells = [c for c in altered.cells if grade_id(c) != f"check_{names[-1]}"]
    cell_of(altered, f"check_{names[0]}").source = "print('passed')"
    retyped = cell_of(altered, some[0])
    retyped.cell_type = "markdown"
    del retyped["outputs"], retyped["execution_count"]
    altered.cells.insert(0, nbformat.v4.new_code_cell("own = 'π and 漢字'"))
    submissions = {
        "blank": (released, [], None),
        "late": (solved(lecture, released, some), some, LATE),
        "extended": (solved(lecture, released, names), names, LATE),
        "altered": (altered, some, "2026-02-28 10:00:00 Europe/Berlin"),
    }
    with opened(course) as book:
        book.update_or_create_assignment(lecture, duedate=DUE)
        book.add_student("extended", first_name="Given", last_name="Already")
        book.add_submission(lecture, "extended", extension=timedelta(hours=3))
    by_hand(course, lecture, "late", names[1], manual=1, extra=0.5, comment="nearly")
    by_hand(course, lecture, "blank", names[0], comment="ask me")
    for student, (notebook, _, timestamp) in submissions.items():
        hand_in(course, lecture, student, notebook, timestamp)
    ours = shutil.copytree(course, course.with_name("ours"))
    config = ours / "nbgrader_config.py"
    config.write_text(
        nbgrader_course.NBGRADER_CONFIG.read_text("utf-8") + f"\nc.{ZERO_PENALTY} = 'zero'\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nbgrader_course, "NBGRADER_CONFIG", config)
        autograde(course, lecture)
        with GradebookWriter(ours, lecture) as writer:
            for student, (notebook, passed, _) in submissions.items():
                writer.write(record(lecture, student, passed), notebook)
    return course, ours


@pytest.mark.parametrize("student", ["blank", "late", "extended", "altered"])
def test_the_gradebook_is_what_nbgrader_autograde_writes(both, lecture, student):
    theirs, ours = both
    assert rows(ours, lecture, student) == rows(theirs, lecture, student)


@pytest.mark.parametrize("student", ["blank", "late", "extended", "altered"])
def test_the_score_that_counts_is_nbgraders(both, lecture, student):
    """As `nbgrader export` computes it, from the judge's record and what people entered."""
    _, ours = both
    passed = [name for name, score in scores(ours, lecture, student).items() if score]
    with GradebookWriter(ours, lecture) as writer:
        entered = writer.class_book().of(student)
    with opened(ours) as book:
        submission = book.find_submission(lecture, student)
        penalty = submission.late_submission_penalty or 0
        exported = max(0, submission.score - penalty)
    assert entered.penalty == penalty
    assert entered.total(record(lecture, student, passed)) == exported
    assert list(entered.comments.values()) == {"late": ["nearly"], "blank": ["ask me"]}.get(
        student, []
    )


def test_who_is_known_by_an_id_has_it_for_a_name_until_there_is_one(course, lecture, released):
    def name():
        with opened(course) as book:
            student = book.find_student("ada")
            return student.first_name, student.last_name

    write(course, lecture, released, record(lecture, "ada"))
    assert name() == (None, "ada")
    write(course, lecture, released, record(lecture, Student("ada", "Ada Lovelace")))
    assert name() == ("Ada", "Lovelace")
    write(course, lecture, released, record(lecture, "ada"))
    assert name() == ("Ada", "Lovelace")


def test_the_comparison_covers_penalty_manual_score_and_comment(both, lecture):
    penalties = [rows(both[1], lecture, student)[-1]["penalty"] for student in ("late", "extended")]
    assert penalties[0] > 0
    assert penalties[1] == 0
    first, *_ = load_source(lecture).exercises
    comments = [row for row in rows(both[1], lecture, "blank") if "auto_comment" in row]
    assert {(c["auto_comment"], c["manual_comment"]) for c in comments if c["name"] == first} == {
        ("No response.", "ask me")
    }


@pytest.mark.parametrize("student", ["blank", "late", "extended", "altered"])
def test_the_autograded_notebook_is_what_nbgrader_autograde_writes(both, lecture, student):
    def essence(course):
        return [
            (
                cell.cell_type,
                cell.source,
                cell.metadata.get("nbgrader"),
                [float(output.data["text/plain"]) for output in cell.get("outputs", [])],
            )
            for cell in autograded(course, lecture, student).cells
        ]

    theirs, ours = both
    assert essence(ours) == essence(theirs)


def test_nbgrader_takes_the_submissions_for_autograded(both, lecture):
    api = nbgrader_api(both[1])
    students = ["altered", "blank", "extended", "late"]
    assert api.get_autograded_students(lecture) == set(students)
    listed = api.get_submissions(lecture)
    assert [submission["student"] for submission in listed] == students
    assert all(submission["autograded"] for submission in listed)
    opens = api.get_notebook_submissions(lecture, lecture)
    assert sorted(submission["student"] for submission in opens) == students
    # without --force there is nothing left to autograde
    before = rows(both[1], lecture, "late")
    autograde(both[1], lecture, force=False)
    assert rows(both[1], lecture, "late") == before


def test_feedback_and_export_work_on_what_was_written(course, lecture, released, tmp_path):
    student = Student("ada", "Lovelace, Ada, Countess\n\ud800", "canvas", "42")
    points = {name: e.points for name, e in load_source(lecture).exercises.items()}
    formula = Student("bob", '=HYPERLINK("http://x") @SUM(1)')
    unread = record(lecture, formula, status=UNREADABLE, sentence="<b>Not</b> a notebook.")
    with GradebookWriter(course, lecture) as writer:
        writer.write(record(lecture, student, points), _hostile(released))
        writer.write(unread, None)
    nbgrader(course, "generate_feedback", lecture)
    page = (course / "feedback" / "ada" / lecture / f"{lecture}.html").read_text("utf-8")
    assert page.count("correct on fresh cases") == len(points)
    assert "![gone](attachment:gone.png)" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    page = (course / "feedback" / "bob" / lecture / f"{lecture}.html").read_text("utf-8")
    assert "&lt;b&gt;Not&lt;/b&gt; a notebook." in page
    nbgrader(course, "export", f"--to={tmp_path / 'grades.csv'}")
    with (tmp_path / "grades.csv").open(encoding="utf-8") as file:
        ada, bob = sorted(csv.DictReader(file), key=lambda row: row["student_id"])
    assert (ada["last_name"], ada["first_name"]) == ("Lovelace", "Ada Countess ?")
    assert (bob["last_name"], bob["first_name"]) == ("SUM(1)", 'HYPERLINK("http://x")')
    assert float(ada["score"]) == float(ada["max_score"]) == sum(points.values())
    assert float(bob["score"]) == 0


def _hostile(released):
    """Return a valid notebook that does what breaks nbgrader or misleads who reads it."""
    notebook = copy.deepcopy(released)
    notebook.metadata = nbformat.from_dict(
        {"widgets": {"state": "x" * 1000}, "language_info": {"name": "</script>"}, "n": 1}
    )
    own = nbformat.v4.new_code_cell("print('half a pair: \ud800')", metadata={"nbgrader": []})
    own.outputs = [nbformat.v4.new_output("stream", text="10 of 10 points")]
    image = nbformat.v4.new_markdown_cell("![gone](attachment:gone.png)")
    script = nbformat.v4.new_raw_cell("my\n\n<script>alert(1)</script>\n\n[link](javascript:x)")
    forged = nbformat.v4.new_markdown_cell("full marks")
    forged.metadata = nbformat.from_dict(
        {"nbgrader": {"grade": True, "grade_id": "check_mine", "points": 100, "locked": True}}
    )
    notebook.cells[0:0] = [own, image, script, forged]
    for cell in notebook.cells:
        if grade_id(cell) and cell is not forged:
            cell.metadata.nbgrader.update(points=50, checksum="0", schema_version=9, solution=True)
            cell.source += "  # \ud800"
    return notebook


def test_what_a_student_forges_is_replaced(course, lecture, released):
    write(course, lecture, _hostile(released), record(lecture))
    cells = autograded(course, lecture, "ada").cells
    names = {grade_id(cell) for cell in released.cells}
    assert [grade_id(cell) for cell in cells] == [None] * 4 + [grade_id(c) for c in released.cells]
    assert names == {grade_id(cell) for cell in cells}
    points = {name: e.points for name, e in load_source(lecture).exercises.items()}
    for cell in cells:
        if (grade_id(cell) or "").startswith("check_"):
            nbgrader = cell.metadata.nbgrader
            assert nbgrader.points == points[nbgrader.grade_id.removeprefix("check_")]
            assert not nbgrader.solution
            assert nbgrader.checksum == compute_checksum(cell)
            assert [output.data["text/plain"] for output in cell.outputs] == ["0"]
        else:
            assert not cell.get("outputs")
    assert "?" in cells[0].source
    assert cells[2].source.count("\n") == cells[2].source.count("<script") == 0
    assert "my&#10;&#10;&lt;script&gt;" in cells[2].source
    assert set(scores(course, lecture, "ada").values()) == {0}
    written = autograded(course, lecture, "ada").metadata
    assert set(written) == {"kernelspec", "language_info", "embedlab"}


def test_copied_cells_leave_one_and_ids_stay_unique(course, lecture, released):
    notebook = copy.deepcopy(released)
    name, *_ = load_source(lecture).exercises
    position = next(i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name)
    second, notes = (copy.deepcopy(notebook.cells[position]) for _ in range(2))
    second.source = "the last one counts"
    notes.update(cell_type="markdown", source="my notes")
    del notes["outputs"], notes["execution_count"]
    check = copy.deepcopy(notebook.cells[position + 1])
    notebook.cells[position + 2 : position + 2] = [second, check, notes]
    notebook.cells[0].id = "not valid!"
    write(course, lecture, notebook, record(lecture, "ada", [name]))
    cells = autograded(course, lecture, "ada").cells
    assert [(i - position, cell.source) for i, cell in enumerate(cells) if grade_id(cell) == name]
    assert cell_of(autograded(course, lecture, "ada"), name).source == "the last one counts"
    assert cells.index(cell_of(autograded(course, lecture, "ada"), f"check_{name}")) == position + 3
    assert not cells[position + 1].outputs
    assert cells[position + 4].cell_type == "markdown"
    assert "my notes" in cells[position + 4].source
    assert len(cells) == len(notebook.cells)


def test_an_exercise_deleted_altogether_gets_its_check_back(course, lecture, released):
    notebook = copy.deepcopy(released)
    _, first, second, *_ = load_source(lecture).exercises
    gone = {first, f"check_{first}", second, f"check_{second}"}
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in gone]
    write(course, lecture, notebook, record(lecture))
    cells = autograded(course, lecture, "ada").cells
    added = [cell for cell in cells if grade_id(cell) in gone]
    order = [grade_id(cell) for cell in released.cells if grade_id(cell) not in {first, second}]
    assert list(filter(None, map(grade_id, cells))) == list(filter(None, order))
    assert all(grade_id(cells[cells.index(cell) - 1]) for cell in added), "beside what it follows"
    assert all("was missing from the submission" in cell.source for cell in added)
    assert all(cell.outputs[0].data["text/plain"] == "0" for cell in added)


def test_a_submission_that_was_not_read_has_zeros_and_opens(course, lecture):
    sentence = "The file is no notebook: <script>alert(1)</script>\n\n# ends at byte 12."
    absent = record(lecture, "bob", status=ABSENT)
    write(course, lecture, None, record(lecture, status=UNREADABLE, sentence=sentence), absent)
    cells = autograded(course, lecture, "ada").cells
    assert html.escape(" ".join(sentence.split())) in cells[0].source
    assert "<script>" not in cells[0].source
    checks = [cell for cell in cells if (grade_id(cell) or "").startswith("check_")]
    assert [cell.outputs[0].data["text/plain"] for cell in checks] == ["0"] * len(checks)
    assert len(checks) == len(load_source(lecture).exercises)
    assert set(scores(course, lecture, "ada").values()) == {0}
    comments = [
        row["auto_comment"] for row in rows(course, lecture, "ada") if "auto_comment" in row
    ]
    assert set(comments) == {None}
    assert "absent" in autograded(course, lecture, "bob").cells[0].source
    students = nbgrader_api(course).get_notebook_submissions(lecture, lecture)
    assert {submission["student"] for submission in students} == {"ada", "bob"}


def test_a_stopped_run_keeps_the_notebook_and_says_so(course, lecture, released):
    stopped = record(lecture, status=STOPPED, sentence="It ran too long.")
    write(course, lecture, released, stopped)
    cells = autograded(course, lecture, "ada").cells
    assert "It ran too long." in cells[0].source
    assert [cell.source for cell in cells[1:]] == [cell.source for cell in released.cells]


def test_verdicts_are_shown_as_text(course, lecture, released):
    hostile = record(lecture)
    name, exercise = next(iter(hostile.exercises.items()))
    verdict = dataclasses.replace(exercise.verdict, message="got </pre><script>alert(1)</script>")
    hostile.exercises[name] = dataclasses.replace(exercise, verdict=verdict, score=0.5)
    write(course, lecture, released, hostile)
    (output,) = cell_of(autograded(course, lecture, "ada"), f"check_{name}").outputs
    assert "<script>" not in output.data["text/html"]
    assert "&lt;script&gt;" in output.data["text/html"]
    assert output.data["text/plain"] == "0.5"
    assert scores(course, lecture, "ada")[name] == 0.5


def test_what_a_person_entered_survives(course, lecture, released):
    name, other, *_ = load_source(lecture).exercises
    write(course, lecture, released, record(lecture, Student("ada", "Ada Lovelace")))
    by_hand(course, lecture, "ada", name, manual=0.75, extra=0.25, comment="well argued")
    with opened(course) as book:
        book.update_or_create_student("ada", first_name="Augusta Ada", email="ada@example.org")
        book.find_submission_notebook(lecture, lecture, "ada").flagged = True
        book.db.commit()
    seen = rows(course, lecture, "ada")
    same = record(lecture, Student("ada", "Ada King"))
    write(course, lecture, released, same)
    assert rows(course, lecture, "ada") == seen, "nothing is new, nothing needs a review"
    write(course, lecture, solved(lecture, released, [name]), record(lecture, "ada", [other]))
    graded = grade_of(course, lecture, "ada", name)
    assert graded["needs_manual_grade"], "the solution changed after a person saw it"
    assert (graded["manual_score"], graded["extra_credit"]) == (0.75, 0.25)
    assert not grade_of(course, lecture, "ada", other)["needs_manual_grade"]
    assert {"Augusta Ada", "Lovelace"} <= set(rows(course, lecture, "ada")[0].values())
    assert rows(course, lecture, "ada")[1]["flagged"]
    comments = [
        row["manual_comment"] for row in rows(course, lecture, "ada") if "manual_comment" in row
    ]
    assert "well argued" in comments
    with opened(course) as book:
        assert book.find_student("ada").email == "ada@example.org"
        total = load_source(lecture).exercises[other].points + 0.75 + 0.25
        assert book.find_submission(lecture, "ada").score == total


def test_writing_again_changes_nothing_and_a_new_score_replaces_the_old(course, lecture, released):
    name, *_ = load_source(lecture).exercises

    def everything():
        with sqlite3.connect(course / "gradebook.db") as connection:
            return list(connection.iterdump())

    hand_in(course, lecture, "ada", released, LATE)
    write(course, lecture, released, record(lecture), record(lecture))
    before = everything()
    path = course / "autograded" / "ada" / lecture / f"{lecture}.ipynb"
    content, moment = path.read_bytes(), path.stat().st_mtime_ns
    write(course, lecture, released, record(lecture))
    assert everything() == before
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, moment)
    write(course, lecture, released, record(lecture, "ada", [name]))
    points = load_source(lecture).exercises[name].points
    assert scores(course, lecture, "ada")[name] == points
    assert len(everything()) == len(before)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, "timestamp.txt"]


def test_a_locked_gradebook_is_waited_for_and_then_said(course, lecture, released, monkeypatch):
    monkeypatch.setattr("autograder.gradebook.writer.BUSY_SECONDS", 0.2)
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    writer = GradebookWriter(course, lecture)
    writer.write(record(lecture, "ada"), released)
    writer.flush()
    writer.write(record(lecture, "bob"), released)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(GradebookError, match="in use by another program"):
        writer.close()
    with pytest.raises(GradebookError, match="in use by another program"):
        GradebookWriter(course, lecture)
    other.execute("ROLLBACK")
    other.close()
    assert [path.name for path in (course / "autograded").rglob("*.part")] == []
    with opened(course) as book:
        assert [student.id for student in book.students] == ["ada"]
    write(course, lecture, released, record(lecture, "bob"))
    assert scores(course, lecture, "bob")


def test_a_batch_is_written_whole_or_not_at_all(course, lecture, released):
    full = "CREATE TRIGGER full BEFORE INSERT ON comment BEGIN SELECT RAISE(ABORT, 'full'); END"
    with sqlite3.connect(course / "gradebook.db") as connection:
        connection.execute(full)
    with pytest.raises(GradebookError, match="cannot be written: full"):
        write(course, lecture, released, record(lecture))
    with opened(course) as book:
        assert book.students == []
    assert list((course / "autograded").rglob("*.ipynb*")) == []


def test_the_gradebook_is_free_between_batches(course, lecture, released):
    with GradebookWriter(course, lecture) as writer:
        writer.write(record(lecture, "ada"), released)
        with sqlite3.connect(course / "gradebook.db", timeout=0) as other:
            other.execute("UPDATE assignment SET duedate = NULL")
        other.close()
        writer.flush()
        writer.write(record(lecture, "bob"), released)
    assert scores(course, lecture, "bob")


def test_what_was_handed_over_is_written_when_the_run_breaks(course, lecture, released):
    def broken_run():
        with GradebookWriter(course, lecture) as writer:
            writer.write(record(lecture), released)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_run()
    assert scores(course, lecture, "ada")


def test_a_gradebook_that_does_not_fit_is_refused_with_the_remedy(course, lecture, tmp_path):
    with pytest.raises(GradebookError, match=rf"missing\. Run `autograder build {lecture}`"):
        GradebookWriter(tmp_path / "nowhere", lecture)
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(GradebookError, match=r"does not know 99_new.*build 99_new"):
        GradebookWriter(course, "99_new")
    with sqlite3.connect(course / "gradebook.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '167914646830'")
    with pytest.raises(GradebookError, match="nbgrader db upgrade"):
        GradebookWriter(course, lecture)
    (course / "gradebook.db").write_text("grades: all A+\n" * 100)
    with pytest.raises(GradebookError, match="not a gradebook"):
        GradebookWriter(course, lecture)


def test_a_record_of_other_exercises_is_refused(course, lecture, released):
    stale = record(lecture)
    stale.exercises.popitem()
    with GradebookWriter(course, lecture) as writer:
        writer.write(record(lecture, "bob"), released)
        with pytest.raises(GradebookError, match="have changed since ada was judged"):
            writer.write(stale, released)
    assert scores(course, lecture, "bob")


@pytest.mark.parametrize("stamp", ["", "yesterday", "9" * 90, "\ud800"])
def test_a_timestamp_that_is_none_is_said_and_ignored(course, lecture, released, stamp):
    hand_in(course, lecture, "ada", released)
    path = course / "submitted" / "ada" / lecture / "timestamp.txt"
    path.write_bytes(stamp.encode("utf-8", "surrogatepass"))
    writer = write(course, lecture, released, record(lecture))
    (warning,) = writer.warnings
    assert "timestamp.txt holds no date" in warning
    assert rows(course, lecture, "ada")[0]["timestamp"] is None


def test_many_submissions_are_written_fast(course, lecture, released):
    students = [Student(f"s{number:03}", f"Zoë 漢{number}") for number in range(250)]
    started = time.process_time()
    write(course, lecture, released, *(record(lecture, student) for student in students))
    assert (time.process_time() - started) / len(students) < 0.015
    assert len(nbgrader_api(course).get_submissions(lecture)) == len(students)
