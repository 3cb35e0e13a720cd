"""Grade a class: from what was handed in to records, gradebook, feedback pages and reports.

One process judges and is the only one that writes; the sandboxes around it run the students' code
and return data. Every submission's record is written last, when its gradebook entry and its page
are in place, so that a run that was stopped goes on where it was.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.gradebook.finals import EMPTY_BOOK, ClassBook
from autograder.gradebook.writer import (
    GradebookError,
    GradebookWriter,
    NotRegistered,
    discard_unfinished,
)
from autograder.intake.collect import submitted_path
from autograder.judging.judge import LectureJudge
from autograder.judging.reading import NoNotebook, read_notebook
from autograder.lecture.nbgrader_course import BuildError, register
from autograder.notebooks import digest
from autograder.records import (
    GRADED,
    STOPPED,
    UNREADABLE,
    ExerciseRecord,
    RecordError,
    Records,
    recorded_lending,
    recorded_seed,
)
from autograder.reports.changes import ScoreChange, score_changes
from autograder.reports.class_report import class_report
from autograder.reports.feedback import feedback_page, shows
from autograder.reports.similarity import similar_pairs
from autograder.reports.tables import write_canvas_csv, write_moodle_csv, write_scores_csv
from autograder.sandbox import SandboxError
from autograder.sandbox.tiers import UNCONFINED
from embedlab.diagnosis import Verdict
from embedlab.files import write_whole

NBGRADER_REFUSES = "there are submissions associated with it"  # of a lecture with other cells


@dataclass
class LectureOutcome:
    """What a run did for one lecture.

    judged: how many were judged now; partly: of how many of these only some exercises were tried
    again; regraded: how many of them had been judged before; kept: how many are as they were judged
    before. book: what the gradebook holds of the class now.
    """

    lecture: str
    judged: int = 0
    partly: int = 0
    regraded: int = 0
    kept: int = 0
    changes: list[ScoreChange] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    book: ClassBook = EMPTY_BOOK


@dataclass(frozen=True)
class Progress:
    """How a run tells what it does: `begin(lecture, total)`, `step(was_run)` per submission."""

    begin: Callable
    step: Callable


class LectureRun:
    """Judges the submissions of one lecture and writes all that follows from it.

    open_pool: makes the pool of sandboxes from the lecture's own cells; called only if there is
    something to run. unconfined: whether that pool has no sandbox; what was judged without one is
    judged again as soon as there is one. lends: whether the class could borrow functions; None for
    what the class has recorded.
    """

    def __init__(
        self, lecture, course_root, seed, open_pool, progress, unconfined=False, lends=None
    ):
        self.course_root = Path(course_root)
        self.judge = LectureJudge(
            lecture,
            recorded_seed(course_root, lecture, seed),
            lends=recorded_lending(course_root, lecture, lends),
        )
        self.records = Records(course_root, lecture)
        self.outcome = LectureOutcome(lecture)
        self._open_pool, self._progress, self._unconfined = open_pool, progress, unconfined

    def grade(self, handed):
        """Judge what is new or changed, write the reports, return the LectureOutcome."""
        self._progress.begin(self.judge.lecture, len(handed))
        opened = _open_gradebook(self.course_root, self.judge, self.records.write)
        with opened as self._gradebook:
            self.outcome.book = self._gradebook.class_book()
            try:
                jobs = list(self._plan(handed))
                if jobs:
                    self._run(jobs)
            finally:  # what is judged is kept, whatever stops the run
                self._gradebook.flush()
                self.outcome.warnings += self._gradebook.warnings
            self.outcome.book = self._gradebook.class_book()  # with the penalties of this run
        self._write_reports()
        return self.outcome

    def _plan(self, handed):
        """Yield (Collected, earlier Record, exercises to try); settle what needs no sandbox."""
        for one in handed:
            before = self._before(one.record.student.id)
            if one.record.status:
                self._settle(one, before)
                continue
            names = self._outdated(one.record, before)
            feedback = self._feedback_path(one.record.student.id)
            if names or not feedback.is_file():
                yield one, before, names or list(self.judge.examinations)
            else:
                self._keep(one, before)

    def _keep(self, one, before):
        """Leave a submission as it was judged; renew what is known of the hand-in."""
        known, record = one.record, before
        if before.status == GRADED:
            record = replace(
                before, student=known.student, sentence=known.sentence, timestamp=known.timestamp
            )
        if record == before:
            self.outcome.kept += 1
            self._progress.step(False)
            return
        with self._at_its_own_cost(one, before):
            notebook, _ = read_notebook(one.path.read_bytes())
            self._write(record, notebook)
            self.outcome.kept += 1

    def _before(self, student_id):
        try:
            return self.records.read(student_id)
        except RecordError as error:
            self.outcome.warnings.append(str(error))
            return None

    def _outdated(self, record, before):
        """Return the exercises that must be tried (again)."""
        judge = self.judge
        if (
            before is None
            or before.submission != record.submission
            or before.environment != judge.environment
            or before.status == STOPPED
            or (before.sandbox == UNCONFINED and not self._unconfined)
        ):
            return list(judge.examinations)
        known = {name: old.examination for name, old in before.exercises.items()}
        names = [name for name, current in judge.digests.items() if known.get(name) != current]
        gone = known.keys() - judge.digests.keys()
        repriced = any(
            old.points != judge.exercises[name].points
            for name, old in before.exercises.items()
            if name in judge.exercises
        )
        return judge.with_causes(names) or (list(judge.examinations) if gone or repriced else [])

    def _settle(self, one, before, sentence=None):
        """Record a submission that cannot be read."""
        record = one.record
        if sentence is not None:
            sentence = _joined(sentence, record.sentence)
            record = replace(record, status=UNREADABLE, sentence=sentence)
        exercises = {
            name: ExerciseRecord(
                Verdict(name, "unread", len(examination["cases"]), message=record.sentence),
                0,
                self.judge.exercises[name].points,
                self.judge.seed,
                self.judge.digests[name],
            )
            for name, examination in self.judge.examinations.items()
        }
        record = replace(record, environment=self.judge.environment, exercises=exercises)
        if record == before and self._feedback_path(record.student.id).is_file():
            self.outcome.kept += 1
            self._progress.step(False)
        else:
            self._take(record, before, None)

    def _run(self, plan):
        with self._open_pool(self.judge.template.prelude) as pool:
            for (one, before, names, matched, notebook), result in pool.run(self._jobs(plan)):
                with self._at_its_own_cost(one, before):
                    judgement = self.judge.judge(matched, result, names)
                    record = self.judge.recorded(one.record, before, judgement, pool.tier)
                    self._take(record, before, notebook)
                    self.outcome.partly += len(names) < len(self.judge.exercises)

    def _jobs(self, plan):
        for one, before, names in plan:
            job = None
            with self._at_its_own_cost(one, before):
                notebook, matched = self.judge.read(one.path.read_bytes())
                job = self.judge.job(matched, names)
            if job:
                yield (one, before, names, matched, notebook), job

    @contextlib.contextmanager
    def _at_its_own_cost(self, one, before):
        """Settle a submission that cannot be worked on: whatever is in it, the batch goes on."""
        try:
            yield
        except NoNotebook as error:
            self._settle(one, before, str(error))
        except (GradebookError, OSError, SandboxError):
            raise  # of this machine, not of the submission
        except Exception as error:
            kind = type(error).__name__
            self.outcome.warnings.append(
                f"{one.record.origin}: the judge failed on it with {kind}: {error}. Please report "
                "this; the submission is marked as unreadable."
            )
            sentence = f"The notebook could not be judged ({kind}). Your instructor knows."
            self._settle(one, before, sentence)

    def _take(self, record, before, notebook):
        """Write a submission that was judged now."""
        self._write(record, notebook)
        self.outcome.changes += score_changes(before, record)
        self.outcome.judged += 1
        self.outcome.regraded += before is not None

    def _write(self, record, notebook):
        self._write_page(record, notebook)
        self._gradebook.write(record, notebook)  # the record follows when that is in the gradebook
        self._progress.step(notebook is not None)

    def _write_page(self, record, notebook):
        student_id = record.student.id
        page = feedback_page(record, self.judge.lecture, notebook, self.outcome.book.of(student_id))
        write_whole(self._feedback_path(student_id), page.encode())

    def _renew_pages(self, records):
        """Write the pages again that do not show what record and gradebook hold now."""
        for record in records:
            student_id = record.student.id
            if not shows(self._feedback_path(student_id), record, self.outcome.book.of(student_id)):
                self._write_page(record, self._judged_notebook(record))

    def _judged_notebook(self, record):
        """Return the notebook that a record is about, or None if it is not there any more."""
        path = submitted_path(self.course_root, record.student.id, record.lecture)
        try:
            content = path.read_bytes()
            same = digest(content) == record.submission
            return read_notebook(content)[0] if same else None
        except (OSError, NoNotebook):
            return None

    def _feedback_path(self, student_id):
        lecture = self.judge.lecture
        return self.course_root / "feedback" / student_id / lecture / f"{lecture}.html"

    def _write_reports(self):
        lecture = self.judge.lecture
        folder = self.course_root / "reports" / lecture
        folder.mkdir(parents=True, exist_ok=True)
        records = list(self.records.all())
        if not records:
            return
        self._renew_pages(records)
        book = self.outcome.book
        records = list(map(book.named, records))
        pairs = similar_pairs(self._own_cells(records), self.judge.template.released)
        page = class_report(records, lecture, pairs, self.outcome.changes, book)
        (folder / "class.html").write_text(page, "utf-8")
        write_scores_csv(folder / "scores.csv", records, book)
        files = [folder / "class.html", folder / "scores.csv"]
        for lms, write in (
            ("canvas", lambda path: write_canvas_csv(path, records, lecture, book=book)),
            ("moodle", lambda path: write_moodle_csv(path, records, book)),
        ):
            path = folder / f"{lms}.csv"
            if not any(record.student.lms == lms for record in records):
                path.unlink(missing_ok=True)  # an earlier run's must not be taken for this one's
            else:
                files.append(path)
                export = write(path)
                if export.left_out:
                    self.outcome.warnings.append(
                        f"{path.name} lacks students that {lms.title()} did not number: "
                        + ", ".join(export.left_out)
                    )
        self.outcome.files = files

    def _own_cells(self, records):
        """Yield (student id, {exercise: source}) of the notebooks that can be read."""
        for record in records:
            path = submitted_path(self.course_root, record.student.id, self.judge.lecture)
            try:
                notebook, _ = read_notebook(path.read_bytes())
            except (OSError, NoNotebook):
                continue
            yield record.student.id, self.judge.match(notebook).by_exercise()


def _joined(*sentences):
    return " ".join(filter(None, sentences))


def _open_gradebook(course_root, judge, on_written):
    """Return the writer of the gradebook, in which the lecture is registered if it was not.

    on_written: as in GradebookWriter.
    """
    discard_unfinished(course_root)
    try:
        writer = GradebookWriter(course_root, judge.lecture, on_written)
        if writer.points == {name: e.points for name, e in judge.exercises.items()}:
            return writer
        writer.close()
    except NotRegistered:
        pass
    try:
        register(judge.lecture, course_root)
    except BuildError as error:
        if NBGRADER_REFUSES not in str(error):
            raise
        root = f'--CourseDirectory.root="{course_root}"'
        raise GradebookError(
            f"Cells of {judge.lecture} were added or removed, and nbgrader does not change a "
            "lecture that has submissions in its gradebook. Nothing was judged. To start the "
            "lecture's part of the gradebook anew, keep its scores given by hand with `nbgrader "
            f"export {root}`, remove them with `nbgrader db assignment remove {judge.lecture} "
            f"--force {root}`, and grade again."
        ) from None
    return GradebookWriter(course_root, judge.lecture, on_written)
