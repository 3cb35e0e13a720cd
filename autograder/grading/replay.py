"""Reach a recorded verdict again, for an appeal."""

from dataclasses import dataclass
from difflib import get_close_matches

from autograder.errors import UserError
from autograder.intake.collect import submitted_path
from autograder.judging.judge import PRAISE, LectureJudge
from autograder.judging.pasteable import pasteable
from autograder.notebooks import digest
from autograder.records import RecordError, Records, recorded_lending
from autograder.sandbox.pool import Pool
from autograder.sandbox.tiers import one_tier
from embedlab.diagnosis import describe_arguments

SUGGESTED = 5  # students that a sentence about an unknown one names


class ReplayError(UserError):
    """A verdict that cannot be reached again; the message says why and what to do."""


@dataclass(frozen=True)
class Replay:
    """What a replay found: lines for people, and whether the verdict is the recorded one."""

    lines: tuple[str, ...]
    same: bool


def replay_exercise(course_root, student_id, lecture, exercise, tier=None):
    """Return the Replay of one exercise on its recorded seed.

    tier: of the sandbox; None for the one that the record names. Raises ReplayError, RecordError,
    SandboxError.
    """
    record = Records(course_root, lecture).read(student_id)
    if record is None:
        raise ReplayError(_no_record(course_root, student_id, lecture))
    if exercise not in record.exercises:
        known = ", ".join(record.exercises)
        raise ReplayError(f"{lecture} has no exercise {exercise!r}. Exercises: {known}.")
    path = submitted_path(course_root, student_id, lecture)
    if not record.sandbox:
        raise ReplayError(f"Nothing was run: {record.sentence}")
    if not path.is_file() or digest(path.read_bytes()) != record.submission:
        raise ReplayError(
            f"{path} is not the notebook that was judged any more. Put that one back (older ones "
            "are in replaced/), or grade again."
        )
    recorded = record.exercises[exercise]
    lends = recorded_lending(course_root, lecture)
    judge = LectureJudge(lecture, recorded.seed, lends=lends)
    _, matched = judge.read(path.read_bytes())
    tier = tier or one_tier(record.sandbox)
    with Pool(judge.template.prelude, tier, size=1) as pool:
        [(_, result)] = pool.run([(None, judge.job(matched))])
        # all of them: a verdict may say which other exercise it follows from
        verdict = judge.judge(matched, result).verdicts[exercise]
        used = pool.tier
    same = verdict == recorded.verdict
    lines = [f"{student_id}, {lecture}: seed {recorded.seed}, sandbox {used}"]
    lines += verdict.lines(PRAISE)
    if same:
        lines.append("The recorded verdict is the same.")
    else:
        lines += ["The recorded verdict was another:", *recorded.verdict.lines(PRAISE)]
    lines += _inputs(judge.examinations[exercise], verdict)
    if recorded.examination != judge.digests[exercise]:
        lines.append(
            "The exercise's cases, reference or mistakes have changed since it was judged."
        )
    if record.environment != judge.environment:
        lines.append("The kit, the judge or a library has changed since it was judged.")
    return Replay(tuple(lines), same)


def _no_record(course_root, student_id, lecture):
    """Return the sentence about a student who is not there, with those that may be meant."""
    records = Records(course_root, lecture)
    ids = {}  # by every spelling a person may use, in lower case
    for path in records.folder.glob("*.json"):
        ids[path.stem.casefold()] = path.stem
        try:
            name = records.read(path.stem).student.name.casefold()
        except RecordError:
            continue  # its id is known all the same
        ids.setdefault(name, path.stem)
        ids.setdefault(" ".join(reversed(name.replace(",", " ").split())), path.stem)
    if not ids:
        return f"There is no record for {lecture} in {course_root}: grade first."
    wanted = student_id.casefold()
    near = [ids[known] for known in ids if wanted in known]
    near += [ids[known] for known in get_close_matches(wanted, ids, SUGGESTED)]
    near = list(dict.fromkeys(near))[:SUGGESTED]
    hint = f"Do you mean {' or '.join(near)}?" if near else f"The ids are in {records.folder}."
    return f"{student_id} has no record for {lecture} in {course_root}. {hint}"


def _inputs(examination, verdict):
    """Return the inputs of the case that failed, as Python; no lines if there is none."""
    for case in examination["cases"]:
        described = describe_arguments(case["arguments"])
        if verdict.case == case["label"] and verdict.arguments == tuple(described):
            return ["The inputs of that case in full:", *pasteable(case["arguments"])]
    return []
