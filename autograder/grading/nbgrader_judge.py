"""The judge as nbgrader preprocessors: in place of running the notebook, and at the end."""

import atexit
from functools import cache
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.gradebook.verdict_cell import verdict_output
from autograder.intake.collect import in_place, submitted_path
from autograder.judging.judge import LectureJudge
from autograder.judging.matching import load_template
from autograder.records import RecordError, Records, recorded_lending, recorded_seed
from autograder.sandbox.pool import Pool
from autograder.sandbox.tiers import UNCONFINED, one_tier

RECORD = "embedlab_record"  # its place among nbgrader's resources


class JudgeSubmission(NbGraderPreprocessor):
    """Write each exercise's verdict and points into its check cell, where nbgrader reads them."""

    without_sandbox = Bool(
        False, help="Run students' code as you, unconfined; every report says so."
    ).tag(config=True)

    def preprocess(self, nb, resources):
        """Judge the notebook that was handed in; nbgrader calls this once per submission."""
        lecture = resources["nbgrader"]["assignment"]
        student_id = resources["nbgrader"]["student"]
        course_root = Path.cwd()  # nbgrader works in its course folder
        before = self._before(Records(course_root, lecture), student_id)
        handed = in_place(course_root, student_id, lecture, before)
        lends = recorded_lending(course_root, lecture)
        judge = _judge(lecture, recorded_seed(course_root, lecture), lends)
        pool = _pool(lecture, self._tier(before))
        _, matched = judge.read(submitted_path(course_root, student_id, lecture).read_bytes())
        [(_, result)] = pool.run([(None, judge.job(matched))])
        record = judge.recorded(handed, before, judge.judge(matched, result), pool.tier)
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
        resources[RECORD] = record
        return nb, resources

    def _tier(self, before):
        """Return the tier to use: the record's, but unconfined only where that is asked for now."""
        if self.without_sandbox:
            return UNCONFINED
        known = one_tier(before.sandbox) if before else None
        return None if known == UNCONFINED else known

    def _before(self, records, student_id):
        try:
            return records.read(student_id)
        except RecordError as error:
            self.log.warning(str(error))
            return None


class KeepRecord(NbGraderPreprocessor):
    """Keep the record, once the gradebook has what it says; stands last."""

    def preprocess(self, nb, resources):
        """Write what JudgeSubmission found; nbgrader calls this once per submission."""
        record = resources.pop(RECORD)
        Records(Path.cwd(), record.lecture).write(record)
        return nb, resources


@cache
def _judge(lecture, seed, lends):
    return LectureJudge(lecture, seed, lends=lends)


@cache
def _pool(lecture, tier):
    """Return a pool that serves the whole run of nbgrader."""
    pool = Pool(load_template(lecture).prelude, tier, size=1)
    atexit.register(pool.close)
    return pool
