"""The judge as an nbgrader preprocessor: stands where nbgrader would execute the notebook."""

import atexit
from functools import cache
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.intake.collect import submitted_at, submitted_path
from autograder.grading.grade import record_of, recorded_seed
from autograder.judging.judge import LectureJudge
from autograder.judging.matching import load_template
from autograder.notebooks import digest
from autograder.judging.reading import read_notebook
from autograder.records import Record, Records, Student
from autograder.sandbox.pool import Pool
from autograder.gradebook.verdict_cell import verdict_output


class JudgeSubmission(NbGraderPreprocessor):
    """Write each exercise's verdict and points into its check cell, where nbgrader reads them."""

    without_sandbox = Bool(
        False, help="Run students' code as you, unconfined; every report says so."
    ).tag(config=True)

    def preprocess(self, nb, resources):
        """Judge the notebook that was handed in; nbgrader calls this once per submission."""
        lecture = resources["nbgrader"]["assignment"]
        student = Student(resources["nbgrader"]["student"])
        course_root = Path.cwd()  # nbgrader works in its course folder
        judge = _judge(lecture, recorded_seed(course_root, lecture))
        pool = _pool(lecture, "none" if self.without_sandbox else None)
        path = submitted_path(course_root, student.id, lecture)
        content = path.read_bytes()
        notebook, notes = read_notebook(content)
        matched = judge.match(notebook)
        [(_, result)] = pool.run([(None, judge.job(matched))])
        base = Record(
            student,
            lecture,
            "",
            notes=tuple(notes),
            submission=digest(content),
            origin=str(path),
            timestamp=submitted_at(path),
        )
        record = record_of(judge, base, None, judge.judge(matched, result), pool.tier)
        Records(course_root, lecture).write(record)
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            grading = cell.metadata.get("nbgrader", {})
            exercise = record.exercises.get(grading.get("grade_id", "").removeprefix("check_"))
            if grading.get("grade") and exercise:
                cell.outputs = [
                    verdict_output(exercise.verdict, exercise.score, exercise.points, exercise.seed)
                ]
        return nb, resources


@cache
def _judge(lecture, seed):
    return LectureJudge(lecture, seed)


@cache
def _pool(lecture, tier):
    """Return a pool that serves the whole run of nbgrader."""
    pool = Pool(load_template(lecture).prelude, tier, size=1)
    atexit.register(pool.close)
    return pool
